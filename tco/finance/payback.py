"""When one cumulative cost curve overtakes another, and whether it stays ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tco.numeric import (
    Constant,
    Numeric,
    Truth,
    any_true,
    infinity,
    larger,
    positions,
    put,
    select,
    smaller,
    take,
)

# Owning is ahead when own - rent <= (own + rent) / TIE: a tie counts for owning.
_TIE = Constant(
    10**9, "tie_tolerance", "ratio", "a gap below this share of both sides is a tie", inverse=True
)


class Payback:
    """Follows the cumulative costs of owning and renting from point to point in time.

    `first` is the time of the first crossing in favor of owning, `last` that of the last crossing
    in favor of either, `inf` where there is none; `crossings` lists all for scalar curves. Owning
    that is ahead at the first point crosses there.

    >>> payback = Payback(0.0, 100.0, 0.0)
    >>> payback.advance(1.0, 110.0, 60.0)
    >>> payback.advance(2.0, 120.0, 140.0)
    >>> round(payback.months, 4), payback.crossings
    (1.7143, ((1.7142857142857144, 'own'),))
    """

    __slots__ = ("_none", "ahead", "at", "crossings", "first", "gap", "last", "t")

    def __init__(self, t: Numeric, own: Any, rent: Any) -> None:
        self.t = t
        self.gap = own - rent
        self.ahead: Truth = self.gap * _TIE <= abs(own) + abs(rent)
        self._none = infinity(self.gap)
        start = select(self.ahead, t, self._none)
        self.first: Any = start + 0
        self.last: Any = start + 0
        self.crossings: tuple[tuple[Any, str], ...] = ()
        if self.ahead is True:
            self.crossings = ((t, "own"),)

    def advance(self, t: Numeric, own: Any, rent: Any, lump: Truth = False) -> None:
        """Go on to the curves at t; with `lump`, a crossing on the way lies at t itself."""
        gap = own - rent
        ahead = gap * _TIE <= abs(own) + abs(rent)
        changed = ahead != self.ahead
        if changed is not False and any_true(changed):
            where = positions(changed)
            ends = (take(value, where) for value in (self.t, t, self.gap, gap, lump))
            self.at = at = crossing(*ends)
            to_own, first = take(ahead, where), take(self.first, where)
            is_first = to_own & (first == self._none)
            self.first = put(self.first, where, select(is_first, at, first), changed)
            self.last = put(self.last, where, at, changed)
            if changed is True:
                self.crossings += ((at, "own" if to_own else "rent"),)
        self.t, self.gap, self.ahead = t, gap, ahead

    @property
    def months(self) -> Numeric:
        """The last crossing if owning is ahead at the end, else `inf`."""
        return select(self.ahead, self.last, self._none)


def payback_months(t: Sequence[Any], own: Any, rent: Any, lumps: Any) -> Numeric:
    """When owning is ahead for good, `inf` for never [months], of cumulative costs at times t.

    >>> payback_months([0.0, 1.0, 2.0], [100.0, 110.0, 120.0], [0.0, 60.0, 140.0], [False] * 3)
    1.7142857142857144
    """
    payback = Payback(t[0], own[0], rent[0])
    for at, time in enumerate(t[1:], 1):
        payback.advance(time, own[at], rent[at], lumps[at])
    return payback.months


def crossing(t0: Numeric, t1: Numeric, gap0: Numeric, gap1: Numeric, lump: Truth) -> Numeric:
    """Where a gap that is linear from (t0, gap0) to (t1, gap1) passes 0, kept inside [t0, t1].

    It is t1 with a lump, and where the gap does not change.

    >>> crossing(3.0, 4.0, 30.0, -10.0, False)
    3.75
    """
    fall = gap0 - gap1
    at_end = lump | (fall == 0)
    share = gap0 / select(at_end, 1, fall)
    share = larger(smaller(share, 1), 0)
    return select(at_end, t1, t0 + (t1 - t0) * share)
