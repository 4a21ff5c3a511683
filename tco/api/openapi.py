"""What there is, described for programs: a list, and an OpenAPI document.

Both are made of the questions and their schemas: an address of a question cannot be left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from tco.api.asking import ASKED, BREAKEVEN, CSV, JSON, RESULT, TABLE, TEXT, endings, json_of
from tco.api.tables import DECIMAL, SEP
from tco.inputs import TAKEN
from tco.questions import Asked, Question
from tco.questions.asked import LINES, PLAN
from tco.questions.result_schemas import schema_of_answers, schema_of_result
from tco.questions.schemas import DIALECT, schema_of, schema_of_asked, schema_of_input
from tco.report.csv import DECIMALS, SEPARATORS
from tco.sheets.functions import RESULTS
from tco.version import SCHEMA_VERSION, __version__

_SCHEMAS, _PARAMETERS, _RESPONSES = (
    *("#/components/schemas/", "#/components/parameters/", "#/components/responses/"),
)
# Why there may be no answer, by status; those of every question, and those of what is sent.
_ERRORS = {
    "400": "The request cannot be read as HTTP",
    "401": "The token is missing or wrong",
    "403": "The host name is not one of the server's, or a page of another origin asks",
    "404": "There is nothing at this address",
    "405": "The address does not allow this method",
    "408": "The body did not arrive in time",
    "413": "The body is too large, or the table has too many rows",
    "415": "The content type of the body is not supported",
    "422": "Inputs are invalid: every problem with its input",
    "429": "More requests than one client may send",
    "500": "The server failed",
    "501": "The question needs a package that the server lacks",
    "503": "The server is busy, took too long, or cannot read its data",
}
_PROBLEM = {
    "type": "object",
    "properties": {
        "input": {"description": "The name of what is wrong", "type": "string"},
        "message": {"description": "Value, domain and meaning", "type": "string"},
    },
    "required": ["input", "message"],
    "additionalProperties": False,
}
# Why there is no answer, as every such answer says it.
ERRORS = {
    "description": "Everything that is wrong",
    "type": "object",
    "properties": {"errors": {"type": "array", "minItems": 1, "items": _PROBLEM}},
    "required": ["errors"],
    "additionalProperties": False,
}
_NAMES = {"type": "array", "items": {"type": "string"}}
_LISTED = {
    "name": {"description": "Name of the question", "type": "string"},
    "summary": {"description": "What it is about", "type": "string"},
    "addresses": {"description": "Its address in each format", **_NAMES},
    "tables": {"description": "Its tables: of CSV the first, or the one asked for", **_NAMES},
    "takes": {"description": "What it takes beside the inputs of a scenario", **_NAMES},
    "takes_inputs": {"description": "Whether it takes the inputs of a scenario", "type": "boolean"},
}
# What there is: the answer of `listing`.
LISTING = {
    "description": "Every question with its addresses",
    "type": "object",
    "properties": {
        "tco_version": {"description": "Version of the package that answers", "type": "string"},
        "openapi": {"description": "Address of the OpenAPI document", "type": "string"},
        "questions": {
            "description": "Every question",
            "type": "array",
            "items": {
                "type": "object",
                "properties": _LISTED,
                "required": [*_LISTED],
                "additionalProperties": False,
            },
        },
    },
    "required": ["tco_version", "openapi", "questions"],
    "additionalProperties": False,
}
_OF_ALL = ("400", "401", "403", "422", "429", "500", "501", "503")
_OF_BODIES = ("408", "413", "415")


def listing() -> dict[str, Any]:
    """Every question with its addresses, what it takes and its tables."""
    return {
        "tco_version": __version__,
        "openapi": "openapi.json",
        "questions": [
            {
                "name": one.name,
                "summary": one.summary,
                "addresses": [f"{one.name}.{ending}" for ending in endings(one)],
                "tables": list(one.tables),
                "takes": [asked.name for asked in one.takes],
                "takes_inputs": one.of_scenario,
            }
            for one in ASKED.values()
        ],
    }


@cache
def openapi() -> bytes:
    """The document, as it is served."""
    return json_of(described())


def described() -> dict[str, Any]:
    """The OpenAPI 3.1 document: paths for every question and format, and what they share."""
    listed = ({"$ref": f"{_SCHEMAS}questions"}, "application/json")
    this = ({"type": "object"}, "application/json")
    paths: dict[str, Any] = {
        "/": {"get": _operation("list", "Every question with its addresses.", (), listed)},
        "/openapi.json": {"get": _operation("openapi", "This document.", (), this)},
    }
    for one in ASKED.values():
        for ending in endings(one):
            paths[f"/{one.name}.{ending}"] = _methods(one, ending)
        paths[f"/{one.name}"] = _methods(one, JSON, bare=True)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "tco",
            "summary": "Rent GPUs or buy them?",
            "version": f"{__version__}+schema.{SCHEMA_VERSION}",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "parameters": _parameters(),
            "responses": {
                f"error{status}": {
                    "description": told,
                    "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}errors"}}},
                }
                for status, told in _ERRORS.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {
        "errors": ERRORS,
        "questions": LISTING,
        "rows": _part_of_document(schema_of_answers()),
        "document": {
            "description": "A scenario as a file has it; lists of values make a table",
            "type": "object",
            "properties": {
                "schema_version": {"type": "integer", "minimum": 1, "maximum": SCHEMA_VERSION},
                "model_version": {"type": "string"},
                "inputs": {"type": "object"},
            },
            "required": ["schema_version", "inputs"],
            "additionalProperties": False,
        },
    }
    found |= {f"input.{one.name}": schema_of_input(one) for one in TAKEN.values()}
    for one in ASKED.values():
        asked = schema_of(one)
        if one.of_scenario:
            asked["properties"] |= {name: {"$ref": f"{_SCHEMAS}input.{name}"} for name in TAKEN}
        answered = schema_of_result(one)
        found[f"{one.name}.asked"] = asked
        found[f"{one.name}.answered"] = _part_of_document(answered)
    return found


def _part_of_document(schema: dict[str, Any]) -> Any:
    """A schema without what names it as a document of its own."""
    own = {key: told for key, told in schema.items() if key not in ("$schema", "$id")}
    return _without_tuples(own)


def _without_tuples(schema: Any) -> Any:
    """The same for readers of OpenAPI, of whom some know no lists of so and so many kinds."""
    if isinstance(schema, list):
        return [_without_tuples(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _without_tuples(told) for key, told in schema.items() if key != "prefixItems"}
    kinds = schema.get("prefixItems")
    return found | ({"items": {"anyOf": kinds}} if isinstance(kinds, list) else {})


def _parameters() -> dict[str, Any]:
    """What addresses of many questions take: the inputs, lines, and what makes a link."""
    found = {
        f"input.{one.name}": _parameter(one.name, {"$ref": f"{_SCHEMAS}input.{one.name}"})
        for one in TAKEN.values()
    }
    lines = {"description": "Lines of cost and income as JSON, as in a link", "type": "string"}
    found[LINES] = _parameter(LINES, lines)
    for name, told in (
        ("v", "The version of a link of the app"),
        ("check", "The checksum of a link: it is refused where it was cut or edited"),
    ):
        found[name] = _parameter(name, {"description": told, "type": "string"})
    return found


def _parameter(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What an address may take."""
    return {"name": name, "in": "query", "required": False, "schema": schema, **more}


def _of_asked(one: Asked) -> dict[str, Any]:
    """What an address takes beside inputs; several texts or numbers are separated by commas."""
    schema = schema_of_asked(one)
    if one.kind == PLAN:
        schema = {"description": schema["description"], "type": "string", "examples": ["0:8,12:8"]}
    listed = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    return _parameter(one.name, schema, **listed) | {"required": one.needed}


def _methods(question: Question, ending: str, bare: bool = False) -> dict[str, Any]:
    """GET and POST of one address."""
    name = f"{question.name}_{ending}" + ("_by_default" if bare else "")
    taken = [_of_asked(one) for one in question.takes if ending != TEXT]
    if question.of_scenario:
        shared = (*(f"input.{one}" for one in TAKEN), LINES, "v", "check")
        taken += [{"$ref": f"{_PARAMETERS}{one}"} for one in shared]
    beside = _beside(question, ending)
    answer = _answer(question, ending)
    methods = {"get": _operation(name, question.summary, (*taken, *beside), answer)}
    if ending == TEXT:
        return methods
    posted = _operation(f"post_{name}", question.summary, beside, answer, _OF_BODIES)
    bodies: dict[str, Any] = {"application/json": {"schema": _body(question)}}
    if question.name == BREAKEVEN:
        table = {"description": "A row for each scenario; columns are inputs", "type": "string"}
        bodies["text/csv"] = {"schema": table}
        methods["get"]["parameters"] = [*taken]
        if ending == JSON:
            rows = {"anyOf": [answer[0], {"$ref": f"{_SCHEMAS}rows"}]}
            posted["responses"]["200"]["content"]["application/json"]["schema"] = rows
    posted["requestBody"] = {"required": True, "content": bodies}
    return {**methods, "post": posted}


def _body(question: Question) -> dict[str, Any]:
    values = {"$ref": f"{_SCHEMAS}{question.name}.asked"}
    document = {"$ref": f"{_SCHEMAS}document"}
    if question.name == BREAKEVEN:
        return {"anyOf": [values, document, {"type": "array", "items": {"type": "object"}}]}
    return {"anyOf": [values, document]} if question.of_scenario else values


def _beside(question: Question, ending: str) -> list[dict[str, Any]]:
    """What an address takes besides what is asked."""
    if ending == TEXT:
        told = {"description": "The result asked for", "type": "string", "enum": [*RESULTS]}
        return [_parameter(RESULT, told) | {"required": True}]
    if question.name == BREAKEVEN:
        marks = {"description": "The cell separator", "enum": [*SEPARATORS]}
        points = {"description": "The decimal mark", "enum": [*DECIMALS]}
        return [_parameter(SEP, marks), _parameter(DECIMAL, points)]
    if ending == CSV:
        told = {"description": "Which of its tables", "type": "string", "enum": [*question.tables]}
        return [_parameter(TABLE, told)]
    return []


def _answer(question: Question, ending: str) -> tuple[dict[str, Any], str]:
    """The schema of an answer, and its media type."""
    if ending == JSON:
        return {"$ref": f"{_SCHEMAS}{question.name}.answered"}, "application/json"
    return {"type": "string"}, "text/csv" if ending == CSV else "text/plain"


def _operation(
    name: str,
    summary: str,
    parameters: Iterable[dict[str, Any]],
    answer: tuple[dict[str, Any], str],
    errors: tuple[str, ...] = (),
) -> dict[str, Any]:
    schema, media = answer
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [*parameters],
        "responses": {
            "200": {"description": "The answer", "content": {media: {"schema": schema}}},
            **{one: {"$ref": f"{_RESPONSES}error{one}"} for one in sorted((*_OF_ALL, *errors))},
        },
    }
