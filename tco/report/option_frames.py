"""All ways to get the busy hours as frames: cost stacks, tables for a screen, what is picked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.analysis.comparison import Calendar
from tco.analysis.options import options, screening
from tco.analysis.ways import percent, ways_of, what_if
from tco.errors import InputError
from tco.finance.discounting import levelised
from tco.inputs import Inputs
from tco.model.cashflows import entries
from tco.report.currency import conversion_of
from tco.report.options_data import WORDS, finding, in_words, named
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

# What a busy hour costs is made of, by side: the items of the ledger.
GROUPS = {
    "own": {
        "hardware, less resale": (
            *("gpus", "spares", "servers", "network", "install", "sales_tax", "resale"),
            *("refresh", "refresh_resale"),
        ),
        "loan, lease": (
            *("loan_proceeds", "loan_payment", "loan_settlement"),
            *("lease", "lease_buyout", "lease_return", "unused_lease"),
        ),
        "energy, cooling": ("energy_it", "energy_cooling"),
        "space, colocation": ("space", "colocation"),
        "staff, upkeep": ("staff", "maintenance", "failures", "licences", "insurance"),
        "rent until delivery": ("rent_until_delivery",),
    },
    "rent": {
        "compute": ("compute",),
        "support, storage": ("support", "storage_egress"),
        "commitment": ("upfront", "unused_commitment"),
    },
}
TAX = "income tax"
_PER_CENT = 100
_CASH = re.compile(r"cash_year_(\d+)_usd")


@dataclass(frozen=True, eq=False)
class Ways:
    """What the Options page shows of one scenario: frames, the finding, and what it rests on.

    `frame` and `lines` are `tco.options()` and `tco.screening()`, `stacks` is `stacks_frame()`;
    `winner` is the row of the cheapest option, None where nothing has a price.
    """

    frame: pd.DataFrame
    lines: pd.DataFrame
    stacks: pd.DataFrame
    winner: dict[Any, Any] | None
    finding: str


def ways(scenario: Scenario) -> Ways:
    """All ways to get the busy hours of one scenario, compared; InputError for a table.

    >>> ways(Scenario(gpu="L4", utilization=0.6)).finding.startswith("At 60 % busy ")
    True
    """
    frame, lines = options(scenario), screening(scenario)
    priced = frame[frame["status"] == "priced"]
    winner = priced.iloc[0].to_dict() if len(priced) else None
    said = finding(frame, lines, scenario.values()["utilization"])
    return Ways(frame, lines, stacks_frame(scenario, frame), winner, said)


def stacks_frame(scenario: Scenario, frame: pd.DataFrame) -> pd.DataFrame:
    """What a busy hour of each option is made of, each way of owning at its cheapest site.

    Columns: option, side, hosting, group, usd_per_busy_gpu_hour [USD, present value over discounted
    busy hours]. The groups of an option add up to its cost in `frame`, that of `tco.options()`.
    Empty without busy hours.

    >>> from tco.analysis.options import options
    >>> asked = Scenario(gpu="L4", utilization=0.6)
    >>> total = stacks_frame(asked, options(asked)).groupby("option")["usd_per_busy_gpu_hour"].sum()
    >>> listed = options(asked).drop_duplicates("option").set_index("option")
    >>> bool(abs(total["spot"] / listed.loc["spot", "usd_per_busy_gpu_hour"] - 1) < 1e-9)
    True
    """
    import pandas as pd

    columns = ["option", "side", "hosting", "group", "usd_per_busy_gpu_hour"]
    shown = cheapest_sites(frame) if scenario.values()["utilization"] else []
    found = {(way.option, way.hosting): way for way in ways_of(scenario)}
    rows: list[tuple[Any, ...]] = []
    for row in shown:
        v = Inputs.of(found[row["option"], row["hosting"]].values)
        for group, cost in _grouped(v, row["side"]).items():
            rows.append((row["option"], row["side"], row["hosting"], group, cost))
    return pd.DataFrame(rows, columns=columns)


def _grouped(v: Inputs, side: str) -> dict[str, float]:
    """The cost of a busy hour by group; only what there is."""
    group_of = {item: group for group, items in GROUPS[side].items() for item in items}
    hours = v.gpus * v.hours_per_month * v.utilization * Calendar(v).busy
    present = dict.fromkeys((*GROUPS[side], TAX), 0.0)
    for item, _, _, _, value in entries(v, side):
        present[group_of.get(item, TAX)] += float(value)
    return {group: float(levelised(value, hours)) for group, value in present.items() if value}


def cheapest_sites(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows of `tco.options()` that have a price, of each option the cheapest, in their order.

    >>> [row["option"] for row in cheapest_sites(options(gpu="L4", utilization=0.6))][:2]
    ['buy_used', 'loan']
    """
    priced = frame[frame["status"] == "priced"]
    return list(priced.drop_duplicates("option").to_dict("records"))


def table_frame(frame: pd.DataFrame, decided: Iterable[tuple[str, str]] = ()) -> pd.DataFrame:
    """The frame of `tco.options()` for a screen: in words, the most telling columns first.

    `decided` are the options (option, hosting) that the Decide page compares.
    """
    import pandas as pd

    shown = list(decided)
    rows = frame.to_dict("records")
    cash = [name for name in map(str, frame) if _CASH.fullmatch(name)]
    columns: dict[str, Any] = {
        "rank": frame["rank"],
        "option": [named(row["option"], row["hosting"]) for row in rows],
        "side": frame["side"].map(WORDS),
        "USD per busy hour": frame["usd_per_busy_gpu_hour"].replace(math.inf, math.nan),
        "present value": frame["present_value_usd"],
        "payback, months": frame["discounted_payback_months"].replace(math.inf, math.nan),
        "cheapest from, %": frame["cheapest_from"] * _PER_CENT,
        "cheapest to, %": frame["cheapest_to"] * _PER_CENT,
        "why not": [in_words(row["why_not"]) for row in rows],
        "on Decide": [(row["option"], row["hosting"]) in shown for row in rows],
        **{f"cash, {_year(name)}": frame[name] for name in cash},
        "note": [in_words(row["note"]) for row in rows],
    }
    return pd.DataFrame(columns)


def lines_table(lines: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.screening()` for a screen: a row for each option, a column a utilisation.

    >>> lines_table(screening(gpu="H100-SXM")).columns.tolist()
    ['option', '0 % busy', '100 % busy']
    """
    import pandas as pd

    rows: dict[str, dict[str, Any]] = {}
    for row in lines.to_dict("records"):
        name = named(row["option"], row["hosting"])
        costs = rows.setdefault(name, {"option": name})
        costs[f"{percent(row['utilization'])} busy"] = row["usd_per_gpu_year"]
    return pd.DataFrame(list(rows.values()))


def stacks_table(stacks: pd.DataFrame) -> pd.DataFrame:
    """The frame of `stacks_frame()` for a screen: a row for each option, a column a group.

    >>> asked = Scenario(gpu="H100-SXM", utilization=0.6)
    >>> stacks_table(stacks_frame(asked, options(asked)))["option"].tolist()[0]
    'Spot'
    """
    import pandas as pd

    rows: dict[str, dict[str, Any]] = {}
    for row in stacks.to_dict("records"):
        name, cost = named(row["option"], row["hosting"]), row["usd_per_busy_gpu_hour"]
        costs = rows.setdefault(name, {"option": name, "total": 0.0})
        costs[row["group"]] = cost
        costs["total"] += cost
    return pd.DataFrame(list(rows.values()))


def changes_to(scenario: Scenario, option: str, hosting: str) -> dict[str, Any]:
    """The inputs that make an option one side of the scenario; None: not given any more.

    >>> changes_to(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7), "spot", "")
    {'rate_usd_per_gpu_hour': None, 'term': 'spot', 'billing': 'per_use'}
    """
    before, after = scenario.given, what_if(scenario, option, hosting or None).given
    names = dict.fromkeys((*before, *after))
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}


def currency_note(scenario: Scenario) -> str:
    """In which currency the amounts are, where the scenario asks for another one; else empty.

    >>> currency_note(Scenario(currency="EUR", fx_rate=0.9, fx_as_of="2026-11-20"))
    'Amounts are in USD. In EUR they are 0.9 times as much: converted at 0.9 EUR per USD of \
2026-11-20.'
    """
    try:
        found = conversion_of(scenario)
    except InputError as wrong:
        return f"Amounts are in USD: {wrong}"
    if found is None:
        return ""
    times = f"In {found.currency} they are {found.fx_rate:g} times as much"
    return f"Amounts are in USD. {times}: {found.label}."


def _year(name: str) -> str:
    """The year of a column of cash; the start is year 0."""
    year = _CASH.fullmatch(name)
    return f"year {year[1]}" if year and year[1] != "0" else "start"
