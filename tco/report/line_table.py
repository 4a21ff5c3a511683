"""The user's own lines as a table that is edited cell by cell, and what it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tco.errors import InputError
from tco.inputs.entry import without_currency
from tco.inputs.lines import (
    ITEM,
    MOST_LINES,
    MULTIPLIED,
    REQUIRED,
    Line,
    line_of,
    too_many,
)
from tco.model.items import item_of
from tco.words import currencies
from tco.words.figures import exact, inside

if TYPE_CHECKING:
    import pandas as pd

# What the fields of a line are called above its cells.
COLUMNS = {
    "name": "line",
    "side": "paid by",
    "usd": "amount",
    "basis": "per",
    "when": "when",
    "first_month": "from month",
    "last_month": "to month",
    "growth": "growth",
    "cap_usd": "at most",
}
_FIELDS = {title: name for name, title in COLUMNS.items()}
_PER_CENT, _DIGITS = 100, 10
_FIELD = re.compile(rf"(?<=: )({'|'.join(COLUMNS)})(?= = )|({'|'.join(REQUIRED)})(?= is missing)")
# The choices of a cell, and what they are called.
CHOICES: dict[str, dict[str, str]] = {
    "side": {"own": "owning", "rent": "renting"},
    "basis": {
        "fixed": "in total",
        "gpu": "per GPU",
        "server": "per server",
        "rack": "per rack",
        "it_kw": "per kW of peak IT load",
        "facility_kw": "per kW of peak metered load",
        "busy_gpu_hour": "per busy GPU-hour",
        "idle_gpu_hour": "per idle GPU-hour",
        **{
            f"{ITEM}{name}": f"share of {inside(item_of(side, name).label)}"
            for (side, _), names in MULTIPLIED.items()
            for name in names
        },
    },
    "when": {
        "monthly": "every month",
        "start": "at the start",
        "term": "at the start of each commitment term",
        "exit": "on exit",
    },
    "growth": {
        "flat": "none",
        "opex": "with opex inflation",
        "electricity": "with electricity prices",
        "rental": "with market rental rates",
    },
}
_CHOSEN = {
    name: {said: choice for choice, said in words.items()} for name, words in CHOICES.items()
}
_FIRST: dict[str, Any] = {
    field.name: field.default for field in fields(Line) if field.name in CHOICES
} | {"side": "own"}
# What a cell of a new row begins with, in words.
FIRST = {name: CHOICES[name][choice] for name, choice in _FIRST.items()}


@dataclass(frozen=True)
class Edited:
    """What an edited table comes to: its lines, and why the rest of it is not taken."""

    lines: tuple[Line, ...]
    refused: tuple[str, ...]
    unfinished: tuple[str, ...]


def cells(line: Line) -> dict[str, str | None]:
    """The cells of a line as they are shown, by field: words, for whoever hears them too.

    >>> vat = Line(name="VAT", side="rent", usd=0.19, basis="item:compute", last_month=12)
    >>> shown = cells(vat)
    >>> shown["usd"], shown["basis"], shown["first_month"], shown["last_month"]
    ('19 %', 'share of compute', '1', '12')
    """
    amount = f"{exact(line.usd * _PER_CENT)} %" if line.item else exact(_shown(line.usd))
    found: dict[str, str | None] = {
        name: words[getattr(line, name)] for name, words in CHOICES.items()
    }
    found |= {"name": line.name, "usd": amount}
    for name in ("first_month", "last_month", "cap_usd"):
        value = getattr(line, name)
        if value is not None and name == "cap_usd":
            value = _shown(value)
        found[name] = None if value is None else exact(value)
    return {name: found[name] for name in COLUMNS}


def _shown(amount: float) -> float:
    """An amount in the currency shown, without what converting it rounds."""
    return float(f"{currencies.shown(amount):.{_DIGITS}g}")


def table(lines: Iterable[Line], edits: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """The table of some lines, as it is after edits: text in every cell, a row a line.

    >>> fee = Line(name="fee", side="own", usd=45)
    >>> table([fee], {"edited_rows": {0: {"amount": "much"}}}).iloc[0].tolist()[:3]
    ['fee', 'owning', 'much']
    """
    import pandas as pd

    shown = [{COLUMNS[name]: cell for name, cell in cells(line).items()} for line in lines]
    new = {COLUMNS[name]: said for name, said in FIRST.items()}
    rows = [{**(new if at is None else shown[at]), **told} for at, told in _rows(len(shown), edits)]
    titles = list(COLUMNS.values())
    listed = [[row.get(title) for title in titles] for row in rows]
    return pd.DataFrame(listed, columns=titles, dtype="object")


def together(count: int, first: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """Edits of a table of so many lines, and edits of what came of it, as one.

    >>> first = {"deleted_rows": [0], "added_rows": [{"line": "fee"}]}
    >>> found = together(2, first, {"edited_rows": {0: {"amount": "5"}, 1: {"amount": "9"}}})
    >>> found["edited_rows"], found["added_rows"], found["deleted_rows"]
    ({1: {'amount': '5'}}, [{'line': 'fee', 'amount': '9'}], [0])
    """
    rows = _rows(count, first)
    changed: dict[int, dict[str, Any]] = {}
    added: list[dict[str, Any]] = []
    for place, more in _rows(len(rows), then):
        at, told = (None, {}) if place is None else rows[place]
        if at is None:
            added.append({**told, **more})
        else:
            changed[at] = {**told, **more}
    gone = [at for at in range(count) if at not in changed]
    touched = {at: told for at, told in changed.items() if told}
    return {"edited_rows": touched, "added_rows": added, "deleted_rows": gone}


def _rows(count: int, edits: Mapping[str, Any] | None) -> list[tuple[int | None, dict[str, Any]]]:
    """The rows of a table of so many lines after edits: of which line, if any, and what was told.

    The edits are as Streamlit tells them.
    """
    edits = edits or {}
    changed = {int(at): told for at, told in edits.get("edited_rows", {}).items()}
    gone = set(edits.get("deleted_rows", ()))
    rows = [(at, changed.get(at, {})) for at in range(count) if at not in gone]
    return [*rows, *((None, told) for told in edits.get("added_rows", ()))]


def edited(lines: tuple[Line, ...], edits: Mapping[str, Any]) -> Edited:
    """What a table of lines comes to after edits, as Streamlit tells them.

    A row that is not touched stays the line that it was. One that is refused does too, and a new
    one counts when it has a name and an amount.

    >>> fee = Line(name="fee", side="own", usd=45)
    >>> done = edited((fee,), {"edited_rows": {0: {"amount": "$50"}}, "added_rows": [{}]})
    >>> done.lines, done.refused
    ((Line(name='fee', side='own', usd=50.0),), ())
    >>> print(edited((fee,), {"edited_rows": {0: {"amount": "much"}}}).refused[0].split(":")[1])
     “amount” = 'much' is not a number
    """
    rows = [
        (None, _FIRST | _in_usd(_told(told), ""))
        if at is None
        else (lines[at], _in_usd(_told(told), lines[at].basis))
        for at, told in _rows(len(lines), edits)
    ]
    kept: list[Line] = []
    refused: list[str] = []
    unfinished: list[str] = []
    names = [line.name for line, _ in rows if line is not None]
    for line, told in rows:
        others = [name for name in names if line is None or name != line.name]
        found = _line(line, told, others, unfinished, refused)
        if found is None:
            continue
        if line is None and len(kept) >= MOST_LINES:
            refused.append(too_many(len(rows)))
            break
        kept.append(found)
        if line is None:
            names.append(found.name)
    return Edited(tuple(kept), tuple(refused), tuple(unfinished))


def _line(
    line: Line | None,
    told: dict[str, Any],
    others: list[str],
    unfinished: list[str],
    refused: list[str],
) -> Line | None:
    """The line of a row; the one that it was, or none, where what was told is no line."""
    if line is not None and not told:
        return line
    if line is None and not (told.keys() - _FIRST.keys()):
        return None  # a row that nobody has begun
    entry = told if line is None else _fields_of(line) | told
    lacking = [COLUMNS[name] for name in REQUIRED if entry.get(name) in (None, "")]
    if lacking:
        called = entry.get("name") or "A new line"
        unfinished.append(f"{called}: {' and '.join(lacking)} not filled in yet.")
        return line
    try:
        found = line_of(entry)
    except InputError as wrong:
        refused += [in_columns(problem.message) for problem in wrong.problems]
        return line
    if found.name in others:
        refused.append(f"“{found.name}” is the name of another line: choose another.")
        return line
    return found


def _fields_of(line: Line) -> dict[str, Any]:
    return {field.name: getattr(line, field.name) for field in fields(Line)}


def _told(row: Any) -> dict[str, Any]:
    """The cells of a row that somebody filled in, by field; an emptied one is None."""
    told = {_FIELDS[title]: value for title, value in row.items() if title in _FIELDS}
    return {
        name: _CHOSEN.get(name, {}).get(value.strip(), value.strip()) or None
        if isinstance(value, str)
        else value
        for name, value in told.items()
        if not (value is None and name in _FIRST)
    }


def _in_usd(told: dict[str, Any], basis: str) -> dict[str, Any]:
    """What was told with its amounts in USD: a number alone is in the currency shown.

    What is none stays as it is, and is refused as such.

    >>> with currencies.shown_in(currencies.Conversion("EUR", 0.5, "2026-11-20")):
    ...     _in_usd({"usd": "1,000", "cap_usd": "$50"}, "gpu")
    ...     _in_usd({"usd": "19 %"}, "item:gpus")
    {'usd': 2000.0, 'cap_usd': '$50'}
    {'usd': '19 %'}
    """
    is_share = str(told.get("basis", basis)).startswith(ITEM)
    for name in ("cap_usd",) if is_share else ("usd", "cap_usd"):
        text = told.get(name)
        amount, code = without_currency(text) if isinstance(text, str) else ("", currencies.USD)
        if (code or currencies.code()) != currencies.code() or not currencies.conversion():
            continue
        with suppress(InputError):
            number = line_of({"name": "amount", "side": "own", "usd": amount}).usd
            told = told | {name: currencies.in_usd(number)}
    return told


def in_columns(message: str) -> str:
    """A message about a line with the fields as the table calls them.

    >>> in_columns("line 'fee': cap_usd = -1 is outside [0, 5]: total in USD")
    "line 'fee': “at most” = -1 is outside [0, 5]: total in USD"
    """
    return _FIELD.sub(lambda found: f"“{COLUMNS[found.group()]}”", message)
