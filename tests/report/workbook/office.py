"""A spreadsheet program as the oracle: LibreOffice, without a screen."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from tco.inputs import INPUTS
from tco.report.workbook import SHEETS
from tco.report.workbook.own_lines import line_cells
from tco.scenario import Scenario
from tco.words.figures import capital

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


def with_cells(content: bytes, values: Mapping[tuple[str, str], Any]) -> bytes:
    """The workbook with other values in some of its cells, and every other byte as it was."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w") as target:
        book = source.read("xl/workbook.xml").decode()
        numbers = dict(re.findall(r'<sheet name="([^"]+)" sheetId="(\d+)"', book))
        changed: dict[str, dict[str, Any]] = {}
        for (sheet, cell), value in values.items():
            changed.setdefault(f"xl/worksheets/sheet{numbers[sheet]}.xml", {})[cell] = value
        for name in source.namelist():
            text = source.read(name)
            if name in changed:
                text = _changed(text.decode(), changed[name]).encode()
            target.writestr(name, text)
    return made.getvalue()


def _changed(sheet: str, values: dict[str, Any]) -> str:
    """The XML of a sheet with other values in some of its cells."""
    left = set(values)

    def cell(found: re.Match[str]) -> str:
        if (place := found[1]) not in left:
            return found[0]
        left.remove(place)
        return f'<c r="{place}"{found[2]}{_written(values[place])}'

    told = re.sub(r'<c r="([A-Z]+\d+)"((?: s="\d+")?)(?: t="\w+")?(?:/>|>.*?</c>)', cell, sheet)
    assert not left, f"no such cells: {left}"
    return told


def _written(value: Any) -> str:
    if isinstance(value, str):
        return f' t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f' t="b"><v>{value:d}</v></c>' if isinstance(value, bool) else f"><v>{value!r}</v></c>"


def places(content: bytes) -> Places:
    """Sheet and cell of each named cell."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = archive.read("xl/workbook.xml").decode()
    found = re.findall(r'<definedName name="(\w+)">(\w+)!([^<]+)<', book)
    return {name: (sheet, cells.replace("$", "")) for name, sheet, cells in found}


def blue(name: str, value: Any, named: Places) -> tuple[tuple[str, str], Any]:
    """The cell in which a reader changes an input, and what is chosen there for a value."""
    cell = named.get(f"{name}_choice")
    if cell is None:
        return named[name], value
    declared = INPUTS[name]
    return cell, capital(declared.word(value)) if value in declared.choices else value


def inputs_of(scenario: Scenario) -> dict[str, Any]:
    """What the cells of inputs and lines hold, by name."""
    values = scenario.values()
    numbers = {declared.name: value for declared, value in line_cells(values.pop("lines", ()))}
    return values | numbers


def checks(book: openpyxl.Workbook) -> list[Any]:
    """The last column of the table of the sheet Check."""
    column = (row[5].value for row in book["Check"].iter_rows(min_row=7))
    return list(takewhile(lambda value: value is not None, column))


def column_at(letter: str) -> int:
    """The position of a column, from 0."""
    return int(openpyxl.utils.column_index_from_string(letter)) - 1


def named_cell(sheets: Sheets, place: tuple[str, str]) -> str:
    """What a named cell shows."""
    sheet, cell = place
    column, row = openpyxl.utils.cell.coordinate_from_string(cell)
    return sheets[sheet][row - 1][openpyxl.utils.column_index_from_string(column) - 1]
