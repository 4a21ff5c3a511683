"""The functions of a spreadsheet give what the library gives, and say what is wrong."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

import tco
from tco.inputs import INPUTS
from tco.report.schema import RESULT_MEANINGS
from tco.report.workbook import workbook
from tco.sheets import functions

ROOT = Path(__file__).resolve().parents[2]
L4 = {"gpu": "L4", "gpus": 8, "utilization": 0.6, "as_of": "2026-11-21"}


def flat(inputs):
    return [cell for pair in inputs.items() for cell in pair]


def test_arguments_and_ranges_are_the_same_question():
    answer = tco.breakeven(**L4)
    assert functions.breakeven(*flat(L4)) == answer.months
    assert functions.npv_saving(*flat(L4)) == answer.npv_saving_usd
    rows = tuple(L4.items())
    assert functions.npv_saving(rows) == answer.npv_saving_usd
    assert functions.npv_saving(rows[:2], *rows[2], rows[3:]) == answer.npv_saving_usd


@pytest.mark.parametrize("name", RESULT_MEANINGS)
def test_every_result_has_its_name(name):
    assert functions.result(name, *flat(L4)) == getattr(tco.breakeven(**L4), name)


def test_the_odds_are_the_librarys():
    odds = tco.simulate(**L4)
    assert functions.result("chance_buy", *flat(L4)) == odds.chance_buy
    assert functions.result("confidence", *flat(L4)) == odds.confidence
    table = [["gpu", "utilization"], ["L4", 0.05], ["L4", 7]]
    header, row, wrong = functions.answers(table, "verdict", "confidence", "chance_buy")
    assert header == ["verdict", "confidence", "chance_buy", "error"]
    assert row == ["rent", "high", tco.simulate(gpu="L4", utilization=0.05).chance_buy, ""]
    assert wrong[:3] == ["", "", ""]
    assert wrong[3].startswith("tco: utilization = 7 ")
    toss_up = next(
        share / 100
        for share in range(30, 70)
        if tco.breakeven(gpu="L4", utilization=share / 100).verdict == "toss_up"
    )
    assert functions.result("confidence", "gpu", "L4", "utilization", toss_up) == "none"


def test_odds_without_numpy_say_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    said = "tco: odds need numpy, which this Python does not have"
    assert functions.result("chance_buy", *flat(L4)) == said
    assert functions.result("verdict", *flat(L4)) == "buy"


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_has_its_name(name):
    values = tco.Scenario(**L4).values()
    assert functions.input_value(name, *flat(L4)) == values[name]


def test_an_unknown_price_is_unknown():
    assert functions.input_value("rate_usd_per_gpu_hour", "provider", "lambda") == "unknown"


def test_numbers_as_a_spreadsheet_keeps_them():
    # Whole numbers come as floats, truth values as 1 and 0, dates as days since 1899-12-30.
    told = ["gpu", "L4", "gpus", 8.0, "whole_servers", 1.0, "as_of", 46_347.0]
    same = tco.breakeven(gpu="L4", gpus=8, whole_servers=True, as_of="2026-11-21")
    assert functions.npv_saving(*told) == same.npv_saving_usd
    assert functions.input_value("as_of", *told) == "2026-11-21"
    told[-1] = datetime(2026, 11, 21)
    assert functions.input_value("as_of", *told) == "2026-11-21"
    assert functions.npv_saving(*told) == same.npv_saving_usd
    assert functions.input_value("whole_servers", "whole_servers", 0.0) is False


def test_empty_cells_are_not_given():
    rows = [["gpu", "L4"], ["pue", ""], ["", ""], ["tax_rate", None], [" utilization ", 0.6]]
    assert functions.npv_saving(rows) == tco.breakeven(gpu="L4", utilization=0.6).npv_saving_usd


def test_text_is_read_as_everywhere():
    ranged = tco.breakeven(rate_usd_per_gpu_hour="0.50..0.85").npv_saving_usd
    assert functions.npv_saving("rate_usd_per_gpu_hour", "0.50..0.85") == ranged
    assert functions.npv_saving("pue", "1.5") == tco.breakeven(pue=1.5).npv_saving_usd


def test_what_is_no_number_is_a_word():
    idle = ("utilization", 0.0)
    assert functions.breakeven(*idle) == "never"
    assert functions.result("hours", *idle) == "never"
    assert functions.result("own_usd_per_gpu_hour", *idle) == "none"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("utilization", 60), "utilization = 60 is outside [0, 1]"),
        (("gpu", "L5"), "gpu = 'L5' is not in the catalog"),
        (("utilisation", 0.6), "did you mean utilization?"),
        (("gpu", "L4", "pue"), "'pue' is the name of an input without a value"),
        (([["gpu", "L4", "pue"]],), "a range of inputs has two columns"),
        (([1, 2],), "a range of inputs has two columns"),
        (([["", 0.6]],), "0.6 has no name of an input before it"),
        ((3, 4), "4 has no name of an input before it"),
        (("pue", 1.2, [["pue", 1.3]]), "pue is given twice"),
        (("as_of", 1e300), "as_of = 1e+300"),
        (("gpus", 2.5), "gpus = 2.5"),
        (("gpus", float("nan")), "gpus = nan"),
        (("pue", 0.5, "gpus", -1), "pue = 0.5 is outside [1, 3]"),
        (("pue", "1,500"), "pue = '1,500' could mean 1.5 or 1500"),
        (("provider", "lambda"), "rate_usd_per_gpu_hour"),
        (("financing", "lease"), "lease_usd_per_gpu_month = 0 means that no lease quote is known"),
    ],
)
def test_what_is_wrong_is_said_in_the_cell(cells, said):
    told = functions.breakeven(*cells)
    assert isinstance(told, str)
    assert told.startswith("tco: ")
    assert said in told
    assert "\n" not in told


def test_two_problems_are_one_text():
    told = functions.npv_saving("pue", 0.5, "gpus", -1)
    assert "; gpus = -1" in told


def test_names_are_suggested():
    assert functions.result("npv_savings_usd").endswith("did you mean npv_saving_usd?")
    assert functions.input_value("PUE") == "tco: 'PUE' is not an input; did you mean pue?"
    assert functions.result(3.0) == "tco: 3.0 is not a result"


def test_a_table_is_answered_row_by_row():
    table = [["gpu", "utilization"], ["L4", 0.9], ["L5", 0.9], ["L4", None]]
    header, *rows = functions.answers(table, "verdict", "npv_saving_usd")
    assert header == ["verdict", "npv_saving_usd", "error"]
    busy, usual = tco.breakeven(gpu="L4", utilization=0.9), tco.breakeven(gpu="L4")
    assert rows[0] == [busy.verdict, busy.npv_saving_usd, ""]
    assert rows[1][:2] == ["", ""]
    assert "gpu = 'L5'" in rows[1][2]
    assert rows[2] == [usual.verdict, usual.npv_saving_usd, ""]
    assert functions.answers(table)[0] == [*RESULT_MEANINGS, "error"]
    assert functions.answers(table, "verdicts") == [
        ["tco: 'verdicts' is not a result; did you mean verdict?"]
    ]


def test_an_empty_range_has_an_empty_answer():
    assert functions.answers([]) == [[*RESULT_MEANINGS, "error"]]
    for empty in ([], [[]], [[None, ""]], [["", None], [None, ""]]):
        assert functions.answers(empty, "verdict") == [["verdict", "error"]]


def test_nothing_heavy_is_needed():
    heavy = ("numpy", "pandas", "scipy", "click", "uno")
    code = (
        f"import sys\nfor name in {heavy}: sys.modules[name] = None\n"
        "from tco.sheets import functions\n"
        "print(functions.npv_saving([['gpu', 'L4'], ['tax_rate', 0.25], ['financing', 'loan']]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    expected = tco.breakeven(gpu="L4", tax_rate=0.25, financing="loan").npv_saving_usd
    assert float(done.stdout) == expected


LINES = (
    ("name", "side", "usd", "basis", "last_month", ""),
    ("administrator", "own", 2500.0, "", "", ""),
    ("credits", "rent", -1.0, "item:compute", 12.0, ""),
    ("", "", "", "", "", ""),
)
OWN = [
    {"name": "administrator", "side": "own", "usd": 2500},
    {"name": "credits", "side": "rent", "usd": -1, "basis": "item:compute", "last_month": 12},
]


def test_a_range_of_lines_counts():
    answer = tco.breakeven(**L4, lines=OWN)
    assert functions.npv_saving(*flat(L4), LINES) == answer.npv_saving_usd
    assert functions.npv_saving(LINES, tuple(L4.items())) == answer.npv_saving_usd
    assert functions.result("own_npv_usd", *flat(L4), LINES[:1]) == tco.breakeven(**L4).own_npv_usd
    table = [["gpu", "utilization"], ["L4", 0.9], ["L4", 0.5]]
    header, *rows = functions.answers(table, "npv_saving_usd", LINES)
    assert header == ["npv_saving_usd", "error"]
    assert [row[0] for row in rows] == [
        tco.breakeven(gpu="L4", utilization=share, lines=OWN).npv_saving_usd for share in (0.9, 0.5)
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("a", "us", 1.0, "", "", ""), "side = 'us' is not one of own, rent"),
        (("a", "own", "x", "", "", ""), "usd = 'x' is not a number"),
        (("", "own", 1.0, "", "", ""), "name is missing"),
        ((5.0, "own", 1.0, "", "", ""), "name = 5.0 is not a text"),
        (("a", "own", 1.0, "", "", 3.0), "'' is not a field of a line"),
    ],
)
def test_a_wrong_line_is_told_in_the_cell(row, said):
    told = functions.breakeven(*flat(L4), (*LINES[:1], row))
    assert told.startswith("tco: ")
    assert said in told


@pytest.mark.parametrize(
    "cell",
    ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "Err:502", -2_146_826_246],
)
def test_an_error_of_another_cell_is_none_of_the_values(cell):
    found = functions.result("verdict", [["gpu", "L4"], ["utilization", cell]])
    assert found == f"tco: utilization = {cell} is an error of the sheet, not a value"
    table = [["gpu", "utilization"], ["L4", cell], ["L4", 0.9]]
    assert functions.answers(table, "verdict")[1:] == [["", found], ["buy", ""]]


def test_empty_rows_of_a_range_are_no_scenarios():
    table = [["gpu", "utilization"], ["L4", 0.9], ["", ""], [None, None], ["L4", 0.1]]
    found = functions.answers(table, "verdict")
    assert found[1:] == [["buy", ""], ["", ""], ["", ""], ["rent", ""]]


def test_the_cells_of_the_workbook_can_be_asked_about():
    scenario = tco.Scenario(gpu="T4", utilization=0.3, hosting="own_site")
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(scenario)), data_only=True)["Inputs"]
    cells = [[cell.value for cell in row] for row in sheet["I1:J200"]]
    first = next(at for at, row in enumerate(cells) if row == ["input", "value"])
    asked = functions.result("npv_saving_usd", cells[first:])
    assert asked == pytest.approx(tco.breakeven(scenario).npv_saving_usd, rel=1e-9)
