"""The fields of what is kept and checked: records of decisions, periods, and the price store."""

from __future__ import annotations

from dataclasses import replace

from tco.analysis.actuals import PLANNED_UNITS
from tco.analysis.check import KINDS
from tco.questions.columns import GPU_KEY, RECHECK
from tco.questions.fields import fields, optional
from tco.report.schema import RESULT_MEANINGS
from tco.words import VERDICT_WORDS

# --- of decisions and periods ---------------------------------------------------------------------

_VERDICTS = "|".join(word for word in VERDICT_WORDS if word)
# The record that `tco decide` writes, but for what was given and the values of then.
DECISION = fields(
    ("decision_version", "whole", "", "version of the format of records"),
    ("decided_by", "text", "", "who decided"),
    ("decided_on", "text", "", "day of the decision"),
    ("note", "text", "", "why, in a sentence or two; empty: not said"),
    ("tco_version", "text", "", "version of the package that answered"),
    ("model_version", "text", "", "version of the model"),
    ("data", "text", "", "which data: the shipped data, and what was added to it"),
    ("data_date", "text", "", "date of the data; later rows did not count"),
    ("policy", "text", "", "name of the policy; empty: none"),
    ("verdict", _VERDICTS, "", RESULT_MEANINGS["verdict"][1]),
    ("confidence", "high|medium|low|", "", "confidence in it; empty: none"),
    ("chance_buy", "number?", "share", "simulated futures in which buying is cheaper"),
    ("npv_saving_usd", "number", "USD", RESULT_MEANINGS["npv_saving_usd"][1]),
    *(
        (name, "number", *RESULT_MEANINGS[name])
        for name in ("own_usd_per_gpu_hour", "rent_usd_per_gpu_hour")
    ),
    ("check_first", "text", "", "input most worth checking before the decision; empty: none"),
)
DECIDED_VALUE = fields(
    ("value", "value?", "", "its value then"),
    ("status", "text", "", "where it came from: yours, default, assumption, quote …"),
    ("as_of", "text", "", "date of the value; empty for one that was given"),
)
CHECKSUM = fields(
    ("check", "text", "", "checksum of the record: a copy that was edited is refused"),
)
FROM_BILL = fields(
    ("monthly_usd", "number", "USD per month", "the compute part of one month's bill"),
    ("utilization", "number", "share", "utilization that it implies"),
)
_PLANNED = (
    ("gpu_hours", "GPU-hours of the period"),
    ("usd_per_gpu_hour", "rental rate"),
    ("compute_usd", "cost of these hours"),
    ("utilization", "share of all hours with useful work"),
    ("load_factor", "mean busy power as a share of board power"),
    ("idle_w", "power when idle"),
    ("energy_usd_per_month", "energy cost of a full month of owning"),
)
ACTUAL = optional(fields(*((name, "number", PLANNED_UNITS[name], said) for name, said in _PLANNED)))
_OF_BILLS = ("gpu_hours", "compute_usd")
PLANNED = tuple(replace(one, is_optional=one.name in _OF_BILLS) for one in ACTUAL)
ACTUALS = (
    *fields(
        ("hours", "number?", "hours", "length of the period; none: no bill"),
        ("gap_usd", "number?", "USD", "what renting cost beyond the plan; none: no bill"),
        ("rate_effect_usd", "number?", "USD", "part of that difference that comes from the rate"),
        (
            "volume_effect_usd",
            "number?",
            "USD",
            "part of that difference that comes from the hours",
        ),
        (
            *("power_effect_usd_per_month", "number?", "USD per month"),
            "additional energy cost of a month of owning; none: not measured",
        ),
        ("sentences", "texts", "", "what differed from the plan, and whether the decision holds"),
    ),
    *(one for one in RECHECK if one.name != "sentence"),
)

# --- of the price store ---------------------------------------------------------------------------

IMPORTS = fields(
    ("import_id", "whole", "", "number of the import"),
    ("at", "text", "", "when, UTC"),
    ("collector", "text", "", "kind of list that it was read as"),
    ("file", "text", "", "name of the file; empty for a price entered by hand"),
    ("sha256", "text", "", "checksum of the file"),
    ("as_of", "text", "", "date of its prices"),
    ("rows", "whole", "rows", "rows of the file"),
    ("added", "whole", "observations", "observations that were new"),
    ("known", "whole", "observations", "observations that the store had"),
    ("aside", "whole", "rows", "rows of which nothing was used"),
    ("source_id", "text", "", "key of the source"),
    ("undone", "text", "", "when it was undone, UTC; empty while it counts"),
)
_REJECTED = (
    ("provider", "text", "", "provider, as the file has it"),
    ("gpu", "text", "", "name of the GPU, as the file has it"),
    ("reason", "text", "", "why the row was not used"),
)
REJECTIONS = fields(
    ("import_id", "whole", "", "number of the import"),
    *_REJECTED,
    ("count", "whole", "rows", "rows with this reason"),
    ("first_line", "whole", "", "line of the first such row"),
    ("example", "text", "", "beginning of that first row"),
)
# What `--aside` writes: every row that was not used.
ASIDE = fields(
    ("file", "text", "", "name of the file"),
    ("line", "whole", "", "line of the row"),
    *_REJECTED,
    ("text", "text", "", "beginning of the row"),
)
FINDINGS = fields(
    ("kind", "|".join(KINDS), "", "what needs attention"),
    ("subject", "text", "", "the GPU, the input, or the kind of price"),
    ("message", "text", "", "what was found, in words"),
)
# What `tco prices export` writes, and `tco prices import csv` reads.
EXPORT = fields(
    ("kind", "rate|price|quote", "", "what was observed"),
    GPU_KEY,
    ("provider", "text?", "", "provider of a rate, or of a quote of one"),
    ("instance", "text?", "", "type of instance of a rate"),
    ("gpus_per_instance", "number?", "GPUs", "GPUs of the instance"),
    ("region", "text?", "", "region; any for one price everywhere"),
    ("country", "text?", "", "country of the region"),
    ("term", "text?", "", "on_demand, spot, 1yr, 3yr or 5yr"),
    ("usd_per_gpu_hour", "number?", "USD per GPU-hour", "a rental rate"),
    ("host_included", "yes|no?", "", "whether the host is in the rate"),
    ("price_basis", "text?", "", "of a purchase price: quote, street, msrp or used"),
    ("usd", "number?", "USD per GPU", "a purchase price"),
    ("valid_until", "text?", "", "last day of a quote"),
    ("as_of", "text", "", "date of the observation"),
    ("source_id", "text", "", "key of the source"),
    ("publisher", "text?", "", "who published it"),
    ("title", "text?", "", "title of the source"),
    ("url", "text?", "", "address of the source"),
    ("note", "text?", "", "what else is known"),
    ("collector", "text", "", "kind of list that it was read as"),
    ("import_id", "whole", "", "number of the import that brought it"),
)
