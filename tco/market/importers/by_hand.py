"""A price or a quote that somebody types in: checked, and made a batch like any file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from tco.errors import InputError, Problem, shown
from tco.inputs import INPUTS, PRICE, RATE
from tco.inputs.checks import clean
from tco.inputs.clock import is_to_come
from tco.inputs.declaration import Interval
from tco.inputs.entry import Wrong, note_problem, read_code, read_day, without_currency
from tco.market.catalogue import ANY_REGION, Price, Quote, Source, load
from tco.market.choice import Question, is_own_name, unknown_keys
from tco.market.evidence import FRESH_DAYS
from tco.market.files import observed_fields
from tco.market.importers.lines import LONGEST_NAME, RejectedError
from tco.market.importers.money import USD, converted
from tco.market.observed import Batch

COLLECTOR = "by_hand"
QUOTE = "quote"
_BASES = (QUOTE, *INPUTS["price_basis"].choices)


def purchase(
    gpu: str,
    usd: float | str,
    *,
    basis: str = QUOTE,
    as_of: str,
    valid_until: str | None = None,
    note: str = "",
    currency: str = "",
    usd_per: Mapping[str, float] = MappingProxyType({}),
) -> Batch:
    """A purchase price [USD per GPU]: a quote to you, or a price of basis street, msrp or used.

    A quote without `valid_until` is good for 30 days from its date. A price in another `currency`,
    or with its sign, is converted at what `usd_per` says one unit of it is worth, or else at the
    newest exchange rate in the data on its day, and the note says so. InputError lists all that is
    wrong.

    >>> batch = purchase("L4", 2_650, as_of="2026-11-21", note="reseller, ten cards")
    >>> batch.quotes[0].value, batch.quotes[0].valid_until
    (2650.0, '2026-12-21')
    """
    value, note, problems = _in_usd(PRICE, usd, currency, as_of, note, usd_per)
    problems += _problems(gpu, PRICE, value, as_of, valid_until, note)
    if basis not in _BASES:
        problems.append(Problem("basis", f"basis = {basis!r} is not one of {', '.join(_BASES)}"))
    if basis != QUOTE and valid_until:
        problems.append(Problem("valid_until", "valid_until: only a quote has one"))
    if problems:
        raise InputError(problems)
    if basis == QUOTE:
        until = valid_until or _usual_end(as_of)
        return _batch(Quote(gpu, PRICE, value, "", "", "", as_of, until, note))
    return _batch(Price(gpu, basis, value, as_of, _id(as_of, note), note))


def rental(
    gpu: str,
    usd_per_gpu_hour: float | str,
    *,
    provider: str,
    term: str = "on_demand",
    region: str = ANY_REGION,
    as_of: str,
    valid_until: str | None = None,
    note: str = "",
    currency: str = "",
    usd_per: Mapping[str, float] = MappingProxyType({}),
) -> Batch:
    """A rental quote to you [USD per GPU-hour, host included]; else as for `purchase`.

    >>> rental("L4", 0.55, provider="acme", as_of="2026-11-21").quotes[0].term
    'on_demand'
    >>> rental("L4", "€0.50", provider="acme", as_of="2026-11-21").quotes[0].note[:11]
    '0.5 EUR at '
    """
    value, note, problems = _in_usd(RATE, usd_per_gpu_hour, currency, as_of, note, usd_per)
    term, wrong = clean(INPUTS["term"], term)
    problems += wrong
    problems += _problems(gpu, RATE, value, as_of, valid_until, note)
    for name, text in (("provider", provider), ("region", region)):
        if not text or text != text.strip() or not text.isprintable():
            problems.append(Problem(name, f"{name} = {text!r} is empty, or has space around it"))
        elif len(text) > LONGEST_NAME:
            problems.append(Problem(name, f"{name} has {len(text):,} characters: shorten it"))
    if problems:
        raise InputError(problems)
    until = valid_until or _usual_end(as_of)
    return _batch(Quote(gpu, RATE, value, provider, region, term, as_of, until, note))


# No currency has smaller units than this many to the dollar.
_MOST_UNITS = 1e9


def _in_usd(
    name: str, amount: Any, currency: str, as_of: str, note: str, usd_per: Mapping[str, float]
) -> tuple[Any, str, list[Problem]]:
    """A price in USD, its note with how it was converted, and what is wrong with it."""
    bare, beside = without_currency(amount) if isinstance(amount, str) else (amount, "")
    try:
        told = read_code(INPUTS["currency"], currency) if currency else ""
    except Wrong as wrong:
        return None, note, [Problem("currency", f"currency = {shown(currency)} {wrong}")]
    if told and beside and told != beside:
        message = f"{name} = {shown(amount)} is in {beside}, and the currency says {told}"
        return None, note, [Problem(name, message)]
    code = told or beside or USD
    if code == USD:
        value, problems = clean(INPUTS[name], amount)
        return value, note, problems
    wide = replace(INPUTS[name], high=INPUTS[name].high * _MOST_UNITS)
    value, problems = clean(wide, bare)
    if problems or isinstance(value, Interval) or _day("as_of", as_of):
        return value, note, problems
    try:
        in_usd, how = converted(value, code, as_of, usd_per)
    except RejectedError:
        message = f"no exchange rate of {code} on or before {as_of} is in the data"
        return None, note, [Problem("currency", f"{message}: enter the price in USD")]
    value, problems = clean(INPUTS[name], in_usd)
    return value, "; ".join(filter(None, (how, note))), problems


def _problems(
    gpu: str, of_input: str, value: Any, as_of: str, valid_until: str | None, note: str
) -> list[Problem]:
    """What is wrong with what both kinds of price have."""
    found = [_of_own_gpu(problem, gpu) for problem in unknown_keys(Question(gpu=gpu), load())]
    days = (("as_of", as_of), ("valid_until", valid_until))
    dates = [problem for name, text in days if text is not None for problem in _day(name, text)]
    if not dates and valid_until and valid_until < as_of:
        message = f"valid_until = {valid_until!r} is before the quote's own date {as_of}"
        dates = [Problem("valid_until", message)]
    if not dates and is_to_come(as_of):
        dates = [Problem("as_of", f"as_of = {as_of!r} is in the future: the date of the price")]
    found += dates
    if not note.isprintable():
        message = f"note = {note!r} is not one line of text: where the price is from"
        found.append(Problem("note", message))
    elif why := note_problem(note):
        found.append(Problem("note", f"note {why}"))
    if isinstance(value, Interval):
        message = f"{of_input} = {value} is a range: a quote is one price"
        found.append(Problem(of_input, message))
    if value == 0:
        found.append(
            Problem(of_input, f"{of_input} = 0 is not a price: {INPUTS[of_input].meaning}")
        )
    return found


def _of_own_gpu(problem: Problem, gpu: str) -> Problem:
    """What is wrong with a GPU, and what to do with the prices of one that is not in the data."""
    if not is_own_name(gpu) or problem.message.endswith("?"):
        return problem
    told = f"give the prices of a GPU of your own with the scenario, as {PRICE} and {RATE}"
    return Problem(problem.input, f"{problem.message}; {told}")


def _day(name: str, text: str) -> list[Problem]:
    """What is wrong with a date; a day is written in one way here, as in the store."""
    try:
        if read_day(INPUTS["as_of"], text) != text:
            raise Wrong("is not a date YYYY-MM-DD", f"write {read_day(INPUTS['as_of'], text)}")
    except Wrong as wrong:
        mend = f"; {wrong.hint}" if wrong.hint else ""
        return [Problem(name, f"{name} = {shown(text)} {wrong}{mend}")]
    return []


def _usual_end(as_of: str) -> str:
    return (date.fromisoformat(as_of) + timedelta(days=FRESH_DAYS)).isoformat()


def _id(as_of: str, note: str) -> str:
    """One source for what was said on one day with one note."""
    return f"yours-{as_of}-{hashlib.sha256(note.encode()).hexdigest()[:8]}"


def _batch(row: Price | Quote) -> Batch:
    as_of, note = row.as_of, row.note
    said = tuple(getattr(row, each.name) for each in observed_fields(type(row)))
    counted = Counter({(getattr(row, "provider", ""), row.gpu): 1})
    return Batch(
        collector=COLLECTOR,
        file="",
        sha256=hashlib.sha256(repr([said]).encode()).hexdigest(),
        as_of=as_of,
        source=Source(_id(as_of, note), "yours", note, "", as_of, as_of, "yours"),
        rows=counted,
        kept=counted,
        prices=(row,) if isinstance(row, Price) else (),
        quotes=(row,) if isinstance(row, Quote) else (),
    )
