"""The Fleet page: how many GPUs of a demand to own and to rent, and what a bill or a log says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import streamlit as st

from tco.analysis.fleet import curve_of, fleet
from tco.analysis.fleet_plan import Fleet
from tco.analysis.fleet_task import (
    FIELDS,
    FILE,
    MEAN,
    OF_DEMAND,
    TRACE,
    WEEK,
    WORK,
    FleetTask,
    choices,
)
from tco.analysis.same_work import same_work
from tco.analysis.work import Work
from tco.app import actual_part, asked, bound, demand_files, pages, panels, state
from tco.app.demand_files import LARGEST_MB, Series
from tco.app.panels import plain
from tco.bills.bill import Bill
from tco.bills.telemetry import Telemetry
from tco.errors import InputError, TcoError
from tco.report import bill_tables, charts, fleet_answer
from tco.scenario import Scenario
from tco.workload.demand_curve import DemandCurve
from tco.workload.task import LLM, Task

_KEPT = "fleet_file"
_ALL_GPUS = ""
_ANSWERS = 32


def page() -> None:
    """What the demand is, the plan for it, and what happened beside it."""
    st.set_page_config(page_title="Fleet: how many GPUs to own, how many to rent?")
    scenario, task = state.scenario(), state.fleet_task()
    title = "How many to own, how many to rent?"
    asked.heading(scenario, title, "demand", "demand", state.has_fleet())
    source = _asked(task)
    with st.container(key="fleet_answer"):
        _planned(scenario, task, source)
    actual_part.section(source)


# --- What the demand is


Source = Series | Bill | Telemetry | None


def _asked(task: FleetTask) -> Source:
    """The questions: the demand in one of its forms, and what limits the plan."""
    kinds = dict(FIELDS["demand"].choice_words)
    with st.container(key="fleet_kind"):
        look: dict[str, Any] = {"label_visibility": "collapsed"}
        label = FIELDS["demand"].label
        asked.choice(label, "demand", task.demand, kinds, "pills", along=OF_DEMAND, **look)
    source = _uploaded() if task.demand == FILE else None
    with asked.row("fleet_asked"):
        if task.demand == TRACE:
            label = FIELDS["trace"].label
            asked.choice(label, "trace", task.values["trace"], choices("trace"), width=360)
        for name in _numbers(task, source):
            asked.number(task, FIELDS, name)
    st.caption(plain(fleet_answer.asked_note(task.demand)))
    if place := panels.disclosure("Growth, billing, limits of the site", "more_of_fleet"):
        with place, asked.row("fleet_plan"):
            _plan(task)
    return source


def _numbers(task: FleetTask, source: Source) -> tuple[str, ...]:
    """The numbers that are asked of a demand of this kind."""
    if task.demand == WEEK:
        return ("day_gpus", "day_hours", "night_gpus", "weekend_gpus")
    if task.demand == MEAN:
        return ("mean_gpus", "peak_gpus")
    is_load = task.demand == TRACE or isinstance(source, Series)
    return ("peak_gpus",) if is_load else ()


def _plan(task: FleetTask) -> None:
    names = ("demand_growth_per_year", "price_growth_per_year", "minimum_billing_hours")
    for name in (*names, "owned_max", "site_kw", "site_units"):
        asked.number(task, FIELDS, name)
    renting = FIELDS["renting"].label
    asked.choice(renting, "renting", task.values["renting"], choices("renting"), width=300)


def _uploaded() -> Source:
    """What the reader's file holds, which stays while other pages are looked at."""
    st.caption(plain(fleet_answer.FILES_NOTE))
    files = st.file_uploader(
        "A demand by hour, a cloud bill, or logs of GPUs",
        demand_files.KINDS,
        accept_multiple_files=True,
        key="fleet_upload",
        max_upload_size=LARGEST_MB,
    )
    if files:
        names = ", ".join(file.name for file in files)
        try:
            found = demand_files.read([(file.name, file.getvalue()) for file in files])
        except TcoError as wrong:
            panels.remarks(panels.said(str(wrong)), "Not read:")
            return None
        state.keep(_KEPT, (names, found))
    kept = state.kept(_KEPT)
    if kept is None:
        return None
    name, found = kept
    if not files:
        st.caption(plain(f"In use: {name}."))
    with st.container(key="fleet_said"):
        _said(found)
    source: Source = found
    return source


def _said(found: Series | Bill | Telemetry) -> None:
    """What a bill or a log says, before it becomes a demand."""
    if isinstance(found, Bill):
        panels.facts(bill_tables.bill_facts(found))
        panels.remarks(found.remarks, "While reading:")
        _use("Use the GPU and the rate of this bill", "use_bill", bill_tables.inputs_of(found))
    elif isinstance(found, Telemetry):
        panels.facts(bill_tables.telemetry_facts(found))
        panels.remarks(found.remarks, "While reading:")
        _use("Use these measurements", "use_log", found.inputs())


def _use(label: str, place: str, inputs: dict[str, Any]) -> None:
    if inputs:
        bound.button(label, place, partial(dict, inputs), tuple(inputs))


# --- The plan


def _planned(scenario: Scenario, task: FleetTask, source: Source) -> None:
    """The plan or, where there is none, what is missing for it."""
    try:
        demand = _demand(scenario, task, source)
        if isinstance(demand, str):
            panels.nothing("How many to own?", demand)
            return
        found = _fleet(scenario.without("gpus", "utilization"), task, demand)
    except TcoError as wrong:
        problems = wrong.problems if isinstance(wrong, InputError) else ()
        told = [fleet_answer.in_words(one.message) for one in problems] or [str(wrong)]
        panels.remarks(told, "There is no plan for this demand:")
        return
    _answer(found, scenario)
    _charts(found)
    _tables(found, scenario)


def _demand(scenario: Scenario, task: FleetTask, source: Source) -> DemandCurve | str:
    """The demand, or why there is none yet."""
    if task.demand == WORK:
        return _of_work(state.task(), scenario)
    if task.demand != FILE:
        return task.curve()
    if isinstance(source, Bill):
        return source.demand(_gpu_of(source))
    if isinstance(source, Series):
        return source.curve(task.values["peak_gpus"])
    if isinstance(source, Telemetry):
        return "A log says how busy GPUs were, not how many are needed when: a bill does."
    return "Upload a file to see how many GPUs are worth owning."


def _gpu_of(found: Bill) -> str | None:
    """Of a bill with several GPUs, the one whose demand counts."""
    if len(found.gpus) < 2:
        return None
    options = {_ALL_GPUS: "All GPUs together", **{gpu: gpu for gpu in found.gpus}}
    look: dict[str, Any] = {"format_func": lambda one: options.get(one, one), "width": 260}
    first = found.gpus[0]
    chosen = bound.own("selectbox", "Demand of", "bill_gpu", first, options=list(options), **look)
    return str(chosen) or None


def _of_work(task: Task, scenario: Scenario) -> DemandCurve | str:
    """The work of the page Work on the GPU of the scenario."""
    gpu = str(scenario.values()["gpu"])
    if task.kind != LLM:
        return "Only LLM serving becomes a demand by hour: choose it on the page Work."
    candidate = _same(task, scenario).of(gpu)
    if candidate is None or not isinstance(candidate.found, Work):
        return f"The work of the page Work cannot be done on {gpu}: choose another GPU there."
    return curve_of(candidate.found)


_same = lru_cache(maxsize=_ANSWERS)(same_work)


@lru_cache(maxsize=_ANSWERS)
def _fleet(scenario: Scenario, task: FleetTask, demand: DemandCurve) -> Fleet:
    return fleet(scenario, demand=demand, **task.keywords())


def _answer(found: Fleet, scenario: Scenario) -> None:
    told = fleet_answer.answer(found)
    panels.answer(told.side, told.word, told.lead, told.more)
    panels.tiles(fleet_answer.tiles(found))
    if found.owned:
        base = fleet_answer.owned_base(found, scenario)
        with st.container(key="use_fleet"):
            pages.link("", "Show the owned base on Decide", state.link_to(base))


def _charts(found: Fleet) -> None:
    theme = panels.theme()
    if found.demand is not None:
        drawn = charts.load_duration(found, theme)
        panels.chart_or_table("Demand and owned base", drawn, fleet_answer.duration_frames(found))
    if fleet_answer.is_dated(found):
        drawn = charts.buying_calendar(found, theme)
        panels.chart_or_table("When to buy", drawn, {"purchases": found.calendar})


def _tables(found: Fleet, scenario: Scenario) -> None:
    panels.title("What the plans cost")
    panels.written(fleet_answer.COSTS, fleet_answer.cost_rows(found), "What the plans cost")
    panels.title("The GPUs, one by one")
    st.caption(plain(fleet_answer.UNITS_NOTE))
    panels.table(fleet_answer.unit_table(found), "The GPUs of the plan")
    panels.download("Plan (CSV)", lambda: found.units, scenario, "tco-fleet.csv")
    _notes(fleet_answer.notes(found))


def _notes(told: Sequence[str]) -> None:
    panels.title("What was done with the demand")
    panels.sentences(told)
