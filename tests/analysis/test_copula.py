"""Draws of many inputs at once: even, repeatable, and correlated as declared."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tco.analysis import distributions
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.market.data_tables import Correlation
from tco.market.records import ASSUMPTION

DECLARED = distributions.correlations_on("2026-11-21")
GROWTH = ("resale_decline_per_year", "rate_growth_per_year")
POWER = ("electricity_usd_per_kwh", "electricity_growth_per_year")


def drawn(
    draws: int, seed: int, pairs: dict[distributions.Pair, float], *names: str
) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {name: [] for name in names}
    parts = []
    for part, block in distributions.shares_of(draws, seed, pairs, names):
        parts.append(part)
        for name in names:
            columns[name].append(block[name])
    assert parts[0].start == 0
    assert parts[-1].stop == draws
    return {name: np.concatenate(blocks) for name, blocks in columns.items()}


def test_the_declared_correlations() -> None:
    assert set(DECLARED) == {GROWTH, POWER}
    # A falling rental market takes resale down with it: less growth, more decline.
    assert DECLARED[GROWTH] < 0
    for row in distributions.correlations():
        assert row.note
        assert row.source_id == ASSUMPTION or row.source_id in load().sources


@pytest.mark.parametrize("seed", range(5))
def test_sampled_rank_correlations_are_those_declared(seed: int) -> None:
    found = drawn(16_384, seed, DECLARED, *GROWTH, *POWER)
    for (a, b), rho in DECLARED.items():
        assert stats.spearmanr(found[a], found[b])[0] == pytest.approx(rho, abs=0.03)
    for a, b in itertools.product(GROWTH, POWER):
        assert stats.spearmanr(found[a], found[b])[0] == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("rho", [-1, -0.9, -0.3, 0, 0.2, 0.75, 0.99, 1])
def test_any_rank_correlation_is_met(rho: float) -> None:
    found = drawn(16_384, 3, {("gpu_w", "pue"): rho}, "pue", "gpu_w")
    sampled = stats.spearmanr(found["pue"], found["gpu_w"])[0]
    assert sampled == pytest.approx(rho, abs=0.03 if abs(rho) < 1 else 1e-9)


def test_three_at_once() -> None:
    pairs = {("gpu_w", "idle_w"): 0.8, ("gpu_w", "pue"): 0.5, ("idle_w", "pue"): 0.1}
    found = drawn(16_384, 0, pairs, "gpu_w", "idle_w", "pue")
    for (a, b), rho in pairs.items():
        assert stats.spearmanr(found[a], found[b])[0] == pytest.approx(rho, abs=0.03)


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_the_factor_is_that_of_the_matrix_or_there_is_none(values: list[float]) -> None:
    names = ["gpu_w", "load_factor", "idle_w", "pue"]
    pairs = dict(zip(itertools.combinations(names, 2), values, strict=True))
    matrix = np.eye(4)
    for (a, b), rho in pairs.items():
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = 2 * math.sin(math.pi * rho / 6)
    least = float(np.linalg.eigvalsh(matrix).min())
    rows = distributions.factor(pairs)
    if rows is None:
        assert least < 1e-5
    else:
        assert least > -1e-5
        lower = np.array([[rows[a].get(b, 0) for b in names] for a in names])
        assert lower @ lower.T == pytest.approx(matrix, abs=2e-6)
        assert np.triu(lower, 1) == pytest.approx(0)


def test_each_input_is_spread_evenly() -> None:
    names = [name for name, declared in INPUTS.items() if declared.numeric]
    found = drawn(1_024, 5, {}, *names)
    for name, column in found.items():
        # One draw in each of 1,024 equal parts.
        assert np.array_equal(np.sort(column * 1_024 // 1), np.arange(1_024)), name
    mixed = drawn(1_024, 5, DECLARED, *GROWTH, *POWER)
    for column in mixed.values():
        assert stats.kstest(column, "uniform").statistic < 0.02


def test_an_input_draws_the_same_whatever_the_others_are() -> None:
    everything = drawn(500, 1, DECLARED, *distributions.NUMBERS)
    for names in (("pue",), GROWTH[1:], (*POWER, "gpus"), distributions.NUMBERS[::-1]):
        found = drawn(500, 1, DECLARED, *names)
        for name in names:
            assert np.array_equal(found[name], everything[name])
    other = drawn(500, 1, {POWER: 0.9}, *distributions.NUMBERS)
    changed = {n for n in distributions.NUMBERS if not np.array_equal(other[n], everything[n])}
    # The second of a pair follows the first.
    assert changed == {GROWTH[1], POWER[1]}


def test_fewer_draws_are_the_first_of_more() -> None:
    many = drawn(40_000, 2, DECLARED, "pue", *GROWTH)
    for count in (1, 2, 1_000, 16_384, 16_385):
        found = drawn(count, 2, DECLARED, "pue", *GROWTH)
        for name, column in found.items():
            assert np.array_equal(column, many[name][:count])


def test_another_seed_draws_others() -> None:
    a, b = (drawn(64, seed, {}, "pue")["pue"] for seed in (0, 1))
    assert not np.array_equal(a, b)
    assert min(a.min(), b.min()) > 0
    assert max(a.max(), b.max()) < 1


def test_the_order_in_which_correlations_are_given_does_not_matter() -> None:
    wanted = {("pue", "idle_w"): 0.3, ("gpu_w", "pue"): -0.4, ("gpus", "gpu_w"): 0.2}
    orders = [dict(order) for order in itertools.permutations(wanted.items())]
    turned = [{(b, a): rho for (a, b), rho in order.items()} for order in orders]
    found = []
    for order in orders + turned:
        pairs, problems = distributions.given_correlations(order)
        assert problems == []
        found.append(drawn(64, 0, pairs, "gpus", "gpu_w", "idle_w", "pue"))
    for other in found[1:]:
        for name, column in other.items():
            assert np.array_equal(column, found[0][name])


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({("pue", "rate"): 0.1}, "'rate' is not an input"),
        ({("pue", "utilisation"): 0.1}, "'utilisation' is not an input; did you mean utilization"),
        ({("pue", "hosting"): 0.1}, "'hosting' is not a number"),
        ({("pue", 3): 0.1}, "3 is not an input"),
        ({("pue", "pue"): 1}, "pue with itself"),
        ({("pue", "gpus", "gpu_w"): 0.1}, "is not a pair of inputs"),
        ({"pue": 0.1}, "'pue' is not a pair of inputs"),
        ({("pue", "gpus"): 1.01}, "pue and gpus = 1.01 is outside [-1, 1]: a rank correlation"),
        ({("pue", "gpus"): -2}, "= -2 is outside [-1, 1]"),
        ({("pue", "gpus"): math.nan}, "= nan is outside [-1, 1]"),
        ({("pue", "gpus"): "0.1"}, "= '0.1' is outside [-1, 1]"),
        ({("pue", "gpus"): True}, "= True is outside [-1, 1]"),
        ({("pue", "gpus"): None}, "= None is outside [-1, 1]"),
        ({("pue", "gpus"): 0.1, ("gpus", "pue"): 0.1}, "gpus and pue stand there twice"),
        ([("pue", "gpus", 0.1)], "is not a table of pairs"),
        (0.5, "0.5 is not a table of pairs"),
    ],
)
def test_what_is_no_correlation(wanted: Any, says: str) -> None:
    _, problems = distributions.given_correlations(wanted)
    assert len(problems) == 1
    assert problems[0].input == "correlations"
    assert says in problems[0].message
    assert problems[0].message.startswith("correlations: ")


def test_every_wrong_correlation_is_reported() -> None:
    good, problems = distributions.given_correlations(
        {("a", "pue"): 0, ("pue", "gpus"): 7, ("gpus", "gpu_w"): 0.5}
    )
    assert len(problems) == 2
    assert good == {("gpus", "gpu_w"): 0.5}


def test_correlations_that_contradict_each_other() -> None:
    pairs = {("gpu_w", "idle_w"): 0.9, ("gpu_w", "pue"): 0.9, ("idle_w", "pue"): -0.9}
    (problem,) = distributions.contradiction(pairs)
    assert "gpu_w and idle_w 0.9" in problem.message
    assert "the matrix is not positive semidefinite" in problem.message
    assert distributions.contradiction({**pairs, ("idle_w", "pue"): 0.9}) == []
    assert distributions.contradiction(DECLARED) == []
    opposite = {("gpu_w", "idle_w"): 1, ("gpu_w", "pue"): 1, ("idle_w", "pue"): 0.99}
    assert len(distributions.contradiction(opposite)) == 1


def test_the_newest_known_row_of_a_pair_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(rho: float, as_of: str) -> Correlation:
        return Correlation("gpu_w", "pue", rho, as_of, ASSUMPTION, "made up")

    rows = (row(0.1, "2025"), row(0.2, "2026-03"), row(0.3, "2026-11-01"))
    monkeypatch.setattr(distributions, "correlations", lambda: rows)
    for as_of, rho in (("2024-01-01", 0.1), ("2026-02-28", 0.1), ("2026-03-01", 0.2)):
        assert distributions.correlations_on(as_of) == {("gpu_w", "pue"): rho}
    assert distributions.correlations_on("2027-01-01") == {("gpu_w", "pue"): 0.3}
