"""The other questions about a scenario: its ledger, its curves, its racks."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from tco.errors import InputError, Problem
from tco.inputs import PRICES, Inputs
from tco.inputs.text import takes_inputs
from tco.model import facility, ownership
from tco.model.breakeven import model_values, one_scenario
from tco.model.cashflows import energy, entries, points
from tco.model.facility import peak_it_kw, servers_by_power, servers_by_space
from tco.model.items import OWN, SIDES
from tco.model.results import checked, rack_limit_problem
from tco.numeric import any_true
from tco.scenario import Scenario, scenario_of
from tco.words.figures import counted, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

PAID_COLUMNS = ("option", "item", "month", "t_months", "cost_usd", "present_value_usd")
LEDGER_COLUMNS = (*PAID_COLUMNS, "energy_kwh")
CO2_COLUMN = "co2_kg"
CURVE_COLUMNS = ("month", "t_months", "own_usd", "rent_usd", "own_exit_usd", "rent_exit_usd")


@takes_inputs
def ledger(
    scenario: Scenario | None = None,
    /,
    *,
    side: str | None = None,
    option: str | None = None,
    **inputs: Unpack[InputValues],
) -> pd.DataFrame:
    """Every cost of both sides, item by item and month by month, as a frame.

    Columns: option (own, rent), item, month (0: at the start), t_months [months], cost_usd and
    present_value_usd [USD, resale negative], energy_kwh [kWh; of the items that draw any, paid for
    or included in a fee] and, where `co2_kg_per_kwh` is given, co2_kg [kg]. The sums of
    present_value_usd are own_npv_usd and rent_npv_usd of `breakeven()`. With `side` only that one
    (its former name is `option`): owning needs no rental rate.

    >>> import tco
    >>> rows = tco.ledger(gpu="L4", side="own")
    >>> total = rows["present_value_usd"].sum()
    >>> bool(abs(total / tco.breakeven(gpu="L4").own_npv_usd - 1) < 1e-9)
    True
    """
    import pandas as pd

    if option is not None:
        warnings.warn("option= of tco.ledger is called side= now", FutureWarning, stacklevel=2)
        side = option
    asked = asked_of(scenario, inputs, _side_problems(side))
    columns, rows = ledger_table(asked, side)
    frame = pd.DataFrame(rows, columns=columns)
    drawn = list(columns[len(PAID_COLUMNS) :])
    return frame.astype(dict.fromkeys(drawn, float))


def ledger_table(
    scenario: Scenario, side: str | None = None
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Columns and rows of `ledger()`; None where an item draws no energy.

    >>> ledger_table(Scenario(gpu="L4", co2_kg_per_kwh=0.4))[0][-2:]
    ('energy_kwh', 'co2_kg')
    """
    v = Inputs.of(scenario.values())
    rows, drawn = ledger_rows(scenario, side), _energy(v)
    emits = v.co2_kg_per_kwh > 0
    listed = []
    for row in rows:
        kwh = drawn.get((row[1], row[2])) if row[0] == OWN else None
        co2 = None if kwh is None else kwh * v.co2_kg_per_kwh
        listed.append((*row, kwh, co2) if emits else (*row, kwh))
    return (*LEDGER_COLUMNS, CO2_COLUMN) if emits else LEDGER_COLUMNS, listed


def _energy(v: Inputs) -> dict[tuple[str, int], float]:
    """What is drawn by item and month [kWh]: by the IT equipment, and by the rest of the site."""
    found = {}
    for month, kwh in energy(v):
        found["energy_it", month] = float(kwh)
        found["energy_cooling", month] = float(facility.cooling(kwh, v.pue))
    return found


@dataclass(frozen=True)
class Energy:
    """Energy that owning draws, cooling included [kWh]: in all, and in a full month.

    `co2_kg` are its emissions in all [kg], None where no carbon intensity is given.
    """

    kwh: float
    kwh_per_month: float
    co2_kg: float | None


def energy_of(scenario: Scenario) -> Energy:
    """The energy of owning in one scenario; it takes neither a price nor a rental rate.

    >>> found = energy_of(Scenario(gpu="L4", gpus=8, horizon_months=36, co2_kg_per_kwh=0.5))
    >>> round(found.kwh_per_month * 36 / found.kwh, 12), round(found.co2_kg / found.kwh, 12)
    (1.0, 0.5)
    """
    v = one_of(scenario, "energy", ())
    kwh = math.fsum(_energy(v).values())
    full = ownership.energy_kwh(v, ownership.servers(v))
    in_full = float(full + facility.cooling(full, v.pue))
    given = v.co2_kg_per_kwh > 0
    return Energy(kwh, in_full, float(kwh * v.co2_kg_per_kwh) if given else None)


def ledger_rows(scenario: Scenario, side: str | None = None) -> list[tuple[Any, ...]]:
    """What is paid, as tuples in the order of PAID_COLUMNS."""
    if problems := _side_problems(side):
        raise InputError(problems)
    sides = SIDES if side is None else (side,)
    needed = tuple(name for one, name in zip(SIDES, PRICES, strict=True) if one in sides)
    if any_true(scenario.values()["delivery_months"] > 0):
        needed = PRICES  # until the hardware is there its hours are rented
    resolved = one_of(scenario, "ledger()", needed)
    return [
        (one, item, month, float(t), float(cost), float(present))
        for one in sides
        for item, month, t, cost, present in entries(resolved, one)
    ]


def _side_problems(side: Any) -> list[Problem]:
    if side is None or (isinstance(side, str) and side in SIDES):
        return []
    return [Problem("side", f"side = {side!r} is not own or rent: the side that is listed")]


@takes_inputs
def curves(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> pd.DataFrame:
    """Cumulative present value of both sides at the start and at the end of each month.

    Columns: month, t_months [months], own_usd and rent_usd (without resale and unused commitment),
    own_exit_usd and rent_exit_usd (if one sells and stops then) [USD].

    >>> import tco
    >>> list(tco.curves(gpu="L4", horizon_months=2)["t_months"])
    [0.0, 1.0, 2.0]
    """
    import numpy as np
    import pandas as pd

    resolved = one_of(scenario_of(scenario, inputs), "curves()", PRICES)
    rows = [(p.t_months, p.own, p.rent, p.own_exit, p.rent_exit) for p in points(resolved)]
    columns = np.array(rows, dtype=float).T
    return pd.DataFrame(dict(zip(CURVE_COLUMNS, (np.arange(len(rows)), *columns), strict=True)))


@dataclass(frozen=True)
class Rack:
    """How a scenario's servers fill racks. `limit` is space or power, whichever binds."""

    gpus_per_rack: int
    servers_per_rack: int
    kw_per_rack: float
    racks: float
    limit: str
    server_kw: float
    gpus_kw_per_server: float

    @property
    def sentence(self) -> str:
        """What a full rack holds, what it draws, and how many racks the servers take up.

        >>> import tco
        >>> tco.rack(gpu="L4", gpus=8, server_w=400, rack_kw=17).sentence
        'A full rack holds 136 GPUs and draws 16.6 kW, limited by power; the servers fill 5.88 % \
of it.'
        """
        filled = f"{percent(self.racks)} of it"
        if self.racks >= 1:
            filled = counted(self.racks, "rack")
        return (
            f"A full rack holds {counted(self.gpus_per_rack, 'GPU')} and draws "
            f"{number(self.kw_per_rack)} kW, limited by {self.limit}; the servers fill {filled}."
        )


@takes_inputs
def rack(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> Rack:
    """GPUs and peak power of one full rack, racks needed, and which limit binds.

    InputError names the limit when a rack cannot hold one server.

    >>> import tco
    >>> full = tco.rack(gpu="L4", gpus=8, server_w=400, rack_kw=17)
    >>> full.gpus_per_rack, full.limit, full.gpus_kw_per_server
    (136, 'power', 0.576)
    """
    v = one_of(scenario_of(scenario, inputs), "rack()", ())
    held = ownership.rack_servers(v)
    if held < 1:
        raise InputError([Problem(*rack_limit_problem(v))])
    server_kw = peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w)
    by_space = servers_by_space(v.rack_units, v.server_units)
    return Rack(
        gpus_per_rack=int(held * v.gpus_per_server),
        servers_per_rack=int(held),
        kw_per_rack=float(held * server_kw),
        racks=float(ownership.racks(v)),
        limit="space" if by_space <= servers_by_power(v.rack_kw, server_kw) else "power",
        server_kw=float(server_kw),
        gpus_kw_per_server=float(peak_it_kw(v.gpus_per_server, v.gpu_w, 0, 0)),
    )


def asked_of(scenario: Scenario | None, inputs: InputValues, problems: list[Problem]) -> Scenario:
    """The scenario of a call; its problems are reported with those already found."""
    try:
        asked = scenario_of(scenario, inputs)
    except InputError as wrong:
        raise InputError([*problems, *wrong.problems]) from None
    if problems:
        raise InputError(problems)
    return asked


def one_of(scenario: Scenario, what: str, needed: tuple[str, ...]) -> Inputs:
    """The inputs of one scenario that is no table, with the prices that are needed."""
    if scenario.is_table:
        raise one_scenario(what)
    v = Inputs.of(model_values(scenario, needed))
    if what != "rack()":
        checked(v)
    return v
