"""The user's own lines as a part of a scenario: kept, compared, written and read, asked about."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tco
from tco import InputError, Line, Scenario

VAT = Line(name="VAT", side="rent", usd=0.21, basis="item:compute")
ADMIN = Line(name="administrator", side="own", usd=2500)
BOTH = Scenario(gpu="L4", lines=(VAT, ADMIN))
RACKS = Line(name="cage", side="own", usd=100, basis="rack")


def test_a_scenario_keeps_its_lines() -> None:
    assert BOTH.lines == (VAT, ADMIN)
    assert Scenario(gpu="L4", lines=[VAT.to_dict(), ADMIN]) == BOTH
    assert Scenario(gpu="L4", lines=pd.DataFrame([VAT.to_dict(), ADMIN.to_dict()])) == BOTH
    assert "lines" not in BOTH.given
    assert BOTH.values()["lines"] == (VAT, ADMIN)
    assert BOTH.resolved() == Scenario(gpu="L4").resolved()
    assert not BOTH.is_example
    assert not Scenario(lines=[VAT]).is_example


def test_none_is_the_same_as_nothing() -> None:
    for given in (None, (), []):
        plain = Scenario(gpu="L4", lines=given)
        assert plain == Scenario(gpu="L4")
        assert "lines" not in plain.values()
        assert "lines" not in plain.to_dict()
        assert repr(plain) == "Scenario(gpu='L4')"


def test_what_lines_change() -> None:
    assert Scenario(gpu="L4") != BOTH
    assert Scenario(gpu="L4", lines=[ADMIN, VAT]) != BOTH
    assert len({BOTH, Scenario(gpu="L4", lines=(VAT, ADMIN)), Scenario(gpu="L4")}) == 2
    assert replace(BOTH, gpus=4) == Scenario(gpu="L4", gpus=4, lines=BOTH.lines)
    assert replace(BOTH, lines=()) == BOTH.without("lines") == Scenario(gpu="L4")
    assert BOTH.without("gpu") == Scenario(lines=BOTH.lines)
    for made in (copy.copy(BOTH), copy.deepcopy(BOTH), pickle.loads(pickle.dumps(BOTH))):
        assert made == BOTH
    assert eval(repr(BOTH), {"Scenario": Scenario, "Line": Line}) == BOTH


def test_json_there_and_back() -> None:
    assert BOTH.to_dict()["lines"] == [VAT.to_dict(), ADMIN.to_dict()]
    assert Scenario.from_dict(BOTH.to_dict()) == BOTH
    assert Scenario.from_json(BOTH.to_json()) == BOTH
    odd = Line(name="=cmd|' /C calc'!A0 <script>é", side="own", usd=-0.1, when="exit")
    assert Scenario.from_json(Scenario(lines=[odd]).to_json()).lines == (odd,)


def test_what_is_wrong_is_an_input_error_with_all_the_rest() -> None:
    with pytest.raises(InputError) as wrong:
        Scenario(pue=0.5, lines=[{"name": "VAT", "side": "rent", "usd": 1, "basis": "item:power"}])
    assert [problem.input for problem in wrong.value.problems] == ["pue", "lines"]
    with pytest.raises(InputError):
        Scenario.from_dict({"lines": {"name": "VAT"}})


def test_other_prices_keep_the_lines() -> None:
    rate = {"gpu": "L4", "usd": 1_000, "as_of": "2026-11-20", "price_basis": "street"}
    prices = pd.DataFrame([rate])
    found = Scenario(gpu="L4", lines=[VAT], prices=prices)
    assert found.on_shipped_data().lines == (VAT,)
    assert Scenario.from_json(found.to_json()).lines == (VAT,)


def test_every_question_counts_them() -> None:
    plain, lined = tco.breakeven(gpu="L4"), tco.breakeven(BOTH)
    assert tco.breakeven(gpu="L4", lines=[VAT, ADMIN]) == lined
    assert tco.breakeven(Scenario(gpu="L4"), lines=[VAT, ADMIN]) == lined
    assert tco.breakeven(BOTH, lines=[]) == plain
    # 36 months of 2,500 at a discount.
    assert 60_000 < lined.own_npv_usd - plain.own_npv_usd < 90_000
    assert set(tco.ledger(BOTH)["item"]) - set(tco.ledger(gpu="L4")["item"]) == {
        "VAT",
        "administrator",
    }
    assert tco.curves(BOTH)["own_usd"].iloc[-1] > tco.curves(gpu="L4")["own_usd"].iloc[-1]


def test_one_set_for_all_rows_of_a_table() -> None:
    table = tco.breakeven(BOTH, utilization=np.array([0.2, 0.6, 1.0]))
    for at, utilization in enumerate((0.2, 0.6, 1.0)):
        one = tco.breakeven(BOTH, utilization=utilization)
        assert table.npv_saving_usd[at] == pytest.approx(one.npv_saving_usd, rel=1e-12)
    assert table.scenario.lines == BOTH.lines
    assert Scenario.from_dict(table.scenario.to_dict()) == table.scenario
    assert hash(BOTH.without("gpu")) == hash(Scenario(lines=BOTH.lines))


def test_a_rack_that_holds_no_server_has_no_price() -> None:
    case = {"gpu": "H100-SXM", "hosting": "colo_all_in", "rack_kw": 1}
    assert tco.breakeven(**case).racks == float("inf")
    with pytest.raises(InputError) as wrong:
        tco.breakeven(**case, lines=[RACKS])
    assert "rack_kw = 1 holds no server" in str(wrong.value)
