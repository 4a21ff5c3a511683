"""On the Fleet page: a decision on record beside what the bill or the log says."""

from __future__ import annotations

import streamlit as st

from tco.analysis.actuals import actuals
from tco.analysis.decision import Decision
from tco.app import panels
from tco.app.panels import plain
from tco.bills.bill import Bill
from tco.bills.telemetry import Telemetry
from tco.errors import TcoError
from tco.inputs.tables import strict_text_of
from tco.report.decision import MOVED, PLAN, actual_rows, moved_rows
from tco.words import headline


def section(source: object) -> None:
    """Where a decision record is opened, and what the file above it says of the plan."""
    panels.title("Plan against what happened")
    if not isinstance(source, Bill | Telemetry):
        told = (
            "Upload a bill or a log above, under “A file or a bill”, then a decision record here."
        )
        st.caption(plain(told))
        return
    file = st.file_uploader(
        "Decision record (.tco.json)", ("json",), key="decided", max_upload_size=2
    )
    if file is None:
        return
    try:
        record = Decision.from_json(strict_text_of(file.getvalue(), "it"))
        bill = source if isinstance(source, Bill) else None
        log = source if isinstance(source, Telemetry) else None
        found = actuals(record, bill=bill, telemetry=log)
    except TcoError as wrong:
        panels.remarks(str(wrong).splitlines(), "It cannot be compared:")
        return
    who = f"Decided by {record.decided_by} on {record.decided_on}."
    check = found.check
    *more, last = found.sentences
    word = headline(check.verdict, check.confidence)
    panels.answer(check.verdict, word, last, (*more, who))
    panels.written(PLAN, actual_rows(found), "Planned and actual")
    if rows := moved_rows(check):
        panels.written(MOVED, rows, "What moved the decision")
