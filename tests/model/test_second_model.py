"""The kernel against a second model (tests/model/second.py), on random scenarios and lines."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from typing import Any

import pytest

from tco.inputs import INPUTS, Inputs
from tco.inputs.lines import BASES, MULTIPLIED, Line
from tco.model.cashflows import accumulate, entries, points
from tco.model.results import STATUSES, VERDICTS, solve
from tco.scenario import Scenario
from tests.model import second
from tests.neutral import NEUTRAL
from tests.strategies import CASH, SERVERS, any_value, compatible, examples

# The curves of `points` that each time is read off, and the first point that counts.
CURVES = {
    "months": (1, 2, 0),
    "first_months": (1, 2, 0),
    "simple_months": (3, 4, 0),
    "exit_months": (5, 6, 1),
}
ALIKE = ("gpus_per_rack", "racks", "own_usd_per_gpu_hour", "rent_usd_per_gpu_hour")


def drawn(number: int) -> tuple[dict[str, Any], tuple[Line, ...]]:
    """A scenario over all inputs and modes, and lines of any kind."""
    dice = random.Random(number)
    case = {name: any_value(INPUTS[name], dice) for name in NEUTRAL} | SERVERS
    case |= {name: off for name, off in CASH.items() if dice.random() < 0.5}
    case["resale_decline_per_year"] = dice.choice((1.0, dice.uniform(-0.5, 1), 0.3))
    case["rate_cap_usd_per_gpu_month"] = dice.choice((1e8, dice.uniform(0, 3_000)))
    terms = (1.0, 12.0, 36.0, 0.5, 1.5, dice.uniform(0.1, 3), dice.uniform(1, 40))
    case["commitment_months"] = dice.choice(terms)
    # At a tax of all profit both sides cost nothing.
    case["tax_rate"] = min(case["tax_rate"], 0.9)
    case |= ({"utilization": 0.0}, {"discount_rate": 0.0}, {"loan_apr": 0.0}, {}, {})[number % 5]
    lines = tuple(drawn_line(dice, f"line {k}") for k in range(dice.choice((0, 0, 1, 3, 6))))
    return compatible(case), lines


def drawn_line(dice: random.Random, name: str) -> Line:
    side = dice.choice(("own", "rent"))
    times = ("monthly", "monthly", "start", "exit", "term")
    when = dice.choice(times[: 5 if side == "rent" else 4])
    bases = [basis for basis, (_, sides, whens) in BASES.items() if side in sides and when in whens]
    basis = dice.choice([*bases, *(f"item:{item}" for item in MULTIPLIED[side, when])])
    fine = basis.startswith("item:") or basis.endswith("hour")
    fields: dict[str, Any] = {"usd": dice.uniform(-1, 1) * (1 if fine else 500)}
    if when == "monthly" and dice.random() < 0.5:
        fields["first_month"] = dice.randint(1, 20)
        fields["last_month"] = fields["first_month"] + dice.randint(0, 30)
    if not basis.startswith("item:"):
        fields["growth"] = dice.choice(("flat", "opex", "electricity", "rental"))
    if dice.random() < 0.4:
        fields["cap_usd"] = 10 ** dice.uniform(0, 5)
    return Line(name=name, side=side, when=when, basis=basis, **fields)


def by_item(rows: Any) -> dict[Any, tuple[float, float]]:
    """Cost and present value of each side's items, by month."""
    found: dict[Any, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for key, cost, present in rows:
        found[key] = (found[key][0] + cost, found[key][1] + present)
    return found


def disagreements(case: dict[str, Any], lines: tuple[Line, ...]) -> list[Any]:
    """What the two models say differently: money to 1e-9 of the gross flows."""
    v = Inputs.of(Scenario(**case, lines=lines or None).values())
    second_says = second.solve(case, lines)
    first, crossings = solve(v)
    totals = accumulate(v)
    expected, curves = second_says.results, second_says.curves
    theirs = by_item(
        ((e.side, e.item, e.month), e.usd, e.usd * e.worth) for e in second_says.entries
    )
    mine = by_item(
        ((side, item, month), cost, present)
        for side in ("own", "rent")
        for item, month, _, cost, present in entries(v, side)
    )
    gross = math.fsum(abs(present) for _, present in theirs.values()) or 1.0
    plain = math.fsum(abs(cost) for cost, _ in theirs.values()) or 1.0
    wrong: list[Any] = []

    def money(what: Any, a: float, b: float, scale: float) -> None:
        if not abs(a - b) <= 1e-9 * scale:
            wrong.append((what, a, b))

    for name in ("own_npv_usd", "rent_npv_usd", "npv_saving_usd"):
        money(name, first[name], expected[name], gross)
    saved = "undiscounted_saving_usd"
    money(saved, first[saved], expected[saved], plain)
    money("gross", totals.gross, gross, gross)
    for key in mine.keys() | theirs.keys():
        money(key, mine[key][0], theirs[key][0], plain)
        money(key, mine[key][1], theirs[key][1], gross)
    for point, other in zip(points(v), curves, strict=True):
        for at in range(1, 7):
            money(("curve", at), point[at], other[at], plain if at in (3, 4) else gross)
    for name in ALIKE:
        a, b = first[name], expected[name]
        if a != b:
            money(name, a, b, max(abs(b), gross / 1_000))
    found = first | {"status": STATUSES[first["status"]]}
    wrong += times(found, crossings, second_says, gross)
    border = max(abs(expected["own_npv_usd"]), abs(expected["rent_npv_usd"])) / 20
    clear = abs(abs(expected["npv_saving_usd"]) - border) > 1e-6 * gross
    if clear and VERDICTS[first["verdict"]] != expected["verdict"]:
        wrong.append(("verdict", VERDICTS[first["verdict"]], expected["verdict"]))
    return wrong


def times(
    found: dict[str, Any], crossings: Any, other: second.Answer, gross: float
) -> list[tuple[Any, ...]]:
    """What is said differently of times, where no point of the curves is close to a tie."""
    wrong: list[tuple[Any, ...]] = []
    for name, (own, rent, start) in CURVES.items():
        a, b = found[name], other.results[name]
        clear = all(
            abs(point[own] - point[rent]) > 1e-6 * max(abs(point[own]), gross / 1_000)
            for point in other.curves[start:]
        )
        if clear and a != b and not math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9):
            wrong.append((name, a, b))
        if clear and name == "months":
            mine = (found["status"], [side for _, side in crossings])
            theirs = (other.results["status"], [side for _, side in other.crossings])
            wrong += [("status", mine, theirs)] if mine != theirs else []
    return wrong


# In parts, so that they run side by side.
@pytest.mark.parametrize("part", range(5))
def test_two_models_agree(part: int) -> None:
    count = examples(100)
    for number in range(part * count, (part + 1) * count):
        case, lines = drawn(number)
        assert disagreements(case, lines) == [], (number, case, lines)


def test_terms_that_end_at_a_cap_in_the_middle_of_a_month() -> None:
    """Several terms begin in it, and only some of them are still paid for."""
    for number in range(examples(50)):
        case, _ = drawn(number)
        case |= {"billing": "committed", "commitment_months": (0.3, 0.45, 0.2)[number % 3]}
        cap = 100.0 * case["gpus"] * (number % 9 + 0.3)
        line = Line(
            name="each term", side="rent", usd=100.0 * (-1) ** number, when="term", basis="gpu",
            cap_usd=cap, growth="opex",
        )  # fmt: skip
        assert disagreements(case, (line,)) == [], (number, case)


def test_lines_that_run_alike_are_followed_as_one() -> None:
    """Income apart, so that the gross sum counts all of them; one with a cap by itself."""
    for number in range(examples(25)):
        case, _ = drawn(number)
        lines = [
            Line(name=f"{side} {k}", side=side, usd=usd, basis=basis, cap_usd=cap, first_month=2)
            for side in ("own", "rent")
            for k, (usd, basis, cap) in enumerate(
                ((5, "gpu", None), (7, "fixed", None), (-4, "fixed", None), (3, "fixed", 20))
            )
        ]
        share = {"side": "rent", "basis": "item:compute"}
        lines += [Line(name=f"share {k}", usd=0.1 * k, **share) for k in (1, 2)]
        assert disagreements(case, tuple(lines)) == [], (number, case)
