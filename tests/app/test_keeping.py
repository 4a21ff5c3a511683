"""Hardware that is there already is kept, not bought: in every word of every page."""

import re

import pytest

import tco
from tco import Scenario
from tco.report import charts
from tco.report.facts import facts_of
from tco.report.sheet import page
from tests.app.helpers import captions, html_of, opened, texts
from tests.app.test_options_page import options_page
from tests.app.test_risk_page import risk_page

OWNED = {"gpu": "L4", "already_owned": True}
# A purchase, in a word of its own; an option is called "buy new" all the same.
BOUGHT = re.compile(r"\bBUY\b|\b[Bb]uying\b")


def words_of(app):
    figures = [element.proto.spec for element in app.get("plotly_chart")]
    frames = [f"{list(frame.value.columns)}{frame.value.astype(str)}" for frame in app.dataframe]
    sliders = [element.proto.json for element in app.get("bidi_component")]
    shown = re.sub(r"<style>.*?</style>", "", html_of(app), flags=re.DOTALL)
    return "\n".join([shown, captions(app), texts(app), *figures, *frames, *sliders])


@pytest.mark.parametrize("pages", [opened, risk_page, options_page])
def test_a_page_keeps(pages):
    app = pages(gpu="L4", already_owned="true")
    assert not app.exception
    told = words_of(app)
    assert not BOUGHT.search(told), told[BOUGHT.search(told).start() - 80 :][:200]
    assert "KEEP" in told


def test_charts_keep():
    chart = charts.cumulative(tco.curves(**OWNED), tco.breakeven(**OWNED))
    told = chart.figure.to_json() + chart.title + chart.alt + chart.caption
    assert "KEEP" in told
    assert not BOUGHT.search(told)
    assert "KEEP" not in charts.cumulative(tco.curves(), tco.breakeven()).figure.to_json()


def test_the_decision_sheet_keeps():
    told = page(Scenario(**OWNED))
    assert "KEEP" in told
    assert not BOUGHT.search(re.sub(r"<style>.*?</style>", "", told, flags=re.DOTALL))


def test_one_word_on_every_surface():
    answer = tco.breakeven(**OWNED)
    assert answer.verdict == "buy"
    assert answer.reason.startswith("Keep: ")
    assert facts_of(Scenario(**OWNED)).headline.startswith("KEEP")
