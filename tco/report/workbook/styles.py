"""How cells look: a style is a name, and what XlsxWriter makes of it."""

from __future__ import annotations

from typing import Any

_TOP: dict[str, Any] = {"valign": "top"}
_RIGHT: dict[str, Any] = {"align": "right", **_TOP}
_NAVY, _GRAY, _PALE, _RED = "#1F3864", "#595959", "#F2F2F2", "#C00000"
_NUMBER = "#,##0.00##;-#,##0.00##;0"
# Whole amounts, with a dash for nothing as ledgers have them; what is left of rounding is nothing.
_ENDS = "[>=0.5]#,##0;[<=-0.5]-#,##0;"
_LEDGER, _WHOLE = f'{_ENDS}"–"', f"{_ENDS}0"
# As it was typed, from a thousand on with separators.
_TYPED = "[>=1000]#,##0;General"
# The same in another currency, which has more digits than anybody typed.
_CONVERTED = "[>=1000]#,##0;[=0]0;0.00##"
_INPUT: dict[str, Any] = {"font_color": "#0000FF", "bg_color": "#EAF2FF", "locked": False, **_TOP}
_SMALL: dict[str, Any] = {"font_size": 9, "font_color": _GRAY, **_TOP}
_HEADING: dict[str, Any] = {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": _PALE}

STYLES: dict[str, dict[str, Any]] = {
    "plain": _TOP,
    "unit": {"align": "left", "indent": 1, **_TOP},
    "wrapped_unit": {"text_wrap": True, "align": "left", "indent": 1, **_TOP},
    "heading_unit": {"align": "left", "indent": 1, **_HEADING, **_TOP},
    "wrapped": {"text_wrap": True, **_TOP},
    "right": _RIGHT,
    "small": _SMALL,
    "small_wrapped": {"text_wrap": True, **_SMALL},
    "title": {"bold": True, "font_size": 16},
    "verdict": {"bold": True, "font_size": 14, "font_color": _NAVY, "valign": "vcenter"},
    "lead": {"text_wrap": True, **_TOP},
    "group_right": {"bold": True, "font_color": "#FFFFFF", "bg_color": _NAVY, "align": "right"},
    "group": {"bold": True, "font_color": "#FFFFFF", "bg_color": _NAVY},
    "heading": {**_HEADING, **_TOP},
    "heading_right": {**_HEADING, **_RIGHT},
    "number": {"num_format": _NUMBER, **_TOP},
    "ratio": {"num_format": "0.000000", **_TOP},
    "whole": {"num_format": "0", **_TOP},
    "strong": {"bold": True, "num_format": _NUMBER, **_TOP},
    "converted": {"num_format": _CONVERTED, **_RIGHT},
    "money": {"num_format": _WHOLE, **_RIGHT},
    "money_strong": {"bold": True, "num_format": _WHOLE, **_RIGHT},
    "ledger": {"num_format": _LEDGER, **_RIGHT},
    "ledger_strong": {"bold": True, "num_format": _LEDGER, **_RIGHT},
    "unit_cost": {"num_format": "#,##0.000", **_RIGHT},
    "percent": {"num_format": "0.0%", **_RIGHT},
    "months": {"num_format": "#,##0.0", **_RIGHT},
    "warning": {"bold": True, "font_color": _RED, **_TOP},
    "input": {"num_format": _TYPED, **_INPUT},
    "input_percent": {"num_format": "0.0#%", **_INPUT},
    # Spreadsheets that show what is true and false as numbers are told the words.
    "input_flag": {"num_format": '"TRUE";"TRUE";"FALSE"', "align": "right", **_INPUT},
    "input_text": {"num_format": "@", "align": "right", **_INPUT},
    "input_note": {"num_format": "@", "text_wrap": True, **_INPUT},
}
