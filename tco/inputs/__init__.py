"""One declaration per input: unit, domain, neutral value, meaning, group, and what it is called.

Slider, domain check, documentation, CSV header, command-line option, URL parameter and every
sentence read these.
What we believe a value *is* today stands in `data/defaults.toml`, never here.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tco.inputs.declaration import Param, choice, cost, flag, integer, number, param, share, yearly
from tco.inputs.lines import Line
from tco.numeric import Numeric

_MILLION = 10**6
_PER_YEAR = "per year"
_PER_GPU = "USD per GPU"
_PER_GPU_MONTH = "USD per GPU per month"


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Every input of the model, in the order of the documentation."""

    # fmt: off
    gpu: str = param(
        "choice", "key", "GPU model, which sets price, power, server and rental rate", label="GPU",
    )
    price_basis: str = choice(
        "choice", {"street": "new", "msrp": "list price", "used": "used"}, None,
        "kind of purchase price of the GPU", label="Price basis",
    )
    provider: str = param(
        "choice", "key", "provider whose rental offers count, or all", label="Provider",
    )
    region: str = param(
        "choice", "key",
        "region whose rental offers count: a cloud region, or a country such as US",
        label="Cloud region",
    )
    site: str = choice(
        "choice", {"datacenter": "data center", "office": "office", "home": "home"}, None,
        "where owned hardware is installed; sets defaults only", label="Site",
        question="Where is owned hardware installed?",
        choice_phrases={
            "datacenter": "in a data center", "office": "in an office", "home": "at home",
        },
    )
    term: str = choice(
        "choice",
        {
            "on_demand": "on demand", "spot": "spot", "1yr": "1 year", "3yr": "3 years",
            "5yr": "5 years",
        },
        None, "term of the rental offers that count", label="Term", question="Which rental term?",
    )
    as_of: str = param(
        "choice", "date", "later data is ignored", label="Data as of",
    )

    gpus: Numeric = integer("usage", "GPUs", 1, _MILLION, 1, "GPUs in use", phrase="number of GPUs")
    utilization: Numeric = share(
        "usage", "share of all hours in which the GPUs do useful work", neutral=1,
        phrase="utilization", asked="utilization", below="utilization is below {}",
        above="utilization is above {}", at="{} utilization",
    )
    horizon_months: Numeric = number(
        "usage", "months", 0, 240, 36,
        "how long the GPUs are needed, and owned hardware is kept", low_open=True,
        phrase="holding period", below="the holding period is shorter than {}",
        above="the holding period is longer than {}",
    )
    hours_per_month: Numeric = number(
        "usage", "hours", 600, 744, 730, "hours per month", phrase="number of hours per month",
        label="Hours per month",
    )

    price_usd_per_gpu: Numeric = cost(
        "hardware", _PER_GPU, "purchase price of one GPU, before tax", phrase="GPU price",
        short="GPU price", at="{} a card",
    )
    server_usd: Numeric = number(
        "hardware", "USD", 0, 10**8, 0, "one server without GPUs: chassis, CPU, memory, NIC",
        phrase="server price without GPUs", label="Server without GPUs", short="server",
    )
    gpus_per_server: Numeric = integer(
        "hardware", "GPUs", 1, 1_152, 8, "GPUs in one full server",
        phrase="number of GPUs per server", label="GPUs per server",
    )
    whole_servers: bool = flag("hardware", "buy whole servers only")
    sold_by_server: bool = flag(
        "hardware", "buy fully populated servers only",
    )
    already_owned: bool = flag(
        "hardware", "hardware is already owned, valued at what it would sell for now",
    )
    network_usd_per_gpu: Numeric = cost(
        "hardware", _PER_GPU, "switches and cables", phrase="networking cost per GPU",
        label="Networking",
    )
    install_usd_per_gpu: Numeric = cost(
        "hardware", _PER_GPU, "freight and racking", phrase="installation cost per GPU",
        label="Installation",
    )
    sales_tax_rate: Numeric = share("hardware", "non-recoverable sales tax on hardware")
    spares_rate: Numeric = share(
        "hardware", "spare GPUs held in stock, as a share of those in use",
        phrase="share of spare GPUs",
    )

    resale_decline_per_year: Numeric = number(
        "resale", _PER_YEAR, -0.5, 1, 1,
        "share of the market value lost per year; 1: no resale value",
        phrase="annual decline in resale value", label="Decline in resale value",
    )
    selling_cost_rate: Numeric = share(
        "resale", "cost of selling, as a share of the resale value", phrase="selling cost",
    )

    gpu_w: Numeric = number(
        "power", "W", 0, 20_000, 0, "board power of a busy GPU (nameplate)", label="Board power",
    )
    load_factor: Numeric = share(
        "power", "average power of a busy GPU as a share of its board power", neutral=1,
        phrase="load factor",
    )
    idle_w: Numeric = number("power", "W", 0, 5_000, 0, "idle power of a GPU", phrase="idle power")
    server_w: Numeric = number(
        "power", "W", 0, 500_000, 0, "power of one server without its GPUs",
        phrase="server power without GPUs",
    )
    server_idle_share: Numeric = share(
        "power", "share of the server's power drawn in idle hours; 0: switched off", neutral=1,
        phrase="share of server power drawn when idle", label="Server power when idle",
    )
    pue: Numeric = number(
        "power", "ratio", 1, 3, 1, "facility power divided by IT power", phrase="PUE",
        label="Cooling (PUE)", short="PUE",
    )
    electricity_usd_per_kwh: Numeric = number(
        "power", "USD per kWh", 0, 5, 0, "electricity tariff in the first month",
        phrase="electricity tariff", label="Electricity",
    )
    idle_tariff_ratio: Numeric = number(
        "power", "ratio", 0, 20, 1, "electricity tariff in idle hours relative to busy hours",
        phrase="idle-hour tariff ratio",
    )
    electricity_growth_per_year: Numeric = number(
        "power", _PER_YEAR, -0.5, 1, 0, "growth of the electricity tariff",
        phrase="electricity price inflation",
    )

    co2_kg_per_kwh: Numeric = number(
        "power", "kg CO2 per kWh", 0, 5, 0, "carbon intensity of electricity; 0: not given",
        phrase="carbon intensity of electricity", label="Carbon intensity",
        zero="carbon intensity not given",
    )

    hosting: str = choice(
        "site",
        {
            "own_site": "own site", "colo_metered": "colocation (metered)",
            "colo_all_in": "colocation (all-in)",
        },
        "own_site",
        "own site, or colocation with power metered or included", label="Hosting",
        choice_short={"colo_metered": "colocation", "colo_all_in": "colocation, all-in"},
        choice_phrases={
            "own_site": "at your own site", "colo_metered": "in colocation, power metered",
            "colo_all_in": "in colocation, power included",
        },
    )
    colo_usd_per_kw_month: Numeric = number(
        "site", "USD per kW per month", 0, 5_000, 0, "colocation fee on reserved power",
        label="Colocation fee",
    )
    colo_committed_kw: Numeric = number(
        "site", "kW", 0, 10**5, 0, "power committed to in colocation, for the whole deployment",
        label="Committed power",
    )
    colo_overage_ratio: Numeric = number(
        "site", "ratio", 1, 10, 1, "price of power beyond the commitment relative to within it",
        phrase="overage price ratio", label="Overage ratio",
    )
    rack_usd_per_month: Numeric = number(
        "site", "USD per rack per month", 0, 50_000, 0, "space for one rack at your own site",
        phrase="rack rent per month", label="Rack rent",
    )
    rack_units: Numeric = integer("site", "U", 1, 60, 42, "height of a rack")
    server_units: Numeric = integer("site", "U", 1, 60, 2, "height of a server")
    rack_kw: Numeric = number(
        "site", "kW", 0, 500, 17, "power limit of one rack", low_open=True,
        phrase="power per rack", label="Power per rack",
    )
    whole_racks: bool = flag("site", "pay for whole racks only")

    staff_usd_per_gpu_month: Numeric = number(
        "operations", _PER_GPU_MONTH, 0, 10**5, 0, "staff to run the hardware",
        phrase="staff cost per GPU-month", label="Staff", short="staff per GPU-month",
    )
    maintenance_rate_per_year: Numeric = yearly(
        "operations", "maintenance contract after the warranty, as a share of the hardware price",
        phrase="annual maintenance cost", label="Maintenance",
    )
    failure_rate_per_year: Numeric = yearly(
        "operations", "share of GPUs replaced per year outside the warranty", phrase="failure rate",
    )
    warranty_months: Numeric = integer(
        "operations", "months", 0, 240, 0, "length of the warranty on GPUs",
        phrase="GPU warranty", below="the GPU warranty is shorter than {}",
        above="the GPU warranty is longer than {}",
    )
    server_warranty_months: Numeric = integer(
        "operations", "months", 0, 240, 0, "length of the warranty on servers and network",
        phrase="server warranty", below="the server warranty is shorter than {}",
        above="the server warranty is longer than {}",
    )
    license_usd_per_gpu_year: Numeric = cost(
        "operations", "USD per GPU per year", "software licenses when owning",
        phrase="license cost per GPU-year", label="Software licenses",
    )
    insurance_rate_per_year: Numeric = yearly(
        "operations", "insurance, as a share of the purchase price of the hardware",
        phrase="annual insurance cost", label="Insurance",
    )
    opex_growth_per_year: Numeric = number(
        "operations", _PER_YEAR, -0.5, 1, 0, "growth of operating costs other than electricity",
        phrase="opex inflation", below="opex inflation is below {}",
        above="opex inflation is above {}",
    )

    rate_usd_per_gpu_hour: Numeric = number(
        "rental", "USD per GPU-hour", 0, 10_000, 0, "rental rate in the first month",
        phrase="rental rate", short="rate per GPU-hour", at="{} per GPU-hour",
    )
    rate_growth_per_year: Numeric = number(
        "rental", _PER_YEAR, -0.9, 2, 0,
        "annual change in the rental rate; negative when rates fall",
        phrase="annual change in rental rates", label="Change in rental rates",
        short="rate change",
    )
    billing: str = choice(
        "rental", {"per_use": "per use", "always_on": "always on", "committed": "committed"},
        "per_use", "what is paid for idle hours: nothing, the full rate, or a commitment",
        label="Idle rented hours", question="When you rent, do you pay for idle hours?",
        choice_phrases={"per_use": "no", "always_on": "yes, always on", "committed": "committed"},
    )
    billing_overhead: Numeric = number(
        "rental", "share", 0, 5, 0, "extra billed hours as a share of busy hours: startup, rework",
        phrase="share of extra billed hours", label="Extra billed hours",
    )
    commitment_months: Numeric = number(
        "rental", "months", 0, 120, 12, "length of one commitment term", low_open=True,
    )
    commitment_fee_usd_per_gpu: Numeric = cost(
        "rental", _PER_GPU, "reservation fee, paid at the start of each commitment term",
        phrase="commitment fee", label="Commitment fee",
    )
    rate_cap_usd_per_gpu_month: Numeric = number(
        "rental", _PER_GPU_MONTH, 0, 10**8, 10**8, "monthly cap on the hourly charges for one GPU",
        phrase="monthly cap per GPU", label="Monthly cap",
    )
    support_rate: Numeric = share(
        "rental", "support plan, as a share of compute", phrase="support plan rate",
    )
    storage_egress_usd_per_gpu_month: Numeric = cost(
        "rental", _PER_GPU_MONTH, "storage and data transfer when renting",
        phrase="storage and transfer cost per GPU-month", label="Storage and transfer",
    )
    upfront_usd_per_gpu: Numeric = cost(
        "rental", _PER_GPU, "migration, paid once at the start",
        phrase="migration cost per GPU", label="Migration",
    )

    discount_rate: Numeric = number(
        "money", _PER_YEAR, -0.99, 1, 0, "cost of capital, effective annual, nominal",
        low_open=True,
    )

    tax_rate: Numeric = share(
        "tax", "income tax rate on each month's profit; 0: before tax",
        phrase="income tax rate", short="income tax",
        zero="before income tax",
    )
    depreciation: str = choice(
        "tax",
        {
            "straight_line": "straight line", "declining_balance": "declining balance",
            "macrs_5": "MACRS, 5 years", "macrs_3": "MACRS, 3 years",
            "macrs_7": "MACRS, 7 years", "none": "none",
        },
        "none", "how the hardware is depreciated for tax", label="Depreciation",
    )
    depreciation_years: Numeric = integer(
        "tax", "years", 1, 40, 5, "depreciable life: straight line and declining balance",
    )
    declining_balance_factor: Numeric = number(
        "tax", "ratio", 0, 4, 2, "declining-balance rate relative to straight line; 2: double",
        phrase="declining-balance factor",
    )
    macrs_convention: str = choice(
        "tax", {"half_year": "half-year", "mid_quarter": "mid-quarter"}, "half_year",
        "MACRS table convention", label="MACRS convention",
    )
    purchase_month: Numeric = integer(
        "tax", "month", 1, 12, 1, "month of the tax year in which the hardware is bought",
        phrase="month of purchase in the tax year",
    )
    bonus_rate: Numeric = share(
        "tax", "bonus depreciation: share of the cost written off in the first tax year",
        phrase="bonus depreciation",
    )

    financing: str = choice(
        "financing", {"cash": "cash", "loan": "loan", "lease": "lease"}, "cash",
        "how the hardware is paid for", label="Financing",
    )
    financed_share: Numeric = share(
        "financing", "share of the hardware price financed by the loan",
        phrase="financed share",
    )
    loan_apr: Numeric = yearly(
        "financing", "interest rate of the loan, nominal: one twelfth per month",
    )
    loan_months: Numeric = integer(
        "financing", "months", 1, 240, 36, "number of level monthly payments of the loan",
        phrase="loan term",
    )
    loan_interest_only_months: Numeric = integer(
        "financing", "months", 0, 240, 0, "interest-only months at the start of the loan",
        phrase="interest-only period of the loan", label="Interest-only period",
    )
    loan_fee_rate: Numeric = share(
        "financing", "arrangement fee, as a share of the loan",
        phrase="loan arrangement fee", label="Loan fee",
    )
    loan_balloon_share: Numeric = share(
        "financing", "share of the loan due as a lump sum with the last payment",
        phrase="loan balloon", label="Loan balloon",
    )
    lease_covers: str = choice(
        "financing", {"all_hardware": "all hardware", "gpus": "GPUs only"}, "all_hardware",
        "what is leased; servers and network are bought where only GPUs are",
        label="Leased hardware",
    )
    lease_usd_per_gpu_month: Numeric = cost(
        "financing", _PER_GPU_MONTH, "lease payment for the leased hardware",
        phrase="lease payment per GPU-month", label="Lease payment",
    )
    lease_months: Numeric = integer(
        "financing", "months", 1, 240, 36, "length of one lease term",
    )
    lease_payment_interval_months: Numeric = integer(
        "financing", "months", 1, 12, 1, "months covered by one lease payment; 3: paid quarterly",
        phrase="lease payment interval",
    )
    lease_in_advance: bool = flag("financing", "lease paid in advance")
    lease_fee_usd_per_gpu: Numeric = cost(
        "financing", _PER_GPU, "documentation fee, paid at the start of each lease term",
        phrase="lease fee per GPU", label="Lease fee",
    )
    lease_buyout_usd_per_gpu: Numeric = cost(
        "financing", _PER_GPU, "price of buying the hardware at lease end; 0: returned",
        phrase="lease buyout price per GPU", label="Lease buyout price",
    )
    lease_buyout_at_market: bool = flag(
        "financing", "leased hardware is bought at its market value at lease end",
    )
    lease_return_usd_per_gpu: Numeric = cost(
        "financing", _PER_GPU, "cost of returning leased hardware",
        phrase="lease return cost per GPU", label="Lease return cost",
    )
    debt_rate: Numeric = yearly("financing", "cost of debt before tax, effective annual")
    residual_discount_rate: Numeric = yearly(
        "financing", "discount rate for the resale value at the end of a lease",
        phrase="discount rate for the resale value",
    )

    book_life_years: Numeric = integer(
        "accounting", "years", 1, 40, 5, "useful life of the hardware in the books",
        phrase="useful life in the books", label="Useful life (books)",
    )
    book_residual_share: Numeric = share(
        "accounting", "residual value at which book depreciation stops, as a share of cost",
        phrase="residual value in the books", label="Residual value (books)",
    )
    fiscal_year_first_month: Numeric = integer(
        "accounting", "month", 1, 12, 1, "month of the tax year in which the fiscal year begins",
        phrase="first month of the fiscal year",
    )
    lease_transfers_ownership: bool = flag(
        "accounting", "lease transfers ownership at its end",
    )
    lease_specialized: bool = flag(
        "accounting", "leased hardware has no alternative use to the lessor at lease end",
    )

    delivery_months: Numeric = integer(
        "replacement", "months", 0, 60, 0, "months from payment to delivery; rented until then",
        phrase="delivery time", short="delivery after", zero="immediate delivery",
    )
    refresh_months: Numeric = integer(
        "replacement", "months", 0, 240, 0, "months after which GPUs are replaced; 0: never",
        phrase="refresh interval", short="refresh after", zero="no refresh",
    )
    refresh_price_usd_per_gpu: Numeric = cost(
        "replacement", _PER_GPU, "price of one replacement GPU, before tax",
        phrase="replacement GPU price",
    )

    currency: str = param(
        "currency", "code", "currency in which results are also shown", label="Currency",
        neutral="USD",
    )
    fx_rate: Numeric = number(
        "currency", "per USD", 0, _MILLION, 1, "units of the currency for one USD", low_open=True,
        phrase="exchange rate",
    )
    fx_as_of: str = param("currency", "date", "date of the exchange rate", is_past=True)
    # fmt: on
    # The user's own lines; no input, as they are no numbers.
    lines: tuple[Line, ...] = ()

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
    declared.name: Param(name=declared.name, **declared.metadata["param"])
    for declared in dataclasses.fields(Inputs)
    if "param" in declared.metadata
}
# What can be given instead of an input and becomes one: the share of the price that is left, after
# so long, instead of what is lost a year.
RESIDUAL, AFTER, DECLINE = "residual_share", "residual_months", "resale_decline_per_year"
ENTRIES: dict[str, Param] = {
    RESIDUAL: Param(
        name=RESIDUAL, group="resale", kind="number", unit="share", low=0, high=1,
        meaning="residual value as a share of the price, after residual_months: becomes "
        "resale_decline_per_year",
        phrase="residual value",
    ),
    AFTER: Param(
        name=AFTER, group="resale", kind="number", unit="months", low=0, high=240, low_open=True,
        meaning="age at which residual_share applies; if not given, at the end of horizon_months",
        phrase="age at which the residual value applies",
    ),
}  # fmt: skip
TAKEN = {**INPUTS, **ENTRIES}
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(param.group for param in INPUTS.values()))
# What people read above the inputs of a group.
GROUP_TITLES = {
    "choice": "What is compared",
    "usage": "Use",
    "hardware": "Hardware",
    "resale": "Resale",
    "power": "Power and cooling",
    "site": "Site",
    "operations": "Operations",
    "rental": "Renting",
    "money": "Cost of capital",
    "tax": "Income tax",
    "financing": "Loan and lease",
    "accounting": "Accounting",
    "replacement": "Replacement of GPUs",
    "currency": "Another currency beside USD",
}
assert tuple(GROUP_TITLES) == GROUPS
# The two inputs that an answer rests on most: what a GPU costs to buy, and to rent.
PRICE, RATE = PRICES = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")
# What people try out first, in that order; of what a place costs, what counts where it stands.
SLIDERS = (
    *("utilization", RATE, PRICE, "horizon_months"),
    *("colo_usd_per_kw_month", "electricity_usd_per_kwh", RESIDUAL),
)
# What decides most answers, in the order in which one is asked for it.
KEY_INPUTS = ("gpu", "gpus", *SLIDERS, "hosting", "region", "billing")
# What inputs were called before: read wherever a name comes in, written nowhere.
FORMER_NAMES = {"licence_usd_per_gpu_year": "license_usd_per_gpu_year"}


def current_name(name: Any) -> Any:
    """What an input is called today; a FutureWarning tells Python callers to change an old name.

    >>> current_name("pue")
    'pue'
    """
    found = FORMER_NAMES.get(name, name) if isinstance(name, str) else name
    if found != name:
        # Not a DeprecationWarning: those are hidden unless the caller is the main script.
        warnings.warn(f"the input {name} is called {found} now", FutureWarning, stacklevel=3)
    return found


def current_names(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same by the names of today; a value with a former name wins, as what-ifs come last."""
    if FORMER_NAMES.keys().isdisjoint(given):
        return given
    return {
        current_name(name): given[name] for name in sorted(given, key=FORMER_NAMES.__contains__)
    }


__all__ = [
    "AFTER",
    "DECLINE",
    "ENTRIES",
    "FORMER_NAMES",
    "GROUPS",
    "GROUP_TITLES",
    "INPUTS",
    "KEY_INPUTS",
    "PRICE",
    "PRICES",
    "RATE",
    "RESIDUAL",
    "SLIDERS",
    "TAKEN",
    "Inputs",
    "Param",
    "current_name",
    "current_names",
    "param",
]
