"""Tables of the shell: within the terminal, in whole dollars and people's words, or whole."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import tco
from tco.cli import main
from tco.cli.cells import written
from tco.cli.tables import COLUMNS, LABELS, label
from tco.inputs import INPUTS
from tco.words.currencies import Conversion, shown_in

ROOT = Path(__file__).resolve().parents[2]
CHAT = "--model Llama-3.1-8B --users 1000 --use-case chat --gpu L4"
RUN = "--model Llama-3.1-8B --tokens 1e12 --mfu 0.4 --gpu H100-SXM --gpu-count 64"
LEASE = "--financing lease --lease-usd-per-gpu-month 90"
TABLES = (
    *("breakeven", "breakeven --odds", "options", "flips", "tornado", "stress", "win-map", "rack"),
    *("simulate --draws 64", "curves", "measures", "bridge", "goal --payback-months 24"),
    f"accounting {LEASE}",
    *("accounting --horizon-months 120", f"lease-rate {LEASE}", f"options {LEASE}"),
    *("inputs", "gpus", "rates --gpu L4", "offers --gpu L4", "history --gpu L4", "models"),
    *("fit --gpu L4", "fit --model Llama-3.1-8B --gpu L4", "speed --model Llama-3.1-8B --gpu L4"),
    *(f"work {CHAT}", f"work {CHAT} --flips", f"substitutes {CHAT}", f"compare-api {CHAT}"),
    *("fleet --mean-gpus 8 --peak-gpus 20 --gpu L4", "prices check", "bill docs/bill.csv"),
    *("telemetry docs/gpu-log.csv", "from-bill --monthly-usd 2000"),
    "breakeven --currency EUR --fx-rate 0.9 --fx-as-of 2026-11-20",
    "options --currency EUR --fx-rate 0.9 --fx-as-of 2026-11-20",
)


def told(line: str, columns: int = 100) -> str:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(main, line.split())
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("line", TABLES)
def test_it_fits_the_terminal(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for columns in (80, 120):
        text = told(line, columns)
        assert text.strip()
        for row in text.splitlines():
            assert len(row) <= columns, row


def test_narrower_than_80_is_80() -> None:
    assert max(map(len, told("options", 40).splitlines())) <= 80


def test_a_table_is_in_whole_dollars_per_cent_and_words() -> None:
    head, *rows = told("options --gpu L4", 120).partition("\n\n")[2].splitlines()
    for title in ("rank", "option", "where", "present value", "a busy hour", "payback"):
        assert title in head
    frame = tco.options(gpu="L4")
    best = frame.iloc[0]
    assert f"${best['present_value_usd']:,.0f}  " in rows[0]
    assert "Buy used" in rows[0]
    assert "own site" in rows[0]
    assert re.search(r" \d+(\.\d)? % ", rows[0])
    assert not re.search(r"_|\d\.\d{4}", "\n".join([head, *rows]).partition("Not compared")[0])


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("offers --gpu A10", "Answers use $"),
        ("goal --payback-months 24 --pue 2.9", "Buying pays back by month 24 if "),
        ("bridge --pue 2.9", "Over 3 years renting costs "),
        ("measures --pue 2.9", "Buying instead of renting, 8 GPUs "),
        ("simulate --draws 64 --pue 2.9", "TOSS-UP"),
        ("options --pue 2.9", "At 50 % utilization, buying used at your own site is cheapest: $"),
        ("flips --pue 2.9", "19 of 74 inputs change the answer within their range.\n"),
        ("tornado --pue 2.9", "11 of 12 inputs can each change the answer, most of all "),
        ("stress --pue 2.9", "Base case: TOSS-UP; 9 of 9 stresses change it.\n"),
        ("win-map --points 4 --pue 2.9", "With utilization at 50 %, buying wins where "),
        ("curves --pue 2.9", "Renting costs less for the full 36 months.\n"),
        ("accounting --pue 1.5", "Over 3 years, owning costs $"),
        ("history --gpu L4 --term spot", "gcp g2-standard-4 us-central1 spot: +16 % a year (P10 "),
        ("history --gpu B200", "None of 32 series is long enough for a trend, which takes a year "),
        ("history --gpu T4 --term 5yr", "No rental price of the T4 is known for these choices.\n"),
        ("rates --gpu RTX-PRO-4500", "No rental rate of the RTX-PRO-4500 is known.\n"),
        ("rack", "A full rack holds 112 GPUs and draws 16.7 kW, limited by power; the servers "),
        (f"work {CHAT} --flips", "Llama-3.1-8B on 3 × L4, 62.8 % busy: owning costs $"),
        (f"compare-api {CHAT}", "An API is cheapest: owning costs $"),
        (f"substitutes {CHAT}", "Cheapest: RENT 2 × RTX-A5000, $"),
        (f"successor {CHAT} --refresh-gpu L40S --refresh-months 18", "Replacing "),
        (f"serverless {CHAT} --usd-per-gpu-second 2e-4", "Rented by the second, the work costs $"),
        ("other-work --kind video --at-once 1040 --gpu L4", "Video on 8 × L4, 100 % busy: owning "),
        (f"training {RUN}", "The run takes 33,800 GPU-hours: 22 days on 64 × H100-SXM. Renting "),
        ("fit --model Llama-3.1-8B --gpu L4", "Llama-3.1-8B on 1 × L4 fits: "),
        ("speed --model Llama-3.1-8B --gpu L4", "A replica of Llama-3.1-8B on 1 × L4 makes "),
    ],
)
def test_the_sentence_stands_first_and_once(line: str, sentence: str) -> None:
    text = told(line)
    assert text.startswith(sentence)
    assert text.count(sentence) == 1
    is_noted = "2.9" in line and not line.startswith("curves")
    assert not is_noted or "\nNote: Cooling (PUE): 2.9 is above " in text


@pytest.mark.parametrize("line", ["breakeven", "bridge", "options", f"lease-rate {LEASE}"])
def test_the_rate_of_another_currency_is_said_once(line: str, tmp_path: Path) -> None:
    euro = f"{line} --currency EUR --fx-rate 0.9 --fx-as-of 2026-11-20".split()
    file = tmp_path / "answer.txt"
    texts = [CliRunner().invoke(main, euro).output]
    texts.append(CliRunner().invoke(main, [*euro, "-o", str(file)]).output)
    for text in (*texts, file.read_text()):
        assert " ".join(text.split()).count("converted at 0.9 EUR per USD as of 2026-11-20") == 1


def test_flips_are_those_that_change_the_answer() -> None:
    text, found = told("flips --gpu L4"), tco.flips(gpu="L4")
    turning = found["flip"].notna()
    assert len(text.split("\n\n")[1].splitlines()) == 1 + turning.sum()
    others = f"{(~turning).sum()} other inputs cannot change the answer alone; --wide lists every "
    assert others in text
    assert len(told("flips --gpu L4 --wide").splitlines()) == 1 + len(found)


def test_what_is_left_out_of_the_options_says_why() -> None:
    text = " ".join(told("options --gpu L4").split())
    assert "Not compared: Lease: “Lease payment”" in text
    assert "Not compared" not in told(f"options --gpu L4 {LEASE}")


def test_wide_and_a_file_have_every_column_by_its_name(tmp_path: Path) -> None:
    frame = tco.options(gpu="L4")
    wide = told("options --gpu L4 --wide")
    assert wide.splitlines()[0].split() == list(frame.columns)
    path = tmp_path / "options.txt"
    told(f"options --gpu L4 -o {path}")
    assert path.read_text() == wide
    euro = told("options --wide --currency EUR --fx-rate 0.9 --fx-as-of 2026-11-20")
    assert "present_value_eur" in euro.splitlines()[0].split()
    csv = told("options --gpu L4 --format csv")
    assert csv.splitlines()[0].split(",")[: len(frame.columns)] == list(frame.columns)


def test_a_terminal_is_told_what_is_left_out() -> None:
    code = "from tco.cli import run; run()"
    leader, follower = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code, "flips", "--gpu", "L4"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=follower,
        check=True,
    )
    os.close(follower)
    said = os.read(leader, 10_000).decode()
    os.close(leader)
    assert re.search(r"tco: \d of \d\d columns shown: --wide shows all, -o FILE", said)
    assert max(map(len, done.stdout.decode().splitlines())) <= 80


def test_every_column_has_a_table_that_has_it_and_one_name() -> None:
    for table, columns in COLUMNS.items():
        heads = [label(name, table) for name in columns]
        assert table == "summary" or len(set(heads)) == len(heads), table
    assert "_" not in "".join(LABELS.values())
    frames = {
        "options": tco.options(),
        "flips": tco.flips(),
        "tornado": tco.tornado(),
        "stress": tco.stress(),
        "curves": tco.curves(),
        "models": tco.models(),
        "offers": tco.offers("L4"),
        "history": tco.history("L4"),
    }
    for name, frame in frames.items():
        assert set(COLUMNS[name]) <= set(frame.columns), name


def test_cells() -> None:
    row = {"input": "horizon_months", "unit": "months"}
    assert written("value", 36.0, row) == "3 years"
    assert written("input", "pue", row) == INPUTS["pue"].label
    assert written("change_usd", -480.2, {}) == "−$480"
    assert written("comparable", True, {}) == "yes"
    assert written("default", False, {"name": "whole_servers"}) == "no"
    assert written("first_date", date(2026, 5, 8), {}) == "2026-05-08"
    assert written("change_per_year", -0.05, {}) == "−5 %"
    assert written("payback_months", 33.6, {}) == "month 33.6"
    assert written("breakeven_price_usd", float("inf"), {}) == "none"
    series = "gcp g2-standard-4 us-east1 on_demand, cyclenerd, host not included"
    assert written("series", series, {}) == series.replace("_", " ")
    assert written("note", "utilization = 0.5 counts", {}) == "“Utilization” = 50 % counts"
    assert written("now", 7, {"input": "purchase_month"}) == "month 7"
    assert (label("months"), label("months", "successor")) == ("payback", "replacement")
    with shown_in(Conversion("EUR", 0.5, "2026-11-20")):
        assert written("title", "Electricity at 0.25 USD per kWh", {}).endswith("€0.125 per kWh")
