"""At which value of an input buying pays back in time, or saves so much."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from tco.analysis.declared import LEAST_IRR, MEANINGS, MOST_IRR, USUAL
from tco.analysis.measures import measures
from tco.analysis.savings import case_of, moved, numeric_input, saving
from tco.analysis.thresholds import (
    EXACT,
    TARGETS,
    Reached,
    Target,
    is_next_to_zero,
    reached,
    result_at,
    whole_domain,
)
from tco.errors import InputError, Problem, shown
from tco.inputs import INPUTS, Inputs
from tco.inputs.effects import no_effect
from tco.inputs.text import takes_inputs
from tco.scenario import Scenario, scenario_of
from tco.words import of_owner
from tco.words.currencies import shown_by_default
from tco.words.figures import percent
from tco.words.finance import (
    above_words,
    goal_sentence,
    goal_words,
    jump_words,
    measured,
    missed_words,
    threshold_words,
)

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

GOAL_COLUMNS = (
    *("input", "unit", "now", "needed", "side", "until", "change", "target", "result", "reason"),
)
_Why: TypeAlias = tuple[str, float | None, float | None]
_TOLD = (
    *("input", "now", "needed", "side", "until", "target", "result", "best", "best_at", "reason"),
)
# A threshold in words: its figures, and how much of the last one is rounding.
_FIGURES, _INSIDE = 3, 1e-9
# A jump: the step beside a value, as a share of it; how far a result is then from the target at
# least, as a share of all flows or of a month, and in steps from one whole number to the next.
_BESIDE, _APART, _FAR = 1e-8, 1e-6, 3
# Why what is saved jumps with an input.
_FITTING = "another number of terms fits into the holding period"
_SERVERS = "a rack holds another number of servers"
_CAUSES = {
    **dict.fromkeys(("commitment_months", "lease_months"), _FITTING),
    **dict.fromkeys(("rack_kw", "gpu_w", "server_w"), _SERVERS),
    "lease_buyout_usd_per_gpu": "the hardware is bought at that price, and at $0 returned",
}
# How the result of each target is written: months, dollars, a share a year.
RESULT_UNITS = {
    **dict.fromkeys(("payback_months", "simple_payback_months", "exit_months"), "months"),
    "saving_usd": "USD",
    "irr": "share per year",
}


@dataclass(frozen=True, kw_only=True)
class GoalAnswer:
    """The value of one input at which a target is reached, every other value held.

    `now` is the input's value. `needed` is the nearest value at which the target is just reached,
    or, where it is reached already, the one up to which it still is; it is reached on that value's
    `side`: at_least it, or at_most. `until` is where it is lost again on that side, None for not at
    all. `result` is what is reached there: months, USD or a rate, as the target. Where the result
    jumps over the target, `missed` is what there is just beyond that value (`inf` for never, NaN
    for none) and `reason` tells of it. `needed` is None where no value in the domain does it or
    every value does, and `reason` then says which; `best` is the closest that the input comes
    then, at the value `best_at`.
    """

    input: str
    now: float
    needed: float | None
    side: str
    until: float | None
    result: float | None
    target: str
    why: str = ""
    best: float | None = None
    best_at: float | None = None
    missed: float | None = None

    @property
    def reason(self) -> str:
        """Why there is no threshold, or that the result jumps there; else empty."""
        if self.needed is not None:
            return self._jump
        if self.best is None or self.best_at is None:
            return self.why
        at, best = INPUTS[self.input].spoken(self.best_at), missed_words(self.target, self.best)
        return f"{self.why}; at {at} buying {best}"

    @property
    def _jump(self) -> str:
        """That the result jumps over the target, in words; empty where it does not."""
        if self.needed is None or self.missed is None:
            return ""
        ends = [goal_result(self.target, one) for one in (self.missed, self.result)]
        low, high = ends if self.side == "at_least" else ends[::-1]
        at = 0.0 if is_next_to_zero(self.input, self.needed) else self.needed
        return jump_words(_inside(at, self.side, self.input), low, high, self.why)

    @property
    def where(self) -> str:
        """Where the target is reached, in words; empty for nowhere, or everywhere.

        Values are rounded to the side on which they still reach it.
        """
        if self.needed is None:
            return ""
        ends = {self.side: self.needed}
        if self.until is not None:
            ends["at_most" if self.side == "at_least" else "at_least"] = self.until
        said = {side: _inside(value, side, self.input) for side, value in ends.items()}
        if is_next_to_zero(self.input, ends.get("at_least", 0)):
            return above_words(INPUTS[self.input].spoken(0.0), said.get("at_most", ""))
        return threshold_words(self.side, *said.values())

    @property
    def rounded(self) -> float | None:
        """The value needed as `where` says it: in a few figures, and the target is reached there.

        None where there is none, or it is any above 0.

        >>> import tco
        >>> asked = dict(gpu="L4", utilization=0.4, payback_months=24, as_of="2026-11-21")
        >>> tco.goal(**asked, of="utilization").answers[0].rounded
        0.644
        """
        if self.needed is None or is_next_to_zero(self.input, self.needed):
            return None
        return _rounded(self.needed, self.side, self.input)

    @property
    def change(self) -> float | None:
        """The change of the input that is needed, as a share of its value; None: it has none.

        Of a change below 0, or from 0 on, a share says nothing.
        """
        if self.needed is None or self.now <= 0 or self.needed < 0:
            return None
        return self.needed / self.now - 1


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Goal:
    """What it takes to reach a target, one input at a time.

    `target` is its kind and `wanted` its value; `now` is what there is of it (`inf` for never, NaN
    for none), and `is_reached` whether that is enough. `answers` are in the order in which they
    were asked for.
    """

    target: str
    wanted: float
    now: float
    is_reached: bool
    answers: tuple[GoalAnswer, ...]
    scenario: Scenario

    @property
    def nearest(self) -> GoalAnswer | None:
        """The answer that takes the smallest relative change; None where no input does it.

        >>> import tco
        >>> goal = tco.goal(gpu="L4", utilization=0.4, payback_months=18, as_of="2026-11-21")
        >>> goal.nearest.input
        'rate_usd_per_gpu_hour'
        """
        able = [one for one in self.answers if one.needed is not None]
        sizes = {one.input: math.inf if one.change is None else abs(one.change) for one in able}
        return min(able, key=lambda one: sizes[one.input], default=None)

    @property
    def value(self) -> float | None:
        """The value needed of the input asked for, or of the nearest one; None for none."""
        return None if self.nearest is None else self.nearest.needed

    @property
    def now_words(self) -> str:
        """What there is of the target at the current inputs, in words.

        >>> import tco
        >>> tco.goal(gpu="L4", utilization=0.4, saving_usd=1, as_of="2026-11-21").now_words
        'an extra cost of $2,778'
        """
        if self.target == "irr" and self.is_reached and math.isnan(self.now):
            return f"no single rate of return, but a saving at {percent(self.wanted)}"
        if self.target != "saving_usd":
            return goal_result(self.target, self.now)
        size = goal_result(self.target, abs(self.now))
        return f"{'a saving' if self.now >= 0 else 'an extra cost'} of {size}"

    @property
    def sentence(self) -> str:
        """The answer in a sentence or two."""
        ways, remarks = [], []
        for one in self.answers:
            declared = INPUTS[one.input]
            if one.needed is not None:
                ways.append((declared.asked, one.where, declared.spoken(one.now)))
            if one.reason:
                remarks.append((declared.label, one.reason))
        does = goal_words(self.target, self.wanted)
        told = goal_sentence(does, self.is_reached, self.now_words, ways, remarks)
        return of_owner(told, self.scenario.values())

    def to_frame(self) -> pd.DataFrame:
        """A row an input: input, unit, now, needed, side, until, change, target, result and reason.

        `result` is in the unit of the target.

        >>> import tco
        >>> tco.goal(gpu="L4", utilization=0.4, saving_usd=10_000).to_frame()["input"].tolist()
        ['price_usd_per_gpu', 'rate_usd_per_gpu_hour', 'utilization']
        """
        import pandas as pd

        rows = [
            (
                *(one.input, INPUTS[one.input].unit, one.now, one.needed, one.side, one.until),
                *(one.change, one.target, one.result, one.reason),
            )
            for one in self.answers
        ]
        numbers = dict.fromkeys(("now", "needed", "until", "change", "result"), float)
        return pd.DataFrame(rows, columns=GOAL_COLUMNS).astype(numbers)

    def to_dict(self) -> dict[str, Any]:
        """The same in plain types; None stands for none."""
        return {
            "target": self.target,
            "wanted": self.wanted,
            "now": self.now if math.isfinite(self.now) else None,
            "is_reached": self.is_reached,
            "answers": [
                {**{name: getattr(one, name) for name in _TOLD}, "change": one.change}
                for one in self.answers
            ],
            "sentence": self.sentence,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Goal):
            return NotImplemented
        return self.scenario == other.scenario and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.target, self.wanted, self.scenario))

    def __repr__(self) -> str:
        with shown_by_default(self.scenario.conversion):
            return self.sentence


@takes_inputs
def goal(
    scenario: Scenario | None = None,
    /,
    *,
    of: str | Iterable[str] | None = None,
    payback_months: float | None = None,
    simple_payback_months: float | None = None,
    exit_months: float | None = None,
    saving_usd: float | None = None,
    irr: float | None = None,
    **inputs: Unpack[InputValues],
) -> Goal:
    """At which price, rate or utilization buying pays back by a month, or saves an amount.

    Give one target: `payback_months`, `simple_payback_months` (undiscounted) or `exit_months` (if
    the hardware is then sold), the month at the latest [months]; `saving_usd`, the present value at
    the least [USD]; or `irr`, the rate of return at the least, effective annual. `of` names the
    numeric inputs that are asked about, each with every other value held; without it the purchase
    price, the rental rate and the utilization are.

    The whole domain of an input is searched, and a threshold found to 1e-12 of its value: put back,
    it reaches the target, and a value just beyond it does not. Of several stretches of values the
    one that holds the present value counts, else the nearest. InputError for a table, no target or
    several, a target outside its domain, an input that is no number, and where a price or rate is
    not known.

    >>> import tco
    >>> asked = dict(gpu="L4", utilization=0.4, as_of="2026-11-21")
    >>> found = tco.goal(**asked, of="utilization", payback_months=24)
    >>> months = tco.breakeven(**asked | {"utilization": found.value}).months
    >>> found.answers[0].side, round(months, 6)
    ('at_least', 24.0)
    """
    given = {
        "payback_months": payback_months,
        "simple_payback_months": simple_payback_months,
        "exit_months": exit_months,
        "saving_usd": saving_usd,
        "irr": irr,
    }
    names = _names(of)
    asked = scenario_of(scenario, inputs)
    case = case_of(asked, "goal()")
    target = _target(given, names, case.values["horizon_months"])
    values = case.values
    found = reached(values, target, {name: whole_domain(values, name) for name in names})
    now = float(target.result(Inputs.of(values)))
    is_reached = bool(target.is_met(now))
    told = now
    if target.kind == "irr":
        roots = measures(asked).irr
        told = roots[0] if len(roots) == 1 else math.nan
    return Goal(
        target=target.kind,
        wanted=target.wanted,
        now=told,
        is_reached=is_reached,
        answers=tuple(_answer(asked, values, target, name, found[name]) for name in names),
        scenario=asked,
    )


def _names(of: str | Iterable[str] | None) -> tuple[str, ...]:
    """The inputs that are asked about."""
    listed: Iterable[str] = USUAL if of is None else (of,) if isinstance(of, str) else of
    if not isinstance(listed, Iterable):
        raise InputError(
            [Problem("of", f"of = {shown(of)} is not the name of an input, nor several")]
        )
    names = tuple(dict.fromkeys(numeric_input(name).name for name in listed))
    if not names:
        raise InputError([Problem("of", "of = () names no input: name one, or leave it out")])
    return names


def _target(given: dict[str, Any], names: tuple[str, ...], horizon: float) -> Target:
    """The one target that is given; InputError unless it is one, and inside its domain."""
    wanted = {kind: value for kind, value in given.items() if value is not None}
    if len(wanted) != 1:
        said = " and ".join(wanted) or "no target"
        raise InputError([Problem("goal", f"{said} given: give one of {', '.join(TARGETS)}")])
    ((kind, value),) = wanted.items()
    longest = INPUTS["horizon_months"].high if "horizon_months" in names else horizon
    low, high, holding = -math.inf, math.inf, ""
    if RESULT_UNITS[kind] == "months":
        low, high = 0, longest
        holding = "" if "horizon_months" in names else ", within the holding period"
    elif kind == "irr":
        low, high = LEAST_IRR, MOST_IRR
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not abs(value) <= sys.float_info.max or not low <= value <= high:
        ends = f"({low:g}, {high:g})" if math.isinf(high) else f"[{low:g}, {high:g}]"
        wrong = "is outside" if is_number else "is not a number in"
        message = f"{kind} = {shown(value)} {wrong} {ends}: {MEANINGS[kind]}{holding}"
        raise InputError([Problem(kind, message)])
    return Target(kind, float(value))


def _answer(
    asked: Scenario, values: dict[str, Any], target: Target, name: str, found: Reached
) -> GoalAnswer:
    declared, now = INPUTS[name], float(values[name])
    stretch = found.stretch
    if stretch is None or stretch == (None, None):
        why, best, best_at = _why_none(values, target, name, found)
        return GoalAnswer(
            input=name,
            now=now,
            target=target.kind,
            needed=None,
            side="",
            until=None,
            result=None,
            why=why,
            best=best,
            best_at=best_at,
        )
    ends = [end for end in stretch if end is not None]
    needed = min(ends, key=lambda end: abs(end - now))
    side = "at_least" if needed == stretch.low else "at_most"
    other = next((end for end in ends if end != needed), None)
    if declared.kind == "integer":
        needed = int(needed)

    def told(value: float) -> float | None:
        if target.kind == "irr":
            return _irr_at(asked, values, name, value)
        return result_at(values, target, name, value)

    beyond, why = _jump(values, target, name, needed, -1 if side == "at_least" else 1)
    missed = None if beyond is None else told(beyond)
    return GoalAnswer(
        input=name,
        now=now,
        target=target.kind,
        needed=needed,
        side=side,
        until=other,
        result=told(needed),
        why=why,
        missed=math.nan if beyond is not None and missed is None else missed,
    )


def _jump(
    values: dict[str, Any], target: Target, name: str, needed: float, beyond: int
) -> tuple[float | None, str]:
    """The value just beyond the one needed where the result jumps over the target, and why it does.

    `beyond` is 1 for above, -1 for below. A step from one whole number to the next is a jump if
    those beside it are far smaller. None: it does not jump.
    """
    declared = INPUTS[name]
    is_whole = declared.kind == "integer"
    step = 1.0 if is_whole else _BESIDE * max(abs(needed), EXACT * declared.high)
    step = needed if is_next_to_zero(name, needed) else step
    places = [needed + at * beyond * step for at in (-1, 0, 1, 2)]
    if not declared.contains(places[2]):
        return None, ""
    before, here, there, after = (
        result_at(values, target, name, place) if declared.contains(place) else math.nan
        for place in places
    )
    least = target.wanted if target.is_month else target.least
    steps = [abs(one - other) for one, other in ((before, here), (there, after))]
    usual = max((one for one in steps if math.isfinite(one)), default=math.inf)
    size = 1.0
    if not target.is_month:
        size = float(saving(Inputs.of({**values, **moved(values, name, needed)})).gross)
    enough = _FAR * usual if is_whole else _APART * size
    if not abs(here - least) > enough or math.isnan(there) or target.is_met(there):
        return None, ""
    return places[2], _why_jump(values, target, name, (needed, places[2]))


def _why_jump(
    values: dict[str, Any], target: Target, name: str, places: tuple[float, float]
) -> str:
    """Why the result is another one at two neighboring values of an input; empty for not known."""
    found = [saving(Inputs.of({**values, **moved(values, name, place)})) for place in places]
    if abs(found[0].usd - found[1].usd) <= _APART * found[0].gross:
        # What is saved does not jump: a month does, from one crossing of the costs to another.
        side = "below" if places[1] < places[0] else "above"
        return f"{side} it renting is ahead again later" if target.is_month else ""
    if name == "horizon_months":
        has_terms = values["financing"] == "lease" or values["billing"] == "committed"
        return "another term begins there" if has_terms else ""
    return _CAUSES.get(name, "")


def _why_none(values: dict[str, Any], target: Target, name: str, found: Reached) -> _Why:
    """Why an input has no threshold, and where there is one the closest that it comes, and where.

    It does not count, or every value reaches the target, or none.
    """
    if why := no_effect(name, values):
        return why, None, None
    if found.stretch is not None:
        return "every value does", None, None
    if math.isnan(found.best):
        return "no value can be combined with the other inputs", None, None
    if math.isfinite(found.best) and found.is_flat:
        return "no effect here", None, None
    if target.kind == "irr" or math.isinf(found.best):
        return "no value does", None, None
    return "no value does", found.best, found.at


def _irr_at(asked: Scenario, values: dict[str, Any], name: str, value: float) -> float | None:
    """The one rate of return with another value of an input; None where there is not one."""
    held = {one: values[one] for one in INPUTS if values[one] is not None}
    with suppress(InputError):  # a policy locks it
        roots = measures(replace(asked, **held | moved(values, name, value))).irr
        return roots[0] if len(roots) == 1 else None
    return None


def _inside(value: float, side: str, name: str) -> str:
    """A threshold in words, rounded to the side on which the target is reached."""
    return INPUTS[name].spoken(_rounded(value, side, name))


def _rounded(value: float, side: str, name: str) -> float:
    """A threshold in three significant figures, on the side on which the target is reached."""
    declared = INPUTS[name]
    if not value or declared.kind == "integer":
        return value
    shown = declared.shown(value)
    unit = 10.0 ** (math.floor(math.log10(abs(shown))) - _FIGURES + 1)
    steps = shown / unit
    whole = math.ceil(steps - _INSIDE) if side == "at_least" else math.floor(steps + _INSIDE)
    return float(declared.meant(whole * unit))


def goal_result(target: str, result: float | None) -> str:
    """What there is of a target, as people read it.

    >>> goal_result("payback_months", math.inf), goal_result("saving_usd", 12_345.6)
    ('never', '$12,346')
    """
    is_none = result is None or math.isnan(result)
    return measured(None if is_none else result, RESULT_UNITS[target])
