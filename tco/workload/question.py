"""What is asked of a speed, and which measured rows are meant by that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from tco.market.workload import Constants, Hardware, Measured, Model
from tco.workload.fit import OUTPUT_TOKENS, PROMPT_TOKENS
from tco.workload.formats import Format, format_of

_SAME_BITS, _SAME_WORD = 0.01, 0.3
_SAME = 1e-9
# What says which rows are meant, in their words; empty means any.
_WORDS = ("version", "parallel", "workload", "load", "server")
_LENGTHS = ("prompt_tokens", "output_tokens")
# What is the same in all rows of one run of a benchmark, which may be under several loads.
_OF_RUN = ("engine", "version", "parallel", "workload", "server")
# Words of sources for the same family of formats.
_FAMILIES = {
    "bf16": ("bf16", "fp16", "16 bit"),
    "fp8": ("fp8", "8 bit"),
    "int8": ("int8", "8 bit"),
    "fp4": ("fp4", "mxfp4", "nvfp4", "4 bit"),
    "int4": ("int4", "awq", "gptq", "4 bit"),
    "gguf": ("gguf", "gguf f16"),
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a speed; checked. Of rows empty or None means any."""

    key: str
    model: Model | None
    hardware: Hardware
    gpus: int = 1
    weight_bits: float | str | None = None
    kv_bits: float = 16
    prompt_tokens: float | None = PROMPT_TOKENS
    output_tokens: float | None = OUTPUT_TOKENS
    concurrency: float | None = None
    token_time_ms: float | None = None
    first_token_ms: float | None = None
    cached_prompt_share: float = 0.0
    my_tokens_per_s: float | None = None
    constants: Constants | None = None
    engine: str = ""
    version: str = ""
    parallel: str = ""
    workload: str = ""
    load: str = ""
    server: str = ""
    run: int | None = None

    @cached_property
    def stored(self) -> Format:
        """How the weights are stored."""
        return format_of(self.model, self.weight_bits, self.engine)

    def fits(self, row: Measured) -> bool:
        """Whether a row is one of those."""
        return (
            row.gpus == self.gpus
            and self.run in (None, row.run)
            and self.engine in ("", row.engine, f"{row.engine} {row.version}")
            and self._stored(row)
            and all(getattr(self, name) in ("", getattr(row, name)) for name in _WORDS)
            and all(_alike(getattr(self, name), getattr(row, name)) for name in _LENGTHS)
        )

    def _stored(self, row: Measured) -> bool:
        by_word = isinstance(self.weight_bits, str) or self.weight_bits is None
        near = _SAME_WORD if by_word else _SAME_BITS
        if self.stored.is_gguf != row.precision.startswith("gguf"):
            return False
        is_family = row.precision in _FAMILIES.get(self.stored.family, (self.stored.family,))
        return abs(row.weight_bits - self.stored.bits) <= near and (is_family or not by_word)

    def names_run_of(self, row: Measured) -> bool:
        """Whether the run of a row is named: all that its source says of it."""
        return all(getattr(self, name) or not getattr(row, name) for name in _OF_RUN)


def _alike(asked: float | None, has: float | None) -> bool:
    return asked is None or (has is not None and math.isclose(asked, has, rel_tol=_SAME))
