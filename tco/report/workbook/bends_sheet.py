"""On the sheet Check: where the saving bends in an input, and where between two bends it is 0."""

from __future__ import annotations

from typing import Any

from tco.report.workbook.bends import Bends, Row
from tco.report.workbook.cells import worth
from tco.report.workbook.content import FIRST_ROW, Content, Sheet

_NOTE = (
    "A cap on the bill, or on a line of your own, bends the saving; between bends it is linear. "
    "The break-even value is the root nearest to the current value."
)
_HEADINGS = (
    *("bend", "at", "steeper below it", "steeper everywhere", "saving there", "bend below"),
    *("slope below it", "root below it", "distance of the root"),
)
_RANGES = {"bends": 1, "weights": 2, "slopes": 6, "roots": 7, "distances": 8}


def write_bends(sheet: Sheet, row: int, content: Content) -> None:
    """Write them from a row on, if there are any."""
    if not content.formulas.bends:
        return
    sheet.row(row, ("Where the saving bends", *[""] * (len(_HEADINGS) - 1)), "group")
    sheet.value(row + 1, 0, _NOTE)
    sheet.row(row + 2, _HEADINGS, "heading")
    row += 3
    for bends in content.formulas.bends.values():
        row = _write_bends(sheet, row, bends, content) + 1


def _write_bends(sheet: Sheet, row: int, bends: Bends, content: Content) -> int:
    """The bends of an input; gives the row below them."""
    name, short, rows = bends.variable.place, bends.short, bends.rows
    sheet.row(row, (str(name), *[""] * (len(_HEADINGS) - 1)), "group")
    first = row + 7
    evenly = worth(bends.rise) + sum(bends.worth(bend.more) for bend in rows)
    more = f"+SUM($D${first + 1}:$D${first + len(rows)})"
    for at, (what, formula, value, meaning) in enumerate(
        (
            ("evenly", f"{content.writer().formula(bends.rise, None)}{more}", evenly, _EVENLY),
            ("bent", f"=SUMPRODUCT(({short}_bends>0)*({short}_bends<{name}_highest))", bends.bent,
             "bends inside the domain"),
            ("straight", _straight(bends, first + len(rows)), bends.straight,
             "root without any bend, also outside the domain"),
            ("base", _base(bends), _base_worth(bends, evenly), "start of the line that bends"),
            ("root", f"={bends.root_formula}", bends.root, "the root nearest to the current value"),
        ),
        row + 1,
    ):  # fmt: skip
        sheet.named(at, f"{short}_{what}", formula, value, "", meaning)
    for what, column in _RANGES.items():
        letter = "ABCDEFGHI"[column]
        place = f"=Check!${letter}${first + 1}:${letter}${first + len(rows)}"
        sheet.book.define_name(f"{short}_{what}", place)
    for at, bend in enumerate(rows, first):
        _write_bend(sheet, at, bends, bend, content)
    return first + len(rows)


def _base(bends: Bends) -> str:
    short, name = bends.short, bends.variable.place
    lower = f"SUMPRODUCT({short}_weights*({name}-{short}_bends)*({name}<{short}_bends))"
    return f'=IF(problem<>"","",npv_saving_usd-{short}_evenly*{name}-{lower})'


def _base_worth(bends: Bends, evenly: float) -> float:
    now = bends.variable.value
    lower = (
        bends.worth(bend.weight) * min(now - bends.worth(bend.where), 0) for bend in bends.rows
    )
    return float(bends.saving.value - evenly * now - sum(lower))


_EVENLY = "saving added per unit where nothing is capped"


def _straight(bends: Bends, line: int) -> str:
    flat = f"OR($G{line}=0,ABS($G{line})/slope_tolerance<gross_usd)"
    return f'=IF(problem<>"","",IF({flat},"",{bends.variable.place}-npv_saving_usd/$G{line}))'


def _write_bend(sheet: Sheet, at: int, bends: Bends, bend: Row, content: Content) -> None:
    short, name, line = bends.short, bends.variable.place, at + 1
    sheet.value(at, 0, bend.words)
    for column, place in enumerate((bend.where, bend.weight, bend.more), 1):
        sheet.formula(at, column, _formula(place, content), bends.worth(place))
    lower = f"SUMPRODUCT({short}_weights*($B{line}-{short}_bends)*($B{line}<{short}_bends))"
    there = f"{short}_base+{short}_evenly*$B{line}+{lower}"
    flat = f"OR($G{line}=0,ABS($G{line})/slope_tolerance<gross_usd)"
    root = f"$B{line}-$E{line}/$G{line}"
    formulas: dict[str, Any] = {
        f'=IF(problem<>"","",{there})': bend.saving,
        f"=SUMPRODUCT(MAX(({short}_bends<$B{line})*{short}_bends))": bend.below,
        f"={short}_evenly+SUMPRODUCT({short}_weights*({short}_bends>=$B{line}))": bend.slope,
        f'=IF($E{line}="","",IF({flat},"",IF(AND({root}>=$F{line},{root}<=$B{line}),{root},"")))':
            bend.root,
        f'=IF($H{line}="","",ABS($H{line}-{name}))': bend.distance,
    }  # fmt: skip
    for column, (formula, value) in enumerate(formulas.items(), 4):
        sheet.formula(at, column, formula, value)


def _formula(place: Any, content: Content) -> str:
    """What shows a cell, or a place on the sheet Months."""
    if isinstance(place, tuple):
        column, month = place
        return f"=Months!${content.letters[column]}${FIRST_ROW + month}"
    return content.writer().formula(place, None)
