"""What a finance reader does on the Report page, by clicks and keys, from the IRR to the files."""

import io

import openpyxl

import tco
from tco.report.csv import report_csv
from tco.report.finance_tables import measure_rows
from tests.browser.decide import inputs_in, settle
from tests.browser.screens import fits, rest
from tests.browser.test_handover import download, show_report

# 2,900 in advance for 36 months on 100,000 with 10,000 left: 8.681 % nominal.
OFFER = {
    "Payment [USD]": "2,900",
    "Term [months]": "36",
    "Purchase price [USD]": "100,000",
    "Residual value [USD]": "10000",
}


def test_a_finance_reader_finds_what_is_signed(page, address, heard):
    show_report(page, address, "?v=1&gpus=16")
    # Reads the IRR.
    found = {row.name: row for row in measure_rows(tco.measures(gpus=16))}
    listed = page.locator(".tco-measures > div")
    irr = listed.filter(has_text=found["irr"].label).first
    assert found["irr"].text in irr.inner_text()
    # Asks what would make it pay back by month 18, and uses one answer.
    page.get_by_text("What would make it pay back?").click()
    by = page.get_by_label("By month", exact=True)
    by.fill("18")
    by.press("Enter")
    needed = tco.goal(gpus=16, payback_months=18).answers[1]
    row = page.locator(".st-key-row_goal_rate_usd_per_gpu_hour")
    row.get_by_text(needed.where.replace("at least", "At least")).wait_for()
    row.get_by_role("button", name="Use this").click()
    page.wait_for_function("location.search.includes('rate_usd_per_gpu_hour')")
    page.get_by_text("Buying pays back by month 18 at current inputs").wait_for()
    rest(page)
    asked = inputs_in(page.url)
    assert asked.given == {"gpus": 16, "rate_usd_per_gpu_hour": needed.rounded}
    answer = tco.breakeven(asked)
    assert answer.months <= 18
    # Types a lease offer, and reads its rate.
    page.get_by_text("Rate implicit in a lease offer").click()
    for label, text in OFFER.items():
        box = page.get_by_label(label, exact=True)
        box.fill(text)
        box.press("Enter")
        settle(page)
    page.locator(".tco-tile").filter(has_text="Nominal rate").get_by_text("8.681 %").wait_for()
    rest(page)
    assert inputs_in(page.url) == asked
    for width in (390, 320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        rest(page)
        fits(page, width)
    # Takes the files along.
    assert download(page, "Decision sheet (PDF)").path().read_bytes().startswith(b"%PDF-")
    book = download(page, "Workbook (XLSX)").path().read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(book), data_only=True)
    ((sheet, place),) = book.defined_names["npv_saving_usd"].destinations
    assert abs(book[sheet][place].value / answer.npv_saving_usd - 1) < 1e-9
    assert download(page, "Report (CSV)").path().read_text("utf-8") == report_csv(asked)
    saved = download(page, "Measures (CSV)").path().read_text("utf-8")
    for name in ("irr", "npv_saving_usd"):
        line = next(line for line in saved.splitlines() if line.startswith(f"{name},"))
        assert found[name].label in line
    assert heard.complaints == []
