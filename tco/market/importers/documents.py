"""Price lists that are YAML documents: a bounded file as nodes, each with its text and its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.errors import DataError
from tco.market.importers.lines import beginning
from tco.market.importers.opening import PriceFile, unreadable

if TYPE_CHECKING:
    from yaml import Node

# No list of this kind is nearly as long; a parser takes many times as much memory.
_MOST_BYTES = 16 * 2**20
# Nor is any nested so deeply or has such lines: what a parser would need very long for.
_LONGEST_LINE, _DEEPEST, _MOST_INDENTED = 20_000, 50, 100


@dataclass(frozen=True)
class Document:
    """What the reader of a document has to say of it."""

    remarks: tuple[str, ...] = ()


def read_text(file: PriceFile, most_bytes: int = _MOST_BYTES) -> str:
    """The text of a file in UTF-8; DataError where it is longer, or no such text."""
    try:
        with file.opened() as stream:
            raw = stream.read(most_bytes + 1)
    except OSError as wrong:
        raise unreadable(file.path, wrong) from wrong
    if len(raw) > most_bytes:
        raise DataError(f"{file.name}: more than {most_bytes:,} bytes, the limit of such a list")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise DataError(f"{file.name}: not text in UTF-8: {wrong.reason}") from None


def read_document(file: PriceFile) -> Node | None:
    """The one document of a YAML file, None where it is empty; DataError where it is none.

    Nothing is constructed: what a document says is looked up with `entries`, `items` and `text`.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    content = read_text(file)
    _check_depth(file.name, content)
    try:
        found: Node | None = yaml.compose(content, Loader=loader)
    except (yaml.YAMLError, RecursionError) as wrong:
        where = getattr(wrong, "problem_mark", None)
        at = f", line {where.line + 1}" if where else ""
        why = getattr(wrong, "problem", None) or "nested too deeply, or broken"
        raise DataError(f"{file.name}{at}: not a YAML document: {beginning(str(why))}") from None
    return found


def _check_depth(name: str, content: str) -> None:
    depth = 0
    for number, line in enumerate(content.splitlines(), 1):
        for opening, closing in ("[]", "{}"):
            depth = max(depth + line.count(opening) - line.count(closing), 0)
        indented = len(line) - len(line.lstrip(" -?"))
        if len(line) > _LONGEST_LINE or depth > _DEEPEST or indented > _MOST_INDENTED:
            raise DataError(f"{name}, line {number}: nested too deeply for a price list")


def entries(node: Any) -> dict[str, Any]:
    """What a node has by name; empty for one that is no mapping."""
    if getattr(node, "id", "") != "mapping":
        return {}
    return {text(key): value for key, value in node.value}


def items(node: Any) -> list[Any]:
    """The nodes of a list; empty for one that is none."""
    return list(node.value) if getattr(node, "id", "") == "sequence" else []


def text(node: Any) -> str:
    """The text of a scalar as it is written, without space around it; empty for any other node."""
    return node.value.strip() if getattr(node, "id", "") == "scalar" else ""


def below(node: Any, *names: str) -> Any:
    """The node at the end of a path of names; None where there is none."""
    for name in names:
        node = entries(node).get(name)
    return node


def line_of(node: Any) -> int:
    """The line of the file on which a node begins."""
    return int(node.start_mark.line) + 1


def pairs(node: Any) -> Iterator[tuple[Any, Any]]:
    """The key and value nodes of a mapping, in the order of the file."""
    if getattr(node, "id", "") == "mapping":
        yield from node.value
