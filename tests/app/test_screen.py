import pytest

import tco
from tco.app import controls, decide
from tco.app.text import plain
from tests.app.helpers import captions, html_of, opened, widget

WORDS = {"buy": "BUY", "rent": "RENT", "toss_up": "TOO CLOSE TO CALL"}


def test_the_first_visit_is_a_filled_example():
    app = opened()
    assert not app.exception
    assert not app.error
    answer = tco.breakeven()
    word, _, _ = answer.reason.partition(": ")
    assert f"<p class='tco-word'>{word.upper()}</p>" in html_of(app)
    assert "none of the inputs are yours yet" in captions(app)
    assert app.query_params == {}


def test_the_old_number_that_a_slow_browser_sends_along_is_no_wish():
    app = opened()
    widget(app, "slider", "slider_utilization").set_value(51.0)
    app.run()
    assert widget(app, "number_input", "number_utilization").value == 51
    widget(app, "slider", "slider_utilization").set_value(52.0)
    widget(app, "number_input", "number_utilization").set_value(50.0)
    app.run()
    assert app.query_params["utilization"] == "0.52"
    assert widget(app, "number_input", "number_utilization").value == 52
    widget(app, "number_input", "number_utilization").set_value(51.0)
    app.run()
    assert app.query_params["utilization"] == "0.51"


@pytest.mark.parametrize(
    "link",
    [
        {"gpu": "H100-SXM"},
        {"utilization": "0.1"},
        {"utilization": "0.35"},
        {"billing": "always_on"},
        {"billing": "committed", "price_basis": "used"},
        {"hosting": "own_site", "gpus": "100"},
    ],
)
def test_the_verdict_is_the_one_of_the_library(link):
    app = opened(v="1", **link)
    assert not app.exception
    given = {k: int(v) if k == "gpus" else v for k, v in link.items()}
    if "utilization" in given:
        given["utilization"] = float(given["utilization"])
    verdict = tco.breakeven(**given).verdict
    assert WORDS[verdict] in html_of(app)
    assert f"tco-verdict {verdict}" in html_of(app)


def test_a_plain_total_that_contradicts_the_verdict_is_announced():
    link = {"utilization": "0.29", "resale_decline_per_year": "1", "rate_usd_per_gpu_hour": "1"}
    given = {name: float(text) for name, text in link.items()}
    answer = tco.breakeven(**given)
    assert answer.npv_saving_usd * answer.undiscounted_saving_usd < 0
    assert "Plain totals favour" in html_of(opened(**link))


def test_buying_without_payback_is_explained():
    link = {"utilization": "0.36", "resale_decline_per_year": "0"}
    answer = tco.breakeven(**{name: float(text) for name, text in link.items()})
    assert (answer.verdict, answer.status) == ("buy", "never")
    assert "only through resale" in html_of(opened(**link))


def test_a_gpu_without_offers_shows_the_owning_side():
    app = opened(gpu="RTX-PRO-4500")
    assert not app.exception
    as_of = tco.Scenario().values()["as_of"]
    assert f"No rental price found as of {as_of}. Type one" in html_of(app)
    assert "BUY: own cost" in html_of(app)
    assert "RENT: rental cost" not in html_of(app)
    widget(app, "number_input", "number_rate_usd_per_gpu_hour").set_value(1.5).run()
    verdict = tco.breakeven(gpu="RTX-PRO-4500", rate_usd_per_gpu_hour=1.5).verdict
    assert WORDS[verdict] in html_of(app)


def test_an_idle_gpu_has_nothing_to_compare():
    app = opened(utilization="0")
    assert not app.exception
    assert "NOTHING TO COMPARE" in html_of(app)
    assert "Owning, each month" in html_of(app)


def test_hostile_parameters_are_listed_as_text():
    hostile = {f"x{n}": f"<b>{n}</b> $x$ :red[y]" for n in range(30)}
    app = opened(**hostile, pue="0.9", gpu="<img src=x>")
    assert not app.exception
    shown = html_of(app)
    assert "Parts of this link were not used" in shown
    assert "<img" not in shown
    assert "and 24 more" in shown
    assert tco.breakeven().reason.partition(": ")[0].upper() in shown


def test_moving_a_slider_changes_the_answer_and_the_link():
    app = opened()
    widget(app, "slider", "slider_utilization").set_value(75.0).run()
    assert app.query_params["utilization"] == "0.75"
    assert app.query_params["v"] == "1"
    assert widget(app, "number_input", "number_utilization").value == 75
    assert tco.reason.usd(tco.breakeven(utilization=0.75).own_usd_per_gpu_hour) in html_of(app)
    widget(app, "slider", "slider_utilization").set_value(50.0).run()
    assert app.query_params == {}


def test_a_number_outside_the_slider_is_taken():
    app = opened()
    widget(app, "number_input", "number_pue").set_value(2.75).run()
    assert not app.exception
    assert widget(app, "slider", "slider_pue").max == 2.75
    assert app.query_params["pue"] == "2.75"


def test_an_impossible_number_is_refused_and_the_answer_stays():
    app = opened()
    before = html_of(app)
    widget(app, "number_input", "number_rack_kw").set_value(0.0).run()
    assert not app.exception
    assert any("outside" in text.value for text in app.markdown)
    assert html_of(app) == before
    assert app.query_params == {}


def test_inputs_that_do_not_go_together_keep_the_last_charts():
    app = opened(hosting="own_site")
    widget(app, "number_input", "number_rack_kw").set_value(0.5).run()
    assert not app.exception
    assert "These inputs do not go together" in html_of(app)
    assert "holds no server" in html_of(app)
    assert "Owning costs less from month" in html_of(app)


def test_another_gpu_brings_its_own_price():
    app = opened(price_usd_per_gpu="2500", gpu_w="80", pue="1.2")
    widget(app, "selectbox", "select_gpu").select("H100-SXM").run()
    assert set(app.query_params) == {"v", "as_of", "gpu", "pue"}


def test_the_two_questions():
    app = opened()
    widget(app, "button_group", "pick_utilization").set_value(0.25).run()
    assert app.query_params["utilization"] == "0.25"
    widget(app, "button_group", "pick_billing").set_value("always_on").run()
    assert app.query_params["billing"] == "always_on"
    widget(app, "button_group", "pick_billing").set_value("committed").run()
    assert app.query_params["term"] == "1yr"
    widget(app, "button_group", "pick_billing").set_value("per_use").run()
    assert set(app.query_params) == {"v", "as_of", "utilization"}


def test_back_to_the_example():
    app = opened(pue="1.2", gpu="T4")
    widget(app, "button", "reset").click().run()
    assert app.query_params == {}
    assert "none of the inputs are yours yet" in captions(app)


def test_an_old_link_keeps_its_data_and_lists_what_has_changed():
    app = opened(v="1", as_of="2025-11-30", gpu="L4")
    assert not app.exception
    assert "data of 2025-11-30" in html_of(app)
    assert "colo_usd_per_kw_month" in html_of(app)
    widget(app, "button", "newest").click().run()
    assert "colo_usd_per_kw_month" not in html_of(app)
    assert app.query_params["as_of"] == tco.Scenario().values()["as_of"]


def test_every_slider_says_where_its_default_comes_from():
    said = captions(opened())
    for name in [name for group in controls.SLIDERS.values() for name in group]:
        entry = tco.Scenario().resolved()[name]
        assert f"{entry.status}" in said
        assert entry.as_of in said
    assert "no effect under colocation: you pay for kilowatts" in said
    assert "before income tax" in said
    own_site = captions(opened(hosting="own_site"))
    assert "no effect" not in own_site


def test_what_is_not_counted_is_listed():
    listed = " ".join(text.value for text in opened().markdown)
    for item in ("taxes on income", "downtime of failed GPUs", "the value of flexibility"):
        assert item in listed


def test_an_error_of_ours_shows_one_sentence(monkeypatch):
    def broken(_scenario):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(decide, "decide", broken)
    app = opened(gpu="T4")
    assert [error.value for error in app.error] == [
        "This is our fault. Your inputs are in the link."
    ]
    assert "secret detail" not in str(app)
    assert not app.exception


def test_the_link_holds_the_inputs_that_broke_the_page(monkeypatch):
    app = opened()
    monkeypatch.setattr(decide, "decide", lambda _scenario: 1 / 0)
    widget(app, "slider", "slider_utilization").set_value(75.0).run()
    assert app.error
    assert app.query_params["utilization"] == "0.75"


def test_plain_text_has_no_markup():
    assert plain("a $b$ *c* :d[e]") == "a \\$b\\$ \\*c\\* \\:d\\[e\\]"
