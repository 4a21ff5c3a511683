"""Hours, energy and shares: the figures that units go wrong on."""

from __future__ import annotations

import math

import pytest

import tco
from tco.inputs import INPUTS
from tco.model.facility import busy_it_kw, cooling, energy_usd, idle_it_kw
from tco.numeric import MONTHS_PER_YEAR
from tco.scenario import Scenario


def test_hours_of_a_month() -> None:
    """730 hours, twelve of them 8,760: FinOps Builders, "730 is my new favorite number"."""
    hours = Scenario(gpu="L4").values()["hours_per_month"]
    assert hours == 730
    assert hours * MONTHS_PER_YEAR == 365 * 24
    declared = INPUTS["hours_per_month"]
    assert all(declared.contains(24.0 * days) for days in (28, 29, 30, 31))


def test_energy_of_a_gpu_server_for_a_year() -> None:
    """10.2 kW at 80 % load, PUE 1.3: 92,926.08 kWh, 9,292.608 USD at 0.10 USD/kWh."""
    kw = 0.8 * busy_it_kw(8, 1_275.0, 1.0, 0, 0.0, 1.0, 0.0) + 0.2 * idle_it_kw(8, 0.0, 1.0, 0.0, 1)
    for usd_per_kwh, expected in ((1.0, 92_926.08), (0.10, 9_292.608)):
        it = energy_usd(kw, 8_760, usd_per_kwh)
        assert math.isclose(it + cooling(it, 1.3), expected, rel_tol=1e-12)


def test_per_cent_for_a_share_is_refused_with_a_hint() -> None:
    with pytest.raises(tco.InputError, match=r"discount_rate = 8 .* did you mean 0\.08\?"):
        tco.breakeven(gpu="L4", discount_rate=8)
