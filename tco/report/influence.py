"""The inputs that matter most, and what buying saves over the range of each, with its picture."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote

from tco.analysis.flips import flips_between, search_grid, searched
from tco.analysis.savings import case_of
from tco.analysis.sensitivity import tornado
from tco.errors import InputError
from tco.inputs import INPUTS, PRICES, RATE
from tco.inputs.effects import no_effect
from tco.market.choice import OWN_FIGURES
from tco.report.drawing import BUY, FINER, RENT, round_numbers
from tco.report.market_tables import fair_rate
from tco.report.ranges import Range, slider_range
from tco.scenario import Scenario
from tco.words import curve_caption

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
    saving is None where the inputs cannot be combined, and all of it is empty where no price or no
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
    is_own = scenario.values()["gpu"] not in scenario.catalogue.gpus
    figures = OWN_FIGURES if is_own else ()
    choices = {n: v for n, v in scenario.given.items() if not INPUTS[n].numeric or n in figures}
    return _ranked(Scenario(**choices, lines=scenario.lines, prices=scenario.prices), count)


@lru_cache(maxsize=64)
def _ranked(family: Scenario, count: int) -> tuple[str, ...]:
    values = family.values()
    lacking = [name for name in PRICES if values[name] is None]
    try:
        if values[RATE] is None:
            family = replace(family, rate_usd_per_gpu_hour=fair_rate(family))
        by_swing = tuple(tornado(family, count=len(INPUTS))["input"])
    except InputError:
        by_swing = _USUAL
    order = dict.fromkeys((*lacking, *by_swing))
    first = [name for name in order if name not in ALWAYS][: count - len(ALWAYS)]
    listed = [name for name in order if name in (*first, *ALWAYS)]
    return tuple(dict.fromkeys((*listed, *ALWAYS)))


def response_curves(scenario: Scenario, names: Iterable[str]) -> dict[str, ResponseCurve]:
    """The curve of each input over its slider's range, with exact flips; never an InputError.

    >>> curve = response_curves(Scenario(gpu="L4"), ["pue"])["pue"]
    >>> (curve.span.low, curve.span.high) == (curve.values[0], curve.values[-1])
    True
    """
    values = scenario.values()
    spans = {name: slider_range(scenario, name) for name in names}
    curves = {
        name: ResponseCurve(name, span, remark=no_effect(name, values))
        for name, span in spans.items()
    }
    try:
        case = case_of(scenario, "response_curves()")
    except InputError:
        return curves
    grids = {
        name: search_grid(values, name, *(float(INPUTS[name].meant(end)) for end in ends))
        for name, span in spans.items()
        if span is not None
        for ends in [(span.low, span.high)]
    }
    grids, solved = searched(case.values, grids)
    for name, found in solved.items():
        shown, gpus = INPUTS[name].shown, case.values["gpus"]
        flips = flips_between(case.values, name, grids[name], found)
        curves[name] = replace(
            curves[name],
            values=tuple(float(shown(value)) for value in grids[name].tolist()),
            savings=tuple(usd / gpus if math.isfinite(usd) else None for usd in found.usd.tolist()),
            saving=case.saving_usd / gpus,
            flips=tuple(float(shown((flip.low + flip.high) / 2)) for flip in flips),
        )
    return curves


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
    low, high = scale
    first, last = curve.values[0], curve.values[-1]

    def x(value: float) -> float:
        return round(_WIDTH * (value - first) / (last - first), 1)

    def y(usd: float) -> float:
        return round(_HEIGHT * (1 - (usd - low) / ((high - low) or 1)), 1)

    def rule(value: float, width: float, more: str = "") -> str:
        return f"<path d='M{x(value)} 0V{_HEIGHT}' stroke='{_LINE}' stroke-width='{width}'{more}/>"

    points = [
        (x(v), y(s)) for v, s in zip(curve.values, curve.savings, strict=True) if s is not None
    ]
    zero, start, end = y(0), points[0][0], points[-1][0]
    areas = ""
    for edge, color in ((min, BUY), (max, RENT)):
        corners = " ".join(f"{at},{edge(up, zero)}" for at, up in points)
        corners = f"{start},{zero} {corners} {end},{zero}"
        areas += f"<polygon points='{corners}' fill='{color}' fill-opacity='.5'/>"
    flips = "".join(rule(flip, 1.5, " stroke-dasharray='3 3'") for flip in curve.flips)
    line = " ".join(f"{at},{up}" for at, up in points)
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}' "
        f"preserveAspectRatio='none'>{areas}"
        f"<path d='M0 {zero}H{_WIDTH}' stroke='{_LINE}'/>{flips}"
        f"<polyline points='{line}' fill='none' stroke='{_LINE}' stroke-width='1.75'/>"
        f"{rule(now, 3.5)}</svg>"
    )
    alt = html.escape(curve_caption(curve.saving, curve.flip_words))
    source = f"data:image/svg+xml,{quote(svg)}"
    return f"<img class='tco-curve' alt='{alt}' src='{source}' width='100%' height='{_HEIGHT}'>"
