"""The frames of the Data page."""

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest

import tco
from tco import Scenario
from tco.inputs import INPUTS
from tco.market.catalogue import Observations, load
from tco.market.importers import by_hand
from tco.report import market_tables, provenance
from tco.report.market_tables import (
    defaults_frame,
    findings_frame,
    frame_csv,
    prices_frame,
    quotes_frame,
    web,
    with_words,
)
from tco.report.provenance import age_text, old_data

DAY, END = "2026-11-21", "2099-12-31"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-11-21", "of that day"),
        ("2026-10-22", "30 days old"),
        ("2026-10-21", "31 days old"),
        ("2026-08-23", "90 days old"),
        ("2026-08-22", "91 days old, stale"),
        ("2026", "324 days old, stale"),
        ("", ""),
    ],
)
def test_a_badge_has_words(day, words):
    assert age_text(day, DAY) == words


def test_old_data_names_what_is_old():
    # The price is of 2026-07-21, the rate of 2026-09-30 or, before that day, of 2026-07-30.
    said = old_data(Scenario(as_of="2026-11-21"))
    assert said.startswith("Purchase prices are 123 days old.")
    assert said.endswith(" Newer data may change this answer.")
    rented = {"price_usd_per_gpu": 2000}
    assert old_data(Scenario(as_of="2026-11-21", **rented)) == ""
    assert old_data(Scenario(as_of="2026-10-19")) == ""
    assert "Purchase prices are 91 days old." in old_data(Scenario(as_of="2026-10-20"))


def test_both_kinds_of_old_prices_are_named(monkeypatch):
    resolved = Scenario(as_of="2026-11-21").resolved()
    old = {name: replace(resolved[name], as_of="2026-01-01") for name in provenance.PRICES}
    monkeypatch.setattr(Scenario, "resolved", lambda _: {**resolved, **old})
    said = old_data(Scenario(as_of="2026-11-21"))
    for word in ("Rental", "Purchase"):
        assert f"{word} prices are 324 days old." in said


def test_every_input_has_a_row_with_its_own_range_and_source():
    scenario = Scenario(gpu="T4", pue=1.2)
    frame = defaults_frame(scenario).set_index("input")
    assert list(frame.index) == list(tco.inputs.INPUTS)
    for name, entry in scenario.resolved().items():
        row = frame.loc[name]
        assert row["value"] == INPUTS[name].written(entry.value)
        assert row["status"] == entry.status
        assert row["low"] == ("" if entry.low is None else INPUTS[name].written(entry.low))
        assert row["date"] == ("" if name == "as_of" else entry.as_of)
    sourced = frame[frame["status"] == "default"].drop(["as_of", "billing", "commitment_months"])
    assert sourced["link"].str.startswith("https://").all()


def test_purchase_prices_are_those_known_on_the_day():
    known = {row.as_of for row in load().prices_of("L4")}
    early = Scenario(gpu="L4", as_of="2025-12-31")
    assert set(prices_frame(Scenario(gpu="L4"))["date"]) == known
    assert set(prices_frame(early)["date"]) < known
    frame = prices_frame(Scenario(gpu="L4"))
    assert frame["basis"].is_monotonic_increasing
    for _, same in frame.groupby("basis"):
        assert [*same["date"]] == sorted(same["date"], reverse=True)


@pytest.fixture
def scenario():
    batches = [
        by_hand.rental("L4", 0.5, provider="acme", as_of=DAY, valid_until=END),
        by_hand.purchase("L4", 2000, as_of="2026-01-01", valid_until="2026-02-01"),
    ]
    both = [quote for batch in batches for quote in batch.quotes]
    return Scenario(prices=load().with_prices(Observations("two quotes", {}, quotes=both)))


def test_quotes_say_whether_they_are_used(scenario):
    quotes = scenario.catalogue.quotes_of("L4")
    frame = quotes_frame(scenario, quotes).set_index("for")
    assert list(frame.index) == [INPUTS[quote.input].label for quote in quotes]
    assert frame["status"].tolist() == ["in use", "expired"]
    assert frame["value"].tolist() == ["$0.50", "$2,000"]
    assert quotes_frame(Scenario(), ()).empty


def test_findings_are_those_of_the_gpu_and_every_assumption():
    frame = findings_frame(Scenario(gpu="T4"))
    known = {INPUTS[name].label for name in load().defaults}
    assert set(frame["subject"]) - known == {"T4"}
    assumed = frame[frame["kind"] == "assumption"]["subject"]
    assert "Hosting" in set(assumed)


def test_only_pages_are_links():
    assert web("javascript:alert(1)") == ""
    assert web("data:text/html,x file:///etc/passwd") == ""
    assert web("HTTPS://x") == ""
    assert web("https://a.example https://b.example") == "https://a.example"


def test_a_frame_survives_as_csv_with_its_versions():
    frame = pd.DataFrame(
        {
            "name": ["=1+1", 'a "b", c'],
            "usd": [0.1, float("nan")],
            "day": pd.to_datetime(["2026-11-21", None]),
            "age": pd.array([3, None], dtype="Int64"),
            "flag": [True, False],
        }
    )
    rows = list(csv.reader(io.StringIO(frame_csv(frame, load()))))
    assert rows[0] == [*frame.columns, "model_version", "data_date", "schema_version"]
    assert rows[1][:5] == ["'=1+1", "0.1", "2026-11-21", "3", "true"]
    assert rows[2][:5] == ['a "b", c', "", "", "", "false"]
    assert rows[1][6] == load().newest


def test_words_stand_in_for_days():
    shown = with_words(defaults_frame(Scenario()), DAY)
    assert not {"age_days", "freshness", "low", "high"} & set(shown.columns)
    row = shown.set_index("input").loc["pue"]
    assert row["low to high"] == " to ".join(
        INPUTS["pue"].written(end) for end in (Scenario().resolved()["pue"].low, 1.8)
    )
    assert row["age"] == age_text(row["date"], DAY)


def test_trends_of_nothing_have_the_columns_of_trends():
    from tco.analysis.history import trends

    assert list(market_tables.no_trends().columns) == list(trends("L4").columns)
