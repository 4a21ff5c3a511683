"""Values that arrive as text: from the command line, a CSV file or a link."""

from __future__ import annotations

import re
from typing import Any

from tco.inputs import Param
from tco.inputs.declaration import interval_of

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
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
