"""How the answer moves: along one input and over two, with those that matter most, if stressed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from tco.analysis.flips import NO_EFFECT
from tco.analysis.savings import (
    asked_of,
    case_of,
    checked_points,
    drawn_range,
    numeric_input,
    savings,
    spread,
    with_columns,
)
from tco.errors import InputError, Problem, shown, together
from tco.inputs import INPUTS, Inputs, current_name
from tco.inputs.text import takes_inputs
from tco.market.data_tables import BASE, Stress, load_stresses
from tco.model.breakeven import breakeven, labeled, one_scenario, solve_table
from tco.model.results import VERDICTS, feasible
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.work import Work
    from tco.inputs.values import InputValues

TORNADO_COLUMNS = (
    *("input", "unit", "value", "low", "high"),
    *("saving_low_usd", "saving_now_usd", "saving_high_usd", "swing_usd"),
)
STRESS_COLUMNS = (
    *("name", "title", "changes", "npv_saving_usd", "change_usd", "months", "verdict", "note"),
    *("source_id", "why"),
)
RESPONSE_COLUMNS = ("input", "value", "npv_saving_usd", "npv_saving_usd_per_gpu")
# The saving grows with the number of GPUs: a question of size, not of what is uncertain.
_SIZE = "gpus"
# The results that say whether a stress is felt.
_FELT = ("own_npv_usd", "rent_npv_usd", "months")
# The points of a curve: two and a half per cent of the range apart, and both ends.
_POINTS = 61
# The points of each axis of a map.
_MAP_POINTS = 41
# The corners of a cell in order, as steps along both axes.
_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


@takes_inputs
def response(
    scenario: Scenario | None,
    /,
    name: str,
    points: int = _POINTS,
    *,
    low: float | None = None,
    high: float | None = None,
    **inputs: Unpack[InputValues],
) -> pd.DataFrame:
    """What buying saves over the range of one input, every other value held.

    Columns: the input by its name, npv_saving_usd [USD] and npv_saving_usd_per_gpu [USD per GPU].
    The range is low to high (P10 to P90) widened to hold the value, or the one given; of an integer
    the whole numbers in it. NaN where the inputs cannot be combined, as where a rack would be paid
    for that holds no server. InputError for a table, an input that is no number, and fewer than 2
    or more than 1,001 points.

    >>> from tco import Scenario
    >>> curve = response(Scenario(gpu="L4"), "utilization", points=3)
    >>> curve["utilization"].tolist(), bool(curve["npv_saving_usd"].is_monotonic_increasing)
    ([0.2, 0.55, 0.9], True)
    """
    asked = scenario_of(scenario, inputs)
    name = current_name(name)
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
    ends = {current_name(name): wanted for name, wanted in ends.items()}
    grids = {
        name: spread(numeric_input(name), *drawn_range(case, name, wanted), count)
        for name, wanted in ends.items()
    }
    solved = savings(case.values, grids)
    gpus = {name: grid if name == _SIZE else case.values[_SIZE] for name, grid in grids.items()}

    def joined(parts: Iterable[Any]) -> Any:
        return np.concatenate([np.empty(0), *parts])

    columns = (
        np.repeat(list(grids), [len(grid) for grid in grids.values()]),
        joined(grids[name] for name in grids),
        joined(solved[name].usd for name in grids),
        joined(solved[name].usd / gpus[name] for name in grids),
    )
    return pd.DataFrame(dict(zip(RESPONSE_COLUMNS, columns, strict=True)))


@takes_inputs
def tornado(
    scenario: Scenario | Work | None = None, /, *, count: int = 12, **inputs: Unpack[InputValues]
) -> pd.DataFrame:
    """The inputs that move the answer most, the largest swing first.

    Columns: input, unit, value, low and high (P10 and P90, widened to hold the value),
    saving_low_usd, saving_now_usd and saving_high_usd (what buying saves at each of them, every
    other value held) and swing_usd, the distance between the ends [USD]. Left out are `gpus`, which
    scales the saving, inputs without a range, and ends that cannot be combined with the rest (a
    rack that holds no server, a refresh without a price). Of a piece of work (`tco.work()`) the
    speed of a replica is among them, `output_tokens_per_s`. InputError for a table, an unknown
    price or rate, and a count that is no whole number above 0.

    >>> from tco import Scenario
    >>> rows = tornado(Scenario(gpu="L4"), count=3)
    >>> len(rows), bool(rows["swing_usd"].is_monotonic_decreasing)
    (3, True)
    """
    import numpy as np
    import pandas as pd

    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        message = (
            f"count = {shown(count)} is not a whole number above 0: the inputs that are listed"
        )
        raise InputError([Problem("count", message)])
    asked, speed = asked_of(scenario, inputs)
    case = case_of(asked, "tornado()")
    ranged = {name: ends for name, ends in case.ranges.items() if ends and name != _SIZE}
    solved = savings(case.values, ranged)
    rows = []
    for name, ends in ranged.items():
        low, high = solved[name].usd.tolist()
        at = (low, case.saving_usd, high, abs(high - low))
        rows.append((name, INPUTS[name].unit, case.values[name], *ends, *at))
    if speed is not None and (likely := speed.mover.ends):
        low, high = speed.savings(likely).usd.tolist()
        at = (low, case.saving_usd, high, abs(high - low))
        rows.append((speed.name, speed.mover.unit, speed.mover.value, *likely, *at))
    frame = pd.DataFrame(rows, columns=TORNADO_COLUMNS)
    ordered: pd.DataFrame = frame[np.isfinite(frame["swing_usd"])].sort_values(
        "swing_usd", ascending=False, kind="stable", ignore_index=True
    )
    return ordered.head(count)


@takes_inputs
def stress(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> pd.DataFrame:
    """The answer as it is, and under each named stress of data/stresses.toml on its own.

    Columns: name, title, changes (the inputs with their values, and what they were),
    npv_saving_usd, change_usd (against the first row, `base`) [USD], months (`inf`: no payback)
    [months], verdict, note (a value that was kept inside its domain or rounded, that the answer
    does not feel the stress, or why there is no answer: NaN and an empty verdict), source_id and
    why. InputError for a table, and where a price or rate is not known.

    >>> found = stress(gpu="L4", utilization=0.6).set_index("name")
    >>> found.loc["half_busy", "changes"]
    'utilization = 0.3 (was 0.6)'
    >>> bool((found.loc[["rents_fall", "no_resale"], "change_usd"] < 0).all())
    True
    """
    import pandas as pd

    asked = scenario_of(scenario, inputs)
    if asked.is_table:
        raise one_scenario("stress()")
    base, was = breakeven(asked), asked.values()
    saved = base.npv_saving_usd
    rows: list[tuple[Any, ...]] = [
        (BASE, "As it is", "", saved, 0.0, base.months, base.verdict, "", "", "")
    ]
    for one in load_stresses():
        about, why = (one.name, one.title), (one.source_id, one.note)
        try:
            changed, notes = stressed(asked, one)
            found = breakeven(changed)
        except InputError as wrong:
            rows.append((*about, "", math.nan, math.nan, math.nan, "", str(wrong), *why))
            continue
        now = changed.values()
        names = (change.input for change in one.changes)
        said = "; ".join(f"{name} = {_text(now[name])} (was {_text(was[name])})" for name in names)
        # A refresh after the horizon moves the last bit.
        if all(math.isclose(getattr(found, name), getattr(base, name)) for name in _FELT):
            notes += (NO_EFFECT,)
        answer = (found.npv_saving_usd, found.npv_saving_usd - saved, found.months, found.verdict)
        rows.append((*about, said, *answer, "; ".join(notes), *why))
    return pd.DataFrame(rows, columns=STRESS_COLUMNS)


def _text(value: Any) -> str:
    return f"{value:g}" if type(value) in (int, float) else str(value)


def stressed(scenario: Scenario, one: Stress) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario under a stress, and what had to be kept inside its domain or rounded.

    InputError where the domain has no such value, as at the open end of one.

    >>> from tco.market.data_tables import Change, Stress
    >>> add = Stress("more", "More", (Change("utilization", "add", 0.7),), "2026", "assumption", "")
    >>> stressed(Scenario(utilization=0.6), add)
    (Scenario(utilization=1.0), ('utilization is kept inside [0, 1]: 1.3 is not',))
    """
    values, found, notes = scenario.values(), {}, []
    for change in one.changes:
        name, wanted = change.input, change.applied(values)
        declared = INPUTS[name]
        if change.how not in ("set", "copy") and not declared.contains(wanted):
            if declared.low <= wanted <= declared.high:
                notes.append(f"{name} is rounded from {wanted:g}")
                wanted = round(wanted)
            else:
                notes.append(f"{name} is kept inside {declared.domain}: {wanted:g} is not")
                kept = min(max(wanted, declared.low), declared.high)
                wanted = int(kept) if declared.kind == "integer" else float(kept)
        found[name] = wanted
    return replace(scenario, **found), tuple(notes)


@takes_inputs
def win_map(
    scenario: Scenario | None = None,
    /,
    *,
    x: str = "utilization",
    y: str = "rate_usd_per_gpu_hour",
    points: int = _MAP_POINTS,
    **inputs: Unpack[InputValues],
) -> pd.DataFrame:
    """What buying saves, and the verdict, across the ranges of two inputs.

    Columns: both inputs by their names, npv_saving_usd [USD] and verdict (buy, toss_up, rent); a
    row for each pair of values, the second input varying fastest. The ranges are low to high (P10
    to P90) widened to hold the value, else half to twice the value; of an integer the whole numbers
    in it. NaN where the inputs cannot be combined. InputError for a table, the same input twice, an
    input that is no number, fewer than 2 and more than 1,001 points.

    >>> found = win_map(gpu="L4", points=3)
    >>> list(found.columns), len(found)
    (['utilization', 'rate_usd_per_gpu_hour', 'npv_saving_usd', 'verdict'], 9)
    """
    import numpy as np
    import pandas as pd

    x, y = together(lambda: numeric_input(x, "x").name, lambda: numeric_input(y, "y").name)
    if x == y:
        raise InputError([Problem("y", f"x = y = {shown(x)}: a map needs two different inputs")])
    count = checked_points(points)
    case = case_of(scenario_of(scenario, inputs), "win_map()")
    along, up = (spread(numeric_input(n), *drawn_range(case, n), count) for n in (x, y))
    columns = {x: np.repeat(along, len(up)), y: np.tile(up, len(along))}
    values = with_columns(case.values, columns)
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
    buys = height > 0
    links: dict[Any, list[Any]] = defaultdict(list)
    cells = [np.s_[i : len(along) - 1 + i, j : len(up) - 1 + j] for i, j in _CORNERS]
    middle = sum(height[cell] for cell in cells)
    won = sum(buys[cell].astype(int) for cell in cells)
    # Marching squares: the line passes the cells of both sides, from edge to edge.
    for i, j in np.argwhere((won % len(cells) > 0) & np.isfinite(middle)).tolist():
        corners = [(i + a, j + b) for a, b in _CORNERS]
        sides = zip(corners, [*corners[1:], corners[0]], strict=True)
        passed = [tuple(sorted(side)) for side in sides if buys[side[0]] != buys[side[1]]]
        if len(passed) == len(cells) and (middle[i, j] > 0) != buys[i, j]:
            passed = [*passed[1:], passed[0]]
        for one, other in zip(passed[::2], passed[1::2], strict=True):
            links[one].append(other)
            links[other].append(one)

    def place(edge: Any) -> tuple[float, float]:
        (i, j), (k, m) = edge
        share = height[i, j] / (height[i, j] - height[k, m])
        return along[i] + share * (along[k] - along[i]), up[j] + share * (up[m] - up[j])

    lines, seen = [], set()
    for start in sorted(links, key=lambda edge: len(links[edge])):  # open lines, then rings
        line, at = [], None if start in seen else start
        while at is not None:
            seen.add(at)
            line.append(place(at))
            at = next((edge for edge in links[at] if edge not in seen), None)
        if line:
            lines.append(np.array(line + line[:1] if len(links[start]) > 1 else line))
    return lines
