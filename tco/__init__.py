"""Rent GPUs or buy them? Total cost of ownership against rental, answered with sources.

>>> import tco
>>> answer = tco.breakeven(gpu="L4", utilization=0.6)
>>> answer.verdict in ("buy", "rent", "toss_up")
True
"""

from typing import TYPE_CHECKING, Any

from tco import catalog
from tco.analysis.flips import flips
from tco.analysis.history import history, trends
from tco.analysis.measures import Measures, measures
from tco.analysis.offers import offer_quantiles, offers
from tco.analysis.options import options, screening
from tco.analysis.sensitivity import response, responses, stress, tornado
from tco.analysis.simulation import simulate
from tco.analysis.winmap import win_map
from tco.errors import DataError, InputError, TcoError
from tco.market.store import PriceStore
from tco.model.breakeven import Breakeven, breakeven
from tco.model.ledger import Rack, curves, from_bill, ledger, rack
from tco.report.currency import in_currency
from tco.scenario import Scenario
from tco.version import __version__

if TYPE_CHECKING:
    from tco.analysis.sweep import answer_frame, sweep

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
    "answer_frame",
    "breakeven",
    "catalog",
    "curves",
    "flips",
    "from_bill",
    "history",
    "in_currency",
    "ledger",
    "measures",
    "offer_quantiles",
    "offers",
    "options",
    "rack",
    "response",
    "responses",
    "screening",
    "simulate",
    "stress",
    "sweep",
    "tornado",
    "trends",
    "win_map",
]


def __getattr__(name: str) -> Any:
    """Sweeps are loaded when one is asked for: that takes a third as long as all the rest."""
    if name not in ("answer_frame", "sweep"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tco.analysis import sweep

    return getattr(sweep, name)
