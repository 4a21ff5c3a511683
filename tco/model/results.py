"""From resolved inputs to every number of a break-even, for floats and arrays alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tco.errors import InputError, Problem
from tco.finance.discounting import levelized
from tco.inputs import INPUTS, Inputs
from tco.model import ownership
from tco.model.bends import MOVED, bends, bent, moves, nearest_root, roots
from tco.model.cashflows import Totals, accumulate, present_value
from tco.model.facility import peak_it_kw, racks_needed
from tco.model.items import FLAT, OWN, RENT
from tco.model.periods import busy_hours
from tco.numeric import (
    Constant,
    Numeric,
    any_true,
    infinity,
    is_array,
    larger,
    positions,
    put,
    reaches,
    select,
    take,
)

# Every result that a table of scenarios has, in the order of the documentation.
RESULTS = (
    *("months", "first_months", "simple_months", "exit_months", "hours"),
    *("own_npv_usd", "rent_npv_usd", "npv_saving_usd", "undiscounted_saving_usd"),
    *("breakeven_rate_usd_per_gpu_hour", "breakeven_price_usd_per_gpu", "breakeven_utilization"),
    *("own_usd_per_gpu_hour", "rent_usd_per_gpu_hour", "gpus_per_rack", "racks"),
    *("status", "verdict"),
)
STATUSES = ("immediate", "breaks_even", "reverses", "never")
VERDICTS = ("buy", "toss_up", "rent")

# A saving within 1 / _TOSS_UP of the larger side is no reason to decide.
_TOSS_UP = Constant(
    20, "toss_up_share", "share", "a saving within it of the larger side is a toss-up", inverse=True
)
# A slope below this share of the gross flows has no root.
_FLAT_SLOPE = Constant(
    *(10**12, "slope_tolerance", "ratio"),
    "a slope below it of the gross flows has no root",
    inverse=True,
)

# A rate cap that none can reach.
_NO_CAP = INPUTS["rate_cap_usd_per_gpu_month"].high

# Each break-even, and the input it is a value of.
BREAKEVENS = {f"breakeven_{name}": name for name in MOVED}


# What an answer tells first, but for the verdict.
_RATE_ROOT = "breakeven_rate_usd_per_gpu_hour"
TOLD = (
    *("npv_saving_usd", "own_npv_usd", "rent_npv_usd"),
    *("own_usd_per_gpu_hour", "rent_usd_per_gpu_hour", _RATE_ROOT),
)


def solve(v: Inputs) -> tuple[dict[str, Any], tuple[tuple[Any, str], ...]]:
    """Every result by name, and the crossings (empty for arrays).

    The inputs are resolved and checked. `status` and `verdict` are positions in STATUSES and
    VERDICTS.
    """
    totals = accumulate(v)
    found = {result: _breakeven(v, totals, name) for result, name in BREAKEVENS.items()}
    return results_of(v, totals, found), totals.discounted.crossings


def sides(v: Inputs) -> dict[str, Any]:
    """The results of TOLD, and the verdict: what needs no payback, so that the sums alone do.

    The inputs are resolved and checked.
    """
    totals = accumulate(v, compared=False)
    return costs_of(v, totals) | {_RATE_ROOT: _breakeven(v, totals, BREAKEVENS[_RATE_ROOT])}


def breakeven_value(v: Inputs, name: str) -> Any:
    """The break-even of one input alone, see BREAKEVENS; the inputs are resolved and checked."""
    return _breakeven(v, accumulate(v, compared=False), name)


def _breakeven(v: Inputs, totals: Totals, name: str) -> Any:
    straight = _root(v, totals, name)
    if any_true(v.rate_cap_usd_per_gpu_month < _NO_CAP) or v.lines:
        return _bent_root(v, totals, name, straight)
    return straight


def results_of(v: Inputs, totals: Totals, roots: dict[str, Any]) -> dict[str, Any]:
    """Every result by name, from what a pass leaves and the break-even values."""
    none = infinity(totals.own_npv)
    months = totals.discounted.months
    forever = months == none
    busy_per_month = v.hours_per_month * v.utilization
    per_rack = ownership.rack_servers(v)
    return {
        "months": months,
        "first_months": totals.discounted.first,
        "simple_months": totals.undiscounted.months,
        "exit_months": totals.exits.months,
        "hours": select(forever, none, select(forever, 0, months) * busy_per_month),
        "undiscounted_saving_usd": totals.plain_saving,
        **costs_of(v, totals),
        **roots,
        "gpus_per_rack": per_rack * v.gpus_per_server,
        "racks": racks_needed(ownership.servers(v), per_rack, v.whole_racks),
        "status": _status(months, totals.discounted.first, none),
    }


def costs_of(v: Inputs, totals: Totals) -> dict[str, Any]:
    """What both sides cost, what buying saves, and the verdict, from what a pass leaves."""
    own_npv, rent_npv = totals.own_npv, totals.rent_npv
    busy = busy_hours(v, totals.weights[FLAT])
    return {
        "own_npv_usd": own_npv,
        "rent_npv_usd": rent_npv,
        "npv_saving_usd": rent_npv - own_npv,
        "own_usd_per_gpu_hour": levelized(own_npv, busy),
        "rent_usd_per_gpu_hour": levelized(rent_npv, busy),
        "verdict": _verdict(rent_npv - own_npv, own_npv, rent_npv),
    }


def checked(v: Inputs) -> None:
    """InputError where the inputs of a comparison cannot be combined."""
    checked_terms(v)
    checked_racks(v)


def feasible(v: Inputs) -> Any:
    """Whether the inputs of each scenario can be combined: what `checked` has nothing to say of."""
    used: Any = uses_racks(v)
    fits: Any = ownership.rack_servers(v) >= 1
    found = select(used, False, True) | fits
    for _, broken, _ in broken_terms(v):
        found = found & select(broken, False, True)
    return found


def broken_terms(v: Inputs) -> list[tuple[str, Any, str]]:
    """Each rule with the input it is about, whether a scenario breaks it, and what is wrong."""
    leased: Any = v.financing == "lease"
    lent: Any = v.financing == "loan"
    refreshed: Any = v.refresh_months > 0
    owned: Any = v.already_owned
    rules = []
    if any_true(owned):
        there = "cannot be combined with {}: owned hardware is paid for, so give financing = cash"
        late: Any = v.delivery_months > 0
        rules += [
            ("already_owned", owned & lent, there.format("a loan")),
            ("already_owned", owned & leased, there.format("a lease")),
            (
                "delivery_months",
                owned & late,
                "cannot be combined with already_owned: owned hardware needs no delivery, give 0",
            ),
        ]
    if any_true(lent):
        rules.append(
            (
                "loan_interest_only_months",
                lent & (v.loan_interest_only_months >= v.loan_months),
                "leaves no month to repay the loan: give fewer than loan_months",
            )
        )
    if not (any_true(leased) or any_true(refreshed)):
        return rules
    return [
        *rules,
        (
            "lease_usd_per_gpu_month",
            leased & (v.lease_usd_per_gpu_month == 0),
            "means that no lease quote is known: give the payment quoted",
        ),
        (
            "refresh_price_usd_per_gpu",
            refreshed & (v.refresh_price_usd_per_gpu == 0),
            "means that the price of the replacement GPUs is not known: give it",
        ),
        (
            "refresh_months",
            leased & refreshed,
            "cannot be combined with a lease, which replaces hardware every lease_months: give 0",
        ),
        (
            "refresh_months",
            refreshed & (v.refresh_months <= v.delivery_months),
            "replaces GPUs before delivery: give more than delivery_months",
        ),
        (
            "lease_months",
            leased & (v.lease_months <= v.delivery_months),
            "ends before delivery: give more than delivery_months",
        ),
        (
            "lease_months",
            leased & (v.lease_months % v.lease_payment_interval_months != 0),
            "does not end with a payment: give a multiple of lease_payment_interval_months",
        ),
        (
            "lease_buyout_at_market",
            leased & v.lease_buyout_at_market & (v.lease_buyout_usd_per_gpu > 0),
            "cannot be combined with a price: give lease_buyout_usd_per_gpu = 0, or false",
        ),
    ]


def checked_terms(v: Inputs) -> None:
    """InputError that lists what is missing for a lease or a refresh, and what excludes another."""
    problems = [_problem(v, *rule) for rule in broken_terms(v) if any_true(rule[1])]
    if problems:
        raise InputError(problems)


def _problem(v: Inputs, name: str, wrong: Any, why: str) -> Problem:
    value, place, rows = getattr(v, name), "", None
    if is_array(wrong):
        rows = tuple(at for at, bad in enumerate(wrong.tolist()) if bad)
        place = f"[{rows[0]}]"
        value = value[rows[0]] if is_array(value) else value
    shown = str(bool(value)).lower() if INPUTS[name].kind == "flag" else f"{value:g}"
    message = f"{name}{place} = {shown} {why} ({INPUTS[name].meaning})"
    return Problem(name, message, rows)


def checked_racks(v: Inputs) -> None:
    """InputError where racks are used and one cannot hold a single server."""
    used = uses_racks(v)
    unusable: Any = any_true(used) and used & (ownership.rack_servers(v) < 1)
    if not any_true(unusable):
        return
    rows = None
    if is_array(unusable):
        rows = tuple(at for at, bad in enumerate(unusable.tolist()) if bad)
        v = Inputs.of({k: x[rows[0]] if is_array(x) else x for k, x in v.__dict__.items()})
    name, message = rack_limit_problem(v)
    if rows is not None:
        message = message.replace(name, f"{name}[{rows[0]}]", 1)
    raise InputError([Problem(name, message, rows)])


def uses_racks(v: Inputs) -> Any:
    """Whether racks are counted: on the own site, or for a line that is paid by the rack."""
    own_site: Any = v.hosting == "own_site"
    counted = any(line.basis == "rack" for line in v.lines)
    return own_site | (v.hosting != "own_site") if counted else own_site


def rack_limit_problem(v: Inputs) -> tuple[str, str]:
    """The input that keeps a rack from holding one server, and the sentence that says so."""
    server_kw = peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w)
    if v.rack_units < v.server_units:
        name, limit = "rack_units", f"a server takes {v.server_units:g} U"
    else:
        name, limit = "rack_kw", f"a full server draws {server_kw:g} kW at peak"
    value = getattr(v, name)
    meaning = INPUTS[name].meaning
    return name, f"{name} = {value:g} holds no server ({limit}): {meaning}"


def _status(months: Numeric, first_months: Numeric, none: Numeric) -> Any:
    """Position in STATUSES."""
    lost = select(first_months != none, 2, 3)
    return select(months == 0, 0, select(months == none, lost, 1))


def _verdict(saving: Any, own_npv: Any, rent_npv: Any) -> Any:
    """Position in VERDICTS."""
    close = reaches(larger(abs(own_npv), abs(rent_npv)), abs(saving) * _TOSS_UP)
    return select(close, 1, select(saving > 0, 0, 2))


def _root(v: Inputs, totals: Totals, name: str) -> Any:
    """The value of one input at which the saving is 0: it is linear, so two points give it.

    The second point is the end of the domain that is farther away, for the sake of precision.
    """
    own: Any = totals.own_npv
    rent, gross = totals.rent_npv, totals.gross
    now, low, high = getattr(v, name), INPUTS[name].low, INPUTS[name].high
    there = select(2 * now < low + high, high, low)
    base = totals
    if v.lines and not moves(v, name):
        # The slope is the same without them, and sooner found.
        v = v.with_value("lines", ())
        if any_true(totals.financed):
            base = accumulate(v, compared=False, sized=False)
        else:
            own_npv, rent_npv = (present_value(v, side, totals) for side in (OWN, RENT))
            base = totals._replace(own_npv=own_npv, rent_npv=rent_npv, followed=False)
    moved = v.with_value(name, there)
    rise: Any = 0
    if RENT in MOVED[name]:
        rise = present_value(moved, RENT, base) - base.rent_npv
    if OWN in MOVED[name]:
        rise = rise - (present_value(moved, OWN, base) - base.own_npv)
    if any_true(base.followed):
        other = accumulate(moved, compared=False, sized=False)
        further = (other.rent_npv - base.rent_npv) - (other.own_npv - base.own_npv)
        rise = select(base.followed, further, rise)
    none = infinity(gross)
    nowhere = no_root(v, name, abs(rise), gross * abs(there - now)) | (rise == 0)
    root = now + (own - rent) * (there - now) / select(nowhere, 1, rise)
    return select(nowhere, none, root)


def _bent_root(v: Inputs, totals: Totals, name: str, straight: Any) -> Any:
    """The root of one input where the saving bends: the one in the domain nearest to its value.

    `straight` is that of a straight line, which it stays anywhere else.
    """
    places = bends(v, name)
    where = positions(bent(name, places) & ((name != "utilization") | (v.billing == "per_use")))
    if not any_true(where if isinstance(where, bool) else where.size > 0):
        return straight
    part = Inputs.of({key: take(value, where) for key, value in v.__dict__.items()})
    declared = INPUTS[name]
    found = nearest_root(
        getattr(part, name),
        (declared.low, declared.high),
        [take(place, where) for place in places],
        saving_at(part, name, totals.part(where)),
    )
    return put(straight, where, found, totals.gross)


def bent_roots(v: Inputs, name: str) -> list[Any]:
    """All values of an input in its domain at which both sides cost the same, ascending.

    Of one scenario; none where the saving is a straight line, whose root is in the results.
    """
    places = bends(v, name)
    if not bent(name, places):
        return []
    saving = saving_at(v, name, accumulate(v))
    low, high = INPUTS[name].low, INPUTS[name].high
    return list(dict.fromkeys(roots(low, high, places, saving, saving(low))))


def saving_at(v: Inputs, name: str, totals: Totals) -> Callable[[Any], Any]:
    """What buying saves, as a function of one input that changes nothing that grows or lasts [USD].

    `totals` are those of a pass with the present value.
    """

    def saving(value: Any) -> Any:
        moved = v.with_value(name, value)
        none_by_weights: Any = totals.followed is True
        sides: Any = [none_by_weights or present_value(moved, side, totals) for side in (OWN, RENT)]
        if any_true(totals.followed):
            found = accumulate(moved, compared=False, sized=False)
            # Each scenario in its own way, whatever stands beside it in a table.
            both = zip((found.own_npv, found.rent_npv), sides, strict=True)
            sides = [select(totals.followed, whole, side) for whole, side in both]
        own, rent = sides
        return rent - own

    return saving


def no_root(v: Inputs, name: str, rise: Any, gross: Any) -> Any:
    """Whether the saving does not change enough with an input to be 0 for some value of it."""
    flat = is_flat(rise, gross)
    return flat | (v.billing != "per_use") if name == "utilization" else flat


def is_flat(rise: Any, gross: Any) -> Any:
    """Whether a saving that changes by so much of the gross flows does not change at all."""
    return rise * _FLAT_SLOPE < gross
