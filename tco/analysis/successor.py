"""The same work on a successor: GPUs that are replaced by fewer of a faster kind."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from tco.analysis.substitutes import on
from tco.analysis.work import Costs, Work, check_work, costs_of
from tco.errors import InputError, Problem, shown
from tco.finance.discounting import discount_factor
from tco.inputs import INPUTS, Inputs
from tco.market.workload import gpu_key, hardware
from tco.model import facility, ownership
from tco.numeric import MONTHS_PER_YEAR, compound, plain
from tco.scenario import Scenario
from tco.words.figures import usd
from tco.workload.checks import check_numbers

# Inputs that have grown by the day of the replacement, by the input that says how fast.
_GROWN = {
    "opex_growth_per_year": (
        *("rack_usd_per_month", "colo_usd_per_kw_month", "staff_usd_per_gpu_month"),
        *("maintenance_rate_per_year", "license_usd_per_gpu_year"),
        "storage_egress_usd_per_gpu_month",
    ),
    "electricity_growth_per_year": ("electricity_usd_per_kwh",),
    "rate_growth_per_year": ("rate_usd_per_gpu_hour", "rate_cap_usd_per_gpu_month"),
}


@dataclass(frozen=True, kw_only=True)
class Successor:
    """Owning with a replacement, as present values of the holding period [USD].

    `own_usd` buys the GPUs of the work now, sells them after `months`, and buys `gpus_after` of the
    successor for the rest; `keep_usd` keeps the first ones, `rent_usd` rents them all the time, and
    `rent_successor_usd` rents the successor from then on. `kw_before` and `kw_after` are the IT
    power at peak. `before` and `after` are the two scenarios: the second begins after `months`.
    """

    gpu: str
    gpus: int
    refresh_gpu: str
    gpus_after: int
    months: int
    own_usd: float
    keep_usd: float
    rent_usd: float
    rent_successor_usd: float
    kw_before: float
    kw_after: float
    before: Scenario
    after: Scenario

    @property
    def saving_usd(self) -> float:
        """What owning with the replacement saves over renting all the time [USD]."""
        return self.rent_usd - self.own_usd

    @property
    def sentence(self) -> str:
        """What the replacement does to the cost of owning, against keeping the first GPUs."""
        gap = self.keep_usd - self.own_usd
        which = "less" if gap > 0 else "more"
        return (
            f"Replacing {self.gpus:,} × {self.gpu} by {self.gpus_after:,} × {self.refresh_gpu} "
            f"after {self.months} months costs {usd(abs(gap))} {which} than keeping them."
        )

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types; None for what is not known."""
        left_out = ("before", "after")
        found = {n: getattr(self, n) for n in self.__dataclass_fields__ if n not in left_out}
        return plain({**found, "saving_usd": self.saving_usd, "sentence": self.sentence})


def successor(
    work: Work,
    refresh_gpu: str,
    *,
    refresh_months: int,
    refresh_tokens_per_s: float | None = None,
    refresh_price_usd_per_gpu: float | None = None,
) -> Successor:
    """The work on its own GPUs, and after `refresh_months` on fewer of a faster kind.

    All hardware is sold then and what the successor needs is bought: as many GPUs as the same work
    takes (`tco.substitutes()`), in whole servers of their own, at today's price unless
    `refresh_price_usd_per_gpu` is given [USD]; power, racks, staff and upkeep are those of the
    smaller fleet, with what has grown until then. `refresh_tokens_per_s` is your own figure for a
    replica of the successor. InputError for a month outside the holding period, for own lines, a
    lease and a refresh of the scenario itself, and where the successor cannot do the work.

    >>> import tco
    >>> chat = tco.work("Llama-3.1-8B", users=20_000, use_case="chat", gpu="L4")
    >>> found = successor(chat, "L40S", refresh_months=18)
    >>> found.gpus_after < found.gpus, found.kw_after < found.kw_before
    (True, True)
    """
    check_work(work)
    check_numbers({"refresh_tokens_per_s": refresh_tokens_per_s})
    scenario, values = work.scenario, work.scenario.values()
    _check(scenario, values, refresh_months)
    key = gpu_key(refresh_gpu)
    asked = work.question if key == work.gpu else None
    if refresh_tokens_per_s is not None:
        changed: dict[str, Any] = {
            "hardware": hardware(key),
            "my_tokens_per_s": refresh_tokens_per_s,
        }
        asked = replace(work.question, **changed, constants=None)
    found = on(work.job, scenario, key, fixed=asked)
    if isinstance(found, str):
        raise InputError([Problem("refresh_gpu", f"refresh_gpu = {key!r}: {found}")])
    before = replace(scenario, horizon_months=float(refresh_months))
    after = _after(found.scenario, refresh_months, refresh_price_usd_per_gpu)
    first, later, kept = costs_of(before), costs_of(after), work.costs
    then = float(discount_factor(values["discount_rate"], refresh_months))
    rest = Costs(*(usd * then for usd in later))
    if math.isnan(first.own_usd) or math.isnan(rest.own_usd):
        unknown = work.gpu if math.isnan(first.own_usd) else key
        message = f"price_usd_per_gpu of {unknown} is not known: give it"
        raise InputError([Problem("price_usd_per_gpu", message)])
    return Successor(
        gpu=work.gpu,
        gpus=work.gpus,
        refresh_gpu=key,
        gpus_after=found.gpus,
        months=refresh_months,
        own_usd=first.own_usd + rest.own_usd,
        keep_usd=kept.own_usd,
        rent_usd=kept.rent_usd,
        rent_successor_usd=first.rent_usd + rest.rent_usd,
        kw_before=_peak_kw(before),
        kw_after=_peak_kw(after),
        before=before,
        after=after,
    )


def _check(scenario: Scenario, values: dict[str, Any], months: Any) -> None:
    """InputError for what cannot be combined with a successor."""
    problems = []
    horizon, least = values["horizon_months"], values["delivery_months"]
    is_whole = isinstance(months, int) and not isinstance(months, bool)
    if not is_whole or not least < months < horizon:
        message = (
            f"refresh_months = {shown(months)} is outside whole numbers ({least:g}, {horizon:g}): "
            "months after which the successor takes over, within the holding period"
        )
        problems.append(Problem("refresh_months", message))
    if scenario.lines:
        message = "lines cannot be combined with a successor: they are those of one scenario"
        problems.append(Problem("lines", message))
    if values["refresh_months"]:
        message = (
            f"refresh_months = {values['refresh_months']:g} of the scenario replaces GPUs by the "
            "same kind: leave it out"
        )
        problems.append(Problem("refresh_months", message))
    if values["financing"] == "lease":
        message = "financing = 'lease' cannot be combined with a successor: buy, or take a loan"
        problems.append(Problem("financing", message))
    if problems:
        raise InputError(problems)


def _after(scenario: Scenario, months: int, price: float | None) -> Scenario:
    """The scenario of the successor, which begins after some months."""
    values = scenario.values()
    changed: dict[str, Any] = {
        "horizon_months": values["horizon_months"] - months,
        # It is ordered in time, and bought.
        "delivery_months": 0,
        "already_owned": False,
        "purchase_month": (values["purchase_month"] + months - 1) % MONTHS_PER_YEAR + 1,
    }
    for growth, names in _GROWN.items():
        factor = float(compound(values[growth], months))
        for name in names:
            if values[name] is not None:
                changed[name] = min(INPUTS[name].high, values[name] * factor)
    if price is not None:
        changed["price_usd_per_gpu"] = price
    return replace(scenario, **changed)


def _peak_kw(scenario: Scenario) -> float:
    """IT power of the owned GPUs and servers at peak [kW]."""
    v = Inputs.of(scenario.values())
    servers = ownership.servers(v)
    return float(facility.peak_it_kw(ownership.gpus(v), v.gpu_w, servers, v.server_w))
