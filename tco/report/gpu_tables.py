"""GPUs side by side: each with its own prices and watts, all with the reader's other inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tco.errors import InputError
from tco.inputs import INPUTS, PRICE, PRICES, RATE
from tco.inputs.labels import in_labels
from tco.model.breakeven import breakeven
from tco.report.waterfall import owning
from tco.scenario import Scenario
from tco.scenario.other_gpu import with_gpu
from tco.words import VERDICT_WORDS
from tco.words.figures import months_text, rate_text, usd

if TYPE_CHECKING:
    import pandas as pd

FEWEST, MOST = 2, 8
_BY_DEFAULT = 4
_ALIKE = ("memory_gb", "fp16_dense_tflops")
# What a GPU is, in its row of the catalog; and every column, with its title on a screen.
_HARDWARE = {
    "memory_gb": "memory, GB",
    "bandwidth_gb_s": "bandwidth, GB/s",
    "fp16_dense_tflops": "FP16, dense TFLOPS",
    "fp8_dense_tflops": "FP8, dense TFLOPS",
    "int8_dense_tops": "INT8, dense TOPS",
}
_COSTS = {
    "own_usd_per_gpu_hour": "BUY, USD per busy hour",
    "rent_usd_per_gpu_hour": "RENT, USD per busy hour",
}
_COLUMNS = {
    "gpu": "gpu",
    "verdict": "verdict",
    **_COSTS,
    "payback_months": "payback, months",
    PRICE: "price, USD",
    RATE: "rate, USD per hour",
    **_HARDWARE,
    "gpu_w": "power, W",
    "why_not": "why not",
    "name": "name",
    "rate_of": "rate of",
    "price_from": "price from",
    "rate_from": "rate from",
}
# The heads of the table of a screen, and what stands for what is unknown there.
_HEADS = (
    *("GPU", "Cheaper", "Owning, per busy hour", "Renting, per busy hour", "Payback", "GPU price"),
    *("Rental rate", "Memory", "Bandwidth", "FP16, dense TFLOPS", "Board power"),
)
_NOTHING = "–"
NO_MEASURE = (
    "GPUs differ in how much work they do per busy hour, depending on the workload. Costs here are "
    "not adjusted for that. Say on Work what the GPUs do, and they are compared for the same work."
)


def side_by_side(scenario: Scenario, gpus: Iterable[str]) -> pd.DataFrame:
    """What each GPU costs to own and to rent as the scenario uses it, and what it is.

    Columns: verdict (buy, rent, toss_up; empty without one), own_usd_per_gpu_hour and
    rent_usd_per_gpu_hour [USD per busy GPU-hour], payback_months (`inf`: never), price [USD] and
    rate [USD per GPU-hour] with where they come from, memory [GB], bandwidth [GB/s], dense
    TFLOPS, gpu_w [W], why_not: what keeps it from a verdict, and rate_of: the GPU whose rental rate
    stands in for its own (empty: none does). InputError for an unknown GPU.

    >>> found = side_by_side(Scenario(utilization=0.6, provider="gcp"), ["L4", "RTX-4090"])
    >>> found["verdict"].tolist(), found["why_not"].str.startswith("no rental offer").tolist()
    (['buy', ''], [False, True])
    """
    import pandas as pd

    rows = []
    for asked in (with_gpu(scenario, gpu) for gpu in gpus):
        resolved = asked.resolved()
        row = {name: resolved[name].value for name in ("gpu", "gpu_w")}
        known = scenario.catalogue.gpus.get(row["gpu"])
        row |= {name: getattr(known, name, None) for name in (*_HARDWARE, "name")}
        row["rate_of"] = str(resolved[RATE].borrowed)
        for name, start in ((PRICE, "price_from"), (RATE, "rate_from")):
            entry = resolved[name]
            row |= {name: entry.value, start: f"{entry.status}: {entry.note}".removesuffix(": ")}
        rows.append(row | _answer(asked))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _answer(scenario: Scenario) -> dict[str, Any]:
    """The answer for one GPU, or as much of it as there is and why there is no more."""
    resolved = scenario.resolved()
    unknown = [resolved[name] for name in PRICES if resolved[name].value is None]
    found: dict[str, Any] = {"verdict": "", "why_not": "; ".join(entry.note for entry in unknown)}
    try:
        if not unknown:
            answer = breakeven(scenario)
            found |= {name: getattr(answer, name) for name in ("verdict", *_COSTS)}
            found["payback_months"] = answer.months
        elif resolved[PRICE].value is not None:
            found["own_usd_per_gpu_hour"] = owning(scenario).usd_per_gpu_hour
    except InputError as wrong:
        found["why_not"] = str(wrong)
    return found


def nearest(scenario: Scenario, many: int = _BY_DEFAULT) -> list[str]:
    """The scenario's GPU and those most like it in memory and dense FP16 TFLOPS.

    Those that have a price and a rental rate come first.

    >>> nearest(Scenario(gpu="L4"))[0]
    'L4'
    """
    gpus, own = scenario.catalogue.gpus, scenario.values()["gpu"]

    def order(key: str) -> tuple[bool, float]:
        """Whether a price is lacking; how many times memory and TFLOPS differ, as logarithms."""
        values = with_gpu(scenario, key).values()
        one, other = gpus.get(own), gpus[key]
        pairs = [(getattr(one, name, None), getattr(other, name)) for name in _ALIKE]
        distance = sum(
            abs(math.log(mine / theirs)) if mine and theirs else math.inf for mine, theirs in pairs
        )
        return values[PRICE] is None or values[RATE] is None, distance

    return [own, *sorted((key for key in gpus if key != own), key=order)[: many - 1]]


def chosen(text: str, gpus: Container[str]) -> tuple[list[str], str]:
    """The GPUs of a list with commas from anywhere, and a remark on what of it was not used.

    >>> from tco.market.catalogue import load
    >>> chosen("L4,T4,L5", load().gpus)
    (['L4', 'T4'], "compare: 'L5' is not a GPU of the catalog: ignored")
    """
    names = [name for name in text.split(",") if name]
    known = list(dict.fromkeys(name for name in names if name in gpus))
    strange = [name for name in names if name not in gpus]
    if strange:
        return known[:MOST], f"compare: {strange[0]!r} is not a GPU of the catalog: ignored"
    if len(known) > MOST:
        return known[:MOST], f"compare: only the first {MOST} GPUs are shown"
    return known, ""


def side_by_side_title(frame: pd.DataFrame, utilization: float) -> str:
    """For how many of the GPUs buying is cheaper.

    >>> side_by_side_title(side_by_side(Scenario(utilization=0.6), ["L4", "RTX-4090"]), 0.6)
    'At 60 % utilization, buying is cheaper for L4; renting is cheaper for RTX-4090'
    """
    use = f"At {INPUTS['utilization'].written(utilization)} utilization"
    told = {"buy": "buying is cheaper for", "rent": "renting is cheaper for", "toss_up": "toss-up:"}
    parts = []
    for verdict, words in told.items():
        if names := ", ".join(frame.loc[frame["verdict"] == verdict, "gpu"]):
            parts.append(f"{words} {names}")
    if not parts:
        return f"{use}, none of these GPUs has both a price and a rental rate"
    return f"{use}, {'; '.join(parts)}"


def lacking(frame: pd.DataFrame) -> list[str]:
    """What keeps GPUs from a verdict, in sentences.

    >>> lacking(side_by_side(Scenario(provider="lambda"), ["RTX-PRO-4500"]))[0].split(" on ")[0]
    'RTX-PRO-4500: no rental offer for the RTX-PRO-4500 (lambda, US,'
    """
    rows = zip(frame["gpu"], frame["why_not"], strict=True)
    return [f"{gpu}: {in_labels(why)}." for gpu, why in rows if why]


def borrowed(frame: pd.DataFrame) -> list[str]:
    """Which rental rates are those of other GPUs, in sentences.

    >>> borrowed(side_by_side(Scenario(as_of="2026-11-21"), ["L4", "Arc-Pro-B60"]))
    ['No provider rents out the Arc-Pro-B60: its rental rate is that of the A10.']
    """
    rows = zip(frame["gpu"], frame["rate_of"], strict=True)
    return [
        f"No provider rents out the {gpu}: its rental rate is that of the {near}."
        for gpu, near in rows
        if near
    ]


def costs_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The costs alone, for a screen.

    >>> costs_table(side_by_side(Scenario(), ["L4"])).columns.tolist()
    ['gpu', 'verdict', 'BUY, USD per busy hour', 'RENT, USD per busy hour']
    """
    return gpus_table(frame)[["gpu", "verdict", *_COSTS.values()]]


def gpu_cells(
    frame: pd.DataFrame, work: Mapping[str, str] | None = None
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The heads and the rows of a table of the GPUs as text, what decides first; – where unknown.

    `work` says of each GPU what it takes for the same work, the cheapest first: so stand the rows.

    >>> heads, rows = gpu_cells(side_by_side(Scenario(utilization=0.6), ["L4"]))
    >>> heads[:3], rows[0][:2]
    (('GPU', 'Cheaper', 'Owning, per busy hour'), ('NVIDIA L4', 'BUY'))
    """
    rows: list[tuple[str, ...]] = []
    listed = frame.to_dict("records")
    if work is not None:
        order = list(work)
        listed.sort(key=lambda row: order.index(row["gpu"]))
    for row in listed:
        own, rent = (_text(row[name], rate_text) for name in _COSTS)
        rate = _text(row[RATE], rate_text)
        near = f" (rate of the {row['rate_of']})" if row["rate_of"] else ""
        months = row["payback_months"]
        rows.append(
            (
                str(row["name"] or row["gpu"]),
                *(() if work is None else (work[row["gpu"]],)),
                VERDICT_WORDS[row["verdict"]] if row["verdict"] else _NOTHING,
                *(own, rent, "never" if months == math.inf else _text(months, months_text)),
                *(_text(row[PRICE], usd), f"{rate}{near}"),
                _text(row["memory_gb"], "{:g} GB".format),
                _text(row["bandwidth_gb_s"], "{:,g} GB/s".format),
                _text(row["fp16_dense_tflops"], "{:,g}".format),
                _text(row["gpu_w"], "{:,g} W".format),
            )
        )
    heads = _HEADS if work is None else (_HEADS[0], "For the same work", *_HEADS[1:])
    return heads, rows


def _text(value: Any, write: Callable[[Any], str]) -> str:
    return _NOTHING if value is None or math.isnan(value) else write(value)


def gpus_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of `side_by_side()` for a screen, in words.

    >>> gpus_table(side_by_side(Scenario(utilization=0.6), ["L4"]))["verdict"].tolist()
    ['buy']
    """
    shown = frame.replace(math.inf, math.nan).rename(columns=_COLUMNS)
    return shown.assign(verdict=frame["verdict"].replace({"toss_up": "toss-up"}))
