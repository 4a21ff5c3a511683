"""The model run on cells: every formula of the workbook, from the one pass over the months.

After each month what the model keeps is written into the columns of the sheet Months, and the next
month goes on from references to them; so the rows repeat their formulas.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from tco.inputs import INPUTS, Inputs
from tco.model import facility, ownership, rental
from tco.model.accounts import ACCOUNTS, Accounts
from tco.model.cashflows import CashFlow, Comparison, Totals, total_size
from tco.model.financing import Lease
from tco.model.items import (
    EXIT,
    FLAT,
    MONTH,
    OWN,
    RENT,
    SIDES,
    START,
    amounts,
    basis,
    item_of,
    items_of,
)
from tco.model.lines import is_income
from tco.model.periods import Period, busy_hours
from tco.model.results import (
    BREAKEVENS,
    STATUSES,
    VERDICTS,
    broken_terms,
    no_root,
    results_of,
    uses_racks,
)
from tco.numeric import CONSTANTS, Constant, infinity, select, smaller
from tco.report.workbook.bends import Bends, bends_of
from tco.report.workbook.cells import Cell, Column, Graph
from tco.report.workbook.growing import growing
from tco.report.workbook.own_lines import line_cells, line_names, on_cells, told
from tco.report.workbook.slopes import Slope

CHECK = Constant(
    *(10**9, "check_tolerance", "ratio"),
    "how far Check lets results be: amounts by the gross flows, rates by the rate and 1",
    inverse=True,
)
_WHEN = {MONTH: "a full first month", START: "at the start", EXIT: "on exit, before it changes"}
_SUFFIX = {MONTH: "usd_per_month", START: "usd_at_start", EXIT: "usd_on_leaving"}
_SIDES = {OWN: "owning [USD]", RENT: "renting [USD]"}
_LEAVING = "if one stops at the end of this month [USD]"
_STATEMENTS = {OWN: "books of owning [USD]", RENT: "books of renting [USD]"}
_SECTIONS = (
    *("time", "loan, lease and refresh", "tax books", *_SIDES.values(), _LEAVING),
    *("sums", "curves", "crossings", "slopes", "books", *_STATEMENTS.values()),
)
# The curve that each payback is read from, and what the attribute of the comparison is called.
_CURVES = {"discounted": "discounted", "undiscounted": "simple", "exits": "exit"}
_PAYBACKS = {
    "months": "discounted",
    "first_months": "discounted",
    "simple_months": "simple",
    "exit_months": "exit",
}
_SHORT = {"rate_usd_per_gpu_hour": "rate", "price_usd_per_gpu": "price"}
# The section of what is the same in all months.
_NAMED = "named cells"
# What is prepaid of the lines that are paid at the start of each commitment term.
_PREPAID_LINES = {
    "per_term": "your own lines of the commitment term that began last",
    "left": "your own lines of terms, paid and not yet expensed",
}
_TOO_EARLY = "is before its first month"
_NO_RACK = "rack_units, rack_kw: a rack holds no server"


class Meaning(NamedTuple):
    """Where something that the model keeps is written, and how it is called there."""

    section: str
    name: str
    unit: str
    meaning: str


# Of what the model keeps, by its path in the model. Items have their words in the table of items,
# results in `tco.report.schema`, constants in `tco.numeric.CONSTANTS`. What is listed nowhere
# stands in the formulas that use it; what goes on from month to month has to be listed, or no month
# would repeat the formulas of another.
with Path(__file__).with_name("meanings.csv").open(encoding="utf-8", newline="") as _file:
    MEANINGS = {path: Meaning(*words) for path, *words in list(csv.reader(_file))[1:]}
# The parts of the model in which those stand.
_PARTS = {path[:at] for path in MEANINGS for at, letter in enumerate(path) if letter == "."}


def column_of(side: str, item: str, leaving: bool) -> str:
    """What the column of an item is called.

    >>> column_of("own", "resale", True), column_of("own", "exit_deduction", True)
    ('own_exit_resale', 'own_exit_deduction')
    """
    return (f"{side}_exit_{item}" if leaving else f"{side}_{item}").replace("exit_exit", "exit")


def highest_of(name: str) -> str:
    """What the end of an input's domain is called."""
    return f"{name}_highest"


def account_column(side: str, account: str) -> str:
    """What the column of an account of the books is called.

    >>> account_column("own", "depreciation")
    'own_books_depreciation'
    """
    return f"{side}_books_{account}"


def early_of(column: str) -> str:
    """What the column is called that says how much more an item counts that is paid early."""
    return f"{column}_early"


class Formulas:
    """All formulas of one scenario, worked out for months 0 to `months`.

    `columns` and `names` (named cells, with unit and meaning) are in the order of the sheets;
    `results`, and the `totals` that they are made of, are what their own cells say; `problems` are
    conditions with the sentence that a broken one calls for, `tolerances` how far each result may
    be from Python's. Without its books (`has_books`) a workbook has no accounting view.
    """

    @growing()
    def __init__(self, values: Mapping[str, Any], months: int, has_books: bool = True) -> None:
        constants = {name: constant.value for name, constant in CONSTANTS.items()}
        lines = values.get("lines", ())
        self.line_names = line_names(lines)
        self.lines = {line.name: line for line in lines}
        numbers = {declared.name: value for declared, value in line_cells(lines)}
        highest = {highest_of(name): INPUTS[name].high for name in BREAKEVENS.values()}
        varied = BREAKEVENS.values()
        self.graph = graph = Graph({**constants, **highest, **values, **numbers}, varied)
        self.months = months
        self.names: dict[str, tuple[str, str]] = {}
        self.columns: dict[str, Column] = {}
        self.bends: dict[str, Bends] = {}
        self.sums: dict[str, tuple[Any, str, str]] = {}
        v = Inputs.of({name: graph.input(name) for name in INPUTS})
        self.lines_on_cells = on_cells(lines, graph)
        v = v.with_value("lines", self.lines_on_cells) if lines else v
        self._name_amounts(v)
        period, run = Period(v), Comparison(v, by_item=True)
        books = Accounts(v, run) if has_books else None
        self._write(period, run)
        self._write_books(books)
        for month in range(1, months + 1):
            graph.month = month
            period.advance()
            run.advance(period)
            if books:
                books.advance(period)
            if month == months:
                totals = run.totals(period)
            self._write(period, run)
            self._write_books(books)
        self._finish(v, totals)

    def name(self, name: str, cell: Any, unit: str, meaning: str) -> None:
        """Name a cell that is the same in all months and has no name yet, with its words."""
        if self.graph.name(name, cell):
            self.names[name] = (unit, meaning)

    def _name_amounts(self, v: Inputs) -> None:
        """Names for what follows from the inputs alone, whatever the months bring."""
        server_kw = facility.peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w)
        by_power = facility.servers_by_power(v.rack_kw, server_kw)
        base, busy = basis(v), v.gpus * v.hours_per_month * v.utilization
        bought = ownership.gpus(v)
        busy_kw = facility.busy_it_kw(
            *(v.gpus, v.gpu_w, v.load_factor, bought - v.gpus, v.idle_w),
            *(base.servers, v.server_w),
        )
        idle_kw = facility.idle_it_kw(
            bought, v.idle_w, base.servers, v.server_w, v.server_idle_share
        )
        used, hours = busy * (1 + v.billing_overhead), "GPU-hours per month"
        self.name("leased", v.financing == "lease", "", "whether the hardware is leased")
        self.name("servers", ownership.servers(v), "servers", "servers bought")
        self.name("server_peak_kw", server_kw, "kW", "peak power of a full server")
        self.name(
            "servers_by_power",
            by_power,
            "servers",
            "servers that one rack can power; none: any number",
        )
        self.name(
            "servers_per_rack", ownership.rack_servers(v), "servers", "servers in one full rack"
        )
        self.name(
            "racks_needed",
            ownership.racks(v),
            "racks",
            "racks needed; none if a rack holds no server",
        )
        self.name("gpus_bought", bought, "GPUs", "GPUs bought, spares included")
        self.name("busy_it_kw", busy_kw, "kW", "power of GPUs and servers in busy hours")
        self.name("idle_it_kw", idle_kw, "kW", "power of GPUs and servers in idle hours")
        kw = ownership.reserved_kw(v, base.servers)
        self.name("reserved_kw", kw, "kW", "power of GPUs and servers at peak")
        self.name("busy_gpu_hours_per_month", busy, hours, "busy hours")
        self.name("used_gpu_hours", used, hours, "busy hours plus overhead")
        billed = select(v.billing == "per_use", rental.used_share(v), 1)
        for name, share in (("bill", billed), ("late_bill", rental.used_share(v))):
            bill: Any = rental.bill_of_gpu(v, share)
            words = f"of a GPU by its {'billed' if share is billed else 'busy'} hours"
            self.name(f"{name}_by_hours_usd", bill.args[0], "USD per month", words)
            self.name(f"{name}_usd", bill, "USD per month", f"{words}, at most the cap")
        for name, cost in base.hardware.items():
            meaning = f"{item_of(OWN, name).meaning}, however financed"
            self.name(f"hardware_{name}_usd", cost, "USD", meaning)
        self.name(
            "hardware_usd", base.hardware_usd, "USD", "price of all hardware, however financed"
        )
        self.name(
            "bought_usd", base.bought_usd, "USD", "hardware paid at purchase; what is leased is not"
        )
        self.name("resold_usd", base.resold_usd, "USD", "resale value of all hardware when new")
        lease: Any = Lease(v)
        self.name("leased_usd", lease.value_usd, "USD", "price of what a lease covers, before tax")
        words = "market value of what a lease covers, at the end of a term"
        self.name("leased_market_usd", lease.market_usd, "USD", words)
        for side in SIDES:
            found = amounts(v, side)
            paid = {
                MONTH: [(name, amount) for name, _, amount in found.month],
                START: list(found.start.items()),
                EXIT: list(found.exit.items()),
            }
            for when, listed in paid.items():
                unit = "USD per month" if when == MONTH else "USD"
                several = Counter(name for name, _ in listed)
                for name, group in groupby(listed, key=itemgetter(0)):
                    for at, (_, amount) in enumerate(group, 1):
                        part = f"_{at}" if several[name] > 1 else ""
                        words = f", part {at}" if part else ""
                        meaning = f"{item_of(side, name).meaning}{words}, {_WHEN[when]}"
                        self.name(f"{name}{part}_{_SUFFIX[when]}", amount, unit, meaning)

    def _write(self, period: Period, run: Comparison) -> None:
        """Write down where the model stands, and let it go on from there."""
        month = self.graph.month
        for path, value in self._derived(period, run) if month else ():
            self._keep(path, value, None)
        for side, flow in ((OWN, run.own), (RENT, run.rent)):
            paid = (flow.month if month else flow.start) | flow.further
            if not month:
                words = "all payments at the start, without tax and financing"
                self.name(f"{side}_start_usd", flow.recurred, "USD", words)
            for item in items_of(side):
                if item.name in paid:
                    self._put_item(item, False, paid[item.name])
                if item.name in flow.leaving and EXIT in item.when:
                    self._put_item(item, True, flow.leaving[item.name])
            if flow.lines:
                self._put_lines(side, flow)
        for early, more in run.rent.early.items():
            words = f"present value of {early}, paid before the month's end, above that at its end"
            name = early_of(self.place(RENT, early, False))
            self.columns[name] = Column("sums", "USD", words)
            self.graph.put(name, more)
        for key, part in (("period", period), ("", run)):
            for path, value, setter in list(_listed(part, key)):
                self._keep(path, value, setter)

    def _write_books(self, books: Accounts | None) -> None:
        """Write down profit and loss of the month, and let assets and liabilities go on."""
        if books is None:
            return
        for side, statement in ((OWN, books.own.month), (RENT, books.rent.month)):
            for account in ACCOUNTS[side]:
                name = account_column(side, account.name)
                self.columns[name] = Column(_STATEMENTS[side], "USD", account.meaning)
                self.graph.put(name, statement[account.name])
        for path, value, setter in list(_listed(books, "books")):
            self._keep(path, value, setter)
        if books.rent.lines:
            for key, words in _PREPAID_LINES.items():
                name = f"rent_lines_{key}"
                self.columns[name] = Column("books", "USD", words)
                setattr(books.rent.lines, key, self.graph.put(name, getattr(books.rent.lines, key)))

    def _keep(self, path: str, value: Any, setter: Callable[[Any], None] | None) -> None:
        section, name, unit, meaning = MEANINGS[path]
        if section == _NAMED:
            self.name(name, value, unit, meaning)
        else:
            place = value.place if isinstance(value, Cell) else None
            if isinstance(place, tuple) and place[1] == self.graph.month > 0:
                kept = self.graph.ref(place)
            else:
                self.columns[name] = Column(section, unit, meaning)
                kept = self.graph.put(name, value)
            if setter:
                setter(kept)

    def _put_item(self, item: Any, leaving: bool, cost: Any) -> None:
        name = column_of(item.side, item.name, leaving)
        section = _LEAVING if leaving else _SIDES[item.side]
        self.columns[name] = Column(section, "USD", item.meaning, item.name)
        self.graph.put(name, cost)

    def _put_lines(self, side: str, flow: CashFlow) -> None:
        """What the user's own lines take, and what has been paid of those that end."""
        lines: Any = flow.lines
        if not self.graph.month:
            for name, paid in flow.lined.items():
                short, words = self.line_names[name], f"{name}, paid at the start"
                self.name(f"{short}_first_usd", paid, "USD", words)
            words = "your own lines at the start"
            self.name(f"{side}_lines_at_start_usd", sum(flow.lined.values()), "USD", words)
        for line in lines.listed:
            name, place = self.line_names[line.name], self.place(side, line.name, False)
            if line.name in lines.full:
                words = f"{line.name}, in full, before it grows"
                self.name(f"{name}_in_full_usd", lines.full[line.name], "USD", words)
            if line.name in lines.asked:
                sign = select(is_income(line), -1, 1)
                self.name(f"{name}_sign", sign, "", f"-1 if {line.name} brings money in")
                self.columns[f"{place}_asked"] = Column(
                    "sums", "USD", f"{line.name}, without cap and sign"
                )
                self.graph.put(f"{place}_asked", lines.asked[line.name])
                words = f"{line.name} at the start, without cap and sign"
                self.name(f"{name}_asked_usd", lines.asked[line.name], "USD", words)
                words = f"{line.name} at the start, without its sign"
                self.name(f"{name}_at_start_usd", lines.paid[line.name], "USD", words)
            if line.name in lines.whole:
                words = f"starts of terms at which {line.name} is paid whole"
                told_of = (("whole", words), ("ahead", f"paid_early of the {words}"))
                for (what, words), value in zip(told_of, lines.whole[line.name], strict=True):
                    self.columns[f"{place}_{what}"] = Column("sums", "ratio", words)
                    self.graph.put(f"{place}_{what}", value)
            leaving = line.when == EXIT
            found = flow.leaving if leaving else flow.lined
            if line.name in found:
                section = _LEAVING if leaving else _SIDES[side]
                words = f"your own line, {told(line)}"
                self.columns[place] = Column(section, "USD", words, line.name)
                self.graph.put(place, found[line.name])
            if line.name in lines.spent and not leaving:
                words = f"{line.name}, paid so far, without its sign"
                self.columns[f"{place}_paid"] = Column("sums", "USD", words)
                lines.spent[line.name] = self.graph.put(f"{place}_paid", lines.spent[line.name])

    def place(self, side: str, item: str, leaving: bool) -> str:
        """What the column of an item, or of a line of the user's own, is called."""
        if item in self.line_names:
            return column_of(side, self.line_names[item], self.lines[item].when == EXIT)
        return column_of(side, item, leaving and EXIT in item_of(side, item).when)

    def _derived(self, period: Period, run: Comparison) -> Iterator[tuple[str, Any]]:
        """What is worth a column besides the model's state."""
        part: Any = run.own.part
        yield "period.whole", period.whole
        yield "part.delivered", part.delivered(period.month)
        yield "part.lease.runs", part.lease.runs(period.month)
        yield "part.lease.falls", period.month % part.lease.every == 0
        yield "own.sold", -run.own.leaving["resale"]
        yield "part.lease.bought", part.lease.bought_in(period)
        yield "part.lease.owned", part.lease.owned(period.t)
        for name in ("gpus", "others"):
            yield f"part.depreciation.{name}.book", getattr(part.depreciation, name).book
        yield "paid_size", run.own.size() + run.rent.size()
        yield "due_size", total_size(run.own, run.rent)
        for name, curve in _CURVES.items():
            before = self.graph.columns.get(f"{curve}_gap", [])
            if len(before) == self.graph.month and before[-1] is not None:
                above = self.graph.ref((f"{curve}_gap", self.graph.month - 1))
                yield f"{name}.fall", above - getattr(run, name).gap

    def _finish(self, v: Inputs, totals: Totals) -> None:
        """The results and everything else that is made of the columns."""
        graph, money = self.graph, "USD"
        sums = self.sums
        sums |= {
            "gross_usd": (totals.gross, money, "sum of absolute present values"),
            "busy_gpu_hours": (
                *(busy_hours(v, totals.weights[FLAT]), "GPU-hours"),
                "busy hours, discounted",
            ),
        }
        found = results_of(v, totals, self._roots(v, totals))
        found["status"] = _worded(found["status"], STATUSES)
        found["verdict"] = _worded(found["verdict"], VERDICTS)
        for name, curve in _PAYBACKS.items():
            at = graph.at_month(f"{curve}_fall", found[name].ceil())
            fall = select(found[name] == infinity(0.0), 0, at)
            sums[f"{name}_fall_usd"] = (fall, money, f"fall of the gap in the month of {name}")
        cells = found | {name: cell for name, (cell, *_) in sums.items()}
        own = {name: self._own_formula(name, cell) for name, cell in cells.items()}
        self.results = {name: own[name] for name in found}
        self.totals = {name: (own[name], *words) for name, (_, *words) in sums.items()}
        self.tolerances = {name: self._tolerance(name, cells) for name in found}
        rack = (uses_racks(v) & (ownership.rack_servers(v) < 1), _NO_RACK)
        self.problems = [*((wrong, f"{name} {why}") for name, wrong, why in broken_terms(v)), rack]
        for line in self.lines_on_cells:
            if line.last_month is not None:
                name = self.line_names[line.name]
                early = (line.last_month < line.first_month, f"{name}_last_month {_TOO_EARLY}")
                self.problems.append(early)
        items = [item for side in SIDES for item in items_of(side)]
        places = [column_of(i.side, i.name, leaving) for i in items for leaving in (False, True)]
        places += [self.place(line.side, name, False) for name, line in self.lines.items()]
        names = [*(words.name for words in MEANINGS.values()), *places]
        order = {name: at for at, name in enumerate(names)}
        listed = self.columns.items()
        key = {name: (_SECTIONS.index(c.section), order.get(name, 0)) for name, c in listed}
        self.columns = dict(sorted(listed, key=lambda column: key[column[0]]))

    def _own_formula(self, name: str, cell: Any) -> Any:
        """Name a cell for all formulas that use it; what its own formula is."""
        if not isinstance(cell, Cell) or isinstance(cell.place, str):
            return cell
        column, cell.place = cell.place, name
        return self.graph.at_month(column[0], self.graph.names["last_month"]) if column else cell

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
            short = _SHORT.get(BREAKEVENS[name], BREAKEVENS[name])
            return select(none, 0, money / abs(cells[f"saving_per_{short}_usd"]))
        if name.endswith("_usd_per_gpu_hour"):
            busy = cells["busy_gpu_hours"]
            return select(busy == 0, 0, money / busy)
        if name.endswith("_usd"):
            return money
        return select(none, 0, check * value) if name == "racks" else 0

    def _roots(self, v: Inputs, totals: Totals) -> dict[str, Any]:
        """The break-even values: the saving is linear in each input, from bend to bend."""
        saving: Any = totals.rent_npv - totals.own_npv
        gross: Any = totals.gross
        roots = {}
        slopes: dict[int, Slope] = {}
        for result, name in BREAKEVENS.items():
            short = _SHORT.get(name, name)
            slope = Slope(self, self.graph.input(name), short)
            rise = slope.through(saving)
            listed = bends_of(self, slope, slopes, saving)
            if listed:
                bends = Bends(self, slope.variable, short, saving, gross, rise, listed)
                self.bends[result] = bends
                found = self.graph.said(f"{short}_root", bends.root)
                roots[result] = select(no_root(v, name, 1, 0), infinity(found), found)
                rise = self.graph.said(bends.slope_formula, bends.slope)
            words = ("USD", f"change of the saving per unit of the {INPUTS[name].phrase}")
            self.sums[f"saving_per_{short}_usd"] = (rise, *words)
            if not listed:
                none = (rise == 0) | no_root(v, name, abs(rise), totals.gross)
                roots[result] = select(none, infinity(rise), getattr(v, name) - saving / rise)
        return roots


def _listed(owner: Any, path: str) -> Iterator[tuple[str, Any, Callable[[Any], None] | None]]:
    """What a part of the model keeps of what has words: its path, the value, and how to set it."""
    found: list[tuple[Any, Any, Any]] = []
    if isinstance(owner, list):
        found = [(at, x, lambda y, at=at: owner.__setitem__(at, y)) for at, x in enumerate(owner)]
    elif isinstance(owner, tuple):
        found = [(at, x, None) for at, x in enumerate(owner)]
    else:
        for key in (*getattr(type(owner), "__slots__", ()), *getattr(owner, "__dict__", ())):
            value = getattr(owner, key, None)
            found.append((key, value, lambda y, key=key: setattr(owner, key, y)))
    for key, value, setter in found:
        # Of the two sides, owning alone has tax and financing that keep something.
        inner = key if key == "part" else f"{path}.{key}" if path else key
        if inner in _PARTS:
            yield from _listed(value, inner)
        elif inner in MEANINGS and value is not None:
            yield inner, value, setter


def _worded(x: Any, words: tuple[str, ...]) -> Any:
    """A choice of positions as the choice of words."""
    if isinstance(x, Cell):
        condition, then, otherwise = x.args
        return select(condition, _worded(then, words), _worded(otherwise, words))
    return words[x]
