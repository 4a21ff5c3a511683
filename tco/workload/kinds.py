"""The kinds of work that are no language model, and what each makes."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of work: what is counted, and whether so many at once or so many a second."""

    unit: str
    at_once: bool
    meaning: str


KINDS = {
    "embeddings": Kind("tokens", False, "texts turned into vectors"),
    "images": Kind("images", False, "pictures made from text"),
    "speech": Kind("samples", False, "speech turned into text"),
    "vision": Kind("images", False, "pictures classified or searched for objects"),
    "language": Kind("samples", False, "texts answered by an encoder such as BERT"),
    "recommendation": Kind("samples", False, "recommendations ranked"),
    "graphs": Kind("samples", False, "nodes of a graph classified"),
    "video": Kind("streams", True, "video streams coded in real time"),
    "seats": Kind("seats", True, "virtual desktops in use"),
}
