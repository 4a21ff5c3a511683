"""What the Risk page says, in sentences and as frames: odds, drivers, swings, flips, what-ifs."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tco import words
from tco.analysis.flips import NO_EFFECT
from tco.analysis.sensitivity import stressed, zero_contour
from tco.analysis.simulation import Simulation
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.market.data_tables import load_stresses
from tco.scenario import Scenario
from tco.words import VERDICT_WORDS, currencies
from tco.words.figures import (
    capital,
    counted,
    exact,
    fixed_percent,
    inside,
    percent,
    period,
    usd,
)

if TYPE_CHECKING:
    import pandas as pd

_REGRET = "average loss compared with the cheaper side"

_RANGE = {"value": "value now", "low": "low", "high": "high"}
_SAVES = "buying saves [USD]"
_SAVINGS = {"saving at low [USD]": "saving_low_usd", "saving at high [USD]": "saving_high_usd"}

Figure = tuple[str, str, str]
Row = dict[Any, Any]


def finding(odds: Simulation) -> str:
    """The chance that buying is cheaper, with its standard error, in one sentence.

    >>> from tco.analysis.simulation import simulate
    >>> finding(simulate(gpu="L4", utilization=1, rate_usd_per_gpu_hour=50, as_of="2026-11-21"))
    'Buying is cheaper in all of 2,048 simulated futures.'
    """
    if not odds.uncertain:
        side = "buying" if odds.chance_buy else "renting"
        return f"Nothing is uncertain: every input is given as one value, and {side} is cheaper."
    futures = f"{odds.draws:,} simulated futures"
    if odds.chance_buy in (0, 1):
        return f"Buying is cheaper in {'all' if odds.chance_buy else 'none'} of {futures}."
    chance, error = fixed_percent(odds.chance_buy, 1), fixed_percent(odds.chance_standard_error, 1)
    return f"Buying is cheaper in {chance} ± {error} of {futures}."


def key_figures(odds: Simulation) -> tuple[Figure, ...]:
    """What the futures say beside the chance: title, figure and what it means.

    The saving is that of all GPUs over the horizon, as a present value [USD].
    """
    saving, values = odds.npv_saving_usd, odds.scenario.values()
    over = f"{period(values['horizon_months'])}, {counted(values['gpus'], 'GPU')}"
    all_known = usd(odds.value_of_knowing_all_usd)
    return (
        ("Buying saves, P10", usd(saving.p10), "lower in one future in ten"),
        ("Buying saves, P50", usd(saving.p50), f"the median; {over}"),
        ("Buying saves, P90", usd(saving.p90), "higher in one future in ten"),
        ("Never pays back", fixed_percent(odds.never), "of the futures"),
        ("Expected regret of buying", usd(odds.regret_of_buying_usd), _REGRET),
        ("Expected regret of renting", usd(odds.regret_of_renting_usd), _REGRET),
        ("Value of perfect information", all_known, "the most that perfect information could save"),
    )


def infeasible(odds: Simulation) -> str:
    """The share of the draws that are no futures, in a sentence; empty for none."""
    if not odds.infeasible:
        return ""
    share = percent(odds.infeasible)
    return f"In {share} of the draws no server fits in a rack; these draws are excluded."


def first_check(odds: Simulation) -> str:
    """Which input to look up first, and what that is worth; or that nothing single decides."""
    name = odds.check_first
    if name is None:
        return "No single input changes the decision"
    worth = odds.drivers.set_index("input")["value_of_knowing_usd"][name]
    return f"{words.check_first(INPUTS[name].asked)}: the value of this information is {usd(worth)}"


def crossing_frame(curve: pd.DataFrame, futures: pd.DataFrame) -> pd.DataFrame:
    """What buying saves by month if one stops and sells: in the base case, and in the futures.

    `curve` is `tco.curves()`, `futures` is `Simulation.curves()`. Columns: month, t_months,
    saving_usd, p10_usd, p50_usd, p90_usd [USD, present values].
    """
    told = {name: curve[name].to_numpy() for name in ("month", "t_months")}
    told["saving_usd"] = (curve["rent_exit_usd"] - curve["own_exit_usd"]).to_numpy()
    told |= {
        f"{name}_usd": futures[f"gap_exit_{name}_usd"].to_numpy() for name in ("p10", "p50", "p90")
    }
    return curve[[]].assign(**told)


def crossing_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of `crossing_frame` as a reader sees it: what buying saves by month [USD]."""
    columns = {
        "t_months": "month",
        "saving_usd": "base case [USD]",
        "p10_usd": "P10 [USD]",
        "p50_usd": "P50 [USD]",
        "p90_usd": "P90 [USD]",
    }
    return frame[list(columns)].rename(columns=columns)


def dots_frame(odds: Simulation) -> pd.DataFrame:
    """The equally likely futures of the dots: number, what buying saves [USD], who wins."""
    import pandas as pd

    savings = odds.dots()
    wins = ["BUY" if saving > 0 else "RENT" for saving in savings]
    return pd.DataFrame({"future": range(1, len(savings) + 1), _SAVES: savings, "wins": wins})


def _described(frame: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The inputs of a frame with their value and range in words, then some of its columns."""
    import pandas as pd

    rows = [
        (INPUTS[row["input"]].label, *(_text(row["input"], row[end]) for end in _RANGE))
        for row in frame.to_dict("records")
    ]
    told = pd.DataFrame(rows, columns=["input", *_RANGE.values()])
    return told.assign(**{title: list(column) for title, column in columns.items()})


def _text(name: str, value: Any) -> str:
    return "" if value is None or math.isnan(value) else INPUTS[name].written(value)


def drivers_words(drivers: pd.DataFrame, sobol: pd.DataFrame | None = None) -> pd.DataFrame:
    """The drivers as a reader sees them, the one most value of information [USD] first.

    Values are in the units shown; `sobol` adds the first-order and total indices of
    `Simulation.sobol_indices()` [shares].
    """
    drivers = drivers.sort_values("value_of_knowing_usd", ascending=False, kind="stable")
    frame = _described(drivers)
    frame.insert(1, "value of information [USD]", drivers["value_of_knowing_usd"].to_numpy())
    frame.insert(2, "rank correlation", drivers["rank_correlation"].to_numpy())
    if sobol is None:
        return frame
    found = sobol.set_index("input").loc[drivers["input"]]
    first, total = found["first_order_uncorrelated"], found["total_order_uncorrelated"]
    return frame.assign(**{"first-order index": [*first], "total index": [*total]})


def swings_words(tornado: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.tornado()` as a reader sees it; savings and swing [USD]."""
    savings = {title: tornado[name] for title, name in _SAVINGS.items()}
    return _described(tornado, **savings, **{"swing [USD]": tornado["swing_usd"]})


def map_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.win_map()` as a reader sees it: inputs in the units shown, saving [USD]."""
    import pandas as pd

    told: dict[str, Any] = {}
    for name in map(str, frame.columns[:2]):
        title = f"{input_label(name)} [{INPUTS[name].shown_unit}]".removesuffix(" []")
        told[title] = [INPUTS[name].shown(value) for value in frame[name]]
    told[_SAVES] = frame["npv_saving_usd"].to_numpy()
    told["verdict"] = [VERDICT_WORDS.get(one, VERDICT_WORDS[""]) for one in frame["verdict"]]
    return pd.DataFrame(told)


def turning_first(flips: pd.DataFrame) -> pd.DataFrame:
    """The rows of `tco.flips()` in the order in which they matter.

    First the inputs that break even in their range, then the others; the largest swing first, and
    last those without effect.

    >>> from tco.analysis.flips import flips
    >>> bool(turning_first(flips(gpu="L4"))["in_range"].iloc[0])
    True
    """
    ordered = flips.assign(idle=flips["note"].str.startswith(NO_EFFECT)).sort_values(
        ["in_range", "idle", "swing_usd"], ascending=[False, True, False], kind="stable"
    )
    return ordered.drop(columns="idle")


def flips_words(flips: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.flips()` as a reader sees it, what can turn the answer first.

    Columns: input, value now, low, high, break-even, in range, saving at low and at high [USD],
    note. First the inputs that break even in their range, then the others; the largest swing first,
    and last those without effect.
    """
    ordered = turning_first(flips)
    values = zip(ordered["input"], ordered["flip"], strict=True)
    columns = {
        "break-even": [_text(name, flip) or "none" for name, flip in values],
        "in range?": ["yes" if is_inside else "no" for is_inside in ordered["in_range"]],
        **{title: ordered[name] for title, name in _SAVINGS.items()},
        "note": ordered["note"],
    }
    return _described(ordered, **columns)


def flips_title(flips: pd.DataFrame) -> str:
    """How many inputs turn the answer inside their range.

    >>> from tco.analysis.flips import flips
    >>> flips_title(flips(gpu="L4", utilization=1, rate_usd_per_gpu_hour=5, as_of="2026-11-21"))
    'No input changes the answer within its range'
    """
    turning = flips[flips["in_range"]]["input"].nunique()
    if not turning:
        return "No input changes the answer within its range"
    change = "changes the answer within its" if turning == 1 else "change the answer within their"
    return f"{turning} of {flips['input'].nunique()} inputs {change} range"


def tornado_title(tornado: pd.DataFrame) -> str:
    """How many of the inputs can change the answer between their low and high, and which most.

    >>> from tco.analysis.sensitivity import tornado
    >>> frame = tornado(gpu="L4", utilization=1, rate_usd_per_gpu_hour=5, as_of="2026-11-21")
    >>> tornado_title(frame)
    'Buying stays ahead at both ends of the range of each of these 12 inputs'
    """
    rows = tornado[tornado["swing_usd"] > 0].to_dict("records")
    if not rows:
        return "No input moves the saving"
    now = float(rows[0]["saving_now_usd"])
    ends = [(row["saving_low_usd"], row["saving_high_usd"], now) for row in rows]
    turning = [row for row, usd in zip(rows, ends, strict=True) if min(usd) < 0 < max(usd)]
    if len(rows) == 1:
        asked = capital(INPUTS[rows[0]["input"]].asked)
        return f"{asked} {'can' if turning else 'cannot'} change the answer"
    if not turning:
        winner = "Buying" if now > 0 else "Renting"
        return f"{winner} stays ahead at both ends of the range of each of these {len(rows)} inputs"
    most = INPUTS[turning[0]["input"]].asked
    if len(turning) == 1:
        return f"Of these {len(rows)} inputs only {most} can change the answer"
    return f"{len(turning)} of {len(rows)} inputs can each change the answer, most of all {most}"


def map_title(frame: pd.DataFrame, now: tuple[float, float] | None = None) -> str:
    """From which value of the second input on buying wins at yours of the first, if that is one.

    `frame` is that of `tco.win_map()`, `now` are the values of the scenario in its order.

    >>> from tco.analysis.sensitivity import win_map
    >>> map_title(win_map(gpu="L4", points=4, as_of="2026-11-21"))
    'Buying wins on 56 % of the map'
    """
    lines = zero_contour(frame)
    first, second = (str(column) for column in frame.columns[:2])
    saving = frame["npv_saving_usd"]
    if now is not None and len(found := _crossings(lines, now[0])) == 1:
        nearest = frame[first].iloc[(frame[first] - now[0]).abs().argmin()]
        here = frame[frame[first] == nearest].dropna()
        clauses = INPUTS[second]
        clause = clauses.above if here["npv_saving_usd"].iloc[-1] > 0 else clauses.below
        at = f"{INPUTS[first].asked} at {INPUTS[first].written(now[0])}"
        limit = clause.format(INPUTS[second].written(found[0]))
        return f"With {at}, buying wins where {limit}"
    if not lines:
        winner = "Buying" if saving.max() > 0 else "Renting"
        return f"{winner} wins everywhere on the map"
    return f"Buying wins on {fixed_percent((saving > 0).sum() / saving.count())} of the map"


def _crossings(lines: list[Any], x: float) -> list[float]:
    """Where the lines pass a value of the first input; a corner of a line is one place."""
    found = {}
    for line in lines:
        for (x0, y0), (x1, y1) in pairwise(line.tolist()):
            if x0 != x1 and min(x0, x1) <= x <= max(x0, x1):
                y = y0 + (y1 - y0) * (x - x0) / (x1 - x0)
                found[f"{y:.9g}"] = y
    return list(found.values())


def numbers_by_influence(tornado: pd.DataFrame) -> tuple[str, ...]:
    """Every numeric input, the one with the largest swing of a tornado first."""
    ranked = tornado.loc[tornado["swing_usd"] > 0, "input"]
    numbers = (name for name, declared in INPUTS.items() if declared.numeric)
    return tuple(dict.fromkeys((*ranked, *numbers)))


def input_label(name: str) -> str:
    """An input in a list to choose from.

    >>> input_label("utilization"), input_label("pue")
    ('Utilization', 'Cooling (PUE)')
    """
    return INPUTS[name].label


def stress_results(scenario: Scenario, stress: pd.DataFrame) -> list[Row]:
    """The rows of `tco.stress(scenario)` without its first one, with their changes in words.

    `given` are the inputs that put a stress in force: none where it cannot be applied, which its
    `note` explains.
    """
    now, rows = scenario.values(), {row["name"]: row for row in stress.to_dict("records")}
    found = []
    for one in load_stresses():
        given = {}
        with contextlib.suppress(InputError):
            changed, _ = stressed(scenario, one)
            given = {change.input: changed.given[change.input] for change in one.changes}
        said = "; ".join(
            f"{inside(one.label)} {one.written(value)} (was {one.written(now[one.name])})"
            for one, value in ((INPUTS[name], value) for name, value in given.items())
        )
        row = rows[one.name]
        row = row | {"title": titled(row["title"])}
        found.append(row | {"changes": capital(said), "given": given if row["verdict"] else {}})
    return found


def titled(title: str) -> str:
    """The title of a stress, with its amount of money as people read it, in the currency shown.

    >>> titled("Electricity at 0.25 USD per kWh")
    'Electricity at $0.25 per kWh'
    >>> with currencies.shown_in(currencies.Conversion("EUR", 0.5, "2026-11-20")):
    ...     titled("Electricity at 0.25 USD per kWh")
    'Electricity at €0.125 per kWh'
    """
    listed = (change for one in load_stresses() if one.title == title for change in one.changes)
    for change in listed:
        declared = INPUTS[change.input]
        if declared.is_money and change.how == "set":
            unit = declared.usual_unit
            written = f"{declared.written(change.amount)} {currencies.beside(unit)}".strip()
            title = title.replace(f"{exact(change.amount)} {unit}", written)
    return title


def stress_sentence(turn: Row, verdict: str) -> str:
    """What a stress does to the answer, from the verdict without it; `turn` of `stress_results`.

    >>> turn = {"verdict": "rent", "npv_saving_usd": -900.0, "change_usd": -1500.0, "note": ""}
    >>> stress_sentence(turn, "buy")
    'BUY changes to RENT: buying costs $900 more; in the base case it saves $600.'
    """
    if not turn["verdict"]:
        return f"No answer: {turn['note']}"
    then, now = VERDICT_WORDS[turn["verdict"]], VERDICT_WORDS[verdict]
    if turn["note"] == NO_EFFECT:
        return f"Still {now}: no effect here."
    head = f"Still {now}" if turn["verdict"] == verdict else f"{now} changes to {then}"
    saved, saves = (
        f"saves {usd(saving)}" if saving > 0 else f"costs {usd(-saving)} more"
        for saving in (turn["npv_saving_usd"], turn["npv_saving_usd"] - turn["change_usd"])
    )
    return f"{head}: buying {saved}; in the base case it {saves}."


def stress_words(found: Sequence[Row], verdict: str) -> pd.DataFrame:
    """The stresses as a reader sees them: verdict now and then, saving and change [USD], why."""
    import pandas as pd

    frame = pd.DataFrame(found)
    told = {
        "stress": frame["title"],
        "verdict now": VERDICT_WORDS[verdict],
        "verdict then": frame["verdict"].map(VERDICT_WORDS),
        _SAVES: frame["npv_saving_usd"],
        "change [USD]": frame["change_usd"],
        "inputs": frame["changes"],
    }
    return pd.DataFrame(told).join(frame[["note", "why"]])


def stress_title(found: Sequence[Row], verdict: str) -> str:
    """How many stresses change the verdict."""
    turned = sum(turn["verdict"] not in ("", verdict) for turn in found)
    count = f"{turned or 'none'} of {len(found)} stresses change{'' if turned > 1 else 's'} it"
    return f"Base case: {VERDICT_WORDS[verdict]}; {count}"


def range_meant(name: str, low: float, high: float) -> Interval:
    """The range that is meant by two numbers in the unit shown.

    >>> str(range_meant("utilization", 40, 70)), str(range_meant("horizon_months", 2, 3.5))
    ('0.4..0.7', '24..42')
    """
    return Interval(float(INPUTS[name].meant(low)), float(INPUTS[name].meant(high)))


def range_now(scenario: Scenario, name: str) -> tuple[Any, Any]:
    """The low and high of an input in the unit shown: those believed or given, else its value."""
    entry = scenario.resolved()[name]
    low = entry.value if entry.low is None else entry.low
    high = entry.value if entry.high is None else entry.high
    kind = int if INPUTS[name].kind == "integer" else float
    low, high = (None if end is None else kind(INPUTS[name].shown(end)) for end in (low, high))
    return low, high


def given_ranges(scenario: Scenario) -> dict[str, str]:
    """The inputs that were given as ranges, with these in words."""
    return {
        name: INPUTS[name].written(value)
        for name, value in scenario.given.items()
        if isinstance(value, Interval)
    }
