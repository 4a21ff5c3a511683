"""Options side by side, and which is the cheapest at which utilization."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.declared import RENTING
from tco.analysis.measures import cash_by_year
from tco.analysis.options import (
    COLUMNS,
    HOSTING,
    OWNING,
    SCREENING,
    Option,
    Segment,
    compared,
    lower_envelope,
    options,
    options_of,
    screening,
    what_if,
)
from tco.errors import InputError
from tco.market.catalogue import Observations, load
from tco.market.importers import by_hand
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario
from tco.words.figures import percent
from tests.neutral import neutral
from tests.strategies import examples, scenarios

DAY = "2026-11-21"
LEASE = {"lease_usd_per_gpu_month": 95.0, "lease_return_usd_per_gpu": 40.0}
# Without what is there already.
LISTED = 5 + (len(OWNING) - 1) * len(HOSTING)
CASES = {
    "default": {},
    "leased": LEASE,
    "taxed": {"tax_rate": 0.25, **LEASE},
    "taxed, straight line": {"tax_rate": 0.3, "depreciation": "straight_line", "bonus_rate": 0.4},
    "delayed": {"delivery_months": 4, "tax_rate": 0.2, **LEASE},
    "refreshed": {"refresh_months": 18, "refresh_price_usd_per_gpu": 2_000},
    "broken month": {"horizon_months": 30.5, **LEASE},
    "one month": {"horizon_months": 0.4},
    "never busy": {"utilization": 0},
    "whole servers": {"gpus": 11, "whole_servers": True, "whole_racks": True},
    "no discounting": {"discount_rate": 0},
    "committed": {"term": "1yr", "rate_usd_per_gpu_hour": 0.5, "upfront_usd_per_gpu": 100},
    "committed with a fee": {
        "term": "1yr",
        "rate_usd_per_gpu_hour": 0.5,
        "commitment_fee_usd_per_gpu": 300,
        "commitment_months": 7.5,
    },
    "capped": {"rate_usd_per_gpu_hour": 0.7, "rate_cap_usd_per_gpu_month": 150},
    "kept": {"already_owned": True, "tax_rate": 0.25},
    "full servers": {"gpus": 11, "whole_servers": True, "sold_by_server": True},
    "used cards break": {"failure_rate_per_year": 0.1, "delivery_months": 2},
    "lines": {
        "lines": (
            tco.Line(name="credit", side="rent", usd=-1, basis="item:compute", cap_usd=3_000),
            tco.Line(name="cross connect", side="own", usd=25, basis="server"),
            tco.Line(name="setup", side="rent", usd=50, basis="gpu", when="term"),
        )
    },
    "five years": {"term": "5yr", "rate_usd_per_gpu_hour": 0.3},
    "kept running": {"billing": "always_on", "rate_usd_per_gpu_hour": 0.5},
    "used": {"price_basis": "used", "price_usd_per_gpu": 1_500, "financing": "loan"},
}


def asked(**inputs: Any) -> Scenario:
    return Scenario(**{"gpu": "L4", "utilization": 0.6, "as_of": DAY} | inputs)


def indexed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(["option", "hosting"])


def agrees(scenario: Scenario, frame: pd.DataFrame) -> None:
    """Every option that has a price costs what the kernel says of its what-if, alone."""
    for row in frame[frame["status"] == "priced"].to_dict("records"):
        other = what_if(scenario, row["option"], row["hosting"] or None)
        rows = ledger_rows(other, row["side"])
        gross = math.fsum(abs(present) for *_, present in rows)
        kernel = math.fsum(present for *_, present in rows)
        assert row["present_value_usd"] == pytest.approx(kernel, rel=1e-12, abs=1e-9 * gross)
        plain = math.fsum(abs(cost) for *_, cost, _ in rows)
        total = math.fsum(cost for *_, cost, _ in rows)
        assert row["total_usd"] == pytest.approx(total, rel=1e-12, abs=1e-9 * plain)
        years = {year.year: year for year in cash_by_year(rows)}
        for year, found in years.items():
            side = found.own_usd if row["side"] == "own" else found.rent_usd
            got = row[f"cash_year_{year}_usd"]
            assert got == pytest.approx(side, rel=1e-9, abs=1e-9 * plain)
        last = max(years)
        assert f"cash_year_{last + 1}_usd" not in row


@pytest.mark.parametrize("case", CASES)
def test_every_option_costs_what_its_what_if_does(case: str) -> None:
    scenario = asked(**CASES[case])
    frame = options(scenario)
    assert tuple(frame.columns[: len(COLUMNS)]) == COLUMNS
    more = {"five years": 1, "kept": len(HOSTING)}
    assert len(frame) == LISTED + more.get(case, 0)
    agrees(scenario, frame)


@settings(max_examples=examples(40))
@given(scenarios())
def test_so_does_every_option_of_any_scenario(case: dict[str, Any]) -> None:
    scenario = Scenario(**case)
    agrees(scenario, options(scenario))


@pytest.mark.parametrize("case", CASES)
def test_both_sides_of_the_scenario_are_among_the_options(case: str) -> None:
    scenario = asked(**CASES[case])
    values = scenario.values()
    frame = indexed(options(scenario))
    answer = tco.breakeven(scenario)
    bought = "buy_used" if values["price_basis"] == "used" else "buy_new"
    bought = "keep" if values["already_owned"] else bought
    option = bought if values["financing"] == "cash" else values["financing"]
    own = frame.loc[(option, values["hosting"])]
    assert own["present_value_usd"] == pytest.approx(answer.own_npv_usd, rel=1e-12)
    assert own["usd_per_busy_gpu_hour"] == pytest.approx(answer.own_usd_per_gpu_hour, rel=1e-12)
    ways = {terms: name for name, terms in RENTING.items()}
    rent = frame.loc[(ways[values["term"], values["billing"]], "")]
    assert rent["present_value_usd"] == pytest.approx(answer.rent_npv_usd, rel=1e-12)
    assert rent["usd_per_busy_gpu_hour"] == pytest.approx(answer.rent_usd_per_gpu_hour, rel=1e-12)


@pytest.mark.parametrize(
    "case",
    [
        *("default", "taxed", "refreshed", "broken month", "committed", "committed with a fee"),
        *("capped", "kept", "lines"),
    ],
)
def test_paybacks_are_those_against_the_cheapest_rental(case: str) -> None:
    scenario = asked(**CASES[case])
    frame = options(scenario)
    best = frame[frame["side"] == "rent"].iloc[0]
    rented = what_if(scenario, best["option"])
    choice = (
        *("term", "billing", "commitment_months", "rate_usd_per_gpu_hour"),
        *("commitment_fee_usd_per_gpu", "rate_cap_usd_per_gpu_month"),
    )
    for row in frame[frame["payback_months"].notna()].to_dict("records"):
        own = what_if(scenario, row["option"], row["hosting"])
        offer = {name: rented.values()[name] for name in (*choice, "rate_growth_per_year")}
        answer = tco.breakeven(replace(own, **offer))
        assert row["payback_against"] == best["option"]
        assert row["payback_months"] == pytest.approx(answer.simple_months)
        assert row["discounted_payback_months"] == pytest.approx(answer.months)
    assert frame.loc[frame["side"] == "rent", "payback_months"].isna().all()


@given(st.floats(0, 1), st.sampled_from(sorted(CASES)))
@settings(max_examples=examples(60))
def test_the_envelopes_winner_is_the_cheapest_of_all(utilization: float, case: str) -> None:
    frame = options(asked(**CASES[case] | {"utilization": utilization}))
    priced = frame[frame["status"] == "priced"]
    inside = (priced["cheapest_from"] <= utilization) & (utilization <= priced["cheapest_to"])
    best = priced["present_value_usd"].min()
    assert inside.any()
    for cost in priced.loc[inside, "present_value_usd"]:
        assert cost == pytest.approx(best, rel=1e-9)
    # Costs that agree to twelve digits are a tie.
    assert priced["present_value_usd"].iloc[0] == pytest.approx(best, rel=1e-11)
    assert priced["rank"].tolist() == list(range(1, len(priced) + 1))
    assert (priced["present_value_usd"].diff().dropna() >= -1e-11 * best).all()


@given(st.permutations(options_of(asked(**CASES["delayed"]))))
@settings(max_examples=examples(20))
def test_the_order_of_the_options_does_not_matter(listed: list[Option]) -> None:
    usual = compared(options_of(asked(**CASES["delayed"])))
    found = compared(listed)
    assert found is not None
    assert usual is not None
    assert found.present == usual.present
    assert found.envelope == usual.envelope
    assert [one.name for one in found.options] == [one.name for one in usual.options]


def test_intervals_do_not_depend_on_the_utilization_that_is_asked_for() -> None:
    one, other = (indexed(options(asked(utilization=u))) for u in (0.1, 0.9))
    columns = ["cheapest_from", "cheapest_to"]
    other = other.loc[one.index, columns]
    pd.testing.assert_frame_equal(one[columns], other, rtol=1e-9)
    assert one["cheapest_to"].max() == 1
    assert one["cheapest_from"].min() == 0


def test_screening_lines_are_the_costs_at_every_utilization() -> None:
    points = [0.0, 0.25, 0.6, 1.0]
    lines = screening(asked(**LEASE), points=points)
    assert tuple(lines.columns) == SCREENING
    for point in points:
        frame = indexed(options(asked(**LEASE, utilization=point)))
        at = indexed(lines[lines["utilization"] == point]).loc[frame.index]
        assert at["usd_per_gpu_year"].tolist() == pytest.approx(frame["usd_per_gpu_year"].tolist())
        assert at.index[at["cheapest"]].tolist() == [frame.index[0]]
    corners = screening(asked())
    ends = indexed(options(asked()))[["cheapest_from", "cheapest_to"]].dropna()
    assert set(corners["utilization"]) == set(ends.to_numpy().ravel())
    assert int(corners["cheapest"].sum()) == len(ends) + 1
    with pytest.raises(InputError, match="utilization"):
        screening(asked(), points=[0.5, 1.5])


def test_annual_costs_are_those_of_the_measures() -> None:
    scenario = asked(gpus=4, hosting="colo_metered")
    found, frame = tco.measures(scenario), indexed(options(scenario))
    own, rent = frame.loc[("buy_new", "colo_metered")], frame.loc[("on_demand", "")]
    assert own["usd_per_gpu_year"] == pytest.approx(found.own_usd_per_year / 4)
    assert rent["usd_per_gpu_year"] == pytest.approx(found.rent_usd_per_year / 4)
    assert set(frame.loc[frame["status"] == "priced", "discount_rate"]) == {found.discount_rate}


def test_what_was_given_holds_for_its_own_option_only() -> None:
    plain, given_rate = indexed(options(asked())), asked(rate_usd_per_gpu_hour=0.05)
    frame = indexed(options(given_rate))
    rates = frame["rate_usd_per_gpu_hour"]
    assert (rates["on_demand", ""], rates["always_on", ""]) == (0.05, 0.05)
    for name in ("spot", "committed_1yr", "committed_3yr"):
        assert rates[name, ""] == plain.loc[(name, ""), "rate_usd_per_gpu_hour"]
    assert "yours" in frame.loc[("on_demand", ""), "note"]
    prices = indexed(options(asked(price_usd_per_gpu=1_234)))["price_usd_per_gpu"]
    assert set(prices[["buy_new", "loan"]]) == {1_234}
    assert set(prices["buy_used"]) == set(plain.loc["buy_used", "price_usd_per_gpu"])
    prices = indexed(options(asked(price_usd_per_gpu=1_234, price_basis="used")))
    assert set(prices.loc[["buy_used", "loan"], "price_usd_per_gpu"]) == {1_234}
    assert set(prices.loc["buy_new", "price_usd_per_gpu"]) == set(
        plain.loc["buy_new", "price_usd_per_gpu"]
    )


def test_fees_hold_for_the_hosting_and_the_commitment_they_were_given_for() -> None:
    metered = asked(colo_usd_per_kw_month=1)
    assert "colo_usd_per_kw_month" not in what_if(metered, "loan", "colo_all_in").given
    assert what_if(metered, "loan", "colo_metered").given["colo_usd_per_kw_month"] == 1
    included = replace(metered, hosting="colo_all_in")
    assert what_if(included, "loan").given["colo_usd_per_kw_month"] == 1
    assert "colo_usd_per_kw_month" not in what_if(included, "loan", "colo_metered").given
    # A migration is paid once, whichever way leads away; a fee and a cap are of the offer.
    offer = {"commitment_fee_usd_per_gpu": 30, "rate_cap_usd_per_gpu_month": 200}
    reserved = asked(upfront_usd_per_gpu=70, billing="committed", commitment_months=24, **offer)
    own = what_if(reserved, "committed_3yr").values()
    assert {name: own[name] for name in offer} == offer
    assert own["commitment_months"] == 24
    for name in ("on_demand", "spot", "committed_1yr", "always_on"):
        other = what_if(reserved, name)
        assert other.values()["upfront_usd_per_gpu"] == 70
        assert not other.given.keys() & offer.keys()
    assert what_if(reserved, "committed_1yr").values()["commitment_months"] == 12
    # A commitment of one year at the same offers, kept running by the hour instead.
    running = asked(term="1yr", billing="always_on", commitment_months=6, rate_usd_per_gpu_hour=1)
    assert what_if(running, "always_on").values()["rate_usd_per_gpu_hour"] == 1
    assert what_if(running, "committed_1yr").values()["commitment_months"] == 12


def test_a_commitments_fee_is_paid_at_every_renewal() -> None:
    case = {"term": "1yr", "discount_rate": 0, "rate_usd_per_gpu_hour": 0.5, "gpus": 8}
    dear = indexed(options(asked(**case, commitment_fee_usd_per_gpu=300)))
    plain = indexed(options(asked(**case)))
    more = dear["present_value_usd"] - plain["present_value_usd"]
    # Three terms in 36 months; no other option pays the fee of this one.
    assert more["committed_1yr"].tolist() == pytest.approx([3 * 8 * 300])
    assert more.drop("committed_1yr", level="option").dropna().abs().max() == 0
    assert (
        "plus $300 per GPU at the start of each term" in dear.loc["committed_1yr", "note"].iloc[0]
    )


def test_what_is_there_is_kept_or_sold_to_rent() -> None:
    case = {"already_owned": True, "price_usd_per_gpu": 1_000, "selling_cost_rate": 0.1}
    frame = indexed(options(asked(**case)))
    kept = what_if(asked(**case), "keep", "own_site")
    assert kept.values()["already_owned"]
    assert frame.loc[("keep", "own_site"), "present_value_usd"] == pytest.approx(
        tco.breakeven(kept).own_npv_usd, rel=1e-12
    )
    for option in ("buy_new", "buy_used", "loan", "lease"):
        assert set(frame.loc[option, "status"]) == {"missing"}
        assert all("already owned" in why for why in frame.loc[option, "why_not"])
    # The scenario of another option is still one: sold, and bought anew.
    assert not what_if(asked(**case), "buy_new").values()["already_owned"]
    assert "keep" not in indexed(options(asked())).index


def test_an_option_can_be_the_cheapest_twice() -> None:
    # Rent follows the hours up to 0.7 · 730 · 1.05 u = 150, and from there on costs no more; owning
    # costs the same at any use. Where both meet on the way up, owning takes over; with a power bill
    # that rises on, renting takes over again.
    case = neutral(
        gpu="L4",
        price_usd_per_gpu=3_000,
        horizon_months=36,
        gpu_w=500,
        electricity_usd_per_kwh=0.2,
        rate_usd_per_gpu_hour=0.5,
        rate_cap_usd_per_gpu_month=125,
        billing="per_use",
        term="on_demand",
    )
    scenario = Scenario(**case)
    only = [
        option
        for option in options_of(scenario)
        if option.name in ("on_demand", "buy_new at own_site")
    ]
    found = compared(only)
    assert found is not None
    # 365 u = 3,000 / 36 + 73 u, and 125 = 3,000 / 36 + 73 u.
    low, high = 3_000 / 36 / 292, (125 - 3_000 / 36) / 73
    segments = [(only[part.line].side, part.low, part.high) for part in found.envelope]
    assert [side for side, *_ in segments] == ["rent", "own", "rent"]
    assert [end for _, _, end in segments] == pytest.approx([low, high, 1], rel=1e-12)
    frame = indexed(options(scenario, utilization=0.9))
    assert frame.loc["on_demand", "cheapest_from"].iloc[0] >= high - 1e-12
    answer = tco.breakeven(scenario, utilization=0.4)
    assert answer.breakeven_utilization == pytest.approx(low, rel=1e-12)


def test_what_has_no_price_is_listed_last_with_the_reason() -> None:
    frame = indexed(options(asked(as_of="2025-12-31")))
    for option, word in (
        ("lease", "give the payment quoted"),
        ("buy_used", "no price for a used L4"),
    ):
        assert set(frame.loc[option, "status"]) == {"missing"}
        assert all(word in why for why in frame.loc[option, "why_not"])
        assert (
            frame.loc[option, ["present_value_usd", "rank", "cheapest_from"]].isna().all(axis=None)
        )
    runpod = indexed(options(asked(provider="runpod")))
    assert "no rental offer" in runpod.loc[("spot", ""), "why_not"]
    states = runpod["status"].tolist()
    assert states == sorted(states, reverse=True)


def test_a_racks_limit_keeps_only_the_own_site_from_being_counted() -> None:
    frame = indexed(options(asked(rack_kw=0.1)))
    assert "rack_kw = 0.1 holds no server" in frame.loc[("buy_new", "own_site"), "why_not"]
    assert frame.loc[("buy_new", "colo_metered"), "status"] == "priced"


def test_without_offers_only_the_owning_side_is_compared() -> None:
    lacking = {"gpu": "RTX-PRO-4500", "provider": "lambda"}
    frame = options(**lacking)
    priced = frame[frame["status"] == "priced"]
    assert set(priced["side"]) == {"own"}
    assert priced["payback_months"].isna().all()
    late = options(**lacking, delivery_months=2)
    assert set(late["status"]) == {"missing"}
    assert "until delivery" in indexed(late).loc[("loan", "own_site"), "why_not"]
    assert tuple(late.columns) == COLUMNS
    assert screening(**lacking, delivery_months=2).empty
    early = options(gpu="H100-NVL", as_of="2023-06-01", price_usd_per_gpu=3_000)
    assert "gpu_w is not known: no GPU H100-NVL in the catalog" in {*early["why_not"]}


def test_a_price_that_stands_in_for_another_kind_is_none() -> None:
    """On a day on which no price is known, one kind of price is seen."""
    gpu, day = "L4", "2015-01-01"
    for basis, lacking in (("used", "buy_new"), ("msrp", "buy_used")):
        seen = {"gpu": [gpu], "usd": [1_000], "as_of": [day], "price_basis": [basis]}
        scenario = Scenario(gpu=gpu, prices=pd.DataFrame(seen), as_of=day)
        frame = indexed(options(scenario))
        word = lacking.removeprefix("buy_")
        assert set(frame.loc[lacking, "why_not"]) == {
            f"no price for a {word} {gpu} on or before {day}"
        }
        other = "buy_new" if lacking == "buy_used" else "buy_used"
        assert set(frame.loc[other, "price_usd_per_gpu"]) == {1_000}
        given = {"price_usd_per_gpu": 500, "price_basis": "used" if word == "used" else "street"}
        frame = indexed(options(scenario, **given))
        assert set(frame.loc[lacking, "price_usd_per_gpu"]) == {500}


def test_quotes_count_for_a_new_card_and_for_their_own_term() -> None:
    quotes = [
        *by_hand.purchase("L4", 1_800, as_of=DAY).quotes,
        *by_hand.rental("L4", 0.2, term="3yr", provider="acme", as_of=DAY).quotes,
    ]
    frame = indexed(
        options(asked(prices=load().with_prices(Observations("quotes", {}, quotes=quotes))))
    )
    assert set(frame.loc[["buy_new", "loan"], "price_usd_per_gpu"]) == {1_800}
    assert 1_800 not in set(frame.loc["buy_used", "price_usd_per_gpu"])
    assert frame.loc[("committed_3yr", ""), "rate_usd_per_gpu_hour"] == 0.2
    assert frame.loc[("on_demand", ""), "rate_usd_per_gpu_hour"] != 0.2
    assert "yours: your quote" in frame.loc[("buy_new", "own_site"), "note"]


def test_hours_paid_but_not_used() -> None:
    frame = indexed(options(asked(gpus=2, horizon_months=18, billing_overhead=0.1)))
    hours = frame["unused_gpu_hours"]
    month = 2 * 730
    assert hours["on_demand", ""] == pytest.approx(month * 18 * 0.6 * 0.1)
    assert hours["always_on", ""] == pytest.approx(month * 18 * 0.4)
    assert hours["committed_1yr", ""] == pytest.approx(month * (18 * 0.4 + 6))
    assert hours["committed_3yr", ""] == pytest.approx(month * (18 * 0.4 + 18))
    assert math.isnan(hours["buy_new", "own_site"])


def test_the_price_at_which_a_loser_is_level() -> None:
    """The sentence's prices, put in, cost what the best costs."""
    case = neutral(price_usd_per_gpu=1_000, rate_usd_per_gpu_hour=1, utilization=0.5)
    case |= {"gpu": "L4", "provider": "jarvislabs", "as_of": DAY}  # no spot, no commitments
    frame = indexed(options(**case))
    best = frame.index[0]
    cost = frame["present_value_usd"].iloc[0]
    assert best == ("buy_new", "own_site")
    assert cost == 1_000
    why = frame.loc[("on_demand", ""), "why_not"]
    # 13,140 busy hours cost 13,140.
    assert why == (
        "costs $12,100 (1,214 %) more than buy_new at own_site; "
        "break-even at $0.0761 per GPU-hour (now $1.00); cheapest from 0 % to 3.81 % utilization"
    )
    assert frame.loc[("on_demand", ""), "breakeven_price_usd"] == pytest.approx(1_000 / 13_140)
    assert math.isnan(frame.loc[("buy_new", "own_site"), "breakeven_price_usd"])
    level = options(**case | {"rate_usd_per_gpu_hour": 1_000 / 13_140})
    assert indexed(level).loc[("on_demand", ""), "present_value_usd"] == pytest.approx(1_000)
    same = frame.loc[("buy_new", "colo_metered"), "why_not"]
    assert same == "costs the same as buy_new at own_site, which is listed first"
    hosted = case | {"gpu_w": 100, "colo_usd_per_kw_month": 1_000}
    frame = indexed(options(**hosted))
    assert "more expensive even at $0 per GPU;" in frame.loc[("buy_new", "colo_metered"), "why_not"]
    assert frame.loc[("buy_new", "colo_metered"), "breakeven_price_usd"] == math.inf
    free = indexed(options(**case | {"utilization": 0, "price_usd_per_gpu": 0}))
    assert "break-even" not in free.loc[("buy_used", "own_site"), "why_not"].split(";")[0]
    assert free["usd_per_busy_gpu_hour"].dropna().eq(math.inf).all()


def test_the_overhead_at_which_spot_is_no_cheaper() -> None:
    scenario = asked(billing_overhead=0.1)
    note = indexed(options(scenario)).loc[("spot", ""), "note"]
    assert "plus 10 % overhead, including rework after interruptions" in note
    on_demand = tco.breakeven(what_if(scenario, "on_demand")).rent_npv_usd
    spot = what_if(scenario, "spot")
    here, there = (
        tco.breakeven(replace(spot, billing_overhead=o)).rent_npv_usd for o in (0.1, 0.3)
    )
    level = 0.1 + (on_demand - here) * 0.2 / (there - here)
    assert note.endswith(f"the same as on_demand at a billing overhead of {percent(level)}")
    dear = asked(term="spot", rate_usd_per_gpu_hour=50)
    assert "more expensive than on_demand" in indexed(options(dear)).loc[("spot", ""), "note"]
    idle = indexed(options(asked(utilization=0))).loc[("spot", ""), "note"]
    assert "dear" not in idle


def test_plain_totals_that_favor_a_loser_are_flagged() -> None:
    """Bought for 1,000 or rented for 30 months at 35: in plain totals buying is 50 cheaper."""
    case = neutral(
        price_usd_per_gpu=1_000,
        rate_usd_per_gpu_hour=35 / 730,
        horizon_months=30,
        discount_rate=0.1,
    )
    frame = indexed(options(gpu="L4", **case))
    assert frame.index[0] == ("on_demand", "")
    assert frame.loc[("buy_new", "own_site"), "conflict"]
    # Nothing is borrowed, so a loan is a purchase.
    assert {option for option, _ in frame.index[frame["conflict"]]} == {"buy_new", "loan"}
    plain = indexed(options(gpu="L4", **case | {"discount_rate": 0}))
    assert not plain["conflict"].any()


def test_a_loan_at_the_discount_rate_is_level_with_cash() -> None:
    frame = indexed(
        options(asked(loan_apr=12 * (1.09 ** (1 / 12) - 1), loan_months=30, discount_rate=0.09))
    )
    for hosting in HOSTING:
        loan, cash = (frame.loc[(option, hosting)] for option in ("loan", "buy_new"))
        assert loan["present_value_usd"] == pytest.approx(cash["present_value_usd"], rel=1e-12)
        assert cash["rank"] < loan["rank"]


def test_notes_say_how() -> None:
    frame = indexed(options(asked(**LEASE, lease_buyout_usd_per_gpu=1, lease_in_advance=False)))
    note = frame.loc[("lease", "own_site"), "note"]
    assert note.startswith("terms of 36 months, paid in arrears, then bought for $1.00 per GPU; ")
    assert frame.loc[("loan", "own_site"), "note"].startswith("90 % financed at 8 % per year")
    assert "returned" in options(asked(**LEASE))["note"].str.cat()
    terms = {"lease_covers": "gpus", "lease_payment_interval_months": 3}
    terms |= {"lease_fee_usd_per_gpu": 25.0, "lease_buyout_at_market": True}
    note = indexed(options(asked(**LEASE, **terms))).loc[("lease", "own_site"), "note"]
    assert note.startswith(
        "GPUs only, terms of 36 months, paid every 3 months in advance, plus $25.00 per GPU at the "
        "start of each term, then bought at the market value; "
    )
    assert "price fixed for 12 months" in frame.loc[("committed_1yr", ""), "note"]


def test_mistakes() -> None:
    with pytest.raises(InputError, match="one scenario at a time"):
        options(utilization=[0.1, 0.2])
    with pytest.raises(InputError, match="option = 'rent' is not one of on_demand"):
        what_if(asked(), "rent")
    with pytest.raises(InputError, match="hosting = 'moon'"):
        what_if(asked(), "loan", "moon")


def test_an_interval_counts_as_its_midpoint() -> None:
    ranged = options(asked(utilization="0.5..0.7"))
    pd.testing.assert_frame_equal(ranged, options(asked(utilization=0.6)))


# Small whole numbers so that lines meet in one point, coincide and run in parallel.
ends = st.integers(-20, 20).map(float) | st.floats(-1e6, 1e6, allow_subnormal=False)
lines = st.lists(st.tuples(ends, ends), min_size=1, max_size=20)


def at(line: tuple[float, float], share: float) -> float:
    return line[0] + (line[1] - line[0]) * share


@given(lines, st.floats(0, 1))
def test_the_winner_is_the_least_of_all(drawn: list[tuple[float, float]], share: float) -> None:
    scale = max(abs(end) for line in drawn for end in line)
    for segment in lower_envelope(drawn):
        if segment.low <= share <= segment.high:
            least = min(at(line, share) for line in drawn)
            assert at(drawn[segment.line], share) <= least + 1e-11 * scale


@given(lines)
def test_the_segments_cover_everything_once(drawn: list[tuple[float, float]]) -> None:
    found = lower_envelope(drawn)
    assert (found[0].low, found[-1].high) == (0, 1)
    assert [segment.high for segment in found[:-1]] == [segment.low for segment in found[1:]]
    assert all(segment.low < segment.high for segment in found)
    rises = [drawn[segment.line][1] - drawn[segment.line][0] for segment in found]
    assert rises == sorted(rises, reverse=True)
    assert len({segment.line for segment in found}) == len(found)


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(
    drawn: list[tuple[float, float]], random: object
) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        [(lines[segment.line], segment.low, segment.high) for segment in lower_envelope(lines)]
        for lines in (drawn, shuffled)
    )
    # Lines that agree to twelve digits stand for each other.
    for (a, *places), (b, *others) in zip(one, other, strict=True):
        assert places == others
        assert a == pytest.approx(b, rel=1e-11)


def test_ties() -> None:
    assert lower_envelope([]) == []
    assert lower_envelope([(1.0, 2.0), (1.0, 2.0)]) == [Segment(0, 0, 1)]
    # Equal but for rounding.
    assert lower_envelope([(1.0, 2.0 + 1e-15), (1.0, 2.0)]) == [Segment(0, 0, 1)]
    # From one point: the flatter one.
    assert lower_envelope([(0.0, 2.0), (0.0, 1.0)]) == [Segment(1, 0, 1)]
    # Meeting at the end only.
    assert lower_envelope([(0.0, 1.0), (2.0, 1.0)]) == [Segment(0, 0, 1)]
    # The one in the middle only touches.
    three = [(0.0, 2.0), (0.5, 1.5), (1.0, 1.0)]
    assert lower_envelope(three) == [Segment(0, 0, 0.5), Segment(2, 0.5, 1)]


def test_no_segment_is_empty_where_rounding_makes_one_point_two() -> None:
    """Three lines through (0.3, 2.5) or so: in floats they do not meet in one point."""
    found = lower_envelope([(1.21, -0.89), (0.53, 5.23), (1.4, -2.6)])
    assert all(segment.low < segment.high for segment in found)
    assert [segment.line for segment in found] == [1, 2]


@pytest.mark.parametrize("gpu", tco.catalog.gpus()["gpu"])
def test_every_gpu_of_the_catalogue_has_its_options(gpu: str) -> None:
    """Whatever markets are behind its offers: their rates grow alike, apart, or are not known."""
    found = tco.options(gpu=gpu, as_of="2026-11-21")
    assert set(found["option"]) >= {"on_demand", "buy_new", "buy_used"}
    assert found["status"].isin(["priced", "missing"]).all()
    priced = found[found["status"] == "priced"]
    assert priced["present_value_usd"].notna().all()
