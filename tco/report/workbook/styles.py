"""How cells look, and what all sheets share: print, panes, protection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

# XlsxWriter has no types: these name its classes.
Workbook: TypeAlias = Any
Worksheet: TypeAlias = Any
Format: TypeAlias = Any
Chart: TypeAlias = Any

_ROWS_OF_A_PAGE = 80
_TOP: dict[str, Any] = {"valign": "top"}
_NUMBER = "#,##0.00##;-#,##0.00##;0"
_INPUT: dict[str, Any] = {"font_color": "#0000FF", "bg_color": "#EAF2FF", "locked": False, **_TOP}
_STYLES: dict[str, dict[str, Any]] = {
    "plain": _TOP,
    "wrapped": {"text_wrap": True, **_TOP},
    "title": {"bold": True, "font_size": 16},
    "group": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864"},
    "heading": {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F2F2F2", **_TOP},
    "number": {"num_format": _NUMBER, **_TOP},
    "ratio": {"num_format": "0.000000", **_TOP},
    "whole": {"num_format": "0", **_TOP},
    "strong": {"bold": True, "num_format": _NUMBER, **_TOP},
    "warning": {"bold": True, "font_color": "#C00000", **_TOP},
    "input": _INPUT,
    "input_text": {"num_format": "@", **_INPUT},
}


def styles(book: Workbook) -> Callable[[str], Format]:
    """The styles by name."""
    formats = {name: book.add_format(properties) for name, properties in _STYLES.items()}
    return formats.__getitem__


def finish(
    sheet: Worksheet, last_row: int, last_column: int, heading_row: int, across: bool = False
) -> None:
    """Print area, repeated headings, landscape pages, locked formulas.

    The sheet is as wide as a page; with `across` it goes on over as many as it needs.
    """
    sheet.print_area(0, 0, last_row, last_column)
    sheet.repeat_rows(heading_row)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    if across:
        sheet.repeat_columns(0, 1)
        sheet.fit_to_pages(0, 1 + last_row // _ROWS_OF_A_PAGE)
    else:
        sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")
    sheet.protect(
        "",
        {
            "format_columns": True,
            "format_rows": True,
            "select_locked_cells": True,
            "select_unlocked_cells": True,
        },
    )
