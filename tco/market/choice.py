"""Which rows of the catalog speak for a scenario, how old they are, and what they say."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from operator import attrgetter
from statistics import median
from typing import Any

from tco.errors import Problem, shown
from tco.inputs import INPUTS, PRICE, PRICES, RATE
from tco.inputs.checks import clean
from tco.inputs.clock import today
from tco.market.catalogue import (
    ALL_PROVIDERS,
    ANY_REGION,
    ASSUMPTION,
    COLO_FEE,
    HOME,
    HOST_EXTRAS,
    HOST_INPUTS,
    INTERRUPTIBLE,
    NOT_SOLD_NEW,
    OF_SITE,
    OWNED,
    SITE,
    SPOT,
    UNKNOWN_GPU,
    USED,
    Catalogue,
    Default,
    Gpu,
    HostValue,
    Quote,
    Rate,
    load,
)
from tco.market.evidence import (
    OLD_DAYS,
    Resolved,
    _first_day,
    age_days,
    borrowed_rate,
    compared,
    is_listed,
    is_rented,
    market_of,
    nearest,
    newest_of,
    no_offer,
    of_basis,
    purchase_price,
    rental_rate,
    sourced,
    span,
)
from tco.market.files import first_day, grouped, known_from
from tco.market.keys import near_keys
from tco.market.policy import POLICY
from tco.market.readable import market_words, readable
from tco.words.currencies import cached
from tco.words.figures import counted
from tco.words.remarks import commitment_share, expired_quote, over_providers, servers_between

# The months of the terms that are a commitment, the shortest first.
TERM_MONTHS = {"1yr": 12, "3yr": 36, "5yr": 60}
# What a GPU that is not in the catalog needs, and what it may be called.
OWN_FIGURES = (PRICE, "gpu_w")
_OWN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._+()-]{0,38}[A-Za-z0-9)+])?", re.ASCII)
_ON_DEMAND = "on_demand"
_WARRANTY = "warranty_months"


@dataclass(frozen=True)
class Question:
    """The inputs that choose rows of the catalog, as given; None where not given."""

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
    site: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Question:
        """The question in what was given."""
        return cls(*[given.get(name) for name in QUESTION_INPUTS])


TARIFF = "electricity_usd_per_kwh"
# The sectors whose tariff firms and households pay, as electricity.csv calls them.
_FIRMS, _HOUSEHOLDS = "non_household", "residential"
_OWN_SITE, _ALL_IN = "own_site", "colo_all_in"
US, EU = "US", "EU"
# Of where the PUE of defaults.toml is.
_WORLDWIDE = "the average of all countries"
EU_COUNTRIES = frozenset(
    [
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES"),
        *("FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"),
        *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    ]
)
QUESTION_INPUTS = tuple(column.name for column in fields(Question))

# The inputs whose value depends on the place or on the term, whatever the GPU.
OF_THE_PLACE = (
    *(TARIFF, COLO_FEE, "pue", "rack_usd_per_month", "insurance_rate_per_year", "billing_overhead"),
    "maintenance_rate_per_year",
)
# The inputs whose value depends on the question, its date aside.
CHOSEN = (
    *(*QUESTION_INPUTS, PRICE, RATE, "rate_growth_per_year", "resale_decline_per_year"),
    *("gpu_w", "idle_w", *HOST_INPUTS, *HOST_EXTRAS, _WARRANTY, *OF_THE_PLACE),
)


@cached(4096)
def resolve(question: Question, catalogue: Catalogue) -> dict[str, Resolved]:
    """Every input for those who gave only the question. Treat it as frozen.

    The rule is in docs/conventions.md: the GPU's own row and host class, else defaults.toml. What a
    policy says counts before both, and what follows from it follows.
    """
    policy = catalogue.policy
    if policy is None:
        return _Chooser(catalogue, question).answer()
    asked = {name for name in QUESTION_INPUTS if getattr(question, name) is not None}
    chosen = {n: x for n, x in policy.values.items() if n in QUESTION_INPUTS and n not in asked}
    found = _Chooser(catalogue, replace(question, **chosen)).answer()
    for name, rule in policy.by_input.items():
        value = rule.value_beside(found[name].value)
        if name not in asked and (value is not None):
            note = ": ".join(filter(None, (policy.name, rule.note)))
            found[name] = Resolved(name, value, POLICY, as_of=policy.as_of, note=note)
        elif name not in asked:
            found[name] = rule.narrowed(found[name])
    return found


@lru_cache(maxsize=4096)
def resolved_values(question: Question, catalogue: Catalogue) -> dict[str, Any]:
    """The values of `resolve`, by name. Treat it as frozen."""
    return {name: entry.value for name, entry in resolve(question, catalogue).items()}


def unknown_keys(
    question: Question, catalogue: Catalogue, given: Collection[str] | None = None
) -> list[Problem]:
    """The keys of a question that the catalog does not have, each with the nearest names.

    `given` are the inputs that stand beside it: a GPU of one's own is no problem where they hold
    what the catalog would have said. None: only what is in the catalog will do.
    """
    known = {"gpu": catalogue.gpus, "provider": catalogue.renting, "region": catalogue.regions}
    problems = []
    for name, keys in known.items():
        value = getattr(question, name)
        if value is not None and value not in keys:
            wanted = "" if name != "gpu" or given is None else _lacking(value, given)
            if name == "gpu" and given is not None and not wanted:
                continue
            message = f"{name} = {shown(value)} is not in the catalog: {INPUTS[name].meaning}"
            message += near_keys(value, keys)
            if wanted:
                message += f"{'' if message.endswith('?') else '.'} {wanted}"
            problems.append(Problem(name, message))
    return problems


def _lacking(gpu: str, given: Collection[str]) -> str:
    """What a GPU that is not in the catalog lacks, as a further sentence; empty for nothing."""
    if not is_own_name(gpu):
        return "One of your own has a name of up to 40 letters, digits, spaces and . _ + - ( )"
    lacking = [name for name in OWN_FIGURES if name not in given]
    if not lacking:
        return ""
    rate = f", and for a verdict {RATE}" if RATE not in given else ""
    return f"One that is not there needs {' and '.join(lacking)}{rate}"


def is_own_name(gpu: Any) -> bool:
    """Whether a GPU that is not in the catalog may be called so.

    >>> is_own_name("B300"), is_own_name("=B300"), is_own_name("H100 NVL (94 GB)")
    (True, False, True)
    """
    return isinstance(gpu, str) and _OWN_NAME.fullmatch(gpu) is not None


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
    known = [entry for entry in chosen if known_from(entry) <= as_of]
    return max(known, key=_first_day) if known else min(chosen, key=known_from)


@lru_cache(maxsize=4)
def _epochs(catalogue: Catalogue) -> list[str]:
    """The days from which another entry of defaults.toml counts, and one before all of them."""
    entries = (entry for listed in catalogue.defaults.values() for entry in listed)
    return ["0001-01-01", *sorted({known_from(entry) for entry in entries})]


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
        for name in ("gpu", "provider", "region", "term", "already_owned"):
            self._given(name)
        gpu = self._gpu()
        self._site(gpu)
        if self._value("already_owned"):
            self.found["price_basis"] = self._default("price_basis", OWNED)
        elif gpu is not None and not gpu.sold_new:
            self.found["price_basis"] = self._default("price_basis", NOT_SOLD_NEW)
        self._given("price_basis")
        self._billing()
        self._electricity()
        self._of_country("pue", self.catalogue.pues, ("country", "pue"), "average PUE")
        self._colocation()
        self._hardware(gpu)
        self._of_site()
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
        found = sourced(name, value, rows, readable(note, self.catalogue))
        if max(map(known_from, rows)) <= self.as_of:
            return found
        return replace(found, status=ASSUMPTION, note=f"no older value is known: {found.note}")

    def _follows(self, name: str, value: Any, note: str) -> Resolved:
        return Resolved(name, value, "default", as_of=self.as_of, note=note)

    def _settle(self, entry: Resolved) -> None:
        """Take what another file than defaults.toml says, with the range stated there."""
        self.found[entry.name] = self._ranged(entry)

    def _ranged(self, entry: Resolved) -> Resolved:
        low, high = range_of(default_entry(entry.name, self.epoch, "", self.catalogue), entry.value)
        return replace(entry, low=low, high=high)

    def _billing(self) -> None:
        """Term, billing and length of the commitment follow from each other."""
        billing, months = self.question.billing, self.question.commitment_months
        if self.question.term is None and billing == "committed":
            term = next((t for t, length in TERM_MONTHS.items() if (months or 0) <= length), "5yr")
            note = "the shortest term that covers the commitment"
            self._settle(self._follows("term", term, note))
        term = self._value("term")
        if term == INTERRUPTIBLE:
            self.found["billing_overhead"] = self._default("billing_overhead", INTERRUPTIBLE)
        length = TERM_MONTHS.get(term, INPUTS["commitment_months"].neutral)
        usual = "committed" if term in TERM_MONTHS else "per_use"
        for name, value in (("billing", usual), ("commitment_months", length)):
            self._settle(
                self._follows(name, value, f"follows the term ({INPUTS['term'].word(term)})")
            )
            self._given(name)

    def _site(self, gpu: Gpu | None) -> None:
        """Where owned hardware stands, by its host class, and how it is hosted there.

        What is given into colocation stands in a data center, whatever its host class.
        """
        if gpu is not None and self.question.hosting in (None, _OWN_SITE):
            self._of_host(gpu, (SITE,))
        self._given(SITE)
        self.found["hosting"] = self._default("hosting", self._value(SITE))
        self._given("hosting")

    def _of_site(self) -> None:
        """What is not usual at the site: it wins over host class and country."""
        site = self._value(SITE)
        for name in OF_SITE:
            if name != "hosting" and any(e.market == site for e in self.catalogue.defaults[name]):
                self.found[name] = self._default(name, site)

    def _hardware(self, gpu: Gpu | None) -> None:
        if gpu is None:
            note = f"no GPU {self._value('gpu')} in the catalog"
            self.found["gpu_w"] = Resolved("gpu_w", None, "missing", note=note)
            for name in ("idle_w", *HOST_INPUTS):
                self.found[name] = self._default(name, UNKNOWN_GPU)
            return
        self._settle(self._known("gpu_w", gpu.gpu_w, [gpu], gpu.note))
        idle = replace(gpu, source_id=gpu.idle_source_id)
        self._settle(self._known("idle_w", gpu.idle_w, [idle], gpu.note))
        # The fee of a host class is that of power on the meter; one with power is another fee.
        is_all_in = self._value("hosting") == _ALL_IN
        extras = [name for name in HOST_EXTRAS if not (is_all_in and name == COLO_FEE)]
        self._of_host(gpu, (*HOST_INPUTS, *extras))
        decline = "resale_decline_per_year"
        self.found[decline] = self._default(decline, gpu.resale_market)

    def _of_host(self, gpu: Gpu, names: Collection[str]) -> None:
        """Take what the host class of a GPU says of some inputs."""
        of_host = (row for row in self.catalogue.servers if row.host == gpu.host)
        rows = (row for row in of_host if row.input in names)
        for same in grouped(rows, attrgetter("input")).values():
            listed = [row for row in same if is_listed(row, self.as_of)]
            if not listed:  # the general default is older than what the host class says
                continue
            known = newest_of(listed, attrgetter("servers_up_to"), self.as_of)
            self._by_servers(known or [min(listed, key=known_from)])

    def _by_servers(self, rows: list[HostValue]) -> None:
        """What the host class says of an input, for one server and for so many as it names."""
        name, tiers, before = rows[0].input, [], 0.0
        country = country_of(self._value("region"), self.catalogue)
        is_abroad = name == COLO_FEE and country not in (US, ANY_REGION)
        told = f"US figure, no figure for {country}: " if is_abroad else ""
        for row in sorted(rows, key=_most_servers):
            most, (value, _) = _most_servers(row), clean(INPUTS[name], row.value)
            among = servers_between(before, most)
            note = f"{told}{among and f'{among}: '}{row.note}"
            entry = self._known(name, value, [row], note)
            own = row.low is not None and row.high is not None
            entry = replace(entry, low=row.low, high=row.high) if own else self._ranged(entry)
            tiers.append((most, entry))
            before = most
        if before < math.inf:
            tiers.append((math.inf, self.found[name]))
        self.found[name] = tiers[0][1]
        if len(tiers) > 1:
            self.found[name] = replace(tiers[0][1], tiers=tuple(tiers))

    def _gpu(self) -> Gpu | None:
        """The row of the GPU; None for one of the caller's own, as a card that came later was."""
        gpu = self.catalogue.gpus.get(self._value("gpu"))
        return gpu if gpu is not None and is_listed(gpu, self.as_of) else None

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

    def _electricity(self) -> None:
        """The tariff that firms pay where the region is, or at home households."""
        sector = _HOUSEHOLDS if self._value(SITE) == HOME else _FIRMS
        rows = [row for row in self.catalogue.electricity if row.sector == sector]
        told = "household tariff" if sector == _HOUSEHOLDS else "tariff"
        self._of_country(TARIFF, rows, ("region", "usd_per_kwh"), told)

    def _colocation(self) -> None:
        """The fee of colocation where the region is; one that includes power is another fee."""
        is_all_in = self._value("hosting") == _ALL_IN
        rows = [row for row in self.catalogue.colocation if row.power_included == is_all_in]
        told = f"fee with {'power included' if is_all_in else 'metered power'}"
        # On the meter defaults.toml says what is asked in the US: its markets differ widely.
        asked = [row for row in rows if is_all_in or row.country != US]
        self._of_country(COLO_FEE, asked, ("country", "usd_per_kw_month"), told)

    def _of_country(
        self, name: str, rows: Iterable[Any], columns: tuple[str, str], told: str
    ) -> None:
        """A figure of the region's country, else the average of the EU, else that of the US.

        `columns` say of where a row is, and what its figure is. Where there is no row of the US
        either, what defaults.toml says stays.
        """
        place, figure = map(attrgetter, columns)
        country, listed = country_of(self._value("region"), self.catalogue), list(rows)
        is_local = country in (US, ANY_REGION)
        union = (EU,) if country in EU_COUNTRIES else ()
        for where in (US,) if is_local else (country, *union, US):
            here = [row for row in listed if place(row) == where]
            known = newest_of(here, attrgetter("source_id"), self.as_of)
            # Of the US at least the oldest counts: there is nothing else.
            known = known or ([min(here, key=known_from)] if here and where == US else [])
            if not known:
                continue
            newest = max(map(_first_day, known))
            known = [row for row in known if age_days(row.as_of, newest) <= OLD_DAYS]
            value = median(map(figure, known))
            whose = f"the {where}" if where in (US, EU) else where
            lacking = "" if is_local or where == country else f", no figure for {country}"
            said = known[0].note
            if len(known) > 1:
                said = f"median of {counted(len(known), 'figure')}, {span(known)}"
            self._settle(self._known(name, value, known, f"{told} of {whose}{lacking}: {said}"))
            return
        if not is_local:
            whose = _WORLDWIDE if name == "pue" else "US figure"
            self.found[name] = _prefixed(self.found[name], f"{whose}, no figure for {country}")

    def _rate(self) -> None:
        gpu, provider, region, term = map(self._value, ("gpu", "provider", "region", "term"))
        rows = self._offers(term)
        asked = (gpu, provider, region, term, self.as_of)
        listed = rental_rate(rows, "" if rows else no_offer(self.catalogue, *asked))
        if term in TERM_MONTHS and (provider == ALL_PROVIDERS or not rows):
            rows, listed = self._committed(term, listed)
        if listed.value is None and provider == ALL_PROVIDERS:
            rows, listed = self._borrowed(term, listed)
        found = self._quoted(listed)
        self._settle(found)
        # Of a provider whose market nobody knows, a quote says nothing about how rents move.
        is_known = found.quote is not None and found.quote.provider in self.catalogue.providers
        decides = [found.quote] if found.status == "yours" and is_known else rows
        providers = {row.provider for row in decides if row} or {provider}
        self._growth(providers, SPOT if term == "spot" else "")

    def _offers(self, term: str, gpu: str = "", provider: str = "") -> list[Rate]:
        """The comparable offers on a term, of the GPU, the providers and the region asked for."""
        asked = (gpu or self._value("gpu"), provider or self._value("provider"))
        return list(compared(self.catalogue, *asked, self._value("region"), term, self.as_of))

    def _borrowed(self, term: str, missing: Resolved) -> tuple[list[Rate], Resolved]:
        """The rate of the nearest GPU that is rented out here, where nobody rents out this one."""
        gpu = self._gpu()
        if gpu is None or is_rented(gpu.gpu, self._value("region"), self.as_of, self.catalogue):
            return [], missing
        for near in nearest(gpu, self.as_of, self.catalogue):
            other = _Chooser(self.catalogue, replace(self.question, gpu=near.gpu))
            other.found = {**self.found, "gpu": Resolved("gpu", near.gpu, "default")}
            rows, found = other._offers(term), Resolved(RATE, None, "missing")
            if term in TERM_MONTHS:
                rows, found = other._committed(term, found)
            elif rows:
                found = rental_rate(rows, "")
            if rows:
                told = borrowed_rate(gpu, near, self._value("region"), self.as_of, self.catalogue)
                note = f"{told}: {found.note}"
                return rows, replace(found, note=note, borrowed=near.gpu)
        return [], missing

    def _committed(self, term: str, listed: Resolved) -> tuple[list[Rate], Resolved]:
        """A rate on a commitment: the rate on demand times what the commitment costs of it.

        Providers who list a commitment are others than those who rent on demand, so a median of
        what they list compares unlike things; what they take off their own rate does not.
        """
        usual = self._offers(_ON_DEMAND)
        if not usual:
            return [], listed
        kinds = {self._market(row.provider) for row in usual}
        known = ((whose, found) for whose, found in self._discounts(term, kinds) if found)
        whose, ratios = next(known, ("", {}))
        if not ratios:
            return [], listed
        base = rental_rate(usual, "")
        share = median(ratios.values())
        note = f"{commitment_share(share, ratios, base.value, whose)}. On demand: {base.note}"
        return usual, replace(base, value=share * base.value, note=note, discounts=len(ratios))

    def _discounts(
        self, term: str, kinds: Collection[str]
    ) -> Iterator[tuple[str, dict[str, float]]]:
        """The share of its rate on demand that each provider asks on a term, of the GPU first.

        Then over all GPUs in the markets that rent it out, then over all markets.
        """
        by_gpu = _discounts(term, self.as_of, self.catalogue)
        yield "for this GPU", by_gpu.get(self._value("gpu"), {})
        found: dict[str, list[float]] = {}
        for ratios in by_gpu.values():
            for name, ratio in ratios.items():
                found.setdefault(name, []).append(ratio)
        everywhere = {name: median(ratios) for name, ratios in found.items()}
        alike = {name: r for name, r in everywhere.items() if self._market(name) in kinds}
        yield "over all GPUs in its markets", alike
        yield "over all GPUs", everywhere

    def _market(self, provider: str) -> str:
        return market_of(provider, self.catalogue)

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
        changes = ", ".join(f"{market_words(kind)} {move}" for kind, move in moves.items())
        whose = over_providers(
            len(entries), "of the change in its market", "the change in the market of"
        )
        value = median(entry.value for entry in entries)
        found = sourced(name, value, entries, f"{whose}: {changes}")
        self.found[name] = replace(
            found,
            status=ASSUMPTION if any(e.status == ASSUMPTION for e in entries) else "default",
            low=min(entry.low for entry in entries if entry.low is not None),
            high=max(entry.high for entry in entries if entry.high is not None),
        )


@lru_cache(maxsize=64)
def _discounts(term: str, as_of: str, catalogue: Catalogue) -> dict[str, dict[str, float]]:
    """What a term costs of the on-demand rate, by GPU and provider: the median over its regions.

    Set against each other are the rates of one provider in the same region, wherever that is (what
    a commitment takes off is no matter of the place), or its medians where no region has both.
    """

    def by_provider(gpu: str, of: str) -> dict[str, dict[str, float]]:
        rows = compared(catalogue, gpu, ALL_PROVIDERS, ANY_REGION, of, as_of)
        own = grouped(rows, attrgetter("provider"))
        return {name: {r.region: r.usd_per_gpu_hour for r in own[name]} for name in own}

    found: dict[str, dict[str, float]] = {}
    for key, gpu in catalogue.gpus.items():
        if not is_listed(gpu, as_of) or not (bound := by_provider(key, term)):
            continue
        usual = by_provider(key, _ON_DEMAND)
        for name in (name for name in bound if name in usual):
            ours, theirs = bound[name], usual[name]
            both = [ours[place] / theirs[place] for place in ours if place in theirs]
            share = median(both) if both else median(ours.values()) / median(theirs.values())
            found.setdefault(key, {})[name] = share
    return found


@lru_cache(maxsize=256)
def country_of(region: str, catalogue: Catalogue) -> str:
    """The country of a provider's region; a country, and `any`, are themselves.

    >>> country_of("DE", load()), country_of("us-central1", load()), country_of("any", load())
    ('DE', 'US', 'any')
    """
    found = (rate.country for rate in catalogue.rates if rate.region == region)
    return next(found, region)


def _prefixed(entry: Resolved, said: str) -> Resolved:
    """An input of which something is said before its note, and those of its tiers."""
    tiers = tuple((most, _prefixed(tier, said)) for most, tier in entry.tiers)
    return replace(entry, note=f"{said}: {entry.note}", tiers=tiers)


def _most_servers(row: HostValue) -> float:
    return math.inf if row.servers_up_to is None else row.servers_up_to


def range_of(entry: Default, value: Any) -> tuple[float | None, float | None]:
    """The range of a value; one that does not hold it is carried over in proportion."""
    low, high, usual = entry.low_factor, entry.high_factor, entry.default
    if entry.low is not None and entry.high is not None:
        if not isinstance(usual, float) or usual == 0 or entry.low <= value <= entry.high:
            return entry.low, entry.high
        low, high = entry.low / usual, entry.high / usual
    if value is None or low is None or high is None:
        return None, None
    return value * low, value * high


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
