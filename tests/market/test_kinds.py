"""A default of one kind of thing is not used for another: used cards, boards, what is owned."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import tco
from tco import Scenario
from tco.analysis.options import what_if
from tco.cli import main
from tco.market.catalogue import Catalogue, load
from tests.neutral import neutral

LED = "as long as the warranty on GPUs, which is given"
WARRANTY, SERVERS = "warranty_months", "server_warranty_months"


def used_only() -> Catalogue:
    """The shipped data with the prices of used cards alone."""
    used = tuple(row for row in load().prices if row.price_basis == "used")
    return replace(load(), prices=used)


def failures(**given: Any) -> float:
    asked = neutral(**given)
    asked.pop(WARRANTY)
    ledger = tco.ledger(**asked, side="own")
    return float(ledger.loc[ledger["item"] == "failures", "cost_usd"].sum())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # 4 x 900 x 6 % x 3 years; 2 x 6,000 x 5 % x 2 years: all of them, from the first month.
        ({"gpus": 4, "price_usd_per_gpu": 900, "failure_rate_per_year": 0.06}, 648),
        (
            {
                "gpus": 2,
                "price_usd_per_gpu": 6_000,
                "failure_rate_per_year": 0.05,
                "horizon_months": 24,
            },
            1_200,
        ),
    ],
)
def test_used_cards_fail_from_the_first_month(given: dict[str, Any], expected: float) -> None:
    assert failures(**given, price_basis="used") == pytest.approx(expected, rel=1e-12)
    assert failures(**given) == 0, "new ones are under warranty for 36 months"


def test_the_warranty_is_that_of_the_basis_in_use() -> None:
    def warranty(**given: Any) -> tuple[Any, Any]:
        values = Scenario(**given).values()
        return values[WARRANTY], values[SERVERS]

    assert warranty(gpu="L4") == (36, 36)
    assert warranty(gpu="L4", price_basis="used") == (0, 36)
    assert warranty(gpu="L4", price_basis="used", price_usd_per_gpu=900) == (0, 36)
    assert warranty(gpu="L4", price_basis="used", warranty_months=12) == (12, 12)
    assert warranty(gpu="L4", warranty_months=0) == (0, 0)
    assert warranty(gpu="L4", warranty_months=0, server_warranty_months=24) == (0, 24)
    assert warranty(gpu="L4", already_owned=True) == (0, 36)
    assert warranty(gpu="H100-SXM", price_basis="used", price_usd_per_gpu=9_000) == (0, 36)
    assert warranty(gpu="H100-SXM", price_basis="used") == (0, 36), "a new one's price stands in"
    only = used_only()
    assert warranty(gpu="L4", prices=only) == (0, 36), "the price falls back to a used one"
    given = warranty(gpu="L4", prices=only, price_usd_per_gpu=700)
    assert given == (0, 36), "a price put back changes nothing else"
    found = Scenario(gpu="L4", prices=only).resolved()["price_usd_per_gpu"]
    assert found.note.startswith("no street price found, so a used price counts")


def test_warranties_say_where_they_come_from() -> None:
    used = Scenario(gpu="L4", price_basis="used").resolved()[WARRANTY]
    assert (used.status, used.low, used.high) == ("assumption", 0, 12)
    assert used.note.startswith("used cards: ")
    led = Scenario(gpu="L4", warranty_months=12).resolved()[SERVERS]
    assert (led.value, led.status, led.note) == (12, "yours", LED)


def test_warranties_of_tables_are_those_of_their_rows() -> None:
    table = Scenario(gpu=["L4", "T4", "L4"], price_basis=["used", "street", "msrp"])
    assert table.values()[WARRANTY].tolist() == [0, 36, 36]
    assert Scenario(gpu=["L4", "T4"], prices=used_only()).values()[WARRANTY].tolist() == [0, 0]
    own = Scenario(gpu=["L4", "T4"], warranty_months=pd.Series([6, 7]))
    assert np.asarray(own.values()[SERVERS]).tolist() == [6, 7]
    answers = tco.breakeven(gpu="L4", price_basis=["used", "street"], utilization=0.5)
    alone = [
        tco.breakeven(gpu="L4", price_basis=basis, utilization=0.5).own_npv_usd
        for basis in ("used", "street")
    ]
    assert np.allclose(answers.own_npv_usd, alone, rtol=1e-12, atol=0)


def answer(folder: Path, code: int = 0) -> None:
    """Answer the rows of a table in a shell."""
    asked = ["breakeven", "--csv", str(folder / "in.csv"), "-o", str(folder / "o")]
    assert CliRunner().invoke(main, asked).exit_code == code


def test_an_empty_cell_follows_the_row_that_it_stands_in(tmp_path: Path) -> None:
    rows = [
        "price_basis,warranty_months,server_warranty_months,maintenance_rate_per_year",
        "used,,,0.2",
        "used,12,,0.2",
        "street,,,0.2",
        "street,24,48,0.2",
    ]
    (tmp_path / "in.csv").write_text("\n".join(rows) + "\n")
    answer(tmp_path)
    found = pd.read_csv(io.StringIO((tmp_path / "o").read_text()))
    asked: list[dict[str, Any]] = [
        {"price_basis": "used"},
        {"price_basis": "used", "warranty_months": 12},
        {},
        {"warranty_months": 24, "server_warranty_months": 48},
    ]
    alone = [tco.breakeven(maintenance_rate_per_year=0.2, **row).own_npv_usd for row in asked]
    assert np.allclose(found["own_npv_usd"], alone, rtol=1e-12, atol=0)
    # The column of the servers may be missing: then only given cells are followed.
    lines = ["price_basis,warranty_months,maintenance_rate_per_year", "used,,0.2", "used,12,0.2"]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    answer(tmp_path)
    found = pd.read_csv(io.StringIO((tmp_path / "o").read_text()))
    assert np.allclose(found["own_npv_usd"], alone[:2], rtol=1e-12, atol=0)


def test_the_option_to_buy_used_has_no_warranty() -> None:
    assert what_if(Scenario(gpu="L4"), "buy_used").values()[WARRANTY] == 0
    assert what_if(Scenario(gpu="L4", price_basis="used"), "buy_new").values()[WARRANTY] == 36
    listed = tco.options(gpu="L4").set_index(["option", "hosting"])
    row = listed.loc[("buy_used", "own_site")]
    used = tco.breakeven(gpu="L4", price_basis="used", hosting="own_site").own_npv_usd
    assert row["present_value_usd"] == pytest.approx(used, rel=1e-9)
    assert row["note"].startswith("no warranty, ")


@pytest.mark.parametrize("gpu", ["A100-40GB-SXM", "H100-SXM", "H200", "B200", "MI300X"])
def test_boards_are_sold_whole(gpu: str) -> None:
    entry = Scenario(gpu=gpu).resolved()["sold_by_server"]
    assert entry.value is True
    assert entry.note
    by_share = tco.breakeven(gpu=gpu, gpus=12, price_usd_per_gpu=20_000, rate_usd_per_gpu_hour=2)
    cards = tco.breakeven(by_share.scenario, sold_by_server=False)
    assert by_share.own_npv_usd == cards.own_npv_usd, "it counts only with whole servers"
    ledger = tco.ledger(by_share.scenario, whole_servers=True, side="own")
    assert ledger.loc[ledger["item"] == "gpus", "cost_usd"].sum() == 16 * 20_000


def test_cards_are_sold_one_by_one() -> None:
    single = ("L4", "A100-80GB-PCIe", "H100-PCIe", "RTX-4090", "Framework-Desktop")
    assert not any(Scenario(gpu=gpu).values()["sold_by_server"] for gpu in single)
    table = Scenario(gpu=["L4", "H100-SXM"]).values()["sold_by_server"]
    assert table.tolist() == [False, True]
    own = Scenario(gpu="H100-SXM", sold_by_server=False)
    assert own.values()["sold_by_server"] is False


def test_what_is_owned_is_worth_what_used_ones_cost() -> None:
    owned = Scenario(gpu="L4", already_owned=True).resolved()
    assert owned["price_basis"].value == "used"
    assert owned["price_basis"].note
    used = Scenario(gpu="L4", price_basis="used").values()["price_usd_per_gpu"]
    assert owned["price_usd_per_gpu"].value == used
    assert Scenario(already_owned=True, price_basis="msrp").values()["price_basis"] == "msrp"
    table = Scenario(gpu="L4", already_owned=[True, False]).values()
    assert table["price_basis"].tolist() == ["used", "street"]


@pytest.mark.parametrize(
    ("months", "term"), [(0.46, "1yr"), (12, "1yr"), (12.1, "3yr"), (13.5, "3yr"), (99, "5yr")]
)
def test_a_commitment_of_any_length_takes_the_shortest_term_that_covers_it(
    months: float, term: str
) -> None:
    given: dict[str, Any] = {"billing": "committed", "commitment_months": months}
    values = Scenario(**given).values()
    assert (values["term"], values["commitment_months"]) == (term, months)
    table = Scenario(billing="committed", commitment_months=[months, 36.0]).values()
    assert table["term"].tolist() == [term, "3yr"]
    assert table["commitment_months"].tolist() == [months, 36]


def test_a_table_of_commitments_asks_the_catalogue_few_questions() -> None:
    months = np.linspace(0.1, 119.9, 5_000)
    table = Scenario(gpu="L4", billing="committed", commitment_months=months)
    assert set(table.values()["term"]) == {"1yr", "3yr", "5yr"}
