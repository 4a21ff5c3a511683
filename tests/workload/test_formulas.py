"""Memory and speed against worked cases and measured figures, and how they move."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tco
from tco.market.workload import Constants, constants, hardware, models
from tco.workload import formulas, unit_costs
from tco.workload.formulas import largest_batch
from tco.workload.replica import Memory, Replica

LLAMA, L4 = "Llama-3.1-8B", "L4"
SHORT = {"prompt_tokens": 256, "output_tokens": 128}


def joint(**changes: float) -> Constants:
    found = constants()
    assert found is not None
    # The case was worked with these, whatever the data says later.
    worked = {"t0_s": 0.0007, "layer_s": 2.4e-05, "ec": 0.5}
    rates = {"eb": {"bf16": 0.87}, "ep": {"bf16": 0.40}}
    return dataclasses.replace(found, **(worked | rates | changes))


def replica(of: Constants | None = None, **changes: object) -> Replica:
    return Replica(models()[LLAMA], hardware(L4), of or joint(), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "bytes_a_token"),
    [
        ("Llama-3.1-8B", 131_072),
        ("Llama-3.1-70B", 327_680),
        ("Qwen2.5-7B", 57_344),
        ("Qwen3-32B", 262_144),
        ("Mistral-Small-24B", 163_840),
        ("DeepSeek-R1", 70_272),
        ("gpt-oss-120b", 73_728),
    ],
)
def test_what_a_token_keeps(model: str, bytes_a_token: int) -> None:
    assert tco.fit(model, "B300", gpus_per_replica=8).kv_bytes_per_token == bytes_a_token


@pytest.mark.parametrize(
    ("model", "bits", "gib", "measured", "within"),
    [
        ("Llama-3.1-8B", "bf16", 14.958, 14.99, 0.01),
        ("Llama-3.3-70B", "fp8", 67.665, 67.76, 0.01),
        ("Qwen3-32B", "bf16", 61.024, 61.03, 0.01),
        ("Mistral-Small-3.2-24B", "bf16", None, 44.76, 0.08),
        ("gpt-oss-120b", "mxfp4", None, 64.38, 0.08),
        ("gpt-oss-20b", "mxfp4", None, 13.47, 0.08),
    ],
)
def test_weights_are_those_that_an_engine_loads(
    model: str, bits: str, gib: float | None, measured: float, within: float
) -> None:
    found = tco.fit(model, "H100-SXM", gpus_per_replica=2, weight_bits=bits)
    assert found.weights_gib == pytest.approx(measured, rel=within)
    if gib is not None:
        assert round(found.weights_gib, 3) == gib


def test_the_worked_case_to_the_digits_printed() -> None:
    one = replica()
    assert round(one.step_s(1, 256, 128), 6) == 0.059138
    for batch, token_s, tok_s in (
        (1, 0.059761, 16.7334),
        (8, 0.065247, 122.6115),
        (29, 0.081705, 354.936),
    ):
        assert round(one.token_s(batch, 256, 128), 6) == token_s
        assert round(one.output_tok_s(batch, 256, 128), 4) == pytest.approx(tok_s, abs=5e-5 * 10)
    assert tco.fit(LLAMA, L4, **SHORT).sequences == 99
    within = largest_batch(lambda batch: one.token_s(batch, 256, 128), 0.1, 99)
    assert within == 52
    assert round(one.output_tok_s(within, 256, 128), 4) == 521.4066


def test_the_constants_of_a_gpu_are_nearer_to_what_was_measured_on_it() -> None:
    own = joint(t0_s=0.0014, layer_s=0.0)
    own = dataclasses.replace(own, eb={"bf16": 0.872}, ep={"bf16": 0.247})
    one = replica(own)
    within = largest_batch(lambda batch: one.token_s(batch, 256, 128), 0.1, 99)
    assert (within, round(one.output_tok_s(within, 256, 128))) == (35, 351)
    found = tco.speed(LLAMA, L4, token_time_ms=98.41, **SHORT)
    assert round(found.output_tokens_per_s) == 290
    assert round(found.sequences) == 29


def test_a_day_that_was_published() -> None:
    usd_per_day = 226.75 * 8 * 2 * 24
    assert usd_per_day == 87_072
    tok_s = 168e9 / 86_400
    unit = unit_costs.usd_per_million_tokens(2, 226.75 * 8, tok_s)  # type: ignore[arg-type]
    assert round(unit, 6) == 0.518286
    revenue = unit_costs.api_usd(608e9, 168e9, 0.55, 2.19, 342 / 608, 0.14)
    assert round(revenue) == 562_100


@pytest.mark.parametrize(
    ("gpu", "rate", "tok_s", "low", "high"),
    [
        ("L4", 0.598, 373.3, 1.4, 1.6),
        ("L40S", 1.064, 1_667.67, 0.56, 0.595),
        ("H100-SXM", 3.10, 5_822.41, 0.45, 0.495),
    ],
)
def test_the_load_above_which_a_rented_gpu_beats_an_api(
    gpu: str, rate: float, tok_s: float, low: float, high: float
) -> None:
    """At given rates and measured full loads, against 0.30 USD per million, prompts included."""
    assert tok_s in {row.tok_s for row in tco.speed(LLAMA, gpu, **SHORT).rows}
    unit = unit_costs.usd_per_million_tokens(rate, 1, tok_s)
    assert low <= unit_costs.breakeven_load(unit, 0.30) <= high


# --- How speeds move, whatever the numbers are

lengths = st.tuples(st.integers(1, 20_000), st.integers(1, 4_000))
batches = st.integers(1, 256)
factors = st.floats(1.0, 4.0)


@given(lengths=lengths, batch=batches, factor=factors)
def test_more_bandwidth_or_compute_is_never_slower(
    lengths: tuple[int, int], batch: int, factor: float
) -> None:
    one = replica()
    card = one.hardware
    wider = dataclasses.replace(card, bandwidth_gb_s=card.bandwidth_gb_s * factor)
    stronger = dataclasses.replace(card, fp16_dense_tflops=121.0 * factor)
    base = one.output_tok_s(batch, *lengths)
    for better in (wider, stronger):
        other = dataclasses.replace(one, hardware=better)
        assert other.output_tok_s(batch, *lengths) >= base * (1 - 1e-12)
        assert other.first_token_s(lengths[0]) <= one.first_token_s(lengths[0]) * (1 + 1e-12)


@given(lengths=lengths, batch=batches)
def test_one_sequence_is_never_faster_than_reading_the_weights_once(
    lengths: tuple[int, int], batch: int
) -> None:
    one = replica()
    bound = 0.87 * 300e9 / one.weight_bytes_read(1)
    assert one.output_tok_s(1, *lengths) <= bound
    assert one.output_tok_s(batch, *lengths) <= bound * batch


@given(target=st.floats(20.0, 400.0), more=factors, lengths=lengths)
def test_a_laxer_target_is_never_slower(
    target: float, more: float, lengths: tuple[int, int]
) -> None:
    one = replica()

    def most(limit_ms: float) -> int:
        return largest_batch(lambda batch: 1000 * one.token_s(batch, *lengths), limit_ms, 256)

    strict, lax = most(target), most(target * more)
    assert lax >= strict
    if strict:
        speeds = [one.output_tok_s(batch, *lengths) for batch in (strict, lax)]
        assert speeds[1] >= speeds[0] * (1 - 1e-12)
        assert 1000 * one.token_s(strict, *lengths) <= target
    if strict < 256:
        assert 1000 * one.token_s(strict + 1, *lengths) > target


@given(
    model=st.sampled_from(["Llama-3.1-8B", "Qwen3-32B", "gpt-oss-20b", "DeepSeek-R1"]),
    gpu=st.sampled_from(["L4", "L40S", "H100-SXM", "B300"]),
    gpus=st.sampled_from([1, 2, 4, 8]),
    lengths=lengths,
)
def test_sequences_never_take_more_than_the_memory(
    model: str, gpu: str, gpus: int, lengths: tuple[int, int]
) -> None:
    found = tco.fit(
        model, gpu, gpus_per_replica=gpus, prompt_tokens=lengths[0], output_tokens=lengths[1]
    )
    memory = Memory(models()[model], Replica(models()[model], hardware(gpu), joint()).stored)
    kept = memory.kept_tokens(sum(lengths)) * memory.kv_bytes_per_gpu(gpus) / formulas.GIB
    taken = found.sequences * kept + found.weights_gib / gpus
    assert found.fits == (found.sequences >= 1) == (found.short_gib == 0)
    if found.fits:
        assert taken <= 0.90 * found.usable_gib
        assert found.context_tokens >= min(sum(lengths), models()[model].context)
    else:
        assert found.short_gib > 0
        assert "GiB" in found.reason


@given(batch=batches, lengths=lengths, scale=factors)
def test_units_scale(batch: int, lengths: tuple[int, int], scale: float) -> None:
    """A card of so many times the speed in everything, without fixed times, is so much faster."""
    free = joint(t0_s=0.0, layer_s=0.0)
    one = replica(free)
    card = one.hardware
    scaled = dataclasses.replace(
        card, bandwidth_gb_s=300 * scale, fp16_dense_tflops=121.0 * scale, fp8_dense_tflops=None
    )
    other = dataclasses.replace(one, hardware=scaled)
    ratio = other.output_tok_s(batch, *lengths) / one.output_tok_s(batch, *lengths)
    assert math.isclose(ratio, scale, rel_tol=1e-9)
