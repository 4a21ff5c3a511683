"""Which inputs do not count, because of what others say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The inputs that decide whether others count: by what they say, numbers by whether they are 0.
DECIDING = (
    *("hosting", "billing", "financing", "depreciation", "delivery_months", "colo_committed_kw"),
    *("whole_servers", "already_owned", "refresh_months", "currency", "tax_rate"),
)


def no_effect(name: str, values: Mapping[str, Any]) -> str:
    """Why an input does not count under the other choices; empty when it does.

    `values` are those of all inputs, and the user's own `lines`.

    >>> from tco.scenario import Scenario
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="colo_metered").values())
    'no effect under colocation: you pay for kilowatts'
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="own_site").values())
    ''
    """
    return no_effects(values).get(name, "")


def no_effects(values: Mapping[str, Any]) -> dict[str, str]:
    """Every input that does not count, and why.

    >>> from tco.scenario import Scenario
    >>> no_effects(Scenario(gpu="L4", billing="per_use").values())["commitment_months"]
    'counts only with a commitment'
    """
    hosting, billing, financing, method = (
        values[choice] for choice in ("hosting", "billing", "financing", "depreciation")
    )
    is_macrs, is_owned = method.startswith("macrs"), hosting == "own_site"
    lines = values.get("lines", ())
    counted = {word for line in lines for word in (line.basis, line.growth)}
    no_racks = not is_owned and "rack" not in counted
    is_all_in = hosting == "colo_all_in"
    idle_is_paid = billing != "per_use" and not values["delivery_months"]
    # fmt: off
    reasons = (
        (is_owned, "no effect on your own site: you pay for racks",
         "colo_usd_per_kw_month colo_committed_kw colo_overage_ratio"),
        (not values["colo_committed_kw"], "counts only with committed power", "colo_overage_ratio"),
        (no_racks, "no effect under colocation: you pay for kilowatts",
         "server_units rack_units rack_kw rack_usd_per_month whole_racks"),
        (is_all_in and "facility_kw" not in counted,
         "no effect here: the colocation fee includes power and cooling", "pue"),
        (is_all_in, "no effect here: the colocation fee includes power and cooling",
         "electricity_usd_per_kwh idle_tariff_ratio server_idle_share"),
        (is_all_in and "electricity" not in counted,
         "no effect here: the colocation fee includes power and cooling",
         "electricity_growth_per_year"),
        (not values["whole_servers"], "counts only with whole servers", "sold_by_server"),
        (values["already_owned"], "no effect on hardware you already own", "install_usd_per_gpu"),
        (values["already_owned"] and not values["refresh_months"],
         "no effect on hardware you already own", "sales_tax_rate"),
        (billing != "committed", "counts only with a commitment",
         "commitment_months commitment_fee_usd_per_gpu"),
        (idle_is_paid, "no effect where idle hours are paid", "billing_overhead"),
        (True, "counts only in the net advantage to leasing", "debt_rate residual_discount_rate"),
        (financing != "loan", "counts only with a loan",
         "financed_share loan_apr loan_months loan_interest_only_months loan_fee_rate "
         "loan_balloon_share"),
        (financing != "lease", "counts only with a lease",
         "lease_covers lease_usd_per_gpu_month lease_months lease_payment_interval_months "
         "lease_in_advance lease_fee_usd_per_gpu lease_buyout_usd_per_gpu lease_buyout_at_market "
         "lease_return_usd_per_gpu lease_transfers_ownership lease_specialized"),
        (True, "counts only in the accounting view",
         "book_life_years book_residual_share fiscal_year_first_month lease_transfers_ownership "
         "lease_specialized"),
        (True, "counts only in emissions", "co2_kg_per_kwh"),
        (not values["refresh_months"], "counts only with a refresh", "refresh_price_usd_per_gpu"),
        (values["currency"] == "USD", "counts only with another currency", "fx_rate fx_as_of"),
        (not values["tax_rate"], "counts only with a tax rate",
         "depreciation macrs_convention bonus_rate purchase_month depreciation_years "
         "declining_balance_factor"),
        (not is_macrs, "counts only with a MACRS table", "macrs_convention"),
        (is_macrs, "MACRS tables have their own life",
         "depreciation_years declining_balance_factor"),
        (method == "none", "no depreciation is taken",
         "depreciation_years declining_balance_factor"),
        (method != "declining_balance", "counts only with declining balance",
         "declining_balance_factor"),
    )
    # fmt: on
    found: dict[str, str] = {}
    for is_so, said, names in reasons:
        for name in names.split() if is_so else ():
            found.setdefault(name, said)
    return found
