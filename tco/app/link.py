"""The link: one scenario as query parameters, and back, strictly. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tco.errors import InputError
from tco.inputs import FORMER_NAMES, INPUTS
from tco.inputs.checks import clean
from tco.inputs.text import parse
from tco.market.catalogue import Catalogue, load
from tco.report.ranges import default_value, without
from tco.scenario import Scenario

VERSION = "1"
# What a link says besides a scenario: how a page looks. Each page reads its own.
_VIEW, _LONGEST_VIEW = ("compare", "simple"), 200
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

    What comes from prices beyond the shipped data is given too: a link is for everybody.

    >>> encode(Scenario(gpu="T4", utilization=0.45, as_of="2026-11-01"))
    {'v': '1', 'as_of': '2026-11-01', 'gpu': 'T4', 'utilization': '0.45'}
    """
    given = dict(scenario.on_shipped_data().given)
    newest = load().newest
    as_of = given.pop("as_of", newest)
    if not given and as_of == newest:
        return {}
    return {"v": VERSION, "as_of": as_of} | {name: _text(given[name]) for name in given}


def decode(parameters: Mapping[str, str], catalogue: Catalogue | None = None) -> Opened:
    """The scenario of query parameters from anywhere; never an InputError.

    What is unknown, too long or outside its domain falls back to the default, with a remark. The
    defaults are those of `catalogue`, by default the shipped data.

    >>> opened = decode({"v": "1", "gpus": "4", "pue": "0.9", "colour": "blue"})
    >>> opened.scenario, len(opened.remarks)
    (Scenario(gpus=4), 2)
    """
    known = catalogue or load()
    given: dict[str, Any] = {}
    remarks = []
    for at, (written, text) in enumerate(parameters.items()):
        name = FORMER_NAMES.get(written, written)
        if at == _MOST_PARAMETERS:
            remarks.append(f"only the first {_MOST_PARAMETERS} parameters were read")
            break
        if name in view_of(parameters):
            continue
        if name == "v":
            remarks += [] if text == VERSION else [f"v = {_short(text)} is not version {VERSION}"]
            continue
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
        remarks += _otherwise(plain, scenario) if "as_of" in parameters else []
        scenario = _without_copies(plain, scenario)
    return Opened(scenario, _listed(remarks))


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
        return Scenario(**kept, prices=prices), [
            f"{p.message} (default used)" for p in wrong.problems
        ]


def _otherwise(plain: Scenario, scenario: Scenario) -> list[str]:
    """Where other prices than the shipped ones change a default that the link relied on."""
    then, now = plain.values(), scenario.values()
    return [
        f"{name}: {INPUTS[name].written(then[name])} in the shipped data, "
        f"{INPUTS[name].written(now[name])} with your prices"
        for name in INPUTS
        if name != "as_of" and then[name] != now[name]
    ]


def _without_copies(plain: Scenario, scenario: Scenario) -> Scenario:
    """The scenario without the values that a link holds only for those who lack these prices."""
    copies: dict[str, Any] = {
        name: None
        for name, value in scenario.given.items()
        if name in plain.given
        and value == default_value(scenario, name) != default_value(plain, name)
    }
    return replace(scenario, **copies) if copies else scenario


def changed_defaults(scenario: Scenario) -> tuple[str, ...]:
    """The defaults that differ between the scenario's data date and the newest one, in words.

    >>> changed_defaults(Scenario(gpu="L4"))
    ()
    """
    if "as_of" not in scenario.given:
        return ()
    then, now = scenario.values(), without(scenario, "as_of").values()
    return tuple(
        f"{name}: {INPUTS[name].written(then[name])}, now {INPUTS[name].written(now[name])}"
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


def _listed(remarks: list[str]) -> tuple[str, ...]:
    if len(remarks) <= _MOST_REMARKS:
        return tuple(remarks)
    return (*remarks[:_MOST_REMARKS], f"and {len(remarks) - _MOST_REMARKS} more")


def _short(text: str, longest: int = _LONGEST_NAME) -> str:
    shown = repr(text[:longest])
    return f"{shown}…" if len(text) > longest else shown
