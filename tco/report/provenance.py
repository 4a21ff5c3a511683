"""Where each number of a scenario comes from, how old it is, and what follows from it how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tco.inputs import INPUTS, PRICES
from tco.inputs.declaration import Interval
from tco.market.evidence import age_days, freshness
from tco.market.policy import POLICY
from tco.scenario import Scenario
from tco.words.figures import age, counted
from tco.words.remarks import old_prices


def data_age_days(resolved: Mapping[str, Any], given: Iterable[str] = ()) -> int | None:
    """The age of the older of purchase price and rental rate; None where both are the caller's.

    It counts from the scenario's `as_of`, so that the same inputs have the same age tomorrow.
    `resolved` holds resolved inputs or beliefs; those in `given` do not count.
    """
    on = resolved["as_of"].value
    ages = [badge(resolved[name].as_of, on)[1] for name in PRICES if name not in set(given)]
    return max((age for age in ages if age is not None), default=None)


def badge(as_of: str, on: str) -> tuple[str, int | None]:
    """Freshness and age [days] of a date on a day; no word and no age for what has no date.

    >>> badge("2026-07-21", "2026-08-30"), badge("", "2026-08-30")
    (('aging', 40), ('', None))
    """
    if not as_of:
        return "", None
    days = age_days(as_of, on)
    return freshness(days), days


def age_text(as_of: str, on: str) -> str:
    """The age of a date in words, the same wherever a price stands; empty for what has no date.

    >>> age_text("2026-07-21", "2026-08-30"), age_text("2026-07-21", "2026-12-30")
    ('40 days old', '162 days old, stale')
    """
    word, days = badge(as_of, on)
    return "" if days is None else age(days) + (f", {word}" if word == "stale" else "")


def old_data(scenario: Scenario) -> str:
    """A sentence where rental or purchase prices are stale on `as_of`; empty where neither is.

    >>> old_data(Scenario(gpu="L4", as_of="2026-10-01"))
    ''
    """
    resolved = scenario.resolved()
    ages = (badge(resolved[name].as_of, resolved["as_of"].value) for name in reversed(PRICES))
    rental, purchase = (days if word == "stale" else None for word, days in ages)
    return old_prices(rental, purchase)


_INSTEAD = " price found, so "  # of a purchase price with another basis than asked for


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
        usual = scenario.without(name).resolved()[name]
        given = scenario.given.get(name)
        yours = f"yours, {INPUTS[name].written(given)}" if isinstance(given, Interval) else "yours"
        if given is None or usual.value is None:
            return entry.note or yours
        return f"{yours} (default {INPUTS[name].written(usual.value)})"
    if entry.status == "assumption":
        return f"assumption {entry.as_of}"
    if entry.status == "missing":
        return entry.note
    sources = scenario.catalogue.sources
    names = list(dict.fromkeys(sources[one].publisher for one in entry.source_id.split()))
    said = f"{len(names)} sources" if len(names) > 1 else names[0] if names else entry.note
    return f"{entry.status}, {said} {entry.as_of}"


def caveat(scenario: Scenario, name: str) -> str:
    """The note of a default that is not quite what was asked for; else nothing.

    >>> caveat(Scenario(gpu="L4"), "price_usd_per_gpu")
    ''
    """
    entry = scenario.resolved()[name]
    return entry.note if _INSTEAD in entry.note else ""


def count_by_status(scenario: Scenario) -> str:
    """How many inputs are the reader's own, sourced and assumed.

    >>> count_by_status(Scenario(gpu="L4")).split(", ")[0]
    '1 of 96 inputs set by you'
    """
    statuses = [entry.status for name, entry in scenario.resolved().items() if name != "as_of"]
    yours, sourced = statuses.count("yours"), statuses.count("default")
    ruled, policy = statuses.count(POLICY), scenario.catalogue.policy
    assumed = len(statuses) - yours - sourced - ruled
    beside = f", {ruled} from the policy {policy.name}" if policy else ""
    beside += f" · {count_of_lines(scenario)}" if scenario.lines else ""
    told = f"{yours} of {len(statuses)} inputs set by you, {sourced} sourced, {assumed} assumed"
    return f"{told}{beside}"


def count_of_lines(scenario: Scenario) -> str:
    """How many lines of cost and income the reader added.

    >>> count_of_lines(Scenario(lines=[{"name": "fee", "side": "own", "usd": 100}]))
    '1 line of your own'
    """
    return f"{counted(len(scenario.lines), 'line')} of your own"


def share_of_servers(scenario: Scenario) -> str:
    """A remark where the GPUs do not fill their servers; empty where they do.

    >>> share_of_servers(Scenario(gpu="L4", gpus=9)), share_of_servers(Scenario(gpu="L4", gpus=8))
    (' (the last server is shared with other cards)', '')
    """
    values = scenario.values()
    if values["gpus"] % values["gpus_per_server"] == 0:
        return ""
    if values["whole_servers"]:
        return " (the last server is partly empty)"
    return " (the last server is shared with other cards)"
