"""Write docs/schemas: what programs send and get, a file a contract, and which version changed it.

A contract that is no longer what its record says is refused, unless SCHEMA_VERSION is a new one or
the changelog calls that version unreleased. Words alone may change: names, order, kinds, units and
limits may not.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tco.api.openapi import ERRORS, LISTING
from tco.inputs import INPUTS, TAKEN
from tco.questions import QUESTIONS
from tco.questions import columns as of
from tco.questions import kept_columns as kept
from tco.questions.brief import SCHEMA
from tco.questions.fields import Field, converted_name
from tco.questions.result_schemas import (
    BY_ROW,
    OTHERS,
    columns_of,
    columns_of_rows,
    schema_of_answers,
    schema_of_other,
    schema_of_record,
    schema_of_result,
)
from tco.questions.schemas import DIALECT, schema_of
from tco.report.csv import table
from tco.report.schema import ENERGY_MEANINGS, ODDS_MEANINGS, RESULT_MEANINGS
from tco.version import SCHEMA_VERSION
from tco.words.finance import MEASURES

FOLDER = Path(__file__).with_name("schemas")
CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"
RECORD = "versions.csv"
_RECORDED = ("contract", "schema_version", "fingerprint")
_COLUMNS = ("column", "kind", "unit", "may_be", "in_eur", "meaning")
_ROWS = ("section", "name", "unit", "meaning")
_ANY_CODE, _EXAMPLE = "[a-z]{3}", "eur"
_WORDS = ("description", "title")
_SCENARIO = "scenario.json"
_OF_AGENTS = "What a tool of agents answers to any question."
# What HTTP answers beside questions.
_OF_HTTP = {
    "questions": {"title": "What GET /api/v1/ answers.", **LISTING},
    "errors": {"title": "What HTTP answers where there is no answer.", **ERRORS},
}
_DIGITS = 16
# Beside the version columns some files say how old the data is that a row rests on.
_VERSIONS = of.ROW_STAMPS[1:]


class Recorded(NamedTuple):
    """The version in which a contract changed last, and what it then was."""

    contract: str
    schema_version: int
    fingerprint: str


def contracts() -> dict[str, str]:
    """The text of every contract, by its path in docs/schemas."""
    found = {f"inputs/{_SCENARIO}": _json(_inputs())}
    for name, question in QUESTIONS.items():
        found[f"inputs/{name}.json"] = _json(_taken(name))
        found[f"results/{name}.json"] = _json(schema_of_result(question))
        for one in question.tables:
            stamps = {"report": (), "ledger": of.ROW_STAMPS}.get(one, _VERSIONS)
            path = one if one == name else f"{name}-{one}"
            columns = (*columns_of(question, one), *stamps)
            found[f"tables/{path}.csv"] = _listed(columns, one not in _CONVERTED_APART)
    for name in OTHERS:
        found[f"results/{name}.json"] = _json(schema_of_other(name))
    for name in BY_ROW:
        columns = (*columns_of_rows(QUESTIONS[name]), *_VERSIONS)
        found[f"tables/{name}-answers.csv"] = _listed(columns)
    for name, schema in _OF_HTTP.items():
        found[f"results/{name}.json"] = _json({"$schema": DIALECT, **schema})
    found["results/answers.json"] = _json(schema_of_answers())
    for name, columns in _FILES.items():
        is_converted = name not in (*_CONVERTED_APART, *_IN_USD)
        found[f"tables/{name}.csv"] = _listed(columns, is_converted)
    found["tables/report-rows.csv"] = _rows()
    found["files/scenario.json"] = _json(_saved())
    found["files/decision.json"] = _json(schema_of_record())
    found["results/of-agents.json"] = _json({"$schema": DIALECT, "title": _OF_AGENTS, **SCHEMA})
    return dict(sorted(found.items()))


def _json(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _inputs() -> dict[str, Any]:
    """The inputs of a scenario and its lines, which many questions take."""
    names = (*TAKEN, "lines")
    taken = schema_of(QUESTIONS["breakeven"])["properties"]
    properties = {name: taken[name] for name in names}
    return {"$schema": DIALECT, "title": "The inputs of a scenario.", "properties": properties}


def _taken(name: str) -> dict[str, Any]:
    """What a question takes; the inputs of a scenario by reference to their own file."""
    question = QUESTIONS[name]
    schema = schema_of(question)
    head: dict[str, Any] = {"$schema": DIALECT, "title": question.summary}
    if not question.of_scenario:
        return head | schema
    own = {one.name: schema["properties"][one.name] for one in question.takes}
    del schema["additionalProperties"]
    more = {"$ref": _SCENARIO, "unevaluatedProperties": False}
    return head | schema | {"properties": own} | more


def _saved() -> dict[str, Any]:
    """The file of a scenario, or of several with their names."""
    versions = {
        "schema_version": {"description": "Version of the format", "type": "integer", "minimum": 1},
        "model_version": {"description": "Model that wrote the file", "type": "string"},
    }
    inputs = {"$ref": f"../inputs/{_SCENARIO}", "unevaluatedProperties": False, "type": "object"}
    named = {"name": {"description": "Name of the scenario", "type": "string"}, "inputs": inputs}
    several = {"type": "array", "items": _exactly(named, [*named])}
    return {
        "$schema": DIALECT,
        "title": "A scenario as a file: of tco.Scenario.to_json() and of the app.",
        "oneOf": [
            _exactly(versions | {"inputs": inputs}, ["schema_version", "inputs"]),
            _exactly(versions | {"scenarios": several}, ["schema_version", "scenarios"]),
        ],
    }


def _exactly(properties: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _listed(columns: Iterable[Field], is_converted: bool = True) -> str:
    """The columns of a table: name, kind, unit, what a cell may be, and its meaning.

    In another currency a converted column stands beside each amount, unless the table has its
    converted amounts as rows or columns of their own.
    """
    known = [*columns]
    names = [one.name for one in known]
    rows = []
    for one in known:
        may_be = " or ".join(
            [*(["empty"] if one.is_nullable else []), *(["missing"] if one.is_optional else [])]
        )
        kind = " | ".join(one.choices) or one.kind
        beside = converted_name(one, names).replace(_ANY_CODE, _EXAMPLE) if is_converted else ""
        rows.append((one.name, kind, one.unit, may_be, beside, one.meaning))
    return table(_COLUMNS, rows)


def _rows() -> str:
    """The rows of the report that always have the same names."""
    results = {**RESULT_MEANINGS, **ODDS_MEANINGS, **ENERGY_MEANINGS}
    told = [("result", name, *said) for name, said in results.items()]
    told += [("measure", name, one.unit, one.meaning) for name, one in MEASURES.items()]
    told += [("input", name, one.unit, one.meaning) for name, one in INPUTS.items()]
    return table(_ROWS, told)


# The tables in which converted amounts are rows, or columns in the currency of each row.
_CONVERTED_APART = ("report", "answers", "lease-rate")
# Those of no scenario, whose amounts are in USD or in the currency of a bill.
_IN_USD = ("prices-export", "prices-aside")
# The tables that no question answers.
_FILES: dict[str, tuple[Field, ...]] = {
    "answers": of.ANSWERS,
    "accounting-profit-and-loss": (*of.STATEMENT, *_VERSIONS),
    "accounting-balances": (*of.BALANCE, *_VERSIONS),
    "accounting-lease": (*of.LEASE_TESTS, *_VERSIONS),
    "curves": (*of.CURVES, *_VERSIONS),
    "goal": (*of.GOAL, *_VERSIONS),
    "bridge": (*of.BRIDGE, *_VERSIONS),
    "lease-rate": (*of.LEASE_OFFER, *_VERSIONS),
    "bill-usage": of.BILL_USAGE,
    "bill-machines": of.BILL_MACHINES,
    "bill-amounts": of.BILL_AMOUNTS,
    "bill-hourly": of.BILL_HOURLY,
    "demand": of.DEMAND_FILE,
    "prices-export": kept.EXPORT,
    "prices-aside": kept.ASIDE,
}


def fingerprint(text: str) -> str:
    """What a contract is, without its words: another value is another contract.

    >>> fingerprint('{"title": "a", "type": "object"}') == fingerprint('{"type": "object"}')
    True
    """
    if text.startswith("{"):
        bare = json.dumps(_bare(json.loads(text)))
    else:
        rows = [row[:-1] for row in csv.reader(io.StringIO(text))]
        bare = json.dumps(rows)
    return hashlib.sha256(bare.encode()).hexdigest()[:_DIGITS]


def _bare(schema: Any) -> Any:
    """A schema without the words in it; what is called `title` may be a property too."""
    if isinstance(schema, dict):
        kept = {n: x for n, x in schema.items() if not (n in _WORDS and isinstance(x, str))}
        return {name: _bare(told) for name, told in kept.items()}
    return [_bare(told) for told in schema] if isinstance(schema, list) else schema


def record() -> list[Recorded]:
    """What docs/schemas/versions.csv has, the newest version of a contract last."""
    with (FOLDER / RECORD).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return [Recorded(name, int(version), told) for name, version, told in rows]


def recorded(
    found: Mapping[str, str],
    known: Iterable[Recorded],
    version: int = SCHEMA_VERSION,
    is_open: bool = False,
) -> list[Recorded]:
    """The record with what changed in this version; one that `is_open` may change again.

    ValueError names the contracts that changed without a new version.
    """
    last = {one.contract: one for one in known}
    now = {name: fingerprint(text) for name, text in found.items()}
    changed = [
        name
        for name in {**last, **now}
        if name in last and now.get(name, "") != last[name].fingerprint
    ]
    silent = [name for name in changed if last[name].schema_version >= version and not is_open]
    if silent:
        raise ValueError(
            f"{', '.join(silent)}: changed, but SCHEMA_VERSION is still {version}. Is the change "
            "meant? Then raise SCHEMA_VERSION in tco/version.py and tell it in CHANGELOG.md"
        )
    kept = [one for one in known if one.contract not in changed or one.schema_version < version]
    news = [name for name in {**last, **now} if name in changed or name not in last]
    kept += [Recorded(name, version, now.get(name, "")) for name in news]
    return sorted(kept)


def is_open(version: int = SCHEMA_VERSION) -> bool:
    """Whether the changelog calls the release with that schema version unreleased."""
    heads = [line for line in CHANGELOG.read_text().splitlines() if line.startswith("## ")]
    told = f"schema version {version}"
    return any(line.endswith(told) and "(unreleased)" in line for line in heads)


def write() -> None:
    """Write all contracts and their record; ValueError before anything is written."""
    found = contracts()
    known = record() if (FOLDER / RECORD).exists() else []
    rows = recorded(found, known, is_open=is_open())
    for old in FOLDER.glob("*/*"):
        if str(old.relative_to(FOLDER)) not in found:
            old.unlink()
    for name, text in found.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (FOLDER / RECORD).write_text(table(_RECORDED, rows), encoding="utf-8")


if __name__ == "__main__":
    write()
