"""How fast a model is on a GPU: measured, else between measured rows, else by the formula."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from tco.errors import together
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
    Model,
    bands,
    constants,
)
from tco.numeric import plain
from tco.words.speeds import of_replica
from tco.words.work import gpus_of
from tco.workload import measured
from tco.workload.checks import check_context, check_numbers, hardware_of, named, words_of
from tco.workload.fit import OUTPUT_TOKENS, PROMPT_TOKENS, fitted
from tco.workload.formats import format_of
from tco.workload.formulas import MOST_SEQUENCES, largest_batch
from tco.workload.question import Question
from tco.workload.refusals import refused
from tco.workload.replica import Replica

REFUSED, YOURS = "refused", "yours"
_MS = 1_000.0
_LENGTHS = ("prompt_tokens", "output_tokens")
_ANY = "any"
_UNCHECKED = "no measured row, and none of this kind to check the formula with"


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Output tokens a second of one replica, where they come from, and how far they may be off.

    `basis`: measured (that very row), interpolated (between two rows of one run), calibrated (the
    formula with constants of that GPU), estimated (the formula with those of all), yours, refused
    (`reason` says why; the speed is NaN). `low` and `high` [tok/s] hold 90 % of the held-out rows
    of that basis and kind; of measured rows they hold 90 % of the runs of somebody else, unless the
    question names the very run.
    `sequences` are in flight; `prompt_share` of the time goes into prompts. `rows` are the measured
    rows behind it. `first_token_low_ms` and `first_token_high_ms` are the band of the time to the
    first token, where that is the formula's. Times are in ms, NaN where nobody knows them.
    """

    model: str
    gpu: str
    gpus_per_replica: int
    weight_bits: float
    kv_bits: float
    prompt_tokens: float | None
    output_tokens: float | None
    cached_prompt_share: float
    sequences: float
    output_tokens_per_s: float
    token_time_ms: float
    first_token_ms: float
    prompt_share: float
    basis: str
    low: float
    high: float
    reason: str
    rows: tuple[Measured, ...]
    first_token_low_ms: float = math.nan
    first_token_high_ms: float = math.nan

    @property
    def is_known(self) -> bool:
        """Whether there is a speed."""
        return self.basis != REFUSED

    @property
    def sentence(self) -> str:
        """How fast a replica is, where that comes from, and the band; or why nobody knows."""
        of = f"{self.model} on {gpus_of(self.gpus_per_replica, self.gpu)}"
        if not self.is_known:
            return f"{of}: {self.reason}."
        return f"{of_replica(self.output_tokens_per_s, self.basis, self.low, self.high, of)}."

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types; None for what nobody knows."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain({**found, "rows": [asdict(row) for row in self.rows]})


def speed(
    model: str,
    gpu: str = "L4",
    *,
    gpus_per_replica: int = 1,
    weight_bits: float | str | None = None,
    kv_bits: float = 16,
    prompt_tokens: float | None = PROMPT_TOKENS,
    output_tokens: float | None = OUTPUT_TOKENS,
    concurrency: float | None = None,
    token_time_ms: float | None = None,
    first_token_ms: float | None = None,
    cached_prompt_share: float = 0.0,
    my_tokens_per_s: float | None = None,
    constants: Constants | None = None,
    engine: str = "",
    version: str = "",
    parallel: str = "",
    workload: str = "",
    load: str = "",
    server: str = "",
    run: int | None = None,
) -> Speed:
    """Output tokens a second of one replica, with the basis and the band of that number.

    Asked for at `concurrency` sequences in flight, or at the most that meet a `token_time_ms`
    (maximum time between two tokens [ms]); without either at full load. `first_token_ms` is checked
    against an unloaded replica. `weight_bits`: a number or a name such as fp8 or q4_k_m, by default
    as published. `engine`, `version`, `parallel`, `workload`, `load`, `server` and `run` say
    which measured rows are meant, in their words. `my_tokens_per_s` is your own figure, and counts;
    `constants` are those of your own GPU, from `tco.calibrate()`, in place of measured rows.
    InputError for unknown names, numbers outside their domain, lengths beyond the model's context.

    >>> found = speed("Llama-3.1-8B", "L4", prompt_tokens=256, output_tokens=128, concurrency=20)
    >>> found.basis, 200 < found.output_tokens_per_s < 300  # [tok/s]
    ('interpolated', True)
    >>> speed("Qwen2.5-0.5B", "L40").basis
    'refused'
    """
    numbers = {
        "gpus_per_replica": gpus_per_replica,
        "kv_bits": kv_bits,
        "prompt_tokens": prompt_tokens,
        "output_tokens": output_tokens,
        "concurrency": concurrency,
        "token_time_ms": token_time_ms,
        "first_token_ms": first_token_ms,
        "cached_prompt_share": cached_prompt_share,
        "my_tokens_per_s": my_tokens_per_s,
        "run": run,
    }
    # Some rows count tokens without a prompt, or a prompt without tokens.
    given = {name: value for name, value in numbers.items() if name not in _LENGTHS or value != 0}
    words = {
        "engine": engine,
        "version": version,
        "parallel": parallel,
        "workload": workload,
        "load": load,
        "server": server,
    }
    (key, of), on, told, _ = together(
        lambda: named(model),
        lambda: hardware_of(gpu),
        lambda: words_of(words),
        lambda: check_numbers(given),
    )
    format_of(of, weight_bits, told["engine"])  # says what is wrong with it
    asked = Question(
        key=key,
        model=of,
        hardware=on,
        gpus=gpus_per_replica,
        weight_bits=weight_bits,
        kv_bits=kv_bits,
        prompt_tokens=prompt_tokens,
        output_tokens=output_tokens,
        concurrency=concurrency,
        token_time_ms=token_time_ms,
        first_token_ms=first_token_ms,
        cached_prompt_share=cached_prompt_share,
        my_tokens_per_s=my_tokens_per_s,
        constants=constants,
        run=run,
        **told,
    )
    answer = speed_of(asked)
    if answer.basis not in (MEASURED, INTERPOLATED):
        check_numbers(numbers)
        if of is not None and prompt_tokens is not None and output_tokens is not None:
            check_context(of, prompt_tokens, output_tokens)
    return answer


def speed_of(asked: Question) -> Speed:
    """The same for a question that is checked; kept, but for constants of one's own."""
    return found(asked) if asked.constants is not None else _kept(asked)


def found(asked: Question) -> Speed:
    """The speed that a question asks for."""
    answer = _yours(asked) or _measured(asked) or by_formula(asked)
    limit = asked.first_token_ms
    if answer.is_known and limit is not None and answer.first_token_ms > limit:
        told = (
            f"{asked.hardware.gpu} cannot reach a first token within {limit:g} ms: "
            f"{answer.first_token_ms:,.0f} ms without load"
        )
        return _refused(asked, told, answer.rows)
    return answer


_kept = lru_cache(maxsize=4_096)(found)


def _blank(asked: Question) -> dict[str, Any]:
    """What of an answer is the question."""
    return {
        "model": asked.key,
        "gpu": asked.hardware.gpu,
        "gpus_per_replica": asked.gpus,
        "weight_bits": asked.stored.bits,
        "kv_bits": asked.kv_bits,
        "prompt_tokens": asked.prompt_tokens,
        "output_tokens": asked.output_tokens,
        "cached_prompt_share": asked.cached_prompt_share,
    }


def _refused(asked: Question, reason: str, rows: tuple[Measured, ...] = ()) -> Speed:
    unknown: dict[str, Any] = dict.fromkeys(
        (
            *("sequences", "output_tokens_per_s", "token_time_ms", "first_token_ms"),
            *("prompt_share", "low", "high"),
        ),
        math.nan,
    )
    return Speed(**_blank(asked), **unknown, basis=REFUSED, reason=reason, rows=rows)


# --- Yours


def _yours(asked: Question) -> Speed | None:
    mine = asked.my_tokens_per_s
    if mine is None:
        return None
    sequences = math.nan if asked.concurrency is None else asked.concurrency
    return Speed(
        **_blank(asked),
        sequences=sequences,
        output_tokens_per_s=mine,
        token_time_ms=_MS * sequences / mine,
        first_token_ms=math.nan,
        prompt_share=math.nan,
        basis=YOURS,
        low=mine,
        high=mine,
        reason="your own figure",
        rows=(),
    )


# --- Measured


def _measured(asked: Question) -> Speed | None:
    """The speed of measured rows; None where these do not say it."""
    if asked.cached_prompt_share or asked.kv_bits != 16 or asked.constants is not None:
        return None
    rows = measured.rows_of(asked)
    if asked.token_time_ms is not None:
        return _at_token_time(asked, rows)
    if asked.concurrency is None:
        exact = measured.saturated(rows)
        # Rows that are asked for by their load count as they are.
        exact = exact or (rows if asked.load else ())
    else:
        exact = measured.at_concurrency(rows, asked.concurrency)
    if exact:
        return _of_rows(asked, exact)
    if asked.concurrency is None:
        return None
    found = measured.between(rows, asked.concurrency)
    return None if found is None else _of_line(asked, found, SPEED)


def _at_token_time(asked: Question, rows: tuple[Measured, ...]) -> Speed | None:
    limit = asked.token_time_ms or math.inf
    if asked.concurrency is not None:
        rows = tuple(row for row in rows if (row.concurrency or math.inf) <= asked.concurrency)
    found = measured.at_token_time(rows, limit)
    if found is None:
        return None
    if isinstance(found, measured.Between):
        return _of_line(asked, found, AT_TOKEN_TIME)
    return _of_rows(asked, (found,))


def _of_rows(asked: Question, rows: tuple[Measured, ...]) -> Speed:
    """The speed of rows that are all what is asked: that in the middle.

    Rows of the very model count before those of another one of its shape.
    """
    rows = tuple(row for row in rows if row.model == asked.key) or rows
    row = measured.middle(rows)
    speeds = [measured.output_of(each) or math.nan for each in rows]
    told = "a measured row" if len(rows) == 1 else f"the middle of {len(rows)} measured rows"
    tok_s = measured.output_of(row) or math.nan
    if asked.run is None or not asked.names_run_of(row):
        # Somebody else's run of the same is as far off as such runs are from each other.
        quantity = _quantity(asked)
        if width := _band(MEASURED, asked.engine_kind, quantity):
            speeds += [tok_s * width.low, tok_s * width.high]
    return Speed(
        **_blank(asked),
        sequences=math.nan if row.concurrency is None else row.concurrency,
        output_tokens_per_s=tok_s,
        token_time_ms=measured.token_time_of(row),
        first_token_ms=_first_token_of(row),
        prompt_share=_prompt_share(asked, row.concurrency),
        basis=MEASURED,
        low=min(speeds),
        high=max(speeds),
        reason=told,
        rows=(row, *(other for other in rows if other is not row)),
    )


def _of_line(asked: Question, found: measured.Between, quantity: str) -> Speed:
    kind = _ANY if asked.names_run_of(found.rows[0]) else asked.engine_kind
    width = _band(INTERPOLATED, kind, quantity)
    low, high = (width.low, width.high) if width else (math.nan, math.nan)
    ends = " and ".join(f"{row.concurrency:g}" for row in found.rows)
    return Speed(
        **_blank(asked),
        sequences=found.concurrency,
        output_tokens_per_s=found.tok_s,
        token_time_ms=found.of(measured.token_time_of),
        first_token_ms=found.of(_first_token_of),
        prompt_share=_prompt_share(asked, found.concurrency),
        basis=INTERPOLATED,
        low=low * found.tok_s,
        high=high * found.tok_s,
        reason=f"between measured rows at {ends} sequences",
        rows=found.rows,
    )


def _first_token_of(row: Measured) -> float:
    said = getattr(row, "first_token_ms", None)
    return math.nan if said is None else float(said)


def _prompt_share(asked: Question, batch: float | None) -> float:
    """The share of the time that goes into prompts, by the formula; NaN where that is refused."""
    if batch is None or not asked.prompt_tokens or not asked.output_tokens or asked.model is None:
        return math.nan
    replica = _replica(asked, asked.model, _joint())
    if replica.stored.is_gguf or not replica.flop_s:
        return math.nan
    return _share(replica, asked, batch)


def _share(replica: Replica, asked: Question, batch: float) -> float:
    lengths = asked.prompt_tokens or 0.0, asked.output_tokens or 0.0
    whole = replica.token_s(batch, *lengths, asked.cached_prompt_share)
    return float(1 - replica.step_s(batch, *lengths) / whole)


# --- The formula


def _joint() -> Constants:
    found = constants()
    assert found is not None, "speed_constants.csv has the constants of all GPUs"
    return found


def _replica(asked: Question, model: Model, of: Constants) -> Replica:
    return Replica(
        model,
        asked.hardware,
        of,
        asked.weight_bits,
        asked.kv_bits,
        asked.gpus,
        engine=asked.engine,
    )


def _basis(asked: Question, model: Model) -> tuple[str, Constants]:
    """The constants that count: of the GPU for bf16 on one of them, where it has some."""
    if asked.constants is not None:
        return CALIBRATED, asked.constants
    own = constants(asked.hardware.measured_as)
    plain = asked.stored.constants == "bf16" and asked.gpus == 1 and not model.experts
    if own is not None and plain and not asked.stored.is_gguf:
        return CALIBRATED, own
    return ESTIMATED, _joint()


def _band(basis: str, kind: str, quantity: str) -> Band | None:
    known = bands()
    return known.get((basis, kind, quantity)) or known.get((basis, _ANY, quantity))


def _quantity(asked: Question) -> str:
    """What is asked for, as bands are told apart."""
    if asked.token_time_ms is not None:
        return AT_TOKEN_TIME
    return FULL_LOAD if asked.concurrency is None else SPEED


def by_formula(asked: Question) -> Speed:
    """The speed by the formula alone, or why that says none."""
    if not asked.prompt_tokens or not asked.output_tokens:
        return _refused(asked, "no measured row, and the formula needs the lengths of both texts")
    model = asked.model
    if model is None:
        told = f"no measured row, and no formula: the configuration of {asked.key} was not read"
        return _refused(asked, told)
    lengths = (asked.prompt_tokens, asked.output_tokens)
    basis, of = _basis(asked, model)
    replica = _replica(asked, model, of)
    room = fitted(model, asked.hardware, asked.stored, asked.gpus, asked.kv_bits, lengths)
    full = 1 if replica.stored.is_gguf else min(room.sequences, MOST_SEQUENCES)
    in_flight = asked.concurrency or full
    batch = min(in_flight, room.sequences)
    told = refused(replica, parallel=asked.parallel, tokens=sum(lengths), batch=batch)
    if told or not room.fits:
        why = f"no measured row, and no formula: {told}" if told else room.reason
        return _refused(asked, why)
    if replica.stored.is_gguf:
        return _gguf(asked, replica)
    if asked.token_time_ms is not None:
        return _within(asked, replica, basis, math.floor(batch))
    saturation = of.saturation if asked.concurrency is None else 1.0
    return _calculated(asked, replica, basis, batch, saturation)


def _within(asked: Question, replica: Replica, basis: str, most: int) -> Speed:
    """The speed at the most sequences whose time a token meets the target."""
    limit = asked.token_time_ms or math.inf
    lengths = asked.prompt_tokens or 0.0, asked.output_tokens or 0.0

    def time_ms(number: int) -> float:
        return _MS * float(replica.token_s(number, *lengths, asked.cached_prompt_share))

    batch = largest_batch(time_ms, limit, most)
    if batch:
        return _calculated(asked, replica, basis, batch, 1.0)
    return _refused(asked, _unreachable(asked, time_ms(1), basis))


def _unreachable(asked: Question, at_one_ms: float, basis: str) -> str:
    return (
        f"{asked.hardware.gpu} cannot reach {asked.token_time_ms:g} ms a token at any batch: "
        f"{at_one_ms:.0f} ms at batch 1 ({basis})"
    )


def _calculated(
    asked: Question, replica: Replica, basis: str, batch: float, saturation: float
) -> Speed:
    prompt, output = asked.prompt_tokens or 0.0, asked.output_tokens or 0.0
    cached = asked.cached_prompt_share
    token = replica.token_s(batch, prompt, output, cached)
    tok_s = batch / token * saturation
    quantity, kind = _quantity(asked), replica.kind
    if asked.constants is not None and (CALIBRATED, kind, SPEED) not in bands():
        basis = ESTIMATED  # the width of its band is not known for such constants
    width = _band(basis, kind, quantity) or _band(basis, kind, SPEED)
    if width is None:
        return _refused(asked, _UNCHECKED)
    counted = f"{width.rows + width.others:,} measured rows not used to fit it"
    first = _MS * replica.first_token_s(prompt, cached)
    around = _band(ESTIMATED, kind, FIRST_TOKEN)
    return Speed(
        **_blank(asked),
        sequences=batch,
        output_tokens_per_s=tok_s,
        token_time_ms=_MS * token,
        first_token_ms=first,
        first_token_low_ms=first * around.low if around else math.nan,
        first_token_high_ms=first * around.high if around else math.nan,
        prompt_share=_share(replica, asked, batch),
        basis=basis,
        low=width.low * tok_s,
        high=width.high * tok_s,
        reason=f"the formula; its band is that of {counted}",
        rows=(),
    )


def _gguf(asked: Question, replica: Replica) -> Speed:
    """llama.cpp at batch 1: how it reads prompts varies too widely for a formula."""
    width = _band(ESTIMATED, replica.kind, SPEED)
    if width is None:
        return _refused(asked, _UNCHECKED)
    token = replica.gguf_token_s()
    if asked.token_time_ms is not None and _MS * token > asked.token_time_ms:
        return _refused(asked, _unreachable(asked, _MS * token, ESTIMATED))
    return Speed(
        **_blank(asked),
        sequences=1,
        output_tokens_per_s=1 / token,
        token_time_ms=_MS * token,
        first_token_ms=math.nan,
        prompt_share=math.nan,
        basis=ESTIMATED,
        low=width.low / token,
        high=width.high / token,
        reason="the formula of GGUF files at batch 1, while tokens are made; prompts not counted",
        rows=(),
    )
