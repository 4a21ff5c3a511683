"""How weights are stored: bits, what stays at 16 bit, and with which constants they are read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tco.errors import InputError, Problem, shown, suggestion
from tco.market.workload import Model
from tco.workload.formulas import KEPT_BITS

# What is left at 16 bit: embeddings and head, all but the experts, or nothing.
EMBEDDINGS, ALL_BUT_EXPERTS, NOTHING = "embeddings", "all_but_experts", "nothing"


@dataclass(frozen=True)
class Format:
    """One way to store weights.

    `family` is the word by which measured rows say it; `constants` the precision whose constants
    count; `peak` that in which the GPU computes, where it can (else in bf16).
    """

    name: str
    bits: float
    family: str
    constants: str
    peak: str
    kept: str = EMBEDDINGS

    @property
    def is_gguf(self) -> bool:
        """Whether llama.cpp reads it."""
        return self.family == "gguf"


_LISTED = (
    Format("bf16", 16, "bf16", "bf16", "bf16"),
    Format("fp8", 8, "fp8", "fp8", "fp8"),
    Format("int8", 8, "int8", "fp8", "bf16"),
    Format("nvfp4", 4.5, "fp4", "fp4", "fp4"),
    Format("mxfp4", 4.25, "fp4", "fp4", "fp4", ALL_BUT_EXPERTS),
    Format("awq", 4.25, "int4", "fp4", "bf16"),
    Format("gptq", 4.25, "int4", "fp4", "bf16"),
    Format("bitsandbytes", 4.5, "bitsandbytes", "fp4", "bf16"),
    Format("q8_0", 8.5, "gguf", "fp8", "bf16", NOTHING),
    Format("q6_k", 6.6, "gguf", "fp8", "bf16", NOTHING),
    Format("q5_k_m", 5.7, "gguf", "fp4", "bf16", NOTHING),
    Format("q4_k_m", 4.85, "gguf", "fp4", "bf16", NOTHING),
)
FORMATS = {one.name: one for one in _LISTED}
# Other words for the same.
_ALSO = {"fp16": "bf16", "float16": "bf16", "bfloat16": "bf16", "fp4": "nvfp4", "int4": "awq"}
_ALSO |= {"nf4": "bitsandbytes", "bnb": "bitsandbytes", "q4": "q4_k_m", "q8": "q8_0"}
_ALSO |= {"q5": "q5_k_m", "q6": "q6_k"}
# The engines that read GGUF files.
GGUF_ENGINES = ("llama.cpp", "ollama")
_LOWEST, _HIGHEST = 1.0, 32.0


def format_of(model: Model | None, weight_bits: float | str | None, engine: str = "") -> Format:
    """How the weights of a model are stored: a name, a number of bits, or None as published.

    None stands for a model whose configuration is not known, taken as published in 16 bit.
    4.25 bit are MXFP4 where the model is published so, else AWQ or GPTQ. Any other number of bits
    is a GGUF file under an engine that reads these. InputError for what is neither.
    """
    if weight_bits is None:
        return format_of(model, model.native_bits if model else KEPT_BITS, engine)
    if isinstance(weight_bits, str):
        word = weight_bits.strip().casefold().replace("-", "_")
        word = _ALSO.get(word, word)
        if word in FORMATS:
            return FORMATS[word]
        try:
            weight_bits = float(word)
        except ValueError:
            known = ", ".join(FORMATS)
            message = (
                f"weight_bits = {weight_bits!r} is neither a number of bits nor one of {known}: "
                f"how the weights are stored{suggestion(word, FORMATS)}"
            )
            raise InputError([Problem("weight_bits", message)]) from None
    if (
        not isinstance(weight_bits, int | float)
        or weight_bits is True
        or not _LOWEST <= weight_bits <= _HIGHEST
    ):
        message = (
            f"weight_bits = {shown(weight_bits)} is outside [1, 32]: bits a weight is stored in, "
            "or a name such as fp8 or q4_k_m"
        )
        raise InputError([Problem("weight_bits", message)])
    return _by_bits(model, float(weight_bits), engine.casefold().startswith(GGUF_ENGINES))


def _by_bits(model: Model | None, bits: float, is_llama: bool) -> Format:
    if is_llama:
        named = (one for one in _LISTED if one.is_gguf and one.bits == bits)
        plain = replace(FORMATS["q8_0"], name=f"GGUF of {bits:g} bit", bits=bits)
        return next(named, plain)
    if model is not None and bits == FORMATS["mxfp4"].bits == model.native_bits:
        return FORMATS["mxfp4"]
    for one in (one for one in _LISTED if one.name != "mxfp4"):
        if one.bits == bits:
            return one
    like = "bf16" if bits >= 12 else "fp8" if bits > 6 else "awq"
    return replace(FORMATS[like], name=f"{bits:g} bit", bits=bits)
