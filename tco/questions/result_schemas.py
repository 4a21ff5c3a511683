"""What a question answers as JSON Schema, and the columns of every table that is written as a file.

Every field has its unit and its meaning from the declarations. Amounts in another currency stand
beside those in USD under patterns of names: `npv_saving_eur` beside `npv_saving_usd`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tco.analysis.sweep.rows import ERROR
from tco.inputs.lines import FIELDS
from tco.model.items import SIDES
from tco.questions import columns as of
from tco.questions import kept_columns as kept
from tco.questions import work
from tco.questions import work_columns as at_work
from tco.questions.answer import Question
from tco.questions.fields import Field, fields, list_of, object_of, optional
from tco.questions.schemas import DIALECT

_PLAIN = {"type": ["number", "string", "boolean"]}
_NAME = "urn:gpu-tco:result:"
_Content = tuple[tuple[Field, ...], dict[str, Any]]


def schema_of_result(question: Question) -> dict[str, Any]:
    """The schema of the document that answers a question.

    >>> from tco.questions import QUESTIONS
    >>> found = schema_of_result(QUESTIONS["breakeven"])
    >>> found["properties"]["results"]["properties"]["npv_saving_usd"]["unit"]
    'USD'
    """
    return _document(question.name, question.summary, _CONTENTS)


def schema_of_other(name: str) -> dict[str, Any]:
    """The schema of a document that the shell writes and no question answers: one of OTHERS.

    >>> list(schema_of_other("bridge")["properties"])[-1]
    'bridge'
    """
    return _document(name, OTHERS[name], _OF_OTHERS)


def schema_of_answers() -> dict[str, Any]:
    """The schema of a table of scenarios that was answered as JSON.

    >>> list(schema_of_answers()["properties"])[-1]
    'rows'
    """
    row = object_of(one for one in of.ANSWERS if one.name != of.INPUT)
    row["additionalProperties"] = {"type": [*_PLAIN["type"], "null"]}
    row.pop("patternProperties")
    rows = {"description": "A row for each scenario", "type": "array", "items": row}
    schema = object_of(of.STAMPS, rows=rows)
    title = "The answers of a table of scenarios: its columns, every result, error and notes."
    return {"$schema": DIALECT, "$id": f"{_NAME}answers", "title": title, **schema}


def schema_of_record() -> dict[str, Any]:
    """The schema of the record of a decision, as its file has it.

    >>> schema_of_record()["properties"]["chance_buy"]["unit"]
    'share'
    """
    values = {
        "description": "Every input with its value, status and date then, by name",
        "type": "object",
        "additionalProperties": object_of(kept.DECIDED_VALUE),
    }
    told = (*kept.DECISION, *kept.CHECKSUM)
    schema = object_of(told, inputs=_given(), values=values)
    del schema["patternProperties"]  # its amounts are in USD alone
    title = "The record of a decision: what tco decide writes, and tco recheck asks again."
    return {"$schema": DIALECT, "$id": "urn:gpu-tco:file:decision", "title": title, **schema}


def _document(name: str, title: str, contents: dict[str, Callable[[], _Content]]) -> dict[str, Any]:
    told, content = contents[name]()
    schema = object_of((*of.STAMPS, *told), **content)
    needed = [one for one in schema["required"] if one not in _LEFT_OUT.get(name, ())]
    head = {"$schema": DIALECT, "$id": f"{_NAME}{name}", "title": title}
    return {**head, **schema, "required": needed}


def _given() -> dict[str, Any]:
    """The schema of what was given of a scenario, by the names of the inputs, with its lines."""
    line = {"type": "object", "propertyNames": {"enum": [*FIELDS]}}
    return {
        "description": "Inputs of the scenario that were given, by name",
        "type": "object",
        "properties": {"lines": {"type": "array", "items": line}},
        "additionalProperties": _PLAIN,
    }


def _saved(meaning: str) -> dict[str, Any]:
    """The schema of a scenario as its file has it."""
    versions = fields(
        ("schema_version", "whole", "", "version of the format"),
        ("model_version", "text", "", "version of the model"),
    )
    return {**object_of(versions, inputs=_given()), "description": meaning}


def _about(found: tuple[Field, ...], meaning: str, **more: dict[str, Any]) -> dict[str, Any]:
    return {**object_of(found, **more), "description": meaning}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of the same or nothing."""
    return {**schema, "type": [schema["type"], "null"]}


def _breakeven(*more: Field) -> dict[str, Any]:
    crossings = {
        "description": "Every month in which the cheaper side changes, and which is from then on",
        "type": "array",
        "items": {
            "type": "array",
            "prefixItems": [{"type": "number"}, {"enum": [*SIDES]}],
            "items": False,
        },
    }
    results = (*of.RESULTS, *of.AS_OF, *of.NOTES, *of.ODDS, *more)
    return {
        "scenario": _given(),
        "inputs": list_of(of.INPUTS_OF_REPORT, "Every input with its value, status and source"),
        "results": _about(results, "Results; none stands for never", crossings=crossings),
    }


def _measured() -> dict[str, Any]:
    return _about(
        of.MEASURES,
        "The measures of finance",
        years=list_of(of.YEARS, "Cash by year"),
        leasing=_or_null(_about(of.LEASING, "Leasing against buying; null where not compared")),
        lease_rate=_or_null(_about(of.LEASE_RATE, "The rate implicit in the lease, if any")),
    )


def _tables(*told: Field, **content: dict[str, Any]) -> _Content:
    return (*of.NOTES, *told), {"scenario": _given(), **content}


def _win_map() -> dict[str, Any]:
    cell = object_of(of.WIN_MAP)
    cell["additionalProperties"] = {"type": "number"}
    return {"description": "A row for each pair of values", "type": "array", "items": cell}


def _speed() -> dict[str, Any]:
    row = {"type": "object", "additionalProperties": {"type": [*_PLAIN["type"], "null"]}}
    rows = {
        "description": "The measured rows behind it, with the columns of the data",
        "type": "array",
        "items": row,
    }
    return _about(at_work.SPEED_TABLE, "The speed of one replica", rows=rows)


def _work() -> _Content:
    ends = {"type": "array", "items": {"type": ["number", "null"]}}
    wins = {
        "description": "Speeds at which buying wins, from and to; null is an open end",
        "type": "array",
        "items": {**ends, "minItems": 2, "maxItems": 2},
    }
    speeds = {"type": "array", "items": object_of(at_work.SPEED_BREAKEVEN, wins=wins)}
    told = {"scenario": _saved("The scenario that the work makes"), "speed": _speed()}
    return (), {
        "work": _about(at_work.WORK, "GPUs, hours and costs of the work", **told),
        "speed_breakeven": {"description": "At which speed buying wins, where asked", **speeds},
        "flips": list_of(of.FLIPS, "Break-even values, where asked"),
    }


def _fit() -> dict[str, Any]:
    one = _about(at_work.FIT, "Of one model")
    return {
        "description": "What fits",
        "oneOf": [one, list_of(at_work.FIT, "Without a model: of every model")],
    }


def _fleet() -> _Content:
    fleet = _about(
        at_work.FLEET,
        "The plan beside its extremes",
        buy_now=_about(at_work.BUY_NOW, "The best plan without waiting"),
        demand=_or_null(_about(at_work.DEMAND, "The demand; null for a plan of purchases")),
        calendar=list_of(at_work.CALENDAR, "Purchases by month"),
        units=list_of(at_work.UNITS, "Every GPU"),
    )
    return (), {
        "scenario": _given(),
        "fleet": fleet,
        "costs": list_of(at_work.FLEET_COSTS, "The plan and its extremes, cheapest first"),
        "waiting": list_of(at_work.WAITING, "Renting all until a month, and buying then"),
    }


def _listed(found: tuple[Field, ...], name: str, meaning: str) -> Callable[[], _Content]:
    return lambda: ((), {name: list_of(found, meaning)})


def _of_work(
    found: tuple[Field, ...], name: str, meaning: str, *saved: str
) -> Callable[[], _Content]:
    """The content of one record with the scenarios that it makes."""
    told = {one: _saved("A scenario that the work makes") for one in saved}
    return lambda: ((), {name: _about(found, meaning, **told)})


def _compare_api() -> _Content:
    offers = list_of(at_work.API_OFFERS, "Every offer of the model")
    return (), {"compare_api": _about(at_work.COMPARE_API, "GPUs against APIs", offers=offers)}


# What a document has beside its stamps, by question: fields, and schemas by name.
_CONTENTS: dict[str, Callable[[], _Content]] = {
    "breakeven": lambda: ((), _breakeven()),
    "report": lambda: ((), {**_breakeven(*_energy()), "measures": _measured()}),
    "ledger": lambda: (
        (),
        {"scenario": _given(), "ledger": list_of(of.LEDGER, "Every cost by item and month")},
    ),
    "options": lambda: _tables(options=list_of(of.OPTIONS, "Every option, cheapest first")),
    "flips": lambda: _tables(flips=list_of(of.FLIPS, "Break-even values of every input")),
    "tornado": lambda: _tables(tornado=list_of(of.TORNADO, "Inputs, the largest swing first")),
    "stress": lambda: _tables(stress=list_of(of.STRESS, "The answer under every stress")),
    "simulate": lambda: _tables(
        *of.ODDS_FIRST,
        summary=list_of(of.SUMMARY, "Every number of the simulation"),
        drivers=list_of(of.DRIVERS, "Uncertain inputs, the one that moves most first"),
    ),
    "measures": lambda: _tables(measures=_measured()),
    "win_map": lambda: _tables(win_map=_win_map()),
    "rack": lambda: ((), {"scenario": _given(), "rack": _about(of.RACK, "Racks of the servers")}),
    "models": _listed(at_work.MODELS, "models", "Every open model whose shape is known"),
    "fit": lambda: ((), {"fit": _fit()}),
    "speed": lambda: ((), {"speed": _speed()}),
    "work": _work,
    "substitutes": lambda: (
        (),
        {
            "work": _about(at_work.WORK, "The work on the GPU that was named"),
            "substitutes": list_of(at_work.SUBSTITUTES, "Every GPU, cheapest first"),
        },
    ),
    "compare_api": _compare_api,
    "serverless": _of_work(at_work.SERVERLESS, "serverless", "Rented by the second", "scenario"),
    "successor": _of_work(at_work.SUCCESSOR, "successor", "With a replacement", "before", "after"),
    "other_work": _of_work(at_work.OTHER_WORK, "other_work", "GPUs and costs", "scenario"),
    "training": _of_work(at_work.TRAINING, "training", "The run and its cost", "scenario"),
    "fleet": _fleet,
    "inputs": _listed(of.INPUTS, "inputs", "Every input"),
    "gpus": _listed(of.GPUS, "gpus", "Every GPU in the catalog"),
    "rates": _listed(of.RATES, "rates", "Every observation"),
    "offers": lambda: (
        (),
        {
            "offers": list_of(of.OFFERS, "Every offer, cheapest first"),
            "quantiles": list_of(of.QUANTILES, "Where comparable offers lie, by provider"),
            "default_rate": _about(of.DEFAULT_RATE, "The rate that answers take"),
        },
    ),
    "history": lambda: (
        (),
        {
            "history": list_of(of.HISTORY, "Every observation by series and date"),
            "trends": list_of(of.TRENDS, "The change per year of each series"),
        },
    ),
    "recheck": lambda: (of.RECHECK, {"moves": list_of(of.MOVES, "What moved, largest first")}),
}
# Parts of a document that are there only where they were asked for, or known.
_LEFT_OUT = {"work": ("speed_breakeven", "flips"), "telemetry": ("by_gpu", "scenario")}


def _goal() -> _Content:
    answers = list_of(of.REACHED_BY, "What each input would have to be")
    return _tables(goal=_about(of.REACHED, "What it takes to reach a target", answers=answers))


def _accounting() -> _Content:
    tests = list_of(of.LEASE_TEST, "The tests of a lease")
    return of.BOOKS, {
        "scenario": _given(),
        "profit_and_loss": list_of(of.STATEMENT, "Both sides by fiscal year"),
        "balances": list_of(of.BALANCE, "Book values at the end of each fiscal year"),
        "lease": _or_null(_about(of.LEASE_CLASS, "What the lease is, if any", tests=tests)),
    }


# What the shell answers beside questions.
OTHERS = {
    "goal": "The value of an input at which a target is reached.",
    "bridge": "From the cost of renting to the cost of owning, in present values.",
    "accounting": "Profit and loss by fiscal year, book values, and the classification of a lease.",
    "lease_rate": "The rate implicit in a lease offer.",
    "curves": "Cumulative costs of both sides by month.",
    "bill": "GPU-hours in a cloud bill, and what they cost.",
    "telemetry": "How busy GPUs are, from logs.",
    "from_bill": "The utilization that one month's bill implies.",
    "actuals": "What a decision expected of a period, and what was billed and measured.",
    "prices_imports": "What was imported into the price store.",
    "prices_imports_aside": "What imports into the price store did not use, and why.",
    "prices_check": "What in the prices needs attention.",
}
_OF_OTHERS: dict[str, Callable[[], _Content]] = {
    "goal": _goal,
    "bridge": lambda: _tables(bridge=list_of(of.BRIDGE, "Every step")),
    "accounting": _accounting,
    "lease_rate": lambda: ((), {"lease_rate": _about(of.LEASE_RATE, "The offer and its rate")}),
    "curves": lambda: (
        (),
        {"scenario": _given(), "curves": list_of(of.CURVES, "Every month")},
    ),
    "bill": lambda: (
        (),
        {
            "bill": _about(of.BILL, "The bill, whose amounts sum to its total"),
            "usage": list_of(of.BILL_USAGE, "By GPU, region and term"),
            "machines": list_of(of.BILL_MACHINES, "The same by type of machine"),
            "amounts": list_of(of.BILL_AMOUNTS, "Where the money went"),
        },
    ),
    "telemetry": lambda: (
        (),
        {
            "telemetry": _about(of.TELEMETRY, "What logs say"),
            "by_gpu": list_of(of.TELEMETRY_BY_GPU, "Every GPU"),
            "scenario": _saved("A scenario of what was measured"),
        },
    ),
    "from_bill": lambda: (
        (),
        {"scenario": _given(), "from_bill": _about(kept.FROM_BILL, "The bill, and what it says")},
    ),
    "actuals": lambda: (
        kept.ACTUALS,
        {
            "planned": _about(kept.PLANNED, "What the decision expected of the period"),
            "actual": _about(kept.ACTUAL, "What was billed and measured in it"),
            "moves": list_of(of.MOVES, "What moved, largest first"),
        },
    ),
    "prices_imports": lambda: (
        (),
        {"imports": list_of(kept.IMPORTS, "Every import, the oldest first")},
    ),
    "prices_imports_aside": lambda: (
        (),
        {"imports": list_of(kept.REJECTIONS, "Rows that were not used, by import and reason")},
    ),
    "prices_check": lambda: (
        (),
        {"findings": list_of(kept.FINDINGS, "Every finding, the worst first")},
    ),
}


def _energy() -> tuple[Field, ...]:
    """Emissions are there only where a carbon intensity is given."""
    return tuple(one for one in of.ENERGY if one.name != "co2_kg") + optional(
        one for one in of.ENERGY if one.name == "co2_kg"
    )


# The columns of the tables of a question, by their names.
_OF_TABLES = {
    ("report", "report"): of.REPORT,
    ("ledger", "ledger"): of.LEDGER,
    ("options", "options"): of.OPTIONS,
    ("flips", "flips"): of.FLIPS,
    ("tornado", "tornado"): of.TORNADO,
    ("stress", "stress"): of.STRESS,
    ("simulate", "summary"): of.SUMMARY,
    ("simulate", "drivers"): of.DRIVERS,
    ("measures", "measures"): of.MEASURES_TABLE,
    ("win_map", "win_map"): (
        *fields(("INPUT", "number*", "", "value of either input")),
        *of.WIN_MAP,
    ),
    ("rack", "rack"): of.RACK,
    ("models", "models"): at_work.MODELS,
    ("fit", "fit"): at_work.FIT,
    ("speed", "speed"): at_work.SPEED_TABLE,
    ("work", "work"): at_work.WORK,
    ("substitutes", "substitutes"): at_work.SUBSTITUTES,
    ("compare_api", "compare_api"): at_work.COMPARE_API,
    ("compare_api", "offers"): at_work.API_OFFERS,
    ("serverless", "serverless"): at_work.SERVERLESS,
    ("successor", "successor"): at_work.SUCCESSOR,
    ("other_work", "other_work"): at_work.OTHER_WORK,
    ("training", "training"): at_work.TRAINING,
    ("fleet", "plan"): at_work.UNITS,
    ("fleet", "costs"): at_work.FLEET_COSTS,
    ("fleet", "waiting"): at_work.WAITING,
    ("inputs", "inputs"): of.INPUTS,
    ("gpus", "gpus"): of.GPUS,
    ("rates", "rates"): of.RATES,
    ("offers", "offers"): of.OFFERS,
    ("offers", "quantiles"): of.QUANTILES,
    ("history", "history"): of.HISTORY,
    ("history", "trends"): of.TRENDS,
    ("recheck", "moves"): of.MOVES,
}


# Questions of which the shell answers a table, a row each: those about work, but for the list.
BY_ROW = tuple(one.name for one in work.QUESTIONS if one.name != "models")


def columns_of_rows(question: Question) -> tuple[Field, ...]:
    """The columns of a table of such questions that was answered, without its stamps.

    What the table has itself is not answered once more, nor what no row of it has.

    >>> from tco.questions import QUESTIONS
    >>> [one.name for one in columns_of_rows(QUESTIONS["substitutes"])][:3]
    ['INPUT', 'substitute', 'rank']
    """
    answers = columns_of(question)
    if question.name == "substitutes":
        answers = (replace(answers[0], name=work.SUBSTITUTE), *answers[1:])
    given, error = (
        next(one for one in of.ANSWERS if one.name == name) for name in (of.INPUT, ERROR)
    )
    beside = (replace(one, is_nullable=True, is_optional=True) for one in answers)
    return (given, *beside, error)


def columns_of(question: Question, table: str = "") -> tuple[Field, ...]:
    """The columns of a table of a question, by default the first, without the stamps of a file.

    >>> from tco.questions import QUESTIONS
    >>> [one.name for one in columns_of(QUESTIONS["fleet"], "waiting")]
    ['month', 'owned', 'npv_usd']
    """
    return _OF_TABLES[question.name, table or question.tables[0]]
