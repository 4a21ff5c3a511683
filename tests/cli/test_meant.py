"""What the shell does not know is refused with what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tco.cli import main


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 2, result.output
    return result.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("breakeven --rate 2", "--rate; did you mean --rate-usd-per-gpu-hour?"),
        ("breakeven --price 3000", "--price; did you mean --price-usd-per-gpu?"),
        ("breakeven --price=3000", "did you mean --price-usd-per-gpu?"),
        ("breakeven --util 0.5", "did you mean --utilization?"),
        ("breakeven -gpu L4", "No such option: -gpu; did you mean --gpu?"),
        ("breakeven --h100", "did you mean --gpu H100-NVL or --gpu H100-PCIe or --gpu H100-SXM?"),
        ("breakeven h100", "did you mean --gpu H100-NVL or --gpu H100-PCIe or --gpu H100-SXM?"),
        ("breakeven --gpu h100", "did you mean H100-NVL or H100-PCIe or H100-SXM?"),
        ("breakeven --gpu H100-80GB", "did you mean H100-NVL or H100-PCIe or H100-SXM?"),
        ("breakeven L4", "did you mean --gpu L4?"),
        ("breakeven price=3000", "did you mean --price-usd-per-gpu 3000?"),
        ("breakeven utilization 0.6", "did you mean --utilization 0.6?"),
        ("breakeven –gpu L4", "did you mean --gpu L4?"),
        ("breakeven table.csv", "did you mean --csv table.csv?"),
        ("flips one.json", "did you mean --scenario one.json?"),
        ("offers --gpuu L4", "did you mean --gpu?"),
        ("breakeven --gpus 8 --gpus=16", "--gpus is given twice"),
        ("breakeven --no-whole-servers", "did you mean --whole-servers no?"),
        ("flips --json", "did you mean --format json?"),
        ("offers L4", "did you mean --gpu L4?"),
        ("prices add --gpu L4 --price 2650", "did you mean --usd?"),
        ("prices add --gpu L4 --rate 2", "did you mean --usd-per-gpu-hour?"),
        ("--gpus 8", "No such option: --gpus; did you mean tco breakeven --gpus?"),
        ("-v", "did you mean --version?"),
        ("help", "did you mean --help?"),
        ("breakeven --residual 20%", "did you mean --residual-share?"),
        ("brekeven", "No such command: brekeven; did you mean breakeven?"),
        ("h100", "did you mean tco breakeven --gpu"),
        ("price=3000", "did you mean tco breakeven --price-usd-per-gpu?"),
        ("prices ad", "did you mean add?"),
        ("data list", "No such command: list; there are check and refresh"),
        ("work --model Llama-3.1-8B --users 10", "users needs a use_case, one of chat, "),
        ("breakeven --utilization 45..60%", "write 0.45..0.6"),
        ("breakeven --electricity-usd-per-kwh 24.5", "did you mean 0.245?"),
    ],
)
def test_the_right_word_is_told(line: str, said: str) -> None:
    assert said in refused(*line.split())


@pytest.mark.parametrize(
    ("line", "name", "said"),
    [
        ("breakeven", "x.pdf", ".pdf is not available here; write .txt"),
        ("breakeven", "x.docx", ".docx is not available here"),
        ("breakeven", "x.csv", ".csv is written with --csv, for a table"),
        (
            *("breakeven --json", "x.txt"),
            ".txt is not available here; write .json or .csv with --csv, for a table\n",
        ),
        ("ledger", "x.PDF", ".pdf is not available here; write .csv"),
        ("ledger", "x.xlsx", ".xlsx is not available here"),
        ("accounting", "x.xlsx", "as a workbook there is tco report -o report.xlsx"),
        ("flips", "x.pdf", "as a PDF there are tco report -o report.pdf and tco decision"),
        ("report", "x.htm", ".htm is not available here; write .csv, .txt, .html, .pdf, "),
        ("report", "x.ods", ".html, .pdf, .xlsx or .json with --json"),
        ("report", "x.json", ".json is written with --json"),
        ("report --ledger x.xlsx", "x.csv", "ledger = 'x.xlsx'"),
        ("flips", "x.csv", ".csv is written with --format csv"),
        ("options --format csv", "x.pdf", ".pdf is not available"),
        ("simulate", "x.png", ".png is not available"),
        ("sweep --grid {}", "x.pdf", ".pdf is not available here; write .csv or .parquet"),
        ("addin", "x.zip", ".zip is not available here; write .oxt"),
        ("breakeven", ".html", ".html is not available here"),
        ("breakeven", " ", "output = ' ' is empty: give a file name"),
        ("prices export", "x.xlsx", ".xlsx is not available here; write .csv"),
        ("prices import csv --aside x.xlsx prices.csv", "", "aside = 'x.xlsx'"),
    ],
)
def test_an_ending_that_nothing_writes(
    line: str, name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused(*line.split(), *(["-o", name] if name else []))
    assert not list(tmp_path.iterdir())


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)  # read when it is asked for
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name), command


WRITING = [
    (names, command)
    for names, command in commands(main)
    if any(param.name == "output" for param in command.params)
]


def test_the_commands_that_write_files_are_found() -> None:
    assert {("breakeven",), ("options",), ("prices", "export")} <= {names for names, _ in WRITING}


@pytest.mark.parametrize(("names", "command"), WRITING, ids=[" ".join(one[0]) for one in WRITING])
def test_no_command_writes_an_ending_that_it_does_not_know(
    names: tuple[str, ...], command: click.Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    needed: list[str] = []
    for param in command.params:
        if param.required:
            needed += ["nothing.csv"] if isinstance(param, click.Argument) else [param.opts[0], "x"]
    said = refused(*names, *needed, "-o", "x.docx")
    assert "output = 'x.docx': .docx is not available here; write ." in said
    assert not list(tmp_path.iterdir())


def test_flags_and_lists_may_come_twice() -> None:
    result = CliRunner().invoke(main, ["gpus", "--json", "--json"])
    assert result.exit_code == 0, result.output
