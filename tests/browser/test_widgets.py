"""A widget never changes an input that its user did not touch.

Of each kind of widget on a page every third one is moved; with `TCO_ALL_CASES=1` all are, and the
plain sliders too.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tco.analysis.fleet_task import FleetTask
from tco.app.pages import PAGES
from tco.inputs import INPUTS
from tco.market.importers import by_hand
from tco.market.store import PriceStore
from tco.scenario import Scenario
from tco.scenario.link import FLEET, WORK, encode
from tco.workload.task import Task
from tests.asked import ALL_CASES
from tests.browser import movers
from tests.browser.conftest import served
from tests.browser.movers import ALL, is_opener, move, open_up, widgets
from tests.browser.runs import runs_of
from tests.browser.screens import show, soon

# A year, which is worked out sooner than more.
ASKED = Scenario(gpus=16, pue=1.4, horizon_months=12)
# What stands beside the scenario on a page that asks for more.
BESIDE = {"work": {WORK: Task().text}, "fleet": {FLEET: FleetTask().text}}
ATTEMPTS = 4
RESET = f"stButton reset--{ALL}"
EVERY = 1 if ALL_CASES else 5


@pytest.fixture(scope="module")
def own_address(chromium_path, tmp_path_factory):  # noqa: ARG001
    """Where the app is served with a store of its own, into which quotes are typed."""
    folder = tmp_path_factory.mktemp("own-store")
    store = PriceStore(str(folder / "prices.db"))
    store.add(by_hand.rental("H200", 0.55, provider="acme", as_of="2026-11-21"))
    with served(folder, TCO_PRICES=str(folder / "prices.db")) as url:
        yield url


def given(page):
    """The inputs in the link, and what stands beside them, or the examples that are shown then."""
    link = dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
    examples = {name: text for one in BESIDE.values() for name, text in one.items()}
    parts = ",".join(link.get(name, text) for name, text in examples.items()).split(",")
    beside = dict(part.split(":") for part in parts)
    return {name: text for name, text in link.items() if name in INPUTS} | beside


def changed(before, after):
    """The inputs that differ; the date of the data goes with whatever is given."""
    names = {name for name in before | after if before.get(name) != after.get(name)}
    return names if before and after else names - {"as_of"}


def landed(page, before):
    """The inputs in the link once they are others: what ends a move may come after its run."""
    for _ in range(30):
        if given(page) != before:
            break
        page.wait_for_timeout(100)
    return given(page)


@pytest.fixture
def runs(page):
    return runs_of(page)


def press(runs, locator):
    before = runs.asked
    locator.click()
    assert runs.wait(before) == 1


def one_use(page, address, runs):
    """The page with one thing said; what is in its link."""
    show(page, address)
    empty = given(page)
    press(runs, page.get_by_role("radio", name="Steady 60 %"))
    return landed(page, empty)


def test_a_choice_in_a_late_popover_changes_that_alone(page, address, runs):
    before = one_use(page, address, runs)
    page.get_by_role("button", name="colocation, US").click()
    press(runs, page.get_by_role("radio", name="Own site"))
    press(runs, page.get_by_role("radio", name="Colocation, power included"))
    soon(page, lambda: given(page), before | {"hosting": "colo_all_in"})


def test_a_number_typed_in_a_late_popover_changes_that_alone(page, address, runs):
    before, asked = one_use(page, address, runs), runs.asked
    page.get_by_role("button", name="8 × L4").click()
    box = page.get_by_label("Number of GPUs")
    box.fill("16")
    box.press("Enter")
    assert runs.wait(asked) == 1
    soon(page, lambda: given(page), before | {"gpus": "16"})
    soon(page, lambda: page.evaluate("document.activeElement.ariaLabel"), "Number of GPUs")


@pytest.mark.parametrize(
    "path",
    [*(page.path for page in PAGES), *(["?simple=1"] if ALL_CASES else [])],
    ids=lambda path: path or "decide",
)
def test_a_widget_changes_nothing_but_its_own_input(request, page, runs, path):
    path, _, view = path.partition("?")
    # A quote typed in counts on every page, and no longer when something else is asked for.
    url = request.getfixturevalue("own_address" if path == "data" else "address")
    link = urlencode(encode(ASKED, beside=BESIDE.get(path, {})))
    show(page, url, path, f"?{link}&{view}")
    faults, seen, touched = [], [], []
    for _ in range(2):  # two other changes; the first may take the place of the second
        touched.append(fresh(page, touched, view, path)[0])
        check(page, runs, touched[-1], True, faults)
    while found := fresh(page, seen, view, path):
        for widget in found:
            seen.append(widget)
            if is_opener(widget):
                open_up(page, widget)
                break
            if ALL in widget.inputs or is_switch(widget):
                page.keyboard.press("Escape")  # an open popover may lie over it
            # By mouse and by keys in turn, for each kind.
            turn, rest = divmod(sum(one.kind == widget.kind for one in seen) - 1, EVERY)
            if rest == 0:
                check(page, runs, widget, turn % 2 == 0, faults)
                break
    assert faults == []
    if (path, view) == ("", ""):
        assert sorted(INPUTS.keys() - set().union(*(one.inputs for one in seen))) == ["as_of"]


def fresh(page, seen, view, path=""):
    """The widgets that were not yet seen, those last that open others or change everything.

    With plain sliders the page is the same inside what opens. The currency is asked for in the same
    way on every page, and moved on the first.
    """
    known = {one.name for one in seen}
    found = [one for one in widgets(page) if one.name not in known and not one.is_off]
    wanted = [one for one in found if not (view and is_opener(one))]
    if path or view:
        wanted = [one for one in wanted if "amounts" not in one.name and "Amounts" not in one.said]
    return sorted(wanted, key=lambda one: (ALL in one.inputs, is_opener(one), is_switch(one)))


def is_switch(widget):
    """Whether a widget shows amounts in another currency, beside where its rate is entered."""
    return widget.css.startswith("st-key-amounts--")


def reset(page, runs):
    """Back to the example, where the page shows something else."""
    button = page.locator("[class*=st-key-reset--]").get_by_role("button")
    if button.count():
        before = given(page)
        press(runs, button)
        landed(page, before)


def check(page, runs, widget, by_mouse, faults):
    """Move a widget, and note what else changed, and what else is wrong."""
    may = widget.inputs
    # What is typed into a form counts when the form is sent.
    must = may and not widget.is_in_form
    for attempt in range(ATTEMPTS if must else 1):
        if attempt and ALL in may and widget.name != RESET:
            reset(page, runs)  # what is to be loaded may be what is on the page
        before, asked = given(page), runs.asked
        move(page, widget, by_mouse, attempt)
        # What has a value of its own asks for a run too, which may build anew what is moved next.
        patience = movers.SHORT_MS if widget.is_in_form else movers.OWN_MS
        count = runs.wait(asked, movers.PATIENCE_MS if must else patience)
        told = changed(before, landed(page, before) if must else given(page))
        if count > movers.MOST_RUNS.get(widget.kind, 1):
            faults.append(f"{widget.name}: {count} runs")
        if (others := told - may) and ALL not in may:
            faults.append(f"{widget.name} changed {sorted(others)}")
        if not by_mouse and widget.kind in movers.KEEP_FOCUS and not movers.has_focus(page, widget):
            faults.append(f"{widget.name} lost the focus")
        if told or not must:
            return
    faults.append(f"{widget.name} did not move")
