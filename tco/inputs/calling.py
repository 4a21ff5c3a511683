"""How the public functions take inputs, and how `help()` lists them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from tco.inputs import GROUPS, INPUTS

Function = TypeVar("Function", bound=Callable[..., Any])


def takes_inputs(function: Function) -> Function:
    """Let `help()` of a function of (scenario, /, ..., **inputs) list every input."""
    declared = inspect.signature(function)
    own = [p for p in declared.parameters.values() if p.kind is not p.VAR_KEYWORD]
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in INPUTS
    ]
    function.__signature__ = declared.replace(parameters=[*own, *keywords])  # type: ignore[attr-defined]
    function.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}\n\nInputs:\n\n{listing()}"
    return function


def listing() -> str:
    """Every input in a line: name, unit, domain, meaning."""
    lines = []
    for group in GROUPS:
        lines.append(f"{group}")
        for declared in INPUTS.values():
            if declared.group == group:
                unit = f" [{declared.unit}]" if declared.unit else ""
                lines.append(f"    {declared.name}{unit}: {declared.meaning}; {declared.domain}")
    return "\n".join(lines)
