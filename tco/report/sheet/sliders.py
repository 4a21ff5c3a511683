"""The sliders of the sheet: the model as a script in the page, with the words that it writes.

Whoever has the file moves six inputs and reads the answer, without a server or a network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from tco import words
from tco.inputs import INPUTS, RATE, RESIDUAL, TAKEN, Inputs
from tco.inputs.lines import Line
from tco.model import rental
from tco.model.bends import line_bends
from tco.model.items import EXIT
from tco.report.facts import FIGURE_WORDS, IDLE, NOTHING, Facts
from tco.report.influence import RESALE_AFTER, name_of, sliders
from tco.report.ranges import outside_words, slider_range, stored, told
from tco.report.sheet.cost_curve import FOLLOWED, for_script
from tco.report.sheet.javascript import function_of
from tco.report.sheet.parts import MONTHS, NotWritten, Parts
from tco.report.strip import money, phrases
from tco.report.workbook.formulas import Formulas
from tco.scenario import Scenario
from tco.words import currencies, of_owner

# Letters of a script at most: with it a sheet is below 150 kB.
MOST_LETTERS = 80_000
_HORIZON = "horizon_months"
# What the page shows, by what is asked of the model.
_RESULTS = (
    *("months", "exit_months", "hours", "own_npv_usd", "rent_npv_usd", "npv_saving_usd"),
    *("undiscounted_saving_usd", "own_usd_per_gpu_hour", "rent_usd_per_gpu_hour"),
    *("status", "verdict"),
)
# The inputs whose break-even is shown.
_ROOTS = (RATE, "utilization")
_CAP = "rate_cap_usd_per_gpu_month"
# No own line pays so much.
_NO_CAP = 1e15
_LEFT_OUT = "No sliders in this sheet: {}."
_TOO_LONG = "the model of this scenario is too large for a page"
# What the script says of what is typed, and of what does not move.
_TYPED = {"no_number": "Enter a plain number, such as {}", "was": "original: {}"}
STILL = "At the original values"


@dataclass(frozen=True)
class Sliders:
    """What the template shows; `script` is empty where `left_out` says why."""

    inputs: tuple[Mapping[str, Any], ...] = ()
    script: str = ""
    left_out: str = ""

    @property
    def policy(self) -> str:
        """What a browser may run in the page: this script alone, by its hash."""
        if not self.script:
            return ""
        digest = hashlib.sha256(self.script.encode()).digest()
        return f"; script-src 'sha256-{base64.b64encode(digest).decode()}'"


def sliders_of(facts: Facts, subject: str = "") -> Sliders:
    """The sliders of a scenario; none where it has no verdict.

    `subject` is what the page is about, in braces `held` for how long and `use` how busy.

    >>> from tco.report.facts import facts_of
    >>> found = sliders_of(facts_of(Scenario(gpu="L4")))
    >>> [one["name"] for one in found.inputs][:2], found.policy.partition("-src")[0]
    (['utilization', 'rate_usd_per_gpu_hour'], '; script')
    """
    if facts.compared is None:
        return Sliders()
    scenario = facts.scenario
    inputs = tuple(_input(scenario, name) for name in sliders(scenario.values()))
    try:
        model = model_of(scenario)
    except NotWritten as why:
        return Sliders(left_out=_LEFT_OUT.format(why))
    data = json.dumps(_data(facts, inputs, subject), ensure_ascii=False, separators=(",", ":"))
    here = files("tco.report.sheet")
    parts = (
        (files("tco.words") / "figures.js").read_text("utf-8"),
        (here / "model.js").read_text("utf-8"),
        model,
        f"const told = {data};".replace("<", "\\u003c"),
        (here / "curve.js").read_text("utf-8"),
        (here / "sheet.js").read_text("utf-8"),
    )
    script = "\n" + "\n".join(map(_without_comments, parts)) + "\n"
    if len(script) > MOST_LETTERS:
        return Sliders(left_out=_LEFT_OUT.format(_TOO_LONG))
    return Sliders(inputs, script)


def _without_comments(script: str) -> str:
    """A script without the lines that only say something, and without indents."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def model_of(scenario: Scenario) -> str:
    """The model of a scenario as a function of the inputs that its sliders set, in their order.

    Where own lines end at a cap that bends the saving, a function `free` tells what they have paid
    without it. NotWritten where the model cannot be a function.

    >>> model_of(Scenario(gpu="L4")).splitlines()[0]
    'function model([a,b,c,d,e,f],follow){'
    """
    values = scenario.values()
    # The rows repeat from the third month on, however many there are.
    cells = Formulas({**values, _HORIZON: float(MONTHS)}, MONTHS, has_books=False)
    found = {name: cells.results[name] for name in _RESULTS}
    found["gross_usd"], *_ = cells.totals["gross_usd"]
    if values[_CAP] < INPUTS[_CAP].high:
        v = Inputs.of({name: cells.graph.input(name) for name in INPUTS})
        found |= {
            f"bend_{name}_{at}": place
            for name in _ROOTS
            for at, place in enumerate(rental.capped_at(v, name))
        }
    varied = [stored(name) for name in sliders(values)]
    model = function_of(Parts(cells.graph, varied, found, FOLLOWED))
    return f"{model}\n{_free(scenario, cells, varied)}" if _capped(scenario) else model


def _free(scenario: Scenario, cells: Formulas, varied: Iterable[str]) -> str:
    """The function that tells month by month what lines of `_capped` have paid without any cap."""
    uncapped, paid = copy(cells.graph), []
    caps = {f"{cells.line_names[line.name]}_cap_usd": _NO_CAP for line in scenario.lines}
    uncapped.inputs = {**cells.graph.inputs, **caps, _CAP: INPUTS[_CAP].high}
    for line in _capped(scenario):
        place = cells.place(line.side, line.name, leaving=False)
        paid.append(place if line.when == EXIT else f"{place}_paid")
    return function_of(Parts(uncapped, varied, {}, paid), "free")


def _capped(scenario: Scenario) -> list[Line]:
    """The own lines of which a cap may bend the saving in an input whose break-even is shown."""
    return [line for line in scenario.lines if any(line_bends(line, name) for name in _ROOTS)]


def _input(scenario: Scenario, name: str) -> dict[str, Any]:
    """One slider, in the units and the currency shown."""
    values, declared, sets = scenario.values(), TAKEN[name], stored(name)
    span = slider_range(scenario, name)
    assert span is not None, f"{name} is not known, but there is a verdict"
    value = told(name, values[sets], values[_HORIZON])
    low, high = declared.shown_domain
    entry = scenario.without(sets).resolved()[sets]
    scale, digits = _scale(name)
    return {
        "name": name,
        "sets": sets,
        "label": name_of(name, values),
        "unit": declared.shown_unit,
        "is": values[sets],
        "value": value,
        "ends": (low, high),
        "open": declared.low_open,
        "outside": outside_words(declared),
        "span": (span.low, span.high, span.step),
        "decimals": span.decimals,
        "believed": None if entry.low is None or entry.high is None else (entry.low, entry.high),
        "scale": scale,
        "digits": digits,
    }


def _scale(name: str) -> tuple[float, int | None]:
    """What is shown of one unit of the model, and the digits to which what is meant is rounded."""
    declared = TAKEN[name]
    if declared.is_money:
        return currencies.shown(1.0), 10 if currencies.conversion() else None
    scale = declared.shown(1.0) if declared.shown_unit == "%" else None
    if scale is None:
        return (1 / 12, 10) if declared.shown_unit == "years" else (1.0, None)
    return scale, 12


def _data(facts: Facts, inputs: tuple[Mapping[str, Any], ...], subject: str) -> dict[str, Any]:
    """All that the script knows besides the model: inputs, constants, words."""
    values = facts.scenario.values()
    taxed = "taxed" if values["tax_rate"] else "plain"

    def named(table: Mapping[str, str]) -> dict[str, str]:
        return {name: of_owner(text, values) for name, text in table.items()}

    return {
        "money": money(),
        "per_usd": currencies.shown(1.0),
        "gpus": values["gpus"],
        "discount": values["discount_rate"] * 100,
        "taxed": taxed,
        "per_use": values["billing"] == "per_use",
        "inputs": inputs,
        "caps": [
            {
                "usd": line.cap_usd,
                "bends": [name for name in _ROOTS if line_bends(line, name)],
                "leaving": line.when == EXIT,
            }
            for line in _capped(facts.scenario)
        ],
        "roots": {name: (INPUTS[name].low, INPUTS[name].high) for name in _ROOTS},
        "residual": RESIDUAL,
        "chart": for_script(values),
        "words": {
            **phrases(values),
            "sides": [of_owner(side, values) for side in words.SIDES],
            "costs": words.COST_SENTENCES[taxed],
            "kept": named(words.KEPT_SENTENCES),
            "payback": named(words.PAYBACK_SENTENCES),
            "conflict": of_owner(words.CONFLICT, values),
            "figures": named(FIGURE_WORDS),
            "nothing": NOTHING,
            "idle": IDLE,
            "after": RESALE_AFTER,
            **_TYPED,
            "still": STILL,
            "subject": subject,
        },
    }
