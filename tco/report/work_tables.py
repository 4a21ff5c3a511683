"""Work on every GPU, in words: what there is to do, which GPUs can do it, and why others cannot."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from tco.analysis.by_speed import speed_breakeven
from tco.analysis.other_work import Training
from tco.analysis.same_work import Candidate, SameWork
from tco.analysis.simulation import simulate
from tco.analysis.work import Work
from tco.errors import TcoError
from tco.inputs import RATE
from tco.inputs.labels import in_labels
from tco.market.workload import CALIBRATED, ESTIMATED, INTERPOLATED, MEASURED, work_presets
from tco.report.option_tables import WORDS
from tco.scenario import Scenario
from tco.words import currencies
from tco.words.figures import capital, fixed_percent, number, percent, period, rate_text, usd
from tco.words.work import NO_GPU, cheapest, gpus_of
from tco.workload.speed import YOURS
from tco.workload.task import (
    FIELDS,
    LLM,
    REQUESTS,
    TRAINING,
    USERS,
    Task,
    choices,
)

if TYPE_CHECKING:
    import pandas as pd

# Where a speed comes from, best first, and what that means.
BASES = {
    YOURS: "your own figure",
    MEASURED: "that very configuration was measured",
    INTERPOLATED: "between measured runs of that configuration",
    CALIBRATED: "a formula with constants fitted to measurements on that GPU",
    ESTIMATED: "a formula with constants fitted to measurements on other GPUs",
}
_NOTHING = "–"
_PREFIX = re.compile(r"^gpu = '[^']*':? ")
_PER_CENT = 100


class Cell(NamedTuple):
    """A figure of a row: what it is, the figure, and what stands below it in small letters."""

    label: str
    value: str
    small: str = ""


class Row(NamedTuple):
    """A GPU that can do the work, in words."""

    gpu: str
    place: str
    word: str
    name: str
    basis: str
    cells: tuple[Cell, ...]
    reason: str
    marks: tuple[str, ...]


# --- What there is to do


def asked(task: Task, found: SameWork | None = None) -> str:
    """The work in a sentence without its end; with how much it is where that was worked out.

    >>> asked(Task())
    'Chatbot for 1,000 users on Llama-3.1-8B'
    >>> asked(Task().changed(kind="images", units_per_day=50_000))
    '50,000 images a day with SDXL'
    """
    values = task.values
    if task.kind == TRAINING:
        tokens = _many(values["tokens"])
        model = values["model"] if values["parameters"] is None else "your model"
        return f"Training {model} on {tokens} tokens"
    if task.kind != LLM:
        amount, unit = values[task.amount], task.declared.unit
        when = "a day" if task.amount == "units_per_day" else "at once"
        of = values["model"] or ""
        is_formula = task.kind == "embeddings" and values["parameters"] is not None
        using = f" with {of}" if of and not is_formula else ""
        return f"{_many(amount)} {unit} {when}{using}"
    case = work_presets()[values["use_case"]].title
    told = {
        USERS: f"{case} for {_many(values['users'])} users",
        REQUESTS: f"{case}, {_many(values['requests_per_day'])} requests a day",
    }.get(values["by"], f"{case}, {_many(values['output_tokens_per_day'])} output tokens a day")
    said = f"{told} on {values['model']}"
    if found is None or found.job is None:
        return said
    demand = found.job.demand
    peak = number(demand.peak_per_s)
    tokens = number(demand.peak_per_s * demand.output_tokens)
    return f"{said}: {peak} requests and {tokens} output tokens a second in the busiest hour"


def lacking(task: Task) -> str:
    """What has to be said before the work can be answered, in a sentence; empty for nothing.

    >>> lacking(Task().changed(kind="training", model="Llama-3.1-8B", days=30))
    'Enter “Training tokens” and “Model FLOPs utilization (MFU)” to see which GPUs can do it.'
    """
    names = [f"“{label(task, name)}”" for name in task.lacking]
    if not names:
        return ""
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"Enter {listed} to see which GPUs can do it."


def label(task: Task, name: str) -> str:
    """What a thing that is asked is called: of some kinds of work with their unit.

    >>> label(Task().changed(kind="images"), "units_per_day")
    'Images a day'
    """
    unit = capital(task.declared.unit)
    if name == "units_per_day":
        return f"{unit} a day"
    if name == "at_once":
        return f"{unit} in use at once"
    return FIELDS[name].label


def labeled(task: Task, name: str) -> str:
    """The same with its unit, where it does not say it already.

    >>> labeled(Task(), "token_time_ms"), labeled(Task(), "users")
    ('Time per token, at most [ms]', 'Users')
    >>> labeled(Task().changed(kind="images"), "my_units")
    'My own speed [images/s per GPU]'
    """
    if name == "my_units":
        at_once = "at_once" in task.declared.fields
        return f"My own speed [{task.declared.unit}{'' if at_once else '/s'} per GPU]"
    if name in ("units_per_day", "at_once"):
        return label(task, name)
    return FIELDS[name].labeled


def _many(amount: float | None) -> str:
    if amount is None:
        return "so many"
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount >= size:
            return f"{amount / size:.3g} {word}"
    return f"{amount:,.10g}"


# --- Which GPUs can do it


class Answer(NamedTuple):
    """The answer: its side, a word, a sentence, and more sentences."""

    side: str
    word: str
    lead: str
    more: tuple[str, ...]


def answer(found: SameWork, scenario: Scenario) -> Answer:
    """Which GPUs are cheapest for the work, and what it costs; or why none can do it."""
    lead = f"{asked(found.task, found)}."
    best = found.best
    if best is None:
        return Answer("toss_up", NO_GPU, lead, (*_nearest(found), _api_text(found)))
    word = cheapest(best.side, best.gpus, best.gpu)
    cost = f"{usd(best.present_value_usd)} over {_horizon(best, scenario)}, in present value"
    per = ""
    if found.task.kind != TRAINING:
        per = f": {rate_text(best.usd_per_unit)} per {found.task.declared.per}"
    verb = "Owning" if best.side == "own" else "Renting"
    told = f"{verb} costs {cost}{per}."
    return Answer(WORDS[best.side].lower(), word, lead, (told, _band_text(best), _api_text(found)))


def _horizon(one: Candidate, scenario: Scenario) -> str:
    months = (one.scenario or scenario).values()["horizon_months"]
    if isinstance(one.found, Training):
        return f"{number(one.found.days)} days"
    return period(months)


def _band_text(one: Candidate) -> str:
    """How many GPUs it takes where the speed is at either end of its band."""
    few, many = sorted((one.gpus_at_low, one.gpus_at_high))
    if few == many:
        return ""
    return f"Within the band of the speed it takes {few:,} to {many:,} GPUs."


def _api_text(found: SameWork) -> str:
    """What APIs ask for the same, and whether that is less."""
    spread, best = found.api, found.best
    if spread is None:
        if found.task.kind != LLM:
            return ""
        return f"No API price is known for {found.task.values['model']}."
    many = f"{spread.providers} providers" if spread.providers > 1 else "one provider"
    around = (
        f" (P10 to P90: {rate_text(spread.low)} to {rate_text(spread.high)})"
        if spread.providers > 1
        else ""
    )
    said = f"From an API: {rate_text(spread.middle)} per million, median of {many}{around}"
    if best is None:
        return f"{said}."
    is_less = spread.middle < best.usd_per_unit
    return f"{said}, {'less' if is_less else 'more'} than the cheapest GPU."


def _nearest(found: SameWork) -> tuple[str, ...]:
    """What would make a task possible that no GPU can do."""
    if found.fastest is not None:
        gpu, ms = found.fastest
        return (f"The fastest is the {gpu}: {number(ms)} ms per token, one request at a time.",)
    short = [one for one in found.unable if "does not fit" in one.why_not]
    if not short:
        return ()
    nearest = min(short, key=lambda one: _short_gib(one.why_not))
    return (f"Nearest: the {nearest.gpu} {reason(nearest)}.",)


def _short_gib(why: str) -> float:
    found = re.search(r"([\d.]+) GiB", why)
    return float(found[1]) if found else math.inf


def reason(one: Candidate) -> str:
    """Why a GPU is out, for the readers of a screen."""
    return in_words(_PREFIX.sub("", one.why_not))


def in_words(message: str) -> str:
    """A message about work with labels in the place of names.

    >>> in_words("give my_tokens_per_s to use your own figure")
    'give “My own speed” to use your own figure'
    """
    return in_labels(in_labels(message), FIELDS)


def rows(found: SameWork) -> list[Row]:
    """The GPUs that can do the work, cheapest first."""
    best = found.best
    if best is None:
        return []
    told = []
    for one in found.able:
        why = "The cheapest."
        if one is not best:
            gap = one.present_value_usd - best.present_value_usd
            why = (
                f"Costs {usd(gap)} more than {gpus_of(best.gpus, best.gpu)}."
                if gap
                else "Costs the same."
            )
        told.append(
            Row(
                gpu=one.gpu,
                place=str(one.rank),
                word=WORDS[one.side],
                name=gpus_of(one.gpus, one.gpu),
                basis=one.basis,
                cells=_cells(one, found.task),
                reason=" ".join(filter(None, (why, _band_text(one)))),
                marks=_marks(one),
            )
        )
    return told


def _marks(one: Candidate) -> tuple[str, ...]:
    """What else to know: whose rental rate it is."""
    if one.scenario is None or one.side != "rent":
        return ()
    borrowed = one.scenario.resolved()[RATE].borrowed
    return (f"at the rental rate of the {borrowed}",) if borrowed else ()


def _cells(one: Candidate, task: Task) -> tuple[Cell, ...]:
    money = (
        Cell("Owned", _usd(one.own_usd_per_unit)),
        Cell("Rented", _usd(one.rent_usd_per_unit)),
        Cell("Total", usd(one.present_value_usd)),
    )
    if task.kind == TRAINING:
        days = getattr(one.found, "days", math.nan)
        hours = Cell("GPU-hours", f"{one.speed:,.0f}")
        return (hours, Cell("Days", number(days)), *money[:-1])
    unit = "tok/s" if task.kind == LLM else _unit(one, task)
    band = "" if one.low == one.high else f"{number(one.low)} to {number(one.high)}"
    speed = Cell("Speed", f"{number(one.speed)} {unit}", band)
    use = Cell("Utilization", percent(round(one.utilization, 3)))
    if task.kind != LLM:
        return (speed, use, *money)
    held = f"of {one.gpus_per_replica} GPUs" if one.gpus_per_replica > 1 else ""
    replica = Cell("Replicas", f"{one.gpus // one.gpus_per_replica:,}", held)
    first = "" if math.isnan(one.first_token_ms) else f"first {number(one.first_token_ms)} ms"
    time = Cell("Per token", _ms(one.token_time_ms), first)
    return (replica, speed, time, use, *money)


def _unit(one: Candidate, task: Task) -> str:
    unit = str(getattr(getattr(one.found, "speed", None), "unit", task.declared.unit))
    return unit if "at_once" in task.declared.fields else f"{unit}/s"


def _usd(amount: float) -> str:
    return _NOTHING if math.isnan(amount) else rate_text(amount)


def _ms(time: float) -> str:
    return _NOTHING if math.isnan(time) else f"{number(time)} ms"


def heads(task: Task) -> str:
    """What the figures of the rows are, in sentences."""
    if task.kind == TRAINING:
        return "Owned: bought for the run and sold after it. In present values."
    horizon = "Total: present value of the cheaper side"
    cost = f"Owned and rented: {currencies.code()} per {task.declared.per}"
    if task.kind == LLM:
        speed = "Speed: output tokens a second of one replica, with the band that holds 90 % of "
        return (
            f"{speed}measurements. Per token and first token: at that load, and without load. "
            f"{cost}, all cost on output. {horizon}."
        )
    of = "at once" if "at_once" in task.declared.fields else "a second"
    return f"Speed: {task.declared.unit} {of} of one GPU. {cost}. {horizon}."


def bases(found: SameWork) -> str:
    """What the badges on the page mean."""
    seen = {one.basis for one in found.able}
    told = [f"{capital(basis)}: {means}" for basis, means in BASES.items() if basis in seen]
    return f"{'; '.join(told)}." if told else ""


def unable(found: SameWork) -> list[tuple[str, str]]:
    """The GPUs that cannot do the work, and why: those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for one in found.unable:
        why = re.sub(rf"\b{re.escape(one.gpu)}\b", "this GPU", reason(one))
        reasons.setdefault(why, []).append(one.gpu)
    return [(", ".join(gpus), f"{capital(why)}.") for why, gpus in reasons.items()]


_TITLES = {
    "rank": "rank",
    "gpu": "GPU",
    "gpus": "GPUs",
    "side": "cheaper",
    "present_value_usd": "present value",
    "own_usd_per_unit": "owned",
    "rent_usd_per_unit": "rented",
    "utilization": "utilization, %",
    "speed": "speed",
    "low": "speed, low",
    "high": "speed, high",
    "basis": "basis",
    "token_time_ms": "ms per token",
    "first_token_ms": "ms to the first token",
    "gpus_per_replica": "GPUs per replica",
    "gpus_at_low": "GPUs at the low speed",
    "gpus_at_high": "GPUs at the high speed",
    "own_npv_usd": "owning, present value",
    "rent_npv_usd": "renting, present value",
    "why_not": "why not",
}


def table_frame(found: SameWork) -> pd.DataFrame:
    """Every GPU with all its figures, for a screen."""
    frame = found.to_frame()
    frame["why_not"] = [reason(one) for one in (*found.able, *found.unable)]
    frame["side"] = frame["side"].map(lambda side: WORDS.get(side, ""))
    frame["utilization"] = frame["utilization"] * _PER_CENT
    is_out = frame["rank"].isna()
    for name in ("gpus", "gpus_at_low", "gpus_at_high", "gpus_per_replica"):
        frame[name] = frame[name].astype("Int64").mask(is_out)
    return frame[list(_TITLES)].rename(columns=_TITLES)


# --- One of them


def closer(work: Work) -> list[str]:
    """What there is to know of one GPU besides its row, in sentences.

    Where its speed comes from; how often owning is cheaper, with the band of the speed in the odds;
    and from which speed on it is.
    """
    told = [f"{capital(work.speed.basis)}: {work.speed.reason}."]
    try:
        chance = fixed_percent(simulate(work).chance_buy)
        band = "with the band of the speed in them"
        told.append(f"Owning is cheaper than renting in {chance} of simulated futures, {band}.")
        told.append(speed_breakeven(work).sentence)
    except TcoError as unknown:
        told.append(f"No odds: {in_words(str(unknown))}.")
    return told


# --- On Options


def column(found: SameWork) -> dict[str, str]:
    """What each GPU takes for the work, and its place among them; cheapest first.

    >>> from tco.analysis.same_work import same_work
    >>> said = column(same_work(Task(), Scenario(), ["T4", "L4"]))
    >>> list(said), said["L4"].split(":")[0], said["T4"]
    (['L4', 'T4'], '1. 2 GPUs', 'not possible')
    """
    told = {}
    for one in found.able:
        gpus = "1 GPU" if one.gpus == 1 else f"{one.gpus:,} GPUs"
        told[one.gpu] = f"{one.rank}. {gpus}: {WORDS[one.side]}, {usd(one.present_value_usd)}"
    return told | {one.gpu: "not possible" for one in found.unable}


def column_reasons(found: SameWork) -> list[str]:
    """Why GPUs cannot do the work, in sentences."""
    return [f"{one.gpu} cannot do the work: {reason(one)}." for one in found.unable]


def column_note(found: SameWork, scenario: Scenario) -> str:
    """What the column is about.

    >>> from tco.analysis.same_work import same_work
    >>> column_note(same_work(Task(), Scenario(), ["L4"]), Scenario())[-72:]
    'Costs per busy hour are not adjusted for how much work a GPU does in it.'
    """
    months = scenario.values()["horizon_months"]
    return (
        f"For the same work: {asked(found.task)}. GPUs that can do it are ranked by the present "
        f"value of the cheaper side over {period(months)}, at the utilization it leads to. Costs "
        "per busy hour are not adjusted for how much work a GPU does in it."
    )


def use_case_note(task: Task) -> str:
    """What is usual for the use case: lengths of a request, and how long people wait.

    >>> use_case_note(Task())
    'Usual for Chatbot: 15 to 50 ms per token, 100 to 500 ms to the first token.'
    """
    preset = work_presets()[task.values["use_case"]]
    return (
        f"Usual for {preset.title}: {preset.token_time_ms_low:g} to {preset.token_time_ms_high:g} "
        f"ms per token, {preset.first_token_ms_low:g} to {preset.first_token_ms_high:g} ms to the "
        "first token."
    )


def other_note(task: Task) -> str:
    """What the speed of other work is known from.

    >>> other_note(Task().changed(kind="speech"))
    'Measured with Whisper-large-v3.'
    """
    known = choices("model", task.kind)
    told = f"Measured with {next(iter(known))}." if len(known) == 1 else ""
    if task.kind == "embeddings":
        return (
            f"{told} Enter the parameters of your encoder, without its embedding table, for a "
            "formula on every GPU: BGE-large has 302M."
        )
    if task.kind == "seats":
        return "Seats of an L4 are its vendor's maximum for each vGPU profile; licenses are extra."
    return told


MFU_NOTE = (
    "MFU is the share of the dense 16-bit peak that training reaches: published runs reach 30 % to "
    "50 %. Owned GPUs are bought for the run and sold after it."
)
LIMITS = "Speeds are not promises: engines, drivers and your requests differ."
