"""The Options page in a browser: what it says, files, options picked, GPUs in the link."""

from itertools import combinations
from urllib.parse import parse_qs, urlsplit

import pytest

import tco
from tco import Scenario
from tco.analysis.options import what_if
from tco.market.catalogue import load
from tco.report import gpu_tables, option_tables
from tco.report.market_tables import frame_csv
from tests.browser.decide import HUMAN, inputs_in
from tests.browser.screens import MOST_ENTRIES, SCREENS, fits, rest, show

CURVES = ".st-key-annual_cost_by_utilization_chart"
STACKS = ".st-key-cost_per_busy_hour_chart"
GPUS = ".st-key-cost_by_gpu_chart"
LINK = "?v=1&gpu=L4&utilization=0.6"
ASKED = Scenario(gpu="L4", utilization=0.6)


def wait_for_finding(page, scenario):
    lead = option_tables.compared(scenario).finding.partition(". ")[0]
    page.wait_for_function(
        "lead => document.querySelector('.tco-lead')?.innerText === lead", arg=lead
    )
    rest(page)


def compared(url):
    return parse_qs(urlsplit(url).query).get("compare", [""])[-1]


def test_it_says_what_the_library_finds(page, address):
    show(page, address, "options", LINK)
    wait_for_finding(page, ASKED)
    assert page.title() == "Options: rent GPUs or buy them?"
    found = option_tables.compared(ASKED)
    titles = page.locator("h3.tco-chart").all_inner_texts()
    assert titles[0] == option_tables.envelope_title(found.lines)
    assert titles[1] == option_tables.stacks_title(found.stacks)
    for title in titles:
        assert page.get_by_role("figure", name=title).count() == 1


def test_use_that_is_typed_changes_the_finding_and_the_link(page, address):
    show(page, address, "options", LINK)
    box = page.get_by_label("Utilization [%]")
    box.fill("20")
    box.press("Enter")
    wait_for_finding(page, Scenario(gpu="L4", utilization=0.2))
    assert inputs_in(page.url) == Scenario(gpu="L4", utilization=0.2)
    page.go_back()
    wait_for_finding(page, ASKED)


def test_show_on_decide_goes_there_with_that_way_and_back_returns(page, address):
    show(page, address, "options", LINK)
    before, opened = page.evaluate("history.length"), page.url
    row = page.locator(".st-key-row_committed_3yr")
    row.get_by_role("link", name="Show on Decide").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    page.wait_for_selector(".lever, .tco-curve")
    rest(page)
    assert inputs_in(page.url).values() == what_if(ASKED, "committed_3yr").values()
    assert page.evaluate("history.length") == min(before + 1, MOST_ENTRIES)
    page.go_back()
    page.wait_for_url(lambda url: urlsplit(url).path == "/options")
    page.get_by_text("On Decide now").first.wait_for()
    rest(page)
    assert inputs_in(page.url) == inputs_in(opened) == ASKED


def test_gpus_are_in_the_link_on_every_page_and_for_a_colleague(page, elsewhere, address):
    show(page, address, "options", LINK)
    box = page.get_by_label("2 to 8 GPUs")
    box.focus()
    page.keyboard.type("SXM")
    page.get_by_role("option", name="V100-32GB-SXM", exact=True).wait_for()
    assert set(page.get_by_role("option").all_inner_texts()) <= set(ASKED.catalogue.gpus)
    box.fill("H100-SXM")
    page.get_by_role("option", name="V100-32GB-SXM", exact=True).wait_for(state="detached")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    gpus = [*gpu_tables.nearest(ASKED), "H100-SXM"]
    page.get_by_role("figure", name="H100-SXM: BUY").wait_for()
    rest(page)
    assert compared(page.url) == ",".join(gpus)
    page.get_by_role("link", name="Data").click(delay=HUMAN)
    page.wait_for_selector(".tco-sources")
    rest(page)
    assert compared(page.url) == ",".join(gpus)
    page.get_by_role("link", name="Options").click(delay=HUMAN)
    page.wait_for_selector(f"{GPUS} .main-svg")
    rest(page)
    elsewhere.goto(page.url)
    rest(elsewhere)
    title = gpu_tables.side_by_side_title(gpu_tables.side_by_side(ASKED, gpus), 0.6)
    assert title in elsewhere.locator("h3.tco-chart").all_inner_texts()
    link = elsewhere.url
    assert inputs_in(link.replace(f"compare={compared(link)}", "")) == ASKED


FILES = {
    "Options (CSV)": lambda: tco.options(ASKED),
    "Screening curves (CSV)": lambda: tco.screening(ASKED),
    "Cost stacks (CSV)": lambda: option_tables.compared(ASKED).stacks,
    "GPUs (CSV)": lambda: gpu_tables.side_by_side(ASKED, gpu_tables.nearest(ASKED)),
}


def test_downloaded_frames_are_the_library_s(page, address):
    show(page, address, "options", LINK)
    for label, frame in FILES.items():
        with page.expect_download() as downloading:
            page.get_by_role("button", name=label).click()
        downloaded = downloading.value.path().read_text(encoding="utf-8")
        assert downloaded == frame_csv(frame(), load()), label


@pytest.mark.parametrize("query", [LINK, "?gpu=H100-SXM&tax_rate=0.25&delivery_months=2"])
def test_no_label_is_cut_or_on_another(page, address, query):
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        if page.url == "about:blank":
            show(page, address, "options", query)
        rest(page)
        fits(page, width)
        for chart in (CURVES, STACKS, GPUS):
            assert_labels_fit(page, chart)


def assert_labels_fit(page, chart):
    around = page.locator(f"{chart} .main-svg").first.bounding_box()
    shapes = [one.bounding_box() for one in page.locator(f"{chart} .annotation-text-g").all()]
    assert shapes
    for shape in shapes:
        assert shape["x"] >= around["x"] - 1, chart
        assert shape["x"] + shape["width"] <= around["x"] + around["width"] + 1, chart
        assert shape["y"] + shape["height"] <= around["y"] + around["height"] + 1, chart
    meeting = [pair for pair in combinations(shapes, 2) if meet(*pair)]
    assert meeting == [], chart


def meet(one, other):
    """Whether two boxes overlap by more than the room around their letters."""
    over = [
        min(one[at] + one[size], other[at] + other[size]) - max(one[at], other[at])
        for at, size in (("x", "width"), ("y", "height"))
    ]
    return over[0] > 2 and over[1] > 5
