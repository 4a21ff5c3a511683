"""The LibreOffice extension with the functions of `tco.sheets.functions`, as a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tco.market.files import shipped_files
from tco.version import __version__

_PACKAGE = Path(__file__).resolve().parents[1]
# The interface of the functions, and their names and meanings as Calc shows them.
_CALC = _PACKAGE / "sheets" / "calc"
# What only a screen, a shell or a report of its own needs.
_LEFT_OUT = ("app", "cli", "report/charts", "report/sheet", "report/workbook")
_DATE = (1980, 1, 1, 0, 0, 0)


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
    for name in ("functions.idl", "functions.xcu", "META-INF/manifest.xml"):
        yield name, (_CALC / name).read_bytes()
    described = (_CALC / "description.xml").read_text("utf-8")
    yield "description.xml", described.replace("VERSION", __version__).encode()
    yield "component.py", (_CALC / "component.txt").read_bytes()
    for path in _PACKAGE.rglob("*.py"):
        inside = path.relative_to(_PACKAGE).as_posix()
        if not inside.startswith(tuple(f"{folder}/" for folder in _LEFT_OUT)):
            yield f"pythonpath/tco/{inside}", path.read_bytes()
    for name, content in shipped_files().items():
        yield f"pythonpath/tco/data/{name}", content
