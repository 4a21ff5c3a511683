"""The data folder with one fault in one file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tco.market.files import data_folder


def swap(old: str, new: str) -> Callable[[str], str]:
    """Replaces the first of something that is there."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def faulty(tmp_path: Path, name: str, change: Callable[[str], str]) -> Path:
    """A copy of the data in which one file is swap."""
    copy = tmp_path / "data"
    shutil.copytree(data_folder(), copy)
    path = copy / name
    path.write_text(change(path.read_text()))
    return copy
