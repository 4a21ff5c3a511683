"""What grows or lasts is worked out once for many comparisons: on nothing else does it depend."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tco import Scenario
from tco.inputs import Inputs
from tco.model.cashflows import accumulate
from tco.model.periods import TIMING, periods

CASE = {"gpu": "L4", "rate_usd_per_gpu_hour": 0.7, "commitment_months": 7.5, "delivery_months": 2}
OTHER = {"billing": "always_on", "delivery_months": 0}


@pytest.mark.parametrize("billing", ["per_use", "committed"])
def test_periods_depend_on_what_is_listed(billing: str) -> None:
    values = Scenario(**CASE, billing=billing, as_of="2026-11-21").values()
    listed: Any = SimpleNamespace(**{name: values[name] for name in TIMING})
    for one, other in zip(periods(listed), periods(Inputs.of(values)), strict=True):
        assert (one.t, one.discount, one.factors) == (other.t, other.discount, other.factors)


@pytest.mark.parametrize("name", TIMING)
def test_a_table_that_differs_in_any_of_them_has_sums_of_its_own(name: str) -> None:
    values = Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7, as_of="2026-11-21").values()
    growth = np.array([0.02, 0.05])
    changed = values | {name: OTHER[name] if name in OTHER else values[name] * 0.75}
    for case in (values, changed):
        table = accumulate(Inputs.of(case | {"opex_growth_per_year": growth}), compared=False)
        for at, one in enumerate(growth.tolist()):
            alone = accumulate(Inputs.of(case | {"opex_growth_per_year": one}), compared=False)
            assert table.own_npv[at] == pytest.approx(alone.own_npv, rel=1e-12)
            assert table.rent_npv[at] == pytest.approx(alone.rent_npv, rel=1e-12)
