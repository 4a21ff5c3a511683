"""A fleet's plan on the screen: the answer in words, key figures, and the tables below it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tco.analysis.declared import RENTING
from tco.analysis.fleet_plan import Fleet
from tco.analysis.fleet_task import FIELDS, FILE, MEAN, TRACE, WEEK, WORK
from tco.inputs.labels import in_labels
from tco.report.fleet_tables import (
    compact_units,
    costs,
    demand_and_waiting,
    duration,
    fixed_lines,
)
from tco.report.option_tables import NAMES
from tco.scenario import Scenario
from tco.words.figures import capital, fixed_percent, percent, period, whole_usd
from tco.words.fleet import gpus_text

if TYPE_CHECKING:
    import pandas as pd

# Title, value, what stands under it, and its side.
Tile = tuple[str, str, str, str]
_NOTES = {
    WEEK: "GPUs in use in each hour of a week: working hours from Monday to Friday, the other "
    "hours of these days, and the weekend. The week repeats.",
    MEAN: "Without hours the load-duration curve of a mean and a peak stands for the demand.",
    TRACE: "How often a public service was asked, hour by hour, scaled so that its busiest hour "
    "takes the GPUs at the peak. The series is short: your own says more.",
    FILE: "A series of requests or tokens is scaled so that its busiest hour takes the GPUs at the "
    "peak; GPUs and GPU-hours are used as they are.",
    WORK: "The work of the page Work on the GPU of this scenario, in whole replicas.",
}
# What the library's reader of a demand says, and a page has no box for.
_GAPS = 'give gaps="zero"'
FILES_NOTE = (
    "A demand is a CSV file with the columns time and value: GPUs in use by hour, or requests. A "
    "bill is an export of FOCUS, AWS, Google Cloud or Azure (CSV, gzip, ZIP or Parquet). Logs are "
    "those of nvidia-smi, DCGM's exporter or vLLM. Files are read for this tab alone; a link does "
    "not contain them."
)
UNITS_NOTE = (
    "The first GPU is needed most often, the last one in the busiest hours alone. A GPU is worth "
    "owning as long as it saves more than it costs."
)


class Answer(NamedTuple):
    """The answer: its side, a word, a sentence, and more sentences."""

    side: str
    word: str
    lead: str
    more: tuple[str, ...]


def asked_note(demand: str) -> str:
    """What a way to say the demand means."""
    return _NOTES[demand]


def in_words(message: str) -> str:
    """A message about a fleet with labels in the place of names.

    >>> in_words("minimum_billing_hours needs a demand by hour")
    '“Minimum billing” needs a demand by hour'
    >>> in_words('demand: an hour is missing: give gaps="zero" if nothing ran then')
    'an hour is missing: add a row of 0 if nothing ran then'
    """
    told = message.removeprefix("demand: ").replace(_GAPS, "add a row of 0")
    return in_labels(in_labels(told), FIELDS)


def answer(found: Fleet) -> Answer:
    """How many GPUs to own and to rent, and what that costs.

    >>> from tco.analysis.fleet import fleet
    >>> week = [10] * 40 + [4] * 80 + [2] * 48
    >>> answer(fleet(gpu="L4", demand=week, rate_usd_per_gpu_hour=0.8)).word
    'OWN 4, RENT up to 6'
    """
    rented = max(0, found.needed - found.owned)
    words = [f"OWN {found.owned:,}" if found.owned else ""]
    words.append(f"RENT up to {rented:,}" if rented and found.owned else "")
    words.append(f"RENT all {rented:,}" if not found.owned else "")
    side = "rent" if not found.owned else "buy" if not rented else "toss_up"
    return Answer(
        side, ", ".join(filter(None, words)), found.reason, tuple(demand_and_waiting(found))
    )


def tiles(found: Fleet) -> list[Tile]:
    """The plan's cost, what it saves against both extremes, and the owned base."""
    horizon = period(found.scenario.values()["horizon_months"])
    over_rent = found.all_rent_npv_usd - found.npv_usd
    over_own = found.all_own_npv_usd - found.npv_usd
    base = f"of {gpus_text(found.needed)} at the peak"
    return [
        ("Owned base", gpus_text(found.owned), base, "buy" if found.owned else ""),
        ("Present value", whole_usd(found.npv_usd), f"over {horizon}", ""),
        (
            "Saved vs. renting all",
            whole_usd(over_rent),
            _share(over_rent, found.all_rent_npv_usd),
            "",
        ),
        ("Saved vs. owning all", whole_usd(over_own), _share(over_own, found.all_own_npv_usd), ""),
    ]


def _share(saved: float, of: float) -> str:
    return f"{fixed_percent(saved / of)} of that" if of > 0 else ""


def is_dated(found: Fleet) -> bool:
    """Whether anything is bought later than today."""
    return bool((found.calendar["month"] > 0).any())


def owned_base(found: Fleet, scenario: Scenario) -> Scenario:
    """The owned GPUs as a scenario of their own, as busy as they are in the first year.

    >>> from tco.analysis.fleet import fleet
    >>> plan = fleet(gpu="L4", demand=[10, 4, 4, 2], rate_usd_per_gpu_hour=0.8)
    >>> base = owned_base(plan, Scenario(gpu="L4", rate_usd_per_gpu_hour=0.8))
    >>> base.gpus, base.utilization
    (4, 0.875)
    """
    owned = found.units[found.units["owned"]]
    busy = float(owned["utilization"].mean())
    return replace(scenario, gpus=int(found.owned), utilization=round(min(1.0, busy), 6))


# --- Tables


COSTS = ("Plan", "GPUs owned", "Present value", "More than this plan")
UNITS = ("GPU", "Count", "Utilization", "Saved by owning, each", "Best", "Bought", "Rented")


def cost_rows(found: Fleet) -> list[tuple[str, ...]]:
    """What the plans cost, in the columns COSTS.

    >>> from tco.analysis.fleet import fleet
    >>> cost_rows(fleet(gpu="L4", demand=[2, 1, 0, 1], rate_usd_per_gpu_hour=0.7))[0][0]
    'This plan'
    """
    return [
        (capital(plan), f"{int(owned):,}", whole_usd(usd), whole_usd(more) if more else "–")
        for plan, owned, usd, more in costs(found).itertuples(index=False)
    ]


def unit_table(found: Fleet) -> pd.DataFrame:
    """The GPUs of the plan in words, those that are alike in one row, in the columns UNITS."""
    import pandas as pd

    rows = [
        (
            row["units"],
            f"{row['gpus']:,}",
            percent(row["utilization"]),
            whole_usd(row["npv_saving_usd"]),
            "own" if row["owned"] else "rent",
            _bought(row["buy_month"]) if row["owned"] else "–",
            _RENTED.get(row["rent_option"], row["rent_option"].replace("_", " ")),
        )
        for row in compact_units(found).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(UNITS))


_RENTED = {name: NAMES[name] for name in RENTING if name in NAMES}


def _bought(month: int) -> str:
    return "now" if month == 0 else f"month {month}"


def duration_frames(found: Fleet) -> dict[str, pd.DataFrame]:
    """The load-duration curve behind its chart."""
    return {"curve": duration(found).set_axis(["share of hours", "GPUs needed"], axis=1)}


def notes(found: Fleet) -> list[str]:
    """What was done with the demand, and lines that come on top."""
    return [*(f"{capital(note)}." for note in found.notes), *fixed_lines(found)]
