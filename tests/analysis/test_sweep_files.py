"""Sweeps from files into files: the same answers, whatever the format, the chunks, the place."""

from __future__ import annotations

import csv
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tco
from tco.analysis.sweep import answer_frame, sweep
from tco.analysis.sweep.rows import IN_CURRENCY, ODDS, STAMPS
from tco.analysis.sweep.sources import source_of
from tco.errors import DataError, InputError, TcoError, to_install
from tco.model.results import RESULTS
from tco.questions.tables import answer_rows
from tests.analysis.test_sweep import draws

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = [*RESULTS, *ODDS, "error"]


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    """Scenarios with errors, empty cells, numbers, words, flags."""
    found = draws(500).assign(id=range(500), note=["=1+1", None] * 250)
    found.loc[[7, 9], "utilization"] = 60
    found["commitment_months"] = found["commitment_months"].astype("float64")
    found["whole_servers"] = found["whole_servers"].astype("boolean")
    found.loc[11, "gpu"] = "L5"
    return found


@pytest.fixture(scope="module")
def expected(cases: pd.DataFrame) -> pd.DataFrame:
    return answer_frame(cases)[ANSWERS]


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """The same answers to the last bit; in a CSV file never is an empty cell."""
    for name in ANSWERS:
        left, right = found[name].astype(object), expected[name].astype(object)
        right = right.where(right.notna() & (right != np.inf), None)
        left = left.where(left.notna() & (left != np.inf), None)
        assert left.tolist() == right.tolist(), name


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    return pd.read_parquet(path)


@pytest.mark.parametrize("written", ["answers.csv", "answers.parquet", "answers"])
@pytest.mark.parametrize("rows", [64, 10_000])
@pytest.mark.parametrize("given", ["frame", "csv", "parquet"])
def test_any_source_into_any_file(
    cases: pd.DataFrame, expected: pd.DataFrame, tmp_path: Path, given: str, rows: int, written: str
) -> None:
    source: Any = cases
    if given == "csv":
        source = tmp_path / "cases.csv"
        cases.to_csv(source, index=False)
    if given == "parquet":
        source = tmp_path / "cases.parquet"
        cases.to_parquet(source, row_group_size=90)
    target = tmp_path / written
    assert sweep(source, output=str(target), chunk_rows=rows, workers=1) == target
    found = read(target)
    assert list(found.columns) == [*cases.columns, *ANSWERS, *STAMPS]
    same(found, expected)
    assert found["utilization"].tolist() == cases["utilization"].tolist()
    assert found["id"].astype(int).tolist() == list(range(500))
    assert found["data_date"].astype(str).unique().tolist() == [tco.breakeven().as_of]
    assert not list(tmp_path.glob("*.parts"))
    formula = "'=1+1" if written.endswith(".csv") else "=1+1"
    assert found["note"].dropna().unique().tolist() == [formula]


def test_files_are_answered_in_memory_too(
    cases: pd.DataFrame, expected: pd.DataFrame, tmp_path: Path
) -> None:
    cases.to_csv(tmp_path / "cases.csv", index=False)
    cases.to_parquet(tmp_path / "cases.parquet")
    for name in ("cases.csv", "cases.parquet"):
        found = sweep(tmp_path / name, chunk_rows=99)
        pd.testing.assert_frame_equal(found[ANSWERS], expected, check_exact=True)
        assert found["whole_servers"].dropna().isin([True, False]).all()


def test_parquet_keeps_types_and_tells_never_from_an_error(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([2**60 + 1, None, 3], pa.int64()),
            "utilization": pa.array([0.0, 60.0, 1.0], pa.float32()),
            "as_of": pa.array(["2026-09-01", None, "2026-10-01"]).cast(pa.date32()),
        }
    )
    pq.write_table(table, tmp_path / "cases.parquet")
    found = pq.read_table(sweep(tmp_path / "cases.parquet", output=tmp_path / "answers.parquet"))
    assert found.select(table.column_names).equals(table)
    assert found["months"].to_pylist()[:2] == [float("inf"), None]
    assert found["status"].to_pylist()[1] is None
    assert found["error"].null_count == 2
    assert found["data_age_days"].type == pa.int32()


def test_files_and_frames_have_each_row_in_its_own_currency(tmp_path: Path) -> None:
    grid = {"gpu": "L4", "currency": ["EUR", "USD"], "fx_rate": 0.5}
    found = sweep(grid)
    euros, dollars = found["npv_saving_in_currency"], found["npv_saving_usd"]
    assert euros.tolist()[0] == 0.5 * dollars[0]
    assert euros.isna().tolist() == [False, True]
    assert list(found.columns[-8:]) == [*IN_CURRENCY.values()]
    told = [read(sweep(grid, output=tmp_path / f"a.{kind}")) for kind in ("csv", "parquet")]
    assert (
        list(told[0].columns)
        == list(told[1].columns)
        == [*found.columns[:-8], *STAMPS, *found.columns[-8:]]
    )
    for frame in told:
        for name in IN_CURRENCY.values():
            assert frame[name].equals(found[name]), name
    typed = pd.DataFrame({"gpu": "L4", "currency": ["eur", " usd", None, "usd"]})
    answers = answer_frame(typed.assign(fx_rate=[0.5, 0.5, None, None]))
    assert answers["npv_saving_in_currency"][0] == euros[0]
    assert answers["npv_saving_in_currency"].isna().tolist() == [False, True, True, True]
    assert answers["error"].isna().all()


def test_the_csv_file_is_that_of_the_command_line(cases: pd.DataFrame, tmp_path: Path) -> None:
    source, one, other = (tmp_path / name for name in ("cases.csv", "one.csv", "other.csv"))
    cases.to_csv(source, index=False)
    sweep(source, output=one, chunk_rows=70, workers=1)
    with other.open("w", newline="") as stream:
        assert answer_rows(str(source), stream, chunk=33) == (500, sum(cells(one, "error")))
    assert without_notes(one) == without_notes(other)


def without_notes(path: Path) -> list[dict[str, str]]:
    """Every cell of a CSV file but the notes, which only a table for people has."""
    with path.open(newline="") as stream:
        return [{n: row[n] for n in row if n != "notes"} for row in csv.DictReader(stream)]


def cells(path: Path, name: str) -> list[bool]:
    with path.open(newline="") as stream:
        return [bool(row[name]) for row in csv.DictReader(stream)]


def test_quoted_line_ends_and_rows_of_other_lengths(tmp_path: Path) -> None:
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    lines = ['"a\nb\n",0.5', "c,0.6", "d", '"e ""x""\r\ny",0.7', "f,0.8,1", "", '"g\n\n\n\n",0.9']
    source.write_text("note,utilization\n" + "\n".join(lines) + "\n", newline="")
    for rows in (1, 2, 3, 100):
        sweep(source, output=target, chunk_rows=rows, workers=1)
        with target.open(newline="") as stream:
            found = list(csv.DictReader(stream))
        assert [row["note"][:1] for row in found] == ["a", "c", "d", "e", "f", "g"]
        assert [bool(row["error"]) for row in found] == [*(False, False, True, False, True, False)]
        assert found[3]["note"] == 'e "x"\ny'


def test_a_folder_of_files_is_one_table(cases: pd.DataFrame, tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        folder = tmp_path / kind
        folder.mkdir()
        for at, start in enumerate(range(0, 500, 150)):
            part = cases.iloc[start : start + 150]
            path = folder / f"part-{at}.{kind}"
            part.to_csv(path, index=False) if kind == "csv" else part.to_parquet(path)
        (folder / "_SUCCESS").write_text("")
        (folder / ".hidden.csv").write_text("x")
        answers = tmp_path / f"answers-{kind}"
        sweep(folder, output=answers, chunk_rows=80, workers=1)
        same(read(answers), answer_frame(cases)[ANSWERS])
    (tmp_path / "csv" / "part-9.csv").write_text("gpu\nL4\n")
    with pytest.raises(DataError, match=r"part-9.csv, line 1: not the columns of .*part-0.csv"):
        sweep(tmp_path / "csv", output=tmp_path / "more.csv", workers=1)
    pq.write_table(pa.table({"gpu": ["L4"]}), tmp_path / "parquet" / "part-9.parquet")
    with pytest.raises(DataError, match=r"part-9.parquet: not the columns and types"):
        sweep(tmp_path / "parquet", output=tmp_path / "more.parquet", workers=1)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_no_rows(kind: str, tmp_path: Path) -> None:
    empty = pd.DataFrame(
        {"gpu": pd.Series([], dtype="str"), "utilization": pd.Series([], dtype=float)}
    )
    source, target = tmp_path / f"cases.{kind}", tmp_path / f"answers.{kind}"
    empty.to_csv(source, index=False) if kind == "csv" else empty.to_parquet(source)
    found = read(sweep(source, output=target))
    assert len(found) == 0
    assert list(found.columns) == ["gpu", "utilization", *ANSWERS, *STAMPS]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.csv", None, "no such file or folder"),
        ("cases.txt", b"gpu\nL4\n", "is no .csv or .parquet file"),
        ("cases.csv", b"", "is empty"),
        ("cases.csv", b"utilisation\n1\n", "line 1: utilisation is not an input; did you mean"),
        ("cases.csv", b"gpu,gpu\nL4,L4\n", "gpu is given twice"),
        ("cases.csv", b"gpu,months\nL4,3\n", "months is a column of the answers"),
        ("cases.csv", b'gpu\nL4\n"L4', "line 3: unexpected end of data"),
        ("cases.csv", b"gpu\nL4\n" + b"x" * 200_000, "line 3: a cell is far too long"),
        ("cases.csv", b'gpu\nL4\n"a"b\n', "line 3: "),
        ("cases.parquet", b"PAR1", "cases.parquet: "),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    source, target = tmp_path / name, tmp_path / "answers.csv"
    target.write_text("the old answers\n")
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(says)) as caught:
        sweep(source, output=target)
    assert str(tmp_path) in str(caught.value)
    assert target.read_text() == "the old answers\n"


def test_parquet_with_columns_that_are_no_inputs(tmp_path: Path) -> None:
    pq.write_table(pa.table({"gpu": ["L4"], "team": ["a"]}), tmp_path / "cases.parquet")
    with pytest.raises(InputError, match="team is not an input"):
        sweep(tmp_path / "cases.parquet", output=tmp_path / "answers.parquet")
    found = sweep(tmp_path / "cases.parquet", carry=["team"])
    assert found["team"].tolist() == ["a"]


def test_places_that_are_none(cases: pd.DataFrame, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    source = folder / "cases.csv"
    cases.to_csv(source, index=False)
    for place in (source, folder):
        with pytest.raises(InputError, match="is where the source is"):
            sweep(source, output=place)
    with pytest.raises(DataError, match="there is no folder"):
        sweep(source, output=tmp_path / "none" / "answers.csv")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    for resume in (True, False):
        with pytest.raises(DataError, match=r"holds letter.txt, which is of no sweep"):
            sweep(source, output=tmp_path / "full", resume=resume)
    spark = tmp_path / "spark"
    spark.mkdir()
    (spark / "part-00000.parquet").write_text("precious")
    for resume in (True, False):
        with pytest.raises(DataError, match=r"holds part-00000.parquet, which is of no sweep"):
            sweep(source, output=spark, resume=resume)
    assert (spark / "part-00000.parquet").read_text() == "precious"
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="file"):
        sweep(source, output=tmp_path / "file")


def test_what_parquet_cannot_hold(tmp_path: Path) -> None:
    mixed = pd.DataFrame({"gpu": ["L4", "L4"], "note": pd.Series([1, "x"], dtype=object)})
    with pytest.raises(DataError, match="cannot be written as Parquet"):
        sweep(mixed, output=tmp_path / "answers")
    assert not list(tmp_path.iterdir())
    sweep(mixed, output=tmp_path / "answers.csv")
    assert pd.read_csv(tmp_path / "answers.csv")["note"].tolist() == ["1", "x"]


def test_a_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "answers.csv"
    target.write_text("old")
    target.chmod(0o640)
    sweep({"utilization": [0.5]}, output=target)
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.read_text().startswith("utilization,")


def test_without_pyarrow_there_is_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    grid = {"utilization": [0.5, 0.6]}
    for name in ("answers", "answers.parquet"):
        with pytest.raises(TcoError, match=re.escape(to_install("scale"))):
            sweep(grid, output=tmp_path / name)
    (tmp_path / "cases.parquet").write_bytes(b"PAR1")
    with pytest.raises(TcoError, match=re.escape(to_install("scale"))):
        sweep(tmp_path / "cases.parquet")
    assert len(read(sweep(grid, output=tmp_path / "answers.csv"))) == 2


# What `ru_maxrss` says of the process itself begins with what started it: VmHWM does not.
MEMORY = r"""
import re, resource, sys
from tco.analysis.sweep import sweep
sweep(sys.argv[1], output=sys.argv[2], workers=int(sys.argv[3]))
own = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
workers = int(sys.argv[3]) * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print((own + (workers if workers and int(sys.argv[3]) > 1 else 0)) // 1024)
"""


def peak_megabytes(source: Path, target: Path, workers: int = 1) -> int:
    command = [sys.executable, "-c", MEMORY, str(source), str(target), str(workers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, kind: str) -> None:
    peaks = []
    for rows in (100_000, 300_000):
        source, target = tmp_path / f"cases-{rows}.{kind}", tmp_path / f"answers-{rows}.{kind}"
        use = np.round(np.random.default_rng(0).uniform(0, 1, rows), 3)
        frame = pd.DataFrame({"utilization": use, "pue": 1.5})
        frame.to_csv(source, index=False) if kind == "csv" else frame.to_parquet(source)
        peaks.append(peak_megabytes(source, target))
        if kind == "csv":
            with target.open("rb") as stream:
                assert sum(1 for _ in stream) == rows + 1
        else:
            assert pq.ParquetFile(target).metadata.num_rows == rows
        os.unlink(source)
    assert peaks[1] < 700
    assert peaks[1] < peaks[0] * 1.25


def test_a_manifest_says_what_there_is(tmp_path: Path) -> None:
    sweep(
        {"gpu": ["L4", "L5"][:1], "utilization": (0, 1, 9)},
        output=tmp_path / "answers",
        chunk_rows=4,
    )
    manifest = json.loads((tmp_path / "answers" / "_sweep.json").read_text())
    assert manifest["complete"] is True
    assert [part[:2] for part in manifest["parts"].values()] == [[4, 0], [4, 0], [1, 0]]
    assert manifest["plan"]["columns"] == ["gpu", "utilization"]
    assert {path.name for path in (tmp_path / "answers").iterdir()} == {
        *("_sweep.json", "part-000000.parquet", "part-000001.parquet", "part-000002.parquet")
    }


def test_a_part_of_a_parquet_file_goes_to_a_worker_without_the_rows_of_the_others(
    tmp_path: Path,
) -> None:
    """Arrow by itself pickles a slice of a row group with all of the group."""
    path = tmp_path / "cases.parquet"
    pd.DataFrame({"utilization": np.linspace(0, 1, 100_000)}).to_parquet(path)
    parts = list(source_of(path, (), None).chunks(1_000))
    sent = pickle.dumps(parts[7])
    assert len(parts) == 100
    assert len(sent) < 10_000
    pd.testing.assert_frame_equal(pickle.loads(sent).frame(), parts[7].frame())
