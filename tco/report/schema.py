"""The published formats: every column, in order, with its unit and meaning.

A change here is a change of SCHEMA_VERSION and an entry in the changelog.
"""

from __future__ import annotations

from tco.analysis.accounting import BALANCE_COLUMNS, STATEMENT_COLUMNS
from tco.model.ledger import LEDGER_COLUMNS

REPORT_COLUMNS = {
    "section": "stamp, input, line (of the user's own), note (on an input's value), result or "
    "converted (a result in the scenario's currency)",
    "name": "the input's, line's or result's name, the same everywhere; the stamp `lines` holds "
    "all lines as JSON, for `tco.Scenario(lines=...)`",
    "value": "number with a decimal point, word, or empty for none",
    "unit": "unit of the value",
    "status": "of an input: yours, default, assumption or missing",
    "low": "10th percentile of the input's range",
    "high": "90th percentile of the input's range",
    "source": "publisher and title of a default's source",
    "url": "address of that source",
    "as_of": "date of a default",
    "age_days": "days from that date to the scenario's as_of",
    "freshness": "fresh up to 30 days, aging up to 90, else stale",
    "note": "how a default was derived; what a line is; what a result means, or why there is none",
}

LEDGER_REPORT_COLUMNS = {
    "option": "own or rent",
    "item": "cost item: one of the model's, or a line of the user's own",
    "month": "number of the month; 0 is the start",
    "t_months": "when it is paid, months from the start",
    "cost_usd": "USD of that month; income is negative",
    "present_value_usd": "present value in USD",
}
assert tuple(LEDGER_REPORT_COLUMNS) == LEDGER_COLUMNS

# `tco accounting --format csv`: the statements, then what stands in the books.
STATEMENT_REPORT_COLUMNS = {
    "option": "own or rent",
    "account": "account of the statement of profit and loss; total is the sum of the others",
    "label": "what people call the account",
    "fiscal_year": "number of the fiscal year; 1 is that of the purchase",
    "first_month": "its first month, counted from the purchase",
    "last_month": "its last month, at most that of the horizon",
    "cost_usd": "USD expensed in the year; gains and tax savings are negative",
}
BALANCE_REPORT_COLUMNS = {
    "fiscal_year": "number of the fiscal year; 1 is that of the purchase",
    "month": "its last month, at most that of the horizon",
    "t_months": "its end, months from the purchase",
    "book_usd": "book value of all hardware, before anything is sold at the horizon",
    "right_usd": "of it, the right of use of a finance lease",
    "market_usd": "what selling the hardware would bring then, net of selling costs",
    "loan_usd": "loan balance",
    "lease_usd": "liability of a finance lease",
    "prepaid_usd": "fees of commitment terms that are paid and not yet expensed",
}
LEASE_TEST_COLUMNS = {
    "test": "transfer, option, term, payments or use: the tests of ASC 842-10-25-2",
    "number": "ratio that is tested, or empty",
    "threshold": "ratio it is compared with, or empty",
    "met": "whether the test is met; any that is makes it a finance lease",
    "sentence": "the test in words",
}
assert tuple(STATEMENT_REPORT_COLUMNS) == STATEMENT_COLUMNS
assert tuple(BALANCE_REPORT_COLUMNS) == BALANCE_COLUMNS

# The last columns of every file that has one row for many things.
STAMP_COLUMNS = {
    "data_age_days": "days from the older of price and rate to as_of; empty where both are yours",
    "model_version": "which model made the row",
    "data_date": "newest date in the data",
    "schema_version": "which columns these are",
}

# Unit and meaning of every result, in the order of the report.
RESULT_MEANINGS = {
    "verdict": ("", "buy, rent or toss_up (within 5 %), by the saving from buying"),
    "reason": ("", "why, and the nearest change of one input that would turn the verdict"),
    "status": ("", "immediate, breaks_even, reverses or never: the payback without resale"),
    "months": ("months", "discounted payback: month from which owning stays ahead"),
    "first_months": ("months", "month in which owning is first ahead"),
    "simple_months": ("months", "payback without discounting"),
    "exit_months": ("months", "month from which buying is cheaper if you then sell and stop"),
    "hours": ("hours", "busy hours per GPU until the payback"),
    "own_npv_usd": ("USD", "present value of all costs of owning, less resale"),
    "rent_npv_usd": ("USD", "present value of all costs of renting"),
    "npv_saving_usd": ("USD", "saving from buying, present value"),
    "undiscounted_saving_usd": ("USD", "saving from buying, undiscounted"),
    "breakeven_rate_usd_per_gpu_hour": (
        "USD per GPU-hour",
        "rental rate at which both cost the same",
    ),
    "breakeven_price_usd_per_gpu": ("USD per GPU", "purchase price at which both cost the same"),
    "breakeven_utilization": ("share", "utilization at which both cost the same"),
    "own_usd_per_gpu_hour": ("USD per busy GPU-hour", "levelized cost of owning"),
    "rent_usd_per_gpu_hour": ("USD per busy GPU-hour", "levelized cost of renting"),
    "gpus_per_rack": ("GPUs", "GPUs in one full rack"),
    "racks": ("racks", "racks occupied"),
}

# How sure the verdict is, which takes a simulation: a second field beside it, and on request.
ODDS_MEANINGS = {
    "chance_buy": ("share", "share of the simulated futures in which buying is cheaper"),
    "confidence": (
        "",
        "confidence in the verdict, from the odds: high (90 % or more), medium (70 % or more) "
        "or low; empty for a toss-up",
    ),
    "median_future": (
        "",
        "how the median (P50) of the simulated futures compares with the base case; "
        "empty where they agree",
    ),
}

# What the model leaves out, listed wherever its results are shown.
NOT_COUNTED = (
    "income taxes unless a tax rate is given",
    "downtime from GPU failures",
    "annual prepayments",
    "decommissioning",
    "data transfer beyond the amount given",
    "UPS and cooling plant at your own site beyond rack rent",
    "the option value of flexibility",
)
