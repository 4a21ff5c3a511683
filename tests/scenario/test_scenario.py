"""What a scenario stores, resolves and refuses."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tco
from tco import InputError, Scenario
from tco.inputs import INPUTS
from tco.version import SCHEMA_VERSION

KNOWN, LATER = f"1 to {SCHEMA_VERSION}", SCHEMA_VERSION + 1


def test_a_what_if_is_another_scenario() -> None:
    assert replace(Scenario(gpu="L4"), gpu="T4") == Scenario(gpu="T4")
    values = replace(Scenario(gpu="L4"), gpu="T4").values()
    assert values == Scenario(gpu="T4").values()
    for name in ("price_usd_per_gpu", "gpu_w", "idle_w", "rate_usd_per_gpu_hour"):
        assert values[name] != Scenario(gpu="L4").values()[name]
    assert values["gpu_w"] == 70


def test_keywords_on_top_of_a_scenario_are_what_ifs() -> None:
    base = Scenario(gpu="L4", utilization=0.3)
    assert tco.breakeven(base, utilization=0.9) == tco.breakeven(gpu="L4", utilization=0.9)
    assert tco.breakeven(base, utilization=None).scenario == Scenario(gpu="L4")


def test_it_stores_what_was_given_and_is_frozen() -> None:
    scenario = Scenario(utilization=0.3, gpu="L4")
    assert scenario.given == {"gpu": "L4", "utilization": 0.3}
    assert repr(scenario) == "Scenario(gpu='L4', utilization=0.3)"
    with pytest.raises(AttributeError):
        scenario.utilization = 0.4  # type: ignore[misc]
    assert hash(scenario) == hash(Scenario(gpu="L4", utilization=0.3))
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_every_value_has_a_status_and_defaults_have_a_source_and_a_date() -> None:
    resolved = Scenario(gpu="L4", utilization=0.6).resolved()
    assert list(resolved) == list(INPUTS)
    assert resolved["utilization"].status == "yours"
    for entry in resolved.values():
        assert entry.status in ("yours", "default", "assumption")
        if entry.status == "default" and entry.name not in (
            "as_of",
            "billing",
            "commitment_months",
        ):
            assert entry.source_id, entry
        if entry.status != "yours":
            assert entry.as_of, entry
            assert entry.note, entry


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("on_demand", "per_use", 12)),
        ({"term": "spot"}, ("spot", "per_use", 12)),
        ({"term": "1yr"}, ("1yr", "committed", 12)),
        ({"term": "3yr"}, ("3yr", "committed", 36)),
        ({"term": "5yr"}, ("5yr", "committed", 60)),
        ({"billing": "committed"}, ("1yr", "committed", 12)),
        ({"billing": "committed", "commitment_months": 6}, ("1yr", "committed", 6)),
        ({"billing": "committed", "commitment_months": 13}, ("3yr", "committed", 13)),
        ({"billing": "committed", "commitment_months": 37}, ("5yr", "committed", 37)),
        ({"billing": "committed", "commitment_months": 61}, ("5yr", "committed", 61)),
        ({"billing": "always_on"}, ("on_demand", "always_on", 12)),
        ({"term": "3yr", "billing": "per_use"}, ("3yr", "per_use", 36)),
    ],
)
def test_billing_follows_the_term(given: dict[str, Any], expected: tuple[Any, ...]) -> None:
    values = Scenario(**given).values()
    assert (values["term"], values["billing"], values["commitment_months"]) == expected


def test_the_provider_the_region_and_the_term_choose_the_rate() -> None:
    aws = Scenario(gpu="L4", provider="aws", region="us-east-1", as_of="2026-08-01")
    gcp = Scenario(gpu="L4", provider="gcp", region="us-central1")
    assert aws.values()["rate_usd_per_gpu_hour"] != gcp.values()["rate_usd_per_gpu_hour"]
    three = Scenario(gpu="L4", provider="gcp", region="us-central1", term="3yr")
    assert three.values()["rate_usd_per_gpu_hour"] < gcp.values()["rate_usd_per_gpu_hour"]


def test_what_has_no_older_value_is_an_assumption_and_says_so() -> None:
    early, today = (Scenario(gpu="L4", as_of=day).resolved() for day in ("2022-01-01", None))
    for name in ("gpu_w", "idle_w", "gpus_per_server", "pue", "discount_rate"):
        assert early[name].value
        assert early[name].status == "assumption"
        assert early[name].note.startswith("no older value is known")
        assert today[name].status == "default"
    fee = Scenario(hosting="colo_all_in", as_of="2022-01-01").resolved()["colo_usd_per_kw_month"]
    assert (fee.value, fee.status) == (791, "assumption")


def test_power_included_is_not_cheaper_than_power_on_the_meter() -> None:
    for gpu in ("L4", "T4", "A100-80GB-PCIe", "H100-SXM", "B200"):
        metered, included = (
            tco.ledger(gpu=gpu, hosting=hosting, side="own")["present_value_usd"].sum()
            for hosting in ("colo_metered", "colo_all_in")
        )
        assert included > metered


def test_rows_dated_later_are_ignored() -> None:
    early = Scenario(gpu="L4", as_of="2026-06-30")
    rates = tco.catalog.rates("L4")
    assert 0 < (rates["as_of"] <= "2026-06-30").sum() < len(rates)
    assert (
        early.values()["rate_usd_per_gpu_hour"]
        != Scenario(gpu="L4").values()["rate_usd_per_gpu_hour"]
    )
    with pytest.raises(InputError, match="rate_usd_per_gpu_hour is not known"):
        tco.breakeven(gpu="L4", as_of="2019-01-01", price_usd_per_gpu=2_500)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(),
        Scenario(gpu="L4", utilization=0.6, whole_servers=True, term="3yr"),
        Scenario(utilization=[0.2, 0.4], gpu=["L4", "T4"], whole_racks=[True, False]),
    ],
)
def test_dict_and_json_there_and_back(scenario: Scenario) -> None:
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    assert Scenario.from_json(scenario.to_json()) == scenario
    assert json.loads(scenario.to_json())["schema_version"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "not a JSON document"),
        ("[]", "a scenario document is"),
        ('{"schema_version": 1}', "a scenario document is"),
        (
            f'{{"schema_version": {LATER}, "inputs": {{}}}}',
            f"schema_version {LATER} is not one of {KNOWN}",
        ),
        ('{"schema_version": true, "inputs": {}}', f"schema_version True is not one of {KNOWN}"),
        ('{"schema_version": 1.0, "inputs": {}}', f"schema_version 1.0 is not one of {KNOWN}"),
        ("{" + ", ".join(['"a": 1', '"b": 2'] * 10_000) + "}", "a is given twice"),
        ('{"schema_version": 1, "inputs": {}, "extra": 1}', "unknown keys: extra"),
        ('{"schema_version": 1, "inputs": {"pue": 1.5, "pue": 1.6}}', "pue is given twice"),
        ('{"schema_version": 1, "inputs": {"pue": NaN}}', "NaN is not a number"),
        ('{"schema_version": 1, "inputs": {"pue": 1e400}}', "pue = inf is outside"),
        ('{"schema_version": 1, "inputs": {"pew": 1.5}}', "pew is not an input; did you mean pue"),
        ("[" * 100_000, "not a JSON document"),
    ],
)
def test_json_that_is_refused(document: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason.replace("[", r"\[")):
        Scenario.from_json(document)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"utilization": 60}, "utilization = 60 is outside [0, 1]: share of all hours"),
        ({"utilization": 60}, "shares are fractions: did you mean 0.6?"),
        ({"utilization": float("nan")}, "utilization = nan is outside [0, 1]"),
        ({"pue": float("inf")}, "pue = inf is outside [1, 3]: facility power divided by IT power"),
        ({"price_usd_per_gpu": -1}, "price_usd_per_gpu = -1 is outside [0, 1000000]"),
        ({"gpu": "L5"}, "gpu = 'L5' is not in the catalog"),
        ({"gpu": "L5"}, "did you mean L4"),
        ({"gpu": "h100 sxm"}, "did you mean H100-SXM"),
        ({"utilisation": 0.6}, "utilisation is not an input; did you mean utilization?"),
        ({"gpus": 0}, "gpus = 0 is not a whole number in [1, 1000000]"),
        ({"gpus": 2.5}, "gpus = 2.5 is not a whole number in [1, 1000000]"),
        ({"gpus": True}, "gpus = True is true or false, not a number"),
        ({"gpus": 10**30}, "is not a whole number in [1, 1000000]"),
        ({"gpus": 10**400}, "is not a whole number in [1, 1000000]"),
        ({"horizon_months": 0}, "horizon_months = 0 is outside (0, 240]"),
        ({"pue": "low"}, "pue = 'low' is text, not a number in [1, 3]"),
        ({"pue": object}, "is not a number in [1, 3]"),
        ({"pue": 1j}, "is not a number in [1, 3]"),
        ({"pue": Decimal("sNaN")}, "is outside [1, 3]"),
        ({"whole_servers": 1}, "whole_servers = 1 is not true or false"),
        ({"hosting": "cloud"}, "hosting = 'cloud' is not own_site, colo_metered or colo_all_in"),
        ({"as_of": "2026-02-30"}, "as_of = '2026-02-30' is not a day of the calendar"),
        ({"as_of": "２０２６-02-30"}, "is not a day of the calendar"),
        ({"as_of": "2026"}, "is not a date YYYY-MM-DD"),
        ({"gpu": ""}, "gpu = '' is not a key of the catalog"),
        ({"gpu": 4}, "gpu = 4 is not a key of the catalog"),
        ({"provider": "azur"}, "did you mean azure"),
        ({"region": "us-central"}, "did you mean us-central1"),
        ({"discount_rate": -0.99}, "is outside (-0.99, 1]"),
        ({"utilization": [0.1, 60, 0.3]}, "utilization[1] = 60 is outside [0, 1]"),
        ({"utilization": np.array([0.1, np.nan])}, "utilization[1] = nan is outside [0, 1]"),
        ({"utilization": [0.1, None]}, "utilization[1] = None is missing"),
        ({"utilization": [0.1, "x"]}, "utilization[1] = 'x' is text"),
        ({"utilization": [[0.1], [0.2, 0.3]]}, "utilization"),
        ({"utilization": np.array([True])}, "utilization[0] = True is true or false"),
        ({"utilization": np.ma.masked_array([0.1, 0.2], [False, True])}, "[1] = None is missing"),
        ({"utilization": pd.Series([0.1, None])}, "utilization[1] = nan is outside"),
        ({"gpu": ["L4", "L5"]}, "gpu[1] = 'L5' is not in the catalog"),
        ({"utilization": [0.1, 0.2], "pue": [1.1, 1.2, 1.3]}, "do not broadcast to one shape"),
        ({"pue": {"a": 1}}, "is not a number"),
        ({"gpus": 10**5_000}, "is not a whole number in [1, 1000000]"),
        ({"gpus": [10**5_000]}, "is not a whole number in [1, 1000000]"),
        ({"gpus": Fraction(10**5_000, 3)}, "is not a whole number in [1, 1000000]"),
        ({"gpus": Decimal("1e3000000")}, "is not a whole number in [1, 1000000]"),
        ({"gpus": [np.array([1, 2])]}, "is not a number in [1, 1000000]"),
        ({"gpus": pd.DataFrame({"a": [1]})}, "is not a table column"),
        ({"gpus": np.ones((1,) * 33)}, "is not a table column"),
        ({"utilization": np.ma.masked}, "utilization = None is missing"),
        ({"utilization": np.ma.array(0.5, mask=True)}, "utilization = None is missing"),
        ({"gpus": np.ones((30_000, 1)), "utilization": np.ones(30_000)}, "900,000,000 scenarios"),
    ],
)
def test_bad_input_gets_one_clear_error(inputs: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as caught:
        tco.breakeven(**inputs)
    assert says in str(caught.value)


def test_all_problems_of_one_call_together() -> None:
    with pytest.raises(InputError) as caught:
        tco.breakeven(gpu="L5", utilization=60, pue=0.9, watts=72)
    names = {problem.input for problem in caught.value.problems}
    assert names == {"gpu", "utilization", "pue", "watts"}
    with pytest.raises(InputError) as caught:
        tco.breakeven(Scenario(gpu="L4"), pew=1, utilization=60)
    assert {problem.input for problem in caught.value.problems} == {"pew", "utilization"}


def test_series_must_share_their_index() -> None:
    with pytest.raises(InputError, match="a different index"):
        Scenario(
            utilization=pd.Series([0.1, 0.2], index=[0, 1]), pue=pd.Series([1.1, 1.2], index=[1, 2])
        )


@pytest.mark.parametrize(
    "value", [0.5, np.float64(0.5), np.array(0.5), Decimal("0.5"), Fraction(1, 2), np.float32(0.5)]
)
def test_any_real_number_is_a_number(value: Any) -> None:
    scenario = Scenario(utilization=value)
    assert scenario == Scenario(utilization=0.5)
    assert type(scenario.utilization) is float


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert Scenario(gpus=8.0) == Scenario(gpus=8) == Scenario(gpus=np.int64(8))
    assert type(Scenario(gpus=8.0).gpus) is int


def test_copies_and_pickles_are_as_frozen() -> None:
    scenario = Scenario(utilization=[0.1, 0.2], pue=pd.Series([1.1, 1.2]))
    for twin in (copy.deepcopy(scenario), pickle.loads(pickle.dumps(scenario))):
        assert twin == scenario
        with pytest.raises(ValueError, match="read-only"):
            twin.utilization[0] = 5  # type: ignore[index]


def test_nothing_warns() -> None:
    tiny = tco.breakeven(gpu_w=[1e-300, 5e-324], server_w=0, hosting="own_site")
    assert np.isfinite(tiny.own_npv_usd).all()


def test_dates_may_be_dates() -> None:
    assert Scenario(as_of=date(2026, 8, 1)) == Scenario(as_of="2026-08-01")


def test_a_gpu_without_offers_still_has_an_owning_side() -> None:
    unpriced = {"gpu": "RTX-PRO-4500", "provider": "lambda"}
    for question in (tco.breakeven, tco.curves, tco.ledger):
        with pytest.raises(InputError, match="rate_usd_per_gpu_hour is not known"):
            question(**unpriced)
    assert tco.ledger(**unpriced, side="own")["cost_usd"].sum() > 0
    assert tco.rack(**unpriced).gpus_per_rack > 0
    assert tco.breakeven(**unpriced, rate_usd_per_gpu_hour=0.5).verdict


def test_a_row_without_an_offer_is_named() -> None:
    with pytest.raises(
        InputError, match=r"hour\[1\] is not known .no rental offer for the RTX-PRO"
    ):
        tco.breakeven(gpu=["L4", "RTX-PRO-4500", "RTX-PRO-4500"], provider="gcp")
    table = tco.breakeven(gpu=["L4", "RTX-PRO-4500"], rate_usd_per_gpu_hour=[0.7, 0.5])
    assert len(table.to_frame()) == 2


def test_a_rack_that_holds_no_server() -> None:
    hungry = {"gpu": "B200", "rack_kw": 10}
    with pytest.raises(InputError, match=r"rack_kw = 10 holds no server .*14.3 kW"):
        tco.rack(**hungry)
    for question in (tco.breakeven, tco.curves, tco.ledger):
        with pytest.raises(InputError, match="rack_kw = 10 holds no server"):
            question(**hungry, hosting="own_site")
    elsewhere = tco.breakeven(**hungry, hosting="colo_metered")
    assert (elsewhere.gpus_per_rack, elsewhere.racks) == (0, float("inf"))
    with pytest.raises(InputError, match="rack_units = 1 holds no server"):
        tco.rack(gpu="L4", rack_units=1)
    with pytest.raises(InputError) as caught:
        tco.breakeven(gpu="B200", hosting=["own_site", "colo_metered"], rack_kw=[10, 10])
    assert caught.value.problems[0].rows == (0,)


def test_the_clock_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    before = tco.breakeven(gpu="L4")
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert tco.breakeven(gpu="L4") == before
    assert before.as_of == tco.Scenario().values()["as_of"]


def test_what_was_worked_out_before_is_nobodys_to_change() -> None:
    scenario = Scenario(gpu="L4", residual_share=0.3)
    for ask in (scenario.values, scenario.resolved):
        found = ask()
        ask().clear()
        assert ask() == found
    assert scenario.values()["resale_decline_per_year"] == scenario.resale_decline_per_year
    copied = pickle.loads(pickle.dumps(scenario))
    assert (copied, copied.values()) == (scenario, scenario.values())
    other = replace(scenario, gpu="T4")
    assert other.values()["gpu_w"] != scenario.values()["gpu_w"]
