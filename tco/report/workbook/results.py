"""The results, each as one formula of the sheet Months and the named cells."""

from __future__ import annotations

from typing import NamedTuple

from tco.model.results import STATUSES, VERDICTS


class Result(NamedTuple):
    """A named result: its formula, which is shown only where the inputs go together."""

    name: str
    formula: str


_NONE = '""'
_IMMEDIATE, _BREAKS_EVEN, _REVERSES, _NEVER = (f'"{status}"' for status in STATUSES)
_BUY, _TOSS_UP, _RENT = (f'"{verdict}"' for verdict in VERDICTS)


def _last(what: str) -> str:
    """The last crossing, if owning is ahead at the end."""
    return f"at_end({what}_last) if at_end({what}_ahead) else {_NONE}"


def _root(name: str, slope: str, only: str = "") -> str:
    """Where the saving is 0: it is linear in the input."""
    flat = f"{slope} == 0 or abs({slope}) < slope_tolerance * gross_usd"
    return f"{_NONE} if {only}{flat} else {name} - npv_saving_usd / {slope}"


RESULTS = (
    Result("own_npv_usd", "at_end(own_exit_usd)"),
    Result("rent_npv_usd", "at_end(rent_exit_usd)"),
    Result("npv_saving_usd", "rent_npv_usd - own_npv_usd"),
    Result(
        "undiscounted_saving_usd",
        "at_end(rent_undiscounted_usd) + at_end(rent_due_usd) "
        "- at_end(own_undiscounted_usd) - at_end(own_due_usd)",
    ),
    Result("months", _last("discounted")),
    Result("first_months", "at_end(discounted_first)"),
    Result("simple_months", _last("simple")),
    Result("exit_months", _last("exit")),
    Result("hours", f"{_NONE} if months == {_NONE} else months * hours_per_month * utilization"),
    Result(
        "breakeven_rate_usd_per_gpu_hour", _root("rate_usd_per_gpu_hour", "saving_per_rate_usd")
    ),
    Result("breakeven_price_usd_per_gpu", _root("price_usd_per_gpu", "saving_per_price_usd")),
    Result(
        "breakeven_utilization",
        _root("utilization", "saving_per_utilization_usd", 'billing != "per_use" or '),
    ),
    Result(
        "own_usd_per_gpu_hour",
        f"{_NONE} if busy_gpu_hours == 0 else own_npv_usd / busy_gpu_hours",
    ),
    Result(
        "rent_usd_per_gpu_hour",
        f"{_NONE} if busy_gpu_hours == 0 else rent_npv_usd / busy_gpu_hours",
    ),
    Result("gpus_per_rack", "servers_per_rack * gpus_per_server"),
    Result("racks", f"{_NONE} if servers_per_rack == 0 else racks_needed"),
    Result(
        "status",
        f"({_NEVER} if first_months == {_NONE} else {_REVERSES}) if months == {_NONE} else "
        f"{_IMMEDIATE} if months == 0 else {_BREAKS_EVEN}",
    ),
    Result(
        "verdict",
        f"{_TOSS_UP} if abs(npv_saving_usd) <= toss_up_share "
        f"* max(abs(own_npv_usd), abs(rent_npv_usd)) else "
        f"{_BUY} if npv_saving_usd > 0 else {_RENT}",
    ),
)
# What the results are made of besides, with its unit and meaning.
TOTALS = (
    (
        "gross_usd",
        "present(paid_size_usd, discount) + at_end(due_size_usd) * at_end(discount)",
        "USD",
        "sum of all absolute present values",
    ),
    (
        "busy_gpu_hours",
        "gpus * hours_per_month * utilization * present(share_of_month, discount)",
        "GPU-hours",
        "busy hours, discounted",
    ),
    (
        "saving_per_rate_usd",
        "present(saving_per_rate, discount) + (1 - tax_rate) * (1 + support_rate) "
        "* billed_gpu_hours * at_end(unused_months) * at_end(rental_growth) * at_end(discount)",
        "USD",
        "saving that one USD more of the rate adds",
    ),
    (
        "saving_per_price_usd",
        "-present(cost_per_price, discount) - at_end(due_per_price) * at_end(discount)",
        "USD",
        "saving that one USD more a GPU adds",
    ),
    (
        "saving_per_utilization_usd",
        "present(saving_per_utilization, discount)",
        "USD",
        "saving that full use adds over none",
    ),
)
