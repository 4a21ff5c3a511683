"""Values that arrive as text, and how `help()` of the public functions lists the inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tco.errors import InputError, Problem, shown
from tco.inputs import GROUPS, TAKEN, Param
from tco.inputs.amounts import names_another, read_amount
from tco.inputs.declaration import Interval
from tco.inputs.entry import Unread, Wrong, read
from tco.words.currencies import Conversion, of_unit

Function = TypeVar("Function", bound=Callable[..., Any])


def parse(declared: Param, text: str, decimal: str = ".") -> Any:
    """The value that a text stands for, or the text itself where it stands for none.

    `decimal` is the mark of the file that the text is from, empty where that is not known. What is
    no value stays text that knows why; the check of the input says so with all other problems of
    the call.

    >>> from tco.inputs import INPUTS
    >>> parse(INPUTS["utilization"], "60%"), parse(INPUTS["utilization"], "0,6", decimal=",")
    (0.6, 0.6)
    >>> parse(INPUTS["utilization"], "busy"), parse(INPUTS["whole_racks"], "TRUE")
    ('busy', True)
    """
    text = text.strip()
    try:
        return read(declared, text, decimal)
    except Wrong as wrong:
        return Unread.of(text, wrong, decimal)


def numbers_from(
    texts: Mapping[str, str], declared: Mapping[str, Param], conversion: Conversion | None
) -> dict[str, Any]:
    """What is asked beside a scenario as numbers, amounts in USD; InputError with all problems."""
    read, problems = dict[str, Any](), list[Problem]()
    for name, text in texts.items():
        try:
            is_money = names_another(text) and bool(of_unit(declared[name].unit))
            read[name] = (
                read_amount(declared[name], text, conversion=conversion)
                if is_money
                else parse(declared[name], text)
            )
            if isinstance(read[name], Interval):
                raise Wrong("is a range", "give one number")
        except Wrong as wrong:
            mend = f"; {wrong.hint}" if wrong.hint else ""
            message = f"{name} = {shown(text)} {wrong}: {declared[name].meaning}{mend}"
            problems.append(Problem(name, message))
    if problems:
        raise InputError(problems)
    return read


def takes_inputs(function: Function) -> Function:
    """Let `help()` of a function of (scenario, /, ..., **inputs) list every input."""
    declared = inspect.signature(function)
    own = [p for p in declared.parameters.values() if p.kind is not p.VAR_KEYWORD]
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
        for name in (*TAKEN, "lines", "prices", "policy")
    ]
    function.__signature__ = declared.replace(parameters=[*own, *keywords])  # type: ignore[attr-defined]
    told = inspect.cleandoc(function.__doc__ or "")
    function.__doc__ = f"{told}\n\nInputs:\n\n{listing()}".lstrip()
    return function


def listing() -> str:
    """Every input in a line: name, unit, domain, meaning."""
    lines = []
    for group in GROUPS:
        lines.append(f"{group}")
        for declared in TAKEN.values():
            if declared.group == group:
                unit = f" [{declared.unit}]" if declared.unit else ""
                lines.append(f"    {declared.name}{unit}: {declared.meaning}; {declared.domain}")
    return "\n".join(lines)
