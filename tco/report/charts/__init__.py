"""Results as Plotly figures: the finding in words, units on the axes, labels on the lines.

Blue is buying, orange is renting, and the words stand beside the colours; providers and sources are
ink and grey, told apart by dash and marker. Plotly is imported here and nowhere else.
"""

from tco.report.charts.decision import breakeven_rate, cumulative, waterfall
from tco.report.charts.drawing import BUY, RENT, RENT_TEXT, Chart
from tco.report.charts.history import Expected, price_history
from tco.report.charts.odds import cumulative_band, drivers_ranked, futures_dots
from tco.report.charts.offers import offers_strip
from tco.report.charts.options import cost_stacks, gpus_compared
from tco.report.charts.risk import tornado, win_map
from tco.report.charts.screening import screening_curves
from tco.report.charts.themes import themed

__all__ = [
    "BUY",
    "RENT",
    "RENT_TEXT",
    "Chart",
    "Expected",
    "breakeven_rate",
    "cost_stacks",
    "cumulative",
    "cumulative_band",
    "drivers_ranked",
    "futures_dots",
    "gpus_compared",
    "offers_strip",
    "price_history",
    "screening_curves",
    "themed",
    "tornado",
    "waterfall",
    "win_map",
]
