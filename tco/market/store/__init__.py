"""A price store: dated observations on the user's machine or a team's server, never overwritten."""

from tco.market.store.price_store import PriceStore
from tco.market.store.rows import EXPORT_COLUMNS, Added, AsideCount, Import

__all__ = ["EXPORT_COLUMNS", "Added", "AsideCount", "Import", "PriceStore"]
