"""The kernel beside other ways of doing the same: `python -m benchmarks.compare`.

Prints the table of docs/performance.md. All figures of one run are comparable with each other, not
with those of another machine or of a busier hour.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy_financial

import tco
from tco.model.results import RESULTS

_EIGHT = {
    "utilization": (0.05, 1),
    "price_usd_per_gpu": (1_500, 4_000),
    "rate_usd_per_gpu_hour": (0.3, 1.2),
    "rate_growth_per_year": (-0.3, 0.2),
    "resale_decline_per_year": (0, 0.6),
    "electricity_usd_per_kwh": (0.05, 0.3),
    "pue": (1.1, 2),
    "discount_rate": (0, 0.15),
}
_MILLION = 1_000_000
_ROUNDS = 3
_FIXED = tco.Scenario(gpu="L4").values()


def drawn(rows: int, seed: int = 0) -> dict[str, Any]:
    """Scenarios with eight varying inputs."""
    draw = np.random.default_rng(seed).uniform
    return {name: draw(low, high, rows) for name, (low, high) in _EIGHT.items()}


def best(call: Callable[[], Any], rounds: int = _ROUNDS) -> float:
    """The shortest of some runs [s]."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def flows(one: dict[str, float], months: int) -> tuple[list[float], list[float]]:
    """Monthly costs of owning and of renting, in plain Python: the equations once more."""
    v = {**_FIXED, **one}
    n, h = v["gpus"], v["hours_per_month"]
    servers = n / v["gpus_per_server"]
    gpus, spares = n * v["price_usd_per_gpu"], n * v["price_usd_per_gpu"] * v["spares_rate"]
    hardware = gpus + spares + servers * v["server_usd"] + n * v["network_usd_per_gpu"]
    own = [hardware * (1 + v["sales_tax_rate"]) + n * v["install_usd_per_gpu"]]
    rent = [n * v["upfront_usd_per_gpu"]]
    busy = v["utilization"]
    watts = n * (v["gpu_w"] * v["load_factor"] * busy + v["idle_w"] * (1 - busy))
    kw = (watts + servers * v["server_w"]) / 1000
    peak = (n * v["gpu_w"] + servers * v["server_w"]) / 1000
    for m in range(1, months + 1):
        opex = (1 + v["opex_growth_per_year"]) ** ((m - 1) / 12)
        power = (1 + v["electricity_growth_per_year"]) ** ((m - 1) / 12)
        cost = kw * h * v["electricity_usd_per_kwh"] * v["pue"] * power
        cost += peak * v["colo_usd_per_kw_month"] * opex
        cost += n * v["staff_usd_per_gpu_month"] * opex + n * v["license_usd_per_gpu_year"] / 12
        cost += hardware * v["insurance_rate_per_year"] / 12
        if m > v["warranty_months"]:
            cost += hardware * v["maintenance_rate_per_year"] / 12 * opex
            cost += gpus * v["failure_rate_per_year"] / 12
        own.append(cost)
        billed = busy * (1 + v["billing_overhead"])
        rate = v["rate_usd_per_gpu_hour"] * (1 + v["rate_growth_per_year"]) ** ((m - 1) / 12)
        compute = n * h * billed * rate * (1 + v["support_rate"])
        rent.append(compute + n * v["storage_egress_usd_per_gpu_month"] * opex)
    resale = (gpus + spares + servers * v["server_usd"]) * (1 - v["selling_cost_rate"])
    own[-1] -= resale * (1 - v["resale_decline_per_year"]) ** (months / 12)
    return own, rent


def python_loop(rows: list[dict[str, float]], months: int) -> list[float]:
    """Both present values of each scenario by a plain loop; one result, not nineteen."""
    savings = []
    for one in rows:
        own, rent = flows(one, months)
        factor, monthly = 1.0, (1 + one["discount_rate"]) ** (-1 / 12)
        saving = 0.0
        for paid, saved in zip(own, rent, strict=True):
            saving += (saved - paid) * factor
            factor *= monthly
        savings.append(saving)
    return savings


def financial_loop(rows: list[dict[str, float]], months: int) -> list[float]:
    """The same with numpy-financial's npv."""
    savings = []
    for one in rows:
        own, rent = flows(one, months)
        rate = (1 + one["discount_rate"]) ** (1 / 12) - 1
        savings.append(numpy_financial.npv(rate, np.subtract(rent, own)))
    return savings


def kernel(rows: int, months: int, seed: int = 0) -> tuple[float, Any]:
    """Seconds for every array result of `breakeven`, and the savings."""
    columns = drawn(rows, seed)
    answer = tco.breakeven(gpu="L4", horizon_months=months, **columns)
    seconds = best(lambda: tco.breakeven(gpu="L4", horizon_months=months, **columns))
    return seconds, answer.npv_saving_usd


def _half(start: Any, done: Any, months: int, seed: int) -> None:
    columns = drawn(_MILLION // 2, seed)
    tco.breakeven(gpu="L4", horizon_months=months, **columns)
    for _ in range(_ROUNDS):
        start.wait()
        tco.breakeven(gpu="L4", horizon_months=months, **columns)
        done.wait()


def two_processes(months: int) -> float:
    """Seconds for a million scenarios in two processes of one core each."""
    start, done = multiprocessing.Barrier(3), multiprocessing.Barrier(3)
    workers = [
        multiprocessing.Process(target=_half, args=(start, done, months, seed)) for seed in (1, 2)
    ]
    for worker in workers:
        worker.start()

    def run() -> None:
        start.wait()
        done.wait()

    seconds = best(run)
    for worker in workers:
        worker.join()
    return seconds


def triad() -> float:
    """Bytes a second of a = b + s c, on arrays far larger than the caches."""
    size = 20 * _MILLION
    b, c = np.ones(size), np.ones(size)
    a = np.empty(size)

    def run() -> None:
        np.multiply(c, 3.0, out=a)
        np.add(a, b, out=a)

    return 5 * 8 * size / best(run)


def by_months(months: int, bandwidth: float) -> list[str]:
    """The rows of the table for one horizon."""
    few = 2_000
    columns = drawn(few)
    names = list(columns)
    rows = [
        dict(zip(names, row, strict=True)) for row in np.array(list(columns.values())).T.tolist()
    ]
    answers = tco.breakeven(gpu="L4", horizon_months=months, **columns).npv_saving_usd
    loops = {
        "plain Python loop, saving only": python_loop,
        "numpy-financial `npv` in that loop": financial_loop,
    }
    seconds, _ = kernel(_MILLION, months)
    one = _MILLION / seconds
    both = _MILLION / two_processes(months)
    lines = [
        f"| {months} | kernel, one core | {one:,.0f} | 1 |",
        f"| {months} | kernel, two processes | {both:,.0f} | {both / one:.2f} |",
    ]
    for way, loop in loops.items():
        assert np.allclose(answers, loop(rows, months), rtol=1e-9, atol=1e-6)
        each = best(partial(loop, rows, months), 2) / few
        lines.append(f"| {months} | {way} | {1 / each:,.0f} | 1/{each * one:,.0f} |")
    bound = bandwidth / (8 * (len(_EIGHT) + len(RESULTS)))
    way = "reading the inputs and writing the results at memory bandwidth"
    return [*lines, f"| {months} | {way} | {bound:,.0f} | {bound / one:.0f} |"]


def table() -> str:
    """The tables, in Markdown."""
    bandwidth = triad()
    lines = ["| months | way | scenarios a second | ratio |", "|---|---|---|---|"]
    for months in (36, 60):
        lines += by_months(months, bandwidth)
    few = 500
    one = {name: (low + high) / 2 for name, (low, high) in _EIGHT.items()}
    scalar = best(lambda: [tco.breakeven(gpu="L4", **one) for _ in range(few)]) / few
    million, _ = kernel(_MILLION, 36)
    lines += [
        "",
        f"Memory bandwidth (triad): {bandwidth / 10**9:.1f} GB/s. A scalar `breakeven()` takes "
        f"{scalar * 10**6:,.0f} µs, {scalar * _MILLION / million:,.0f} times one of an array.",
        "",
        "| scenarios in one call | µs each |",
        "|---|---|",
    ]
    for size in (10_000, 100_000, _MILLION, 10 * _MILLION):
        seconds, _ = kernel(size, 36)
        lines.append(f"| {size:,} | {seconds / size * 10**6:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
