"""Which sheets have sliders, and what of the model is written into them."""

from __future__ import annotations

import re

import pytest

from tco import Scenario
from tco.report.facts import facts_of
from tco.report.sheet import page, sliders
from tco.report.sheet.parts import MONTHS, Node, Parts
from tco.report.sheet.sliders import model_of, sliders_of
from tco.report.workbook import months_sheet
from tco.report.workbook.formulas import Formulas

CAPPED = {"name": "credit", "side": "rent", "usd": -50, "cap_usd": 500}


def test_a_model_that_is_too_large_leaves_the_sliders_out_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sliders, "MOST_LETTERS", 30_000)
    document = page(Scenario(gpu="L4", lines=[CAPPED]))
    assert "No sliders in this sheet: the model of this scenario is too large" in document
    assert "<script" not in document
    assert "script-src" not in document


def test_a_cap_that_bends_the_saving_takes_a_model_without_it() -> None:
    """What has been paid without the cap says where it is reached."""
    assert "function free(" not in model_of(Scenario(gpu="L4", lines=[CAPPED]))
    bent = CAPPED | {"usd": -0.1, "basis": "item:compute"}
    assert model_of(Scenario(gpu="L4", lines=[bent])).count("function free(") == 1


def test_a_sheet_without_a_verdict_has_none() -> None:
    for inputs in ({"gpu": "RTX-PRO-4500", "provider": "lambda"}, {"gpu": "L4", "utilization": 0}):
        found = sliders_of(facts_of(Scenario(**inputs)))
        assert (found.inputs, found.script, found.left_out) == ((), "", "")
        assert "<script" not in page(Scenario(**inputs))


def test_the_months_that_are_written_are_those_that_the_workbook_repeats() -> None:
    assert months_sheet._DIFFERENT == MONTHS + 1


def test_what_is_fixed_is_worked_out_beforehand() -> None:
    """Without tax, loan, lease and refresh nothing of them is written; lengths differ alike."""
    plain = model_of(Scenario(gpu="L4"))
    taxed = model_of(Scenario(gpu="L4", tax_rate=0.25, depreciation="macrs_5", financing="loan"))
    assert len(plain) < 8_000 < len(taxed) < 20_000
    assert re.findall(r"payment\(|annuity\(", plain) == []
    assert len(model_of(Scenario(gpu="L4", horizon_months=240))) < 8_000


def test_a_number_that_changes_with_the_month_is_not_taken_for_fixed() -> None:
    """The warranty ends in a month that is none of the first: it is known there, but not after."""
    values = Scenario(gpu="L4", warranty_months=24).values()
    cells = Formulas({**values, "horizon_months": 3.0}, MONTHS, has_books=False)
    parts = Parts(cells.graph, ["horizon_months"], {"npv": cells.results["own_npv_usd"]})
    late = parts.sections[MONTHS].columns["after_warranty"]
    assert isinstance(late, Node)
    # No month has a loan: that is fixed, so it is nowhere.
    lent = ("loan_balance_usd", "loan_interest_usd", "own_loan_payment")
    assert [parts.sections[MONTHS].columns[name] for name in lent] == [0, 0, 0]
