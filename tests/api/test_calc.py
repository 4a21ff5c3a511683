"""LibreOffice asks the running server by WEBSERVICE, as docs/sheets.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import tco
from tco.api.server import Settings, application
from tests.api.conftest import serving
from tests.processes import started

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
# Run by the Python that LibreOffice knows: a new sheet, formulas in cells, what they show.
DRIVER = """
import json, sys, time, uno
from com.sun.star.beans import PropertyValue
local = uno.getComponentContext()
named = "com.sun.star.bridge.UnoUrlResolver"
resolver = local.ServiceManager.createInstanceWithContext(named, local)
for _ in range(200):
    try:
        office = resolver.resolve(f"uno:pipe,name={sys.argv[1]};urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.1)
desktop = office.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", office)
hidden = PropertyValue(Name="Hidden", Value=True)
book = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden,))
sheet = book.Sheets.getByIndex(0)
asked = json.load(sys.stdin)
for row, (gpu, used, formulas) in enumerate(asked):
    sheet.getCellByPosition(0, row).String = gpu
    sheet.getCellByPosition(1, row).Value = used
    for column, formula in enumerate(formulas):
        sheet.getCellByPosition(2 + column, row).Formula = formula.replace("{1}", str(row + 1))
def shown():
    told = [[sheet.getCellByPosition(2 + at, row) for at in range(2)] for row in range(len(asked))]
    return [[word.String, number.Value, number.String] for word, number in told]
before = shown()
sheet.getCellByPosition(1, 0).Value = 0.2
print(json.dumps([before, shown()]))
book.close(True)
desktop.terminate()
"""


def formulas(port: int) -> list[str]:
    """The formulas of the page, with the address of a server."""
    text = (ROOT / "docs" / "sheets.md").read_text(encoding="utf-8")
    found = re.findall(r"`(=(?:NUMBERVALUE\()?WEBSERVICE\(.*?)` \|", text)
    assert len(found) == 2
    return [one.replace("127.0.0.1:8600", f"127.0.0.1:{port}") for one in found]


def test_cells_show_and_follow_the_answer(tmp_path):
    gpus = ("L4", "T4", "L5")
    found = shutil.which("soffice", path=os.defpath)
    assert found, "LibreOffice is not there: apt-get install libreoffice-calc python3-uno"
    environment = {**ENVIRONMENT, "HOME": str(tmp_path)}
    pipe = f"tco{os.getpid()}"
    places = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [found, "--headless", "--norestore", places, f"--accept=pipe,name={pipe};urp"]
    with serving(application(Settings(rate=1e6))) as port:
        # Addresses hold digits: only those of cells are to follow the row.
        told = [one.replace("A1", "A{1}").replace("B1", "B{1}") for one in formulas(port)]
        asked = [[gpu, 0.6, told] for gpu in gpus]
        with started(command, 120, env=environment, stderr=subprocess.DEVNULL) as office:
            done = subprocess.run(
                ["/usr/bin/python3", "-c", DRIVER, pipe],
                input=json.dumps(asked),
                env=environment,
                capture_output=True,
                text=True,
                timeout=90,
                check=False,
            )
            office.terminate()
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)
    for row, gpu in enumerate(gpus[:2]):
        answer = tco.breakeven(gpu=gpu, utilization=0.6)
        assert before[row][0] == answer.verdict
        assert before[row][1] == pytest.approx(answer.npv_saving_usd, rel=1e-12)
    assert before[2][0] == before[2][2] == "#VALUE!"
    assert after[0][1] == pytest.approx(tco.breakeven(gpu="L4", utilization=0.2).npv_saving_usd)
    assert after[1:] == before[1:]
