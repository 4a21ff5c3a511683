"""The charts on a dark page: the same figures in colors that can be read there."""

import base64
import re

import numpy as np
import pytest

import tco
from tco.analysis.bridge import bridge_steps
from tco.analysis.history import history, offer_quantiles, offers, trends
from tco.analysis.resale import used_by_age
from tco.report import charts, gpu_tables
from tco.report.charts.canvas import THEMES
from tco.report.drawing import BUY, DARK, LIGHT, RENT, faint
from tco.report.facts import facts_of
from tco.report.option_tables import compared
from tests.app.helpers import data_page

TEXT, LINE = 4.5, 3
# Words on fills that are the same on both pages.
ON_FILLS = {"#10181F", "#FEFEFE"}


def luminance(color):
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_colors(part, is_text=False):
    """Every opaque color of words in a figure, and in its template."""
    if isinstance(part, (list, tuple)):
        for inner in part:
            yield from text_colors(inner, is_text)
    elif isinstance(part, dict):
        for name, inner in part.items():
            if name == "color" and is_text and isinstance(inner, str):
                yield inner
            else:
                yield from text_colors(inner, is_text or name.endswith("font"))


@pytest.fixture(scope="module")
def drawn():
    """Every chart, by theme and name."""
    scenario = tco.Scenario(gpu="L4")
    decision = facts_of(scenario)
    odds, values = tco.simulate(scenario), scenario.values()
    asked = {"gpu": "L4", "term": "on_demand", "region": "US"}
    now = (values["utilization"], values["rate_usd_per_gpu_hour"])
    found, side_by_side = compared(scenario), gpu_tables.side_by_side(scenario, ["L4", "H100-SXM"])
    futures = odds.curves(50)
    offered, quantiles = offers(**asked), offer_quantiles(**asked)
    past, fitted = history(**asked), trends(**asked)
    swings, areas = tco.tornado(scenario), tco.win_map(scenario)
    used = used_by_age(scenario.catalogue, values["as_of"])
    fleet = tco.fleet(demand=[9, 4, 4, 2], demand_growth_per_year=0.3, gpu="L4")

    def every(theme):
        return {
            "cumulative": charts.cumulative(decision.curves, decision.answer, futures, theme),
            "waterfall": charts.waterfall(decision.owning, theme),
            "bridge": charts.bridge(bridge_steps(scenario), values, theme),
            "rates": charts.breakeven_rate(
                decision.rate_curve, now, decision.fair_rate, decision.band, theme=theme
            ),
            "offers": charts.offers_strip(offered, quantiles, 0.6, 0.5, theme),
            "history": charts.price_history(past, fitted, 36, theme=theme),
            "resale": charts.resale_by_age(used, charts.Decline("L4", 0.25, 0, 0.55), theme),
            "dots": charts.futures_dots(odds.dots(50), theme),
            "tornado": charts.tornado(swings, theme),
            "map": charts.win_map(areas, (0.5, 0.6), theme),
            "screening": charts.screening_curves(found.lines, 0.5, theme),
            "stacks": charts.cost_stacks(found.stacks, theme),
            "gpus": charts.gpus_compared(side_by_side, 0.5, theme),
            "duration": charts.load_duration(fleet, theme),
            "calendar": charts.buying_calendar(fleet, theme),
        }

    return {theme: every(theme) for theme in THEMES}


def test_words_can_be_read_on_both_pages(drawn):
    for theme, palette in THEMES.items():
        for name, chart in drawn[theme].items():
            colors = set(text_colors(chart.figure.to_dict())) - ON_FILLS
            assert colors, name
            for color in colors:
                assert contrast(color, palette.paper) >= TEXT, (name, theme, color)


@pytest.mark.parametrize("page", [LIGHT.paper, DARK.paper])
@pytest.mark.parametrize("color", [BUY, RENT])
def test_both_sides_can_be_told_from_either_page(color, page):
    assert contrast(color, page) >= LINE


def test_only_colors_change(drawn):
    def without_colors(part):
        if isinstance(part, dict):
            kept = (name for name in part if not name.endswith(("color", "colorscale")))
            return {name: without_colors(part[name]) for name in kept}
        if isinstance(part, (list, tuple)):
            return [without_colors(inner) for inner in part]
        return str(part)

    for light, dark in zip(drawn["light"].values(), drawn["dark"].values(), strict=True):
        day, night = light.figure.to_dict(), dark.figure.to_dict()
        assert without_colors(night) == without_colors(day)
        assert dark.figure.to_json() != light.figure.to_json()
        assert (dark.title, dark.alt, dark.caption) == (light.title, light.alt, light.caption)


def test_no_color_of_one_page_is_left_on_the_other(drawn):
    """But for the two sides, and the fills that carry words of their own."""
    for theme, other in (("light", DARK), ("dark", LIGHT)):
        strangers = set(vars(other).values()) - {BUY, RENT} | {faint(other.paper, 0.75)}
        for name, chart in drawn[theme].items():
            text = chart.figure.to_json().upper()
            assert not [color for color in strangers if f'"{color.upper()}"' in text], (name, theme)


@pytest.mark.parametrize(("scheme", "ink"), [("light", LIGHT.ink), ("dark", DARK.ink)])
def test_the_app_draws_in_the_colors_of_the_page(scheme, ink):
    app = data_page()
    app.context["theme"] = scheme
    app.run()
    drawn = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert len(drawn) == 3
    assert all(re.search(rf'"color":\s*"{ink}"', spec) for spec in drawn)


def test_a_chart_is_drawn_as_plotly_would_check_and_write_it(drawn):
    """The app sends charts unchecked: nothing may be misspelled, or left for Plotly to expand."""

    def plain(part):
        if isinstance(part, dict) and "bdata" in part:
            numbers = np.frombuffer(base64.b64decode(part["bdata"]), part["dtype"])
            shape = [int(size) for size in part.get("shape", "-1").split(",")]
            return numbers.reshape(shape).tolist()
        if isinstance(part, dict):
            return {name: plain(inner) for name, inner in part.items()}
        if isinstance(part, (list, tuple)):
            return [plain(inner) for inner in part]
        return part.tolist() if hasattr(part, "tolist") else part

    for charts_of_theme in drawn.values():
        for name, chart in charts_of_theme.items():
            checked = plain(chart.figure.to_plotly_json())
            checked["layout"] = {"annotations": [], "shapes": [], **checked["layout"]}
            assert plain(chart.drawing) == checked, name
