"""Nothing moves by itself while a page is loaded, and the answer stays in view."""

import random
from importlib.resources import files
from itertools import combinations, pairwise

import pytest

import tco
from tco.market.catalogue import load
from tco.report.strip import money
from tco.words import currencies
from tests.asked import ALL_CASES
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
# Labels of the chart, and of each axis of a slider, that meet; letters are less high than boxes.
_MEETING = """() => {
  const parts = (at, ask) => [...document.querySelector(`${at} [data-testid^=stBidiComponent]`)
    .shadowRoot.querySelectorAll(ask)];
  const isShown = (one) => one.style.visibility !== 'hidden';
  const groups = [parts('.st-key-live', 'text')];
  for (const place of ['.st-key-six', '.st-key-row']) {
    for (const axis of parts(place, '.ticks')) groups.push([...axis.children].filter(isShown));
  }
  const found = [];
  for (const group of groups) {
    const boxes = group.map((one) => [one.getBoundingClientRect(), one.textContent]);
    boxes.forEach(([one, text], at) => boxes.slice(0, at).forEach(([other, said]) => {
      const over = (low, high) => Math.min(one[high], other[high]) - Math.max(one[low], other[low]);
      const meet = over('left', 'right') > 0 && over('top', 'bottom') > 3;
      if (meet) found.push(`${text} | ${said}`);
    }));
  }
  return found;
}"""
_SCROLLED = "top => document.querySelector('[data-testid=stMain]').scrollTo(0, top)"
# Lines that cross ten times in seven years.
_CROSSED = "?gpu=RTX-4090&utilization=0.85&horizon_months=84&billing=committed"
# The longest names, the largest numbers, the most months, one GPU.
_WORST = (
    f"?gpu={max(load().gpus, key=len)}&gpus=100000&utilization=0.05",
    "?horizon_months=240&gpus=1",
    "?price_usd_per_gpu=98765&rate_usd_per_gpu_hour=12.345",
    _CROSSED,
)


# Each page at one of them, in turn.
_WIDTHS = ((1280, 900), (390, 844))


@pytest.mark.parametrize("path", PATHS)
def test_nothing_jumps_while_a_page_is_loaded(page, address, path):
    turn = PATHS.index(path)
    for width, height in _WIDTHS if ALL_CASES else (_WIDTHS[turn % 2],):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("about:blank")
        show(page, address, path)
        found = page.evaluate(_SHIFTS)
        most = QUIET if path else CALM
        assert sum(value for value, _ in found) <= most, (width, found)


_STRIP = """() => {
  const strip = document.querySelector('.tco-strip');
  const { x, y, width, height } = strip.getBoundingClientRect();
  const { color, backgroundColor, fontFamily, fontSize, visibility } = getComputedStyle(strip);
  const told = [...strip.querySelectorAll('[data-tco]')].map((part) => part.innerText);
  return [[x, y, width, height].map(Math.round), told, color, backgroundColor, fontSize,
    fontFamily.split(',')[0], visibility];
}"""


@pytest.mark.parametrize(
    ("width", "scheme", "query"),
    [
        (1280, "light", ""),
        (390, "dark", "?gpu=T4&utilization=0.8&currency=EUR&fx_rate=0.86&fx_as_of=2026-11-20"),
        (900, "light", "?utilization=0"),
    ],
)
def test_the_answer_is_served_with_the_page_and_stays_where_it_is(
    page, address, width, scheme, query
):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    # The page as it is before any script of Streamlit has come.
    scripts = "**/static/js/*.js"
    page.route(scripts, lambda route: route.abort())
    for _ in range(300):  # a server that has just started, or is busy, serves it without an answer
        page.goto(address + query)
        if page.locator(".tco-strip").count():
            break
        page.wait_for_timeout(200)
    served = page.evaluate(_STRIP)
    page.unroute(scripts)
    decide.show(page, address, query)
    rest(page)
    assert page.evaluate(_STRIP) == served
    assert page.locator(".tco-strip").count() == 1


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_answer_stays_in_view_and_no_label_is_cut_or_on_another(page, address, width, height):
    page.set_viewport_size({"width": width, "height": height})
    for query in ("", *_WORST):
        decide.show(page, address, query)
        rest(page)
        assert page.evaluate(_CUT) == [], query
        assert page.evaluate(_MEETING) == [], query
        for top in (200, 500):
            page.evaluate(_SCROLLED, top)
            frame = page.locator(".tco-strip").bounding_box()
            assert frame["y"] >= 0
            assert frame["y"] + frame["height"] < height / 3, query
        assert frame["y"] <= 60, "it stays at the top"


def test_numbers_in_the_browser_are_written_as_the_library_writes_them(page):
    source = (files("tco.words") / "figures.js").read_text("utf-8")
    amounts = [0, 0.004567, 0.0999, 0.5, 0.553, 0.9996, 1, 9.994, 9.996, 12, 45.678, 99.95, 99.96]
    amounts += [100.4, 999.6, 1234.6, 12345.6, 1.5e6, 98765432.1, -0.25, -7.5, -1234]
    # Halfway between two, very small and very large, and any.
    amounts += [0.125, 1.125, 1.375, 12.25, 12.5, 13.5, 100.5, 101.5, 2.5e-7, 3e15, -1.125]
    dice = random.Random(3)
    amounts += [dice.choice((-1, 1)) * 10 ** dice.uniform(-5, 9) for _ in range(500)]
    amounts += [dice.randint(0, 10**6) / 1_000 for _ in range(500)]
    page.set_content(f"<script>{source}</script>")
    # With the currency shown, of which the page is told amounts.
    for currency in ("USD", "CHF", "JPY"):
        with currencies.shown_in(currencies.Conversion(currency, 1, "2026-11-20")):
            page.evaluate("told => writtenAs(told)", money())
            for name, known in (
                ("usd", tco.words.figures.usd),
                ("wholeUsd", tco.words.figures.whole_usd),
                ("rateText", tco.words.figures.rate_text),
                ("shortUsd", tco.words.figures.short_usd),
            ):
                assert page.evaluate(f"all => all.map({name})", amounts) == [
                    known(float(x)) for x in amounts
                ]
            axes = [[round(x, 4), 0.5, 0.0, 100.0] for x in amounts if abs(x) < 1e12]
            axes += [[at * step for at in range(-2, 6)] for step in (0.02, 0.25, 0.3, 5, 2500)]
            told = page.evaluate("all => all.map(onAxis)", axes)
            assert told == [tco.words.figures.on_axis(axis) for axis in axes]
    shares = [0, 1, 5.004, 20, 46.1625, 63.5, 99.96, 100, 250, 2.5e-4]
    known = [tco.words.figures.percent(x / 100) for x in shares]
    assert page.evaluate("all => all.map(percent)", shares) == known
    for name, known in (("number", tco.words.figures.number), ("period", tco.words.figures.period)):
        told = page.evaluate(f"all => all.map({name})", [*map(abs, amounts), 12, 36, 1, 24.5])
        assert told == [known(float(x)) for x in [*map(abs, amounts), 12, 36, 1, 24.5]]


def test_labels_find_places_where_none_touches_another(page):
    page.set_content(f"<script>{(decide.LOOK / 'places.js').read_text('utf-8')}</script>")
    dice = random.Random(5)
    axes, ends, charts = [], [], []
    for _ in range(400):
        starts = sorted(dice.uniform(0, 300) for _ in range(dice.randint(0, 8)))
        axes.append([[start, start + dice.uniform(5, 70)] for start in starts])
        ends.append([dice.uniform(-20, 220), dice.uniform(-20, 220), 17, [18, 200]])
        xs = sorted(dice.uniform(40, 300) for _ in range(dice.randint(1, 5)))
        marks = [[x, dice.uniform(45, 65), dice.uniform(1, 9)] for x in xs]
        charts.append([marks, [40, 300], 8, 8])

    for spans, shown in zip(axes, page.evaluate("all => all.map(fitting)", axes), strict=True):
        kept = [span for span, is_shown in zip(spans, shown, strict=True) if is_shown]
        assert all(low[1] < high[0] for low, high in pairwise(kept))
        assert not spans or (shown[0] and (shown[-1] or kept == [spans[0]]))
    for (one, other, line, (least, most)), found in zip(
        ends, page.evaluate("all => all.map((one) => apart(...one))", ends), strict=True
    ):
        assert abs(found[0] - found[1]) >= line - 1e-9
        assert all(least <= y <= most for y in found)
        assert (found[0] <= found[1]) == (one <= other)
    for (_, (left, right), rows, _), spots in zip(
        charts, page.evaluate("all => all.map((one) => beside(...one))", charts), strict=True
    ):
        # So few labels all find a place.
        boxes = [(spot["row"], *spot["span"]) for spot in spots]
        assert all(left <= start and end <= right and row < rows for row, start, end in boxes)
        for (row, start, end), (other, low, high) in combinations(boxes, 2):
            assert row != other or end < low or high < start
