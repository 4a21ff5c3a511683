"""The type of every input, for editors and type checkers; nothing loads this at run time.

`InputValues` is what the public functions take as keywords; a test holds it to the declarations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np
import pandas as pd

from tco.inputs.declaration import Interval
from tco.inputs.lines import Line

# One value a scenario. None, for all kinds, is "not given".
Column: TypeAlias = list[Any] | tuple[Any, ...] | np.ndarray[Any, Any] | pd.Series | None
# The text of a number is a range, "0.50..0.85".
Number: TypeAlias = float | np.number[Any] | Decimal | Fraction | Interval | str | Column
Flag: TypeAlias = bool | np.bool_ | Column
Day: TypeAlias = str | date | np.datetime64 | Column
Text: TypeAlias = str | Column


class InputValues(TypedDict, total=False):
    """Every input as a keyword, what can be given instead of one, and two more.

    `lines`: what the model has no item for; `prices`: a price store or a frame of prices.
    """

    gpu: Text
    price_basis: Literal["street", "msrp", "used"] | Column
    provider: Text
    region: Text
    site: Literal["datacenter", "office", "home"] | Column
    term: Literal["on_demand", "spot", "1yr", "3yr", "5yr"] | Column
    as_of: Day
    gpus: Number
    utilization: Number
    horizon_months: Number
    hours_per_month: Number
    price_usd_per_gpu: Number
    server_usd: Number
    gpus_per_server: Number
    whole_servers: Flag
    sold_by_server: Flag
    already_owned: Flag
    network_usd_per_gpu: Number
    install_usd_per_gpu: Number
    sales_tax_rate: Number
    spares_rate: Number
    resale_decline_per_year: Number
    selling_cost_rate: Number
    gpu_w: Number
    load_factor: Number
    idle_w: Number
    server_w: Number
    server_idle_share: Number
    pue: Number
    electricity_usd_per_kwh: Number
    idle_tariff_ratio: Number
    electricity_growth_per_year: Number
    co2_kg_per_kwh: Number
    hosting: Literal["own_site", "colo_metered", "colo_all_in"] | Column
    colo_usd_per_kw_month: Number
    colo_committed_kw: Number
    colo_overage_ratio: Number
    rack_usd_per_month: Number
    rack_units: Number
    server_units: Number
    rack_kw: Number
    whole_racks: Flag
    staff_usd_per_gpu_month: Number
    maintenance_rate_per_year: Number
    failure_rate_per_year: Number
    warranty_months: Number
    server_warranty_months: Number
    license_usd_per_gpu_year: Number
    insurance_rate_per_year: Number
    opex_growth_per_year: Number
    rate_usd_per_gpu_hour: Number
    rate_growth_per_year: Number
    billing: Literal["per_use", "always_on", "committed"] | Column
    billing_overhead: Number
    commitment_months: Number
    commitment_fee_usd_per_gpu: Number
    rate_cap_usd_per_gpu_month: Number
    support_rate: Number
    storage_egress_usd_per_gpu_month: Number
    upfront_usd_per_gpu: Number
    discount_rate: Number
    tax_rate: Number
    depreciation: (
        Literal["straight_line", "declining_balance", "macrs_5", "macrs_3", "macrs_7", "none"]
        | Column
    )
    depreciation_years: Number
    declining_balance_factor: Number
    macrs_convention: Literal["half_year", "mid_quarter"] | Column
    purchase_month: Number
    bonus_rate: Number
    financing: Literal["cash", "loan", "lease"] | Column
    financed_share: Number
    loan_apr: Number
    loan_months: Number
    loan_interest_only_months: Number
    loan_fee_rate: Number
    loan_balloon_share: Number
    lease_covers: Literal["all_hardware", "gpus"] | Column
    lease_usd_per_gpu_month: Number
    lease_months: Number
    lease_payment_interval_months: Number
    lease_in_advance: Flag
    lease_fee_usd_per_gpu: Number
    lease_buyout_usd_per_gpu: Number
    lease_buyout_at_market: Flag
    lease_return_usd_per_gpu: Number
    debt_rate: Number
    residual_discount_rate: Number
    book_life_years: Number
    book_residual_share: Number
    fiscal_year_first_month: Number
    lease_transfers_ownership: Flag
    lease_specialized: Flag
    delivery_months: Number
    refresh_months: Number
    refresh_price_usd_per_gpu: Number
    currency: Text
    fx_rate: Number
    fx_as_of: Day
    residual_share: Number
    residual_months: Number
    lines: Iterable[Line | Mapping[str, Any]] | pd.DataFrame | None
    prices: Any
    policy: Any
