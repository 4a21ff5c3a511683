"""The time value of money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.numeric import compound, divide, infinity

if TYPE_CHECKING:
    from tco.numeric import Numeric


def discount_factor(rate_per_year: Numeric, months: Numeric) -> Numeric:
    """Present value of one dollar paid after some months [ratio].

    `rate_per_year` > -1 is effective annual: (1 + r) ** (-months / 12).
    Source: Newnan, Eschenbach, Lavelle, Engineering Economic Analysis.

    >>> round(discount_factor(0.08, 12), 6)
    0.925926
    """
    return 1 / compound(rate_per_year, months)


def levelised(present_value: Numeric, discounted_units: Numeric) -> Numeric:
    """Constant price of a unit that repays a present value; `inf` when there are no units.

    >>> levelised(900.0, 1500.0)
    0.6
    """
    return divide(present_value, discounted_units, infinity(present_value))
