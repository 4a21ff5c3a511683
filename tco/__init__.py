"""Rent GPUs or buy them? Total cost of ownership against rental, answered with sources.

>>> import tco
>>> answer = tco.breakeven(gpu="L4", utilization=0.6)
>>> answer.verdict in ("buy", "rent", "toss_up")
True
"""

from tco import catalog
from tco.analysis.history import history, trends
from tco.analysis.measures import Measures, measures
from tco.analysis.offers import offer_quantiles, offers
from tco.answer import Breakeven, breakeven
from tco.errors import DataError, InputError, TcoError
from tco.questions import Rack, curves, from_bill, ledger, rack
from tco.report.currency import in_currency
from tco.scenario import Scenario
from tco.store import PriceStore
from tco.version import __version__

__all__ = [
    "Breakeven",
    "DataError",
    "InputError",
    "Measures",
    "PriceStore",
    "Rack",
    "Scenario",
    "TcoError",
    "__version__",
    "breakeven",
    "catalog",
    "curves",
    "from_bill",
    "history",
    "in_currency",
    "ledger",
    "measures",
    "offer_quantiles",
    "offers",
    "rack",
    "trends",
]
