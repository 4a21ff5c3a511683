"""Nothing moves by itself while a page is loaded, and the answer stays in view."""

import pytest

import tco
from tco.market.catalogue import load
from tests.browser import decide
from tests.browser.screens import PATHS, rest, show

# Cumulative layout shift that is still calm: where the answer stands, and elsewhere.
CALM, QUIET = 0.02, 0.1
_SHIFTS = """() => new Promise((done) => {
  const found = [];
  const note = (list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      const who = (one) => one.node?.className || one.node?.nodeName;
      if (!hadRecentInput) found.push([value, sources.map(who).join(' ').slice(0, 200)]);
    }
  };
  new PerformanceObserver(note).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(found), 300);
})"""
_CUT = """() => {
  const svg = document.querySelector('.st-key-live [data-testid^=stBidiComponent]')
    .shadowRoot.querySelector('svg');
  const [box, wide] = [svg.getBoundingClientRect(), innerWidth];
  const inside = ({ left, right, top, bottom }) => left >= Math.max(0, box.left - 1)
    && right <= Math.min(wide, box.right + 1) && top >= box.top - 1 && bottom <= box.bottom + 1;
  return [...svg.querySelectorAll('text')]
    .filter((text) => !inside(text.getBoundingClientRect())).map((text) => text.textContent);
}"""
_SCROLLED = "top => document.querySelector('[data-testid=stMain]').scrollTo(0, top)"
# The longest names, the largest numbers, the most months, one GPU.
_WORST = (
    f"?gpu={max(load().gpus, key=len)}&gpus=100000&utilization=0.05",
    "?horizon_months=240&gpus=1",
    "?price_usd_per_gpu=98765&rate_usd_per_gpu_hour=12.345",
)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_jumps_while_a_page_is_loaded(page, address, path):
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("about:blank")
        show(page, address, path)
        found = page.evaluate(_SHIFTS)
        most = QUIET if path else CALM
        assert sum(value for value, _ in found) <= most, (width, found)


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_answer_stays_in_view_and_no_label_is_cut(page, address, width, height):
    page.set_viewport_size({"width": width, "height": height})
    for query in ("", *_WORST):
        decide.show(page, address, query)
        rest(page)
        assert page.evaluate(_CUT) == [], query
        for top in (200, 500):
            page.evaluate(_SCROLLED, top)
            frame = page.locator(".tco-strip").bounding_box()
            assert 0 <= frame["y"] <= 60
            assert frame["y"] + frame["height"] < height / 3, query


def test_numbers_in_the_browser_are_written_as_the_library_writes_them(page):
    source = (decide.LOOK / "figures.js").read_text("utf-8")
    amounts = [0, 0.004567, 0.0999, 0.5, 0.553, 0.9996, 1, 9.994, 9.996, 12, 45.678, 99.95, 99.96]
    amounts += [100.4, 999.6, 1234.6, 12345.6, 1.5e6, 98765432.1, -0.25, -7.5, -1234]
    page.set_content(f"<script>{source}</script>")
    for name, known in (
        ("usd", tco.words.figures.usd),
        ("wholeUsd", tco.words.figures.whole_usd),
        ("rateText", tco.words.figures.rate_text),
    ):
        assert page.evaluate(f"all => all.map({name})", amounts) == [
            known(float(x)) for x in amounts
        ]
    shares = [0, 1, 5.004, 20, 46.1625, 63.5, 99.96, 100, 250]
    known = [tco.words.figures.percent(x / 100) for x in shares]
    assert page.evaluate("all => all.map(percent)", shares) == known
