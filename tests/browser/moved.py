"""Random scenarios and places of the sliders of their sheets, and what Python says there."""

import json
import math
import random
import re
from html.parser import HTMLParser

import tco
from tco import Scenario, words
from tco.errors import InputError
from tco.inputs import TAKEN
from tco.model.breakeven import breakeven
from tco.model.results import RESULTS
from tco.report.facts import facts_of
from tco.report.influence import sliders
from tco.report.ranges import meant, slider_range, stored
from tco.report.sheet import templates
from tco.report.sheet.cost_curve import curve
from tco.words import currencies
from tco.words.currencies import shown_by_default

EXACT = 1e-9
_GPUS = ("L4", "L40S", "A100-80GB-SXM", "H100-SXM", "B200", "RTX-PRO-5000")
_LINES = (
    {"name": "fiber", "side": "own", "usd": 300},
    {"name": "credit", "side": "rent", "usd": -50, "growth": "rental"},
    {"name": "crew", "side": "own", "usd": 0.05, "basis": "busy_gpu_hour", "last_month": 20},
)
# Lines that end at a cap: two that bend the saving, and one that does not.
_CAPPED = (
    {"name": "part", "side": "rent", "usd": -0.1, "basis": "item:compute", "cap_usd": 1_500},
    {"name": "care", "side": "own", "usd": 0.05, "basis": "busy_gpu_hour", "cap_usd": 900},
    {"name": "setup", "side": "own", "usd": 300, "growth": "opex", "cap_usd": 2_000},
)
_EUROS = {"currency": "EUR", "fx_rate": 0.87, "fx_as_of": "2026-11-20"}


def scenarios(count, seed):
    """So many with a verdict, of every way to rent, to pay and to be taxed."""
    dice, found = random.Random(seed), []
    while len(found) < count:
        try:
            scenario = Scenario(**_case(dice))
            breakeven(scenario)
        except InputError:  # inputs that do not go together
            continue
        found.append(scenario)
    return found


def _case(dice):
    def sometimes(share, **inputs):
        return inputs if dice.random() < share else {}

    case = {
        "gpu": dice.choice(_GPUS),
        "gpus": dice.choice((1, 8, 9, 64, 1000)),
        "hosting": dice.choice(("own_site", "colo_all_in", "colo_metered")),
        "horizon_months": dice.choice((0.4, 12, 20.5, 36, 48, 60, 84, 120)),
        "utilization": round(dice.uniform(0.1, 1), 3),
        "billing": dice.choice(("per_use", "per_use", "always_on", "committed")),
        "financing": dice.choice(("cash", "cash", "loan", "lease")),
        "whole_servers": dice.random() < 0.4,
    }
    if case["billing"] == "committed":
        case["commitment_months"] = dice.choice((6, 12, 14.5, 36))
        case |= sometimes(0.5, commitment_fee_usd_per_gpu=500)
    if case["financing"] == "lease":
        case |= {"lease_usd_per_gpu_month": dice.uniform(20, 300), "lease_months": 24}
    else:
        case |= sometimes(0.3, refresh_months=18, refresh_price_usd_per_gpu=2_000)
    if case["financing"] == "loan":
        case |= {"loan_interest_only_months": dice.choice((0, 6)), "loan_fee_rate": 0.01}
    for more in (
        sometimes(0.6, tax_rate=0.21, depreciation=dice.choice(("macrs_5", "straight_line"))),
        sometimes(0.3, delivery_months=dice.choice((1, 3, 5))),
        sometimes(0.4, rate_cap_usd_per_gpu_month=dice.choice((100, 300, 2_000))),
        sometimes(0.3, rate_growth_per_year=dice.uniform(-0.2, 0.1)),
        sometimes(0.3, discount_rate=dice.choice((0, 0.15))),
        sometimes(0.2, **_EUROS),
        sometimes(0.4, lines=dice.choice((_LINES, _CAPPED))),
        sometimes(0.1, already_owned=True),
    ):
        case |= more
    return case


def places(scenario, dice):
    """Somewhere on every slider that counts, in the units shown: in its range, or its domain."""
    found = {}
    for name in sliders(scenario.values()):
        span = slider_range(scenario, name)
        low, high = span.low, span.high
        if dice.random() < 0.3:  # beyond the slider, where a value is typed
            low, high = max(TAKEN[name].shown_domain[0] + 0.1, low / 3), high * 2
            high = min(TAKEN[name].shown_domain[1], high)
        found[name] = round(dice.uniform(low, high), 3)
    return found


def inputs_at(scenario, found):
    """What the sliders set there; the resale is that after the time that another one sets."""
    with shown_by_default(scenario.conversion):
        months = meant("horizon_months", found["horizon_months"], None)
        return {stored(name): meant(name, shown, months) for name, shown in found.items()}


def told(answer):
    """Headline, sentences and key figures of an answer without odds."""
    values = answer.scenario.values()
    with shown_by_default(answer.scenario.conversion):
        said = words.sentences(values, vars(answer), rates=answer.rates)
        if answer.status not in ("never", "reverses"):
            said.pop("payback", None)
        headline = words.of_owner(words.VERDICT_WORDS[answer.verdict], values)
        sentences = [text for text in said.values() if text]
        figures = [
            [title, text, under] for title, text, under, _ in facts_of(answer.scenario).figures
        ]
    return {"word": headline, "sentences": sentences, "figures": figures}


# Types into every box that there is, and reads everything.
_MOVE = """moved => {
  for (const [sets, text] of moved) {
    const box = document.querySelector(`[data-input="${sets}"] .box`);
    box.value = text;
    box.dispatchEvent(new Event('change'));
  }
  const text = (x) => (typeof x === 'number' ? String(x) : x);
  const found = solve(values, names, told);
  const tiles = [...document.querySelectorAll('dl.now > div')].map((tile) => [
    tile.querySelector('dt').textContent, tile.querySelector('dd').firstChild.textContent,
    tile.querySelector('small').textContent]);
  return {
    refused: [...document.querySelectorAll('.refusal')].map((one) => one.textContent).join(''),
    values: Object.fromEntries(names.map((name, at) => [name, values[at]])),
    results: Object.fromEntries(Object.entries(found).map(([name, x]) => [name, text(x)])),
    roots: Object.fromEntries(Object.entries(found.roots).map(([name, x]) => [name, text(x)])),
    points: followed(values).map(({ t, own, rent }) => [t, own, rent]),
    title: document.querySelector('.chart h2.now').textContent,
    drawn: document.querySelector('.chart .now svg').outerHTML,
    word: document.querySelector('.now .headline').textContent,
    lead: document.querySelector('.now .lead').textContent,
    figures: tiles,
  };
}"""


def move(page, found):
    """Moves the sliders of a sheet; what it then says and has worked out."""
    # The resale is of the time that is held, so that comes first.
    order = sorted(found, key=lambda name: name != "horizon_months")
    return page.evaluate(_MOVE, [[stored(name), json.dumps(found[name])] for name in order])


def assert_same(page, scenario, found):
    """The sheet says and draws what Python does there, to a billionth and to the letter."""
    page_says = move(page, found)
    assert page_says["refused"] == ""
    moved = inputs_at(scenario, found)
    for name, value in moved.items():
        assert math.isclose(page_says["values"][name], value, rel_tol=1e-12), name
    answer = breakeven(scenario, **moved)
    paid = abs(answer.own_npv_usd) + abs(answer.rent_npv_usd)
    results = {name: x for name, x in page_says["results"].items() if name in RESULTS}
    assert len(results) > 8
    results |= {f"breakeven_{name}": x for name, x in page_says["roots"].items()}
    for name, text in results.items():
        wanted = getattr(answer, name)
        if isinstance(wanted, str):
            assert text == wanted, name
            continue
        value = float(text.replace("Infinity", "inf"))
        size = paid if name.endswith("saving_usd") else abs(wanted)
        same = value == wanted or abs(value - wanted) <= EXACT * max(size, 1e-6)
        assert same, (name, value, wanted)
    assert_same_chart(page_says, answer)
    wanted = told(answer)
    assert page_says["word"] == wanted["word"]
    assert page_says["lead"] == " ".join(wanted["sentences"])
    assert page_says["figures"] == wanted["figures"]


def assert_same_chart(page_says, answer):
    """The chart has the points of the library's curves, and is what Python's sheet would show.

    Its places have one decimal: of what lies between two of them either may stand there.
    """
    curves = tco.curves(answer.scenario)
    with shown_by_default(answer.scenario.conversion):
        drawn, each = curve(curves, answer), currencies.shown(1.0)
    for at, (name, unit) in enumerate((("t_months", 1), ("own_usd", each), ("rent_usd", each))):
        close = EXACT * unit * max(1, curves[name].abs().max())
        for point, known in zip(page_says["points"], curves[name], strict=True):
            assert abs(point[at] - known * unit) <= close, name
    assert page_says["title"] == drawn["title"]
    wanted = templates().get_template("curve.svg.j2").render(curve=drawn)
    found, known = _Drawing(page_says["drawn"]), _Drawing(wanted)
    assert found.parts == known.parts
    assert all(abs(a - b) < 0.11 for a, b in zip(found.places, known.places, strict=True))


class _Drawing(HTMLParser):
    """The parts of an SVG with their words, and all its numbers."""

    def __init__(self, text):
        super().__init__()
        self.parts, self.places = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        words = {"class", "text-anchor", "aria-label"}
        self.parts.append((tag, sorted((name, x) for name, x in attrs if name in words)))
        places = " ".join(x for name, x in sorted(attrs) if name not in {*words, "role"})
        self.places += map(float, re.findall(r"-?\d+(?:\.\d+)?", places))

    def handle_data(self, data):
        if self.parts and self.parts[-1][0] != "style" and data.strip():
            self.parts.append(data.strip())
