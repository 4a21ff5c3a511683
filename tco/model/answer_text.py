"""A break-even as people read it in a shell and a notebook: the sentence, then what it rests on.

Python, the shell and notebooks show the same rows, in whole dollars and by the names of a report.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.inputs import INPUTS, PRICE, PRICES, RATE
from tco.words import of_owner, same_cost, sentences, tax_words
from tco.words.figures import (
    counted,
    dollars,
    in_columns,
    number,
    period,
    rate_text,
    spoken,
    wrapped,
)
from tco.words.remarks import providers_behind
from tco.words.results import RESULT_WORDS, SAME_COST, SAVED_LABELS, SAVED_NOTHING

if TYPE_CHECKING:
    from tco.model.breakeven import Breakeven

# A row: what it is called, its value, and what is to be known beside it.
Row = tuple[str, str, str]
# So wide is a text where nobody says; so many lines follow the sentence at most.
WIDTH = 100
MOST_LINES = 15


@dataclass(frozen=True)
class AnswerText:
    """One answer in words: the sentence, what is compared, the figures, and remarks.

    `notes` are what is odd about values, most telling first; `more` says where all of it stands.
    """

    sentence: str
    compared: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]
    notes: tuple[str, ...]
    more: str

    def text(self, width: int = WIDTH, more: str = "") -> str:
        """The sentence and at most 15 lines, each within the width; `more` instead of its own.

        Where there are more remarks than room, the first and the notes are told before the others.
        """
        rows = in_columns(self.rows, "<><").splitlines()
        first, *others = self.remarks
        parts = [first, *self._noted(), *others, more or self.more]
        reading = [first, *others, *self._noted(), more or self.more]
        room, told = MOST_LINES - 2 - len(rows), set[str]()
        for part in dict.fromkeys(parts):
            if len(wrapped(part, width)) <= room:
                room -= len(wrapped(part, width))
                told.add(part)
        lines = [*wrapped(self.sentence, width), "", self.compared, *rows]
        for part in reading:
            lines += wrapped(part, width) if part in told else []
        return "\n".join(lines)

    def _noted(self) -> list[str]:
        """The first of the notes, and how many more there are."""
        if not self.notes:
            return []
        more = len(self.notes) - 1
        return [f"Note: {self.notes[0]}" + (f" ({counted(more, 'more note')})" if more else "")]

    def html(self) -> str:
        """The same for a notebook."""
        said = [f"Note: {note}" for note in self.notes]
        below = "".join(f"<p>{html.escape(line)}</p>" for line in (*self.remarks, *said, self.more))
        cells = "".join(
            f"<tr><th style='text-align:left'>{html.escape(label)}</th>"
            f"<td style='text-align:right'>{html.escape(value)}</td>"
            f"<td style='text-align:left'>{html.escape(beside)}</td></tr>"
            for label, value, beside in self.rows
        )
        head = f"<p><strong>{html.escape(self.sentence)}</strong></p>"
        return f"{head}<p>{html.escape(self.compared)}</p><table>{cells}</table>{below}"


def answer_text(answer: Breakeven) -> AnswerText:
    """What is said of one scenario, in the currency in force.

    >>> from tco.model.breakeven import breakeven
    >>> told = answer_text(breakeven(gpu="L4", utilization=0.6, as_of="2026-11-21"))
    >>> told.sentence.partition(" costs ")[0]
    'Buy: at 60 % utilization, buying wins if renting'
    >>> [label for label, _, _ in told.rows][:3]
    ['Cost of owning', 'Cost of renting', 'Saved by buying']
    """
    values = answer.scenario.values()
    example = "Example: none of the inputs are yours. " if answer.scenario.is_example else ""
    reason = answer.reason or ""
    first = reason.partition(". ")[0].removesuffix(".")
    rows = tuple(
        (of_owner(label, values), value, of_owner(beside, values))
        for label, value, beside in _rows(answer, values)
    )
    found = answer.scenario.conversion
    told = {}
    if math.isfinite(answer.own_usd_per_gpu_hour):
        told = sentences(values, vars(answer), answer.turn, rates=answer.rates)
    remarks = (
        *([told["turn"]] if told.get("turn") else []),
        f"{dates(answer)}.",
        *([found.sentence] if found else []),
        *([told["conflict"]] if told.get("conflict") else []),
    )
    gpus = f"{values['gpus']:,} × {values['gpu']}"
    over = f"{period(values['horizon_months'])}, in present values {tax_words(values)}"
    return AnswerText(
        sentence=f"{example}{first}.",
        compared=f"{gpus} over {over}:",
        rows=rows,
        remarks=remarks,
        notes=tuple(answer.notes),
        more="More: answer.reason, answer.to_dict(), tco.flips(answer.scenario), "
        "tco.options(answer.scenario)",
    )


def dates(answer: Breakeven) -> str:
    """How old the two prices are that the answer rests on most."""
    resolved = answer.scenario.resolved()
    ages = [
        f"{said} {resolved[name].as_of or 'yours'}"
        for said, name in zip(("purchase price", "rental rate"), PRICES, strict=True)
    ]
    behind = providers_behind(resolved[RATE].providers, resolved[RATE].discounts)
    return f"Data as of {answer.as_of}: {', '.join(ages)}{behind}"


def _rows(answer: Any, values: dict[str, Any]) -> Iterable[Row]:
    saving, gpus = answer.npv_saving_usd, values["gpus"]
    for name, cost, hourly in (
        ("own_npv_usd", answer.own_npv_usd, answer.own_usd_per_gpu_hour),
        ("rent_npv_usd", answer.rent_npv_usd, answer.rent_usd_per_gpu_hour),
    ):
        per = f"{rate_text(hourly)} per busy GPU-hour" if math.isfinite(hourly) else "no busy hours"
        yield RESULT_WORDS[name].short, dollars(cost), per
    if same_cost(saving, answer.own_npv_usd, answer.rent_npv_usd):
        yield SAVED_LABELS["neither"], SAVED_NOTHING, SAME_COST
    else:
        each = f"{dollars(abs(saving) / gpus)} per GPU" if gpus > 1 else ""
        yield SAVED_LABELS["buying" if saving > 0 else "renting"], dollars(abs(saving)), each
    yield RESULT_WORDS["months"].short, *_payback(answer)
    for name, root in (
        (RATE, "breakeven_rate_usd_per_gpu_hour"),
        (PRICE, "breakeven_price_usd_per_gpu"),
        ("utilization", "breakeven_utilization"),
    ):
        declared = INPUTS[name]
        shown = _at(declared, getattr(answer, root))
        yield RESULT_WORDS[root].short, shown, f"now {_at(declared, values[name])}"


def _at(declared: Any, value: float) -> str:
    """A value of an input, to the dollar; none where there is none that one can have."""
    if not math.isfinite(value) or not declared.contains(value):
        return "none"
    if declared.name == PRICE:
        return dollars(value)
    return str(spoken(declared.shown(value), declared.shown_unit))


def _payback(answer: Any) -> tuple[str, str]:
    """When buying has paid back; where it does not, from when on it would if one sold then."""
    if answer.status == "immediate":
        return "at once", "owning is ahead from day one"
    if answer.status == "breaks_even":
        return f"month {number(answer.months)}", f"{answer.hours:,.0f} busy hours per GPU"
    if math.isfinite(answer.exit_months):
        return "never", f"unless sold: cheaper from month {number(answer.exit_months)} on"
    return "never", f"within {period(answer.scenario.values()['horizon_months'])}"
