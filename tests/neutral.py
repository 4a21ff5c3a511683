"""Scenarios in which everything that a test does not name counts nothing."""

from __future__ import annotations

from typing import Any

from tco.inputs import INPUTS

NEUTRAL = {
    name: declared.neutral for name, declared in INPUTS.items() if declared.neutral is not None
}


def neutral(**named: Any) -> dict[str, Any]:
    """Every input at its neutral value, but for those named."""
    return {**NEUTRAL, **named}


COMMON_CASE = neutral(
    server_usd=12_000,
    gpu_w=72,
    idle_w=72,
    pue=1.5,
    electricity_usd_per_kwh=0.12,
    hosting="colo_metered",
    colo_usd_per_kw_month=150,
    discount_rate=0.08,
    resale_decline_per_year=1 - 0.2 ** (1 / 3),
    price_usd_per_gpu=2_500,
)
