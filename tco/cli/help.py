"""How `--help` looks: commands by group, options by importance, in the width of the terminal.

`--help` shows what decides an answer first and names the other groups of inputs; `--help-all` shows
every option.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from typing import Any

import click

from tco.cli.directory import GROUPS, START, Listed
from tco.inputs import GROUP_TITLES, KEY_INPUTS, TAKEN
from tco.words.figures import counted

# Columns that are always there to write in, those where nobody says how many, and those in which a
# text is still read easily.
_LEAST, _USUAL, _MOST = 80, 100, 100
# So long is a line of an example at most, with room for its continuation and the indentation.
_LEAST_EXAMPLE = _LEAST - 6
# Two commands stand in a row from so many columns on.
_TWO = 96
_INPUTS, _FILES = "Inputs that matter most", "Files and output"
_ALL = "--help-all"
# What is about files and the form of an answer, in every command.
_OF_FILES = (
    *("scenario_file", "link", "table_file", "lines_file", "prices", "policy"),
    *("output", "ledger_file", "form", "as_json", "wide", "sep", "decimal", "help_all", "help"),
)


def width() -> int:
    """Columns of the terminal, 100 where there is none."""
    return max(_LEAST, shutil.get_terminal_size((_USUAL, 24)).columns)


def help_width() -> int:
    """Columns of a help text."""
    return min(width(), _MOST)


def examples(lines: Iterable[str]) -> str:
    """The end of a help with examples, which a shell takes as they stand.

    >>> print(examples(["tco goal --payback-months 24"]).splitlines()[-1])
      tco goal --payback-months 24
    """
    told = ["\b", "Examples:"]
    for line in lines:
        first, *options = line.split(" --")
        at = f"  {first}"
        for option in options:
            if len(at) + len(option) + 3 > _LEAST_EXAMPLE:
                told.append(f"{at} \\")
                at = "     "
            at += f" --{option}"
        told.append(at)
    return "\n".join(told)


def write_commands(formatter: click.HelpFormatter) -> None:
    """Every command, in its group."""
    for title, commands in GROUPS.items():
        with formatter.section(title):
            if title == START:
                _write_start(formatter, commands)
            else:
                _write_group(formatter, commands)


def _write_start(formatter: click.HelpFormatter, commands: Sequence[Listed]) -> None:
    longest = max(len(one.name) for one in commands)
    for one in commands:
        formatter.write(f"  {one.name:<{longest}}  {one.summary}\n")
        formatter.write(f"      $ {one.example}\n")


def _write_group(formatter: click.HelpFormatter, commands: Sequence[Listed]) -> None:
    """The commands of a group: two in a row where there is room, down the first column first."""
    told = [f"{one.name:<11}  {one.summary}" for one in commands]
    if formatter.width < _TWO:
        rows = [(one,) for one in told]
    else:
        half = (len(told) + 1) // 2
        rest = [*told[half:], *([""] if len(told) % 2 else [])]
        rows = [*zip(told[:half], rest, strict=True)]  # type: ignore[list-item]
    for row in rows:
        cells = [f"{cell:<{formatter.width // 2 - 2}}" for cell in row]
        formatter.write(f"  {''.join(cells)}".rstrip() + "\n")


# -- The options of a command -----------------------------------------------------------------


def write_options(
    ctx: click.Context,
    params: Iterable[click.Parameter],
    formatter: click.HelpFormatter,
    is_all: bool,
) -> None:
    """The options of a command, what is its own first, then inputs, then files and formats."""
    own: list[click.Parameter] = []
    key: list[click.Parameter] = []
    files: list[click.Parameter] = []
    groups: dict[str, list[click.Parameter]] = {}
    known = [param for param in params if not isinstance(param, click.Argument)]
    takes_inputs = any(param.name == KEY_INPUTS[-1] for param in known)
    for param in known:
        if takes_inputs and param.name in KEY_INPUTS:
            key.append(param)
        elif takes_inputs and param.name in TAKEN:
            groups.setdefault(TAKEN[param.name].group, []).append(param)
        else:
            (files if _place(param) < len(_OF_FILES) else own).append(param)
    key.sort(key=lambda param: KEY_INPUTS.index(str(param.name)))
    files.sort(key=_place)
    _section(ctx, formatter, "Options", own)
    _section(ctx, formatter, _INPUTS, key)
    if is_all:
        for group, title in GROUP_TITLES.items():
            _section(ctx, formatter, title, groups.get(group, []))
    elif groups:
        with formatter.section(f"Other inputs ({_ALL} shows each of them)"):
            formatter.write_dl(
                [_group_row(group, groups) for group in GROUP_TITLES if group in groups]
            )
    _section(ctx, formatter, _FILES, files)


def _place(param: click.Parameter) -> int:
    """Where an option about files stands among its like; behind all of them if it is no such."""
    name = "help" if "--help" in param.opts else param.name
    return _OF_FILES.index(name) if name in _OF_FILES else len(_OF_FILES)


def _group_row(group: str, groups: dict[str, list[click.Parameter]]) -> tuple[str, str]:
    listed = groups[group]
    names = ", ".join(param.opts[0] for param in listed[:2])
    more = len(listed) - 2
    return GROUP_TITLES[group], f"{names}{f' and {more} more' if more > 0 else ''}"


def _section(
    ctx: click.Context, formatter: click.HelpFormatter, title: str, params: Sequence[Any]
) -> None:
    rows = [row for param in params if (row := param.get_help_record(ctx)) is not None]
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def help_all_option() -> click.Option:
    """The option that shows every option."""

    def show(ctx: click.Context, _option: click.Parameter, is_asked: bool) -> None:
        if is_asked and not ctx.resilient_parsing:
            ctx.meta[_ALL] = True
            click.echo(ctx.get_help())
            ctx.exit()

    return click.Option(
        [_ALL],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help=f"Show every option: {counted(len(TAKEN), 'input')} by group.",
    )


def shows_all(ctx: click.Context) -> bool:
    """Whether every option is asked for."""
    return bool(ctx.meta.get(_ALL))
