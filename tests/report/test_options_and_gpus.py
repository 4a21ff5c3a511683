"""Charts, frames and sentences of the Options page, as functions from frames."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import tco
from tco import Scenario
from tco.analysis.declared import RENTING
from tco.analysis.options import HOSTING, OWNING, what_if
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.model.items import EXIT_ITEMS, GROUPS, ITEMS, TAX_GROUP
from tco.model.ledger import ledger_rows
from tco.report import charts, gpu_tables, option_tables, ways
from tco.report.charts.canvas import LINE
from tco.report.drawing import BUY, RENT
from tco.report.option_tables import NAMES, SITES, named
from tco.scenario.other_gpu import with_gpu
from tests.strategies import examples, scenarios

DAY = "2026-11-21"
LEASE = {"lease_usd_per_gpu_month": 95.0, "lease_return_usd_per_gpu": 40.0}
FIVE_YEARS = {**LEASE, "term": "5yr", "rate_usd_per_gpu_hour": 0.3}
CASES = {
    "default": {},
    "leased": LEASE,
    "bought at the end": {**LEASE, "lease_buyout_usd_per_gpu": 200.0},
    "taxed": {"tax_rate": 0.25, **LEASE},
    "delayed": {"delivery_months": 4, **LEASE},
    "refreshed": {"refresh_months": 18, "refresh_price_usd_per_gpu": 2_000},
    "taxed and refreshed": {
        "tax_rate": 0.3,
        "refresh_months": 18,
        "refresh_price_usd_per_gpu": 2_000,
        "delivery_months": 2,
    },
    "committed": {"term": "1yr", "rate_usd_per_gpu_hour": 0.5, "upfront_usd_per_gpu": 100},
    "ends within a term": {"horizon_months": 30.5, **LEASE},
    "a range": {"utilization": "0.5..0.7", "rate_usd_per_gpu_hour": "0.5..0.7"},
}


def asked(**inputs):
    return Scenario(**{"gpu": "L4", "utilization": 0.6, "as_of": DAY} | inputs)


def curves(scenario):
    return charts.screening_curves(tco.screening(scenario), scenario.values()["utilization"])


def traces(chart):
    return {trace.name: trace for trace in chart.figure.data}


def words(chart):
    return [note.text for note in chart.figure.layout.annotations]


def line(*costs, option="spot", side="rent", hosting=""):
    """An option that costs so much a year never and always busy."""
    ends = zip((0.0, 1.0), costs, strict=True)
    return [(option, side, hosting, share, cost, False) for share, cost in ends]


def screened(*lines):
    """A frame like that of `tco.screening()` of made-up options."""
    names = ["option", "side", "hosting", "utilization", "usd_per_gpu_year", "cheapest"]
    ends = {(row[0], row[2]): [] for rows in lines for row in rows}
    for row in (row for rows in lines for row in rows):
        ends[row[0], row[2]].append(row[4])
    shares = {0.0, 1.0}
    keys = list(ends)
    for one in keys:
        for other in keys:
            slope = (ends[one][1] - ends[one][0]) - (ends[other][1] - ends[other][0])
            share = (ends[other][0] - ends[one][0]) / slope if slope else -1
            shares |= {share} if 0 < share < 1 else set()
    made = []
    sides = {(row[0], row[2]): row[1] for rows in lines for row in rows}
    for share in sorted(shares):
        costs = {key: idle + (full - idle) * share for key, (idle, full) in ends.items()}
        # The next one where two meet.
        best = min(costs, key=lambda key: (round(costs[key], 9), ends[key][1] - ends[key][0]))
        made += [
            (option, sides[option, site], site, share, costs[option, site], (option, site) == best)
            for option, site in costs
        ]
    return pd.DataFrame(made, columns=names)


THREE = screened(
    line(0, 1_000),
    line(100, 600, option="on_demand"),
    line(400, 430, option="buy_new", side="own", hosting="own_site"),
    line(500, 530, option="buy_new", side="own", hosting="colo_metered"),
)


def test_every_option_and_site_has_its_words():
    assert NAMES.keys() == RENTING.keys() | OWNING.keys()
    assert SITES.keys() == set(HOSTING)
    assert INPUTS["hosting"].choice_phrases.keys() == SITES.keys()
    assert len(set(NAMES.values())) == len(NAMES)


def test_the_envelope_is_drawn_thick_and_its_changes_are_marked():
    chart = charts.screening_curves(THREE, 0.1)
    thick = [trace for trace in chart.figure.data if trace.line.width == 6]
    assert [trace.name for trace in thick] == [
        "cheapest: Spot",
        "cheapest: On demand",
        "cheapest: Buy new, own site",
    ]
    assert [trace.line.color for trace in thick] == [RENT, RENT, BUY]
    ends = [end for trace in thick for end in (trace.x[0], trace.x[-1])]
    assert ends == pytest.approx([0, 20, 20, 300 / 4.7, 300 / 4.7, 100])
    assert {"<b>20 %</b>", "<b>63.8 %</b>"} <= set(words(chart))
    assert chart.title == (
        "Renting spot is cheapest up to 20 % utilization, renting on demand up to 63.8 %, "
        "then buying new at your own site"
    )


def test_the_envelope_is_that_of_the_library():
    for inputs in ({}, {"gpu": "T4"}, {"hosting": "own_site"}, LEASE):
        scenario = asked(**inputs)
        frame = tco.options(scenario)
        best = frame[frame["cheapest_from"].notna()].sort_values("cheapest_from")
        found = option_tables.stretches(tco.screening(scenario))
        assert [(row["option"], row["hosting"]) for row, _, _ in found] == list(
            zip(best["option"], best["hosting"], strict=True)
        )
        assert [low for _, low, _ in found] == best["cheapest_from"].tolist()
        assert [high for _, _, high in found] == best["cheapest_to"].tolist()


def test_lines_are_those_of_the_library_and_losers_are_pale():
    scenario = asked()
    frame, drawn = tco.screening(scenario, points=[0, 0.25, 1]), traces(curves(scenario))
    best = {
        row["option"]: row["hosting"] for row in option_tables.cheapest_sites(tco.options(scenario))
    }
    for row in frame.to_dict("records"):
        name = "".join(option_tables.sided(row["option"], row["side"], row["hosting"]))
        if best[row["option"]] != row["hosting"]:
            assert name not in drawn  # it has no name beside its line
            continue
        cost = np.interp(100 * row["utilization"], drawn[name].x, drawn[name].y)
        assert cost == pytest.approx(row["usd_per_gpu_year"])
    winners = {trace.name for trace in drawn.values() if trace.line.width == 2.5}
    assert winners == {"RENT: Spot", "BUY used, own site"}
    for name, trace in drawn.items():
        if trace.line.width == 2:
            assert trace.opacity < 0.5, name


def test_options_are_told_apart_without_color():
    looks = [
        (trace.line.dash, trace.marker.symbol)
        for name, trace in traces(curves(asked(**FIVE_YEARS))).items()
        if name.startswith(("RENT", "BUY")) and ("own site" in name or "RENT" in name)
    ]
    assert len(looks) == len(set(looks)) == 10
    assert all((dash == "solid") == (symbol is not None) for dash, symbol in looks)


@pytest.mark.parametrize("gpu", list(load().gpus))
def test_names_beside_the_lines_do_not_meet(gpu):
    chart = curves(asked(gpu=gpu, **FIVE_YEARS))
    lines = [trace for name, trace in traces(chart).items() if name.startswith(("RENT", "BUY"))]
    layout = chart.figure.layout
    named_here = [note for note in layout.annotations if note.showarrow]
    assert len(named_here) == len(lines)
    top, tall = layout.yaxis.range[1], layout.height - layout.margin.t - layout.margin.b
    # Each leads to the end of its line, and stands where no other does.
    assert sorted(note.y for note in named_here) == pytest.approx(
        sorted(min(trace.y[-1], top) for trace in lines)
    )
    places = sorted(
        (note.y / top * tall - note.ay, note.text.count("<br>") + 1) for note in named_here
    )
    for (low, lines), (high, more) in pairwise(places):
        assert high - low >= LINE * (lines + more) / 2 - 1e-6
    assert places[-1][0] <= tall


def test_each_way_of_owning_is_named_with_its_cheapest_site():
    beside = [text for text in words(charts.screening_curves(THREE, 0.3)) if "Buy new" in text]
    assert beside == ["<b>Buy new</b> $430"]


def test_your_utilization_is_on_the_envelope():
    chart = charts.screening_curves(THREE, 0.3)
    (you,) = (trace for trace in chart.figure.data if trace.name == "you")
    assert (you.x[0], you.y[0]) == pytest.approx((30, 250))
    assert "<b>you</b> 30 %" in words(chart)
    assert charts.screening_curves(THREE, 1.0).figure.layout.annotations[-1].text


def test_what_is_far_dearer_does_not_squash_the_others():
    dear = screened(line(0, 100), line(10, 9_000, option="always_on"))
    chart = charts.screening_curves(dear, 0.5)
    assert chart.figure.layout.yaxis.range[1] < 1_000
    assert "Always on ↑$9k" in words(chart)


def test_handovers_close_together_are_written_once():
    near = screened(
        line(0, 1_000), line(10, 960, option="on_demand"), line(40, 900, option="always_on")
    )
    shares = [low for _, low, _ in option_tables.stretches(near)][1:]
    assert shares == pytest.approx([0.2, 1 / 3])
    written = [text for text in words(charts.screening_curves(near, 0.9)) if text[:3] == "<b>"]
    assert "<b>20 %</b>" in written
    assert "<b>33.3 %</b>" not in written


def test_costs_of_nothing_are_drawn_too():
    assert charts.screening_curves(screened(line(0, 0)), 0.5).figure.layout.yaxis.range == (0, 1)


def test_without_options_there_is_no_chart():
    nothing = option_tables.compared(Scenario(as_of="2019-01-01"))
    assert charts.screening_curves(nothing.lines, 0.5) is None
    assert charts.cost_stacks(nothing.stacks) is None
    assert nothing.finding == "Nothing to compare: no option has a price"
    assert nothing.winner is None


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_stacks_add_up_to_what_options_cost(inputs):
    found = option_tables.compared(asked(**inputs))
    totals = found.stacks.groupby(["option", "hosting"])["usd_per_busy_gpu_hour"].sum()
    listed = found.frame.set_index(["option", "hosting"])["usd_per_busy_gpu_hour"]
    assert len(totals) == found.frame.query("status == 'priced'")["option"].nunique()
    for way, cost in totals.items():
        assert cost == pytest.approx(listed[way], rel=1e-9)


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_every_item_of_the_ledger_has_its_group(inputs):
    scenario = asked(**inputs)
    known = {item.name for item in ITEMS if item.group != TAX_GROUP}
    untaxed = not scenario.values()["tax_rate"]
    for option in ("lease", "loan", "buy_new", "on_demand", "committed_1yr"):
        if option == "lease" and not scenario.values()["lease_usd_per_gpu_month"]:
            continue
        for side in ("own", "rent"):
            items = {row[1] for row in ledger_rows(what_if(scenario, option), side)}
            strange = items - known
            assert not (strange and untaxed), strange
            assert all(re_taxed(item) for item in strange), strange
    stacks = option_tables.compared(scenario).stacks
    assert (TAX_GROUP in set(stacks["group"])) == (not untaxed)


def re_taxed(item):
    return "tax" in item or "shield" in item or "deduction" in item


def test_what_is_due_on_leaving_has_its_group():
    known = {item.name for item in ITEMS if item.group != TAX_GROUP}
    assert {item for item in EXIT_ITEMS if item not in known} == {"disposal_tax", "exit_deduction"}


def test_stacks_are_drawn_to_their_sums():
    found = option_tables.compared(asked(tax_rate=0.25, **LEASE))
    chart = charts.cost_stacks(found.stacks)
    reached = {}
    for trace in chart.figure.data:
        for x, y in zip(trace.x, trace.y, strict=True):
            reached[y] = reached.get(y, 0) + x
    best = option_tables.cheapest_sites(found.frame)
    assert [reached[at] for at in range(len(best))] == pytest.approx(
        [row["usd_per_busy_gpu_hour"] for row in best]
    )
    low, high = chart.figure.layout.xaxis.range
    for at in reached:
        parts = [x for t in chart.figure.data for x, y in zip(t.x, t.y, strict=True) if y == at]
        assert low <= sum(x for x in parts if x < 0)
        assert sum(x for x in parts if x > 0) <= high
    names = {trace.name for trace in chart.figure.data}
    assert names <= set(words(chart))
    assert chart.title.startswith("Leasing at your own site costs $")


def test_both_sides_have_their_own_fills():
    found = option_tables.compared(asked(tax_rate=0.25, delivery_months=2, **LEASE))
    traces_of = {trace.name: trace for trace in charts.cost_stacks(found.stacks).figure.data}
    fills = [trace.marker.color for trace in traces_of.values()]
    assert len(fills) == len(set(fills))
    for side, edge in (("own", BUY), ("rent", RENT)):
        edges = {traces_of[group].marker.line.color for group in GROUPS[side] if group in traces_of}
        assert edges == {edge}


def test_a_busy_hour_that_is_none_has_no_stack():
    found = option_tables.compared(asked(utilization=0))
    assert found.stacks.empty
    assert found.finding.startswith("At 0 % utilization, renting")
    assert "per GPU per year, with no busy hours. Above" in found.finding


def test_the_finding_says_what_is_cheapest_elsewhere():
    frame, lines = tco.options(asked()), tco.screening(asked())
    best = frame.iloc[0]
    low = percent_of(best["cheapest_from"])
    said = option_tables.finding(frame, lines, 0.6)
    assert said.startswith("At 60 % utilization, buying used at your own site is cheapest: $")
    assert said.endswith(f" per busy GPU-hour. Below {low} utilization, renting spot is cheapest.")


def percent_of(share):
    return f"{100 * share:.3g} %"


def test_the_table_is_in_words_and_can_be_sorted():
    scenario = asked()
    frame = tco.options(scenario)
    shown = ways.table_frame(frame, option_tables.decided(scenario, frame))
    assert shown["option"].tolist() == [
        named(*way) for way in zip(frame["option"], frame["hosting"], strict=True)
    ]
    for name in ("rank", "USD per busy hour", "present value", "payback, months"):
        assert pd.api.types.is_numeric_dtype(shown[name]), name
    assert not np.isinf(shown["payback, months"]).any()
    for code in (*NAMES, *SITES):
        assert not shown["why not"].str.contains(rf"\b{code}\b(?! (?:quote|payment))").any()
    assert shown.loc[shown["on Decide"], "option"].tolist() == [
        "Buy new, colocation (metered)",
        "On demand",
    ]
    cash = [name for name in shown if name.startswith("cash")]
    assert cash == ["cash, start", "cash, year 1", "cash, year 2", "cash, year 3"]
    assert shown["cheapest to, %"].max() == 100


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_an_option_that_is_picked_becomes_the_scenario(inputs):
    scenario = asked(**inputs)
    for way in [("spot", ""), ("always_on", ""), ("buy_used", "own_site"), ("loan", "colo_all_in")]:
        moved = what_if(scenario, way[0], way[1] or None)
        assert way in option_tables.decided(moved, tco.options(moved))


def test_what_is_left_out_is_said_once_with_its_reason():
    said = option_tables.left_out(tco.options(asked(gpu="RTX-PRO-4500", provider="lambda")))
    assert said[0].startswith(
        "On demand; Spot; 1-year commitment; 3-year commitment; Always on: no"
    )
    assert (
        "Lease: “Lease payment” = $0 means that no lease quote is known: give the payment quoted"
    ) in said
    one = option_tables.left_out(tco.options(asked(hosting="own_site", rack_kw=1)))
    assert any(text.startswith("Buy new, own site; Buy used, own site; Loan, own") for text in one)


def test_another_currency_is_said():
    assert option_tables.currency_note(asked()) == ""
    said = option_tables.currency_note(asked(currency="EUR", fx_rate=0.9, fx_as_of=DAY))
    assert said.startswith("Amounts are converted at 0.9 EUR per USD as of ")


@settings(max_examples=examples(40), deadline=None)
@given(scenarios())
def test_any_scenario_has_its_words_and_charts(inputs):
    scenario = asked(**inputs)
    found, busy = option_tables.compared(scenario), scenario.values()["utilization"]
    frame = found.frame
    priced = frame[frame["status"] == "priced"]
    chart = charts.screening_curves(found.lines, busy)
    assert (chart is None) == priced.empty
    assert (charts.cost_stacks(found.stacks) is None) == (priced.empty or not busy)
    decided = option_tables.decided(scenario, frame)
    shown = ways.table_frame(frame, decided)
    assert len(shown) == len(frame)
    assert len(option_tables.left_out(frame)) <= (frame["status"] == "missing").sum()


def test_gpus_have_their_own_prices_and_the_reader_s_inputs():
    scenario = asked(price_usd_per_gpu=1_234, pue=1.2, colo_usd_per_kw_month=150, horizon_months=24)
    frame = gpu_tables.side_by_side(scenario, ["L4", "T4", "H100-SXM"]).set_index("gpu")
    same = {"utilization": 0.6, "as_of": DAY, "pue": 1.2, "horizon_months": 24}
    for gpu in ("T4", "H100-SXM"):
        answer = tco.breakeven(gpu=gpu, colo_usd_per_kw_month=150, **same)
        row = frame.loc[gpu]
        assert row["own_usd_per_gpu_hour"] == answer.own_usd_per_gpu_hour
        assert row["rent_usd_per_gpu_hour"] == answer.rent_usd_per_gpu_hour
        assert (row["verdict"], row["payback_months"]) == (answer.verdict, answer.months)
        assert row["fp16_dense_tflops"] == load().gpus[gpu].fp16_dense_tflops
        assert row["gpu_w"] == load().gpus[gpu].gpu_w
    assert frame.loc["L4", "price_usd_per_gpu"] == 1_234
    assert frame.loc["L4", "own_usd_per_gpu_hour"] == tco.breakeven(scenario).own_usd_per_gpu_hour
    assert frame.loc["L4", "price_from"] == "yours"


def test_a_payment_for_one_gpu_is_not_carried_to_another():
    frame = gpu_tables.side_by_side(asked(financing="lease", **LEASE), ["L4", "T4"]).set_index(
        "gpu"
    )
    assert frame.loc["L4", "why_not"] == ""
    assert frame.loc["T4", "verdict"] == ""
    assert "lease_usd_per_gpu_month = 0" in frame.loc["T4", "why_not"]
    paid = {"upfront_usd_per_gpu": 100, "refresh_months": 18, "refresh_price_usd_per_gpu": 2_000}
    other = with_gpu(asked(**paid), "T4").given
    assert other == {"gpu": "T4", "utilization": 0.6, "as_of": DAY, "refresh_months": 18}


def test_gpus_without_a_rate_or_a_price_say_so():
    frame = gpu_tables.side_by_side(asked(provider="gcp"), ["RTX-PRO-4500", "L4"])
    assert frame["own_usd_per_gpu_hour"].notna().all()
    assert frame.loc[0, "verdict"] == ""
    (said,) = gpu_tables.lacking(frame)
    assert said.startswith("RTX-PRO-4500: no rental offer")
    chart = charts.gpus_compared(frame, 0.6)
    assert any("<b>RENT</b> unknown" in text for text in words(chart))
    nothing = gpu_tables.side_by_side(asked(as_of="2019-01-01"), ["L4", "T4"])
    assert charts.gpus_compared(nothing, 0.6) is None
    assert "no purchase price" in gpu_tables.lacking(nothing)[0]


def test_gpus_that_never_work_have_no_cost_of_a_busy_hour():
    frame = gpu_tables.side_by_side(asked(utilization=0), ["L4", "RTX-PRO-4500"])
    assert charts.gpus_compared(frame, 0) is None


def test_gpus_are_drawn_at_their_costs():
    frame = gpu_tables.side_by_side(asked(), ["L4", "T4"])
    chart = charts.gpus_compared(frame, 0.6)
    for side, word, symbol in (("own", "BUY", "circle"), ("rent", "RENT", "diamond")):
        found = [trace for trace in chart.figure.data if trace.name == word]
        assert [trace.x[0] for trace in found] == frame[f"{side}_usd_per_gpu_hour"].tolist()
        assert [trace.y[0] for trace in found] == [0, 1]
        assert {trace.marker.symbol for trace in found} == {symbol}


def test_the_nearest_gpus_are_alike_and_have_prices():
    found = gpu_tables.nearest(asked(gpu="H100-SXM"))
    assert found[0] == "H100-SXM"
    assert len(found) == len(set(found)) == 4
    assert "H100-PCIe" in found or "H200" in found
    values = [with_gpu(asked(), gpu).values() for gpu in found]
    assert all(value["rate_usd_per_gpu_hour"] is not None for value in values)
    assert len(gpu_tables.nearest(asked(as_of="2019-01-01"))) == 4


@pytest.mark.parametrize(
    ("text", "gpus", "remark"),
    [
        ("L4,T4", ["L4", "T4"], ""),
        ("L4,L4,T4,", ["L4", "T4"], ""),
        ("", [], ""),
        ("L4,<script>", ["L4"], "'<script>' is not a GPU"),
        (",".join(load().gpus), list(load().gpus)[:8], "only the first 8"),
    ],
)
def test_the_gpus_of_a_link_are_read_strictly(text, gpus, remark):
    found, said = gpu_tables.chosen(text, load().gpus)
    assert found == gpus
    assert remark in said
    assert bool(said) == bool(remark)


def test_an_unknown_gpu_is_an_error():
    with pytest.raises(InputError, match="L5"):
        gpu_tables.side_by_side(asked(), ["L5"])


def test_the_title_counts_who_wins():
    frame = pd.DataFrame({"gpu": ["A", "B", "C"], "verdict": ["buy", "toss_up", ""]})
    said = gpu_tables.side_by_side_title(frame, 0.5)
    assert said == "At 50 % utilization, buying is cheaper for A; toss-up: B"
    none = gpu_tables.side_by_side_title(frame.iloc[2:], 0.5)
    assert none == "At 50 % utilization, none of these GPUs has both a price and a rental rate"
