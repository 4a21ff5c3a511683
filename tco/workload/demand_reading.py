"""Demand curves from what people have: hours in a file, a Series or a list, a week, two numbers.

Reading is strict. What is wrong is an error that names the row; what is done with the rest (hours
filled, a clock that was changed, rows out of order, a scale) is said in `notes`.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from tco.errors import DataError, InputError, Problem, shown, suggestion
from tco.inputs.tables import (
    Lines,
    decimal_of,
    fault,
    first_line,
    header_of,
    is_blank,
    named,
    other_table,
    separator_of,
    strict_text_of,
    wrong_length,
)
from tco.market.traces import demand_traces
from tco.words.figures import number as number_text
from tco.words.figures import percent
from tco.workload.demand_curve import DemandCurve
from tco.workload.demand_fields import (
    DOMAINS,
    GAPS,
    GPU_HOURS,
    GPUS,
    LOADS,
    MOST_GPUS,
    OVER_WHAT,
    UNITS,
    WEEK_HOURS,
)
from tco.workload.domains import checked, number_of

COLUMNS = ("time", "value", "unit")
_MEANING = {
    GPUS: "GPUs in use",
    GPU_HOURS: "GPU-hours of the time until the next row",
    **{name: f"{name} in an hour of the series" for name in LOADS},
}
_HOUR = 3_600
_MOST_ROWS = 1_000_000
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_CLOCK = "; if the clock was changed for daylight saving time, give time_zone"


class _Row(NamedTuple):
    """One row of a series: what it is called in an error, its time and its value as given."""

    place: str
    time: Any
    value: Any


def demand_curve(
    source: Any = None,
    /,
    *,
    week: Sequence[float] | None = None,
    mean_gpus: float | None = None,
    peak_over_mean: float | None = None,
    peak_gpus: float | None = None,
    unit: str | None = None,
    time_zone: str | None = None,
    gaps: str = "error",
) -> DemandCurve:
    """GPUs needed by hour, from a file, a series, a week, a public trace, or a mean and a peak.

    `source` is a CSV file (columns time, value and perhaps unit), a pandas Series, a frame of these
    columns, or numbers, one an hour, of which 168 are a week from Monday 0:00 on, like `week`; or
    the name of a trace (azure_2024_chat, burstgpt_chat). Values are GPUs in use (fractions: the
    mean of the hour), `unit="gpu_hours"`, or a load such as requests: then `peak_gpus` [GPUs] says
    what its busiest hour takes, and every hour is rounded up to whole GPUs. Instead of hours
    `mean_gpus` with `peak_over_mean` or `peak_gpus` give a load-duration curve.

    A time names the beginning of its hour, or of a shorter step, all equally long. Hours may not be
    missing (`gaps="zero"`: nothing ran then), nor be given twice. Times with an offset are put in
    order by it; without one they are those of `time_zone`, or of a clock that is never changed.
    InputError or DataError say what is wrong, and where.

    >>> curve = demand_curve([3, 1, 0, 0])
    >>> curve.peak_gpus, curve.mean_gpus, curve.shares.tolist()
    (3.0, 1.0, [0.5, 0.25, 0.25])
    >>> demand_curve([50, 100, 20], unit="requests", peak_gpus=4).gpus
    (2, 4, 1)
    """
    numbers = {
        "mean_gpus": mean_gpus,
        "peak_over_mean": peak_over_mean,
        "peak_gpus": peak_gpus,
    }
    if isinstance(source, Mapping):
        return _of_mapping(source)
    problems = checked(numbers, domains=DOMAINS)
    if unit is not None and unit not in UNITS:
        message = f"unit = {shown(unit)} is not one of {', '.join(UNITS)}{_meant(unit)}"
        problems.append(Problem("unit", f"{message}: what a value of the demand is"))
    if gaps not in GAPS:
        message = f"gaps = {shown(gaps)} is not one of {', '.join(GAPS)}: what missing hours are"
        problems.append(Problem("gaps", message))
    if mean_gpus is None and peak_over_mean is not None:
        problems.append(Problem("peak_over_mean", OVER_WHAT))
    given = [name for name, one in (("source", source), ("week", week)) if one is not None]
    if mean_gpus is not None:
        given.append("mean_gpus")
        of_hours = {
            "unit": unit not in (None, GPUS),
            "time_zone": time_zone,
            "gaps": gaps != GAPS[0],
        }
        problems += [_of_hours(name) for name, is_given in of_hours.items() if is_given]
    if len(given) != 1:
        told = f"{' and '.join(given)} are given" if given else "nothing is given"
        message = f"demand: {told}: give a series, a week, or a mean and a peak"
        problems.append(Problem("demand", message))
    if problems:
        raise InputError(problems)
    if mean_gpus is not None:
        return _smooth(mean_gpus, peak_over_mean, peak_gpus)
    zone = _zone(time_zone)
    if week is not None:
        source = list(week) if hasattr(week, "__iter__") and not isinstance(week, str) else week
        if not isinstance(source, list) or len(source) != WEEK_HOURS:
            count = len(source) if isinstance(source, list) else shown(week)
            message = f"week has {count} values, not {WEEK_HOURS}: one an hour from Monday 0:00 on"
            raise InputError([Problem("week", message)])
    if isinstance(source, DemandCurve):
        return source if peak_gpus is None else _scaled(source, peak_gpus, "GPUs")
    rows, found, said = _rows_of(source, unit or "")
    return _curve(rows, found or GPUS, peak_gpus, zone, gaps, said)


def _of_mapping(given: Mapping[str, Any]) -> DemandCurve:
    """A demand whose parts have names, as in JSON: those of `demand_curve`."""
    known = ("series", "week", *DOMAINS, "unit", "time_zone", "gaps")
    wrong = [
        Problem("demand", f"demand: {shown(name)} is not one of {', '.join(known)}{_meant(name)}")
        for name in given
        if name not in known
    ]
    if wrong:
        raise InputError(wrong)
    return demand_curve(
        given.get("series"), **{name: value for name, value in given.items() if name != "series"}
    )


def _of_hours(name: str) -> Problem:
    return Problem(name, f"{name} is about values by hour: leave it out beside mean_gpus")


def _meant(name: Any) -> str:
    return suggestion(str(name), (*UNITS, "series", "week", *DOMAINS))


def _smooth(mean: float, over: float | None, peak: float | None) -> DemandCurve:
    """The curve of a mean and a peak."""
    if (over is None) == (peak is None):
        message = f"mean_gpus = {mean:g} needs peak_over_mean or peak_gpus, one of them"
        raise InputError([Problem("mean_gpus", message)])
    top = mean * over if over is not None else float(peak or 0)
    if not mean <= top <= MOST_GPUS:
        message = f"peak_gpus = {top:g} is outside [{mean:g}, {MOST_GPUS:g}]: mean_gpus or more"
        raise InputError([Problem("peak_gpus", message)])
    return DemandCurve(smooth=(float(mean), float(top)))


# --- Where the rows are


def _rows_of(source: Any, unit: str) -> tuple[list[_Row], str, list[str]]:
    """The rows of a source, the unit of their values, and what there is to say of them."""
    if isinstance(source, str) and source in demand_traces():
        trace = demand_traces()[source]
        rows = [_Row(f"hour {at}", None, value) for at, value in enumerate(trace.values)]
        return rows, trace.unit, [trace.told]
    if isinstance(source, str | Path) and str(source).strip():
        return _rows_of_file(source, unit)
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        return _rows_of_frame(source, unit)
    if hasattr(source, "index") and hasattr(source, "items"):
        return _rows_of_series(source), unit, []
    if isinstance(source, str | bytes | set | frozenset) or not isinstance(source, Iterable):
        message = f"demand = {shown(source)} is not a series: {_MEANING[unit or GPUS]} by hour"
        raise InputError([Problem("demand", message)])
    return [_Row(f"value {at}", None, value) for at, value in enumerate(source, 1)], unit, []


def _rows_of_series(series: Any) -> list[_Row]:
    """Those of a pandas Series: by the time in its index, or in order."""
    times = _times_of_index(series.index)
    values = zip(times, series.tolist(), strict=True)
    return [_Row(f"row {at}", time, value) for at, (time, value) in enumerate(values, 1)]


def _times_of_index(index: Any) -> Sequence[Any]:
    """The times in an index, or none where it counts rows."""
    if hasattr(index, "to_timestamp"):
        index = index.to_timestamp()
    if hasattr(index, "to_pydatetime"):
        found: Sequence[Any] = index.to_pydatetime().tolist()
        return found
    if str(index.dtype) in ("object", "str", "string"):
        return list(index)
    return [None] * len(index)


def _rows_of_frame(frame: Any, unit: str) -> tuple[list[_Row], str, list[str]]:
    _check_columns([str(name) for name in frame.columns], "demand")
    found = frame.rename(columns={name: str(name).strip().casefold() for name in frame.columns})
    times = _times_of_index(found.index)
    if "time" in found:
        column = found["time"]
        times = (
            [one.to_pydatetime() for one in column] if hasattr(column, "dt") else column.tolist()
        )
    units = found["unit"].tolist() if "unit" in found else []
    values = zip(times, found["value"].tolist(), strict=True)
    rows = [_Row(f"row {at}", time, value) for at, (time, value) in enumerate(values, 1)]
    return rows, _one_unit([(f"row {at}", one) for at, one in enumerate(units, 1)], unit), []


def _rows_of_file(path: str | Path, unit: str) -> tuple[list[_Row], str, list[str]]:
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as wrong:
        known = ", ".join(demand_traces())
        why = wrong.strerror if isinstance(wrong, OSError) else wrong
        message = f"{path}: {why or wrong}; a demand is a CSV file or one of {known}"
        raise DataError(message) from wrong
    return rows_of_csv(strict_text_of(data, str(path)), str(path), unit)


def demand_of_csv(
    text: str,
    file: str = "demand",
    *,
    peak_gpus: float | None = None,
    unit: str | None = None,
    time_zone: str | None = None,
    gaps: str = "error",
) -> DemandCurve:
    r"""The demand of a CSV text with the columns time, value and perhaps unit.

    >>> demand_of_csv("time,value\n2026-03-01T00:00,3\n2026-03-01T01:00,1").gpus
    (3.0, 1.0)
    """
    rows, found, told = rows_of_csv(text, file, unit or "")
    if problems := checked({"peak_gpus": peak_gpus}, domains=DOMAINS):
        raise InputError(problems)
    return _curve(rows, found or GPUS, peak_gpus, _zone(time_zone), gaps, told)


def rows_of_csv(text: str, file: str, unit: str) -> tuple[list[_Row], str, list[str]]:
    """The rows of a CSV text, the unit of their values, and what there is to say of them."""
    if other := other_table(text[:80].encode("utf-8", "surrogateescape")):
        raise DataError(f"{file} is {other}")
    sep = separator_of(first_line(text))
    lines = Lines(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=sep, strict=True)
    records: list[tuple[int, list[str]]] = []
    try:
        names, at = header_of(reader)
        header = [name.casefold() for name in named(names)]
        _check_columns(header, file)
        for number, record in enumerate(reader, at + 1):
            lines.taken()
            if is_blank(record):
                continue
            if why := wrong_length(record, len(header)):
                raise DataError(f"{file}, row {number}: {why}")
            records.append((number, record))
            if len(records) > _MOST_ROWS:
                raise DataError(f"{file} has more than {_MOST_ROWS:,} rows: give hours")
    except csv.Error as failed:
        raise DataError(f"{file}, line {reader.line_num}: {fault(failed)}") from failed
    place = {name: column for column, name in enumerate(header)}
    cells = (record[place["value"]].strip() for _, record in records)
    decimal = decimal_of(sep, cells) or "."
    rows = [
        _Row(
            f"{file}, row {number}",
            record[place["time"]].strip() if "time" in place else None,
            _read_number(record[place["value"]].strip(), decimal),
        )
        for number, record in records
    ]
    units: list[tuple[str, Any]] = []
    if "unit" in place:
        units = [(f"{file}, row {number}", record[place["unit"]]) for number, record in records]
    return rows, _one_unit(units, unit), []


def _check_columns(names: Sequence[str], file: str) -> None:
    found = [name.strip().casefold() for name in names]
    wrong = [f"{name!r} is no column of a demand{_hint(name)}" for name in found]
    wrong = [said for said, name in zip(wrong, found, strict=True) if name not in COLUMNS]
    if "value" not in found:
        wrong.append("there is no column value")
    wrong += [f"{name} is given twice" for name in COLUMNS if found.count(name) > 1]
    if wrong:
        listed = "; ".join(wrong[:5])
        raise DataError(f"{file}: {listed}: the columns are time, value and perhaps unit")


def _hint(name: str) -> str:
    return suggestion(name, COLUMNS)


def _one_unit(units: Sequence[tuple[str, Any]], given: str) -> str:
    """The unit of all rows; InputError for several, and for one that is not known."""
    found: dict[str, str] = {}
    for place, one in units:
        name = str(one).strip().casefold().replace("-", "_").replace(" ", "_")
        found.setdefault(given if name in ("", "nan", "none") and given else name, place)
    if given:
        found.setdefault(given, "unit")
    if len(found) > 1:
        (first, at), (second, other) = list(found.items())[:2]
        message = f"unit: {at} is in {first}, {other} in {second}: a demand has one unit"
        raise InputError([Problem("unit", message)])
    for name, place in found.items():
        if name not in UNITS:
            message = f"unit: {place}: {shown(name)} is not one of {', '.join(UNITS)}"
            raise InputError([Problem("unit", message + _meant(name))])
    return next(iter(found), "")


def _read_number(text: str, decimal: str) -> Any:
    """The number that a cell holds, or its text."""
    plain = text.replace(",", ".") if decimal == "," else text
    return float(plain) if _NUMBER.fullmatch(plain) else text


# --- What the rows say


def _curve(
    rows: list[_Row],
    unit: str,
    peak: float | None,
    zone: tzinfo | None,
    gaps: str,
    told: list[str],
) -> DemandCurve:
    """The curve of rows with or without times."""
    values = _values(rows, unit)
    start, step = "", float(_HOUR)
    if any(row.time is not None for row in rows):
        told = list(told)
        times = _times(rows, zone, told)
        values, begin, step = _in_order(rows, times, values, gaps, told)
        start = begin.isoformat(timespec="minutes")
    elif zone is not None:
        told = [*told, f"no row has a time, so time_zone ({zone}) does not count"]
    step_hours = step / _HOUR
    if unit == GPU_HOURS:
        values = [value / step_hours for value in values]
    most = max(values)
    if most == 0:
        message = f"demand: all {len(values):,} values are 0: {_MEANING[unit]}"
        raise InputError([Problem("demand", message)])
    curve = DemandCurve(
        gpus=tuple(values),
        step_hours=step_hours,
        repeats=not start and len(values) == WEEK_HOURS,
        start=start,
        told=tuple(told),
    )
    if unit in LOADS and peak is None:
        message = f"peak_gpus is missing: how many GPUs the busiest hour takes, of {unit} by hour"
        raise InputError([Problem("peak_gpus", message)])
    if most > MOST_GPUS and peak is None:
        message = f"demand: {most:g} GPUs is outside [0, {MOST_GPUS:g}]: {_MEANING[unit]}"
        raise InputError([Problem("demand", message)])
    return curve if peak is None else _scaled(curve, peak, "GPUs" if unit not in LOADS else unit)


def _values(rows: list[_Row], unit: str) -> list[float]:
    """The values, none of them negative; InputError names the first one that is none."""
    meaning = _MEANING[unit]
    numbers = [number_of(row.value) for row in rows]
    values = [number for number in numbers if number is not None and 0 <= number < math.inf]
    if wrong := len(rows) - len(values):
        at = next(
            at for at, number in enumerate(numbers) if number is None or not 0 <= number < math.inf
        )
        value = rows[at].value
        is_empty = isinstance(value, str) and not value.strip()
        what = "is empty" if is_empty else f"{shown(value)} is not in [0, inf)"
        count = f" ({wrong:,} values are not)" if wrong > 1 else ""
        message = f"demand: {rows[at].place}: {what}{count}: {meaning}"
        raise InputError([Problem("demand", message)])
    if len(values) < 2:
        count = "one value" if values else "no values"
        message = f"demand has {count}: give at least 2 hours, better a week or a year ({meaning})"
        raise InputError([Problem("demand", message)])
    return values


def _times(rows: list[_Row], zone: tzinfo | None, told: list[str]) -> list[datetime]:
    """When each row begins, in UTC, or by a clock that is never changed."""
    read = [_time(row) for row in rows]
    with_offset = sum(time.tzinfo is not None for time in read)
    if 0 < with_offset < len(read):
        is_first = read[0].tzinfo is not None
        at = next(at for at, time in enumerate(read) if (time.tzinfo is not None) != is_first)
        has = "has no offset from UTC" if is_first else "has an offset from UTC"
        message = f"demand: {rows[at].place}: {shown(str(rows[at].time))} {has}, unlike row 1"
        raise InputError([Problem("demand", f"{message}: give all times with one, or none")])
    if with_offset:
        if zone is not None:
            told.append(f"times have an offset from UTC, so time_zone ({zone}) does not count")
        return [time.astimezone(UTC) for time in read]
    if zone is None:
        return read
    told.append(f"times are those of {zone} and were put in order by UTC")
    seen: Counter[datetime] = Counter()
    found = []
    for row, time in zip(rows, read, strict=True):
        local = time.replace(tzinfo=zone, fold=min(1, seen[time]))
        is_twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != time:
            message = f"demand: {row.place}: {time} does not exist in {zone}: the clock was put on"
            raise InputError([Problem("demand", message)])
        seen[time] += 1
        # An hour that is there once cannot be given twice.
        found.append((local if is_twice else local.replace(fold=0)).astimezone(UTC))
    return found


def _is_missing(time: Any) -> bool:
    """Whether a time is pandas' for none."""
    return bool(time != time)  # noqa: PLR0124


def _time(row: _Row) -> datetime:
    """The time of a row; InputError for what is none."""
    if isinstance(row.time, datetime) and not _is_missing(row.time):
        return row.time
    found = _TIME.fullmatch(str(row.time)) if isinstance(row.time, str) else None
    try:
        if found is not None:
            day, clock, seconds, offset = found.groups("")
            return datetime.fromisoformat(f"{day}T{clock}{seconds[:3]}{offset}")
    except ValueError:
        pass
    message = (
        f"demand: {row.place}: {shown(row.time)} is not a time such as 2026-03-01T14:00 or "
        "2026-03-01T14:00+01:00"
    )
    raise InputError([Problem("demand", message)])


def _in_order(
    rows: list[_Row], times: list[datetime], values: list[float], gaps: str, told: list[str]
) -> tuple[list[float], datetime, float]:
    """The values in the order of time, with the hours that are missing; the first time, the step.

    InputError for times twice, for steps that are no equal parts of an hour, and for gaps.
    """
    order = sorted(range(len(times)), key=times.__getitem__)
    if order != list(range(len(times))):
        told.append("rows were not in the order of time and were sorted")
    steps = [(times[after] - times[before]).total_seconds() for before, after in pairwise(order)]
    if twice := [at for at, step in enumerate(steps) if step == 0]:
        first, second = sorted((order[twice[0]], order[twice[0] + 1]))
        count = f"{len(twice):,} times are" if len(twice) > 1 else "one time is"
        message = (
            f"demand: {rows[second].place}: {rows[second].time} is given before, in "
            f"{rows[first].place} ({count} given twice){_CLOCK}"
        )
        raise InputError([Problem("demand", message)])
    step = min(steps)
    if step > _HOUR or _HOUR % step:
        message = (
            f"demand: rows are {step / _HOUR:.4g} hours apart: give one an hour, or equal parts "
            "of an hour"
        )
        raise InputError([Problem("demand", message)])
    for at in order:
        time = times[at]
        if (time.minute * 60 + time.second + time.microsecond / 10**6) % step:
            what = "hour" if step == _HOUR else f"step of {step / 60:g} minutes"
            message = f"demand: {rows[at].place}: {rows[at].time} is not the beginning of an {what}"
            raise InputError([Problem("demand", message.replace("an step", "a step"))])
    if step < _HOUR:
        told.append(f"steps of {step / 60:g} minutes are kept as they are, not averaged by hour")
    return _filled(times, values, order, steps, step, gaps, told), times[order[0]], step


def _filled(
    times: list[datetime],
    values: list[float],
    order: list[int],
    steps: list[float],
    step: float,
    gaps: str,
    told: list[str],
) -> list[float]:
    """The values in order, 0 where none is given; InputError where these are an error."""
    missing = sum(round(each / step) - 1 for each in steps)
    if missing and gaps == "error":
        at = next(at for at, each in enumerate(steps) if each != step)
        first = times[order[at]] + timedelta(seconds=step)
        count = f"{missing:,} are missing in all" if missing > 1 else "only that one"
        what = "hour" if step == _HOUR else "step"
        message = (
            f'demand: the {what} {first:%Y-%m-%d %H:%M} is missing ({count}): give gaps="zero" if '
            f"nothing ran then{_CLOCK if times[0].tzinfo is None else ''}"
        )
        raise InputError([Problem("demand", message)])
    size = len(values) + missing
    if size > _MOST_ROWS:
        message = f"demand: {size:,} steps from the first row to the last are too many"
        raise InputError([Problem("demand", f"{message}: at most {_MOST_ROWS:,}")])
    if not missing:
        return [values[at] for at in order]
    what = "hours" if step == _HOUR else "steps"
    told.append(f"{missing:,} missing {what} ({percent(missing / size)} of all) count as 0")
    found = [0.0] * size
    for at in order:
        found[round((times[at] - times[order[0]]).total_seconds() / step)] = values[at]
    return found


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"time_zone = {shown(name)} is not known: a name such as Europe/Berlin"
        raise InputError([Problem("time_zone", message)]) from None


def _scaled(curve: DemandCurve, peak: float, unit: str) -> DemandCurve:
    """The curve with another peak, every hour rounded up to whole GPUs."""
    if curve.smooth is not None:
        message = "peak_gpus cannot be combined with a mean and a peak, which say it"
        raise InputError([Problem("peak_gpus", message)])
    most = max(curve.gpus)
    gpus = tuple(math.ceil(value * peak / most * (1 - 1e-12)) for value in curve.gpus)
    each = number_text(most / peak)
    told = (
        f"scaled to a peak of {number_text(peak)} GPUs ({each} {unit} for each), rounded up to "
        "whole GPUs in each hour"
    )
    return replace(curve, gpus=gpus, told=(*curve.told, told))
