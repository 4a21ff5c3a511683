"""From a demand to the owned base, and what a bill says of a decision on record."""

from pathlib import Path
from urllib.parse import urlsplit

import tco
from tco import Scenario
from tco.analysis.actuals import actuals
from tco.analysis.fleet import fleet
from tco.analysis.fleet_task import FleetTask
from tco.report import bill_tables, fleet_answer
from tco.report.decision import actual_rows
from tests.browser import decide
from tests.browser.decide import inputs_in, wait_for_answer
from tests.browser.screens import MOST_ENTRIES, rest

BILL = Path(__file__).resolve().parents[2] / "docs" / "bill.csv"
TYPED = {"day_gpus": "24", "weekend_gpus": "3"}
WEEK = FleetTask().changed(**{name: float(text) for name, text in TYPED.items()})


def wait_for_plan(page, plan):
    """Until the page says the plan's sentence."""
    wanted = fleet_answer.answer(plan).lead
    page.wait_for_function(
        "lead => document.querySelector('.st-key-fleet_answer .tco-lead')?.innerText === lead",
        arg=wanted,
    )
    rest(page)


def planned(task, **inputs):
    return fleet(Scenario(**inputs), demand=task.curve(), **task.keywords())


def test_a_week_becomes_an_owned_base_which_decide_shows_alone(page, address):
    decide.show(page, address)
    page.get_by_role("link", name="From my demand").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/fleet")
    wait_for_plan(page, planned(FleetTask()))
    task = FleetTask()
    for name, text in TYPED.items():
        box = page.locator(f".st-key-asked_{name}").get_by_role("textbox")
        box.fill(text)
        box.press("Enter")
        task = task.changed(**{name: float(text)})
        wait_for_plan(page, planned(task))
    plan = planned(WEEK)
    opened, before = page.url, page.evaluate("history.length")
    told = page.locator(".st-key-fleet_answer").inner_text()
    for tile in fleet_answer.tiles(plan):
        assert tile[1] in told
    page.get_by_role("link", name="Show the owned base on Decide").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    base = fleet_answer.owned_base(plan, Scenario())
    wait_for_answer(page, tco.breakeven(base))
    assert inputs_in(page.url) == base
    assert page.evaluate("history.length") == min(before + 1, MOST_ENTRIES)
    page.goto("about:blank")
    page.goto(opened)
    wait_for_plan(page, plan)
    assert page.url == opened


def test_a_bill_says_hours_and_rate_and_what_became_of_a_decision(page, address, heard, tmp_path):
    record = tco.decide(gpu="L4", gpus=8, rate_usd_per_gpu_hour=0.9, by="Ada Example")
    kept = tmp_path / "decision.tco.json"
    kept.write_text(record.to_json(), encoding="utf-8")
    page.goto(f"{address}fleet?gpu=L4&fleet=demand:file")
    page.get_by_text("Upload a file to see").first.wait_for()
    rest(page)
    page.set_input_files(".st-key-fleet_upload input[type=file]", BILL)
    bill = tco.read_bill(BILL)
    for fact in bill_tables.bill_facts(bill)[:2]:
        page.get_by_text(fact[1], exact=True).first.wait_for()
    wait_for_plan(page, fleet(Scenario(gpu="L4"), demand=bill.demand()))
    page.set_input_files(".st-key-decided input[type=file]", kept)
    found = actuals(record, bill=bill)
    *_, gap, holds = found.sentences
    page.get_by_text(holds).first.wait_for()
    rest(page)
    told = page.locator("main, [data-testid=stMain]").first.inner_text()
    assert gap in told
    for row in actual_rows(found):
        assert all(cell in told for cell in row)
    assert not heard.complaints
