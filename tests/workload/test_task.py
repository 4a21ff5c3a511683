"""What there is to do, as a page and a link say it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco.errors import InputError
from tco.inputs import TAKEN
from tco.scenario import Scenario
from tco.scenario.link import WORK, decode, encode, view_of
from tco.workload.task import FIELDS, TASKS, WAYS, Task, choices, read


def test_no_name_is_that_of_an_input() -> None:
    assert not FIELDS.keys() & TAKEN.keys()


def test_every_kind_asks_for_what_is_declared() -> None:
    for kind, declared in TASKS.items():
        assert set(declared.fields) <= set(FIELDS)
        task = Task().changed(kind=kind)
        assert task.kind == kind
        assert set(task.values) == set(declared.fields)
        again, remarks = read(task.text)
        assert (again.values, remarks) == (task.values, ())


_NUMBERS = [name for name, declared in FIELDS.items() if declared.numeric]


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    kind = draw(st.sampled_from(list(TASKS)))
    task = Task().changed(kind=kind)
    for name in draw(st.lists(st.sampled_from(TASKS[kind].fields), unique=True)):
        declared = FIELDS[name]
        if declared.numeric:
            low, high = max(declared.low, 1e-3), min(declared.high, 1e12)
            number: Any = draw(st.floats(low, high))
            value: Any = round(number) or 1 if declared.kind == "integer" else number
        else:
            value = draw(st.sampled_from(list(choices(name, kind))))
        task = task.changed(**{name: value})
    return task


@given(tasks())
def test_a_task_comes_back_from_its_text_and_from_a_link(task: Task) -> None:
    again, remarks = read(task.text)
    assert (again.text, remarks) == (task.text, ())
    assert again.values == {**task.values, **_hidden(task, again)}
    link = encode(Scenario(gpu="T4"), beside={WORK: task.text}) | {WORK: task.text}
    assert decode(link).remarks == ()
    assert view_of(link) == {WORK: task.text}


def _hidden(task: Task, again: Task) -> dict[str, Any]:
    """What belongs to another way of saying how much is not in the link."""
    differs = {n: v for n, v in again.values.items() if v != task.values[n]}
    ways = {"users", "requests_per_day", "input_tokens_per_day", "output_tokens_per_day"}
    assert set(differs) <= {*ways, "days", "gpu_count"}
    return differs


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    task, remarks = read(text)
    assert task.kind in TASKS
    assert all(remark and "\n" not in remark for remark in remarks)


def test_a_link_that_lost_the_end_of_its_work_says_so() -> None:
    link = encode(Scenario(gpu="T4"), beside={WORK: Task().changed(users=2_000).text})
    cut = {**link, WORK: link[WORK].replace("2000", "200")}
    assert "cut or edited" in decode(cut).remarks[0]
    del cut[WORK]
    assert "cut or edited" in decode(cut).remarks[0]


@pytest.mark.parametrize("by", list(WAYS["llm"]))
def test_another_way_says_the_same_load(by: str) -> None:
    task = Task().changed(users=2_000)
    other = task.changed(by=by)
    back = other.changed(by="users")
    assert back.values["users"] == pytest.approx(2_000, rel=1e-3)


def test_another_use_case_and_another_model_bring_their_own() -> None:
    task = Task().changed(prompt_tokens=100.0, my_tokens_per_s=500.0, my_gpu="L4")
    assert task.changed(use_case="rag").values["prompt_tokens"] == 4_096
    assert task.changed(model="Qwen3-8B").values["my_tokens_per_s"] is None
    assert task.changed(kind=None) == Task()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"users": 0}, "“Users” = 0 is outside (0, 10000000000]"),
        ({"users": [1, 2]}, "“Users” is one number"),
        ({"use_case": "chess"}, "Use case = 'chess' is not one of those known"),
        ({"model": "Llama-9"}, "Model = 'Llama-9' is not one of those known"),
        ({"units_per_day": 5}, "does not apply to LLM serving"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as wrong:
        Task().changed(**changes)
    assert said in str(wrong.value)
