"""What is not counted: each has an input, or a line of one's own that does what it stands for."""

from __future__ import annotations

import pytest

import tco
from tco.inputs import INPUTS
from tco.report.schema import NOT_COUNTED
from tco.report.uncounted import UNCOUNTED, Uncounted
from tco.words.glossary import GLOSSARY
from tests.neutral import neutral

# Two servers of four GPUs for 18 months, half busy, 100 USD a GPU, rented at 2 USD an hour.
CASE = {
    "gpus": 8,
    "gpus_per_server": 4,
    "utilization": 0.5,
    "horizon_months": 18,
    "price_usd_per_gpu": 100,
    "rate_usd_per_gpu_hour": 2,
    "gpu_w": 400,
    "server_w": 200,
    "pue": 1.5,
}
LINES = [one for one in UNCOUNTED if one.line]
# What 3 USD (or three times an item) come to by month, worked by hand.
WORKED = {
    # 8 GPUs, 365 busy hours a month.
    "downtime": dict.fromkeys(range(1, 19), 3 * 8 * 365),
    "set-up": {1: 24, 2: 24},
    "other taxes": {0: 3 * 800},
    # 8 GPUs, 365 hours, 2 USD.
    "VAT": dict.fromkeys(range(1, 19), 3 * 8 * 365 * 2),
    "annual": {13: 3},
    "decommissioning": {18: 3 * 2},
    # (8 * 400 + 2 * 200) W * 1.5 = 5.4 kW.
    "UPS": {0: 3 * 5.4},
    "the option": {0: 24},
}


@pytest.mark.parametrize("one", LINES, ids=lambda one: one.what[:20])
def test_its_line_is_paid_when_and_for_what_it_says(one: Uncounted) -> None:
    line = one.as_line(3)
    worked = next(paid for start, paid in WORKED.items() if one.what.startswith(start))
    plain, lined = (tco.ledger(**neutral(**CASE), lines=lines) for lines in ([], [line]))
    found = lined[lined["item"] == line.name]
    assert set(found["option"]) == {line.side}
    paid = {row.month: row.cost_usd for row in found.itertuples() if row.cost_usd}
    assert paid == pytest.approx(worked)
    rest = lined[lined["item"] != line.name].reset_index(drop=True)
    assert rest.equals(plain)


def test_each_line_is_worked_and_each_has_one_stand_in() -> None:
    assert len(LINES) == len(WORKED)
    for one in UNCOUNTED:
        assert bool(one.input) != bool(one.line), one.what
        if one.input:
            assert INPUTS[one.input].label in one.instead


def test_what_is_told_names_no_internal_name() -> None:
    for told in (*NOT_COUNTED, *GLOSSARY.values()):
        assert "_" not in told
        assert not any(name in told.split() for name in ("own_npv", "item:gpus"))
    assert len(GLOSSARY) == 10
    assert max(map(len, GLOSSARY.values())) < 100
