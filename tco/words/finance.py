"""The measures of finance: what each is called, its unit, its meaning, and how its value reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tco.words.figures import (
    capital,
    counted,
    dollars,
    number,
    percent,
    period,
)
from tco.words.results import RESULT_WORDS, SAVED_LABELS

# What people call the two sides.
SIDE_LABELS = {"own": "Owning", "rent": "Renting"}
SHARE_PER_YEAR, USD, USD_PER_YEAR, MONTHS = "share per year", "USD", "USD per year", "months"


class Measure(NamedTuple):
    """What people call a measure, its unit, and what to make of it in a sentence."""

    label: str
    unit: str
    meaning: str


# Every measure of `tco.measures()` by its name in files, in the order in which they are listed. The
# meaning of a rate of return depends on the cash flows, and is told with them.
MEASURES = {
    "npv_saving_usd": Measure(
        *(RESULT_WORDS["npv_saving_usd"].label, USD),
        "Present value of what buying saves; the verdict goes by it.",
    ),
    "undiscounted_saving_usd": Measure(
        *(RESULT_WORDS["undiscounted_saving_usd"].label, USD),
        "The same without discounting; where the two have opposite signs, go by the NPV.",
    ),
    "irr": Measure("IRR of buying instead of renting", SHARE_PER_YEAR, ""),
    "mirr": Measure("MIRR of buying instead of renting", SHARE_PER_YEAR, ""),
    "payback_months": Measure(
        *(RESULT_WORDS["simple_months"].label, MONTHS),
        "Month from which buying stays ahead, undiscounted and without resale.",
    ),
    "discounted_payback_months": Measure(
        *(RESULT_WORDS["months"].label, MONTHS),
        "Month from which buying stays ahead in present values, without resale.",
    ),
    "exit_months": Measure(
        *(RESULT_WORDS["exit_months"].label, MONTHS),
        "Month from which buying is cheaper if the hardware is then sold.",
    ),
    "own_usd_per_year": Measure(
        *("Equivalent annual cost of owning", USD_PER_YEAR),
        "Level cost at the end of each year with the same present value.",
    ),
    "rent_usd_per_year": Measure(
        *("Equivalent annual cost of renting", USD_PER_YEAR),
        "The same for renting; compares unequal holding periods if each is repeated at the same "
        "prices.",
    ),
    "own_total_usd": Measure(
        *("Cash paid for owning", USD), "Undiscounted, net of resale proceeds."
    ),
    "rent_total_usd": Measure("Cash paid for renting", USD, "Undiscounted."),
    "net_advantage_to_leasing_usd": Measure(
        *("Net advantage to leasing", USD),
        "Present value of what leasing saves against buying the same hardware for cash; "
        "where positive, lease. Resale is discounted at its own rate, all else at the after-tax "
        "cost of debt.",
    ),
    "lease_npv_usd": Measure(
        *("NPV of leasing instead of buying", USD),
        "The same with every cash flow discounted at the discount rate.",
    ),
    "lease_nominal_rate": Measure(
        *("Rate implicit in the lease, nominal", SHARE_PER_YEAR),
        "The APR at which the lease finances the price of what is leased; before tax.",
    ),
    "lease_effective_rate": Measure(
        *("Rate implicit in the lease, effective", SHARE_PER_YEAR),
        "The same with compounding, to be compared with the cost of debt before tax.",
    ),
    "after_tax_debt_rate": Measure(
        *("After-tax cost of debt", SHARE_PER_YEAR),
        "Discount rate of lease payments, their deductions and depreciation.",
    ),
    "residual_rate": Measure(
        *("Discount rate of the resale", SHARE_PER_YEAR),
        "Discount rate of the resale value that a lease gives up.",
    ),
}
# One of several roots, by its number.
ROOT = Measure(
    *("IRR, root {}", SHARE_PER_YEAR), "One of the rates at which the NPV is zero; not the return."
)
# What people call the columns of cash by year.
YEAR_LABELS = {
    "year": "Year",
    **{f"{side}_usd": label for side, label in SIDE_LABELS.items()},
    "saving_usd": SAVED_LABELS["buying"],
    "cumulative_usd": "Saved so far",
}
NO_VALUE = {MONTHS: "never"}


def measured(value: float | None, unit: str) -> str:
    """The value of a measure as people read it.

    >>> measured(12_345.6, USD), measured(-480.0, USD_PER_YEAR), measured(0.413, SHARE_PER_YEAR)
    ('$12,346', '−$480 a year', '41.3 % a year')
    >>> measured(21.72, MONTHS), measured(math.inf, MONTHS), measured(None, SHARE_PER_YEAR)
    ('month 21.7', 'never', 'none')
    """
    if value is None or math.isinf(value):
        return NO_VALUE.get(unit, "none")
    if unit == MONTHS:
        return "at once" if value == 0 else f"month {number(value)}"
    if unit == SHARE_PER_YEAR:
        return f"{percent(value)} a year"
    return f"{dollars(value)} a year" if unit == USD_PER_YEAR else dollars(value)


# -- What to make of a rate of return -------------------------------------------------------------

NO_PERIODS = "None: a rate of return needs a holding period of whole months."
NO_TERMS = "None: commitment terms begin within a month; a rate of return needs whole months."
NO_LEASE = "None: no lease payment was entered."


def irr_note(first: float, last: float, changes: int, rates: int, saved: float) -> str:
    """What to make of the internal rates of return of what buying saves month by month.

    `first` and `last` are the first and the last amount that is not 0 (both 0: there is none),
    `changes` how often the sign changes in between, `rates` how many rates there are, and `saved`
    the plain sum [USD].

    >>> irr_note(-1_000, 100, 1, 1, 200)
    'The return on buying instead of renting: buying pays at any discount rate below it.'
    >>> irr_note(-500, 400, 3, 3, -450)
    'Several: what buying saves changes sign 3 times, so none of them is the return; go by the NPV.'
    """
    side = "buying" if saved > 0 else "renting"
    if not first:
        told = "None: both sides pay the same in every month."
    elif not changes and first > 0:
        told = "None: buying ties up no money, as it costs less or the same in every month."
    elif not changes:
        told = "None: buying never returns its cost, as it costs more or the same in every month."
    elif not rates:
        told = f"None: {side} costs less at every discount rate."
    elif rates > 1:
        several = f"Several: what buying saves changes sign {changes} times"
        told = f"{several}, so none of them is the return; go by the NPV."
    elif first < 0 < last:
        told = "The return on buying instead of renting: buying pays at any discount rate below it."
    elif last < 0 < first:
        told = (
            "A cost of borrowing, not a return: buying saves first and costs more later, so it "
            "pays at any discount rate above it."
        )
    else:
        told = f"Both sides cost the same at this rate; {side} costs less at every other."
    return told


SEVERAL = "several"


def irr_text(rates: Sequence[float], note: str) -> str:
    """The internal rates of return where no note stands beside them: all of several, or why none.

    `note` is what `irr_note` says of them.

    >>> irr_text([0.153], irr_note(-1_000, 100, 1, 1, 200))
    '15.3 % a year'
    >>> irr_text([-0.5, 0.377, 2.1], irr_note(-500, 400, 3, 3, -450))
    'several, none of them the return: −50 %, 37.7 % and 210 % a year'
    >>> irr_text([0.3], irr_note(500, -600, 1, 1, -100))
    '30 % a year (a cost of borrowing, not a return)'
    >>> irr_text([], NO_PERIODS)
    'none: a rate of return needs a holding period of whole months'
    """
    said = f"{note[:1].lower()}{note[1:]}".removesuffix(".")
    if not rates:
        return said
    *others, last = map(percent, rates)
    if others:
        return f"{SEVERAL}, none of them the return: {', '.join(others)} and {last} a year"
    is_return = note.startswith("The return")
    return f"{last} a year" if is_return else f"{last} a year ({said.partition(':')[0]})"


def mirr_note(is_known: bool, note: str) -> str:
    """What to make of the modified rate of return; without one, what `irr_note` says of that.

    >>> mirr_note(True, "").partition("; ")[2]
    'buying pays if the MIRR is higher.'
    """
    if not is_known:
        return note
    rates = "Outlays financed and savings reinvested at the discount rate"
    return f"{rates}; buying pays if the MIRR is higher."


def measures_title(gpus: int, horizon_months: float, discount_rate: float) -> str:
    """What is measured, in a line.

    >>> measures_title(8, 36, 0.09)
    'Buying instead of renting, 8 GPUs over 3 years, at a discount rate of 9 % a year'
    """
    count = counted(gpus, "GPU")
    rate = f"a discount rate of {percent(discount_rate)} a year"
    return f"Buying instead of renting, {count} over {period(horizon_months)}, at {rate}"


# -- A target, and what it takes ------------------------------------------------------------------

# Figures of a month in words, and what of the last one is rounding.
_FIGURES, _ROUNDING = 3, 1e-9
_DOES = {
    "payback_months": "pays back by month {}",
    "simple_payback_months": "pays back by month {} undiscounted",
    "exit_months": "is cheaper by month {} with the hardware sold then",
    "saving_usd": "saves at least {}",
    "irr": "returns at least {} a year",
}


def goal_words(target: str, value: float) -> str:
    """What buying does where a target has this value.

    >>> goal_words("payback_months", 18), goal_words("saving_usd", 10_000), goal_words("irr", 0.15)
    ('pays back by month 18', 'saves at least $10,000', 'returns at least 15 % a year')
    >>> goal_words("saving_usd", -500), goal_words("irr", -0.1)
    ('costs at most $500 more', 'returns at least −10 % a year')
    """
    if target == "saving_usd" and value < 0:
        return f"costs at most {dollars(-value)} more"
    writers: dict[str, Callable[[float], str]] = {"saving_usd": dollars, "irr": percent}
    said = writers.get(target, number)
    return _DOES[target].format(said(value))


def missed_words(target: str, best: float) -> str:
    """What buying does at best where that is not enough: rounded away from what is wanted.

    >>> missed_words("payback_months", 12.003), missed_words("saving_usd", 9_999.7)
    ('pays back by month 12.1', 'saves $9,999')
    >>> missed_words("saving_usd", -500), missed_words("irr", 0.12)
    ('costs $500 more', 'returns 12 % a year')
    """
    if target == "saving_usd":
        usd = math.floor(best)
        return f"costs {dollars(-usd)} more" if usd < 0 else f"saves {dollars(usd)}"
    if target == "irr":
        return f"returns {percent(best)} a year"
    if not 0 < best < math.inf:
        return goal_words(target, best)
    unit = 10.0 ** (math.floor(math.log10(best)) - _FIGURES + 1)
    return goal_words(target, math.ceil(best / unit - _ROUNDING) * unit)


def threshold_words(side: str, value: str, until: str = "") -> str:
    """On which side of a value a target is reached, or between which two.

    >>> threshold_words("at_most", "$1,450"), threshold_words("at_most", "9 %", "2 %")
    ('at most $1,450', 'between 2 % and 9 %')
    """
    if not until:
        return f"{side.replace('_', ' ')} {value}"
    low, high = (value, until) if side == "at_least" else (until, value)
    return f"between {low} and {high}"


def above_words(value: str, until: str = "") -> str:
    """That a target is reached above a value but not at it, and up to which other one, if any.

    >>> above_words("$0"), above_words("$0", "$2,650")
    ('above $0', 'above $0 and at most $2,650')
    """
    return f"above {value} and at most {until}" if until else f"above {value}"


def jump_words(at: str, low: str, high: str, why: str) -> str:
    """That a result jumps over a target at some value of an input, from what to what, and why.

    >>> jump_words("35 %", "never", "month 7.3", "below it renting is ahead again later")
    'the result jumps at 35 %, from never to month 7.3: below it renting is ahead again later'
    """
    told = f"the result jumps at {at}, from {low} to {high}"
    return f"{told}: {why}" if why else told


def goal_sentence(
    does: str,
    is_reached: bool,
    now: str,
    ways: Sequence[tuple[str, str, str]],
    remarks: Sequence[tuple[str, str]],
) -> str:
    """What it takes to reach a target, and what there is.

    `does` are its words; `ways` are inputs with what they are called, where it is reached, and the
    present value; `remarks` inputs with why they have no threshold, or why it is just there.

    >>> goal_sentence("pays back by month 18", False, "never", [
    ...     ("the GPU price", "at most $1,450", "$2,800"),
    ...     ("utilization", "at least 41 %", "30 %")], [])
    'Buying pays back by month 18 if the GPU price is at most $1,450 (now $2,800), or if \
utilization is at least 41 % (now 30 %). At current inputs: never.'
    """
    told = [f"if {asked} is {where} (now {present})" for asked, where, present in ways]
    clauses = ", or ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
    if is_reached:
        sentences = [f"Buying {does} at current inputs: {now}."]
        if told:
            sentences.append(f"It still does {clauses}.")
    elif told:
        sentences = [f"Buying {does} {clauses}. At current inputs: {now}."]
    else:
        listed = "this input" if len(remarks) == 1 else "one of these inputs alone"
        sentences = [f"There is no value of {listed} at which buying {does}."]
    sentences += [f"{capital(name)}: {reason}." for name, reason in remarks]
    return " ".join(sentences)
