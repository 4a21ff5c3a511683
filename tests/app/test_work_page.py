"""The Work page: questions, the GPUs for the work, what is refused, and the way to Decide."""

from html import escape
from urllib.parse import parse_qs

import pytest

import tco
from tco import Scenario
from tco.analysis.same_work import same_work
from tco.report import work_tables
from tco.scenario.link import WORK, decode
from tco.workload.task import KIND, Task, read
from tests.app.helpers import captions, html_of, on, opened, texts, widget

CHAT = Task().changed(users=2_000)


def work_page(task=None, **link):
    return opened("work", **({WORK: task.text} if task else {}), **link)


def task_of(app):
    return read(app.query_params[WORK])[0]


def links_to_decide(app):
    return [link.proto for link in app.get("page_link") if link.proto.label == "Use this"]


def test_the_first_visit_is_an_example_and_says_so():
    app = work_page()
    assert not app.exception
    assert "this is not your work yet" in captions(app)
    told = work_tables.answer(same_work(Task(), Scenario()), Scenario())
    assert f"<strong class='tco-word'>{told.word}</strong>" in html_of(app)
    assert f"<p class='tco-lead'>{told.lead}</p>" in html_of(app)
    assert WORK not in app.query_params


def test_users_that_are_typed_are_in_the_link_and_change_the_answer():
    app = work_page()
    widget(app, "text_input", "number--users").set_value("2,000").run()
    assert app.query_params[WORK] == CHAT.text
    assert "Chatbot for 2,000 users on Llama-3.1-8B" in html_of(app)
    assert "this is not your work yet" not in captions(app)
    again = opened("work", **{name: str(text) for name, text in app.query_params.items()})
    assert widget(again, "text_input", "number--users").value == "2000"
    assert html_of(again) == html_of(app)


def test_the_work_stays_on_the_way_through_the_pages():
    app = work_page(CHAT, utilization="0.3")
    on(app, "")
    assert task_of(app) == CHAT
    on(app, "risk")
    assert task_of(app) == CHAT
    assert app.query_params["utilization"] == "0.3"
    assert decode({name: str(app.query_params[name]) for name in app.query_params}).remarks == ()


def test_use_this_is_the_scenario_of_the_row_to_the_cent():
    app = work_page(CHAT, gpu="L4", site="office")
    found = same_work(CHAT, Scenario(gpu="L4", site="office"))
    links = links_to_decide(app)
    assert len(links) == 6
    for link, one in zip(links, found.able, strict=False):
        told = {name: values[-1] for name, values in parse_qs(link.query_string).items()}
        shown = decode(told)
        assert shown.remarks == ()
        assert shown.scenario == one.scenario
        assert read(told[WORK])[0] == CHAT
        answer = tco.breakeven(shown.scenario)
        assert answer.own_npv_usd == pytest.approx(one.costs.own_usd, abs=0.005)
        assert answer.rent_npv_usd == pytest.approx(one.costs.rent_usd, abs=0.005)


def test_every_row_says_how_many_how_fast_from_where_and_at_what_cost():
    app = work_page(CHAT)
    said = html_of(app)
    for row in work_tables.rows(same_work(CHAT, Scenario()))[:6]:
        assert f"{escape(row.name)} <span class='tco-basis {row.basis}'>{row.basis}" in said
        for cell in row.cells:
            assert f"<dt>{cell.label}</dt><dd>{cell.value}<small>{cell.small}</small>" in said
        assert escape(row.reason) in said
    assert "GPUs that cannot, and why (8)" in [one.label for one in app.expander]


@pytest.mark.parametrize("kind", KIND.choices)
def test_every_kind_of_work_is_asked_for_and_says_what_it_lacks(kind):
    app = work_page()
    widget(app, "button_group", "choice--kind").set_value(kind).run()
    assert not app.exception
    assert not app.error
    task = task_of(app) if kind != "llm" else Task()
    assert task.kind == kind
    assert bool(task.lacking) == ("to see which GPUs can do it" in captions(app))
    assert bool(task.lacking) == (not links_to_decide(app))


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("images", {"units_per_day": "500,000"}, "500,000 images a day with SDXL"),
        ("video", {"at_once": "1040"}, "Cheapest: BUY 8 × L4"),
        (
            "training",
            {"tokens": "1e12", "mfu": "40", "days": "30", "parameters": "8e9"},
            "Training your model on 1 trillion tokens",
        ),
        ("embeddings", {"units_per_day": "1e9", "parameters": "302M"}, "1 billion tokens a day"),
    ],
)
def test_other_work_is_answered_once_it_is_said(kind, typed, said):
    app = work_page(Task().changed(kind=kind))
    for name, text in typed.items():
        widget(app, "text_input", f"number--{name}").set_value(text)
    app.run()
    assert not app.exception
    assert said in html_of(app)
    assert links_to_decide(app)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("users", "0", "0 users is outside above 0, up to 10,000,000,000 users: people"),
        ("users", "-5", "is outside"),
        ("users", "many", "“many” is text, not a number"),
        ("prompt_tokens", "0", "0 tokens is outside 1 to 10,000,000 tokens"),
        ("first_token_ms", "1e9", "1,000,000,000 ms is outside above 0, up to 600,000 ms"),
        ("token_time_ms", "-1", "-1 ms is outside above 0"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_box_and_the_last_work_stays(name, text, said):
    app = work_page(CHAT)
    widget(app, "text_input", f"number--{name}").set_value(text).run()
    assert not app.exception
    assert said in texts(app)
    assert task_of(app) == CHAT
    assert "Chatbot for 2,000 users" in html_of(app)


def test_a_context_beyond_the_model_s_says_so_and_dims_the_last_answer():
    app = work_page(CHAT)
    widget(app, "text_input", "number--prompt_tokens").set_value("200000").run()
    assert not app.exception
    assert "the context of Llama-3.1-8B, prompt and answer together" in html_of(app)
    assert "prompt_tokens" not in html_of(app)
    assert "Chatbot for 2,000 users" in html_of(app)


def test_a_model_that_fits_nowhere_says_what_would_make_it_fit():
    task = Task().changed(model="Kimi-K2", gpus_per_replica=1)
    said = html_of(work_page(task))
    assert "No GPU can do this" in said
    assert "GiB too little; would fit:" in said


def test_a_target_that_no_gpu_reaches_names_the_fastest():
    said = html_of(work_page(CHAT.changed(token_time_ms=0.5)))
    assert "No GPU can do this" in said
    assert "ms per token, one request at a time." in said


def test_a_speed_of_one_s_own_counts_and_is_called_so():
    app = work_page(CHAT.changed(my_gpu="L4", my_tokens_per_s=5_000.0))
    assert "1 × L4 <span class='tco-basis yours'>yours</span>" in html_of(app)


def test_the_table_has_every_gpu():
    app = work_page(CHAT)
    widget(app, "button_group", "the_same_work_on_every_gpu").set_value("Table").run()
    (shown,) = [one.value for one in app.dataframe]
    found = same_work(CHAT, Scenario())
    assert len(shown) == len(found.able) + len(found.unable)
    assert shown["why not"].iloc[-1]


def test_a_strange_link_is_told_and_the_rest_of_it_counts():
    app = opened("work", work="kind:llm,users:2000,color:<b>red</b>,load_target:7,use_case:chess")
    assert not app.exception
    said = html_of(app)
    assert "is unknown and ignored" in said
    assert "“Load target” = 7 is outside (0, 1]" in said
    assert "&#x27;chess&#x27; is not one of those known" in said
    assert "Chatbot for 2,000 users" in said
    assert opened("work", work="kind:mining").query_params


def test_another_way_to_say_how_much_says_the_same():
    app = work_page(CHAT)
    widget(app, "button_group", "choice--by").set_value("requests").run()
    assert task_of(app).values["requests_per_day"] == 230_400
    widget(app, "button_group", "choice--by").set_value("tokens").run()
    assert task_of(app).values["output_tokens_per_day"] == 58_980_000
    widget(app, "button_group", "choice--by").set_value("users").run()
    assert task_of(app).values["users"] == pytest.approx(2_000, rel=1e-3)


def test_back_to_the_example_forgets_the_work_alone():
    app = work_page(CHAT, utilization="0.3")
    widget(app, "button", "reset_work").click().run()
    assert WORK not in app.query_params
    assert app.query_params["utilization"] == "0.3"


def test_options_compare_gpus_for_the_same_work_where_it_is_known():
    app = opened("options", compare="T4,L4,H100-SXM", **{WORK: CHAT.text})
    said = html_of(app)
    column = work_tables.column(same_work(CHAT, Scenario(), ("T4", "L4", "H100-SXM")))
    assert "<th scope='col'>For the same work</th>" in said
    assert list(column)[-1] == "T4"
    for text in column.values():
        assert f"<td>{escape(text)}</td>" in said
    assert "For the same work: Chatbot for 2,000 users on Llama-3.1-8B." in captions(app)
    assert "T4 cannot do the work: no measured row, and no formula" in captions(app)
    assert "For the same work" not in html_of(opened("options", compare="T4,L4"))
