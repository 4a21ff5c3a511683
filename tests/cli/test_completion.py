"""The tab key: what a shell is told of a line that is being typed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tco.cli import main
from tco.cli.completion import completed
from tco.cli.directory import listed
from tco.market.catalogue import load
from tco.market.workload import models, work_presets

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(name="tco", scope="module")
def _tco(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose `tco` is this one."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "tco"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tco "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def asked(environment: dict[str, str], line: str, **more: str) -> tuple[list[str], str]:
    """What is completed at the end of a line, and what is said beside it."""
    words = line.split(" ")
    said = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_TCO_COMPLETE": "bash_complete"}
    done = subprocess.run(
        ["tco"],
        env={**environment, **said, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    return [row.partition(",")[2] for row in done.stdout.split()], done.stderr


def test_commands_options_names_and_choices(tco: dict[str, str]) -> None:
    commands, _ = asked(tco, "tco ")
    assert commands == [one.name for one in listed()]
    assert asked(tco, "tco breakeven --gpu h100-s")[0] == ["H100-SXM"]
    for line, expected in (
        ("tco breakeven --hosting colo", ["colo_metered", "colo_all_in"]),
        ("tco breakeven --whole-servers t", ["true"]),
        ("tco goal --of utili", ["utilization"]),
        ("tco flips --format j", ["json"]),
        ("tco bill --format f", ["focus"]),
        ("tco work --use-case ch", ["chat"]),
        ("tco other-work --kind im", ["images"]),
        ("tco speed --model Llama-3.1-8", ["Llama-3.1-8B"]),
    ):
        said = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        environment = {**said, "_TCO_COMPLETE": "bash_complete"}
        told = CliRunner(env=environment).invoke(main, prog_name="tco").stdout
        assert [row.partition(",")[2] for row in told.split()] == expected, line


# What answers, and no tab key needs.
HEAVY = ("tco.model.cashflows", "tco.bills", "tco.scenario", "tco.market.catalogue", "numpy")
LINES = (
    *("tco breakeven --provider a", "tco work --use-case c", "tco goal --of u", "tco bill --"),
    *("tco fleet --gpu h", "tco lease-rate --", "tco prices ", "tco actuals --"),
    "tco offers --gpu h",
)


def test_the_tab_key_loads_what_it_completes_and_no_answers() -> None:
    code = f"""
import sys
from click.testing import CliRunner
from tco.cli import main
for line in {LINES!r}:
    said = {{"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}}
    asked = {{**said, "_TCO_COMPLETE": "bash_complete"}}
    assert CliRunner(env=asked).invoke(main, prog_name="tco").stdout, line
    assert [name for name in sys.modules if name.startswith({HEAVY!r})] == [], line
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "tco nosuch --gpu ",
        "tco breakeven --gpu L4 --gpu ",
        "tco breakeven --nosuch 1 --g",
        "tco --nosuch ",
        "tco breakeven --scenario missing.json --",
        "tco prices nosuch ",
    ],
)
def test_a_wrong_line_says_nothing(line: str) -> None:
    said = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_TCO_COMPLETE": "zsh_complete"}
    for more in ({}, {"TCO_PRICES": "/none.csv", "TCO_POLICY": ""}):
        result = CliRunner(env={**said, **more}).invoke(main, prog_name="tco")
        assert (result.exit_code, result.stderr) == (0, ""), result.exception


def test_a_question_that_fails_says_nothing_either(tco: dict[str, str]) -> None:
    assert asked(tco, "tco ", COMP_CWORD="no number") == ([], "")


def test_who_has_only_an_alias_is_told() -> None:
    said = CliRunner().invoke(main, ["completion", "zsh"], env={"PATH": ""}).stderr
    assert said.startswith("tco: the script asks the command tco, which is not on the PATH")


BASH = r"""
eval "$(tco completion bash)"
complete_line() {
    COMP_WORDS=($1); COMP_CWORD=$2; COMPREPLY=()
    _tco_completion tco
    printf '%s\n' "${COMPREPLY[@]}"
}
complete -p tco
complete_line "tco option" 1
complete_line "tco breakeven --gpu RTX-PRO-6000" 3
"""


def test_names_are_those_of_the_data() -> None:
    words = {
        "gpu": load().gpus,
        "provider": load().renting,
        "region": load().regions,
        "model": models(),
        "use_case": work_presets(),
    }
    for name, known in words.items():
        option = click.Option([f"--{name.replace('_', '-')}"])
        completed(option)
        found = option.type.shell_complete(click.Context(main), option, "")
        assert sorted(one.value for one in found) == sorted(known), name


def test_in_bash(tco: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH], env=tco, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    registered, *found = done.stdout.splitlines()
    assert "-F _tco_completion tco" in registered
    gpus = [gpu for gpu in load().gpus if gpu.startswith("RTX-PRO-6000")]
    assert found == ["options", *gpus]


def test_in_zsh(tco: dict[str, str]) -> None:
    if shutil.which("zsh") is None:
        if os.environ.get("CI"):
            pytest.fail("zsh is not installed", pytrace=False)
        pytest.skip("zsh is not installed")
    leader, follower = pty.openpty()
    shell = subprocess.Popen(
        ["zsh", "-f", "-i"],
        env={**tco, "TERM": "dumb", "PS1": "> "},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    setup = 'autoload -U compinit; compinit -u -D; eval "$(tco completion zsh)"; echo rea""dy\n'
    try:
        for typed, expected in ((setup, "ready"), ("tco breakeven --gpu H100-S\t", "H100-SXM")):
            os.write(leader, typed.encode())
            said, end = "", time.monotonic() + 60
            while expected not in said:
                assert time.monotonic() < end, said
                if select.select([leader], [], [], 1)[0]:
                    said += os.read(leader, 4_096).decode(errors="replace")
    finally:
        shell.kill()
        shell.wait()
        os.close(leader)


def test_the_script_says_how_it_is_installed() -> None:
    text = CliRunner().invoke(main, ["completion", "--help"]).stdout
    for words in ("bash-completion/completions/tco", "~/.zfunc/_tco", 'eval "$(tco completion'):
        assert words in text
    assert CliRunner().invoke(main, ["completion", "zsh"]).stdout.startswith("#compdef tco\n")
