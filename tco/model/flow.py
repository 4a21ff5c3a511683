"""How a recurring cost develops from month to month."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tco.numeric import Numeric

# The ways in which a monthly amount can develop, by position in the factors of a period.
FLAT, FLAT_AFTER_WARRANTY, OPEX, OPEX_AFTER_WARRANTY, ELECTRICITY, RENTAL = range(6)


class Flow(NamedTuple):
    """A recurring cost: its amount in a full first month [USD] and how it develops."""

    usd_per_month: Numeric
    growth: int


def by_growth(flows: Mapping[str, Flow]) -> list[Numeric]:
    """The monthly amounts summed by growth, so that one pass needs no items [USD].

    >>> by_growth({"staff": Flow(100, OPEX), "licences": Flow(20, OPEX)})
    [0, 0, 120, 0, 0, 0]
    """
    sums: list[Numeric] = [0] * (RENTAL + 1)
    for amount, growth in flows.values():
        sums[growth] = sums[growth] + amount
    return sums
