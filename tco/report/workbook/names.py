"""The named cells that are no inputs: constants of the rules, what follows from inputs, results.

Every formula is written in the syntax of `tco.report.workbook.formula`.
"""

from __future__ import annotations

from typing import NamedTuple

from tco.finance.depreciation import LIVES
from tco.model.results import STATUSES, VERDICTS


class Named(NamedTuple):
    """A named cell: its formula, unit and meaning."""

    name: str
    formula: str
    unit: str
    meaning: str


class Constant(NamedTuple):
    """A named number of the rules."""

    name: str
    value: float
    unit: str
    meaning: str


class Result(NamedTuple):
    """A named result: its formula, which is shown only where the inputs go together."""

    name: str
    formula: str


CONSTANTS = (
    Constant("tie_tolerance", 1e-9, "ratio", "a gap below this share of both sides is a tie"),
    Constant("toss_up_share", 0.05, "share", "a saving within it of the larger side is a toss-up"),
    Constant("rounding_tolerance", 1e-12, "ratio", "forgiven when rounding up and down"),
    Constant("slope_tolerance", 1e-12, "ratio", "a slope below it of the gross flows has no root"),
    Constant("check_tolerance", 1e-9, "ratio", "of the gross flows: how far Check lets results be"),
    Constant("months_per_quarter", 3, "months", "of a tax year, for the mid-quarter tables"),
)

_PUBLISHED = " or ".join(f'depreciation == "{method}"' for method in LIVES)
_SHARES = "(gpus * (gpu_w * load_factor * utilization + idle_w * (1 - utilization))"

DERIVED = (
    Named("last_month", "ceil(horizon_months)", "months", "periods until the horizon"),
    Named(
        "servers",
        "ceil(gpus / gpus_per_server) if whole_servers else gpus / gpus_per_server",
        "servers",
        "servers bought",
    ),
    Named(
        "server_peak_kw",
        "(gpus_per_server * gpu_w + server_w) / 1000",
        "kW",
        "peak of a full server",
    ),
    Named(
        "servers_per_rack",
        "floor(rack_units / server_units) if server_peak_kw == 0 else "
        "min(floor(rack_units / server_units), floor(rack_kw / server_peak_kw))",
        "servers",
        "in one full rack, by space and power",
    ),
    Named(
        "racks_needed",
        "0 if servers_per_rack == 0 else (ceil(servers / servers_per_rack) if whole_racks "
        "else servers / servers_per_rack)",
        "racks",
        "racks for these servers; 0 where a rack holds none",
    ),
    Named("hardware_gpus_usd", "gpus * price_usd_per_gpu", "USD", "GPUs, whoever pays"),
    Named("hardware_spares_usd", "hardware_gpus_usd * spares_rate", "USD", "spares, whoever pays"),
    Named("hardware_servers_usd", "servers * server_usd", "USD", "servers, whoever pays"),
    Named("hardware_network_usd", "gpus * network_usd_per_gpu", "USD", "network, whoever pays"),
    Named(
        "hardware_usd",
        "hardware_gpus_usd + hardware_spares_usd + hardware_servers_usd + hardware_network_usd",
        "USD",
        "all hardware, whoever pays",
    ),
    Named("leased", 'financing == "lease"', "", "whether the hardware is leased"),
    Named("lease_buys", "leased and lease_buyout_usd_per_gpu > 0", "", "whether a lease ends so"),
    Named(
        "lease_usd_per_month",
        "gpus * lease_usd_per_gpu_month if leased else 0",
        "USD per month",
        "payment of the lease",
    ),
    Named("lease_buyout_usd", "gpus * lease_buyout_usd_per_gpu", "USD", "price at its end"),
    Named(
        "lease_return_usd",
        "gpus * lease_return_usd_per_gpu if leased else 0",
        "USD",
        "cost of giving the hardware back",
    ),
    Named(
        "loan_share",
        'financed_share if financing == "loan" else 0',
        "share",
        "of the hardware that is borrowed",
    ),
    Named("loan_usd", "loan_share * hardware_usd", "USD", "borrowed at the start"),
    Named(
        "loan_payment_per_usd",
        "payment(loan_apr / 12, loan_months)",
        "per month",
        "level payment of a loan of one USD",
    ),
    Named("kept_after_selling", "1 - selling_cost_rate", "share", "of what a buyer pays"),
    Named(
        "next_gpus_usd",
        "gpus * (1 + spares_rate) * refresh_price_usd_per_gpu",
        "USD",
        "GPUs and spares of a refresh",
    ),
    Named("refresh_usd", "next_gpus_usd * (1 + sales_tax_rate)", "USD", "the same with sales tax"),
    Named(
        "others_cost_usd",
        "(0 if leased else (hardware_servers_usd + hardware_network_usd) * (1 + sales_tax_rate)) "
        "+ gpus * install_usd_per_gpu",
        "USD",
        "cost in the tax books of all but GPUs and spares",
    ),
    Named(
        "published_table",
        _PUBLISHED,
        "",
        "whether it is written off by a published table",
    ),
    Named(
        "energy_it_usd_per_month",
        f'0 if hosting == "colo_all_in" else {_SHARES} + servers * server_w) / 1000 '
        "* hours_per_month * electricity_usd_per_kwh",
        "USD per month",
        "a full first month of mean power",
    ),
    Named(
        "energy_cooling_usd_per_month",
        "energy_it_usd_per_month * (pue - 1)",
        "USD per month",
        "what the facility adds",
    ),
    Named(
        "space_usd_per_month",
        'racks_needed * rack_usd_per_month if hosting == "own_site" else 0',
        "USD per month",
        "racks on the own site",
    ),
    Named(
        "colocation_usd_per_month",
        '0 if hosting == "own_site" else '
        "(gpus * gpu_w + servers * server_w) / 1000 * colo_usd_per_kw_month",
        "USD per month",
        "reserved power",
    ),
    Named("staff_usd_per_month", "gpus * staff_usd_per_gpu_month", "USD per month", "staff"),
    Named(
        "maintenance_usd_per_month",
        "hardware_usd * maintenance_rate_per_year / 12",
        "USD per month",
        "after the warranty",
    ),
    Named(
        "failures_usd_per_month",
        "hardware_gpus_usd * failure_rate_per_year / 12",
        "USD per month",
        "after the warranty",
    ),
    Named(
        "licences_usd_per_month",
        "gpus * licence_usd_per_gpu_year / 12",
        "USD per month",
        "licences",
    ),
    Named(
        "insurance_usd_per_month",
        "hardware_usd * insurance_rate_per_year / 12",
        "USD per month",
        "insurance",
    ),
    Named(
        "used_gpu_hours",
        "gpus * hours_per_month * utilization * (1 + billing_overhead)",
        "GPU-hours per month",
        "busy hours and overhead",
    ),
    Named(
        "billed_gpu_hours",
        'used_gpu_hours if billing == "per_use" else gpus * hours_per_month',
        "GPU-hours per month",
        "what is paid for",
    ),
    Named(
        "compute_usd_per_month",
        "billed_gpu_hours * rate_usd_per_gpu_hour",
        "USD per month",
        "a full first month's rent",
    ),
    Named(
        "storage_egress_usd_per_month",
        "gpus * storage_egress_usd_per_gpu_month",
        "USD per month",
        "storage and data transfer",
    ),
    Named(
        "rent_per_utilization_usd",
        "gpus * hours_per_month * (1 + billing_overhead) * rate_usd_per_gpu_hour "
        "* (1 + support_rate)",
        "USD per month",
        "what renting by use costs more, always busy against never",
    ),
    Named(
        "energy_per_utilization_usd",
        '0 if hosting == "colo_all_in" else gpus * (gpu_w * load_factor - idle_w) / 1000 '
        "* hours_per_month * electricity_usd_per_kwh * pue",
        "USD per month",
        "the energy that it costs more",
    ),
    Named(
        "hardware_per_price_usd",
        "gpus * (1 + spares_rate)",
        "USD",
        "hardware that one USD more a GPU adds",
    ),
    Named(
        "bought_per_price_usd",
        "0 if leased else hardware_per_price_usd * (1 + sales_tax_rate)",
        "USD",
        "the same with sales tax, as the tax books have it; of a lease nothing",
    ),
)
_NO_PAYMENT = "lease_usd_per_gpu_month: give the payment that was offered"
_NO_PRICE = "refresh_price_usd_per_gpu: give what the new GPUs cost"
_TWICE = "refresh_months: give 0, a lease brings new hardware every lease_months"
_NO_RACK = "rack_units, rack_kw: a rack holds no server"
# What is wrong with the inputs, if anything is; no results are shown then.
PROBLEM = (
    '"Inputs: a value is outside its domain" if inputs_outside > 0 else '
    f'"{_NO_PAYMENT}" if leased and lease_usd_per_gpu_month == 0 else '
    f'"{_NO_PRICE}" if refresh_months > 0 and refresh_price_usd_per_gpu == 0 else '
    f'"{_TWICE}" if leased and refresh_months > 0 else '
    f'"{_NO_RACK}" if hosting == "own_site" and servers_per_rack == 0 else ""'
)

_NONE = '""'
_IMMEDIATE, _BREAKS_EVEN, _REVERSES, _NEVER = (f'"{status}"' for status in STATUSES)
_BUY, _TOSS_UP, _RENT = (f'"{verdict}"' for verdict in VERDICTS)


def _last(what: str) -> str:
    """The last crossing, if owning is ahead at the end."""
    return f"at_end({what}_last) if at_end({what}_ahead) else {_NONE}"


def _root(name: str, slope: str, only: str = "") -> str:
    """Where the saving is 0: it is linear in the input."""
    flat = f"{slope} == 0 or abs({slope}) < slope_tolerance * gross_usd"
    return f"{_NONE} if {only}{flat} else {name} - npv_saving_usd / {slope}"


FORMULAS = (
    Result("own_npv_usd", "at_end(own_exit_usd)"),
    Result("rent_npv_usd", "at_end(rent_exit_usd)"),
    Result("npv_saving_usd", "rent_npv_usd - own_npv_usd"),
    Result(
        "undiscounted_saving_usd",
        "at_end(rent_undiscounted_usd) + at_end(rent_due_usd) "
        "- at_end(own_undiscounted_usd) - at_end(own_due_usd)",
    ),
    Result("months", _last("discounted")),
    Result("first_months", "at_end(discounted_first)"),
    Result("simple_months", _last("simple")),
    Result("exit_months", _last("exit")),
    Result("hours", f"{_NONE} if months == {_NONE} else months * hours_per_month * utilization"),
    Result(
        "breakeven_rate_usd_per_gpu_hour", _root("rate_usd_per_gpu_hour", "saving_per_rate_usd")
    ),
    Result("breakeven_price_usd_per_gpu", _root("price_usd_per_gpu", "saving_per_price_usd")),
    Result(
        "breakeven_utilization",
        _root("utilization", "saving_per_utilization_usd", 'billing != "per_use" or '),
    ),
    Result(
        "own_usd_per_gpu_hour",
        f"{_NONE} if busy_gpu_hours == 0 else own_npv_usd / busy_gpu_hours",
    ),
    Result(
        "rent_usd_per_gpu_hour",
        f"{_NONE} if busy_gpu_hours == 0 else rent_npv_usd / busy_gpu_hours",
    ),
    Result("gpus_per_rack", "servers_per_rack * gpus_per_server"),
    Result("racks", f"{_NONE} if servers_per_rack == 0 else racks_needed"),
    Result(
        "status",
        f"({_NEVER} if first_months == {_NONE} else {_REVERSES}) if months == {_NONE} else "
        f"{_IMMEDIATE} if months == 0 else {_BREAKS_EVEN}",
    ),
    Result(
        "verdict",
        f"{_TOSS_UP} if abs(npv_saving_usd) <= toss_up_share "
        f"* max(abs(own_npv_usd), abs(rent_npv_usd)) else "
        f"{_BUY} if npv_saving_usd > 0 else {_RENT}",
    ),
)
# What the results are made of besides, with its unit and meaning.
TOTALS = (
    (
        "gross_usd",
        "present(paid_size_usd, discount) + at_end(due_size_usd) * at_end(discount)",
        "USD",
        "sum of all absolute present values",
    ),
    (
        "busy_gpu_hours",
        "gpus * hours_per_month * utilization * present(share_of_month, discount)",
        "GPU-hours",
        "busy hours, discounted",
    ),
    (
        "saving_per_rate_usd",
        "present(saving_per_rate, discount) + (1 - tax_rate) * (1 + support_rate) "
        "* billed_gpu_hours * at_end(unused_months) * at_end(rental_growth) * at_end(discount)",
        "USD",
        "saving that one USD more of the rate adds",
    ),
    (
        "saving_per_price_usd",
        "-present(cost_per_price, discount) - at_end(due_per_price) * at_end(discount)",
        "USD",
        "saving that one USD more a GPU adds",
    ),
    (
        "saving_per_utilization_usd",
        "present(saving_per_utilization, discount)",
        "USD",
        "saving that full use adds over none",
    ),
)
