"""Amounts in another currency: the switch, and what every page then says."""

import json
import re
from dataclasses import replace

import pytest

import tco
from tco.app import deck
from tco.app.pages import PAGES
from tco.inputs.lines import Line
from tco.report import charts
from tco.report.currency import in_currency
from tco.report.exchange import offered
from tco.report.facts import facts_of
from tco.report.line_table import edited, table
from tco.report.market_tables import frame_csv
from tco.report.waterfall import owning
from tco.scenario import Scenario
from tco.words.currencies import Conversion, shown_in
from tests.app.helpers import (
    captions,
    chart,
    html_of,
    levers,
    on,
    opened,
    slide,
    strip,
    texts,
    widget,
)

# Half a euro for a dollar: every amount is exactly half of what it was.
EURO = {"currency": "EUR", "fx_rate": "0.5", "fx_as_of": "2026-11-20"}
HALF = Conversion("EUR", 0.5, "2026-11-20")
SAID = "Amounts are converted at 0.5 EUR per USD as of 2026-11-20; the model computes in USD."
SWITCH = "amounts--currency--fx_rate--fx_as_of"


def scenario_of(app):
    return app.session_state["scenario"]


def said(app):
    return " ".join((html_of(app), captions(app), texts(app)))


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_a_page_in_euros_speaks_of_no_dollars_and_says_the_rate_once(path):
    app = opened(path, **EURO)
    assert not app.exception
    assert not app.error
    words = said(app)
    assert words.count(SAID) == 1
    assert "$" not in words
    labels = [json.loads(one.proto.columns) for one in app.dataframe]
    heads = [look["label"] for each in labels for look in each.values() if look.get("label")]
    assert not [head for head in heads if "USD" in head]
    drawn = " ".join(one.proto.spec for one in app.get("plotly_chart"))
    assert not re.search(r"\$|USD", drawn)


def numbers(app):
    """The columns of numbers of all tables of a page, by table and name in dollars."""
    return {
        (at, str(name).replace("EUR", "USD")): table.value[name].tolist()
        for at, table in enumerate(app.dataframe)
        for name in table.value
        if table.value[name].dtype.kind == "f"
    }


def test_amounts_of_tables_are_converted_and_other_numbers_are_not():
    dollars, euros = (numbers(opened("data", **link)) for link in ({}, EURO))
    assert dollars.keys() == euros.keys()
    assert euros[0, "usd"] == [0.5 * usd for usd in dollars[0, "usd"]]
    dollars, euros = (numbers(opened("risk", **link)) for link in ({}, EURO))
    for place, column in dollars.items():
        factor = 0.5 if "[USD]" in place[1] else 1
        assert euros[place] == pytest.approx([factor * one for one in column], nan_ok=True)
    assert any("[USD]" in name for _, name in dollars)


def test_the_first_screen_in_euros_is_that_in_dollars_times_the_rate():
    dollars, euros = opened(), opened(**EURO)
    assert strip(euros)["word"] == strip(dollars)["word"]
    assert euros.query_params.keys() == {*dollars.query_params, *EURO}
    there, here = levers(dollars), levers(euros)
    price, other = here["price_usd_per_gpu"], there["price_usd_per_gpu"]
    assert price["unit"] == "EUR per GPU"
    assert price["value"] == 0.5 * other["value"]
    assert price["flips"] == pytest.approx([0.5 * one for one in other["flips"]], rel=1e-9)
    assert all(text.startswith("€") for _, text in price["ticks"])
    assert here["utilization"]["value"] == there["utilization"]["value"]
    known = [usd for usd in there["utilization"]["saving"] if usd is not None]
    shown = [usd for usd in here["utilization"]["saving"] if usd is not None]
    assert shown == pytest.approx([0.5 * usd for usd in known], rel=1e-4)
    lines = [chart(app)["own"] for app in (dollars, euros)]
    assert lines[1] == pytest.approx([0.5 * usd for usd in lines[0]], rel=1e-4)
    assert chart(euros)["crossings"][0][0] == chart(dollars)["crossings"][0][0]


@pytest.mark.parametrize(
    ("typed", "usd"),
    [("1450", 2900), ("1,450.50", 2901), ("2000 EUR", 4000), ("€2000", 4000), ("$2,500", 2500)],
)
def test_an_amount_typed_is_in_the_currency_shown_or_in_that_beside_it(typed, usd):
    app = slide(opened(**EURO), price_usd_per_gpu=typed)
    assert scenario_of(app).given["price_usd_per_gpu"] == pytest.approx(usd, rel=1e-12)
    assert levers(app)["price_usd_per_gpu"]["value"] == pytest.approx(0.5 * usd, rel=1e-12)


def test_a_slider_in_euros_sets_dollars_and_one_of_another_screen_nothing():
    app = slide(opened(**EURO), rate_usd_per_gpu_hour=0.4)
    assert scenario_of(app).given["rate_usd_per_gpu_hour"] == 0.8
    moves = {"rate_usd_per_gpu_hour": {"value": 0.3, "n": 9, "currency": "USD"}}
    assert deck.read_moves(moves) == [("rate_usd_per_gpu_hour", 0.3, 9, False, "USD")]


def test_the_switch_changes_the_currency_alone_and_remembers_the_other():
    app = opened(utilization="0.7", **EURO)
    before = scenario_of(app)
    switch = widget(app, "button_group", SWITCH)
    switch.set_value("USD").run()
    assert scenario_of(app) == Scenario(utilization=0.7)
    assert "$" in said(app)
    assert SAID not in said(app)
    on(app, "options")
    widget(app, "button_group", SWITCH).set_value("EUR").run()
    assert scenario_of(app) == before


def test_a_rate_of_the_data_is_offered_with_its_day_and_taken_when_confirmed():
    app = opened()
    euro = next(one for one in offered(Scenario()) if one.currency == "EUR")
    # 1.1739 USD for one EUR on 2026-01-22, the European Central Bank.
    assert (euro.fx_rate, euro.fx_as_of) == (0.851861, "2026-01-22")
    assert euro.words in captions(app)
    assert not [one for one in app.get("button_group") if one.key.startswith("amounts--")]
    widget(app, "button", "use_EUR").click().run()
    given = scenario_of(app).given
    assert given == {"currency": "EUR", "fx_rate": 0.851861, "fx_as_of": "2026-01-22"}
    assert scenario_of(app).is_example


def test_another_rate_is_typed():
    app = opened()
    widget(app, "text_input", "amounts_currency").set_value("chf")
    widget(app, "text_input", "amounts_fx_rate").set_value("0,8")
    widget(app, "button", "amounts_form").click().run()
    given = scenario_of(app).given
    assert (given["currency"], given["fx_rate"]) == ("CHF", 0.8)
    assert strip(app)["own"].startswith("CHF ")


@pytest.mark.parametrize(
    ("currency", "rate", "day"),
    [("", "0.8", ""), ("USD", "1", ""), ("EUR", "", ""), ("EUR", "0.8", "9999-12-31")],
)
def test_half_a_rate_changes_nothing_and_says_what_is_lacking(currency, rate, day):
    app = opened()
    widget(app, "text_input", "amounts_fx_as_of").set_value(day)
    widget(app, "text_input", "amounts_currency").set_value(currency)
    widget(app, "text_input", "amounts_fx_rate").set_value(rate)
    widget(app, "button", "amounts_form").click().run()
    assert app.query_params == {}
    assert "Not accepted" in html_of(app)
    assert ("is in the future: date of the exchange rate" in html_of(app)) == bool(day)


def test_charts_are_drawn_in_the_currency_shown():
    scenario = Scenario()
    found = facts_of(scenario)

    def drawn():
        return (
            charts.cumulative(found.curves, found.answer),
            charts.breakeven_rate(found.rate_curve, (0.5, 0.6), found.fair_rate, found.band),
            charts.waterfall(owning(scenario)),
            charts.tornado(tco.tornado(scenario, count=4)),
        )

    dollars = drawn()
    with shown_in(HALF):
        euros = drawn()
    for one, other, along in zip(dollars, euros, "yyxx", strict=True):
        axes = [each.drawing["layout"][f"{along}axis"] for each in (one, other)]
        assert axes[1]["range"] == pytest.approx([0.5 * end for end in axes[0]["range"]])
        assert not re.search(r"\$|USD", json.dumps(other.figure.to_plotly_json(), default=list))
        assert not re.search(r"\$", " ".join((other.title, other.alt, other.caption)))
        for before, after in zip(one.drawing["data"], other.drawing["data"], strict=True):
            half = [0.5 * usd for usd in before[along]]
            assert list(after[along]) == pytest.approx(half, nan_ok=True)


def test_files_of_a_page_have_both_currencies():
    frame = tco.curves()
    euros = in_currency(frame, HALF)
    assert euros["own_eur"].tolist() == [0.5 * usd for usd in frame["own_usd"]]
    assert euros["own_usd"].tolist() == frame["own_usd"].tolist()
    header = frame_csv(frame, Scenario().catalogue, HALF).splitlines()[0].split(",")
    assert {"own_usd", "own_eur"} <= {*header}


def test_lines_are_edited_in_the_currency_shown():
    fee = Line(name="fee", side="own", usd=90, cap_usd=4000)
    with shown_in(HALF):
        assert table([fee]).iloc[0][["amount", "at most"]].tolist() == ["45", "2,000"]
        edits = {"edited_rows": {0: {"amount": "50"}}, "added_rows": []}
        assert edited((fee,), edits).lines == (replace(fee, usd=100),)
        edits["edited_rows"][0] = {"amount": "$50", "at most": "1,500 EUR"}
        assert edited((fee,), edits).lines == (replace(fee, usd=50, cap_usd=3000),)
        edits["edited_rows"][0] = {"amount": "much"}
        assert edited((fee,), edits).lines == (fee,)


def test_a_quote_in_the_currency_of_the_page_is_worth_what_the_page_says():
    app = opened("data", **EURO)
    place = "quote_price_usd_per_gpu"
    assert widget(app, "selectbox", f"{place}_currency_EUR").value == "EUR"
    widget(app, "text_input", f"{place}_price_usd_per_gpu").set_value("1,200")
    widget(app, "button", "add_price_usd_per_gpu").click().run()
    assert not app.exception
    assert scenario_of(app).values()["price_usd_per_gpu"] == 2400
    assert "€1,200" in html_of(app)
    assert "$" not in said(app)
