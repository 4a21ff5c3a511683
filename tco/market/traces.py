"""Public traces of demand: how often a service was asked, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tco.errors import DataError
from tco.market import files
from tco.market.catalogue import load
from tco.market.files import column, data_folder, grouped, read_records, recorded
from tco.market.workload import whole

_FILE = "demand_traces.csv"


@dataclass(frozen=True)
class TraceHour:
    """demand_traces.csv: what was asked for in one hour of a trace."""

    trace: str = column(files.slug, key=True)
    hour: int = column(whole, key=True)
    value: int = column(whole)
    title: str = column(files.word)
    unit: str = column(files.word)
    as_of: str = column(files.dated)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


class Trace(NamedTuple):
    """One trace: its hours in order, what they count, and what to say of it."""

    key: str
    title: str
    unit: str
    values: tuple[int, ...]
    as_of: str
    source_id: str

    @property
    def told(self) -> str:
        """What the trace is, in words."""
        return f"a public trace: {self.title}, {self.unit} by hour ({self.as_of})"


@lru_cache(maxsize=1)
def demand_traces() -> dict[str, Trace]:
    """The traces, by their key; DataError where hours are missing.

    >>> {key: len(trace.values) for key, trace in demand_traces().items()}
    {'azure_2024_chat': 144, 'burstgpt_chat': 672}
    """
    rows = read_records(data_folder() / _FILE, TraceHour, load().source_ids)
    found = {}
    for key, hours in grouped(rows, lambda row: row.trace).items():
        if [row.hour for row in hours] != list(range(len(hours))):
            raise DataError(f"{_FILE}: hours of {key} are missing, or not in order")
        first = hours[0]
        values = tuple(row.value for row in hours)
        found[key] = Trace(key, first.title, first.unit, values, first.as_of, first.source_id)
    return found
