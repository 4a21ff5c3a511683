"""All ways to get the same busy hours side by side, and which is cheapest at which utilisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tco.analysis.comparison import Comparison, compared
from tco.analysis.envelope import Stretch, rounded
from tco.analysis.ways import LEASE, PRICE, RATE, Way, ways_of
from tco.errors import InputError
from tco.finance.discounting import levelised
from tco.inputs import INPUTS, Inputs
from tco.inputs.calling import takes_inputs
from tco.inputs.checks import clean
from tco.model import rental
from tco.numeric import MONTHS_PER_YEAR
from tco.scenario import Scenario, scenario_of
from tco.words import percent, usd

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("option", "side", "hosting", "status", "rank", "present_value_usd", "usd_per_busy_gpu_hour"),
    *("usd_per_gpu_year", "total_usd", RATE, PRICE, LEASE, "unused_gpu_hours", "payback_months"),
    *("discounted_payback_months", "payback_against", "cheapest_from", "cheapest_to", "conflict"),
    *("discount_rate", "why_not", "note"),
)
SCREENING = ("option", "side", "hosting", "utilization", "usd_per_gpu_year", "cheapest")
_TEXTS = ("option", "side", "hosting", "status", "payback_against", "why_not", "note")
_BLANK = {**dict.fromkeys(_TEXTS, ""), "conflict": False, "rank": None}
_UNITS = {RATE: "a GPU-hour", PRICE: "a GPU", LEASE: "a GPU and month"}


@takes_inputs
def options(scenario: Scenario | None = None, /, **inputs: Any) -> pd.DataFrame:
    """All ways to get the busy hours of one scenario as a frame, cheapest first.

    Rows: on_demand, spot, committed_1yr, committed_3yr (committed_5yr if that is the scenario's
    term), always_on; buy_new, buy_used, lease, loan, each at own_site, colo_metered, colo_all_in.
    Each is the `tco.analysis.ways.what_if` of its name; what lacks a price stands last, with status
    `missing`.

    Columns: present_value_usd (resale and unused commitment counted), total_usd (not discounted),
    cash_year_0_usd (the start), cash_year_1_usd … [USD]; usd_per_busy_gpu_hour (levelised) and
    usd_per_gpu_year (level) [USD]; the rate, price or lease that counts; unused_gpu_hours (paid
    for without useful work); payback_months and discounted_payback_months against the cheapest
    rental, payback_against (`inf`: never); cheapest_from, cheapest_to (the utilisation at which
    nothing is cheaper) [share]; conflict (dearer than the best only by the cost of capital);
    discount_rate; why_not; note. InputError for a table of scenarios.

    >>> import tco
    >>> found = options(gpu="L4", utilization=0.6).set_index(["option", "hosting"])
    >>> bought = tco.breakeven(gpu="L4", utilization=0.6, hosting="own_site")
    >>> value = found.loc[("buy_new", "own_site"), "present_value_usd"]
    >>> bool(abs(value / bought.own_npv_usd - 1) < 1e-9)
    True
    """
    import pandas as pd

    ways = ways_of(scenario_of(scenario, inputs))
    found = compared(ways)
    rows = _rows(found) if found else []
    rows += [
        {**_identity(way), "status": "missing", "why_not": way.missing}
        for way in ways
        if way.missing
    ]
    names = [*COLUMNS, *(name for name in rows[0] if name not in COLUMNS)]
    columns: dict[str, Any] = {
        name: [row.get(name, _BLANK.get(name, math.nan)) for row in rows] for name in names
    }
    columns["rank"] = pd.array(columns["rank"], dtype="Int64")
    return pd.DataFrame(columns)


@takes_inputs
def screening(
    scenario: Scenario | None = None, /, *, points: Sequence[float] | None = None, **inputs: Any
) -> pd.DataFrame:
    """What each option costs a year as utilisation varies: the lines of a screening chart.

    Columns: option, side, hosting, utilization [share], usd_per_gpu_year (level annual cost of a
    GPU) [USD], cheapest (whether the option is the one to take there). `points` are utilisations;
    by default both ends and where the cheapest option changes, as the lines are straight between.
    Options that lack a price are left out. InputError as for `options()`.

    >>> lines = screening(gpu="L4", points=[0, 0.5, 1])
    >>> sorted(set(lines["utilization"])), int(lines["cheapest"].sum())
    ([0.0, 0.5, 1.0], 3)
    """
    import pandas as pd

    found = compared(ways_of(scenario_of(scenario, inputs)))
    if found is None:
        return pd.DataFrame(columns=list(SCREENING))
    shares = [*(stretch.low for stretch in found.stretches), 1.0]
    if points is not None:
        cleaned, problems = clean(INPUTS["utilization"], list(points))
        if problems:
            raise InputError(problems)
        shares = [float(point) for point in cleaned]
    best = [found.cheapest_at(share) for share in shares]
    rows = [
        (way.option, way.side, way.hosting, share, found.per_gpu_year(at, share), cheapest == at)
        for at, way in enumerate(found.ways)
        for share, cheapest in zip(shares, best, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(SCREENING))


def _rows(found: Comparison) -> list[dict[str, Any]]:
    """The rows of `options()` that have a price, cheapest first."""
    columns = _figures(found)
    stretches = {stretch.line: stretch for stretch in found.stretches}
    rows = []
    for rank, at in enumerate(found.order, 1):
        way = found.ways[at]
        stretch = stretches.get(at)
        rows.append(
            {
                **_identity(way),
                "status": "priced",
                "rank": rank,
                **{name: column[at] for name, column in columns.items()},
                way.price: way.values[way.price],
                "cheapest_from": stretch.low if stretch else math.nan,
                "cheapest_to": stretch.high if stretch else math.nan,
                "discount_rate": way.values["discount_rate"],
                "why_not": _why_not(found, at, stretch),
                "note": way.note + _level_overhead(found, at),
            }
        )
    return rows


def _identity(way: Way) -> dict[str, Any]:
    return {"option": way.option, "side": way.side, "hosting": way.hosting, "note": way.note}


def _figures(found: Comparison) -> dict[str, list[Any]]:
    """The columns of numbers, in the order of the options."""
    v = found.ways[0].values
    totals = found.course.paid.sum(axis=0).tolist()
    busy = v["gpus"] * v["hours_per_month"] * v["utilization"] * found.calendar.busy
    best = found.order[0]
    gaps = zip(found.present, totals, strict=True)
    return {
        "present_value_usd": found.present,
        "usd_per_busy_gpu_hour": [levelised(cost, busy) for cost in found.present],
        "usd_per_gpu_year": [
            found.per_gpu_year(at, v["utilization"]) for at in range(len(found.ways))
        ],
        "total_usd": totals,
        "conflict": [cost > found.present[best] and total < totals[best] for cost, total in gaps],
        "unused_gpu_hours": [_unused_hours(way) for way in found.ways],
        **_paybacks(found),
        **_cash(found),
    }


def _paybacks(found: Comparison) -> dict[str, list[Any]]:
    """When each owning option is ahead of the cheapest rental for good."""
    owned = [at for at, way in enumerate(found.ways) if way.side == "own"]
    if found.rented is None or not owned:
        return {}
    course = found.course
    both = found.calendar.paybacks(course.taken(owned), course.taken([found.rented]))
    discounted, plain = (dict(zip(owned, months.tolist(), strict=True)) for months in both)
    every, against = range(len(found.ways)), found.ways[found.rented].name
    return {
        "payback_months": [plain.get(at, math.nan) for at in every],
        "discounted_payback_months": [discounted.get(at, math.nan) for at in every],
        "payback_against": [against if at in plain else "" for at in every],
    }


def _cash(found: Comparison) -> dict[str, list[float]]:
    """What is paid in each year [USD]: year 0 is the start, the last one has what leaving costs."""
    paid, months = found.course.paid, len(found.calendar.t) - 1
    last = -(-months // MONTHS_PER_YEAR)
    ends = [1, *(year * MONTHS_PER_YEAR + 1 for year in range(1, last)), len(paid)]
    cash = {"cash_year_0_usd": paid[0].tolist()}
    for year in range(1, last + 1):
        cash[f"cash_year_{year}_usd"] = paid[ends[year - 1] : ends[year]].sum(axis=0).tolist()
    return cash


def _unused_hours(way: Way) -> float:
    """GPU-hours that are paid for without useful work, until the last commitment ends."""
    if way.side == "own":
        return math.nan
    v = Inputs.of(way.values)
    months = v.horizon_months * (v.utilization * v.billing_overhead)
    if v.billing != "per_use":
        idle = v.horizon_months * (1 - v.utilization)
        months = idle + rental.unused_months(v, v.horizon_months)
    return float(v.gpus * v.hours_per_month * months)


def _why_not(found: Comparison, at: int, stretch: Stretch | None) -> str:
    """By how much an option loses to the cheapest one, and what would change that."""
    best = found.order[0]
    if at == best:
        return ""
    gap, name = found.present[at] - found.present[best], found.ways[best].name
    if rounded(found.present[at]) == rounded(found.present[best]):
        return f"costs as much as {name}, which is listed first"
    size = abs(found.present[best])
    share = f" ({percent(gap / size)})" if size else ""
    where = "cheapest at no utilisation"
    if stretch:
        where = f"cheapest from {percent(stretch.low)} to {percent(stretch.high)} busy"
    return f"costs {usd(gap)}{share} more than {name}; {_level_price(found, at, gap)}{where}"


def _level_price(found: Comparison, at: int, gap: float) -> str:
    """The price at which the option costs as much as the cheapest one: its cost is linear in it."""
    way, slope = found.ways[at], found.slopes[at]
    now, unit = way.values[way.price], _UNITS[way.price]
    if slope * now <= 0:
        return ""
    level = now - gap / slope
    if level < 0:
        return f"dearer even at $0 {unit}; "
    return f"level at {usd(level)} {unit} (now {usd(now)}); "


def _level_overhead(found: Comparison, at: int) -> str:
    """The overhead, rework included, at which spot costs as much as on demand."""
    names = [way.option for way in found.ways]
    idle, full = found.ends[at]
    v = found.ways[at].values
    slope = (full - idle) * v["utilization"]
    if names[at] != "spot" or "on_demand" not in names or slope <= 0:
        return ""
    room = found.present[names.index("on_demand")] - idle
    level = room / slope * (1 + v["billing_overhead"]) - 1
    words = f"as dear as on_demand with {percent(level)}" if level >= 0 else "dearer than on_demand"
    return f"; {words}"
