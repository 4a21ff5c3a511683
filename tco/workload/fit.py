"""Whether a model fits on a GPU, and how many sequences at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

from tco.errors import together
from tco.market.catalogue import load
from tco.market.workload import Hardware, Model, hardwares, models
from tco.words.work import gpus_of
from tco.workload import formulas
from tco.workload.checks import check_context, check_numbers, hardware_of, model_of
from tco.workload.formats import FORMATS, Format, format_of
from tco.workload.replica import Memory, usable_gib

if TYPE_CHECKING:
    import pandas as pd

PROMPT_TOKENS, OUTPUT_TOKENS = 512, 256
# Other ways to make a model fit, in the order in which they are told: fewer bits, more GPUs.
_FEWER_BITS = ("fp8", "awq")
_MORE_GPUS = (2, 4, 8)
_SHORTEST = 2
_WHOLE_SYSTEM = "whole-system"


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Whether a model fits on the GPUs of one replica, and what is left for tokens.

    `sequences` of prompt and answer are held at once; `context_tokens` are the longest single
    sequence, at most the model's context; `short_gib` is what a GPU lacks (0 where it fits).
    """

    model: str
    gpu: str
    gpus_per_replica: int
    weight_bits: float
    kv_bits: float
    prompt_tokens: float
    output_tokens: float
    weights_gib: float
    kv_bytes_per_token: float
    usable_gib: float
    free_gib: float
    capacity_tokens: float
    context_tokens: int
    sequences: int
    fits: bool
    short_gib: float
    reason: str

    @property
    def sentence(self) -> str:
        """Whether the model fits, and what is left or lacking.

        >>> fit("Llama-3.1-8B", "L4").sentence.partition(":")[0]
        'Llama-3.1-8B on 1 × L4 fits'
        """
        return f"{self.model} on {gpus_of(self.gpus_per_replica, self.gpu)} {self.reason}."

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types."""
        return asdict(self)


@overload
def fit(
    model: str,
    gpu: str = ...,
    *,
    gpus_per_replica: int = ...,
    weight_bits: float | str | None = ...,
    kv_bits: float = ...,
    prompt_tokens: float = ...,
    output_tokens: float = ...,
    budget_tokens: float = ...,
) -> Fit: ...


@overload
def fit(
    model: None = ...,
    gpu: str = ...,
    *,
    gpus_per_replica: int = ...,
    weight_bits: float | str | None = ...,
    kv_bits: float = ...,
    prompt_tokens: float = ...,
    output_tokens: float = ...,
    budget_tokens: float = ...,
) -> pd.DataFrame: ...


def fit(
    model: str | None = None,
    gpu: str = "L4",
    *,
    gpus_per_replica: int = 1,
    weight_bits: float | str | None = None,
    kv_bits: float = 16,
    prompt_tokens: float = PROMPT_TOKENS,
    output_tokens: float = OUTPUT_TOKENS,
    budget_tokens: float = formulas.SMALL_BUDGET,
) -> Fit | pd.DataFrame:
    """Whether a model fits on a GPU, how many sequences at once, and if not, what would fit.

    `weight_bits` is a number, or a name such as fp8, awq or q4_k_m; by default as the model is
    published. `budget_tokens` are the tokens that the engine takes into one step, from 2,048 to
    8,192: they cost activations. Memory is in GiB. Without a model: a frame of every model, with
    the context that is left. InputError for an unknown model or GPU, a number outside its domain,
    and lengths beyond the model's context. docs/work.md has the equations and their sources.

    >>> found = fit("Llama-3.1-8B", "L4", prompt_tokens=256, output_tokens=128)
    >>> round(found.weights_gib, 3), found.kv_bytes_per_token, found.sequences  # [GiB], [bytes]
    (14.958, 131072.0, 99)
    >>> fit("Llama-3.3-70B", "L4").fits
    False
    """
    numbers = {
        "gpus_per_replica": gpus_per_replica,
        "kv_bits": kv_bits,
        "prompt_tokens": prompt_tokens,
        "output_tokens": output_tokens,
        "budget_tokens": budget_tokens,
    }
    lengths = (prompt_tokens, output_tokens)
    asked, on, _ = together(
        lambda: None if model is None else model_of(model),
        lambda: hardware_of(gpu),
        lambda: check_numbers(numbers, needed=numbers),
    )
    if asked is not None:
        stored = format_of(asked, weight_bits)
        check_context(asked, *lengths)
        return fitted(asked, on, stored, gpus_per_replica, kv_bits, lengths, budget_tokens)
    import pandas as pd

    rows = [
        fitted(
            one, on, format_of(one, weight_bits), gpus_per_replica, kv_bits, lengths, budget_tokens
        ).to_dict()
        for one in models().values()
    ]
    return pd.DataFrame(rows)


def fitted(
    model: Model,
    hardware: Hardware,
    stored: Format,
    gpus: int,
    kv_bits: float,
    lengths: tuple[float, float],
    budget_tokens: float = formulas.SMALL_BUDGET,
) -> Fit:
    """The same for records of the data; the lengths are those of prompt and answer."""
    memory = Memory(model, stored, kv_bits)
    usable = usable_gib(hardware)
    free = memory.free_gib(usable, gpus, budget_tokens)
    capacity = formulas.capacity_tokens(free, memory.kv_bytes_per_gpu(gpus))
    sequences = math.floor(capacity / memory.kept_tokens(sum(lengths)))
    # What one sequence needs and a GPU does not have.
    needed = memory.kept_tokens(sum(lengths)) * memory.kv_bytes_per_gpu(gpus) / formulas.GIB
    short = max(0.0, needed - free)
    fits = sequences >= 1
    found = Fit(
        model=model.model,
        gpu=hardware.gpu,
        gpus_per_replica=gpus,
        weight_bits=stored.bits,
        kv_bits=kv_bits,
        prompt_tokens=lengths[0],
        output_tokens=lengths[1],
        weights_gib=memory.weights_gib,
        kv_bytes_per_token=memory.kv_bytes_per_token,
        usable_gib=usable,
        free_gib=free,
        capacity_tokens=capacity,
        context_tokens=_longest(memory, capacity),
        sequences=sequences,
        fits=fits,
        short_gib=0.0 if fits else short,
        reason="",
    )
    told = _told(found) if fits else _short(found, model, hardware, stored, budget_tokens)
    return Fit(**{**asdict(found), "reason": told})


def _longest(memory: Memory, capacity: float) -> int:
    """Tokens of the longest single sequence that the capacity holds."""
    model = memory.model
    longest = capacity
    if model.window_layers and model.window:
        # Layers with a window keep it and no more.
        share = model.window_layers / model.kv_layers
        if share < 1:
            longest = max(capacity, (capacity - share * model.window) / (1 - share))
        elif capacity >= model.window:
            longest = math.inf
    return math.floor(min(longest, model.context))


def _told(found: Fit) -> str:
    held = "1 sequence" if found.sequences == 1 else f"{found.sequences:,} sequences"
    return (
        f"fits: {found.free_gib:.1f} GiB per GPU left for tokens, {held} of "
        f"{found.prompt_tokens + found.output_tokens:,.0f} tokens at once"
    )


def _short(
    found: Fit, model: Model, hardware: Hardware, stored: Format, budget_tokens: float
) -> str:
    """By how much a model does not fit, and what would make it."""
    of = "" if found.gpus_per_replica == 1 else " per GPU"
    ways = list(_ways(found, model, stored, budget_tokens))
    would = f"would fit: {', '.join(ways)}"
    if not ways:
        tokens = found.prompt_tokens + found.output_tokens
        other = _elsewhere(model, stored, found.kv_bits, tokens, budget_tokens)
        would = f"no way to fit it on {hardware.gpu}; {other}"
    return f"does not fit: {found.short_gib:.1f} GiB{of} too little; {would}"


@lru_cache(maxsize=512)
def _elsewhere(
    model: Model, stored: Format, kv_bits: float, tokens: float, budget_tokens: float
) -> str:
    """The GPUs with the least memory in all that hold a model, of those with a price."""
    memory, found = Memory(model, stored, kv_bits), []
    for one in hardwares().values():
        is_whole = one.in_catalog and load().gpus[one.gpu].host == _WHOLE_SYSTEM
        for gpus in (1, *(() if is_whole else _MORE_GPUS)) if one.in_catalog else ():
            free = memory.free_gib(usable_gib(one), gpus, budget_tokens)
            room = formulas.capacity_tokens(free, memory.kv_bytes_per_gpu(gpus))
            if room >= memory.kept_tokens(tokens):
                found.append((gpus * one.memory_gb, gpus, one.gpu))
    if not found:
        return "nor on another GPU with these bits and this context"
    _, gpus, gpu = min(found)
    return f"would fit: {gpus} × {gpu}" if gpus > 1 else f"would fit: {gpu}"


def _ways(found: Fit, model: Model, stored: Format, budget_tokens: float) -> Iterator[str]:
    """What makes a model fit: a shorter context, fewer bits, more GPUs, or both of these."""
    lengths = (found.prompt_tokens, found.output_tokens)

    def holds(stored: Format, gpus: int) -> bool:
        other = Memory(model, stored, found.kv_bits)
        free = other.free_gib(found.usable_gib, gpus, budget_tokens)
        room = formulas.capacity_tokens(free, other.kv_bytes_per_gpu(gpus))
        return room >= other.kept_tokens(sum(lengths))

    fewer = [FORMATS[name] for name in _FEWER_BITS if FORMATS[name].bits < stored.bits]
    more = [gpus for gpus in _MORE_GPUS if gpus > found.gpus_per_replica]
    if found.context_tokens >= _SHORTEST:
        yield f"a context of at most {found.context_tokens:,} tokens"
    for one in fewer:
        if holds(one, found.gpus_per_replica):
            yield f"{one.bits:g}-bit weights"
            break
    for gpus in more:
        if holds(stored, gpus):
            yield f"{gpus} GPUs"
            return
        for one in fewer:
            if holds(one, gpus):
                yield f"{one.bits:g}-bit weights on {gpus} GPUs"
                break
