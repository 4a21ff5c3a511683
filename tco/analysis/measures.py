"""What a finance reader asks of a purchase: rates of return, annual costs, lease or buy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from tco.analysis.lease import rate_inside
from tco.errors import InputError
from tco.finance.annuity import equivalent_cost_per_period, net_advantage_to_leasing
from tco.finance.discounting import compound_interest, rate_per_period
from tco.finance.lease import LeaseRate
from tco.finance.returns import irr, mirr, net
from tco.inputs.text import takes_inputs
from tco.model.breakeven import answered, one_scenario
from tco.model.items import OWN, items_of
from tco.model.ledger import ledger_rows
from tco.numeric import MONTHS_PER_YEAR
from tco.scenario import Scenario, scenario_of
from tco.words import of_owner
from tco.words.currencies import shown_by_default
from tco.words.figures import dollars, in_columns
from tco.words.finance import (
    MEASURES,
    NO_LEASE,
    NO_PERIODS,
    NO_TERMS,
    ROOT,
    SEVERAL,
    YEAR_LABELS,
    irr_note,
    irr_text,
    measured,
    measures_title,
    mirr_note,
)

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

# What a lessee gives up at the end, and discounts at a rate of its own.
RESIDUAL_ITEMS = tuple(item.name for item in items_of(OWN) if item.residual)
MEASURE_COLUMNS = ("name", "label", "value", "unit", "note")
YEAR_COLUMNS = ("year", "own_usd", "rent_usd", "saving_usd", "cumulative_usd")


class MeasureRow(NamedTuple):
    """One measure: its name in files, and for people its label, value and note.

    `value` is None where there is none, `text` the same as people read it; `note` is what to make
    of it in a sentence or two.
    """

    name: str
    label: str
    value: float | None
    unit: str
    text: str
    note: str


@dataclass(frozen=True)
class Year:
    """What both sides pay in one year [USD]; year 0 is the day of the purchase."""

    year: int
    own_usd: float
    rent_usd: float

    @property
    def saving_usd(self) -> float:
        """What buying saves in the year [USD]."""
        return self.rent_usd - self.own_usd


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


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Measures:
    """Buying instead of renting, in the measures of finance; rates effective annual, money USD.

    `irr` has every internal rate of return of what buying saves month by month, and `irr_note` says
    what to make of none, one or several. `mirr` finances and reinvests at `discount_rate`.
    `conflict` marks that plain totals and present values favor different sides. `leasing` compares
    leasing with buying where the scenario is a lease or has the terms of one; else `leasing_note`
    says why not, and `lease_rate` is the rate implicit in that lease. None is what there is not;
    paybacks are `inf` for never, as in `tco.breakeven()`.
    """

    npv_saving_usd: float
    undiscounted_saving_usd: float
    conflict: bool
    irr: tuple[float, ...]
    irr_note: str
    mirr: float | None
    mirr_note: str
    payback_months: float
    discounted_payback_months: float
    exit_months: float
    own_usd_per_year: float
    rent_usd_per_year: float
    own_total_usd: float
    rent_total_usd: float
    years: tuple[Year, ...]
    leasing: LeaseOrBuy | None
    leasing_note: str
    lease_rate: LeaseRate | None
    discount_rate: float
    scenario: Scenario

    @property
    def title(self) -> str:
        """What is measured, in a line."""
        values = self.scenario.values()
        told = measures_title(values["gpus"], values["horizon_months"], self.discount_rate)
        return of_owner(told, values)

    @property
    def irr_text(self) -> str:
        """The rate of return where there is no room for a note: all of several, or why none.

        >>> import tco
        >>> tco.measures(gpu="L4", as_of="2026-11-28").irr_text
        '15.3 % a year'
        """
        return of_owner(irr_text(self.irr, self.irr_note), self.scenario.values())

    @property
    def rows(self) -> tuple[MeasureRow, ...]:
        """Every measure, in the order of the documentation.

        Each of several internal rates of return has a row of its own, and `irr` then no value; what
        concerns a lease is listed where its terms are known.

        >>> import tco
        >>> found = tco.measures(gpu="L4", utilization=0.6)
        >>> [row.name for row in found.rows][:3]
        ['npv_saving_usd', 'undiscounted_saving_usd', 'irr']
        """
        return tuple(self._rows())

    def _rows(self) -> Iterator[MeasureRow]:
        notes = {"irr": self.irr_note, "mirr": self.mirr_note}
        known: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        known["irr"] = self.irr[0] if len(self.irr) == 1 else None
        if self.leasing is not None:
            known |= {
                "net_advantage_to_leasing_usd": self.leasing.net_advantage_usd,
                "lease_npv_usd": self.leasing.npv_usd,
                "after_tax_debt_rate": self.leasing.after_tax_debt_rate,
                "residual_rate": self.leasing.residual_rate,
            }
        if self.lease_rate is not None:
            known |= {
                "lease_nominal_rate": self.lease_rate.nominal_rate,
                "lease_effective_rate": self.lease_rate.effective_rate,
            }
        for name, about in MEASURES.items():
            several = name == "irr" and len(self.irr) > 1
            if name in known:
                row = self._row(name, *about[:2], known[name], notes.get(name, about.meaning))
                yield row._replace(text=SEVERAL) if several else row
            if several:
                for number, root in enumerate(self.irr, 1):
                    label = ROOT.label.format(number)
                    yield self._row(f"irr_root_{number}", label, ROOT.unit, root, ROOT.meaning)

    def _row(self, name: str, label: str, unit: str, value: float | None, note: str) -> MeasureRow:
        values = self.scenario.values()
        label, note = (of_owner(said, values) for said in (label, note))
        is_none = value is None or math.isinf(value)
        return MeasureRow(
            name, label, None if is_none else value, unit, measured(value, unit), note
        )

    def to_frame(self) -> pd.DataFrame:
        """Every measure as a row: name, label, value (NaN for none), unit and note.

        >>> import tco
        >>> frame = tco.measures(gpu="L4", utilization=0.6).to_frame().set_index("name")
        >>> frame.loc["npv_saving_usd", "unit"]
        'USD'
        """
        import pandas as pd

        listed = [tuple(getattr(row, name) for name in MEASURE_COLUMNS) for row in self.rows]
        return pd.DataFrame(listed, columns=MEASURE_COLUMNS).astype({"value": float})

    def years_frame(self) -> pd.DataFrame:
        """Cash by year [USD]: year (0: the start), both sides, what buying saves, and its sum.

        >>> import tco
        >>> tco.measures(gpu="L4").years_frame()["year"].tolist()
        [0, 1, 2, 3]
        """
        import pandas as pd

        sums = accumulate(year.saving_usd for year in self.years)
        listed = [
            (year.year, year.own_usd, year.rent_usd, year.saving_usd, so_far)
            for year, so_far in zip(self.years, sums, strict=True)
        ]
        return pd.DataFrame(listed, columns=YEAR_COLUMNS)

    def to_dict(self) -> dict[str, Any]:
        """Every measure in plain types; None stands for none.

        >>> import tco
        >>> found = tco.measures(gpu="L4", price_usd_per_gpu=10**6).to_dict()
        >>> found["payback_months"] is None, len(found["years"])
        (True, 4)
        """
        listed = (f.name for f in fields(self) if f.name != "scenario")
        found = {name: getattr(self, name) for name in listed}
        found = {
            name: None if isinstance(value, float) and math.isinf(value) else value
            for name, value in found.items()
        }
        years = [asdict(year) | {"saving_usd": year.saving_usd} for year in self.years]
        leasing = None if self.leasing is None else asdict(self.leasing)
        offer = None if self.lease_rate is None else asdict(self.lease_rate)
        told = {"irr": list(self.irr), "years": years, "leasing": leasing, "lease_rate": offer}
        return {**found, **told}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Measures):
            return NotImplemented
        return self.scenario == other.scenario and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.scenario)

    def __repr__(self) -> str:
        with shown_by_default(self.scenario.conversion):
            return self._table()

    def _table(self) -> str:
        rows = [(row.label, row.text, row.note) for row in self.rows]
        if self.leasing is None:
            rows.append((MEASURES["net_advantage_to_leasing_usd"].label, "none", self.leasing_note))
        lines = [self.title, "", in_columns(rows, "<><"), "Cash by year"]
        labels = (of_owner(label, self.scenario.values()) for label in YEAR_LABELS.values())
        told: list[tuple[str, ...]] = [tuple(labels)]
        so_far = 0.0
        for year in self.years:
            so_far += year.saving_usd
            amounts = (year.own_usd, year.rent_usd, year.saving_usd, so_far)
            told.append((str(year.year) if year.year else "Start", *map(dollars, amounts)))
        return "\n".join([*lines, in_columns(told, "<>>>>").rstrip("\n")])


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
    answer, values = answered(asked), asked.values()
    rate, years = values["discount_rate"], values["horizon_months"] / MONTHS_PER_YEAR
    rows = ledger_rows(asked)
    plain, saving = answer.undiscounted_saving_usd, answer.npv_saving_usd
    leasing, why_not = _lease_or_buy(asked)
    return Measures(
        npv_saving_usd=saving,
        undiscounted_saving_usd=plain,
        conflict=plain * saving < 0,
        **_returns(asked, rows, rate),
        payback_months=answer.simple_months,
        discounted_payback_months=answer.months,
        exit_months=answer.exit_months,
        own_usd_per_year=float(equivalent_cost_per_period(answer.own_npv_usd, rate, years)),
        rent_usd_per_year=float(equivalent_cost_per_period(answer.rent_npv_usd, rate, years)),
        own_total_usd=math.fsum(row[4] for row in rows if row[0] == "own"),
        rent_total_usd=math.fsum(row[4] for row in rows if row[0] == "rent"),
        years=cash_by_year(rows),
        leasing=leasing,
        leasing_note=why_not,
        lease_rate=rate_inside(asked),
        discount_rate=rate,
        scenario=asked,
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
        note = NO_PERIODS if t % 1 else NO_TERMS
        return {"irr": (), "irr_note": note, "mirr": None, "mirr_note": note}
    flows = [net(month) for month in paid]
    signs = [flow > 0 for flow in flows if flow]
    changes = sum(one != other for one, other in pairwise(signs))
    first, last = (next((flow for flow in order if flow), 0.0) for order in (flows, flows[::-1]))
    monthly = irr(flows) if signs else ()
    note = irr_note(first, last, changes, len(monthly), math.fsum(flows))
    modified, at = None, rate_per_period(rate, MONTHS_PER_YEAR)
    with suppress(InputError):  # where nothing is ever paid for, or nothing comes back
        modified = float(compound_interest(mirr(flows, at, at), MONTHS_PER_YEAR))
    return {
        "irr": tuple(float(compound_interest(found, MONTHS_PER_YEAR)) for found in monthly),
        "irr_note": note,
        "mirr": modified,
        "mirr_note": mirr_note(modified is not None, note),
    }


def _lease_or_buy(asked: Scenario) -> tuple[LeaseOrBuy | None, str]:
    """Leasing against buying, or why there is nothing to compare.

    A scenario that buys may have the terms of a lease beside it: they are compared with buying for
    cash.
    """
    values = asked.values()
    if not values["lease_usd_per_gpu_month"]:
        return None, NO_LEASE
    try:
        rows = ledger_rows(replace(asked, financing="lease"), "own")
    except InputError as wrong:
        return None, f"None: {wrong.problems[0].message}."
    bought = ledger_rows(replace(asked, financing="cash"), "own")
    # What is bought at the market's value is as uncertain as the resale.
    at_market = ("lease_buyout",) if values["lease_buyout_at_market"] else ()
    uncertain = {*RESIDUAL_ITEMS, *at_market}
    residual: list[tuple[float, float]] = []
    other: list[tuple[float, float]] = []
    present: list[float] = []
    for side, sign in ((bought, 1), (rows, -1)):
        for _, item, _, t, cost, value in side:
            (residual if item in uncertain else other).append((t, sign * cost))
            present.append(sign * value)
    debt = values["debt_rate"] * (1 - values["tax_rate"])
    found = net_advantage_to_leasing(other, residual, debt, values["residual_discount_rate"])
    compared = LeaseOrBuy(
        npv_usd=math.fsum(present),
        net_advantage_usd=float(found),
        discount_rate=values["discount_rate"],
        after_tax_debt_rate=debt,
        residual_rate=values["residual_discount_rate"],
    )
    return compared, ""
