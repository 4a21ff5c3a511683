"""What stands below the answer: why, the curves to explore, how it is computed."""

import html

import pytest
from streamlit.util import calc_hash

import tco
from tco import Scenario
from tco.report.facts import facts_of
from tco.words.figures import usd
from tests.app.helpers import captions, html_of, on, opened


def disclosed(*keys, **link):
    """The page with some of its parts opened."""
    app = opened(**link)
    for key in keys:
        app.session_state[key] = True
    app.run()
    assert not app.exception
    return app


def charts_of(app):
    return [chart.key for chart in app.get("plotly_chart")]


def frames(app):
    return [frame.value for frame in app.dataframe]


def test_nothing_of_it_is_made_before_it_is_opened():
    app = opened()
    assert not [key for key in charts_of(app) if key != "cumulative"]
    assert not any("step" in frame for frame in frames(app))


def test_why_tells_all_that_the_first_screen_does_not():
    facts = facts_of(Scenario(gpu="L4", utilization=0.5))
    shown = html.unescape(html_of(disclosed("why", gpu="L4", utilization="0.5")))
    for told in (*facts.sentences, facts.odds_line, facts.dots):
        assert told in shown
    for title, value, under, _ in facts.figures:
        assert title in shown
        assert value in shown
        assert under in shown
    assert "Payback on the sticker price alone" in shown


def test_both_waterfalls_stand_side_by_side_with_their_tables_and_a_file():
    app = disclosed("why", gpu="L4")
    assert charts_of(app)[-2:] == ["owning_chart", "renting_chart"]
    titles = html_of(app)
    assert "The card is $0.107 per hour, the full cost $0.585 per busy hour" in titles
    assert "The rate is $0.598 per hour, the full cost $0.629 per busy hour" in titles
    for name in ("owning", "renting"):
        control = next(one for one in app.segmented_control if one.key.startswith(f"{name}--"))
        control.set_value("Table")
    app.run()
    steps = [frame for frame in frames(app) if "step" in frame]
    answer = tco.breakeven(gpu="L4")
    for frame, cost in zip(
        steps, (answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour), strict=True
    ):
        assert frame["total so far"].iloc[-2] == pytest.approx(cost)
        assert frame["total so far"].iloc[-1] == pytest.approx(cost)
    assert not [key for key in charts_of(app) if key in ("owning_chart", "renting_chart")]


def test_without_a_rate_the_owning_side_has_its_waterfall():
    app = disclosed("why", "curves_below", gpu="RTX-PRO-4500", provider="lambda")
    assert charts_of(app) == ["owning_chart", "break_even_rental_rate_chart"]


def test_without_busy_hours_nothing_is_compared():
    app = disclosed("why", "curves_below", "explained", utilization="0")
    assert "owning_chart" not in charts_of(app)


def test_curves_to_explore_have_the_band_of_offers_tables_and_the_day_of_the_data():
    app = disclosed("curves_below", gpu="L4")
    assert {"break_even_rental_rate_chart", "cumulative_cost_chart"} <= set(charts_of(app))
    said = captions(app)
    assert "rates quoted on the web for the L4" in said
    assert said.count("Data as of ") >= 2
    for control in app.segmented_control:
        control.set_value("Table")
    app.run()
    columns = {name for frame in frames(app) for name in frame}
    assert {"utilization, %", "break-even rate, USD per GPU-hour", "month"} <= columns
    assert not [name for name in columns if "_" in str(name)]


def test_how_it_is_computed_is_a_table_and_formulas_with_their_numbers():
    answer = tco.breakeven(pue=1.2, utilization=0.8)
    app = disclosed("explained", pue="1.2", utilization="0.8")
    (frame,) = [one for one in frames(app) if "present value, USD" in one]
    total = frame[frame["item"] == "Total"]
    assert total["present value, USD"].tolist() == pytest.approx(
        [answer.own_npv_usd, answer.rent_npv_usd]
    )
    parts = frame[frame["item"] != "Total"].groupby("side")["present value, USD"].sum()
    assert parts["owning"] == pytest.approx(answer.own_npv_usd)
    shown = html.unescape(html_of(app))
    for result in (answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour):
        assert f"= {usd(result)} per busy GPU-hour" in shown
    assert "Chance that buying is cheaper" in shown
    assert "(1 + 9 %) ^ (−36 ÷ 12)" in shown


def test_without_a_rate_nothing_is_computed():
    app = disclosed("explained", gpu="RTX-PRO-4500", provider="lambda")
    assert "Nothing is computed without a purchase price and a rental rate" in captions(app)


def test_what_was_opened_stays_open_on_the_way_to_another_page_and_back():
    app = on(disclosed("why"), "risk")
    app._page_hash = calc_hash("")
    app.run()
    assert "owning_chart" in charts_of(app)
