"""The accounting view against worked examples, by hand and published."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tco
from tco.analysis.accounting import Accounting, LeaseClass
from tco.errors import InputError
from tco.report.accounting_tables import lease_rows
from tests.neutral import neutral

OWNED = neutral(price_usd_per_gpu=6_000.0)


def column(found: Accounting, side: str, account: str) -> list[float]:
    return [round(getattr(year, side)[account], 2) for year in found.years]


def lease_of(**named: Any) -> LeaseClass:
    lease = tco.accounting(**neutral(financing="lease", **named)).lease
    assert lease is not None
    return lease


def met(lease: LeaseClass) -> list[str]:
    return [test.name for test in lease.tests if test.met]


def test_straight_line_for_a_part_of_the_first_year() -> None:
    """Charleston, Inc.: 89,000 bought on June 1, salvage value 5,000, seven years.

    Kieso, Weygandt, Warfield, Intermediate Accounting, problem 11-2 (Depreciation for Partial
    Periods): 12,000 a year, so that 2010 takes 7,000, and what is left is 82,000.
    """
    found = tco.accounting(
        **neutral(
            price_usd_per_gpu=89_000.0, book_life_years=7, book_residual_share=5_000 / 89_000,
            purchase_month=6, horizon_months=84.0,
        )
    )  # fmt: skip
    assert column(found, "own", "depreciation") == [7_000, *[12_000] * 6, 5_000]
    assert round(found.years[0].book_usd, 6) == 82_000
    assert round(found.book_value_usd, 6) == 5_000


def test_a_finance_lease_by_year() -> None:
    """Five payments of 10,000 at the ends of years, 8 %: liability 39,927.

    Accountinguide, Finance lease journal entry (its table of lease payments, interest, reduction
    and balance, and depreciation of 7,985 a year).
    """
    found = tco.accounting(
        **neutral(
            price_usd_per_gpu=40_000.0, financing="lease", lease_usd_per_gpu_month=10_000 / 12,
            lease_payment_interval_months=12, lease_in_advance=False, lease_months=60,
            debt_rate=0.08, horizon_months=60.0,
        )
    )  # fmt: skip
    assert found.lease is not None
    assert round(found.lease.present_value_usd) == 39_927
    assert found.lease.kind == "finance"
    interest = column(found, "own", "interest")
    assert [round(usd) for usd in interest] == [3_194, 2_650, 2_062, 1_427, 741]
    assert [round(usd) for usd in column(found, "own", "amortization")] == [7_985] * 5
    owed = [round(year.lease_usd) for year in found.years]
    # The table rounds each year: 8,417 less 1,427 of interest and so on.
    assert owed == pytest.approx([33_121, 25_771, 17_833, 9_259, 0], abs=1)
    assert round(found.own_total_usd, 6) == 50_000


def test_the_last_year_of_a_lease_takes_less_interest() -> None:
    """Wharton, Introduction to Financial Accounting, video 7.3 (Leases): asset 45,000, 15 %.

    Three payments of 19,709, 59,127 in all; the third year expenses 17,571, of which 2,571 are
    interest and 15,000 depreciation.
    """
    found = tco.accounting(
        **neutral(
            price_usd_per_gpu=45_000.0, financing="lease", lease_usd_per_gpu_month=19_709 / 12,
            lease_payment_interval_months=12, lease_in_advance=False, lease_months=36,
            debt_rate=0.15, horizon_months=36.0,
        )
    )  # fmt: skip
    assert found.lease is not None
    assert found.lease.present_value_usd == pytest.approx(45_000, abs=1)
    third = found.years[2].own
    assert round(third["interest"]) == 2_571
    assert round(third["amortization"]) == 15_000
    assert round(third["total"]) == 17_571
    assert round(found.own_total_usd) == 59_127


def test_a_lease_below_both_thresholds_is_operating() -> None:
    """Ten payments of 160,000 at 10 %, fair value 1,100,000, life of fourteen years.

    A question with answer A (SolutionInn 11568459): not capitalized; 160,000 x 6.144 = 983,040.
    """
    lease = lease_of(
        price_usd_per_gpu=1_000_000.0, gpus=2, lease_usd_per_gpu_month=160_000 / 24,
        lease_payment_interval_months=12, lease_in_advance=False, lease_months=120,
        book_life_years=14, debt_rate=0.10, horizon_months=120.0,
    )  # fmt: skip
    assert lease.present_value_usd == pytest.approx(983_040, abs=100)
    cheaper = lease_of(
        price_usd_per_gpu=550_000.0, gpus=2, lease_usd_per_gpu_month=160_000 / 24,
        lease_payment_interval_months=12, lease_in_advance=False, lease_months=120,
        book_life_years=14, debt_rate=0.10, horizon_months=120.0,
    )  # fmt: skip
    assert cheaper.kind == "operating"
    assert met(cheaper) == []
    numbers = {test.name: test.number for test in cheaper.tests}
    assert numbers["term"] == pytest.approx(10 / 14)
    assert numbers["payments"] == pytest.approx(0.8937, abs=1e-4)


def test_three_annual_payments_over_the_whole_life_are_a_finance_lease() -> None:
    """Kieso, Intermediate Accounting, exercise 21-5: 29,629 a year at 9 % are worth 75,000."""
    lease = lease_of(
        price_usd_per_gpu=75_000.0, lease_usd_per_gpu_month=29_629 / 12, lease_months=36,
        lease_payment_interval_months=12, lease_in_advance=False, book_life_years=3,
        debt_rate=0.09,
    )  # fmt: skip
    assert lease.present_value_usd == pytest.approx(75_000, abs=1)
    assert met(lease) == ["term", "payments"]
    assert lease.kind == "finance"


def test_payments_worth_95_percent_are_a_finance_lease() -> None:
    """Universal CPA Review: payments of a present value of 95,000, fair value 100,000."""
    lease = lease_of(
        price_usd_per_gpu=100_000.0, lease_usd_per_gpu_month=95_000 / 36, lease_months=36,
        debt_rate=0.0,
    )  # fmt: skip
    assert lease.tests[3].number == pytest.approx(0.95)
    assert met(lease) == ["payments"]
    assert "95.0 % of the fair value" in lease.tests[3].sentence


def test_a_certain_purchase_is_written_off_over_the_life_of_the_asset() -> None:
    """Tile Co. (CPA question): five years, 120,000 with a purchase option of 5,000, life of eight.

    Amortization of the first year: 120,000 / 8 = 15,000.
    """
    case = neutral(
        price_usd_per_gpu=200_000.0, financing="lease", lease_usd_per_gpu_month=115_000 / 60,
        lease_months=60, debt_rate=0.0, lease_buyout_usd_per_gpu=5_000.0, book_life_years=8,
        resale_decline_per_year=0.1, horizon_months=96.0,
    )  # fmt: skip
    found = tco.accounting(**case)
    assert found.lease is not None
    assert found.lease.is_kept
    assert met(found.lease) == ["option"]
    assert found.lease.present_value_usd == pytest.approx(120_000)
    assert column(found, "own", "amortization") == [15_000] * 8
    assert column(found, "own", "interest") == [0] * 8
    # A price that is no bargain was not certain: the lease is operating, the purchase an asset.
    dear = tco.accounting(**case | {"lease_buyout_usd_per_gpu": 150_000.0})
    assert dear.lease is not None
    assert (dear.lease.kind, dear.lease.is_kept) == ("operating", False)
    assert column(dear, "own", "depreciation") == [0] * 5 + [50_000] * 3
    assert column(dear, "own", "lease_cost") == [23_000] * 5 + [0] * 3


def test_a_purchase_at_market_value_is_no_bargain() -> None:
    lease = lease_of(
        price_usd_per_gpu=10_000.0, lease_usd_per_gpu_month=100.0, lease_months=24,
        resale_decline_per_year=0.3, lease_buyout_at_market=True,
    )  # fmt: skip
    assert lease.kind == "operating"
    assert lease.tests[1].number == pytest.approx(1)
    assert not lease.is_kept


def test_transfer_and_special_use_are_said_by_their_inputs() -> None:
    """Neary leases computers for 4 of 5 years, ownership transfers: PV 100,000 of 105,000."""
    case = {
        "price_usd_per_gpu": 105_000.0, "lease_usd_per_gpu_month": 100_000 / 48,
        "lease_months": 48, "debt_rate": 0.0,
    }  # fmt: skip
    assert met(lease_of(**case)) == ["term", "payments"]
    named = lease_of(**case, lease_transfers_ownership=True, lease_specialized=True)
    assert met(named) == ["transfer", "term", "payments", "use"]


def test_a_threshold_that_is_reached_exactly_is_reached() -> None:
    """Payments of 90 % in decimals, whatever floats leave of it; 75 % of the life; the price.

    1,573.20 x 12 = 18,878.40; 12 x 117.99 x 12 = 16,990.56, which is 90 %. At 8 %, 60 payments of
    1 are worth 49.644903, so that 9,000 takes 181.28749161687062 a month.
    """
    for gpus, price, monthly, months, rate in (
        (12, 1_573.2, 117.99, 12, 0.0), (12, 4_204.8, 315.36, 12, 0.0), (7, 380.1, 48.87, 7, 0.0),
        (1, 10_000.0, 181.28749161687062, 60, 0.08),
    ):  # fmt: skip
        case: dict[str, Any] = {
            "gpus": gpus, "price_usd_per_gpu": price, "lease_months": months, "debt_rate": rate,
            "book_life_years": 20,
        }  # fmt: skip
        exactly = lease_of(**case, lease_usd_per_gpu_month=monthly)
        assert met(exactly) == ["payments"]
        assert exactly.tests[3].sentence.endswith("is 90.0 % of the fair value, at least 90 %.")
        less = lease_of(**case, lease_usd_per_gpu_month=monthly * 0.9999)
        assert met(less) == []
        assert less.tests[3].sentence.endswith("is 89.99 % of the fair value, less than 90 %.")
        assert lease_rows(less)[3].number == "89.99 %"
    # 179 of 240 months are 74.58 %; a price of 343 is the market value, 1,000 x 0.7 ** 3.
    term = lease_of(price_usd_per_gpu=1e6, lease_usd_per_gpu_month=1.0, lease_months=179,
                    book_life_years=20).tests[2]  # fmt: skip
    assert not term.met
    assert "is 74.6 % of the economic life of 240 months, less than 75 %" in term.sentence
    for share, is_bargain, said in (
        (1.0, False, "100 % of the market value at lease end: not a bargain purchase option."),
        (1 - 1e-13, False, "100 % of the market value at lease end: not a bargain"),
        (0.999, True, "99.9 % of the market value at lease end: exercise is reasonably certain."),
    ):
        option = lease_of(
            price_usd_per_gpu=1_000.0, lease_usd_per_gpu_month=1.0, lease_months=36,
            resale_decline_per_year=0.3, lease_buyout_usd_per_gpu=343 * share,
        ).tests[1]  # fmt: skip
        assert option.met is is_bargain
        assert said in option.sentence


def test_ownership_that_passes_without_a_purchase_in_the_plan_is_said() -> None:
    case = {"price_usd_per_gpu": 10_000.0, "lease_usd_per_gpu_month": 100.0}
    passes = lease_of(**case, lease_transfers_ownership=True).tests[0].sentence
    assert passes == (
        "Ownership passes to the lessee at lease end, but in the cash view the hardware goes back: "
        "enter what buying it costs, 1 if nothing."
    )
    bought = lease_of(**case, lease_transfers_ownership=True, lease_buyout_usd_per_gpu=1.0)
    assert bought.tests[0].sentence == "Ownership passes to the lessee at lease end."


def test_interest_and_the_fee_of_a_loan() -> None:
    """1,200 at 1 % a month: interest of 12 first; a fee of 24 is spread over 24 months.

    Sold after a year: what is left of the fee, 12, is expensed with the last interest.
    """
    case = neutral(
        price_usd_per_gpu=1_200.0, financing="loan", financed_share=1.0, loan_apr=0.12,
        loan_months=24, loan_interest_only_months=23, loan_fee_rate=0.02, horizon_months=12.0,
        book_life_years=1,
    )  # fmt: skip
    found = tco.accounting(**case)
    assert column(found, "own", "interest") == [12 * 12 + 24]
    assert column(found, "own", "depreciation") == [1_200]
    longer = tco.accounting(**case | {"horizon_months": 24.0})
    assert column(longer, "own", "interest") == [156, 156]


def test_a_refresh_disposes_of_the_old_cards() -> None:
    """2,400 over 4 years, replaced after 2: 1,200 in the books, 600 fetched, 600 lost."""
    found = tco.accounting(
        **neutral(
            price_usd_per_gpu=2_400.0, book_life_years=4, resale_decline_per_year=0.5,
            refresh_months=24, refresh_price_usd_per_gpu=1_600.0, horizon_months=36.0,
        )
    )  # fmt: skip
    assert column(found, "own", "depreciation") == [600, 600, 400]
    # At the end 1,200 stand in the books, and half of 1,600 is fetched.
    assert column(found, "own", "disposal") == [0, 600, 400]
    assert (round(found.book_value_usd, 6), found.market_value_usd) == (1_200, 800)


def test_what_is_owned_already_begins_at_what_the_cash_view_counts() -> None:
    found = tco.accounting(
        **neutral(
            price_usd_per_gpu=5_000.0, selling_cost_rate=0.1, resale_decline_per_year=0.2,
            already_owned=True, sales_tax_rate=0.08, install_usd_per_gpu=100.0,
            horizon_months=12.0,
        )
    )  # fmt: skip
    assert column(found, "own", "depreciation") == [900]
    assert round(found.book_value_usd, 6) == 3_600


def test_a_fee_is_spread_over_its_term_and_the_rest_expensed_on_leaving() -> None:
    """1,200 for a year, left after 18 months: the second fee is expensed in the last 6 months."""
    case = neutral(
        billing="committed", commitment_months=12.0, commitment_fee_usd_per_gpu=1_200.0,
        rate_usd_per_gpu_hour=1.0, horizon_months=18.0, purchase_month=7,
    )  # fmt: skip
    found = tco.accounting(**case)
    # 6 months of 100; 12 months of 100, and 600 for what is not used, with 6 months' compute.
    assert column(found, "rent", "commitment") == [600, 1_200 + 600 + 6 * 730]
    assert column(found, "rent", "compute") == [6 * 730, 12 * 730]
    assert found.years[0].prepaid_usd == 600


def test_tax_is_counted_as_it_is_paid() -> None:
    """Straight line for tax over 3 years from July at 25 %: 150, 300, 300 saved; 150 at the end."""
    found = tco.accounting(
        **neutral(
            price_usd_per_gpu=3_600.0, horizon_months=30.0, tax_rate=0.25, purchase_month=7,
            depreciation="straight_line", depreciation_years=3,
        )
    )  # fmt: skip
    assert column(found, "own", "income_tax") == [-150, -300, -300 - 150]
    assert column(found, "own", "depreciation") == [360, 720, 720]
    assert found.own_total_usd == pytest.approx(0.75 * 3_600)


def test_lines_are_expensed_when_paid_but_for_those_at_the_start_of_owning() -> None:
    lines = (
        tco.Line(name="permit", side="own", usd=600.0, when="start"),
        tco.Line(name="fiber", side="own", usd=10.0),
        tco.Line(name="seats", side="rent", usd=120.0, when="term"),
        tco.Line(name="move", side="rent", usd=70.0, when="start"),
    )
    case = neutral(
        billing="committed", commitment_months=12.0, horizon_months=24.0, purchase_month=7,
    )  # fmt: skip
    found = tco.accounting(tco.Scenario(**case, lines=lines))
    assert column(found, "own", "depreciation") == [60, 120, 60]
    assert column(found, "own", "disposal") == [0, 0, 360]
    assert column(found, "own", "your_own_lines") == [60, 120, 60]
    assert column(found, "rent", "your_own_lines") == [70 + 60, 120, 60]


def test_frames_and_plain_values_say_the_same() -> None:
    found = tco.accounting(gpu="L4", financing="lease", lease_usd_per_gpu_month=60)
    frame = found.profit_and_loss
    totals = frame[frame["account"] == "total"].groupby("option")["cost_usd"].sum()
    assert totals["own"] == pytest.approx(found.own_total_usd)
    assert totals["rent"] == pytest.approx(found.rent_total_usd)
    assert list(found.balances["month"])[-1] == 36
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["lease"]["kind"] == "operating"
    assert len(told["balances"]) == len(found.years)


def test_a_table_has_no_books() -> None:
    with pytest.raises(InputError, match="accounting"):
        tco.accounting(gpu="L4", utilization=[0.1, 0.2])
