"""What a chart shows, said in a sentence: its title, and its text for those who do not see it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tco.market.files import first_day
from tco.report.display import dollars, meant, written
from tco.words import number

if TYPE_CHECKING:
    import pandas as pd

    from tco.model.breakeven import Breakeven
    from tco.report.market_tables import Band

_PER_CENT = 100
_CENTS = 2
_DIGITS = 6
_STILL = 0.005
_FIGURES = 3
_NO_CENTS = 10


# What a curve says at a value, the amount in the braces.
CURVE_WORDS = {
    "gain": "Buying saves {} per GPU.",
    "loss": "Buying costs {} more per GPU.",
    "none": "These inputs do not go together.",
}


def curve_caption(saving: float | None, name: str, flips: Sequence[float]) -> str:
    """What buying saves now [USD per GPU], and where the input flips the answer [as shown].

    >>> curve_caption(-4812.0, "utilization", [30.0])
    'Buying costs $4,810 more per GPU. Flips at 30 %.'
    """
    if saving is None:
        return CURVE_WORDS["none"]
    words = CURVE_WORDS["gain" if saving > 0 else "loss"]
    return f"{words.format(whole_usd(abs(saving)))} {flip_text(name, flips)}"


def flip_text(name: str, flips: Sequence[float]) -> str:
    """Where an input flips the answer, in the unit shown.

    >>> flip_text("pue", []), flip_text("utilization", [29.63, 71.0])
    ('No flip in this range.', 'Flips at 29.6 % and 71 %.')
    """
    if not flips:
        return "No flip in this range."
    return f"Flips at {' and '.join(written(name, meant(name, flip)) for flip in flips)}."


def whole_usd(amount: float) -> str:
    """An amount in three figures, without cents from ten dollars on.

    >>> whole_usd(4812.3), whole_usd(-12.4), whole_usd(0.5)
    ('$4,810', '−$12', '$0.500')
    """
    cents = abs(amount) < _NO_CENTS
    return dollars(amount) if cents else dollars(round(amount)).removesuffix(".00")


def rate_text(amount: float) -> str:
    """A rate in whole cents where it is one, else in three digits.

    >>> rate_text(0.5), rate_text(0.745208), rate_text(-0.5)
    ('$0.50', '$0.745', '−$0.50')
    """
    whole = round(amount * _PER_CENT, _DIGITS).is_integer()
    return f"{'−' if amount < 0 else ''}${abs(amount):,.{_CENTS}f}" if whole else dollars(amount)


def short_usd(amount: float) -> str:
    """An amount as narrow as labels need it.

    >>> short_usd(50781.4), short_usd(-1.2e6), short_usd(12.0)
    ('$50.8k', '−$1.2M', '$12.00')
    >>> short_usd(999_999.0), short_usd(1.44e12)
    ('$1M', '$1.44T')
    """
    amount = float(f"{amount:.{_FIGURES}g}")
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if abs(amount) >= size:
            return f"{'−' if amount < 0 else ''}${number(abs(amount) / size)}{letter}"
    return dollars(amount)


def step_text(amount: float, first_or_last: bool) -> str:
    """One bar of a waterfall: an amount, or a step with its sign.

    >>> step_text(0.11, True), step_text(-0.108, False), step_text(0.0404, False)
    ('$0.110', '−$0.108', '+$0.040')
    """
    if first_or_last:
        return f"${amount:,.3f}"
    return f"{'−' if amount < 0 else '+'}${abs(amount):,.3f}"


def payback_title(answer: Breakeven, months: float) -> str:
    """Which side costs less, and from when on."""
    over = f"{number(months)} months"
    if answer.status == "immediate":
        return "Owning costs less from the first day on"
    if answer.status == "breaks_even":
        return f"Owning costs less from month {number(answer.months)} on"
    if answer.status == "reverses":
        return f"Owning is ahead for a while, but not after {over}"
    if answer.npv_saving_usd > 0:
        return f"Owning pays only through resale: no payback within {over} before it"
    return f"Renting costs less all through the {over}"


def crossings_sentence(answer: Breakeven) -> str:
    """Who leads when, and why, where the lines cross more than once; else empty."""
    crossings = answer.crossings or ()
    if len(crossings) <= 1:
        return ""
    names = {"own": "owning", "rent": "renting"}
    leads = ", ".join(f"{names[side]} from month {number(months)}" for months, side in crossings)
    last = crossings[-1][1]
    other = names["rent" if last == "own" else "own"]
    growth = change_text(answer.scenario.values()["rate_growth_per_year"])
    return (
        f"The lines cross {len(crossings)} times, leading is {leads}: by then a month of {other} "
        f"costs more than one of {names[last]} (the rental rate changes by {growth})."
    )


def totals_sentence(answer: Breakeven, months: float, own: float) -> str:
    """Both sides over the horizon; `own` is owning before its resale [USD]."""
    sold, rent = dollars(answer.own_npv_usd), dollars(answer.rent_npv_usd)
    return (
        f"Over {number(months)} months owning adds up to {dollars(own)} ({sold} after resale) "
        f"and renting to {rent}."
    )


def rate_title(utilization: float | None, fair: float) -> str:
    """Below which rate renting wins; without a utilisation, at any.

    >>> rate_title(0.5, 0.518)
    'At 50 % busy, renting wins below $0.518 per GPU-hour'
    """
    busy = "Busy or not"
    if utilization is not None:
        busy = f"At {number(utilization * _PER_CENT)} % busy"
    if not math.isfinite(fair):
        return f"{busy}, no rental rate makes both sides equal"
    if fair <= 0:
        return f"{busy}, owning wins at any rental rate"
    return f"{busy}, renting wins below {dollars(fair)} per GPU-hour"


def offers_sentence(band: Band | None) -> str:
    """Where the offers lie."""
    if band is None:
        return "No offers are known."
    return f"Offers lie between {rate_text(band.low)} and {rate_text(band.high)} per GPU-hour."


def steps_title(card: float, honest: float) -> str:
    """The card alone, and everything counted [USD per hour].

    >>> steps_title(0.11, 0.55)
    'The card alone is $0.110 per hour; counted honestly, owning is $0.550 per busy hour'
    """
    return (
        f"The card alone is {dollars(card)} per hour; "
        f"counted honestly, owning is {dollars(honest)} per busy hour"
    )


def day_text(dates: Iterable[str]) -> str:
    """From when to when things are dated.

    >>> day_text(["2026-07", "2025-11-30"]), day_text(["2026"])
    ('dated 2025-11-30 to 2026-07', 'dated 2026')
    """
    known = sorted(set(dates), key=first_day)
    if not known:
        return "undated"
    return f"dated {known[0]}" + (f" to {known[-1]}" if len(known) > 1 else "")


def strip_title(offers: pd.DataFrame, fair: float | None) -> str:
    """How many comparable offers lie below the break-even rate, or else where they lie."""
    counted = offers[offers["comparable"]]
    gpu = "/".join(offers["gpu"].unique())
    if counted.empty:
        return f"No offer for {gpu} can be compared: {len(offers)} are listed, all of another kind"
    if fair is not None and 0 < fair < math.inf:
        below = int((counted["usd_per_gpu_hour"] < fair).sum())
        of_all = f"{below} of {len(counted)} comparable offers"
        return f"{of_all} for {gpu} are below the break-even rate of {rate_text(fair)}"
    half = rate_text(float(counted["usd_per_gpu_hour"].median()))
    listed = f"Half of the {len(counted)} comparable offers for {gpu}"
    return f"{listed} cost less than {half} per GPU-hour"


def change_text(change: float, low: float | None = None, high: float | None = None) -> str:
    """A change a year in per cent, with its 10th and 90th percentile where they are known.

    >>> change_text(-0.05, -0.2, 0.15), change_text(0)
    ('−5 % a year (P10 −20 %, P90 +15 %)', '0 % a year')
    """
    said = f"{_signed(change)} % a year"
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return said
    return f"{said} (P10 {_signed(low)} %, P90 {_signed(high)} %)"


def _signed(change: float) -> str:
    rounded = round(change * _PER_CENT)
    return f"{'−' if rounded < 0 else '+' if rounded > 0 else ''}{abs(rounded)}"


def series_names(observations: Iterable[Any]) -> dict[str, str]:
    """A short name for each series: provider and region, and more only where it is needed.

    `observations` are rows of a history, one for each series.
    """
    short: dict[str, str] = {}
    for row in observations:
        place = "" if row["region"] == "any" else f" {row['region']}"
        names = [f"{row['provider']}{place}", f"{row['provider']} {row['instance']}{place}"]
        names.append(f"{names[-1]}, {row['source_id']}")
        taken = set(short.values())
        short[row["series"]] = next((name for name in names if name not in taken), names[-1])
    return short


def history_title(trends: pd.DataFrame, history: pd.DataFrame) -> str:
    """How the longest series moved, or that none is long enough; what there is without trends."""
    known = trends[trends["method"] != "none"].sort_values(
        ["method", "observations"], ascending=[False, False]
    )
    count = history["series"].nunique()
    if trends.empty:
        return f"{len(history)} observations in {count} series, {day_text(history['as_of'])}"
    if known.empty:
        return f"None of {count} series is long enough for a trend: a year and six points"
    row = known.iloc[0]
    name = f"{row['provider']} {row['instance']} {row['region']} {row['term']}"
    since = f"since {row['first_date']:%Y-%m}"
    if row["method"] == "endpoint" and abs(row["change_per_year"]) < _STILL:
        return f"{name} has stood still {since}"
    steps = ", in steps," if row["method"] == "endpoint" else ""
    return f"{name}: {_change_of(row)}{steps} {since}"


def trends_sentence(trends: pd.DataFrame) -> str:
    """Every series with a trend, and how many have none."""
    known = trends[trends["method"] != "none"].to_dict("records")
    said = [f"{row['series']}: {_change_of(row)}" for row in known]
    without = len(trends) - len(known)
    if trends.empty:
        return "No trend was fitted."
    return ". ".join([*said, f"{without} of {len(trends)} series are too short for a trend"]) + "."


def _change_of(row: Any) -> str:
    return change_text(row["change_per_year"], row["low_per_year"], row["high_per_year"])
