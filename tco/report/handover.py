"""What is handed over: a scenario as Python; up to four with names, side by side and as a file.

Of scenarios side by side only the inputs that differ are shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.market.catalogue import Catalogue
from tco.model.breakeven import breakeven, one_scenario
from tco.report.csv import table, versions
from tco.report.own_lines import SIDES, in_words
from tco.report.schema import RESULT_MEANINGS
from tco.scenario import Scenario
from tco.scenario.documents import scenarios_of_json
from tco.version import MODEL_VERSION, SCHEMA_VERSION, __version__
from tco.words.figures import quantity

MOST_PINS = 4
LONGEST_NAME = 40


def dated(scenario: Scenario) -> Scenario:
    """The scenario with the date of its data given, for everybody who has the shipped data.

    Its answer stays the same when newer data is shipped.

    >>> dated(Scenario(gpu="T4", as_of="2026-09-01"))
    Scenario(gpu='T4', as_of='2026-09-01')
    >>> "as_of" in dated(Scenario()).given
    True
    """
    plain = scenario.on_shipped_data()
    return replace(plain, as_of=plain.values()["as_of"])


def made_by(scenario: Scenario) -> str:
    """What made an answer: package, model version, date of the data.

    >>> made_by(Scenario(as_of="2026-09-01")).split(", ")[-1]
    'data as of 2026-09-01'
    """
    as_of = scenario.values()["as_of"]
    return f"gpu-tco {__version__}, model version {MODEL_VERSION}, data as of {as_of}"


def snippet(scenario: Scenario) -> str:
    """The call of `tco.breakeven` that gives a scenario's answer, as Python; InputError for tables.

    >>> print(snippet(Scenario(gpu="T4", utilization="0.4..0.6", as_of="2026-09-01")))
    ... # doctest: +ELLIPSIS
    # gpu-tco ..., data as of 2026-09-01
    import tco
    <BLANKLINE>
    answer = tco.breakeven(
        gpu='T4',
        as_of='2026-09-01',
        utilization='0.4..0.6',
    )
    print(answer.reason)
    """
    if scenario.is_table:
        raise one_scenario("the Python code")
    asked = dated(scenario)
    told = asked.to_dict()
    told.pop("lines", None)
    code = [f"    {name}={value!r}," for name, value in told.items()]
    if asked.lines:
        code += ["    lines=[", *(f"        tco.{line!r}," for line in asked.lines), "    ],"]
    call = "\n".join(("answer = tco.breakeven(", *code, ")"))
    return f"# {made_by(asked)}\nimport tco\n\n{call}\nprint(answer.reason)"


@dataclass(frozen=True)
class Pin:
    """A scenario under the name that its reader gave it, with the date of its data."""

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class Row:
    """One input, line or result of every pin; `unit` is the model's, `section` says which."""

    section: str
    name: str
    unit: str
    values: tuple[Any, ...]


def pin(pins: Sequence[Pin], name: str, scenario: Scenario) -> tuple[Pin, ...]:
    """The pins and one more; InputError where there are four, or the name cannot be used.

    A name is 1 to 40 printable characters and stands there once.

    >>> [kept.name for kept in pin(pin((), "now", Scenario()), "used", Scenario(gpu="T4"))]
    ['now', 'used']
    """
    name = name.strip()
    if len(pins) >= MOST_PINS:
        raise _refusal(f"no more than {MOST_PINS} scenarios can be pinned: unpin one first")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        shown = ascii(name[:LONGEST_NAME])
        raise _refusal(f"name = {shown} is not 1 to {LONGEST_NAME} printable characters")
    if name.casefold() in {kept.name.casefold() for kept in pins}:
        raise _refusal(f"name = {name!r} is taken: choose another one")
    return (*pins, Pin(name, dated(scenario)))


def suggested_name(pins: Sequence[Pin], scenario: Scenario) -> str:
    """A name that is free: how many of what.

    >>> suggested_name((), Scenario(gpu="T4", gpus=4))
    '4 × T4'
    """
    values, taken = scenario.values(), {kept.name.casefold() for kept in pins}
    plain = f"{values['gpus']} × {values['gpu']}"[: LONGEST_NAME - len(f" ({MOST_PINS + 1})")]
    names = (plain, *(f"{plain} ({at})" for at in range(2, MOST_PINS + 2)))
    return next(name for name in names if name.casefold() not in taken)


def comparison(pins: Sequence[Pin]) -> tuple[Row, ...]:
    """The inputs and the lines in which the pins differ, then every result.

    A result is None where a pin has no answer; its `reason` then says why.

    >>> kept = pin(pin((), "a", Scenario(gpu="T4")), "b", Scenario(gpu="T4", utilization=0.25))
    >>> [(row.name, row.values[1]) for row in comparison(kept) if row.section == "input"]
    [('utilization', 0.25)]
    """
    inputs = [{**kept.scenario.values(), **kept.scenario.given} for kept in pins]
    results: list[dict[str, Any]] = []
    for kept in pins:
        try:
            answer = breakeven(kept.scenario)
            results.append({name: getattr(answer, name) for name in RESULT_MEANINGS})
        except InputError as wrong:
            results.append({"reason": f"No verdict: {wrong}"})
    rows = [_row("input", name, declared.unit, inputs) for name, declared in INPUTS.items()]
    differing = [row for row in rows if any(value != row.values[0] for value in row.values)]
    lines = [
        {line.name: f"{SIDES[line.side]}: {in_words(line)}" for line in kept.scenario.lines}
        for kept in pins
    ]
    for name in dict.fromkeys(name for listed in lines for name in listed):
        row = _row("line", name, "", lines)
        if any(value != row.values[0] for value in row.values):
            differing.append(row)
    found = [_row("result", name, unit, results) for name, (unit, _) in RESULT_MEANINGS.items()]
    return (*differing, *found)


def _row(section: str, name: str, unit: str, pins: Iterable[dict[str, Any]]) -> Row:
    return Row(section, name, unit, tuple(values.get(name) for values in pins))


def comparison_csv(pins: Sequence[Pin], catalogue: Catalogue | None = None) -> str:
    """The comparison as CSV: section, name, unit, and a column a pin; their names are a row.

    >>> print(comparison_csv(pin((), "=mine", Scenario(gpu="T4"))).splitlines()[1])
    stamp,name,,'=mine
    """
    columns = tuple(f"scenario_{at}" for at in range(1, len(pins) + 1))
    stamps = {"tco_version": __version__, **versions(catalogue)}
    rows = [("stamp", "name", "", *(kept.name for kept in pins))]
    rows += [("stamp", name, "", *(stamp for _ in pins)) for name, stamp in stamps.items()]
    for row in comparison(pins):
        cells = (str(value) if isinstance(value, Interval) else value for value in row.values)
        rows.append((row.section, row.name, row.unit, *cells))
    return table(("section", "name", "unit", *columns), rows)


def shown(row: Row, value: Any) -> str:
    """A value of a row in words.

    >>> shown(Row("result", "months", "months", ()), 13.52)
    '13.5 months'
    """
    if row.section == "input":
        return INPUTS[row.name].written(value)
    if value is None:
        return "no verdict" if (row.section, row.name) == ("result", "verdict") else ""
    if isinstance(value, str):
        return value
    if math.isinf(value):
        return "never" if row.unit == "months" else "none"
    share = row.unit == "share"
    return INPUTS["utilization"].written(value) if share else quantity(value, row.unit)


def pins_json(pins: Sequence[Pin]) -> str:
    """The pins as one document, which `pins_of_json` reads.

    >>> kept = pin((), "mine", Scenario(gpu="T4"))
    >>> pins_of_json(pins_json(kept)) == kept
    True
    """
    listed = [{"name": kept.name, "inputs": kept.scenario.to_dict()} for kept in pins]
    stamped = {"schema_version": SCHEMA_VERSION, "model_version": MODEL_VERSION}
    return json.dumps({**stamped, "scenarios": listed}, allow_nan=False, indent=2)


def pins_of_json(document: str) -> tuple[Pin, ...]:
    """The pins of a document like that of `pins_json`; InputError for anything else."""
    pins: tuple[Pin, ...] = ()
    for name, inputs in scenarios_of_json(document):
        pins = pin(pins, name, Scenario.from_dict(inputs))
    return pins


def _refusal(message: str) -> InputError:
    return InputError([Problem("name", message)])
