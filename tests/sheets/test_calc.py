"""The functions recalculated by LibreOffice: the extension, installed for one profile, in cells."""

from __future__ import annotations

import csv
import io
import math
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

import tco
from tco.inputs import INPUTS
from tco.sheets import functions
from tco.sheets.add_in import add_in
from tco.version import __version__

SCENARIOS = [
    {"gpu": "L4", "utilization": 0.6},
    {"gpu": "T4", "gpus": 16, "utilization": 0.9, "as_of": "2026-11-21"},
    {"gpu": "H100-SXM", "hosting": "own_site", "rack_kw": 40},
    {"billing": "always_on", "horizon_months": 47.5},
    {"term": "1yr", "whole_servers": True, "whole_racks": False},
    {"utilization": 0},
    {"rate_usd_per_gpu_hour": "0.50..0.85", "price_usd_per_gpu": 2500},
    {"tax_rate": 0.25, "depreciation": "straight_line", "financing": "loan"},
    {"financing": "lease", "lease_usd_per_gpu_month": 90, "lease_in_advance": False},
    {"delivery_months": 3, "refresh_months": 24, "refresh_price_usd_per_gpu": 2000},
    {"utilization": 60},
    {"gpu": "no such"},
]
RESULTS = ("verdict", "status", "reason", "own_npv_usd", "breakeven_utilization", "racks")


# A CSV file as if somebody typed it in: formulas are formulas.
TYPED = "Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,false,false,false,-1,true"
# LibreOffice brings its own Python: the one of a virtual environment first in PATH breaks it.
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}


def office(name: str, *arguments: str, home: Path) -> None:
    """Run a program of LibreOffice to its end."""
    found = shutil.which(name, path=os.defpath)
    assert found, f"{name} is not there: apt-get install libreoffice-calc python3-uno"
    environment = {**ENVIRONMENT, "HOME": str(home)}
    done = subprocess.run(
        [found, *arguments],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        cwd=home,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A profile of its own in which the extension is installed."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "shared").mkdir()
    (folder / "tco.oxt").write_bytes(add_in())
    places = [
        f"-env:UserInstallation=file://{folder}/profile",
        f"-env:UNO_SHARED_PACKAGES_CACHE=file://{folder}/shared",
    ]
    office("unopkg", "add", "--shared", str(folder / "tco.oxt"), *places, home=folder)
    return places


def cell(value: object) -> str:
    """A value as it is written in a formula."""
    if isinstance(value, bool):
        return f"{str(value).upper()}()"
    return f'"{value}"' if isinstance(value, str) else repr(value)


@pytest.fixture(scope="module")
def recalculated(
    profile: list[str], tmp_path_factory: pytest.TempPathFactory
) -> list[list[object]]:
    """Rows of what the cells show: each scenario by arguments, then by a range, then by results."""
    folder = tmp_path_factory.mktemp("sheet")
    formulas, ranges = [], []
    for inputs in SCENARIOS:
        pairs = ";".join(f'"{name}";{cell(value)}' for name, value in inputs.items())
        first = len(SCENARIOS) + len(ranges) + 1
        ranges += [list(pair) for pair in inputs.items()] + [["", ""]]
        block = f"A{first}:B{first + len(inputs)}"
        formulas.append(
            [
                f"=TCO_BREAKEVEN({pairs})",
                f"=TCO_NPV_SAVING({pairs})",
                f"=TCO_BREAKEVEN({block})",
                f"=TCO_NPV_SAVING({block})",
                *(f'=TCO_RESULT("{name}";{block})' for name in RESULTS),
                f'=TCO_INPUT("price_usd_per_gpu";{block})',
            ]
        )
    with (folder / "asked.csv").open("w", newline="") as file:
        csv.writer(file).writerows([*formulas, *ranges])
    how = ("--headless", "--norestore", *profile, f"--infilter={TYPED}", "--convert-to", "xlsx")
    office("soffice", *how, "--outdir", "out", "asked.csv", home=folder)
    shown = openpyxl.load_workbook(folder / "out" / "asked.xlsx", data_only=True).worksheets[0]
    return [list(row) for row in shown.iter_rows(values_only=True)]


@pytest.mark.parametrize("at", range(len(SCENARIOS)))
def test_a_cell_shows_what_the_library_says(at: int, recalculated: list[list[object]]) -> None:
    rows = list(SCENARIOS[at].items())
    expected = [functions.breakeven(rows), functions.npv_saving(rows)] * 2
    expected += [functions.result(name, rows) for name in RESULTS]
    expected.append(functions.input_value("price_usd_per_gpu", rows))
    for shown, value in zip(recalculated[at], expected, strict=True):
        if isinstance(value, (int, float)):
            assert isinstance(shown, (int, float))
            assert math.isclose(shown, value, rel_tol=1e-12)
        else:
            assert shown == value


def test_the_cells_are_those_of_breakeven(recalculated: list[list[object]]) -> None:
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    assert recalculated[0][0] == pytest.approx(answer.months, rel=1e-12)
    assert recalculated[0][1] == pytest.approx(answer.npv_saving_usd, rel=1e-12)
    assert recalculated[0][4:7] == [answer.verdict, answer.status, answer.reason]
    assert recalculated[5][0] == "never"
    assert str(recalculated[10][0]).startswith("tco: utilization = 60 is outside [0, 1]")


def test_the_extension_is_the_same_file_every_time_and_holds_no_screens() -> None:
    assert add_in() == add_in()
    with zipfile.ZipFile(io.BytesIO(add_in())) as file:
        names = file.namelist()
        assert file.testzip() is None
        assert f'version value="{__version__}"' in file.read("description.xml").decode()
        for name in ("description.xml", "functions.xcu", "META-INF/manifest.xml"):
            ElementTree.fromstring(file.read(name))
    assert "pythonpath/tco/data/defaults.toml" in names
    assert not [name for name in names if "/app/" in name or "/cli/" in name or "pyc" in name]


def test_every_function_of_the_interface_is_described() -> None:
    folder = Path(functions.__file__).parent / "calc"
    idl = (folder / "functions.idl").read_text()
    component = (folder / "component.txt").read_text()
    name = "{http://openoffice.org/2001/registry}name"
    listed = ElementTree.parse(folder / "functions.xcu").find("./node/node/node")
    assert listed is not None
    for function in listed:
        assert f"any {function.get(name)}(" in idl
        assert f"def {function.get(name)}(self" in component
        named = [prop[0].text for prop in function if "Name" in (prop.get(name) or "")]
        assert len(named) == 2
        assert named[0] == named[1] not in INPUTS
    assert idl.count("        any ") == len(listed)
