"""What a question takes beside the inputs of a scenario, and how both are read from other programs.

Texts come from a shell, an address or a cell of a table; values from JSON. Everything that is wrong
with them is reported together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tco.errors import InputError, Problem, shown, suggestion
from tco.inputs import FORMER_NAMES, TAKEN, Param
from tco.inputs.checks import clean
from tco.inputs.names import MOST_TOLD, not_inputs
from tco.inputs.text import numbers_from, parse
from tco.words.currencies import USD, Conversion
from tco.words.figures import capital, span
from tco.workload.domains import Domain, checked

TEXT, NUMBER, FLAG, TEXTS, NUMBERS, PLAN = "text", "number", "flag", "texts", "numbers", "plan"
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# What a scenario consists of beside inputs, where a program gives it as values.
LINES = "lines"


_IN_USD = " [USD]"


class Amount(str):
    """An amount of money in words, such as 0.0003 EUR: the rate of its scenario makes it USD."""


@dataclass(frozen=True)
class Asked:
    """One thing that a question takes.

    `kind` is text, number, flag, or several of them: texts, numbers, or a plan, which is a number
    of GPUs by month. `choices` are the texts that it may be, if they are few. A number that may be
    0 for none is `or_zero`, whatever its domain. `check` is an InputError for a value that is none
    of the names that it may be.
    """

    name: str
    kind: str
    meaning: str
    domain: Domain | None = None
    choices: tuple[str, ...] = ()
    needed: bool = False
    or_zero: bool = False
    check: Callable[[Any], object] | None = None

    @classmethod
    def of(cls, name: str, domain: Domain) -> Asked:
        """A number in a domain."""
        return cls(name, NUMBER, domain.meaning, domain)

    @property
    def amount(self) -> Param | None:
        """What it is as an amount of money [USD]; None for what is none.

        >>> price = Asked.of("usd_per_gpu_second", Domain(0, 10, "price of a GPU-second [USD]"))
        >>> price.amount.unit, Asked.of("users", Domain(0, 9, "people")).amount
        ('USD', None)
        """
        if self.kind != NUMBER or self.domain is None or not self.meaning.endswith(_IN_USD):
            return None
        low, high, meaning, _, low_open = self.domain
        return Param(
            group="",
            kind="number",
            meaning=meaning.removesuffix(_IN_USD),
            unit=USD,
            low=low,
            high=high,
            low_open=low_open,
            name=self.name,
        )

    @property
    def words(self) -> str:
        """What it means, with its domain, as a help text.

        >>> Asked.of("gpu_count", Domain(1, 72, "GPUs of a run", whole=True)).words
        'GPUs of a run [whole, 1 to 72]'
        >>> Asked.of("token_time_ms", Domain(0, 9, "time of a token [ms]", low_open=True)).words
        'Time of a token [ms, above 0, up to 9]'
        >>> Asked("gaps", TEXT, "how gaps are read", choices=("error", "zero")).words
        'How gaps are read: error or zero.'
        """
        told = capital(self.meaning)
        if self.domain:
            low, high, _, whole, low_open = self.domain
            said = span(low, high, low_open, whole)
            return f"{told[:-1]}, {said}]" if told.endswith("]") else f"{told} [{said}]"
        if self.choices:
            *first, last = self.choices
            return f"{told}: {', '.join(first)} or {last}."
        return f"{told}."

    def read(self, text: str) -> Any:
        """The value that a text stands for; InputError for none. The domain is not looked at.

        >>> Asked("site_kw", "numbers", "power").read("10, 2.5")
        [10.0, 2.5]
        >>> Asked("buy_plan", "plan", "purchases").read("0:8,12:8")
        {0: 8, 12: 8}
        """
        text = text.strip()
        if self.kind == NUMBER:
            return self._number(text)
        if self.kind == FLAG:
            if text.casefold() not in _TRUTHS:
                raise self._wrong(text, "is neither true nor false")
            return _TRUTHS[text.casefold()]
        if self.kind == PLAN:
            return self._plan(text)
        if self.kind in (TEXTS, NUMBERS):
            parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
            return parts if self.kind == TEXTS else [self._number(part) for part in parts]
        if self.choices and text not in self.choices:
            raise self._wrong(text, f"is none of {', '.join(self.choices)}")
        return text

    def checked(self, value: Any) -> Any:
        """A value of JSON as the question takes it; InputError where it is of another kind.

        >>> Asked("buy_plan", "plan", "purchases").checked({"0": 8})
        {0: 8}
        >>> Asked("hours", "number", "hours a day").checked("8")
        8.0
        """
        several: dict[str, Any] = {TEXTS: str, NUMBERS: (int, float)}
        if isinstance(value, str):
            return self.read(value)
        if self.kind == PLAN and isinstance(value, Mapping):
            return self._plan(",".join(f"{month}:{gpus}" for month, gpus in value.items()))
        if self.kind == FLAG and isinstance(value, bool):
            return value
        if self.kind == NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if self.kind in several and isinstance(value, list | tuple):
            of_it = [x for x in value if not isinstance(x, bool)]
            if len(of_it) == len(value) and all(isinstance(x, several[self.kind]) for x in value):
                return list(value)
        if self.kind == NUMBERS and isinstance(value, int | float):
            return [value]
        raise self._wrong(value, f"is not {_KINDS[self.kind]}")

    def _number(self, text: str) -> float | int | Amount:
        try:
            number = float(text.strip().replace("_", ""))
        except ValueError:
            if self.amount is not None:
                return Amount(text)
            raise self._wrong(text, "is not a number") from None
        whole = self.domain is not None and self.domain.whole and number.is_integer()
        return int(number) if whole else number

    def _plan(self, text: str) -> dict[int, int]:
        found: dict[int, int] = {}
        for part in text.split(","):
            month, mark, gpus = (word.strip() for word in part.partition(":"))
            if not mark or not (_is_whole(month) and _is_whole(gpus)):
                raise self._wrong(text, "is no list of months and GPUs such as 0:8,12:8")
            if int(month) in found:
                raise self._wrong(text, f"has month {month} twice: give it once")
            found[int(month)] = int(gpus)
        return found

    def _wrong(self, value: Any, why: str) -> InputError:
        message = f"{self.name} = {shown(value)} {why}: {self.meaning}"
        return InputError([Problem(self.name, message)])


# What a list takes of which a reader wants a part.
ABOUT = Asked("about", TEXT, "only what has these words in its name or meaning, such as H100")


def is_about(words: str, *texts: str) -> bool:
    """Whether every one of some words is in one of the texts, in whatever case.

    >>> is_about("annual rent", "Change of rental rates", "annual"), is_about("H100", "L4")
    (True, False)
    """
    said = " ".join(texts).casefold().replace("_", " ")
    return all(word in said for word in words.casefold().replace("_", " ").split())


_KINDS = {
    TEXT: "a text",
    NUMBER: "a number",
    FLAG: "true or false",
    TEXTS: "a list of texts",
    NUMBERS: "a list of numbers",
    PLAN: "a number of GPUs by month",
}


def _is_whole(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 9


class Read(NamedTuple):
    """What is asked and the inputs of a scenario, and what is wrong with what was given.

    `is_whole`: nothing is left out of what is asked because it could not be read.
    """

    asked: dict[str, Any]
    inputs: dict[str, Any]
    problems: list[Problem]
    is_whole: bool = True


def of_texts(texts: Mapping[str, str], takes: Iterable[Asked], of_scenario: bool) -> Read:
    """What is asked and the inputs of a scenario, from texts; empty ones are not given.

    `lines` are JSON, as in a link. The inputs may hold texts that are none of their values: the
    scenario says so, with all else that is wrong with it. A problem is what nobody takes, cannot be
    read or is outside its domain.

    >>> users = [Asked("users", "number", "people")]
    >>> of_texts({"utilization": "60%", "users": "1e3"}, users, True)
    Read(asked={'users': 1000.0}, inputs={'utilization': 0.6}, problems=[], is_whole=True)
    """
    known = {one.name: one for one in takes}
    asked: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    problems = list(_strange(texts, known, of_scenario, (LINES,) if of_scenario else ()))
    for name, text in texts.items():
        if not text.strip():
            continue
        if name == LINES and of_scenario:
            from tco.scenario.documents import parsed

            try:
                inputs[name] = parsed(text)
            except InputError as wrong:
                told = (problem.message.replace("scenario", LINES, 1) for problem in wrong.problems)
                problems += [Problem(LINES, message) for message in told]
        elif name in known:
            try:
                asked[name] = known[name].read(text)
            except InputError as wrong:
                problems += wrong.problems
        elif of_scenario and (declared := TAKEN.get(FORMER_NAMES.get(name, name))):
            problems += _give(inputs, name, parse(declared, text))
    given = [name for name, text in texts.items() if text.strip()]
    return _read(known, given, asked, inputs, problems)


def of_values(values: Mapping[str, Any], takes: Iterable[Asked], of_scenario: bool) -> Read:
    """The same from values of JSON; null is not given.

    >>> of_values({"gpus": 8, "users": 1_000}, [Asked("users", "number", "people")], True)
    Read(asked={'users': 1000}, inputs={'gpus': 8}, problems=[], is_whole=True)
    """
    known = {one.name: one for one in takes}
    asked: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    problems = list(_strange(values, known, of_scenario, (LINES,) if of_scenario else ()))
    for name, value in values.items():
        if value is None:
            continue
        if name in known:
            try:
                asked[name] = known[name].checked(value)
            except InputError as wrong:
                problems += wrong.problems
        elif of_scenario and isinstance(value, list | dict) and name != LINES:
            message = f"{name} = {shown(value)} is a table: give one value"
            problems.append(Problem(name, message))
        elif of_scenario and (name in TAKEN or name in FORMER_NAMES or name == LINES):
            problems += _give(inputs, name, value)
    given = [name for name, value in values.items() if value is not None]
    return _read(known, given, asked, inputs, problems)


def _read(
    known: Mapping[str, Asked],
    given: Collection[str],
    asked: dict[str, Any],
    inputs: dict[str, Any],
    problems: list[Problem],
) -> Read:
    """What was read, with what is missing and what is wrong by itself."""
    problems += [*missing(known.values(), given), *wrong_by_itself(known.values(), asked)]
    return Read(asked, inputs, problems, all(name in asked for name in given if name in known))


def missing(takes: Iterable[Asked], given: Container[str]) -> list[Problem]:
    """A problem for everything that is needed and is not among the given.

    >>> [one.message for one in missing([Asked("model", "text", "the model", needed=True)], [])]
    ['model is missing: the model']
    """
    needed = (one for one in takes if one.needed and one.name not in given)
    return [Problem(one.name, f"{one.name} is missing: {one.meaning}") for one in needed]


def wrong_by_itself(takes: Iterable[Asked], asked: Mapping[str, Any]) -> list[Problem]:
    """A problem for each number outside its domain, and each name that is none.

    >>> users = Asked.of("users", Domain(0, 1e10, "people", low_open=True))
    >>> [one.message for one in wrong_by_itself([users], {"users": -1})]
    ['users = -1 is outside (0, 1e+10]: people']
    """
    problems: list[Problem] = []
    for one in takes:
        value = asked.get(one.name)
        if value is None or isinstance(value, Amount):
            continue
        if one.domain and not (one.or_zero and value == 0):
            problems += checked({one.name: value}, (), {one.name: one.domain})
        if one.check is not None:
            try:
                one.check(value)
            except InputError as wrong:
                problems += wrong.problems
    return problems


def in_usd(
    takes: Iterable[Asked], asked: Mapping[str, Any], conversion: Conversion | None
) -> dict[str, Any]:
    """What is asked, with every amount in words as a number of USD; InputError where one is none.

    >>> price = Asked.of("usd_per_gpu_second", Domain(0, 10, "price of a GPU-second [USD]"))
    >>> euros = Conversion("EUR", 0.8, "2026-11-20")
    >>> in_usd([price], {price.name: price.read("0.0004 EUR")}, euros)
    {'usd_per_gpu_second': 0.0005}
    """
    texts = {name: value for name, value in asked.items() if isinstance(value, Amount)}
    if not texts:
        return dict(asked)
    declared = {one.name: one.amount for one in takes if one.name in texts and one.amount}
    found, problems = numbers_from(texts, declared, conversion), list[Problem]()
    for name, value in found.items():
        found[name], wrong = clean(declared[name], value)
        problems += wrong
    if problems:
        raise InputError(problems)
    return {**asked, **found}


def _give(inputs: dict[str, Any], name: str, value: Any) -> list[Problem]:
    """Take an input by the name it has today; a problem where it has a value by another name."""
    current = FORMER_NAMES.get(name, name)
    is_twice = current in inputs
    inputs[current] = value
    message = f"{current} is given twice, once by its former name: give it once"
    return [Problem(current, message)] if is_twice else []


def _strange(
    given: Iterable[str], known: Mapping[str, Asked], of_scenario: bool, more: tuple[str, ...] = ()
) -> Iterable[Problem]:
    """A problem for each name that the question does not take."""
    names = [name for name in given if name not in known and name not in more]
    if of_scenario:
        names = [name for name in names if name not in FORMER_NAMES]
        for name, message in not_inputs(names):
            near = suggestion(name, known, 0.65)
            yield Problem(name, f"{shown(name)} is not taken here{near}" if near else message)
        return
    for name in names[:MOST_TOLD]:
        near = suggestion(name, known) or f"; what is: {', '.join(known) or 'nothing'}"
        yield Problem(name, f"{shown(name)} is not taken here{near}")
    if (left := len(names) - MOST_TOLD) > 0:
        yield Problem(names[MOST_TOLD], f"{left:,} more names are not taken here")
