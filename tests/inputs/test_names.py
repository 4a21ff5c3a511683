"""Names that are no inputs: refused with the right one, on every surface, and never guessed."""

from __future__ import annotations

import pytest

import tco
from tco.analysis.sweep.rows import column_problems
from tco.errors import InputError
from tco.inputs import INPUTS, TAKEN
from tco.inputs.names import _EVERYDAY, everyday, not_inputs
from tco.scenario.link import decode
from tco.sheets import functions

RATE, PRICE = "rate_usd_per_gpu_hour", "price_usd_per_gpu"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("rate", RATE),
        ("price", PRICE),
        ("Hourly Rate", RATE),
        ("utilisation", "utilization"),
        ("util", "utilization"),
        ("years", "horizon_months"),
        ("electricity", "electricity_usd_per_kwh"),
        ("wacc", "discount_rate"),
        ("num_gpus", "gpus"),
        ("GPU price", PRICE),
        ("balloon", "loan_balloon_share"),
    ],
)
def test_the_right_name_is_told_everywhere(word: str, name: str) -> None:
    said = f"did you mean {name}"
    with pytest.raises(InputError, match=said):
        tco.Scenario(**{word: 1})
    with pytest.raises(InputError, match=said):
        tco.Scenario.from_dict({word: 1})
    assert said in column_problems([word, "gpu"])[0]
    assert said in decode({word: "1"}).remarks[0]
    assert said in str(functions.breakeven(word, 1))
    with pytest.raises(InputError, match=said):
        tco.sweep({word: [1, 2]})


def test_everyday_words_are_of_inputs_and_no_input_is_another() -> None:
    assert _EVERYDAY.keys() <= TAKEN.keys()
    words = [word for told in _EVERYDAY.values() for word in told.split()]
    assert len(words) == len({*words})
    assert all(everyday(name) == name for name in INPUTS)


def test_many_wrong_names_are_told_at_once() -> None:
    names = [f"column {at}" for at in range(200_000)]
    found = not_inputs(names)
    assert found[-1][1] == "199,990 more names are not inputs"
    with pytest.raises(InputError):
        tco.Scenario(**dict.fromkeys(names, 1))
    assert column_problems(names) == ["200,000 columns exceed the limit of 1,024"]
    assert len(column_problems(["gpu", *names[:1_000]])) <= 21
