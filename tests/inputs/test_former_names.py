"""What inputs were called before is read wherever a name comes in, and written nowhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import tco
from tco.app.tables import answers_of
from tco.cli import main
from tco.inputs import FORMER_NAMES, INPUTS
from tco.market.catalogue import load
from tco.scenario.link import decode, encode
from tco.sheets.functions import npv_saving

OLD, NEW = "licence_usd_per_gpu_year", "license_usd_per_gpu_year"
TODAY = tco.Scenario(gpu="L4", license_usd_per_gpu_year=300.0)


def test_no_former_name_is_one_of_today() -> None:
    assert FORMER_NAMES == {OLD: NEW}
    assert not set(FORMER_NAMES) & set(INPUTS)
    assert set(FORMER_NAMES.values()) <= set(INPUTS)


@pytest.mark.parametrize(
    "made",
    [
        lambda: tco.Scenario(gpu="L4", **{OLD: 300}),
        lambda: replace(tco.Scenario(gpu="L4"), **{OLD: 300}),
        lambda: tco.breakeven(gpu="L4", **{OLD: 300}).scenario,
        lambda: tco.Scenario.from_dict({"gpu": "L4", OLD: 300}),
    ],
)
def test_a_call_with_a_former_name_warns(made: Callable[[], tco.Scenario]) -> None:
    with pytest.warns(FutureWarning, match=f"the input {OLD} is called {NEW} now"):
        assert made() == TODAY


@pytest.mark.parametrize(
    "asked",
    [
        lambda name: tco.response(TODAY, name, points=3),
        lambda name: tco.responses(TODAY, [name], points=3),
        lambda name: tco.flips(TODAY, only=[name]),
        lambda name: tco.win_map(TODAY, x=name, points=3),
        lambda name: tco.simulate(TODAY, draws=64, correlations={(name, "pue"): 0.2}).__dict__,
    ],
)
def test_a_former_name_as_an_argument_means_the_input(asked: Callable[[str], Any]) -> None:
    with pytest.warns(FutureWarning, match=OLD):
        found = asked(OLD)
    assert str(found) == str(asked(NEW))
    assert OLD not in str(found)


def test_texts_with_a_former_name_are_read_in_silence() -> None:
    document = json.dumps({"schema_version": 3, "inputs": {"gpu": "L4", OLD: 300}})
    assert tco.Scenario.from_json(document) == TODAY
    found = decode({"v": "1", "gpu": "L4", OLD: "300"})
    assert (found.scenario, found.remarks) == (TODAY, ())
    assert NEW in encode(found.scenario)
    assert npv_saving("gpu", "L4", OLD, 300) == npv_saving("gpu", "L4", NEW, 300)


def test_a_command_takes_the_former_option_and_lists_only_the_new_one() -> None:
    asked = ["breakeven", "--gpu", "L4"]
    old, new = (
        CliRunner().invoke(main, [*asked, f"--{name.replace('_', '-')}=300"]) for name in (OLD, NEW)
    )
    assert old.exit_code == 0, old.output
    assert old.output == new.output
    assert "licence" not in CliRunner().invoke(main, ["breakeven", "--help-all"]).output


@pytest.mark.parametrize(
    "changed",
    [
        lambda: replace(replace(TODAY, license_usd_per_gpu_year=9.0), **{OLD: 300}),
        lambda: tco.breakeven(replace(TODAY, **{NEW: 9.0}), **{OLD: 300}).scenario,
    ],
)
def test_a_what_if_by_a_former_name_goes_on_top(changed: Callable[[], tco.Scenario]) -> None:
    with pytest.warns(FutureWarning, match=OLD):
        assert changed() == TODAY


def test_a_document_with_both_names_is_refused() -> None:
    document = json.dumps({"schema_version": 3, "inputs": {OLD: 300, NEW: 300}})
    with pytest.raises(tco.InputError, match=f"{NEW} is given twice"):
        tco.Scenario.from_json(document)


def test_tables_with_a_former_column_are_answered_under_the_new_one(tmp_path: Path) -> None:
    old, new = (pd.DataFrame({"gpu": ["L4", "T4"], name: [300.0, 0.0]}) for name in (OLD, NEW))
    expected = tco.answer_frame(new)
    with pytest.warns(FutureWarning, match=OLD):
        pd.testing.assert_frame_equal(tco.answer_frame(old), expected)
    with pytest.warns(FutureWarning, match=OLD):
        pd.testing.assert_frame_equal(tco.sweep(old), expected)
    with pytest.warns(FutureWarning, match=OLD):
        assert list(tco.sweep({"gpu": ["L4"], OLD: [300, 0]}).columns[:2]) == ["gpu", NEW]
    for name, write in (("cases.csv", old.to_csv), ("cases.parquet", old.to_parquet)):
        write(tmp_path / name, index=False)
        pd.testing.assert_frame_equal(tco.sweep(tmp_path / name), expected, check_dtype=False)
    swept = CliRunner().invoke(main, ["sweep", "--grid", json.dumps({"gpu": ["L4"], OLD: [300]})])
    assert swept.output.startswith(f"gpu,{NEW},")
    table = answers_of((tmp_path / "cases.csv").read_text(), load())
    assert table.answers.startswith(f"gpu,{NEW},")


def test_a_copy_kept_by_an_earlier_version_is_read() -> None:
    kept = copy.copy(TODAY)
    kept.__dict__.clear()
    kept.__setstate__({"gpu": "L4", OLD: 300.0})
    assert kept == TODAY
