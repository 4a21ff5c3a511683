"""A visitor who thinks in euros: one switch, and every amount of every page is in them."""

import re

import tco
from tco import Scenario
from tco.app.pages import PAGES
from tco.report.facts import facts_of
from tco.report.strip import strip
from tco.words.currencies import shown_in
from tests.browser.decide import (
    box,
    go,
    settle,
    show,
    told,
    wait_for_answer,
    wait_for_link,
    wait_for_values,
)
from tests.browser.screens import rest, soon

# All that can be read on a page, in the components too.
_TEXT = """() => {
  const read = (root) => [...root.childNodes].map((node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (node.nodeType !== Node.ELEMENT_NODE) return '';
    if (/SCRIPT|STYLE|TEMPLATE/.test(node.tagName)) return '';
    return (node.shadowRoot ? read(node.shadowRoot) : '') + read(node);
  }).join(' ');
  return read(document.body);
}"""
_RATE, _DAY = 0.86, "2026-11-20"
_SAID = f"converted at {_RATE} EUR per USD as of {_DAY}; the model computes in USD"


def dollars(text):
    """What speaks of dollars beside the sentence that says how amounts are converted."""
    return re.findall(r".{0,40}\$.{0,40}", text.replace("\n", " "))


def switch(page, currency):
    page.locator(".st-key-amounts").get_by_role("radio", name=currency, exact=True).click()
    settle(page)


def test_all_amounts_are_in_the_currency_of_the_switch(page, address):
    show(page, address)
    verdict, months = told(page)[0], page.locator(".st-key-live h2").inner_text()
    assert "from month" in months
    page.get_by_role("button", name="Amounts in USD").click()
    form = page.locator("[data-testid=stPopoverBody]")
    form.get_by_label("Another currency (ISO code)").fill("EUR")
    form.get_by_label("Units of it for 1 USD").fill(str(_RATE))
    form.get_by_label("Date of the rate (today if empty)").fill(_DAY)
    form.get_by_role("button", name="Show amounts in it").click()
    euros = Scenario(currency="EUR", fx_rate=_RATE, fx_as_of=_DAY)
    wait_for_values(page, euros)
    rest(page)
    page.keyboard.press("Escape")
    # The same answer after the same months, in other amounts.
    head, sentence, own, *_ = told(page)
    assert head == verdict
    assert own.startswith("€")
    soon(page, page.locator(".st-key-live h2").inner_text, months)
    # An amount typed is in euros; the model has dollars.
    price = box(page, "GPU price")
    price.fill("2300")
    price.press("Enter")
    asked = Scenario(price_usd_per_gpu=2300 / _RATE, **euros.given)
    seen = wait_for_values(page, Scenario(**{**asked.given, "price_usd_per_gpu": 2674.4186046512}))
    with shown_in(seen.conversion):
        known = strip(facts_of(seen))
    page.wait_for_function("known => document.body.innerText.includes(known)", arg=known.sentence)
    assert tco.breakeven(seen).verdict == tco.breakeven(asked).verdict
    for each in PAGES:
        if each.path:
            go(page, each.title, "h1")
            page.wait_for_url(f"**/{each.path}?*")
            rest(page)
        text = page.evaluate(_TEXT)
        assert dollars(text) == [], each.title
        assert text.count(_SAID) == 1, each.title
    # Whoever opens the link sees the same; and back in dollars nothing else is another.
    link = page.url
    go(page, "Decide", ".tco-strip")
    sentence = told(page)[1]
    page.goto(link.replace("/report", "/"))
    page.wait_for_selector(".lever")
    settle(page)
    assert told(page)[1] == sentence
    switch(page, "USD")
    dollars_again = Scenario(price_usd_per_gpu=seen.given["price_usd_per_gpu"])
    wait_for_link(page, dollars_again)
    wait_for_answer(page, tco.breakeven(dollars_again))
    switch(page, "EUR")
    wait_for_link(page, seen)
