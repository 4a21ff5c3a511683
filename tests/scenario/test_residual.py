"""What share of the price is left, given instead of the yearly decline, wherever inputs come in."""

import io
import json
import math
from urllib.parse import urlencode

import pandas as pd
import pytest
from click.testing import CliRunner

import tco
from tco import Scenario
from tco.app.tables import answers_of
from tco.cli import main
from tco.inputs import DECLINE
from tco.inputs.declaration import Interval
from tco.report.csv import report_csv
from tco.scenario.link import decode, encode
from tco.sheets import functions

# 30 % after 4 years: 1 - 0.3 ** (1 / 4), worked by hand; linear, 0.175, would be wrong.
GIVEN, DECLINED = {"residual_share": 0.3, "residual_months": 48}, 0.259917
CASES = [
    (GIVEN, DECLINED),
    ({"residual_share": 0.3, "horizon_months": 48}, DECLINED),
    ({"residual_share": 0.125}, 0.5),  # three years are the default
    ({"residual_share": 0.5, "residual_months": 12}, 0.5),
    ({"residual_share": 0.81, "residual_months": 24, "horizon_months": 60}, 0.1),
    ({"residual_share": 0.25, "residual_months": 6}, 0.9375),
    ({"residual_share": 1}, 0.0),
    ({"residual_share": 0}, 1.0),
]
REFUSED = [
    ({"residual_share": 30}, "residual_share = 30 is outside [0, 1]", "did you mean 0.3?"),
    ({"residual_share": -0.1}, "residual_share = -0.1 is outside [0, 1]", ""),
    ({"residual_months": 48}, "give residual_share too", ""),
    ({**GIVEN, "residual_months": 0}, "residual_months = 0 is outside (0, 240]", ""),
    ({**GIVEN, DECLINE: 0.2}, "say the same in two ways: give one of them", ""),
]


@pytest.mark.parametrize(("given", "declined"), CASES)
def test_a_share_becomes_a_decline(given, declined):
    found = Scenario(**given).given
    assert found[DECLINE] == pytest.approx(declined, abs=1e-6)
    assert not {"residual_share", "residual_months"} & found.keys()
    expected = tco.breakeven(**{DECLINE: found[DECLINE], **_without(given)})
    assert tco.breakeven(**given).npv_saving_usd == expected.npv_saving_usd


@pytest.mark.parametrize(("given", "why", "hint"), REFUSED)
def test_what_is_no_share_is_refused_everywhere(given, why, hint):
    with pytest.raises(tco.InputError) as wrong:
        Scenario(**given)
    assert why in str(wrong.value)
    assert hint in str(wrong.value)
    assert why in answers_of(_csv(given)).answers
    assert why in functions.result("verdict", *[cell for pair in given.items() for cell in pair])
    assert why in decode({name: str(value) for name, value in given.items()}).remarks[0]
    options = [part for n, x in given.items() for part in (f"--{n.replace('_', '-')}", str(x))]
    done = CliRunner().invoke(main, ["breakeven", *options])
    assert (done.exit_code, why in done.stderr) == (2, True)


def test_every_surface_takes_a_share_and_says_what_it_becomes():
    expected = Scenario(**GIVEN)
    assert Scenario.from_json(json.dumps({"schema_version": 5, "inputs": GIVEN})) == expected
    assert Scenario.from_link(f"?{urlencode(GIVEN)}") == expected
    assert decode(encode(expected)).scenario == expected
    cells = ["residual_share", 0.3, "residual_months", 48]
    assert functions.result("npv_saving_usd", *cells) == tco.breakeven(expected).npv_saving_usd
    options = ["--residual-share", "0.3", "--residual-months", "48"]
    done = CliRunner().invoke(main, ["breakeven", "--json", *options])
    assert json.loads(done.stdout)["scenario"][DECLINE] == pytest.approx(DECLINED, abs=1e-6)
    assert "resale_decline_per_year = 0.259917" in done.stderr
    assert "40.5 % of the price is left after 3 years" in done.stderr
    assert "40.5 % of the price is left after 3 years" in report_csv(expected)


def test_a_share_on_top_of_a_decline_takes_its_place(tmp_path):
    before = Scenario(**{DECLINE: 0.1})
    assert tco.breakeven(before, **GIVEN).scenario == Scenario(**GIVEN)
    path = tmp_path / "before.tco.json"
    path.write_text(before.to_json())
    command = ["breakeven", "--json", "--scenario", str(path), "--residual-share", "0.125"]
    done = CliRunner().invoke(main, command)
    assert json.loads(done.stdout)["scenario"] == {DECLINE: 0.5}


def test_tables_of_shares():
    table = {"residual_share": [0.3, 0.25, 0.0], "residual_months": [48, 24, 12]}
    assert Scenario(**table).given[DECLINE] == pytest.approx([DECLINED, 0.5, 1])
    frame = pd.DataFrame(table, index=[5, 7, 9])
    assert list(Scenario(**frame).given[DECLINE].index) == [5, 7, 9]
    assert Scenario(residual_share="0.25..0.64", residual_months=24).given[DECLINE] == Interval(
        pytest.approx(0.2), pytest.approx(0.5)
    )
    with pytest.raises(tco.InputError, match="do not broadcast"):
        Scenario(residual_share=[0.1, 0.2], gpus=[1, 2, 3])
    with pytest.raises(tco.InputError, match=r"residual_share\[1\] = 2 is outside"):
        Scenario(residual_share=[0.1, 2])


def test_rows_each_by_themselves():
    rows = [
        {"residual_share": "0.3", "residual_months": "48"},
        {"residual_share": "0.125"},
        {"residual_share": "0.3", "horizon_months": "48"},
        {DECLINE: "0.2"},
        {"horizon_months": "36"},
        {"residual_share": "0.2..0.4", "residual_months": "48"},
        {"residual_share": "0.3", DECLINE: "0.2"},
        {"residual_months": "48"},
        {"residual_share": "x"},
    ]
    names = ["residual_share", "residual_months", "horizon_months", DECLINE]
    told = "\n".join(",".join(row.get(name, "") for name in names) for row in rows)
    answers = answers_of(f"{','.join(names)}\n{told}\n").answers
    found = pd.read_csv(io.StringIO(answers))
    for row, saving in zip(rows[:6], found["npv_saving_usd"], strict=False):
        given = {name: text if ".." in text else float(text) for name, text in row.items()}
        assert saving == pytest.approx(tco.breakeven(**given).npv_saving_usd, rel=1e-12), row
    assert found["error"].notna().tolist() == [False] * 6 + [True] * 3
    assert all(math.isnan(saving) for saving in found["npv_saving_usd"][6:])


def _without(given):
    return {name: value for name, value in given.items() if not name.startswith("residual")}


def _csv(given):
    return f"{','.join(given)}\n{','.join(map(str, given.values()))}\n"


@pytest.mark.parametrize("name", ["residual_share", "residual_months"])
def test_a_table_without_rows_has_no_answers(name):
    assert len(tco.sweep(pd.DataFrame({name: pd.Series([], dtype=float)}))) == 0
