"""The model as a function in JavaScript: the cells of the workbook, with the months as a loop."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from string import ascii_letters
from typing import Any

from tco.report.sheet.parts import ABOVE, INPUT, NOW, START, Node, NotWritten, Part, Parts

# How tightly the operators bind, and how those are written that have another sign.
_BINDS = {
    "OR": 3,
    "AND": 4,
    **dict.fromkeys(("=", "<>"), 8),
    **dict.fromkeys(("<", "<=", ">", ">="), 9),
    **dict.fromkeys("+-", 11),
    **dict.fromkeys("*/", 12),
}
_SIGNS = {"OR": "||", "AND": "&&", "=": "===", "<>": "!=="}
_CHOICE, _SUM, _PRODUCT, _UNARY, _ATOM = 2, 11, 12, 14, 20
# Functions of JavaScript, and of model.js.
_CALLS = {
    "ABS": "Math.abs",
    "INT": "Math.floor",
    "MIN": "Math.min",
    "MAX": "Math.max",
    "^": "Math.pow",
    "MOD": "modulo",
    "ceil": "ceil",
    "floor": "floor",
    "PMT": "payment",
    "PV": "annuity",
}
# Words of JavaScript that are no names.
_TAKEN = frozenset({"as", "do", "for", "if", "in", "let", "new", "of", "try", "var"})
_EXACT = 10**15


def function_of(parts: Parts, name: str = "model") -> str:
    """`function model([inputs], follow) { … }`, which gives an object of the results.

    `name` is what it is called. The inputs stand in the order of `parts.varied`. It calls the
    functions of `model.js` and, at the start and after each month, `follow` with the columns of
    `parts.followed`, where that is given. NotWritten for what has no JavaScript.
    """
    return _Text(parts).written(name)


class _Text:
    """The lines of the function: what all months share, the start, the loop, the results."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.names: dict[Any, str] = {}
        self._free = _short_names()
        self.lines: list[str] = []
        # Operations that have a name where the text has come to.
        self.made: dict[int, str] = {}
        self._fixed: dict[int, bool] = {}
        self.live = self._needed()
        # The roots of each section (the last are the results), and how often each operation of it
        # is an operand.
        live = [name for name in parts.sections[0].columns if name in self.live]
        self.roots = [
            *([section.columns[name] for name in live] for section in parts.sections),
            [*parts.results.values(), parts.last],
        ]
        self.uses = [Counter(_operands(roots)) for roots in self.roots]
        self.uses_in_all = sum(self.uses, Counter[int]())

    def _needed(self) -> set[str]:
        """The columns that the results follow from, and those that are followed."""
        found = set(self.parts.followed)
        waiting: list[Any] = [*self.parts.results.values(), self.parts.last]
        waiting += [one.columns[name] for name in found for one in self.parts.sections]
        while waiting:
            for node in _nodes([waiting.pop()]):
                if node.op in (NOW, ABOVE, START) and node.args[0] not in found:
                    found.add(node.args[0])
                    waiting += [section.columns[node.args[0]] for section in self.parts.sections]
        return found

    def written(self, called: str) -> str:
        """The whole function."""
        inputs = ",".join(self._name(INPUT, name) for name in self.parts.varied)
        for roots in self.roots:
            for root in roots:
                self._fix(root)
        fixed = self._taken()
        leaves = {(node.op, node.args[0]) for roots in self.roots for node in _nodes(roots)}
        live = [name for name in self.parts.sections[0].columns if name in self.live]
        start = self._section(0)
        start += [self._copied(START, name) for name in live if (START, name) in leaves]
        first, second, other = (self._section(month) for month in (1, 2, 3))
        above = [self._copied(ABOVE, name) for name in live if (ABOVE, name) in leaves]
        results = self._results()
        told = ",".join(self._name(NOW, name) for name in self.parts.followed)
        follow = [f"follow?.({told});"] if told else []
        variables = [name for key, name in self.names.items() if key[0] in (NOW, ABOVE, START)]
        loop = [
            f"for(let month=1;month<={self._text(self.parts.last)};month++){{",
            *above,
            *("if(month===1){", *first, "}else if(month===2){", *second, "}else{", *other, "}"),
            *(*follow, "}"),
        ]
        head = [f"function {called}([{inputs}]{',follow' if told else ''}){{"]
        head += [f"let {','.join(variables)};"] if live else []
        return "\n".join([*head, *fixed, *start, *follow, *loop, *results, "}"])

    # -- Sections

    def _section(self, at: int) -> list[str]:
        """Every column at the start or in a month, each after those that it needs."""
        self.made, done = {}, set[str]()
        for name in self.parts.sections[at].columns:
            if name in self.live:
                self._assign(name, at, done)
        return self._taken()

    def _assign(self, name: str, at: int, done: set[str]) -> None:
        if name in done:
            return
        done.add(name)
        part = self.parts.sections[at].columns[name]
        self._prepare(part, at, done)
        self.lines.append(f"{self._name(NOW, name)}={self._text(part)};")

    def _prepare(self, part: Part, at: int, done: set[str]) -> None:
        """First the columns that it needs, and what is an operand several times."""
        if not isinstance(part, Node) or id(part) in self.made or self._has_name(part):
            return
        if part.op == NOW and at < len(self.parts.sections):
            self._assign(part.args[0], at, done)
        if part.is_leaf:
            return
        for arg in part.args:
            self._prepare(arg, at, done)
        if self.uses[at][id(part)] > 1:
            text, name = self._text(part), self._name("made", (at, id(part)))
            self.lines.append(f"const {name}={text};")
            self.made[id(part)] = name

    def _results(self) -> list[str]:
        self.made, at = {}, len(self.roots) - 1
        for part in self.parts.results.values():
            self._prepare(part, at, set())
        told = ",".join(f"{name}:{self._text(x)}" for name, x in self.parts.results.items())
        return [*self._taken(), f"return{{{told}}};"]

    def _fix(self, part: Part) -> None:
        """Work out before the months what is the same in all of them."""
        if not isinstance(part, Node) or part.is_leaf or self._has_name(part):
            return
        if not self._is_fixed(part):
            for arg in part.args:
                self._fix(arg)
            return
        for arg in part.args:
            if isinstance(arg, Node) and self.uses_in_all[id(arg)] > 1:
                self._fix(arg)
        text = self._text(part)
        self.lines.append(f"const {self._name('fixed', id(part))}={text};")

    def _is_fixed(self, part: Any) -> bool:
        if not isinstance(part, Node) or part.is_leaf:
            return not isinstance(part, Node) or part.op == INPUT
        if id(part) not in self._fixed:
            self._fixed[id(part)] = all(map(self._is_fixed, part.args))
        return self._fixed[id(part)]

    # -- Names and lines

    def _name(self, kind: str, what: Any) -> str:
        if (kind, what) not in self.names:
            self.names[kind, what] = next(self._free)
        return self.names[kind, what]

    def _has_name(self, part: Node) -> bool:
        return ("fixed", id(part)) in self.names

    def _copied(self, kind: str, column: str) -> str:
        return f"{self._name(kind, column)}={self._name(NOW, column)};"

    def _taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines

    # -- Operations

    def _text(self, part: Part, least: int = 0) -> str:
        """An operand, in parentheses if it binds less than `least`."""
        if not isinstance(part, Node):
            return _literal(part, least)
        if part.is_leaf:
            return self._name(part.op, part.args[0])
        if name := self.names.get(("fixed", id(part))) or self.made.get(id(part)):
            return name
        binds, text = self._operation(part.op, part.args)
        return text if binds >= least else f"({text})"

    def _operation(self, op: str, args: tuple[Any, ...]) -> tuple[int, str]:
        """How tightly an operation binds, and its text."""
        if op in _BINDS:
            binds, is_strict = _BINDS[op], op not in ("AND", "OR")
            left, right = self._text(args[0], binds), self._text(args[1], binds + is_strict)
            gap = " " if op == right[0] == "-" else ""
            return binds, f"{left}{_SIGNS.get(op, op)}{gap}{right}"
        if op in ("NEG", "NOT"):
            return _UNARY, f"{'-' if op == 'NEG' else '!'}{self._text(args[0], _UNARY + 1)}"
        if op == "IF":
            condition, then, otherwise = args
            chosen = f"{self._text(then, _CHOICE)}:{self._text(otherwise, _CHOICE)}"
            return _CHOICE, f"{self._text(condition, _CHOICE + 1)}?{chosen}"
        if op == "pick":
            row, column, width, numbers = args
            at = f"{self._text(row, _PRODUCT)}*{width}+{self._text(column, _SUM)}"
            return _ATOM, f"[{','.join(_literal(x, 0) for x in numbers)}][{at}]"
        if op not in _CALLS:
            raise NotWritten(f"the operation {op}")
        return _ATOM, f"{_CALLS[op]}({','.join(self._text(arg) for arg in args)})"


def _nodes(roots: Iterable[Any]) -> Iterator[Node]:
    """All operations and leaves of some parts, each once."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        part = waiting.pop()
        if isinstance(part, Node) and id(part) not in seen:
            seen.add(id(part))
            yield part
            if not part.is_leaf:
                waiting += part.args


def _operands(roots: list[Part]) -> Iterator[int]:
    """The operations of some parts, as often as each is an operand or a root."""
    for part in (*roots, *(arg for node in _nodes(roots) if not node.is_leaf for arg in node.args)):
        if isinstance(part, Node) and not part.is_leaf:
            yield id(part)


def _literal(value: Any, least: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        text = "Infinity" if value > 0 else "-Infinity"
    elif float(value).is_integer() and abs(value) < _EXACT:
        text = str(int(value))
    else:
        text = repr(float(value))
    return f"({text})" if text[0] == "-" and least > _SUM else text


def _short_names() -> Iterator[str]:
    """Names of one letter, of two and so on, without the words of JavaScript."""
    known = [""]
    while True:
        known = [name + letter for name in known for letter in ascii_letters]
        yield from (name for name in known if name not in _TAKEN)
