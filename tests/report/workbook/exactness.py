"""How exact each result of a scenario can be, by the size of the flows behind it."""

from __future__ import annotations

import math

from tco.inputs import Inputs
from tco.model.cashflows import Totals, points
from tco.model.results import BREAKEVENS, saving_at

TOLERANCE = 1e-9
# The curves that each payback compares, by their places in a Point.
PAYBACKS = {
    "months": (1, 2),
    "first_months": (1, 2),
    "simple_months": (3, 4),
    "exit_months": (5, 6),
}


def tolerance(name: str, value: float, values: Inputs, totals: Totals) -> float:
    """How exact a result can be, by the size of the flows behind it."""
    money = TOLERANCE * totals.gross
    if name in PAYBACKS:
        return crossing_tolerance(name, value, values, totals)
    if name == "hours":
        months = value / (values.hours_per_month * values.utilization or 1)
        return crossing_tolerance("months", months, values, totals) * values.hours_per_month
    if name in BREAKEVENS:
        return money / slope(BREAKEVENS[name], values, totals, value)
    if name.endswith("_usd_per_gpu_hour"):
        hours = values.gpus * values.hours_per_month * values.utilization * totals.weights[0]
        return money / hours
    return money if name.endswith("_usd") else TOLERANCE * max(1, value)


def crossing_tolerance(name: str, months: float, values: Inputs, totals: Totals) -> float:
    own, rent = PAYBACKS[name]
    gaps = [point[own] - point[rent] for point in points(values)]
    month = math.ceil(months)
    fall = abs(gaps[month] - gaps[month - 1]) if month else 0
    return TOLERANCE * (1 + months) + (TOLERANCE * totals.gross / fall if fall else 0)


def slope(name: str, values: Inputs, totals: Totals, root: float) -> float:
    """How much the saving changes with one input at the root: the less of both sides of it."""
    saving = saving_at(values, name, totals)
    apart = 1e-6 * (root or 1)
    rises = (abs((saving(root) - saving(root + by)) / apart) for by in (-apart, apart))
    return min(rise for rise in rises if rise > 0)
