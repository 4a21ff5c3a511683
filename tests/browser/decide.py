"""The Decide page in a browser: its parts, and what it must say."""

from urllib.parse import parse_qs, urlsplit

from tco.report.facts import facts_of
from tco.scenario.link import decode

SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def show(page, address, query=""):
    page.goto(address + query)
    page.wait_for_selector(".tco-lead")
    page.wait_for_selector(".lever, .tco-curve")
    settle(page)


def settle(page):
    page.wait_for_selector(SETTLED)


def lever(page, name):
    """The curve slider of an input, found by what it is called."""
    return page.get_by_role("group", name=name, exact=True)


def track(page, name):
    return lever(page, name).get_by_role("slider")


def box(page, name):
    return lever(page, name).get_by_role("textbox")


def wait_for_answer(page, answer):
    """Until the page says from which rate on buying wins, and what both sides cost."""
    rate, costs = facts_of(answer.scenario).sentences[:2]
    page.wait_for_function(
        "([rate, costs]) => document.querySelector('.tco-lead')?.innerText === rate"
        " && document.querySelector('.tco-more')?.innerText === costs",
        arg=[rate, costs],
    )
    settle(page)


def told(page):
    return page.locator(".tco-verdict p:not(.tco-odds)").all_inner_texts()


def sentences(answer):
    """The headline, the rate and the costs that the library has for an answer."""
    facts = facts_of(answer.scenario)
    return [facts.headline, *facts.sentences[:2]]


def wait_for_link(page, scenario):
    """Until the link is that of the scenario, and nothing of it is unknown."""
    for _ in range(100):
        if inputs_in(page.url) == scenario:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"the link is {page.url}, not {scenario}")


def inputs_in(url):
    parameters = {name: texts[-1] for name, texts in parse_qs(urlsplit(url).query).items()}
    opened = decode(parameters)
    assert opened.remarks == ()
    return opened.scenario
