"""The columns of the sheet Months: what time does to a month, what is paid in it, who is ahead.

Formulas are in the syntax of `tco.report.workbook.formula`; `start` is that of the purchase, in the
row of month 0, and an empty one leaves the cell empty. The tax books follow two purchases: GPUs and
spares, which a refresh or the buy-out of a lease replaces, and everything else that is bought at
the start.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import NamedTuple

from tco.model.items import (
    DEDUCTED,
    ELECTRICITY,
    EXIT,
    FLAT,
    FLAT_AFTER_WARRANTY,
    MONTH,
    OPEX,
    OPEX_AFTER_WARRANTY,
    OWN,
    RENT,
    RENTAL,
    SIDES,
    START,
    Item,
    items_of,
)
from tco.report.workbook.names import DERIVED


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


def _either(condition: str, one: str, other: str) -> str:
    return f"({one} if {condition} else {other})" if condition else other


def _years(what: str, words: str, fresh: str) -> tuple[Column, ...]:
    """When a purchase came into service, and the tax years that have ended since.

    `fresh` tells whether it took the place of another at the end of the month before.
    """
    born = _either(fresh, "prev(month)", f"prev({what}_born)")
    ends = f"whole and month > {what}_born and (month + purchase_month - 1) % 12 == 0"
    before = _either(fresh, "0", f"prev({what}_years)")
    years = f"{before} + (1 if {what}_year_ends else 0)"
    came = f"month in which {words} came into service"
    return (
        Column(f"{what}_born", born, came, "month", "delivery_months"),
        Column(f"{what}_year_ends", ends, f"a tax year of {words} ends", ""),
        Column(f"{what}_years", years, f"tax years of {words} that have ended", "years", "0"),
    )


def _lengths(what: str) -> tuple[Column, ...]:
    """How long the tax year is that ends, and how many years straight line still had."""
    first = f"(12 + 1 - {what}_placed) / 12"
    placed = f"(purchase_month - 1 + {what}_born) % 12 + 1"
    length = f"{first} if {what}_years == 1 else 1"
    life = (
        f"depreciation_years if {what}_years <= 1 else "
        f"depreciation_years - {first} - ({what}_years - 1 - 1)"
    )
    return (
        Column(f"{what}_placed", placed, "the same, counted in its tax year", "month"),
        Column(f"{what}_length", length, "length of the tax year", "years"),
        Column(f"{what}_life", life, "years that straight line still had", "years"),
    )


def _shares(what: str, words: str, fresh: str) -> tuple[Column, ...]:
    """What share of its cost the schedule would write off when a tax year ends, by method."""
    left = f"{what}_left_before"
    before = _either(fresh, "1", f"prev({what}_left)")
    even = f"{left} if {what}_life < {what}_length else {left} * {what}_length / {what}_life"
    steep = f"declining_balance_factor * {what}_length * {left} / depreciation_years"
    quarter = f"ceil({what}_placed / months_per_quarter)"
    key = (
        "join(depreciation, macrs_convention, "
        f'{quarter} if macrs_convention == "mid_quarter" else 0)'
    )
    published = (
        f"({left} if {what}_years > life_of({key}) else published({key}, {what}_years)) "
        f"if published_table and {what}_year_ends else 0"
    )
    return (
        Column(left, before, f"schedule of {words} still to come, before", "share"),
        Column(f"{what}_even", even, "straight line over what is left", "share"),
        Column(f"{what}_steep", f"max({what}_even, {steep})", "declining balance", "share"),
        Column(f"{what}_published", published, "published share", "share"),
    )


def _left(what: str, words: str, fresh: str) -> tuple[Column, ...]:
    """What the schedule and the books still hold after the month."""
    left = f"{what}_left_before"
    left_after = (
        f'{left} - (0 if not {what}_year_ends or depreciation == "none" else '
        f'min({left}, {what}_even if depreciation == "straight_line" else '
        f"{what}_published if published_table else {what}_steep))"
    )
    before = _either(fresh, "1", f"prev({what}_book)")
    book = f"1 if {what}_years == 0 else (1 - bonus_rate) * {what}_left"
    in_books = f"cost of {words} still in the books, before"
    return (
        Column(f"{what}_left", left_after, "and after the month", "share", "1"),
        Column(f"{what}_book_before", before, in_books, "share"),
        Column(f"{what}_book", book, "and after the month", "share", "1"),
    )


def _books(what: str, words: str, fresh: str = "") -> tuple[Column, ...]:
    shares = (*_shares(what, words, fresh), *_left(what, words, fresh))
    return (*_years(what, words, fresh), *_lengths(what), *shares)


BOOKS = (
    Column(
        "gpus_cost_usd",
        "refresh_usd if prev(refreshed) else lease_buyout_usd if prev(lease_bought) "
        "else prev(gpus_cost_usd)",
        "cost in the tax books of GPUs and spares",
        start="0 if leased else (hardware_gpus_usd + hardware_spares_usd) * (1 + sales_tax_rate)",
    ),
    *_books("gpus", "the GPUs", "prev(replaced)"),
    *_books("others", "everything else"),
    Column(
        "book_usd",
        "(refresh_usd if refreshed else lease_buyout_usd if lease_bought else "
        "gpus_cost_usd * gpus_book) + others_cost_usd * others_book",
        "not written off at the end of the month",
    ),
)

# The items are the model's: its table says which there are, in which order, and what they mean.


def _listed(side: str, leaving: bool) -> list[Item]:
    """The items of a side in the order of their columns; what is due on leaving has others."""
    return [
        item for item in items_of(side) if (EXIT in item.when if leaving else item.when != EXIT)
    ]


def _place(item: Item, leaving: bool) -> str:
    name = f"{item.side}_exit_{item.name}" if leaving else f"{item.side}_{item.name}"
    return name.replace("exit_exit", "exit")


def _sum(side: str, when: str, wanted: Callable[[Item], object]) -> str:
    """The sum of some items of a side that are paid then, of adjacent columns at once."""
    runs: list[list[str]] = [[]]
    for item in _listed(side, when == EXIT):
        if when in item.when and wanted(item):
            runs[-1].append(_place(item, when == EXIT))
        elif runs[-1]:
            runs.append([])
    parts = [f"row_sum({run[0]}, {run[-1]})" if len(run) > 1 else run[0] for run in runs if run]
    return f"({' + '.join(parts)})"


def _deducted(side: str, when: str) -> str:
    return _sum(side, when, lambda item: item.tax == DEDUCTED)


# A monthly amount is that of a full first month, which is a named cell, times how it grows, for as
# long as there is something to pay for.
_GROWTHS = {
    FLAT: "{length}",
    FLAT_AFTER_WARRANTY: "after_warranty",
    OPEX: "opex_growth * {length}",
    OPEX_AFTER_WARRANTY: "opex_growth * after_warranty",
    ELECTRICITY: "electricity_growth * {length}",
    RENTAL: "rental_growth * {length}",
}
_LENGTHS = {OWN: "in_service", RENT: "share_of_month"}
# Every other item has a formula here: of a month (or of leaving), and of the start.
_FORMULAS = {
    "own_gpus": ("", "0 if leased else hardware_gpus_usd"),
    "own_spares": ("", "0 if leased else hardware_spares_usd"),
    "own_servers": ("", "0 if leased else hardware_servers_usd"),
    "own_network": ("", "0 if leased else hardware_network_usd"),
    "own_install": ("", "gpus * install_usd_per_gpu"),
    "own_sales_tax": ("", f"{_sum(OWN, START, lambda item: item.hardware)} * sales_tax_rate"),
    "own_loan_proceeds": ("", "-loan_usd"),
    "own_rent_until_delivery": (
        "0 if delivered else (used_gpu_hours * rate_usd_per_gpu_hour * (1 + support_rate) "
        "* market_growth + storage_egress_usd_per_month * opex_growth) * share_of_month",
        "",
    ),
    "own_lease": ("lease_payments * lease_usd_per_month", "lease_payments * lease_usd_per_month"),
    "own_lease_buyout": ("lease_buyout_usd if lease_bought else 0", ""),
    "own_lease_return": ("lease_return_usd if lease_renewed else 0", ""),
    "own_loan_payment": ("loan_usd * loan_payment_per_usd if loan_due else 0", ""),
    "own_refresh": ("refresh_usd if refreshed else 0", ""),
    "own_refresh_resale": ("-gpus_market_usd if refreshed else 0", ""),
    "own_refresh_tax": (
        "tax_rate * (gpus_market_usd - gpus_cost_usd * gpus_book) if refreshed else 0",
        "",
    ),
    "own_tax_deduction": (
        f"-tax_rate * {_deducted(OWN, MONTH)}",
        f"-tax_rate * {_deducted(OWN, START)}",
    ),
    "own_loan_interest_shield": ("-tax_rate * loan_usd * loan_interest", ""),
    "own_depreciation_shield": (
        "-tax_rate * (gpus_cost_usd * (gpus_book_before - gpus_book) "
        "+ others_cost_usd * (others_book_before - others_book))",
        "",
    ),
    "own_exit_resale": (
        "-((next_gpus_usd * kept_after_selling if refreshed else gpus_market_usd) "
        "+ hardware_servers_usd * kept * kept_after_selling) if owned else 0",
        "",
    ),
    "own_exit_disposal_tax": ("tax_rate * (-own_exit_resale - book_usd)", ""),
    "own_exit_loan_settlement": ("loan_usd * loan_owed", ""),
    "own_exit_lease_return": ("0 if lease_renewed or owned else lease_return_usd", ""),
    "own_exit_unused_lease": (
        "((lease_months if lease_buys and t_months > lease_months else "
        "ceil(t_months / lease_months) * lease_months) - lease_paid) * lease_usd_per_month",
        "",
    ),
    "own_exit_deduction": (
        f"-tax_rate * ({_deducted(OWN, EXIT)} + loan_usd * (loan_owed - loan_balance))",
        "",
    ),
    "rent_upfront": ("", "gpus * upfront_usd_per_gpu"),
    "rent_support": ("rent_compute * support_rate", ""),
    "rent_tax_deduction": (
        f"-tax_rate * {_deducted(RENT, MONTH)}",
        f"-tax_rate * {_deducted(RENT, START)}",
    ),
    "rent_exit_unused_commitment": (
        "unused_months * rental_growth * compute_usd_per_month * (1 + support_rate)",
        "",
    ),
    "rent_exit_deduction": (f"-tax_rate * {_deducted(RENT, EXIT)}", ""),
}


def item_columns(side: str, leaving: bool, named: Container[str]) -> tuple[Column, ...]:
    """The columns of a side's items; ValueError for one that has neither formula nor amount."""
    columns = []
    for item in _listed(side, leaving):
        name = _place(item, leaving)
        if name in _FORMULAS:
            formula, start = _FORMULAS[name]
        elif f"{item.name}_usd_per_month" in named and item.growth in _GROWTHS and not leaving:
            grown = _GROWTHS[item.growth].format(length=_LENGTHS[side])
            formula, start = f"{item.name}_usd_per_month * {grown}", ""
        else:
            raise ValueError(
                f"{side} {item.name} has no formula in the workbook: give {name} one in "
                f"_FORMULAS, or a monthly amount a named cell {item.name}_usd_per_month"
            )
        if leaving:
            formula = f"({formula}) if active else 0"
        columns.append(Column(name, formula, item.meaning, start=start, item=item.name))
    return tuple(columns)


_NAMED = {named.name for named in DERIVED}
OWN_COLUMNS, RENT_COLUMNS = (item_columns(side, False, _NAMED) for side in SIDES)
OWN_EXITS, RENT_EXITS = (item_columns(side, True, _NAMED) for side in SIDES)
EXITS = (*OWN_EXITS, *RENT_EXITS)
_LUMPS = " or ".join(f"{_place(item, False)} != 0" for item in _listed(OWN, False) if item.lump)


def _all_of(*columns: Column) -> str:
    return f"{columns[0].name}, {columns[-1].name}"


_OWN, _RENT = f"row_sum({_all_of(*OWN_COLUMNS)})", f"row_sum({_all_of(*RENT_COLUMNS)})"
_SIZE = f"row_size({_all_of(*OWN_COLUMNS)}) + row_size({_all_of(*RENT_COLUMNS)})"
SUMS = (
    Column("own_paid_usd", _OWN, "all that owning pays", start=_OWN),
    Column("rent_paid_usd", _RENT, "all that renting pays", start=_RENT),
    Column("paid_size_usd", _SIZE, "both sides' items, each without its sign", start=_SIZE),
    Column(
        "own_due_usd",
        f"row_sum({_all_of(*OWN_EXITS)})",
        "what owning pays if one stops here",
    ),
    Column(
        "rent_due_usd",
        f"row_sum({_all_of(*RENT_EXITS)})",
        "what renting pays if one stops here",
    ),
    Column(
        "due_size_usd",
        f"row_size({_all_of(*EXITS)})",
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
