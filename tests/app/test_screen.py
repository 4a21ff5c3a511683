"""The Decide page without a browser: every state of it, and its widgets."""

import html
import re

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

import tco
from tco.app import amounts, form, state
from tco.app.panels import plain
from tco.inputs import PRICE
from tco.report.facts import facts_of, paybacks
from tco.report.influence import response_curves
from tco.report.waterfall import owning
from tco.scenario.other_gpu import with_gpu
from tco.words import curve_caption
from tco.words.figures import usd
from tests.app.helpers import (
    captions,
    chart,
    html_of,
    is_dimmed,
    levers,
    opened,
    send,
    slide,
    strip,
    texts,
    widget,
)
from tests.app.test_why import disclosed

KINDS = ("text_input", "button_group", "toggle", "selectbox")
# What is asked for at the top of the page.
CHOSEN = {"gpu", "gpus", "price_basis", "site", "hosting", "region", "provider", "billing", "as_of"}


def verdict_of(app):
    """The side and the texts of the strip, as they stand in the page and as they are written."""
    side, body = re.search(
        r"<section class='tco-strip (\w*)'(.*?)</section>", html_of(app)
    ).groups()
    parts = re.findall(r"<(\w+)[^>]* data-tco='(\w+)'>(.*?)</\1>", body)
    told = {name: html.unescape(re.sub("<.*?>", "", text)) for _, name, text in parts}
    if "simple" not in app.query_params:
        if app.session_state["kept"]["sliding"]:
            told = strip(app)  # the browser writes it
        assert strip(app) == told | {"side": strip(app)["side"]}
        side = strip(app)["side"]
    return side, [f"{told['word']} · {told['confidence']}".strip(" ·"), told["sentence"]]


def sentences(**inputs):
    facts = facts_of(tco.Scenario(**inputs))
    return [facts.headline, facts.sentences[0]]


def test_the_first_visit_is_a_filled_example():
    app = opened()
    assert not app.exception
    assert not app.error
    _, told = verdict_of(app)
    assert told == sentences()
    assert "Example" in texts(app)
    assert app.query_params == {}


def tell(app, *states):
    """What a browser may say of widgets, those included that it should no longer have."""
    told = app._tree.get_widget_states()
    told.widgets.extend(states)
    return app._run(told)


def test_the_old_number_that_a_slow_browser_sends_along_is_no_wish():
    app = opened(simple="1")
    old = widget(app, "text_input", "number--utilization").id
    widget(app, "slider", "slider--utilization").set_value(51.0)
    app.run()
    assert widget(app, "text_input", "number--utilization").value == "51"
    widget(app, "slider", "slider--utilization").set_value(52.0)
    tell(app, WidgetState(id=old, string_value="50"))
    assert app.query_params["utilization"] == "0.52"
    assert widget(app, "text_input", "number--utilization").value == "52"
    widget(app, "text_input", "number--utilization").set_value("51")
    app.run()
    assert app.query_params["utilization"] == "0.51"
    assert widget(app, "slider", "slider--utilization").value == 51


def test_another_site_is_hosted_in_its_own_way():
    app = opened(gpu="RTX-4090", hosting="colo_metered", pue="1.2")
    widget(app, "button_group", "pick--site").set_value("home").run()
    assert not app.exception
    home = tco.Scenario(gpu="RTX-4090", site="home", pue=1.2)
    assert app.session_state["scenario"] == home
    assert verdict_of(app)[0] == tco.breakeven(home).verdict


@pytest.mark.parametrize(
    "link",
    [
        {"gpu": "H100-SXM"},
        {"utilization": "0.1"},
        {"utilization": "0.45"},
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
    which, told = verdict_of(app)
    assert told == sentences(**given)
    assert which == tco.breakeven(**given).verdict


def test_a_plain_total_that_contradicts_the_verdict_is_announced():
    link = {"utilization": "0.32", "resale_decline_per_year": "1", "rate_usd_per_gpu_hour": "1"}
    given = {name: float(text) for name, text in link.items()}
    answer = tco.breakeven(**given)
    assert answer.npv_saving_usd * answer.undiscounted_saving_usd < 0
    assert "Undiscounted, " in html_of(disclosed("why", **link))


def test_buying_without_payback_is_explained():
    link = {"utilization": "0.36", "resale_decline_per_year": "0"}
    answer = tco.breakeven(**{name: float(text) for name, text in link.items()})
    assert (answer.verdict, answer.status) == ("buy", "never")
    assert "only through resale" in html_of(disclosed("why", **link))


def test_no_payback_names_what_would_bring_one():
    app = disclosed("why", utilization="0.1")
    said = "Buying does not pay back within 3 years at these inputs. It would at "
    assert said in html_of(app)
    scenario = tco.Scenario(utilization=0.1)
    ways = paybacks(scenario)
    assert len(ways) == 2
    for name, value in ways:
        assert tco.breakeven(scenario, **{name: value}).status in ("breaks_even", "immediate")


def test_two_crossings_are_both_marked_and_explained():
    drawn = chart(opened(horizon_months="240"))
    assert [text for _, _, text in drawn["crossings"]] == ["month 23", "month 162"]
    assert "The lines cross 2 times. The cheaper side is owning from month " in drawn["note"]
    assert "a month of owning costs more than one of renting" in drawn["note"]


def test_a_gpu_without_offers_shows_the_owning_side():
    app = opened(gpu="RTX-PRO-4500", provider="lambda")
    assert not app.exception
    as_of = tco.Scenario().values()["as_of"]
    told = strip(app)
    assert told["sentence"].startswith(f"No rental price found as of {as_of}: ")
    assert told["sentence"].endswith(". Enter the rental rate.")
    assert (told["word"], told["saves"]) == ("No verdict yet", "break-even rental rate")
    assert told["own"].startswith("$")
    rate = levers(app)["rate_usd_per_gpu_hour"]
    assert (rate["value"], rate["xs"], rate["usual"]) == (None, [], None)
    slide(app, rate_usd_per_gpu_hour=1.5)
    assert verdict_of(app)[1] == sentences(
        gpu="RTX-PRO-4500", provider="lambda", rate_usd_per_gpu_hour=1.5
    )
    assert levers(app)["rate_usd_per_gpu_hour"]["xs"]


def test_an_idle_gpu_has_nothing_to_compare():
    app = opened(utilization="0")
    assert not app.exception
    monthly = usd(owning(tco.Scenario(utilization=0)).monthly_usd)
    assert "Nothing to compare" in html_of(app)
    said = f"No busy hours. Owning costs {monthly} a month, busy or idle."
    assert strip(app)["sentence"] == said
    assert "Owning, per month" in html_of(app)


def test_hostile_parameters_are_listed_as_text():
    hostile = {f"x{n}": f"<b>{n}</b> $x$ :red[y]" for n in range(30)}
    app = opened(**hostile, pue="0.9", gpu="<img src=x>")
    assert not app.exception
    shown = html_of(app)
    assert "About this link:" in shown
    assert "<img" not in shown
    assert "and 24 more" in shown
    assert verdict_of(app)[1] == sentences()


def test_a_parameter_of_any_length_is_told_in_a_few_words():
    script = "<script>alert(1)</script>"
    hostile = {f"x{n}": script for n in range(26)} | {script: "1", "gpus": "-1", "pue": "NaN"}
    app = opened(gpu="L" * 100_000, **hostile)
    assert not app.exception
    shown = html_of(app)
    assert "“GPU” = &#x27;" + "L" * 40 + "&#x27;… is too long (default used)" in shown
    assert "L" * 41 not in shown
    assert script not in shown
    assert "and 22 more" in shown
    assert verdict_of(app)[1] == sentences()


def test_what_is_still_a_default_is_said_once():
    first = disclosed("why")
    assert "key inputs are still defaults" not in html_of(first)
    assert "inputs set by you" not in captions(first)
    assert re.search(r"defaults: \d+ sourced, \d+ assumed", captions(first))
    assert "13 of 14 key inputs are still defaults." in captions(opened(utilization="0.6"))


def test_moving_a_slider_changes_the_answer_and_the_link():
    app = opened()
    slide(app, utilization=75)
    assert app.query_params["utilization"] == "0.75"
    assert app.query_params["v"] == "1"
    assert levers(app)["utilization"]["value"] == 75
    assert verdict_of(app)[1] == sentences(utilization=0.75)
    slide(app, utilization=50)
    assert app.query_params == {}


def test_a_slider_on_its_way_changes_the_answer_and_not_the_link():
    app = opened()
    slide(app, live=True, utilization=75)
    assert verdict_of(app)[1] == sentences(utilization=0.75)
    assert app.query_params == {}
    slide(app, utilization=76)
    assert app.query_params["utilization"] == "0.76"


def test_two_sliders_moved_together_both_count():
    app = opened()
    slide(app, utilization=75, pue=1.2)
    assert {name: app.query_params[name] for name in ("utilization", "pue")} == {
        "utilization": "0.75",
        "pue": "1.2",
    }


def test_a_move_counts_once():
    app = opened()
    slide(app, utilization=75)
    moves = {"moves": {"utilization": {"value": 75, "n": 1, "live": False}}}
    widget(app, "button_group", "pick--utilization").set_value(0.25).run()
    send(app, moves)
    assert app.query_params["utilization"] == "0.25"


@pytest.mark.parametrize(
    "sent",
    [
        None,
        3,
        {"gpu": {"value": 1, "n": 1}},
        {"utilization": 4},
        {"utilization": {"value": ["7"], "n": 1}},
        {"utilization": {"value": 7}},
        {"utilization": {"value": None, "n": 1}},
        {"x" * 10**4: {"value": 1, "n": 1}},
    ],
)
def test_nonsense_from_a_browser_is_no_move(sent):
    app = send(opened(), {"moves": sent})
    assert not app.exception
    assert not app.error
    assert app.query_params == {}


def test_a_number_outside_the_slider_is_taken():
    app = opened()
    slide(app, pue=2.75)
    assert not app.exception
    pue = levers(app)["pue"]
    assert pue["high"] == 2.75
    assert pue["unusual"] == "Cooling (PUE): 2.75 is above the usual 1.15 to 1.8."
    assert app.query_params["pue"] == "2.75"


def test_an_impossible_number_is_refused_and_the_answer_stays_dimmed():
    app = opened()
    before = verdict_of(app)
    slide(app, rack_kw=0)
    assert not app.exception
    assert levers(app)["rack_kw"]["refusal"].startswith("0 kW is outside above 0, up to 500 kW")
    assert is_dimmed(app)
    assert verdict_of(app) == before
    assert app.query_params == {}
    slide(app, rack_kw=20)
    assert levers(app)["rack_kw"]["refusal"] == ""
    assert not is_dimmed(app)


def test_a_refused_number_is_red_beside_a_plain_box_too():
    app = opened(simple="1")
    widget(app, "text_input", "number--pue").set_value("0.5").run()
    assert ":red[0.5 is outside 1 to 3: facility power divided by IT power]" in texts(app)
    assert widget(app, "text_input", "number--pue").value == "0.5"
    widget(app, "slider", "slider--utilization").set_value(51.0).run()
    assert widget(app, "text_input", "number--pue").value == "1.54"


@pytest.mark.parametrize(
    ("key", "typed", "given"),
    [
        ("number--utilization", "45%", {"utilization": 0.45}),
        ("number--utilization", "62,5", {"utilization": 0.625}),
        # Divided and multiplied as binary numbers these would be 0.33299999999999996 and 27.599….
        ("number--utilization", "33.3", {"utilization": 0.333}),
        ("choice--horizon_months", "2.3", {"horizon_months": 27.6}),
        (f"choice--{PRICE}", "$3,200", {PRICE: 3200}),
        (f"choice--{PRICE}", "1.234,50", {PRICE: 1234.5}),
        ("choice--horizon_months", "30 months", {"horizon_months": 30}),
        ("number--gpus", "1,000", {"gpus": 1000}),
    ],
)
def test_numbers_as_people_write_them(key, typed, given):
    app = opened(simple="1")
    box = widget(app, "text_input", key)
    box.set_value(typed).run()
    assert app.session_state["scenario"].given == given
    assert widget(app, "text_input", key).id == box.id  # who typed keeps the place


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("number--utilization", "a lot", "“a lot” is text, not a number in [0, 100]"),
        ("number--gpus", "1.000", "write 1000 or 1"),
        (f"choice--{PRICE}", "2900 €", "is in EUR, and this input is in USD"),
        ("choice--horizon_months", "2..3", "is a range, which the Risk page takes"),
    ],
)
def test_what_is_refused_says_how_to_write_it(key, typed, said):
    app = opened(simple="1")
    widget(app, "text_input", key).set_value(typed).run()
    assert said in html.unescape(html_of(app) + texts(app))
    assert app.session_state["scenario"].is_example
    assert widget(app, "text_input", key).value == typed


def test_inputs_that_do_not_go_together_keep_the_last_answer():
    app = opened(hosting="own_site")
    before = verdict_of(app)
    slide(app, rack_kw=0.5)
    assert not app.exception
    assert "These inputs cannot be combined" in html_of(app)
    assert "holds no server" in html_of(app)
    assert verdict_of(app) == before
    assert is_dimmed(app)


def test_the_order_of_the_sliders_stays_while_numbers_change():
    app = opened()
    names = list(levers(app))
    assert len(names) == 9
    assert names[-3:] == ["gpu_w", "pue", "rack_kw"]
    slide(app, license_usd_per_gpu_year=4500, utilization=90)
    assert list(levers(app)) == names
    assert list(levers(opened(license_usd_per_gpu_year="4500", utilization="0.9"))) == names


def test_plain_sliders_have_the_curves_as_pictures():
    app = opened(simple="1")
    shown = html_of(app)
    assert shown.count("<img class='tco-curve'") == 8
    curve = response_curves(tco.Scenario(), ["utilization"])["utilization"]
    alt = html.escape(curve_caption(curve.saving, curve.flip_words))
    assert f"alt='{alt}'" in shown
    widget(app, "slider", "slider--utilization").set_value(75.0).run()
    assert app.query_params.pop("check")
    assert app.query_params == {
        "v": "1",
        "as_of": tco.Scenario().values()["as_of"],
        "utilization": "0.75",
        "simple": "1",
    }


def test_another_gpu_brings_its_own_price():
    app = opened(price_usd_per_gpu="2500", gpu_w="80", pue="1.2")
    widget(app, "selectbox", "select--gpu").select("H100-SXM").run()
    assert set(app.query_params) == {"v", "check", "as_of", "gpu", "pue"}


def test_another_gpu_is_the_one_that_stands_side_by_side():
    offered = {"lease_usd_per_gpu_month": "90", "upfront_usd_per_gpu": "50", "idle_w": "9"}
    app = opened(**offered, colo_usd_per_kw_month="150", utilization="0.4")
    before = app.session_state["scenario"]
    widget(app, "selectbox", "select--gpu").select("T4").run()
    assert app.session_state["scenario"] == with_gpu(before, "T4")
    kept = {"gpu", "colo_usd_per_kw_month", "utilization"}
    assert set(app.query_params) == {"v", "check", "as_of"} | kept


def test_the_two_questions():
    app = opened()
    widget(app, "button_group", "pick--utilization").set_value(0.25).run()
    assert app.query_params["utilization"] == "0.25"
    widget(app, "button_group", "pick--billing").set_value("always_on").run()
    assert app.query_params["billing"] == "always_on"
    widget(app, "button_group", "pick--billing").set_value("committed").run()
    assert app.query_params["term"] == "1yr"
    widget(app, "button_group", "pick--billing").set_value("per_use").run()
    assert set(app.query_params) == {"v", "check", "as_of", "utilization"}


def test_back_to_the_example():
    app = opened(pue="1.2", gpu="T4")
    widget(app, "button", "reset").click().run()
    assert app.query_params == {}
    assert "Example" in texts(app)


def test_an_old_link_keeps_its_data_and_lists_what_has_changed():
    app = opened(v="1", as_of="2025-11-30", gpu="L4")
    assert not app.exception
    assert "data as of 2025-11-30" in html_of(app)
    assert "“Colocation fee”" in html_of(app)
    widget(app, "button", "newest").click().run()
    assert "“Colocation fee”" not in html_of(app)
    assert app.query_params["as_of"] == tco.Scenario().values()["as_of"]


def test_every_slider_says_where_its_default_comes_from():
    app = opened()
    for lever in levers(app).values():
        entry = tco.Scenario().resolved()[lever["sets"]]
        assert entry.status in lever["origin"]
        assert entry.as_of in lever["origin"]
    held = tco.rack().gpus_per_rack
    remark = f"{held} GPUs per rack; no effect under colocation: you pay for kilowatts"
    assert levers(app)["rack_kw"]["remark"] == remark
    assert "before income tax" in captions(app)
    own_site = levers(opened(hosting="own_site"))
    assert {lever["remark"] for lever in own_site.values()} == {""}


def test_with_a_tax_rate_all_is_after_tax():
    app = disclosed("why", tax_rate="0.25", utilization="0.9")
    assert "After tax, owning costs about $" in html_of(app)
    assert " per GPU after tax" in html_of(app)
    assert "after income tax at 25 %" in captions(app)
    assert "income taxes" not in texts(app)


def test_another_currency_is_shown_and_labeled():
    app = disclosed("why", currency="EUR", fx_rate="0.9", fx_as_of="2026-11-20", utilization="0.8")
    label = "converted at 0.9 EUR per USD as of 2026-11-20"
    answer = tco.breakeven(utilization=0.8)
    own = f"€{answer.own_usd_per_gpu_hour * 0.9:.3f}"
    assert f"costs about {own} per busy hour" in html_of(app)
    assert label in html_of(app)


def test_a_range_is_shown_by_its_middle():
    app = opened(utilization="0.5..0.7", rate_usd_per_gpu_hour="0.5..0.85")
    assert not app.exception
    assert not app.error
    assert levers(app)["utilization"]["value"] == 60
    assert levers(app)["utilization"]["origin"] == "yours, 50 % to 70 % (default 50 %)"
    slide(app, utilization=61)
    assert app.query_params["utilization"] == "0.61"
    assert app.query_params["rate_usd_per_gpu_hour"] == "0.5..0.85"


def section(app, title):
    (found,) = [one for one in app.expander if one.label.startswith(f"{title}: ")]
    return found


@pytest.mark.parametrize("each", form.SECTIONS, ids=lambda each: each.title)
def test_every_section_opens_and_holds_the_rest_of_its_inputs(each):
    app = opened()
    app.session_state[f"section_{each.title}"] = True
    app.run()
    assert not app.exception
    assert not app.error
    keys = {w.key.split("--")[1] for kind in KINDS for w in getattr(app, kind) if "--" in w.key}
    asked = {*levers(app), *CHOSEN}
    assert set(form.inputs(each)) - asked <= keys


@pytest.mark.parametrize("billing", tco.inputs.INPUTS["billing"].choices)
def test_all_sections_open_whatever_is_asked_above_them(billing):
    app = opened(billing=billing, simple="1")
    for each in form.SECTIONS:
        app.session_state[f"section_{each.title}"] = True
    app.run()
    assert not app.exception
    assert not app.error


def test_every_input_is_asked_for_somewhere():
    listed = [name for each in form.SECTIONS for name in form.inputs(each)]
    assert sorted([*listed, *amounts.INPUTS_OF_IT]) == sorted(tco.inputs.INPUTS)


def test_the_title_of_a_section_says_what_is_in_it():
    site = section(opened(pue="1.2"), "Site and power")
    assert site.label == "Site and power: colocation, $196/kW-month, PUE 1.2, 15 defaults"
    assert section(opened(), "Money and tax").label.endswith("before income tax, 8 defaults")


def test_choices_of_a_section_change_the_answer():
    app = opened()
    app.session_state["section_Financing"] = True
    app.run()
    title = section(app, "Financing").label
    widget(app, "button_group", "pick--financing").set_value("loan").run()
    assert app.query_params["financing"] == "loan"
    assert section(app, "Financing").label == title
    assert not any("counts only with a loan" in caption.value for caption in app.caption)
    assert any("counts only with a lease" in caption.value for caption in app.caption)


def test_a_code_that_is_none_is_refused():
    app = opened()
    widget(app, "text_input", "amounts_currency").set_value("euros")
    widget(app, "text_input", "amounts_fx_rate").set_value("0.86")
    widget(app, "button", "amounts_form").click().run()
    assert "write EUR" in texts(app)
    assert app.query_params == {}


def test_what_is_not_counted_is_listed():
    listed = texts(opened())
    for item in (
        "Income taxes",
        "Downtime of failed GPUs",
        "The option value of flexibility",
    ):
        assert item in listed


def test_an_error_of_ours_shows_one_sentence(monkeypatch):
    def broken(_scenario):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(state, "facts_of", broken)
    app = opened(gpu="T4", pue="1.377")
    assert [error.value for error in app.error] == [
        "This is our fault. Your inputs are in the link."
    ]
    assert "secret detail" not in str(app)
    assert not app.exception


def test_the_link_holds_the_inputs_that_broke_the_page(monkeypatch):
    app = opened()
    monkeypatch.setattr(state, "facts_of", lambda _scenario: 1 / 0)
    slide(app, utilization=77.5)
    assert app.error
    assert app.query_params["utilization"] == "0.775"


def test_plain_text_has_no_markup():
    assert plain("a $b$ *c* :d[e]") == "a \\$b\\$ \\*c\\* \\:d\\[e\\]"


def test_what_is_odd_about_a_value_stands_under_the_verdict():
    app = opened(gpu="L4", rate_usd_per_gpu_hour="500", selling_cost_rate="0")
    said = html_of(app)
    assert "Rental rate: $500 per GPU-hour is far above the usual $0.40 to $0.90." in said
    assert "Selling cost: 0 % is below the usual 5 to 25 %." in said
    assert "is above the usual" not in html_of(opened(gpu="L4"))


FORGED = [
    ("choice--horizon_months", {"string_value": "5e-324"}, "years is outside above 0, up to 20"),
    ("choice--horizon_months", {"string_value": "1e300"}, "years is outside above 0, up to 20"),
    ("choice--horizon_months", {"string_value": "-1.0"}, "-1 years is outside above 0, up to 20"),
    ("number--gpus", {"string_value": "16.5"}, "16.5 GPUs is outside whole numbers 1 to"),
    ("select--region", {"string_value": "Atlantis"}, "“Cloud region” = 'Atlantis'"),
    ("select--gpu", {"string_value": "nothing"}, "“GPU” = 'nothing'"),
]


@pytest.mark.parametrize(("key", "value", "said"), FORGED)
def test_what_no_widget_can_say_is_refused_in_words(key, value, said):
    app = opened(utilization="0.6")
    before = app.session_state["scenario"], verdict_of(app)
    kind = "selectbox" if key.startswith("select") else "text_input"
    forged = widget(app, kind, key).id
    tell(app, WidgetState(id=forged, **value))
    assert not app.exception
    assert not app.error
    assert said in html.unescape(html_of(app))
    assert (app.session_state["scenario"], verdict_of(app)) == before


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e999, 5e-324, -1])
def test_a_slider_that_says_no_number_of_the_domain_is_refused_in_words(value):
    app = opened(utilization="0.6")
    before = app.session_state["scenario"]
    slide(app, rack_kw=value)
    assert not app.exception
    assert "is outside" in html.unescape(html_of(app))
    assert app.session_state["scenario"] == before


def test_without_a_rate_what_owning_costs_stands_where_the_chart_would():
    app = opened(gpu="RTX-PRO-4500", provider="lambda")
    page = html_of(app)
    assert page.index("What owning costs") < page.index("Owning, upfront")
    assert page.count("Owning, upfront") == 1
    assert "Enter the rental rate, and what both sides cost over time is drawn" in captions(app)
    idle = html_of(opened(utilization="0"))
    assert "What owning costs" not in idle
    assert idle.count("Owning, upfront") == 1
