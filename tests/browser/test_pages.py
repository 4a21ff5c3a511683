"""What holds on every page: it is quiet, calls nobody, keeps its state and fits the screen."""

from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from tco.app.guard import HEADERS
from tco.app.pages import PAGES
from tests.browser.decide import HUMAN
from tests.browser.screens import PATHS, fits, rest, show, soon, stretch, unfold

GIVEN = "?v=1&gpu=T4&utilization=0.45&hosting=own_site"
OVER = """width => [...document.querySelectorAll('[data-testid=stMain] *')]
  .filter(one => !one.closest('[data-testid=stDataFrame], pre, .js-plotly-plot, .tco-wide'))
  .filter(one => one.getBoundingClientRect().right > width + 1 && one.checkVisibility())
  .map(one => one.outerHTML.slice(0, 120))"""
INK = """wanted => {
  const text = document.querySelector('.main-svg .xtick text');
  return text && getComputedStyle(text).fill === wanted;
}"""
LIGHT_INK, DARK_INK = "rgb(27, 39, 51)", "rgb(230, 235, 240)"


def given(url):
    return {name: texts[-1] for name, texts in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_quiet_calls_nobody_keeps_its_scenario_and_fits(page, heard, address, path):
    show(page, address, path, GIVEN)
    link, text = page.url, page.inner_text("[data-testid=stMain]")
    assert given(link).items() >= given(GIVEN).items()
    page.reload()
    rest(page)
    assert page.url == link
    assert page.inner_text("[data-testid=stMain]") == text
    unfold(page)
    stretch(page, 1280)
    # 640 is the screen of 1280 at 200 %.
    for width in (1280, 640, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        rest(page)
        fits(page, width)
        soon(page, partial(page.evaluate, OVER, width), [])
    assert heard.complaints == []
    assert heard.strangers(address) == []
    assert "our fault" not in page.inner_text("[data-testid=stMain]")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_the_browser_may_do(page, address, path):
    answer = page.request.get(f"{address}{path}")
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_policy_keeps_the_browser_at_home(page, address, heard):
    show(page, address, "data")
    page.evaluate("fetch('http://127.0.0.1:1/').catch(() => null)")
    said = "Content Security Policy"
    soon(page, lambda: any(said in text for _, text in heard.complaints), True)


def test_back_and_forward_go_through_all_pages(page, address):
    show(page, address, "", GIVEN)
    links = [page.url]
    for title in [one.title for one in PAGES][1:]:
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click(delay=HUMAN)
        page.wait_for_url(f"**/{title.casefold()}?*")
        rest(page)
        links.append(page.url)
    assert [given(link) for link in links] == [given(links[0])] * len(links)
    for go, steps in ((page.go_back, links[-2::-1]), (page.go_forward, links[1:])):
        for link in steps:
            go()
            page.wait_for_url(lambda url, link=link: urlsplit(url).path == urlsplit(link).path)
            rest(page)
            assert given(page.url) == given(GIVEN)


def test_charts_turn_dark_with_the_page_and_back(page, address):
    show(page, address, "data")
    page.wait_for_function(INK, arg=LIGHT_INK)
    for scheme, ink in (("dark", DARK_INK), ("light", LIGHT_INK)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(INK, arg=ink)


def test_the_reader_s_own_choice_of_a_theme_is_followed(page, address):
    show(page, address, "data")
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    page.wait_for_function(INK, arg=DARK_INK)
    page.reload()
    page.wait_for_function(INK, arg=DARK_INK)
