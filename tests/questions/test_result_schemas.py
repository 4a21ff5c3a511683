"""Every document and every table of a question is what its contract says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from tco.questions import _TOPICS, QUESTIONS, _of_topic
from tco.questions.answer import Answered
from tco.questions.fields import FLAG, NUMBER, TEXT, WHOLE, Field
from tco.questions.result_schemas import columns_of, schema_of_result
from tco.questions.schemas import schema_of
from tests.questions.asked import CASES
from tests.strategies import examples, scenarios


def answered() -> Iterator[Any]:
    for name, asked in CASES.items():
        for number, one in enumerate(asked):
            yield pytest.param(name, one, id=f"{name}-{number}")


def problems(schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    found = Draft202012Validator(schema).iter_errors(document)
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


def test_every_question_is_asked() -> None:
    assert list(CASES) == list(QUESTIONS)
    of_topics = {name: [*_of_topic(name)] for name in _TOPICS}
    assert of_topics == {name: [*names] for name, names in _TOPICS.items()}


@pytest.mark.parametrize("name", [*QUESTIONS])
def test_schemas_are_schemas_with_meanings(name: str) -> None:
    for schema in (schema_of_result(QUESTIONS[name]), schema_of(QUESTIONS[name])):
        Draft202012Validator.check_schema(schema)
        for told in leaves(schema):
            assert len(told["description"]) > 3, told


def leaves(schema: Any) -> Iterator[dict[str, Any]]:
    """Every property that is a plain value."""
    if isinstance(schema, dict):
        for told in (schema.get("properties") or {}).values():
            if "properties" not in told and told.get("type") not in ("object", "array"):
                yield told
        for told in schema.values():
            yield from leaves(told)


@pytest.mark.parametrize(("name", "asked"), [*answered()])
def test_a_document_and_its_tables_are_as_promised(name: str, asked: dict[str, Any]) -> None:
    question = QUESTIONS[name]
    assert problems(schema_of(question), asked) == []
    found = question.of_values(asked)
    assert problems(schema_of_result(question), found.document) == []
    for table, frame in found.frames.items():
        if (name, table) != ("work", "flips"):
            assert table in question.tables
            check_table(found, table, columns_of(question, table), list(frame.columns))


VALIDATORS = {
    name: Draft202012Validator(schema_of_result(QUESTIONS[name]))
    for name in ("breakeven", "measures")
}


@settings(max_examples=examples(40))
@given(scenarios())
def test_any_scenario_is_answered_as_promised(case: dict[str, Any]) -> None:
    for name, validator in VALIDATORS.items():
        found = QUESTIONS[name].of_values(case)
        assert [one.message for one in validator.iter_errors(found.document)] == []


def check_table(found: Answered, table: str, promised: tuple[Field, ...], names: list[str]) -> None:
    known = {one.name: one for one in promised}
    expected = [one.name for one in promised if not one.pattern]
    seen = [name for name in names if name in known]
    assert seen == [name for name in expected if name in names or not known[name].is_optional]
    others = [name for name in names if name not in known]
    if "INPUT" in known:
        return
    patterns = [one.pattern for one in promised if one.pattern]
    assert all(any(re.fullmatch(one, name) for one in patterns) for name in others), others
    for name in seen:
        for value in found.frames[table][name]:
            assert is_a(value, known[name]), (name, value)


def is_a(value: Any, of: Field) -> bool:
    import pandas as pd

    nothing = ("",) if of.kind != TEXT else ()
    if pd.isna(value) or value in (float("inf"), float("-inf"), *nothing):
        return of.is_nullable
    if of.choices:
        return value in of.choices
    kinds: dict[str, Any] = {TEXT: str, FLAG: bool, NUMBER: (int, float), WHOLE: (int, float)}
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(value, pd.Timestamp):
        return of.kind == TEXT
    right = isinstance(plain, kinds.get(of.kind, object)) and (
        of.kind == FLAG or not isinstance(plain, bool) or of.kind not in kinds
    )
    return right and (of.kind != WHOLE or float(plain).is_integer())
