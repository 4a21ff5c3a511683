"""The Data page: data, offers, history, prices, imports, and the form for quotes."""

from collections import Counter
from datetime import date

import pytest

import tco
from tco import Scenario
from tco.app import data_page as page
from tco.app import guard, quotes
from tco.app.panels import labeled
from tco.errors import DataError, TcoError
from tco.inputs import PRICES
from tco.inputs.labels import label
from tco.market.catalogue import Source, load
from tco.market.importers import by_hand
from tco.market.observed import Batch, RejectedRow
from tco.market.price_sources import catalogue_of
from tco.market.store import PriceStore
from tco.report.market_tables import defaults_frame, prices_frame, with_words
from tco.scenario.link import decode
from tco.words.figures import capital, whole_usd
from tests.app.conftest import DAY, END
from tests.app.helpers import captions, data_page, html_of, on_data, opened, places, texts, widget
from tests.asked import some

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
        for name in quotes._FIELDS[kind]
    }


def submit(app, kind):
    return widget(app, "button", f"add_{kind}").click().run()


def test_it_says_which_data_it_is_and_what_is_used():
    app = data_page()
    assert not app.exception
    said = html_of(app)
    assert "Where do the numbers come from?" in said
    shipped = f"The shipped data up to {load().newest}; model version {tco.version.MODEL_VERSION}"
    assert shipped in captions(app)
    entry = Scenario().resolved()["rate_usd_per_gpu_hour"]
    assert capital(entry.note) in said


def test_every_input_is_listed_with_range_source_and_age():
    scenario = Scenario(gpu="T4", pue=1.2)
    shown = tables(data_page(gpu="T4", pue="1.2"))[1]
    expected = labeled(with_words(defaults_frame(scenario), DAY))
    assert shown.to_dict("records") == expected.to_dict("records")
    assert list(shown["input"]) == [label(name) for name in tco.inputs.INPUTS]


def test_charts_stand_for_offers_and_history_and_tables_on_request():
    app = data_page()
    keys = [chart.key for chart in app.get("plotly_chart")]
    assert keys == ["rental_offers_chart", "price_history_chart", "resale_by_age_chart"]
    before = len(tables(app))
    for key in ("rental_offers", "price_history", "resale_by_age"):
        widget(app, "button_group", key).set_value("Table")
    app.run()
    assert app.get("plotly_chart") == []
    offers, trends, history = tables(app)[:3]
    used, fits = tables(app)[4:6]
    assert len(tables(app)) == before + 5
    assert {"gpu", "years", "share", "usd", "age"} <= set(used.columns)
    assert "RTX 3090" in set(fits["card"])
    assert {"why_not", "usd_per_gpu_hour", "age"} <= set(offers.columns)
    assert {"change_per_year", "method"} <= set(trends.columns)
    assert {"as_of", "usd_per_gpu_hour", "source"} <= set(history.columns)
    assert len(offers) == len(tco.offers("L4"))


def test_purchase_prices_are_listed_by_basis():
    shown = tables(data_page())[0]
    expected = with_words(prices_frame(Scenario()), Scenario().values()["as_of"])
    assert shown.to_dict("records") == expected.to_dict("records")


def test_a_gpu_without_offers_says_so():
    app = data_page(gpu="RTX-PRO-4500", provider="lambda")
    assert not app.exception
    assert "No rental offers found as of" in captions(app)
    assert "No rental prices found as of" in captions(app)
    assert [chart.key for chart in app.get("plotly_chart")] == ["resale_by_age_chart"]
    assert files(app) == ["Purchase prices (CSV)", "Used prices (CSV)", "Inputs (CSV)"]


@pytest.mark.parametrize("gpu", some(load().gpus, every=8))
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
    imports, reasons = tables(app)[-2:]
    assert imports["file"].tolist() == ["acme.csv"]
    assert reasons[["provider", "gpu", "reason", "count"]].values.tolist() == [
        ["acme", "Q1", "price is empty", 2]
    ]


def test_price_lists_are_imported_by_the_shell():
    assert "tco prices import skypilot PATH" in texts(data_page())


@pytest.mark.usefixtures("of_today")
def test_a_quote_beside_a_file_of_prices_stays_in_the_tab(tmp_path, monkeypatch):
    file = tmp_path / "mine.csv"
    file.write_text(f"kind,gpu,price_basis,usd,as_of\nprice,L4,street,2000,{DAY}\n", "utf-8")
    monkeypatch.setenv("TCO_PRICES", str(file))
    app = data_page()
    assert "visible in this tab only" in captions(app)
    quote(app, RENTAL, provider="acme", **{RENTAL: "0.4"})
    assert app.query_params["rate_usd_per_gpu_hour"] == "0.4"


@pytest.fixture
def of_today(monkeypatch):
    monkeypatch.setattr(quotes, "today", lambda: DAY)


def quote(app, kind, **told):
    fields = form(app, kind)
    for name, text in told.items():
        if name == "term":
            fields[name].select(text)
        else:
            fields[name].set_value(text)
    return submit(app, kind)


def said_last(app):
    return " ".join(found.value for found in app.success).replace("\\", "")


@pytest.mark.usefixtures("of_today")
def test_a_purchase_quote_is_kept_and_used(path, monkeypatch):
    monkeypatch.setenv("TCO_PRICES", str(path))
    app = data_page()
    assert "Prices: shipped data only" in html_of(app)
    quote(app, PURCHASE, note="shop <b>one</b>", **{PURCHASE: "2345.6"})
    assert not app.exception
    entry = Scenario(prices=catalogue_of(str(path))).resolved()[PURCHASE]
    assert (entry.value, entry.status) == (2345.6, "yours")
    assert "$2,350" in html_of(app)
    assert "shop &lt;b&gt;one&lt;/b&gt;" in html_of(app)
    assert form(app, PURCHASE)[PURCHASE].value == ""


@pytest.mark.usefixtures("of_today")
def test_it_says_what_a_quote_changes_until_something_else_does(path):
    app = quote(data_page(), RENTAL, provider="acme", **{RENTAL: "0.30"})
    before, after = tco.breakeven(), tco.breakeven(prices=PriceStore(path.with_name("own.db")))
    assert (before.verdict, after.verdict) == ("buy", "rent")
    saved = [whole_usd(abs(one.npv_saving_usd)) for one in (before, after)]
    now = f"buying saves {saved[0]} → renting saves {saved[1]}"
    assert said_last(app) == f"Quote added. Rental rate: $0.598 → $0.30. BUY becomes RENT: {now}."
    app.run()
    assert "BUY becomes RENT" in said_last(app)
    widget(app, "selectbox", "select--gpu").select("H100-SXM").run()
    assert not app.success


@pytest.mark.usefixtures("of_today")
def test_a_quote_for_another_term_is_what_the_scenario_is_for_then(path, monkeypatch):
    monkeypatch.setenv("TCO_PRICES", str(path))
    app = data_page(gpu="T4", rate_usd_per_gpu_hour="0.7")
    told = {"region": "here", "term": "1yr", "valid_until": date(2026, 12, 24)}
    quote(app, RENTAL, provider="acme", **{RENTAL: "$0.123"}, **told)
    (kept,) = PriceStore(path).snapshot().quotes_of("T4")
    assert (kept.value, kept.provider, kept.region, kept.term) == (0.123, "acme", "here", "1yr")
    assert (kept.as_of, kept.valid_until, kept.note) == (DAY, "2026-12-24", "")
    assert "Term: on demand → 1 year" in said_last(app)
    scenario = decode(app.query_params).scenario
    assert scenario.values()["term"] == "1yr"
    assert scenario.values()[RENTAL] == 0.123
    widget(app, "button", "take_back_1").click().run()
    assert decode(app.query_params).scenario == Scenario(gpu="T4", rate_usd_per_gpu_hour=0.7)
    assert PriceStore(path).quotes() == ()
    assert "Quote removed. Rental rate: $0.123 → $0.70." in said_last(app)
    assert "No quotes for T4 yet" in captions(app)


@pytest.mark.usefixtures("of_today")
@pytest.mark.parametrize(
    ("link", "why"),
    [
        ({"provider": "gcp"}, "you chose another provider"),
        ({"provider": "gcp", "region": "any"}, "you chose another provider"),
        ({"as_of": "2026-10-01"}, "the link uses data as of another date"),
    ],
)
def test_a_quote_that_is_not_used_says_why_and_can_be(path, monkeypatch, link, why):
    monkeypatch.setenv("TCO_PRICES", str(path))
    app = quote(data_page(**link), RENTAL, provider="acme", **{RENTAL: "0.123"})
    assert f"not in use: {why}" in html_of(app)
    widget(app, "button", "use_quote_1").click().run()
    assert "not in use" not in html_of(app)
    assert decode(app.query_params).scenario.values()[RENTAL] == 0.123


@pytest.mark.usefixtures("of_today")
def test_this_machine_alone_has_its_user_s_own_store(path):
    own = PriceStore(path.with_name("own.db"))
    app = data_page()
    assert f"Quotes stay on this machine, in {own.path}." in captions(app)
    assert not own.exists()
    quote(app, RENTAL, provider="acme", currency="EUR", **{RENTAL: "0,5"})
    ((_, _, kept),) = own.quotes()
    assert kept.note.startswith("0.5 EUR at ")
    assert opened().session_state["scenario"].values()[RENTAL] == kept.value


@pytest.mark.usefixtures("of_today")
def test_where_others_are_served_a_quote_is_the_tab_s_and_the_link_s(path, monkeypatch):
    monkeypatch.setattr("tco.app.state.serves_this_machine", lambda _headers: False)
    app = data_page(gpu="T4")
    assert "visible in this tab only" in captions(app)
    for value, provider in (("0.2", "acme"), ("0.3", "zeta")):
        quote(app, RENTAL, provider=provider, **{RENTAL: value})
    assert decode(app.query_params).scenario == Scenario(gpu="T4", rate_usd_per_gpu_hour=0.3)
    assert "acme" in html_of(app)
    assert "acme" not in html_of(data_page(**app.query_params))
    assert not path.with_name("own.db").exists()
    widget(app, "button", "take_back_1").click().run()
    assert decode(app.query_params).scenario == Scenario(gpu="T4", rate_usd_per_gpu_hour=0.3)
    widget(app, "button", "take_back_2").click().run()
    assert decode(app.query_params).scenario == Scenario(gpu="T4")


def test_on_a_server_of_a_team_everybody_sees_quotes_and_takes_back_their_own(quoted, monkeypatch):
    monkeypatch.setattr("tco.app.state.serves_this_machine", lambda _headers: False)
    app = data_page()
    assert "Everyone who opens this app sees the quotes" in captions(app)
    assert not [one for one in places(app, "button") if one.startswith("take_back")]
    quote(app, RENTAL, provider="zeta", **{RENTAL: "0.5"})
    assert [one for one in places(app, "button") if one.startswith("take_back")] == ["take_back_2"]
    assert len(quoted.quotes()) == 2


@pytest.mark.parametrize(
    ("option", "value", "header"),
    [
        ("server.address", "0.0.0.0", ""),
        ("server.address", None, ""),
        ("server.allowedHosts", ["localhost", "tco.example.com"], ""),
        ("server.allowedHosts", [], ""),
        ("server.corsAllowedOrigins", ["https://tco.example.com"], ""),
        ("server.address", "127.0.0.1", "X-Forwarded-For"),
    ],
)
def test_whoever_may_serve_others_has_no_store_of_its_own(monkeypatch, option, value, header):
    usual = {
        "server.address": "127.0.0.1",
        "server.allowedHosts": ["localhost", "127.0.0.1"],
        "server.corsAllowedOrigins": [],
    }
    monkeypatch.setattr(guard.config, "get_option", usual.__getitem__)
    assert guard.serves_this_machine(("Host", "Origin"))
    monkeypatch.setattr(guard.config, "get_option", {**usual, option: value}.__getitem__)
    assert not guard.serves_this_machine(("Host", header))


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
    assert f"valid until {END}" in html_of(data_page())
    assert "<span class='tco-pill'>in use</span>" in html_of(data_page())
    other = html_of(data_page(rate_usd_per_gpu_hour="0.7"))
    assert "not in use: you entered the value directly" in other


def test_of_many_quotes_the_last_are_listed_and_the_others_in_a_table(path, monkeypatch):
    monkeypatch.setenv("TCO_PRICES", str(path))
    for at in range(1, 8):
        PriceStore(path).add(by_hand.rental("L4", at / 10, provider="acme", as_of=DAY))
    app = data_page()
    assert [one for one in places(app, "button") if one.startswith("take_back")] == [
        f"take_back_{at}" for at in (7, 6, 5, 4, 3)
    ]
    shown = next(table for table in tables(app) if "valid_until" in table.columns)
    assert shown["status"].tolist() == ["in use", *["not in use"] * 6]


@pytest.mark.usefixtures("quoted")
def test_both_pages_show_the_same_scenario():
    app = opened(utilization="0.3", gpu="L4")
    link = dict(app.query_params)
    on_data(app)
    assert app.query_params == link
    assert tables(app)[1].set_index("input").loc["Utilization", "value"] == "30 %"
