import math

import numpy as np
import pytest

import tco
from tco import Scenario
from tco.inputs import INPUTS
from tco.report import charts
from tco.report.facts import facts_of
from tco.report.market_tables import band, defaults_frame, fair_rate, rate_curve
from tco.report.provenance import origin
from tco.report.ranges import slider_range
from tco.report.waterfall import owning, sticker
from tco.words.figures import number
from tests.neutral import neutral

SCENARIOS = [
    Scenario(),
    Scenario(gpu="H100-SXM", utilization=0.9, hosting="own_site", whole_servers=True),
    Scenario(gpu="T4", hosting="colo_all_in", horizon_months=20.5, sales_tax_rate=0.08),
    Scenario(gpu="RTX-PRO-4500", provider="lambda", warranty_months=12, spares_rate=0.05),
    Scenario(gpu="L4", utilization=1, discount_rate=0, resale_decline_per_year=1),
    Scenario(gpu="L4", tax_rate=0.25, financing="loan", horizon_months=30.5),
    Scenario(gpu="L4", delivery_months=2, rate_usd_per_gpu_hour=1),
    Scenario(gpu="L4", tax_rate=0.25, refresh_months=12, refresh_price_usd_per_gpu=2_000),
    Scenario(gpu="L4", utilization=0.01, discount_rate=-0.05, license_usd_per_gpu_year=4500),
]


LEASED = Scenario(gpu="L4", financing="lease", lease_usd_per_gpu_month=80, lease_months=24)


@pytest.mark.parametrize("scenario", [*SCENARIOS, LEASED])
def test_the_waterfall_ends_at_the_honest_cost(scenario):
    found = owning(scenario)
    whole = tco.ledger(scenario, side="own")
    assert math.isclose(found.npv_usd, whole["present_value_usd"].sum(), rel_tol=1e-12)
    total = sum(amount for _, amount in found.steps)
    assert math.isclose(total, found.usd_per_gpu_hour, rel_tol=1e-12)
    rented = Scenario(**{"rate_usd_per_gpu_hour": 1, **scenario.given})
    honest = tco.breakeven(rented).own_usd_per_gpu_hour
    assert math.isclose(found.usd_per_gpu_hour, honest, rel_tol=1e-12)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_waterfall_starts_at_the_card_always_busy(scenario):
    values = scenario.values()
    hours = values["horizon_months"] * values["hours_per_month"]
    label, amount = owning(scenario).steps[0]
    assert label == "card, fully utilized"
    assert math.isclose(amount, values["price_usd_per_gpu"] / hours, rel_tol=1e-12)


def test_waterfall_steps_by_hand():
    # 1 card of 7300 over 10 months of 730 h, half busy: 1.00 always busy, 2.00 with idle hours;
    # a server of 3650 adds 1.00; 73 a month of staff adds 0.20; resale of half the hardware
    # (0.5 * 10950 = 5475 over 3650 h) takes 1.50.
    counted = {
        "price_usd_per_gpu": 7300,
        "server_usd": 3650,
        "gpus_per_server": 1,
        "staff_usd_per_gpu_month": 73,
        "utilization": 0.5,
        "horizon_months": 10,
        "resale_decline_per_year": 1 - 0.5**1.2,
    }
    neutral = {n: p.neutral for n, p in tco.inputs.INPUTS.items() if p.neutral is not None}
    found = dict(owning(Scenario(**(neutral | counted))).steps)
    assert found["idle hours"] == pytest.approx(1)
    assert found["server"] == pytest.approx(1)
    assert found["staff"] == pytest.approx(0.2)
    assert found["cost of capital"] == pytest.approx(0, abs=1e-12)
    assert found["resale"] == pytest.approx(-1.5)
    assert sum(found.values()) == pytest.approx(1.7)


@pytest.mark.parametrize(
    ("price", "rate", "months", "hours"),
    [(2500, 0.50, 6.8493, 5000), (2500, 0.85, 4.0290, 2941.18), (2000, 0.70, 3.9139, 2857.14)],
)
def test_the_sticker_figure_is_the_one_found_on_the_web(price, rate, months, hours):
    given = {"price_usd_per_gpu": price, "rate_usd_per_gpu_hour": rate}
    alone = sticker(Scenario(**given, utilization=0.2, gpus=5, hosting="own_site"))
    assert round(alone.months, 4) == months
    assert round(alone.hours, 2) == hours


def test_no_busy_hours_make_no_steps():
    found = owning(Scenario(utilization=0))
    assert found.steps == ()
    assert found.usd_per_gpu_hour is None
    assert found.monthly_usd > 0


def test_the_rate_curve_is_the_break_even_rate_of_each_utilization():
    curve = rate_curve(Scenario(gpu="L4"))
    for at in (0, 40, -1):
        row = curve.iloc[at]
        answer = tco.breakeven(gpu="L4", utilization=row["utilization"])
        rate = answer.breakeven_rate_usd_per_gpu_hour
        assert math.isclose(row["breakeven_rate_usd_per_gpu_hour"], rate, rel_tol=1e-9)


def test_the_fair_rate_makes_both_sides_equal_where_no_offer_is_known():
    rate = fair_rate(Scenario(gpu="RTX-PRO-4500", provider="lambda"))
    answer = tco.breakeven(gpu="RTX-PRO-4500", provider="lambda", rate_usd_per_gpu_hour=rate)
    assert abs(answer.npv_saving_usd) < 1e-6 * answer.own_npv_usd


def test_the_band_holds_the_offers():
    assert (band(Scenario(gpu="L4")).low, band(Scenario(gpu="L4")).high) == (0.50, 0.85)
    assert band(Scenario(gpu="RTX-PRO-4500", provider="lambda")) is None
    found = band(Scenario(gpu="H100-SXM"))
    assert not found.quoted
    assert found.low == found.offered_low < found.high == found.offered_high


def test_the_cumulative_chart_draws_the_curves_and_the_crossing():
    decision = facts_of(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.75))
    chart = charts.cumulative(decision.curves, decision.answer)
    lines = {trace.name: trace for trace in chart.figure.data}
    np.testing.assert_array_equal(lines["BUY"].y, decision.curves["own_usd"])
    np.testing.assert_array_equal(lines["RENT"].y, decision.curves["rent_usd"])
    assert lines["crossing"].x == (decision.answer.months,)
    assert lines["BUY after resale"].y[0] == pytest.approx(decision.answer.own_npv_usd)
    assert lines["BUY"].line.dash != lines["RENT"].line.dash
    assert chart.title == f"Owning costs less from month {number(decision.answer.months)} on"
    words = " ".join(note.text for note in chart.figure.layout.annotations)
    for said in ("<b>BUY</b>", "<b>RENT</b>", "after resale"):
        assert said in words


def test_a_commitment_beyond_the_horizon_is_marked():
    decision = facts_of(Scenario(gpu="L4", term="3yr", horizon_months=24))
    chart = charts.cumulative(decision.curves, decision.answer)
    points = {trace.name: trace for trace in chart.figure.data}
    marked = points["RENT to the end of the term"].y[0]
    assert marked == pytest.approx(decision.answer.rent_npv_usd)
    assert marked > decision.curves["rent_usd"].iloc[-1]
    assert points["BUY after resale"].y[0] == pytest.approx(decision.answer.own_npv_usd)


def test_where_idle_hours_are_paid_the_rate_title_names_no_utilization():
    decision = facts_of(Scenario(gpu="L4", term="1yr"))
    now = (0.5, 0.5)
    chart = charts.breakeven_rate(decision.rate_curve, now, decision.fair_rate, None, True)
    assert chart.title.startswith("At any utilization, renting wins below")


def test_between_two_break_even_rates_the_rate_chart_says_between():
    # Always on, at most 400 a month; until the delivery the busy half is rented by use.
    case = {"price_usd_per_gpu": 3_400, "horizon_months": 10, "hours_per_month": 700}
    case |= {"delivery_months": 2, "billing": "always_on", "rate_cap_usd_per_gpu_month": 400}
    asked = Scenario(**neutral(**case, utilization=0.5, rate_usd_per_gpu_hour=0.6))
    decision, (fair, end) = facts_of(asked), tco.breakeven(asked).rates
    assert (fair, end) == pytest.approx((3_400 / 6_300, 600 / 700))
    found = (decision.rate_curve, (0.5, 0.6), fair, None, True)
    chart = charts.breakeven_rate(*found, is_buying=True, end=end)
    assert chart.title == "At any utilization, buying wins from $0.540 to $0.857 per GPU-hour"
    said = " ".join(note.text for note in chart.figure.layout.annotations)
    assert "wins between $0.540 and $0.857" in said
    assert "above the line" not in said


def test_the_rate_chart_shades_the_band_and_marks_the_point():
    decision = facts_of(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7, utilization=0.4))
    rate, found = decision.fair_rate, decision.band
    chart = charts.breakeven_rate(decision.rate_curve, (0.4, 0.7), rate, found)
    (rectangle,) = chart.figure.layout.shapes
    assert (rectangle.y0, rectangle.y1) == (0.50, 0.85)
    point = next(trace for trace in chart.figure.data if trace.name == "you")
    assert (point.x[0], point.y[0]) == (40, 0.7)
    assert "$0.50 and $0.85" in chart.alt


def test_the_waterfall_chart_draws_the_steps():
    found = owning(Scenario(gpu="L4"))
    trace = charts.waterfall(found).figure.data[0]
    assert list(trace.x) == [*(amount for _, amount in found.steps), found.usd_per_gpu_hour]
    assert trace.measure[0] == "absolute"
    assert trace.measure[-1] == "total"


@pytest.mark.parametrize("gpu", list(tco.catalog.gpus()["gpu"]))
def test_every_gpu_of_the_catalogue_can_be_shown(gpu):
    decision = facts_of(Scenario(gpu=gpu))
    assert decision.problems == ()
    assert (decision.answer is None) == bool(decision.missing)
    if decision.owning is not None:
        assert charts.waterfall(decision.owning).title
    if decision.answer is not None:
        assert charts.cumulative(decision.curves, decision.answer).alt


@pytest.mark.parametrize("hosting", ["own_site", "colo_metered", "colo_all_in"])
@pytest.mark.parametrize("billing", ["per_use", "always_on", "committed"])
@pytest.mark.parametrize("utilization", [0, 0.01, 1])
def test_every_corner_can_be_drawn(hosting, billing, utilization):
    given = {"hosting": hosting, "billing": billing, "utilization": utilization}
    decision = facts_of(Scenario(gpu="L4", **given))
    assert charts.cumulative(decision.curves, decision.answer).title
    if utilization:
        now = (utilization, 0.7)
        chart = charts.breakeven_rate(decision.rate_curve, now, decision.fair_rate, decision.band)
        assert "renting wins" in chart.title


@pytest.mark.parametrize("name", [n for n, p in tco.inputs.INPUTS.items() if p.numeric])
def test_a_slider_holds_its_value_inside_the_domain(name):
    least, most = INPUTS[name].shown_domain
    low_open = tco.inputs.INPUTS[name].low_open
    for value in (
        None,
        INPUTS[name].meant(most),
        INPUTS[name].meant(most / 100 if low_open else least),
    ):
        scenario = Scenario(gpu="L4", **({} if value is None else {name: value}))
        span = slider_range(scenario, name)
        now = INPUTS[name].shown(scenario.values()[name])
        assert least <= span.low <= now <= span.high <= most
        assert span.low < span.high
        assert span.low > least or not low_open


@pytest.mark.parametrize(("name", "low", "high"), [("pue", 1.15, 1.8), ("utilization", 20, 90)])
def test_a_slider_spans_the_believed_range(name, low, high):
    span = slider_range(Scenario(gpu="L4"), name)
    assert (span.low, span.high) == (low, high)


@pytest.mark.parametrize("percent", range(101))
def test_per_cent_come_back_as_the_same_share(percent):
    assert INPUTS["utilization"].shown(INPUTS["utilization"].meant(float(percent))) == percent
    assert INPUTS["utilization"].meant(float(percent)) == percent / 100


def test_each_input_says_where_it_comes_from():
    scenario = Scenario(gpu="L4", pue=1.2)
    assert origin(scenario, "pue") == "yours (default 1.54)"
    assert origin(scenario, "rack_kw") == "assumption 2026-11"
    assert origin(scenario, "discount_rate").startswith("default, ")
    assert origin(
        Scenario(gpu="RTX-PRO-4500", provider="lambda"), "rate_usd_per_gpu_hour"
    ).startswith("no rental")
    table = defaults_frame(scenario)
    assert list(table["input"]) == list(tco.inputs.INPUTS)
    sourced = table[table["status"] == "default"]
    assert (sourced["source"].ne("") | sourced["note"].ne("")).all()
