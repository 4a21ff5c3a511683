"""Every result of a break-even, by its label and its name, to four decimals."""

from __future__ import annotations

import math

from tco.analysis.simulation import Simulation
from tco.model.answer_text import dates
from tco.model.breakeven import Breakeven
from tco.report.schema import ODDS_MEANINGS, RESULT_LABELS, RESULT_MEANINGS
from tco.words import tax_words
from tco.words.currencies import of_unit
from tco.words.figures import in_columns, tabled

# What is no figure, and stands above them.
_REASON = "reason"


def whole_text(answer: Breakeven, odds: Simulation | None = None) -> str:
    """Why, of when the prices are, every note, and every result; below an amount it converted.

    >>> from tco.model.breakeven import breakeven
    >>> whole_text(breakeven(gpu="L4", utilization=0.6)).splitlines()[-1].split()[:2]
    ['Racks', '0.0714']
    """
    found = answer.scenario.conversion
    lines = [
        answer.reason or "",
        f"{dates(answer)}; {tax_words(answer.scenario.values())}.",
        *([found.sentence] if found else []),
        *(f"Note: {note}" for note in answer.notes),
    ]
    return "".join(f"{line}\n" for line in (*lines, "")) + in_columns(_rows(answer, odds), "<><<")


def _rows(answer: Breakeven, odds: Simulation | None) -> list[tuple[str, str, str, str]]:
    found, rows = answer.scenario.conversion, list[tuple[str, str, str, str]]()
    for name, (unit, _) in RESULT_MEANINGS.items():
        value = getattr(answer, name)
        if name == _REASON:
            continue
        if isinstance(value, str):
            rows.append((RESULT_LABELS[name], value, unit, name))
            continue
        shown = "none" if math.isinf(value) else tabled(value)
        rows.append((RESULT_LABELS[name], shown, unit, name))
        if found and of_unit(unit) and math.isfinite(value):
            told = tabled(value * found.fx_rate)
            rows.append((RESULT_LABELS[name], told, found.unit(unit), found.name(name)))
    for name, (unit, _) in ODDS_MEANINGS.items() if odds else ():
        value = getattr(odds, name)
        shown = tabled(value) if isinstance(value, float) else value or "none"
        if name != "median_future":
            rows.append((RESULT_LABELS[name], shown, unit, name))
    return rows
