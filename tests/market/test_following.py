"""What a host class costs by the number of servers: the network of one, of a few, of many."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tco
from tco.analysis.savings import moved, values_of, with_columns
from tco.market.catalogue import COLO_FEE, load
from tco.market.following import at_size, by_size
from tco.scenario import Scenario
from tco.scenario.other_gpu import with_gpu

NETWORK = "network_usd_per_gpu"
# GPUs of a board of eight, what the network costs for each, and what the note says of it.
SIZES = [
    (1, 50, "1 server"),
    (8, 50, "1 server"),
    (9, 810, "2 servers"),
    (16, 810, "2 servers"),
    (17, 1883, "3 to 64 servers"),
    (512, 1883, "3 to 64 servers"),
    (513, 4248, "more than 64 servers"),
]


@pytest.mark.parametrize(("gpus", "usd", "said"), SIZES)
def test_the_network_is_that_of_so_many_servers(gpus: int, usd: float, said: str) -> None:
    scenario = Scenario(gpu="H100-SXM", gpus=gpus)
    found = scenario.resolved()[NETWORK]
    assert found.value == scenario.values()[NETWORK] == usd
    assert found.note.startswith(f"{said}: ")
    assert found.low is not None
    assert found.high is not None
    assert found.low <= usd <= found.high
    assert found.source_id == ("assumption" if usd == 50 else "h100-node-cost-sheet")


@pytest.mark.parametrize(
    ("given", "usd"),
    [
        ({"gpu": "H100-SXM", "gpus_per_server": 4}, 810),
        ({"gpu": "H100-SXM", "gpus": 64, "gpus_per_server": 72}, 50),
        ({"gpu": "H100-SXM", "gpus": 64, NETWORK: 7}, 7),
        ({"gpu": "H100-SXM", "gpus": 64, "as_of": "2026-11-21"}, 50),
        ({"gpu": "L40S", "gpus": 64}, 50),
        ({"gpu": "mine", "gpus": 64, "price_usd_per_gpu": 9, "gpu_w": 9}, 50),
    ],
)
def test_only_where_the_host_says_so_and_nobody_else(given: dict[str, Any], usd: float) -> None:
    assert Scenario(**given).values()[NETWORK] == usd


def test_rows_of_a_table_have_each_their_own() -> None:
    gpus = [gpus for gpus, _, _ in SIZES]
    table = Scenario(gpu="H100-SXM", gpus=np.array(gpus, dtype=float))
    assert table.values()[NETWORK].tolist() == [usd for _, usd, _ in SIZES]
    found = table.resolved()[NETWORK]
    assert (found.status, found.note) == ("mixed", "differs by row")
    assert {"assumption", "h100-node-cost-sheet"} == set(found.source_id.split())
    kinds = np.array(["H100-SXM", "L4", "MI300X"], dtype=object)
    assert Scenario(gpu=kinds, gpus=24).values()[NETWORK].tolist() == [1883, 50, 1883]
    frame = pd.DataFrame({"gpu": kinds, "gpus": [16.0, 160.0, 8.0]})
    columns = Scenario(gpu=frame["gpu"], gpus=frame["gpus"]).values()[NETWORK]
    assert columns.tolist() == [810, 50, 50]
    wide = Scenario(gpu="H100-SXM", gpus=np.array([[8.0, 16.0], [24.0, 8.0]]))
    assert wide.values()[NETWORK].tolist() == [[50, 810], [1883, 50]]


@pytest.mark.parametrize("with_column", [False, True])
def test_a_table_of_scenarios_answers_as_each_by_itself(with_column: bool) -> None:
    frame = pd.DataFrame(
        {
            "gpu": ["H100-SXM", "h100 sxm", "L4", "MI300X", None],
            "gpus": [16.0, 600.0, 64.0, 24.0, 32.0],
            "hosting": ["colo_metered", "colo_all_in", None, "own_site", None],
        }
    )
    if with_column:
        frame[NETWORK] = [np.nan, np.nan, np.nan, 3.0, np.nan]
        frame[COLO_FEE] = [np.nan, 100.0, np.nan, np.nan, np.nan]
    found = tco.sweep(frame)
    for at, row in enumerate(frame.to_dict("records")):
        given = {name: value for name, value in row.items() if not pd.isna(value)}
        if found["error"].notna()[at]:
            with pytest.raises(tco.InputError):
                tco.breakeven(**given)
            continue
        alone = tco.breakeven(**given).npv_saving_usd
        assert found["npv_saving_usd"][at] == pytest.approx(alone, rel=1e-12), given


def test_what_if_there_were_more_of_them() -> None:
    scenario = Scenario(gpu="H100-SXM", gpus=16)
    values = values_of(scenario)
    assert moved(values, "gpus", 24.0)[NETWORK] == 1883
    assert moved(values, "gpus_per_server", 16.0)[NETWORK] == 50
    both = {"gpus": np.array([8.0, 16.0]), "gpus_per_server": np.array([4.0, 16.0])}
    assert with_columns(values, both)[NETWORK].tolist() == [810, 50]
    given = values_of(Scenario(gpu="H100-SXM", network_usd_per_gpu=1))
    assert NETWORK not in moved(given, "gpus", 16.0)
    drawn = tco.response(Scenario(gpu="H100-SXM"), "gpus", 3, low=8, high=24)
    for gpus, usd in zip(drawn["gpus"], drawn["npv_saving_usd"], strict=True):
        alone = tco.breakeven(gpu="H100-SXM", gpus=gpus).npv_saving_usd
        assert usd == pytest.approx(alone, rel=1e-12)


def test_one_node_pays_retail_and_a_hall_wholesale() -> None:
    one, hall = (Scenario(gpu="B200", gpus=gpus).resolved()[COLO_FEE] for gpus in (8, 8 * 18))
    # 791 with power, less 730 h x 0.146 USD/kWh x 1.54.
    assert one.value == pytest.approx(791 - 730 * 0.146 * 1.54, abs=1)
    assert (hall.value, hall.source_id) == (196, "encor-colocation-2025-h2")
    assert Scenario(gpu="B200", hosting="colo_all_in").values()[COLO_FEE] == 791
    assert Scenario(gpu="B200", gpus=144, hosting="colo_all_in").values()[COLO_FEE] == 791
    assert Scenario(gpu="L4").values()[COLO_FEE] == 196
    abroad = Scenario(gpu="B200", gpus=144, region="DE").resolved()[COLO_FEE]
    assert abroad.note.startswith("US figure, no figure for DE: North American")


def test_retail_is_for_loads_under_250_kw() -> None:
    for row in load().servers:
        if row.input == COLO_FEE and row.servers_up_to:
            gpus = [gpu for gpu in load().gpus.values() if gpu.host == row.host]
            host = {one.input: one.value for one in load().servers if one.host == row.host}
            kw = max(gpu.gpu_w for gpu in gpus) * host["gpus_per_server"] + host["server_w"]
            assert row.servers_up_to == math.floor(250_000 / kw), row.host


def test_boards_of_eight_are_kept_by_their_maker() -> None:
    found = Scenario(gpu="H100-SXM").resolved()["maintenance_rate_per_year"]
    assert (found.value, found.source_id) == (0.11, "library-maintenance")
    assert Scenario(gpu="L4").values()["maintenance_rate_per_year"] == 0.05


def test_another_gpu_leaves_what_is_of_the_site() -> None:
    site = {"electricity_usd_per_kwh": 0.1, COLO_FEE: 99, "maintenance_rate_per_year": 0.01}
    given = {**site, "billing_overhead": 0.2}
    assert with_gpu(Scenario(gpu="L4", **given), "T4").given == {"gpu": "T4", **given}


def test_the_last_tier_holds_all_that_are_more() -> None:
    tiers = ((1.0, 5), (math.inf, 7))
    assert (at_size(tiers, 1.0), at_size(tiers, 2.0)) == (5, 7)
    assert at_size(tiers, np.array([1.0, 99.0])).tolist() == [5, 7]
    values = {"gpus": 1.0, "gpus_per_server": 8.0, "gpu": "L4", "hosting": "x", "as_of": "y"}
    assert by_size(values, lambda *_: {"a": tiers}) == {}


def test_a_country_s_fee_counts_beyond_what_is_let_retail() -> None:
    # Wholesale in Singapore 397.50, in the US 196; for few servers the retail fee of the US.
    for gpus, fee in ((8, 627), (400, 397.5)):
        scenario = Scenario(gpu="H100-SXM", region="SG", gpus=gpus)
        assert scenario.values()["colo_usd_per_kw_month"] == fee
        assert scenario.resolved()["colo_usd_per_kw_month"].value == fee
    table = Scenario(gpu="H100-SXM", region=["US", "SG"], gpus=400)
    assert table.values()["colo_usd_per_kw_month"].tolist() == [196, 397.5]
