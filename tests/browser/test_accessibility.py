"""WCAG 2.0 to 2.2, A and AA, on every page: axe-core finds nothing.

Each page in one scheme at one width, in turn; with `TCO_ALL_CASES=1` in both at both.
"""

from itertools import product
from pathlib import Path

import axe_playwright_python
import pytest

from tests.asked import ALL_CASES, some
from tests.browser.screens import PATHS, show, stretch, unfold, wear

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Of the rules for WCAG 2.2, axe leaves this one out unless it is asked for.
LATEST = "target-size"
RUN = """async ([tags, latest]) => {
  const rules = {[latest]: {enabled: true}};
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, rules});
  const told = found.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)
  );
  const named = rules => rules.map(rule => rule.id);
  return [told, named([...found.passes, ...found.violations, ...found.incomplete])];
}"""
LOOKS = (("dark", 390), ("light", 1280))
ALL_LOOKS = list(product(("dark", "light"), (1280, 390)))
STATES = {
    "refused link": "?v=1&gpus=-1&color=%3Cb%3Ered%3C%2Fb%3E",
    "nothing to compare": "?v=1&utilization=0",
    "no rental offers": "?v=1&gpu=RTX-PRO-4500&provider=lambda",
    "own site, taxed": "?v=1&hosting=own_site&tax_rate=0.25",
    "simple": "?v=1&simple=1",
}


def examine(page):
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    return page.evaluate(RUN, [TAGS, LATEST])


@pytest.mark.parametrize("path", PATHS)
def test_every_page(page, address, path):
    looks = [LOOKS[PATHS.index(path) % 2]]
    show(page, address, path)
    unfold(page)
    for scheme, width in ALL_LOOKS if ALL_CASES else looks:
        wear(page, scheme)
        stretch(page, width)
        violations, rules = examine(page)
        assert violations == [], (scheme, width)
        assert {"color-contrast", "label", LATEST} <= set(rules)


@pytest.mark.parametrize("name", some(STATES, every=2))
def test_other_states_of_the_first_page(page, address, name):
    """What a state shows is not folded away; what is, every page shows."""
    show(page, address, "", STATES[name])
    # The one with colors that no page has is seen in both.
    for scheme in ("dark", "light") if name == "refused link" else ("light",):
        wear(page, scheme)
        stretch(page, 1280)
        assert examine(page)[0] == [], scheme


def test_what_nobody_could_read_is_found(page, address):
    show(page, address, "data")
    for scheme in ("dark", "light"):
        wear(page, scheme)
        page.add_style_tag(content="h1 {color: #888 !important; background: #999}")
        found = examine(page)[0]
        assert any(told.startswith("color-contrast: <h1") for told in found), scheme
