"""A monthly bill on the screen becomes the utilization."""

import pytest

import tco
from tco import Scenario
from tco.report.bill import bill
from tco.scenario.link import decode
from tests.app.helpers import captions, html_of, opened, texts, widget

RATE = {"gpu": "L4", "rate_usd_per_gpu_hour": "0.6"}


def typed(app, text):
    return widget(app, "text_input", "bill").set_value(text).run()


def scenario_of(app):
    told = app.query_params.items()
    return decode({k: v if isinstance(v, str) else v[-1] for k, v in told}).scenario


@pytest.mark.parametrize("text", ["1750", "$1,750", "1750.00"])
def test_a_bill_becomes_the_utilization_and_says_so(text):
    app = typed(opened(**RATE, billing_overhead="0"), text)
    assert not app.exception
    asked = scenario_of(app)
    busy = asked.values()["utilization"]
    assert busy == tco.from_bill(1750, gpus=8, rate_usd_per_gpu_hour=0.6)
    assert "$1,750 a month at $0.60 per GPU-hour is 49.9 % utilization of 8 GPUs." in captions(app)
    assert set(asked.given) == {"gpu", "rate_usd_per_gpu_hour", "billing_overhead", "utilization"}


def test_what_is_billed_beyond_busy_hours_counts():
    app = typed(opened(**RATE), "1750")
    rows = tco.ledger(scenario_of(app), side="rent")
    first = rows[(rows["item"] == "compute") & (rows["month"] == 1)]["cost_usd"].sum()
    assert first == pytest.approx(1750, rel=1e-12)
    assert "5 % extra billed hours" in captions(app)


def test_an_amount_in_the_currency_of_the_scenario():
    euros = {"currency": "EUR", "fx_rate": "0.8", "billing_overhead": "0"}
    app = opened(**RATE, **euros)
    assert "EUR per month" in widget(app, "text_input", "bill").label
    app = typed(app, "1400")
    assert scenario_of(app).values()["utilization"] == tco.from_bill(
        1400 / 0.8, gpus=8, rate_usd_per_gpu_hour=0.6
    )
    assert "€1,400 a month" in captions(app)
    app = typed(app, "5000")
    assert "€5,000 a month is more than these GPUs cost" in html_of(app)
    assert "(€2,803.20)" in html_of(app)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4,000", "$4,000 a month is more than these GPUs cost running all hours ($3,679.20)"),
        ("much", "“much” is text, not"),
        ("-5", "−$5 a month is below 0"),
    ],
)
def test_a_bill_that_cannot_be_is_refused_in_words_and_nothing_changes(text, said):
    app = typed(opened(**RATE), text)
    assert said in html_of(app)
    assert said in texts(app)
    assert "utilization" not in scenario_of(app).given
    assert "monthly_usd" not in html_of(app)
    assert widget(app, "text_input", "bill").value == text


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"billing": "always_on"}, "Every hour is paid, busy or idle"),
        ({"term": "1yr"}, "Every hour is paid, busy or idle"),
        ({"gpu": "RTX-PRO-4500", "provider": "lambda"}, "Enter a rental rate first"),
        ({"rate_usd_per_gpu_hour": "0"}, "Enter a rental rate first"),
        ({"rate_cap_usd_per_gpu_month": "1"}, "The monthly cap is reached"),
    ],
)
def test_where_a_bill_tells_nothing_it_says_so(link, said):
    app = opened(**link)
    assert said in captions(app)
    assert all(not box.key.startswith("bill--") for box in app.text_input)


def test_the_box_shows_the_bill_of_the_scenario():
    app = opened(**RATE, utilization="0.5", billing_overhead="0")
    assert widget(app, "text_input", "bill").value == "1752"
    assert bill(Scenario(gpus=1, rate_usd_per_gpu_hour=1)).words.endswith(
        "with 5 % extra billed hours."
    )
