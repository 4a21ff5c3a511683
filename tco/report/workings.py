"""How an answer is computed: what each item comes to, and the formulas with their numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.inputs import INPUTS, RATE, Inputs
from tco.model.breakeven import Breakeven, breakeven
from tco.model.items import SIDES, items_of
from tco.model.ledger import ledger_rows
from tco.model.periods import busy_hours
from tco.report.facts import Facts
from tco.scenario import Scenario
from tco.words.figures import fixed_percent, money, number, percent, rate_text, usd
from tco.words.results import ODDS_WORDS, RESULT_WORDS

if TYPE_CHECKING:
    import pandas as pd

_SIDES = {"own": "owning", "rent": "renting"}
COLUMNS = (
    *("side", "item", "what it is"),
    *("undiscounted, USD", "present value, USD", "USD per busy GPU-hour"),
)


class Formula(NamedTuple):
    """A number of the answer: its name, its formula in words, and the same with its numbers."""

    name: str
    formula: str
    numbers: str


def items_frame(scenario: Scenario) -> pd.DataFrame:
    """What each item of both sides comes to [USD], and per busy GPU-hour, with the totals.

    >>> found = items_frame(Scenario(gpu="L4"))
    >>> total = found[found["item"] == "Total"].set_index("side")["USD per busy GPU-hour"]
    >>> import tco
    >>> bool(abs(total["renting"] - tco.breakeven(gpu="L4").rent_usd_per_gpu_hour) < 1e-12)
    True
    """
    import pandas as pd

    hours = float(busy_hours(Inputs.of(scenario.values()))) or math.nan
    rows: list[tuple[object, ...]] = []
    for side in SIDES:
        sums: dict[str, list[float]] = {}
        for _, item, _, _, cost, present in ledger_rows(scenario, side):
            found = sums.setdefault(item, [0.0, 0.0])
            found[0] += cost
            found[1] += present
        words = {item.name: (item.label, item.meaning) for item in items_of(side)}
        words |= {line.name: (line.name, "your own line") for line in scenario.lines}
        for name, (plain, present) in sums.items():
            if plain or present:
                rows.append((_SIDES[side], *words[name], plain, present, present / hours))
        plain, present = (sum(both[at] for both in sums.values()) for at in (0, 1))
        rows.append((_SIDES[side], "Total", "", plain, present, present / hours))
    return pd.DataFrame(rows, columns=COLUMNS)


def formulas(facts: Facts) -> list[Formula]:
    """The formulas of the answer with the numbers of its scenario; none without one.

    >>> from tco.report.facts import facts_of
    >>> found = formulas(facts_of(Scenario(gpu="L4", utilization=0.5)))
    >>> [one.name for one in found][:3]
    ['Discount factor at the end', 'Busy GPU-hours, discounted', 'Cost of owning']
    """
    return list(_formulas(facts, facts.compared)) if facts.compared else []


def _formulas(facts: Facts, answer: Breakeven) -> Iterator[Formula]:
    values = answer.scenario.values()
    months = values["horizon_months"]
    rate = percent(values["discount_rate"])
    factor = (1 + values["discount_rate"]) ** (-months / 12)
    yield Formula(
        "Discount factor at the end",
        "(1 + discount rate) ^ (−months ÷ 12)",
        f"(1 + {rate}) ^ (−{number(months)} ÷ 12) = {number(factor)}",
    )
    v = Inputs.of(values)
    hours = float(busy_hours(v))
    a_month = values["gpus"] * values["hours_per_month"] * values["utilization"]
    use = INPUTS["utilization"].written(values["utilization"])
    yield Formula(
        "Busy GPU-hours, discounted",
        "GPUs × hours per month × utilization × sum of the discount factors of all months",
        f"{values['gpus']:,} × {number(values['hours_per_month'])} × {use} × "
        f"{number(hours / a_month)} = {hours:,.0f}",
    )
    sides = (
        (RESULT_WORDS["own_npv_usd"].short, answer.own_npv_usd, answer.own_usd_per_gpu_hour),
        (RESULT_WORDS["rent_npv_usd"].short, answer.rent_npv_usd, answer.rent_usd_per_gpu_hour),
    )
    for name, total, hourly in sides:
        yield Formula(
            name,
            "present value of all its items ÷ busy GPU-hours, discounted",
            f"{_whole(total)} ÷ {hours:,.0f} = {usd(hourly)} per busy GPU-hour",
        )
    saving = answer.npv_saving_usd
    each = f", or {usd(saving / values['gpus'])} per GPU" if values["gpus"] > 1 else ""
    yield Formula(
        "Saving from buying",
        "present value of renting − present value of owning",
        f"{_whole(answer.rent_npv_usd)} − {_whole(answer.own_npv_usd)} = {_whole(saving)}{each}",
    )
    yield from _at_break_even(answer)
    if math.isfinite(answer.months):
        yield Formula(
            RESULT_WORDS["months"].label,
            "the month from which owning has cost less so far, discounted, and stays cheaper",
            f"month {number(answer.months)}",
        )
    if facts.simulation is not None:
        odds = facts.simulation
        yield Formula(
            ODDS_WORDS["chance_buy"].label,
            "futures in which buying saves ÷ all futures; inputs that you did not set vary "
            "over their range (low and high: P10 and P90)",
            f"{round(odds.chance_buy * odds.draws):,} ÷ {odds.draws:,} = "
            f"{fixed_percent(odds.chance_buy)}",
        )


def _at_break_even(answer: Breakeven) -> Iterator[Formula]:
    """The values at which both sides cost the same, and what they cost there."""
    fair, busy = answer.breakeven_rate_usd_per_gpu_hour, answer.breakeven_utilization
    found = (
        (
            RESULT_WORDS["breakeven_rate_usd_per_gpu_hour"].short,
            RATE,
            fair,
            rate_text,
            math.isfinite(fair) and fair >= 0,
        ),
        (
            RESULT_WORDS["breakeven_utilization"].short,
            "utilization",
            busy,
            INPUTS["utilization"].written,
            0 <= busy <= 1,
        ),
    )
    for name, changed, value, written, is_known in found:
        if not is_known:
            continue
        what_if: Any = {changed: value}
        there = breakeven(answer.scenario, **what_if)
        yield Formula(
            name,
            "the value at which both present values are equal, all else equal",
            f"at {written(value)}: {_whole(there.own_npv_usd)} = {_whole(there.rent_npv_usd)}",
        )


def _whole(amount: float) -> str:
    return money(round(amount))
