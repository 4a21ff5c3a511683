"""Scenarios over all inputs and modes, the same every time."""

from __future__ import annotations

import random
from typing import Any

from tco import Line
from tco.inputs import INPUTS
from tests.neutral import NEUTRAL
from tests.strategies import CASH, SERVERS, any_value, compatible

WANTED = 60
_TURNS = ("hosting", "billing", "financing", "depreciation", "macrs_convention")


# Lines of every side, basis, time and growth; of a workbook only their numbers can be changed.
LINES: tuple[tuple[dict[str, Any], ...], ...] = (
    (),
    (
        {"name": "Fiber, dark", "side": "own", "growth": "opex", "last_month": 40},
        {"name": "=cards", "side": "own", "basis": "gpu", "growth": "electricity", "cap_usd": 1},
        {"name": "chassis", "side": "own", "basis": "server", "when": "exit", "growth": "opex"},
        {"name": "rack fee", "side": "own", "basis": "rack", "growth": "rental"},
        {"name": "kW", "side": "own", "basis": "it_kw", "cap_usd": 1},
        {"name": "kW at the meter", "side": "own", "basis": "facility_kw", "last_month": 30},
        {"name": "busy", "side": "own", "basis": "busy_gpu_hour", "cap_usd": 1},
        {"name": "let", "side": "own", "basis": "idle_gpu_hour", "cap_usd": 1, "growth": "rental"},
        {"name": "permit", "side": "own", "when": "start"},
        {"name": "rebate", "side": "own", "basis": "item:gpus", "when": "start", "cap_usd": 1},
        {"name": "broker", "side": "own", "basis": "item:resale", "when": "exit", "cap_usd": 1},
        {"name": "upkeep", "side": "own", "basis": "item:maintenance", "cap_usd": 1},
    ),
    (
        {"name": "VAT", "side": "rent", "basis": "item:compute"},
        {"name": "credits", "side": "rent", "basis": "item:compute", "cap_usd": 1},
        {"name": "Crédits", "side": "rent", "basis": "busy_gpu_hour", "cap_usd": 1},
        {"name": "plan", "side": "rent", "basis": "item:support", "last_month": 12, "cap_usd": 1},
        {"name": "waiting", "side": "rent", "basis": "idle_gpu_hour", "growth": "opex"},
        {"name": "move", "side": "rent", "basis": "item:upfront", "when": "start"},
        {"name": "term", "side": "rent", "when": "term", "growth": "rental", "cap_usd": 1},
        {"name": "share", "side": "rent", "when": "term", "basis": "item:commitment_fee"},
        {"name": "seat", "side": "rent", "when": "term", "basis": "gpu", "growth": "opex"},
        {"name": "rest", "side": "rent", "when": "exit", "basis": "item:unused_commitment"},
        {"name": "leave", "side": "rent", "when": "exit", "basis": "gpu", "growth": "rental"},
        {"name": "site", "side": "own", "basis": "item:energy_it"},
    ),
)


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
    # Most leases are classified by their numbers alone.
    case |= {"lease_transfers_ownership": False, "lease_specialized": False} if number % 4 else {}
    # Rates that are next to nothing take the digits of what is counted by them.
    case |= {"discount_rate": -1e-12, "loan_apr": 1e-12} if number in (34, 39, 44) else {}
    # Several terms begin within a month.
    case |= {"commitment_months": case["commitment_months"] / 100} if number % 7 == 3 else {}
    lines = tuple(_line(fixed, dice) for fixed in LINES[lines_of_case(number)])
    return compatible(case) | ({"lines": lines} if lines else {})


def lines_of_case(number: int) -> int:
    """Which of LINES a scenario has."""
    return number // 2 % len(LINES)


def _line(fixed: dict[str, Any], dice: random.Random) -> Line:
    """A line with numbers drawn for it: few of its dollars are more than those of the items."""
    most = {"fixed": 900, "busy_gpu_hour": 0.5, "idle_gpu_hour": 0.5}
    share = fixed.get("basis", "fixed").startswith("item:")
    usd = dice.uniform(-1, 1) * (0.4 if share else most.get(fixed.get("basis", "fixed"), 90))
    numbers: dict[str, Any] = {"usd": usd}
    if "cap_usd" in fixed:
        numbers["cap_usd"] = dice.choice((0.0, 400.0, dice.uniform(0, 20_000)))
    if fixed.get("when", "monthly") == "monthly" and dice.random() < 0.5:
        numbers["first_month"] = dice.randint(1, 9)
    if "last_month" in fixed:
        numbers["last_month"] = dice.randint(9, 60)
    return Line(**{**fixed, **numbers})


CASES = [drawn(number) for number in range(WANTED)]
