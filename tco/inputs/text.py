"""Values that arrive as text, and how `help()` of the public functions lists the inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from tco.inputs import GROUPS, TAKEN, Param
from tco.inputs.entry import Unread, Wrong, read

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
