"""What a message says that a reader has to do."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from tco import errors
from tco.errors import to_install

ROOT = Path(__file__).resolve().parents[1]


class Told:
    """An installed package, which says where it came from."""

    def __init__(self, told: str) -> None:
        self.told = told

    def read_text(self, name: str) -> str | None:
        return self.told if name == "direct_url.json" else None


EDITED = f'{{"dir_info": {{"editable": true}}, "url": "{ROOT.as_uri()}"}}'
ELSEWHERE = '{"dir_info": {"editable": true}, "url": "file:///elsewhere"}'


def test_an_extra_is_installed_where_the_program_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.chdir(ROOT)
    for told, expected in (
        (EDITED, "pip install -e '.[pdf]'"),
        (ELSEWHERE, "pip install '.[pdf]'"),
        ('{"dir_info": {}}', "pip install '.[pdf]'"),
        ("", "pip install '.[pdf]'"),
    ):
        monkeypatch.setattr(metadata, "distribution", lambda _, told=told: Told(told))
        assert to_install("pdf") == expected
    monkeypatch.chdir(tmp_path)
    assert to_install("pdf") == f"{expected} in the folder with the pyproject.toml of tco"
    # A package that is installed, and a folder of somebody else's project.
    monkeypatch.setattr(errors, "__file__", str(tmp_path / "tco" / "errors.py"))
    assert to_install("pdf") == "pip install 'gpu-tco[pdf]'"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\n')
    assert to_install("pdf") == "pip install 'gpu-tco[pdf]'"


def test_it_is_the_pip_of_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(errors, "__file__", str(tmp_path / "tco" / "errors.py"))
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "pip"):
        (programs / name).touch(0o755)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    assert to_install("mcp") == ".venv/bin/pip install 'gpu-tco[mcp]'"
    monkeypatch.setenv("PATH", str(programs))
    assert to_install("mcp") == "pip install 'gpu-tco[mcp]'"
