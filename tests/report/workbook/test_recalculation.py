"""A spreadsheet works the workbook out after its inputs were changed, and it equals Python."""

from __future__ import annotations

import io
import math
from typing import Any

import openpyxl
import pytest

import tco
from tco.inputs import INPUTS, Inputs
from tco.model.cashflows import Totals, accumulate
from tco.model.results import RESULTS
from tco.report.schema import ODDS_MEANINGS
from tco.report.workbook.content import content_of
from tco.report.workbook.formulas import column_of
from tco.scenario import Scenario
from tests.report.workbook.drawing import CASES
from tests.report.workbook.exactness import TOLERANCE, tolerance
from tests.report.workbook.office import (
    Places,
    Sheets,
    named_cell,
    recalculated,
    wrong_cells,
)

# Inputs that do not go together, and the start of what the workbook says of them.
UNUSABLE: dict[str, dict[str, Any]] = {
    "lease_usd_per_gpu_month": {"financing": "lease", "lease_usd_per_gpu_month": 0.0},
    "refresh_price_usd_per_gpu": {"refresh_months": 12, "refresh_price_usd_per_gpu": 0.0},
    "refresh_months": {
        "financing": "lease",
        "lease_usd_per_gpu_month": 9.0,
        "refresh_months": 12,
        "refresh_price_usd_per_gpu": 9.0,
    },
    "rack_units": {"hosting": "own_site", "rack_units": 1, "server_units": 2},
    "Inputs: horizon_months": {"horizon_months": 60.5},
    "Inputs: gpus": {"gpus": 2.5},
    "Inputs: billing": {"billing": "never"},
    "Inputs: whole_racks": {"whole_racks": 3},
}


@pytest.fixture(scope="session")
def answers(
    base: bytes, named: Places, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Sheets]:
    """One workbook, with its blue cells set to each scenario, as LibreOffice works it out."""
    folder = tmp_path_factory.mktemp("workbooks")
    book = openpyxl.load_workbook(io.BytesIO(base))
    reported = {name: book[named[name][0]][named[name][1]].value for name in INPUTS}
    cases = {f"case {at}": case for at, case in enumerate(CASES)} | UNUSABLE
    files = []
    for at, case in enumerate(cases.values()):
        for name, value in {**reported, **case}.items():
            sheet, cell = named[name]
            book[sheet][cell] = value
        files.append(folder / f"{at}.xlsx")
        book.save(files[-1])
    return dict(zip(cases, recalculated(files, folder), strict=True))


def test_the_drawing_meets_every_mode() -> None:
    for pair in (("hosting", "billing"), ("hosting", "financing"), ("billing", "financing")):
        one, other = (INPUTS[name].choices for name in pair)
        assert len({tuple(case[name] for name in pair) for case in CASES}) == len(one) * len(other)
    taxed = {case["depreciation"] for case in CASES if case["tax_rate"] > 0}
    assert taxed == set(INPUTS["depreciation"].choices)
    leases = [case for case in CASES if case["financing"] == "lease"]
    kinds = {(case["lease_in_advance"], case["lease_buyout_usd_per_gpu"] > 0) for case in leases}
    assert len(kinds) == 4
    assert any(case["refresh_months"] and case["tax_rate"] for case in CASES)
    assert any(case["delivery_months"] and case["financing"] == "loan" for case in CASES)
    assert any(case["horizon_months"] % 1 for case in CASES)
    assert {0.0} < {case["discount_rate"] for case in CASES}
    assert {0.0} < {case["utilization"] for case in CASES}


@pytest.mark.parametrize("at", range(len(CASES)))
def test_a_recalculated_workbook_equals_python(
    at: int, answers: dict[str, Sheets], named: Places
) -> None:
    sheets, scenario = answers[f"case {at}"], Scenario(gpu="L4", **CASES[at])
    assert wrong_cells(sheets) == []
    answer = tco.breakeven(scenario)
    values = Inputs.of(scenario.values())
    totals = accumulate(values)
    for name in RESULTS:
        found, wanted = named_cell(sheets, named[name]), getattr(answer, name)
        if isinstance(wanted, str) or math.isinf(wanted):
            assert found == ("" if wanted == math.inf else wanted), name
        else:
            allowed = tolerance(name, wanted, values, totals)
            assert abs(float(found) - wanted) <= allowed, (name, found, wanted, allowed)
    assert_ledger(sheets, scenario, totals)


def assert_ledger(sheets: Sheets, scenario: Scenario, totals: Totals) -> None:
    """Plain and present sums of every item; of the gross flows a billionth apart at most."""
    plain, present = sheets["Months"][6:8]
    columns = content_of(scenario).formulas.columns
    wanted = {name: [0.0, 0.0] for name, column in columns.items() if column.item}
    order = list(columns)
    ledger = tco.ledger(scenario)
    size = TOLERANCE * float(ledger["cost_usd"].abs().sum())
    for row in ledger.itertuples(index=False):
        name = column_of(row.option, row.item, True)
        if name not in order or row.month != ledger["month"].max():
            name = f"{row.option}_{row.item}"
        wanted[name][0] += row.cost_usd
        wanted[name][1] += row.present_value_usd
    for name, (cost, value) in wanted.items():
        at = order.index(name)
        assert abs(float(plain[at]) - cost) <= size, (name, plain[at], cost)
        assert abs(float(present[at]) - value) <= TOLERANCE * totals.gross, (name, value)


@pytest.mark.parametrize("what", UNUSABLE)
def test_inputs_that_do_not_go_together_have_no_result_and_say_why(
    what: str, answers: dict[str, Sheets], named: Places
) -> None:
    sheets = answers[what]
    assert named_cell(sheets, named["problem"]).startswith(what.partition(":")[0])
    assert {named_cell(sheets, named[name]) for name in RESULTS} == {""}


def test_check_knows_when_there_is_nothing_to_compare_with(
    answers: dict[str, Sheets], named: Places
) -> None:
    rows = answers["case 0"]["Check"]
    assert {row[5] for row in rows[6:]} == {"inputs changed"}
    assert int(named_cell(answers["case 0"], named["inputs_changed"])) > 40
    assert {named_cell(answers["case 0"], named[name]) for name in ODDS_MEANINGS} == {""}
    assert named_cell(answers["case 0"], named["inputs_outside"]) == "0"
