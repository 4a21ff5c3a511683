"""The sheet Accounting as a spreadsheet shows it, beside Python's accounting view."""

from __future__ import annotations

import tco
from tco.model.accounts import ACCOUNTS
from tco.model.ledger import ledger_rows
from tco.report.accounting_tables import KIND_WORDS, SIDE_LABELS, TEST_LABELS
from tco.scenario import Scenario
from tests.report.workbook.exactness import TOLERANCE

# Rows of the sheet by their labels, and what Python calls them.
VALUES = {
    "Book value of all hardware": "book_usd",
    "of which right-of-use asset": "right_usd",
    "Market value, net of selling costs": "market_usd",
    "Loan balance": "loan_usd",
    "Lease liability": "lease_usd",
    "Prepaid fees of commitments": "prepaid_usd",
}
_NUMBER, _THRESHOLD, _RESULT = 1, 2, 3


def assert_books(rows: list[list[str]], scenario: Scenario) -> None:
    """Every amount of the sheet to a billionth of what is paid, and every word of the lease."""
    found = tco.accounting(scenario)
    paid = sum(abs(row[4]) for row in ledger_rows(scenario))
    held = max(abs(getattr(year, name)) for year in found.years for name in VALUES.values())
    allowed = TOLERANCE * max(paid, held)
    heads = {row[0]: at for at, row in enumerate(rows)}
    assert [cell for cell in rows[heads["First month"]][2:] if cell] == [
        str(year.first_month) for year in found.years
    ]
    assert [cell for cell in rows[heads["Last month"]][2:] if cell] == [
        str(year.last_month) for year in found.years
    ]
    for side, label in SIDE_LABELS.items():
        for row, account in enumerate(ACCOUNTS[side], heads[label] + 1):
            assert rows[row][0] == account.label
            wanted = [getattr(year, side)[account.name] for year in found.years]
            assert_amounts(rows[row], [sum(wanted), *wanted], allowed)
    for label, name in VALUES.items():
        wanted = [getattr(year, name) for year in found.years]
        assert_amounts(rows[heads[label]], [wanted[-1], *wanted], allowed)
    for at, label in enumerate(TEST_LABELS.values()):
        row = rows[heads[label]]
        test = found.lease.tests[at] if found.lease else None
        assert row[_RESULT] == ("" if test is None else "met" if test.met else "not met"), label
        for column, number in (
            (_NUMBER, test and test.number),
            (_THRESHOLD, test and test.threshold),
        ):
            shown = row[column]
            assert (shown == "") == (number is None), (label, shown, number)
            assert number is None or abs(_share(shown) - number) <= TOLERANCE * max(1, number)
    kind = KIND_WORDS[found.lease.kind] if found.lease else "No lease"
    assert rows[heads["The lease is"]][1] == kind


def assert_amounts(row: list[str], wanted: list[float], allowed: float) -> None:
    """The amounts of a row, and nothing for the years after the horizon."""
    shown = row[1 : 1 + len(wanted)]
    for cell, amount in zip(shown, wanted, strict=True):
        assert abs(float(cell) - amount) <= allowed, (row[0], cell, amount)
    years = 6  # of a workbook of 60 months
    assert not any(row[1 + len(wanted) : 2 + years]), row


def _share(shown: str) -> float:
    """A ratio that is shown in per cent."""
    return float(shown.removesuffix("%")) / 100
