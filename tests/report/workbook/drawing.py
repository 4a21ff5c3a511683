"""Scenarios over all inputs and modes, the same every time."""

from __future__ import annotations

import random
from typing import Any

from tco.inputs import INPUTS
from tests.neutral import NEUTRAL
from tests.strategies import CASH, SERVERS, any_value, compatible

WANTED = 50
_TURNS = ("hosting", "billing", "financing", "depreciation", "macrs_convention")


def drawn(number: int) -> dict[str, Any]:
    """One scenario: choices in turn, so that all are met, everything else at random."""
    dice = random.Random(number)
    case = {name: any_value(INPUTS[name], dice) for name in NEUTRAL} | SERVERS
    turn = number
    for name in _TURNS:
        choices = INPUTS[name].choices
        case[name] = choices[turn % len(choices)]
        turn //= len(choices) if name in ("hosting", "billing") else 1
    for name, neutral in CASH.items():
        if name != "financing" and dice.random() < 0.3:
            case[name] = neutral
    # At a tax of all profit both sides cost nothing, and who is ahead is a matter of rounding.
    case["tax_rate"] = min(case["tax_rate"], 0.9)
    case |= [{"utilization": 0.0}, {"discount_rate": 0.0}, {"loan_apr": 0.0}, {}, {}][number % 5]
    return compatible(case)


CASES = [drawn(number) for number in range(WANTED)]
