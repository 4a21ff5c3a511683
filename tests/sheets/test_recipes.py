"""The recipe for Excel in docs/sheets.md, with the real xlwings and without Excel."""

from __future__ import annotations

import re
import types
from pathlib import Path

import tco

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sheets.md"


def recipe() -> types.ModuleType:
    (code,) = re.findall(r"```python\n(import xlwings.*?)```", PAGE.read_text(), re.DOTALL)
    module = types.ModuleType("tco_functions")
    exec(compile(code, "tco_functions.py", "exec"), module.__dict__)
    return module


def test_the_functions_for_excel_give_the_library_s_answers() -> None:
    made = recipe()
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    cells = [["gpu", "L4"], ["utilization", 0.6], [None, None]]
    assert made.tco_breakeven(cells) == answer.months
    assert made.tco_npv_saving(cells) == answer.npv_saving_usd
    header, row = made.tco_answers([["gpu", "utilization"], ["L4", 0.6]])
    assert header == ["verdict", "months", "npv_saving_usd", "error"]
    assert row == [answer.verdict, answer.months, answer.npv_saving_usd, ""]
    assert str(made.tco_breakeven([["gpu", "L5"]])).startswith("tco: gpu = 'L5'")
