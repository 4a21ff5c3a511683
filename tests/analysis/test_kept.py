"""Options where the hardware is there already; draws of what follows from another input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tco
from tco import Scenario
from tco.analysis.distributions import distributions, shares_of
from tco.analysis.options import what_if
from tco.inputs.labels import in_labels
from tco.report.facts import facts_of
from tco.report.option_tables import decided
from tco.report.sheet import page

OWNED = Scenario(gpu="L4", already_owned=True, utilization=0.5)


def test_what_is_there_is_kept_as_it_is_asked_about() -> None:
    for given in ({}, {"price_basis": "msrp"}, {"price_usd_per_gpu": 1_234}):
        owned = Scenario(**OWNED.given, **given)
        frame = tco.options(owned)
        row = frame.set_index(["option", "hosting"]).loc[("keep", "colo_metered")]
        kept = tco.breakeven(owned).own_npv_usd
        assert row["present_value_usd"] == pytest.approx(kept, rel=1e-9)
        assert decided(owned, frame)[0] == ("keep", "colo_metered")
    assert facts_of(OWNED).verdict
    assert "Keep" in page(OWNED, "")
    assert what_if(Scenario(gpu="L4"), "keep").values()["price_basis"] == "used"


def test_what_does_not_go_together_is_said_in_words() -> None:
    found = facts_of(Scenario(gpu="L4", already_owned=True, financing="loan"))
    (problem,) = found.problems
    said = (
        "“Hardware is already owned” = yes cannot be combined with a loan: owned hardware is paid"
    )
    assert in_labels(problem).startswith(said)


def test_one_belief_is_drawn_once() -> None:
    drawn = distributions(Scenario(gpu="L4"))
    assert "warranty_months" in drawn
    assert "server_warranty_months" not in drawn, "it moves with the other one"
    used = distributions(Scenario(gpu="L4", price_basis="used"))
    assert {"warranty_months", "server_warranty_months"} <= set(used)


def test_a_future_is_an_answer_of_its_own() -> None:
    found = tco.simulate(gpu="L4", draws=16)
    row = {name: float(column[3]) for name, column in found.drawn.items()}
    answer = tco.breakeven(gpu="L4", **row)
    assert found.saving[3] == pytest.approx(answer.npv_saving_usd, rel=1e-9)
    assert np.isfinite(found.results["own_npv_usd"]).all()


def test_inputs_that_came_later_move_no_older_draw() -> None:
    def drawn(*names: str) -> dict[str, Any]:
        ((_, shares),) = shares_of(64, 0, {}, names)
        return shares

    alone, beside = drawn("pue"), drawn("pue", "loan_fee_rate", "server_warranty_months")
    assert np.array_equal(alone["pue"], beside["pue"])
    (later,) = (np.corrcoef(beside["loan_fee_rate"], alone["pue"])[0, 1],)
    assert abs(later) < 0.2
    assert 0.45 < beside["loan_fee_rate"].mean() < 0.55
