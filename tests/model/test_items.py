"""The table of cost items: what is wrong with a row is an error, and a row is all that it takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tco.inputs import Inputs
from tco.model import items, tax
from tco.model.cashflows import CashFlow, accumulate, entries
from tco.model.commitment import CommitmentFee
from tco.model.items import (
    DEDUCTED,
    EXIT,
    GROUPS,
    ITEMS,
    MONTH,
    ON_LEAVING,
    OPEX,
    OWN,
    RENT,
    START,
    STEPS,
    TREATMENTS,
    Item,
    registered,
)
from tco.model.periods import periods
from tco.model.results import solve
from tco.scenario import Scenario
from tests.neutral import neutral
from tests.strategies import examples, scenarios

WATER = Item(
    *(
        "water",
        OWN,
        MONTH,
        DEDUCTED,
        GROUPS[OWN][3],
        STEPS[OWN][5],
        "Water",
        "of the cooling towers",
    ),
    amount=lambda v, _: v.gpus * 2.0,
    growth=OPEX,
)
REMOVAL = Item(
    *("removal", OWN, EXIT, DEDUCTED, GROUPS[OWN][3], STEPS[OWN][5], "Removal", "of the racks"),
    amount=lambda v, _: v.gpus * 100.0,
    growth=ON_LEAVING,
)


def added(monkeypatch: pytest.MonkeyPatch, row: Item) -> None:
    """As if the row stood in the table."""
    assert row.amount is not None
    start, month, leaving = items._AMOUNTS[row.side]
    if row.when == MONTH:
        more = (start, (*month, (row.name, row.growth, row.amount)), leaving)
    else:
        more = (start, month, (*leaving, (row.name, row.amount)))
    monkeypatch.setattr(items, "ITEMS", (*ITEMS, row))
    monkeypatch.setitem(items._AMOUNTS, row.side, more)
    monkeypatch.setitem(items._ROWS, (row.side, row.name), row)
    monkeypatch.setitem(items.GROWTH, (row.side, row.name), row.growth)
    monkeypatch.setitem(tax._DEDUCTIBLE, row.name, row.tax == DEDUCTED)
    registered(tax.FOLLOWED)


@pytest.mark.parametrize("rate", [0.0, 0.25])
@pytest.mark.parametrize("row", [WATER, REMOVAL], ids=lambda row: str(row.name))
def test_a_row_is_all_that_an_item_takes(
    row: Item, rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = neutral(price_usd_per_gpu=1_000.0, tax_rate=rate, horizon_months=12.0)
    v = Inputs.of(Scenario(**case).values())
    before, _ = solve(v)
    added(monkeypatch, row)
    paid = 12 * 2.0 if row is WATER else 100.0
    listed = [cost for item, _, _, cost, _ in entries(v, OWN) if item == row.name]
    assert sum(listed) == pytest.approx(paid)
    after, _ = solve(v)
    assert after["own_npv_usd"] - before["own_npv_usd"] == pytest.approx(paid * (1 - rate))
    dearer = before["breakeven_rate_usd_per_gpu_hour"] + paid / (730 * 12)
    assert after["breakeven_rate_usd_per_gpu_hour"] == pytest.approx(dearer)


@pytest.mark.parametrize("rate", [0.0, 0.25])
def test_what_leaving_costs_adds_to_the_gross_flows(
    rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As what it brings does: a sum that nothing can cancel."""
    case = neutral(price_usd_per_gpu=1_000.0, resale_decline_per_year=0.5, tax_rate=rate)
    v = Inputs.of(Scenario(**case).values())
    added(monkeypatch, REMOVAL)
    for compared in (True, False):
        found = accumulate(v, compared).gross
        flows = [abs(present) for side in (OWN, RENT) for *_, present in entries(v, side)]
        assert found == pytest.approx(sum(flows), rel=1e-12)
        assert found >= 1_000 + 100 + 125


@settings(max_examples=examples(50))
@given(scenarios(tax_rate=0.3))
def test_parts_follow_the_items_that_they_declare(case: dict[str, Any]) -> None:
    v = Inputs.of(case)
    for side in (OWN, RENT):
        declared = {
            when: {name for part in tax.FOLLOWED[side] for name in part.get(when, ())}
            for when in (START, MONTH, EXIT)
        }
        flow = CashFlow(v, side)
        assert set(flow.further) <= declared[START]
        for period in periods(v):
            flow.advance(period)
            # The fee of a term is paid beside what recurs.
            assert set(flow.further) == declared[MONTH] - set(CommitmentFee.ITEMS[MONTH])
        flow.leave(period)
        assert set(flow.leaving) >= declared[EXIT]
        assert set(flow.leaving) - declared[EXIT] <= {name for name, _, _ in flow.on_leaving}


def test_every_treatment_of_the_tax_is_used_and_none_is_left_out() -> None:
    assert {item.tax for item in ITEMS} == set(TREATMENTS)
    assert all(item.label and item.meaning for item in ITEMS)
    untaxed = {name: value for name, value in WATER._asdict().items() if name != "tax"}
    with pytest.raises(TypeError, match="tax"):
        Item(**untaxed)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (WATER._replace(tax=""), "own water .month. lacks its tax treatment"),
        (WATER._replace(label=""), "lacks its tax treatment or its words"),
        (WATER._replace(amount=None), "needs an amount, or one part that follows it"),
        (WATER._replace(name="lease", when="start month"), "own lease .start. has two rows"),
        (WATER._replace(group="drinks"), "a group that is not listed: 'drinks'"),
        (WATER._replace(step="drinks"), "a step that is not listed: 'drinks'"),
        (WATER._replace(growth=None), "needs a growth"),
        (WATER._replace(tax=items.WRITTEN_OFF), "needs a part that follows it, to be written off"),
    ],
)
def test_a_row_that_lacks_something_is_an_error(
    row: Item, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "ITEMS", (*ITEMS, row))
    with pytest.raises(ValueError, match=message):
        registered(tax.FOLLOWED)


def test_an_item_that_is_followed_but_not_listed_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "ITEMS", tuple(item for item in ITEMS if item.name != "refresh"))
    with pytest.raises(ValueError, match=r"own refresh .month. is followed, but not in the table"):
        registered(tax.FOLLOWED)
