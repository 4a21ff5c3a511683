"""Any page of the app, opened and at rest."""

import time

from tco.app.pages import PAGES
from tests.browser.runs import settle

PATHS = tuple(page.path for page in PAGES)
# Width and height, the smallest first: it is the one that a page opens on.
SCREENS = ((320, 700), (390, 844), (1280, 900))
_AT_REST = """() => {
  const app = document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]');
  const drawn = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
    .every(chart => chart.querySelector('.main-svg'));
  const waiting = '[data-testid="stSkeleton"], [data-stale="true"]';
  return app && document.querySelector('h1') && drawn && !app.querySelector(waiting);
}"""
_UNFOLD = "document.querySelectorAll('details:not([open]) > summary').forEach(one => one.click())"
# The page scrolls inside itself: all of it is on the screen only when the screen is as tall.
_HEIGHT = "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
_MARGIN, _TALLEST = 60, 16_000
_DRAWN_MS = 60_000
SOON_SECONDS = 20
_WIDTH = "document.querySelector('[data-testid=stMain]').scrollWidth"
# A tab keeps no more entries of its history, and tests share one.
MOST_ENTRIES = 50


def drawn(page):
    """Until all that the page asked for is on the screen."""
    settle(page)
    page.wait_for_function(_AT_REST, timeout=_DRAWN_MS)


def rest(page):
    """The same, and nothing more comes of it."""
    drawn(page)
    page.wait_for_timeout(150)
    drawn(page)


_IS_LIGHT = """wanted => {
  const ground = getComputedStyle(document.querySelector('.stApp')).backgroundColor;
  return (ground === 'rgb(255, 255, 255)') === wanted;
}"""


def wear(page, scheme):
    """Be light or dark; a page turns with the run that it asks for."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(_IS_LIGHT, arg=scheme == "light")
    rest(page)


def soon(page, look, wanted):
    """What is looked for is what is wanted, now or as soon as the browser has drawn it."""
    until = time.monotonic() + SOON_SECONDS
    while (found := look()) != wanted and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert found == wanted, f"{found} is not {wanted}"


def fits(page, width):
    """Nothing has to be scrolled sideways on a screen so wide."""
    soon(page, lambda: max(width, page.evaluate(_WIDTH)), width)


def show(page, address, path="", query=""):
    page.goto(f"{address}{path}{query}")
    rest(page)


def unfold(page):
    """Open every expander, those inside expanders too."""
    while page.locator("details:not([open]) > summary").count():
        page.evaluate(_UNFOLD)
        rest(page)


_CUT = """asked => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
  const around = chart.querySelector('.main-svg').getBoundingClientRect();
  return [...chart.querySelectorAll(asked)].filter(label => {
    const shape = label.getBoundingClientRect();
    return shape.left < around.left - 1 || shape.right > around.right + 1;
  }).map(label => label.textContent);
})"""


def cut_labels(page, asked):
    """The labels that reach out of their chart, by more than a pixel."""
    return page.evaluate(_CUT, asked)


def stretch(page, width):
    """Make the screen as tall as the page."""
    page.set_viewport_size({"width": width, "height": 900})
    rest(page)
    tall = min(page.evaluate(_HEIGHT) + _MARGIN, _TALLEST)
    page.set_viewport_size({"width": width, "height": tall})
    rest(page)
