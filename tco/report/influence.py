"""What each slider of the first screen does to the answer: its curve, and where it breaks even."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from tco import words
from tco.analysis.flips import flips_between, search_grid, searched
from tco.analysis.savings import Told, answers, case_of
from tco.errors import InputError
from tco.inputs import INPUTS, RATE, RESIDUAL, SLIDERS, TAKEN
from tco.inputs.effects import no_effect
from tco.model.results import VERDICTS
from tco.report import ranges
from tco.report.drawing import BUY, RENT, ticks
from tco.report.ranges import Range, slider_range, stored
from tco.scenario import Scenario
from tco.words import curve_caption
from tco.words.currencies import of_unit
from tco.words.figures import exact, period, rate_text

# Power, cooling and rack density, in a row of their own: that they are flat is worth seeing.
POWER = ("gpu_w", "pue", "rack_kw")
# Points of a curve: evenly, and both sides of this many jumps at most.
_POINTS, _MOST_JUMPS = 41, 12
# A jump is as much of the range of the savings; its sides are as close, as a share of the range.
_JUMP, _CLOSE = 1 / 500, 1 / 10**6
_MONTHS = "horizon_months"
# So many parts of an axis have a mark at most; two marks are as far apart, as a share of it.
_TICKS, _APART = 4, 7
# What the slider of the resale is called, in the braces the time until then.
RESALE_AFTER = "Resale after {}"
# Units that stand beside the number on an axis.
_SHORT_UNITS = ("%", "W", "kW")


def sliders(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The six inputs that are asked beside the chart, in their order, which is always the same.

    What hosting costs is the price that fits where the hardware stands.

    >>> sliders({"hosting": "own_site"})[4], sliders({"hosting": "colo_metered"})[4]
    ('electricity_usd_per_kwh', 'colo_usd_per_kw_month')
    """
    is_own = values["hosting"] == "own_site"
    other = "colo_usd_per_kw_month" if is_own else "electricity_usd_per_kwh"
    return tuple(name for name in SLIDERS if name != other)


def levers(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The inputs of all sliders of the first screen: the six, and power, cooling and racks."""
    return (*sliders(values), *POWER)


def name_of(name: str, values: Mapping[str, Any]) -> str:
    """What a slider is called: the label of its input, or what is left after so long.

    >>> name_of("residual_share", {"horizon_months": 36}), name_of("pue", {})
    ('Resale after 3 years', 'Cooling (PUE)')
    """
    if name == RESIDUAL:
        return RESALE_AFTER.format(period(values[_MONTHS]))
    return INPUTS[name].label


@dataclass(frozen=True)
class ResponseCurve:
    """What an answer says over the range of one slider, every other value held.

    `value`, `usual` (the default), `values`, `flips` and `span` are in the units shown; `savings`
    and `saving` are what buying saves [USD per GPU], `own`, `rent` and `fair` the unit costs and
    the break-even rate [USD per hour], `verdicts` and `cases` the verdict and which of
    RATE_SENTENCES is the case. None stands for what is not known, where the inputs cannot be
    combined; all of it is empty without a price or a rate. `remark` says why the input has no
    effect.
    """

    name: str
    span: Range | None
    value: float | None = None
    usual: float | None = None
    values: tuple[float, ...] = ()
    savings: tuple[float | None, ...] = ()
    own: tuple[float | None, ...] = ()
    rent: tuple[float | None, ...] = ()
    fair: tuple[float | None, ...] = ()
    verdicts: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    saving: float | None = None
    flips: tuple[float, ...] = ()
    remark: str = ""

    @property
    def flip_words(self) -> tuple[str, ...]:
        """The flips with their unit."""
        return tuple(self.written(flip) for flip in self.flips)

    def written(self, value: float) -> str:
        """A value as it is shown, with its unit."""
        return TAKEN[self.name].written(TAKEN[self.name].meant(value))

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Places along the slider with their words: both ends, and round values between them.

        >>> at = ResponseCurve("pue", Range(1.15, 1.8, 0.01, 2)).ticks
        >>> [words for _, words in at]
        ['1.15', '1.4', '1.6', '1.8']
        """
        if self.span is None:
            return ()
        low, high = self.span.low, self.span.high
        room = (high - low) / _APART
        between = [x for x in ticks(low, high, _TICKS) if low + room < x < high - room]
        return tuple((x, self._axis_words(x)) for x in (low, *between, high))

    def _axis_words(self, value: float) -> str:
        unit = TAKEN[self.name].shown_unit
        if currency := of_unit(unit):
            return rate_text(value, currency).removesuffix(".00")
        return f"{exact(value)} {unit}" if unit in _SHORT_UNITS else exact(value)


def response_curves(scenario: Scenario, names: Iterable[str]) -> dict[str, ResponseCurve]:
    """The curve of each slider over its range, with exact flips; never an InputError.

    >>> curve = response_curves(Scenario(gpu="L4"), ["pue"])["pue"]
    >>> (curve.span.low, curve.span.high) == (curve.values[0], curve.values[-1])
    True
    """
    values = scenario.values()
    months = values[_MONTHS]
    curves = {
        name: ResponseCurve(
            name,
            slider_range(scenario, name),
            ranges.told(name, values[stored(name)], months),
            ranges.told(name, scenario.without(stored(name)).values()[stored(name)], months),
            remark=no_effect(stored(name), values),
        )
        for name in names
    }
    try:
        case = case_of(scenario, "response_curves()")
    except InputError:
        return curves
    grids = {
        stored(name): search_grid(values, stored(name), *sorted((low, high)))
        for name, curve in curves.items()
        if curve.span is not None
        for low, high in [_ends(name, curve.span, months)]
    }
    grids, solved = searched(case.values, grids)
    shown = {
        name: _points(name, curve.span, grids[stored(name)], solved[stored(name)].usd, months)
        for name, curve in curves.items()
        if curve.span is not None
    }
    asked = {
        stored(name): [ranges.meant(name, x, months) for x in xs] for name, xs in shown.items()
    }
    found = answers(case.values, asked)
    for name, xs in shown.items():
        flips = flips_between(case.values, stored(name), grids[stored(name)], solved[stored(name)])
        at = (ranges.told(name, (flip.low + flip.high) / 2, months) for flip in flips)
        curves[name] = replace(
            curves[name],
            values=tuple(xs),
            saving=case.saving_usd / case.values["gpus"],
            flips=tuple(sorted(map(float, at))),
            **_columns(case.values, stored(name), asked[stored(name)], found[stored(name)]),
        )
    return curves


def _ends(name: str, span: Range, months: Any) -> tuple[float, float]:
    """The ends of a slider, of the input that it sets, ascending."""
    low, high = sorted(float(ranges.meant(name, end, months)) for end in (span.low, span.high))
    return low, high


def _points(name: str, span: Range, grid: Any, usd: Any, months: Any) -> list[float]:
    """The places of a slider at which its curve is told: evenly, and both sides of each jump."""
    import numpy as np

    evenly = np.linspace(span.low, span.high, _POINTS)
    if TAKEN[name].kind == "integer":
        evenly = np.round(evenly)
    with np.errstate(invalid="ignore"):
        close = np.diff(grid) <= _CLOSE * (grid[-1] - grid[0])
        jumps = close & (np.abs(np.diff(usd)) > _JUMP * (np.nanmax(usd) - np.nanmin(usd)))
    at = np.nonzero(jumps)[0][:_MOST_JUMPS]
    sides = [ranges.told(name, x, months) for x in (*grid[at].tolist(), *grid[at + 1].tolist())]
    inside = [x for x in sides if span.low < x < span.high]
    return [float(x) for x in np.unique([*evenly, *inside])]


def _columns(
    values: Mapping[str, Any], name: str, points: list[float], told: Told
) -> dict[str, Any]:
    """What the answers along a slider come to, None where there is none."""
    gpus = values["gpus"]
    rates = points if name == RATE else [values[RATE]] * len(points)
    saved = [usd / gpus for usd in told.saving_usd.tolist()]
    fair = told.breakeven_rate_usd_per_gpu_hour.tolist()
    both = zip(*(cost.tolist() for cost in (told.own_npv_usd, told.rent_npv_usd)), strict=True)
    leads = [
        None if words.same_cost(usd, own, rent) else usd > 0
        for usd, (own, rent) in zip(told.saving_usd.tolist(), both, strict=True)
    ]
    cases = map(words.rate_case, fair, rates, leads)
    return {
        "savings": tuple(map(_known, saved)),
        "own": tuple(map(_known, told.own_usd_per_gpu_hour.tolist())),
        "rent": tuple(map(_known, told.rent_usd_per_gpu_hour.tolist())),
        "fair": tuple(map(_known, fair)),
        "verdicts": tuple(VERDICTS[int(at)] for at in told.verdict.tolist()),
        "cases": tuple(cases),
    }


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None


def scale(curves: Iterable[ResponseCurve]) -> tuple[float, float]:
    """The ends of one vertical axis for all curves, from the least to the greatest, 0 inside.

    >>> scale([ResponseCurve("pue", None, values=(1, 2), savings=(-130.0, 3_310.0))])
    (-130.0, 3310.0)
    """
    reached = [usd for curve in curves for usd in curve.savings if usd is not None]
    return min([0.0, *reached]), max([0.0, *reached])


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
