"""Write docs/work.md, data/speed_bands.csv and the refitted constants: the error of every speed.

`python -m docs.make_work` recomputes everything from the shipped rows; `page()` only prints what
the data files say.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from tco.market.files import data_folder
from tco.market.workload import (
    AT_TOKEN_TIME,
    CALIBRATED,
    ESTIMATED,
    FIRST_TOKEN,
    INTERPOLATED,
    JOINT,
    SPEED,
    Band,
    SpeedConstant,
    bands,
    models,
    read_all,
    speed_constants,
)
from tco.workload import calibration

HEAD = """# From work to GPUs: how fast, and how sure

Every speed carries its basis: *measured* (that very row), *interpolated* (between two measured rows
of one run that are at most a factor of four apart in concurrency), *calibrated* (the formula with
constants of that GPU), *estimated* (the formula with the constants of all GPUs) or *refused*, with
the reason. This page is written by `python -m docs.make_work`, which recomputes every figure on it
from the rows that come with tco.
"""

ERRORS = """
## Errors

Rows: {fitted:,} of the {all:,} measured rows, those of Spare Cores (vLLM 0.22 and 0.27 on cloud
servers, 2026) and of InferenceX (vLLM, SGLang and TensorRT-LLM, October 2025 to April 2026), which
say all it takes to repeat them; without rows that queued, and without what is refused: models under
1 billion parameters, linear or sparse attention, windows shorter than the text, bitsandbytes, 4-bit
integers of mixtures of experts, expert parallel and data parallel attention, more than two GPUs
over PCIe, more than 256 sequences at once, GPUs older than bf16, rack-scale systems. Errors count
steady runs (a constant number of requests, or one at a time) of models of at least 2 billion
parameters. Fits are plain least squares of the logarithm of predicted ÷ measured, every row alike.
llama.cpp: one request at a time on one GPU, every source.

The split: *one point out* leaves out each row between two others of its run; *one model out* each
model of a GPU, whose two constants are fitted to its other models; *one GPU out* every row of a
GPU, all constants being fitted to the others. The error is that of the prediction against the
measured value. The band holds the middle 90 % of measured ÷ predicted: it is what `low` and `high`
of a speed are made of.
"""

CONSTANTS = """
## Constants

Those in use, and what the shipped rows give today by the same fit without leaving anything out.
Constants that only matter together (fixed times of a step, of a layer and of the messages between
GPUs) may differ more than the speeds they give.
"""

BASES = {
    INTERPOLATED: "interpolated",
    CALIBRATED: "calibrated",
    ESTIMATED: "estimated",
}
KINDS = {
    "any": "all kinds",
    "bf16_one_gpu": "16 bit, one GPU",
    "bf16_nvlink": "16 bit, several GPUs on NVLink",
    "bf16_pcie": "16 bit, two GPUs on PCIe",
    "quantized": "FP8, FP4, mixtures of experts, 1 to 8 GPUs",
    "gguf": "llama.cpp, batch 1",
}
WHAT = {
    SPEED: "speed",
    AT_TOKEN_TIME: "speed at a given token time",
    FIRST_TOKEN: "time to the first token, unloaded",
}
SPLITS = {
    INTERPOLATED: calibration.POINT_OUT,
    CALIBRATED: calibration.MODEL_OUT,
    ESTIMATED: calibration.GPU_OUT,
}


def page() -> str:
    """The whole page, from the data files."""
    counts = {"fitted": len(calibration.fitted_rows()), "all": read_all()["measured speeds"]}
    parts = [HEAD, ERRORS.format(**counts)]
    parts += _table(
        ("basis", "kind", "of", "split", "rows", "median error", "90th percentile", "band"),
        (_error(band) for band in bands().values()),
    )
    parts.append(CONSTANTS)
    names = ("GPU", "constant", "precision", "in use", "refitted", "unit")
    parts += _table(names, (_constant(row) for row in speed_constants()))
    parts.append("\n## Models\n")
    names = ("model", "parameters", "active", "KV layers", "attention", "context", "license")
    parts += _table(names, (_model(key) for key in models()))
    return "\n".join(parts) + "\n"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [" | ".join(names), "|".join("---" for _name in names)]
    return [f"| {lines[0]} |", f"|{lines[1]}|", *(f"| {' | '.join(row)} |" for row in rows)]


def _error(band: Band) -> tuple[str, ...]:
    errors = (f"{100 * error:.1f} %" for error in (band.median_error, band.p90_error))
    width = f"× {band.low:.2f}–{band.high:.2f}"
    told = (BASES[band.basis], KINDS[band.kind], WHAT[band.quantity], SPLITS[band.basis])
    return (*told, f"{band.rows:,}", *errors, width)


def _constant(row: SpeedConstant) -> tuple[str, ...]:
    gpu = "all" if row.gpu == JOINT else row.gpu
    refitted = "–" if row.refitted is None else f"{row.refitted:.3g}"
    return (gpu, f"`{row.constant}`", row.precision, f"{row.value:.4g}", refitted, row.unit)


def _model(key: str) -> tuple[str, ...]:
    model = models()[key]
    counts = (f"{count / 1e9:,.2f} B" for count in (model.parameters, model.active_parameters))
    told = (f"{model.kv_layers}", model.attention, f"{model.context:,}", model.license)
    return (f"[{key}]({model.url})", *counts, *told)


def write() -> None:
    """Recompute the bands and the refitted constants, and write the page anew."""
    _write("speed_bands.csv", Band, [found.band() for found in calibration.held_out()])
    found = calibration.refitted()
    rows = []
    for row in speed_constants():
        value = found.get((row.gpu, row.constant, row.precision))
        rows.append(replace(row, refitted=None if value is None else float(f"{value:.4g}")))
    _write("speed_constants.csv", SpeedConstant, rows)
    bands.cache_clear()
    speed_constants.cache_clear()
    Path(__file__).with_name("work.md").write_text(page(), encoding="utf-8")


def _write(name: str, kind: type[Any], rows: Sequence[Any]) -> None:
    columns = [each.name for each in fields(kind)]
    with (data_folder() / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[_cell(getattr(row, each)) for each in columns] for row in rows])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    write()
