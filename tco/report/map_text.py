"""Who wins over two inputs, as a map of letters for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.inputs import INPUTS
from tco.report.risk_tables import input_label
from tco.scenario import Scenario
from tco.words.figures import inside

if TYPE_CHECKING:
    import pandas as pd

# What stands for a verdict, for inputs that cannot be combined, and for the scenario itself.
_LETTERS = {"buy": "B", "rent": "R", "toss_up": "="}
_NONE, _HERE = " ", "◆"
_LEGEND = "B: buying wins, R: renting wins, =: within 5 %, ◆: about where you are"


def map_text(scenario: Scenario, frame: pd.DataFrame, width: int = 100) -> str:
    """The frame of `tco.win_map()` as a map, the first input to the right and the second upwards.

    >>> from tco.analysis.sensitivity import win_map
    >>> asked = Scenario(gpu="L4", as_of="2026-11-21")
    >>> map_text(asked, win_map(asked, points=4)).splitlines()[0]
    'Rental rate (upwards) and utilization (to the right)'
    """
    x, y = map(str, frame.columns[:2])
    along, up = (list(dict.fromkeys(frame[name])) for name in (x, y))
    verdicts = dict(
        zip(zip(frame[x], frame[y], strict=True), frame["verdict"].astype(str), strict=True)
    )
    values = scenario.values()
    here = tuple(
        min(grid, key=lambda at, name=name: abs(at - values[name]))  # type: ignore[misc]
        for name, grid in ((x, along), (y, up))
    )
    heads = [INPUTS[y].written(at) for at in up]
    margin = max(map(len, heads))
    step = max(1, min(3, (width - margin - 3) // len(along)))
    lines = []
    for at, head in reversed(list(zip(up, heads, strict=True))):
        letters = (
            _HERE if (to, at) == here else _LETTERS.get(verdicts[to, at], _NONE) for to in along
        )
        lines.append(f"{head:>{margin}} | {''.join(f'{letter:<{step}}' for letter in letters)}")
    first, last = (INPUTS[x].written(along[end]) for end in (0, -1))
    span = step * len(along)
    axis = f"{first}{last:>{max(span - len(first), len(last) + 1)}}"
    title = f"{input_label(y)} (upwards) and {inside(input_label(x))} (to the right)"
    rule = f"{'':>{margin}} +{'-' * (span + 1)}"
    return "\n".join(
        [
            title,
            "",
            *(line.rstrip() for line in lines),
            rule,
            f"{'':>{margin}}   {axis}",
            "",
            _LEGEND,
        ]
    )
