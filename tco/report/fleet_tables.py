"""A fleet's plan written down: what it costs, what to buy when, and each of its GPUs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tco.analysis.fleet_plan import Fleet
from tco.market.catalogue import Catalogue
from tco.numeric import MONTHS_PER_YEAR
from tco.report.market_tables import frame_csv
from tco.words.figures import capital, whole_usd
from tco.words.fleet import demand_sentence, wait_sentence

if TYPE_CHECKING:
    import pandas as pd


COST_COLUMNS = ("plan", "gpus_owned", "present_value_usd", "more_than_plan_usd")
# How long the question "and if we wait?" waits [months].
WAIT_MONTHS = 6


def costs(found: Fleet) -> pd.DataFrame:
    """What the plan costs beside the two extremes, buying without delay, and waiting.

    Columns: plan, gpus_owned, present_value_usd, more_than_plan_usd [USD].

    >>> from tco.analysis.fleet import fleet
    >>> costs(fleet(gpu="L4", demand=[2, 1, 0, 1], rate_usd_per_gpu_hour=0.7))["plan"].tolist()[:3]
    ['this plan', 'rent all', 'own all']
    """
    import pandas as pd

    own = "own all" if found.most_owned >= found.needed else "own all that may be"
    rows = [
        ("this plan", found.owned, found.npv_usd),
        ("rent all", 0, found.all_rent_npv_usd),
        (own, found.most_owned, found.all_own_npv_usd),
    ]
    if found.buy_now.npv_usd != found.npv_usd:
        rows.append(("buy today or never", *found.buy_now))
    if WAIT_MONTHS in set(found.waiting["month"]):
        rows.append((f"rent all, buy in month {WAIT_MONTHS}", *found.wait(WAIT_MONTHS)))
    frame = pd.DataFrame(rows, columns=list(COST_COLUMNS[:3]))
    return frame.assign(more_than_plan_usd=frame["present_value_usd"] - found.npv_usd)


def sentences(found: Fleet) -> list[str]:
    """The finding, what the demand is, waiting, and what was done with the demand."""
    notes = (f"{capital(note)}." for note in found.notes)
    return [found.reason, *demand_and_waiting(found), *fixed_lines(found), *notes]


def demand_and_waiting(found: Fleet) -> list[str]:
    """What the demand is, and what it costs to wait before buying, a sentence each.

    >>> from tco.analysis.fleet import fleet
    >>> demand_and_waiting(fleet(gpu="L4", demand=[2, 1, 0, 1], rate_usd_per_gpu_hour=0.7))[0]
    'Demand: 1 GPU on average, 2 GPUs at the peak (mean over peak 50 %); 4 hours are known.'
    """
    said = []
    if (curve := found.demand) is not None:
        said.append(demand_sentence(curve.mean_gpus, curve.peak_gpus, curve.hours))
    then = found.wait(WAIT_MONTHS) if WAIT_MONTHS in set(found.waiting["month"]) else None
    if then is not None and (then.owned or found.buy_now.owned):
        extra = then.npv_usd - found.buy_now.npv_usd
        said.append(wait_sentence(WAIT_MONTHS, extra, then.owned))
    return said


def fixed_lines(found: Fleet) -> list[str]:
    """What the user's own lines of a fixed amount add to the plan; nothing without any."""
    if not (found.fixed_own_usd or found.fixed_rent_usd):
        return []
    own, rent = (whole_usd(amount) for amount in (found.fixed_own_usd, found.fixed_rent_usd))
    return [
        f"Your lines of a fixed amount come on top, once for the fleet: {own} if anything is "
        f"owned, {rent} if anything is rented."
    ]


def duration(found: Fleet) -> pd.DataFrame:
    """The load-duration curve of the last year: share of hours, and the GPUs needed in it.

    Of a plan without a demand that of its GPUs.

    >>> from tco.analysis.fleet import fleet
    >>> duration(fleet(gpu="L4", demand=[2, 0], rate_usd_per_gpu_hour=0.7)).values.tolist()
    [[0.0, 2.0], [0.5, 2.0], [0.5, 0.0], [1.0, 0.0]]
    """
    import numpy as np
    import pandas as pd

    if found.demand is not None:
        years = math.ceil(found.scenario.values()["horizon_months"] / MONTHS_PER_YEAR)
        return found.demand.grown((1 + found.growth_per_year) ** (years - 1)).duration()
    busy = np.sort(found.units["utilization"].to_numpy())
    ends = np.repeat(np.append(busy, 1.0), 2)
    levels = np.repeat(np.arange(len(busy), -1, -1), 2).astype(float)
    return pd.DataFrame({"share": np.append(0.0, ends[:-1]), "gpus": levels})


def plan_csv(found: Fleet, catalogue: Catalogue) -> str:
    """The GPUs of the plan as CSV, each row with the versions that made it."""
    return frame_csv(found.units, catalogue)


def compact_units(found: Fleet) -> pd.DataFrame:
    """GPUs that are alike in one row: from the first of them to the last.

    Columns: units, gpus, utilization [share], npv_saving_usd (each), owned, buy_month.

    >>> from tco.analysis.fleet import fleet
    >>> rows = compact_units(fleet(gpu="L4", demand=[3, 3, 0, 0], rate_usd_per_gpu_hour=0.7))
    >>> rows[["units", "gpus"]].values.tolist()
    [['1–3', 3]]
    """
    return compacted(found.units)


def compacted(units: pd.DataFrame) -> pd.DataFrame:
    """The same of the GPUs of a plan."""
    import pandas as pd

    shown = ["utilization", "npv_saving_usd", "owned", "buy_month", "rent_option"]
    alike = units[shown].assign(
        utilization=units["utilization"].round(9),
        npv_saving_usd=units["npv_saving_usd"].round(6),
        buy_month=units["buy_month"].fillna(-1),
    )
    group = (alike != alike.shift()).any(axis=1).cumsum()
    rows: list[dict[str, Any]] = []
    for _, part in units.groupby(group):
        first, last = int(part["unit"].iloc[0]), int(part["unit"].iloc[-1])
        named = str(first) if first == last else f"{first}–{last}"
        row = {"units": named, "gpus": len(part)}
        rows.append(row | {name: part[name].iloc[0] for name in shown})
    frame = pd.DataFrame(rows)
    frame["buy_month"] = frame["buy_month"].astype("Int64")
    return frame
