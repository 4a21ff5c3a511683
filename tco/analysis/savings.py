"""What buying saves at many values of an input, every other value held where it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.errors import InputError, Problem, shown, suggestion
from tco.inputs import INPUTS, Inputs, Param, current_name
from tco.inputs.checks import clean
from tco.market.following import FOLLOWERS, SIZES, at_size, servers_of
from tco.model.breakeven import answered, one_scenario
from tco.model.cashflows import accumulate
from tco.model.results import TOLD, feasible, sides
from tco.numeric import is_array, larger, select
from tco.scenario import Resolved, Scenario, scenario_of

if TYPE_CHECKING:
    from tco.analysis.by_speed import BySpeed
    from tco.inputs.values import InputValues

FEWEST_POINTS, MOST_POINTS = 2, 1_001
# An open end of a domain is approached to this share of the range.
_NEAREST = 10**6


class Saving(NamedTuple):
    """What buying saves, the larger present value of the two sides, all flows added up [USD].

    `usd` is NaN where the inputs cannot be combined: a rack holds no server, or terms of a lease or
    a refresh are missing or exclude each other.
    """

    usd: Any
    larger: Any
    gross: Any


@dataclass(frozen=True)
class Case:
    """One scenario: its values, what it saves [USD], and the range of every number among them.

    A range is low and high (P10 and P90), widened to hold the value; None where nothing is known.
    The values are those of `values_of`.
    """

    values: dict[str, Any]
    saving_usd: float
    ranges: dict[str, tuple[float, float] | None]


def case_of(scenario: Scenario, what: str) -> Case:
    """The case of one scenario; InputError for a table, or where a price or rate is not known."""
    if scenario.is_table:
        raise one_scenario(what)
    saving = answered(scenario).npv_saving_usd
    resolved = scenario.resolved()
    ranges = {name: _range(resolved[name]) for name in INPUTS if INPUTS[name].numeric}
    return Case(values_of(scenario), saving, ranges)


def asked_of(asked: Any, inputs: InputValues) -> tuple[Scenario, BySpeed | None]:
    """The scenario that a public function was asked about; of a piece of work also its speed."""
    if asked is None or isinstance(asked, Scenario):
        return scenario_of(asked, inputs), None
    # Who asks about scenarios alone loads nothing of work.
    from tco.analysis.by_speed import BySpeed
    from tco.analysis.work import Work, changed_work

    if not isinstance(asked, Work):
        return scenario_of(asked, inputs), None
    work = changed_work(asked, inputs)
    return work.scenario, BySpeed(work)


def values_of(scenario: Scenario) -> dict[str, Any]:
    """The values of a scenario; `followers` are pairs of inputs: the first would move the second.

    `tiers` are those of what depends on the number of servers.

    >>> values_of(Scenario(gpu="L4"))["followers"]
    (('warranty_months', 'server_warranty_months'),)
    """
    values = scenario.values()
    is_known = values["gpu"] in scenario.catalogue.gpus
    pairs = tuple(
        (leader, follower)
        for leader, follower in FOLLOWERS.items()
        if follower not in scenario.given and not (is_known and leader == "gpu_w")
    )
    tiers = {
        name: tuple((most, tier.value) for most, tier in entry.tiers)
        for name, entry in scenario.resolved().items()
        if entry.tiers
    }
    return values | {"followers": pairs, "tiers": tiers}


def with_columns(values: dict[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `values_of` with others of some inputs, and what follows from these."""
    found = dict(values)
    for name, column in columns.items():
        found |= moved(values, name, column)
    return found | _resized(values, columns) | dict(columns)


def moved(values: dict[str, Any], name: str, to: Any) -> dict[str, Any]:
    """Another value of an input, and the values that follow from it; the present one moves none.

    >>> moved(values_of(Scenario(gpu="L4")), "warranty_months", 12)
    {'warranty_months': 12, 'server_warranty_months': 12}
    """
    found = {name: to}
    for leader, follower in values.get("followers", ()):
        if leader == name:
            ratio = values[follower] / values[name] if name == "gpu_w" and values[name] else 1
            is_now: Any = to == values[name]
            now, then = values[follower], to * ratio
            found[follower] = select(is_now, now, then) if is_array(to) else (then, now)[is_now]
    return found | _resized(values, found)


def _resized(values: dict[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """What is another value for another number of servers."""
    tiers = values.get("tiers")
    if not tiers or not any(name in columns for name in SIZES):
        return {}
    servers = servers_of({**values, **columns})
    return {name: at_size(entry, servers) for name, entry in tiers.items()}


def _range(entry: Resolved) -> tuple[float, float] | None:
    if entry.low is None or entry.high is None:
        return None
    declared = INPUTS[entry.name]
    low = max(min(entry.low, entry.value), declared.low)
    high = min(max(entry.high, entry.value), declared.high)
    return (low, high) if low < high else None


def saving(v: Inputs) -> Saving:
    """What buying saves, for floats and arrays alike: `npv_saving_usd` and nothing else.

    The inputs are resolved and checked.
    """
    totals = accumulate(v, compared=False)
    own: Any = totals.own_npv
    rent: Any = totals.rent_npv
    usd = select(feasible(v), rent - own, math.nan)
    return Saving(usd, larger(abs(own), abs(rent)), totals.gross)


def savings(values: dict[str, Any], points: Mapping[str, Any]) -> dict[str, Saving]:
    """The savings at the points of each input, the others held."""
    found = answers_at(values, points, saving)
    return {name: Saving(*solved) for name, solved in found.items()}


class Told(NamedTuple):
    """What an answer tells first, at some values of an input; NaN where there is none.

    `verdict` are positions in VERDICTS; costs are USD per busy GPU-hour, the saving USD. The other
    fields are those of TOLD, in its order.
    """

    saving_usd: Any
    own_npv_usd: Any
    rent_npv_usd: Any
    own_usd_per_gpu_hour: Any
    rent_usd_per_gpu_hour: Any
    breakeven_rate_usd_per_gpu_hour: Any
    verdict: Any


def answers(values: dict[str, Any], points: Mapping[str, Any]) -> dict[str, Told]:
    """What `breakeven()` answers at the points of each input, the others held.

    >>> import tco
    >>> found = answers(values_of(Scenario(gpu="L4")), {"pue": [1.2]})["pue"]
    >>> own, answer = found.own_usd_per_gpu_hour[0], tco.breakeven(gpu="L4", pue=1.2)
    >>> math.isclose(own, answer.own_usd_per_gpu_hour, rel_tol=1e-12)
    True
    """
    found = answers_at(values, points, _told)
    return {name: Told(*solved) for name, solved in found.items()}


def _told(v: Inputs) -> Told:
    results, is_one = sides(v), feasible(v)
    costs = (select(is_one, results[name], math.nan) for name in TOLD)
    return Told._make((*costs, results["verdict"]))


def answers_at(
    values: dict[str, Any],
    points: Mapping[str, Any],
    question: Callable[[Inputs], tuple[Any, ...]],
) -> dict[str, list[Any]]:
    """The answers at the points of each input, the others held; most inputs in one kernel call.

    Those that make the pass more expensive have calls of their own.
    """
    import numpy as np

    found: dict[str, list[Any]] = {}
    dearer = _dearer(values)
    others = tuple(name for name in points if not any(name in costly for costly in dearer))
    for group in (others, *dearer):
        names = [name for name in group if name in points]
        if not names:
            continue
        ends = np.cumsum([len(points[name]) for name in names])
        columns = {name: np.full(ends[-1], float(values[name])) for name in names}
        parts = dict(zip(names, map(slice, [0, *ends[:-1]], ends), strict=True))
        for name, part in parts.items():
            for one, column in moved(values, name, np.asarray(points[name])).items():
                columns.setdefault(one, np.full(ends[-1], float(values[one])))[part] = column
        with np.errstate(all="ignore"):
            solved = question(Inputs.of({**values, **columns}))
        whole = [np.broadcast_to(result, ends[-1]) for result in solved]
        for name, part in parts.items():
            found[name] = [result[part] for result in whole]
    return found


def _dearer(values: dict[str, Any]) -> list[tuple[str, ...]]:
    """Inputs that make the pass over the months more expensive for every scenario in it, by how.

    It is longer; it follows tax, delivery, refresh and the fees of commitments; their terms begin
    within months.
    """
    longer, followed = ("horizon_months",), ("tax_rate", "delivery_months", "refresh_months")
    if values["billing"] != "committed":
        return [longer, followed]
    return [longer, (*followed, "commitment_fee_usd_per_gpu"), ("commitment_months",)]


def numeric_input(name: Any, asked: str = "") -> Param:
    """The declaration of an input that is a number; InputError for anything else.

    `asked` is what takes its name, if that is not called `input`.

    >>> numeric_input("pue").domain
    '[1, 3]'
    """
    name = current_name(name)
    if not isinstance(name, str) or name not in INPUTS:
        near = suggestion(name, INPUTS) if isinstance(name, str) else ""
        told = f"{asked} = {shown(name)}" if asked else shown(name)
        raise InputError([Problem(asked or "input", f"{told} is not an input{near}")])
    if not INPUTS[name].numeric:
        message = f"{name} is not a number but {INPUTS[name].domain}: choose a numeric input"
        raise InputError([Problem(asked or name, message)])
    return INPUTS[name]


def checked_points(points: Any) -> int:
    """A number of points; InputError unless it is whole and from 2 to 1,001."""
    whole = isinstance(points, int) and not isinstance(points, bool)
    if not whole or not FEWEST_POINTS <= points <= MOST_POINTS:
        bounds = f"[{FEWEST_POINTS}, {MOST_POINTS}]"
        message = (
            f"points = {shown(points)} is not a whole number in {bounds}: the points of each axis"
        )
        raise InputError([Problem("points", message)])
    return int(points)


def drawn_range(case: Case, name: str, wanted: Any = None) -> tuple[float, float]:
    """The low and high over which an input is drawn: those wanted, else its range.

    Where nothing is believed it is half to twice the value, inside the domain. InputError for ends
    outside the domain or in the wrong order.
    """
    declared, value = numeric_input(name), case.values[name]
    if wanted is None:
        found = case.ranges[name]
        low, high = found or (max(declared.low, value / 2), min(declared.high, value * 2))
        if declared.kind == "integer":
            low, high = math.floor(low), math.ceil(high)
    else:
        if not isinstance(wanted, (tuple, list)) or len(wanted) != 2:
            message = f"{declared.name}: {shown(wanted)} is not a pair of low and high"
            raise InputError([Problem(declared.name, message)])
        (low, low_problems), (high, high_problems) = (clean(declared, end) for end in wanted)
        if problems := [*low_problems, *high_problems]:
            raise InputError(problems)
    if not low < high:
        message = f"{name} = {low:g} to {high:g} is no range to draw: {declared.meaning}"
        raise InputError([Problem(name, message)])
    return max(low, declared.low), high


def spread(declared: Param, low: float, high: float, points: int) -> Any:
    """So many values from low to high, evenly; of an integer the whole numbers among them.

    >>> spread(INPUTS["gpus"], 4, 8, 61).tolist(), spread(INPUTS["pue"], 1, 2, 3).tolist()
    ([4.0, 5.0, 6.0, 7.0, 8.0], [1.0, 1.5, 2.0])
    """
    import numpy as np

    if declared.low_open and low <= declared.low:
        low = declared.low + (high - declared.low) / _NEAREST
    values = np.linspace(low, high, points)
    return np.unique(np.round(values)) if declared.kind == "integer" else values
