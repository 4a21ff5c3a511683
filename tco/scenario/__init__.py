"""One comparison, or a table of them: what was given, and every value with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from tco.errors import InputError, Problem
from tco.finance.discounting import decline_of, residual_share
from tco.inputs import (
    AFTER,
    DECLINE,
    ENTRIES,
    FORMER_NAMES,
    INPUTS,
    RESIDUAL,
    TAKEN,
    Inputs,
    current_names,
)
from tco.inputs.checks import clean, midpoint
from tco.inputs.declaration import Interval
from tco.inputs.lines import lines_of
from tco.inputs.names import not_inputs
from tco.inputs.text import takes_inputs
from tco.market.catalogue import Catalogue, load
from tco.market.choice import Question, resolve, resolved_values, unknown_keys
from tco.market.evidence import Resolved
from tco.market.following import follow, following
from tco.market.observed import catalogue_with
from tco.market.policy import catalogue_under, policy_values
from tco.scenario.amounts import lines_in_usd, settled
from tco.scenario.currency import FX_RATE, given_in, without_rate
from tco.version import MODEL_VERSION, SCHEMA_VERSION
from tco.words.currencies import USD, Conversion, conversion
from tco.words.figures import period

__all__ = ["Resolved", "Scenario", "scenario_of"]

# Where each input stands in the documentation.
_PLACES = {name: place for place, name in enumerate(INPUTS)}
# What a scenario holds beside its inputs.
_BESIDE = ("lines", "prices", "policy")

if TYPE_CHECKING:
    from tco.inputs.values import InputValues


@dataclass(frozen=True, kw_only=True, eq=False, init=False, repr=False)
class Scenario(Inputs):
    """The inputs of one comparison: it stores what was given and nothing else.

    Every input is a keyword; None means "not given". A value may be a number, or an array, a list
    or a pandas Series with one value a scenario; arrays broadcast. The text "0.50..0.85" is a
    number of which only the 10th to the 90th percentile are known: answers use the midpoint, and
    `tco.simulate` the range. A what-if is `dataclasses.replace(scenario, ...)`. InputError lists
    everything that is wrong.

    What is not given comes from the shipped data, with the observations of `prices` on top of it
    where that is a price store (`tco.PriceStore`) or a frame of prices. `policy` is the path of a
    finance department's policy file (or a `tco.Policy`): its values count before the data, and what
    it locks is refused. `lines` are costs and incomes that the model has no item for: of
    `tco.Line`, tables of its fields, or a frame.

    >>> from dataclasses import replace
    >>> replace(Scenario(gpu="L4"), gpu="T4") == Scenario(gpu="T4")
    True
    """

    prices: Any = None
    # What was worked out before; it is no part of what was given.
    __slots__ = ("_known",)

    @takes_inputs
    def __init__(self, /, **inputs: Unpack[InputValues]) -> None:
        given = current_names(inputs)
        strange = not_inputs(name for name in given if name not in _BESIDE)
        problems = [Problem(name, message) for name, message in strange]
        entries: dict[str, Any] = {}
        if (prices := given.get("prices")) is not None:
            self.__dict__["prices"] = catalogue_with(prices)
        if (policy := given.get("policy")) is not None:
            self.__dict__["prices"] = catalogue_under(policy, self.catalogue)
        told = {name: x for name, x in given.items() if x is not None and name in TAKEN}
        for name, value in settled(told, self._usual, policy_values(self.catalogue)).items():
            cleaned, wrong = clean(TAKEN[name], value)
            problems += wrong
            if not wrong:
                (entries if name in ENTRIES else self.__dict__)[name] = cleaned
        if given.get("lines") is not None:
            problems += self._add_lines(given["lines"])
        if not any(problem.input == FX_RATE for problem in problems):  # one given is no lack
            problems += without_rate(self)
        problems += self._unknown_keys(self.catalogue)
        if entries and not problems:
            problems += self._enter(entries)
        if problems:
            raise InputError(problems)
        if policy is not None:
            allowed(self)

    def _usual(self, name: str) -> Any:
        """The value of an input that nobody gave, whatever else is asked."""
        return resolved_values(Question(), self.catalogue)[name]

    def _enter(self, entries: dict[str, Any]) -> list[Problem]:
        """Take over what is given instead of the yearly decline, or say what is wrong with it."""
        if RESIDUAL not in entries:
            return [Problem(AFTER, f"{AFTER} says when a share is left: give {RESIDUAL} too")]
        if DECLINE in self.__dict__:
            message = f"{RESIDUAL} and {DECLINE} say the same in two ways: give one of them"
            return [Problem(RESIDUAL, message)]
        months = entries[AFTER] if AFTER in entries else self._values()["horizon_months"]
        share, months = entries[RESIDUAL], midpoint(ENTRIES[AFTER], months)
        if any(hasattr(value, "shape") for value in (share, months)):
            from tco.scenario.tables import declines

            self.__dict__[DECLINE], problems = declines(share, months)
            return problems or self._unknown_keys(self.catalogue)
        if isinstance(share, Interval):
            ends = (decline_of(end, months) for end in (share.high, share.low))
            self.__dict__[DECLINE] = Interval(*ends)
        else:
            self.__dict__[DECLINE] = decline_of(share, months)
        return []

    def _add_lines(self, given: Any) -> tuple[Problem, ...]:
        """Keep the lines, or say what is wrong with them."""
        try:
            known = policy_values(self.catalogue) | self.__dict__
            lines = lines_in_usd(lines_of(given), known)
        except InputError as wrong:
            return wrong.problems
        if lines:
            self.__dict__["lines"] = lines
        return ()

    @property
    def given(self) -> dict[str, Any]:
        """The inputs that the caller gave, in the order of the documentation."""
        held = self.__dict__
        return {
            name: held[name]
            for name in sorted(held.keys() & _PLACES.keys(), key=_PLACES.__getitem__)
        }

    @property
    def given_and_lines(self) -> dict[str, Any]:
        """All that the caller gave but `prices`; `lines` only where there are any."""
        return self.given | ({"lines": self.lines} if self.lines else {})

    @property
    def is_table(self) -> bool:
        """Whether any input holds one value a scenario."""
        return any(hasattr(value, "shape") for value in self.__dict__.values())

    @property
    def is_example(self) -> bool:
        """Whether nothing is the caller's: no value was given, and none comes of a quote.

        In which currency amounts are shown makes no other example.
        """
        if self.lines or any(INPUTS[name].group != "currency" for name in self.given):
            return False
        yours = (name for name, entry in self.resolved().items() if entry.status == "yours")
        return all(INPUTS[name].group == "currency" for name in yours)

    @property
    def catalogue(self) -> Catalogue:
        """The data from which everything comes that was not given."""
        return catalogue_with(self.prices)

    @property
    def conversion(self) -> Conversion | None:
        """How its amounts are shown in its currency; None for USD, and of a table."""
        if self.is_table:
            return None
        values = self._once("values", self._values)
        if values["currency"] == USD:
            return None
        said = policy_values(self.catalogue).keys() | self.given.keys()
        day, assumed = values["fx_as_of"], "fx_as_of" not in said
        return Conversion(values["currency"], float(values["fx_rate"]), day, assumed)

    def resolved(self) -> dict[str, Resolved]:
        """Every input by name: value, unit, status, source, date and note.

        >>> Scenario(utilization=0.3).resolved()["utilization"].status
        'yours'
        """
        return dict(self._once("resolved", self._resolved))

    def _resolved(self) -> dict[str, Resolved]:
        numbers = self._numbers()
        if self.is_table:
            from tco.scenario.tables import resolve_table

            found = dict(resolve_table(numbers, self.catalogue))
        else:
            found = dict(resolve(Question.of(numbers), self.catalogue))
        for name, value in self.given.items():
            low, high, note = found[name].low, found[name].high, ""
            if isinstance(value, Interval):
                low, high, note = value.low, value.high, f"the midpoint of {value}"
            elif name == DECLINE and not self.is_table:
                note = left_after(value, found["horizon_months"].value)
            else:
                note = given_in(self, name, value)
            found[name] = Resolved(name, numbers[name], "yours", note=note, low=low, high=high)
        values = {name: entry.value for name, entry in found.items()}
        for name, value in follow(values, numbers, self.catalogue).items():
            found[name] = following(found[name], value, values, self.catalogue)
        return found

    def values(self) -> dict[str, Any]:
        """Every input's value by name; None (NaN in a table) where no price or rate is known.

        Beside them `lines`, where there are any.
        """
        return dict(self._once("values", self._values))

    def _values(self) -> dict[str, Any]:
        lines = {"lines": self.lines} if self.lines else {}
        numbers = self._numbers()
        if self.is_table:  # what is all given asks nothing
            complete = len(numbers) == len(INPUTS)
            resolved = {} if complete else self.resolved()
            return numbers | {name: entry.value for name, entry in resolved.items()} | lines
        values = {**resolved_values(Question.of(numbers), self.catalogue), **numbers, **lines}
        values.update(follow(values, numbers, self.catalogue))
        return values

    def _once(self, what: str, find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is found of one scenario, which is asked for again and again, on the same data.

        Notes name amounts, so it is kept for each currency in which they are shown.
        """
        if self.is_table:
            return find()
        catalogue, what = self.catalogue, f"{what} {conversion() or ''}"
        known: tuple[Catalogue, dict[str, dict[str, Any]]] | None = getattr(self, "_known", None)
        if known is None or known[0] is not catalogue:
            known = (catalogue, {})
            object.__setattr__(self, "_known", known)
        if what not in known[1]:
            known[1][what] = find()
        return known[1][what]

    def without(self, *names: str) -> Scenario:
        """The scenario with some inputs not given; what a GPU of one's own then lacks is unknown.

        >>> Scenario(gpu="L4", gpu_w=100).without("gpu_w").values()["gpu_w"]
        72.0
        """
        left = object.__new__(Scenario)
        left.__dict__.update({n: value for n, value in self.__dict__.items() if n not in names})
        return left

    def on_shipped_data(self) -> Scenario:
        """The scenario without `prices`: what comes from them is given instead.

        So that somebody who has only the shipped data gets the same answer.
        """
        if self.prices is None:
            return self
        from tco.scenario.tables import differing

        unknown = {problem.input for problem in self._unknown_keys(load())}
        values = {name: value for name, value in self.values().items() if name not in unknown}
        kept = {name: value for name, value in self.given.items() if name not in unknown}
        plain = Scenario(**{"as_of": values["as_of"], **kept}, lines=self.lines)
        return Scenario(**{**plain.__dict__, **differing(values, plain.values())})

    def _numbers(self) -> dict[str, Any]:
        """What was given, a midpoint for each interval."""
        return {name: midpoint(INPUTS[name], value) for name, value in self.given.items()}

    def _unknown_keys(self, catalogue: Catalogue) -> list[Problem]:
        """The keys that some data does not have; of a table also columns that do not fit."""
        if self.is_table:
            from tco.scenario.tables import shape_problems

            return shape_problems(self._numbers(), catalogue)
        numbers = self._numbers()
        return unknown_keys(Question.of(numbers), catalogue, numbers)

    def to_dict(self) -> dict[str, Any]:
        """What was given, in plain Python types: an array becomes a list, an interval its text.

        >>> Scenario(gpu="L4", utilization="0.5..0.7").to_dict()
        {'gpu': 'L4', 'utilization': '0.5..0.7'}
        """
        found = dict(self.given)
        for name, value in found.items():
            if isinstance(value, Interval):
                found[name] = str(value)
            elif hasattr(value, "tolist"):
                found[name] = value.tolist()
        if self.lines:
            found["lines"] = [line.to_dict() for line in self.lines]
        return found

    @classmethod
    def from_dict(cls, inputs: Mapping[str, Any]) -> Scenario:
        """The scenario of a dict like that of `to_dict`; InputError for anything else."""
        if not isinstance(inputs, Mapping) or not all(isinstance(key, str) for key in inputs):
            message = "a scenario is a table of input names and values"
            raise InputError([Problem("scenario", message)])
        return cls(**inputs)

    def to_json(self) -> str:
        """What was given, as JSON with the versions that read it.

        What comes from `prices` is written as given: the answer is the same without them.

        >>> Scenario.from_json(Scenario(gpus=4).to_json()) == Scenario(gpus=4)
        True
        """
        import json

        stamped = {
            "schema_version": SCHEMA_VERSION,
            "model_version": MODEL_VERSION,
            "inputs": self.on_shipped_data().to_dict(),
        }
        return json.dumps(stamped, allow_nan=False, indent=2)

    @classmethod
    def from_json(cls, document: str) -> Scenario:
        """The scenario of a document like that of `to_json`.

        InputError for anything that is not one: not JSON, a key twice, NaN, another schema version.
        """
        from tco.scenario.documents import inputs_of_json

        return cls.from_dict(inputs_of_json(document))

    def to_link(self) -> str:
        """What follows the address of the app in the link to this scenario, dated.

        InputError for a table, and where it is longer than a link may be: send the file of
        `to_json` instead.

        >>> Scenario(gpu="T4", as_of="2026-11-01").to_link()
        '?v=1&check=41644151&as_of=2026-11-01&gpu=T4'
        """
        from tco.scenario.link import query, too_long

        if reason := too_long(self):
            raise InputError([Problem("link", f"link: {reason}")])
        return query(self)

    @classmethod
    def from_link(cls, link: str) -> Scenario:
        """The scenario of a link to the app, or of what follows the address in it.

        InputError for whatever in it the app would not use, and for a link that was cut or edited.
        """
        from tco.scenario.link import opened

        return opened(link)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario):
            return NotImplemented
        ours, theirs = self.catalogue, other.catalogue
        if ours.extra != theirs.extra or ours.policy != theirs.policy or self.lines != other.lines:
            return False
        if self.is_table or other.is_table:
            from tco.scenario.tables import same

            return same(self.given, other.given)
        return self.given == other.given

    def __hash__(self) -> int:
        return hash((*self.given.items(), self.lines))

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Copies and pickles are as frozen as what they come from."""
        for given, value in state.items():
            name = FORMER_NAMES.get(given, given)
            self.__dict__[name] = clean(INPUTS[name], value)[0] if name in INPUTS else value

    def __repr__(self) -> str:
        listed = [f"{name}={value!r}" for name, value in self.given.items()]
        listed += [f"lines={self.lines!r}"] if self.lines else []
        listed += [f"prices={self.prices.label!r}"] if self.prices is not None else []
        policy = self.catalogue.policy
        listed += [f"policy={policy.name!r}"] if policy else []
        return f"Scenario({', '.join(listed)})"


def scenario_of(scenario: Scenario | None, inputs: InputValues) -> Scenario:
    """The scenario that a public function was asked about: one, keywords, or one with what-ifs."""
    if scenario is None:
        return Scenario(**inputs)
    if not isinstance(scenario, Scenario):
        message = f"scenario = {scenario!r} is not a Scenario: give the inputs as keywords"
        raise InputError([Problem("scenario", message)])
    if not inputs:
        return scenario
    return allowed(Scenario(**on_top(scenario.__dict__, inputs)))


def allowed(scenario: Scenario) -> Scenario:
    """The same scenario; InputError where the policy does not take what was given.

    Whatever somebody enters comes through here. What an analysis tries does not.
    """
    policy = scenario.catalogue.policy
    if problems := policy.problems(scenario.given) if policy else []:
        raise InputError(problems)
    return scenario


def on_top(given: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is given with other inputs on top of it: a residual share takes the decline's place.

    >>> on_top({"gpus": 4, "resale_decline_per_year": 0.2}, {"residual_share": 0.3})
    {'gpus': 4, 'residual_share': 0.3}
    """
    is_replaced = inputs.get(RESIDUAL) is not None
    return {n: x for n, x in given.items() if n != DECLINE or not is_replaced} | dict(inputs)


def left_after(decline: float, months: float) -> str:
    """What share of the price a yearly decline leaves when the hardware is sold, in words.

    >>> left_after(0.259917, 48)
    '30 % of the price is left after 4 years'
    """
    left = ENTRIES[RESIDUAL].spoken(residual_share(decline, months))
    return f"{left} of the price is left after {period(months)}"
