"""The link: one scenario as query parameters, and back, strictly.

App, Python and shell write and read it here. A link made here carries a checksum in its beginning,
so that one that lost its end or was changed afterwards says so; one typed by hand needs none.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from tco.errors import InputError, Problem
from tco.inputs import FORMER_NAMES, INPUTS, TAKEN
from tco.inputs.checks import clean
from tco.inputs.lines import Line, lines_of
from tco.inputs.names import meant
from tco.inputs.text import parse
from tco.market.catalogue import Catalogue, load
from tco.scenario import Scenario, allowed
from tco.scenario.documents import parsed

VERSION = "1"
_VERSION, _CHECK, _AMP = "v", "check", "amp;"
# What every server and program on the way is to take, in octets (RFC 9110, section 4.1).
LONGEST = 8_000
SEND_THE_FILE = "send the scenario as a file (.tco.json)"
# What a link says besides a scenario, and how long it may be: how a page looks, and the work that
# the GPUs do and the demand for a fleet, which the checksum holds too. Whose it is reads it.
WORK, FLEET = BESIDE = ("work", "fleet")
_VIEW = {"compare": 200, "simple": 200, WORK: 600, FLEET: 400}
_LONGEST_NAME, _LONGEST_VALUE = 40, 60
# As many characters as there are in so many lines.
_LINES, _LONGEST_LINES = "lines", 30_000
_MOST_PARAMETERS, _MOST_REMARKS = 200, 8
# Query parameters by name; several texts where one is given several times.
Parameters = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class DecodedLink:
    """What a link says: the scenario, and a plain-text remark on each part that was not used."""

    scenario: Scenario
    remarks: tuple[str, ...] = ()


def encode(
    scenario: Scenario, dated: bool = False, beside: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The query parameters of a scenario: version, checksum, data date, and what was given.

    For a scenario of which nothing was given there are none, unless it is to be `dated` or
    something stands `beside` it: texts of BESIDE, see `tco.workload.parameter`. What comes from
    prices beyond the shipped data is given too: a link is for everybody.

    >>> encode(Scenario(gpu="T4", utilization=0.45, as_of="2026-11-01"))
    {'v': '1', 'check': '4a9e4082', 'as_of': '2026-11-01', 'gpu': 'T4', 'utilization': '0.45'}
    """
    if scenario.is_table:
        raise InputError([Problem("link", "link: a table has no link; send it as CSV")])
    given = dict(scenario.on_shipped_data().given)
    newest = load().newest
    as_of = given.pop("as_of", newest)
    told = {name: _text(value) for name, value in given.items()} | _lines_text(scenario)
    others = {name: text for name, text in (beside or {}).items() if name in BESIDE}
    if not (told or others or dated) and as_of == newest:
        return {}
    told = {"as_of": as_of} | told | others
    return {_VERSION: VERSION, _CHECK: _checksum(told)} | told


def query(scenario: Scenario) -> str:
    """The dated link to a scenario, without the address of an app; empty where it is too long.

    >>> query(Scenario(gpu="T4", as_of="2026-11-01"))
    '?v=1&check=41644151&as_of=2026-11-01&gpu=T4'
    """
    return "" if too_long(scenario) else f"?{urlencode(encode(scenario, dated=True))}"


def opened(link: str) -> Scenario:
    """The scenario of a link; InputError with every remark where there is one.

    >>> opened("http://localhost:8501/?v=1&gpu=T4")
    Scenario(gpu='T4')
    """
    found = decode(parameters_of(link))
    if found.remarks:
        raise InputError([Problem("link", f"link: {remark}") for remark in found.remarks])
    return found.scenario


def verified(parameters: Mapping[str, str]) -> dict[str, str]:
    """The texts that a link says of a scenario, for who takes it whole or not at all.

    What says how a page looks is left out, where a version or a checksum says that it is a link.
    InputError for another version, and where it does not fit its checksum, or has none.

    >>> verified({"v": "1", "check": "41644151", "as_of": "2026-11-01", "gpu": "T4"})
    {'as_of': '2026-11-01', 'gpu': 'T4'}
    """
    if not {_VERSION, _CHECK} & parameters.keys():
        return dict(parameters)
    problems = []
    if other := _other_version(parameters):
        problems.append(Problem(_VERSION, other))
    if parameters.get(_CHECK) != _checksum(parameters):
        told = "check: this link was cut or edited: copy all of it, or leave v and check away"
        problems.append(Problem(_CHECK, told))
    if problems:
        raise InputError(problems)
    apart = (_VERSION, _CHECK, *_VIEW)
    return {name: text for name, text in parameters.items() if name not in apart}


def too_long(scenario: Scenario) -> str:
    """Why there is no link to a scenario that can be sent; empty where there is.

    >>> too_long(Scenario(gpus=4))
    ''
    """
    length = len(urlencode(encode(scenario, dated=True))) + 1
    if length > LONGEST:
        least = f"{length:,} characters exceed the {LONGEST:,} that every server accepts"
        return f"{least}: {SEND_THE_FILE}"
    return ""


def parameters_of(link: str) -> dict[str, list[str]]:
    """The query parameters of a link, or of what stands in it after the question mark.

    >>> parameters_of("https://tco.example/report?v=1&gpu=T4&gpu=L4")
    {'v': ['1'], 'gpu': ['T4', 'L4']}
    """
    told = link.strip().partition("#")[0]
    if "://" in told and not {*"?="} & {*told}:  # the address of the app alone: its example
        return {}
    return parse_qs(told.rpartition("?")[2], keep_blank_values=True)


def _checksum(parameters: Parameters) -> str:
    """A checksum of what a link says of a scenario, in any order; what others add is left out."""
    known = [
        (name, text)
        for name, texts in parameters.items()
        for text in _texts(texts)
        if name in TAKEN or name in FORMER_NAMES or name in (_LINES, *BESIDE)
    ]
    return f"{zlib.crc32(urlencode(sorted(known), errors='replace').encode()):08x}"


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _lines_text(scenario: Scenario) -> dict[str, str]:
    """The lines as compact JSON; nothing where there are none."""
    if not scenario.lines:
        return {}
    listed = [line.to_dict() for line in scenario.lines]
    return {_LINES: json.dumps(listed, ensure_ascii=False, separators=(",", ":"))}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value)


def decode(parameters: Parameters, catalogue: Catalogue | None = None) -> DecodedLink:
    """The scenario of query parameters from anywhere; never an InputError.

    What is unknown, too long, given twice or outside its domain falls back to the default, with a
    remark; of a link of another version nothing is used. The defaults are those of `catalogue`, by
    default the shipped data.

    >>> link = decode({"v": "1", "gpus": "4", "pue": "0.9", "color": "blue"})
    >>> link.scenario, len(link.remarks)
    (Scenario(gpus=4), 2)
    """
    known, parameters = catalogue or load(), _unescaped(parameters)
    if other := _other_version(parameters):
        return DecodedLink(usable({}, known)[0], (other,))
    told, remarks = _once(parameters)
    view = view_of(parameters)
    given: dict[str, Any] = {}
    for name, text in told.items():
        if name == _LINES:
            lines, wrong = _read_lines(text)
            remarks += wrong
            given |= {_LINES: lines} if lines else {}
        elif name not in (_VERSION, _CHECK, *view):
            value, remark = _read(name, text)
            if remark:
                remarks.append(remark)
            else:
                given[name] = value
    if given.get("as_of") == known.newest:
        del given["as_of"]
    scenario, unusable = usable(given, known)
    remarks += unusable
    if known.extra is not None:
        plain, _ = usable(given, load())
        if "as_of" in told:
            remarks += _differences(plain, scenario, "{} in the shipped data, {} with your prices")
        scenario = _without_copies(plain, scenario)
    if (more := len(remarks) - _MOST_REMARKS) > 0:
        remarks[_MOST_REMARKS:] = [f"and {more} more"]
    return DecodedLink(scenario, tuple(remarks))


def _unescaped(parameters: Parameters) -> Parameters:
    """The parameters of a link that was copied out of a page's source, with &amp; for &."""
    if not any(name.startswith(_AMP) for name in parameters):
        return parameters
    found: dict[str, list[str]] = {}
    for name, texts in parameters.items():
        found.setdefault(name.removeprefix(_AMP), []).extend(_texts(texts))
    return found


def _other_version(parameters: Parameters) -> str:
    """That a link is of a version that this release does not know; empty where it is not."""
    found = [text for text in _texts(parameters.get(_VERSION, ())) if text != VERSION]
    if not found:
        return ""
    said = f"this link has version {_short(found[0])}, and this release reads version {VERSION}"
    return f"{said}: none of it is used"


def _once(parameters: Parameters) -> tuple[dict[str, str], list[str]]:
    """The text of each parameter by its present name, and remarks on the link as a whole.

    A parameter that is given twice counts where it says the same each time.
    """
    remarks = []
    checks = _texts(parameters.get(_CHECK, ()))
    if any(check != _checksum(parameters) for check in checks):
        remarks.append("this link was cut or edited; its values are used as they are")
    told: dict[str, list[str]] = {}
    for at, (written, texts) in enumerate(parameters.items()):
        if at == _MOST_PARAMETERS:
            remarks.append(f"only the first {_MOST_PARAMETERS} parameters were read")
            break
        told.setdefault(FORMER_NAMES.get(written, written), []).extend(_texts(texts))
    told.pop(_CHECK, None)
    for name in [name for name, texts in told.items() if len(texts) > 1]:
        first, *others = told[name]
        other = next((text for text in others if text != first), None)
        if other is None:
            remarks.append(f"{_short(name)} is given twice")
        else:
            both = f"as {_short(first)} and as {_short(other)}"
            remarks.append(f"{_short(name)} is given twice, {both} (default used)")
            del told[name]
    return {name: texts[0] for name, texts in told.items() if texts}, remarks


def _read(name: str, text: str) -> tuple[Any, str]:
    """The value of a parameter, or a remark why it is not used."""
    if name not in TAKEN:
        return None, f"{_short(name)} is not an input: ignored{meant(name)}"
    if len(text) > _LONGEST_VALUE:
        return None, f"{name} = {_short(text)} is too long (default used)"
    value, problems = clean(TAKEN[name], parse(TAKEN[name], text))
    return value, f"{problems[0].message} (default used)" if problems else ""


def _read_lines(text: str) -> tuple[tuple[Line, ...], list[str]]:
    """The lines of a parameter, and a remark on each one that is not used."""
    if len(text) > _LONGEST_LINES:
        said = f"lines: {len(text):,} characters exceed the limit of {_LONGEST_LINES:,} (left out)"
        return (), [f"{said}; whoever made this link can {SEND_THE_FILE}"]
    kept: tuple[Line, ...] = ()
    remarks = []
    try:
        found = parsed(text)
        for entry in found if isinstance(found, list) else [found]:
            try:
                kept = lines_of([*kept, entry])
            except InputError as wrong:
                remarks += [f"{problem.message} (left out)" for problem in wrong.problems]
    except InputError:
        remarks.append(f"lines = {_short(text)} is not JSON (left out)")
    return kept, remarks


def _short(text: str) -> str:
    shown = repr(text[:_LONGEST_NAME])
    return f"{shown}…" if len(text) > _LONGEST_NAME else shown


def view_of(parameters: Parameters) -> dict[str, str]:
    """What of a link says how a page looks, as text of anybody.

    >>> view_of({"v": "1", "compare": "L4,T4"})
    {'compare': 'L4,T4'}
    """
    known = {name: _texts(parameters[name])[-1] for name in _VIEW if name in parameters}
    return {name: text for name, text in known.items() if len(text) <= _VIEW[name]}


def usable(given: Mapping[str, Any], catalogue: Catalogue) -> tuple[Scenario, list[str]]:
    """The scenario of checked values, and a remark on each key that the catalog does not have."""
    try:
        return allowed(Scenario(**given, prices=None if catalogue is load() else catalogue)), []
    except InputError as wrong:
        bad = {problem.input for problem in wrong.problems}
        kept = {name: value for name, value in given.items() if name not in bad}
        # What is left may lack what it stood beside.
        scenario, others = usable(kept, catalogue)
        told = (f"{problem.message} (default used)" for problem in wrong.problems)
        return scenario, [*told, *others]


def _without_copies(plain: Scenario, scenario: Scenario) -> Scenario:
    """The scenario without the values that a link holds only for those who lack these prices."""
    copies = []
    for name in scenario.given.keys() & plain.given.keys():
        own, shipped = (one.without(name).values()[name] for one in (scenario, plain))
        if scenario.given[name] == own != shipped:
            copies.append(name)
    return scenario.without(*copies)


def changed_defaults(scenario: Scenario) -> tuple[str, ...]:
    """The defaults that differ between the scenario's data date and the newest one, in words.

    >>> changed_defaults(Scenario(gpu="L4"))
    ()
    """
    if "as_of" not in scenario.given:
        return ()
    return tuple(_differences(scenario, scenario.without("as_of"), "{}, now {}"))


def _differences(one: Scenario, other: Scenario, told: str) -> list[str]:
    """The inputs, other than the day, that have two values; `told` has a place for each."""
    then, now = one.values(), other.values()
    return [
        f"{name}: {told.format(declared.written(then[name]), declared.written(now[name]))}"
        for name, declared in INPUTS.items()
        if name != "as_of" and then[name] != now[name]
    ]
