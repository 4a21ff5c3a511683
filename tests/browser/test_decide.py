import re
from urllib.parse import parse_qs, urlsplit

import pytest

import tco
from tco.app.link import decode
from tco.reason import number, usd
from tco.report.csv_report import ledger_csv, report_csv
from tco.report.findings import payback_title


def show(page, address, query=""):
    page.goto(address + query)
    page.wait_for_selector(".tco-lead")
    page.wait_for_selector(".st-key-waterfall .main-svg")
    settle(page)


def settle(page):
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def slider(page, name):
    return page.locator(f".st-key-input_{name} [data-testid=stSlider] input")


def box(page, name):
    return page.locator(f".st-key-input_{name} [data-testid=stNumberInput] input")


def wait_for_answer(page, answer):
    cost = usd(answer.own_usd_per_gpu_hour)
    page.wait_for_function(
        "cost => document.querySelector('.tco-tile dd.buy').innerText.startsWith(cost)", arg=cost
    )
    settle(page)


def figures(page):
    return [text.split("\n")[0] for text in page.locator(".tco-tile dd").all_inner_texts()][:4]


def expected(answer):
    paid_back = answer.status in ("breaks_even", "immediate")
    return [
        usd(answer.own_usd_per_gpu_hour),
        usd(answer.rent_usd_per_gpu_hour),
        f"{number(answer.months)} months" if paid_back else "never",
        usd(answer.breakeven_rate_usd_per_gpu_hour),
    ]


def inputs_in(url):
    parameters = {name: texts[-1] for name, texts in parse_qs(urlsplit(url).query).items()}
    opened = decode(parameters)
    assert opened.remarks == ()
    return opened.scenario


def test_the_page_opens_quietly_and_calls_nobody(page, address):
    complaints, requests = [], []
    page.on("console", lambda message: complaints.append((message.type, message.text)))
    page.on("pageerror", lambda error: complaints.append(("error", str(error))))
    page.on("request", lambda request: requests.append(request.url))
    show(page, address)
    assert figures(page) == expected(tco.breakeven())
    assert page.title() == "Rent GPUs or buy them?"
    assert [said for said in complaints if said[0] in ("error", "warning")] == []
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in requests if not url.startswith(own)] == []


def test_every_chart_has_a_text(page, address):
    show(page, address)
    answer = tco.breakeven()
    for said in (
        payback_title(answer, answer.scenario.values()["horizon_months"]),
        f"renting wins below {usd(answer.breakeven_rate_usd_per_gpu_hour)}",
        f"owning is {usd(answer.own_usd_per_gpu_hour)} per busy hour",
    ):
        assert page.get_by_role("figure", name=said).count() == 1


def test_a_slider_moved_by_keys_shows_the_library_s_numbers(page, address):
    show(page, address)
    slider(page, "utilization").focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    answer = tco.breakeven(utilization=0.57)
    wait_for_answer(page, answer)
    assert figures(page) == expected(answer)
    assert box(page, "utilization").input_value() == "57"
    assert slider(page, "utilization").input_value() == "57"
    assert inputs_in(page.url) == tco.Scenario(utilization=0.57)


def test_keys_faster_than_the_server_lose_nothing(page, address):
    show(page, address)
    slider(page, "utilization").focus()
    for pause in (20, 150, 250, 90, 300, 200, 160, 30):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(pause)
    wait_for_answer(page, tco.breakeven(utilization=0.58))
    assert slider(page, "utilization").input_value() == "58"


def test_a_typed_number_may_lie_outside_the_slider(page, address):
    show(page, address)
    box(page, "price_usd_per_gpu").fill("1234.5")
    box(page, "price_usd_per_gpu").press("Enter")
    answer = tco.breakeven(price_usd_per_gpu=1234.5)
    wait_for_answer(page, answer)
    assert figures(page) == expected(answer)


def test_every_other_number_can_be_typed_too(page, address):
    show(page, address)
    page.get_by_text("More inputs").click()
    server = page.get_by_label("one server without GPUs")
    server.fill("30000")
    server.press("Enter")
    wait_for_answer(page, tco.breakeven(server_usd=30000))
    assert server.input_value() == "30000"


def test_the_link_opens_the_same_screen_elsewhere(page, browser, address):
    show(page, address, "?v=1&gpu=T4&hosting=own_site")
    box(page, "utilization").fill("33.5")
    box(page, "utilization").press("Enter")
    answer = tco.breakeven(gpu="T4", hosting="own_site", utilization=0.335)
    wait_for_answer(page, answer)
    other = browser.new_context()
    elsewhere = other.new_page()
    show(elsewhere, page.url)
    assert figures(elsewhere) == figures(page) == expected(answer)
    assert box(elsewhere, "utilization").input_value() == box(page, "utilization").input_value()
    assert inputs_in(elsewhere.url) == answer.scenario
    other.close()


def test_back_and_forward_restore_each_step(page, address):
    show(page, address)
    steps = [tco.breakeven()]
    for name, text, share in (("utilization", "70", 0.7), ("pue", "1.2", 1.2)):
        box(page, name).fill(text)
        box(page, name).press("Enter")
        steps.append(tco.breakeven(steps[-1].scenario, **{name: share}))
        wait_for_answer(page, steps[-1])
    for answer in (steps[1], steps[0]):
        page.go_back()
        wait_for_answer(page, answer)
        assert inputs_in(page.url) == answer.scenario
    assert box(page, "utilization").input_value() == "50"
    for answer in steps[1:]:
        page.go_forward()
        wait_for_answer(page, answer)
        assert inputs_in(page.url) == answer.scenario
    assert slider(page, "utilization").input_value() == "70"
    assert box(page, "pue").input_value() == "1.20"


@pytest.mark.parametrize(
    ("label", "build"), [("Report (CSV)", report_csv), ("Ledger (CSV)", ledger_csv)]
)
def test_a_downloaded_file_is_the_library_s(page, address, label, build):
    show(page, address, "?v=1&gpu=L4&utilization=0.42")
    with page.expect_download() as downloading:
        page.get_by_role("button", name=label).click()
    downloaded = downloading.value.path().read_text(encoding="utf-8")
    assert downloaded == build(tco.Scenario(gpu="L4", utilization=0.42))


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (320, 700)])
def test_nothing_scrolls_sideways(page, address, width, height):
    page.set_viewport_size({"width": width, "height": height})
    show(page, address)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= width
    verdict = page.locator(".tco-verdict").bounding_box()
    assert verdict["x"] >= 0
    assert verdict["x"] + verdict["width"] <= width
    assert verdict["y"] + verdict["height"] <= height


def test_text_from_the_link_stays_text(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + "?x%3Cimg%20src%3Dhttp%3A%2F%2F127.0.0.1%3A1%2Fa.png%3E=1&gpu=$x$:red[y]")
    page.wait_for_selector(".tco-remarks li")
    assert "<img src=" in page.inner_text(".tco-remarks")
    assert "$x$:red[y]" in page.inner_text(".tco-remarks")
    assert not [url for url in asked if re.search(r"a\.png$", urlsplit(url).path)]
