"""Amounts in another currency, and prices by the month, wherever a value may be text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import tco
from tco.cli import main
from tco.errors import InputError
from tco.inputs import INPUTS, PRICE, RATE
from tco.inputs.amounts import per_month, read_amount
from tco.inputs.declaration import Interval
from tco.inputs.lines import Line
from tco.scenario import Scenario
from tco.words.currencies import Conversion
from tests.neutral import COMMON_CASE

EURO: dict[str, Any] = {"currency": "EUR", "fx_rate": 0.86, "fx_as_of": "2026-11-20"}
# A bare-metal server: 24 months at 184 EUR and 79 EUR once, one EUR at 1.16 USD.
SERVER: dict[str, Any] = {
    "gpus": 1,
    "horizon_months": 24,
    "rate_growth_per_year": 0,
    "support_rate": 0,
    "currency": "EUR",
}
PAID = (24 * 184 + 79) * 1.16


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def paid(scenario: Scenario) -> float:
    ledger = tco.ledger(scenario, side="rent")
    return float(ledger.loc[ledger["item"].isin(["compute", "upfront"]), "cost_usd"].sum())


@pytest.mark.parametrize(
    "told",
    [
        {RATE: "184 EUR per month", "upfront_usd_per_gpu": "79 EUR", "fx_rate": 1 / 1.16},
        {RATE: "€184/month", "upfront_usd_per_gpu": "€79", "fx_rate": "1.16 USD per EUR"},
        {RATE: "184,00 € a month", "upfront_usd_per_gpu": "79,00 €", "fx_rate": 1 / 1.16},
        {RATE: "EUR 184 monthly", "upfront_usd_per_gpu": "EUR 79", "fx_rate": 1 / 1.16},
    ],
)
def test_a_price_by_the_month_is_paid_busy_or_idle(told: dict[str, Any]) -> None:
    scenario = Scenario(**SERVER, **told, utilization=0.3)
    assert scenario.given["billing"] == "always_on"
    assert paid(scenario) == pytest.approx(PAID, rel=1e-12)
    assert paid(scenario) == pytest.approx(5214.2, rel=1e-12)
    document = json.dumps({"schema_version": 7, "inputs": {**SERVER, **told}})
    assert paid(Scenario.from_json(document)) == pytest.approx(5214.2, rel=1e-12)


def test_the_shell_and_tables_read_the_same(tmp_path: Path) -> None:
    options = {**SERVER, RATE: "184 EUR per month", "upfront_usd_per_gpu": "79 EUR"}
    options["fx_rate"] = repr(1 / 1.16)
    asked = [part for n, x in options.items() for part in (f"--{n.replace('_', '-')}", str(x))]
    rows = json.loads(run("ledger", "--option", "rent", "--json", *asked).stdout)["ledger"]
    counted = [row for row in rows if row["item"] in ("compute", "upfront")]
    assert sum(row["cost_usd"] for row in counted) == pytest.approx(5214.2, rel=1e-9)
    assert sum(row["cost_eur"] for row in counted) == pytest.approx(24 * 184 + 79, rel=1e-9)
    table = tmp_path / "table.csv"
    for sep in (",", ";"):
        names = sep.join(options)
        table.write_text(f"{names}\n{sep.join(map(str, options.values()))}\n", encoding="utf-8")
        found = run("breakeven", "--csv", str(table), "--sep", sep, "--decimal", ".").stdout
        answer = tco.breakeven(**options)
        cells = dict(zip(*(line.split(sep) for line in found.splitlines()), strict=True))
        assert float(cells["rent_npv_usd"]) == pytest.approx(answer.rent_npv_usd, rel=1e-12)


def test_a_price_by_the_month_does_not_go_with_busy_hours_alone() -> None:
    with pytest.raises(InputError, match="price by the month, paid busy or idle"):
        Scenario(rate_usd_per_gpu_hour="$200 per month", billing="per_use")
    committed = Scenario(rate_usd_per_gpu_hour="$146 per month", term="1yr")
    assert "billing" not in committed.given
    assert committed.values()["billing"] == "committed"
    assert committed.given[RATE] == 0.2
    other = Scenario(rate_usd_per_gpu_hour="$144 per month", hours_per_month=720)
    assert other.given[RATE] == 0.2
    assert per_month("0.6/month") == ""
    with pytest.raises(InputError, match="is per month, and this input is in USD per GPU-hour"):
        Scenario(rate_usd_per_gpu_hour="0.6/month")


@pytest.mark.parametrize(
    ("text", "usd"),
    [
        ("2150 EUR", 2_500),
        ("2150 eur", 2_500),
        ("2150 EURO", 2_500),
        ("€2,150", 2_500),
        ("EUR 2150", 2_500),
        ("2.150,00 €", 2_500),
        ("3,5 €", 3.5 / 0.86),
        ("2.15k EUR", 2_500),
        ("1e5 EUR", 100_000 / 0.86),
        ("2150 EUR per card", 2_500),
        ("1720..2150 EUR", Interval(2_000, 2_500)),
        ("$2,500", 2_500),
        ("2500", 2_500),
    ],
)
def test_an_amount_in_the_currency_of_the_scenario(text: str, usd: Any) -> None:
    found = Scenario(price_usd_per_gpu=text, **EURO)
    told = found.given[PRICE]
    assert told == (usd if isinstance(usd, Interval) else pytest.approx(usd, rel=1e-12))
    assert Scenario.from_dict(found.to_dict()) == found
    assert Scenario.from_json(found.to_json()) == found
    assert Scenario.from_link(found.to_link()).given[PRICE] == found.given[PRICE]


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("2300 EUR", {}, 'give currency="EUR" and fx_rate, the units of EUR for one USD'),
        ("2300 HUF", {}, "is in HUF, and this input is in USD"),
        ("2300 GBP", EURO, "is in GBP, and this input is in USD"),
        ("2300 GBP", EURO, "give it in USD or EUR, the currency of this scenario"),
        ("1e6 EUR", EURO, "is 1,162,790.698 USD, outside [0, 1000000]"),
        ("-3 EUR", EURO, "outside [0, 1000000]"),
        ("EUR", EURO, "is not a number"),
        ("€", EURO, "is not a number"),
        ("3.000 EUR", EURO, "could mean 3 or 3000"),
        ("2300 EUR USD", EURO, "has another unit"),
        ("2300 EUR per month", EURO, "is per month"),
        ("$2300", {"currency": "AUD", "fx_rate": 1.5}, "could be in USD or AUD"),
        ("300 kr", EURO, "is in crowns"),
    ],
)
def test_any_other_is_refused(text: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as wrong:
        Scenario(price_usd_per_gpu=text, **more)
    assert f"price_usd_per_gpu = {text!r} " in str(wrong.value)
    assert said in str(wrong.value)


def test_a_crown_and_a_dollar_are_those_of_the_scenario_where_it_says_which() -> None:
    crowns = {"currency": "SEK", "fx_rate": 10.0}
    assert Scenario(price_usd_per_gpu="30 000 kr", **crowns).given[PRICE] == 3_000
    dollars = {"currency": "AUD", "fx_rate": 1.5}
    assert Scenario(price_usd_per_gpu="A$3,000", **dollars).given[PRICE] == 2_000
    assert Scenario(price_usd_per_gpu="US$3,000", **dollars).given[PRICE] == 3_000


@pytest.mark.parametrize("rate", ["abc", 0, -1, float("nan")])
def test_a_rate_that_is_none_is_said_once(rate: Any) -> None:
    with pytest.raises(InputError) as wrong:
        Scenario(currency="EUR", fx_rate=rate)
    assert [problem.input for problem in wrong.value.problems] == ["fx_rate"]


def test_a_currency_needs_its_rate_everywhere(tmp_path: Path) -> None:
    said = "currency = 'EUR' needs fx_rate: units of EUR for one USD, and fx_as_of"
    with pytest.raises(InputError, match=r"^currency = 'EUR' needs fx_rate"):
        Scenario(currency="EUR")
    with pytest.raises(InputError, match=r"newest rate in the data is 0\.851861 EUR per USD as of"):
        Scenario(currency="EUR", fx_as_of="2026-11-20")
    with pytest.raises(InputError, match=r"^currency\[1\] = 'EUR' needs fx_rate"):
        Scenario(currency=["USD", "EUR"])
    with pytest.raises(InputError, match="needs fx_rate"):
        Scenario.from_json('{"schema_version": 2, "inputs": {"currency": "EUR"}}')
    assert said in run("breakeven", "--currency", "EUR").stderr
    table = tmp_path / "table.csv"
    table.write_text("gpu,currency,fx_rate\nL4,EUR,\nL4,EUR,0.9\nL4,,\n", encoding="utf-8")
    first, *others = run("breakeven", "--csv", str(table)).stdout.splitlines()[1:]
    assert said in first
    assert not any("needs fx_rate" in row for row in others)
    from tco.scenario.link import decode

    link = decode({"v": "1", "gpu": "L4", "currency": "EUR"})
    assert link.scenario == Scenario(gpu="L4")
    assert said in link.remarks[0]


def test_a_table_of_the_shell_has_each_row_in_its_own_currency(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("gpu,currency,fx_rate\nL4,EUR,0.5\nL4,JPY,150\nL4,USD,\nL4,,\n", "utf-8")
    header, *lines = run("breakeven", "--csv", str(table)).stdout.splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    saving = tco.breakeven(gpu="L4").npv_saving_usd
    assert [float(row["npv_saving_usd"]) for row in rows] == [saving] * 4
    told = [row["npv_saving_in_currency"] for row in rows]
    assert told == [repr(saving * 0.5), repr(saving * 150), "", ""]
    assert float(rows[0]["own_in_currency_per_gpu_hour"]) == 0.5 * float(
        rows[0]["own_usd_per_gpu_hour"]
    )
    table.write_text("gpu\nL4\n", "utf-8")
    assert "in_currency" not in run("breakeven", "--csv", str(table)).stdout


def test_each_row_of_a_table_has_its_own_currency() -> None:
    prices = ["2150 EUR", "$2,500", "375000 JPY", "2500"]
    asked = {"currency": ["EUR", "EUR", "JPY", "USD"], "fx_rate": [0.86, 0.86, 150, 1]}
    for column in (prices, tuple(prices), pd.Series(prices)):
        found = Scenario(price_usd_per_gpu=column, **asked)
        assert list(found.given[PRICE]) == [2_500, 2_500, 2_500, 2_500]
    with pytest.raises(InputError, match=r"price_usd_per_gpu\[2\] = '375000 JPY' is in JPY"):
        Scenario(price_usd_per_gpu=prices, **EURO)


def test_a_what_if_keeps_the_currency() -> None:
    scenario = Scenario(gpu="L4", **EURO)
    cheaper = tco.breakeven(scenario, price_usd_per_gpu="1720 EUR")
    assert cheaper.scenario.given[PRICE] == 2_000
    note = cheaper.scenario.resolved()[PRICE].note
    assert note == "€1,720 at 0.86 EUR per USD"
    assert Scenario(price_usd_per_gpu=2_000).resolved()[PRICE].note == ""


def test_lines_in_another_currency(tmp_path: Path) -> None:
    fee = {"name": "fee", "side": "own"}
    ways = [
        {**fee, "usd": "86 EUR", "cap_usd": "860 EUR"},
        {**fee, "usd": 86, "cap_usd": 860, "currency": "EUR"},
        {**fee, "usd": "€86", "cap_usd": 860},
        Line(name="fee", side="own", usd=86, cap_usd=860, currency="eur"),
    ]
    for way in ways:
        scenario = Scenario(gpu="L4", lines=[way], **EURO)
        assert scenario.lines == (Line(name="fee", side="own", usd=100, cap_usd=1_000),)
        assert Scenario.from_json(scenario.to_json()) == scenario
    table = tmp_path / "lines.csv"
    for text in ("name,side,usd\nfee,own,86 EUR\n", "name;side;usd;currency\nfee;own;86,00;EUR\n"):
        table.write_text(text, encoding="utf-8")
        euro = ["--currency", "EUR", "--fx-rate", "0.86"]
        found = run("breakeven", "--gpu", "L4", "--json", "--lines", str(table), *euro).stdout
        assert json.loads(found)["scenario"]["lines"][0]["usd"] == pytest.approx(100)
    with pytest.raises(InputError, match="line 'fee': is in EUR, and lines are in USD; give cur"):
        Scenario(lines=[ways[0]])
    with pytest.raises(InputError, match="give it in USD or GBP"):
        Scenario(lines=[ways[0]], currency="GBP", fx_rate=0.8)
    with pytest.raises(InputError, match="names two currencies, EUR and USD"):
        Line(name="fee", side="own", usd=86, cap_usd="860 EUR")
    with pytest.raises(InputError, match="a share of an item has no currency"):
        Line(name="fee", side="own", usd=0.1, basis="item:staff", currency="EUR")


def test_a_box_in_the_currency_shown_takes_both() -> None:
    from dataclasses import replace

    box = replace(INPUTS[PRICE], unit="EUR per GPU", high=860_000)
    euros = Conversion("EUR", 0.86, "2026-11-20")
    for text, value in (("2150", 2_150), ("2150 EUR", 2_150), ("$2,500", 2_150)):
        assert read_amount(box, text, is_typed=True, conversion=euros) == pytest.approx(value)
    for text in ("2150 GBP", "3,200 W", "2.800"):
        with pytest.raises(Exception, match=r"GBP|another unit|could mean"):
            read_amount(box, text, is_typed=True, conversion=euros)


def test_common_case_is_the_same_in_both_currencies() -> None:
    told = {
        name: f"{value * 0.5} EUR" if INPUTS[name].is_money else value
        for name, value in COMMON_CASE.items()
    }
    euros = tco.breakeven(**told | {"currency": "EUR", "fx_rate": 0.5})
    assert euros.to_frame().equals(tco.breakeven(**COMMON_CASE).to_frame())


def test_one_amount_beside_columns_is_read_in_each_row() -> None:
    rates = Scenario(price_usd_per_gpu="2300 EUR", currency="EUR", fx_rate=[0.8, 0.92])
    assert rates.given[PRICE].tolist() == [2875.0, 2500.0]
    hours = Scenario(
        rate_usd_per_gpu_hour="146 EUR per month",
        currency="EUR",
        fx_rate=0.8,
        hours_per_month=[730, 608 + 1 / 3],
    )
    assert hours.given[RATE].tolist() == pytest.approx([0.25, 0.3])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        # What was given stays, right or wrong.
        ({"billing": "reserved"}, "billing = 'reserved' is not"),
        ({"billing": ["always_on", "per_use"]}, "pays busy hours only"),
        ({"hours_per_month": [[730.0], [700.0]]}, "hours_per_month of its row are not known"),
        ({RATE: "1472 EUR per server per month"}, "is per server"),
    ],
)
def test_a_price_by_the_month_loses_nothing_that_is_given(more: dict[str, Any], said: str) -> None:
    given = {RATE: "184 EUR per month", "currency": "EUR", "fx_rate": 0.8, **more}
    with pytest.raises(InputError, match=said):
        Scenario(**given)


def test_an_error_of_a_line_names_what_was_given() -> None:
    with pytest.raises(InputError, match=r"usd = '100\.\.200 EUR' is a range"):
        Line(name="fee", side="own", usd="100..200 EUR")  # type: ignore[arg-type]
