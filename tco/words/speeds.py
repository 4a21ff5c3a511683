"""Sentences on the speed of a GPU: what it is, and above which buying wins."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tco.words.figures import number, quantity

UNIT = "tok/s"
# Letters whose names begin with a vowel, in names that are spelled out.
_SPOKEN_WITH_VOWEL = "AEFHILMNORSX"
_VOWELS = "AEIOU"
# So many ranges of speeds are told.
_TOLD = 2
_MORE = "How full whole GPUs are decides, so that it wins at some other speeds too."


def of_one(name: str) -> str:
    """A name with its article, as it is spoken.

    >>> of_one("L4"), of_one("T4"), of_one("MI300X"), of_one("Gaudi 3")
    ('an L4', 'a T4', 'an MI300X', 'a Gaudi 3')
    """
    is_spelled = len(name) < 2 or not name[1].islower()
    vowels = _SPOKEN_WITH_VOWEL if is_spelled else _VOWELS
    return f"{'an' if name[:1].upper() in vowels else 'a'} {name}"


def buys_by_speed(
    gives: str,
    wins: Sequence[tuple[float, float]],
    now: float = 0.0,
    other: str = "",
    never: str = "",
) -> str:
    """At which speeds buying wins: `wins` are all of them, ascending, open ends 0 and infinity.

    `gives` says of what: "an L4 gives"; `now` is its speed, of many ranges the nearest are told;
    `other` against what it wins, if not renting; `never` why it does nowhere, where that is known.

    >>> buys_by_speed("an L4 gives", [(260.0, math.inf)])
    'Buying wins if an L4 gives more than 260 tok/s.'
    >>> buys_by_speed("an L4 gives", [(0.0, 90.0), (120.0, 260.0)])
    'Buying wins if an L4 gives less than 90 tok/s, or between 120 and 260 tok/s.'
    >>> buys_by_speed("an L4 gives", [(7.0, 8.0), (9.0, 10.0), (11.0, math.inf)], now=12.0)
    'Buying wins if an L4 gives between 9 and 10 tok/s, or more than 11 tok/s. \
How full whole GPUs are decides, so that it wins at some other speeds too.'
    >>> buys_by_speed("an L4 gives", [(0.0, math.inf)], other="an API")
    'Buying beats an API at any speed.'
    >>> buys_by_speed("an L4 gives", [], other="an API", never="one alone costs more")
    'Buying beats an API at no speed: one alone costs more.'
    """
    buying = f"Buying beats {other}" if other else "Buying wins"
    if not wins:
        return f"{buying} at no speed{f': {never}' if never else ''}."
    if wins[0] == (0.0, math.inf):
        return f"{buying} at any speed."
    nearest = sorted(wins, key=lambda ends: max(ends[0] - now, now - ends[1], 0.0))[:_TOLD]
    parts = []
    for low, high in sorted(nearest):
        if not low:
            parts.append(f"less than {quantity(high, UNIT)}")
        elif math.isinf(high):
            parts.append(f"more than {quantity(low, UNIT)}")
        else:
            parts.append(f"between {number(low)} and {quantity(high, UNIT)}")
    more = f" {_MORE}" if len(wins) > _TOLD else ""
    return f"{buying} if {gives} {', or '.join(parts)}.{more}"


def of_replica(
    tok_s: float, basis: str, low: float | None, high: float | None, of: str = ""
) -> str:
    """How fast one replica is, of what if that is said, where that comes from, and the band of it.

    >>> of_replica(363.2, "calibrated", 176.4, 439.0)
    'A replica makes 363 tok/s (calibrated; 176 to 439)'
    """
    band = f"{number(low)} to {number(high)}" if low and high else "no band"
    what = f"A replica of {of}" if of else "A replica"
    return f"{what} makes {quantity(tok_s, UNIT)} ({basis}; {band})"


def speed_now(tok_s: float, low: float, high: float, basis: str) -> str:
    """What the speed is, where that comes from, and between what it lies in most cases.

    >>> speed_now(287.0, 250.0, 345.0, "calibrated")
    'The estimate is 287 tok/s (calibrated; 250 to 345 in 8 of 10 cases).'
    >>> speed_now(373.3, 373.3, 373.3, "measured"), speed_now(300.0, 300.0, 300.0, "yours")
    ('Measured: 373 tok/s.', 'Yours: 300 tok/s.')
    """
    ends = "" if low == high else f"; {number(low)} to {number(high)} in 8 of 10 cases"
    if basis in ("measured", "yours"):
        return f"{basis.capitalize()}: {quantity(tok_s, UNIT)}{f' ({ends[2:]})' if ends else ''}."
    return f"The estimate is {quantity(tok_s, UNIT)} ({basis}{ends})."
