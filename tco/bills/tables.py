"""Bills as files: CSV, packed or not, and Parquet, in batches; none is ever held as a whole."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.errors import DataError, needing
from tco.inputs.tables import (
    check_width,
    decimal_of,
    encoding_of,
    fitted,
    other_table,
    separator_of,
)
from tco.market.importers.opening import PriceFile, unreadable
from tco.words.figures import counted

if TYPE_CHECKING:
    import pyarrow as pa

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

# What an unpacked bill may have, and how much of it is read at a time; no row is as long.
MOST_BYTES = 2**34
_BLOCK = 2**21
_ROWS, _PAGE = 2**13, 2**16
_START = 2**18
# The header is one of so many lines: a title may stand before it.
_MOST_BEFORE = 20
_NOTHING = ["", "NULL", "null", "\\N", "None", "nan", "NaN", "N/A"]
_PARQUET = b"PAR1"


@dataclass(frozen=True)
class Batch:
    """Some rows: the number of the first, and their columns by name."""

    first: int
    rows: int
    columns: Mapping[str, Column]


class BillTable:
    """The rows of one file after its header.

    `fits` says whether the names of a header are those of a bill, and `names` are those of the
    header that is. DataError where a file cannot be read, or is no such table.
    """

    def __init__(self, file: PriceFile, fits: Callable[[Sequence[str]], bool]) -> None:
        self._file, self.name, self._decimal = file, file.name, "."
        with needing("reading a bill needs", "bills"):
            import pyarrow  # noqa: F401
        with self._errors():
            start = _start(file)
            self._is_parquet = start.startswith(_PARQUET) and not file.kind
            if self._is_parquet:
                import pyarrow.parquet as pq

                with pq.ParquetFile(file.path) as opened:
                    self.names = tuple(_leaves(opened.schema_arrow))
            else:
                self._before, self._sep, self.names = self._header(start, fits)
            check_width(self.names)
            twice = sorted({name for name in self.names if name and self.names.count(name) > 1})
            if twice:
                raise DataError(f"{self.name}: more than one column {', '.join(twice)[:200]}")

    def batches(self, wanted: Sequence[str], numeric: Sequence[str]) -> Iterator[Batch]:
        """The rows, with the wanted columns; numbers of the `numeric` ones have a point."""
        read = self._parquet if self._is_parquet else self._csv
        first = 1
        with self._errors():
            for rows, columns in read(wanted, numeric):
                if rows:
                    yield Batch(first, rows, columns)
                first += rows

    @contextmanager
    def _errors(self, faults: Sequence[str] = ()) -> Iterator[None]:
        """What the system or the reader says of a file becomes a DataError that names it.

        `faults` are what was found in rows before the reader stopped.
        """
        import pyarrow as pa

        try:
            yield
        except OSError as wrong:
            raise unreadable(self._file.path, wrong) from wrong
        except (pa.ArrowException, UnicodeError) as wrong:
            told = faults[0] if faults else f"{self.name}: {_said(str(wrong))}"
            raise DataError(told) from wrong

    # --- CSV

    def _header(
        self, start: bytes, fits: Callable[[Sequence[str]], bool]
    ) -> tuple[int, str, tuple[str, ...]]:
        """How many lines there are up to the header, what separates cells, and their names."""
        encoding = encoding_of(start)
        is_wide = encoding == "utf-16"
        other = "" if is_wide else other_table(start)
        if not start.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0"):
            raise DataError(f"{self.name}: the file is empty")
        if other:
            other = "a JSON document" if other.startswith("a JSON") else other
            raise DataError(f"{self.name} is {other.split(':')[0]}: export the bill as CSV")
        if b"\0" in start and not is_wide:
            raise DataError(f"{self.name}: is binary, not a CSV file in UTF-8")
        text = start.decode(encoding, errors="replace")
        first: tuple[int, str, tuple[str, ...]] | None = None
        told = ""
        for number, line in enumerate(text.split("\n")[:_MOST_BEFORE], 1):
            plain = line.strip()
            if len(plain) == len("sep=;") and plain.startswith("sep="):
                told = plain[-1]
            elif plain:
                sep = told or separator_of(plain)
                try:
                    row = next(csv.reader([plain], delimiter=sep), [])
                except csv.Error:
                    row = [plain]
                found = number, sep, tuple(cell.strip() for cell in row)
                if fits(found[2]):
                    return found
                first = first or found
        assert first is not None  # there is text
        return first

    def _csv(
        self, wanted: Sequence[str], numeric: Sequence[str]
    ) -> Iterator[tuple[int, dict[str, Column]]]:
        import pyarrow as pa
        import pyarrow.csv as pc

        odd: list[list[str]] = []
        faults: list[str] = []
        width = len(self.names)

        def mend(row: Any) -> str:
            cells = next(csv.reader([row.text], delimiter=self._sep), [])
            cells = fitted(cells, width)
            if len(cells) != width:
                number = "" if row.number is None else f", line {row.number}"
                hint = "is the file cut, or a quote not closed?"
                told = f"{counted(row.actual_columns, 'cell')} instead of {width}"
                faults.append(f"{self.name}{number}: {told}: {hint}")
                return "error"
            odd.append(cells)
            return "skip"

        is_wide = self._is_wide()
        # Cells of columns without a name are read under one that nobody asks for.
        names = [name or f"\0{at}" for at, name in enumerate(self.names)]
        with self._file.opened() as stream, self._errors(faults):
            try:
                reader = pc.open_csv(
                    pa.PythonFile(_Checked(stream, is_utf8=not is_wide), mode="r"),
                    read_options=pc.ReadOptions(
                        use_threads=False,
                        block_size=_BLOCK,
                        skip_rows=self._before,
                        column_names=names,
                        encoding="utf-16" if is_wide else "utf8",
                    ),
                    parse_options=pc.ParseOptions(
                        delimiter=self._sep, newlines_in_values=True, invalid_row_handler=mend
                    ),
                    convert_options=pc.ConvertOptions(
                        include_columns=list(wanted),
                        column_types=dict.fromkeys(wanted, pa.string()),
                        null_values=_NOTHING,
                        strings_can_be_null=True,
                        quoted_strings_can_be_null=True,
                    ),
                )
            except pa.ArrowInvalid as wrong:
                if "Empty CSV" in str(wrong):
                    return
                raise
            is_first = True
            for batch in reader:
                columns = dict(zip(wanted, batch.columns, strict=True))
                if is_first:
                    self._look(columns, numeric)
                    is_first = False
                yield batch.num_rows, self._pointed(columns, numeric)
        if odd:
            places = {name: self.names.index(name) for name in wanted}
            rest: dict[str, Column] = {
                name: pa.array([row[at] or None for row in odd], pa.string())
                for name, at in places.items()
            }
            if is_first:
                self._look(rest, numeric)
            yield len(odd), self._pointed(rest, numeric)

    def _is_wide(self) -> bool:
        return encoding_of(_start(self._file)[:4]) == "utf-16"

    def _look(self, columns: Mapping[str, Column], numeric: Sequence[str]) -> None:
        """Find the decimal mark: with semicolons between cells it may be a comma."""
        if self._sep == ";":
            cells = (x for name in numeric for x in columns[name].to_pylist() if x)
            self._decimal = decimal_of(self._sep, cells) or "."

    def _pointed(self, columns: dict[str, Column], numeric: Sequence[str]) -> dict[str, Column]:
        if self._decimal != ".":
            import pyarrow.compute as pc

            for name in numeric:
                plain = pc.replace_substring(columns[name], ".", "")
                columns[name] = pc.replace_substring(plain, ",", ".")
        return columns

    # --- Parquet

    def _parquet(
        self, wanted: Sequence[str], _numeric: Sequence[str]
    ) -> Iterator[tuple[int, dict[str, Column]]]:
        import pyarrow.parquet as pq

        # Group after group: the reader of them all keeps what it has read.
        with pq.ParquetFile(self._file.path, buffer_size=_PAGE, pre_buffer=False) as opened:
            paths = _leaves(opened.schema_arrow)
            roots = list(dict.fromkeys(paths[name][0] for name in wanted))
            batches = (
                batch
                for at in range(opened.metadata.num_row_groups)
                for batch in opened.iter_batches(
                    _ROWS, row_groups=[at], columns=roots, use_threads=False
                )
            )
            for batch in batches:
                found = {}
                for name in wanted:
                    root, *rest = paths[name]
                    column = batch.column(batch.schema.get_field_index(root))
                    found[name] = _below(column, rest)
                yield batch.num_rows, found


def _start(file: PriceFile) -> bytes:
    with file.opened() as stream:
        return stream.read(_START)


class _Checked:
    """A stream of bytes that is text: the reader of rows loses one whose bytes are none."""

    def __init__(self, stream: Any, *, is_utf8: bool) -> None:
        self._stream, self.closed = stream, False
        self._decoder = codecs.getincrementaldecoder("utf-8")() if is_utf8 else None

    def read(self, size: int = -1) -> bytes:
        part = bytes(self._stream.read(size))
        if self._decoder is not None:
            self._decoder.decode(part, final=not part)
        return part

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def writable(self) -> bool:
        return False


def _leaves(schema: Any) -> dict[str, tuple[str, ...]]:
    """The columns of a nested table by dotted name, as usage.amount, with the way to each."""
    import pyarrow as pa

    found: dict[str, tuple[str, ...]] = {}

    def add(field: Any, way: tuple[str, ...]) -> None:
        here = (*way, field.name)
        if pa.types.is_struct(field.type):
            for each in field.type:
                add(each, here)
        else:
            found[".".join(here)] = here

    for field in schema:
        add(field, ())
    return found


def _below(column: Any, way: Sequence[str]) -> Column:
    import pyarrow.compute as pc

    for name in way:
        column = pc.struct_field(column, name)
    return column


def _said(text: str) -> str:
    """What a reader says, for people."""
    if "straddling" in text:
        return "a row of more than two million characters: is a quote not closed?"
    if "skip initial" in text:
        return "no rows below the header"
    if "UTF8" in text or "utf-8" in text.casefold() or "codec" in text:
        return "is not UTF-8 text: save it as CSV UTF-8"
    if "Parquet" in text or "parquet" in text or "footer" in text:
        return "is no whole Parquet file"
    line = " ".join(text.split())
    return f"cannot be read: {line[:200]}"
