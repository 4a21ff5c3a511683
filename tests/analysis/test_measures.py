"""Measures of a purchase, against published examples and an independent implementation."""

from __future__ import annotations

import csv
import json
import math
from typing import Any

import pytest
import pyxirr
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tco
from tco.cli import main
from tco.errors import InputError
from tco.finance.annuity import equivalent_cost_per_period, net_advantage_to_leasing
from tco.finance.returns import irr, npv
from tco.model.ledger import ledger_rows
from tco.report.csv import cell, tidy
from tco.report.finance_tables import MEASURE_REPORT_COLUMNS, year_labels, years_rows
from tco.report.sheet import page
from tco.words.finance import measured
from tests.model.test_line_relations import lines
from tests.neutral import COMMON_CASE, neutral
from tests.sheet import Sheet
from tests.strategies import examples, scenarios

CASE = COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7, "utilization": 0.4}


@given(st.lists(st.floats(0.01, 1_000), min_size=1, max_size=120), st.floats(1, 10_000))
def test_irr_of_one_outlay_is_that_of_pyxirr(proceeds: list[float], outlay: float) -> None:
    flows = (-outlay, *proceeds)
    (found,) = irr(flows)
    oracle = pyxirr.irr(flows)
    assume(oracle is not None and oracle > -0.99)
    assert found == pytest.approx(oracle, rel=1e-6, abs=1e-9)


@given(st.lists(st.floats(-1_000, 1_000), min_size=2, max_size=60))
def test_a_rate_that_pyxirr_finds_is_among_ours(flows: list[float]) -> None:
    assume(min(flows) < -1 and max(flows) > 1)
    oracle = pyxirr.irr(flows)
    assume(oracle is not None and -0.5 < oracle < 2)
    scale = npv(oracle, [abs(flow) for flow in flows])
    assume(abs(npv(oracle * 1.001 + 1e-6, flows)) > 1e-6 * scale)  # not touching only
    assert any(rate == pytest.approx(oracle, rel=1e-4, abs=1e-6) for rate in irr(flows))


def test_the_rate_of_return_of_the_common_case() -> None:
    found = tco.measures(**CASE)
    (rate,) = found.irr
    assert found.irr_note.startswith("The return on buying")
    at_rate = tco.breakeven(**CASE | {"discount_rate": rate})
    assert at_rate.npv_saving_usd == pytest.approx(0, abs=1e-6)
    # Section 5 of the model: paid back after 21.7227 months, 23.4749 discounted, 2,535.50 saved.
    assert round(found.payback_months, 4) == 21.7227
    assert round(found.discounted_payback_months, 4) == 23.4749
    assert round(found.npv_saving_usd, 2) == 2535.5
    assert found.mirr is not None
    assert 0.08 < found.mirr < rate
    # 2,535.50 are worth 4,000 invested now at the MIRR instead of at 8 %, for three years.
    proceeds = (2_535.50 + 4_000) * 1.08**3
    assert found.mirr == pytest.approx((proceeds / 4_000) ** (1 / 3) - 1, rel=1e-4)


@settings(deadline=None, max_examples=examples(120))
@given(scenarios(), st.integers(2, 30), st.integers(1, 12), lines())
def test_at_a_rate_of_return_both_sides_cost_the_same(
    case: dict[str, Any], horizon: int, term: int, own: tuple[tco.Line, ...]
) -> None:
    """So every amount lies on its day: fees of terms, leases, loans, refreshes, lines and taxes.

    And the modified rate exceeds the discount rate just where buying saves at that.
    """
    case |= {"horizon_months": float(horizon), "commitment_months": float(term), "lines": own}
    found = tco.measures(**case)
    size = gross_npv(found.scenario)
    for rate in found.irr:
        if -0.9 < rate < 1:
            there = tco.breakeven(**case | {"discount_rate": rate})
            assert abs(there.npv_saving_usd) <= 1e-6 * gross_npv(there.scenario)
    if found.mirr is not None and abs(found.npv_saving_usd) > 1e-6 * size:
        assert (found.mirr > found.discount_rate) is (found.npv_saving_usd > 0)


def gross_npv(scenario: tco.Scenario) -> float:
    return sum(abs(row[5]) for row in ledger_rows(scenario)) or 1.0


def test_several_rates_of_return_are_said_to_be_several() -> None:
    """A refresh that costs more than what is saved until then: the sign changes three times."""
    case = neutral(
        price_usd_per_gpu=500,
        rate_usd_per_gpu_hour=400 / 730,
        horizon_months=8,
        refresh_months=6,
        refresh_price_usd_per_gpu=2_750,
    )
    found = tco.measures(**case)
    assert len(found.irr) == 3
    assert found.irr_note.startswith("Several: what buying saves changes sign 3 times")
    # No single one is the return: each has a row, and the measure itself has no value.
    values = {row.name: row.value for row in found.rows}
    assert values["irr"] is None
    assert [values[f"irr_root_{n}"] for n in (1, 2, 3)] == list(found.irr)
    assert {row.name: row.text for row in found.rows}["irr"] == "several"
    roots = "−99.8 %, 37.7 % and 21,953 % a year"
    assert found.irr_text == f"several, none of them the return: {roots}"
    assert found.irr_text in " ".join(Sheet(page(found.scenario)).texts["p"])
    for rate in found.irr:
        at_rate = npv((1 + rate) ** (1 / 12) - 1, [-500, *[400] * 5, -2_350, 400, 400])
        assert at_rate == pytest.approx(0, abs=1e-6)


def at_year_ends(side: str, *amounts: float) -> list[tco.Line]:
    return [
        tco.Line(
            name=f"year {year}",
            side=side,
            usd=usd,
            first_month=12 * year,
            last_month=12 * year,
        )
        for year, usd in enumerate(amounts, 1)
    ]


@pytest.mark.parametrize(
    ("years", "published"), [(5, 0.0866), (4, -0.0212)], ids=["five years", "four years"]
)
def test_the_rate_of_return_of_a_business_as_published(years: int, published: float) -> None:
    """70,000 for an income of 12,000, 15,000, 18,000, 21,000 and 26,000. Source: Microsoft Excel,
    help of the function IRR.
    """
    income = (12_000, 15_000, 18_000, 21_000, 26_000)[:years]
    saves = at_year_ends("rent", *income)
    case = neutral(price_usd_per_gpu=70_000, horizon_months=12 * years, lines=saves)
    (rate,) = tco.measures(**case).irr
    assert round(rate, 4) == published


@pytest.mark.parametrize(
    ("price", "yearly", "years", "rate", "published"),
    [
        # Wikipedia, Equivalent annual cost.
        (50_000, 13_000, 3, 0.05, 31_360.43),
        (150_000, 7_500, 8, 0.05, 30_708.27),
        # Brealey, Myers, Allen, Principles of Corporate Finance: thousands of dollars.
        (15, 5, 3, 0.06, 10.61),
        (10, 6, 2, 0.06, 11.45),
    ],
)
def test_annual_costs_as_published(
    price: float, yearly: float, years: int, rate: float, published: float
) -> None:
    upkeep = at_year_ends("own", *[yearly] * years)
    case = neutral(price_usd_per_gpu=price, horizon_months=12 * years, lines=upkeep)
    found = tco.measures(**case | {"discount_rate": rate})
    assert round(found.own_usd_per_year, 2) == published


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({}, "None: both sides pay the same in every month."),
        ({"rate_usd_per_gpu_hour": 1}, "None: buying ties up no money"),
        ({"staff_usd_per_gpu_month": 5, "price_usd_per_gpu": 9}, "None: buying never returns"),
        (COMMON_CASE | {"rate_usd_per_gpu_hour": 1, "horizon_months": 30.5}, "None: a rate of"),
    ],
)
def test_without_a_rate_of_return_it_is_said_why(case: dict[str, Any], said: str) -> None:
    found = tco.measures(**neutral(**case))
    assert (found.irr, found.mirr) == ((), None)
    assert found.irr_note.startswith(said)
    assert found.mirr_note == found.irr_note
    assert {row.name: row.text for row in found.rows}["irr"] == "none"


def test_a_table_has_no_measures() -> None:
    with pytest.raises(InputError, match="one scenario at a time"):
        tco.measures(utilization=[0.1, 0.2])


def test_saving_first_and_paying_later_is_borrowing() -> None:
    """100 saved a month, then 1,320 for a line at the end: buying pays above that rate, not below.

    A year's level saving and a last payment of 1.1 times its sum.
    """
    last = tco.Line(name="removal", side="own", usd=1_320, when="exit")
    case = neutral(storage_egress_usd_per_gpu_month=100, horizon_months=12, lines=[last])
    found = tco.measures(**case)
    (rate,) = found.irr
    assert found.irr_note.startswith("A cost of borrowing, not a return")
    for change, is_worth_it in ((-0.01, False), (0.01, True)):
        there = tco.breakeven(**case | {"discount_rate": rate + change})
        assert (there.npv_saving_usd > 0) is is_worth_it


def test_money_that_cancels_but_for_rounding_changes_no_sign() -> None:
    """Three tenths of a dollar for staff are one tenth and two of storage, though not in floats:
    nothing is left but the purchase.
    """
    case = neutral(
        price_usd_per_gpu=1_000,
        staff_usd_per_gpu_month=0.3,
        storage_egress_usd_per_gpu_month=0.1,
        lines=[tco.Line(name="more", side="rent", usd=0.2, basis="gpu")],
    )
    assert 0.1 + 0.2 - 0.3 > 0
    found = tco.measures(**case)
    assert found.irr == ()
    assert found.irr_note.startswith("None: buying never returns its cost")


def test_a_renewed_commitment_is_paid_on_the_day_of_its_renewal() -> None:
    # A card of 1,100 instead of a year for 600 and, a year later, another: 600 / 500 is 20 %.
    terms = {"billing": "committed", "commitment_months": 12, "horizon_months": 24}
    case = neutral(**terms, commitment_fee_usd_per_gpu=600, price_usd_per_gpu=1_100)
    assert tco.measures(**case).irr == pytest.approx((0.2,))
    audit = tco.Line(name="audit", side="rent", usd=50, basis="gpu", when="term")
    for more in ({"tax_rate": 0.25}, {"lines": [audit]}, {"tax_rate": 0.4, "lines": [audit]}):
        (rate,) = tco.measures(**case | more).irr
        worth = tco.breakeven(**case | more | {"discount_rate": rate})
        assert worth.npv_saving_usd == pytest.approx(0, abs=1e-6)
    within = tco.measures(**case | {"commitment_months": 4.5})
    assert (within.irr, within.mirr) == ((), None)
    assert within.irr_note.startswith("None: commitment terms begin within a month")


def test_totals_and_cash_by_year_are_those_of_the_ledger() -> None:
    case = CASE | {"horizon_months": 30, "tax_rate": 0.25, "depreciation": "macrs_3"}
    found, rows = tco.measures(**case), tco.ledger(**case)
    assert [year.year for year in found.years] == [0, 1, 2, 3]
    assert found.years[0] == tco.analysis.measures.Year(0, 4_000, 0)
    second = rows[(rows["month"] > 12) & (rows["month"] <= 24)]
    sums = second.groupby("option")["cost_usd"].sum()
    assert found.years[2].own_usd == pytest.approx(sums["own"])
    assert found.years[2].rent_usd == pytest.approx(sums["rent"])
    assert math.fsum(y.own_usd for y in found.years) == pytest.approx(found.own_total_usd)
    saved = found.rent_total_usd - found.own_total_usd
    assert saved == pytest.approx(found.undiscounted_saving_usd)


def test_plain_totals_and_present_values_that_disagree_are_flagged() -> None:
    case = neutral(price_usd_per_gpu=1_000, rate_usd_per_gpu_hour=35 / 730, horizon_months=30)
    assert not tco.measures(**case).conflict
    found = tco.measures(**case | {"discount_rate": 0.1})
    assert found.conflict
    assert found.undiscounted_saving_usd == pytest.approx(50)
    assert found.npv_saving_usd < 0


def test_equivalent_cost_per_period_of_two_machines() -> None:
    """At 11 %, machine A costs 85 and 130 a year for two years, B 155 and 105 a year for three:
    179.63 and 168.42 a year, from present values rounded to cents.
    Source: brainly.com, question 13864688.
    """
    a = npv(0.11, (85, 130, 130))
    b = npv(0.11, (155, 105, 105, 105))
    assert (round(a, 2), round(b, 2)) == (307.63, 411.59)
    assert equivalent_cost_per_period(a, 0.11, 2) == pytest.approx(179.63, abs=0.01)
    assert equivalent_cost_per_period(b, 0.11, 3) == pytest.approx(168.42, abs=0.01)


def test_annual_costs_compare_unequal_horizons() -> None:
    """Twelve level payments and twenty-four of the same size cost the same a year."""
    level = neutral(storage_egress_usd_per_gpu_month=100, discount_rate=0.1)
    one, two = (tco.measures(**level | {"horizon_months": months}) for months in (12, 24))
    assert one.rent_usd_per_year == pytest.approx(two.rent_usd_per_year, rel=1e-12)
    assert one.rent_usd_per_year == pytest.approx(
        100 * math.fsum(1.1 ** (1 - m / 12) for m in range(1, 13)), rel=1e-12
    )


def test_net_advantage_to_leasing_as_published() -> None:
    """Tasha Corporation: a truck of 10,000, or 2,500 at the end of each of five years; 34 % tax,
    debt at 7.57575 %, straight line: -87.68. Ross, Westerfield, Jordan, Fundamentals of Corporate
    Finance, as quoted by ajjacobson.us/hill-companies/npv-analysis.html.
    """
    rate = 0.0757575 * (1 - 0.34)
    yearly = -(2_500 * (1 - 0.34) + 10_000 / 5 * 0.34)
    flows = [(0, 10_000), *((12 * year, yearly) for year in range(1, 6))]
    assert round(net_advantage_to_leasing(flows, [], rate, 0.12), 2) == -87.68
    # A salvage of 1,000, taxed, given up: 660 at 12 %.
    given_up = net_advantage_to_leasing(flows, [(60, -660)], rate, 0.12)
    assert given_up == pytest.approx(-87.68 - 660 / 1.12**5, abs=0.01)
    with pytest.raises(InputError, match="after_tax_debt_rate = -1"):
        net_advantage_to_leasing(flows, [], -1.0, 0.1)


def test_lease_or_buy_of_a_scenario() -> None:
    case = neutral(
        price_usd_per_gpu=3_000,
        horizon_months=24,
        resale_decline_per_year=0.5,
        discount_rate=0.1,
        tax_rate=0.25,
        depreciation="straight_line",
        depreciation_years=3,
        financing="lease",
        lease_usd_per_gpu_month=110,
        lease_months=24,
        debt_rate=0.08,
        residual_discount_rate=0.12,
    )
    leasing = tco.measures(**case).leasing
    assert leasing is not None
    rates = (leasing.discount_rate, leasing.after_tax_debt_rate, leasing.residual_rate)
    assert rates == (0.1, 0.06, 0.12)

    def worth(debt: float, residual: float) -> float:
        payments = sum(82.5 / (1 + debt) ** (m / 12) for m in range(1, 25))
        shields = 250 / (1 + debt) + 250 / (1 + debt) ** 2
        # Sold for 750, with 1,000 in the books: a loss that is deducted.
        return 3_000 - payments - shields - (750 + 62.5) / (1 + residual) ** 2

    assert leasing.net_advantage_usd == pytest.approx(worth(0.06, 0.12), rel=1e-12)
    assert leasing.npv_usd == pytest.approx(worth(0.1, 0.1), rel=1e-12)
    # The terms of an offer are compared with buying in the same way, whatever is bought with.
    for financing in ("cash", "loan"):
        assert tco.measures(**case | {"financing": financing}).leasing == leasing
    rows = {row.name: row for row in tco.measures(**case).rows}
    assert rows["net_advantage_to_leasing_usd"].value == leasing.net_advantage_usd
    assert rows["lease_npv_usd"].value == leasing.npv_usd


def test_what_a_lessee_buys_at_the_market_is_as_uncertain_as_the_resale() -> None:
    """3,000 today, or twelve times 100 and then the market's half of it. Both own the same after
    that, so that only this price is left: at the residual's rate where it is the market's, at the
    debt's where the contract fixes it.
    """
    case = neutral(
        price_usd_per_gpu=3_000,
        horizon_months=24,
        resale_decline_per_year=0.5,
        lease_usd_per_gpu_month=100,
        lease_months=12,
        debt_rate=0.06,
        residual_discount_rate=0.12,
    )
    payments = sum(100 / 1.06 ** (month / 12) for month in range(1, 13))
    for terms, rate in (
        ({"lease_buyout_at_market": True}, 0.12),
        ({"lease_buyout_usd_per_gpu": 1_500}, 0.06),
    ):
        leasing = tco.measures(**case | terms).leasing
        assert leasing is not None
        worth = 3_000 - payments - 1_500 / (1 + rate)
        assert leasing.net_advantage_usd == pytest.approx(worth, rel=1e-12)


def test_without_lease_terms_it_is_said_why_nothing_is_compared() -> None:
    bought = neutral(price_usd_per_gpu=3_000)
    found = tco.measures(**bought)
    assert (found.leasing, found.leasing_note) == (None, "None: no lease payment was entered.")
    assert "net_advantage_to_leasing_usd" not in {row.name for row in found.rows}
    refreshed = {"refresh_months": 12, "refresh_price_usd_per_gpu": 500}
    other = tco.measures(**bought | refreshed | {"lease_usd_per_gpu_month": 9})
    assert other.leasing is None
    assert "cannot be combined with a lease" in other.leasing_note


def test_what_is_shown_is_what_is_computed() -> None:
    """The frame, the rows and the plain types hold the same numbers, and the text their words."""
    found = tco.measures(**CASE)
    frame = found.to_frame().set_index("name")
    plain = found.to_dict()
    json.dumps(plain, allow_nan=False)
    for row in found.rows:
        value = plain[row.name] if row.name != "irr" else plain["irr"][0]
        assert frame.loc[row.name, "value"] == row.value == value
        assert row.text in str(found)
        assert row.note in str(found)
    years = found.years_frame()
    assert years["cumulative_usd"].iloc[-1] == pytest.approx(found.undiscounted_saving_usd)
    assert [year["saving_usd"] for year in plain["years"]] == years["saving_usd"].tolist()
    never = tco.measures(**CASE | {"price_usd_per_gpu": 50_000})
    assert never.to_dict()["payback_months"] is None
    assert {row.name: row.text for row in never.rows}["payback_months"] == "never"
    assert (found == tco.measures(**CASE), found == never) == (True, False)


def test_the_shell_says_the_same_as_a_table_csv_and_json() -> None:
    def asked(*words: str) -> str:
        done = CliRunner().invoke(main, (*words, "--gpu", "L4", "--utilization", "0.6"))
        assert done.exit_code == 0, done.output
        return done.stdout

    found = tco.measures(gpu="L4", utilization=0.6)
    assert asked("measures", "--wide") == f"{found}\n"
    assert max(map(len, asked("measures").splitlines())) <= 100
    plain = json.loads(json.dumps(found.to_dict()))
    assert json.loads(asked("measures", "--format", "json"))["measures"] == plain
    assert json.loads(asked("report", "--json"))["measures"] == plain
    header, *rows = csv.reader(asked("measures", "--format", "csv").splitlines())
    assert tuple(header[:4]) == MEASURE_REPORT_COLUMNS
    told = {row[0]: row[1] for row in rows}
    for row in found.rows:
        assert told[row.name] == ("" if row.value is None else cell(tidy(row.value)))
    for year in found.years:
        assert float(told[f"saving_cash_year_{year.year}_usd"]) == pytest.approx(year.saving_usd)
    assert told["net_advantage_to_leasing_usd"] == ""


def test_years_are_told_in_words_to_the_end_of_the_holding_period() -> None:
    found = tco.measures(**CASE | {"horizon_months": 30})
    rows = years_rows(found)
    assert [row.label for row in rows] == ["Start", "Year 1", "Year 2", "Year 3, to month 30"]
    assert rows[0].own == "$4,000"
    assert rows[-1].cumulative == measured(found.undiscounted_saving_usd, "USD")
    kept = tco.measures(gpu="L4", already_owned=True)
    assert year_labels(kept)["saving_usd"] == "Saved by keeping"
    assert "Keeping instead of renting" in str(kept)
    assert "uying" not in str(kept)
