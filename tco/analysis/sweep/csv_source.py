"""CSV files of scenarios, read strictly and in parts that end where a row does."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, TextIO

from tco.analysis.sweep.answers import column_problems
from tco.analysis.sweep.chunks import TextChunk
from tco.analysis.sweep.files import arrow, files_identity
from tco.errors import DataError
from tco.inputs import INPUTS

# A part ends by these characters too, however few its rows are.
_CHARACTERS = 2**21
_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvSource:
    """The rows of CSV files with one header; `-` is standard input."""

    files: tuple[str, ...]
    sep: str = ","
    decimal: str = "."
    carry: tuple[str, ...] = ()

    @property
    def weight(self) -> int | None:
        """Bytes of the files."""
        return None if self.files == ("-",) else sum(os.stat(file).st_size for file in self.files)

    def identity(self) -> dict[str, Any]:
        """The files, their sizes and times."""
        return files_identity(self.files)

    def names(self) -> list[str]:
        """The header of the first file."""
        with opened(self.files[0]) as stream:
            return self._header(stream, self.files[0])

    def schema(self) -> Any:
        """Numbers, flags and texts, by the declarations of the inputs."""
        pa = arrow()
        kinds = {"number": pa.float64(), "integer": pa.float64(), "flag": pa.bool_()}
        declared = {name: INPUTS[name].kind if name in INPUTS else "" for name in self.names()}
        return pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in declared.items()])

    def chunks(self, rows: int, done: Container[int] = ()) -> Iterator[tuple[int, TextChunk]]:
        """Runs of lines that end where a row does."""
        number, first = 0, None
        for file in self.files:
            with opened(file) as stream:
                header = self._header(stream, file)
                first = first or header
                if header != first:
                    raise DataError(f"{file}, line 1: not the columns of {self.files[0]}")
                for line, text in self._texts(stream, file, rows):
                    if number not in done:
                        told = (tuple(header), self.sep, self.decimal, file, line)
                        yield number, TextChunk(len(text), text, *told)
                    number += 1

    def _header(self, stream: TextIO, file: str) -> list[str]:
        try:
            reader = csv.reader(stream, delimiter=self.sep, strict=True)
            header = [name.strip() for name in next(reader, [])]
        except (csv.Error, OSError) as failed:
            raise DataError(f"{file}, line 1: {failed}") from failed
        if not header:
            raise DataError(f"{file}: is empty; the first line names the inputs")
        if not all(name.isprintable() for name in header):
            raise DataError(f"{file}, line 1: is not UTF-8 text")
        other = next((mark for mark in _SEPARATORS if len(header) == 1 and mark in header[0]), None)
        if other is not None:
            raise DataError(
                f"{file}, line 1: one column {header[0]!r}; did you mean --sep {other!r}?"
            )
        if problems := column_problems(header, self.carry):
            raise DataError(f"{file}, line 1: " + "; ".join(problems))
        return header

    def _texts(self, stream: TextIO, file: str, rows: int) -> Iterator[tuple[int, str]]:
        """Texts of whole rows, with the numbers of their first lines; at least an empty one."""
        line = first = 2
        while lines := _some(stream, file, rows):
            if any('"' in text for text in lines):
                self._complete(lines, stream, file, line)
            yield line, "".join(lines)
            line += len(lines)
        if line == first:
            yield line, ""

    def _complete(self, lines: list[str], stream: TextIO, file: str, first: int) -> None:
        """Add lines until the last row is whole: a quoted cell can hold line ends."""
        known = len(lines)

        def further() -> Iterator[str]:
            for text in stream:
                lines.append(text)
                yield text

        reader = csv.reader(chain(lines[:], further()), delimiter=self.sep, strict=True)
        try:
            while reader.line_num < known:
                next(reader)
        except (csv.Error, OSError) as failed:
            raise DataError(f"{file}, line {first + reader.line_num - 1}: {failed}") from failed


def _some(stream: TextIO, file: str, rows: int) -> list[str]:
    lines, characters = [], 0
    try:
        for text in stream:
            lines.append(text)
            characters += len(text)
            if len(lines) == rows or characters > _CHARACTERS:
                break
    except OSError as failed:
        raise DataError(f"{file}: {failed.strerror or failed}") from failed
    return lines


def opened(file: str) -> TextIO:
    """A file as text; what is not UTF-8 comes as lone surrogates and is refused by row."""
    if file == "-" and sys.stdin is None:
        raise DataError("standard input is closed")
    try:
        raw: Any = os.dup(sys.stdin.fileno()) if file == "-" else file
        return open(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as failed:
        raise DataError(f"{file}: {failed.strerror or failed}") from failed
