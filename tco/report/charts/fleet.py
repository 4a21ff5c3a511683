"""Charts of a fleet: the load-duration curve with the owned base, and the buying calendar."""

from __future__ import annotations

from typing import Any

import numpy as np

from tco.analysis.fleet_plan import Fleet
from tco.report.charts.canvas import PER_CENT, Canvas, Chart, Look
from tco.report.drawing import faint
from tco.report.fleet_tables import duration
from tco.words.figures import fixed_percent, months_text
from tco.words.fleet import calendar_sentence, gpus_text

_MARGINS = (48, 24, 30, 44)
_ROOM = 1.08
_CAPTION = (
    "All hours of the demand, the busiest first. Blue: served by GPUs that are owned; orange: "
    "rented while they are needed."
)
_GROWN = " Demand and owned base are those of the last year."


def load_duration(found: Fleet, theme: str = "light") -> Chart:
    """How many GPUs are needed for how many hours, and what of it the owned ones serve.

    >>> from tco.analysis.fleet import fleet
    >>> plan = fleet(gpu="L4", demand=[10, 4, 4, 2], rate_usd_per_gpu_hour=0.8)
    >>> load_duration(plan).title
    'The owned 4 GPUs serve 70 % of the GPU-hours.'
    """
    canvas = Canvas(theme, _MARGINS)
    colors, owned = canvas.colors, found.owned
    curve = duration(found)
    shares, gpus = curve["share"].to_numpy(), curve["gpus"].to_numpy()
    x = shares * PER_CENT
    # Each area begins with its lower edge.
    base = np.minimum(gpus, owned)
    canvas.edge(x, np.zeros(len(x)))
    canvas.edge(x, base, fill="tonexty", fillcolor=faint(canvas.colors.buy, 0.3))
    canvas.edge(x, gpus, fill="tonexty", fillcolor=faint(canvas.colors.rent, 0.3))
    canvas.line(x, gpus, "demand", colors.ink, "%{y:.4~g} GPUs at %{x:.3~g} % of hours", width=2)
    top = max(float(gpus.max()), float(owned), 1.0) * _ROOM
    if owned:
        ends = {"line_color": canvas.colors.buy, "line_width": 2, "line_dash": "dash"}
        canvas.shapes.append(
            {"type": "line", "x0": 0, "x1": PER_CENT, "y0": owned, "y1": owned, **ends}
        )
        said = f"<b>OWN</b> {gpus_text(owned)}"
        canvas.note(PER_CENT, owned, said, "right bottom", colors.buy_text, xshift=-4)
    if found.needed > owned:
        above = "<b>RENT</b> above it" if owned else "<b>RENT</b> all of it"
        canvas.corner(1, 1, above, "right bottom", colors.rent_text, yshift=4)
    canvas.y_title("GPUs needed")
    axis: Look = {"title": "share of hours, % (busiest first)", "range": [0, PER_CENT]}
    drawing = canvas.drawing(axis, {"range": [0, top]})
    served = _area(shares, base) / max(_area(shares, gpus), 1e-12)
    title = _title(owned, served)
    caption = _CAPTION + (_GROWN if found.growth_per_year else "")
    peak = gpus_text(round(float(gpus.max()), 2))
    alt = f"{title} Load-duration curve: {peak} at the peak, {_mean(shares, gpus)} on average."
    return Chart(drawing, title, alt, caption)


def _area(shares: Any, gpus: Any) -> float:
    return float(np.trapezoid(gpus, shares))


def _mean(shares: Any, gpus: Any) -> str:
    return gpus_text(round(_area(shares, gpus), 2))


def _title(owned: int, served: float) -> str:
    if not owned:
        return "No GPU is worth owning: all hours are rented."
    if served > 1 - 1e-9:
        return f"The owned {gpus_text(owned)} serve{_s(owned)} all GPU-hours."
    share = fixed_percent(served)
    return f"The owned {gpus_text(owned)} serve{_s(owned)} {share} of the GPU-hours."


def _s(owned: int) -> str:
    return "s" if owned == 1 else ""


def buying_calendar(found: Fleet, theme: str = "light") -> Chart:
    """GPUs owned in each month of the plan, with every purchase named.

    >>> from tco.analysis.fleet import fleet
    >>> plan = fleet(gpu="L4", demand=[10, 4, 4, 2], rate_usd_per_gpu_hour=0.8)
    >>> buying_calendar(plan).title
    'Buy 4 GPUs now.'
    """
    canvas = Canvas(theme, _MARGINS)
    colors, horizon = canvas.colors, float(found.scenario.values()["horizon_months"])
    rows = found.calendar
    months, counts = rows["month"].to_numpy(dtype=float), rows["owned"].to_numpy(dtype=float)
    x = np.append(np.repeat(months, 2), horizon)
    y = np.append(0.0, np.repeat(counts, 2))
    if months.size and months[0] > 0:
        x, y = np.append(0.0, x), np.append(0.0, y)
    if not months.size:
        x, y = np.array([0.0, horizon]), np.zeros(2)
    canvas.edge(x, np.zeros(len(x)))
    canvas.edge(x, y, fill="tonexty", fillcolor=faint(canvas.colors.buy, 0.3))
    canvas.line(x, y, "owned", canvas.colors.buy, "%{y:.4~g} GPUs from month %{x:.3~g}")
    for month, gpus, owned in rows.itertuples(index=False):
        said = f"<b>+{gpus:,}</b>"
        canvas.note(month, owned, said, "left bottom", colors.buy_text, xshift=4, yshift=2)
    top = max(float(found.needed), float(counts.max()) if counts.size else 0.0, 1.0)
    canvas.shapes.append(
        {
            "type": "line",
            "x0": 0,
            "x1": horizon,
            "y0": found.needed,
            "y1": found.needed,
            "line_color": colors.quiet,
            "line_width": 1,
            "line_dash": "dot",
        }
    )
    peak = f"{gpus_text(found.needed)} at the largest peak"
    canvas.note(horizon, found.needed, peak, "right top", colors.quiet, xshift=-4)
    canvas.y_title("GPUs owned")
    axis: Look = {"title": "months", "range": [0, horizon], "dtick": _tick(horizon)}
    drawing = canvas.drawing(axis, {"range": [0, top * _ROOM]})
    purchases = list(zip(rows["month"].tolist(), rows["gpus"].tolist(), strict=True))
    title = calendar_sentence(purchases)
    alt = f"{title} Over {months_text(horizon)}; {peak}."
    return Chart(drawing, title, alt, "Each GPU is bought in the month in which that saves most.")


def _tick(horizon: float) -> int:
    """Months between two ticks: whole quarters or years."""
    return next((step for step in (1, 3, 6, 12, 24) if horizon / step <= 8), 36)
