"""What many futures say of one scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tco.analysis import drivers
from tco.analysis.distributions import MEDIAN, Distribution
from tco.analysis.futures import Quantiles, interpolated, ordered, savings_of, solved
from tco.errors import InputError, Problem
from tco.inputs import INPUTS, Param
from tco.inputs.checks import clean, describe, outside
from tco.scenario import Scenario
from tco.words import number, usd

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.copula import Pair

_DOTS, _POINTS = 50, 1_024
# Futures that are enough to see what drives them, and where their costs run.
_DRIVEN, _FOLLOWED = 131_072, 16_384
_PER_CENT = 100
# The numbers that are asked for and are no inputs of the model.
_ASKED = {
    "draws": Param(group="", kind="integer", name="draws", meaning="futures", low=1, high=10**7),
    "seed": Param(group="", kind="integer", name="seed", meaning="where draws begin", high=10**12),
    "n": Param(group="", kind="integer", name="n", meaning="dots", low=1, high=10**4),
    "points": Param(group="", kind="integer", name="points", meaning="points", low=2, high=10**4),
}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Simulation:
    """What many futures say of one scenario; docs/uncertainty.md defines every number.

    `chance` is the share of the futures in which buying is cheaper (npv_saving_usd > 0), with its
    standard error; `months` has `inf` for "never", of which `never` is the share. A regret is what
    a choice costs on average beyond the better one [USD], `value_of_knowing_all_usd` what it would
    be worth to know every input before deciding. `infeasible` is the share of the draws that do not
    go together (a rack that holds no server): they are no futures and count in no other number.
    """

    scenario: Scenario
    draws: int
    seed: int
    correlations: dict[Pair, float]
    distributions: dict[str, Distribution]
    drawn: dict[str, Any]
    saving: Any
    infeasible: float
    chance: float
    chance_standard_error: float
    npv_saving_usd: Quantiles
    regret_of_buying_usd: float
    regret_of_renting_usd: float
    value_of_knowing_all_usd: float

    @property
    def uncertain(self) -> tuple[str, ...]:
        """The inputs that were drawn, in the order of the documentation."""
        return tuple(self.distributions)

    @cached_property
    def results(self) -> dict[str, Any]:
        """npv_saving_usd, months, own_npv_usd and rent_npv_usd of every future."""
        return solved(self.scenario.values(), self.drawn, len(self.saving))

    @cached_property
    def months(self) -> Quantiles:
        """P10, P50 and P90 of the payback [months]."""
        return ordered(self.results["months"])

    @cached_property
    def never(self) -> float:
        """The share of the futures without a payback."""
        return float((self.results["months"] == float("inf")).mean())

    @property
    def npv_saving_usd_per_gpu(self) -> Quantiles:
        """What buying saves for each GPU [USD per GPU]."""
        gpus = self.drawn.get("gpus", self.scenario.values()["gpus"])
        return interpolated(self.saving / gpus)

    def to_frame(self) -> pd.DataFrame:
        """Every future as a row: the uncertain inputs, and npv_saving_usd, months, both costs."""
        import pandas as pd

        return pd.DataFrame({**self.drawn, **self.results})

    def summary(self) -> pd.DataFrame:
        """Every number as a row: name, value and unit."""
        import pandas as pd

        rows: list[tuple[str, float, str]] = [
            ("chance", self.chance, "share"),
            ("chance_standard_error", self.chance_standard_error, "share"),
            ("never", self.never, "share"),
            ("infeasible", self.infeasible, "share"),
        ]
        for name, unit in (("npv_saving_usd", "USD"), ("months", "months")):
            found = getattr(self, name)._asdict().items()
            rows += [(f"{name}_{percentile}", value, unit) for percentile, value in found]
        for name in ("regret_of_buying", "regret_of_renting", "value_of_knowing_all"):
            rows.append((f"{name}_usd", getattr(self, f"{name}_usd"), "USD"))
        return pd.DataFrame(rows, columns=["name", "value", "unit"])

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """The uncertain inputs, the one that moves the saving most first.

        Columns: input, unit, value, low, high, shape, rank_correlation with the saving (Spearman)
        and value_of_knowing_usd: what it is worth to know this input before deciding [USD]. From
        the first 131,072 futures.
        """
        import pandas as pd

        saving = self.saving[:_DRIVEN]
        drawn = {name: column[:_DRIVEN] for name, column in self.drawn.items()}
        ranks = drivers.rank_correlations(drawn, saving)
        known = self._worth
        names = sorted(self.distributions, key=lambda name: -abs(ranks[name]))
        rows = [
            (d.name, INPUTS[d.name].unit, d.value, d.low, d.high, d.shape, ranks[n], known[n])
            for n in names
            for d in [self.distributions[n]]
        ]
        told = ("input", "unit", "value", "low", "high", "shape")
        return pd.DataFrame(rows, columns=[*told, "rank_correlation", "value_of_knowing_usd"])

    @cached_property
    def _worth(self) -> dict[str, float]:
        """What it is worth to know each input before deciding [USD]."""
        drawn = {name: column[:_DRIVEN] for name, column in self.drawn.items()}
        return drivers.values_of_knowing(drawn, self.saving[:_DRIVEN])

    @property
    def check_first(self) -> str | None:
        """The input that is worth most to know before deciding; None where none changes it."""
        worth = self._worth
        most = max(worth, key=lambda name: worth[name], default="")
        return most if most and worth[most] > 0 else None

    def sobol_indices(self, points: int = _POINTS) -> pd.DataFrame:
        """First-order and total Sobol indices with correlations off, the largest first.

        Columns: input, first_order_uncorrelated, total_order_uncorrelated [shares of the variance
        of npv_saving_usd]. It takes (inputs + 2) x `points` runs of the model; `points` must be a
        power of 2. First-order indices have an error of some hundredths: more points, less error.
        """
        import pandas as pd

        asked = _whole("points", points)
        if asked & (asked - 1):
            message = f"points = {points} is not a power of 2: points of a Sobol sequence"
            raise InputError([Problem("points", message)])
        values, found = self.scenario.values(), {}
        if self.distributions:

            def saving(drawn: dict[str, Any]) -> Any:
                return savings_of(values, drawn, len(next(iter(drawn.values()))))

            found = drivers.sobol_indices(saving, self.distributions, asked, self.seed)
        names = ("first_order_uncorrelated", "total_order_uncorrelated")
        rows = [(name, *shares) for name, shares in found.items()]
        frame = pd.DataFrame(rows, columns=["input", *names])
        return frame.sort_values(names[0], ascending=False, ignore_index=True, kind="stable")

    def dots(self, n: int = _DOTS) -> tuple[float, ...]:
        """So many equally likely savings [USD], ascending: each stands for 1/n of the futures."""
        import numpy as np

        count = _whole("n", n)
        shares = (np.arange(count) + MEDIAN) / count
        found = np.quantile(self.saving, shares, method="hazen")
        return tuple(found.tolist())

    def curves(self, futures: int = _FOLLOWED) -> pd.DataFrame:
        """P10, P50 and P90 of the cumulative costs at the start and at the end of each month.

        Columns: month, t_months, own_, rent_ and gap_ (rent less own) _p10_usd, _p50_usd and
        _p90_usd [USD, present values without resale and unused commitment], over the scenario's
        own horizon and from so many of the futures, the first ones.
        """
        from tco.analysis.bands import bands

        count = _whole("draws", futures)
        drawn = {name: column[:count] for name, column in self.drawn.items()}
        return bands(self.scenario.values(), drawn, len(self.saving[:count]))

    def __repr__(self) -> str:
        saving = [usd(amount) for amount in self.npv_saving_usd]
        months = [number(month) for month in self.months]
        return "\n".join(
            [
                f"Buying is cheaper in {number(self.chance * _PER_CENT)} % of {self.draws:,} "
                f"simulated futures (± {number(self.chance_standard_error * _PER_CENT)} %).",
                f"npv_saving_usd  P10 {saving[0]}, P50 {saving[1]}, P90 {saving[2]}",
                f"months          P10 {months[0]}, P50 {months[1]}, P90 {months[2]}; "
                f"never in {number(self.never * _PER_CENT)} %",
            ]
        )


def not_whole(name: str, value: Any) -> list[Problem]:
    """What is wrong with a number of draws, dots or points, or with a seed.

    >>> not_whole("draws", 0)[0].message
    'draws = 0 is not a whole number in [1, 10000000]: futures'
    """
    cleaned, problems = clean(_ASKED[name], value)
    if not problems and not isinstance(cleaned, int):
        problems = [Problem(name, describe(_ASKED[name], value, outside(_ASKED[name])))]
    return problems


def _whole(name: str, value: Any) -> int:
    if problems := not_whole(name, value):
        raise InputError(problems)
    return int(value)
