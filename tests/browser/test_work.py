"""From tokens to the decision: which GPUs for the work, and the same answer on Decide."""

from urllib.parse import urlsplit

import tco
from tco import Scenario
from tco.analysis.same_work import same_work
from tco.report import work_tables
from tco.words.work import gpus_of
from tco.workload.task import Task
from tests.browser import decide
from tests.browser.decide import inputs_in, wait_for_answer
from tests.browser.screens import MOST_ENTRIES, rest

ROW = "[class*=st-key-row_gpu_]"
CHAT = Task().changed(users=2_000)


def wait_for_lead(page, found):
    lead = work_tables.answer(found, Scenario()).lead
    page.wait_for_function(
        "lead => document.querySelector('.tco-lead')?.innerText === lead", arg=lead
    )
    rest(page)


def test_two_thousand_users_become_gpus_and_decide_shows_the_same_to_the_cent(page, address):
    decide.show(page, address)
    page.get_by_role("link", name="From my tokens").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/work")
    wait_for_lead(page, same_work(Task(), Scenario()))
    box = page.get_by_label("Users", exact=True)
    box.fill("2,000")
    box.press("Enter")
    found = same_work(CHAT, Scenario())
    wait_for_lead(page, found)
    opened, before = page.url, page.evaluate("history.length")
    best = page.locator(ROW).first
    assert gpus_of(found.best.gpus, found.best.gpu) in best.inner_text()
    assert page.get_by_role("figure").count() == 2
    best.get_by_role("link", name="Use this").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    answer = tco.breakeven(found.best.scenario)
    wait_for_answer(page, answer)
    assert inputs_in(page.url) == found.best.scenario
    assert round(answer.rent_npv_usd, 2) == round(found.best.costs.rent_usd, 2)
    assert round(answer.own_npv_usd, 2) == round(found.best.costs.own_usd, 2)
    assert page.evaluate("history.length") == min(before + 1, MOST_ENTRIES)
    page.go_back()
    page.wait_for_url(opened)
    wait_for_lead(page, found)
    page.reload()
    wait_for_lead(page, found)
    assert page.url == opened
