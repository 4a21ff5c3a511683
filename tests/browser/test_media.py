"""The pages on paper, and in colors that their reader's system forces on them."""

import pytest

from tests.browser.screens import rest, show, soon

# Charts that reach beyond the part of the page in which they stand.
_CUT = """() => {
  const page = document.querySelector('[data-testid=stMainBlockContainer]');
  const around = (one) => one.closest('[data-testid=stColumn]') ?? page;
  const charts = [...document.querySelectorAll('.main-svg')].map((svg) => [svg, around(svg)]);
  const live = document.querySelector('.st-key-live [data-testid^=stBidiComponent]');
  const labels = live?.shadowRoot.querySelectorAll('svg text') ?? [];
  charts.push(...[...labels].map((label) => [label, around(live)]));
  const right = (one) => one.getBoundingClientRect().right;
  return charts.filter(([inner, outer]) => right(inner) > right(outer) + 1).length;
}"""
_SHOWN = "one => getComputedStyle(one).display !== 'none' && one.getBoundingClientRect().height > 0"
_GROUND = "one => getComputedStyle(one).backgroundColor"


@pytest.mark.parametrize("path", ["", "risk"])
def test_on_paper_no_chart_is_cut_and_nothing_asks_to_be_clicked(page, address, path):
    show(page, address, path)
    page.emulate_media(media="print")
    soon(page, lambda: page.evaluate(_CUT), 0)
    for clicked in ("stHeader", "stDownloadButton"):
        shown = page.get_by_test_id(clicked).all()
        assert not any(one.evaluate(_SHOWN) for one in shown), clicked
    beside = [one.bounding_box()["y"] for one in page.get_by_test_id("stColumn").all()[:2]]
    assert abs(beside[0] - beside[1]) < 2


def test_forced_colors_show_what_is_chosen(page, address):
    show(page, address)
    page.emulate_media(forced_colors="active")
    rest(page)
    grounds = [
        page.get_by_role("radio", name=name, exact=True).evaluate(_GROUND)
        for name in ("Not paid", "Paid")
    ]
    assert grounds[0] != grounds[1]
