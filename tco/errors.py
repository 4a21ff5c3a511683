"""What goes wrong, said so that the reader can mend it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threading import Event

# No name is as long, and comparing takes as long as a word.
_LONGEST_WORD = 100


class TcoError(ValueError):
    """Base class of every error that this package raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one input.

    `rows` is None when the whole call is affected, else the flat positions (C order) of the
    elements of the broadcast shape's own input that are wrong.
    """

    input: str
    message: str
    rows: tuple[int, ...] | None = None


class InputError(TcoError):
    """One or more inputs are wrong; `problems` holds every one of them.

    >>> str(InputError([Problem("pue", "pue = 0.9 is outside [1, 3]: facility power over IT")]))
    'pue = 0.9 is outside [1, 3]: facility power over IT'
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.message for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


def together(*asked: Callable[[], Any]) -> list[Any]:
    """What several functions give; InputError with the problems of all of them."""
    problems: list[Problem] = []
    found = []
    for one in asked:
        try:
            found.append(one())
        except InputError as wrong:
            problems += wrong.problems
    if problems:
        raise InputError(problems)
    return found


class DataError(TcoError):
    """A file is not what it should be; names the file and, where there is one, the line."""


class UnknownKind(DataError):
    """A file that is of none of the kinds that are read here."""


class GivenUp(Exception):
    """Nobody waits any more for what is being worked out: an error of nobody."""


# What tells those who work something out that it was given up; a thread cannot be stopped.
GIVEN_UP: ContextVar[Event | None] = ContextVar("given_up", default=None)


def go_on() -> None:
    """Where all that takes long comes by again and again; GivenUp where it need not go on."""
    given_up = GIVEN_UP.get()
    if given_up is not None and given_up.is_set():
        raise GivenUp


@contextmanager
def needing(what: str, extra: str = "risk") -> Iterator[None]:
    """Around imports: a package that is not installed is a TcoError that says how to get it.

    >>> with needing("a flip needs"):  # doctest: +ELLIPSIS
    ...     import no_such_package
    Traceback (most recent call last):
        ...
    tco.errors.TcoError: a flip needs no_such_package: ...pip install ...[risk]'...
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise TcoError(f"{what} {missing.name}: {to_install(extra)}") from None


_PACKAGE = "gpu-tco"


def to_install(extra: str) -> str:
    """What brings the packages of an extra to the installation at hand, as a shell takes it.

    A checkout is installed from its folder, as it stands there, and by the pip of its own folder
    where there is one. The answer may be shown to anybody: it has no path of this machine.

    >>> "[pdf]'" in to_install("pdf")
    True
    """
    folder = Path(__file__).resolve().parents[1]
    settings = folder / "pyproject.toml"
    if not (settings.is_file() and f'name = "{_PACKAGE}"' in settings.read_text("utf-8")):
        return f"pip install '{_PACKAGE}[{extra}]'"
    own = Path(sys.executable).with_name("pip")
    pip = own.relative_to(folder) if own.is_relative_to(folder) and own.exists() else "pip"
    return f"{pip} install -e '.[{extra}]' in the folder with the pyproject.toml of tco"


def bare(name: str) -> str:
    """The letters and digits of a name, without case: what people mean is told by these.

    >>> bare("Number of GPUs"), bare("rtx_4090") == bare("RTX-4090")
    ('numberofgpus', True)
    """
    return re.sub(r"[\W_]+", "", name).casefold()


def suggestion(word: str, known: Iterable[str], least: float = 0.5) -> str:
    """The end of a sentence that names what was probably meant; empty when nothing is near.

    `least` is how much alike two words have to be, from 0 to 1.

    >>> suggestion("utilisation", ["utilization", "pue"])
    '; did you mean utilization?'
    """
    if len(word) > _LONGEST_WORD:
        return ""
    folded = {name.casefold(): name for name in sorted(known)}
    near = get_close_matches(word.casefold(), list(folded), n=3, cutoff=0.8)
    near = near or get_close_matches(word.casefold(), list(folded), n=3, cutoff=least)
    return f"; did you mean {' or '.join(folded[name] for name in near)}?" if near else ""


_LONGEST_SHOWN = 60


def shown(value: object) -> str:
    """A value from anybody, as an error shows it: on one line, and cut short.

    >>> shown("a" * 100) == f"'{'a' * 59}…"
    True
    """
    try:
        text = repr(value)
    except ValueError:  # of whole numbers with thousands of digits
        return "a number of thousands of digits"
    return f"{text[:_LONGEST_SHOWN]}…" if len(text) > _LONGEST_SHOWN else text
