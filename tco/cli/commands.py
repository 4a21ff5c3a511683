"""Commands that say what was probably meant by an option, a word or an ending they do not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from tco.cli.completion import completed
from tco.cli.directory import listed
from tco.cli.help import help_all_option, help_width, shows_all, write_commands, write_options
from tco.errors import InputError, Problem, suggestion
from tco.inputs import INPUTS, KEY_INPUTS, PRICE, RATE
from tco.inputs.names import everyday

_DASHES = "-–—−"
# What `tco prices add` calls two inputs.
_SHORTER = {PRICE: "--usd", RATE: "--usd-per-gpu-hour"}


class _Wide(click.Command):
    """A command whose help is as wide as the terminal."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The context of a call."""
        return super().make_context(
            info_name, args, parent, **{"terminal_width": help_width(), **extra}
        )


class Command(_Wide):
    """A command that refuses what it does not know with the right name, and guesses nothing.

    Its help is sorted by importance, and what it takes is completed by the shell.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if {param.name for param in self.params}.issuperset(KEY_INPUTS):
            self.params.append(help_all_option())
        for param in self.params:
            completed(param)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options in groups."""
        write_options(ctx, self.get_params(ctx), formatter, shows_all(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the options; UsageError names what was probably meant."""
        if ctx.resilient_parsing:  # a line that is being typed
            return super().parse_args(ctx, args)
        given, is_free = list(args), ctx.allow_extra_args
        ctx.allow_extra_args = True
        try:
            _, extra, order = self.make_parser(ctx).parse_args(list(args))
            if twice := _twice(order):
                raise click.UsageError(f"{twice} is given twice: give it once", ctx)
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as wrong:
            option = _typed(wrong.option_name, given)
            raise click.UsageError(f"No such option: {option}{self._near(option)}", ctx) from None
        except click.MissingParameter:
            if extra and not is_free and not any(param.opts[0][0] != "-" for param in self.params):
                raise click.UsageError(self._extra(extra), ctx) from None
            raise
        if ctx.args and not is_free:
            raise click.UsageError(self._extra(list(ctx.args)), ctx)
        return rest

    def _options(self) -> set[str]:
        return {name for param in self.params for name in param.opts if name.startswith("--")}

    def _near(self, option: str) -> str:
        """The end of a sentence that names the option that was probably meant."""
        word, known = option.strip(_DASHES).partition("=")[0], self._options()
        if f"--{word}" in known:
            return f"; did you mean --{word}?"
        if word.startswith("no-") and f"--{word[3:]}" in known:
            return f"; did you mean --{word[3:]} no?"
        if word in ("json", "csv") and "--format" in known:
            return f"; did you mean --format {word}?"
        if meant := everyday(word):
            for name in (f"--{meant.replace('_', '-')}", _SHORTER.get(meant, "")):
                if name in known:
                    return f"; did you mean {name}?"
        if gpus := _gpus(word):
            return f"; did you mean --gpu {' or --gpu '.join(gpus)}?"
        near = suggestion(word, (name.removeprefix("--") for name in known), 0.65)
        return near.replace(" mean ", " mean --").replace(" or ", " or --")

    def _extra(self, words: list[str]) -> str:
        """What to say of words that belong to no option."""
        word, known = words[0], self._options()
        name, mark, value = word.partition("=")
        told = f"Unexpected argument: {word}"
        meant = everyday(name.strip(_DASHES)) or name.strip(_DASHES).replace("-", "_")
        option = f"--{meant.replace('_', '-')}"
        if option in known and (mark or name not in INPUTS or len(words) > 1):
            value = value if mark else "".join(words[1:2])
            return f"{told}; did you mean {option} {value}?".replace(" ?", "?")
        if gpus := _gpus(word):
            return f"{told}; did you mean --gpu {' or --gpu '.join(gpus)}?"
        for ending, takes in ((".csv", "--csv"), (".json", "--scenario")):
            if word.lower().endswith(ending) and takes in known:
                return f"{told}; did you mean {takes} {word}?"
        example = min(known, default="--help")
        return (
            f"{told}; values are given as options, such as {example}, in quotation marks if needed"
        )


class Group(_Wide, click.Group):
    """A group of such commands."""

    command_class = Command
    # Whether its commands are all those of tco.
    _is_root = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the options of the group; UsageError names what was probably meant."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as wrong:
            option = _typed(wrong.option_name, args)
            near = self._near(option)
            raise click.UsageError(f"No such option: {option}{near}", ctx) from None

    def _near(self, option: str) -> str:
        """The end of a sentence that names the command that takes an option."""
        word = option.strip(_DASHES).partition("=")[0]
        if word.lower() in ("v", "version"):
            return "; did you mean --version?"
        name = everyday(word) or word.replace("-", "_")
        if name in INPUTS and self._is_root:
            return f"; did you mean tco breakeven --{name.replace('_', '-')}?"
        return ""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command of a name; UsageError names what was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as wrong:
            word = args[0]
            near = "; did you mean --help?" if word in ("help", "?") else ""
            near = near or suggestion(word, self.list_commands(ctx))
            name = everyday(word.partition("=")[0].strip(_DASHES))
            if kind := _kind_of_work(word):
                near = f"; did you mean tco other-work --kind {kind}?"
            elif gpus := _gpus(word):
                near = f"; did you mean tco breakeven --gpu {gpus[0]}?"
            elif name and (not near or "=" in word):
                near = f"; did you mean tco breakeven --{name.replace('_', '-')}?"
            if not word.startswith("-"):
                if not near and not self._is_root:
                    *first, last = self.list_commands(ctx)
                    near = f"; there are {', '.join(first)} and {last}"
                raise click.UsageError(f"No such command: {word}{near}", ctx) from None
            raise wrong


def _twice(order: Iterable[click.Parameter]) -> str:
    """An option that is given more than once and takes one value; empty for none."""
    seen = set()
    for param in order:
        if isinstance(param, click.Option) and not (param.multiple or param.is_flag):
            if param.name in seen:
                return max(param.opts, key=len)
            seen.add(param.name)
    return ""


def _typed(option: str, args: Iterable[str]) -> str:
    """The option as it was typed: of -gpu the parser tells -g alone."""
    is_short = option.startswith("-") and not option.startswith("--")
    return next((arg for arg in args if is_short and arg.startswith(option)), option)


class AllCommands(Group):
    """The group of all commands, each of which is loaded when it is asked."""

    _is_root = True

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands, in the order of the help."""
        return [one.name for one in listed()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """A command of a name; None for none."""
        module = next((one.module for one in listed() if one.name == cmd_name), None)
        if module is None:
            return None
        commands = import_module(f"tco.cli.{module}").COMMANDS
        found: click.Command = next(one for one in commands if one.name == cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands in groups."""
        write_commands(formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """The commands that begin so, with what they answer; nothing is loaded for it."""
        commands = [
            CompletionItem(one.name, help=one.summary)
            for one in listed()
            if one.name.startswith(incomplete)
        ]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*commands, *options]


# What people call kinds of work.
_KINDS = {"vdi": "seats", "desktops": "seats", "whisper": "speech", "sdxl": "images"}


def _kind_of_work(word: str) -> str:
    """The kind of work that is called so; empty for none."""
    from tco.workload.kinds import KINDS

    word = word.lower()
    return _KINDS.get(word) or next((kind for kind in KINDS if word in (kind, kind[:-1])), "")


def _gpus(word: str) -> list[str]:
    """The GPUs of the catalog that are called so, at most three."""
    from tco.market.catalogue import load
    from tco.market.keys import keys_like

    return keys_like(word, load().gpus)[:3]


# Which commands write what most do not.
_ELSEWHERE = {
    ".pdf": "as a PDF there are tco report -o report.pdf and tco decision -o record.pdf",
    ".xlsx": "as a workbook there is tco report -o report.xlsx",
}


def check_ending(
    output: str, written: tuple[str, ...], ways: Mapping[str, str], option: str = "output"
) -> None:
    """InputError for a file whose ending stands for something else than what is written.

    `written` are the endings of what a command writes as it was asked; `ways` says of others how to
    have them. A name without an ending is anybody's.

    >>> check_ending("a.md", (".txt",), {".json": "with --json"})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    tco.errors.InputError: ... = 'a.md': .md is not available here; write .txt or .json with --json
    """
    if not output.strip():
        message = f"{option} = {output!r} is empty: give a file name, or - for standard output"
        raise InputError([Problem(option, message)])
    ending = Path(f"file{Path(output).name}").suffix.lower()
    if output == "-" or not ending or ending in written:
        return
    others = [f"{one} {way}" for one, way in ways.items() if one not in written]
    *first, last = [*written, *others]
    able = f"{', '.join(first)} or {last}" if first else last
    message = f"{option} = {output!r}: {ending} is not available here; write {able}"
    if ending in ways:
        message = f"{option} = {output!r}: {ending} is written {ways[ending]}"
    if ending in _ELSEWHERE and ending not in able:
        message += f"; {_ELSEWHERE[ending]}"
    raise InputError([Problem(option, message)])
