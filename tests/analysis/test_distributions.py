"""What uncertain inputs may be, and how they are drawn together."""

from __future__ import annotations

import itertools
import math
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tco import Scenario
from tco.analysis.distributions import (
    NUMBERS,
    Distribution,
    Pair,
    contradiction,
    correlations_on,
    distributions,
    factor,
    given_correlations,
    shares_of,
)
from tco.errors import DataError, TcoError, to_install
from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.market.catalogue import ASSUMPTION, LOG_NORMAL, PERT, Observations, load
from tco.market.choice import default_entry
from tco.market.data_tables import Correlation, correlations
from tco.market.files import data_folder
from tco.market.importers import by_hand
from tco.market.observed import observed_batch
from tests.market.faults import faulty, swap

SHARES = np.linspace(0.0005, 0.9995, 1_000)
CATALOGUE = load()


# What the reader decides: no odds are taken over it.
CHOSEN = {n for n, entries in CATALOGUE.defaults.items() if entries[-1].shape == "choice"}
# What is drawn with another input.
FOLLOWING = {"server_warranty_months"}


def beta(least: float, mode: float, most: float) -> stats.rv_continuous:
    """The textbook's PERT of a minimum, a mode and a maximum."""
    rise = (mode - least) / (most - least)
    return stats.beta(1 + 4 * rise, 5 - 4 * rise, loc=least, scale=most - least)


@pytest.mark.parametrize(
    ("least", "mode", "most"),
    [(100, 180, 400), (100, 250, 400), (120, 390, 400), (100, 113, 400)],
)
def test_a_pert_is_found_again_from_its_tenth_mode_and_ninetieth_percentile(
    least: float, mode: float, most: float
) -> None:
    true = beta(least, mode, most)
    low, high = true.ppf([0.1, 0.9])
    found = Distribution("colo_usd_per_kw_month", mode, low, high)
    assert np.abs(found.ppf(SHARES) - true.ppf(SHARES)).max() < 2e-6 * (most - least)


def test_a_pert_worked_by_hand() -> None:
    # From 0 to 1,000 with its mode at 250 a PERT is a Beta(2, 4), of which x has the share
    # 1 - (1 - x)^5 - 5 x (1 - x)^4 below it: a tenth at 0.112235, half at 0.313810, nine tenths
    # at 0.583890.
    found = Distribution("colo_usd_per_kw_month", 250, 112.235, 583.890)
    assert found.ppf([0.1, 0.5, 0.9]) == pytest.approx([112.235, 313.810, 583.890], abs=0.002)
    x = found.ppf(SHARES) / 1_000
    below = 1 - (1 - x) ** 5 - 5 * x * (1 - x) ** 4
    assert below == pytest.approx(SHARES, abs=1e-5)


@given(
    low=st.floats(1, 1_000),
    width=st.floats(1, 1_000),
    place=st.floats(0, 1),
    shape=st.sampled_from([PERT, LOG_NORMAL]),
)
def test_low_and_high_are_the_tenth_and_ninetieth_percentile(
    low: float, width: float, place: float, shape: str
) -> None:
    value, high = low + place * width, low + width
    found = Distribution("price_usd_per_gpu", min(value, high), low, high, shape)
    assert found.ppf([0.1, 0.9]) == pytest.approx([low, high], rel=1e-12)
    drawn = found.ppf(SHARES)
    assert (np.diff(drawn) >= 0).all()
    assert drawn[0] >= 0


@pytest.mark.parametrize("place", [0.0, 0.1, 0.5, 0.8, 1.0])
def test_the_value_is_the_most_likely_one(place: float) -> None:
    found = Distribution("price_usd_per_gpu", 1_000 + place * 500, 1_000, 1_500)
    # The density is highest where equal shares lie closest together.
    shares = np.linspace(0.001, 0.999, 5_001)
    drawn = found.ppf(shares)
    gaps = drawn[40:] - drawn[:-40]
    peak = drawn[int(gaps.argmin()) + 20]
    assert peak == pytest.approx(found.value, abs=15)


def test_a_symmetric_range_is_symmetric() -> None:
    found = Distribution("rate_usd_per_gpu_hour", 0.675, 0.5, 0.85)
    assert found.ppf(0.5) == pytest.approx(0.675)
    assert found.ppf(SHARES) + found.ppf(1 - SHARES) == pytest.approx(2 * 0.675, rel=1e-6)


def test_a_log_normal_is_one() -> None:
    found = Distribution("price_usd_per_gpu", 2_900, 2_000, 4_500, LOG_NORMAL)
    spread = math.log(4_500 / 2_000) / 2 / 1.2815515655446004
    true = stats.lognorm(spread, scale=3_000)
    assert found.ppf(SHARES) == pytest.approx(true.ppf(SHARES), rel=1e-12)
    assert found.ppf(0.5) == pytest.approx(3_000)


def test_what_lies_beyond_the_domain_lies_at_its_end() -> None:
    # P10 is the end: a tenth lies at it, and the percentiles stay where they are.
    found = Distribution("maintenance_rate_per_year", 0.05, 0, 0.12)
    assert (found.ppf(SHARES) == 0).mean() == pytest.approx(0.1, abs=0.002)
    assert found.ppf([0.1, 0.9]) == pytest.approx([0, 0.12], abs=1e-15)
    busy = Distribution("utilization", 0.8, 0.5, 0.95)
    assert busy.ppf(SHARES).max() == 1
    assert 0.9 < busy.ppf(0.9) < (busy.ppf(SHARES) < 1).mean()


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [("sales_tax_rate", 0.0, 0.0, 0.1), ("load_factor", 1.0, 0.6, 1.0), ("gpus", 1, 1, 5)],
)
def test_a_value_at_the_end_of_the_domain_holds_half_of_the_futures(
    name: str, value: float, low: float, high: float
) -> None:
    found = Distribution(name, value, low, high)
    drawn = found.ppf(SHARES)
    assert (drawn == value).mean() >= 0.5
    assert found.ppf([0.1, 0.9]) == pytest.approx([low, high])
    far, mid = (high, 0.9) if value == low else (low, 0.1)
    assert found.ppf(mid) == pytest.approx(far)


def test_an_open_end_of_the_domain_is_never_reached() -> None:
    found = Distribution("horizon_months", 5.0, 0.5, 100.0)
    assert found.ppf(SHARES).min() == 0.25
    assert found.ppf(0.1) == pytest.approx(0.5)


def test_whole_numbers_stay_whole() -> None:
    found = Distribution("warranty_months", 36, 12, 60)
    drawn = found.ppf(SHARES)
    assert (drawn == np.rint(drawn)).all()
    assert found.ppf([0.1, 0.9]).tolist() == [12, 60]


@pytest.mark.parametrize("name", [n for n, p in INPUTS.items() if p.numeric])
def test_every_shipped_belief_stays_inside_its_domain(name: str) -> None:
    known = distributions(Scenario())
    if name in known:
        ends = known[name].ppf(np.array([1e-9, 1e-3, 0.5, 0.999, 1 - 1e-9]))
        assert INPUTS[name].contains(ends).all()
    else:
        assert name in CHOSEN | FOLLOWING or Scenario().resolved()[name].low is None


def test_what_is_uncertain() -> None:
    known = distributions(Scenario())
    resolved = Scenario().resolved()
    wide = {n for n, e in resolved.items() if e.low is not None and e.low < e.high}
    assert wide - set(known) == CHOSEN | FOLLOWING
    assert set(known) < wide
    for name, found in known.items():
        entry = resolved[name]
        assert (found.value, found.low, found.high) == (entry.value, entry.low, entry.high)


def test_what_is_given_is_certain_and_a_range_is_not() -> None:
    scenario = Scenario(
        pue=1.5, gpus="4..10", rate_usd_per_gpu_hour="0.50..0.85", server_units="2..4"
    )
    known = distributions(scenario)
    assert "pue" not in known
    assert known["gpus"] == Distribution("gpus", 7, 4, 10)
    assert known["rate_usd_per_gpu_hour"] == Distribution("rate_usd_per_gpu_hour", 0.675, 0.5, 0.85)
    # There is no range of server_units in the data.
    assert known["server_units"] == Distribution("server_units", 3, 2, 4)
    assert "server_units" not in distributions(Scenario())


def test_a_range_without_any_default() -> None:
    known = distributions(
        Scenario(gpu="RTX-PRO-4500", provider="lambda", rate_usd_per_gpu_hour=Interval(0.4, 0.6))
    )
    assert known["rate_usd_per_gpu_hour"] == Distribution("rate_usd_per_gpu_hour", 0.5, 0.4, 0.6)
    assert "rate_usd_per_gpu_hour" not in distributions(
        Scenario(gpu="RTX-PRO-4500", provider="lambda")
    )


def test_a_quote_is_certain() -> None:
    quote = by_hand.purchase("L4", 2_650, as_of="2026-11-20", valid_until="2026-12-31")
    observed = Observations("quotes", observed_batch(quote).sources, quotes=list(quote.quotes))
    scenario = Scenario(gpu="L4", prices=load().with_prices(observed), as_of="2026-11-21")
    assert scenario.resolved()["price_usd_per_gpu"].status == "yours"
    assert "price_usd_per_gpu" not in distributions(scenario)
    assert "price_usd_per_gpu" in distributions(Scenario(gpu="L4", as_of="2026-11-21"))


@pytest.mark.parametrize(
    ("value", "low", "high"), [(2_000, 800, 5_000), (5, 2, 12.5), (40, 20, 125)]
)
def test_a_range_that_does_not_hold_the_value_follows_in_proportion(
    tmp_path: Path, value: float, low: float, high: float
) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data_folder(), copy)
    servers = copy / "servers.csv"
    first = next(g for g in CATALOGUE.gpus.values() if g.gpu == "L4").host
    row = f"{first},network_usd_per_gpu,,{value},,,2026-11-20,2026-11-20,assumption,made up\n"
    servers.write_text(servers.read_text() + row)
    scenario = Scenario(gpu="L4")
    scenario.__dict__["prices"] = load(copy)
    known = distributions(scenario)["network_usd_per_gpu"]
    assert (known.value, known.low, known.high) == (value, low, high)
    assert known.ppf([0.1, 0.9]) == pytest.approx([low, high])


def test_a_host_class_has_ranges_of_its_own() -> None:
    known = distributions(Scenario(gpu="H100-SXM"))
    # What is usual for boards of eight is not the far end of what is usual for all servers.
    for name, at in (("staff_usd_per_gpu_month", 197), ("maintenance_rate_per_year", 0.11)):
        assert known[name].value == at
        assert known[name].ppf(0.5) == pytest.approx(at, rel=0.01)


@pytest.mark.parametrize("name", ["network_usd_per_gpu", "billing_overhead"])
def test_an_assumption_is_the_median_of_its_range(name: str) -> None:
    known = distributions(Scenario(gpu="L4"))[name]
    assert known.ppf(0.5) == pytest.approx(known.value, rel=0.01)
    spot = distributions(Scenario(gpu="L4", term="spot"))[name]
    assert spot.ppf(0.5) == pytest.approx(spot.value, rel=0.06)


def test_log_normal_beliefs_are_those_whose_default_is_near_the_middle() -> None:
    shapes = {name: default_entry(name, CATALOGUE.newest) for name in CATALOGUE.defaults}
    declared = {name for name, entry in shapes.items() if entry.shape == LOG_NORMAL}
    assert {"price_usd_per_gpu", "rate_usd_per_gpu_hour", "server_usd"} <= declared
    for name in declared:
        entry = shapes[name]
        low, high = entry.low or entry.low_factor, entry.high or entry.high_factor
        assert low
        assert high
        assert math.sqrt(low * high) == pytest.approx(entry.default or 1, rel=0.25), name


def test_the_shape_is_that_of_the_newest_general_entry() -> None:
    known = distributions(Scenario())
    for name, found in known.items():
        general = [e for e in CATALOGUE.defaults[name] if not e.market]
        assert found.shape == general[-1].shape


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swap('shape = "lognormal"', 'shape = "normal"'), "shape = 'normal' is not one of pert"),
        (swap('shape = "lognormal"', "shape = 1"), "shape = 1 is not one of pert, lognormal"),
        (
            swap('market = "workstation"', 'market = "workstation"\nshape = "pert"'),
            "all markets",
        ),
        (swap("[[pue]]", '[[pue]]\nshape = "lognormal"\nlowest = 1'), "unknown: lowest"),
        (
            swap("[[sales_tax_rate]]", '[[sales_tax_rate]]\nshape = "lognormal"'),
            "0 < low < high",
        ),
        (
            swap("[[commitment_months]]", '[[commitment_months]]\nshape = "lognormal"'),
            "0 < low < high",
        ),
    ],
)
def test_a_wrong_shape_is_named(tmp_path: Path, change: Callable[[str], str], says: str) -> None:
    copy = faulty(tmp_path, "defaults.toml", change)
    with pytest.raises(DataError, match=r"defaults\.toml, line") as caught:
        load(copy)
    assert says in str(caught.value)


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    found = Distribution("price_usd_per_gpu", 2_900, 2_000, 4_500, LOG_NORMAL)
    with pytest.raises(TcoError, match=re.escape(f"odds need scipy: {to_install('risk')}")):
        found.ppf(0.5)


DECLARED = correlations_on("2026-11-21")
GROWTH = ("resale_decline_per_year", "rate_growth_per_year")
POWER = ("electricity_usd_per_kwh", "electricity_growth_per_year")


def drawn(draws: int, seed: int, pairs: dict[Pair, float], *names: str) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {name: [] for name in names}
    parts = []
    for part, block in shares_of(draws, seed, pairs, names):
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
    for row in correlations():
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
    found = factor(pairs)
    if found is None:
        assert least < 1e-5
    else:
        assert least > -1e-5
        ordered, lower = found
        assert ordered == sorted(names, key=NUMBERS.index)
        places = [names.index(name) for name in ordered]
        matrix = matrix[np.ix_(places, places)]
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
    everything = drawn(500, 1, DECLARED, *NUMBERS)
    for names in (("pue",), GROWTH[1:], (*POWER, "gpus"), NUMBERS[::-1]):
        found = drawn(500, 1, DECLARED, *names)
        for name in names:
            assert np.array_equal(found[name], everything[name])
    other = drawn(500, 1, {POWER: 0.9}, *NUMBERS)
    changed = {n for n in NUMBERS if not np.array_equal(other[n], everything[n])}
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
        pairs, problems = given_correlations(order)
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
        ({("pue", "gpus"): 0.1, ("gpus", "pue"): 0.1}, "gpus and pue are given twice"),
        ([("pue", "gpus", 0.1)], "is not a table of pairs"),
        (0.5, "0.5 is not a table of pairs"),
    ],
)
def test_what_is_no_correlation(wanted: Any, says: str) -> None:
    _, problems = given_correlations(wanted)
    assert len(problems) == 1
    assert problems[0].input == "correlations"
    assert says in problems[0].message
    assert problems[0].message.startswith("correlations: ")


def test_every_wrong_correlation_is_reported() -> None:
    good, problems = given_correlations(
        {("a", "pue"): 0, ("pue", "gpus"): 7, ("gpus", "gpu_w"): 0.5}
    )
    assert len(problems) == 2
    assert good == {("gpus", "gpu_w"): 0.5}


def test_correlations_that_contradict_each_other() -> None:
    pairs = {("gpu_w", "idle_w"): 0.9, ("gpu_w", "pue"): 0.9, ("idle_w", "pue"): -0.9}
    (problem,) = contradiction(pairs)
    assert "gpu_w and idle_w 0.9" in problem.message
    assert "the matrix is not positive semidefinite" in problem.message
    assert contradiction({**pairs, ("idle_w", "pue"): 0.9}) == []
    assert contradiction(DECLARED) == []
    opposite = {("gpu_w", "idle_w"): 1, ("gpu_w", "pue"): 1, ("idle_w", "pue"): 0.99}
    assert len(contradiction(opposite)) == 1


def test_the_newest_known_row_of_a_pair_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(rho: float, as_of: str) -> Correlation:
        return Correlation("gpu_w", "pue", rho, as_of, ASSUMPTION, "made up")

    rows = (row(0.1, "2025"), row(0.2, "2026-03"), row(0.3, "2026-11-01"))
    monkeypatch.setattr("tco.analysis.distributions.correlations", lambda: rows)
    for as_of, rho in (("2024-01-01", 0.1), ("2026-02-28", 0.1), ("2026-03-01", 0.2)):
        assert correlations_on(as_of) == {("gpu_w", "pue"): rho}
    assert correlations_on("2027-01-01") == {("gpu_w", "pue"): 0.3}
