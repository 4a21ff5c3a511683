"""The Data page in a browser: on the way there nothing is lost, and quotes are used."""

import pytest

import tco
from tco import Scenario
from tco.analysis.history import history, offers
from tco.market.catalogue import load
from tco.report.market_tables import frame_csv
from tests.browser.decide import (
    box,
    go,
    inputs_in,
    sentences,
    settle,
    show,
    told,
    wait_for_answer,
    wait_for_link,
)
from tests.browser.screens import SCREENS, cut_labels, fits, rest, soon

BUSY = "Utilization"


def show_data(page, address, query=""):
    page.goto(f"{address}data{query}")
    page.wait_for_selector(".tco-sources")
    settle(page)


def expect(page, answer):
    """The first page shows the library's answer."""
    wait_for_answer(page, answer)
    assert told(page) == sentences(answer)


def field(page, label):
    return page.get_by_role("tabpanel").get_by_label(label)


def test_the_scenario_survives_the_way_to_data_and_back(page, address):
    show(page, address)
    box(page, BUSY).fill("70")
    box(page, BUSY).press("Enter")
    answer = tco.breakeven(utilization=0.7)
    wait_for_answer(page, answer)
    wait_for_link(page, answer.scenario)
    link = page.url
    go(page, "Data", ".tco-sources")
    assert page.url == link.replace(address, f"{address}data")
    assert inputs_in(page.url) == Scenario(utilization=0.7)
    assert page.title() == "Data: rent GPUs or buy them?"
    go(page, "Decide", ".tco-strip")
    assert page.url == link
    expect(page, answer)
    soon(page, box(page, BUSY).input_value, "70")
    assert page.title() == "Rent GPUs or buy them?"


def test_back_and_forward_go_from_page_to_page(page, address):
    show(page, address, "?v=1&gpu=T4")
    first = page.url
    go(page, "Data", ".tco-sources")
    page.go_back()
    expect(page, tco.breakeven(gpu="T4"))
    assert page.url == first
    page.go_forward()
    page.wait_for_selector(".tco-sources")
    settle(page)
    assert inputs_in(page.url) == Scenario(gpu="T4")


def test_what_was_typed_last_comes_along(page, address):
    show(page, address)
    box(page, "Cooling (PUE)").fill("1.25")
    go(page, "Data", ".tco-sources")
    wait_for_link(page, Scenario(pue=1.25))


def test_data_opens_by_its_own_link_without_a_word(page, address, heard):
    show_data(page, address, "?v=1&gpu=H100-SXM&utilization=0.4")
    assert "H100-SXM" in page.inner_text("[data-testid=stMain]")
    assert heard.complaints == []
    assert heard.strangers(address) == []
    go(page, "Decide", ".tco-strip")
    expect(page, tco.breakeven(gpu="H100-SXM", utilization=0.4))


def test_offers_and_history_have_charts_with_texts_and_tables(page, address):
    show_data(page, address, "?gpu=H100-SXM")
    for said in ("comparable offers for H100-SXM are below", "since 20"):
        page.get_by_role("figure", name=said).wait_for()
    for name in ("Rental offers", "Price history"):
        key = f".st-key-{name.casefold().replace(' ', '_')}"
        page.locator(f"{key}_head").get_by_text("Table").click(delay=90)
        page.wait_for_selector(f"{key}_chart", state="detached")
        settle(page)
    for alt in ("Rental offers: offers", "Price history: trends", "Price history: observations"):
        page.get_by_label(alt, exact=True).first.wait_for(state="attached")


def test_downloaded_frames_are_the_library_s(page, address):
    show_data(page, address, "?gpu=H100-SXM&term=spot")
    for label, frame in (("Offers (CSV)", offers), ("History (CSV)", history)):
        with page.expect_download() as downloading:
            page.get_by_role("button", name=label).click()
        downloaded = downloading.value.path().read_text(encoding="utf-8")
        assert downloaded == frame_csv(frame("H100-SXM", term="spot", region="US"), load()), label


@pytest.mark.parametrize("gpu", ["H100-SXM", "RTX-PRO-4500"])
def test_nothing_scrolls_sideways(page, store_address, gpu):
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        if page.url == "about:blank":
            show_data(page, store_address, f"?gpu={gpu}")
        if gpu != "RTX-PRO-4500":
            page.wait_for_selector(".st-key-price_history_chart .main-svg")
        rest(page)
        fits(page, width)
        soon(page, lambda: cut_labels(page, ".annotation, .ytick"), [])


def test_a_store_is_used_said_and_needed_by_no_link(page, store_address, address, store):
    show(page, store_address)
    here = tco.breakeven(Scenario(prices=store))
    expect(page, here)
    assert store.label in page.inner_text("[data-testid=stMain]")
    link = page.url.split("?")[1]
    show(page, address, f"?{link}")
    wait_for_answer(page, here)
    expect(page, tco.breakeven(inputs_in(page.url)))


def test_a_wrong_quote_is_refused_by_its_field(page, store_address, store):
    show_data(page, store_address, "?gpu=T4")
    field(page, "Provider").fill(" ")
    field(page, "Quoted price").fill("0.4")
    before = len(store.imports())
    page.get_by_role("button", name="Add the quote").click()
    page.get_by_text("is empty, or has space around it").wait_for()
    settle(page)
    assert field(page, "Quoted price").input_value() == "0.4"
    assert len(store.imports()) == before
