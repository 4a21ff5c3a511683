"""The Decide page in a browser: first sight, links, history, sizes, and what it must never do."""

import re
from urllib.parse import urlsplit

import pytest

import tco
from tco.market.catalogue import load
from tco.report.facts import facts_of
from tco.report.live import live_frame
from tco.report.market_tables import frame_csv
from tests.browser.decide import (
    box,
    inputs_in,
    sentences,
    settle,
    show,
    told,
    track,
    wait_for_answer,
    wait_for_link,
)
from tests.browser.screens import fits, soon


def test_the_page_opens_quietly_and_calls_nobody(page, address, heard):
    show(page, address)
    assert told(page) == sentences(tco.breakeven())
    assert page.title() == "Rent GPUs or buy them?"
    assert heard.complaints == []
    assert heard.strangers(address) == []


def test_the_live_chart_has_a_text_a_table_and_a_file(page, address):
    show(page, address)
    facts = facts_of(tco.Scenario())
    drawn = facts.live
    soon(page, page.get_by_role("img", name=drawn.alt).count, 1)
    page.get_by_role("button", name="Table").click()
    rows = page.locator(".live tbody tr")
    soon(page, rows.count, len(drawn.rows))
    assert tuple(rows.last.locator("th, td").all_inner_texts()) == drawn.rows[-1]
    assert page.get_by_role("img", name=drawn.alt).count() == 0
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Cost over time (CSV)").click()
    made = frame_csv(live_frame(facts.curves, facts.ribbon), load())
    assert downloading.value.path().read_text(encoding="utf-8") == made


def test_every_other_number_can_be_typed_too(page, address):
    show(page, address)
    page.get_by_text("Hardware: ").click()
    server = page.get_by_label("Server without GPUs")
    server.fill("30000")
    server.press("Enter")
    wait_for_answer(page, tco.breakeven(server_usd=30000))
    assert server.input_value() == "30000"
    assert server.is_visible()


def test_the_way_to_the_report_keeps_the_scenario(page, address):
    show(page, address, "?v=1&utilization=0.42&simple=1")
    page.get_by_role("link", name="Share · Export").click()
    page.wait_for_url("**/report?**utilization=0.42**")
    settle(page)
    assert "simple=1" in page.url


def test_two_browsers_do_not_see_each_other(page, elsewhere, address):
    show(page, address)
    show(elsewhere, address)
    track(page, "Utilization").focus()
    page.keyboard.press("End")
    wait_for_answer(page, tco.breakeven(utilization=0.9))
    track(elsewhere, "Cooling (PUE)").focus()
    elsewhere.keyboard.press("Home")
    wait_for_answer(elsewhere, tco.breakeven(pue=1.15))
    soon(elsewhere, box(elsewhere, "Utilization").input_value, "50")
    assert told(page) == sentences(tco.breakeven(utilization=0.9))


def test_reload_keeps_everything(page, address):
    show(page, address)
    box(page, "Utilization").fill("70")
    box(page, "Utilization").press("Enter")
    answer = tco.breakeven(utilization=0.7)
    wait_for_answer(page, answer)
    wait_for_link(page, answer.scenario)
    page.reload()
    page.wait_for_selector(".lever")
    wait_for_answer(page, answer)
    soon(page, box(page, "Utilization").input_value, "70")


def test_back_and_forward_restore_each_step(page, address):
    show(page, address)
    steps = [tco.breakeven()]
    typed = (("Utilization", "utilization", "70", 0.7), ("Cooling (PUE)", "pue", "1.2", 1.2))
    for label, name, text, value in typed:
        box(page, label).fill(text)
        box(page, label).press("Enter")
        steps.append(tco.breakeven(steps[-1].scenario, **{name: value}))
        wait_for_answer(page, steps[-1])
        wait_for_link(page, steps[-1].scenario)
    for answer in (steps[1], steps[0]):
        page.go_back()
        wait_for_answer(page, answer)
        assert inputs_in(page.url) == answer.scenario
    soon(page, box(page, "Utilization").input_value, "50")
    for answer in steps[1:]:
        page.go_forward()
        wait_for_answer(page, answer)
        assert inputs_in(page.url) == answer.scenario
    soon(page, track(page, "Utilization").input_value, "70")
    soon(page, box(page, "Cooling (PUE)").input_value, "1.2")


def test_after_back_the_same_value_can_be_set_again(page, address):
    show(page, address)
    for _ in range(2):
        box(page, "Utilization").fill("70")
        box(page, "Utilization").press("Enter")
        answer = tco.breakeven(utilization=0.7)
        wait_for_answer(page, answer)
        wait_for_link(page, answer.scenario)
        page.go_back()
        wait_for_answer(page, tco.breakeven())


def test_the_verdict_never_disappears_while_a_slider_moves(page, address):
    show(page, address)
    page.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => {
            const words = document.querySelectorAll('.tco-strip [data-tco=word]');
            window.seen.add(words.length === 1 && words[0].innerText ? 'one' : 'none');
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    track(page, "Utilization").focus()
    for _ in range(15):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(40)
    wait_for_answer(page, tco.breakeven(utilization=0.65))
    assert page.evaluate("[...window.seen]") == ["one"]


def test_a_hostile_link_shows_the_app_and_a_list(page, address, heard):
    hostile = "&".join(f"x{n}=<script>alert({n})</script>" for n in range(28))
    show(page, address, f"?{hostile}&gpus=-1&pue=NaN&gpu={'L' * 1_000}")
    assert page.locator(".tco-remarks li").count() == 9
    assert "and 23 more" in page.inner_text(".tco-remarks")
    assert told(page) == sentences(tco.breakeven())
    assert heard.complaints == []


def test_a_hostile_link_of_any_length_shows_the_app_and_a_list(page, address, heard):
    hostile = "&".join(f"x{n}=<script>alert({n})</script>" for n in range(26))
    show(page, address, f"?gpu={'L' * 100_000}&{hostile}&<script>=1&gpus=-1&pue=NaN")
    listed = page.locator(".tco-remarks li").all_inner_texts()
    assert listed[0] == f"“GPU” = '{'L' * 40}'… is too long (default used)"
    assert listed[-1] == "and 22 more"
    assert told(page) == sentences(tco.breakeven())
    assert heard.complaints == []


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (320, 700)])
def test_nothing_scrolls_sideways(page, address, width, height):
    page.set_viewport_size({"width": width, "height": height})
    show(page, address)
    fits(page, width)
    for part in (".tco-strip", ".st-key-board"):
        frame = page.locator(part).bounding_box()
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= width
    lead = page.locator(".tco-sentence").bounding_box()
    assert lead["y"] + lead["height"] <= height


def test_text_from_the_link_stays_text(page, address, heard):
    page.goto(address + "?x%3Cimg%20src%3Dhttp%3A%2F%2F127.0.0.1%3A1%2Fa.png%3E=1&gpu=$x$:red[y]")
    page.wait_for_selector(".tco-remarks li")
    assert "<img src=" in page.inner_text(".tco-remarks")
    assert "$x$:red[y]" in page.inner_text(".tco-remarks")
    assert not [url for url in heard.requests if re.search(r"a\.png$", urlsplit(url).path)]
