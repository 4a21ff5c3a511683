"""A sweep that is interrupted goes on where it ended: no row twice, none lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import psutil
import pytest

import tco.analysis.sweep as swept
from tco.analysis.sweep import answer_frame, parts, sweep
from tco.analysis.sweep.grid import grid_of
from tco.analysis.sweep.parts import MANIFEST, alone, save_manifest, write_part
from tco.errors import DataError, InputError, TcoError

ROOT = Path(__file__).resolve().parents[2]
GRID = {"gpu": ["L4", "T4"], "utilization": (0, 1, 501), "pue": (1, 2, 6)}
ROWS, PARTS, CHUNK = 6_012, 25, 250
CHILD = """
import json, sys
from tco.analysis.sweep import sweep
source = json.loads(sys.argv[1])
if isinstance(source, dict):
    source = {name: tuple(v) if len(v) == 3 else v for name, v in source.items()}
print("ready", flush=True)
sweep(source, output=sys.argv[2], chunk_rows=250, workers=int(sys.argv[3]))
"""


def child(source: Any, target: Path, processes: int, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, json.dumps(source), str(target), str(processes)]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)
    assert started.stdout
    assert started.stdout.readline() == "ready\n"
    return started


def kill(process: subprocess.Popen[str]) -> None:
    with process:
        process.send_signal(signal.SIGKILL)


def folder_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.parts") if target.suffix else target


def parts_done(target: Path) -> dict[str, list[int]]:
    """The parts in the manifest, each of which must be there as it says."""
    folder = folder_of(target)
    try:
        found: dict[str, list[int]] = json.loads((folder / MANIFEST).read_text())["parts"]
        for number, (_, _, size) in found.items():
            part = next(folder.glob(f"part-{int(number):06d}.*"))
            assert part.stat().st_size == size
    except (FileNotFoundError, StopIteration):
        assert target.exists(), "joined and removed in the meantime, or nothing begun"
        return {}
    return found


def wait_for_parts(target: Path, process: subprocess.Popen[str], wanted: int) -> None:
    while process.poll() is None:
        manifest = folder_of(target) / MANIFEST
        if manifest.exists() and len(json.loads(manifest.read_text())["parts"]) >= wanted:
            return
        time.sleep(0.01)


def read(target: Path) -> pd.DataFrame:
    if target.suffix == ".csv":
        return pd.read_csv(target, keep_default_na=False, na_values=[""])
    return pd.read_parquet(target)


@cache
def all_answers() -> pd.DataFrame:
    return answer_frame(grid_of(GRID).frame())


def check(target: Path) -> None:
    """Every row once, in order, with its answer."""
    found, expected = read(target), all_answers()
    assert len(found) == ROWS
    for name in ("gpu", "utilization", "pue", "own_npv_usd", "npv_saving_usd", "verdict"):
        assert found[name].astype(object).tolist() == expected[name].astype(object).tolist(), name


@pytest.mark.parametrize(
    ("name", "processes"), [("answers", 2), ("answers.csv", 1), ("answers.parquet", 2)]
)
def test_killed_at_random_moments(tmp_path: Path, name: str, processes: int) -> None:
    target, moments = tmp_path / name, random.Random(f"{name}{processes}")
    source: Any = {key: list(value) for key, value in GRID.items()}
    known: dict[str, list[int]] = {}
    for _ in range(3):
        process = child(source, target, processes)
        wait_for_parts(target, process, len(known) + moments.randint(1, 5))
        time.sleep(moments.uniform(0, 0.05))
        kill(process)
        if target.suffix and target.exists():
            break
        done = parts_done(target)
        assert known.items() <= done.items()
        known = done
    assert 3 <= len(known) <= PARTS
    written = {at: path.stat().st_mtime_ns for at, path in listed(target).items()}
    if name == "answers":
        sweep(GRID, output=target, chunk_rows=CHUNK, workers=1)
        kept = {at: path.stat().st_mtime_ns for at, path in listed(target).items()}
        assert all(kept[at] == written[at] for at in map(int, known))
        assert not [path for path in target.iterdir() if path.name.startswith(".")]
    sweep(GRID, output=target, chunk_rows=CHUNK, workers=1)
    check(target)
    if target.suffix:
        assert [path.name for path in tmp_path.iterdir()] == [name]


def listed(target: Path) -> dict[int, Path]:
    return {int(path.stem[5:]): path for path in folder_of(target).glob("part-*")}


def test_a_csv_file_is_read_on_from_where_it_ended(tmp_path: Path) -> None:
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    frame = grid_of(GRID).frame().assign(note='a "b"\n c')
    frame.to_csv(source, index=False)
    process = child(str(source), target, 1)
    wait_for_parts(target, process, 5)
    kill(process)
    assert len(parts_done(target)) >= 5
    sweep(source, output=target, chunk_rows=CHUNK, workers=1)
    check(target)
    assert read(target)["note"].unique().tolist() == ['a "b"\n c']


class Stop(Exception):
    pass


def interrupted(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let a sweep stop after so many parts, between any two steps of its own."""
    seen = iter(range(10**6))

    def stopping(*asked: Any) -> Any:
        if next(seen) == after:
            raise Stop
        return write_part(*asked)

    monkeypatch.setattr(parts, "write_part", stopping)


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with four parts of a sweep."""
    target = tmp_path / "answers"
    interrupted(monkeypatch, 4)
    with pytest.raises(Stop):
        sweep(GRID, output=target, chunk_rows=CHUNK, workers=1)
    monkeypatch.undo()
    assert len(parts_done(target)) == 4
    return target


def test_a_part_that_is_not_in_the_manifest_does_not_count(begun: Path) -> None:
    (begun / "part-000004.parquet").write_text("half of it")
    (begun / f".part-000005-{uuid4().hex}").write_text("less")
    (begun / f".{MANIFEST}-{uuid4().hex}").write_text("{")
    sweep(GRID, output=begun, chunk_rows=CHUNK, workers=1)
    check(begun)
    assert not list(begun.glob(".*"))


def test_a_part_that_was_removed_or_cut_is_made_again(begun: Path) -> None:
    (begun / "part-000001.parquet").unlink()
    (begun / "part-000002.parquet").write_text("cut")
    sweep(GRID, output=begun, chunk_rows=CHUNK, workers=2)
    check(begun)


def test_a_complete_sweep_is_not_done_again(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(GRID, output=begun, chunk_rows=CHUNK, workers=1)
    interrupted(monkeypatch, 0)
    sweep(GRID, output=begun, chunk_rows=CHUNK, workers=1)
    check(begun)
    (begun / "part-000003.parquet").unlink()
    with pytest.raises(Stop):
        sweep(GRID, output=begun, chunk_rows=CHUNK, workers=1)


@pytest.mark.parametrize(
    ("changed", "options", "says"),
    [
        ({"pue": (1, 2, 7)}, {}, "another source:"),
        ({"gpus": 2}, {}, "another source, columns:"),
        ({}, {"chunk_rows": 249}, "another chunk_rows:"),
        (
            {},
            {"prices": pd.DataFrame({"gpu": ["L4"], "price_basis": ["street"], "usd": [2_000.0]})},
            "another prices",
        ),
    ],
)
def test_what_has_changed_is_refused(
    begun: Path, changed: dict[str, Any], options: dict[str, Any], says: str
) -> None:
    before = {path: path.read_bytes() for path in begun.iterdir()}
    asked: dict[str, Any] = {"chunk_rows": CHUNK, "workers": 1, **options}
    if "prices" in asked:
        asked["prices"] = asked["prices"].assign(as_of="2026-11-20")
    with pytest.raises(InputError, match=says):
        sweep({**GRID, **changed}, output=begun, **asked)
    assert {path: path.read_bytes() for path in begun.iterdir()} == before
    sweep({**GRID, **changed}, output=begun, resume=False, **asked)
    expected = grid_of({**GRID, **changed}).frame()
    assert read(begun)[list(expected)].astype(object).values.tolist() == expected.values.tolist()


def test_parts_that_were_cut_otherwise_are_refused(begun: Path) -> None:
    """By an earlier version, for instance: their numbers stand for other rows."""
    told = json.loads((begun / MANIFEST).read_text())
    del told["plan"]["cut"]
    (begun / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(InputError, match="another cut:"):
        sweep(GRID, output=begun, chunk_rows=CHUNK, workers=1)


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    frame = pd.DataFrame({"utilization": [0.1, 0.2, 0.3]})
    frame.to_csv(source, index=False)
    interrupted(monkeypatch, 1)
    with pytest.raises(Stop):
        sweep(source, output=target, chunk_rows=1, workers=1)
    monkeypatch.undo()
    os.utime(source, ns=(0, 0))
    with pytest.raises(InputError, match="another source"):
        sweep(source, output=target, chunk_rows=1, workers=1)
    sweep(source, output=target, chunk_rows=1, workers=1, resume=False)
    assert len(read(target)) == 3
    frames = pd.DataFrame({"utilization": [0.1, 0.2], "note": ["x", None]})
    interrupted(monkeypatch, 1)
    with pytest.raises(Stop):
        sweep(frames, output=tmp_path / "more", chunk_rows=1, workers=1)
    monkeypatch.undo()
    for other in (frames.assign(note=["x", "y"]), frames.assign(utilization=[0.1, 0.3])):
        with pytest.raises(InputError, match="another source"):
            sweep(other, output=tmp_path / "more", chunk_rows=1, workers=1)
    sweep(frames.copy(), output=tmp_path / "more", chunk_rows=1, workers=1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"plan": 1}', "\x00"])
def test_a_manifest_that_is_none(begun: Path, text: str) -> None:
    (begun / MANIFEST).write_text(text)
    with pytest.raises(DataError, match="is no manifest of a sweep"):
        sweep(GRID, output=begun, chunk_rows=CHUNK, workers=1)
    sweep(GRID, output=begun, chunk_rows=CHUNK, workers=1, resume=False)
    check(begun)


def test_two_sweeps_do_not_work_in_one_place(tmp_path: Path) -> None:
    target = tmp_path / "answers"
    with alone(target), pytest.raises(DataError, match="another sweep is at work there"):
        sweep(GRID, output=target)
    sweep(GRID, output=target, workers=1)
    check(target)


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    """Processes of `multiprocessing` would run the caller's script once more, and start others."""
    target, script = tmp_path / "answers", tmp_path / "script.py"
    script.write_text(
        "import tco\n"
        "print('ran')\n"
        f"tco.sweep({GRID!r}, output={str(target)!r}, chunk_rows={CHUNK}, workers=2)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("ran\n", "")
    check(target)


def worker_processes() -> list[psutil.Process]:
    """The worker processes of this one."""
    children = psutil.Process().children()
    return [child for child in children if "popen_loky" in " ".join(child.cmdline())]


@pytest.mark.parametrize("name", ["answers", "answers.csv"])
def test_the_parts_of_a_worker_that_is_killed_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    victims = list[psutil.Process]()

    def killing(folder: Path, manifest: dict[str, Any]) -> None:
        save_manifest(folder, manifest)
        if len(manifest["parts"]) in (3, 9):
            victims.append(worker_processes()[0])
            victims[-1].kill()

    monkeypatch.setattr(parts, "save_manifest", killing)
    sweep(GRID, output=tmp_path / name, chunk_rows=CHUNK, workers=2)
    assert len(victims) == 2
    assert not worker_processes()
    assert not list(tmp_path.rglob(".*"))
    check(tmp_path / name)


def test_so_they_do_for_a_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = tmp_path / "began"
    place = "tco.analysis.sweep._frame_of_part"
    monkeypatch.setattr(place, partial(killed_once, began, swept._frame_of_part))
    found = sweep(GRID, chunk_rows=CHUNK, workers=2)
    assert began.exists()
    pd.testing.assert_frame_equal(found, all_answers(), check_exact=True)


def killed_once(began: Path, work: Any, *asked: Any) -> Any:
    """What a worker does that is killed at its first part, and not any more when it is there."""
    try:
        began.touch(exist_ok=False)
    except FileExistsError:
        return work(*asked)
    return os.kill(os.getpid(), signal.SIGKILL)


def killed(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_are_always_killed_are_an_error_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "answers.parquet"
    monkeypatch.setattr(parts, "write_part", killed)
    with pytest.raises(TcoError, match="run the sweep again to continue it"):
        sweep(GRID, output=target, chunk_rows=CHUNK, workers=2)
    assert not worker_processes()
    assert parts_done(target) == {}
    monkeypatch.undo()
    sweep(GRID, output=target, chunk_rows=CHUNK, workers=2)
    check(target)


def test_an_error_in_a_worker_is_the_callers(tmp_path: Path) -> None:
    source = tmp_path / "cases.csv"
    source.write_text("utilization\n" + "0.5\n" * 10 + "x" * 200_000 + "\n")
    with pytest.raises(DataError, match="line 12: a cell is far too long"):
        sweep(source, output=tmp_path / "answers.csv", chunk_rows=2, workers=2)


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    source: Any = {key: list(value) for key, value in GRID.items()}
    process = child(source, tmp_path / "answers", 2)
    wait_for_parts(tmp_path / "answers", process, 1)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    kill(process)
    _, outliving = psutil.wait_procs(children, timeout=20)
    assert not outliving


def test_a_full_disk_is_an_error_with_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "answers.csv"
    target.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"answers.csv.*No space left on device"):
        sweep(GRID, output=target, workers=1)
    assert target.read_text() == "old"
    monkeypatch.undo()
    sweep(GRID, output=target, workers=1)
    check(target)


def test_begun_anew_nothing_of_the_old_sweep_is_left(begun: Path) -> None:
    fewer = {**GRID, "gpu": "L4", "pue": 1.2}
    sweep(fewer, output=begun, chunk_rows=CHUNK, workers=1, resume=False)
    assert len(read(begun)) == 501
    assert len(list(begun.glob("part-*"))) == 3
    letter = begun / "letter.txt"
    letter.write_text("dear")
    with pytest.raises(DataError, match=r"holds letter.txt"):
        sweep(fewer, output=begun, chunk_rows=CHUNK, resume=False)
    letter.unlink()
    assert len(read(begun)) == 501


def test_killed_before_the_first_manifest(tmp_path: Path) -> None:
    target = tmp_path / "answers"
    target.mkdir()
    (target / f".{MANIFEST}-{uuid4().hex}").write_text("{")
    sweep(GRID, output=target, chunk_rows=CHUNK, workers=1)
    check(target)


@pytest.mark.parametrize("processes", [1, 2])
def test_interrupted_by_hand(tmp_path: Path, processes: int) -> None:
    target = tmp_path / "answers"
    told = tmp_path / "stderr"
    with told.open("w") as stderr:
        source = {key: list(value) for key, value in GRID.items()}
        process = child(source, target, processes, stderr=stderr, start_new_session=True)
        wait_for_parts(target, process, 2)
        with process:
            os.killpg(process.pid, signal.SIGINT)
    assert process.returncode != 0
    assert told.read_text().count("Traceback") == 1
    assert parts_done(target)
    sweep(GRID, output=target, chunk_rows=CHUNK, workers=1)
    check(target)
