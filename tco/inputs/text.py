"""Values that arrive as text, and how `help()` of the public functions lists the inputs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

from tco.inputs import GROUPS, TAKEN, Param
from tco.inputs.declaration import interval_of

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
Function = TypeVar("Function", bound=Callable[..., Any])

_FLAGS = {"true": True, "false": False}


def parse(declared: Param, text: str, decimal: str = ".") -> Any:
    """The value that a text stands for, or the text itself where it stands for none.

    Only plain numbers count, and two of them with `..` between: no thousands separators, no
    underscores, no `inf`. What is not one stays text, and the check of the input says so with all
    other problems of the call.

    >>> from tco.inputs import INPUTS
    >>> parse(INPUTS["utilization"], "0.6"), parse(INPUTS["utilization"], "0,6", decimal=",")
    (0.6, 0.6)
    >>> parse(INPUTS["utilization"], "60%"), parse(INPUTS["whole_racks"], "TRUE")
    ('60%', True)
    """
    text = text.strip()
    if declared.kind == "flag":
        return _FLAGS.get(text.casefold(), text)
    if not declared.numeric:
        return text
    mixed = decimal != "." and "." in text
    plain = "" if mixed else text.replace(decimal, ".")
    if _WHOLE.fullmatch(plain):
        return int(plain)
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if decimal != ".":
        text = "..".join(side.replace(decimal, ".") for side in text.split(".."))
    return interval_of(text) or text


def takes_inputs(function: Function) -> Function:
    """Let `help()` of a function of (scenario, /, ..., **inputs) list every input."""
    declared = inspect.signature(function)
    own = [p for p in declared.parameters.values() if p.kind is not p.VAR_KEYWORD]
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
        for name in (*TAKEN, "lines", "prices")
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
