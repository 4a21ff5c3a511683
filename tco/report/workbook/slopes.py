"""How much a cell changes with another: the rules of differentiation, on cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.report.workbook.cells import Cell, Column

if TYPE_CHECKING:
    from tco.report.workbook.formulas import Formulas


class NotLinear(ValueError):
    """A cell does not change evenly with an input."""


class Slope:
    """How much a cell changes with a variable: what is linear has the same slope everywhere.

    Where it bends, as the smaller of two does, it is taken not to change: `kinks` are these cells.
    """

    def __init__(self, formulas: Formulas, variable: Cell, short: str) -> None:
        self.formulas, self.graph = formulas, formulas.graph
        self.variable, self.short = variable, short
        self.known: dict[int, Any] = {id(variable): 1}
        self.kinks: list[Cell] = []

    @property
    def name(self) -> str:
        """What the variable is called."""
        return str(self.variable.place)

    def through(self, total: Cell) -> Any:
        """The slope of what the months leave, with a column for that of each month."""
        for month in range(1, self.formulas.months + 1):
            for column in ("own_exit_usd", "rent_exit_usd"):
                self.of(self.graph.ref((column, month)))
        slope = self.of(total)
        self.graph.month = self.formulas.months
        return slope

    def of(self, x: Any) -> Any:
        """The slope, as cells; 0 for what does not change."""
        follows = self.variable.follows
        if not isinstance(x, Cell) or x.follows & follows != follows:
            return 0
        slope = self.known.get(id(x))
        if slope is None:
            slope = self.known[id(x)] = self._of(x)
        return slope

    def _of(self, x: Cell) -> Any:
        if isinstance(x.place, tuple):
            column, month = x.place
            target = self.graph.columns[column][month]
            slope = self._rule(target) if target is x else self._of_target(target)
            return self._placed(column, month, slope)
        slope = self._rule(x)
        if isinstance(x.place, str) and x.op != "input":
            unit, meaning = self.formulas.names[x.place]
            words = f"by how much {x.place} changes with {self.name}: {meaning}"
            self.formulas.name(f"{x.place}_per_{self.short}", slope, unit, words)
        return slope

    def _of_target(self, target: Any) -> Any:
        if isinstance(target, Cell) and target.op != "ref" and isinstance(target.place, tuple):
            return self._rule(target) if id(target) not in self.known else self.known[id(target)]
        return self.of(target)

    def _placed(self, column: str, month: int, slope: Any) -> Any:
        if not isinstance(slope, Cell) or slope.place:
            return slope
        name, old = f"{column}_per_{self.short}", self.formulas.columns[column]
        words = f"by how much {column} changes with {self.name}"
        if not slope.varies:
            name += f"_{month}" if month else ""
            self.formulas.name(name, slope, old.unit, words)
            return slope
        self.formulas.columns[name] = Column("slopes", old.unit, words)
        self.graph.month = month
        return self.graph.put(name, slope)

    def _rule(self, x: Any) -> Any:
        if not isinstance(x, Cell) or x.op == "input":
            return 0
        op, args = x.op, x.args
        slopes = [self.of(y) for y in (args[1:] if op == "IF" else args)]
        for slope in slopes:
            if isinstance(slope, Cell) or slope:
                break
        else:
            return 0
        if op in ("MIN", "MAX"):
            self.kinks.append(x)
            return 0
        made = self._made(op, args, slopes)
        if made is None:
            raise NotLinear(f"{op} changes unevenly with {self.name}")
        return made

    def _made(self, op: str, args: tuple[Any, ...], slopes: list[Any]) -> Any:
        made: Any = None
        if op in ("+", "-"):
            made = slopes[0] + slopes[1] if op == "+" else slopes[0] - slopes[1]
        elif op == "NEG":
            made = -slopes[0]
        elif op == "*" and is_nothing(slopes[1]):
            made = slopes[0] * args[1]
        elif op == "*" and is_nothing(slopes[0]):
            made = args[0] * slopes[1]
        elif op == "/" and is_nothing(slopes[1]):
            made = slopes[0] / args[1]
        elif op == "IF" and is_nothing(self.of(args[0])):
            made = args[0].either(*slopes)
        return made


def is_nothing(slope: Any) -> bool:
    """Whether a slope is 0 whatever the inputs are."""
    return not isinstance(slope, Cell) and slope == 0
