"""What every result is called, its unit and its meaning: the one place for all that show results.

A label stands alone: in a list, a file, a heading. The short form stands where its unit or the
side it is about is said beside it: in key figures, in the rows of an answer, in heads of tables.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One result: its label, its unit, what it means, and the short form of its label."""

    label: str
    unit: str
    meaning: str
    brief: str = ""

    @property
    def short(self) -> str:
        """The short form of the label, or the label where it has none.

        >>> RESULT_WORDS["own_npv_usd"].short, RESULT_WORDS["simple_months"].short
        ('Cost of owning', 'Simple payback')
        """
        return self.brief or self.label


# What one side saves, and that neither does.
SAVED_LABELS = {"buying": "Saved by buying", "renting": "Saved by renting", "neither": "Saved"}
SAVED_NOTHING, SAME_COST = "nothing", "both cost the same"
_OWN, _RENT = "Cost of owning", "Cost of renting"
_RATE, _PRICE = "Break-even rental rate", "Break-even purchase price"
_HOURLY = "USD per busy GPU-hour"

# Every result of a break-even, in the order of the report.
RESULT_WORDS = {
    "verdict": Result(
        "Verdict", "", "buy, rent or toss_up (within 5 %), by the saving from buying"
    ),
    "reason": Result(
        "Reason", "", "why, and the nearest change of one input that would turn the verdict"
    ),
    "status": Result(
        "Payback status",
        "",
        "immediate, breaks_even, reverses or never: the payback without resale",
    ),
    "months": Result(
        "Discounted payback",
        "months",
        "discounted payback: month from which owning stays ahead",
        "Payback",
    ),
    "first_months": Result(
        "Owning is first ahead", "months", "month in which owning is first ahead"
    ),
    "simple_months": Result("Simple payback", "months", "payback without discounting"),
    "exit_months": Result(
        "Payback with resale",
        "months",
        "month from which buying is cheaper if you then sell and stop",
    ),
    "hours": Result(
        "Busy hours per GPU until payback", "hours", "busy hours per GPU until the payback"
    ),
    "own_npv_usd": Result(
        f"{_OWN}, present value", "USD", "present value of all costs of owning, less resale", _OWN
    ),
    "rent_npv_usd": Result(
        f"{_RENT}, present value", "USD", "present value of all costs of renting", _RENT
    ),
    "npv_saving_usd": Result(
        "NPV of buying instead of renting",
        "USD",
        "saving from buying, present value",
        SAVED_LABELS["buying"],
    ),
    "undiscounted_saving_usd": Result(
        f"{SAVED_LABELS['buying']}, undiscounted",
        "USD",
        "saving from buying, undiscounted",
        SAVED_LABELS["buying"],
    ),
    "breakeven_rate_usd_per_gpu_hour": Result(
        f"{_RATE} per GPU-hour",
        "USD per GPU-hour",
        "rental rate at which both cost the same",
        _RATE,
    ),
    "breakeven_price_usd_per_gpu": Result(
        f"{_PRICE} per GPU", "USD per GPU", "purchase price at which both cost the same", _PRICE
    ),
    "breakeven_utilization": Result(
        "Break-even utilization", "share", "utilization at which both cost the same"
    ),
    "own_usd_per_gpu_hour": Result(
        f"{_OWN} per busy GPU-hour", _HOURLY, "levelized cost of owning", _OWN
    ),
    "rent_usd_per_gpu_hour": Result(
        f"{_RENT} per busy GPU-hour", _HOURLY, "levelized cost of renting", _RENT
    ),
    "gpus_per_rack": Result("GPUs per rack", "GPUs", "GPUs in one full rack"),
    "racks": Result("Racks occupied", "racks", "racks occupied"),
}

# How sure the verdict is, which takes a simulation: a second field beside it, and on request.
ODDS_WORDS = {
    "chance_buy": Result(
        "Chance that buying is cheaper",
        "share",
        "share of the simulated futures in which buying is cheaper",
    ),
    "confidence": Result(
        "Confidence",
        "",
        "confidence in the verdict, from the odds: high (90 % or more), medium (70 % or more) "
        "or low; empty for a toss-up",
    ),
    "median_future": Result(
        "Median future",
        "",
        "how the median (P50) of the simulated futures compares with the base case; "
        "empty where they agree",
    ),
}

# The energy of owning, behind the results.
ENERGY_WORDS = {
    "energy_kwh": Result(
        "Energy of owning", "kWh", "drawn over the holding period, cooling included"
    ),
    "energy_kwh_per_month": Result(
        "Energy of owning per month", "kWh per month", "the same in a full month"
    ),
    "co2_kg": Result(
        "Emissions of that energy",
        "kg CO2",
        "at the carbon intensity given; left out where none is",
    ),
}

# All three.
EVERY_RESULT = {**RESULT_WORDS, **ODDS_WORDS, **ENERGY_WORDS}
