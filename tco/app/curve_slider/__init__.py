"""Sliders that carry their own curve: a Streamlit component of HTML, CSS and JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import streamlit as st


def _read(kind: str) -> str:
    return (files(__package__) / f"curve_slider.{kind}").read_text("utf-8")


_MOUNT = st.components.v2.component(
    "curve_sliders", html=_read("html"), css=_read("css"), js=_read("js")
)


def curve_sliders(key: str, data: Mapping[str, Any], on_moves: Callable[[], None]) -> None:
    """Show the sliders that `data` describes; `on_moves` runs when any of them was moved.

    The moves are then in the session state of the key: `moves`, by name of the input, each with the
    value, a number `n` that grows with each move, and whether the hand is still on the slider
    (`live`). A move stays there until its `n` comes back in `data` as `applied`.
    """
    _MOUNT(key=key, data=dict(data), default={"moves": {}}, on_moves_change=on_moves)
