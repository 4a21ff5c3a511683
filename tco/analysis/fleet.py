"""A demand that goes up and down: which GPUs to own, which to rent, and when to buy them.

The k-th GPU is needed in a share of the hours that falls with k, so that the first ones are worth
owning and the last ones are not. Each is decided by itself, or with those that share its server; as
their savings fall with k, owning the best ones that fit is the cheapest plan there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from tco.analysis.declared import FLEET, RENTING, rental_ways
from tco.analysis.fleet_limits import Capacity, capacity_of
from tco.analysis.fleet_plan import NEVER, UNIT_COLUMNS, WAIT_COLUMNS, Fleet, Purchase, Savings
from tco.analysis.fleet_units import ONE_GPU, Needs, Unit, fixed_usd, idle, owned, rented
from tco.analysis.options import what_if
from tco.analysis.work import Work
from tco.bills.bill import Bill
from tco.errors import InputError, Problem, shown
from tco.inputs import INPUTS, PRICES, RATE, Inputs
from tco.inputs.text import takes_inputs
from tco.model.breakeven import model_values, one_scenario
from tco.model.results import checked
from tco.numeric import MONTHS_PER_YEAR, ceil
from tco.scenario import Scenario, scenario_of
from tco.words.fleet import binding_sentence
from tco.workload.demand import replicas_needed
from tco.workload.demand_curve import DemandCurve
from tco.workload.domains import checked as checked_numbers
from tco.workload.domains import number_of

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

# What the demand says, so that nobody else does.
_DERIVED = ("gpus", "utilization")
_MOST_UNITS = 50_000
_OVERHEAD = "billing_overhead"
# A saving that is less than this share of the costs is left by rounding.
_NOTHING = 1e-12


@takes_inputs
def fleet(
    scenario: Scenario | None = None,
    /,
    *,
    demand: Any = None,
    demand_growth_per_year: float = 0.0,
    price_growth_per_year: float = 0.0,
    minimum_billing_hours: float = 0.0,
    rental_options: Sequence[str] | None = None,
    owned_max: int | None = None,
    site_kw: float | Sequence[float] | None = None,
    site_units: float | Sequence[float] | None = None,
    buy_plan: Mapping[int, int] | None = None,
    **inputs: Unpack[InputValues],
) -> Fleet:
    """The GPUs of a demand that are worth owning, when to buy them, and what it all costs.

    `demand` is what `tco.demand_curve()` takes or gives: GPUs by hour, a week of 168 hours, a mean
    and a peak, a file, a public trace; or a bill of `tco.read_bill()`, or a piece of `tco.work()`.
    It grows by whole years, rounded up to whole GPUs. A GPU is bought in the month that saves most,
    if any does; its price moves by `price_growth_per_year`. With `whole_servers` servers are bought
    full. Rented GPUs are billed for at least `minimum_billing_hours` at a time [hours], each in the
    cheapest of `rental_options` (as in `tco.options()`; by default the scenario's own). No more is
    owned than `owned_max` GPUs and what fits into `site_kw` [kW at the meter] and `site_units` [U],
    one number or one a site.

    `buy_plan` sets the purchases, GPUs by month, instead of finding them; without a demand these
    GPUs are needed from then on, at the `utilization` that is given. Inputs are those of
    `tco.breakeven()`; `gpus` and `utilization` follow from the demand, and are not counted where
    they are given. InputError lists what is wrong.

    >>> import tco
    >>> week = [10] * 40 + [4] * 80 + [2] * 48  # GPUs needed in each hour of a week
    >>> found = tco.fleet(gpu="L4", demand=week, rate_usd_per_gpu_hour=0.8)
    >>> found.owned, found.npv_usd < min(found.all_rent_npv_usd, found.all_own_npv_usd)
    (4, True)
    >>> found.units["utilization"].round(4).tolist()[:5]
    [1.0, 1.0, 0.7143, 0.7143, 0.2381]
    """
    numbers = {
        "demand_growth_per_year": demand_growth_per_year,
        "price_growth_per_year": price_growth_per_year,
        "minimum_billing_hours": minimum_billing_hours,
    }
    minimum = number_of(minimum_billing_hours) or 0.0
    asked, problems = _asked(scenario, dict(inputs), demand, buy_plan, minimum)
    problems += checked_numbers(numbers, numbers, FLEET)
    try:
        ways = rental_ways(rental_options)
    except InputError as wrong:
        problems += wrong.problems
    if problems:
        raise InputError(problems)
    months = int(ceil(asked.values()["horizon_months"]))
    plan = None if buy_plan is None else _plan(buy_plan, months)
    curve = None if demand is None else curve_of(demand, str(asked.values()["gpu"]))
    if curve is None:
        assert plan is not None
        needs = _needs_of_plan(plan, asked.values()["utilization"], months)
    else:
        needs = _needs(curve, float(demand_growth_per_year), minimum, months)
    case = _Case(
        scenario=asked,
        ways=ways,
        price_growth=float(price_growth_per_year),
        minimum_hours=minimum,
        needs=needs,
        block=curve.block if curve is not None else 1,
        plan=plan,
    )
    room = capacity_of(case.values, case.per_purchase, owned_max, site_kw, site_units)
    return _solved(case, curve, room, float(demand_growth_per_year))


def curve_of(demand: Any, gpu: str = "") -> DemandCurve:
    """The demand that something stands for: work, a bill, or what `tco.demand_curve()` reads.

    Of a bill with several kinds of GPUs that of `gpu` is taken.
    """
    if isinstance(demand, Work):
        return _curve_of_work(demand)
    if isinstance(demand, Bill):
        return demand.demand(gpu if len(demand.gpus) > 1 else None)
    from tco.workload.demand_reading import demand_curve

    return demand_curve(demand)


def _curve_of_work(work: Work) -> DemandCurve:
    """The GPUs of a piece of work: whole replicas in each hour, as `tco.work` counts them."""
    asked, each = work.demand, work.question.gpus
    told = (f"the demand is that of {work.model} on {work.gpu}: {asked.told}",)
    speed = work.speed.output_tokens_per_s
    if asked.by_hour:
        needed = (
            replicas_needed(at, asked.output_tokens, speed, work.load_target) if at else 0
            for at in asked.by_hour
        )
        gpus = tuple(float(count * each) for count in needed)
        return DemandCurve(gpus=gpus, block=each, told=told)
    one = work.load_target * speed / asked.output_tokens / each
    smooth = (asked.mean_per_s / one, asked.peak_per_s / one)
    return DemandCurve(smooth=smooth, is_rounded_up=True, block=each, told=told)


# --- What is asked


def _asked(
    scenario: Scenario | None,
    inputs: dict[str, Any],
    demand: Any,
    buy_plan: Any,
    minimum_hours: float,
) -> tuple[Scenario, list[Problem]]:
    """The scenario, and what of it does not belong to a fleet."""
    asked = scenario_of(scenario, inputs)  # type: ignore[arg-type]
    if asked.is_table:
        raise one_scenario("fleet()")
    problems = []
    if demand is None and buy_plan is None:
        problems.append(
            Problem("demand", "demand is missing: GPUs needed by hour, or a mean and a peak")
        )
    values = asked.values()
    if values["whole_racks"] and values["hosting"] == "own_site":
        message = (
            "whole_racks = true cannot be shared out among the GPUs of a fleet, of which each "
            "takes its part of a rack: leave it out"
        )
        problems.append(Problem("whole_racks", message))
    if minimum_hours and values["delivery_months"] > 0:
        message = (
            f"minimum_billing_hours = {minimum_hours:g} cannot be combined with delivery_months, "
            "until which the busy hours are rented as they come: give one of them"
        )
        problems.append(Problem("minimum_billing_hours", message))
    if values["colo_committed_kw"] > 0:
        message = (
            f"colo_committed_kw = {values['colo_committed_kw']:g} is paid for the site as a "
            "whole, not by each GPU of a fleet: give it as a line of your own"
        )
        problems.append(Problem("colo_committed_kw", message))
    for line in asked.lines:
        if line.cap_usd is not None and line.basis != "fixed":
            message = (
                f"lines: {line.name!r} ends at an amount, cap_usd = {line.cap_usd:g}, which "
                "cannot be shared out among the GPUs of a fleet: give it without, or as fixed"
            )
            problems.append(Problem("lines", message))
    return asked, problems


def _plan(given: Any, months: int) -> dict[int, int]:
    """Purchases by month, in the order of time; InputError for what is none."""
    meaning = "GPUs bought, by the month of the purchase"
    if not isinstance(given, Mapping) or not given:
        message = f"buy_plan = {shown(given)} is no table of months and GPUs: {meaning}"
        raise InputError([Problem("buy_plan", message)])
    problems, found = [], {}
    for month, gpus in given.items():
        at, count = number_of(month), number_of(gpus)
        if at is None or at != int(at) or not 0 <= at < months:
            message = f"buy_plan: month {shown(month)} is outside whole numbers [0, {months - 1}]"
            problems.append(Problem("buy_plan", f"{message}: {meaning}"))
        elif count is None or count != int(count) or not 1 <= count <= _MOST_UNITS:
            message = f"buy_plan: {shown(gpus)} GPUs in month {month} is outside whole numbers"
            problems.append(Problem("buy_plan", f"{message} [1, {_MOST_UNITS}]: {meaning}"))
        else:
            found[int(at)] = int(count)
    if problems:
        raise InputError(problems)
    return dict(sorted(found.items()))


def _needs(curve: DemandCurve, growth: float, minimum_hours: float, months: int) -> Needs:
    """What each GPU is needed for in each year."""
    import numpy as np

    if minimum_hours > 0 and not curve.gpus:
        message = (
            f"minimum_billing_hours = {minimum_hours:g} needs a demand by hour: a mean and a peak "
            "do not say when a GPU is idle"
        )
        raise InputError([Problem("minimum_billing_hours", message)])
    starts = tuple(range(0, months, MONTHS_PER_YEAR)) if growth else (0,)
    curves = [curve.grown((1 + growth) ** year) for year in range(len(starts))]
    size = max(each.units for each in curves)
    if size > _MOST_UNITS:
        message = (
            f"the demand takes {size:,} GPUs at its peak, more than {_MOST_UNITS:,}: scale it down"
        )
        raise InputError([Problem("demand", message)])
    busy, billed = np.zeros((2, size, len(starts)))
    counts = np.array([each.units for each in curves])
    for year, each in enumerate(curves):
        busy[: each.units, year] = each.shares
        billed[: each.units, year] = each.billed_shares(minimum_hours)
    is_needed = np.arange(size)[:, None] < counts[None, :]
    first = np.asarray(starts)[is_needed.argmax(axis=1)]
    ends = np.array([*starts[1:], months])
    last = ends[len(starts) - 1 - is_needed[:, ::-1].argmax(axis=1)]
    return Needs(starts, busy, billed, first, last)


def _needs_of_plan(plan: dict[int, int], utilization: float, months: int) -> Needs:
    """GPUs that are needed from the month in which a plan buys them."""
    import numpy as np

    starts = tuple(sorted({0, *plan}))
    first = np.repeat(list(plan), list(plan.values()))
    busy = np.where(np.asarray(starts)[None, :] >= first[:, None], float(utilization), 0.0)
    return Needs(starts, busy, busy, first, np.full(len(first), months))


# --- What it costs


@dataclass(frozen=True, eq=False, kw_only=True)
class _Case:
    """A question with all that its answer depends on but the limits."""

    scenario: Scenario
    ways: tuple[str, ...]
    price_growth: float
    minimum_hours: float
    needs: Needs
    block: int
    plan: dict[int, int] | None

    @cached_property
    def values(self) -> dict[str, Any]:
        """The values of one GPU."""
        return self.at_size(1)

    def at_size(self, gpus: int, way: str = "") -> dict[str, Any]:
        """The values of one GPU of so many owned ones, rented in that way."""
        scenario = replace(self.scenario, gpus=gpus, utilization=1.0)
        if way:
            scenario = what_if(scenario, way)
            if scenario.values()[RATE] is None:
                why = scenario.resolved()[RATE].note
                message = f"rental_options: {way} has no rate ({why}): leave it out"
                raise InputError([Problem("rental_options", message)])
        values = model_values(scenario, PRICES)
        checked(Inputs.of(values))
        changes = dict(ONE_GPU)
        if self.minimum_hours > 0:
            changes[_OVERHEAD] = 0.0
        shared = tuple(line for line in scenario.lines if line.basis != "fixed")
        values = values | changes
        return values | {"lines": shared} if scenario.lines else values

    @cached_property
    def per_purchase(self) -> int:
        """GPUs that are bought together: whole servers, whole replicas, or one."""
        per_server = int(self.values["gpus_per_server"])
        if not self.scenario.values()["whole_servers"]:
            return self.block
        return self.block if self.block % per_server == 0 else per_server

    @cached_property
    def rents(self) -> tuple[Any, list[str]]:
        """What renting each GPU until each month costs, and its cheapest way until the end."""
        import numpy as np

        names = self.ways or (_way_of(self.scenario),)
        tables = [
            rented(Unit(self.at_size(1, way), self.price_growth), self.needs)
            for way in (self.ways or ("",))
        ]
        costs = np.stack(tables)
        best = costs[:, :, -1].argmin(axis=0)
        return costs.min(axis=0), [names[at] for at in best]

    @cached_property
    def sizes(self) -> list[tuple[int, int]]:
        """Fleets of fewest to most GPUs that cost the same each: what a host has depends on size.

        A maker's network, space and staff for a cluster are those of as many servers as there are.
        """
        tiers = {
            most
            for name, entry in self.scenario.resolved().items()
            if name not in self.scenario.given
            for most, _ in entry.tiers
            if math.isfinite(most)
        }
        per_server = int(self.values["gpus_per_server"])
        ends = [int(most) * per_server for most in sorted(tiers)]
        return list(zip([0, *(end + 1 for end in ends)], [*ends, 10**9], strict=True))

    def savings(self, gpus: int) -> Savings:
        """What buying saves where so many GPUs are owned in all."""
        import numpy as np

        values, (rents, _) = self.at_size(gpus), self.rents
        unit = Unit(values, self.price_growth)
        after = values["horizon_months"] - values["delivery_months"]
        months = [at for at in range(unit.months) if at == 0 or at < after]
        if values["already_owned"]:
            months = [0]
        costs = rents[:, months] + owned(unit, self.needs, months)
        by_unit = rents[:, -1:] - costs
        by_unit[np.abs(by_unit) < _NOTHING * np.abs(costs)] = 0.0
        size = max(len(by_unit), sum((self.plan or {}).values()))
        beyond = -size % self.per_purchase + size - len(by_unit)
        if beyond:
            filled = -idle(unit, self.needs, months)
            by_unit = np.concatenate([by_unit, np.broadcast_to(filled, (beyond, len(months)))])
        return Savings(months, self.per_purchase, by_unit)


def _way_of(scenario: Scenario) -> str:
    """What the scenario's own way to rent is called."""
    values = scenario.values()
    asked = (values["term"], values["billing"])
    return next((name for name, way in RENTING.items() if way == asked), str(values["billing"]))


def _solved(case: _Case, curve: DemandCurve | None, room: Capacity, growth: float) -> Fleet:
    """The cheapest plan: of fleets of each size that costs alike, the best."""
    rents, ways = case.rents
    all_rent, needed = float(rents[:, -1].sum()), len(rents)
    found = list(_by_size(case, room))
    best = min(found, key=lambda one: all_rent - one.saved)
    waiting = _waiting(found, all_rent)
    largest = found[-1]
    everything = min(-(-needed // case.per_purchase), room.purchases)
    all_own = all_rent - float(largest.savings.by_purchase[:everything, 0].sum())
    unlimited = best.savings.best(0, len(best.months))
    is_bound = case.plan is None and (unlimited >= 0).sum() > (best.months >= 0).sum()
    bound = is_bound and bool(room.limits) and (best.months >= 0).sum() == room.purchases
    values = case.values
    fixed = [line for line in case.scenario.lines if line.basis == "fixed"]
    own_fixed, rent_fixed = fixed_usd(values, fixed)
    count = int((best.months >= 0).sum()) * case.per_purchase
    _, now_count, now_npv = waiting.iloc[0].tolist()
    return Fleet(
        scenario=case.scenario,
        demand=curve,
        growth_per_year=growth,
        needed=needed,
        owned=count,
        most_owned=everything * case.per_purchase,
        npv_usd=all_rent - best.saved,
        all_rent_npv_usd=all_rent,
        all_own_npv_usd=all_own,
        buy_now=Purchase(int(now_count), float(now_npv)),
        binding=binding_sentence(room.limits, count, needed) if bound else "",
        fixed_own_usd=own_fixed,
        fixed_rent_usd=rent_fixed,
        notes=_notes(case, curve),
        per_purchase=case.per_purchase,
        units=_units(case, best, ways),
        waiting=waiting,
    )


class _Sized(NamedTuple):
    """The best plan of a fleet whose size lies between two, and what it saves."""

    savings: Savings
    months: Any
    saved: float
    least: int
    most: int


def _by_size(case: _Case, room: Capacity) -> Iterator[_Sized]:
    import numpy as np

    per, needed = case.per_purchase, len(case.needs.first)
    planned = None if case.plan is None else sum(case.plan.values())
    if planned is not None:
        _check_plan(planned, case, room)
    for fewest, most in case.sizes:
        if planned is not None and not fewest <= planned <= most:
            continue
        least, limit = -(-fewest // per), min(most // per, room.purchases, -(-needed // per))
        if planned is None and least > limit:
            continue
        savings = case.savings(min(most, max(planned or needed, 1)))
        if case.plan is None:
            months = savings.best(least, limit)
        else:
            _check_months(case.plan, savings.months)
            listed = [at for at, gpus in case.plan.items() for _ in range(gpus // per)]
            months = np.full(len(savings.by_purchase), NEVER)
            months[: len(listed)] = listed
        yield _Sized(savings, months, savings.of(months), least, limit)


def _check_plan(planned: int, case: _Case, room: Capacity) -> None:
    per = case.per_purchase
    problems = [
        Problem(
            "buy_plan",
            f"buy_plan: {gpus} GPUs in month {month} are no whole number of {per}, which are "
            "bought together",
        )
        for month, gpus in (case.plan or {}).items()
        if gpus % per
    ]
    if planned > room.gpus:
        message = f"buy_plan: {planned:,} GPUs are more than the {room.gpus:,} that may be owned"
        problems.append(Problem("buy_plan", message))
    if problems:
        raise InputError(problems)


def _check_months(plan: dict[int, int], months: list[int]) -> None:
    """InputError for purchases that would be delivered after the end, or of what is there."""
    problems = [
        Problem("buy_plan", f"buy_plan: month {at} is outside [0, {months[-1]}]: GPUs are {why}")
        for at in plan
        for why in ("delivered before the end" if len(months) > 1 else "there from month 0 on",)
        if at not in months
    ]
    if problems:
        raise InputError(problems)


def _waiting(found: Sequence[_Sized], all_rent: float) -> pd.DataFrame:
    """What renting all until a month and buying then costs."""
    import pandas as pd

    rows = []
    for column, month in enumerate(found[0].savings.months):
        each = [one.savings.at(column, one.least, one.most) for one in found]
        count, saved = max(each, key=lambda one: one[1])
        rows.append((month, count, all_rent - saved))
    return pd.DataFrame(rows, columns=list(WAIT_COLUMNS))


def _units(case: _Case, best: _Sized, ways: list[str]) -> pd.DataFrame:
    """Every GPU of the fleet in the order in which the demand needs them.

    Columns: unit, utilization [share of all hours, mean over the horizon], npv_saving_usd (what
    buying it today saves), owned, buy_month (empty: never), plan_saving_usd (what buying it then
    saves), server (what it is bought with), rent_option (the cheapest way to rent it),
    rent_npv_usd, billed_share [share of all hours]. GPUs beyond the demand fill a server.
    """
    import numpy as np
    import pandas as pd

    by_unit, per, needs = best.savings.by_unit, case.per_purchase, case.needs
    size, needed = len(by_unit), len(needs.first)
    horizon = case.values["horizon_months"]
    widths = np.diff([*needs.starts, horizon]) / horizon
    server = np.arange(size) // per
    month = best.months[server]
    column = np.searchsorted(best.savings.months, np.maximum(month, 0))
    saved = np.where(month >= 0, by_unit[np.arange(size), column], 0.0)

    def filled(values: Any) -> Any:
        return np.append(values, np.zeros(size - needed))

    found = {
        "unit": np.arange(1, size + 1),
        "utilization": filled(needs.busy @ widths),
        "npv_saving_usd": by_unit[:, 0],
        "owned": month >= 0,
        "buy_month": pd.array([None if at < 0 else at for at in month.tolist()], dtype="Int64"),
        "plan_saving_usd": saved,
        "server": server + 1,
        "rent_option": [*ways, *[""] * (size - needed)],
        "rent_npv_usd": filled(case.rents[0][:, -1]),
        "billed_share": filled(needs.billed @ widths),
    }
    return pd.DataFrame(found, columns=list(UNIT_COLUMNS))


def _notes(case: _Case, curve: DemandCurve | None) -> tuple[str, ...]:
    """What was done with the demand, and what does not count."""
    notes = [] if curve is None else list(curve.notes)
    told = case.scenario.given
    derived = [name for name in _DERIVED if name in told and (curve or name != "utilization")]
    if derived:
        values = case.scenario.values()
        said = " and ".join(f"{INPUTS[name].phrase} ({values[name]:g})" for name in derived)
        notes.append(f"{said}: not counted, as the demand says it")
    overhead = case.scenario.values()[_OVERHEAD]
    if case.minimum_hours > 0 and overhead > 0:
        notes.append(
            f"the billing overhead of {overhead:.3g} does not count: minimum billing is worked out"
        )
    return tuple(notes)
