"""The measures of finance as rows: shell, CSV, JSON, workbook, sheet and app show these.

The list of measures itself, with labels, units and meanings, stands in `tco.words.finance`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from tco.analysis.bridge import ADDED, REMOVED, BridgeStep
from tco.analysis.goal import Goal, goal_result
from tco.analysis.measures import MeasureRow, Measures
from tco.inputs import INPUTS
from tco.numeric import MONTHS_PER_YEAR
from tco.words import of_owner
from tco.words.figures import capital, dollars, more_or_less, number
from tco.words.finance import YEAR_LABELS

# What people call the columns of what a target takes of an input.
GOAL_LABELS = ("Input", "Now", "Needed", "Change", "Result", "Reason")
# What people call the columns of the bridge that they see: label, amount and running total.
BRIDGE_LABELS = ("Step", "Present value", "Running total")
MEASURE_REPORT_COLUMNS = ("name", "value", "unit", "note")
# What the rows of cash by year are called in the CSV report, with their meaning.
_CASH = {
    "own_usd": ("own_cash_year_{}_usd", "cash paid for owning"),
    "rent_usd": ("rent_cash_year_{}_usd", "cash paid for renting"),
    "saving_usd": ("saving_cash_year_{}_usd", "saved by buying, undiscounted"),
}


class YearRow(NamedTuple):
    """Cash of one year as people read it."""

    year: int
    label: str
    own: str
    rent: str
    saving: str
    cumulative: str


class GoalRow(NamedTuple):
    """What a target takes of one input, as people read it.

    `needed` is where it is reached ("at most $1,450"), empty for nowhere or everywhere; `reason`
    then says which, and where the result jumps, that it does. `change` is the change of the input,
    `result` what is reached at its end.
    """

    input: str
    label: str
    now: str
    needed: str
    change: str
    result: str
    reason: str


def measure_rows(found: Measures) -> tuple[MeasureRow, ...]:
    """Every measure with its name, label, value, unit, text and note, in order.

    >>> import tco
    >>> rows = {row.name: row for row in measure_rows(tco.measures(gpu="L4", utilization=0.6))}
    >>> rows["mirr"].label, rows["payback_months"].unit
    ('MIRR of buying instead of renting', 'months')
    """
    return found.rows


def years_rows(found: Measures) -> tuple[YearRow, ...]:
    """Cash by year in words, undiscounted; year 0 is the start.

    >>> import tco
    >>> [row.label for row in years_rows(tco.measures(gpu="L4", horizon_months=30))]
    ['Start', 'Year 1', 'Year 2', 'Year 3, to month 30']
    """
    horizon = found.scenario.values()["horizon_months"]
    sums = accumulate(year.saving_usd for year in found.years)
    rows = []
    for year, so_far in zip(found.years, sums, strict=True):
        label = f"Year {year.year}" if year.year else "Start"
        if year.year * MONTHS_PER_YEAR > horizon:
            label += f", to month {number(horizon)}"
        amounts = (year.own_usd, year.rent_usd, year.saving_usd, so_far)
        rows.append(YearRow(year.year, label, *map(dollars, amounts)))
    return tuple(rows)


def year_labels(found: Measures) -> dict[str, str]:
    """What people call the columns of cash by year, of hardware that is there already too."""
    values = found.scenario.values()
    return {name: of_owner(label, values) for name, label in YEAR_LABELS.items()}


def measure_report_rows(found: Measures) -> Iterator[tuple[str, float | None, str, str]]:
    """The measures and cash by year for the CSV report: name, value, unit and note.

    >>> import tco
    >>> rows = list(measure_report_rows(tco.measures(gpu="L4")))
    >>> rows[0][0], rows[-1][0]
    ('npv_saving_usd', 'saving_cash_year_3_usd')
    """
    for row in found.rows:
        yield row.name, row.value, row.unit, row.note
    if found.leasing is None:
        yield "net_advantage_to_leasing_usd", None, "USD", found.leasing_note
    values = found.scenario.values()
    for year in found.years:
        when = f"in year {year.year}" if year.year else "at the start"
        for name, (title, meaning) in _CASH.items():
            said = of_owner(f"{meaning}, {when}", values)
            yield title.format(year.year), getattr(year, name), "USD", said


def goal_rows(found: Goal) -> tuple[GoalRow, ...]:
    """What a target takes of each input that was asked about; the whole in `found.sentence`.

    >>> import tco
    >>> asked = dict(gpu="L4", utilization=0.4, payback_months=24, as_of="2026-11-21")
    >>> row = goal_rows(tco.goal(**asked, of="utilization"))[0]
    >>> row.label, row.now, row.needed, row.result
    ('Utilization', '40 %', 'at least 64.4 %', 'month 24')
    """
    rows = []
    for one in found.answers:
        declared = INPUTS[one.input]
        change = "" if one.change is None else more_or_less(one.change)
        result = goal_result(found.target, one.result) if one.needed is not None else ""
        told = (declared.label, declared.written(one.now), one.where, change, result)
        rows.append(GoalRow(one.input, *told, capital(one.reason)))
    return tuple(rows)


class BridgeRow(NamedTuple):
    """A step from renting to owning, as people read it; amounts in whole dollars."""

    label: str
    side: str
    step: str
    usd: str
    running: str


def bridge_rows(steps: Sequence[BridgeStep]) -> tuple[BridgeRow, ...]:
    """The steps from renting to owning in words; those between the ends have a sign.

    >>> from tco.analysis.bridge import bridge_steps
    >>> from tco.scenario import Scenario
    >>> [row.usd[:1] for row in bridge_rows(bridge_steps(Scenario(gpu="L4")))][:4]
    ['$', '−', '−', '+']
    """
    return tuple(
        BridgeRow(one.label, one.side, one.step, bridge_text(one), dollars(one.running_usd))
        for one in steps
    )


def bridge_text(step: BridgeStep) -> str:
    """The amount of a step: of one between the ends with its sign."""
    is_added = step.step in (REMOVED, ADDED) and step.usd > 0
    return f"{'+' if is_added else ''}{dollars(step.usd)}"
