"""The readers of files from strangers, fed with anything: an answer or one of our errors."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tco.errors import DataError, InputError
from tco.inputs import TAKEN
from tco.questions.tables import answer_rows
from tco.scenario import Scenario
from tests.strategies import examples

WORDS = st.sampled_from(
    [
        "",
        "0",
        "1",
        "0.6",
        "60",
        "-1",
        "1e9",
        "nan",
        "inf",
        "1_000",
        "0,6",
        "L4",
        "T4",
        "NA",
        "true",
        "spot",
        "1yr",
        "=1+1",
        "@x",
        "\x00",
        "\ufeff",
        "９",
        '"',
        "''",
        "per_use",
        "2026-07-30",
        "colo_all_in",
    ]
)
CELLS = st.one_of(WORDS, st.text(max_size=8))
NAMES = st.sampled_from([*TAKEN, "id", "name"])
TABLES = st.tuples(
    st.lists(NAMES, min_size=1, max_size=5, unique=True),
    st.lists(st.lists(CELLS, max_size=6), max_size=5),
)


@settings(max_examples=examples(300))
@given(TABLES, st.sampled_from([",", ";", "\t"]), st.sampled_from([1, 2, 100]))
def test_tables(table: tuple[list[str], list[list[str]]], sep: str, chunk: int) -> None:
    header, rows = table
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=sep)
    writer.writerow(header)
    writer.writerows(rows)
    check(stream.getvalue().encode("utf-8", "surrogatepass"), sep, chunk)


@settings(max_examples=examples(300))
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=100).map(str.encode),
        st.binary(max_size=80).map(lambda tail: b"pue,utilization\n" + tail),
    )
)
def test_bytes(content: bytes) -> None:
    check(content, ",", 100)


def check(content: bytes, sep: str, chunk: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "scenarios.csv"
        source.write_bytes(content)
        target = io.StringIO()
        try:
            answered, wrong = answer_rows(str(source), target, sep=sep, chunk=chunk)
        except DataError as refused:
            message = str(refused)
        else:
            message = ""
    if message:
        assert "scenarios.csv" in message
        return
    found = list(csv.DictReader(io.StringIO(target.getvalue()), delimiter=sep))
    assert len(found) == answered
    assert sum(bool(row["error"]) for row in found) == wrong
    for row in found:
        assert bool(row["error"]) != bool(row["verdict"])
        assert "inf" not in (row["months"], row["hours"], row["racks"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | CELLS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | NAMES, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=examples(300))
@given(
    st.one_of(
        st.text(max_size=60),
        JSON.map(json.dumps),
        st.dictionaries(NAMES, JSON, max_size=4).map(
            lambda inputs: json.dumps({"schema_version": 1, "inputs": inputs})
        ),
    )
)
def test_documents(document: str) -> None:
    try:
        scenario: Scenario | InputError = Scenario.from_json(document)
    except InputError as refused:
        scenario = refused
    if isinstance(scenario, InputError):
        assert scenario.problems
    else:
        assert Scenario.from_json(scenario.to_json()) == scenario
