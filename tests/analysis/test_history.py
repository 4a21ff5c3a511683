"""Series of observations and their trends, on the shipped data and on frames."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import tco
from tco.analysis.history import COLUMNS, history, trend, trends, used_price_trends
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.market.choice import comparable, offers
from tco.market.files import first_day
from tco.market.records import ALL_PROVIDERS, MARKETS

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
    found = history("RTX-4090", provider="vastai")
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
