"""No page says an input, an option or a site by the name that code has for it."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import openpyxl
import pytest

from tco import Line, Scenario, options
from tco.analysis.options import screening
from tco.inputs import TAKEN
from tco.report import charts, option_tables, risk_tables, ways
from tco.report.facts import facts_of
from tco.report.sheet import page
from tco.report.workbook import workbook

CODES = {choice for param in TAKEN.values() for choice in param.choices}
NAMES = {name for name in (*TAKEN, *option_tables.NAMES, *CODES) if "_" in name}
NAME = re.compile(rf"\b({'|'.join(sorted(NAMES, key=len, reverse=True))})\b")
TAX = {"tax_rate": 0.25, "depreciation": "macrs_5"}
LEASE = {"financing": "lease", "lease_usd_per_gpu_month": 90}
CREDITS = Line(name="credits", side="rent", usd=-1, basis="item:compute", cap_usd=5_000)
# Each kind of verdict, hosting and financing; what is borrowed, missing, odd or not counted.
SCENARIOS: dict[str, dict[str, Any]] = {
    "example": {},
    "never": {"gpu": "H100-SXM", "gpus": 64, "rate_usd_per_gpu_hour": 2.1, "term": "1yr"},
    "home": {"gpu": "RTX-4090", "gpus": 1, "site": "home", "price_basis": "used"},
    "borrowed": {"gpu": "Arc-Pro-B60"},
    "owned": {"already_owned": True},
    "lease": LEASE,
    "loan": {"financing": "loan", **TAX},
    "lines": {"lines": [CREDITS], "hosting": "own_site"},
    "idle": {"utilization": 0},
    "odd": {"pue": 2.9, "commitment_fee_usd_per_gpu": 5, "loan_apr": 0.2},
    "unknown": {"gpu": "X1", "gpu_w": 300, "price_usd_per_gpu": 1_000},
}


def names_in(*texts: object) -> list[str]:
    """What of the texts has a name of code in it."""
    return [str(text) for text in texts if NAME.search(str(text))]


def scenario_of(name: str) -> Scenario:
    return Scenario(**SCENARIOS[name], as_of="2026-11-28")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_decision_sheet_has_labels(name: str) -> None:
    text = re.sub(r"<(style|script).*?</\1>", "", page(scenario_of(name)), flags=re.DOTALL)
    assert not names_in(*html.unescape(re.sub(r"<[^>]*>", "\n", text)).splitlines())


@pytest.mark.parametrize("name", SCENARIOS)
def test_facts_and_options_have_labels(name: str) -> None:
    scenario = scenario_of(name)
    facts, frame = facts_of(scenario), options(scenario)
    figures = [text for figure in facts.figures for text in figure]
    told = (facts.headline, *facts.sentences, facts.odds_line, facts.notes, facts.foundations)
    assert not names_in(*told, *figures, *facts.uncounted, facts.conditions, *facts.left_out)
    shown = ways.table_frame(frame)
    assert not names_in(*shown.columns, *shown.to_numpy().ravel())
    assert not names_in(*option_tables.left_out(frame))
    chart = charts.screening_curves(screening(scenario), scenario.values()["utilization"])
    assert chart is None or not names_in(chart.title, chart.caption, chart.alt)
    if facts.simulation is not None:
        assert not names_in(risk_tables.finding(facts.simulation))


@pytest.mark.parametrize("name", ["example", "owned", "loan", "lines"])
def test_the_workbook_has_words_where_no_formula_needs_names(name: str) -> None:
    """Cells are named after inputs and results: the first column of Summary and Inputs says so."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(scenario_of(name))))
    for title, first in (("Options", 1), ("Summary", 2)):
        cells = (cell.value for row in book[title].iter_rows(min_col=first) for cell in row)
        texts = [text for text in cells if isinstance(text, str) and not text.startswith("=")]
        assert not names_in(*texts)
        assert name != "owned" or not [text for text in texts if "buying" in text]
    said = [cell.value for cell in book["Summary"]["A"] if " " in str(cell.value)]
    assert not names_in(*(text for text in said if not text.startswith("=")))
