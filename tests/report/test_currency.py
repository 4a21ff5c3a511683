"""Results in another currency: beside those in USD, never instead of them."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest

import tco
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.report.csv import report_csv
from tco.report.currency import MONEY
from tco.scenario import Scenario
from tests.neutral import COMMON_CASE

EURO: dict[str, Any] = {"currency": "EUR", "fx_rate": 0.9, "fx_as_of": "2026-11-20"}
CASE = COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7}


def test_every_amount_is_converted_and_nothing_else() -> None:
    plain, euro = tco.breakeven(**CASE), tco.breakeven(**CASE | EURO)
    assert plain.to_frame().equals(euro.to_frame())
    frame = tco.in_currency(euro)
    assert list(frame.columns[: len(plain.to_frame().columns)]) == list(plain.to_frame().columns)
    added = list(frame.columns[len(plain.to_frame().columns) :])
    assert added == [name.replace("usd", "eur") for name in MONEY]
    assert "npv_saving_eur" in added
    assert "breakeven_rate_eur_per_gpu_hour" in added
    for name in MONEY:
        assert frame[name.replace("usd", "eur")].iloc[0] == frame[name].iloc[0] * 0.9
    assert {name for name in frame if "usd" in str(name)} == set(MONEY)
    assert tco.in_currency(plain).equals(plain.to_frame())


def test_a_table_has_a_column_for_each_currency() -> None:
    table = tco.breakeven(**CASE | {"currency": ["USD", "EUR", "JPY"], "fx_rate": [1, 0.9, 150]})
    frame = tco.in_currency(table)
    saving = frame["npv_saving_usd"].to_numpy()
    assert np.isnan(frame["npv_saving_eur"].to_numpy()[[0, 2]]).all()
    assert frame["npv_saving_eur"].iloc[1] == saving[1] * 0.9
    assert frame["npv_saving_jpy"].iloc[2] == saving[2] * 150


def test_the_report_labels_what_is_converted() -> None:
    rows = list(csv.DictReader(io.StringIO(report_csv(Scenario(**CASE | EURO)))))
    found = {row["name"]: row for row in rows if row["section"] == "converted"}
    inputs = [name for name, declared in INPUTS.items() if declared.is_money]
    assert len(found) == len(MONEY) + len(inputs)
    assert float(found["price_eur_per_gpu"]["value"]) == 2_500 * 0.9
    usd = next(row for row in rows if row["name"] == "npv_saving_usd")
    euro = found["npv_saving_eur"]
    assert float(euro["value"]) == pytest.approx(float(usd["value"]) * 0.9, rel=1e-14)
    assert (euro["unit"], usd["unit"]) == ("EUR", "USD")
    assert euro["note"] == "converted at 0.9 EUR per USD as of 2026-11-20"
    assert found["own_eur_per_gpu_hour"]["unit"] == "EUR per busy GPU-hour"
    plain = csv.DictReader(io.StringIO(report_csv(Scenario(**CASE))))
    assert not [row for row in plain if row["section"] == "converted"]


def test_a_currency_needs_its_rate() -> None:
    with pytest.raises(InputError, match=r"^currency = 'EUR' needs fx_rate: units of EUR for one"):
        tco.breakeven(gpu="L4", currency="EUR")


@pytest.mark.parametrize("code", ["EURO", "€", "", 1, "E R"])
def test_a_currency_is_a_code(code: Any) -> None:
    with pytest.raises(InputError, match=r"currency = .* is not a code of ISO 4217"):
        Scenario(currency=code)
