"""Why an input has no effect under the other choices, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KILOWATTS = "no effect under colocation: you pay for kilowatts"
_INCLUDED = "no effect here: the colocation fee includes power and cooling"
_LOAN = ("financed_share", "loan_apr", "loan_months")
_LEASE = tuple(f"lease_{name}" for name in ("usd_per_gpu_month", "months", "in_advance"))
_LEASE_END = ("lease_buyout_usd_per_gpu", "lease_return_usd_per_gpu")
_TAX = ("depreciation", "macrs_convention", "bonus_rate", "purchase_month")
_LIFE = ("depreciation_years", "declining_balance_factor")
_MACRS = ("macrs_5", "macrs_3")


def no_effect(name: str, values: Mapping[str, Any]) -> str:
    """Why an input does not count under the other choices; empty when it does.

    `values` are those of all inputs.

    >>> from tco.scenario import Scenario
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="colo_metered").values())
    'no effect under colocation: you pay for kilowatts'
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="own_site").values())
    ''
    """
    rules = (_of_the_site, _of_renting, _of_money, _of_tax)
    return next((said for rule in rules if (said := rule(name, values))), "")


def _of_the_site(name: str, values: Mapping[str, Any]) -> str:
    hosting = values["hosting"]
    if hosting == "own_site":
        colocated = name == "colo_usd_per_kw_month"
        return "no effect on your own site: you pay for racks" if colocated else ""
    if name in ("server_units", "rack_units", "rack_kw", "rack_usd_per_month", "whole_racks"):
        return _KILOWATTS
    tariff = ("pue", "electricity_usd_per_kwh", "electricity_growth_per_year")
    return _INCLUDED if hosting == "colo_all_in" and name in tariff else ""


def _of_renting(name: str, values: Mapping[str, Any]) -> str:
    billing = values["billing"]
    if name == "commitment_months" and billing != "committed":
        return "counts only with a commitment"
    if name == "billing_overhead" and billing != "per_use" and not values["delivery_months"]:
        return "no effect where idle hours are paid"
    return ""


def _of_money(name: str, values: Mapping[str, Any]) -> str:
    financing = values["financing"]
    if name in ("debt_rate", "residual_discount_rate"):
        return "counts only in the net advantage to leasing"
    if name in _LOAN and financing != "loan":
        return "counts only with a loan"
    if name in (*_LEASE, *_LEASE_END) and financing != "lease":
        return "counts only with a lease"
    if name == "refresh_price_usd_per_gpu" and not values["refresh_months"]:
        return "counts only with a refresh"
    if name in ("fx_rate", "fx_as_of") and values["currency"] == "USD":
        return "counts only with another currency"
    return ""


def _of_tax(name: str, values: Mapping[str, Any]) -> str:
    if name not in (*_TAX, *_LIFE):
        return ""
    method = values["depreciation"]
    if not values["tax_rate"]:
        return "counts only with a tax rate"
    if name == "macrs_convention" and method not in _MACRS:
        return "counts only with a MACRS table"
    if name in _LIFE and method in (*_MACRS, "none"):
        return "the method has its own table" if method in _MACRS else "nothing is written off"
    if name == "declining_balance_factor" and method != "declining_balance":
        return "counts only with declining balance"
    return ""
