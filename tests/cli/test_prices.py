"""`tco prices` and `--prices`, as a person or a script uses them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tco
from tco.cli import main
from tco.market.importers import download
from tco.market.importers.download import Downloaded, ListDownload

FIXTURES = Path(__file__).parents[1] / "market" / "importers" / "fixtures"
ZONES = FIXTURES / "skypilot" / "aws_vms_zones.csv"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "prices.db"
    monkeypatch.setenv("TCO_STORE", str(path))
    monkeypatch.delenv("TCO_PRICES", raising=False)
    return path


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_an_import_reports_every_row_and_adds_nothing_the_second_time(tmp_path: Path) -> None:
    aside = tmp_path / "aside.csv"
    first = run("prices", "import", "skypilot", ZONES, "--as-of", "2026-11-20", "--aside", aside)
    read = len(ZONES.read_text().splitlines()) - 1
    assert f"{read} rows read" in first.stderr
    assert "--prices store" in first.stderr
    listed = rows(aside.read_text())
    assert listed
    assert all(row["reason"] and int(row["line"]) > 1 for row in listed)
    kept = rows(run("prices", "export").stdout)
    again = run("prices", "import", "skypilot", ZONES)
    assert "nothing added" in again.stderr
    assert rows(run("prices", "export").stdout) == kept
    assert {row["as_of"] for row in kept} == {"2026-11-20"}
    assert len(json.loads(run("prices", "imports", "--json").stdout)["imports"]) == 1
    assert run("prices", "imports", "--aside").stdout.count("\n") > 1


def test_one_unusable_file_stops_none_of_the_others(tmp_path: Path) -> None:
    broken, empty = tmp_path / "gcp_vms.csv", tmp_path / "nowhere"
    broken.write_bytes(b"\xff\xfe\x00")
    result = run("prices", "import", "skypilot", broken, empty, ZONES, code=3)
    assert "gcp_vms.csv" in result.stderr
    assert "nowhere" in result.stderr
    assert "2 files not imported, 1 imported" in result.stderr
    assert rows(run("prices", "export").stdout)


def test_the_store_is_used_only_on_request_and_then_said(store: Path) -> None:
    ask = ("breakeven", "--gpu", "L4", "--json")
    before = json.loads(run(*ask).stdout)
    run("prices", "add", "--gpu", "L4", "--usd", "2650", "--note", "reseller")
    result = run(*ask)
    assert json.loads(result.stdout) == before
    assert result.stderr == ""
    used = run(*ask, "--prices", "store")
    assert str(store) in used.stderr
    document = json.loads(used.stdout)
    assert "price store" in document["data"]
    price = {row["name"]: row for row in document["inputs"]}["price_usd_per_gpu"]
    assert (price["value"], price["status"]) == (2_650, "yours")
    assert price["note"].endswith(": reseller")


def test_an_environment_variable_opts_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("prices", "add", "--gpu", "L4", "--usd", "2650")
    monkeypatch.setenv("TCO_PRICES", "store")
    report = rows(run("report", "--gpu", "L4").stdout)
    values = {row["name"]: row["value"] for row in report}
    assert values["price_usd_per_gpu"] == "2650"
    assert "price store" in values["data"]
    (tmp_path / "table.csv").write_text("gpu\nL4\nT4\n")
    first = rows(run("breakeven", "--csv", tmp_path / "table.csv").stdout)[0]
    assert (
        float(first["npv_saving_usd"])
        == tco.breakeven(gpu="L4", prices=tco.PriceStore()).npv_saving_usd
    )
    for command in ("inputs", "gpus", "rates"):
        assert "prices:" in run(command).stderr


def test_a_table_says_how_old_the_prices_of_each_row_are(tmp_path: Path) -> None:
    text = "gpu,price_usd_per_gpu,rate_usd_per_gpu_hour,as_of\n"
    text += "L4,,,2026-11-21\nL4,2000,,2026-11-21\nL4,2000,0.5,2026-11-21\n"
    (tmp_path / "table.csv").write_text(text)
    answered = rows(run("breakeven", "--csv", tmp_path / "table.csv").stdout)
    ages = [row["data_age_days"] for row in answered]
    resolved = tco.Scenario(gpu="L4", as_of="2026-11-21").resolved()
    assert resolved["price_usd_per_gpu"].as_of == "2026-07-21"
    assert ages[0] == "123"
    assert 0 < int(ages[1]) < 123
    assert ages[2] == ""


def test_a_rental_quote_by_hand() -> None:
    run(
        *("prices", "add", "--gpu", "L4", "--usd-per-gpu-hour", "0.31", "--provider", "acme"),
        *("--term", "1yr", "--as-of", "2026-11-21", "--valid-until", "2026-12-31"),
    )
    asked = ("breakeven", "--gpu", "L4", "--term", "1yr", "--prices", "store", "--json")
    inputs = {row["name"]: row for row in json.loads(run(*asked).stdout)["inputs"]}
    assert inputs["rate_usd_per_gpu_hour"]["value"] == 0.31
    assert inputs["rate_usd_per_gpu_hour"]["status"] == "yours"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--gpu", "L4"], "give either --usd or --usd-per-gpu-hour"),
        (["--gpu", "L4", "--usd", "1", "--usd-per-gpu-hour", "1"], "give either"),
        (["--gpu", "L4", "--usd-per-gpu-hour", "1"], "provider is missing"),
        (["--gpu", "L4", "--usd", "1", "--provider", "acme"], "provider: does not apply"),
        (
            ["--gpu", "L4", "--usd-per-gpu-hour", "1", "--provider", "a", "--basis", "used"],
            "basis: does not apply",
        ),
        (["--gpu", "L5", "--usd", "1"], "did you mean L4"),
        (["--gpu", "L4", "--usd", "nan"], "is not a number"),
        (["--gpu", "L4", "--usd", "1", "--valid-until", "soon"], "is not a date"),
    ],
)
def test_a_wrong_entry_adds_nothing(arguments: list[str], says: str, store: Path) -> None:
    assert says in run("prices", "add", *arguments, code=2).stderr
    assert not store.exists()


def test_export_and_import_again_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("prices", "import", "skypilot", ZONES, "--as-of", "2026-11-20")
    run("prices", "add", "--gpu", "L4", "--usd", "2650", "--as-of", "2026-11-21")
    run("prices", "add", "--gpu", "T4", "--usd", "480", "--basis", "used", "--note", "lot 1182")
    file = tmp_path / "everything.csv"
    run("prices", "export", "-o", file)
    monkeypatch.setenv("TCO_STORE", str(tmp_path / "copy.db"))
    run("prices", "import", "csv", file)
    own = ("collector", "import_id")

    def plain(text: str) -> list[dict[str, str]]:
        kept = [{k: v for k, v in row.items() if k not in own} for row in rows(text)]
        nobody = dict.fromkeys(("source_id", "publisher", "title"), "")
        return [row | nobody if row["kind"] == "quote" else row for row in kept]

    copied = plain(run("prices", "export").stdout)
    assert sorted(map(str, copied)) == sorted(map(str, plain(file.read_text())))
    asked = ("offers", "--gpu", "L4", "--region", "any", "--json")
    from_file = json.loads(run(*asked, "--prices", file).stdout)
    from_store = json.loads(run(*asked, "--prices", "store").stdout)
    assert from_file["quantiles"] == from_store["quantiles"]


def test_check_exits_with_one_for_what_is_unsourced() -> None:
    assert "0 unsourced" in run("prices", "check").stderr
    run("prices", "check", "--strict", code=1)
    run("prices", "add", "--gpu", "L4", "--usd", "2600", "--basis", "street")
    result = run("prices", "check", "--prices", "store", code=1)
    assert "L4 new price" in result.stdout
    document = json.loads(run("prices", "check", "--json").stdout)
    assert {finding["kind"] for finding in document["findings"]} >= {"stale", "assumption"}
    assert run("prices", "check", "--as-of", "21.11.2026", code=2)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert "an import makes it" in run("breakeven", "--prices", "store", code=3).stderr
    assert "no such file" in run("breakeven", "--prices", "no.csv", code=3).stderr
    (tmp_path / "text.db").write_text("no database at all, but long enough to look like one" * 20)
    result = run("breakeven", "--prices", tmp_path / "text.db", code=3)
    assert "text.db" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_of_prices_needs_no_store(tmp_path: Path, store: Path) -> None:
    file = tmp_path / "team.csv"
    file.write_text("gpu,provider,usd_per_gpu_hour,as_of\nL4,aws,0.1,2026-11-21\n")
    asked = ("offers", "--gpu", "L4", "--provider", "aws", "--prices", file, "--json")
    offers = json.loads(run(*asked).stdout)["offers"]
    assert 0.1 in [offer["usd_per_gpu_hour"] for offer in offers]
    assert not store.exists()


def test_update_imports_what_arrived_and_names_what_did_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fetched(folder: Path, **options: object) -> list[ListDownload]:
        assert options["ref"] == "master"
        assert options["base"] == download.BASE
        path = folder / "aws" / "vms.csv"
        path.parent.mkdir()
        shutil.copy(ZONES, path)
        got = Downloaded("https://x/aws", path, "0" * 64, 1, "2026-11-21")
        return [
            ListDownload("aws", "https://x/aws", "2026-11-21", got),
            ListDownload("gcp", "https://x/gcp", "", tco.DataError("https://x/gcp: 404 Not Found")),
            ListDownload("vastai", "https://x/vast", "", got),
        ]

    monkeypatch.setattr(download, "fetch_all", fetched)
    result = run("prices", "update", code=3)
    assert "404 Not Found" in result.stderr
    assert "give --as-of" in result.stderr
    kept = rows(run("prices", "export").stdout)
    assert {row["as_of"] for row in kept} == {"2026-11-21"}
    assert {row["url"] for row in kept} == {"https://x/aws"}


def test_offers_and_history_in_a_shell() -> None:
    table = run("offers", "--gpu", "L4", "--as-of", "2026-11-21").stdout
    assert "larger host" in table
    assert table.splitlines()[-1].startswith("all ")
    asked = ("history", "--gpu", "L4", "--provider", "gcp", "--term", "spot", "--wide")
    text = run(*asked).stdout
    assert "log_linear" in text
    document = json.loads(run("history", "--gpu", "L4", "--json").stdout)
    assert document["history"]
    assert document["trends"]


def test_the_store_is_a_plain_database(store: Path) -> None:
    run("prices", "add", "--gpu", "L4", "--usd", "2650")
    with sqlite3.connect(store) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert store.stat().st_mode & 0o077 == 0, "readable by its owner alone"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--gpu", "MI300X", "--as-of", "2026-11-21"), "Answers use $2.19 per GPU-hour: median ov"),
        (("--gpu", "H100-SXM", "--term", "3yr"), "Answers use $1.71 per GPU-hour: 43.9 % of the "),
        (
            ("--gpu", "ASUS-GX10"),
            "Answers use $0.598 per GPU-hour: no provider rents out the ASUS-GX10;",
        ),
        (("--gpu", "L4", "--provider", "oci"), "Answers have no rental rate: no rental offer f"),
    ],
)
def test_offers_tell_the_rate_that_answers_take(asked: tuple[str, ...], said: str) -> None:
    assert run("offers", *asked).stdout.startswith(said)
