"""What every cell holds before a spreadsheet has worked anything out: Python's own numbers."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import tco
from tco import Line
from tco.inputs import INPUTS, Inputs
from tco.market.policy import policy_of
from tco.model.cashflows import accumulate
from tco.model.results import RESULTS
from tco.report.schema import ODDS_MEANINGS
from tco.report.workbook import SHEETS, workbook
from tco.report.workbook.cells import worth
from tco.report.workbook.content import content_of, months_shown, shown
from tco.report.workbook.formulas import Formulas
from tco.scenario import Scenario
from tests.asked import ALL_CASES, some
from tests.report.workbook.drawing import CASES, LINES, drawn
from tests.report.workbook.exactness import tolerance
from tests.report.workbook.office import (
    XLSX,
    Places,
    checks,
    column_at,
    converted,
    inputs_of,
    places,
)

EURO = {"currency": "EUR", "fx_rate": 0.9, "fx_as_of": "2026-11-20"}
IN_EURO = policy_of(
    """
    name = "Finance"
    as_of = "2026-11-01"
    inputs.currency.value = "EUR"
    inputs.fx_rate.value = 0.9
    """
)
TAXED = {"tax_rate": 0.25, "delivery_months": 2}
LINED = [tuple(Line(**({"usd": 0.2} | fixed)) for fixed in lines) for lines in LINES]
SCENARIOS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "loan and refresh": TAXED
    | {"financing": "loan", "refresh_months": 30, "refresh_price_usd_per_gpu": 2_000}
    | {"horizon_months": 100.5, "billing": "committed", "policy": IN_EURO},
    "lease": TAXED
    | {"financing": "lease", "lease_usd_per_gpu_month": 90, "lease_months": 24}
    | {"lease_buyout_usd_per_gpu": 300, "hosting": "own_site"},
    "lines": TAXED | {"lines": (*LINED[1], *LINED[2]), "billing": "committed"},
    "GPU of one's own": {"gpu": "B400", "price_usd_per_gpu": 50_000, "gpu_w": 1_400}
    | {"idle_w": 150, "rate_usd_per_gpu_hour": 4, "gpus": 8},
}
# What Check compares besides results and items.
MEASURED = ("irr_per_year", "mirr_per_year", "own_usd_per_year", "rent_usd_per_year")
FORMULA = re.compile(r"<c [^>]*><f[^>]*>[^<]*</f>(<v>[^<]*</v>)?")


def close(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str) or one is None or other is None:
        return (one or None) == (other or None)
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def written(given: dict[str, Any]) -> tuple[Scenario, bytes]:
    scenario = Scenario(**({"gpu": "L4"} | given))
    return scenario, workbook(scenario)


@pytest.fixture(scope="module", params=SCENARIOS.values(), ids=list(SCENARIOS))
def opened(request: pytest.FixtureRequest) -> tuple[Scenario, openpyxl.Workbook, Places]:
    """A scenario, its workbook with the values that the file holds, and the named cells."""
    scenario, content = written(request.param)
    return scenario, openpyxl.load_workbook(io.BytesIO(content), data_only=True), places(content)


def test_the_values_before_recalculation_are_pythons(
    opened: tuple[Scenario, openpyxl.Workbook, Places],
) -> None:
    scenario, book, named = opened
    answer = tco.breakeven(scenario)

    def cell(name: str) -> Any:
        return book[named[name][0]][named[name][1]].value

    for name in RESULTS:
        wanted = shown(getattr(answer, name))
        assert cell(name) == (wanted or None if isinstance(wanted, str) else wanted), name
    for name, value in inputs_of(scenario).items():
        exact = isinstance(value, str | bool)
        assert cell(name) == (value if exact else pytest.approx(value, rel=1e-15)), name
    columns = content_of(scenario).formulas.columns.values()
    assert set(checks(book)) == {"OK"}
    assert len(checks(book)) == len(RESULTS) + len(MEASURED) + sum(bool(c.item) for c in columns)


def test_the_sums_of_months_are_those_of_the_ledger(
    opened: tuple[Scenario, openpyxl.Workbook, Places],
) -> None:
    scenario, book, _ = opened
    sheet = book["Months"]
    heads = {at: cell.value for at, cell in enumerate(sheet[4])}
    present = {"own": 0.0, "rent": 0.0}
    content = content_of(scenario)
    for name, column in content.formulas.columns.items():
        if column.item:
            at = column_at(content.letters[name])
            assert heads[at] == column.item
            present[name.partition("_")[0]] += sheet[8][at].value
    answer = tco.breakeven(scenario)
    assert math.isclose(present["own"], answer.own_npv_usd, rel_tol=1e-12)
    assert math.isclose(present["rent"], answer.rent_npv_usd, rel_tol=1e-12)
    assert sheet.max_row == 9 + max(60, math.ceil(scenario.values()["horizon_months"]))


# Opening takes long: with `TCO_ALL_CASES=1` all of them.
OPENED = SCENARIOS if ALL_CASES else ("loan and refresh", "lease", "lines")


def test_opened_by_a_spreadsheet_no_cell_changes(tmp_path: Path) -> None:
    files = []
    for at, name in enumerate(OPENED):
        given = SCENARIOS[name]
        files.append(tmp_path / f"{at}.xlsx")
        files[-1].write_bytes(written(given)[1])
    out = converted(files, tmp_path, XLSX)
    for file in files:
        before = openpyxl.load_workbook(file, data_only=True)
        after = openpyxl.load_workbook(out / file.name, data_only=True)
        assert after.sheetnames == list(SHEETS)
        different = [
            (sheet.title, cell.coordinate, cell.value, after[sheet.title][cell.coordinate].value)
            for sheet in before
            for row in sheet.iter_rows()
            for cell in row
            if not close(cell.value, after[sheet.title][cell.coordinate].value)
            and (sheet.title, cell.column_letter) != ("Check", "D")
        ]
        assert different == []
        assert set(checks(after)) == {"OK"}


def test_every_formula_holds_a_value(base: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(base)) as archive:
        texts = [archive.read(f"xl/worksheets/sheet{at}.xml").decode() for at in range(1, 7)]
    found = [match.group(1) for text in texts for match in FORMULA.finditer(text)]
    assert len(found) > 7_000
    assert all(found)


@pytest.mark.parametrize("case", some(CASES, every=10))
def test_what_the_columns_hold_is_the_ledger(case: dict[str, Any]) -> None:
    content = content_of(Scenario(gpu="L4", **case))
    formulas, last = content.formulas, math.ceil(content.scenario.values()["horizon_months"])
    gross = worth(formulas.totals["gross_usd"][0])
    for name, column in formulas.columns.items():
        if column.item:
            held = [worth(x) or 0 for x in formulas.graph.columns[name]]
            held = [held[last]] if "_exit_" in name else held
            size = 1e-10 * max(1, gross, sum(map(abs, held)))
            assert abs(sum(held) - content.ledger[name][0]) <= size, name


@pytest.mark.parametrize("part", range(5))
def test_what_the_cells_of_results_hold_are_the_answers(part: int) -> None:
    cells_hold_the_answers(range(1_000 + part, 1_030, 5))


def cells_hold_the_answers(numbers: Iterable[int]) -> None:
    """Of drawn scenarios by number; benchmarks/test_workbook.py has many more."""
    for number in numbers:
        scenario = Scenario(gpu="L4", **drawn(number))
        answer, values = tco.breakeven(scenario), scenario.values()
        inputs, months = Inputs.of(values), max(4, math.ceil(values["horizon_months"]))
        found = Formulas(values, months, has_books=False)
        totals = accumulate(inputs)
        for name in RESULTS:
            value, wanted = shown(worth(found.results[name])), shown(getattr(answer, name))
            if isinstance(wanted, str):
                assert value == wanted, (number, name)
            else:
                allowed = tolerance(name, wanted, inputs, totals)
                assert abs(value - wanted) <= allowed, (number, name)


def test_a_horizon_beyond_five_years_has_its_months() -> None:
    assert months_shown(Scenario(gpu="L4", horizon_months=61.5).values()) == 62
    assert months_shown(Scenario(gpu="L4", horizon_months=3).values()) == 60


def rows_of(book: openpyxl.Workbook, sheet: str, width: int) -> dict[Any, list[Any]]:
    """The rows of a sheet by their first cell; of equal ones the first."""
    found: dict[Any, list[Any]] = {}
    for row in book[sheet].iter_rows(max_col=width):
        found.setdefault(row[0].value, [cell.value for cell in row])
    return found


def test_results_are_converted_beside_the_dollars() -> None:
    scenario, content = written(EURO)
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    rows = rows_of(book, "Summary", 4)
    saving = tco.breakeven(scenario).npv_saving_usd
    assert rows["Key results, before income tax"][1:3] == ["USD", "EUR"]
    assert rows["NPV of buying instead of renting"][1:3] == pytest.approx([saving, 0.9 * saving])
    assert rows["Simple payback"][2] is None
    assert "Converted at 0.9 EUR per USD as of 2026-11-20; the model computes in USD" in rows
    options = rows_of(book, "Options", 40)
    heads = options["Rank"]
    at, other = heads.index("Present value"), heads.index("EUR, present value")
    assert options[1][other] == pytest.approx(0.9 * options[1][at])
    assert "$" not in "".join(str(row[heads.index("Why not")]) for row in options.values())
    months = rows_of(book, "Months", 30)
    total, saved = months["Month"].index("Owning"), len(months["Month"])
    shown_in = [column for column, value in enumerate(months[36]) if value is not None]
    assert book["Months"].cell(3, book["Months"].max_column).value is not None or saved
    euros = [x for x in months["Month"] if x in ("Owning", "Renting")]
    assert len(euros) == 6, shown_in
    last = max(column for column, name in enumerate(months["Month"]) if name == "Owning")
    assert months[36][last] == pytest.approx(0.9 * months[36][total])
    # The chart draws what its heading says.
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
    drawn = re.findall(r"<c:yVal><c:numRef><c:f>Months!\$([A-Z]+)\$9:", chart)
    names = [cell.value for cell in book["Months"][4]]
    for letter, curve in zip(drawn, ("own_usd", "rent_usd"), strict=True):
        in_usd = book["Months"][45][names.index(curve)].value
        assert book["Months"][f"{letter}45"].value == pytest.approx(0.9 * in_usd)
    assert book["Summary"]["F8"].value.endswith("present value [EUR]")


def test_how_sure_the_verdict_is_stands_beside_it() -> None:
    scenario = Scenario(gpu="L4", utilization=0.7)
    odds = tco.simulate(scenario)
    content = workbook(scenario)
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    verdict, sure = (book["Summary"].cell(row, 1).value for row in (3, 4))
    assert verdict == "BUY: owning costs less than renting"
    assert sure.startswith(f"{odds.confidence.capitalize()} confidence. BUY is cheaper in ")
    assert sure.endswith("As of 2026-11-28, for the inputs as reported.")
    named = places(content)
    for name in ODDS_MEANINGS:
        sheet, cell = named[name]
        assert book[sheet][cell].value == getattr(odds, name)


def test_without_scipy_there_are_no_odds_and_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: Any, **__: Any) -> None:
        raise tco.TcoError("odds need scipy: pip install 'gpu-tco[risk]'")

    monkeypatch.setattr("tco.analysis.simulation.simulated", lacking)
    content = workbook(Scenario(gpu="L4"))
    book, named = openpyxl.load_workbook(io.BytesIO(content), data_only=True), places(content)
    said = book["Summary"].cell(4, 1).value
    assert said.startswith("No odds and no confidence here: odds need scipy")
    for name in ODDS_MEANINGS:
        sheet, cell = named[name]
        assert not book[sheet][cell].value


def test_nothing_is_said_of_a_table_or_of_a_currency_without_its_rate() -> None:
    with pytest.raises(tco.InputError, match="the workbook answers for one scenario"):
        workbook(Scenario(gpu="L4", utilization=[0.1, 0.2]))
    with pytest.raises(tco.InputError, match=r"^currency = .EUR. needs fx_rate"):
        workbook(Scenario(gpu="L4", currency="EUR"))
    with pytest.raises(tco.InputError, match="lease_usd_per_gpu_month = 0"):
        workbook(Scenario(gpu="L4", financing="lease"))


def test_every_input_is_a_cell_of_its_own_name(named: dict[str, tuple[str, str]]) -> None:
    assert set(INPUTS) <= set(named)
    assert len({named[name] for name in INPUTS}) == len(INPUTS)
    assert {named[name][0] for name in INPUTS} == {"Inputs"}
