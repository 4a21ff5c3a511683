"""The rate implicit in a lease in the shell: of an offer, and of a scenario."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from tco.cli import main

OFFER = ("--payment-usd", "2,900", "--months", "36", "--value-usd", "100000")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("lease-rate", *arguments))


def test_an_offer_as_it_is_quoted() -> None:
    done = run(*OFFER, "--residual-usd", "10000", "--in-advance")
    assert done.exit_code == 0
    assert done.stdout.startswith("This lease costs 8.681 % a year nominal, 9.035 % effective: ")
    assert "Total payments  $104,400" in done.stdout
    found = json.loads(
        run(*OFFER, "--residual-usd", "10000", "--in-advance", "--format", "json").stdout
    )
    assert found["lease_rate"]["nominal_rate"] == pytest.approx(0.08681, abs=5e-6)
    assert found["lease_rate"]["payments"] == 36


def test_an_offer_by_the_quarter_as_csv() -> None:
    done = run(*OFFER, "--interval-months", "3", "--fee-usd", "500", "--format", "csv")
    rows = {row["name"]: row["value"] for row in csv.DictReader(io.StringIO(done.stdout))}
    assert (rows["payments"], rows["interval_months"], rows["in_advance"]) == ("12", "3", "false")
    # 12 payments of 2,900 and the fee are less than what is leased costs.
    assert float(rows["interest_usd"]) == 12 * 2_900 + 500 - 100_000
    assert float(rows["nominal_rate"]) < 0


def test_amounts_in_another_currency() -> None:
    euro = ("--currency", "EUR", "--fx-rate", "0.5", "--fx-as-of", "2026-11-20")
    shown = " ".join(run(*OFFER, *euro).stdout.split())
    assert "€1,450 monthly in arrears for 3 years on €50,000" in shown
    assert shown.endswith(
        "converted at 0.5 EUR per USD as of 2026-11-20; the model computes in USD."
    )
    found = json.loads(run(*OFFER, *euro, "--format", "json").stdout)["lease_rate"]
    assert (found["payment_usd"], found["payment_eur"]) == (2_900, 1_450)
    rows = list(csv.DictReader(io.StringIO(run(*OFFER, *euro, "--format", "csv").stdout)))
    units = {
        row["name"]: (float(row["value"]), row["unit"]) for row in rows if "value_" in row["name"]
    }
    assert units == {"value_usd": (100_000, "USD"), "value_eur": (50_000, "EUR")}


def test_the_lease_of_a_scenario() -> None:
    lease = ("--financing", "lease", "--lease-usd-per-gpu-month", "90", "--lease-covers", "gpus")
    done = run("--gpu", "L4", "--price-usd-per-gpu", "2500", *lease)
    assert done.exit_code == 0
    # Eight cards in advance for three years.
    assert "$720 monthly in advance for 3 years on $20,000" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no lease quote is known"),
        (OFFER[:2], "an offer needs --months, --value-usd too"),
        (("--in-advance",), "an offer needs --payment-usd, --months, --value-usd too"),
        ((*OFFER, "--interval-months", "5"), "months = 36 is no multiple of interval_months = 5"),
        ((*OFFER[:4], "--value-usd", "a lot"), "value_usd = 'a lot'"),
    ],
)
def test_what_is_missing_is_said(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.stderr


def test_an_offer_in_the_currency_of_the_scenario() -> None:
    euros = ("--currency", "EUR", "--fx-rate", "0.8", "--format", "json")
    offer = ("--months", "36", "--residual-usd", "8.000 EUR", "--in-advance")
    unclear = run("--payment-usd", "2.320,00 €", "--value-usd", "$100,000", *offer, *euros)
    assert "could mean 8 or 8000" in unclear.stderr
    offer = ("--months", "36", "--residual-usd", "8000 EUR", "--in-advance")
    both = run("--payment-usd", "2.320,00 €", "--value-usd", "$100,000", *offer, *euros)
    found = json.loads(both.stdout)["lease_rate"]
    assert found["nominal_rate"] == pytest.approx(0.08681, abs=5e-6)
    assert (found["payment_usd"], found["payment_eur"]) == (2900, 2320)
    other = run("--payment-usd", "2900 GBP", "--value-usd", "100000", *offer, *euros)
    assert other.exit_code == 2
    assert "payment_usd = '2900 GBP' is in GBP" in other.stderr
    alone = run("--payment-usd", "2900 EUR", "--months", "36", "--value-usd", "100000")
    assert 'give currency="EUR" and fx_rate' in alone.stderr
