"""The chart beside the sliders: what both sides cost if one stops, and sells, at some month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco import words
from tco.model.breakeven import Breakeven
from tco.report.drawing import ticks
from tco.words import currencies
from tco.words.figures import months_text, number, on_axis, short_usd, usd, whole_usd

if TYPE_CHECKING:
    import pandas as pd

# Marks of the axes at most, and the steps of months among them.
_MARKS, _STEPS = 6, (0.5, 1, 2, 3, 6, 12, 24, 60)
# Rows of the table at most, about.
_ROWS = 12
# The bands are shown as far as this times the lines.
_REACH = 1.5
_DIGITS = 5
_SIDES, _EDGES = ("own", "rent"), ("p10", "p90")
HEADINGS = ("Month", "OWN, sold then", "RENT, ended then", "Saved by owning")
Points = tuple[float, ...]


@dataclass(frozen=True)
class Live:
    """Both cumulative costs over the months, resale and unused commitment in them.

    Amounts are in the currency shown. `bands` are P10 and P90 of each side, `crossings` where the
    lines meet: month, amount and words; `ends` the words beside the end of each line. `rows` are
    the same as a table.
    """

    title: str
    alt: str
    note: str
    months: Points
    own: Points
    rent: Points
    own_band: tuple[Points, ...]
    rent_band: tuple[Points, ...]
    crossings: tuple[tuple[float, float, str], ...]
    ends: tuple[str, str]
    span: tuple[float, float]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    rows: tuple[tuple[str, ...], ...]


def live(curves: pd.DataFrame, answer: Breakeven, futures: pd.DataFrame | None = None) -> Live:
    """The chart of `tco.curves()` and of the same in many futures, `Simulation.curves()`.

    >>> import tco
    >>> found = live(tco.curves(gpu="L4"), tco.breakeven(gpu="L4"))
    >>> [said for _, _, said in found.crossings], found.months[-1]
    (['month 23'], 36.0)
    """
    t, own, rent = (curves[name].tolist() for name in ("t_months", "own_exit_usd", "rent_exit_usd"))
    end, values = t[-1], answer.scenario.values()
    crossings = crossings_of(t, own, rent)
    bands: dict[str, tuple[Points, ...]] = dict.fromkeys(_SIDES, ())
    reached, edges = [*own, *rent, 0.0], list[float]()
    if futures is not None:
        for side in bands:
            pair = [futures[f"{side}_exit_{edge}_usd"].tolist() for edge in _EDGES]
            bands[side] = tuple(map(_rounded, pair))
            edges += [usd for edge in pair for usd in edge]
    low, high = min(reached), max(reached)
    top = min(max([high, *edges]), _REACH * high)
    span = (currencies.shown(low), currencies.shown(top))
    marks = ticks(*span, _MARKS)
    title = words.leaving_title([month for month, _ in crossings], end, own[-1] < rent[-1])
    # After the last crossing leads who leads at the end, and before it the other.
    leads = ["own", "rent"] if own[-1] < rent[-1] else ["rent", "own"]
    sided = [
        (month, leads[(len(crossings) - 1 - at) % 2]) for at, (month, _) in enumerate(crossings)
    ]
    crossed = words.crossings_sentence(sided, values["rate_growth_per_year"])
    totals = f"owning comes to {usd(own[-1])} and renting to {usd(rent[-1])}"
    alt = f"{title}. After {months_text(end)}, {totals}."
    return Live(
        title=words.of_owner(title, values),
        alt=words.of_owner(alt, values),
        note=" ".join(filter(None, (crossed, _note(max(edges, default=0.0), top)))),
        months=tuple(t),
        own=_rounded(own),
        rent=_rounded(rent),
        own_band=bands["own"],
        rent_band=bands["rent"],
        crossings=tuple(
            (month, currencies.shown(usd), f"month {month:.0f}") for month, usd in crossings
        ),
        ends=(f"OWN {short_usd(own[-1])}", f"RENT {short_usd(rent[-1])}"),
        span=span,
        x_ticks=tuple((month, number(month)) for month in ticks(0, end, _MARKS, _steps(end))),
        y_ticks=tuple(zip(marks, on_axis(marks, currencies.code()), strict=True)),
        rows=tuple(_rows(t, own, rent)),
    )


def live_frame(curves: pd.DataFrame, futures: pd.DataFrame | None = None) -> pd.DataFrame:
    """What the chart is drawn from, as in `live`: month, both lines and both bands [USD].

    >>> import tco
    >>> live_frame(tco.curves(gpu="L4")).columns.tolist()
    ['t_months', 'own_exit_usd', 'rent_exit_usd']
    """
    found = curves[["t_months", *(f"{side}_exit_usd" for side in _SIDES)]]
    if futures is None:
        return found
    edges = [f"{side}_exit_{edge}_usd" for side in _SIDES for edge in _EDGES]
    return found.assign(**{name: futures[name].to_numpy() for name in edges})


def crossings_of(
    months: Sequence[float], own: Sequence[float], rent: Sequence[float]
) -> list[tuple[float, float]]:
    """Where two lines between points change places: month and USD; the start is none.

    >>> crossings_of([0, 1, 2], [5, 6, 7], [0, 5, 10])
    [(1.25, 6.25)]
    """
    found, before = [], None
    for at, (month, one, other) in enumerate(zip(months, own, rent, strict=True)):
        gap = one - other
        if gap and before is not None and (gap > 0) != (before > 0):
            # The last point on the other side is the one before, or some that cost the same.
            start = at - 1
            last = own[start] - rent[start]
            share = last / (last - gap)
            found.append(
                (
                    months[start] + share * (month - months[start]),
                    own[start] + share * (one - own[start]),
                )
            )
        before = gap or before
    return found


def _steps(end: float) -> tuple[float, ...]:
    """Steps between marks of months, of which one is wide enough."""
    return (*_STEPS, end)


def _note(reached: float, top: float) -> str:
    if not reached:
        return "Present values."
    further = f"; they reach {short_usd(reached)}" if reached > top else ""
    return f"Present values. Bands: P10 to P90 of the simulated futures{further}."


def _rounded(column: Sequence[float]) -> Points:
    return tuple(float(f"{currencies.shown(usd):.{_DIGITS}g}") for usd in column)


def _rows(t: Sequence[float], own: Sequence[float], rent: Sequence[float]) -> Any:
    """The table, at the marks of the months and at the end."""
    marks = {*ticks(0, t[-1], _ROWS, _steps(t[-1])), t[-1]}
    for month, one, other in zip(t, own, rent, strict=True):
        if month in marks:
            yield (number(month), whole_usd(one), whole_usd(other), whole_usd(other - one))
