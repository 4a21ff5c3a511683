"""The sheet Accounting: profit and loss by fiscal year, book values, and the tests of a lease.

All of it is live: sums of the books on the sheet Months by fiscal year, and the named cells of the
classification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tco.analysis.accounting import FiscalYear, LeaseClass
from tco.model.accounts import ACCOUNTS, TOTAL
from tco.numeric import MONTHS_PER_YEAR
from tco.report.accounting_tables import CONVENTIONS, KIND_WORDS, TEST_LABELS
from tco.report.workbook.content import Content, Sheet, until_counted
from tco.report.workbook.formulas import account_column
from tco.words.finance import SIDE_LABELS

_TITLE = "Accounting"
# Rows, counted from 0: what is said first, the years and their months.
_YEAR, _FIRST, _LAST, _BODY = 5, 6, 7, 8
# Columns: labels, all years (of values: the horizon), and the fiscal years.
_LABEL, _ALL, _YEARS = range(3)
_LABEL_WIDTH, _WIDTH, _GAP = 36, 13, 4
_VALUES = "Values at the end of the year"
_HORIZON = "Horizon"
_NUMBER, _THRESHOLD, _RESULT, _WORDS = range(1, 5)
_TEST_HEADINGS = ("Lease classification, ASC 842-10-25-2", "Number", "Threshold", "Result", "Test")
_NO_LEASE = "No lease"


class _Value(NamedTuple):
    """A row of values: its label, the columns of Months that make it, and Python's value."""

    label: str
    columns: tuple[str, ...]
    of: Callable[[FiscalYear], float]
    sign: str = ""


class _Test(NamedTuple):
    """A test: the named cell that says whether it is met, its ratio and threshold, its words."""

    met: str
    ratio: tuple[str, str]
    holds: str
    threshold: str
    words: str


_TESTS = {
    "transfer": _Test(
        *("lease_test_transfer", ("", ""), "", ""),
        "the lease transfers ownership at its end",
    ),
    "option": _Test(
        *("lease_test_option", ("lease_option_usd", "leased_market_usd")),
        *("AND(lease_buys,leased_market_usd>0)", "1"),
        "the price at lease end is fixed and below the expected market value then",
    ),
    "term": _Test(
        *("lease_test_term", ("lease_months", "book_life_months"), "leased"),
        "major_part_percent/percent_per_unit",
        "the term is a major part of the economic life, which is the life in the books",
    ),
    "payments": _Test(
        *("lease_test_payments", ("lease_present_usd", "lease_fair_usd")),
        *("AND(leased,lease_fair_usd>0)", "substantially_all_percent/percent_per_unit"),
        "the payments, at the cost of debt before tax, are substantially all of the fair value",
    ),
    "use": _Test(
        *("lease_test_use", ("", ""), "", ""),
        "the lessor has no other use for the hardware at lease end",
    ),
}


def years_shown(months: int) -> int:
    """Fiscal years that so many months can touch, whenever the first one begins.

    >>> years_shown(60)
    6
    """
    return -(-(months + MONTHS_PER_YEAR - 1) // MONTHS_PER_YEAR)


def write_accounting(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    count = years_shown(content.formulas.months)
    first, *others = CONVENTIONS
    sheet.head(_TITLE, f"Amounts are in USD. {first}", *others)
    _write_years(sheet, content, count)
    row = _BODY
    for side in ACCOUNTS:
        row = _write_statement(sheet, row, side, content, count)
    row = _write_values(sheet, row, content, count)
    row = _write_tests(sheet, row + 1, content, count)
    printed = 2 * count + 2 if content.conversion else count + 1
    widths = (_LABEL_WIDTH, *[_WIDTH] * (count + 1), _WIDTH + _GAP, *[_WIDTH] * count)
    sheet.finish((row, printed), _YEAR, widths)


def _write_years(sheet: Sheet, content: Content, count: int) -> None:
    """The fiscal years with their first and last months; those after the horizon are empty."""
    heads = {_YEAR: "Fiscal year", _FIRST: "First month", _LAST: "Last month"}
    for row, words in heads.items():
        sheet.value(row, _LABEL, words, "heading")
        sheet.value(row, _ALL, "All years" if row == _YEAR else "", "heading_right")
    years = content.accounting.years
    formulas = (
        '=IF({number}="","",MAX(1,({number}-1)*12-fiscal_offset+1))',
        '=IF({first}="","",MIN({number}*12-fiscal_offset,last_month))',
    )
    later = '=IF({before}="","",IF({before}*12-fiscal_offset+1>last_month,"",{before}+1))'
    for at in range(count):
        column = _YEARS + at
        year = years[at] if at < len(years) else None
        if at:
            before = later.format(before=_cell(_YEAR, column - 1))
            sheet.formula(_YEAR, column, before, at + 1 if year else "", "heading_right")
        else:
            sheet.value(_YEAR, column, 1, "heading_right")
        places = {"number": _cell(_YEAR, column), "first": _cell(_FIRST, column)}
        months = (year.first_month, year.last_month) if year else ("", "")
        for row, formula, month in zip((_FIRST, _LAST), formulas, months, strict=True):
            sheet.formula(row, column, formula.format(**places), month, "heading_right")
    for at in range(count + 1):
        source = _cell(_YEAR, _ALL + at)
        label = content.conversion.currency if content.conversion else ""
        words = str(at) if at else "All years"
        formula = f'=IF(AND(converts,{source}<>""),currency&": "&{source},"")'
        shown = f"{label}: {words}" if label and at <= len(years) else ""
        sheet.formula(_YEAR, _YEARS + count + at, formula, shown, "heading_right")


def _write_statement(sheet: Sheet, row: int, side: str, content: Content, count: int) -> int:
    """Profit and loss of a side; gives the row after it."""
    sheet.row(row, (SIDE_LABELS[side], *[""] * (2 * count + 2)), "group")
    years = content.accounting.years
    of_years = content.writer().column("fiscal_year")
    for account in ACCOUNTS[side]:
        row += 1
        amounts = [getattr(year, side)[account.name] for year in years]
        style = "ledger_strong" if account.name == TOTAL else "ledger"
        column = content.writer().column(account_column(side, account.name))
        formulas = [f"SUMIF({of_years},{_cell(_YEAR, at)},{column})" for at in _columns(count)]
        sheet.value(row, _LABEL, account.label, "plain")
        _write_amounts(sheet, row, content, formulas, amounts, style)
        total = f"SUM({_cell(row, _YEARS, False)}:{_cell(row, _YEARS + count - 1, False)})"
        _write_amount(sheet, row, _ALL, content, count, f"={total}", sum(amounts), style)
    return row + 1


def _write_values(sheet: Sheet, row: int, content: Content, count: int) -> int:
    """What stands in the books at the end of each year; gives the row after it."""
    sheet.row(row, (_VALUES, "", *[""] * (2 * count + 1)), "group")
    sheet.value(row, _ALL, _HORIZON, "group_right")
    writer, years = content.writer(), content.accounting.years
    for value in _values(content):
        row += 1
        columns = [writer.column(name) for name in value.columns]
        ends = ["last_month", *(_cell(_LAST, at) for at in _columns(count))]
        formulas = [
            value.sign + "+".join(f"INDEX({column},{end}+1)" for column in columns) for end in ends
        ]
        amounts = [value.of(year) for year in years]
        sheet.value(row, _LABEL, value.label, "plain")
        _write_amounts(sheet, row, content, formulas[1:], amounts, "ledger")
        _write_amount(sheet, row, _ALL, content, count, f"={formulas[0]}", amounts[-1], "ledger")
    return row + 1


def _values(content: Content) -> Iterator[_Value]:
    prepaid = ("prepaid_usd", "rent_lines_left")
    yield _Value("Book value of all hardware", ("book_usd",), lambda year: year.book_usd)
    yield _Value("of which right-of-use asset", ("right_usd",), lambda year: year.right_usd)
    resale = ("own_exit_resale",)
    yield _Value("Market value, net of selling costs", resale, lambda year: year.market_usd, "-")
    yield _Value("Loan balance", ("loan_balance_usd",), lambda year: year.loan_usd)
    yield _Value("Lease liability", ("lease_liability_usd",), lambda year: year.lease_usd)
    paid = tuple(name for name in prepaid if name in content.letters)
    yield _Value("Prepaid fees of commitments", paid, lambda year: year.prepaid_usd)


def _write_amounts(
    sheet: Sheet,
    row: int,
    content: Content,
    formulas: list[str],
    amounts: list[float],
    style: str,
) -> None:
    """An amount for each fiscal year, empty after the horizon."""
    count = len(formulas)
    for at, formula in enumerate(formulas):
        column = _YEARS + at
        value = amounts[at] if at < len(amounts) else ""
        written = f'=IF({_cell(_FIRST, column)}="","",{formula})'
        _write_amount(sheet, row, column, content, count, written, value, style)


def _write_amount(
    sheet: Sheet,
    row: int,
    column: int,
    content: Content,
    count: int,
    formula: str,
    value: Any,
    style: str,
) -> None:
    """An amount, and the same in the other currency."""
    sheet.formula(row, column, formula, until_counted(value), style)
    place = (row, column + count + 1)
    sheet.converted(place, _cell(row, column, False), value, content, style)


def _write_tests(sheet: Sheet, row: int, content: Content, count: int) -> int:
    """The five tests, and what the lease is; gives the last row."""
    sheet.row(row, (*_TEST_HEADINGS, *[""] * (count - 3)), "heading")
    for column in (_NUMBER, _THRESHOLD):
        sheet.value(row, column, _TEST_HEADINGS[column], "heading_right")
    sheet.value(row, _RESULT, _TEST_HEADINGS[_RESULT], "heading_unit")
    lease = content.accounting.lease
    for at, (name, test) in enumerate(_TESTS.items()):
        row += 1
        sheet.value(row, _LABEL, TEST_LABELS[name], "plain")
        sheet.across(row, (_WORDS, count + 1), "small_wrapped", text=test.words)
        found = lease.tests[at] if lease else None
        if test.holds:
            ratio, none = "/".join(test.ratio), '""'
            number = f"=IF({test.holds},{ratio},{none})"
            sheet.formula(row, _NUMBER, number, found.number if found else "", "percent")
            threshold = f"=IF(leased,{test.threshold},{none})"
            sheet.formula(row, _THRESHOLD, threshold, found.threshold if found else "", "percent")
        met = f'=IF(leased,IF({test.met},"met","not met"),"")'
        shown = ("met" if found.met else "not met") if found else ""
        sheet.formula(row, _RESULT, met, shown, "unit")
    row += 1
    sheet.value(row, _LABEL, "The lease is", "plain")
    finance, operating = KIND_WORDS["finance"], KIND_WORDS["operating"]
    formula = f'=IF(leased,IF(finance_lease,"{finance}","{operating}"),"{_NO_LEASE}")'
    sheet.formula(row, 1, formula, _kind(lease), "strong")
    sheet.name("lease_class", row, 1)
    return row


def _kind(lease: LeaseClass | None) -> str:
    return KIND_WORDS[lease.kind] if lease else _NO_LEASE


def _columns(count: int) -> range:
    return range(_YEARS, _YEARS + count)


def _cell(row: int, column: int, row_abs: bool = True) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    place: str = xl_rowcol_to_cell(row, column, row_abs=row_abs)
    return place
