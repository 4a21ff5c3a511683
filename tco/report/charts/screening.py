"""Screening curves: what each option costs a year as utilisation varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tco.analysis.ways import percent
from tco.report.charts.drawing import (
    BUY,
    INK,
    LINE,
    PER_CENT,
    QUIET,
    RENT,
    RENT_TEXT,
    TALLER,
    VEIL,
    WHITE,
    Chart,
    Draft,
    apart,
    x_title,
)
from tco.report.findings import short_usd
from tco.report.options_data import NAMES, envelope_title, named, sided, stretches

if TYPE_CHECKING:
    import pandas as pd

# Renting is dashed in a way of its own, owning is solid with a marker of its own.
_DASHES = {
    "on_demand": "dash",
    "spot": "dot",
    "committed_1yr": "dashdot",
    "committed_3yr": "longdash",
    "committed_5yr": "longdashdot",
    "always_on": "2px,5px",
}
_MARKERS = {"buy_new": "circle", "buy_used": "square", "lease": "diamond", "loan": "triangle-up"}
_FAINT, _POINTS, _MARKS, _SMALL = 0.38, 41, 5, 12
# The axis ends at so many times the highest cost of the cheapest option.
_TOP = 2.2
# The longest name of an option on one line.
_LONGEST = 12
_MARGIN = {"l": 48, "r": 128, "t": 66, "b": 40}
_DRAWN = TALLER - _MARGIN["t"] - _MARGIN["b"]
# The strip above the lines, in shares of their height; how wide it is on a phone, and a letter.
_STRIP = (1.01, 1.075)
_NARROW, _LETTER, _TICK = 160, 7.5, 40
# Paint and words of the strip, the same on a light and on a dark page.
_PAINT, _ON_STRIP = {"own": BUY, "rent": "#B24800"}, "#FEFEFE"
_CAPTION = (
    "Level annual cost of a GPU, from present values. Thick: the cheapest option at each "
    "utilisation, and where it changes. Beside the lines: what each costs when always busy, owning "
    "at its cheapest site; other sites are pale. ↑: beyond the axis."
)


@dataclass(frozen=True)
class _Line:
    """One option: its annual cost never and always busy [USD per GPU and year]."""

    option: str
    side: str
    hosting: str
    idle: float
    full: float

    @property
    def name(self) -> str:
        return named(self.option, self.hosting)

    @property
    def color(self) -> str:
        return BUY if self.side == "own" else RENT

    @property
    def ink(self) -> str:
        return BUY if self.side == "own" else RENT_TEXT

    def cost(self, share: Any) -> Any:
        return self.idle + (self.full - self.idle) * share


Stretch = tuple[_Line, float, float]


def screening_curves(lines: pd.DataFrame, utilization: float) -> Chart | None:
    """Annual cost of a GPU against utilisation, one line an option; None where none has a price.

    `lines` is the frame of `tco.screening()` without `points`; `utilization` is that of the
    scenario [share]. The lower envelope is drawn as the answer.

    >>> from tco.analysis.options import screening
    >>> screening_curves(screening(gpu="H100-SXM"), 0.6).title
    'Renting spot is cheapest at any utilisation'
    """
    if lines.empty:
        return None
    options = _lines(lines)
    best = [(options[_key(row)], low, high) for row, low, high in stretches(lines)]
    top = _TOP * max(line.cost(share) for line, *ends in best for share in ends) or 1.0
    winners = [line for line, _, _ in best]
    told = _cheapest_sites(options.values(), utilization)
    draft = Draft()
    for line in sorted(options.values(), key=lambda line: (line in winners, line in told)):
        _draw(draft, line, line in winners)
    for stretch in best:
        _envelope(draft, stretch)
    _handovers(draft, [low for _, low, _ in best[1:]])
    _here(draft, next(line for line, low, _ in reversed(best) if low <= utilization), utilization)
    _names(draft, told, winners, top)
    draft.y_title("USD per GPU and year")
    draft.notes[-1]["yshift"] = _MARGIN["t"] - LINE - 2
    x = {"title": x_title("busy, % of all hours"), "range": [0, PER_CENT]}
    y = {"range": [0, top], "tickformat": "$~s"}
    figure = draft.figure(x, y, height=TALLER, margin=_MARGIN)
    title = envelope_title(lines)
    return Chart(figure, title, f"{title}. {_listed(told, utilization)}", _CAPTION)


def _key(row: dict[Any, Any]) -> tuple[str, str]:
    return row["option"], row["hosting"]


def _lines(frame: pd.DataFrame) -> dict[tuple[str, str], _Line]:
    """Every option, by the ends of its straight line."""
    ends = frame[frame["utilization"].isin([0, 1])].sort_values("utilization", kind="stable")
    costs: dict[tuple[str, str, str], list[float]] = {}
    for row in ends.to_dict("records"):
        key = (row["option"], row["side"], row["hosting"])
        costs.setdefault(key, []).append(row["usd_per_gpu_year"])
    return {(key[0], key[2]): _Line(*key, cost[0], cost[-1]) for key, cost in costs.items()}


def _cheapest_sites(options: Any, share: float) -> list[_Line]:
    """Of each option the cheapest site at a utilisation."""
    cheapest: dict[str, _Line] = {}
    for line in sorted(options, key=lambda line: line.cost(share)):
        cheapest.setdefault(line.option, line)
    return list(cheapest.values())


def _draw(draft: Draft, line: _Line, is_winner: bool) -> None:
    """One option over all utilisations, with points enough for the pointer to meet."""
    shares = np.linspace(0, 1, _POINTS)
    stroke: dict[str, Any] = {"width": 2.5 if is_winner else 2}
    if line.side == "rent":
        stroke["dash"] = _DASHES[line.option]
    hover = "%{y:$,.0f} at %{x:.3~g} % busy"
    name = "".join(sided(line.option, line.side, line.hosting))
    draft.line(shares * PER_CENT, line.cost(shares), name, line.color, hover, **stroke)
    look: dict[str, Any] = {"opacity": 1 if is_winner else _FAINT}
    if line.side == "own":
        marker = {"symbol": _MARKERS[line.option], "size": 7, "maxdisplayed": _MARKS}
        look |= {"mode": "lines+markers", "marker": {**marker, "color": line.color}}
    draft.traces[-1] |= look


def _envelope(draft: Draft, stretch: Stretch) -> None:
    """Where an option is the cheapest: its line thick, and its name on the strip above."""
    line, low, high = stretch
    ends, costs = (low * PER_CENT, high * PER_CENT), [line.cost(low), line.cost(high)]
    draft.line(list(ends), costs, f"cheapest: {line.name}", line.color, "%{y:$,.0f}", width=6)
    edge = {"width": 1.5, "color": WHITE}
    draft.shape("rect", ends, _STRIP, yref="paper", fillcolor=_PAINT[line.side], line=edge)
    room = (high - low) * _NARROW / _LETTER
    word, rest = sided(line.option, line.side)
    for more in (rest, ""):
        if len(word + more) <= room:
            place = {"yref": "paper", "yanchor": "middle", "xanchor": "center"}
            text = f"<b>{word}</b>{more}"
            font = {"size": _SMALL, "color": _ON_STRIP}
            draft.note(sum(ends) / 2, sum(_STRIP) / 2, text, **place, font=font)
            return


def _handovers(draft: Draft, shares: Sequence[float]) -> None:
    """The utilisations at which the cheapest option changes; written where there is room."""
    free = 0.0
    for share in shares:
        at = share * PER_CENT
        dotted = {"color": QUIET, "dash": "dot", "width": 1.5}
        draft.shape("line", (at, at), (0, _STRIP[1]), yref="paper", line=dotted)
        if share * _NARROW >= free:
            place = {"yref": "paper", "yanchor": "bottom", "xanchor": "center"}
            draft.note(at, _STRIP[1], f"<b>{percent(share)}</b>", **place)
            free = share * _NARROW + _TICK


def _here(draft: Draft, line: _Line, share: float) -> None:
    """The scenario's own utilisation, on the envelope."""
    cost, at = line.cost(share), share * PER_CENT
    draft.shape("line", (at, at), (0, cost), line={"color": INK, "width": 1.5})
    outline = {"color": INK, "width": 2}
    hover = f"you, {percent(share)} busy: {short_usd(cost)}"
    draft.point(at, cost, "you", hover, size=13, symbol="diamond", color=WHITE, line=outline)
    is_right = share > 1 / 2
    place: dict[str, Any] = {"xanchor": "right" if is_right else "left"}
    place["xshift"] = -6 if is_right else 6
    text = f"<b>you</b> {percent(share)}"
    draft.note(at, 0, text, bgcolor=VEIL, yanchor="bottom", yshift=2, **place)


def _names(draft: Draft, told: Sequence[_Line], winners: Sequence[_Line], top: float) -> None:
    """The name of each option beside the end of its line, not on another name."""
    ordered = sorted(told, key=lambda line: line.full)
    wanted = [min(max(line.full / top, 0), 1) * _DRAWN for line in ordered]
    names = [NAMES[line.option] for line in ordered]
    broken = [name.replace(" ", "<br>") if len(name) > _LONGEST else name for name in names]
    places = apart(wanted, [LINE * (1 + name.count("<br>")) for name in broken])
    over = max(places[-1] - _DRAWN, 0) + min(places[0], 0)
    for line, name, place in zip(ordered, broken, places, strict=True):
        text = f"<b>{name}</b>" if line in winners else name
        amount = f"{'↑' if line.full > top else ''}{short_usd(line.full)}"
        beside: dict[str, Any] = {
            "xanchor": "left",
            "xshift": 6,
            "yanchor": "middle",
            "yshift": place - over,
        }
        font = {"size": _SMALL, "color": line.ink}
        draft.note(PER_CENT, 0, f"{text} {amount}", **beside, font=font)


def _listed(told: Sequence[_Line], share: float) -> str:
    costs = ", ".join(f"{line.name} {short_usd(line.cost(share))}" for line in told)
    return f"At {percent(share)} busy a GPU costs a year: {costs}."
