"""Results as Plotly figures: the finding in words, units on the axes, labels on the lines.

Blue is buying, orange is renting, and the words stand beside the colors; providers and sources are
ink and gray, told apart by dash and marker. A chart is drawn for a theme, `light` or `dark`. Plotly
is imported here and nowhere else.
"""

from tco.report.charts.canvas import Chart
from tco.report.charts.costs import breakeven_rate, bridge, cumulative, waterfall
from tco.report.charts.crossing import crossing
from tco.report.charts.fleet import buying_calendar, load_duration
from tco.report.charts.rates import Expected, offers_strip, price_history
from tco.report.charts.resale import Decline, resale_by_age
from tco.report.charts.screening import cost_stacks, gpus_compared, screening_curves
from tco.report.charts.swings import check_first, futures_dots, tornado, win_map
from tco.report.charts.work import Point, cost_by_concurrency, speed_by_concurrency

__all__ = [
    "Chart",
    "Decline",
    "Expected",
    "Point",
    "breakeven_rate",
    "bridge",
    "buying_calendar",
    "check_first",
    "cost_by_concurrency",
    "cost_stacks",
    "crossing",
    "cumulative",
    "futures_dots",
    "gpus_compared",
    "load_duration",
    "offers_strip",
    "price_history",
    "resale_by_age",
    "screening_curves",
    "speed_by_concurrency",
    "tornado",
    "waterfall",
    "win_map",
]
