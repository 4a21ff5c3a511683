"""The shape of answers: floats, arrays, Series, frames, text."""

from __future__ import annotations

import inspect
import math
import pydoc
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tco
from tco.errors import InputError
from tco.inputs import INPUTS, TAKEN
from tco.model.answer_text import MOST_LINES
from tco.model.results import RESULTS
from tests.neutral import neutral

VARIED = {
    "utilization": [0.2, 0.9, 0.6],
    "billing": ["committed", "per_use", "always_on"],
    "hosting": ["own_site", "colo_metered", "colo_all_in"],
    "gpu": ["L4", "T4", "H100-SXM"],
    "horizon_months": [12, 36.5, 60],
    "whole_servers": [True, False, True],
}


def test_scalars_in_floats_out() -> None:
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    for name in RESULTS:
        expected = str if name in ("status", "verdict") else float
        assert type(getattr(answer, name)) is expected, name
    assert type(answer.reason) is str


def test_every_row_of_a_table_is_its_own_answer() -> None:
    frame = pd.DataFrame(VARIED, index=["a", "b", "c"])
    table = tco.breakeven(**frame).to_frame()
    assert list(table.index) == ["a", "b", "c"]
    assert list(table.columns) == list(RESULTS)
    for at, row in enumerate(frame.to_dict("records")):
        alone = tco.breakeven(**row)
        for name in RESULTS:
            there, here = table[name].iloc[at], getattr(alone, name)
            assert there == here or there == pytest.approx(here, rel=1e-11), (name, at)
    assert isinstance(table["status"].dtype, pd.CategoricalDtype)
    assert list(table["verdict"].cat.categories) == ["buy", "toss_up", "rent"]
    assert len(frame.join(table).columns) == len(VARIED) + len(RESULTS)


def test_a_longer_horizon_in_another_row_does_not_matter() -> None:
    case = {
        "gpu": "L4",
        "rate_usd_per_gpu_hour": 1,
        "rate_growth_per_year": 0.5,
        "billing": "committed",
        "commitment_months": 2,
    }
    table = tco.breakeven(**case, horizon_months=[1, 5.5, 40])
    for at, horizon in enumerate((1, 5.5, 40)):
        alone = tco.breakeven(**case, horizon_months=horizon)
        assert table.rent_npv_usd[at] == pytest.approx(alone.rent_npv_usd, rel=1e-12)
        assert table.exit_months[at] == pytest.approx(alone.exit_months, rel=1e-12)


def test_arrays_broadcast_and_keep_their_shape() -> None:
    answer = tco.breakeven(
        gpu="L4",
        utilization=np.linspace(0.1, 1, 4)[:, None],
        rate_usd_per_gpu_hour=np.array([0.5, 0.7, 0.85]),
    )
    assert answer.npv_saving_usd.shape == (4, 3)
    assert answer.verdict.shape == (4, 3)
    assert len(answer.to_frame()) == 12
    one = tco.breakeven(gpu="L4", utilization=0.4, rate_usd_per_gpu_hour=0.7)
    assert answer.npv_saving_usd[1, 1] == pytest.approx(one.npv_saving_usd)
    assert answer.verdict[1, 1] == one.verdict
    line = tco.breakeven(gpu="L4", utilization=[0.1, 0.9])
    assert isinstance(line.status, pd.Categorical)
    assert isinstance(line.months, np.ndarray)


def test_a_series_keeps_its_index() -> None:
    use = pd.Series([0.2, 0.8], index=pd.Index(["x", "y"], name="site"))
    answer = tco.breakeven(gpu="L4", utilization=use)
    assert answer.months.index.equals(use.index)
    assert answer.status.dtype == "category"
    assert answer.to_frame().index.name == "site"


def test_the_caller_s_arrays_are_neither_kept_nor_changed() -> None:
    use = np.array([0.2, 0.8])
    answer = tco.breakeven(gpu="L4", utilization=use)
    use[0] = 0.9
    assert answer.scenario.to_dict()["utilization"] == [0.2, 0.8]


def test_an_empty_table_has_an_empty_answer() -> None:
    answer = tco.breakeven(gpu="L4", utilization=np.array([]))
    assert answer.months.shape == (0,)
    assert list(answer.to_frame().columns) == list(RESULTS)
    assert len(tco.breakeven(gpu=[], utilization=[]).to_frame()) == 0


def test_blocks_do_not_matter() -> None:
    from tco.model.breakeven import solve_table

    scenario = tco.Scenario(
        utilization=np.linspace(0.01, 1, 1_000), billing=["per_use", "committed"] * 500
    )
    values = scenario.values()
    whole = solve_table(values, (1_000,))
    for block in (1, 7, 999):
        if block == 1:
            cut = {k: v[:20] if hasattr(v, "shape") else v for k, v in values.items()}
            parts, size = solve_table(cut, (20,), block), 20
        else:
            parts, size = solve_table(values, (1_000,), block), 1_000
        for name, expected in whole.items():
            assert np.array_equal(parts[name], expected[:size]), (name, block)


def test_help_lists_every_input() -> None:
    text = pydoc.render_doc(tco.breakeven)
    for name in INPUTS:
        assert name in text
    offered = list(inspect.signature(tco.breakeven).parameters)[1:]
    assert offered == [*TAKEN, "lines", "prices", "policy"]


def test_it_prints_the_sentence_then_fifteen_lines() -> None:
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    first, *lines = repr(answer).splitlines()
    assert first.startswith("Buy: at 60 % utilization, buying wins if renting costs more than ")
    assert len(lines) <= MOST_LINES
    saved = next(line for line in lines if line.startswith("Saved by buying "))
    assert f"${answer.npv_saving_usd:,.0f} " in saved
    assert "before income tax" in repr(answer)
    assert "<table>" in answer._repr_html_()
    assert "Example" not in repr(answer)
    assert repr(tco.breakeven()).startswith("Example: none of the inputs are yours.")
    assert "3 scenarios" in repr(tco.breakeven(utilization=[0.1, 0.2, 0.3]))
    assert "<table" in tco.breakeven(utilization=[0.1])._repr_html_()
    with pytest.raises(InputError, match="told answers for one scenario"):
        _ = tco.breakeven(utilization=[0.1]).told


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"utilization": 0},
        {"utilization": 0.2, "gpu": "H100-SXM", "gpus": 1},
        {"rate_usd_per_gpu_hour": 500, "pue": 2.5, "spares_rate": 0.9},
        {"already_owned": True},
        {"currency": "EUR", "fx_rate": 0.9, "fx_as_of": "2026-11-20", "pue": 2.5},
        {"discount_rate": 0.6, "utilization": 0.6},
    ],
)
def test_what_it_prints_fits(given: dict[str, Any], width: int) -> None:
    answer = tco.breakeven(**given)
    told = answer.told
    lines = told.text(width).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) - lines.index("") <= MOST_LINES
    assert (f"Note: {answer.notes[0]}" in " ".join(lines)) if answer.notes else True
    page = answer._repr_html_()
    for label, _, _ in told.rows:
        assert label in page
        assert any(line.startswith(label) for line in lines)
    if given.get("currency"):
        assert "€" in told.text(width)
        assert "$" not in told.rows[0][1]


def test_a_break_even_that_nobody_can_have_is_none() -> None:
    rows = {
        label: value for label, value, _ in tco.breakeven(gpu="H100-SXM", utilization=0.2).told.rows
    }
    assert rows["Break-even purchase price"] == "none"


def test_none_is_infinite_in_python_and_empty_elsewhere() -> None:
    answer = tco.breakeven(gpu="L4", price_usd_per_gpu=1_000_000)
    assert answer.months == math.inf
    assert answer.to_dict()["months"] is None
    with pytest.raises(tco.InputError, match="one scenario at a time"):
        tco.breakeven(utilization=[0.1]).to_dict()


def test_results_are_equal_when_everything_is() -> None:
    assert tco.breakeven(gpu="L4") == tco.breakeven(gpu="L4")
    assert tco.breakeven(gpu="L4") != tco.breakeven(gpu="T4")
    assert tco.breakeven(gpu="L4") != 1
    assert hash(tco.breakeven(gpu="L4")) == hash(tco.breakeven(gpu="L4"))


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"gpu": "L4", "utilization": 0}, "Nothing to compare: no busy hours"),
        (
            {"gpu": "L4", "utilization": 0.9},
            "Buy: at 90 % utilization, buying wins if renting costs more than $0.",
        ),
        (
            {"gpu": "L4", "utilization": 0.05},
            "Rent: at 5 % utilization, buying wins if renting costs more than $5.",
        ),
        (
            {"gpu": "L4", "utilization": 0.05},
            "Buying wins if utilization is above 42.6 %. Yours is 5 %.",
        ),
        ({"gpu": "L4", "utilization": 0.435}, "Toss-up"),
        (
            {
                "gpu": "L4",
                "price_usd_per_gpu": 0,
                "server_usd": 0,
                "network_usd_per_gpu": 0,
                "install_usd_per_gpu": 0,
            },
            "Owning is ahead from day one",
        ),
    ],
)
def test_reason(inputs: dict[str, Any], words: str) -> None:
    assert words in str(tco.breakeven(**inputs, as_of="2026-11-21").reason)


def test_from_bill() -> None:
    assert tco.from_bill(8 * 730 * 0.7 * 0.25, 8, 0.7) == pytest.approx(0.25)
    assert tco.from_bill(8 * 720 * 0.7, 8, 0.7, hours_per_month=720) == pytest.approx(1)
    for arguments, says in (
        ((5_000, 8, 0.7), "more than these GPUs cost running all hours"),
        ((-1, 8, 0.7), r"monthly_usd = -1 is outside \[0"),
        (("much", 8, 0.7), "monthly_usd = 'much' is text"),
        ((100, 0, 0.7), "gpus = 0 is not a whole number"),
        ((100, 8, 0), "a bill at no price"),
    ):
        with pytest.raises(tco.InputError, match=says):
            tco.from_bill(*arguments)


def test_from_bill_takes_any_number_and_reports_everything() -> None:
    for bill in (np.float32(1470), np.int64(1470), Decimal(1470)):
        assert tco.from_bill(bill, 8, 0.7) == pytest.approx(1470 / 8 / 730 / 0.7)
    with pytest.raises(tco.InputError) as caught:
        tco.from_bill(10**400, 0, 0.7)
    assert [problem.input for problem in caught.value.problems] == ["monthly_usd", "gpus"]
    with pytest.raises(tco.InputError) as caught:
        tco.ledger(side="x", gpus=0)
    assert [problem.input for problem in caught.value.problems] == ["side", "gpus"]
    with pytest.raises(tco.InputError, match="side"):
        tco.ledger(side=np.array(["own"]))


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"price_usd_per_gpu": 2_500, "server_usd": 9_000}, "buying wins if renting costs more"),
        ({"price_usd_per_gpu": 2_500}, "buying wins if renting costs more"),
        ({"rate_usd_per_gpu_hour": 0.01}, "Renting wins if the GPU price is above"),
        ({}, "both cost the same"),
    ],
)
def test_the_flip_is_a_value_beyond_which_there_is_room(case: dict[str, Any], words: str) -> None:
    reason = str(tco.breakeven(**neutral(**case)).reason)
    assert words in reason
    for nonsense in ("below $0", "below 0 %", "by $0"):
        assert nonsense not in reason


@pytest.mark.parametrize(
    "case",
    [
        {"utilization": 5e-324},
        {"rate_usd_per_gpu_hour": 1e-300},
        {"horizon_months": 2.3e-8, "term": "1yr", "rate_usd_per_gpu_hour": 1},
        {"gpus": 10**6, "price_usd_per_gpu": 10**6},
    ],
)
def test_extreme_numbers_have_short_reasons(case: dict[str, Any]) -> None:
    answer = tco.breakeven(**case)
    assert len(str(answer.reason)) < 500
    assert repr(answer)


def test_racks() -> None:
    full = tco.rack(gpu="L4")
    assert full.gpus_kw_per_server == pytest.approx(0.576)
    assert full.limit == "power"
    assert full.servers_per_rack * full.server_kw == pytest.approx(full.kw_per_rack)
    assert full.kw_per_rack <= 17
    assert tco.rack(gpu="L4", rack_kw=500).limit == "space"
    assert tco.rack(gpu="L4", rack_kw=500).servers_per_rack == 21
    exact = tco.rack(gpus_per_server=1, gpu_w=675, server_w=0, rack_kw=8.1, rack_units=60)
    assert exact.servers_per_rack == 12
    assert tco.rack(gpus=17, gpus_per_server=8, whole_servers=True, rack_kw=500).racks == 3 / 21
    assert tco.rack(gpus=17, whole_servers=True, whole_racks=True).racks == 1


def test_curves_end_in_the_present_values() -> None:
    case = {"gpu": "L4", "utilization": 0.6, "horizon_months": 30.5, "term": "1yr"}
    lines, answer = tco.curves(**case), tco.breakeven(**case)
    assert len(lines) == 32
    assert lines["t_months"].iloc[-1] == 30.5
    assert lines["own_exit_usd"].iloc[-1] == pytest.approx(answer.own_npv_usd)
    assert lines["rent_exit_usd"].iloc[-1] == pytest.approx(answer.rent_npv_usd)
    before = lines[lines["t_months"] < answer.months].iloc[-1]
    after = lines[lines["t_months"] > answer.months].iloc[0]
    assert before["own_usd"] > before["rent_usd"]
    assert after["own_usd"] < after["rent_usd"]


@pytest.mark.parametrize("question", [tco.ledger, tco.curves, tco.rack])
def test_some_questions_are_about_one_scenario(question: Any) -> None:
    with pytest.raises(tco.InputError, match="one scenario at a time"):
        question(utilization=[0.1, 0.2])


def test_the_former_name_of_a_side_is_still_read() -> None:
    with pytest.warns(FutureWarning, match=r"option= of tco\.ledger is called side= now"):
        rows = tco.ledger(gpu="L4", option="rent")
    assert rows.equals(tco.ledger(gpu="L4", side="rent"))


def test_the_ledger_adds_up_in_every_mode() -> None:
    for billing in ("per_use", "always_on", "committed"):
        for hosting in ("own_site", "colo_metered", "colo_all_in"):
            case = {"gpu": "L4", "billing": billing, "hosting": hosting, "horizon_months": 25.3}
            rows, answer = tco.ledger(**case), tco.breakeven(**case)
            sums = rows.groupby("option")["present_value_usd"].sum()
            assert sums["own"] == pytest.approx(answer.own_npv_usd, rel=1e-9)
            assert sums["rent"] == pytest.approx(answer.rent_npv_usd, rel=1e-9)
            plain = rows.groupby("option")["cost_usd"].sum()
            saving = plain["rent"] - plain["own"]
            assert saving == pytest.approx(answer.undiscounted_saving_usd, rel=1e-9)
    with pytest.raises(tco.InputError, match="side = 'both' is not own or rent"):
        tco.ledger(side="both")
