"""Rows of CSV, read strictly, each with what is wrong with it; and answers written as CSV."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count
from math import isfinite
from typing import TYPE_CHECKING, Any, TextIO

from tco.analysis.sweep.rows import (
    ANSWERS,
    CARRIED,
    CURRENCY,
    IN_CURRENCY,
    NOTES,
    STAMPS,
    Rows,
    column_problems,
)
from tco.errors import DataError
from tco.inputs import FORMER_NAMES, TAKEN, Param
from tco.inputs.declaration import midpoint_of
from tco.inputs.entry import note_problem
from tco.inputs.tables import (
    SEPARATORS,
    Lines,
    decimal_of,
    encoding_of,
    fault,
    fitted,
    header_of,
    is_blank,
    named,
    not_text,
    other_table,
    readable,
    without_controls,
    wrong_length,
)
from tco.inputs.text import parse
from tco.words.figures import as_written, harmless

if TYPE_CHECKING:
    import pandas as pd

# A part ends by these characters too, however few its rows are.
_CHARACTERS = 2**21
# A column of numbers as people write them (tco.inputs.text), and of empty cells, each ended by \n.
_NUMBERS = re.compile(
    r"(?:(?:[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?)?\n)*+", re.ASCII
)
# A number that stays one in a spreadsheet, whatever it begins with.
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
# Whole numbers below this are written as such.
_WHOLE = 2**53


# --- Reading


class CsvRows(Rows):
    """Records of a CSV file; those of another length are refused, and cut or filled up.

    `numbers` are the rows in the file: the header is row 1. A decimal mark of None is found out.
    """

    def __init__(
        self,
        header: Sequence[str],
        records: list[list[str]],
        weight: int,
        decimal: str | None = ".",
        numbers: Sequence[int] = (),
        sep: str = ",",
    ) -> None:
        self.header, self.size, self.weight = header, len(records), weight
        width = len(header)
        self.refused = _refused(header, records, numbers or range(2, len(records) + 2))
        for at in self.refused:
            records[at] = [*records[at], *[""] * width][:width]
        if decimal is None:
            decimal = decimal_of(sep, (cell for record in records for cell in record))
        self.decimal = decimal
        columns = zip(*records, strict=True) if records else [()] * width
        self.texts: dict[str, Sequence[str]] = {
            name: texts if name in TAKEN and TAKEN[name].numeric else _unmarked(texts)
            for name, texts in zip(header, columns, strict=True)
        }

    @cached_property
    def lines(self) -> dict[str, Any]:  # type: ignore[override]
        """The inputs among the columns; what is worked out where it is needed, not sent there."""
        return {
            name: line_of(TAKEN[name], texts, self.decimal)
            for name, texts in self.texts.items()
            if name in TAKEN
        }

    def row(self, at: int, names: Iterable[str] | None = None) -> dict[str, Any]:
        """What a row gives, as its own cells say it: 60 also where its column holds 60.5."""
        told = {}
        for name in self.lines if names is None else names:
            line, text = self.lines[name], self.texts[name][at].strip()
            if text:
                is_float = line.dtype == "float64"
                told[name] = parse(TAKEN[name], text, self.decimal) if is_float else line[at]
        return told

    def frame(self) -> pd.DataFrame:
        """The rows as a frame: numbers (of ranges the midpoints), flags, texts; wrong ones miss."""
        import numpy as np
        import pandas as pd

        columns: dict[str, Any] = {}
        for name, texts in self.texts.items():
            line = self.lines.get(name)
            if line is not None and TAKEN[name].numeric:
                if line.dtype != "float64":
                    known = [None if isinstance(x, str) else midpoint_of(x) for x in line]
                    line = np.array(known, dtype=np.float64)
                columns[name] = line
            elif line is not None and TAKEN[name].kind == "flag":
                flags = [value if isinstance(value, bool) else None for value in line]
                columns[name] = pd.array(flags, dtype="boolean")
            else:
                columns[name] = pd.array([readable(t) or None for t in texts], dtype="str")
        return pd.DataFrame(columns)

    def cells(self) -> list[Sequence[str]]:
        """The cells as they were, made harmless."""
        return [
            texts
            if name in self.lines and self.lines[name].dtype == "float64"
            else [echoed(without_controls(text)) for text in texts]
            for name, texts in self.texts.items()
        ]


def _unmarked(texts: Sequence[str]) -> Sequence[str]:
    """Texts without the mark that keeps spreadsheets from running them."""
    is_marked = any(text[:1] == "'" for text in texts)
    return [as_written(text) for text in texts] if is_marked else texts


def _refused(
    header: Sequence[str], records: list[list[str]], numbers: Sequence[int]
) -> dict[int, str]:
    """Why rows are refused as they stand, by their place: their length, bytes, or a long note."""
    found, texts = {}, [at for at, name in enumerate(header) if name in CARRIED]
    for at, given in enumerate(records):
        records[at] = record = fitted(given, len(header))
        if why := wrong_length(record, len(header)):
            found[at] = why
        elif why := not_text("".join(record)):
            found[at] = f"row {numbers[at]:,}: {why}"
        else:
            for place in texts:
                if why := note_problem(record[place]):
                    found[at] = f"row {numbers[at]:,}: {header[place]} {why}"
    return found


def line_of(declared: Param, texts: Sequence[str], decimal: str = ".") -> Any:
    """A column of texts as a line of an input's values, float64 or objects.

    An empty text is NaN or None; one that stands for no value stays text.
    """
    import numpy as np

    stripped = [text.strip() for text in texts]
    if declared.numeric:
        joined = "".join([f"{text}\n" for text in stripped])
        if decimal == "," and "." not in joined:
            joined = joined.replace(",", ".")
        elif decimal != "." and "." in joined:
            joined = "x"  # what each point is, its own text says
        if declared.kind == "integer" and "." in joined:
            joined = "x"
        if joined.count("\n") == len(stripped) and _NUMBERS.fullmatch(joined):
            numbers = [text or "nan" for text in joined.split("\n")[:-1]]
            return np.array(list(map(float, numbers)), dtype=np.float64)
    line = np.empty(len(stripped), dtype=object)
    line[:] = [parse(declared, text, decimal) if text else None for text in stripped]
    if declared.numeric and all(value is None or type(value) in (int, float) for value in line):
        return line.astype(np.float64)
    return line


def csv_chunks(
    files: tuple[str | bytes, ...],
    rows: int,
    sep: str = ",",
    decimal: str | None = ".",
    carry: tuple[str, ...] = (),
) -> Iterator[CsvRows]:
    """Rows of CSV files with one header; of each file at least none.

    `-` is standard input, and bytes are what stands in a table that was sent.

    Rows without text are none. A decimal mark of None is what the first rows of a file show.
    DataError names the line where a file cannot be read, or its header names no inputs.
    """
    first = None
    for content in files:
        file = content if isinstance(content, str) else "table"
        with _opened(content) as stream:
            lines = Lines(stream)
            reader = csv.reader(lines, delimiter=sep, strict=True)
            try:
                names, at = header_of(reader)
                header = tuple(FORMER_NAMES.get(name, name) for name in named(names))
                first = first or header
                wrong = _wrong_header(header, carry, sep)
                if not wrong and header != first:
                    wrong = f"not the columns of {files[0]!s}"
                if wrong:
                    raise DataError(wrong)
                yield from _parts(reader, lines, header, rows, decimal, sep, at, len(names))
            except (csv.Error, DataError) as failed:
                why = fault(failed) if isinstance(failed, csv.Error) else failed
                raise DataError(f"{file}, line {max(reader.line_num, 1)}: {why}") from failed
            except UnicodeDecodeError as failed:
                raise DataError(
                    f"{file}: is truncated or not UTF-16 text: {failed.reason}"
                ) from failed
            except OSError as failed:
                raise DataError(f"{file}: {failed.strerror or failed}") from failed


def _parts(
    reader: Any,
    lines: Lines,
    header: tuple[str, ...],
    rows: int,
    decimal: str | None,
    sep: str,
    at: int,
    width: int,
) -> Iterator[CsvRows]:
    """So many rows at a time, or fewer that are long; at least none.

    `at` is the row of the header, `width` how many cells it has, names or none.
    """
    lines.taken()
    for number in count():
        records, places, characters = list[list[str]](), list[int](), 0
        for record in reader:
            lines.taken()
            at += 1
            if is_blank(record):
                continue
            records.append(record)
            places.append(at)
            characters += sum(map(len, record)) + len(record)
            if len(records) == rows or characters > _CHARACTERS:
                break
        if number and not records:
            return
        if not number and any(not is_blank(row[len(header) : width]) for row in records):
            raise DataError("; ".join(column_problems([*header, ""])))
        part = CsvRows(header, records, characters, decimal, places, sep)
        if decimal is None and records:
            decimal = part.decimal
        yield part


def _wrong_header(header: tuple[str, ...], carry: tuple[str, ...], sep: str) -> str:
    """What is wrong with the first line of a CSV file, if anything is."""
    if not header:
        return "is empty; the first line names the inputs"
    if not all(name.isprintable() for name in header):
        return "is not UTF-8 text"
    other = next((mark for mark in SEPARATORS if len(header) == 1 and mark in header[0]), None)
    if other is not None:
        told = f"one column {header[0]!r}, for cells are separated by {sep!r} here"
        return f"{told}; with tco breakeven --csv, did you mean --sep {other!r}?"
    return "; ".join(column_problems(list(header), carry))


def _opened(file: str | bytes) -> TextIO:
    """A file as text; what is not UTF-8 comes as lone surrogates and is refused by row."""
    if isinstance(file, bytes):
        if other := other_table(file[:80]):
            raise DataError(f"table is {other.partition(':')[0]}")  # it has no ending to mend
        encoding = encoding_of(file[:80])
        sent = io.BytesIO(file)
        return io.TextIOWrapper(sent, encoding=encoding, errors="surrogateescape", newline="")
    if file == "-" and sys.stdin is None:
        raise DataError("standard input is closed")
    try:
        raw = open(os.dup(sys.stdin.fileno()) if file == "-" else file, "rb")  # noqa: SIM115
        start = raw.peek(80)
    except OSError as failed:
        raise DataError(f"{file}: {failed.strerror or failed}") from failed
    if other := other_table(start):
        raw.close()
        raise DataError(f"{file} is {other}")
    return io.TextIOWrapper(raw, encoding=encoding_of(start), errors="surrogateescape", newline="")


# --- Writing


def csv_header(names: Iterable[str], sep: str = ",", notes: bool = False) -> str:
    """The first line of a CSV file of answers, with or without notes."""
    named = list(names)
    converted = IN_CURRENCY.values() if CURRENCY in named else ()
    return _csv([[*named, *ANSWERS, *[NOTES][: int(notes)], *STAMPS, *converted]], sep)


def csv_text(rows: Rows, answers: pd.DataFrame, sep: str = ",", decimal: str = ".") -> str:
    """Rows and their answers as lines of CSV."""
    return _lines([*rows.cells(), *frame_cells(answers, decimal)], sep)


def _lines(columns: list[Sequence[str]], sep: str) -> str:
    """Columns of cells as lines of CSV.

    Where no cell has a mark in it, which shows afterwards, none needs quotation marks.
    """
    text = "".join([f"{line}\n" for line in map(sep.join, zip(*columns, strict=True))])
    rows = len(columns[0])
    marks = text.count("\n") == rows and text.count(sep) == rows * (len(columns) - 1)
    if marks and '"' not in text and "\r" not in text:
        return text
    return _csv(zip(*columns, strict=True), sep)


def _csv(rows: Iterable[Iterable[str]], sep: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=sep, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def frame_cells(frame: pd.DataFrame, decimal: str = ".") -> list[Sequence[str]]:
    """A frame as columns of cells."""
    import pandas as pd

    columns: list[Sequence[str]] = []
    for _, column in frame.items():
        if column.dtype == "float64":
            columns.append(number_cells(column.to_numpy(), decimal))
        elif isinstance(column.dtype, (pd.CategoricalDtype, pd.StringDtype)):
            codes, words = pd.factorize(column)
            cells = [*value_cells(words), ""]  # -1 is the last: an empty cell
            columns.append([cells[code] for code in codes.tolist()])
        else:
            columns.append(value_cells(column.tolist(), decimal))
    return columns


def number_cells(line: Any, decimal: str = ".") -> list[str]:
    """Numbers as the shortest texts that read back the same; NaN and infinity as empty ones."""
    import numpy as np

    if np.isnan(line).all():
        return [""] * len(line)
    line = line + 0.0  # there is no -0
    cells = list(map(repr, line.tolist()))
    if (line == np.rint(line)).any():
        cells = [text[:-2] if text.endswith(".0") else text for text in cells]
    for at in np.flatnonzero(~(abs(line) < _WHOLE)).tolist():
        cells[at] = repr(line.item(at)) if np.isfinite(line[at]) else ""
    return cells if decimal == "." else [text.replace(".", decimal) for text in cells]


def value_cells(values: Iterable[Any], decimal: str = ".") -> list[str]:
    """Values of any kind as cells: none is empty, flags are words, text is made harmless."""
    import pandas as pd

    cells = []
    for value in values:
        if isinstance(value, float):
            cells.append(repr(value).replace(".", decimal) if isfinite(value) else "")
        elif isinstance(value, bool):
            cells.append("true" if value else "false")
        elif pd.api.types.is_scalar(value) and pd.isna(value):
            cells.append("")
        else:
            cells.append(echoed(str(value)))
    return cells


def echoed(text: str) -> str:
    """A cell as it was; a number keeps its sign, other text is made harmless."""
    if text[:1].isalnum() and text.isascii() and text.isprintable():
        return text  # nothing in it is changed, and it takes a tenth of the time
    return text if _NUMBER.fullmatch(text) else harmless(readable(text))
