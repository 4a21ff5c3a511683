"""The command line, as a person or a script uses it."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner, Result

import tco
from tco.cli import main
from tco.cli.scenario_commands import _NEXT
from tco.inputs import INPUTS
from tco.model.results import RESULTS
from tco.questions.tables import answer_rows
from tco.report.schema import ODDS_MEANINGS, STAMP_COLUMNS
from tco.version import SCHEMA_VERSION
from tco.words import headline
from tests.processes import started

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tco", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_breakeven_prints_the_answer() -> None:
    result = run(
        "breakeven", "--gpu", "L4", "--rate-usd-per-gpu-hour", "0.70", "--utilization", "0.6"
    )
    answer = tco.breakeven(gpu="L4", rate_usd_per_gpu_hour=0.7, utilization=0.6)
    assert result.exit_code == 0
    assert result.stdout == f"{answer.told.text(100, _NEXT)}\n"
    sentence, rest = result.stdout.split("\n\n")
    assert sentence.startswith("Buy: at 60 % utilization, buying wins if renting costs more than")
    assert len(rest.splitlines()) < 15
    assert "tco flips" in rest


def test_wide_lists_every_result() -> None:
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    text = run("breakeven", "--gpu", "L4", "--utilization", "0.6", "--wide").stdout
    assert text.startswith(str(answer.reason))
    assert [name for name in RESULTS if f"  {name}\n" not in text] == []


def test_json_has_versions_inputs_and_results() -> None:
    document = json.loads(run("breakeven", "--gpu", "L4", "--utilization", "0.6", "--json").stdout)
    assert document["schema_version"] == SCHEMA_VERSION
    assert document["scenario"] == {"gpu": "L4", "utilization": 0.6}
    assert [entry["name"] for entry in document["inputs"]] == list(INPUTS)
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    assert document["results"]["npv_saving_usd"] == answer.npv_saving_usd
    assert document["results"]["reason"] == answer.reason
    never = run("breakeven", "--price-usd-per-gpu", "1000000", "--json")
    assert json.loads(never.stdout)["results"]["months"] is None


L4 = ("--gpu", "L4", "--utilization", "0.7")


def test_odds_stand_beside_the_word_on_request() -> None:
    odds = tco.simulate(gpu="L4", utilization=0.7)
    plain, sure = run("breakeven", *L4).stdout, run("breakeven", *L4, "--odds").stdout
    assert plain.endswith(_NEXT + "\n")
    assert sure.endswith(_NEXT + "\n")
    body = plain.removesuffix(_NEXT + "\n")
    assert sure.startswith(body)
    told = " ".join(sure.removeprefix(body).split())
    share = f"{odds.chance_buy:.0%}".replace("%", " %")
    assert told.startswith(f"Buying is cheaper in {share} of simulated futures ({odds.confidence}")
    assert told.count("simulated futures") == 1
    assert f"Check {INPUTS[str(odds.check_first)].asked} first" in told
    wide = run("breakeven", *L4, "--odds", "--wide").stdout
    assert f" {odds.chance_buy:.4f}  share " in wide
    results = json.loads(run("breakeven", *L4, "--json").stdout)["results"]
    assert (results["verdict"], results["chance_buy"], results["confidence"]) == ("buy", None, None)
    found = json.loads(run("breakeven", *L4, "--json", "--odds").stdout)["results"]
    assert found == results | {name: getattr(odds, name) for name in ODDS_MEANINGS}
    report = json.loads(run("report", *L4, "--json").stdout)["results"]
    drawn = {name: report.pop(name) for name in ("energy_kwh", "energy_kwh_per_month")}
    assert drawn["energy_kwh"] == pytest.approx(36 * drawn["energy_kwh_per_month"])
    assert report == found


def test_the_odds_begin_with_the_word() -> None:
    odds, answer = (ask(gpu="L4", utilization=0.7) for ask in (tco.simulate, tco.breakeven))
    first, *more = run("simulate", *L4).stdout.splitlines()
    assert first == headline(str(answer.verdict), odds.confidence)
    assert odds.median_future in more
    found = json.loads(run("simulate", *L4, "--format", "json").stdout)
    assert (found["verdict"], found["confidence"]) == (answer.verdict, odds.confidence)
    assert found["median_future"] == odds.median_future
    idle = json.loads(run("simulate", "--utilization", "0", "--format", "json").stdout)
    assert idle["confidence"] is None


def test_a_toss_up_has_no_confidence() -> None:
    even = next(
        share / 100
        for share in range(30, 70)
        if tco.breakeven(gpu="L4", utilization=share / 100).verdict == "toss_up"
    )
    asked = ("breakeven", "--gpu", "L4", "--utilization", str(even), "--odds")
    assert "confidence" not in run(*asked).stdout
    wide = run(*asked, "--wide").stdout.splitlines()
    assert next(line for line in wide if line.startswith("Confidence ")).split()[1] == "none"
    found = json.loads(run(*asked, "--json").stdout)["results"]
    assert (found["verdict"], found["confidence"]) == ("toss_up", None)
    assert 0 < found["chance_buy"] < 1


def test_without_scipy_no_odds_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: Any, **__: Any) -> None:
        raise tco.TcoError("odds need scipy: pip install 'gpu-tco[risk]'")

    monkeypatch.setattr("tco.analysis.simulation.simulate", lacking)
    monkeypatch.setattr("tco.analysis.simulation.simulated", lacking)
    asked = run("breakeven", *L4, "--odds")
    assert (asked.exit_code, asked.stdout) == (2, "")
    assert asked.stderr == "tco: odds need scipy: pip install 'gpu-tco[risk]'\n"
    report = run("report", *L4, "--json")
    assert json.loads(report.stdout)["results"]["chance_buy"] is None
    assert report.stderr.startswith("tco: No odds and no confidence here: odds need scipy")


def test_a_scenario_file_with_options_on_top(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(tco.Scenario(gpu="T4", utilization=0.2).to_json())
    expected = tco.breakeven(gpu="T4", utilization=0.9)
    result = run("breakeven", "--scenario", str(path), "--utilization", "0.9")
    assert result.stdout == f"{expected.told.text(100, _NEXT)}\n"
    piped = run("breakeven", "--scenario", "-", "--utilization", "0.9", stdin=path.read_text())
    assert piped.stdout == result.stdout


def test_all_problems_on_standard_error_and_exit_code_2() -> None:
    result = run("breakeven", "--gpu", "L5", "--utilization", "60", "--pue", "1,500")
    assert result.exit_code == 2
    assert result.stdout == ""
    for words in ("did you mean L4", "did you mean 0.6?", "pue = '1,500' could mean"):
        assert words in result.stderr
    assert run("breakeven", "--watts", "72").exit_code == 2
    assert run("rates", "--gpu", "L5").exit_code == 2


def test_a_wrong_file_has_exit_code_3(tmp_path: Path) -> None:
    for arguments in (
        ("breakeven", "--scenario", str(tmp_path / "none.json")),
        ("breakeven", "--scenario", str(tmp_path)),
        ("breakeven", "--csv", str(tmp_path / "none.csv")),
        ("ledger", "-o", str(tmp_path / "no" / "ledger.csv")),
    ):
        result = run(*arguments)
        assert result.exit_code == 3, arguments
        assert str(tmp_path) in result.stderr


def test_ledger_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    assert run("ledger", "--gpu", "L4", "-o", str(path)).exit_code == 0
    found = rows(path.read_text())
    ledger = tco.ledger(gpu="L4")
    assert list(found[0]) == [*ledger.columns, *STAMP_COLUMNS]
    assert found[0]["data_date"] == tco.breakeven().as_of
    assert len(found) == len(ledger)
    total = sum(float(row["present_value_usd"]) for row in found if row["option"] == "own")
    assert total == pytest.approx(tco.breakeven(gpu="L4").own_npv_usd)
    only = json.loads(run("ledger", "--option", "rent", "--json").stdout)["ledger"]
    assert {row["option"] for row in only} == {"rent"}


def test_report_and_its_ledger(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    assert run("report", "--gpu", "L4", "-o", str(path)).exit_code == 0
    report = rows(path.read_text())
    values = {row["name"]: row["value"] for row in report}
    saving = tco.breakeven(gpu="L4").npv_saving_usd
    assert float(values["npv_saving_usd"]) == pytest.approx(saving, rel=1e-14)
    assert (tmp_path / "report-ledger.csv").exists()
    other = tmp_path / "other.csv"
    assert run("report", "-o", str(path), "--ledger", str(other)).exit_code == 0
    assert other.exists()
    assert "inputs" in json.loads(run("report", "--json").stdout)


def test_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "bericht.csv"
    result = run("report", "--gpu", "L4", "-o", str(path), "--sep", ";", "--decimal", ",")
    assert result.exit_code == 0
    # The mark says that the text is UTF-8, and € is one letter; others read a file without it.
    assert path.read_bytes().startswith("\ufeffsection;".encode())
    assert run("report", "--sep", ";", "--decimal", ",").stdout.startswith("section;")
    assert (tmp_path / "bericht-ledger.csv").read_bytes().startswith("\ufeffoption;".encode())
    report = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    value = next(row["value"] for row in report if row["name"] == "pue")
    assert value == "1,54"
    clash = run("report", "--decimal", ",")
    assert (clash.exit_code, "choose another sep" in clash.stderr) == (2, True)


@pytest.mark.parametrize("command", ["inputs", "gpus", "rates"])
def test_lists(command: str) -> None:
    text = run(command)
    assert text.exit_code == 0
    document = json.loads(run(command, "--json").stdout)
    assert document["schema_version"] == SCHEMA_VERSION
    assert len(document[command]) == len(text.stdout.splitlines()) - 1
    if command == "inputs":
        assert [entry["name"] for entry in document["inputs"]] == list(INPUTS)
        assert {"unit", "domain", "default", "source"} <= set(document["inputs"][0])


def test_rates_of_one_gpu() -> None:
    found = json.loads(run("rates", "--gpu", "L4", "--json").stdout)["rates"]
    assert {rate["gpu"] for rate in found} == {"L4"}
    assert all(rate["source"] and rate["as_of"] for rate in found)


def test_version_and_help() -> None:
    assert tco.__version__ in run("--version").stdout
    help_text = run("breakeven", "--help-all").stdout
    for name in INPUTS:
        assert f"--{name.replace('_', '-')} " in help_text


TABLE = """id,gpu,utilization,whole_servers,pue
a,L4,0.6,TRUE,
b,T4,60,,1.2
c,L4,x,,
d,,,,
e,L4
f,B400,0.5,,
g,L4,0.6,maybe,
h,L4,0.6,,1.2
"=cmd()",L4,0.6,,
i,@SUM(A1),-0.6,,
"""


def test_a_table_answers_every_row_and_names_the_wrong_ones(tmp_path: Path) -> None:
    source, target = tmp_path / "scenarios.csv", tmp_path / "answers.csv"
    source.write_text(TABLE)
    result = run("breakeven", "--csv", str(source), "-o", str(target))
    assert result.exit_code == 1
    assert "10 rows, 6 with an error" in result.stderr
    found = rows(target.read_text())
    assert list(found[0]) == [
        "id",
        "gpu",
        "utilization",
        "whole_servers",
        "pue",
        *RESULTS,
        "chance_buy",
        "confidence",
        "error",
        "notes",
        *STAMP_COLUMNS,
    ]
    errors = [row["error"] for row in found]
    assert [bool(error) for error in errors] == [
        False,
        *[True] * 2,
        False,
        *[True] * 3,
        False,
        False,
        True,
    ]
    assert "did you mean 0.6?" in errors[1]
    assert "2 cells instead of 5" in errors[4]
    assert "for a verdict rate_usd_per_gpu_hour" in errors[5]
    assert "whole_servers = 'maybe' is not true or false" in errors[6]
    expected = tco.breakeven(gpu="L4", utilization=0.6, whole_servers=True)
    assert float(found[0]["npv_saving_usd"]) == pytest.approx(expected.npv_saving_usd, rel=1e-12)
    assert float(found[3]["npv_saving_usd"]) == pytest.approx(tco.breakeven().npv_saving_usd)
    assert found[8]["id"] == "'=cmd()"
    assert found[9]["gpu"] == "'@SUM(A1)"
    assert found[9]["utilization"] == "-0.6"


def test_a_table_has_odds_on_request(tmp_path: Path) -> None:
    source = tmp_path / "scenarios.csv"
    source.write_text("gpu,utilization\nL4,0.7\nL4,0.1\nL4,7\n")
    plain = rows(run("breakeven", "--csv", str(source)).stdout)
    assert {(row["chance_buy"], row["confidence"]) for row in plain} == {("", "")}
    *known, wrong = rows(run("breakeven", "--csv", str(source), "--odds").stdout)
    for row in known:
        odds = tco.simulate(gpu="L4", utilization=float(row["utilization"]))
        assert (float(row["chance_buy"]), row["confidence"]) == (odds.chance_buy, odds.confidence)
    assert (wrong["chance_buy"], wrong["confidence"]) == ("", "")


def test_a_table_from_standard_input_to_standard_output() -> None:
    result = process("breakeven", "--csv", "-", input="utilization\n0.2\n0.8\n")
    assert result.returncode == 0
    assert len(rows(result.stdout)) == 2
    assert "2 rows, 0 with an error" in result.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"utilisation\n0.6\n", "did you mean utilization?"),
        (b"pue,pue\n1,1\n", "pue is given twice"),
        (b"pue,\n1,1\n", "(no name) is not an input"),
        (b"id,name\na,b\n", "no column is an input"),
        (b"gpu;pue\nL4;1.5\n", "did you mean --sep ';'?"),
        (b'pue\n"1.5', "unexpected end of data"),
        ("pue\n1.5\n".encode("utf-16-le"), "is not UTF-8 text"),
        (b"," * 200_000 + b"\n", "200,001 columns exceed the limit of 1,024"),
        (b"x" * 2**21, "a row of more than a million characters"),
        (b"PK\x03\x04" + b"\0" * 40, "save its sheet as CSV UTF-8"),
        (b"p\xfce\n1.5\n", "is not UTF-8 text"),
    ],
)
def test_a_table_that_cannot_be_read(tmp_path: Path, content: bytes, says: str) -> None:
    source, target = tmp_path / "scenarios.csv", tmp_path / "answers.csv"
    source.write_bytes(content)
    target.write_text("the old answers\n")
    result = run("breakeven", "--csv", str(source), "-o", str(target))
    assert result.exit_code == 3
    assert says in result.stderr
    assert target.read_text() == "the old answers\n"
    assert {path.name for path in tmp_path.iterdir()} == {"scenarios.csv", "answers.csv"}


@pytest.mark.parametrize("content", ["\ufeffpue\n1.5\n", "pue\r\n1.5\r\n", " pue \n 1.5 \n"])
def test_what_spreadsheets_write_is_read(tmp_path: Path, content: str) -> None:
    source, target = tmp_path / "scenarios.csv", tmp_path / "answers.csv"
    source.write_bytes(content.encode())
    assert run("breakeven", "--csv", str(source), "-o", str(target)).exit_code == 0
    found = rows(target.read_text())
    assert float(found[0]["npv_saving_usd"]) == tco.breakeven(pue=1.5).npv_saving_usd


def test_a_table_with_decimal_commas(tmp_path: Path) -> None:
    source, target = tmp_path / "scenarios.csv", tmp_path / "answers.csv"
    source.write_text("utilization;pue\n0,6;1,5\n0.6;1.500\n")
    arguments = ("--csv", str(source), "-o", str(target), "--sep", ";", "--decimal", ",")
    assert run("breakeven", *arguments).exit_code == 1
    found = list(csv.DictReader(io.StringIO(target.read_text()), delimiter=";"))
    expected = tco.breakeven(utilization=0.6, pue=1.5).npv_saving_usd
    assert float(found[0]["npv_saving_usd"].replace(",", ".")) == pytest.approx(expected)
    assert "could mean 1,5 or 1500" in found[1]["error"]


def test_a_row_that_is_not_utf8_is_one_wrong_row(tmp_path: Path) -> None:
    source, target = tmp_path / "scenarios.csv", tmp_path / "answers.csv"
    source.write_bytes(b"gpu\nL4\n\xff\nT4\n")
    assert run("breakeven", "--csv", str(source), "-o", str(target)).exit_code == 1
    assert [bool(row["error"]) for row in rows(target.read_text(encoding="utf-8"))] == [
        False,
        True,
        False,
    ]


def test_a_table_takes_no_other_inputs(tmp_path: Path) -> None:
    source = tmp_path / "scenarios.csv"
    source.write_text("pue\n1.5\n")
    for more in (("--pue", "1.2"), ("--json",)):
        assert run("breakeven", "--csv", str(source), *more).exit_code == 2


@pytest.mark.parametrize("chunk", [1, 3, 1_000])
def test_chunks_do_not_matter(tmp_path: Path, chunk: int) -> None:
    source = tmp_path / "scenarios.csv"
    source.write_text(TABLE)
    target, whole = io.StringIO(), io.StringIO()
    assert answer_rows(str(source), target, chunk=chunk) == answer_rows(str(source), whole)
    small, large = rows(target.getvalue()), rows(whole.getvalue())
    for one, other in zip(small, large, strict=True):
        assert one["error"] == other["error"]
        assert one["verdict"] == other["verdict"]


def test_a_file_is_replaced_only_when_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("old")
    path.chmod(0o640)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("ledger", "-o", str(path))
    assert (result.exit_code, "No space left" in result.stderr) == (3, True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    assert run("ledger", "-o", str(path)).exit_code == 0
    assert path.read_text() != "old"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_devices_and_closed_pipes() -> None:
    assert run("ledger", "-o", os.devnull).exit_code == 0
    assert not Path(os.devnull).is_file()
    shell = f"{sys.executable} -m tco rates | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("GPU ")


FULL, NOWHERE = Path("/dev/full"), Path("/dev/null")


@pytest.mark.skipif(not NOWHERE.is_char_device(), reason="this system has no /dev/null")
@pytest.mark.parametrize("asked", ["report", "accounting --format csv"])
def test_beside_a_device_there_is_no_further_file(asked: str, tmp_path: Path) -> None:
    device = tmp_path / "out.csv"
    device.symlink_to(NOWHERE)
    assert run(*asked.split(), *L4, "-o", str(device)).exit_code == 0
    assert [*tmp_path.iterdir()] == [device]
    assert device.is_char_device()


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", ["breakeven", "gpus", "--help", "breakeven --csv -"])
def test_output_that_cannot_be_written_is_no_traceback(arguments: str) -> None:
    shell = f"echo utilization | {sys.executable} -m tco {arguments} > /dev/full"
    done = subprocess.run(
        ["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("redirected", "code"),
    [
        ("breakeven >&-", 3),
        ("breakeven --csv - <&-", 3),
        ("breakeven --scenario - <&-", 3),
        ("gpus 2>&-", 0),
    ],
)
def test_closed_streams_are_no_traceback(redirected: str, code: int) -> None:
    shell = f"{sys.executable} -m tco {redirected}"
    done = subprocess.run(
        ["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_output_is_utf8_whatever_the_terminal_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tco", "breakeven", "--csv", "-"],
        cwd=ROOT,
        input="note,pue\n日本,1.5\n".encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    assert done.returncode == 0
    assert rows(done.stdout.decode())[0]["note"] == "日本"
    assert b"\r" not in done.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    target = tmp_path / "answers.csv"
    command = [sys.executable, "-m", "tco", "breakeven", "--csv", "-", "-o", str(target)]
    streams = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(command, cwd=ROOT, **streams) as running:
        assert running.stdin is not None
        running.stdin.write(b"pue\n1.5\n" * 3)
        running.stdin.flush()
        watched, used = psutil.Process(running.pid), None
        while not any(tmp_path.iterdir()) or used != watched.cpu_times():  # until it waits for more
            assert running.poll() is None
            used = watched.cpu_times()
            time.sleep(0.5)
        running.send_signal(number)
        _, messages = running.communicate()
    assert running.returncode == code
    assert b"Traceback" not in messages
    assert list(tmp_path.iterdir()) == []


def test_a_report_does_not_overwrite_itself(tmp_path: Path) -> None:
    path = str(tmp_path / "report.csv")
    result = run("report", "-o", path, "--ledger", path)
    assert (result.exit_code, "is the report itself" in result.stderr) == (2, True)
    both = (str(tmp_path / "a.json"), str(tmp_path / "a.csv"))
    assert run("report", "--json", "-o", both[0], "--ledger", both[1]).exit_code == 0
    assert all(Path(name).stat().st_size for name in both)


@pytest.mark.parametrize("sep", ["tab", "\\t", "\t"])
def test_tabs_as_separators(sep: str) -> None:
    assert run("ledger", "--sep", sep).stdout.startswith("option\titem\t")
    for command in ("breakeven", "ledger", "report"):
        assert run(command, "--sep", "x").exit_code == 2


def test_a_scenario_file_with_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(tco.Scenario(utilization=[0.1, 0.2]).to_json())
    for command in ("breakeven", "ledger", "report"):
        result = run(command, "--scenario", str(path))
        assert (result.exit_code, "use breakeven --csv" in result.stderr) == (2, True)


def test_a_file_of_200_megabytes_takes_little_memory(tmp_path: Path) -> None:
    source = tmp_path / "scenarios.csv"
    with source.open("w") as stream:
        stream.write("note,utilization\n")
        for _ in range(2_000):
            stream.write("x" * 100_000 + ",0.6\n")
    # Not getrusage: it counts what the process was before it became this one.
    script = (
        "from tco.cli import main;"
        f"main(['breakeven', '--csv', {str(source)!r}, '-o', '/dev/null'], standalone_mode=False);"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'));"
        "print(int(peak.split()[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "2,000 rows, 2,000 with an error" in done.stderr
    assert int(done.stdout) < 400


def test_a_provider_called_na_is_a_name(tmp_path: Path) -> None:
    source, target = tmp_path / "scenarios.csv", tmp_path / "answers.csv"
    source.write_text("provider\nNA\naws\n")
    assert run("breakeven", "--csv", str(source), "-o", str(target)).exit_code == 1
    found = rows(target.read_text())
    assert found[0]["provider"] == "NA"
    assert "provider = 'NA' is not in the catalog" in found[0]["error"]
    assert found[1]["verdict"]


def test_named_pipes(tmp_path: Path) -> None:
    pipe = tmp_path / "scenarios.fifo"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["bash", "-c", f"printf 'pue\\n1.5\\n' > {pipe}"])
    done = process("breakeven", "--csv", str(pipe), timeout=60)
    writer.wait(timeout=10)
    assert done.returncode == 0
    assert len(rows(done.stdout)) == 1


def test_an_empty_cell_is_the_default_of_its_own_row() -> None:
    table = (
        "id,gpu,billing,term,commitment_months,price_usd_per_gpu,gpu_w\n"
        "-3,L4,,,,,\n1,T4,,,,2000,\n2,H100-SXM,committed,,13,,\n3,L4,,3yr,,,100\n4,T4,,5yr,,,\n"
    )
    result = process("breakeven", "--csv", "-", input=table)
    assert result.returncode == 1
    found = rows(result.stdout)
    expected = [
        tco.breakeven(gpu="L4"),
        tco.breakeven(gpu="T4", price_usd_per_gpu=2000),
        tco.breakeven(gpu="H100-SXM", billing="committed", commitment_months=13),
        tco.breakeven(gpu="L4", term="3yr", gpu_w=100),
    ]
    for row, answer in zip(found, expected, strict=False):
        assert float(row["npv_saving_usd"]) == pytest.approx(answer.npv_saving_usd, rel=1e-12)
        assert float(row["rent_npv_usd"]) == pytest.approx(answer.rent_npv_usd, rel=1e-12)
    assert found[0]["id"] == "-3"
    assert "no rental offer for the T4" in found[4]["error"]


def test_no_command_imports_streamlit() -> None:
    script = "import sys; from tco.cli import main; main(['gpus'], standalone_mode=False); "
    script += "print([m for m in ('streamlit', 'plotly') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("suffix", ["html", "xlsx"])
@pytest.mark.parametrize(
    ("option", "name"),
    [(["--json"], "json"), (["--ledger", "l.csv"], "ledger"), (["--decimal", ","], "decimal")],
)
def test_a_report_of_one_file_takes_no_options_of_text(
    tmp_path: Path, suffix: str, option: list[str], name: str
) -> None:
    path = tmp_path / f"report.{suffix}"
    more = ["--sep", ";"] if name == "decimal" else []
    result = CliRunner().invoke(main, ["report", "-o", str(path), *option, *more])
    assert result.exit_code == 2
    assert (
        f"{name} cannot be combined with -o {path}: a report in .{suffix} is one file"
        in result.output
    )
    assert not path.exists()
