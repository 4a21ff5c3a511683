"""Tables of scenarios: one shape, one belief a row, and the kernel run in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tco.columns import common_shape, flatten
from tco.errors import Problem
from tco.inputs import INPUTS, Inputs

if TYPE_CHECKING:
    from tco.market.choice import Question
    from tco.market.records import Belief
    from tco.scenario import Scenario

# Scenarios a block: the arrays of one block stay in the processor's cache.
BLOCK = 16_384


def shape_problems(given: dict[str, Any]) -> list[Problem]:
    """Arrays that do not fit together, and keys that the catalogue does not have."""
    from tco.market.choice import unknown_keys

    shape, _index, problems = common_shape(given)
    if problems:
        return problems
    questions, row = _questions(given, shape)
    found: dict[str, Problem] = {}
    for at, question in enumerate(questions):
        for problem in unknown_keys(question):
            rows = np.flatnonzero(row == at) if hasattr(given[problem.input], "shape") else []
            known = found.get(problem.message)
            before = known.rows or () if known else ()
            found[problem.message] = Problem(
                problem.input,
                problem.message,
                (*before, *(int(r) for r in rows)) or None,
            )
    return list(found.values())


def _questions(given: dict[str, Any], shape: tuple[int, ...]) -> tuple[list[Question], Any]:
    """The different questions that the rows ask of the catalogue, and which one each row asks."""
    from tco.market.choice import QUESTION_INPUTS, Question

    import pandas as pd

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
    for code in asked.tolist():
        fixed = {name: given.get(name) for name in QUESTION_INPUTS if name not in levels}
        for name, known in reversed(levels.items()):
            code, place = divmod(code, len(known))
            fixed[name] = known[place]
        questions.append(Question(**fixed))
    return questions, row


def table_beliefs(scenario: Scenario) -> dict[str, Belief]:
    """A belief for every input; its value is an array where the rows can differ."""
    from tco.market.choice import CHOSEN, Question, beliefs

    given = scenario.given
    shape, index, _ = common_shape(given)
    questions, row = _questions(given, shape)
    answers = [beliefs(question) for question in questions] or [beliefs(Question())]
    varied = any(hasattr(given.get(name), "shape") for name in ("as_of",))
    alike = not any(hasattr(given.get(name), "shape") for name in Question.__dataclass_fields__)
    found = {}
    for name in INPUTS:
        first = answers[0][name]
        if alike or not (varied or name in CHOSEN):
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
    return Belief(value, status, ids, max(b.as_of for b in rows), note)


def solve_table(
    values: dict[str, Any], shape: tuple[int, ...], block: int = BLOCK
) -> dict[str, Any]:
    """Every result as an array of the common shape; memory beyond the results is one block's.

    `status` and `verdict` are positions in STATUSES and VERDICTS.
    """
    from tco.solution import solve

    size = int(np.prod(shape))
    if not size:
        from tco.answer import RESULTS

        return {name: np.empty(shape, dtype=np.float64) for name in RESULTS}
    lines = {name: flatten(value, shape) for name, value in values.items()}
    results: dict[str, Any] = {}
    for start in range(0, size, block):
        part = slice(start, min(start + block, size))
        cut = {k: x[part] if hasattr(x, "shape") else x for k, x in lines.items()}
        with np.errstate(all="ignore"):
            solved, _ = solve(Inputs.of(cut))
        for name, value in solved.items():
            if name not in results:
                whole = name in ("status", "verdict")
                results[name] = np.empty(size, dtype=np.int8 if whole else np.float64)
            results[name][part] = value
    return {name: line.reshape(shape) for name, line in results.items()}


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


def labelled(positions: Any, levels: tuple[str, ...]) -> Any:
    """Positions in the levels as a categorical; words in an array of another shape than a line."""
    if positions.ndim == 1:
        import pandas as pd

        return pd.Categorical.from_codes(positions.astype(np.int8), categories=list(levels))
    return np.array(levels, dtype=object)[positions.astype(np.int8)]
