"""The sources behind the values of the sheet, numbered in the order in which they are named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tco.market.catalogue import Catalogue
from tco.market.records import ASSUMPTION
from tco.report.market_data import web
from tco.report.sheet.markup import shortened
from tco.scenario import Resolved

_LONGEST = 64


@dataclass(frozen=True)
class Reference:
    """One source in short form; `url` is empty where it has no page."""

    number: int
    words: str
    date: str
    url: str


def references(entries: Iterable[Resolved], catalogue: Catalogue) -> dict[str, Reference]:
    """The sources of some inputs by id.

    >>> from tco.scenario import Scenario
    >>> scenario = Scenario(gpu="L4")
    >>> found = references([scenario.resolved()["utilization"]], scenario.catalogue)
    >>> [(one.number, one.words, one.date) for one in found.values()]
    [(1, 'Factryze: GPU utilization optimization guide', 'accessed 2026-11-21')]
    """
    ids = dict.fromkeys(one for entry in entries for one in entry.source_id.split())
    found: dict[str, Reference] = {}
    for source_id in ids:
        if source_id == ASSUMPTION:
            continue
        source = catalogue.sources[source_id]
        words = shortened(f"{source.publisher}: {source.title}", _LONGEST)
        read = f"accessed {source.accessed}"
        date = f"published {source.published}" if source.published else read
        found[source_id] = Reference(len(found) + 1, words, date, web(source.url))
    return found


def marks(entry: Resolved, known: dict[str, Reference]) -> str:
    """The numbers of an input's sources in brackets; empty where it has none.

    >>> from tco.scenario import Scenario
    >>> scenario = Scenario(gpu="L4")
    >>> rate = scenario.resolved()["rate_usd_per_gpu_hour"]
    >>> marks(rate, references([rate], scenario.catalogue))
    '[1–5]'
    """
    numbers = sorted(known[one].number for one in entry.source_id.split() if one in known)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
    return f"[{', '.join(said)}]" if said else ""
