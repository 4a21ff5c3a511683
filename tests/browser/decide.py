"""The Decide page in a browser: its parts, and what it must say."""

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import tco.app
from tco.report.facts import facts_of
from tco.report.strip import strip
from tco.scenario.link import decode
from tests.browser.runs import settle

LOOK = Path(tco.app.__file__).parent / "look"
# Seconds until a link is written, on a busy machine.
_PATIENCE = 20
# How long a finger rests on a link.
HUMAN = 90
# The groups of sliders and the chart draw themselves, each once its script has come.
_DRAWN = """() => {
  const parts = '.st-key-six, .st-key-row, .st-key-live';
  const isDrawn = (one) => one.shadowRoot?.querySelector('.lever, .live svg *');
  return !document.querySelector('[data-testid=stSkeleton]')
    && [...document.querySelectorAll(parts)]
      .flatMap((part) => [...part.querySelectorAll('[data-testid^=stBidiComponent]')])
      .every(isDrawn);
}"""


def show(page, address, query=""):
    page.goto(address + query)
    page.wait_for_selector(".tco-strip")
    page.wait_for_selector(".lever, .tco-curve")
    settle(page)
    page.wait_for_function(_DRAWN)


def go(page, name, shown):
    """To another page by its link, until something is shown there."""
    page.get_by_role("link", name=name, exact=True).click(delay=HUMAN)
    settle(page)
    page.wait_for_selector(shown)


def lever(page, name):
    """The curve slider of an input, found by what it is called."""
    return page.get_by_role("group", name=name, exact=True)


def track(page, name):
    return lever(page, name).get_by_role("slider")


def box(page, name):
    return lever(page, name).get_by_role("textbox")


# What the strip says; while a slider moves its confidence is unknown.
_TOLD = """() => {
  const strip = document.querySelector('.tco-strip');
  if (!strip || strip.getAttribute('aria-busy') === 'true') return null;
  const said = (name) => strip.querySelector(`[data-tco=${name}]`).innerText;
  const head = [said('word'), said('confidence')].filter(Boolean).join(' · ');
  return [head, ...['sentence', 'own', 'rent', 'saves', 'saving'].map(said)];
}"""


def wait_for_answer(page, answer):
    """Until the strip says all that it has to say of an answer."""
    page.wait_for_function(
        f"wanted => JSON.stringify(({_TOLD})()) === JSON.stringify(wanted)", arg=sentences(answer)
    )
    settle(page)


def told(page):
    """What the strip says once the server has answered all moves."""
    return page.wait_for_function(_TOLD).json_value()


def sentences(answer):
    """The headline, the sentence, both costs and what is saved, as the library has them."""
    found = strip(facts_of(answer.scenario))
    head = " · ".join(filter(None, (found.word, found.confidence)))
    return [head, found.sentence, found.own, found.rent, *found.saved[:2]]


def wait_for_link(page, scenario):
    """Until the link is that of the scenario, and nothing of it is unknown."""
    _wait_for_link(page, lambda shown: shown == scenario, scenario)


def wait_for_values(page, scenario):
    """Until the link stands for the values of the scenario, all of them; what it holds."""
    return _wait_for_link(page, lambda shown: shown.values() == scenario.values(), scenario)


def _wait_for_link(page, is_right, wanted):
    until = time.monotonic() + _PATIENCE
    while not is_right(inputs_in(page.url)):
        if time.monotonic() > until:
            raise AssertionError(f"the link is {page.url}, not {wanted}")
        page.wait_for_timeout(50)
    return inputs_in(page.url)


def inputs_in(url):
    parameters = {name: texts[-1] for name, texts in parse_qs(urlsplit(url).query).items()}
    opened = decode(parameters)
    assert opened.remarks == ()
    return opened.scenario
