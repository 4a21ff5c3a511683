"""The columns of every table and the fields of every record, with kind, unit and meaning.

Results, the report, the ledger and the accounting view are declared in `tco.report.schema`; what
else a document or a file has, here. A change is one of SCHEMA_VERSION, told in the changelog.
"""

from __future__ import annotations

from dataclasses import replace

from tco.analysis.sweep.rows import ANSWERS as ANSWER_NAMES
from tco.analysis.sweep.rows import ERROR, IN_CURRENCY
from tco.analysis.sweep.rows import NOTES as NOTES_OF_ROW
from tco.questions.fields import Field, fields, of_columns, of_results
from tco.report.schema import (
    BALANCE_REPORT_COLUMNS,
    ENERGY_MEANINGS,
    LEASE_TEST_COLUMNS,
    LEDGER_REPORT_COLUMNS,
    ODDS_MEANINGS,
    REPORT_COLUMNS,
    RESULT_MEANINGS,
    STAMP_COLUMNS,
    STATEMENT_REPORT_COLUMNS,
)

# What stands for any input in the columns of a table.
INPUT = "INPUT"
_INPUT_NAME = "name of the input"
_UNIT = ("unit", "text", "", "unit of the values of the row; empty for a number without one")
GPU_KEY = ("gpu", "text", "", "key of the GPU in the catalog")

# --- of one scenario ------------------------------------------------------------------------------

STAMPS = fields(
    ("tco_version", "text", "", "version of the package that answered"),
    ("data", "text", "", "which data: the shipped data, and what was added to it"),
    ("model_version", "text", "", "which model: the same inputs and data give the same numbers"),
    ("data_date", "text", "", "newest date in the data"),
    ("schema_version", "whole", "", "version of these formats"),
    (
        "converted",
        "text*",
        "",
        "exchange rate at which amounts are also given in the scenario's currency",
    ),
)
ROW_STAMPS = of_columns(STAMP_COLUMNS, {"data_age_days": "whole?", "schema_version": "whole"})
_REPORT_KINDS = {
    "value": "value?",
    "low": "number?",
    "high": "number?",
    "age_days": "whole?",
    "section": "text",
}
REPORT = of_columns(REPORT_COLUMNS, _REPORT_KINDS)
# An input with its value, status and source, as the report has it.
INPUTS_OF_REPORT = tuple(one for one in REPORT if one.name != "section")
# The others are none without a busy hour, or where nothing turns the verdict.
_ALWAYS = ("own_npv_usd", "rent_npv_usd", "npv_saving_usd", "undiscounted_saving_usd")
_RESULT_KINDS = {
    "verdict": "buy|rent|toss_up",
    "status": "immediate|breaks_even|reverses|never",
    "reason": "text",
    "gpus_per_rack": "number",
    "racks": "number?",
    **dict.fromkeys(_ALWAYS, "number"),
}
RESULTS = of_results(RESULT_MEANINGS, _RESULT_KINDS)
ODDS = of_results(ODDS_MEANINGS, {"confidence": "high|medium|low?", "median_future": "text?"})
ENERGY = of_results(ENERGY_MEANINGS, {"energy_kwh": "number", "energy_kwh_per_month": "number"})
AS_OF = fields(("as_of", "text", "", "day on which the data stands; later rows do not count"))
NOTES = fields(("notes", "texts", "", "what is unusual about the values that were given"))
LEDGER = of_columns(
    LEDGER_REPORT_COLUMNS,
    {
        "option": "own|rent",
        "month": "whole",
        **dict.fromkeys(("t_months", "cost_usd", "present_value_usd"), "number"),
        "energy_kwh": "number?",
        "co2_kg": "number?*",
    },
)
OPTIONS = fields(
    ("option", "text", "", "the way to get the hours: on_demand, spot, buy_new, lease …"),
    ("side", "own|rent", "", "whether the hardware is owned or rented"),
    ("hosting", "text", "", "where owned hardware is installed; empty for a rental"),
    ("status", "priced|missing", "", "missing: without a price, or not applicable (why_not)"),
    ("rank", "whole?", "", "1 is the cheapest; none where the option is missing"),
    ("present_value_usd", "number?", "USD", "all costs, less resale, as present value"),
    ("usd_per_busy_gpu_hour", "number?", "USD per busy GPU-hour", "levelized cost"),
    ("usd_per_gpu_year", "number?", "USD per GPU per year", "equivalent annual cost"),
    ("total_usd", "number?", "USD", "all costs, less resale, undiscounted"),
    ("rate_usd_per_gpu_hour", "number?", "USD per GPU-hour", "rental rate of the option"),
    ("price_usd_per_gpu", "number?", "USD per GPU", "purchase price of the option"),
    ("lease_usd_per_gpu_month", "number?", "USD per GPU per month", "lease payment of the option"),
    (
        *("breakeven_price_usd", "number?", "USD"),
        "rate, price or lease at which the option costs as much as the cheapest",
    ),
    ("unused_gpu_hours", "number?", "GPU-hours", "hours paid for without useful work"),
    ("payback_months", "number?", "months", "payback without discounting; none: never"),
    ("discounted_payback_months", "number?", "months", "discounted payback; none: never"),
    ("payback_against", "text", "", "the cheapest rental, against which paybacks count"),
    ("cheapest_from", "number?", "share", "utilization from which nothing is cheaper"),
    ("cheapest_to", "number?", "share", "utilization up to which nothing is cheaper"),
    ("conflict", "flag", "", "costs more than the cheapest only because of the cost of capital"),
    ("discount_rate", "number?", "per year", "discount rate of the present values"),
    ("why_not", "text", "", "why the option is not the cheapest, or is missing"),
    ("note", "text", "", "what the option assumes"),
    ("cash_year_N_usd", "number?", "USD", "cash paid in year N; year 0 is the start"),
)
FLIPS = fields(
    ("input", "text", "", f"{_INPUT_NAME}, or output_tokens_per_s of a replica"),
    _UNIT,
    ("value", "number?", "", "its value now"),
    ("low", "number?", "", "10th percentile of its range; none where nothing is believed"),
    ("high", "number?", "", "90th percentile of its range"),
    ("flip", "number?", "", "value at which both sides cost the same; none: no such value"),
    ("flip_to", "number?", "", "the other side of a jump, else the same value"),
    ("in_range", "flag", "", "whether that value lies between low and high"),
    ("saving_now_usd", "number", "USD", "saving from buying at the value, present value"),
    ("saving_low_usd", "number?", "USD", "saving from buying at low"),
    ("saving_high_usd", "number?", "USD", "saving from buying at high"),
    ("slope_usd_per_unit", "number?", "USD per unit", "change of the saving per unit of the input"),
    ("swing_usd", "number?", "USD", "difference between the savings at low and at high"),
    ("note", "text", "", "why there is no break-even value, or what limits it"),
)
TORNADO = fields(
    ("input", "text", "", f"{_INPUT_NAME}, or output_tokens_per_s of a replica"),
    _UNIT,
    ("value", "number", "", "its value now"),
    ("low", "number", "", "10th percentile of its range, widened to hold the value"),
    ("high", "number", "", "90th percentile of its range, widened to hold the value"),
    ("saving_low_usd", "number", "USD", "saving from buying at low, present value"),
    ("saving_now_usd", "number", "USD", "saving from buying at the value"),
    ("saving_high_usd", "number", "USD", "saving from buying at high"),
    ("swing_usd", "number", "USD", "difference between the savings at low and at high"),
)
STRESS = fields(
    ("name", "text", "", "name of the stress; base is the scenario as it is"),
    ("title", "text", "", "what people call it"),
    ("changes", "text", "", "the inputs that change, with their values before and after"),
    ("npv_saving_usd", "number?", "USD", "saving from buying, present value"),
    ("change_usd", "number?", "USD", "change of the saving against base"),
    ("months", "number?", "months", "discounted payback; none: never"),
    ("verdict", "text", "", "buy, toss_up or rent; empty where there is no answer"),
    ("note", "text", "", "a value kept inside its domain, no effect, or why no answer"),
    ("source_id", "text", "", "source of the stress"),
    ("why", "text", "", "what the stress rests on"),
)
SUMMARY = fields(
    ("name", "text", "", "name of the number: chance_buy, npv_saving_usd_p50, months_p10 …"),
    ("value", "number?", "", "its value; none: never, or not known"),
    ("unit", "text", "", "its unit"),
)
DRIVERS = fields(
    ("input", "text", "", "name of an uncertain input"),
    _UNIT,
    ("value", "number?", "", "its value in the base case"),
    ("low", "number?", "", "10th percentile"),
    ("high", "number?", "", "90th percentile"),
    ("shape", "text", "", "distribution from which it is drawn"),
    ("rank_correlation", "number?", "", "rank correlation with the saving from buying (Spearman)"),
    ("value_of_knowing_usd", "number?", "USD", "worth of knowing it before deciding"),
)
# Beside the odds as tables.
ODDS_FIRST = fields(
    ("verdict", "buy|rent|toss_up", "", RESULT_MEANINGS["verdict"][1]),
    ("confidence", "high|medium|low?", "", ODDS_MEANINGS["confidence"][1]),
    ("median_future", "text?", "", ODDS_MEANINGS["median_future"][1]),
)
MEASURES_TABLE = fields(
    ("name", "text", "", "name of the measure, or of cash of a year (own_cash_year_0_usd)"),
    ("value", "number?", "", "its value; none where there is none"),
    ("unit", "text", "", "unit of the value"),
    ("note", "text", "", "what the measure means, or why there is none"),
)
MEASURES = fields(
    ("npv_saving_usd", "number", "USD", "saving from buying, present value"),
    ("undiscounted_saving_usd", "number", "USD", "saving from buying, undiscounted"),
    ("conflict", "flag", "", "present value and undiscounted total favor different sides"),
    ("irr", "numbers", "per year", "every internal rate of return of buying instead of renting"),
    ("irr_note", "text", "", "what to make of none, one or several rates"),
    ("mirr", "number?", "per year", "modified internal rate of return"),
    ("mirr_note", "text", "", "what the modified rate assumes, or why there is none"),
    ("payback_months", "number?", "months", "payback without discounting; none: never"),
    ("discounted_payback_months", "number?", "months", "discounted payback; none: never"),
    ("exit_months", "number?", "months", RESULT_MEANINGS["exit_months"][1]),
    ("own_usd_per_year", "number", "USD per year", "equivalent annual cost of owning"),
    ("rent_usd_per_year", "number", "USD per year", "equivalent annual cost of renting"),
    ("own_total_usd", "number", "USD", "all costs of owning, less resale, undiscounted"),
    ("rent_total_usd", "number", "USD", "all costs of renting, undiscounted"),
    ("leasing_note", "text", "", "why leasing is not compared with buying; else empty"),
    ("discount_rate", "number", "per year", "discount rate of the present values"),
)
YEARS = fields(
    ("year", "whole", "", "number of the year; 0 is the day of the purchase"),
    ("own_usd", "number", "USD", "cash paid for owning"),
    ("rent_usd", "number", "USD", "cash paid for renting"),
    ("saving_usd", "number", "USD", "saved by buying, undiscounted"),
)
LEASING = fields(
    ("npv_usd", "number", "USD", "lease against purchase, all at the discount rate"),
    ("net_advantage_usd", "number", "USD", "net advantage to leasing; positive: lease"),
    ("discount_rate", "number", "per year", "discount rate"),
    ("after_tax_debt_rate", "number", "per year", "cost of debt after tax"),
    ("residual_rate", "number", "per year", "rate at which the residual value is discounted"),
)
LEASE_RATE = fields(
    ("nominal_rate", "number", "per year", "rate implicit in the lease, nominal (APR)"),
    ("effective_rate", "number", "per year", "the same with compounding"),
    ("rate_per_payment", "number", "share", "interest from one payment to the next"),
    ("payments", "whole", "payments", "number of payments"),
    ("total_paid_usd", "number", "USD", "sum of the payments and the fee"),
    ("interest_usd", "number", "USD", "what is paid and left beyond the value of what is leased"),
    ("payment_usd", "number", "USD", "one payment"),
    ("months", "number", "months", "length of the lease"),
    ("value_usd", "number", "USD", "value of what is leased"),
    ("residual_usd", "number", "USD", "value that is left, or paid, at the end"),
    ("in_advance", "flag", "", "whether payments are due at the start of their interval"),
    ("interval_months", "whole", "months", "months from one payment to the next"),
    ("fee_usd", "number", "USD", "fee at the start"),
)
WIN_MAP = fields(
    ("npv_saving_usd", "number?", "USD", "saving from buying; none: cannot be combined"),
    ("verdict", "buy|rent|toss_up?", "", "which side is cheaper there"),
)
RACK = fields(
    ("gpus_per_rack", "whole", "GPUs", "GPUs in one full rack"),
    ("servers_per_rack", "whole", "servers", "servers in one full rack"),
    ("kw_per_rack", "number", "kW", "peak power of one full rack"),
    ("racks", "number", "racks", "racks occupied"),
    ("limit", "text", "", "space or power, whichever binds"),
    ("server_kw", "number", "kW", "peak power of one server with its GPUs"),
    ("gpus_kw_per_server", "number", "kW", "peak power of the GPUs of one server"),
)

# --- of what there is -----------------------------------------------------------------------------

INPUTS = fields(
    ("name", "text", "", _INPUT_NAME),
    _UNIT,
    ("domain", "text", "", "which values it may have"),
    ("default", "value?", "", "its value where none is given"),
    ("low", "number?", "", "10th percentile of what is usual"),
    ("high", "number?", "", "90th percentile of what is usual"),
    ("status", "text", "", "default, assumption, missing, or policy"),
    ("as_of", "text", "", "date of the default"),
    ("age_days", "whole?", "days", "days from that date to the day of the question"),
    ("source", "text", "", "publisher and title of its source"),
    ("meaning", "text", "", "what the input is"),
)
GPUS = fields(
    GPU_KEY,
    ("name", "text", "", "name of the GPU"),
    ("memory_gb", "number", "GB", "its memory"),
    ("gpu_w", "number", "W", "board power at full load"),
    ("idle_w", "number?", "W", "power when idle"),
    ("host", "text", "", "class of server that it goes into"),
    ("as_of", "text", "", "date of the row"),
    ("price_usd_per_gpu", "number?", "USD per GPU", "default purchase price; none: not known"),
    ("rate_usd_per_gpu_hour", "number?", "USD per GPU-hour", "default rental rate"),
    ("source", "text", "", "publisher and title of the source of the row"),
)
_OFFER_FROM = (
    ("provider", "text", "", "key of the provider"),
    ("market", "text", "", "hyperscaler, neocloud or marketplace"),
)
_OFFER_OF = (
    ("instance", "text", "", "type of instance"),
    ("region", "text", "", "region; any for one price everywhere"),
    ("country", "text", "", "country of the region"),
    ("term", "text", "", "on_demand, spot, 1yr, 3yr or 5yr"),
)
_RATE = ("usd_per_gpu_hour", "number", "USD per GPU-hour", "rental rate")
_HOST = ("host_included", "flag", "", "whether the host is in the price")
_SOURCED = (
    ("source_id", "text", "", "key of the source"),
    ("source", "text", "", "publisher and title of the source"),
)
RATES = fields(
    GPU_KEY,
    _OFFER_FROM[0],
    *_OFFER_OF,
    _RATE,
    _HOST,
    ("as_of", "text", "", "date of the observation"),
    ("age_days", "whole?", "days", "days from that date to the day of the question"),
    ("freshness", "text", "", REPORT_COLUMNS["freshness"]),
    ("source", "text", "", "publisher and title of the source"),
)
OFFERS = fields(
    GPU_KEY,
    *_OFFER_FROM,
    _OFFER_OF[0],
    ("gpus_per_instance", "number", "GPUs", "GPUs of the instance"),
    ("form_factor", "text", "", "form of the GPU"),
    *_OFFER_OF[1:],
    _RATE,
    _HOST,
    ("comparable", "flag", "", "whether the offer counts for the default rate"),
    ("why_not", "text", "", "why it does not"),
    ("as_of", "text", "", "date of the offer"),
    ("age_days", "whole?", "days", "days from that date to the day of the question"),
    ("freshness", "text", "", REPORT_COLUMNS["freshness"]),
    *_SOURCED,
    ("url", "text", "", "address of the source"),
    ("note", "text", "", "what else the source says"),
)
QUANTILES = fields(
    ("provider", "text", "", "key of the provider; all for the row of all providers"),
    ("offers", "whole", "offers", "comparable offers"),
    ("providers", "whole", "providers", "providers that make them"),
    ("p10", "number", "USD per GPU-hour", "10th percentile"),
    ("p50", "number", "USD per GPU-hour", "median"),
    ("p90", "number", "USD per GPU-hour", "90th percentile"),
    ("newest", "text", "", "date of the newest offer"),
)
DEFAULT_RATE = fields(
    ("usd_per_gpu_hour", "number?", "USD per GPU-hour", "rate that answers take; none: not known"),
    ("note", "text", "", "how that rate was found, or why there is none"),
)
_SERIES = (
    GPU_KEY,
    *_OFFER_FROM,
    *_OFFER_OF,
    _HOST,
    *_SOURCED,
    ("series", "text", "", "name of the series: one instance, region, term and source"),
)
HISTORY = fields(
    *_SERIES,
    ("as_of", "text", "", "date of the observation"),
    _RATE,
    ("age_days", "whole?", "days", "days from that date to the day of the question"),
)
TRENDS = fields(
    *_SERIES,
    ("first_date", "text", "", "date of the first observation"),
    ("last_date", "text", "", "date of the last observation"),
    ("observations", "whole", "observations", "number of observations"),
    ("years", "number", "years", "time between them"),
    ("first_usd", "number", "USD per GPU-hour", "first price"),
    ("last_usd", "number", "USD per GPU-hour", "last price"),
    ("change_per_year", "number?", "share per year", "annual change; none: not known"),
    ("low_per_year", "number?", "share per year", "10th percentile of that change"),
    ("high_per_year", "number?", "share per year", "90th percentile of that change"),
    ("standard_error", "number?", "per year", "standard error of the slope of the log price"),
    ("r_squared", "number?", "", "share of the variance that the fit explains"),
    ("endpoint_change_per_year", "number?", "share per year", "last price against the first"),
    ("method", "text", "", "log_linear, endpoint or none"),
    ("why", "text", "", "what decided the method"),
)
RECHECK = fields(
    ("sentence", "text", "", "whether the decision holds, in words"),
    ("decided_by", "text", "", "who decided"),
    ("decided_on", "text", "", "day of the decision"),
    ("flipped", "flag", "", "whether the verdict has changed"),
    ("verdict_then", "buy|rent|toss_up", "", "recorded verdict"),
    ("verdict", "buy|rent|toss_up", "", "verdict now"),
    ("confidence", "high|medium|low?", "", "confidence in the verdict now"),
    ("npv_saving_usd_then", "number", "USD", "recorded saving from buying"),
    ("npv_saving_usd", "number", "USD", "saving from buying now"),
    (
        "model_effect_usd",
        "number",
        "USD",
        "change of the saving that comes from the model version alone",
    ),
)
MOVES = fields(
    ("input", "text", "", "name of an input that moved"),
    _UNIT,
    ("then", "value?", "", "recorded value"),
    ("now", "value?", "", "value now"),
    ("effect_usd", "number", "USD", "effect of the move on the saving from buying"),
)

# --- of files alone -------------------------------------------------------------------------------

STATEMENT = of_columns(
    STATEMENT_REPORT_COLUMNS,
    {
        "option": "own|rent",
        **dict.fromkeys(("fiscal_year", "first_month", "last_month"), "whole"),
        "cost_usd": "number",
    },
)
BALANCE = of_columns(
    BALANCE_REPORT_COLUMNS,
    dict.fromkeys(BALANCE_REPORT_COLUMNS, "number") | {"fiscal_year": "whole", "month": "whole"},
)
LEASE_TESTS = of_columns(
    LEASE_TEST_COLUMNS, {"number": "number?", "threshold": "number?", "met": "flag"}
)
BOOKS = fields(
    ("own_total_usd", "number", "USD", "all costs of owning in the books"),
    ("rent_total_usd", "number", "USD", "all costs of renting in the books"),
    ("book_value_usd", "number", "USD", "book value at the horizon, before anything is sold"),
    ("market_value_usd", "number", "USD", "proceeds of selling the hardware then"),
)
LEASE_CLASS = fields(
    ("kind", "finance|operating", "", "what the lease is in the lessee's books"),
    ("present_value_usd", "number", "USD", "present value of the payments of one term"),
    ("fair_value_usd", "number", "USD", "price of what is leased"),
    ("rate", "number", "per year", "rate of that present value, effective annual"),
    ("is_kept", "flag", "", "whether a purchase at the end is certain from the start"),
)
LEASE_TEST = fields(
    ("name", "text", "", LEASE_TEST_COLUMNS["test"]),
    *(
        (name, kind, "", LEASE_TEST_COLUMNS[name])
        for name, kind in (
            *(("number", "number?"), ("threshold", "number?")),
            *(("met", "flag"), ("sentence", "text")),
        )
    ),
)
CURVES = fields(
    ("month", "whole", "months", "number of the month; 0 is the start"),
    ("t_months", "number", "months", "its end, months from the start"),
    ("own_usd", "number", "USD", "paid for owning so far, present value"),
    ("rent_usd", "number", "USD", "paid for renting so far, present value"),
    ("own_exit_usd", "number", "USD", "the same if the hardware is sold at the end of that month"),
    ("rent_exit_usd", "number", "USD", "the same if renting ends with that month"),
)
# Of one input in the answer to a target.
_NOW = ("now", "number", "", "its value now")
_CHANGE = ("change", "number?", "share", "change of the input from now")
_RESULT = (
    ("target", "text", "", "the target: payback_months, saving_usd, irr …"),
    ("result", "number?", "", "result at that value, in the unit of the target"),
)
_REASON = ("reason", "text", "", "why there is no such value, or that the result jumps there")
_WHERE = (
    ("needed", "number?", "", "value at which the target is reached; none: nowhere, or everywhere"),
    ("side", "text", "", "side of that value on which the target is reached: at_most or at_least"),
    (
        "until",
        "number?",
        "",
        "other end of the range in which the target is reached, if there is one",
    ),
)
GOAL = fields(
    ("input", "text", "", _INPUT_NAME),
    _UNIT,
    _NOW,
    *_WHERE,
    _CHANGE,
    *_RESULT,
    _REASON,
)
REACHED = fields(
    _RESULT[0],
    ("wanted", "number", "", "value of the target"),
    ("now", "number?", "", "its value now; none: never"),
    ("is_reached", "flag", "", "whether the target is reached at current inputs"),
    ("sentence", "text", "", "the answer in words"),
)
REACHED_BY = fields(
    ("input", "text", "", _INPUT_NAME),
    _NOW,
    *_WHERE,
    *_RESULT,
    ("best", "number?", "", "best result that is possible, where the target cannot be reached"),
    ("best_at", "number?", "", "value of the input with that result"),
    _REASON,
    _CHANGE,
)
BRIDGE = fields(
    ("label", "text", "", "name of the step"),
    ("side", "own|rent", "", "side that the step belongs to"),
    ("step", "start|removed|added|end", "", "all of renting, a group of either, all of owning"),
    ("usd", "number", "USD", "present value of the step"),
    ("running_usd", "number", "USD", "present value of all steps so far"),
)
LEASE_OFFER = fields(
    ("name", "text", "", "name of the number"),
    ("value", "value?", "", "its value"),
    ("unit", "text", "", "its unit"),
)
_OWN_UNIT = "in the currency of the row"
# What stands beside the columns of a table of scenarios that was answered.
_ANSWERED = {one.name: one for one in (*RESULTS, *ODDS)} | {
    one.name: one
    for one in fields(
        (ERROR, "text?", "", "what is wrong with the row; its other answers are then empty"),
        (NOTES_OF_ROW, "text?*", "", "what is unusual about the values of the row, where asked"),
    )
}
ANSWERS = (
    *fields((INPUT, "value?*", "", "the columns of the table, as they came")),
    *(replace(_ANSWERED[name], is_nullable=True) for name in (*ANSWER_NAMES, NOTES_OF_ROW)),
    *ROW_STAMPS,
    *(
        replace(_ANSWERED[name], name=told, unit=_OWN_UNIT, is_nullable=True, is_optional=True)
        for name, told in IN_CURRENCY.items()
    ),
)
_BILLED = (
    ("region", "text", "", "region of the bill"),
    ("term", "text", "", "on_demand, spot, 1yr, 3yr or 5yr"),
    ("gpu_hours", "number", "GPU-hours", "GPU-hours billed"),
    ("cost", "number", "currency of the bill", "what they cost"),
    ("rate_per_gpu_hour", "number?", "currency per GPU-hour", "the one over the other"),
)
BILL_USAGE = fields(GPU_KEY, *_BILLED)
BILL_MACHINES = fields(GPU_KEY, ("instance", "text", "", "type of machine"), *_BILLED)
BILL_AMOUNTS = fields(
    ("kind", "text", "", "kind of amount: used, unused, credits, taxes, other …"),
    ("what", "text", "", "what it was paid for"),
    ("cost", "number", "currency of the bill", "the amount"),
    ("rows", "whole", "rows", "rows of the files that it is the sum of"),
)
BILL = fields(
    ("format", "text", "", "kind of export: focus, cur, gcp or azure"),
    ("files", "texts", "", "names of the files"),
    ("currency", "text", "", "currency of the bill"),
    ("rows", "whole", "rows", "rows of the files"),
    ("start", "text?", "", "start of the time billed, UTC"),
    ("end", "text?", "", "end of it"),
    ("hours", "whole", "hours", "hours between them"),
    ("gpu_hours", "number", "GPU-hours", "GPU-hours billed"),
    ("rate_per_gpu_hour", "number?", "currency per GPU-hour", "used over GPU-hours"),
    ("usd_per_gpu_hour", "number?", "USD per GPU-hour", "the same in USD; none: no exchange rate"),
    ("total", "number", "currency of the bill", "sum of the files"),
    ("used", "number", "currency of the bill", "paid for GPU-hours"),
    ("unused", "number", "currency of the bill", "paid for commitments without use"),
    ("credits", "number", "currency of the bill", "credits"),
    ("taxes", "number", "currency of the bill", "taxes"),
    ("other", "number", "currency of the bill", "all that is no GPU-hour"),
    ("set_aside", "number", "currency of the bill", "what was not understood"),
    ("prepaid", "number", "currency of the bill", "paid in advance, for other months too"),
    ("spread_share", "number", "share", "GPU-hours whose hours of the day the bill does not say"),
    ("remarks", "texts", "", "what was done with the files"),
)
BILL_HOURLY = fields(
    ("hour", "text", "", "hour, UTC"),
    GPU_KEY,
    ("region", "text", "", "region of the bill"),
    ("term", "text", "", "on_demand, spot, 1yr, 3yr or 5yr"),
    ("gpu_hours", "number", "GPU-hours", "GPU-hours in that hour"),
)
TELEMETRY = fields(
    ("gpu", "text?", "", "key of the GPU that logs name"),
    ("gpus", "whole", "GPUs", "GPUs in the logs"),
    ("hours", "number", "GPU-hours", "time measured, of all GPUs together"),
    ("gap_hours", "number", "GPU-hours", "time in which a log stopped"),
    ("utilization", "number?", "share", "share of the time with an activity of 1 % or more"),
    ("mean_activity", "number?", "share", "mean activity, which is no utilization"),
    ("busy_w", "number?", "W", "mean power when busy"),
    ("idle_w", "number?", "W", "mean power when idle"),
    ("mean_w", "number?", "W", "mean power"),
    ("load_factor", "number?", "share", "mean busy power as a share of board power"),
    ("prompt_tokens", "number?", "tokens", "tokens of prompts served"),
    ("output_tokens", "number?", "tokens", "tokens of answers served"),
    ("served_hours", "number?", "hours", "time that the log of the engine covers"),
    ("serving_share", "number?", "share", "share of it with requests"),
    ("output_tokens_per_gpu_hour", "number?", "tokens per GPU-hour", "tokens of answers"),
    ("files", "texts", "", "names of the files"),
    ("remarks", "texts", "", "what was done with the files"),
)
TELEMETRY_BY_GPU = fields(
    ("id", "text", "", "the GPU in the log"),
    ("model", "text?", "", "its name in the log"),
    ("hours", "number", "hours", "time measured"),
    ("utilization", "number?", "share", "share of the time with an activity of 1 % or more"),
    ("mean_activity", "number?", "share", "mean activity"),
    ("busy_w", "number?", "W", "mean power when busy"),
    ("idle_w", "number?", "W", "mean power when idle"),
    ("mean_w", "number?", "W", "mean power"),
)
DEMAND_FILE = fields(
    ("time", "text", "", "start of the hour, with its offset or Z"),
    ("value", "number", "", "how much is needed in that hour"),
    ("unit", "text*", "", "what a value is: gpus, share …"),
)


def named(found: tuple[Field, ...]) -> tuple[str, ...]:
    """The names of fields that are no pattern, in their order."""
    return tuple(one.name for one in found if not one.pattern)
