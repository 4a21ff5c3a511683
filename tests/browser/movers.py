"""Every widget on a page, found by itself, and how one of each kind is moved.

A widget's key says which inputs it may change, see `tco.app.bound`. A new widget of a known kind
needs nothing here; a control of an unknown kind is an error.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass

from playwright.sync_api import TimeoutError as TooLate

from tco.app.typed import NONE, PLACEHOLDER
from tests.browser.runs import PATIENCE_MS
from tests.browser.screens import drawn, soon

OWN_MS, SHORT_MS = 1_000, 300
# How often a list is opened until it stays.
_OPENINGS = 4
ALL = "all"
# Opened, to find what is inside.
_OPENERS = {
    "stExpander": "summary",
    "stPopover": "[data-testid=stPopoverButton]",
    "stTabs": "[role=tab]",
}
_IS_OPEN = """one => one.matches('summary') ? one.parentElement.open
  : (one.getAttribute('aria-expanded') ?? one.getAttribute('aria-selected')) === 'true'"""
# Ways to elsewhere, and what only reads.
_OTHERS = (
    *("stTopNav", "stToolbar", "stSkipToContent", "stPageLink", "stDownloadButton", "stCode"),
    *("stElementToolbar", "stDataFrame", "stStatusWidget"),
)
_FIND = """([kinds, openers, others]) => {
  const found = new Map();
  const known = [...kinds, ...Object.keys(openers), ...others];
  const ask = known.map((id) => `[data-testid=${id}]`).join(', ');
  const controls = 'input, textarea, select, button, summary, [role=slider], [role=tab]';
  const isShown = (one) => one.getClientRects().length > 0;
  for (const one of document.body.querySelectorAll(controls)) {
    const owner = one.closest(ask), kind = owner?.dataset.testid;
    if (others.includes(kind)) continue;
    // The calendar of a date, over the page.
    if (!owner && one.closest('[role=dialog], [role=application]')?.querySelector('[role=grid]')) {
      continue;
    }
    const opener = openers[kind];
    if (!owner || (opener && !one.matches(opener))) {
      found.set(one, ['unknown', one.outerHTML.slice(0, 200), '', false, false]);
      continue;
    }
    if (!isShown(opener ? one : owner)) continue;
    const keyed = one.closest('[class*="st-key-"]');
    const key = [...(keyed?.classList ?? [])].find((name) => name.startsWith('st-key-')) ?? '';
    const said = opener ? one.innerText.split(String.fromCharCode(10)).pop() : '';
    const parts = [...owner.querySelectorAll('button, input')];
    const isOff = !opener && parts.every((part) => part.disabled);
    const isInForm = Boolean(one.closest('[data-testid=stForm]'));
    found.set(opener ? one : owner, [kind, key, said, isOff, isInForm]);
  }
  for (const host of document.querySelectorAll('[data-testid^=stBidiComponent]')) {
    for (const one of (host.shadowRoot ?? host).querySelectorAll(controls)) {
      // What only changes how a chart is shown, and what is no slider here.
      if (one.matches('.view') || !isShown(one)) continue;
      const key = `${one.className}--${one.closest('.lever')?.dataset.input}--0`;
      found.set(one, ['lever', key, '', one.disabled, false]);
    }
  }
  return [...found.values()];
}"""


@dataclass(frozen=True)
class Widget:
    kind: str
    css: str
    said: str
    is_off: bool
    is_in_form: bool

    @property
    def name(self):
        """What stays of a widget while others change its value."""
        parts = self.css.removeprefix("st-key-").split("--")
        while parts[-1].isdigit():
            parts.pop()
        said = "" if parts[0] and self.kind != "stTabs" else self.said
        return f"{self.kind} {'--'.join(parts)}{said}"

    @property
    def inputs(self):
        """Those that it may change; none for what opens."""
        return {part for part in self.css.split("--")[1:] if not part.isdigit()}

    def on(self, page):
        if self.kind == "lever":
            place, name, _ = self.css.split("--")
            return page.locator(f".lever[data-input={name}] .{place}")
        found = page.locator(f".{self.css}").first if self.css else page
        if self.kind in _OPENERS:
            openers = found.locator(_OPENERS[self.kind])
            is_told = self.said and self.kind != "stPopover"  # whose text ends with an arrow
            return openers.filter(has_text=self.said).first if is_told else openers.first
        return found


def widgets(page):
    found = page.evaluate(_FIND, [[*MOVERS], _OPENERS, [*_OTHERS]])
    made = [Widget(*one) for one in found]
    unknown = [one.css for one in made if one.kind == "unknown"]
    assert unknown == [], f"no way is known to move {unknown}"
    return made


def is_opener(widget):
    return widget.kind in _OPENERS


def open_up(page, opener):
    """Open what is closed, until what is inside is there."""
    one = opener.on(page)
    if not one.evaluate(_IS_OPEN):
        if not one.evaluate("one => one.closest('[role=dialog]')"):
            page.keyboard.press("Escape")  # an open popover may lie over it
        one.click()
        soon(page, lambda: one.evaluate(_IS_OPEN), True)
    drawn(page)


# --- How a widget of each kind is moved, by mouse or by keys; the other way on a second attempt


def _number(page, one, by_mouse, attempt):
    up = one.get_by_test_id("stNumberInputStepUp")
    if by_mouse and not attempt and up.is_visible() and up.is_enabled():
        up.click()
        return
    box = one.locator("input")
    now, step = box.input_value(), float(box.get_attribute("step") or 1)
    wanted = "1" if now == "" else f"{float(now) + (1, -2)[attempt % 2] * step:.10g}"
    _typed(page, box, wanted, by_mouse)


def _typed(page, box, text, by_mouse):
    if by_mouse:
        box.click()
    else:
        box.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    page.keyboard.press("Tab" if by_mouse else "Enter")


def _text(page, one, by_mouse, attempt):
    box = one.locator("input, textarea").first
    now = box.input_value()
    if box.get_attribute("placeholder") in (PLACEHOLDER, NONE):  # a number
        value, odd = float(now or 0), attempt % 2
        moved = value + (1, -2)[odd] if value.is_integer() else value * (1.1, 0.9)[odd]
        _typed(page, box, f"{moved:.10g}", by_mouse)
        return
    wanted = ("EUR", "2026-11-01", "a")[attempt % 3] if now else ("a", "2026-11-01")[attempt % 2]
    _typed(page, box, "CHF" if wanted == now else wanted, by_mouse)


def _date(page, one, by_mouse, attempt):
    """Typed in any case, while a calendar is open over the page."""
    del by_mouse, attempt
    parts = one.get_by_role("spinbutton")
    for part, text in zip(parts.all(), ("2099", "12", "31"), strict=True):
        part.press_sequentially(text)
    page.keyboard.press("Escape")


def _pick(page, one, by_mouse, attempt):
    options = one.get_by_role("radio")
    marks = [option.get_attribute("aria-checked") == "true" for option in options.all()]
    now = marks.index(True) if any(marks) else -1
    if by_mouse:
        options.nth((now + 1 + attempt) % len(marks)).click()
        return
    options.nth(max(now, 0)).focus()
    onward = "ArrowLeft" if now == len(marks) - 1 else "ArrowRight"
    for _ in range(1 + attempt if any(marks) else 0):
        page.keyboard.press(onward)
    page.keyboard.press("Space")


def _select(page, one, by_mouse, attempt):
    box = one.get_by_role("combobox")
    chosen = re.compile(rf"^\s*{re.escape(box.input_value())}\s*$")
    # A list closes when the page scrolls.
    box.scroll_into_view_if_needed()
    options = page.get_by_role("option")
    others = options.filter(has_not_text=chosen)
    for _ in range(_OPENINGS):  # a page that is drawn anew meanwhile closes the list
        with suppress(TooLate):
            if by_mouse:
                one.locator("button").click()
                others.first.wait_for(timeout=PATIENCE_MS)
                others.nth(attempt % max(others.count(), 1)).click(timeout=PATIENCE_MS)
                return
            box.focus()
            page.keyboard.press("ArrowDown")
            options.first.wait_for(timeout=PATIENCE_MS)
            for _ in range(1 + attempt):
                page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            return


def _several(page, one, by_mouse, attempt):
    del attempt
    if by_mouse:
        one.get_by_role("button", name="Remove").first.click()
        return
    one.get_by_role("combobox").focus()
    page.keyboard.type("T4")
    with suppress(TooLate):
        page.get_by_role("option").filter(has_text="T4").first.wait_for(timeout=PATIENCE_MS)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def _toggle(page, one, by_mouse, attempt):
    del attempt
    if by_mouse:
        one.locator("label").first.click()
        return
    one.locator("input").focus()
    page.keyboard.press("Space")


# By attempt: the second takes back nothing of a first that comes late.
_ARROWS = ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft")


def _slider(page, one, by_mouse, attempt):
    track = one.get_by_role("slider").first
    if by_mouse and not attempt:
        frame = track.bounding_box()
        page.mouse.click(frame["x"] + 0.7 * frame["width"], frame["y"] + frame["height"] / 2)
        return
    track.focus()
    page.keyboard.press(_ARROWS[attempt])


def _lever(page, one, by_mouse, attempt):
    if one.get_attribute("type") == "range":
        frame = one.bounding_box()
        if by_mouse:
            share = (0.7, 0.3)[attempt % 2]
            one.click(position={"x": share * frame["width"], "y": frame["height"] / 2})
            return
        one.focus()
        page.keyboard.press(_ARROWS[attempt])
        return
    now = float(one.input_value() or 0) or 1
    _typed(page, one, f"{now * (1.1, 0.8)[attempt % 2]:.3g}", by_mouse)


def _button(page, one, by_mouse, attempt):
    del attempt
    if by_mouse:
        one.get_by_role("button").first.click()
        return
    one.get_by_role("button").first.focus()
    page.keyboard.press("Enter")


def _upload(page, one, by_mouse, attempt):
    del page, by_mouse, attempt
    text = json.dumps({"schema_version": 2, "inputs": {"gpus": 3}}).encode()
    file = {"name": "a.json", "mimeType": "application/json", "buffer": text}
    one.locator("input[type=file]").set_input_files(file)


MOVERS = {
    "stNumberInput": _number,
    "stTextInput": _text,
    "stTextArea": _text,
    "stDateInput": _date,
    "stButtonGroup": _pick,
    "stSelectbox": _select,
    "stMultiSelect": _several,
    "stCheckbox": _toggle,
    "stSlider": _slider,
    "stButton": _button,
    "stFormSubmitButton": _button,
    "stFileUploader": _upload,
    "lever": _lever,
}


# A click on a track says where it goes and, when it ends, where it stays.
MOST_RUNS = {"lever": 2}
KEEP_FOCUS = {"stNumberInput", "stTextInput", "stCheckbox", "stSlider", "stButtonGroup", "lever"}


_HAS_FOCUS = """([kind, place]) => {
  let one = document.activeElement;
  if (kind !== 'lever') {
    return Boolean(one.closest(`[class*="st-key-${place}--"]`));
  }
  one = one.shadowRoot?.activeElement ?? one;
  const lever = one.closest('.lever');
  return lever !== null && `${one.className}--${lever.dataset.input}` === place;
}"""


def has_focus(page, widget):
    """Whether the keyboard is still at a widget, be it built anew or not, once all is drawn."""
    place = widget.name.partition(" ")[2]
    try:
        page.wait_for_function(_HAS_FOCUS, arg=[widget.kind, place], timeout=PATIENCE_MS)
    except TooLate:
        return False
    return True


def move(page, widget, by_mouse, attempt=0):
    MOVERS[widget.kind](page, widget.on(page), by_mouse, attempt)
