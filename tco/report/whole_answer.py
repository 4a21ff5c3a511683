"""Every result of a break-even, by its label and its name, to four decimals."""

from __future__ import annotations

import math

from tco.analysis.simulation import Simulation
from tco.model.answer_text import dates
from tco.model.breakeven import Breakeven
from tco.words import tax_words
from tco.words.currencies import of_unit
from tco.words.figures import in_columns, tabled
from tco.words.finance import NO_VALUE
from tco.words.results import ODDS_WORDS, RESULT_WORDS

# What is no figure, and stands above them.
_REASON = "reason"


def whole_text(answer: Breakeven, odds: Simulation | None = None) -> str:
    """Why, of when the prices are, every note, and every result; below an amount it converted.

    >>> from tco.model.breakeven import breakeven
    >>> whole_text(breakeven(gpu="L4", utilization=0.6)).splitlines()[-1].split()[:3]
    ['Racks', 'occupied', '0.0714']
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
    for name, said in RESULT_WORDS.items():
        value, unit = getattr(answer, name), said.unit
        if name == _REASON:
            continue
        if isinstance(value, str):
            rows.append((said.label, value, unit, name))
            continue
        shown = NO_VALUE.get(unit, "none") if math.isinf(value) else tabled(value)
        rows.append((said.label, shown, unit, name))
        if found and of_unit(unit) and math.isfinite(value):
            told = tabled(value * found.fx_rate)
            rows.append((said.label, told, found.unit(unit), found.name(name)))
    for name, said in ODDS_WORDS.items() if odds else ():
        value = getattr(odds, name)
        shown = tabled(value) if isinstance(value, float) else value or "none"
        if name != "median_future":
            rows.append((said.label, shown, said.unit, name))
    return rows
