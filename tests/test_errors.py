"""What a message says that a reader has to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tco import errors
from tco.errors import to_install


def test_an_extra_is_installed_where_the_program_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "__file__", str(tmp_path / "tco" / "errors.py"))
    # A package that is installed, and a folder of somebody else's project.
    assert to_install("pdf") == "pip install 'gpu-tco[pdf]'"
    settings = tmp_path / "pyproject.toml"
    settings.write_text('[project]\nname = "other"\n')
    assert to_install("pdf") == "pip install 'gpu-tco[pdf]'"
    # A checkout, with a Python of its own or without.
    settings.write_text('[project]\nname = "gpu-tco"\n')
    where = "install -e '.[pdf]' in the folder with the pyproject.toml of tco"
    assert to_install("pdf") == f"pip {where}"
    pip = tmp_path / ".venv" / "bin" / "pip"
    monkeypatch.setattr(sys, "executable", str(pip.with_name("python")))
    assert to_install("pdf") == f"pip {where}"
    pip.parent.mkdir(parents=True)
    pip.touch()
    assert to_install("pdf") == f"{Path('.venv', 'bin', 'pip')} {where}"
