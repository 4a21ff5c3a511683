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
    FULL_LOAD,
    INTERPOLATED,
    JOINT,
    MEASURED,
    SPEED,
    Band,
    SpeedConstant,
    bands,
    models,
    read_all,
    speed_constants,
)
from tco.workload import calibration, held_out

HEAD = """# From work to GPUs: what fits, how fast, and how sure

People know requests, tokens, users or streams; the cost model asks for GPUs and utilization. This
page says how one becomes the other. There is no second ledger: work determines `gpus` and
`utilization` of an ordinary scenario, and [the cost model](method.md) does the rest.

```python
>>> import tco
>>> chat = tco.work("Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4")
>>> chat.gpus, chat.speed.basis
(3, 'calibrated')
>>> tco.breakeven(chat.scenario).verdict in ("buy", "rent", "toss_up")
True

```

| question | Python | shell |
|---|---|---|
| does it fit, and what would make it fit? | `tco.fit` | `tco fit` |
| how fast is one replica? | `tco.speed` | `tco speed` |
| how many GPUs, at what cost per million tokens? | `tco.work` | `tco work` |
| the same work on other GPUs | `tco.substitutes` | `tco substitutes` |
| or from an API? | `tco.compare_api` | `tco compare-api` |
| or by the second? | `tco.serverless` | `tco serverless` |
| from which speed does buying win? | `tco.speed_breakeven`, `tco.flips` | `tco work --flips` |
| images, speech, video, seats, embeddings | `tco.other_work` | `tco other-work` |
| fewer cards of a successor later? | `tco.successor` | `tco successor` |
| training | `tco.training` | `tco training` |
| what is known | `tco.models`, `tco.measured_rows`, `tco.use_cases` | `tco models` |

Each command answers a table with `--csv`: one workload a row in, the answers out (of `tco
substitutes` a row for each GPU, or the cheapest with `--top`); a row with an error says so in the
column `error`. All write JSON with `--json`; examples stand in `--help`. Claims about the L4
found on the web are checked this way in [l4.md](l4.md).

## Load

Any one of `requests_per_day`, `tokens_per_day` (prompt, output), `users` with a `use_case`, or
`requests_by_hour`. Users: λ = users × active share × requests per active user and minute / 60. The
busiest hour has `peak_over_mean` times the mean: that of the use case, else 1.57, that of the chat
service in the Azure trace of 2024 (BurstGPT: 3.85; the day DeepSeek published: 1.23). With mean and
peak alone, the load that is exceeded in a share p of the hours is D(p) = peak · (1 − p)^(peak/mean
− 1), whose mean is exact.

Replicas = ⌈λ_peak · out / (`load_target` · X)⌉ with X output tokens a second of a replica;
`load_target` is 0.7 by default, because first tokens are late on a busier one (measured 95th
percentile over an unloaded replica: 1.4 times at 30–50 % of its load, 1.6 at 60–70 %, 2.0 above 90
%). In every other hour as many replicas run as its load takes, whole ones and at least one:
GPU-hours of a month = Σ ⌈λ_h · out / (`load_target` · X)⌉ · n, and `utilization` is these over all
hours of the GPUs. Prompt tokens that are cached (`cached_prompt_share`) are not computed again, but
keep their memory.

## Memory

* Weights = parameters × bits / 8. Embeddings, head and encoders stay at 16 bit when the rest is
  quantized; of MXFP4 models only the experts have 4.25 bit; a GGUF file has its bits on average.
* A token keeps 2 · layers · kv_heads · head_dim · bytes, with multi-head latent attention layers ·
  (rank + rope_dim) · bytes. On n GPUs each holds 1 / min(n, kv_heads) of it, or all of a latent.
  Layers with a window keep the window only.
* Per GPU 0.15 GiB lie outside the framework (several GPUs: 0.6), and activations take 1.5 GiB at a
  budget of 2,048 tokens a step; at 8,192 they take 5.5 (dense), 8.0 (mixture of experts) or 2.5
  (multimodal); linear between. Measured with vLLM on an H100 (`memory_measured.csv`).
* Tokens held at once = (0.90 · usable − weights / n − activations − outside) / bytes of a token on
  a GPU. Usable is 23.66 GiB of a 24 GB L4 and 79.18 of an 80 GB H100 as measured, elsewhere 98.5 %
  of the nominal (an assumption). Sequences at once = that over prompt and answer; below one the
  model does not fit, and `reason` says by how many GiB and what would fit.

Against what vLLM loads: Llama-3.1-8B 14.958 GiB (measured 14.99), Qwen3-32B 61.024 (61.03),
Llama-3.3-70B in FP8 67.665 (67.76); mixtures of experts and multimodal models within 8 %.

## Speed

Every speed carries its basis: *measured* (that very row), *interpolated* (between two measured rows
of one run that are at most a factor of four apart in concurrency, log over log), *calibrated* (the
formula with constants of that GPU), *estimated* (the formula with the constants of all GPUs),
*yours* (`my_tokens_per_s`) or *refused*, with the reason. Measured comes first, always; of several
measured rows the one in the middle counts. `engine`, `version`, `parallel`, `workload`, `load`,
`server` and `run` choose among them.

A weights that a token passes (without the input embedding unless it is tied), W their bytes
(experts · (1 − (1 − k/E)^B) of a mixture), S = prompt + output / 2, B sequences in flight, F the
dense peak in the precision of the weights where the GPU has it, BW bandwidth, n GPUs, L layers, Lm
layers with experts, d hidden size:

    ring   = 2 (n − 1) / n · d · 2                                  bytes a token; 0 on one GPU
    comm   = 2 L (latency + ring · B / link)                        0 on one GPU
    t_step = t0 + tL L + tm Lm + max((W/n + B · S · kv) / (eb · BW), 2 A B / (ec · F · n)) + comm
    t_pre  = (2 A p + 2 L · heads · head_dim · p²) / (ep · F · n) + 2 L · ring · p / link
    TPOT   = t_step + B · t_pre / output
    X      = B / TPOT
    TTFT   = 9 ms + 0.54 · W / (0.85 · BW · n) + t_pre at ep 0.58   unloaded
    GGUF   = W / (0.924 BW) + 4.1 A / FP32 + 90 µs · L              llama.cpp, one sequence

B is the smaller of `concurrency` and the sequences that memory holds. With a `token_time_ms` it is
the largest number whose TPOT meets it, by bisection, or between measured rows; without either it is
full load: what memory holds, at most 256, and X × 0.92. A target for the first token is checked
against an unloaded replica; there is no formula for a queue, and none for any 99th percentile.

No formula is used, and the reason is told, for models under 1 billion parameters; tensor parallel
over more than two GPUs on PCIe; bitsandbytes; T4, Volta and older; more than 256 sequences; expert
parallel, data parallel attention and rack-scale systems; linear or sparse attention; windows
shorter than the text, unless a model with such a window was served with longer ones; 4-bit integers
of mixtures of experts; GGUF beyond one sequence.

## Money per unit

A million output tokens, all cost on output: present value of a side over its discounted output
tokens. `usd_per_million_tokens` has `own`, `rent` and `api`. An API costs (in · (1 − h) · p_in + in
· h · p_cached + out · p_out) / 10⁶; each provider counts once, and the middle and P10 to P90 over
providers are shown. Quality, limits, privacy and quantization of offers differ. Above
`rent_breakeven` and `own_breakeven`, shares of paid hours, GPUs are cheaper than the middle of the
APIs; above 1 they never are. `joules_per_token` = watts of the busy GPUs / X.
`own_breakeven_tokens_per_s` and `rent_breakeven_tokens_per_s` are the speeds at which they cost the
same at full use.

`tco.flips`, `tco.tornado` and `tco.simulate` take a piece of work: the speed of a replica is then
one of what moves (`output_tokens_per_s` [tok/s]), and GPUs in use and utilization move with it. A
speed lies between `low` and `high` in 90 of 100 cases; P10 and P90 are taken on the same
logarithmic normal curve. The odds draw `gpus` between them (`work.uncertain` is that scenario).
`tco.speed_breakeven` says from which speed buying wins, against renting the same GPUs, an API, or
the cheaper side of another GPU:

```python
>>> large = tco.work("Llama-3.1-8B", users=20_000, use_case="chat", gpu="L40S", as_of="2026-11-21")
>>> tco.speed_breakeven(large, "api").sentence.split(". ")[0]
'Buying beats an API if an L40S gives more than 1,950 tok/s'

```

`tco.substitutes` gives each GPU as many per replica (1, 2, 4 or 8) as hold the model, meet the
targets and take the fewest GPUs in all, in whole servers, and ranks by the present value of the
cheaper side. What was given for the work's own GPU (its price, rate, watts, server) is not taken
for another. Mixes of GPU types are not built.

## A successor

`tco.successor` buys the GPUs of the work now, sells all of it after `refresh_months`, and buys what
the same work takes of a faster kind for the rest of the holding period: fewer cards in servers of
their own, with their own power, racks, staff and upkeep, and with what has grown until then. It is
two ordinary scenarios one after the other; with the same kind of GPU, and nothing else to buy, it
is the refresh of the cost model to the last cent. The renting side is the work's.

```python
>>> later = tco.successor(large, "H200", refresh_months=18)
>>> (later.gpus, later.gpus_after), later.sentence.split(" costs ")[0]
((9, 3), 'Replacing 9 × L40S by 3 × H200 after 18 months')

```

## Serverless

`tco.serverless` rents the same work by the second: replicas are paid for as fractions of an hour,
never fewer than a minimum, and each start is paid from the request on (`cold_start_s`) until it is
stopped (`idle_s`). What starts add is the `billing_overhead` of the scenario, so that its renting
side is the bill; the owning side is that of the work. How often replicas start is an input: it
depends on gaps between requests that no daily figure says.

## Other work

Images, speech, vision and recommendations: measured rows only, or `my_units`. Embeddings: 0.31 of
the dense peak on an L4 (bge-large, measured), 0.375 elsewhere, band × 0.6–1.4 (an assumption).
Video: measured streams; a GPU without an encoder has none. Seats of virtual desktops: the board's
maximum of a profile where its vendor says it (L4), or your own figure. Training: GPU-hours = 6 A D
/ (MFU · F · 3,600), with MFU an input without a default.

## In the app

The page Work asks what there is to do, how much of it, and with which model, and answers with every
GPU that can do it, cheapest first by the present value of the cheaper side: how many, how busy, how
fast with basis and band, what a million tokens (or another unit) costs owned, rented and from APIs.
GPUs that cannot are listed with the reason. *Use this* carries GPU, number and utilization to
Decide; there, *From my tokens* leads back. Below stands one GPU more closely: speed and cost by
sequences in flight with the measured runs, the odds with the band of the speed in them, and the
speed from which buying wins. Options then has a column *For the same work*. What was said stands in
the link as `work=kind:llm,by:users,users:2000,use_case:chat,model:Llama-3.1-8B`.

This page is written by `python -m docs.make_work`, which recomputes every figure below from the
rows that come with tco.
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

The split: *one point out* leaves out each row between two others of its run; *one run out* all rows
of a run (one source, server, engine and version), which other runs of the same model, GPU, weights
and lengths have to say; *one model out* each model of a GPU, whose two constants are fitted to its
other models; *one GPU out* every row of a GPU, all constants being fitted to the others; *never
fitted* are rows that no constant was fitted to. The error is that of the prediction against the
measured value. At full load the formula takes as many sequences as the memory holds, at most 256;
the rows of that load are those of a benchmark that kept fewer in flight.

The band holds the middle 90 % of measured ÷ predicted: it is what `low` and `high` of a speed are
made of. Where enough *further rows* are known that no fit has seen and that the formula answers
too (older engines, single figures, small models, replicas at full load; of those at full load the
rows at a concurrency), the band holds the middle 90 % of them as well. A question that names the
very row (`engine`, `version`, `parallel`, `workload`, `load`, `server`, `run`) has no band. Between
two rows of a run that it names it is that of one point out; else that of one run out, for the
engine that is named or for any.
"""

UNLIKE = """
How wide a band has to be at full load, and where the run of somebody else answers:
"""

CONSTANTS = """
## Constants

Those in use, and what the shipped rows give today by the same fit without leaving anything out.
Constants that only matter together (fixed times of a step, of a layer and of the messages between
GPUs) may differ more than the speeds they give.
"""

BASES = {
    MEASURED: "measured",
    INTERPOLATED: "interpolated",
    CALIBRATED: "calibrated",
    ESTIMATED: "estimated",
}
KINDS = {
    "any": "all kinds",
    "same_engine": "another run of the engine named",
    "any_engine": "another run, any engine",
    "bf16_one_gpu": "16 bit, one GPU",
    "bf16_nvlink": "16 bit, several GPUs on NVLink",
    "bf16_pcie": "16 bit, two GPUs on PCIe",
    "quantized": "FP8, FP4, mixtures of experts, 1 to 8 GPUs",
    "gguf": "llama.cpp, batch 1",
}
WHAT = {
    SPEED: "speed",
    FULL_LOAD: "speed at full load",
    AT_TOKEN_TIME: "speed at a given token time",
    FIRST_TOKEN: "time to the first token, unloaded",
}


def page() -> str:
    """The whole page, from the data files."""
    counts = {"fitted": len(calibration.fitted_rows()), "all": read_all()["measured speeds"]}
    parts = [HEAD, ERRORS.format(**counts)]
    names = (
        *("basis", "kind", "of", "split", "rows", "median error", "90th percentile"),
        *("further rows", "band"),
    )
    unlike = (held_out.RUN_OUT, held_out.NEVER_FITTED)
    parts += _table(names, (_error(one) for one in bands().values() if one.split not in unlike))
    parts.append(UNLIKE)
    parts += _table(names, (_error(one) for one in bands().values() if one.split in unlike))
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
    told = (BASES[band.basis], KINDS[band.kind], WHAT[band.quantity], band.split)
    return (*told, f"{band.rows:,}", *errors, f"{band.others:,}" if band.others else "", width)


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
    _write("speed_bands.csv", Band, [found.band() for found in held_out.held_out()])
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
