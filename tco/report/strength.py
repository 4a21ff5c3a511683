"""The verdict in sentences: which way, how sure, how much, and what would turn it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tco.report.sentences import (
    against,
    amount,
    conflict,
    difference,
    example,
    idle_hours,
    never,
    old_data,
    through_resale,
    turns,
    unit_costs,
    unsure,
)

if TYPE_CHECKING:
    from tco.analysis.simulation import Simulation
    from tco.answer import Breakeven

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


def verdict(
    answer: Breakeven,
    simulation: Simulation,
    flip: tuple[str, float] | None = None,
    ways: Iterable[tuple[str, float]] = (),
    rental_age_days: int | None = None,
) -> tuple[str, ...]:
    """Every sentence of the verdict, the headline first.

    `flip` is the input to name and the value at which the other side wins, `ways` are values that
    would bring a payback, `rental_age_days` the age of the rental prices [days]. A deterministic
    toss-up is too close to call whatever the chance.
    """
    values, chance = answer.scenario.values(), simulation.chance
    saving, months = answer.npv_saving_usd / values["gpus"], values["horizon_months"]
    p10, _, p90 = simulation.npv_saving_usd_per_gpu
    head = TOO_CLOSE if answer.verdict == "toss_up" else headline(chance)
    is_against = head != TOO_CLOSE and (saving > 0) != (chance > 1 / 2)
    if answer.verdict == "toss_up":
        how_much = difference(saving, months)
    elif head == TOO_CLOSE:
        how_much = unsure(saving, p10, p90, months, simulation.check_first)
    elif is_against:
        how_much = against(saving, chance, months)
    else:
        how_much = amount(saving, p10, p90, months)
    sentences = (
        head,
        unit_costs(answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour),
        how_much,
        _turned(answer, flip) if flip and not is_against else "",
        _unpaid(answer, ways),
        conflict(answer.undiscounted_saving_usd, answer.npv_saving_usd, values["discount_rate"]),
        idle_hours(values["billing"], values["utilization"], values["billing_overhead"]),
        old_data(rental_age_days),
        example(answer.scenario.is_example),
    )
    return tuple(sentence for sentence in sentences if sentence)


def _turned(answer: Breakeven, flip: tuple[str, float]) -> str:
    name, value = flip
    now = answer.scenario.values()[name]
    return turns(name, value, now, answer.npv_saving_usd > 0, name in answer.scenario.given)


def _unpaid(answer: Breakeven, ways: Iterable[tuple[str, float]]) -> str:
    """That the purchase does not pay back, or only by being sold; else empty."""
    if answer.status not in ("never", "reverses"):
        return ""
    if answer.npv_saving_usd > 0 and math.isfinite(answer.exit_months):
        return through_resale(answer.exit_months)
    return never(answer.scenario.values()["horizon_months"], ways)
