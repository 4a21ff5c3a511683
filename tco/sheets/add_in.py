"""The LibreOffice extension with the functions of `tco.sheets.functions`, as a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from tco.market.files import shipped_files
from tco.version import __version__

_PACKAGE = Path(__file__).resolve().parents[1]
_CALC = _PACKAGE / "sheets" / "calc"
# What only a screen, a shell or a report of its own needs.
_LEFT_OUT = ("app", "cli", "report/charts", "report/sheet", "report/workbook")
_DATE = (1980, 1, 1, 0, 0, 0)
_INPUTS = "inputs", "names and values, one after the other, or a range of two columns"
_DESCRIPTION = f"""<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006">
  <identifier value="org.gputco.addin"/>
  <version value="{escape(__version__)}"/>
  <display-name><name lang="en">Rent or buy GPUs</name></display-name>
</description>
"""


class Function(NamedTuple):
    """A function as Calc shows it: its name in the interface, in a cell, its arguments."""

    method: str
    name: str
    meaning: str
    arguments: tuple[tuple[str, str], ...]


FUNCTIONS = (
    Function(
        "breakeven",
        "TCO_BREAKEVEN",
        "Months until owning GPUs stays cheaper than renting them, or never",
        (_INPUTS,),
    ),
    Function(
        "npvSaving",
        "TCO_NPV_SAVING",
        "What buying GPUs saves, present value in USD",
        (_INPUTS,),
    ),
    Function(
        "result",
        "TCO_RESULT",
        "A result of renting against buying GPUs by its name, such as verdict",
        (("name", "name of the result"), _INPUTS),
    ),
    Function(
        "inputValue",
        "TCO_INPUT",
        "The value of an input that counts: the one given, or the default",
        (("name", "name of the input"), _INPUTS),
    ),
)


def add_in() -> bytes:
    """The extension for LibreOffice Calc, an .oxt file: the functions, the model and its data.

    The same bytes for the same version of the package. No library is needed but LibreOffice's own
    Python, 3.11 or newer.

    >>> with zipfile.ZipFile(io.BytesIO(add_in())) as file:
    ...     names = file.namelist()
    >>> "component.py" in names, "pythonpath/tco/model/results.py" in names
    (True, True)
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(_files()):
            file.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _files() -> Iterator[tuple[str, bytes]]:
    yield "description.xml", _DESCRIPTION.encode()
    yield "functions.xcu", _configuration().encode()
    yield "component.py", (_CALC / "component.txt").read_bytes()
    for name in ("functions.idl", "META-INF/manifest.xml"):
        yield name, (_CALC / name).read_bytes()
    for path in _PACKAGE.rglob("*.py"):
        inside = path.relative_to(_PACKAGE).as_posix()
        if not inside.startswith(tuple(f"{folder}/" for folder in _LEFT_OUT)):
            yield f"pythonpath/tco/{inside}", path.read_bytes()
    for name, content in shipped_files().items():
        yield f"pythonpath/tco/data/{name}", content


def _configuration() -> str:
    """What Calc's function wizard shows, and the names in cells of its own and Excel's files."""
    functions = "\n".join(_entry(function) for function in FUNCTIONS)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry"
    oor:name="CalcAddIns" oor:package="org.openoffice.Office">
<node oor:name="AddInInfo"><node oor:name="org.gputco.addin" oor:op="replace">
<node oor:name="AddInFunctions">
{functions}
</node></node></node></oor:component-data>
"""


def _entry(function: Function) -> str:
    arguments = "".join(
        f"<node oor:name={quoteattr(name)} oor:op='replace'>"
        f"{_text('DisplayName', name)}{_text('Description', meaning)}</node>"
        for name, meaning in function.arguments
    )
    return (
        f"<node oor:name={quoteattr(function.method)} oor:op='replace'>"
        f"{_text('DisplayName', function.name)}{_text('CompatibilityName', function.name)}"
        f"{_text('Description', function.meaning)}"
        "<prop oor:name='Category'><value>Add-In</value></prop>"
        f"<node oor:name='Parameters'>{arguments}</node></node>"
    )


def _text(name: str, text: str) -> str:
    return f"<prop oor:name={quoteattr(name)}><value xml:lang='en'>{escape(text)}</value></prop>"
