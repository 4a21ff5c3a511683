"""The model run on cells: every formula of the workbook, from the one pass over the months.

Four months are followed; from the second on the formulas of a month repeat. After each month what
the model keeps is written into the columns of the sheet Months, and goes on as a reference to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from tco.inputs import INPUTS, Inputs
from tco.model import facility, ownership
from tco.model.cashflows import Pass, Totals, total_size
from tco.model.items import EXIT, MONTH, OWN, SIDES, START, amounts, basis, item_of, items_of
from tco.model.periods import Period
from tco.model.results import BREAKEVENS, STATUSES, VERDICTS, broken_terms, no_root, results_of
from tco.numeric import infinity, select, smaller
from tco.report.workbook.cells import Cell, Graph
from tco.report.workbook.meanings import COLUMNS, NAMED, SKIPPED, Words

_MONTHS = 4
_SLOPES = {"rate_usd_per_gpu_hour": "rate", "price_usd_per_gpu": "price"}


class Column(NamedTuple):
    """A column of the sheet Months; `item` is the ledger's name where it is an item of it."""

    name: str
    section: str
    unit: str
    meaning: str
    item: str = ""


class Kernel(NamedTuple):
    """All formulas: the graph, its columns and names with their words, what is made of them."""

    graph: Graph
    columns: dict[str, Column]
    names: dict[str, Words]
    results: dict[str, Any]
    totals: dict[str, tuple[Any, str, str]]
    problems: list[tuple[Any, str]]
    tolerances: dict[str, Any]

    @property
    def end(self) -> int:
        """The month whose columns stand for their end."""
        return self.graph.month


def place(side: str, item: str, leaving: bool) -> str:
    """What the column of an item is called."""
    return (f"{side}_exit_{item}" if leaving else f"{side}_{item}").replace("exit_exit", "exit")


@lru_cache(maxsize=1)
def kernel() -> Kernel:
    """The formulas, which are the same for every scenario."""
    seen: list[dict[str, Any]] = []
    _Follower(seen=seen).follow()
    carried = {
        path
        for before, after in pairwise(seen)
        for path, value in after.items()
        if not _same(before.get(path), value)
    }
    trial = _Follower(carried)
    trial.follow()
    lasting = {path for path, months in trial.paths.items() if max(months) > 0}
    return _Follower(carried, lasting).finish()


def _same(a: Any, b: Any) -> bool:
    return a is b or (not isinstance(a, Cell) and not isinstance(b, Cell) and bool(a == b))


class _Follower:
    """Follows the pass, and writes what it finds into the columns."""

    def __init__(
        self,
        carried: set[str] | None = None,
        lasting: set[str] | None = None,
        seen: list[dict[str, Any]] | None = None,
    ) -> None:
        self.carried, self.lasting, self.seen = carried or set(), lasting, seen
        self.graph = Graph()
        self.names: dict[str, Words] = {}
        self.columns: dict[str, Column] = {}
        self.paths: dict[str, list[int]] = {}
        self.words = {
            path: (section, words)
            for section, found in COLUMNS.items()
            for path, words in found.items()
        }

    def follow(self) -> Inputs:
        """The pass over the months."""
        v = Inputs.of({name: self.graph.input(name) for name in INPUTS})
        if self.seen is None:
            self._name_amounts(v)
        period, run = Period(v), Pass(v, by_item=True)
        self._look(period, run)
        for at in range(1, _MONTHS + 1):
            self.graph.month = at
            period.advance()
            run.advance(period)
            if at == _MONTHS:
                self.totals = run.totals(period)
            self._look(period, run)
        return v

    def _name_amounts(self, v: Inputs) -> None:
        """Names for what follows from the inputs alone, whatever the months bring."""
        server_kw = facility.peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w)
        base, leased = basis(v), v.financing == "lease"
        kw = facility.mean_it_kw(
            v.gpus, v.gpu_w, v.load_factor, v.idle_w, v.utilization, base.servers, v.server_w
        )
        busy = v.gpus * v.hours_per_month * v.utilization
        self._name("leased", leased, "", "whether the hardware is leased")
        self._name("servers", ownership.servers(v), "servers", "servers bought")
        self._name("server_peak_kw", server_kw, "kW", "peak of a full server")
        by_power = facility.servers_by_power(v.rack_kw, server_kw)
        self._name("servers_by_power", by_power, "servers", "that a rack feeds; none: any number")
        self._name("servers_per_rack", ownership.rack_servers(v), "servers", "in one full rack")
        self._name("racks_needed", ownership.racks(v), "racks", "none where a rack holds no server")
        self._name("mean_it_kw", kw, "kW", "mean power of GPUs and servers")
        self._name("busy_gpu_hours_per_month", busy, "GPU-hours per month", "busy hours")
        used = busy * (1 + v.billing_overhead)
        self._name("used_gpu_hours", used, "GPU-hours per month", "busy hours and overhead")
        for name, cost in base.hardware.items():
            meaning = f"{item_of(OWN, name).meaning}, whoever pays"
            self._name(f"hardware_{name}_usd", cost, "USD", meaning)
        self._name("hardware_usd", base.hardware_usd, "USD", "all hardware, whoever pays")
        self._name("bought_usd", base.bought_usd, "USD", "the same, but nothing of a lease")
        self._name("resold_usd", base.resold_usd, "USD", "what all hardware would fetch when new")
        for side in SIDES:
            found = amounts(v, side)
            for when, listed, suffix, unit in (
                (MONTH, found.month, "usd_per_month", "USD per month"),
                (START, found.start, "usd_at_start", "USD"),
                (EXIT, found.exit, "usd_on_leaving", "USD"),
            ):
                for name, amount in listed.items():
                    words = f"{item_of(side, name).meaning}, {_WHEN[when]}"
                    self._name(f"{name}_{suffix}", amount, unit, words)

    def _name(self, name: str, cell: Any, unit: str, meaning: str) -> Any:
        if isinstance(cell, Cell) and not cell.place and not cell.varies:
            self.graph.name(name, cell)
            self.names[name] = Words(name, unit, meaning)
        return cell

    def _put(self, path: str, value: Any) -> Any:
        section, words = self.words.get(path, ("sums", Words(path.replace(".", "_"), "", path)))
        self.columns[words.name] = Column(words.name, section, words.unit, words.meaning)
        self.paths.setdefault(path, []).append(self.graph.month)
        return self.graph.put(words.name, value)

    def _look(self, period: Period, run: Pass) -> None:
        """Write down where the model stands, and let it go on from there."""
        found: dict[str, Any] = {}
        if self.graph.month:
            for path, value in _looked_at(run, period, self.graph):
                found[path] = value
                self._show(path, value)
        self._show_items(run)
        for key, part in (("period", period), ("run", run)):
            for path, value, setter in list(_state(part, key)):
                found[path] = value
                self._keep(path, value, setter)
        if self.seen is not None:
            self.seen.append(found)

    def _show(self, path: str, value: Any) -> None:
        shown = self.seen is None and isinstance(value, Cell) and value.varies
        if shown and path in self.words and not self._here(value):
            self._put(path, value)

    def _here(self, value: Any) -> bool:
        place = value.place if isinstance(value, Cell) else None
        return isinstance(place, tuple) and place[1] == self.graph.month and place[1] > 0

    def _keep(self, path: str, value: Any, setter: Callable[[Any], None] | None) -> None:
        if self.seen is not None or path in SKIPPED:
            return
        if path in NAMED and isinstance(value, Cell) and not value.varies:
            words = NAMED[path]
            self._name(words.name, value, words.unit, words.meaning)
        elif path in self.carried and setter:
            if self._here(value):
                setter(self.graph.ref(*value.place))
            elif self.graph.month or self.lasting is None or path in self.lasting:
                setter(self._put(path, value))
        else:
            self._show(path, value)

    def _show_items(self, run: Pass) -> None:
        if self.seen is not None:
            return
        for side, flow in ((OWN, run.own), ("rent", run.rent)):
            paid = {**(flow.month if self.graph.month else flow.start), **flow.further}
            for leaving, costs in ((False, paid), (True, flow.leaving)):
                for item in items_of(side):
                    if item.name in costs and (EXIT in item.when or not leaving):
                        self._put_item(side, item, leaving, costs[item.name])

    def _put_item(self, side: str, item: Any, leaving: bool, cost: Any) -> None:
        section = _ITEMS[side, leaving]
        name = place(side, item.name, leaving)
        self.columns[name] = Column(name, section, "USD", item.meaning, item.name)
        self.graph.put(name, cost)

    def finish(self) -> Kernel:
        """The results and everything else that is made of the columns."""
        v = self.follow()
        totals = self.totals
        roots, made = self._roots(v, totals)
        found = results_of(v, totals, roots)
        found["status"] = _worded(found["status"], STATUSES)
        found["verdict"] = _worded(found["verdict"], VERDICTS)
        busy = v.gpus * (v.hours_per_month * v.utilization) * totals.weights[0]
        sums = {
            "gross_usd": (totals.gross, "USD", "sum of all absolute present values"),
            "busy_gpu_hours": (busy, "GPU-hours", "busy hours, discounted"),
            **made,
        }
        sections = list(COLUMNS)
        order = {words.name: at for at, (_, words) in enumerate(self.words.values())}
        listed = [item for side in SIDES for item in items_of(side)]
        items = [place(i.side, i.name, leaving) for i in listed for leaving in (False, True)]
        order |= {name: at for at, name in enumerate(items)}
        self.columns = {
            column.name: column
            for column in sorted(
                self.columns.values(),
                key=lambda c: (sections.index(c.section), order.get(c.name, 0)),
            )
        }
        cells = {**found, **{name: cell for name, (cell, *_) in sums.items()}}
        for name, curve in _PAYBACKS.items():
            at: Any = self.graph.at_month(f"{curve}_fall", cells[name].ceil())
            fall = select(cells[name] == infinity(0.0), 0, at)
            words = ("USD", f"by how much the gap falls in the month of {name}")
            cells[f"{name}_fall_usd"] = fall
            sums[f"{name}_fall_usd"] = (fall, *words)
        sources = {name: self._stands_for(name, cell) for name, cell in cells.items()}
        tolerances = {name: self._tolerance(name, cells) for name in found}
        found = {name: sources[name] for name in found}
        sums = {name: (sources[name], *words) for name, (_, *words) in sums.items()}
        rack = ((v.hosting == "own_site") & (ownership.rack_servers(v) < 1), _NO_RACK)
        rules = [(broken, f"{name} {why}") for name, broken, why in broken_terms(v)]
        parts = (self.graph, self.columns, self.names, found, sums)
        return Kernel(*parts, [*rules, rack], tolerances)

    def _stands_for(self, name: str, cell: Any) -> Any:
        """Name a cell for all formulas that use it; what its own formula is."""
        if not isinstance(cell, Cell) or isinstance(cell.place, str):
            return cell
        source = cell
        if cell.place:
            source = self.graph.at_month(cell.place[0], self.graph.names["last_month"])
        cell.place = name
        return source

    def _tolerance(self, name: str, cells: dict[str, Any]) -> Any:
        """How far a result may be from Python's: a share of the flows, over how it moves them."""
        check: Any = self.graph.input("check_tolerance")
        value, money = cells[name], check * cells["gross_usd"]
        none = value == infinity(0.0)
        if name in _PAYBACKS or name == "hours":
            # A crossing is as exact as the change of the gap in its month allows.
            which = "months" if name == "hours" else name
            months, fall = cells[which], cells[f"{which}_fall_usd"]
            inner = select((months == 0) | (fall == 0), 0, smaller(money / abs(fall), 1))
            hours = self.graph.input("hours_per_month") if name == "hours" else 1
            return select(months == infinity(0.0), 0, (check * months + inner) * hours)
        if name in BREAKEVENS:
            short = _SLOPES.get(BREAKEVENS[name][0], BREAKEVENS[name][0])
            return select(none, 0, money / abs(cells[f"saving_per_{short}_usd"]))
        if name.endswith("_usd_per_gpu_hour"):
            busy = cells["busy_gpu_hours"]
            return select(busy == 0, 0, money / busy)
        if name.endswith("_usd"):
            return money
        return select(none, 0, check * value) if name == "racks" else 0

    def _roots(self, v: Inputs, totals: Totals) -> tuple[dict[str, Any], dict[str, Any]]:
        """The break-even values: the saving is linear in each of these inputs."""
        saving: Any = totals.rent_npv - totals.own_npv
        roots, made = {}, {}
        for result, (name, *_) in BREAKEVENS.items():
            short = _SLOPES.get(name, name)
            slope = Slope(self, name, short)
            for month in range(1, _MONTHS + 1):
                for column in ("own_exit_usd", "rent_exit_usd"):
                    slope.of(self.graph.ref(column, month))
            rise = slope.of(saving)
            self.graph.month = _MONTHS
            key = f"saving_per_{short}_usd"
            made[key] = (rise, "USD", f"saving that one more of {name} adds")
            none = (rise == 0) | no_root(v, name, abs(rise), totals.gross)
            roots[result] = select(none, infinity(rise), getattr(v, name) - saving / rise)
        return roots, made


_WHEN = {MONTH: "a full first month", START: "at the start", EXIT: "on leaving, before it changes"}
_FOLLOWED = ("tco.model.", "tco.finance.")
_PAYBACKS = {
    "months": "discounted",
    "first_months": "discounted",
    "simple_months": "simple",
    "exit_months": "exit",
}
_NO_RACK = "rack_units, rack_kw: a rack holds no server"
_ITEMS = {
    (OWN, False): "owning [USD]",
    ("rent", False): "renting [USD]",
    (OWN, True): "if one stops at the end of this month [USD]",
    ("rent", True): "if one stops at the end of this month [USD]",
}


def _looked_at(run: Pass, period: Any, graph: Graph) -> Iterator[tuple[str, Any]]:
    """What is worth a column besides the model's state."""
    part: Any = run.own.part
    month = period.month
    yield "period.whole", period.whole
    yield "run.own.part.delivered", part.delivered(month)
    yield "run.own.part.lease.runs", part.lease._runs(month)
    yield "run.own.part.lease.bought", part.lease.bought_in(period)
    yield "run.own.part.lease.owned", part.lease.owned(period.t)
    for name in ("gpus", "others"):
        yield f"run.own.part.depreciation.{name}.book", getattr(part.depreciation, name).book
    yield "run.paid_size", run.own.size() + run.rent.size()
    yield "run.due_size", total_size(run.own, run.rent)
    for name in ("discounted", "undiscounted", "exits"):
        curve = f"{'simple' if name == 'undiscounted' else name.removesuffix('s')}_gap"
        if (curve, graph.month - 1) in graph:
            yield f"run.{name}.fall", graph.ref(curve, graph.month - 1) - getattr(run, name).gap


def _state(owner: Any, path: str) -> Iterator[tuple[str, Any, Callable[[Any], None] | None]]:
    """Every value that a part of the model keeps: its path, the value, and how to set it.

    What is in a dictionary is an item of cost, which has its columns from the table of items.
    """
    if isinstance(owner, list):
        for key, value in enumerate(owner):
            yield from _one(value, f"{path}.{key}", lambda x, k=key: owner.__setitem__(k, x))
    elif isinstance(owner, tuple):
        for key, value in enumerate(owner):
            yield from _one(value, f"{path}.{key}", None)
    else:
        for key in (*getattr(type(owner), "__slots__", ()), *getattr(owner, "__dict__", ())):
            if not key.startswith("_"):
                value = getattr(owner, key, None)
                yield from _one(value, f"{path}.{key}", lambda x, k=key: setattr(owner, k, x))


def _one(value: Any, path: str, setter: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(value, Cell | bool | int | float):
        yield path, value, setter
    elif isinstance(value, list | tuple) or type(value).__module__.startswith(_FOLLOWED):
        yield from _state(value, path)


def _worded(x: Any, words: tuple[str, ...]) -> Any:
    """A choice of positions as the choice of words."""
    if isinstance(x, Cell):
        condition, then, otherwise = x.args
        return select(condition, _worded(then, words), _worded(otherwise, words))
    return words[x]


class NotLinear(ValueError):
    """A cell does not change evenly with an input."""


class Slope:
    """How much a cell changes with one input: what is linear has the same slope everywhere."""

    def __init__(self, follower: _Follower, name: str, short: str) -> None:
        self.follower, self.graph, self.name, self.short = follower, follower.graph, name, short
        self.known: dict[int, Any] = {}

    def of(self, x: Any) -> Any:
        """The slope, as cells; 0 for what does not change."""
        if not isinstance(x, Cell):
            return 0
        if x.at not in self.known:
            self.known[x.at] = self._of(x)
        return self.known[x.at]

    def _of(self, x: Cell) -> Any:
        if isinstance(x.place, tuple):
            column, month = x.place
            target = self.graph.columns[column][month]
            slope = self._rule(target) if target is x else self._of_target(target)
            return self._placed(column, month, slope)
        slope = self._rule(x)
        if isinstance(x.place, str) and x.op != "input":
            unit, meaning = self.follower.names[x.place][1:]
            words = f"by how much {x.place} changes with {self.name}: {meaning}"
            self.follower._name(f"{x.place}_per_{self.short}", slope, unit, words)
        return slope

    def _of_target(self, target: Any) -> Any:
        if isinstance(target, Cell) and target.op != "ref" and isinstance(target.place, tuple):
            return self._rule(target) if target.at not in self.known else self.known[target.at]
        return self.of(target)

    def _placed(self, column: str, month: int, slope: Any) -> Any:
        if not isinstance(slope, Cell) or slope.place:
            return slope
        name, old = f"{column}_per_{self.short}", self.follower.columns[column]
        words = f"by how much {column} changes with {self.name}"
        if not slope.varies:
            name += f"_{month}" if month else ""
            return self.follower._name(name, slope, old.unit, words)
        self.follower.columns[name] = Column(name, "slopes", old.unit, words)
        self.graph.month = month
        return self.graph.put(name, slope)

    def _rule(self, x: Any) -> Any:
        if not isinstance(x, Cell):
            return 0
        op, args = x.op, x.args
        if op == "input":
            return 1 if args[0] == self.name else 0
        slopes = [self.of(y) for y in (args[1:] if op == "IF" else args)]
        made: Any = None
        if all(_nothing(slope) for slope in slopes):
            made = 0
        elif op in ("+", "-"):
            made = slopes[0] + slopes[1] if op == "+" else slopes[0] - slopes[1]
        elif op == "NEG":
            made = -slopes[0]
        elif op == "*" and _nothing(slopes[1]):
            made = slopes[0] * args[1]
        elif op == "*" and _nothing(slopes[0]):
            made = args[0] * slopes[1]
        elif op == "/" and _nothing(slopes[1]):
            made = slopes[0] / args[1]
        elif op == "IF" and _nothing(self.of(args[0])):
            made = args[0].either(*slopes)
        if made is None:
            raise NotLinear(f"{op} changes unevenly with {self.name}")
        return made


def _nothing(slope: Any) -> bool:
    return not isinstance(slope, Cell) and slope == 0
