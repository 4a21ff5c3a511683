"""The finance part of the Report page: the library's figures, and calculators beside them."""

import pytest

import tco
from tco.analysis.bridge import bridge_steps
from tco.analysis.declared import OFFER
from tco.report import accounting_tables, charts
from tco.report.facts import facts_of
from tco.report.finance_tables import bridge_rows, measure_rows, years_rows
from tco.report.lease import lease_sentence
from tco.scenario.link import decode
from tests.app.helpers import captions, html_of, on, opened, texts, widget

# 2,900 in advance for 36 months on 100,000 with 10,000 left: 8.681 % nominal.
KNOWN = {"payment_usd": "2,900", "months": "36", "value_usd": "100000", "residual_usd": "10000"}
LEASED = {"financing": "lease", "lease_usd_per_gpu_month": "90", "lease_months": "36"}


def finance(*parts, **link):
    """The page with these parts open."""
    app = opened("report", **link)
    for part in parts:
        app.session_state[part] = True
    return app.run() if parts else app


def asked_of(link):
    return decode(link).scenario.given


def offered(app, **terms):
    for name, text in terms.items():
        widget(app, "text_input", f"own_{name}").set_value(text)
    return app.run()


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"gpu": "T4", "utilization": "0.335", "horizon_months": "30"},
        LEASED,
        {"already_owned": "true", "price_usd_per_gpu": "900"},
        {"co2_kg_per_kwh": "0.4"},
    ],
)
def test_every_measure_and_every_year_is_shown_with_what_it_says(link):
    app = finance(**link)
    assert not app.exception
    shown, found = html_of(app), tco.measures(**asked_of(link))
    for row in measure_rows(found):
        assert f"<dt>{row.label}</dt><dd class='tco-value'>{row.text}</dd>" in shown
        assert row.note in shown
    for row in years_rows(found):
        cells = "".join(f"<td>{text}</td>" for text in row[2:])
        assert f"<th scope='row'>{row.label}</th>{cells}" in shown
    assert found.title in captions(app)
    energy = facts_of(found.scenario).energy
    assert energy
    for label, text in energy:
        assert f"{label}: {text}" in captions(app)
    # Emissions only with a carbon intensity that somebody typed.
    assert ("Emissions" in captions(app)) == ("co2_kg_per_kwh" in link)


def test_without_a_verdict_there_are_no_measures_but_a_lease_has_its_rate():
    app = finance("lease_offer", gpu="RTX-PRO-4500", provider="lambda")
    assert "tco-measures" not in html_of(app)
    assert "Not available: there is no verdict." in captions(app)
    assert "8.681 %" in html_of(offered(app, **KNOWN))


def test_the_rate_inside_an_offer_is_shown_and_stays_while_another_page_is_looked_at():
    app = finance("lease_offer")
    assert "Enter the payment, the term and the purchase price" in captions(app)
    shown = html_of(offered(app, **KNOWN))
    assert "<dt>Nominal rate</dt><dd>8.681 %" in shown
    assert "<dt>Effective rate</dt><dd>9.035 %" in shown
    assert "<dt>Total payments</dt><dd>$104,400" in shown
    # The scenario, and so the link, is what it was.
    assert "payment" not in str(app.query_params)
    back = on(on(app, "risk"), "report")
    assert "8.681 %" in html_of(back)
    assert widget(back, "text_input", "own_payment_usd").value == "2,900"


def test_what_an_offer_cannot_be_is_told_in_labels():
    app = finance("lease_offer")
    shown = texts(offered(app, **KNOWN | {"months": "-3", "payment_usd": "half"}))
    assert "-3 months is outside whole numbers 1 to 1,200 months" in shown
    assert "“half” is text, not a number" in shown
    assert "8.681 %" not in html_of(app)
    shown = html_of(offered(app, **KNOWN | {"value_usd": "2000"}))
    assert "There is no rate:" in shown
    assert "“Purchase price” = 2000 is paid at the start already (2900)" in shown
    assert not any(name in shown for name in OFFER)


def test_a_target_is_answered_and_used_as_it_is_said():
    app = finance("goal_part", utilization="0.4")
    shown = html_of(app)
    assert "At current inputs: never. Buying pays back by month 18" in shown
    goal = tco.goal(utilization=0.4, payback_months=18)
    for answer in goal.answers:
        said = answer.where or answer.reason
        assert f"{said[:1].upper()}{said[1:]}" in shown
    used = goal.answers[1]
    widget(app, "button", "goal--rate_usd_per_gpu_hour").click().run()
    scenario = app.session_state.scenario
    # What is said is used: in three figures, on the side on which buying pays back in time.
    assert scenario.given == {"utilization": 0.4, "rate_usd_per_gpu_hour": used.rounded}
    assert used.where.endswith(f"${used.rounded:.2f}")
    assert used.rounded >= used.needed
    assert tco.breakeven(scenario).months <= 18
    assert "Buying pays back by month 18 at current inputs: month 18." in html_of(app)


@pytest.mark.parametrize(
    ("kind", "told", "says"),
    [
        ("exit_months", "12", "Buying is cheaper by month 12 with the hardware sold then if one"),
        ("saving_usd", "20000", "Buying saves at least $20,000 if one of these changes"),
        ("irr", "25", "Buying returns at least 25 % a year if one of these changes"),
        ("payback_months", "48", "“By month” = 48 is outside [0, 36]"),
        ("payback_months", "soon", "“soon” is text, not a number"),
        ("payback_months", "", "Enter a target."),
    ],
)
def test_each_kind_of_target_is_answered_or_refused(kind, told, says):
    app = finance("goal_part")
    widget(app, "button_group", "target_kind").set_value(kind).run()
    app = offered(app, **{kind: told})
    assert not app.exception
    assert says in f"{html_of(app)} {texts(app)} {captions(app)}"


def test_half_of_the_holding_period_is_asked_for_first():
    app = finance("goal_part", horizon_months="12")
    assert widget(app, "text_input", "own_payback_months").value == "6"
    assert "by month 6" in html_of(app)


def test_the_bridge_is_a_chart_or_a_table_of_its_steps():
    app = finance("bridge_part", utilization="0.6")
    assert not app.exception
    steps = bridge_steps(tco.Scenario(utilization=0.6))
    chart = charts.bridge(steps, tco.Scenario(utilization=0.6).values())
    assert chart.title in html_of(app)
    assert "Data as of" in captions(app)
    widget(app, "button_group", "present_values_step_by_step").set_value("Table").run()
    for row in bridge_rows(steps):
        assert f"{row.label}</th><td>{row.usd}</td><td>{row.running}</td>" in html_of(app)


@pytest.mark.parametrize("link", [{}, LEASED, {"tax_rate": "0.25", "financing": "loan"}])
def test_the_accounting_view_stands_apart_and_is_whole(link):
    app = finance("accounting_part", **link)
    assert not app.exception
    shown = html_of(app)
    found = tco.accounting(**asked_of(link))
    assert "Accounting, not cash:" in shown
    for side in ("own", "rent"):
        header, rows = accounting_tables.statement_rows(found, side)
        for text in header:
            assert f"<th scope='col'>{text}</th>" in shown
        for account, *amounts in rows:
            cells = "".join(f"<td>{amount}</td>" for amount in amounts)
            assert f"<th scope='row'>{account}</th>{cells}" in shown
    for row in accounting_tables.value_rows(found):
        assert f"<th scope='row'>{row.when}</th><td>{row.book}</td><td>{row.market}</td>" in shown
    assert all(said in captions(app) for said in accounting_tables.CONVENTIONS)
    assert ("Operating lease: none of the five tests is met." in shown) == (link is LEASED)
    if link is LEASED:
        tests = accounting_tables.lease_rows(found.lease)
        assert len(tests) == 5
        for test in tests:
            assert f"{test.test}</th><td>{test.number}</td><td>{test.threshold}</td>" in shown


def test_a_lease_of_the_scenario_has_its_rate_above_the_calculator():
    shown = html_of(finance("lease_offer", **LEASED))
    assert (
        f"In this scenario: t{lease_sentence(tco.lease_rate_of(**asked_of(LEASED)))[1:]}" in shown
    )
    assert "In this scenario" not in html_of(finance("lease_offer"))


def test_in_another_currency_every_part_is_in_it_and_what_is_typed_is_meant_in_it():
    euros = {"currency": "EUR", "fx_rate": "0.5", "fx_as_of": "2026-11-20"}
    parts = ("bridge_part", "accounting_part", "goal_part", "lease_offer")
    app = finance(*parts, **euros, **LEASED)
    widget(app, "button_group", "target_kind").set_value("saving_usd").run()
    widget(app, "button_group", "present_values_step_by_step").set_value("Table").run()
    # With a euro, 2,900 could be 2.9: it is asked back.
    app = offered(app, **KNOWN, saving_usd="5000")
    assert "could mean 2.9 or 2900" in texts(app)
    app = offered(app, payment_usd="2900")
    shown = html_of(app)
    assert not app.exception
    assert "$" not in f"{shown} {captions(app)} {texts(app)}"
    assert "Buying saves at least €5,000" in shown
    needed = tco.goal(**asked_of(euros | LEASED), saving_usd=10_000).answers[2]
    assert needed.where.replace("at least", "At least") in shown
    # A rate has no currency; the offer is in that of the page.
    assert "<dd>8.681 %" in shown
    assert "<dt>Total payments</dt><dd>€104,400" in shown
    assert {box.label for box in app.text_input} >= {"At least [EUR]", "Payment [EUR]"}
