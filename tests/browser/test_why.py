"""Below the answer in a browser: a bill that is typed, the reasons, and own lines in a table."""

from urllib.parse import urlencode

import tco
from tco import Line, Scenario
from tco.scenario.link import encode
from tests.browser.decide import settle, show, wait_for_link
from tests.browser.screens import soon

CASE = {"gpu": "L4", "rate_usd_per_gpu_hour": 0.6, "billing_overhead": 0}
VAT = Line(name="VAT", side="rent", usd=0.19, basis="item:compute")
ADMINISTRATOR = Line(name="administrator", side="own", usd=250)
# The height of a row, and where the column of the amounts is [px].
_ROW, _AMOUNT = 35, 310


def query(scenario):
    return f"?{urlencode(encode(scenario))}"


def opened(page, title):
    """A part of the page that is opened by its title."""
    part = page.locator("[data-testid=stExpander]").filter(has_text=title).last
    part.locator("summary").click()
    settle(page)
    return part


def _edited_cell(page, grid):
    """The box of an amount's cell; a cell is drawn, so that it is found by its place.

    While the page above it grows, a click meets another row: it is tried until the box is there.
    """
    cell = page.locator("#portal textarea")
    for _ in range(10):
        grid.evaluate("one => one.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(200)
        frame = grid.bounding_box()
        page.mouse.dblclick(frame["x"] + _AMOUNT, frame["y"] + 2.5 * _ROW)
        page.wait_for_timeout(500)
        if cell.is_visible() and cell.input_value().endswith("250"):
            return cell
        page.keyboard.press("Escape")
        settle(page)
    raise AssertionError("a double click opens no cell")


def test_both_waterfalls_are_loaded_when_their_place_is_opened(page, address, heard):
    answer = tco.breakeven(**CASE)
    show(page, address, query(answer.scenario))
    assert not [url for url in heard.requests if "plotly" in url.lower()]
    opened(page, "Why?")
    for side in ("own", "rent"):
        chart = page.locator(f".st-key-{side}ing_chart .main-svg").first
        chart.wait_for()
        full = f"full cost ${getattr(answer, f'{side}_usd_per_gpu_hour'):.3f}"
        labels = page.locator(f".st-key-{side}ing_chart .ytick text")
        soon(page, labels.filter(has_text=full).count, 1)


def test_one_line_is_changed_in_the_table_and_no_other(page, address):
    show(page, address, query(Scenario(gpu="L4", lines=[VAT, ADMINISTRATOR])))
    part = opened(page, "Add, change or delete")
    part.locator("canvas").first.wait_for()
    page.locator("#glide-cell-3-1").last.wait_for(state="attached")

    cell = _edited_cell(page, part.locator("canvas").first)
    page.wait_for_timeout(300)
    cell.fill("$1,250")
    page.wait_for_timeout(300)  # as fast as a hand: the table takes what it has drawn
    page.keyboard.press("Enter")
    dearer = Line(name="administrator", side="own", usd=1_250)
    wait_for_link(page, Scenario(gpu="L4", lines=[VAT, dearer]))
