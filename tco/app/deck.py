"""The answer that stays in view, the sliders beside the live chart, and the row of power."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from typing import Any

import streamlit as st

from tco import words
from tco.app import panels, state, widgets
from tco.app.panels import plain
from tco.errors import InputError
from tco.inputs import INPUTS, TAKEN
from tco.report.facts import Facts
from tco.report.influence import POWER, ResponseCurve, name_of, picture, scale, sliders
from tco.report.live import HEADINGS, live_frame
from tco.report.ranges import stored
from tco.report.strip import Strip, markup, money, phrases, place_share, strip
from tco.scenario import Scenario
from tco.scenario.notes import note_of
from tco.words import currencies, figures

_APP, _WORDS = files("tco.app"), files("tco.words")
# What a slider without a value spans, until one is entered.
_NO_SPAN: dict[str, Any] = {"low": 0, "high": 1, "step": 1, "decimals": 0}
_DIGITS = 5


# Scripts that stand before those of both components.
SHARED = (_WORDS / "figures.js", _APP / "look" / "strip.js", _APP / "look" / "places.js")


def _component(name: str) -> Any:
    """A component of Streamlit by its folder, with the scripts that both share before its own."""
    folder = _APP / name
    js, css, markup = (
        (folder / f"{name}.{kind}").read_text("utf-8") for kind in ("js", "css", "html")
    )
    before = (script.read_text("utf-8") for script in SHARED)
    return st.components.v2.component(name, html=markup, css=css, js="\n".join((*before, js)))


_SLIDERS = _component("sliders")
_CHART = _component("live_chart")
# The groups of sliders, by the key of their component.
_SIX, _ROW = "levers", "power"


def answer(now: Facts, shown: Facts) -> None:
    """The strip; while a slider moves it is written by the browser, which has all it says."""
    body = markup(strip(shown))
    if state.is_sliding():
        body = state.kept("strip", body)
    state.keep("strip", body)
    with st.container(key="strip"), panels.stale(now):
        st.html(body)


def _texts(told: Strip) -> dict[str, str]:
    """The strip as the browser writes it."""
    saves, saving, _ = told.saved
    named = ("side", "word", "confidence", "own", "rent", "sentence")
    return {name: getattr(told, name) for name in named} | {"saves": saves, "saving": saving}


def board(scenario: Scenario, now: Facts, shown: Facts) -> None:
    """The sliders beside the live chart, then power, cooling and rack density."""
    six = sliders(scenario.values())
    with st.container(key="board"):
        left, right = st.columns([10, 13], gap="large")
        with left, st.container(key="six"):
            _group(_SIX, six, scenario, now, shown)
        with right, st.container(key="live"):
            _live(now, shown)
    with st.container(key="row"):
        st.caption(plain(_row_words(now)))
        _group(_ROW, POWER, scenario, now, shown)


def _row_words(now: Facts) -> str:
    """How much of owning the row of power is about."""
    share = None if now.owning is None else place_share(now.scenario)
    said = "Power, cooling, and the space they are in"
    if share is None:
        return f"{said}."
    return f"{said}: {figures.fixed_percent(share)} of the cost of owning before resale."


def _live(now: Facts, shown: Facts) -> None:
    if shown.live is None or shown.curves is None:
        _owning_alone(shown)
        return
    drawn = asdict(shown.live) | {"headings": HEADINGS, "dimmed": is_dimmed(now), "money": money()}
    drawn["note"] = f"{shown.live.note} Data as of {shown.as_of}."
    _CHART(key="live_chart", data=drawn)
    frame = partial(live_frame, shown.curves, shown.ribbon)
    panels.download("Cost over time (CSV)", frame, shown.scenario, "tco-cost-over-time.csv")


def _owning_alone(shown: Facts) -> None:
    """What is known without a purchase price or a rental rate, where the chart would be."""
    lacking = " and ".join(INPUTS[name].phrase for name in shown.missing)
    drawn = f"Enter the {lacking}, and what both sides cost over time is drawn here."
    if not shown.figures:
        panels.nothing("Cost over time", drawn)
        return
    panels.title("What owning costs")
    panels.tiles(shown.figures)
    st.caption(plain(drawn))


def is_dimmed(now: Facts) -> bool:
    """Whether results on the page are those of the last inputs that went together."""
    return bool(now.problems) or state.is_refusing()


# --- Sliders


def _group(key: str, names: Iterable[str], scenario: Scenario, now: Facts, shown: Facts) -> None:
    """Some sliders; in plain widgets where the link asks for that."""
    curves = {name: now.responses[name] for name in names}
    ends = scale(now.responses.values())
    if state.view("simple") == "1":
        _simple(now, curves, ends)
        return
    values = scenario.values()
    words_of = phrases(values) | {
        "curve": {name: panels.voice(text) for name, text in words.CURVE_WORDS.items()}
    }
    use, rate = (
        INPUTS[name].shown(values[name]) for name in ("utilization", "rate_usd_per_gpu_hour")
    )
    data = {
        "levers": [lever(now, curve, key) for curve in curves.values()],
        "scale": _short(ends),
        "money": money(),
        "phrases": words_of,
        "now": {"use": use, "rate": rate},
        "strip": _texts(strip(shown)),
        "dimmed": is_dimmed(now),
    }
    # The moves are then in the session state: `moves`, by name of the slider, each with the value,
    # a number `n` that grows with each move, and whether the hand is still on the slider (`live`).
    # A move stays there until its `n` comes back as `applied`.
    _SLIDERS(key=key, data=data, default={"moves": {}}, on_moves_change=partial(_moved, key))


def lever(now: Facts, curve: ResponseCurve, key: str) -> dict[str, Any]:
    """One slider as the component reads it, in the units and the currency shown."""
    scenario, name, span = now.scenario, curve.name, curve.span
    ends = _NO_SPAN if span is None else asdict(span)
    return ends | {
        "name": name,
        "sets": stored(name),
        "label": name_of(name, scenario.values()),
        "unit": TAKEN[name].shown_unit,
        "value": curve.value,
        "usual": curve.usual,
        "xs": curve.values,
        "saving": _short(curve.savings),
        "own": _short(curve.own),
        "rent": _short(curve.rent),
        "fair": _short(curve.fair),
        "verdicts": curve.verdicts,
        "cases": curve.cases,
        "now": _short((curve.saving,))[0],
        "flips": curve.flips,
        "flip_text": words.flip_text(curve.flip_words),
        "ticks": curve.ticks,
        "remark": _remark(now, curve),
        "unusual": note_of(scenario, stored(name)),
        "origin": _origin(scenario, name),
        "refusal": state.refusal(stored(name)) if state.is_refused(f"{key}_{name}") else "",
        "applied": _applied().get(name, 0),
    }


def _short(column: Iterable[float | None]) -> list[float | None]:
    return [
        None if usd is None else float(f"{currencies.shown(usd):.{_DIGITS}g}") for usd in column
    ]


def _remark(now: Facts, curve: ResponseCurve) -> str:
    """Why an input is no slider here; of a rack also how many GPUs it holds."""
    if curve.name == "rack_kw" and curve.remark and now.rack is not None:
        held = f"{now.rack.gpus_per_rack:,} GPUs per rack"
        return f"{held}; {curve.remark}"
    return curve.remark


def _origin(scenario: Scenario, name: str) -> str:
    """Where the value comes from; of the resale also what it is a year."""
    said = widgets.origin_text(scenario, stored(name))
    if stored(name) == name:
        return said
    loss = INPUTS[stored(name)]
    yearly = f"falls {loss.written(scenario.values()[loss.name])}"
    return f"{yearly} · {said}"


@state.in_its_currency
def _moved(key: str) -> None:
    """Each move that is new becomes the scenario's value, or is refused.

    One that was made while another currency was shown is of amounts that are no longer there.
    """
    applied, moves = _applied(), st.session_state[key].get("moves")
    for name, value, number, is_live, currency in read_moves(moves):
        if number > applied.get(name, 0):
            applied[name] = number
            if currency != currencies.code():
                continue
            try:
                state.change(f"{key}_{name}", is_live, **widgets.told(name, value))
            except InputError as wrong:
                state.refuse(f"{key}_{name}", wrong)


def _applied() -> dict[str, int]:
    """The number of the last move of each slider that was taken over."""
    found: dict[str, int] = state.kept("moves", {})
    return found


def read_moves(moves: Any) -> list[tuple[str, float | str, int, bool, str]]:
    """The moves among what a browser sent.

    Slider, value as shown, number, whether it goes on, and the currency that was shown.

    A value that was entered as no plain number is text.

    >>> read_moves({"pue": {"value": 1.2, "n": 3, "live": False}, "x": 1, "gpu": {"value": 1}})
    [('pue', 1.2, 3, False, 'USD')]
    """
    found = []
    for name, sent in moves.items() if isinstance(moves, dict) else ():
        if name not in TAKEN or not TAKEN[name].numeric or not isinstance(sent, dict):
            continue
        value, number = sent.get("value"), sent.get("n")
        if not isinstance(number, int) or not isinstance(value, int | float | str):
            continue
        currency = str(sent.get("currency", currencies.code()))
        found.append((name, value, number, sent.get("live") is True, currency))
    return found


def _simple(now: Facts, curves: Mapping[str, ResponseCurve], ends: tuple[float, float]) -> None:
    """The same with Streamlit's own sliders, and each curve as a picture."""
    with st.grid(2, min_column_width=300, gap="medium"):
        for curve in curves.values():
            with st.container(gap="xxsmall"):
                if remark := _remark(now, curve):
                    st.caption(plain(f"{name_of(curve.name, now.scenario.values())}: {remark}"))
                    continue
                widgets.slider(now.scenario, curve.name)
                if curve.values and curve.value is not None:
                    st.html(picture(curve, curve.value, ends))
                    said = words.curve_caption(curve.saving, curve.flip_words)
                    st.caption(plain(panels.voice(said)))
