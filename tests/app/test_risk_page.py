"""The Risk page: the library's numbers in words, every state, stresses put in force and undone."""

from __future__ import annotations

import math
from html import escape
from itertools import pairwise

import pytest

import tco
from tco import Scenario, words
from tco.analysis import simulation
from tco.analysis.simulation import simulate
from tco.app import risk_page as page
from tco.errors import DataError, TcoError
from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.market.catalogue import load
from tco.market.data_tables import load_stresses
from tco.market.readable import readable
from tco.report import risk_tables
from tco.scenario.link import decode
from tco.words import headline
from tco.words.figures import number, usd
from tests.app.helpers import (
    captions,
    html_of,
    moved_between,
    on,
    opened,
    places,
    standing,
    texts,
    widget,
)
from tests.neutral import neutral

RATE = "rate_usd_per_gpu_hour"


def on_risk(app):
    return on(app, "risk")


def risk_page(**link):
    return opened("risk", **link)


def tables(app):
    return [element.value for element in app.dataframe]


def table_with(app, column):
    return next(frame for frame in tables(app) if column in frame.columns)


def chart_keys(app):
    return [chart.key for chart in app.get("plotly_chart")]


def linked(app):
    # AppTest holds a parameter that the app set as a list.
    told = {
        name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()
    }
    opened_again = decode(told)
    assert opened_again.remarks == ()
    return opened_again.scenario


def press(app, key):
    return widget(app, "button", key).click().run()


def test_the_page_says_the_library_s_odds():
    app = risk_page(gpu="L4", utilization="0.6")
    assert not app.exception
    odds = simulate(gpu="L4", utilization=0.6)
    said = html_of(app)
    head = headline(tco.breakeven(gpu="L4", utilization=0.6).verdict, odds.confidence)
    word, _, sure = head.partition(" · ")
    assert f"<strong class='tco-word'>{word}</strong>" in said
    assert f"<span class='tco-sure'>{sure}</span>" in said
    assert odds.npv_saving_usd.p10 < 0
    assert "<dd>−$" in said
    assert "-$" not in said
    error = 100 * odds.chance_standard_error
    assert f"in {100 * odds.chance:.1f} % ± {error:.1f} % of 2,048 simulated futures" in said
    for amount in (*odds.npv_saving_usd, odds.regret_of_buying_usd, odds.regret_of_renting_usd):
        assert f"<dd>{usd(amount)}<small>" in said
    assert f"<dd>{odds.never * 100:.0f} %<small>of the futures" in said
    worth = odds.drivers["value_of_knowing_usd"].max()
    assert f"the value of this information is {usd(worth)}" in said
    assert odds.median_future in said


KEYS = [
    *("equally_likely_futures", "when_buying_gets_ahead", "check_this_number_first"),
    *("what_moves_the_answer", "who_wins_where"),
]


def test_the_pictures_come_first_and_each_has_a_table():
    app = risk_page()
    keys = KEYS
    assert chart_keys(app) == [f"{key}_chart" for key in keys]
    said = html_of(app)
    assert said.index("Who wins where") < said.index("Expected regret of buying")
    for key in keys:
        widget(app, "button_group", key).set_value("Table")
    app.run()
    assert not app.exception
    assert chart_keys(app) == []
    savings = table_with(app, "wins")["buying saves [USD]"].tolist()
    assert savings == pytest.approx(simulate().dots())
    assert table_with(app, "swing [USD]")["swing [USD]"].max() == tco.tornado()["swing_usd"].max()
    assert len(table_with(app, "verdict")) == len(tco.win_map())


def test_headings_follow_in_order():
    levels = [int(level) for level in _levels(html_of(risk_page()))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def _levels(said):
    return [part[0] for part in said.split("<h")[1:] if part[0].isdigit()]


def test_what_to_check_first_stands_first_and_sobol_indices_come_on_request():
    app = risk_page(gpu="L4")
    odds = simulate(gpu="L4")
    assert risk_tables.first_check(odds) in html_of(app)
    widget(app, "button_group", "check_this_number_first").set_value("Table").run()
    first = table_with(app, "rank correlation")
    assert first["value of information [USD]"].is_monotonic_decreasing
    assert first["input"][0] == INPUTS[odds.check_first].label
    assert "total index" not in first
    widget(app, "toggle", "sobol").set_value(True).run()
    assert "correlations off" in widget(app, "toggle", "sobol").label
    shown = table_with(app, "total index").set_index("input")
    for row in odds.sobol_indices().to_dict("records"):
        found = shown.loc[INPUTS[row["input"]].label]
        assert found["first-order index"] == row["first_order_uncorrelated"]
        assert found["total index"] == row["total_order_uncorrelated"]


def test_the_map_is_drawn_over_the_inputs_chosen():
    app = risk_page(gpu="L4")
    widget(app, "button_group", "who_wins_where").set_value("Table")
    widget(app, "selectbox", "map_x").select("price_usd_per_gpu").run()
    assert not app.exception
    frame = table_with(app, "verdict")
    expected = tco.win_map(gpu="L4", x="price_usd_per_gpu", y=RATE)
    assert frame.iloc[:, 0].tolist() == expected["price_usd_per_gpu"].tolist()
    assert frame["buying saves [USD]"].tolist() == expected["npv_saving_usd"].tolist()


def test_no_map_has_the_same_input_twice():
    app = risk_page(gpu="L4")
    assert "utilization" not in widget(app, "selectbox", "map_y").options
    widget(app, "selectbox", "map_x").select(RATE).run()
    assert not app.exception
    assert widget(app, "selectbox", "map_y").value == "utilization"


def test_an_input_without_a_range_says_that_it_has_no_map():
    app = risk_page(gpu="L4")
    widget(app, "selectbox", "map_y").select("refresh_price_usd_per_gpu").run()
    assert not app.exception
    assert "is no range to draw" in html_of(app)
    assert "who_wins_where_chart" not in chart_keys(app)


def test_every_input_has_its_flip_and_those_in_range_come_first():
    app = risk_page(gpu="L4", utilization="0.6")
    found, frame = tco.flips(gpu="L4", utilization=0.6), table_with(app, "in range?")
    assert len(frame) == len(found)
    assert set(frame["input"]) == {INPUTS[name].label for name in found["input"]}
    assert frame["in range?"].is_monotonic_decreasing
    assert (frame["in range?"] == "yes").sum() == found["in_range"].sum() > 0
    row = frame.set_index("input").loc["Rental rate"]
    known = found.set_index("input").loc[RATE]
    assert row["break-even"] == usd(known["flip"])
    assert row["saving at low [USD]"] == known["saving_low_usd"]
    turning = found[found["in_range"]]["input"].nunique()
    assert f"{turning} of {found['input'].nunique()} inputs change the answer" in html_of(app)


@pytest.mark.parametrize("one", load_stresses(), ids=lambda one: one.name)
def test_a_stress_is_put_in_force_everywhere_and_taken_back(one):
    app = risk_page(gpu="L4", utilization="0.6")
    before = linked(app)
    expected = tco.stress(before).set_index("name").loc[one.name]
    stood = standing(app)
    press(app, f"apply_{one.name}")
    assert not app.exception
    assert moved_between(stood, standing(app)) == set()
    assert tco.breakeven(linked(app)).npv_saving_usd == expected["npv_saving_usd"]
    assert f"Applied on every page: {escape(risk_tables.titled(one.title))}." in html_of(app)
    press(app, f"undo_top_{one.name}")
    assert linked(app) == before
    assert "Applied" not in html_of(app)


def test_undo_leaves_what_was_changed_since():
    app = press(risk_page(gpu="L4", utilization="0.6"), "apply_rents_fall")
    press(app, "apply_half_busy")
    assert linked(app) == Scenario(gpu="L4", utilization=0.3, rate_growth_per_year=-0.2)
    press(app, "undo_row_rents_fall")
    assert linked(app) == Scenario(gpu="L4", utilization=0.3)
    assert "undo_top_half_busy" in places(app, "button")
    press(app, "undo_top_half_busy")
    assert linked(app) == Scenario(gpu="L4", utilization=0.6)


def test_undo_brings_back_a_range():
    app = press(risk_page(utilization="0.25..0.75"), "apply_half_busy")
    assert linked(app) == Scenario(utilization=0.25)
    assert linked(press(app, "undo_top_half_busy")) == Scenario(utilization="0.25..0.75")


def test_every_stress_says_the_verdict_then_and_the_change():
    app = risk_page(gpu="L4", utilization="0.6")
    frame = table_with(app, "verdict then").set_index("stress")
    found = tco.stress(gpu="L4", utilization=0.6).iloc[1:]
    assert len(frame) == len(found)
    for row in found.to_dict("records"):
        shown = frame.loc[risk_tables.titled(row["title"])]
        assert shown["verdict then"] == words.VERDICT_WORDS[row["verdict"]]
        assert shown["change [USD]"] == row["change_usd"]
        assert shown["why"] == readable(row["why"], load())
    now = tco.breakeven(gpu="L4", utilization=0.6).verdict
    turned = (found["verdict"] != now).sum()
    assert f"{turned} of {len(found)} stresses change" in html_of(app)


def test_a_range_is_given_here_carried_by_the_link_and_taken_back():
    app = risk_page(gpu="L4")
    widget(app, "selectbox", "range_of").select(RATE).run()
    before = standing(app)
    widget(app, "text_input", f"range_low--{RATE}").set_value("0.5")
    widget(app, "text_input", f"range_high--{RATE}").set_value("0.85")
    next(button for button in app.button if button.label == "Use this range").click().run()
    assert not app.exception
    ranged = Scenario(gpu="L4", rate_usd_per_gpu_hour="0.5..0.85")
    assert linked(app) == ranged
    assert f"{100 * simulate(ranged).chance:.1f} %" in html_of(app)
    assert "Rental rate: $0.50 to $0.85" in html_of(app)
    assert moved_between(before, standing(app)) == set()
    press(app, f"drop--{RATE}")
    assert linked(app) == Scenario(gpu="L4")


def test_a_range_is_typed_in_the_units_shown():
    app = risk_page()
    widget(app, "text_input", "range_low--utilization").set_value("40")
    widget(app, "text_input", "range_high--utilization").set_value("70")
    next(button for button in app.button if button.label == "Use this range").click().run()
    assert linked(app) == Scenario(utilization="0.4..0.7")


def test_a_range_the_wrong_way_round_is_refused_and_stays_as_typed():
    app = risk_page()
    before = standing(app)
    widget(app, "text_input", "range_low--utilization").set_value("80")
    widget(app, "text_input", "range_high--utilization").set_value("70")
    next(button for button in app.button if button.label == "Use this range").click().run()
    assert "ends before it begins" in texts(app)
    boxes = {key for key in before if key.startswith("range_")}
    assert all(standing(app)[key] == before[key] for key in boxes)
    assert "Interval(" not in texts(app)
    assert widget(app, "text_input", "range_low--utilization").value == "80"
    assert linked(app) == Scenario()


def test_a_range_shows_its_midpoint_on_the_first_page():
    app = opened(gpu="L4", rate_usd_per_gpu_hour="0.50..0.85")
    assert not app.exception
    assert not app.error
    assert linked(on_risk(app)).given[RATE] == Interval(0.5, 0.85)


def test_without_a_rate_one_can_be_typed():
    app = risk_page(gpu="RTX-PRO-4500", provider="lambda")
    assert not app.exception
    assert "No rental price found as of" in html_of(app)
    assert chart_keys(app) == []
    widget(app, "text_input", f"number--{RATE}").set_value("0.9").run()
    assert not app.exception
    assert len(chart_keys(app)) == len(KEYS)


def test_without_any_price_both_can_be_typed():
    app = risk_page(as_of="2019-01-01")
    assert not app.exception
    assert "No purchase price found as of 2019-01-01" in html_of(app)


def test_without_busy_hours_there_is_nothing_to_compare():
    app = risk_page(utilization="0")
    assert not app.exception
    assert "Nothing to compare: no busy hours." in html_of(app)
    assert "equally_likely_futures_chart" not in chart_keys(app)
    assert len(table_with(app, "in range?")) == len(tco.flips(utilization=0))


def test_the_crossing_has_its_band_in_months():
    app = risk_page(gpu="L4", utilization="0.6")
    odds, answer = simulate(gpu="L4", utilization=0.6), tco.breakeven(gpu="L4", utilization=0.6)
    assert f"Buying is ahead from month {number(answer.exit_months)} if you sell then" in (
        html_of(app)
    )
    assert odds.exit_months.p10 < odds.exit_months.p50 < odds.exit_months.p90
    widget(app, "button_group", "when_buying_gets_ahead").set_value("Table").run()
    frame, lines = table_with(app, "base case [USD]"), tco.curves(gpu="L4", utilization=0.6)
    saved = lines["rent_exit_usd"] - lines["own_exit_usd"]
    assert frame["base case [USD]"].tolist() == pytest.approx(saved.tolist())
    assert (frame["P10 [USD]"] <= frame["P90 [USD]"]).all()


def test_without_odds_it_says_why_and_shows_the_rest(monkeypatch):
    def missing(_scenario):
        raise TcoError("odds need scipy: pip install 'gpu-tco[risk]'")

    monkeypatch.setattr(simulation, "simulated", missing)
    app = risk_page(gpu="L4", utilization="0.924")
    assert not app.exception
    assert "No odds and no confidence here: odds need scipy" in html_of(app)
    assert chart_keys(app) == ["what_moves_the_answer_chart", "who_wins_where_chart"]


def test_a_part_that_fails_says_why_and_leaves_the_others(monkeypatch):
    def broken(_scenario):
        raise DataError("stresses.toml: is broken <b>")

    for name in ("_stress", "_flips"):
        monkeypatch.setattr(page, name, broken)
    app = risk_page()
    assert not app.exception
    assert html_of(app).count("stresses.toml: is broken &lt;b&gt;") == 2
    assert len(chart_keys(app)) == len(KEYS)


def test_inputs_that_do_not_go_together_leave_the_last_ones_that_did():
    app = risk_page(gpu="L4", hosting="own_site", utilization="0.6")
    valid = html_of(app).split("<p class='tco-lead'>")[1]
    app.query_params.clear()
    app.query_params.update({"gpu": "L4", "hosting": "own_site", "rack_kw": "1"})
    app.run()
    assert not app.exception
    assert "These inputs cannot be combined" in html_of(app)
    assert html_of(app).split("<p class='tco-lead'>")[1][:60] == valid[:60]
    assert all(button.disabled for button in app.button if (button.key or "").startswith("apply_"))
    # A range that does not go together with the rest can be mended where it was typed.
    assert "range_of" in places(app, "selectbox")


def test_a_first_link_that_does_not_go_together_shows_no_results():
    app = risk_page(hosting="own_site", rack_kw="1")
    assert not app.exception
    assert "“Power per rack” = 1 kW holds no server" in html_of(app)
    assert chart_keys(app) == []


def test_when_everything_is_certain_nothing_is_to_be_checked():
    values = {**neutral(), "price_usd_per_gpu": 2_900, RATE: 0.12}
    link = {name: str(value).lower() for name, value in values.items() if value is not None}
    app = risk_page(**link)
    assert not app.exception
    assert simulate(**values).uncertain == ()
    assert "Nothing is uncertain: every input is given as one value" in html_of(app)
    assert "There is nothing to check" in captions(app)
    assert len(chart_keys(app)) == len(KEYS) - 1


@pytest.mark.parametrize(
    "link",
    [
        {"gpu": "H100-SXM", "hosting": "own_site", "whole_racks": "true"},
        {"gpu": "L4", "term": "1yr"},
        {"gpu": "T4", "billing": "always_on"},
        {"financing": "lease", "lease_usd_per_gpu_month": "90"},
        {"tax_rate": "0.25", "financing": "loan"},
        {"utilization": "1", RATE: "5"},
        {"horizon_months": "0.5"},
        {"gpus": "1000000"},
        {RATE: "0"},
        {"as_of": "2026-08-01"},
        {"utilization": "0.2..0.9", RATE: "0.1..5", "gpus": "4..64"},
    ],
)
def test_every_corner_has_its_page(link):
    app = risk_page(**link)
    assert not app.exception
    assert not app.error
    # Where no single input would change anything, there is nothing to draw of what to check.
    drawn = {key.removesuffix("_chart") for key in chart_keys(app)}
    assert set(KEYS) - drawn <= {"check_this_number_first"}


def test_a_finding_of_all_or_none_has_no_error():
    always = simulate(gpu="L4", utilization=1, rate_usd_per_gpu_hour=50)
    assert risk_tables.finding(always) == "Buying is cheaper in all of 2,048 simulated futures."


def test_draws_that_are_no_futures_are_counted_aloud():
    odds = simulate(gpu="H100-SXM", hosting="own_site", whole_racks=True)
    assert odds.infeasible > 0
    assert "no server fits in a rack" in risk_tables.infeasible(odds)
    assert risk_tables.infeasible(simulate(gpu="L4")) == ""


@pytest.mark.parametrize("name", [name for name, known in INPUTS.items() if known.numeric])
def test_a_range_as_it_is_shown_is_the_range_meant(name):
    low, high = risk_tables.range_now(Scenario(gpu="L4"), name)
    entry = Scenario(gpu="L4").resolved()[name]
    meant = risk_tables.range_meant(name, low, high)
    ends = (
        entry.value if entry.low is None else entry.low,
        entry.value if entry.high is None else entry.high,
    )
    assert (meant.low, meant.high) == pytest.approx(ends, rel=1e-9)


def test_a_stress_that_cannot_be_applied_says_why():
    frame = tco.stress(gpu="L4").assign(verdict="", npv_saving_usd=math.nan, note="because")
    turn = risk_tables.stress_results(Scenario(gpu="L4"), frame)[0]
    assert turn["given"] == {}
    assert risk_tables.stress_sentence(turn, "buy") == "No answer: because"
    table = risk_tables.stress_words([turn], "buy")
    assert table["verdict then"].tolist() == ["no answer"]


def test_a_stress_without_effect_says_so():
    frame = tco.stress(gpu="L4", pue=1.2, electricity_usd_per_kwh=0.25).set_index("name")
    assert frame.loc["dear_electricity", "note"] == "no effect here"
    scenario = Scenario(gpu="L4", pue=1.2, electricity_usd_per_kwh=0.25)
    turn = next(
        t
        for t in risk_tables.stress_results(scenario, frame.reset_index())
        if t["name"] == "dear_electricity"
    )
    assert risk_tables.stress_sentence(turn, "rent") == "Still RENT: no effect here."
