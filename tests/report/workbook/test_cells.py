"""The number that writes formulas: how they read, what is simplified, and what is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tco
from tco.finance.annuity import present_value_of_annuity
from tco.numeric import CONSTANTS, Constant, ceil, compound, divide, floor, larger, select, smaller
from tco.report.workbook.cells import Graph, Writer, worth

TIE, QUARTER = CONSTANTS["tie_tolerance"], CONSTANTS["months_per_quarter"]


@pytest.fixture
def graph() -> Graph:
    return Graph({"a": 2, "b": 2, "c": 3})


def written(cell: Any) -> str:
    return Writer({}, (9, 69)).text(cell)


@pytest.mark.parametrize(
    ("made", "formula"),
    [
        (lambda a, b, c: (a + b) * c - (b - c), "(a+b)*c-(b-c)"),
        (lambda a, b, c: a / (b * c) / c, "a/(b*c)/c"),
        (lambda a, b, _: compound(a, -b), "(1+a)^(-b/12)"),
        (lambda a, b, _: compound(-a, b), "(1-a)^(b/12)"),
        (lambda a, *_: compound(a, 1), "(1+a)^(1/12)"),
        (lambda a, b, _: (-a) ** b, "(-a)^b"),
        (lambda a, b, _: -(a + b), "-(a+b)"),
        (lambda a, b, c: a ** (b**c), "a^(b^c)"),
        (lambda a, b, _: (a - 1) // b * b, "INT((a-1)/b)*b"),
        (lambda a, *_: a % 12 + 1, "MOD(a,12)+1"),
        (lambda a, b, c: select((a > 1) & (b == "x"), 0, c), 'IF(AND(a>1,b="x"),0,c)'),
        (lambda a, b, c: select(a > b, c, 0) + 1, "IF(a>b,c,0)+1"),
        (lambda a, b, _: ceil(a / b), "ROUNDUP(a/b*(1-rounding_tolerance),0)"),
        (lambda a, b, _: floor(a + b), "ROUNDDOWN((a+b)*(1+rounding_tolerance),0)"),
        (lambda a, b, _: smaller(a, b), "MIN(a,b)"),
        (
            lambda a, b, _: present_value_of_annuity(1, a, b + 1),
            "IF(ABS(a)*((b+1)+1)<annuity_tolerance,(b+1)/(1+a)^(((b+1)+1)/(1+1)),PV(a,(b+1),-1))",
        ),
        (lambda a, *_: larger(smaller(a, 1), 0), "MAX(MIN(a,1),0)"),
        (lambda a, b, c: a * TIE <= abs(b) + abs(c), "a/tie_tolerance<=ABS(b)+ABS(c)"),
        (lambda a, *_: a // QUARTER, "INT(a/months_per_quarter)"),
        (lambda a, b, _: divide(a, b, math.inf), 'IF(b=0,"",a/b)'),
        (lambda a, *_: a * 0 + a * 1 + 0, "a"),
        (lambda a, b, _: select(a > b, True, False), "a>b"),
        (lambda a, b, c: select(a > b, False, c > 0), "AND(NOT(a>b),c>0)"),
        (lambda a, b, _: select(a == 'say "hi"', b, b), "b"),
        (lambda a, *_: a == 'say "hi"', 'a="say ""hi"""'),
    ],
)
def test_how_a_formula_is_written(made: Callable[..., Any], formula: str, graph: Graph) -> None:
    assert written(made(*map(graph.input, "abc"))) == formula


def test_a_named_cell_shortens_every_formula(graph: Graph) -> None:
    a, b = graph.input("a"), graph.input("b")
    graph.name("both", a + b)
    assert written((a + b) * (a + b) / 12) == "both*both/12"
    with pytest.raises(ValueError, match="two cells are called both"):
        graph.name("both", a - b)


def test_what_no_formula_can_say_is_an_error(graph: Graph) -> None:
    a = graph.input("a")
    with pytest.raises(ValueError, match=r"0\.05 stands in a formula: give it a named cell"):
        written(a * 0.05)
    with pytest.raises(TypeError, match="the model branches on >: use select"):
        bool(a > 1)


def test_two_constants_with_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="two constants are called tie_tolerance"):
        Constant(7, "tie_tolerance", "ratio", "another")


def test_examples_make_no_constant() -> None:
    # It would stand in every workbook that the process makes after it.
    made = re.compile(r">>> .*\bConstant\(")
    files = sorted(Path(tco.__file__).parent.rglob("*.py"))
    assert len(files) > 200
    assert [file.name for file in files if made.search(file.read_text("utf-8"))] == []


def test_a_cell_carries_its_value(graph: Graph) -> None:
    a, b = graph.input("a"), graph.input("b")
    assert worth(select(a > 1, a / b, 0) + ceil(a / 12)) == 2
    total: Any = graph.put("total", 0)
    for month in (1, 2, 3):
        graph.month = month
        total = graph.put("total", total + a)
    assert [worth(x) for x in graph.columns["total"]] == [0, 2, 4, 6]
    assert worth(graph.at_month("total", b) * 10) == 40
    assert worth(a / (b - a)) != worth(a / (b - a))  # no number where Python has none
