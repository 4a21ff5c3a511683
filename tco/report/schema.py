"""The published formats: every column, in order, with its unit and meaning.

A change here is a change of SCHEMA_VERSION and an entry in the changelog.
"""

from __future__ import annotations

from tco.analysis.accounting import BALANCE_COLUMNS, STATEMENT_COLUMNS
from tco.model.ledger import CO2_COLUMN, LEDGER_COLUMNS
from tco.report.uncounted import UNCOUNTED
from tco.words.results import ENERGY_WORDS, ODDS_WORDS, RESULT_WORDS

# What a reader in finance asks first stands first: the rows are in the order of these sections,
# amounts in another currency behind those of results, of measures, and of inputs and lines.
REPORT_SECTIONS = {
    "result": "the verdict, and what it rests on",
    "converted": "an amount in the scenario's currency, behind the section that it is of",
    "measure": "a measure of finance, or cash of a year",
    "input": "an input, by group",
    "line": "a line of the user's own",
    "note": "what is unusual about an input's value",
    "not counted": "what the model leaves out, and the own line that stands in for it",
    "stamp": "what made the report",
}
REPORT_COLUMNS = {
    "section": ", ".join(REPORT_SECTIONS),
    "group": "of an input: its group",
    "label": "what the row is called on every screen",
    "value": "number with a decimal point, word, or empty for none",
    "unit": "unit of the value",
    "name": "the input's, line's or result's name, the same everywhere; the stamp `lines` holds "
    "all lines as JSON, for `tco.Scenario(lines=...)`",
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
    "energy_kwh": "energy of that month in kWh, paid for or included in a fee; empty where an item "
    "draws none",
    "co2_kg": "its emissions in kg; the column is there where `co2_kg_per_kwh` is given",
}
assert tuple(LEDGER_REPORT_COLUMNS) == (*LEDGER_COLUMNS, CO2_COLUMN)

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
    "right_usd": "of it, the right-of-use asset of a finance lease",
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

# Unit and meaning of every result, in the order of the report; of how sure the verdict is; and of
# the energy of owning.
RESULT_MEANINGS, ODDS_MEANINGS, ENERGY_MEANINGS = (
    {name: (one.unit, one.meaning) for name, one in told.items()}
    for told in (RESULT_WORDS, ODDS_WORDS, ENERGY_WORDS)
)

# What the model leaves out and what stands in for it, listed wherever its results are shown.
NOT_COUNTED = tuple(one.told for one in UNCOUNTED)
