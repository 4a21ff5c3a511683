"""What the Risk page says, in sentences and as frames: odds, drivers, swings, flips."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tco import words
from tco.analysis.flips import NO_EFFECT
from tco.inputs import INPUTS
from tco.words import dollars, number, period

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.simulation import Simulation

_PER_CENT = 100
_REGRET = "lost on average against the better choice"
# What a verdict is called where two of them stand side by side.
WORDS = {"buy": "BUY", "rent": "RENT", "toss_up": "TOO CLOSE TO CALL", "": "no answer"}

_RANGE = ("value now", "low", "high")
# Columns of money.
_WORTH, _SAVES, _SWING = "worth knowing [USD]", "buying saves [USD]", "swing [USD]"
_AT_LOW, _AT_HIGH = "saving at low [USD]", "saving at high [USD]"

Figure = tuple[str, str, str]


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
    error = odds.chance_standard_error * _PER_CENT
    return f"Buying is cheaper in {odds.chance_buy * _PER_CENT:.1f} % ± {error:.1f} % of {futures}."


def key_figures(odds: Simulation) -> tuple[Figure, ...]:
    """What the futures say beside the chance: title, figure and what it means.

    The saving is that of all GPUs over the horizon, as a present value [USD].
    """
    saving, count = odds.npv_saving_usd, odds.scenario.values()["gpus"]
    over = f"{period(odds.scenario.values()['horizon_months'])}, {count:,} GPUs"
    never = f"{odds.never * _PER_CENT:.0f} %"
    return (
        ("Buying saves, P10", dollars(saving.p10), "in one of ten futures less"),
        ("Buying saves, P50", dollars(saving.p50), f"the median; {over}"),
        ("Buying saves, P90", dollars(saving.p90), "in one of ten futures more"),
        ("Never pays back", never, "of the futures"),
        ("Expected regret: buy", dollars(odds.regret_of_buying_usd), _REGRET),
        ("Expected regret: rent", dollars(odds.regret_of_renting_usd), _REGRET),
        (
            "Knowing everything",
            dollars(odds.value_of_knowing_all_usd),
            "value of perfect information",
        ),
    )


def infeasible(odds: Simulation) -> str:
    """The share of the draws that are no futures, in a sentence; empty for none."""
    if not odds.infeasible:
        return ""
    share = number(odds.infeasible * _PER_CENT)
    return f"In {share} % of the draws a rack holds no server: they are no futures and not counted."


def first_check(odds: Simulation) -> str:
    """Which input to look up first, and what that is worth; or that nothing single decides."""
    name = odds.check_first
    if name is None:
        return "No single input would change the decision"
    worth = odds.drivers.set_index("input")["value_of_knowing_usd"][name]
    return f"{words.check_first(INPUTS[name].asked)}: knowing it is worth {dollars(worth)}"


def dots_frame(odds: Simulation) -> pd.DataFrame:
    """The equally likely futures of the dots: number, what buying saves [USD], who wins."""
    import pandas as pd

    rows = [
        (at, saving, "BUY" if saving > 0 else "RENT") for at, saving in enumerate(odds.dots(), 1)
    ]
    return pd.DataFrame(rows, columns=["future", _SAVES, "wins"])


def drivers_words(drivers: pd.DataFrame, sobol: pd.DataFrame | None = None) -> pd.DataFrame:
    """The drivers as a reader sees them, the one most worth knowing [USD] first.

    Values are in the units shown; `sobol` adds the first-order and total indices of
    `Simulation.sobol_indices()` [shares].
    """
    import pandas as pd

    drivers = drivers.sort_values("value_of_knowing_usd", ascending=False, kind="stable")
    rows = [
        {
            "input": INPUTS[row["input"]].phrase,
            _WORTH: row["value_of_knowing_usd"],
            "rank correlation": row["rank_correlation"],
            **_range(row),
        }
        for row in drivers.to_dict("records")
    ]
    frame = pd.DataFrame(rows, columns=["input", _WORTH, "rank correlation", *_RANGE])
    if sobol is None:
        return frame
    found = sobol.set_index("input").reindex(drivers["input"])
    frame["first-order index"] = found["first_order_uncorrelated"].to_numpy()
    frame["total index"] = found["total_order_uncorrelated"].to_numpy()
    return frame


def _range(row: dict[Any, Any]) -> dict[str, str]:
    ends = zip(_RANGE, (row["value"], row["low"], row["high"]), strict=True)
    return {title: _text(row["input"], value) for title, value in ends}


def _text(name: str, value: Any) -> str:
    return "" if value is None or math.isnan(value) else INPUTS[name].written(value)


def swings_words(tornado: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.tornado()` as a reader sees it; savings and swing [USD]."""
    import pandas as pd

    rows = [
        {
            "input": INPUTS[row["input"]].phrase,
            **_range(row),
            _AT_LOW: row["saving_low_usd"],
            _AT_HIGH: row["saving_high_usd"],
            _SWING: row["swing_usd"],
        }
        for row in tornado.to_dict("records")
    ]
    return pd.DataFrame(rows)


def map_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.win_map()` as a reader sees it: inputs in the units shown, saving [USD]."""
    import pandas as pd

    x, y = (str(column) for column in frame.columns[:2])
    columns = {
        f"{input_label(name)} [{INPUTS[name].shown_unit}]".removesuffix(" []"): [
            INPUTS[name].shown(value) for value in frame[name]
        ]
        for name in (x, y)
    }
    verdicts = [WORDS.get(verdict, WORDS[""]) for verdict in frame["verdict"]]
    told = {_SAVES: frame["npv_saving_usd"].to_numpy(), "verdict": verdicts}
    return pd.DataFrame(columns | told)


def flips_words(flips: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.flips()` as a reader sees it, what can turn the answer first.

    Columns: input, value now, low, high, flip, in range, saving at low and at high [USD], note.
    First the inputs that flip in their range, then the others; the largest swing first, and last
    those without effect.
    """
    ordered = flips.assign(idle=flips["note"].str.startswith(NO_EFFECT)).sort_values(
        ["in_range", "idle", "swing_usd"], ascending=[False, True, False], kind="stable"
    )
    import pandas as pd

    rows = [
        {
            "input": INPUTS[row["input"]].phrase,
            **_range(row),
            "flip": _text(row["input"], row["flip"]) or "none",
            "in range?": "yes" if row["in_range"] else "no",
            _AT_LOW: row["saving_low_usd"],
            _AT_HIGH: row["saving_high_usd"],
            "note": row["note"],
        }
        for row in ordered.to_dict("records")
    ]
    return pd.DataFrame(rows)


def flips_title(flips: pd.DataFrame) -> str:
    """How many inputs turn the answer inside their range.

    >>> from tco.analysis.flips import flips
    >>> flips_title(flips(gpu="L4", utilization=1, rate_usd_per_gpu_hour=5, as_of="2026-11-21"))
    'No input turns the answer inside its range'
    """
    turning = flips[flips["in_range"]]["input"].nunique()
    if not turning:
        return "No input turns the answer inside its range"
    verb = "turns" if turning == 1 else "turn"
    return f"{turning} of {flips['input'].nunique()} inputs {verb} the answer inside their range"


def numbers_by_influence(tornado: pd.DataFrame) -> tuple[str, ...]:
    """Every numeric input, the one with the largest swing of a tornado first."""
    ranked = [row["input"] for row in tornado.to_dict("records") if row["swing_usd"] > 0]
    rest = [name for name, declared in INPUTS.items() if declared.numeric and name not in ranked]
    return (*ranked, *rest)


def input_label(name: str) -> str:
    """An input in a list to choose from.

    >>> input_label("utilization"), input_label("pue")
    ('Share of busy hours', 'PUE')
    """
    words = INPUTS[name].phrase
    return f"{words[:1].upper()}{words[1:]}"
