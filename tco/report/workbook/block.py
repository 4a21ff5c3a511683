"""The printed columns of the sheet Months: what a reader wants of each month, and no more.

Groups of items of both sides, their sums, what buying saves, and how it adds up. Each item stands
in a column of its own right of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.model.items import GROUPS, LINES_GROUP, OWN, RENT, SIDES, TAX_GROUP, item_of
from tco.report.workbook.cells import worth
from tco.words.figures import capital
from tco.words.finance import SIDE_LABELS
from tco.words.results import SAVED_LABELS

if TYPE_CHECKING:
    from tco.report.workbook.formulas import Formulas

# What a printed column holds: the month, a group of a side, a side's sum, what buying saves in the
# month and so far, present values so far of a side and of the saving, an amount converted.
MONTH_NUMBER, GROUP, SUM, SAVED, SAVED_SO_FAR, PRESENT, PRESENT_SAVED, CONVERTED = range(8)
OWNING, RENTING, SAVING, SO_FAR = (
    *("Owning [USD]", "Renting [USD]"),
    *(f"{SAVED_LABELS['buying']} [USD]", "Present value so far [USD]"),
)
_SECTIONS = {OWN: OWNING, RENT: RENTING}
# The present value of each side so far, and what it is if one stops there.
CURVES = {OWN: ("own_usd", "own_exit_usd"), RENT: ("rent_usd", "rent_exit_usd")}
# Columns of what the chart on Summary draws, and the curve of which each is the amounts shown.
CHARTED = {f"{side}_charted": running for side, (running, _) in CURVES.items()}


class Printed(NamedTuple):
    """A printed column: its section, heading and kind; the side, and the columns that it sums.

    `leaving` are those of what is paid on exit, which count in the last month only. `source` is the
    printed column that is converted.
    """

    section: str
    heading: str
    kind: int
    side: str = ""
    columns: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    source: int = 0


def printed_columns(formulas: Formulas) -> tuple[Printed, ...]:
    """The printed columns of a workbook, in their order."""
    made = [Printed("", "Month", MONTH_NUMBER)]
    sums = []
    for side in SIDES:
        made += _groups(formulas, side)
        sums.append(len(made))
        made.append(Printed(_SECTIONS[side], SIDE_LABELS[side], SUM, side))
    saved = len(made)
    made += [
        Printed(SAVING, "in the month", SAVED),
        Printed(SAVING, "so far", SAVED_SO_FAR),
        *(Printed(SO_FAR, SIDE_LABELS[side], PRESENT, side) for side in SIDES),
        Printed(SO_FAR, SAVED_LABELS["buying"], PRESENT_SAVED),
    ]
    for source in (*sums, saved, len(made) - 1):
        heading = made[source].heading
        heading = f"{SAVED_LABELS['buying']}, in the month" if source == saved else heading
        heading = "Saved so far, present value" if made[source].kind == PRESENT_SAVED else heading
        made.append(Printed("", heading, CONVERTED, source=source))
    return tuple(made)


def _groups(formulas: Formulas, side: str) -> Iterator[Printed]:
    """The groups of a side that have a column."""
    found: dict[str, tuple[list[str], list[str]]] = {
        group: ([], []) for group in (*GROUPS[side], TAX_GROUP, LINES_GROUP)
    }
    for name, column in formulas.columns.items():
        if column.item and name.partition("_")[0] == side:
            is_line = column.item in formulas.lines
            group = LINES_GROUP if is_line else item_of(side, column.item).group
            found[group]["_exit_" in name].append(name)
    for group, (paid, leaving) in found.items():
        if paid or leaving:
            section = _SECTIONS[side]
            yield Printed(section, capital(group), GROUP, side, tuple(paid), tuple(leaving))


def held(
    block: tuple[Printed, ...], formulas: Formulas, last: int, fx_rate: float | None
) -> list[list[Any]]:
    """What the printed columns hold, by column and month; `last` is the month of the horizon."""
    months, columns = range(formulas.months + 1), amounts(formulas)
    made: list[list[Any]] = []
    sums: dict[str, list[float]] = {}
    present: dict[str, list[float]] = {}
    for column in block:
        values: list[Any]
        if column.kind == MONTH_NUMBER:
            values = list(months)
        elif column.kind == GROUP:
            values = [sum(columns[name][month] for name in column.columns) for month in months]
            values[last] += sum(columns[name][last] for name in column.leaving)
            so_far = sums.setdefault(column.side, [0.0] * len(values))
            sums[column.side] = [a + b for a, b in zip(so_far, values, strict=True)]
        elif column.kind == SUM:
            values = sums[column.side]
        elif column.kind == SAVED:
            values = [rent - own for own, rent in zip(*sums.values(), strict=True)]
        elif column.kind == SAVED_SO_FAR:
            values = list(accumulate(made[-1]))
        elif column.kind == PRESENT:
            running, leaving = (columns[name] for name in CURVES[column.side])
            values = [(running if month < last else leaving)[month] for month in months]
            present[column.side] = values
        elif column.kind == PRESENT_SAVED:
            values = [rent - own for own, rent in zip(*present.values(), strict=True)]
        else:
            values = ["" if fx_rate is None else x * fx_rate for x in made[column.source]]
        made.append(values)
    return made


def amounts(formulas: Formulas) -> dict[str, list[float]]:
    """What the columns of the model hold in every month; 0 where a cell is empty."""
    count = formulas.months + 1
    return {
        name: [*(worth(x) or 0 for x in values), *[0] * (count - len(values))]
        for name, values in formulas.graph.columns.items()
    }
