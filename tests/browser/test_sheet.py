"""The decision sheet in a browser: a page and its notes, nobody called, readable by everybody."""

import shutil
import subprocess
from importlib.resources import files

import pytest

from tco import Scenario
from tco.report.sheet import page as sheet

EUROS = {"currency": "EUR", "fx_rate": 0.87, "fx_as_of": "2026-11-20"}
EVERYTHING = {
    **EUROS,
    "gpus": 12_345,
    "whole_servers": True,
    "horizon_months": 120,
    "tax_rate": 0.3,
    "lease_usd_per_gpu_month": 100,
}
# More than are listed, with names as long as they may be.
LINES = [
    {"name": f"{at} {'administrator ' * 4}", "side": "own", "usd": at, "growth": "electricity"}
    for at in range(10)
]
TAXED = {"tax_rate": 0.25, "depreciation": "macrs_5", "financing": "loan"}
LINK = f"https://tco.example.org/?{'&'.join(f'name_{at}=value' for at in range(99))}"
CASES = {
    "default": {"gpu": "L4"},
    "example": {},
    "no_offers": {"gpu": "RTX-PRO-4500", "provider": "lambda"},
    "no_busy_hours": {"gpu": "L4", "utilization": 0},
    "committed": {"gpu": "H100-SXM", "gpus": 64, "billing": "committed", "term": "1yr"},
    "own_site": {"gpu": "L40S", "hosting": "own_site", "gpus": 9},
    "loan_and_tax": {"gpu": "A100-80GB-SXM", **TAXED},
    "lease": {"gpu": "L4", "financing": "lease", "lease_usd_per_gpu_month": 120, "gpus": 9},
    "euros": {"gpu": "L40S", **EUROS},
    "long": {"gpu": "L4", "horizon_months": 120},
    "most_offers": {"gpu": "H100-SXM", **EVERYTHING},
    "most_options": {"gpu": "L4", **EVERYTHING},
    "lines": {"gpu": "H100-SXM", **EVERYTHING, "lines": LINES},
    "largest": {"gpu": "B200", **EVERYTHING, "gpus": 10**6, "horizon_months": 240},
    # Long notes, many sources and own lines at once.
    "fullest": {
        "gpu": "RTX-PRO-5000",
        **EVERYTHING,
        "gpus": 10**6,
        "horizon_months": 240,
        "hosting": "own_site",
        "pue": 2.5,
        "electricity_usd_per_kwh": 0.9,
        "lines": LINES,
    },
}
# Fonts of other widths than Arial's, which a system may have instead.
FONTS = ('"DejaVu Sans"', "serif")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheets")
    for name, inputs in CASES.items():
        document = sheet(Scenario(**inputs), LINK if name != "example" else "")
        (folder / f"{name}.html").write_text(document, encoding="utf-8")
    return folder


def show(page, documents, name):
    page.goto((documents / f"{name}.html").as_uri())


def printed(page, path):
    """How many pages, and how large, a printed document is, by poppler's pdfinfo."""
    tool = shutil.which("pdfinfo")
    assert tool, "no pdfinfo: install Debian's poppler-utils"
    page.pdf(path=path, prefer_css_page_size=True)
    told = subprocess.run([tool, path], capture_output=True, text=True, check=True).stdout
    named = dict(line.split(":", 1) for line in told.splitlines())
    return int(named["Pages"]), named["Page size"].strip()


@pytest.mark.parametrize("name", CASES)
def test_it_prints_on_one_a4_page_and_its_notes_on_another(page, documents, tmp_path, name):
    show(page, documents, name)
    count, size = printed(page, tmp_path / "sheet.pdf")
    assert count == 2  # the sheet, and its notes
    assert size.endswith("(A4)")


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("name", ["most_offers", "largest", "fullest"])
def test_it_prints_on_as_many_pages_in_any_font(page, documents, tmp_path, name, font):
    show(page, documents, name)
    plain = (documents / f"{name}.html").read_text(encoding="utf-8")
    assert plain.count("Arial, Helvetica") == 2  # of the page and of the drawing
    path = tmp_path / "other.html"
    path.write_text(plain.replace("Arial, Helvetica", font), encoding="utf-8")
    page.goto(path.as_uri())
    assert printed(page, tmp_path / "sheet.pdf")[0] == 2


def test_all_of_the_page_is_printed(page, documents, tmp_path):
    show(page, documents, "default")
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    command = ["pdftotext", "-layout", tmp_path / "sheet.pdf", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    first, second, _ = told.split("\f")
    for words in ("Rent or buy 8 × L4?", "BUY", "RENT", "Sources", "Signature", "schema version"):
        assert words in first
    assert second.startswith("What is not counted, and what stands in for it")


@pytest.mark.parametrize("name", ["default", "no_offers", "most_offers"])
def test_it_calls_nobody_and_has_no_complaint(page, documents, heard, name):
    show(page, documents, name)
    page.wait_for_load_state("networkidle")
    assert heard.requests == [(documents / f"{name}.html").as_uri()]
    assert heard.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["default", "no_offers", "most_offers"])
def test_axe_finds_no_violation(page, documents, name, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    show(page, documents, name)
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": TAGS}}
    found = page.evaluate("options => axe.run(document, options)", options)
    assert found["violations"] == []
    assert len(found["passes"]) > 10


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", ["default", "most_offers", "largest"])
def test_no_width_needs_sideways_scrolling(page, documents, name, width):
    page.set_viewport_size({"width": width, "height": 800})
    show(page, documents, name)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_what_a_script_says_is_shown_and_not_run(page, tmp_path):
    hostile = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    path = tmp_path / "sheet.html"
    path.write_text(sheet(Scenario(gpu="L4"), hostile), encoding="utf-8")
    page.goto(path.as_uri())
    assert page.title() == "Rent or buy 8 × L4?"
    assert hostile in page.locator("footer").inner_text()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1  # the sheet's own


def test_the_lines_differ_without_color(page, documents):
    show(page, documents, "default")
    dashes = page.evaluate(
        "['buy', 'rent'].map(side => getComputedStyle("
        "document.querySelector(`polyline.${side}`)).strokeDasharray)"
    )
    assert dashes[0] == "none"
    assert dashes[1] != "none"
