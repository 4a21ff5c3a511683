"""Logs of GPUs and of a serving engine: nvidia-smi, DCGM's exporter, vLLM, Prometheus."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from tco.errors import DataError, UnknownKind, bare, shown
from tco.inputs.tables import encoding_of, other_file
from tco.market.importers.opening import PriceFile
from tco.words.figures import counted

# What an unpacked log may have, and what is read of it as one document.
MOST_BYTES = 2**33
_MOST_JSON = 2**28
LONGEST_LINE = 2**20
NOTHING = math.nan


@dataclass
class Series:
    """What was measured on one GPU: times [s], activity [share], power [W], energy so far [J].

    NaN stands for what a row does not say.
    """

    model: str = ""
    times: array[float] = field(default_factory=lambda: array("d"))
    activity: array[float] = field(default_factory=lambda: array("d"))
    power: array[float] = field(default_factory=lambda: array("d"))
    energy: array[float] = field(default_factory=lambda: array("d"))

    def add(
        self, time: float, activity: float, power: float = NOTHING, energy: float = NOTHING
    ) -> None:
        """One sample."""
        self.times.append(time)
        self.activity.append(activity)
        self.power.append(power)
        self.energy.append(energy)


@dataclass
class Counter:
    """A number that only grows, or one that goes up and down, as it was read over time [s]."""

    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))


@dataclass
class Log:
    """What one file holds: `gpus` by what tells them apart, counters of an engine by name.

    `is_timed` is false where samples have no times and count alike.
    """

    name: str
    gpus: dict[str, Series] = field(default_factory=dict)
    counters: dict[str, dict[str, Counter]] = field(default_factory=dict)
    is_timed: bool = True
    has_ids: bool = True
    remarks: list[str] = field(default_factory=list)


def read_log(file: PriceFile, every: float | None = None) -> Log:
    """The samples of a file; DataError where it is no log of a known kind.

    `every` is the time between scrapes [s] of a text that has none.
    """
    with file.opened() as raw:
        start = raw.peek(4) if isinstance(raw, io.BufferedReader) else b""
        if other := other_file(bytes(start[:8])):
            raise DataError(f"{file.name} is {other.split(':')[0]}: a log is text")
        encoding = encoding_of(bytes(start[:4]))
        text = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
        lines = _lines(file.name, text)
        try:
            first = next((line for line in lines if line.strip()), "")
            if not first:
                raise DataError(f"{file.name}: the file is empty")
            if "\0" in first:
                raise DataError(f"{file.name}: is binary, no log")
            return _of_kind(file.name, first, lines, every)
        except UnicodeDecodeError:
            raise DataError(f"{file.name} is not UTF-8 text") from None
        finally:
            text.detach()  # whoever opened the file closes it


def _of_kind(name: str, first: str, lines: Iterator[str], every: float | None) -> Log:
    if first.lstrip().startswith(("{", "[")):
        return _prometheus(name, first, lines)
    if first.startswith("#") and "gpu" in first.split():
        query = "timestamp,index,name,utilization.gpu,power.draw --format=csv -l 5"
        raise DataError(f"{name} is of nvidia-smi dmon: log nvidia-smi --query-gpu={query}")
    if first.startswith("#") or _SAMPLE.fullmatch(first.strip()) or _stamp(first) is not None:
        return _exposition(name, first, lines, every)
    return _smi(name, first, lines)


def _lines(name: str, stream: io.TextIOWrapper) -> Iterator[str]:
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise DataError(f"{name}: a line of more than a million characters is no log")
        yield line.rstrip("\r\n")


# --- nvidia-smi

_COLUMNS = {
    "time": ("timestamp", "time", "datetime", "date"),
    "gpu": (
        *("uuid", "gpuuuid", "pcibusid", "gpubusid", "index", "gpu", "gpuindex", "gpuid", "device"),
    ),
    "host": ("hostname", "host", "node"),
    "model": ("name", "gpuname", "modelname"),
    "activity": ("utilizationgpu", "gpuutil", "gpuutilization"),
    "power": ("powerdraw", "powerdrawinstant", "powerdrawaverage", "powerusage"),
}
_NEEDED = {
    "time": "timestamp",
    "activity": "utilization.gpu",
}
_UNIT = re.compile(r"\s*\[[^\]]*\]\s*$")
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%|m?W|MiB|MHz|C)?")
_WORDS = re.compile(r"n/?a|none|nan|not supported|unknown.*|err!?|-", re.IGNORECASE)


def _smi(name: str, first: str, lines: Iterator[str]) -> Log:
    """A CSV log of `nvidia-smi --query-gpu`, with or without units."""
    sep = max(",;\t", key=first.count)
    header = [_UNIT.sub("", cell.strip()) for cell in next(csv.reader([first], delimiter=sep))]
    plain = [bare(cell) for cell in header]
    places = {
        ours: plain.index(found)
        for ours, words in _COLUMNS.items()
        if (found := next((word for word in words if word in plain), None)) is not None
    }
    lacking = [title for ours, title in _NEEDED.items() if ours not in places]
    if lacking:
        has = "".join(mark if mark.isprintable() else "\ufffd" for mark in ", ".join(header))
        told = f"{name}: no column {' and no column '.join(lacking)} of a GPU"
        with suppress(ValueError, OverflowError):
            _seconds(header[0])
            told = f"{name}: no header: log without noheader"
        wanted = "a log of nvidia-smi has timestamp, index, name, utilization.gpu, power.draw"
        kind = UnknownKind if len(lacking) == len(_NEEDED) else DataError
        raise kind(f"{told}; its first line: {has[:200]}; {wanted}")
    log = Log(name, has_ids=plain[places["gpu"]] not in _LOCAL if "gpu" in places else False)
    order = csv.reader(lines, delimiter=sep)
    for number, cells in enumerate(order, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if [bare(_UNIT.sub("", cell.strip())) for cell in cells] == plain:
            continue  # nvidia-smi was started again
        if len(cells) != len(header):
            told = f"{counted(len(cells), 'cell')} instead of {len(header)}"
            raise DataError(f"{name}, line {number}: {told}: is the file cut?")
        _take(log, {ours: cells[at].strip() for ours, at in places.items()}, number)
    if not log.gpus:
        raise DataError(f"{name}: no rows below the header")
    if "gpu" not in places:
        times = next(iter(log.gpus.values())).times
        if len(set(times)) < len(times):
            message = "rows have the same time and no column says of which GPU they are"
            raise DataError(f"{name}: {message}: log index or uuid too")
    return log


_LOCAL = {"index", "gpu", "gpuindex", "gpuid", "device"}


def _take(log: Log, cells: dict[str, str], number: int) -> None:
    where = f"{log.name}, line {number}"
    try:
        time = _seconds(cells["time"])
    except (ValueError, OverflowError):
        raise DataError(f"{where}: timestamp = {shown(cells['time'])} is not a time") from None
    percent = _value(cells["activity"], f"{where}: utilization.gpu")
    if percent < 0 or percent > 100:
        raise DataError(f"{where}: utilization.gpu = {percent:g} is outside [0, 100] %")
    power = _value(cells.get("power", ""), f"{where}: power.draw")
    key = " ".join(filter(None, (cells.get("host", ""), cells.get("gpu", ""))))
    series = log.gpus.setdefault(key, Series(cells.get("model", "")))
    series.add(time, percent / 100, power if power >= 0 else NOTHING)


def _seconds(text: str) -> float:
    """A time as logs write it, in seconds since 1970, with its fraction."""
    try:
        number = float(text)
    except ValueError:
        head, _, fraction = text.partition(".")
        digits = re.match(r"\d*", fraction)
        rest = fraction[len(digits[0]) :] if digits else ""
        part = float(f"0.{digits[0]}") if digits and digits[0] else 0.0
        found = datetime.fromisoformat((head + rest).strip().replace("/", "-").replace("UTC", ""))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.timestamp() + part
    if not math.isfinite(number):
        raise ValueError(text)
    return number / 1_000 if abs(number) > _MILLISECONDS else number


# Seconds would be of the year 5138.
_MILLISECONDS = 10**11


def _value(text: str, where: str) -> float:
    """A number with or without its unit; NaN for what a GPU does not say."""
    if not text or text.startswith("[") or _WORDS.fullmatch(text):
        return NOTHING
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise DataError(f"{where} = {shown(text)} is not a number")
    return float(found[1]) / (1_000 if found[2] == "mW" else 1)


# --- Exporters' text

_SAMPLE = re.compile(
    r"(?P<metric>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})?\s+(?P<value>[-+\w.]+)"
    r"(?:\s+(?P<time>[-+\d.eE]+))?"
)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ACTIVITY = {"DCGM_FI_PROF_GR_ENGINE_ACTIVE": 1.0, "DCGM_FI_DEV_GPU_UTIL": 0.01}
_POWER, _ENERGY = "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
TENSOR, DRAM, MEMORY = (
    *("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "DCGM_FI_PROF_DRAM_ACTIVE", "DCGM_FI_DEV_FB_USED"),
)
PROMPT_TOKENS, OUTPUT_TOKENS = "vllm:prompt_tokens_total", "vllm:generation_tokens_total"
RUNNING = "vllm:num_requests_running"
_ENGINE = {PROMPT_TOKENS, OUTPUT_TOKENS, RUNNING}
_OF_GPU = {*_ACTIVITY, _POWER, _ENERGY, TENSOR, DRAM, MEMORY}


def _stamp(line: str) -> float | None:
    """The time of a scrape that stands on a line of its own, as `date` writes it."""
    text = line.lstrip("# ").strip()
    if not text or len(text) > 40 or not text[0].isdigit():
        return None
    try:
        return _seconds(text)
    except (ValueError, OverflowError):
        return None


class _Scrapes:
    """Samples of exporters: a scrape begins where a sample comes again, or a new time."""

    def __init__(self, log: Log, every: float | None) -> None:
        self.log, self.every = log, every
        self.samples = 0
        self.untimed = 0
        self._scrape = 0
        self._stamp: float | None = None
        self._seen: set[str] = set()
        self._values: dict[tuple[str, float], dict[str, float]] = {}
        self._models: dict[str, str] = {}

    def stamp(self, time: float) -> None:
        """A time before a scrape."""
        self._stamp, self._seen = time, set()
        self._scrape += 1

    def add(self, metric: str, labels: str, value: float, time: float | None) -> None:
        """One sample."""
        told = f"{metric}{{{labels}}}"
        if time is None:
            if told in self._seen:
                self._seen = set()
                self._scrape += 1
                self._stamp = None
            self._seen.add(told)
            time = self._stamp
        if time is None:
            self.untimed += 1
            time = self._scrape * (self.every or 1.0)
        self.samples += 1
        found = dict(_LABEL.findall(labels))
        if metric in _ENGINE:
            named = ",".join(f"{k}={v}" for k, v in sorted(found.items()))
            counter = self.log.counters.setdefault(metric, {}).setdefault(named, Counter())
            counter.times.append(time)
            counter.values.append(value)
            return
        key = found.get("UUID") or " ".join(
            filter(None, (found.get("Hostname"), found.get("gpu") or found.get("device")))
        )
        self._models.setdefault(key, found.get("modelName", ""))
        values = self._values.setdefault((key, time), {})
        # Of the parts of a card the busiest counts, and their power is that of the card.
        values[metric] = max(value, values.get(metric, value))

    def close(self) -> None:
        """Make series of the samples of each time."""
        for (key, time), values in sorted(self._values.items()):
            series = self.log.gpus.setdefault(key, Series(self._models[key]))
            shares = (values[name] * per for name, per in _ACTIVITY.items() if name in values)
            activity = next(shares, NOTHING)
            if activity > 1.0 or activity < 0:
                raise DataError(f"{self.log.name}: an activity of {activity:g} is outside [0, 1]")
            energy = values.get(_ENERGY, NOTHING) / 1_000
            series.add(time, activity, values.get(_POWER, NOTHING), energy)
        self.log.is_timed = not self.untimed or self.every is not None


def _exposition(name: str, first: str, lines: Iterable[str], every: float | None) -> Log:
    """The text of exporters: scrapes one after the other."""
    log = Log(name)
    scrapes = _Scrapes(log, every)
    wrong = ""
    for number, raw in enumerate(chain((first,), lines), 1):
        line = raw.strip()
        found = _SAMPLE.fullmatch(line)
        if found is None or line.startswith("#"):
            if (time := _stamp(line)) is not None:
                scrapes.stamp(time)
            elif line and not line.startswith("#"):
                wrong = wrong or f"{name}, line {number}: {shown(line)} is no sample of a metric"
            continue
        metric = found["metric"].replace("vllm_", "vllm:", 1)
        if metric not in _ENGINE | _OF_GPU:
            continue
        try:
            value = float(found["value"])
            time = None if found["time"] is None else _seconds(found["time"])
        except ValueError:
            raise DataError(f"{name}, line {number}: {shown(line)} is no sample") from None
        if math.isfinite(value):
            scrapes.add(metric, found["labels"] or "", value, time)
    if wrong:
        raise (DataError if scrapes.samples else UnknownKind)(wrong)
    if not scrapes.samples:
        raise UnknownKind(f"{name}: no metric of a GPU (DCGM_FI_…) or of vLLM in it")
    scrapes.close()
    return log


def _prometheus(name: str, first: str, lines: Iterable[str]) -> Log:
    """An answer of Prometheus to a query over time."""
    size, parts = len(first), [first]
    for line in lines:
        size += len(line)
        if size > _MOST_JSON:
            raise DataError(f"{name}: a JSON document of more than {_MOST_JSON / 2**20:,.0f} MB")
        parts.append(line)
    try:
        document = json.loads("\n".join(parts))
        results: Any = document["data"]["result"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DataError(f"{name} is a JSON document, but no answer of Prometheus") from None
    log = Log(name)
    scrapes = _Scrapes(log, None)
    for result in results:
        try:
            labels = dict(result["metric"])
            metric = str(labels.pop("__name__", "")).replace("vllm_", "vllm:", 1)
            if metric not in _ENGINE | _OF_GPU:
                continue
            text = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
            values = result.get("values") or [result["value"]]
            for time, value in values:
                number = float(value)
                if math.isfinite(number):
                    scrapes.add(metric, text, number, _seconds(str(time)))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DataError(f"{name} is a JSON document, but no answer of Prometheus") from None
    if not scrapes.samples:
        raise DataError(f"{name}: no metric of a GPU (DCGM_FI_…) or of vLLM in it")
    scrapes.close()
    return log
