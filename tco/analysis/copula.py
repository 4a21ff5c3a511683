"""Draws of all inputs at once: evenly spread, and as correlated as data/correlations.csv says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from tco.errors import DataError, Problem, TcoError, suggestion
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.market.files import at_least_zero, column, data_folder, dated, one_of, read_records
from tco.market.files import source as source_id
from tco.market.files import text as any_text
from tco.market.newest import newest_of
from tco.market.records import ASSUMPTION

Pair: TypeAlias = tuple[str, str]

# Every input that can be drawn; the place here is its column of the sequence.
NUMBERS = tuple(name for name, declared in INPUTS.items() if declared.numeric)
# A rest of a correlation matrix that is rounding, and its root.
_NOTHING, _NOTHING_BESIDE = 1 / 10**12, 1 / 10**6
# The Pearson correlation of two normal variables with the rank correlation rho is
# 2 sin(pi rho / 6): Pearson, 1907, On further methods of determining correlation.
_SIXTH = math.pi / 6


def _rank_correlation(cell: str) -> float:
    """A number from -1 to 1."""
    size = at_least_zero(cell.removeprefix("-"))
    if size > 1:
        raise ValueError("is not between -1 and 1")
    return -size if cell.startswith("-") else size


@dataclass(frozen=True)
class Correlation:
    """correlations.csv: how two inputs move together, as Spearman's rank correlation."""

    input: str = column(one_of(*NUMBERS))
    other: str = column(one_of(*NUMBERS))
    rank_correlation: float = column(_rank_correlation)
    as_of: str = column(dated)
    source_id: str = column(source_id)
    note: str = column(any_text)


@lru_cache(maxsize=4)
def correlations(folder: Path | None = None) -> tuple[Correlation, ...]:
    """The rows of correlations.csv; DataError at the first fault."""
    path = (folder or data_folder()) / "correlations.csv"
    sources = {*load(folder).sources, ASSUMPTION}
    rows = read_records(path, Correlation, ("input", "other", "as_of"), sources)
    for row in rows:
        if NUMBERS.index(row.input) >= NUMBERS.index(row.other):
            raise DataError(
                f"{path.name}: {row.input}, {row.other}: not in the order of the inputs"
            )
    return rows


def declared(as_of: str) -> dict[Pair, float]:
    """The rank correlation of each pair by its newest row on or before a day, or else its first.

    >>> declared("2026-11-21")["resale_decline_per_year", "rate_growth_per_year"]
    -0.5
    """
    rows = correlations()
    first = {(row.input, row.other): row for row in reversed(rows)}
    newest = newest_of(rows, lambda row: (row.input, row.other), as_of)
    found = first | {(row.input, row.other): row for row in newest}
    return {pair: row.rank_correlation for pair, row in found.items()}


def given(wanted: Any) -> tuple[dict[Pair, float], list[Problem]]:
    """Correlations as a caller gives them, and what is wrong with them.

    `wanted` maps pairs of inputs to rank correlations; the order in a pair does not matter.

    >>> given({("pue", "idle_w"): 0.2})
    ({('idle_w', 'pue'): 0.2}, [])
    """
    if not isinstance(wanted, Mapping):
        return {}, [_problem(f"{wanted!r} is not a table of pairs of inputs and correlations")]
    found: dict[Pair, float] = {}
    problems = []
    for pair, value in wanted.items():
        wrong = _wrong_pair(pair) or _wrong_value(pair, value)
        if not wrong:
            low, high = sorted(pair, key=NUMBERS.index)
            if (low, high) in found:
                wrong = f"{low} and {high} stand there twice"
            found[low, high] = float(value)
        problems += [_problem(wrong)] if wrong else []
    return found, problems


def _problem(wrong: str) -> Problem:
    return Problem("correlations", f"correlations: {wrong}")


def _wrong_pair(pair: Any) -> str:
    if not isinstance(pair, tuple) or len(pair) != len(("input", "other")):
        return f"{pair!r} is not a pair of inputs"
    for name in pair:
        if name not in NUMBERS:
            kind = "not a number" if name in INPUTS else "not an input"
            near = suggestion(name, NUMBERS) if isinstance(name, str) else ""
            return f"{name!r} is {kind}{near}"
    return f"{pair[0]} with itself" if pair[0] == pair[1] else ""


def _wrong_value(pair: Pair, value: Any) -> str:
    from numbers import Real

    known = isinstance(value, Real) and not isinstance(value, bool)
    if known and -1 <= float(value) <= 1:
        return ""
    return f"{pair[0]} and {pair[1]} = {value!r} is outside [-1, 1]: a rank correlation"


def contradiction(pairs: Mapping[Pair, float]) -> list[Problem]:
    """The problem of correlations that no numbers can have all at once, if they are such."""
    if factor(pairs) is not None:
        return []
    said = ", ".join(f"{a} and {b} {value:g}" for (a, b), value in sorted(pairs.items()))
    return [_problem(f"no draws have all of {said}: the matrix is not positive semidefinite")]


def factor(pairs: Mapping[Pair, float]) -> dict[str, dict[str, float]] | None:
    """What mixes independent normal draws into correlated ones; None where nothing can.

    Of each correlated input the shares of itself and of those before it: the rows of Cholesky's
    factor, in the order of the inputs and without its zeros.

    >>> factor({("idle_w", "pue"): 0})
    {'idle_w': {'idle_w': 1.0}, 'pue': {'pue': 1.0}}
    """
    rows: dict[str, dict[str, float]] = {}
    for name in NUMBERS:
        if not any(name in pair for pair in pairs):
            continue
        row: dict[str, float] = {}
        for before, known in rows.items():
            pivot, rest = known.get(before, 0), _pearson(pairs, before, name) - _product(row, known)
            if not pivot and abs(rest) > _NOTHING_BESIDE:
                return None
            if pivot and rest:
                row[before] = rest / pivot
        left = 1 - _product(row, row)
        if left < -_NOTHING:
            return None
        rows[name] = row | ({name: math.sqrt(left)} if left > _NOTHING else {})
    return rows


def _pearson(pairs: Mapping[Pair, float], before: str, after: str) -> float:
    return 2 * math.sin(_SIXTH * pairs.get((before, after), 0))


def _product(row: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(share * other.get(name, 0) for name, share in row.items())


def shares(
    draws: int, seed: int, pairs: Mapping[Pair, float], wanted: Iterable[str]
) -> Iterator[tuple[slice, dict[str, Any]]]:
    """The draws of the wanted inputs as shares between 0 and 1, block by block.

    Scrambled Sobol points with a column for every number among the inputs, drawn or not: what an
    input draws depends on the seed, on itself and on what it correlates with, and never on which
    other inputs are uncertain. `pairs` are rank correlations that do not contradict each other.
    """
    qmc = _sampler()
    import numpy as np
    from scipy import special

    from tco.model.blocks import BLOCK

    mixing = factor(pairs) or {}
    names = list(wanted)
    engine = qmc.Sobol(len(NUMBERS), rng=np.random.default_rng(seed))
    least = np.finfo(np.float64).eps
    for start in range(0, draws, BLOCK):
        count = min(BLOCK, draws - start)
        points = engine.random(1 << (count - 1).bit_length())[:count]
        columns = np.clip(points, least, 1 - least).T
        normal = {name: special.ndtri(columns[NUMBERS.index(name)]) for name in mixing}
        block = {}
        for name in names:
            block[name] = columns[NUMBERS.index(name)]
            if {*mixing.get(name, ())} - {name}:
                mixed = sum(normal[other] * share for other, share in mixing[name].items())
                block[name] = special.ndtr(mixed)
        yield slice(start, start + count), block


def _sampler() -> Any:
    try:
        from scipy.stats import qmc
    except ModuleNotFoundError as missing:
        raise TcoError(f"odds need {missing.name}: pip install 'gpu-tco[risk]'") from None
    return qmc
