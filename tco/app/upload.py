"""Files from the reader's disk: read strictly, or refused with a reason; nothing in them is run."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from tco.analysis.sweep.answers import answered, column_problems
from tco.analysis.sweep.sources import TextChunk
from tco.analysis.sweep.writing import csv_header, csv_text
from tco.app import figures, notes, pinned, state
from tco.app.text import plain
from tco.errors import DataError, TcoError
from tco.market.catalogue import Catalogue
from tco.report.pins import Pin, pins_of_json
from tco.scenario import Scenario
from tco.scenario.documents import scenarios_of_json

LARGEST_BYTES, MOST_ROWS, MOST_COLUMNS = 2_000_000, 5_000, 128
_KEY, _TYPES = "upload", ("json", "csv")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_SAID, _MOST_SAID, _LONGEST_NAME = 300, 8, 60
_LIMITS = (
    f"JSON or CSV in UTF-8, up to {LARGEST_BYTES // 10**6} MB, {MOST_ROWS:,} rows and "
    f"{MOST_COLUMNS} columns. Cells are separated by commas, with decimal points; or by "
    "semicolons, with decimal commas. The first line names the inputs, as in `tco inputs`; an "
    "empty cell means that the default counts."
)
_CSS = """<style>
[data-testid="stFileUploader"] button {min-height: 24px; min-width: 24px;}
</style>"""


@dataclass(frozen=True)
class Table:
    """The answers to a table of scenarios, as the CSV of `tco breakeven --csv`."""

    rows: int
    wrong: int
    answers: str


Content = Scenario | tuple[Pin, ...] | Table


@lru_cache(maxsize=4)
def read(name: str, data: bytes, catalogue: Catalogue) -> Content:
    """What a file holds: a scenario, pinned scenarios, or a table, whose rows are answered.

    InputError and DataError say in one sentence each what is wrong with it.
    """
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if kind not in _TYPES:
        raise DataError("a file is named .json (scenarios) or .csv (a table)")
    text = _text(data)
    return answers_of(text, catalogue) if kind == "csv" else scenarios_of(text, catalogue)


def _text(data: bytes) -> str:
    """Strictly UTF-8; a byte-order mark, which spreadsheets put there, does not count."""
    if len(data) > LARGEST_BYTES:
        raise DataError(f"{len(data):,} bytes are more than {LARGEST_BYTES:,}")
    if data.startswith(_UTF_16):
        raise DataError("it is UTF-16: save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise DataError(f"byte {wrong.start + 1:,} is not UTF-8: save the file as UTF-8") from None
    if "\0" in text:
        raise DataError("it holds characters that no text has: save it as UTF-8 text")
    if not text.strip():
        raise DataError("it is empty")
    return text


def scenarios_of(text: str, catalogue: Catalogue) -> Content:
    """The scenario of a document of one, or the pins of a document of several."""
    (name, inputs), *others = scenarios_of_json(text) or ((None, {}),)
    if name is None:
        raise DataError("it holds no scenario")
    for given in (inputs, *(more for _, more in others)):
        _check_single(given)
    if name or others:
        return pins_of_json(text)
    return Scenario(**inputs, prices=catalogue if catalogue.extra else None)


def _check_single(inputs: dict[str, Any]) -> None:
    for name, value in inputs.items():
        if isinstance(value, (list, dict)):
            raise DataError(f"{name} holds several values: upload a table as CSV, a row a scenario")


def answers_of(text: str, catalogue: Catalogue) -> Table:
    """The rows of a CSV text, each answered or with what is wrong with it."""
    sep, decimal = (";", ",") if ";" in text.partition("\n")[0] else (",", ".")
    stream = io.StringIO(text, newline="")
    reader = csv.reader(stream, delimiter=sep, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as wrong:
        raise DataError(f"line 1: {wrong}") from None
    if len(header) > MOST_COLUMNS:
        raise DataError(f"{len(header):,} columns are more than {MOST_COLUMNS}")
    if problems := column_problems(header):
        raise DataError(f"line 1: {'; '.join(problems)}")
    first, body = reader.line_num + 1, stream.read()
    part = TextChunk(len(body), body, tuple(header), sep, decimal, "the table", first)
    if not 0 < len(part.records) <= MOST_ROWS:
        raise DataError(f"{len(part.records):,} rows are not between 1 and {MOST_ROWS:,}")
    answers = answered(part.rows(), catalogue)
    lines = csv_header(part.names(), sep) + csv_text(part, answers, catalogue, sep, decimal)
    return Table(len(part.records), len(answers.errors), lines)


def section() -> None:
    """Where a file is opened, and what can be done with what it holds."""
    figures.title("Open a file")
    st.html(_CSS)
    st.caption(_LIMITS)
    label = "A scenario or pinned scenarios (.tco.json), or a table of scenarios (.csv)"
    file = st.file_uploader(label, _TYPES, key=_KEY)
    if file is None:
        return
    try:
        found = read(file.name, file.getvalue(), state.scenario().catalogue)
    except TcoError as wrong:
        notes.remarks(said(str(wrong)), f"{html.escape(_named(file.name))} was not opened:")
        return
    if isinstance(found, Table):
        _table(file.name, found)
    elif isinstance(found, Scenario):
        _scenario(file.name, found)
    else:
        _pins(file.name, found)


def said(message: str) -> list[str]:
    r"""The lines of a message about a stranger's file: few, short, and such as can be sent.

    >>> said("a" + chr(0xD800))
    ['a\\ud800']
    """
    sent = message.encode("utf-8", "backslashreplace").decode()
    lines = [line[:_LONGEST_SAID] for line in sent.splitlines()]
    more = len(lines) - _MOST_SAID
    return lines if more <= 0 else [*lines[:_MOST_SAID], f"and {more:,} more"]


def _named(name: str) -> str:
    """The name of a file, as text and not too long."""
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    return shown.encode("utf-8", "backslashreplace").decode()


def _scenario(name: str, scenario: Scenario) -> None:
    st.markdown(plain(f"{_named(name)} holds a scenario: {pinned.described(scenario)}."))
    st.button("Use these inputs", on_click=pinned.load, args=(scenario,), key="use")


def _pins(name: str, pins: Sequence[Pin]) -> None:
    names = ", ".join(one.name for one in pins)
    st.markdown(plain(f"{_named(name)} holds {len(pins)} pinned scenarios: {names}."))
    label = "Replace the pins by these" if pinned.pins() else "Pin these"
    st.button(label, on_click=pinned.keep, args=(pins,), key="use")


def _table(name: str, table: Table) -> None:
    wrong = f"{table.wrong:,} with an error, said in its row" if table.wrong else "none with errors"
    st.markdown(plain(f"{_named(name)} holds {table.rows:,} scenarios, {wrong}."))
    file = f"{PurePath(name).stem[:_LONGEST_NAME]}-answers.csv"
    answers = partial(str, table.answers)
    st.download_button("Answers (CSV)", answers, file, "text/csv", "answers", on_click="ignore")
