"""What is said of a decision when it is checked again: does it hold, and what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tco.words import SAVINGS, VERDICT_WORDS, saving_case
from tco.words.figures import capital, percent, to_the_cent, whole_usd

# Reasons that are named: as many as say this share of the whole move, and never more than so many.
_ENOUGH, _MOST = 0.8, 3


class Cause(NamedTuple):
    """An input that moved: what it is called, its two values in words, and what that did.

    `direction` is 1 where it rose, -1 where it fell, and 0 for what is no number; `effect_usd` is
    what the move adds to the saving from buying [USD].
    """

    phrase: str
    before: str
    after: str
    direction: int
    effect_usd: float


def held(verdict: str, saving: float, before: float, on: str) -> str:
    """That a decision of a day still holds; savings from buying [USD], now and then.

    >>> held("buy", 4_100, 3_900, "2026-08-01")
    'Still BUY: buying saves $4,100. When decided on 2026-08-01, buying saved $3,900.'
    >>> held("toss_up", 44, -20, "2026-08-01")
    'Still TOSS-UP: buying saves $44. When decided on 2026-08-01, renting saved $20.'
    """
    return (
        f"Still {VERDICT_WORDS[verdict]}: {_saves(saving)}. "
        f"When decided on {on}, {_saves(before, 'saved')}."
    )


def flipped(verdict: str, before: str, saving: float, on: str, causes: Sequence[Cause]) -> str:
    """That a decision of a day no longer holds, and which inputs moved it.

    >>> fell = Cause("rental rate", "$0.70", "$0.55", -1, -6_000.0)
    >>> flipped("rent", "buy", -2_000, "2026-08-01", [fell]).partition(", ")[0]
    'Flipped from BUY to RENT since 2026-08-01'
    >>> flipped("rent", "buy", -2_000, "2026-08-01", [fell]).partition(", ")[2]
    'because the rental rate fell from $0.70 to $0.55. Now renting saves $2,000.'
    """
    told = f"Flipped from {VERDICT_WORDS[before]} to {VERDICT_WORDS[verdict]} since {on}"
    named = why(causes)
    because = f", because {named}" if named else ""
    return f"{told}{because}. Now {_saves(saving)}."


def why(causes: Sequence[Cause]) -> str:
    """The causes that weigh most in the direction of the whole move, as a clause; or nothing.

    >>> fell = Cause("rental rate", "$0.70", "$0.55", -1, -6_000.0)
    >>> rose = Cause("PUE", "1.2", "1.5", 1, -2_000.0)
    >>> gained = Cause("GPU price", "$2,500", "$2,400", -1, 800.0)
    >>> why([gained, rose, fell])
    'the rental rate fell from $0.70 to $0.55 and the PUE rose from 1.2 to 1.5'
    """
    total = sum(cause.effect_usd for cause in causes)
    along = [cause for cause in causes if cause.effect_usd * total > 0]
    along.sort(key=lambda cause: -abs(cause.effect_usd))
    named, sum_of_named = list[str](), 0.0
    for cause in along[:_MOST]:
        if abs(sum_of_named) >= _ENOUGH * abs(sum(one.effect_usd for one in along)):
            break
        named.append(moved(cause))
        sum_of_named += cause.effect_usd
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def moved(cause: Cause) -> str:
    """How one input moved, as a clause.

    >>> moved(Cause("cloud region", "US", "DE", 0, 100.0))
    'the cloud region changed from US to DE'
    >>> moved(Cause("rental rate", "$0.598", "$0.598", 1, 6.5))
    'the rental rate rose slightly, to about $0.598'
    """
    verb = {1: "rose", -1: "fell", 0: "changed"}[cause.direction]
    if cause.before == cause.after:
        return f"the {cause.phrase} {verb} slightly, to about {cause.after}"
    return f"the {cause.phrase} {verb} from {cause.before} to {cause.after}"


def at_measured(before: str, verdict: str, saving: float, causes: Sequence[Cause]) -> str:
    """Whether a decision holds at what was measured, and what of it moved the saving most [USD].

    >>> rose = Cause("utilization", "50 %", "62 %", 1, 1_900.0)
    >>> at_measured("buy", "buy", 4_100, [rose]).partition(" The largest")[0]
    'At the measured values the decision still holds (BUY): buying saves $4,100.'
    >>> at_measured("buy", "buy", 4_100, [rose]).partition(". ")[2]
    'The largest effect: the utilization rose from 50 % to 62 % (+$1,900).'
    """
    holds = before == verdict
    word = VERDICT_WORDS[verdict]
    told = f"the decision still holds ({word})" if holds else f"the verdict is {word} instead of "
    told += "" if holds else VERDICT_WORDS[before]
    said = f"At the measured values {told}: {_saves(saving)}."
    if not causes:
        return said
    most = causes[0]
    sign = "+" if most.effect_usd > 0 else ""
    return f"{said} The largest effect: {moved(most)} ({sign}{whole_usd(most.effect_usd)})."


def gap(total: float, rate: float, volume: float) -> str:
    """How a period's bill differs from the plan, and by what [USD].

    >>> gap(-1_168, -584, -584)
    'Renting cost $1,168 less than planned: −$584 from the rate and −$584 from the hours.'
    """
    if not round(total, 2):
        side = "as much as planned"
    else:
        side = f"{to_the_cent(abs(total))} {'more' if total > 0 else 'less'} than planned"
    parts = f"{_signed(rate)} from the rate and {_signed(volume)} from the hours"
    return f"Renting cost {side}: {parts}."


def power(extra: float) -> str:
    """How much more the energy of a month of owning costs than planned [USD per month].

    >>> power(12.4), power(0)
    ('Energy for owned GPUs would cost $12 a month more than planned.', 'Energy costs as planned.')
    """
    if not round(extra):
        return "Energy costs as planned."
    more = "more" if extra > 0 else "less"
    return f"Energy for owned GPUs would cost {whole_usd(abs(extra))} a month {more} than planned."


def more_gpus(hours: float, planned: int, needed: int) -> str:
    """That a bill holds more hours than the planned GPUs have.

    >>> more_gpus(8_030, 10, 11)
    'The bill holds 8,030 GPU-hours, more than 10 GPUs can run: 11 GPUs are compared.'
    """
    told = f"The bill holds {hours:,.0f} GPU-hours, more than {planned:,} GPUs can run"
    return f"{told}: {needed:,} GPUs are compared."


def busy_of_paid(share: float) -> str:
    """What share of the time there was work, beside the hours that were billed.

    >>> busy_of_paid(0.61)
    'The GPUs were active in 61 % of the time; the hours billed decide the utilization.'
    """
    active = percent(share)
    return f"The GPUs were active in {active} of the time; the hours billed decide the utilization."


def _signed(amount: float) -> str:
    return f"{'+' if round(amount, 2) > 0 else ''}{to_the_cent(amount)}"


def other_model(before: str, now: str, effect: float) -> str:
    """That the model itself is another one, and what this alone adds to the saving [USD].

    >>> other_model("3", "4", -120.0)
    'The model is now version 4 (decided with 3); this alone changes the saving by −$120.'
    """
    change = whole_usd(effect)
    return (
        f"The model is now version {now} (decided with {before}); "
        f"this alone changes the saving by {change}."
    )


def saved(case: str, saving: float) -> str:
    """What is saved [USD], by the case in SAVINGS, as words that stand alone.

    >>> saved("own", 4_100), saved("toss_up", -20)
    ('Buying saves $4,100', 'A difference of $20')
    """
    return capital(SAVINGS[case].format(whole_usd(abs(saving))))


def _saves(saving: float, verb: str = "saves") -> str:
    said = SAVINGS[saving_case("", saving)].replace("saves", verb)
    return said.format(whole_usd(abs(saving)))
