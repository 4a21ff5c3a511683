"""Random scenarios, drawn from the declarations of the inputs."""

from __future__ import annotations

import math
import random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tco.inputs import INPUTS, Param
from tests.neutral import NEUTRAL

_PLAIN = 200


def examples(wanted: int) -> int:
    """The examples of a test that wants so many where others have 200, scaled with the profile."""
    return max(1, wanted * settings().max_examples // _PLAIN)


# Where the whole domain would drown everything else, the part of it that is drawn from.
USUAL = {
    "gpus": (1, 64),
    "horizon_months": (0.1, 60.0),
    "price_usd_per_gpu": (0.0, 50_000.0),
    "server_usd": (0.0, 200_000.0),
    "network_usd_per_gpu": (0.0, 2_000.0),
    "install_usd_per_gpu": (0.0, 2_000.0),
    "colo_usd_per_kw_month": (0.0, 800.0),
    "rack_usd_per_month": (0.0, 5_000.0),
    "staff_usd_per_gpu_month": (0.0, 500.0),
    "license_usd_per_gpu_year": (0.0, 5_000.0),
    "rate_usd_per_gpu_hour": (0.0, 20.0),
    "storage_egress_usd_per_gpu_month": (0.0, 500.0),
    "upfront_usd_per_gpu": (0.0, 5_000.0),
    "discount_rate": (-0.5, 1.0),
    "gpus_per_server": (1, 72),
    "gpu_w": (0.0, 2_000.0),
    "server_w": (0.0, 20_000.0),
    "server_units": (1, 42),
    "colo_committed_kw": (0.0, 100.0),
    "warranty_months": (0, 60),
    "server_warranty_months": (0, 60),
    "commitment_months": (0.1, 60.0),
    "commitment_fee_usd_per_gpu": (0.0, 5_000.0),
    "rate_cap_usd_per_gpu_month": (0.0, 5_000.0),
    "depreciation_years": (1, 10),
    "loan_months": (1, 60),
    "loan_interest_only_months": (0, 12),
    "lease_usd_per_gpu_month": (1.0, 500.0),
    "lease_months": (1, 48),
    "lease_buyout_usd_per_gpu": (0.0, 2_000.0),
    "lease_return_usd_per_gpu": (0.0, 500.0),
    "lease_fee_usd_per_gpu": (0.0, 500.0),
    "delivery_months": (0, 12),
    "refresh_months": (0, 48),
    "refresh_price_usd_per_gpu": (1.0, 50_000.0),
    "fx_rate": (0.01, 200.0),
}
# Whole numbers of which a few are usual, and the first one most so.
OFTEN = {"lease_payment_interval_months": (1, 1, 1, 3, 3, 2, 6, 12, 5)}
# Neutral values that only stand for "not given".
NOT_GIVEN = ("lease_usd_per_gpu_month", "refresh_price_usd_per_gpu")
# Every rack holds a server of these.
SERVERS = {"rack_units": 42, "rack_kw": 500.0}


def number(declared: Param) -> st.SearchStrategy[Any]:
    """Numbers of a domain: any, whole ones (for ties), and the neutral one."""
    low, high = USUAL.get(declared.name, (declared.low, declared.high))
    if declared.name in OFTEN:
        return st.sampled_from(OFTEN[declared.name])
    if declared.kind == "integer":
        return st.integers(int(low), int(high))
    first = math.floor(low) + 1 if declared.low_open else math.ceil(low)
    floats = st.floats(
        low, high, exclude_min=declared.low_open, allow_nan=False, allow_subnormal=False
    )
    whole = [float(n) for n in range(first, math.floor(high) + 1)[:50]]
    neutral = [] if declared.name in NOT_GIVEN else [float(declared.neutral)]
    return st.sampled_from(neutral + whole) | floats


def value(declared: Param) -> st.SearchStrategy[Any]:
    """Values of an input."""
    if declared.numeric:
        return number(declared)
    if declared.kind == "code":
        return st.sampled_from(("USD", "EUR", "JPY"))
    return st.booleans() if declared.kind == "flag" else st.sampled_from(declared.choices)


VALUES = {name: value(INPUTS[name]) for name in NEUTRAL}


def any_value(declared: Param, dice: random.Random) -> Any:
    """One value of an input, by dice."""
    if declared.kind == "flag":
        return dice.random() < 0.5
    if declared.kind == "code":
        return dice.choice(("USD", "EUR", "JPY"))
    if declared.choices or declared.name in OFTEN:
        return dice.choice(declared.choices or OFTEN[declared.name])
    low, high = USUAL.get(declared.name, (declared.low, declared.high))
    if declared.kind == "integer":
        return dice.randint(int(low), int(high))
    if dice.random() < 0.2 and declared.name not in NOT_GIVEN:
        return float(declared.neutral)
    number = dice.uniform(low, high)
    return float(round(number)) if dice.random() < 0.2 and round(number) > low else number


# Everything that adds lines to the ledgers, switched off.
CASH = {"tax_rate": 0.0, "financing": "cash", "delivery_months": 0, "refresh_months": 0}


def scenarios(**fixed: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Every input of a comparison, as a dict; `fixed` ones as given. Half of them are in cash."""
    constant = {name: st.just(given) for name, given in (SERVERS | fixed).items()}
    plain = {name: st.just(CASH[name]) for name in CASH if name not in fixed}
    return st.one_of(
        st.fixed_dictionaries(VALUES | plain | constant).map(compatible),
        st.fixed_dictionaries(VALUES | constant).map(compatible),
    )


def compatible(case: dict[str, Any]) -> dict[str, Any]:
    """The scenario without a refresh where it is leased, and delivered before a term ends.

    A lease ends with a payment, and is bought out for a price or at the market's, not for both. A
    loan is paid back after the months with interest only, and nothing is owned already that is
    financed or still to come.
    """
    leased = case["financing"] == "lease"
    apart = case["lease_payment_interval_months"]
    case = case | {"lease_months": -(-case["lease_months"] // apart) * apart}
    if case["lease_buyout_at_market"]:
        case["lease_buyout_usd_per_gpu"] = 0.0
    refresh = 0 if leased else case["refresh_months"]
    ends = case["lease_months"] if leased else refresh
    delivery = min(case["delivery_months"], ends - 1) if ends else case["delivery_months"]
    return case | {
        "refresh_months": refresh,
        "delivery_months": delivery,
        "loan_interest_only_months": min(
            case["loan_interest_only_months"], case["loan_months"] - 1
        ),
        "already_owned": case["already_owned"] and case["financing"] == "cash" and not delivery,
    }


# Cumulative curves with whole numbers, so that ties occur, and with lumps.
curves = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), min_size=1, max_size=12
)
