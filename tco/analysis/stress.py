"""What one bad turn does to the answer: the named stresses, each on its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tco.errors import InputError
from tco.inputs import INPUTS
from tco.inputs.calling import takes_inputs
from tco.market.stresses import BASE, Change, Stress, load_stresses
from tco.model.breakeven import Breakeven, breakeven, one_scenario
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

# As flips() says it.
NO_EFFECT = "no effect here"
STRESS_COLUMNS = (
    "name",
    "title",
    "changes",
    "npv_saving_usd",
    "change_usd",
    "months",
    "verdict",
    "note",
    "source_id",
    "why",
)


@takes_inputs
def stress(scenario: Scenario | None = None, /, **inputs: Any) -> pd.DataFrame:
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
    base = breakeven(asked)
    rows = [(BASE, "As it is", "", *_results(base, base), "", "", "")]
    rows += [_row(asked, base, one) for one in load_stresses()]
    return pd.DataFrame(rows, columns=STRESS_COLUMNS)


def stressed(scenario: Scenario, one: Stress) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario under a stress, and what had to be kept inside its domain or rounded.

    InputError where the domain has no such value, as at the open end of one.

    >>> from tco.market.stresses import Change, Stress
    >>> add = Stress("more", "More", (Change("utilization", "add", 0.7),), "2026", "assumption", "")
    >>> stressed(Scenario(utilization=0.6), add)
    (Scenario(utilization=1.0), ('utilization is kept inside [0, 1]: 1.3 is not',))
    """
    values, found, notes = scenario.values(), {}, []
    for change in one.changes:
        found[change.input], note = _inside(change, values)
        notes += [note] if note else []
    return scenario_of(scenario, found), tuple(notes)


def _inside(change: Change, values: dict[str, Any]) -> tuple[Any, str]:
    """The value under the stress inside its domain, and a note where it had to be moved there."""
    declared, wanted = INPUTS[change.input], change.applied(values)
    if change.how in ("set", "copy") or declared.contains(wanted):
        return wanted, ""
    if not declared.low <= wanted <= declared.high:
        kept = min(max(wanted, declared.low), declared.high)
        kind = int if declared.kind == "integer" else float
        return kind(kept), f"{change.input} is kept inside {declared.domain}: {wanted:g} is not"
    return round(wanted), f"{change.input} is rounded from {wanted:g}"


def _row(asked: Scenario, base: Breakeven, one: Stress) -> tuple[Any, ...]:
    about = (one.name, one.title)
    try:
        changed, notes = stressed(asked, one)
        answer = breakeven(changed)
    except InputError as wrong:
        nothing = ("", math.nan, math.nan, math.nan, "")
        return (*about, *nothing, str(wrong), one.source_id, one.note)
    was, now = asked.values(), changed.values()
    names = (change.input for change in one.changes)
    said = "; ".join(f"{n} = {_text(now[n])} (was {_text(was[n])})" for n in names)
    notes += (NO_EFFECT,) if _same(answer, base) else ()
    return (*about, said, *_results(answer, base), "; ".join(notes), one.source_id, one.note)


def _same(answer: Breakeven, base: Breakeven) -> bool:
    """Whether both say the same; a refresh after the horizon moves the last bit."""
    compared = ("own_npv_usd", "rent_npv_usd", "months")
    return all(math.isclose(getattr(answer, name), getattr(base, name)) for name in compared)


def _results(answer: Breakeven, base: Breakeven) -> tuple[Any, ...]:
    change = answer.npv_saving_usd - base.npv_saving_usd
    return answer.npv_saving_usd, change, answer.months, answer.verdict


def _text(value: Any) -> str:
    return f"{value:g}" if type(value) in (int, float) else str(value)
