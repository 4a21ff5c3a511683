"""What a field of a document or a table is: its kind, its unit, and whether it may be absent.

The fields of every answer stand in `columns.py` and its like; JSON Schemas and the contracts in
docs/schemas are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tco.report.currency import AMOUNT, says_unit
from tco.words.figures import capital

# The kinds of a value, and what JSON Schema calls them. `value` is that of any input.
TEXT, NUMBER, WHOLE, FLAG, VALUE, TEXTS, NUMBERS = (
    *("text", "number", "whole", "flag", "value", "texts", "numbers"),
)
_TYPES: dict[str, list[str]] = {
    TEXT: ["string"],
    NUMBER: ["number"],
    WHOLE: ["integer"],
    FLAG: ["boolean"],
    VALUE: ["number", "string", "boolean"],
    TEXTS: ["array"],
    NUMBERS: ["array"],
}
_ITEMS = {TEXTS: {"type": "string"}, NUMBERS: {"type": "number"}}
_NULL = "null"
_UNITS = {"usd": "USD", "kwh": "kWh", "kg": "kg", "months": "months", "days": "days"}
# A currency other than USD in the name of a converted field.
_CODE = "[a-z]{3}"
# A number in a name that has one: cash_year_N_usd.
_EACH = re.compile(r"(?<=_)N(?=_)")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A named value: its kind, unit and meaning.

    `is_nullable`: it may be null, in a file empty. `is_optional`: it may be left out. A name with
    an `N` between underscores stands for one field a number.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    is_nullable: bool = False
    is_optional: bool = False
    choices: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """The regular expression of its names, where there are several; empty for one name.

        >>> fields(("cash_year_N_usd", "number", "USD", "cash of a year"))[0].pattern
        '^cash_year_[0-9]+_usd$'
        """
        return f"^{_EACH.sub('[0-9]+', self.name)}$" if _EACH.search(self.name) else ""

    @property
    def schema(self) -> dict[str, Any]:
        """What a value of it is, as JSON Schema; `unit` stands beside the meaning."""
        types = [*_TYPES[self.kind], *([_NULL] if self.is_nullable else [])]
        told: dict[str, Any] = {"description": capital(self.meaning)}
        told |= {"unit": self.unit} if self.unit else {}
        told["type"] = types if len(types) > 1 else types[0]
        if self.kind in _ITEMS:
            told["items"] = _ITEMS[self.kind]
        if self.choices:
            told["enum"] = [*self.choices, *([None] if self.is_nullable else [])]
        return told


def fields(*rows: tuple[str, str, str, str]) -> tuple[Field, ...]:
    """Fields of rows of name, kind, unit and meaning.

    A kind that ends in `?` may be null, one that ends in `*` left out; words between bars are all
    that a text may be.

    >>> one, two = fields(("months", "number?", "months", "payback"), ("side", "own|rent", "", "s"))
    >>> one.is_nullable, two.kind, two.choices
    (True, 'text', ('own', 'rent'))
    """
    found = []
    for name, told, unit, meaning in rows:
        kind = told.rstrip("?*")
        choices = tuple(kind.split("|")) if "|" in kind else ()
        found.append(
            Field(
                name=name,
                kind=TEXT if choices else kind,
                unit=unit,
                meaning=meaning,
                is_nullable="?" in told,
                is_optional="*" in told,
                choices=choices,
            )
        )
    return tuple(found)


def of_columns(columns: Mapping[str, str], kinds: Mapping[str, str]) -> tuple[Field, ...]:
    """Fields of published columns and their meanings; a text where no kind is given.

    The unit is that in which a name ends.

    >>> [(one.name, one.unit) for one in of_columns({"cost_usd": "cost"}, {"cost_usd": "number"})]
    [('cost_usd', 'USD')]
    """
    rows = (
        (name, kinds.get(name, TEXT), _UNITS.get(name.rpartition("_")[2], ""), said)
        for name, said in columns.items()
    )
    return fields(*rows)


def of_results(
    meanings: Mapping[str, tuple[str, str]], kinds: Mapping[str, str]
) -> tuple[Field, ...]:
    """Fields of results with their units and meanings; a number or null where no kind is given."""
    return fields(*((name, kinds.get(name, "number?"), *said) for name, said in meanings.items()))


def optional(found: Iterable[Field]) -> tuple[Field, ...]:
    """The same fields, each of which may be left out."""
    return tuple(replace(one, is_optional=True) for one in found)


def object_of(found: Iterable[Field], **more: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object of these fields, and of others by name whose schemas are given.

    Beside amounts in USD may stand those in another currency, under names of their own.

    >>> found = object_of(fields(("npv_usd", "number", "USD", "present value")))
    >>> list(found["properties"]), list(found["patternProperties"])
    (['npv_usd'], ['^npv_[a-z]{3}$'])
    """
    known = [*found]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {one.name: one.schema for one in known if not one.pattern} | more,
    }
    patterns = {one.pattern: one.schema for one in known if one.pattern}
    names = [one.name for one in known]
    for one in known:
        if name := converted_name(one, names):
            told = dict(one.schema) | {"type": ["number", _NULL]}
            told["description"] += ", in the currency of the scenario"
            told.pop("unit", None)
            patterns[f"^{_EACH.sub('[0-9]+', name)}$"] = told
    if patterns:
        schema["patternProperties"] = patterns
    needed = [one.name for one in known if not (one.is_optional or one.pattern)]
    return schema | {"required": [*needed, *more], "additionalProperties": False}


def converted_name(one: Field, names: Iterable[str]) -> str:
    """The pattern of the name of a field in another currency; empty where it is no amount.

    >>> value, usd = fields(("value", "number", "", "of it"), ("cost_usd", "number", "USD", "cost"))
    >>> converted_name(usd, ["cost_usd"]), converted_name(value, ["value", "unit"])
    ('cost_[a-z]{3}', 'value_[a-z]{3}')
    """
    if one.kind not in (NUMBER, WHOLE, VALUE):
        return ""
    if AMOUNT.search(one.name):
        return one.name.replace("usd", _CODE)
    return f"{one.name}_{_CODE}" if says_unit(one.name, [*names]) else ""


def list_of(found: Iterable[Field], meaning: str) -> dict[str, Any]:
    """The schema of a list of objects of these fields."""
    return {"description": meaning, "type": "array", "items": object_of(found)}
