"""What is asked of a speed, and which measured rows are meant by that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from tco.market.workload import Constants, Hardware, Measured, Model
from tco.workload.fit import OUTPUT_TOKENS, PROMPT_TOKENS
from tco.workload.formats import Format, format_of

# Whether measured rows of another run answer for the engine that was named, or for any.
ANY_ENGINE, SAME_ENGINE = "any_engine", "same_engine"
_SAME_BITS, _SAME_WORD = 0.01, 0.3
_SAME = 1e-9
# What says which rows are meant, in their words; empty means any.
_WORDS = ("version", "parallel", "workload", "load", "server")
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
            and _alike(self.output_tokens, row.output_tokens)
            and _alike(self.prompt_tokens, row.prompt_tokens)
            and self.run in (None, row.run)
            and self._is_engine_of(row)
            and self._stored(row)
            and all(getattr(row, name) == word for name, word in self._told)
        )

    def _is_engine_of(self, row: Measured) -> bool:
        """Whether the engine is that of a row, with or without its version, in any spelling."""
        if not self.engine:
            return True
        asked, has = self.engine.casefold(), row.engine.casefold()
        return asked in (has, f"{has} {row.version.casefold()}")

    @cached_property
    def _told(self) -> list[tuple[str, str]]:
        return [(name, getattr(self, name)) for name in _WORDS if getattr(self, name)]

    @cached_property
    def _is_by_word(self) -> bool:
        return isinstance(self.weight_bits, str) or self.weight_bits is None

    def _stored(self, row: Measured) -> bool:
        stored, near = self.stored, _SAME_WORD if self._is_by_word else _SAME_BITS
        if stored.is_gguf != row.precision.startswith("gguf"):
            return False
        if abs(row.weight_bits - stored.bits) > near:
            return False
        words = _FAMILIES.get(stored.family, (stored.family,))
        return row.precision in words or not self._is_by_word

    @property
    def engine_kind(self) -> str:
        """Whether an engine is named: how far measured rows of other runs may be off."""
        return SAME_ENGINE if self.engine else ANY_ENGINE

    def names_run_of(self, row: Measured) -> bool:
        """Whether the run of a row is named: all that its source says of it."""
        by_both = self._is_engine_of(row) and self.engine.casefold() != row.engine.casefold()
        return all(
            getattr(self, name) or not getattr(row, name) or (name == "version" and by_both)
            for name in _OF_RUN
        )


def _alike(asked: float | None, has: float | None) -> bool:
    return asked is None or (has is not None and math.isclose(asked, has, rel_tol=_SAME))
