"""The Report page: link, files, Python, pins and uploads, in every state."""

from urllib.parse import parse_qsl, urlsplit

import pytest

import tco
from tco import Scenario
from tco.app import decided
from tco.app import report_page as page
from tco.app.report_page import FILES, address, file_name
from tco.errors import InputError
from tco.inputs.labels import in_labels
from tco.market.catalogue import load
from tco.report.csv import ledger_csv, report_csv
from tco.report.facts import facts_of
from tco.report.handover import MOST_PINS, dated, pin, pins_json, snippet
from tco.report.pdf import pdf_of
from tco.scenario.link import decode
from tco.words.figures import usd
from tests.app.helpers import captions, html_of, kept, opened, texts, widget

STATES = [
    {},
    {"gpu": "T4", "utilization": 0.335},
    {"gpu": "RTX-PRO-4500", "provider": "lambda"},
    {"gpu": "L4", "as_of": "2019-01-01"},
    {"hosting": "own_site", "rack_kw": 1},
    {"gpu": "RTX-PRO-4500", "provider": "lambda", "hosting": "own_site", "rack_kw": 0.5},
    {"utilization": 0},
    {"billing": "committed", "term": "3yr", "currency": "EUR", "fx_rate": 0.9},
]


def report_page(**link):
    return opened("report", **link)


def link_of(state):
    return {name: str(value) for name, value in state.items()}


def codes(app):
    return [code.value for code in app.code]


def downloads(app):
    return {button.proto.label: not button.proto.disabled for button in app.get("download_button")}


def press(app, key):
    return widget(app, "button", key).click().run()


def pin_named(app, name):
    widget(app, "text_input", "pin_name").set_value(name)
    return press(app, "pin")


def said(facts):
    """The first sentence, as the page leads with it."""
    return f"<p class='tco-lead'>{facts.sentences[0]}</p>"


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_page(state):
    app = report_page(**link_of(state))
    assert not app.exception
    assert not app.error
    scenario = Scenario(**state)
    facts = facts_of(scenario)
    offered = downloads(app)
    for file in FILES:
        assert offered[file.label] == (not file.lacking(facts)), file.label
    assert offered["Scenario (.tco.json)"]
    if facts.answer is None:
        with pytest.raises(InputError) as caught:
            tco.breakeven(scenario)
        problem = in_labels(caught.value.problems[0].message.split(":")[0])
        assert problem in html_of(app).replace("&#x27;", "'")
        assert "Not available: there is no verdict." in captions(app)
        assert not any("import tco" in code for code in codes(app))
    else:
        assert snippet(scenario) in codes(app)
        assert said(facts) in html_of(app)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.suffix)
def test_a_file_is_offered_if_and_only_if_it_can_be_made(state, file):
    scenario = Scenario(**state)
    link = address("http://localhost:8501/report", scenario)
    if file.lacking(facts_of(scenario)):
        with pytest.raises(InputError):
            file.build(scenario, link)
    elif file.suffix != "sheet.pdf":  # which is made of the sheet, see below
        assert len(file.build(scenario, link)) > 0


def test_without_what_makes_a_pdf_the_page_says_what_to_install(monkeypatch):
    lacking = "a PDF needs weasyprint: pip install 'gpu-tco[pdf]'"
    monkeypatch.setattr(decided, "no_pdf", lambda: lacking)
    app = report_page()
    assert not downloads(app)["Decision sheet (PDF)"]
    assert downloads(app)["Decision sheet (HTML)"]
    assert f"Not available: {lacking}." in captions(app)
    widget(app, "text_input", "by").set_value("Ada")
    app.run()
    assert not downloads(app)["Page to sign (PDF)"]
    assert downloads(app)["Page to sign (HTML)"]
    assert f"No PDF here: {lacking}." in captions(app)


def test_files_are_the_library_s():
    scenario = Scenario(gpu="T4", utilization=0.4)
    made = {file.suffix: file.build(scenario, "") for file in FILES}
    assert made["sheet.pdf"] == pdf_of(made["sheet.html"])
    assert made["report.csv"] == report_csv(scenario)
    assert made["ledger.csv"] == ledger_csv(scenario)
    again = Scenario.from_json(made["scenario.tco.json"])
    assert again == dated(scenario)
    assert again.as_of == load().newest


def test_names_of_files_say_what_they_are():
    assert file_name(Scenario(gpu="H100-SXM", as_of="2026-09-01"), "ledger.csv") == (
        "tco-H100-SXM-2026-09-01-ledger.csv"
    )
    for gpu in load().gpus:
        name = file_name(Scenario(gpu=gpu), "report.csv")
        assert name.isascii()
        assert not set(name) & set(' /\\:*?"<>|')


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("url", ["http://h:1/report", "http://h:1/report?v=1", "http://h:1/"])
def test_the_link_gives_the_same_scenario_and_its_date(state, url):
    scenario = Scenario(**state)
    link = address(url, scenario)
    assert link.startswith("http://h:1/?v=1&check=")
    parameters = dict(parse_qsl(urlsplit(link).query))
    assert parameters["as_of"] == scenario.values()["as_of"]
    found = decode(parameters)
    assert found.remarks == ()
    assert found.scenario == scenario


def test_the_link_is_shown_whole_and_told_in_words():
    app = report_page(gpu="T4", utilization="0.45")
    link = codes(app)[0]
    assert decode(dict(parse_qsl(urlsplit(link).query))).scenario == Scenario(
        gpu="T4", utilization=0.45
    )
    assert "GPU T4, utilization 45 %" in captions(app)
    assert codes(app)[-1].endswith(link)


@pytest.mark.usefixtures("quoted")
def test_a_link_from_a_store_needs_no_store():
    app = report_page(gpu="L4")
    assert not app.exception
    found = decode(dict(parse_qsl(urlsplit(codes(app)[0]).query))).scenario
    assert found.given["rate_usd_per_gpu_hour"] == 0.55
    assert "rate_usd_per_gpu_hour=0.55" in codes(app)[1]


def test_pins_are_kept_compared_loaded_and_unpinned():
    app = pin_named(report_page(gpu="T4", utilization="0.45"), "first")
    assert widget(app, "text_input", "pin_name").value == ""
    widget(app, "button", "reset").click().run()
    app = pin_named(app, "second")
    table = html_of(app)
    assert "Inputs that differ" in table
    assert "<th scope='col'>first</th><th scope='col'>second</th>" in table
    assert "Utilization</th><td>45 %</td><td>50 %</td>" in table
    assert "Cooling (PUE)" not in table
    assert "_usd" not in table
    for scenario in (Scenario(gpu="T4", utilization=0.45), Scenario()):
        answer = tco.breakeven(scenario)
        assert f"<td>{facts_of(scenario).headline}</td>" in table
        assert f"<td>{usd(answer.npv_saving_usd)}</td>" in table
    press(app, "load_0")
    assert app.query_params["utilization"] == "0.45"
    assert snippet(Scenario(gpu="T4", utilization=0.45)) in codes(app)
    press(app, "unpin_0")
    assert "<th scope='col'>first</th>" not in html_of(app)
    assert [one.name for one in kept(app, "pins")] == ["second"]


def test_a_name_that_is_refused_stays_typed_and_says_why():
    app = pin_named(report_page(), "same")
    app = pin_named(app, " SAME ")
    assert "name = &#x27;SAME&#x27; is taken" in html_of(app)
    assert widget(app, "text_input", "pin_name").value == " SAME "
    app = pin_named(app, "other")
    assert "is taken" not in html_of(app)
    assert [one.name for one in kept(app, "pins")] == ["same", "other"]


def test_without_a_name_one_is_suggested_and_four_are_enough():
    app = report_page(gpu="T4", gpus="4")
    for _ in range(MOST_PINS):
        press(app, "pin")
    names = [one.name for one in kept(app, "pins")]
    assert names == ["4 × T4", "4 × T4 (2)", "4 × T4 (3)", "4 × T4 (4)"]
    assert widget(app, "button", "pin").disabled
    assert "unpin one to pin another" in captions(app)


def test_a_pin_without_a_verdict_says_why():
    app = press(report_page(gpu="RTX-PRO-4500", provider="lambda"), "pin")
    assert "<td>no verdict</td>" in html_of(app)
    assert "8 × RTX-PRO-4500: No verdict: “Rental rate” is not known" in html_of(app)


def test_names_of_pins_are_text():
    name = "<b>x</b> $y$ :red[z] [a](b)"
    app = pin_named(report_page(), name)
    assert "&lt;b&gt;x&lt;/b&gt; $y$ :red[z]" in html_of(app)
    label = widget(app, "button", "load_0").label
    assert label == r"Load \<b\>x\</b\> \$y\$ \:red\[z\] \[a\]\(b\)"


def uploaded(app, name, content, mime="application/octet-stream"):
    data = content if isinstance(content, bytes) else content.encode()
    app.file_uploader[0].set_value((name, data, mime))
    return app.run()


def test_an_uploaded_scenario_is_used_when_asked_for():
    app = report_page(pue="1.2")
    scenario = Scenario(gpu="T4", utilization="0.3..0.5", tax_rate=0.2)
    uploaded(app, "mine.tco.json", dated(scenario).to_json())
    assert "mine.tco.json holds a scenario: GPU T4, utilization 30 % to 50 %" in texts(app)
    assert app.query_params["pue"] == "1.2"
    press(app, "use")
    assert "pue" not in app.query_params
    assert snippet(scenario) in codes(app)
    assert said(facts_of(scenario)) in html_of(app)


def test_uploaded_pins_take_the_place_of_the_pins():
    app = pin_named(report_page(), "old")
    pins = pin(pin((), "a", Scenario()), "b", Scenario(gpu="T4"))
    uploaded(app, "pins.tco.json", pins_json(pins))
    assert "holds 2 pinned scenarios: a, b" in texts(app)
    assert widget(app, "button", "use").label == "Replace the pins with these"
    press(app, "use")
    assert kept(app, "pins") == pins


def test_an_uploaded_table_is_answered():
    app = uploaded(report_page(), "table.csv", "gpu,utilization\nL4,0.5\nL4,60\n")
    assert "table.csv holds 2 scenarios, 1 with an error, stated in its row." in texts(app)
    assert downloads(app)["Answers (CSV)"]


def test_what_is_refused_changes_nothing():
    app = pin_named(report_page(pue="1.2"), "kept")
    widget(app, "text_input", "pin_name").set_value("typed")
    uploaded(app, "<img src=x>.json", '{"schema_version": 2, "inputs": {"<b>": NaN}}')
    assert not app.exception
    assert "&lt;img src=x&gt;.json could not be opened:" in html_of(app)
    assert "NaN is not a number" in html_of(app)
    assert "<img" not in html_of(app)
    assert app.query_params["pue"] == "1.2"
    assert widget(app, "text_input", "pin_name").value == "typed"
    assert [one.name for one in kept(app, "pins")] == ["kept"]
    assert "Answers (CSV)" not in downloads(app)


def test_nothing_to_compare_is_no_verdict_of_its_own():
    app = press(report_page(utilization="0"), "pin")
    assert "<td>Nothing to compare</td>" in html_of(app)
    assert "<strong class='tco-word'>Nothing to compare</strong>" in html_of(app)


def test_versions_and_citation_are_there():
    app = report_page()
    assert f"model version {tco.version.MODEL_VERSION}" in captions(app)
    assert f"data date {load().newest}" in captions(app)
    assert codes(app)[-1].startswith("The gpu-tco authors: gpu-tco ")
    assert page.made_by(Scenario()) in codes(app)[-1]
