"""The workbook on paper: so many pages, and nothing cut off or unreadable on them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tco import Line
from tco.report.workbook import SHEETS, workbook
from tco.scenario import Scenario
from tests.report.workbook.office import converted

LINES = (
    Line(name="Fiber, dark", side="own", usd=400, growth="opex", last_month=40),
    Line(name="=VAT", side="rent", usd=0.21, basis="item:compute"),
    Line(name="Credits", side="rent", usd=-1, basis="item:compute", last_month=12, cap_usd=5_000),
    Line(name="permit", side="own", usd=900, when="start"),
)
EURO = {"currency": "EUR", "fx_rate": 0.86, "fx_as_of": "2026-11-20"}
LEASE = {"financing": "lease", "lease_usd_per_gpu_month": 90, "lease_months": 24}
# The pages that each scenario takes at most, and what its printed pages must say.
PRINTED: dict[str, tuple[int, dict[str, Any], tuple[str, ...]]] = {
    "defaults": (
        8,
        {},
        (
            *("BUY: owning costs less than renting", "Not counted: income taxes"),
            "Downtime of failed GPUs and the work lost with it Own line: owning, per busy GPU-hour",
        ),
    ),
    "lines, loan, tax, currency": (
        8,
        {"lines": LINES, "financing": "loan", "tax_rate": 0.25, **EURO},
        (
            *("Fiber, dark", "=VAT", "Key results, after income tax"),
            *("Converted at 0.86 EUR per USD", "Total [EUR]"),
            *("Value Unit In EUR Status", "Server without GPUs 15,700 USD 13,502"),
        ),
    ),
    "lease": (8, LEASE | {"lease_buyout_usd_per_gpu": 300, "tax_rate": 0.25}, ("Lease payment",)),
    "several rates of return": (
        8,
        {
            **(LEASE | EURO),
            "lease_months": 36,
            "lease_payment_interval_months": 3,
            "lease_buyout_at_market": True,
        },
        (
            "IRR of buying instead of renting several",
            "Several, none of them the return: ",
            "Break-even values USD EUR now [USD]",
            "Amounts are in USD. Costs are positive",
        ),
    ),
    "refresh": (
        8,
        {"refresh_months": 18, "refresh_price_usd_per_gpu": 2_000, "utilization": 0.7},
        ("Refresh interval",),
    ),
    "five years": (8, {"horizon_months": 60, "utilization": 0.8}, ("5 years",)),
    "ten years": (10, {"horizon_months": 120, "utilization": 0.8}, ("10 years",)),
}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The text of each page of each scenario."""
    for tool in ("pdftotext", "soffice"):
        assert shutil.which(tool), f"{tool} is not installed"
    folder = tmp_path_factory.mktemp("printed")
    files = []
    for at, (_, given, _) in enumerate(PRINTED.values()):
        files.append(folder / f"{at}.xlsx")
        files[-1].write_bytes(workbook(Scenario(gpu="L4", **given)))
    out = converted(files, folder, "pdf")
    texts = [_text(out / f"{file.stem}.pdf") for file in files]
    return {what: text.split("\f")[:-1] for what, text in zip(PRINTED, texts, strict=True)}


def _text(file: Path) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("what", PRINTED)
def test_it_takes_few_pages_and_each_says_what_it_is(
    what: str, papers: dict[str, list[str]]
) -> None:
    most, _, said = PRINTED[what]
    pages = papers[what]
    assert len(pages) <= most
    for at, page in enumerate(pages, 1):
        assert f"Page {at} of {len(pages)}" in page
        assert "as of 2026-11-28" in page
        assert "###" not in page
        assert not re.search(r"(?<!\S)-0(?!\S)", page)  # what is left of rounding is nothing
        assert not re.search(r"#(?:NAME|VALUE|REF|DIV/0|N/A|NUM)|Err:\d", page)
    feet = [page.rstrip().splitlines()[-1] for page in pages]
    counts = {name: sum(f" {name} " in foot for foot in feet) for name in SHEETS}
    once = ("Summary", "Options", "Accounting", "Check")
    assert {counts[name] for name in once} == {1}
    assert all(counts.values())
    text = re.sub(r"\s+", " ", " ".join(pages))
    for words in said:
        assert words in text


def test_the_summary_has_words_for_what_it_shows(papers: dict[str, list[str]]) -> None:
    page = papers["defaults"][0]
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b", page)
    for words in ("Cost of owning", "IRR of buying", "Equivalent annual cost", "Simple payback"):
        assert words in page
    for words in ("What to check first", "Break-even values", "Your notes"):
        assert words in page
