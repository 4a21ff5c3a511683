"""What an auditor looks for: no number in a formula, nothing hidden, only inputs to change."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

import tco
from tco import Line
from tco.cli import main
from tco.inputs import INPUTS
from tco.model.items import (
    DEDUCTED,
    EXIT,
    GROUPS,
    ITEMS,
    MONTH,
    ON_LEAVING,
    OPEX,
    OWN,
    STEPS,
    Item,
)
from tco.model.results import BREAKEVENS
from tco.report.workbook import SHEETS, workbook
from tco.report.workbook.cells import LITERALS, worth
from tco.report.workbook.content import content_of
from tco.report.workbook.formulas import MEANINGS, Formulas
from tco.report.workbook.inputs_sheet import QUESTION
from tco.report.workbook.months_sheet import formulas_of
from tco.scenario import Scenario
from tco.words.figures import capital
from tests.model.test_items import added
from tests.report.workbook.drawing import LINES
from tests.report.workbook.office import Places, blue, checks, column_at

ROOT = Path(__file__).resolve().parents[3]
BLUE = "FF0000FF"
CHANGED = [name for name, declared in INPUTS.items() if declared.group != QUESTION]
NUMBER = re.compile(r"(?<![\w.$])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.(])")
FILE = "from tco.report.workbook import workbook; from tco.scenario import Scenario; import sys; "
FILE += "sys.stdout.buffer.write(workbook(Scenario(gpu='L4')))"


@pytest.fixture(scope="module")
def book(base: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(base))


@pytest.fixture(scope="module")
def written() -> Formulas:
    return content_of(Scenario(gpu="L4")).formulas


def blue_cell(named: Places) -> Callable[[str], tuple[str, str]]:
    """Where a reader changes an input, by its name."""
    return lambda name: blue(name, None, named)[0]


def literals(formula: str) -> set[float]:
    """The numbers that stand in a formula, those in quotes aside."""
    return {float(number) for number in NUMBER.findall(re.sub(r'"[^"]*"', "", formula))}


def formulas(book: openpyxl.Workbook) -> list[str]:
    return [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def test_the_lint_finds_a_number() -> None:
    assert literals('=IF($B$12<0.05,A60*1e-9,"7"&pue)+730*LOG10(x2)') == {0.05, 1e-9, 730}


def test_no_number_stands_in_a_formula(book: openpyxl.Workbook) -> None:
    found = formulas(book)
    assert len(found) > 7_000
    assert set().union(*map(literals, found)) <= set(LITERALS)
    domains = [
        text
        for rule in book["Inputs"].data_validations.dataValidation
        for text in (rule.formula1, rule.formula2)
        if text
    ]
    assert set().union(*map(literals, domains)) <= set(LITERALS)


def test_formulas_are_short_enough_to_audit(book: openpyxl.Workbook) -> None:
    assert max(map(len, formulas(book))) <= 200


@pytest.mark.parametrize("fixed", LINES[1:], ids=["owning", "renting"])
def test_those_of_lines_are_too_and_hold_no_number(fixed: tuple[dict[str, Any], ...]) -> None:
    lines = tuple(
        Line(**{"usd": 0.2} | line | {"name": f"{line['name']}, a long name"}) for line in fixed
    )
    content = workbook(Scenario(gpu="L4", lines=lines))
    found = formulas(openpyxl.load_workbook(io.BytesIO(content)))
    assert max(map(len, found)) <= 200
    assert set().union(*map(literals, found)) <= set(LITERALS)


def test_every_column_and_named_cell_has_its_words(
    book: openpyxl.Workbook, written: Formulas
) -> None:
    assert all(column.meaning for column in written.columns.values())
    assert all(meaning for _, meaning in written.names.values())
    listed = {words.name for words in MEANINGS.values()}
    assert listed <= {*written.columns, *written.names}
    known = {name for name in book.defined_names if "!" in book.defined_names[name].attr_text}
    used = {
        name
        for text in formulas(book)
        for name in re.findall(r"\b[a-z][a-z0-9_]+", re.sub(r'"[^"]*"', "", text))
    }
    assert used <= known


def test_rows_repeat_their_formulas_and_the_file_holds_them_once(base: bytes) -> None:
    content = content_of(Scenario(gpu="L4"))
    with zipfile.ZipFile(io.BytesIO(base)) as archive:
        months = archive.read("xl/worksheets/sheet4.xml").decode()
    assert len(re.findall(r"<f[^>]*>[^<]+</f>", months)) < 5 * len(content.formulas.columns)
    for name, values in content.formulas.graph.columns.items():
        if len(values) > 1:
            *_, before, last = formulas_of(name, content)
            assert before == last, name
            at_30 = content.writer(30).formula(values[30], (name, 30))
            assert at_30 == last, name


def test_only_functions_that_every_spreadsheet_has(book: openpyxl.Workbook) -> None:
    used = {name for text in formulas(book) for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}
    assert used <= {
        *("ABS", "AND", "COUNT", "COUNTIF", "EXACT", "IF", "IFERROR", "INDEX", "INT", "IRR"),
        *(
            "ISLOGICAL",
            "ISNUMBER",
            "ISTEXT",
            "LEN",
            "MATCH",
            "MAX",
            "MIN",
            "MOD",
            "NOT",
            "OR",
            "PMT",
            "PV",
            "ROUNDDOWN",
        ),
        *("ROUNDUP", "ROWS", "SUBSTITUTE", "SUM", "SUMIF", "SUMPRODUCT", "UPPER"),
    }


def test_nothing_is_hidden_and_there_are_and_pages_to_print(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == list(SHEETS)
    for sheet in book:
        assert sheet.sheet_state == "visible"
        assert sheet.print_area
        assert sheet.protection.sheet
        assert not sheet.protection.password
        assert not any(shape.hidden for shape in sheet.column_dimensions.values())
        assert not any(shape.hidden for shape in sheet.row_dimensions.values())
    assert not any(defined.hidden for defined in book.defined_names.values())


def test_only_inputs_are_blue_and_can_be_changed(book: openpyxl.Workbook, named: Places) -> None:
    unlocked = {
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    notes = {cell for cell in unlocked if cell[0] == "Summary"}
    assert unlocked - notes == set(map(blue_cell(named), CHANGED))
    assert {cell[1:] for _, cell in notes} == {named["your_notes"][1][1:]}
    for sheet, cell in unlocked - notes | {named["your_notes"]}:
        assert book[sheet][cell].font.color.rgb == BLUE
        assert book[sheet][cell].data_type != "f"
    for name in set(INPUTS) - set(CHANGED):
        font = book["Inputs"][f"B{named[name][1][1:]}"].font
        assert font.color is None or font.color.rgb != BLUE


def test_each_input_is_validated_by_its_domain(book: openpyxl.Workbook, named: Places) -> None:
    sheet = book["Inputs"]
    rules = {
        str(cell): rule
        for rule in sheet.data_validations.dataValidation
        for cell in rule.sqref.ranges
    }
    assert set(rules) == {cell for _, cell in map(blue_cell(named), CHANGED)}
    for name in CHANGED:
        declared, cell = INPUTS[name], blue_cell(named)(name)[1]
        rule, row = rules[cell], cell[1:]
        assert rule.showErrorMessage
        assert rule.error.startswith(declared.label)
        if declared.numeric:
            high = 60 if name == "horizon_months" else declared.high
            assert (sheet[f"K{row}"].value, sheet[f"L{row}"].value) == (declared.low, high)
            wanted = "whole" if declared.kind == "integer" else "decimal"
            assert rule.type == ("custom" if declared.low_open else wanted)
        elif declared.choices or declared.kind == "flag":
            first, last = rule.formula1.replace("$", "").split(":")
            listed = tuple(cell.value for cell in sheet[first:last][0])
            words = tuple(capital(declared.word(choice)) for choice in declared.choices)
            assert listed == (words or (True, False))
            assert rule.type == "list"
        else:
            assert rule.type == "custom"
    assert "as many months as the sheet Months has rows" in rules[named["horizon_months"][1]].error


def test_every_item_of_the_model_has_its_columns(written: Formulas) -> None:
    listed = [
        (item.side, item.name, item.meaning, when == EXIT)
        for item in ITEMS
        for when in sorted({EXIT if when == EXIT else MONTH for when in item.when.split()})
    ]
    columns = [
        (name.partition("_")[0], column.item, column.meaning, "_exit_" in name)
        for name, column in written.columns.items()
        if column.item
    ]
    assert sorted(columns) == sorted(listed)


@pytest.mark.parametrize("when", [MONTH, EXIT])
def test_a_row_of_the_table_of_items_is_all_that_the_workbook_takes(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    coffee = Item(
        *(
            "coffee",
            OWN,
            when,
            DEDUCTED,
            GROUPS[OWN][4],
            STEPS[OWN][5],
            "Coffee",
            "what staff drinks",
        ),
        amount=lambda v, _: v.gpus * v.staff_usd_per_gpu_month / 12,
        growth=OPEX if when == MONTH else ON_LEAVING,
    )
    added(monkeypatch, coffee)
    scenario = Scenario(gpu="L4", staff_usd_per_gpu_month=60, tax_rate=0.25)
    book = openpyxl.load_workbook(io.BytesIO(workbook(scenario)))
    values = openpyxl.load_workbook(io.BytesIO(workbook(scenario)), data_only=True)
    name = "own_coffee" if when == MONTH else "own_exit_coffee"
    at = column_at(content_of(scenario).letters[name]) + 1
    heads = [book["Months"].cell(row, at).value for row in (4, 5, 6)]
    assert heads == ["coffee", "USD", "what staff drinks"]
    named = "coffee_usd_per_month" if when == MONTH else "coffee_usd_on_leaving"
    assert named in book.defined_names
    ledger = tco.ledger(scenario)
    paid = ledger[ledger["item"] == "coffee"]["cost_usd"].sum()
    assert values["Months"].cell(7, at).value == pytest.approx(paid)
    assert paid > 0
    assert set(checks(values)) == {"OK"}


def test_a_cost_that_depends_on_price_and_use_needs_no_derivative(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theft = Item(
        *("theft", OWN, MONTH, DEDUCTED, GROUPS[OWN][4], STEPS[OWN][5], "Theft", "stolen cards"),
        amount=lambda v, _: v.gpus * v.price_usd_per_gpu * v.failure_rate_per_year * v.utilization,
        growth=OPEX,
    )
    added(monkeypatch, theft)
    scenario = Scenario(gpu="L4", tax_rate=0.25, financing="loan")
    found, answer = content_of(scenario).formulas, tco.breakeven(scenario)
    assert {"own_theft", "own_theft_per_price", "own_theft_per_utilization"} <= set(found.columns)
    for name in BREAKEVENS:
        assert worth(found.results[name]) == pytest.approx(getattr(answer, name), rel=1e-9)


def test_names_are_unique_and_there_is_no_macro(base: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(base)) as archive:
        parts, text = archive.namelist(), archive.read("xl/workbook.xml").decode()
        chart = archive.read("xl/charts/chart1.xml").decode()
    names = re.findall(r'<definedName name="([^"]+)">', text)
    assert len({name.lower() for name in names}) == len(names) > len(INPUTS)
    assert not [name for name in names if re.fullmatch(r"[A-Za-z]{1,3}\d+|[RrCc]\d*", name)]
    assert not [part for part in parts if "vba" in part.lower() or "external" in part.lower()]
    assert chart.count("<c:ser>") == 2
    assert "Months!" in chart


def test_the_same_scenario_gives_the_same_bytes(base: bytes) -> None:
    assert workbook(Scenario(gpu="L4")) == base
    other = subprocess.run(
        [sys.executable, "-c", FILE],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )
    assert other.stdout == base


def test_text_that_begins_with_an_equals_sign_stays_text() -> None:
    import pandas as pd

    row = {"gpu": "L4", "usd_per_gpu_hour": 1.0, "as_of": "2026-11-20", "provider": "=1+1"}
    scenario = Scenario(gpu="L4", provider="=1+1", prices=pd.DataFrame([row]))
    book = openpyxl.load_workbook(io.BytesIO(workbook(scenario)))
    cells = [
        cell
        for sheet in book
        for line in sheet.iter_rows()
        for cell in line
        if isinstance(cell.value, str) and cell.value.startswith("=1+1")
    ]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_command_writes_the_same_workbook(base: bytes, tmp_path: Path) -> None:
    target = tmp_path / "Report.XLSX"
    done = CliRunner().invoke(main, ["report", "--gpu", "L4", "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert target.read_bytes() == base
    assert list(tmp_path.iterdir()) == [target]
    for more in (["--json"], ["--ledger", str(tmp_path / "ledger.csv")]):
        wrong = CliRunner().invoke(main, ["report", "--gpu", "L4", "-o", str(target), *more])
        assert wrong.exit_code == 2
        assert "a report in .xlsx is one file" in wrong.output
