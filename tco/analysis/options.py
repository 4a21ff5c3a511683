"""All options to get the same busy hours side by side, and which is cheapest when.

Every cost is a straight line in utilization: energy and rent by use are the only ones that depend
on it, and neither tax nor discounting bends them. So two evaluations give the line. Only a cap of
the rent or of one of the user's own lines bends it; between the bends it is straight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from tco.analysis.declared import RENTING
from tco.analysis.lease import lease_terms
from tco.errors import InputError, Problem, shown
from tco.finance.annuity import equivalent_cost_per_period
from tco.finance.discounting import levelized
from tco.finance.payback import payback_months
from tco.inputs import INPUTS, PRICE, RATE, Inputs
from tco.inputs.checks import clean, midpoint
from tco.inputs.text import takes_inputs
from tco.market.choice import Question, resolve, resolved_values
from tco.market.evidence import Resolved
from tco.market.files import known_from
from tco.market.following import follow
from tco.model import rental
from tco.model.bends import bends, nearest_root
from tco.model.breakeven import one_scenario
from tco.model.cashflows import Payments, payments
from tco.model.items import OWN, RENT
from tco.model.periods import busy_hours
from tco.model.results import checked
from tco.numeric import MONTHS_PER_YEAR, is_array
from tco.scenario import Scenario, scenario_of
from tco.words.figures import percent, usd

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

LEASE = "lease_usd_per_gpu_month"
# How the hardware of each option to own is paid for.
OWNING = {"keep": "cash", "buy_new": "cash", "buy_used": "cash", "lease": "lease", "loan": "loan"}
KEEP = "keep"
HOSTING = INPUTS["hosting"].choices
COLUMNS = (
    *("option", "side", "hosting", "status", "rank", "present_value_usd", "usd_per_busy_gpu_hour"),
    *("usd_per_gpu_year", "total_usd", RATE, PRICE, LEASE, "breakeven_price_usd"),
    *("unused_gpu_hours", "payback_months", "discounted_payback_months", "payback_against"),
    *("cheapest_from", "cheapest_to", "conflict", "discount_rate", "why_not", "note"),
)
SCREENING = ("option", "side", "hosting", "utilization", "usd_per_gpu_year", "cheapest")
_BLANK = {"payback_against": "", "why_not": "", "conflict": False, "rank": None}
_UNITS = {RATE: "per GPU-hour", PRICE: "per GPU", LEASE: "per GPU per month"}
# What is less than this share of a price is left of it by rounding.
_ROUNDING = 10**12
_FEE, _OWN_SITE = "colo_usd_per_kw_month", "own_site"
_USED, _NEW = "used", "street"
# What belongs to an offer with a term, besides its rate.
_OF_TERM = ("commitment_months", "commitment_fee_usd_per_gpu")
_CAP = "rate_cap_usd_per_gpu_month"
# Costs that agree to so many digits are the same: what is beyond is left by rounding.
_DIGITS = 12


@takes_inputs
def options(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> pd.DataFrame:
    """All options to get the busy hours of one scenario as a frame, cheapest first.

    Rows: on_demand, spot, committed_1yr, committed_3yr (committed_5yr if that is the scenario's
    term), always_on; buy_new, buy_used, lease, loan, each at own_site, colo_metered, colo_all_in.
    Of hardware that is there already keep is the one to own. Each is the
    `tco.analysis.options.what_if` of its name; what lacks a price, or does not apply, stands last,
    with status `missing`.

    Columns: present_value_usd (resale and unused commitment counted), total_usd (not discounted),
    cash_year_0_usd (the start), cash_year_1_usd … [USD]; usd_per_busy_gpu_hour (levelized) and
    usd_per_gpu_year (level) [USD]; the rate, price or lease that counts, and breakeven_price_usd:
    the value of it at which the option costs as much as the cheapest one (`inf`: none does);
    unused_gpu_hours (paid for without useful work); payback_months and discounted_payback_months
    against the cheapest rental, payback_against (`inf`: never); cheapest_from, cheapest_to (the
    utilization at which nothing is cheaper) [share]; conflict (costs more than the best only by the
    cost of capital); discount_rate; why_not; note. InputError for a table of scenarios.

    >>> import tco
    >>> found = options(gpu="L4", utilization=0.6).set_index(["option", "hosting"])
    >>> bought = tco.breakeven(gpu="L4", utilization=0.6, hosting="own_site")
    >>> value = found.loc[("buy_new", "own_site"), "present_value_usd"]
    >>> bool(abs(value / bought.own_npv_usd - 1) < 1e-9)
    True
    """
    listed = options_of(scenario_of(scenario, inputs))
    return _options_frame(listed, compared(listed))


def _options_frame(listed: list[Option], found: Comparison | None) -> pd.DataFrame:
    import pandas as pd

    rows = _rows(found) if found else []
    rows += [
        {**_identity(option), "status": "missing", "why_not": option.missing}
        for option in listed
        if option.missing
    ]
    names = [*COLUMNS, *(name for name in rows[0] if name not in COLUMNS)]
    columns: dict[str, Any] = {
        name: [row.get(name, _BLANK.get(name, math.nan)) for row in rows] for name in names
    }
    columns["rank"] = pd.array(columns["rank"], dtype="Int64")
    return pd.DataFrame(columns)


@takes_inputs
def screening(
    scenario: Scenario | None = None,
    /,
    *,
    points: Sequence[float] | None = None,
    **inputs: Unpack[InputValues],
) -> pd.DataFrame:
    """What each option costs a year as utilization varies: the lines of a screening chart.

    Columns: option, side, hosting, utilization [share], usd_per_gpu_year (level annual cost of a
    GPU) [USD], cheapest (whether the option is the one to take there). `points` are utilizations;
    by default both ends, where the cheapest option changes, and where a cap bends a line: the lines
    are straight between.
    Options that lack a price are left out. InputError as for `options()`.

    >>> lines = screening(gpu="L4", points=[0, 0.5, 1])
    >>> sorted(set(lines["utilization"])), int(lines["cheapest"].sum())
    ([0.0, 0.5, 1.0], 3)
    """
    found = compared(options_of(scenario_of(scenario, inputs)))
    if points is not None:
        points, problems = clean(INPUTS["utilization"], list(points))
        if problems:
            raise InputError(problems)
    return _screening_frame(found, points)


def options_and_screening(scenario: Scenario) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frames of `options()` and of `screening()`, of one comparison."""
    listed = options_of(scenario)
    found = compared(listed)
    return _options_frame(listed, found), _screening_frame(found)


def _screening_frame(found: Comparison | None, points: Any = None) -> pd.DataFrame:
    import pandas as pd

    if found is None:
        return pd.DataFrame(columns=list(SCREENING))
    usual = sorted({*(segment.low for segment in found.envelope), *found.knots})
    shares = usual if points is None else list(map(float, points))
    best = [found.cheapest_at(share) for share in shares]
    rows = [
        (one.option, one.side, one.hosting, share, found.per_gpu_year(at, share), cheapest == at)
        for at, one in enumerate(found.options)
        for share, cheapest in zip(shares, best, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(SCREENING))


def _identity(option: Option) -> dict[str, Any]:
    return {name: getattr(option, name) for name in ("option", "side", "hosting", "note")}


def _rows(found: Comparison) -> list[dict[str, Any]]:
    """The rows of `options()` that have a price, cheapest first."""
    v = found.options[0].values
    hours = busy_hours(Inputs.of(v), found.payments.discounted_months())
    totals = (found.payments.paid.sum(axis=0) + found.payments.due).tolist()
    present, best = found.present, found.order[0]
    rented, paybacks = found.paybacks() or (best, {})
    # What is paid in each year: year 0 is the start, the last one has what leaving costs.
    start, *months = found.payments.paid
    cash = [
        start,
        *(sum(months[at : at + MONTHS_PER_YEAR]) for at in range(0, len(months), MONTHS_PER_YEAR)),
    ]
    cash[-1] = cash[-1] + found.payments.due
    rows = []
    for rank, at in enumerate(found.order, 1):
        option, segment = found.options[at], found.nearest_segment(at)
        discounted, plain = paybacks.get(at, (math.nan, math.nan))
        rows.append(
            {
                **_identity(option),
                "status": "priced",
                "rank": rank,
                "present_value_usd": present[at],
                "usd_per_busy_gpu_hour": levelized(present[at], hours),
                "usd_per_gpu_year": found.per_gpu_year(at, v["utilization"]),
                "total_usd": totals[at],
                "conflict": present[at] > present[best] and totals[at] < totals[best],
                "unused_gpu_hours": _unused_hours(option),
                "payback_months": plain,
                "discounted_payback_months": discounted,
                "payback_against": found.options[rented].name if at in paybacks else "",
                **{f"cash_year_{year}_usd": float(paid[at]) for year, paid in enumerate(cash)},
                option.price: option.values[option.price],
                "cheapest_from": segment.low if segment else math.nan,
                "cheapest_to": segment.high if segment else math.nan,
                "discount_rate": option.values["discount_rate"],
                "breakeven_price_usd": _level_price(found, at),
                "why_not": _why_not(found, at),
                "note": option.note + _level_overhead(found, at),
            }
        )
    return rows


def _unused_hours(option: Option) -> float:
    """GPU-hours that are paid for without useful work, until the last commitment ends."""
    if option.side == OWN:
        return math.nan
    v = Inputs.of(option.values)
    months = v.horizon_months * (v.utilization * v.billing_overhead)
    if v.billing != "per_use":
        idle = v.horizon_months * (1 - v.utilization)
        begun = rental.terms_begun(v, v.horizon_months)
        months = idle + rental.unused_months(v, v.horizon_months, begun)
    return float(v.gpus * v.hours_per_month * months)


def _why_not(found: Comparison, at: int) -> str:
    """By how much an option loses to the cheapest one, and what would change that."""
    best = found.order[0]
    if at == best:
        return ""
    gap, name = found.present[at] - found.present[best], found.options[best].name
    if rounded(found.present[at]) == rounded(found.present[best]):
        return f"costs the same as {name}, which is listed first"
    size = abs(found.present[best])
    share = f" ({percent(gap / size)})" if size else ""
    stretches = [
        f"from {percent(segment.low)} to {percent(segment.high)}" for segment in found.segments(at)
    ]
    where = "never the cheapest"
    if stretches:
        where = f"cheapest {' and '.join(stretches)} utilization"
    return f"costs {usd(gap)}{share} more than {name}; {_at_price(found, at)}{where}"


def _at_price(found: Comparison, at: int) -> str:
    """The price at which the option costs as much as the cheapest one, in words."""
    option, level = found.options[at], _level_price(found, at)
    now, unit = option.values[option.price], _UNITS[option.price]
    if math.isnan(level):
        return ""
    if math.isinf(level):
        return f"more expensive even at {usd(0)} {unit}; "
    return f"break-even at {usd(level)} {unit} (now {usd(now)}); "


def _level_price(found: Comparison, at: int) -> float:
    """The price at which the option costs as much as the cheapest one [USD].

    `inf` where none does; NaN where its price does not count, and for the cheapest one.
    """
    option, slope = found.options[at], found.slopes[at]
    now, gap = option.values[option.price], found.present[at] - found.present[found.order[0]]
    is_idle = slope * now <= 0 and not found.bends_in_price(at)
    if is_idle or rounded(found.present[at]) == rounded(found.present[found.order[0]]):
        return math.nan
    level = _level(found, at, gap)
    if abs(level) * _ROUNDING < now:
        level = 0.0
    return math.inf if level < 0 else level


def _level(found: Comparison, at: int, gap: float) -> float:
    """The value of the option's own price at which it costs so much less; `inf`: none does.

    Its cost is linear in that, but for a cap of the rent, or of a line of the user's own.
    """
    option = found.options[at]
    now, declared = option.values[option.price], INPUTS[option.price]
    places = found.bends_in_price(at)
    if not places:
        return float(now - gap / found.slopes[at])
    import numpy as np

    best = found.present[at] - gap

    def saving(price: Any) -> Any:
        cases = [option.values | {option.price: one} for one in np.atleast_1d(price).tolist()]
        costs = best - _payments(cases, option.side).present_value()
        return costs if is_array(price) else float(costs[0])

    return float(nearest_root(now, (declared.low, declared.high), places, saving))


def _level_overhead(found: Comparison, at: int) -> str:
    """The overhead, rework included, at which spot costs as much as on demand.

    Nothing is said where a cap keeps the cost from following the hours.
    """
    names = [option.option for option in found.options]
    (idle, *_, full), v = found.costs[at], found.options[at].values
    slope = (full - idle) * v["utilization"]
    if names[at] != "spot" or "on_demand" not in names or slope <= 0 or found.is_bent(at):
        return ""
    room = found.present[names.index("on_demand")] - idle
    level = room / slope * (1 + v["billing_overhead"]) - 1
    if level < 0:
        return "; more expensive than on_demand"
    return f"; costs the same as on_demand at a billing overhead of {percent(level)}"


def what_if(scenario: Scenario, option: str, hosting: str | None = None) -> Scenario:
    """The scenario of which an option is one side; `hosting` of the owning ones, else the given.

    A given rate holds for the given term only, a given upfront fee too if that term is a
    commitment; a price for the given basis (used, or new); a colocation fee for the given hosting
    (for metered power where that is the own site); a given site of hardware on the own site not
    for colocation. What is dropped comes from the dated data. An option keeps everything else.
    InputError for an option that does not exist, or that lacks the price of a GPU which is not in
    the catalog.

    >>> what_if(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7), "spot")
    Scenario(gpu='L4', term='spot', billing='per_use')
    """
    if option not in RENTING | OWNING:
        known = ", ".join([*RENTING, *OWNING])
        raise InputError([Problem("option", f"option = {shown(option)} is not one of {known}")])
    own = scenario.values()
    changes = _changes(option, hosting or own["hosting"], own, _is_sold_new(scenario))
    return replace(scenario, **changes)


def _is_sold_new(scenario: Scenario) -> bool:
    """Whether the scenario's GPU can still be bought new; one of the caller's own can."""
    gpu = scenario.catalogue.gpus.get(scenario.values()["gpu"])
    return gpu is None or gpu.sold_new


def _changes(option: str, hosting: str, own: dict[str, Any], is_sold_new: bool) -> dict[str, Any]:
    """The inputs that make the option; None: not the given one. `own` are the scenario's values."""
    if option in OWNING:
        changes: dict[str, Any] = {"financing": OWNING[option], "hosting": hosting}
        if own["hosting"] == _OWN_SITE != hosting:
            changes["site"] = None  # colocation is in a data center, wherever else it would stand
        fee_of = "colo_metered" if own["hosting"] == _OWN_SITE else own["hosting"]
        if hosting != fee_of:
            changes[_FEE] = None
        is_used = own["price_basis"] == _USED
        if own["already_owned"] != (option == KEEP):
            # Without what is there already, or with it, another basis is the usual one.
            changes |= {"already_owned": option == KEEP, "price_basis": own["price_basis"]}
        elif option == KEEP:
            return changes
        if option in (KEEP, "buy_used") and not is_used:
            changes |= {"price_basis": _USED, PRICE: None}
        if option == "buy_new" and is_used:
            # Of a GPU that nobody sells new any more the usual basis is used.
            changes |= {"price_basis": None if is_sold_new else _NEW, PRICE: None}
        return changes
    term, billing = RENTING[option]
    if billing == own["billing"] == "always_on":
        term = own["term"]
    changes = {"term": term, "billing": billing}
    if term != own["term"] or billing != own["billing"]:
        changes |= dict.fromkeys(_OF_TERM)
    if term != own["term"]:
        changes |= {RATE: None, _CAP: None}
    return changes


def options_of(scenario: Scenario) -> list[Option]:
    """Every option of one scenario; InputError for a table."""
    if scenario.is_table:
        raise one_scenario("options()")
    own = scenario.values()
    rented = [name for name in RENTING if name != "committed_5yr" or own["term"] == "5yr"]
    asked = [(name, "") for name in rented]
    owned = [name for name in OWNING if name != KEEP or own["already_owned"]]
    asked += [(name, hosting) for name in owned for hosting in HOSTING]
    given = {name: midpoint(INPUTS[name], value) for name, value in scenario.given.items()}
    lines = {"lines": scenario.lines} if scenario.lines else {}
    is_sold_new, is_new_asked = _is_sold_new(scenario), own["price_basis"] != _USED
    made = []
    for option, hosting in asked:
        merged = given | _changes(option, hosting, own, is_sold_new)
        known = {name: value for name, value in merged.items() if value is not None}
        question = Question.of(known)
        values = resolved_values(question, scenario.catalogue) | known | lines
        values |= follow(values, known, scenario.catalogue)
        priced = PRICE if option in OWNING else RATE
        usual = None if priced in known else resolve(question, scenario.catalogue)[priced]
        told = f"{usual.status}: {usual.note}" if usual else "yours"
        source = f"{'price' if option in OWNING else 'rate'} {told}"
        about = (_terms(option, values), source, str(usual.borrowed) if usual else "")
        if option in RENTING:
            missing = usual.note if usual and values[RATE] is None else ""
            made.append(Option(option, RENT, "", values, RATE, missing, *about))
        else:
            missing = _lacking(option, values, usual, scenario)
            if usual and option == "buy_new" and not (is_sold_new or is_new_asked):
                missing = f"the {own['gpu']} is no longer sold new"
            if own["already_owned"] and option != KEEP:
                missing = "the hardware is already owned: keep it, or sell it and rent"
            values = values | {RATE: values[RATE] or 0.0}
            price = LEASE if option == "lease" else PRICE
            made.append(Option(option, OWN, hosting, values, price, missing, *about))
    return made


def _lacking(
    option: str, values: dict[str, Any], usual: Resolved | None, scenario: Scenario
) -> str:
    """What keeps an owning option from being counted; `usual` is the price that is not given."""
    unknown = usual.note if usual and values[PRICE] is None else ""
    if values["gpu_w"] is None and not unknown:
        unknown = f"gpu_w is not known: {scenario.resolved()['gpu_w'].note}"
    if unknown:
        return unknown
    if values["delivery_months"] > 0 and values[RATE] is None:
        return f"{RATE} is not known: rent is paid until delivery"
    try:
        checked(Inputs.of(values))
    except InputError as wrong:
        # What the inputs mean stands where they are given.
        return "; ".join(
            problem.message.removesuffix(f" ({INPUTS[problem.input].meaning})")
            for problem in wrong.problems
        )
    if usual is None or usual.status == "yours":
        return ""
    # A price that stands in for one of the other kind, new for used, is none.
    gpu, day = values["gpu"], values["as_of"]
    rows = scenario.catalogue.prices_of(gpu)
    known = {row.price_basis for row in rows if known_from(row) <= day}
    if (option == "buy_used" and _USED not in known) or (option == "buy_new" and known == {_USED}):
        return f"no price for a {option.removeprefix('buy_')} {gpu} on or before {day}"
    return ""


# What else there is to say of an option to own.
_OWNED = {
    KEEP: "valued at what it would sell for now",
    "buy_new": "",
    "buy_used": "failure rate and resale decline as for new cards",
}


def _terms(option: str, values: dict[str, Any]) -> str:
    """What the price of an option buys, in words."""
    if option == "loan":
        share, apr = percent(values["financed_share"]), percent(values["loan_apr"])
        return f"{share} financed at {apr} per year over {values['loan_months']} months"
    if option == "lease":
        return lease_terms(values)
    if option in _OWNED:
        covered = "" if option != "buy_used" or values["warranty_months"] else "no warranty, "
        return covered + _OWNED[option]
    if values["billing"] == "committed":
        months, fee = values["commitment_months"], values["commitment_fee_usd_per_gpu"]
        paid = f", plus {usd(fee)} per GPU at the start of each term" if fee else ""
        return f"price fixed for {months:g} months at a time, every hour billed{paid}"
    if values["billing"] == "always_on":
        return "every hour billed at the market rate"
    overhead = percent(values["billing_overhead"])
    rework = ", including rework after interruptions" if values["term"] == "spot" else ""
    return f"busy hours billed, plus {overhead} overhead{rework}"


@dataclass(frozen=True)
class Option:
    """One option: its inputs, the one that is its price, what it lacks (empty: nothing).

    `terms` is what the price buys, `source` where it comes from, and `borrowed` the GPU whose
    rental rate stands in for its own (empty: none does).
    """

    option: str
    side: str
    hosting: str
    values: dict[str, Any]
    price: str
    missing: str
    terms: str
    source: str
    borrowed: str = ""

    @property
    def note(self) -> str:
        """Its terms and its source."""
        return "; ".join(filter(None, (self.terms, self.source)))

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"{self.option} at {self.hosting}" if self.hosting else self.option

    @property
    def other_price(self) -> float:
        """The end of its price's domain that is farther away, for the sake of precision."""
        low, high = INPUTS[self.price].low, INPUTS[self.price].high
        return high if 2 * self.values[self.price] < low + high else low


class Segment(NamedTuple):
    """Where a line is the lowest: its position among the lines, from and to which share."""

    line: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The options that have a price, renting first, and their payments over the horizon.

    `payments` are those at the scenario's utilization, a column an option, `present` their present
    values, `costs` those at the utilizations `knots`, between which they are straight lines [USD];
    `slopes` are what one dollar more of the option's own price costs today.
    """

    options: list[Option]
    payments: Payments
    present: list[float]
    knots: list[float]
    costs: list[list[float]]
    slopes: list[float]

    @cached_property
    def order(self) -> list[int]:
        """The options from the cheapest on; of equal ones the envelope's, then the first."""
        winner = self.cheapest_at(self.options[0].values["utilization"])
        return sorted(
            range(len(self.options)), key=lambda at: (rounded(self.present[at]), at != winner)
        )

    @cached_property
    def envelope(self) -> list[Segment]:
        """Which option is cheapest from which utilization to which."""
        found: list[Segment] = []
        for at, (low, high) in enumerate(pairwise(self.knots)):
            for line, *shares in lower_envelope([(cost[at], cost[at + 1]) for cost in self.costs]):
                start, end = (low + share * (high - low) for share in shares)
                if found and found[-1].line == line:
                    found[-1] = found[-1]._replace(high=end)
                else:
                    found.append(Segment(line, start, end))
        return found

    def segments(self, at: int) -> list[Segment]:
        """Where an option is the cheapest; in several stretches only where a cap bends a cost."""
        return [segment for segment in self.envelope if segment.line == at]

    def nearest_segment(self, at: int) -> Segment | None:
        """The one of them that holds the scenario's utilization, or is nearest to it."""
        share = self.options[0].values["utilization"]
        near = [(max(part.low - share, share - part.high), part) for part in self.segments(at)]
        return min(near)[1] if near else None

    def is_bent(self, at: int) -> bool:
        """Whether the cost of an option is no straight line in utilization."""
        return bool(bends(Inputs.of(self.options[at].values), "utilization"))

    def bends_in_price(self, at: int) -> list[float]:
        """Where the cost of an option bends as its own price moves."""
        return bends(Inputs.of(self.options[at].values), self.options[at].price)

    def cheapest_at(self, share: float) -> int:
        """The option to take at a utilization; the next one where two meet."""
        return next(segment.line for segment in reversed(self.envelope) if segment.low <= share)

    def per_gpu_year(self, at: int, share: float) -> float:
        """Level annual cost of a GPU at a utilization [USD per year]."""
        import numpy as np

        v = self.options[at].values
        cost = np.interp(share, self.knots, self.costs[at])
        years = v["horizon_months"] / MONTHS_PER_YEAR
        level = equivalent_cost_per_period(1.0, v["discount_rate"], years) / v["gpus"]
        return float(cost * level)

    def paybacks(self) -> tuple[int, dict[int, tuple[float, float]]] | None:
        """The cheapest rental, and when each owning option is ahead of it for good [months].

        Discounted and not, by the position of the option; None where one of the sides is missing.
        """
        import numpy as np

        owned = [at for at, option in enumerate(self.options) if option.side == OWN]
        rented = [at for at in self.order if self.options[at].side == RENT]
        if not (owned and rented):
            return None
        t, _, paid, lumps, *_ = self.payments
        weighted = np.stack([self.payments.discounted(), paid], axis=1)
        own = np.cumsum(weighted[:, :, owned], axis=0)
        rent = np.broadcast_to(np.cumsum(weighted[:, :, rented[:1]], axis=0), own.shape)
        own, rent = (side.reshape(len(t), -1) for side in (own, rent))
        months: Any = payback_months(t, own, rent, np.tile(lumps[:, owned], 2))
        discounted, plain = months.reshape(2, -1).tolist()
        return rented[0], dict(zip(owned, zip(discounted, plain, strict=True), strict=True))


def compared(options: Sequence[Option]) -> Comparison | None:
    """The options that have a price, compared, whatever their order; None where there are none."""
    import numpy as np

    names, sites = [*RENTING, *OWNING], ["", *HOSTING]
    priced = sorted(
        (option for option in options if not option.missing),
        key=lambda option: (names.index(option.option), sites.index(option.hosting)),
    )
    bent = (bends(Inputs.of(option.values), "utilization") for option in priced)
    knots = sorted({0.0, 1.0, *(place for places in bent for place in places)})
    passes, present, slopes = [], [], []
    costs: list[list[float]] = []
    for _, group in groupby(priced, key=lambda option: OWNING.get(option.option)):
        same = list(group)
        found = _payments(
            [
                *(option.values for option in same),
                *(option.values | {option.price: option.other_price} for option in same),
                *(option.values | {"utilization": share} for share in knots for option in same),
            ],
            same[0].side,
        )
        now, other, *at_knots = found.present_value().reshape(-1, len(same)).tolist()
        present += now
        costs += map(list, zip(*at_knots, strict=True))
        slopes += [
            (there - here) / (option.other_price - option.values[option.price])
            for option, here, there in zip(same, now, other, strict=True)
        ]
        passes.append(tuple(part[..., : len(same)] for part in found[2:]))
    if not priced:
        return None
    columns = (np.concatenate(parts, axis=-1) for parts in zip(*passes, strict=True))
    merged = Payments(found.t, found.discounts, *columns)
    return Comparison(priced, merged, present, knots, costs, slopes)


def _payments(cases: Sequence[dict[str, Any]], side: str) -> Payments:
    """What scenarios that differ in few inputs pay, a column each."""
    import numpy as np

    values = dict(cases[0])
    for name, first in values.items():
        column = [case[name] for case in cases]
        if name in INPUTS and column.count(first) < len(column):
            kind = {"integer": float, "number": float, "flag": bool}.get(INPUTS[name].kind, object)
            values[name] = np.array(column, dtype=kind)
    with np.errstate(all="ignore"):
        found = payments(Inputs.of(values), side)
    paid = np.empty((len(found.t), len(cases)))
    lumps, early, due = np.empty(paid.shape, dtype=bool), np.empty(paid.shape), np.empty(len(cases))
    due[:] = found.due  # of some rows all columns are one number
    for at, row in enumerate(zip(found.paid, found.lumps, found.early, strict=True)):
        paid[at], lumps[at], early[at] = row
    return found._replace(paid=paid, lumps=lumps, early=early, due=due)


def lower_envelope(lines: Sequence[tuple[float, float]]) -> list[Segment]:
    """The lines that are lowest somewhere between 0 and 1, from left to right without gaps.

    A line is its value at 0 and at 1. Values are compared to twelve digits; of equal lines the
    first counts, and one that only touches the envelope does not.

    >>> lower_envelope([(4.0, 4.0), (0.0, 8.0), (3.0, 5.0)])
    [Segment(line=1, low=0.0, high=0.5), Segment(line=0, low=0.5, high=1.0)]
    """
    ends = [(rounded(at_0), rounded(at_1)) for at_0, at_1 in lines]
    if not ends:
        return []
    found: list[Segment] = []
    lowest, at = min((*end, line) for line, end in enumerate(ends))[-1], 0.0
    while True:
        start, rise = ends[lowest][0], ends[lowest][1] - ends[lowest][0]
        # Where each line that rises less than the lowest one goes below it, its rise, its position.
        crossings = (
            (max(at, (idle - start) / (rise - (full - idle))), full - idle, line)
            for line, (idle, full) in enumerate(ends)
            if full - idle < rise
        )
        crossed, _, below = min(crossings, default=(1.0, 0.0, lowest))
        if crossed >= 1:
            return [*found, Segment(lowest, at, 1.0)]
        if crossed > at:
            found.append(Segment(lowest, at, crossed))
        lowest, at = below, crossed


def rounded(value: float) -> float:
    """A cost as it is compared with others."""
    return float(f"{value:.{_DIGITS}g}")
