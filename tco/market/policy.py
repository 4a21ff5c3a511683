"""A finance department's policy: assumptions that are locked, and the ranges it allows.

A TOML file with a name, a date, and a table for each input:

    name = "Finance 2026"
    as_of = "2026-11-01"

    [inputs.discount_rate]
    value = 0.09                  # locked: no other value is taken

    [inputs.resale_decline_per_year]
    value = 0.30                  # what counts where nobody gives another one
    low = 0.25                    # and from where to where that may lie
    high = 0.40
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from tco.errors import DataError, InputError, Problem, shown, suggestion
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.inputs.declaration import Interval
from tco.market import files
from tco.market.catalogue import Catalogue
from tco.market.evidence import Resolved

# The status of a value that a policy says.
POLICY = "policy"
# What depends on the question itself, and is for nobody to lock.
_NOT_LOCKED = ("as_of",)
_TOP, _KEYS = ("name", "as_of", "inputs"), ("value", "low", "high", "note")
_LONGEST, _LONGEST_NOTE = 100, 1_000


@dataclass(frozen=True)
class Rule:
    """What a policy says of one input; without `low` and `high` the value is locked.

    `value` is None where only the range is given: the default of the data counts, if it is in it.
    """

    input: str
    value: Any
    low: float | None
    high: float | None
    note: str

    def value_beside(self, usual: Any) -> Any:
        """What counts where nothing is given; None where the usual value of the data does.

        >>> Rule("pue", None, 1.2, 1.4, "").value_beside(1.54)
        1.4
        """
        if self.value is not None or usual is None:
            return self.value
        if self.low is not None and usual < self.low:
            return self.low
        return self.high if self.high is not None and usual > self.high else None

    def narrowed(self, entry: Resolved) -> Resolved:
        """A default that is allowed, with what it may be inside what is allowed too."""
        low, high = entry.low, entry.high
        if low is not None and self.low is not None:
            low = max(low, self.low)
        if high is not None and self.high is not None:
            high = min(high, self.high)
        return replace(entry, low=low, high=high)

    @property
    def is_locked(self) -> bool:
        """Whether no other value than its own is taken."""
        return self.low is None and self.high is None

    def problem(self, value: Any, whose: str) -> Problem | None:
        """What is wrong with a value that somebody gave, or with some of an array; else None."""
        if not hasattr(value, "shape"):
            return None if self._takes(value) else self._problem(value, whose)
        import numpy as np

        flat = np.asarray(value).reshape(-1)
        rows = [at for at, one in enumerate(flat.tolist()) if not self._takes(one)]
        return self._problem(flat[rows[0]].item(), whose, tuple(rows)) if rows else None

    def _takes(self, value: Any) -> bool:
        if self.is_locked:
            return bool(value == self.value)
        least, most = (value.low, value.high) if isinstance(value, Interval) else (value, value)
        is_low = self.low is not None and least < self.low
        return not is_low and not (self.high is not None and most > self.high)

    def _problem(self, value: Any, whose: str, rows: tuple[int, ...] | None = None) -> Problem:
        declared = INPUTS[self.input]
        where = "" if rows is None else f"[{rows[0]}]"
        if self.is_locked:
            said = f"is locked at {declared.written(self.value)} by the policy {whose}"
        else:
            low, high = (None if x is None else declared.written(x) for x in (self.low, self.high))
            allowed = f"at least {low}" if high is None else f"at most {high}"
            allowed = f"{low} to {high}" if low and high else allowed
            said = f"is outside what the policy {whose} allows, {allowed}"
        given = str(value) if isinstance(value, Interval) else shown(value)
        told = f"{self.input}{where} = {given} {said}: {declared.meaning}"
        return Problem(self.input, told, rows)


@dataclass(frozen=True)
class Policy:
    """The assumptions of a finance department, in force from `as_of` on."""

    name: str
    as_of: str
    rules: tuple[Rule, ...]

    @cached_property
    def by_input(self) -> dict[str, Rule]:
        """The rules by input."""
        return {rule.input: rule for rule in self.rules}

    @cached_property
    def values(self) -> dict[str, Any]:
        """What counts where nothing is given, by input."""
        return {rule.input: rule.value for rule in self.rules if rule.value is not None}

    def problems(self, given: Mapping[str, Any]) -> list[Problem]:
        """What of some given values the policy does not take."""
        found = (
            self.by_input[name].problem(value, self.name)
            for name, value in given.items()
            if name in self.by_input
        )
        return [problem for problem in found if problem]


def read_policy(path: str | Path) -> Policy:
    """The policy in a file; DataError where it cannot be read or contradicts itself.

    The same object again as long as the file is the same.
    """
    try:
        return _read(Path(path), Path(path).stat().st_mtime_ns)
    except OSError as wrong:
        raise DataError(f"{path}: {wrong.strerror or wrong}") from None


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Policy:
    try:
        return policy_of(path.read_bytes().decode("utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: not UTF-8") from None


def policy_of(text: str, where: str = "policy") -> Policy:
    """The policy in a text; DataError names all that is wrong with it.

    >>> lines = ['name = "Finance 2026"', 'as_of = "2026-11-01"', "[inputs.pue]", "value = 1.3"]
    >>> found = policy_of(chr(10).join(lines))
    >>> found.by_input["pue"].is_locked, found.values
    (True, {'pue': 1.3})
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise DataError(f"{where}: {_twice(str(wrong), text)}") from None
    problems = [f"unknown key {name}" for name in told if name not in _TOP]
    name, as_of, inputs = (told.get(key) for key in _TOP)
    if not _is_name(name):
        told_of = f"is not a name of up to {_LONGEST} characters, in one line"
        problems.append(f"name = {shown(name)} {told_of}" if "name" in told else "name is missing")
    try:
        day = files.dated(str(as_of))
    except (TypeError, ValueError):
        day = ""
        told_of = f"as_of = {shown(str(as_of))} is not a date such as 2026-11-01"
        problems.append(told_of if "as_of" in told else "as_of is missing: the date of the policy")
    rules = []
    if not isinstance(inputs, dict) or not inputs:
        problems.append("no [inputs.…] table: a policy says something of at least one input")
        inputs = {}
    for key, entry in inputs.items():
        rule, wrong_with_it = _rule(key, entry)
        problems += wrong_with_it
        rules += [rule] if rule else []
    if problems:
        raise DataError("\n".join(f"{where}: {problem}" for problem in problems))
    return Policy(str(name).strip(), day, tuple(rules))


def _is_name(name: Any) -> bool:
    """Whether a text can stand in a sentence as the name of a policy."""
    is_text = isinstance(name, str) and bool(name.strip())
    return is_text and len(name) <= _LONGEST and name.isprintable()


def _twice(message: str, text: str) -> str:
    """What a parser says, and of a table that stands there twice its name."""
    tables = re.findall(r"^\s*\[\s*(inputs\.\w+)\s*\]", text, re.MULTILINE)
    repeated = sorted({one for one in tables if tables.count(one) > 1})
    return f"[{repeated[0]}] is there twice" if repeated else message


def _rule(name: str, entry: Any) -> tuple[Rule | None, list[str]]:
    """The rule for an input, and what is wrong with it."""
    if name not in INPUTS or name in _NOT_LOCKED:
        lockable = [one for one in INPUTS if one not in _NOT_LOCKED]
        return None, [f"{name} is no input that can be locked{suggestion(name, lockable)}"]
    if not isinstance(entry, dict):
        return None, [f"{name} needs a table [inputs.{name}] with value, or low and high"]
    declared, problems = INPUTS[name], [f"{name}: unknown key {k}" for k in entry if k not in _KEYS]
    found: dict[str, Any] = {}
    for key in ("value", "low", "high"):
        if key not in entry:
            continue
        if key != "value" and not declared.numeric:
            problems.append(f"{name}: {key} is for numbers; give value to lock it")
            continue
        found[key], wrong = clean(declared, entry[key])
        problems += [f"{name}: {key}: {one.message}" for one in wrong]
        if not wrong and (isinstance(found[key], Interval) or hasattr(found[key], "shape")):
            is_one = "is not one value; for a range give low and high"
            problems.append(f"{name}: {key} = {shown(entry[key])} {is_one}")
    if not problems:
        bounds = [found[key] for key in ("low", "value", "high") if key in found]
        if not bounds:
            problems.append(f"{name} says neither a value nor a range")
        elif declared.numeric and bounds != sorted(bounds):
            told = ", ".join(f"{key} = {found[key]:g}" for key in found)
            problems.append(f"{name} contradicts itself: {told}, but low ≤ value ≤ high")
    note = entry.get("note", "")
    if not isinstance(note, str) or len(note) > _LONGEST_NOTE:
        told = f"is not a text of up to {_LONGEST_NOTE:,} characters"
        problems.append(f"{name}: note = {shown(note)} {told}")
    if problems:
        return None, problems
    return Rule(name, found.get("value"), found.get("low"), found.get("high"), note), []


def catalogue_under(policy: Policy | str | Path, catalogue: Catalogue) -> Catalogue:
    """Some data with a policy on top of it: what the policy says counts before the data.

    InputError for anything that is no policy, DataError for a file that is none.
    """
    if isinstance(policy, str | Path):
        policy = read_policy(policy)
    if not isinstance(policy, Policy):
        wanted = "a policy (tco.Policy), or the path of a policy file"
        raise InputError([Problem("policy", f"policy = {type(policy).__name__} is not {wanted}")])
    return _under(policy, catalogue)


def policy_values(catalogue: Catalogue) -> dict[str, Any]:
    """What the policy on some data says counts where nothing is given; nothing without one."""
    policy: Policy | None = catalogue.policy
    return policy.values if policy else {}


@lru_cache(maxsize=8)
def _under(policy: Policy, catalogue: Catalogue) -> Catalogue:
    return replace(catalogue, policy=policy)
