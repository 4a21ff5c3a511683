"""One verdict: every surface says the same word, confidence, break-even and reason."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

import tco
from tco import words
from tco.api import agent
from tco.cli import main
from tco.inputs import INPUTS
from tco.scenario.lines_csv import lines_of_csv
from tco.scenario.link import encode
from tests.app.helpers import html_of, opened
from tests.asked import ALL_CASES, some
from tests.neutral import NEUTRAL

AS_OF = "2026-11-21"
OWN_LINES = Path(__file__).parents[1] / "docs" / "lines.csv"
RATE = "breakeven_rate_usd_per_gpu_hour"
TAXED = {"tax_rate": 0.25, "depreciation": "macrs_5"}
LEASED = {"financing": "lease", "lease_usd_per_gpu_month": 60, "lease_months": 24}
# Both sides cost the same: nothing but a fee of the one and the price of the other.
SAME = {name: value for name, value in NEUTRAL.items() if value is not None} | {
    "gpu": "L4",
    "price_usd_per_gpu": 100.0,
    "upfront_usd_per_gpu": 100.0,
    "utilization": 0.5,
    "rate_usd_per_gpu_hour": 0.0,
}
SCENARIOS: dict[str, dict[str, Any]] = {
    "the example": {},
    "both sides cost the same": SAME,
    **{f"L4, {share:g} busy": {"gpu": "L4", "utilization": share} for share in (0.05, 0.3, 0.45)},
    **{f"L4, {share:g} busy": {"gpu": "L4", "utilization": share} for share in (0.6, 0.8, 1)},
    **{f"L4 at {rate:g}": {"gpu": "L4", "rate_usd_per_gpu_hour": rate} for rate in (0.3, 0.5)},
    **{f"L4 at {rate:g}": {"gpu": "L4", "rate_usd_per_gpu_hour": rate} for rate in (0.53, 0.85, 5)},
    **{f"{gpu}, half busy": {"gpu": gpu, "utilization": 0.5} for gpu in ("A10", "L40S")},
    **{f"{gpu}, half busy": {"gpu": gpu, "utilization": 0.5} for gpu in ("A100-80GB-SXM", "B200")},
    **{f"{gpu}, 0.8 busy": {"gpu": gpu, "utilization": 0.8} for gpu in ("H100-SXM", "H200")},
    **{f"{gpu}, 0.8 busy": {"gpu": gpu, "utilization": 0.8} for gpu in ("RTX-4090",)},
    "always on": {"gpu": "L4", "billing": "always_on", "utilization": 0.2},
    "committed": {"gpu": "L4", "term": "1yr", "rate_usd_per_gpu_hour": 0.45},
    "committed and left": {"gpu": "L4", "term": "3yr", "horizon_months": 40, "utilization": 0.9},
    "spot": {"gpu": "L4", "term": "spot"},
    "one provider": {"gpu": "L4", "provider": "gcp"},
    "its own site": {"gpu": "L4", "hosting": "own_site", "utilization": 0.7},
    "all in": {"gpu": "L4", "hosting": "colo_all_in"},
    "used": {"gpu": "L4", "price_basis": "used"},
    "no resale": {"gpu": "L4", "resale_decline_per_year": 1},
    "a year": {"gpu": "L4", "horizon_months": 12},
    "five years and a half month": {"gpu": "L4", "horizon_months": 60.5, "utilization": 0.4},
    "dear money": {"gpu": "L4", "discount_rate": 0.4, "utilization": 0.6},
    "free money": {"gpu": "L4", "discount_rate": 0},
    "own lines": {
        "gpu": "L4",
        "lines": lines_of_csv(OWN_LINES.read_text("utf-8")),
    },
    "taxed": {"gpu": "L4", "utilization": 0.7, **TAXED},
    "a loan": {
        "gpu": "L4",
        "financing": "loan",
        "financed_share": 0.8,
        "loan_apr": 0.07,
        "utilization": 0.6,
        **TAXED,
    },
    "a lease": {"gpu": "L4", "utilization": 0.6, **LEASED},
    "a lease bought out": {"gpu": "L4", **LEASED, "lease_buyout_usd_per_gpu": 400, **TAXED},
    "delivered late": {"gpu": "L4", "delivery_months": 5, "utilization": 0.7},
    # Until the delivery three hours are rented for one: owning rents more than renting does.
    "dearer as rents rise": {
        "gpu": "L4",
        "delivery_months": 20,
        "billing": "committed",
        "billing_overhead": 2,
        "utilization": 1,
    },
    "refreshed": {"gpu": "L4", "refresh_months": 24, "refresh_price_usd_per_gpu": 2_000},
    "whole racks": {"gpu": "L4", "gpus": 100, "whole_servers": True, "whole_racks": True},
}


@dataclass(frozen=True)
class Said:
    """What one surface says; None for what it does not show."""

    verdict: str | None
    chance_buy: float | None = None
    confidence: str | None = None
    rate: float | None = None
    reason: str | None = None
    first: str | None = None
    page: str | None = None


def options_of(scenario: dict[str, Any]) -> list[str]:
    """The scenario as options of the shell."""
    found = ["--as-of", AS_OF]
    for name, value in scenario.items():
        option = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            found += [option, "true" if value else "false"]
        elif name == "lines":
            found += [option, str(OWN_LINES)]
        else:
            found += [option, str(value)]
    return found


def ran(*arguments: str) -> Result:
    done = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def by_python(scenario: dict[str, Any]) -> Said:
    answer = tco.breakeven(**scenario, as_of=AS_OF)
    odds = tco.simulate(**scenario, as_of=AS_OF)
    assert odds.chance == odds.chance_buy
    rate = getattr(answer, RATE)
    return Said(answer.verdict, odds.chance_buy, odds.confidence, rate, answer.reason)


def by_shell(scenario: dict[str, Any]) -> Said:
    asked = ("breakeven", *options_of(scenario))
    text = ran(*asked, "--odds", "--wide").stdout
    cells = {name: value for value, name in re.findall(r"(?m)^.*? {2,}(\S+)  .*?(\w+)$", text)}
    reason = text.splitlines()[0]
    sentence = " ".join(ran(*asked).stdout.partition("\n\n")[0].split())
    assert reason.startswith(sentence.removeprefix("Example: none of the inputs are yours. "))
    return Said(
        cells["verdict"],
        float(cells["chance_buy"]),
        cells.get("confidence", "").replace("none", ""),
        math.inf if cells[RATE] == "none" else float(cells[RATE].replace(",", "")),
        reason,
    )


def by_json(scenario: dict[str, Any]) -> Said:
    results = json.loads(ran("breakeven", *options_of(scenario), "--odds", "--json").output)
    return said_of(results["results"])


def said_of(cells: dict[str, Any]) -> Said:
    reason = str(cells["reason"])
    rate = cells[RATE]
    return Said(
        cells["verdict"],
        float(cells["chance_buy"]),
        cells["confidence"] or "",
        math.inf if rate in (None, "") else float(rate),
        reason,
    )


def by_csv(scenario: dict[str, Any], folder: Any) -> Said:
    ran("report", *options_of(scenario), "-o", str(folder / "report.csv"))
    rows = csv.DictReader(io.StringIO((folder / "report.csv").read_text(encoding="utf-8-sig")))
    return said_of({row["name"]: row["value"] for row in rows if row["section"] == "result"})


def by_workbook(scenario: dict[str, Any], folder: Any) -> Said:
    ran("report", *options_of(scenario), "-o", str(folder / "report.xlsx"))
    book = openpyxl.load_workbook(folder / "report.xlsx", data_only=True)
    cells = {
        name: book[sheet][place].value
        for name in ("verdict", "chance_buy", "confidence", "reason", RATE)
        for sheet, place in book.defined_names[name].destinations
    }
    word = {"buy": "BUY", "rent": "RENT", "toss_up": "TOSS-UP"}[cells["verdict"]]
    assert book["Summary"]["A3"].value.startswith(f"{word}: ")
    return said_of(cells)


def by_sheet(scenario: dict[str, Any], folder: Any) -> Said:
    ran("report", *options_of(scenario), "-o", str(folder / "report.html"))
    page = (folder / "report.html").read_text(encoding="utf-8")
    headline = re.search(r'<h2 class="headline">(.*?)</h2>', page)
    lead = re.search(r'<p class="lead">(.*?)</p>', page)
    assert headline
    assert lead
    verdict = re.search(r'<section class="verdict.*?</section>', page, re.DOTALL)
    return shown(headline[1], lead[1], verdict[0] if verdict else "")


def by_app(scenario: dict[str, Any]) -> Said:
    link = encode(tco.Scenario(**scenario)) | {"v": "1"}
    page = html_of(opened(**link | {"as_of": AS_OF}))
    strip = re.search(r"<section class='tco-strip.*?</section>", page, re.DOTALL)
    assert strip
    parts = dict(
        re.findall(r"data-tco='(word|confidence|sentence)'>(.*?)</(?:strong|span|p)>", strip[0])
    )
    headline = " · ".join(filter(None, (parts["word"], parts["confidence"])))
    return shown(headline, re.sub("</?b>", "", parts["sentence"]), strip[0])


def by_agent(scenario: dict[str, Any]) -> Said:
    found = agent.answer("breakeven", {**scenario, "as_of": AS_OF})
    assert not found.is_error
    content = found.structured_content
    headline, _, lead = content["answer"].partition(": ")
    said = shown(headline, lead, found.content[0].text)
    assert content["odds"]["verdict"] == content["results"]["values"]["verdict"] == said.verdict
    return replace(said, chance_buy=content["odds"]["chance_buy"])


SURFACES: dict[str, Callable[[dict[str, Any], Any], Said]] = {
    "shell": lambda scenario, _: by_shell(scenario),
    "JSON": lambda scenario, _: by_json(scenario),
    "CSV": by_csv,
    "workbook": by_workbook,
    "sheet": by_sheet,
    "app": lambda scenario, _: by_app(scenario),
    "agent": lambda scenario, _: by_agent(scenario),
}


def shown(headline: str, lead: str, page: str) -> Said:
    word, _, sure = headline.partition(" · ")
    known = {shown: verdict for verdict, shown in words.VERDICT_WORDS.items() if verdict}
    return Said(known[word], confidence=sure.removesuffix(" confidence"), first=lead, page=page)


def nearest_flip(scenario: dict[str, Any]) -> str:
    """The nearest value at which the other side wins, as a sentence writes it.

    Where most futures are against the verdict, or both sides cost the same, a page says that.
    """
    answer, odds = tco.breakeven(**scenario, as_of=AS_OF), tco.simulate(**scenario, as_of=AS_OF)
    share = odds.chance_buy if answer.npv_saving_usd > 0 else 1 - odds.chance_buy
    if not answer.flips or not answer.npv_saving_usd or share < 0.5:
        return ""
    name, value = answer.flips[0]
    return str(INPUTS[name].spoken(value))


def in_front(scenario: dict[str, Any]) -> str:
    saving = tco.breakeven(**scenario, as_of=AS_OF).npv_saving_usd
    return "both" if not saving else "buying" if saving > 0 else "renting"


def leader(first: str, rate: Any) -> str:
    """Who wins by the first sentence of a page, whose break-even is that of the answer."""
    found = re.match(
        r"At [\d.,]+ % utilization, (?:(both) cost the same|"
        r"(buying|renting) wins at any rental rate|(no) rental rate makes both sides equal|"
        r"buying wins if renting costs (more|less) than "
        r"\$([\d.,]+) per GPU-hour); you would pay \$([\d.,]+)\.",
        first,
    )
    assert found, first
    both, always, none, side, at, pay = found.groups()
    if both or always or none:
        assert both or not (0 < rate < math.inf)
        return str(both or always or "buying")
    assert float(at.replace(",", "")) == pytest.approx(rate, rel=6e-3)
    is_above = float(pay.replace(",", "")) > float(at.replace(",", ""))
    return "buying" if is_above == (side == "more") else "renting"


@pytest.mark.parametrize("name", some(SCENARIOS, every=2))
def test_every_surface_says_the_same(name: str, tmp_path: Any) -> None:
    scenario = SCENARIOS[name]
    truth = by_python(scenario)
    front, nearest = in_front(scenario), nearest_flip(scenario)
    # A third of the surfaces in turn: each says it of a third of the scenarios, or with all cases
    # of all.
    turn = [*SCENARIOS].index(name)
    for at, (surface, by) in enumerate(SURFACES.items()):
        if (at + turn) % 3 and not ALL_CASES:
            continue
        said = by(scenario, tmp_path)
        assert said.verdict == truth.verdict, surface
        assert said.confidence == truth.confidence, surface
        for field in ("chance_buy", "rate"):
            if (number := getattr(said, field)) is not None:
                assert number == pytest.approx(getattr(truth, field), abs=6e-5), (surface, field)
        if said.reason is not None:
            assert said.reason == truth.reason, surface
            first = said.reason.partition(": ")[2].partition(" Owning costs")[0]
            assert leader(first[:1].upper() + first[1:], truth.rate) == front, surface
        if said.first is not None:
            assert leader(said.first, truth.rate) == front, surface
        if said.page is not None:
            assert nearest in said.page, surface


def test_the_scenarios_cover_all_verdicts_and_confidences() -> None:
    assert len(SCENARIOS) >= 40
    found = {(said.verdict, said.confidence) for said in map(by_python, SCENARIOS.values())}
    assert {verdict for verdict, _ in found} == {"buy", "rent", "toss_up"}
    assert {sure for _, sure in found} == {"high", "medium", "low", ""}
    assert all((verdict == "toss_up") == (sure == "") for verdict, sure in found)


def test_two_identical_sides_cost_the_same(tmp_path: Any) -> None:
    answer = tco.breakeven(**SAME)
    assert answer.verdict == "toss_up"
    assert "both cost the same" in str(answer.reason)
    pages = (by_sheet(SAME, tmp_path).page, by_app(SAME).page)
    for text in (str(answer.reason), *map(str, pages)):
        assert "both cost the same" in text
        assert " wins" not in text
        assert " is cheaper" not in text
        assert "Owning is" not in text


def test_the_inputs_of_the_scenarios_exist() -> None:
    assert all(set(scenario) <= {*INPUTS, "lines"} for scenario in SCENARIOS.values())


def test_without_busy_hours_no_surface_is_sure(tmp_path: Any) -> None:
    idle = {"gpu": "L4", "utilization": 0}
    assert tco.simulate(**idle, as_of=AS_OF).confidence == ""
    surfaces = (by_shell(idle), by_json(idle), by_csv(idle, tmp_path), by_workbook(idle, tmp_path))
    assert {said.confidence for said in surfaces} == {""}
