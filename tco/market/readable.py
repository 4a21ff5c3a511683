"""The keys of the data as a reader has them: sources by publisher, choices and markets by words."""

from __future__ import annotations

import re

from tco.inputs import INPUTS
from tco.market.catalogue import NOT_SOLD_NEW, OWNED, UNKNOWN_GPU, USED, Catalogue

# What may be a key in a text: of a source, or of a choice that is no English word.
_KEY = re.compile(r"\b(?:[a-z0-9]+(?:[-_][a-z0-9]+)+|\dyr)\b")
_NESTED = re.compile(r" \(([^)]*)\)")
_CHOICES = {
    key: declared.word(key)
    for declared in INPUTS.values()
    for key in declared.choices
    if not key.isalpha()
}
# What entries of defaults.toml are for, where the key is no English.
_MARKETS = {
    USED: "bought used",
    OWNED: "already owned",
    UNKNOWN_GPU: "a GPU that is not in the catalog",
    NOT_SOLD_NEW: "no longer sold new",
}


def readable(text: str, catalogue: Catalogue) -> str:
    """A note as a reader has it: a source by its publisher, the key of a choice by its words.

    >>> from tco.market.catalogue import load
    >>> readable("four cards (spotwire-depreciation), 1yr", load())
    'four cards (SpotWire), 1 year'
    """

    def word(found: re.Match[str]) -> str:
        source = catalogue.sources.get(found[0])
        if source is not None:
            return _NESTED.sub(r", \1", source.publisher)
        return _CHOICES.get(found[0], found[0])

    return _KEY.sub(word, text)


def market_words(market: str) -> str:
    """The kind of market, hardware or site that an entry of defaults.toml is for, in words.

    >>> market_words("hyperscaler_spot"), market_words("unknown_gpu")
    ('hyperscaler spot', 'a GPU that is not in the catalog')
    """
    return _MARKETS.get(market, market.replace("_", " "))
