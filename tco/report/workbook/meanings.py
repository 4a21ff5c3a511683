"""Names, units and meanings of what the model keeps, by where it keeps it.

Items have theirs in the table of items, results in `tco.report.schema`, constants in
`tco.numeric.CONSTANTS`. What is listed nowhere stands in the formulas that use it; what goes on
from month to month has to be listed, or no month would repeat the formulas of another.
"""

from __future__ import annotations

Words = tuple[str, str, str]

# What is the same in all months.
NAMED: dict[str, Words] = {
    "period.committed": ("committed", "", "renting is a commitment"),
    "period.last": ("last_month", "months", "periods until the horizon"),
    "period.discount_at_end": ("discount_at_end", "ratio", "discount at the horizon"),
    "period.residual_at_end": ("kept_at_end", "share", "market value left then"),
    "period.discount_per_month": ("discount_per_month", "ratio", "present value a month later"),
    "period.kept_per_month": ("kept_per_month", "share", "market value left after a month"),
    "period.opex_per_month": ("opex_growth_per_month", "ratio", "of operating costs"),
    "period.electricity_per_month": ("electricity_growth_per_month", "ratio", "of its price"),
    "period.rate_per_month": ("rate_growth_per_month", "ratio", "of the rental rate"),
    "period.covered": ("warranty_ends", "month", "last month of the warranty"),
    "part.loan.rate": ("loan_rate_per_month", "ratio", "interest of the loan"),
    "part.loan.payment": ("loan_usd_per_month", "USD per month", "payment of the loan"),
    "part.loan.to_end": ("loan_to_end", "ratio", "growth of what is owed until the horizon"),
    "part.lease.buys": ("lease_buys", "", "whether it is bought at the end of a lease"),
    "part.lease.usd_per_month": ("lease_usd_per_month", "USD per month", "payment of the lease"),
    "part.lease.buyout_usd": ("lease_buyout_usd", "USD", "price at its end"),
    "part.lease.return_usd": ("lease_return_usd", "USD", "cost of giving hardware back"),
    "part.refresh.refreshed": ("refreshes", "", "whether GPUs are replaced"),
    "part.refresh.every": ("refresh_every", "months", "between two refreshes"),
    "part.refresh.net": ("kept_after_selling", "share", "of what a buyer pays"),
    "part.refresh.next_gpus": ("next_gpus_usd", "USD", "GPUs and spares of a refresh"),
    "part.refresh.cost": ("refresh_usd", "USD", "the same with sales tax"),
    "part.refresh.share_at_end": (
        "gpus_kept_at_end",
        "share",
        "of the newest GPUs' value, at the end",
    ),
    "part.depreciation.others.cost": ("others_cost_usd", "USD", "of all but GPUs and spares"),
    "part.depreciation.others.placed": ("others_placed", "month", "of the tax year, in service"),
    "part.depreciation.others.row": ("others_table_row", "row", "of the tables, from 0 on"),
    "part.depreciation.others.final": ("macrs_life", "years", "of the published table"),
    "part.bill.0": ("delivery_rent_usd_per_month", "USD per month", "at today's rate"),
}


def _vintage(what: str, words: str) -> dict[str, Words]:
    """The tax books of one purchase."""
    table = {
        "ended": ("year_ends", "", f"a tax year of {words} ends"),
        "length": ("length", "years", "length of the tax year"),
        "even": ("even", "share", "straight line over what is left"),
        "declined": ("declined", "share", "declining balance"),
        "steep": ("steep", "share", "declining balance, or the straight line if more"),
        "planned": ("planned", "share", "what the schedule takes in the tax year"),
        "year": ("years", "years", f"tax years of {words} that have ended"),
        "scheduled": ("left", "share", "of the schedule, still to come"),
        "life": ("life", "years", "that straight line still has"),
        "book": ("book_usd", "USD", f"cost of {words} still in the books"),
    }
    return {
        f"part.depreciation.{what}.{at}": (f"{what}_{name}", unit, meaning)
        for at, (name, unit, meaning) in table.items()
    }


def _payback(path: str, name: str) -> dict[str, Words]:
    """When owning gets ahead, or falls behind."""
    return {
        f"{path}.gap": (f"{name}_gap", "USD", f"owning less renting, {name}"),
        f"{path}.ahead": (f"{name}_ahead", "", "owning is ahead"),
        f"{path}.fall": (f"{name}_fall", "USD", "by how much the gap falls"),
        f"{path}.at": (f"{name}_crossing", "months", "where it is 0, if the side ahead changes"),
        f"{path}.last": (f"{name}_last", "months", "last time that a side goes ahead"),
    }


# The columns of the sheet Months that are no items, by section.
COLUMNS: dict[str, dict[str, Words]] = {
    "time": {
        "period.month": ("month", "month", "number of the month; 0 is the start"),
        "period.t": ("t_months", "months", "end of the month, or the horizon"),
        "period.factors.0": ("share_of_month", "months", "length before the horizon"),
        "period.factors.1": ("after_warranty", "months", "length without warranty"),
        "period.inside": ("inside", "", "more months follow"),
        "period.whole": ("whole", "", "complete before the horizon, or with it"),
        "part.delivered": ("delivered", "", "the hardware is there"),
        "period.discount": ("discount", "ratio", "present value of one USD"),
        "period.residual": ("kept", "share", "market value left of what was bought first"),
        "period.rental_growth": ("rental_growth", "ratio", "of the rate that is paid"),
        "period.opex": ("next_opex", "ratio", "growth of operating costs by next month"),
        "period.electricity": ("next_electricity", "ratio", "the same for electricity"),
        "period.rate": ("next_rate", "ratio", "the same for the rental rate"),
        "period.factors.2": ("opex_factor", "months", "length times growth of operating cost"),
        "period.factors.3": ("opex_after_warranty", "months", "the same without warranty"),
        "period.factors.4": ("electricity_factor", "months", "the same for electricity"),
        "period.factors.5": ("rental_factor", "months", "the same for the rate that is paid"),
        "period.term_starts": ("term_starts", "", "a term of the commitment begins"),
        "weights.0": ("discounted_months", "months", "length so far, discounted"),
    },
    "loan, lease and refresh": {
        "part.loan.due": ("loan_due", "", "the loan has a payment"),
        "part.loan.interest": ("loan_interest_usd", "USD", "interest of the month"),
        "part.loan.balance": ("loan_balance_usd", "USD", "owed after the payment"),
        "part.lease.runs": ("lease_runs", "", "the month belongs to a lease"),
        "part.lease.payments": ("lease_payments", "months", "payments at its end"),
        "part.lease.paid": ("lease_paid", "months", "payments so far"),
        "part.lease.returned": ("lease_returned", "", "given back, and leased again"),
        "part.lease.bought": ("lease_bought", "", "bought at the end of the lease"),
        "part.lease.owned": ("owned", "", "the hardware can be sold"),
        "part.refresh.due": ("refreshed", "", "GPUs are replaced at the end of the month"),
        "part.refresh.fetched": ("gpus_fetch_usd", "USD", "what the old GPUs fetch"),
        "part.refresh.gpus": ("gpus_market_usd", "USD", "market value of the GPUs when new"),
        "part.refresh.share": ("gpus_kept", "share", "market value left of the GPUs"),
    },
    "tax books": {
        "part.depreciation.ends": ("tax_year_ends", "", "with this month"),
        "part.depreciation.gpus.cost": ("gpus_cost_usd", "USD", "of GPUs and spares, when new"),
        "part.depreciation.gpus.born": ("gpus_born", "month", "in which they came into service"),
        "part.depreciation.gpus.placed": ("gpus_placed", "month", "the same, in its tax year"),
        "part.depreciation.gpus.row": ("gpus_table_row", "row", "of the tables, from 0 on"),
        **_vintage("gpus", "GPUs and spares"),
        "part.depreciation.book": ("gpus_replaced_usd", "USD", "and before a replacement"),
        **_vintage("others", "everything else"),
    },
    "owning [USD]": {},
    "renting [USD]": {},
    "if one stops at the end of this month [USD]": {},
    "sums": {
        "own.recurred": ("own_recurred_usd", "USD", "owning, without tax and financing"),
        "own.paid": ("own_paid_usd", "USD", "all that owning pays"),
        "rent.recurred": ("rent_recurred_usd", "USD", "renting, without tax"),
        "rent.paid": ("rent_paid_usd", "USD", "all that renting pays"),
        "paid_size": ("paid_size_usd", "USD", "both sides' items, each without its sign"),
        "own.due": ("own_due_usd", "USD", "what owning pays if one stops here"),
        "rent.due": ("rent_due_usd", "USD", "what renting pays if one stops here"),
        "due_size": ("due_size_usd", "USD", "both sides' exit items, without their sign"),
        "part.lump": ("lump", "", "something that is not paid evenly"),
        "part.exit_lump": ("exit_lump", "", "the same for those who stop"),
    },
    "curves": {
        "own_sum": ("own_usd", "USD", "cumulative present value of owning"),
        "rent_sum": ("rent_usd", "USD", "cumulative present value of renting"),
        "size": ("size_usd", "USD", "the same of all items without their signs"),
        "own_plain": ("own_undiscounted_usd", "USD", "cumulative cost of owning"),
        "rent_plain": ("rent_undiscounted_usd", "USD", "cumulative cost of renting"),
        "own_exit": ("own_exit_usd", "USD", "present value of owning if one stops here"),
        "rent_exit": ("rent_exit_usd", "USD", "the same of renting"),
    },
    "crossings": {
        "discounted.first": ("discounted_first", "months", "first time that owning goes ahead"),
        **_payback("discounted", "discounted"),
        **_payback("undiscounted", "simple"),
        **_payback("exits", "exit"),
    },
    "slopes": {},
}
