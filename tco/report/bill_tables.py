"""What a bill and what logs of GPUs say, on the screen; and the inputs that follow from them."""

from __future__ import annotations

from typing import Any

from tco.bills.bill import Bill
from tco.bills.items import KIND_TITLES, KINDS
from tco.bills.telemetry import Telemetry
from tco.inputs import RATE
from tco.market.catalogue import load
from tco.words.figures import capital, cents, number, percent, rate_text

# A title, and what is said of it.
Fact = tuple[str, ...]


def bill_facts(found: Bill) -> list[Fact]:
    """Hours, rate and where the money went.

    >>> from tco.bills.bill import read_bill
    >>> bill_facts(read_bill("docs/bill.csv"))[:2]
    [('GPU-hours', '890 on L4'), ('Effective rate', '$0.770 per GPU-hour')]
    """
    told: list[Fact] = []
    hours = [f"{number(_hours(found, gpu))} on {gpu}" for gpu in found.gpus]
    told.append(("GPU-hours", *(hours or ["none"])))
    if found.usd_per_gpu_hour is not None:
        told.append(("Effective rate", f"{rate_text(found.usd_per_gpu_hour)} per GPU-hour"))
    if found.start and found.end:
        told.append(
            ("Period", f"{found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}, {found.hours:,} h")
        )
    for kind in KINDS:
        if found.amounts_by_kind[kind]:
            amount = f"{cents(float(found.amounts_by_kind[kind]))} {found.currency}"
            told.append((capital(KIND_TITLES[kind]), amount))
    told.append(("Total of the files", f"{cents(found.total)} {found.currency}"))
    aside = [
        f"{what} ({rows:,} rows)" for kind, what, _, rows in found.details if kind == "set_aside"
    ]
    if aside:
        told.append(("Not understood", *aside[:5]))
    return told


def _hours(found: Bill, gpu: str) -> float:
    return float(sum(line.gpu_hours for line in found.lines if line.gpu == gpu))


def inputs_of(found: Bill) -> dict[str, Any]:
    """The GPU of the bill that was used most, where it is in the catalog, and what it cost."""
    given: dict[str, Any] = {}
    if found.gpus and found.gpus[0] in load().gpus:
        measured = found.measured(found.gpus[0])
        given["gpu"] = found.gpus[0]
        given[RATE] = round(measured["compute_usd"] / measured["gpu_hours"], 6)
    return given


def telemetry_facts(found: Telemetry) -> list[Fact]:
    """How busy the GPUs were, and what they drew.

    >>> from tco.bills.telemetry import read_telemetry
    >>> telemetry_facts(read_telemetry("docs/gpu-log.csv"))[0]
    ('Utilization', '62.5 % of the time with an activity of 1 % or more')
    """
    told: list[Fact] = []
    if found.utilization is not None:
        share = f"{percent(found.utilization)} of the time with an activity of 1 % or more"
        told.append(("Utilization", share))
    if found.mean_activity is not None:
        told.append(("Mean activity", f"{percent(found.mean_activity)}; no measure of utilization"))
    if found.load_factor is not None:
        told.append(("Load factor", f"{percent(found.load_factor)} of the board power when busy"))
    for title, watts in (("Busy power", found.busy_w), ("Idle power", found.idle_w)):
        if watts is not None:
            told.append((title, f"{number(watts)} W per GPU"))
    if found.output_tokens_per_gpu_hour is not None:
        each = number(found.output_tokens_per_gpu_hour)
        told.append(("Work of a paid hour", f"{each} output tokens per GPU-hour"))
    told.append(("Measured", f"{found.gpus:,} GPUs, {number(found.hours)} GPU-hours"))
    return told
