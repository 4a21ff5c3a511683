"""What the columns of a table are called: ours, as others write them, or as somebody says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from tco.errors import DataError, InputError, Problem, bare, suggestion
from tco.inputs.tables import check_width

CURRENCY = "currency"
# Names of other lists for ours, without case, blanks and marks: what is probably meant, told and
# not taken. A currency alone is taken: a price is never in USD because nobody looked.
_MEANT = {
    "gpu": (
        *("gpumodel", "gpuname", "gputype", "model", "card", "cardname", "accelerator", "name"),
        *("acceleratorname", "acceleratortype", "product", "grafikkarte", "device"),
    ),
    "provider": ("cloud", "cloudprovider", "vendor", "supplier", "platform", "anbieter", "company"),
    "instance": ("sku", "instancetype", "instancename", "machinetype", "size", "plan", "flavor"),
    "gpus_per_instance": ("gpucount", "gpus", "count", "quantity", "numgpus", "acceleratorcount"),
    "region": ("location", "zone", "datacenter", "regionname", "standort"),
    "term": (
        *("pricing", "pricingmodel", "pricingtype", "billing", "commitment", "purchaseoption"),
        *("plantype", "leaseterm", "contract", "contractlength", "laufzeit", "type"),
    ),
    "as_of": (
        *("date", "day", "datum", "timestamp", "observed", "observedat", "seen", "scrapedat"),
        *("capturedat", "updated", "updatedat", "pricedate", "lastupdated"),
    ),
    "usd_per_gpu_hour": (
        *("priceperhour", "pricepergpuhour", "hourlyprice", "hourlyrate", "rate", "usdperhour"),
        *("pricehour", "priceusd", "priceperhourusd", "usdgpuhour", "usdhr", "price", "cost"),
        *("eurpergpuhour", "gbppergpuhour", "eurperhour", "priceeur", "preis", "dollarperhour"),
        *("costperhour", "gpuhourprice", "pricepergpu", "pergpuhour", "usdperhr"),
    ),
    "usd_per_instance_hour": (
        *("instanceprice", "priceperinstance", "priceperinstancehour", "instancehourlyprice"),
        *("instanceusdperhour", "machineprice", "machinehourlyprice", "priceperserver"),
        *("totalprice", "totalpriceperhour", "vmprice", "serverprice", "nodeprice", "pricepernode"),
    ),
    "usd": ("purchaseprice", "unitprice", "listprice", "msrp", "pricepercard", "eur", "gbp"),
    "note": ("comment", "comments", "remark", "remarks", "notes", "bemerkung"),
}
_CURRENCY_NAMES = ("currencycode", "ccy", "curr", "pricecurrency", "waehrung", "währung", "devise")


@dataclass(frozen=True)
class Layout:
    """How a table is to be read, as far as anybody says; what is empty shows in the table itself.

    `columns` are its names by ours; `usd_per` is what one unit of a currency is worth [USD].
    """

    sep: str = ""
    decimal: str = ""
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    usd_per: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


USUAL_LAYOUT = Layout()


def columns_of(text: str) -> dict[str, str]:
    """The names of a table by ours, as the option has them; InputError where it is none.

    >>> columns_of("gpu=gpu_model, as_of=date")
    {'gpu': 'gpu_model', 'as_of': 'date'}
    """
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        ours, mark, theirs = (part.strip() for part in pair.partition("="))
        if not (ours and mark and theirs) or ours in found:
            wrong = "is given twice" if ours in found else "is not of the form ours=theirs"
            message = f"columns = {pair!r} {wrong}: as in gpu=gpu_model,as_of=date"
            raise InputError([Problem("columns", message)])
        found[ours] = theirs
    return found


def places_of(
    file: str,
    header: Sequence[str],
    needed: Collection[str],
    optional: Collection[str],
    layout: Layout,
) -> dict[str, int]:
    """Where our columns stand among those of a header.

    A name counts without its case, blanks and marks where no other is like it. DataError, with the
    columns of the file and how to name them, for one that is needed and not there.
    """
    try:
        check_width(header)
    except DataError as wrong:
        raise DataError(f"{file}: {wrong}") from None
    ours = list(dict.fromkeys((*needed, *optional)))
    unknown = [name for name in layout.columns if name not in ours]
    if unknown:
        near = suggestion(unknown[0], ours)
        message = f"columns: {unknown[0]!r} is not a column of such a file{near}"
        raise InputError([Problem("columns", f"{message}; there are {', '.join(ours)}")])
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(f"{file}: more than one column {_shown(', '.join(twice))}")
    plain = [bare(name) for name in header]
    found: dict[str, int] = {}
    for name, theirs in layout.columns.items():
        at = _place(theirs, header, plain)
        if at is None:
            near = suggestion(theirs, header)
            has = _shown(", ".join(header))
            raise DataError(f"{file}: no column {theirs}{near}; its columns: {has}")
        found[name] = at
    for name in ours:
        if name not in found:
            at = _place(name, header, plain)
            if at is None and name == CURRENCY:
                at = next((plain.index(one) for one in _CURRENCY_NAMES if one in plain), None)
            if at is not None and at not in found.values():
                found[name] = at
    lacking = [name for name in needed if name not in found]
    if lacking:
        free = [name for at, name in enumerate(header) if at not in found.values()]
        wanted = [name for name in ours if name not in found]
        raise DataError(missing(file, header, lacking, meant(free, wanted)))
    return found


def missing(
    file: str, header: Sequence[str], lacking: Sequence[str], pairs: Mapping[str, str]
) -> str:
    """What to say where columns are not there: those that are, and the option that names them."""
    example = pairs or dict.fromkeys(lacking, "NAME")
    option = ",".join(f"{ours}={theirs}" for ours, theirs in example.items())
    has = _shown(", ".join(header))
    if not _BILLS.isdisjoint(map(bare, header)):
        return (
            f"{file} has the columns of a bill, which says what was paid, not of a list of prices"
        )
    told = f"{file}: no column {', '.join(lacking)}; its first line: {has}"
    day = "--as-of gives all rows one day; " if "as_of" in lacking else ""
    return f"{told}; {day}name them with --columns {shlex.quote(_shown(option))}"


# Columns of the bills of clouds, as FOCUS, AWS and Azure call them.
_BILLS = frozenset(
    (
        *("billedcost", "effectivecost", "billingperiodstart", "chargeperiodstart"),
        *("lineitemunblendedcost", "lineitemusagestartdate", "costinbillingcurrency"),
    )
)


def meant(free: Sequence[str], ours: Collection[str]) -> dict[str, str]:
    """Columns of a table that are probably ours under another name.

    >>> meant(["gpu_model", "date", "cpu"], ["gpu", "as_of", "region"])
    {'gpu': 'gpu_model', 'as_of': 'date'}
    """
    plain = {bare(name): name for name in reversed(free)}
    found = {}
    for name in ours:
        theirs = next((plain[one] for one in _MEANT.get(name, ()) if one in plain), None)
        if theirs is not None:
            found[name] = theirs
    return found


# How columns say that a price is not by the hour.
_PERIOD = re.compile(
    r"(?:\b(?:per|pro|par|por)|/) ?(?:gpu )?"
    r"(months?|mo|mth|monat|mois|mes|years?|yr|annum|jahr|an|days?|tag|weeks?|woche|min|minutes?|"
    r"sec|seconds?)\b|\b(monthly|yearly|annual|annually|daily|weekly|monatlich|mensuel|month)\b",
    re.IGNORECASE,
)
_HOURLY = re.compile(r"hour|\bhr\b|/ ?h\b|\bstunde|heure", re.IGNORECASE)


def other_period(name: str) -> str:
    """The period that the name of a column says its prices are for, where it is not an hour.

    >>> other_period("price_per_month"), other_period("monthlyPrice"), other_period("1yr_per_hour")
    ('month', 'monthly', '')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s_.()\[\]-]+", " ", name)
    found = None if _HOURLY.search(spaced) else _PERIOD.search(spaced)
    return (found[1] or found[2]).casefold() if found else ""


def _place(name: str, header: Sequence[str], plain: Sequence[str]) -> int | None:
    if name in header:
        return list(header).index(name)
    word = bare(name)
    return plain.index(word) if word and plain.count(word) == 1 else None


_SHOWN = 200


def _shown(text: str) -> str:
    """Text of a file on one line, fit for a screen."""
    cut = f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text
    return "".join(char if char.isprintable() else "\ufffd" for char in cut)
