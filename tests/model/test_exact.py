"""The kernel on 50-digit decimals: the same code, and no result that fell back to float."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tco.inputs import INPUTS, Inputs
from tco.model.cashflows import Point, entries, points
from tco.model.ledger import ledger_rows
from tco.model.results import RESULTS, solve
from tco.scenario import Scenario
from tests.strategies import examples, scenarios

DIGITS = 50
# A crossing is as uncertain as its two curves, divided by how fast they approach each other.
CROSSING_TIMES = {"months": "discounted", "simple_months": "undiscounted", "exit_months": "exit"}


def exact(case: dict[str, Any]) -> Inputs:
    """The same inputs as decimals, to the last bit."""
    return Inputs.of(
        {
            name: Decimal(given) if INPUTS[name].numeric else given
            for name, given in Scenario(**case).values().items()
            if name != "as_of" and given is not None
        }
    )


def is_exact(value: Any) -> bool:
    """A decimal, or a whole number that came from counting."""
    return isinstance(value, (Decimal, int)) and not isinstance(value, bool)


def agree(case: dict[str, Any]) -> None:
    floats, _ = solve(Inputs.of(Scenario(**case).values()))
    with localcontext() as context:
        context.prec = DIGITS
        decimals, crossings = solve(exact(case))
        curves = list(points(exact(case)))
    assert all(is_exact(at) for at, _ in crossings)
    gross = sum(abs(present) for *_, present in ledger_rows(Scenario(**case)))
    for name in ("own_npv_usd", "rent_npv_usd", "npv_saving_usd"):
        assert is_exact(decimals[name]), name
        assert abs(floats[name] - float(decimals[name])) <= 1e-9 * gross, name
    if ties(curves, Decimal(gross)):
        return
    for name in RESULTS:
        if name in ("racks", "gpus_per_rack"):
            assert math.isclose(floats[name], decimals[name], rel_tol=1e-12), name
        elif name in ("status", "verdict"):
            assert floats[name] == decimals[name], name
        elif name in CROSSING_TIMES:
            assert is_exact(decimals[name]), name
            near = math.isclose(floats[name], decimals[name], rel_tol=1e-6, abs_tol=1e-9)
            assert near, (name, floats[name], decimals[name])


def ties(curves: Sequence[Point], gross: Decimal) -> bool:
    """Whether any pair of curves is equal but for rounding, or the verdict on its border.

    Flows that cancel leave a rounding error of the gross flows.
    """
    for own, rent in ((1, 2), (3, 4), (5, 6)):
        for point in curves:
            sides = abs(point[own]) + abs(point[rent])
            if abs(point[own] - point[rent]) <= Decimal("1e-6") * max(sides, gross / 1000):
                return True
    own, rent = curves[-1].own_exit, curves[-1].rent_exit
    border = max(abs(own), abs(rent)) / 20
    return abs(abs(rent - own) - border) <= Decimal("1e-9") * max(border, gross)


@settings(max_examples=examples(500))
@given(scenarios())
def test_floats_agree_with_decimals(case: dict[str, Any]) -> None:
    agree(case)


@settings(max_examples=examples(100))
@given(scenarios(), st.sampled_from([0.0, 1e-6, 1e-9, 1e-12, -1e-12, 1e-15]))
def test_also_near_no_discounting(case: dict[str, Any], rate: float) -> None:
    agree(case | {"discount_rate": rate})


@settings(max_examples=examples(50))
@given(scenarios())
def test_every_line_of_the_ledger_is_exact(case: dict[str, Any]) -> None:
    with localcontext() as context:
        context.prec = DIGITS
        for option in ("own", "rent"):
            lines = list(entries(exact(case), option))
            assert all(is_exact(number) for line in lines for number in line[2:])
            total = sum(present for *_, present in lines)
            *_, last = points(exact(case))
            expected = last.own_exit if option == "own" else last.rent_exit
            scale = sum(abs(present) for *_, present in lines)
            assert abs(total - expected) <= Decimal("1e-40") * max(scale, Decimal(1))
