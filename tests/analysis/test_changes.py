"""What other prices mean for the default answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import pytest

from tco.analysis.changes import Change, change_lines, changes, default_answer, gpus_of
from tco.market.catalogue import Price, Rate, load
from tco.market.observed import Batch, catalogue_with
from tco.model.breakeven import breakeven


def with_rates(usd: float, **other: Any) -> Any:
    """The shipped data, with so many further providers who ask the same."""
    row = {"gpu": "L4", "usd_per_gpu_hour": usd, "as_of": load().newest, **other}
    return catalogue_with(pd.DataFrame([{**row, "provider": f"p{at}"} for at in range(9)]))


def test_the_default_answer_is_that_of_breakeven() -> None:
    answer, found = breakeven(gpu="H200"), default_answer(load(), "H200")
    assert (found.verdict, found.saving_usd) == (answer.verdict, answer.npv_saving_usd)
    assert found.rate_usd_per_gpu_hour == answer.scenario.values()["rate_usd_per_gpu_hour"]


def test_cheap_offers_turn_a_verdict() -> None:
    (change,) = changes(load(), with_rates(0.05), ["L4"])
    assert (change.before.verdict, change.after.verdict, change.turns) == ("buy", "rent", True)
    (line,) = change_lines([change])
    assert line.startswith("L4: BUY becomes RENT; default rate $0.598 → $0.05 per GPU-hour (−9")


def test_spot_rates_change_no_default() -> None:
    (change,) = changes(load(), with_rates(0.05, term="spot"), ["L4"])
    assert not change.moves
    assert list(change_lines([change])) == ["no change for L4"]


def test_a_rate_that_others_borrow_changes_them_too() -> None:
    found = [change for change in changes(load(), with_rates(0.05)) if change.moves]
    assert {"L4", "ASUS-GX10"} <= {change.gpu for change in found}
    assert len(changes(load(), load())) == len(load().gpus)


def test_a_first_rate_makes_an_answer() -> None:
    answer = default_answer(load(), "L4")
    (line,) = change_lines([Change("L4", type(answer)("", None, None), answer)])
    assert line == "L4: no answer becomes BUY; default rate none → " + line.partition(" → ")[2]


@pytest.mark.parametrize("number", [8, 9])
def test_gpus_without_a_change_are_named_up_to_eight(number: int) -> None:
    answer = default_answer(load(), "L4")
    (line,) = change_lines([Change(f"G{at}", answer, answer) for at in range(number)])
    assert line.endswith("G7" if number == 8 else "G7, 1 more")


def test_the_gpus_of_files_are_those_of_their_rows() -> None:
    rate = next(row for row in load().rates if row.gpu == "T4")
    price = Price("L4", "street", 1.0, "2026-11", rate.source_id, "")
    assert isinstance(rate, Rate)
    batch = Batch(
        collector="csv",
        file="",
        sha256="",
        as_of="2026-11",
        source=load().sources[rate.source_id],
        rows=Counter(),
        kept=Counter(),
        rates=(rate, rate),
        prices=(price,),
    )
    assert gpus_of([batch, batch]) == ["L4", "T4"]
