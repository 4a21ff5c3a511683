"""Units and meanings of the cells that are no inputs, by where the model keeps them.

Items have theirs in the table of items, results in `tco.report.schema`; what is listed nowhere gets
no name, and stands in the formulas that use it.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What a cell or a column is called, its unit and its meaning."""

    name: str
    unit: str
    meaning: str


CONSTANTS = {
    "tie_tolerance": (1e-9, "ratio", "a gap below this share of both sides is a tie"),
    "toss_up_share": (0.05, "share", "a saving within it of the larger side is a toss-up"),
    "rounding_tolerance": (1e-12, "ratio", "forgiven when rounding up and down"),
    "slope_tolerance": (1e-12, "ratio", "a slope below it of the gross flows has no root"),
    "check_tolerance": (1e-9, "ratio", "of the gross flows: how far Check lets results be"),
    "months_per_quarter": (3, "months", "of a tax year, for the mid-quarter tables"),
    "macrs_rows_per_life": (5, "rows", "of the published tables, half-year and four quarters"),
    "macrs_5_years": (5, "years", "over which the longer published tables write off"),
    "macrs_3_years": (3, "years", "over which the shorter ones do"),
}

_OWN = "run.own.part."
# What is the same in all months, by its place in the model.
NAMED = {
    "period.committed": Words("committed", "", "renting is a commitment"),
    "period.last": Words("last_month", "months", "periods until the horizon"),
    "period.discount_at_end": Words("discount_at_end", "ratio", "discount at the horizon"),
    "period.residual_at_end": Words("kept_at_end", "share", "market value left then"),
    "period.discount_per_month": Words(
        "discount_per_month", "ratio", "present value a month later"
    ),
    "period.kept_per_month": Words("kept_per_month", "share", "market value left after a month"),
    "period.opex_per_month": Words("opex_growth_per_month", "ratio", "of operating costs"),
    "period.electricity_per_month": Words(
        "electricity_growth_per_month", "ratio", "of the price of electricity"
    ),
    "period.rate_per_month": Words("rate_growth_per_month", "ratio", "of the rental rate"),
    "period.covered": Words("warranty_ends", "month", "last month of the warranty"),
    _OWN + "loan.rate": Words("loan_rate_per_month", "ratio", "interest of the loan"),
    _OWN + "loan.payment": Words("loan_usd_per_month", "USD per month", "payment of the loan"),
    _OWN + "loan.to_end": Words("loan_to_end", "ratio", "growth of what is owed until the horizon"),
    _OWN + "lease.leased": Words("leased", "", "whether the hardware is leased"),
    _OWN + "lease.buys": Words("lease_buys", "", "whether it is bought at the end of a lease"),
    _OWN + "lease.usd_per_month": Words(
        "lease_usd_per_month", "USD per month", "payment of the lease"
    ),
    _OWN + "lease.buyout_usd": Words("lease_buyout_usd", "USD", "price at its end"),
    _OWN + "lease.return_usd": Words("lease_return_usd", "USD", "cost of giving hardware back"),
    _OWN + "refresh.refreshed": Words("refreshes", "", "whether GPUs are replaced"),
    _OWN + "refresh.every": Words("refresh_every", "months", "between two refreshes"),
    _OWN + "refresh.net": Words("kept_after_selling", "share", "of what a buyer pays"),
    _OWN + "refresh.others": Words("servers_market_usd", "USD", "market value of the servers"),
    _OWN + "refresh.resold": Words("resold_usd", "USD", "what all hardware would fetch when new"),
    _OWN + "refresh.next_gpus": Words("next_gpus_usd", "USD", "GPUs and spares of a refresh"),
    _OWN + "refresh.cost": Words("refresh_usd", "USD", "the same with sales tax"),
    _OWN + "refresh.share_at_end": Words(
        "gpus_kept_at_end", "share", "market value left of the newest GPUs at the horizon"
    ),
    _OWN + "depreciation.others.cost": Words(
        "others_cost_usd", "USD", "cost in the tax books of all but GPUs and spares"
    ),
    _OWN + "depreciation.others.placed": Words(
        "others_placed", "month", "of the tax year in which they came into service"
    ),
    _OWN + "depreciation.others.row": Words(
        "others_table_row", "row", "of the published tables for them, from 0 on"
    ),
    _OWN + "depreciation.others.final": Words(
        "macrs_life", "years", "over which the published table writes off"
    ),
    _OWN + "bill.0": Words(
        "delivery_rent_usd_per_month", "USD per month", "rent until delivery, at today's rate"
    ),
}


def _vintage(what: str, words: str) -> dict[str, Words]:
    """The tax books of one purchase."""
    path = f"{_OWN}depreciation.{what}."
    table = {
        "cost": (f"{what}_cost_usd", "USD", f"cost in the tax books of {words}"),
        "born": (f"{what}_born", "month", f"in which {words} came into service"),
        "placed": (f"{what}_placed", "month", "the same, counted in its tax year"),
        "ended": (f"{what}_year_ends", "", f"a tax year of {words} ends"),
        "length": (f"{what}_length", "years", "length of the tax year"),
        "even": (f"{what}_even", "share", "straight line over what is left"),
        "declined": (f"{what}_declined", "share", "declining balance"),
        "steep": (f"{what}_steep", "share", "declining balance, or the straight line if more"),
        "row": (f"{what}_table_row", "row", "of the published tables, from 0 on"),
        "planned": (f"{what}_planned", "share", "what the schedule takes in the tax year"),
        "year": (f"{what}_years", "years", f"tax years of {words} that have ended"),
        "scheduled": (f"{what}_left", "share", "of the schedule, still to come"),
        "life": (f"{what}_life", "years", "that straight line still has"),
        "book": (f"{what}_book_usd", "USD", f"cost of {words} still in the books"),
    }
    return {path + name: Words(*words) for name, words in table.items()}


def _payback(path: str, name: str) -> dict[str, Words]:
    """When owning gets ahead, or falls behind."""
    table = {
        "gap": (f"{name}_gap", "USD", f"owning less renting, {name}"),
        "ahead": (f"{name}_ahead", "", "owning is ahead"),
        "fall": (f"{name}_fall", "USD", "by how much the gap falls"),
        "at": (f"{name}_crossing", "months", "where it would be 0, if the side ahead changes"),
        "first": (f"{name}_first", "months", "first time that owning goes ahead"),
        "last": (f"{name}_last", "months", "last time that a side goes ahead"),
    }
    return {f"run.{path}.{at}": Words(*words) for at, words in table.items()}


# The columns of the sheet Months that are no items, by section and by their place in the model.
COLUMNS: dict[str, dict[str, Words]] = {
    "time": {
        "period.month": Words("month", "month", "number of the month; 0 is the start"),
        "period.t": Words("t_months", "months", "end of the month, or the horizon"),
        "period.factors.0": Words("share_of_month", "months", "length before the horizon"),
        "period.factors.1": Words("after_warranty", "months", "length without warranty"),
        "period.inside": Words("inside", "", "more months follow"),
        "period.whole": Words("whole", "", "complete before the horizon, or with it"),
        _OWN + "delivered": Words("delivered", "", "the hardware is there"),
        "period.discount": Words("discount", "ratio", "present value of one USD"),
        "period.residual": Words("kept", "share", "market value left of what was bought first"),
        "period.rental_growth": Words("rental_growth", "ratio", "of the rate that is paid"),
        "period.opex": Words("next_opex", "ratio", "growth of operating costs by next month"),
        "period.electricity": Words("next_electricity", "ratio", "the same for electricity"),
        "period.rate": Words("next_rate", "ratio", "the same for the rental rate"),
        "period.factors.2": Words("opex_factor", "months", "length times growth of operating cost"),
        "period.factors.3": Words("opex_after_warranty", "months", "the same without warranty"),
        "period.factors.4": Words("electricity_factor", "months", "the same for electricity"),
        "period.factors.5": Words("rental_factor", "months", "the same for the rate that is paid"),
        "period.term_starts": Words("term_starts", "", "a term of the commitment begins"),
        "run.weights.0": Words("discounted_months", "months", "length so far, discounted"),
    },
    "loan, lease and refresh": {
        _OWN + "loan.due": Words("loan_due", "", "the loan has a payment"),
        _OWN + "loan.interest": Words("loan_interest_usd", "USD", "interest of the month"),
        _OWN + "loan.balance": Words("loan_balance_usd", "USD", "owed after the payment"),
        _OWN + "lease.runs": Words("lease_runs", "", "the month belongs to a lease"),
        _OWN + "lease.payments": Words("lease_payments", "months", "payments at its end"),
        _OWN + "lease.paid": Words("lease_paid", "months", "payments so far"),
        _OWN + "lease.returned": Words("lease_returned", "", "given back, and leased again"),
        _OWN + "lease.bought": Words("lease_bought", "", "bought at the end of the lease"),
        _OWN + "lease.owned": Words("owned", "", "the hardware can be sold"),
        _OWN + "refresh.due": Words("refreshed", "", "GPUs are replaced at the end of the month"),
        _OWN + "refresh.fetched": Words("gpus_fetch_usd", "USD", "what the old GPUs fetch"),
        _OWN + "refresh.gpus": Words("gpus_market_usd", "USD", "market value of the GPUs when new"),
        _OWN + "refresh.share": Words("gpus_kept", "share", "market value left of the GPUs"),
    },
    "tax books": {
        _OWN + "depreciation.ends": Words("tax_year_ends", "", "with this month"),
        _OWN + "depreciation.before": Words("book_before_usd", "USD", "in the books before"),
        **_vintage("gpus", "GPUs and spares"),
        _OWN + "depreciation.book": Words("gpus_replaced_usd", "USD", "and before a replacement"),
        **_vintage("others", "everything else"),
    },
    "owning [USD]": {},
    "renting [USD]": {},
    "if one stops at the end of this month [USD]": {},
    "sums": {
        "run.own.recurred": Words("own_recurred_usd", "USD", "owning, without tax and financing"),
        "run.own.paid": Words("own_paid_usd", "USD", "all that owning pays"),
        "run.rent.recurred": Words("rent_recurred_usd", "USD", "renting, without tax"),
        "run.rent.paid": Words("rent_paid_usd", "USD", "all that renting pays"),
        "run.paid_size": Words("paid_size_usd", "USD", "both sides' items, each without its sign"),
        "run.own.due": Words("own_due_usd", "USD", "what owning pays if one stops here"),
        "run.rent.due": Words("rent_due_usd", "USD", "what renting pays if one stops here"),
        "run.due_size": Words("due_size_usd", "USD", "both sides' exit items, without their sign"),
        _OWN + "lump": Words("lump", "", "something that is not paid evenly"),
        _OWN + "exit_lump": Words("exit_lump", "", "the same for those who stop"),
    },
    "curves": {
        "run.own_sum": Words("own_usd", "USD", "cumulative present value of owning"),
        "run.rent_sum": Words("rent_usd", "USD", "cumulative present value of renting"),
        "run.size": Words("size_usd", "USD", "the same of all items without their signs"),
        "run.own_plain": Words("own_undiscounted_usd", "USD", "cumulative cost of owning"),
        "run.rent_plain": Words("rent_undiscounted_usd", "USD", "cumulative cost of renting"),
        "run.own_exit": Words("own_exit_usd", "USD", "present value of owning if one stops here"),
        "run.rent_exit": Words("rent_exit_usd", "USD", "the same of renting"),
    },
    "crossings": {
        **_payback("discounted", "discounted"),
        **_payback("undiscounted", "simple"),
        **_payback("exits", "exit"),
    },
    "slopes": {},
}
# What results need of no column.
SKIPPED = (
    "period.market_growth",
    *(f"run.weights.{at}" for at in range(1, 6)),
    *("run.undiscounted.first", "run.exits.first", _OWN + "depreciation.gpus.final"),
)
