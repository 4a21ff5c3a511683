"""What a question takes as JSON Schema: for HTTP, tools and documents alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tco.inputs import TAKEN
from tco.inputs.declaration import Param
from tco.inputs.lines import BASES, FIELDS, GROWTHS, ITEM, SIDES, WHENS
from tco.questions.answer import Question
from tco.questions.asked import FLAG, LINES, NUMBER, NUMBERS, PLAN, TEXTS, Asked

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# A number may be a text: with per cent, thousands, a currency, or a range low..high.
_WRITTEN = {"type": "string", "maxLength": 100}


def schema_of_input(declared: Param) -> dict[str, Any]:
    """The schema of a value of an input.

    >>> from tco.inputs import INPUTS
    >>> schema_of_input(INPUTS["gpus"])["anyOf"][0]
    {'type': 'integer', 'minimum': 1, 'maximum': 1000000}
    """
    told = {"description": declared.help}
    if declared.numeric:
        low = "exclusiveMinimum" if declared.low_open else "minimum"
        kind = "integer" if declared.kind == "integer" else "number"
        number = {"type": kind, low: declared.low, "maximum": declared.high}
        return {**told, "anyOf": [number, _WRITTEN]}
    if declared.kind == "flag":
        return {**told, "type": "boolean"}
    if declared.choices:
        return {**told, "type": "string", "enum": [*declared.choices]}
    if declared.kind == "date":
        return {**told, "type": "string", "format": "date"}
    return {**told, "type": "string", "maxLength": 200}


def schema_of_asked(one: Asked) -> dict[str, Any]:
    """The schema of what a question takes beside the inputs of a scenario."""
    told: dict[str, Any] = {"description": one.words}
    if one.kind == NUMBER:
        told["type"] = "integer" if one.domain and one.domain.whole else "number"
        if one.domain:
            low = "exclusiveMinimum" if one.domain.low_open else "minimum"
            told |= {low: one.domain.low, "maximum": one.domain.high}
        return told
    if one.kind in (TEXTS, NUMBERS):
        return {**told, "type": "array", "items": {"type": _ITEMS[one.kind]}}
    if one.kind == PLAN:
        return {**told, "type": "object", "additionalProperties": {"type": "integer"}}
    if one.kind == FLAG:
        return {**told, "type": "boolean"}
    return {**told, "type": "string"} | ({"enum": [*one.choices]} if one.choices else {})


# The types of a value of an input, and what is said of the inputs that are not listed.
_PLAIN = ("number", "string", "boolean")
_OTHERS = f"Any other of the {len(TAKEN)} inputs of a scenario, by its name"
_OF_LINES = (
    "The user's own lines of cost and income: `name`, `side` that pays "
    f"({' or '.join(SIDES)}), `usd` per unit of the `basis` ({', '.join(BASES)}, or {ITEM} and an "
    f"item such as {ITEM}compute, of which it is then a multiple), `when` ({', '.join(WHENS)}), "
    f"`growth` ({', '.join(GROWTHS)}), and perhaps `first_month`, `last_month`, `cap_usd` and "
    "`currency`; a negative amount is an income"
)
_ITEMS = {TEXTS: "string", NUMBERS: "number"}


def schema_of(question: Question, listed: Iterable[str] | None = None) -> dict[str, Any]:
    """The schema of the object of values that a question takes.

    With `listed` only these inputs are in it, and the others are values by name: a reader who pays
    for every word, as a language model does, need not read about all of them.

    >>> from tco.questions import QUESTIONS
    >>> found = schema_of(QUESTIONS["fleet"])
    >>> "gpu" in found["properties"], found["additionalProperties"]
    (True, False)
    >>> found = schema_of(QUESTIONS["options"], ["gpu", "utilization"])
    >>> list(found["properties"]), found["additionalProperties"]["type"]
    (['gpu', 'utilization', 'lines'], ['number', 'string', 'boolean'])
    """
    properties = {one.name: schema_of_asked(one) for one in question.takes}
    if question.of_scenario:
        names = TAKEN if listed is None else listed
        properties |= {name: schema_of_input(TAKEN[name]) for name in names}
        properties[LINES] = {
            "description": _OF_LINES,
            "type": "array",
            "items": {"type": "object", "propertyNames": {"enum": [*FIELDS]}},
        }
    needed = [one.name for one in question.takes if one.needed]
    found: dict[str, Any] = {"type": "object", "properties": properties}
    is_whole = listed is None or not question.of_scenario
    others: Any = False if is_whole else {"type": [*_PLAIN], "description": _OTHERS}
    return found | ({"required": needed} if needed else {}) | {"additionalProperties": others}
