"""What the tab key completes: names of the catalog, choices of inputs, models and files.

The shell asks `tco` itself, see click's shell completion; a question that fails completes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import click
from click.shell_completion import CompletionItem, get_completion_class
from click.types import StringParamType

from tco.inputs import TAKEN

SHELLS = ("bash", "zsh")
# The command that a shell asks, and the variable by which it does, as click names it.
NAME = "tco"
VARIABLE = "_TCO_COMPLETE"
_RATES = "rental_rates.csv"


def script(command: click.Command, shell: str, variable: str) -> str:
    """What a shell runs to ask for completions."""
    of_shell = get_completion_class(shell)
    assert of_shell is not None, shell
    return of_shell(command, {}, NAME, variable).source()


class Word(StringParamType):
    """A text that is one of some words, which are looked up when they are asked for."""

    def __init__(self, words: Callable[[], Iterable[str]]) -> None:
        self._words = words

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """The words that begin so, whatever their case."""
        begun = incomplete.casefold()
        return [CompletionItem(word) for word in self._words() if word.casefold().startswith(begun)]


class OneOf(Word):
    """The same where the help lists the words; who takes the text refuses what is none of them."""

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """The words, as click writes those of a choice."""
        words = "|".join(self._words())
        return f"{{{words}}}" if isinstance(param, click.Argument) else f"[{words}]"


class File(StringParamType):
    """The name of a file, or - for a stream."""

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """The shell completes names of files by itself."""
        return [CompletionItem(incomplete, type="file")]


def _words(file: str, column: str = "") -> Iterable[str]:
    """Those of a shipped file: the rest of the data takes longer than a key may."""
    from tco.market.files import shipped_keys

    return shipped_keys(file, column)


def _providers() -> Iterable[str]:
    return ("all", *sorted(_words(_RATES, "provider")))


def _regions() -> Iterable[str]:
    places = {*_words(_RATES, "region"), *_words(_RATES, "country")}
    return sorted(places - {""})


def _kinds() -> Iterable[str]:
    from tco.workload.kinds import KINDS

    return KINDS


def _inputs() -> Iterable[str]:
    return [name.replace("_", "-") for name, declared in TAKEN.items() if declared.numeric]


_OF_NAME: dict[str, Callable[[], Iterable[str]]] = {
    **dict.fromkeys(("gpu", "refresh_gpu"), partial(_words, "gpus.csv")),
    "provider": _providers,
    "region": _regions,
    "model": partial(_words, "models.csv"),
    "use_case": partial(_words, "work_presets.csv"),
    "kind": _kinds,
    "names": _inputs,
}


def completed(param: click.Parameter) -> None:
    """Let a parameter complete what is known of it."""
    if type(param.type) is not StringParamType or param.name is None:
        return
    declared = TAKEN.get(param.name)
    if (param.metavar or "").strip("[].").startswith(("FILE", "PATH")):
        param.type = File()
    elif param.name in _OF_NAME:
        param.type = Word(_OF_NAME[param.name])
    elif declared is not None and declared.choices:
        choices = declared.choices
        param.type = Word(lambda: choices)
    elif declared is not None and declared.kind == "flag":
        param.type = Word(lambda: ("true", "false"))
