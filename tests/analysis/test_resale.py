"""What used GPUs cost by their age: each observation once, from its day on, by its list price."""

import pytest

from tco.analysis.resale import used_by_age
from tco.market.catalogue import load
from tco.report.charts import Decline, resale_by_age

DAY = "2026-11-28"


@pytest.fixture(scope="module")
def used():
    return used_by_age(load(), DAY)


def test_every_used_price_of_the_catalog_stands_once(used):
    prices = [row for gpu in load().gpus for row in load().prices_of(gpu)]
    known = {(row.gpu, row.as_of, row.usd) for row in prices if row.price_basis == "used"}
    listed = list(zip(used["gpu"], used["as_of"], used["usd"], strict=True))
    assert known <= set(listed)
    assert len(listed) == len(set(listed))


def test_age_and_share_are_those_of_release_and_list_price(used):
    row = used[used["gpu"] == "L4"].iloc[-1]
    assert row["share"] == pytest.approx(row["usd"] / 2_345)
    assert row["years"] == pytest.approx(2.784, abs=0.001)  # 2023-03-21 to 2026-01-01
    assert row["age_days"] == 331
    assert used[used["gpu"] == "P100"]["share"].isna().all()  # no list price known
    assert (used["years"] >= 0).all()


def test_what_was_recorded_later_is_not_known_yet(used):
    before = used_by_age(load(), "2022-06-30")
    assert 0 < len(before) < len(used)
    assert (before["as_of"] <= "2022-06-30").all()
    assert used_by_age(load(), "2019-01-01").empty


@pytest.mark.parametrize("decline", [(0.25, 0.0, 0.55), (1.0, None, None), (-0.1, -0.2, 0.4)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_is_one_and_says_what_is_expected(used, decline, theme):
    chart = resale_by_age(used, Decline("L4", *decline), theme)
    assert chart.figure.data
    expected = f"{(1 - decline[0]) ** 2.784:.0%}".replace("%", " %")
    assert chart.title.endswith(f"this scenario expects {expected}")
    assert "RTX-3090: " in chart.alt


def test_a_gpu_without_a_used_price_says_so(used):
    title = resale_by_age(used, Decline("B200", 0.25, 0.0, 0.45)).title
    assert title == "No used price of the B200 yet; this scenario expects 42 % after 3 years"
    assert resale_by_age(used[used["gpu"] == "P100"], Decline("P100", 0.25, None, None)) is None
