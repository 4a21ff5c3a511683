"""The columns of the sheet Months: what time does to a month, and what is paid in it.

Formulas are in the syntax of `tco.report.workbook.formula`; `start` is that of the purchase, in the
row of month 0, and an empty one leaves the cell empty.
"""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """A column: its name in formulas, formulas of a month and of the start, unit and meaning.

    `item` is the ledger's name where the column is an item of it.
    """

    name: str
    formula: str
    meaning: str
    unit: str = "USD"
    start: str = ""
    item: str = ""


def _item(side: str, item: str, formula: str, meaning: str, start: str = "") -> Column:
    return Column(f"{side}_{item}", formula, meaning, start=start, item=item)


def _once(item: str, start: str, meaning: str) -> Column:
    return _item("own", item, "", meaning, start)


TIME = (
    Column("month", "prev(month) + 1", "number of the month; 0 is the start", "month", "0"),
    Column(
        "t_months",
        "month if month < last_month else horizon_months",
        "end of the month, or the horizon",
        "months",
        "0",
    ),
    Column("share_of_month", "t_months - prev(t_months)", "length before the horizon", "months"),
    Column("active", "month <= last_month", "not after the horizon", ""),
    Column("inside", "month < last_month", "more months follow", ""),
    Column("whole", "t_months >= month", "complete before the horizon, or with it", ""),
    Column(
        "discount",
        "(1 + discount_rate) ** (-t_months / 12)",
        "present value of one USD",
        "ratio",
        "(1 + discount_rate) ** (-t_months / 12)",
    ),
    Column("delivered", "month > delivery_months", "the hardware is there", ""),
    Column("in_service", "share_of_month if delivered else 0", "length with hardware", "months"),
    Column(
        "after_warranty",
        "share_of_month if month > delivery_months + warranty_months else 0",
        "length without warranty",
        "months",
    ),
    Column(
        "opex_growth", "(1 + opex_growth_per_year) ** ((month - 1) / 12)", "since month 1", "ratio"
    ),
    Column(
        "electricity_growth",
        "(1 + electricity_growth_per_year) ** ((month - 1) / 12)",
        "since month 1",
        "ratio",
    ),
    Column(
        "market_growth",
        "(1 + rate_growth_per_year) ** ((month - 1) / 12)",
        "of the market's rental rate since month 1",
        "ratio",
    ),
    Column(
        "rental_growth",
        "(1 + rate_growth_per_year) ** ((month - 1) // commitment_months * commitment_months / 12) "
        'if billing == "committed" else market_growth',
        "of the rate that is paid",
        "ratio",
    ),
)

FINANCE = (
    Column(
        "unused_months",
        "ceil(t_months / commitment_months) * commitment_months - t_months "
        'if billing == "committed" else 0',
        "of the running commitment, if one stops here",
        "months",
    ),
    Column(
        "lease_payments",
        "0 if not leased else "
        "(1 if inside and (not lease_buys or month < lease_months) else 0) "
        "if lease_in_advance else "
        "share_of_month if not lease_buys or month <= lease_months else 0",
        "payments of the lease at the end of the month",
        "months",
        "1 if leased and lease_in_advance else 0",
    ),
    Column(
        "lease_paid",
        "prev(lease_paid) + lease_payments",
        "payments so far",
        "months",
        "lease_payments",
    ),
    Column(
        "lease_renewed",
        "leased and not lease_buys and inside and month % lease_months == 0",
        "given back, and leased again",
        "",
    ),
    Column(
        "lease_bought",
        "lease_buys and whole and month == lease_months",
        "bought at the end of the lease",
        "",
    ),
    Column(
        "lease_starts",
        "leased and not lease_buys and month > lease_months and (month - 1) % lease_months == 0",
        "a later term of the lease begins",
        "",
    ),
    Column(
        "owned",
        "lease_buys and t_months >= lease_months if leased else True",
        "the hardware can be sold",
        "",
    ),
    Column("loan_due", "whole and month <= loan_months", "the loan has a payment", ""),
    Column(
        "loan_interest",
        "prev(loan_balance) * loan_apr / 12 if loan_due else 0",
        "interest of a loan of one USD",
    ),
    Column(
        "loan_balance",
        "0 if loan_due and month >= loan_months else prev(loan_balance) + loan_interest "
        "- (loan_payment_per_usd if loan_due else 0)",
        "owed of a loan of one USD",
        start="1",
    ),
    Column(
        "loan_owed",
        "loan_balance if inside else loan_balance * (1 + loan_apr / 12) ** (horizon_months % 1)",
        "what would settle it",
    ),
    Column(
        "replacements",
        "(min(month, last_month) - 1) // refresh_months if refresh_months > 0 else 0",
        "refreshes before this month",
        "times",
    ),
    Column(
        "refreshed",
        "(inside and month % refresh_months == 0) if refresh_months > 0 else False",
        "GPUs are replaced at the end of the month",
        "",
    ),
    Column("replaced", "refreshed or lease_bought", "in the tax books too", "", "False"),
    Column(
        "kept",
        "(1 - resale_decline_per_year) ** (t_months / 12)",
        "market value left of what was bought at the start",
        "share",
    ),
    Column(
        "gpus_kept",
        "(1 - resale_decline_per_year) ** ((t_months - replacements * refresh_months) / 12)",
        "market value left of the GPUs",
        "share",
    ),
    Column(
        "gpus_market_usd",
        "(hardware_gpus_usd + hardware_spares_usd if replacements == 0 else next_gpus_usd) "
        "* gpus_kept * kept_after_selling",
        "what GPUs and spares fetch",
    ),
)

OWN = (
    _once("gpus", "0 if leased else hardware_gpus_usd", "cards in use"),
    _once("spares", "0 if leased else hardware_spares_usd", "cards in stock"),
    _once("servers", "0 if leased else hardware_servers_usd", "servers without GPUs"),
    _once("network", "0 if leased else hardware_network_usd", "switches and cables"),
    _once("install", "gpus * install_usd_per_gpu", "freight and racking"),
    _once("sales_tax", "row_sum(own_gpus, own_network) * sales_tax_rate", "not recovered"),
    _once("loan_proceeds", "-loan_usd", "what the loan brings"),
    _item(
        "own",
        "energy_it",
        "energy_it_usd_per_month * electricity_growth * in_service",
        "power of GPUs and servers",
    ),
    _item(
        "own",
        "energy_cooling",
        "energy_cooling_usd_per_month * electricity_growth * in_service",
        "what the facility draws beyond",
    ),
    _item("own", "space", "space_usd_per_month * opex_growth * in_service", "racks"),
    _item(
        "own", "colocation", "colocation_usd_per_month * opex_growth * in_service", "reserved kW"
    ),
    _item("own", "staff", "staff_usd_per_month * opex_growth * in_service", "people"),
    _item(
        "own",
        "maintenance",
        "maintenance_usd_per_month * opex_growth * after_warranty",
        "contract after the warranty",
    ),
    _item("own", "failures", "failures_usd_per_month * after_warranty", "GPUs replaced"),
    _item("own", "licences", "licences_usd_per_month * opex_growth * in_service", "software"),
    _item("own", "insurance", "insurance_usd_per_month * in_service", "of the hardware"),
    _item(
        "own",
        "rent_until_delivery",
        "0 if delivered else (used_gpu_hours * rate_usd_per_gpu_hour * (1 + support_rate) "
        "* market_growth + storage_egress_usd_per_month * opex_growth) * share_of_month",
        "busy hours rented meanwhile",
    ),
    _item(
        "own",
        "lease",
        "lease_payments * lease_usd_per_month",
        "payments of the lease",
        "lease_payments * lease_usd_per_month",
    ),
    _item("own", "lease_buyout", "lease_buyout_usd if lease_bought else 0", "bought at its end"),
    _item("own", "lease_return", "lease_return_usd if lease_renewed else 0", "given back"),
    _item(
        "own",
        "loan_payment",
        "loan_usd * loan_payment_per_usd if loan_due else 0",
        "interest and repayment",
    ),
    _item("own", "refresh", "refresh_usd if refreshed else 0", "GPUs that replace others"),
    _item("own", "refresh_resale", "-gpus_market_usd if refreshed else 0", "the old ones, sold"),
    _item(
        "own",
        "refresh_tax",
        "tax_rate * (gpus_market_usd - gpus_cost_usd * gpus_book) if refreshed else 0",
        "on the gain of that sale",
    ),
    _item(
        "own",
        "tax_deduction",
        "-tax_rate * (row_sum(own_energy_it, own_lease) + own_lease_return)",
        "tax saved on what is paid",
        "-tax_rate * own_lease",
    ),
    _item("own", "loan_interest_shield", "-tax_rate * loan_usd * loan_interest", "tax saved"),
    _item(
        "own",
        "depreciation_shield",
        "-tax_rate * (gpus_cost_usd * (gpus_book_before - gpus_book) "
        "+ others_cost_usd * (others_book_before - others_book))",
        "tax saved on what is written off",
    ),
)
RENT = (
    _item("rent", "upfront", "", "migration or reservation", "gpus * upfront_usd_per_gpu"),
    _item(
        "rent",
        "compute",
        "compute_usd_per_month * rental_growth * share_of_month",
        "GPU-hours that are billed",
    ),
    _item("rent", "support", "rent_compute * support_rate", "support plan"),
    _item(
        "rent",
        "storage_egress",
        "storage_egress_usd_per_month * opex_growth * share_of_month",
        "storage and data transfer",
    ),
    _item(
        "rent",
        "tax_deduction",
        "-tax_rate * row_sum(rent_compute, rent_storage_egress)",
        "tax saved on what is paid",
        "-tax_rate * rent_upfront",
    ),
)
