"""What owning takes: servers and racks, and what the facility costs in a full first month."""

from __future__ import annotations

from typing import Any

from tco.inputs import Inputs
from tco.model import facility
from tco.numeric import Numeric, any_true, ceil, select


def servers(v: Inputs) -> Numeric:
    """Servers bought: a share of one unless `whole_servers`."""
    share = v.gpus / v.gpus_per_server
    return select(v.whole_servers, ceil(share), share)


def rack_servers(v: Inputs) -> Numeric:
    """Full servers that one rack holds."""
    server_kw = facility.peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w)
    return facility.servers_per_rack(v.rack_units, v.server_units, v.rack_kw, server_kw)


def racks(v: Inputs) -> Numeric:
    """Racks occupied: a share of one unless `whole_racks`; `inf` when a rack holds no server."""
    return facility.racks_needed(servers(v), rack_servers(v), v.whole_racks)


def energy_usd(v: Inputs, servers: Numeric) -> Numeric:
    """Metered energy of the IT equipment in a full first month [USD]; 0 where a fee includes it."""
    kw = facility.mean_it_kw(
        v.gpus, v.gpu_w, v.load_factor, v.idle_w, v.utilization, servers, v.server_w
    )
    metered = facility.energy_usd(kw, v.hours_per_month, v.electricity_usd_per_kwh)
    return select(v.hosting == "colo_all_in", 0, metered)


def space_usd(v: Inputs) -> Numeric:
    """Racks on the own site for a month [USD]."""
    own_site: Any = v.hosting == "own_site"
    return select(own_site, racks(v) * v.rack_usd_per_month, 0) if any_true(own_site) else 0


def colocation_usd(v: Inputs, servers: Numeric) -> Numeric:
    """Reserved power in a colocation for a month [USD]."""
    reserved = facility.peak_it_kw(v.gpus, v.gpu_w, servers, v.server_w) * v.colo_usd_per_kw_month
    return select(v.hosting == "own_site", 0, reserved)
