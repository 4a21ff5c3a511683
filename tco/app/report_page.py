"""The Report page: the answer handed over as a link, as files, as Python, and side by side.

Files from the reader's disk are read strictly, or refused with a reason; nothing in them is run.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from tco.analysis.decision import Decision, is_record
from tco.app import bound, decided, finance_part, lines, panels, pinned, state
from tco.app.panels import plain
from tco.app.tables import MOST_COLUMNS, MOST_ROWS, Table, answered_aside
from tco.errors import DataError, InputError, TcoError
from tco.inputs import INPUTS
from tco.inputs.labels import in_labels
from tco.inputs.lines import Line
from tco.inputs.tables import other_table, strict_text_of, text_of
from tco.market.catalogue import Catalogue
from tco.model.breakeven import breakeven
from tco.report.csv import ledger_csv, report_csv, versions
from tco.report.facts import Facts
from tco.report.handover import Pin, dated, made_by, pins_of_json, snippet
from tco.report.pdf import pdf_of
from tco.report.sheet import page as sheet
from tco.report.workbook import workbook
from tco.scenario import Scenario
from tco.scenario.documents import scenarios_of_json
from tco.scenario.lines_csv import is_lines_csv, lines_of_csv
from tco.scenario.link import query, too_long
from tco.version import __version__
from tco.words.figures import capital, counted

_JSON, _CSV, _HTML, _PDF = "application/json", "text/csv", "text/html", "application/pdf"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What can be looked at before it is downloaded: a page at its height, or the beginning of a text.
_SEEN, _SHEET_HEIGHT, _MOST_SEEN = (_HTML, _CSV, _JSON), 900, 30
VERDICT, SENSE, NOTHING = "verdict", "sense", "nothing"
LARGEST_BYTES = 2_000_000
_LONGEST_NAME = 60
_LIMITS = (
    f"JSON or CSV in UTF-8, up to {LARGEST_BYTES // 10**6} MB, {MOST_ROWS:,} rows and "
    f"{MOST_COLUMNS} columns. Cells are separated by commas, semicolons or tabs; with semicolons "
    "the decimal mark is what the numbers show. The first line names the inputs, as in "
    "`tco inputs`; an empty cell takes the default; empty rows are skipped."
)


@dataclass(frozen=True)
class File:
    """A file that can be downloaded: what it is called, what is in it, and how it is made.

    `needs` says of what: a verdict, inputs that can be combined, or nothing.
    """

    label: str
    suffix: str
    mime: str
    build: Callable[[Scenario, str], str | bytes]
    needs: str
    content: str

    def lacking(self, facts: Facts) -> str:
        """Why the file cannot be made; empty where it can."""
        if self.mime == _PDF and (why := decided.no_pdf()):
            return why
        if self.needs != NOTHING and facts.problems:
            return "these inputs cannot be combined"
        if self.needs == VERDICT and facts.answer is None:
            unknown = " and the ".join(INPUTS[name].meaning for name in facts.missing)
            return f"needs the {unknown}"
        return ""


# fmt: off
FILES = (
    File("Decision sheet (HTML)", "sheet.html", _HTML, sheet, SENSE,
         "an A4 page and notes: verdict, cost curve, key inputs, options, sources; works offline "
         "and prints to PDF"),
    File("Decision sheet (PDF)", "sheet.pdf", _PDF, lambda one, link: pdf_of(sheet(one, link)),
         SENSE, "the same page, ready to send and to sign"),
    File("Workbook (XLSX)", "workbook.xlsx", _XLSX, lambda one, _link: workbook(one), VERDICT,
         "summary, inputs, months, options, sources and a check, with live formulas: change a "
         "blue cell and everything recalculates"),
    File("Report (CSV)", "report.csv", _CSV, lambda one, _link: report_csv(one), VERDICT,
         "results and measures, then every input: value, unit, status, range, source and date"),
    File("Ledger (CSV)", "ledger.csv", _CSV, lambda one, _link: ledger_csv(one), VERDICT,
         "every cost of owning and renting, by item and month"),
    File("Scenario (.tco.json)", "scenario.tco.json", _JSON,
         lambda one, _link: dated(one).to_json(), NOTHING,
         "your inputs and the date of the data; opens below, in Python with "
         "tco.Scenario.from_json, and with tco breakeven --scenario"),
)
# fmt: on


def page() -> None:
    """Everything with which somebody else gets the same answer: the files first."""
    st.set_page_config(page_title="Report: rent GPUs or buy them?")
    scenario = state.scenario()
    facts = state.facts(scenario)
    link = address(st.context.url or "", scenario)
    panels.heading(scenario, "How do I share this answer?")
    with st.container(key="handed"):
        _answer(facts)
    _files(facts, link)
    finance_part.section(facts)
    _copied(facts, link)
    _preview(facts, link)
    decided.section(facts)
    pinned.section()
    lines.section(scenario)
    _opened()
    panels.title("Versions, and how to cite")
    stamps: dict[str, Any] = {"package": __version__, **versions(scenario.catalogue)}
    told = " · ".join(f"{name.replace('_', ' ')} {stamp}" for name, stamp in stamps.items())
    st.caption(plain(f"{told}. Every file states them."))
    cited = f"The gpu-tco authors: {made_by(scenario)}. Data sources are named in the files."
    st.code(f"{cited} Scenario: {link}" if link else cited, language=None, wrap_lines=True)


def _answer(facts: Facts) -> None:
    """What is handed over: the sentence to remember, what an hour costs, how much it saves."""
    if facts.answer is not None:
        first, *more = facts.sentences[:3]
        panels.answer(facts.verdict, facts.headline, first, [" ".join(more)])
        return
    try:
        breakeven(facts.scenario)
    except InputError as wrong:
        panels.remarks(in_labels(str(wrong)).splitlines(), "No verdict:")


def _copied(facts: Facts, link: str) -> None:
    """The link and the Python call, each with a button that copies it."""
    asked = dated(facts.scenario)
    with st.container(key="copied"):
        with st.container(key="copied_link"):
            panels.title("Link")
            if link:
                st.code(link, language=None, wrap_lines=True)
                told = f"Data as of {asked.as_of}; {pinned.described(asked)}."
                st.caption(
                    plain(f"{told} Anyone who opens it, now or later, gets the same numbers.")
                )
            else:
                panels.note(f"There is no link: {too_long(facts.scenario)}, above.")
        with st.container(key="copied_code"):
            panels.title("Python")
            if facts.answer is None:
                st.caption("Not available: there is no verdict.")
            else:
                st.code(snippet(facts.scenario), language="python", wrap_lines=True)
                st.caption("The Python call that reproduces this answer on the same data.")


def _preview(facts: Facts, link: str) -> None:
    """What stands in a file, on request: the sheet as it prints, the others as text."""
    shown = [file for file in FILES if file.mime in _SEEN and not file.lacking(facts)]
    if not shown:
        return
    panels.title("Preview")
    names = [file.label for file in shown]
    look: dict[str, Any] = {"options": names, "label_visibility": "collapsed"}
    chosen = bound.own("segmented_control", "Preview of a file", "preview", None, **look)
    file = next((file for file in shown if file.label == chosen), None)
    with st.container(key="preview_of"):
        if file is None:
            st.caption("Choose a file to preview it here.")
            return
        built = str(file.build(facts.scenario, link))
        if file.mime == _HTML:
            st.iframe(built, height=_SHEET_HEIGHT, alt="The decision sheet")
            return
        head = built.splitlines()
        st.code("\n".join(head[:_MOST_SEEN]), language=None)
        if (more := len(head) - _MOST_SEEN) > 0:
            st.caption(f"The first {_MOST_SEEN} lines; {more:,} more are in the file.")


def address(url: str, scenario: Scenario) -> str:
    """The link to a scenario, with the date of its data, from the address of any page of the app.

    Empty where the scenario is too long for one.

    >>> address("http://localhost:8501/report?v=1", Scenario(gpu="T4", as_of="2026-09-01"))
    'http://localhost:8501/?v=1&check=6002ec7b&as_of=2026-09-01&gpu=T4'
    """
    root = url.partition("?")[0].rstrip("/").removesuffix("/report")
    told = query(scenario)
    return f"{root}/{told}" if told else ""


def file_name(scenario: Scenario, suffix: str) -> str:
    """The name of a file: the GPU and the date of the data, in letters that every system takes.

    >>> file_name(Scenario(gpu="L4", as_of="2026-09-01"), "report.csv")
    'tco-L4-2026-09-01-report.csv'
    """
    values = scenario.values()
    gpu = re.sub(r"[^A-Za-z0-9-]+", "-", values["gpu"])
    return f"tco-{gpu}-{values['as_of']}-{suffix}"


def _files(facts: Facts, link: str) -> None:
    scenario = facts.scenario
    panels.title("Files")
    with st.container(key="files"):
        for file in FILES:
            lacking = file.lacking(facts)
            with st.container(key=f"file_{file.suffix.replace('.', '_')}"):
                st.download_button(
                    file.label,
                    partial(file.build, scenario, link),
                    file_name(scenario, file.suffix),
                    file.mime,
                    file.suffix,
                    on_click="ignore",
                    disabled=bool(lacking),
                    type="primary" if file is FILES[0] and not lacking else "secondary",
                    width="stretch",
                )
                said = f"Not available: {lacking}." if lacking else f"{capital(file.content)}."
                st.caption(plain(said))


# --- Files from the reader's disk


@dataclass(frozen=True)
class Lines:
    """Lines of the user's own, for the scenario on the screen."""

    lines: tuple[Line, ...]


Content = Scenario | tuple[Pin, ...] | Table | Lines | Decision


def read(name: str, data: bytes, catalogue: Catalogue) -> Content:
    """What a file holds: a scenario, pins, a decision, own lines, or a table, which is answered.

    A byte-order mark, which spreadsheets put there, does not count. InputError and DataError say in
    one sentence each what is wrong with it.
    """
    try:
        found = _outcome(name, data, catalogue)
    except (BrokenProcessPool, TimeoutError):
        raise DataError("it needs more time or memory than one file may use: split it") from None
    if isinstance(found, TcoError):
        raise found.with_traceback(None)
    return found


@lru_cache(maxsize=4)
def _outcome(name: str, data: bytes, catalogue: Catalogue) -> Content | TcoError:
    """What a file holds or what is wrong with it, which every run of the page asks for anew."""
    try:
        return _content(name, data, catalogue)
    except TcoError as wrong:
        return wrong


def _content(name: str, data: bytes, catalogue: Catalogue) -> Content:
    kind = PurePath(name).suffix.lower()
    if kind not in (".json", ".csv"):
        raise DataError("the file name must end in .json (scenarios) or .csv (a table)")
    if len(data) > LARGEST_BYTES:
        raise DataError(f"{len(data):,} bytes exceed the limit of {LARGEST_BYTES:,}")
    text = text_of(data, "it")
    if not text.strip():
        raise DataError("it is empty")
    if kind == ".json":
        return scenarios_of(strict_text_of(data, "it"), catalogue)
    if other := other_table(data[:80]):
        raise DataError(f"it is {other}")
    if is_lines_csv(text):
        return Lines(lines_of_csv(strict_text_of(data, "it"), "the file"))
    return answered_aside(text, catalogue)


def scenarios_of(text: str, catalogue: Catalogue) -> Content:
    """The scenario of a document of one, the pins of a document of several, or a decision."""
    if is_record(text):
        return Decision.from_json(text)
    found = scenarios_of_json(text)
    if not found:
        raise DataError("it contains no scenario")
    for _, given in found:
        for name, value in given.items():
            if name != "lines" and isinstance(value, (list, dict)):
                several = f"{name} has several values"
                raise DataError(f"{several}: upload a table as CSV, one scenario per row")
    (title, inputs), *others = found
    if title or others:
        return pins_of_json(text)
    return Scenario(**inputs, prices=catalogue if catalogue.extra else None)


def _opened() -> None:
    """Where a file is opened, and what can be done with what it holds."""
    panels.title("Open a file")
    st.caption(_LIMITS)
    st.caption(plain(f"Costs and income that no input covers can be uploaded {lines.HOW}."))
    label = (
        "A scenario, pinned scenarios or a decision record (.tco.json), a table of scenarios or "
        "your own lines (.csv)"
    )
    most = LARGEST_BYTES // 10**6
    file = st.file_uploader(label, ("json", "csv"), key="upload", max_upload_size=most)
    if file is None:
        return
    name = _named(file.name)
    try:
        found = read(file.name, file.getvalue(), state.scenario().catalogue)
    except TcoError as wrong:
        panels.remarks(panels.said(str(wrong)), f"{html.escape(name)} could not be opened:")
        return
    if isinstance(found, Table):
        wrong_rows = f"{found.wrong:,} with an error, stated in its row"
        told = wrong_rows if found.wrong else "none with errors"
        st.markdown(plain(f"{name} holds {counted(found.rows, 'scenario')}, {told}."))
        answers, stem = partial(str, found.answers), PurePath(file.name).stem[:_LONGEST_NAME]
        saved = f"{stem}-answers.csv"
        st.download_button("Answers (CSV)", answers, saved, _CSV, "answers", on_click="ignore")
    elif isinstance(found, Lines):
        names = ", ".join(line.name for line in found.lines) or "none"
        st.markdown(plain(f"{name} holds {counted(len(found.lines), 'line')}: {names}."))
        label = "Replace your lines with these" if state.scenario().lines else "Use these lines"
        bound.button(label, "use_lines", partial(lines.use, found.lines), ("lines",))
    elif isinstance(found, Decision):
        decided.checked(name, found)
    elif isinstance(found, Scenario):
        st.markdown(plain(f"{name} holds a scenario: {pinned.described(found)}."))
        load = partial(pinned.loaded, found)
        bound.button("Use these inputs", "use", load, (bound.ALL,))
    else:
        names = ", ".join(one.name for one in found)
        st.markdown(plain(f"{name} holds {counted(len(found), 'pinned scenario')}: {names}."))
        label = "Replace the pins with these" if pinned.pins() else "Pin these"
        bound.button(label, "use", partial(pinned.keep, found))


def _named(name: str) -> str:
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    return shown.encode("utf-8", "backslashreplace").decode()
