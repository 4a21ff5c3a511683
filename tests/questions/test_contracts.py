"""The contracts in docs/schemas are those of the code, and no change of one is silent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pyarrow.parquet import read_schema
from referencing import Registry, Resource
from starlette.testclient import TestClient

import tco
from docs import make_contracts
from docs.make_contracts import FOLDER, Recorded, fingerprint, recorded
from tco.api.server import Settings, application
from tco.cli import main
from tco.questions import QUESTIONS
from tco.questions.result_schemas import (
    BY_ROW,
    OTHERS,
    schema_of_answers,
    schema_of_other,
    schema_of_record,
)
from tco.version import SCHEMA_VERSION
from tests.questions.asked import CASES, DAY, EUROS, LEASE, LINES, OWN_GPU, record

ROOT = Path(__file__).parents[2]
CONTRACTS = make_contracts.contracts()


def test_the_files_are_what_the_code_says() -> None:
    written = {str(one.relative_to(FOLDER)): one.read_text() for one in FOLDER.glob("*/*")}
    assert sorted(written) == sorted(CONTRACTS), "run: python -m docs.make_contracts"
    for name, text in CONTRACTS.items():
        assert written[name] == text, f"{name}: run: python -m docs.make_contracts"


def test_no_contract_changed_without_a_version() -> None:
    known = make_contracts.record()
    assert recorded(CONTRACTS, known) == known
    assert max(one.schema_version for one in known) <= SCHEMA_VERSION
    assert len({one[:2] for one in known}) == len(known)


BEFORE = [Recorded("tables/a.csv", 8, fingerprint("column,meaning\na,of it\n"))]
WORDS, CHANGED = "column,meaning\na,in other words\n", "column,meaning\nb,of it\n"


def test_words_may_change_and_contracts_be_added() -> None:
    assert recorded({"tables/a.csv": WORDS}, BEFORE, 8) == BEFORE
    more = recorded({"tables/a.csv": WORDS, "tables/b.csv": CHANGED}, BEFORE, 8)
    assert [one[:2] for one in more] == [("tables/a.csv", 8), ("tables/b.csv", 8)]


@pytest.mark.parametrize("found", [{"tables/a.csv": CHANGED}, {}])
def test_a_silent_change_is_refused(found: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^tables/a.csv: changed, but SCHEMA_VERSION is still 8"):
        recorded(found, BEFORE, 8)
    (again,) = recorded(found, BEFORE, 8, is_open=True)
    assert again[:2] == ("tables/a.csv", 8)
    assert again != BEFORE[0]
    assert recorded(found, BEFORE, 9)[0] == BEFORE[0]
    assert recorded(found, BEFORE, 9)[1][:2] == ("tables/a.csv", 9)


def test_a_unit_or_a_limit_is_no_word() -> None:
    schema = json.loads(CONTRACTS["results/rack.json"])
    told = schema["properties"]["rack"]["properties"]["kw_per_rack"]
    before = fingerprint(json.dumps(schema))
    told["description"] = "power"
    assert fingerprint(json.dumps(schema)) == before
    told["unit"] = "W"
    assert fingerprint(json.dumps(schema)) != before
    stress = CONTRACTS["results/stress.json"]
    assert fingerprint(stress) != fingerprint(stress.replace('"title": {', '"heading": {'))


HERE = "file:///schemas/"
INPUTS = "inputs/scenario.json"
REGISTRY: Registry[Any] = Registry().with_resource(
    HERE + INPUTS, Resource.from_contents(json.loads(CONTRACTS[INPUTS]))
)


def validator(name: str) -> Draft202012Validator:
    """What checks against a contract that refers to another file."""
    return Draft202012Validator(
        {"$id": HERE + name, **json.loads(CONTRACTS[name])}, registry=REGISTRY
    )


@pytest.mark.parametrize("name", [*QUESTIONS])
def test_files_of_inputs_take_what_questions_take(name: str) -> None:
    taken = validator(f"inputs/{name}.json")
    for asked in CASES[name]:
        assert [one.message for one in taken.iter_errors(asked)] == []
    assert not taken.is_valid({**CASES[name][0], "utilisation": 0.5})


def test_a_saved_scenario_is_as_promised() -> None:
    saved = validator("files/scenario.json")
    one = json.loads(tco.Scenario(**DAY, **EUROS, **LEASE, lines=LINES).to_json())
    assert [wrong.message for wrong in saved.iter_errors(one)] == []
    several = {"schema_version": 8, "scenarios": [{"name": "a", "inputs": one["inputs"]}]}
    assert [wrong.message for wrong in saved.iter_errors(several)] == []
    assert not saved.is_valid(one | {"inputs": {"utilisation": 0.5}})
    assert not saved.is_valid(one | several)


def promised(name: str) -> tuple[list[str], list[str]]:
    """All columns of a table, and those that are always there."""
    rows = [*csv.DictReader(io.StringIO(CONTRACTS[f"tables/{name}.csv"]))]
    return (
        [row["column"] for row in rows],
        [row["column"] for row in rows if "missing" not in row["may_be"]],
    )


GIVEN = "--gpu L4 --as-of 2026-11-28"
LEASED = " ".join(f"--{name.replace('_', '-')} {told}" for name, told in LEASE.items())
FILES = {
    "report": f"report {GIVEN} -o -",
    "ledger": f"ledger {GIVEN}",
    "flips": f"flips {GIVEN} --format csv",
    "tornado": f"tornado {GIVEN} --format csv",
    "stress": f"stress {GIVEN} --format csv",
    "measures": f"measures {GIVEN} --format csv",
    "goal": f"goal {GIVEN} --saving-usd 9000 --format csv",
    "curves": f"curves {GIVEN} --format csv",
    "bridge": f"bridge {GIVEN} --format csv",
    "fleet-plan": f"fleet {GIVEN} --mean-gpus 4 --peak-over-mean 2 --format csv",
    "lease-rate": "lease-rate --payment-usd 2900 --months 36 --value-usd 100000 --format csv",
    "bill-usage": "bill docs/bill.csv --table usage",
    "bill-machines": "bill docs/bill.csv --table machines",
    "bill-amounts": "bill docs/bill.csv --table amounts",
    "bill-hourly": "bill docs/bill.csv --table hourly",
    "demand": "bill docs/bill.csv --demand -",
}


def shell(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, command.split(), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def header_of(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("name", [*FILES])
def test_the_shell_writes_what_is_promised(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    header = header_of(shell(FILES[name], monkeypatch))
    names, always = promised(name)
    assert [one for one in names if one in header] == header
    assert set(always) <= set(header)
    if not name.startswith(("bill", "demand")):
        rows = csv.DictReader(io.StringIO(CONTRACTS[f"tables/{name}.csv"]))
        beside = {row["in_eur"]: row["column"] for row in rows if row["in_eur"]}
        euros = header_of(shell(f"{FILES[name]} --currency EUR --fx-rate 0.9", monkeypatch))
        rate = [] if name == "report" else ["converted"]  # the report says it in notes
        assert [one for one in euros if one not in beside] == header + rate
        assert [beside[one] for one in euros if one in beside] == [
            one for one in header if one in beside.values()
        ]


OTHER = {
    "goal": [
        f"goal {GIVEN} --payback-months 18 --format json",
        "goal --saving-usd 1e9 --format json",
    ],
    "bridge": [f"bridge {GIVEN} --currency EUR --fx-rate 0.9 --format json"],
    "accounting": [
        f"accounting {GIVEN} --format json",
        "accounting --financing lease --lease-usd-per-gpu-month 80 --lease-months 36 --format json",
    ],
    "lease_rate": [
        "lease-rate --payment-usd 2900 --months 36 --value-usd 100000 --currency EUR --fx-rate 0.9 "
        "--format json"
    ],
    "curves": [f"curves {GIVEN} --format json"],
    "bill": ["bill docs/bill.csv --json"],
    "telemetry": ["telemetry docs/gpu-log.csv --json"],
    "from_bill": ["from-bill --gpu L4 --monthly-usd 3000 --currency EUR --fx-rate 0.9 --json"],
    "actuals": [
        "actuals {record} --gpu-hours 3066 --compute-usd 1835 --hours 730 --json",
        "actuals {record} --utilization 0.5 --idle-w 40 --json",
    ],
    "prices_imports": ["prices imports --json"],
    "prices_imports_aside": ["prices imports --aside --json"],
    "prices_check": ["prices check --prices store --json", "data check --json"],
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the record of a decision, and a price store with what it rejected."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "decision.tco.json").write_text(record(**DAY, **EUROS, lines=LINES))
    rows = "gpu,provider,usd_per_gpu_hour,usd,as_of\nL4,me,0.5,,2026-11-01\nL9,me,0.5,,2026-11-01\n"
    (folder / "prices.csv").write_text(f"{rows}L4,,,2500,2026-11-01\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TCO_STORE", str(folder / "prices.db"))
        shell(f"prices import csv {folder}/prices.csv --aside {folder}/aside.csv", patched)
        shell("prices add --gpu L4 --usd 2650", patched)
    return folder


@pytest.mark.parametrize("name", [*OTHERS])
def test_documents_that_answer_no_question(
    name: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TCO_STORE", str(kept / "prices.db"))
    schema = schema_of_other(name)
    Draft202012Validator.check_schema(schema)
    for command in OTHER[name]:
        told = shell(command.format(record=kept / "decision.tco.json"), monkeypatch)
        found = Draft202012Validator(schema).iter_errors(json.loads(told))
        assert [one.message for one in found] == []


def test_the_record_of_a_decision_is_as_promised(kept: Path) -> None:
    schema = schema_of_record()
    Draft202012Validator.check_schema(schema)
    checked = Draft202012Validator(schema)
    for text in ((kept / "decision.tco.json").read_text(), record(**OWN_GPU)):
        assert [one.message for one in checked.iter_errors(json.loads(text))] == []
        assert not checked.is_valid({**json.loads(text), "approved_by": "Ada Example"})


def test_files_of_the_price_store_are_as_promised(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TCO_STORE", str(kept / "prices.db"))
    texts = {
        "aside": (kept / "aside.csv").read_text(),
        "export": shell("prices export", monkeypatch),
    }
    for name, text in texts.items():
        told = [*csv.DictReader(io.StringIO(CONTRACTS[f"tables/prices-{name}.csv"]))]
        assert header_of(text) == [row["column"] for row in told]
        empty = {row["column"] for row in told if row["may_be"] == "empty"}
        for row in csv.DictReader(io.StringIO(text)):
            assert {name for name, cell in row.items() if not cell} <= empty


@pytest.mark.parametrize("name", BY_ROW)
def test_a_table_of_work_is_answered_as_promised(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = CASES[name][0] | (EUROS if QUESTIONS[name].of_scenario else {})
    with (tmp_path / "work.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[*asked], [*asked.values()]])
    top = " --top 2" if name == "substitutes" else ""
    command = name.replace("_", "-")
    header = header_of(shell(f"{command} --csv {tmp_path}/work.csv{top}", monkeypatch))
    assert header[: len(asked)] == [*asked]
    rows = [*csv.DictReader(io.StringIO(CONTRACTS[f"tables/{name}-answers.csv"]))]
    names = [row[which] for row in rows for which in ("column", "in_eur") if row[which]]
    answers = header[len(asked) :]
    assert answers == [one for one in names if one in answers]
    assert set(promised(f"{name}-answers")[1]) <= set(answers)
    assert any("eur" in one for one in answers) == any(
        row["in_eur"] for row in rows if row["column"] not in asked and "currency" in asked
    )


# Commands whose JSON is another's, or a file of its own.
SAME = {"data check": "results/prices_check.json", "decide": "files/decision.json"}
# Options that name a file of CSV, and the ending of its contract.
TABLES = {"table_file": "answers", "demand_file": "demand", "aside": "prices-aside"}


def commands(found: click.Command, *path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every command with its options, by the words that call it."""
    if not isinstance(found, click.Group):
        yield " ".join(path), {str(one.name): one for one in found.params}
        return
    context = click.Context(found)
    for name in found.list_commands(context):
        command = found.get_command(context, name)
        assert command is not None
        yield from commands(command, *path, name)


def test_whatever_the_shell_writes_for_programs_has_a_contract() -> None:
    for path, options in commands(main):
        name = path.replace("-", "_").replace(" ", "_")
        forms = getattr(options.get("form"), "type", None)
        choices = getattr(forms, "choices", ())
        if path in SAME or "as_json" in options or "json" in choices:
            assert SAME.get(path, f"results/{name}.json") in CONTRACTS, path
        if "csv" in choices:
            tables = {one.replace("-", "_").partition(".")[0] for one in CONTRACTS}
            assert any(one.startswith(f"tables/{name}") for one in tables), path
        for option, told in TABLES.items():
            if option in options and not options[option].is_flag:
                of_all = (f"tables/{told}.csv", f"tables/{name}-{told}.csv")
                assert any(one in CONTRACTS for one in of_all), (path, option)


def test_http_says_what_there_is_and_what_is_wrong_as_promised() -> None:
    with TestClient(application(Settings()), "http://localhost/api/v1/") as client:
        found = {"questions": client.get("").json(), "errors": client.get("nothing").json()}
    for name, document in found.items():
        checked = Draft202012Validator(json.loads(CONTRACTS[f"results/{name}.json"]))
        assert [one.message for one in checked.iter_errors(document)] == []


def test_a_table_is_answered_as_json_as_promised() -> None:
    asked = [DAY, {"gpu": "L5"}, DAY | EUROS, DAY | {"utilization": 0}]
    with TestClient(application(Settings()), "http://localhost/api/v1/") as client:
        found = client.post("breakeven.json", json=asked).json()
    assert len(found["rows"]) == len(asked)
    checked = Draft202012Validator(schema_of_answers()).iter_errors(found)
    assert [one.message for one in checked] == []


# Commands that write several tables, and the contract of each file.
SEVERAL = {
    f"accounting {GIVEN} {LEASED}": {
        "": "accounting-profit-and-loss",
        "-balances": "accounting-balances",
        "-lease": "accounting-lease",
    },
    f"simulate {GIVEN} --draws 64": {"": "simulate-summary", "-drivers": "simulate-drivers"},
    f"fleet {GIVEN} --mean-gpus 4 --peak-over-mean 2": {
        "": "fleet-plan",
        "-costs": "fleet-costs",
        "-waiting": "fleet-waiting",
    },
}


@pytest.mark.parametrize("command", [*SEVERAL])
def test_a_file_holds_one_table(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = shell(f"{command} --format csv", monkeypatch)
    shell(f"{command} --format csv -o {tmp_path / 'a.csv'}", monkeypatch)
    assert (tmp_path / "a.csv").read_text() == piped
    found = {path.stem[1:]: header_of(path.read_text()) for path in tmp_path.iterdir()}
    assert found == {more: promised(name)[0] for more, name in SEVERAL[command].items()}


@pytest.mark.parametrize(
    "command",
    [
        "breakeven --csv docs/scenarios.csv -o -",
        "sweep docs/scenarios.csv -o {path} --notes",
        "breakeven --csv {euros} -o -",
        "sweep {euros} -o {parquet}",
    ],
)
def test_a_table_of_scenarios_is_answered_as_promised(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, euros = tmp_path / "answers.csv", tmp_path / "euros.csv"
    euros.write_text("gpu,currency,fx_rate,fx_as_of\nL4,EUR,0.9,2026-11-20\nL4,,,\n")
    parquet = tmp_path / "answers.parquet"
    text = shell(command.format(path=path, euros=euros, parquet=parquet), monkeypatch)
    header = header_of(path.read_text() if "{path}" in command else text or "\n")
    header = read_schema(parquet).names if "{parquet}" in command else header
    names, always = promised("answers")
    asked = euros if "{euros}" in command else ROOT / "docs" / "scenarios.csv"
    given = header_of(asked.read_text())
    assert header[: len(given)] == given
    assert [one for one in names if one in header[len(given) :]] == header[len(given) :]
    assert set(always) <= set(header)


@pytest.mark.parametrize("name", ["report", "ledger", "options", "fleet"])
def test_a_question_writes_the_same_file(name: str) -> None:
    question = QUESTIONS[name]
    told = {"mean_gpus": 4, "peak_gpus": 8} if name == "fleet" else {}
    for currency in ({}, EUROS):
        found = question.of_values(DAY | told | currency)
        table = question.tables[0]
        header = header_of(found.csv(table))
        path = table if table == name else f"{name}-{table}"
        rows = [*csv.DictReader(io.StringIO(CONTRACTS[f"tables/{path}.csv"]))]
        expected = [row["column"] for row in rows]
        beside = [row["in_eur"] for row in rows if row["in_eur"]]
        if not currency:
            assert [one for one in header if one in expected] == [
                one for one in header if not one.startswith("cash_year_")
            ]
        elif name != "report":
            fixed = [one for one in header if "eur" in one and "cash_year" not in one]
            assert fixed == [one for one in beside if "cash_year" not in one]
