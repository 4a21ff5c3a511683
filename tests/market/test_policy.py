"""Policy files: what they lock, what they allow, and where their values show."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import tco
from tco.cli import main
from tco.errors import DataError, InputError
from tco.market.policy import policy_of
from tco.model.breakeven import breakeven
from tco.report.csv import report_csv
from tco.report.facts import facts_of
from tco.report.sheet import page

TEXT = """
name = "Finance 2026"
as_of = "2026-11-01"

[inputs.discount_rate]
value = 0.11
note = "treasury"

[inputs.resale_decline_per_year]
value = 0.3
low = 0.25
high = 0.4

[inputs.pue]
low = 1.2
high = 1.4

[inputs.hosting]
value = "colo_all_in"
"""
POLICY = policy_of(TEXT)
FEE = {"name": "fee", "side": "own"}
L4: dict[str, Any] = {"gpu": "L4", "policy": POLICY}


def test_its_values_count_before_the_data_and_say_so() -> None:
    found = tco.Scenario(**L4).resolved()
    rate = found["discount_rate"]
    assert (rate.value, rate.status, rate.as_of) == (0.11, "policy", "2026-11-01")
    assert rate.note == "Finance 2026: treasury"
    # The default of the data, 1.54, is above what is allowed.
    assert (found["pue"].value, found["pue"].status) == (1.4, "policy")
    # What follows from the hosting follows from the policy's: another fee, that of power included.
    usual = tco.Scenario(gpu="L4", hosting="colo_all_in").resolved()["colo_usd_per_kw_month"]
    assert found["colo_usd_per_kw_month"].value == usual.value
    assert found["utilization"].status == "assumption"


def test_the_answer_is_that_of_the_same_values_given_by_hand() -> None:
    told = {"discount_rate": 0.11, "resale_decline_per_year": 0.3, "pue": 1.4}
    by_hand = breakeven(gpu="L4", hosting="colo_all_in", **told)
    assert breakeven(**L4).npv_saving_usd == by_hand.npv_saving_usd
    alone = tco.Scenario.from_json(tco.Scenario(**L4).to_json())
    assert breakeven(alone).npv_saving_usd == by_hand.npv_saving_usd


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"discount_rate": 0.07},
            "discount_rate = 0.07 is locked at 11 % per year by the policy F",
        ),
        ({"hosting": "own_site"}, "locked at colocation"),
        ({"resale_decline_per_year": 0.5}, "outside what the policy Finance 2026 allows, 25 %"),
        ({"resale_decline_per_year": "0.3..0.5"}, "outside what the policy"),
        ({"residual_share": 0.7}, "resale_decline_per_year = 0.11"),
        ({"pue": [1.3, 1.5]}, r"pue\[1\] = 1.5 is outside"),
    ],
)
def test_what_it_locks_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tco.Scenario(**L4, **given)
    with pytest.raises(InputError, match=said):
        breakeven(tco.Scenario(**L4), **given)


def test_a_range_that_is_refused_reads_as_it_was_given() -> None:
    with pytest.raises(InputError, match=r"pue = 1\.1\.\.1\.3 is outside"):
        tco.Scenario(**L4, pue="1.1..1.3")


def test_no_name_for_a_policy_is_an_error_and_not_no_policy() -> None:
    assert CliRunner().invoke(main, ["breakeven", "--gpu", "L4", "--policy", ""]).exit_code == 2


def test_the_list_of_inputs_says_whose_a_value_is(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(TEXT)
    told = CliRunner().invoke(main, ["inputs", "--policy", str(policy), "--wide"]).stdout
    line = next(one for one in told.splitlines() if one.startswith("discount_rate"))
    assert "policy" in line
    assert "Finance 2026: treasury" in line


def test_amounts_are_given_in_its_currency() -> None:
    table = "inputs.currency.value = 'EUR'\ninputs.fx_rate.value = 0.8\n"
    head = "name = 'Finance 2026'\nas_of = '2026-11-01'\n"
    dated = policy_of(f"{head}{table}inputs.fx_as_of.value = '2026-11-20'")
    told: dict[str, Any] = {"price_usd_per_gpu": "2400 EUR", "lines": [{**FEE, "usd": "80 EUR"}]}
    found = tco.Scenario(gpu="L4", policy=dated, **told)
    assert found.given["price_usd_per_gpu"] == 3_000
    assert found.lines[0].usd == 100
    assert found.conversion is not None
    assert found.conversion.label == "converted at 0.8 EUR per USD as of 2026-11-20"
    undated = tco.Scenario(gpu="L4", policy=policy_of(head + table)).conversion
    assert undated is not None
    assert undated.assumed
    code = policy_of(f"{head}inputs.currency.value = 'EUR'")
    both = {"fx_rate": "1.25 USD per EUR", "price_usd_per_gpu": "2400 EUR"}
    assert tco.Scenario(gpu="L4", policy=code, **both).given["price_usd_per_gpu"] == 3_000
    with pytest.raises(InputError, match=r"give it in USD or EUR.*\n.*"):
        tco.Scenario(gpu="L4", policy=dated, price_usd_per_gpu="2400 GBP", rate_growth_per_year=9)


def test_what_it_allows_is_taken() -> None:
    case = tco.Scenario(**L4, discount_rate=0.11, resale_decline_per_year=0.4, pue="1.2..1.4")
    found = case.resolved()
    assert (found["discount_rate"].status, found["pue"].status) == ("yours", "yours")


def test_questions_of_what_would_be_are_answered_beside_it() -> None:
    case = tco.Scenario(**L4)
    assert {"buy_new", "spot"} <= set(tco.options(case)["option"])
    assert "discount_rate" not in tco.simulate(case, draws=64).uncertain


def test_futures_stay_inside_the_range_that_it_allows() -> None:
    policy = policy_of(
        'name = "F"\nas_of = "2026-11-01"\n[inputs.utilization]\nlow = 0.45\nhigh = 0.6\n'
    )
    found = tco.Scenario(gpu="L4", policy=policy).resolved()["utilization"]
    assert (found.value, found.low, found.high) == (0.5, 0.45, 0.6)
    assert found.status == "assumption"


def test_every_surface_marks_its_values() -> None:
    case = tco.Scenario(**L4)
    rows = {row["name"]: row for row in csv.DictReader(report_csv(case).splitlines())}
    told = rows["discount_rate"]
    assert [told[name] for name in ("section", "value", "status", "as_of")] == [
        *("input", "0.11", "policy", "2026-11-01")
    ]
    assert "4 from the policy Finance 2026" in facts_of(case).foundations
    assert "4 from the policy Finance 2026" in page(case)
    assert "policy" in repr(case)


def test_a_table_has_an_error_in_the_rows_that_it_does_not_take(tmp_path: Path) -> None:

    rows, policy = tmp_path / "rows.csv", tmp_path / "policy.toml"
    rows.write_text("gpu,pue,discount_rate\nL4,1.3,\nL4,1.5,\nL4,,0.07\n")
    policy.write_text(TEXT)
    done = CliRunner().invoke(main, ["breakeven", "--csv", str(rows), "--policy", str(policy)])
    told = done.stdout.splitlines()
    assert ",11 %" not in told[1]
    assert "pue = 1.5 is outside what the policy" in told[2]
    assert "discount_rate = 0.07 is locked" in told[3]
    alone = CliRunner().invoke(main, ["breakeven", "--gpu", "L4", "--pue", "1.5"])
    assert alone.exit_code == 0
    refused = CliRunner().invoke(
        main, ["breakeven", "--gpu", "L4", "--pue", "1.5"], env={"TCO_POLICY": str(policy)}
    )
    assert refused.exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no .inputs"),
        ("name = 3", "is not a name"),
        ("not toml at all", "policy: "),
        (TEXT.replace("value = 0.11", "value = 11"), "discount_rate: value"),
        (TEXT.replace("low = 0.25", "low = 0.35"), "low = 0.35, high = 0.4, but low ≤"),
        (TEXT.replace("low = 1.2", "low = 1.5"), "contradicts itself"),
        (TEXT.replace("[inputs.pue]", "[inputs.discount_rate]"), "discount_rate. is there twice"),
        (TEXT.replace("inputs.pue", "inputs.puee"), "did you mean pue"),
        (TEXT.replace("inputs.pue", "inputs.as_of"), "no input that can be locked"),
        (TEXT.replace("note =", "why ="), "unknown key why"),
        (TEXT.replace('value = "colo_all_in"', "low = 1"), "is for numbers"),
        (TEXT.replace("2026-11-01", "last week"), "is not a date"),
        (TEXT.replace("as_of", "on"), "as_of is missing"),
        (TEXT.replace("Finance 2026", r"Fi\nnance"), "in one line"),
        (TEXT.replace("value = 0.11", 'value = "0.05..0.11"'), "give low and high"),
        (TEXT.replace("value = 0.11", "value = [0.11]"), "give low and high"),
        (TEXT.replace('"treasury"', "[1]"), "note = .1. is not a text"),
    ],
)
def test_a_policy_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        policy_of(text)


def test_none_is_found_where_nobody_named_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.toml").write_text(TEXT)
    (tmp_path / "tco-policy.toml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    assert breakeven(gpu="L4", pue=1.5).scenario.catalogue.policy is None
