"""Lines of cost or income of the user's own, beside the items that the model knows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, fields
from typing import Any

from tco.errors import InputError, Problem, bare, shown, suggestion
from tco.inputs.amounts import in_dollars
from tco.inputs.declaration import Param
from tco.inputs.entry import Unread, Wrong, read_code, read_number
from tco.words.currencies import USD

SIDES = ("own", "rent")
WHENS = ("monthly", "start", "term", "exit")
GROWTHS = ("flat", "opex", "electricity", "rental")
ITEM = "item:"
# What `usd` is multiplied with: the meaning, the sides and the times that it can be combined with.
BASES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "fixed": ("the amount as it is", SIDES, WHENS),
    "gpu": ("each GPU bought or rented", SIDES, WHENS),
    "server": ("each server", ("own",), WHENS),
    "rack": ("each rack", ("own",), WHENS),
    "it_kw": ("each kW of peak IT load", ("own",), WHENS),
    "facility_kw": ("each kW of peak metered load, PUE included", ("own",), WHENS),
    "busy_gpu_hour": ("each busy GPU-hour", SIDES, ("monthly",)),
    "idle_gpu_hour": ("each idle GPU-hour", SIDES, ("monthly",)),
}
# The items of the model of which a line can be a multiple, by side and by when they are paid, and
# the others: no line is called like any. A test holds both to the table of items.
MULTIPLIED: dict[tuple[str, str], tuple[str, ...]] = {
    ("own", "start"): ("gpus", "spares", "servers", "network", "install", "sales_tax"),
    ("own", "monthly"): (
        *("energy_it", "energy_cooling", "space", "colocation", "staff"),
        *("maintenance", "failures", "licenses", "insurance"),
    ),
    ("own", "exit"): ("resale",),
    ("rent", "start"): ("upfront",),
    ("rent", "term"): ("commitment_fee",),
    ("rent", "monthly"): ("compute", "support", "storage_egress"),
    ("rent", "exit"): ("unused_commitment",),
}
OF_TAX_AND_FINANCING = (
    *("loan_proceeds", "loan_fee", "loan_payment", "loan_balloon", "loan_settlement"),
    *("lease", "lease_fee", "lease_buyout", "lease_return", "unused_lease"),
    *("rent_until_delivery", "refresh", "refresh_resale", "refresh_tax"),
    *("tax_deduction", "loan_interest_shield", "depreciation_shield"),
    *("disposal_tax", "exit_deduction"),
)
_TAKEN = {*OF_TAX_AND_FINANCING, *(name for names in MULTIPLIED.values() for name in names)}
_SAID = {
    "start": "at the start",
    "monthly": "monthly",
    "exit": "on exit",
    "term": "at the start of each commitment term",
}
_TEXTS = ("name", "side", "basis", "when", "growth")
_LIMIT, _LAST_MONTH = 10**12, 240
# A multiple of an item; 19 is meant as 19 %.
_MOST_TIMES, _OF_ITEM = 10, "a multiple of the item: 0.19 is 19 % of it"
_LONGEST_NAME = 60
# Everyday words for the fields of a line, and for their values.
_OTHER_FIELDS = {
    **dict.fromkeys(("amount", "cost", "price", "value", "sum", "dollars"), "usd"),
    **dict.fromkeys(("item", "title", "label", "description", "position", "what"), "name"),
    **dict.fromkeys(("type", "kind", "option", "who", "payer"), "side"),
    **dict.fromkeys(("unit", "per", "driver"), "basis"),
    **dict.fromkeys(("timing", "frequency", "period", "interval"), "when"),
    **dict.fromkeys(("from", "begin", "startmonth", "first"), "first_month"),
    **dict.fromkeys(("to", "until", "end", "endmonth", "last"), "last_month"),
    **dict.fromkeys(("escalation", "inflation", "increase", "index"), "growth"),
    **dict.fromkeys(("cap", "limit", "max", "maximum"), "cap_usd"),
}
_OTHER_WORDS = {
    **dict.fromkeys(("buy", "owner", "owning", "purchase", "capex"), "own"),
    **dict.fromkeys(("cloud", "rental", "renting", "lease", "opex"), "rent"),
    **dict.fromkeys(("month", "permonth", "recurring"), "monthly"),
    **dict.fromkeys(("once", "onetime", "upfront", "oneoff", "begin"), "start"),
    **dict.fromkeys(("end", "disposal", "leaving"), "exit"),
    **dict.fromkeys(("none", "no", "constant", "0"), "flat"),
    **dict.fromkeys(("lumpsum", "total"), "fixed"),
}
# More than anybody adds by hand; a link of so many still works.
MOST_LINES = 100


@dataclass(frozen=True, kw_only=True)
class Line:
    """A cost that the model has no item for; negative: an income.

    `usd` is paid for each unit of `basis` (BASES, or `item:` and the name of an item, of which it
    is then a multiple: 0.19 is 19 % of it): each month from `first_month` to `last_month`, at the
    `start`, at the start of each commitment `term` (renting only), or on exit (`exit`). It grows
    like operating costs (`opex`), electricity, the market's rental rate, or not at all (`flat`).
    From `cap_usd` on [USD, absolute, undiscounted] nothing more is paid. Both may be in another
    `currency`, or a text that names one, "100 EUR": a scenario in that currency makes them USD.
    InputError lists everything that is wrong with it.

    >>> Line(name="VAT", side="rent", usd=0.21, basis="item:compute").item
    'compute'
    """

    name: str
    side: str
    usd: float
    basis: str = "fixed"
    when: str = "monthly"
    first_month: int = 1
    last_month: int | None = None
    growth: str = "flat"
    cap_usd: float | None = None
    currency: str = USD

    def __new__(cls, *_told: Any, **given: Any) -> Line:
        """A line of these fields: InputError for names that are none of them, and what lacks."""
        if given:  # copies begin empty
            _check_fields(given)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            object.__setattr__(self, name, _known(getattr(self, name), known))
        problems = [*self._read_currency(), *self._read_numbers(), *self._problems()]
        if problems:
            raise InputError([Problem("lines", message) for message in problems])
        object.__setattr__(self, "name", self.name.strip())
        object.__setattr__(self, "usd", float(self.usd))
        object.__setattr__(self, "first_month", int(self.first_month))
        if self.last_month is not None:
            object.__setattr__(self, "last_month", int(self.last_month))
        if self.cap_usd is not None:
            object.__setattr__(self, "cap_usd", float(self.cap_usd))

    @property
    def item(self) -> str:
        """The item that it is a multiple of; empty for any other basis."""
        return self.basis.removeprefix(ITEM) if self.basis.startswith(ITEM) else ""

    def at(self, fx_rate: float) -> Line:
        """The same line in USD, at so many units of its currency for one USD.

        >>> Line(name="fee", side="own", usd="43 EUR").at(0.86).usd
        50.0
        """
        other = copy(self)
        object.__setattr__(other, "usd", self.usd / fx_rate)
        if self.cap_usd is not None:
            object.__setattr__(other, "cap_usd", self.cap_usd / fx_rate)
        object.__setattr__(other, "currency", USD)
        return other

    def uncapped(self) -> Line:
        """The same line without an end.

        >>> Line(name="credit", side="rent", usd=-1, basis="gpu", cap_usd=5).uncapped().cap_usd
        """
        other = copy(self)
        object.__setattr__(other, "cap_usd", None)
        return other

    def to_dict(self) -> dict[str, Any]:
        """What differs from the defaults, in plain types.

        >>> Line(name="line", side="own", usd=45).to_dict()
        {'name': 'line', 'side': 'own', 'usd': 45.0}
        """
        return {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    def __repr__(self) -> str:
        return f"Line({', '.join(f'{name}={value!r}' for name, value in self.to_dict().items())})"

    def _read_currency(self) -> Iterable[str]:
        """Take the currency of the amounts from where it stands; what is wrong with it."""
        declared = Param(group="", kind="code", meaning="the currency of the line")
        named = dict[str, str]()
        try:
            if self.currency != USD:
                named["currency"] = read_code(declared, str(self.currency))
            for name in ("usd", "cap_usd"):
                text = getattr(self, name)
                is_text = isinstance(text, str) and not isinstance(text, Unread)
                if is_text and (code := in_dollars(text)[1]):
                    named[name] = code
        except Wrong as why:
            mend = f"; {why.hint}" if why.hint else ""
            yield f"{self._says('currency')} {why}: {declared.meaning}{mend}"
            return
        # A number without a currency is in that of the line, or in USD.
        if "currency" not in named and "usd" not in named and named:
            named["usd"] = USD
        codes = sorted({*named.values()})
        if len(codes) > 1:
            yield f"line {shown(self.name)}: names two currencies, {' and '.join(codes)}"
        elif codes and codes[0] != USD and self.item:
            yield f"{self._says('basis')}: a share of an item has no currency of its own"
        object.__setattr__(self, "currency", codes[0] if codes else USD)

    def _read_numbers(self) -> Iterable[str]:
        """Take the numbers that came as text; what is wrong with those that are none."""
        for name in (name for name in FIELDS if name in _NUMBERS):
            if isinstance(text := getattr(self, name), str):
                declared = _declared(name, str(self.basis))
                try:
                    is_money = name.endswith("usd") and not isinstance(text, Unread)
                    told = in_dollars(text)[0] if is_money else text
                    object.__setattr__(self, name, _read(declared, told))
                except Wrong as why:
                    mend = f"; {why.hint}" if why.hint else ""
                    yield f"{self._says(name)} {why}: {declared.meaning}{mend}"

    def _problems(self) -> Iterable[str]:
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str):
                yield f"{self._says(name)} is not a text"
                return
        yield from self._name()
        yield from self._choice("side", SIDES, "which side pays")
        yield from self._choice("when", WHENS, "when it is paid")
        yield from self._choice("growth", GROWTHS, "how it grows")
        yield from self._basis()
        if self.when == "term" and self.side == "own":
            yield f"{self._says('when')} applies to renting only: the term of a commitment"
        if self.item:
            yield from self._amount("usd", -_MOST_TIMES, _MOST_TIMES, _OF_ITEM)
        else:
            yield from self._amount("usd", -_LIMIT, _LIMIT, "USD per unit of the basis")
        if self.cap_usd is not None:
            yield from self._amount("cap_usd", 0, _LIMIT, "total in USD, without its sign")
        yield from self._months()

    def _name(self) -> Iterable[str]:
        name = self.name.strip()
        # A name is a column of files, a cell of spreadsheets and a part of the link.
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            yield f"{self._says('name')} is not a name of 1 to {_LONGEST_NAME} printable characters"
        elif name in _TAKEN:
            yield f"{self._says('name')} is the name of an item of the model: choose another"

    def _basis(self) -> Iterable[str]:
        if not self.item:
            yield from self._choice("basis", (*BASES, f"{ITEM}<name>"), "what it is paid for")
        elif self.side in SIDES and self.when in WHENS:
            known = MULTIPLIED.get((self.side, self.when), ())
            if self.item not in known:
                who = "owning" if self.side == "own" else "renting"
                meant = suggestion(self.item, known)
                when = f"{_SAID[self.when]}{meant}"
                yield f"{self._says('basis')} is not an item that {who} pays {when}"
        if self.item and self.growth != "flat":
            yield f"{self._says('growth')}: a share of an item grows with the item"
        _, sides, whens = BASES.get(self.basis, ("", SIDES, WHENS))
        if self.side in SIDES and self.side not in sides:
            yield f"{self._says('basis')} applies to owning only, and the side is {self.side}"
        if self.when in WHENS and self.when not in whens:
            yield f"{self._says('basis')} is counted monthly, and when = {self.when!r}"

    def _months(self) -> Iterable[str]:
        for name in ("first_month", "last_month"):
            value = getattr(self, name)
            if value is None and name == "last_month":
                continue
            found = _number(value)
            if isinstance(value, str):
                return
            if found is None or found % 1 or not 1 <= found <= _LAST_MONTH:
                yield f"{self._says(name)} is not a whole number in [1, {_LAST_MONTH}]: a month"
                return
        last = self.last_month
        if self.when != "monthly" and (self.first_month != 1 or last is not None):
            yield f"{self._says('when')}: first_month and last_month apply to monthly lines only"
        elif last is not None and last < self.first_month:
            yield f"{self._says('last_month')} is before first_month = {self.first_month}"

    def _choice(self, name: str, known: tuple[str, ...], meaning: str) -> Iterable[str]:
        value = getattr(self, name)
        if value not in known:
            listed = f"one of {', '.join(known)}"
            other = _OTHER_WORDS.get(bare(value), "")
            near = f"; did you mean {other}?" if other in known else suggestion(value, known)
            yield f"{self._says(name)} is not {listed}: {meaning}{near}"

    def _amount(self, name: str, low: float, high: float, meaning: str) -> Iterable[str]:
        value = _number(getattr(self, name))
        if isinstance(getattr(self, name), str):
            return  # that it is none was said
        if value is None:
            yield f"{self._says(name)} is not a number: {meaning}"
        elif not low <= value <= high:
            hint = (
                f"; did you mean {value / 100:g}?" if 10 < abs(value) <= 100 and self.item else ""
            )
            yield f"{self._says(name)} is outside [{low:,}, {high:,}]: {meaning}{hint}"

    def _says(self, field: str) -> str:
        told = f"{field} = {shown(getattr(self, field))}"
        return f"lines: {told}" if field == "name" else f"line {shown(self.name)}: {told}"


def _number(value: Any) -> float | None:
    """A number of any kind as a float; None for anything else."""
    if not isinstance(value, int | float):
        from decimal import Decimal
        from numbers import Real

        if not isinstance(value, Real | Decimal):
            return None
    try:
        found = float(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return None
    return None if isinstance(value, bool) or math.isnan(found) else found


def lines_of(given: Any, decimal: str = ".") -> tuple[Line, ...]:
    """Lines from lines, or from tables of fields as in `Line.to_dict`; also a frame, a line a row.

    None, NaN and empty text stand for the default of a field. InputError lists everything that is
    wrong.

    >>> lines_of([{"name": "fee", "side": "own", "usd": 45}])[0].basis
    'fixed'
    """
    if hasattr(given, "columns") and hasattr(given, "to_dict"):
        given = given.to_dict("records")
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        message = (
            f"lines = {shown(given)} is not a list of lines, of which each has "
            f"{', '.join(REQUIRED)} and perhaps other fields"
        )
        raise InputError([Problem("lines", message)])
    entries = list(given)
    if len(entries) > MOST_LINES:
        raise InputError([Problem("lines", f"lines: {too_many(len(entries))}")])
    lines: list[Line] = []
    problems: list[Problem] = []
    for entry in entries:
        try:
            lines.append(entry if isinstance(entry, Line) else line_of(entry, decimal))
        except InputError as wrong:
            problems += wrong.problems
    names = [line.name for line in lines]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(Problem("lines", f"lines: {name!r} is the name of two lines"))
    if problems:
        raise InputError(problems)
    return tuple(lines)


def too_many(count: int) -> str:
    """That there are more lines than count.

    >>> too_many(1_000)
    '1,000 lines exceed the limit of 100: combine some of them'
    """
    return f"{count:,} lines exceed the limit of {MOST_LINES}: combine some of them"


def line_of(entry: Any, decimal: str = ".") -> Line:
    """The line of a table of fields; InputError lists everything that is wrong with it.

    Numbers may be text, as people write them, with the decimal mark of their file.
    """
    if not isinstance(entry, Mapping):
        known = ", ".join(FIELDS)
        message = f"lines: {shown(entry)} is not a line, which has the fields {known}"
        raise InputError([Problem("lines", message)])
    told = {key: value for key, value in entry.items() if not _is_empty(value)}
    _check_fields(told)
    if decimal != ".":
        for name in _NUMBERS & told.keys():
            if isinstance(told[name], str):
                declared = _declared(name, str(told.get("basis", "fixed")))
                try:
                    text, code = in_dollars(told[name]) if name.endswith("usd") else ("", "")
                    value = _read(declared, text or told[name], decimal)
                    told[name] = f"{value!r} {code}" if code else value
                except Wrong as why:  # the line says so, with all else that is wrong with it
                    told[name] = Unread.of(told[name], why)
    return Line(**told)


def _check_fields(told: Mapping[Any, Any]) -> None:
    """InputError for fields that no line has, and for those that are lacking."""
    wrong = [not_a_field(key) for key in told if key not in FIELDS]
    wrong += [f"{name} is missing from {shown(dict(told))}"
              for name in REQUIRED if name not in told]  # fmt: skip
    if wrong:
        raise InputError([Problem("lines", f"lines: {message}") for message in wrong])


def not_a_field(name: object) -> str:
    """That a line has no such field, and which one was probably meant.

    >>> not_a_field("amount")
    "'amount' is not a field of a line; did you mean usd?"
    """
    other = _OTHER_FIELDS.get(bare(str(name)), "")
    near = f"; did you mean {other}?" if other else suggestion(str(name), FIELDS)
    return f"{shown(name)} is not a field of a line{near}"


def _known(value: Any, known: Iterable[str]) -> Any:
    """One of the known words that is written otherwise, else the value as it is."""
    if not isinstance(value, str) or value in known:
        return value
    return {bare(word): word for word in known}.get(bare(value), value)


def _read(declared: Param, text: str, decimal: str = ".") -> float | int:
    """The number in a text; Wrong for what is none."""
    if isinstance(text, Unread):
        raise text.wrong
    found = read_number(declared, text, decimal)
    if not isinstance(found, float | int):
        raise Wrong("is a range, and a line has one amount")
    return found


def _declared(name: str, basis: str) -> Param:
    """What a number of a line is: of an item a share, else an amount, or a month."""
    if name in ("first_month", "last_month"):
        return Param(group="", kind="integer", unit="months", low=1, high=_LAST_MONTH,
                     meaning="a month")  # fmt: skip
    meaning = "USD per unit of the basis" if name == "usd" else "total in USD, without its sign"
    if name == "usd" and basis.startswith(ITEM):
        unit = "share"
    else:
        unit = "USD per GPU-hour" if basis.endswith("_hour") and name == "usd" else "USD"
    return Param(group="", kind="number", unit=unit, low=-math.inf, high=math.inf, meaning=meaning)


FIELDS = tuple(field.name for field in fields(Line))
REQUIRED = FIELDS[:3]
_CHOICES = {"side": SIDES, "basis": tuple(BASES), "when": WHENS, "growth": GROWTHS}
_NUMBERS = {"usd", "cap_usd", "first_month", "last_month"}


def _is_empty(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value == ""
