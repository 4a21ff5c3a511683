"""Which columns of a table a terminal has room for, and what they are called there.

Files and `--wide` have all columns by their names; here stands what a reader needs, the most
important first: what does not fit is left out from the end.
"""

from __future__ import annotations

from tco.words.figures import inside
from tco.words.results import EVERY_RESULT

# By table, in the order in which they are read.
COLUMNS: dict[str, tuple[str, ...]] = {
    "options": (
        *("rank", "option", "hosting", "present_value_usd", "usd_per_busy_gpu_hour"),
        *("discounted_payback_months", "cheapest_from", "cheapest_to", "why_not"),
    ),
    "flips": ("input", "value", "flip", "in_range", "swing_usd", "low", "high", "note"),
    "tornado": (
        *("input", "swing_usd", "value", "low", "high", "saving_low_usd", "saving_high_usd"),
    ),
    "stress": ("title", "verdict", "npv_saving_usd", "change_usd", "months", "changes"),
    "summary": ("name", "value"),
    "drivers": ("input", "value_of_knowing_usd", "rank_correlation", "value", "low", "high"),
    "curves": ("month", "own_usd", "rent_usd", "own_exit_usd", "rent_exit_usd"),
    "inputs": ("name", "default", "source", "as_of", "low", "high", "status"),
    "gpus": (
        *("gpu", "price_usd_per_gpu", "rate_usd_per_gpu_hour", "memory_gb", "gpu_w", "as_of"),
        *("name", "source"),
    ),
    "rates": (
        *("gpu", "usd_per_gpu_hour", "provider", "instance", "region", "term", "as_of"),
        *("freshness", "source"),
    ),
    "offers": (
        *("provider", "usd_per_gpu_hour", "instance", "region", "term", "why_not", "as_of"),
        "freshness",
    ),
    "quantiles": ("provider", "offers", "providers", "p10", "p50", "p90", "newest"),
    "history": ("series", "as_of", "usd_per_gpu_hour", "source"),
    "trends": (
        *("series", "change_per_year", "low_per_year", "high_per_year", "observations"),
        *("first_date", "last_date"),
    ),
    "models": ("model", "parameters", "active_parameters", "context", "native_bits", "license"),
    "fit": ("model", "fits", "weights_gib", "context_tokens", "sequences", "reason"),
    "substitutes": (
        *("rank", "gpu", "gpus", "side", "present_value_usd", "usd_per_million_tokens"),
        *("utilization", "basis", "why_not"),
    ),
    "compare_api": (
        *("provider", "usd_per_million_tokens", "usd_per_m_input", "usd_per_m_output", "as_of"),
    ),
    "costs": ("plan", "gpus_owned", "present_value_usd", "more_than_plan_usd"),
    "units": ("units", "gpus", "owned", "buy_month", "utilization", "npv_saving_usd"),
}


def _short(name: str) -> str:
    """What a result is called in the head of a column, or in a row."""
    return inside(EVERY_RESULT[name].short)


_PAYBACK, _SAVED = _short("months"), _short("npv_saving_usd")
# What they are called.
LABELS = {
    "active_parameters": "active",
    "api_high_usd_per_million_tokens": "API, per million tokens, P90",
    "api_low_usd_per_million_tokens": "API, per million tokens, P10",
    "as_of": "as of",
    "basis": "speed basis",
    "busy_w": "power when busy",
    "change_per_year": "change a year",
    "change_usd": "change",
    "cheapest_from": "cheapest from",
    "cheapest_to": "to",
    "context_tokens": "context",
    "default": "default",
    "discounted_payback_months": _PAYBACK,
    "flip": "turns at",
    "gpu": "GPU",
    "gpu_w": "power",
    "gpus": "GPUs",
    "gpus_at_high": "GPUs at high speed",
    "gpus_at_low": "GPUs at low speed",
    "gpus_owned": "owned",
    "gap_hours": "hours without data",
    "hosting": "where",
    "high_per_year": "P90",
    "idle_w": "idle power",
    "in_range": "in range",
    "low_per_year": "P10",
    "mean_activity": "activity, mean",
    "mean_w": "power, mean",
    "memory_gb": "memory",
    "months": _PAYBACK,
    "more_than_plan_usd": "more than this plan",
    "native_bits": "bits",
    "npv_saving_usd": _SAVED,
    "observations": "prices",
    "own_breakeven": "owning, break-even share of paid hours",
    "own_breakeven_tokens_per_s": "owning, break-even tokens a second",
    "own_exit_usd": "owning, if sold then",
    "own_npv_usd": _short("own_npv_usd"),
    "own_usd": "owning",
    "p10": "P10",
    "p50": "P50",
    "p90": "P90",
    "payback_months": _PAYBACK,
    "present_value_usd": "present value",
    "price_usd_per_gpu": "price",
    "racks": _short("racks"),
    "rank_correlation": "correlation",
    "rate_usd_per_gpu_hour": "rate",
    "rent_breakeven": "renting, break-even share of paid hours",
    "rent_breakeven_tokens_per_s": "renting, break-even tokens a second",
    "rent_exit_usd": "renting, if ended then",
    "rent_npv_usd": _short("rent_npv_usd"),
    "rent_option": "rented",
    "rent_usd": "renting",
    "saving_high_usd": "saving at high",
    "saving_low_usd": "saving at low",
    "side": "cheaper",
    "swing_usd": "swing",
    "title": "stress",
    "usd_per_busy_gpu_hour": "a busy hour",
    "usd_per_gpu_hour": "per hour",
    "usd_per_month": "per month",
    "usd_per_m_input": "input, per million",
    "usd_per_m_output": "output, per million",
    "usd_per_million_tokens": "per million",
    "value": "now",
    "value_of_knowing_usd": "information value",
    "weights_gib": "weights, GiB",
    "usable_gib": "usable memory, GiB",
    "free_gib": "free memory, GiB",
    "short_gib": "missing memory, GiB",
    "kv_bytes_per_token": "KV cache per token, bytes",
    "token_time_ms": "ms per token",
    "first_token_ms": "ms to the first token",
    "first_token_low_ms": "ms to the first token, low",
    "first_token_high_ms": "ms to the first token, high",
    "output_tokens_per_s": "output tokens a second",
    "requests_per_s_mean": "requests a second, mean",
    "requests_per_s_peak": "requests a second, peak",
    "gpus_after": "GPUs afterwards",
    "gpus_kw_per_server": "kW of the GPUs of a server",
    "keep_usd": "keeping the first GPUs",
    "rent_successor_usd": "renting the successor",
    "server_kw": "kW per server",
    "start_gpu_hours_per_month": "GPU-hours of starts per month",
    "why_not": "why not",
    **{
        f"{table}.{name}": words
        for table in ("work", "speed", "other_work")
        for name, words in (
            ("low", "speed, low"),
            ("high", "speed, high"),
            ("reason", "where the speed is from"),
        )
    },
    "offers.why_not": "why not comparable",
    "successor.months": "replacement",
    "successor.saving_usd": "saved over renting",
    "summary.name": "",
    "summary.value": "",
    # Rows of a summary.
    "chance_standard_error": "its standard error",
    "infeasible": "draws without a result",
    "months_p10": f"{_PAYBACK}, P10",
    "months_p50": f"{_PAYBACK}, P50",
    "months_p90": f"{_PAYBACK}, P90",
    "never": "never pays back",
    "npv_saving_usd_p10": f"{_SAVED}, P10",
    "npv_saving_usd_p50": f"{_SAVED}, P50",
    "npv_saving_usd_p90": f"{_SAVED}, P90",
    "chance_buy": _short("chance_buy"),
    "regret_of_buying_usd": "expected regret of buying",
    "regret_of_renting_usd": "expected regret of renting",
    "value_of_knowing_all_usd": "value of perfect information",
}
# What a name begins with that is about one side.
_SIDES = {"own": "owning, ", "rent": "renting, ", "api": "API, "}
_WORDS = {
    "gpu": "GPU",
    "breakeven": "break-even",
    "api": "API",
    "gpus": "GPUs",
    "usd": "USD",
    "npv": "NPV",
    "kw": "kW",
    "kwh": "kWh",
    "kv": "KV",
}


def label(name: str, table: str = "") -> str:
    """What a column of a table is called, or a result.

    >>> label("usd_per_gpu_hour"), label("gpus_per_rack"), label("kw_per_rack")
    ('per hour', 'GPUs per rack', 'kW per rack')
    """
    if (of_table := LABELS.get(f"{table}.{name}")) is not None:
        return of_table
    said = name.removesuffix("_usd").replace("_usd_", "_").split("_")
    side = _SIDES.get(said[0], "") if len(said) > 1 else ""
    words = " ".join(_WORDS.get(word, word) for word in (said[1:] if side else said))
    return LABELS.get(name) or f"{side}{words}".replace("GPU hour", "GPU-hour")
