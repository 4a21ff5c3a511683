"""A price store: dated observations on the user's machine or a team's server, never overwritten."""

from tco.store.price_store import PriceStore
from tco.store.rows import EXPORT_COLUMNS, Added, AsideCount, Import

__all__ = ["EXPORT_COLUMNS", "Added", "AsideCount", "Import", "PriceStore"]
