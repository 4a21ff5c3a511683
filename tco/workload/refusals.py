"""When no formula is used, and why: measured rows only."""

from __future__ import annotations

import re
from functools import lru_cache

from tco.market.workload import LINEAR, OUTPUT, PCIE, SPARSE, Hardware, Model, measured, models
from tco.workload.formats import Format
from tco.workload.formulas import MOST_SEQUENCES
from tco.workload.replica import Replica

_SMALLEST = 1e9
_MOST_ON_PCIE = 2
# GPUs without bf16, and too few measured rows to check a formula.
_BEFORE_AMPERE = ("T4", "V100", "P100", "Quadro-RTX")
_RACK_SCALE = ("GB200", "GB300")
# Ways of sharing a model out that the formula does not know.
_ATTENTION_PARALLEL, _PIPELINE = (
    "attention_dp",
    re.compile(r"layers|pipeline|(?:^|[\s_])pp(?!1\b)\d"),
)
_DISAGGREGATED = re.compile("disagg|prefill", re.IGNORECASE)
_EXPERT_PARALLEL = re.compile(r"(?:^|[\s_])ep(?!1(?:$|[\s_]))\d+(?:$|[\s_])")


def refused(replica: Replica, *, parallel: str = "", batch: float = 1, tokens: float = 0) -> str:
    """Why the formula is not used for a replica; empty where it is.

    `parallel` says how GPUs share the model, in the words of the measured rows; `batch` are the
    sequences in flight, `tokens` those of prompt and answer.
    """
    model, hardware, stored = replica.model, replica.hardware, replica.stored
    return (
        _of_model(model, stored, tokens)
        or _of_hardware(hardware, replica)
        or _of_parallel(replica, parallel)
        or _of_batch(replica, batch)
    )


def _of_model(model: Model, stored: Format, tokens: float) -> str:
    if model.parameters - model.encoder_parameters < _SMALLEST:
        return f"{model.model} has under 1 billion parameters: fixed times decide its speed"
    if model.attention in (LINEAR, SPARSE):
        return f"{model.model} has {model.attention} attention, which the formula does not describe"
    window = model.window or 0
    if model.window_layers and window < tokens and not _is_measured_beyond(window):
        return (
            f"{model.model} attends to a window of {window:,} tokens, shorter than the "
            f"{tokens:,.0f} asked about, and no such model was measured so"
        )
    if stored.family == "bitsandbytes":
        return "weights in bitsandbytes 4-bit are unpacked at every step"
    if stored.family == "int4" and model.experts:
        return f"{model.model} is a mixture of experts: in 4-bit integers its speed varies widely"
    return ""


@lru_cache(maxsize=256)
def _is_measured_beyond(window: int) -> bool:
    """Whether a model that attends to such a window was served with longer texts."""
    alike = {one.model for one in models().values() if one.window_layers and one.window == window}
    return any(
        (row.prompt_tokens or 0) + (row.output_tokens or 0) > window
        for row in measured()
        if row.model in alike and row.metric == OUTPUT
    )


def _of_hardware(hardware: Hardware, replica: Replica) -> str:
    if hardware.gpu.startswith(_BEFORE_AMPERE):
        return f"{hardware.gpu} is older than bf16: no formula was checked for it"
    if hardware.gpu.startswith(_RACK_SCALE):
        return f"{hardware.gpu} is part of a rack-scale system, which the formula does not describe"
    if replica.stored.is_gguf:
        if hardware.fp32_tflops is None:
            return f"the FP32 peak of {hardware.gpu} is not known"
    elif not replica.flop_s:
        return f"the dense peak of {hardware.gpu} is not known"
    return ""


def _of_parallel(replica: Replica, parallel: str) -> str:
    if _DISAGGREGATED.search(parallel):
        return "prompts and answers on different GPUs are not described by the formula"
    if _PIPELINE.search(parallel) and replica.gpus > 1:
        return "layers one after the other on several GPUs are not described by the formula"
    if _EXPERT_PARALLEL.search(parallel):
        return "expert parallel serving is not described by the formula"
    if _ATTENTION_PARALLEL in parallel:
        return "data parallel attention is not described by the formula"
    link = replica.link or replica.hardware.link
    if link == PCIE and replica.gpus > _MOST_ON_PCIE:
        return (
            f"tensor parallel over {replica.gpus} GPUs on PCIe: no formula beyond {_MOST_ON_PCIE}"
        )
    return ""


def _of_batch(replica: Replica, batch: float) -> str:
    if replica.stored.is_gguf and batch > 1:
        return "of GGUF files the formula knows batch 1 only: how prompts are read varies widely"
    if batch > MOST_SEQUENCES:
        return (
            f"{batch:,.0f} sequences in flight are more than {MOST_SEQUENCES}: "
            "beyond, no speed was measured to check the formula"
        )
    return ""
