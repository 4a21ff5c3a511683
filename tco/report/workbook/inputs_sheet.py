"""The sheet Inputs: every input as a named, checked, blue cell, those that count first."""

from __future__ import annotations

import math
from textwrap import shorten
from typing import Any, NamedTuple

from tco.inputs import GROUP_TITLES, GROUPS, INPUTS, Param
from tco.model.results import BREAKEVENS
from tco.report.workbook.content import Content, Sheet
from tco.report.workbook.formulas import highest_of
from tco.report.workbook.lines_sheet import changed_lines, outside_lines
from tco.scenario import Resolved
from tco.words.figures import capital, exact

# The inputs that only choose defaults from the data, which no workbook has.
QUESTION = "choice"
_TITLES = {**GROUP_TITLES, QUESTION: "What is compared: chose the defaults from the data"}
# What counts though no result follows from it: what is shown, and in which currency.
_ALWAYS = (QUESTION, "currency", "accounting")
_OF_LEASES = ("debt_rate", "residual_discount_rate")
_UNUSED = "Inputs that do not count in the comparison as reported"
_LABEL, _VALUE, _UNIT = range(3)


class _Told(NamedTuple):
    """What stands behind the unit, of each column: its place, or its heading, or its width."""

    converted: Any
    status: Any
    source: Any
    date: Any
    domain: Any


# The other currency stands beside the unit where there is one, else behind what is printed.
_BESIDE, _BEHIND = _Told(3, 4, 5, 6, 7), _Told(7, 3, 4, 5, 6)
_HEADINGS = _Told("", "Status", "Source of the value reported", "Date", "Domain")
_WIDTHS = _Told(12, 12, 44, 11, 24)
_FIRST_WIDTHS, _LAST_WIDTHS = (42, 18, 23), (24, 12, 10, 10, 40, 14, 14, 10, 40)
# What no page has. The columns `input` and `value` are a range for other sheets and programs:
# names, and what formulas use.
(_NAME, _USED, _LOW, _HIGH, _MEANING, _REPORTED, _REPORTED_STATUS, _VALID, _NOTE, _CHOICES) = range(
    8, 18
)
_LAST_HEADINGS = (
    *("input", "value", "Lowest", "Highest", "Meaning", "As reported", "Status as reported"),
    *("In domain", "Note", "Choices"),
)
_MOST_CHOICES = max(len(declared.choices) for declared in INPUTS.values())
_LEGEND = (
    "Change a blue cell: Summary, Lines, Months, Accounting and Check recalculate. What chose the "
    "defaults from the data, which are not in this file, is text.",
    "Sheets Options and Sources, and the columns Source and Date, tell of the values reported. "
    "Inputs that do not count as reported stand below, where they are not printed.",
)
_HEADING = len(_LEGEND) + 2
_FLAGS = (True, False)
_SOUGHT = set(BREAKEVENS.values())
_PER_CENT = ("share", "per year")
_UNITS = {"share": "", "ratio": "", "key": "", "date": ""}
_LONGEST_SOURCE = 46


def write_inputs(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    sheet.head("Inputs", *_LEGEND)
    _write_headings(sheet, content)
    used = content.counted | {
        name for name, declared in INPUTS.items() if declared.group in _ALWAYS
    }
    if content.measures.leasing is not None:
        used |= set(_OF_LEASES)
    printed = row = _write_groups(sheet, _HEADING + 1, content, used)
    unused = set(INPUTS) - used
    if unused:
        printed += 1
        _title(sheet, printed, _UNUSED)
        row = _write_groups(sheet, printed + 1, content, unused)
    first, last = _HEADING + 2, row
    outside = f"AND(ISLOGICAL($P{first}),NOT($P{first}))"
    marked = {"type": "formula", "criteria": f"={outside}", "format": sheet.styles["warning"]}
    sheet.worksheet.conditional_format(first - 1, _VALUE, last - 1, _VALUE, marked)
    differ = "SUMPRODUCT(($J${0}:$J${1}<>$N${0}:$N${1})*1)"
    row += 1
    for name, formula, meaning in (
        (
            "inputs_outside",
            f"COUNTIF($P${first}:$P${last},FALSE){outside_lines(content)}",
            "outside their domain",
        ),
        (
            "inputs_changed",
            f"{differ.format(first, last)}{changed_lines(content)}",
            "that are not as reported",
        ),
        (
            "unprinted_changed",
            differ.format(printed + 1, last) if unused else "0",
            "changed though they did not count as reported",
        ),
    ):
        sheet.named(row, name, f"={formula}", 0, "inputs", f"inputs {meaning}", style="whole")
        row += 1
    words = '" of the inputs below the printed part were changed"'
    formula = f'=IF(unprinted_changed>0,unprinted_changed&{words},"")'
    sheet.formula(len(_LEGEND) + 1, 0, formula, "", "warning")
    pages = 1 + printed // _ROWS_OF_A_PAGE
    at = _columns(content)
    between = [width for _, width in sorted(zip(at, _WIDTHS, strict=True))]
    widths = (*_FIRST_WIDTHS, *between, *_LAST_WIDTHS)
    place = (printed - 2, at.domain)
    sheet.finish(place, _HEADING, widths, frozen=2, portrait=True, pages=pages)


# Rows that a printed page holds.
_ROWS_OF_A_PAGE = 105


def _columns(content: Content) -> _Told:
    """Where the columns behind the unit are: the first of them are printed."""
    return _BESIDE if content.conversion else _BEHIND


def _write_headings(sheet: Sheet, content: Content) -> None:
    at, found = _columns(content), content.conversion
    sheet.value(_HEADING, _LABEL, "Input", "heading")
    sheet.value(_HEADING, _VALUE, "Value", "heading_right")
    sheet.value(_HEADING, _UNIT, "Unit", "heading_unit")
    for column, words in zip(at, _HEADINGS, strict=True):
        sheet.value(_HEADING, column, words, "heading_unit" if column == at.status else "heading")
    told = f"In {found.currency}" if found else ""
    sheet.formula(_HEADING, at.converted, '=IF(converts,"In "&currency,"")', told, "heading_right")
    sheet.row(_HEADING, _LAST_HEADINGS, "heading", _NAME)


def _write_groups(sheet: Sheet, row: int, content: Content, names: set[str]) -> int:
    """Some inputs by their groups; gives the row below them."""
    resolved = content.scenario.resolved()
    for group in GROUPS:
        listed = [one for one in INPUTS.values() if one.group == group and one.name in names]
        if listed:
            _title(sheet, row, _TITLES[group])
        for declared in listed:
            row += 1
            _write_input(sheet, row, declared, resolved[declared.name], content)
        row += bool(listed)
    return row


def _title(sheet: Sheet, row: int, title: str) -> None:
    sheet.row(row, (title, *[""] * _NAME), "group")


def _write_input(
    sheet: Sheet, row: int, declared: Param, entry: Resolved, content: Content
) -> None:
    name, line = declared.name, row + 1
    source, _ = content.scenario.catalogue.cited(entry.source_id)
    unit = _UNITS.get(declared.unit, declared.unit)
    source = "" if source == entry.status else shorten(source, _LONGEST_SOURCE, placeholder=" …")
    sheet.value(row, _LABEL, declared.label, "wrapped")
    sheet.lines(row, math.ceil(len(declared.label) / _FIRST_WIDTHS[_LABEL]))
    columns = _columns(content)
    sheet.value(row, columns.source, source)
    sheet.value(row, columns.date, entry.as_of)
    sheet.value(row, columns.domain, _domain(declared, content))
    sheet.value(row, _UNIT, unit, "unit")
    if declared.is_money:
        sheet.converted((row, columns.converted), f"$B{line}", entry.value, content, "converted")
    sheet.value(row, _NAME, name, "small")
    sheet.value(row, _MEANING, declared.meaning)
    note = f"{entry.note} {content.notes.get(name, '')}".strip()
    sheet.value(row, _NOTE, note)
    value, chooses = entry.value, bool(declared.choices)
    shown = capital(declared.word(value)) if chooses else value
    sheet.value(row, _VALUE, shown, _style(declared, value))
    if chooses:
        first = f"$R{line}:{_letter(_CHOICES + _MOST_CHOICES - 1)}{line}"
        words = f"{_letter(_CHOICES + _MOST_CHOICES)}{line}"
        words += f":{_letter(_CHOICES + 2 * _MOST_CHOICES - 1)}{line}"
        at = f"MATCH($B{line},{words},0)"
        formula = f"=IF(ISNUMBER({at}),INDEX({first},{at}),$B{line})"
        sheet.formula(row, _USED, formula, value, "plain")
        sheet.name(name, row, _USED)
        if declared.group != QUESTION:
            sheet.name(f"{name}_choice", row, _VALUE)
    else:
        sheet.formula(row, _USED, f"=$B{line}", value, "plain")
        sheet.name(name, row, _VALUE)
    sheet.value(row, _REPORTED, value)
    sheet.value(row, _REPORTED_STATUS, entry.status)
    changed = f'=IF($J{line}=$N{line},$O{line},"yours")'
    sheet.formula(row, columns.status, changed, entry.status, "unit")
    if name == "fx_rate":
        sheet.name("fx_rate_status", row, columns.status)
    if declared.group != QUESTION:
        _write_domain(sheet, row, declared, content.formulas.months)
    elif chooses:
        _write_choices(sheet, row, declared)


def _style(declared: Param, value: Any) -> str:
    """How the cell of an input looks."""
    if declared.group == QUESTION:
        return "right"
    if isinstance(value, (str, bool)):
        return "input_text" if isinstance(value, str) else "input_flag"
    return "input_percent" if declared.unit in _PER_CENT else "input"


def _domain(declared: Param, content: Content) -> str:
    """The values that an input may have, in words."""
    if declared.group == QUESTION:
        return ""
    if declared.choices:
        return "one of the list"
    if not declared.numeric:
        return capital(declared.domain)
    high = content.formulas.months if declared.name == "horizon_months" else declared.high
    ends: list[str] = []
    for end in (declared.low, high):
        share = declared.unit in _PER_CENT
        ends.append(f"{exact(end * 100)} %" if share else exact(end))
    above = "above " if declared.low_open else ""
    return f"{above}{ends[0]} to {ends[1]}{', whole' if declared.kind == 'integer' else ''}"


def _write_choices(sheet: Sheet, row: int, declared: Param) -> None:
    """The choices of an input, and right of them what they are called."""
    for at, choice in enumerate(declared.choices):
        sheet.value(row, _CHOICES + at, choice)
        sheet.value(row, _CHOICES + _MOST_CHOICES + at, capital(declared.word(choice)))


def _write_domain(sheet: Sheet, row: int, declared: Param, months: int) -> None:
    """The domain, in cells, and what keeps the value inside it."""
    domain = declared.domain
    if declared.numeric:
        high = months if declared.name == "horizon_months" else declared.high
        domain = f"{domain.partition(',')[0]}, {high}]"
        sheet.value(row, _LOW, declared.low)
        sheet.value(row, _HIGH, high)
        if declared.name in _SOUGHT:
            sheet.name(highest_of(declared.name), row, _HIGH)
    _write_choices(sheet, row, declared)
    listed = len(declared.choices)
    first = _CHOICES + _MOST_CHOICES
    if declared.kind == "flag":
        sheet.row(row, _FLAGS, first=_CHOICES)
        listed, first = len(_FLAGS), _CHOICES
    elif declared.choices:
        domain = ", ".join(map(declared.word, declared.choices))
    inside = f"={_inside(declared.kind, declared.low_open, row + 1)}"
    sheet.formula(row, _VALID, inside, True, "plain")
    line, why = row + 1, ", whole" if declared.kind == "integer" else ""
    if declared.name == "horizon_months":
        why = ", as many months as the sheet Months has rows for"
    kept: dict[str, Any] = {"validate": "custom", "value": inside}
    if listed:
        place = f"=${_letter(first)}${line}:${_letter(first + listed - 1)}${line}"
        kept = {"validate": "list", "source": place}
    elif declared.numeric and not declared.low_open:
        kind = "integer" if declared.kind == "integer" else "decimal"
        kept = {"validate": kind, "criteria": "between"}
        kept |= {"minimum": f"=$K${line}", "maximum": f"=$L${line}"}
    message = f"{declared.label} is {domain}{why}: {declared.meaning}"[:255]
    kept |= {"error_title": "Outside the domain", "error_message": message}
    sheet.worksheet.data_validation(row, _VALUE, row, _VALUE, kept)


def _inside(kind: str, low_open: bool, line: int) -> str:
    """Whether the value of a line is in its domain, as a formula without the equals sign."""
    value = f"$J{line}"
    if kind in ("number", "integer"):
        above = f"{value}{'>' if low_open else '>='}$K{line}"
        whole = f",{value}=INT({value})" if kind == "integer" else ""
        return f"IF(ISNUMBER({value}),AND({above},{value}<=$L{line}{whole}),FALSE)"
    if kind == "code":
        return f'AND(ISTEXT({value}),LEN({value})=LEN("USD"),EXACT(UPPER({value}),{value}))'
    if kind == "date":
        return f'AND(ISTEXT({value}),LEN({value})=LEN("YYYY-MM-DD"))'
    last = _letter(_CHOICES + _MOST_CHOICES - 1)
    return f"ISNUMBER(MATCH({value},$R{line}:${last}{line},0))"


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    letter: str = xl_col_to_name(column)
    return letter
