"""The figures that the documentation prints, to the digits printed."""

from __future__ import annotations

import pytest

import tco
from tests.neutral import COMMON_CASE, neutral


@pytest.mark.parametrize(
    ("price", "rate", "months", "hours"),
    [
        (2_500, 0.50, "6.8493", "5000.00"),
        (2_500, 0.70, "4.8924", "3571.43"),
        (2_500, 0.85, "4.0290", "2941.18"),
        (2_000, 0.50, "5.4795", "4000.00"),
        (2_000, 0.70, "3.9139", "2857.14"),
        (2_000, 0.85, "3.2232", "2352.94"),
    ],
)
def test_the_card_alone(price: float, rate: float, months: str, hours: str) -> None:
    answer = tco.breakeven(**neutral(price_usd_per_gpu=price, rate_usd_per_gpu_hour=rate))
    assert f"{answer.months:.4f}" == months
    assert f"{answer.hours:.2f}" == hours
    assert answer.simple_months == answer.months


def test_the_figure_found_on_the_web() -> None:
    """3,000 to 5,000 hours, 4 to 7 months of round-the-clock use."""
    answer = tco.breakeven(**neutral(price_usd_per_gpu=2_500, rate_usd_per_gpu_hour=[0.50, 0.85]))
    assert [round(hours, -3) for hours in answer.hours] == [5_000, 3_000]
    assert [round(months) for months in answer.months] == [7, 4]


@pytest.mark.parametrize(
    ("utilization", "rate", "simple", "months", "saving", "breakeven_utilization"),
    [
        (1.0, 0.50, "11.6030", "12.0980", "7681.66", "0.3432"),
        (1.0, 0.70, "8.1510", "8.4002", "12359.98", "0.2452"),
        (1.0, 0.85, "6.6640", "6.8334", "15868.73", "0.2019"),
        (0.4, 0.50, "31.8119", "35.7084", "664.17", "0.3432"),
        (0.4, 0.70, "21.7227", "23.4749", "2535.50", "0.2452"),
        (0.4, 0.85, "17.5485", "18.6813", "3939.00", "0.2019"),
    ],
)
def test_the_common_case(
    utilization: float,
    rate: float,
    simple: str,
    months: str,
    saving: str,
    breakeven_utilization: str,
) -> None:
    answer = tco.breakeven(
        **COMMON_CASE | {"utilization": utilization, "rate_usd_per_gpu_hour": rate}
    )
    assert f"{answer.simple_months:.4f}" == simple
    assert f"{answer.months:.4f}" == months
    assert f"{answer.npv_saving_usd:.2f}" == saving
    assert f"{answer.breakeven_utilization:.4f}" == breakeven_utilization
    assert f"{answer.own_npv_usd:.2f}" == "4014.16"
    assert answer.verdict == "buy"


def test_the_row_that_tells_models_apart() -> None:
    case = COMMON_CASE | {"utilization": 0.4, "rate_usd_per_gpu_hour": 0.50}
    hungry = tco.breakeven(**case | {"gpu_w": 150, "idle_w": 150})
    assert (hungry.verdict, f"{hungry.npv_saving_usd:.2f}") == ("toss_up", "-39.16")
    falling = tco.breakeven(**case | {"rate_growth_per_year": -0.2})
    assert (falling.verdict, f"{falling.npv_saving_usd:.2f}") == ("rent", "-527.91")
