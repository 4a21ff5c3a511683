"""A question that programs ask, and its answer: a document of JSON, and tables.

Every surface that is no screen, shell, HTTP and tools of agents, asks these and writes them its own
way; what stands in them is made here once. What a question needs is loaded when it is asked: the
tab key and `--help` only read what it takes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem
from tco.questions.asked import Asked, Read, in_usd, missing, of_texts, of_values, wrong_by_itself
from tco.version import __version__
from tco.words.currencies import Conversion, conversion, shown_in

if TYPE_CHECKING:
    import pandas as pd

    from tco.market.catalogue import Catalogue
    from tco.scenario import Scenario


def stamped(catalogue: Catalogue, /, **content: Any) -> str:
    """A JSON document with the versions that made it; never NaN or infinity.

    Beside amounts in USD stand those in the currency shown, and at which rate they are.
    """
    found = json.dumps(
        document(catalogue, **content), allow_nan=False, indent=2, ensure_ascii=False
    )
    return f"{found}\n"


def document(catalogue: Catalogue, /, **content: Any) -> dict[str, Any]:
    """The same before it is text.

    >>> from tco.market.catalogue import load
    >>> list(document(load(), gpus=8))
    ['tco_version', 'data', 'model_version', 'data_date', 'schema_version', 'gpus']
    """
    from tco.report.csv import stamps
    from tco.report.currency import document_in_currency

    found = conversion()
    made = {"tco_version": __version__, "data": catalogue.label, **stamps(catalogue, found)}
    return {**made, **document_in_currency(content, found)}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame with None for what is not there or infinite, dates as text."""
    plain = frame.replace([math.inf, -math.inf], math.nan).astype(object)
    plain = plain.where(plain.notna(), None)
    for name in frame.select_dtypes("datetime"):
        plain[name] = frame[name].dt.strftime("%Y-%m-%d")
    return [dict(zip(plain.columns, row, strict=True)) for row in plain.values.tolist()]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The answer of a question, in the currency of its scenario.

    `content` is what its document says, `frames` are its tables by name, `lead` is the sentence
    that answers the question, and `sentences` are to be read behind it. `rows` are what stands for
    it in a table of many questions, `files` write the tables that have a form of their own as CSV,
    `scenario` is what its numbers rest on; None where they are of none.
    """

    catalogue: Catalogue
    content: dict[str, Any]
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    lead: str = ""
    sentences: tuple[str, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    files: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    conversion: Conversion | None = None
    scenario: Scenario | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The document of JSON in plain types, with what made it."""
        with shown_in(self.conversion):
            return document(self.catalogue, **self.content)

    @property
    def json(self) -> str:
        """The same as a text."""
        with shown_in(self.conversion):
            return stamped(self.catalogue, **self.content)

    def csv(self, name: str = "") -> str:
        """A table, by default the first, as CSV, each row with what made it.

        InputError where there is none of that name.
        """
        from tco.report.market_tables import frame_csv

        if not self.frames or (name and name not in self.frames):
            known = ", ".join(self.frames) or "none"
            message = f"table = {name!r} is no table of this answer; it has {known}"
            raise InputError([Problem("table", message)])
        name = name or next(iter(self.frames))
        if name in self.files:
            return self.files[name]()
        return frame_csv(self.frames[name], self.catalogue, self.conversion)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What may be asked, and how it is answered.

    `summary` is a sentence about it. It `takes` what is listed and, if it is `of_scenario`, the
    inputs of one. `answer` gets the scenario (of nothing, on the data asked for, where it is not of
    one) and what is asked by name. `tables` are the names of its frames. `check` is an InputError
    for what is wrong with all that is asked, on that data: where something else is wrong there is
    no answer that would say it.
    """

    name: str
    summary: str
    answer: Callable[[Scenario, dict[str, Any]], Answered]
    takes: tuple[Asked, ...] = ()
    of_scenario: bool = True
    tables: tuple[str, ...] = ()
    check: Callable[[dict[str, Any], Mapping[str, Any]], object] | None = None

    def of_texts(self, texts: Mapping[str, str], data: Mapping[str, Any] | None = None) -> Answered:
        """The answer to texts by name; `data` are `prices` and `policy` of a scenario.

        InputError lists everything that is wrong.
        """
        return self.of(*self.read_texts(texts, data))

    def of_values(
        self, values: Mapping[str, Any], data: Mapping[str, Any] | None = None
    ) -> Answered:
        """The same of values as JSON has them; `lines` may be among them."""
        return self.of(*self.read_values(values, data))

    def read_texts(
        self, texts: Mapping[str, str], data: Mapping[str, Any] | None = None
    ) -> tuple[Scenario, dict[str, Any]]:
        """The scenario, and what is asked beside it; InputError lists everything that is wrong."""
        return self._read(of_texts(texts, self.takes, self.of_scenario), data or {})

    def read_values(
        self, values: Mapping[str, Any], data: Mapping[str, Any] | None = None
    ) -> tuple[Scenario, dict[str, Any]]:
        """The same of values as JSON has them."""
        return self._read(of_values(values, self.takes, self.of_scenario), data or {})

    def asked_of(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """What is asked beside a scenario; InputError lists everything that is wrong with it."""
        found = of_texts(texts, self.takes, of_scenario=False)
        if found.problems:
            raise InputError(self._and_more(found, {}))
        return found.asked

    def of(self, scenario: Scenario, asked: Mapping[str, Any]) -> Answered:
        """The same of a scenario and what is asked beside it; in the scenario's currency."""
        asked = in_usd(self.takes, asked, scenario.conversion)
        given = {name: value for name, value in asked.items() if value is not None}
        if problems := [*missing(self.takes, given), *wrong_by_itself(self.takes, given)]:
            raise InputError(problems)
        try:
            with shown_in(scenario.conversion):
                return self.answer(scenario, dict(asked))
        except InputError as wrong:
            found = Read(given, {}, [*wrong.problems])
            raise InputError(self._and_more(found, data_of(scenario.catalogue))) from None

    def _read(self, found: Read, data: Mapping[str, Any]) -> tuple[Scenario, dict[str, Any]]:
        from tco.scenario import Scenario

        try:
            scenario = Scenario(**found.inputs, **data)
        except InputError as wrong:
            found.problems.extend(wrong.problems)
        if found.problems:
            raise InputError(self._and_more(found, data))
        return scenario, found.asked

    def _and_more(self, found: Read, data: Mapping[str, Any]) -> list[Problem]:
        """The problems with those that `check` finds of what is not among them."""
        problems = found.problems
        if self.check is None or not found.is_whole:
            return problems
        told = {one.input for one in problems}
        try:
            self.check(dict(found.asked), data)
        except InputError as wrong:
            problems = [*problems, *(one for one in wrong.problems if one.input not in told)]
        return problems


def data_of(catalogue: Catalogue) -> dict[str, Any]:
    """The keywords with which a question is asked on that data; none on the shipped data."""
    from tco.market.catalogue import load

    return {} if catalogue is load() else {"prices": catalogue, "policy": catalogue.policy}


def inputs_of(scenario: Scenario) -> dict[str, Any]:
    """What was given of a scenario, its lines and its data, as keywords."""
    return {**scenario.given_and_lines, **data_of(scenario.catalogue)}
