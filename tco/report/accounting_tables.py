"""The accounting view as people read it: statements by fiscal year, book values, tests of a lease.

Texts are ready to show; frames and rows of files have the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tco.analysis.accounting import Accounting, FiscalYear, LeaseClass, LeaseTest
from tco.model.accounts import ACCOUNTS, TOTAL
from tco.report.schema import LEASE_TEST_COLUMNS
from tco.words.figures import capital, dollars, fixed_percent, number, period
from tco.words.finance import SIDE_LABELS
from tco.words.leases import share_text

if TYPE_CHECKING:
    import pandas as pd

# What stands below a statement, on every surface.
CONVENTIONS = (
    "Costs are positive, gains and tax savings negative. Over all years the total is what is paid, "
    "undiscounted.",
    "Hardware is depreciated straight line over its life in the books. Income tax is that of the "
    "cash view, when it is paid: no deferred taxes.",
    "Market values are net of selling costs, and 0 while hardware is leased. No payment or verdict "
    "depends on the accounting view, and it is not audit advice.",
)
# The sides of the statements, as people call them.
TEST_LABELS = {
    "transfer": "1 Transfer of ownership",
    "option": "2 Purchase option reasonably certain",
    "term": "3 Term as a share of the economic life",
    "payments": "4 Payments as a share of the fair value",
    "use": "5 No alternative use to the lessor",
}
_A_LEASE = {"finance": "a finance lease", "operating": "an operating lease"}
KIND_WORDS = {kind: capital(words.partition(" ")[2]) for kind, words in _A_LEASE.items()}
TEST_HEADER = ("Test (ASC 842-10-25-2)", "Number", "Threshold", "Result", "Meaning")
VALUE_HEADER = ("At the end of", "Book value", "Market value", "Market minus book")


class LeaseRow(NamedTuple):
    """One of the five tests of a lease as people read it."""

    test: str
    number: str
    threshold: str
    result: str
    sentence: str


class ValueRow(NamedTuple):
    """What hardware stands for in the books, and what it would fetch."""

    when: str
    book: str
    market: str
    difference: str


def year_label(year: FiscalYear) -> str:
    """A fiscal year with its months, counted from the purchase.

    >>> import tco
    >>> [year_label(year) for year in tco.accounting(gpu="L4", purchase_month=7).years][:2]
    ['Fiscal year 1 (months 1–6)', 'Fiscal year 2 (months 7–18)']
    """
    first, last = year.first_month, year.last_month
    months = f"months {first}–{last}" if last > first else f"month {first}"
    return f"Fiscal year {year.number} ({months})"


def statement_rows(found: Accounting, side: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Profit and loss of `own` or `rent`: the header, and a row for each account, in whole dollars.

    Accounts that are 0 in all years are left out, but for the total.

    >>> import tco
    >>> header, rows = statement_rows(tco.accounting(gpu="L4", horizon_months=12), "rent")
    >>> header[0], header[-1], rows[-1][0]
    ('Renting', 'All years', 'Total cost')
    """
    header = (SIDE_LABELS[side], *map(year_label, found.years), "All years")
    rows = []
    for account in ACCOUNTS[side]:
        amounts = [getattr(year, side)[account.name] for year in found.years]
        if any(amounts) or account.name == TOTAL:
            rows.append((account.label, *map(dollars, [*amounts, sum(amounts)])))
    return header, rows


def statement_frame(found: Accounting) -> pd.DataFrame:
    """Both statements as numbers: side, account, a column for each fiscal year, all years [USD]."""
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for side, label in SIDE_LABELS.items():
        for account in ACCOUNTS[side]:
            amounts = [getattr(year, side)[account.name] for year in found.years]
            rows.append((label, account.label, *amounts, sum(amounts)))
    columns = ["side", "account", *map(year_label, found.years), "All years"]
    return pd.DataFrame(rows, columns=columns)


def value_rows(found: Accounting) -> list[ValueRow]:
    """Book value beside market value at the end of each fiscal year, in whole dollars.

    The last row is the horizon, before anything is sold.

    >>> import tco
    >>> [row.when for row in value_rows(tco.accounting(gpu="L4", horizon_months=18))]
    ['Fiscal year 1', 'Horizon, month 18']
    """
    rows = []
    for year in found.years:
        is_last = year is found.years[-1]
        when = (
            f"Horizon, month {number(year.t_months)}" if is_last else f"Fiscal year {year.number}"
        )
        amounts = (year.book_usd, year.market_usd, year.market_usd - year.book_usd)
        rows.append(ValueRow(when, *map(dollars, amounts)))
    return rows


def lease_rows(lease: LeaseClass) -> list[LeaseRow]:
    """The five tests of a lease, in words.

    >>> import tco
    >>> case = {"gpu": "L4", "financing": "lease", "lease_usd_per_gpu_month": 60}
    >>> lease_rows(tco.accounting(**case).lease)[2][:4]
    ('3 Term as a share of the economic life', '60.0 %', '75 %', 'not met')
    """
    return [
        LeaseRow(
            TEST_LABELS[test.name],
            _number(test),
            _threshold(test),
            "met" if test.met else "not met",
            test.sentence,
        )
        for test in lease.tests
    ]


def _number(test: LeaseTest) -> str:
    if test.number is None or test.threshold is None:
        return ""
    return share_text(test.number, test.threshold, 1)


def _threshold(test: LeaseTest) -> str:
    if test.threshold is None:
        return ""
    below = "below " if test.name == "option" else ""
    return f"{below}{fixed_percent(test.threshold)}"


def lease_sentence(lease: LeaseClass) -> str:
    """What the lease is in the books, and by which tests.

    >>> import tco
    >>> case = {"gpu": "L4", "financing": "lease", "lease_usd_per_gpu_month": 60}
    >>> lease_sentence(tco.accounting(**case).lease)
    'Operating lease: none of the five tests is met.'
    """
    met = [TEST_LABELS[test.name][0] for test in lease.tests if test.met]
    why = "none of the five tests is met"
    if met:
        why = f"test {met[0]} is met" if len(met) == 1 else f"tests {_listed(met)} are met"
    return f"{KIND_WORDS[lease.kind]}: {why}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def books_sentence(found: Accounting) -> str:
    """What both sides cost in the books, and what the sale of the hardware, or a lease, is there.

    >>> import tco
    >>> books_sentence(tco.accounting(gpu="L4", as_of="2026-11-21")).partition(". ")[2]
    'The hardware is sold at the horizon for $12,590 against a book value of $14,080: a loss of \
$1,490.'
    >>> case = {"gpu": "L4", "financing": "lease", "lease_usd_per_gpu_month": 60}
    >>> books_sentence(tco.accounting(**case)).partition(". ")[2]
    'Under ASC 842, the lease is an operating lease.'
    """
    own, rent = dollars(found.own_total_usd), dollars(found.rent_total_usd)
    over = period(found.scenario.values()["horizon_months"])
    told = f"Over {over}, owning costs {own} in the books and renting {rent}, undiscounted."
    if found.lease:
        return f"{told} Under ASC 842, the lease is {_A_LEASE[found.lease.kind]}."
    book, market = found.book_value_usd, found.market_value_usd
    left = "no gain or loss"
    if gain := round(market - book):
        left = f"a {'gain' if gain > 0 else 'loss'} of {dollars(abs(market - book))}"
    sold = f"The hardware is sold at the horizon for {dollars(market)}"
    return f"{told} {sold} against a book value of {dollars(book)}: {left}."


def lease_frame(lease: LeaseClass) -> pd.DataFrame:
    """The five tests of a lease for files; columns in `report.schema`."""
    import pandas as pd

    rows = [
        (test.name, test.number, test.threshold, test.met, test.sentence) for test in lease.tests
    ]
    return pd.DataFrame(rows, columns=list(LEASE_TEST_COLUMNS))


def accounting_text(found: Accounting, width: int = 0) -> str:
    """The whole view for a terminal of a width; years that have no room in it stand below.

    A width of 0 is as wide as the years are.

    >>> import tco
    >>> told = accounting_text(tco.accounting(gpu="L4", horizon_months=120), 80)
    >>> max(len(line) for line in told.partition("Costs are positive")[0].splitlines()) <= 80
    True
    """
    parts = []
    for side in SIDE_LABELS:
        parts += _blocks(*statement_rows(found, side), width)
    parts.append(_aligned(VALUE_HEADER, value_rows(found)))
    if found.lease:
        parts.append(f"{lease_sentence(found.lease)}\n")
        parts[-1] += _aligned(TEST_HEADER, lease_rows(found.lease), is_money=False)
    return "\n".join([*parts, "\n".join(CONVENTIONS) + "\n"])


def _blocks(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """A statement as tables that fit: each of some of the years, under a head of two lines."""
    heads = [tuple(head.partition(" (")[::2]) for head in header]
    lines = [
        tuple(name for name, _ in heads),
        tuple(f"({months}" if months else "" for _, months in heads),
        *rows,
    ]
    first = max(len(line[0]) for line in lines)
    wide = 2 + max(len(text) for line in lines for text in line[1:])
    many = max(1, (width - first) // wide) if width else len(header)
    starts = range(1, len(header), many)
    return [_aligned(*_some(lines, start, start + many)) for start in starts]


def _some(
    lines: Sequence[Sequence[str]], start: int, end: int
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The first column and some of the others: the first line, and the rest."""
    head, *rest = [(line[0], *line[start:end]) for line in lines]
    return head, [row for row in rest if any(row)]


def _aligned(header: Sequence[str], rows: Sequence[Sequence[str]], is_money: bool = True) -> str:
    """A table for a terminal: words at the left, amounts at the right."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    lines = []
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0])]
        pairs = zip(row[1:], widths[1:], strict=True)
        cells += [text.rjust(width) if is_money else text.ljust(width) for text, width in pairs]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"
