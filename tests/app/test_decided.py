"""The decision record on the Report page: made with a name, and asked again."""

import json

import pytest
from streamlit.testing.v1 import AppTest

import tco
from tco.app import decided
from tco.report.facts import facts_of
from tco.scenario import Scenario
from tests.app.helpers import captions, html_of, opened


def downloads(app):
    return {one.proto.label: one.proto for one in app.get("download_button")}


def test_a_record_needs_a_name():
    app = opened("report", gpu="L4")
    assert downloads(app)["Decision record (.tco.json)"].disabled
    assert "Enter the name of the person who decides" in captions(app)
    next(box for box in app.text_input if box.label == "Decided by").set_value("Ada").run()
    assert not downloads(app)["Decision record (.tco.json)"].disabled
    assert app.session_state.scenario.given == {"gpu": "L4"}


@pytest.mark.parametrize("mime", ["application/json", "text/html", "application/pdf"])
def test_the_files_are_those_of_the_library(mime):
    scenario = Scenario(gpu="L4", gpus=8)
    made = decided._content(scenario, " Ada <Example> ", "two sites", mime)
    if mime == "application/pdf":
        assert made.startswith(b"%PDF-")
        return
    if mime == "text/html":
        assert "Ada &lt;Example&gt;" in made
        return
    record = tco.Decision.from_json(made)
    assert (record.decided_by, record.note) == ("Ada <Example>", "two sites")
    assert record.inputs == {"gpu": "L4", "gpus": 8}
    assert json.loads(made)["verdict"] == facts_of(scenario).verdict


def _two_answers():
    import streamlit as st

    from tco.app import panels
    from tco.scenario import Scenario

    st.session_state.scenario = Scenario()
    panels.answer("buy", "BUY", "The answer of the page.", ())
    panels.answer("rent", "RENT", "That of a decision on record.", ())


def test_a_record_stands_beside_the_answer_of_the_page():
    app = AppTest.from_function(_two_answers, default_timeout=30).run()
    assert not app.exception
    assert "The answer of the page." in html_of(app)
    assert "That of a decision on record." in html_of(app)
