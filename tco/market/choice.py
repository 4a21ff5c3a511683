"""Which rows of the catalogue speak for a scenario, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from statistics import median
from typing import Any

from tco.errors import Problem, suggestion
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.market.catalogue import Catalogue, load
from tco.market.files import first_day
from tco.market.newest import count, newest_date, newest_of, span
from tco.market.offers import comparable, offers, rental_rate
from tco.market.purchase import purchase_price
from tco.market.records import (
    ANY_REGION,
    ASSUMPTION,
    HOST_EXTRAS,
    HOST_INPUTS,
    SPOT,
    Belief,
    Default,
    Quote,
    believed,
)

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
    "rate_growth_per_year",
    "resale_decline_per_year",
    "gpu_w",
    "idle_w",
    "colo_usd_per_kw_month",
    *HOST_INPUTS,
    *HOST_EXTRAS,
)


@lru_cache(maxsize=4096)
def beliefs(question: Question, catalogue: Catalogue) -> dict[str, Belief]:
    """A belief for every input, for those who gave only the question. Treat it as frozen.

    The rule is in docs/conventions.md: the GPU's own row and host class, else defaults.toml.
    """
    return _Chooser(catalogue, question).answer()


@lru_cache(maxsize=4096)
def believed_values(question: Question, catalogue: Catalogue) -> dict[str, Any]:
    """The values of `beliefs`, by name. Treat it as frozen."""
    return {name: belief.value for name, belief in beliefs(question, catalogue).items()}


def unknown_keys(question: Question, catalogue: Catalogue) -> list[Problem]:
    """The keys of a question that the catalogue does not have, each with the nearest names."""
    known = {
        "gpu": catalogue.gpus,
        "provider": catalogue.renting,
        "region": catalogue.regions,
    }
    problems = []
    for name, keys in known.items():
        value = getattr(question, name)
        if value is not None and value not in keys:
            message = f"{name} = {value!r} is not in the catalogue: {INPUTS[name].meaning}"
            problems.append(Problem(name, message + suggestion(value, keys)))
    return problems


def default_entry(
    name: str, as_of: str, market: str = "", catalogue: Catalogue | None = None
) -> Default:
    """The newest entry of an input in defaults.toml on or before a day, or else the first.

    An input without an entry for a kind of market has the general one; the spot market of a kind
    of provider (`hyperscaler_spot`) that of this kind.

    >>> default_entry("pue", "2024-06-30").default
    1.58
    """
    listed = (catalogue or load()).defaults[name]
    kinds = (market, market.removesuffix(SPOT), "")
    chosen = next(found for kind in kinds if (found := [e for e in listed if e.market == kind]))
    entries = sorted(chosen, key=lambda entry: first_day(entry.as_of))
    known = [entry for entry in entries if first_day(entry.as_of) <= as_of]
    return known[-1] if known else entries[0]


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
        self._price()
        self._rate()
        return self.found

    def _value(self, name: str) -> Any:
        return self.found[name].value

    def _given(self, name: str) -> None:
        value = getattr(self.question, name)
        if value is not None:
            self.found[name] = replace(
                self.found[name], value=value, status="yours", source_id="", as_of="", note=""
            )

    def _from_defaults(self, name: str, market: str = "") -> Belief:
        if name == "as_of":
            return Belief(self.as_of, "default", "", self.as_of, "the newest date in the data")
        entry = default_entry(name, self.as_of, market, self.catalogue)
        belief = self._known(entry.default, (entry.source_id,), entry.as_of, entry.note)
        return replace(belief, low=entry.low, high=entry.high)

    def _known(self, value: Any, source_ids: tuple[str, ...], as_of: str, note: str) -> Belief:
        """A belief; an assumption where even the oldest is of a later day than was asked for."""
        belief = believed(value, source_ids, as_of, note)
        if first_day(as_of) <= self.as_of:
            return belief
        return replace(belief, status=ASSUMPTION, note=f"no older value is known: {note}")

    def _settle(self, name: str, belief: Belief) -> None:
        """Take a belief from another file than defaults.toml, with the range stated there.

        A range that does not hold the value is carried over in proportion.
        """
        low, high = _range(default_entry(name, self.as_of, "", self.catalogue), belief.value)
        self.found[name] = replace(belief, low=low, high=high)

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
        self._settle(name, Belief(value, "default", "", self.as_of, note))

    def _hardware(self) -> None:
        gpu = self.catalogue.gpus[self._value("gpu")]
        self._settle("gpu_w", self._known(gpu.gpu_w, (gpu.source_id,), gpu.as_of, gpu.note))
        self._settle("idle_w", self._known(gpu.idle_w, (gpu.idle_source_id,), gpu.as_of, gpu.note))
        rows = [row for row in self.catalogue.servers if row.host == gpu.host]
        for name in dict.fromkeys(row.input for row in rows):
            same = [row for row in rows if row.input == name]
            known = newest_of(same, lambda row: row.input, self.as_of)
            row = known[0] if known else min(same, key=lambda row: first_day(row.as_of))
            value, _ = clean(INPUTS[name], row.value)
            note = f"host {row.host}: {row.note}"
            self._settle(name, self._known(value, (row.source_id,), row.as_of, note))
        decline = "resale_decline_per_year"
        self.found[decline] = self._from_defaults(decline, gpu.resale_market)

    def _price(self) -> None:
        gpu, basis = self._value("gpu"), self._value("price_basis")
        belief = purchase_price(self.catalogue.prices_of(gpu), basis, self.as_of)
        quotes = [] if self.question.price_basis else self._quotes("price_usd_per_gpu")
        self._settle("price_usd_per_gpu", quoted(quotes[-1]) if quotes else belief)

    def _colocation(self) -> None:
        """A fee that includes power is another fee: the median of those in colocation.csv."""
        if self._value("hosting") != "colo_all_in":
            return
        rows = [row for row in self.catalogue.colocation if row.power_included]
        known = newest_of(rows, lambda row: row.source_id, self.as_of) or rows
        ids = tuple(row.source_id for row in known)
        note = f"median of {count(known, 'fee')} with power included, {span(known)}"
        value = median(row.usd_per_kw_month for row in known)
        self._settle("colo_usd_per_kw_month", self._known(value, ids, newest_date(known), note))

    def _rate(self) -> None:
        names = ("gpu", "provider", "region", "term")
        gpu, provider, region, term = (self._value(name) for name in names)
        rows = comparable(offers(self.catalogue, gpu, provider, region, term, self.as_of))
        missing = (
            f"no rental offer for gpu {gpu}, provider {provider}, region {region}, term {term} "
            f"with the host included on or before {self.as_of}"
        )
        quotes = [] if self.question.provider else self._quotes("rate_usd_per_gpu_hour")
        belief = quoted(quotes[-1]) if quotes else rental_rate(rows, missing)
        self._settle("rate_usd_per_gpu_hour", belief)
        providers = {row.provider for row in quotes[-1:] or rows} or {provider}
        self._growth(providers, SPOT if term == "spot" else "")

    def _quotes(self, name: str) -> list[Quote]:
        """The user's quotes that are good on the day, the newest last."""
        rented = name == "rate_usd_per_gpu_hour"
        found = [
            quote
            for quote in self.catalogue.quotes_of(self._value("gpu"))
            if quote.input == name
            and first_day(quote.as_of) <= self.as_of <= quote.valid_until
            and (not rented or quote.term == self._value("term"))
            and (not rented or self.question.region in (None, ANY_REGION, quote.region))
        ]
        return sorted(found, key=lambda quote: first_day(quote.as_of))

    def _growth(self, providers: Iterable[str], suffix: str) -> None:
        """How rents move: the median over the providers of what their kind of market does."""
        known, name = self.catalogue.providers, "rate_growth_per_year"
        kinds = sorted(known[key].market + suffix for key in providers if key in known)
        if not kinds:
            return
        entries = [self._from_defaults(name, kind) for kind in kinds]
        listed = ", ".join(dict.fromkeys(map(_change, kinds, entries)))
        note = f"median over {count(entries, 'provider')} of the change in its market: {listed}"
        self.found[name] = Belief(
            value=median(entry.value for entry in entries),
            status=ASSUMPTION if any(e.status == ASSUMPTION for e in entries) else "default",
            source_id=" ".join(dict.fromkeys(entry.source_id for entry in entries)),
            as_of=newest_date(entries),
            note=note,
            low=min(entry.low for entry in entries if entry.low is not None),
            high=max(entry.high for entry in entries if entry.high is not None),
        )


def _range(entry: Default, value: Any) -> tuple[float | None, float | None]:
    low, high, usual = entry.low_factor, entry.high_factor, entry.default
    if entry.low is not None and entry.high is not None:
        if not isinstance(usual, float) or usual == 0 or entry.low <= value <= entry.high:
            return entry.low, entry.high
        low, high = entry.low / usual, entry.high / usual
    if value is None or low is None or high is None:
        return None, None
    return value * low, value * high


def _change(kind: str, entry: Belief) -> str:
    return f"{kind.replace('_', ' ')} {entry.value * 100:+.3g} %"


def quoted(quote: Quote) -> Belief:
    """What a quote says: the caller's own value, with its date."""
    whom = f" from {quote.provider}" if quote.provider else ""
    note = f"your quote{whom}, valid until {quote.valid_until}"
    return Belief(
        quote.value, "yours", "", quote.as_of, f"{note}: {quote.note}" if quote.note else note
    )
