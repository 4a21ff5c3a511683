"""All ways to get the busy hours, ranked, each with why not; and which of two."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.analysis.options import LEASE, Option, options_of, rounded
from tco.inputs import PRICE, RATE
from tco.inputs.labels import in_labels
from tco.report.option_tables import WORDS, between, in_words, named, sided
from tco.scenario import Scenario
from tco.words.figures import capital, counted, percent, period, rate_text, usd

if TYPE_CHECKING:
    import pandas as pd

Row = dict[Any, Any]
# What else a reader must know of an option before taking it, whatever it costs.
_BEWARE = {"spot": "can be interrupted at any time"}
# What the price of an option is counted in.
_PER = {PRICE: "per GPU", RATE: "per GPU-hour", LEASE: "per GPU per month"}


@dataclass(frozen=True)
class Way:
    """One way to get the busy hours, in words.

    `word` is its side and `name` what follows that; `rank` is None for a way without a price.
    `cost` is what it costs [USD, written], `reason` why it is not the cheapest, `terms` what its
    price buys, `marks` what to know before taking it; `is_compared`: Decide shows it now.
    """

    option: str
    hosting: str
    side: str
    rank: int | None
    word: str
    name: str
    cost: str
    reason: str
    terms: str
    marks: tuple[str, ...]
    is_compared: bool
    is_best_site: bool

    @property
    def key(self) -> str:
        """What tells it from other ways."""
        return "_".join(filter(None, (self.option, self.hosting)))


class Choice(NamedTuple):
    """A question between groups of ways, its answer in a word, and the figures behind it."""

    question: str
    answer: str
    figures: str


class _Group(NamedTuple):
    """Ways that are one answer: of these options, at these sites (empty: at any)."""

    name: str
    options: tuple[str, ...]
    sites: tuple[str, ...] = ()


_CASH = re.compile(r"cash_year_(\d+)_usd")
_COLOCATION = ("colo_metered", "colo_all_in")
_OWNED = ("keep", "buy_new", "buy_used", "lease", "loan")
_COMMITTED = ("committed_1yr", "committed_3yr", "committed_5yr")
_QUESTIONS = {
    "New or used?": (_Group("New", ("buy_new",)), _Group("Used", ("buy_used",))),
    "Cash, loan or lease?": (
        _Group("Cash", ("buy_new",)),
        _Group("Loan", ("loan",)),
        _Group("Lease", ("lease",)),
    ),
    "Own site or colocation?": (
        _Group("Own site", _OWNED, ("own_site",)),
        _Group("Colocation", _OWNED, _COLOCATION),
    ),
    "On demand or spot?": (_Group("On demand", ("on_demand",)), _Group("Spot", ("spot",))),
    "Commit or stay flexible?": (
        _Group("Commit", _COMMITTED),
        _Group("Stay flexible", ("on_demand",)),
    ),
    "Best purchase or best rental?": (
        _Group("Own", _OWNED),
        _Group("Rent", ("on_demand", "spot", *_COMMITTED, "always_on")),
    ),
}


def why_not(row: Row, best: Row) -> str:
    """Why an option is not the cheapest one, `best`, in sentences; both of `tco.options()`.

    >>> from tco.analysis.options import options
    >>> best, other, *_ = options(gpu="L4", utilization=0.6, as_of="2026-11-21").to_dict("records")
    >>> why_not(other, best)
    'Costs $474 (1.1 %) more. Breaks even at $2,720 per GPU, now $2,800.'
    >>> why_not(best, best)
    'Cheapest above 38.7 % utilization.'
    """
    if row["status"] == "missing":
        return f"{capital(in_labels(row['why_not']))}."
    told = []
    if row is not best:
        gap, size = row["present_value_usd"] - best["present_value_usd"], best["present_value_usd"]
        share = _share(gap, size)
        is_more = rounded(row["present_value_usd"]) > rounded(best["present_value_usd"])
        told.append(f"Costs {usd(gap)}{share} more." if is_more else "Costs the same.")
        told.append(_break_even(row))
    if not math.isnan(row["cheapest_from"]):
        where = between(row["cheapest_from"], row["cheapest_to"])
        told.append(f"Cheapest {where} utilization.")
    return " ".join(filter(None, told)) or "The cheapest."


def _break_even(row: Row) -> str:
    """The price at which an option costs as much as the cheapest one."""
    level = row["breakeven_price_usd"]
    if math.isnan(level):
        return ""
    name = next(name for name in _PER if not math.isnan(row[name]))
    if math.isinf(level):
        return f"More expensive even at {usd(0)} {_PER[name]}."
    return f"Breaks even at {usd(level)} {_PER[name]}, now {usd(row[name])}."


def ways(
    scenario: Scenario, frame: pd.DataFrame, compared: Iterable[tuple[str, str]] = ()
) -> list[Way]:
    """Every way of `tco.options(scenario)`, cheapest first, in words.

    `compared` are the two that Decide compares. A way is at its best site where no other site of
    the same option is cheaper.

    >>> from tco.analysis.options import options
    >>> found = ways(Scenario(gpu="L4"), options(gpu="L4"))
    >>> (found[0].rank, found[0].word, found[0].name)
    (1, 'BUY', ' used, own site')
    """
    known = {(one.option, one.hosting): one for one in options_of(scenario)}
    listed, shown = frame.to_dict("records"), set(compared)
    best: Row = listed[0] if listed else {}
    told, seen = [], set()
    for row in listed:
        way = (row["option"], row["hosting"])
        word, rest = sided(row["option"], row["side"], row["hosting"])
        is_priced = row["status"] == "priced"
        told.append(
            Way(
                *way,
                side=row["side"],
                rank=int(row["rank"]) if is_priced else None,
                word=word,
                name=rest,
                cost=_amount(row)[0] if is_priced else "",
                reason=why_not(row, best),
                terms=capital(in_words(known[way].terms)),
                marks=_marks(known[way]),
                is_compared=way in shown,
                is_best_site=row["option"] not in seen,
            )
        )
        seen.add(row["option"])
    return told


def cost_text(row: Row) -> str:
    """What a way costs per busy GPU-hour or, where there is none, per GPU per year.

    >>> cost_text({"usd_per_busy_gpu_hour": 0.5, "usd_per_gpu_year": 9.0})
    '$0.50 per busy GPU-hour'
    """
    return " ".join(_amount(row))


def _amount(row: Row) -> tuple[str, str]:
    """What a way costs, and per what."""
    hourly = row["usd_per_busy_gpu_hour"]
    if math.isfinite(hourly):
        return rate_text(hourly), "per busy GPU-hour"
    return usd(row["usd_per_gpu_year"]), "per GPU per year"


def _marks(option: Option) -> tuple[str, ...]:
    """What to know of a way before taking it."""
    borrowed = f"at the rental rate of the {option.borrowed}" if option.borrowed else ""
    return tuple(filter(None, (_BEWARE.get(option.option, ""), borrowed)))


def choices(frame: pd.DataFrame, values: Mapping[str, Any]) -> list[Choice]:
    """The usual questions between ways, each answered from the frame of `tco.options()`.

    `values` are those of the scenario. A question of which nothing has a price is left out.

    >>> from tco.analysis.options import options
    >>> asked = Scenario(gpu="L4", utilization=0.6, as_of="2026-11-21")
    >>> choices(options(asked), asked.values())[0]
    Choice(question='New or used?', answer='Used', figures='Saves $771 (1.8 %) over 3 years: \
$0.383 against $0.390 per busy GPU-hour.')
    """
    rows = frame.to_dict("records")
    told = (_choice(question, groups, rows, values) for question, groups in _QUESTIONS.items())
    return [choice for choice in told if choice is not None]


def _choice(
    question: str, groups: Iterable[_Group], rows: list[Row], values: Mapping[str, Any]
) -> Choice | None:
    """The answer to a question; None where fewer than two of its groups stand for anything."""
    best: list[tuple[str, Row]] = []
    lacking: list[tuple[str, Row]] = []
    for group in groups:
        listed = [
            row
            for row in rows
            if row["option"] in group.options
            and row["hosting"] in (group.sites or (row["hosting"],))
        ]
        priced = [row for row in listed if row["status"] == "priced"]
        if priced:
            best.append((group.name, priced[0]))
        elif listed:
            lacking.append((group.name, listed[0]))
    if not best or len(best) + len(lacking) < 2:
        return None
    unknown = " ".join(f"{name}: {_lower(why_not(row, row))}" for name, row in lacking)
    if len(best) < 2:
        return Choice(question, f"{best[0][0]} only", unknown)
    (name, first), (other, second), *_ = sorted(best, key=lambda one: one[1]["rank"])
    paid, more = (rounded(row["present_value_usd"]) for row in (first, second))
    if paid == more:
        return Choice(question, "No difference", f"Both cost {cost_text(first)}.")
    against = "" if len(best) == 2 else f" against {_lower(other)}"
    saved = f"Saves {usd(more - paid)}{_share(more - paid, more)}{against}"
    hourly = f"{_amount(first)[0]} against {cost_text(second)}"
    said = f"{saved} over {period(values['horizon_months'])}: {hourly}."
    return Choice(question, name, " ".join(filter(None, (said, warning(first)))))


def warning(row: Row | None) -> str:
    """What a reader must know before taking an option, in a sentence; empty for nothing.

    >>> warning({"option": "spot"}), warning({"option": "loan"}), warning(None)
    ('Spot can be interrupted at any time.', '', '')
    """
    beware = _BEWARE.get(row["option"], "") if row else ""
    return f"{named(row['option'])} {beware}." if row and beware else ""


def basis(scenario: Scenario) -> str:
    """What the costs and the differences of ways count, in sentences.

    >>> basis(Scenario(gpu="L4"))
    'Costs are per busy GPU-hour; differences are present values for 8 GPUs over 3 years. Each way \
of owning is taken at its cheapest site.'
    """
    values = scenario.values()
    gpus = counted(values["gpus"], "GPU")
    per = "busy GPU-hour" if values["utilization"] else "GPU per year"
    over = f"differences are present values for {gpus} over {period(values['horizon_months'])}"
    return f"Costs are per {per}; {over}. Each way of owning is taken at its cheapest site."


def _share(gap: float, size: float) -> str:
    """How much of an amount a difference is, in tenths of a per cent."""
    return f" ({percent(round(gap / abs(size), 3))})" if size else ""


def _lower(text: str) -> str:
    """A sentence or a name inside another sentence."""
    return text[:1].lower() + text[1:]


def table_frame(frame: pd.DataFrame, decided: Iterable[tuple[str, str]] = ()) -> pd.DataFrame:
    """The frame of `tco.options()` for a screen: in words, the most telling columns first.

    `decided` are the options (option, hosting) that the Decide page compares.
    """
    import pandas as pd

    shown = list(decided)
    rows = frame.to_dict("records")
    cash = {
        f"cash, year {found[1]}" if found[1] != "0" else "cash, start": frame[found[0]]
        for found in map(_CASH.fullmatch, map(str, frame))
        if found
    }
    columns: dict[str, Any] = {
        "rank": frame["rank"],
        "option": [named(row["option"], row["hosting"]) for row in rows],
        "side": frame["side"].map(WORDS),
        "USD per busy hour": frame["usd_per_busy_gpu_hour"].replace(math.inf, math.nan),
        "present value": frame["present_value_usd"],
        "payback, months": frame["discounted_payback_months"].replace(math.inf, math.nan),
        "cheapest from, %": frame["cheapest_from"] * 100,
        "cheapest to, %": frame["cheapest_to"] * 100,
        "why not": [why_not(row, rows[0]) for row in rows],
        "on Decide": [(row["option"], row["hosting"]) in shown for row in rows],
        **cash,
        "note": [in_words(row["note"]) for row in rows],
    }
    return pd.DataFrame(columns)
