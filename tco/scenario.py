"""One comparison, or a table of them: what was given, and every value with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tco.errors import InputError, Problem, suggestion
from tco.inputs import INPUTS, Inputs
from tco.validation import clean
from tco.version import MODEL_VERSION, SCHEMA_VERSION


@dataclass(frozen=True)
class Resolved:
    """One input as the model uses it.

    `status` is `yours`, `default` (with source and date), `assumption`, `missing` (value None; the
    note says why) or, where the rows of a table differ, `mixed`.
    """

    name: str
    value: Any
    unit: str
    status: str
    source_id: str
    as_of: str
    note: str


@dataclass(frozen=True, kw_only=True, eq=False, init=False, repr=False)
class Scenario(Inputs):
    """The inputs of one comparison: it stores what was given and nothing else.

    Every input is a keyword; None means "not given". A value may be a number, or an array, a list
    or a pandas Series with one value a scenario; arrays broadcast. A what-if is
    `dataclasses.replace(scenario, ...)`. InputError lists everything that is wrong.

    >>> from dataclasses import replace
    >>> replace(Scenario(gpu="L4"), gpu="T4") == Scenario(gpu="T4")
    True
    """

    def __init__(self, **inputs: Any) -> None:
        problems: list[Problem] = []
        for name, value in inputs.items():
            if name not in INPUTS:
                message = f"{name} is not an input{suggestion(name, INPUTS)}"
                problems.append(Problem(name, message))
            elif value is not None:
                cleaned, wrong = clean(INPUTS[name], value)
                problems += wrong
                if not wrong:
                    self.__dict__[name] = cleaned
        if self.is_table:
            from tco.tables import shape_problems

            problems += shape_problems(self.given)
        else:
            from tco.market.choice import unknown_keys

            problems += unknown_keys(self._question())
        if problems:
            raise InputError(problems)

    @property
    def given(self) -> dict[str, Any]:
        """What the caller gave, in the order of the documentation."""
        return {name: self.__dict__[name] for name in INPUTS if name in self.__dict__}

    @property
    def is_table(self) -> bool:
        """Whether any input holds one value a scenario."""
        return any(hasattr(value, "shape") for value in self.__dict__.values())

    @property
    def is_example(self) -> bool:
        """Whether nothing was given: every value is a default."""
        return not self.__dict__

    def resolved(self) -> dict[str, Resolved]:
        """Every input by name: value, unit, status, source, date and note.

        >>> Scenario(utilization=0.3).resolved()["utilization"].status
        'yours'
        """
        if self.is_table:
            from tco.tables import table_beliefs

            found = table_beliefs(self.given)
        else:
            from tco.market.choice import beliefs

            found = beliefs(self._question())
        resolved = {}
        for name, declared in INPUTS.items():
            if name in self.__dict__:
                resolved[name] = Resolved(
                    name, self.__dict__[name], declared.unit, "yours", "", "", ""
                )
            else:
                b = found[name]
                resolved[name] = Resolved(
                    name, b.value, declared.unit, b.status, b.source_id, b.as_of, b.note
                )
        return resolved

    def values(self) -> dict[str, Any]:
        """Every input's value by name; None (NaN in a table) where no price or rate is known."""
        if self.is_table:
            return {name: entry.value for name, entry in self.resolved().items()}
        from tco.market.choice import believed_values

        return {**believed_values(self._question()), **self.__dict__}

    def _question(self) -> Any:
        from tco.market.choice import QUESTION_INPUTS, Question

        known = self.__dict__
        return Question(*[known.get(name) for name in QUESTION_INPUTS])

    def to_dict(self) -> dict[str, Any]:
        """What was given, in plain Python types (an array becomes a list).

        >>> Scenario(gpu="L4", utilization=0.6).to_dict()
        {'gpu': 'L4', 'utilization': 0.6}
        """
        return {
            name: value.tolist() if hasattr(value, "tolist") else value
            for name, value in self.given.items()
        }

    @classmethod
    def from_dict(cls, inputs: Mapping[str, Any]) -> Scenario:
        """The scenario of a dict like that of `to_dict`; InputError for anything else."""
        if not isinstance(inputs, Mapping) or not all(isinstance(key, str) for key in inputs):
            raise InputError(
                [Problem("scenario", "a scenario is a table of input names and values")]
            )
        return cls(**inputs)

    def to_json(self) -> str:
        """What was given, as JSON with the versions that read it.

        >>> Scenario.from_json(Scenario(gpus=4).to_json()) == Scenario(gpus=4)
        True
        """
        import json

        stamped = {
            "schema_version": SCHEMA_VERSION,
            "model_version": MODEL_VERSION,
            "inputs": self.to_dict(),
        }
        return json.dumps(stamped, allow_nan=False, indent=2)

    @classmethod
    def from_json(cls, document: str) -> Scenario:
        """The scenario of a document like that of `to_json`.

        InputError for anything that is not one: not JSON, a key twice, NaN, another schema version.
        """
        from tco.documents import inputs_of_json

        return cls.from_dict(inputs_of_json(document))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario):
            return NotImplemented
        if self.is_table or other.is_table:
            from tco.tables import same

            return same(self.given, other.given)
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.given.items()))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Copies and pickles are as frozen as what they come from."""
        for name, value in state.items():
            self.__dict__[name], _ = clean(INPUTS[name], value)

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}={value!r}" for name, value in self.given.items())
        return f"Scenario({listed})"


def scenario_of(scenario: Scenario | None, inputs: dict[str, Any]) -> Scenario:
    """The scenario that a public function was asked about: one, keywords, or one with what-ifs."""
    if scenario is None:
        return Scenario(**inputs)
    if not isinstance(scenario, Scenario):
        message = f"scenario = {scenario!r} is not a Scenario: give the inputs as keywords"
        raise InputError([Problem("scenario", message)])
    return Scenario(**{**scenario.__dict__, **inputs}) if inputs else scenario
