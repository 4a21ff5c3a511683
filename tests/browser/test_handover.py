"""The Report page in a browser: files, the link, pins and uploads are the library's."""

import io
import json
import re
import zipfile
from importlib.resources import files
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

import tco
from tco import Scenario
from tco.app.report_page import FILES, address, file_name
from tco.app.tables import MOST_COLUMNS, MOST_ROWS
from tco.questions.tables import answer_rows
from tco.report.facts import facts_of
from tco.report.handover import comparison_csv, dated, pin, pins_json, pins_of_json, snippet
from tco.words.figures import usd
from tests.browser.conftest import listening
from tests.browser.decide import go, inputs_in, sentences, settle, told, wait_for_answer
from tests.browser.screens import fits, rest, soon, wear

ASKED = {"gpu": "T4", "utilization": 0.42, "horizon_months": 30.5}
QUERY = "?v=1&gpu=T4&utilization=0.42&horizon_months=30.5"
TITLE = "Versions, and how to cite"
# The link alone: other blocks, which may be there first, cite it.
LINK = re.compile(r"^\s*http")


def show_report(page, address, query=""):
    page.goto(f"{address}report{query}")
    page.get_by_role("heading", name=TITLE).wait_for()
    settle(page)


def download(page, label):
    with page.expect_download() as downloading:
        page.get_by_role("button", name=label, exact=True).click()
    return downloading.value


def upload(page, name, content):
    data = content if isinstance(content, bytes) else content.encode()
    page.set_input_files(
        "[data-testid=stFileUploader] input[type=file]",
        {"name": name, "mimeType": "application/octet-stream", "buffer": data},
    )


def keep(page, name):
    page.get_by_label("Name of the scenario").fill(name)
    page.get_by_role("button", name="Pin this scenario").click()
    page.get_by_role("button", name=f"Unpin {name}", exact=True).wait_for()
    settle(page)


def code(page, part):
    return page.locator("[data-testid=stCode] code").filter(has_text=part).first


def link_on(page):
    return code(page, LINK).inner_text()


def test_downloaded_files_are_the_library_s(page, address):
    show_report(page, address, QUERY)
    scenario, link = Scenario(**ASKED), link_on(page)
    for file in FILES:
        found, made = download(page, file.label), file.build(scenario, link)
        assert found.suggested_filename == file_name(scenario, file.suffix)
        assert first_difference(found.path().read_bytes(), made) == ()


def first_difference(found, made):
    """Where a file is not what was made, with what stands there: pytest takes minutes to say so."""
    made = made if isinstance(made, bytes) else made.encode()
    if found == made:
        return ()
    pairs = enumerate(zip(found, made, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), min(len(found), len(made)))
    around = slice(max(0, at - 40), at + 80)
    return at, found[around], made[around]


def test_the_link_is_copied_by_a_button(page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show_report(page, address, QUERY)
    shown = page.get_by_test_id("stCode").filter(has=page.locator("code", has_text=LINK))
    shown.get_by_role("button", name="Copy to clipboard").click()
    link = _link(address, Scenario(**ASKED))
    soon(page, lambda: page.evaluate("navigator.clipboard.readText()"), link)
    page.context.clear_permissions()


def _link(root, scenario):
    return address(f"{root}report", scenario)


def test_the_python_code_is_shown_and_gives_the_numbers_on_the_screen(page, address):
    show_report(page, address, QUERY)
    shown = code(page, "import tco").inner_text()
    assert shown.strip() == snippet(Scenario(**ASKED))
    scope = {}
    exec(shown, scope)
    facts = facts_of(scope["answer"].scenario)
    shown = page.inner_text("[data-testid=stMain]")
    assert facts.headline.replace(" · ", " ") in shown
    assert facts.sentences[0] in shown
    assert " ".join(facts.sentences[1:3]) in shown


def test_an_uploaded_scenario_gives_the_library_s_numbers(page, address):
    show_report(page, address, "?v=1&pue=1.2")
    scenario = Scenario(gpu="H100-SXM", utilization=0.3, hosting="own_site")
    upload(page, "mine.tco.json", dated(scenario).to_json())
    page.get_by_role("button", name="Use these inputs").click()
    code(page, "H100-SXM").wait_for()
    settle(page)
    assert inputs_in(page.url) == scenario
    go(page, "Decide", ".tco-strip")
    wait_for_answer(page, tco.breakeven(scenario))
    assert told(page) == sentences(tco.breakeven(scenario))


def test_back_undoes_an_upload(page, address):
    show_report(page, address, "?v=1&pue=1.2")
    upload(page, "mine.tco.json", Scenario(gpu="A10").to_json())
    page.get_by_role("button", name="Use these inputs").click()
    code(page, "gpu='A10'").wait_for()
    settle(page)
    page.go_back()
    code(page, "pue=1.2").wait_for()
    settle(page)
    assert inputs_in(page.url) == Scenario(pue=1.2)


def test_an_uploaded_table_is_answered_as_by_the_command(page, address, tmp_path):
    text = "id,gpu,utilization\na,L4,0.5\n=cmd|' /C calc'!A0,T4,0.25..0.75\nc,L4,60\n"
    source, target = tmp_path / "t.csv", io.StringIO()
    source.write_text(text, encoding="utf-8")
    answer_rows(str(source), target)
    show_report(page, address)
    upload(page, "<b>t</b>.csv", text)
    page.get_by_text("<b>t</b>.csv holds 3 scenarios, 1 with an error").wait_for()
    settle(page)
    assert download(page, "Answers (CSV)").path().read_text("utf-8") == target.getvalue()


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", "0" * 10**8)
    return made.getvalue()


INPUTS_OF = '{"schema_version": 2, "inputs": {%s}}'
HOSTILE = {
    "bomb.csv": (zipped(), "it is a workbook (XLSX, ODS) or another archive"),
    "rows.csv": (
        "gpu\n" + "L4\n" * (MOST_ROWS + 1),
        "more than 5,000 rows, which is the limit here: split it",
    ),
    "columns.csv": (
        ",".join(f"c{at}" for at in range(MOST_COLUMNS + 1)),
        "129 columns exceed the limit of 128",
    ),
    "twice.json": (INPUTS_OF % '"pue": 1, "pue": 2', "pue is given twice"),
    "nan.json": (INPUTS_OF % '"pue": NaN', "NaN is not a number"),
    "deep.json": ("[" * 100_000, "not a JSON document"),
    "=cmd|' C'!A0.json": (INPUTS_OF % '"=cmd()": 1', "=cmd() is not an input"),
    "script.csv": (
        "<script>document.title='owned'</script>,gpu\n1,L4\n",
        "<script>document.title='owned'</script> is not an input",
    ),
    "<img src=x onerror=alert(1)>.json": (
        INPUTS_OF % '"gpu": "<img src=http://127.0.0.1:1/a.png>"',
        "<img src=http://127.0.0.1:1/a.png>",
    ),
}


def test_hostile_uploads_are_refused_and_change_nothing(page, address, heard):
    show_report(page, address, QUERY)
    page.get_by_label("Name of the scenario").fill("typed")
    for name, (content, says) in HOSTILE.items():
        upload(page, name, content)
        refused = page.locator(".tco-remarks").filter(has_text=f"{name} could not be opened:")
        refused.get_by_text(says).wait_for()
        assert page.get_by_label("Name of the scenario").input_value() == "typed"
        assert page.get_by_role("button", name="Answers (CSV)").count() == 0
    settle(page)
    assert page.title() == "Report: rent GPUs or buy them?"
    assert inputs_in(page.url) == Scenario(**ASKED)
    assert heard.complaints == []
    assert [
        url for url in heard.requests if urlsplit(url).path in ("/a.png", "/x", "/report/x")
    ] == []


def test_a_file_beyond_two_megabytes_is_refused(page, address):
    show_report(page, address, QUERY)
    for name in ("big.csv", "big.json"):
        upload(page, name, b"x" * 2_100_000)
        page.get_by_test_id("stFileUploader").filter(has_text=name).wait_for()
        page.get_by_text("File must be 2.0MB or smaller").first.wait_for()
    assert inputs_in(page.url) == Scenario(**ASKED)


def test_a_byte_order_mark_does_not_count(page, address):
    show_report(page, address)
    upload(page, "mark.csv", b"\xef\xbb\xbfgpu,utilization\r\nL4,0.5\r\n")
    page.get_by_text("mark.csv holds 1 scenario, none with errors").wait_for()


def test_pins_are_compared_side_by_side_and_kept_on_other_pages(page, address):
    show_report(page, address, QUERY)
    keep(page, "mine")
    page.get_by_role("button", name="Back to the example").click()
    page.wait_for_function("!location.search.includes('gpu=T4')")
    settle(page)
    keep(page, "<i>other</i>")
    table = page.get_by_role("region", name="Pins side by side")
    assert table.get_by_role("columnheader").all_inner_texts()[:3] == [
        "Pin",
        "mine",
        "<i>other</i>",
    ]
    answers = [tco.breakeven(**ASKED), tco.breakeven()]
    saving = table.get_by_role("row", name="NPV of buying instead of renting").get_by_role("cell")
    assert saving.all_inner_texts() == [usd(answer.npv_saving_usd) for answer in answers]
    pins = pin(pin((), "mine", Scenario(**ASKED)), "<i>other</i>", Scenario())
    compared = download(page, "Comparison (CSV)").path().read_text("utf-8")
    assert compared == comparison_csv(pins)
    kept = download(page, "Pins (.tco.json)").path().read_text("utf-8")
    assert kept == pins_json(pins)
    go(page, "Data", ".tco-sources")
    go(page, "Report", ".tco-wide")
    page.get_by_role("button", name="Load mine", exact=True).click()
    code(page, "gpu='T4'").wait_for()
    settle(page)
    assert inputs_in(page.url) == Scenario(**ASKED)
    page.get_by_role("button", name="Unpin mine", exact=True).click()
    page.get_by_role("button", name="Unpin mine", exact=True).wait_for(state="detached")
    settle(page)
    kept = download(page, "Pins (.tco.json)").path().read_text("utf-8")
    assert [one.name for one in pins_of_json(kept)] == ["<i>other</i>"]


def test_two_browsers_do_not_see_each_other_s_pins(page, elsewhere, address):
    show_report(page, address)
    keep(page, "secret")
    show_report(elsewhere, address)
    assert "secret" not in elsewhere.inner_text("[data-testid=stMain]")
    keep(elsewhere, "theirs")
    page.get_by_role("button", name="Pin this scenario").click()
    page.get_by_role("button", name="Unpin 8 × L4", exact=True).wait_for()
    said = page.inner_text("[data-testid=stMain]")
    assert "Unpin secret" in said
    assert "theirs" not in said


def test_uploaded_pins_are_pinned(page, address):
    pins = pin(pin((), "a", Scenario(gpu="A10")), "b", Scenario(gpu="T4"))
    show_report(page, address)
    upload(page, "pins.tco.json", pins_json(pins))
    page.get_by_role("button", name="Pin these").click()
    page.get_by_role("button", name="Unpin b", exact=True).wait_for()
    settle(page)
    assert json.loads(download(page, "Pins (.tco.json)").path().read_text("utf-8")) == json.loads(
        pins_json(pins)
    )


@pytest.fixture(scope="module")
def full(context, address):
    """The page with all that it can show, and what went wrong on it."""
    page = context.new_page()
    with listening(page) as heard:
        fill_report(page, address)
        yield page, heard
    page.close()


def fill_report(page, address):
    show_report(page, address, "?v=1&gpu=RTX-PRO-4500&provider=lambda&as_of=2026-11-01")
    keep(page, "no rate " + "x" * 32)
    page.get_by_role("button", name="Back to the example").click()
    page.wait_for_function("!location.search.includes('gpu=RTX')")
    settle(page)
    for name in ("second", "third", "fourth"):
        keep(page, name)
    upload(page, f"{'long ' * 30}.json", "[")
    page.get_by_text("could not be opened:").wait_for()
    settle(page)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_scrolls_sideways_and_targets_are_large(full, width):
    page, _ = full
    page.set_viewport_size({"width": width, "height": 900})
    rest(page)
    fits(page, width)
    buttons = page.locator("[data-testid=stMain] button:visible").all()
    assert len(buttons) > 10
    for button in buttons:
        shape = button.bounding_box()
        assert min(shape["width"], shape["height"]) >= 24


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_full_page_is_accessible(full, scheme):
    page, heard = full
    page.set_viewport_size({"width": 1280, "height": 900})
    wear(page, scheme)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", tags)
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert len(found["passes"]) > 10
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map(title => +title.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert heard.complaints == []
