"""The columns and fields of answers about work and fleets, with kind, unit and meaning."""

from __future__ import annotations

from tco.questions.columns import GPU_KEY
from tco.questions.fields import fields
from tco.report.schema import RESULT_MEANINGS

# --- of work --------------------------------------------------------------------------------------

_LENGTHS = (
    ("prompt_tokens", "number?", "tokens", "tokens of a prompt"),
    ("output_tokens", "number?", "tokens", "tokens of an answer"),
)
_BITS = (
    ("weight_bits", "number", "bits", "bits in which a weight is stored"),
    ("kv_bits", "number", "bits", "bits per value of the KV cache"),
)
_REPLICA = ("gpus_per_replica", "whole", "GPUs", "GPUs that hold one copy of the model")
_BASIS = (
    *("basis", "text", ""),
    "where the speed comes from: measured, interpolated, calibrated, estimated, yours or refused",
)
_BAND = (
    ("low", "number?", "tokens/s", "speed above which 95 of 100 cases are"),
    ("high", "number?", "tokens/s", "speed below which 95 of 100 cases are"),
)
_SPEED = ("output_tokens_per_s", "number?", "tokens/s", "output tokens per second of one replica")
_TIMES = (
    ("token_time_ms", "number?", "ms", "time between two tokens"),
    ("first_token_ms", "number?", "ms", "time to the first token"),
)
_SIDES = (
    ("own_npv_usd", "number?", "USD", RESULT_MEANINGS["own_npv_usd"][1]),
    ("rent_npv_usd", "number?", "USD", RESULT_MEANINGS["rent_npv_usd"][1]),
)
_MILLION = "USD per million output tokens"
_FULL = "if every paid hour were busy"
_PER_MILLION = (
    (
        "own_usd_per_million_tokens",
        "number?",
        _MILLION,
        "all costs of owning, spread over output tokens",
    ),
    (
        "rent_usd_per_million_tokens",
        "number?",
        _MILLION,
        "all costs of renting, spread over output tokens",
    ),
)
_BANDED = (
    ("gpus_at_low", "whole?", "GPUs", "GPUs that it takes at the low end of the band"),
    ("gpus_at_high", "whole?", "GPUs", "GPUs that it takes at the high end of the band"),
)
_UTILIZATION = ("utilization", "number?", "share", "share of all hours with useful work")
_MODEL = ("model", "text", "", "key of the model")

MODELS = fields(
    _MODEL,
    ("name", "text", "", "name where it is published"),
    ("layers", "whole", "layers", "layers"),
    ("heads", "whole", "heads", "attention heads"),
    ("kv_heads", "whole", "heads", "heads that keep keys and values"),
    ("head_dim", "whole", "", "dimension of a head"),
    ("hidden_size", "whole", "", "width of a layer"),
    ("vocab", "whole", "tokens", "size of the vocabulary"),
    ("tied_embeddings", "flag", "", "whether input and output embeddings are the same"),
    ("parameters", "whole", "parameters", "all parameters"),
    (
        "active_parameters",
        "whole",
        "parameters",
        "active parameters, which each token passes through",
    ),
    ("expert_parameters", "whole", "parameters", "those of the experts"),
    ("embedding_parameters", "whole", "parameters", "those of the embeddings"),
    ("encoder_parameters", "whole", "parameters", "those of encoders of images or sound"),
    ("experts", "whole", "experts", "experts of a layer"),
    ("experts_active", "whole", "experts", "experts active for each token"),
    ("moe_layers", "whole", "layers", "layers with experts"),
    ("mla_rank", "number?", "", "rank of multi-head latent attention"),
    ("mla_rope_dim", "number?", "", "dimension of its positional part"),
    ("attention", "text", "", "full, window, mla, linear or sparse"),
    ("kv_layers", "whole", "layers", "layers that keep keys and values of every token"),
    ("window", "number?", "tokens", "length of a window of attention"),
    ("window_layers", "whole", "layers", "layers with such a window"),
    ("context", "whole", "tokens", "longest sequence"),
    ("native_bits", "number", "bits", "bits of a weight as published"),
    ("license", "text", "", "license"),
    ("url", "text", "", "address of the configuration"),
    ("as_of", "text", "", "day on which that was so"),
    ("recorded", "text", "", "day on which the row entered the data"),
    ("source_id", "text", "", "key of the source"),
    ("note", "text", "", "what else is known"),
    ("source", "text", "", "publisher and title of the source"),
    ("age_days", "whole?", "days", "age of the row"),
)
FIT = fields(
    _MODEL,
    GPU_KEY,
    _REPLICA,
    *_BITS,
    *_LENGTHS,
    ("weights_gib", "number", "GiB", "weights on one GPU"),
    ("kv_bytes_per_token", "number", "bytes", "memory of a token on one GPU"),
    ("usable_gib", "number", "GiB", "memory of a GPU that can be used"),
    ("free_gib", "number", "GiB", "memory of a GPU that is left for tokens"),
    ("capacity_tokens", "number", "tokens", "tokens that are held at once"),
    ("context_tokens", "whole", "tokens", "longest single sequence"),
    ("sequences", "whole", "sequences", "prompts with answers that are held at once"),
    ("fits", "flag", "", "whether at least one such sequence fits"),
    ("short_gib", "number", "GiB", "memory missing on a GPU"),
    ("reason", "text", "", "the answer in words; if it does not fit, what would"),
)
SPEED_TABLE = fields(
    _MODEL,
    GPU_KEY,
    _REPLICA,
    *_BITS,
    *_LENGTHS,
    ("cached_prompt_share", "number", "share", "prompt tokens that are cached"),
    ("sequences", "number?", "sequences", "sequences in flight on one replica"),
    _SPEED,
    *_TIMES,
    ("prompt_share", "number?", "share", "share of the time that goes into prompts"),
    _BASIS,
    *_BAND,
    ("reason", "text", "", "how the speed was found, or why there is none"),
    ("first_token_low_ms", "number?", "ms", "low end of the time to the first token"),
    ("first_token_high_ms", "number?", "ms", "high end of it"),
)
WORK = fields(
    _MODEL,
    GPU_KEY,
    ("gpus", "whole", "GPUs", "GPUs that the work takes"),
    *_BANDED,
    ("replicas", "whole", "replicas", "copies of the model"),
    _REPLICA,
    ("gpu_hours_per_month", "number", "GPU-hours per month", "busy GPU-hours"),
    _UTILIZATION,
    ("requests_per_s_mean", "number", "requests/s", "requests on average"),
    ("requests_per_s_peak", "number", "requests/s", "requests in the busiest hour"),
    ("prompt_tokens_per_month", "number", "tokens per month", "tokens of prompts"),
    ("output_tokens_per_month", "number", "tokens per month", "tokens of answers"),
    _SPEED,
    *_TIMES,
    _BASIS,
    *_BAND,
    ("reason", "text", "", "how the speed was found"),
    *_PER_MILLION,
    ("api_usd_per_million_tokens", "number?", _MILLION, "the middle of the APIs, prompts included"),
    ("joules_per_token", "number?", "J per output token", "IT energy"),
    ("kwh_per_million_tokens", "number?", "kWh per million output tokens", "the same"),
    *_SIDES,
    ("demand", "text", "", "what was made of the demand, in words"),
)
SPEED_BREAKEVEN = fields(
    GPU_KEY,
    _REPLICA,
    ("against", "text", "", "what buying is compared with: rent, api, or another GPU"),
    _SPEED,
    *_BAND,
    _BASIS,
    ("sentence", "text", "", "the answer in words"),
    ("is_buying", "flag", "", "whether buying wins at the speed of the work"),
)
SUBSTITUTES = fields(
    GPU_KEY,
    ("rank", "whole?", "", "1 is the cheapest; none for a GPU that cannot do the work"),
    ("side", "text", "", "own or rent, whichever is cheaper; empty for neither"),
    ("present_value_usd", "number?", "USD", "present value of that side"),
    *_SIDES,
    ("gpus", "whole?", "GPUs", "GPUs that the work takes"),
    *_BANDED,
    ("gpus_per_replica", "whole?", "GPUs", "GPUs that hold one copy of the model"),
    _UTILIZATION,
    ("sequences", "number?", "sequences", "sequences in flight on one replica"),
    _SPEED,
    *_BAND,
    *_TIMES,
    _BASIS,
    ("usd_per_million_tokens", "number?", _MILLION, "cost of the cheaper side"),
    *_PER_MILLION,
    ("tokens_per_s_per_kw", "number?", "tokens/s per kW", "speed per IT power at peak"),
    ("tokens_per_s_per_rack", "number?", "tokens/s", "speed of a full rack"),
    ("joules_per_token", "number?", "J per output token", "IT energy"),
    ("why_not", "text", "", "why it cannot do the work, or by how much it costs more"),
)
COMPARE_API = fields(
    _MODEL,
    GPU_KEY,
    ("providers", "whole", "providers", "providers whose price is known"),
    ("api_usd_per_million_tokens", "number?", _MILLION, "the middle of the APIs, prompts included"),
    ("api_low_usd_per_million_tokens", "number?", _MILLION, "10th percentile of the APIs"),
    ("api_high_usd_per_million_tokens", "number?", _MILLION, "90th percentile of the APIs"),
    *_PER_MILLION,
    *(
        (f"{side}_usd_per_million_tokens_at_full_use", "number?", _MILLION, f"{what}, {_FULL}")
        for side, what in (("own", "owning"), ("rent", "renting"))
    ),
    ("own_breakeven", "number?", "share", "share of paid hours from which owning beats the APIs"),
    ("rent_breakeven", "number?", "share", "share of paid hours from which renting beats them"),
    ("own_breakeven_tokens_per_s", "number?", "tokens/s", "speed at which owning costs the same"),
    ("rent_breakeven_tokens_per_s", "number?", "tokens/s", "speed at which renting does"),
    ("api_usd_per_month", "number?", "USD per month", "the middle of the APIs"),
    ("own_usd_per_month", "number?", "USD per month", "cost of owning"),
    ("rent_usd_per_month", "number?", "USD per month", "cost of renting"),
    ("cheapest", "text", "", "own, rent or api"),
)
API_OFFERS = fields(
    ("provider", "text", "", "key of the provider"),
    ("provider_model", "text", "", "what the provider calls the model"),
    ("usd_per_m_input", "number?", "USD per million prompt tokens", "price of prompts"),
    ("usd_per_m_output", "number?", "USD per million output tokens", "price of answers"),
    ("usd_per_million_tokens", "number?", _MILLION, "both prices, spread over output tokens"),
    ("as_of", "text", "", "date of the price"),
    ("doubtful", "flag", "", "whether the price is left out as implausible"),
)
SERVERLESS = fields(
    GPU_KEY,
    ("gpus", "whole", "GPUs", "GPUs that the work takes"),
    ("billed_gpu_hours_per_month", "number", "GPU-hours per month", "GPU-hours that are billed"),
    (
        "start_gpu_hours_per_month",
        "number",
        "GPU-hours per month",
        "of these, those of starts and idling",
    ),
    ("usd_per_month", "number?", "USD per month", "the bill"),
    ("usd_per_million_tokens", "number?", _MILLION, "the bill, spread over output tokens"),
    *_SIDES,
)
SUCCESSOR = fields(
    GPU_KEY,
    ("gpus", "whole", "GPUs", "GPUs of the work"),
    ("refresh_gpu", "text", "", "key of the GPU that replaces them"),
    ("gpus_after", "whole", "GPUs", "GPUs after the replacement"),
    ("months", "whole", "months", "months until the replacement"),
    ("own_usd", "number?", "USD", "present value of owning with the replacement"),
    ("keep_usd", "number?", "USD", "present value of owning the first GPUs all the time"),
    ("rent_usd", "number?", "USD", "present value of renting the first GPUs all the time"),
    ("rent_successor_usd", "number?", "USD", "present value of renting the successor from then on"),
    ("kw_before", "number", "kW", "IT power at peak until then"),
    ("kw_after", "number", "kW", "IT power at peak from then on"),
    ("saving_usd", "number?", "USD", "what owning with the replacement saves over renting"),
    ("sentence", "text", "", "the answer in words"),
)
OTHER_WORK = fields(
    ("kind", "text", "", "kind of work"),
    GPU_KEY,
    ("gpus", "whole", "GPUs", "GPUs that the work takes"),
    *_BANDED,
    ("gpu_hours_per_month", "number", "GPU-hours per month", "busy GPU-hours"),
    _UTILIZATION,
    ("unit", "text", "", "what is counted: images, tokens, streams …"),
    ("units_per_month", "number?", "units per month", "units of work"),
    ("measured", "text", "", "what was measured"),
    ("per_gpu", "number?", "units/s, or units at once", "what one GPU does"),
    ("low", "number?", "units/s, or units at once", "low end of its band"),
    ("high", "number?", "units/s, or units at once", "high end of its band"),
    ("basis", "text", "", "where that comes from: measured, estimated, yours …"),
    ("reason", "text", "", "how it was found"),
    ("own_usd_per_unit", "number?", "USD per unit", "all costs of owning, spread over the units"),
    ("rent_usd_per_unit", "number?", "USD per unit", "all costs of renting, spread over the units"),
    *_SIDES,
)
TRAINING = fields(
    GPU_KEY,
    ("gpus", "whole", "GPUs", "GPUs of the run"),
    ("gpu_hours", "number", "GPU-hours", "GPU-hours of the run"),
    ("days", "number", "days", "length of the run"),
    ("own_usd", "number?", "USD", "buying GPUs for the run and selling them after it"),
    ("rent_usd", "number?", "USD", "renting them for the run"),
)

# --- of fleets ------------------------------------------------------------------------------------

FLEET = fields(
    ("owned", "whole", "GPUs", "GPUs owned by the end"),
    ("needed", "whole", "GPUs", "GPUs of the largest peak"),
    ("most_owned", "whole", "GPUs", "GPUs that may be owned"),
    ("npv_usd", "number", "USD", "present value of the plan"),
    ("npv_saving_usd", "number", "USD", "what it saves over renting all"),
    ("all_rent_npv_usd", "number", "USD", "present value of renting all"),
    ("all_own_npv_usd", "number", "USD", "present value of buying today all that may be owned"),
    ("binding", "text", "", "which limit keeps more from being owned; empty for none"),
    ("gpus_per_purchase", "whole", "GPUs", "GPUs that are bought together"),
    ("fixed_own_usd", "number", "USD", "own lines of a fixed amount of owning, in no total"),
    ("fixed_rent_usd", "number", "USD", "own lines of a fixed amount of renting, in no total"),
    ("reason", "text", "", "the plan in words"),
    ("notes", "texts", "", "what was done with the demand"),
)
BUY_NOW = fields(
    ("owned", "whole", "GPUs", "GPUs to buy if nobody waits"),
    ("npv_usd", "number", "USD", "present value of that plan"),
)
DEMAND = fields(
    ("mean_gpus", "number", "GPUs", "GPUs needed on average"),
    ("peak_gpus", "number", "GPUs", "GPUs needed in the largest peak"),
    ("mean_over_peak", "number", "share", "mean demand divided by the peak"),
    ("hours", "whole?", "hours", "hours that are known"),
    ("growth_per_year", "number", "per year", "growth of the demand"),
)
CALENDAR = fields(
    ("month", "whole", "months", "month of a purchase"),
    ("gpus", "whole", "GPUs", "GPUs bought then"),
    ("owned", "whole", "GPUs", "GPUs owned from then on"),
)
UNITS = fields(
    ("unit", "whole", "", "number of the GPU: the k-th is needed when demand is k or more"),
    ("utilization", "number", "share", "share of hours in which it is needed"),
    ("npv_saving_usd", "number", "USD", "what buying it today saves"),
    ("owned", "flag", "", "whether the plan owns it"),
    ("buy_month", "whole?", "months", "month of its purchase; none: it is rented"),
    ("plan_saving_usd", "number?", "USD", "what buying it then saves"),
    ("server", "whole", "", "number of the server in which it stands"),
    ("rent_option", "text?", "", "its cheapest way to rent"),
    ("rent_npv_usd", "number", "USD", "present value of renting it"),
    ("billed_share", "number?", "share", "share of hours that are billed if it is rented"),
)
FLEET_COSTS = fields(
    ("plan", "text", "", "which plan"),
    ("gpus_owned", "whole", "GPUs", "GPUs that it owns"),
    ("present_value_usd", "number", "USD", "its present value"),
    ("more_than_plan_usd", "number", "USD", "by how much it costs more than this plan"),
)
WAITING = fields(
    ("month", "whole", "months", "month until which all are rented"),
    ("owned", "whole", "GPUs", "GPUs that are worth buying then"),
    ("npv_usd", "number", "USD", "present value of that plan"),
)
