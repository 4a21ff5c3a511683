"""A decision asked again: does it hold on the data of today, and if not, what moved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from tco.analysis.decision import Decision
from tco.analysis.simulation import odds_of
from tco.errors import InputError, Problem
from tco.inputs import INPUTS, PRICES
from tco.inputs.text import takes_inputs
from tco.model.breakeven import Breakeven, breakeven
from tco.scenario import Scenario, scenario_of
from tco.version import MODEL_VERSION
from tco.words import decisions
from tco.words.decisions import Cause

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

MOVE_COLUMNS = ("input", "unit", "then", "now", "effect_usd")
# What two runs of one model may differ by, as a share of both sides.
_SAME = 10**9


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Recheck:
    """A decision beside the same question on other values.

    `then` is the answer of today's model to the values of the record, `now` that of the question as
    it stands today. `flipped` says whether the verdict is another word than the one on record.
    """

    decision: Decision
    then: Breakeven
    now: Breakeven

    @property
    def verdict(self) -> str:
        """The verdict of today: buy, rent or toss_up."""
        return str(self.now.verdict)

    @property
    def flipped(self) -> bool:
        """Whether the verdict is no longer that of the record."""
        return self.verdict != self.decision.verdict

    @cached_property
    def confidence(self) -> str:
        """How sure the verdict of today is: high, medium or low; empty where there is none."""
        odds = odds_of(self.now.scenario)[0]
        return odds.confidence if odds else ""

    @cached_property
    def moves(self) -> tuple[Cause, ...]:
        """What each input that moved adds to the saving from buying, the largest first."""
        return tuple(
            _cause(name, before, after, effect)
            for name, before, after, effect in _effects(self.then, self.now)
        )

    @property
    def model_effect_usd(self) -> float:
        """What the model of today makes of the values on record, less what stands there [USD]."""
        return float(self.then.npv_saving_usd) - self.decision.npv_saving_usd

    @property
    def other_model(self) -> str:
        """That the model is another one and what that changes, in a sentence; or nothing."""
        size = abs(float(self.then.own_npv_usd)) + abs(float(self.then.rent_npv_usd))
        if abs(self.model_effect_usd) * _SAME <= size:
            return ""
        was = self.decision.model_version
        return decisions.other_model(was, MODEL_VERSION, self.model_effect_usd)

    @property
    def sentence(self) -> str:
        """Whether the decision holds, in a sentence; where it does not, because of what."""
        saving, on = float(self.now.npv_saving_usd), self.decision.decided_on
        if self.flipped:
            before = self.decision.verdict
            told = decisions.flipped(self.verdict, before, saving, on, self.moves)
        else:
            told = decisions.held(self.verdict, saving, self.decision.npv_saving_usd, on)
        return " ".join(filter(None, (told, self.other_model)))

    @property
    def sentence_measured(self) -> str:
        """Whether the decision holds at what was measured, and what of it moved the saving most."""
        return decisions.at_measured(
            self.decision.verdict, self.verdict, float(self.now.npv_saving_usd), self.moves
        )

    def to_dict(self) -> dict[str, Any]:
        """The check in plain types; `moves` is a row for each input that moved."""
        moves = [
            dict(zip(MOVE_COLUMNS, (name, INPUTS[name].unit, *told), strict=True))
            for name, *told in _effects(self.then, self.now)
        ]
        return {
            "decided_by": self.decision.decided_by,
            "decided_on": self.decision.decided_on,
            "flipped": self.flipped,
            "verdict_then": self.decision.verdict,
            "verdict": self.verdict,
            "confidence": self.confidence or None,
            "npv_saving_usd_then": self.decision.npv_saving_usd,
            "npv_saving_usd": float(self.now.npv_saving_usd),
            "model_effect_usd": self.model_effect_usd,
            "moves": moves,
        }

    def to_frame(self) -> pd.DataFrame:
        """A row for each input that moved: input, unit, then, now, effect_usd, largest first.

        The effects, and that of the model, sum to the change of `npv_saving_usd`.
        """
        import pandas as pd

        return pd.DataFrame(self.to_dict()["moves"], columns=list(MOVE_COLUMNS))

    def __repr__(self) -> str:
        return self.sentence


@takes_inputs
def recheck(decision: Decision | str, /, **inputs: Unpack[InputValues]) -> Recheck:
    """Ask a decision again: what was given then, everything else as the data says today.

    `decision` is a record of `tco.decide` or its JSON; `inputs` are what is known by now, in place
    of what was planned, with `prices` and `policy` for today's data. InputError for what is no such
    record, and where no price is known today.

    >>> from tco.analysis.decision import decide
    >>> record = decide(gpu="L4", rate_usd_per_gpu_hour=0.8, by="Ada Example", on="2026-11-29")
    >>> recheck(record).flipped
    False
    >>> late = recheck(record, rate_usd_per_gpu_hour=0.2)
    >>> late.sentence.partition(". ")[0]
    'Flipped from BUY to RENT since 2026-11-29, because the rental rate fell from $0.80 to $0.20'
    """
    record = record_of(decision)
    asked = scenario_of(record.question(inputs.pop("prices", None)), inputs)
    resolved = asked.resolved()
    if lacking := [name for name in PRICES if resolved[name].value is None]:
        raise InputError(
            Problem(name, f"{INPUTS[name].label}: {resolved[name].note}") for name in lacking
        )
    return Recheck(decision=record, then=breakeven(record.as_decided()), now=breakeven(asked))


def record_of(decision: Decision | str) -> Decision:
    """The record that somebody means: one, or its JSON; InputError for anything else."""
    record = Decision.from_json(decision) if isinstance(decision, str) else decision
    if not isinstance(record, Decision):
        message = f"decision = {type(decision).__name__} is not a record of tco.decide, or its JSON"
        raise InputError([Problem("decision", message)])
    return record


def _effects(then: Breakeven, now: Breakeven) -> list[tuple[str, Any, Any, float]]:
    """Input, both values and what the move adds to the saving [USD]; what adds nothing left out.

    The inputs are moved one after the other, those first that move the saving most by themselves,
    so that the effects sum to the whole move.
    """
    before, after = _values(then.scenario), _values(now.scenario)
    lines = {"lines": now.scenario.lines}
    differing = [n for n in INPUTS if n != "as_of" and before[n] != after[n]]

    def saving(values: Mapping[str, Any]) -> float:
        return float(breakeven(Scenario(**{**values, **lines})).npv_saving_usd)

    at = saving(before)
    alone = {name: abs(saving({**before, name: after[name]}) - at) for name in differing}
    found, values = [], dict(before)
    for name in sorted(differing, key=alone.__getitem__, reverse=True):
        values[name] = after[name]
        reached = saving(values)
        if reached != at:
            found.append((name, before[name], after[name], reached - at))
        at = reached
    return sorted(found, key=lambda row: -abs(row[3]))


def _values(scenario: Scenario) -> dict[str, Any]:
    return {name: value for name, value in scenario.values().items() if name in INPUTS}


def _cause(name: str, before: Any, after: Any, effect: float) -> Cause:
    declared = INPUTS[name]
    direction = (after > before) - (after < before) if declared.numeric else 0
    said = declared.spoken if declared.numeric else declared.written
    old, new = said(before), said(after)
    return Cause(declared.phrase, old, new, direction, effect)
