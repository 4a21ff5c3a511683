"""What is left of the model's cells once a few inputs vary and all others are fixed.

The cells are those of the workbook (`tco.report.workbook.formulas`), of the start and the first
three months: from the third on every month repeats the formulas of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from tco.numeric import Constant
from tco.report.workbook.cells import WORK, Cell, Graph

# The month from which on the formulas of a column repeat.
MONTHS = 3
# Where something is worked out that follows from the last month.
AFTER = -1
# An input; what a column holds in the month, in the one before, and at the start.
INPUT, NOW, ABOVE, START = "input", "now", "above", "start"
LEAVES = (INPUT, NOW, ABOVE, START)


class Node:
    """An operation that stays to be worked out; of the same operands there is one."""

    __slots__ = ("args", "op")

    def __init__(self, op: str, args: tuple[Any, ...]) -> None:
        self.op, self.args = op, args

    @property
    def is_leaf(self) -> bool:
        """Whether it is no operation: an input or what a column holds, by its name."""
        return self.op in LEAVES


# What is known (a number, a truth, a word), or what is worked out later.
Part: TypeAlias = "float | bool | str | Node"


class NotWritten(ValueError):
    """A model that cannot be written so: it needs what only a workbook has."""


class Section(NamedTuple):
    """What each column holds at the start, or in the first, the second or any later month."""

    month: int
    columns: dict[str, Part]


class Parts:
    """Columns and results of a graph as parts, with the inputs `varied` as they are.

    `results` are cells by name, `followed` columns that are told month by month. `sections` are the
    start and the months 1 to MONTHS, `last` is the last month.
    """

    def __init__(
        self,
        graph: Graph,
        varied: Iterable[str],
        results: Mapping[str, Any],
        followed: Iterable[str] = (),
    ) -> None:
        self.graph, self.varied, self.followed = graph, tuple(varied), tuple(followed)
        self.columns = self._needed([*results.values(), graph.names["last_month"]])
        self._known: dict[tuple[int, int], Part] = {}
        self._nodes: dict[Any, Node] = {}
        self._same = dict(self._guessed())
        self._keep_what_stays()
        self.sections = [
            Section(month, {name: self._column(name, month) for name in self.columns})
            for month in range(MONTHS + 1)
        ]
        self.results = {name: self._part(cell, AFTER) for name, cell in results.items()}
        self.last = self._part(graph.names["last_month"], AFTER)

    def _needed(self, waiting: list[Any]) -> list[str]:
        """The columns that some cells follow from, and those that are followed, in their order."""
        found, seen = set(self.followed), set[int]()
        for name in self.followed:
            waiting += [self._target(name, month) for month in range(MONTHS + 1)]
        while waiting:
            x = waiting.pop()
            if not isinstance(x, Cell) or id(x) in seen:
                continue
            seen.add(id(x))
            placed = {x.place[0]} if isinstance(x.place, tuple) else set()
            if x.op in ("ref", "at"):
                placed.add(x.args[0])
            for name in placed - found:
                found.add(name)
                waiting += [self._target(name, month) for month in range(MONTHS + 1)]
            waiting += x.args
        return [name for name in self.graph.columns if name in found]

    # -- Columns that are one known number in all months

    def _guessed(self) -> Iterator[tuple[str, Part]]:
        """Those that are so in the first months."""
        found: dict[int, Any] = {}

        def known(x: Any) -> Any:
            if not isinstance(x, Cell):
                return _plain(x)
            if id(x) not in found:
                found[id(x)] = worked(x)
            return found[id(x)]

        def worked(x: Cell) -> Any:
            if x.op == "input":
                return self._input(x.args[0])
            if x.op == "ref":
                return known(self._target(*x.args))
            if x.op in ("at", "said"):
                return Node(x.op, ())
            return self._made(x.op, [known(arg) for arg in x.args])

        for name in self.columns:
            first, *others = (known(self._target(name, month)) for month in range(1, MONTHS + 1))
            if all(_alike(value, first) for value in others):
                yield name, first

    def _keep_what_stays(self) -> None:
        """Leave those that are so in any month, if they and the fixed inputs are all that is known.

        The number of the month, say, is known in the first months, but in no later one.
        """
        lost: list[str] | None = None
        while lost is None or lost:
            self._known.clear()
            lost = [
                name
                for name, value in self._same.items()
                for month in range(1, MONTHS + 1)
                if not _alike(self._part(self._target(name, month), month, at_place=True), value)
            ]
            for name in lost:
                self._same.pop(name, None)

    # -- Cells as parts

    def _target(self, name: str, month: int) -> Any:
        column = self.graph.columns[name]
        target = column[month] if month < len(column) else None
        return 0 if target is None else target  # as an empty cell counts

    def _column(self, name: str, month: int) -> Part:
        if month and name in self._same:
            return self._same[name]
        return self._part(self._target(name, month), month, at_place=True)

    def _part(self, x: Any, month: int, at_place: bool = False) -> Part:
        """An operand, as seen from a month; `at_place`: what its own place holds."""
        if not isinstance(x, Cell):
            known: Part = _plain(x)
            return known
        if isinstance(x.place, tuple) and not at_place and x.op != "ref":
            name, at = x.place
            return self._reference(name, at, month)
        key = (id(x), month)
        if key not in self._known:
            self._known[key] = self._worked(x, month)
        return self._known[key]

    def _worked(self, x: Cell, month: int) -> Part:
        if x.op == "input":
            return self._input(x.args[0])
        if x.op == "ref":
            name, at = x.args
            return self._reference(name, at, month)
        if x.op == "at":
            name, at = x.args
            if not (isinstance(at, Cell) and at.place == "last_month"):
                raise NotWritten(f"{name} in a month that is found by the results")
            return self._same.get(name, self._leaf(NOW, name))
        if x.op == "said":
            raise NotWritten("a formula that the workbook alone has")
        return self._made(x.op, [self._part(arg, month) for arg in x.args])

    def _input(self, name: str) -> Part:
        if name in self.varied:
            return self._leaf(INPUT, name)
        value: Part = _plain(self.graph.inputs[name])
        return value

    def _reference(self, name: str, at: int, month: int) -> Part:
        """What a column holds in a month, as seen from another."""
        if at and name in self._same:
            return self._same[name]
        if at == month or (month == AFTER and at == MONTHS):
            return self._leaf(NOW, name)
        if at == 0:
            first = self._column(name, 0)
            where = ABOVE if month == 1 else START
            return self._leaf(where, name) if isinstance(first, Node) else first
        if at == month - 1:
            return self._leaf(ABOVE, name)
        raise NotWritten(f"{name} of month {at} in month {month}")

    def _leaf(self, op: str, name: str) -> Node:
        return self._nodes.setdefault((op, name), Node(op, (name,)))

    def _made(self, op: str, args: list[Any]) -> Part:
        """An operation, or what it comes to."""
        simple = _simple(op, args)
        if simple is not None:
            found: Part = simple
            return found
        key = (op, *(id(arg) if isinstance(arg, Node) else (type(arg), arg) for arg in args))
        return self._nodes.setdefault(key, Node(op, tuple(args)))


def _plain(x: Any) -> Any:
    return int(x) if isinstance(x, Constant) else x


def _alike(a: Any, b: Any) -> bool:
    """Whether both are known, and the same."""
    are_known = not isinstance(a, Node) and not isinstance(b, Node)
    return are_known and isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _is(x: Any, number: int) -> bool:
    return not isinstance(x, (Node, bool, str)) and x == number


def _simple(op: str, args: list[Any]) -> Any:
    """What an operation comes to without being one; None where it has to stay."""
    if op in WORK and not any(isinstance(arg, Node) for arg in args):
        return WORK[op](*args)
    a, b = args[0], args[1] if len(args) > 1 else None
    found: Any = None
    if op == "+":
        found = b if _is(a, 0) else a if _is(b, 0) else None
    elif op == "-":
        found = a if _is(b, 0) else 0 if a is b else None
    elif op == "*":
        found = 0 if _is(a, 0) or _is(b, 0) else b if _is(a, 1) else a if _is(b, 1) else None
    elif op == "/":
        found = 0 if _is(a, 0) else a if _is(b, 1) else None
    elif op == "^":
        found = 1 if _is(a, 1) or _is(b, 0) else a if _is(b, 1) else None
    elif op == "IF":
        found = _chosen(*args)
    elif op in ("AND", "OR"):
        # The truth that decides; the other one says nothing.
        decides = op == "OR"
        other = a if isinstance(b, bool) else b
        truths = [arg for arg in (a, b) if isinstance(arg, bool)]
        found = decides if decides in truths else other if truths else None
    return found


def _chosen(condition: Any, then: Any, otherwise: Any) -> Any:
    if not isinstance(condition, Node):
        return then if condition else otherwise
    return then if then is otherwise or _alike(then, otherwise) else None
