"""What an input is called, and how its values are shown."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tco.inputs import INPUTS, Param
from tco.inputs.declaration import Interval

WORDS = Path(__file__).parents[1] / "golden" / "input_words.csv"
SAID = ("phrase", "label", "short", "asked", "question", "below", "above", "at", "zero")
# Of what is no number nothing is said in a sentence.
ASKED = ("label", "question")
CHOICES = ("choice_words", "choice_short", "choice_phrases")
SHARE = Param(group="", kind="number", meaning="load: mean over peak", unit="share", high=1)
RATE = Param(group="", kind="number", meaning="price (net), today", unit="USD per GPU-hour")
COUNT = Param(group="", kind="integer", meaning="GPUs in use", unit="GPUs", low=1, high=64)
SITE = Param(
    group="",
    kind="choice",
    meaning="where the servers stand",
    choices=("own", "colo", "any"),
    choice_words={"own": "own site", "colo": "colocation"},
    choice_short={"colo": "colo"},
    choice_phrases={"own": "on the own site"},
)


def test_every_input_is_called_as_listed() -> None:
    with WORDS.open(newline="", encoding="utf-8") as stream:
        listed = {row["name"]: row for row in csv.DictReader(stream)}
    assert list(listed) == list(INPUTS)
    for name, declared in INPUTS.items():
        said = SAID if declared.numeric else ASKED
        words = {field: getattr(declared, field) if field in said else "" for field in SAID}
        for field in CHOICES:
            pairs = getattr(declared, field).items()
            words[field] = "; ".join(f"{choice}={said}" for choice, said in pairs)
        assert {"name": name, **words} == listed[name]


def test_what_is_not_declared_follows_from_the_meaning() -> None:
    assert (SHARE.phrase, SHARE.label, SHARE.short) == ("load", "Load", "load")
    assert (SHARE.asked, SHARE.question) == ("the load", "Load")
    assert (SHARE.below, SHARE.above) == ("the load is below {}", "the load is above {}")
    assert SHARE.at == "a load of {}"
    assert (RATE.phrase, RATE.label) == ("price", "Price")
    # What is no number is labeled by all of its meaning.
    assert SITE.label == "Where the servers stand"
    for sign in (",", ";", ":", " ("):
        assert Param(group="", kind="number", meaning=f"one{sign} two").phrase == "one"


def test_what_is_declared_counts() -> None:
    said = {field: f"their {field}" for field in SAID}
    declared = Param(group="", kind="number", meaning="meaning", **said)
    assert {field: getattr(declared, field) for field in SAID} == said


@pytest.mark.parametrize(
    ("declared", "value", "shown"),
    [
        (SHARE, 0.455, 45.5),
        (SHARE, 0.1 + 0.2, 30.0),
        (RATE, 0.5, 0.5),
        (COUNT, 8, 8),
        (SHARE, None, None),
        (COUNT, None, None),
        (INPUTS["horizon_months"], 30.0, 2.5),
        (INPUTS["discount_rate"], 0.09, 9.0),
        (INPUTS["hosting"], "own_site", "own_site"),
    ],
)
def test_values_are_shown_and_meant(declared: Param, value: object, shown: object) -> None:
    assert declared.shown(value) == shown
    assert declared.meant(shown) == (pytest.approx(value) if isinstance(value, float) else value)


def test_domains_are_shown_in_the_unit_shown() -> None:
    assert SHARE.shown_domain == (0, 100)
    assert COUNT.shown_domain == (1, 64)
    assert all(type(end) is int for end in COUNT.shown_domain)
    assert all(type(end) is float for end in SHARE.shown_domain)
    assert INPUTS["horizon_months"].shown_domain == (0, 20)


def test_values_are_written_and_spoken() -> None:
    assert SHARE.written(0.45) == "45 %"
    assert SHARE.written(Interval(0.25, 0.5)) == "25 % to 50 %"
    assert SHARE.written(None) == COUNT.written(None) == "unknown"
    assert COUNT.written(8) == "8 GPUs"
    assert SITE.written("own") == "own site"
    assert RATE.spoken(0.5) == "$0.50"
    assert RATE.clause(0.4, 0.5) == "the price is below $0.40"
    assert RATE.clause(0.6, 0.5) == "the price is above $0.60"
    assert RATE.spoken_at(0.25) == "a price of $0.25"


def test_a_label_says_its_unit_once() -> None:
    assert SHARE.labeled == "Load [%]"
    assert Param(group="", kind="integer", meaning="GPUs in use", unit="GPUs").labeled == (
        "GPUs in use"
    )
    assert SITE.labeled == SITE.label


def test_choices_have_three_forms_of_words() -> None:
    words = [(SITE.word(c), SITE.short_word(c), SITE.choice_phrase(c)) for c in SITE.choices]
    assert words == [
        ("own site", "own site", "on the own site"),
        ("colocation", "colo", "colocation"),
        ("any", "any", "any"),
    ]


def test_a_range_is_written_as_it_is_read() -> None:
    assert str(Interval(0.5, 0.85)) == "0.5..0.85"
    assert str(Interval(8.0, 16.0)) == "8..16"
    assert str(Interval(8.0, 16.5)) == "8..16.5"
    assert Interval(1.0, 2.0).midpoint == 1.5
