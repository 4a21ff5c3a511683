"""Where the saving bends in an input, and the value of that input at which it is 0.

A cap on a bill, or on a line of the user's own, is reached at some value of the input, and beyond
it the saving changes by another slope: it is a line, and for each bend a weight more of the slope
below it. So what it is anywhere, and where it is 0, follows from the bends and their weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.inputs import INPUTS
from tco.inputs.lines import Line
from tco.model.items import EXIT, OWN
from tco.model.lines import is_income
from tco.model.results import is_flat
from tco.numeric import larger, select, smaller
from tco.report.workbook.cells import Cell, Column, worth
from tco.report.workbook.slopes import Slope, is_nothing

if TYPE_CHECKING:
    from tco.report.workbook.formulas import Formulas

# Cells, or a column of the sheet Months and a month.
Place = Any


_COLUMNS = {
    "rise": ("USD", "by how much {1} until the month before grows with {0}"),
    "bend": ("", "{0} at which {1} ends in the month before"),
    "weight": ("USD", "how much steeper the saving is below that"),
    "more": ("USD", "how much steeper it is everywhere"),
}


class Bend(NamedTuple):
    """A value of the input, and how much steeper the saving is below it; `more` is everywhere."""

    words: str
    where: Place
    weight: Place
    more: Place = 0


class Row(NamedTuple):
    """A bend with what it is for: all that the sheet shows of it."""

    words: str
    where: Place
    weight: Place
    more: Place
    saving: float
    below: float
    slope: float
    root: float | None
    distance: float | None


@dataclass(frozen=True)
class Bends:
    """The bends of an input, the last of which is the end of its domain, and what follows."""

    formulas: Formulas
    variable: Cell
    short: str
    saving: Cell
    gross: Cell
    rise: Any
    listed: list[Bend]

    def worth(self, place: Place) -> float:
        """What a cell, or a place on the sheet Months, comes to."""
        if isinstance(place, tuple):
            column, month = place
            return float(worth(self.formulas.graph.columns[column][month]))
        return float(worth(place))

    @cached_property
    def rows(self) -> list[Row]:
        """All bends, worked out."""
        found = [(self.worth(bend.where), self.worth(bend.weight)) for bend in self.listed]
        rise = worth(self.rise) + sum(self.worth(bend.more) for bend in self.listed)
        now, saving = self.variable.value, self.saving.value
        rows = []
        for bend, (x, _) in zip(self.listed, found, strict=True):
            apart = sum(w * ((x - b) * (x < b) - (now - b) * (now < b)) for b, w in found)
            there = saving + rise * (x - now) + apart
            below = max((b for b, _ in found if b < x), default=0)
            slope = rise + sum(w for b, w in found if b >= x)
            root = x - there / slope if self.is_steep(slope) else None
            root = None if root is None or not below <= root <= x else root
            distance = None if root is None else abs(root - now)
            rows.append(Row(*bend, there, below, slope, root, distance))
        return rows

    def is_steep(self, slope: float) -> bool:
        """Whether a slope is one."""
        return bool(slope) and not is_flat(abs(slope), self.gross.value)

    @cached_property
    def bent(self) -> int:
        """How many bends lie inside the domain."""
        high = self.rows[-1].where.value
        return sum(0 < self.worth(row.where) < high for row in self.rows)

    @cached_property
    def nearest(self) -> Row | None:
        """The bend below which the nearest root lies."""
        found = [row for row in self.rows if row.root is not None]
        return min(found, key=lambda row: row.distance or 0) if found else None

    @cached_property
    def straight(self) -> Any:
        """The root where nothing bends, inside the domain or not."""
        slope = self.rows[-1].slope
        return self.variable.value - self.saving.value / slope if self.is_steep(slope) else None

    @property
    def root(self) -> float:
        """The value of the input at which the saving is 0; `inf` for none."""
        found: Any = self.straight
        if self.bent:
            found = None if self.nearest is None else self.nearest.root
        return math.inf if found is None else float(found)

    @property
    def root_formula(self) -> str:
        """The same as a formula."""
        picked = f"INDEX({self.short}_roots,{self._nearest})"
        picked = f'IF(COUNT({self.short}_distances)=0,"",{picked})'
        return f"IF({self.short}_bent=0,{self.short}_straight,{picked})"

    @property
    def slope(self) -> float:
        """How much the saving changes with the input there."""
        row = self.nearest if self.bent and self.nearest else self.rows[-1]
        return row.slope

    @property
    def slope_formula(self) -> str:
        """The same as a formula."""
        slopes = f"{self.short}_slopes"
        straight = f"OR({self.short}_bent=0,COUNT({self.short}_distances)=0)"
        return f"IF({straight},INDEX({slopes},ROWS({slopes})),INDEX({slopes},{self._nearest}))"

    @property
    def _nearest(self) -> str:
        distances = f"{self.short}_distances"
        return f"MATCH(MIN({distances}),{distances},0)"


class _Way(NamedTuple):
    """How something follows an input: by a slope in what follows it by a factor up to a limit."""

    slope: Slope
    factor: Any
    limit: Any
    now: Any


def bends_of(formulas: Formulas, slope: Slope, slopes: dict[int, Slope], saving: Any) -> list[Bend]:
    """The bends of a slope's variable, in whatever order; `slopes` are those in what bends."""
    graph = formulas.graph
    x: Any = slope.variable
    high, unit = graph.input(f"{slope.name}_highest"), INPUTS[slope.name].unit
    found: list[Bend] = []
    limit: Any = high
    through: list[_Way] = [_Way(slope, 1, limit, x)]
    for kink in {id(kink): kink for kink in slope.kinks if not kink.varies}.values():
        short = str(kink.place).removesuffix("_usd")
        if id(kink) not in slopes:
            slopes[id(kink)] = Slope(formulas, kink, short)
        inner = slopes[id(kink)]
        rise, (reached, cap) = inner.through(saving), kink.args
        words = f"change of the saving per dollar of {kink.place}"
        formulas.sums[f"saving_per_{short}_usd"] = (rise, "USD", words)
        grows = slope.of(reached)
        weight = rise * grows
        words = f"{INPUTS[slope.name].phrase} at which {kink.place} reaches its cap"
        at = _reached(x, reached, cap, grows, high, grows == 0)
        formulas.name(f"{slope.short}_cap_of_{short}", at, unit, words)
        where = select(cap == 0, 0, _inside(at, high))
        words += ", inside the domain"
        formulas.name(f"{slope.short}_bend_of_{short}", where, unit, words)
        found.append(Bend(words, select(weight == 0, limit, where), weight))
        now = smaller(x, where)
        words = f"{INPUTS[slope.name].phrase}, at most that at which {kink.place} reaches its cap"
        formulas.name(f"{slope.short}_by_{short}", now, unit, words)
        through.append(_Way(inner, grows, where, now))
    for line in formulas.lines_on_cells:
        if line.cap_usd is not None and line.when in (EXIT, "monthly"):
            found += _bends_of_line(formulas, line, slope, through)
    return (
        [*found, Bend(f"end of the domain of the {INPUTS[slope.name].phrase}", high, 0)]
        if found
        else []
    )


def _reached(now: Any, reached: Any, cap: Any, grows: Any, limit: Any, never: Any) -> Any:
    """The value at which something reaches its cap, `limit` if never; it is `reached` now."""
    return select(never, limit, now + (cap - reached) / select(never, 1, grows))


def _inside(at: Any, limit: Any) -> Any:
    return larger(smaller(at, limit), 0)


def _bends_of_line(
    formulas: Formulas, line: Line, slope: Slope, through: list[_Way]
) -> Iterator[Bend]:
    """The bends of a line that ends at its cap: one for each month in which that may be."""
    graph, months = formulas.graph, formulas.months
    place = formulas.place(line.side, line.name, False)
    for way in through:
        asked = [
            way.slope.of(graph.ref((f"{place}_asked", month))) for month in range(1, months + 1)
        ]
        if all(map(is_nothing, asked)):
            continue
        size = f"{place}_asked"
        if line.when == "monthly":
            size = f"{place}_in_all"
            if size not in graph.columns:
                _put_size(formulas, line, place, size)
        ends = _Ends(formulas, line, place, size, slope, way)
        if line.when == "monthly":
            yield from ends.monthly()
        yield ends.at_horizon()
    graph.month = months


def _put_size(formulas: Formulas, line: Line, place: str, size: str) -> None:
    """What a line has come to by each month, without its cap and its sign."""
    graph = formulas.graph
    words = f"{line.name} so far, without cap and sign"
    formulas.columns[size] = Column("slopes", "USD", words)
    graph.month = 0
    so_far = graph.put(size, 0)
    for month in range(1, formulas.months + 1):
        graph.month = month
        so_far = graph.put(size, so_far + graph.ref((f"{place}_asked", month)))


class _Ends(NamedTuple):
    """Where a line ends, and what that does to the saving."""

    formulas: Formulas
    line: Line
    place: str
    size: str
    slope: Slope
    way: _Way

    def monthly(self) -> Iterator[Bend]:
        """A bend for the end of each month before the horizon, in columns of their own."""
        graph = self.formulas.graph
        for month in range(1, self.formulas.months + 1):
            size, grows = self._reached(month - 1)
            graph.month = month
            if isinstance(grows, Cell) and not grows.place:
                grows = self._column("rise", grows)
            before, now = (graph.ref(("discount", at)) for at in (month - 1, month))
            bend = self._bend("", self._end(size, grows), grows, before - now)
            places = [
                self._column(what, value).place
                for what, value in zip(("bend", "weight", "more"), bend[1:], strict=True)
            ]
            yield Bend(f"{self.line.name} ends before month {month}", *places)

    def at_horizon(self) -> Bend:
        """The bend for the end of the last month."""
        formulas, words = self.formulas, f"{self.line.name}, without cap and sign"
        size, grows = self._reached(formulas.months)
        name = formulas.line_names[self.line.name]
        formulas.sums[f"{name}_sum_usd"] = (size, "USD", f"{words}, at the horizon")
        if isinstance(grows, Cell):
            words = f"growth per unit of the {INPUTS[self.slope.name].phrase}"
            formulas.sums[f"{name}_rise_{self.slope.short}"] = (grows, "USD", words)
        discount = formulas.graph.ref(("discount", formulas.months))
        end = self._end(size, grows)
        words = f"{INPUTS[self.slope.name].phrase} at which {self.line.name} ends at the horizon"
        formulas.sums[f"{name}_end_{self.slope.short}"] = (end, "", words)
        return self._bend(words, end, grows, discount)

    def _reached(self, month: int) -> tuple[Cell, Any]:
        """What it comes to by the end of a month, and by how much that grows with the input."""
        size = self.formulas.graph.ref((self.size, month))
        return size, self.way.slope.of(size) * self.way.factor

    def _column(self, what: str, value: Any) -> Cell:
        """Write what it is in this month into a column of its own."""
        unit, words = _COLUMNS[what]
        words = words.format(self.slope.name, self.line.name)
        name = f"{self.place}_{what}_{self.slope.short}"
        self.formulas.columns[name] = Column("slopes", unit, words)
        made: Cell = self.formulas.graph.put(name, value)
        return made

    def _end(self, size: Cell, grows: Any) -> Any:
        cap, way = self.line.cap_usd, self.way
        return _reached(way.now, size, cap, grows, way.limit, (grows == 0) | (cap == 0))

    def _bend(self, words: str, end: Any, grows: Any, discount: Any) -> Bend:
        graph, line = self.formulas.graph, self.line
        costs = line.side == OWN
        worth_of_one = select(is_income(line), 1 if costs else -1, -1 if costs else 1)
        each = worth_of_one * discount * (1 - graph.input("tax_rate"))
        # With a cap of 0 nothing is ever paid.
        each = select(line.cap_usd == 0, 0, each)
        more = each * select(grows < 0, grows, 0)
        return Bend(words, _inside(end, self.way.limit), each * abs(grows), more)
