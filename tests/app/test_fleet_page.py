"""The Fleet page: each way to say the demand, what is refused, and what it shows."""

from pathlib import Path

import pytest

import tco
from tco.analysis.fleet_task import FleetTask, read
from tco.scenario.link import FLEET
from tests.app.helpers import captions, html_of, opened, texts

DOCS = Path(__file__).resolve().parents[2] / "docs"
CASE = {"gpu": "L4", "rate_usd_per_gpu_hour": "0.8"}
WEEK = FleetTask().changed(day_gpus=20)


def fleet_page(task=None, **link):
    return opened("fleet", **CASE | link, **({FLEET: task.text} if task else {}))


def shown(app):
    assert not app.exception
    return " ".join((html_of(app), captions(app), texts(app)))


def box(app, name):
    return next(one for one in app.text_input if f"--{name}--" in one.key)


def test_an_example_answers_at_once_and_says_that_it_is_one():
    app = fleet_page()
    told = shown(app)
    plan = tco.fleet(gpu="L4", rate_usd_per_gpu_hour=0.8, demand=[10] * 40 + [4] * 80 + [2] * 48)
    assert f"OWN {plan.owned}, RENT up to {plan.needed - plan.owned}" in told
    assert "this is not your demand yet" in told
    assert FLEET not in app.query_params


def test_what_is_typed_stands_in_the_link_and_changes_no_input():
    app = fleet_page()
    before = app.session_state.scenario
    box(app, "day_gpus").set_value("20").run()
    assert app.query_params[FLEET] == [WEEK.text] or app.query_params[FLEET] == WEEK.text
    assert app.session_state.scenario == before
    plan = tco.fleet(gpu="L4", rate_usd_per_gpu_hour=0.8, demand=WEEK.curve())
    assert plan.reason in shown(app)


@pytest.mark.parametrize(
    "text",
    [
        "demand:mean,mean_gpus:4,peak_gpus:12",
        "demand:trace,trace:burstgpt_chat,peak_gpus:40",
        "demand:week,day_gpus:10,day_hours:8,night_gpus:4,weekend_gpus:2,demand_growth_per_year:0.5",
        "demand:week,day_gpus:10,day_hours:8,night_gpus:4,weekend_gpus:2,owned_max:2,site_kw:1",
    ],
)
def test_each_way_is_answered_as_by_the_library(text):
    task = read(text)[0]
    assert task.text == text
    plan = tco.fleet(gpu="L4", rate_usd_per_gpu_hour=0.8, demand=task.curve(), **task.keywords())
    told = shown(fleet_page(task))
    assert plan.reason in told
    assert ("When to buy" in told) == bool((plan.calendar["month"] > 0).any())


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("day_gpus", "-1", "outside"),
        ("day_hours", "25", "outside whole numbers 0 to 24"),
        ("demand_growth_per_year", "400", "outside"),
        ("day_gpus", "many", "many"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_box_and_the_plan_stays(name, typed, said):
    app = fleet_page()
    app.session_state["more_of_fleet"] = True
    app.run()
    box(app, name).set_value(typed).run()
    assert said in shown(app)
    assert "OWN " in shown(app)
    assert FLEET not in app.query_params or typed not in str(app.query_params[FLEET])


def test_a_demand_that_has_no_plan_says_why():
    app = fleet_page(read("demand:mean,mean_gpus:4,peak_gpus:3")[0])
    assert "There is no plan for this demand" in shown(app)
    assert "GPUs at the peak" in shown(app)


def test_a_demand_of_none_says_so():
    task = FleetTask().changed(day_gpus=0, night_gpus=0, weekend_gpus=0)
    assert "There is no plan for this demand" in shown(fleet_page(task))


def test_work_of_the_page_work_becomes_a_demand():
    told = shown(fleet_page(FleetTask().changed(demand="work")))
    assert "RENT" in told or "OWN" in told


def test_without_a_file_it_asks_for_one():
    assert "Upload a file" in shown(fleet_page(FleetTask().changed(demand="file")))


def test_a_strange_link_is_told_and_the_rest_counts():
    app = opened("fleet", **CASE, fleet="demand:week,day_gpus:20,color:blue,night_gpus:x")
    assert app.session_state.view[FLEET] == WEEK.text
    assert len(app.session_state.remarks) >= 2


def test_a_demand_with_a_gap_is_told_without_words_of_code(monkeypatch):
    class Held:
        name = "demand.csv"

        def getvalue(self):
            hours = "".join(f"2026-03-02T{hour:02}:00Z,4\n" for hour in (0, 2, 3, 4))
            return f"time,value\n{hours}".encode()

    monkeypatch.setattr(
        "streamlit.file_uploader",
        lambda *_args, key, **_look: [Held()] if key == "fleet_upload" else None,
    )
    told = shown(fleet_page(FleetTask().changed(demand="file")))
    assert "the hour 2026-03-02 01:00 is missing" in told
    assert "add a row of 0 if nothing ran then" in told
    assert "gaps=" not in told
