"""The columns of the sheet Months that follow the tax books.

GPUs and spares are one purchase, which a refresh or the buy-out of a lease replaces; everything
else that is bought at the start is another.
"""

from __future__ import annotations

from tco.report.workbook.columns import Column


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
