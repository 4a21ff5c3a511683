"""The curve sliders, worked by mouse, keys, typing and touch: the numbers are the library's."""

from pathlib import Path

import pytest

import tco
from tco.app import deck
from tco.report.influence import response_curves
from tco.report.strip import money, phrases
from tco.words import curve_caption
from tests.browser.decide import (
    box,
    lever,
    sentences,
    settle,
    show,
    told,
    track,
    wait_for_answer,
    wait_for_link,
)
from tests.browser.screens import MOST_ENTRIES, rest, soon

PARTS = Path(deck.__file__).parent
SCRIPTS = (*deck.SHARED, PARTS / "sliders" / "sliders.js")
BUSY, PUE, WATTS, RACK = "Utilization", "Cooling (PUE)", "Board power", "Power per rack"


def expect(page, **inputs):
    """The page shows the answer to these inputs, and the link holds them."""
    answer = tco.breakeven(**inputs)
    wait_for_answer(page, answer)
    wait_for_link(page, answer.scenario)
    assert told(page) == sentences(answer)
    return answer


def caption(name, **inputs):
    scenario = tco.Scenario(**inputs)
    curve = response_curves(scenario, [name])[name]
    return curve_caption(curve.saving, curve.flip_words)


def place(page, name, share):
    """A point of the track, as a share of the way that the thumb can go."""
    track(page, name).scroll_into_view_if_needed()
    frame = track(page, name).bounding_box()
    thumb = 24
    x = frame["x"] + thumb / 2 + share * (frame["width"] - thumb)
    return x, frame["y"] + frame["height"] / 2


# What the strip says is saved while the server has not yet answered.
_SEEN = """() => {
  const strip = document.querySelector('.tco-strip');
  const look = () => {
    const isAhead = strip.getAttribute('aria-busy') === 'true';
    if (isAhead) window.seen.add(strip.querySelector('[data-tco=saving]').innerText);
  };
  window.seen = new Set();
  new MutationObserver(look).observe(strip, { subtree: true, childList: true, attributes: true });
}"""


def test_dragging_moves_the_curve_at_once_and_the_answer_after_it(page, address):
    show(page, address)
    page.mouse.move(*place(page, BUSY, 30 / 70))
    page.mouse.down()
    page.evaluate(_SEEN)
    page.mouse.move(*place(page, BUSY, 45 / 70), steps=4)
    soon(page, box(page, BUSY).input_value, "65")
    # The strip follows at once, all but how sure it is; the server answers later.
    answer = tco.breakeven(utilization=0.65)
    wait_for_answer(page, answer)
    assert page.evaluate("saving => window.seen.has(saving)", sentences(answer)[-1])
    assert "utilization" not in page.url
    page.mouse.move(*place(page, BUSY, 60 / 70), steps=4)
    page.mouse.up()
    expect(page, utilization=0.8)
    page.go_back()
    expect(page)
    soon(page, track(page, BUSY).input_value, "50")


def test_a_click_on_the_track_moves_it(page, address):
    show(page, address)
    usual = float(track(page, PUE).input_value())
    page.mouse.click(*place(page, PUE, 0.7))
    value = float(track(page, PUE).input_value())
    assert value != usual
    expect(page, pue=value)


def test_keys(page, address):
    show(page, address)
    track(page, BUSY).focus()
    steps = [("ArrowRight", 51), ("ArrowUp", 52), ("ArrowLeft", 51), ("PageUp", 61)]
    for key, now in [*steps, ("PageDown", 51), ("ArrowDown", 50), ("End", 90), ("Home", 20)]:
        page.keyboard.press(key)
        assert track(page, BUSY).input_value() == str(now)
    expect(page, utilization=0.2)
    said = f"20 %. {caption('utilization', utilization=0.2)}"
    soon(page, lambda: track(page, BUSY).get_attribute("aria-valuetext"), said)


def test_keys_faster_than_the_server_lose_nothing(page, address):
    show(page, address)
    track(page, BUSY).focus()
    for pause in (20, 150, 250, 90, 300, 200, 160, 30):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(pause)
    expect(page, utilization=0.58)
    assert track(page, BUSY).input_value() == "58"


def test_a_key_that_is_held_writes_the_link_at_its_start_and_on_release(page, address):
    show(page, address)
    entries = page.evaluate("history.length")
    track(page, BUSY).focus()
    for _ in range(4):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(300)
    page.wait_for_url("**utilization=0.51**")
    assert page.evaluate("history.length") == min(entries + 1, MOST_ENTRIES)
    page.keyboard.up("ArrowRight")
    expect(page, utilization=0.54)
    assert page.evaluate("history.length") == min(entries + 2, MOST_ENTRIES)


def test_the_last_of_many_moves_at_once_is_not_lost(page, address):
    show(page, address)
    track(page, BUSY).evaluate(
        """track => [60, 61, 62].forEach(value => {
          track.value = value;
          track.dispatchEvent(new Event('input'));
        })"""
    )
    wait_for_answer(page, tco.breakeven(utilization=0.62))
    assert "utilization" not in page.url


@pytest.fixture
def alone(page):
    """One slider without a server: `run` calls it as a run of the page does, with other values."""
    page.set_content(f"<div id='own'>{(PARTS / 'sliders/sliders.html').read_text('utf-8')}</div>")
    span = {"name": "pue", "sets": "pue", "label": "PUE", "unit": "", "ticks": []}
    span |= {"low": 1, "high": 2, "step": 0.1}
    texts = {"remark": "", "unusual": "", "origin": "", "refusal": "", "flip_text": ""}
    curve = {"xs": [1, 2], "saving": [1, -1], "now": 0, "flips": [], "value": 1.2, "usual": 1.2}
    curve |= {"own": [1, 1], "rent": [1, 1], "fair": [1, 1]}
    curve |= {"verdicts": ["buy", "buy"], "cases": ["more", "more"]}
    shown = span | texts | curve | {"decimals": 1, "applied": 0}
    words = {"gain": "{}", "loss": "{}", "none": ""}
    page.evaluate(
        """async ([source, data]) => {
          const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
          const parentElement = document.querySelector('#own');
          window.heard = [];
          const setStateValue = (_, moves) => window.heard.push(moves.pue);
          const call = (await import(url)).default;
          window.run = (others = {}) => {
            data.levers[0] = { ...data.levers[0], ...others };
            return call({ data, parentElement, setStateValue });
          };
        }""",
        [
            "\n".join(script.read_text("utf-8") for script in SCRIPTS),
            {
                "levers": [shown],
                "scale": [-1, 1],
                "phrases": {"curve": words, **phrases({})},
                "now": {"use": 50, "rate": 1},
                "strip": {},
                "dimmed": False,
                "money": money(),
            },
        ],
    )
    return page


def test_a_run_overtaken_by_another_leaves_the_sliders_alive(alone):
    # The page calls the component anew for each run, and may end an overtaken call long after the
    # next one has begun: a move that waits then must still be sent, and so must all later ones.
    alone.evaluate("() => { window.overtaken = window.run(); window.run(); }")
    track(alone, "PUE").press("ArrowRight")
    alone.wait_for_function("window.heard.some(({ n }) => n === 1)")
    alone.evaluate(
        """() => {
          const key = (type) => new KeyboardEvent(type, { key: 'ArrowRight' });
          const slider = document.querySelector('.track');
          slider.dispatchEvent(key('keydown'));
          window.overtaken?.();
          slider.dispatchEvent(key('keydown'));
        }"""
    )
    alone.wait_for_function("window.heard.some(({ n }) => n === 3)", timeout=5_000)


def test_what_is_being_typed_stays_when_an_answer_comes_meanwhile(alone):
    alone.evaluate("() => { window.run(); }")
    box(alone, "PUE").fill("1.7")
    # Another value came with what was pressed before.
    alone.evaluate("() => { window.run({ value: 1.5 }); }")
    assert box(alone, "PUE").input_value() == "1.7"
    box(alone, "PUE").press("Enter")
    alone.wait_for_function("window.heard.at(-1)?.value === 1.7")
    alone.evaluate("() => { window.run({ value: 1.6, applied: 1 }); }")
    assert box(alone, "PUE").input_value() == "1.6"


def test_two_sliders_moved_in_one_breath_both_count(page, address):
    show(page, address)
    track(page, BUSY).focus()
    page.keyboard.press("End")
    track(page, PUE).focus()
    page.keyboard.press("Home")
    expect(page, utilization=0.9, pue=1.15)


def test_typing(page, address):
    show(page, address)
    box(page, BUSY).fill("63.5")
    box(page, BUSY).press("Enter")
    expect(page, utilization=0.635)
    soon(page, box(page, BUSY).input_value, "63.5")


def test_a_typed_number_may_lie_outside_the_range(page, address):
    show(page, address)
    box(page, PUE).fill("2.75")
    box(page, PUE).press("Tab")
    expect(page, pue=2.75)
    soon(page, lambda: track(page, PUE).get_attribute("max"), "2.75")
    unusual = lever(page, PUE).locator(".unusual")
    assert unusual.inner_text() == "Cooling (PUE): 2.75 is above the usual 1.15 to 1.8."


@pytest.mark.parametrize(
    ("text", "why"), [("130", "130 % is outside"), ("a lot", "not a number in [0, 100]")]
)
def test_an_impossible_number_is_refused_in_red_and_the_answer_stays(page, address, text, why):
    show(page, address)
    box(page, BUSY).fill(text)
    box(page, BUSY).press("Enter")
    refusal = lever(page, BUSY).locator(".refusal", has_text=why)
    refusal.wait_for()
    settle(page)
    red, green, _ = page.evaluate(
        "node => getComputedStyle(node).color.match(/[0-9.]+/g).map(Number)",
        refusal.element_handle(),
    )[:3]
    assert red > 2 * green
    assert box(page, BUSY).input_value() == text
    assert told(page) == sentences(tco.breakeven())
    box(page, BUSY).fill("70")
    box(page, BUSY).press("Enter")
    expect(page, utilization=0.7)
    soon(page, refusal.count, 0)


def test_a_double_click_takes_the_default(page, address):
    show(page, address, "?v=1&utilization=0.8&pue=1.2")
    track(page, BUSY).dblclick()
    expect(page, pue=1.2)
    soon(page, box(page, BUSY).input_value, "50")


def test_touch(elsewhere, address):
    elsewhere.set_viewport_size({"width": 390, "height": 844})
    show(elsewhere, address)
    elsewhere.touchscreen.tap(*place(elsewhere, BUSY, 1.0))
    expect(elsewhere, utilization=0.9)
    style = "node => getComputedStyle(node).touchAction"
    assert track(elsewhere, BUSY).evaluate(style) == "pan-y"


def test_every_target_is_large_enough(page, address):
    show(page, address)
    for kind in ("slider", "textbox"):
        for target in page.locator(".levers").get_by_role(kind).all():
            if not target.is_visible():
                continue
            frame = target.bounding_box()
            assert min(frame["width"], frame["height"]) >= 24


def test_the_order_stays_while_a_slider_moves(page, address):
    show(page, address)
    names = page.locator(".lever .name b").all_inner_texts()
    assert names[0] == BUSY
    assert names[-3:] == [WATTS, PUE, RACK]
    assert len(names) == 9
    track(page, BUSY).focus()
    page.keyboard.press("End")
    expect(page, utilization=0.9)
    assert page.locator(".lever .name b").all_inner_texts() == names


def test_an_input_without_effect_is_no_slider_and_says_why(page, address):
    show(page, address)
    said = lever(page, RACK).locator(".caption").inner_text()
    held = tco.rack().gpus_per_rack
    assert f"{held} GPUs per rack; no effect under colocation: you pay for kilowatts" in said
    assert not track(page, RACK).is_visible()
    assert not box(page, RACK).is_visible()


def test_the_plain_build_has_the_same_numbers(page, address):
    show(page, address, "?simple=1")
    assert page.locator(".lever").count() == 0
    assert page.locator("img.tco-curve").first.get_attribute("alt").startswith("Buying saves $")
    page.locator(".st-key-input_utilization [data-testid=stSlider] input").focus()
    page.keyboard.press("ArrowRight")
    wait_for_answer(page, tco.breakeven(utilization=0.51))
    page.wait_for_url("**utilization=0.51**")
    assert "simple=1" in page.url
    assert page.locator("img.tco-curve").count() > 5


_FOCUSED = """() => {
  let node = document.activeElement;
  while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  const isPage = node.querySelector('h1') !== null;
  return node.getAttribute('aria-label') || (isPage ? '' : node.innerText) || '';
}"""


def test_keyboard_alone_reaches_everything_in_order(page, address):
    show(page, address)
    rest(page)
    reached = []
    while len(reached) < 120 and not any("Where the numbers" in text for text in reached):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(_FOCUSED))
    seen = "\n".join(reached)
    top = ["8 × L4", "colocation, US", "3 years", "Share · Export", "Always on 85 %"]
    middle, bottom = (
        [BUSY, WATTS, PUE],
        ["Site and power", "Delivery and refresh", "How this is computed"],
    )
    first, then, last = ([seen.index(part) for part in parts] for parts in (top, middle, bottom))
    assert [*first, *last] == sorted([*first, *last])
    assert max(first) < min(then)
    assert max(then) < min(last)


def test_the_tab_key_leads_through_an_open_popover(page, address):
    show(page, address)
    page.get_by_role("button", name="8 × L4").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Number of GPUs").wait_for()
    rest(page)
    reached = []
    while len(reached) < 8 and "colocation, US" not in "".join(reached):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(_FOCUSED))
    # The popover may have taken the focus to its first stop by itself.
    assert "GPU" in reached[0]
    assert "Number of GPUs" in "".join(reached[:2])
    assert "colocation, US" in reached[-1]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    page.wait_for_function(f"name => ({_FOCUSED})().includes(name)", arg="8 × L4")


def test_the_questions_and_the_sections_are_worked_by_keys(page, address):
    show(page, address)
    page.get_by_role("radio", name="Not paid", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page, billing="always_on")
    page.get_by_text("Delivery and refresh: ").locator("xpath=ancestor::summary").focus()
    page.keyboard.press("Enter")
    months = page.get_by_label("Delivery time")
    months.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page, billing="always_on", delivery_months=2)
