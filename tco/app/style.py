"""How the app looks: the colors of light and dark, and the style sheets, for the served page.

They stand in the head of the page that is served. What arrives later, with the first run, would
move everything that the browser has laid out by then.
"""

from __future__ import annotations

from importlib.resources import files

from tco.report.drawing import BUY, DARK, LIGHT, RENT

_SHEETS = (
    "pages.css",
    "decide.css",
    "files.css",
    "work.css",
    "fleet.css",
    "first.css",
    "media.css",
)
# In light and in dark; Streamlit says on the page's outermost element which of them it shows.
_COLORS = {
    "page": (LIGHT.paper, DARK.paper),
    "ink": (LIGHT.ink, DARK.ink),
    "panel": ("#F3F6F9", "#1A222A"),
    "rule": ("#D5DCE2", "#38444F"),
    "edge": ("#7B8792", "#7F8B97"),
    "quiet": ("#44505B", "#B7C1CB"),
    "plain": ("#56626E", "#56626E"),
    "buy-text": (LIGHT.buy_text, DARK.buy_text),
    "rent-text": (LIGHT.rent_text, DARK.rent_text),
    "green-text": ("#0B6E2E", "#6FCF8B"),
    "buy": (BUY, BUY),
    "rent": (RENT, RENT),
    # Lines and areas: on a dark page the colors of the words, or they are mud.
    "buy-line": (LIGHT.buy, DARK.buy),
    "rent-line": (LIGHT.rent, DARK.rent),
    "rent-word": (LIGHT.rent_text, LIGHT.rent_text),
    "amber": ("#FFF6E5", "#2B2110"),
    "amber-edge": ("#B26A00", "#D9962F"),
}
_VARIABLES = "".join(
    f"--tco-{name}: light-dark({light}, {dark});" for name, (light, dark) in _COLORS.items()
)


def head() -> str:
    """What stands at the end of the served head: the style sheets, and the script that awaits them.

    >>> head().startswith("<style>") and head().endswith("</script>")
    True
    """
    script = (files("tco.app") / "look" / "calm.js").read_text("utf-8")
    return f"<style>{css()}</style><script>{script}</script>"


def css() -> str:
    """All style sheets of the app, the colors first.

    >>> css().startswith(":root {--tco-page: light-dark(#FFFFFF")
    True
    """
    folder = files("tco.app") / "look"
    sheets = ((folder / name).read_text("utf-8") for name in _SHEETS)
    return "\n".join((f":root {{{_VARIABLES}}}", *sheets))
