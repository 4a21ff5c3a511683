"""Prices beyond the shipped data, in the app: used on request, said, and never needed by a link."""

import pytest

import tco
from tco import Scenario
from tco.market.catalogue import load
from tco.market.importers import by_hand
from tco.market.price_sources import catalogue_of
from tco.market.store import PriceStore
from tco.scenario.link import decode, encode
from tco.words.figures import usd
from tests.app.conftest import DAY, END
from tests.app.helpers import (
    captions,
    html_of,
    levers,
    on_data,
    opened,
    places,
    slide,
    strip,
    texts,
    widget,
)

STALE = "Newer data may change this answer."


def test_the_shipped_data_is_used_unless_another_is_asked_for(path):
    app = opened()
    assert "Prices:" not in captions(app)
    assert not path.exists()


def test_a_store_is_used_on_request_and_named(quoted, path):
    app = opened()
    assert not app.exception
    assert f"Prices: the shipped data and price store {path}" in captions(app)
    rate = levers(app)["rate_usd_per_gpu_hour"]
    assert "your quote from acme" in rate["origin"]
    assert rate["value"] == 0.55
    rented = tco.breakeven(Scenario(prices=quoted)).rent_usd_per_gpu_hour
    assert rented < tco.breakeven().rent_usd_per_gpu_hour
    assert strip(app)["rent"] == usd(rented)


def test_an_answer_that_rests_on_a_quote_is_no_example(quoted):
    assert not Scenario(prices=quoted).is_example
    assert Scenario(gpu="L4", prices=quoted).without("gpu").is_example is False
    for path in ("", "options"):
        app = opened(path)
        assert "Example" not in texts(app)
        assert "none of the inputs are yours" not in f"{captions(app)} {html_of(app)}"
        assert "reset" not in places(app, "button"), "nothing to take back"
    assert "none of the inputs are yours" not in str(tco.breakeven(prices=quoted))


@pytest.mark.usefixtures("quoted")
def test_what_others_wrote_stays_text():
    said = " ".join(caption.value for caption in opened(simple="1").caption)
    assert r"\<b\>ten\</b\> \$x\$ \:red\[y\]" in said


@pytest.mark.parametrize("given", [{}, {"utilization": "0.3"}, {"gpu": "T4"}])
def test_the_link_answers_the_same_without_the_store(quoted, given):
    app = opened(**given)
    elsewhere = decode(app.query_params)
    assert elsewhere.remarks == ()
    assert elsewhere.scenario.prices is None
    here = Scenario(prices=quoted, **{n: v if n == "gpu" else float(v) for n, v in given.items()})
    assert tco.breakeven(elsewhere.scenario).npv_saving_usd == tco.breakeven(here).npv_saving_usd


def test_the_own_link_is_no_wish_where_the_store_is(quoted):
    catalogue = catalogue_of(quoted.url)
    link = encode(Scenario(prices=catalogue, utilization=0.3))
    assert link["rate_usd_per_gpu_hour"] == "0.55"
    again = decode(link, catalogue)
    assert again.scenario == Scenario(prices=catalogue, utilization=0.3)
    assert again.remarks == ()


def test_a_link_of_others_lists_what_the_store_changes(quoted):
    link = encode(Scenario(gpu="L4", utilization=0.3))
    found = decode(link, catalogue_of(quoted.url))
    (remark,) = [said for said in found.remarks if said.startswith("rate_usd_per_gpu_hour")]
    assert remark.endswith("$0.55 with your prices")
    assert usd(Scenario(gpu="L4").values()["rate_usd_per_gpu_hour"]) in remark


def test_a_value_typed_in_stays_with_the_store(quoted):
    catalogue = catalogue_of(quoted.url)
    typed = Scenario(prices=catalogue, rate_usd_per_gpu_hour=0.6)
    assert decode(encode(typed), catalogue).scenario == typed


def test_the_link_of_an_example_that_the_store_does_not_change_is_empty(path):
    PriceStore(path).add(by_hand.purchase("T4", 900, as_of=DAY, valid_until=END))
    assert encode(Scenario(prices=catalogue_of(str(path)))) == {}


def test_a_new_import_shows_up_in_the_next_run(quoted):
    app = opened()
    quoted.add(by_hand.purchase("L4", 1234.5, as_of=DAY, valid_until=END))
    app.run()
    assert widget(app, "text_input", "choice--price_usd_per_gpu").value == "1234.5"
    assert app.query_params["price_usd_per_gpu"] == "1234.5"
    slide(app, utilization=75)
    assert widget(app, "text_input", "choice--price_usd_per_gpu").value == "1234.5"


@pytest.mark.parametrize("name", ["{}/none.db", "{}/none.csv", "mysql://x/y", "{}"])
def test_without_the_store_the_shipped_data_answers_and_it_says_why(
    name, tmp_path, monkeypatch, shipped_screen
):
    monkeypatch.setenv("TCO_PRICES", name.format(tmp_path))
    app = opened()
    assert not app.exception
    assert not app.error
    assert "Prices: shipped data only, because " in html_of(app)
    rate = "rate_usd_per_gpu_hour"
    assert levers(app)[rate]["value"] == levers(shipped_screen)[rate]["value"]
    assert app.query_params == {}


@pytest.mark.usefixtures("quoted")
def test_a_store_that_goes_away_takes_its_keys_along(path):
    app = opened(provider="acme", utilization="0.3")
    assert not app.exception
    path.unlink()
    app.run()
    assert not app.exception
    assert "Prices: shipped data only" in html_of(app)
    assert "“Provider” = &#x27;acme&#x27; is not in the catalog" in html_of(app)
    assert levers(app)["utilization"]["value"] == 30


@pytest.mark.usefixtures("quoted")
def test_a_store_that_breaks_is_said(path):
    app = opened()
    path.write_bytes(b"not a database at all" * 100)
    app.run()
    assert not app.exception
    assert "Prices: shipped data only, because " in html_of(app)


def test_a_csv_file_of_prices_is_used_too(tmp_path, monkeypatch):
    file = tmp_path / "mine.csv"
    lines = ["kind,gpu,price_basis,usd,as_of", f"price,L4,street,2000,{DAY}"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("TCO_PRICES", str(file))
    app = opened()
    assert not app.exception
    assert "mine.csv" in captions(app)
    assert load().newest in html_of(on_data(app))


def test_what_of_a_file_of_prices_is_not_used_is_said(tmp_path, monkeypatch):
    file = tmp_path / "mine.csv"
    file.write_text(f"gpu,usd,as_of\nL4,2000,{DAY}\nL4,2900 CHF,{DAY}\n", encoding="utf-8")
    monkeypatch.setenv("TCO_PRICES", str(file))
    said = html_of(on_data(opened()))
    assert "line 3: price is in CHF, not converted" in said


def test_ages_stand_beside_price_and_rate():
    resolved = Scenario().resolved()
    price, rate = (resolved[n].as_of for n in ("price_usd_per_gpu", "rate_usd_per_gpu_hour"))
    app = opened()
    said = captions(app)
    assert load().newest == "2026-11-28"
    assert (price, rate) == ("2026-07-21", "2026-09-30")
    assert f"price {price} (130 days old, stale)" in said
    assert f"rate {rate} (59 days old)" in said
    assert levers(app)["rate_usd_per_gpu_hour"]["origin"].endswith(" · 59 days old")


@pytest.mark.parametrize(("day", "is_said"), [("2026-11-21", True), ("2026-07-21", False)])
def test_old_prices_are_announced(day, is_said):
    assert (STALE in html_of(opened(as_of=day))) == is_said


def test_prices_that_are_yours_have_no_age():
    app = opened(price_usd_per_gpu="2000", rate_usd_per_gpu_hour="0.7")
    assert STALE not in html_of(app)
    assert "price yours, rental rate yours" in captions(app)
