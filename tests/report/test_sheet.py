"""The decision sheet: the answer's own numbers and words, safe text, the same bytes."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco import Scenario
from tco.analysis import simulation
from tco.analysis.simulation import simulate
from tco.cli import main
from tco.errors import InputError, to_install
from tco.inputs import INPUTS
from tco.market.importers import by_hand
from tco.market.store import PriceStore
from tco.report.facts import facts_of
from tco.report.finance_tables import years_rows
from tco.report.option_tables import NAMES, SITES
from tco.report.schema import NOT_COUNTED
from tco.report.sheet import page, templates
from tco.report.sheet.cost_curve import HEIGHT, TOP, curve
from tco.scenario.link import decode, encode
from tco.words import futures, headline
from tco.words.figures import dollars, number, rate_text, short_usd, step_text, usd
from tco.words.glossary import GLOSSARY
from tco.words.titles import payback_title
from tests.sheet import Sheet
from tests.strategies import examples

ROOT = Path(__file__).resolve().parents[2]
DAY, END = "2026-11-21", "2099-12-31"
CASES: dict[str, dict[str, Any]] = {
    "default": {"gpu": "L4"},
    "own_site": {"gpu": "L40S", "hosting": "own_site", "gpus": 9},
    "committed": {"gpu": "H100-SXM", "billing": "committed", "term": "1yr", "utilization": 0.9},
    "always_on": {"gpu": "L4", "billing": "always_on"},
    "loan_and_tax": {
        "gpu": "A100-80GB-SXM",
        "tax_rate": 0.25,
        "depreciation": "macrs_5",
        "financing": "loan",
    },
    "lease": {"gpu": "L4", "financing": "lease", "lease_usd_per_gpu_month": 120},
    "ten_years": {"gpu": "L40S", "horizon_months": 120, "utilization": 0.8},
    "not_whole_months": {"gpu": "L4", "horizon_months": 20.5, "rate_usd_per_gpu_hour": 2},
    "refreshed": {
        "gpu": "L4",
        "utilization": 0.8,
        "horizon_months": 50.5,
        "refresh_months": 24,
        "refresh_price_usd_per_gpu": 2_000,
    },
    "short": {"gpu": "L4", "horizon_months": 0.4},
}


@cache
def read(scenario: Scenario) -> Sheet:
    return Sheet(page(scenario))


def sheet(**inputs: Any) -> Sheet:
    return read(Scenario(**inputs))


def rows(frame: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = frame.to_dict("records")
    return found


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_the_figures_are_those_of_the_answer(inputs: dict[str, Any]) -> None:
    answer, figures = tco.breakeven(**inputs), sheet(**inputs).figures
    values = answer.scenario.values()
    cheaper = "buying" if answer.npv_saving_usd >= 0 else "renting"
    saved = f"{usd(abs(answer.npv_saving_usd))}{usd(abs(answer.npv_saving_usd) / values['gpus'])}"
    assert figures["BUY: cost of owning"] == f"{usd(answer.own_usd_per_gpu_hour)}per busy GPU-hour"
    assert (
        figures["RENT: cost of renting"] == f"{usd(answer.rent_usd_per_gpu_hour)}per busy GPU-hour"
    )
    assert figures[f"Saved by {cheaper}"] == f"{saved} per GPU, present value"
    paid = answer.status in ("breaks_even", "immediate")
    months = f"{number(answer.months)} months" if paid else "never"
    assert figures["Payback"].startswith(months)
    rate = answer.breakeven_rate_usd_per_gpu_hour
    shown = usd(rate) if rate < float("inf") else "none"
    assert figures["Break-even rental rate"].startswith(shown)
    busy = answer.breakeven_utilization
    use = INPUTS["utilization"].written(busy) if 0 <= busy <= 1 else "none"
    assert figures["Break-even utilization"].startswith(use.strip())


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_the_headline_is_that_of_the_odds(inputs: dict[str, Any]) -> None:
    found, answer = sheet(**inputs), tco.breakeven(**inputs)
    odds = simulate(**inputs)
    assert found.texts["h2"][0] == headline(answer.verdict, odds.confidence)
    wins = sum(saving > 0 for saving in odds.dots(20))
    line = next(p for p in found.texts["p"] if "20 simulated futures" in p)
    assert line.startswith(f"{'●' * wins}{'○' * (20 - wins)} {futures(odds.dots(20))}")
    assert odds.median_future in line


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_the_inputs_are_those_of_the_tornado_with_their_flips(inputs: dict[str, Any]) -> None:
    listed = sheet(**inputs).tables["inputs"][1:]
    expected = rows(tco.tornado(**inputs, count=8))
    resolved = Scenario(**inputs).resolved()
    known = tco.flips(**inputs).groupby("input")["flip"].apply(list)
    assert len(listed) == len(expected) == 8
    for cells, row in zip(listed, expected, strict=True):
        name = row["input"]
        assert cells[0] == INPUTS[name].label
        assert INPUTS[name].written(row["value"]).startswith(cells[1].split(" ")[0])
        near = sorted(known[name], key=lambda flip: abs(flip - row["value"]))
        first = INPUTS[name].written(near[0]) if near[0] == near[0] else "none"
        assert first.startswith(cells[2].split(" ")[0])
        saved = (short_usd(row["saving_low_usd"]), short_usd(row["saving_high_usd"]))
        assert cells[4] == f"{saved[0]} to {saved[1]}"
        assert cells[5].startswith(resolved[name].status)
        assert resolved[name].as_of in cells[5]


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_the_options_stand_in_the_order_of_their_cost(inputs: dict[str, Any]) -> None:
    found = sheet(**inputs)
    listed = found.tables["options"][1:]
    priced = [row for row in rows(tco.options(**inputs)) if row["status"] == "priced"]
    by_rank = {str(row["rank"]): row for row in priced}
    assert [int(cells[0]) for cells in listed] == sorted(int(cells[0]) for cells in listed)
    assert len(listed) <= 12
    unlisted = re.findall(r"Not listed: (.*?)\.", " ".join(found.texts["p"]))
    assert len(listed) + sum(len(said.split("; ")) for said in unlisted) == len(priced)
    for cells in listed:
        row = by_rank[cells[0]]
        assert cells[1].removesuffix(", compared above") == NAMES[row["option"]]
        assert cells[2] == SITES.get(row["hosting"], "–")
        assert cells[3] == usd(row["present_value_usd"])
        assert cells[4] == rate_text(row["usd_per_busy_gpu_hour"])
    missing = [row for row in rows(tco.options(**inputs)) if row["status"] != "priced"]
    said = " ".join(found.texts["p"])
    for row in missing:
        assert NAMES[row["option"]] in said


def test_both_sides_of_the_verdict_are_among_the_options_wherever_they_rank() -> None:
    inputs = CASES["always_on"] | {"lease_usd_per_gpu_month": 50}
    answer = tco.breakeven(**inputs)
    listed = sheet(**inputs).tables["options"][1:]
    compared = {cells[3] for cells in listed if cells[1].endswith(", compared above")}
    assert len(listed) >= 6
    assert compared == {usd(answer.own_npv_usd), usd(answer.rent_npv_usd)}


def test_a_longer_answer_leaves_paper_for_fewer_options() -> None:
    """Both sides of the verdict stay; the rest is named below the list, so nothing is lost."""
    euros = {"currency": "EUR", "fx_rate": 0.87, "fx_as_of": "2026-11-20"}
    more = {**euros, "gpus": 10**6, "horizon_months": 240, "whole_servers": True}
    plain, long = (sheet(gpu="L4", tax_rate=0.3, **inputs) for inputs in ({}, more))
    assert len(long.tables["options"]) < len(plain.tables["options"])
    compared = [cells[1] for cells in long.tables["options"] if "compared above" in cells[1]]
    assert len(compared) == 2


def test_every_number_in_brackets_is_a_source_with_a_date() -> None:
    found = sheet(gpu="L4")
    cells = " ".join(cells[5] for cells in found.tables["inputs"])
    sources = [item for item in found.texts["li"] if "published" in item or "accessed" in item]
    scenario = Scenario(gpu="L4")
    entry = scenario.resolved()["price_usd_per_gpu"]
    source = scenario.catalogue.sources[entry.source_id.split()[0]]
    assert "[" in cells
    assert any(item.startswith(f"{source.publisher}: {source.title[:20]}") for item in sources)
    links = [attrs["href"] for name, attrs in found.tags if name == "a"]
    assert source.url in links
    assert len(links) == len(sources)


@pytest.mark.parametrize(("tax", "said"), [(0, "before income tax"), (0.25, "after income tax")])
def test_tax_and_what_is_not_counted_are_said(tax: float, said: str) -> None:
    found = sheet(gpu="L4", tax_rate=tax)
    assert said in found.texts["p"][0]
    assert said in found.texts["p"][-1]
    for item in NOT_COUNTED[1 if tax else 0 :]:
        assert item in found.texts["li"]
    assert (NOT_COUNTED[0] in found.texts["li"]) == (tax == 0)


def test_every_word_of_the_glossary_is_used_and_finance_has_its_measures() -> None:
    told = re.sub(r"(?:<[^>]*>|\s)+", " ", page(Scenario(gpu="L4")).partition('class="second"')[0])
    for word in GLOSSARY:
        assert word.lower() in told.lower()
    found = tco.measures(gpu="L4")
    assert f"NPV of buying instead of renting {dollars(found.npv_saving_usd)} " in told
    _, *years = sheet(gpu="L4").tables["years"]
    assert years == [[row.label, *row[2:]] for row in years_rows(found)]


def test_the_versions_and_the_day_of_the_data_are_said() -> None:
    found = sheet(gpu="L4", as_of="2026-11-01")
    assert found.texts["p"][1] == "data as of 2026-11-01"
    last = found.texts["p"][-1]
    for part in (
        f"tco {tco.__version__}",
        "model version",
        "data version",
        "schema version",
        "USD",
    ):
        assert part in last


def test_another_currency_is_labeled() -> None:
    inputs = {"gpu": "L4", "currency": "EUR", "fx_rate": 0.5, "fx_as_of": "2026-11-20"}
    assert "converted at 0.5 EUR per USD as of 2026-11-20" in " ".join(sheet(**inputs).texts["p"])


def test_the_link_is_shown_and_only_a_web_address_can_be_followed() -> None:
    query = "?v=1&gpu=L4"
    for link in (f"https://tco.example.org/{query}", query, "javascript:alert(1)"):
        found = Sheet(page(Scenario(gpu="L4"), link))
        followed = [attrs["href"] for name, attrs in found.tags if name == "a"]
        assert (link in followed) == link.startswith("https")
        assert any(p.endswith(link) for p in found.texts["p"])
    long = f"https://tco.example.org/?{'x' * 5_000}"
    *_, shown, _, on_paper = Sheet(page(Scenario(gpu="L4"), long)).texts["p"]
    assert shown.endswith("xxxat the end")
    assert on_paper == long


HOSTILE = "=cmd|'/c calc'!A1 <script>alert(1)</script> \"><img src=x onerror=alert(2)> &amp; \x0b"


def test_text_of_others_stays_text(tmp_path: Path) -> None:
    store = PriceStore(tmp_path / "prices.db")
    note = HOSTILE.replace("\x0b", "")
    store.add(by_hand.rental("L4", 0.55, provider="acme", as_of=DAY, valid_until=END, note=note))
    document = page(Scenario(gpu="L4", prices=store), HOSTILE)
    found = Sheet(document)
    assert any(note.strip()[:40] in p for p in found.texts["p"])
    assert {name for name, _ in found.tags}.isdisjoint({"img", "iframe", "object"})
    assert [attrs for name, attrs in found.tags if name == "script"] == [{}]  # the sliders' own
    assert "alert(1)" not in document.partition("<script>")[2]
    assert not any(key.startswith("on") for _, attrs in found.tags for key in attrs)
    assert "&amp;amp;" in document
    assert "\x0b" not in document


WORDS = st.one_of(
    st.text("<>&;\"'=/!# abp"), st.text(st.characters(exclude_categories=["Cc", "Cn", "Cs"]))
)


@given(WORDS, WORDS)
@settings(max_examples=examples(100))
def test_any_text_and_any_attribute_is_read_back_as_itself(content: str, value: str) -> None:
    template = templates().from_string('<p>.{{ content }}</p><b title="{{ value }}"></b>')
    found = Sheet(template.render(content=content, value=value))
    assert found.texts["p"] == [f".{content}"]
    assert found.tags == [("p", {}), ("b", {"title": value})]


def drawn(curves: Any, answer: Any, alt: str) -> str:
    template = templates().get_template("curve.svg.j2")
    return template.render(curve=curve(curves, answer) | {"alt": alt})


@pytest.fixture(scope="module")
def elsewhere() -> list[str]:
    """Of a page made in another process: its digest, and the packages loaded that it needs not."""
    code = (
        "import hashlib, sys; from tco import Scenario; from tco.report.sheet import page;"
        "print(hashlib.sha256(page(Scenario(gpu='L4', gpus=16), '?v=1').encode()).hexdigest());"
        "print([m for m in ('plotly', 'streamlit', 'xlsxwriter') if m in sys.modules])"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


def test_the_same_scenario_gives_the_same_bytes(elsewhere: list[str]) -> None:
    document = page(Scenario(gpu="L4", gpus=16), "?v=1").encode()
    assert hashlib.sha256(document).hexdigest() == elsewhere[0]


def test_it_loads_neither_plotly_nor_streamlit(elsewhere: list[str]) -> None:
    assert elsewhere[1] == "[]"


def test_without_scipy_it_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation._column.cache_clear()
    simulation._shares.cache_clear()
    for name in ("scipy", "scipy.optimize", "scipy.stats"):
        monkeypatch.setitem(sys.modules, name, None)
    found = Sheet(page(Scenario(gpu="L4", utilization=0.95)))
    assert found.texts["h2"][0] == "BUY"
    assert any(to_install("risk") in p for p in found.texts["p"])
    assert not any("futures" in p for p in found.texts["p"])
    assert found.figures["BUY: cost of owning"].startswith("$")


def test_without_a_rental_rate_the_owning_side_stands() -> None:
    found = sheet(gpu="RTX-PRO-4500", provider="lambda")
    assert found.texts["h2"][0] == "No verdict yet"
    assert "No rental price found as of" in " ".join(found.texts["p"])
    assert found.figures["BUY: cost of owning"].startswith("$")
    assert "inputs" not in found.tables
    assert not any(name == "svg" for name, _ in found.tags)


def test_without_busy_hours_there_is_nothing_to_compare() -> None:
    found = sheet(gpu="L4", utilization=0)
    assert found.texts["h2"][0] == "Nothing to compare"
    assert "Owning costs" in found.texts["p"][2]


def test_a_table_and_inputs_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(InputError, match="the decision sheet answers for one scenario at a time"):
        page(Scenario(gpu="L4", utilization=[0.4, 0.5]))
    with pytest.raises(InputError, match="rack_kw = 1 holds no server"):
        page(Scenario(gpu="L4", hosting="own_site", rack_kw=1))


def test_the_curve_marks_each_crossing_and_says_what_it_shows() -> None:
    inputs = {"gpu": "L4", "rate_usd_per_gpu_hour": 2}
    answer, lines = tco.breakeven(**inputs), tco.curves(**inputs)
    found = Sheet(f"<p>{drawn(lines, answer, 'said')}</p>")
    circles = [attrs for name, attrs in found.tags if name == "circle"]
    assert answer.crossings
    assert len(circles) == len(answer.crossings)
    image = next(attrs for name, attrs in found.tags if name == "svg")
    assert (image["role"], image["aria-label"]) == ("img", "said")
    words = found.texts["p"][0]
    for part in ("BUY", "RENT", "months", "USD", f"month {number(answer.months)}"):
        assert part in words
    alt = next(attrs for name, attrs in sheet(**inputs).tags if name == "svg")["aria-label"]
    assert str(alt).startswith(
        payback_title(answer.status, answer.months, answer.npv_saving_usd, 36.0)
    )


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_the_lines_are_the_curves_and_no_label_lies_on_another(inputs: dict[str, Any]) -> None:
    answer, lines = tco.breakeven(**inputs), tco.curves(**inputs)
    found = Sheet(f"<p>{drawn(lines, answer, '')}</p>")
    points = {
        attrs["class"]: [tuple(map(float, p.split(","))) for p in str(attrs["points"]).split()]
        for name, attrs in found.tags
        if name == "polyline"
    }
    usd_per_place = []
    for kind, name in (("line buy", "own_usd"), ("line rent", "rent_usd")):
        assert len(points[kind]) == len(lines)
        usd_per_place += zip((y for _, y in points[kind]), lines[name], strict=True)
    (low_y, low), (high_y, high) = min(usd_per_place), max(usd_per_place)
    for y, amount in usd_per_place:
        expected = low_y + (amount - low) / (high - low) * (high_y - low_y)
        assert y == pytest.approx(expected, abs=0.11)
    texts = [attrs for name, attrs in found.tags if name == "text"]
    for kind in ("name", "strong"):
        labels = sorted(float(str(one["y"])) for one in texts if kind in str(one["class"]).split())
        assert all(b - a >= 10 for a, b in itertools.pairwise(labels))
        assert all(TOP - 2 <= y <= HEIGHT for y in labels)


def test_the_command_writes_the_page_with_the_query_of_the_scenario(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    scenario = Scenario(gpu="L4", utilization=0.6)
    arguments = ("report", "--gpu", "L4", "--utilization", "0.6", "-o", str(path))
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (0, "")
    query = "&".join(f"{name}={value}" for name, value in encode(scenario).items())
    assert path.read_bytes() == page(scenario, f"?{query}").encode()
    assert decode(dict(pair.split("=") for pair in query.split("&"))).scenario == scenario
    assert not (tmp_path / "report-ledger.html").exists()


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_the_steps_are_those_of_both_sides(inputs: dict[str, Any]) -> None:
    facts = facts_of(Scenario(**inputs))
    said = sheet(**inputs).texts["li"]
    for cost in (facts.owning, facts.renting):
        assert cost is not None
        at = said.index(f"{step_text(cost.steps[0][1], True)} {cost.steps[0][0]}")
        for place, (name, amount) in enumerate(cost.steps[1:], at + 1):
            assert said[place] == f"{step_text(amount, False)} {name}"
        assert said[at + len(cost.steps)] == f"= {step_text(cost.usd_per_gpu_hour, True)} full cost"


def test_the_options_come_before_the_steps() -> None:
    lines = [{"name": f"{at} {'fee ' * 12}", "side": "own", "usd": 50} for at in range(9)]
    full = {"pue": 2.5, "currency": "EUR", "fx_rate": 0.87, "fx_as_of": "2026-11-20"}
    found = sheet(gpu="RTX-PRO-5000", lines=lines, horizon_months=240, tax_rate=0.3, **full)
    assert len(found.tables["options"]) > 2
