"""The plan of a fleet against all plans that there are, counted hour by hour and dollar by dollar.

Here nothing is known of units: in each month the servers that are owned serve what they can, the
rest of every hour is rented, an instance for each level for at least so many hours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import tco
from tco.workload.demand_curve import DemandCurve
from tests.neutral import neutral

HOURS = 730.0


@cache
def cheapest_cover(needed: tuple[bool, ...], least: int, repeats: bool) -> int:
    """Hours billed at least: every pattern of running is tried."""
    size = len(needed)
    best = size if any(needed) else 0
    for pattern in itertools.product((False, True), repeat=size):
        if sum(pattern) >= best or any(n and not p for n, p in zip(needed, pattern, strict=True)):
            continue
        turns = pattern
        if repeats and not all(pattern):
            at = pattern.index(False)
            turns = pattern[at:] + pattern[:at]
        runs = [len(list(run)) for on, run in itertools.groupby(turns) if on]
        if all(run >= least for run in runs):
            best = min(best, sum(pattern))
    return best


@dataclass
class Case:
    gpus: tuple[int, ...]
    per_server: int
    least_hours: int
    demand_growth: float
    horizon: int
    rate: float
    rate_growth: float
    price: float
    price_growth: float
    staff: float
    busy_usd: float
    decline: float
    discount: float
    most: int | None

    def of_year(self, month: int) -> list[int]:
        factor = (1 + self.demand_growth) ** ((month - 1) // 12)
        return [math.ceil(round(value * factor, 9)) for value in self.gpus]

    def billed(self, month: int, owned: int) -> float:
        """Share of hours rented beyond so many GPUs, summed over the GPUs."""
        needed = self.of_year(month)
        if not self.least_hours:
            return sum(max(value - owned, 0) for value in needed) / len(needed)
        levels = range(owned + 1, max(needed) + 1)
        covers = (
            cheapest_cover(tuple(value >= k for value in needed), self.least_hours, False)
            for k in levels
        )
        return sum(covers) / len(needed)

    def month_usd(self, month: int, servers: int) -> float:
        """Present value of one month in which so many servers are owned."""
        owned = servers * self.per_server
        needed = self.of_year(month)
        served = sum(min(value, owned) for value in needed) / len(needed)
        rate = self.rate * (1 + self.rate_growth) ** ((month - 1) / 12)
        paid = self.billed(month, owned) * HOURS * rate + self.busy_usd * HOURS * served
        paid += self.staff * min(owned, self.peak)
        return float(paid * (1 + self.discount) ** (-month / 12))

    @cached_property
    def peak(self) -> int:
        return max(max(self.of_year(month)) for month in range(1, self.horizon + 1))

    @property
    def servers(self) -> int:
        return -(-self.peak // self.per_server)

    def bought_usd(self, month: int) -> float:
        """Present value of a server that is bought in a month and sold at the end."""
        price = self.per_server * self.price * (1 + self.price_growth) ** (month / 12)
        kept = (1 - self.decline) ** ((self.horizon - month) / 12)
        now, end = ((1 + self.discount) ** (-at / 12) for at in (month, self.horizon))
        return float(price * (now - kept * end))

    def table(self) -> Any:
        """The present value of each month with each number of servers."""
        return np.array(
            [
                [self.month_usd(month, servers) for servers in range(self.servers + 1)]
                for month in range(1, self.horizon + 1)
            ]
        )

    def plan_usd(self, table: Any, months: Sequence[int]) -> float:
        owned = np.searchsorted(sorted(months), np.arange(1, self.horizon + 1))
        paid = table[np.arange(self.horizon), owned].sum()
        return float(paid + sum(map(self.purchases.__getitem__, months)))

    @cached_property
    def purchases(self) -> list[float]:
        return [self.bought_usd(month) for month in range(self.horizon)]

    def fleet(self, **more: Any) -> tco.Fleet:
        inputs = neutral(
            price_usd_per_gpu=self.price,
            gpus_per_server=self.per_server,
            whole_servers=self.per_server > 1,
            rate_usd_per_gpu_hour=self.rate,
            rate_growth_per_year=self.rate_growth,
            staff_usd_per_gpu_month=self.staff,
            gpu_w=self.busy_usd * 10_000,
            electricity_usd_per_kwh=0.1,
            resale_decline_per_year=self.decline,
            discount_rate=self.discount,
            horizon_months=self.horizon,
        )
        return tco.fleet(
            demand=DemandCurve(gpus=tuple(map(float, self.gpus))),
            demand_growth_per_year=self.demand_growth,
            price_growth_per_year=self.price_growth,
            minimum_billing_hours=self.least_hours,
            owned_max=self.most,
            **(inputs | more),
        )


def random_case(seed: int, most_hours: int = 8, most_gpus: int = 12) -> Case:
    draw = np.random.default_rng(seed)
    per_server = int(draw.choice([1, 2, 4, 8]))
    grows = bool(draw.random() < 0.4)
    # Plans are listed one by one: the more servers, the fewer months.
    horizon = int(draw.integers(13, 27)) if grows else int(draw.integers(1, 7))
    top = 4 if grows and per_server == 1 else 6 if grows else most_gpus
    gpus = draw.integers(0, top + 1, size=int(draw.integers(2, most_hours + 1)))
    gpus[0] = max(1, gpus[0])
    # Where whole hours are billed anyway, the GPU that works least is the one to own: no plan here.
    least_hours = int(draw.choice([0, 0, 1, 2, 3, 5, 24]))
    return Case(
        gpus=tuple(int(value) for value in gpus),
        per_server=per_server,
        least_hours=least_hours,
        demand_growth=float(draw.choice([0.5, 0.2, -0.3])) if grows else 0.0,
        horizon=horizon,
        rate=float(draw.uniform(0.2, 3)),
        rate_growth=float(draw.choice([0, -0.2, 0.3, 2.0])),
        price=float(draw.uniform(200, 1_500) * horizon),
        price_growth=float(draw.choice([0, -0.3, 0.2])),
        staff=float(draw.choice([0, 40])),
        busy_usd=float(draw.choice([0, 0.02])) if not least_hours else 0.0,
        decline=float(draw.uniform(0.1, 1)),
        discount=float(draw.choice([0, 0.08])),
        most=int(draw.integers(0, 12)) if draw.random() < 0.4 else None,
    )


def plans(case: Case, most: int) -> Iterator[tuple[int, ...]]:
    for count in range(most + 1):
        yield from itertools.combinations_with_replacement(range(case.horizon), count)


def most_servers(case: Case) -> int:
    return case.servers if case.most is None else min(case.servers, case.most // case.per_server)


@pytest.mark.parametrize("start", range(0, 300, 50))
def test_no_plan_at_all_is_cheaper(start: int) -> None:
    for seed in range(start, start + 50):
        case = random_case(seed)
        found, table, most = case.fleet(), case.table(), most_servers(case)
        listed = max(n for n in range(most + 1) if math.comb(case.horizon + n, n) <= 1_000)
        best = min(case.plan_usd(table, plan) for plan in plans(case, listed))
        if most > listed:  # bought in one month, or in two: all of these
            pairs = itertools.combinations_with_replacement(range(case.horizon), 2)
            counts = [(a, b) for a in range(1, most + 1) for b in range(most + 1 - a)]
            best = min(
                best,
                *(
                    case.plan_usd(table, [first] * a + [second] * b)
                    for first, second in pairs
                    for a, b in counts
                ),
            )
        months = found.calendar["month"].repeat(found.calendar["gpus"] // case.per_server)
        told = (seed, case)
        assert found.npv_usd == pytest.approx(case.plan_usd(table, months.tolist())), told
        assert found.npv_usd <= best + 1e-6 * abs(best), told
        if len(set(months)) <= 2 or most <= listed:
            assert found.npv_usd == pytest.approx(best), told
        now = min(case.plan_usd(table, [0] * count) for count in range(most + 1))
        assert found.buy_now.npv_usd == pytest.approx(now), told
        assert found.all_rent_npv_usd == pytest.approx(case.plan_usd(table, [])), told
        assert found.all_own_npv_usd == pytest.approx(case.plan_usd(table, [0] * most)), told


def test_the_cheapest_cover_of_a_week_and_of_a_series_that_ends() -> None:
    draw = np.random.default_rng(5)
    for _ in range(150):
        gpus = draw.integers(0, 3, size=int(draw.integers(2, 11)))
        gpus[0] = 1
        least, repeats = int(draw.integers(1, 8)), bool(draw.random() < 0.5)
        curve = DemandCurve(gpus=tuple(map(float, gpus)), repeats=repeats)
        expected = [
            cheapest_cover(tuple(bool(one) for one in gpus >= k), least, repeats) / len(gpus)
            for k in range(1, int(gpus.max()) + 1)
        ]
        assert curve.billed_shares(least).tolist() == pytest.approx(expected), (gpus, least)


def solved(case: Case, sites: Sequence[float] | None, server_kw: float) -> float:
    """The cheapest plan by integer programming: purchases by month and site, servers owned."""
    table, size, horizon = case.table(), case.servers + 1, case.horizon
    count = len(sites or [0])
    bought = horizon * count
    prices = np.repeat([case.bought_usd(month) for month in range(horizon)], count)
    cost = np.concatenate([prices, table.reshape(-1)])
    one, owned = np.zeros((2, horizon, len(cost)))
    for month in range(horizon):
        at = slice(bought + month * size, bought + (month + 1) * size)
        one[month, at] = 1
        owned[month, at] = np.arange(size)
        owned[month, : (month + 1) * count] = -1
    limits = [LinearConstraint(one, 1, 1), LinearConstraint(owned, 0, 0)]
    total = np.concatenate([np.ones(bought), np.zeros(len(cost) - bought)])
    if case.most is not None:
        limits.append(LinearConstraint(total * case.per_server, 0, case.most))
    for site, kw in enumerate(sites or []):
        here = np.zeros(len(cost))
        here[site:bought:count] = server_kw
        limits.append(LinearConstraint(here, 0, kw))
    upper = np.concatenate([np.full(bought, case.servers), np.ones(len(cost) - bought)])
    found = milp(cost, constraints=limits, integrality=np.ones(len(cost)), bounds=Bounds(0, upper))
    assert found.success
    return float(found.fun)


@pytest.mark.parametrize("start", range(0, 30, 10))
def test_integer_programming_finds_nothing_cheaper(start: int) -> None:
    for seed in range(start, start + 10):
        draw = np.random.default_rng(1_000 + seed)
        case = random_case(seed)
        case.gpus = tuple(int(x) for x in draw.integers(0, 41, size=60))
        case.least_hours = 0
        case.horizon = int(draw.integers(18, 37))
        case.demand_growth = float(draw.choice([0, 0.25, -0.2]))
        case.price = float(draw.uniform(200, 900) * case.horizon)
        case.busy_usd, case.most = 0.02, int(draw.integers(4, 60)) if seed % 2 else None
        # A server draws 200 W a GPU; each of the sites has room for some of them and a part.
        server_kw = case.busy_usd * 10_000 * case.per_server / 1000
        sites = None
        if seed % 3:
            sites = (draw.uniform(0.5, 6, size=int(draw.integers(1, 4))) * server_kw).tolist()
        found = case.fleet(site_kw=sites)
        assert found.npv_usd == pytest.approx(solved(case, sites, server_kw), rel=1e-7), seed
