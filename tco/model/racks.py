"""Rack density: how many servers fit into a rack, and which limit binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.numeric import ceil, divide, floor, infinity, select, smaller

if TYPE_CHECKING:
    from tco.numeric import Numeric, Truth


def servers_by_space(rack_units: Numeric, server_units: Numeric) -> Numeric:
    """Servers that a rack's height holds.

    >>> servers_by_space(42, 2)
    21.0
    """
    return floor(rack_units / server_units)


def servers_by_power(rack_kw: Numeric, server_kw: Numeric) -> Numeric:
    """Servers that a rack's power feeds at peak; `inf` when a server draws nothing.

    >>> servers_by_power(8.1, 0.675)
    12.0
    """
    nothing = server_kw == 0
    fed = floor(rack_kw / select(nothing, 1, server_kw))
    return select(nothing, infinity(rack_kw), fed)


def servers_per_rack(
    rack_units: Numeric, server_units: Numeric, rack_kw: Numeric, server_kw: Numeric
) -> Numeric:
    """Servers in one full rack: the smaller of the two limits.

    >>> servers_per_rack(42, 2, 17.0, 0.976)
    17.0
    """
    by_space = servers_by_space(rack_units, server_units)
    return smaller(by_space, servers_by_power(rack_kw, server_kw))


def racks_needed(servers: Numeric, per_rack: Numeric, whole: Truth) -> Numeric:
    """Racks for some servers, a share of one unless `whole`; `inf` when a rack holds none.

    >>> racks_needed(18, 17, True), racks_needed(3.0, 0, False)
    (2.0, inf)
    """
    racks = divide(servers, per_rack, infinity(servers))
    none = per_rack == 0
    return select(whole & (per_rack > 0), ceil(select(none, 1, racks)), racks)
