"""One parameter of a link besides those of a scenario: `name:value,name:value`, strictly read.

Work to do and a demand for GPUs are said so; what they may say is declared where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tco.errors import Problem, suggestion
from tco.inputs.checks import clean
from tco.inputs.declaration import Param
from tco.inputs.labels import in_labels
from tco.inputs.text import parse
from tco.workload.domains import Domain

_MOST_REMARKS, _LONGEST = 8, 40

# What may be chosen for a field that is a word, with what each choice is called.
Choices = Callable[[str], Mapping[str, str]]


def number_field(group: str, name: str, domain: Domain, label: str, unit: str = "") -> Param:
    """A number that is asked for, with the domain that it has everywhere.

    >>> number_field("work", "users", Domain(1, 10, "people", whole=True), "Users").domain
    '[1, 10]'
    """
    return Param(
        group=group,
        kind="integer" if domain.whole else "number",
        name=name,
        meaning=domain.meaning,
        label=label,
        unit=unit,
        low=_tidy(domain.low),
        high=_tidy(domain.high),
        low_open=domain.low_open,
    )


def _tidy(end: float) -> float:
    return int(end) if float(end).is_integer() else end


def joined(told: Mapping[str, Any]) -> str:
    """What is told, as a text.

    >>> joined({"kind": "llm", "users": 1_000.0})
    'kind:llm,users:1000'
    """
    return ",".join(f"{name}:{_written(value)}" for name, value in told.items())


def _written(value: Any) -> str:
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def parted(text: str, known: Collection[str], what: str) -> tuple[dict[str, str], list[str]]:
    """The parts of a text by name, and a remark on each that is not used.

    >>> parted("users:5,color:blue", {"users"}, "work")
    ({'users': '5'}, ["work: 'color' is unknown and ignored"])
    """
    told: dict[str, str] = {}
    remarks: list[str] = []
    for part in filter(None, text.split(",")):
        name, mark, value = part.partition(":")
        if not mark or name not in known:
            said = f"{name[:_LONGEST]!r} is unknown and ignored"
            remarks.append(f"{what}: {said}")
        elif name in told and told[name] != value:
            remarks.append(f"{what}: {name!r} is given twice: the first one counts")
        else:
            told.setdefault(name, value)
    return told, remarks


def checked(
    declared: Param, value: Any, fields: Mapping[str, Param], choices: Choices
) -> tuple[Any, list[Problem]]:
    """A value that something has, in the model's own types, and what is wrong with it."""
    name = declared.name
    if declared.numeric:
        found, wrong = clean(declared, value)
        if not isinstance(found, int | float):
            told = f"“{declared.label}” is one number: {declared.meaning}"
            wrong = wrong or [Problem(name, told)]
        return found, [Problem(name, in_labels(one.message, fields)) for one in wrong]
    known = choices(name)
    if value in known:
        return value, []
    near = suggestion(str(value), known)
    message = f"{declared.label} = {str(value)[:_LONGEST]!r} is not one of those known{near}"
    return None, [Problem(name, message)]


def taken(
    told: Mapping[str, str],
    fields: Mapping[str, Param],
    check: Callable[[str, Any], tuple[Any, list[Problem]]],
) -> tuple[dict[str, Any], list[str]]:
    """The values of the parts of a text, and a remark on each that is none; see `checked`."""
    given, remarks = dict[str, Any](), list[str]()
    for name, text in told.items():
        value, wrong = check(name, parse(fields[name], text) if fields[name].numeric else text)
        if wrong:
            remarks.append(f"{wrong[0].message} (default used)")
        else:
            given[name] = value
    return given, remarks


def few(remarks: list[str]) -> tuple[str, ...]:
    """The first of some remarks, and how many more there are.

    >>> few(["a"] * 10)[-1]
    'and 2 more'
    """
    more = len(remarks) - _MOST_REMARKS
    return (*remarks[:_MOST_REMARKS], f"and {more} more") if more > 0 else tuple(remarks)
