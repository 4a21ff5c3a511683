"""Quotes of one's own: when they count, and that one which has expired is reported."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import tco
from tco import Scenario
from tco.analysis.check import check
from tco.cli import main
from tco.errors import InputError
from tco.inputs import PRICE, RATE
from tco.market import choice
from tco.market.catalogue import Observations, load
from tco.market.choice import expired_quotes
from tco.market.importers import by_hand
from tco.market.store import PriceStore
from tco.report.csv import report_csv
from tco.report.facts import facts_of
from tco.report.sheet import page
from tco.report.workbook import workbook
from tests.market.test_observed import DAY, observed

END = "2026-12-31"


def rented(usd: float = 0.41, **told: Any) -> Any:
    return by_hand.rental("L4", usd, **{"provider": "gcp", "as_of": DAY, "valid_until": END} | told)


def at(day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "today", lambda: day)


def test_a_quote_counts_too_where_its_provider_is_asked_for() -> None:
    quoted = observed(rented())

    def rate(**given: Any) -> Any:
        return Scenario(gpu="L4", prices=quoted, **given).resolved()[RATE]

    for given in ({}, {"provider": "gcp"}, {"provider": "all"}):
        assert (rate(**given).value, rate(**given).status) == (0.41, "yours")
    aws = Scenario(gpu="L4", provider="aws").values()[RATE]
    assert rate(provider="aws").value == aws != 0.41
    growth = Scenario(gpu="L4", provider="gcp", prices=quoted).values()["rate_growth_per_year"]
    assert growth == Scenario(gpu="L4", provider="gcp").values()["rate_growth_per_year"]
    table = Scenario(gpu="L4", provider=["gcp", "aws"], prices=quoted)
    assert table.values()[RATE].tolist() == [0.41, aws]


@pytest.mark.parametrize(
    ("region", "asked", "counts"),
    [
        ("any", None, True),
        ("any", "US", True),
        ("any", "us-central1", True),
        ("us-central1", "us-central1", True),
        ("us-central1", "any", True),
        ("us-central1", "US", False),
    ],
)
def test_a_quote_for_all_regions_counts_in_each(
    region: str, asked: str | None, counts: bool
) -> None:
    quoted = observed(rented(region=region))
    found = Scenario(gpu="L4", region=asked, prices=quoted).values()[RATE]
    assert (found == 0.41) is counts


def test_nobody_is_offered_for_sale_what_is_there_already() -> None:
    quoted = observed(by_hand.purchase("L4", 2_650, as_of=DAY, valid_until=END))
    assert Scenario(prices=quoted).values()[PRICE] == 2_650
    owned = Scenario(prices=quoted, already_owned=True).values()[PRICE]
    assert owned == Scenario(already_owned=True).values()[PRICE]


def test_a_quote_that_decides_though_it_has_expired_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quoted = observed(rented(), by_hand.purchase("L4", 2_650, as_of=DAY, valid_until="2026-12-05"))
    scenario = Scenario(gpu="L4", prices=quoted)
    price = "GPU price: your quote expired on 2026-12-05; it still decides this answer."
    rate = "Rental rate: your quote from gcp expired on 2026-12-31; it still decides this answer."
    savings = set()
    for day, late in (
        (DAY, []),
        ("2026-12-05", []),
        ("2026-12-06", [price]),
        (END, [price]),
        ("2027-01-01", [price, rate]),
        ("2030-01-01", [price, rate]),
    ):
        at(day, monkeypatch)
        assert list(expired_quotes(scenario.resolved()).values()) == late
        answer = tco.breakeven(scenario)
        assert all(said in " ".join(answer.notes) for said in late)
        savings.add(answer.npv_saving_usd)
    assert len(savings) == 1, "no answer depends on the clock"


def test_a_quote_that_no_longer_counts_is_reported_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quoted = observed(rented(valid_until="2026-11-25"))
    scenario = Scenario(gpu="L4", as_of="2026-12-01", prices=quoted)
    entry = scenario.resolved()[RATE]
    assert entry.value == Scenario(gpu="L4", as_of="2026-12-01").values()[RATE]
    assert entry.status == "default"
    assert entry.note.endswith("; your quote from gcp expired on 2026-11-25 and does not count")
    at("2026-11-22", monkeypatch)
    assert tco.breakeven(scenario).notes == (
        "Rental rate: your quote from gcp expired on 2026-11-25 and does not count.",
    )
    later = observed(rented(valid_until="2026-11-25"), rented(0.5, as_of="2026-11-26"))
    newer = Scenario(gpu="L4", as_of="2026-12-01", prices=later)
    assert newer.values()[RATE] == 0.5
    assert tco.breakeven(newer).notes == ()
    assert tco.breakeven(scenario, rate_usd_per_gpu_hour=0.6).notes == ()


def test_every_surface_reports_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at("2027-06-01", monkeypatch)
    scenario = Scenario(gpu="L4", utilization=0.5, prices=observed(rented()))
    said = "your quote from gcp expired on 2026-12-31; it still decides this answer"
    assert said in str(tco.breakeven(scenario))
    assert said in report_csv(scenario)
    assert said in page(scenario, "")
    assert said in facts_of(scenario).notes
    with zipfile.ZipFile(io.BytesIO(workbook(scenario))) as parts:
        assert said in parts.read("xl/sharedStrings.xml").decode()
    table = tco.breakeven(gpu=["L4", "T4"], utilization=0.5, prices=scenario.prices)
    assert [said in note for note in table.notes] == [True, False]


def test_the_check_lists_what_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    quoted = observed(rented(), by_hand.purchase("L4", 2_650, as_of=DAY, valid_until="2026-12-05"))

    def expired(as_of: str | None = None) -> list[str]:
        return [found.message for found in check(quoted, as_of) if found.kind == "expired"]

    at(DAY, monkeypatch)
    monkeypatch.setattr("tco.analysis.check.today", choice.today)
    assert expired() == []
    assert expired("2026-12-06") == ["L4: your quote of $2,650 expired on 2026-12-05"]
    assert len(expired("2027-01-01")) == 2
    monkeypatch.setattr("tco.analysis.check.today", lambda: "2026-12-06")
    assert len(expired()) == 1
    assert expired("2026-11-21") == []


def test_in_a_shell(tmp_path: Path) -> None:
    store = PriceStore(tmp_path / "prices.db")
    now = datetime.now(UTC).date()
    early, late = (now - timedelta(days=days) for days in (40, 2))
    until = {"as_of": early.isoformat(), "valid_until": late.isoformat()}
    store.add(by_hand.rental("L4", 0.41, provider="gcp", **until))
    options = ["--prices", str(tmp_path / "prices.db")]
    found = CliRunner().invoke(main, ["prices", "check", *options, "--json"])
    kinds = [finding["kind"] for finding in json.loads(found.stdout)["findings"]]
    assert kinds.count("expired") == 1
    asked = ["breakeven", "--gpu", "L4", *options, "--as-of", early.isoformat()]
    assert f"expired on {until['valid_until']}" in CliRunner().invoke(main, asked).output


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"gpu": "Mine"}, "give the prices of a GPU of your own with the scenario, as price_usd"),
        ({"gpu": "H100"}, "did you mean H100-NVL or H100-PCIe or H100-SXM?"),
        ({"as_of": "2199-01-01"}, "as_of = '2199-01-01' is in the future"),
        ({"valid_until": "31.12.2026"}, "is not a date YYYY-MM-DD; write 2026-12-31"),
        ({"as_of": "20261121"}, "write 2026-11-21"),
        ({"currency": "euro"}, "currency = 'euro' is not"),
        ({"currency": "HUF"}, "no exchange rate of HUF on or before 2026-11-21 is in the data"),
        ({"usd": "€2,650", "currency": "USD"}, "is in EUR, and the currency says USD"),
        ({"usd": "2500..2700", "currency": "EUR"}, "is a range: a quote is one price"),
        ({"as_of": "31.12.2026", "currency": "EUR"}, "as_of = '31.12.2026' is not a date"),
    ],
)
def test_a_quote_that_is_refused_says_what_to_do(told: dict[str, str], said: str) -> None:
    asked = {"gpu": "L4", "usd": "2650", "as_of": "2026-11-21"} | told
    with pytest.raises(InputError) as caught:
        by_hand.purchase(**asked)  # type: ignore[arg-type]
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("usd", "currency"), [("2650", "EUR"), ("2,650 €", ""), ("€2.650,00", "eur")]
)
def test_a_quote_in_another_currency_is_converted_and_says_how(usd: str, currency: str) -> None:
    rates = [one for one in load().exchange_rates if one.currency == "EUR"]
    rate = max((one for one in rates if one.as_of <= "2026-11-21"), key=lambda one: one.as_of)
    asked = {"currency": currency, "as_of": "2026-11-21", "note": "reseller"}
    (quote,) = by_hand.purchase("L4", usd, **asked).quotes
    assert quote.value == pytest.approx(2_650 * rate.usd_per_unit, abs=1e-6)
    how = f"2650 EUR at {rate.usd_per_unit:g} USD per EUR of {rate.as_of}"
    assert quote.note == f"{how}; reseller"


def test_a_quote_of_an_unknown_provider_changes_the_rate_alone() -> None:
    (quote,) = by_hand.rental("H100-SXM", 2.1, provider="acme", term="1yr", as_of=DAY).quotes
    mine = load().with_prices(Observations("a quote", {}, quotes=[quote]))
    asked = {"gpu": "H100-SXM", "gpus": 64, "term": "1yr", "as_of": DAY}
    typed = tco.breakeven(**asked, rate_usd_per_gpu_hour=2.1)
    quoted = tco.breakeven(**asked, prices=mine)
    assert quoted.scenario.values() == typed.scenario.values()
    assert quoted.npv_saving_usd == typed.npv_saving_usd


def test_quotes_are_listed_with_their_import_until_it_is_taken_back(tmp_path: Path) -> None:
    store = PriceStore(tmp_path / "prices.db")
    batches = [by_hand.rental("L4", usd, provider="acme", as_of="2026-11-21") for usd in (0.4, 0.5)]
    numbers = [store.add(batch).import_id for batch in batches]
    quotes = [batch.quotes[0] for batch in batches]
    assert store.quotes() == tuple(
        (number, "by_hand", quote) for number, quote in zip(numbers, quotes, strict=True)
    )
    store.undo(numbers[0])
    assert [number for number, _, _ in store.quotes()] == numbers[1:]
