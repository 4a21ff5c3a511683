"""Options in words: names, the finding, titles of charts, what is left out, what is decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tco.analysis.ways import RATE, percent, what_if
from tco.inputs import INPUTS
from tco.report.findings import rate_text
from tco.report.sentences import called
from tco.scenario import Scenario
from tco.words import usd

if TYPE_CHECKING:
    import pandas as pd

NAMES = {
    "on_demand": "On demand",
    "spot": "Spot",
    "committed_1yr": "1-year commitment",
    "committed_3yr": "3-year commitment",
    "committed_5yr": "5-year commitment",
    "always_on": "Always on",
    "buy_new": "Buy new",
    "buy_used": "Buy used",
    "lease": "Lease",
    "loan": "Loan",
}
WORDS = {"own": "BUY", "rent": "RENT"}
SITES = {
    "own_site": "own site",
    "colo_metered": "colocation (metered)",
    "colo_all_in": "colocation (all in)",
}
# The same in a sentence: what one does.
_DOING = {
    "on_demand": "renting on demand",
    "spot": "renting spot",
    "committed_1yr": "renting with a 1-year commitment",
    "committed_3yr": "renting with a 3-year commitment",
    "committed_5yr": "renting with a 5-year commitment",
    "always_on": "renting on demand, always on",
    "buy_new": "buying new",
    "buy_used": "buying used",
    "lease": "leasing",
    "loan": "buying with a loan",
}
_STANDING = {
    "own_site": "at your own site",
    "colo_metered": "in colocation, power metered",
    "colo_all_in": "in colocation, power included",
}
_ALL = ("option", "hosting")
# What keeps an option from being counted, by how the library's message begins.
_LACKING = {
    "lease_usd_per_gpu_month = 0 says": "no lease offer known: give the payment",
    "refresh_price_usd_per_gpu = 0 says": "no price of the replacing GPUs known: give it",
    r"refresh_months = \S+ does not": "a lease brings new hardware itself: give no refresh",
    r"refresh_months = \S+ replaces": "GPUs would be replaced before they are delivered",
    r"lease_months = \S+ ends": "the lease would end before the delivery",
    f"{RATE} is not known:[^;]*": "no rental rate known: it is paid until the delivery",
}
_SAYS = {re.compile(rf"{start}[^()]*(?:\([^()]*\))?"): words for start, words in _LACKING.items()}
_NUMBER = re.compile(rf"\b({'|'.join(n for n in INPUTS if INPUTS[n].numeric and '_' in n)})\b")
_CODE = re.compile(rf"\b({'|'.join(NAMES)})(?: at ({'|'.join(SITES)}))?\b")


def named(option: str, hosting: str = "") -> str:
    """An option as charts and tables call it.

    >>> named("buy_used", "own_site"), named("committed_1yr")
    ('Buy used, own site', '1-year commitment')
    """
    return f"{NAMES[option]}, {SITES[hosting]}" if hosting else NAMES[option]


def doing(option: str, hosting: str = "") -> str:
    """An option in a sentence.

    >>> doing("buy_used", "own_site"), doing("always_on")
    ('buying used at your own site', 'renting on demand, always on')
    """
    return f"{_DOING[option]} {_STANDING[hosting]}" if hosting else _DOING[option]


def sided(option: str, side: str, hosting: str = "") -> tuple[str, str]:
    """The word of the side an option is on, and what follows it.

    >>> sided("buy_used", "own"), sided("spot", "rent")
    (('BUY', ' used'), ('RENT', ': Spot'))
    """
    name, word = named(option, hosting), WORDS[side]
    rest = name.removeprefix("Buy ")
    return word, f": {name}" if rest == name else f" {rest}"


def in_words(text: str) -> str:
    """A remark of `tco.options()` with options and inputs by their names.

    >>> in_words("costs $9 more than buy_used at own_site")
    'costs $9 more than Buy used, own site'
    >>> in_words("lease_usd_per_gpu_month = 0 says nothing of a lease: give it (payment)")
    'no lease offer known: give the payment'
    """
    told = text
    for said, words in _SAYS.items():
        told = said.sub(words, told)
    if told == text:
        told = _CODE.sub(lambda found: named(found[1], found[2] or ""), text)
    return _NUMBER.sub(lambda found: called(found[1]), told)


def stretches(lines: pd.DataFrame) -> list[tuple[dict[Any, Any], float, float]]:
    """Which option is the cheapest from which utilisation to which [share], from left to right.

    `lines` is the frame of `tco.screening()`; an option is its first row.

    >>> from tco.analysis.options import screening
    >>> [(row["option"], low, high) for row, low, high in stretches(screening(gpu="H100-SXM"))]
    [('spot', 0.0, 1.0)]
    """
    found: list[tuple[dict[Any, Any], float, float]] = []
    ordered = lines[lines["cheapest"]].sort_values("utilization", kind="stable")
    shares = ordered["utilization"].tolist()
    ends = [*shares[1:], 1.0]
    for row, low, high in zip(ordered.to_dict("records"), shares, ends, strict=True):
        if found and all(found[-1][0][name] == row[name] for name in _ALL):
            found[-1] = (found[-1][0], found[-1][1], high)
        elif low < high:
            found.append((row, low, high))
    return found


def finding(frame: pd.DataFrame, lines: pd.DataFrame, utilization: float) -> str:
    """What is cheapest as busy as the GPUs are, and what is at other utilisations.

    >>> from tco.analysis.options import options, screening
    >>> said = finding(options(gpu="H100-SXM", utilization=0.6), screening(gpu="H100-SXM"), 0.6)
    >>> said.partition(": ")[0], said.partition(". ")[2]
    ('At 60 % busy renting spot is cheapest', 'So it is at any utilisation.')
    """
    priced = frame[frame["status"] == "priced"]
    if priced.empty:
        return "Nothing to compare: no option has a price"
    best = priced.iloc[0]
    cost = f"{rate_text(best['usd_per_busy_gpu_hour'])} per busy GPU-hour"
    if not utilization:
        cost = f"{usd(best['usd_per_gpu_year'])} per GPU and year, without a busy hour"
    here = doing(best["option"], best["hosting"])
    said = f"At {percent(utilization)} busy {here} is cheapest: {cost}. "
    others = [part for part in stretches(lines) if not _is(part[0], best)]
    if not others:
        return f"{said}So it is at any utilisation."
    listed = "; ".join(
        f"{_between(low, high)} {doing(row['option'], row['hosting'])}" for row, low, high in others
    )
    return f"{said}{listed[:1].upper()}{listed[1:]} is."


def envelope_title(lines: pd.DataFrame) -> str:
    """Which option is cheapest up to which utilisation.

    >>> from tco.analysis.options import screening
    >>> envelope_title(screening(gpu="H100-SXM"))
    'Renting spot is cheapest at any utilisation'
    """
    found = [(doing(row["option"], row["hosting"]), high) for row, _, high in stretches(lines)]
    first = f"{found[0][0][:1].upper()}{found[0][0][1:]} is cheapest"
    if len(found) == 1:
        return f"{first} at any utilisation"
    between = "".join(f", {way} to {percent(high)}" for way, high in found[1:-1])
    return f"{first} to {percent(found[0][1])} busy{between}, then {found[-1][0]}"


def stacks_title(stacks: pd.DataFrame) -> str:
    """What the cheapest option costs beside the cheapest of the other side [per busy hour]."""
    totals: dict[tuple[str, str, str], float] = {}
    for row in stacks.to_dict("records"):
        key = (row["side"], row["option"], row["hosting"])
        totals[key] = totals.get(key, 0.0) + row["usd_per_busy_gpu_hour"]
    best: dict[str, tuple[str, str]] = {}
    costs: dict[str, float] = {}
    for (side, *way), cost in sorted(totals.items(), key=lambda found: found[1], reverse=True):
        best[side], costs[side] = (way[0], way[1]), cost
    cheapest_first = sorted(costs, key=lambda side: costs[side])
    said = [f"{doing(*best[side])} costs {rate_text(costs[side])}" for side in cheapest_first]
    text = f"{', '.join(said)} per busy hour"
    return f"{text[:1].upper()}{text[1:]}"


def left_out(frame: pd.DataFrame) -> list[str]:
    """What is not compared, and why.

    >>> from tco.analysis.options import options
    >>> left_out(options(gpu="RTX-PRO-4500"))[0].split(":")[0]
    'On demand; Spot; 1-year commitment; 3-year commitment; Always on'
    """
    reasons: dict[str, list[str]] = {}
    for row in frame[frame["status"] == "missing"].to_dict("records"):
        names = reasons.setdefault(_reason(row["why_not"]), [])
        names.append(named(row["option"], row["hosting"]))
    return [f"{_shortened(names)}: {reason}" for reason, names in reasons.items()]


def _reason(why: str) -> str:
    """Why an option has no price, the same for all terms of renting."""
    return in_words(re.sub(r", term \S+", "", why))


def _shortened(names: Sequence[str]) -> str:
    """Names, an option that is named with every site once."""
    sites = [name.partition(", ")[0] for name in names]
    whole = {name for name in sites if sites.count(name) == len(SITES)}
    told = (site if site in whole else name for site, name in zip(sites, names, strict=True))
    return "; ".join(dict.fromkeys(told))


def _is(row: Any, other: Any) -> bool:
    return all(row[name] == other[name] for name in _ALL)


def _between(low: float, high: float) -> str:
    if low <= 0:
        return f"below {percent(high)}"
    return f"above {percent(low)}" if high >= 1 else f"from {percent(low)} to {percent(high)}"


def decided(scenario: Scenario, frame: pd.DataFrame) -> list[tuple[str, str]]:
    """The options that are the two sides of a scenario, owning first: they change nothing in it.

    >>> from tco.analysis.options import options
    >>> decided(Scenario(gpu="L4"), options(gpu="L4"))
    [('buy_new', 'colo_metered'), ('on_demand', '')]
    """
    values = scenario.values()
    ordered = frame.sort_values("side", kind="stable")
    listed = zip(ordered["option"], ordered["hosting"], strict=True)
    return [way for way in listed if what_if(scenario, way[0], way[1] or None).values() == values]
