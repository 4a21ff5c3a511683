"""`tco.breakeven()`: the question, and the answer that people read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Unpack

from tco.errors import InputError, Problem
from tco.inputs import INPUTS, PRICES, RATE, Inputs
from tco.inputs.checks import common_shape, flatten
from tco.inputs.text import takes_inputs
from tco.model.answer_text import AnswerText, answer_text
from tco.model.results import (
    BREAKEVENS,
    RESULTS,
    STATUSES,
    VERDICTS,
    bent_roots,
    checked,
    solve,
)
from tco.numeric import Array, any_true, is_array
from tco.scenario import Scenario, scenario_of
from tco.scenario.notes import notes, table_notes
from tco.words import reason, turns, until
from tco.words.currencies import text_property

if TYPE_CHECKING:
    import pandas as pd

    from tco.inputs.values import InputValues

# Scenarios a block: few enough that a block's arrays stay in the processor's cache.
BLOCK = 16_384
# Roots that are as close as this share of them are one.
_SAME_ROOT, _NOTHING = 1e-9, 1e-12


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Breakeven:
    """The answer to "rent or buy?".

    Floats for one scenario; for a table of them arrays of the common shape (Series if any input was
    one), with `status` and `verdict` as categoricals. `inf` stands for "none". `crossings` and
    `reason` are given for one scenario only. `notes` are sentences on values that are out of the
    ordinary: a tuple, of a table one text a scenario. docs/conventions.md defines every result.
    """

    months: float | Array
    first_months: float | Array
    crossings: tuple[tuple[float, str], ...] | None
    simple_months: float | Array
    exit_months: float | Array
    hours: float | Array
    own_npv_usd: float | Array
    rent_npv_usd: float | Array
    npv_saving_usd: float | Array
    undiscounted_saving_usd: float | Array
    breakeven_rate_usd_per_gpu_hour: float | Array
    breakeven_price_usd_per_gpu: float | Array
    breakeven_utilization: float | Array
    own_usd_per_gpu_hour: float | Array
    rent_usd_per_gpu_hour: float | Array
    gpus_per_rack: float | Array
    racks: float | Array
    status: str | Array
    verdict: str | Array
    scenario: Scenario
    as_of: str | Array

    @text_property
    def reason(self) -> str | None:
        """Why this verdict, with the numbers, and what would change it.

        Amounts are in the currency of the scenario.
        """
        if self.scenario.is_table:
            return None
        return reason(self.scenario.values(), self.__dict__, self.turn, self.rates)

    @text_property
    def notes(self) -> Any:
        """What is odd about the values of the scenario, a sentence each; they count as they are.

        >>> import tco
        >>> tco.breakeven(gpu="L4", rate_usd_per_gpu_hour=500).notes
        ('Rental rate: $500 per GPU-hour is far above the usual $0.40 to $0.90.',)
        """
        if not self.scenario.is_table:
            return tuple(notes(self.scenario).values())
        shape, index, _ = common_shape(self.scenario.given)
        found = table_notes(self.scenario, shape)
        if index is None:
            return found
        import pandas as pd

        return pd.Series(found, index=index)

    @text_property
    def turn(self) -> str:
        """At which value of an input other than the rate the other side wins, in a sentence.

        It is the nearest such value; empty where there is none.
        """
        values, given = self.scenario.values(), self.scenario.given
        for name, at in self.flips:
            if name != RATE:
                declared, now = INPUTS[name], values[name]
                clause = declared.clause(at, now)
                end = self._next_root(name, at, upwards=at > now)
                if end is not None:
                    clause = until(clause, declared.spoken(end), is_up=end > at)
                is_buying = self.npv_saving_usd > 0
                return turns(clause, declared.spoken(now), is_buying, is_yours=name in given)
        return ""

    @cached_property
    def rates(self) -> tuple[float, float | None]:
        """The rates between which buying wins: the break-even, and that at which it stops to win.

        The second is None where buying wins on to the end of the domain, as it does but for a cap
        of the rent, a line that ends, or a delivery. [USD per GPU-hour]
        """
        values = self.scenario.values()
        fair = self._turning("breakeven_rate_usd_per_gpu_hour", values)
        upwards = (values[RATE] > fair) == (self.npv_saving_usd > 0)
        return fair, self._next_root(RATE, fair, upwards)

    def _turning(self, result: str, values: dict[str, Any]) -> float:
        """A break-even; of several the nearest inside the domain, at whose ends nothing turns."""
        name = BREAKEVENS[result]
        root, declared = getattr(self, result), INPUTS[name]
        if declared.low < root < declared.high:
            return float(root)
        found = bent_roots(Inputs.of(values), name)
        inside = (x for x in found if _is_beyond(x, declared.low) and _is_beyond(declared.high, x))
        return min(inside, key=lambda x: abs(x - values[name]), default=float(root))

    def _next_root(self, name: str, root: float, upwards: bool) -> float | None:
        """The value beyond a break-even at which both cost the same once more; None: there is none.

        There is none where the saving is a straight line.
        """
        if math.isinf(root):
            return None
        found = bent_roots(Inputs.of(self.scenario.values()), name)
        if upwards:
            return min((other for other in found if _is_beyond(other, root)), default=None)
        return max((other for other in found if _is_beyond(root, other)), default=None)

    @cached_property
    def flips(self) -> tuple[tuple[str, float], ...]:
        """The inputs with a break-even inside their domain, and that; the nearest one first.

        Near is what needs a small relative change; () for a table.

        >>> import tco
        >>> tco.breakeven(gpu="L4", rate_usd_per_gpu_hour=0.7, price_usd_per_gpu=10**5).flips[0][0]
        'price_usd_per_gpu'
        """
        values, near = self.scenario.values(), []
        for result, name in BREAKEVENS.items() if not self.scenario.is_table else ():
            root, now = self._turning(result, values), values[name]
            if INPUTS[name].low < root < INPUTS[name].high:
                near.append((abs(root - now) / now if now else math.inf, name, root))
        return tuple((name, root) for _, name, root in sorted(near))

    def to_frame(self, notes: bool = False) -> pd.DataFrame:
        """The results as a frame, one row a scenario; a Series input's index is kept.

        With `notes` a column of that name says what is out of the ordinary in a row, or does not
        count.

        >>> import tco
        >>> tco.breakeven(gpu="L4", pue=[1.2, 2.5]).to_frame(notes=True)["notes"].tolist()
        ['', 'Cooling (PUE): 2.5 is above the usual 1.15 to 1.8.']
        """
        import pandas as pd

        if not self.scenario.is_table:
            frame = pd.DataFrame({name: [getattr(self, name)] for name in RESULTS})
            return frame.assign(notes=" ".join(self.notes)) if notes else frame
        columns = {
            name: value if hasattr(value, "index") else value.reshape(-1)
            for name in RESULTS
            if (value := getattr(self, name)) is not None
        }
        frame = pd.DataFrame(columns)
        for name, levels in (("status", STATUSES), ("verdict", VERDICTS)):
            frame[name] = pd.Categorical(frame[name], categories=levels)
        if notes:
            said = self.notes
            frame["notes"] = said if hasattr(said, "index") else said.reshape(-1)
        return frame

    def to_dict(self) -> dict[str, Any]:
        """The results of one scenario in plain types; None stands for "none".

        >>> import tco
        >>> tco.breakeven(price_usd_per_gpu=10**6).to_dict()["months"] is None
        True
        """
        if self.scenario.is_table:
            raise one_scenario("to_dict")
        named = (*RESULTS, "crossings", "reason", "notes", "as_of")
        found = {name: getattr(self, name) for name in named}
        listed = {"crossings": [[*one] for one in found["crossings"]], "notes": [*found["notes"]]}
        plain = {name: None if _is_none(value) else value for name, value in found.items()}
        return plain | listed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Breakeven):
            return NotImplemented
        same = self.scenario == other.scenario and self.to_frame().equals(other.to_frame())
        return same and self.crossings == other.crossings

    def __hash__(self) -> int:
        return hash(self.scenario)

    @text_property
    def told(self) -> AnswerText:
        """The answer in words, as a shell and a notebook show it; of one scenario only.

        >>> import tco
        >>> tco.breakeven(gpu="L4", utilization=0.6).told.rows[2][0]
        'Saved by buying'
        """
        if self.scenario.is_table:
            raise one_scenario("told")
        return answer_text(self)

    def __repr__(self) -> str:
        if self.scenario.is_table:
            return f"Breakeven of {len(self.to_frame())} scenarios\n{self.to_frame()}"
        return self.told.text()

    def _repr_html_(self) -> str:
        if self.scenario.is_table:
            return str(self.to_frame().to_html())
        return self.told.html()


@takes_inputs
def breakeven(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> Breakeven:
    """Whether it is cheaper to rent these GPUs or to buy them, and from when on.

    Give the inputs as keywords, or a Scenario with keywords on top as what-ifs. Without any it is
    an example, and says so. Values may be arrays, lists or Series; they broadcast, and every result
    has the common shape. What is not given comes from the shipped data, with source and date
    (`Scenario.resolved()`). InputError lists everything that is wrong with a call.

    The card alone, always busy, by the figures found on the web (months of 24 x 7 use):

    >>> import tco
    >>> sticker = dict(server_usd=0, gpu_w=0, idle_w=0, server_w=0, colo_usd_per_kw_month=0,
    ...     network_usd_per_gpu=0, install_usd_per_gpu=0, sales_tax_rate=0, spares_rate=0,
    ...     staff_usd_per_gpu_month=0, maintenance_rate_per_year=0, failure_rate_per_year=0,
    ...     license_usd_per_gpu_year=0, insurance_rate_per_year=0, rate_growth_per_year=0,
    ...     support_rate=0, storage_egress_usd_per_gpu_month=0, billing_overhead=0,
    ...     discount_rate=0, utilization=1)
    >>> answer = tco.breakeven(**sticker, price_usd_per_gpu=2500, rate_usd_per_gpu_hour=0.70)
    >>> round(answer.months, 4), round(answer.hours, 2)
    (4.8924, 3571.43)
    """
    asked = scenario_of(scenario, inputs)
    if asked.is_table:
        return _table_answer(asked)
    values = model_values(asked, PRICES)
    resolved = Inputs.of(values)
    checked(resolved)
    results, crossings = solve(resolved)
    results = {
        name: value if type(value) is float else float(value) for name, value in results.items()
    }
    results["status"] = STATUSES[int(results["status"])]
    results["verdict"] = VERDICTS[int(results["verdict"])]
    return Breakeven(**results, crossings=crossings, scenario=asked, as_of=values["as_of"])


# The answers to single scenarios, kept for all that builds on them.
answered = lru_cache(maxsize=256)(breakeven)


def model_values(scenario: Scenario, needed: tuple[str, ...]) -> dict[str, Any]:
    """The values of a scenario; InputError when a needed price or rate is not known."""
    values = scenario.values()
    problems = []
    for name in (*needed, "gpu_w"):
        value = values[name]
        lacking: Any = value is None or value != value  # noqa: PLR0124 (NaN)
        if any_true(lacking):
            rows = tuple(lacking.reshape(-1).nonzero()[0].tolist()) if is_array(lacking) else None
            problems.append(Problem(name, _unknown(scenario, name, rows), rows))
    if problems:
        raise InputError(problems)
    return values


def _unknown(scenario: Scenario, name: str, rows: tuple[int, ...] | None) -> str:
    """Why a value is not known; of a table, for the first of the rows concerned."""
    place = ""
    if rows is not None:
        shape, _, _ = common_shape(scenario.given)
        lines = {key: flatten(value, shape) for key, value in scenario.given.items()}
        first = {k: x[rows[0]] if is_array(x) else x for k, x in lines.items()}
        scenario, place = Scenario(**first, prices=scenario.prices), f"[{rows[0]}]"
    why = scenario.resolved()[name].note
    return f"{name}{place} is not known ({why}): give the {INPUTS[name].meaning}"


def one_scenario(what: str) -> InputError:
    """The error of a question that makes sense for one scenario at a time."""
    message = f"{what} answers for one scenario at a time: give no arrays, or use breakeven()"
    return InputError([Problem("scenario", message)])


def _is_beyond(one: float, other: float) -> bool:
    """Whether one of two roots is larger, and not the same but for rounding."""
    return one > other and not math.isclose(one, other, rel_tol=_SAME_ROOT, abs_tol=_NOTHING)


def _is_none(value: Any) -> bool:
    return isinstance(value, float) and math.isinf(value)


def _table_answer(asked: Scenario) -> Breakeven:
    import numpy as np

    shape, index, _ = common_shape(asked.given)
    values = model_values(asked, PRICES)
    lines = Inputs.of({name: flatten(value, shape) for name, value in values.items()})
    with np.errstate(all="ignore"):
        checked(lines)
    results = solve_table(values, shape)
    results["status"] = labeled(results["status"], STATUSES)
    results["verdict"] = labeled(results["verdict"], VERDICTS)
    if index is not None:
        import pandas as pd

        results = {name: pd.Series(value, index=index) for name, value in results.items()}
    return Breakeven(**results, crossings=None, scenario=asked, as_of=values["as_of"])


def solve_table(
    values: dict[str, Any], shape: tuple[int, ...], block: int = BLOCK
) -> dict[str, Any]:
    """Every result as an array of the common shape; memory beyond the results is one block's.

    `status` and `verdict` are positions in STATUSES and VERDICTS.
    """
    import numpy as np

    size = int(np.prod(shape))
    if not size:
        return {name: np.empty(shape, dtype=np.float64) for name in RESULTS}
    lines = {name: flatten(value, shape) for name, value in values.items()}
    results: dict[str, Any] = {}
    for start in range(0, size, block):
        part = slice(start, min(start + block, size))
        cut = {k: x[part] if hasattr(x, "shape") else x for k, x in lines.items()}
        with np.errstate(all="ignore"):
            solved, _ = solve(Inputs.of(cut))
        for name, value in solved.items():
            if name not in results:
                whole = name in ("status", "verdict")
                results[name] = np.empty(size, dtype=np.int8 if whole else np.float64)
            results[name][part] = value
    return {name: line.reshape(shape) for name, line in results.items()}


def labeled(positions: Any, levels: tuple[str, ...]) -> Any:
    """Positions in the levels as a categorical; words in an array of another shape than a line."""
    import numpy as np

    if positions.ndim == 1:
        import pandas as pd

        return pd.Categorical.from_codes(positions.astype(np.int8), pd.Index(levels))
    return np.array(levels, dtype=object)[positions.astype(np.int8)]
