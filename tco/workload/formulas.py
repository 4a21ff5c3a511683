"""Memory and speed of a language model on GPUs, on plain numbers, one quantity a function.

Units: bytes, GiB where the name says so, seconds, parameters and tokens as plain counts, bandwidth
in bytes a second, compute in FLOP a second (dense). The constants (efficiencies, fixed times) are
arguments: they are data, fitted to measured rows. docs/work.md explains every step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

BITS_PER_BYTE = 8
GIB = 2**30
# What stays at 16 bit when the rest is quantized: embeddings and head.
KEPT_BITS = 16.0
# Memory that the engine may use of what the GPU has [share].
MEMORY_SHARE = 0.90
# Beyond so many sequences in flight no speed was measured to check the formula.
MOST_SEQUENCES = 256

# Activations [GiB] at two budgets of tokens a step, by kind of model: vLLM on an H100.
SMALL_BUDGET, LARGE_BUDGET = 2_048, 8_192
ACTIVATIONS_SMALL = 1.5
ACTIVATIONS_LARGE = {"dense": 5.5, "moe": 8.0, "multimodal": 2.5}
# Memory outside the framework [GiB a GPU]: on one GPU, and on several.
OUTSIDE_ONE, OUTSIDE_SEVERAL = 0.15, 0.6


# --- Memory


def weight_bytes(parameters: float, bits: float, kept_parameters: float = 0.0) -> float:
    """Bytes of the weights: [(P − P16) · bits + P16 · 16] / 8, P16 those kept at 16 bit.

    >>> weight_bytes(8.03e9, 16), weight_bytes(8.03e9, 8, kept_parameters=1.05e9)
    (16060000000.0, 9080000000.0)
    """
    quantized = parameters - kept_parameters
    return (quantized * bits + kept_parameters * max(bits, KEPT_BITS)) / BITS_PER_BYTE


def kv_bytes_per_token(layers: float, kv_heads: float, head_dim: float, bits: float = 16) -> float:
    """Bytes that one token keeps in memory: 2 · layers · kv_heads · head_dim · bits / 8.

    >>> kv_bytes_per_token(32, 8, 128)
    131072.0
    """
    return 2 * layers * kv_heads * head_dim * bits / BITS_PER_BYTE


def latent_kv_bytes_per_token(
    layers: float, rank: float, rope_dim: float, bits: float = 16
) -> float:
    """The same with multi-head latent attention (MLA): layers · (rank + rope_dim) · bits / 8.

    >>> latent_kv_bytes_per_token(61, 512, 64)
    70272.0
    """
    return layers * (rank + rope_dim) * bits / BITS_PER_BYTE


def kv_tokens(tokens: float, layers: float, window_layers: float = 0, window: float = 0) -> float:
    """Tokens that a sequence keeps, as an average over layers: some keep the newest `window` only.

    >>> kv_tokens(1000, layers=36, window_layers=18, window=128)
    564.0
    """
    kept = window_layers / layers
    return (1 - kept) * tokens + kept * min(tokens, window)


def activation_gib(budget_tokens: float, kind: str) -> float:
    """Activations of a step [GiB a GPU]: measured at two budgets, a straight line between them.

    >>> activation_gib(2048, "dense"), activation_gib(8192, "moe"), activation_gib(5120, "dense")
    (1.5, 8.0, 3.5)
    """
    place = (budget_tokens - SMALL_BUDGET) / (LARGE_BUDGET - SMALL_BUDGET)
    return ACTIVATIONS_SMALL + (ACTIVATIONS_LARGE[kind] - ACTIVATIONS_SMALL) * place


def outside_gib(gpus: int) -> float:
    """Memory outside the framework [GiB a GPU]: its context, and buffers between GPUs.

    >>> outside_gib(1), outside_gib(2)
    (0.15, 0.6)
    """
    return OUTSIDE_ONE if gpus == 1 else OUTSIDE_SEVERAL


def free_gib(
    usable_gib: float, weights_gib: float, gpus: int, activations: float, outside: float
) -> float:
    """Memory left for tokens [GiB a GPU]: 0.90 · usable − weights / n − activations − outside.

    >>> round(free_gib(23.66, 14.958, 1, 1.5, 0.15), 3)
    4.686
    """
    return MEMORY_SHARE * usable_gib - weights_gib / gpus - activations - outside


def capacity_tokens(free: float, kv_bytes_per_gpu: float) -> float:
    """Tokens that are held at once: free · 2³⁰ / bytes a token takes on each GPU; at least 0.

    >>> round(capacity_tokens(4.686, 131072))
    38388
    """
    return max(0.0, free) * GIB / kv_bytes_per_gpu


# --- Speed


def experts_read(experts: float, active: float, batch: Any) -> Any:
    """Share of all experts that a step of a batch reads: 1 − (1 − k/E)^B.

    >>> experts_read(8, 2, 1), round(experts_read(8, 2, 16), 3)
    (0.25, 0.99)
    """
    return 1 - (1 - active / experts) ** batch


def ring_bytes(gpus: int, hidden_size: float) -> float:
    """Bytes a token that each GPU sends in one all-reduce: 2 (n − 1) / n · d · 2; 0 on one GPU.

    >>> ring_bytes(1, 4096), ring_bytes(2, 4096)
    (0.0, 8192.0)
    """
    return 2 * (gpus - 1) / gpus * hidden_size * 2


def communication_s(
    gpus: int, layers: float, ring: float, batch: Any, link_bytes_s: float, link_latency_s: float
) -> Any:
    """Time that a step spends between GPUs: 2 L · (latency + ring · B / link); 0 on one GPU.

    >>> round(communication_s(2, 80, 16384, 8, 139e9, 1e-5), 6), communication_s(1, 32, 0, 8, 1, 1)
    (0.001751, 0.0)
    """
    if gpus == 1:
        return 0.0
    return 2 * layers * (link_latency_s + ring * batch / link_bytes_s)


def memory_s(
    weights: Any, kv_bytes: Any, gpus: int, efficiency: float, bandwidth_bytes_s: float
) -> Any:
    """Time to read weights and kept tokens: (W / n + kv of a GPU) / (eb · BW).

    >>> round(memory_s(15.01e9, 41.9e6, 1, 0.87, 300e9), 5)
    0.05767
    """
    return (weights / gpus + kv_bytes) / (efficiency * bandwidth_bytes_s)


def compute_s(read: float, batch: Any, gpus: int, efficiency: float, flop_s: float) -> Any:
    """Time to compute a token of each sequence: 2 A B / (ec · F · n).

    >>> round(compute_s(7.5e9, 64, 1, 0.5, 121e12), 5)
    0.01587
    """
    return 2 * read * batch / (efficiency * flop_s * gpus)


def prefill_s(
    read: float,
    prompt_tokens: float,
    layers: float,
    attention_size: float,
    gpus: int,
    efficiency: float,
    flop_s: float,
    ring: float = 0.0,
    link_bytes_s: float = math.inf,
) -> float:
    """Time to read a prompt: (2 A p + 2 L · a · p²) / (ep · F · n) + 2 L · ring · p / link.

    p are the tokens of it that are not cached, a = heads · head_dim.

    >>> round(prefill_s(7.504e9, 256, 32, 4096, 1, 0.40, 121e12), 4)
    0.0797
    """
    flop = 2 * read * prompt_tokens + 2 * layers * attention_size * prompt_tokens**2
    sent = 2 * layers * ring * prompt_tokens / link_bytes_s
    return flop / (efficiency * flop_s * gpus) + sent


def token_s(step: Any, batch: Any, prefill: Any, output_tokens: Any) -> Any:
    """Time between two tokens of a sequence (TPOT): t_step + B · t_pre / out.

    >>> round(token_s(0.059138, 1, 0.0797, 128), 6)
    0.059761
    """
    return step + batch * prefill / output_tokens


def output_tok_s(batch: Any, token: Any) -> Any:
    """Output tokens a second of all sequences together: X = B / TPOT.

    >>> round(output_tok_s(8, 0.065247), 2)
    122.61
    """
    return batch / token


def first_token_s(
    fixed_s: float,
    read_share: float,
    weights: float,
    efficiency: float,
    bandwidth_bytes_s: float,
    gpus: int,
    prefill: float,
) -> float:
    """Time to the first token without load: fixed + 0.54 · W / (0.85 · BW · n) + t_pre.

    >>> round(first_token_s(0.009, 0.54, 15.01e9, 0.85, 300e9, 1, 0.055), 4)
    0.0958
    """
    return fixed_s + read_share * weights / (efficiency * bandwidth_bytes_s * gpus) + prefill


def gguf_token_s(
    weights: float,
    read: float,
    layers: float,
    bandwidth_bytes_s: float,
    fp32_flop_s: float,
    bandwidth_efficiency: float,
    flop_a_parameter: float,
    layer_s: float,
) -> float:
    """Time a token of llama.cpp at batch 1: W / (0.924 BW) + 4.1 A / FP32 + 90 µs · L.

    >>> round(gguf_token_s(4.6e9, 7.5e9, 32, 300e9, 30.3e12, 0.924, 4.1, 90e-6), 4)
    0.0205
    """
    reading = weights / (bandwidth_efficiency * bandwidth_bytes_s)
    return reading + flop_a_parameter * read / fp32_flop_s + layer_s * layers


def largest_batch(token_s_of: Callable[[int], float], target_s: float, most: int) -> int:
    """The most sequences in flight, at most `most`, whose time a token meets a target; 0: none.

    By bisection: the time never falls with the batch.

    >>> largest_batch(lambda batch: 0.05 + 0.001 * batch, 0.0601, 256)
    10
    >>> largest_batch(lambda batch: 0.07, 0.06, 256)
    0
    """
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if token_s_of(middle) <= target_s:
            low = middle
        else:
            high = middle - 1
    return low
