"""What logs say of GPUs: how much of the time they are busy, what they draw, what work they do.

A sample stands for the time until the next one of the same GPU. Busy is an activity of 1 % or more:
`utilization.gpu` is 100 % as soon as one thread runs, so how much work a paid hour does stands
beside it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tco.bills.cells import SECONDS_PER_HOUR
from tco.bills.logs import (
    MOST_BYTES,
    OUTPUT_TOKENS,
    PROMPT_TOKENS,
    RUNNING,
    Counter,
    Log,
    Series,
    read_log,
)
from tco.bills.machines import gpu_in
from tco.errors import DataError, InputError, Problem, shown
from tco.market.catalogue import load
from tco.market.importers.names import gpu_of
from tco.market.importers.opening import PriceFile, unpacked
from tco.market.keys import near_keys

if TYPE_CHECKING:
    import pandas as pd

BUSY = 0.01
PATTERNS = ("*.csv", "*.log", "*.txt", "*.prom", "*.json", "*.gz", "*.zip")
# A pause of so many usual steps is no sample that lasts, but a log that stopped.
_GAP = 10


@dataclass(frozen=True)
class OneGpu:
    """What was measured on one GPU: `hours` of it, shares of its time, and its power [W]."""

    id: str
    model: str
    hours: float
    utilization: float | None
    mean_activity: float | None
    busy_w: float | None
    idle_w: float | None
    mean_w: float | None


@dataclass(frozen=True, kw_only=True)
class Telemetry:
    """What logs of GPUs and of a serving engine say.

    `utilization` is the share of measured time with an activity of 1 % or more, `load_factor` the
    mean busy power over the board's, `idle_w` the mean power below 1 % [W]; `mean_activity` stands
    beside them and is no utilization. None is what no log says. `hours` are those of all GPUs
    together, `gap_hours` those in which a log stopped.
    """

    files: tuple[str, ...]
    gpu: str | None
    gpus: int
    hours: float
    gap_hours: float
    utilization: float | None
    mean_activity: float | None
    busy_w: float | None
    idle_w: float | None
    mean_w: float | None
    load_factor: float | None
    prompt_tokens: float | None = None
    output_tokens: float | None = None
    served_hours: float | None = None
    serving_share: float | None = None
    output_tokens_per_gpu_hour: float | None = None
    each: tuple[OneGpu, ...] = field(default=(), repr=False)
    remarks: tuple[str, ...] = ()

    def measured(self) -> dict[str, float]:
        """The inputs of a scenario that were measured: utilization, load_factor, idle_w.

        >>> read_telemetry("docs/gpu-log.csv").measured()
        {'utilization': 0.625, 'load_factor': 0.923611, 'idle_w': 17.0}
        """
        load = None if self.load_factor is None else min(1.0, self.load_factor)
        found = {"utilization": self.utilization, "load_factor": load, "idle_w": self.idle_w}
        return {name: round(value, 6) for name, value in found.items() if value is not None}

    def inputs(self) -> dict[str, Any]:
        """The same with the GPU, where logs name one of the catalog."""
        return {**({"gpu": self.gpu} if self.gpu else {}), **self.measured()}

    @property
    def by_gpu(self) -> pd.DataFrame:
        """What was measured on each GPU."""
        import pandas as pd

        names = list(OneGpu.__dataclass_fields__)
        rows = [[getattr(one, name) for name in names] for one in self.each]
        return pd.DataFrame(rows, columns=names)

    def to_dict(self) -> dict[str, Any]:
        """The figures in plain types, for JSON."""
        left_out = ("each", "files", "remarks")
        found = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in left_out
        }
        return {**found, "files": list(self.files), "remarks": list(self.remarks)}


def read_telemetry(
    paths: str | Path | Iterable[str | Path],
    gpu: str | None = None,
    *,
    gpus: int | None = None,
    every: float | None = None,
) -> Telemetry:
    """Utilization, power and work of GPUs, from logs of nvidia-smi, DCGM's exporter and vLLM.

    `gpu` is a key of the catalog, by default the one that logs name: the load factor is measured
    against the power of its board [W]. `gpus` is how many serve, by default those in the logs;
    `every` the time between scrapes that have none [s]. DataError for what is no log, InputError
    for a GPU that is not in the catalog.

    >>> found = read_telemetry("docs/gpu-log.csv")
    >>> found.gpu, found.gpus, found.utilization, round(found.busy_w, 1), found.mean_activity
    ('L4', 2, 0.625, 66.5, 0.525)
    """
    _check(gpu, gpus, every)
    named = [paths] if isinstance(paths, str | Path) else list(paths)
    files = _files(named)
    logs = [read_log(file, every) for file in files]
    return _Measured(logs, gpu, gpus).done()


def _check(gpu: str | None, gpus: int | None, every: float | None) -> None:
    problems = []
    if gpu is not None and gpu not in load().gpus:
        near = near_keys(str(gpu), load().gpus)
        problems.append(Problem("gpu", f"gpu = {shown(gpu)} is not in the catalog{near}"))
    for name, value, meaning in (
        ("gpus", gpus, "how many GPUs serve"),
        ("every", every, "the time between scrapes [s]"),
    ):
        if value is not None and not (isinstance(value, int | float) and 0 < value < math.inf):
            problems.append(Problem(name, f"{name} = {shown(value)} is not above 0: {meaning}"))
    if problems:
        raise InputError(problems)


def _files(paths: list[str | Path]) -> list[PriceFile]:
    found: list[PriceFile] = []
    for each in paths:
        path = Path(each)
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and one.name[0] != ".")
            if not inside:
                raise DataError(f"{path}: no log in this folder")
            found += [file for one in inside for file in unpacked(one, PATTERNS, MOST_BYTES)]
        elif path.exists():
            found += unpacked(path, PATTERNS, MOST_BYTES)
        else:
            raise DataError(f"{path}: no such file or folder")
    if not found:
        raise InputError([Problem("paths", "paths: no file is given: the logs of GPUs")])
    seen: dict[tuple[int, str], str] = {}
    for file in found:
        key = file.path.stat().st_size, file.sha256() if len(found) > 1 else ""
        if key in seen:
            raise DataError(f"{seen[key]} and {file.name} are the same: give each log once")
        seen[key] = file.name
    return found


class _Sum:
    """A mean weighted with time, of which some parts may be unknown."""

    def __init__(self) -> None:
        self.time = self.total = 0.0

    def add(self, seconds: float, total: float) -> None:
        """Some time, and what came together in it."""
        self.time += seconds
        self.total += total

    @property
    def mean(self) -> float | None:
        """The mean; None where nothing is known."""
        return self.total / self.time if self.time > 0 else None


class _Measured:
    def __init__(self, logs: list[Log], gpu: str | None, gpus: int | None) -> None:
        self._logs, self._asked, self._gpus = logs, gpu, gpus
        self._sums: dict[str, _Sum] = defaultdict(_Sum)
        self._each: list[OneGpu] = []
        self._gap = 0.0
        self._remarks = [said for log in logs for said in log.remarks]
        if any(not log.is_timed for log in logs):
            self._remarks.append("scrapes without a time count alike: give the time between them")

    def done(self) -> Telemetry:
        """Add up what all logs say."""
        series = self._series()
        usual = _usual(series.values())
        for key, one in series.items():
            self._take(key[1], one, usual)
        gpu = self._asked or self._model(series.values())
        busy_w = self._sums["busy_w"].mean
        load_factor = None
        if busy_w is not None and gpu is None:
            self._remarks.append("no log names a GPU of the catalog: name it for the load factor")
        elif busy_w is not None:
            load_factor = busy_w / load().gpus[str(gpu)].gpu_w
            if load_factor > 1:
                share = f"{load_factor:.0%}"
                self._remarks.append(
                    f"busy GPUs draw {share} of their board's power: it counts as 1"
                )
        if series and self._sums["activity"].mean is None:
            names = ", ".join(log.name for log in self._logs)
            raise DataError(f"{names}: no row says how busy a GPU was")
        if self._gap:
            hours = f"{self._gap / SECONDS_PER_HOUR:,.2f}"
            self._remarks.append(f"the logs stopped for {hours} hours, which are left out")
        count = len({key[1] if key[0] < 0 else key for key in series})
        return Telemetry(
            files=tuple(log.name for log in self._logs),
            gpu=gpu,
            gpus=count,
            hours=self._sums["all"].time / SECONDS_PER_HOUR,
            gap_hours=self._gap / SECONDS_PER_HOUR,
            utilization=self._sums["busy"].mean,
            mean_activity=self._sums["activity"].mean,
            busy_w=busy_w,
            idle_w=self._sums["idle_w"].mean,
            mean_w=self._sums["power"].mean,
            load_factor=load_factor,
            **self._work(count),
            each=tuple(self._each),
            remarks=tuple(self._remarks),
        )

    def _series(self) -> dict[tuple[int, str], Series]:
        """The samples of each GPU: by what tells it apart everywhere, else within its file."""
        found: dict[tuple[int, str], Series] = {}
        spans: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
        for number, log in enumerate(self._logs):
            for name, series in log.gpus.items():
                first, last = min(series.times), max(series.times)
                # An index is the same GPU in the logs of one machine, which do not overlap.
                mine = next(
                    (at for low, high, at in spans[name] if last <= low or first >= high), number
                )
                key = (-1, name) if log.has_ids else (mine, name)
                spans[name].append((first, last, mine))
                kept = found.get(key)
                if kept is None:
                    found[key] = series
                    continue
                for column in ("times", "activity", "power", "energy"):
                    getattr(kept, column).extend(getattr(series, column))
        return found

    def _take(self, name: str, series: Series, usual: float) -> None:
        import numpy as np

        order = np.argsort(np.asarray(series.times), kind="stable")
        times = np.asarray(series.times)[order]
        activity, power, energy = (
            np.asarray(column)[order] for column in (series.activity, series.power, series.energy)
        )
        steps = np.diff(times)
        above = steps[steps > 0]
        step = float(np.median(above)) if len(above) else usual
        is_gap = steps > _GAP * step
        self._gap += float((steps[is_gap] - step).sum())
        last = np.array([step])
        seconds = np.concatenate([np.where(is_gap, step, steps), last])
        if np.isnan(power).all() and len(times) > 1:
            gained = np.diff(energy)
            drawn = np.where((steps > 0) & (gained >= 0) & ~is_gap, gained, np.nan)
            power = np.append(drawn / np.where(steps > 0, steps, 1), np.nan)
        known, has_w = ~np.isnan(activity), ~np.isnan(power)
        busy = known & (activity >= BUSY)
        idle = known & ~busy
        mine: dict[str, _Sum] = defaultdict(_Sum)
        for kept in (mine, self._sums):
            kept["all"].add(float(seconds.sum()), 0.0)
            kept["busy"].add(float(seconds[known].sum()), float(seconds[busy].sum()))
            kept["activity"].add(
                float(seconds[known].sum()), float((seconds * activity)[known].sum())
            )
            for what, mask in (
                ("power", has_w),
                ("busy_w", busy & has_w),
                ("idle_w", idle & has_w),
            ):
                kept[what].add(float(seconds[mask].sum()), float((seconds * power)[mask].sum()))
        means = {name: one.mean for name, one in mine.items()}
        self._each.append(
            OneGpu(
                id=name,
                model=series.model,
                hours=mine["all"].time / SECONDS_PER_HOUR,
                utilization=means["busy"],
                mean_activity=means["activity"],
                busy_w=means["busy_w"],
                idle_w=means["idle_w"],
                mean_w=means["power"],
            )
        )

    def _model(self, series: Iterable[Series]) -> str | None:
        """The GPU of the catalog that logs name; None for none, or for several."""
        found: dict[str, str | None] = {}
        for name in sorted({one.model for one in series if one.model}):
            gpu, _why = gpu_of("any", "", name, None, (name,))
            found[name] = gpu or gpu_in(f"NVIDIA {name}")[0] or None
        keys = set(found.values())
        if len(keys) > 1:
            names = ", ".join(found)
            self._remarks.append(f"the logs are of several GPUs ({names}): give those of one")
        key = keys.pop() if len(keys) == 1 else None
        return key if key in load().gpus else None

    # --- Work

    def _work(self, count: int) -> dict[str, Any]:
        """Tokens of a serving engine, and for how long it was watched."""
        tokens: dict[str, float] = {}
        spans: list[float] = []
        running = _Sum()
        for log in self._logs:
            for metric, counters in log.counters.items():
                for one in counters.values():
                    _steps(one)
                    if metric == RUNNING:
                        _running(one, running)
                        continue
                    tokens[metric] = tokens.get(metric, 0.0) + _increase(one)
                    if metric == OUTPUT_TOKENS:
                        spans.append(max(one.times) - min(one.times))
        if not tokens and not running.time:
            return {}
        is_timed = all(log.is_timed for log in self._logs if log.counters)
        served = sum(spans) / SECONDS_PER_HOUR if is_timed and spans else None
        output = tokens.get(OUTPUT_TOKENS)
        longest = max(spans, default=0.0) / SECONDS_PER_HOUR
        gpus = self._gpus or count
        per = output / (longest * gpus) if output and served and longest and gpus else None
        if output is not None and per is None:
            self._remarks.append("how many GPUs serve is not known: give it for work per paid hour")
        return {
            "prompt_tokens": tokens.get(PROMPT_TOKENS),
            "output_tokens": output,
            "served_hours": served,
            "serving_share": running.mean,
            "output_tokens_per_gpu_hour": per,
        }


def _usual(series: Iterable[Series]) -> float:
    """The usual step of all samples [s], for a GPU that has one sample."""
    import numpy as np

    steps = [np.diff(np.sort(np.asarray(one.times))) for one in series]
    above = np.concatenate([each[each > 0] for each in steps]) if steps else np.array([])
    return float(np.median(above)) if len(above) else 1.0


def _steps(one: Counter) -> None:
    """Put the samples of a counter in order of time."""
    order = sorted(range(len(one.times)), key=one.times.__getitem__)
    one.times[:] = type(one.times)("d", (one.times[at] for at in order))
    one.values[:] = type(one.values)("d", (one.values[at] for at in order))


def _increase(one: Counter) -> float:
    """How much a counter grew; one that falls was started again from 0."""
    pairs = zip(one.values, one.values[1:], strict=False)
    return math.fsum(after - before if after >= before else after for before, after in pairs)


def _running(one: Counter, into: _Sum) -> None:
    """The time in which requests ran."""
    for at in range(len(one.times) - 1):
        seconds = one.times[at + 1] - one.times[at]
        into.add(seconds, seconds if one.values[at] > 0 else 0.0)
