"""Boxes and choices for what is asked beside a scenario: work to do, or a demand for GPUs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Protocol

import streamlit as st

from tco.app import bound, typed, widgets
from tco.errors import InputError, Problem
from tco.inputs.declaration import Param

_NUMBER_WIDTH, _SELECT_WIDTH = 190, 230


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


def row(key: str) -> Any:
    """A row of questions, which wraps."""
    return st.container(horizontal=True, vertical_alignment="top", gap="small", key=key)


def number(question: Question, declared: Param, label: str = "", placeholder: str = "none") -> None:
    """A box for a number that is asked, and why what was typed is not taken."""
    name, unit = declared.name, declared.shown_unit
    with st.container(width=_NUMBER_WIDTH, gap="xxsmall", key=f"asked_{name}"):
        bound.widget(
            "text_input",
            f"{label or declared.label}{f' [{unit}]' if unit else ''}",
            "number",
            typed.written(declared.shown(question.values[name])),
            (name,),
            partial(_told, question, declared),
            meaning=partial(typed.same, name, declared=declared),
            placeholder=placeholder,
        )
        widgets.refusal(name)


def _told(question: Question, declared: Param, text: Any) -> dict[str, Any]:
    """What a number that was typed changes; InputError for one that cannot be."""
    name = declared.name
    shown = typed.number(name, text, declared)
    value = None if shown is None else declared.meant(float(shown))
    if declared.kind == "integer" and value is not None and float(value).is_integer():
        value = int(value)
    if value is not None and value == question.usual.get(name):
        value = None
    try:
        question.changed(**{name: value})
    except InputError as wrong:
        raise InputError([Problem(name, one.message) for one in wrong.problems]) from None
    return {name: value}


def choice(
    label: str,
    name: str,
    value: Any,
    options: Mapping[Any, str],
    kind: str = "selectbox",
    width: int = _SELECT_WIDTH,
    along: Iterable[str] = (),
    **look: Any,
) -> None:
    """One of a few words, as `pills`, or of many; `along` is what else changes with it."""
    if kind == "pills":
        look |= {"required": value in options, "wrap": True}
    with st.container(width="content" if kind == "pills" else width, key=f"asked_{name}"):
        bound.widget(
            kind,
            label,
            "choice",
            value,
            (name, *along),
            lambda told: {name: told},
            options=list(options),
            format_func=lambda one: options.get(one, str(one)),
            **look,
        )
