"""Which rows of the catalogue speak for a scenario, how old they are, and what they say."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from statistics import median, quantiles
from typing import Any, TypeVar

from tco.errors import Problem
from tco.inputs import INPUTS, PRICE, PRICES, RATE
from tco.inputs.checks import clean
from tco.market.catalogue import (
    ALL_PROVIDERS,
    ANY_REGION,
    ASSUMPTION,
    HOST_EXTRAS,
    HOST_INPUTS,
    OWNED,
    SPOT,
    UNKNOWN_GPU,
    USED,
    Catalogue,
    Default,
    Price,
    Quote,
    Rate,
    load,
)
from tco.market.files import first_day, grouped
from tco.market.keys import near_keys
from tco.numeric import any_true, select
from tco.words import expired_quote

Row = TypeVar("Row", bound=Any)
# Up to when an observation is fresh, and after when it is stale.
FRESH_DAYS, STALE_DAYS = 30, 90
# Why an offer cannot be compared with the others.
NO_HOST = "the host is not included"
FRACTION = "a fraction of a GPU"
WITHDRAWN = f"withdrawn: over {STALE_DAYS} days older than the provider's newest in this region"
LARGER = "a larger host or a higher tier: the provider has a cheaper one in this region"
# The months of the terms that are a commitment, the shortest first.
TERM_MONTHS = {"1yr": 12, "3yr": 36, "5yr": 60}
# What a GPU that is not in the catalogue needs, and what it may be called.
OWN_FIGURES = (PRICE, "gpu_w")
_OWN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._+()-]{0,38}[A-Za-z0-9)+])?", re.ASCII)
_WARRANTY, _SERVER_WARRANTY = "warranty_months", "server_warranty_months"
# What can follow from an input that is given: see `follow`.
FOLLOWERS = {_WARRANTY: _SERVER_WARRANTY, "gpu_w": "idle_w"}


@dataclass(frozen=True)
class Resolved:
    """One input as the model uses it: a value and where it comes from.

    `status` is `yours`, `default` (with source and date), `assumption`, `missing` (value None; the
    note says why) or, where the rows of a table differ, `mixed`. `low` and `high` are the 10th and
    90th percentile of what it may be, whatever was given; None where nothing is known. `providers`
    is how many are behind a rental rate that is not yours. `quote` is your own quote that decides,
    or would if it had not expired before `as_of`; where the rows of a table differ, an array.
    """

    name: str
    value: Any
    status: str
    source_id: str = ""
    as_of: str = ""
    note: str = ""
    low: float | None = None
    high: float | None = None
    providers: int | None = None
    quote: Any = None

    @property
    def unit(self) -> str:
        """The unit of the value, as declared."""
        return INPUTS[self.name].unit


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
    commitment_months: float | None = None
    hosting: str | None = None
    already_owned: bool | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Question:
        """The question in what was given."""
        return cls(*[given.get(name) for name in QUESTION_INPUTS])


QUESTION_INPUTS = tuple(column.name for column in fields(Question))

# The inputs whose value depends on the question, its date aside.
CHOSEN = (
    *(*QUESTION_INPUTS, PRICE, RATE, "rate_growth_per_year", "resale_decline_per_year"),
    *("gpu_w", "idle_w", "colo_usd_per_kw_month", *HOST_INPUTS, *HOST_EXTRAS, _WARRANTY),
)


@lru_cache(maxsize=4096)
def resolve(question: Question, catalogue: Catalogue) -> dict[str, Resolved]:
    """Every input for those who gave only the question. Treat it as frozen.

    The rule is in docs/conventions.md: the GPU's own row and host class, else defaults.toml.
    """
    return _Chooser(catalogue, question).answer()


@lru_cache(maxsize=4096)
def resolved_values(question: Question, catalogue: Catalogue) -> dict[str, Any]:
    """The values of `resolve`, by name. Treat it as frozen."""
    return {name: entry.value for name, entry in resolve(question, catalogue).items()}


def unknown_keys(
    question: Question, catalogue: Catalogue, given: Collection[str] | None = None
) -> list[Problem]:
    """The keys of a question that the catalogue does not have, each with the nearest names.

    `given` are the inputs that stand beside it: a GPU of one's own is no problem where they hold
    what the catalogue would have said. None: only what is in the catalogue will do.
    """
    known = {"gpu": catalogue.gpus, "provider": catalogue.renting, "region": catalogue.regions}
    problems = []
    for name, keys in known.items():
        value = getattr(question, name)
        if value is not None and value not in keys:
            wanted = "" if name != "gpu" or given is None else _lacking(value, given)
            if name == "gpu" and given is not None and not wanted:
                continue
            message = f"{name} = {value!r} is not in the catalogue: {INPUTS[name].meaning}"
            message += near_keys(value, keys)
            if wanted:
                message += f"{'' if message.endswith('?') else '.'} {wanted}"
            problems.append(Problem(name, message))
    return problems


def _lacking(gpu: str, given: Collection[str]) -> str:
    """What a GPU that is not in the catalogue lacks, as a further sentence; empty for nothing."""
    if not is_own_name(gpu):
        return "One of your own has a name of up to 40 letters, digits, spaces and . _ + - ( )"
    lacking = [name for name in OWN_FIGURES if name not in given]
    if not lacking:
        return ""
    rate = f", and for a verdict {RATE}" if RATE not in given else ""
    return f"One that is not there needs {' and '.join(lacking)}{rate}"


def is_own_name(gpu: Any) -> bool:
    """Whether a GPU that is not in the catalogue may be called so.

    >>> is_own_name("B300"), is_own_name("=B300"), is_own_name("H100 NVL (94 GB)")
    (True, False, True)
    """
    return isinstance(gpu, str) and _OWN_NAME.fullmatch(gpu) is not None


def follow(
    values: Mapping[str, Any], given: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, Any]:
    """The values, by name, that are not given and follow from others that are.

    The servers' warranty is as long as that of the GPUs where only this one is given. A GPU that is
    not in the catalogue idles at a share of its board power (defaults.toml).

    >>> follow({"gpu": "L4", "idle_w": 32.6}, {"warranty_months": 12}, load())
    {'server_warranty_months': 12}
    """
    found = {}
    if _WARRANTY in given and _SERVER_WARRANTY not in given:
        found[_SERVER_WARRANTY] = given[_WARRANTY]
    idle: Any = values["idle_w"]
    lacking: Any = idle is None or idle != idle  # noqa: PLR0124 (NaN)
    if "idle_w" not in given and any_true(lacking) and values["gpu_w"] is not None:
        share = default_entry("idle_w", catalogue.newest, UNKNOWN_GPU, catalogue).factor
        own = share * values["gpu_w"]
        found["idle_w"] = own if idle is None else select(lacking, own, idle)
    return found


def following(entry: Resolved, value: Any, catalogue: Catalogue) -> Resolved:
    """An input whose value `follow` says, with where that comes from."""
    if entry.name == _SERVER_WARRANTY:
        note = "as long as the warranty on GPUs, which is given"
        return replace(entry, value=value, status="yours", source_id="", as_of="", note=note)
    if hasattr(value, "shape"):
        return replace(entry, value=value)
    belief = default_entry(entry.name, catalogue.newest, UNKNOWN_GPU, catalogue)
    low, high = _range(belief, value)
    return replace(entry, value=value, low=low, high=high)


@lru_cache(maxsize=4096)
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


@lru_cache(maxsize=4)
def _epochs(catalogue: Catalogue) -> list[str]:
    """The days from which another entry of defaults.toml counts, and one before all of them."""
    entries = (entry for listed in catalogue.defaults.values() for entry in listed)
    return ["0001-01-01", *sorted({first_day(entry.as_of) for entry in entries})]


def _epoch(as_of: str, catalogue: Catalogue) -> str:
    """The first day of the time in which the same entries of defaults.toml count as on a day."""
    days = _epochs(catalogue)
    return days[max(bisect_right(days, as_of) - 1, 0)]


@lru_cache(maxsize=4096)
def _default_of(name: str, market: str, epoch: str, catalogue: Catalogue) -> Resolved:
    """What defaults.toml says of an input: the same for all days of a time, and all questions."""
    entry = default_entry(name, epoch, market, catalogue)
    asked = _Chooser(catalogue, Question(as_of=epoch))
    found = asked._known(name, entry.default, [entry], entry.note)
    return replace(found, low=entry.low, high=entry.high)


class _Chooser:
    """Fills in one question, in the order in which the answers depend on each other."""

    def __init__(self, catalogue: Catalogue, question: Question) -> None:
        self.catalogue = catalogue
        self.question = question
        self.as_of = question.as_of or catalogue.newest
        self.epoch = _epoch(self.as_of, catalogue)
        self.found: dict[str, Resolved] = {}

    def answer(self) -> dict[str, Resolved]:
        self.found = {name: self._default(name) for name in INPUTS}
        for name in ("gpu", "provider", "region", "term", "hosting", "already_owned"):
            self._given(name)
        if self._value("already_owned"):
            self.found["price_basis"] = self._default("price_basis", OWNED)
        self._given("price_basis")
        self._billing()
        self._colocation()
        self._hardware()
        self._price()
        self._rate()
        return self.found

    def _value(self, name: str) -> Any:
        return self.found[name].value

    def _given(self, name: str) -> None:
        value, usual = getattr(self.question, name), self.found[name]
        if value is not None:
            self.found[name] = Resolved(name, value, "yours", low=usual.low, high=usual.high)

    def _default(self, name: str, market: str = "") -> Resolved:
        if name == "as_of":
            return self._follows(name, self.as_of, "the newest date in the data")
        return _default_of(name, market, self.epoch, self.catalogue)

    def _known(self, name: str, value: Any, rows: list[Any], note: str) -> Resolved:
        """What rows say; an assumption where even the oldest is of a later day than asked for."""
        found = sourced(name, value, rows, note)
        if first_day(found.as_of) <= self.as_of:
            return found
        return replace(found, status=ASSUMPTION, note=f"no older value is known: {note}")

    def _follows(self, name: str, value: Any, note: str) -> Resolved:
        return Resolved(name, value, "default", as_of=self.as_of, note=note)

    def _settle(self, entry: Resolved) -> None:
        """Take what another file than defaults.toml says, with the range stated there."""
        low, high = _range(default_entry(entry.name, self.epoch, "", self.catalogue), entry.value)
        self.found[entry.name] = replace(entry, low=low, high=high)

    def _billing(self) -> None:
        """Term, billing and length of the commitment follow from each other."""
        billing, months = self.question.billing, self.question.commitment_months
        if self.question.term is None and billing == "committed":
            term = next((t for t, length in TERM_MONTHS.items() if (months or 0) <= length), "5yr")
            note = "the shortest term that covers the commitment"
            self._settle(self._follows("term", term, note))
        term = self._value("term")
        length = TERM_MONTHS.get(term, INPUTS["commitment_months"].neutral)
        usual = "committed" if term in TERM_MONTHS else "per_use"
        for name, value in (("billing", usual), ("commitment_months", length)):
            self._settle(self._follows(name, value, f"follows term {term}"))
            self._given(name)

    def _hardware(self) -> None:
        key = self._value("gpu")
        if key not in self.catalogue.gpus:
            note = f"no GPU {key} in the catalogue"
            self.found["gpu_w"] = Resolved("gpu_w", None, "missing", note=note)
            for name in ("idle_w", *HOST_INPUTS):
                self.found[name] = self._default(name, UNKNOWN_GPU)
            return
        gpu = self.catalogue.gpus[key]
        self._settle(self._known("gpu_w", gpu.gpu_w, [gpu], gpu.note))
        idle = replace(gpu, source_id=gpu.idle_source_id)
        self._settle(self._known("idle_w", gpu.idle_w, [idle], gpu.note))
        rows = (row for row in self.catalogue.servers if row.host == gpu.host)
        for name, same in grouped(rows, attrgetter("input")).items():
            known = newest_of(same, lambda row: row.input, self.as_of)
            row = known[0] if known else min(same, key=lambda row: first_day(row.as_of))
            value, _ = clean(INPUTS[name], row.value)
            self._settle(self._known(name, value, [row], f"host {row.host}: {row.note}"))
        decline = "resale_decline_per_year"
        self.found[decline] = self._default(decline, gpu.resale_market)

    def _price(self) -> None:
        gpu, wanted = self._value("gpu"), self._value("price_basis")
        rows = self.catalogue.prices_of(gpu)
        basis, _ = of_basis(rows, wanted, self.as_of)
        # Whatever the price, which may be given: cards that are called used have no warranty.
        if USED in (wanted, basis):
            self.found[_WARRANTY] = self._default(_WARRANTY, USED)
        found = purchase_price(rows, wanted, self.as_of)
        # Nobody offers you for sale what you have, and whoever chooses a basis wants that price.
        is_bought = not (self.question.price_basis or self._value("already_owned"))
        self._settle(self._quoted(found) if is_bought else found)

    def _colocation(self) -> None:
        """A fee that includes power is another fee: the median of those in colocation.csv."""
        if self._value("hosting") != "colo_all_in":
            return
        rows = [row for row in self.catalogue.colocation if row.power_included]
        known = newest_of(rows, lambda row: row.source_id, self.as_of) or rows
        note = f"median of {count(len(known), 'fee')} with power included, {span(known)}"
        value = median(row.usd_per_kw_month for row in known)
        self._settle(self._known("colo_usd_per_kw_month", value, known, note))

    def _rate(self) -> None:
        gpu, provider, region, term = map(self._value, ("gpu", "provider", "region", "term"))
        rows = comparable(offers(self.catalogue, gpu, provider, region, term, self.as_of))
        missing = (
            f"no rental offer for gpu {gpu}, provider {provider}, region {region}, term {term} "
            f"with the host included on or before {self.as_of}"
        )
        found = self._quoted(rental_rate(rows, missing))
        self._settle(found)
        decides = [found.quote] if found.status == "yours" else rows
        providers = {row.provider for row in decides} or {provider}
        self._growth(providers, SPOT if term == "spot" else "")

    def _quoted(self, found: Resolved) -> Resolved:
        """What the newest of the user's quotes says that are good on the day; else what was found.

        Where all have expired that is noted.
        """
        quotes = sorted(filter(self._fits, self._quotes(found.name)), key=_first_day)
        good = [quote for quote in quotes if self.as_of <= quote.valid_until]
        if good:
            return _quoted(good[-1], good[:-1])
        if not quotes:
            return found
        late = expired_quote(quotes[-1].provider, quotes[-1].valid_until)
        return replace(found, note=f"{found.note}; {late}", quote=quotes[-1])

    def _quotes(self, name: str) -> list[Quote]:
        """The user's quotes for an input that were made by the day."""
        listed = self.catalogue.quotes_of(self._value("gpu"))
        return [q for q in listed if q.input == name and first_day(q.as_of) <= self.as_of]

    def _fits(self, quote: Quote) -> bool:
        """Whether a rental quote is for the term, the region and the provider that are asked for.

        A quote is for the region it names, or for all.
        """
        asked = self.question
        return quote.input != RATE or (
            quote.term == self._value("term")
            and asked.provider in (None, ALL_PROVIDERS, quote.provider)
            and (ANY_REGION in (asked.region, quote.region) or asked.region in (None, quote.region))
        )

    def _growth(self, providers: Iterable[str], suffix: str) -> None:
        """How rents move: the median over the providers of what their kind of market does."""
        known, name = self.catalogue.providers, "rate_growth_per_year"
        kinds = sorted(known[key].market + suffix for key in providers if key in known)
        if not kinds:
            return
        entries = [self._default(name, kind) for kind in kinds]
        moves = dict(zip(kinds, (f"{entry.value * 100:+.3g} %" for entry in entries), strict=True))
        changes = ", ".join(f"{kind.replace('_', ' ')} {move}" for kind, move in moves.items())
        whose = f"median over {count(len(entries), 'provider')} of the change in its market"
        value = median(entry.value for entry in entries)
        found = sourced(name, value, entries, f"{whose}: {changes}")
        self.found[name] = replace(
            found,
            status=ASSUMPTION if any(e.status == ASSUMPTION for e in entries) else "default",
            low=min(entry.low for entry in entries if entry.low is not None),
            high=max(entry.high for entry in entries if entry.high is not None),
        )


def _range(entry: Default, value: Any) -> tuple[float | None, float | None]:
    """The range of a value; one that does not hold it is carried over in proportion."""
    low, high, usual = entry.low_factor, entry.high_factor, entry.default
    if entry.low is not None and entry.high is not None:
        if not isinstance(usual, float) or usual == 0 or entry.low <= value <= entry.high:
            return entry.low, entry.high
        low, high = entry.low / usual, entry.high / usual
    if value is None or low is None or high is None:
        return None, None
    return value * low, value * high


def sourced(name: str, value: Any, rows: Iterable[Any], note: str) -> Resolved:
    """A value made of rows; one of them that is an assumption makes the whole an assumption."""
    listed = list(rows)
    ids = dict.fromkeys(row.source_id for row in listed)
    status = ASSUMPTION if ASSUMPTION in ids else "default"
    newest: str = max((row.as_of for row in listed), key=first_day)
    return Resolved(name, value, status, " ".join(ids), newest, note)


def _quoted(quote: Quote, before: Iterable[Quote]) -> Resolved:
    """What a quote says: the caller's own value, with its date, and others of the same offer."""
    whom = f" from {quote.provider}" if quote.provider else ""
    said = f": {quote.note}" if quote.note else ""
    note = f"your quote{whom}, valid until {quote.valid_until}{said}"
    same = [one for one in before if one.offer == quote.offer and one.value != quote.value]
    if same:
        others = ", ".join(f"{one.value:g}" for one in same[-3:])
        note += f"; of several of that day the last added counts, others say {others}"
    return Resolved(quote.input, quote.value, "yours", as_of=quote.as_of, note=note, quote=quote)


def today() -> str:
    """The day of the clock, in UTC; no answer depends on it."""
    return datetime.now(UTC).date().isoformat()


def expired_quotes(
    resolved: Mapping[str, Resolved], on: str | None = None, row: int = 0
) -> dict[str, str]:
    """A sentence on each quote of one's own whose last day is over, by input.

    It looks at the clock (`on`: another day, YYYY-MM-DD), as the answer does not: that still rests
    on a quote which was good on `as_of`. Of a table, those of one `row` (C order).

    >>> from tco.market.catalogue import Quote
    >>> quote = Quote("L4", RATE, 0.4, "acme", "any", "1yr", "2026-11-21", "2026-12-31", "")
    >>> rate = Resolved(RATE, 0.4, "yours", quote=quote)
    >>> expired_quotes({RATE: rate}, "2026-12-31")
    {}
    >>> expired_quotes({RATE: rate}, "2027-01-01")[RATE]
    'Rental rate: your quote from acme expired on 2026-12-31; it still decides this answer.'
    """
    day, found = on or today(), {}
    for name in PRICES:
        entry = resolved.get(name, Resolved(name, None, "missing"))
        quote, value = (
            line.reshape(-1)[row] if hasattr(line, "reshape") else line
            for line in (entry.quote, entry.value)
        )
        if quote is None:
            continue
        decides = value == quote.value and entry.status in ("yours", "mixed")
        if quote.valid_until < day or not decides:
            said = expired_quote(quote.provider, quote.valid_until, decides)
            found[name] = f"{INPUTS[name].label}: {said}."
    return found


def purchase_price(rows: Iterable[Price], wanted: str, as_of: str) -> Resolved:
    """The median of the newest observations from each source, of the wanted basis or the next."""
    basis, chosen = of_basis(rows, wanted, as_of)
    if not chosen:
        return Resolved(PRICE, None, "missing", note=f"no purchase price on or before {as_of}")
    instead = "" if basis == wanted else f"no {wanted} price found, so {basis}: "
    note = f"{instead}median of {count(len(chosen), f'{basis} price')}, {span(chosen)}"
    return sourced(PRICE, median(row.usd for row in chosen), chosen, note)


def of_basis(rows: Iterable[Price], wanted: str, as_of: str) -> tuple[str, list[Price]]:
    """The newest prices from each source of the wanted basis, or of the next that has any."""
    known = list(rows)
    others = (basis for basis in INPUTS["price_basis"].choices if basis != wanted)
    for basis in (wanted, *others):
        same = (row for row in known if row.price_basis == basis)
        if chosen := newest_of(same, attrgetter("source_id"), as_of):
            return basis, chosen
    return wanted, []


def offers(
    catalogue: Catalogue, gpu: str, provider: str, region: str, term: str, as_of: str
) -> list[Rate]:
    """The newest offer of each (provider, instance, region), comparable or not.

    A region is a provider's region or a country; offers with one price for all regions always
    count.
    """
    rows = (
        rate
        for rate in catalogue.rates_of(gpu)
        if rate.term == term
        and provider in (ALL_PROVIDERS, rate.provider)
        and (ANY_REGION in (region, rate.region) or region in (rate.region, rate.country))
    )
    return newest_of(rows, lambda rate: (rate.provider, rate.instance, rate.region), as_of)


def judged(rows: Iterable[Rate]) -> list[tuple[Rate, str]]:
    """Each offer with the reason why it cannot be compared with the others; empty if it can.

    What is compared is one whole GPU with the smallest host around it: of each provider and region
    the cheapest offer per GPU.
    """
    listed = list(rows)
    reasons = [_unlike(rate) for rate in listed]
    alike = [at for at, reason in enumerate(reasons) if not reason]
    for group in grouped(alike, lambda at: (listed[at].provider, listed[at].region)).values():
        newest = max(first_day(listed[at].as_of) for at in group)
        current = [at for at in group if age_days(listed[at].as_of, newest) <= STALE_DAYS]
        smallest = min(current, key=lambda at: (listed[at].usd_per_gpu_hour, listed[at].instance))
        for at in group:
            reasons[at] = LARGER if at in current else WITHDRAWN
        reasons[smallest] = ""
    return list(zip(listed, reasons, strict=True))


def comparable(rows: Iterable[Rate]) -> list[Rate]:
    """The offers that can be compared with each other."""
    return [rate for rate, reason in judged(rows) if not reason]


def _unlike(rate: Rate) -> str:
    if not rate.host_included:
        return NO_HOST
    return FRACTION if rate.gpus_per_instance < 1 else ""


def provider_medians(rows: Iterable[Rate]) -> dict[str, float]:
    """The median offer of each provider [USD per GPU-hour], cheapest first."""
    own = grouped(rows, attrgetter("provider"))
    medians = {name: median(rate.usd_per_gpu_hour for rate in own[name]) for name in own}
    return dict(sorted(medians.items(), key=itemgetter(1)))


def deciles(rates: Iterable[float]) -> tuple[float, float, float] | None:
    """P10, P50 and P90 of some rates; None without any.

    Between two of them it is linear, as in spreadsheets (PERCENTILE.INC).

    >>> deciles([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    (2.0, 6, 10.0)
    """
    values = sorted(rates)
    if len(values) <= 1:
        return (values[0],) * 3 if values else None
    tenths = quantiles(values, n=10, method="inclusive")
    return tenths[0], median(values), tenths[-1]


def rental_rate(rows: list[Rate], missing: str) -> Resolved:
    """The median over providers of the median offer of each; `missing` explains an empty list."""
    if not rows:
        return Resolved(RATE, None, "missing", note=missing)
    medians = provider_medians(rows)
    listed = ", ".join(f"{provider} {value:.4g}" for provider, value in medians.items())
    providers = count(len(medians), "provider")
    note = f"median over {providers} of the median offer of each: {listed}; {span(rows)}"
    found = sourced(RATE, median(medians.values()), rows, note)
    return replace(found, providers=len(medians))


def newest_of(rows: Iterable[Row], key: Callable[[Row], Any], as_of: str) -> list[Row]:
    """Of each key only the rows with the newest date on or before as_of."""
    found = []
    for same in grouped((row for row in rows if first_day(row.as_of) <= as_of), key).values():
        newest = max(first_day(row.as_of) for row in same)
        found += [row for row in same if first_day(row.as_of) == newest]
    return found


def _first_day(row: Any) -> str:
    return first_day(row.as_of)


def count(number: int, word: str) -> str:
    """A number with its word: 1 provider, 2 providers."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def span(rows: Iterable[Any]) -> str:
    """From when to when rows are dated, in words."""
    dates = sorted((row.as_of for row in rows), key=first_day)
    return f"dated {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else "")


@lru_cache(maxsize=4096)
def age_days(as_of: str, on: str) -> int:
    """Days from the date of an observation, of any precision, to a day; negative if it is later.

    >>> age_days("2026-07", "2026-07-31"), age_days("2026-07-30", "2026-07-30")
    (30, 0)
    """
    return (date.fromisoformat(on) - date.fromisoformat(first_day(as_of))).days


def freshness(days: float) -> str:
    """The word for an age: fresh up to 30 days, aging up to 90, else stale.

    >>> [freshness(days) for days in (30, 31, 90, 91)]
    ['fresh', 'aging', 'aging', 'stale']
    """
    if days <= FRESH_DAYS:
        return "fresh"
    return "aging" if days <= STALE_DAYS else "stale"
