"""How far measured rows lie from a prediction that had not seen them: what bands are made of.

Everything here is recomputed from the shipped rows by `python -m docs.make_work`, which writes
data/speed_bands.csv and the tables of docs/work.md.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tco.market.workload import (
    AT_TOKEN_TIME,
    CALIBRATED,
    ESTIMATED,
    FIRST_TOKEN,
    FULL_LOAD,
    INTERPOLATED,
    MEASURED,
    SPEED,
    Band,
    Constants,
    Measured,
    hardware,
    measured,
    models,
)
from tco.workload import formulas
from tco.workload.calibration import (
    ANY,
    BF16_ONE_GPU,
    FITTED_SOURCES,
    GGUF,
    LLAMA,
    MS,
    OF_GPU,
    SMALLEST,
    TTFT,
    Table,
    factors,
    first_token_terms,
    fit_gpu,
    fit_joint,
    folds,
    gguf_terms,
    is_gguf_decode,
    replica_of,
    rows_of_one_gpu,
    single_rows,
    steady_rows,
    stored_as,
    table,
    tok_s,
    token_s,
)
from tco.workload.measured import (
    FARTHEST,
    SATURATED,
    Between,
    at_concurrency,
    at_token_time,
    between,
    middle,
    output_of,
    rows_of,
    run_of,
    runs,
    saturated,
    token_time_of,
)
from tco.workload.question import ANY_ENGINE, SAME_ENGINE, Question
from tco.workload.speed import by_formula

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# How rows were held out.
GPU_OUT = "one GPU out"
MODEL_OUT = "one model out"
POINT_OUT = "one point out"
RUN_OUT = "one run out"
NEVER_FITTED = "never fitted"
# So many other rows say how wide a band is: of fewer, or of far fewer than were held out, the ends
# are chance.
_ENOUGH, _ENOUGH_SHARE = 20, 0.1
_MANY = 1.5
_THROUGHPUT = "throughput"


@dataclass(frozen=True)
class HeldOut:
    """Rows and what was predicted of them without them.

    `others` are measured ÷ predicted of rows that no fit has seen either, and that are not counted
    as errors: older engines, single figures, replicas at full load. A band holds nine of ten of
    them too.
    """

    basis: str
    kind: str
    quantity: str
    split: str
    measured: Array
    predicted: Array
    others: Sequence[float] = ()

    @property
    def counted_others(self) -> int:
        """How many other rows count, if any."""
        enough = max(_ENOUGH, _ENOUGH_SHARE * len(self.measured))
        return len(self.others) if len(self.others) >= enough else 0

    def ends(self) -> tuple[float, float]:
        """The 5th and the 95th percentile of measured ÷ predicted, the outer ones of both."""
        import numpy as np

        found = [self.measured / self.predicted]
        if self.counted_others:
            found.append(np.array(self.others))
        lows = [float(np.percentile(ratio, 5, method="lower")) for ratio in found]
        highs = [float(np.percentile(ratio, 95, method="higher")) for ratio in found]
        return min(lows), max(highs)

    def band(self) -> Band:
        """The errors, and the band: rounded outwards, nine of ten rows lie between its ends."""
        import numpy as np

        error = abs(self.predicted / self.measured - 1)
        low, high = self.ends()
        return Band(
            *(self.basis, self.kind, self.quantity, self.split),
            *(len(self.measured), self.counted_others),
            *(round(float(np.median(error)), 4), round(float(np.percentile(error, 90)), 4)),
            *(math.floor(1_000 * low) / 1_000, math.ceil(1_000 * high) / 1_000),
        )


# --- By the formula


@lru_cache(maxsize=1)
def _unseen() -> dict[tuple[str, str, str], list[float]]:
    """Measured ÷ predicted of rows that no fit has seen, by basis, kind and quantity.

    The prediction is that of `tco.speed()`: at the concurrency of the row, and of a replica at full
    load also without one.
    """
    seen = {row for row in steady_rows() if models()[row.model].parameters >= SMALLEST}
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in measured():
        speed, asked = output_of(row), question_of(row)
        if speed is None or asked is None or row in seen or getattr(row, "queued", False):
            continue
        told: list[tuple[str, float | None]] = [(SPEED, row.concurrency)] if row.concurrency else []
        told += [(FULL_LOAD, None)] if row.load == _THROUGHPUT else []
        for quantity, concurrency in told:
            answer = by_formula(replace(asked, concurrency=concurrency))
            if answer.is_known:
                ratio = speed / answer.output_tokens_per_s
                for kind in (replica_of(row).kind, ANY):
                    found[answer.basis, kind, quantity].append(ratio)
    return found


def question_of(row: Measured, **asked: Any) -> Question | None:
    """What a row answers: its model, GPUs, weights and lengths; None for an unknown model."""
    if row.model not in models():
        return None
    told = {"concurrency": row.concurrency, "parallel": row.parallel, "engine": row.engine}
    return Question(
        key=row.model,
        model=models()[row.model],
        hardware=hardware(row.gpu),
        gpus=row.gpus,
        weight_bits=stored_as(row),
        prompt_tokens=row.prompt_tokens,
        output_tokens=row.output_tokens,
        **{**told, **asked},
    )


def _estimated() -> Iterator[HeldOut]:
    """Each GPU's rows by constants that were fitted without that GPU."""
    import numpy as np

    rows = table(steady_rows())
    speeds, at_time = np.zeros(len(rows.rows)), np.zeros(len(rows.rows))
    for held, others in folds(rows, lambda row: row.gpu):
        found = fit_joint(rows.of(others))
        tested = rows.of(held)
        speeds[held] = tok_s(tested, found)
        at_time[held] = _at_token_time(tested, found)
    kinds = np.array([replica_of(row).kind for row in rows.rows])
    big = np.array([models()[row.model].parameters >= SMALLEST for row in rows.rows])
    for kind in (*sorted({str(kind) for kind in kinds}), ANY):
        chosen = big & ((kinds == kind) | (kind == ANY))
        for quantity, predicted in ((SPEED, speeds), (AT_TOKEN_TIME, at_time)):
            known = chosen & np.isfinite(predicted)
            yield HeldOut(
                *(ESTIMATED, kind, quantity, GPU_OUT),
                *(rows.tok_s[known], predicted[known]),
                _unseen().get((ESTIMATED, kind, quantity), ()),
            )


def _calibrated() -> Iterator[HeldOut]:
    """Each model's rows on a GPU by constants of that GPU that were fitted without that model."""
    import numpy as np

    every = table(rows_of_one_gpu())
    speeds = np.full(len(every.rows), np.nan)
    at_time = speeds.copy()
    for of_gpu, _others in folds(every, lambda row: row.gpu):
        rows = every.of(of_gpu)
        places = np.flatnonzero(of_gpu)
        for held, others in folds(rows, lambda row: row.model):
            if others.sum() > len(OF_GPU):
                found = fit_gpu(rows.of(others))
                tested = rows.of(held)
                speeds[places[held]] = tok_s(tested, found)
                at_time[places[held]] = _at_token_time(tested, found)
    for quantity, predicted in ((SPEED, speeds), (AT_TOKEN_TIME, at_time)):
        known = np.isfinite(predicted)
        yield HeldOut(
            *(CALIBRATED, BF16_ONE_GPU, quantity, MODEL_OUT),
            *(every.tok_s[known], predicted[known]),
            _unseen().get((CALIBRATED, BF16_ONE_GPU, quantity), ()),
        )


def _at_token_time(rows: Table, of: Constants) -> Array:
    """The speed at the token time that was measured, with the sequences that the formula allows.

    NaN for one sequence at a time, whose speed is its token time, and for rows without a time.
    """
    import numpy as np

    times = np.array([getattr(row, "token_time_ms", None) or np.nan for row in rows.rows]) / MS
    many = np.array([(row.concurrency or 0) > _MANY for row in rows.rows])
    low, high = np.ones(len(times)), np.full(len(times), float(formulas.MOST_SEQUENCES))
    for _step in range(20):
        middle = (low + high) / 2
        meets = token_s(rows.at(middle), of) <= times
        low, high = np.where(meets, middle, low), np.where(meets, high, middle)
    return np.where(many & np.isfinite(times), low / times, np.nan)


def _interpolated() -> Iterator[HeldOut]:
    """Each row between its neighbors in the same run, at most a factor apart."""
    import numpy as np

    for quantity in (SPEED, AT_TOKEN_TIME):
        pairs = []
        for run in runs(row for row in measured() if row.source_id in FITTED_SOURCES):
            for low, held, high in zip(run, run[1:], run[2:], strict=False):
                if _usable_between(low, held, high):
                    pairs.append((output_of(held), _between(low, held, high, quantity)))
        known = np.array([pair for pair in pairs if pair[1] is not None], dtype=float).T
        yield HeldOut(INTERPOLATED, ANY, quantity, POINT_OUT, known[0], known[1])


def _usable_between(*rows: Measured) -> bool:
    near = (rows[2].concurrency or 0) <= FARTHEST * (rows[0].concurrency or math.inf)
    return near and not any(getattr(row, "queued", False) or not output_of(row) for row in rows)


def _between(low: Measured, held: Measured, high: Measured, quantity: str) -> float | None:
    """The speed at the concurrency of a row, or at its token time, on the line of two others."""
    if quantity == SPEED:
        places = [row.concurrency or math.nan for row in (low, held, high)]
    else:
        places = [token_time_of(row) for row in (low, held, high)]
        if not places[0] < places[1] < places[2]:
            return None
    start, at, end = (math.log(place) for place in places)
    first, last = math.log(output_of(low) or 1), math.log(output_of(high) or 1)
    return math.exp(first + (last - first) * (at - start) / (end - start))


def _first_token() -> Iterator[HeldOut]:
    """The time to the first token of single requests, by constants of other GPUs' rows."""
    singles = single_rows()
    alone = [row for row in singles if replica_of(row).kind == BF16_ONE_GPU]
    for kind, rows in ((BF16_ONE_GPU, alone), (ANY, singles)):
        times = [row.first_token_ms / MS for row in rows]  # type: ignore[attr-defined]
        terms = [first_token_terms(row) for row in rows]
        yield _of_terms(rows, kind, FIRST_TOKEN, times, terms, TTFT)


def _of_terms(
    rows: Sequence[Measured],
    kind: str,
    quantity: str,
    times: Sequence[float],
    terms: Sequence[tuple[float, ...]],
    start: Sequence[float],
) -> HeldOut:
    """Times that are a sum of terms, each GPU's by factors that were fitted to the others."""
    import numpy as np

    parts, measured_s = np.array(terms), np.array(times)
    gpus = np.array([row.gpu for row in rows])
    predicted = np.zeros(len(rows))
    for gpu in dict.fromkeys(gpus):
        held = gpus == gpu
        predicted[held] = parts[held] @ factors(parts[~held], measured_s[~held], start)
    if quantity == SPEED:
        measured_s, predicted = 1 / measured_s, 1 / predicted
    return HeldOut(ESTIMATED, kind, quantity, GPU_OUT, measured_s, predicted)


def _gguf() -> Iterator[HeldOut]:
    """llama.cpp, one request at a time on one GPU, by constants of other GPUs' rows."""
    rows = [row for row in measured() if is_gguf_decode(row)]
    times = [1 / row.tok_s for row in rows]
    yield _of_terms(rows, GGUF, SPEED, times, [gguf_terms(row) for row in rows], LLAMA)


def _full_load(at_concurrency: Iterable[HeldOut]) -> Iterator[HeldOut]:
    """Replicas at full load, which nobody fitted; the band is no narrower than at a concurrency."""
    import numpy as np

    for one in at_concurrency:
        ratios = _unseen().get((one.basis, one.kind, FULL_LOAD), ())
        if one.quantity == SPEED and len(ratios) >= _ENOUGH:
            found = np.array(ratios)
            yield HeldOut(
                *(one.basis, one.kind, FULL_LOAD, NEVER_FITTED),
                *(found, np.ones(len(found))),
                tuple(one.measured / one.predicted),
            )


# --- By measured rows of other runs


def _elsewhere() -> Iterator[HeldOut]:
    """Each row by the rows of other runs alone: other servers, versions and engines."""
    import numpy as np

    pairs: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in measured():
        speed = output_of(row)
        asked = question_of(row, engine="", parallel="")
        if speed is None or asked is None or getattr(row, "queued", False):
            continue
        listed = [other for other in rows_of(asked) if run_of(other) != run_of(row)]
        alike = [other for other in listed if other.engine == row.engine]
        for kind, others in ((ANY_ENGINE, listed), (SAME_ENGINE, alike)):
            for quantity, found in _by_others(row, others):
                is_between = isinstance(found, Between)
                basis = INTERPOLATED if is_between else MEASURED
                told = found.tok_s if isinstance(found, Between) else output_of(found)
                pairs[basis, kind, quantity].append((speed, told or np.nan))
    for (basis, kind, quantity), listed_pairs in sorted(pairs.items()):
        columns = np.array(listed_pairs).T
        yield HeldOut(basis, kind, quantity, RUN_OUT, columns[0], columns[1])


def _by_others(
    row: Measured, others: Sequence[Measured]
) -> Iterator[tuple[str, Measured | Between]]:
    """What other rows say of a row: of its concurrency, of its token time, of full load."""
    if row.load in SATURATED and (full := saturated(others)):
        yield FULL_LOAD, middle(full)
    if row.concurrency is None:
        return
    exact = at_concurrency(others, row.concurrency)
    at = middle(exact) if exact else between(others, row.concurrency)
    if at is not None:
        yield SPEED, at
    said = getattr(row, "token_time_ms", None)
    if said is not None and row.concurrency > _MANY:
        in_time = at_token_time(others, said)
        if in_time is not None:
            yield AT_TOKEN_TIME, in_time


def held_out() -> tuple[HeldOut, ...]:
    """Every row that was held out, with its prediction, by basis, kind and quantity."""
    calibrated, estimated = tuple(_calibrated()), tuple(_estimated())
    parts = (_interpolated(), calibrated, estimated, _gguf(), _first_token())
    more = (_full_load(calibrated), _full_load(estimated), _elsewhere())
    return tuple(found for part in (*parts, *more) for found in part)
