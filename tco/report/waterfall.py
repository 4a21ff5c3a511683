"""The card alone, and what lies between its price and the full cost of a busy hour."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tco.inputs import INPUTS, PRICES, Inputs
from tco.model.breakeven import Breakeven, breakeven
from tco.model.items import EXIT_ITEMS, MORE_STEPS, OWN, RESALE, STEPS, items_of
from tco.model.ledger import ledger_rows
from tco.model.periods import busy_hours
from tco.scenario import Scenario

# What the sticker figure takes from the scenario; everything else counts nothing.
_KEPT = ("gpus", "horizon_months", "hours_per_month", *PRICES)
# The steps that are no items, beside the resale.
CARD, IDLE, MONEY = "card at full use", "idle hours", "cost of capital"
FULL = "full cost"


# As many of the user's own lines have a step of their own.
_MOST_LINES = 5


@dataclass(frozen=True)
class Owning:
    """What owning costs, known without any rental rate.

    `monthly_usd` is the mean of what is paid month by month, the start and the resale apart.
    """

    npv_usd: float
    usd_per_gpu_hour: float | None
    upfront_usd: float
    monthly_usd: float
    steps: tuple[tuple[str, float], ...]


def sticker(scenario: Scenario) -> Breakeven:
    """The break-even of the card alone: always busy, no other cost, no cost of money, no resale.

    >>> web = sticker(Scenario(gpu="L4", price_usd_per_gpu=2500, rate_usd_per_gpu_hour=0.7))
    >>> round(web.months, 4), round(web.hours, 2)
    (4.8924, 3571.43)
    """
    values = scenario.values()
    counted: dict[str, Any] = {
        name: declared.neutral for name, declared in INPUTS.items() if declared.neutral is not None
    }
    counted |= {name: values[name] for name in _KEPT}
    counted |= {"gpu": values["gpu"], "as_of": values["as_of"]}
    return breakeven(**counted)


def owning(scenario: Scenario) -> Owning:
    """Owning on its own, with the steps from the card to the full cost of a busy GPU-hour.

    The first step is where it starts, the others are differences [USD per busy GPU-hour]; together
    they are `usd_per_gpu_hour`. Without busy hours there are none.

    >>> found = owning(Scenario(gpu="L4"))
    >>> abs(sum(usd for _, usd in found.steps) - found.usd_per_gpu_hour) < 1e-12
    True
    """
    values = scenario.values()
    paid: defaultdict[str, float] = defaultdict(float)
    present: defaultdict[str, float] = defaultdict(float)
    upfront = at_exit = 0.0
    rows = ledger_rows(scenario, "own")
    last = rows[-1][2]
    lines = [line for line in scenario.lines if line.side == OWN]
    leaving = {*EXIT_ITEMS, *(line.name for line in lines if line.when == "exit")}
    for _, item, month, _, cost, value in rows:
        paid[item] += cost
        present[item] += value
        upfront += cost if month == 0 else 0.0
        at_exit += cost if month == last and item in leaving else 0.0
    npv = sum(present.values())
    monthly = (sum(paid.values()) - at_exit - upfront) / float(values["horizon_months"])
    v = Inputs.of(values)
    plain, discounted = float(busy_hours(v, v.horizon_months)), float(busy_hours(v))
    if not plain:
        return Owning(npv, None, upfront, monthly, ())
    card, busy = paid["gpus"] / plain, float(values["utilization"])
    steps = [(CARD, card * busy), (IDLE, card * (1 - busy))]
    for label in (*STEPS, *MORE_STEPS):
        items = [item.name for item in items_of(OWN) if item.step == label and item.name in paid]
        if items or label in STEPS:
            steps.append((label, sum(paid[name] for name in items) / plain))
    taken = {CARD, IDLE, *STEPS, *MORE_STEPS, MONEY, RESALE, FULL}
    named = {
        line.name: f"{line.name} (yours)" if line.name in taken else line.name for line in lines
    }
    steps += _own_steps({said: paid[name] / plain for name, said in named.items()})
    spent = [item for item in present if item != RESALE]
    nominal = sum(paid[item] for item in spent) / plain
    steps.append((MONEY, sum(present[item] for item in spent) / discounted - nominal))
    steps.append((RESALE, present[RESALE] / discounted))
    return Owning(npv, npv / discounted, upfront, monthly, tuple(steps))


def _own_steps(lines: dict[str, float]) -> list[tuple[str, float]]:
    """A step for each of the user's own lines; of many the smaller ones are one.

    >>> _own_steps({"a": 1.0, "b": -3.0, "c": 2.0, "d": 0.5, "e": 4.0, "f": 0.25})
    [('a', 1.0), ('b', -3.0), ('c', 2.0), ('e', 4.0), ('2 more lines', 0.75)]
    """
    if len(lines) <= _MOST_LINES:
        return list(lines.items())
    largest = sorted(lines, key=lambda name: -abs(lines[name]))[: _MOST_LINES - 1]
    steps = [(name, usd) for name, usd in lines.items() if name in largest]
    rest = sum(usd for name, usd in lines.items() if name not in largest)
    return [*steps, (f"{len(lines) - len(largest)} more lines", rest)]
