"""Constants of the speed formulas from measured runs.

`python -m docs.make_work` fits them to the shipped rows; `calibrate` does the same for two runs of
one's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem, shown
from tco.market.workload import (
    DECODE,
    JOINT,
    NVLINK,
    Constants,
    Measured,
    constants,
    hardware,
    measured,
    model_key,
    models,
)
from tco.workload import formulas
from tco.workload.measured import output_of
from tco.workload.refusals import refused
from tco.workload.replica import Replica

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# The runs that the formulas are fitted to and checked against: engines of late 2025 and 2026, each
# with what it took to repeat the run. Older engines and single figures are measured rows only.
FITTED_SOURCES = ("sparecores", "inferencex")
# Loads under which the concurrency is what ran at once.
CONSTANT, SINGLE = STEADY = ("constant", "synchronous")
ANY = "any"
BF16_ONE_GPU, GGUF = "bf16_one_gpu", "gguf"
SMALLEST = 2e9
PRECISIONS = ("bf16", "fp8", "fp4")
# The fixed time of a step where only two constants of a GPU are fitted [s].
GPU_T0_S = 0.0014
MS = 1_000.0
_MOST_SHARE = 1.05


# --- Rows as columns


@dataclass(frozen=True)
class Table:
    """Measured rows as columns: what each term of the formula is at constants of one.

    `memory` and `compute` are seconds of a step at full bandwidth and peak, `prefill` seconds of a
    prompt at full peak, `messages` the latencies of a step and `sent` its bytes between GPUs.
    """

    rows: tuple[Measured, ...]
    tok_s: Array
    batch: Array
    output_tokens: Array
    layers: Array
    moe_layers: Array
    memory: Array
    compute: Array
    prefill: Array
    messages: Array
    sent: Array
    prompt_sent: Array
    precision: Array
    nvlink: Array

    def of(self, chosen: Array) -> Table:
        """Some of the rows."""
        rows = tuple(row for row, is_in in zip(self.rows, chosen, strict=True) if is_in)
        columns = {each.name: getattr(self, each.name)[chosen] for each in fields(self)[1:]}
        return Table(rows=rows, **columns)

    def at(self, batch: Array) -> Table:
        """The same replicas with other numbers of sequences in flight."""
        return _table([(row, float(one)) for row, one in zip(self.rows, batch, strict=True)])


def replica_of(row: Measured) -> Replica:
    """What a measured row ran on, with the constants of all GPUs."""
    return Replica(
        models()[row.model],
        hardware(row.gpu),
        _joint(),
        stored_as(row),
        gpus=row.gpus,
        engine=row.engine,
    )


def stored_as(row: Measured) -> float | str:
    """The bits of a row's weights, or the word where bits do not tell them apart."""
    return row.precision if row.precision in ("bitsandbytes", "int4") else row.weight_bits


def table(rows: Iterable[Measured]) -> Table:
    """The columns of rows that have lengths, a concurrency and a speed of output tokens."""
    return _table([(row, row.concurrency or 1.0) for row in rows])


def _table(rows: Sequence[tuple[Measured, float]]) -> Table:
    import numpy as np

    lines = [_line(row, batch) for row, batch in rows]
    columns = np.array(lines, dtype=float).T if lines else np.zeros((13, 0))
    names = [each.name for each in fields(Table)[1:]]
    found = dict(zip(names, columns, strict=True))
    found["precision"] = found["precision"].astype(int)
    found["nvlink"] = found["nvlink"].astype(bool)
    return Table(rows=tuple(row for row, _batch in rows), **found)


def _line(row: Measured, batch: float) -> tuple[float, ...]:
    """The terms of one row, by the formulas with constants of one."""
    replica = replica_of(row)
    model, memory, gpus = replica.model, replica.memory, replica.gpus
    prompt, output = row.prompt_tokens or 0.0, row.output_tokens or 0.0
    kept = memory.kept_tokens(prompt + output / 2)
    ring = formulas.ring_bytes(gpus, model.hidden_size)
    kv_bytes = batch * kept * memory.kv_bytes_per_gpu(gpus)
    weights = replica.weight_bytes_read(batch)
    attention = model.heads * model.head_dim
    prefill = formulas.prefill_s(
        replica.read_parameters, prompt, model.layers, attention, gpus, 1.0, replica.flop_s
    )
    between = (gpus, model.layers, ring, batch)
    return (
        output_of(row) or math.nan,
        batch,
        output,
        model.layers,
        model.moe_layers,
        formulas.memory_s(weights, kv_bytes, gpus, 1.0, replica.bandwidth_bytes_s),
        formulas.compute_s(replica.read_parameters, batch, gpus, 1.0, replica.flop_s),
        prefill,
        formulas.communication_s(gpus, model.layers, 0.0, batch, 1.0, 1.0),
        formulas.communication_s(*between, 1.0, 0.0),
        2 * model.layers * ring * prompt,
        PRECISIONS.index(replica.stored.constants),
        (replica.link or replica.hardware.link) == NVLINK,
    )


def token_s(rows: Table, of: Constants) -> Array:
    """The time between two tokens of each row [s], by the formula."""
    import numpy as np

    eb, ep = (np.array([share[name] for name in PRECISIONS]) for share in (of.eb, of.ep))
    latency = np.where(rows.nvlink, of.nvlink_latency_s, of.pcie_latency_s)
    link = np.where(rows.nvlink, of.nvlink_bytes_s, of.pcie_bytes_s)
    reading = np.maximum(rows.memory / eb[rows.precision], rows.compute / of.ec)
    fixed = of.t0_s + of.layer_s * rows.layers + of.moe_layer_s * rows.moe_layers
    step = fixed + reading + rows.messages * latency + rows.sent / link
    prefill = rows.prefill / ep[rows.precision] + rows.prompt_sent / link
    lengths: Any = rows.output_tokens
    found: Array = formulas.token_s(step, rows.batch, prefill, lengths)
    return found


def tok_s(rows: Table, of: Constants) -> Array:
    """The output tokens a second of each row, by the formula."""
    found: Array = formulas.output_tok_s(rows.batch, token_s(rows, of))
    return found


# --- Which rows


@lru_cache(maxsize=1)
def fitted_rows() -> tuple[Measured, ...]:
    """The rows that the formula is fitted to and checked against.

    Of the sources in FITTED_SOURCES those with both lengths, a concurrency and a model whose
    configuration was read, that are not refused and did not queue.
    """
    return tuple(row for row in measured() if row.source_id in FITTED_SOURCES and _is_usable(row))


def _is_usable(row: Measured) -> bool:
    known = row.concurrency and row.prompt_tokens and row.output_tokens and row.model in models()
    if not known or row.metric == DECODE or getattr(row, "queued", False):
        return False
    tokens = (row.prompt_tokens or 0) + (row.output_tokens or 0)
    batch = row.concurrency or 0
    return not refused(replica_of(row), parallel=row.parallel, batch=batch, tokens=tokens)


def steady_rows() -> tuple[Measured, ...]:
    """Those of them whose concurrency is what ran at once."""
    return tuple(row for row in fitted_rows() if row.load in STEADY)


def _saturated() -> tuple[Measured, ...]:
    """Rows of one GPU in bf16 with as many requests as it takes."""
    found = (row for row in fitted_rows() if row.load not in STEADY)
    return tuple(row for row in found if replica_of(row).kind == BF16_ONE_GPU)


def rows_of_one_gpu() -> tuple[Measured, ...]:
    """Steady rows of one GPU in bf16, of models with at least 2 billion parameters."""
    found = (row for row in steady_rows() if replica_of(row).kind == BF16_ONE_GPU)
    return tuple(row for row in found if models()[row.model].parameters >= SMALLEST)


# --- Fits

# The constants that are fitted: name, precision, unit of the search, and their bounds in it.
_ALL = (
    *(("t0_s", "", 1e-3, 0, 5), ("layer_s", "", 1e-5, 0, 10), ("moe_layer_s", "", 1e-5, 0, 20)),
    *(("eb", precision, 1.0, 0.3, _MOST_SHARE) for precision in PRECISIONS),
    *(("ep", precision, 1.0, 0.05, 1) for precision in PRECISIONS),
    *(("nvlink_bytes_s", "", 1e11, 0.1, 9), ("nvlink_latency_s", "", 1e-5, 0, 20)),
    *(("pcie_bytes_s", "", 1e10, 0.1, 6), ("pcie_latency_s", "", 1e-5, 0, 20)),
)
OF_GPU = (("eb", "bf16", 1.0, 0.3, _MOST_SHARE), ("ep", "bf16", 1.0, 0.05, 1))


def _with(of: Constants, searched: Sequence[Any], values: Iterable[float]) -> Constants:
    found: dict[str, Any] = {}
    for (name, precision, unit, _low, _high), value in zip(searched, values, strict=True):
        if precision:
            found[name] = {**found.get(name, getattr(of, name)), precision: unit * float(value)}
        else:
            found[name] = unit * float(value)
    return replace(of, **found)


def _start(of: Constants, searched: Sequence[Any]) -> list[float]:
    found = []
    for name, precision, unit, low, high in searched:
        value = getattr(of, name)
        value = (value[precision] if precision else value) / unit
        found.append(min(max(value, low + 1e-6), high - 1e-6))
    return found


def _fit(rows: Table, of: Constants, searched: Sequence[Any]) -> Constants:
    """Least squares of the logarithm of predicted ÷ measured, every row alike."""
    import numpy as np
    from scipy.optimize import least_squares

    def residuals(values: Array) -> Array:
        return np.log(tok_s(rows, _with(of, searched, values)) / rows.tok_s)

    bounds = [one[3] for one in searched], [one[4] for one in searched]
    found = least_squares(residuals, _start(of, searched), bounds=bounds)
    return _with(of, searched, found.x)


def fit_joint(rows: Table) -> Constants:
    """The constants of all GPUs, from rows of every kind."""
    return _fit(rows, _joint(), _ALL)


def fit_gpu(rows: Table) -> Constants:
    """The two constants of one GPU in bf16, from its rows: eb and ep."""
    return _fit(rows, _of_one_gpu(), OF_GPU)


def _joint() -> Constants:
    found = constants()
    assert found is not None, "speed_constants.csv has the constants of all GPUs"
    return found


def _of_one_gpu() -> Constants:
    """The constants of all GPUs, with one fixed time a step instead of one a layer."""
    return replace(_joint(), t0_s=GPU_T0_S, layer_s=0.0, moe_layer_s=0.0)


def single_rows() -> list[Measured]:
    """Runs of one request at a time that say when the first token came."""
    return [
        row for row in steady_rows() if row.load == SINGLE and getattr(row, "first_token_ms", None)
    ]


def folds(rows: Table, by: Callable[[Measured], Any]) -> Iterator[tuple[Array, Array]]:
    """For each value that rows have: those with it, and those without."""
    import numpy as np

    values = [by(row) for row in rows.rows]
    for value in dict.fromkeys(values):
        held = np.array([one == value for one in values])
        yield held, ~held


# Where the search for the factors of sums of terms starts.
TTFT, LLAMA = (0.009, 0.54 / 0.85, 1 / 0.58), (1 / 0.924, 4.1, 0.9)
_LAYER_UNIT_S = 1e-4


def factors(terms: Any, times: Any, start: Sequence[float]) -> Array:
    """The factors of terms whose sum is nearest to times, in logarithms."""
    import numpy as np
    from scipy.optimize import least_squares

    logs = np.log(times)

    def residuals(values: Array) -> Array:
        off: Array = np.log(np.asarray(terms) @ values) - logs
        return off

    found: Array = least_squares(residuals, start, bounds=(0, 50)).x
    return found


def first_token_terms(row: Measured) -> tuple[float, float, float]:
    """What a time to the first token is a sum of, at factors of one [s]."""
    replica = replica_of(row)
    prompt = row.prompt_tokens or 0.0
    reading = formulas.memory_s(
        replica.weight_bytes_read(max(1.0, prompt)), 0.0, row.gpus, 1.0, replica.bandwidth_bytes_s
    )
    return 1.0, reading, replica.prefill_s(prompt, 1.0)


def is_gguf_decode(row: Measured) -> bool:
    """Whether a row is llama.cpp on one GPU making tokens, and the formula says it."""
    if row.metric != DECODE or row.gpus > 1 or row.engine != "llama.cpp":
        return False
    known = row.model in models() and hardware(row.gpu).fp32_tflops is not None
    return known and not refused(replica_of(row), batch=1)


def gguf_terms(row: Measured) -> tuple[float, float, float]:
    """What the time a token of llama.cpp is a sum of, at factors of one [s]."""
    replica = replica_of(row)
    of = replace(replica.constants, gguf_bandwidth=1.0, gguf_flop=0.0, gguf_layer_s=0.0)
    reading = replace(replica, constants=of).gguf_token_s()
    flop = replica.read_parameters / ((replica.hardware.fp32_tflops or math.nan) * 1e12)
    return reading, flop, replica.model.layers * _LAYER_UNIT_S


def refitted() -> dict[tuple[str, str, str], float]:
    """Every constant as the shipped rows give it, by GPU (or all), name and precision."""
    import numpy as np

    joint = fit_joint(table(steady_rows()))
    found = {(JOINT, *one[:2]): _value(joint, *one[:2]) for one in _ALL}
    alone = table(rows_of_one_gpu())
    full = []
    for of_gpu, _others in folds(alone, lambda row: row.gpu):
        rows = alone.of(of_gpu)
        gpu, of = rows.rows[0].gpu, fit_gpu(rows)
        found |= {(gpu, *one[:2]): _value(of, *one[:2]) for one in OF_GPU}
        loaded = [row for row in _saturated() if row.gpu == gpu]
        full += [row.tok_s / one for row, one in zip(loaded, tok_s(table(loaded), of), strict=True)]
    found[JOINT, "saturation", ""] = float(np.median(full))
    rows_of_one = [row for row in single_rows() if replica_of(row).kind == BF16_ONE_GPU]
    times = [row.first_token_ms / MS for row in rows_of_one]  # type: ignore[attr-defined]
    fixed, read, prompt = factors([first_token_terms(row) for row in rows_of_one], times, TTFT)
    share = _joint().first_token_bandwidth
    found |= {(JOINT, "first_token_s", ""): fixed, (JOINT, "first_token_read", ""): read * share}
    found[JOINT, "first_token_ep", ""] = 1 / prompt
    decode = [row for row in measured() if is_gguf_decode(row)]
    times = [1 / row.tok_s for row in decode]
    read, flop, layer = factors([gguf_terms(row) for row in decode], times, LLAMA)
    found |= {(JOINT, "gguf_bandwidth", ""): 1 / read, (JOINT, "gguf_flop", ""): flop}
    found[JOINT, "gguf_layer_s", ""] = layer * _LAYER_UNIT_S
    return found


def _value(of: Constants, name: str, precision: str) -> float:
    value = getattr(of, name)
    return float(value[precision] if precision else value)


# --- One's own runs


def calibrate(runs_of_one_gpu: Sequence[Mapping[str, Any]]) -> Constants:
    """The constants of a GPU from two or more measured runs of one's own.

    Each run gives `model`, `gpu`, `concurrency`, `prompt_tokens`, `output_tokens` and `tok_s` (the
    output tokens a second of the GPU), and `weight_bits` if they are not 16. Two runs that differ
    in their share of prompt work (a long and a short prompt) tell bandwidth and compute apart.
    Pass the result as `constants=` to `tco.speed`. InputError for runs of several GPUs, for fewer
    than two, and for what no constants explain.

    >>> short = dict(model="Llama-3-8B", gpu="L4", concurrency=8.41, prompt_tokens=256,
    ...              output_tokens=128, tok_s=117.55)
    >>> long = dict(model="Llama-3-8B", gpu="L4", concurrency=7.82, prompt_tokens=1024,
    ...             output_tokens=256, tok_s=92.37)
    >>> found = calibrate([short, long])
    >>> round(found.eb["bf16"], 2), round(found.ep["bf16"], 2)
    (0.87, 0.19)
    """
    rows = [_own_row(number, run) for number, run in enumerate(runs_of_one_gpu, start=1)]
    gpus = sorted({row.gpu for row in rows})
    kinds = {replica_of(row).stored.constants for row in rows}
    if len(rows) < len(OF_GPU) or len(gpus) != 1 or len(kinds) != 1:
        message = (
            f"{len(rows)} runs on {', '.join(gpus) or 'no GPU'}: two or more measured runs of one "
            "GPU with weights of one precision"
        )
        raise InputError([Problem("runs", message)])
    return _solved(table(rows), next(iter(kinds)))


_OWN = ("concurrency", "prompt_tokens", "output_tokens", "tok_s")


def _own_row(number: int, run: Mapping[str, Any]) -> Measured:
    problems = []
    for name in _OWN:
        value = run.get(name)
        right = isinstance(value, int | float) and not isinstance(value, bool)
        if not right or not 0 < value < math.inf:  # type: ignore[operator]
            problems.append(
                Problem(name, f"run {number}: {name} = {shown(value)} is not a number above 0")
            )
    if problems:
        raise InputError(problems)
    model = model_key(run.get("model", ""))
    if model not in models():
        message = f"run {number}: the configuration of {model} is not known"
        raise InputError([Problem("model", message)])
    gpu = hardware(run.get("gpu", "")).gpu
    concurrency, prompt, output, speed = (float(run[name]) for name in _OWN)
    return Measured(
        gpu=gpu,
        gpus=1,
        model=model,
        weight_bits=float(run.get("weight_bits", 16)),
        precision="",
        engine="yours",
        version="",
        parallel="",
        workload="",
        load="constant",
        server="",
        concurrency=concurrency,
        prompt_tokens=prompt,
        output_tokens=output,
        metric="output",
        run=number,
        tok_s=speed,
        as_of="",
        source_id="yours",
        note="",
    )


def _solved(rows: Table, precision: str) -> Constants:
    """The shares of bandwidth and of compute: least squares, linear in their inverses."""
    import numpy as np

    of = _of_one_gpu()
    measured_s = rows.batch / rows.tok_s
    reading, prompts = rows.memory, rows.batch * rows.prefill / rows.output_tokens
    left = (measured_s - of.t0_s) / measured_s
    terms = np.stack([reading / measured_s, prompts / measured_s], axis=1)
    inverse, _rest, rank, _sizes = np.linalg.lstsq(terms, left, rcond=None)
    alike = rank < len(OF_GPU) or float(np.linalg.cond(terms)) > _MOST_ALIKE
    if alike or not (inverse > 0).all():
        message = (
            "no share of bandwidth and of compute explains these runs together: give runs that "
            "differ in the length of the prompt or in the number of sequences"
        )
        raise InputError([Problem("runs", message)])
    eb, ep = (float(1 / one) for one in inverse)
    return replace(of, eb={**of.eb, precision: eb}, ep={**of.ep, precision: ep})


# Runs that are nearly multiples of each other do not tell two constants apart.
_MOST_ALIKE = 200.0
