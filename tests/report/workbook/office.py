"""A spreadsheet program as the oracle: LibreOffice, without a screen."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl

from tco.report.workbook import SHEETS

RECALCULATE_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
XLSX = "xlsx:Calc MS Excel 2007 XML"
# Comma, quotes, UTF-8, English, numbers as they are instead of as they look, every sheet.
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,false,false,false,-1"
_WRONG = re.compile(r"#[A-Z/0!?]+|Err:\d+")

Sheets = dict[str, list[list[str]]]
Places = dict[str, tuple[str, str]]


def converted(files: list[Path], folder: Path, kind: str) -> Path:
    """The folder of the files, opened, worked out anew and saved by LibreOffice."""
    office = shutil.which("soffice")
    assert office, "LibreOffice is not installed: apt-get install libreoffice-calc"
    profile, out = folder / "profile", folder / "recalculated"
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(RECALCULATE_ALWAYS, encoding="utf-8")
    command = [office, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    command += ["--convert-to", kind, "--outdir", str(out)]
    done = subprocess.run(
        [*command, *map(str, files)], capture_output=True, text=True, check=False, timeout=600
    )
    assert len(re.findall(r"^convert ", done.stdout, re.MULTILINE)) == len(files), done.stderr
    return out


def recalculated(files: list[Path], folder: Path) -> list[Sheets]:
    """What LibreOffice makes of each file: its sheets as rows of texts."""
    out = converted(files, folder, CSV)
    return [{name: _rows(out / f"{file.stem}-{name}.csv") for name in SHEETS} for file in files]


def _rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def wrong_cells(sheets: Sheets) -> list[str]:
    """Every cell that holds an error."""
    return [
        f"{name}, row {row}: {cell}"
        for name, rows in sheets.items()
        for row, cells in enumerate(rows, 1)
        for cell in cells
        if _WRONG.fullmatch(cell)
    ]


def places(content: bytes) -> Places:
    """Sheet and cell of each named cell."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    named = {}
    for name, defined in book.defined_names.items():
        sheet, _, cell = defined.attr_text.partition("!")
        named[name] = (sheet, cell.replace("$", ""))
    return named


def named_cell(sheets: Sheets, place: tuple[str, str]) -> str:
    """What a named cell shows."""
    sheet, cell = place
    column, row = openpyxl.utils.cell.coordinate_from_string(cell)
    return sheets[sheet][row - 1][openpyxl.utils.column_index_from_string(column) - 1]
