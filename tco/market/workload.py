"""What is known of work: models, measured speeds, constants of the formulas, API prices, use cases.

A record's fields are the columns of its file, in their order; each file is read when it is first
asked for, and checked as strictly as the catalog. Every GPU is named by its key in gpus.csv, or in
gpu_peaks.csv where it has no price.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from tco.errors import DataError, InputError, Problem, bare, shown, suggestion
from tco.market import files
from tco.market.catalogue import load
from tco.market.files import column, data_folder, grouped, read_records, recorded
from tco.market.keys import near_keys

Record = TypeVar("Record")
# How the layers of a model attend to what came before.
FULL, WINDOW, MLA, LINEAR, SPARSE = ATTENTION = ("full", "window", "mla", "linear", "sparse")
# How GPUs reach each other.
NVLINK, PCIE = LINKS = ("nvlink", "pcie")
# What a measured figure counts: output tokens of the whole replica or of one GPU, prompt and
# output tokens together, prompt tokens before the first output token, output tokens of one request.
OUTPUT, PER_GPU, TOTAL, PREFILL, DECODE = METRICS = (
    *("output", "output_per_gpu", "total", "prefill", "decode"),
)
# Where a speed comes from, best first.
MEASURED, INTERPOLATED, CALIBRATED, ESTIMATED = BASES = (
    *("measured", "interpolated", "calibrated", "estimated"),
)
# What a band is of.
SPEED, FULL_LOAD, AT_TOKEN_TIME, FIRST_TOKEN = QUANTITIES = (
    *("speed", "speed_at_full_load", "speed_at_token_time", "first_token"),
)
# The constants that hold for every GPU.
JOINT = "joint"


def whole(cell: str) -> int:
    """A whole number of at least 0."""
    if not cell.isascii() or not cell.isdigit():
        raise ValueError("is not a whole number")
    return int(cell)


def whole_or_empty(cell: str) -> int | None:
    """A whole number of at least 0, or nothing."""
    return whole(cell) if cell else None


@dataclass(frozen=True)
class Model:
    """models.csv: the shape of an open model, read from its published configuration.

    Parameters are counted from the configuration: `active_parameters` are those that one token
    passes, `expert_parameters` all routed experts, `embedding_parameters` the input embedding and
    the head (one matrix where they are tied). `kv_layers` keep keys and values of every token.
    """

    model: str = column(files.word, key=True)
    name: str = column(files.word)
    layers: int = column(whole)
    heads: int = column(whole)
    kv_heads: int = column(whole)
    head_dim: int = column(whole)
    hidden_size: int = column(whole)
    vocab: int = column(whole)
    tied_embeddings: bool = column(files.yes_no)
    parameters: int = column(whole)
    active_parameters: int = column(whole)
    expert_parameters: int = column(whole)
    embedding_parameters: int = column(whole)
    encoder_parameters: int = column(whole)
    experts: int = column(whole)
    experts_active: int = column(whole)
    moe_layers: int = column(whole)
    mla_rank: int | None = column(whole_or_empty)
    mla_rope_dim: int | None = column(whole_or_empty)
    attention: str = column(files.one_of(*ATTENTION))
    kv_layers: int = column(whole)
    window: int | None = column(whole_or_empty)
    window_layers: int = column(whole)
    context: int = column(whole)
    native_bits: float = column(files.positive)
    license: str = column(files.word)
    url: str = column(files.word)
    as_of: str = column(files.dated)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the speed depends on: two models of one shape share their measured rows."""
        return tuple(getattr(self, name) for name in _SHAPE)


_SHAPE = tuple(
    name
    for name in (declared.name for declared in fields(Model))
    if name
    not in {
        *("model", "name", "context", "native_bits", "license", "url", "as_of", "recorded"),
        *("source_id", "note", "encoder_parameters"),
    }
)


@dataclass(frozen=True)
class Name:
    """work_names.csv: another name of a model or a GPU, as sources of measured rows write it."""

    kind: str = column(files.one_of("model", "gpu"), key=True)
    name: str = column(files.word, key=True)
    key: str = column(files.word)


@dataclass(frozen=True)
class Peak:
    """gpu_peaks.csv: what gpus.csv does not say of a GPU, and all of one that is not in it.

    `usable_gib` is the memory that a program sees, `measured_as` the GPU with the same chip, whose
    measured rows count for it.
    """

    gpu: str = column(files.word, key=True)
    name: str = column(files.word)
    memory_gb: float | None = column(files.positive_or_empty)
    usable_gib: float | None = column(files.positive_or_empty)
    bandwidth_gb_s: float | None = column(files.positive_or_empty)
    fp16_dense_tflops: float | None = column(files.positive_or_empty)
    fp8_dense_tflops: float | None = column(files.positive_or_empty)
    fp4_dense_tflops: float | None = column(files.positive_or_empty)
    fp32_tflops: float | None = column(files.positive_or_empty)
    link: str = column(files.one_of(*LINKS))
    measured_as: str = column(str)
    as_of: str = column(files.dated)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True)
class Hardware:
    """What the speed of a GPU depends on, from gpus.csv and gpu_peaks.csv together."""

    gpu: str
    name: str
    memory_gb: float
    usable_gib: float | None
    bandwidth_gb_s: float
    fp16_dense_tflops: float | None
    fp8_dense_tflops: float | None
    fp4_dense_tflops: float | None
    fp32_tflops: float | None
    link: str
    measured_as: str
    in_catalog: bool


@dataclass(frozen=True)
class Measured:
    """throughput.csv: one measured speed, with everything its source says of the run.

    `precision` and `workload` are the source's words; `parallel` says how several GPUs share the
    model (`tp4`: every layer over four of them, `layers`: one after the other).
    """

    gpu: str = column(files.word, key=True)
    gpus: int = column(whole, key=True)
    model: str = column(files.word, key=True)
    weight_bits: float = column(files.positive, key=True)
    precision: str = column(str, key=True)
    engine: str = column(files.word, key=True)
    version: str = column(str, key=True)
    parallel: str = column(str, key=True)
    workload: str = column(str, key=True)
    load: str = column(files.word, key=True)
    server: str = column(str, key=True)
    concurrency: float | None = column(files.positive_or_empty, key=True)
    prompt_tokens: float | None = column(files.count_or_empty, key=True)
    output_tokens: float | None = column(files.count_or_empty, key=True)
    metric: str = column(files.one_of(*METRICS), key=True)
    run: int = column(whole, key=True)
    tok_s: float = column(files.positive)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


@dataclass(frozen=True)
class Latency(Measured):
    """latency.csv and throughput_ccbysa.csv: a measured speed with its times [ms].

    Times are medians unless their name says a percentile. `queued`: the first token took more than
    30 % of the request, so that the concurrency is not what ran at once.
    """

    first_token_ms: float | None = column(files.positive_or_empty)
    first_token_p95_ms: float | None = column(files.positive_or_empty)
    first_token_p99_ms: float | None = column(files.positive_or_empty)
    token_time_ms: float | None = column(files.positive_or_empty)
    token_time_p95_ms: float | None = column(files.positive_or_empty)
    token_time_p99_ms: float | None = column(files.positive_or_empty)
    queued: bool = column(files.yes_no)


@dataclass(frozen=True)
class SpeedConstant:
    """speed_constants.csv: one constant of the formulas, of one GPU or of all (`joint`).

    `refitted` is what the shipped rows give today; empty for what is not fitted.
    """

    gpu: str = column(files.word, key=True)
    constant: str = column(files.slug, key=True)
    precision: str = column(files.one_of("", "bf16", "fp8", "fp4"), key=True)
    value: float = column(files.at_least_zero)
    unit: str = column(str)
    refitted: float | None = column(files.count_or_empty)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True)
class Constants:
    """The constants of the speed formulas, of one GPU or of all; times in seconds.

    `eb` is the share of the memory bandwidth that is reached while tokens are made, `ep` the share
    of the peak FLOP/s while a prompt is read, each by precision; `ec` that of the peak in decode.
    """

    t0_s: float
    layer_s: float
    moe_layer_s: float
    eb: dict[str, float]
    ep: dict[str, float]
    ec: float
    nvlink_bytes_s: float
    nvlink_latency_s: float
    pcie_bytes_s: float
    pcie_latency_s: float
    saturation: float
    first_token_s: float
    first_token_read: float
    first_token_bandwidth: float
    first_token_ep: float
    gguf_bandwidth: float
    gguf_flop: float
    gguf_layer_s: float


@dataclass(frozen=True)
class Band:
    """speed_bands.csv: how far measured rows lie from a prediction that had not seen them.

    `low` and `high` are the 5th and 95th percentile of measured ÷ predicted, the errors those of
    predicted against measured. `split` says what was held out; `others` are further rows, of which
    nine of ten lie in the band too.
    """

    basis: str = column(files.one_of(*BASES), key=True)
    kind: str = column(files.slug, key=True)
    quantity: str = column(files.one_of(*QUANTITIES), key=True)
    split: str = column(str)
    rows: int = column(whole)
    others: int = column(whole)
    median_error: float = column(files.at_least_zero)
    p90_error: float = column(files.at_least_zero)
    low: float = column(files.positive)
    high: float = column(files.positive)


@dataclass(frozen=True)
class ApiPrice:
    """api_prices.csv: what a provider asks for a million tokens of an open model [USD]."""

    model: str = column(files.word, key=True)
    provider: str = column(files.word, key=True)
    provider_model: str = column(files.word, key=True)
    usd_per_m_input: float = column(files.at_least_zero)
    usd_per_m_output: float = column(files.at_least_zero)
    usd_per_m_cached_input: float | None = column(files.count_or_empty)
    usd_per_m_batch_input: float | None = column(files.count_or_empty)
    doubtful: bool = column(files.yes_no)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    url: str = column(str)
    note: str = column(str)


@dataclass(frozen=True)
class WorkPreset:
    """work_presets.csv: what the users of one kind of application ask for."""

    preset: str = column(files.slug, key=True)
    title: str = column(files.word)
    active_share: float = column(files.positive)
    requests_per_active_user_per_minute: float = column(files.positive)
    peak_over_mean: float = column(files.positive)
    prompt_tokens: float = column(files.positive)
    output_tokens: float = column(files.positive)
    first_token_ms_low: float = column(files.positive)
    first_token_ms_high: float = column(files.positive)
    token_time_ms_low: float = column(files.positive)
    token_time_ms_high: float = column(files.positive)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True)
class OtherWork:
    """other_work.csv: measured images, embeddings, speech, vision or video streams of a system."""

    gpu: str = column(files.word, key=True)
    gpus: int = column(whole, key=True)
    work: str = column(files.slug, key=True)
    model: str = column(files.word, key=True)
    mode: str = column(str, key=True)
    server: str = column(str, key=True)
    run: int = column(whole, key=True)
    value: float = column(files.positive)
    unit: str = column(files.word, key=True)
    per_gpu: float = column(files.positive)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


@dataclass(frozen=True)
class MemoryMeasured:
    """memory_measured.csv: what a serving engine kept in the memory of one GPU [GiB]."""

    gpu: str = column(files.word, key=True)
    gpus: int = column(whole, key=True)
    model: str = column(files.word, key=True)
    weight_bits: float = column(files.positive, key=True)
    precision: str = column(files.word)
    engine: str = column(files.word)
    usable_gib: float = column(files.positive)
    memory_share: float = column(files.positive)
    weights_gib: float = column(files.positive)
    activation_gib: float = column(files.positive)
    outside_gib: float = column(files.positive)
    kv_cache_gib: float = column(files.positive)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


def _read(name: str, kind: type[Record]) -> tuple[Record, ...]:
    return read_records(data_folder() / name, kind, load().source_ids)


def _known(what: str, rows: tuple[Any, ...], name: str, known: Container[str]) -> None:
    for row in rows:
        if getattr(row, name) not in known:
            raise DataError(f"{what}: {name} = {getattr(row, name)!r} is in no file that names it")


@lru_cache(maxsize=1)
def models() -> dict[str, Model]:
    """Every model whose configuration was read, by its key.

    >>> models()["Llama-3.1-8B"].parameters
    8030261248
    """
    return {row.model: row for row in _read("models.csv", Model)}


@lru_cache(maxsize=1)
def hardwares() -> dict[str, Hardware]:
    """Every GPU with a measured row or a price: memory, bandwidth, peaks, and how GPUs connect.

    DataError where gpu_peaks.csv repeats what gpus.csv says, or leaves out memory or bandwidth.
    """
    found: dict[str, Hardware] = {}
    listed = load().gpus
    peaks = {row.gpu: row for row in _read("gpu_peaks.csv", Peak)}
    shared = ("memory_gb", "bandwidth_gb_s", "fp16_dense_tflops", "fp8_dense_tflops")
    for gpu in [*listed, *(key for key in peaks if key not in listed)]:
        row, peak = listed.get(gpu), peaks.get(gpu)
        values: dict[str, Any] = {}
        for name in shared:
            of_row, of_peak = getattr(row, name, None), getattr(peak, name, None)
            if of_row is not None and of_peak is not None:
                raise DataError(f"gpu_peaks.csv: {gpu}: {name} is in gpus.csv too")
            values[name] = of_row if of_row is not None else of_peak
        if values["memory_gb"] is None or values["bandwidth_gb_s"] is None:
            raise DataError(f"gpu_peaks.csv: {gpu}: memory or bandwidth is nowhere")
        nvlink = row is not None and row.nvlink_gb_s is not None and row.nvlink_gb_s > 0
        found[gpu] = Hardware(
            gpu=gpu,
            name=row.name if row else peak.name,  # type: ignore[union-attr]
            usable_gib=peak.usable_gib if peak else None,
            fp4_dense_tflops=peak.fp4_dense_tflops if peak else None,
            fp32_tflops=peak.fp32_tflops if peak else None,
            link=peak.link if peak else (NVLINK if nvlink else PCIE),
            measured_as=(peak.measured_as if peak else "") or gpu,
            in_catalog=row is not None,
            **values,
        )
    return found


def hardware(gpu: str) -> Hardware:
    """What the speed of a GPU depends on; its key or another name of it. InputError if unknown.

    >>> hardware("A10G").fp16_dense_tflops, hardware("A10G").in_catalog
    (70.0, False)
    """
    return hardwares()[gpu_key(gpu)]


@lru_cache(maxsize=2)
def _names(kind: str) -> dict[str, str]:
    """The key by the letters and digits of every name: keys, and the rows of work_names.csv."""
    known: Container[str] = models() if kind == "model" else hardwares()
    keys = set(models()) if kind == "model" else set(hardwares())
    if kind == "model":
        keys |= {row.model for row in measured()} | {row.model for row in _prices()}
        known = keys
    found = {bare(key): key for key in keys}
    rows = tuple(row for row in _read("work_names.csv", Name) if row.kind == kind)
    _known("work_names.csv", rows, "key", known)
    if kind == "model":
        found |= {bare(row.name): row.model for row in models().values()}
    return found | {bare(row.name): row.key for row in rows}


_KINDS = {
    "model": "known model: an open model by its key, or by its name on Hugging Face",
    "gpu": "known GPU: one with a price or with a measured speed",
}


def _unknown(kind: str, name: str) -> NoReturn:
    tell = near_keys if kind == "gpu" else suggestion
    near = tell(str(name), sorted(set(_names(kind).values())))
    raise InputError([Problem(kind, f"{kind} = {shown(name)} is not a {_KINDS[kind]}{near}")])


def model_key(name: str) -> str:
    """The key of a model by any of its names, in any spelling; InputError for an unknown one.

    >>> model_key("meta-llama/Meta-Llama-3.1-8B-Instruct"), model_key("llama 3.1 8b")
    ('Llama-3.1-8B', 'Llama-3.1-8B')
    """
    return _names("model").get(bare(str(name))) or _unknown("model", name)


def gpu_key(name: str) -> str:
    """The key of a GPU by any of its names, in any spelling; InputError for an unknown one.

    >>> gpu_key("A100-SXM-40")
    'A100-40GB-SXM'
    """
    return _names("gpu").get(bare(str(name))) or _unknown("gpu", name)


@lru_cache(maxsize=512)
def same_shape(model: str) -> tuple[str, ...]:
    """The keys of all models with the shape of this one, itself first.

    >>> same_shape("Llama-3.1-8B")
    ('Llama-3.1-8B', 'Llama-3-8B')
    """
    known = models()
    if model not in known:
        return (model,)
    shape = known[model].shape
    return (model, *(key for key, row in known.items() if row.shape == shape and key != model))


@lru_cache(maxsize=1)
def measured() -> tuple[Measured, ...]:
    """Every measured row, of all files; DataError at the first fault."""
    rows: tuple[Measured, ...] = (
        *_read("throughput.csv", Measured),
        *_read("throughput_ccbysa.csv", Latency),
        *_read("latency.csv", Latency),
    )
    _known("measured rows", rows, "gpu", hardwares())
    return rows


@lru_cache(maxsize=1)
def _by_gpu_and_model() -> dict[tuple[str, str], tuple[Measured, ...]]:
    return grouped(measured(), lambda row: (row.gpu, row.model))


@lru_cache(maxsize=4096)
def measured_of(gpu: str, model: str) -> tuple[Measured, ...]:
    """The measured rows of a GPU (or of its chip) with a model or with one of the same shape.

    >>> {row.model for row in measured_of("L4", "Llama-3.1-8B")} >= {"Llama-3-8B"}
    True
    """
    found = _by_gpu_and_model()
    at = hardwares()[gpu].measured_as if gpu in hardwares() else gpu
    return tuple(row for key in same_shape(model) for row in found.get((at, key), ()))


@lru_cache(maxsize=64)
def constants(gpu: str | None = None) -> Constants | None:
    """The constants of all GPUs together, or of one; None for a GPU that has none of its own.

    What a GPU has no constant of its own for is that of all.
    """
    rows = _constants().get(gpu or JOINT)
    if not rows:
        return None
    values: dict[str, Any] = {}
    for row in (*_constants()[JOINT], *(rows if gpu else ())):
        if row.precision:
            values.setdefault(row.constant, {})
            values[row.constant] = {**values[row.constant], row.precision: row.value}
        else:
            values[row.constant] = row.value
    try:
        return Constants(**values)
    except TypeError as wrong:
        raise DataError(f"speed_constants.csv: {wrong}") from None


@lru_cache(maxsize=1)
def _constants() -> dict[str, tuple[SpeedConstant, ...]]:
    return grouped(speed_constants(), lambda row: row.gpu)


@lru_cache(maxsize=1)
def speed_constants() -> tuple[SpeedConstant, ...]:
    """The rows of speed_constants.csv."""
    return _read("speed_constants.csv", SpeedConstant)


@lru_cache(maxsize=1)
def bands() -> dict[tuple[str, str, str], Band]:
    """Every band, by basis, kind of row and quantity."""
    rows = read_records(data_folder() / "speed_bands.csv", Band)
    return {(row.basis, row.kind, row.quantity): row for row in rows}


def band(basis: str, kind: str, quantity: str = SPEED) -> Band | None:
    """How far measured rows lie from such a prediction; None where nothing was held out."""
    return bands().get((basis, kind, quantity))


@lru_cache(maxsize=1)
def _prices() -> tuple[ApiPrice, ...]:
    return _read("api_prices.csv", ApiPrice)


def api_prices(model: str | None = None) -> tuple[ApiPrice, ...]:
    """What providers ask for an open model, or for all; InputError for an unknown model."""
    key = None if model is None else model_key(model)
    return tuple(row for row in _prices() if key in (None, row.model))


@lru_cache(maxsize=1)
def work_presets() -> dict[str, WorkPreset]:
    """The use cases, by their key.

    >>> work_presets()["chat"].prompt_tokens
    512.0
    """
    return {row.preset: row for row in _read("work_presets.csv", WorkPreset)}


@lru_cache(maxsize=1)
def _other_work() -> tuple[OtherWork, ...]:
    rows = _read("other_work.csv", OtherWork)
    _known("other_work.csv", rows, "gpu", hardwares())
    return rows


def other_work(work: str | None = None) -> tuple[OtherWork, ...]:
    """What was measured of images, embeddings, speech, vision and video, or of one of them."""
    return tuple(row for row in _other_work() if work in (None, row.work))


@lru_cache(maxsize=1)
def memory_measured() -> tuple[MemoryMeasured, ...]:
    """What serving engines kept in the memory of a GPU."""
    return _read("memory_measured.csv", MemoryMeasured)


_READERS: dict[str, Callable[[], Any]] = {
    "models": models,
    "GPUs": hardwares,
    "measured speeds": measured,
    "constants": speed_constants,
    "bands": bands,
    "API prices": _prices,
    "use cases": work_presets,
    "other measured work": _other_work,
    "memory measurements": memory_measured,
}


def read_all() -> dict[str, int]:
    """Read and check every file about work: how many rows each has, by what they are.

    >>> read_all()["use cases"]
    9
    """
    _names("model"), _names("gpu")
    return {what: len(reader()) for what, reader in _READERS.items()}
