"""Boxes and choices for what is asked beside a scenario: work to do, or a demand for GPUs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

import streamlit as st

from tco.app import bound, panels, typed, widgets
from tco.errors import InputError, Problem
from tco.inputs.declaration import Param
from tco.report import ranges
from tco.scenario import Scenario

_NUMBER_WIDTH, SELECT_WIDTH = 190, 230
# What a browser has for the default.
_DEFAULT = ""


class Question(Protocol):
    """What is asked: its values by name, those that nobody said, and itself with another."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Everything that is asked, by name."""

    @property
    def usual(self) -> Mapping[str, Any]:
        """The same without what was said."""

    def changed(self, **changes: Any) -> Any:
        """The question with something else said; InputError for what cannot be."""


def heading(scenario: Scenario, title: str, whose: str, first: str, is_said: bool) -> None:
    """The title of a page with a question of its own, and the example or the way back to it.

    `whose` is what is asked about, and `first` the field that stands for all of it.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.html(f"<h1 class='tco-title'>{title}</h1>", width="content")
        if is_said:
            look: dict[str, Any] = {"type": "tertiary"}
            forget: Callable[[], dict[str, Any]] = partial(dict, {first: None})
            back = f"reset_{whose}"
            bound.button("Back to the example", back, forget, (first, bound.ALL), **look)
        else:
            st.badge("Example", color="gray")
            st.caption(f"this is not your {whose} yet", width="content")
    panels.beforehand(scenario)


def row(key: str) -> Any:
    """A row of questions, which wraps."""
    return st.container(horizontal=True, vertical_alignment="top", gap="small", key=key)


def number(
    question: Question,
    fields: Mapping[str, Param],
    name: str,
    label: str = "",
    placeholder: str = typed.NONE,
) -> None:
    """A box for a number that is asked, and why what was typed is not taken."""
    declared = fields[name]
    unit = f" [{declared.shown_unit}]" if declared.shown_unit else ""
    with st.container(width=_NUMBER_WIDTH, gap="xxsmall", key=f"asked_{name}"):
        bound.widget(
            "text_input",
            label or f"{declared.label}{unit}",
            "number",
            typed.written(declared.shown(question.values[name])),
            (name,),
            partial(_told, question, fields, name),
            meaning=partial(typed.same, name, declared=declared),
            placeholder=placeholder,
        )
        widgets.refusal(name)


def _told(question: Question, fields: Mapping[str, Param], name: str, text: Any) -> dict[str, Any]:
    """What a number that was typed changes; InputError for one that cannot be."""
    declared = fields[name]
    shown = typed.number(name, text, declared)
    if shown is None:
        return {name: None}
    if why := ranges.outside(name, shown, fields):
        raise InputError([Problem(name, why)])
    value = declared.meant(shown)
    return {name: None if value == question.usual.get(name) else value}


def choice(
    label: str,
    name: str,
    value: Any,
    options: Mapping[Any, str],
    kind: str = "selectbox",
    width: int = SELECT_WIDTH,
    along: Iterable[str] = (),
    **look: Any,
) -> None:
    """One of a few words, as `pills`, or of many; `along` is what else changes with it.

    None among them is the default, for which a browser has the empty text.
    """
    value = _DEFAULT if value is None else value
    known = {_DEFAULT if one is None else one: said for one, said in options.items()}
    if kind == "pills":
        look |= {"required": value in known, "wrap": True}
    with st.container(width="content" if kind == "pills" else width, key=f"asked_{name}"):
        bound.widget(
            kind,
            label,
            "choice",
            value,
            (name, *along),
            lambda told: {name: None if told == _DEFAULT else told},
            options=list(known),
            format_func=lambda one: known.get(one, str(one)),
            **look,
        )
