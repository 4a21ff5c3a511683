"""One declaration per input: unit, domain, neutral value, meaning, group.

Slider, domain check, documentation, CSV header, command-line option and URL parameter read these.
What we believe a value *is* today stands in `data/defaults.toml`, never here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.inputs.declaration import Param, choice, integer, number, param

if TYPE_CHECKING:
    from tco.numeric import Numeric


_MILLION = 10**6
_SHARE = "share"
_PER_YEAR = "per year"
_USD = "USD"
_PER_GPU = "USD per GPU"
_PER_GPU_MONTH = "USD per GPU and month"


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Every input of the model, in the order of the documentation."""

    gpu: str = param("choice", "key", "chooses price, watts, idle watts, host and rate")
    price_basis: str = choice(
        "choice", ("street", "msrp", "used"), None, "which purchase price of the GPU"
    )
    provider: str = param("choice", "key", "which rental offers: a provider, or all")
    region: str = param("choice", "key", "which rental offers: a region, or a country such as US")
    term: str = choice(
        "choice", ("on_demand", "spot", "1yr", "3yr", "5yr"), None, "which rental offers: the term"
    )
    as_of: str = param("choice", "date", "rows and defaults dated later are ignored")

    gpus: Numeric = integer("usage", "GPUs", 1, _MILLION, 1, "GPUs in use")
    utilization: Numeric = number(
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
    hours_per_month: Numeric = number("usage", "hours", 600, 744, 730, "hours in a month")

    price_usd_per_gpu: Numeric = number(
        "hardware", _PER_GPU, 0, _MILLION, 0, "purchase price of a card, before tax"
    )
    server_usd: Numeric = number(
        "hardware", _USD, 0, 10**7, 0, "one server without GPUs: chassis, CPU, memory, NIC"
    )
    gpus_per_server: Numeric = integer("hardware", "GPUs", 1, 64, 8, "GPUs in one full server")
    whole_servers: bool = param(
        "hardware", "flag", "buy whole servers; false: a share of one", neutral=False
    )
    network_usd_per_gpu: Numeric = number(
        "hardware", _PER_GPU, 0, _MILLION, 0, "switches and cables"
    )
    install_usd_per_gpu: Numeric = number(
        "hardware", _PER_GPU, 0, _MILLION, 0, "freight and racking"
    )
    sales_tax_rate: Numeric = number(
        "hardware", _SHARE, 0, 1, 0, "non-recoverable sales tax on hardware"
    )
    spares_rate: Numeric = number(
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
    selling_cost_rate: Numeric = number(
        "resale", _SHARE, 0, 1, 0, "cost of selling, share of the resale value"
    )

    gpu_w: Numeric = number("power", "W", 0, 5_000, 0, "board power of a busy GPU (nameplate)")
    load_factor: Numeric = number("power", _SHARE, 0, 1, 1, "mean draw when busy over gpu_w")
    idle_w: Numeric = number("power", "W", 0, 5_000, 0, "draw of a GPU that is powered but idle")
    server_w: Numeric = number("power", "W", 0, 20_000, 0, "one server without its GPUs")
    pue: Numeric = number("power", "ratio", 1, 3, 1, "facility power over IT power")
    electricity_usd_per_kwh: Numeric = number(
        "power", "USD per kWh", 0, 5, 0, "electricity tariff in the first month"
    )
    electricity_growth_per_year: Numeric = number(
        "power", _PER_YEAR, -0.5, 1, 0, "growth of the electricity tariff"
    )

    hosting: str = choice(
        "site",
        ("own_site", "colo_metered", "colo_all_in"),
        "own_site",
        "where the servers stand: own site, colocation with metered power, or power included",
    )
    colo_usd_per_kw_month: Numeric = number(
        "site", "USD per kW and month", 0, 5_000, 0, "colocation fee on reserved power"
    )
    rack_usd_per_month: Numeric = number(
        "site", "USD per rack and month", 0, 50_000, 0, "space of one rack on the own site"
    )
    rack_units: Numeric = integer("site", "U", 1, 60, 42, "height of a rack")
    server_units: Numeric = integer("site", "U", 1, 60, 2, "height of a server")
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

    staff_usd_per_gpu_month: Numeric = number(
        "operations", _PER_GPU_MONTH, 0, 10**5, 0, "people who run the hardware"
    )
    maintenance_rate_per_year: Numeric = number(
        "operations", _PER_YEAR, 0, 1, 0, "maintenance contract after warranty, share of hardware"
    )
    failure_rate_per_year: Numeric = number(
        "operations", _PER_YEAR, 0, 1, 0, "share of GPUs replaced a year, outside warranty"
    )
    warranty_months: Numeric = integer("operations", "months", 0, 240, 0, "length of the warranty")
    licence_usd_per_gpu_year: Numeric = number(
        "operations", "USD per GPU and year", 0, _MILLION, 0, "software licences when owning"
    )
    insurance_rate_per_year: Numeric = number(
        "operations", _PER_YEAR, 0, 1, 0, "insurance, share of hardware at purchase price"
    )
    opex_growth_per_year: Numeric = number(
        "operations", _PER_YEAR, -0.5, 1, 0, "growth of operating costs other than electricity"
    )

    rate_usd_per_gpu_hour: Numeric = number(
        "rental", "USD per GPU-hour", 0, 10_000, 0, "rental rate in the first month"
    )
    rate_growth_per_year: Numeric = number(
        "rental", _PER_YEAR, -0.9, 2, 0, "growth of the rental rate; negative when rents fall"
    )
    billing: str = choice(
        "rental",
        ("per_use", "always_on", "committed"),
        "per_use",
        "what is paid when idle: nothing, every hour, or a commitment",
    )
    billing_overhead: Numeric = number(
        "rental", _SHARE, 0, 5, 0, "extra billed share of busy hours: start-up, keep-warm, rework"
    )
    commitment_months: Numeric = integer(
        "rental", "months", 1, 120, 12, "length of one commitment term"
    )
    support_rate: Numeric = number("rental", _SHARE, 0, 1, 0, "support plan, share of compute")
    storage_egress_usd_per_gpu_month: Numeric = number(
        "rental", _PER_GPU_MONTH, 0, _MILLION, 0, "storage and data transfer when renting"
    )
    upfront_usd_per_gpu: Numeric = number(
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

    tax_rate: Numeric = number(
        "tax", _SHARE, 0, 1, 0, "income tax on profit, of every month; 0: before tax"
    )
    depreciation: str = choice(
        "tax",
        ("straight_line", "declining_balance", "macrs_5", "macrs_3", "none"),
        "none",
        "how hardware is written off for tax",
    )
    depreciation_years: Numeric = integer(
        "tax", "years", 1, 40, 5, "life for tax: straight line and declining balance"
    )
    declining_balance_factor: Numeric = number(
        "tax", "ratio", 0, 4, 2, "declining balance a year over the straight line; 2: double"
    )
    macrs_convention: str = choice(
        "tax", ("half_year", "mid_quarter"), "half_year", "which MACRS table"
    )
    purchase_month: Numeric = integer(
        "tax", "month", 1, 12, 1, "month of the tax year in which the hardware is bought"
    )
    bonus_rate: Numeric = number(
        "tax", _SHARE, 0, 1, 0, "share of the cost written off in the first tax year"
    )

    financing: str = choice(
        "financing", ("cash", "loan", "lease"), "cash", "how the hardware is paid for"
    )
    financed_share: Numeric = number(
        "financing", _SHARE, 0, 1, 0, "share of the hardware that the loan pays"
    )
    loan_apr: Numeric = number(
        "financing", _PER_YEAR, 0, 1, 0, "interest of the loan, nominal: a twelfth a month"
    )
    loan_months: Numeric = integer(
        "financing", "months", 1, 240, 36, "level monthly payments of the loan"
    )
    lease_usd_per_gpu_month: Numeric = number(
        "financing", _PER_GPU_MONTH, 0, _MILLION, 0, "payment of the lease for all hardware"
    )
    lease_months: Numeric = integer("financing", "months", 1, 240, 36, "one term of the lease")
    lease_in_advance: bool = param(
        "financing", "flag", "lease paid at the start of each month", neutral=False
    )
    lease_buyout_usd_per_gpu: Numeric = number(
        "financing", _PER_GPU, 0, _MILLION, 0, "hardware bought at the end of the lease; 0: not"
    )
    lease_return_usd_per_gpu: Numeric = number(
        "financing", _PER_GPU, 0, _MILLION, 0, "cost of giving leased hardware back"
    )
    debt_rate: Numeric = number(
        "financing", _PER_YEAR, 0, 1, 0, "cost of debt before tax, effective annual"
    )
    residual_discount_rate: Numeric = number(
        "financing", _PER_YEAR, 0, 1, 0, "discounts what resale is worth to a lessee"
    )

    delivery_months: Numeric = integer(
        "replacement", "months", 0, 60, 0, "paid for but not there: rented meanwhile"
    )
    refresh_months: Numeric = integer(
        "replacement", "months", 0, 240, 0, "GPUs are replaced after so long; 0: never"
    )
    refresh_price_usd_per_gpu: Numeric = number(
        "replacement", _PER_GPU, 0, _MILLION, 0, "price of a GPU that replaces one, before tax"
    )

    currency: str = param("currency", "code", "results are shown in it beside USD", neutral="USD")
    fx_rate: Numeric = param(
        "currency",
        "number",
        "units of the currency for one USD",
        unit="per USD",
        low=0,
        high=_MILLION,
        low_open=True,
        neutral=1,
    )
    fx_as_of: str = param("currency", "date", "day of that exchange rate")

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

__all__ = ["GROUPS", "INPUTS", "Inputs", "Param", "param"]
