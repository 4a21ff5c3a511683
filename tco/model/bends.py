"""Where the saving bends as one input moves: at a cap of the rent, and of the user's own lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tco.inputs import INPUTS, Inputs
from tco.inputs.lines import Line
from tco.model import rental
from tco.model.cashflows import CashFlow
from tco.model.items import OWN, RENT, SIDES
from tco.model.periods import Period
from tco.numeric import any_true, infinity, is_array, larger, select, smaller

# The inputs with a break-even, and the sides of which items and lines move with each: in proportion
# or by a straight line.
MOVED = {
    "rate_usd_per_gpu_hour": (RENT,),
    "price_usd_per_gpu": (OWN,),
    "utilization": SIDES,
}
# So many passes are faster one by one.
_FEW = 4
# Only multiples of items move with them, and with the utilization the lines that count hours.
_HOURS = {"utilization": ("busy_gpu_hour", "idle_gpu_hour")}


def bends(v: Inputs, name: str) -> list[Any]:
    """The values at which the saving may bend as one input moves.

    Caps of lines are told for the rate, the price and the utilization, of which what is paid is a
    straight line otherwise. One number for each place, an array of them for a table; only those
    inside the domain of the input (somewhere in the table).
    """
    places = rental.capped_at(v, name)
    for side in MOVED.get(name, ()) if v.lines else ():
        places += _reached_caps(v, name, side)
    return [place for place in places if any_true(_inside(name, place))]


def moves(v: Inputs, name: str) -> bool:
    """Whether any of the user's own lines changes with the rate, the price or the utilization."""
    return any(line.side in MOVED[name] and _line_moves(line, name) for line in v.lines)


def _line_moves(line: Line, name: str) -> bool:
    return bool(line.item) or line.basis in _HOURS.get(name, ())


def line_bends(line: Line, name: str) -> bool:
    """Whether a line that ends at its cap may bend the saving as an input moves."""
    is_capped = line.cap_usd is not None
    return is_capped and line.side in MOVED.get(name, ()) and _line_moves(line, name)


def _inside(name: str, place: Any) -> Any:
    return (place > INPUTS[name].low) & (place < INPUTS[name].high)


def bent(name: str, places: list[Any]) -> Any:
    """Whether any of the places lies inside the domain of an input, scenario by scenario."""
    found: Any = False
    for place in places:
        found = found | _inside(name, place)
    return found


def _reached_caps(v: Inputs, name: str, side: str) -> list[Any]:
    """Where lines reach their caps in some month.

    What has been paid by then would be a straight line without the caps: two points give it.
    """
    capped = [line for line in v.lines if line.side == side and line_bends(line, name)]
    if not capped:
        return []
    low, high, none = INPUTS[name].low, INPUTS[name].high, infinity(v.horizon_months)
    caps = {line.name: line.cap_usd for line in capped}
    free = v.with_value("lines", tuple(line.uncapped() for line in capped))
    free = rental.uncapped(free)
    places = []
    ends = (_paid_by_lines(free.with_value(name, end), side) for end in (low, high))
    for (line, at_low), (_, at_high) in zip(*ends, strict=True):
        rise: Any = at_high - at_low
        room: Any = caps[line] - at_low
        is_flat = rise == 0
        place = low + room * (high - low) / select(is_flat, 1, rise)
        places.append(select(is_flat, none, place))
    return places


def _paid_by_lines(v: Inputs, side: str) -> Iterator[tuple[str, Any]]:
    """What each line has paid, whatever its sign, after each of its payments [USD]."""
    flow, period = CashFlow(v, side, by_item=True), Period(v)
    paid = {name: abs(cost) for name, cost in flow.lined.items()}
    yield from paid.items()
    while period.month < period.longest:
        period.advance()
        flow.advance(period)
        for name, cost in flow.lined.items():
            paid[name] = paid.get(name, 0) + abs(cost)
            yield name, paid[name]
    flow.leave(period, by_item=True)
    for line in v.lines:
        if line.when == "exit":
            yield line.name, abs(flow.leaving[line.name])


def roots(
    now: Any, end: Any, places: list[Any], saving: Callable[[Any], Any], usd: Any
) -> Iterator[Any]:
    """The roots of a saving between the present value and an end of the domain, the nearest first.

    `usd` is the saving now, `saving` gives that at another value, and `places` are those at which
    it may bend. `inf` where a scenario of a table has none in a stretch.

    >>> list(roots(1, 9, [5], lambda x: 3 - abs(x - 5), -1.0))
    [2.0, 8.0]
    """
    none, at = infinity(usd), now
    for stop, there in _along(saving, _stops(now, end, places), is_array(usd)):
        passed: Any = ((usd > 0) != (there > 0)) | (there == 0)
        if any_true(passed):
            fall = usd - there
            root = at + usd * (stop - at) / select(fall == 0, 1, fall)
            yield select(passed, root, none)
        at, usd = stop, there


def _along(
    saving: Callable[[Any], Any], stops: list[Any], is_table: bool
) -> Iterator[tuple[Any, Any]]:
    """Some values and the saving at each; many of one scenario in one pass."""
    is_plain = all(isinstance(stop, float | int) for stop in stops)
    if is_table or len(stops) <= _FEW or not is_plain:
        yield from ((stop, saving(stop)) for stop in stops)
        return
    import numpy as np

    with np.errstate(all="ignore"):
        found = saving(np.array(stops, dtype=np.float64))
    yield from zip(stops, np.broadcast_to(found, len(stops)).tolist(), strict=True)


def _stops(now: Any, end: Any, places: list[Any]) -> list[Any]:
    """The places between now and the end, and that; the nearest first."""
    between = [smaller(larger(place, smaller(now, end)), larger(now, end)) for place in places]
    if not any(is_array(place) for place in (now, end, *between)):
        return sorted({end, *between} - {now}, key=lambda place: abs(place - now))
    import numpy as np

    stops = np.sort(np.stack(np.broadcast_arrays(*between, end + 0 * now)), axis=0)
    return list(np.where(end > now, stops, stops[::-1]))


def nearest_root(
    now: Any, ends: tuple[Any, Any], places: list[Any], saving: Callable[[Any], Any]
) -> Any:
    """The root of the saving between both ends that is nearest to the present value; else `inf`.

    >>> nearest_root(7, (0, 9), [5], lambda x: 3 - abs(x - 5))
    8.0
    """
    usd = saving(now)
    none = infinity(usd)
    found = select(usd == 0, now, none)
    for end in ends:
        near = none
        for root in roots(now, end, places, saving, usd):
            near = select(near == none, root, near)
            if not any_true(near == none):
                break
        found = select(abs(near - now) < abs(found - now), near, found)
    return found
