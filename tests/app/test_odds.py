"""The odds behind the verdict: one simulation a scenario, and why there is none."""

from __future__ import annotations

import gc
from typing import Any

import pytest

import tco
from tco.analysis import simulation
from tco.app import state
from tco.app.server import warm
from tco.words import futures, headline
from tests.app.helpers import html_of, opened, strip
from tests.app.test_why import disclosed


@pytest.mark.parametrize("busy", [0.1, 0.5, 0.6, 0.9])
def test_the_verdict_is_that_of_the_chance(busy: float) -> None:
    scenario = tco.Scenario(gpu="L4", utilization=busy)
    app, found = disclosed("why", gpu="L4", utilization=str(busy)), tco.simulate(scenario)
    shown, told = html_of(app), strip(app)
    word = tco.breakeven(scenario).verdict
    assert word != "toss_up"
    assert f"{told['word']} · {told['confidence']}" == headline(word, found.confidence)
    assert futures(found.dots(20)) in shown
    wins = sum(saving > 0 for saving in found.dots(20))
    assert f">{'●' * wins}{'○' * (20 - wins)}<" in shown


@pytest.mark.parametrize(
    "inputs",
    [
        {"gpu": "RTX-PRO-4500", "provider": "lambda"},
        {"utilization": "0"},
        {"hosting": "own_site", "rack_kw": "1"},
    ],
)
def test_without_a_verdict_there_are_no_odds(inputs: dict[str, Any]) -> None:
    assert "simulated futures" not in html_of(opened(**inputs))


def test_what_keeps_the_odds_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise tco.TcoError("SciPy is not installed")

    monkeypatch.setattr(simulation, "simulated", fails)
    shown = html_of(opened(gpu="L4", utilization="0.923"))
    assert "No odds and no confidence here: SciPy is not installed" in shown
    assert "data-tco='word'>BUY<" in shown
    assert "simulated futures" not in shown


def test_the_same_scenario_is_simulated_once() -> None:
    one, other = tco.Scenario(gpu="L4", pue=1.21), tco.Scenario(gpu="L4", pue=1.21)
    assert state.facts(one).simulation is state.facts(other).simulation
    assert state.facts(one).ribbon is state.facts(other).ribbon


def test_warming_makes_the_odds_of_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tco.Scenario] = []
    monkeypatch.setattr(simulation, "odds_of", asked.append)
    warm()
    gc.unfreeze()
    assert asked == [tco.Scenario()]
