"""What the rows of a table choose from the data: the default of every cell that is empty."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.choice import QUESTION_INPUTS, age_days
from tco.scenario import Resolved, Scenario

if TYPE_CHECKING:
    from tco.market.catalogue import Catalogue

# What people call the data: the two prices that an answer rests on most.
PRICES = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")


class Choices:
    """The different questions that rows ask of the data, and which of them each row asks.

    `lines` are inputs, each an array with one value a row, float64 or objects; NaN and None stand
    for "not given".
    """

    def __init__(self, lines: Mapping[str, Any], size: int, catalogue: Catalogue) -> None:
        self.lines = lines
        self.catalogue = catalogue
        self.empty = {name: empty(line) for name, line in lines.items()}
        self.asked = [name for name in QUESTION_INPUTS if name in lines]
        self.question = _numbered([lines[name] for name in self.asked], size)

    def given(self, at: int) -> dict[str, Any]:
        """What a row gives, by input."""
        return {
            name: line.item(at) if hasattr(line, "item") else line[at]
            for name, line in self.lines.items()
            if not self.empty[name][at]
        }

    @cached_property
    def known(self) -> list[dict[str, Resolved]]:
        """What an empty cell stands for, by question; nothing where its choices are wrong."""
        import numpy as np

        # Questions are numbered as they appear: each begins where the highest number rises.
        highest = np.maximum.accumulate(self.question)
        first = np.flatnonzero(np.diff(highest, prepend=-1))
        return [self._believed(self.given(at)) for at in first.tolist()]

    def _believed(self, given: dict[str, Any]) -> dict[str, Resolved]:
        chosen = {name: given[name] for name in self.asked if name in given}
        try:
            return Scenario(**chosen, prices=self.catalogue).resolved()
        except InputError:
            return {}

    def completed(self) -> dict[str, Any]:
        """The lines with the default of its own row in every empty cell that has one."""
        filled = dict(self.lines)
        for name, missing in self.empty.items():
            if missing.any():
                filled[name] = self.lines[name].copy()
                filled[name][missing] = self._defaults(name)[self.question[missing]]
        return filled

    def _defaults(self, name: str) -> Any:
        import numpy as np

        values = [known[name].value if known else None for known in self.known]
        return np.array(values, dtype=np.float64 if INPUTS[name].numeric else object)

    def ages(self) -> Any:
        """Age of the older of purchase price and rental rate, by row [days].

        It counts to the row's `as_of`; NaN where both are the row's own, or its choices are wrong.
        """
        import numpy as np

        age = np.full(self.question.size, np.nan)
        for name in PRICES:
            days = np.array([_age(known, name) for known in self.known], dtype=np.float64)
            of_row = days[self.question]
            of_row[~self.empty.get(name, np.ones_like(of_row, dtype=bool))] = np.nan
            age = np.fmax(age, of_row)
        return age


def empty(line: Any) -> Any:
    """Where a line of values has none."""
    import numpy as np
    import pandas as pd

    return np.isnan(line) if line.dtype == np.float64 else pd.isna(line)


def _age(known: dict[str, Resolved], name: str) -> int | None:
    if not known or not known[name].as_of:
        return None
    return age_days(known[name].as_of, known["as_of"].value)


def _numbered(lines: list[Any], size: int) -> Any:
    """Rows that are alike in every line have the same number, in the order of appearance."""
    import numpy as np
    import pandas as pd

    number = np.zeros(size, dtype=np.int64)
    for line in lines:
        codes, uniques = pd.factorize(_hashable(line), use_na_sentinel=False)
        number, _ = pd.factorize(number * len(uniques) + codes)
    return number


def _hashable(line: Any) -> Any:
    """A line in which values are equal only when they are the same: 1 is not true."""
    import numpy as np
    import pandas as pd

    if line.dtype == np.float64 or pd.api.types.infer_dtype(line, skipna=True) == "string":
        return line
    return np.array([repr(value) for value in line], dtype=object)
