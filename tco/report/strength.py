"""The verdict in sentences: which way, how sure, how much, and what would turn it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tco import words
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.choice import freshness
from tco.report.currency import conversion_of
from tco.words import (
    against,
    amount,
    conflict,
    difference,
    idle_hours,
    never,
    old_prices,
    through_resale,
    unit_costs,
    unsure,
    usd,
)

if TYPE_CHECKING:
    from tco.analysis.simulation import Simulation
    from tco.model.breakeven import Breakeven

# From these chances of the side that wins on, the verdict is clear, or probable.
CLEAR, PROBABLE = 0.9, 0.7
TOO_CLOSE = "Too close to call."


def strength(chance: float) -> str:
    """How sure the side that wins is of it, from the chance that buying is cheaper [share].

    >>> strength(0.95), strength(0.3), strength(0.5)
    ('clearly', 'probably', 'too close to call')
    """
    winning = max(chance, 1 - chance)
    if winning >= CLEAR:
        return "clearly"
    return "probably" if winning >= PROBABLE else "too close to call"


def headline(chance: float) -> str:
    """Direction and strength, from the chance that buying is cheaper [share].

    >>> headline(0.95), headline(0.2), headline(0.6)
    ('BUY, clearly.', 'RENT, probably.', 'Too close to call.')
    """
    how = strength(chance)
    if how not in ("clearly", "probably"):
        return TOO_CLOSE
    return f"{'BUY' if chance > 1 / 2 else 'RENT'}, {how}."


def side(head: str) -> str:
    """The side that a headline is for: buy, rent or toss_up.

    >>> side("BUY, clearly."), side("RENT."), side(TOO_CLOSE)
    ('buy', 'rent', 'toss_up')
    """
    return next((word for word in ("buy", "rent") if head.startswith(word.upper())), "toss_up")


def verdict(
    answer: Breakeven,
    simulation: Simulation | None,
    flip: tuple[str, float] | None = None,
    ways: Iterable[tuple[str, float]] = (),
    rental_age_days: int | None = None,
) -> tuple[str, ...]:
    """Every sentence of the verdict, the headline first.

    `flip` is the input to name and the value at which the other side wins, `ways` are values that
    would bring a payback, `rental_age_days` the age of the rental prices [days]. A deterministic
    toss-up is too close to call whatever the chance. Without a simulation no strength is told.
    """
    values = answer.scenario.values()
    head, is_against = _head(answer, simulation)
    sentences = (
        head,
        unit_costs(answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour, values["tax_rate"]),
        _how_much(answer, simulation),
        _turned(answer, flip) if flip and not is_against else "",
        _unpaid(answer, ways),
        conflict(answer.undiscounted_saving_usd, answer.npv_saving_usd, values["discount_rate"]),
        idle_hours(values["billing"], values["utilization"], values["billing_overhead"]),
        converted(answer),
        old_prices(rental_age_days, None)
        if rental_age_days is not None and freshness(rental_age_days) == "stale"
        else "",
        words.EXAMPLE if answer.scenario.is_example else "",
    )
    return tuple(sentence for sentence in sentences if sentence)


def _head(answer: Breakeven, simulation: Simulation | None) -> tuple[str, bool]:
    """The headline, and whether it goes against the answer at the values here."""
    if answer.verdict == "toss_up":
        return TOO_CLOSE, False
    if simulation is None:
        return f"{answer.verdict.upper()}.", False
    head, is_saving = headline(simulation.chance_buy), answer.npv_saving_usd > 0
    return head, head != TOO_CLOSE and is_saving != (simulation.chance_buy > 1 / 2)


def _how_much(answer: Breakeven, simulation: Simulation | None) -> str:
    values = answer.scenario.values()
    saving, months = answer.npv_saving_usd / values["gpus"], values["horizon_months"]
    head, is_against = _head(answer, simulation)
    if answer.verdict == "toss_up":
        return difference(saving, months)
    if simulation is None:
        return amount(saving, None, None, months, values["tax_rate"])
    p10, _, p90 = simulation.npv_saving_usd_per_gpu
    if head == TOO_CLOSE:
        check = simulation.check_first
        return unsure(saving, p10, p90, months, INPUTS[check].asked if check else "")
    if is_against:
        return against(saving, simulation.dots(20), months)
    return amount(saving, p10, p90, months, values["tax_rate"])


def converted(answer: Breakeven) -> str:
    """The key figures in the currency of the scenario, labelled; empty for USD or without a rate.

    >>> import tco
    >>> euros = {"currency": "EUR", "fx_rate": 0.5, "fx_as_of": "2026-11-20"}
    >>> converted(tco.breakeven(gpu="L4", **euros)).rpartition("(")[2]
    'converted at 0.5 EUR per USD of 2026-11-20).'
    """
    try:
        found = conversion_of(answer.scenario)
    except InputError as unknown:
        return f"No other currency: {unknown}."
    if found is None or math.isinf(answer.own_usd_per_gpu_hour):
        return ""
    saving = answer.npv_saving_usd
    amounts = (answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour, abs(saving))
    own, rent, kept = (
        f"{usd(amount * found.fx_rate).removeprefix('$')} {found.currency}" for amount in amounts
    )
    return words.converted(own, rent, kept, saving, found.label)


def _turned(answer: Breakeven, flip: tuple[str, float]) -> str:
    name, value = flip
    now = answer.scenario.values()[name]
    declared, is_yours = INPUTS[name], name in answer.scenario.given
    clause = declared.clause(value, now)
    return words.turns(clause, declared.spoken(now), answer.npv_saving_usd > 0, is_yours)


def _unpaid(answer: Breakeven, ways: Iterable[tuple[str, float]]) -> str:
    """That the purchase does not pay back, or only by being sold; else empty."""
    if answer.status not in ("never", "reverses"):
        return ""
    if answer.npv_saving_usd > 0 and math.isfinite(answer.exit_months):
        return through_resale(answer.exit_months)
    months = answer.scenario.values()["horizon_months"]
    return never(months, [INPUTS[name].way(value) for name, value in ways])
