"""Demand by hour: every rule of reading, what is said of it, and what is an error."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tco
from tco.workload.demand_curve import DemandCurve
from tco.workload.demand_reading import demand_curve, demand_of_csv


def hourly(*values: Any, start: str = "2026-03-01T00:00", freq: str = "h") -> str:
    times = pd.date_range(start, periods=len(values), freq=freq)
    rows = [f"{time:%Y-%m-%dT%H:%M},{value}" for time, value in zip(times, values, strict=True)]
    return "\n".join(["time,value", *rows])


def told(curve: DemandCurve) -> str:
    return "; ".join(curve.notes)


# --- What is read


def test_a_file_a_series_and_a_list_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "demand.csv"
    path.write_text(hourly(3, 1, 0, 2), encoding="utf-8")
    index = pd.date_range("2026-03-01", periods=4, freq="h")
    series = pd.Series([3, 1, 0, 2], index=index)
    frame = pd.DataFrame({"time": index, "value": [3, 1, 0, 2], "unit": "GPUs"})
    for source in (str(path), path, series, frame, [3, 1, 0, 2], np.array([3, 1, 0, 2])):
        curve = demand_curve(source)
        assert curve.gpus == (3, 1, 0, 2)
        assert curve.shares.tolist() == [0.75, 0.5, 0.25]
    for frame in (series.to_frame("value"), series.set_axis(index.to_period("h"))):
        assert demand_curve(frame).start == "2026-03-01T00:00"
    assert demand_curve(series).start == "2026-03-01T00:00"
    assert demand_curve(series.sample(frac=1, random_state=1)).gpus == (3, 1, 0, 2)


def test_columns_are_told_by_their_names_and_cells_by_the_separator() -> None:
    text = "Unit;Value;Time\ngpus;1,5;2026-03-01 00:00\ngpus;2;2026-03-01 01:00\n\n"
    assert demand_of_csv(text).gpus == (1.5, 2.0)
    assert demand_of_csv("value\n1\n2\n").gpus == (1.0, 2.0)


def test_a_week_repeats_and_another_series_ends() -> None:
    week = [10] * 40 + [4] * 80 + [2] * 48
    assert demand_curve(week).repeats
    assert demand_curve(week=week).repeats
    assert demand_curve({"week": week}).repeats
    assert not demand_curve(week[:100]).repeats
    # With times it is one week of many.
    index = pd.date_range("2026-03-02", periods=168, freq="h")
    assert not demand_curve(pd.Series(week, index=index)).repeats
    # From Sunday 22:00 to Monday 2:00 is one time, not two of them.
    night = [1, 1] + [0] * 164 + [1, 1]
    assert demand_curve(week=night).billed_shares(4).tolist() == [4 / 168]


def test_rows_out_of_order_are_sorted_and_that_is_said() -> None:
    lines = hourly(3, 1, 2).splitlines()
    curve = demand_of_csv("\n".join([lines[0], lines[3], lines[1], lines[2]]))
    assert curve.gpus == (3, 1, 2)
    assert "sorted" in told(curve)
    assert "sorted" not in told(demand_of_csv(hourly(3, 1, 2)))


def test_missing_hours_are_an_error_or_zero_and_that_is_said() -> None:
    lines = hourly(3, 1, 2, 5, 4).splitlines()
    text = "\n".join([*lines[:2], *lines[4:]])
    with pytest.raises(tco.InputError, match=r"the hour 2026-03-01 01:00 is missing \(2 are"):
        demand_of_csv(text)
    curve = demand_of_csv(text, gaps="zero")
    assert curve.gpus == (3, 0, 0, 5, 4)
    assert "2 missing hours (40 % of all) count as 0" in told(curve)


def test_times_with_an_offset_are_put_in_order_by_it() -> None:
    text = "time,value\n2026-03-01T00:00+01:00,1\n2026-03-01T00:00Z,2\n2026-03-01T03:00+02:00,3"
    curve = demand_of_csv(text)
    assert curve.gpus == (1, 2, 3)
    assert curve.start == "2026-02-28T23:00+00:00"


def test_the_clock_is_put_forward_and_back() -> None:
    spring = "time,value\n2026-03-29T01:00,1\n2026-03-29T03:00,2\n2026-03-29T04:00,3"
    with pytest.raises(tco.InputError, match=r"is missing .* give time_zone"):
        demand_of_csv(spring)
    curve = demand_of_csv(spring, time_zone="Europe/Berlin")
    assert curve.gpus == (1, 2, 3)
    assert "Europe/Berlin" in told(curve)
    autumn = "time,value\n" + "\n".join(
        f"2026-10-25T{hour}:00,{value}"
        for hour, value in (("01", 1), ("02", 2), ("02", 3), ("03", 4))
    )
    with pytest.raises(tco.InputError, match=r"given before, in demand, row 3 .* give time_zone"):
        demand_of_csv(autumn)
    assert demand_of_csv(autumn, time_zone="Europe/Berlin").gpus == (1, 2, 3, 4)
    once = autumn.replace("2026-10-25T02:00,3\n", "")
    with pytest.raises(tco.InputError, match="the hour 2026-10-25 01:00 is missing"):
        demand_of_csv(once, time_zone="Europe/Berlin")
    nowhere = "time,value\n2026-03-29T02:00,1\n2026-03-29T03:00,2"
    with pytest.raises(tco.InputError, match="does not exist in Europe/Berlin"):
        demand_of_csv(nowhere, time_zone="Europe/Berlin")
    thrice = autumn + "\n2026-10-25T02:00,9"
    with pytest.raises(tco.InputError, match="given before"):
        demand_of_csv(thrice, time_zone="Europe/Berlin")


def test_steps_shorter_than_an_hour_are_kept() -> None:
    curve = demand_of_csv(hourly(2, 0, 2, 0, freq="30min"))
    assert curve.hours == 2
    # Never averaged: the second GPU works half of the time.
    assert curve.shares.tolist() == [0.5, 0.5]
    assert "30 minutes are kept" in told(curve)
    # An hour of minimum billing is two steps: the instance runs on through the second one.
    assert curve.billed_shares(1).tolist() == [0.75, 0.75]
    in_hours = demand_of_csv(hourly(1, 0, freq="30min"), unit="gpu_hours")
    assert in_hours.gpus == (2, 0)


def test_a_load_is_scaled_to_a_peak_and_that_is_said() -> None:
    curve = demand_curve([50, 100, 0, 26], unit="requests", peak_gpus=4)
    assert curve.gpus == (2, 4, 0, 2)
    assert "scaled to a peak of 4 GPUs (25 requests for each)" in told(curve)
    with pytest.raises(tco.InputError, match="peak_gpus is missing"):
        demand_curve([50, 100], unit="requests")


def test_short_series_are_labeled() -> None:
    assert "less than a week" in told(demand_curve([1, 2, 3]))
    assert "less than a year" in told(demand_curve([1.0] * 1_000))
    assert "less" not in told(demand_curve([1.0] * 8_760))
    for trace, hours in (("azure_2024_chat", 144), ("burstgpt_chat", 672)):
        curve = demand_curve(trace, peak_gpus=40)
        assert (curve.hours, curve.peak_gpus) == (hours, 40)
        assert "public trace" in told(curve)
        assert "less than" in told(curve)


def test_a_mean_and_a_peak_are_a_curve_with_that_mean() -> None:
    curve = demand_curve(mean_gpus=4, peak_over_mean=2.5)
    assert math.isclose(curve.shares.sum(), 4)
    assert len(curve.shares) == 10
    assert np.all(np.diff(curve.shares) <= 0)
    flat = demand_curve(mean_gpus=3, peak_gpus=3)
    assert flat.shares.tolist() == [1, 1, 1]


def test_a_part_of_a_gpu_counts_as_a_part() -> None:
    curve = DemandCurve(gpus=(2.5, 0.5, 1.0, 0.0))
    assert curve.shares.tolist() == [0.625, 0.25, 0.125]
    assert math.isclose(curve.shares.sum(), curve.mean_gpus)
    # An hour that is begun is billed as one.
    assert curve.billed_shares(1).tolist() == [0.75, 0.25, 0.25]


# --- What is an error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,value\n", "demand has no values"),
        ("", "there is no column value"),
        (hourly(1), "demand has one value"),
        (hourly(1, "two"), "row 3: 'two' is not in"),
        (hourly(1, ""), "row 3: is empty: GPUs in use"),
        (hourly(1, -2), r"row 3: -2.0 is not in \[0, inf\)"),
        (hourly(1, "nan"), "row 3: 'nan' is not in"),
        (hourly(1, "inf"), "row 3: 'inf' is not in"),
        (hourly(0, 0, 0), "all 3 values are 0"),
        (hourly(1, 2) + "\n" + hourly(1, 2).split("\n", 1)[1], "2 times are given twice"),
        (hourly(1, 2, freq="D"), "rows are 24 hours apart"),
        (hourly(1, 2, 3, freq="25min"), "rows are 0.4167 hours apart"),
        (hourly(1, 2, start="2026-03-01T00:30"), "is not the beginning of an hour"),
        ("time,value\n03/01/2026,1\n03/02/2026,2", "is not a time such as"),
        ("time,value\n2026-02-30T00:00,1\n2026-03-02T00:00,2", "is not a time such as"),
        ("time,value\n2026-03-01T00:00,1\n2026-03-01T01:00Z,2", "has an offset from UTC, unlike"),
        ("time,value,unit\n2026-03-01T00:00,1,gpus\n2026-03-01T01:00,2,tokens", "one unit"),
        ("time,value,unit\n2026-03-01T00:00,1,cats\n2026-03-01T01:00,2,cats", "'cats' is not one"),
        ("time,values\n2026-03-01T00:00,1", "'values' is no column of a demand; did you mean"),
        ("time,value,value\n2026-03-01T00:00,1,2", "value is given twice"),
        ("time,value\n2026-03-01T00:00,1,2", "demand, row 2"),
        ('{"value": 1}', "JSON"),
        (hourly(1, 2_000_000), "is outside"),
    ],
)
def test_a_file_that_is_no_demand_is_one_clear_error(text: str, said: str) -> None:
    with pytest.raises(tco.TcoError, match=said) as wrong:
        demand_of_csv(text)
    assert len(str(wrong.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "nothing is given"),
        ({"source": [1, 2], "mean_gpus": 2}, "source and mean_gpus are given"),
        ({"source": 5}, "demand = 5 is not a series"),
        ({"source": "nowhere.csv"}, "a demand is a CSV file or one of azure_2024_chat"),
        ({"source": []}, "demand has no values"),
        ({"source": [1]}, "demand has one value"),
        ({"source": [1, "many"]}, "value 2: 'many' is not in"),
        ({"source": [1, None]}, "value 2: None is not in"),
        ({"source": [1, True]}, "value 2: True is not in"),
        ({"source": ["a", "b", 3]}, r"value 1: 'a' is not in \[0, inf\) \(2 values are not\)"),
        ({"source": np.ones((2, 2))}, "value 1: .* is not in"),
        ({"source": {1, 2}}, "is not a series"),
        ({"source": ""}, "demand = '' is not a series"),
        ({"source": pd.Series([1.0, math.nan])}, "row 2: nan is not in"),
        ({"source": pd.Series([1, 2], index=["a", "b"])}, "row 1: 'a' is not a time"),
        ({"week": [1] * 100}, "week has 100 values, not 168"),
        ({"week": 5}, "week has 5 values, not 168"),
        ({"source": [1, 2], "unit": "gpu"}, "unit = 'gpu' is not one of .* did you mean gpus"),
        ({"source": [1, 2], "gaps": "skip"}, "gaps = 'skip' is not one of"),
        ({"source": [1, 2], "time_zone": "Mars"}, "time_zone = 'Mars' is not known"),
        ({"source": [1, 2], "peak_over_mean": 2}, "peak_over_mean needs mean_gpus"),
        ({"mean_gpus": 4}, "mean_gpus = 4 needs peak_over_mean or peak_gpus"),
        ({"mean_gpus": 4, "peak_gpus": 2}, r"peak_gpus = 2 is outside \[4"),
        ({"mean_gpus": 0, "peak_gpus": 2}, "mean_gpus = 0 is outside"),
        ({"mean_gpus": "x", "peak_gpus": 2}, "mean_gpus = 'x' is not a number"),
        ({"source": {"mean": 4}}, "demand: 'mean' is not one of"),
        ({"source": [1, 2], "peak_gpus": 0}, "peak_gpus = 0 is outside"),
        ({"source": "azure_2024_chat"}, "peak_gpus is missing"),
    ],
)
def test_what_is_no_demand_is_one_clear_error(given: dict[str, Any], said: str) -> None:
    given = dict(given)
    sources = [given.pop("source")] if "source" in given else []
    with pytest.raises(tco.TcoError, match=said) as wrong:
        demand_curve(*sources, **given)
    assert len(str(wrong.value).splitlines()) == 1


def test_minutes_are_read() -> None:
    index = pd.date_range("2026-01-01", periods=20_000, freq="min", tz="UTC")
    curve = demand_curve(pd.Series(np.arange(20_000) % 7, index=index))
    assert curve.hours == pytest.approx(20_000 / 60)
    assert curve.peak_gpus == 6
