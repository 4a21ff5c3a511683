"""One declaration per input: unit, domain, neutral value, meaning, group.

Slider, domain check, documentation, CSV header, command-line option and URL parameter read these.
What we believe a value *is* today stands in `data/defaults.toml`, never here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tco.arithmetic import Numeric


@dataclass(frozen=True, kw_only=True)
class Param:
    """What an input is. `kind` is number, integer, flag, choice, key (of the catalogue) or date."""

    group: str
    kind: str
    meaning: str
    unit: str = ""
    low: float = 0
    high: float = 0
    low_open: bool = False
    choices: tuple[str, ...] = ()
    neutral: Any = None
    name: str = ""

    @property
    def numeric(self) -> bool:
        """Whether the value is a number (flags are not)."""
        return self.kind in ("number", "integer")

    @property
    def domain(self) -> str:
        """The allowed values, as people write them; `kind` says whether they are whole.

        >>> INPUTS["horizon_months"].domain, INPUTS["hosting"].domain
        ('(0, 240]', 'own_site, colo_metered or colo_all_in')
        """
        if self.numeric:
            return f"{'(' if self.low_open else '['}{self.low}, {self.high}]"
        if self.choices:
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        return {"flag": "true or false", "date": "YYYY-MM-DD"}.get(
            self.kind, "a key of the catalogue"
        )

    def contains(self, value: Any) -> Any:
        """Whether a number, or each element of an array, lies in the domain; NaN does not."""
        above = value > self.low if self.low_open else value >= self.low
        inside = above & (value <= self.high)
        return inside & (value // 1 == value) if self.kind == "integer" else inside


def param(group: str, kind: str, meaning: str, **declared: Any) -> Any:
    """Declare one input as a dataclass field; the default None means "not given"."""
    declaration = Param(group=group, kind=kind, meaning=meaning, **declared)
    return field(default=None, metadata={"param": declaration})


def _number(group: str, unit: str, low: float, high: float, neutral: Any, meaning: str) -> Any:
    return param(group, "number", meaning, unit=unit, low=low, high=high, neutral=neutral)


def _integer(group: str, unit: str, low: int, high: int, neutral: int, meaning: str) -> Any:
    return param(group, "integer", meaning, unit=unit, low=low, high=high, neutral=neutral)


def _choice(group: str, choices: tuple[str, ...], neutral: str | None, meaning: str) -> Any:
    return param(group, "choice", meaning, choices=choices, neutral=neutral)


_MILLION = 10**6
_SHARE = "share"
_PER_YEAR = "per year"
_USD = "USD"
_PER_GPU = "USD per GPU"


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Every input of the model, in the order of the documentation."""

    gpu: str = param("choice", "key", "chooses price, watts, idle watts, host and rate")
    price_basis: str = _choice(
        "choice", ("street", "msrp", "used"), None, "which purchase price of the GPU"
    )
    provider: str = param("choice", "key", "which rental offers: a provider, or all")
    region: str = param("choice", "key", "which rental offers: a region, or a country such as US")
    term: str = _choice(
        "choice", ("on_demand", "spot", "1yr", "3yr", "5yr"), None, "which rental offers: the term"
    )
    as_of: str = param("choice", "date", "rows and defaults dated later are ignored")

    gpus: Numeric = _integer("usage", "GPUs", 1, _MILLION, 1, "GPUs in use")
    utilization: Numeric = _number(
        "usage", _SHARE, 0, 1, 1, "share of all hours in which the GPUs do useful work"
    )
    horizon_months: Numeric = param(
        "usage",
        "number",
        "how long the service is needed; how long the hardware is kept",
        unit="months",
        low=0,
        high=240,
        low_open=True,
        neutral=36,
    )
    hours_per_month: Numeric = _number("usage", "hours", 600, 744, 730, "hours in a month")

    price_usd_per_gpu: Numeric = _number(
        "hardware", _PER_GPU, 0, _MILLION, 0, "purchase price of a card, before tax"
    )
    server_usd: Numeric = _number(
        "hardware", _USD, 0, 10**7, 0, "one server without GPUs: chassis, CPU, memory, NIC"
    )
    gpus_per_server: Numeric = _integer("hardware", "GPUs", 1, 64, 8, "GPUs in one full server")
    whole_servers: bool = param(
        "hardware", "flag", "buy whole servers; false: a share of one", neutral=False
    )
    network_usd_per_gpu: Numeric = _number(
        "hardware", _PER_GPU, 0, _MILLION, 0, "switches and cables"
    )
    install_usd_per_gpu: Numeric = _number(
        "hardware", _PER_GPU, 0, _MILLION, 0, "freight and racking"
    )
    sales_tax_rate: Numeric = _number(
        "hardware", _SHARE, 0, 1, 0, "non-recoverable sales tax on hardware"
    )
    spares_rate: Numeric = _number(
        "hardware", _SHARE, 0, 1, 0, "GPUs held in stock beside those in use, share of them"
    )

    resale_decline_per_year: Numeric = param(
        "resale",
        "number",
        "share of the market value lost a year; all of it: no resale",
        unit=_PER_YEAR,
        low=-0.5,
        high=1,
        neutral=1,
    )
    selling_cost_rate: Numeric = _number(
        "resale", _SHARE, 0, 1, 0, "cost of selling, share of the resale value"
    )

    gpu_w: Numeric = _number("power", "W", 0, 5_000, 0, "board power of a busy GPU (nameplate)")
    load_factor: Numeric = _number("power", _SHARE, 0, 1, 1, "mean draw when busy over gpu_w")
    idle_w: Numeric = _number("power", "W", 0, 5_000, 0, "draw of a GPU that is powered but idle")
    server_w: Numeric = _number("power", "W", 0, 20_000, 0, "one server without its GPUs")
    pue: Numeric = _number("power", "ratio", 1, 3, 1, "facility power over IT power")
    electricity_usd_per_kwh: Numeric = _number(
        "power", "USD per kWh", 0, 5, 0, "electricity tariff in the first month"
    )
    electricity_growth_per_year: Numeric = _number(
        "power", _PER_YEAR, -0.5, 1, 0, "growth of the electricity tariff"
    )

    hosting: str = _choice(
        "site",
        ("own_site", "colo_metered", "colo_all_in"),
        "own_site",
        "where the servers stand: own site, colocation with metered power, or power included",
    )
    colo_usd_per_kw_month: Numeric = _number(
        "site", "USD per kW and month", 0, 5_000, 0, "colocation fee on reserved power"
    )
    rack_usd_per_month: Numeric = _number(
        "site", "USD per rack and month", 0, 50_000, 0, "space of one rack on the own site"
    )
    rack_units: Numeric = _integer("site", "U", 1, 60, 42, "height of a rack")
    server_units: Numeric = _integer("site", "U", 1, 60, 2, "height of a server")
    rack_kw: Numeric = param(
        "site",
        "number",
        "power that one rack may draw",
        unit="kW",
        low=0,
        high=500,
        low_open=True,
        neutral=17,
    )
    whole_racks: bool = param(
        "site", "flag", "pay for whole racks; false: a share of one", neutral=False
    )

    staff_usd_per_gpu_month: Numeric = _number(
        "operations", "USD per GPU and month", 0, 10**5, 0, "people who run the hardware"
    )
    maintenance_rate_per_year: Numeric = _number(
        "operations", _PER_YEAR, 0, 1, 0, "maintenance contract after warranty, share of hardware"
    )
    failure_rate_per_year: Numeric = _number(
        "operations", _PER_YEAR, 0, 1, 0, "share of GPUs replaced a year, outside warranty"
    )
    warranty_months: Numeric = _integer("operations", "months", 0, 240, 0, "length of the warranty")
    licence_usd_per_gpu_year: Numeric = _number(
        "operations", "USD per GPU and year", 0, _MILLION, 0, "software licences when owning"
    )
    insurance_rate_per_year: Numeric = _number(
        "operations", _PER_YEAR, 0, 1, 0, "insurance, share of hardware at purchase price"
    )
    opex_growth_per_year: Numeric = _number(
        "operations", _PER_YEAR, -0.5, 1, 0, "growth of operating costs other than electricity"
    )

    rate_usd_per_gpu_hour: Numeric = _number(
        "rental", "USD per GPU-hour", 0, 10_000, 0, "rental rate in the first month"
    )
    rate_growth_per_year: Numeric = _number(
        "rental", _PER_YEAR, -0.9, 2, 0, "growth of the rental rate; negative when rents fall"
    )
    billing: str = _choice(
        "rental",
        ("per_use", "always_on", "committed"),
        "per_use",
        "what is paid when idle: nothing, every hour, or a commitment",
    )
    billing_overhead: Numeric = _number(
        "rental", _SHARE, 0, 5, 0, "extra billed share of busy hours: start-up, keep-warm, rework"
    )
    commitment_months: Numeric = _integer(
        "rental", "months", 1, 120, 12, "length of one commitment term"
    )
    support_rate: Numeric = _number("rental", _SHARE, 0, 1, 0, "support plan, share of compute")
    storage_egress_usd_per_gpu_month: Numeric = _number(
        "rental", "USD per GPU and month", 0, _MILLION, 0, "storage and data transfer when renting"
    )
    upfront_usd_per_gpu: Numeric = _number(
        "rental", _PER_GPU, 0, _MILLION, 0, "migration or reservation fee, paid at the start"
    )

    discount_rate: Numeric = param(
        "money",
        "number",
        "cost of capital, effective annual, nominal",
        unit=_PER_YEAR,
        low=-0.99,
        high=1,
        low_open=True,
        neutral=0,
    )

    def with_value(self, name: str, value: Any) -> Inputs:
        """The same inputs with another value of one; nothing is checked."""
        other = object.__new__(Inputs)
        other.__dict__.update(self.__dict__)
        other.__dict__[name] = value
        return other

    @classmethod
    def of(cls, values: dict[str, Any]) -> Inputs:
        """Inputs from checked values, for the model; nothing is checked again."""
        made = object.__new__(Inputs)
        made.__dict__.update(values)
        return made


INPUTS: dict[str, Param] = {
    declared.name: dataclasses.replace(declared.metadata["param"], name=declared.name)
    for declared in dataclasses.fields(Inputs)
}
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(param.group for param in INPUTS.values()))
