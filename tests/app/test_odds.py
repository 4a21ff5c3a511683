"""The strength of the verdict on the screen is that of the simulation."""

from __future__ import annotations

from typing import Any

import pytest

import tco
from tco.analysis import uncertainty
from tco.app import odds
from tco.report.decision import decide
from tco.report.strength import strength


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    monkeypatch.setattr(odds.st, "html", texts.append)
    monkeypatch.setattr(odds.st, "caption", texts.append)
    return texts


@pytest.mark.parametrize("busy", [0.1, 0.5, 0.6, 0.9])
def test_the_strength_is_that_of_the_chance(busy: float, shown: list[str]) -> None:
    scenario = tco.Scenario(gpu="L4", utilization=busy)
    odds.odds(decide(scenario))
    chance = tco.simulate(scenario).chance
    assert strength(chance) in shown[0].lower()
    assert f"in {round(chance, 2) * 100:.0f} % of 2,048 simulated futures" in shown[0]
    assert shown[0].count("Check first") <= 1
    assert "..</p>" not in shown[0]


@pytest.mark.parametrize(
    "inputs", [{"gpu": "RTX-PRO-4500"}, {"utilization": 0}, {"hosting": "own_site", "rack_kw": 1}]
)
def test_without_a_verdict_there_are_no_odds(inputs: dict[str, Any], shown: list[str]) -> None:
    odds.odds(decide(tco.Scenario(**inputs)))
    assert shown == []


def test_what_keeps_the_odds_away_is_said(
    shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise tco.TcoError("SciPy is not installed")

    monkeypatch.setattr(odds, "simulate", fails)
    odds.odds(decide(tco.Scenario(gpu="L4", utilization=0.123)))
    assert "SciPy is not installed" in shown[0]
    assert uncertainty.simulate is not fails
