"""From a price to the full cost of a busy hour: of the card, and of the rental rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tco.inputs import INPUTS, PRICES, RATE, Inputs
from tco.model import items as registry
from tco.model import rental
from tco.model.breakeven import Breakeven, breakeven
from tco.model.items import EXIT_ITEMS, MORE_STEPS, OWN, RENT, RESALE, STEPS, items_of
from tco.model.ledger import ledger_rows
from tco.model.periods import busy_hours
from tco.scenario import Scenario

# What the sticker figure takes from the scenario; everything else counts nothing.
_KEPT = ("gpus", "horizon_months", "hours_per_month", *PRICES)
# The steps that are no items, beside the resale.
CARD, IDLE, MONEY = "card, fully utilized", "idle hours", "cost of capital"
EXTRA, CAP, TREND, TIMING = "extra billed hours", "monthly cap", "rate trend", "discounting"
FULL = "full cost"
_TAKEN = {
    OWN: {CARD, IDLE, MONEY, RESALE, FULL},
    RENT: {registry.RATE, IDLE, EXTRA, CAP, TREND, TIMING, FULL},
}

# As many of the user's own lines have a step of their own.
_MOST_LINES = 5


@dataclass(frozen=True)
class SideCost:
    """What one side costs, known without the price of the other.

    `monthly_usd` is the mean of what is paid month by month, the start and the exit apart. `steps`
    lead from the price to `usd_per_gpu_hour`, which they sum up to [USD per busy GPU-hour]: the
    first is where it starts, the others are differences. Without busy hours there are none.
    """

    side: str
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


def owning(scenario: Scenario) -> SideCost:
    """Owning on its own, with the steps from the card to the full cost of a busy GPU-hour.

    >>> found = owning(Scenario(gpu="L4"))
    >>> abs(sum(usd for _, usd in found.steps) - found.usd_per_gpu_hour) < 1e-12
    True
    """
    return _Flows(scenario, OWN).cost()


def renting(scenario: Scenario) -> SideCost:
    """Renting on its own, with the steps from the rental rate to the full cost of a busy GPU-hour.

    The rate is that of a billed hour in the first month. Idle hours that are paid, or hours billed
    beyond the busy ones, come on top of it, a monthly cap takes from it, and the trend is what the
    rate's growth adds to the hours of later months.

    >>> found = renting(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7, rate_growth_per_year=-0.1))
    >>> [name for name, _ in found.steps][:3]
    ['rental rate', 'extra billed hours', 'rate trend']
    >>> abs(sum(usd for _, usd in found.steps) - found.usd_per_gpu_hour) < 1e-12
    True
    """
    return _Flows(scenario, RENT).cost()


class _Flows:
    """What one side pays by item: plain sums and present values [USD]."""

    def __init__(self, scenario: Scenario, side: str) -> None:
        self.side, self.values = side, scenario.values()
        self.lines = [line for line in scenario.lines if line.side == side]
        self.paid: defaultdict[str, float] = defaultdict(float)
        self.present: defaultdict[str, float] = defaultdict(float)
        self.upfront = self.at_exit = 0.0
        rows = ledger_rows(scenario, side)
        last = rows[-1][2]
        leaving = {*EXIT_ITEMS, *(line.name for line in self.lines if line.when == "exit")}
        for _, item, month, _, cost, value in rows:
            self.paid[item] += cost
            self.present[item] += value
            self.upfront += cost if month == 0 else 0.0
            self.at_exit += cost if month == last and item in leaving else 0.0
        self.v = Inputs.of(self.values)
        self.plain = float(busy_hours(self.v, self.v.horizon_months))
        self.discounted = float(busy_hours(self.v)) if self.plain else 0.0

    def cost(self) -> SideCost:
        npv = sum(self.present.values())
        monthly = (sum(self.paid.values()) - self.at_exit - self.upfront) / float(
            self.values["horizon_months"]
        )
        if not self.plain:
            return SideCost(self.side, npv, None, self.upfront, monthly, ())
        begun, ended = (self._card, self._money) if self.side == OWN else (self._rate, self._timing)
        steps = (*begun(), *self._items(), *self._own_lines(), *ended())
        return SideCost(self.side, npv, npv / self.discounted, self.upfront, monthly, tuple(steps))

    def _card(self) -> Iterator[tuple[str, float]]:
        card, busy = self.paid["gpus"] / self.plain, float(self.values["utilization"])
        yield CARD, card * busy
        yield IDLE, card * (1 - busy)

    def _rate(self) -> Iterator[tuple[str, float]]:
        """From the rate of a billed hour to the compute of a busy one."""
        rate, busy = float(self.values[RATE]), float(self.values["utilization"])
        yield registry.RATE, rate
        reached = rate
        if self.values["billing"] != "per_use":
            reached = rate / busy
            yield IDLE, reached - rate
        elif self.values["billing_overhead"]:
            reached = rate * (1 + float(self.values["billing_overhead"]))
            yield EXTRA, reached - rate
        at_first = float(rental.compute_usd(self.v)) * float(self.v.horizon_months) / self.plain
        if rental.is_capped(self.v):
            yield CAP, at_first - reached
        if self.values["rate_growth_per_year"]:
            yield TREND, self.paid["compute"] / self.plain - at_first

    def _items(self) -> Iterator[tuple[str, float]]:
        """The steps that are items of cost; those that a side may lack only where they are paid."""
        side = self.side
        for label in (*STEPS[side], *MORE_STEPS[side]):
            names = [item.name for item in items_of(side) if item.step == label]
            paid = [self.paid[name] for name in names if name in self.paid]
            if any(paid) or label in STEPS[side]:
                yield label, sum(paid) / self.plain

    def _own_lines(self) -> Iterator[tuple[str, float]]:
        side = self.side
        taken = {*_TAKEN[side], *STEPS[side], *MORE_STEPS[side]}
        named = {
            line.name: f"{line.name} (yours)" if line.name in taken else line.name
            for line in self.lines
        }
        yield from _own_steps({said: self.paid[name] / self.plain for name, said in named.items()})

    def _money(self) -> Iterator[tuple[str, float]]:
        """What discounting adds to what is paid, and what selling brings back."""
        spent = [item for item in self.present if item != RESALE]
        nominal = sum(self.paid[item] for item in spent) / self.plain
        yield MONEY, sum(self.present[item] for item in spent) / self.discounted - nominal
        yield RESALE, self.present[RESALE] / self.discounted

    def _timing(self) -> Iterator[tuple[str, float]]:
        """What discounting does to what is not paid as evenly as the hours are busy."""
        if self.values["discount_rate"]:
            nominal = sum(self.paid.values()) / self.plain
            yield TIMING, sum(self.present.values()) / self.discounted - nominal


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
