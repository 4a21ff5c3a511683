"""JSON from strangers: read strictly, or refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tco.errors import InputError, Problem
from tco.inputs import FORMER_NAMES, TAKEN
from tco.version import SCHEMA_VERSION

_LONGEST_KEY, _MOST_SHOWN, _LONGEST_NUMBER = 40, 3, 400
_MOST_NAMES = 10_000
_INPUTS, _SCENARIOS, _LINES = "inputs", "scenarios", "lines"
# A keyword of Scenario, and where its data comes from: nothing that a document may choose.
_PRICES = "prices"
_VERSIONS = ("schema_version", "model_version")
_ONE = 'a scenario document is {"schema_version": …, "inputs": {…}}'
_EACH = 'each of the scenarios is {"name": …, "inputs": {…}}'


def inputs_of_json(document: str) -> dict[str, Any]:
    """The inputs in a scenario document; InputError for whatever is not exactly that."""
    return inputs_in(parsed(document))


def scenarios_of_json(document: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Name and inputs of every scenario in a document of several, or of one without a name.

    InputError for whatever is not exactly one of the two.

    >>> scenarios_of_json('{"schema_version": 2, "inputs": {"gpus": 4}}')
    (('', {'gpus': 4}),)
    """
    return scenarios_in(parsed(document))


def scenarios_in(found: Any) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The same of a document that was parsed."""
    if not isinstance(found, dict) or _SCENARIOS not in found:
        return (("", inputs_in(found)),)
    _check_versions(found, _SCENARIOS)
    listed = found[_SCENARIOS]
    if not isinstance(listed, list) or not all(map(_is_named, listed)):
        raise _refusal(_EACH)
    return tuple((one["name"], _limited(one[_INPUTS])) for one in listed)


def parsed(document: str) -> Any:
    """What a JSON text says; InputError where a key is given twice, or a number is none.

    So many different names that they would fill the memory are refused, too.
    """
    names = set[str]()

    def taken(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = _unique(pairs)
        names.update(found)
        if len(names) > _MOST_NAMES:
            raise ValueError(f"more than {_MOST_NAMES:,} different names")
        return found

    try:
        return json.loads(
            document.removeprefix("\ufeff"),
            object_pairs_hook=taken,
            parse_constant=_no_constant,
            parse_int=_whole,
        )
    except RecursionError:
        raise _refusal("not a JSON document: it is nested too deeply") from None
    except (ValueError, TypeError, AttributeError) as wrong:
        is_other = isinstance(document, str) and document.strip()[:1] not in ("{", "[", "")
        hint = "; a table of scenarios is a CSV file" if is_other else ""
        raise _refusal(f"not a JSON document: {wrong}{hint}") from None


def inputs_in(found: Any) -> dict[str, Any]:
    """The inputs in a scenario document that was parsed; InputError for anything else."""
    if not isinstance(found, dict) or not isinstance(found.get(_INPUTS), dict):
        raise _refusal(_ONE)
    _check_versions(found, _INPUTS)
    return _limited(found[_INPUTS])


def _is_named(found: Any) -> bool:
    if not isinstance(found, dict) or set(found) != {"name", _INPUTS}:
        return False
    return isinstance(found["name"], str) and isinstance(found[_INPUTS], dict)


def _check_versions(found: dict[str, Any], content: str) -> None:
    version = found.get(_VERSIONS[0])
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        plain = version is None or isinstance(version, (int, float, str))
        shown = _short(repr(version)) if plain else f"({type(version).__name__})"
        raise _refusal(f"schema_version {shown} is not one of 1 to {SCHEMA_VERSION}")
    if extra := set(found) - {*_VERSIONS, content}:
        raise _refusal(f"unknown keys: {_listed(extra)}")


def _limited(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs, unless there are so many, or so long ones, that they cannot be inputs."""
    if len(inputs.keys() - {_LINES}) > len(TAKEN):
        raise _refusal(f"{len(inputs):,} inputs, of which there are only {len(TAKEN)}")
    if strange := [key for key in inputs if len(key) > _LONGEST_KEY or key == _PRICES]:
        raise _refusal(f"not inputs: {_listed(strange)}")
    return inputs


def _listed(keys: Iterable[str]) -> str:
    """The first of some keys, each cut short."""
    known = sorted(keys)
    more = len(known) - _MOST_SHOWN
    return ", ".join(map(_short, known[:_MOST_SHOWN])) + (f" and {more} more" if more > 0 else "")


def _short(text: str) -> str:
    return f"{text[:_LONGEST_KEY]}…" if len(text) > _LONGEST_KEY else text


def _refusal(message: str) -> InputError:
    return InputError([Problem("scenario", f"scenario: {message}")])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for written, value in pairs:
        key = FORMER_NAMES.get(written, written)
        if key in found:
            raise ValueError(f"{_short(key)} is given twice")
        found[key] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
