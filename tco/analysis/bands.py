"""How far apart the cumulative costs of many futures lie, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.analysis.distributions import MEDIAN, NINE_TENTHS, TENTH
from tco.inputs import Inputs
from tco.model.cashflows import entries
from tco.model.lines import EXIT_ITEMS

if TYPE_CHECKING:
    import pandas as pd

# What the end of the horizon brings, which the cumulative curves leave out.
_NAMES = ("p10", "p50", "p90")
BAND_COLUMNS = (
    *("month", "t_months"),
    *(f"{side}_{name}_usd" for side in ("own", "rent", "gap") for name in _NAMES),
)


def bands(values: dict[str, Any], drawn: dict[str, Any], draws: int) -> pd.DataFrame:
    """P10, P50 and P90 of owning, renting and rent less own, cumulative [USD], for each month.

    The months are those of the horizon in `values`, whatever horizon a future has: a longer one
    changes no earlier month.
    """
    import numpy as np
    import pandas as pd

    v = Inputs.of({**values, **drawn, "horizon_months": values["horizon_months"]})
    with np.errstate(all="ignore"):
        times, own = _cumulative(v, "own", draws)
        _, rent = _cumulative(v, "rent", draws)
    columns: list[Any] = [range(len(times)), times]
    for side in (own, rent, rent - own):
        columns += [*np.quantile(side, (TENTH, MEDIAN, NINE_TENTHS), axis=1, method="hazen")]
    return pd.DataFrame(dict(zip(BAND_COLUMNS, columns, strict=True)))


def _cumulative(v: Inputs, side: str, draws: int) -> tuple[list[float], Any]:
    """The times, and at each the present value of all that was paid until then [USD]."""
    import numpy as np

    times, paid = [0.0], [np.zeros(draws)]
    for item, month, t, _, present in entries(v, side):
        if month == len(times):
            times.append(float(t))
            paid.append(np.zeros(draws))
        if item not in EXIT_ITEMS:
            paid[month] += present
    return times, np.cumsum(paid, axis=0)
