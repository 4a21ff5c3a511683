"""Inputs that exclude each other, and lines that need racks."""

from __future__ import annotations

from typing import Any

import pytest

import tco
from tco import InputError, Line
from tests.neutral import neutral

LOAN = {"financing": "loan", "loan_months": 24}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"already_owned": True, **LOAN}, "already_owned = true cannot be combined with a loan"),
        (
            {"already_owned": True, "financing": "lease", "lease_usd_per_gpu_month": 9},
            "already_owned = true cannot be combined with a lease",
        ),
        (
            {"already_owned": True, "delivery_months": 2},
            "delivery_months = 2 cannot be combined with already_owned: owned hardware",
        ),
        (
            {**LOAN, "loan_interest_only_months": 24},
            "loan_interest_only_months = 24 leaves no month to repay the loan",
        ),
    ],
)
def test_what_excludes_another_is_an_error(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as wrong:
        tco.breakeven(**neutral(**given))
    (problem,) = wrong.value.problems
    assert problem.message.startswith(says)
    assert problem.rows is None
    assert problem.input == says.split(" ", maxsplit=1)[0]


def test_of_a_table_the_rows_are_named() -> None:
    with pytest.raises(InputError, match=r"^already_owned\[1\] = true cannot be combined") as wrong:
        tco.breakeven(**neutral(already_owned=[False, True, True], **LOAN))
    assert wrong.value.problems[0].rows == (1, 2)
    with pytest.raises(InputError, match=r"^loan_interest_only_months\[2\] = 24 leaves") as wrong:
        tco.breakeven(**neutral(loan_interest_only_months=[0, 23, 24, 30], **LOAN))
    assert wrong.value.problems[0].rows == (2, 3)


@pytest.mark.parametrize(
    "given",
    [
        {"already_owned": True},
        {**LOAN, "loan_interest_only_months": 23},
        {"loan_interest_only_months": 240, "loan_months": 1},
        {"already_owned": False, "delivery_months": 2},
    ],
)
def test_what_goes_together_is_answered(given: dict[str, Any]) -> None:
    assert tco.breakeven(**neutral(**given)).verdict in ("buy", "toss_up", "rent")


def test_a_line_by_the_rack_needs_one_that_holds_a_server() -> None:
    small = {"hosting": "colo_metered", "gpu_w": 500, "rack_kw": 1}
    assert tco.breakeven(**neutral(**small)).gpus_per_rack == 0
    line = Line(name="cage", side="own", usd=100, basis="rack")
    with pytest.raises(InputError, match="rack_kw = 1 holds no server"):
        tco.breakeven(**neutral(**small), lines=[line])
    with pytest.raises(InputError, match=r"rack_kw\[0\] = 1 holds no server"):
        tco.breakeven(**neutral(**small | {"rack_kw": [1, 17]}), lines=[line])
    # One GPU in an eighth of a server, of which a rack holds four: 100 / 32 a month, 36 months.
    fits = neutral(**small | {"rack_kw": 17}, horizon_months=36)
    cost = tco.breakeven(**fits, lines=[line]).own_npv_usd - tco.breakeven(**fits).own_npv_usd
    assert cost == pytest.approx(36 * 100 / 32, rel=1e-12)


def test_sweeps_pass_over_what_does_not_go_together() -> None:
    loan = neutral(price_usd_per_gpu=1_000, rate_usd_per_gpu_hour=1, **LOAN)
    points = tco.response(
        tco.Scenario(**loan), "loan_interest_only_months", low=0, high=48, points=49
    )
    missing = points.loc[points["npv_saving_usd"].isna(), "loan_interest_only_months"]
    assert missing.tolist() == list(range(24, 49))


@pytest.mark.parametrize("gpus_per_server", [72, 1_152])
def test_a_rack_sold_as_one_server(gpus_per_server: int) -> None:
    rack = neutral(
        gpus=100,
        gpus_per_server=gpus_per_server,
        server_units=48,
        rack_units=48,
        rack_kw=500,
        gpu_w=1_200 if gpus_per_server == 72 else 100,
        server_w=45_600,
        server_usd=3_100_000,
        whole_servers=True,
    )
    bought = 2 if gpus_per_server == 72 else 1
    answer = tco.breakeven(**rack)
    assert answer.own_npv_usd == bought * 3_100_000
    assert answer.racks == bought
