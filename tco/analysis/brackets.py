"""Where to look for a change of sign: points of an input's range, its jumps among them."""

from __future__ import annotations

import math
from typing import Any

from tco.analysis.savings import spread
from tco.inputs import INPUTS
from tco.model.power import peak_it_kw
from tco.model.racks import servers_by_space
from tco.numeric import WATTS_PER_KILOWATT

# Points of a range; every whole number of it where there are no more.
_EVENLY, _WHOLE = 65, 257
# The points just before and just after a jump, as a share of its distance from 0.
NEAR = 10**9


def search_grid(values: dict[str, Any], name: str, low: float, high: float) -> Any:
    """Ascending values of an input from low to high, between which a flip may lie.

    Integers: every whole number, or so many evenly by their ratio. Other numbers: evenly, and the
    places where the saving can jump, each with a neighbour on either side. `values` are those of
    all inputs.

    >>> search_grid({}, "gpus", 4, 8).tolist()
    [4.0, 5.0, 6.0, 7.0, 8.0]
    """
    import numpy as np

    declared = INPUTS[name]
    if declared.kind != "integer":
        found = np.concatenate([spread(declared, low, high, _EVENLY), *_jumps(values, name, high)])
    elif high - low < _WHOLE:
        found = np.arange(low, high + 1)
    else:
        found = np.round([low, *np.geomspace(max(low, 1), high, _WHOLE)])
    inside = (found >= low) & (found <= high) & declared.contains(found)
    return np.unique(found[inside]).astype(float)


def _jumps(values: dict[str, Any], name: str, high: float) -> list[Any]:
    """Where the saving may jump: month ends, and the borders at which a rack holds one more."""
    import numpy as np

    if name == "horizon_months":
        ends = np.arange(1, math.ceil(high) + 1)
        return [_around(ends), ends - 1 / 2]
    if name not in ("rack_kw", "gpu_w", "server_w") or values["hosting"] != "own_site":
        return []
    most = servers_by_space(values["rack_units"], values["server_units"])
    count = np.arange(1, int(most) + 1)
    cards, card_w, server_w = (values[n] for n in ("gpus_per_server", "gpu_w", "server_w"))
    if name == "rack_kw":
        return [_around(count * peak_it_kw(cards, card_w, 1, server_w))]
    peak_w = _around(values["rack_kw"] / count) * WATTS_PER_KILOWATT
    return [(peak_w - server_w) / cards if name == "gpu_w" else peak_w - cards * card_w]


def _around(places: Any) -> Any:
    import numpy as np

    return np.concatenate([places - places / NEAR, places, places + places / NEAR])
