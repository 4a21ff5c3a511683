"""Every sentence that is made of plain numbers: the verdict, what-ifs, and what the charts show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tco.words.figures import (
    change_text,
    months_text,
    number,
    percent,
    period,
    rate_text,
    usd,
    whole_usd,
)

_PER_CENT = 100
# By whether it is buying.
SIDES = ("renting", "buying")
# Amounts that differ by a smaller share are the same to a reader.
_SAME = 1 / 200

# -- The verdict: its word and how sure it is -----------------------------------------------------

# The word of a verdict where it stands alone; without an answer there is none.
VERDICT_WORDS = {"buy": "BUY", "rent": "RENT", "toss_up": "TOSS-UP", "": "no answer"}
# From these shares of the futures on, in which the word's side is cheaper, it is sure of it.
_HIGH, _MEDIUM = 0.9, 0.7
# With fewer providers behind a rate, nobody can be very sure.
ENOUGH_PROVIDERS = 3


def confidence(
    verdict: str, chance_buy: float | None, providers: int | None = None, borrowed: bool = False
) -> str:
    """How sure a verdict is: high, medium or low; empty for a toss-up or without odds.

    `chance_buy` is the share of the futures in which buying is cheaper, `providers` how many of
    them are behind the rental rate (None for the reader's own), `borrowed` whether the rate is that
    of another GPU.

    >>> confidence("buy", 0.95), confidence("rent", 0.25), confidence("buy", 0.4)
    ('high', 'medium', 'low')
    >>> confidence("buy", 0.95, providers=2), confidence("toss_up", 0.95), confidence("buy", None)
    ('medium', '', '')
    """
    if verdict not in ("buy", "rent") or chance_buy is None:
        return ""
    share = chance_buy if verdict == "buy" else 1 - chance_buy
    found = 2 if share >= _HIGH else 1 if share >= _MEDIUM else 0
    if providers is not None and providers < ENOUGH_PROVIDERS:
        found = min(found, 1)
    return ("low", "medium", "high")[0 if borrowed else found]


def headline(verdict: str, confidence: str) -> str:
    """The verdict in a word, with how sure it is.

    >>> headline("buy", "high"), headline("toss_up", "")
    ('BUY · high confidence', 'TOSS-UP')
    """
    return VERDICT_WORDS[verdict] + (f" · {confidence} confidence" if confidence else "")


def same_cost(saving: float, own: float, rent: float) -> bool:
    """Whether both sides cost the same: a tie as in the model, a billionth of the two [USD]."""
    return abs(saving) * 10**9 <= abs(own) + abs(rent)


# The sentence to remember, by what is the case; in the braces the utilization, the break-even rate,
# the rate at which buying stops to win, and the rate to pay.
RATE_SENTENCES = {
    case: f"At {{use}} utilization, {said}; you would pay {{now}}."
    for case, said in {
        "same": "both cost the same",
        "none": "no rental rate makes both sides equal",
        "always_rent": "renting wins at any rental rate",
        "always_own": "buying wins at any rental rate",
        "between": "buying wins if renting costs {fair} to {end} per GPU-hour",
        "less": "buying wins if renting costs less than {fair} per GPU-hour",
        "more": "buying wins if renting costs more than {fair} per GPU-hour",
    }.items()
}


def rate_case(fair: float, now: float, is_buying: bool | None, end: float | None = None) -> str:
    """Which of RATE_SENTENCES is the case; the arguments are those of `rate_sentence`.

    >>> rate_case(0.52, 0.6, True), rate_case(-0.1, 0.6, False), rate_case(0.52, 0.6, None)
    ('more', 'always_rent', 'same')
    """
    if is_buying is None:
        return "same"
    if not math.isfinite(fair):
        return "none"
    if fair <= 0:
        return ("always_rent", "always_own")[is_buying]
    if end is not None:
        return "between"
    return "less" if buys_below(fair, now, is_buying) else "more"


def rate_sentence(
    utilization: float, fair: float, now: float, is_buying: bool | None, end: float | None = None
) -> str:
    """The sentence to remember: the rental rate [USD per GPU-hour] above which buying wins.

    `fair` is the break-even rate, `now` the one to pay; `is_buying`: who leads, None: nobody. `end`
    is the rate at which buying stops to win; None where it does not.

    >>> rate_sentence(0.5, 0.52, 0.6, True).partition(", ")[2]
    'buying wins if renting costs more than $0.52 per GPU-hour; you would pay $0.60.'
    >>> rate_sentence(0.5, 0.52, 0.6, True, end=0.9).partition(", ")[2]
    'buying wins if renting costs $0.52 to $0.90 per GPU-hour; you would pay $0.60.'
    """
    case = rate_case(fair, now, is_buying, end)
    ends = sorted((fair, end)) if case == "between" and end is not None else (fair, fair)
    start, stop = (rate_text(rate) if math.isfinite(rate) else "" for rate in ends)
    told = {"use": percent(utilization), "fair": start, "end": stop, "now": rate_text(now)}
    return RATE_SENTENCES[case].format(**told)


def buys_below(fair: float, now: float, is_buying: bool) -> bool:
    """Whether buying wins below the break-even rate: where owning rents more than renting does.

    So it does where much is rented until the delivery. `is_buying`: who leads at the rate `now`.

    >>> buys_below(0.52, 0.6, True), buys_below(0.52, 0.6, False)
    (False, True)
    """
    return now != fair and (now < fair) == is_buying


def tax_words(values: Mapping[str, Any]) -> str:
    """Whether results are before or after income tax; of a table that it differs.

    >>> tax_words({"tax_rate": 0.25}), tax_words({"tax_rate": 0})
    ('after income tax at 25 %', 'before income tax')
    """
    rate = values["tax_rate"]
    if hasattr(rate, "shape"):
        return "after income tax at the rates given"
    return f"after income tax at {rate * _PER_CENT:g} %" if rate else "before income tax"


# -- Sentences of a verdict; empty where there is nothing to say ----------------------------------


class Odds(NamedTuple):
    """What many futures say of one answer.

    `chance_buy` is the share of them in which buying is cheaper, `low` to `high` the P10 to P90 of
    what it saves [USD per GPU]; `futures` are equally likely savings, `check` what to look up
    first, as `Param.asked` says it.
    """

    chance_buy: float
    low: float
    high: float
    futures: Sequence[float]
    check: str = ""

    def are_against(self, verdict: str) -> bool:
        """Whether the side of a verdict is cheaper in fewer than half of them."""
        share = self.chance_buy if verdict == "buy" else 1 - self.chance_buy
        return verdict != "toss_up" and share < 1 / 2


def sentences(
    values: Mapping[str, Any],
    results: Mapping[str, Any],
    turn: str = "",
    odds: Odds | None = None,
    ways: Sequence[str] = (),
    rates: tuple[float, float | None] | None = None,
) -> dict[str, str]:
    """What the numbers of one answer say, by what it is about, in the order in which it is read.

    rate (the sentence to remember), costs, kept, turn, payback, conflict. `turn` says at which
    value of an input the other side wins, and is left out where most futures are against the
    verdict; `ways` are as in `payback`, `rates` are `fair` and `end` of `rate_sentence`.
    """
    verdict, saving = results["verdict"], results["npv_saving_usd"]
    own, rent = results["own_usd_per_gpu_hour"], results["rent_usd_per_gpu_hour"]
    fair, end = rates or (results["breakeven_rate_usd_per_gpu_hour"], None)
    now = values["rate_usd_per_gpu_hour"]
    months, tax_rate = values["horizon_months"], values["tax_rate"]
    is_tie = same_cost(saving, results["own_npv_usd"], results["rent_npv_usd"])
    per_gpu = 0 if is_tie else saving / values["gpus"]
    leads = None if is_tie else saving > 0
    told = {
        "rate": rate_sentence(values["utilization"], fair, now, leads, end),
        "costs": unit_costs(own, rent, tax_rate),
        "kept": kept(verdict, per_gpu, months, tax_rate, odds),
    }
    if not is_tie:
        told |= {
            "turn": "" if odds and odds.are_against(verdict) else turn,
            "payback": payback(results, months, ways),
            "conflict": conflict(
                results["undiscounted_saving_usd"] / values["gpus"],
                per_gpu,
                values["discount_rate"],
            ),
        }
    return {about: of_owner(text, values) for about, text in told.items()}


# What is said of hardware that is there already instead of what is said of a purchase.
_KEPT = {
    "The purchase": "Keeping",
    "buying": "keeping",
    "Buying": "Keeping",
    "BUY": "KEEP",
}


def of_owner(text: str, values: Mapping[str, Any]) -> str:
    """The text, where the hardware is there already about keeping instead of buying it.

    >>> of_owner("Buying wins.", {"already_owned": True})
    'Keeping wins.'
    """
    if values.get("already_owned"):
        for bought, kept_word in _KEPT.items():
            text = text.replace(bought, kept_word)
    return text


def reason(
    values: Mapping[str, Any],
    results: Mapping[str, Any],
    turn: str = "",
    rates: tuple[float, float | None] | None = None,
) -> str:
    """Why this verdict, with the numbers, and what would change it.

    `turn` and `rates` are as in `sentences`.
    """
    if math.isinf(results["own_usd_per_gpu_hour"]) or math.isinf(results["rent_usd_per_gpu_hour"]):
        own, rent = (usd(results[f"{side}_npv_usd"]) for side in ("own", "rent"))
        over = f"over {period(values['horizon_months'])}, as present values"
        return f"Nothing to compare: no busy hours. Owning costs {own} and renting {rent} {over}."
    none = "No feasible purchase price or utilization would change this."
    first, *more = sentences(values, results, turn or none, rates=rates).values()
    word = of_owner(VERDICT_WORDS[results["verdict"]], values).capitalize()
    told = [f"{word}: {first[:1].lower()}{first[1:]}", *more]
    return " ".join(sentence for sentence in told if sentence)


# What a busy hour costs on both sides, in the braces, before and after tax.
COST_SENTENCES = {
    when: f"{start} costs about {{own}} per busy hour; renting costs {{rent}}."
    for when, start in {"plain": "Owning", "taxed": "After tax, owning"}.items()
}


def unit_costs(own: float, rent: float, tax_rate: float = 0) -> str:
    """What a busy hour costs on both sides [USD per busy GPU-hour]; empty without busy hours.

    >>> unit_costs(0.35, 0.70)
    'Owning costs about $0.35 per busy hour; renting costs $0.70.'
    >>> unit_costs(0.30, 0.50, tax_rate=0.25)
    'After tax, owning costs about $0.30 per busy hour; renting costs $0.50.'
    """
    if math.isinf(own) or math.isinf(rent):
        return ""
    said = COST_SENTENCES["taxed" if tax_rate else "plain"]
    return said.format(own=rate_text(own), rent=rate_text(rent))


# What the cheaper side saves, by what is the case; in the braces the side, the amount, the time.
_CHOOSE = "over {over}: choose by flexibility, not by cost."
_SAVES = "Over {over}, {side} saves about {size} per GPU"
KEPT_SENTENCES = {
    "toss_up": f"The difference is {{size}} per GPU {_CHOOSE}",
    "same": f"Both cost the same {_CHOOSE}",
    "plain": f"{_SAVES}.",
    "taxed": f"{_SAVES} after tax.",
}


def kept(
    verdict: str, saving: float, months: float, tax_rate: float = 0, odds: Odds | None = None
) -> str:
    """What the cheaper side saves, how far that may range, or how unsure it is.

    `saving` is what buying saves [USD per GPU], `months` the time over which it does.

    >>> kept("buy", 4812, 36)
    'Over 3 years, buying saves about $4,810 per GPU.'
    >>> kept("buy", 4812, 36, odds=Odds(0.8, 2900, 6400, ())).partition(" (")[2]
    'likely $2,900 to $6,400).'
    >>> kept("buy", 800, 36, odds=Odds(0.6, -900, 2500, (), "utilization"))
    'In the base case, buying saves $800 per GPU over 3 years, but anything from a loss of $900 to \
a gain of $2,500 is likely. Check utilization first.'
    >>> kept("buy", 800, 36, odds=Odds(0.3, -900, 2500, [-3, -2, -1, 4])).partition(", but ")[2]
    'RENT is cheaper in 3 of 4 simulated futures.'
    >>> kept("toss_up", -44, 36)
    'The difference is $44 per GPU over 3 years: choose by flexibility, not by cost.'
    """
    side, size, over = SIDES[saving > 0], whole_usd(abs(saving)), period(months)
    case = "taxed" if tax_rate else "plain"
    if verdict == "toss_up":
        case = "toss_up" if saving else "same"
    plain = KEPT_SENTENCES[case].format(over=over, side=side, size=size)
    if odds is None or verdict == "toss_up":
        return plain
    if odds.are_against(verdict):
        count = sum((future > 0) != (saving > 0) for future in odds.futures)
        most = f"{'RENT' if saving > 0 else 'BUY'} is cheaper in {count} of {len(odds.futures)}"
        said = f"In the base case, {side} saves {size} per GPU over {over}"
        return f"{said}, but {most} simulated futures."
    low, high = (odds.low, odds.high) if saving > 0 else (-odds.high, -odds.low)
    if confidence(verdict, odds.chance_buy) == "low":
        ends = [
            f"a {'loss' if end < 0 else 'gain'} of {whole_usd(abs(end))}" for end in (low, high)
        ]
        said = f"In the base case, {side} saves {size} per GPU over {over}"
        check = f" {check_first(odds.check)}." if odds.check else ""
        return f"{said}, but anything from {ends[0]} to {ends[1]} is likely.{check}"
    low_said, high_said = (whole_usd(abs(end)) for end in (low, high))
    likely = f"a loss of {low_said} to {high_said}" if low < 0 else f"{low_said} to {high_said}"
    if low < 0 <= high:  # "a loss of $1 to $2" would be one of both
        likely = f"anything from a loss of {low_said} to a gain of {high_said}"
    return f"{plain.removesuffix('.')} (likely {likely})."


def check_first(asked: str) -> str:
    """What to look up before deciding.

    >>> check_first("the rental rate")
    'Check the rental rate first'
    """
    return f"Check {asked} first"


def turns(clause: str, now: str, is_buying: bool, is_yours: bool = True) -> str:
    """At which value of an input the other side wins, and what it is now; `is_buying`: who leads.

    >>> turns("utilization is below 30 %", "60 %", is_buying=True)
    'Renting wins if utilization is below 30 %. Yours is 60 %.'
    """
    other, said = SIDES[not is_buying].capitalize(), "Yours is" if is_yours else "Here it is"
    return f"{other} wins if {clause}. {said} {now}."


def until(clause: str, end: str, is_up: bool) -> str:
    """That something holds beyond a value, and how far.

    >>> until("utilization is above 30 %", "90 %", is_up=True)
    'utilization is above 30 %, up to 90 %'
    """
    return f"{clause}, {'up' if is_up else 'down'} to {end}"


def futures(savings: Sequence[float]) -> str:
    """In how many of some equally likely futures one side is cheaper [USD that buying saves].

    It is told of the side that is cheaper in more of them.

    >>> futures([-3.0, 5.0, 8.0, 9.0]), futures([-3.0, -1.0, 2.0])
    ('BUY is cheaper in 3 of 4 simulated futures.', 'RENT is cheaper in 2 of 3 simulated futures.')
    >>> futures([-3.0, 5.0]), futures([0.0])
    ('BUY and RENT are each cheaper in 1 of 2 simulated futures.', \
'Both cost the same in all 1 simulated futures.')
    """
    wins = {
        "BUY": sum(saving > 0 for saving in savings),
        "RENT": sum(saving < 0 for saving in savings),
    }
    most = max(wins.values())
    sides = [side for side, count in wins.items() if count == most]
    of_all = f"{len(savings)} simulated futures."
    if not most:
        return f"Both cost the same in all {of_all}"
    each = "are each" if len(sides) > 1 else "is"
    return f"{' and '.join(sides)} {each} cheaper in {most} of {of_all}"


def median_future(base: float, median: float) -> str:
    """By how much the median of the simulated futures differs from the base case; or nothing.

    Both are what buying saves [USD per GPU]. They differ as a default is the most likely value of
    its input: where its range is lopsided, so are the futures. A difference of less than
    half a per cent is none.

    >>> median_future(800, 300)
    'In the median future (P50) buying saves $300 per GPU, $500 less than in the base case.'
    >>> median_future(800, -300).partition(", ")[2]
    'where buying saves $800 in the base case: a difference of $1,100.'
    >>> median_future(800, 803)
    ''
    """
    gap = whole_usd(abs(median - base))
    if abs(median - base) < _SAME * max(abs(median), abs(base)) or median == base:
        return ""
    said = f"In the median future (P50) {SIDES[median > 0]} saves {whole_usd(abs(median))} per GPU"
    if median * base > 0:
        more = "more" if abs(median) > abs(base) else "less"
        return f"{said}, {gap} {more} than in the base case."
    there = f"{SIDES[base > 0]} saves {whole_usd(abs(base))} in the base case"
    return f"{said}, where {there}: a difference of {gap}."


# When the purchase has paid back, by what is the case; in the braces the time, the month of a sale
# from which owning is cheaper, and the holding period.
PAYBACK_SENTENCES = {
    "immediate": "Owning is ahead from day one.",
    "first_month": "The purchase pays back within the first month.",
    "breaks_even": "The purchase pays back after {months}.",
    "resale": "Buying pays only through resale: cheaper from month {month} on if you sell then, "
    "not before.",
    "reverses": "Buying does not stay ahead within {over} at these inputs.",
    "never": "Buying does not pay back within {over} at these inputs.",
}


def payback_case(results: Mapping[str, Any]) -> str:
    """Which of PAYBACK_SENTENCES is the case.

    >>> payback_case({"status": "breaks_even", "months": 0.5})
    'first_month'
    """
    status: str = results["status"]
    if status == "breaks_even":
        return "first_month" if results["months"] < 1 else status
    is_won = status != "immediate" and results["npv_saving_usd"] > 0
    return "resale" if is_won and math.isfinite(results["exit_months"]) else status


def payback(results: Mapping[str, Any], horizon: float, ways: Sequence[str] = ()) -> str:
    """From when on the purchase has paid back [months], or that it does not within the horizon.

    `ways` are values of inputs at which there would be a payback.

    >>> lost = {"status": "never", "exit_months": math.inf, "npv_saving_usd": -500}
    >>> payback(lost, 36, ["$1,450 a card", "41 % utilization"])
    'Buying does not pay back within 3 years at these inputs. It would at $1,450 a card, or at 41 \
% utilization.'
    >>> payback({"status": "never", "exit_months": 30.2, "npv_saving_usd": 500}, 36)
    'Buying pays only through resale: cheaper from month 30.2 on if you sell then, not before.'
    """
    case = payback_case(results)
    plain = PAYBACK_SENTENCES[case].format(
        months=months_text(results["months"]) if case == "breaks_even" else "",
        month=number(results["exit_months"]) if case == "resale" else "",
        over=period(horizon),
    )
    if case not in ("reverses", "never"):
        return plain
    return f"{plain} It would {', or '.join(f'at {way}' for way in ways)}." if ways else plain


# That plain totals and present values disagree; in the braces who saves what, and the rate at which
# it costs how much more.
CONFLICT = (
    "Undiscounted, {side} saves {plain} per GPU; at a {rate} discount rate it costs {size} more. "
    "The verdict uses the discounted figure."
)


def conflict(plain: float, saving: float, discount_rate: float) -> str:
    """That plain totals and present values disagree; empty if they agree.

    `plain` and `saving` are what buying saves [USD per GPU].

    >>> conflict(4_600, -1_520, 0.09)
    'Undiscounted, buying saves $4,600 per GPU; at a 9 % discount rate it costs $1,520 more. The \
verdict uses the discounted figure.'
    """
    if plain * saving >= 0:
        return ""
    return CONFLICT.format(
        side=SIDES[plain > 0],
        plain=whole_usd(abs(plain)),
        rate=percent(discount_rate),
        size=whole_usd(abs(saving)),
    )


def changed_answer(
    gpu: str,
    verdicts: tuple[str, str],
    rates: tuple[float | None, float | None],
    savings: tuple[float | None, float | None],
    borrowed: str = "",
) -> str:
    """What other prices make of the default answer for a GPU, before and after.

    Rates in USD per GPU-hour, savings of buying in USD; None where there is none. `borrowed` is the
    GPU that the rate is of now, where nobody rents this one out.

    >>> changed_answer("L4", ("buy", "buy"), (0.6, 0.75), (4_100, 9_000)).partition(", ")[0]
    'L4: BUY as before; default rate $0.60 → $0.75 per GPU-hour (+25 %)'
    >>> changed_answer("L4", ("", "buy"), (None, 0.75), (None, 9_000)).partition(", ")[2]
    'buying saves none → $9,000'
    """
    was, now = (VERDICT_WORDS[verdict] for verdict in verdicts)
    verdict = f"{was} as before" if was == now else f"{was} becomes {now}"
    before, after = rates
    share = f" ({_change(after / before - 1)})" if before and after and before != after else ""
    old, new = ("none" if rate is None else rate_text(rate) for rate in rates)
    saved, saves = ("none" if saving is None else whole_usd(saving) for saving in savings)
    whose = f" (that of {borrowed})" if borrowed else ""
    moved = old if old == new else f"{old} → {new}"
    rate = f"default rate {moved} per GPU-hour{share if old != new else ''}{whose}"
    return f"{gpu}: {verdict}; {rate}, buying saves {saved} → {saves}"


def changed_price(
    label: str,
    prices: tuple[str, str],
    verdicts: tuple[str, str],
    savings: tuple[float | None, float | None],
) -> str:
    """What another price makes of an answer, before and after.

    `prices` are in words, savings of buying all GPUs in USD; None where there is no verdict.

    >>> changed_price("Rental rate", ("$0.60", "$0.45"), ("buy", "rent"), (4_100, -2_000))
    'Rental rate: $0.60 → $0.45. BUY becomes RENT: buying saves $4,100 → renting saves $2,000.'
    >>> changed_price("GPU price", ("$2,800", "$2,800"), ("buy", "buy"), (4_100, 4_100))
    'GPU price: $2,800 as before. BUY as before: buying saves $4,100.'
    """
    price = f"{prices[0]} → {prices[1]}" if prices[0] != prices[1] else f"{prices[1]} as before"
    was, now = (VERDICT_WORDS[verdict] for verdict in verdicts)
    verdict = f"{was} as before" if was == now else f"{was} becomes {now}"
    first, last = (_who_saves(saving) for saving in savings)
    is_same_side = first.split(" ")[0] == last.split(" ")[0]
    then = last.split(" ")[-1] if is_same_side else last
    saved = first if first == last else f"{first} → {then}"
    return f"{label}: {price}. {verdict}: {saved}."


def _who_saves(saving: float | None) -> str:
    if saving is None:
        return "no verdict"
    side = "renting" if saving < 0 else "buying"
    return f"{side} saves {whole_usd(abs(saving))}"


def _change(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


# -- What the charts show -------------------------------------------------------------------------

# What a curve says at a value, the amount in the braces.
CURVE_WORDS = {
    "gain": "Buying saves {} per GPU.",
    "loss": "Buying costs {} more per GPU.",
    "none": "These inputs cannot be combined.",
}


# What the cheaper side saves for each GPU, the amount in the braces, by who leads; without cents
# where it is told what it is.
SAVINGS = {
    "own": "buying saves {}",
    "rent": "renting saves {}",
    "toss_up": "a difference of {}",
    "same": "no difference",
}


def saving_case(verdict: str, saving: float) -> str:
    """Which of SAVINGS is the case; `saving` is what buying saves [USD].

    >>> saving_case("rent", -3), saving_case("toss_up", 2), saving_case("toss_up", 0)
    ('rent', 'toss_up', 'same')
    """
    if not saving:
        return "same"
    return "toss_up" if verdict == "toss_up" else ("rent", "own")[saving > 0]


def curve_caption(saving: float | None, flips: Sequence[str]) -> str:
    """What buying saves now [USD per GPU], and where the input breaks even.

    >>> curve_caption(-4812.0, ["30 %"])
    'Buying costs $4,810 more per GPU. Break-even at 30 %.'
    """
    if saving is None:
        return CURVE_WORDS["none"]
    words = CURVE_WORDS["gain" if saving > 0 else "loss"]
    return f"{words.format(whole_usd(abs(saving)))} {flip_text(flips)}"


def flip_text(flips: Sequence[str]) -> str:
    """Where an input breaks even.

    >>> flip_text([]), flip_text(["29.6 %", "71 %"])
    ('No break-even in this range.', 'Break-even at 29.6 % and 71 %.')
    """
    return f"Break-even at {' and '.join(flips)}." if flips else "No break-even in this range."


def leaving_title(crossings: Sequence[float], months: float, is_owning_last: bool) -> str:
    """Who costs less if one stops, and sells, at some month before the end.

    `crossings` are the months at which the sides change places, `is_owning_last`: whether owning
    costs less after the last of them.

    >>> leaving_title([23.1], 36, True)
    'Owning costs less from month 23 on, if you sell when you stop'
    >>> leaving_title([], 36, False)
    'Owning never costs less within 3 years, even if you sell when you stop'
    >>> leaving_title([5, 20], 36, False)
    'Owning costs less from month 5 to month 20, if you sell when you stop'
    """
    sold = "if you sell when you stop"
    named = [f"month {at:.0f}" if round(at) else "the first month" for at in crossings]
    if not named:
        if is_owning_last:
            return f"Owning costs less whenever you stop, {sold.replace('when you stop', 'then')}"
        return f"Owning never costs less within {period(months)}, even {sold}"
    # Owning is ahead before the first crossing, or after it.
    is_first = is_owning_last != bool(len(named) % 2)
    spans = []
    edges = [None, *named] if is_first else named
    for at in range(0, len(edges), 2):
        start, end = edges[at], edges[at + 1] if at + 1 < len(edges) else None
        if end is None:
            spans.append(f"from {start} on")
        else:
            spans.append(f"until {end}" if start is None else f"from {start} to {end}")
    return f"Owning costs less {' and '.join(spans)}, {sold}"


def crossings_sentence(crossings: Sequence[tuple[float, str]], rate_growth: float) -> str:
    """Who leads when, and why, where the lines cross more than once; else empty."""
    if len(crossings) <= 1:
        return ""
    names = {"own": "owning", "rent": "renting"}
    leads = ", ".join(f"{names[side]} from month {number(months)}" for months, side in crossings)
    last = crossings[-1][1]
    other = names["rent" if last == "own" else "own"]
    return (
        f"The lines cross {len(crossings)} times. The cheaper side is {leads}: by then a month of "
        f"{other} costs more than one of {names[last]} (the rental rate changes by "
        f"{change_text(rate_growth)})."
    )


def rate_title(
    utilization: float | None,
    fair: float,
    now: float | None = None,
    is_buying: bool | None = None,
    end: float | None = None,
) -> str:
    """Below which rental rate [USD per GPU-hour] renting wins; without a utilization, at any.

    `fair` is the break-even rate and `is_buying` who leads at the rate `now`, None where it is not
    known. `end` as in `rate_sentence`.

    >>> rate_title(0.5, 0.518)
    'At 50 % utilization, renting wins below $0.518 per GPU-hour'
    >>> rate_title(0.5, -0.1, now=0.6, is_buying=False)
    'At 50 % utilization, renting wins at any rental rate'
    >>> rate_title(0.5, 0.518, now=0.6, is_buying=True, end=0.9)
    'At 50 % utilization, buying wins from $0.518 to $0.900 per GPU-hour'
    """
    use = f"At {'any' if utilization is None else percent(utilization)} utilization"
    if not math.isfinite(fair) or (fair <= 0 and is_buying is None):
        return f"{use}, no rental rate makes both sides equal"
    if is_buying is None or now is None:
        is_buying, now = True, math.inf
    if fair <= 0:
        return f"{use}, {SIDES[is_buying]} wins at any rental rate"
    if end is not None:
        low, high = sorted((fair, end))
        return f"{use}, buying wins from {usd(low)} to {usd(high)} per GPU-hour"
    side = SIDES[buys_below(fair, now, is_buying)]
    return f"{use}, {side} wins below {usd(fair)} per GPU-hour"
