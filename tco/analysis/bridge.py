"""From what renting costs to what owning costs, group by group of items."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, Unpack

from tco.finance.returns import net
from tco.inputs.text import takes_inputs
from tco.model.breakeven import one_scenario
from tco.model.items import GAIN, GROUPS, OWN, RENT, TAX_GROUP, group_of, items_of
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario, scenario_of
from tco.words.figures import capital
from tco.words.finance import SIDE_LABELS

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

BRIDGE_COLUMNS = ("label", "side", "step", "usd", "running_usd")
# The ends of the bridge, and what is done with the groups of each side.
RENTING, OWNING = SIDE_LABELS[RENT], SIDE_LABELS[OWN]
START, REMOVED, ADDED, END = "start", "removed", "added", "end"
# Hardware and what it is sold for are steps of their own; financing follows the other groups.
_HARDWARE, _RESALE = "Hardware", "Resale"
_SOLD = {item.name for item in items_of(OWN) if item.tax == GAIN}
_BEFORE = {
    RENT: tuple(map(capital, GROUPS[RENT])),
    OWN: (_HARDWARE, *map(capital, GROUPS[OWN][2:])),
}
_FINANCING, _TAX = capital(GROUPS[OWN][1]), capital(TAX_GROUP)
_AFTER = {RENT: (_TAX,), OWN: (_FINANCING, _TAX, _RESALE)}
_TAKEN = {RENTING, OWNING, *_BEFORE[RENT], *_BEFORE[OWN], *_AFTER[OWN]}


class BridgeStep(NamedTuple):
    """One step: its label, side, what it does, its present value and all so far [USD].

    `step` is start (all of renting), removed (a group of renting, with the opposite sign), added
    (a group of owning) or end (all of owning).
    """

    label: str
    side: str
    step: str
    usd: float
    running_usd: float


def bridge_steps(scenario: Scenario) -> tuple[BridgeStep, ...]:
    """The steps of `bridge()`.

    >>> steps = bridge_steps(Scenario(gpu="L4"))
    >>> steps[0].label, steps[1].label, steps[-1].label
    ('Renting', 'Compute', 'Owning')
    """
    if scenario.is_table:
        raise one_scenario("bridge()")
    # By side; the user's own lines, which may be called like a group, apart.
    groups: dict[str, defaultdict[str, list[float]]] = {s: defaultdict(list) for s in (RENT, OWN)}
    lines: dict[str, defaultdict[str, list[float]]] = {s: defaultdict(list) for s in (RENT, OWN)}
    own_names = {(line.side, line.name) for line in scenario.lines}
    for side, item, _, _, _, value in ledger_rows(scenario):
        if (side, item) in own_names:
            lines[side][item].append(value)
        else:
            groups[side][_group(side, item)].append(value)
    totals = {
        side: math.fsum(
            v for found in (groups, lines) for each in found[side].values() for v in each
        )
        for side in groups
    }
    steps = [(RENTING, RENT, START, totals[RENT])]
    for side, step, sign in ((RENT, REMOVED, -1), (OWN, ADDED, 1)):
        before, after = (
            [(name, net(groups[side][name])) for name in listed[side]]
            for listed in (_BEFORE, _AFTER)
        )
        yours = [
            (f"{name} (yours)" if name in _TAKEN else name, net(each))
            for name, each in lines[side].items()
        ]
        steps += [(name, side, step, sign * usd) for name, usd in (*before, *yours, *after) if usd]
    counts = [label for label, *_ in steps]
    words = {RENT: RENTING.lower(), OWN: OWNING.lower()}
    named = [
        (f"{label}, {words[side]}" if counts.count(label) > 1 else label, side, step, usd)
        for label, side, step, usd in steps
    ]
    amounts = [usd for *_, usd in named]
    found = [BridgeStep(*one, net(amounts[: at + 1])) for at, one in enumerate(named)]
    return (*found, BridgeStep(OWNING, OWN, END, totals[OWN], totals[OWN]))


def _group(side: str, item: str) -> str:
    if side == OWN and item in _SOLD:
        return _RESALE
    group = group_of(side, item)
    return _HARDWARE if group == GROUPS[OWN][0] else capital(group)


@takes_inputs
def bridge(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> pd.DataFrame:
    """From the present value of renting to that of owning, group by group of cost items.

    Columns: label, side (rent, own), step (start, removed, added, end), usd and running_usd [USD].
    The first row is all of renting; its groups are removed one by one, then those of owning added:
    hardware, running costs, the user's own lines, financing, income tax and resale. The last row is
    all of owning, and what the others sum up to. Groups that cost nothing are left out. For one
    scenario; InputError for a table, and where a price or rate is not known.

    >>> import tco
    >>> steps = tco.bridge(gpu="L4", gpus=8, utilization=0.6)
    >>> answer = tco.breakeven(gpu="L4", gpus=8, utilization=0.6)
    >>> first, *between, last = steps["usd"]
    >>> abs(first - answer.rent_npv_usd) < 1e-6, abs(first + sum(between) - last) < 1e-6
    (True, True)
    """
    import pandas as pd

    return pd.DataFrame(bridge_steps(scenario_of(scenario, inputs)), columns=BRIDGE_COLUMNS)
