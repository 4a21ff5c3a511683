"""How a table looks in a terminal: as many columns as fit, or with --wide all of them.

What writes the cells is loaded for a table: the tab key and `--help` need none.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tco.cli.help import width
from tco.cli.streams import say
from tco.cli.tables import COLUMNS, label
from tco.words.figures import counted, wrapped

if TYPE_CHECKING:
    from tco.questions import Answered

# Where a command keeps that all columns are asked for.
WIDE = "tco.wide"
# A cell of all columns is cut behind so many characters; a text that is cut keeps so many.
_WIDEST, _LEAST_TEXT = 60, 20
_GAP, _CUT, _UNKNOWN = 2, "…", "–"


def is_wide() -> bool:
    """Whether all columns are written: with --wide, and into files."""
    context = click.get_current_context(silent=True)
    if context is None:
        return False
    return bool(context.meta.get(WIDE)) or context.params.get("output", "-") != "-"


def table(frame: Any, name: str = "") -> str:
    """A frame for a terminal, in the currency shown; a single row of a result as a list.

    `name` is that of the table in `tco.cli.tables`, without which every column may stand.
    """
    if is_wide():
        from tco.questions import records
        from tco.report.currency import in_currency
        from tco.words.currencies import conversion

        frame = in_currency(frame, conversion())
        shown = tuple(frame.columns)
        return _all_of(shown, [tuple(row[one] for one in shown) for row in records(frame)])
    if name == "flips" and len(frame):
        return _flips(frame)
    return _table(frame, name)


def _flips(frame: Any) -> str:
    """The inputs that can change the answer, and how many cannot."""
    from tco.report.risk_tables import turning_first

    frame = turning_first(frame)
    turning = frame["flip"].notna()
    parts = [_table(frame[turning], "flips")] if turning.any() else []
    if others := int((~turning).sum()):
        told = f"{counted(others, 'other input')} cannot change the answer alone"
        parts.append(fitted(f"{told}; --wide lists every input."))
    return "\n".join(parts)


def _table(frame: Any, name: str) -> str:
    rows = frame.astype(object).to_dict("records")
    if len(rows) == 1 and name not in COLUMNS:
        return listed(rows[0])
    columns = [one for one in COLUMNS.get(name, tuple(frame.columns)) if one in frame]
    cells = [[_text(one, row) for one in columns] for row in rows]
    kept = [at for at in range(len(columns)) if any(row[at] for row in cells)]
    columns = [columns[at] for at in kept]
    cells = [[row[at] for at in kept] for row in cells]
    # To the left what is text in any row: words, dates.
    is_text = [any(isinstance(row[one], str) for row in rows) for one in columns]
    heads = [label(one, name) for one in columns]
    return _fitted(heads, cells, is_text, len(frame.columns))


def _text(name: str, row: Mapping[str, Any]) -> str:
    """A cell; a name of a row of a summary is what it is called."""
    from tco.cli.cells import written

    value = row[name]
    if name == "name" and set(row) == {"name", "value", "unit"}:
        return label(str(value))
    return _line(written(name, value, row))


def listed(results: Mapping[str, Any], table_name: str = "") -> str:
    """The results of one answer, one a line; a long text goes on below."""
    rows = [(label(name, table_name), _text(name, results) or _UNKNOWN) for name in results]
    margin = max(len(name) for name, _ in rows) + _GAP
    lines = []
    for name, text in rows:
        first, *more = wrapped(text, width() - margin) or [""]
        lines += [f"{name:<{margin}}{first}", *(f"{'':<{margin}}{line}" for line in more)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def aligned(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Rows under their header, within the terminal unless all is asked for: long texts are cut."""
    cells = [[_line(_plain(value)) for value in row] for row in rows]
    if is_wide():
        return _all_of(header, rows)
    return _fitted(list(header), cells, [True] * len(header), len(header))


def fitted(text: str) -> str:
    """A text within the terminal: long sentences go on below, a last column below itself."""
    if is_wide():
        return text if text.endswith("\n") else f"{text}\n"
    lines: list[str] = []
    for line in text.splitlines():
        margin = 0
        if len(line) > width():
            gap = max(line.rfind("  ", 0, width() - _LEAST_TEXT), 0)
            margin = gap + _GAP if gap else 0
        indent = " " * margin
        first, *more = wrapped(line[margin:], width() - margin) or [""]
        lines += [f"{line[:margin]}{first}", *(f"{indent}{one}" for one in more)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def answering(sentence: str) -> str:
    """The sentence that answers, before its tables; none with --wide, and in files."""
    return "" if is_wide() or not sentence else fitted(sentence)


def said_first(found: Answered) -> str:
    """What is read before the tables of an answer; with --wide, and in files, remarks alone."""
    return answering(found.lead) + "".join(map(fitted, found.sentences))


def at_rate(text: str) -> str:
    """A text with amounts, and behind it, unless it says so, at which rate they are converted."""
    from tco.words.currencies import conversion, sign

    found = conversion()
    if found is None or found.sentence in " ".join(text.split()):
        return text
    marks = (sign().strip(), found.currency, f"_{found.currency.lower()}")
    if not any(mark in text for mark in marks):
        return text
    return f"{text}\n{fitted(found.sentence)}"


def _plain(value: Any) -> str:
    from tco.report.csv import cell

    return f"{value:.6g}" if isinstance(value, float) else cell(value)


def _line(text: str) -> str:
    return " ".join(text.split("\n"))


def _fitted(
    heads: Sequence[str], cells: Sequence[Sequence[str]], is_text: Sequence[bool], of_all: int
) -> str:
    """Columns from the first on as far as they fit; long texts are cut to what is left."""
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    least = [
        max(len(head), min(wide, _LEAST_TEXT)) if to_left else wide
        for head, wide, to_left in zip(heads, widths, is_text, strict=True)
    ]
    room = width()
    while len(least) > 1 and _needed(least) > room:
        least.pop()
    widths = widths[: len(least)]
    while (over := _needed(widths) - room) > 0:
        at = max(range(len(widths)), key=lambda one: widths[one] - least[one])
        if widths[at] == least[at]:
            break
        widths[at] = max(least[at], widths[at] - over)
    if len(widths) < of_all and sys.stderr is not None and sys.stderr.isatty():
        more = "--wide shows all, -o FILE or --format csv writes all"
        say(f"tco: {len(widths)} of {of_all} columns shown: {more}")
    lines = []
    for row in (heads, *cells) if any(heads) else cells:
        texts = [
            f"{_cut(text, wide):<{wide}}" if to_left else f"{text:>{wide}}"
            for text, wide, to_left in zip(row, widths, is_text, strict=False)
        ]
        lines.append((" " * _GAP).join(texts).rstrip())
    return "".join(f"{line}\n" for line in lines)


def _needed(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _cut(text: str, wide: int) -> str:
    return text if len(text) <= wide else f"{text[: wide - 1].rstrip()}{_CUT}"


def _all_of(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Every column by its name; numbers with six significant figures, long cells cut."""
    lines = [header, *([_plain(x) for x in row] for row in rows)]
    widths = [min(_WIDEST, max(len(line[at]) for line in lines)) for at in range(len(header))]
    return "".join(
        "  ".join(text.ljust(wide) for text, wide in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )
