"""What is known of models, measured speeds and use cases, as frames with sources and ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.catalog import framed
from tco.errors import together
from tco.market import workload
from tco.market.workload import Latency, Model, WorkPreset, gpu_key, measured_of, model_key

if TYPE_CHECKING:
    import pandas as pd


def models(as_of: str | None = None) -> pd.DataFrame:
    """Every open model: layers, heads, parameters, experts, context [tokens], license, source.

    >>> found = models().set_index("model")
    >>> int(found.loc["Llama-3.1-8B", "layers"]), int(found.loc["Llama-3.1-8B", "context"])
    (32, 131072)
    """
    return framed(Model, workload.models().values(), as_of)


def measured_rows(
    model: str | None = None, gpu: str | None = None, as_of: str | None = None
) -> pd.DataFrame:
    """Measured speeds [tok/s] and times [ms], of a model, a GPU or all: each with its source.

    Rows of a model are also those of models of the same shape; times are empty where a source does
    not say them. InputError for an unknown model or GPU.

    >>> found = measured_rows(model="Llama-3.1-8B", gpu="L4")
    >>> bool((found["tok_s"] > 0).all()), "server" in found
    (True, True)
    """
    name, key = together(
        lambda: None if model is None else model_key(model),
        lambda: None if gpu is None else gpu_key(gpu),
    )
    if name is not None and key is not None:
        return framed(Latency, measured_of(key, name), as_of)
    alike = None if name is None else workload.same_shape(name)
    rows = (
        row
        for row in workload.measured()
        if (alike is None or row.model in alike) and key in (None, row.gpu)
    )
    return framed(Latency, rows, as_of)


def use_cases(as_of: str | None = None) -> pd.DataFrame:
    """What the users of a kind of application ask for: requests, lengths [tokens], times [ms].

    >>> found = use_cases().set_index("preset")
    >>> float(found.loc["chat", "prompt_tokens"])
    512.0
    """
    return framed(WorkPreset, workload.work_presets().values(), as_of)
