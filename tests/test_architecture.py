"""The shape of the code: layers, sizes, public names, and no beliefs in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tco

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "tco").rglob("*.py"))
MODULE_LINES, FUNCTION_LINES = 300, 40

# Numbers that mean nothing by themselves.
PLAIN = {0, 1, 2}
# Every other number in the model's code, and why it may stand there.
ALLOWED = {
    "arithmetic.py": {10, 12, 1000},  # 1e-12; months a year; watts a kilowatt
    "analysis/check.py": {0.25},  # what counts as a contradiction
    # points and years a fit needs; levels of a step; 0.1 %; the 90th percentile; days a year
    "analysis/trend.py": {0.001, 0.9, 3, 4, 6, 365, 365.25},
    "answer.py": {100},  # per cent
    "blocks.py": {16_384},  # scenarios a block
    "cli/listing.py": {60},  # widest column
    "cli/main.py": {3, 130, 143},  # exit codes
    "cli/output.py": {0o777, 0o666},  # file modes
    "cli/stream.py": {10, 22, 4_096},  # seconds between lines of a log; size of a part
    "columns.py": {3, 8, 10},  # problems shown; most axes; 1e8 scenarios
    "documents.py": {40},  # longest key shown
    "errors.py": {3, 0.5, 0.8},  # nearest names
    "finance/payback.py": {9, 10},  # 1e-9
    # months of a quarter, lives of the US tables, quarters of a year
    "finance/write_off.py": {3, 4, 5},
    "flow.py": {6},  # ways to grow
    # 64 KiB a read, redirects, longest pause; the limits in seconds and bytes
    "importers/download.py": {3, 16, 60},
    "importers/transport.py": {0.5, 3, 8, 10, 26, 30, 300},
    "importers/choosing.py": {6, 8},  # decimals of a price; names listed
    "importers/gpuhunt.py": {24},  # 16 MiB of JSON
    "importers/ledger.py": {0.001, 1_000, 700.0},  # a plausible price; the placeholder
    "importers/lines.py": {80, 200, 65_536},  # text shown, columns, characters of a header
    "importers/names.py": {0.15, 4_096},  # how far memory may be off
    "importers/skypilot.py": {1_000, 1_024, 4_096},  # gigabytes below, mebibytes above
    "importers/by_hand.py": {8},  # digits of a hash
    "market/catalogue.py": {4},  # folders kept in memory
    "market/choice.py": {12, 36, 60, 100, 4_096},  # months of the terms; answers kept in memory
    "market/frames.py": {10},  # problems listed
    "market/freshness.py": {30, 90, 4_096},  # fresh and ageing, in days
    "market/macrs.py": {4},  # folders kept in memory
    "market/observed.py": {12},  # digits of a checksum
    "market/offers.py": {3, 10},  # P10, P50, P90; tenths
    "prices.py": {4},  # files kept in memory
    "questions.py": {10, 15},  # largest bill
    "reason.py": {3, 6, 10, 15, 100},  # figures shown; where powers of ten begin; per cent
    "report/display.py": {5, 6, 10, 40, 100, 0.5, 1e-9},  # round steps of a slider; per cent
    "report/findings.py": {3, 6, 9, 10, 100},  # thousands to billions; digits; per cent
    "report/offers.py": {0.05, 96},  # least use drawn; points of a curve
    "report/text.py": {53},  # bits of a float
    "solution.py": {3, 10, 12, 20},  # position of a status; 1e-12; 5 %
    "validation.py": {60, 100},  # longest value shown; per cent
}


# Modules whose numbers are domains and neutral values, or sizes and positions on a screen.
LOOKS = {"report/charts.py", "app/controls.py", "app/link.py", "app/main.py", "app/widgets.py"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def numbers(path: Path) -> set[float]:
    return {
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
            assert node.end_lineno - node.lineno + 1 <= FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_price_or_default_stands_in_code(path: Path) -> None:
    name = path.relative_to(ROOT / "tco").as_posix()
    if name == "inputs.py" or name in LOOKS:
        return
    assert numbers(path) - PLAIN <= ALLOWED.get(name, set())


def test_the_declarations_hold_numbers_only_as_domains_and_neutral_values() -> None:
    for node in ast.walk(tree(ROOT / "tco" / "inputs.py")):
        if isinstance(node, ast.ClassDef) and node.name == "Inputs":
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign):
                    assert isinstance(statement.value, ast.Call), ast.unparse(statement)


def test_every_allowance_is_used() -> None:
    for name, allowed in ALLOWED.items():
        assert allowed <= numbers(ROOT / "tco" / name), name


def test_the_import_layers_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_public_names() -> None:
    assert tco.__all__ == [
        *("Breakeven", "DataError", "InputError", "Measures", "PriceStore", "Rack", "Scenario"),
        *("TcoError", "__version__", "breakeven", "catalog", "curves", "from_bill", "history"),
        *("in_currency", "ledger", "measures", "offer_quantiles", "offers", "rack", "trends"),
    ]
    for name in tco.__all__:
        assert getattr(tco, name)


@pytest.mark.parametrize("call", ["pass", "tco.breakeven(gpu='L4', utilization=0.6)"])
def test_a_scalar_answer_loads_no_heavy_package(call: str) -> None:
    heavy = "('numpy', 'pandas', 'plotly', 'streamlit', 'click', 'scipy', 'sqlalchemy', 'requests')"
    code = f"import sys, tco; {call}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_public_function_is_documented_with_an_example() -> None:
    functions = ("breakeven", "ledger", "curves", "rack", "from_bill", "offers", "offer_quantiles")
    for name in (*functions, "history", "trends", "measures", "in_currency"):
        text = getattr(tco, name).__doc__
        assert ">>>" in text
        assert "[" in text
