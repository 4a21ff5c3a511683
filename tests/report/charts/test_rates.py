"""Charts of the market as functions from frames: what they draw, name and say."""

import math
import re
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tco.analysis.history import SERIES, TREND, history, offer_quantiles, offers, trends
from tco.market.catalogue import load
from tco.report import charts
from tco.report.charts.canvas import LINE, log_axis
from tco.report.charts.rates import series_names
from tco.report.drawing import apart
from tco.words.figures import change_text

HOSTILE = "<a href='http://example.com'>x</a>" + "y" * 100


def rates(*rows):
    """A frame of prices for one GPU: provider, instance, region, day, rate."""
    names = ("provider", "instance", "region", "as_of", "usd_per_gpu_hour")
    frame = pd.DataFrame(rows, columns=list(names))
    return frame.assign(gpu="L4", country="XX", source_id="mine")


def asked(frame):
    return {"gpu": "L4", "prices": frame, "region": "XX", "as_of": "2026-11-21"}


def strip(frame, rate=None, fair=None):
    found = asked(frame)
    return charts.offers_strip(offers(**found), offer_quantiles(**found), rate, fair)


def traces(chart):
    return {trace.name: trace for trace in chart.figure.data}


def words(chart):
    return [note.text for note in chart.figure.layout.annotations]


FOUR = rates(
    ("cheap", "small", "here", "2026-11-01", 1.0),
    ("cheap", "large", "here", "2026-11-01", 4.0),
    ("middle", "small", "here", "2026-11-02", 2.0),
    ("dear", "small", "here", "2026-11-20", 3.0),
)


def only_mine(chart, name):
    """The points of the made-up providers: offers with one price everywhere are listed too."""
    trace = traces(chart)[name]
    axis = chart.figure.layout.yaxis
    ticks = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    found = [(ticks[y].strip(), x) for x, y in zip(trace.x, trace.y, strict=True)]
    return [(who, usd) for who, usd in found if who in ("cheap", "middle", "dear")]


def test_comparable_offers_are_strong_and_the_others_pale():
    chart = strip(FOUR)
    assert sorted(only_mine(chart, "comparable")) == [("cheap", 1), ("dear", 3), ("middle", 2)]
    assert only_mine(chart, "not comparable") == [("cheap", 4)]
    strong, pale = (traces(chart)[name].marker for name in ("comparable", "not comparable"))
    assert (strong.symbol, pale.symbol) == ("circle", "circle-open")
    (why,) = [text for text in traces(chart)["not comparable"].text if text.startswith("cheap")]
    assert "not compared: a larger host" in why


def test_rows_are_in_the_order_of_their_medians():
    names = [text.strip() for text in strip(FOUR).figure.layout.yaxis.ticktext]
    mine = [name for name in names if name in ("cheap", "middle", "dear")]
    assert mine == ["cheap", "middle", "dear"]


def test_the_quantiles_are_drawn_and_written():
    found = asked(FOUR)
    overall = offer_quantiles(**found).set_index("provider").loc["all"]
    chart = strip(FOUR)
    band, median = chart.figure.layout.shapes[:2]
    assert (band.x0, band.x1) == (overall["p10"], overall["p90"])
    assert median.x0 == median.x1 == overall["p50"]
    assert traces(chart)["P50"].x == (overall["p50"],)
    said = next(text for text in chart.figure.layout.yaxis.ticktext if text.startswith("P10"))
    assert said.count("<br>") == 2


def test_rate_and_break_even_are_lines_with_names():
    chart = strip(FOUR, rate=1.5, fair=2.5)
    lines = {shape.x0: shape.line.dash for shape in chart.figure.layout.shapes[2:]}
    assert lines == {1.5: "solid", 2.5: "dash"}
    assert words(chart) == ["<b>rate used</b> $1.50", "<b>break-even</b> $2.50"]
    below = int((offers(**asked(FOUR)).query("comparable")["usd_per_gpu_hour"] < 2.5).sum())
    assert chart.title.startswith(f"{below} of ")
    assert chart.title.endswith("are below the break-even rate of $2.50")


@pytest.mark.parametrize("fair", [None, 0, -1.0, math.inf, math.nan])
def test_a_break_even_rate_that_is_none_is_not_drawn(fair):
    chart = strip(FOUR, fair=fair)
    assert words(chart) == []
    assert chart.title.startswith("Half of the")


def test_without_offers_there_is_no_chart():
    found = {"gpu": "RTX-PRO-4500", "provider": "lambda"}
    assert charts.offers_strip(offers(**found), offer_quantiles(**found)) is None
    assert charts.price_history(history(**found), trends(**found)) is None


def test_offers_that_cannot_be_compared_are_still_drawn():
    found = offers("L4", provider="modal")
    assert not found["comparable"].any()
    chart = charts.offers_strip(found, offer_quantiles("L4", provider="modal"))
    assert chart.title.startswith("No offer for L4 can be compared")
    assert len(traces(chart)["not comparable"].x) == len(found)


def test_names_of_others_are_text():
    frame = offers("L4").assign(provider=HOSTILE, instance=HOSTILE, region=HOSTILE)
    chart = charts.offers_strip(frame, offer_quantiles("L4").iloc[:0])
    shown = [*chart.figure.layout.yaxis.ticktext, *traces(chart)["comparable"].text]
    assert all("<a" not in text and "&lt;a" in text for text in shown)
    assert all(len(text) < 400 for text in shown)
    old = history("L4", term="spot").assign(provider=HOSTILE, series=HOSTILE)
    drawn = charts.price_history(old, trends("L4", term="spot").iloc[:0])
    assert all("<a" not in trace.name for trace in drawn.figure.data)
    assert all("<a" not in note.text for note in drawn.figure.layout.annotations)


def monthly(provider, prices, year=2020):
    days = [f"{year + month // 12}-{1 + month % 12:02d}-01" for month in range(len(prices))]
    return [(provider, "box", "here", day, price) for day, price in zip(days, prices, strict=True)]


# A price that doubles every year, with a little noise that does not trend.
WAVE = [1.02, 0.98, 0.98, 1.02]
DOUBLED = rates(*monthly("riser", [2 ** (n / 12) * WAVE[n % 4] for n in range(36)]))
STEPS = rates(*monthly("list", [4.0] * 12 + [2.0] * 12))


def past(frame, months=0, expected=None, provider=None):
    found = {**asked(frame), "provider": provider}
    return charts.price_history(history(**found), trends(**found), months, expected)


def test_the_fan_goes_on_as_the_fit_does():
    chart = past(DOUBLED, months=24, provider="riser")
    (row,) = trends(**asked(DOUBLED), provider="riser").to_dict("records")
    middle = next(trace for trace in chart.figure.data if "a year" in trace.name)
    assert middle.x[:2] == (date(2020, 1, 1), date(2022, 12, 1))
    years = (middle.x[-1] - middle.x[1]).days / 365.25
    assert years == pytest.approx(2, abs=0.01)
    begin, grown = middle.y[1], middle.y[-1] / middle.y[1]
    assert grown == pytest.approx((1 + row["change_per_year"]) ** years, rel=1e-9)
    assert middle.y[0] == pytest.approx(1, rel=0.03)
    assert begin == pytest.approx(2 ** (35 / 12), rel=0.03)
    band = traces(chart)["P10 to P90"]
    high, low = band.y[len(band.y) // 2 - 1], band.y[len(band.y) // 2]
    assert high / begin == pytest.approx((1 + row["high_per_year"]) ** years, rel=1e-9)
    assert low / begin == pytest.approx((1 + row["low_per_year"]) ** years, rel=1e-9)


def test_a_list_price_is_a_step_and_has_no_fan():
    chart = past(STEPS, months=24, provider="list")
    (line,) = chart.figure.data
    assert line.line.shape == "hv"
    assert "in steps" in chart.title
    assert chart.title.startswith("list box here on demand: −")
    rising = past(DOUBLED, provider="riser").figure.data[0]
    assert rising.line.shape == "linear"


def test_what_the_scenario_expects_is_a_fan_of_its_own():
    expected = charts.Expected(date(2026, 11, 21), 2.0, -0.1, -0.2, 0.1)
    chart = past(STEPS, 12, expected, "list")
    line = next(trace for trace in chart.figure.data if trace.name.startswith("this scenario: −10"))
    assert (line.x[0], line.y[0]) == (expected.day, 2.0)
    assert line.y[-1] == pytest.approx(2 * 0.9, rel=1e-3)
    assert "this scenario: −10 % a year<br>P10 −20 %, P90 +10 %" in words(chart)
    sure = past(STEPS, 12, charts.Expected(expected.day, 2.0, -1.0), "list")
    assert all(usd > 0 for trace in sure.figure.data for usd in trace.y)
    assert "this scenario: −100 % a year" in words(sure)
    low, high = sure.figure.layout.yaxis.range
    assert high - low < 3


@pytest.mark.parametrize("gpu", ["L4", "H100-SXM", "RTX-PRO-6000"])
def test_every_observation_is_drawn_once(gpu):
    found, fitted = history(gpu, region="US"), trends(gpu, region="US")
    chart = charts.price_history(found, fitted)
    drawn = sorted(usd for trace in chart.figure.data for usd in trace.y if usd is not None)
    np.testing.assert_allclose(drawn, sorted(found["usd_per_gpu_hour"]))


def test_series_beyond_those_with_a_name_are_faint():
    rows = [row for n in range(12) for row in monthly(f"p{n}", [1.0 + n] * (30 - n))]
    chart = past(rates(*rows))
    faint = traces(chart)["other series"]
    assert faint.opacity < 0.5
    assert sorted(usd for usd in faint.y if usd is not None and usd > 8) == [
        usd for n in range(8, 12) for usd in [1.0 + n] * (30 - n)
    ]
    assert len(words(chart)) == 8 + 1
    assert any(text.startswith("p11 box here") for text in faint.text)


def test_a_history_without_trends_is_drawn_too():
    found = history("L4", region="US")
    empty = pd.DataFrame([], columns=[*SERIES, *TREND])
    chart = charts.price_history(found, empty, 36)
    assert chart.title.startswith(f"{len(found)} observations in ")
    assert "No trend was fitted." in chart.alt
    assert any(trace.mode == "lines" for trace in chart.figure.data)


@pytest.mark.parametrize("gpu", list(load().gpus))
@pytest.mark.parametrize("term", ["on_demand", "spot"])
def test_every_gpu_can_be_drawn_and_no_label_lies_on_another(gpu, term):
    found = {"gpu": gpu, "term": term}
    expected = charts.Expected(date(2026, 11, 21), 1.0, -0.05, -0.2, 0.2)
    chart = charts.price_history(history(**found), trends(**found), 36, expected)
    strip = charts.offers_strip(offers(**found), offer_quantiles(**found), 1.0, 1.5)
    if chart is None:
        assert strip is None
        return
    low, high = chart.figure.layout.yaxis.range
    places = sorted(
        ((note.y - low) / (high - low) * 306 + note.yshift, note.text.count("<br>") + 1)
        for note in chart.figure.layout.annotations
        if note.yref != "paper"
    )
    for (one, lines), (other, more) in pairwise(places):
        assert other - one >= LINE * (lines + more) / 2 - 1e-6
    for found_chart in (chart, strip):
        if found_chart is not None:
            assert found_chart.alt.startswith(found_chart.title)
            assert "dated" in found_chart.caption


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [([5], [5]), ([5, 5], [0, 10]), ([0, 5, 10], [-5, 5, 15]), ([0, 8, 50], [-1, 9, 50])],
)
def test_labels_move_apart_and_no_further(wanted, expected):
    assert apart(wanted, [10] * len(wanted)) == expected


@pytest.mark.parametrize("amounts", [[0.44], [0.5, 0.51], [0.001, 900], [2, 12.3], [1, 1]])
def test_a_log_axis_holds_its_amounts_and_has_round_ticks(amounts):
    axis = log_axis(amounts)
    low, high = axis["range"]
    assert low < min(map(math.log10, amounts)) <= max(map(math.log10, amounts)) < high
    ticks = axis["tickvals"]
    assert 1 <= len(ticks) <= 9
    assert all(low <= math.log10(tick) <= high for tick in ticks)
    # Fifty cents are $0.50.
    assert all(re.fullmatch(r"\$\d+(\.\d{2,})?|\$1k", text) for text in axis["ticktext"])


def test_series_have_short_names_of_their_own():
    rows = [
        {"series": at, "provider": "a", "instance": instance, "region": region, "source_id": who}
        for at, (instance, region, who) in enumerate(
            [("x", "r", "s"), ("y", "r", "s"), ("y", "r", "t"), ("x", "any", "s")]
        )
    ]
    assert list(series_names(rows).values()) == ["a r", "a y r", "a y r, t", "a"]


def test_a_change_of_nothing_has_no_sign():
    assert change_text(-0.001) == "0 % a year"
    assert change_text(0.1, math.nan, math.nan) == "+10 % a year"
