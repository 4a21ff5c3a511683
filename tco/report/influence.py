"""The inputs that matter most, and what buying saves over the range of each, with its picture."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tco.analysis.flips import flips_between, search_grid
from tco.analysis.savings import Case, case_of, savings
from tco.analysis.sensitivity import tornado
from tco.errors import InputError
from tco.inputs import INPUTS, PRICES, RATE
from tco.report.drawing import BUY, FINER, RENT, round_numbers
from tco.report.market_tables import fair_rate
from tco.report.ranges import no_effect, slider_range
from tco.scenario import Scenario
from tco.words import curve_caption

if TYPE_CHECKING:
    from tco.report.ranges import Range


# Power, cooling and rack density are shown whatever they weigh: that they are flat is worth seeing.
ALWAYS = ("gpu_w", "pue", "rack_kw")
# The order where none can be computed.
_USUAL = (
    *("utilization", "rate_usd_per_gpu_hour", "price_usd_per_gpu", "horizon_months"),
    *("rate_growth_per_year", "resale_decline_per_year", "staff_usd_per_gpu_month"),
    "colo_usd_per_kw_month",
)


@dataclass(frozen=True)
class ResponseCurve:
    """What buying saves for each GPU over the range of one input, every other value held.

    `values`, `flips` and `span` are in the units shown, `savings` and `saving` [USD per GPU]; a
    saving is None where the inputs do not go together, and all of it is empty where no price or no
    rate is known. `remark` says why the input has no effect.
    """

    name: str
    span: Range | None
    values: tuple[float, ...] = ()
    savings: tuple[float | None, ...] = ()
    saving: float | None = None
    flips: tuple[float, ...] = ()
    remark: str = ""

    @property
    def flip_words(self) -> tuple[str, ...]:
        """The flips with their unit."""
        return tuple(
            INPUTS[self.name].written(INPUTS[self.name].meant(flip)) for flip in self.flips
        )


def most_influential(scenario: Scenario, count: int) -> tuple[str, ...]:
    """The inputs that move the answer most, the largest first, and those of `ALWAYS` among them.

    They are ranked at the defaults of the scenario's choices (GPU, hosting, billing, ...), so that
    the order is the same for everybody and none moves while a number is changed. A price or a rate
    that is not known by default comes first.

    >>> most_influential(Scenario(gpu="L4", utilization=0.9), 8) == most_influential(
    ...     Scenario(gpu="L4"), 8)
    True
    """
    choices = {n: v for n, v in scenario.given.items() if not INPUTS[n].numeric}
    return _ranked(Scenario(**choices, prices=scenario.prices), count)


@lru_cache(maxsize=64)
def _ranked(family: Scenario, count: int) -> tuple[str, ...]:
    values = family.values()
    lacking = [name for name in PRICES if values[name] is None]
    order = [*lacking, *(name for name in _by_swing(family) if name not in lacking)]
    free = count - len(ALWAYS)
    first = [name for name in order if name not in ALWAYS][:free]
    placed = [name for name in order if name in ALWAYS]
    listed = [name for name in order if name in (*first, *placed)]
    return (*listed, *(name for name in ALWAYS if name not in placed))


def _by_swing(family: Scenario) -> tuple[str, ...]:
    """By the distance between the answers at the ends of each range."""
    try:
        if family.values()[RATE] is None:
            family = replace(family, rate_usd_per_gpu_hour=fair_rate(family))
        return tuple(tornado(family, count=len(INPUTS))["input"])
    except InputError:
        return _USUAL


def response_curves(scenario: Scenario, names: Iterable[str]) -> dict[str, ResponseCurve]:
    """The curve of each input over its slider's range, with exact flips; never an InputError.

    >>> curve = response_curves(Scenario(gpu="L4"), ["pue"])["pue"]
    >>> (curve.span.low, curve.span.high) == (curve.values[0], curve.values[-1])
    True
    """
    values = scenario.values()
    spans = {name: slider_range(scenario, name) for name in names}
    remarks = {name: no_effect(name, values) for name in spans}
    plain = {name: ResponseCurve(name, spans[name], remark=remarks[name]) for name in spans}
    try:
        case = case_of(scenario, "response_curves()")
    except InputError:
        return plain
    grids = {
        name: search_grid(
            values, name, float(INPUTS[name].meant(span.low)), float(INPUTS[name].meant(span.high))
        )
        for name, span in spans.items()
        if span is not None
    }
    solved = savings(values, grids)
    return plain | {name: _curve(case, plain[name], grids[name], solved[name]) for name in grids}


def _curve(case: Case, plain: ResponseCurve, grid: Any, found: Any) -> ResponseCurve:
    name, gpus = plain.name, case.values["gpus"]
    flips = flips_between(case.values, name, grid, found)
    usd = [amount / gpus if math.isfinite(amount) else None for amount in found.usd.tolist()]
    return replace(
        plain,
        values=tuple(float(INPUTS[name].shown(value)) for value in grid.tolist()),
        savings=tuple(usd),
        saving=case.saving_usd / gpus,
        flips=tuple(float(INPUTS[name].shown((flip.low + flip.high) / 2)) for flip in flips),
    )


def scale(curves: Iterable[ResponseCurve]) -> tuple[float, float]:
    """Round ends of one vertical axis for all curves, 0 inside [USD per GPU].

    >>> scale([ResponseCurve("pue", None, (1, 2), (-130.0, 3_310.0))])
    (-150.0, 4000.0)
    """
    reached = [usd for curve in curves for usd in curve.savings if usd is not None]
    ends = (-min([0, *reached]), max([0, *reached]))
    low, high = (round_numbers(end, 10 * end, FINER)[0] if end else 0.0 for end in ends)
    return 0 - low, high


_WIDTH, _HEIGHT = 300, 60
_LINE = "#767676"


def picture(curve: ResponseCurve, now: float, scale: tuple[float, float]) -> str:
    """The curve of one input as an image element, with its finding as the text.

    `now` is the value of the input as it is shown, `scale` the ends of the vertical axis
    [USD per GPU]. Only numbers of the model stand in it.
    """
    alt = html.escape(curve_caption(curve.saving, curve.flip_words))
    source = f"data:image/svg+xml,{quote(_svg(curve, now, scale))}"
    return f"<img class='tco-curve' alt='{alt}' src='{source}' width='100%' height='{_HEIGHT}'>"


def _svg(curve: ResponseCurve, now: float, scale: tuple[float, float]) -> str:
    low, high = scale
    first, last = curve.values[0], curve.values[-1]

    def x(value: float) -> float:
        return round(_WIDTH * (value - first) / (last - first), 1)

    def y(usd: float) -> float:
        return round(_HEIGHT * (1 - (usd - low) / ((high - low) or 1)), 1)

    known = [
        (x(v), y(s)) for v, s in zip(curve.values, curve.savings, strict=True) if s is not None
    ]
    zero = y(0)
    areas = "".join(
        _polygon([(known[0][0], zero), *((at, edge(up, zero)) for at, up in known)], zero, color)
        for edge, color in ((min, BUY), (max, RENT))
    )
    flips = "".join(_rule(x(flip), 1.5, " stroke-dasharray='3 3'") for flip in curve.flips)
    line = " ".join(f"{at},{up}" for at, up in known)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}' "
        f"preserveAspectRatio='none'>{areas}"
        f"<path d='M0 {zero}H{_WIDTH}' stroke='{_LINE}'/>{flips}"
        f"<polyline points='{line}' fill='none' stroke='{_LINE}' stroke-width='1.75'/>"
        f"{_rule(x(now), 3.5)}</svg>"
    )


def _polygon(points: Iterable[tuple[float, float]], zero: float, color: str) -> str:
    listed = list(points)
    corners = " ".join(f"{at},{up}" for at, up in [*listed, (listed[-1][0], zero)])
    return f"<polygon points='{corners}' fill='{color}' fill-opacity='.5'/>"


def _rule(at: float, width: float, more: str = "") -> str:
    return f"<path d='M{at} 0V{_HEIGHT}' stroke='{_LINE}' stroke-width='{width}'{more}/>"
