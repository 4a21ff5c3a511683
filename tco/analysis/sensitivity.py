"""How the answer moves with its inputs: the curve of each, and which of them matter most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tco.analysis.savings import (
    case_of,
    checked_points,
    drawn_range,
    numeric_input,
    savings,
    spread,
)
from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.inputs.calling import takes_inputs
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

TORNADO_COLUMNS = (
    "input",
    "unit",
    "value",
    "low",
    "high",
    "saving_low_usd",
    "saving_now_usd",
    "saving_high_usd",
    "swing_usd",
)
RESPONSE_COLUMNS = ("input", "value", "npv_saving_usd", "npv_saving_usd_per_gpu")
# The saving grows with the number of GPUs: a question of size, not of what is uncertain.
_SIZE = "gpus"
# The points of a curve: two and a half per cent of the range apart, and both ends.
_POINTS = 61


@takes_inputs
def response(
    scenario: Scenario | None,
    /,
    name: str,
    points: int = _POINTS,
    *,
    low: float | None = None,
    high: float | None = None,
    **inputs: Any,
) -> pd.DataFrame:
    """What buying saves over the range of one input, every other value held.

    Columns: the input by its name, npv_saving_usd [USD] and npv_saving_usd_per_gpu [USD per GPU].
    The range is low to high (P10 to P90) widened to hold the value, or the one given; of an integer
    the whole numbers in it. NaN where the inputs do not go together, as where a rack would be paid
    for that holds no server. InputError for a table, an input that is no number, and fewer than 2
    or more than 1,001 points.

    >>> from tco import Scenario
    >>> curve = response(Scenario(gpu="L4"), "utilization", points=3)
    >>> curve["utilization"].tolist(), bool(curve["npv_saving_usd"].is_monotonic_increasing)
    ([0.2, 0.55, 0.9], True)
    """
    asked = scenario_of(scenario, inputs)
    wanted = None if low is None and high is None else (low, high)
    frame = responses(asked, {name: wanted}, points)
    return frame.drop(columns="input").rename(columns={"value": name})


def responses(
    scenario: Scenario,
    inputs: Iterable[str] | Mapping[str, tuple[float, float] | None],
    points: int = _POINTS,
) -> pd.DataFrame:
    """The curves of several inputs, from one kernel call.

    `inputs` are names, or names with the low and high to draw (None: as in `response`). Columns:
    input, value, npv_saving_usd [USD] and npv_saving_usd_per_gpu [USD per GPU].

    >>> curves = responses(Scenario(gpu="L4"), ["utilization", "pue"], points=61)
    >>> curves.groupby("input").size().to_dict()
    {'pue': 61, 'utilization': 61}
    """
    import numpy as np
    import pandas as pd

    count = checked_points(points)
    case = case_of(scenario, "response()")
    ends = inputs if isinstance(inputs, Mapping) else dict.fromkeys(inputs)
    grids = {
        name: spread(numeric_input(name), *drawn_range(case, name, wanted), count)
        for name, wanted in ends.items()
    }
    solved = savings(case.values, grids)
    gpus = {name: grid if name == _SIZE else case.values[_SIZE] for name, grid in grids.items()}
    columns = (
        np.repeat(list(grids), [len(grid) for grid in grids.values()]),
        _joined(grids[name] for name in grids),
        _joined(solved[name].usd for name in grids),
        _joined(solved[name].usd / gpus[name] for name in grids),
    )
    return pd.DataFrame(dict(zip(RESPONSE_COLUMNS, columns, strict=True)))


def _joined(parts: Iterable[Any]) -> Any:
    import numpy as np

    return np.concatenate([np.empty(0), *parts])


@takes_inputs
def tornado(scenario: Scenario | None = None, /, *, count: int = 12, **inputs: Any) -> pd.DataFrame:
    """The inputs that move the answer most, the largest swing first.

    Columns: input, unit, value, low and high (P10 and P90, widened to hold the value),
    saving_low_usd, saving_now_usd and saving_high_usd (what buying saves at each of them, every
    other value held) and swing_usd, the distance between the ends [USD]. Left out are `gpus`, which
    scales the saving, inputs without a range, and ends that do not go with the rest (a rack that
    holds no server, a refresh without a price). InputError for a table, an unknown price or rate,
    and a count that is no whole number above 0.

    >>> from tco import Scenario
    >>> rows = tornado(Scenario(gpu="L4"), count=3)
    >>> len(rows), bool(rows["swing_usd"].is_monotonic_decreasing)
    (3, True)
    """
    import numpy as np
    import pandas as pd

    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        message = f"count = {count!r} is not a whole number above 0: the inputs that are listed"
        raise InputError([Problem("count", message)])
    case = case_of(scenario_of(scenario, inputs), "tornado()")
    ranged = {name: ends for name, ends in case.ranges.items() if ends and name != _SIZE}
    solved = savings(case.values, ranged)
    rows = []
    for name, ends in ranged.items():
        low, high = solved[name].usd.tolist()
        at = (low, case.saving_usd, high, abs(high - low))
        rows.append((name, INPUTS[name].unit, case.values[name], *ends, *at))
    frame = pd.DataFrame(rows, columns=TORNADO_COLUMNS)
    ordered: pd.DataFrame = frame[np.isfinite(frame["swing_usd"])].sort_values(
        "swing_usd", ascending=False, kind="stable", ignore_index=True
    )
    return ordered.head(count)
