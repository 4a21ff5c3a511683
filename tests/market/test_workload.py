"""Models, measured speeds and API prices: read strictly, named one way, under their licenses."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tco.errors import DataError, InputError
from tco.market import workload
from tco.market.catalogue import load
from tco.market.files import data_folder, read_records

ROOT = Path(__file__).resolve().parents[2]
SHARE_ALIKE = "throughput_ccbysa.csv"
FILES = {
    "models.csv": workload.Model,
    "work_names.csv": workload.Name,
    "gpu_peaks.csv": workload.Peak,
    "throughput.csv": workload.Measured,
    SHARE_ALIKE: workload.Latency,
    "latency.csv": workload.Latency,
    "speed_constants.csv": workload.SpeedConstant,
    "speed_bands.csv": workload.Band,
    "api_prices.csv": workload.ApiPrice,
    "work_presets.csv": workload.WorkPreset,
    "other_work.csv": workload.OtherWork,
    "memory_measured.csv": workload.MemoryMeasured,
}


@pytest.mark.parametrize("name", FILES)
def test_a_fault_in_a_file_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    lines = (data_folder() / name).read_text(encoding="utf-8").splitlines()
    path = tmp_path / name
    path.write_text("\n".join([*lines[:3], lines[2]]) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"{name}, line 4: the same .* as in line 3"):
        read_records(path, FILES[name], load().source_ids)
    path.write_text("\n".join([lines[0] + ",more", *lines[1:3]]) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"{name}, line 1: columns"):
        read_records(path, FILES[name], load().source_ids)


@pytest.mark.parametrize(
    ("name", "column", "cell", "wrong"),
    [
        ("throughput.csv", "tok_s", "0", "is not positive"),
        ("throughput.csv", "gpus", "1.5", "is not a whole number"),
        ("throughput.csv", "metric", "tokens", "is not one of"),
        ("latency.csv", "first_token_ms", "-3", "is negative"),
        ("models.csv", "layers", "", "is not a whole number"),
        ("models.csv", "attention", "some", "is not one of"),
        ("api_prices.csv", "usd_per_m_output", "1_0", "is not a number"),
        ("models.csv", "source_id", "nobody", "is not in sources.csv"),
        ("gpu_peaks.csv", "link", "usb", "is not one of"),
    ],
)
def test_a_cell_that_is_not_what_its_column_asks_for(
    name: str, column: str, cell: str, wrong: str, tmp_path: Path
) -> None:
    with (data_folder() / name).open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        row = next(reader)
        header = reader.fieldnames or []
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header)
        writer.writeheader()
        writer.writerow({**row, column: cell})
    with pytest.raises(DataError, match=f"{name}, line 2: {column} = .* {wrong}"):
        read_records(path, FILES[name], load().source_ids)


def test_every_file_about_work_is_described() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for name in FILES:
        described = next(line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        header = (data_folder() / name).read_text(encoding="utf-8").splitlines()[0].split(",")
        if name not in ("latency.csv", SHARE_ALIKE):
            assert not [column for column in header if f"`{column}`" not in described], name


def test_what_is_share_alike_is_a_file_of_its_own() -> None:
    licenses = {key: source.license for key, source in load().sources.items()}
    for path in data_folder().glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            cited = {row.get("source_id", "") for row in csv.DictReader(stream)}
        measured = path.name in ("throughput.csv", "latency.csv", SHARE_ALIKE)
        is_alike = "sparecores" in cited and path.name != "sources.csv"
        assert not measured or is_alike == (path.name == SHARE_ALIKE), path.name
    assert licenses["sparecores"] == "CC-BY-SA-4.0"
    for name in ("NOTICE", "data/README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert SHARE_ALIKE in text, name
        assert "https://creativecommons.org/licenses/by-sa/4.0/legalcode" in text, name


def test_names_of_sources_are_those_of_the_catalog() -> None:
    known = set(workload.models())
    for row in workload.measured():
        assert workload.gpu_key(row.gpu) == row.gpu
        assert workload.model_key(row.model) == row.model
    named = {row.model for row in workload.measured()} - known
    assert len(known) >= 25
    assert len(named) <= 6, named


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama-3.1-8B"),
        ("llama-3.1-8b", "Llama-3.1-8B"),
        ("nvidia/Qwen3-32B-NVFP4", "Qwen3-32B"),
        ("openai/gpt-oss-120b", "gpt-oss-120b"),
        ("zhipuai/GLM-5", "GLM-5"),
    ],
)
def test_a_model_has_many_names(name: str, key: str) -> None:
    assert workload.model_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [("l4", "L4"), ("A100-SXM-80", "A100-80GB-SXM"), ("RTX 4090", "RTX-4090"), ("a10g", "A10G")],
)
def test_a_gpu_has_many_names(name: str, key: str) -> None:
    assert workload.gpu_key(name) == key


def test_an_unknown_name_is_told_with_what_is_near() -> None:
    with pytest.raises(InputError, match=r"model = 'Llama-3.1-9B' is not a known model.*3\.1-8B"):
        workload.model_key("Llama-3.1-9B")
    with pytest.raises(InputError, match="gpu = 'L44' is not a known GPU"):
        workload.gpu_key("L44")


def kv_bytes(model: workload.Model) -> int:
    """Bytes of keys and values a token, at 16 bit, as published for the models below."""
    if model.mla_rank is not None and model.mla_rope_dim is not None:
        return 2 * model.layers * (model.mla_rank + model.mla_rope_dim)
    return 4 * model.kv_layers * model.kv_heads * model.head_dim


@pytest.mark.parametrize(
    ("key", "published"),
    [
        *(("Llama-3.1-8B", 131_072), ("Llama-3.3-70B", 327_680), ("Qwen2.5-7B", 57_344)),
        *(("Qwen3-32B", 262_144), ("Mistral-Small-24B", 163_840), ("DeepSeek-R1", 70_272)),
        ("gpt-oss-120b", 73_728),
    ],
)
def test_keys_and_values_a_token_are_the_published_ones(key: str, published: int) -> None:
    assert kv_bytes(workload.models()[key]) == published


@pytest.mark.parametrize(
    ("key", "billions"),
    [
        *(("Llama-3.1-8B", 8.03), ("Llama-3.1-405B", 405.85), ("Qwen3-235B-A22B", 235.09)),
        *(("DeepSeek-V3", 671.03), ("gpt-oss-120b", 116.83), ("gpt-oss-20b", 20.91)),
        *(("Mixtral-8x7B", 46.70), ("phi-4", 14.66), ("Gemma-2-9B", 9.24), ("GPT-J-6B", 6.05)),
        *(("Mistral-7B", 7.24), ("Qwen2.5-7B", 7.62), ("Mistral-Small-3.2-24B", 24.01)),
    ],
)
def test_parameters_are_counted_as_published(key: str, billions: float) -> None:
    assert workload.models()[key].parameters / 1e9 == pytest.approx(billions, abs=0.006)


def test_parts_of_a_model_are_not_more_than_all_of_it() -> None:
    for model in workload.models().values():
        parts = model.expert_parameters + model.embedding_parameters + model.encoder_parameters
        assert parts < model.parameters
        assert (model.experts > 0) == (model.expert_parameters > 0) == (model.moe_layers > 0)
        assert model.active_parameters <= model.parameters
        assert model.window_layers <= model.kv_layers <= model.layers
        assert (model.window is None) == (model.window_layers == 0)
        assert re.match(r"https://", model.url)


def test_models_of_one_shape_share_measured_rows() -> None:
    assert "Llama-3-8B" in workload.same_shape("Llama-3.1-8B")
    assert set(workload.measured_of("L4", "Llama-3.1-8B")) == set(
        workload.measured_of("L4", "Llama-3-8B")
    )
    assert workload.same_shape("a model nobody read") == ("a model nobody read",)


def test_systems_with_one_chip_share_measured_rows() -> None:
    rows = workload.measured_of("GMKtec-EVO-X2", "Llama-2-7B")
    assert rows == workload.measured_of("Framework-Desktop", "Llama-2-7B")
    assert rows


def test_peaks_that_the_catalog_lacks() -> None:
    assert workload.hardware("B200").fp4_dense_tflops == 9000
    assert workload.hardware("L4").fp32_tflops == pytest.approx(30.29)
    assert workload.hardware("L4").usable_gib == 23.66
    assert not workload.hardware("A10G").in_catalog
    assert {"L4", "H100-SXM"} <= set(load().gpus) <= set(workload.hardwares())


def test_doubtful_api_prices_are_marked() -> None:
    rows = workload.api_prices()
    assert {row.provider for row in rows if row.doubtful} == {"wandb"}
    assert len(rows) == 954
    assert len({row.model for row in rows}) == 35
    assert {row.model for row in workload.api_prices("Llama-3.1-8B")} == {"Llama-3.1-8B"}


def test_the_constants_of_a_gpu_fall_back_on_those_of_all() -> None:
    joint, own = workload.constants(), workload.constants("L4")
    assert joint is not None
    assert own is not None
    assert (own.eb["bf16"], own.ep["bf16"], own.t0_s) == (0.872, 0.247, 0.0014)
    assert (own.eb["fp8"], own.nvlink_bytes_s) == (joint.eb["fp8"], joint.nvlink_bytes_s)
    assert workload.constants("T4") is None


def test_other_work_is_the_published_figure_a_gpu() -> None:
    images = {row.gpu: row for row in workload.other_work("images") if row.mode == "offline"}
    assert images["L4"].per_gpu == pytest.approx(0.252, abs=0.001)
    assert images["L40S"].per_gpu == pytest.approx(0.690, abs=0.01)
    streams = workload.other_work("video")
    assert [(row.gpu, row.gpus, row.value, row.per_gpu) for row in streams] == [
        ("L4", 8, 1040, 130)
    ]
