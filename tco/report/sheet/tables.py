"""The two tables of the sheet as rows of text: the inputs that matter, and all options."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tco.report.display import dollars, unit, written
from tco.report.findings import rate_text, short_usd
from tco.report.options_data import NAMES, SITES, decided, in_words, left_out, named
from tco.report.sentences import called
from tco.report.sheet.facts import Facts, Row
from tco.report.sheet.references import Reference, marks
from tco.words import number

OPTIONS_LISTED = 12
_NONE, _NOTHING, _NO_FLIP = "none", "–", "no flip in range"
_BEYOND = "outside low to high"
_CHEAPEST, _NOWHERE = re.compile(r" more than [^;]+"), "; cheapest at no utilisation"


@dataclass(frozen=True)
class Mattering:
    """One input of the list: its name, value, flip, range and status."""

    name: str
    words: str
    unit: str
    value: str
    flip: str
    flip_note: str
    ends: str
    saved: str
    status: str


@dataclass(frozen=True)
class Listed:
    """One option of the list; `is_compared`: whether it is a side of the verdict."""

    rank: str
    option: str
    hosting: str
    present_value: str
    per_hour: str
    payback: str
    why_not: str
    is_compared: bool


def mattering(facts: Facts, known: dict[str, Reference]) -> list[Mattering]:
    """The inputs that move the answer most, in the order of the tornado."""
    return [_mattering(facts, row, known) for row in facts.matters]


def _mattering(facts: Facts, row: Row, known: dict[str, Reference]) -> Mattering:
    name = row["input"]
    entry = facts.resolved[name]
    dated = f"{entry.status} {entry.as_of}".strip()
    flip, note = _flip(name, facts.flips.get(name, []))
    return Mattering(
        name=name,
        words=_sentence(called(name)),
        unit=_unit(name),
        value=_short(name, row["value"]),
        flip=flip,
        flip_note=note,
        ends=f"{_short(name, row['low'])} to {_short(name, row['high'])}",
        saved=f"{short_usd(row['saving_low_usd'])} to {short_usd(row['saving_high_usd'])}",
        status=f"{dated} {marks(entry, known)}".strip(),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _short(name: str, value: float) -> str:
    """A value without the unit that stands beside it, but for $ and %."""
    return written(name, value).removesuffix(unit(name).removeprefix("%")).strip()


def _unit(name: str) -> str:
    """The unit, less the % that stands by the value."""
    return unit(name).removeprefix("%").strip()


def _flip(name: str, rows: list[Row]) -> tuple[str, str]:
    """The flips of an input, the nearest first, and the note of the nearest."""
    if not rows:
        return "", "not known"
    found = [row["flip"] for row in rows if not math.isnan(row["flip"])]
    if not found:
        return _NONE, rows[0]["note"].removeprefix(_NO_FLIP).removeprefix("; ")
    return " and ".join(_short(name, flip) for flip in found[:2]), rows[0]["note"].replace(
        _BEYOND, "outside"
    )


def listed(facts: Facts) -> list[Listed]:
    """The cheapest options, always with both sides of the verdict, cheapest first."""
    compared = set(decided(facts.scenario, facts.options)) if facts.answer else set()
    priced = facts.options[facts.options["status"] == "priced"].to_dict("records")
    sides = [at for at, row in enumerate(priced) if (row["option"], row["hosting"]) in compared]
    beyond = [at for at in sides if at >= OPTIONS_LISTED]
    kept = [*range(min(len(priced), OPTIONS_LISTED - len(beyond))), *beyond]
    return [_listed(priced[at], at in sides) for at in kept]


def _listed(row: Row, is_compared: bool) -> Listed:
    hourly = row["usd_per_busy_gpu_hour"]
    return Listed(
        rank=str(row["rank"]),
        option=NAMES[row["option"]],
        hosting=SITES.get(row["hosting"], _NOTHING),
        present_value=dollars(row["present_value_usd"]),
        per_hour=rate_text(hourly) if math.isfinite(hourly) else _NOTHING,
        payback=_payback(row["discounted_payback_months"]),
        why_not=_why_not(row["why_not"]),
        is_compared=is_compared,
    )


def _payback(months: float) -> str:
    if math.isnan(months):
        return _NOTHING
    return number(months) if math.isfinite(months) else "never"


def _why_not(said: str) -> str:
    """The reason without what the table says itself: which option is the cheapest one."""
    return in_words(_CHEAPEST.sub(" more", said).removesuffix(_NOWHERE)) or "the cheapest"


def remarks(facts: Facts, shown: Sequence[Listed]) -> list[str]:
    """What the payback is against, and what is not in the list: dearer, or without a price."""
    frame = facts.options
    against = next((said for said in frame["payback_against"] if said), "")
    said = ["Bold: what the verdict compares."] if any(one.is_compared for one in shown) else []
    said += [f"Payback: discounted, against {in_words(against)}."] if against else []
    ranks = {one.rank for one in shown}
    priced = frame[frame["status"] == "priced"].to_dict("records")
    dearer = [row for row in priced if str(row["rank"]) not in ranks]
    names = "; ".join(named(row["option"], row["hosting"]) for row in dearer)
    said += [f"Not listed: {names}."] if dearer else []
    lacking = left_out(frame)
    said += [f"Without a price: {'. '.join(lacking)}."] if lacking else []
    return said
