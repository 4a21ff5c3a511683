"""Tables of scenarios: do their columns fit together, and what the data says of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tco.errors import Problem
from tco.inputs import INPUTS
from tco.inputs.checks import common_shape, flatten

if TYPE_CHECKING:
    from tco.market.catalogue import Catalogue
    from tco.market.choice import Question
    from tco.market.records import Belief


def shape_problems(given: dict[str, Any], catalogue: Catalogue) -> list[Problem]:
    """Arrays that do not fit together, and keys that the catalogue does not have."""
    from tco.market.choice import unknown_keys

    shape, _index, problems = common_shape(given)
    if problems:
        return problems
    questions, row = _questions(given, shape)
    found: dict[str, Problem] = {}
    for at, question in enumerate(questions):
        for problem in unknown_keys(question, catalogue):
            varies = hasattr(given[problem.input], "shape")
            rows = np.flatnonzero(row == at).tolist() if varies else []
            known = found.get(problem.message)
            before = known.rows or () if known else ()
            found[problem.message] = Problem(
                problem.input,
                problem.message,
                (*before, *rows) or None,
            )
    return [_placed(problem) for problem in found.values()]


def _placed(problem: Problem) -> Problem:
    """The problem with the first of its rows named."""
    if problem.rows is None:
        return problem
    named = problem.message.replace(problem.input, f"{problem.input}[{problem.rows[0]}]", 1)
    return Problem(problem.input, named, problem.rows)


def _questions(given: dict[str, Any], shape: tuple[int, ...]) -> tuple[list[Question], Any]:
    """The different questions that the rows ask of the catalogue, and which one each row asks."""
    import pandas as pd

    from tco.market.choice import QUESTION_INPUTS, Question

    size = int(np.prod(shape))
    row = np.zeros(size, dtype=np.int64)
    levels: dict[str, list[Any]] = {}
    for name in QUESTION_INPUTS:
        value = given.get(name)
        if hasattr(value, "shape"):
            codes, uniques = pd.factorize(flatten(value, shape))
            known = [int(u) if INPUTS[name].numeric else u for u in uniques]
            row, levels[name] = row * max(len(known), 1) + codes, known
    asked, row = np.unique(row, return_inverse=True)
    questions = []
    for asked_code in asked.tolist():
        code, fixed = (
            asked_code,
            {name: given.get(name) for name in QUESTION_INPUTS if name not in levels},
        )
        for name, known in reversed(levels.items()):
            code, place = divmod(code, len(known))
            fixed[name] = known[place]
        questions.append(Question(**fixed))
    return questions, row


def table_beliefs(given: dict[str, Any], catalogue: Catalogue) -> dict[str, Belief]:
    """A belief for every input; its value is an array where the rows can differ."""
    from tco.market.choice import CHOSEN, QUESTION_INPUTS, Question, beliefs

    shape, _index, _ = common_shape(given)
    questions, row = _questions(given, shape)
    answers = [beliefs(question, catalogue) for question in questions or [Question()]]
    differing = {name for name in QUESTION_INPUTS if hasattr(given.get(name), "shape")}
    found = {}
    for name in INPUTS:
        first = answers[0][name]
        if not differing or (name not in CHOSEN and "as_of" not in differing):
            found[name] = first
        else:
            found[name] = _joined([answer[name] for answer in answers], name, row, shape)
    return found


def _joined(rows: list[Belief], name: str, row: Any, shape: tuple[int, ...]) -> Belief:
    from tco.market.records import Belief

    kind = np.float64 if INPUTS[name].numeric else object
    value = np.array([b.value for b in rows], dtype=kind)[row].reshape(shape)
    first = rows[0]
    status = first.status if all(b.status == first.status for b in rows) else "mixed"
    ids = " ".join(dict.fromkeys(i for b in rows for i in b.source_id.split()))
    note = first.note if all(b.note == first.note for b in rows) else "differs by row"
    low = [b.low for b in rows if b.low is not None]
    high = [b.high for b in rows if b.high is not None]
    dated = max(b.as_of for b in rows)
    return Belief(value, status, ids, dated, note, min(low, default=None), max(high, default=None))


def differing(values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """The values that are not the same elsewhere; what is unknown is left out."""
    found = {}
    for name, value in values.items():
        other = others[name]
        if value is None or (INPUTS[name].numeric and np.isnan(np.asarray(value, float)).any()):
            continue
        if not np.array_equal(value, other):
            found[name] = value
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two sets of given inputs are equal, arrays element by element, indexes too."""
    if list(one) != list(other):
        return False
    for name, a in one.items():
        b = other[name]
        if hasattr(a, "equals") or hasattr(b, "equals"):
            if not (hasattr(a, "equals") and hasattr(b, "equals") and a.equals(b)):
                return False
        elif not np.array_equal(a, b):
            return False
    return True
