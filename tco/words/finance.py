"""The measures of finance: what each is called, its unit, its meaning, and how its value reads."""

from __future__ import annotations

import math
from typing import NamedTuple

from tco.words.figures import counted, dollars, number, percent, period

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
        *("NPV of buying instead of renting", USD),
        "Present value of what buying saves; the verdict goes by it.",
    ),
    "undiscounted_saving_usd": Measure(
        *("Undiscounted saving from buying", USD),
        "The same without discounting; where the two have opposite signs, go by the NPV.",
    ),
    "irr": Measure("IRR of buying instead of renting", SHARE_PER_YEAR, ""),
    "mirr": Measure("MIRR of buying instead of renting", SHARE_PER_YEAR, ""),
    "payback_months": Measure(
        *("Payback", MONTHS),
        "Month from which buying stays ahead, undiscounted and without resale.",
    ),
    "discounted_payback_months": Measure(
        *("Discounted payback", MONTHS),
        "Month from which buying stays ahead in present values, without resale.",
    ),
    "exit_months": Measure(
        *("Payback with resale", MONTHS),
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
        *("Cash paid for owning", USD), "Undiscounted, less what the resale brings."
    ),
    "rent_total_usd": Measure("Cash paid for renting", USD, "Undiscounted."),
    "net_advantage_to_leasing_usd": Measure(
        *("Net advantage to leasing", USD),
        "Present value of what leasing saves against buying the same hardware with own funds; "
        "positive: lease. Resale is discounted at its own rate, all else at the after-tax cost of "
        "debt.",
    ),
    "lease_npv_usd": Measure(
        *("NPV of leasing instead of buying", USD),
        "The same with every cash flow discounted at the discount rate.",
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
        return f"{'−' if value < 0 else ''}{percent(abs(value))} a year"
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
