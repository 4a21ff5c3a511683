"""The number type of the model, and the few operations that know floats, decimals and arrays.

Everything else in the model is + - * / and comparisons, so that one kernel runs on Python floats
(without importing NumPy), on arrays of scenarios, and on `decimal.Decimal` in exact tests. Integer
literals only: a float literal would end an exact run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Numeric: TypeAlias = "float | NDArray[np.float64]"
# The results of a table: an array, or a Series where an input was one. To a type checker
# `float | Array` is a float that may be something else, so that the answer to one scenario goes
# into `round` and `math.isinf` as it is.
Array: TypeAlias = Any
Truth: TypeAlias = "bool | NDArray[np.bool_]"

MONTHS_PER_YEAR = 12
WATTS_PER_KILOWATT = 1000


# Every named constant, by its name.
CONSTANTS: dict[str, Constant] = {}


class Constant(int):
    """A whole number of the rules, with the name that it has where a formula is written.

    `unit` and `meaning` are words for people. With `inverse` all three are those of 1 / number: a
    product with the number is a quotient of what is named.

    >>> rounding = CONSTANTS["rounding_tolerance"]
    >>> rounding / 10**12, rounding.meaning
    (1.0, 'forgiven when rounding up and down')
    """

    name: str
    unit: str
    meaning: str
    inverse: bool

    def __new__(
        cls, number: int, name: str, unit: str, meaning: str, inverse: bool = False
    ) -> Constant:
        """A number with this name, which no other has."""
        if name in CONSTANTS:
            raise ValueError(f"two constants are called {name}")
        made = super().__new__(cls, number)
        made.name, made.unit, made.meaning, made.inverse = name, unit, meaning, inverse
        CONSTANTS[name] = made
        return made

    @property
    def value(self) -> float:
        """What is named.

        >>> CONSTANTS["rounding_tolerance"].value
        1e-12
        """
        return 1 / self if self.inverse else int(self)


# A quotient that should be whole can miss by a rounding error; this share of it is forgiven.
_WHOLE = Constant(
    10**12, "rounding_tolerance", "ratio", "forgiven when rounding up and down", inverse=True
)
_WHOLE_FLOAT = float(_WHOLE)
# What is exactly at a threshold on paper misses it by a rounding error as often as not.
_REACHED = Constant(
    *(10**9, "threshold_tolerance", "ratio", "of a threshold, forgiven where it is missed"),
    inverse=True,
)


def is_array(value: Any) -> bool:
    """Whether a value holds one number a scenario instead of one number.

    >>> is_array(0.6)
    False
    """
    return hasattr(value, "shape")


def is_formula(value: Any) -> bool:
    """Whether a value writes a formula instead of being a number: a cell of a spreadsheet.

    >>> is_formula(0.6)
    False
    """
    return hasattr(value, "either")


def select(condition: Truth, then: Numeric, otherwise: Numeric) -> Numeric:
    """`then` where the condition holds, else `otherwise`; both are evaluated.

    >>> select(True, 1, 2)
    1
    """
    if condition is True:
        return then
    if condition is False:
        return otherwise
    if is_formula(condition):
        either: Any = condition
        chosen: Numeric = either.either(then, otherwise)
        return chosen
    import numpy as np

    return np.where(condition, then, otherwise)


def any_true(condition: Truth) -> bool:
    """Whether the condition holds anywhere."""
    if isinstance(condition, bool) or is_formula(condition):
        return condition is not False
    return bool(condition.any())


def positions(condition: Truth) -> Any:
    """Where an array condition holds, as indices for `take` and `put`; True for a true scalar."""
    if isinstance(condition, bool) or is_formula(condition):
        return condition
    import numpy as np

    return np.flatnonzero(condition)


def take(value: Any, where: Any) -> Any:
    """The elements of `value` at some positions; a scalar stands for itself."""
    return value[where] if where is not True and is_array(value) else value


def put(target: Any, where: Any, value: Any, like: Any) -> Any:
    """`target` with `value` at some positions; an array target is written in place.

    A scalar target first becomes an array of the shape of `like`.
    """
    if where is True or is_formula(where):
        return select(where, value, target)
    import numpy as np

    if not is_array(target):
        target = np.full(like.shape, target)
    target[where] = value
    return target


def pick(numbers: Sequence[Any], row: Any, column: Any, width: int) -> Numeric:
    """The number in a row and a column of a table, or the numbers at arrays of them.

    `numbers` are the rows one after the other, each `width` numbers long.

    >>> pick((0.2, 0.32, 0.192, 0.1152), 1, 0, 2)
    0.192
    """
    if is_formula(row):
        found: Numeric = row.pick(numbers, column, width)
        return found
    position = row * width + column
    if is_array(position):
        import numpy as np

        found = np.array(numbers)[position.astype(np.intp)]
    else:
        found = numbers[int(position)]
    return found


def infinity(like: Any) -> Numeric:
    """Positive infinity in the number type of `like`: the model's "none".

    >>> infinity(36.0)
    inf
    """
    return math.inf if type(like) is float else in_type_of(like, math.inf)


def in_type_of(like: Any, number: Any) -> Numeric:
    """A float in the number type of `like`: itself for arrays and whole numbers, as are arrays.

    >>> in_type_of(36.0, 0.2)
    0.2
    """
    plain = is_array(like) or is_formula(like) or isinstance(like, int) or is_array(number)
    same: Numeric = number if plain else type(like)(number)
    return same


def smaller(a: Numeric, b: Numeric) -> Numeric:
    """The smaller of two, element by element."""
    return select(a <= b, a, b)


def larger(a: Numeric, b: Numeric) -> Numeric:
    """The larger of two, element by element."""
    return select(a >= b, a, b)


def divide(a: Numeric, b: Numeric, otherwise: Numeric) -> Numeric:
    """The quotient a / b, and `otherwise` where b is 0.

    >>> divide(1.0, 0.0, math.inf)
    inf
    """
    zero: Any = b == 0
    return select(zero, otherwise, a / select(zero, 1, b))


def reaches(value: Any, threshold: Any) -> Truth:
    """Whether a value is at or above a threshold >= 0, of which a 1e-9 is forgiven.

    >>> reaches(0.1 + 0.7, 0.8), reaches(0.79999, 0.8)
    (True, False)
    """
    reached: Truth = (threshold - value) * _REACHED <= threshold
    return reached


def ceil(x: Any) -> Numeric:
    """Whole number at or above x, forgiving a relative 1e-12 (docs/conventions.md).

    >>> ceil(8.000000000000001), ceil(8.1)
    (8.0, 9.0)
    """
    return _rounded(x, "ceil", -1)


def floor(x: Any) -> Numeric:
    """Whole number at or below x, forgiving a relative 1e-12.

    >>> floor(8.1 / 0.675), floor(7.999999)
    (12.0, 7.0)
    """
    return _rounded(x, "floor", 1)


def _rounded(x: Any, how: str, forgiven: int) -> Numeric:
    if type(x) is float:  # the quick way of what follows
        near = x * (_WHOLE_FLOAT + forgiven) / _WHOLE_FLOAT
        if math.isinf(near):
            return near
        return float(math.ceil(near) if how == "ceil" else math.floor(near))
    if is_formula(x):
        whole: Numeric = getattr(x, how)()
        return whole
    if is_array(x):
        import numpy as np

        whole = getattr(np, how)(x * (_WHOLE_FLOAT + forgiven) / _WHOLE_FLOAT)
    else:
        near = x * (_WHOLE + forgiven) / _WHOLE
        whole = near if math.isinf(near) else type(near)(getattr(math, how)(near))
    return whole


def whole_range(value: Any) -> tuple[int, int]:
    """The smallest and the largest of some whole numbers, as Python's own.

    >>> whole_range(36.0)
    (36, 36)
    """
    if is_formula(value):
        return 0, 0  # which a formula does not know before it is worked out
    if is_array(value):
        return int(value.min()), int(value.max())
    return int(value), int(value)


def compound(rate: Any, months: Any) -> Numeric:
    """(1 + rate) ** (months / 12), an effective annual rate over some months [ratio].

    >>> round(compound(0.08, 12), 12)
    1.08
    """
    base = 1 + rate
    if is_array(base) or is_array(months) or isinstance(base, float) or is_formula(base):
        grown: Numeric = base ** (months / MONTHS_PER_YEAR)
    else:
        grown = base ** (type(base)(months) / MONTHS_PER_YEAR)
    return grown


def plain(results: Mapping[str, Any]) -> dict[str, Any]:
    """Results with None for what is not known or infinite.

    >>> plain({"usd": math.inf, "share": math.nan, "gpus": 3, "side": "rent"})
    {'usd': None, 'share': None, 'gpus': 3, 'side': 'rent'}
    """
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in results.items()
    }
