"""Tables as spreadsheets and people make them, row by row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import tco
from tco.errors import DataError
from tco.questions.tables import answer_rows


def answered(
    tmp_path: Path, content: str | bytes, sep: str = ",", decimal: str | None = None
) -> list[dict[str, str]]:
    source, target = tmp_path / "table.csv", io.StringIO()
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    answer_rows(str(source), target, sep, decimal)
    return list(csv.DictReader(io.StringIO(target.getvalue()), delimiter=sep))


def saving(row: dict[str, str]) -> float:
    return float(row["npv_saving_usd"].replace(",", "."))


@pytest.mark.parametrize("decimal", [None, ","])
def test_empty_rows_are_no_scenarios(tmp_path: Path, decimal: str | None) -> None:
    table = (
        "name;gpu;utilization;rate_usd_per_gpu_hour\nA;L4;0,6;0,70\nB;T4;0,4;0,45\n;;;\n\n ; ;;\n"
    )
    found = answered(tmp_path, table, ";", decimal)
    assert [row["name"] for row in found] == ["A", "B"]
    expected = tco.breakeven(gpu="L4", utilization=0.6, rate_usd_per_gpu_hour=0.7)
    assert saving(found[0]) == pytest.approx(expected.npv_saving_usd)


def test_a_byte_of_another_encoding_is_an_error_of_its_row(tmp_path: Path) -> None:
    found = answered(tmp_path, b"id,gpu\n\ncaf\xe9,L4\ncaf\xe8,L4\na\0b,L4\nok,L4\n")
    assert [row["id"] for row in found] == ["caf\\xe9", "caf\\xe8", "a\\x00b", "ok"]
    assert found[0]["error"] == "row 3: byte 0xe9 is not UTF-8: save the file as UTF-8"
    assert [bool(row["verdict"]) for row in found] == [False, False, False, True]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    (row,) = answered(tmp_path, "id,gpu\r\ncafé,L4\r\n".encode(encoding))
    assert (row["id"], row["error"]) == ("café", "")


@pytest.mark.parametrize(
    ("cell", "sep", "decimal", "price"),
    [
        ('"$3,200"', ",", None, 3200),
        ("3k", ",", None, 3200 - 200),
        ("1.234;0,5", ";", None, 1234),
        ("1.234,50", ";", None, 1234.5),
        ("1.234", ";", ",", 1234),
        ("1.234", ";", ".", 1.234),
        ("1.234", ";", None, "could mean 1.234 or 1234"),
        ("2900 €", ";", None, "is in EUR"),
    ],
)
def test_prices_as_people_write_them(
    tmp_path: Path, cell: str, sep: str, decimal: str | None, price: float | str
) -> None:
    head = "price_usd_per_gpu" + (";utilization" if cell.count(";") else "")
    (row,) = answered(tmp_path, f"{head}\n{cell}\n", sep, decimal)
    if isinstance(price, str):
        assert price in row["error"]
    else:
        assert saving(row) == pytest.approx(tco.breakeven(price_usd_per_gpu=price).npv_saving_usd)


def test_texts_go_round(tmp_path: Path) -> None:
    table = "id,gpu,note\n'=1+1,L4,'-x\n=1+1,L4,@y\n''=z,L4,'tis\n-5,L4,\n"
    once = answered(tmp_path, table)
    assert [row["id"] for row in once] == ["'=1+1", "'=1+1", "''=z", "-5"]
    again = "id,gpu,note\n" + "".join(f"{r['id']},{r['gpu']},{r['note']}\n" for r in once)
    assert [row["note"] for row in answered(tmp_path, again)] == [row["note"] for row in once]


def test_long_notes_are_refused(tmp_path: Path) -> None:
    long, fits = answered(tmp_path, f"note,gpu\n{'x' * 1_001},L4\n{'x' * 1_000},L4\n")
    assert long["error"] == "row 2: note has 1,001 characters, more than 1,000: shorten it"
    assert fits["verdict"]


def test_what_is_far_too_large_is_refused_at_once(tmp_path: Path) -> None:
    for content, said in (
        ("," * 200_000 + "\n", "200,001 columns exceed the limit of 1,024"),
        ("gpu\n" + "x" * 2_000_000, "more than a million characters"),
        ("gpu,note\nL4," + "x" * 140_000 + "\n", "a cell is far too long"),
    ):
        with pytest.raises(DataError, match=said):
            answered(tmp_path, content)


def test_empty_columns_and_rows_around_a_table_do_not_count(tmp_path: Path) -> None:
    found = answered(tmp_path, "\n,,,\nid,utilization,,\na,0.5,,\nb,0.6,\nc,0.7\nd,0.8,,,\n")
    assert [(row["id"], row["error"]) for row in found] == [(name, "") for name in "abcd"]
    assert "" not in found[0]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("gpu,,\nL4,0.5,\n", "(no name) is not an input"),
        (",,gpu\n1,2,L4\n", "line 1: (no name) is not an input"),
        ("sep=,\ngpu,pue\nL4,1.2\n", "a mark for spreadsheets: delete that line"),
        ('{"gpu": "L4"}', "is a JSON document"),
        ("<!DOCTYPE html><table>", "is a web page or XML"),
        ("gpu,months,hours\nL4,1,2\n", "months, hours are columns of the answers"),
        ('gpu\n"L4\n', "unexpected end of data: is a quote not closed?"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        answered(tmp_path, table)
    assert said in str(caught.value)
    assert str(caught.value).count("(no name)") < 2


def test_a_decimal_comma_without_quotation_marks_is_told(tmp_path: Path) -> None:
    (row,) = answered(tmp_path, "gpu,utilization\nL4,0,5\n")
    assert row["error"] == "3 cells instead of 2: a cell with a comma in it needs quotation marks"


def test_what_would_move_a_cursor_is_refused_and_shown_as_its_number(tmp_path: Path) -> None:
    (row,) = answered(tmp_path, "gpu,note\nL4,\x1b[2Jred\n")
    assert row["error"] == "row 2: control character 0x1b is not text: remove it"
    assert row["note"] == "\\x1b[2Jred"
