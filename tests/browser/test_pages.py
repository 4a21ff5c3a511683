"""What holds on every page: it is quiet, calls nobody, keeps its state and fits the screen."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tco.app.guard import HEADERS
from tco.app.pages import PAGES
from tests.browser.screens import PATHS, PATIENCE_MS, rest, show, stretch, unfold

GIVEN = "?v=1&gpu=T4&utilization=0.45&hosting=own_site"
# How long a finger rests on a link.
HUMAN = 90
WIDE = "document.querySelector('[data-testid=stMain]').scrollWidth"
OVER = """width => [...document.querySelectorAll('[data-testid=stMain] *')]
  .filter(one => !one.closest('[data-testid=stDataFrame], pre, .js-plotly-plot'))
  .filter(one => one.getBoundingClientRect().right > width + 1 && one.checkVisibility())
  .map(one => one.outerHTML.slice(0, 120))"""
INK = """wanted => {
  const text = document.querySelector('.main-svg .xtick text');
  return text && getComputedStyle(text).fill === wanted;
}"""
LIGHT_INK, DARK_INK = "rgb(27, 39, 51)", "rgb(230, 235, 240)"


@pytest.fixture
def fresh(browser):
    """A browser that may speak with this machine only, and what it said and asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.complaints, page.strangers = [], []
    page.on("console", lambda said: page.complaints.append((said.type, said.text)))
    page.on("pageerror", lambda wrong: page.complaints.append(("error", str(wrong))))

    def judge(route):
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            page.strangers.append(route.request.url)
            route.abort()

    context.route("**/*", judge)
    yield page
    context.close()


def given(url):
    return {name: texts[-1] for name, texts in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_quiet_calls_nobody_and_does_not_scroll_sideways(fresh, address, path):
    show(fresh, address, path)
    unfold(fresh)
    stretch(fresh, 1280)
    # 640 is the screen of 1280 at 200 %.
    for width in (1280, 640, 390, 320):
        fresh.set_viewport_size({"width": width, "height": 844})
        rest(fresh)
        assert fresh.evaluate(WIDE) <= width
        assert fresh.evaluate(OVER, width) == []
    assert [said for said in fresh.complaints if said[0] in ("error", "warning")] == []
    assert fresh.strangers == []
    assert "our fault" not in fresh.inner_text("[data-testid=stMain]")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_the_browser_may_do(fresh, address, path):
    answer = fresh.request.get(f"{address}{path}")
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_policy_keeps_the_browser_at_home(fresh, address):
    show(fresh, address, "data")
    fresh.evaluate("fetch('http://127.0.0.1:1/').catch(() => null)")
    assert any("Content Security Policy" in text for _, text in fresh.complaints)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_keeps_its_scenario_when_it_is_loaded_again(fresh, address, path):
    show(fresh, address, path, GIVEN)
    link, text = fresh.url, fresh.inner_text("[data-testid=stMain]")
    assert given(link).items() >= given(GIVEN).items()
    fresh.reload()
    rest(fresh)
    assert fresh.url == link
    assert fresh.inner_text("[data-testid=stMain]") == text


def test_back_and_forward_go_through_all_pages(fresh, address):
    show(fresh, address, "", GIVEN)
    links = [fresh.url]
    for title in [one.title for one in PAGES][1:]:
        fresh.get_by_test_id("stTopNavLink").filter(has_text=title).click(delay=HUMAN)
        fresh.wait_for_url(f"**/{title.casefold()}?*")
        rest(fresh)
        links.append(fresh.url)
    assert [given(link) for link in links] == [given(links[0])] * len(links)
    for go, steps in ((fresh.go_back, links[-2::-1]), (fresh.go_forward, links[1:])):
        for link in steps:
            go()
            fresh.wait_for_url(link)
            rest(fresh)
            assert given(fresh.url) == given(GIVEN)


def test_charts_turn_dark_with_the_page_and_back(fresh, address):
    show(fresh, address, "data")
    fresh.wait_for_function(INK, arg=LIGHT_INK)
    for scheme, ink in (("dark", DARK_INK), ("light", LIGHT_INK)):
        fresh.emulate_media(color_scheme=scheme)
        fresh.wait_for_function(INK, arg=ink)


def test_the_reader_s_own_choice_of_a_theme_is_followed(fresh, address):
    show(fresh, address, "data")
    fresh.get_by_test_id("stMainMenuButton").click()
    fresh.get_by_test_id("stMainMenuItem-theme-Dark").click()
    fresh.wait_for_function(INK, arg=DARK_INK)
    fresh.reload()
    fresh.wait_for_function(INK, arg=DARK_INK)
