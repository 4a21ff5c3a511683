"""Messages for the readers of a screen: inputs by their labels, values in the units they see.

Every message is written once, with the names of the inputs, which Python, shell and files use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from tco.inputs import TAKEN
from tco.inputs.declaration import Param
from tco.inputs.text import parse


@lru_cache(maxsize=8)
def _named(names: tuple[str, ...]) -> re.Pattern[str]:
    """A name that is no part of another word, and the value that it is said to have."""
    return re.compile(
        rf"(?<![\w-])({'|'.join(sorted(names, key=len, reverse=True))})(?![\w-])"
        r"(?: = (-?\d[\d.]*(?:e[+-]?\d+)?|[a-z][a-z_0-9]*)(?![\w.])(?! is ))?",
        re.ASCII,
    )


def in_labels(message: str, known: Mapping[str, Param] = TAKEN) -> str:
    """A message with labels in the place of names: of inputs, or of what else is `known`.

    A value beside its domain stays as it is: both are in the unit of the model.

    >>> in_labels("lease_months = 3 ends too early: give more than delivery_months")
    '“Length of one lease term” = 3 months ends too early: give more than “Delivery time”'
    >>> in_labels("horizon_months = 18, utilization = 0.25; give financing = cash")
    '“Holding period” = 1.5 years, “Utilization” = 25 %; give “Financing” = cash'
    >>> in_labels("already_owned = true; utilization = 60 is outside [0, 1]; utilization of a gpu")
    '“Hardware is already owned” = yes; “Utilization” = 60 is outside [0, 1]; utilization of a gpu'
    """
    return _named(tuple(known)).sub(partial(_labeled, known), message)


def label(name: str, known: Mapping[str, Param] = TAKEN) -> str:
    """What an input is called in a sentence: its label without what explains it.

    >>> label("already_owned"), label("pue")
    ('Hardware is already owned', 'Cooling (PUE)')
    """
    return re.split(r"[:;,]", known[name].label)[0]


def in_words(name: str, value: Any, known: Mapping[str, Param] = TAKEN) -> str:
    """A value of an input as a reader sees it.

    >>> in_words("hosting", "own_site"), in_words("pue", 1.2), in_words("whole_servers", True)
    ('own site', '1.2', 'yes')
    """
    declared = known[name]
    if declared.kind == "flag":
        return "yes" if value else "no"
    return declared.written(value)


def _labeled(known: Mapping[str, Param], found: re.Match[str]) -> str:
    name, value = found.groups()
    called = f"“{label(name, known)}”"
    if value is None:
        # A name of one word is a word of the language too, unless a value follows.
        is_name = "_" in name or found.string[found.end() :].startswith((" = ", "[", ": "))
        return called if is_name else name
    return f"{called} = {in_words(name, parse(known[name], value), known)}"
