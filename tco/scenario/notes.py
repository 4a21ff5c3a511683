"""What is odd about a scenario: unusual values, values that do not count, expired quotes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tco import words
from tco.inputs import INPUTS, PRICE, PRICES, RATE
from tco.inputs.effects import DECIDING, no_effects
from tco.inputs.lines import Line
from tco.market.catalogue import USED, Catalogue
from tco.market.choice import Question, default_entry, expired_quotes, resolve
from tco.market.evidence import (
    Resolved,
    borrowed_rate,
    comparable,
    deciles,
    of_basis,
    offers,
    purchase_price,
    rental_rate,
)
from tco.market.files import known_from
from tco.words import remarks

if TYPE_CHECKING:
    import numpy as np

    from tco.scenario import Scenario

# How many GPUs are needed is what is asked: no number of them is odd.
_ASKED = ("gpus",)
# What counts in the net advantage to leasing alone is given for that.
_ASKED_ELSEWHERE = ("debt_rate", "residual_discount_rate")


def notes(scenario: Scenario) -> dict[str, str]:
    """A sentence for each value of one scenario that lies outside its usual range, by input.

    And for each one that was given and does not count, for the user's own lines that do not, and
    for each quote of one's own that has expired by the clock, though it still decides.

    >>> from tco.scenario import Scenario
    >>> notes(Scenario(gpu="L4", pue=2.5))
    {'pue': 'Cooling (PUE): 2.5 is above the usual 1.15 to 1.8.'}
    """
    found, asked = scenario.resolved(), Question.of(scenario.given)
    late, said = expired_quotes(found), dict[str, str]()
    values = {name: entry.value for name, entry in found.items()} | {"lines": scenario.lines}
    idle = _idle(scenario, values)
    noted = (*late, *_noted(scenario, found))
    for name in dict.fromkeys((*noted, *idle, *PRICES)):
        value, odd, vain = found[name].value, "", ""
        thin = _WEAK[name](found, scenario.catalogue) if name in _WEAK else ""
        if name in noted:
            odd = _sentence(name, value, _usual(name, asked, scenario.catalogue))
        if name in idle:
            vain = _uncounted(name, value, idle[name], asked, scenario.catalogue)
        if told := " ".join(filter(None, (odd, thin, late.get(name, ""), vain))):
            said[name] = told
    return said | _idle_lines(scenario.lines, values)


def _idle(scenario: Scenario, values: dict[str, Any]) -> dict[str, str]:
    """The inputs that were given and do not count, each with the reason."""
    return {
        name: why
        for name, why in no_effects(values).items()
        if name in scenario.given and name not in _ASKED_ELSEWHERE
    }


def _uncounted(name: str, value: Any, why: str, question: Question, catalogue: Catalogue) -> str:
    """That a given value does not count; empty where it says no more than nothing."""
    declared = INPUTS[name]
    if value == declared.neutral or value == resolve(question, catalogue)[name].value:
        return ""
    return remarks.not_counted(declared.label, why)


def _idle_lines(lines: tuple[Line, ...], values: dict[str, Any]) -> dict[str, str]:
    """A sentence for each of the user's own lines that is never paid, by its name."""
    said = {}
    for line in lines:
        why = ""
        if line.first_month >= values["horizon_months"] + 1:
            why = "it starts after the holding period"
        elif line.when == "term" and values["billing"] != "committed":
            why = "there is no commitment, so no term starts"
        elif line.item == "unused_commitment" and values["billing"] != "committed":
            why = "there is no commitment to end early"
        elif line.item:
            here = {"space": ("own_site",), "colocation": ("colo_metered", "colo_all_in")}
            here |= dict.fromkeys(("energy_it", "energy_cooling"), ("own_site", "colo_metered"))
            if values["hosting"] not in here.get(line.item, (values["hosting"],)):
                why = f"there is no such cost {INPUTS['hosting'].choice_phrases[values['hosting']]}"
        if why and line.usd:
            said[f"line {line.name}"] = remarks.not_counted(f"Line {line.name}", why)
    return said


def _thin(found: dict[str, Resolved], catalogue: Catalogue) -> str:
    """That a rental rate is of another GPU, or rests on few providers; never of one's own."""
    entry, told = found[RATE], ""
    if entry.borrowed:
        gpu, region, as_of = (found[name].value for name in ("gpu", "region", "as_of"))
        gpus = catalogue.gpus[gpu], catalogue.gpus[entry.borrowed]
        told = borrowed_rate(*gpus, region, as_of, catalogue)
    elif entry.fewest is not None and entry.fewest < words.ENOUGH_PROVIDERS:
        told = remarks.few_providers(entry.fewest, entry.discount_is_thinner)
    return f"{INPUTS[RATE].label}: {told}." if told else ""


def _not_used(found: dict[str, Resolved], catalogue: Catalogue) -> str:
    """That the price of a used card is one of another basis; never of one's own."""
    gpu, as_of = found["gpu"].value, found["as_of"].value
    if found["price_basis"].value != USED or found[PRICE].status in ("yours", "missing"):
        return ""
    basis, _ = of_basis(catalogue.prices_of(gpu), USED, as_of)
    return f"{INPUTS[PRICE].label}: {remarks.no_used_price(basis)}." if basis != USED else ""


# What the default of a price rests on, where that is weak.
_WEAK = {PRICE: _not_used, RATE: _thin}


def note_of(scenario: Scenario, name: str) -> str:
    """The same of one input; empty where its value is usual, a default, or no range is known.

    >>> from tco.scenario import Scenario
    >>> note_of(Scenario(gpu="L4", rate_usd_per_gpu_hour=500), "rate_usd_per_gpu_hour")
    'Rental rate: $500 per GPU-hour is far above the usual $0.40 to $0.90.'
    """
    can_be_odd = name in scenario.given or name in PRICES
    return notes(scenario).get(name, "") if can_be_odd else ""


def table_notes(scenario: Scenario, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """The sentences of each scenario of a table, joined by blanks; empty texts where none."""
    import numpy as np

    from tco.inputs.checks import flatten
    from tco.scenario.tables import questions_of

    resolved, size = scenario.resolved(), int(np.prod(shape))
    questions, row = questions_of(scenario.given, shape)
    found = np.full(size, "", dtype=object)
    columns = {
        name: np.broadcast_to(flatten(entry.value, shape), size) for name, entry in resolved.items()
    }
    kinds, kind = _kinds(columns)
    uncounted = [_idle(scenario, {**values, "lines": scenario.lines}) for values in kinds]
    for name in _noted(scenario, resolved):
        ranges = [_usual(name, question, scenario.catalogue) for question in questions]
        low, high = np.array([r or (np.nan, np.nan) for r in ranges]).reshape(-1, 2).T
        line, said = columns[name], dict[tuple[float, int], str]()
        for at in np.flatnonzero((line < low[row]) | (line > high[row])).tolist():
            key = (line.item(at), row.item(at))
            if key not in said:
                said[key] = _sentence(name, key[0], ranges[key[1]])
            found[at] = f"{found[at]} {said[key]}".lstrip()
    for name in scenario.given:
        reasons = [idle.get(name, "") for idle in uncounted]
        line, told = columns[name], dict[tuple[Any, int, int], str]()
        for at in np.flatnonzero(np.array([why != "" for why in reasons])[kind]).tolist():
            case = (
                line.item(at) if hasattr(line, "item") else line[at],
                kind.item(at),
                row.item(at),
            )
            if case not in told:
                asked = (reasons[case[1]], questions[case[2]], scenario.catalogue)
                told[case] = _uncounted(name, case[0], *asked)
            found[at] = f"{found[at]} {told[case]}".strip()
    for name in _WEAK.keys() - scenario.given.keys():
        known = (resolve(each, scenario.catalogue) for each in questions)
        thin = [_WEAK[name](entries, scenario.catalogue) for entries in known]
        for at in np.flatnonzero(np.array([why != "" for why in thin], bool)[row]).tolist():
            found[at] = f"{found[at]} {thin[row.item(at)]}".lstrip()
    if any(resolved[name].quote is not None for name in PRICES):
        for at in range(size):
            late = expired_quotes(resolved, row=at).values()
            found[at] = " ".join([found[at], *late]).lstrip()
    return found.reshape(shape)


def _kinds(columns: dict[str, Any]) -> tuple[list[dict[str, Any]], Any]:
    """The different choices that decide what counts, and which of them each row makes."""
    import numpy as np
    import pandas as pd

    codes = [np.zeros(columns[DECIDING[0]].size, np.int64)]
    for name in DECIDING:
        line = columns[name]
        if not any(line.strides):  # one value for all
            continue
        codes.append(pd.factorize(line != 0 if INPUTS[name].numeric else line)[0])
    _, firsts, kind = np.unique(np.stack(codes), axis=1, return_index=True, return_inverse=True)
    kinds = [{name: columns[name][at] for name in DECIDING} for at in firsts.tolist()]
    return kinds, kind.reshape(-1)


def _noted(scenario: Scenario, resolved: dict[str, Resolved]) -> list[str]:
    """The inputs of which the value may be odd: what the user gave, quotes included."""
    given = scenario.given
    quoted = (name for name in PRICES if resolved[name].status in ("yours", "mixed"))
    names = (*given, *(name for name in quoted if name not in given))
    return [name for name in names if INPUTS[name].numeric and name not in _ASKED]


@lru_cache(maxsize=4096)
def _usual(name: str, question: Question, catalogue: Catalogue) -> tuple[float, float] | None:
    """From where to where a value usually lies; None where that is not known."""
    found = resolve(question, catalogue)
    entry, ends = found[name], list[float]()
    if entry.status != "yours":  # around a quote its own value says nothing
        ends += [end for end in (entry.low, entry.high) if end is not None]
    if name in PRICES:
        ends += _market(name, found, catalogue)
    return (min(ends), max(ends)) if ends else None


def _market(name: str, found: dict[str, Resolved], catalogue: Catalogue) -> list[float]:
    """P10 and P90 of the offers, or the ends of the purchase prices; and around their median."""
    gpu, as_of = found["gpu"].value, found["as_of"].value
    if name == RATE:
        provider, region, term = (found[one].value for one in ("provider", "region", "term"))
        rows = comparable(offers(catalogue, gpu, provider, region, term, as_of), catalogue)
        low, _, high = deciles(row.usd_per_gpu_hour for row in rows) or (None, None, None)
        middle = rental_rate(rows, "").value
    else:
        basis, listed = found["price_basis"].value, catalogue.prices_of(gpu)
        known = (row for row in listed if known_from(row) <= as_of)
        prices = [row.usd for row in known if row.price_basis == basis]
        low, high = min(prices, default=None), max(prices, default=None)
        middle = purchase_price(listed, basis, as_of).value
    believed = default_entry(name, as_of, "", catalogue)
    factors = (believed.low_factor, believed.high_factor)
    around = [middle * factor for factor in factors if middle is not None and factor is not None]
    return [*around, *(end for end in (low, high) if end is not None)]


def _sentence(name: str, value: Any, usual: tuple[float, float] | None) -> str:
    declared = INPUTS[name]
    if value is None or usual is None or usual[0] <= value <= usual[1]:
        return ""
    now, low, high = map(declared.shown, (value, *usual))
    return remarks.unusual(declared.label, now, low, high, declared.shown_unit)
