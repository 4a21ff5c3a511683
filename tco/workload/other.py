"""Work that is not language: embeddings, images, speech, vision, video streams, seats, training.

What was measured, or the user's own figure; of embeddings and training also a formula.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from tco.errors import InputError, Problem, bare, shown, suggestion, together
from tco.market.catalogue import load
from tco.market.workload import (
    CALIBRATED,
    ESTIMATED,
    MEASURED,
    Hardware,
    OtherWork,
    other_work,
)
from tco.workload.checks import check_numbers, hardware_of, words_of
from tco.workload.kinds import KINDS, Kind
from tco.workload.speed import REFUSED, YOURS

_TERA = 1e12
_SECONDS_PER_HOUR = 3_600

# Embeddings are bound by compute: the share of the dense peak that is reached. On an L4 as
# measured with bge-large (138 sentences of 449 tokens a second: 62,100 tok/s); on other GPUs
# published figures lie between 0.30 and 0.45. The band is an assumption that holds both.
EMBEDDING_SHARE_OF = {"L4": 0.31}
EMBEDDING_SHARE = 0.375
EMBEDDING_BAND = (0.6, 1.4)


def embedding_tok_s(parameters: float, share: float, flop_s: float) -> float:
    """Tokens a second of an encoder: share · F / (2 P), P without the embedding table.

    >>> round(embedding_tok_s(302e6, 0.31, 121e12), -2)
    62100.0
    """
    return share * flop_s / (2 * parameters)


def training_gpu_hours(parameters: float, tokens: float, mfu: float, flop_s: float) -> float:
    """GPU-hours of a training run: 6 A D / (MFU · F · 3,600).

    A are the parameters that a token passes, D the tokens, MFU the share of the dense peak.

    >>> round(training_gpu_hours(8e9, 1e12, 0.40, 989e12))
    33704
    """
    return 6 * parameters * tokens / (mfu * flop_s * _SECONDS_PER_HOUR)


@dataclass(frozen=True, kw_only=True)
class OtherSpeed:
    """What one GPU does of some work: so many units a second, or at once (`unit`).

    `basis` is measured, calibrated, estimated, yours or refused (`reason` says why); `low` and
    `high` are the slowest and the fastest row, or the band of the formula. NaN: not known.
    """

    kind: str
    gpu: str
    model: str
    unit: str
    at_once: bool
    per_gpu: float
    basis: str
    low: float
    high: float
    reason: str
    rows: tuple[OtherWork, ...]

    @property
    def is_known(self) -> bool:
        """Whether there is a figure."""
        return self.basis != REFUSED


def other_speed(
    kind: str,
    gpu: str = "L4",
    *,
    model: str = "",
    mode: str = "offline",
    parameters: float | None = None,
    my_units: float | None = None,
) -> OtherSpeed:
    """What one GPU does of work that is not language: measured, or your own figure.

    `kind`: embeddings (tokens), images, speech, vision, language, recommendation, graphs (a
    second), video (streams at once), seats (virtual desktops at once). `model` names what was
    measured, or a part of its name; `mode` offline or server. `parameters` of an encoder without
    its embedding table give embeddings by a formula [tokens/s]. `my_units` is your own figure for
    one GPU, and counts. InputError for an unknown kind, GPU or model.

    >>> round(other_speed("images", "L4", model="SDXL").per_gpu, 2)  # [images/s]
    0.25
    >>> other_speed("video", "H100-SXM").reason
    'H100-SXM has no video encoder'
    """
    numbers = {"parameters": parameters, "my_units": my_units}
    found, on, told, _ = together(
        lambda: kind_of(kind),
        lambda: hardware_of(gpu),
        lambda: words_of({"model": model, "mode": mode}),
        lambda: check_numbers(numbers),
    )
    asked = _Asked(kind, found, on, told["model"])
    if my_units is not None:
        return asked.answer(my_units, YOURS, (1.0, 1.0), "your own figure")
    if kind == "video" and _encoders(on) == 0:
        return asked.answer(math.nan, REFUSED, (1.0, 1.0), f"{on.gpu} has no video encoder")
    if kind == "embeddings" and parameters is not None:
        return _embeddings(asked, parameters)
    return _measured(asked, told["mode"])


class _Asked(NamedTuple):
    kind: str
    known: Kind
    hardware: Hardware
    model: str

    def answer(
        self,
        per_gpu: float,
        basis: str,
        band: tuple[float, float],
        reason: str,
        rows: tuple[OtherWork, ...] = (),
    ) -> OtherSpeed:
        """The figure, with what was asked; of rows with their unit and their spread."""
        unit = self.known.unit
        low, high = (per_gpu * end for end in band)
        if rows:
            unit = rows[0].unit.removesuffix("/s")
            low, high = (end(row.per_gpu for row in rows) for end in (min, max))
        return OtherSpeed(
            kind=self.kind,
            gpu=self.hardware.gpu,
            model=rows[0].model if rows else self.model,
            unit=unit,
            at_once=self.known.at_once,
            per_gpu=per_gpu,
            basis=basis,
            low=low,
            high=high,
            reason=reason,
            rows=rows,
        )


def kind_of(kind: str) -> Kind:
    """A kind of work by its name; InputError for none."""
    if kind not in KINDS:
        message = (
            f"kind = {shown(kind)} is not one of {', '.join(KINDS)}: "
            f"the kind of work{suggestion(str(kind), KINDS)}"
        )
        raise InputError([Problem("kind", message)])
    return KINDS[kind]


def _encoders(hardware: Hardware) -> float | None:
    row = load().gpus.get(hardware.gpu)
    return row.encoders if row else None


def _embeddings(asked: _Asked, parameters: float) -> OtherSpeed:
    hardware = asked.hardware
    if hardware.fp16_dense_tflops is None:
        told = f"the dense peak of {hardware.gpu} is not known"
        return asked.answer(math.nan, REFUSED, (1.0, 1.0), told)
    own = EMBEDDING_SHARE_OF.get(hardware.gpu)
    share = EMBEDDING_SHARE if own is None else own
    tok_s = embedding_tok_s(parameters, share, hardware.fp16_dense_tflops * _TERA)
    told = f"the formula at {share:g} of the dense peak; its band is an assumption"
    basis = ESTIMATED if own is None else CALIBRATED
    return asked.answer(tok_s, basis, EMBEDDING_BAND, told)


def _measured(asked: _Asked, mode: str) -> OtherSpeed:
    """The measured figure in the middle; refused where nobody measured it."""
    listed = other_work(asked.kind)
    word = bare(asked.model)
    rows = [row for row in listed if word in bare(row.model)]
    if not rows and word:
        known = ", ".join(sorted({row.model for row in listed})) or "none"
        message = f"model = {asked.model!r} was not measured at {asked.kind}; known: {known}"
        raise InputError([Problem("model", message)])
    here = [row for row in rows if row.gpu == asked.hardware.gpu]
    modes = [row for row in here if row.mode == mode] or here
    # Of one model there may be figures in several units: the unit of the kind first.
    units = [row for row in modes if row.unit.removesuffix("/s") == asked.known.unit] or modes
    units = [row for row in units if row.unit == units[0].unit]
    models = sorted({row.model for row in units})
    # One model has a longer name where a source says how it was run.
    shortest = min(map(bare, models), key=len, default="")
    if not all(shortest in bare(name) for name in models):
        message = f"model = {asked.model!r}: several were measured, name one: {', '.join(models)}"
        raise InputError([Problem("model", message)])
    if not units:
        gpus = ", ".join(sorted({row.gpu for row in rows})) or "nowhere"
        told = (
            f"nobody measured {asked.kind} on {asked.hardware.gpu} (measured: {gpus}): "
            "give my_units, your own figure"
        )
        return asked.answer(math.nan, REFUSED, (1.0, 1.0), told)
    units.sort(key=lambda row: (row.per_gpu, row.as_of))
    middle = units[(len(units) - 1) // 2]
    ordered = (middle, *(row for row in units if row is not middle))
    told = "a measured row" if len(units) == 1 else f"the middle of {len(units)} measured rows"
    return asked.answer(middle.per_gpu, MEASURED, (1.0, 1.0), told, ordered)
