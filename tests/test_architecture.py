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
    "app/odds.py": {64, 512},  # scenarios whose odds are kept
    "app/server.py": {20},  # 1 MiB of a request line
    "app/verdict.py": {20},  # futures shown
    "arithmetic.py": {10, 12, 1000},  # 1e-12; months a year; watts a kilowatt
    "analysis/check.py": {0.25},  # what counts as a contradiction
    "analysis/brackets.py": {9, 10, 65, 257},  # 1e-9; points of a search
    "analysis/copula.py": {4, 6, 10, 12},  # pi / 6; 1e-12
    "analysis/crossings.py": {4, 6, 10, 12, 1_000},  # tolerances
    "analysis/distributions.py": {0.1, 0.5, 0.9, 4, 12, 256, 2_049},  # shares; the 4 of a PERT
    "analysis/drivers.py": {3, 10, 12},  # powers fitted; 1e-12
    "analysis/envelope.py": {12},  # digits to which costs are compared
    "analysis/ways.py": {100},  # per cent
    "analysis/flips.py": {4, 10, 100},  # digits; parts of a range
    "analysis/futures.py": {512},  # columns of draws kept
    "analysis/savings.py": {6, 10, 1_001},  # 1e-6; most points
    "analysis/sensitivity.py": {12, 61},  # bars of a tornado; points of a curve
    # draws and dots, their limits
    "analysis/simulation.py": {4, 7, 10, 12, 50, 100, 1_024, 16_384, 131_072},
    "analysis/sweep/cells.py": {53},  # bits of a float
    "analysis/sweep/csv_source.py": {21},  # characters of a part
    "analysis/sweep/grid.py": {6, 9, 10},  # limits of a grid
    "analysis/sweep/output.py": {7, 10},  # limits of options
    "analysis/sweep/parquet_source.py": {20},  # bytes of a part
    "analysis/sweep/progress.py": {10},  # seconds between lines of a log
    "analysis/sweep/run.py": {8, 10, 16},  # limits of a sweep
    "analysis/sweep/writing.py": {20},  # bytes copied at a time
    "analysis/uncertainty.py": {2_048},  # draws
    "analysis/winmap.py": {41},  # points a side
    # points and years a fit needs; levels of a step; 0.1 %; the 90th percentile; days a year
    "analysis/trend.py": {0.001, 0.9, 3, 4, 6, 365, 365.25},
    "answer.py": {100},  # per cent
    "blocks.py": {16_384},  # scenarios a block
    "cli/listing.py": {60},  # widest column
    "cli/main.py": {3, 130, 143},  # exit codes
    "cli/output.py": {0o777, 0o666},  # file modes
    "cli/risk.py": {12, 2_048},  # bars; draws
    "cli/stream.py": {16_384},  # rows of a part
    "columns.py": {3, 8, 10},  # problems shown; most axes; 1e8 scenarios
    "documents.py": {3, 40},  # names listed; longest key
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
    "market/stresses.py": {4},  # folders kept in memory
    "market/offers.py": {3, 10},  # P10, P50, P90; tenths
    "prices.py": {4},  # files kept in memory
    "questions.py": {10, 15},  # largest bill
    "reason.py": {3, 6, 10, 15, 100},  # figures shown; where powers of ten begin; per cent
    "report/display.py": {5, 6, 10, 40, 100, 0.5, 1e-9},  # round steps of a slider; per cent
    "report/findings.py": {0.005, 3, 6, 9, 10, 12, 100},  # thousands to trillions; digits; per cent
    "report/offers.py": {0.05, 96},  # least use drawn; points of a curve
    "report/text.py": {53},  # bits of a float
    "report/sentences.py": {100},  # per cent
    "report/decision.py": {10, 101},  # powers and points of a search
    "report/formulas.py": {100},  # per cent
    "report/gpu_data.py": {4, 8},  # GPUs side by side
    "report/influence.py": {1.5, 3, 4, 5, 6, 8, 10, 64},  # sliders; round scales
    "report/option_frames.py": {100},  # per cent
    "report/risk_data.py": {100},  # per cent
    "report/page/facts.py": {8, 20},  # inputs and futures on the sheet
    "report/page/references.py": {64},  # longest title
    "report/page/sections.py": {14, 200, 220},  # sources listed; longest link and note
    "report/page/tables.py": {12},  # options listed
    "report/pins.py": {4, 40},  # pins; longest name
    "report/workbook/content.py": {9},  # digits of a tolerance
    "report/workbook/formula.py": {8, 12, 1000, 1024},  # months, watts; limits of a formula
    "report/workbook/model.py": {60},  # months of the sheet
    "report/workbook/names.py": {0.05, 1e-9, 1e-12, 3},  # the rules' constants, as named cells
    "report/strength.py": {0.7, 0.9},  # probably, clearly
    "sheets/add_in.py": {1980},  # the day of every file
    "sheets/functions.py": {12, 30, 53, 1899},  # day 0 of a spreadsheet; bits of a float
    "solution.py": {3, 10, 12, 20},  # position of a status; 1e-12; 5 %
    "store/append.py": {10_000},  # rows a statement
    "store/cells.py": {16},  # digits of a key
    "store/contents.py": {5_000},  # rows read at a time
    "store/database.py": {8, 10, 60},  # oldest server; seconds to connect; seconds to wait
    "store/place.py": {0o700, 0o600},  # private folder and file
    "store/snapshot.py": {4},  # snapshots kept in memory
    "validation.py": {60, 100},  # longest value shown; per cent
}


# Modules whose numbers are domains and neutral values, or sizes and positions on a screen.
LOOKS = {
    *(
        f"report/charts/{name}.py"
        for name in (
            *("decision", "drawing", "history", "odds", "offers", "options", "risk", "screening"),
        )
    ),
    *(
        f"report/workbook/{name}.py"
        for name in ("check_sheet", "inputs_sheet", "months_sheet", "other_sheets", "summary_sheet")
    ),
    *(f"report/{name}.py" for name in ("curve_picture", "page/svg", "workbook/styles")),
    *(f"app/{name}.py" for name in ("controls", "data", "decide", "link", "quotes", "widgets")),
    *(f"app/{name}.py" for name in ("handover", "pinned", "upload")),
    *(f"app/{name}.py" for name in ("levers", "options", "panels", "risk", "sections", "what_ifs")),
}


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
        *("TcoError", "__version__", "answer_frame", "breakeven", "catalog", "curves", "flips"),
        *("from_bill", "history", "in_currency", "ledger", "measures", "offer_quantiles", "offers"),
        *("options", "rack", "response", "responses", "screening", "simulate", "stress", "sweep"),
        *("tornado", "trends", "win_map"),
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
    questions = ("flips", "response", "responses", "simulate", "stress", "tornado", "win_map")
    more = ("history", "trends", "answer_frame", "sweep", "measures", "in_currency", "options")
    for name in (*functions, *questions, *more):
        text = getattr(tco, name).__doc__
        assert ">>>" in text
        assert "[" in text
