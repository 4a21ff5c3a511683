"""The steps from renting to owning add up, and each is what its items cost."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

import tco
from tco.analysis.bridge import BRIDGE_COLUMNS, bridge_steps
from tco.cli import main
from tco.errors import InputError
from tco.report import charts
from tco.report.drawing import BUY, RENT
from tco.report.finance_tables import bridge_rows
from tco.words.currencies import Conversion, shown_in
from tests.model.test_line_relations import gross, lines
from tests.neutral import neutral
from tests.strategies import examples, scenarios

# By hand: 24 months at 10 % a year. The card sells for a quarter of 4,000.
CASE = neutral(
    price_usd_per_gpu=4_000,
    server_usd=800,
    gpus_per_server=8,
    resale_decline_per_year=0.5,
    staff_usd_per_gpu_month=10,
    rate_usd_per_gpu_hour=300 / 730,
    support_rate=0.1,
    horizon_months=24,
)


@settings(deadline=None, max_examples=examples(60))
@given(scenarios(currency="USD"), lines())
def test_the_bridge_adds_up(case: dict[str, Any], own: tuple[tco.Line, ...]) -> None:
    case |= {"horizon_months": min(case["horizon_months"], 24.0)}
    answer = tco.breakeven(**case, lines=own)
    steps, close = bridge_steps(answer.scenario), 1e-9 * gross(case, own)
    first, *between, last = steps
    assert (first.step, last.step) == ("start", "end")
    assert first.usd == first.running_usd == pytest.approx(answer.rent_npv_usd, abs=close)
    assert last.usd == last.running_usd == pytest.approx(answer.own_npv_usd, abs=close)
    removed = [one.usd for one in between if one.side == "rent"]
    added = [one.usd for one in between if one.side == "own"]
    assert math.fsum(removed) == pytest.approx(-first.usd, abs=close)
    assert math.fsum(added) == pytest.approx(last.usd, abs=close)
    assert [one.side for one in between] == ["rent"] * len(removed) + ["own"] * len(added)
    so_far = 0.0
    for one in steps[:-1]:
        so_far += one.usd
        assert one.running_usd == pytest.approx(so_far, abs=close)
    # Every step has a name of its own, and none is empty.
    assert len({one.label for one in steps}) == len(steps)
    assert all(one.usd for one in between)


def test_the_steps_by_hand() -> None:
    """300 a month and a tenth for support; 4,100 of hardware, a quarter of it back, and staff."""
    frame = tco.bridge(**CASE)
    assert tuple(frame.columns) == BRIDGE_COLUMNS
    rows = [tuple(row) for row in frame.round(9).itertuples(index=False)]
    assert rows == [
        ("Renting", "rent", "start", 7_920, 7_920),
        ("Compute", "rent", "removed", -7_200, 720),
        ("Support, storage", "rent", "removed", -720, 0),
        ("Hardware", "own", "added", 4_100, 4_100),
        ("Staff, upkeep", "own", "added", 240, 4_340),
        ("Resale", "own", "added", -1_025, 3_315),
        ("Owning", "own", "end", 3_315, 3_315),
    ]
    assert [row.usd for row in bridge_rows(bridge_steps(tco.Scenario(**CASE)))][:4] == [
        *("$7,920", "−$7,200", "−$720", "+$4,100"),
    ]


def test_tax_financing_and_own_lines_have_steps_of_their_own() -> None:
    """Half of it lent at the discount rate of 0: the loan is worth nothing, and has no step. A line
    may be called like a group, and a group of both sides says whose it is.
    """
    own = [
        tco.Line(name="Hardware", side="own", usd=100, when="start"),
        tco.Line(name="credits", side="rent", usd=-50, when="start"),
    ]
    loan = {"financing": "loan", "financed_share": 0.5, "loan_months": 12, "loan_apr": 0}
    lent = tco.bridge(**CASE | loan, lines=own).set_index("label")["usd"]
    assert "Loan, lease" not in lent
    assert (lent["Hardware (yours)"], lent["credits"]) == (100, 50)
    taxed = {"tax_rate": 0.25, "depreciation": "none", "loan_apr": 0.12}
    both = tco.bridge(**CASE | loan | taxed, lines=own).set_index("label")["usd"]
    assert both["Income tax, renting"] == pytest.approx(0.25 * (7_920 - 50))
    assert both["Loan, lease"] > 0
    assert both["Income tax, owning"] < 0


def test_the_chart_draws_the_steps() -> None:
    scenario = tco.Scenario(**CASE)
    steps = bridge_steps(scenario)
    chart = charts.bridge(steps, scenario.values())
    assert chart.title == "Over 2 years renting costs $7.92k, owning $3.32k: buying saves $4.6k"
    (bars,) = chart.figure.data
    ends = [base + length for base, length in zip(bars.base, bars.x, strict=True)]
    assert ends == pytest.approx([one.running_usd for one in steps])
    # Each step begins where the one before it ended; both ends begin at nothing.
    assert list(bars.base[1:-1]) == pytest.approx([one.running_usd for one in steps[:-2]])
    assert (bars.base[0], bars.base[-1]) == (0, 0)
    edges = bars.marker.line.color
    assert list(edges) == [RENT if one.side == "rent" else BUY for one in steps]
    # What is received is outlined: in the colors of both sides nothing else tells it apart.
    resale = [one.label for one in steps].index("Resale")
    assert bars.marker.color[resale] not in (*bars.marker.color[:resale], bars.marker.color[-1])
    for one, row in zip(bridge_rows(steps), bars.y, strict=True):
        assert f"{one.label} {one.usd}" in chart.alt
        assert row == f"{one.label}  <b>{one.usd}</b>"
    kept = scenario.values() | {"already_owned": True}
    assert "keeping saves" in charts.bridge(steps, kept, "dark").title


def test_in_another_currency_all_of_the_chart_is() -> None:
    scenario = tco.Scenario(**CASE)
    steps = bridge_steps(scenario)
    in_usd = charts.bridge(steps, scenario.values())
    with shown_in(Conversion("EUR", 0.5, "2026-11-20")):
        chart = charts.bridge(steps, scenario.values())
    assert chart.title == "Over 2 years renting costs €3.96k, owning €1.66k: buying saves €2.3k"
    for name in ("base", "x"):
        halves = [usd / 2 for usd in getattr(in_usd.figure.data[0], name)]
        assert list(getattr(chart.figure.data[0], name)) == pytest.approx(halves)
    assert "USD" not in str(chart.figure.layout.xaxis.title.text)
    assert "$" not in f"{chart.alt}{chart.figure.data[0].y}{chart.figure.layout.xaxis.ticktext}"


def test_a_table_has_no_bridge_and_an_unknown_rate_is_named() -> None:
    with pytest.raises(InputError, match=r"bridge\(\) answers for one scenario at a time"):
        tco.bridge(utilization=[0.1, 0.2])
    with pytest.raises(InputError, match="rate_usd_per_gpu_hour is not known"):
        tco.bridge(gpu="RTX-PRO-4500", provider="lambda")


def test_nothing_is_left_of_renting_once_it_is_removed() -> None:
    steps = tco.bridge(gpu="L4", as_of="2026-11-21", utilization=0.45)
    assert steps.loc[steps["step"] == "removed", "running_usd"].iloc[-1] == 0


def test_the_shell_prints_the_bridge() -> None:
    def asked(*more: str) -> str:
        done = CliRunner().invoke(main, ("bridge", "--gpu", "L4", *more))
        assert done.exit_code == 0, done.output
        return done.stdout

    steps = bridge_steps(tco.Scenario(gpu="L4"))
    told = json.loads(asked("--format", "json"))["bridge"]
    assert told == [step._asdict() for step in steps]
    title, _, head, *rows = asked().splitlines()
    assert title.startswith("Over 3 years renting costs $")
    assert head.split() == ["Step", "Present", "value", "Running", "total"]
    assert [row.partition("  ")[0] for row in rows] == [step.label for step in steps]
    assert len(asked("--format", "csv").splitlines()) == len(steps) + 1
