"""Dated rates and used prices as series, and their trends: fits worked by hand."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

import pandas as pd
import pytest

import tco
from tco.analysis.history import COLUMNS, history, trend, trends, used_price_trends
from tco.errors import InputError, TcoError, to_install
from tco.inputs import INPUTS
from tco.market.catalogue import ALL_PROVIDERS, MARKETS, load
from tco.market.evidence import comparable, offers
from tco.market.files import first_day

CATALOGUE = load()
# The day to which the published fits look.
PUBLISHED = "2026-09-30"


def series(gpu: str, instance: str, term: str, as_of: str = PUBLISHED) -> pd.Series:
    found = trends(gpu, term=term, as_of=as_of)
    found = found[(found["instance"] == instance) & (found["observations"] > 5)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_history_lists_every_observation_of_the_data() -> None:
    found = history("L4", provider="gcp", region="us-central1", term="spot")
    assert tuple(found.columns) == COLUMNS
    rows = {
        (row.instance, row.as_of, row.usd_per_gpu_hour)
        for row in CATALOGUE.rates_of("L4")
        if (row.provider, row.region, row.term) == ("gcp", "us-central1", "spot")
    }
    assert (
        set(zip(found["instance"], found["as_of"], found["usd_per_gpu_hour"], strict=True)) == rows
    )
    assert set(found["market"]) == {"hyperscaler"}
    small = found[found["instance"] == "g2-standard-4"]
    # Two who look at the same list are two series.
    assert set(small["source_id"]) == {"cyclenerd-gcp-pricing", "gpuflow-pricing-2026"}
    assert small["series"].nunique() == 2


def test_the_history_is_sorted_by_series_and_date() -> None:
    found = history("H100-SXM")
    order = list(zip(found["series"], found["date"], strict=True))
    assert order == sorted(order)
    assert str(found["date"].dtype).startswith("datetime64")


def test_ages_count_from_the_day_of_the_question_and_later_rows_are_left_out() -> None:
    found = history("L4", provider="gcp", region="us-central1", as_of="2024-01-04")
    assert found["date"].max() == pd.Timestamp("2024-01-04")
    first = found[found["date"] == found["date"].min()].iloc[0]
    assert (first["as_of"], first["age_days"]) == ("2023-05-04", 245)
    assert (found["age_days"] >= 0).all()


def test_region_and_provider_choose_as_for_offers() -> None:
    everywhere = history("L4")
    assert {"us-central1", "any"} < set(everywhere["region"])
    american = history("L4", region="US")
    assert set(american["country"]) == {"US", "any"}
    assert set(history("L4", provider="all")["provider"]) == set(everywhere["provider"])
    assert set(history("L4", provider="aws", region="us-east-1")["region"]) == {"us-east-1"}


def test_a_date_without_a_day_counts_from_its_first() -> None:
    found = history("RTX-4090", provider="vastai", as_of="2026-07-31")
    assert found["as_of"].tolist() == ["2026-05", "2026-06", "2026-07"]
    assert found["date"].tolist() == [pd.Timestamp(2026, month, 1) for month in (5, 6, 7)]
    assert set(found["market"]) == {"marketplace"}


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"gpu": "l4"}, "did you mean L4"),
        ({"gpu": "L4", "provider": "gpc"}, "did you mean gcp"),
        ({"gpu": "L4", "term": "weekly"}, "term = 'weekly'"),
        ({"gpu": "L4", "region": "moon"}, "region = 'moon'"),
        ({"gpu": "L4", "as_of": "yesterday"}, "as_of = 'yesterday'"),
        ({"gpu": ["L4", "T4"]}, "one value for each argument"),
    ],
)
def test_unknown_keys_are_refused(choice: dict[str, str], says: str) -> None:
    for function in (history, trends):
        with pytest.raises(InputError, match=says):
            function(**choice)


def test_a_gpu_that_nobody_rents_has_no_history_and_no_trends() -> None:
    assert history("Arc-Pro-B60").empty
    empty, full = trends("Arc-Pro-B60"), trends("L4")
    assert empty.empty
    assert list(empty.columns) == list(full.columns)


def test_observations_of_the_caller_join_their_own_series() -> None:
    rows = [
        {"gpu": "L4", "provider": "seeweb", "usd_per_gpu_hour": 0.4 + month / 100, "as_of": day}
        for month, day in enumerate(f"2025-{month:02}-01" for month in range(1, 13))
    ]
    rows.append({**rows[0], "as_of": "2026-01-01", "usd_per_gpu_hour": 0.6})
    found = trends("L4", provider="seeweb", prices=pd.DataFrame(rows))
    own = found[found["source_id"] == "frame"].iloc[0]
    assert (own["observations"], own["method"], own["market"]) == (13, "log_linear", "neocloud")
    assert own["change_per_year"] > 0
    assert len(found) == len(trends("L4", provider="seeweb")) + 1


def test_a_provider_of_the_caller_has_no_market() -> None:
    row = {"gpu": "L4", "provider": "cellar", "usd_per_gpu_hour": 0.3, "as_of": "2026-10-01"}
    found = history("L4", provider="cellar", prices=pd.DataFrame([row]))
    assert found[["market", "as_of"]].to_numpy().tolist() == [["", "2026-10-01"]]


def test_offers_without_their_host_are_named_as_such() -> None:
    found = history("L4", provider="modal")
    assert not found["host_included"].any()
    assert found["series"].str.endswith("host not included").all()


@pytest.mark.parametrize(
    ("gpu", "instance", "change", "observations"),
    # Published fits of the same rows: all flat, then one cut in June 2025.
    [
        ("A100-40GB-SXM", "p4d.24xlarge", -0.109, 38),
        ("A100-80GB-SXM", "p4de.24xlarge", -0.132, 37),
        ("H100-SXM", "p5.48xlarge", -0.185, 37),
        ("H200", "p5en.48xlarge", -0.201, 19),
        ("L4", "g6.xlarge", 0, 33),
        ("L40S", "g6e.xlarge", 0, 30),
        ("T4", "g4dn.xlarge", 0, 38),
    ],
)
def test_aws_lists_are_steps(gpu: str, instance: str, change: float, observations: int) -> None:
    found = series(gpu, instance, "on_demand")
    assert (found["method"], found["observations"]) == ("endpoint", observations)
    assert round(found["change_per_year"], 3) == change


@pytest.mark.parametrize(
    ("gpu", "instance", "term", "change", "observations"),
    [
        ("A100-40GB-SXM", "a2-highgpu-1g", "on_demand", 0.007, 54),
        ("A100-40GB-SXM", "a2-highgpu-1g", "1yr", 0.007, 54),
        ("A100-40GB-SXM", "a2-highgpu-1g", "3yr", 0.007, 54),
        ("A100-80GB-SXM", "a2-ultragpu-1g", "on_demand", 0.002, 46),
        ("H100-SXM", "a3-highgpu-8g", "on_demand", 0, 26),
        ("H100-SXM", "a3-highgpu-8g", "1yr", 0, 26),
        ("L4", "g2-standard-4", "on_demand", 0, 39),
        ("L4", "g2-standard-4", "3yr", 0, 39),
    ],
)
def test_google_lists_stand_still(
    gpu: str, instance: str, term: str, change: float, observations: int
) -> None:
    found = series(gpu, instance, term, as_of="2026-07-02")
    assert (found["method"], found["observations"]) == ("endpoint", observations)
    assert round(found["change_per_year"], 3) == change


@pytest.mark.parametrize(
    ("gpu", "instance", "fitted", "r_squared", "ends"),
    # As published for the months to 2026-07-02: log-linear, r² and endpoint.
    [
        ("A100-40GB-SXM", "a2-highgpu-1g", 0.076, 0.39, 0.199),
        ("A100-80GB-SXM", "a2-ultragpu-1g", 0.088, 0.52, 0.199),
    ],
)
def test_google_spot_prices_rise(
    gpu: str, instance: str, fitted: float, r_squared: float, ends: float
) -> None:
    found = series(gpu, instance, "spot", as_of="2026-07-02")
    assert (found["method"], found["observations"]) == ("log_linear", 38)
    assert round(found["change_per_year"], 3) == fitted
    assert round(found["r_squared"], 2) == r_squared
    assert round(found["endpoint_change_per_year"], 3) == ends
    assert 0 < found["low_per_year"] < fitted < found["high_per_year"]


@pytest.mark.parametrize(
    ("gpu", "instance", "fitted", "r_squared", "ends", "observations"),
    [
        ("L4", "g2-standard-4", 0.170, 0.81, 0.213, 42),
        ("H100-SXM", "a3-highgpu-8g", -0.137, 0.07, -0.162, 28),
    ],
)
def test_published_spot_trends_that_end_with_a_point_of_another_source(
    gpu: str, instance: str, fitted: float, r_squared: float, ends: float, observations: int
) -> None:
    """Those who published the fits put one price of a blog behind the list; here it stays apart."""
    found = history(gpu, provider="gcp", region="us-central1", term="spot", as_of=PUBLISHED)
    found = found[found["instance"] == instance]
    joined = trend([day.date() for day in found["date"]], found["usd_per_gpu_hour"].tolist())
    assert joined.observations == observations
    assert (round(joined.change_per_year or 0, 3), round(joined.r_squared or 0, 2)) == (
        fitted,
        r_squared,
    )
    assert round(joined.endpoint_change_per_year or 0, 3) == ends
    alone = series(gpu, instance, "spot")
    assert alone["observations"] == observations - 1
    assert alone["low_per_year"] < fitted < alone["high_per_year"]


@pytest.mark.parametrize(
    ("card", "all_months", "after_mining"),
    # As published for sold listings, 2021-10 to 2023-11 and from 2022-10 on.
    [
        ("RTX 3090", -0.531, -0.163),
        ("RTX 2080 Ti", -0.500, -0.215),
        ("RTX 3080", -0.542, -0.364),
        ("RTX 3070", -0.543, -0.334),
        ("RTX 3060", -0.330, -0.282),
        ("RTX 3090 Ti", -0.429, -0.260),
    ],
)
def test_used_cards_lost_as_published(card: str, all_months: float, after_mining: float) -> None:
    for since, change in ((None, all_months), ("2022-10", after_mining)):
        found = used_price_trends(since=since)
        found = found[(found["card"] == card) & (found["method"] == "log_linear")]
        assert found["change_per_year"].round(3).tolist() == [change]


def test_used_prices_are_not_joined_over_sources() -> None:
    found = used_price_trends()
    sources = found[found["card"] == "RTX 3090"]["source_id"]
    assert sources.is_unique
    assert len(sources) > 2
    late = used_price_trends(since="2026")
    assert set(late["method"]) == {"none"}


@pytest.mark.parametrize("since", ["October", "2022-13", "", 2022])
def test_since_is_a_date(since: str) -> None:
    with pytest.raises(InputError, match=f"since = {since!r}"):
        used_price_trends(since=since)


def test_every_provider_that_rents_is_in_the_table() -> None:
    renting = {row.provider for row in CATALOGUE.rates}
    assert renting <= set(CATALOGUE.providers)
    kinds = {key: row.market for key, row in CATALOGUE.providers.items()}
    assert {kinds[key] for key in ("aws", "azure", "gcp", "oci", "ibm")} == {"hyperscaler"}
    assert {kinds[key] for key in ("vastai", "salad", "sfcompute")} == {"marketplace"}
    assert {kinds[key] for key in ("lambda", "runpod", "crusoe", "verda")} == {"neocloud"}
    assert set(kinds.values()) == set(MARKETS)
    assert [key for key, row in CATALOGUE.providers.items() if row.currency == "EUR"] == [
        "scaleway"
    ]


def test_the_history_is_of_offers_that_the_data_knows_in_their_form() -> None:
    forms = {"a2-highgpu-1g": "A100-40GB-SXM", "a2-ultragpu-1g": "A100-80GB-SXM"}
    forms |= {"p4d.24xlarge": "A100-40GB-SXM", "p4de.24xlarge": "A100-80GB-SXM"}
    forms |= {"a3-highgpu-8g": "H100-SXM", "p5.48xlarge": "H100-SXM", "p5en.48xlarge": "H200"}
    for row in CATALOGUE.rates:
        assert forms.get(row.instance, row.gpu) == row.gpu, row
        if row.source_id == "tracker-vastai-api":
            assert row.instance == "median-of-hosts", row


def test_no_old_row_speaks_for_today() -> None:
    """What an offer cost years ago is history and no offer."""
    for gpu in CATALOGUE.gpus:
        for term in INPUTS["term"].choices:
            found = offers(CATALOGUE, gpu, ALL_PROVIDERS, "any", term, CATALOGUE.newest)
            for rate in comparable(found):
                assert first_day(rate.as_of) >= "2025-01-01", rate
                assert rate.source_id != "full-stack-cloud-gpus", rate


def test_a_question_of_old_is_answered_from_old_rows() -> None:
    asked = tco.Scenario(gpu="H100-SXM", provider="aws", as_of="2024-06-01").resolved()
    rate = asked["rate_usd_per_gpu_hour"]
    assert (rate.value, rate.source_id, rate.as_of) == (12.29, "karpenter-aws", "2024-04-25")
    assert date.fromisoformat(rate.as_of) < date(2024, 6, 1)


FOUR_YEARS = 1461  # days: exactly four years of 365.25


def every_four_years(count: int) -> list[date]:
    return [date(1800, 1, 1) + timedelta(days=FOUR_YEARS * step) for step in range(count)]


@pytest.mark.parametrize(("factor", "change"), [(2.0, 1.0), (0.9, -0.1)])
def test_an_exact_exponential_gives_its_own_rate_and_no_doubt(factor: float, change: float) -> None:
    found = trend(every_four_years(6), [100 * factor ** (4 * step) for step in range(6)])
    assert (found.method, found.observations, found.years) == ("log_linear", 6, 20)
    assert found.change_per_year == pytest.approx(change, abs=1e-12)
    assert found.low_per_year == pytest.approx(change, abs=1e-12)
    assert found.high_per_year == pytest.approx(change, abs=1e-12)
    assert found.endpoint_change_per_year == pytest.approx(change, abs=1e-12)
    assert found.r_squared == pytest.approx(1)
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_a_regression_worked_by_hand() -> None:
    # x = 0 … 5 (times four years), y = 0, 2, 1, 3, 2, 4: means 2.5 and 2, Sxx 17.5, Sxy 11,
    # slope 22/35 a step, residual squares 108/35, r² 0.6914; neighbors are unlike (r = -5/6), so
    # all six points count: error sqrt(108/35 / 4 / 17.5) = 0.209956, t(0.9, 4) = 1.533206.
    found = trend(every_four_years(6), [math.exp(y) for y in (0, 2, 1, 3, 2, 4)])
    assert found.change_per_year == pytest.approx(math.exp(22 / 35 / 4) - 1)
    assert found.r_squared == pytest.approx(121 / 17.5 / 10)
    assert found.standard_error == pytest.approx(0.209956 / 4, rel=1e-5)
    reach = 1.533206 * 0.209956 / 4
    assert found.low_per_year == pytest.approx(math.exp(22 / 35 / 4 - reach) - 1, rel=1e-5)
    assert found.high_per_year == pytest.approx(math.exp(22 / 35 / 4 + reach) - 1, rel=1e-5)
    assert found.endpoint_change_per_year == pytest.approx(math.exp(4 / 20) - 1)


def test_residuals_that_are_alike_count_for_fewer_points() -> None:
    # Sixteen points on a line of slope 0.1 a step, off it by ±0.01 in an even pattern, which leaves
    # the slope. Of the 15 products of neighbors 9 are +1 and 6 are -1: r = 3/16,
    # m = 16 · (13/16) / (19/16) = 208/19. Error: sqrt(16 · 0.01² / (m - 2) / 340) with Sxx = 340.
    half = [1, 1, -1, -1, 1, 1, -1, -1]
    y = [0.1 * step + 0.01 * off for step, off in enumerate([*half, *half[::-1]])]
    found = trend(every_four_years(16), [math.exp(height) for height in y])
    error = math.sqrt(16 * 0.01**2 / (208 / 19 - 2) / 340) / 4
    assert found.standard_error == pytest.approx(error)
    assert found.change_per_year == pytest.approx(math.exp(0.025) - 1)
    # Student's t at 0.9 is 1.397 for 8 degrees of freedom and 1.383 for 9; here they are 8.95.
    reach = math.log((1 + (found.high_per_year or 0)) / (1 + (found.change_per_year or 0)))
    assert 1.383 < reach / error < 1.386


def test_at_least_four_points_count_however_alike_the_residuals_are() -> None:
    # Twelve points off a line by +, -, + in blocks of 3, 6 and 3: r = 7/12, m = 60/19 < 4.
    off = [1, 1, 1, -1, -1, -1, -1, -1, -1, 1, 1, 1]
    y = [0.1 * step + 0.01 * sign for step, sign in enumerate(off)]
    found = trend(every_four_years(12), [math.exp(height) for height in y])
    assert found.standard_error == pytest.approx(math.sqrt(12 * 0.01**2 / 2 / 143) / 4)


def test_a_step_is_what_lies_between_its_ends() -> None:
    days = [date(2020, 1, 1) + timedelta(days=at) for at in (0, 200, 400, 900, 1200, FOUR_YEARS)]
    found = trend(days, [16, 16, 16, 1, 1, 1])
    assert (found.method, found.why) == ("endpoint", "2 price levels: no slope to fit")
    assert found.change_per_year == found.endpoint_change_per_year == pytest.approx(-0.5)
    nothing = (found.low_per_year, found.high_per_year, found.standard_error, found.r_squared)
    assert nothing == (None, None, None, None)


@pytest.mark.parametrize(
    ("prices", "method"),
    [([1, 2, 3, 3, 2, 1], "endpoint"), ([1, 2, 3, 4, 3, 2], "log_linear")],
)
def test_three_levels_are_a_step_and_four_are_not(prices: list[float], method: str) -> None:
    assert trend(every_four_years(6), prices).method == method


def test_prices_within_a_tenth_of_a_per_cent_are_one_level() -> None:
    rounded = trend(every_four_years(6), [0.70683, 0.706832, 0.70683, 0.7068, 0.707, 0.706832])
    assert rounded.why == "1 price level: no slope to fit"
    assert rounded.change_per_year == 0
    apart = trend(every_four_years(6), [1, 1.0011, 1.0022, 1.0033, 1.0044, 1.0055])
    assert apart.method == "log_linear"


def test_no_trend_under_six_points_or_under_one_year() -> None:
    five = trend(every_four_years(5), [1, 2, 3, 4, 5])
    assert (five.method, five.why, five.change_per_year) == ("none", "under six points", None)
    assert five.endpoint_change_per_year == pytest.approx(5 ** (1 / 16) - 1)
    months = [date(2025, month, 1) for month in range(1, 13)]
    short = trend(months, list(range(1, 13)))
    assert (short.method, short.why) == ("none", "under one year")
    assert (short.change_per_year, short.endpoint_change_per_year) == (None, None)


@pytest.mark.parametrize(("days", "method"), [(364, "none"), (365, "log_linear")])
def test_a_year_is_365_days(days: int, method: str) -> None:
    dates = [date(2025, 1, 1) + timedelta(days=at) for at in (0, 60, 120, 180, 240, days)]
    assert trend(dates, [1, 2, 3, 4, 5, 6]).method == method


def test_the_order_of_the_observations_does_not_matter() -> None:
    days, prices = every_four_years(7), [9.0, 7.0, 8.0, 5.0, 6.0, 3.0, 4.0]
    forward = asdict(trend(days, prices))
    assert asdict(trend(days[::-1], prices[::-1])) == forward
    assert (forward["first_usd"], forward["last_usd"]) == (9, 4)


def test_one_observation_is_no_trend() -> None:
    found = trend([date(2026, 1, 1)], [2])
    assert (found.method, found.years, found.endpoint_change_per_year) == ("none", 0, None)


@pytest.mark.parametrize(
    ("days", "prices", "says"),
    [
        ([], [], "0 prices for 0 days"),
        ([date(2026, 1, 1)], [1, 2], "2 prices for 1 days"),
        ([date(2026, 1, 1)], [0], "usd = 0.0 is not above 0"),
        ([date(2026, 1, 1)], [math.nan], "usd = nan is not above 0"),
        ([date(2026, 1, 1)], [math.inf], "usd = inf is not above 0"),
    ],
)
def test_what_is_no_price(days: Sequence[date], prices: list[float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        trend(days, prices)


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(TcoError, match=re.escape(f"a trend needs scipy: {to_install('risk')}")):
        trend(every_four_years(6), [1, 2, 3, 4, 5, 6])
    assert trend(every_four_years(6), [1, 1, 1, 2, 2, 2]).method == "endpoint"
