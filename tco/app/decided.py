"""On the Report page: put a decision on record, and ask one from the reader's disk again."""

from __future__ import annotations

from functools import lru_cache, partial

import streamlit as st

from tco.analysis.decision import LONGEST_NAME, LONGEST_NOTE, Decision, decide
from tco.analysis.recheck import recheck
from tco.app import bound, panels, pinned, state
from tco.app.panels import plain
from tco.errors import TcoError
from tco.report.decision import MOVED, decision_page, moved_rows
from tco.report.facts import Facts
from tco.report.pdf import pdf_of, why_no_pdf
from tco.scenario import Scenario
from tco.words import headline

_JSON, _HTML, _PDF = "application/json", "text/html", "application/pdf"
# What is missing stays so until somebody installs it, and starts the app anew.
no_pdf = lru_cache(maxsize=1)(why_no_pdf)


def section(facts: Facts) -> None:
    """Who decides and why, and the record as a file to keep and as a page to sign."""
    panels.title("Decision record")
    with st.container(key="decision"):
        look = {"width": 360, "placeholder": "Name"}
        by = bound.own("text_input", "Decided by", "by", "", max_chars=LONGEST_NAME, **look)
        long = {"max_chars": LONGEST_NOTE, "width": "stretch"}
        reason = bound.own("text_input", "Reason (optional)", "reason", "", **long)
        with st.container(horizontal=True, key="decision_files"):
            _file("Decision record (.tco.json)", "decision.tco.json", _JSON, facts, by, reason)
            _file("Page to sign (HTML)", "decision.html", _HTML, facts, by, reason)
            _file("Page to sign (PDF)", "decision.pdf", _PDF, facts, by, reason)
        told = f"{_TOLD} No PDF here: {no_pdf()}." if no_pdf() else _TOLD
        st.caption(plain(_lacking(facts, by) or told))


_TOLD = (
    "The record holds the verdict, all inputs as they are now, the versions and the date of the "
    "data. Open it below, or with tco recheck, to see whether the decision still holds."
)


def _lacking(facts: Facts, by: str) -> str:
    if facts.compared is None:
        return "Not available: there is no verdict."
    return "" if by.strip() else "Enter the name of the person who decides."


def _file(label: str, name: str, mime: str, facts: Facts, by: str, reason: str) -> None:
    build = partial(_content, facts.scenario, by, reason, mime)
    off = bool(_lacking(facts, by)) or bool(mime == _PDF and no_pdf())
    st.download_button(label, build, name, mime, name, on_click="ignore", disabled=off)


def _content(scenario: Scenario, by: str, reason: str, mime: str) -> str | bytes:
    record = decide(scenario, by=by, note=reason)
    if mime == _JSON:
        return record.to_json()
    page = decision_page(record)
    return pdf_of(page) if mime == _PDF else page


def checked(name: str, record: Decision) -> None:
    """Whether the decision of a record holds on the data in use, and what moved since."""
    who = f"decided by {record.decided_by} on {record.decided_on}"
    st.markdown(plain(f"{name} holds a decision, {who}."))
    try:
        found = recheck(record, prices=state.scenario().catalogue)
    except TcoError as wrong:
        panels.remarks(str(wrong).splitlines(), "It cannot be checked:")
        return
    word = headline(found.verdict, found.confidence)
    panels.answer(found.verdict, word, found.sentence, ())
    if rows := moved_rows(found):
        panels.written(MOVED, rows, "What moved since the decision")
    else:
        st.caption("No input has moved since then.")
    load = partial(pinned.loaded, record.question())
    bound.button("Use the inputs of this decision", "use", load, (bound.ALL,))
