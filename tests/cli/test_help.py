"""`--help`: commands in groups, options by importance, all of it within a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tco.cli import main
from tco.cli.directory import GROUPS, START, listed
from tco.inputs import GROUP_TITLES, INPUTS, KEY_INPUTS, SLIDERS, TAKEN
from tco.questions import QUESTIONS
from tco.report.influence import sliders

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = click.Context(main)


def told(*arguments: str, columns: int = 100) -> str:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def commands_of(group: click.Group, *path: str) -> list[tuple[tuple[str, ...], click.Command]]:
    found = []
    for name in group.list_commands(CONTEXT):
        command = group.get_command(CONTEXT, name)
        assert command is not None, name
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands_of(command, *path, name)
    return found


ALL = commands_of(main)


def test_the_directory_lists_every_command_once() -> None:
    names = [one.name for one in listed()]
    assert len(names) == len(set(names))
    modules = {one.module for one in listed()}
    made = set()
    for path in sorted((ROOT / "tco" / "cli").glob("*.py")):
        module = __import__(f"tco.cli.{path.stem}", fromlist=["COMMANDS"])
        for command in getattr(module, "COMMANDS", ()):
            assert path.stem in modules
            assert command.name not in made
            made.add(command.name)
    assert made == set(names), "a command is in no group of tco.cli.directory"


def test_the_help_begins_with_the_five_that_a_newcomer_needs() -> None:
    text = told("--help")
    lines = text.splitlines()
    assert len(lines) <= 65
    assert max(map(len, lines)) <= 100
    assert text.index("Start here") < text.index("Questions about a scenario")
    assert [one.name for one in GROUPS[START]] == ["breakeven", "options", "work", "report", "app"]
    for one in listed():
        assert text.count(f"  {one.name}  ") + text.count(f"  {one.name} ") > 0, one.name
        assert one.summary in text, "cut"
    for one in GROUPS[START]:
        assert f"$ {one.example}\n" in text
    assert max(map(len, told("--help", columns=80).splitlines())) <= 80


def test_the_examples_of_the_help_answer() -> None:
    for one in GROUPS[START][:3]:
        result = CliRunner().invoke(main, one.example.split()[1:])
        assert (result.exit_code, bool(result.stdout)) == (0, True), one.example


@pytest.mark.parametrize("columns", [80, 100, 200])
def test_every_help_fits_the_terminal(columns: int) -> None:
    for path, _ in ALL:
        for option in ("--help", "--help-all"):
            if option == "--help-all" and path[0] not in ("breakeven", "goal"):
                continue
            for line in told(*path, option, columns=columns).splitlines():
                assert len(line) <= min(columns, 100), (path, line)


def test_what_decides_stands_first() -> None:
    text = told("breakeven", "--help")
    first = text.partition("Inputs that matter most:")[2].partition("Other inputs")[0]
    places = [first.index(f"  --{name.replace('_', '-')} ") for name in KEY_INPUTS]
    assert places == sorted(places)
    assert "--rack-units NUMBER" not in text
    assert "--help-all" in text
    assert len(text.splitlines()) <= 75
    whole = told("breakeven", "--help-all")
    for name in TAKEN:
        assert f"  --{name.replace('_', '-')} " in whole, name
    titles = [whole.index(f"\n{title}:") for title in GROUP_TITLES.values()]
    assert titles == sorted(titles)


def test_the_summary_of_a_question_is_the_help_of_its_command_and_nowhere_else() -> None:
    made = {path[0]: command for path, command in ALL if len(path) == 1}
    sources = [path.read_text() for path in (ROOT / "tco" / "cli").glob("*.py")]
    for name, question in QUESTIONS.items():
        text = str(made[name.replace("_", "-")].help)
        assert text.partition("\n\n")[0] == question.summary
        assert not any(question.summary.rstrip(".") in source for source in sources), name
        assert text.count(question.summary.partition(",")[0].partition(":")[0]) == 1, name


def test_the_sliders_of_the_app_are_among_the_key_inputs() -> None:
    assert set(SLIDERS) < set(KEY_INPUTS) < set(TAKEN)
    for hosting in INPUTS["hosting"].choices:
        assert set(sliders({"hosting": hosting})) < set(SLIDERS)
        assert len(sliders({"hosting": hosting})) == 6


def test_the_help_loads_no_model_and_no_question() -> None:
    code = (
        "import sys; from tco.cli import main; main(['--help'], standalone_mode=False); "
        "print([m for m in ('tco.model', 'tco.questions', 'tco.market', 'numpy') "
        "if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
