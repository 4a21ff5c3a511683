"""The Decide page in a browser: its parts, and what it must say."""

from urllib.parse import parse_qs, urlsplit

from tco.app.link import decode
from tco.app.state import simulated
from tco.report.strength import verdict
from tco.words import unit_costs

SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def show(page, address, query=""):
    page.goto(address + query)
    page.wait_for_selector(".tco-lead")
    page.wait_for_selector(".lever, .tco-curve")
    page.wait_for_selector(".st-key-waterfall .main-svg")
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
    """Until the page says what both sides cost by the library's answer."""
    values = answer.scenario.values()
    costs = (answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour, values["tax_rate"])
    page.wait_for_function(
        "costs => document.querySelector('.tco-lead')?.innerText === costs", arg=unit_costs(*costs)
    )
    settle(page)


def told(page):
    return page.locator(".tco-verdict p:not(.tco-odds)").all_inner_texts()


def sentences(answer):
    """The headline, the costs and the amount that the library has for an answer."""
    return list(verdict(answer, simulated(answer.scenario))[:3])


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
