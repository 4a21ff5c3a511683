"""The OpenAPI document is valid, lists every address, and what is asked by it is answered."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from jsonschema import Draft202012Validator

from tco.api.asking import ASKED, endings
from tco.api.openapi import described
from tests.api.test_answers import NEEDED


def test_the_document_is_valid_openapi():
    schemathesis.openapi.from_dict(described()).validate()
    for name in ("errors", "rows", "document"):
        Draft202012Validator.check_schema(described()["components"]["schemas"][name])


def references(part: Any):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_reference_leads_somewhere():
    document = described()
    found = {*references(document)}
    assert len(found) > 100
    for reference in found:
        kind, name = reference.removeprefix("#/components/").split("/")
        assert name in document["components"][kind]


def test_every_address_is_listed(client):
    document = client.get("openapi.json").json()
    assert document == described()
    listed = {f"/{one}.{ending}" for one in ASKED for ending in endings(ASKED[one])}
    assert {*document["paths"]} == {"/", "/openapi.json", *(f"/{one}" for one in ASKED), *listed}
    for question in client.get("").json()["questions"]:
        assert {f"/{address}" for address in question["addresses"]} <= {*document["paths"]}


@pytest.mark.parametrize("name", ["breakeven", "work", "fleet", "gpus"])
def test_an_answer_is_of_its_schema(client, name):
    document = described()
    schema = {"$ref": f"#/components/schemas/{name}.answered", "components": document["components"]}
    found = client.get(f"{name}.json", params=NEEDED.get(name, {})).json()
    assert not list(Draft202012Validator(schema).iter_errors(found))


def test_answers_to_a_table_are_of_their_schema(client):
    schema = described()["components"]["schemas"]["rows"]
    found = client.post("breakeven.json", json=[{"gpu": "L4", "name": "a"}, {"gpus": "x"}]).json()
    assert not list(Draft202012Validator(schema).iter_errors(found))
