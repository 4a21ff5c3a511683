"""The documentation cannot rot: its examples run, its tables are those of the code."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import tco
from docs import make_inputs
from tco.cli import main
from tco.inputs import INPUTS
from tco.model.results import RESULTS
from tco.report.uncounted import UNCOUNTED

ROOT = Path(__file__).resolve().parents[1]


def test_the_table_of_inputs_is_that_of_the_code() -> None:
    page = make_inputs.page()
    assert (ROOT / "docs" / "inputs.md").read_text() == page, "run: python -m docs.make_inputs"
    for name in INPUTS:
        assert f"`{name}`" in page


def test_every_result_is_explained() -> None:
    text = (ROOT / "docs" / "conventions.md").read_text() + (
        ROOT / "tco/words/results.py"
    ).read_text()
    for name in RESULTS:
        assert name in text


FIXTURES = ROOT / "tests" / "market" / "importers" / "fixtures"
# Commands that need a network or a screen; tests/market/importers and tests/app have them.
ELSEWHERE = ("tco prices update", "TCO_PRICES=store tco app")


def commands(page: str) -> list[str]:
    text = (ROOT / page).read_text()
    console = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [
        line.removeprefix("$ ").split("#")[0].strip() for b in console for line in b.splitlines()
    ]
    assert lines
    return [line for line in lines if line not in ELSEWHERE]


@pytest.mark.parametrize(
    "page", ["README.md", "docs/shell.md", "docs/prices.md", "docs/sheets.md", "docs/fleet.md"]
)
def test_the_commands_of_a_page_work_one_after_the_other(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TCO_STORE", str(tmp_path / "prices.db"))
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "catalogs" / "v9").mkdir(parents=True)
    (tmp_path / "gpuhunt").mkdir()
    shutil.copy(
        FIXTURES / "skypilot" / "aws_vms_zones.csv", tmp_path / "catalogs" / "v9" / "aws_vms.csv"
    )
    shutil.copy(FIXTURES / "gpuhunt" / "aws.csv", tmp_path / "gpuhunt")
    item = {"armSkuName": "Standard_NC24ads_A100_v4", "armRegionName": "eastus", "retailPrice": 3.7}
    item |= {"unitOfMeasure": "1 Hour", "type": "Consumption", "currencyCode": "USD"}
    (tmp_path / "azure-prices.json").write_text(json.dumps({"Items": [item]}))
    (tmp_path / "tracker.csv").write_text(
        "date,provider,pricing,gpu_model,usd_per_gpu_hour\n2026-11-20,AWS,on-demand,NVIDIA L4,0.8\n"
    )
    (tmp_path / "team-prices.csv").write_text("gpu,usd,as_of\nL4,2600,2026-11-20\n")
    for command in commands(page):
        program, *arguments = shlex.split(command.replace("~", str(tmp_path)))
        assert program == "tco"
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
        expected = 1 if "--strict" in arguments else 0
        assert result.exit_code == expected, f"{command}: {result.output}"


README = (ROOT / "README.md").read_text()
NUMBER = re.compile(r"(?<![\w.\-])\d[\d,]*(?:\.\d+)?")


def numbers(text: str) -> set[float]:
    return {float(found.replace(",", "")) for found in NUMBER.findall(text)}


def test_every_number_in_the_readme_is_computed() -> None:
    """What stands in prose stands in an example too, which is run; or it is computed here."""
    blocks = re.findall(r"```(?:python|text)\n(.*?)```", README, re.DOTALL)
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|\"[^\"]*\"", " ", README, flags=re.DOTALL)
    shown = set().union(*map(numbers, blocks))
    options = tco.options(gpu="L4", as_of="2026-11-28").set_index("option")
    computed = {
        round(100 * options.loc["spot", "cheapest_to"], 1),  # of the picture
        round(100 * tco.breakeven(gpu="L4", as_of="2026-11-28").breakeven_utilization, 1),
        50.0,  # utilization, in percent
        float(re.search(r'requires-python = ">=([\d.]+)"', PROJECT).group(1)),  # type: ignore[union-attr]
    }
    left = numbers(prose.split("License:")[0]) - shown - computed
    assert left == set()


PROJECT = (ROOT / "pyproject.toml").read_text()


def test_the_readme_shows_what_its_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = re.findall(r"python -m tco (breakeven .*)", README)
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    monkeypatch.setenv("COLUMNS", "100")
    result = CliRunner().invoke(main, command.split(), catch_exceptions=False)
    assert result.stdout == shown


def test_the_readme_has_few_pictures_and_they_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert 0 < len(pictures) <= 5
    assert all((ROOT / path).is_file() for path in pictures)


def test_the_addresses_in_the_readme_are_answered() -> None:
    from starlette.testclient import TestClient

    from tco.api.server import Settings, application

    addresses = re.findall(r"http://127\.0\.0\.1:8600(/[^\s`]+)", README)
    assert len(addresses) == 4
    with TestClient(application(Settings()), "http://localhost") as client:
        for address in addresses:
            assert client.get(address).status_code == 200, address


def test_the_set_up_commands_name_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text()
    for path in re.findall(
        r"requirements/\w+\.txt|docs/[\w-]+\.\w+|data/README\.md|[A-Z]+\.md", text
    ):
        assert (ROOT / path).is_file(), path


def test_pinned_requirements_name_no_host() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
        for line in re.findall(r"^[a-z].*$", text, re.MULTILINE):
            assert "==" in line, line


def test_one_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## {tco.__version__} " in changelog


@pytest.mark.parametrize("page", ["README.md", "docs/method.md"])
def test_what_is_not_counted_is_the_same_everywhere(page: str) -> None:
    text = " ".join((ROOT / page).read_text().split()).casefold()
    for one in UNCOUNTED:
        assert one.what.casefold() in text
        assert page == "README.md" or f"| {one.what} | {one.instead} |".casefold() in text
