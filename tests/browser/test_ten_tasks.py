"""Ten decisions, each made as people make it: by clicks and keys, in one tab, one after the other.

A task sets at most five inputs. What it ends with is the library's answer, and in the link stands
what was set, and nothing else.
"""

import csv
import io
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

import tco
from tco import Scenario
from tco.analysis.options import what_if
from tco.app.report_page import FILES
from tco.inputs import INPUTS
from tco.report.facts import facts_of
from tco.report.gpu_tables import gpu_cells, side_by_side
from tco.words.figures import rate_text, usd
from tests.browser.conftest import served
from tests.browser.decide import (
    box,
    go,
    inputs_in,
    lever,
    sentences,
    settle,
    show,
    told,
    wait_for_answer,
    wait_for_link,
    wait_for_values,
)
from tests.browser.screens import rest
from tests.browser.test_handover import code, download, link_on

MOST_INPUTS = 5
DECIDE, OPTIONS = ".tco-strip", ".tco-verdict"
MARKUP = "<b>acme</b> $x$ ![i](http://127.0.0.1:1/a.png)"


@dataclass
class Hand:
    """A hand in a tab: it opens, chooses and types, and counts the inputs that it sets."""

    page: Page
    inputs: int = 0

    def begin(self):
        """On the first page, with the example."""
        self.page.keyboard.press("Escape")
        settle(self.page)
        if urlsplit(self.page.url).path != "/":
            go(self.page, "Decide", DECIDE)
        if inputs_in(self.page.url) != Scenario():
            self.page.get_by_role("button", name="Back to the example").click()
        wait_for_link(self.page, Scenario())
        wait_for_answer(self.page, tco.breakeven())
        self.inputs = 0

    def end(self, answer):
        """The answer is on the first page, by few inputs, and nothing but these is changed."""
        wait_for_answer(self.page, answer)
        assert told(self.page) == sentences(answer)
        shown = wait_for_values(self.page, answer.scenario)
        saved = [tco.breakeven(one).npv_saving_usd for one in (shown, answer.scenario)]
        assert round(saved[0], 2) == round(saved[1], 2)
        assert self.inputs <= MOST_INPUTS

    def open(self, name):
        self.page.get_by_role("button", name=name).click()

    def slide(self, name, text):
        """Type into the box of a slider."""
        box(self.page, name).fill(text)
        box(self.page, name).press("Enter")
        self._did()

    def enter(self, label, text):
        field = self.page.get_by_role("textbox", name=label)
        field.fill(text)
        field.press("Enter")
        self._did()

    def pick(self, name):
        self.page.get_by_role("radio", name=name, exact=True).click()
        self._did()

    def choose(self, label, typed, option):
        choice = self.page.get_by_role("combobox", name=label, exact=True)
        choice.click()
        choice.press_sequentially(typed)
        self.page.get_by_role("option", name=option, exact=True).click()
        self._did()

    def _did(self):
        self.inputs += 1
        settle(self.page)


@pytest.fixture(scope="module")
def own_address(chromium_path, tmp_path_factory):  # noqa: ARG001
    """Where the app is served for this file alone, whose quotes nobody else may see."""
    with served(tmp_path_factory.mktemp("own")) as url:
        yield url


@pytest.fixture(scope="module")
def sitting(context, own_address):
    """The tab in which all tasks are done."""
    tab = context.new_page()
    show(tab, own_address)
    yield Hand(tab)
    tab.close()


@pytest.fixture
def hand(sitting):
    sitting.begin()
    return sitting


def test_at_which_utilization_does_buying_win(hand):
    answer = tco.breakeven()
    level = INPUTS["utilization"].written(answer.breakeven_utilization)
    assert f"Break-even at {level}." in lever(hand.page, "Utilization").inner_text()
    hand.end(answer)


def test_eight_l4_at_40_per_cent_in_colocation_at_150(hand):
    hand.slide("Utilization", "40%")
    hand.slide("Colocation fee", "$150")
    hand.end(
        tco.breakeven(
            gpu="L4", gpus=8, utilization=0.4, hosting="colo_metered", colo_usd_per_kw_month=150
        )
    )


def test_64_h100_against_a_reserved_quote_of_2_10(hand):
    hand.open("8 × L4")
    hand.choose("GPU", "H100 SXM", "NVIDIA H100 SXM5 80GB · 80 GB")
    hand.enter("Number of GPUs", "64")
    hand.page.get_by_role("button", name="64 × H100-SXM").wait_for()
    assert hand.page.get_by_label("Number of GPUs").is_visible()
    hand.pick("Committed")
    hand.slide("Rental rate", "2.10")
    hand.end(tco.breakeven(gpu="H100-SXM", gpus=64, term="1yr", rate_usd_per_gpu_hour=2.1))


def test_one_used_rtx_4090_at_home_at_30_cents_a_kwh(hand):
    hand.open("8 × L4")
    hand.choose("GPU", "4090", "NVIDIA GeForce RTX 4090 · 24 GB")
    hand.enter("Number of GPUs", "1")
    hand.pick("Used")
    hand.open("own site (office), US")
    hand.pick("At home")
    hand.slide("Electricity", "0.30")
    hand.end(
        tco.breakeven(
            gpu="RTX-4090", gpus=1, price_basis="used", site="home", electricity_usd_per_kwh=0.3
        )
    )


def test_a_monthly_bill_is_all_that_is_known(hand):
    hand.open("From my bill")
    hand.enter("Bill for these GPUs", "$1,500")
    hand.end(tco.breakeven(utilization=tco.from_bill(1_500, scenario=Scenario())))


def test_l4_beside_l40s_and_a10(hand):
    gpus = ["L4", "A10", "L40S"]
    go(hand.page, "Options", OPTIONS)
    for other in ("RTX-A5000", "Arc-Pro-B60"):
        hand.page.get_by_role("button", name=f"Remove {other}").click()
        hand.page.get_by_role("button", name=f"Remove {other}").wait_for(state="detached")
        hand._did()
    hand.choose("2 to 8 GPUs", "L40S", "L40S")
    hand.page.keyboard.press("Escape")
    heads, rows = gpu_cells(side_by_side(Scenario(), gpus))
    table = hand.page.get_by_role("region", name="GPUs side by side")
    table.get_by_role("row", name=rows[-1][0]).wait_for()
    rest(hand.page)
    shown = [row.locator("th, td").all_inner_texts() for row in table.get_by_role("row").all()]
    assert shown == [[*heads], *([*row] for row in rows)]
    for gpu, row in zip(gpus, rows, strict=True):
        answer = tco.breakeven(gpu=gpu)
        assert row[2] == rate_text(answer.own_usd_per_gpu_hour)
        assert row[3] == rate_text(answer.rent_usd_per_gpu_hour)
    go(hand.page, "Decide", DECIDE)
    hand.end(tco.breakeven())


def test_new_against_used(hand):
    go(hand.page, "Options", OPTIONS)
    found = tco.options().query("status == 'priced'").drop_duplicates("option")
    sites = found.set_index("option")["hosting"]
    new, used = (
        tco.breakeven(what_if(Scenario(), option, sites[option]))
        for option in ("buy_new", "buy_used")
    )
    tile = hand.page.locator(".tco-tile").filter(has_text="New or used?")
    costs = [rate_text(answer.own_usd_per_gpu_hour) for answer in (used, new)]
    assert f"{costs[0]} against {costs[1]} per busy GPU-hour" in tile.inner_text()
    assert usd(new.own_npv_usd - used.own_npv_usd) in tile.inner_text()
    row = hand.page.locator(".st-key-row_buy_used, [class*='st-key-row_buy_used_']").first
    row.get_by_role("link", name="Show on Decide").click()
    hand.page.wait_for_selector(".lever")
    hand.end(used)


def test_csv_xlsx_and_html_are_opened(hand, elsewhere, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    hand.slide("Utilization", "62")
    answer = tco.breakeven(utilization=0.62)
    hand.end(answer)
    go(hand.page, "Share · Export", "h1:has-text('How do I share this answer?')")
    wanted = ("sheet.html", "workbook.xlsx", "report.csv")
    files = {
        file.suffix.rpartition(".")[2]: download(hand.page, file.label)
        for file in FILES
        if file.suffix in wanted
    }
    paths = {kind: tmp_path / found.suggested_filename for kind, found in files.items()}
    for kind, path in paths.items():
        files[kind].save_as(path)
    rows = csv.DictReader(io.StringIO(paths["csv"].read_text("utf-8")))
    saved = {row["name"]: row["value"] for row in rows}["npv_saving_usd"]
    book = openpyxl.load_workbook(paths["xlsx"], data_only=True)
    ((sheet, place),) = book.defined_names["npv_saving_usd"].destinations
    for value in (saved, book[sheet][place].value):
        assert round(float(value), 2) == round(answer.npv_saving_usd, 2)
    elsewhere.goto(paths["html"].as_uri())
    said = elsewhere.inner_text("body")
    assert facts_of(answer.scenario).sentences[0] in said
    assert inputs_in(hand.page.url) == answer.scenario


def test_a_link_is_opened_in_a_fresh_browser(hand, elsewhere):
    hand.pick("Office 25 %")
    hand.slide("Cooling (PUE)", "1.2")
    answer = tco.breakeven(utilization=0.25, pue=1.2)
    hand.end(answer)
    go(hand.page, "Share · Export", "h1:has-text('How do I share this answer?')")
    code(hand.page, "pue=1.2").wait_for()
    show(elsewhere, link_on(hand.page))
    assert told(elsewhere) == sentences(answer)
    assert box(elsewhere, "Cooling (PUE)").input_value() == "1.2"
    assert inputs_in(elsewhere.url) == answer.scenario
    assert inputs_in(hand.page.url) == answer.scenario


def test_a_quote_of_one_s_own_and_taken_back(hand):
    page = hand.page
    go(page, "Data", ".tco-sources")
    hand.choose("GPU", "H100 SXM", "NVIDIA H100 SXM5 80GB · 80 GB")
    form = page.get_by_role("tabpanel")
    form.get_by_label("Quoted price for one H100-SXM").fill("$2.10")
    form.get_by_label("Provider").fill(MARKUP)
    form.get_by_label("Term").click()
    page.get_by_role("option", name=INPUTS["term"].word("1yr"), exact=True).click()
    hand.inputs += 3
    page.get_by_role("button", name="Add the quote").click()
    said = page.get_by_test_id("stAlert")
    said.filter(has_text="Quote added.").wait_for()
    settle(page)
    assert "Rental rate: $3.90 → $2.10." in said.inner_text()
    quotes = page.locator(".st-key-quotes")
    assert MARKUP in quotes.inner_text()
    go(page, "Decide", DECIDE)
    # The quote is of today: so is the data.
    day = inputs_in(page.url).as_of
    hand.end(tco.breakeven(gpu="H100-SXM", term="1yr", rate_usd_per_gpu_hour=2.1, as_of=day))
    go(page, "Data", ".tco-sources")
    quotes.get_by_role("button", name="Remove $2.10").click()
    said.filter(has_text="Quote removed. Rental rate: $2.10 → $3.90").wait_for()
    wait_for_link(page, Scenario(gpu="H100-SXM"))
