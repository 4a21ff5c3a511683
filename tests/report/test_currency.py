"""Results in another currency: beside those in USD, never instead of them."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import tco
from tco.cli import main
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.questions import QUESTIONS, columns, kept_columns, work_columns
from tco.questions.fields import Field
from tco.report.csv import report_csv
from tco.report.currency import AMOUNT, MONEY, document_in_currency
from tco.report.facts import facts_of
from tco.report.sheet import page
from tco.scenario import Scenario
from tco.words.currencies import Conversion, of_unit, shown_in
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
    assert {name.replace("usd", "eur") for name in (*MONEY, *inputs)} <= found.keys()
    assert not {name for name in found if "usd" in name}
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


# --- Whatever is written for people


RICH: dict[str, Any] = {
    "gpu": "L4",
    "gpus": 16,
    "price_usd_per_gpu": 3_100,
    "pue": 2.6,
    "tax_rate": 0.25,
    "electricity_usd_per_kwh": 0.9,
    "lines": [{"name": "fee", "side": "own", "usd": 45, "basis": "gpu", "cap_usd": 1_000}],
}


def _texts(scenario: Scenario) -> dict[str, str]:
    """All that is said of a scenario by what makes texts, by who says it."""
    facts, answer = facts_of(scenario), tco.breakeven(scenario)
    said = {
        "reason": str(answer.reason),
        "notes": " ".join(answer.notes),
        "sentences": " ".join(facts.sentences),
        "lead": facts.lead,
        "odds": facts.odds_line,
        "figures": " ".join(part for figure in facts.figures for part in figure),
        "facts": f"{facts.notes} {facts.conditions} {facts.foundations}",
        "resolved": " ".join(entry.note for entry in facts.resolved.values()),
        "sheet": re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", page(scenario), flags=re.S),
    }
    for command in ("measures", "bridge", "accounting"):
        said[command] = shell(command, scenario)
    return said


def shell(command: str, scenario: Scenario, *more: str) -> str:
    found = CliRunner().invoke(
        main, [command, "--scenario", "-", *more], input=scenario.to_json(), catch_exceptions=False
    )
    assert found.exit_code == 0, found.output
    return found.stdout


# Two GPUs' rates, and a mark on it; `USD` stands only where the rate is told.
_RATE_IS_TOLD = re.compile(r"[\d.]+ [A-Z]{3} per USD|the model computes in USD")


@pytest.mark.parametrize(
    ("code", "rate", "sign"), [("EUR", 0.86, "€"), ("CHF", 0.8, "CHF "), ("JPY", 155.0, "¥")]
)
def test_every_text_is_in_the_currency_of_its_scenario(code: str, rate: float, sign: str) -> None:
    dollars = _texts(Scenario(**RICH))
    other = _texts(Scenario(**RICH, currency=code, fx_rate=rate, fx_as_of="2026-11-20"))
    for who, text in other.items():
        assert "$" not in text, who
        if who != "resolved":  # what a source says of its own prices
            assert "USD" not in _RATE_IS_TOLD.sub("", text), who
        assert (sign in text) == ("$" in dollars[who]), who
    # And it does not stay: what is asked next, of USD, is in USD.
    assert _texts(Scenario(**RICH)) == dollars


def test_a_document_of_another_currency_is_in_that_throughout() -> None:
    euros = Scenario(**RICH, currency="EUR", fx_rate=0.86)
    with shown_in(Conversion("GBP", 0.75, "2026-11-20")):
        for scenario in (euros, Scenario(**RICH)):
            text = " ".join(facts_of(scenario).sentences)
            assert "£" in text
            assert not {"€", "$"} & set(text)
    with shown_in(None):
        assert "$" in str(tco.breakeven(euros).reason)
    assert "€" in str(tco.breakeven(euros).reason)


def test_amounts_scale_and_no_verdict_changes() -> None:
    plain, euro = (tco.breakeven(**RICH | more) for more in ({}, EURO | {"fx_rate": 0.5}))
    assert plain.to_frame().equals(euro.to_frame())
    with shown_in(euro.scenario.conversion):
        for name, declared in INPUTS.items():
            value = plain.scenario.values()[name]
            if declared.is_money and value is not None:
                assert declared.shown(value) == pytest.approx(value * 0.5)
                assert declared.meant(declared.shown(value)) == pytest.approx(value, rel=1e-12)
                assert declared.shown_unit.startswith("EUR")
            elif declared.numeric:
                assert "€" not in declared.written(value)
    one, other = tco.measures(**RICH), tco.measures(**RICH | EURO)
    assert (one.irr, one.mirr, one.payback_months) == (other.irr, other.mirr, other.payback_months)


# --- Whatever is written as numbers


FRAMES = ["ledger", "flips", "tornado", "stress", "options"]


@pytest.mark.parametrize("name", FRAMES)
def test_every_amount_of_a_frame_stands_beside_itself(name: str) -> None:
    scenario = Scenario(**RICH, **EURO)
    frame = getattr(tco, name)(scenario)
    found = tco.in_currency(frame, scenario)
    for column in frame:
        assert found[column].equals(frame[column])
        if "usd" in column.split("_"):
            beside = found.columns[list(found.columns).index(column) + 1]
            assert beside == column.replace("usd", "eur")
            pd.testing.assert_series_equal(found[beside], frame[column] * 0.9, check_names=False)
    if "unit" in frame:
        money = frame["unit"].str.startswith("USD")
        assert money.any()
        assert not money.all()
        for column in {"value", "low", "high", "flip", "flip_to"} & {*frame}:
            assert found.loc[money, f"{column}_eur"].equals(frame.loc[money, column] * 0.9)
            assert found.loc[~money, f"{column}_eur"].isna().all()
    assert tco.in_currency(frame, Scenario(**RICH)).equals(frame)


def test_the_name_of_every_amount_says_so() -> None:
    declared = {
        (name, one.name): one.unit
        for module in (columns, work_columns, kept_columns)
        for name, told in vars(module).items()
        if isinstance(told, tuple)
        for one in told
        if isinstance(one, Field)
    }
    silent = {
        where for where, unit in declared.items() if of_unit(unit) and not AMOUNT.search(where[1])
    }
    # Rates of the market, which is of no scenario.
    assert silent == {("QUANTILES", name) for name in ("p10", "p50", "p90")}


def test_what_a_target_takes_is_converted_too() -> None:
    euro = Scenario(gpu="L4", as_of="2026-11-21", **EURO)
    goal = tco.goal(euro, saving_usd=9_000, of=["price_usd_per_gpu", "utilization"])
    frame = tco.in_currency(goal.to_frame(), euro).set_index("input")
    for name in ("needed", "now", "result"):
        price = frame.loc["price_usd_per_gpu"]
        assert price[f"{name}_eur"] == price[name] * 0.9
    assert frame["result_eur"].equals(frame["result"] * 0.9)
    assert np.isnan(frame["needed_eur"]["utilization"])
    told = document_in_currency(goal.to_dict(), euro.conversion)
    assert (told["wanted"], told["wanted_eur"]) == (9_000, 8_100)
    assert told["now_eur"] == goal.now * 0.9
    assert [one["result_eur"] for one in told["answers"]] == [*frame["result_eur"]]
    months = tco.goal(euro, payback_months=24).to_dict()
    assert "wanted_eur" not in document_in_currency(months, euro.conversion)
    moved = {"input": "price_usd_per_gpu", "unit": "USD per GPU", "then": 2_000, "now": 1_000}
    assert document_in_currency(moved, euro.conversion)["then_eur"] == 1_800


def test_files_and_documents_have_both() -> None:
    euro, plain = Scenario(**RICH, **EURO), Scenario(**RICH)
    rows = list(csv.DictReader(io.StringIO(shell("ledger", euro))))
    usd = list(csv.DictReader(io.StringIO(shell("ledger", plain))))
    for row, other in zip(rows, usd, strict=True):
        assert row.pop("converted") == "converted at 0.9 EUR per USD as of 2026-11-20"
        for name in ("cost", "present_value"):
            assert row[f"{name}_usd"] == other[f"{name}_usd"]
            assert float(row[f"{name}_eur"]) == pytest.approx(float(row[f"{name}_usd"]) * 0.9)
    for command in ("breakeven", "report"):
        found = json.loads(shell(command, euro, "--json"))
        results = found["results"]
        for name in MONEY:
            converted = results[name.replace("usd", "eur")]
            assert converted == (None if results[name] is None else results[name] * 0.9)
        assert found["converted"] == "converted at 0.9 EUR per USD as of 2026-11-20"
        assert Scenario.from_dict(found["scenario"]) == euro
    for command in ("flips", "tornado", "stress", "options", "simulate", "measures", "accounting"):
        columns = shell(command, euro, "--format", "csv").splitlines()[0].split(",")
        known = shell(command, plain, "--format", "csv").splitlines()[0].split(",")
        assert columns.pop() == "converted", command  # at which rate, in every row
        assert [name for name in columns if "eur" not in name.split("_")] == known
        assert len(columns) > len(known), command


def test_the_shell_shows_both() -> None:
    answer = tco.breakeven(**RICH | EURO)
    said = {
        line.split()[-1]: line.split()
        for line in shell("breakeven", answer.scenario, "--wide").splitlines()
        if line
    }
    for name in ("npv_saving", "own_npv"):
        usd, euro = (
            next(word for word in said[f"{name}_{code}"] if word[-1].isdigit())
            for code in ("usd", "eur")
        )
        assert float(euro.replace(",", "")) == pytest.approx(float(usd.replace(",", "")) * 0.9)
    assert answer._repr_html_().count("€") > 5


def test_what_cannot_be_converted_is_an_error_and_not_silence() -> None:
    case = Scenario(gpu="L4", currency="EUR", fx_rate=0.5, fx_as_of="2026-11-20")
    found = tco.measures(case)
    with pytest.raises(InputError, match=r"Measures is neither .*found\.to_frame"):
        tco.in_currency(found)  # type: ignore[call-overload]
    with pytest.raises(InputError, match="scenario is missing"):
        tco.in_currency(tco.bridge(case))  # type: ignore[call-overload]
    both = tco.in_currency(tco.bridge(case), case)
    assert (both["eur"] == both["usd"] / 2).all()
    frame = tco.in_currency(found.to_frame(), case).set_index("name")
    assert frame["value_eur"]["npv_saving_usd"] == frame["value"]["npv_saving_usd"] / 2


def test_an_amount_asked_beside_a_scenario_is_in_its_currency() -> None:
    question = QUESTIONS["serverless"]
    work = {"model": "Llama-3.1-8B", "requests_per_day": "2000", "gpu": "L4"}
    euros = work | {"currency": "EUR", "fx_rate": "0.5", "usd_per_gpu_second": "0.0002 EUR"}
    found = question.of_texts(euros).rows
    assert found == question.of_texts({**work, "usd_per_gpu_second": "0.0004"}).rows
    assert found == question.of_texts({**euros, "usd_per_gpu_second": "0.0004 USD"}).rows
    for told, wrong in (
        ({"usd_per_gpu_second": "0.0002 GBP"}, "is in GBP, and this .*give it in USD or EUR"),
        ({"usd_per_gpu_second": "9 EUR"}, r"is 18 USD, outside \[0, 10\]: price of a GPU-second"),
        ({"usd_per_gpu_second": "cheap"}, "'cheap' is text, not a number in"),
        ({"currency": ""}, 'give currency="EUR" and fx_rate'),
    ):
        with pytest.raises(InputError, match=wrong):
            question.of_texts({**euros, **told})
