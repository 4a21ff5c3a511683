"""The tables behind the charts of the Decide page, as files and as readers have them."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from tco.report.waterfall import FULL, SideCost

if TYPE_CHECKING:
    import pandas as pd

STEPS = ("side", "step", "usd_per_busy_gpu_hour", "total_usd_per_busy_gpu_hour")
_SIDES = {"own": "owning", "rent": "renting"}
_HOUR = "USD per busy GPU-hour"
# The columns of `tco.curves()` in words.
_CURVES = {
    "t_months": "month",
    "own_usd": "owning so far, USD",
    "rent_usd": "renting so far, USD",
    "own_exit_usd": "owning if sold then, USD",
    "rent_exit_usd": "renting if ended then, USD",
}


def steps_frame(*costs: SideCost) -> pd.DataFrame:
    """The steps of waterfalls, each with the total so far [USD per busy GPU-hour].

    >>> from tco.report.waterfall import renting
    >>> from tco.scenario import Scenario
    >>> found = steps_frame(renting(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.6)))
    >>> found["step"].iloc[0], found["step"].iloc[-1], float(found.iloc[0, 2])
    ('rental rate', 'full cost', 0.6)
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for cost in costs:
        totals = accumulate(usd for _, usd in cost.steps)
        rows += [
            (_SIDES[cost.side], name, usd, total)
            for (name, usd), total in zip(cost.steps, totals, strict=True)
        ]
        rows.append((_SIDES[cost.side], FULL, cost.usd_per_gpu_hour, cost.usd_per_gpu_hour))
    return pd.DataFrame(rows, columns=STEPS)


def steps_in_words(cost: SideCost) -> pd.DataFrame:
    """The steps of one waterfall as a page shows them."""
    frame = steps_frame(cost)[list(STEPS[1:])]
    return frame.set_axis(["step", _HOUR, "total so far"], axis="columns")


def rates_in_words(curve: pd.DataFrame) -> pd.DataFrame:
    """`rate_curve` as a page shows it; utilization in per cent.

    >>> import pandas as pd
    >>> curve = {"utilization": [0.5], "breakeven_rate_usd_per_gpu_hour": [0.52]}
    >>> rates_in_words(pd.DataFrame(curve)).to_dict("records")
    [{'utilization, %': 50.0, 'break-even rate, USD per GPU-hour': 0.52}]
    """
    import pandas as pd

    rates = curve["breakeven_rate_usd_per_gpu_hour"]
    return pd.DataFrame(
        {
            "utilization, %": curve["utilization"] * 100,
            "break-even rate, USD per GPU-hour": rates.where(rates.abs() < float("inf")),
        }
    )


def curves_in_words(curves: pd.DataFrame) -> pd.DataFrame:
    """`tco.curves()` as a page shows it: present values so far, by month.

    >>> import tco
    >>> curves_in_words(tco.curves(gpu="L4")).columns[0]
    'month'
    """
    return curves[list(_CURVES)].rename(columns=_CURVES)
