"""Keys of the catalog as people write them: which ones were probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tco.errors import bare, suggestion

_BRANDS = ("nvidia", "geforce", "amd", "instinct", "tesla")
_LONGEST, _MOST_TOLD = 60, 3


def keys_like(word: str, keys: Iterable[str]) -> list[str]:
    """The keys that a name stands for without its case, blanks and maker, or that begin with it.

    >>> keys_like("nvidia h100", ["H200", "H100-SXM", "H100-PCIe"]), keys_like("none", ["H200"])
    (['H100-PCIe', 'H100-SXM'], [])
    """
    plain = bare(word[:_LONGEST])
    for brand in _BRANDS:
        plain = plain.removeprefix(brand)
    known = {key: bare(key) for key in sorted(keys)}
    exact = [key for key, name in known.items() if name == plain]
    if exact or len(plain) < 2 or not any(map(str.isdigit, plain)):
        return exact
    return [key for key, name in known.items() if name.removeprefix("rtx").startswith(plain)]


def near_keys(word: str, keys: Iterable[str]) -> str:
    """The end of a sentence that names the keys that were probably meant; empty for none.

    >>> near_keys("l4", ["L4", "L40S"])
    '; did you mean L4?'
    """
    known = list(keys)
    without_memory = re.sub(r"[\s_-]*\d+\s*GB\b", "", word[:_LONGEST], flags=re.I)
    found = (keys_like(word, known) or keys_like(without_memory, known))[:_MOST_TOLD]
    return f"; did you mean {' or '.join(found)}?" if found else suggestion(word, known)
