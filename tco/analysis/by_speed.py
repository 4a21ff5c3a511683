"""What buying saves as the speed of a piece of work changes: the GPUs and hours that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

from tco.analysis.flips import Mover, slope_of
from tco.analysis.roots import Flip, is_tie, root_between
from tco.analysis.savings import Saving, saving, values_of, with_columns
from tco.analysis.substitutes import cheaper, on
from tco.analysis.work import MOST_GPUS, Work, check_work
from tco.errors import InputError, Problem, shown
from tco.inputs import PRICE, RATE, Inputs
from tco.market.workload import gpu_key
from tco.model.breakeven import model_values
from tco.model.cashflows import accumulate
from tco.model.items import RENT
from tco.model.periods import busy_hours
from tco.model.results import feasible
from tco.numeric import larger, select
from tco.words.speeds import UNIT, buys_by_speed, of_one, speed_now

API = "api"
# Numbers of replicas that are looked at: each of the first, then evenly by their ratio.
_EACH, _FURTHER, _MOST = 64, 48, 4_096
# Speeds that take the same number of replicas, as shares of the way to the next number.
_WITHIN = (0.0, 0.25, 0.5, 0.75)
# The speed just before one that takes fewer replicas, as a share of it.
_NEAR = 1e-9
# The step of a slope, as a share of the speed.
_STEP = 1e-4

_Savings: TypeAlias = Callable[[Any], Saving]


@dataclass(frozen=True, kw_only=True)
class SpeedBreakeven:
    """At which speeds of a replica buying wins against renting, an API or another GPU.

    `wins` are all of them [tok/s], ascending pairs with open ends 0 and infinity. The speed of the
    work is `output_tokens_per_s`, P10 to P90 from `low` to `high`, of that `basis`.
    """

    gpu: str
    gpus_per_replica: int
    against: str
    output_tokens_per_s: float
    low: float
    high: float
    basis: str
    wins: tuple[tuple[float, float], ...]
    sentence: str

    @property
    def is_buying(self) -> bool:
        """Whether buying wins at the speed of the work."""
        return any(low <= self.output_tokens_per_s <= high for low, high in self.wins)

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types; None for an open end."""
        ends = [[low or None, None if math.isinf(high) else high] for low, high in self.wins]
        return {**asdict(self), "wins": ends, "is_buying": self.is_buying}


class BySpeed:
    """The speed of a piece of work as something that moves: GPUs in use and utilization follow."""

    name = "output_tokens_per_s"

    def __init__(self, work: Work) -> None:
        self.work = work
        demand = work.demand
        # The slowest speed with which one replica is enough: beyond it nothing changes any more.
        self.enough = demand.peak_per_s * demand.output_tokens / work.load_target
        self.slowest = self.enough * work.question.gpus / MOST_GPUS * (1 + _NEAR)

    @property
    def mover(self) -> Mover:
        """The speed as what flips and tornado move."""
        found = self.work.speed.output_tokens_per_s
        return Mover(self.name, UNIT, False, found, self.work.likely_speeds)

    @cached_property
    def _values(self) -> dict[str, Any]:
        return values_of(self.work.scenario)

    def inputs_at(self, speeds: Sequence[float]) -> Inputs:
        """The inputs at some speeds of a replica [tok/s]."""
        import numpy as np

        demand, target, each = self.work.demand, self.work.load_target, self.work.question.gpus
        replicas = np.array([float(demand.replicas(x, target)) for x in speeds])
        in_use = np.array([demand.replicas_in_use(x, target) for x in speeds])
        columns = {"gpus": replicas * each, "utilization": np.minimum(in_use / replicas, 1.0)}
        # Where only the owning side counts, no rate is needed.
        values = self._values | {RATE: self._values[RATE] or 0.0}
        return Inputs.of(with_columns(values, columns))

    def savings(self, speeds: Sequence[float]) -> Saving:
        """What buying saves over renting the same GPUs at some speeds [USD]."""
        return saving(self.inputs_at(speeds))

    def against(self, other_usd: float) -> _Savings:
        """What buying saves over something that costs so much at any speed [USD]."""

        def saved(speeds: Sequence[float]) -> Saving:
            v = self.inputs_at(speeds)
            totals = accumulate(v, compared=False)
            own: Any = totals.own_npv
            usd = select(feasible(v), other_usd - own, math.nan)
            return Saving(usd, larger(abs(own), abs(other_usd)), totals.gross + abs(other_usd))

        return saved

    @cached_property
    def grid(self) -> list[float]:
        """Speeds between which buying may begin or cease to win, ascending [tok/s]."""
        import numpy as np

        most = min(_MOST, int(self.enough / self.slowest))
        further = np.geomspace(_EACH, max(most, _EACH), _FURTHER).round().astype(int).tolist()
        found = [self.enough]
        for replicas in {*range(2, min(_EACH, most) + 1), *(k for k in further if 1 < k <= most)}:
            slow, fast = self.enough / replicas, self.enough / (replicas - 1)
            found += [slow + share * (fast - slow) for share in _WITHIN]
            found.append(fast * (1 - _NEAR))
        now = [self.mover.value, *(self.mover.ends or ())]
        return sorted({max(x, self.slowest) for x in (*found, *now)})

    def flips_of(self, saved: _Savings) -> tuple[list[Flip], bool]:
        """Where what is saved changes its sign, ascending; and whether it is > 0 before."""
        import numpy as np

        curve = saved(self.grid)
        told = np.isfinite(curve.usd) & ~is_tie(curve)
        points = list(
            zip(np.array(self.grid)[told].tolist(), curve.usd[told].tolist(), strict=True)
        )

        def at(speed: float) -> Saving:
            return Saving(*(np.asarray(part).reshape(-1)[0] for part in saved([speed])))

        found = [
            root_between(at, before, after)
            for before, after in pairwise(points)
            if (before[1] > 0) != (after[1] > 0)
        ]
        return found, bool(points and points[0][1] > 0)

    def flips(self) -> tuple[list[Flip], Saving, float]:
        """The flips in the range, else the nearest around; the savings there; the slope [USD/unit].

        The savings are those at the low end, at the speed of the work and at the high end.
        """
        found, _ = self.flips_of(self.savings)
        now = self.mover.value
        low, high = self.mover.ends or (now, now)
        inside = [flip for flip in found if low <= flip.low and flip.high <= high]
        below = [flip for flip in found if flip.low < low]
        above = [flip for flip in found if flip.high > high]
        points = (now * (1 - _STEP), now, now * (1 + _STEP))
        slope = slope_of(points, self.savings(points).usd)
        return inside or [*below[-1:], *above[:1]], self.savings([low, now, high]), slope

    def wins(self, saved: _Savings) -> tuple[tuple[float, float], ...]:
        """All speeds at which something is saved: ascending pairs, with open ends 0 and inf."""
        found, is_won = self.flips_of(saved)
        edges = [0.0] if is_won else []
        for flip in found:
            edges.append(flip.low if is_won else flip.high)
            is_won = not is_won
        edges += [math.inf] if is_won else []
        return tuple(zip(edges[::2], edges[1::2], strict=True))


def _gpu_of(against: str) -> str:
    """The GPU that owning competes with; InputError for none."""
    try:
        return gpu_key(against)
    except InputError as wrong:
        near = wrong.problems[0].message.partition("; ")[2]
        message = f"against = {shown(against)} is neither {RENT} nor {API}, nor a known GPU"
        raise InputError([Problem("against", f"{message}{near and f'; {near}'}")]) from None


def speed_breakeven(work: Work, against: str = RENT) -> SpeedBreakeven:
    """The speed of a replica at which buying begins to win, in tok/s and as a sentence.

    `against`: rent (the same GPUs, which are then rented for as many hours), api (the middle of
    the providers' prices), or another GPU, which does the same work as `tco.substitutes()` has it,
    on its cheaper side. GPUs in use and utilization follow from the speed. InputError for what is
    no piece of work, a price that is not known, and a GPU that cannot do the work.

    >>> import tco
    >>> chat = tco.work("Llama-3.1-8B", users=20_000, use_case="chat", gpu="L40S")
    >>> speed_breakeven(chat, "H100-SXM").sentence.startswith("Buying beats renting H100-SXM if an")
    True
    """
    check_work(work)
    found, speed = BySpeed(work), work.speed
    if against not in (RENT, API):
        key = _gpu_of(against)
        against = RENT if key == work.gpu else key
    never, other = "", ""
    if against == RENT:
        model_values(work.scenario, (PRICE, RATE))
        saved: _Savings = found.savings
    else:
        other, usd = _api(work) if against == API else _other(work, against)
        model_values(work.scenario, (PRICE,))
        saved = found.against(usd)
        never = "one alone costs more" if work.question.gpus == 1 else "one replica costs more"
    wins = found.wins(saved)
    count, gpu = work.question.gpus, work.gpu
    gives = f"{of_one(gpu)} gives" if count == 1 else f"{count} × {gpu} give"
    low, high = work.likely_speeds or (speed.output_tokens_per_s,) * 2
    told = buys_by_speed(gives, wins, speed.output_tokens_per_s, other, never)
    now = speed_now(speed.output_tokens_per_s, low, high, speed.basis)
    return SpeedBreakeven(
        gpu=gpu,
        gpus_per_replica=count,
        against=against,
        output_tokens_per_s=speed.output_tokens_per_s,
        low=low,
        high=high,
        basis=speed.basis,
        wins=wins,
        sentence=f"{told} {now}",
    )


def _api(work: Work) -> tuple[str, float]:
    """An API, and what it costs over the horizon [USD today]; InputError where none is offered."""
    usd_per_million = work.usd_per_million_tokens[API]
    if math.isnan(usd_per_million):
        message = f"model = {work.model!r} is offered by no API whose price is known"
        raise InputError([Problem("model", message)])
    v = Inputs.of(work.scenario.values())
    months: Any = busy_hours(v) / (v.gpus * v.hours_per_month * v.utilization)
    return "an API", usd_per_million * work.output_tokens_per_month / 1e6 * months


def _other(work: Work, gpu: str) -> tuple[str, float]:
    """The cheaper side of another GPU, and what it costs [USD today]."""
    found = on(work.job, work.scenario, gpu)
    if isinstance(found, str):
        raise InputError([Problem("against", f"against = {gpu!r}: {found}")])
    side, usd = cheaper(found.costs)
    if not side:
        message = f"against = {gpu!r}: no price and no rental rate is known for it"
        raise InputError([Problem("against", message)])
    return f"{'renting' if side == RENT else 'owning'} {gpu}", usd
