"""What drives the spread, and what it is worth to know it: closed forms and plain sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tco.analysis import simulation
from tco.analysis.simulation import Simulation, simulate
from tests.neutral import COMMON_CASE

TYPICAL = {"gpu": "L4", "gpus": 8, "horizon_months": 36, "as_of": "2026-11-21"}
EVEN = (np.arange(4_096) + 0.5) / 4_096


def scattered(seed: int) -> Any:
    """Evenly spread shares in a random order."""
    return np.random.default_rng(seed).permutation(EVEN)


@pytest.mark.parametrize("mean", [-0.8, -0.2, 0.0, 0.3, 0.9])
def test_the_value_of_knowing_one_of_two(mean: float) -> None:
    # x is uniform on (-1, 1) and y is noise around 0: knowing x, one decides by mean + x, and the
    # mean of its positive part is (1 + mean)² / 4.
    x, y = 2 * scattered(0) - 1, stats.norm.ppf(scattered(1))
    found = simulation.values_of_knowing({"x": x, "y": y}, mean + x + y)
    assert found["x"] == pytest.approx((1 + mean) ** 2 / 4 - max(mean, 0), abs=0.03)
    # Knowing a standard normal y: mean of the positive part of mean + y.
    known = mean * stats.norm.cdf(mean) + stats.norm.pdf(mean)
    assert found["y"] == pytest.approx(known - max(mean, 0), abs=0.03)


def test_what_has_no_influence_is_worth_next_to_nothing() -> None:
    # Half of the noise in a fit of 4,096 draws would still be 1 % of their spread.
    worth = []
    for seed in range(20):
        y = stats.norm.ppf(scattered(seed))
        worth.append(simulation.values_of_knowing({"x": scattered(seed + 99)}, y)["x"])
    assert np.mean(worth) < 0.01
    certain = 0.2 + stats.norm.ppf(EVEN)
    assert simulation.values_of_knowing({"x": scattered(5)}, certain)["x"] < 0.001


def test_what_cannot_change_the_decision_is_worth_exactly_nothing() -> None:
    x = scattered(0)
    assert simulation.values_of_knowing({"x": x}, 1 + x) == {"x": 0}
    assert simulation.values_of_knowing({"x": x}, -1 - x) == {"x": 0}
    assert simulation.value_of_knowing_all(-1 - x) == 0
    assert simulation.values_of_knowing({"x": np.ones(4_096)}, x - 0.5) == {"x": 0}
    # Not even the rounding of a mean, where single futures lose but no value of x does.
    for seed in range(20):
        saving = 1e5 * (1.1 + x) + 1e5 * stats.norm.ppf(scattered(seed + 1))
        assert simulation.values_of_knowing({"x": x}, saving) == {"x": 0}


def test_a_curved_relation_and_one_of_two_values() -> None:
    x, y = 2 * scattered(0) - 1, stats.norm.ppf(scattered(1)) / 4
    found = simulation.values_of_knowing({"x": x}, x**2 - 1 / 3 + y)
    # The integral of x² - 1/3 over its positive part, both sides of 1/√3: 2 / (9 √3).
    assert found["x"] == pytest.approx(2 / (9 * np.sqrt(3)), rel=0.05)
    coin = np.sign(x)
    assert simulation.values_of_knowing({"x": coin}, coin + y)["x"] == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("draws", [1, 2, 3, 4, 5, 6])
def test_a_few_draws(draws: int) -> None:
    x = np.linspace(-1, 1, draws)
    found = simulation.values_of_knowing({"x": x}, x)
    assert 0 <= found["x"] <= simulation.value_of_knowing_all(x)
    assert -1 <= simulation.rank_correlations({"x": x}, x)["x"] <= 1


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 1.0, 2.5]), st.sampled_from([-3.0, 0.0, 0.5, 7.0])),
        min_size=3,
        max_size=40,
    )
)
def test_rank_correlations_are_spearman_s_also_with_ties(pairs: list[tuple[float, float]]) -> None:
    x, y = np.array(pairs).T
    found = simulation.rank_correlations({"x": x}, y)["x"]
    if np.ptp(x) and np.ptp(y):
        assert found == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)
    else:
        assert found == 0


def in_bins(simulation: Simulation, name: str, bins: int = 128) -> float:
    """The value of knowing an input from the mean savings of equal parts of many draws."""
    saving = simulation.results["npv_saving_usd"]
    order = np.argsort(simulation.drawn[name], kind="stable")
    means = saving[order].reshape(bins, -1).mean(axis=1)
    return float(np.maximum(means, 0).mean() - max(saving.mean(), 0))


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (
            {"utilization": 0.6, "license_usd_per_gpu_year": 0},
            ("staff_usd_per_gpu_month", "rate_usd_per_gpu_hour", "rate_growth_per_year"),
        ),
        (
            {"gpu": "H100-SXM", "utilization": 0.9},
            ("rate_growth_per_year", "rate_usd_per_gpu_hour", "resale_decline_per_year"),
        ),
    ],
)
def test_against_bins_of_many_draws(inputs: dict[str, Any], names: tuple[str, ...]) -> None:
    many = simulate(**{**TYPICAL, **inputs}, draws=2**17, seed=9)
    few = [simulate(**{**TYPICAL, **inputs}, seed=seed) for seed in range(6)]
    for name in names:
        found = [odds.drivers.set_index("input").loc[name, "value_of_knowing_usd"] for odds in few]
        assert np.mean(found) == pytest.approx(in_bins(many, name), rel=0.1)
    assert {odds.check_first for odds in few} == {names[0]}


def test_drivers_are_ordered_and_bounded() -> None:
    odds = simulate(**TYPICAL)
    frame = odds.drivers
    assert set(frame["input"]) == set(odds.uncertain)
    sizes = frame["rank_correlation"].abs()
    assert sizes.is_monotonic_decreasing
    assert frame["value_of_knowing_usd"].between(0, odds.value_of_knowing_all_usd).all()
    signs = frame.set_index("input")["rank_correlation"]
    assert signs["rate_usd_per_gpu_hour"] > 0.1
    assert signs["staff_usd_per_gpu_month"] < -0.1
    row = frame.set_index("input").loc["staff_usd_per_gpu_month"]
    assert (row["value"], row["low"], row["high"], row["shape"]) == (40, 10, 197, "lognormal")
    assert row["unit"] == "USD per GPU per month"


@pytest.mark.parametrize(
    "correlations", [None, {("price_usd_per_gpu", "rate_usd_per_gpu_hour"): 0.9}]
)
def test_sobol_indices_of_a_sum_are_shares_of_the_variance(correlations: Any) -> None:
    # The price moves one side linearly and the rate the other: no interaction. They are off in
    # both cases: with the correlation on, the shares would not even add up.
    inputs = COMMON_CASE | {
        "price_usd_per_gpu": "2000..5000",
        "rate_usd_per_gpu_hour": "0.60..0.70",
    }
    odds = simulate(**inputs, correlations=correlations, draws=4_096)
    spread = {}
    for name in odds.uncertain:
        sure = {n: inputs[n] for n in odds.uncertain} | {name: inputs[name]}
        other = next(n for n in odds.uncertain if n != name)
        sure[other] = odds.scenario.values()[other]
        spread[name] = (
            simulate(**COMMON_CASE | sure, draws=4_096).to_frame()["npv_saving_usd"].var()
        )
    found = odds.sobol_indices(2_048).set_index("input")
    assert list(found.columns) == ["first_order_uncorrelated", "total_order_uncorrelated"]
    for name, variance in spread.items():
        share = variance / sum(spread.values())
        assert 0.1 < share < 0.9
        assert found.loc[name].tolist() == pytest.approx([share, share], abs=0.02)
    assert found["first_order_uncorrelated"].is_monotonic_decreasing


def test_sobol_indices_where_nothing_varies() -> None:
    # Nobody pays for a rack in colocation.
    for racks in (
        {"rack_usd_per_month": "1..9"},
        {"rack_usd_per_month": "1..9", "rack_kw": "2..9"},
    ):
        odds = simulate(**COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7} | racks)
        assert odds.npv_saving_usd.p10 == odds.npv_saving_usd.p90
        indices = odds.sobol_indices(64)
        assert list(indices["input"]) == list(racks)
        assert (indices.iloc[:, 1:] == 0).all(axis=None)
        assert (odds.drivers["rank_correlation"] == 0).all()
        assert odds.check_first is None


def test_the_only_uncertain_input_has_all_of_the_variance() -> None:
    odds = simulate(**COMMON_CASE | {"rate_usd_per_gpu_hour": "0.5..0.7"})
    assert odds.sobol_indices(64).iloc[0].tolist() == ["rate_usd_per_gpu_hour", 1, 1]


def test_interactions_are_in_the_total_only() -> None:
    # Hours and rate multiply each other.
    inputs = {"rate_usd_per_gpu_hour": "0.05..1.5", "utilization": "0.05..0.9"}
    found = simulate(**COMMON_CASE | inputs).sobol_indices(4_096).set_index("input")
    extra = found["total_order_uncorrelated"] - found["first_order_uncorrelated"]
    assert (extra > 0.02).all()
    assert found["first_order_uncorrelated"].sum() < 0.98
