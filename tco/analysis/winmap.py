"""Who wins over the ranges of two inputs, and the line between the two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Unpack

from tco.analysis.savings import case_of, checked_points, drawn_range, numeric_input, spread
from tco.errors import InputError, Problem
from tco.inputs import Inputs
from tco.inputs.text import takes_inputs
from tco.model.breakeven import labeled, solve_table
from tco.model.results import VERDICTS, feasible
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

_POINTS = 41
# The corners of a cell in order, as steps along both axes.
_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


@takes_inputs
def win_map(
    scenario: Scenario | None = None,
    /,
    *,
    x: str = "utilization",
    y: str = "rate_usd_per_gpu_hour",
    points: int = _POINTS,
    **inputs: Unpack[InputValues],
) -> pd.DataFrame:
    """What buying saves, and the verdict, over the ranges of two numeric inputs.

    Columns: both inputs by their names, npv_saving_usd [USD] and verdict (buy, toss_up, rent); a
    row for each pair of values, the second input varying fastest. The ranges are low to high (P10
    to P90) widened to hold the value, else half to twice the value; of an integer the whole numbers
    in it. NaN where the inputs do not go together. InputError for a table, the same input twice, an
    input that is no number, fewer than 2 and more than 1,001 points.

    >>> found = win_map(gpu="L4", points=3)
    >>> list(found.columns), len(found)
    (['utilization', 'rate_usd_per_gpu_hour', 'npv_saving_usd', 'verdict'], 9)
    """
    import numpy as np
    import pandas as pd

    x, y = (numeric_input(name).name for name in (x, y))
    if x == y:
        raise InputError([Problem(x, f"x = y = {x!r}: a map needs two different inputs")])
    count = checked_points(points)
    case = case_of(scenario_of(scenario, inputs), "win_map()")
    along, up = (spread(numeric_input(n), *drawn_range(case, n), count) for n in (x, y))
    columns = {x: np.repeat(along, len(up)), y: np.tile(up, len(along))}
    values = {**case.values, **columns}
    solved = solve_table(values, (len(along) * len(up),))
    usable = feasible(Inputs.of(values))
    saving = np.where(usable, solved["npv_saving_usd"], np.nan)
    verdict = labeled(np.where(usable, solved["verdict"], -1), VERDICTS)
    return pd.DataFrame({**columns, "npv_saving_usd": saving, "verdict": verdict})


def zero_contour(frame: Any) -> list[Any]:
    """The lines along which both sides cost the same, from a frame of `win_map()`.

    Each is an array of points (x, y), in the units of the inputs. Between neighboring points of
    the map the saving is taken as linear, which it is in rates, prices and utilization.

    >>> (line,) = zero_contour(win_map(gpu="L4", points=5))
    >>> bool(line.shape[0] >= 2), line.shape[1]
    (True, 2)
    """
    import numpy as np

    along, up = (np.unique(frame.iloc[:, at]) for at in (0, 1))
    height = frame["npv_saving_usd"].to_numpy().reshape(len(along), len(up))
    links: dict[Any, list[Any]] = {}
    for one, other in _segments(height):
        links.setdefault(one, []).append(other)
        links.setdefault(other, []).append(one)
    places = {edge: _place(along, up, height, edge) for edge in links}
    return [np.array([places[edge] for edge in line]) for line in _lines(links)]


def _segments(height: Any) -> Iterator[tuple[Any, Any]]:
    """The edges of the cells that the line passes, two at a time (marching squares)."""
    import numpy as np

    buys = height > 0
    rows, columns = height.shape[0] - 1, height.shape[1] - 1
    cells = [(slice(i, rows + i), slice(j, columns + j)) for i, j in _CORNERS]
    wins = np.array([buys[cell] for cell in cells])
    known = np.isfinite(sum(height[cell] for cell in cells))
    mixed = wins.any(axis=0) & ~wins.all(axis=0) & known
    for i, j in np.argwhere(mixed).tolist():
        corners = [(i + a, j + b) for a, b in _CORNERS]
        sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
        passed = [tuple(sorted(side)) for side in sides if buys[side[0]] != buys[side[1]]]
        middle_buys = sum(height[corner] for corner in corners) > 0
        if len(passed) == len(_CORNERS) and middle_buys != buys[corners[0]]:
            passed = [*passed[1:], passed[0]]
        yield from zip(passed[::2], passed[1::2], strict=True)


def _place(along: Any, up: Any, height: Any, edge: Any) -> tuple[float, float]:
    """Where the saving is 0 on the edge between two points."""
    (i, j), (k, m) = edge
    share = height[i, j] / (height[i, j] - height[k, m])
    return along[i] + share * (along[k] - along[i]), up[j] + share * (up[m] - up[j])


def _lines(links: dict[Any, list[Any]]) -> Iterator[list[Any]]:
    """The edges in the order in which a line passes them; the open lines first, then the rings."""
    starts = sorted(links, key=lambda edge: len(links[edge]))
    seen: set[Any] = set()
    for start in starts:
        if start in seen:
            continue
        line, at = [], start
        while at is not None:
            seen.add(at)
            line.append(at)
            at = next((edge for edge in links[at] if edge not in seen), None)
        if len(links[start]) > 1:
            line.append(start)
        yield line
