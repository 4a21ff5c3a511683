"""A sheet as a PDF: a page and its notes, the same bytes, nobody called, what to install said."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import re
import shutil
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from tco import Scenario
from tco.analysis.decision import decide
from tco.cli import main
from tco.errors import TcoError, to_install
from tco.report import pdf
from tco.report.decision import decision_page
from tco.report.drawing import BUY, RENT
from tco.report.pdf import pdf_of, why_no_pdf
from tco.report.sheet import page
from tco.words.glossary import GLOSSARY
from tests.browser.test_sheet import CASES, LINK

ROOT = Path(__file__).resolve().parents[2]


@cache
def printed(name: str) -> bytes:
    return pdf_of(page(Scenario(**CASES[name]), LINK))


def told_by(tool: str, made: bytes, folder: Path, *options: str) -> str:
    """What a tool of poppler says of a PDF."""
    program = shutil.which(tool)
    assert program, f"no {tool}: install Debian's poppler-utils"
    path = folder / "page.pdf"
    path.write_bytes(made)
    more = ["-"] if tool == "pdftotext" else []
    done = subprocess.run(
        [program, *options, path, *more], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


def unpacked(made: bytes) -> Iterator[bytes]:
    """What the streams of a PDF hold."""
    for part in re.split(rb"stream\r?\n", made):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(part)


@pytest.mark.parametrize("name", ["default", "no_offers", "fullest"])
def test_a_sheet_is_a_page_and_its_notes_with_title_language_and_fonts(
    name: str, tmp_path: Path
) -> None:
    made = printed(name)
    told = told_by("pdfinfo", made, tmp_path, "-isodates")
    named = dict(line.split(":", 1) for line in told.splitlines())
    assert named["Pages"].strip() == "2"
    assert named["Page size"].strip().endswith("(A4)")
    assert named["Tagged"].strip() == "yes"
    assert named["Title"].strip().startswith("Rent or buy ")
    as_of = Scenario(**CASES[name]).values()["as_of"]
    assert named["CreationDate"].strip().startswith(f"{as_of}T00:00")
    fonts = told_by("pdffonts", made, tmp_path).splitlines()[2:]
    assert fonts
    for font in fonts:  # emb sub uni object ID
        assert font.split()[-5:-2] == ["yes", "yes", "yes"], font
    assert any(b"/Lang (en)" in part for part in unpacked(made))
    words = told_by("pdftotext", made, tmp_path, "-layout")
    first, second, _ = words.split("\f")
    for said in ("Rent or buy", "Not counted:", "Sources", "Signature", "schema version"):
        assert said in first
    assert second.split("\n", 1)[0].startswith("What is not counted, and what stands in for it")
    for word in GLOSSARY:
        assert f"{word}:" in second


def test_the_chart_is_drawn_in_its_colors(tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(printed("default"))
    program = shutil.which("pdftoppm")
    assert program, "no pdftoppm: install Debian's poppler-utils"
    picture = subprocess.run([program, "-r", "144", path], capture_output=True, check=True).stdout
    size, pixels = re.fullmatch(rb"P6\n(\d+ \d+)\n255\n(.*)", picture, re.DOTALL).groups()
    wide, high = map(int, size.split())
    assert (wide, high) == (1191, 1684)  # two to a point of A4
    corner = [
        pixels[3 * (wide * y + x) : 3 * (wide * y + x + 1)]
        for y in range(120, 420)
        for x in range(720, 1080)
    ]
    for color in (BUY, RENT):
        assert corner.count(bytes.fromhex(color.removeprefix("#"))) > 30, color


def test_the_same_page_is_the_same_bytes_in_another_process_and_year() -> None:
    code = (
        "import hashlib; from tco import Scenario; from tco.report.pdf import pdf_of;"
        "from tco.report.sheet import page; from tests.browser.test_sheet import CASES, LINK;"
        "print(hashlib.sha256(pdf_of(page(Scenario(**CASES['default']), LINK))).hexdigest())"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'clock'}",
        "TCO_CLOCK": "2031-06-01",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.stdout.strip() == hashlib.sha256(printed("default")).hexdigest()


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """An address, and what is asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}", asked
        found.shutdown()


def test_nothing_is_fetched_whatever_a_page_asks_for(
    server: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = server
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of this machine", encoding="utf-8")
    hostile = (
        f'<html lang="en"><head><title>x</title><link rel="stylesheet" href="{address}/a.css">'
        f'<link rel="attachment" href="{secret.as_uri()}"><base href="{address}/"></head>'
        f'<body><img src="{address}/b.png" alt=""><img src="c.png" alt=""><p>words</p>'
        f'<object data="{address}/d.svg"></object><svg><image href="{address}/e.png"/></svg>'
        f"<style>@import url({address}/f.css); @font-face {{ font-family: x; "
        f"src: url({address}/g.woff) }} p {{ background: url({address}/h.png) }}</style></body>"
    )
    made = pdf_of(hostile)
    assert asked == []
    assert b"secret" not in made
    assert "words" in told_by("pdftotext", made, tmp_path)


def test_a_name_is_text_whatever_it_says(tmp_path: Path) -> None:
    name = '<img src="http://127.0.0.1:1/x">&amp;{{ 7 * 7 }}'
    line = {"name": name, "side": "own", "usd": 5}
    made = pdf_of(page(Scenario(gpu="L4", lines=[line])))
    assert name in told_by("pdftotext", made, tmp_path, "-layout")


def test_a_decision_record_is_a_page_to_sign(tmp_path: Path) -> None:
    record = tmp_path / "a.json"
    found = decide(gpu="L4", utilization=0.6, by="Ada <Example>", on="2026-11-21")
    record.write_text(found.to_json(), encoding="utf-8")
    path = tmp_path / "record.pdf"
    result = CliRunner().invoke(main, ["decision", str(record), "-o", str(path)])
    assert result.exit_code == 0, result.output
    assert path.read_bytes() == pdf_of(decision_page(found))
    told = told_by("pdfinfo", path.read_bytes(), tmp_path)
    assert re.search(r"Pages: +1\n", told)
    assert "CreationDate:    Sat Nov 21" in told
    words = told_by("pdftotext", path.read_bytes(), tmp_path)
    assert "Ada <Example>" in words
    assert "Signature" in words


def test_the_shell_writes_the_pdf_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "report.PDF"
    asked = ["report", "--gpu", "L4", "--utilization", "0.6", "-o", str(path)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert path.read_bytes()[:5] == b"%PDF-"
    assert list(tmp_path.iterdir()) == [path]


class Hidden:
    """An import that finds no package, or no library of the system."""

    def __init__(self, wrong: Exception) -> None:
        self.wrong = wrong

    def find_spec(self, name: str, *_: object) -> None:
        if name == "weasyprint":
            raise self.wrong


LACKING = {
    "package": (
        ModuleNotFoundError("No module named 'weasyprint'", name="weasyprint"),
        [f"a PDF needs weasyprint: {to_install('pdf')}"],
    ),
    "library": (
        OSError("cannot load library 'libpango-1.0-0': libpango-1.0-0: cannot open\nmore"),
        [
            "(cannot load library 'libpango-1.0-0')",
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        ],
    ),
}


@pytest.mark.parametrize(("wrong", "said"), LACKING.values(), ids=LACKING)
def test_what_is_missing_is_said_with_the_command_that_installs_it(
    wrong: Exception, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    pdf._weasyprint.cache_clear()
    monkeypatch.setattr(sys, "meta_path", [Hidden(wrong), *sys.meta_path])
    for words in said:
        assert words in why_no_pdf()
    with pytest.raises(TcoError, match="a PDF needs"):
        pdf_of("<p>")
    asked = ["report", "--gpu", "L4", "-o", str(tmp_path / "report.pdf")]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2
    assert all(words in result.stderr for words in said)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert why_no_pdf() == ""
