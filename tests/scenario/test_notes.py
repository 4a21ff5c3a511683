"""Values outside of what is usual: noted in one place, read on every surface."""

from __future__ import annotations

import io
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import tco
from tco.cli import main
from tco.market.catalogue import Observations, load
from tco.market.importers import by_hand
from tco.report.csv import report_csv
from tco.report.facts import facts_of
from tco.report.sheet import page
from tco.report.workbook import workbook

RATE = "Rental rate: $500 per GPU-hour is far above the usual $0.40 to $0.90."


def noted(**inputs: object) -> tuple[str, ...]:
    """The notes, but that on how many providers are behind the rate."""
    found = tco.breakeven(gpu="L4", **inputs).notes
    return tuple(note for note in found if "is based on" not in note)


def shell(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_five_hundred_dollars_an_hour_do_not_pass_without_a_word() -> None:
    # The range is six tenths to one and a half times 0.598416, the median of the providers.
    assert noted(rate_usd_per_gpu_hour=500) == (RATE,)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"price_usd_per_gpu": 100}, "GPU price: $100 per GPU is far below the usual $2,380"),
        ({"horizon_months": 84}, "Holding period: 7 years is above the usual 2 to 5 years."),
        ({"utilization": 0.95}, "Utilization: 95 % is above the usual 20 to 90 %."),
        ({"selling_cost_rate": 0}, "Selling cost: 0 % is below the usual 5 to 25 %."),
        ({"rate_growth_per_year": -0.6}, "Change in rental rates: −60 % per year is below"),
        ({"loan_fee_rate": 0.2}, "Loan fee: 20 % is far above the usual 0 to 5 %."),
    ],
)
def test_each_sentence_has_the_number_the_range_and_the_unit(inputs: dict, said: str) -> None:
    (note,) = noted(**inputs)
    assert note.startswith(said)


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"pue": 1.3, "rate_usd_per_gpu_hour": 0.7, "price_usd_per_gpu": 2_500},
        {"gpus": 100_000},  # how many are needed is the question
        # Nobody knows what is usual.
        {"billing": "committed", "commitment_fee_usd_per_gpu": 10**6},
        {"pue": "1.2..1.4"},
    ],
)
def test_what_is_usual_or_of_no_known_range_has_no_note(inputs: dict) -> None:
    assert noted(**inputs) == ()


def test_the_market_widens_what_is_usual() -> None:
    # Offers of the H100 reach from 2.61 (P10) to 12.29 (P90); the range around their median from
    # 2.60 to 5.85.
    inputs = {"gpu": "H100-SXM", "rate_usd_per_gpu_hour": [2.62, 12.2, 12.3]}
    notes = tco.breakeven(**inputs).notes
    assert [bool(note) for note in notes] == [False, False, True]


def test_a_quote_is_noted_like_a_value() -> None:
    told = {"provider": "acme", "as_of": "2026-11-21", "valid_until": "2026-12-31"}
    quotes = by_hand.rental("L4", 50, **told).quotes
    prices = load().with_prices(Observations("quotes", {}, quotes=quotes))
    (note,) = tco.breakeven(gpu="L4", prices=prices).notes
    assert note.startswith("Rental rate: $50 per GPU-hour is far above")


def test_a_table_has_a_text_for_each_of_its_scenarios() -> None:
    inputs = {"gpu": ["L4", "H100-SXM", "L4"], "rate_usd_per_gpu_hour": [500, 3, 0.7]}
    table = tco.breakeven(**inputs, pue=[[1.0], [1.2]])
    assert table.notes.shape == (2, 3)
    cold = "Cooling (PUE): 1 is below the usual 1.15 to 1.8."
    assert table.notes.tolist() == [[f"{cold} {RATE}", cold, cold], [RATE, "", ""]]
    for at in np.ndindex(2, 3):
        alone = tco.breakeven(
            gpu=inputs["gpu"][at[1]],
            rate_usd_per_gpu_hour=inputs["rate_usd_per_gpu_hour"][at[1]],
            pue=[1.0, 1.2][at[0]],
        )
        assert " ".join(alone.notes) == table.notes[at]


def test_a_series_keeps_its_index() -> None:
    rates = pd.Series([500, 0.7], index=["dear", "usual"])
    notes = tco.breakeven(gpu="L4", rate_usd_per_gpu_hour=rates).notes
    assert notes.to_dict() == {"dear": RATE, "usual": ""}


def test_what_was_given_and_does_not_count_is_said() -> None:
    only = "not counted in this comparison (counts only with"
    fee = f"Commitment fee: {only} a commitment)."
    assert noted(commitment_fee_usd_per_gpu=7_000) == (fee,)
    assert noted(commitment_fee_usd_per_gpu=7_000, billing="committed") == ()
    assert noted(commitment_fee_usd_per_gpu=0, sold_by_server=False) == ()
    assert noted(sold_by_server=True)[0].endswith(f"{only} whole servers).")
    assert noted(financing="loan", loan_apr=0.07) == noted(debt_rate=0.07) == ()
    table = {"billing": ["per_use", "committed"], "commitment_fee_usd_per_gpu": [700, 700]}
    table |= {"financing": ["cash", "loan"], "loan_apr": 0.5}
    said = tco.breakeven(gpu="L4", **table).notes.tolist()
    for at, text in enumerate(said):
        one = {name: given[at] if type(given) is list else given for name, given in table.items()}
        alone = tco.breakeven(gpu="L4", **one).notes
        assert sorted(text.split(". ")) == sorted(" ".join(alone).split(". "))
    assert [fee in text for text in said] == [True, False]


def test_a_line_that_is_never_paid_is_said() -> None:
    lines = [
        tco.Line(name="late", side="own", usd=1, first_month=37),
        tco.Line(name="audit", side="rent", usd=1, when="term"),
        tco.Line(name="rest", side="rent", usd=1, basis="item:unused_commitment", when="exit"),
        tco.Line(name="cage", side="own", usd=1, basis="item:space"),
        tco.Line(name="fee", side="own", usd=1),
    ]
    said = noted(lines=lines)
    assert [note.partition(":")[0] for note in said] == [
        *("Line late", "Line audit", "Line rest", "Line cage")
    ]
    paid = {"horizon_months": 36.5, "term": "1yr", "hosting": "own_site"}
    assert noted(lines=lines, **paid) == ()


def test_every_surface_says_it() -> None:
    answer = tco.breakeven(gpu="L4", rate_usd_per_gpu_hour=500)
    given = ("--gpu", "L4", "--rate-usd-per-gpu-hour", "500")
    assert RATE in repr(answer)
    assert RATE in answer._repr_html_()
    assert answer.to_dict()["notes"] == [RATE]
    assert f"Note: {RATE}" in shell("breakeven", *given)
    assert json.loads(shell("breakeven", *given, "--json"))["results"]["notes"] == [RATE]
    assert json.loads(shell("report", *given, "--json"))["results"]["notes"] == [RATE]
    assert json.loads(shell("tornado", *given, "--format", "json"))["notes"] == [RATE]
    assert f"Note: {RATE}" in shell("flips", *given)
    assert f",{RATE},,rate_usd_per_gpu_hour," in report_csv(answer.scenario)
    assert RATE in page(answer.scenario)
    assert facts_of(answer.scenario).notes == RATE
    book = openpyxl.load_workbook(io.BytesIO(workbook(answer.scenario)), data_only=True)
    assert RATE in {row[0].value for row in book["Summary"].iter_rows()}
    assert RATE in {row[16].value for row in book["Inputs"].iter_rows()}


def test_a_few_are_read_out_and_the_others_counted() -> None:
    odd = {"pue": 1, "utilization": 1, "selling_cost_rate": 0, "discount_rate": 0.5}
    said = facts_of(tco.Scenario(gpu="L4", **odd)).notes
    assert said.count(" is ") == 3
    assert said.endswith(" Further notes in the CSV report: 1.")


def test_a_table_of_scenarios_has_a_column_of_notes(tmp_path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("gpu,rate_usd_per_gpu_hour,pue\nL4,500,\nL4,,1.2\nL4,,9\n")
    done = CliRunner().invoke(main, ["breakeven", "--csv", str(file)], catch_exceptions=False)
    rows = pd.read_csv(pd.io.common.StringIO(done.stdout))
    assert list(rows.columns)[-6:-4] == ["error", "notes"]
    assert rows["notes"].fillna("").tolist() == [RATE, "", ""]
    assert rows["error"].notna().tolist() == [False, False, True]


def test_a_used_card_without_a_used_price_is_noted_where_the_verdict_is_read() -> None:
    asked = {"gpu": "L40S", "price_basis": "used", "as_of": "2026-11-21"}
    (said, *_) = tco.breakeven(**asked).notes
    assert said.startswith("GPU price: no used price is known, so a mixed price for new and used")
    assert said in facts_of(tco.Scenario(**asked)).notes
    table = tco.breakeven(**asked | {"gpu": ["L40S", "T4"]}).notes
    assert [said in one for one in table] == [True, False]
    given = tco.breakeven(**asked, price_usd_per_gpu=6_000).notes
    assert not any("used price" in note for note in given)
