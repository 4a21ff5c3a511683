"""Formulas written once, in Python's syntax: read as a spreadsheet's formula, and worked out here.

So the number that a cell holds and the formula behind it cannot drift apart. Names are the named
cells and the columns of the sheet Months; `prev(name)` is the row above. `a if c else b`, `and`,
`or`, `not`, `%` (remainder), `//` (whole quotient) and `**` become what a spreadsheet has for them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, Protocol

from tco.finance.annuity import capital_recovery_factor
from tco.numeric import ceil, floor

PREVIOUS = "prev_"
# The numbers that a formula may hold: all others stand in named cells.
LITERALS = (0, 1, 12, 1000)
_NAMED_FUNCTIONS = {"min": "MIN", "max": "MAX", "abs": "ABS"}
_PATTERNS = {
    "ceil": "ROUNDUP({0}*(1-rounding_tolerance),0)",
    "floor": "ROUNDDOWN({0}*(1+rounding_tolerance),0)",
    "payment": "PMT({0},{1},-1)",
    "life_of": "INDEX(macrs_lives,MATCH({0},macrs_methods,0))",
    "published": "INDEX(macrs_shares,MATCH({0},macrs_methods,0),{1})",
    "row_sum": "SUM({0})",
    "row_size": "SUMPRODUCT(ABS({0}))",
    "present": "SUMPRODUCT({0},{1})",
    "at_end": "INDEX({0},last_month+1)",
    "at_month": "INDEX({0},{1}+1)",
}
_OF_ROW = ("row_sum", "row_size")
# How many of a function's arguments are columns.
_OF_COLUMNS = {"present": 2, "at_end": 1, "at_month": 1}
# How tightly the operators bind.
_COMPARISON, _JOIN, _SUM, _PRODUCT, _POWER, _UNARY, _ATOM = range(1, 8)
_OPERATORS: dict[type, tuple[str, int]] = {
    ast.Add: ("+", _SUM),
    ast.Sub: ("-", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
    ast.Pow: ("^", _POWER),
}
_COMPARISONS: dict[type, str] = {
    ast.Eq: "=",
    ast.NotEq: "<>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


class Places(Protocol):
    """Where the columns of the sheet Months stand."""

    def cell(self, name: str, previous: bool) -> str:
        """What a name is called in a formula: a cell of the row, or above it, or a named cell."""

    def row(self, first: str, last: str) -> str:
        """The cells of the row from one column to another."""

    def column(self, name: str) -> str:
        """All cells of a column."""


def spreadsheet(source: str, places: Places) -> str:
    """A formula as a spreadsheet reads it, with its equals sign."""
    return "=" + _Writer(places).text(ast.parse(source, mode="eval").body, 0)


def worked_out(source: str, names: Mapping[str, Any], columns: tuple[str, ...] = ()) -> Any:
    """The value of a formula where the names have these values; `columns` in their order."""
    return eval(_compiled(source, columns), {"__builtins__": {}, **FUNCTIONS}, names)


class _Writer:
    """Writes a formula's parts, with parentheses where the operators need them."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def text(self, node: ast.expr, least: int) -> str:
        """A part of a formula; in parentheses if it binds less than `least`."""
        write: Callable[[Any], tuple[str, int]] = getattr(self, f"_{type(node).__name__.lower()}")
        written, binds = write(node)
        return written if binds >= least else f"({written})"

    def _name(self, node: ast.Name) -> tuple[str, int]:
        return self.places.cell(node.id, False), _ATOM

    def _constant(self, node: ast.Constant) -> tuple[str, int]:
        value = node.value
        if isinstance(value, bool):
            return str(value).upper(), _ATOM
        if isinstance(value, str):
            quoted = value.replace('"', '""')
            return f'"{quoted}"', _ATOM
        if value not in LITERALS:
            raise ValueError(f"{value!r} stands in a formula: give it a named cell")
        return str(value), _ATOM

    def _binop(self, node: ast.BinOp) -> tuple[str, int]:
        if isinstance(node.op, ast.Mod):
            return f"MOD({self.text(node.left, 0)},{self.text(node.right, 0)})", _ATOM
        if isinstance(node.op, ast.FloorDiv):
            inner = f"{self.text(node.left, _PRODUCT)}/{self.text(node.right, _POWER)}"
            return f"INT({inner})", _ATOM
        sign, binds = _OPERATORS[type(node.op)]
        left = self.text(node.left, binds + isinstance(node.op, ast.Pow))
        return f"{left}{sign}{self.text(node.right, binds + 1)}", binds

    def _unaryop(self, node: ast.UnaryOp) -> tuple[str, int]:
        if isinstance(node.op, ast.Not):
            return f"NOT({self.text(node.operand, 0)})", _ATOM
        return f"-{self.text(node.operand, _ATOM)}", _UNARY

    def _boolop(self, node: ast.BoolOp) -> tuple[str, int]:
        name = "AND" if isinstance(node.op, ast.And) else "OR"
        return f"{name}({self._list(node.values)})", _ATOM

    def _compare(self, node: ast.Compare) -> tuple[str, int]:
        sign = _COMPARISONS[type(node.ops[0])]
        left, right = self.text(node.left, _JOIN), self.text(node.comparators[0], _JOIN)
        return f"{left}{sign}{right}", _COMPARISON

    def _ifexp(self, node: ast.IfExp) -> tuple[str, int]:
        return f"IF({self._list([node.test, node.body, node.orelse])})", _ATOM

    def _call(self, node: ast.Call) -> tuple[str, int]:
        name = _called(node)
        if name == "join":
            return '&" "&'.join(self.text(arg, _UNARY) for arg in node.args), _JOIN
        if name == "prev":
            return self.places.cell(_names(node)[0], True), _ATOM
        if name in _NAMED_FUNCTIONS:
            return f"{_NAMED_FUNCTIONS[name]}({self._list(node.args)})", _ATOM
        return _PATTERNS[name].format(*self._arguments(name, node)), _ATOM

    def _arguments(self, name: str, node: ast.Call) -> list[str]:
        """What a function is given: cells of the row, columns, or anything."""
        if name in _OF_ROW:
            return [self.places.row(*_names(node))]
        columns = _OF_COLUMNS.get(name, 0)
        named = [self.places.column(column) for column in _names(node)[:columns]]
        return named + [self.text(arg, _PRODUCT) for arg in node.args[columns:]]

    def _list(self, nodes: Sequence[ast.expr]) -> str:
        return ",".join(self.text(node, 0) for node in nodes)


class _Plain(ast.NodeTransformer):
    """Makes a formula one that Python evaluates: rows above are names, row sums are sums."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = _called(node)
        if name == "prev":
            return ast.Name(f"{PREVIOUS}{_names(node)[0]}", ast.Load())
        if name in _OF_ROW:
            first, last = map(self.columns.index, _names(node))
            inner = [ast.Name(key, ast.Load()) for key in self.columns[first : last + 1]]
            return ast.Call(ast.Name(name, ast.Load()), list(inner), [])
        if name == "at_end":
            end = ast.Name("last_month", ast.Load())
            return ast.Call(ast.Name("at_month", ast.Load()), [*node.args, end], [])
        return self.generic_visit(node)  # type: ignore[return-value]


@lru_cache(maxsize=1024)
def _compiled(source: str, columns: tuple[str, ...]) -> CodeType:
    plain = _Plain(columns).visit(ast.parse(source, mode="eval"))
    return compile(ast.fix_missing_locations(plain), "<formula>", "eval")


def _called(node: ast.Call) -> str:
    assert isinstance(node.func, ast.Name)
    return node.func.id


def _names(node: ast.Call) -> list[str]:
    return [arg.id for arg in node.args if isinstance(arg, ast.Name)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


FUNCTIONS: dict[str, Any] = {
    "min": min,
    "max": max,
    "abs": abs,
    "ceil": ceil,
    "floor": floor,
    "payment": capital_recovery_factor,
    "join": lambda *parts: " ".join(map(_text, parts)),
    "row_sum": lambda *cells: sum(cells),
    "row_size": lambda *cells: sum(map(abs, cells)),
    "present": lambda column, discount: sum(
        amount * factor for amount, factor in zip(column, discount, strict=True)
    ),
    "at_month": lambda column, month: column[int(month)],
}
