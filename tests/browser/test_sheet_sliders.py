"""The sliders of the decision sheet: Python's answer without Python, else the same sheet."""

import random
import re
from functools import cache
from importlib.resources import files

import pytest
from playwright.sync_api import expect

from tco import Scenario
from tco.model.breakeven import breakeven
from tco.report.facts import IDLE, NOTHING
from tco.report.pdf import pdf_of
from tco.report.sheet import page as sheet
from tco.report.sheet.sliders import STILL
from tests.browser import moved
from tests.browser.conftest import DESK, visitor
from tests.browser.test_sheet import TAGS

_SCENARIOS, _PLACES, _SEED = 5, 3, 22
LEASED = {
    "gpu": "L4",
    "horizon_months": 60,
    "tax_rate": 0.25,
    "financing": "lease",
    "lease_usd_per_gpu_month": 120,
    "depreciation": "macrs_5",
}
CREDIT = {"name": "credit", "side": "rent", "usd": -0.2, "basis": "item:compute", "cap_usd": 1_500}
CAPPED = ({"rate_cap_usd_per_gpu_month": 292}, {"lines": [CREDIT]})
MOST_BYTES = 150_000


@cache
def written(scenario):
    return sheet(scenario)


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Opens a sheet in one tab, the same for all; nobody is called and nothing complains."""
    folder, tab = tmp_path_factory.mktemp("moved"), browser.new_page(viewport=DESK)
    said, called = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: called.append(request.url))

    def show(scenario, document=None):
        path = folder / "sheet.html"
        path.write_text(document or written(scenario), encoding="utf-8")
        called.clear()
        tab.goto(path.as_uri())
        return tab

    yield show
    assert said == []
    assert called == [(folder / "sheet.html").as_uri()]
    tab.close()


@pytest.mark.parametrize("scenario", moved.scenarios(_SCENARIOS, _SEED), ids=range(_SCENARIOS))
def test_the_sheet_says_what_python_says(opened, scenario):
    dice, tab = random.Random(_SEED), opened(scenario)
    for _ in range(_PLACES):
        moved.assert_same(tab, scenario, moved.places(scenario, dice))


@pytest.mark.parametrize("inputs", CAPPED, ids=["bill", "line"])
def test_a_cap_bends_the_saving_in_the_sheet_as_in_python(opened, inputs):
    scenario = Scenario(gpu="L4", **inputs)
    tab = opened(scenario)
    place = moved.places(scenario, random.Random(1))
    for rate in (0.3, 0.6, 2.5):
        for use in (20, 55, 95):
            at = place | {"rate_usd_per_gpu_hour": rate, "utilization": use}
            moved.assert_same(tab, scenario, at)


@pytest.mark.parametrize("inputs", [{"gpu": "L4"}, LEASED], ids=["default", "leased"])
def test_a_sheet_is_small(inputs):
    document = written(Scenario(**inputs))
    assert "<script>" in document
    assert len(document.encode()) < MOST_BYTES


def test_what_does_not_move_says_so_and_a_button_goes_back(opened):
    tab = opened(Scenario(gpu="L4"))
    shown = tab.locator("main").inner_text()
    assert tab.locator(".stale:visible").count() == 0
    track = tab.locator("[data-input=utilization] .track")
    track.focus()
    tab.keyboard.press("ArrowRight")
    assert track.get_attribute("aria-valuetext") == "51 %"
    assert tab.locator("[data-input=utilization] .was").inner_text() == "original: 50 %"
    marked = tab.locator("[data-still]")
    assert marked.count() >= 7
    for at in range(marked.count()):
        assert marked.nth(at).inner_text().startswith(STILL)
    # The odds are of the original values: they are gone, as is how sure the verdict is.
    text = tab.locator("main").inner_text()
    assert "simulated futures" not in text
    assert "confidence" not in text
    expect(tab.get_by_role("status")).to_contain_text("BUY. At 51 % utilization")
    tab.get_by_role("button", name="Back to the original values").click()
    expect(tab.get_by_role("status")).to_be_empty()
    assert tab.locator("main").inner_text() == shown
    assert tab.evaluate("document.activeElement.className") == "box"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("130", "130 % is outside 0 to 100 %: share of all hours"),
        ("-1", "-1 % is outside 0 to 100 %"),
        ("45%", "Enter a plain number, such as 50"),
        ("2.800", "Enter a plain number, such as 50"),
        ("<b>", "Enter a plain number, such as 50"),
    ],
)
def test_what_is_no_value_of_an_input_is_refused(opened, text, why):
    tab = opened(Scenario(gpu="L4"))
    box = tab.get_by_label("Utilization %")
    box.fill(text)
    box.press("Enter")
    alert = tab.locator("[data-input=utilization] [role=alert]")
    assert alert.inner_text().startswith(why)
    assert box.get_attribute("aria-invalid") == "true"
    assert tab.locator("main.moved").count() == 0
    box.fill("55")
    box.press("Enter")
    assert alert.inner_text() == ""
    assert tab.locator("main.moved").count() == 1


def test_without_busy_hours_there_is_nothing_to_compare(opened):
    tab = opened(Scenario(gpu="L4"))
    box = tab.get_by_label("Utilization %")
    box.fill("0")
    box.press("Enter")
    assert tab.locator(".verdict .now").inner_text().split("\n\n") == [NOTHING, IDLE]
    assert set(tab.locator("dl.now dd").evaluate_all("all => all.map(x => x.innerText)")) == {"–"}
    assert not tab.locator(".chart .now svg").is_visible()


def test_no_slider_moves_under_a_hand(opened):
    scenario = Scenario(gpu="L4")
    for width in (1280, 390):
        tab = opened(scenario)
        tab.set_viewport_size({"width": width, "height": 844})
        track = tab.locator("[data-input=price_usd_per_gpu] .track")
        track.scroll_into_view_if_needed()
        before = track.bounding_box()
        track.fill("3000")
        assert track.bounding_box() == before
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    there = moved.told(breakeven(scenario, price_usd_per_gpu=3_000))
    # On a narrow screen the answer is beside the sliders too.
    assert tab.locator(".brief").inner_text() == f"{there['word']}. {there['sentences'][0]}"
    tab.set_viewport_size(DESK)


def test_without_a_script_and_on_paper_the_sheet_is_as_it_was(opened, browser):
    document = written(Scenario(gpu="L4"))
    plain = re.sub(
        r"<script>.*</script>|<section class=\"try\".*?</section>", "", document, flags=re.S
    )
    assert len(plain) < len(document) - 20_000
    assert pdf_of(document) == pdf_of(plain)
    with browser.new_context(java_script_enabled=False) as quiet:
        still = quiet.new_page()
        still.set_content(document)
        assert not still.locator(".try").is_visible()
        read = still.locator("main").inner_text()
        still.set_content(plain)
        assert still.locator("main").inner_text() == read
    tab = opened(None, document)
    tab.emulate_media(media="print")
    paper = tab.locator("main").inner_text()
    tab.emulate_media(media="screen")
    tab.locator("[data-input=utilization] .track").fill("80")
    tab.emulate_media(media="print")
    assert tab.locator("main").inner_text() == paper
    tab.emulate_media(media="null")


def test_a_policy_lets_this_script_run_and_no_other(browser):
    document = written(Scenario(gpu="L4"))
    other = document.replace("</main>", "</main><script>document.title = 'run'</script>")
    with visitor(browser) as fresh:
        tab = fresh.new_page()
        tab.set_content(other)
        assert tab.locator(".try").is_visible()
        assert tab.title() == "Rent or buy 8 × L4?"


def test_axe_finds_no_violation_while_values_are_moved_and_refused(opened):
    tab = opened(Scenario(gpu="L4"))
    tab.locator("[data-input=utilization] .track").fill("80")
    tab.get_by_label("GPU price USD per GPU").fill("-4")
    tab.get_by_label("GPU price USD per GPU").press("Enter")
    assert tab.locator("main.moved").count() == 1
    tab.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": TAGS}}
    for scheme in ("dark", "light"):
        tab.emulate_media(color_scheme=scheme)
        found = tab.evaluate("options => axe.run('main', options)", options)
        assert found["violations"] == []
