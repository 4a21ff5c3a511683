"""Logs of GPUs and engines: steps are integrated, counters restart, GPUs do not say everything."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tco.bills.telemetry import Telemetry, read_telemetry
from tco.errors import DataError, InputError

HEADER = "timestamp, index, name, utilization.gpu [%], power.draw [W]"


def smi(*rows: tuple[str, int, str, str], header: str = HEADER) -> str:
    lines = [
        f"2026/11/20 {time}, {gpu}, NVIDIA L4, {use}, {watts}" for time, gpu, use, watts in rows
    ]
    return "\n".join([header, *lines]) + "\n"


def read(tmp_path: Path, text: str | bytes, name: str = "log.csv", **more: Any) -> Telemetry:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_telemetry(path, **more)


LOG = smi(
    ("10:00:00.000", 0, "90 %", "68.00 W"),
    ("10:00:00.000", 1, "0 %", "17.00 W"),
    ("10:01:00.000", 0, "0 %", "18.00 W"),
    ("10:01:00.000", 1, "1 %", "60.00 W"),
)


def test_shares_of_time_and_power(tmp_path: Path) -> None:
    found = read(tmp_path, LOG)
    assert (found.gpu, found.gpus, found.utilization) == ("L4", 2, 0.5)
    assert (found.busy_w, found.idle_w, found.mean_activity) == (64, 17.5, 0.2275)
    assert found.load_factor == pytest.approx(64 / 72)
    assert found.inputs() == {
        "gpu": "L4",
        "utilization": 0.5,
        "load_factor": 0.888889,
        "idle_w": 17.5,
    }
    assert list(found.by_gpu["utilization"]) == [0.5, 0.5]


def test_a_sample_stands_until_the_next(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        smi(
            ("10:00:00", 0, "100 %", "70 W"),
            ("10:00:10", 0, "0 %", "20 W"),
            ("10:01:10", 0, "50 %", "40 W"),
            ("10:01:20", 0, "0 %", "20 W"),
        ),
    )
    # 10 s busy, 60 s idle, 10 s busy, and the last for the usual 10 s.
    assert found.utilization == pytest.approx(20 / 90)
    assert (found.busy_w, found.hours) == (55, 90 / 3600)


def test_a_log_that_stopped_leaves_a_gap(tmp_path: Path) -> None:
    rows = [(f"10:00:{at:02}", 0, "100 %", "70 W") for at in range(5)]
    rows += [(f"14:00:{at:02}", 0, "0 %", "20 W") for at in range(5)]
    found = read(tmp_path, smi(*rows))
    assert (found.utilization, found.hours) == (0.5, 10 / 3600)
    assert found.gap_hours == pytest.approx(4 - 5 / 3600)
    assert "stopped for 4.00 hours" in found.remarks[0]


@pytest.mark.parametrize(
    "text",
    [
        LOG.replace(" %", "").replace(" W", ""),
        LOG.replace(" %", "").replace(" W", "").replace(" [%]", "").replace(" [W]", ""),
        LOG.replace(", ", ","),
        LOG.replace("\n", "\r\n"),
        LOG.replace("\n", "\n\n"),
        "\ufeff" + LOG,
        LOG.replace("2026/11/20 ", "2026-11-20T"),
        LOG + HEADER + "\n",
        LOG.replace("index", "uuid"),
        LOG.replace(", ", ";"),
    ],
)
def test_forms_of_the_same_log(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).measured() == read(tmp_path, LOG, "plain.csv").measured()


def test_order_and_packing_do_not_matter(tmp_path: Path) -> None:
    head, *rows = LOG.splitlines()
    random.Random(1).shuffle(rows)
    mixed = "\n".join([head, *rows])
    found = read(tmp_path, gzip.compress(mixed.encode()), "log.csv.gz")
    assert found.measured() == read(tmp_path, LOG).measured()
    assert read(tmp_path, LOG.encode("utf-16"), "wide.csv").measured() == found.measured()


def test_what_a_gpu_does_not_say(tmp_path: Path) -> None:
    rows = [("10:00:00", 0, "[N/A]", "70 W"), ("10:00:10", 0, "50 %", "[Not Supported]")]
    found = read(tmp_path, smi(*rows, ("10:00:20", 0, "0 %", "20 W")))
    assert (found.utilization, found.busy_w, found.load_factor, found.idle_w) == (
        0.5,
        None,
        None,
        20,
    )
    assert set(found.measured()) == {"utilization", "idle_w"}
    with pytest.raises(DataError, match="no row says how busy a GPU was"):
        read(tmp_path, smi(("10:00:00", 0, "[N/A]", "70 W")))


def test_several_logs(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.csv").write_text(LOG)
    (folder / "b.csv").write_text(LOG.replace("90 %", "80 %"))
    both = read_telemetry(folder)
    assert (both.gpus, both.hours) == (4, 8 / 60)
    (folder / "b.csv").write_text(LOG.replace("20 10", "21 10"))
    assert read_telemetry(folder).gpus == 2
    (folder / "b.csv").write_text(LOG)
    with pytest.raises(DataError, match=r"a.csv and b.csv are the same"):
        read_telemetry(folder)
    (folder / "b.csv").write_text(LOG.replace("L4", "Tesla T4"))
    mixed = read_telemetry(folder)
    assert (mixed.gpu, mixed.load_factor) == (None, None)
    assert "several GPUs" in mixed.remarks[0]


def test_the_gpu_may_be_named(tmp_path: Path) -> None:
    text = LOG.replace(", name", "").replace(", NVIDIA L4", "")
    assert read(tmp_path, text).load_factor is None
    assert read(tmp_path, text, gpu="L4").load_factor == pytest.approx(64 / 72)
    with pytest.raises(InputError, match="gpu = 'L5' is not in the catalog"):
        read(tmp_path, text, gpu="L5")
    with pytest.raises(InputError, match="gpus = 0 is not above 0"):
        read(tmp_path, text, gpus=0)


def test_more_than_the_board_draws_counts_as_the_board(tmp_path: Path) -> None:
    found = read(tmp_path, LOG.replace("68.00", "99.00"))
    assert found.load_factor > 1
    assert found.measured()["load_factor"] == 1
    assert "of their board's power" in found.remarks[0]


# --- Exporters


def dcgm(active: float, watts: float, gpu: int = 0, stamp: str = "") -> str:
    labels = f'gpu="{gpu}",UUID="GPU-{gpu}",device="nvidia{gpu}",modelName="NVIDIA L4"'
    return (
        "# HELP DCGM_FI_PROF_GR_ENGINE_ACTIVE Ratio of time\n"
        f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{labels}}} {active}{stamp}\n"
        f"DCGM_FI_DEV_GPU_UTIL{{{labels}}} 100{stamp}\n"
        f"DCGM_FI_DEV_POWER_USAGE{{{labels}}} {watts}{stamp}\n"
        f"DCGM_FI_DEV_FB_USED{{{labels}}} 20310{stamp}\n"
    )


def test_the_exporter_of_dcgm(tmp_path: Path) -> None:
    stamps = [f" {1_795_000_000_000 + at * 15_000}" for at in range(4)]
    values = [(0.9, 70), (0.005, 20), (0.4, 60), (0.0, 20)]
    timed = "".join(dcgm(*value, stamp=at) for value, at in zip(values, stamps, strict=True))
    plain = "".join(dcgm(*value) for value in values)
    for text, more in ((timed, {}), (plain, {}), (plain, {"every": 15.0})):
        found = read(tmp_path, text, "dcgm.prom", **more)
        assert (found.gpu, found.utilization, found.busy_w, found.idle_w) == ("L4", 0.5, 65, 20)
        assert bool(found.remarks) == (text is plain and not more)
    assert read(tmp_path, timed, "dcgm.prom").hours == 60 / 3600


def test_power_from_energy(tmp_path: Path) -> None:
    labels = 'gpu="0",Hostname="a"'
    text = "".join(
        f"# 2026-11-20T10:00:{at * 10:02}Z\n"
        f"DCGM_FI_DEV_GPU_UTIL{{{labels}}} {use}\n"
        f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{{labels}}} {joules * 1_000}\n"
        for at, (use, joules) in enumerate([(80, 1_000), (0, 1_650), (50, 1_850), (0, 100)])
    )
    found = read(tmp_path, text, "dcgm.txt")
    # 650 J in 10 s, then 200 J; the counter started again after that.
    assert (found.utilization, found.busy_w, found.idle_w) == (0.5, 65, 20)


def vllm(prompt: float, output: float, running: int, seconds: int, engine: str = "0") -> str:
    labels, stamp = f'{{engine="{engine}",model_name="m"}}', 1_795_000_000_000 + seconds * 1_000
    return (
        f"vllm:prompt_tokens_total{labels} {prompt} {stamp}\n"
        f"vllm:generation_tokens_total{labels} {output} {stamp}\n"
        f"vllm:num_requests_running{labels} {running} {stamp}\n"
        f"vllm:e2e_request_latency_seconds_bucket{labels} 3 {stamp}\n"
    )


def test_the_counters_of_vllm_restart(tmp_path: Path) -> None:
    text = vllm(100, 1_000, 2, 0) + vllm(400, 3_000, 0, 1_800) + vllm(50, 500, 1, 3_600)
    found = read(tmp_path, text, "vllm.txt")
    assert (found.prompt_tokens, found.output_tokens) == (350, 2_500)
    assert (found.served_hours, found.serving_share) == (1, 0.5)
    assert found.output_tokens_per_gpu_hour is None
    assert read(tmp_path, text, "vllm.txt", gpus=2).output_tokens_per_gpu_hour == 1_250
    (tmp_path / "log.csv").write_text(LOG)
    both = read_telemetry([tmp_path / "vllm.txt", tmp_path / "log.csv"])
    assert (both.utilization, both.output_tokens_per_gpu_hour) == (0.5, 1_250)


def test_an_answer_of_prometheus(tmp_path: Path) -> None:
    def series(name: str, *values: float) -> dict[str, Any]:
        labels = {"__name__": name, "UUID": "GPU-0", "modelName": "NVIDIA L4"}
        pairs = [[1_795_000_000 + at * 60, str(v)] for at, v in enumerate(values)]
        return {"metric": labels, "values": pairs}

    result = [series("DCGM_FI_DEV_GPU_UTIL", 90, 0), series("DCGM_FI_DEV_POWER_USAGE", 70, 20)]
    document = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    found = read(tmp_path, json.dumps(document), "answer.json")
    assert (found.gpu, found.utilization, found.busy_w, found.idle_w) == ("L4", 0.5, 70, 20)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "log.csv: the file is empty"),
        ("hello\n", "no column timestamp and no column utilization.gpu of a GPU"),
        ("timestamp, power.draw [W]\n2026/11/20 10:00:00, 5 W\n", "no column utilization.gpu"),
        (HEADER + "\n", "no rows below the header"),
        ("2026/11/20 10:00:00.000, 0, 90 %, 68.00 W\n", "log.csv: no header"),
        (LOG.replace(", index", "").replace(", 0,", ",").replace(", 1,", ","), "log index or uuid"),
        (LOG + "2026/11/20 10:02:00, 0\n", "line 6: 2 cells instead of 5"),
        (LOG.replace("90 %", "900 %"), r"utilization.gpu = 900 is outside \[0, 100\] %"),
        (LOG.replace("90 %", "many"), "line 2: utilization.gpu = 'many' is not a number"),
        (LOG.replace("2026/11/20 10:00:00.000", "soon"), "timestamp = 'soon' is not a time"),
        ("# gpu   pwr gtemp\n# Idx     W     C\n 0 1 2\n", "nvidia-smi dmon"),
        ("# HELP a b\nnode_load1 0.5\n", "no metric of a GPU"),
        ('DCGM_FI_DEV_GPU_UTIL{gpu="0"} 400\n', "an activity of 4 is outside"),
        ('DCGM_FI_DEV_GPU_UTIL{gpu="0"} x\n', "is no sample"),
        ("# HELP a b\nwhat is this line\n", "line 2: 'what is this line' is no sample"),
        ('{"a": 1}', "no answer of Prometheus"),
        ("%PDF-1.7\n", "log.csv is a PDF"),
        ("a\0b\n", "is binary"),
    ],
)
def test_one_clear_error_for_what_is_no_log(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said) as wrong:
        read(tmp_path, text)
    assert len(str(wrong.value).splitlines()) == 1


def test_hostile_logs(tmp_path: Path) -> None:
    for content in (
        gzip.compress(b"a" * 2**22),
        gzip.compress(LOG.encode() * 100)[:-9],
        b"\x1f\x8bnothing",
        b"\xff\xfe\x00",
        LOG.encode() + b"\xe9\n",
        b'{"data":' * 100_000,
    ):
        with pytest.raises(DataError):
            read(tmp_path, content, "log.csv.gz")
    with pytest.raises(DataError, match="no such file"):
        read_telemetry(tmp_path / "none.csv")
    with pytest.raises(InputError, match="no file is given"):
        read_telemetry([])
