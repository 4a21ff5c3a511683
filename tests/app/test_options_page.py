"""The Options page: the finding, charts and tables of all options, and GPUs side by side."""

import re
from html import escape
from itertools import pairwise
from urllib.parse import parse_qs

import pytest
from pandas.testing import assert_frame_equal

import tco
from tco import Scenario
from tco.analysis.options import what_if
from tco.app import options_page as page
from tco.market.catalogue import load
from tco.report import gpu_tables, option_tables, ways
from tco.report.facts import facts_of
from tco.scenario.link import decode, encode
from tests.app.helpers import captions, html_of, on, opened, texts, widget

CHARTS = [
    "annual_cost_by_utilization_chart",
    "cost_per_busy_hour_chart",
    "cost_by_gpu_chart",
]
FILES = ["Screening curves (CSV)", "Options (CSV)", "Cost stacks (CSV)", "GPUs (CSV)"]


def options_page(**link):
    return opened("options", **link)


def on_options(app):
    return on(app, "options")


def on_decide(app):
    return on(app, "")


def drawn(app):
    return [chart.key for chart in app.get("plotly_chart")]


def tables(app):
    return [element.value for element in app.dataframe]


def files(app):
    return [button.proto.label for button in app.get("download_button")]


def scenario_of(app):
    return app.session_state["scenario"]


def test_it_says_what_is_cheapest_and_where_that_changes():
    app = options_page(utilization="0.6")
    assert not app.exception
    found = option_tables.compared(Scenario(utilization=0.6))
    lead, _, more = found.finding.partition(". ")
    said = html_of(app)
    assert f"<p class='tco-lead'>{lead}</p>" in said
    assert f"<p class='tco-more'>{more}</p>" in said
    assert "<strong class='tco-word'>Cheapest: BUY used</strong>" in said
    head = facts_of(Scenario(utilization=0.6)).headline
    assert "Decide compares Buy new, colocation (metered) with On demand" in captions(app)
    assert f"with On demand: {head}. Costs" in captions(app)
    assert "before income tax" in captions(app)
    assert drawn(app) == CHARTS
    assert files(app) == FILES


def test_headings_are_in_order():
    said = html_of(options_page())
    levels = [int(part[0]) for part in said.split("<h")[1:] if part[0].isdigit()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))


def links_to_decide(app):
    return [link.proto for link in app.get("page_link") if link.proto.label == "Show on Decide"]


def test_every_way_has_its_row_with_why_not_and_a_link_to_decide():
    asked = Scenario(utilization=0.6)
    app = options_page(utilization="0.6")
    frame = tco.options(asked)
    listed = ways.ways(asked, frame, option_tables.decided(asked, frame))
    said = html_of(app)
    for way in listed:
        assert way.reason.endswith(".")
        if way.rank or way.is_best_site:
            assert escape(way.name) in said
            assert escape(way.reason) in said
    assert "<span class='tco-mark'>can be interrupted at any time</span>" in said
    links = links_to_decide(app)
    shown = [way for way in listed if way.rank and not way.is_compared]
    ordered = [way for way in shown if way.is_best_site] + [w for w in shown if not w.is_best_site]
    assert len(links) == len(ordered) == 12
    for link, way in zip(links, ordered, strict=True):
        told = {name: texts[-1] for name, texts in parse_qs(link.query_string).items()}
        shown_there = decode(told)
        assert shown_there.remarks == ()
        expected = what_if(asked, way.option, way.hosting or None)
        assert shown_there.scenario.values() == expected.values()


def test_every_option_is_in_the_table():
    app = options_page(gpu="T4")
    widget(app, "button_group", "all_options_ranked").set_value("Table").run()
    shown = next(table for table in tables(app) if "why not" in table)
    frame = tco.options(gpu="T4")
    expected = ways.table_frame(frame, option_tables.decided(Scenario(gpu="T4"), frame))
    assert_frame_equal(shown, expected, check_dtype=False)


def test_new_or_used_is_answered_without_a_click():
    said = html_of(options_page(utilization="0.6"))
    assert "<dt>New or used?</dt><dd>Used<small>Saves $" in said
    used_only = html_of(options_page(gpu="RTX-4090"))
    assert "<dd>Used only<small>New: the RTX-4090 is no longer sold new.</small>" in used_only


def test_tables_stand_for_charts_on_request():
    app = options_page()
    assert tables(app) == []
    for key in (name.removesuffix("_chart") for name in CHARTS):
        widget(app, "button_group", key).set_value("Table")
    app.run()
    assert drawn(app) == []
    assert len(tables(app)) == 3
    curves, stacks = tables(app)[:2]
    assert curves.to_dict() == option_tables.lines_table(tco.screening()).to_dict()
    assert stacks["total"].is_monotonic_increasing


def test_the_use_can_be_tried_out():
    app = options_page(gpu="L4")
    widget(app, "text_input", "number--utilization").set_value("20").run()
    assert scenario_of(app) == Scenario(gpu="L4", utilization=0.2)
    assert "At 20 % utilization, renting" in html_of(app)
    assert app.query_params["utilization"] == "0.2"


def test_a_refused_value_says_so_and_the_last_ones_stay():
    app = options_page(utilization="0.6")
    widget(app, "text_input", "number--utilization").set_value("150").run()
    assert not app.exception
    assert scenario_of(app) == Scenario(utilization=0.6)
    assert "150 % is outside 0 to 100 %" in texts(app)
    assert "At 60 % utilization" in html_of(app)
    assert "stale" in blocks(app)
    widget(app, "text_input", "number--utilization").set_value("55").run()
    assert "current" in blocks(app)
    assert "At 55 % utilization" in html_of(app)


def blocks(app):
    """The keys of the containers on the page."""
    found, open_blocks = [], [app._tree]
    while open_blocks:
        block = open_blocks.pop()
        name = getattr(getattr(block, "proto", None), "id", "")
        found.append(name.rpartition("-")[2])
        open_blocks += getattr(block, "children", {}).values()
    return found


def test_gpus_stand_side_by_side():
    app = options_page(utilization="0.6", compare="L4,T4,H100-SXM")
    frame = gpu_tables.side_by_side(Scenario(utilization=0.6), ["L4", "T4", "H100-SXM"])
    _, rows = gpu_tables.gpu_cells(frame)
    said = html_of(app)
    for first, *cells in rows:
        told = "".join(f"<td>{cell}</td>" for cell in cells)
        assert f"<th scope='row'>{first}</th>{told}" in said


def test_a_borrowed_rate_is_named():
    app = options_page(gpu="Arc-Pro-B60", compare="Arc-Pro-B60,A10")
    assert "<span class='tco-mark'>at the rental rate of the A10</span>" in html_of(app)
    assert "(rate of the A10)" in html_of(app)
    assert "No provider rents out the Arc-Pro-B60: its rental rate is that of the A10." in captions(
        app
    )


def test_gpus_carry_their_remark():
    app = options_page()
    assert gpu_tables.NO_MEASURE in captions(app)


def test_the_gpus_are_in_the_link_and_survive_the_way_through_the_pages():
    app = options_page(utilization="0.3")
    widget(app, "multiselect", "gpus_compared").set_value(["T4", "A10"]).run()
    assert app.query_params["compare"] == "T4,A10"
    on_decide(app)
    assert app.query_params["compare"] == "T4,A10"
    on_options(app)
    assert widget(app, "multiselect", "gpus_compared").value == ["T4", "A10"]
    widget(app, "text_input", "number--utilization").set_value("40").run()
    assert app.query_params["compare"] == "T4,A10"
    assert scenario_of(app) == Scenario(utilization=0.4)
    again = options_page(**{name: str(text) for name, text in app.query_params.items()})
    assert widget(again, "multiselect", "gpus_compared").value == ["T4", "A10"]
    assert "not used" not in html_of(again)


@pytest.mark.parametrize("compare", ["", "L4", "nothing"])
def test_fewer_than_two_gpus_are_not_compared(compare):
    app = options_page(compare=compare)
    assert not app.exception
    assert "Choose 2 to 8 GPUs." in captions(app)
    assert drawn(app) == CHARTS[:2]


@pytest.mark.parametrize(
    ("compare", "said"),
    [
        ("L4,T4,<script>alert(1)</script>", "&lt;script&gt;"),
        ("L4,$x$,T4", "is not a GPU of the catalog: ignored"),
        (",".join(list(load().gpus)[:10]), "only the first 8 GPUs are shown"),
        ("L4," * 10_000, "is not an input: ignored"),
    ],
)
def test_a_strange_list_of_gpus_is_told(compare, said):
    app = options_page(compare=compare)
    assert not app.exception
    assert not app.error
    assert said in html_of(app)
    assert "<script>" not in html_of(app)


def test_a_link_to_compare_is_no_input():
    assert decode({"compare": "L4,T4"}).remarks == ()
    assert decode({"compare": "L4,T4"}).scenario == Scenario()
    assert "compare" not in encode(Scenario(gpu="T4"))


def test_without_a_rental_rate_the_options_that_own_are_compared():
    app = options_page(gpu="RTX-PRO-4500", provider="lambda")
    assert not app.exception
    assert html_of(app).count("No rental offer for the RTX-PRO-4500 (lambda, US") >= 5
    assert drawn(app) == CHARTS


def test_without_any_price_it_says_so():
    app = options_page(as_of="2019-01-01")
    assert not app.exception
    said = html_of(app)
    assert "Nothing to compare: no option has a price" in said
    assert "No answer yet" in said
    assert "No price and no rental rate found as of 2019-01-01." in captions(app)
    assert drawn(app) == []
    assert not links_to_decide(app)


def test_without_busy_hours_nothing_is_spread_over_them():
    app = options_page(utilization="0")
    assert not app.exception
    assert "with no busy hours" in html_of(app)
    assert "No busy hours, or no option with a price." in captions(app)
    assert drawn(app) == CHARTS[:1]


def test_an_option_that_is_impossible_says_why_and_the_others_stay():
    app = options_page(hosting="own_site", rack_kw="1")
    assert not app.exception
    assert "“Power per rack” = 1 kW holds no server" in html_of(app)
    assert drawn(app)[:2] == CHARTS[:2]


def test_what_a_way_lacks_is_said_in_words():
    given = {"financing": "lease", "refresh_months": 24, "gpu": "L4"}
    app = options_page(**{name: str(value) for name, value in given.items()})
    said = html_of(app)
    assert "means that no lease quote is known: give the payment quoted; " in said
    assert "means that the price of the replacement GPUs is not known: give it; " in said
    assert "cannot be combined with a lease, which replaces hardware every " in said
    rows = " ".join(re.findall(r"<div class='tco-row'.*?</div>", said))
    assert not re.search(r"[a-z]_[a-z]", re.sub(r"<[^>]*>", " ", rows))
    widget(app, "button_group", "all_options_ranked").set_value("Table").run()
    shown = next(table for table in tables(app) if "why not" in table)
    assert not shown[["why not", "note"]].apply(lambda told: told.str.contains("_")).any(axis=None)
    frame = tco.options(**given)
    raw = frame.loc[frame["option"] == "lease", "why_not"].iloc[0]
    assert raw.startswith("lease_usd_per_gpu_month = 0 means that no lease quote is known")
    assert "quoted; refresh_price_usd_per_gpu = 0 means" in raw
    assert "\n" not in raw


def test_another_currency_is_labeled():
    app = options_page(currency="EUR", fx_rate="0.9", fx_as_of="2026-11-20")
    assert "Amounts are converted at 0.9 EUR per USD as of 2026-11-20" in html_of(app)


@pytest.mark.parametrize("gpu", list(load().gpus)[::4])
def test_every_gpu_has_its_page(gpu):
    app = options_page(gpu=gpu)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize(
    "link",
    [
        {"term": "5yr", "rate_usd_per_gpu_hour": "0.3"},
        {"billing": "always_on"},
        {"financing": "lease", "lease_usd_per_gpu_month": "95"},
        {"tax_rate": "0.25", "delivery_months": "3"},
        {"utilization": "0.5..0.7"},
        {"price_usd_per_gpu": "0", "rate_usd_per_gpu_hour": "0"},
        {"horizon_months": "0.4"},
        {"provider": "gcp", "region": "us-central1"},
    ],
)
def test_every_corner_has_its_page(link):
    app = options_page(**link)
    assert not app.exception
    assert not app.error
    assert drawn(app)[:2] == CHARTS[:2]


def test_results_are_kept_by_scenario():
    app = options_page(utilization="0.37")
    before = page._found.cache_info()
    app.run()
    after = page._found.cache_info()
    assert (after.misses, after.hits > before.hits) == (before.misses, True)
