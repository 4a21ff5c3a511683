"""Where a speed comes from, and what is refused."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

import tco
from tco.market.workload import constants, hardware, measured, models
from tco.workload import measured as rows_measured
from tco.workload.formats import format_of
from tco.workload.refusals import refused
from tco.workload.replica import Replica

LLAMA = "Llama-3.1-8B"
SHORT = {"prompt_tokens": 256, "output_tokens": 128}


def test_a_measured_row_that_is_asked_for_by_all_its_keys_comes_back_unchanged() -> None:
    asked = ("engine", "version", "parallel", "workload", "load", "server", "concurrency", "run")
    told = 0
    for row in measured()[::41]:
        speed = rows_measured.output_of(row)
        if speed is None or row.concurrency is None:
            continue
        found = tco.speed(
            row.model,
            row.gpu,
            gpus_per_replica=row.gpus,
            weight_bits=row.weight_bits,
            prompt_tokens=row.prompt_tokens,
            output_tokens=row.output_tokens,
            **{name: getattr(row, name) for name in asked},
        )
        assert found.basis == "measured", row
        assert row in found.rows
        assert found.low <= speed <= found.high
        if len(found.rows) == 1:
            assert found.output_tokens_per_s == found.low == found.high == speed
            told += 1
    assert told > 100


def test_what_is_measured_needs_no_configuration_and_no_prompt() -> None:
    unread = next(row for row in measured() if row.model not in models())
    assert tco.speed(unread.model, "H200", concurrency=3).reason.endswith("was not read")
    with pytest.raises(tco.InputError, match="was not read"):
        tco.fit(unread.model, "H200")
    without = next(row for row in measured() if row.prompt_tokens == 0 and row.metric == "decode")
    found = tco.speed(
        without.model,
        without.gpu,
        weight_bits=without.weight_bits,
        engine=without.engine,
        prompt_tokens=0,
        output_tokens=without.output_tokens,
        concurrency=1,
    )
    assert found.basis == "measured"


def test_measured_first_then_between_rows_then_the_formula() -> None:
    one = tco.speed(LLAMA, "L4", **SHORT)
    assert (one.basis, one.output_tokens_per_s) == ("measured", 373.3)
    between = tco.speed(LLAMA, "L4", concurrency=20, **SHORT)
    ends = [row.tok_s for row in between.rows]
    assert between.basis == "interpolated"
    assert min(ends) < between.output_tokens_per_s < max(ends)
    assert between.low < between.output_tokens_per_s < between.high
    formula = tco.speed(LLAMA, "L4", concurrency=20)
    assert formula.basis == "calibrated"
    assert formula.first_token_low_ms < formula.first_token_ms < formula.first_token_high_ms
    assert tco.speed(LLAMA, "L40", concurrency=20).basis == "estimated"
    # Nobody measured cached prompts, or tokens that are kept in 8 bit.
    for other in ({"cached_prompt_share": 0.5}, {"kv_bits": 8}):
        assert tco.speed(LLAMA, "L4", **SHORT, **other).basis == "calibrated"


def test_somebody_elses_run_has_a_band_and_ones_own_is_narrow() -> None:
    asked = {"model": "Llama-3.1-8B", "gpu": "L4", "prompt_tokens": 256, "output_tokens": 128}
    anybodys = tco.speed(**asked, concurrency=1)
    assert anybodys.basis == "measured"
    assert anybodys.low < anybodys.output_tokens_per_s < anybodys.high
    row = anybodys.rows[0]
    run = {name: getattr(row, name) for name in ("engine", "version", "workload", "server")}
    between = [
        tco.speed(**asked, concurrency=20, **named) for named in ({}, {"engine": row.engine}, run)
    ]
    assert [one.basis for one in between] == ["interpolated"] * 3
    widths = [one.high / one.low for one in between]
    assert widths[2] < widths[0]
    assert widths[2] < widths[1]


def test_a_run_that_ends_long_before_a_target_says_nothing_of_it() -> None:
    row = next(row for row in measured() if row.concurrency == 1 and row.metric == "output")
    time = rows_measured.token_time_of(row)
    assert rows_measured.at_token_time([row], 0.9 * time) is None
    assert rows_measured.at_token_time([row], 1.2 * time) == row
    assert rows_measured.at_token_time([row], 5 * time) is None


def test_an_engine_is_known_in_any_spelling_and_none_is_any() -> None:
    asked = {"model": "Llama-3.1-8B", "gpu": "L4", "prompt_tokens": 256, "output_tokens": 128}
    named = [
        tco.speed(**asked, concurrency=1, engine=engine, server=None)
        for engine in ("vLLM", "vllm", "VLLM 0.22.1")
    ]
    assert {one.basis for one in named} == {"measured"}
    assert tco.speed(**asked, engine=None) == tco.speed(**asked)
    by_bits = {"model": "Llama-3.1-8B", "gpu": "L40", "weight_bits": 4.85, "concurrency": 1}
    two = [tco.speed(**by_bits, engine=engine) for engine in ("llama.cpp", "Llama.cpp")]
    assert two[0].output_tokens_per_s == two[1].output_tokens_per_s


def test_an_interpolation_goes_through_its_ends() -> None:
    rows = [
        row
        for row in measured()
        if (row.gpu, row.model, row.server) == ("L4", "Llama-3-8B", "gcp/g2-standard-16")
        and (row.prompt_tokens, row.output_tokens) == (256, 128)
    ]
    for run in rows_measured.runs(rows):
        for row in run[1:-1]:
            near = row.concurrency * 1.000001
            found = rows_measured.between(run, near)
            if found is not None:
                assert math.isclose(found.tok_s, row.tok_s, rel_tol=1e-4)


def test_a_figure_of_ones_own_counts_and_says_so() -> None:
    found = tco.speed(LLAMA, "T4", my_tokens_per_s=123.0)
    assert (found.output_tokens_per_s, found.basis) == (123.0, "yours")


def test_constants_of_ones_own_count_in_place_of_rows() -> None:
    joint = constants()
    assert joint is not None
    slow = dataclasses.replace(joint, eb={**joint.eb, "bf16": 0.5})
    found = tco.speed(LLAMA, "L4", constants=slow, concurrency=1, **SHORT)
    assert found.basis == "calibrated"
    assert found.output_tokens_per_s < 0.6 * 16.7334 * 1.05


def test_a_target_that_cannot_be_met_is_refused_with_the_time_at_batch_1() -> None:
    found = tco.speed(LLAMA, "L4", token_time_ms=30, **SHORT)
    assert found.basis == "refused"
    assert "60 ms at batch 1" in found.reason
    assert math.isnan(found.output_tokens_per_s)
    first = tco.speed(LLAMA, "L4", first_token_ms=20)
    assert first.basis == "refused"
    assert "first token" in first.reason


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("Qwen2.5-0.5B", "L40", {}, "under 1 billion"),
    ("Llama-3.1-8B", "L40", {"gpus_per_replica": 4}, "PCIe"),
    ("Llama-3.1-8B", "L40", {"weight_bits": "nf4"}, "bitsandbytes"),
    ("Qwen2.5-7B", "V100-32GB-SXM", {"prompt_tokens": 333}, "older than bf16"),
    ("Llama-3.1-8B", "MI300X", {"concurrency": 300}, "more than 256"),
    ("Qwen3-30B-A3B", "H200", {"parallel": "tp2 moe_ep2", "gpus_per_replica": 2}, "expert"),
    ("DeepSeek-R1", "GB200", {"gpus_per_replica": 4, "prompt_tokens": 333}, "rack-scale"),
    ("Qwen3-Next-80B-A3B", "H200", {"gpus_per_replica": 2}, "linear attention"),
    ("DeepSeek-V3.2", "B300", {"gpus_per_replica": 8}, "sparse attention"),
    ("Gemma-3-27B", "H200", {"prompt_tokens": 6_000}, "window"),
    ("Qwen3-30B-A3B", "L40S", {"weight_bits": "awq"}, "mixture of experts"),
    ("Llama-3.1-8B", "L40", {"weight_bits": "q4_k_m", "concurrency": 8}, "batch 1"),
    ("Llama-3.3-70B", "L4", {}, "GiB too little"),
    ("DeepSeek-R1", "H200", {"gpus_per_replica": 8, "parallel": "disaggregated"}, "different GPUs"),
    ("Llama-3.1-70B", "H200", {"gpus_per_replica": 8, "parallel": "tp4 pp2"}, "one after the"),
]


@pytest.mark.parametrize(("model", "gpu", "asked", "why"), REFUSED)
def test_what_no_formula_describes_is_refused_and_says_why(
    model: str, gpu: str, asked: dict[str, Any], why: str
) -> None:
    found = tco.speed(model, gpu, **asked)
    assert found.basis not in ("measured", "interpolated"), "measured meanwhile: name another case"
    assert found.basis == "refused"
    assert why in found.reason


def test_windows_count_only_where_nothing_longer_was_measured() -> None:
    joint = constants()
    assert joint is not None
    one = Replica(models()["gpt-oss-20b"], hardware("H100-SXM"), joint)
    assert refused(one, tokens=4_000) == ""


@pytest.mark.parametrize(
    ("asked", "names", "words"),
    [
        ({"model": "Lama-3.1-8B"}, ["model"], "did you mean"),
        ({"gpu": "L5"}, ["gpu"], "did you mean"),
        ({"gpu": "NVIDIA H100 80GB"}, ["gpu"], "did you mean H100-NVL or H100-PCIe or H100-SXM?"),
        ({"prompt_tokens": 0}, ["prompt_tokens"], "[1, 1e+07]: tokens of a prompt"),
        ({"output_tokens": -5}, ["output_tokens"], "tokens of an answer"),
        ({"concurrency": 0}, ["concurrency"], "sequences in flight"),
        ({"gpus_per_replica": 1.5}, ["gpus_per_replica"], "whole numbers"),
        ({"gpus_per_replica": -1, "kv_bits": 2}, ["gpus_per_replica", "kv_bits"], "bits per value"),
        ({"prompt_tokens": 131_072}, ["prompt_tokens"], "context of Llama-3.1-8B"),
        ({"weight_bits": "fp9"}, ["weight_bits"], "did you mean fp8"),
        ({"weight_bits": 0}, ["weight_bits"], "bits a weight"),
        ({"cached_prompt_share": 1.5}, ["cached_prompt_share"], "[0, 1]"),
        ({"token_time_ms": float("nan")}, ["token_time_ms"], "is not a number"),
        ({"my_tokens_per_s": 0}, ["my_tokens_per_s"], "as you measured them"),
        ({"gpus_per_replica": None}, ["gpus_per_replica"], "is not a number"),
        ({"concurrency": [1, 2]}, ["concurrency"], "is not a number"),
        ({"weight_bits": [8]}, ["weight_bits"], "bits a weight"),
        ({"engine": 5, "server": ["x"]}, ["engine", "server"], "is not a text: the engine of"),
        ({"run": 0}, ["run"], "whole numbers [1, 1000]"),
    ],
)
def test_what_is_wrong_is_named_with_its_domain_and_meaning(
    asked: dict[str, Any], names: list[str], words: str
) -> None:
    with pytest.raises(tco.InputError) as wrong:
        tco.speed(**{"model": LLAMA, "gpu": "L4", **asked})
    assert [problem.input for problem in wrong.value.problems] == names
    assert words in str(wrong.value)


@pytest.mark.parametrize(
    ("model", "asked", "name", "bits"),
    [
        ("Llama-3.1-8B", None, "bf16", 16),
        ("gpt-oss-20b", None, "mxfp4", 4.25),
        ("Llama-3.1-8B", 4.25, "awq", 4.25),
        ("Llama-3.1-8B", "Q4_K_M", "q4_k_m", 4.85),
        ("Llama-3.1-8B", "q4-k-m", "q4_k_m", 4.85),
        ("DeepSeek-R1", None, "fp8", 8),
        ("Llama-3.1-8B", "int4", "awq", 4.25),
    ],
)
def test_formats(model: str, asked: Any, name: str, bits: float) -> None:
    found = format_of(models()[model], asked)
    assert (found.name, found.bits) == (name, bits)


def test_every_model_is_told_what_would_make_it_fit() -> None:
    found = tco.fit(gpu="L4")
    assert len(found) == len(models())
    short = found[~found["fits"]]
    assert (short["short_gib"] > 0).all()
    assert short["reason"].str.contains("would fit").all()
    for bits, end in (("bf16", "would fit: 8 × B200"), (32, "nor on another GPU with these bits")):
        huge = tco.fit("DeepSeek-V3.1" if bits == "bf16" else "Kimi-K2", "L4", weight_bits=bits)
        assert "no way to fit it on L4; " in huge.reason
        assert end in huge.reason
    assert (found.loc[found["fits"], "context_tokens"] > 0).all()
    seventy = found.set_index("model").loc["Llama-3.3-70B", "reason"]
    assert "4.25-bit weights on 2 GPUs" in seventy
