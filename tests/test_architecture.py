"""The shape of the code: layers, sizes, public names."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tco
from tco.words.results import EVERY_RESULT, SAVED_LABELS

ROOT = Path(__file__).resolve().parents[1]
LINES = 700


def test_no_file_is_longer_than_a_topic() -> None:
    for path in sorted((ROOT / "tco").rglob("*.py")):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES, path


def test_the_import_layers_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_the_market_reads_data_files() -> None:
    for path in sorted((ROOT / "tco").rglob("*.py")):
        if "market" not in path.relative_to(ROOT).parts:
            text = path.read_text(encoding="utf-8")
            assert not any(name in text for name in ("data_folder", "read_records")), path


def test_a_result_has_its_label_in_one_place() -> None:
    labels = {text for one in EVERY_RESULT.values() for text in (one.label, one.short)}
    labels = {text for text in labels | {*SAVED_LABELS.values()} if " " in text}
    for path in sorted((ROOT / "tco").rglob("*.py")):
        if path.parts[-2:] != ("words", "results.py"):
            text = path.read_text(encoding="utf-8")
            assert not [said for said in labels if f'"{said}"' in text], path


# Each has a value that its user changes; Streamlit's other widgets are used by nobody yet.
WIDGETS = {
    *("checkbox", "color_picker", "data_editor", "date_input", "datetime_input", "feedback"),
    *("multiselect", "number_input", "pagination", "pills", "radio", "segmented_control"),
    *("select_slider", "selectbox", "slider", "text_area", "text_input", "time_input", "toggle"),
    *("button", "form_submit_button"),
}
WRITERS = {"clear", "pop", "popitem", "setdefault", "update"}


def _is_session(node: ast.expr) -> bool:
    return ast.unparse(node) in {"st.session_state", "session_state", "_session"}


def test_widgets_are_made_in_one_place_and_their_values_are_never_put_into_the_session() -> None:
    for path in sorted((ROOT / "tco" / "app").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and _is_session(node.value):
                assert isinstance(node.ctx, ast.Load), f"{path.name}:{node.lineno}"
            if not isinstance(node, ast.Attribute):
                continue
            if node.attr in WIDGETS and ast.unparse(node.value) == "st":
                assert path.name == "bound.py", f"{path.name}:{node.lineno}: st.{node.attr}"
            # What is no widget's is kept by `state`, under names that no widget has.
            is_written = node.attr in WRITERS or isinstance(node.ctx, ast.Store)
            if _is_session(node.value) and is_written:
                assert path.name == "state.py", f"{path.name}:{node.lineno}"


# One a line, so that two additions are two lines.
PUBLIC = """
Accounting
Actuals
ApiComparison
Bill
Breakeven
DataError
Decision
DemandCurve
Fit
Fleet
Goal
InputError
InputValues
LeaseRate
Line
Measures
OtherJob
OtherSpeed
Policy
PriceStore
Rack
Recheck
Scenario
Serverless
Speed
SpeedBreakeven
Successor
TcoError
Telemetry
Training
Work
__version__
accounting
actuals
answer_frame
breakeven
bridge
calibrate
catalog
compare_api
curves
decide
demand_curve
fit
fleet
flips
from_bill
goal
history
in_currency
lease_rate
lease_rate_of
ledger
measured_rows
measures
models
offer_quantiles
offers
options
other_speed
other_work
rack
read_bill
read_policy
read_telemetry
recheck
response
responses
screening
serverless
simulate
speed
speed_breakeven
stress
substitutes
successor
sweep
tornado
training
trends
use_cases
win_map
work
"""


def test_public_names() -> None:
    assert tco.__all__ == PUBLIC.split()
    for name in tco.__all__:
        assert getattr(tco, name)


@pytest.mark.parametrize("call", ["pass", "tco.breakeven(gpu='L4', utilization=0.6)"])
def test_a_scalar_answer_loads_no_heavy_package(call: str) -> None:
    screens = ("plotly", "streamlit", "click", "jinja2")
    heavy = ("numpy", "pandas", "scipy", "sqlalchemy", "httpx", "requests", *screens)
    code = f"import sys, tco; {call}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_public_function_is_documented_with_an_example() -> None:
    functions = ("breakeven", "ledger", "curves", "rack", "from_bill", "offers", "offer_quantiles")
    questions = ("flips", "response", "responses", "simulate", "stress", "tornado", "win_map")
    more = ("history", "trends", "answer_frame", "sweep", "measures", "in_currency", "options")
    of_leases = ("lease_rate", "lease_rate_of")
    of_work = ("fit", "speed", "work", "substitutes", "compare_api", "models", "measured_rows")
    of_demand = ("demand_curve", "fleet", "read_bill", "read_telemetry")
    other = ("other_speed", "other_work", "training", "serverless")
    of_finance = ("accounting",)
    for name in (
        *functions,
        *questions,
        *more,
        *of_leases,
        *of_demand,
        *of_work,
        "use_cases",
        "calibrate",
        "bridge",
        "goal",
        *other,
        *of_finance,
    ):
        text = getattr(tco, name).__doc__
        assert ">>>" in text
        assert "[" in text
