"""The charts on a dark page: the same figures in colours that can be read there."""

import re

import pytest

import tco
from tco.analysis.history import history, trends
from tco.analysis.offers import offer_quantiles, offers
from tco.report import charts
from tco.report.charts import BUY, RENT, RENT_TEXT, Chart
from tco.report.charts.drawing import INK, NIGHT, QUIET, WHITE, Draft, themed
from tco.report.facts import facts_of
from tests.app.helpers import data_page

TEXT, LINE = 4.5, 3


def luminance(color):
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_colors(part, is_text=False):
    """Every opaque colour of words in a figure."""
    if isinstance(part, (list, tuple)):
        for inner in part:
            yield from text_colors(inner, is_text)
    elif isinstance(part, dict):
        for name, inner in part.items():
            if name == "color" and is_text and isinstance(inner, str):
                yield inner
            elif name != "template":
                yield from text_colors(inner, is_text or name.endswith("font"))


@pytest.fixture(scope="module")
def drawn():
    scenario = tco.Scenario(gpu="L4")
    decision = facts_of(scenario)
    odds, values = tco.simulate(scenario), scenario.values()
    asked = {"gpu": "L4", "term": "on_demand", "region": "US"}
    return {
        "cumulative": charts.cumulative(decision.curves, decision.answer),
        "waterfall": charts.waterfall(decision.owning),
        "rates": charts.breakeven_rate(
            decision.rate_curve,
            (values["utilization"], values["rate_usd_per_gpu_hour"]),
            decision.fair_rate,
            decision.band,
        ),
        "offers": charts.offers_strip(offers(**asked), offer_quantiles(**asked), 0.6, 0.5),
        "history": charts.price_history(history(**asked), trends(**asked), 36),
        "dots": charts.futures_dots(odds.dots(50)),
        "tornado": charts.tornado(tco.tornado(scenario)),
        "map": charts.win_map(tco.win_map(scenario), (0.5, 0.6)),
    }


def test_words_can_be_read_on_both_pages(drawn):
    for name, chart in drawn.items():
        for page, shown in ((WHITE, chart), (NIGHT, themed(chart, dark=True))):
            colors = set(text_colors(shown.figure.to_dict()))
            assert colors, name
            for color in colors:
                assert contrast(color, page) >= TEXT, (name, page, color)


@pytest.mark.parametrize("page", [WHITE, NIGHT])
@pytest.mark.parametrize("color", [BUY, RENT])
def test_both_sides_can_be_told_from_either_page(color, page):
    assert contrast(color, page) >= LINE


def test_only_colours_change(drawn):
    def without_colors(part):
        if isinstance(part, dict):
            kept = (name for name in part if not name.endswith(("color", "colorscale")))
            return {name: without_colors(part[name]) for name in kept if name != "template"}
        if isinstance(part, (list, tuple)):
            return [without_colors(inner) for inner in part]
        return str(part)

    for chart in drawn.values():
        dark = themed(chart, dark=True)
        day, night = chart.figure.to_dict(), dark.figure.to_dict()
        assert without_colors(night) == without_colors(day)
        assert dark.figure.to_json() != chart.figure.to_json()
        assert (dark.title, dark.alt, dark.caption) == (chart.title, chart.alt, chart.caption)


def test_by_day_a_chart_is_itself(drawn):
    assert themed(drawn["cumulative"], dark=False) is drawn["cumulative"]


@pytest.mark.parametrize(
    ("day", "night"),
    [
        ("white", NIGHT),
        (WHITE.lower(), NIGHT),
        ("rgba(255,255,255,0.75)", "rgba(17,23,29,0.75)"),
        ("rgba(27, 39, 51, 0.05)", "rgba(230,235,240,0.05)"),
        (RENT_TEXT, "#FF9B57"),
        (BUY, BUY),
        ("rgba(0,114,178,0.16)", "rgba(0,114,178,0.16)"),
        ("green", "green"),
    ],
)
def test_a_colour_keeps_its_transparency(day, night):
    draft = Draft()
    draft.points([1, 2], [1, 2], "name", "hover", color=[day, QUIET], line={"color": day})
    draft.shape("rect", (0, 1), (0, 1), fillcolor=day)
    shown = themed(Chart(draft.figure({}, {}), "", ""), dark=True).figure
    assert shown.data[0].marker.color == (night, "#A9B4BF")
    assert shown.data[0].marker.line.color == night
    assert shown.layout.shapes[0].fillcolor == night


def test_words_named_like_a_colour_stay():
    draft = Draft()
    draft.points([1], [1], "white", ["white"], color=INK)
    shown = themed(Chart(draft.figure({}, {}), "", ""), dark=True).figure
    assert (shown.data[0].name, shown.data[0].text) == ("white", ("white",))


@pytest.mark.parametrize(("scheme", "ink"), [("light", INK), ("dark", "#E6EBF0")])
def test_the_app_draws_in_the_colours_of_the_page(scheme, ink):
    app = data_page()
    app.context["theme"] = scheme
    app.run()
    drawn = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert len(drawn) == 2
    assert all(re.search(rf'"color":\s*"{ink}"', spec) for spec in drawn)
