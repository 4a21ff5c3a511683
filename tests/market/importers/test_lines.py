"""The tolerant reader: a bad line spoils only itself, and is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tco.errors import DataError
from tco.market.importers.columns import Layout
from tco.market.importers.lines import LONGEST_LINE, NOT_ENDED, Table, beginning, read_lines


def read(path: Path, content: bytes) -> list[tuple[int, str, dict[str, str]]]:
    path.write_bytes(content)
    lines = read_lines(path, ("a", "b"), ("c",))
    return [(line.number, line.fault, line.cells) for line in lines]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "prices.csv"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"1", "wrong number of cells"),
        (b"1,2,3", "wrong number of cells"),
        (b'1,"2', "quotes do not match, or a cell goes over several lines"),
        (b'1,"2"3', "quotes do not match, or a cell goes over several lines"),
        (b'"1,2', "quotes do not match, or a cell goes over several lines"),
        (b"1,\x002", "characters that cannot be printed"),
        (b"1,\x1b[2J", "characters that cannot be printed"),
        (b"1,\xe2\x80\xae2", "characters that cannot be printed"),
        (b"1,\t2\xc2\xa03", ""),
        (b"1\r,2", "characters that cannot be printed"),
        (b"1,\xff", "not UTF-8: save the file as CSV UTF-8"),
        (b"1,\xc3\xa9", ""),
        (b"", "empty line"),
        (b" ", "empty line"),
        (b"1," + b"2" * LONGEST_LINE, "line far too long"),
        (b"1,2", ""),
        (b'" 1 ","2""3"', ""),
    ],
)
def test_a_bad_line_spoils_only_itself(path: Path, line: bytes, fault: str) -> None:
    found = read(path, b"a,b\n1,2\n" + line + b"\n3,4\n")
    assert [each[:2] for each in found] == [(2, ""), (3, fault), (4, "")]
    assert found[0][2] == {"a": "1", "b": "2"}
    assert found[2][2] == {"a": "3", "b": "4"}
    assert bool(found[1][2]) == (fault == "")


def test_cells_are_unquoted_and_without_space_around_them(path: Path) -> None:
    assert read(path, b'a,b,c\n" 1 ","2""3",4\n') == [(2, "", {"a": "1", "b": '2"3', "c": "4"})]


def test_line_ends_and_the_mark_of_utf8(path: Path) -> None:
    plain = read(path, b"a,b\n1,2\n3,4\n")
    assert read(path, b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n") == plain


def test_columns_in_another_order(path: Path) -> None:
    assert read(path, b"x, b ,a\n1,2,3\n") == [(2, "", {"a": "3", "b": "2"})]


def test_a_last_line_without_end_is_a_row_and_told(path: Path) -> None:
    path.write_bytes(b"a,b\n1,2\n3,4")
    table = Table(path, ("a", "b"))
    assert [line.cells["b"] for line in table] == ["2", "4"]
    assert table.remarks == [NOT_ENDED]
    found = read(path, b"a,b\n1,2\n3")
    assert [each[:2] for each in found] == [(2, ""), (3, "wrong number of cells")]


@pytest.mark.parametrize(
    ("content", "decimal"),
    [
        (b"a;b\n1;0,5\n", ","),
        (b"a;b\n1;0.5\n", "."),
        (b"a\tb\n1\t0,5\n", "."),
        (b"a|b\n1|2\n", "."),
        (b"sep=;\r\na;b\r\n1;0,5\r\n", ","),
        (b'\n\n"a";"b"\n1;0,5\n', ","),
    ],
)
def test_the_marks_of_a_table_show(path: Path, content: bytes, decimal: str) -> None:
    path.write_bytes(content)
    table = Table(path, ("a", "b"), numeric=("b",))
    (line,) = table
    assert line.cells["a"] == "1"
    assert table.decimal == decimal


def test_a_separator_that_is_told(path: Path) -> None:
    path.write_bytes(b"a|b;c\n1|2;3\n")
    assert [line.cells for line in Table(path, ("a",), layout=Layout(sep="|"))] == [{"a": "1"}]


def test_a_header_alone(path: Path) -> None:
    assert read(path, b"a,b") == []
    assert read(path, b"a,b\n") == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        ("a,b\n".encode("utf-16-le"), "UTF-16 or binary"),
        ("a,b\n".encode("utf-16-be"), "UTF-16 or binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is not UTF-8 text"),
        (b"\x80\x81,b\n", "is not UTF-8 text"),
        (b'a,"b\n', "line 1: not the header of a CSV file"),
        (b"a,c\n", "no column b; its first line: a, c"),
        (b"\n", "the file is empty"),
        (b"a,b,b\n", "more than one column b"),
        (b"," * 1_000_000 + b"\n", "its first line has more than 65,536 bytes"),
        (b",".join(b"c%d" % at for at in range(1_000_000)), "its first line has more than"),
        (b"," * 60_000 + b"\n", "60,001 columns exceed the limit"),
    ],
)
def test_what_is_no_price_file(path: Path, content: bytes, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read(path, content)
    assert says in str(caught.value)
    assert str(caught.value).startswith("prices.csv")
    assert len(str(caught.value)) < 400


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        list(read_lines(path, ()))
    with pytest.raises(DataError, match="Is a directory"):
        list(read_lines(path.parent, ()))


def test_the_beginning_of_a_row_is_fit_for_a_screen() -> None:
    assert beginning("a\x1b[2Jb\0\n") == "a\ufffd[2Jb\ufffd\ufffd"
    assert len(beginning("x" * 1_000)) == 80


def test_a_file_of_a_spreadsheet_in_utf16(path: Path) -> None:
    assert read(path, "a,b\r\n1,é\r\n".encode("utf-16")) == [(2, "", {"a": "1", "b": "é"})]
    with pytest.raises(DataError, match="is truncated or not UTF-16 text"):
        read(path, "a,b\n1,2\n".encode("utf-16")[:-3] + b"\xd8")
