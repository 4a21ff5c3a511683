"""What a finance reader asks of a purchase: rates of return, annual costs, lease or buy."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

from tco.errors import InputError
from tco.finance.annuity import equivalent_cost_per_period, net_advantage_to_leasing
from tco.finance.discounting import compound_interest, rate_per_period
from tco.finance.returns import irr, mirr
from tco.inputs.text import takes_inputs
from tco.model.breakeven import breakeven, one_scenario
from tco.model.items import OWN, items_of
from tco.model.ledger import ledger_rows
from tco.numeric import MONTHS_PER_YEAR
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    from tco.inputs.values import InputValues

# What a lessee gives up at the end, and discounts at a rate of its own.
RESIDUAL_ITEMS = tuple(item.name for item in items_of(OWN) if item.residual)


@dataclass(frozen=True)
class Year:
    """What both sides pay in one year [USD]; year 0 is the day of the purchase."""

    year: int
    own_usd: float
    rent_usd: float


@dataclass(frozen=True, kw_only=True)
class LeaseOrBuy:
    """Leasing against buying the same hardware with own money.

    `npv_usd` discounts everything at `discount_rate`. `net_advantage_usd` discounts the residual
    at `residual_rate` and everything else at `after_tax_debt_rate`; positive: lease. All rates are
    effective annual.
    """

    npv_usd: float
    net_advantage_usd: float
    discount_rate: float
    after_tax_debt_rate: float
    residual_rate: float


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Buying instead of renting, in the measures of finance; rates effective annual, money USD.

    `irr` has every internal rate of return of what buying saves month by month, and `irr_note` says
    what to make of none or several. `mirr` finances and reinvests at `discount_rate`. `conflict`
    marks that plain totals and present values favor different sides. None is what there is not;
    paybacks are `inf` for never, as in `tco.breakeven()`.
    """

    npv_saving_usd: float
    undiscounted_saving_usd: float
    conflict: bool
    irr: tuple[float, ...]
    irr_note: str
    mirr: float | None
    payback_months: float
    discounted_payback_months: float
    own_usd_per_year: float
    rent_usd_per_year: float
    own_total_usd: float
    rent_total_usd: float
    years: tuple[Year, ...]
    leasing: LeaseOrBuy | None
    discount_rate: float


@takes_inputs
def measures(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> Measures:
    """IRR, MIRR, paybacks, equivalent annual costs, cash by year, and lease or buy.

    For one scenario; a table is an InputError. `own_usd_per_year` and `rent_usd_per_year` are the
    level costs at the end of each year of the horizon that are worth both sides' present values
    [USD per year]: they compare scenarios of unequal horizons, if each is repeated at the same
    prices. Sources: `tco.finance`.

    A purchase of 1,000 that saves 100 a month for a year returns 2.92 % a month:

    >>> import tco
    >>> from tco.inputs import INPUTS
    >>> case = {name: p.neutral for name, p in INPUTS.items() if p.neutral is not None}
    >>> case |= {"price_usd_per_gpu": 1_000, "horizon_months": 12}
    >>> found = tco.measures(**case | {"storage_egress_usd_per_gpu_month": 100})
    >>> [round((1 + rate) ** (1 / 12) - 1, 4) for rate in found.irr], found.own_total_usd
    ([0.0292], 1000.0)
    """
    asked = scenario_of(scenario, inputs)
    if asked.is_table:
        raise one_scenario("measures()")
    answer, values = breakeven(asked), asked.values()
    rate, years = values["discount_rate"], values["horizon_months"] / MONTHS_PER_YEAR
    rows = ledger_rows(asked)
    plain, saving = answer.undiscounted_saving_usd, answer.npv_saving_usd
    return Measures(
        npv_saving_usd=saving,
        undiscounted_saving_usd=plain,
        conflict=plain * saving < 0,
        **_returns(asked, rows, rate),
        payback_months=answer.simple_months,
        discounted_payback_months=answer.months,
        own_usd_per_year=float(equivalent_cost_per_period(answer.own_npv_usd, rate, years)),
        rent_usd_per_year=float(equivalent_cost_per_period(answer.rent_npv_usd, rate, years)),
        own_total_usd=math.fsum(row[4] for row in rows if row[0] == "own"),
        rent_total_usd=math.fsum(row[4] for row in rows if row[0] == "rent"),
        years=cash_by_year(rows),
        leasing=_lease_or_buy(asked, rows) if values["financing"] == "lease" else None,
        discount_rate=rate,
    )


def cash_by_year(rows: list[tuple[Any, ...]]) -> tuple[Year, ...]:
    """The rows of a ledger summed by side and year: year 1 is the first twelve months [USD]."""
    paid: dict[int, dict[str, list[float]]] = {}
    for option, _, month, _, cost, _ in rows:
        year = -(-month // MONTHS_PER_YEAR)
        paid.setdefault(year, {"own": [], "rent": []})[option].append(cost)
    sums = {year: {side: math.fsum(costs) for side, costs in paid[year].items()} for year in paid}
    return tuple(Year(year, sums[year]["own"], sums[year]["rent"]) for year in sorted(sums))


def _returns(asked: Scenario, rows: list[tuple[Any, ...]], rate: float) -> dict[str, Any]:
    """The rates of return of what buying saves at the start and at the end of each month."""
    _, _, last, t, _, _ = rows[-1]
    values = asked.values()
    # What is due as a term begins is listed in the month that begins then, and paid before it.
    of_terms = {"commitment_fee", *(line.name for line in asked.lines if line.when == "term")}
    deducted = 1 - values["tax_rate"]
    paid: list[list[float]] = [[] for _ in range(last + 1)]
    within = False
    for option, item, month, _, cost, _ in rows:
        paid[month].append(cost if option == "rent" else -cost)
        if option == "rent" and item in of_terms and month and cost:
            within = within or values["commitment_months"] % 1 != 0
            paid[month].append(-cost * deducted)
            paid[month - 1].append(cost * deducted)
    if t % 1 or within:
        note = "the horizon is no whole number of months" if t % 1 else "terms begin within a month"
        return {"irr": (), "irr_note": f"none: {note}", "mirr": None}
    flows = [math.fsum(month) for month in paid]
    monthly = irr(flows) if any(flows) else ()
    if not any(flows):
        note = "none: both sides pay the same in every month"
    elif not monthly:
        note = "none: at every rate the same side costs less"
    elif len(monthly) > 1:
        note = "several: none of them is the return; go by npv_saving_usd"
    else:
        note = "one: the return on buying instead of renting"
    modified, at = None, rate_per_period(rate, MONTHS_PER_YEAR)
    with suppress(InputError):  # where nothing is ever paid for, or nothing comes back
        modified = float(compound_interest(mirr(flows, at, at), MONTHS_PER_YEAR))
    rates = tuple(float(compound_interest(found, MONTHS_PER_YEAR)) for found in monthly)
    return {"irr": rates, "irr_note": note, "mirr": modified}


def _lease_or_buy(leased: Scenario, rows: list[tuple[Any, ...]]) -> LeaseOrBuy:
    values = leased.values()
    bought = ledger_rows(replace(leased, financing="cash"), "own")
    sides = [(bought, 1), ([row for row in rows if row[0] == "own"], -1)]
    residual: list[tuple[float, float]] = []
    other: list[tuple[float, float]] = []
    present: list[float] = []
    for side, sign in sides:
        for _, item, _, t, cost, value in side:
            (residual if item in RESIDUAL_ITEMS else other).append((t, sign * cost))
            present.append(sign * value)
    debt = values["debt_rate"] * (1 - values["tax_rate"])
    found = net_advantage_to_leasing(other, residual, debt, values["residual_discount_rate"])
    return LeaseOrBuy(
        npv_usd=math.fsum(present),
        net_advantage_usd=float(found),
        discount_rate=values["discount_rate"],
        after_tax_debt_rate=debt,
        residual_rate=values["residual_discount_rate"],
    )
