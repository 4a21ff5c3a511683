"""Random scenarios, drawn from the declarations of the inputs."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tco.inputs import INPUTS, Param
from tests.neutral import NEUTRAL

_GATE = 200


def examples(wanted: int) -> int:
    """The number of examples in the gate, scaled with the profile (nightly, mutation)."""
    return max(1, wanted * settings().max_examples // _GATE)


# Where the whole domain would drown everything else, the part of it that is drawn from.
USUAL = {
    "gpus": (1, 64),
    "horizon_months": (0.1, 60.0),
    "price_usd_per_gpu": (0.0, 50_000.0),
    "server_usd": (0.0, 200_000.0),
    "network_usd_per_gpu": (0.0, 2_000.0),
    "install_usd_per_gpu": (0.0, 2_000.0),
    "colo_usd_per_kw_month": (0.0, 800.0),
    "rack_usd_per_month": (0.0, 5_000.0),
    "staff_usd_per_gpu_month": (0.0, 500.0),
    "licence_usd_per_gpu_year": (0.0, 5_000.0),
    "rate_usd_per_gpu_hour": (0.0, 20.0),
    "storage_egress_usd_per_gpu_month": (0.0, 500.0),
    "upfront_usd_per_gpu": (0.0, 5_000.0),
    "discount_rate": (-0.5, 1.0),
    "server_units": (1, 42),
    "warranty_months": (0, 60),
    "commitment_months": (1, 60),
}
# Every rack holds a server of these.
SERVERS = {"rack_units": 42, "rack_kw": 500.0}


def number(declared: Param) -> st.SearchStrategy[Any]:
    """Numbers of a domain: any, whole ones (for ties), and the neutral one."""
    low, high = USUAL.get(declared.name, (declared.low, declared.high))
    if declared.kind == "integer":
        return st.integers(int(low), int(high))
    first = math.floor(low) + 1 if declared.low_open else math.ceil(low)
    floats = st.floats(
        low, high, exclude_min=declared.low_open, allow_nan=False, allow_subnormal=False
    )
    return (
        st.sampled_from(
            [float(declared.neutral), *map(float, range(first, math.floor(high) + 1)[:50])]
        )
        | floats
    )


def value(declared: Param) -> st.SearchStrategy[Any]:
    """Values of an input."""
    if declared.numeric:
        return number(declared)
    return st.booleans() if declared.kind == "flag" else st.sampled_from(declared.choices)


VALUES = {name: value(INPUTS[name]) for name in NEUTRAL}


def scenarios(**fixed: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Every input of a comparison, as a dict; `fixed` ones as given."""
    constant = {name: st.just(given) for name, given in (SERVERS | fixed).items()}
    return st.fixed_dictionaries(VALUES | constant)


# Cumulative curves with whole numbers, so that ties occur, and with lumps.
curves = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), min_size=1, max_size=12
)
