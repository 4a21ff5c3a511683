"""Inputs of tax and financing that make no sense without, or beside, each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.numeric import any_true, is_array

if TYPE_CHECKING:
    from tco.inputs import Inputs


def broken_terms(v: Inputs) -> list[tuple[str, Any, str]]:
    """Each rule with the input it is about, whether a scenario breaks it, and what is wrong."""
    leased: Any = v.financing == "lease"
    refreshed: Any = v.refresh_months > 0
    if not (any_true(leased) or any_true(refreshed)):
        return []
    return [
        (
            "lease_usd_per_gpu_month",
            leased & (v.lease_usd_per_gpu_month == 0),
            "says nothing of a lease: give the payment that was offered",
        ),
        (
            "refresh_price_usd_per_gpu",
            refreshed & (v.refresh_price_usd_per_gpu == 0),
            "says nothing of a refresh: give what the new GPUs cost",
        ),
        (
            "refresh_months",
            leased & refreshed,
            "does not go with a lease, which brings new hardware every lease_months: give 0",
        ),
        (
            "refresh_months",
            refreshed & (v.refresh_months <= v.delivery_months),
            "replaces GPUs that are not there yet: give more than delivery_months",
        ),
        (
            "lease_months",
            leased & (v.lease_months <= v.delivery_months),
            "ends before the hardware is there: give more than delivery_months",
        ),
    ]


def checked_terms(v: Inputs) -> None:
    """InputError that lists what is missing for a lease or a refresh, and what excludes another."""
    problems = [_problem(v, *rule) for rule in broken_terms(v) if any_true(rule[1])]
    if problems:
        raise InputError(problems)


def _problem(v: Inputs, name: str, wrong: Any, why: str) -> Problem:
    value, place, rows = getattr(v, name), "", None
    if is_array(wrong):
        rows = tuple(at for at, bad in enumerate(wrong.tolist()) if bad)
        place = f"[{rows[0]}]"
        value = value[rows[0]] if is_array(value) else value
    message = f"{name}{place} = {value:g} {why} ({INPUTS[name].meaning})"
    return Problem(name, message, rows)
