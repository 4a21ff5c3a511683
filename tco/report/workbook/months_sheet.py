"""The sheet Months: what is paid month by month, as formulas of the inputs.

On the left what is printed, groups of items and their sums; right of it every item, and what the
model keeps from month to month, each in a column of its own; at the end what rates of return are
taken of, and what the chart on Summary draws.
"""

from __future__ import annotations

from typing import Any

from tco.model.items import RENT
from tco.report.workbook import block
from tco.report.workbook.block import CHARTED, CURVES, Printed, held
from tco.report.workbook.cells import Column, Writer, worth
from tco.report.workbook.content import FIRST_ROW, Content, Sheet, until_counted
from tco.report.workbook.formulas import early_of
from tco.report.workbook.returns import FLOWS

_NOTES = (
    "Whole dollars. Month 0 is the purchase; what is paid or received on exit stands in the last "
    "month of the holding period. Present values so far include it from that month on.",
    "Right of these columns, not printed: every item by itself, and what the model keeps from "
    "month to month, all as formulas of the blue cells.",
)
# Rows, counted from 0: sections, names, units, meanings, sums and present values of items.
_SECTION, _NAME, _UNIT, _MEANING, _SUM, _PRESENT = range(2, 8)
# Month 0, and those after it that are not yet like the next: from then on formulas repeat.
_DIFFERENT = 4
_STYLES = {
    "USD": "number",
    "months": "number",
    "month": "whole",
    "ratio": "ratio",
    "share": "ratio",
}
# A printed page holds so many months.
_MONTHS_OF_A_PAGE = 61
_PRINTED_WIDTH, _WIDTH = 12.5, 13
# Differences of the sides, and the kind of column that they are taken of.
_LESS = {block.SAVED: block.SUM, block.PRESENT_SAVED: block.PRESENT}
_STRONG = (block.SUM, block.SAVED_SO_FAR, block.PRESENT_SAVED)


def write_months(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    sheet.head("Months", *_NOTES[:1])
    sheet.value(1, len(content.block) + 1, _NOTES[1], "small")
    _write_block(sheet, content)
    section, last = "", 0
    for at, (name, column) in enumerate(content.formulas.columns.items(), len(content.block) + 1):
        sheet.value(_SECTION, at, column.section if column.section != section else "", "group")
        section, last = column.section, at
        _write_heading(sheet, at, name, column, content)
        _write_column(sheet, at, name, _STYLES.get(column.unit, "plain"), content)
    _write_flows(sheet, last + 1, content)
    _write_charted(sheet, content)
    sheet.worksheet.set_row(_MEANING, 32)
    printed = len(content.block) - 1
    if content.conversion is None:
        printed = sum(one.kind != block.CONVERTED for one in content.block) - 1
    widths = [12.5, *[_PRINTED_WIDTH] * (len(content.block) - 1), 3]
    widths += [_WIDTH] * (len(content.formulas.columns) + len(FLOWS) + len(CHARTED))
    pages = 1 + content.horizon // _MONTHS_OF_A_PAGE
    bottom = FIRST_ROW + content.horizon - 1
    sheet.finish((bottom, printed), _MEANING, widths, pages=pages)
    sheet.worksheet.repeat_rows(_SECTION, _MEANING)
    sheet.worksheet.freeze_panes(FIRST_ROW - 1, 1)


def _write_column(sheet: Sheet, at: int, name: str, style: str, content: Content) -> None:
    """What a column holds month by month; from some month on its formulas repeat."""
    values = [until_counted(worth(value)) for value in content.formulas.graph.columns[name]]
    for month, formula in enumerate(formulas_of(name, content)):
        line = FIRST_ROW + month
        told = formula.replace(Writer.ROW, str(line)).replace(Writer.ABOVE, str(line - 1))
        count = 1 if month < _DIFFERENT - 1 else len(values) - month
        if formula:
            sheet.filled(line - 1, at, told, values[month : month + count], style)


def formulas_of(name: str, content: Content) -> list[str]:
    """The formulas of a column for the months that differ; "" where there is none."""
    values = content.formulas.graph.columns[name]
    return [
        "" if values[month] is None else content.writer(month).formula(values[month], (name, month))
        for month in range(min(_DIFFERENT, len(values)))
    ]


def _write_heading(sheet: Sheet, at: int, name: str, column: Column, content: Content) -> None:
    sheet.value(_NAME, at, column.item or name, "heading")
    sheet.value(_UNIT, at, column.unit)
    sheet.value(_MEANING, at, column.meaning, "wrapped")
    if not column.item:
        return
    formulas = item_formulas(name, content.writer(0))
    for row, formula, value in zip((_SUM, _PRESENT), formulas, content.ledger[name], strict=True):
        sheet.formula(row, at, f"={formula}", value, "strong")


def item_formulas(name: str, cells: Writer) -> tuple[str, str]:
    """The sum of an item over all months, and its present value, without the equals sign."""
    column, discount = cells.column(name), cells.column("discount")
    if "_exit_" in name:
        end = f"INDEX({column},last_month+1)"
        return end, f"{end}*INDEX({discount},last_month+1)"
    early = early_of(name)
    more = f"+SUM({cells.column(early)})" if early in cells.letters else ""
    return f"SUM({column})", f"SUMPRODUCT({column},{discount}){more}"


# --- What is printed


def _write_block(sheet: Sheet, content: Content) -> None:
    """The printed columns, with their headings, sums and present values."""
    found = content.conversion
    values = held(
        content.block, content.formulas, content.horizon, found.fx_rate if found else None
    )
    for row, words in ((_SUM, "Sum"), (_PRESENT, "Present value")):
        sheet.value(row, 0, words, "ledger_strong")
    section = ""
    for at, column in enumerate(content.block):
        if column.kind == block.CONVERTED:
            first = content.block[at - 1].kind != block.CONVERTED
            _write_currency(sheet, at, first, content)
        else:
            sheet.value(_SECTION, at, column.section if column.section != section else "", "group")
            section = column.section
        sheet.across(_NAME, (at, at), "heading_right", _MEANING - _NAME + 1, column.heading)
        _write_sums(sheet, at, column, values, content)
        style = "ledger_strong" if column.kind in _STRONG else "ledger"
        style = "whole" if column.kind == block.MONTH_NUMBER else style
        # What is so far begins with month 0.
        held_now = [until_counted(value) for value in values[at]]
        for month, told in ((0, held_now[:1]), (1, held_now[1:])):
            formula = f"={_of_month(content, at, column, month)}"
            sheet.filled(FIRST_ROW + month - 1, at, formula, told, style)


def _write_currency(sheet: Sheet, at: int, first: bool, content: Content) -> None:
    """The section of converted amounts."""
    label = f"In {content.conversion.currency}" if first and content.conversion else ""
    formula = '=IF(converts,"In "&currency,"")' if first else '=""'
    sheet.formula(_SECTION, at, formula, label, "group")


def _of_month(content: Content, at: int, column: Printed, month: int) -> str:
    """What a printed column holds in a month, without the equals sign."""
    line, letters = FIRST_ROW + month, content.letters
    if column.kind == block.GROUP:
        paid, leaving = (_total(content, names, line) for names in column[4:6])
        due = f"IF($A{line}=last_month,{leaving},0)" if leaving else ""
        return "+".join(filter(None, (paid, due)))
    if column.kind == block.SUM:
        groups = [
            n for n, one in enumerate(content.block) if one[2:4] == (block.GROUP, column.side)
        ]
        return f"SUM({_letter(groups[0])}{line}:{_letter(groups[-1])}{line})"
    if column.kind == block.PRESENT:
        running, leaving = (f"{letters[name]}{line}" for name in CURVES[column.side])
        return f"IF($A{line}<last_month,{running},{leaving})"
    if column.kind in _LESS:
        return _less(content, _LESS[column.kind], line)
    above = f"{_letter(at)}{line - 1}+" if month else ""
    simple = {
        block.MONTH_NUMBER: f"{letters['month']}{line}",
        block.SAVED_SO_FAR: f"{above}{_letter(max(at - 1, 0))}{line}",
        block.CONVERTED: f'IF(converts,{_letter(column.source)}{line}*fx_rate,"")',
    }
    return simple[column.kind]


def _less(content: Content, kind: int, line: int) -> str:
    """Renting less owning, of a kind of column."""
    own, rent = (at for at, one in enumerate(content.block) if one.kind == kind)
    return f"{_letter(rent)}{line}-{_letter(own)}{line}"


def _total(content: Content, names: tuple[str, ...], line: int) -> str:
    """The sum of some columns of a row: of neighbors by their range."""
    order = list(content.letters)
    places = sorted(order.index(name) for name in names)
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    ends = [(content.letters[order[run[0]]], content.letters[order[run[-1]]]) for run in runs]
    return "+".join(
        f"{first}{line}" if first == last else f"SUM({first}{line}:{last}{line})"
        for first, last in ends
    )


def _write_sums(
    sheet: Sheet, at: int, column: Printed, values: list[list[Any]], content: Content
) -> None:
    """The sum and the present value of a printed column, where it has them."""
    letter, rows = _letter(at), (FIRST_ROW, content.last_row)
    total = f"SUM({letter}{rows[0]}:{letter}{rows[1]})"
    if column.kind == block.GROUP:
        names = (*column.columns, *column.leaving)
        present = _total(content, names, _PRESENT + 1)
        worth_now = sum(content.ledger[name][1] for name in names)
    elif column.kind == block.SUM:
        present = _of_month(content, at, column, _PRESENT + 1 - FIRST_ROW)
        worth_now = _present(content, column.side)
    elif column.kind == block.SAVED:
        present = _less(content, block.SUM, _PRESENT + 1)
        worth_now = _present(content, RENT) - _present(content, "own")
    else:
        return
    sheet.formula(_SUM, at, f"={total}", sum(values[at]), "ledger_strong")
    sheet.formula(_PRESENT, at, f"={present}", worth_now, "ledger_strong")


def _present(content: Content, side: str) -> float:
    """Python's present value of a side [USD]."""
    names = (name for name, column in content.formulas.columns.items() if column.item)
    return sum(content.ledger[name][1] for name in names if name.partition("_")[0] == side)


def _letter(at: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    letter: str = xl_col_to_name(at)
    return letter


# --- What rates of return are taken of


def _write_flows(sheet: Sheet, at: int, content: Content) -> None:
    """What buying saves as rates of return take it, its signs, and what is due with terms."""
    flows, letters = content.flows, content.flow_letters
    for column, (name, (unit, words)) in enumerate(FLOWS.items(), at):
        sheet.value(_SECTION, column, "returns" if column == at else "", "group")
        sheet.value(_NAME, column, name, "heading")
        sheet.value(_UNIT, column, unit)
        sheet.value(_MEANING, column, words, "wrapped")
        place = f"${letters[name]}${FIRST_ROW}:${letters[name]}${content.last_row}"
        sheet.book.define_name(name, f"=Months!{place}")
    saved = next(n for n, one in enumerate(content.block) if one.kind == block.SAVED)
    flow, sign, due = letters.values()
    last, styles = content.formulas.months, ("number", "whole", "number")
    kept = [list(map(until_counted, one)) for one in (flows.saved, flows.signs, flows.due)]
    # The first month and the last differ from those between them.
    for month, end in ((0, 1), (1, last), (last, last + 1)):
        line = FIRST_ROW + month
        terms = _total(content, flows.terms, line) if month else "0"
        shifts = f"-{due}{line}" if month else ""
        shifts += f"+{due}{line + 1}" if month < last else ""
        same = f"{sign}{line - 1}" if month else "0"
        formulas = (
            f"={_letter(saved)}{line}{shifts}",
            f"=IF({flow}{line}=0,{same},IF({flow}{line}>0,1,-1))",
            f"=({terms})*(1-tax_rate)" if month else "=0",
        )
        for column, (formula, held_now, style) in enumerate(
            zip(formulas, kept, styles, strict=True), at
        ):
            sheet.filled(line - 1, column, formula, held_now[month:end], style)


# --- What the chart on Summary draws


def _write_charted(sheet: Sheet, content: Content) -> None:
    """Its curves in the currency shown."""
    code, rate = content.shown_in
    for at, (name, curve) in enumerate(CHARTED.items(), content.charted_at):
        sheet.value(_SECTION, at, "chart on Summary" if at == content.charted_at else "", "group")
        sheet.value(_NAME, at, name, "heading")
        sheet.formula(_UNIT, at, "=shown_currency", code, "plain")
        sheet.value(_MEANING, at, f"{curve} in the currency shown", "wrapped")
        values = [
            until_counted(worth(value) * rate) for value in content.formulas.graph.columns[curve]
        ]
        formula = f"={content.letters[curve]}{FIRST_ROW}*shown_rate"
        sheet.filled(FIRST_ROW - 1, at, formula, values)
