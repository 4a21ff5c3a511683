"""An answer short enough to be read whole: its sentence, what to check first, what it rests on.

The document of a question has everything, which is too much to read out: a brief has the results
and the first rows of its tables, and says of every number whether it was given, comes from dated
data, is assumed, or was computed from these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tco.inputs import INPUTS, PRICES
from tco.market.policy import POLICY
from tco.questions.answer import Answered, Question, document
from tco.questions.scenarios import inputs_of_report
from tco.questions.telling import Told, per, told_of
from tco.report.facts import Facts
from tco.report.provenance import age_text, count_by_status, origin
from tco.report.risk_tables import first_check
from tco.scenario import Scenario
from tco.version import MODEL_VERSION, __version__
from tco.words.currencies import shown_in
from tco.words.figures import counted, quantity

# What the document has of the inputs; what the text has of sentences, lines, inputs and the rest.
_MOST_INPUTS = 40
_SENTENCES_READ, _LINES_READ, _INPUTS_READ, _OTHERS_READ = 8, 13, 8, 2
# Where numbers that were given or computed come from.
YOURS, COMPUTED, SIMULATED = "yours", "computed", "simulated"
_YOU, _FOLLOWS = "given with the question", "derived from the demand given"
_BUSY = "utilization"
# What an answer rests on in any case, beside what was given and what moves it most.
_ALWAYS = (
    *("gpu", "gpus", "utilization", "horizon_months", "term", "region", "hosting", "billing"),
    "discount_rate",
)
# What is said of an input that an answer rests on.
_OF_INPUT = (
    *("name", "label", "value", "unit", "low", "high", "status", "source", "url", "as_of"),
    *("age_days", "freshness", "note"),
)


@dataclass(frozen=True, kw_only=True)
class Brief:
    """The short form of one answer."""

    answered: Answered
    told: Told

    @property
    def facts(self) -> Facts | None:
        """Those of the scenario that its numbers rest on; None where they are of none."""
        return self.told.facts

    @cached_property
    def document(self) -> dict[str, Any]:
        """The brief in plain types.

        A number stands in an object that has its `status`, `source` and `as_of`, or in a part of
        such an object. Beside amounts in USD stand those in the currency of the scenario.
        """
        with shown_in(self.answered.conversion):
            found = dict(self._content())
            return document(self.answered.catalogue, **found)

    def _content(self) -> Iterator[tuple[str, Any]]:
        told, facts = self.told, self.facts
        yield "answer", told.sentences[0] if told.sentences else ""
        yield "more", [*told.sentences[1:]]
        if facts is not None:
            yield "check_first", self._check()
            yield "odds", self._odds()
            yield "inputs_by_status", self._counted()
            yield "rests_on", [*told.rests_on, *self._rests_on()]
        if told.results:
            yield "results", {**self._made(COMPUTED), "values": told.results}
        tables = {name: self._table(name, rows) for name, rows in told.tables.items()}
        if tables:
            yield "tables", tables

    def _made(self, status: str) -> dict[str, str]:
        """Where numbers come from that were not given: status, source, date."""
        on = self.facts.as_of if self.facts else self.answered.catalogue.newest
        source = f"tco {__version__}, model {MODEL_VERSION}, on {self.answered.catalogue.label}"
        return {"status": status, "source": source, "as_of": on}

    def _check(self) -> dict[str, Any]:
        assert self.facts is not None
        words, name = check_first(self.facts), None
        if self.facts.missing:
            name = self.facts.missing[0]
        elif (odds := self.facts.simulation) is not None and (name := odds.check_first):
            worth = odds.drivers.set_index("input")["value_of_knowing_usd"][name]
            known = {"value_of_knowing_usd": float(worth), **self._made(SIMULATED)}
            return {"input": name, "words": words, **known}
        elif self.facts.compared is None and not self.facts.problems:
            name = _BUSY
        return {"input": name, "words": words}

    def _odds(self) -> dict[str, Any]:
        assert self.facts is not None
        facts = self.facts
        said = {"verdict": facts.verdict or None, "confidence": facts.confidence or None}
        return {**said, "chance_buy": facts.chance_buy, **self._made(SIMULATED)}

    def _table(self, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        shown = [_filled(row) for row in rows[: self.told.most]]
        if self.facts is not None:
            shown = [*_with_origins(shown, self._known)]
        found: dict[str, Any] = {
            **self._made(self.told.statuses.get(name, COMPUTED)),
            "rows": shown,
        }
        found["rows_in_all"] = len(rows)
        if len(rows) > len(shown):
            found["left_out"] = left_out(len(rows) - len(shown), self.told.all_of(name))
        return found

    # -- What it rests on

    @cached_property
    def _known(self) -> dict[str, dict[str, Any]]:
        """Every input as the report has it, by name; what follows from the question says so."""
        if self.facts is None:
            return {}
        rows = inputs_of_report(self.facts.scenario)
        follows = {"status": COMPUTED, "source": _FOLLOWS, "as_of": self.facts.as_of}
        return {
            row["name"]: {**row, **(follows if row["name"] in self.told.follow else {})}
            for row in rows
        }

    def _counted(self) -> str:
        """How many inputs are the reader's own, sourced and assumed, and which of them follow."""
        assert self.facts is not None
        counts = count_by_status(self.facts.scenario)
        names = " and ".join(self.told.follow)
        return f"{counts}; of the first, {names} follow from the demand" if names else counts

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The inputs that are named: what was given, prices, and what moves the answer most."""
        assert self.facts is not None
        ruled = (YOURS, POLICY, COMPUTED)
        given = (name for name, row in self._known.items() if row["status"] in ruled)
        first = self.facts.simulation.check_first if self.facts.simulation else None
        moving = (row["input"] for row in self.facts.matters)
        named = (*given, *PRICES, *([first] if first else ()), *moving, *_ALWAYS)
        return tuple(dict.fromkeys(map(str, named)))

    def _rests_on(self) -> list[dict[str, Any]]:
        return [origin_of(self._known[name]) for name in self._names[:_MOST_INPUTS]]

    # -- The same as a text

    @cached_property
    def text(self) -> str:
        """The brief as some forty lines at most, the sentence to remember first."""
        with shown_in(self.answered.conversion):
            return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        told, facts = self.told, self.facts
        yield from told.sentences[:_SENTENCES_READ]
        if (more := len(told.sentences) - _SENTENCES_READ) > 0:
            yield f"… {counted(more, 'more sentence')} in the structured answer."
        if facts is not None:
            yield f"{check_first(facts)}."
        most = _LINES_READ if facts is not None else 2 * _LINES_READ
        if told.lines:
            yield ""
            yield f"{told.title}:"
            yield from (f"- {line}" for line in told.lines[:most])
            if (more := len(told.lines) - most) > 0:
                yield f"… {left_out(more, told.all_of(''))}"
        yield ""
        if facts is not None:
            yield from self._foundations(facts)
        stamps = f"tco {__version__}, model {MODEL_VERSION}"
        on = facts.as_of if facts else self.answered.catalogue.newest
        yield f"Data as of {on} ({self.answered.catalogue.label}); computed by {stamps}."

    def _foundations(self, facts: Facts) -> Iterator[str]:
        yield f"It rests on ({self._counted()}):"
        for name in self._names[:_INPUTS_READ]:
            follows = _FOLLOWS if name in self.told.follow else ""
            yield f"- {_spoken(facts.scenario, name, facts.as_of, follows)}"
        yield from (f"- {_row_spoken(row)}" for row in self.told.rests_on[:_OTHERS_READ])
        rest = len(self._names) - _INPUTS_READ + max(0, len(self.told.rests_on) - _OTHERS_READ)
        if rest > 0:
            yield f"… {rest} more with their sources are in the structured answer."


def brief(question: Question, answered: Answered) -> Brief:
    """The short form of an answer to a question.

    >>> from tco.questions import QUESTIONS
    >>> asked = QUESTIONS["breakeven"]
    >>> found = brief(asked, asked.of_values({"gpu": "L4", "utilization": 0.6}))
    >>> found.document["answer"].split(":")[0]
    'BUY · low confidence'
    >>> found.text.splitlines()[0] == found.document["answer"]
    True
    """
    with shown_in(answered.conversion):
        return Brief(answered=answered, told=told_of(question.name, answered))


def check_first(facts: Facts) -> str:
    """What to look up before deciding, as a sentence without its full stop.

    >>> from tco.report.facts import facts_of
    >>> check_first(facts_of(Scenario(gpu="L4", utilization=0.6))).partition(":")[0]
    'Check the staff cost per GPU-month first'
    >>> check_first(facts_of(Scenario(gpu="RTX-PRO-4500", provider="lambda")))
    'Enter the rental rate: nothing can be compared without it'
    """
    if facts.missing:
        return f"Enter {INPUTS[facts.missing[0]].asked}: nothing can be compared without it"
    if facts.problems:
        return facts.problems[0].rstrip(".")
    if facts.compared is None:
        return f"Enter {INPUTS[_BUSY].asked}: without busy hours nothing can be compared"
    if facts.simulation is None:
        return (facts.no_odds or facts.headline).rstrip(".")
    return first_check(facts.simulation)


def origin_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the report about an input, without what is empty, and always with a source.

    What was given has one, and of a default that follows from others the note says from which.
    """
    found = _filled({name: row[name] for name in _OF_INPUT})
    source = _YOU if row["status"] == YOURS else row["source"] or row["note"]
    return found | {"source": source}


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and value != ""}


def _with_origins(
    rows: Iterable[dict[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Rows about inputs with the origin of what each input is now."""
    for row in rows:
        of_it = known.get(str(row.get("input")))
        if of_it is None or "status" in row:
            yield row
            continue
        found = origin_of(of_it)
        yield row | {name: found[name] for name in ("status", "source", "as_of") if name in found}


def left_out(count: int, how: str) -> str:
    """That so many rows are not shown, and how to get them.

    >>> left_out(37, "ask with about=…")
    '37 more rows are left out: ask with about=…'
    """
    rows = "row is" if count == 1 else "rows are"
    return f"{count:,} more {rows} left out{f': {how}' if how else ''}"


def _spoken(scenario: Scenario, name: str, on: str, follows: str) -> str:
    """An input with its value, status, source and date in a line."""
    entry, declared = scenario.resolved()[name], INPUTS[name]
    if isinstance(entry.value, bool):
        dated = " ".join(filter(None, (entry.status, entry.as_of)))
        return f"{declared.label}: {'yes' if entry.value else 'no'} ({dated})"
    value = per(declared.written(entry.value), declared.unit)
    if follows:
        return f"{declared.label}: {value} ({follows})"
    aged = age_text(entry.as_of, on) if entry.status != YOURS else ""
    said = f"{origin(scenario, name)}{f', {aged}' if 'stale' in aged else ''}"
    return f"{declared.label}: {value} ({said})"


def _row_spoken(row: Mapping[str, Any]) -> str:
    """The same of what is no input of the scenario."""
    value, unit = row["value"], row.get("unit", "")
    shown = per(quantity(value, unit), unit) if isinstance(value, float) else str(value)
    # Of a source the publisher is enough here.
    source = str(row.get("source", "")).partition("; ")[0].rpartition(": ")
    told = (row.get("status"), source[0] or source[2], row.get("as_of"))
    of_it = ", ".join(filter(None, told))
    return f"{row['label']}: {shown} ({of_it})"


# -- Its schema

_WORD, _TEXT, _TEXTS = (
    {"type": "string"},
    {"type": ["string", "null"]},
    {"type": "array", "items": {"type": "string"}},
)
_MADE = {
    "status": {"type": "string", "description": "yours, default, assumption, computed and others"},
    "source": {"type": "string", "description": "Who says so"},
    "as_of": {"type": "string", "description": "Of which date, YYYY-MM-DD or a part of it"},
}
_ROWS = {"type": "array", "items": {"type": "object"}}


def _object(
    description: str, properties: Mapping[str, Any], required: Iterable[str]
) -> dict[str, Any]:
    found = {"type": "object", "description": description, "properties": {**properties}}
    return found | {"required": [*required]}


SCHEMA = _object(
    "A short answer. Every number stands in an object with its status, source and date, or in a "
    "part of one; amounts are US dollars",
    {
        "answer": {**_WORD, "description": "The answer in a sentence: report this first"},
        "more": {**_TEXTS, "description": "What else is to be said, in sentences"},
        "check_first": _object(
            "The number that is worth most to know before deciding, and what that is worth",
            {"input": _TEXT, "words": _WORD, "value_of_knowing_usd": {"type": "number"}, **_MADE},
            ("input", "words"),
        ),
        "odds": _object(
            "The verdict (buy, rent, toss_up), how sure it is, and the share of simulated futures "
            "in which buying is cheaper",
            {
                "verdict": _TEXT,
                "confidence": _TEXT,
                "chance_buy": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
                **_MADE,
            },
            ("verdict", "confidence", "chance_buy", *_MADE),
        ),
        "inputs_by_status": {**_WORD, "description": "How many inputs are the user's own"},
        "rests_on": {
            "type": "array",
            "description": "The inputs that the answer rests on: all that were given, prices, and "
            "those that move it most",
            "items": _object(
                "A number or choice",
                {"name": _WORD, "label": _WORD, "unit": _WORD, **_MADE, "url": _WORD},
                ("name", "label", "value", "status", "source"),
            ),
        },
        "results": _object(
            "Results by name", {**_MADE, "values": {"type": "object"}}, (*_MADE, "values")
        ),
        "tables": {
            "type": "object",
            "description": "Tables by name; of a long one the first rows",
            "additionalProperties": _object(
                "A table",
                {
                    **_MADE,
                    "rows": _ROWS,
                    "rows_in_all": {"type": "integer"},
                    "left_out": {**_WORD, "description": "What is not shown, and how to get it"},
                },
                (*_MADE, "rows", "rows_in_all"),
            ),
        },
        "tco_version": _WORD,
        "model_version": _WORD,
        "data": {**_WORD, "description": "Which data it was computed from"},
        "data_date": {**_WORD, "description": "The newest date in the data"},
        "schema_version": {"type": "integer"},
        "converted": {**_WORD, "description": "At which exchange rate amounts are converted"},
    },
    ("answer", "more", "tco_version", "model_version", "data", "data_date"),
)
