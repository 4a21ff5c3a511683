"""The user's own lines in a browser: uploaded, they turn the verdict; the link says it again."""

from tco import Line, Scenario
from tco.report.facts import facts_of
from tests.browser.decide import go, inputs_in, settle, show, told, wait_for_link
from tests.browser.screens import soon
from tests.browser.test_handover import show_report, upload

QUERY = "?v=1&gpu=L4&utilization=0.9"
PLAIN = Scenario(gpu="L4", utilization=0.9)
MARKUP = "<img src=x onerror=alert(1)>"
TABLE = f"name,side,usd,basis\nadministrator,own,2500,\n{MARKUP},own,-0.05,idle_gpu_hour\n"
LINED = Scenario(
    gpu="L4",
    utilization=0.9,
    lines=[
        Line(name="administrator", side="own", usd=2_500),
        Line(name=MARKUP, side="own", usd=-0.05, basis="idle_gpu_hour"),
    ],
)


def word(page):
    return told(page)[0]


def test_uploaded_lines_turn_the_verdict_and_the_link_says_it_again(page, elsewhere, address):
    assert (facts_of(PLAIN).verdict, facts_of(LINED).verdict) == ("buy", "rent")
    show(page, address, QUERY)
    assert word(page) == facts_of(PLAIN).headline
    go(page, "Share · Export", "h1:has-text('How do I share this answer?')")
    upload(page, "lines.csv", TABLE)
    page.get_by_role("button", name="Use these lines").click()
    wait_for_link(page, LINED)
    page.get_by_role("button", name="Remove these lines").wait_for()
    go(page, "Decide", ".tco-strip")
    assert word(page) == facts_of(LINED).headline
    assert page.locator("img[src=x]").count() == 0
    # Somebody else opens the link; without the lines it is the first verdict again.
    show(elsewhere, page.url)
    assert inputs_in(elsewhere.url) == LINED
    assert word(elsewhere) == facts_of(LINED).headline
    elsewhere.get_by_role("button", name="Remove these lines").click()
    wait_for_link(elsewhere, PLAIN)
    settle(elsewhere)
    soon(elsewhere, lambda: word(elsewhere), facts_of(PLAIN).headline)


def test_a_file_that_is_no_list_of_lines_says_why(page, address):
    show_report(page, address, QUERY)
    upload(page, "lines.csv", "name,side,usd\nfee,own,much\n")
    said = page.locator(".tco-remarks").filter(has_text="row 2")
    said.wait_for()
    assert "usd = 'much' is not a number" in said.inner_text()
