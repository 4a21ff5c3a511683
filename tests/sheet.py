"""The decision sheet as a test reads it: its tables as rows of text, and the rest by class."""

from __future__ import annotations

from html.parser import HTMLParser

_EMPTY = ("meta", "br", "input")


class Sheet(HTMLParser):
    """Cells, headings, list items and paragraphs of one sheet, entities resolved."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: dict[str, list[str]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self._section = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        if tag in _EMPTY:
            return
        self._open.append(tag)
        if tag == "section":
            self._section = (named.get("class") or "").split()[0]
        if tag == "tr":
            self.tables.setdefault(self._section, []).append([])
        elif tag in ("td", "th"):
            self.tables[self._section][-1].append("")
        elif tag in ("h1", "h2", "p", "li", "dt", "dd"):
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in reversed(self._open):
            if tag in ("td", "th"):
                self.tables[self._section][-1][-1] += data
                return
            if tag in self.texts:
                self.texts[tag][-1] += data
                return

    @property
    def figures(self) -> dict[str, str]:
        """The key figures by their titles."""
        return dict(zip(self.texts["dt"], self.texts["dd"], strict=True))
