"""The distributions of uncertain inputs: their percentiles, their shapes, their ends."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tco import Scenario
from tco.analysis.distributions import Distribution, distributions
from tco.errors import DataError, TcoError
from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.market.catalogue import load
from tco.market.files import data_folder
from tco.market.importers import by_hand
from tco.market.observed import Observed, observed_batch
from tco.market.records import LOG_NORMAL, PERT
from tests.market.faults import faulty, swap

SHARES = np.linspace(0.0005, 0.9995, 1_000)
CATALOGUE = load()


# What the reader decides: no odds are taken over it.
CHOSEN = {n for n, entries in CATALOGUE.defaults.items() if entries[-1].shape == "choice"}


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
        assert name in CHOSEN or Scenario().resolved()[name].low is None


def test_what_is_uncertain() -> None:
    known = distributions(Scenario())
    resolved = Scenario().resolved()
    wide = {n for n, e in resolved.items() if e.low is not None and e.low < e.high}
    assert wide - set(known) == CHOSEN
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
    known = distributions(Scenario(gpu="RTX-PRO-4500", rate_usd_per_gpu_hour=Interval(0.4, 0.6)))
    assert known["rate_usd_per_gpu_hour"] == Distribution("rate_usd_per_gpu_hour", 0.5, 0.4, 0.6)
    assert "rate_usd_per_gpu_hour" not in distributions(Scenario(gpu="RTX-PRO-4500"))


def test_a_quote_is_certain() -> None:
    quote = by_hand.purchase("L4", 2_650, as_of="2026-11-20", valid_until="2026-12-31")
    observed = Observed("quotes", observed_batch(quote).sources, quotes=list(quote.quotes))
    scenario = Scenario(gpu="L4", prices=load().with_prices(observed), as_of="2026-11-21")
    assert scenario.resolved()["price_usd_per_gpu"].status == "yours"
    assert "price_usd_per_gpu" not in distributions(scenario)
    assert "price_usd_per_gpu" in distributions(Scenario(gpu="L4", as_of="2026-11-21"))


@pytest.mark.parametrize(
    ("value", "low", "high"), [(2_000, 800, 16_000), (5, 2, 40), (40, 20, 400)]
)
def test_a_range_that_does_not_hold_the_value_follows_in_proportion(
    tmp_path: Path, value: float, low: float, high: float
) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data_folder(), copy)
    servers = copy / "servers.csv"
    first = next(g for g in CATALOGUE.gpus.values() if g.gpu == "L4").host
    row = f"{first},network_usd_per_gpu,{value},2026-11-20,assumption,made up for this test\n"
    servers.write_text(servers.read_text() + row)
    scenario = Scenario(gpu="L4")
    scenario.__dict__["prices"] = load(copy)
    known = distributions(scenario)["network_usd_per_gpu"]
    assert (known.value, known.low, known.high) == (value, low, high)
    assert known.ppf([0.1, 0.9]) == pytest.approx([low, high])


def test_log_normal_beliefs_are_those_whose_default_is_near_the_middle() -> None:
    shapes = {name: entries[-1] for name, entries in CATALOGUE.defaults.items()}
    declared = {name for name, entry in shapes.items() if entry.shape == LOG_NORMAL}
    assert {"price_usd_per_gpu", "rate_usd_per_gpu_hour", "server_usd"} <= declared
    for name in declared:
        assert "usd" in name
        for entry in CATALOGUE.defaults[name]:
            assert entry.shape == LOG_NORMAL, name
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
            swap("[[gpus_per_server]]", '[[gpus_per_server]]\nshape = "lognormal"'),
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
    with pytest.raises(TcoError, match=r"odds need scipy: pip install 'gpu-tco\[risk\]'"):
        found.ppf(0.5)
