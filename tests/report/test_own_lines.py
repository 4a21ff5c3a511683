"""The user's own lines in reports: in words, in files, in charts; their names may be anything."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

import tco
from tco import Line, Scenario
from tco.report import charts, own_lines
from tco.report.csv import ledger_csv, report_csv
from tco.report.facts import facts_of
from tco.report.handover import comparison, comparison_csv, pin, pins_json, pins_of_json, snippet
from tco.report.option_tables import compared, stacks_frame
from tco.report.sheet import page
from tco.report.waterfall import owning
from tests.sheet import Sheet

FORMULA, MARKUP = "=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>"
VAT = Line(name="VAT", side="rent", usd=0.21, basis="item:compute")
CREDITS = Line(
    name="credits", side="rent", usd=-1, basis="item:compute", last_month=12, cap_usd=50_000
)
ADMIN = Line(name=FORMULA, side="own", usd=2_500)
LET = Line(name=MARKUP, side="own", usd=-0.09375, basis="idle_gpu_hour", growth="rental")
LINES = (VAT, CREDITS, ADMIN, LET)
LINED = Scenario(gpu="L4", utilization=0.6, lines=LINES)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (VAT, "21 % of compute, every month"),
        (CREDITS, "−100 % of compute, months 1 to 12, at most $50,000 in total"),
        (ADMIN, "$2,500 a month"),
        (LET, "income of $0.09375 per idle GPU-hour, growing with market rental rates"),
        (Line(name="a", side="own", usd=0.25, basis="item:gpus", when="start"),
         "25 % of GPUs at the start"),
        (Line(name="a", side="own", usd=12.5, basis="rack", first_month=13),
         "$12.50 per rack per month, from month 13"),
        (Line(name="a", side="rent", usd=100, when="term", growth="opex", cap_usd=300),
         "$100 at the start of each commitment term, growing with opex inflation, "
         "at most $300 in total"),
        (Line(name="a", side="own", usd=9, basis="server", when="exit", cap_usd=30),
         "$9 per server on exit, at most $30 each time"),
        (Line(name="a", side="own", usd=18, basis="facility_kw", first_month=3, last_month=3),
         "$18 per kW of peak metered load per month, in month 3"),
    ],
)  # fmt: skip
def test_a_line_in_words(line: Line, words: str) -> None:
    assert own_lines.in_words(line) == words


def test_what_each_line_comes_to() -> None:
    # 12 months of 2,500 without discounting; without a rental rate owning alone is known.
    fee = Line(name="fee", side="own", usd=2_500)
    told = own_lines.told(Scenario(lines=[fee], horizon_months=12, discount_rate=0))
    assert [one.present_value_usd for one in told] == [pytest.approx(30_000)]
    unrented = own_lines.told(Scenario(gpu="RTX-PRO-4500", provider="lambda", lines=[fee, VAT]))
    assert unrented[0].present_value_usd is not None
    assert unrented[1].present_value_usd is None
    assert own_lines.told(Scenario(gpu="L4")) == []


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_csv_report_makes_the_same_scenario_again() -> None:
    found = rows(report_csv(LINED))
    told = {row["name"]: row["value"] for row in found if row["section"] == "stamp"}
    assert Scenario(gpu="L4", utilization=0.6, lines=json.loads(told["lines"])) == LINED
    lines = [row for row in found if row["section"] == "line"]
    assert [row["name"] for row in lines] == ["VAT", "credits", f"'{FORMULA}", MARKUP]
    assert [float(row["value"]) for row in lines] == [0.21, -1, 2500, -0.09375]
    assert [row["unit"] for row in lines] == [
        *("share of compute", "share of compute", "USD per month", "USD per idle GPU-hour")
    ]
    assert lines[1]["note"] == f"renting: {own_lines.in_words(CREDITS)}"
    assert "line" not in {row["section"] for row in rows(report_csv(Scenario(gpu="L4")))}


def test_a_ledger_names_them_and_no_spreadsheet_runs_them() -> None:
    items = {row["item"] for row in rows(ledger_csv(LINED))}
    assert {f"'{FORMULA}", MARKUP, "VAT", "credits"} <= items
    assert FORMULA not in items


def test_income_is_a_step_down() -> None:
    found = owning(LINED)
    steps = dict(found.steps)
    assert steps[FORMULA] > 0 > steps[MARKUP]
    assert sum(steps.values()) == pytest.approx(found.usd_per_gpu_hour, rel=1e-12)
    # 0.09375 for every hour of which 40 % are idle: two thirds of it a busy hour.
    flat = owning(Scenario(gpu="L4", utilization=0.6, rate_growth_per_year=0, lines=[LET]))
    assert dict(flat.steps)[MARKUP] == pytest.approx(-0.09375 * 0.4 / 0.6, rel=1e-12)
    chart = charts.waterfall(found)
    assert MARKUP not in json.dumps(chart.figure.to_plotly_json()["data"][0]["y"], default=list)
    assert "income" not in chart.title


def test_of_many_lines_the_smaller_ones_are_one_step() -> None:
    many = [Line(name=f"line {at}", side="own", usd=at) for at in range(1, 21)]
    found = owning(Scenario(gpu="L4", lines=many))
    names = [name for name, _ in found.steps if "line" in name]
    assert names == ["line 17", "line 18", "line 19", "line 20", "16 more lines"]
    assert sum(usd for _, usd in found.steps) == pytest.approx(found.usd_per_gpu_hour)


def test_what_is_paid_on_leaving_is_no_monthly_cost() -> None:
    leaving = Line(name="dismantling", side="own", usd=10_000, when="exit")
    plain, lined = owning(Scenario(gpu="L4")), owning(Scenario(gpu="L4", lines=[leaving]))
    assert lined.monthly_usd == pytest.approx(plain.monthly_usd)
    assert lined.npv_usd > plain.npv_usd


def test_every_option_has_the_same_lines() -> None:
    frame, answer = tco.options(LINED), tco.breakeven(LINED)
    sides = frame.set_index(["option", "hosting"])["present_value_usd"]
    hosting = LINED.values()["hosting"]
    assert sides["buy_new", hosting] == pytest.approx(answer.own_npv_usd, rel=1e-12)
    assert sides["on_demand", ""] == pytest.approx(answer.rent_npv_usd, rel=1e-12)
    stacks = stacks_frame(LINED, frame)
    own = stacks[stacks["group"] == "your own lines"]
    assert set(own["side"]) == {"own", "rent"}
    totals = stacks.groupby("option")["usd_per_busy_gpu_hour"].sum()
    hourly = frame.drop_duplicates("option").set_index("option")["usd_per_busy_gpu_hour"]
    for option, total in totals.items():
        assert total == pytest.approx(hourly[option], rel=1e-9)
    chart = charts.cost_stacks(compared(LINED).stacks)
    assert chart is not None
    assert "your own lines" in str(chart.figure)
    # Each bar is drawn to its sum: the lines of one side are not drawn on the other too.
    reached: dict[int, float] = {}
    for trace in chart.figure.data:
        for x, y in zip(trace.x, trace.y, strict=True):
            reached[y] = reached.get(y, 0) + x
    assert list(dict(sorted(reached.items())).values()) == pytest.approx(
        [totals[option] for option in dict.fromkeys(stacks["option"])]
    )


def test_questions_count_them() -> None:
    plain = Scenario(gpu="L4", utilization=0.6)
    for function in (tco.flips, tco.tornado, tco.stress):
        assert not function(LINED).equals(function(plain))
    answer = tco.breakeven(LINED)
    still = tco.simulate(LINED, draws=64, rate_usd_per_gpu_hour=0.7)
    assert still.scenario.lines == LINES
    assert facts_of(LINED).answer == answer
    # A line of 0 changes nothing, in any question.
    nothing = Scenario(gpu="L4", utilization=0.6, lines=[Line(name="none", side="own", usd=0)])
    assert tco.simulate(nothing, draws=64).chance_buy == tco.simulate(plain, draws=64).chance_buy
    assert tco.flips(nothing)["flip"].tolist() == pytest.approx(
        tco.flips(plain)["flip"].tolist(), nan_ok=True
    )


def test_the_python_code_gives_the_same_answer() -> None:
    code = snippet(LINED)
    said: dict[str, Any] = {"print": lambda _: None}
    exec(code, said)
    assert said["answer"].npv_saving_usd == tco.breakeven(LINED).npv_saving_usd
    assert "tco.Line(name='VAT'," in code


def test_pins_keep_them_and_show_where_they_differ() -> None:
    pins = pin(pin((), "mine", LINED), "plain", Scenario(gpu="L4", utilization=0.6))
    pins = pin(pins, "other", Scenario(gpu="L4", utilization=0.6, lines=[VAT]))
    assert pins_of_json(pins_json(pins)) == pins
    found = {row.name: row for row in comparison(pins) if row.section == "line"}
    assert list(found) == ["VAT", "credits", FORMULA, MARKUP]
    vat = "renting: 21 % of compute, every month"
    assert found["VAT"].values == (vat, None, vat)
    listed = list(csv.reader(io.StringIO(comparison_csv(pins))))
    assert ["line", f"'{FORMULA}", "", "owning: $2,500 a month", "", ""] in listed


def test_the_sheet_lists_them_in_words_as_text() -> None:
    sheet = Sheet(page(LINED))
    table = sheet.tables["lines"]
    assert table[0] == ["Line", "Side", "Amount", "Present value"]
    assert [row[0] for row in table[1:]] == ["VAT", "credits", FORMULA, MARKUP]
    assert table[3][1:3] == ["owning", "$2,500 a month"]
    assert table[4][3].startswith("−$")
    assert "img" not in {tag for tag, _ in sheet.tags}
    assert "lines" not in Sheet(page(Scenario(gpu="L4"))).tables
    many = [Line(name=f"line {at}", side="own", usd=at) for at in range(1, 21)]
    crowded = Sheet(page(Scenario(gpu="L4", lines=many)))
    assert len(crowded.tables["lines"]) == 1 + 4
    assert "Further lines in the CSV report: 16." in crowded.texts["p"]


def test_a_line_called_like_a_step_is_one_of_its_own() -> None:
    steps = owning(Scenario(gpu="L4", lines=[Line(name="server", side="own", usd=100)])).steps
    names = [name for name, _ in steps]
    assert len(set(names)) == len(names)
    assert "server (yours)" in names
