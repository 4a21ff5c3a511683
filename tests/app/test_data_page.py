"""The Data page: data, offers, history, prices, imports, and the form for quotes."""

from collections import Counter
from datetime import date

import pytest

import tco
from tco import Scenario
from tco.app import data_page as page
from tco.app.panels import labeled
from tco.errors import DataError, TcoError
from tco.inputs import PRICES
from tco.inputs.labels import label
from tco.market.catalogue import Source, load
from tco.market.observed import Batch, RejectedRow
from tco.market.price_sources import catalogue_of
from tco.market.store import PriceStore
from tco.report.market_tables import defaults_frame, prices_frame, with_words
from tests.app.conftest import DAY, END
from tests.app.helpers import captions, data_page, html_of, on_data, opened, texts, widget

PURCHASE, RENTAL = PRICES


def tables(app):
    return [element.value for element in app.dataframe]


def files(app):
    return [button.proto.label for button in app.get("download_button")]


def form(app, kind):
    return {
        name: next(
            found
            for found in (*app.text_input, *app.date_input, *app.selectbox)
            if found.key.partition("--")[0] == f"quote_{kind}_{name}"
        )
        for name in page._FIELDS[kind]
    }


def submit(app, kind):
    return widget(app, "button", f"add_{kind}").click().run()


def test_it_says_which_data_it_is_and_what_is_used():
    app = data_page()
    assert not app.exception
    said = html_of(app)
    assert "Where the numbers come from" in said
    assert f"the shipped data, newest of {load().newest}; model {tco.version.MODEL_VERSION}" in said
    entry = Scenario().resolved()["rate_usd_per_gpu_hour"]
    assert entry.note in said


def test_every_input_is_listed_with_range_source_and_age():
    scenario = Scenario(gpu="T4", pue=1.2)
    shown = tables(data_page(gpu="T4", pue="1.2"))[0]
    expected = labeled(with_words(defaults_frame(scenario), DAY))
    assert shown.to_dict("records") == expected.to_dict("records")
    assert list(shown["input"]) == [label(name) for name in tco.inputs.INPUTS]


def test_charts_stand_for_offers_and_history_and_tables_on_request():
    app = data_page()
    keys = [chart.key for chart in app.get("plotly_chart")]
    assert keys == ["rental_offers_chart", "price_history_chart"]
    before = len(tables(app))
    for key in ("rental_offers", "price_history"):
        widget(app, "button_group", key).set_value("Table")
    app.run()
    assert app.get("plotly_chart") == []
    offers, trends, history = tables(app)[1:4]
    assert len(tables(app)) == before + 3
    assert {"why_not", "usd_per_gpu_hour", "age"} <= set(offers.columns)
    assert {"change_per_year", "method"} <= set(trends.columns)
    assert {"as_of", "usd_per_gpu_hour", "source"} <= set(history.columns)
    assert len(offers) == len(tco.offers("L4"))


def test_purchase_prices_are_listed_by_basis():
    shown = tables(data_page())[1]
    expected = with_words(prices_frame(Scenario()), Scenario().values()["as_of"])
    assert shown.to_dict("records") == expected.to_dict("records")


def test_a_gpu_without_offers_says_so():
    app = data_page(gpu="RTX-PRO-4500", provider="lambda")
    assert not app.exception
    assert "No rental offers found as of" in captions(app)
    assert "No rental prices found as of" in captions(app)
    assert app.get("plotly_chart") == []
    assert files(app) == ["Inputs (CSV)", "Purchase prices (CSV)"]


@pytest.mark.parametrize("gpu", list(load().gpus))
def test_every_gpu_has_its_page(gpu):
    app = data_page(gpu=gpu)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("term", ["spot", "1yr", "3yr", "5yr"])
@pytest.mark.parametrize("region", ["US", "any", "us-central1"])
def test_every_term_and_region_has_its_page(term, region):
    app = data_page(gpu="L4", term=term, region=region)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize(
    "link",
    [
        {"utilization": "0"},
        {"rate_usd_per_gpu_hour": "0"},
        {"hosting": "own_site", "rack_kw": "1"},
        {"as_of": "2019-01-01"},
        {"rate_growth_per_year": "-0.9", "horizon_months": "240"},
        {"provider": "gcp", "region": "us-central1"},
    ],
)
def test_every_corner_has_its_page(link):
    app = data_page(**link)
    assert not app.exception
    assert not app.error


def test_another_gpu_can_be_looked_at():
    app = data_page(pue="1.2")
    widget(app, "selectbox", "select--gpu").select("H100-SXM").run()
    assert app.query_params["gpu"] == "H100-SXM"
    assert app.query_params["pue"] == "1.2"
    assert "H100-SXM" in captions(app)


def test_without_what_fits_trends_the_history_is_still_shown(monkeypatch):
    def missing(**_asked):
        raise TcoError("a trend needs scipy: pip install 'gpu-tco[risk]'")

    monkeypatch.setattr(page, "trends", missing)
    page._market.cache_clear()
    app = data_page()
    page._market.cache_clear()
    assert not app.error
    assert "a trend needs scipy" in html_of(app)
    assert "observations in" in html_of(app)


def test_what_was_set_aside_is_shown_with_its_reason(path, monkeypatch):
    monkeypatch.setenv("TCO_PRICES", str(path))
    counted = Counter({("acme", "Q1"): 2})
    aside = tuple(RejectedRow(line, "acme", "Q1", "price is empty", "<i>") for line in (2, 3))
    source = Source("acme-list", "acme", "list", "https://example.org", "", DAY, "unknown")
    batch = Batch(
        collector="csv", file="acme.csv", sha256="0" * 64, as_of=DAY, source=source,
        rows=counted, kept=Counter(), rejected=aside,
    )  # fmt: skip
    PriceStore(path).add(batch)
    app = data_page()
    assert not app.exception
    assert "Rejected rows: 2." in captions(app)
    imports, reasons = tables(app)[2:4]
    assert imports["file"].tolist() == ["acme.csv"]
    assert reasons[["provider", "gpu", "reason", "count"]].values.tolist() == [
        ["acme", "Q1", "price is empty", 2]
    ]


def test_without_a_store_it_says_how_to_have_one():
    said = texts(data_page())
    assert "tco prices import skypilot PATH" in said
    assert "tco prices add" in said
    assert widget_keys(data_page()) == []


def widget_keys(app):
    return [button.key for button in app.button if (button.key or "").startswith("add_")]


def test_nothing_can_be_added_to_a_file(tmp_path, monkeypatch):
    file = tmp_path / "mine.csv"
    file.write_text(f"kind,gpu,price_basis,usd,as_of\nprice,L4,street,2000,{DAY}\n", "utf-8")
    monkeypatch.setenv("TCO_PRICES", str(file))
    app = data_page()
    assert "The prices in use are a file." in texts(app)
    assert widget_keys(app) == []


@pytest.fixture
def of_today(monkeypatch):
    monkeypatch.setattr(page, "_today", lambda: DAY)


@pytest.mark.usefixtures("of_today")
def test_a_purchase_quote_is_kept_and_used(path, monkeypatch):
    monkeypatch.setenv("TCO_PRICES", str(path))
    app = data_page()
    assert "Prices: the shipped data alone" in html_of(app)
    fields = form(app, PURCHASE)
    fields[PURCHASE].set_value("2345.6")
    fields["note"].set_value("shop <b>one</b>")
    submit(app, PURCHASE)
    assert not app.exception
    assert "used while it is valid" in " ".join(found.value for found in app.success)
    entry = Scenario(prices=catalogue_of(str(path))).resolved()[PURCHASE]
    assert (entry.value, entry.status) == (2345.6, "yours")
    assert "Purchase price: $2,350" in html_of(app)
    assert "shop &lt;b&gt;one&lt;/b&gt;" in html_of(app)
    assert form(app, PURCHASE)[PURCHASE].value == ""
    app.run()
    assert not app.success


@pytest.mark.usefixtures("of_today")
def test_a_rental_quote_is_kept_with_all_it_says(path, monkeypatch):
    monkeypatch.setenv("TCO_PRICES", str(path))
    app = data_page(gpu="T4")
    fields = form(app, RENTAL)
    fields[RENTAL].set_value("0.123")
    fields["provider"].set_value("acme")
    fields["region"].set_value("here")
    fields["term"].select("1yr")
    fields["valid_until"].set_value(date(2026, 12, 24))
    submit(app, RENTAL)
    (quote,) = PriceStore(path).snapshot().quotes_of("T4")
    assert (quote.value, quote.provider, quote.region, quote.term) == (0.123, "acme", "here", "1yr")
    assert (quote.as_of, quote.valid_until, quote.note) == (DAY, "2026-12-24", "")
    said = " ".join(found.value for found in app.success)
    assert "not used here: it is for another term or region" in said.replace("\\", "")


@pytest.mark.usefixtures("of_today")
@pytest.mark.parametrize(
    ("link", "why"),
    [
        ({RENTAL: "0.7"}, "you gave the value itself"),
        ({"provider": "gcp"}, "you chose a provider"),
        ({"as_of": "2026-10-01"}, "the data of another day"),
    ],
)
def test_a_quote_that_is_not_used_says_why(path, monkeypatch, link, why):
    monkeypatch.setenv("TCO_PRICES", str(path))
    app = data_page(**link)
    fields = form(app, RENTAL)
    fields[RENTAL].set_value("0.123")
    fields["provider"].set_value("acme")
    submit(app, RENTAL)
    assert why in " ".join(found.value for found in app.success)


@pytest.mark.usefixtures("of_today")
def test_what_is_wrong_is_said_by_its_field_and_nothing_typed_is_lost(quoted):
    app = data_page()
    fields = form(app, RENTAL)
    fields[RENTAL].set_value("0.0")
    fields["provider"].set_value(" acme $x$")
    fields["note"].set_value("a note")
    fields["valid_until"].set_value(date(2026, 11, 1))
    before = len(quoted.imports())
    submit(app, RENTAL)
    assert not app.exception
    said = texts(app)
    for part in (
        "= 0 is not a price",
        "“Provider” = ' acme $x$'",
        "is before the quote's own date",
    ):
        assert part in said
    assert r"\$x\$" in " ".join(text.value for text in app.markdown)
    kept = {name: field.value for name, field in form(app, RENTAL).items()}
    assert kept["provider"] == " acme $x$"
    assert kept["note"] == "a note"
    assert kept["valid_until"] == date(2026, 11, 1)
    assert len(quoted.imports()) == before
    form(app, RENTAL)["valid_until"].set_value(None)
    form(app, RENTAL)["provider"].set_value("acme")
    form(app, RENTAL)[RENTAL].set_value("0.4")
    submit(app, RENTAL)
    assert "is not a price" not in texts(app)
    assert len(quoted.imports()) == before + 1


@pytest.mark.usefixtures("quoted")
def test_a_quote_without_a_price_is_refused():
    app = submit(data_page(), PURCHASE)
    assert "“GPU price” is missing" in texts(app)
    assert not app.success


def test_a_store_that_cannot_be_written_says_so(quoted, monkeypatch):
    def broken(_store, _batch):
        raise DataError("price store x: attempt to write a readonly database")

    monkeypatch.setattr(type(quoted), "add", broken)
    app = data_page()
    form(app, PURCHASE)[PURCHASE].set_value("2000.0")
    submit(app, PURCHASE)
    assert not app.exception
    assert "readonly database" in texts(app)
    assert form(app, PURCHASE)[PURCHASE].value == "2000.0"


@pytest.mark.usefixtures("quoted")
def test_quotes_are_listed_with_what_is_used():
    app = data_page()
    shown = next(table for table in tables(app) if "valid_until" in table.columns)
    assert shown[["provider", "status", "valid_until"]].values.tolist() == [["acme", "used", END]]
    other = data_page(rate_usd_per_gpu_hour="0.7")
    shown = next(table for table in tables(other) if "valid_until" in table.columns)
    assert shown["status"].tolist() == ["not used here"]


@pytest.mark.usefixtures("quoted")
def test_both_pages_show_the_same_scenario():
    app = opened(utilization="0.3", gpu="L4")
    link = dict(app.query_params)
    on_data(app)
    assert app.query_params == link
    assert tables(app)[0].set_index("input").loc["Utilization", "value"] == "30 %"
