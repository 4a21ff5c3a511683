"""What a store tells of itself: imports, what was set aside, and the columns of an export."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Added:
    """What one import did: observations added, and those that the store knew already.

    `repeated` says that the whole file was imported before, as `import_id`.
    """

    import_id: int
    added: int
    known: int
    repeated: bool


@dataclass(frozen=True)
class Import:
    """One import: when (UTC), by which collector, of which file, and the number of its rows."""

    import_id: int
    at: str
    collector: str
    file: str
    sha256: str
    as_of: str
    rows: int
    added: int
    known: int
    aside: int
    source_id: str


@dataclass(frozen=True)
class AsideCount:
    """How many rows of one provider and GPU an import set aside for one reason.

    `first_line` and `example` are the line and the beginning of the first of them.
    """

    import_id: int
    provider: str
    gpu: str
    reason: str
    count: int
    first_line: int
    example: str


EXPORT_COLUMNS = (
    *("kind", "gpu", "provider", "instance", "gpus_per_instance", "region", "country", "term"),
    *("usd_per_gpu_hour", "host_included", "price_basis", "usd", "valid_until", "as_of"),
    *("source_id", "publisher", "title", "url", "note", "collector", "import_id"),
)
