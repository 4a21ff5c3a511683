"""Which rows of the catalogue speak for a scenario, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from statistics import median
from typing import Any, TypeVar

from tco.errors import Problem, suggestion
from tco.inputs import INPUTS
from tco.market.catalogue import Catalogue, load
from tco.market.files import first_day
from tco.market.records import (
    ALL_PROVIDERS,
    ANY_REGION,
    ASSUMPTION,
    HOST_EXTRAS,
    HOST_INPUTS,
    Belief,
    Default,
    Price,
    Rate,
    believed,
)
from tco.validation import clean

Row = TypeVar("Row")
_PRICE_ORDER = INPUTS["price_basis"].choices
_TERM_MONTHS = {"1yr": 12, "3yr": 36, "5yr": 60}


@dataclass(frozen=True)
class Question:
    """The inputs that choose rows of the catalogue, as given; None where not given."""

    gpu: str | None = None
    price_basis: str | None = None
    provider: str | None = None
    region: str | None = None
    term: str | None = None
    as_of: str | None = None
    billing: str | None = None
    commitment_months: int | None = None
    hosting: str | None = None


QUESTION_INPUTS = tuple(column.name for column in fields(Question))

# The inputs whose value depends on the question, its date aside.
CHOSEN = (
    *QUESTION_INPUTS,
    "price_usd_per_gpu",
    "rate_usd_per_gpu_hour",
    "gpu_w",
    "idle_w",
    "colo_usd_per_kw_month",
    *HOST_INPUTS,
    *HOST_EXTRAS,
)


@lru_cache(maxsize=4096)
def beliefs(question: Question) -> dict[str, Belief]:
    """A belief for every input, for those who gave only the question. Treat it as frozen.

    The rule is in docs/conventions.md: the GPU's own row and host class, else defaults.toml.
    """
    return _Chooser(load(), question).answer()


@lru_cache(maxsize=4096)
def believed_values(question: Question) -> dict[str, Any]:
    """The values of `beliefs`, by name. Treat it as frozen."""
    return {name: belief.value for name, belief in beliefs(question).items()}


def unknown_keys(question: Question) -> list[Problem]:
    """The keys of a question that the catalogue does not have, each with the nearest names."""
    catalogue = load()
    known = {
        "gpu": catalogue.gpus,
        "provider": catalogue.providers,
        "region": catalogue.regions,
    }
    problems = []
    for name, keys in known.items():
        value = getattr(question, name)
        if value is not None and value not in keys:
            message = f"{name} = {value!r} is not in the catalogue: {INPUTS[name].meaning}"
            problems.append(Problem(name, message + suggestion(value, keys)))
    return problems


def newest_of(rows: Iterable[Row], key: Any, as_of: str) -> list[Row]:
    """Of each key only the rows with the newest date on or before as_of."""
    best: dict[Any, list[Any]] = {}
    for row in rows:
        day = first_day(row.as_of)  # type: ignore[attr-defined]
        if day > as_of:
            continue
        kept = best.setdefault(key(row), [])
        if kept and day > first_day(kept[0].as_of):
            kept.clear()
        if not kept or day == first_day(kept[0].as_of):
            kept.append(row)
    return [row for kept in best.values() for row in kept]


def default_entry(name: str, as_of: str) -> Default:
    """The newest entry of an input in defaults.toml on or before a day, or else the first.

    >>> default_entry("pue", "2024-06-30").default
    1.58
    """
    entries = sorted(load().defaults[name], key=lambda entry: first_day(entry.as_of))
    known = [entry for entry in entries if first_day(entry.as_of) <= as_of]
    return known[-1] if known else entries[0]


def offers(
    catalogue: Catalogue, gpu: str, provider: str, region: str, term: str, as_of: str
) -> list[Rate]:
    """The comparable rental offers: host included, newest of each (provider, instance, region).

    A region is a provider's region or a country; offers with one price for all regions always
    count.
    """
    rows = (
        rate
        for rate in catalogue.rates_by_gpu.get(gpu, ())
        if rate.term == term
        and rate.host_included
        and provider in (ALL_PROVIDERS, rate.provider)
        and (ANY_REGION in (region, rate.region) or region in (rate.region, rate.country))
    )
    return newest_of(rows, lambda rate: (rate.provider, rate.instance, rate.region), as_of)


def provider_medians(rows: Iterable[Rate]) -> dict[str, float]:
    """The median offer of each provider [USD per GPU-hour], cheapest first."""
    found: dict[str, list[float]] = {}
    for rate in rows:
        found.setdefault(rate.provider, []).append(rate.usd_per_gpu_hour)
    medians = {provider: median(values) for provider, values in found.items()}
    return dict(sorted(medians.items(), key=lambda item: item[1]))


def rental_rate(rows: list[Rate], missing: str) -> Belief:
    """The median over providers of the median offer of each; `missing` explains an empty list."""
    if not rows:
        return Belief(None, "missing", "", "", missing)
    medians = provider_medians(rows)
    listed = ", ".join(f"{provider} {value:.4g}" for provider, value in medians.items())
    ids = tuple(row.source_id for row in rows)
    providers = _count(medians, "provider")
    note = f"median over {providers} of the median offer of each: {listed}; {_span(rows)}"
    return believed(median(medians.values()), ids, _newest_date(rows), note)


def purchase_price(rows: Iterable[Price], wanted: str, as_of: str) -> Belief:
    """The median of the newest observations from each source, of the wanted basis or the next."""
    known = [row for row in rows if first_day(row.as_of) <= as_of]
    order = (wanted, *(basis for basis in _PRICE_ORDER if basis != wanted))
    for basis in order:
        chosen = newest_of(
            (row for row in known if row.price_basis == basis), lambda row: row.source_id, as_of
        )
        if chosen:
            values = median(row.usd for row in chosen)
            ids = tuple(row.source_id for row in chosen)
            instead = "" if basis == wanted else f"no {wanted} price found, so {basis}: "
            note = f"{instead}median of {_count(chosen, f'{basis} price')}, {_span(chosen)}"
            return believed(values, ids, _newest_date(chosen), note)
    return Belief(None, "missing", "", "", f"no purchase price on or before {as_of}")


def _newest_date(rows: Iterable[Any]) -> str:
    dates: list[str] = [row.as_of for row in rows]
    return max(dates, key=first_day)


def _count(found: Sized, word: str) -> str:
    return f"{len(found)} {word}{'' if len(found) == 1 else 's'}"


def _span(rows: Iterable[Any]) -> str:
    dates = sorted((row.as_of for row in rows), key=first_day)
    return f"dated {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else "")


class _Chooser:
    """Fills in one question, in the order in which the answers depend on each other."""

    def __init__(self, catalogue: Catalogue, question: Question) -> None:
        self.catalogue = catalogue
        self.question = question
        self.as_of = question.as_of or catalogue.newest
        self.found: dict[str, Belief] = {}

    def answer(self) -> dict[str, Belief]:
        for name in INPUTS:
            self.found[name] = self._from_defaults(name)
        for name in ("gpu", "price_basis", "provider", "region", "term", "hosting"):
            self._given(name)
        self._billing()
        self._colocation()
        self._hardware()
        self._rate()
        return self.found

    def _value(self, name: str) -> Any:
        return self.found[name].value

    def _given(self, name: str) -> None:
        value = getattr(self.question, name)
        if value is not None:
            self.found[name] = Belief(value, "yours", "", "")

    def _from_defaults(self, name: str) -> Belief:
        if name == "as_of":
            return Belief(self.as_of, "default", "", self.as_of, "the newest date in the data")
        entry = default_entry(name, self.as_of)
        return self._known(entry.default, (entry.source_id,), entry.as_of, entry.note)

    def _known(self, value: Any, source_ids: tuple[str, ...], as_of: str, note: str) -> Belief:
        """A belief; an assumption where even the oldest is of a later day than was asked for."""
        belief = believed(value, source_ids, as_of, note)
        if first_day(as_of) <= self.as_of:
            return belief
        return replace(belief, status=ASSUMPTION, note=f"no older value is known: {note}")

    def _billing(self) -> None:
        """Term, billing and length of the commitment follow from each other."""
        billing, months = self.question.billing, self.question.commitment_months
        if self.question.term is None and billing == "committed":
            term = next((t for t, length in _TERM_MONTHS.items() if (months or 0) <= length), "5yr")
            self._follows("term", term, "the shortest term that covers the commitment")
        term = self._value("term")
        committed = term in _TERM_MONTHS
        self._follows("billing", "committed" if committed else "per_use", f"follows term {term}")
        length = _TERM_MONTHS.get(term, INPUTS["commitment_months"].neutral)
        self._follows("commitment_months", length, f"follows term {term}")
        self._given("billing")
        self._given("commitment_months")

    def _follows(self, name: str, value: Any, note: str) -> None:
        self.found[name] = Belief(value, "default", "", self.as_of, note)

    def _hardware(self) -> None:
        gpu = self.catalogue.gpus[self._value("gpu")]
        self.found["gpu_w"] = self._known(gpu.gpu_w, (gpu.source_id,), gpu.as_of, gpu.note)
        self.found["idle_w"] = self._known(gpu.idle_w, (gpu.idle_source_id,), gpu.as_of, gpu.note)
        rows = [row for row in self.catalogue.servers if row.host == gpu.host]
        for name in dict.fromkeys(row.input for row in rows):
            same = [row for row in rows if row.input == name]
            known = newest_of(same, lambda row: row.input, self.as_of)
            row = known[0] if known else min(same, key=lambda row: first_day(row.as_of))
            value, _ = clean(INPUTS[name], row.value)
            note = f"host {row.host}: {row.note}"
            self.found[name] = self._known(value, (row.source_id,), row.as_of, note)
        prices = (row for row in self.catalogue.prices if row.gpu == gpu.gpu)
        self.found["price_usd_per_gpu"] = purchase_price(
            prices, self._value("price_basis"), self.as_of
        )

    def _colocation(self) -> None:
        """A fee that includes power is another fee: the median of those in colocation.csv."""
        if self._value("hosting") != "colo_all_in":
            return
        rows = [row for row in self.catalogue.colocation if row.power_included]
        known = newest_of(rows, lambda row: row.source_id, self.as_of) or rows
        ids = tuple(row.source_id for row in known)
        note = f"median of {_count(known, 'fee')} with power included, {_span(known)}"
        value = median(row.usd_per_kw_month for row in known)
        self.found["colo_usd_per_kw_month"] = self._known(value, ids, _newest_date(known), note)

    def _rate(self) -> None:
        names = ("gpu", "provider", "region", "term")
        gpu, provider, region, term = (self._value(name) for name in names)
        rows = offers(self.catalogue, gpu, provider, region, term, self.as_of)
        missing = (
            f"no rental offer for gpu {gpu}, provider {provider}, region {region}, term {term} "
            f"with the host included on or before {self.as_of}"
        )
        self.found["rate_usd_per_gpu_hour"] = rental_rate(rows, missing)
