"""What-ifs in words: what each stress does to the answer, and inputs given as ranges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.analysis.flips import NO_EFFECT
from tco.analysis.sensitivity import stressed
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.market.data_tables import Stress, load_stresses
from tco.report.risk_tables import WORDS
from tco.scenario import Scenario
from tco.words import usd

if TYPE_CHECKING:
    import pandas as pd


_MONEY = ("buying saves [USD]", "change [USD]")


@dataclass(frozen=True)
class Turn:
    """One stress: what it does to the answer [USD], and the inputs with which it is put into force.

    `given` is empty where it cannot be applied, which `note` explains.
    """

    name: str
    title: str
    changes: str
    verdict: str
    saving_usd: float
    change_usd: float
    note: str
    why: str
    given: dict[str, Any]


def turns(scenario: Scenario, stress: pd.DataFrame) -> tuple[Turn, ...]:
    """The rows of `tco.stress(scenario)` without its first one, with the inputs to put in force."""
    now, rows = scenario.values(), {row["name"]: row for row in stress.to_dict("records")}
    found = []
    for one in load_stresses():
        row, given = rows[one.name], _given(scenario, one)
        said = "; ".join(
            f"{declared.phrase} {declared.written(value)} (was {declared.written(now[name])})"
            for name, value in given.items()
            for declared in [INPUTS[name]]
        )
        told = (row["verdict"], row["npv_saving_usd"], row["change_usd"], row["note"], row["why"])
        found.append(Turn(one.name, one.title, said, *told, given if row["verdict"] else {}))
    return tuple(found)


def _given(scenario: Scenario, one: Stress) -> dict[str, Any]:
    try:
        changed, _ = stressed(scenario, one)
    except InputError:
        return {}
    return {change.input: changed.given[change.input] for change in one.changes}


def turn_sentence(turn: Turn, verdict: str) -> str:
    """What a stress does to the answer, from the verdict without it.

    >>> turn = Turn("rents_fall", "Rents fall", "", "rent", -900.0, -1500.0, "", "", {})
    >>> turn_sentence(turn, "buy")
    'BUY turns to RENT: buying loses $900, now it saves $600.'
    """
    if not turn.verdict:
        return f"No answer: {turn.note}"
    then, now = WORDS[turn.verdict], WORDS[verdict]
    if turn.note == NO_EFFECT:
        return f"Still {now}: no effect here."
    head = f"Still {now}" if turn.verdict == verdict else f"{now} turns to {then}"
    before = _saves(turn.saving_usd - turn.change_usd)
    return f"{head}: buying {_saves(turn.saving_usd)}, now it {before}."


def _saves(saving: float) -> str:
    return f"{'saves' if saving > 0 else 'loses'} {usd(abs(saving))}"


def stress_words(found: Iterable[Turn], verdict: str) -> pd.DataFrame:
    """The stresses as a reader sees them: verdict now and then, saving and change [USD], why."""
    import pandas as pd

    rows = [
        (
            *(turn.title, WORDS[verdict], WORDS[turn.verdict]),
            *(turn.saving_usd, turn.change_usd, turn.changes, turn.note, turn.why),
        )
        for turn in found
    ]
    columns = ("stress", "verdict now", "verdict then", *_MONEY, "inputs", "note")
    return pd.DataFrame(rows, columns=[*columns, "why"])


def stress_title(found: Iterable[Turn], verdict: str) -> str:
    """How many stresses change the verdict."""
    told = tuple(found)
    turned = [turn for turn in told if turn.verdict and turn.verdict != verdict]
    count = f"{len(turned) or 'none'} of {len(told)} stresses"
    verb = "change" if len(turned) > 1 else "changes"
    return f"At the values here, odds apart: {WORDS[verdict]}; {count} {verb} that"


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
