"""Files of text: encodings, what is no text, and bounds."""

from __future__ import annotations

import io

import pytest

from tco.errors import DataError
from tco.inputs.tables import LONGEST_LINE, Lines, decimal_of, readable, strict_text_of, text_of
from tco.words.figures import as_written, harmless


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_write_is_read(encoding: str) -> None:
    assert strict_text_of("gpu\nmünchen\n".encode(encoding), "t.csv") == "gpu\nmünchen\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("gpu\nmünchen\n".encode("latin-1"), "t.csv, row 2: byte 0xfc is not UTF-8"),
        (b"gpu\nL4\0\n", "t.csv, row 2: NUL characters are not text"),
        ("gpu\n".encode("utf-16-le"), "characters that are not text"),
        (b"\xff\xfeg", "is truncated or not UTF-16 text"),
        (b"PK\x03\x04rest", "a workbook (XLSX, ODS) or another archive: save its sheet as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "a workbook (XLS), or one with a password"),
        (b"\x1f\x8brest", "compressed: unpack it first"),
        (b"%PDF-1.7", "a PDF"),
    ],
)
def test_what_is_no_text_is_told(data: bytes, says: str) -> None:
    with pytest.raises(DataError) as caught:
        strict_text_of(data, "t.csv")
    assert says in str(caught.value)


def test_bytes_of_other_encodings_stay_apart() -> None:
    text = text_of(b"caf\xe9,caf\xe8", "t.csv")
    assert readable(text) == "caf\\xe9,caf\\xe8"


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["0,6"], ","),
        (["12,5", "1.234"], ","),
        (["1.234,5"], ","),
        (["0.6", "1,234"], "."),
        (["1,234.5"], "."),
        (["1.234"], ""),
        (["0,6", "0.6"], ""),
        (["L4", "2900", ""], ""),
        (["2026-11-21", "0,6 %"], ","),
    ],
)
def test_the_mark_of_a_table_with_semicolons(cells: list[str], mark: str) -> None:
    assert decimal_of(";", cells) == mark
    assert decimal_of(",", cells) == "."


def test_a_line_without_end_is_refused_at_once() -> None:
    lines = Lines(io.StringIO("a\n" + "x" * (2 * LONGEST_LINE)))
    assert next(lines) == "a\n"
    with pytest.raises(DataError, match="more than a million characters"):
        next(lines)


@pytest.mark.parametrize(
    "text", ["=1+1", "+x", "-x", "@x", "'=x", "''-x", "'tis", "plain", "'", ""]
)
def test_the_mark_of_an_export_goes_with_the_import(text: str) -> None:
    assert as_written(harmless(text)) == text
