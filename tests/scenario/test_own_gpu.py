"""A GPU that the catalog does not have: what it needs, and where it can be named."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import tco
from tco import InputError, Scenario
from tco.cli import main
from tco.market.catalogue import load
from tco.report.facts import facts_of
from tco.report.gpu_tables import nearest, side_by_side
from tco.report.sheet import page
from tco.scenario.link import decode, encode
from tco.scenario.other_gpu import with_gpu
from tests.neutral import neutral

FIGURES: dict[str, Any] = {
    "gpu": "B400",
    "price_usd_per_gpu": 50_000.0,
    "rate_usd_per_gpu_hour": 5.0,
    "gpu_w": 1_100.0,
}
EVERY = FIGURES | {"server_usd": 0, "gpus_per_server": 8, "idle_w": 200, "server_w": 0}


@pytest.mark.parametrize("gpu", ["B400", "H100-NVL", "H100 NVL (94 GB)", "MI325X", "X"])
def test_with_every_figure_given_nothing_is_left_for_the_catalogue_to_say(gpu: str) -> None:
    given = neutral(**EVERY | {"gpu": gpu, "server_units": 8})
    assert tco.breakeven(**given).own_npv_usd == 50_000


@pytest.mark.parametrize(
    ("left_out", "says"),
    [
        (list(FIGURES)[1:], "needs price_usd_per_gpu and gpu_w, and for a verdict rate_usd_per"),
        (["gpu_w"], "One that is not there needs gpu_w"),
        (["price_usd_per_gpu"], "One that is not there needs price_usd_per_gpu"),
        (["rate_usd_per_gpu_hour"], "rate_usd_per_gpu_hour is not known"),
    ],
)
def test_the_error_names_what_is_missing(left_out: list[str], says: str) -> None:
    given = {name: value for name, value in FIGURES.items() if name not in left_out}
    with pytest.raises(InputError, match=says):
        tco.breakeven(**given)


def test_a_slip_of_the_pen_is_still_told_what_was_meant() -> None:
    with pytest.raises(InputError, match=r"gpu = 'L44' is not in the catalog.*did you mean L4"):
        Scenario(gpu="L44")
    with pytest.raises(InputError, match="did you mean L4"):
        Scenario(gpu="L4O", price_usd_per_gpu=2_500)


@pytest.mark.parametrize("gpu", ["=1+1", "", " B400", "B400 ", "<b>", "a/b", "x" * 41, "B\n300"])
def test_a_name_that_could_be_something_else_is_refused(gpu: str) -> None:
    with pytest.raises(InputError, match="gpu = "):
        Scenario(**FIGURES | {"gpu": gpu})


def test_without_a_rate_there_is_no_verdict_but_the_owning_side() -> None:
    given = {name: value for name, value in FIGURES.items() if name != "rate_usd_per_gpu_hour"}
    ledger = tco.ledger(**given, side="own")
    assert ledger.loc[ledger["item"] == "gpus", "cost_usd"].sum() == 8 * 50_000
    assert tco.rack(**given).limit in ("power", "space")
    assert facts_of(Scenario(**given)).missing == ("rate_usd_per_gpu_hour",)


def test_what_else_the_catalogue_says_of_a_gpu_is_assumed_and_says_so() -> None:
    resolved = Scenario(**FIGURES).resolved()
    assert resolved["gpu"].status == "yours"
    for name in ("idle_w", "gpus_per_server", "server_units", "server_w", "server_usd"):
        entry = resolved[name]
        assert entry.status == "assumption"
        assert entry.note.startswith("a GPU that is not in the catalog: ")
        assert entry.as_of
    assert resolved["idle_w"].value == 220, "a fifth of 1,100 W"
    assert Scenario(**FIGURES, idle_w=90).values()["idle_w"] == 90
    assert Scenario(**FIGURES | {"gpu_w": 300}).values()["idle_w"] == 60
    assert resolved["sold_by_server"].value is False
    host = {row.input: row.value for row in load().servers if row.host == "pcie-4u"}
    assert {name: resolved[name].value for name in host} == host


def test_tables_may_hold_gpus_of_both_kinds() -> None:
    table = {
        "gpu": ["B400", "L4", "B400"],
        "price_usd_per_gpu": [50_000.0, 2_500.0, 40_000.0],
        "rate_usd_per_gpu_hour": 5.0,
        "gpu_w": [1_100.0, 72.0, 1_000.0],
    }
    answers = tco.breakeven(**table)
    rows = [{k: v[at] if isinstance(v, list) else v for k, v in table.items()} for at in range(3)]
    alone = [tco.breakeven(**row).npv_saving_usd for row in rows]
    assert np.allclose(answers.npv_saving_usd, alone, rtol=1e-12, atol=0)
    with pytest.raises(InputError, match=r"gpu\[0\] = 'B400' is not in the catalog") as wrong:
        tco.breakeven(gpu=["B400", "L4", "B400"], rate_usd_per_gpu_hour=5.0)
    assert wrong.value.problems[0].rows == (0, 2)


def test_there_and_back_by_link_and_json() -> None:
    scenario = Scenario(**FIGURES)
    assert decode(encode(scenario)).scenario == scenario
    assert Scenario.from_json(scenario.to_json()) == scenario
    told = decode({"v": "1", "gpu": "B400"})
    assert told.scenario == Scenario()
    assert "One that is not there needs price_usd_per_gpu and gpu_w" in told.remarks[0]


def run(*arguments: str, code: int = 0) -> str:
    """What the shell writes."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


def test_in_the_shell_and_in_a_table_of_csv(tmp_path: Path) -> None:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in FIGURES.items()]
    told = json.loads(run("breakeven", *options, "--json"))
    assert told["scenario"]["gpu"] == "B400"
    expected = tco.breakeven(**FIGURES).npv_saving_usd
    assert told["results"]["npv_saving_usd"] == pytest.approx(expected, rel=1e-12)

    rows = [
        "gpu,price_usd_per_gpu,rate_usd_per_gpu_hour,gpu_w,idle_w",
        "B400,50000,5,1100,",
        "L4,,,,",
        "B400,50000,5,,200",
        "B400,,5,1100,200",
    ]
    (tmp_path / "in.csv").write_text("\n".join(rows) + "\n")
    run("breakeven", "--csv", str(tmp_path / "in.csv"), "-o", str(tmp_path / "o"), code=1)
    import pandas as pd

    found = pd.read_csv(io.StringIO((tmp_path / "o").read_text()))
    assert found["npv_saving_usd"][0] == pytest.approx(expected, rel=1e-12)
    plain = tco.breakeven(gpu="L4").npv_saving_usd
    assert found["npv_saving_usd"][1] == pytest.approx(plain, rel=1e-12)
    assert "needs gpu_w" in found["error"][2]
    assert "needs price_usd_per_gpu" in found["error"][3]


def test_what_is_said_of_it_elsewhere() -> None:
    scenario = Scenario(**FIGURES)
    facts = facts_of(scenario)
    assert facts.verdict
    assert "B400" in page(scenario, "")
    assert len(tco.options(scenario)) > 0
    assert len(tco.flips(scenario)) > 0
    assert tco.simulate(scenario, draws=64).draws == 64
    gpus = nearest(scenario)
    assert gpus[0] == "B400"
    frame = side_by_side(scenario, gpus).set_index("gpu")
    assert frame.loc["B400", "price_usd_per_gpu"] == 50_000
    assert with_gpu(scenario, "L4") == Scenario(gpu="L4")
    from tco.report.market_tables import findings_frame

    assert set(findings_frame(scenario)["kind"]) == {"assumption"}


def test_in_a_grid() -> None:
    grid = {"gpu": ["B400", "L4"], "price_usd_per_gpu": [50_000], "gpu_w": [1_100.0]}
    found = tco.sweep({**grid, "rate_usd_per_gpu_hour": [4.0, 5.0]})
    assert found["error"].isna().all()
    expected = tco.breakeven(**FIGURES).npv_saving_usd
    row = found[(found["gpu"] == "B400") & (found["rate_usd_per_gpu_hour"] == 5)]
    assert row["npv_saving_usd"].item() == pytest.approx(expected, rel=1e-12)
    with pytest.raises(InputError, match="One that is not there needs price_usd_per_gpu"):
        tco.sweep({"gpu": ["B400", "L4"], "utilization": [0.5]})
