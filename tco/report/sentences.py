"""Sentences of a verdict, each from plain numbers; empty where there is nothing to say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tco.inputs import INPUTS
from tco.market.freshness import freshness
from tco.numeric import MONTHS_PER_YEAR
from tco.report.display import written
from tco.report.findings import rate_text, whole_usd
from tco.words import number

_PER_CENT = 100
_SIDES = ("renting", "buying")
# What an input is called in a sentence, where its meaning is too long for one.
_NAMES = {
    "utilization": "share of busy hours",
    "horizon_months": "time the hardware is kept",
    "price_usd_per_gpu": "price of a card",
    "rate_usd_per_gpu_hour": "rental rate of a GPU-hour",
    "server_usd": "price of a server without GPUs",
    "gpus": "number of GPUs",
    "hours_per_month": "number of hours in a month",
    "network_usd_per_gpu": "price of the network for a GPU",
    "install_usd_per_gpu": "price of installing a GPU",
    "gpus_per_server": "number of GPUs in a server",
    "server_w": "power of a server without its GPUs",
    "pue": "PUE",
    "staff_usd_per_gpu_month": "cost of staff per GPU-month",
    "licence_usd_per_gpu_year": "cost of licences per GPU-year",
    "spares_rate": "share of spare GPUs",
    "load_factor": "load of a busy GPU",
    "electricity_usd_per_kwh": "electricity tariff",
    "rack_usd_per_month": "price of a rack and month",
    "rack_kw": "power of one rack",
    "maintenance_rate_per_year": "cost of maintenance a year",
    "insurance_rate_per_year": "cost of insurance a year",
    "support_rate": "cost of support",
    "storage_egress_usd_per_gpu_month": "storage and transfer per GPU-month",
    "resale_decline_per_year": "loss of value a year",
    "opex_growth_per_year": "growth of other operating costs",
    "rate_growth_per_year": "change of the rental rate",
    "billing_overhead": "share of extra billed hours",
    "declining_balance_factor": "factor of the declining balance",
    "purchase_month": "month of purchase in the tax year",
    "bonus_rate": "share written off in the first year",
    "financed_share": "share of the price that is borrowed",
    "loan_months": "length of the loan",
    "lease_usd_per_gpu_month": "lease payment per GPU-month",
    "lease_months": "length of a lease term",
    "lease_buyout_usd_per_gpu": "price of a GPU after the lease",
    "lease_return_usd_per_gpu": "cost of returning a leased GPU",
    "residual_discount_rate": "discount rate of the lessee's resale",
    "delivery_months": "time until delivery",
    "refresh_months": "time until GPUs are replaced",
    "refresh_price_usd_per_gpu": "price of a replacing GPU",
    "fx_rate": "exchange rate",
}


def period(months: float) -> str:
    """A horizon in words [months].

    >>> period(36), period(12), period(20.5)
    ('3 years', '1 year', '20.5 months')
    """
    years = months / MONTHS_PER_YEAR
    if years.is_integer():
        return f"{number(years)} year{'' if years == 1 else 's'}"
    return f"{number(months)} months"


def unit_costs(own: float, rent: float, tax_rate: float = 0) -> str:
    """What a busy hour costs on both sides [USD per busy GPU-hour]; empty without busy hours.

    >>> unit_costs(0.35, 0.70)
    'Owning costs about $0.35 per busy hour; renting costs $0.70.'
    >>> unit_costs(0.30, 0.50, tax_rate=0.25)
    'After tax, owning costs about $0.30 per busy hour; renting costs $0.50.'
    """
    if math.isinf(own) or math.isinf(rent):
        return ""
    start = "After tax, owning" if tax_rate else "Owning"
    return f"{start} costs about {rate_text(own)} per busy hour; renting costs {rate_text(rent)}."


def nothing_to_compare(monthly: float) -> str:
    """That there are no busy hours, and what owning costs all the same [USD per month].

    >>> nothing_to_compare(512.3)
    'Nothing to compare: no busy hours. Owning costs $512 a month, busy or not.'
    """
    cost = f"Owning costs {whole_usd(monthly)} a month, busy or not."
    return f"Nothing to compare: no busy hours. {cost}"


def amount(
    saving: float, low: float | None, high: float | None, months: float, tax_rate: float = 0
) -> str:
    """What the cheaper side keeps, and the range of that [USD per GPU, what buying saves].

    Without a low and a high there is no range to tell.

    >>> amount(4812, 2900, 6400, 36)
    'Over 3 years you keep about $4,810 per GPU by buying (likely $2,900 to $6,400).'
    >>> amount(-100, -300, 50, 12)
    'Over 1 year you keep about $100 per GPU by renting (likely a loss of $50 to $300).'
    >>> amount(4812, None, None, 36, tax_rate=0.25)
    'Over 3 years you keep about $4,810 per GPU after tax by buying.'
    """
    side, taxed = _SIDES[saving > 0], " after tax" if tax_rate else ""
    kept = f"Over {period(months)} you keep about {whole_usd(abs(saving))} per GPU{taxed} by {side}"
    if low is None or high is None:
        return f"{kept}."
    if saving <= 0:
        saving, low, high = -saving, -high, -low
    ends = [whole_usd(end) if end >= 0 else f"a loss of {whole_usd(-end)}" for end in (low, high)]
    if high < 0:
        ends = [ends[0], whole_usd(-high)]
    return f"{kept} (likely {ends[0]} to {ends[1]})."


def difference(saving: float, months: float) -> str:
    """That there is next to none [USD per GPU].

    >>> difference(-44, 36)
    'The difference is $44 per GPU over 3 years: choose by flexibility, not by cost.'
    """
    return (
        f"The difference is {whole_usd(abs(saving))} per GPU over {period(months)}: "
        "choose by flexibility, not by cost."
    )


def unsure(saving: float, low: float, high: float, months: float, check: str | None = None) -> str:
    """That the range decides nothing [USD per GPU], and which input to look up first.

    >>> unsure(800, -900, 2500, 36, "utilization")
    'At the values here buying keeps $800 per GPU over 3 years, but anything from a loss of $900 \
to a gain of $2,500 is likely. Check first how busy the GPUs are.'
    """
    side = _SIDES[saving > 0]
    if saving <= 0:
        saving, low, high = -saving, -high, -low
    ends = [f"a {'loss' if end < 0 else 'gain'} of {whole_usd(abs(end))}" for end in (low, high)]
    said = (
        f"At the values here {side} keeps {whole_usd(saving)} per GPU over {period(months)}, "
        f"but anything from {ends[0]} to {ends[1]} is likely."
    )
    return f"{said} {check_first(check)}." if check else said


def against(saving: float, chance: float, months: float) -> str:
    """That the answer at the values here is not that of most futures [USD per GPU, share].

    >>> against(800, 0.25, 36)
    'At the values here buying keeps $800 per GPU over 3 years, but most of what is uncertain goes \
against it: renting is cheaper in 75 of 100 simulated futures.'
    """
    here, most = _SIDES[saving > 0], _SIDES[chance > 1 / 2]
    share = round(max(chance, 1 - chance) * _PER_CENT)
    return (
        f"At the values here {here} keeps {whole_usd(abs(saving))} per GPU over {period(months)}, "
        f"but most of what is uncertain goes against it: {most} is cheaper in {share} of "
        f"{_PER_CENT} simulated futures."
    )


def turns(name: str, value: float, now: float, is_buying: bool, is_yours: bool = True) -> str:
    """At which value of an input the other side wins, and what it is now; `is_buying`: who leads.

    >>> turns("utilization", 0.3, 0.6, True)
    'Renting wins if the GPUs are busy less than 30 % of the time. You said 60 %.'
    >>> turns("rate_usd_per_gpu_hour", 0.9, 0.7, False, False)
    'Buying wins if the rental rate of a GPU-hour is above $0.90. Here it is $0.70.'
    """
    other, is_below = _SIDES[not is_buying].capitalize(), value < now
    at, said = _written(name, value), "You said" if is_yours else "Here it is"
    if name == "utilization":
        clause = f"the GPUs are busy {'less' if is_below else 'more'} than {at} of the time"
    elif name == "horizon_months":
        clause = f"you keep them {'shorter' if is_below else 'longer'} than {at}"
    else:
        clause = f"the {called(name)} is {'below' if is_below else 'above'} {at}"
    return f"{other} wins if {clause}. {said} {_written(name, now)}."


def futures(savings: Sequence[float]) -> str:
    """In how many of some equally likely futures buying wins [USD, what it saves in each].

    >>> futures([-3.0, 5.0, 8.0, 9.0])
    'Buying wins in 3 of 4 simulated futures.'
    """
    wins = sum(saving > 0 for saving in savings)
    return f"Buying wins in {wins} of {len(savings)} simulated futures."


def never(months: float, ways: Iterable[tuple[str, float]] = ()) -> str:
    """That there is no payback, and at which values of some inputs there would be one.

    >>> never(36, [("price_usd_per_gpu", 1450), ("utilization", 0.41)])
    'Buying does not pay back within 3 years at these inputs. It would at $1,450 a card, or at 41 \
% busy.'
    """
    plain = f"Buying does not pay back within {period(months)} at these inputs."
    words = {"price_usd_per_gpu": " a card", "utilization": " busy"}
    said = [
        f"at {_written(name, value)}{words.get(name, f' as the {called(name)}')}"
        for name, value in ways
    ]
    return f"{plain} It would {', or '.join(said)}." if said else plain


def through_resale(exit_months: float) -> str:
    """That buying pays only because the hardware is sold [months].

    >>> through_resale(30.2)
    'Buying pays only through resale: cheaper from month 30.2 on if you sell then, not before.'
    """
    from_then = f"cheaper from month {number(exit_months)} on if you sell then, not before."
    return f"Buying pays only through resale: {from_then}"


def conflict(plain: float, saving: float, discount_rate: float) -> str:
    """That plain totals and present values disagree [USD, what buying saves]; empty if they agree.

    >>> conflict(490_000, -9_000, 0.1)
    'Plain totals favour buying by $490,000, but after a 10 % cost of capital it loses $9,000. We \
go by the second.'
    """
    if plain * saving >= 0:
        return ""
    said = f"Plain totals favour {_SIDES[plain > 0]} by {whole_usd(abs(plain))}"
    capital = f"{number(discount_rate * _PER_CENT)} % cost of capital"
    return f"{said}, but after a {capital} it loses {whole_usd(abs(saving))}. We go by the second."


def idle_hours(billing: str, utilization: float, billing_overhead: float) -> str:
    """What renting would cost if idle hours were paid too; empty where they are, or are none.

    >>> idle_hours("per_use", 0.55, 0.05)
    'You pay only for busy hours. If your instances stay up all day, renting costs 1.73 times this.'
    """
    billed = utilization * (1 + billing_overhead)
    times = number(1 / billed) if billed else ""
    if billing != "per_use" or billed > 1 or times in ("", number(1)):
        return ""
    return (
        "You pay only for busy hours. "
        f"If your instances stay up all day, renting costs {times} times this."
    )


def old_data(age_days: int | None) -> str:
    """That the rental prices are stale [days]; empty where they are not, or are yours.

    >>> old_data(94), old_data(30)
    ('Rental prices here are 94 days old. Newer data may change this answer.', '')
    """
    if age_days is None or freshness(age_days) != "stale":
        return ""
    return f"Rental prices here are {age_days} days old. Newer data may change this answer."


def example(is_example: bool) -> str:
    """That no input was given; else empty."""
    return "This is an example: none of the inputs are yours yet." if is_example else ""


def called(name: str) -> str:
    """What an input is called in a sentence.

    >>> called("price_usd_per_gpu"), called("discount_rate")
    ('price of a card', 'cost of capital')
    """
    meaning = INPUTS[name].meaning
    for end in (",", ";", ":", " ("):
        meaning = meaning.split(end)[0]
    return _NAMES.get(name, meaning)


def check_first(name: str) -> str:
    """Which input to look up before deciding.

    >>> check_first("utilization"), check_first("pue")
    ('Check first how busy the GPUs are', 'Check first the PUE')
    """
    asked = {"utilization": "how busy the GPUs are", "horizon_months": "how long you keep them"}
    return f"Check first {asked.get(name, f'the {called(name)}')}"


def _written(name: str, value: float) -> str:
    """A value with its unit; the price of an hour in whole cents where it is that."""
    if INPUTS[name].unit in ("USD per GPU-hour", "USD per kWh"):
        return rate_text(float(value))
    return whole_usd(value) if INPUTS[name].unit.startswith("USD") else written(name, value)
