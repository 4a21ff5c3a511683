"""Every widget is made here, so that none changes what its user did not touch.

The value of a widget goes in with each run, as its `value=`, `index=` or `default=`. What is put
into Streamlit's session state instead reaches the browser in that run alone: a widget that is built
later, in a popover or an expander, begins elsewhere and reports that as if somebody had chosen it.

What its user makes of a widget is kept by the browser, under the widget's key. So the key changes
when another hand changed the value, and only then: who types keeps the place in the text. Nobody's
wish is what comes from a key of before, or says what this side had sent.

A key also says which inputs its widget may change, `place--input--input--number`, and no other is
changed: `ALL` stands for any of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tco.app import state
from tco.errors import InputError, Problem
from tco.errors import shown as written_short
from tco.inputs import INPUTS

ALL = "all"
_SEPARATOR = "--"
# How the value of each kind of widget goes in.
_GOES_IN = {
    "selectbox": "index",
    **dict.fromkeys(("pills", "segmented_control", "multiselect"), "default"),
    **dict.fromkeys(("number_input", "text_input", "date_input", "slider", "toggle"), "value"),
}
# What a browser tells of a widget that has one value; others tell several.
_TELLS: dict[str, Any] = {"toggle": bool, "number_input": int | float}
_TELLS |= dict.fromkeys(("selectbox", "text_input"), str)
_ONE, _NUMBERS = str | int | float, ("text_input", "number_input", "slider")
# The inputs that a value told changes, None for a default; InputError says why it is none.
Take = Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class _Impossible:
    """What no hand can make of a widget, though a browser says so: no number, no option of it."""

    told: str
    number: float | None = None


@dataclass
class _Shown:
    """What a browser shows in a widget: what was sent to it or, since, what its user made of it.

    `number` counts how often it began anew.
    """

    number: int
    value: Any


def widget(
    kind: str,
    label: str,
    place: str,
    value: Any,
    inputs: Iterable[str],
    take: Take | None = None,
    form: str = "",
    meaning: Callable[[Any], Any] = lambda value: value,
    **look: Any,
) -> None:
    """A widget of Streamlit that shows a value of the scenario; `take` is given what it becomes.

    `place` tells it from other widgets for the same inputs. In a form it has no `take` but the
    place of the button that sends the form, see `submit` and `typed`. Values of the same `meaning`
    are one: who typed 45% keeps it where 45 is meant.
    """
    inputs = tuple(inputs)
    name = _name(place, inputs)
    shown = _all().setdefault(name, _Shown(0, value))
    # What was refused stays as it was typed, to be corrected.
    is_same = _same(meaning(shown.value), meaning(value))
    if not is_same and not state.is_refused(_name(form or place, inputs)):
        shown.number, shown.value = shown.number + 1, value
    key = _key(name, shown)
    if take is not None:
        look |= {"on_change": _told, "args": (name, key, take)}
    _made(kind, label, value, key, look, None if take is None else partial(_impossible, kind))


def _watch(key: str, kind: str, or_else: Callable[[Any], Any] | None) -> None:
    """Let what a browser tells a widget be read here, whatever it is.

    Streamlit falls back to the value that was sent where what comes stands for none, ends the run
    where it is of another kind, and has no public way to be told of it: what reads and writes the
    value is wrapped until the widget is made anew.
    """
    with suppress(AttributeError):  # another release of it does as it likes again
        context: Any = get_script_run_ctx()
        kept = context.session_state._state
        metadata = kept._get_widget_metadata(kept._get_widget_id(key))
        wire = _Wire(kind, metadata.deserializer, metadata.serializer, or_else)
        kept._set_widget_metadata(replace(metadata, deserializer=wire.read, serializer=wire.write))


@dataclass
class _Wire:
    """What a browser tells a widget of a kind, read as its value; and written again.

    `or_else` makes a value of what stands for none; without it the value that was sent is meant.
    """

    kind: str
    deserialize: Callable[[Any], Any]
    serialize: Callable[[Any], Any]
    or_else: Callable[[Any], Any] | None
    # What was told last, where it is of another kind than the widget: it is written as it came.
    strange: Any = None

    def read(self, told: Any) -> Any:
        """The value that is told; of None the one that was sent."""
        self.strange = None if told is None or self._fits(told) else told
        if told is not None and self.strange is None:
            with suppress(ValueError, TypeError, OverflowError):
                found = self.deserialize(told)
                if self.or_else is None or self._is_read(told, found):
                    return found
        return (
            self.deserialize(None) if told is None or self.or_else is None else self.or_else(told)
        )

    def write(self, value: Any) -> Any:
        """A value as a browser tells it."""
        return self.serialize(value) if self.strange is None else self.strange

    def _fits(self, told: Any) -> bool:
        if of_kind := _TELLS.get(self.kind):
            return isinstance(told, of_kind)
        of_each = int | float if self.kind == "slider" else str
        return not isinstance(told, _ONE) and all(isinstance(one, of_each) for one in told)

    def _is_read(self, told: Any, found: Any) -> bool:
        """Whether Streamlit took what was told, and not what was sent."""
        said, read = _listed(told), _listed(self.serialize(found))
        return len(said) == len(read) and all(map(_same, said, read))


def _impossible(kind: str, told: Any) -> _Impossible:
    """What is to be refused in words."""
    said = _listed(told)
    written = ", ".join(map(written_short, said))
    is_one = isinstance(told, _ONE) != (kind == "slider")
    is_number = kind in _NUMBERS and is_one and bool(said) and type(said[0]) in (int, float)
    return _Impossible(written, float(said[0]) if is_number else None)


def _listed(told: Any) -> list[Any]:
    return [told] if isinstance(told, _ONE) else list(told)


def own(kind: str, label: str, place: str, first: Any, **look: Any) -> Any:
    """A widget with a value of its own, which is returned; it begins with the first one."""
    name = _name(place)
    key = _key(name, _all().setdefault(name, _Shown(0, first)))
    return _made(kind, label, first, key, look)


def remembered(kind: str, label: str, place: str, first: Any, **look: Any) -> Any:
    """The same, which comes back from another page as it was left: the session keeps its value."""
    name, values = _name(place), state.kept("remembered", {})
    shown = _all().setdefault(name, _Shown(0, first))
    key = _key(name, shown)
    # As long as it is on the page the browser has its value: what goes in stays what it was.
    if key not in st.session_state:
        shown.value = values.get(name, first)
    values[name] = _made(kind, label, shown.value, key, look)
    return values[name]


def _made(
    kind: str,
    label: str,
    value: Any,
    key: str,
    look: dict[str, Any],
    or_else: Callable[[Any], Any] | None = None,
) -> Any:
    goes_in = _GOES_IN[kind]
    if goes_in == "index":
        options = list(look["options"])
        value = options.index(value) if value in options else None
    found = getattr(st, kind)(label, key=key, **{goes_in: value}, **look)
    _watch(key, kind, or_else)
    return found


@dataclass(frozen=True)
class Editing:
    """What is made of the edits of a table, as Streamlit tells them.

    `frame` makes the table of a value after edits, `read` what both come to, and `together` is one
    set of edits for two that followed each other.
    """

    frame: Callable[[Any, Mapping[str, Any]], Any]
    read: Callable[[Any, Mapping[str, Any]], Any]
    together: Callable[[Any, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


@dataclass
class _Sheet:
    """A table that is edited: the value that it began with, and the edits since.

    Those of `before` are in the table that the browser has, `edits` are what it tells of that.
    """

    first: Any
    before: Mapping[str, Any] = field(default_factory=dict)
    edits: Mapping[str, Any] = field(default_factory=dict)


def table(
    place: str,
    value: Any,
    inputs: Iterable[str],
    editing: Editing,
    take: Take,
    **look: Any,
) -> Any:
    """A table whose cells, rows are edited; what is made of it so far is returned.

    `take` is given what a value and the edits of its user come to. The browser keeps the edits,
    each a cell of the table that it was sent, as long as it shows the table: so that one goes in
    with each run. A table that comes back is sent with all edits of before in it, unless another
    hand changed the value: nothing that was typed is lost, whether it counts or not.
    """
    name = _name(place, inputs)
    sheets: dict[str, _Sheet] = state.kept("tables", {})
    shown, sheet = _all().setdefault(name, _Shown(0, value)), sheets.setdefault(name, _Sheet(value))
    if shown.value != value:
        shown.number, shown.value, sheet = shown.number + 1, value, _Sheet(value)
    elif any(sheet.edits.values()) and _key(name, shown) not in st.session_state:
        shown.number += 1
        sheet = _Sheet(sheet.first, editing.together(sheet.first, sheet.before, sheet.edits))
    sheets[name] = sheet
    key = _key(name, shown)
    made = partial(_read_table, name, key, editing)
    look |= {"on_change": _edited, "args": (name, key, made, take), "num_rows": "dynamic"}
    st.data_editor(editing.frame(sheet.first, sheet.before), key=key, hide_index=True, **look)
    return made()


def _read_table(name: str, key: str, editing: Editing) -> Any:
    sheet: _Sheet = state.kept("tables", {})[name]
    sheet.edits = dict(st.session_state.get(key, {}))
    return editing.read(sheet.first, editing.together(sheet.first, sheet.before, sheet.edits))


@state.in_its_currency
def _edited(name: str, key: str, made: Callable[[], Any], take: Take) -> None:
    """What a browser says of a table, unless it is behind."""
    shown = _all()[name]
    if key != _key(name, shown):
        return
    changes = take(made())
    (value,) = changes.values()
    if value != shown.value:
        shown.value = value
        _change(name, changes)


def typed(place: str, inputs: Iterable[str] = ()) -> Any:
    """What its user has made of a widget, such as one in a form that is sent; else None."""
    name = _name(place, inputs)
    if (shown := _all().get(name)) is None:
        return None
    if (key := _key(name, shown)) in st.session_state:
        shown.value = st.session_state[key]
    return shown.value


def anew(place: str) -> None:
    """Let a widget with a value of its own begin again."""
    if shown := _all().get(_name(place)):
        shown.number += 1


# What is done when a button is pressed, and the inputs that it changes with that, if any.
Act = Callable[[], Mapping[str, Any] | None]


def button(label: str, place: str, act: Act, inputs: Iterable[str] = (), **look: Any) -> None:
    """A button; `inputs` are those that it may change."""
    name = _name(place, inputs)
    st.button(label, key=name, on_click=_pressed, args=(name, act), **look)


def submit(label: str, place: str, act: Act, inputs: Iterable[str] = (), **look: Any) -> None:
    """The button of a form, which sends it."""
    name = _name(place, inputs)
    st.form_submit_button(label, key=name, on_click=_pressed, args=(name, act), **look)


@state.in_its_currency
def _pressed(name: str, act: Act) -> None:
    try:
        _change(name, act() or {})
    except InputError as wrong:
        state.refuse(name, wrong)


@state.in_its_currency
def _told(name: str, key: str, take: Take) -> None:
    """What a browser says of a widget: nothing where it repeats what was sent, or is behind."""
    shown = _all()[name]
    if key != _key(name, shown):
        return
    value = st.session_state[key]
    if _same(value, shown.value):
        return
    try:
        if isinstance(value, _Impossible):
            shown.number += 1  # nothing could show it: the widget begins anew
            if value.number is None:
                raise InputError([_no_option(name, value)])
            _change(name, take(value.number))
            return
        shown.value = value
        _change(name, take(value))
    except InputError as wrong:
        state.refuse(name, wrong)


def _no_option(name: str, impossible: _Impossible) -> Problem:
    declared = INPUTS.get(name.split(_SEPARATOR)[1] if _SEPARATOR in name else "")
    if declared is None:
        return Problem(name, f"{impossible.told} is not one of the options")
    message = f"{declared.name} = {impossible.told} is not one of the options"
    return Problem(declared.name, f"{message}: {declared.meaning}")


def _change(name: str, changes: Mapping[str, Any]) -> None:
    declared = name.split(_SEPARATOR)[1:]
    if ALL not in declared and (others := changes.keys() - set(declared)):
        raise ValueError(f"{name} does not say that it changes {', '.join(sorted(others))}")
    if changes:
        state.change(name, **changes)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are one, but for rounding."""
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return math.isclose(one, other, rel_tol=1e-9) if numbers else bool(one == other)


def _all() -> dict[str, _Shown]:
    found: dict[str, _Shown] = state.kept("widgets", {})
    return found


def _name(place: str, inputs: Iterable[str] = ()) -> str:
    return _SEPARATOR.join((place, *inputs))


def _key(name: str, shown: _Shown) -> str:
    return f"{name}{_SEPARATOR}{shown.number}"
