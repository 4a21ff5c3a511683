"""A decision on record: what was asked, what the answer was, and what was known when it was taken.

The record is a JSON file that people keep beside the contract; `recheck` asks it again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Unpack

from tco.analysis.simulation import odds_of
from tco.errors import InputError, Problem, shown
from tco.inputs import INPUTS, PRICES
from tco.inputs.clock import is_to_come, today
from tco.inputs.text import takes_inputs
from tco.model.breakeven import breakeven, one_scenario
from tco.scenario import Scenario, scenario_of
from tco.scenario.documents import parsed
from tco.version import MODEL_VERSION, __version__
from tco.words import VERDICT_WORDS

if TYPE_CHECKING:
    from tco.inputs.values import InputValues

# Changes whenever a record changes its keys or their meaning.
DECISION_VERSION = 1
_VERSION, _CHECK = "decision_version", "check"
LONGEST_NAME, LONGEST_NOTE = 200, 1_000
_DATES = ("decided_on", "data_date")
_NUMBERS = ("npv_saving_usd", "own_usd_per_gpu_hour", "rent_usd_per_gpu_hour")
_CHOICES = {
    "verdict": tuple(word for word in VERDICT_WORDS if word),
    "confidence": ("high", "medium", "low", ""),
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision as it was taken.

    `decided_by` and `decided_on` (YYYY-MM-DD) say who and when, `note` why; `tco_version`,
    `model_version`, `data`, `data_date` (what is later did not count) and the name of the `policy`
    (empty: none) what the answer rested on. `inputs` are what was given, `values` every input with
    its value and its status then, in the order of the documentation.
    The answer: `verdict` (buy, rent, toss_up), `confidence` (high, medium, low; empty: none),
    `chance_buy` (share of simulated futures in which buying is cheaper; None: not known),
    `npv_saving_usd` [USD, present value], both unit costs [USD per busy GPU-hour], and
    `check_first`, the input that was worth most to know before deciding (empty: none).
    """

    decided_by: str
    decided_on: str
    note: str
    tco_version: str
    model_version: str
    data: str
    data_date: str
    policy: str
    verdict: str
    confidence: str
    chance_buy: float | None
    npv_saving_usd: float
    own_usd_per_gpu_hour: float
    rent_usd_per_gpu_hour: float
    check_first: str
    inputs: Mapping[str, Any]
    values: Mapping[str, Mapping[str, Any]]

    def question(self, prices: Any = None) -> Scenario:
        """What was asked, on the data of today: what was given then, and today's defaults."""
        asked = {name: value for name, value in self.inputs.items() if name != "as_of"}
        return Scenario(**asked, prices=prices)

    def as_decided(self) -> Scenario:
        """The scenario with every value as it was then, whatever the data says today."""
        values = {name: told["value"] for name, told in self.values.items()}
        return Scenario(**values, lines=self.inputs.get("lines"))

    def to_json(self) -> str:
        """The record as JSON, with a checksum: a copy that was edited is refused.

        >>> record = decide(gpu="L4", by="Ada Example", on="2026-11-29")
        >>> Decision.from_json(record.to_json()) == record
        True
        """
        content = {_VERSION: DECISION_VERSION, **asdict(self)}
        stamped = {**content, _CHECK: _checksum(content)}
        return json.dumps(stamped, allow_nan=False, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, document: str) -> Decision:
        """The decision of a record; InputError for anything that is not a whole, unedited one."""
        try:
            found = parsed(document)
        except InputError as wrong:
            message = str(wrong).removeprefix("scenario: ").partition(";")[0]
            raise _refusal(message) from None
        return _decision_of(found)


@takes_inputs
def decide(
    scenario: Scenario | None = None,
    /,
    *,
    by: str,
    on: str | None = None,
    note: str = "",
    **inputs: Unpack[InputValues],
) -> Decision:
    """Put a decision on record: the answer to a scenario, and all that it rested on.

    `by` is who decides, `on` the day (YYYY-MM-DD; today by default), `note` why. InputError without
    a name, for a table of scenarios, for prices that are not known, and without busy hours.

    >>> record = decide(gpu="L4", gpus=8, by="Ada Example", on="2026-11-29")
    >>> record.verdict == breakeven(gpu="L4", gpus=8).verdict, record.values["gpus"]["status"]
    (True, 'yours')
    """
    day = today() if on is None else on
    problems = [*_text_problems("by", by, LONGEST_NAME), *_text_problems("note", note)]
    if isinstance(by, str) and not _is_name(by.strip()):
        problems.append(Problem("by", f"by = {shown(by)} is not a name in one line: who decides"))
    if not _is_date(day):
        problems.append(Problem("on", f"on = {shown(on)} is not a date such as 2026-11-29"))
    elif is_to_come(day):
        problems.append(
            Problem("on", f"on = {shown(on)} is in the future: the day of the decision")
        )
    if problems:
        raise InputError(problems)
    asked = scenario_of(scenario, inputs)
    if asked.is_table:
        raise one_scenario("a decision")
    resolved = asked.resolved()
    lacking = [name for name in PRICES if resolved[name].value is None]
    if lacking:
        raise InputError(
            Problem(name, f"{INPUTS[name].label}: {resolved[name].note}; enter one to decide")
            for name in lacking
        )
    answer = breakeven(asked)
    odds = odds_of(asked)[0]
    return Decision(
        decided_by=by.strip(),
        decided_on=day,
        note=note.strip(),
        tco_version=__version__,
        model_version=MODEL_VERSION,
        data=asked.catalogue.label,
        data_date=resolved["as_of"].value,
        policy=asked.catalogue.policy.name if asked.catalogue.policy else "",
        verdict=str(answer.verdict),
        confidence=odds.confidence if odds else "",
        chance_buy=float(odds.chance_buy) if odds else None,
        npv_saving_usd=float(answer.npv_saving_usd),
        own_usd_per_gpu_hour=_finite(answer.own_usd_per_gpu_hour),
        rent_usd_per_gpu_hour=_finite(answer.rent_usd_per_gpu_hour),
        check_first=(odds.check_first if odds else None) or "",
        inputs=asked.to_dict(),
        values={
            name: {"value": entry.value, "status": entry.status, "as_of": entry.as_of}
            for name, entry in resolved.items()
        },
    )


def _finite(cost: Any) -> float:
    if not math.isfinite(cost):
        message = "utilization = 0: there are no busy hours to compare, so nothing to decide"
        raise InputError([Problem("utilization", message)])
    return float(cost)


# -- Reading a record


def is_record(document: str) -> bool:
    """Whether a JSON text says that it is a decision record, whatever is wrong with it.

    >>> is_record('{"decision_version": 1}'), is_record('{"schema_version": 6, "inputs": {}}')
    (True, False)
    """
    return f'"{_VERSION}"' in document


def _decision_of(found: Any) -> Decision:
    if not isinstance(found, dict) or _VERSION not in found:
        raise _refusal("this is no decision record: tco decide writes one")
    version = found[_VERSION]
    if type(version) is not int or version != DECISION_VERSION:
        raise _refusal(f"{_VERSION} {str(version)[:20]} is not {DECISION_VERSION}")
    names = {field.name for field in fields(Decision)}
    if (lacking := names - found.keys()) or (_CHECK not in found):
        raise _refusal(f"lacks {', '.join(sorted(lacking) or [_CHECK])}")
    content = {name: value for name, value in found.items() if name != _CHECK}
    if found[_CHECK] != _checksum(content):
        raise _refusal("was changed after it was written; use the file as tco decide wrote it")
    told = {name: content[name] for name in names}
    if wrong := [name for name in names if not _is_sound(name, told[name])]:
        raise _refusal(f"{', '.join(sorted(wrong))}: not what a decision record holds")
    return Decision(**told)


def _is_sound(name: str, value: Any) -> bool:
    """Whether a value of a record is of the kind that belongs there."""
    is_number = type(value) in (int, float) and math.isfinite(value)
    if name == "values":
        entries = value.values() if isinstance(value, dict) else [None]
        return all(isinstance(one, dict) and {"value", "status"} <= one.keys() for one in entries)
    if name in _CHOICES:
        return value in _CHOICES[name]
    if name in _SOUND:
        return _SOUND[name](value)
    if name == "chance_buy":
        return value is None or (is_number and 0 <= value <= 1)
    return is_number if name in _NUMBERS else _is_text(value)


def _is_name(value: Any) -> bool:
    """Whether a text can stand in a sentence as a name."""
    return _is_text(value) and bool(value) and value.isprintable()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_NOTE


def _checksum(content: Mapping[str, Any]) -> str:
    """A checksum of a record's content, in whatever order and layout it stands."""
    plain = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _text_problems(name: str, text: Any, longest: int = LONGEST_NOTE) -> list[Problem]:
    if not isinstance(text, str):
        return [Problem(name, f"{name} = {shown(text)} is not a text")]
    if len(text) > longest:
        return [Problem(name, f"{name} has {len(text):,} characters; at most {longest:,}")]
    return []


def _is_date(text: Any) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_SOUND: dict[str, Callable[[Any], bool]] = {
    "decided_by": _is_name,
    "inputs": lambda value: isinstance(value, dict),
    **dict.fromkeys(_DATES, _is_date),
}


def _refusal(message: str) -> InputError:
    return InputError([Problem("decision", f"decision record: {message}")])
