"""What the finance part of the page Report says of a target and of the offer of a lease."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tco.analysis.declared import OFFER, TARGETS
from tco.analysis.goal import Goal, goal
from tco.finance.lease import LeaseRate, lease_rate
from tco.inputs import INPUTS
from tco.inputs.labels import in_labels
from tco.report.facts import Figure
from tco.report.finance_tables import GoalRow
from tco.scenario import Scenario
from tco.words import of_owner
from tco.words.figures import capital, counted, dollars, fixed_percent
from tco.words.finance import goal_words
from tco.words.results import RESULT_WORDS

TARGET_WORDS = {
    "payback_months": RESULT_WORDS["months"].label,
    "exit_months": RESULT_WORDS["exit_months"].label,
    "saving_usd": "NPV",
    "irr": "IRR",
}
INTERVALS = {1: "Monthly", 3: "Quarterly", 6: "Half-yearly", 12: "Yearly"}
TIMES = {True: "In advance", False: "In arrears"}
_PERIODS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
_DECIMALS = 3


def first_target(kind: str, values: Mapping[str, Any]) -> str:
    """What stands in the box of a target to begin with: half of the holding period, or nothing.

    >>> first_target("payback_months", {"horizon_months": 36}), first_target("irr", {})
    ('18', '')
    """
    if "month" not in kind:
        return ""
    return f"{max(1, math.floor(values['horizon_months'] / 2))}"


def goal_of(scenario: Scenario, kind: str, wanted: float) -> Goal:
    """What it takes of the price, the rate and the utilization to reach a target.

    >>> goal_of(Scenario(gpu="L4", utilization=0.4), "payback_months", 24).answers[0].input
    'price_usd_per_gpu'
    """
    # An error repeats it as it was typed: 48, not 48.0.
    asked: dict[str, Any] = {kind: int(wanted) if float(wanted).is_integer() else wanted}
    return goal(scenario, **asked)


def goal_lead(found: Goal) -> str:
    """What there is of a target, and what is listed below.

    >>> goal_lead(goal_of(Scenario(gpu="L4", utilization=0.4), "payback_months", 24))
    'At current inputs: never. Buying pays back by month 24 if one of these changes:'
    """
    does, now = goal_words(found.target, found.wanted), found.now_words
    if found.is_reached:
        told = f"Buying {does} at current inputs: {now}. It still does up to here, one at a time:"
    elif found.nearest is None:
        told = f"At current inputs: {now}. No one of these alone is enough."
    else:
        told = f"At current inputs: {now}. Buying {does} if one of these changes:"
    return of_owner(told, found.scenario.values())


def goal_line(row: GoalRow) -> tuple[str, str, str]:
    """An input, where it reaches a target, and what that means; or why it does nowhere.

    >>> told = ("at least 64 %", "60 % more", "month 18", "")
    >>> goal_line(GoalRow("utilization", "Utilization", "40 %", *told))
    ('Utilization [%]', 'At least 64 %; now 40 %', '60 % more; then: month 18')
    """
    name = INPUTS[row.input].labeled
    if not row.needed:
        return name, f"{row.reason}.", f"Now {row.now}"
    change = f"{row.change}; " if row.change else ""
    jump = f". {row.reason}." if row.reason else ""
    return name, f"{capital(row.needed)}; now {row.now}", f"{change}then: {row.result}{jump}"


def target_in_labels(message: str) -> str:
    """A message about a target with labels in the place of names.

    >>> target_in_labels("payback_months = 40 is outside [0, 36]")
    '“By month” = 40 is outside [0, 36]'
    """
    return in_labels(in_labels(message, TARGETS))


def rate_of_offer(told: Mapping[str, float | None], interval: int, in_advance: bool) -> LeaseRate:
    """The rate implicit in an offer as typed in; a residual or fee that is not given is none.

    InputError says in labels why there is no rate.

    >>> offer = {"payment_usd": 2_900, "months": 36, "value_usd": 100_000, "residual_usd": 10_000}
    >>> round(rate_of_offer(offer, 1, True).nominal_rate, 5)
    0.08681
    """
    known: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    return lease_rate(**known, interval_months=interval, in_advance=in_advance)


def offer_in_labels(message: str) -> str:
    """A message about an offer with labels in the place of names.

    >>> offer_in_labels("value_usd = 1 is paid at the start already")
    '“Purchase price” = 1 is paid at the start already'
    """
    return in_labels(message, OFFER)


def rate_figures(found: LeaseRate) -> list[Figure]:
    """The rate implicit in a lease as key figures: title, value, and what stands under it.

    >>> found = lease_rate(2_900, 36, 100_000, residual_usd=10_000, in_advance=True)
    >>> [(title, value) for title, value, _, _ in rate_figures(found)][:2]
    [('Nominal rate', '8.681 %'), ('Effective rate', '9.035 %')]
    """
    period = _PERIODS.get(found.interval_months, f"{found.interval_months} months")
    per_period = f"{apr_text(found.rate_per_payment)} a {period}"
    paid = counted(found.payments, "payment")
    paid += " and the fee" if found.fee_usd else ""
    above = "payments and residual, less the price"
    return [
        (
            "Nominal rate",
            apr_text(found.nominal_rate),
            f"a year (APR): {per_period}",
            "",
        ),
        (
            "Effective rate",
            apr_text(found.effective_rate),
            "a year, with compounding",
            "",
        ),
        ("Total payments", dollars(found.total_paid_usd), paid, ""),
        ("Interest", dollars(found.interest_usd), above, ""),
    ]


def apr_text(share: float) -> str:
    """A rate as offers are compared: to a thousandth of a per cent.

    >>> apr_text(0.08681), apr_text(-0.01)
    ('8.681 %', '−1.000 %')
    """
    return f"{'−' if share < 0 else ''}{fixed_percent(abs(share), _DECIMALS)}"
