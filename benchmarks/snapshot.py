"""Every answer of the code as it is, for a refactored one to reproduce.

    python -m benchmarks.snapshot write DIR [--only flips,csv] [--every 10]
    python -m benchmarks.snapshot compare DIR_A DIR_B [--ignore 'csv.report.value:*schema_version']

`write` asks the code of the current folder about some hundreds of scenarios, through the public
functions and the command line alone, and keeps the answers in DIR: a file of JSON lines for each
part, `[scenario, field, value]`, floats as repr writes them. What is refused has its message as
the answer. `compare` lists what differs, by part, field and kind, and exits with 1 if anything
does. Both sides are to be written on one day, as some pages count ages from today, and with one
`--every`. Scenarios that only one side has, as of a new input, are named and left out.

Kinds: `value`; `digits` (a text that differs only in numbers, by no more than the tolerance);
`type` (8 and 8.0); `length` (of a list); `missing` and `added` (in A alone, in B alone). Numbers
are equal to 1e-12 of the larger one; amounts that are sums or differences, to 1e-12 of the larger
present value of their scenario. `--ignore` takes patterns for what is meant to differ, matched
with `part.field`, `part.field:item` and `part.field!kind`; it can be given more than once. So can
`--renamed OLD=NEW`, for what has another spelling in B, such as the name of an input.

This file is deleted once the refactoring is complete.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import dataclasses
import datetime
import difflib
import gzip
import hashlib
import io
import json
import math
import os
import random
import re
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

import tco
from tco import Scenario
from tco.inputs import FORMER_NAMES, INPUTS
from tco.sheets import functions as sheet

Given = dict[str, Any]
AS_OF, FX = "2026-11-21", {"fx_rate": 0.9, "fx_as_of": "2026-11-20"}

# ---- Scenarios -------------------------------------------------------------------------------

# Where the whole domain would drown everything else, the part of it that is drawn from.
_USUAL = """gpus 1 64, horizon_months 0.1 84, price_usd_per_gpu 0 50000, server_usd 0 200000,
network_usd_per_gpu 0 2000, install_usd_per_gpu 0 2000, gpu_w 0 1200, idle_w 0 300, server_w 0 4000,
colo_usd_per_kw_month 0 800, rack_usd_per_month 0 5000, server_units 1 8, rack_units 36 60,
rack_kw 15 500, staff_usd_per_gpu_month 0 500, warranty_months 0 60, discount_rate -0.3 0.4,
license_usd_per_gpu_year 0 5000, rate_usd_per_gpu_hour 0 12, rate_growth_per_year -0.4 0.3,
billing_overhead 0 0.5, commitment_months 1 60, storage_egress_usd_per_gpu_month 0 500,
upfront_usd_per_gpu 0 5000, depreciation_years 1 10, loan_months 1 60, lease_months 13 60,
lease_usd_per_gpu_month 1 900, lease_buyout_usd_per_gpu 0 3000, lease_return_usd_per_gpu 0 500,
delivery_months 0 12, refresh_months 13 48, refresh_price_usd_per_gpu 1 50000, fx_rate 0.01 200"""
USUAL = {name: (float(a), float(b)) for name, a, b in map(str.split, _USUAL.split(","))}
# What is drawn for an input does not change with its name.
_FIRST_NAMES = {new: old for old, new in FORMER_NAMES.items()}
MAIN_GPUS = ("L4", "T4", "L40S", "A100-80GB-SXM", "H100-SXM", "H200", "B200", "RTX-4090")
LEASE: Given = {"financing": "lease", "lease_usd_per_gpu_month": 95, "lease_months": 24}
LOAN: Given = {"financing": "loan", "financed_share": 0.8}
TAXED: Given = {"tax_rate": 0.25, "depreciation": "straight_line"}
FALLING: Given = {"tax_rate": 0.25, "depreciation": "declining_balance"}
MACRS: Given = {"tax_rate": 0.25, "depreciation": "macrs_5", "purchase_month": 11}
REFRESH: Given = {"refresh_months": 18, "refresh_price_usd_per_gpu": 2_000}
OWN_SITE: Given = {"hosting": "own_site", "gpus": 11}
# What an input needs beside it to count, by the beginning of its name.
CONTEXT: dict[str, Given] = (
    {"loan_": LOAN, "financed_": LOAN, "lease_": LEASE, "debt_": LEASE, "residual_": LEASE}
    | {"rack_": OWN_SITE, "whole_": OWN_SITE, "server_units": OWN_SITE, "bonus_": TAXED}
    | {"commitment_": {"billing": "committed"}, "macrs_": MACRS, "declining_": FALLING}
    | {"depreciation": TAXED, "purchase_month": TAXED, "refresh_": REFRESH, "currency": FX}
    | {"fx_": {"currency": "EUR", **FX}}
)
# Values of the inputs whose words are not in their declaration, and values that are refused.
WORDS: dict[str, tuple[Any, ...]] = {
    "gpu": ("H100-SXM",),
    "provider": ("gcp", "aws"),
    "region": ("any", "GB", "us-central1"),
    "as_of": ("2025-06-30", "2023-01-01"),
    "currency": ("EUR", "JPY"),
    "fx_as_of": ("2026-10-01",),
}
WRONG: dict[str, tuple[Any, ...]] = (
    {"utilization": (60, "0.9..0.2", "half", True, [0.5, 0.6]), "utilisation": (0.5,)}
    | {"gpus": (2.5, 0, "1..8"), "pue": (math.nan,), "rate_usd_per_gpu_hour": (math.inf, -1)}
    | {"horizon_months": (0, 241), "discount_rate": (-0.99,), "gpu": ("L4 ", "h100", "")}
    | {"provider": ("amazon",), "region": ("mars",), "term": ("2yr",), "hosting": ("cloud",)}
    | {"whole_servers": ("yes",), "whole_racks": (1,), "currency": ("euro", "EUR")}
    | {"as_of": ("2026-02-30", "yesterday"), "financing": ("lease",), "refresh_months": (12,)}
)
WRONG_TOGETHER: tuple[Given, ...] = (
    {"utilization": 1.5, "pue": 0.9, "gpu": "L5"},
    *({**LEASE, "refresh_months": 12}, {**LEASE, "delivery_months": 24}),
    {**REFRESH, "refresh_months": 6, "delivery_months": 6},
    *({**OWN_SITE, "rack_kw": 0.5}, {**OWN_SITE, "rack_units": 1, "server_units": 2}),
    {"gpu": "L4", "provider": "runpod", "term": "3yr"},
    {"gpu": "RTX-4060-Ti", "provider": "gcp", "region": "GB"},
)


def every(*beside: Given, **choices: Iterable[Any]) -> Iterator[Given]:
    """Each combination of the choices, beside each of what is given."""
    for first, *values in product(beside or ({},), *choices.values()):
        yield {**first, **dict(zip(choices, values, strict=True))}


def modes() -> Iterator[Given]:
    """The ways in which the inputs work together, each by hand."""
    words, flags = {name: declared.choices for name, declared in INPUTS.items()}, (False, True)
    yield from every(hosting=words["hosting"], whole_servers=flags, whole_racks=flags, gpus=[13])
    yield from every(
        billing=words["billing"], commitment_months=[7, 12], horizon_months=[10.5, 36, 40]
    )
    yield from every(
        {"tax_rate": 0.3, "purchase_month": 5},
        depreciation=words["depreciation"],
        bonus_rate=[0, 0.4],
        horizon_months=[20.5, 84],
    )
    macrs = {**MACRS, "macrs_convention": "mid_quarter", "horizon_months": 60}
    yield from every(macrs, depreciation=["macrs_5", "macrs_3"], purchase_month=[1, 4, 7, 12])
    yield from every(FALLING, declining_balance_factor=[0, 1.5, 4], depreciation_years=[1, 3, 40])
    yield from every(LOAN, financed_share=[0.5, 1], loan_months=[24, 60], loan_apr=[0, 0.09])
    ends = {"lease_buyout_usd_per_gpu": [0, 600], "lease_return_usd_per_gpu": [0, 80]}
    yield from every(LEASE, lease_in_advance=flags, horizon_months=[24, 50.5], **ends)
    yield from every({**LEASE, **TAXED}, lease_in_advance=flags, lease_buyout_usd_per_gpu=[0, 600])
    committed = {"billing": "committed"}
    yield from every({}, LOAN, LEASE, TAXED, committed, delivery_months=[1, 6])
    yield from every({}, TAXED, LOAN, delivery_months=[12], horizon_months=[9, 12, 30.5])
    refreshed = [{**REFRESH, **paid} for paid in ({}, TAXED, LOAN, {"delivery_months": 4})]
    yield from every(*refreshed, refresh_months=[12, 30], horizon_months=[24, 61.5])
    yield from every(horizon_months=[0.01, 0.5, 1, 1.5, 11.999, 12, 12.001, 35.5, 120, 240])
    zeros = ("utilization", "rate_usd_per_gpu_hour", "price_usd_per_gpu", "discount_rate")
    yield from every(*({zero: 0} for zero in zeros), billing=words["billing"])
    yield from every(discount_rate=[-0.5, -0.05, 0, 1], utilization=[0.1, 0.9])
    yield from every(resale_decline_per_year=[-0.2, 1], rate_growth_per_year=[-0.5, 0.5])
    yield from every(utilization=["0.3..0.7", "0.5..0.5"], rate_usd_per_gpu_hour=["0.50..0.85"])
    yield from every(horizon_months=["24..60"], price_usd_per_gpu=["2000..3500"], gpus=["4..16"])
    yield from every(FX, currency=["EUR", "JPY", "USD"], utilization=[0.2, 0.9])
    yield {"currency": "EUR", "fx_rate": 0.9}
    yield {name: p.neutral for name, p in INPUTS.items() if p.neutral is not None}
    kept = {"horizon_months": 240, "rack_kw": 500, "discount_rate": 0.1, "refresh_months": 0}
    for end in ("low", "high"):
        yield {name: getattr(INPUTS[name], end) for name in USUAL if name != "fx_rate"} | kept


def singles() -> Iterator[Given]:
    """Each input moved away from its default, with what it needs to count."""
    for name, declared in INPUTS.items():
        beside = next((CONTEXT[start] for start in CONTEXT if name.startswith(start)), {})
        values = WORDS.get(name, declared.choices or (False, True))
        if declared.numeric:
            low, high = USUAL.get(name, (declared.low, declared.high))
            third, half = low + (high - low) / 3, (low + high) / 2
            whole = declared.kind == "integer"
            inner = (int(third), int(half)) if whole else (third, half, f"{third!r}..{half!r}")
            values = (declared.high, *inner, *([] if declared.low_open else [declared.low]))
        yield from every(beside, **{name: values})


def markets() -> Iterator[Given]:
    """What the data says: GPUs, kinds of prices, providers, regions, terms, days."""
    gpus = tco.catalog.gpus()["gpu"].tolist()
    yield from every(gpu=gpus)
    yield from every({"rate_usd_per_gpu_hour": 2, "price_usd_per_gpu": 3_000}, gpu=gpus)
    yield from every(gpu=MAIN_GPUS, price_basis=["msrp", "used"])
    yield from every(gpu=MAIN_GPUS[:5], term=["spot", "1yr", "3yr", "5yr"])
    yield from every(gpu=MAIN_GPUS[:5], term=["1yr", "3yr"], billing=["committed"])
    providers = ("gcp", "aws", "azure", "runpod", "vastai", "lambda", "nebius", "hyperstack")
    yield from every(provider=providers, gpu=["H100-SXM"], region=["any", "US"])
    yield from every(gpu=["L4"], region=["any", "us-east-1", "europe-west4", "GB", "IN", "JP"])
    days = ("2023-07-01", "2024-12-31", "2025-09-25", "2026-05-24", "2030-01-01")
    yield from every({}, {"price_usd_per_gpu": 9_000}, as_of=days, gpu=["L4", "H100-SXM"])
    yield from every({"rate_usd_per_gpu_hour": 0.6}, term=INPUTS["term"].choices)


def drawn(name: str, rng: random.Random) -> Any:
    """A value of one input: some at the ends, some rounded, some a range."""
    declared = INPUTS[name]
    low, high = USUAL.get(name, (declared.low, declared.high))
    kind, at = rng.random(), rng.random()
    if not declared.numeric:
        return rng.choice(declared.choices or (False, True))
    if declared.kind == "integer":
        return round(low if kind < 0.1 else low + at * (high - low))
    if kind < 0.12:
        return high if declared.low_open or kind > 0.06 else low
    value = low + at**2 * (high - low)
    if kind < 0.2:
        return f"{value!r}..{(value + high) / 2!r}"
    return round(value, 2) or value if kind < 0.5 else value


def mixed(number: int) -> Given:
    """Many inputs at once; what one draws depends neither on the others nor on their order."""
    whole = random.Random(f"mix {number}")
    share, gpu, financing = whole.choice((0.15, 0.5, 0.95)), whole.choice(MAIN_GPUS), whole.random()
    untaxed, refreshed, delivered = whole.random(), whole.random(), whole.random()
    given: Given = {"gpu": gpu} if whole.random() < 0.6 else {}
    for name, declared in INPUTS.items():
        rng = random.Random(f"mix {number} {_FIRST_NAMES.get(name, name)}")
        fixed = declared.kind in ("key", "date", "code") or name in ("price_basis", "term")
        if not fixed and rng.random() < share:
            given[name] = drawn(name, rng)
    given["financing"] = "cash" if financing < 0.4 else "loan" if financing < 0.7 else "lease"
    leased = given["financing"] == "lease"
    given |= {"tax_rate": 0.0} if untaxed < 0.4 else {}
    given |= {"refresh_months": 0} if leased or refreshed < 0.5 else {}
    given |= {"delivery_months": 0} if delivered < 0.5 else {}
    needed = {"lease_usd_per_gpu_month": 120.0, "refresh_price_usd_per_gpu": 3_000.0}
    return needed | given


@dataclasses.dataclass(frozen=True)
class Case:
    """One scenario to ask about; the name says what it is."""

    name: str
    kind: str
    given: Given


def cases() -> list[Case]:
    """Every scenario, each once; nearly all count from a fixed day."""
    wrong = (given for name, values in WRONG.items() for given in every(**{name: values}))
    kinds: dict[str, Iterable[Given]] = {"mode": modes(), "one": singles(), "market": markets()}
    kinds |= {"mix": map(mixed, range(300)), "odd": (*wrong, *WRONG_TOGETHER)}
    found = {"nothing given": Case("nothing given", "mode", {})}
    for kind, listed in kinds.items():
        for number, given in enumerate(listed):
            words = ", ".join(f"{name}={value}" for name, value in given.items())
            name = f"{kind} {words}" if len(given) < 12 else f"{kind} {number:03d}"
            found.setdefault(name, Case(name, kind, {"as_of": AS_OF, **given}))
    return list(found.values())


# ---- Answers ---------------------------------------------------------------------------------

# The columns that say which row of a frame is meant: the first of these sets that is there.
KEYS = (
    *(("section", "name"), ("name",), ("input",), ("option", "item", "month")),
    *(("option", "hosting"), ("series", "as_of"), ("gpu", "price_basis", "source_id")),
    *(("provider", "instance", "region", "term", "as_of"), ("provider",), ("gpu",)),
    *(("key",), ("source_id",)),
)


def plain(value: Any) -> Any:
    """What JSON has no type for, in its types."""
    if isinstance(value, Scenario):
        return repr(value)
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    return vars(value) if dataclasses.is_dataclass(value) else f"<{type(value).__name__}>"


def attributes(thing: Any) -> Given:
    """All that an object shows that is no method."""
    names = [name for name in dir(thing) if not name.startswith("_")]
    return {name: at for name in names if not callable(at := getattr(thing, name))}


def columns(names: list[str], rows: Iterable[Iterable[Any]]) -> Given:
    """A table by columns, each by row; the order of both beside them."""
    table = [dict(zip(names, row, strict=False)) for row in rows]
    keys = next((key for key in KEYS if {*key} <= {*names}), ())
    seen: dict[str, int] = defaultdict(int)
    labels = []
    for number, row in enumerate(table):
        label = " ".join(str(row.get(key)) for key in keys) or str(number)
        seen[label] += 1
        labels.append(label if seen[label] == 1 else f"{label} #{seen[label]}")
    places = list(zip(labels, table, strict=True))
    cells = {name: {at: row[name] for at, row in places if name in row} for name in names}
    return {"(columns)": names, "(rows)": labels, **cells}


def of_frame(frame: pd.DataFrame) -> Given:
    lists = [frame.iloc[:, at].tolist() for at in range(frame.shape[1])]
    return columns([str(name) for name in frame.columns], zip(*lists, strict=True))


def of_csv(text: str) -> Given:
    """A CSV file by columns, and the text itself where the cells do not say all of it."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    again = io.StringIO(newline="")
    csv.writer(again, lineterminator="\n").writerows([header, *rows])
    same = again.getvalue().rstrip("\n") == text.rstrip("\n")
    return {**columns(header, rows), "(text)": "" if same else text}


def of_json(text: str) -> Given:
    """A JSON document by its first keys, lists of records by columns, and its layout."""
    document = json.loads(text)
    same = json.dumps(document, indent=2, ensure_ascii=False) + "\n" == text
    found: Given = {"(text)": "" if same else text}
    for name, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            table = columns(list(value[0]), [row.values() for row in value])
            found |= {f"{name}.{column}": cells for column, cells in table.items()}
        else:
            found[name] = value
    return found


class Part:
    """The answers of one part of the snapshot, and the scenarios that are asked about."""

    def __init__(self, name: str, asked: list[Case]) -> None:
        self.name, self.cases = name, asked
        self.refused = [case for case in asked if case.kind == "odd"]
        self.lines: dict[tuple[str, str], str] = {}

    def some(self, count: int) -> list[Case]:
        """So many scenarios, a half of them modes by hand: the same ones whatever else is added."""
        usual = [case for case in self.cases if case.kind != "odd"]
        usual.sort(key=lambda c: hashlib.sha1(f"{self.name} {c.name}".encode()).digest())
        by_hand = [case for case in usual if case.kind == "mode"]
        others = [case for case in usual if case.kind != "mode"]
        return [*by_hand[: count // 2], *others[: count - count // 2]]

    def ask(self, case: str, field: str, question: Callable[[], Any]) -> Any:
        """Keep an answer: a frame by columns, an object by attributes, an error by its words."""
        try:
            answer = question()
        except Exception as wrong:  # whatever happens is the answer
            self.keep(case, f"{field}.(error)", f"{type(wrong).__name__}: {wrong}")
            return None
        if isinstance(answer, pd.DataFrame):
            self.split(case, field, of_frame(answer))
        elif dataclasses.is_dataclass(answer) and not isinstance(answer, Scenario):
            self.split(case, field, attributes(answer))
        else:
            self.keep(case, field, answer)
        return answer

    def split(self, case: str, field: str, values: Given) -> None:
        for name, value in values.items():
            self.keep(case, f"{field}.{name}", value)

    def keep(self, case: str, field: str, value: Any) -> None:
        field = field.strip(".")
        if (case, field) in self.lines:
            raise ValueError(f"{self.name}: {case}, {field} is kept twice")
        record = json.dumps([case, field, value], default=plain, ensure_ascii=False)
        self.lines[case, field] = record


def scenarios(part: Part) -> None:
    for case in part.cases:
        part.keep(case.name, "given", case.given)
        with contextlib.suppress(tco.TcoError):
            found = tco.breakeven(**case.given)
            if not found.scenario.is_table:
                size = max(abs(found.own_npv_usd), abs(found.rent_npv_usd))
                part.keep(case.name, "size", size)


def answers(part: Part) -> None:
    for case in part.cases:
        found = part.ask(case.name, "", partial(tco.breakeven, **case.given))
        if found is not None:
            part.ask(case.name, "(repr)", partial(repr, found))
            part.ask(case.name, "(dict)", found.to_dict)
            part.ask(case.name, "(frame)", found.to_frame)
            part.ask(case.name, "(currency)", partial(tco.in_currency, found))
        asked = part.ask(case.name, "(scenario)", partial(Scenario, **case.given))
        if asked is not None:
            part.ask(case.name, "(json)", asked.to_json)
            part.ask(case.name, "(values)", asked.values)
            entries = asked.resolved()
            fields = [field.name for field in dataclasses.fields(entries["gpu"])]
            names = dict.fromkeys([*fields, "unit"])
            told = {name: {k: getattr(e, name) for k, e in entries.items()} for name in names}
            part.split(case.name, "resolved", told)


def answer_table(names: list[str], inputs: Given) -> pd.DataFrame:
    return tco.breakeven(**inputs).to_frame().assign(name=names)


def table(part: Part) -> None:
    """All scenarios in one call, as arrays, as Series, and as a frame of what was given."""
    complete: dict[str, Given] = {}
    for case in part.cases:
        with contextlib.suppress(tco.TcoError):
            values = tco.breakeven(**case.given).scenario.values()
            complete |= {case.name: values} if case.kind != "odd" else {}
    arrays = {name: [values[name] for values in complete.values()] for name in INPUTS}
    series = {name: pd.Series(column, index=list(complete)) for name, column in arrays.items()}
    forms: dict[str, Given] = {"arrays": arrays, "series": series}
    for form, inputs in forms.items():
        found = part.ask("table", f"{form}.answer", partial(answer_table, [*complete], inputs))
        part.keep("table", f"{form}.(index)", None if found is None else [*map(str, found.index)])
    several: dict[str, Given] = {
        "busy": {"utilization": [0.1, 0.5, 0.9]},
        "gpus": {"gpu": ["L4", "L4", "T4", "H200"], "term": ["spot", "3yr", *["on_demand"] * 2]},
        "two wrong": {"utilization": [0.1, 1.5, -1], "gpu": ["L4", "L5", "T4"]},
        "two shapes": {"utilization": [0.1, 0.5], "pue": [1.1, 1.2, 1.3]},
        "no rack": {"hosting": "own_site", "rack_kw": [17, 0.5]},
        "no rate": {"gpu": ["L4", "Framework-Desktop"]},
        "currencies": {"currency": ["EUR", "USD"], "fx_rate": 0.9, "gpus": [[1], [2]]},
    }
    for name, inputs in several.items():
        found = part.ask(name, "answer", partial(tco.breakeven, as_of=AS_OF, **inputs))
        if found is not None:
            part.keep(name, "repr", repr(found))
            part.ask(name, "currency", partial(tco.in_currency, found))
    known = [c for c in part.cases if {*c.given} <= {*INPUTS} and "[" not in c.name]
    frame = pd.DataFrame([{"name": c.name, **c.given} for c in known], dtype=object)
    part.ask("frame", "answer", partial(tco.answer_frame, frame))
    part.ask("frame", "sweep", partial(tco.sweep, frame, progress=False))
    grid = {"gpu": ["L4", "T4"], "utilization": (0.2, 1, 5), "billing": ["per_use", "always_on"]}
    part.ask("grid", "sweep", partial(tco.sweep, {**grid, "as_of": AS_OF}, progress=False))
    part.ask("wrong grid", "sweep", partial(tco.sweep, {"utilisation": [1]}, progress=False))


def ledger(part: Part) -> None:
    for number, case in enumerate(part.cases):
        name = case.name
        try:
            rows = tco.ledger(**case.given)
        except Exception as wrong:
            part.keep(name, "(error)", f"{type(wrong).__name__}: {wrong}")
            continue
        part.keep(name, "count", len(rows))
        items = rows["option"] + " " + rows["item"]
        for column in ("cost_usd", "present_value_usd"):
            part.keep(name, f"sums.{column}", rows[column].groupby(items).agg(math.fsum).to_dict())
        if number % 20 == 0 or (case.kind == "mode" and number % 5 == 0):
            part.split(name, "rows", of_frame(rows))
            part.ask(name, "own", partial(tco.ledger, **case.given, side="own"))


def several_responses(**given: Any) -> pd.DataFrame:
    names = ("utilization", "rate_usd_per_gpu_hour", "horizon_months", "gpus", "tax_rate", "pue")
    return tco.responses(Scenario(**given), names, 9)


# Questions about so many scenarios (all: 0), and about each of the refused ones.
ASKED: dict[str, tuple[int, dict[str, Callable[..., Any]]]] = {
    "curves": (0, {"": tco.curves}),
    "rack": (0, {"": tco.rack}),
    "measures": (0, {"": tco.measures}),
    "options": (150, {"": tco.options}),
    "screening": (40, {"": tco.screening, "at": partial(tco.screening, points=[0, 0.4, 1])}),
    "flips": (100, {"": tco.flips}),
    "tornado": (100, {"": partial(tco.tornado, count=99)}),
    "stress": (100, {"": tco.stress}),
    "response": (
        100,
        {
            "several": several_responses,
            "rate": partial(tco.response, None, "discount_rate", 5),
            "busy": partial(tco.response, None, "utilization", 5, low=0, high=1),
        },
    ),
    "winmap": (
        60,
        {
            "": partial(tco.win_map, points=5),
            "other": partial(tco.win_map, x="horizon_months", y="gpus", points=4),
        },
    ),
}


def asked(count: int, questions: dict[str, Callable[..., Any]], part: Part) -> None:
    for case in [*part.some(count), *part.refused] if count else part.cases:
        for field, question in questions.items():
            part.ask(case.name, field, partial(question, **case.given))


def simulate(part: Part) -> None:
    for number, case in enumerate([*part.some(60), *part.refused[::5]]):
        options: Given = {"draws": 1_024, "seed": number % 4}
        if number % 10 == 0:
            options["correlations"] = {("utilization", "pue"): 0.5}
        try:
            found = tco.simulate(**options, **case.given)
        except Exception as wrong:
            part.keep(case.name, "(error)", f"{type(wrong).__name__}: {wrong}")
            continue
        shown = attributes(found)
        drivers = of_frame(shown.pop("drivers"))
        shown["drawn"] = {name: column[::32] for name, column in found.drawn.items()}
        shown["correlations"] = {" ".join(k): rho for k, rho in found.correlations.items()}
        shares = {name: d.ppf([0.05, 0.5, 0.95]) for name, d in found.distributions.items()}
        part.split(case.name, "", {**shown, "dots": found.dots(), "ppf": shares})
        part.split(case.name, "drivers", drivers)
        part.keep(case.name, "repr", repr(found))
        part.ask(case.name, "summary", found.summary)
        part.ask(case.name, "curves", found.curves)
        part.ask(case.name, "frame", found.to_frame().describe)
        if number % 15 == 0:
            part.ask(case.name, "sobol", partial(found.sobol_indices, points=64))


def market(part: Part) -> None:
    """What the data says of prices and rates, also with prices of one's own."""
    chosen = [*every({"as_of": AS_OF}, gpu=[*tco.catalog.gpus()["gpu"], "L5"])]
    chosen += every(gpu=["L4"], term=["spot", "1yr", "3yr", "2yr"])
    chosen += every(gpu=["H100-SXM"], region=["any", "GB", "mars"])
    chosen += [{"gpu": "A100-80GB-SXM", "provider": "gcp"}, {"gpu": "L4", "as_of": "2024-01-01"}]
    for given in chosen:
        for question in (tco.offers, tco.offer_quantiles, tco.history, tco.trends):
            part.ask(", ".join(given.values()), question.__name__, partial(question, **given))
    names = ("gpus", "prices", "rates", "servers", "electricity", "colocation")
    for name, day in product(names, (None, "2025-01-01")):
        part.ask(f"day {day}", name, partial(getattr(tco.catalog, name), as_of=day))
    part.ask("day None", "sources", tco.catalog.sources)
    rent = {"gpu": "L4", "provider": "own-cloud", "usd_per_gpu_hour": 0.31, "as_of": "2026-11-20"}
    price = {"gpu": "L4", "usd": 1_900, "as_of": "2026-11-20"}
    for name, rows in {"own": [rent, price], "wrong": [{**price, "usd": -1}]}.items():
        own = pd.DataFrame(rows)
        part.ask(f"{name} prices", "answer", partial(tco.breakeven, prices=own))
        part.ask(f"{name} prices", "flips", partial(tco.flips, prices=own, only=["pue"]))
        part.ask(f"{name} prices", "offers", partial(tco.offers, "L4", prices=own))
        part.ask(f"{name} prices", "rates", partial(tco.catalog.rates, "L4", prices=own))


def bill(part: Part) -> None:
    for usd, gpus, rate in product((0, 1, 1470.5, 40_000, -1, math.nan), (1, 8, 0), (0, 0.7, 3.1)):
        name = f"{usd} USD for {gpus} GPUs at {rate}"
        part.ask(name, "share", partial(tco.from_bill, usd, gpus, rate))
        part.ask(name, "share_720", partial(tco.from_bill, usd, gpus, rate, hours_per_month=720))


def sheets(part: Part) -> None:
    results = list(tco.breakeven().to_dict())
    for case in [*part.some(60), *part.refused]:
        pairs = [list(pair) for pair in case.given.items()]
        cells = [cell for pair in pairs for cell in pair]
        block = [list(case.given), list(case.given.values())]
        part.ask(case.name, "breakeven", partial(sheet.breakeven, *cells))
        part.ask(case.name, "npv_saving", partial(sheet.npv_saving, pairs))
        part.ask(case.name, "answers", partial(sheet.answers, block, "months", "verdict"))
        for function, names in ((sheet.result, results), (sheet.input_value, [*INPUTS])):
            for name in names if case.kind != "odd" else names[:2]:
                ask = partial(function, name, *cells)
                part.ask(case.name, f"{function.__name__}.{name}", ask)
    part.ask("wrong", "name", partial(sheet.result, "month"))
    part.ask("wrong", "pair", partial(sheet.breakeven, "utilization"))
    part.ask("wrong", "twice", partial(sheet.breakeven, "pue", 1.2, "pue", 1.3))
    part.ask("day", "number", partial(sheet.input_value, "as_of", "as_of", 46_347))


# ---- Command line ----------------------------------------------------------------------------


def command(*arguments: str) -> tuple[str, Given]:
    """Standard output of `tco`, run in this process; its exit code and what it said beside."""
    import tco.cli

    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), io.StringIO()
    code: Any = 0
    before, sys.argv = sys.argv, ["tco", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            tco.cli.run()
    except SystemExit as done:
        code = done.code
    finally:
        sys.argv = before
    out.flush()
    # Without bars of progress, which show seconds.
    said = [line for line in re.split(r"[\r\n]+", err.getvalue()) if not re.search(r"/s\b", line)]
    return out.buffer.getvalue().decode(), {"exit": code, "said": said}


def options_of(case: Case) -> list[str]:
    """A scenario as options of a command."""
    texts = {
        f"--{name.replace('_', '-')}": str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in case.given.items()
    }
    return [word for pair in texts.items() for word in pair]


def keep_output(part: Part, case: str, field: str, *arguments: str) -> None:
    """What a command writes to standard output, and how it ends."""
    text, ended = command(*arguments)
    if text and ("json" in arguments or "--json" in arguments):
        part.split(case, field, of_json(text))
    elif text and "csv" in arguments:
        for number, block in enumerate(text.split("\n\n")):
            part.split(case, f"{field}.{number}", of_csv(block))
    else:
        part.keep(case, field, text)
    part.split(case, f"{field}.(end)", ended)


def report(part: Part, case: Case, name: str) -> Path | None:
    """The file of `tco report -o`, None where there is none; how it ends is kept."""
    Path(name).unlink(missing_ok=True)
    text, ended = command("report", *options_of(case), "-o", name)
    part.split(case.name, "(end)", {**ended, "text": text})
    return Path(name) if Path(name).exists() else None


def csv_files(part: Part) -> None:
    for case in [*part.some(90), *part.refused[::4]]:
        Path("report-ledger.csv").unlink(missing_ok=True)
        if report(part, case, "report.csv"):
            for field, name in (("report", "report.csv"), ("ledger", "report-ledger.csv")):
                part.split(case.name, field, of_csv(Path(name).read_bytes().decode()))


def shell(part: Part) -> None:
    for case in [*part.some(90), *part.refused]:
        keep_output(part, case.name, "breakeven", "breakeven", *options_of(case))
        keep_output(part, case.name, "breakeven json", "breakeven", "--json", *options_of(case))
    for case in [*part.some(16), *part.refused[::9]]:
        keep = partial(keep_output, part, case.name)
        told = options_of(case)
        for name, form in product(
            ("flips", "tornado", "stress", "options"), ("csv", "json", "table")
        ):
            keep(f"{name} {form}", name, *told, "--format", form)
        for form in ("csv", "json", "table"):
            few = ("--draws", "512", "--seed", "3", "--format", form)
            keep(f"simulate {form}", "simulate", *few, *told)
        keep("ledger", "ledger", "--option", "rent", "--sep", "tab", *told)
        keep("ledger json", "ledger", "--json", *told)
        keep("report", "report", "--sep", ";", "--decimal", ",", *told)
        keep("report json", "report", "--json", *told)
        if case.kind != "odd":
            Path("given.json").write_text(Scenario(**case.given).to_json())
            keep("from a file", "breakeven", "--scenario", "given.json", "--gpus", "4")


def html(part: Part) -> None:
    for case in [*part.some(16), *part.refused[:2]]:
        if file := report(part, case, "report.html"):
            part.keep(case.name, "page", file.read_text("utf-8").replace("><", ">\n<"))


def workbook(part: Part) -> None:
    import openpyxl

    for case in [*part.some(26), *part.refused[:2]]:
        file = report(part, case, "report.xlsx")
        if file is None:
            continue
        for kind in ("value", "formula"):
            book = openpyxl.load_workbook(file, data_only=kind == "value")
            for tab in book:
                cells = [c for row in tab.iter_rows() for c in row if c.value is not None]
                if kind == "formula":
                    cells = [cell for cell in cells if cell.data_type == "f"]
                found = {c.coordinate: getattr(c.value, "text", c.value) for c in cells}
                part.keep(case.name, f"{tab.title}.{kind}", found)
        names = {name: defined.attr_text for name, defined in book.defined_names.items()}
        part.split(case.name, "", {"(names)": names, "(tabs)": book.sheetnames})


def lists(part: Part) -> None:
    """Commands that are not about a scenario."""
    helped = ("breakeven", "report", "ledger", "flips", "tornado", "stress", "options", "simulate")
    commands = ["--help", "--version", "inputs", "gpus", "rates", "prices check", "nonsense"]
    commands += [f"{name} --help" for name in (*helped, "sweep", "prices", "offers")]
    commands += [f"{name} --json" for name in ("inputs", "gpus", "prices check")]
    commands += [f"rates --json --gpu {gpu}" for gpu in ("T4", "H100-SXM", "L5")]
    for gpu, name in product(("L4", "T4", "H100-SXM", "B200", "L5"), ("offers", "history")):
        commands += [f"{name} --gpu {gpu}", f"{name} --gpu {gpu} --region any --json"]
    commands += ["offers", "offers --gpu L4 --term spot --provider gcp", "tornado --count 0"]
    commands += ["breakeven --pue", "report -o x.xlsx --json", "report -o x.html --sep ;"]
    rows = "name,gpu,utilization,pue\na,L4,0.9,\nb,L5,0.9,\nc,T4,,1.2\nd,,2,0\ne,H100-SXM,NA,1.1\n"
    Path("rows.csv").write_text(rows)
    Path("mine.csv").write_text("gpu,usd,as_of\nL4,1900,2026-11-20\n")
    commands += ["breakeven --csv rows.csv", "sweep rows.csv", "sweep nowhere.csv", "sweep"]
    commands += ["breakeven --csv rows.csv --sep ;", "breakeven --prices mine.csv"]
    for line in commands:
        keep_output(part, line, line.split()[0], *line.split())


PARTS: dict[str, Callable[[Part], None]] = {
    "scenarios": scenarios,
    "answers": answers,
    "table": table,
    "ledger": ledger,
    **{name: partial(asked, *told) for name, told in ASKED.items()},
    "simulate": simulate,
    "market": market,
    "bill": bill,
    "sheets": sheets,
    "csv": csv_files,
    "shell": shell,
    "html": html,
    "workbook": workbook,
    "lists": lists,
}


def write(folder: Path, only: list[str], step: int) -> None:
    """Ask everything, and keep it; the seconds of each part are said."""
    os.environ.update(COLUMNS="80", NO_COLOR="1")
    os.environ.pop("TCO_PRICES", None)
    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    sys.path.insert(0, os.getcwd())
    chosen = cases()[::step]
    print(f"{len(chosen)} scenarios, {Path(tco.__file__).parent}")
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        for name, answer in PARTS.items():
            if name != "scenarios" and only and name not in only:
                continue
            start, part = time.perf_counter(), Part(name, chosen)
            answer(part)
            text = "".join(f"{line}\n" for line in part.lines.values())
            content = gzip.compress(text.encode(), 4, mtime=0)
            (folder / f"{name}.jsonl.gz").write_bytes(content)
            seconds, size = time.perf_counter() - start, len(content) / 1e6
            print(f"{name:<10} {len(part.lines):>7,} records {size:6.2f} MB {seconds:6.1f} s")


# ---- Comparison ------------------------------------------------------------------------------

NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
# Sums and differences of large amounts, by the ends of their names.
CANCELS = re.compile(
    r"((saving|npv|regret|knowing|slope)\w*|(swing|change|cost|present_value|total)_usd"
    r"|year_\d+_usd|(own|rent|gap)\w*_usd|dots)$"
)
Found = tuple[str, str, Any, Any]


class Comparer:
    """Tells values apart; `sizes` are what the amounts of each scenario are measured by."""

    def __init__(self, tolerance: float, sizes: dict[str, float]) -> None:
        self.tolerance, self.sizes, self.case = tolerance, sizes, ""

    def differences(self, a: Any, b: Any, field: str, item: str = "") -> Iterator[Found]:
        """Item, kind and both values, of everything that differs."""
        if isinstance(a, str) and isinstance(b, str) and "\n" in a + b:
            a, b = a.split("\n"), b.split("\n")
        if isinstance(a, dict) and isinstance(b, dict):
            for key in dict.fromkeys([*a, *b]):
                at = f"{item} {key}".strip()
                if key in a and key in b:
                    yield from self.differences(a[key], b[key], field, at)
                else:
                    kind = "missing" if key in a else "added"
                    yield at, kind, a.get(key, ""), b.get(key, "")
        elif isinstance(a, list) and isinstance(b, list):
            yield from self.in_lists(a, b, field, item)
        elif kind := self.kind(a, b, f"{field}:{item}"):
            yield item, kind, a, b

    def in_lists(self, a: list[Any], b: list[Any], field: str, item: str) -> Iterator[Found]:
        if len(a) == len(b):
            for at, (one, other) in enumerate(zip(a, b, strict=True)):
                yield from self.differences(one, other, field, f"{item} {at}".strip())
        elif all(isinstance(value, str) for value in (*a, *b)):
            for line in list(difflib.unified_diff(a, b, n=0, lineterm=""))[2:]:
                if line[0] == "-":
                    yield item, "missing", line[1:], ""
                elif line[0] == "+":
                    yield item, "added", "", line[1:]
        else:
            yield item, "length", len(a), len(b)

    def kind(self, a: Any, b: Any, name: str) -> str:
        """How two single values differ; empty where they do not."""
        if type(a) is type(b) and a == b:
            return ""
        if isinstance(a, str) and isinstance(b, str):
            return "digits" if self.same_but_digits(a, b, name) else "value"
        if {type(a), type(b)} <= {int, float} and self.close(a, b, name):
            return "" if type(a) is type(b) else "type"
        return "value"

    def same_but_digits(self, a: str, b: str, name: str) -> bool:
        if NUMBER.sub("#", a) != NUMBER.sub("#", b):
            return False
        numbers = [[float(n.replace(",", ".")) for n in NUMBER.findall(text)] for text in (a, b)]
        return all(self.close(one, other, name) for one, other in zip(*numbers, strict=True))

    def close(self, a: float, b: float, name: str) -> bool:
        scale = max(abs(a), abs(b), 1e-300)
        if math.isnan(a) or math.isnan(b) or math.isinf(scale):
            return a == b or (math.isnan(a) and math.isnan(b))
        if any(CANCELS.search(word) for word in re.split("[: ]", name)):
            # In a table of scenarios the item says which one it is.
            item = name.partition(":")[2]
            scale = max(scale, self.sizes.get(self.case) or self.sizes.get(item, 0.0))
        return abs(a - b) <= self.tolerance * scale


def lines_of(path: Path, renamed: Iterable[str] = ()) -> list[str]:
    """The lines of a file, with OLD replaced by NEW for each OLD=NEW."""
    text = gzip.decompress(path.read_bytes()).decode()
    for old, new in (pair.split("=", 1) for pair in renamed):
        text = text.replace(old, new)
    return text.split("\n")[:-1]


def unlike(files: list[Path], renamed: list[str]) -> list[dict[tuple[str, str], Any]]:
    """The records of each of two files that the other does not have, by scenario and field."""
    lines = [lines_of(file, renamed) for file in files]
    same = {*lines[0]} & {*lines[1]}
    records = [[json.loads(line) for line in side if line not in same] for side in lines]
    return [{(case, field): value for case, field, value in side} for side in records]


def known(folder: Path, renamed: list[str]) -> dict[tuple[str, str], Any]:
    """What a snapshot says of its scenarios."""
    file = folder / "scenarios.jsonl.gz"
    if not file.exists():
        raise SystemExit(f"{folder}: no snapshot is there")
    return {(case, field): value for case, field, value in map(json.loads, lines_of(file, renamed))}


def compare(a: Path, b: Path, told: argparse.Namespace) -> int:
    """Print what differs, and give the exit code."""
    before, after, groups = *(known(folder, told.renamed) for folder in (a, b)), defaultdict(list)
    sizes = {case: value for (case, field), value in before.items() if field == "size"}
    comparer = Comparer(told.tolerance, sizes)
    alone = sorted(case for case, field in {*before} ^ {*after} if field == "given")
    if alone:
        print(f"{len(alone):,} scenarios of one side only are left out: {', '.join(alone[:3])} …")
    compared = 0
    for part in told.only or PARTS:
        files = [folder / f"{part}.jsonl.gz" for folder in (a, b)]
        there = [file for file in files if file.exists()]
        if len(there) == 1:
            groups[part, "one side only"].append(("", str(there[0]), "", ""))
        if len(there) < len(files):
            continue
        compared += 1
        one, other = unlike(files, told.renamed)
        for key in dict.fromkeys([*one, *other]):
            case, field = key
            if case in alone:
                continue
            label, comparer.case = f"{part}.{field}", case
            # A record that only one side has is one difference, however long it is.
            was_now = [{"": side[key]} if key in side else {} for side in (one, other)]
            for item, kind, was, now in comparer.differences(was_now[0], was_now[1], field):
                names = (label, f"{label}:{item}", f"{label}!{kind}")
                if not any(fnmatchcase(name, rule) for name in names for rule in told.ignore):
                    where = f"{case} | {item}" if item else case
                    groups[label, kind].append((case, where, was, now))
    count = show(groups, told.examples)
    print(f"{count:,} differences in {len(groups):,} groups, {compared} parts compared")
    return 1 if count or not compared else 0


def show(groups: dict[tuple[str, str], list[Found]], examples: int) -> int:
    """Print each group with its first examples, and give the number of differences."""
    for (label, kind), found in groups.items():
        print(f"{label}  [{kind}]  {len(found):,} in {len({case for case, *_ in found}):,} cases")
        for _, where, was, now in found[:examples]:
            print(f"    {where}:  {short(was)}  ->  {short(now)}")
    return sum(map(len, groups.values()))


def short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}…"


def main() -> None:
    shown = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shown)
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write", help="ask the code of the current folder")
    writing.add_argument("folder", type=Path)
    writing.add_argument("--every", type=int, default=1, help="only each N-th scenario")
    comparing = commands.add_parser("compare", help="list what differs")
    comparing.add_argument("a", type=Path)
    comparing.add_argument("b", type=Path)
    comparing.add_argument("--ignore", action="append", default=[], help="a pattern: see --help")
    comparing.add_argument(
        "--renamed", action="append", default=[], help="OLD=NEW: another spelling of a text"
    )
    comparing.add_argument("--examples", type=int, default=3, help="shown of each group")
    comparing.add_argument("--tolerance", type=float, default=1e-12, help="of numbers, relative")
    for each in (writing, comparing):
        each.add_argument("--only", default="", help=f"some of {','.join(PARTS)}")
    told = parser.parse_args()
    told.only = [name for name in told.only.split(",") if name]
    if unknown := {*told.only} - {*PARTS}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if told.command == "write":
        write(told.folder, told.only, told.every)
    else:
        sys.exit(compare(told.a, told.b, told))


if __name__ == "__main__":
    main()
