"""The link: one scenario as query parameters, and back, strictly. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.report.display import without, written
from tco.scenario import Scenario
from tco.texts import parse
from tco.validation import clean

VERSION = "1"
_LONGEST_NAME = 40
_LONGEST_VALUE = 60
_MOST_PARAMETERS = 100
_MOST_REMARKS = 8


@dataclass(frozen=True)
class Opened:
    """What a link says: the scenario, and a plain-text remark on each part that was not used."""

    scenario: Scenario
    remarks: tuple[str, ...] = ()


def encode(scenario: Scenario) -> dict[str, str]:
    """The query parameters of a scenario: version, data date, and what was given; {} for nothing.

    >>> encode(Scenario(gpu="T4", utilization=0.45, as_of="2026-11-01"))
    {'v': '1', 'as_of': '2026-11-01', 'gpu': 'T4', 'utilization': '0.45'}
    """
    if scenario.is_example:
        return {}
    given = dict(scenario.given)
    as_of = given.pop("as_of", load().newest)
    return {"v": VERSION, "as_of": as_of} | {name: _text(given[name]) for name in given}


def decode(parameters: Mapping[str, str]) -> Opened:
    """The scenario of query parameters from anywhere; never an exception.

    What is unknown, too long or outside its domain falls back to the default, with a remark.

    >>> opened = decode({"v": "1", "gpus": "4", "pue": "0.9", "colour": "blue"})
    >>> opened.scenario, len(opened.remarks)
    (Scenario(gpus=4), 2)
    """
    given: dict[str, Any] = {}
    remarks = []
    for at, (name, text) in enumerate(parameters.items()):
        if at == _MOST_PARAMETERS:
            remarks.append(f"only the first {_MOST_PARAMETERS} parameters were read")
            break
        if name == "v":
            remarks += [] if text == VERSION else [f"v = {_short(text)} is not version {VERSION}"]
            continue
        value, remark = _read(name, text)
        if remark:
            remarks.append(remark)
        else:
            given[name] = value
    if given.get("as_of") == load().newest:
        del given["as_of"]
    scenario, unusable = _usable(given)
    return Opened(scenario, _listed([*remarks, *unusable]))


def changed_defaults(scenario: Scenario) -> tuple[str, ...]:
    """The defaults that differ between the scenario's data date and the newest one, in words.

    >>> changed_defaults(Scenario(gpu="L4"))
    ()
    """
    if "as_of" not in scenario.given:
        return ()
    then, now = scenario.values(), without(scenario, "as_of").values()
    return tuple(
        f"{name}: {written(name, then[name])}, now {written(name, now[name])}"
        for name in INPUTS
        if name != "as_of" and then[name] != now[name]
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _read(name: str, text: str) -> tuple[Any, str]:
    if name not in INPUTS:
        return None, f"{_short(name, _LONGEST_NAME)} is not an input: ignored"
    if len(text) > _LONGEST_VALUE:
        return None, f"{name} = {_short(text)} is too long (default used)"
    value, problems = clean(INPUTS[name], parse(INPUTS[name], text))
    if problems:
        return None, f"{problems[0].message} (default used)"
    return value, ""


def _usable(given: dict[str, Any]) -> tuple[Scenario, list[str]]:
    """The scenario of checked values, without the keys that the catalogue does not have."""
    try:
        return Scenario(**given), []
    except InputError as wrong:
        bad = {problem.input for problem in wrong.problems}
        kept = {name: value for name, value in given.items() if name not in bad}
        return Scenario(**kept), [f"{p.message} (default used)" for p in wrong.problems]


def _listed(remarks: list[str]) -> tuple[str, ...]:
    if len(remarks) <= _MOST_REMARKS:
        return tuple(remarks)
    return (*remarks[:_MOST_REMARKS], f"and {len(remarks) - _MOST_REMARKS} more")


def _short(text: str, longest: int = _LONGEST_NAME) -> str:
    shown = repr(text[:longest])
    return f"{shown}…" if len(text) > longest else shown
