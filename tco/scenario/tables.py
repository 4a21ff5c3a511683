"""Tables of scenarios: do their columns fit together, and what the data says of each row."""

from __future__ import annotations

from typing import Any

import numpy as np

from tco.errors import Problem
from tco.finance.discounting import decline_of
from tco.inputs import AFTER, DECLINE, INPUTS, RESIDUAL
from tco.inputs.checks import clean, common_shape, flatten
from tco.market.catalogue import Catalogue
from tco.market.choice import CHOSEN, QUESTION_INPUTS, TERM_MONTHS, Question, resolve, unknown_keys
from tco.market.evidence import Resolved


def shape_problems(given: dict[str, Any], catalogue: Catalogue) -> list[Problem]:
    """Arrays that do not fit together, and keys that the catalog does not have."""
    shape, _index, problems = common_shape(given)
    if problems:
        return problems
    questions, row = questions_of(given, shape)
    found: dict[str, tuple[str, list[int]]] = {}
    for at, question in enumerate(questions):
        for problem in unknown_keys(question, catalogue, given):
            _, rows = found.setdefault(problem.message, (problem.input, []))
            if hasattr(given[problem.input], "shape"):
                rows += np.flatnonzero(row == at).tolist()
    return [
        Problem(name, message.replace(name, f"{name}[{rows[0]}]", 1), tuple(rows))
        if rows
        else Problem(name, message)
        for message, (name, rows) in found.items()
    ]


def declines(share: Any, months: Any) -> tuple[Any, list[Problem]]:
    """The yearly declines of a table that gives what share is left after so long, and problems."""
    shape, index, problems = common_shape({RESIDUAL: share, AFTER: months})
    if problems:
        return None, problems
    found = decline_of(flatten(share, shape), flatten(months, shape)).reshape(shape)
    if index is not None:
        import pandas as pd

        found = pd.Series(found, index=index)
    return clean(INPUTS[DECLINE], found)


def questions_of(given: dict[str, Any], shape: tuple[int, ...]) -> tuple[list[Question], Any]:
    """The different questions that the rows ask of the catalog, and which one each row asks."""
    import pandas as pd

    levels: dict[str, list[Any]] = {"": [None]}
    codes = [np.zeros(int(np.prod(shape)), np.int64)]
    for name in QUESTION_INPUTS:
        value = given.get(name)
        if hasattr(value, "shape"):
            line = flatten(value, shape)
            if name == "commitment_months":
                # All that the catalog is asked is which term covers it: few, of many lengths.
                months = np.array(list(TERM_MONTHS.values()), dtype=np.float64)
                line = months[np.minimum(np.searchsorted(months, line), len(months) - 1)]
            places, uniques = pd.factorize(line)
            codes.append(places)
            levels[name] = uniques.tolist()
    sizes = [max(len(known), 1) for known in levels.values()]
    asked, row = np.unique(np.ravel_multi_index(codes, sizes), return_inverse=True)
    questions = []
    for places in zip(*np.unravel_index(asked, sizes), strict=True):
        chosen = {name: levels[name][at] for name, at in zip(levels, places, strict=True) if name}
        questions.append(Question.of({**given, **chosen}))
    return questions, row


def resolve_table(given: dict[str, Any], catalogue: Catalogue) -> dict[str, Resolved]:
    """Every input of those who gave only the choices; an array where the rows can differ."""
    shape, _index, _ = common_shape(given)
    questions, row = questions_of(given, shape)
    answers = [resolve(question, catalogue) for question in questions or [Question()]]
    varied = {name for name in QUESTION_INPUTS if hasattr(given.get(name), "shape")}
    can_differ = INPUTS if "as_of" in varied else CHOSEN if varied else ()
    return {
        name: _joined([answer[name] for answer in answers], row, shape)
        if name in can_differ
        else answers[0][name]
        for name in INPUTS
    }


def _joined(rows: list[Resolved], row: Any, shape: tuple[int, ...]) -> Resolved:
    first = rows[0]
    kind = np.float64 if INPUTS[first.name].numeric else object
    return Resolved(
        name=first.name,
        value=np.array([entry.value for entry in rows], dtype=kind)[row].reshape(shape),
        status=first.status if all(e.status == first.status for e in rows) else "mixed",
        source_id=" ".join(dict.fromkeys(i for e in rows for i in e.source_id.split())),
        as_of=max(entry.as_of for entry in rows),
        note=first.note if all(e.note == first.note for e in rows) else "differs by row",
        low=min((e.low for e in rows if e.low is not None), default=None),
        high=max((e.high for e in rows if e.high is not None), default=None),
        quote=_lined([entry.quote for entry in rows], row, shape),
        tiers=tuple(tier for entry in rows for tier in entry.tiers),
    )


def _lined(quotes: list[Any], row: Any, shape: tuple[int, ...]) -> Any:
    """The quote of each row; one for all, or None, where they have the same."""
    if all(quote == quotes[0] for quote in quotes):
        return quotes[0]
    found = np.empty(len(quotes), dtype=object)
    found[:] = quotes
    return found[row].reshape(shape)


def differing(values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """The values that are not the same elsewhere; what is unknown is left out."""
    found = {}
    for name, value in values.items():
        other = others[name]
        if name not in INPUTS:
            continue
        if value is None or (INPUTS[name].numeric and np.isnan(np.asarray(value, float)).any()):
            continue
        if not np.array_equal(value, other):
            found[name] = value
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two sets of given inputs are equal, arrays element by element, indexes too."""

    def equal(a: Any, b: Any) -> bool:
        if hasattr(a, "equals") or hasattr(b, "equals"):
            return type(a) is type(b) and bool(a.equals(b))
        return np.array_equal(a, b)

    return list(one) == list(other) and all(equal(a, other[name]) for name, a in one.items())
