"""The accounting view: profit and loss by fiscal year, book values, and the lease's classification.

It stands beside the cash view and is never mixed with it: no payment, present value or verdict
follows from it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Unpack

from tco.inputs import PRICES, Inputs
from tco.inputs.text import takes_inputs
from tco.model.accounts import ACCOUNTS, TOTAL, Closing, classified, closings
from tco.model.classification import MAJOR_PART, PERCENT, SUBSTANTIALLY_ALL, Classification
from tco.model.items import OWN, RENT, SIDES
from tco.model.ledger import one_of
from tco.scenario import Scenario, scenario_of
from tco.words.leases import (
    option_sentence,
    payments_sentence,
    term_sentence,
    transfer_sentence,
    use_sentence,
)

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

STATEMENT_COLUMNS = (
    *("option", "account", "label", "fiscal_year", "first_month", "last_month", "cost_usd"),
)
BALANCE_COLUMNS = (
    *("fiscal_year", "month", "t_months", "book_usd", "right_usd", "market_usd"),
    *("loan_usd", "lease_usd", "prepaid_usd"),
)


@dataclass(frozen=True, kw_only=True)
class FiscalYear:
    """One fiscal year: profit and loss of its months by account, and values at its end [USD].

    `number` counts from the year of the purchase, `first_month` and `last_month` are months of the
    scenario (what is paid at the start belongs to month 1). Costs are positive. `book_usd` is what
    stands in the books of all hardware, with `right_usd`, a finance lease's right-of-use asset;
    `market_usd` is what selling would bring, net of selling costs. `loan_usd` and `lease_usd` are
    owed, `prepaid_usd` is what a commitment's terms hold back. In the last year they are the values
    at the horizon, before anything is sold or settled.
    """

    number: int
    first_month: int
    last_month: int
    t_months: float
    own: dict[str, float]
    rent: dict[str, float]
    book_usd: float
    right_usd: float
    market_usd: float
    loan_usd: float
    lease_usd: float
    prepaid_usd: float


@dataclass(frozen=True)
class LeaseTest:
    """One of the five tests of a lease; `number` and `threshold` are None where it has none.

    `unit` is that of both; met where `number` is at least the threshold, of test 2 below it.
    """

    name: str
    number: float | None
    threshold: float | None
    met: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class LeaseClass:
    """What a lease is in the lessee's books: `finance` or `operating` (ASC 842-10-25-2).

    `present_value_usd` is that of the payments of one term at `rate` (effective annual, before
    tax), `fair_value_usd` the price of what is leased. `is_kept` says that a purchase at the end is
    certain from the start.
    """

    kind: str
    tests: tuple[LeaseTest, ...]
    present_value_usd: float
    fair_value_usd: float
    rate: float
    is_kept: bool


@dataclass(frozen=True, kw_only=True)
class Accounting:
    """The books of both sides; `profit_and_loss` and `balances` are frames of `years`.

    `own_total_usd` and `rent_total_usd` are all costs in the books over the life of the scenario:
    what each side pays, undiscounted. `book_value_usd` and `market_value_usd` are those of the
    hardware at the horizon; `disposal_usd` is the loss on selling it, a gain negative. `lease` is
    None where nothing is leased.
    """

    scenario: Scenario
    years: tuple[FiscalYear, ...]
    own_total_usd: float
    rent_total_usd: float
    book_value_usd: float
    market_value_usd: float
    lease: LeaseClass | None

    @property
    def profit_and_loss(self) -> pd.DataFrame:
        """Option (own, rent), account, label, fiscal year, its months, and cost [USD]."""
        import pandas as pd

        return pd.DataFrame(self.statement(), columns=STATEMENT_COLUMNS)

    @property
    def balances(self) -> pd.DataFrame:
        """What stands in the books at the end of each fiscal year, and at the horizon [USD]."""
        import pandas as pd

        return pd.DataFrame(self.values(), columns=BALANCE_COLUMNS)

    def statement(self) -> list[tuple[Any, ...]]:
        """The rows of `profit_and_loss`."""
        return [
            (
                *(side, account.name, account.label),
                *(year.number, year.first_month, year.last_month),
                getattr(year, side)[account.name],
            )
            for side in SIDES
            for account in ACCOUNTS[side]
            for year in self.years
        ]

    def values(self) -> list[tuple[Any, ...]]:
        """The rows of `balances`."""
        named = ("number", "last_month", *BALANCE_COLUMNS[2:])
        return [tuple(getattr(year, name) for name in named) for year in self.years]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the scenario, as plain values for JSON."""
        lease = asdict(self.lease) if self.lease else None
        return {
            "own_total_usd": self.own_total_usd,
            "rent_total_usd": self.rent_total_usd,
            "book_value_usd": self.book_value_usd,
            "market_value_usd": self.market_value_usd,
            "profit_and_loss": _documented(STATEMENT_COLUMNS, self.statement()),
            "balances": _documented(BALANCE_COLUMNS, self.values()),
            "lease": lease,
        }


def _documented(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


@takes_inputs
def accounting(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> Accounting:
    """The accounting view of one scenario, beside the cash view; a table is an InputError.

    Profit and loss by fiscal year of both sides [USD, costs positive]: operating costs by group as
    they are paid, straight-line depreciation over `book_life_years` from delivery, interest, lease
    cost by classification (ASC 842), loss or gain on disposal, income tax as paid. Fiscal years
    begin in month `fiscal_year_first_month` of the tax year, in which `purchase_month` is the month
    of the purchase. docs/accounting.md has every convention with a number. Sources: ASC 360-10-35,
    835-30-45, 842-10-25.

    A card of 6,000 bought in July and used for three years, with a book life of five:

    >>> import tco
    >>> from tco.inputs import INPUTS
    >>> case = {name: p.neutral for name, p in INPUTS.items() if p.neutral is not None}
    >>> case |= {"price_usd_per_gpu": 6_000, "purchase_month": 7}
    >>> found = tco.accounting(**case)
    >>> [round(year.own["depreciation"], 9) for year in found.years], round(found.book_value_usd, 9)
    ([600.0, 1200.0, 1200.0, 600.0], 2400.0)
    """
    asked = scenario_of(scenario, inputs)
    v = one_of(asked, "accounting()", PRICES)
    months = list(closings(v))
    years = tuple(
        _year(number, [closing for closing in months if closing.fiscal_year == number])
        for number in range(1, months[-1].fiscal_year + 1)
    )
    tests = classified(v)
    return Accounting(
        scenario=asked,
        years=years,
        own_total_usd=math.fsum(year.own[TOTAL] for year in years),
        rent_total_usd=math.fsum(year.rent[TOTAL] for year in years),
        book_value_usd=years[-1].book_usd,
        market_value_usd=years[-1].market_usd,
        lease=None if tests is None else _lease_class(v, tests),
    )


def _year(number: int, months: list[Closing]) -> FiscalYear:
    """One fiscal year of its months."""
    last = months[-1]
    sums = {
        side: {
            account.name: math.fsum(getattr(month, side)[account.name] for month in months)
            for account in ACCOUNTS[side]
        }
        for side in SIDES
    }
    return FiscalYear(
        number=number,
        first_month=max(1, months[0].month),
        last_month=last.month,
        t_months=float(last.t_months),
        own=sums[OWN],
        rent=sums[RENT],
        book_usd=float(last.book_usd),
        right_usd=float(last.right_usd),
        market_usd=float(last.market_usd),
        loan_usd=float(last.loan_usd),
        lease_usd=float(last.lease_usd),
        prepaid_usd=float(last.prepaid_usd),
    )


def _lease_class(v: Inputs, tests: Classification) -> LeaseClass:
    """The tests with their numbers and sentences."""
    rate, at_market = float(v.debt_rate), bool(v.lease_buyout_at_market)
    term, life = float(tests.term), float(tests.life)
    price, market = float(tests.option_usd), float(tests.market_usd)
    present, fair = float(tests.present_usd), float(tests.fair_usd)
    major, most = MAJOR_PART / PERCENT, SUBSTANTIALLY_ALL / PERCENT
    is_bought = price > 0 or at_market
    option = price / market if is_bought and market else None
    share = present / fair if fair else None
    transfers, bargain, special = bool(tests.transfers), bool(tests.bargain), bool(tests.special)
    long, enough = bool(tests.long), bool(tests.substantial)
    listed = (
        LeaseTest("transfer", None, None, transfers, transfer_sentence(transfers, is_bought)),
        LeaseTest(
            *("option", option, 1.0, bargain),
            option_sentence(bargain, is_bought, at_market, option),
        ),
        LeaseTest("term", term / life, major, long, term_sentence(long, term, life, major)),
        LeaseTest(*("payments", share, most, enough), payments_sentence(enough, share, rate, most)),
        LeaseTest("use", None, None, special, use_sentence(special)),
    )
    return LeaseClass(
        kind="finance" if tests.finance else "operating",
        tests=listed,
        present_value_usd=present,
        fair_value_usd=fair,
        rate=rate,
        is_kept=bool(tests.kept),
    )
