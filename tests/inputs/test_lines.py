"""The user's own lines: what one is, and what is wrong with it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco import InputError, Line
from tco.inputs.lines import BASES, MOST_LINES, MULTIPLIED, OF_TAX_AND_FINANCING, lines_of
from tco.model.items import EXIT, ITEMS, MONTH, START

VAT = {"name": "VAT", "side": "rent", "usd": 0.21, "basis": "item:compute"}
FEE: dict[str, Any] = {"name": "fee", "side": "own", "usd": 45}


def refused(**changed: Any) -> str:
    with pytest.raises(InputError) as wrong:
        Line(**{**FEE, **changed})
    assert all(problem.input == "lines" for problem in wrong.value.problems)
    return str(wrong.value)


def test_the_items_that_a_line_can_be_a_multiple_of_are_those_of_the_model() -> None:
    whens = {"start": START, "monthly": MONTH, "exit": EXIT}
    found = {
        (side, when): tuple(
            item.name for item in ITEMS if item.side == side and item.when == at and item.amount
        )
        for side in ("own", "rent")
        for when, at in whens.items()
    }
    assert {**found, ("rent", "term"): ("commitment_fee",)} == MULTIPLIED
    listed = {name for names in MULTIPLIED.values() for name in names} | {*OF_TAX_AND_FINANCING}
    assert listed == {item.name for item in ITEMS}


def test_numbers_of_any_kind() -> None:
    plain = Line(**FEE, cap_usd=100, first_month=2)
    for kind in (Decimal, Fraction, np.int64, np.float64):
        other = Line(name="fee", side="own", usd=kind(45), cap_usd=kind(100), first_month=kind(2))
        assert other == plain
        assert repr(other) == repr(plain)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "lines: name = '' is not a name of 1 to 60 printable characters"),
        ({"name": "a" * 61}, "is not a name of 1 to 60"),
        ({"name": "a\nb"}, "printable"),
        ({"name": "a\u202eb"}, "printable"),
        ({"name": "\ud800"}, "printable"),
        ({"name": 5}, "name = 5 is not a text"),
        ({"name": "staff"}, "is the name of an item of the model"),
        ({"name": "tax_deduction"}, "is the name of an item of the model"),
        ({"side": "both"}, "line 'fee': side = 'both' is not one of own, rent: which side pays"),
        ({"usd": "x"}, "usd = 'x' is not a number: USD per unit of the basis"),
        ({"usd": "1,234", "basis": "busy_gpu_hour"}, "write 1.234 or 1234"),
        ({"usd": "45 €", "cap_usd": "90 USD"}, "names two currencies, EUR and USD"),
        ({"usd": "45..50"}, "is a range, and a line has one amount"),
        ({"usd": 19, "basis": "item:gpus", "when": "start"}, "outside [-10, 10]: a multiple"),
        ({"usd": "19", "basis": "item:gpus", "when": "start"}, "did you mean 0.19?"),
        ({"side": "buy"}, "did you mean own?"),
        ({"when": "once"}, "did you mean start?"),
        ({"usd": True}, "usd = True is not a number"),
        ({"usd": float("nan")}, "usd = nan is not a number"),
        ({"usd": Decimal("sNaN")}, "is not a number"),
        ({"usd": 10**400}, "is outside"),
        ({"usd": -(10**13)}, "is outside [-1,000,000,000,000, 1,000,000,000,000]"),
        ({"basis": "item:"}, "is not one of fixed, gpu"),
        ({"basis": "item:power"}, "basis = 'item:power' is not an item that owning pays monthly"),
        ({"basis": "item:compute"}, "is not an item that owning pays monthly"),
        ({"basis": "item:stafff"}, "did you mean staff?"),
        ({"basis": "item:fee"}, "is not an item that owning pays monthly"),
        ({"basis": "item:gpus"}, "is not an item that owning pays monthly"),
        ({"basis": "item:staff", "growth": "opex"}, "a share of an item grows with the item"),
        ({"basis": "rack", "side": "rent"}, "basis = 'rack' applies to owning only"),
        ({"basis": "busy_gpu_hour", "when": "start"}, "is counted monthly"),
        ({"when": "term"}, "when = 'term' applies to renting only"),
        ({"when": "start", "last_month": 3}, "apply to monthly lines only"),
        ({"first_month": 0}, "first_month = 0 is not a whole number in [1, 240]"),
        ({"first_month": 1.5}, "first_month = 1.5 is not a whole number"),
        ({"first_month": None}, "first_month = None is not a whole number"),
        ({"first_month": 4, "last_month": 3}, "last_month = 3 is before first_month = 4"),
        ({"growth": "cpi"}, "growth = 'cpi' is not one of flat, opex, electricity, rental"),
        ({"cap_usd": -1}, "cap_usd = -1 is outside [0,"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], said: str) -> None:
    assert said in refused(**changed)


def test_everything_that_is_wrong_is_listed() -> None:
    found = refused(side="us", usd="x", last_month=300)
    assert found.count("line 'fee': ") == len(found.splitlines()) == 3


def test_blanks_around_a_name_are_not_of_it() -> None:
    assert Line(name=" fee ", side="own", usd=1) == Line(name="fee", side="own", usd=1)


def test_lines_from_tables_and_frames() -> None:
    rows = [{**FEE, "last_month": None, "growth": ""}, Line(**VAT)]
    assert lines_of(rows) == (Line(**FEE), Line(**VAT))
    frame = pd.DataFrame([FEE, {**VAT, "last_month": 12}])
    assert lines_of(frame) == (Line(**FEE), Line(**VAT, last_month=12))
    assert lines_of(frame.convert_dtypes()) == lines_of(frame)
    assert lines_of([]) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (FEE, "is not a list of lines"),
        ("fee", "is not a list of lines"),
        (7, "lines = 7 is not a list of lines"),
        (["fee"], "lines: 'fee' is not a line"),
        ([{**FEE, "usdd": 1}], "'usdd' is not a field of a line; did you mean usd?"),
        ([{**FEE, "Amount": 1}], "'Amount' is not a field of a line; did you mean usd?"),
        ([{"name": "fee"}], "side is missing from {'name': 'fee'}"),
        ([FEE, FEE], "'fee' is the name of two lines"),
        ([FEE, {**VAT, "name": "fee"}], "'fee' is the name of two lines"),
        (
            [{**FEE, "name": f"{at}"} for at in range(MOST_LINES + 1)],
            "101 lines exceed the limit of 100",
        ),
    ],
)
def test_what_is_no_list_of_lines(given: Any, said: str) -> None:
    with pytest.raises(InputError) as wrong:
        lines_of(given)
    assert said in str(wrong.value)


def lines() -> st.SearchStrategy[Line]:
    def one(name: str, side: str, basis: str, when: str, last: int | None) -> Line:
        when = when if when in BASES[basis][2] and (side, when) != ("own", "term") else "monthly"
        side = side if side in BASES[basis][1] else "own"
        return Line(
            name=name, side=side, usd=1.5, basis=basis, when="monthly" if side == "own" else when,
            last_month=last if when == "monthly" else None,
        )  # fmt: skip

    names = st.text(min_size=1, max_size=60).filter(lambda x: x.strip() and x.isprintable())
    whens = st.sampled_from(["monthly", "start", "term", "exit"])
    return st.builds(
        one,
        names.filter(lambda name: name.strip() not in {item.name for item in ITEMS}),
        st.sampled_from(["own", "rent"]),
        st.sampled_from(list(BASES)),
        whens,
        st.none() | st.integers(1, 240),
    )


@given(lines())
def test_there_and_back(line: Line) -> None:
    assert lines_of([line.to_dict()]) == (line,)
    assert pickle.loads(pickle.dumps(line)) == line
    assert eval(repr(line), {"Line": Line}) == line


def test_numbers_and_words_as_people_write_them() -> None:
    written = Line(name="fee", side="Own", usd="$12,50", when="Monthly", last_month="2 years")  # type: ignore[arg-type]
    assert written == Line(name="fee", side="own", usd=12.5, last_month=24)
    tax = Line(name="VAT", side="rent", usd="19%", basis="item:compute")  # type: ignore[arg-type]
    assert tax.usd == 0.19


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"amount": 3}, "'amount' is not a field of a line; did you mean usd?"),
        ({"nam": "fee"}, "'nam' is not a field of a line; did you mean name?"),
        ({"side": "own"}, "name is missing"),
    ],
)
def test_names_that_are_no_fields_are_refused_with_what_was_meant(
    told: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as wrong:
        Line(**told)
    assert said in str(wrong.value)
    fee = Line(name="fee", side="own", usd=5)
    assert pickle.loads(pickle.dumps(fee)) == copy.deepcopy(fee) == replace(fee)
    with pytest.raises(InputError, match="did you mean usd"):
        replace(fee, amount=5)  # type: ignore[call-arg]
