"""Frames answered row by row: the same numbers as one call for each row, to the last bit."""

from __future__ import annotations

import io
import pickle
import re
import sys
import time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.sweep import answer_frame, engine, sweep
from tco.analysis.sweep.csv_rows import CsvRows, frame_cells, line_of, number_cells, value_cells
from tco.analysis.sweep.rows import ODDS, PRICES, STAMPS, answered
from tco.analysis.sweep.sources import FrameRows
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.inputs.text import parse
from tco.market.catalogue import load
from tco.model.results import RESULTS
from tco.report import provenance
from tco.report.csv import cell
from tco.report.schema import STAMP_COLUMNS
from tests.strategies import examples, scenarios

NUMBERS = RESULTS[:-2]


def draws(rows: int, seed: int = 0) -> pd.DataFrame:
    """Scenarios that differ in what chooses data, in numbers, and in what is left out."""
    draw = np.random.default_rng(seed)

    def some(*values: Any) -> Any:
        return np.array(values, dtype=object)[draw.integers(0, len(values), rows)]

    return pd.DataFrame(
        {
            "gpu": some("L4", "T4", "H100-SXM", None),
            "billing": some("per_use", "always_on", "committed", None, None),
            "commitment_months": some(12, 13, 36, None),
            "hosting": some("own_site", "colo_metered", "colo_all_in", None),
            "utilization": draw.uniform(0, 1, rows),
            "price_usd_per_gpu": np.where(draw.random(rows) < 0.5, np.nan, 2_500),
            "rate_growth_per_year": draw.uniform(-0.3, 0.2, rows),
            "horizon_months": draw.uniform(1, 60, rows),
            "whole_servers": some(True, False, None),
            "discount_rate": np.where(draw.random(rows) < 0.3, np.nan, draw.uniform(0, 0.2, rows)),
        }
    )


def answers_of(table: dict[str, Any]) -> pd.DataFrame:
    return tco.breakeven(**table).to_frame()


def same_bits(one: pd.DataFrame, other: pd.DataFrame) -> None:
    for name in NUMBERS:
        left, right = one[name].to_numpy(), other[name].to_numpy()
        assert np.array_equal(left.view(np.int64), right.view(np.int64)), name
    for name in RESULTS[-2:]:
        assert one[name].astype(object).tolist() == other[name].astype(object).tolist()


def filled(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the defaults of its own question in its empty cells, as lists of one."""
    given_ = {name: value for name, value in row.items() if not pd.isna(value)}
    known = tco.Scenario(**given_).resolved()
    return {name: [given_.get(name, known[name].value)] for name in row}


def test_every_row_is_its_own_breakeven_to_the_last_bit() -> None:
    cases = draws(150)
    answers = answer_frame(cases)
    assert answers["error"].isna().sum() > 100
    for at, row in enumerate(cases.to_dict("records")):
        told = {name: value for name, value in row.items() if not pd.isna(value)}
        if pd.isna(answers["error"][at]):
            same_bits(answers.iloc[[at]], answers_of(filled(row)))
            alone = tco.breakeven(**told)
            assert answers["own_npv_usd"][at] == pytest.approx(alone.own_npv_usd, rel=1e-12)
            assert answers["verdict"][at] == alone.verdict
        else:
            with pytest.raises(InputError, match=re.escape(answers["error"][at])):
                tco.breakeven(**told)
            assert answers.loc[at, list(NUMBERS)].isna().all()
            assert pd.isna(answers["status"][at])
            assert pd.isna(answers["verdict"][at])


@settings(max_examples=examples(40))
@given(st.lists(scenarios(), min_size=1, max_size=6))
def test_random_scenarios_are_their_own_breakeven(cases: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame(cases)
    answers = answer_frame(frame)
    assert answers["error"].isna().all()
    for at, row in enumerate(cases):
        same_bits(answers.iloc[[at]], answers_of({name: [value] for name, value in row.items()}))


def test_a_table_is_the_breakeven_of_its_columns() -> None:
    cases = pd.DataFrame({"gpu": ["L4", "T4"] * 50, "utilization": np.linspace(0, 1, 100)})
    same_bits(answer_frame(cases), answers_of(dict(cases)))


@pytest.mark.parametrize("rows", [1, 7, 64, 1_000])
def test_chunks_change_no_bit(rows: int) -> None:
    cases = draws(300, seed=1)
    pd.testing.assert_frame_equal(
        sweep(cases, chunk_rows=rows), answer_frame(cases), check_exact=True
    )


def test_workers_change_no_bit() -> None:
    cases = draws(300, seed=2)
    shared = sweep(cases, chunk_rows=40, workers=2)
    pd.testing.assert_frame_equal(shared, answer_frame(cases), check_exact=True)


def test_the_frame_is_kept_with_its_index() -> None:
    cases = draws(6).assign(note="=1+1", team="a")
    cases.index = pd.Index([3, 3, 1, 0, 0, 9], name="case")
    before = cases.copy(deep=True)
    for answers in (answer_frame(cases, carry=["team"]), sweep(cases, carry=("team",))):
        assert list(answers.columns) == [*cases.columns, *RESULTS, *ODDS, "error"]
        pd.testing.assert_frame_equal(answers[list(cases.columns)], before)
        assert answers.index.equals(before.index)
        assert answers.index.name == "case"
    pd.testing.assert_frame_equal(cases, before)
    several = cases.set_axis(pd.MultiIndex.from_product([["x", "y"], [1, 2, 3]]))
    assert sweep(several, carry=("team",), chunk_rows=4).index.equals(several.index)


def test_columns_of_any_type() -> None:
    plain = pd.DataFrame(
        {
            "gpu": ["L4", "T4", None],
            "gpus": [4.0, np.nan, 8.0],
            "utilization": [0.5, 0.25, np.nan],
            "whole_servers": [True, None, False],
            "as_of": ["2026-07-30", None, "2026-08-30"],
        }
    )
    typed = pd.DataFrame(
        {
            "gpu": pd.Categorical(["L4", "T4", None]),
            "gpus": pd.array([4, None, 8], dtype="Int64"),
            "utilization": pd.array([0.5, 0.25, None], dtype="Float32"),
            "whole_servers": pd.array([True, None, False], dtype="boolean"),
            "as_of": pd.to_datetime(["2026-07-30", None, "2026-08-30"]),
        }
    )
    objects = typed.astype(object).assign(
        utilization=np.array([Decimal("0.5"), Decimal("0.25"), None], dtype=object)
    )
    expected = answer_frame(plain)
    assert expected["error"].isna().all()
    for cases in (typed, objects, typed.convert_dtypes(dtype_backend="pyarrow")):
        same_bits(answer_frame(cases), expected)


def test_of_a_row_that_is_wrong_all_over_the_first_are_named_and_the_others_counted() -> None:
    names = [name for name, declared in INPUTS.items() if declared.numeric][:30]
    rows = CsvRows(names, [["?!"] * 30, ["?!"] * 20 + [""] * 10], 100)
    everything, just_named = map(str.splitlines, answered(rows, load())["error"])
    assert [line.partition(" = ")[0] for line in just_named] == names[:20]
    assert everything == [*just_named, "and 10 more wrong values in this row"]


def test_wrong_cells_are_errors_of_their_rows() -> None:
    wrong: list[Any] = [60, -1, "a lot", True, float("inf"), [0.5], 0.5]
    cases = pd.DataFrame({"gpu": ["L4"] * 7, "utilization": pd.Series(wrong, dtype=object)})
    errors = answer_frame(cases)["error"]
    assert errors.isna().tolist() == [False] * 6 + [True]
    for words, error in zip(
        [
            "did you mean 0.6",
            "is outside",
            "is text",
            "true or false",
            "is outside",
            "not a number",
        ],
        errors,
        strict=False,
    ):
        assert words in error, error
    all_wrong = answer_frame(pd.DataFrame({"gpu": ["L5", 3, ["L4"]], "term": ["x", "spot", True]}))
    assert all_wrong["error"].notna().all()
    assert all_wrong["months"].isna().all()
    assert "did you mean L4" in all_wrong["error"][0]
    mixed = answer_frame(pd.DataFrame({"commitment_months": pd.Series([1, True], dtype=object)}))
    assert mixed["error"].isna().tolist() == [True, False]


def test_ranges_count_by_their_midpoints() -> None:
    answers = answer_frame(pd.DataFrame({"utilization": ["0.5..0.7", "0.7..0.5", "0.6..0.6"]}))
    expected = tco.breakeven(utilization=[0.6]).to_frame()
    same_bits(answers.iloc[[0]], expected)
    same_bits(answers.iloc[[2]], expected)
    assert "ends before it begins" in answers["error"][1]


def test_a_rack_that_holds_no_server_is_an_error_of_its_row() -> None:
    cases = pd.DataFrame(
        {"hosting": "own_site", "rack_kw": [0.1, 20, 0.1], "gpu_w": [72, 72, 700], "note": "n"}
    )
    answers = answer_frame(cases)
    assert answers["error"].isna().tolist() == [False, True, False]
    given_ = {"gpu": "T4", "term": "3yr", "rate_usd_per_gpu_hour": 0.3}
    own = answer_frame(cases.assign(**given_))["error"]
    assert own.tolist() == answers["error"].tolist()
    for at in (0, 2):
        row = cases.drop(columns="note").iloc[at].to_dict()
        with pytest.raises(InputError, match=re.escape(answers["error"][at])):
            tco.breakeven(**row)
    assert answers["error"][0] != answers["error"][2]


@pytest.mark.parametrize(
    ("columns", "carry", "says"),
    [
        (["utilisation"], (), "did you mean utilization"),
        (["gpu", "team"], (), "team is not an input"),
        (["gpu", "gpu"], (), "gpu is given twice"),
        (["gpu", "months"], (), "months is a column of the answers"),
        (["gpu", "error"], ("error",), "error is a column of the answers"),
        (["gpu", "data_date"], ("data_date",), "data_date is a column of the answers"),
        (["gpu"], ("team",), "team of carry is no column"),
        (["id", "note"], (), "no column is an input"),
        ([], (), "no column is an input"),
        (["gpu", 0], (), "column 0 has no name"),
        (["gpu", ""], (), "(no name) is not an input"),
    ],
)
def test_wrong_columns(columns: list[Any], carry: tuple[str, ...], says: str) -> None:
    cases = pd.DataFrame([["L4"] * len(columns)], columns=columns)
    for function in (answer_frame, sweep):
        with pytest.raises(InputError, match=re.escape(says)):
            function(cases, carry=carry)


def test_every_problem_of_the_columns_is_reported() -> None:
    with pytest.raises(InputError) as caught:
        answer_frame(pd.DataFrame([[1, 2, 3]], columns=["watts", "verdict", "hosts"]))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("source", [None, 3, [1], b"x", object()])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(InputError, match="is not a frame, a grid or a path"):
        sweep(source)


@pytest.mark.parametrize(
    "options",
    [{"chunk_rows": 0}, {"chunk_rows": 2.0}, {"chunk_rows": True}, {"workers": 0}, {"workers": -1}],
)
def test_options_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="is not a whole number from 1"):
        sweep(draws(2), **options)


def test_no_rows() -> None:
    answers = sweep(draws(4).iloc[:0])
    assert len(answers) == 0
    full = answer_frame(draws(4))
    assert answers.dtypes.drop("gpu").equals(full.dtypes.drop("gpu"))


def test_prices_of_ones_own() -> None:
    own = pd.DataFrame(
        {"gpu": ["L4"], "price_basis": ["street"], "usd": [9_000.0], "as_of": ["2026-11-20"]}
    )
    cases = pd.DataFrame({"gpu": ["L4", "T4"], "utilization": [0.5, 0.5]})
    expected = tco.breakeven(**dict(cases), prices=own).to_frame()
    assert expected["own_npv_usd"][0] != tco.breakeven(**dict(cases)).to_frame()["own_npv_usd"][0]
    same_bits(answer_frame(cases, prices=own), expected)
    same_bits(sweep(cases, prices=own, chunk_rows=1, workers=2), expected)


def test_the_function_can_be_sent_elsewhere() -> None:
    assert pickle.loads(pickle.dumps(answer_frame)) is answer_frame


def test_ages_are_those_of_the_reports() -> None:
    cases = draws(60, seed=4).assign(rate_usd_per_gpu_hour=[None, 0.5, None] * 20)
    found = answered(FrameRows(cases), load())["data_age_days"]
    for at, row in enumerate(cases.to_dict("records")):
        told = {name: value for name, value in row.items() if not pd.isna(value)}
        age = provenance.data_age_days(tco.Scenario(**told).resolved())
        assert age is None if np.isnan(found[at]) else age == found[at]
    assert len(set(found)) > 2


@given(st.lists(st.floats() | st.sampled_from([0.0, -0.0, 36.0, 2.0**53, -(2.0**53), 1e22, 0.1])))
def test_numbers_are_written_as_everywhere(numbers: list[float]) -> None:
    for decimal in (".", ","):
        expected = [cell(number, decimal) for number in numbers]
        assert number_cells(np.array(numbers, dtype=float), decimal) == expected


@given(
    st.lists(st.text(max_size=5) | st.sampled_from(["=1+1", "@x", "a\r\nb", "\x00", "-x", "L4"]))
)
def test_words_are_written_as_everywhere(words: list[str]) -> None:
    expected = [cell(word.encode("utf-8", "replace").decode()) for word in words]
    assert value_cells(words) == expected
    for kind in ("str", "category"):
        assert frame_cells(pd.DataFrame({"note": pd.Series(words, dtype=kind)})) == [expected]
    assert value_cells([True, False, None, 3, -3, 0.5]) == ["true", "false", "", "3", "-3", "0.5"]


@given(
    st.lists(st.text("0123456789.,-+eE \n", max_size=6) | st.sampled_from(["", "0.5..0.7", "x"])),
    st.sampled_from([".", ","]),
)
def test_columns_of_texts_are_read_as_single_texts(texts: list[str], decimal: str) -> None:
    for name in ("utilization", "gpus"):
        expected = [parse(INPUTS[name], text, decimal) if text.strip() else None for text in texts]
        line = line_of(INPUTS[name], texts, decimal)
        if line.dtype == np.float64:
            assert [None if np.isnan(value) else value for value in line] == expected
        else:
            assert line.tolist() == expected
            assert any(isinstance(value, str | Interval) for value in expected)


def test_what_other_modules_say_of_the_same() -> None:
    assert tuple(STAMP_COLUMNS) == STAMPS
    assert tco.inputs.PRICES == PRICES
    assert set(RESULTS).isdisjoint(INPUTS)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_has_a_rate_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_PATIENCE", 0)
    for shown, stream, wanted in (
        (None, Terminal(), True),
        (None, io.StringIO(), False),
        (True, io.StringIO(), True),
        (False, Terminal(), False),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        with engine.progress_bar(1_000, shown) as add:
            for _ in range(5):
                add(part(20, 200))
        said = stream.getvalue()
        assert ("100/100" in said and "rows/s" in said) == wanted, said
    again = Terminal()
    monkeypatch.setattr(sys, "stderr", again)
    with engine.progress_bar(1_000, shown=True, before=50) as add:
        time.sleep(0.2)  # a terminal is told ten times a second
        add(part(10, 100))
        assert "60.0/100" in again.getvalue()
    monkeypatch.setattr(sys, "stderr", None)
    with engine.progress_bar(None, shown=True) as add:
        add(part(1, 1))


def part(rows: int, characters: int) -> CsvRows:
    return CsvRows(("pue",), [["1.5"]] * rows, characters)


def test_odds_are_those_of_each_row_where_they_are_asked_for() -> None:
    cases = draws(12, seed=5)
    cases.loc[3, "utilization"] = 60
    plain, asked = answer_frame(cases), answer_frame(cases, odds=True)
    assert plain["chance_buy"].isna().all()
    assert plain["confidence"].isna().all()
    rest = [*cases.columns, *RESULTS, "error"]
    pd.testing.assert_frame_equal(plain[rest], asked[rest])
    for at, row in cases.iterrows():
        if at == 3:
            assert asked.loc[3, list(ODDS)].isna().all()
            continue
        odds = tco.simulate(**{name: value for name, value in row.items() if not pd.isna(value)})
        assert asked.loc[at, "chance_buy"] == odds.chance_buy
        told = asked["confidence"].astype(object).fillna("")
        assert told[at] == odds.confidence


def test_all_rows_have_the_same_lines() -> None:
    lines = [tco.Line(name="administrator", side="own", usd=2_500)]
    cases = pd.DataFrame({"gpu": ["L4", "T4", "L5"], "utilization": [0.9, 0.3, 0.5]})
    answers, plain = answer_frame(cases, lines=lines), answer_frame(cases)
    for at in (0, 1):
        row = cases.iloc[at].to_dict()
        same = tco.breakeven(**row, lines=lines)
        assert answers["own_npv_usd"][at] == pytest.approx(same.own_npv_usd, rel=1e-12)
        assert answers["own_npv_usd"][at] > plain["own_npv_usd"][at]
    assert answers["error"].tolist()[2] == plain["error"].tolist()[2]
    assert tco.sweep(cases, lines=lines).equals(answers)
    grid = {"gpu": ["L4"], "utilization": [0.3, 0.9]}
    swept = tco.sweep(grid, lines=lines)
    assert swept["own_npv_usd"].tolist()[1] == answers["own_npv_usd"][0]
    with pytest.raises(InputError, match="side is missing"):
        tco.sweep(cases, lines=[{"name": "fee"}])
    needs_a_rack = [tco.Line(name="cage", side="own", usd=1, basis="rack")]
    full = pd.DataFrame({"hosting": ["colo_all_in"] * 2, "rack_kw": [1, 17], "gpu": ["L4"] * 2})
    told = answer_frame(full, lines=needs_a_rack)["error"]
    assert "holds no server" in told[0]
    assert pd.isna(told[1])
