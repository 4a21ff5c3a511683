"""The accounting view as texts, and in the shell."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import tco
from tco.cli import main
from tco.report.accounting_tables import (
    VALUE_HEADER,
    lease_rows,
    lease_sentence,
    statement_frame,
    statement_rows,
    value_rows,
)
from tco.report.schema import BALANCE_REPORT_COLUMNS, LEASE_TEST_COLUMNS, STATEMENT_REPORT_COLUMNS
from tests.neutral import neutral

CARD = neutral(price_usd_per_gpu=6_000.0, purchase_month=7, staff_usd_per_gpu_month=10.0)
LEASED = [
    *("--gpu", "L4", "--financing", "lease", "--lease-usd-per-gpu-month", "60"),
    *("--purchase-month", "7", "--as-of", "2026-11-21"),
]


def test_a_statement_reads_in_whole_dollars_and_leaves_out_what_is_nothing() -> None:
    header, rows = statement_rows(tco.accounting(**CARD), "own")
    assert header == (
        "Owning",
        "Fiscal year 1 (months 1–6)",
        "Fiscal year 2 (months 7–18)",
        "Fiscal year 3 (months 19–30)",
        "Fiscal year 4 (months 31–36)",
        "All years",
    )
    assert rows == [
        ("Staff, upkeep", "$60", "$120", "$120", "$60", "$360"),
        ("Depreciation", "$600", "$1,200", "$1,200", "$600", "$3,600"),
        ("Loss (gain) on disposal", "$0", "$0", "$0", "$2,400", "$2,400"),
        ("Total cost", "$660", "$1,320", "$1,320", "$3,060", "$6,360"),
    ]


def test_the_frame_has_all_accounts_as_numbers() -> None:
    frame = statement_frame(tco.accounting(**CARD))
    assert set(frame["side"]) == {"Owning", "Renting"}
    total = frame[frame["account"] == "Total cost"].set_index("side")["All years"]
    assert total["Owning"] == pytest.approx(6_360)


def test_book_value_stands_beside_market_value() -> None:
    rows = value_rows(tco.accounting(**CARD | {"resale_decline_per_year": 0.5}))
    assert len(rows[0]) == len(VALUE_HEADER)
    assert rows[-1] == ("Horizon, month 36", "$2,400", "$750", "−$1,650")


def test_a_lease_says_which_tests_are_met() -> None:
    case = neutral(
        price_usd_per_gpu=10_000.0, financing="lease", lease_months=48, debt_rate=0.0,
        lease_usd_per_gpu_month=200.0,
    )  # fmt: skip
    lease = tco.accounting(**case | {"lease_specialized": True}).lease
    assert lease is not None
    assert lease_sentence(lease) == "Finance lease: tests 3, 4 and 5 are met."
    rows = lease_rows(lease)
    assert [row.result for row in rows] == ["not met", "not met", "met", "met", "met"]
    assert rows[3][1:3] == ("96.0 %", "90 %")
    alone = tco.accounting(**case | {"lease_months": 45, "lease_usd_per_gpu_month": 100.0}).lease
    assert alone is not None
    assert lease_sentence(alone) == "Finance lease: test 3 is met."


def test_the_shell_prints_what_python_says() -> None:
    done = CliRunner().invoke(main, ["accounting", *LEASED])
    assert done.exit_code == 0, done.output
    assert "Operating lease: none of the five tests is met." in done.output
    assert "Lease cost" in done.output


def test_the_shell_writes_tables_and_json(tmp_path: Path) -> None:
    asked = ["accounting", *LEASED, "--format", "csv"]
    done = CliRunner().invoke(main, [*asked, "-o", str(tmp_path / "books.csv")])
    files = [tmp_path / f"books{more}.csv" for more in ("", "-balances", "-lease")]
    assert done.stderr == f"tco: also written: {files[1]}, {files[2]}\n"
    tables = [list(csv.reader(io.StringIO(path.read_text()))) for path in files]
    piped = CliRunner().invoke(main, asked)
    assert piped.stdout == files[0].read_text()
    said = "1 of 3 tables; -o FILE.csv also writes FILE-balances.csv, FILE-lease.csv"
    assert piped.stderr == f"tco: {said}\n"
    columns = (STATEMENT_REPORT_COLUMNS, BALANCE_REPORT_COLUMNS, LEASE_TEST_COLUMNS)
    for rows, named in zip(tables, columns, strict=True):
        assert rows[0][: len(named)] == list(named)
    case = {"gpu": "L4", "financing": "lease", "lease_usd_per_gpu_month": 60}
    found = tco.accounting(**case, purchase_month=7, as_of="2026-11-21")
    totals = [float(row[6]) for row in tables[0] if row[:2] == ["own", "total"]]
    assert sum(totals) == pytest.approx(found.own_total_usd)
    told = json.loads(CliRunner().invoke(main, ["accounting", *LEASED, "--format", "json"]).output)
    assert told["lease"]["kind"] == "operating"
    assert [year["fiscal_year"] for year in told["balances"]] == [1, 2, 3, 4]
    assert told["profit_and_loss"][0]["account"] == "energy_cooling"


def test_every_amount_is_there_in_the_other_currency_too() -> None:
    euros = [*LEASED, "--currency", "EUR", "--fx-rate", "0.5", "--fx-as-of", "2026-11-20"]
    shown, text, told = (
        CliRunner().invoke(main, ["accounting", *euros, "--format", form]).stdout
        for form in ("table", "csv", "json")
    )
    assert "€" in shown
    assert "$" not in shown
    rows = list(csv.DictReader(io.StringIO(text)))
    halves = [0.5 * float(row["cost_usd"]) for row in rows]
    assert [float(row["cost_eur"]) for row in rows] == pytest.approx(halves, rel=1e-14)
    document = json.loads(told)
    row = document["balances"][0]
    assert row["book_eur"] == 0.5 * row["book_usd"]
    assert document["own_total_eur"] == 0.5 * document["own_total_usd"]
    assert all("cost_eur" in row for row in document["profit_and_loss"])
