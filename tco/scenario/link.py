"""The link: one scenario as query parameters, and back, strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tco.errors import InputError
from tco.inputs import FORMER_NAMES, INPUTS
from tco.inputs.checks import clean
from tco.inputs.lines import Line, lines_of
from tco.inputs.text import parse
from tco.market.catalogue import Catalogue, load
from tco.scenario import Scenario
from tco.scenario.documents import parsed

VERSION = "1"
# What a link says besides a scenario: how a page looks. Each page reads its own.
_VIEW, _LONGEST_VIEW = ("compare", "simple"), 200
_LONGEST_NAME, _LONGEST_VALUE = 40, 60
# As many characters as there are in so many lines; servers take links of that length.
_LINES, _LONGEST_LINES = "lines", 30_000
_MOST_PARAMETERS, _MOST_REMARKS = 100, 8


@dataclass(frozen=True)
class DecodedLink:
    """What a link says: the scenario, and a plain-text remark on each part that was not used."""

    scenario: Scenario
    remarks: tuple[str, ...] = ()


def encode(scenario: Scenario) -> dict[str, str]:
    """The query parameters of a scenario: version, data date, and what was given; {} for nothing.

    What comes from prices beyond the shipped data is given too: a link is for everybody.

    >>> encode(Scenario(gpu="T4", utilization=0.45, as_of="2026-11-01"))
    {'v': '1', 'as_of': '2026-11-01', 'gpu': 'T4', 'utilization': '0.45'}
    """
    given = dict(scenario.on_shipped_data().given)
    newest = load().newest
    as_of = given.pop("as_of", newest)
    told = {name: _text(value) for name, value in given.items()} | _lines_text(scenario)
    if not told and as_of == newest:
        return {}
    return {"v": VERSION, "as_of": as_of} | told


def _lines_text(scenario: Scenario) -> dict[str, str]:
    """The lines as compact JSON; nothing where there are none."""
    if not scenario.lines:
        return {}
    listed = [line.to_dict() for line in scenario.lines]
    return {_LINES: json.dumps(listed, ensure_ascii=False, separators=(",", ":"))}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value)


def decode(parameters: Mapping[str, str], catalogue: Catalogue | None = None) -> DecodedLink:
    """The scenario of query parameters from anywhere; never an InputError.

    What is unknown, too long or outside its domain falls back to the default, with a remark. The
    defaults are those of `catalogue`, by default the shipped data.

    >>> link = decode({"v": "1", "gpus": "4", "pue": "0.9", "color": "blue"})
    >>> link.scenario, len(link.remarks)
    (Scenario(gpus=4), 2)
    """
    known, view = catalogue or load(), view_of(parameters)
    given: dict[str, Any] = {}
    remarks = []
    for at, (written, text) in enumerate(parameters.items()):
        name = FORMER_NAMES.get(written, written)
        if at == _MOST_PARAMETERS:
            remarks.append(f"only the first {_MOST_PARAMETERS} parameters were read")
            break
        if name == "v":
            remarks += [] if text == VERSION else [f"v = {_short(text)} is not version {VERSION}"]
        elif name == _LINES:
            lines, wrong = _read_lines(text)
            remarks += wrong
            given |= {_LINES: lines} if lines else {}
        elif name not in view:
            value, remark = _read(name, text)
            if remark:
                remarks.append(remark)
            else:
                given[name] = value
    if given.get("as_of") == known.newest:
        del given["as_of"]
    scenario, unusable = usable(given, known)
    remarks += unusable
    if known.extra is not None:
        plain, _ = usable(given, load())
        if "as_of" in parameters:
            remarks += _differences(plain, scenario, "{} in the shipped data, {} with your prices")
        scenario = _without_copies(plain, scenario)
    if (more := len(remarks) - _MOST_REMARKS) > 0:
        remarks[_MOST_REMARKS:] = [f"and {more} more"]
    return DecodedLink(scenario, tuple(remarks))


def _read(name: str, text: str) -> tuple[Any, str]:
    """The value of a parameter, or a remark why it is not used."""
    if name not in INPUTS:
        return None, f"{_short(name)} is not an input: ignored"
    if len(text) > _LONGEST_VALUE:
        return None, f"{name} = {_short(text)} is too long (default used)"
    value, problems = clean(INPUTS[name], parse(INPUTS[name], text))
    return value, f"{problems[0].message} (default used)" if problems else ""


def _read_lines(text: str) -> tuple[tuple[Line, ...], list[str]]:
    """The lines of a parameter, and a remark on each one that is not used."""
    if len(text) > _LONGEST_LINES:
        return (), [f"lines: {len(text):,} characters are more than {_LONGEST_LINES:,} (left out)"]
    kept: tuple[Line, ...] = ()
    remarks = []
    try:
        found = parsed(text)
        for entry in found if isinstance(found, list) else [found]:
            try:
                kept = lines_of([*kept, entry])
            except InputError as wrong:
                remarks += [f"{problem.message} (left out)" for problem in wrong.problems]
    except InputError:
        remarks.append(f"lines = {_short(text)} are not JSON (left out)")
    return kept, remarks


def _short(text: str) -> str:
    shown = repr(text[:_LONGEST_NAME])
    return f"{shown}…" if len(text) > _LONGEST_NAME else shown


def view_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """What of a link says how a page looks, as text of anybody.

    >>> view_of({"v": "1", "compare": "L4,T4"})
    {'compare': 'L4,T4'}
    """
    known = {name: parameters[name] for name in _VIEW if name in parameters}
    return {name: text for name, text in known.items() if len(text) <= _LONGEST_VIEW}


def usable(given: Mapping[str, Any], catalogue: Catalogue) -> tuple[Scenario, list[str]]:
    """The scenario of checked values, and a remark on each key that the catalogue does not have."""
    prices = catalogue if catalogue.extra is not None else None
    try:
        return Scenario(**given, prices=prices), []
    except InputError as wrong:
        bad = {problem.input for problem in wrong.problems}
        kept = {name: value for name, value in given.items() if name not in bad}
        remarks = [f"{problem.message} (default used)" for problem in wrong.problems]
        return Scenario(**kept, prices=prices), remarks


def _without_copies(plain: Scenario, scenario: Scenario) -> Scenario:
    """The scenario without the values that a link holds only for those who lack these prices."""
    copies = []
    for name in scenario.given.keys() & plain.given.keys():
        own, shipped = (one.without(name).values()[name] for one in (scenario, plain))
        if scenario.given[name] == own != shipped:
            copies.append(name)
    return scenario.without(*copies)


def changed_defaults(scenario: Scenario) -> tuple[str, ...]:
    """The defaults that differ between the scenario's data date and the newest one, in words.

    >>> changed_defaults(Scenario(gpu="L4"))
    ()
    """
    if "as_of" not in scenario.given:
        return ()
    return tuple(_differences(scenario, scenario.without("as_of"), "{}, now {}"))


def _differences(one: Scenario, other: Scenario, told: str) -> list[str]:
    """The inputs, other than the day, that have two values; `told` has a place for each."""
    then, now = one.values(), other.values()
    return [
        f"{name}: {told.format(declared.written(then[name]), declared.written(now[name]))}"
        for name, declared in INPUTS.items()
        if name != "as_of" and then[name] != now[name]
    ]
