"""JSON from strangers: read strictly, or refused with a reason."""

from __future__ import annotations

import json
from typing import Any

from tco.errors import InputError, Problem
from tco.version import SCHEMA_VERSION

_LONGEST_KEY = 40
_BOM = "\ufeff"


def inputs_of_json(document: str) -> dict[str, Any]:
    """The inputs in a scenario document; InputError for whatever is not exactly that."""
    try:
        found = json.loads(
            document.removeprefix(_BOM), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as wrong:
        raise _refusal(f"not a JSON document: {wrong}") from None
    if not isinstance(found, dict) or not isinstance(found.get("inputs"), dict):
        raise _refusal('a scenario document is {"schema_version": …, "inputs": {…}}')
    version = found.get("schema_version")
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        raise _refusal(f"schema_version {version!r} is not one of 1 to {SCHEMA_VERSION}")
    extra = set(found) - {"schema_version", "model_version", "inputs"}
    if extra:
        raise _refusal(f"unknown keys: {', '.join(sorted(extra))}")
    inputs: dict[str, Any] = found["inputs"]
    return inputs


def _refusal(message: str) -> InputError:
    return InputError([Problem("scenario", f"scenario: {message}")])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key[:_LONGEST_KEY]} stands there twice")
        found[key] = value
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
