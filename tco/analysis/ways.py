"""The ways to get the same busy hours: renting by term, owning by payment and site.

Each is a what-if of the scenario: it keeps all that was given but for what makes it another option.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tco.errors import InputError, Problem
from tco.inputs import INPUTS, Inputs
from tco.inputs.checks import midpoint
from tco.market.choice import QUESTION_INPUTS, Question, beliefs, believed_values
from tco.market.files import first_day
from tco.model.breakeven import one_scenario
from tco.model.results import checked
from tco.scenario import Scenario
from tco.words import percent, usd

# Term and billing of each way to rent; how the hardware of each way to own is paid for.
RENTING = {
    "on_demand": ("on_demand", "per_use"),
    "spot": ("spot", "per_use"),
    "committed_1yr": ("1yr", "committed"),
    "committed_3yr": ("3yr", "committed"),
    "committed_5yr": ("5yr", "committed"),
    "always_on": ("on_demand", "always_on"),
}
OWNING = {"buy_new": "cash", "buy_used": "cash", "lease": "lease", "loan": "loan"}
HOSTING = INPUTS["hosting"].choices
# Renting has no hardware: what only owning knows would be followed for nothing.
_NO_HARDWARE = {
    "price_usd_per_gpu": 0.0,
    "financing": "cash",
    "delivery_months": 0,
    "refresh_months": 0,
}
RATE, PRICE, LEASE = "rate_usd_per_gpu_hour", "price_usd_per_gpu", "lease_usd_per_gpu_month"
_FEE, _UPFRONT, _USED = "colo_usd_per_kw_month", "upfront_usd_per_gpu", "used"


@dataclass(frozen=True)
class Way:
    """One option: its inputs, the one that is its price, what it lacks (empty: nothing), a note."""

    option: str
    side: str
    hosting: str
    values: dict[str, Any]
    price: str
    missing: str
    note: str

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"{self.option} at {self.hosting}" if self.hosting else self.option

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among all options: of equal ones the first is preferred."""
        return [*RENTING, *OWNING].index(self.option), ["", *HOSTING].index(self.hosting)

    @property
    def together(self) -> str:
        """What can be followed in one pass: all renting, an owning option at every site."""
        return self.side if self.side == "rent" else self.option


def what_if(scenario: Scenario, option: str, hosting: str | None = None) -> Scenario:
    """The scenario of which an option is one side; `hosting` of the owning ones, else the given.

    A given rate holds for the given term only, a given upfront fee too if that term is a
    commitment; a price for the given basis (used, or new); a colocation fee for the given hosting
    (for metered power where that is the own site). What is dropped comes from the dated data. An
    option keeps everything else. InputError for an option that does not exist.

    >>> what_if(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7), "spot")
    Scenario(gpu='L4', term='spot', billing='per_use')
    """
    if option not in RENTING | OWNING:
        known = ", ".join([*RENTING, *OWNING])
        raise InputError([Problem("option", f"option = {option!r} is not one of {known}")])
    own = scenario.values()
    changes = _changes(option, hosting or own["hosting"], own)
    return replace(scenario, **changes)


def _changes(option: str, hosting: str, own: dict[str, Any]) -> dict[str, Any]:
    """The inputs that make the option; None: not the given one. `own` are the scenario's values."""
    if option in OWNING:
        changes: dict[str, Any] = {"financing": OWNING[option], "hosting": hosting}
        fee_of = "colo_metered" if own["hosting"] == "own_site" else own["hosting"]
        if hosting != fee_of:
            changes[_FEE] = None
        is_used = own["price_basis"] == _USED
        if option == "buy_used" and not is_used:
            changes |= {"price_basis": _USED, PRICE: None}
        if option == "buy_new" and is_used:
            changes |= {"price_basis": None, PRICE: None}
        return changes
    term, billing = RENTING[option]
    if billing == own["billing"] == "always_on":
        term = own["term"]
    changes = {"term": term, "billing": billing}
    if term != own["term"] or billing != own["billing"]:
        changes["commitment_months"] = None
    if term != own["term"]:
        changes[RATE] = None
        if own["billing"] == "committed":
            changes[_UPFRONT] = None
    return changes


def ways_of(scenario: Scenario) -> list[Way]:
    """Every option of one scenario; InputError for a table."""
    if scenario.is_table:
        raise one_scenario("options()")
    own = scenario.values()
    rented = [name for name in RENTING if name != "committed_5yr" or own["term"] == "5yr"]
    asked = [(name, "") for name in rented]
    asked += [(name, hosting) for name in OWNING for hosting in HOSTING]
    given = {name: midpoint(INPUTS[name], value) for name, value in scenario.given.items()}
    made = []
    for option, hosting in asked:
        merged = given | _changes(option, hosting, own)
        known = {name: value for name, value in merged.items() if value is not None}
        question = Question(*[known.get(name) for name in QUESTION_INPUTS])
        values = believed_values(question, scenario.catalogue) | known
        made.append(_way(option, hosting, values, known, scenario, question))
    return made


def _way(
    option: str,
    hosting: str,
    values: dict[str, Any],
    known: dict[str, Any],
    scenario: Scenario,
    question: Question,
) -> Way:
    owning = option in OWNING
    priced = PRICE if owning else RATE
    belief = beliefs(question, scenario.catalogue)[priced]
    told = "yours" if priced in known else f"{belief.status}: {belief.note}"
    if not owning:
        missing = belief.note if values[RATE] is None else ""
        note = f"{_rent_note(values)}rate {told}"
        return Way(option, "rent", "", values | _NO_HARDWARE, RATE, missing, note)
    missing = belief.note if values[PRICE] is None else _lacking(values)
    if not missing and priced not in known and belief.status != "yours":
        missing = _other_basis(option, values, scenario)
    note = f"{_own_note(option, values)}price {told}"
    values = values | {RATE: values[RATE] or 0.0}
    return Way(
        option, "own", hosting, values, LEASE if option == "lease" else priced, missing, note
    )


def _lacking(values: dict[str, Any]) -> str:
    """What keeps an owning option from being counted."""
    if values["delivery_months"] > 0 and values[RATE] is None:
        return f"{RATE} is not known: it is paid until the delivery"
    try:
        checked(Inputs.of(values))
    except InputError as wrong:
        return "; ".join(problem.message for problem in wrong.problems)
    return ""


def _other_basis(option: str, values: dict[str, Any], scenario: Scenario) -> str:
    """A price that stands in for one of the other kind, new for used, is none."""
    rows = scenario.catalogue.prices_of(values["gpu"])
    known = {row.price_basis for row in rows if first_day(row.as_of) <= values["as_of"]}
    if option == "buy_used" and _USED not in known:
        return f"no price of a used {values['gpu']} on or before {values['as_of']}"
    if option == "buy_new" and known == {_USED}:
        return f"no price of a new {values['gpu']} on or before {values['as_of']}"
    return ""


def _rent_note(values: dict[str, Any]) -> str:
    if values["billing"] == "committed":
        months = values["commitment_months"]
        return f"price fixed for {months} months at a time, every hour paid; "
    if values["billing"] == "always_on":
        return "every hour paid, at the market's price; "
    overhead = percent(values["billing_overhead"])
    rework = ", rework after interruptions included" if values["term"] == "spot" else ""
    return f"busy hours paid, and {overhead} on top (billing_overhead){rework}; "


def _own_note(option: str, values: dict[str, Any]) -> str:
    if option == "loan":
        share, apr = percent(values["financed_share"]), percent(values["loan_apr"])
        return f"{share} borrowed at {apr} a year for {values['loan_months']} months; "
    if option == "lease":
        when = "in advance" if values["lease_in_advance"] else "in arrears"
        buyout = values["lease_buyout_usd_per_gpu"]
        after = f"bought for {usd(buyout)} a GPU" if buyout > 0 else "given back"
        return f"terms of {values['lease_months']} months, paid {when}, then {after}; "
    return "warranty, failures and resale as for new ones; " if option == "buy_used" else ""
