"""Scenarios pinned by the reader: kept in the session, side by side, and as files."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from tco.app import bound, panels, state
from tco.app.panels import plain
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.inputs.labels import in_words, label
from tco.report.handover import (
    LONGEST_NAME,
    MOST_PINS,
    Pin,
    Row,
    comparison,
    comparison_csv,
    pin,
    pins_json,
    shown,
    suggested_name,
)
from tco.report.provenance import count_of_lines
from tco.scenario import Scenario
from tco.scenario.link import decode, encode
from tco.words.figures import inside
from tco.words.results import RESULT_WORDS

_PINS, _NAME, _REFUSED = "pins", "pin_name", "pin_refused"
_ABOUT = (
    f"Up to {MOST_PINS} scenarios, each with the date of its data. They last while this tab is "
    "open and only you see them; download the file to keep them."
)
# The results by which people compare, in their order; the file has all of them.
_RESULTS = (
    *("verdict", "npv_saving_usd", "own_usd_per_gpu_hour", "rent_usd_per_gpu_hour", "months"),
    *("breakeven_rate_usd_per_gpu_hour", "breakeven_price_usd_per_gpu", "breakeven_utilization"),
)


def pins() -> tuple[Pin, ...]:
    """The pins of this session."""
    return tuple(state.kept(_PINS, ()))


def keep(kept: Sequence[Pin]) -> None:
    """Make these the pins of this session."""
    state.keep(_PINS, tuple(kept))
    state.keep(_REFUSED, "")


def loaded(scenario: Scenario) -> dict[str, Any]:
    """What puts a scenario on the screen, as its link would: its inputs, None for the others."""
    opened = decode(encode(scenario.on_shipped_data()), state.scenario().catalogue).scenario
    return {**dict.fromkeys((*INPUTS, "lines")), **opened.given_and_lines}


def described(scenario: Scenario) -> str:
    """What was given, in words.

    >>> described(Scenario(gpu="T4", utilization=0.45, as_of="2026-09-01"))
    'GPU T4, utilization 45 %'
    """
    given = {name: value for name, value in scenario.given.items() if name != "as_of"}
    told = [f"{inside(label(name))} {in_words(name, value)}" for name, value in given.items()]
    if scenario.lines:
        told.append(count_of_lines(scenario))
    return ", ".join(told) or "every input at its default"


def section() -> None:
    """Pin the scenario on the screen, and compare the pins."""
    panels.title("Compare")
    st.caption(_ABOUT)
    kept = pins()
    is_full = len(kept) >= MOST_PINS
    with st.container(horizontal=True, vertical_alignment="bottom", key="pin_form"):
        bound.own(
            "text_input",
            "Name of the scenario",
            _NAME,
            "",
            max_chars=LONGEST_NAME,
            placeholder=suggested_name(kept, state.scenario()),
            disabled=is_full,
            width=300,
        )
        bound.button("Pin this scenario", "pin", _add, disabled=is_full)
    if is_full:
        st.caption(f"{MOST_PINS} scenarios are pinned: unpin one to pin another.")
    panels.note(state.kept(_REFUSED, ""))
    for at, one in enumerate(kept):
        name, others = plain(one.name), (*kept[:at], *kept[at + 1 :])
        with st.container(horizontal=True, vertical_alignment="center", key=f"pin_{at}"):
            load = partial(loaded, one.scenario)
            bound.button(f"Load {name}", f"load_{at}", load, (bound.ALL,))
            bound.button(f"Unpin {name}", f"unpin_{at}", partial(keep, others))
            told = f"{described(one.scenario)} · data as of {one.scenario.values()['as_of']}"
            st.caption(plain(told), width="content")
    if not kept:
        return
    _table(kept)
    compared = partial(comparison_csv, kept, state.scenario().catalogue)
    with st.container(horizontal=True, key="pin_files"):
        panels.file("Comparison (CSV)", compared, "tco-pins.csv")
        pinned = partial(pins_json, kept)
        panels.file("Pins (.tco.json)", pinned, "tco-pins.tco.json", "application/json")


def _add() -> None:
    """Pin the scenario, or say why not; the name typed stays until it is pinned."""
    name = bound.typed(_NAME).strip() or suggested_name(pins(), state.scenario())
    try:
        keep(pin(pins(), name, state.scenario()))
    except InputError as wrong:
        state.keep(_REFUSED, str(wrong))
        return
    bound.anew(_NAME)


def _table(kept: Sequence[Pin]) -> None:
    """The inputs that differ and the results that count, a column a pin."""
    compared = comparison(kept)
    rows = {row.name: row for row in compared if row.section == "result"}
    answered = [state.facts(one.scenario) for one in kept]
    heads = [one.headline if one.answer else "no verdict" for one in answered]
    verdicts, why = rows["verdict"].values, rows["reason"].values
    rows["verdict"] = replace(rows["verdict"], values=tuple(heads))
    inputs = [row for row in compared if row.section != "result"]
    names = "".join(f"<th scope='col'>{html.escape(one.name)}</th>" for one in kept)
    head = "Inputs that differ" if inputs else "No input differs"
    body = _group(head, inputs, len(kept))
    body += _group("Results", [rows[name] for name in _RESULTS], len(kept))
    st.html(
        f"<div class='tco-wide' role='region' tabindex='0' aria-label='Pins side by side'>"
        f"<table><thead><tr><th scope='col'>Pin</th>{names}</tr></thead>{body}</table></div>"
    )
    for one, verdict, reason in zip(kept, verdicts, why, strict=True):
        panels.note(f"{one.name}: {reason}" if verdict is None else "")


def _called(row: Row) -> tuple[str, str]:
    """What a row is called, and what it is where that does not say it."""
    if row.section == "line":
        return row.name, "line of your own"
    if row.section == "result":
        return RESULT_WORDS[row.name].label, ""
    return INPUTS[row.name].label, ""


def _group(title: str, rows: Sequence[Row], pins: int) -> str:
    lines = ""
    for row in rows:
        words, kind = _called(row)
        cells = "".join(f"<td>{html.escape(shown(row, value))}</td>" for value in row.values)
        small = f"<small>{kind}</small>" if kind else ""
        lines += f"<tr><th scope='row'>{html.escape(words)}{small}</th>{cells}</tr>"
    head = f"<tr><th scope='rowgroup' colspan='{pins + 1}'>{title}</th></tr>"
    return f"<tbody>{head}{lines}</tbody>"
