"""The Report page: the answer handed over as a link, as files, as Python, and side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from tco.app import figures, market, notes, panels, pinned, state, upload
from tco.app.link import VERSION, encode
from tco.app.text import plain
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.model.breakeven import breakeven
from tco.report.csv import ledger_csv, report_csv, versions
from tco.report.decision import Decision, decide
from tco.report.snippet import dated, made_by, snippet
from tco.scenario import Scenario
from tco.version import __version__

PATH = "report"
_JSON, _CSV, _HTML = "application/json", "text/csv", "text/html"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Sentences of the verdict: which way and how sure, what an hour costs, how much it saves.
_SAID = 3
VERDICT, SENSE, NOTHING = "verdict", "sense", "nothing"
# What can be copied says so to those who cannot hover, too.
_CSS = """<style>
[data-testid="stCode"] > div {opacity: 1; visibility: visible;}
[data-testid="stCode"] pre {padding-right: 3.5rem;}
</style>"""
_CITE = "The gpu-tco authors: {made_by}. Data sources are named in the files. Scenario: {link}"


@dataclass(frozen=True)
class File:
    """A file that can be downloaded: what it is called, what is in it, and how it is made.

    `needs` says of what: a verdict, inputs that go together, or nothing.
    """

    label: str
    content: str
    suffix: str
    mime: str
    build: Callable[[Scenario, str], str | bytes]
    needs: str = VERDICT

    def lacking(self, decision: Decision) -> str:
        """Why the file cannot be made; empty where it can."""
        if self.needs != NOTHING and decision.problems:
            return "these inputs do not go together"
        if self.needs == VERDICT and decision.answer is None:
            unknown = " and the ".join(INPUTS[name].meaning for name in decision.missing)
            return f"needs the {unknown}"
        return ""


def _workbook(scenario: Scenario, _link: str) -> bytes:
    from tco.report.workbook import workbook

    return workbook(scenario)


def _sheet(scenario: Scenario, link: str) -> str:
    from tco.report.sheet import page as sheet

    return sheet(scenario, link=link)


FILES = (
    File(
        "Decision sheet (HTML)",
        "one A4 page with the verdict, the curve, what matters most, the options and the sources; "
        "works offline and prints",
        "sheet.html",
        _HTML,
        _sheet,
        SENSE,
    ),
    File(
        "Workbook (XLSX)",
        "summary, inputs, months, options, sources and a check, with live formulas: change a blue "
        "cell and everything follows",
        "workbook.xlsx",
        _XLSX,
        _workbook,
    ),
    File(
        "Report (CSV)",
        "every input with value, unit, status, range, source and date; then every result",
        "report.csv",
        _CSV,
        lambda scenario, _link: report_csv(scenario),
    ),
    File(
        "Ledger (CSV)",
        "every cost of owning and of renting, item by item and month by month",
        "ledger.csv",
        _CSV,
        lambda scenario, _link: ledger_csv(scenario),
    ),
    File(
        "Scenario (.tco.json)",
        "what you gave and the date of the data; opens below, in Python with "
        "tco.Scenario.from_json, and with tco breakeven --scenario",
        "scenario.tco.json",
        _JSON,
        lambda scenario, _link: dated(scenario).to_json(),
        NOTHING,
    ),
)


def page() -> None:
    """Everything with which somebody else gets the same answer."""
    st.set_page_config(page_title="Report: rent GPUs or buy them?")
    scenario = state.scenario()
    link = address(st.context.url or "", scenario)
    panels.heading(scenario, "Hand it over")
    notes.prices_in_use(scenario, market.trouble())
    notes.remarks(state.remarks(), "Parts of this link were not used:")
    decision = decide(scenario)
    _answer(decision)
    _link(scenario, link)
    _files(decision, link)
    _python(decision)
    pinned.section()
    upload.section()
    _about(scenario, link)


def address(url: str, scenario: Scenario) -> str:
    """The link to a scenario, with the date of its data, from the address of any page of the app.

    >>> address("http://localhost:8501/report?v=1", Scenario(gpu="T4", as_of="2026-09-01"))
    'http://localhost:8501/?v=1&as_of=2026-09-01&gpu=T4'
    """
    root = url.partition("?")[0].rstrip("/").removesuffix(f"/{PATH}")
    asked = dated(scenario)
    return f"{root}/?{urlencode(encode(asked) or {'v': VERSION, 'as_of': asked.as_of})}"


def file_name(scenario: Scenario, suffix: str) -> str:
    """The name of a file: the GPU and the date of the data, in letters that every system takes.

    >>> file_name(Scenario(gpu="L4", as_of="2026-09-01"), "report.csv")
    'tco-L4-2026-09-01-report.csv'
    """
    values = scenario.values()
    gpu = re.sub(r"[^A-Za-z0-9-]+", "-", values["gpu"])
    return f"tco-{gpu}-{values['as_of']}-{suffix}"


def _answer(decision: Decision) -> None:
    """The answer in one sentence, or why there is none."""
    if decision.answer is not None:
        st.markdown(plain(" ".join(pinned.told(decision)[:_SAID])))
        return
    try:
        breakeven(decision.scenario)
    except InputError as wrong:
        notes.remarks(str(wrong).splitlines(), "No verdict:")


def _link(scenario: Scenario, link: str) -> None:
    figures.title("Link")
    st.html(_CSS)
    st.code(link, language=None, wrap_lines=True)
    asked = dated(scenario)
    told = f"It carries the date of the data, {asked.as_of}, and {pinned.described(asked)}."
    st.caption(plain(f"{told} Whoever opens it, now or later, gets the same numbers."))


def _files(decision: Decision, link: str) -> None:
    scenario = decision.scenario
    figures.title("Files")
    for file in FILES:
        lacking = file.lacking(decision)
        with st.container(horizontal=True, vertical_alignment="center", key=f"row_{file.suffix}"):
            st.download_button(
                file.label,
                partial(file.build, scenario, link),
                file_name(scenario, file.suffix),
                file.mime,
                file.suffix,
                on_click="ignore",
                disabled=bool(lacking),
                width=210,
            )
            st.caption(plain(f"Not available: {lacking}." if lacking else f"{file.content}."))


def _python(decision: Decision) -> None:
    figures.title("Python")
    if decision.answer is None:
        st.caption("Not available: there is no verdict.")
        return
    st.code(snippet(decision.scenario), language="python", wrap_lines=True)
    st.caption("The call that gives this answer, with the date of the data.")


def _about(scenario: Scenario, link: str) -> None:
    figures.title("Versions, and how to cite")
    stamps: dict[str, Any] = {"package": __version__, **versions(scenario.catalogue)}
    told = " · ".join(f"{name.replace('_', ' ')} {stamp}" for name, stamp in stamps.items())
    st.caption(plain(f"{told}. Every file carries them."))
    st.code(_CITE.format(made_by=made_by(scenario), link=link), language=None, wrap_lines=True)
