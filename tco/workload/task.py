"""What there is to do, as a page asks for it and a link carries it: of any kind, strictly read.

A task is a kind of work and what was said of it, by name. Its text is the parameter `work` of a
link: `kind:llm,by:users,users:2000,use_case:chat,model:Llama-3.1-8B`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from tco.errors import InputError, Problem, bare
from tco.inputs.declaration import Param
from tco.inputs.labels import in_labels
from tco.market.workload import hardwares, models, other_work, work_presets
from tco.workload.demand import LOAD_TARGET, PEAK_OVER_MEAN
from tco.workload.domains import DOMAINS
from tco.workload.formats import FORMATS
from tco.workload.parameter import checked, few, joined, number_field, parted, taken

LLM, TRAINING = "llm", "training"
USERS, REQUESTS, TOKENS = "users", "requests", "tokens"
DAYS, GPUS = "days", "gpus"
_HOURS_PER_DAY = 24


@dataclass(frozen=True)
class TaskKind:
    """One kind of work: what it is called, what is counted, and per how many of it costs are told.

    `unit` is one of them in a sentence, `per` what the cost is of, which is `times` as many.
    """

    title: str
    unit: str
    per: str
    times: float
    fields: tuple[str, ...]


_LOADED = ("peak_over_mean", "load_target")
_MINE = ("my_units", "my_gpu")
_A_SECOND = ("model", "units_per_day", *_LOADED, *_MINE)
_AT_ONCE = ("model", "at_once", "hours_per_day", *_MINE)
TASKS = {
    LLM: TaskKind(
        "LLM serving",
        "output tokens",
        "million output tokens",
        1e6,
        (
            *("by", "users", "use_case", "requests_per_day", "input_tokens_per_day"),
            *("output_tokens_per_day", "prompt_tokens", "output_tokens", *_LOADED),
            *("cached_prompt_share", "token_time_ms", "first_token_ms", "model", "weight_bits"),
            *("kv_bits", "gpus_per_replica", "my_tokens_per_s", "my_gpu"),
        ),
    ),
    "embeddings": TaskKind(
        "Embeddings", "tokens", "million tokens", 1e6, ("parameters", *_A_SECOND)
    ),
    "images": TaskKind("Images", "images", "1,000 images", 1e3, _A_SECOND),
    "speech": TaskKind("Speech", "samples", "1,000 samples", 1e3, _A_SECOND),
    "vision": TaskKind("Vision", "images", "million images", 1e6, _A_SECOND),
    "language": TaskKind("Text encoders", "samples", "million samples", 1e6, _A_SECOND),
    "recommendation": TaskKind("Recommendations", "samples", "million samples", 1e6, _A_SECOND),
    "graphs": TaskKind("Graphs", "samples", "million samples", 1e6, _A_SECOND),
    "video": TaskKind("Video", "streams", "1,000 stream-hours", 1e3, _AT_ONCE),
    "seats": TaskKind("Virtual desktops", "seats", "1,000 seat-hours", 1e3, _AT_ONCE),
    TRAINING: TaskKind(
        "Training",
        "run",
        "training run",
        1.0,
        ("model", "parameters", "tokens", "mfu", "by", "days", "gpu_count", "my_gpu_hours"),
    ),
}
KIND = Param(
    group="work",
    kind="choice",
    name="kind",
    meaning="the kind of work",
    choices=tuple(TASKS),
    choice_words={name: one.title for name, one in TASKS.items()},
)
# The ways to say how much, by kind.
WAYS = {
    LLM: {USERS: "Users", REQUESTS: "Requests", TOKENS: "Tokens"},
    TRAINING: {DAYS: "Within so many days", GPUS: "On so many GPUs"},
}
# Of each way of LLM serving, what is then asked.
_OF_WAY = {
    USERS: ("users",),
    REQUESTS: ("requests_per_day",),
    TOKENS: ("input_tokens_per_day", "output_tokens_per_day"),
    DAYS: ("days",),
    GPUS: ("gpu_count",),
}


def _number(name: str, label: str, unit: str = "") -> Param:
    return number_field("work", name, DOMAINS[name], label, unit)


def _word(name: str, label: str, meaning: str) -> Param:
    return Param(group="work", kind="key", name=name, meaning=meaning, label=label)


# Everything that a task may say.
FIELDS: dict[str, Param] = {
    one.name: one
    for one in (
        KIND,
        _word("by", "How much", "the way to say how much work there is"),
        _number("users", "Users", "users"),
        _word("use_case", "Use case", "what people use the service for"),
        _number("requests_per_day", "Requests a day", "requests"),
        _number("input_tokens_per_day", "Prompt tokens a day", "tokens"),
        _number("output_tokens_per_day", "Output tokens a day", "tokens"),
        _number("prompt_tokens", "Prompt length", "tokens"),
        _number("output_tokens", "Answer length", "tokens"),
        _number("peak_over_mean", "Busiest hour over the mean", "ratio"),
        _number("load_target", "Load target", "share"),
        _number("cached_prompt_share", "Cached share of prompts", "share"),
        _number("token_time_ms", "Time per token, at most", "ms"),
        _number("first_token_ms", "First token, at most", "ms"),
        _word("model", "Model", "the model that does the work"),
        _word("weight_bits", "Weights", "how the weights are stored"),
        _number("kv_bits", "Bits of the KV cache"),
        _number("gpus_per_replica", "GPUs per replica"),
        _number("my_tokens_per_s", "My own speed", "tok/s"),
        _number("my_units", "My own speed", "units"),
        _word("my_gpu", "Measured on", "the GPU on which the speed was measured"),
        _number("units_per_day", "A day", "units"),
        _number("at_once", "In use at once", "units"),
        _number("hours_per_day", "Hours a day", "hours"),
        _number("parameters", "Parameters that a token passes", "parameters"),
        _number("tokens", "Training tokens", "tokens"),
        _number("mfu", "Model FLOPs utilization (MFU)", "share"),
        _number("days", "Days", "days"),
        _number("gpu_count", "Number of GPUs", "GPUs"),
        _number("my_gpu_hours", "My own GPU-hours", "GPU-hours"),
    )
}
# What is said of a task that nobody described: the case of the documentation.
EXAMPLE = {"by": USERS, "users": 1_000.0, "use_case": "chat", "model": "Llama-3.1-8B"}
_DEFAULTS: dict[str, Any] = {
    "load_target": LOAD_TARGET,
    "cached_prompt_share": 0.0,
    "kv_bits": 16.0,
    "hours_per_day": float(_HOURS_PER_DAY),
}
# What goes back to its default along with a change: another use case has its own lengths and peak,
# another model or format its own speed.
_ALONG = {
    "use_case": ("prompt_tokens", "output_tokens", "peak_over_mean"),
    "model": ("my_tokens_per_s", "my_units", "my_gpu", "my_gpu_hours", "parameters"),
    "weight_bits": ("my_tokens_per_s", "my_gpu"),
    "my_gpu": (),
}
# Written even where it is the default, so that a later release reads the same.
_ALWAYS = ("by", "users", "use_case", "model", "requests_per_day", *_OF_WAY[TOKENS])
_FIGURES = 4


@dataclass(frozen=True)
class Task:
    """A kind of work and what was said of it; what was not has a default, or is not known.

    >>> Task().text
    'kind:llm,by:users,users:1000,use_case:chat,model:Llama-3.1-8B'
    >>> read("kind:images,units_per_day:50000")[0].values["model"]
    'SDXL'
    """

    kind: str = LLM
    given: Mapping[str, Any] = field(default_factory=lambda: dict(EXAMPLE), hash=False)

    def __hash__(self) -> int:
        return hash((self.kind, frozenset(self.given.items())))

    @property
    def declared(self) -> TaskKind:
        """What is said of its kind."""
        return TASKS[self.kind]

    @property
    def values(self) -> dict[str, Any]:
        """Everything that is asked of its kind; None where nothing is known."""
        known = {**_DEFAULTS, **self._usual, **self.given}
        return {name: known.get(name) for name in self.declared.fields}

    @property
    def usual(self) -> dict[str, Any]:
        """The values without what was said."""
        known = {**_DEFAULTS, **self._usual}
        return {name: known.get(name) for name in self.declared.fields}

    @property
    def _usual(self) -> dict[str, Any]:
        """Defaults that depend on what was said."""
        found: dict[str, Any] = {}
        if self.kind in WAYS:
            found["by"] = next(iter(WAYS[self.kind]))
        if self.kind == LLM:
            found |= {"use_case": EXAMPLE["use_case"], "model": EXAMPLE["model"]}
            preset = work_presets()[self.given.get("use_case", EXAMPLE["use_case"])]
            for name in _ALONG["use_case"]:
                found[name] = getattr(preset, name)
            if self.given.get("by") == TOKENS:
                found["prompt_tokens"] = None
        elif self.kind != TRAINING:
            found["model"] = next(iter(choices("model", self.kind)), None)
            found["peak_over_mean"] = PEAK_OVER_MEAN
        return found

    @property
    def lacking(self) -> tuple[str, ...]:
        """What has to be said before the task can be answered."""
        values = self.values
        needed = list(_OF_WAY[values["by"]]) if self.kind in WAYS else []
        if self.kind == TRAINING:
            needed += ["tokens"]
            if values["my_gpu_hours"] is None:
                needed += ["mfu"]
            if values["parameters"] is None:
                needed += ["model"]
        elif self.kind != LLM:
            needed = [self.amount]
        return tuple(name for name in needed if values[name] is None)

    @property
    def amount(self) -> str:
        """The number that says how much, of work that is neither LLM serving nor training."""
        return "at_once" if "at_once" in self.declared.fields else "units_per_day"

    @property
    def text(self) -> str:
        """The task as a link carries it."""
        usual, values = self.usual, self.values
        shown = _OF_WAY.get(values.get("by") or "", ())
        told = {"kind": self.kind}
        for name in self.declared.fields:
            value = values[name]
            is_other_way = name in _ALL_WAYS and name not in shown
            if value is None or is_other_way or (value == usual[name] and name not in _ALWAYS):
                continue
            told[name] = value
        return joined(told)

    def changed(self, **changes: Any) -> Task:
        """The task with something else said of it (None: the default; of a kind: the example).

        InputError for what cannot be said of it.

        >>> Task().changed(users=2_000).text
        'kind:llm,by:users,users:2000,use_case:chat,model:Llama-3.1-8B'
        >>> Task().changed(by="requests").values["requests_per_day"]
        115200.0
        """
        kind = changes.pop("kind", self.kind)
        if kind is None:
            return Task()
        if kind != self.kind:
            return Task(kind, dict(EXAMPLE) if kind == LLM else {}).changed(**changes)
        given = dict(self.given)
        problems: list[Problem] = []
        for name, value in changes.items():
            if given.get(name) == value:
                continue
            for other in _ALONG.get(name, ()):
                if other not in changes:
                    given.pop(other, None)
            if name == "by" and kind == LLM and value is not None:
                given |= _converted(self, value)
            if value is None:
                given.pop(name, None)
                continue
            found, wrong = _checked(kind, name, value)
            problems += wrong
            given[name] = found
        if problems:
            raise InputError(problems)
        return Task(kind, given)

    def demand_keywords(self) -> dict[str, Any]:
        """What `tco.work()` is asked of the demand; of LLM serving alone."""
        values = self.values
        names = ("use_case", "prompt_tokens", "output_tokens", "peak_over_mean")
        found = {name: values[name] for name in names}
        if values["by"] == TOKENS:
            found["tokens_per_day"] = tuple(values[name] for name in _OF_WAY[TOKENS])
        else:
            (name,) = _OF_WAY[values["by"]]
            found[name] = values[name]
        return found


_ALL_WAYS = {name for names in _OF_WAY.values() for name in names}


def along(name: str) -> tuple[str, ...]:
    """What else changes with something that is said.

    >>> along("weight_bits"), along("users")
    (('my_tokens_per_s', 'my_gpu'), ())
    """
    if name == "by":
        return (*sorted(_ALL_WAYS), "prompt_tokens")
    return _ALONG.get(name, ())


def _converted(task: Task, by: str) -> dict[str, Any]:
    """The same load said in another way: nothing else changes with the way."""
    values = task.values
    preset = work_presets()[values["use_case"]]
    each = preset.active_share * preset.requests_per_active_user_per_minute * 60 * 24
    output = values["output_tokens"]
    now = values["by"]
    if any(values[name] is None for name in _OF_WAY[now]) or now == by:
        return {}
    if now == USERS:
        requests = values["users"] * each
        prompt = values["prompt_tokens"]
    elif now == REQUESTS:
        requests, prompt = values["requests_per_day"], values["prompt_tokens"]
    else:
        requests = values["output_tokens_per_day"] / output
        prompt = values["input_tokens_per_day"] / requests
    told = {
        USERS: {"users": requests / each},
        REQUESTS: {"requests_per_day": requests},
        TOKENS: {
            "input_tokens_per_day": requests * prompt,
            "output_tokens_per_day": requests * output,
        },
    }[by]
    found: dict[str, Any] = {name: float(f"{value:.{_FIGURES}g}") for name, value in told.items()}
    if by == TOKENS:
        found["prompt_tokens"] = None
    elif now == TOKENS:
        found["prompt_tokens"] = float(max(1, round(prompt)))
    return {name: value for name, value in found.items() if value is not None}


def _checked(kind: str, name: str, value: Any) -> tuple[Any, list[Problem]]:
    """A value that something has, in the model's own types, and what is wrong with it."""
    declared = FIELDS[name]
    if name not in TASKS[kind].fields:
        message = f"{name} does not apply to {TASKS[kind].title}"
        return None, [Problem(name, in_labels(message, FIELDS))]
    return checked(declared, value, FIELDS, lambda field: choices(field, kind))


@lru_cache(maxsize=64)
def choices(name: str, kind: str = LLM) -> dict[str, str]:
    """What may be chosen, with what it is called.

    >>> choices("use_case")["rag"], choices("by", "training")["gpus"]
    ('Questions about documents (RAG)', 'On so many GPUs')
    >>> list(choices("model", "vision"))
    ['3D-UNet', 'ResNet-50', 'RetinaNet']
    """
    if name == "by":
        return dict(WAYS.get(kind, {}))
    if name == "use_case":
        return {key: preset.title for key, preset in work_presets().items()}
    if name == "weight_bits":
        return dict(_formats())
    if name == "my_gpu":
        return {key: one.name for key, one in hardwares().items() if one.in_catalog}
    if kind in (LLM, TRAINING):
        ordered = sorted(models().values(), key=lambda one: one.model.casefold())
        return {one.model: f"{one.model} · {_billions(one.parameters)}" for one in ordered}
    names = sorted({row.model for row in other_work(kind)}, key=lambda model: (len(model), model))
    found: dict[str, str] = {}
    for model in names:
        # One model has a longer name where a source says how it was run.
        if not any(bare(shorter) in bare(model) for shorter in found):
            found[model] = model
    return dict(sorted(found.items()))


def _formats() -> Iterator[tuple[str, str]]:
    words = {"bf16": "BF16", "fp8": "FP8", "int8": "INT8", "nvfp4": "NVFP4", "mxfp4": "MXFP4"}
    words |= {"awq": "AWQ", "gptq": "GPTQ", "bitsandbytes": "bitsandbytes"}
    for one in FORMATS.values():
        said = words.get(one.name) or f"GGUF {one.name.upper()}"
        yield one.name, f"{said} · {one.bits:g} bit"


def _billions(parameters: float) -> str:
    return f"{parameters / 1e9:,.3g}B" if parameters < 1e12 else f"{parameters / 1e12:.3g}T"


@lru_cache(maxsize=256)
def read(text: str) -> tuple[Task, tuple[str, ...]]:
    """The task of a text from anywhere, and a remark on each part that is not used.

    >>> task, remarks = read("kind:llm,users:-5,color:blue")
    >>> task == Task(), len(remarks)
    (True, 2)
    """
    told, remarks = parted(text, FIELDS, "work")
    kind = told.pop("kind", LLM)
    if kind not in TASKS:
        remarks.append(f"work: {kind[:40]!r} is not a kind of work (default used)")
        kind = LLM
    task = Task(kind, dict(EXAMPLE) if kind == LLM else {})
    given = dict(task.given)
    by = told.get("by", given.get("by"))
    if kind == LLM and by != given["by"]:
        given.pop("users")
    found, others = taken(told, FIELDS, partial(_checked, kind))
    return Task(kind, given | found), few([*remarks, *others])
