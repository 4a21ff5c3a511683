"""Where each number of a scenario comes from, in words and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.report.csv import cited
from tco.report.display import without
from tco.scenario import Resolved, Scenario

if TYPE_CHECKING:
    import pandas as pd

_INSTEAD = " price found, so "  # of a purchase price with another basis than asked for
COLUMNS = ("input", "value", "status", "source", "date", "note", "link")


def origin(scenario: Scenario, name: str) -> str:
    """Status, source and date of one input, short.

    >>> origin(Scenario(gpu="L4"), "discount_rate").split(",")[0]
    'default'
    >>> origin(Scenario(gpu="L4", pue=1.2), "pue")
    'yours (default 1.54)'
    >>> origin(Scenario(gpu="L4", pue="1.2..1.4"), "pue")
    'yours, 1.2 to 1.4 (default 1.54)'
    """
    entry = scenario.resolved()[name]
    if entry.status == "yours":
        usual = without(scenario, name).resolved()[name]
        given = scenario.given.get(name)
        yours = f"yours, {INPUTS[name].written(given)}" if isinstance(given, Interval) else "yours"
        if given is None or usual.value is None:
            return entry.note or yours
        return f"{yours} (default {INPUTS[name].written(usual.value)})"
    if entry.status == "assumption":
        return f"assumption {entry.as_of}"
    if entry.status == "missing":
        return entry.note
    return f"{entry.status}, {_publishers(scenario, entry)} {entry.as_of}"


def caveat(scenario: Scenario, name: str) -> str:
    """The note of a default that is not quite what was asked for; else nothing.

    >>> caveat(Scenario(gpu="L4"), "price_usd_per_gpu")
    ''
    """
    entry = scenario.resolved()[name]
    return entry.note if _INSTEAD in entry.note else ""


def provenance(scenario: Scenario) -> pd.DataFrame:
    """Every input as text: value, status, source (publisher and title), date, note, first link."""
    import pandas as pd

    rows = []
    for entry in scenario.resolved().values():
        source, urls = cited(entry.source_id, scenario.catalogue)
        link = urls.split()[0] if urls else ""
        value = INPUTS[entry.name].written(entry.value)
        rows.append((entry.name, value, entry.status, source, entry.as_of, entry.note, link))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def count_by_status(scenario: Scenario) -> str:
    """How many inputs are the reader's own, sourced and assumed.

    >>> count_by_status(Scenario(gpu="L4")).split(", ")[0]
    '1 of 74 inputs yours'
    """
    statuses = [entry.status for name, entry in scenario.resolved().items() if name != "as_of"]
    yours, sourced = statuses.count("yours"), statuses.count("default")
    assumed = len(statuses) - yours - sourced
    return f"{yours} of {len(INPUTS)} inputs yours, {sourced} sourced, {assumed} assumed"


def share_of_servers(scenario: Scenario) -> str:
    """A remark where the GPUs do not fill their servers; empty where they do.

    >>> share_of_servers(Scenario(gpu="L4", gpus=9)), share_of_servers(Scenario(gpu="L4", gpus=8))
    (' (a share of the last server: other cards fill it)', '')
    """
    values = scenario.values()
    if values["gpus"] % values["gpus_per_server"] == 0:
        return ""
    if values["whole_servers"]:
        return " (the last server stays partly empty)"
    return " (a share of the last server: other cards fill it)"


def _publishers(scenario: Scenario, entry: Resolved) -> str:
    sources = scenario.catalogue.sources
    names = list(dict.fromkeys(sources[s].publisher for s in entry.source_id.split()))
    if not names:
        return entry.note
    return names[0] if len(names) == 1 else f"{len(names)} sources"
