"""The commands that answer in the terms of finance: what is asked beside a scenario."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_cli import run

EURO = ("--currency", "EUR", "--fx-rate", "0.8", "--fx-as-of", "2026-11-20")


def wanted(*options: str) -> tuple[str, float]:
    done = run("goal", "--gpu", "L4", *options, "--format", "json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)["goal"]
    return found["target"], found["wanted"]


@pytest.mark.parametrize(
    ("options", "target", "value"),
    [
        (("--irr", "10%"), "irr", 0.1),
        (("--saving-usd", "$10,000"), "saving_usd", 10_000),
        (("--saving-usd", "8000 EUR", *EURO), "saving_usd", 10_000),
        (("--simple-payback-months", "18"), "simple_payback_months", 18),
    ],
)
def test_a_target_is_read_as_inputs_are(
    options: tuple[str, ...], target: str, value: float
) -> None:
    assert wanted(*options) == (target, value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--irr", "abc"), "irr = 'abc' is not a number in [-0.99, 1]: minimum rate of return"),
        (("--saving-usd", "10 GBP"), "saving_usd = '10 GBP' is in GBP"),
        (("--payback-months", "soon"), "payback_months = 'soon' is not a number in [0, 36]"),
    ],
)
def test_a_target_that_is_none_is_refused(options: tuple[str, ...], said: str) -> None:
    done = run("goal", "--gpu", "L4", *options)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_what_there_is_of_a_saving_is_said_in_words() -> None:
    found = run("goal", "--gpu", "L4", "--utilization", "0.9", "--saving-usd", "-9000").stdout
    assert found.startswith("Buying costs at most $9,000 more at current inputs: a saving of $")
