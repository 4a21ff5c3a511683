"""Every error of the finance functions: the input, and the whole sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from tco.errors import InputError
from tco.finance.annuity import equivalent_cost_per_period, present_value_of_annuity
from tco.finance.depreciation import macrs
from tco.finance.returns import irr, mirr

TABLE: dict[Any, Any] = {
    (1, "half_year", None): (1.0, 0.0),
    (3, "half_year", None): (1.5, -0.5),
}
RATE = "is outside (-1, inf): interest of one period, as a fraction"
BOTH_SIGNS = "one must be negative, an outlay, and one positive"


@pytest.mark.parametrize(
    ("call", "name", "message"),
    [
        (
            lambda: present_value_of_annuity(1.0, 0.1, -1.0),
            "periods",
            "periods = -1.0 is outside [0, inf): number of level payments",
        ),
        (lambda: present_value_of_annuity(1.0, -1.0, 5.0), "rate", f"rate = -1.0 {RATE}"),
        (
            lambda: present_value_of_annuity(1.0, -0.9, 400.0),
            "rate",
            "rate = -0.9 over periods = 400.0: beyond the largest float",
        ),
        (
            lambda: equivalent_cost_per_period(1.0, 0.1, 0.0),
            "periods",
            "periods = 0.0 is outside (0, inf): periods over which a cost is spread",
        ),
        (
            lambda: macrs(TABLE, 7, "half_year"),
            "life_years",
            "(life_years, convention, placed_in_quarter) = (7, 'half_year', None) "
            "is not in the table: (1, 'half_year', None); (3, 'half_year', None)",
        ),
        (
            lambda: macrs(TABLE, 3, "half_year"),
            "table",
            "table = (1.5, -0.5) is outside [0, 1]: shares of life_years + 1 years that sum to 1",
        ),
        (
            lambda: irr([0, 0]),
            "flows",
            "flows = 0 in all 2 periods: one must differ, or every rate is a root",
        ),
        (
            lambda: irr([1, math.inf]),
            "flows",
            "flows[1] = inf is outside (-inf, inf): one flow a period, in USD",
        ),
        (lambda: mirr([], 0.1, 0.1), "flows", f"flows = 0 to 0: {BOTH_SIGNS}"),
        (lambda: mirr([0, 1], 0.1, 0.1), "flows", f"flows = 0.0 to 1.0: {BOTH_SIGNS}"),
        (lambda: mirr([-1, 0], 0.1, 0.1), "flows", f"flows = -1.0 to 0.0: {BOTH_SIGNS}"),
        (lambda: mirr([-1, 2], -1, 0.1), "finance_rate", f"finance_rate = -1 {RATE}"),
    ],
)
def test_one_clear_sentence(call: Callable[[], Any], name: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert [(problem.input, problem.message) for problem in caught.value.problems] == [
        (name, message)
    ]


def test_a_share_of_0_is_a_share() -> None:
    assert macrs(TABLE, 1, "half_year") == (1.0, 0.0)
