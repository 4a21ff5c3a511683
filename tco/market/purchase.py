"""What a GPU costs to buy, from all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from tco.inputs import INPUTS
from tco.market.files import first_day
from tco.market.newest import count, newest_date, newest_of, span
from tco.market.records import Belief, Price, believed

_ORDER = INPUTS["price_basis"].choices


def purchase_price(rows: Iterable[Price], wanted: str, as_of: str) -> Belief:
    """The median of the newest observations from each source, of the wanted basis or the next."""
    known = [row for row in rows if first_day(row.as_of) <= as_of]
    order = (wanted, *(basis for basis in _ORDER if basis != wanted))
    for basis in order:
        chosen = newest_of(
            (row for row in known if row.price_basis == basis), lambda row: row.source_id, as_of
        )
        if chosen:
            values = median(row.usd for row in chosen)
            ids = tuple(row.source_id for row in chosen)
            instead = "" if basis == wanted else f"no {wanted} price found, so {basis}: "
            note = f"{instead}median of {count(chosen, f'{basis} price')}, {span(chosen)}"
            return believed(values, ids, newest_date(chosen), note)
    return Belief(None, "missing", "", "", f"no purchase price on or before {as_of}")
