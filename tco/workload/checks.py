"""Checks of what is asked about work: every problem of a call at once, with domain and meaning."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

from tco.errors import InputError, Problem, shown
from tco.market.workload import PCIE, Hardware, Model, gpu_key, hardware, model_key, models
from tco.workload.domains import NEEDED, checked

# Words that say which measured rows are meant; none means any.
WORDS = {
    "engine": "the engine of measured rows, such as vLLM",
    "version": "the version of that engine",
    "parallel": "how GPUs share the model, such as tp2",
    "workload": "the benchmark of measured rows",
    "load": "the load of measured rows, such as constant",
    "server": "the server of measured rows, such as gcp/g2-standard-16",
    "model": "what was measured, or a part of its name",
    "mode": "how it was measured, offline or server",
}


def words_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Words by name, none as empty; InputError for what is no text.

    >>> words_of({"engine": "vLLM", "server": None})
    {'engine': 'vLLM', 'server': ''}
    """
    problems = [
        Problem(name, f"{name} = {shown(value)} is not a text: {WORDS[name]}")
        for name, value in given.items()
        if not (value is None or isinstance(value, str))
    ]
    if problems:
        raise InputError(problems)
    return {name: value or "" for name, value in given.items()}


def model_of(name: str) -> Model:
    """The model of a name; InputError with what was probably meant, or what is not known of it."""
    key = model_key(name)
    if key not in models():
        message = (
            f"model = {name!r}: the configuration of {key} was not read: a language model with "
            "known layers, heads and parameters"
        )
        raise InputError([Problem("model", message)])
    return models()[key]


def named(name: str) -> tuple[str, Model | None]:
    """The key of a model, and what is known of it: of some, measured rows or prices alone."""
    key = model_key(name)
    return key, models().get(key)


def hardware_of(name: str, unlisted: bool = False) -> Hardware:
    """The GPU of a name; InputError with what was probably meant.

    One that is `unlisted`, whose speed is the user's own, need not be known.
    """
    try:
        return hardware(gpu_key(name))
    except InputError:
        if not unlisted or not name:
            raise
    return Hardware(
        gpu=name,
        name=name,
        memory_gb=math.nan,
        usable_gib=None,
        bandwidth_gb_s=math.nan,
        fp16_dense_tflops=None,
        fp8_dense_tflops=None,
        fp4_dense_tflops=None,
        fp32_tflops=None,
        link=PCIE,
        measured_as=name,
        in_catalog=False,
    )


def check_numbers(given: Mapping[str, Any], needed: Container[str] = NEEDED) -> None:
    """InputError with everything that is wrong with numbers by name."""
    if problems := checked(given, needed):
        raise InputError(problems)


def check_context(model: Model, prompt_tokens: float, output_tokens: float) -> None:
    """InputError where prompt and answer are longer than the model's context."""
    if prompt_tokens + output_tokens > model.context:
        message = (
            f"prompt_tokens + output_tokens = {prompt_tokens + output_tokens:g} is outside "
            f"[2, {model.context:g}]: the context of {model.model}, prompt and answer together"
        )
        raise InputError([Problem("prompt_tokens", message)])
