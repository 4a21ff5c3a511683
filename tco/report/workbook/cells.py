"""A number that writes formulas: the model, run on cells, gives the columns of the workbook.

A `Cell` is an operation, its operands and what they come to; equal operations of one `Graph` are
one object. A cell that stands in a place (a named cell, or a column of the sheet Months) stands for
that place in every formula.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tco.finance.annuity import equivalent_cost_per_period, present_value_of_annuity
from tco.numeric import Constant, ceil, floor

# The numbers that a formula may hold: all others stand in named cells.
LITERALS = (0, 1, 12, 1000)
# How tightly the operators bind.
_COMPARISONS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BINDS = {**dict.fromkeys(_COMPARISONS, 1), "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
_COMPARISON, _SUM, _PRODUCT, _UNARY, _ATOM = 1, 3, 4, 6, 7
_INPUT, _REF, _AT, _SAID = "input", "ref", "at", "said"
# Spreadsheets lose the digits of PV and PMT at rates that are next to nothing. There level payments
# are worth their sum, discounted from the middle of their time.
_NO_RATE = Constant(
    *(10**5, "annuity_tolerance", "share"),
    "rate times periods below which level payments count in the middle of their time",
    inverse=True,
)
_SMALL = f"ABS({{0}})*({{1}}+1)<{_NO_RATE.name}"
_MIDDLE = "(1+{0})^(({1}+1)/(1+1))"
_PATTERNS = {
    "ceil": (_PRODUCT, "ROUNDUP({0}*(1-rounding_tolerance),0)"),
    "floor": (_PRODUCT, "ROUNDDOWN({0}*(1+rounding_tolerance),0)"),
    "PMT": (_PRODUCT, f"IF({_SMALL},{_MIDDLE}/{{1}},PMT({{0}},{{1}},-1))"),
    "PV": (_PRODUCT, f"IF({_SMALL},{{1}}/{_MIDDLE},PV({{0}},{{1}},-1))"),
    "pick": (_SUM, "INDEX(macrs_shares,{0}+1,{1}+1)"),
}
_ORDERS = ("<", "<=", ">", ">=")


def _whole(rounded: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: rounded(float(x)) if math.isfinite(x) else x


# What each operation comes to.
WORK: dict[str, Callable[..., Any]] = {
    **_COMPARISONS,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else math.nan,
    "^": operator.pow,
    "NEG": operator.neg,
    "ABS": abs,
    "MOD": operator.mod,
    "INT": _whole(math.floor),
    "AND": lambda a, b: a and b,
    "OR": lambda a, b: a or b,
    "NOT": operator.not_,
    "IF": lambda c, a, b: a if c else b,
    "MIN": min,
    "MAX": max,
    "ceil": _whole(ceil),
    "floor": _whole(floor),
    "PMT": lambda rate, periods: equivalent_cost_per_period(1, rate, periods),
    "PV": lambda rate, periods: present_value_of_annuity(1, rate, periods),
    "pick": lambda row, column, width, numbers: numbers[int(row * width + column)],
}


class Cell:
    """One operation; see the module.

    `varies` is whether it differs from month to month, `follows` the bits of the inputs varied that
    it is made of.
    """

    __slots__ = ("args", "follows", "graph", "op", "place", "value", "varies")

    def __init__(self, graph: Graph, op: str, args: tuple[Any, ...], value: Any) -> None:
        self.graph, self.op, self.args, self.value = graph, op, args, value
        # A named cell, or a column and a month.
        self.place: str | tuple[str, int] | None = None
        self.varies = op in (_REF, _AT)
        self.follows = 0
        for arg in args:
            if isinstance(arg, Cell):
                self.varies = self.varies or arg.varies
                self.follows |= arg.follows

    def _of(self, op: str, *args: Any) -> Any:
        return self.graph.of(op, *args)

    def __bool__(self) -> bool:
        raise TypeError(f"the model branches on {self.op}: use select")

    __hash__ = object.__hash__

    # The operators; what is the same without an operation is left out.
    def __add__(self, b: Any) -> Any:
        return self if _is(b, 0) else self._of("+", self, b)

    def __radd__(self, a: Any) -> Any:
        return self if _is(a, 0) else self._of("+", a, self)

    def __sub__(self, b: Any) -> Any:
        return self if _is(b, 0) else 0 if b is self else self._of("-", self, b)

    def __rsub__(self, a: Any) -> Any:
        return -self if _is(a, 0) else self._of("-", a, self)

    def __mul__(self, b: Any) -> Any:
        return 0 if _is(b, 0) else self if _is(b, 1) else self._of("*", self, b)

    def __rmul__(self, a: Any) -> Any:
        return 0 if _is(a, 0) else self if _is(a, 1) else self._of("*", a, self)

    def __truediv__(self, b: Any) -> Any:
        return self if _is(b, 1) else self._of("/", self, b)

    def __rtruediv__(self, a: Any) -> Any:
        return 0 if _is(a, 0) else self._of("/", a, self)

    def __pow__(self, b: Any) -> Any:
        return self._of("^", self, b)

    def __rpow__(self, a: Any) -> Any:
        return self._of("^", a, self)

    def __mod__(self, b: Any) -> Any:
        return self._of("MOD", self, b)

    def __rmod__(self, a: Any) -> Any:
        return self._of("MOD", a, self)

    def __floordiv__(self, b: Any) -> Any:
        return self._of("INT", self._of("/", self, b))

    def __neg__(self) -> Any:
        return self.args[0] if self.op == "NEG" else self._of("NEG", self)

    def __abs__(self) -> Any:
        return self._of("ABS", self)

    def __eq__(self, b: Any) -> Any:
        return self._of("=", self, b)

    def __ne__(self, b: Any) -> Any:
        return self._of("<>", self, b)

    def __lt__(self, b: Any) -> Any:
        return self._of("<", self, b)

    def __le__(self, b: Any) -> Any:
        return self._of("<=", self, b)

    def __gt__(self, b: Any) -> Any:
        return self._of(">", self, b)

    def __ge__(self, b: Any) -> Any:
        return self._of(">=", self, b)

    def __and__(self, b: Any) -> Any:
        return self if b is True else False if b is False else self._of("AND", self, b)

    __rand__ = __and__

    def __or__(self, b: Any) -> Any:
        return True if b is True else self if b is False else self._of("OR", self, b)

    __ror__ = __or__

    # What `tco.numeric` asks of a formula.
    def either(self, then: Any, otherwise: Any) -> Any:
        """One of two, by this condition."""
        made: Any
        if same(then, otherwise):
            made = then
        elif then is True:
            made = self if otherwise is False else self | otherwise
        elif otherwise is False:
            made = self & then
        elif then is False:
            made = self._not() & otherwise
        elif otherwise is True:
            made = self._not() | then
        elif self.op in _ORDERS and _pair(self.args, then, otherwise):
            first = same(self.args[0], then)
            made = self._of("MIN" if first == (self.op[0] == "<") else "MAX", then, otherwise)
        else:
            made = self._of("IF", self, then, otherwise)
        return made

    def _not(self) -> Any:
        return self._of("NOT", self)

    def ceil(self) -> Any:
        """Rounded up as the model does."""
        return self._of("ceil", self)

    def floor(self) -> Any:
        """Rounded down as the model does."""
        return self._of("floor", self)

    def payment(self, periods: Any) -> Any:
        """Level payment of one USD at this rate."""
        return self._of("PMT", self, periods)

    def annuity(self, periods: Any) -> Any:
        """Present value of one USD a period at this rate."""
        return self._of("PV", self, periods)

    def pick(self, numbers: Sequence[Any], column: Any, width: int) -> Any:
        """The number in this row and in a column of the published tables."""
        return self._of("pick", self, column, width, tuple(numbers))


def _pair(args: tuple[Any, ...], then: Any, otherwise: Any) -> bool:
    left, right = args
    return (same(left, then) and same(right, otherwise)) or (
        same(left, otherwise) and same(right, then)
    )


def same(a: Any, b: Any) -> bool:
    """Whether two operands are one: the same cell, or equal values of one type."""
    return a is b or (
        not isinstance(a, Cell) and not isinstance(b, Cell) and type(a) is type(b) and bool(a == b)
    )


def worth(x: Any) -> Any:
    """What an operand comes to."""
    return x.value if isinstance(x, Cell) else x


def _held(x: Any) -> Any:
    """The same of what stands in a column, in which an empty cell counts as 0."""
    return 0 if x is None else worth(x)


def _key(x: Any) -> Any:
    """What tells an operand from others: a plain 1 is no True, and a constant has its name."""
    if isinstance(x, Cell):
        return id(x)
    return (type(x), x, x.name) if isinstance(x, Constant) else (type(x), x)


def _is(x: Any, number: int) -> bool:
    return not isinstance(x, (Cell, bool)) and x == number


class Column(NamedTuple):
    """A column of the sheet Months; `item` is the ledger's name where it is an item of it."""

    section: str
    unit: str
    meaning: str
    item: str = ""


class Graph:
    """All cells of a workbook: named ones, and the columns of the sheet Months by month.

    `varied` are the inputs of which cells know whether they follow from them.
    """

    def __init__(self, inputs: Mapping[str, Any], varied: Iterable[str] = ()) -> None:
        self.inputs = inputs
        self._bits = {name: 1 << at for at, name in enumerate(varied)}
        self.month = 0
        self.names: dict[str, Cell] = {}
        self.columns: dict[str, list[Any]] = {}
        # Where the row of month 0 holds what is the same in all months.
        self.start: dict[int, tuple[str, int]] = {}
        self._known: dict[Any, Cell] = {}
        self._refs: dict[tuple[str, int], Cell] = {}

    def of(self, op: str, *args: Any) -> Any:
        """The operation on these operands: the same object for the same ones."""
        key = (op, *[id(a) if isinstance(a, Cell) else _key(a) for a in args])
        made = self._known.get(key)
        if made is None:
            if op in WORK and not any(isinstance(a, Cell) for a in args):
                return WORK[op](*args)
            made = self._known[key] = Cell(self, op, args, self._worth(op, args))
        return made

    def _worth(self, op: str, args: tuple[Any, ...]) -> Any:
        if op == _INPUT:
            return self.inputs[args[0]]
        if op == _AT:
            month = worth(args[1])
            return _held(self.columns[args[0]][int(month)] if month < math.inf else None)
        return WORK[op](*map(worth, args))

    def input(self, name: str) -> Cell:
        """The cell of an input."""
        made: Cell = self.of(_INPUT, name)
        made.place, made.follows = name, self._bits.get(name, 0)
        return made

    def name(self, name: str, cell: Any) -> bool:
        """Give a cell that is the same in all months a name, if it has none; whether it took it."""
        if not isinstance(cell, Cell) or cell.place or cell.varies:
            return False
        if name in self.names:
            raise ValueError(f"two cells are called {name}")
        cell.place = name
        self.names[name] = cell
        return True

    def ref(self, place: tuple[str, int]) -> Cell:
        """A reference to a cell of a column: its name, and the month."""
        made = self._refs.get(place)
        if made is None:
            name, month = place
            held = self.columns[name][month]
            made = self._refs[place] = Cell(self, _REF, place, _held(held))
            made.place, made.follows = place, held.follows if isinstance(held, Cell) else 0
        return made

    def put(self, name: str, value: Any) -> Any:
        """Write a value into a column in the row of the month; a reference to it.

        A column begins with the first month that has a value; above it there is None.
        """
        column = self.columns.setdefault(name, [])
        column += [None] * (self.month - len(column)) + [value]
        made = self.ref((name, self.month))
        if isinstance(value, Cell) and value.varies:
            value.place = value.place or made.place
        elif isinstance(value, Cell) and not self.month:
            self.start.setdefault(id(value), (name, 0))
        return made

    def said(self, formula: str, value: Any) -> Any:
        """A formula that is written elsewhere, and what it comes to."""
        return Cell(self, _SAID, (formula,), value)

    def at_month(self, name: str, month: Any) -> Any:
        """What a column holds in some month."""
        return self.of(_AT, name, month)


class Writer:
    """Formulas of the cells of a graph, as one sheet has them.

    In a row of the sheet Months (`month` says which one its formulas were made for) a column is a
    cell of the row, or above it: `ROW` and `ABOVE` stand for their numbers. Elsewhere it is what
    the column holds at the horizon.
    """

    ROW, ABOVE = "\0", "\1"

    def __init__(
        self, letters: Mapping[str, str], rows: tuple[int, int], month: int | None = None
    ) -> None:
        self.letters, self.rows, self.month = letters, rows, month
        self.order = {name: at for at, name in enumerate(letters)}

    def formula(self, cell: Any, place: Any) -> str:
        """What stands in a place, with its equals sign."""
        own = isinstance(cell, Cell) and self._stands(cell) == place
        own = own and not (isinstance(place, tuple) and isinstance(cell.place, str))
        if not own and isinstance(cell, Cell) and isinstance(cell.place, str):
            return f"={cell.place}"
        return "=" + (self._written(cell, 0, {}) if own else self.text(cell))

    def text(self, x: Any, least: int = 0, known: Mapping[int, bool] | None = None) -> str:
        """An operand; in parentheses if it binds less than `least`."""
        if not isinstance(x, Cell):
            text = self._literal(x)
            return f"({text})" if ("/" in text or text[0] == "-") and least > _SUM else text
        place = self._stands(x)
        return self._place(place) if place else self._written(x, least, known or {})

    def _stands(self, cell: Cell) -> str | tuple[str, int] | None:
        """Where a cell stands, as seen from here."""
        if self.month == 0 and id(cell) in cell.graph.start:
            return cell.graph.start[id(cell)]
        return cell.place

    def column(self, name: str) -> str:
        """All cells of a column, from month 0 on."""
        letter, (first, last) = self.letters[name], self.rows
        sheet = "" if self.month is not None else "Months!"
        return f"{sheet}${letter}${first}:${letter}${last}"

    def _place(self, place: str | tuple[str, int] | None) -> str:
        if isinstance(place, str) or place is None:
            return place or ""
        name, month = place
        if self.month is None and month == self.rows[1] - self.rows[0]:
            return f"INDEX({self.column(name)},last_month+1)"
        if self.month is None:
            return f"Months!${self.letters[name]}${self.rows[0] + month}"
        if month not in (self.month, self.month - 1):
            raise ValueError(f"{name} of month {month} in a formula of month {self.month}")
        return f"{self.letters[name]}{self.ROW if month == self.month else self.ABOVE}"

    def _literal(self, x: Any) -> str:
        if isinstance(x, Constant):
            written = x.name
        elif isinstance(x, bool):
            written = str(x).upper()
        elif isinstance(x, str):
            quoted = x.replace('"', '""')
            written = f'"{quoted}"'
        elif x == math.inf:
            written = '""'
        elif x in LITERALS or -x in LITERALS:
            written = f"{x:g}"
        elif x * 12 in LITERALS:
            written = f"{x * 12:g}/12"
        else:
            raise ValueError(f"{x!r} stands in a formula: give it a named cell")
        return written

    def _written(self, cell: Cell, least: int, known: Mapping[int, bool]) -> str:
        op, args = cell.op, cell.args
        if op == "+":
            terms = self._sum(sorted(_terms(cell), key=self._position), known)
            written = "+".join(terms).replace("+-", "-")
            written = f"({written})" if len(terms) > 1 and least > _SUM else written
        elif op in _BINDS:
            written = self._operation(cell, least, known)
        elif op == "NEG":
            written = f"-{self.text(args[0], _ATOM, known)}"
            written = written if least <= _PRODUCT else f"({written})"
        elif op == "IF":
            written = self._choice(cell, least, known)
        elif op in ("AND", "OR"):
            written = f"{op}({','.join(self.text(x, 0, known) for x in _flat(cell, op))})"
        elif op == _SAID:
            written = args[0]
        elif op == _AT:
            written = f"INDEX({self.column(args[0])},{self.text(args[1], _SUM, known)}+1)"
        elif op in _PATTERNS:
            binds, pattern = _PATTERNS[op]
            operands = args[: 1 + ("{1}" in pattern)]
            written = pattern.format(*(self.text(x, binds, known) for x in operands))
        else:
            written = f"{op}({','.join(self.text(x, 0, known) for x in args)})"
        return written

    def _operation(self, cell: Cell, least: int, known: Mapping[int, bool]) -> str:
        op, (a, b) = cell.op, cell.args
        binds = _BINDS[op]
        if op == "*" and isinstance(b, Constant) and b.inverse:
            op = "/"
        strict = op in "-/^" or binds == _COMPARISON
        left, right = self.text(a, binds + (op == "^"), known), self.text(b, binds + strict, known)
        written = f"{left}{op}({right})" if right[0] == "-" else f"{left}{op}{right}"
        return written if binds >= least else f"({written})"

    def _choice(self, cell: Cell, least: int, known: Mapping[int, bool]) -> str:
        """An IF; without it where its condition is known from one around it."""
        condition, then, otherwise = cell.args
        if id(condition) in known:
            return self.text(then if known[id(condition)] else otherwise, least, known)
        parts = (
            self.text(condition, 0, known),
            self.text(then, 0, {**known, id(condition): True}),
            self.text(otherwise, 0, {**known, id(condition): False}),
        )
        return f"IF({','.join(parts)})"

    def _sum(self, terms: list[Any], known: Mapping[int, bool]) -> list[str]:
        """The terms as they are written; those that stand side by side in a row as one SUM."""
        written: list[str] = []
        at = 0
        while at < len(terms):
            sized = _sized(terms[at])
            end = at + 1
            while end < len(terms) and self._beside(terms[end - 1], terms[end], sized):
                end += 1
            if end - at > 2:
                first, last = (_bare(terms[i]) for i in (at, end - 1))
                cells = f"{self._place(self._stands(first))}:{self._place(self._stands(last))}"
                written.append(f"SUMPRODUCT(ABS({cells}))" if sized else f"SUM({cells})")
            else:
                end = at + 1
                written.append(self.text(terms[at], _SUM, known))
            at = end
        return written

    def _position(self, x: Any) -> int:
        """Where a term stands in the row of the month; others come first."""
        place = self._stands(_bare(x)) if isinstance(x, Cell) else None
        if isinstance(place, tuple) and place[1] == self.month:
            return self.order[place[0]]
        return -1

    def _beside(self, left: Any, right: Any, sized: bool) -> bool:
        if self.month is None or _sized(left) != sized or _sized(right) != sized:
            return False
        one, other = _bare(left), _bare(right)
        if not (isinstance(one, Cell) and isinstance(other, Cell)):
            return False
        here, there = self._stands(one), self._stands(other)
        if not (isinstance(here, tuple) and isinstance(there, tuple)) or here[1] != there[1]:
            return False
        return self.order[there[0]] == self.order[here[0]] + 1


def _sized(x: Any) -> bool:
    return isinstance(x, Cell) and x.op == "ABS" and not x.place


def _bare(x: Any) -> Any:
    return x.args[0] if _sized(x) else x


def _terms(cell: Any) -> Iterator[Any]:
    left, right = cell.args
    if isinstance(left, Cell) and left.op == "+" and not left.place:
        yield from _terms(left)
    else:
        yield left
    yield right


def _flat(cell: Cell, op: str) -> Iterator[Any]:
    for arg in cell.args:
        if isinstance(arg, Cell) and arg.op == op and not arg.place:
            yield from _flat(arg, op)
        else:
            yield arg
