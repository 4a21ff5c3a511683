"""One sentence for one answer: why, and the nearest value of one input that would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tco.inputs import INPUTS
from tco.model.results import BREAKEVENS

_PER_CENT = 100
_SIGNIFICANT = 3
_WHOLE_DOLLARS = 100
# Beyond these, amounts are written with a power of ten.
_LEAST_SHOWN, _MOST_SHOWN = 1 / 10**6, 10**15


def usd(amount: float) -> str:
    """An amount in words of three significant figures, cents below 100 dollars.

    >>> usd(4812.3), usd(-0.4372), usd(12.0)
    ('$4,810', '-$0.437', '$12.00')
    """
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if size == 0:
        return "$0"
    if not _LEAST_SHOWN <= size < _MOST_SHOWN:
        return f"{sign}${size:.{_SIGNIFICANT}g}"
    digits = _SIGNIFICANT - 1 - math.floor(math.log10(size))
    rounded = round(size, digits)
    if rounded >= _WHOLE_DOLLARS:
        return f"{sign}${rounded:,.0f}"
    return f"{sign}${rounded:.{max(digits, 2)}f}"


def number(value: float) -> str:
    """A plain number with three significant figures.

    >>> number(36.0), number(13.482), number(4_612.0)
    ('36', '13.5', '4,610')
    """
    text = f"{value:.{_SIGNIFICANT}g}"
    return f"{float(text):,.0f}" if "e+" in text and abs(value) < _MOST_SHOWN else text


def reason(values: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    """Why this verdict, with the numbers, and what would change it."""
    if math.isinf(results["own_usd_per_gpu_hour"]) or math.isinf(results["rent_usd_per_gpu_hour"]):
        return (
            "Nothing to compare: no busy hours. Owning costs "
            f"{usd(results['own_npv_usd'])} and renting {usd(results['rent_npv_usd'])} over "
            f"{_horizon(values)} ({_present(values)})."
        )
    sentences = (_verdict(values, results), _payback(values, results), _conflict(results))
    return " ".join([*(s for s in sentences if s), _flip(values, results)])


def _horizon(values: Mapping[str, Any]) -> str:
    return f"{number(values['horizon_months'])} months"


def _present(values: Mapping[str, Any]) -> str:
    return f"present value at {number(values['discount_rate'] * _PER_CENT)} % a year"


def _verdict(values: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    per_hour = (
        f"owning costs {usd(results['own_usd_per_gpu_hour'])} per busy GPU-hour, "
        f"renting {usd(results['rent_usd_per_gpu_hour'])}"
    )
    saving, over = results["npv_saving_usd"], f"over {_horizon(values)} ({_present(values)})"
    if saving == 0:
        return f"Too close to call: {per_hour}; both cost the same {over}."
    if results["verdict"] == "toss_up":
        cheaper = "buying" if saving >= 0 else "renting"
        return (
            f"Too close to call: {per_hour}; {cheaper} is cheaper by {usd(abs(saving))} {over}: "
            "choose by flexibility, not by cost."
        )
    word = "Buy" if results["verdict"] == "buy" else "Rent"
    return f"{word}: {per_hour}; {word.lower()}ing saves {usd(abs(saving))} {over}."


def _payback(values: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    if results["status"] == "breaks_even":
        return f"The purchase pays back after {number(results['months'])} months."
    if results["status"] == "immediate":
        return "Owning is ahead from the first day."
    lost = "does not stay ahead" if results["status"] == "reverses" else "does not pay back"
    plain = f"Buying {lost} within {_horizon(values)} without its resale value"
    if results["npv_saving_usd"] > 0 and math.isfinite(results["exit_months"]):
        month = number(results["exit_months"])
        return f"{plain}: it is cheaper from month {month} on if you sell then, not before."
    return f"{plain}."


def _conflict(results: Mapping[str, Any]) -> str:
    plain, saving = results["undiscounted_saving_usd"], results["npv_saving_usd"]
    if plain * saving >= 0:
        return ""
    favoured = "buying" if plain > 0 else "renting"
    return (
        f"Plain totals favour {favoured} by {usd(abs(plain))}, but not after the cost of capital: "
        "the verdict goes by present value."
    )


def _flip(values: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    """The flip that needs the smallest relative change, among those with room beyond them."""
    near = []
    for result, (name, _, _) in BREAKEVENS.items():
        root, now = results[result], values[name]
        if INPUTS[name].low < root < INPUTS[name].high:
            change = abs(root - now) / now if now else math.inf
            near.append((change, name, root, now))
    if not near:
        return "No rental rate, purchase price or utilisation inside its domain would change this."
    _, name, root, now = min(near)
    other = "renting" if results["npv_saving_usd"] >= 0 else "buying"
    side = "below" if root < now else "above"
    at, given = _shown(name, root), _shown(name, now)
    return f"{other.capitalize()} wins {side} {at} (now {given})."


def _shown(name: str, value: float) -> str:
    if name == "utilization":
        return f"{number(value * _PER_CENT)} % busy"
    return f"{usd(value)} {'a GPU' if name == 'price_usd_per_gpu' else 'a GPU-hour'}"
