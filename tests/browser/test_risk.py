"""The Risk page in a browser: stresses put in force, ranges, the map, files and the phone."""

from tco import Scenario
from tco.analysis.flips import flips
from tco.analysis.sensitivity import stress, tornado, win_map
from tco.analysis.simulation import simulate
from tco.market.catalogue import load
from tco.report.facts import facts_of
from tco.report.market_tables import frame_csv
from tco.report.strip import strip
from tests.browser.decide import inputs_in
from tests.browser.screens import SCREENS, cut_labels, fits, rest, show, soon

L4 = Scenario(gpu="L4", utilization=0.6)
LINK = "?v=1&gpu=L4&utilization=0.6"


def wait_for_odds(page, scenario):
    said = f"in {100 * simulate(scenario).chance:.1f} %"
    page.wait_for_function(
        "said => document.querySelector('.tco-lead')?.innerText.includes(said)", arg=said
    )
    rest(page)


def test_a_stress_is_put_in_force_by_keys_and_taken_back_by_back_and_by_undo(page, address):
    show(page, address, "risk", LINK)
    wait_for_odds(page, L4)
    page.locator(".st-key-row_stress_half_busy button").focus()
    page.keyboard.press("Enter")
    half = Scenario(gpu="L4", utilization=0.3)
    wait_for_odds(page, half)
    assert inputs_in(page.url) == half
    page.get_by_role("link", name="Decide").click(delay=90)
    page.wait_for_selector(".tco-strip")
    rest(page)
    assert inputs_in(page.url) == half
    page.get_by_role("link", name="Risk").click(delay=90)
    page.get_by_text("Applied on every page:").wait_for()
    wait_for_odds(page, half)
    page.get_by_role("button", name="Undo", exact=True).first.click()
    wait_for_odds(page, L4)
    assert inputs_in(page.url) == L4
    page.go_back()
    wait_for_odds(page, half)
    assert inputs_in(page.url) == half


def test_a_range_typed_in_is_in_the_link_and_in_the_odds(page, elsewhere, address):
    show(page, address, "risk", LINK)
    for end, text in (("Low (P10)", "45"), ("High (P90)", "65")):
        page.get_by_label(end).fill(text)
    page.get_by_role("button", name="Use this range").click()
    ranged = Scenario(gpu="L4", utilization="0.45..0.65")
    wait_for_odds(page, ranged)
    assert inputs_in(page.url) == ranged
    elsewhere.goto(page.url)
    elsewhere.wait_for_selector(".tco-lead")
    assert elsewhere.inner_text(".tco-lead") == page.inner_text(".tco-lead")


def test_the_map_follows_the_choice_and_every_chart_has_a_text(page, address):
    show(page, address, "risk", LINK)
    for said in (
        "cheaper in",
        "Buying is ahead from month",
        "the value of this information is",
        "can each change the answer",
        "Over utilization and the rental rate",
    ):
        assert page.get_by_role("figure", name=said).count() == 1
    choice = page.get_by_role("combobox", name="Vertical axis")
    choice.click()
    choice.press_sequentially("GPU price")
    page.get_by_role("option", name="GPU price", exact=True).click()
    page.get_by_role("figure", name="Over utilization and the GPU price").wait_for()
    page.locator(".st-key-who_wins_where_head").get_by_text("Table").click()
    page.wait_for_selector(".st-key-who_wins_where_chart", state="detached")
    soon(page, page.locator(".js-plotly-plot").count, 4)


FILES = {
    "Odds (CSV)": lambda: simulate(L4).summary(),
    "Futures (CSV)": lambda: simulate(L4).to_frame(),
    "Drivers (CSV)": lambda: simulate(L4).drivers,
    "Tornado (CSV)": lambda: tornado(L4, count=99),
    "Win map (CSV)": lambda: win_map(L4),
    "Stresses (CSV)": lambda: stress(L4),
    "Break-even values (CSV)": lambda: flips(L4),
}


def test_downloaded_frames_are_the_library_s(page, address):
    show(page, address, "risk", LINK)
    for label, frame in FILES.items():
        with page.expect_download() as downloading:
            page.get_by_role("button", name=label).click()
        downloaded = downloading.value.path().read_text(encoding="utf-8")
        assert downloaded == frame_csv(frame(), load()), label


# Left, right, width and height of what can be seen.
_PLACES = """asked => [...document.querySelector('[data-testid=stMain]').querySelectorAll(asked)]
  .filter(one => one.checkVisibility({ visibilityProperty: true }))
  .map(one => one.getBoundingClientRect())
  .filter(({ width, height }) => width && height)
  .map(({ left, right, width, height }) => [left, right, width, height])"""


def test_nothing_scrolls_sideways_and_everything_can_be_hit(page, address):
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        if page.url == "about:blank":
            show(page, address, "risk", LINK)
        rest(page)
        assert_everything_can_be_hit(page, width)


def assert_everything_can_be_hit(page, width):
    fits(page, width)
    places = page.evaluate(_PLACES, "button, input, [role=combobox]")
    assert len(places) > 10
    assert [place for place in places if place[0] < 0 or place[1] > width] == []
    buttons = page.evaluate(_PLACES, "[data-testid=stButton] button")
    assert [place for place in buttons if min(place[2:]) < 24] == []
    soon(page, lambda: cut_labels(page, ".annotation"), [])


def test_a_range_opens_on_the_first_page_with_the_answer_at_its_midpoint(page, address):
    page.goto(f"{address}?v=1&gpu=L4&rate_usd_per_gpu_hour=0.50..0.85")
    page.wait_for_selector(".tco-strip")
    rest(page)
    told = strip(facts_of(Scenario(gpu="L4", rate_usd_per_gpu_hour=(0.5 + 0.85) / 2)))
    assert told.rent in page.inner_text(".tco-strip")
    assert inputs_in(page.url) == Scenario(gpu="L4", rate_usd_per_gpu_hour="0.5..0.85")
