"""What the tab key completes: names of the catalog, choices of inputs, models and files.

The shell asks `tco` itself, see click's shell completion; a question that fails completes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem, get_completion_class
from click.types import StringParamType

from tco.inputs import TAKEN

SHELLS = ("bash", "zsh")
# The command that a shell asks, and the variable by which it does, as click names it.
NAME = "tco"
VARIABLE = "_TCO_COMPLETE"


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


def _gpus() -> Iterable[str]:
    from tco.market.files import shipped_keys

    return shipped_keys("gpus.csv")  # the rest of the data takes longer than a key may


def _providers() -> Iterable[str]:
    from tco.market.catalogue import load

    return ("all", *sorted(load().renting))


def _regions() -> Iterable[str]:
    from tco.market.catalogue import load

    return sorted(load().regions)


def _models() -> Iterable[str]:
    from tco.market.workload import models

    return models()


def _use_cases() -> Iterable[str]:
    from tco.market.workload import work_presets

    return work_presets()


def _kinds() -> Iterable[str]:
    from tco.workload.kinds import KINDS

    return KINDS


def _inputs() -> Iterable[str]:
    return [name.replace("_", "-") for name, declared in TAKEN.items() if declared.numeric]


_OF_NAME: dict[str, Callable[[], Iterable[str]]] = {
    **dict.fromkeys(("gpu", "refresh_gpu"), _gpus),
    "provider": _providers,
    "region": _regions,
    "model": _models,
    "use_case": _use_cases,
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
