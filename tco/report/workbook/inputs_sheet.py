"""The sheets Inputs, every input as a named, checked, blue cell, and Sources of the values."""

from __future__ import annotations

from typing import Any

from tco.finance.depreciation import CONVENTIONS, LIVES, YEARS
from tco.inputs import GROUPS, INPUTS, Param
from tco.market.catalogue import ASSUMPTION
from tco.market.data_tables import macrs_shares
from tco.model.items import LINES_GROUP
from tco.model.results import BREAKEVENS
from tco.numeric import CONSTANTS
from tco.report.workbook.cells import worth
from tco.report.workbook.content import Content, Sheet
from tco.report.workbook.formulas import highest_of
from tco.report.workbook.own_lines import line_cells
from tco.scenario import Resolved

# The inputs that only choose defaults from the data, which no workbook has.
QUESTION = "choice"
_HEADINGS = (
    *("input", "value", "unit", "meaning", "status", "source of the reported value", "date"),
    *("note", "lowest", "highest", "domain", "as reported", "status as reported", "in domain"),
    "choices",
)
(_NAME, _VALUE, _UNIT, _MEANING, _STATUS, _SOURCE, _DATE, _NOTE) = range(8)
(_LOW, _HIGH, _DOMAIN, _REPORTED, _REPORTED_STATUS, _VALID, _CHOICES) = range(8, 15)
_WIDTHS = (32, 14, 20, 44, 12, 44, 12, 60, 10, 10, 24, 14, 14, 10, 14)
_LEGEND = (
    "Change a blue cell: Summary, Months and Check recalculate.",
    "The inputs in the group “choice” selected defaults from the data, which is not in this file: "
    "they are text, not blue.",
    "Sources, Options and the columns 'as reported' are a snapshot of the values reported.",
    "The cost of debt and the discount rate for the resale value count only in the net advantage "
    "to leasing, which is not on these sheets.",
)
_HEADING = len(_LEGEND) + 2
_FLAGS = (True, False)
_SOUGHT = set(BREAKEVENS.values())
_SOURCES_NOTE = "A snapshot: sources of the values reported. Your own values have no source here."
_SOURCE_HEADINGS = ("input", "publisher", "title", "address", "published", "accessed", "license")
_TABLES_SOURCE = "irs-p946"


def write_inputs(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    sheet.head("Inputs", *_LEGEND)
    sheet.row(_HEADING, _HEADINGS, "heading")
    row, resolved = _HEADING + 1, content.scenario.resolved()
    for group in GROUPS:
        sheet.row(row, (group, *[""] * _VALID), "group")
        for declared in INPUTS.values():
            if declared.group == group:
                row += 1
                _write_input(sheet, row, declared, resolved[declared.name], content)
        row += 1
    lines = content.scenario.lines
    if lines:
        sheet.row(row, (LINES_GROUP, *[""] * _VALID), "group")
        for declared, value in line_cells(lines):
            row += 1
            _write_input(sheet, row, declared, Resolved(declared.name, value, "yours"), content)
        row += 1
    first, last = _HEADING + 2, row
    outside = f"AND(ISLOGICAL($N{first}),NOT($N{first}))"
    marked = {"type": "formula", "criteria": f"={outside}", "format": sheet.styles["warning"]}
    sheet.worksheet.conditional_format(first - 1, _VALUE, last - 1, _VALUE, marked)
    for name, formula, meaning in (
        ("inputs_outside", f"COUNTIF($N${first}:$N${last},FALSE)", "outside their domain"),
        (
            "inputs_changed",
            f"SUMPRODUCT(($B${first}:$B${last}<>$L${first}:$L${last})*1)",
            "that are not as reported",
        ),
    ):
        sheet.named(row, name, f"={formula}", 0, "inputs", f"inputs {meaning}", style="whole")
        row += 1
    row = _write_rules(sheet, row + 1, content)
    row = _write_problems(sheet, row + 2, content)
    sheet.finish((row, _VALID), _HEADING, _WIDTHS, frozen=2)


def _write_input(
    sheet: Sheet, row: int, declared: Param, entry: Resolved, content: Content
) -> None:
    source, _ = content.scenario.catalogue.cited(entry.source_id)
    fixed = declared.group == QUESTION
    style = "plain" if fixed else "input_text" if isinstance(entry.value, str) else "input"
    note = f"{entry.note} {content.notes.get(entry.name, '')}".strip()
    told = (declared.meaning, "", source, entry.as_of, note)
    sheet.row(row, (entry.name, "", declared.unit, *told))
    sheet.value(row, _VALUE, entry.value, style)
    sheet.name(entry.name, row, _VALUE)
    sheet.value(row, _REPORTED, entry.value)
    sheet.value(row, _REPORTED_STATUS, entry.status)
    line = row + 1
    changed = f'=IF($B{line}=$L{line},$M{line},"yours")'
    sheet.formula(row, _STATUS, changed, entry.status, "plain")
    if not fixed:
        _write_domain(sheet, row, declared, content.formulas.months)


def _write_domain(sheet: Sheet, row: int, declared: Param, months: int) -> None:
    """The domain, in cells, and what keeps the value inside it."""
    choices: tuple[Any, ...] = _FLAGS if declared.kind == "flag" else declared.choices
    domain = declared.domain
    if declared.numeric:
        high = months if declared.name == "horizon_months" else declared.high
        domain = f"{domain.partition(',')[0]}, {high}]"
        sheet.value(row, _LOW, declared.low)
        sheet.value(row, _HIGH, high)
        if declared.name in _SOUGHT:
            sheet.name(highest_of(declared.name), row, _HIGH)
    sheet.value(row, _DOMAIN, domain)
    for at, choice in enumerate(choices):
        sheet.value(row, _CHOICES + at, choice)
    inside = f"={_inside(declared.kind, declared.low_open, row + 1)}"
    sheet.formula(row, _VALID, inside, True, "plain")
    line, why = row + 1, ", whole" if declared.kind == "integer" else ""
    if declared.name == "horizon_months":
        why = ", as many months as the sheet Months has rows for"
    kept: dict[str, Any] = {"validate": "custom", "value": inside}
    if choices:
        kept = {"validate": "list", "source": f"=$O${line}:${_letter(len(choices))}${line}"}
    elif declared.numeric and not declared.low_open:
        kind = "integer" if declared.kind == "integer" else "decimal"
        kept = {"validate": kind, "criteria": "between"}
        kept |= {"minimum": f"=$I${line}", "maximum": f"=$J${line}"}
    message = f"{declared.name} is {domain}{why}: {declared.meaning}"[:255]
    kept |= {"error_title": "Outside the domain", "error_message": message}
    sheet.worksheet.data_validation(row, _VALUE, row, _VALUE, kept)


def _inside(kind: str, low_open: bool, line: int) -> str:
    """Whether the value of a line is in its domain, as a formula without the equals sign."""
    value = f"$B{line}"
    if kind in ("number", "integer"):
        above = f"{value}{'>' if low_open else '>='}$I{line}"
        whole = f",{value}=INT({value})" if kind == "integer" else ""
        return f"IF(ISNUMBER({value}),AND({above},{value}<=$J{line}{whole}),FALSE)"
    if kind == "code":
        return f'AND(ISTEXT({value}),LEN({value})=LEN("USD"),EXACT(UPPER({value}),{value}))'
    if kind == "date":
        return f'AND(ISTEXT({value}),LEN({value})=LEN("YYYY-MM-DD"))'
    last = _letter(max(len(declared.choices) for declared in INPUTS.values()))
    return f"ISNUMBER(MATCH({value},$O{line}:${last}{line},0))"


def _letter(choices: int) -> str:
    """The column of the last of some choices."""
    from xlsxwriter.utility import xl_col_to_name

    letter: str = xl_col_to_name(_CHOICES + choices - 1)
    return letter


def _write_rules(sheet: Sheet, row: int, content: Content) -> int:
    """The constants of the rules, and what follows from the inputs; gives the last row."""
    sheet.row(row, ("model constants", *[""] * _VALID), "group")
    for name, constant in sorted(CONSTANTS.items()):
        row += 1
        sheet.row(row, (name, constant.value, constant.unit, constant.meaning))
        sheet.name(name, row, _VALUE)
    row += 2
    sheet.row(row, ("derived from the inputs", *[""] * _VALID), "group")
    writer = content.writer()
    for name, words in content.formulas.names.items():
        row += 1
        cell = content.formulas.graph.names[name]
        sheet.named(row, name, writer.formula(cell, name), worth(cell), *words)
    return row


def _write_problems(sheet: Sheet, row: int, content: Content) -> int:
    """What is wrong with inputs that cannot be combined; gives the last row."""
    sheet.row(row, ("inputs that cannot be combined", *[""] * _VALID), "group")
    writer = content.writer()
    problems = content.formulas.problems
    for at, (broken, sentence) in enumerate(problems, 1):
        row += 1
        name, condition = f"problem_{at}", writer.text(broken)
        following = f"problem_{at + 1}" if at < len(problems) else '""'
        formula = f"=IF({condition},{writer.text(sentence)},{following})"
        meaning = "this problem if there is one, else the next one"
        sheet.named(row, name, formula, "", "", meaning, style="plain")
    return row


def write_sources(sheet: Sheet, content: Content) -> None:
    """Write the sheet Sources, with the published depreciation tables that Months looks up."""
    sheet.head("Sources", _SOURCES_NOTE)
    sheet.row(3, _SOURCE_HEADINGS, "heading")
    row, sources = 3, content.scenario.catalogue.sources
    for entry in content.scenario.resolved().values():
        for source_id in entry.source_id.split():
            row += 1
            if source_id == ASSUMPTION:
                sheet.row(row, (entry.name, ASSUMPTION, entry.note))
            else:
                found = sources[source_id]
                told = (found.publisher, found.title, found.url, found.published)
                sheet.row(row, (entry.name, *told, found.accessed, found.license))
    row = _write_tables(sheet, row + 2, content)
    last = (row, len(_SOURCE_HEADINGS) - 1)
    sheet.finish(last, 3, (32, 28, 60, 60, 12, 12, 20))


def _write_tables(sheet: Sheet, row: int, content: Content) -> int:
    """The tables of IRS Publication 946, named for the formulas; gives the last row."""
    from xlsxwriter.utility import xl_col_to_name

    source, shares = content.scenario.catalogue.sources[_TABLES_SOURCE], macrs_shares()
    sheet.value(row, 0, f"{source.cited}, {source.url}", "wrapped")
    heads = [f"year {year + 1}" for year in range(YEARS)]
    sheet.row(row + 1, ("method, convention, quarter", "years", *heads), "heading")
    first = row + 2
    methods = [(method, *convention) for method in LIVES for convention in CONVENTIONS]
    for at, (method, convention, quarter) in enumerate(methods):
        words = f"{method} {convention} {quarter or 0}"
        sheet.row(first + at, (words, LIVES[method], *shares[at * YEARS : (at + 1) * YEARS]))
    last = first + len(methods)
    sheet.book.define_name(
        "macrs_shares", f"=Sources!$C${first + 1}:${xl_col_to_name(YEARS + 1)}${last}"
    )
    return last - 1
