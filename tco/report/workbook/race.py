"""The columns of the sheet Months that compare: exits, sums, curves, crossings and slopes."""

from __future__ import annotations

from tco.report.workbook.columns import Column


def _exit(side: str, item: str, formula: str, meaning: str) -> Column:
    column = f"{side}_exit_{item}".replace("exit_exit", "exit")
    return Column(column, f"({formula}) if active else 0", meaning, item=item)


EXITS = (
    _exit(
        "own",
        "resale",
        "-((next_gpus_usd * kept_after_selling if refreshed else gpus_market_usd) "
        "+ hardware_servers_usd * kept * kept_after_selling) if owned else 0",
        "what all hardware fetches",
    ),
    _exit("own", "disposal_tax", "tax_rate * (-own_exit_resale - book_usd)", "on the gain of it"),
    _exit("own", "loan_settlement", "loan_usd * loan_owed", "what is owed"),
    _exit(
        "own",
        "lease_return",
        "0 if lease_renewed or owned else lease_return_usd",
        "leased hardware, given back",
    ),
    _exit(
        "own",
        "unused_lease",
        "((lease_months if lease_buys and t_months > lease_months else "
        "ceil(t_months / lease_months) * lease_months) - lease_paid) * lease_usd_per_month",
        "rest of the lease's term",
    ),
    _exit(
        "own",
        "exit_deduction",
        "-tax_rate * (own_exit_lease_return + own_exit_unused_lease "
        "+ loan_usd * (loan_owed - loan_balance))",
        "tax saved on what is paid then",
    ),
    _exit(
        "rent",
        "unused_commitment",
        "unused_months * rental_growth * compute_usd_per_month * (1 + support_rate)",
        "rest of the commitment's term",
    ),
    _exit(
        "rent",
        "exit_deduction",
        "-tax_rate * rent_exit_unused_commitment",
        "tax saved on what is paid then",
    ),
)
_LUMPS = (
    "own_depreciation_shield != 0 or own_refresh != 0 or own_refresh_resale != 0 "
    "or own_lease_buyout != 0 or own_lease_return != 0"
)
_OWN = "row_sum(own_gpus, own_depreciation_shield)"
_RENT = "row_sum(rent_upfront, rent_tax_deduction)"
_SIZE = "row_size(own_gpus, own_depreciation_shield) + row_size(rent_upfront, rent_tax_deduction)"
SUMS = (
    Column("own_paid_usd", _OWN, "all that owning pays", start=_OWN),
    Column("rent_paid_usd", _RENT, "all that renting pays", start=_RENT),
    Column("paid_size_usd", _SIZE, "both sides' items, each without its sign", start=_SIZE),
    Column(
        "own_due_usd",
        "row_sum(own_exit_resale, own_exit_deduction)",
        "what owning pays if one stops here",
    ),
    Column(
        "rent_due_usd",
        "row_sum(rent_exit_unused_commitment, rent_exit_deduction)",
        "what renting pays if one stops here",
    ),
    Column(
        "due_size_usd",
        "row_size(own_exit_resale, rent_exit_deduction)",
        "both sides' exit items, each without its sign",
    ),
    Column("lump", _LUMPS, "something that is not paid evenly", ""),
    Column(
        "exit_lump",
        'lump or lease_starts or (billing == "committed" and (month - 1) % commitment_months == 0)',
        "the same for those who stop: also a new term",
        "",
    ),
)


def _curve(name: str, paid: str, factor: str, meaning: str) -> Column:
    return Column(name, f"prev({name}) + {paid}{factor}", meaning, start=paid)


def _exit_curve(side: str) -> Column:
    name = f"{side}_exit_usd"
    return Column(
        name,
        f"{side}_usd + {side}_due_usd * discount if active else prev({name})",
        "present value if one stops here",
    )


CURVES = (
    _curve("own_usd", "own_paid_usd", " * discount", "cumulative present value of owning"),
    _curve("rent_usd", "rent_paid_usd", " * discount", "cumulative present value of renting"),
    _curve("own_undiscounted_usd", "own_paid_usd", "", "cumulative cost of owning"),
    _curve("rent_undiscounted_usd", "rent_paid_usd", "", "cumulative cost of renting"),
    _exit_curve("own"),
    _exit_curve("rent"),
)


def _payback(what: str, own: str, rent: str, lump: str) -> tuple[Column, ...]:
    """When owning gets ahead, or falls behind, and the last time that it did."""
    gap = f"{own} - {rent}"
    ahead = f"{what}_gap <= tie_tolerance * (abs({own}) + abs({rent}))"
    share = f"min(1, max(0, prev({what}_gap) / {what}_fall))"
    exits = what == "exit"
    same = f"{what}_ahead == prev({what}_ahead)"
    crossing = (
        f'"" if {"month == 1 or " if exits else ""}{same} else '
        f"t_months if {lump} or {what}_fall == 0 else "
        f"prev(t_months) + share_of_month * {share}"
    )
    last = f'prev({what}_last) if {what}_crossing == "" else {what}_crossing'
    if exits:
        last = f'(t_months if {what}_ahead else "") if month == 1 else {last}'
    begins = ("", "", "") if exits else (gap, ahead, f'0 if {what}_ahead else ""')
    return (
        Column(f"{what}_gap", gap, f"owning less renting, {what}", start=begins[0]),
        Column(f"{what}_ahead", ahead, "owning is ahead", "", begins[1]),
        Column(f"{what}_fall", f"prev({what}_gap) - {what}_gap", "by how much the gap falls"),
        Column(f"{what}_crossing", crossing, "where another side goes ahead", "months"),
        Column(f"{what}_last", last, "last such time until here", "months", begins[2]),
    )


PAYBACKS = (
    *_payback("discounted", "own_usd", "rent_usd", "lump"),
    Column(
        "discounted_first",
        'prev(discounted_first) if prev(discounted_first) != "" else '
        'discounted_crossing if discounted_ahead else ""',
        "first time that owning goes ahead",
        "months",
        '0 if discounted_ahead else ""',
    ),
    *_payback("simple", "own_undiscounted_usd", "rent_undiscounted_usd", "lump"),
    *_payback("exit", "own_exit_usd", "rent_exit_usd", "exit_lump"),
)
_PRICED = "hardware_per_price_usd"
# By how much the month's saving, or owning's cost, changes with one input: all is linear in it.
SLOPES = (
    Column(
        "saving_per_rate",
        "(1 - tax_rate) * (1 + support_rate) * share_of_month * "
        "(billed_gpu_hours * rental_growth - (0 if delivered else used_gpu_hours * market_growth))",
        "saving that one USD more of the rate adds",
    ),
    Column(
        "saving_per_utilization",
        "(1 - tax_rate) * in_service * (rent_per_utilization_usd * market_growth "
        "- energy_per_utilization_usd * electricity_growth)",
        "saving that full use adds over none, rented by use",
    ),
    Column(
        "cost_per_price",
        f"(1 - tax_rate) * ({_PRICED} * (maintenance_rate_per_year * opex_growth * after_warranty "
        "+ insurance_rate_per_year * in_service) "
        "+ gpus * failure_rate_per_year * after_warranty) / 12 "
        f"+ loan_share * {_PRICED} * ((loan_payment_per_usd if loan_due else 0) "
        "- tax_rate * loan_interest) "
        "- (tax_rate * bought_per_price_usd * (gpus_book_before - gpus_book) "
        "if replacements == 0 else 0) "
        f"- ({_PRICED} * gpus_kept * kept_after_selling * (1 - tax_rate) "
        "+ tax_rate * bought_per_price_usd * gpus_book if refreshed and replacements == 0 else 0)",
        "cost of owning that one USD more a GPU adds",
        start=f"bought_per_price_usd - loan_share * {_PRICED}",
    ),
    Column(
        "due_per_price",
        f"loan_share * {_PRICED} * (loan_owed - tax_rate * (loan_owed - loan_balance)) "
        f"- (({_PRICED} * gpus_kept * kept_after_selling * (1 - tax_rate) if owned else 0) "
        "+ tax_rate * bought_per_price_usd * gpus_book if replacements == 0 else 0)",
        "the same of what is paid at the horizon",
    ),
)
