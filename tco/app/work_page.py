"""The Work page: how many GPUs the work takes, and which; "use this" carries them to Decide."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from tco.analysis.same_work import Candidate, SameWork, measured_points, same_work, speed_curve
from tco.analysis.work import Work
from tco.app import asked, bound, pages, panels, state, typed
from tco.app.panels import plain
from tco.errors import InputError
from tco.model.items import OWN, RENT
from tco.report import charts, work_tables
from tco.report.work_tables import Row
from tco.scenario import Scenario
from tco.scenario.link import WORK
from tco.words.work import gpus_of
from tco.workload.task import FIELDS, KIND, LLM, TOKENS, TRAINING, USERS, Task, along, choices

if TYPE_CHECKING:
    import pandas as pd

_FIRST = 6
_LIST, _TABLE = "List", "Table"
_CHEAPEST = ""
_SELECT_WIDTHS = {"use_case": 300, "model": 300}
_AUTOMATIC = "Automatic"
_COUNTS = (1, 2, 4, 8)
_KV = {16.0: "16 bit", 8.0: "8 bit"}
_MONEY, _UNIT = panels.Money("$%,.0f"), panels.Money("$%.4g")
_PLAIN = st.column_config.NumberColumn(format="%.4g")
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("present value", "owning, present value", "renting, present value"), _MONEY),
    **dict.fromkeys(("owned", "rented"), _UNIT),
    **dict.fromkeys(("utilization, %", "speed", "speed, low", "speed, high"), _PLAIN),
    **dict.fromkeys(("ms per token", "ms to the first token"), _PLAIN),
    "why not": st.column_config.Column(width=420),
}
_cached = lru_cache(maxsize=64)
_found = _cached(same_work)


def page() -> None:
    """What there is to do, the GPUs for it, and one of them more closely."""
    st.set_page_config(page_title="Work: how many GPUs, and which?")
    scenario, task = state.scenario(), state.task()
    title = "Which GPUs for your work, and how many?"
    asked.heading(scenario, title, "work", "kind", state.has_task())
    _asked(task)
    if lacking := work_tables.lacking(task):
        panels.nothing("Which GPUs?", lacking)
        return
    shown, problems = _last_valid(task, scenario)
    panels.remarks(problems, panels.PROBLEM)
    if shown is None:
        return
    is_stale = bool(problems) or state.is_refusing()
    with st.container(key="stale" if is_stale else "current"):
        found = _found(*shown)
        _answer(found, shown[1])
        _ranked(found, shown[1])
        if found.best is not None and found.task.kind == LLM:
            _closer(found, shown[1])


def _last_valid(task: Task, scenario: Scenario) -> tuple[Any, list[str]]:
    """The task and the scenario or, while they cannot be combined, the last that could be."""
    try:
        _found(task, scenario)
    except InputError as wrong:
        told = [work_tables.in_words(one.message) for one in wrong.problems]
        return state.kept("work_valid"), told
    state.keep("work_valid", (task, scenario))
    return (task, scenario), []


# --- What there is to do


def _asked(task: Task) -> None:
    """The questions: what, how much, with which model."""
    with st.container(key="work_kind"):
        look = {"label_visibility": "collapsed"}
        _choice("What do you do?", "kind", task, dict(KIND.choice_words), "pills", **look)
    with st.container(key="work_asked"):
        if task.kind == LLM:
            _serving(task)
        elif task.kind == TRAINING:
            _training(task)
        else:
            _other(task)


def _serving(task: Task) -> None:
    by = task.values["by"]
    with asked.row("how_much"):
        _choice("How much?", "by", task, choices("by", LLM), "pills")
        if by == USERS:
            _number(task, "users")
        elif by == TOKENS:
            _number(task, "input_tokens_per_day")
            _number(task, "output_tokens_per_day")
        else:
            _number(task, "requests_per_day")
        _choice("Use case", "use_case", task, choices("use_case"))
        if by != TOKENS:
            _number(task, "prompt_tokens")
        _number(task, "output_tokens")
    with asked.row("which_model"):
        _choice("Model", "model", task, choices("model"))
        _choice("Weights", "weight_bits", task, _formats(task))
        _choice("KV cache", "kv_bits", task, _KV, "pills")
        _number(task, "token_time_ms")
        _number(task, "first_token_ms")
    st.caption(plain(work_tables.use_case_note(task)))
    if place := panels.disclosure("Peak, load, GPUs per replica, my own speed", "more_serving"):
        with place, asked.row("more_of_work"):
            _more_of_serving(task)


def _more_of_serving(task: Task) -> None:
    for name in ("peak_over_mean", "load_target", "cached_prompt_share"):
        _number(task, name)
    counts: dict[Any, str] = {None: _AUTOMATIC, **{count: f"{count}" for count in _COUNTS}}
    _choice("GPUs per replica", "gpus_per_replica", task, counts)
    _mine(task, "my_tokens_per_s")


def _formats(task: Task) -> dict[Any, str]:
    return {None: "As published", **choices("weight_bits", task.kind)}


def _other(task: Task) -> None:
    with asked.row("how_much"):
        _number(task, task.amount)
        known = choices("model", task.kind)
        if len(known) > 1:
            _choice("Model", "model", task, known)
        for name in ("parameters", "hours_per_day"):
            if name in task.declared.fields:
                _number(task, name)
    st.caption(plain(work_tables.other_note(task)))
    if place := panels.disclosure("Peak, load, my own speed", "more_other"):
        with place, asked.row("more_of_work"):
            for name in ("peak_over_mean", "load_target"):
                if name in task.declared.fields:
                    _number(task, name)
            _mine(task, "my_units")


def _training(task: Task) -> None:
    with asked.row("how_much"):
        _choice("Model", "model", task, choices("model", TRAINING))
        _number(task, "parameters")
        _number(task, "tokens")
        _number(task, "mfu")
        _choice("Until when?", "by", task, choices("by", TRAINING), "pills")
        _number(task, "days" if task.values["by"] == "days" else "gpu_count")
    st.caption(plain(work_tables.MFU_NOTE))
    if place := panels.disclosure("My own GPU-hours", "more_training"):
        with place, asked.row("more_of_work"):
            _mine(task, "my_gpu_hours")


def _mine(task: Task, name: str) -> None:
    """The reader's own figure, and on which GPU."""
    _number(task, name)
    if "my_gpu" in task.declared.fields:
        known: dict[Any, str] = {None: "GPU of this scenario", **choices("my_gpu")}
        _choice("My own speed is that of", "my_gpu", task, known)


def _number(task: Task, name: str) -> None:
    """A box for a number that is asked; what is lacking asks for one."""
    placeholder = typed.PLACEHOLDER if name in task.lacking else typed.NONE
    asked.number(task, FIELDS, name, work_tables.labeled(task, name), placeholder)


def _choice(
    label: str, name: str, task: Task, options: dict[Any, str], kind: str = "selectbox", **look: Any
) -> None:
    """One of a few words or of many; another kind of work has other fields."""
    value = task.kind if name == "kind" else task.values[name]
    others = (bound.ALL,) if name == "kind" else along(name)
    width = _SELECT_WIDTHS.get(name, asked.SELECT_WIDTH)
    asked.choice(label, name, value, options, kind, width, others, **look)


# --- The answer, and the GPUs


def _answer(found: SameWork, scenario: Scenario) -> None:
    told = work_tables.answer(found, scenario)
    panels.answer(told.side, told.word, told.lead, [" ".join(filter(None, told.more))])
    st.caption(plain(f"Data as of {scenario.values()['as_of']}. {work_tables.LIMITS}"))


def _ranked(found: SameWork, scenario: Scenario) -> None:
    name = "The same work on every GPU"
    is_table = panels.headed(name, (_LIST, _TABLE)) == _TABLE
    if is_table:
        panels.table(work_tables.table_frame(found), f"{name}, with why not", _COLUMNS)
    else:
        st.caption(plain(" ".join((work_tables.heads(found.task), work_tables.bases(found)))))
        listed = work_tables.rows(found)
        for row in listed[:_FIRST]:
            _gpu(row, found)
        if more := listed[_FIRST:]:
            place = panels.disclosure(f"More GPUs that can do it ({len(more)})", "more_gpus")
            if place:
                with place:
                    for row in more:
                        _gpu(row, found)
        if out := work_tables.unable(found):
            with st.expander(f"GPUs that cannot, and why ({len(found.unable)})"):
                panels.facts(out)
    panels.download("GPUs for this work (CSV)", found.to_frame, scenario, "tco-work.csv")


def _gpu(row: Row, found: SameWork) -> None:
    """One GPU: how many, how fast, at what cost, and the way to Decide with it."""
    key = f"row_gpu_{row.gpu}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        st.html(_row_html(row))
        _use(found.of(row.gpu), found.task)


def _row_html(row: Row) -> str:
    side = {"BUY": "buy", "RENT": "rent"}.get(row.word, "")
    marks = "".join(f"<span class='tco-mark'>{html.escape(one)}</span>" for one in row.marks)
    basis = html.escape(row.basis)
    badge = f"<span class='tco-basis {basis}'>{basis}</span>" if basis else ""
    cells = "".join(
        f"<div><dt>{html.escape(one.label)}</dt><dd>{html.escape(one.value)}"
        f"<small>{html.escape(one.small)}</small></dd></div>"
        for one in row.cells
    )
    return (
        f"<div class='tco-gpu'><p class='tco-name'><span class='tco-place'>{row.place}</span>"
        f"<b class='{side}'>{row.word}</b> {html.escape(row.name)} {badge}{marks}</p>"
        f"<dl>{cells}</dl><p class='tco-terms'>{html.escape(row.reason)}</p></div>"
    )


def _use(one: Candidate | None, task: Task) -> None:
    if one is not None and one.scenario is not None:
        pages.link("", "Use this", state.link_to(one.scenario, {WORK: task.text}))


# --- One GPU more closely


@panels.fragment
@panels.noting()
def _closer(found: SameWork, scenario: Scenario) -> None:
    """Speed and cost of one GPU by how many sequences are in flight, and the odds."""
    panels.title("One GPU more closely")
    names = {
        _CHEAPEST: "The cheapest",
        **{one.gpu: gpus_of(one.gpus, one.gpu) for one in found.able},
    }
    look: dict[str, Any] = {"format_func": lambda one: names.get(one, str(one)), "width": 300}
    gpu = bound.own("selectbox", "GPU", "closer", _CHEAPEST, options=list(names), **look)
    one = found.of(gpu) if gpu else found.best
    if one is None:
        return
    near = _near(found.task, scenario, one.gpu, panels.theme())
    if near is None:
        return
    panels.sentences(near.told)
    if near.speeds is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        tables = {"line": near.curve, "measured runs": near.points}
        panels.chart_or_table("Speed by load", near.speeds, tables)
    with right:
        panels.chart_or_table("Cost by load", near.costs, {"line": near.curve})
    panels.download("Speed and cost by load (CSV)", near.curve, scenario, "tco-speed.csv")


class _Near(NamedTuple):
    """What is shown of one GPU: sentences, and charts with their frames."""

    told: list[str]
    speeds: charts.Chart | None
    costs: charts.Chart | None
    curve: pd.DataFrame
    points: pd.DataFrame


@_cached
def _near(task: Task, scenario: Scenario, gpu: str, theme: str) -> _Near | None:
    found = _found(task, scenario)
    one = found.of(gpu)
    if one is None or not isinstance(one.found, Work):
        return None
    work = one.found
    curve, points = speed_curve(work), measured_points(work)
    units = work.usd_per_million_tokens
    point = charts.Point(
        f"{work.gpus:,} × {work.gpu}",
        work.speed.sequences,
        work.speed.output_tokens_per_s,
        units[OWN],
        units[RENT],
    )
    return _Near(
        work_tables.closer(work),
        charts.speed_by_concurrency(curve, points, point, theme),
        charts.cost_by_concurrency(curve, point, found.api and found.api.middle, theme),
        curve,
        points,
    )
