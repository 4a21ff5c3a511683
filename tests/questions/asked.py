"""Questions as programs ask them, with what makes their answers unusual, for tests of contracts."""

from __future__ import annotations

from typing import Any

import tco

EUROS = {"currency": "EUR", "fx_rate": 0.86, "fx_as_of": "2026-11-20"}
LEASE = {"financing": "lease", "lease_usd_per_gpu_month": 80, "lease_months": 36}
LINES = [
    {"name": "credits", "side": "rent", "usd": -1, "basis": "item:compute", "cap_usd": 5_000},
    {"name": "rigging", "side": "own", "usd": "1,200 EUR", "when": "start"},
]
NEVER = {"gpu": "L4", "price_usd_per_gpu": 1_000_000}
# Nobody rents it out, and no price of it is known: only what was given counts.
OWN_GPU = {
    "gpu": "my-card",
    "gpu_w": 100,
    "idle_w": 20,
    "price_usd_per_gpu": 900,
    "rate_usd_per_gpu_hour": 0.4,
}
CHAT = {"model": "Llama-3.1-8B", "users": 2_000, "use_case": "chat", "gpu": "L4"}
# Work that takes one GPU, at a speed that somebody measured.
FEW = {"model": "Llama-3.1-8B", "requests_per_day": 500, "gpu": "L4", "my_tokens_per_s": 300}
DAY = {"gpu": "L4", "as_of": "2026-11-28"}


def record(**inputs: Any) -> str:
    """A decision on record."""
    return tco.decide(by="Ada Example", **inputs).to_json()


CASES: dict[str, list[dict[str, Any]]] = {
    "breakeven": [
        DAY,
        DAY | {"odds": True},
        NEVER | {"odds": True},
        DAY | EUROS | {"odds": True, "lines": LINES},
        DAY | LEASE | {"tax_rate": 0.25},
        OWN_GPU,
        DAY | {"utilization": "0.3..0.7", "whole_servers": True},
        {"gpu": "RTX-4060-Ti"},
        DAY | {"utilization": 0},
        DAY | {"already_owned": True},
        DAY | {"rack_kw": 0.5},
    ],
    "report": [
        DAY,
        NEVER,
        DAY | EUROS | LEASE | {"co2_kg_per_kwh": 0.4, "lines": LINES},
        OWN_GPU,
    ],
    "ledger": [DAY, DAY | {"co2_kg_per_kwh": 0.4, "option": "own"}, DAY | EUROS | {"lines": LINES}],
    "options": [
        DAY,
        DAY | EUROS | LEASE,
        DAY | {"already_owned": True},
        OWN_GPU,
        DAY | {"horizon_months": 60},
    ],
    "flips": [DAY, NEVER | EUROS],
    "tornado": [DAY | {"count": 4}, DAY | EUROS],
    "stress": [DAY, NEVER | EUROS],
    "simulate": [DAY | {"draws": 64}, NEVER | EUROS | {"draws": 64, "seed": 7}],
    "measures": [DAY, NEVER, DAY | LEASE | EUROS],
    "win_map": [
        DAY | {"points": 3},
        DAY | EUROS | {"x": "gpus", "y": "price_usd_per_gpu", "points": 3},
        DAY | {"x": "rack_kw", "y": "server_w", "points": 3},
    ],
    "rack": [DAY, DAY | {"gpus": 400, "whole_servers": True}],
    "models": [{}],
    "fit": [
        {"model": "Llama-3.1-8B", "gpu": "L4"},
        {"model": "Llama-3.3-70B", "gpu": "L4"},
        {"gpu": "L4"},
    ],
    "speed": [
        {"model": "Llama-3.1-8B", "gpu": "L4"},
        {"model": "Llama-3.1-8B", "gpu": "T4"},
        {"model": "Llama-3.1-8B", "gpu": "L4", "my_tokens_per_s": 300},
    ],
    "work": [
        CHAT,
        CHAT | EUROS | {"flips": True},
        FEW | {"against": "L40S"},
        CHAT | {"gpu": "A100-80GB-SXM"},
    ],
    "substitutes": [CHAT, FEW | EUROS | {"top": 3}],
    "compare_api": [CHAT, FEW | EUROS],
    "serverless": [CHAT | {"usd_per_gpu_second": 0.0002}],
    "successor": [CHAT | EUROS | {"refresh_gpu": "L40S", "refresh_months": 18}],
    "other_work": [
        {"kind": "images", "units_per_day": 1e5, "gpu": "L4"},
        {"kind": "seats", "at_once": 40, "gpu": "L4", "my_units": 8, **EUROS},
    ],
    "training": [
        {"tokens": 1e10, "mfu": 0.3, "model": "Llama-3.1-8B", "gpu": "H100-SXM", "gpu_count": 8},
        {"tokens": 1e10, "mfu": 0.3, "parameters": 8e9, "gpu": "L4", "days": 30, **EUROS},
    ],
    "fleet": [
        DAY | {"mean_gpus": 4, "peak_over_mean": 2.5},
        DAY | EUROS | {"trace": "burstgpt_chat", "peak_gpus": 12, "whole_servers": True},
        DAY | {"buy_plan": {"0": 8, "12": 8}},
    ],
    "inputs": [{}],
    "gpus": [{}],
    "rates": [{"gpu": "L4"}, {"gpu": "RTX-4060-Ti"}],
    "offers": [
        {"gpu": "L4"},
        {"gpu": "RTX-4060-Ti"},
        {"gpu": "H100-SXM", "term": "1yr", "region": "any"},
    ],
    "history": [{"gpu": "L4"}, {"gpu": "RTX-4060-Ti"}],
    "recheck": [{"record": record(**DAY)}, {"record": record(gpu="L4", as_of="2026-11-21")}],
}
