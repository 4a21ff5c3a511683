"""A page of HTML as a PDF, by WeasyPrint: the same bytes for the same page on the same machine.

WeasyPrint is the extra `pdf`; it draws with Pango, which a system has beside Python.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from tco.errors import TcoError, needing
from tco.report.sheet import FONTS

# What a bare Debian or Ubuntu lacks, with fonts as wide as Arial.
SYSTEM_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation"
# The letters of a printed page, and how wide a digit of Arial is [of the letters' size].
_LETTERS_PT, _DIGIT = 8, 0.556
_RULER = f"""<style>
@page {{ margin: 0; size: 2000px 200px }}
body {{ margin: 0; font: 100px {FONTS} }}
</style><span>0000000000</span><a id="end">0</a>"""


def why_no_pdf() -> str:
    """What is to be installed before a page can become a PDF; empty where nothing is missing.

    >>> why_no_pdf()  # doctest: +SKIP
    "a PDF needs weasyprint: pip install 'gpu-tco[pdf]'"
    """
    try:
        _weasyprint()
    except TcoError as lacking:
        return str(lacking)
    return ""


def pdf_of(html: str) -> bytes:
    """A whole page of HTML, such as `report.sheet.page()` makes, as a tagged PDF.

    Title, language and date are those of the page, and its fonts are in it. Nothing is fetched, and
    nothing runs. Without WeasyPrint, or the libraries that it draws with, TcoError says what to
    install: `why_no_pdf()`.

    >>> from tco.report.sheet import page
    >>> from tco.scenario import Scenario
    >>> pdf_of(page(Scenario(gpu="L4")))[:5]
    b'%PDF-'
    """
    weasyprint = _weasyprint()
    size = _LETTERS_PT * min(1.0, _DIGIT / _digit())
    letters = weasyprint.CSS(string=f"body {{ font-size: {size:.3f}pt !important }}")
    made: bytes = _document(html).write_pdf(stylesheets=[letters], pdf_variant="pdf/ua-1")
    return made


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    with needing("a PDF needs", "pdf"):
        try:
            import weasyprint
        except OSError as wrong:
            library = str(wrong).partition("\n")[0].partition(":")[0]
            message = (
                f"a PDF needs libraries of the system beside Python ({library}); install them "
                f"with: apt-get install {SYSTEM_PACKAGES}; elsewhere, Pango 1.44 or later and "
                "fonts as wide as Arial"
            )
            raise TcoError(message) from wrong
    # It tells its log of each rule of CSS that is for screens alone.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return weasyprint


def _document(html: str) -> Any:
    """A page to lay out, which reaches nothing beyond itself: no protocol is allowed."""
    fetcher = _weasyprint().urls.URLFetcher(allowed_protocols=())
    return _weasyprint().HTML(string=html, url_fetcher=fetcher)


@lru_cache(maxsize=1)
def _digit() -> float:
    """How wide a digit is in the font that stands in for Arial here [of the letters' size]."""
    places = _document(_RULER).render().pages[0].anchors
    width: float = places["end"][0] / 1_000
    return width
