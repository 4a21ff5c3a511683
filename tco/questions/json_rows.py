"""Scenarios side by side as JSON has them, and their answers as JSON, part by part."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from tco.analysis.sweep.rows import CARRIED, Rows, answered, column_problems
from tco.analysis.sweep.sources import FrameRows
from tco.errors import InputError, Problem, shown
from tco.inputs.entry import note_problem
from tco.inputs.lines import Line, lines_of
from tco.inputs.tables import not_text
from tco.market.catalogue import Catalogue
from tco.questions.answer import document
from tco.questions.asked import LINES
from tco.questions.columns import ANSWERS
from tco.questions.fields import WHOLE
from tco.scenario.documents import scenarios_in

if TYPE_CHECKING:
    import pandas as pd

# Results that are whole numbers, as the answer to one scenario has them.
_WHOLE = {one.name for one in ANSWERS if one.kind == WHOLE}
_NAME, _INPUTS, _SCENARIOS = "name", "inputs", "scenarios"
_NULL, _ENCODER = "null", json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class JsonRows(FrameRows):
    """Objects of inputs by name; a row with what is no value of any input is refused.

    >>> rows = JsonRows(["gpu", "gpus"], [{"gpu": "L4"}, {"gpus": [8]}])
    >>> rows.size, rows.refused
    (2, {1: 'gpus = [8] is a table: give one value'})
    """

    def __init__(self, header: Sequence[str], objects: Iterable[Mapping[str, Any]]) -> None:
        import pandas as pd

        found = {}
        plain = []
        for at, given in enumerate(objects):
            if why := "\n".join(_wrong(given)):
                found[at] = why
            plain.append([None if at in found else given.get(name) for name in header])
        super().__init__(pd.DataFrame(plain, columns=list(header)))
        self.refused = found


def _wrong(given: Mapping[str, Any]) -> Iterator[str]:
    """What of an object can be in no cell."""
    for name, value in given.items():
        if isinstance(value, list | dict):
            yield f"{name} = {shown(value)} is a table: give one value"
        elif isinstance(value, str) and (why := not_text(value)):
            yield f"{name} = {shown(value)}: {why}"
        elif name in CARRIED and isinstance(value, str) and (why := note_problem(value)):
            yield f"{name} {why}"


def is_table(given: Any) -> bool:
    """Whether a document has a row for each scenario: a list, or a document of several.

    >>> is_table([{}]), is_table({"gpu": "L4"}), is_table({"inputs": {"gpu": ["L4", "T4"]}})
    (True, False, True)
    """
    if not isinstance(given, dict):
        return isinstance(given, list)
    inputs = given.get(_INPUTS)
    if isinstance(inputs, dict):
        return any(isinstance(x, list) for name, x in inputs.items() if name != LINES)
    return _SCENARIOS in given


@dataclass(frozen=True)
class Objects:
    """The rows of such a document: `part` gives those from a place to another, made when asked for.

    All rows have the `lines`.
    """

    header: list[str]
    size: int
    part: Callable[[int, int], list[dict[str, Any]]]
    lines: tuple[Line, ...] = ()

    def chunks(self, rows: int) -> Iterator[JsonRows]:
        """So many rows at a time; at least none. InputError for names that are none of inputs."""
        if problems := column_problems(self.header):
            raise InputError(Problem("body", problem) for problem in problems)
        starts = range(0, self.size or 1, rows)
        return (JsonRows(self.header, self.part(at, at + rows)) for at in starts)


def objects_of(given: Any) -> Objects:
    """The rows of such a document; InputError where it is none.

    >>> objects_of({"schema_version": 1, "inputs": {"gpu": ["L4", "T4"], "gpus": 8}}).part(0, 9)
    [{'gpu': 'L4', 'gpus': 8}, {'gpu': 'T4', 'gpus': 8}]
    """
    if isinstance(given, list):
        wrong = next((at for at, one in enumerate(given) if not isinstance(one, dict)), None)
        if wrong is not None:
            told = f'{shown(given[wrong])} is no object of inputs such as {{"gpu": "L4"}}'
            raise _refusal(f"element {wrong + 1:,}: {told}")
        return _listed(given)
    found = scenarios_in(given)
    if _SCENARIOS not in given:
        ((_, inputs),) = found
        return _side_by_side(inputs, lines_of(inputs.pop(LINES, ())))
    if any(LINES in inputs for _, inputs in found):
        raise _refusal("lines are taken with one scenario only: ask one at a time")
    return _listed([{_NAME: name, **inputs} for name, inputs in found])


def _listed(objects: list[dict[str, Any]]) -> Objects:
    if not objects:
        raise _refusal("the list is empty: give an object of inputs for each row")
    header = dict.fromkeys(name for one in objects for name in one)
    return Objects([*header], len(objects), lambda start, stop: objects[start:stop])


def _side_by_side(inputs: dict[str, Any], lines: tuple[Line, ...]) -> Objects:
    """A table of one value or a list of values an input."""
    sizes = {len(x) for x in inputs.values() if isinstance(x, list)} - {1}
    if len(sizes) > 1:
        raise _refusal(f"lists of {', '.join(map(str, sorted(sizes)))} values cannot be combined")
    (size,) = sizes or {1}
    single = {name: x[0] for name, x in inputs.items() if isinstance(x, list) and len(x) == 1}
    columns = {**inputs, **(single if size != 1 else {})}

    def part(start: int, stop: int) -> list[dict[str, Any]]:
        cells = {
            name: x[start:stop] if isinstance(x, list) else [x] * (min(stop, size) - start)
            for name, x in columns.items()
        }
        return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]

    return Objects([*columns], size, part, lines)


def json_parts(
    chunks: Iterable[Rows], catalogue: Catalogue, own_lines: tuple[Line, ...] = ()
) -> Iterator[str]:
    """The answers to rows as one JSON document in parts: what made it, and `rows`.

    A row has what was given, every result, `error` and `notes`, as a table of CSV has them.
    """
    before = f'{_text(document(catalogue))[:-1]},"rows":[\n'
    for chunk in chunks:
        answers = answered(chunk, catalogue, notes=True, own_lines=own_lines)
        columns = {
            name: _texts(frame[name], name in _WHOLE)
            for frame in (chunk.frame(), answers)
            for name in frame.columns
        }
        # The text of a row around its values, which is much faster than an object of each row.
        names = (_text(name).replace("%", "%%") for name in columns)
        row = f"{{{','.join(f'{name}:%s' for name in names)}}}"
        text = ",\n".join(map(row.__mod__, zip(*columns.values(), strict=True)))
        if text:
            yield f"{before}{text}"
            before = ",\n"
    yield "\n]}\n" if before == ",\n" else f"{before}]}}\n"


def _texts(column: pd.Series[Any], is_whole: bool = False) -> Sequence[str]:
    """The values of a column as JSON; null for what is not there or infinite."""
    import pandas as pd

    if column.dtype.kind == "f":
        return _number_texts(column.to_numpy(), is_whole)
    if isinstance(column.dtype, (pd.CategoricalDtype, pd.StringDtype)):
        codes, values = pd.factorize(column)
        texts = [*map(_text, values.tolist()), _NULL]  # -1 is the last
        return [texts[code] for code in codes.tolist()]
    known, plain = (~column.isna()).tolist(), column.astype(object)
    return [_text(x) if is_known else _NULL for x, is_known in zip(plain, known, strict=True)]


def _number_texts(line: Any, is_whole: bool = False) -> list[str]:
    """Numbers as JSON: the shortest texts that read back the same."""
    import numpy as np

    texts = list(map(repr, (line + 0.0).tolist()))  # there is no -0
    for at in np.flatnonzero(~np.isfinite(line)).tolist():
        texts[at] = _NULL
    return [text.removesuffix(".0") for text in texts] if is_whole else texts


def _text(value: Any) -> str:
    """A value as JSON; null for an infinite number."""
    is_finite = not isinstance(value, float) or isfinite(value)
    return _ENCODER.encode(value) if is_finite else _NULL


def _refusal(message: str) -> InputError:
    return InputError([Problem("body", f"body: {message}")])
