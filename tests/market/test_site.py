"""Where owned hardware stands, and in which country: what that makes of the defaults."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import tco
from tco import Scenario
from tco.analysis.options import options, what_if
from tco.analysis.sweep import answer_frame
from tco.market.catalogue import HOME, OF_SITE, load
from tco.market.choice import TARIFF, Question, resolve
from tco.report.option_tables import standing
from tco.scenario.other_gpu import with_gpu

# The exchange rate of the EUR rows: data/fx.csv, 2026-01-22.
EUR = 1.1739
# Of a home: a card is bought and put into the PC that is there; nobody is paid for more.
NOTHING = {
    "hosting": "own_site",
    "pue": 1,
    "rack_usd_per_month": 0,
    "staff_usd_per_gpu_month": 0,
    "insurance_rate_per_year": 0,
    "server_usd": 0,
    "network_usd_per_gpu": 0,
    "install_usd_per_gpu": 0,
    "maintenance_rate_per_year": 0,
}


def of(**asked: Any) -> dict[str, Any]:
    return {name: entry.value for name, entry in resolve(Question(**asked), load()).items()}


def items(**given: Any) -> dict[str, float]:
    """What each item of owning costs over the horizon, not discounted [USD]."""
    rows = tco.ledger(side="own", **given)
    return {str(item): float(cost) for item, cost in rows.groupby("item")["cost_usd"].sum().items()}


@pytest.mark.parametrize(
    ("gpu", "site", "hosting"),
    [
        *(("GMKtec-EVO-X2", "home", "own_site"), ("Mac-Studio-M4-Max", "home", "own_site")),
        *(("RTX-4090", "office", "own_site"), ("RTX-A6000", "office", "own_site")),
        *(("L4", "datacenter", "colo_metered"), ("H100-SXM", "datacenter", "colo_metered")),
    ],
)
def test_the_site_follows_the_host_class(gpu: str, site: str, hosting: str) -> None:
    found = of(gpu=gpu)
    assert (found["site"], found["hosting"]) == (site, hosting)
    assert of(gpu=gpu, site="datacenter")["hosting"] == "colo_metered"


@pytest.mark.parametrize("gpu", ["RTX-3090", "GMKtec-EVO-X2", "L4", "H100-SXM"])
def test_nobody_is_paid_at_home(gpu: str) -> None:
    found = resolve(Question(gpu=gpu, site="home"), load())
    assert {name: found[name].value for name in NOTHING} == NOTHING
    assert set(NOTHING) == set(OF_SITE)
    for name in NOTHING:
        assert found[name].status == "assumption"
        assert found[name].note
        assert found[name].low is None, f"{name} is certain"
    assert found[TARIFF].value == 0.1872
    assert found[TARIFF].note.startswith("household tariff of the US: ")


def test_two_used_cards_at_home_by_hand() -> None:
    """Energy: the watts of the cards and of the PC around them, nothing on top.

    Busy a quarter of the time at 350 W, idle at 35 W, a host of 350 W for both:
    2 x (0.25 x 350 + 0.75 x 35) + 350 = 577.5 W; x 730 h x 36 months x 0.30 = 4,553.01 USD.
    """
    given = {"gpu": "RTX-3090", "gpus": 2, "utilization": 0.25, "site": "home"}
    power = {"electricity_usd_per_kwh": 0.3, "electricity_growth_per_year": 0}
    found = items(**given, **power)
    assert found["energy_it"] == pytest.approx(0.5775 * 730 * 36 * 0.3)
    assert {item for item, cost in found.items() if cost} == {
        *("gpus", "energy_it", "failures", "resale"),
    }
    elsewhere = items(**given | {"site": "datacenter"}, **power)
    assert min(elsewhere[item] for item in ("energy_cooling", "colocation", "staff")) > 0


def test_an_office_is_a_room_of_the_firm() -> None:
    """Its tariff, staff and insurance are the firm's; it pays for space and not for colocation."""
    here, there = of(gpu="RTX-4090"), of(gpu="RTX-4090", site="datacenter")
    assert {name for name in here if here[name] != there[name]} == {"site", "hosting"}
    found = items(gpu="RTX-4090", gpus=2)
    assert "colocation" not in {item for item, cost in found.items() if cost}
    assert min(found[item] for item in ("space", "staff", "insurance", "servers")) > 0


def test_what_is_put_into_colocation_stands_in_a_data_center() -> None:
    for hosting in ("colo_metered", "colo_all_in"):
        found = of(gpu="GMKtec-EVO-X2", hosting=hosting)
        assert (found["site"], found["pue"], found["staff_usd_per_gpu_month"]) == (
            *("datacenter", 1.54, 44),
        )
    assert of(gpu="GMKtec-EVO-X2", hosting="own_site")["site"] == "home"
    assert of(gpu="L4", hosting="own_site")["site"] == "datacenter"
    assert of(gpu="L4", hosting="colo_metered", site="home")["site"] == "home", "what is given wins"


def test_a_site_sets_defaults_only() -> None:
    given = {name: x for name, x in Scenario(gpu="RTX-4090").values().items() if x is not None}
    answers = {
        site: tco.breakeven(**given | {"site": site}).npv_saving_usd
        for site in ("datacenter", "office", "home")
    }
    assert len(set(answers.values())) == 1
    kept = {"pue": 1.3, "staff_usd_per_gpu_month": 5.0, "hosting": "colo_metered"}
    found = Scenario(gpu="L4", site="home", **kept).values()
    assert {name: found[name] for name in kept} == kept


def test_answers_of_days_before_there_were_sites_stay() -> None:
    for gpu in ("GMKtec-EVO-X2", "RTX-4090"):
        found = of(gpu=gpu, as_of="2026-11-21")
        assert (found["site"], found["hosting"]) == ("datacenter", "colo_metered")


# -- Country, else EU, else US ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "pue", "said"),
    [
        ("DE", 1.46, "average PUE of DE: "),
        ("FR", 1.36, "average PUE of the EU, no figure for FR: "),
        ("eu-central-1", 1.46, "average PUE of DE: "),
        ("JP", 1.54, "the average of all countries, no figure for JP: "),
        ("US", 1.54, "survey average"),
        ("any", 1.54, "survey average"),
    ],
)
def test_the_pue_is_that_of_the_country(region: str, pue: float, said: str) -> None:
    found = resolve(Question(gpu="L4", region=region), load())["pue"]
    assert found.value == pue
    assert found.note.startswith(said)
    assert (found.low, found.high) == (1.15, 1.8)


@pytest.mark.parametrize(
    ("region", "usd", "said"),
    [
        ("DE", 0.3835 * EUR, "household tariff of DE: "),
        ("FR", 0.2872 * EUR, "household tariff of the EU, no figure for FR: "),
        ("JP", 0.1872, "household tariff of the US, no figure for JP: "),
        ("us-central1", 0.1872, "household tariff of the US: "),
    ],
)
def test_a_home_pays_what_households_pay_there(region: str, usd: float, said: str) -> None:
    found = resolve(Question(gpu="RTX-4090", region=region, site="home"), load())[TARIFF]
    assert found.value == pytest.approx(usd, rel=1e-5)
    assert found.note.startswith(said)


def test_a_fee_of_the_country_counts_where_there_is_one() -> None:
    known = load()
    of_it = replace(known.colocation[0], country="DE", usd_per_kw_month=222.0, as_of="2026-10")
    more = replace(known, colocation=(*known.colocation, of_it))
    fee = "colo_usd_per_kw_month"
    assert resolve(Question(gpu="L4", region="DE"), more)[fee].value == 222
    assert resolve(Question(gpu="L4", region="FR"), more)[fee].value == 196
    assert resolve(Question(gpu="L4"), more)[fee].value == 196
    all_in = resolve(Question(gpu="L4", region="DE", hosting="colo_all_in"), more)[fee]
    assert all_in.value == 791
    assert all_in.note.startswith("fee with power included of the US, no figure for DE: ")


# -- Wherever inputs appear ------------------------------------------------------------------------


def test_a_site_goes_where_inputs_go() -> None:
    home = Scenario(gpu="RTX-4090", site="home")
    assert Scenario.from_link(home.to_link()).values() == home.values()
    assert Scenario.from_json(home.to_json()) == home
    assert standing(home.values()) == "own site (home)"
    table = tco.breakeven(gpu="RTX-4090", site=["home", "office", "datacenter"])
    alone = [tco.breakeven(gpu="RTX-4090", site=one) for one in ("home", "office", "datacenter")]
    assert table.own_npv_usd.tolist() == [one.own_npv_usd for one in alone]
    with pytest.raises(tco.InputError, match="datacenter, office or home"):
        Scenario(site="garage")


def test_a_frame_of_scenarios_may_have_a_column_of_sites() -> None:
    sites = ("home", None, "datacenter")
    found = answer_frame(pd.DataFrame({"gpu": "RTX-4090", "site": sites, "hosting": None}))
    alone = [tco.breakeven(gpu="RTX-4090", site=site) for site in sites]
    assert found["error"].isna().all()
    assert found["own_npv_usd"].tolist() == [one.own_npv_usd for one in alone]


def test_the_options_of_a_home_put_it_into_a_data_center() -> None:
    """An option in colocation has what colocation costs, also where the site was given."""
    home = Scenario(gpu="RTX-4090", site="home", utilization=0.6)
    frame = options(home).set_index(["option", "hosting"])["present_value_usd"]
    assert frame["buy_used", "own_site"] == pytest.approx(tco.breakeven(home).own_npv_usd)
    racked = Scenario(gpu="RTX-4090", hosting="colo_metered", utilization=0.6)
    assert frame["buy_used", "colo_metered"] == pytest.approx(tco.breakeven(racked).own_npv_usd)
    assert what_if(home, "buy_used", "colo_metered").values()["site"] == "datacenter"
    assert what_if(home, "buy_used").values()["site"] == HOME


def test_another_gpu_keeps_what_the_site_costs() -> None:
    """A tariff, a PUE and a rack rent that were given are of the place, not of the card."""
    given = {"pue": 1.2, TARIFF: 0.4, "rack_usd_per_month": 9.0, "insurance_rate_per_year": 0.01}
    found = with_gpu(Scenario(gpu="L4", site="office", **given), "RTX-4090").given
    assert found == {"gpu": "RTX-4090", "site": "office", **given}
