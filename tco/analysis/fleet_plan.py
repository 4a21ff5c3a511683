"""What comes of a fleet: the savings of every purchase, the best of them, and the plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.errors import InputError, Problem, shown
from tco.scenario import Scenario
from tco.words.fleet import calendar_sentence, plan_sentence
from tco.workload.demand_curve import DemandCurve
from tco.workload.domains import number_of

if TYPE_CHECKING:
    import pandas as pd

UNIT_COLUMNS = (
    *("unit", "utilization", "npv_saving_usd", "owned", "buy_month", "plan_saving_usd", "server"),
    *("rent_option", "rent_npv_usd", "billed_share"),
)
CALENDAR_COLUMNS = ("month", "gpus", "owned")
WAIT_COLUMNS = ("month", "owned", "npv_usd")
NEVER = -1


class Purchase(NamedTuple):
    """GPUs that are bought in some month, and what the whole fleet then costs [USD]."""

    owned: int
    npv_usd: float


@dataclass(frozen=True, eq=False)
class Savings:
    """What buying saves: by GPU and month of purchase, and by what is bought at a time [USD].

    `months` are those in which one can buy, `per_purchase` the GPUs that are bought together; the
    rows are the GPUs of the demand, and those beyond it that fill the last server.
    """

    months: list[int]
    per_purchase: int
    by_unit: Any

    @cached_property
    def by_purchase(self) -> Any:
        """The savings of the GPUs that are bought together, summed."""
        import numpy as np

        size = len(self.by_unit)
        found: Any = np.add.reduceat(self.by_unit, range(0, size, self.per_purchase), axis=0)
        return found

    def best(self, least: int, most: int) -> Any:
        """The month in which to make each purchase, never (-1) what saves nothing.

        From `least` to `most` of them are made: those that save most.
        """
        import numpy as np

        savings = self.by_purchase
        column = savings.argmax(axis=1)
        best = savings[np.arange(len(savings)), column]
        count = min(max(int((best > 0).sum()), least), most)
        chosen = np.argsort(-best, kind="stable")[:count]
        found = np.full(len(savings), NEVER)
        found[chosen] = np.asarray(self.months)[column[chosen]]
        return found

    def of(self, months: Any) -> float:
        """What purchases in these months save [USD]."""
        import numpy as np

        made = np.flatnonzero(months >= 0)
        columns = np.searchsorted(self.months, months[made])
        return float(self.by_purchase[made, columns].sum())

    def at(self, column: int, least: int, most: int) -> tuple[int, float]:
        """GPUs that are worth buying in one month, and what they save [USD]."""
        import numpy as np

        best = np.sort(self.by_purchase[:, column])[::-1]
        count = min(max(int((best > 0).sum()), least), most)
        return count * self.per_purchase, float(best[:count].sum())


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Fleet:
    """Which GPUs of a demand to own from when on, and what that costs beside the two extremes.

    `owned` GPUs are bought by the end (whole servers, where these are), and `npv_usd` is the
    present value of owning these and renting the rest of the `needed`; `all_rent_npv_usd` is that
    of renting all, `all_own_npv_usd` that of buying `most_owned` today, all that may be. `buy_now`
    is the best without waiting, and `waiting` the same by month. `binding` says which limit keeps
    more from being owned, empty if none does. `fixed_own_usd` and `fixed_rent_usd` are the user's
    own lines of a fixed amount, which are in none of these: they are paid once, by whoever owns or
    rents anything. [USD]
    """

    scenario: Scenario
    demand: DemandCurve | None
    growth_per_year: float
    needed: int
    owned: int
    most_owned: int
    npv_usd: float
    all_rent_npv_usd: float
    all_own_npv_usd: float
    buy_now: Purchase
    binding: str
    fixed_own_usd: float
    fixed_rent_usd: float
    notes: tuple[str, ...]
    per_purchase: int
    units: pd.DataFrame
    waiting: pd.DataFrame

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """What to buy when. Columns: month, gpus bought then, owned from then on."""
        import pandas as pd

        bought = self.units["buy_month"].dropna().astype(int).value_counts().sort_index()
        columns = (bought.index.to_numpy(), bought.to_numpy(), bought.cumsum().to_numpy())
        return pd.DataFrame(dict(zip(CALENDAR_COLUMNS, columns, strict=True)))

    @property
    def npv_saving_usd(self) -> float:
        """What the plan saves beside renting all, present value [USD]."""
        return self.all_rent_npv_usd - self.npv_usd

    @property
    def reason(self) -> str:
        """The plan in a sentence, with its dates where it takes any."""
        horizon = self.scenario.values()["horizon_months"]
        costs = (self.npv_usd, self.all_rent_npv_usd, self.all_own_npv_usd)
        is_all = self.most_owned >= self.needed
        said = plan_sentence(self.owned, self.needed, *costs, horizon, is_all)
        purchases = list(zip(self.calendar["month"], self.calendar["gpus"], strict=True))
        is_dated = any(month > 0 for month, _ in purchases)
        dates = calendar_sentence(purchases) if is_dated else ""
        return " ".join(filter(None, (said, dates, self.binding)))

    def __repr__(self) -> str:
        gpu = self.scenario.values()["gpu"]
        return f"Fleet of {gpu}: {self.reason}"

    def wait(self, months: int = 6) -> Purchase:
        """Rent all now and decide so many months later: GPUs bought then, and what it costs [USD].

        InputError for a month in which nothing can be bought.
        """
        rows = self.waiting.to_dict("records")
        found = next((row for row in rows if row["month"] == number_of(months)), None)
        if found is None:
            message = (
                f"months = {shown(months)} is outside whole numbers [0, {rows[-1]['month']}]: "
                "months of renting before the purchase"
            )
            raise InputError([Problem("months", message)])
        return Purchase(int(found["owned"]), float(found["npv_usd"]))

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types, units and calendar as lists of rows."""
        demand = self.demand
        units = self.units.astype(object).where(self.units.notna(), None)
        return {
            "owned": self.owned,
            "needed": self.needed,
            "most_owned": self.most_owned,
            "npv_usd": self.npv_usd,
            "npv_saving_usd": self.npv_saving_usd,
            "all_rent_npv_usd": self.all_rent_npv_usd,
            "all_own_npv_usd": self.all_own_npv_usd,
            "buy_now": self.buy_now._asdict(),
            "binding": self.binding,
            "gpus_per_purchase": self.per_purchase,
            "fixed_own_usd": self.fixed_own_usd,
            "fixed_rent_usd": self.fixed_rent_usd,
            "reason": self.reason,
            "notes": list(self.notes),
            "demand": None
            if demand is None
            else {
                "mean_gpus": demand.mean_gpus,
                "peak_gpus": demand.peak_gpus,
                "mean_over_peak": demand.mean_over_peak,
                "hours": demand.hours or None,
                "growth_per_year": self.growth_per_year,
            },
            "calendar": self.calendar.to_dict("records"),
            "units": units.to_dict("records"),
        }
