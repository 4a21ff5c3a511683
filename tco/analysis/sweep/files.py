"""Files of a sweep: which there are, what tells them apart, and the library for some of them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from tco.errors import DataError, TcoError

CSV, PARQUET = ".csv", ".parquet"
# What begins so in a folder is no data, by the custom of the tools that read folders of parts.
_HIDDEN = (".", "_")


def arrow() -> Any:
    """The library that knows Parquet; TcoError where it is not installed."""
    try:
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError as missing:
        raise TcoError("Parquet needs pyarrow: pip install 'gpu-tco[scale]'") from missing


def files_of(path: Path) -> tuple[str, ...]:
    """A CSV or Parquet file, or those in a folder in the order of their names.

    DataError where there are none, or files of both kinds.
    """
    if path.is_file():
        found = [path]
    else:
        listed = sorted(path.iterdir()) if path.is_dir() else []
        found = [file for file in listed if not file.name.startswith(_HIDDEN) and file.is_file()]
    kinds = {file.suffix.lower() for file in found}
    if len(kinds) != 1 or not kinds <= {CSV, PARQUET}:
        raise DataError(f"{path}: is no .csv or .parquet file, nor a folder of files of one kind")
    return tuple(map(str, found))


def files_identity(files: Iterable[str]) -> dict[str, Any]:
    """Where the files are, their sizes and when they were written."""
    told = {}
    for file in files:
        path = Path(file).resolve()
        about = path.stat()
        told[str(path)] = [about.st_size, about.st_mtime_ns]
    return {"files": told}
