"""Tables of scenarios that are sent: read strictly before the first row is answered.

They are answered part by part: the answers of one part at a time are in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tco.api.asking import CSV, beside
from tco.errors import DataError, InputError, Problem, shown
from tco.inputs.lines import Line
from tco.market.catalogue import Catalogue
from tco.questions.tables import csv_parts
from tco.report.csv import check_format

if TYPE_CHECKING:
    from tco.analysis.sweep.csv_rows import CsvRows

# Rows of a part.
_CHUNK = 8_192
# Characters of a line that no reader of CSV refuses.
_LONG = 2**16
# How the cells of a table are written, as parameters of the address.
SEP, DECIMAL = "sep", "decimal"


# What readers of tables say to who has a shell, and what it is here.
_HERE = {
    "with tco breakeven --csv, did you mean --sep ": "did you mean the parameter sep = ",
    "`tco inputs` lists them": "/api/v1/inputs lists them",
}


class TooManyRows(Exception):
    """A table of more rows than are answered."""


def answered_csv(
    body: bytes, ending: str, query: Mapping[str, str], catalogue: Catalogue, most: int
) -> Iterator[bytes]:
    """The answers to a CSV table, part by part.

    InputError for what is no such table, TooManyRows for one of more rows than `most`, both before
    the first part.
    """
    from tco.analysis.sweep.csv_rows import csv_chunks

    sep, decimal = _format_of(query)
    if not _is_plain(body, most):
        rows = 0
        for chunk in _told(csv_chunks((body,), _CHUNK, sep, decimal)):
            rows += chunk.size
            if rows > most:
                raise TooManyRows(_too_many(most))
    chunks = _told(csv_chunks((body,), _CHUNK, sep, decimal))
    return _parts(chunks, ending, catalogue, sep, decimal)


def _is_plain(body: bytes, most: int) -> bool:
    """Whether a table has no more rows than lines, of which there are few enough, and none is long.

    What can be wrong with such a table is seen with its first rows.
    """
    if any(mark in body for mark in (b'"', b"\r", b"\0")) or body.count(b"\n") > most:
        return False
    return max(map(len, body.split(b"\n"))) < _LONG


def _told(chunks: Iterable[CsvRows]) -> Iterator[CsvRows]:
    """The same; what is wrong with the table is the client's to mend."""
    try:
        yield from chunks
    except DataError as wrong:
        told = str(wrong)
        for in_shell, here in _HERE.items():
            told = told.replace(in_shell, here)
        raise InputError([Problem("body", told)]) from None


def answered_json(
    given: Any, ending: str, query: Mapping[str, str], catalogue: Catalogue, most: int
) -> Iterator[bytes]:
    """The same of a list of objects, or of a document of several scenarios."""
    from tco.questions.json_rows import objects_of

    sep, decimal = _format_of(query)
    objects = objects_of(given)
    if objects.size > most:
        raise TooManyRows(_too_many(most))
    chunks = objects.chunks(_CHUNK)
    return _parts(chunks, ending, catalogue, sep, decimal or ".", objects.lines)


def _parts(
    chunks: Iterable[Any],
    ending: str,
    catalogue: Catalogue,
    sep: str,
    decimal: str | None,
    lines: tuple[Line, ...] = (),
) -> Iterator[bytes]:
    from tco.questions.json_rows import json_parts

    if ending == CSV:
        made = csv_parts(chunks, catalogue, sep, decimal, notes=True, own_lines=lines)
        return (part.text.encode("utf-8", "replace") for part in made)
    return (
        text.encode("utf-8", "backslashreplace") for text in json_parts(chunks, catalogue, lines)
    )


def _too_many(most: int) -> str:
    return f"the table has more than {most:,} rows: send it in parts"


def _format_of(query: Mapping[str, str]) -> tuple[str, str | None]:
    """How cells are separated, and the mark of decimals if it is told."""
    strange = [name for name in query if name not in (SEP, DECIMAL)]
    told = "is not taken beside a table: there are sep and decimal"
    sep, decimal = query.get(SEP, ","), query.get(DECIMAL) or None
    with beside(Problem(name, f"{shown(name)} {told}") for name in strange[:20]):
        check_format(sep, decimal or ".")
    return sep, decimal
