"""One copy of a model on n GPUs: the formulas, with the numbers of the data filled in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tco.market.workload import NVLINK, Constants, Hardware, Model
from tco.workload import formulas
from tco.workload.formats import ALL_BUT_EXPERTS, EMBEDDINGS, Format, format_of
from tco.workload.formulas import GIB

_GIGA, _TERA = 1e9, 1e12
# Usable memory [GiB] of a GPU of so many nominal GB, where nobody measured it: an assumption, a
# little below the two that were measured (0.986 of a 24 GB L4, 0.990 of an 80 GB H100).
USABLE_SHARE = 0.985


def usable_gib(hardware: Hardware) -> float:
    """Memory that a GPU really has [GiB]: measured, else a share of the nominal."""
    if hardware.usable_gib is not None:
        return hardware.usable_gib
    return USABLE_SHARE * hardware.memory_gb


def kind_of_model(model: Model) -> str:
    """`moe`, `multimodal` or `dense`: how much memory activations take."""
    if model.experts:
        return "moe"
    return "multimodal" if model.encoder_parameters else "dense"


@dataclass(frozen=True)
class Memory:
    """What weights and tokens take: of a model in a format, whatever it runs on."""

    model: Model
    stored: Format
    kv_bits: float = 16.0

    @cached_property
    def weight_bytes(self) -> float:
        """Bytes of all weights."""
        model = self.model
        kept = {
            EMBEDDINGS: model.embedding_parameters + model.encoder_parameters,
            ALL_BUT_EXPERTS: model.parameters - model.expert_parameters,
        }.get(self.stored.kept, 0.0)
        return formulas.weight_bytes(model.parameters, self.stored.bits, kept)

    @property
    def weights_gib(self) -> float:
        """The same in GiB."""
        return self.weight_bytes / GIB

    @cached_property
    def kv_bytes_per_token(self) -> float:
        """Bytes that a token keeps on all GPUs together."""
        model = self.model
        if model.mla_rank is not None:
            rope = model.mla_rope_dim or 0
            return formulas.latent_kv_bytes_per_token(
                model.layers, model.mla_rank, rope, self.kv_bits
            )
        return formulas.kv_bytes_per_token(
            model.kv_layers, model.kv_heads, model.head_dim, self.kv_bits
        )

    def kv_bytes_per_gpu(self, gpus: int) -> float:
        """Bytes of it on each of n GPUs: heads are shared out, a latent is not."""
        if self.model.mla_rank is not None:
            return self.kv_bytes_per_token
        return self.kv_bytes_per_token / min(gpus, self.model.kv_heads)

    def kept_tokens(self, tokens: float) -> float:
        """Tokens that a sequence of so many keeps, as an average over the layers."""
        model = self.model
        if not model.window_layers or not model.window:
            return tokens
        return formulas.kv_tokens(tokens, model.kv_layers, model.window_layers, model.window)

    def free_gib(self, usable: float, gpus: int, budget_tokens: float) -> float:
        """Memory left for tokens [GiB a GPU]; negative where the weights do not fit."""
        activations = formulas.activation_gib(budget_tokens, kind_of_model(self.model))
        outside = formulas.outside_gib(gpus)
        return formulas.free_gib(usable, self.weights_gib, gpus, activations, outside)


@dataclass(frozen=True)
class Replica:
    """A model on n GPUs with the constants of some basis: every time, by batch and lengths [s].

    Batches may be arrays.
    """

    model: Model
    hardware: Hardware
    constants: Constants
    weight_bits: float | str | None = None
    kv_bits: float = 16.0
    gpus: int = 1
    link: str | None = None
    engine: str = ""

    @cached_property
    def stored(self) -> Format:
        """How the weights are stored."""
        return format_of(self.model, self.weight_bits, self.engine)

    @cached_property
    def memory(self) -> Memory:
        """What weights and tokens take."""
        return Memory(self.model, self.stored, self.kv_bits)

    @property
    def kind(self) -> str:
        """The kind of replica, as the bands of predictions are told apart.

        `bf16_one_gpu`, `bf16_nvlink`, `bf16_pcie`, `moe_bf16`, `quantized` or `gguf`.
        """
        if self.stored.is_gguf:
            return "gguf"
        if self.stored.constants != "bf16":
            return "quantized"
        if self.model.experts:
            return "moe_bf16"
        if self.gpus == 1:
            return "bf16_one_gpu"
        return f"bf16_{self.link or self.hardware.link}"

    @cached_property
    def read_parameters(self) -> float:
        """A: parameters that a token is computed with.

        Neither an encoder nor the input embedding, unless that is the head too; of the experts
        those that are active.
        """
        model = self.model
        looked_up = 0.0 if model.tied_embeddings else model.embedding_parameters / 2
        idle = 0.0
        if model.experts:
            idle = model.expert_parameters * (1 - model.experts_active / model.experts)
        return model.parameters - model.encoder_parameters - looked_up - idle

    def weight_bytes_read(self, batch: Any) -> Any:
        """W: bytes of weights that a step of a batch reads."""
        dense, experts = self._bytes_read
        if not self.model.experts:
            return dense
        share = formulas.experts_read(self.model.experts, self.model.experts_active, batch)
        return dense + experts * share

    @cached_property
    def _bytes_read(self) -> tuple[float, float]:
        """Bytes of what every token reads, and of all experts."""
        model, stored = self.model, self.stored
        looked_up = 0.0 if model.tied_embeddings else model.embedding_parameters / 2
        dense = model.parameters - model.expert_parameters - model.encoder_parameters - looked_up
        kept = {EMBEDDINGS: model.embedding_parameters - looked_up, ALL_BUT_EXPERTS: dense}
        return (
            formulas.weight_bytes(dense, stored.bits, kept.get(stored.kept, 0.0)),
            formulas.weight_bytes(model.expert_parameters, stored.bits),
        )

    @cached_property
    def flop_s(self) -> float:
        """F: dense peak of a GPU [FLOP/s] in the precision of the weights, else in bf16."""
        peak = {
            "fp8": self.hardware.fp8_dense_tflops,
            "fp4": self.hardware.fp4_dense_tflops,
        }.get(self.stored.peak)
        return (peak or self.hardware.fp16_dense_tflops or 0.0) * _TERA

    @property
    def bandwidth_bytes_s(self) -> float:
        """BW: memory bandwidth of a GPU [bytes/s]."""
        return self.hardware.bandwidth_gb_s * _GIGA

    @cached_property
    def link_between(self) -> tuple[float, float]:
        """Bandwidth [bytes/s] and latency [s] between GPUs."""
        constants = self.constants
        if (self.link or self.hardware.link) == NVLINK:
            return constants.nvlink_bytes_s, constants.nvlink_latency_s
        return constants.pcie_bytes_s, constants.pcie_latency_s

    @cached_property
    def _ring(self) -> float:
        return formulas.ring_bytes(self.gpus, self.model.hidden_size)

    @cached_property
    def _fixed_s(self) -> float:
        constants, model = self.constants, self.model
        by_layer = constants.layer_s * model.layers + constants.moe_layer_s * model.moe_layers
        return constants.t0_s + by_layer

    def step_s(self, batch: Any, prompt_tokens: float, output_tokens: float) -> Any:
        """t_step: t0 + tL · L + tm · Lm + max(memory, compute) + communication."""
        constants, model, gpus = self.constants, self.model, self.gpus
        kept = self.memory.kept_tokens(prompt_tokens + output_tokens / 2)
        kv_bytes = batch * kept * self.memory.kv_bytes_per_gpu(gpus)
        efficiency = constants.eb[self.stored.constants]
        weights = self.weight_bytes_read(batch)
        reading = formulas.memory_s(weights, kv_bytes, gpus, efficiency, self.bandwidth_bytes_s)
        computing = formulas.compute_s(self.read_parameters, batch, gpus, constants.ec, self.flop_s)
        longer = (reading + computing + abs(reading - computing)) / 2
        link, latency = self.link_between
        sent = formulas.communication_s(gpus, model.layers, self._ring, batch, link, latency)
        return self._fixed_s + longer + sent

    def prefill_s(self, prompt_tokens: float, efficiency: float | None = None) -> float:
        """t_pre: the time to read so many tokens of a prompt."""
        model = self.model
        return formulas.prefill_s(
            self.read_parameters,
            prompt_tokens,
            model.layers,
            model.heads * model.head_dim,
            self.gpus,
            efficiency or self.constants.ep[self.stored.constants],
            self.flop_s,
            self._ring,
            self.link_between[0],
        )

    def token_s(
        self, batch: Any, prompt_tokens: float, output_tokens: float, cached_share: float = 0.0
    ) -> Any:
        """TPOT: t_step + B · t_pre / out; cached tokens are kept, but not read again."""
        step = self.step_s(batch, prompt_tokens, output_tokens)
        prefill = self.prefill_s(prompt_tokens * (1 - cached_share))
        return formulas.token_s(step, batch, prefill, output_tokens)

    def output_tok_s(
        self, batch: Any, prompt_tokens: float, output_tokens: float, cached_share: float = 0.0
    ) -> Any:
        """X: output tokens a second of the whole replica."""
        token = self.token_s(batch, prompt_tokens, output_tokens, cached_share)
        return formulas.output_tok_s(batch, token)

    def first_token_s(self, prompt_tokens: float, cached_share: float = 0.0) -> float:
        """TTFT without load."""
        constants, read = self.constants, prompt_tokens * (1 - cached_share)
        return formulas.first_token_s(
            constants.first_token_s,
            constants.first_token_read,
            self.weight_bytes_read(max(1.0, read)),
            constants.first_token_bandwidth,
            self.bandwidth_bytes_s,
            self.gpus,
            self.prefill_s(read, constants.first_token_ep),
        )

    def gguf_token_s(self) -> float:
        """The time a token of llama.cpp at batch 1."""
        constants = self.constants
        return formulas.gguf_token_s(
            self.weight_bytes_read(1),
            self.read_parameters,
            self.model.layers,
            self.bandwidth_bytes_s,
            (self.hardware.fp32_tflops or 0.0) * _TERA,
            constants.gguf_bandwidth,
            constants.gguf_flop,
            constants.gguf_layer_s,
        )
