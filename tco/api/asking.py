"""What a request asks, read strictly, and the answer in the format that it wants.

An address or a document comes from anybody: what is unknown, given twice, too much or not to be
read is refused, with everything that is wrong in one list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tco.errors import InputError, Problem, shown, suggestion
from tco.inputs import FORMER_NAMES, TAKEN
from tco.inputs.declaration import midpoint_of
from tco.market.catalogue import Catalogue
from tco.questions import QUESTIONS, Answered, Question, data_of
from tco.questions.tables import csv_parts
from tco.report.csv import cell
from tco.scenario import Scenario
from tco.scenario.documents import inputs_in, parsed
from tco.scenario.link import verified
from tco.sheets.functions import RESULTS, cells_of

if TYPE_CHECKING:
    from tco.analysis.sweep.rows import Rows

# The question whose table has a row for each scenario, of which there may be many.
BREAKEVEN = "breakeven"
JSON, CSV, TEXT = "json", "csv", "txt"
MEDIA = {
    JSON: "application/json",
    CSV: "text/csv; charset=utf-8; header=present",
    TEXT: "text/plain; charset=utf-8",
}
# What an address takes besides what is asked, by its ending.
TABLE, RESULT = "table", "result"
# Parameters of an address, and the most of their names that are told to be wrong in one way.
MOST_PARAMETERS, _MOST_NAMES = 500, 20
# Objects and lists of a document: more than there are rows in a table of any.
MOST_OBJECTS = 250_000
# Names and values of a document: more than fit into a table that may be sent.
MOST_VALUES = 4_000_000
# Small objects of plain values, by their marks; any other text, and the colon after a name.
_OBJECTS_AND_TEXTS = re.compile(
    rb'\{(?:[^{}"]++|"(?:[^"\\]++|\\.)*+"){0,1000}+\}|"(?:[^"\\]++|\\.)*+(?:"|\Z)(\s*+:)?',
    re.DOTALL,
)
# Months of all draws that are answered, each with ten lines less of them.
_MOST_MONTHS = 65_536 * 60
# What takes long, and the most of it that is answered while others wait.
CAPS = {"draws": 65_536, "points": 101}
_INPUTS, _VERSION = "inputs", "schema_version"


def _capped(question: Question) -> Question:
    """A question that takes no more than CAPS of what takes long."""
    takes = (
        replace(one, domain=one.domain._replace(high=CAPS[one.name]))
        if one.domain and one.name in CAPS
        else one
        for one in question.takes
    )
    answer = _simulated if question.name == "simulate" else question.answer
    return replace(question, takes=tuple(takes), answer=answer)


def _simulated(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    """A simulation; InputError for draws of so many months and lines that others would wait."""
    months, lines = scenario.values()["horizon_months"], len(scenario.lines)
    most = int(_MOST_MONTHS / (midpoint_of(months) * (1 + lines / 10)))
    draws = asked.get("draws", 0)
    if draws > most:
        with_them = f" and {lines} lines of your own" if lines else ""
        told = f"over {midpoint_of(months):g} months{with_them} at most {most:,} over HTTP"
        raise _refusal("draws", f"draws = {draws:,}: {told}; the command tco takes more")
    answered: Answered = QUESTIONS["simulate"].answer(scenario, asked)
    return answered


# The questions as they are answered here, by name.
ASKED = {name: _capped(question) for name, question in QUESTIONS.items()}


@dataclass(frozen=True)
class Wanted:
    """A question and the format of its answer: an address without its query."""

    question: Question
    ending: str

    @property
    def media(self) -> str:
        """The media type of the answer."""
        return MEDIA[self.ending]

    @property
    def beside(self) -> tuple[str, ...]:
        """What the address takes besides what is asked."""
        if self.ending == TEXT:
            return (RESULT,)
        return (TABLE,) if self.ending == CSV and self.question.name != BREAKEVEN else ()


def wanted(path: str) -> Wanted | None:
    """What the last part of an address stands for; None where there is nothing.

    >>> wanted("ledger.csv").ending, wanted("ledger").ending, wanted("rack.txt")
    ('csv', 'json', None)
    """
    name, dot, ending = path.partition(".")
    question = ASKED.get(name)
    if question is None or (dot and ending not in endings(question)):
        return None
    return Wanted(question, ending or JSON)


def endings(question: Question) -> tuple[str, ...]:
    """The formats in which a question is answered.

    >>> endings(ASKED["breakeven"]), endings(ASKED["rack"])
    (('json', 'csv', 'txt'), ('json', 'csv'))
    """
    if question.name == BREAKEVEN:
        return (JSON, CSV, TEXT)
    return (JSON, CSV) if question.tables else (JSON,)


def texts_of(query: bytes) -> tuple[dict[str, str], list[Problem]]:
    """The parameters of an address, and a problem for each that is given twice.

    InputError where it cannot be read at all.

    >>> texts_of(b"gpu=L4&utilization=60%25")
    ({'gpu': 'L4', 'utilization': '60%'}, [])
    """
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise _refusal("query", "the query is not percent-encoded UTF-8 text") from None
    except ValueError:
        message = f"the query has more than {MOST_PARAMETERS} parameters"
        raise _refusal("query", message) from None
    found: dict[str, str] = {}
    twice: dict[str, Problem] = {}
    for name, text in pairs:
        if name in found and name not in twice:
            twice[name] = Problem(name, f"{shown(name)} is given twice: give it once")
        found[name] = text
    return found, [*twice.values()][:_MOST_NAMES]


@contextmanager
def beside(problems: Iterable[Problem]) -> Iterator[None]:
    """Around what is read: InputError for its problems together with these, which come first.

    >>> with beside([Problem("gpu", "gpu is given twice")]):
    ...     raise InputError([Problem("pue", "pue is too low")])
    Traceback (most recent call last):
    tco.errors.InputError: gpu is given twice
    pue is too low
    """
    told = [*problems]
    names = {one.input for one in told}
    try:
        yield
    except InputError as wrong:
        others = (one for one in wrong.problems if one.input not in names)
        raise InputError([*told, *others]) from None
    if told:
        raise InputError(told)


def document_of(body: bytes) -> Any:
    """What a body of JSON says; InputError for what is none.

    One of very many objects, lists, names or values would fill the memory as it is read.
    """
    objects, values = body.count(b"{") + body.count(b"["), body.count(b",") + body.count(b'"') // 2
    if objects > MOST_OBJECTS:
        raise _refusal("body", f"body: it has more than {MOST_OBJECTS:,} objects and lists")
    if values > MOST_VALUES:
        raise _refusal("body", f"body: it has more than {MOST_VALUES:,} names and values")
    if _open_names(body) > MOST_OBJECTS:
        raise _refusal("body", "body: it has objects of far too many names")
    try:
        return parsed(body.decode("utf-8"))
    except UnicodeDecodeError as wrong:
        message = f"the body is not UTF-8 text: {wrong.reason} at byte {wrong.start:,}"
        raise _refusal("body", message) from None
    except InputError as wrong:
        told = (problem.message.removeprefix("scenario: ") for problem in wrong.problems)
        raise InputError(Problem("body", f"body: {message}") for message in told) from None


def _open_names(body: bytes) -> int:
    """How many names can be those of objects that are large, or not ended before others begin.

    An object with many names takes memory for each of them until it ends.
    """
    return sum(1 for found in _OBJECTS_AND_TEXTS.finditer(body) if found[1])


# What answers, once everything is read.
Answer = Callable[[], bytes]


def read_texts(wanted: Wanted, texts: Mapping[str, str], catalogue: Catalogue) -> Answer:
    """What answers the parameters of an address, of which a link may be the whole.

    InputError lists everything that is wrong with them.
    """
    texts, more = _without(wanted, verified(texts))
    question, data = wanted.question, data_of(catalogue)
    if wanted.ending == TEXT:
        return _one_result(question, texts, more, data)
    if wanted.ending == CSV and question.name == BREAKEVEN:
        return _row(question, texts, data, catalogue)
    return _answer(wanted, more, lambda: question.read_texts(texts, data), texts)


def read_values(
    wanted: Wanted, query: Mapping[str, str], values: Any, catalogue: Catalogue
) -> Answer:
    """The same of an object of values, or a scenario document; `query` has what is beside."""
    strange, more = _without(wanted, query)
    told = "does not belong in the address of a POST: put it into the body"
    with beside(Problem(name, f"{shown(name)} {told}") for name in [*strange][:_MOST_NAMES]):
        if not isinstance(values, dict):
            raise _refusal("body", 'body: give one object of values, such as {"gpu": "L4"}')
        if _INPUTS in values and _VERSION in values and wanted.question.of_scenario:
            values = inputs_in(values)
        data = data_of(catalogue)
        if wanted.ending == CSV and wanted.question.name == BREAKEVEN:
            found = _row_of_values(wanted.question, values, data, catalogue)
        else:
            read = partial(wanted.question.read_values, values, data)
            found = _answer(wanted, more, read, values)
    return found


def _answer(
    wanted: Wanted,
    more: Mapping[str, str],
    read: Callable[[], tuple[Scenario, dict[str, Any]]],
    given: Mapping[str, Any],
) -> Answer:
    """The answer as JSON, or a table of it as CSV."""
    problems = list(_too_much(wanted.question, given))
    table = more.get(TABLE, "")
    if table and table not in wanted.question.tables:
        near = suggestion(table, wanted.question.tables)
        known = ", ".join(wanted.question.tables)
        problems.append(Problem(TABLE, f"table = {shown(table)} is none of {known}{near}"))
    try:
        scenario, asked = read()
    except InputError as wrong:
        told = {one.input for one in problems}
        problems += [one for one in wrong.problems if one.input not in told]
    if problems:
        raise InputError(problems)

    def answer() -> bytes:
        answered = wanted.question.of(scenario, asked)
        if wanted.ending == CSV:
            return answered.csv(table).encode("utf-8", "replace")
        return json_of(answered.document)

    return answer


def json_of(document: Any) -> bytes:
    """A document as JSON without spaces; what is no character stays as its escape."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def errors_of(problems: Any) -> dict[str, list[dict[str, Any]]]:
    """What is wrong, as every answer says it that is none.

    >>> errors_of([Problem("pue", "pue = 0.9 is outside [1, 3]")])
    {'errors': [{'input': 'pue', 'message': 'pue = 0.9 is outside [1, 3]'}]}
    """
    return {"errors": [{"input": one.input, "message": one.message} for one in problems]}


def _without(wanted: Wanted, texts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What is asked, and what the address takes besides."""
    asked = {name: text for name, text in texts.items() if name not in wanted.beside}
    return asked, {name: text for name, text in texts.items() if name in wanted.beside}


def _too_much(question: Question, given: Mapping[str, Any]) -> list[Problem]:
    """A problem for each thing of which there is more than CAPS; what is no number is another's."""
    problems = []
    for one in question.takes:
        if one.name not in CAPS or one.name not in given or not one.domain:
            continue
        try:
            number = one.checked(given[one.name])
        except (InputError, TypeError, OverflowError):
            continue
        if not one.domain.low <= number <= one.domain.high:
            more = "; the command tco takes more" if number > one.domain.high else ""
            told = f"{one.name} = {shown(number)} is outside {one.domain.text} over HTTP"
            problems.append(Problem(one.name, f"{told}: {one.meaning}{more}"))
    return problems


def _row(
    question: Question, texts: dict[str, str], data: dict[str, Any], catalogue: Catalogue
) -> Answer:
    """A header and one row, as a table of scenarios is answered."""
    from tco.analysis.sweep.csv_rows import CsvRows

    scenario, asked = question.read_texts(texts, data)
    named = ((FORMER_NAMES.get(name, name), text) for name, text in texts.items() if text.strip())
    cells = {name: text for name, text in named if name in TAKEN}
    cells = cells or {"gpu": ""}  # a table has a column at least
    rows = CsvRows([*cells], [[*cells.values()]], 1)
    return partial(_answered_row, rows, scenario, asked, catalogue)


def _row_of_values(
    question: Question, values: dict[str, Any], data: dict[str, Any], catalogue: Catalogue
) -> Answer:
    """The same of values."""
    from tco.questions.json_rows import JsonRows

    scenario, asked = question.read_values(values, data)
    named = {FORMER_NAMES.get(one, one): x for one, x in values.items() if x is not None}
    cells = {name: value for name, value in named.items() if name in TAKEN}
    cells = cells or {"gpu": None}
    rows = JsonRows([*cells], [cells])
    return partial(_answered_row, rows, scenario, asked, catalogue)


def _answered_row(
    rows: Rows, scenario: Scenario, asked: dict[str, Any], catalogue: Catalogue
) -> bytes:
    odds = asked.get("odds", False)
    parts = csv_parts([rows], catalogue, odds=odds, notes=True, own_lines=scenario.lines)
    return "".join(part.text for part in parts).encode("utf-8", "replace")


def _one_result(
    question: Question, texts: dict[str, str], more: Mapping[str, str], data: dict[str, Any]
) -> Answer:
    """One result as plain text, for a cell of a spreadsheet."""
    name = more.get(RESULT, "")
    problems = []
    if name not in RESULTS:
        near = suggestion(name, RESULTS)
        lacking = "result is missing: give one, such as verdict or npv_saving_usd"
        told = f"result = {shown(name)} is not a result{near}" if name else lacking
        problems.append(Problem(RESULT, told))
    try:
        scenario, _ = replace(question, takes=()).read_texts(texts, data)
    except InputError as wrong:
        problems += wrong.problems
    if problems:
        raise InputError(problems)

    def answer() -> bytes:
        (value,) = cells_of([name], scenario)
        return (value if isinstance(value, str) else cell(value)).encode("utf-8", "replace")

    return answer


def _refusal(name: str, message: str) -> InputError:
    return InputError([Problem(name, message)])
