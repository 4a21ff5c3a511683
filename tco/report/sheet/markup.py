"""HTML put together so that text stays text: whatever is not `Html` is escaped."""

from __future__ import annotations

import html
import re

# What no text of a page may hold: characters that HTML forbids.
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


class Html(str):
    """A piece of HTML, as opposed to text."""

    __slots__ = ()


def text(content: object) -> Html:
    """Anything as HTML: text is escaped, `Html` stays as it is.

    >>> text("=1+1 <b>"), text(Html("<b>"))
    ('=1+1 &lt;b&gt;', '<b>')
    """
    return content if isinstance(content, Html) else Html(html.escape(_plain(str(content))))


def tag(name: str, /, *contents: object, **attributes: object) -> Html:
    """An element; `_` in the name of an attribute is a hyphen, at its end nothing.

    >>> tag("p", "a < b", tag("br"), class_="small")
    '<p class="small">a &lt; b<br></p>'
    >>> tag("line", x1=1, stroke_width=2)
    '<line x1="1" stroke-width="2"></line>'
    """
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    written = "".join(f' {key}="{html.escape(_plain(str(value)))}"' for key, value in named)
    if name in ("br", "meta"):
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(*contents)}</{name}>")


def joined(*contents: object) -> Html:
    """Several pieces, one after the other."""
    return Html("".join(map(text, contents)))


def shortened(content: str, longest: int) -> str:
    """Text of at most so many characters.

    >>> shortened("a long note", 7), shortened("short", 7)
    ('a long…', 'short')
    """
    flat = " ".join(content.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def _plain(content: str) -> str:
    return _FORBIDDEN.sub("", content)
