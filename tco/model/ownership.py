"""What owning takes: servers and racks, and what the facility costs in a full first month."""

from __future__ import annotations

from typing import Any

from tco.inputs import Inputs
from tco.model import facility
from tco.numeric import Numeric, Truth, any_true, ceil, larger, select


def servers(v: Inputs) -> Numeric:
    """Servers bought: a share of one unless `whole_servers`."""
    share = v.gpus / v.gpus_per_server
    return select(v.whole_servers, ceil(share), share)


def gpus(v: Inputs) -> Numeric:
    """GPUs bought: with `sold_by_server` all that fit into whole servers."""
    filled: Any = v.sold_by_server & v.whole_servers
    return select(filled, servers(v) * v.gpus_per_server, v.gpus) if any_true(filled) else v.gpus


def install_usd(v: Inputs) -> Numeric:
    """Freight and racking [USD]; what is there already takes none."""
    return select(v.already_owned, 0, gpus(v) * v.install_usd_per_gpu)


def rack_servers(v: Inputs) -> Numeric:
    """Full servers that one rack holds."""
    server_kw = facility.peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w)
    return facility.servers_per_rack(v.rack_units, v.server_units, v.rack_kw, server_kw)


def racks(v: Inputs) -> Numeric:
    """Racks occupied: a share of one unless `whole_racks`; `inf` when a rack holds no server."""
    return facility.racks_needed(servers(v), rack_servers(v), v.whole_racks)


def delivered(v: Inputs, month: int) -> Truth:
    """Whether what was bought is there in a month."""
    return v.delivery_months < month


def it_kw(v: Inputs, servers: Numeric) -> tuple[Numeric, Numeric]:
    """What the IT equipment draws, averaged over all hours: in busy ones, and in idle ones [kW]."""
    bought, u = gpus(v), v.utilization
    busy_kw = facility.busy_it_kw(
        v.gpus, v.gpu_w, v.load_factor, bought - v.gpus, v.idle_w, servers, v.server_w
    )
    idle_kw = facility.idle_it_kw(bought, v.idle_w, servers, v.server_w, v.server_idle_share)
    return busy_kw * u, idle_kw * (1 - u)


def energy_kwh(v: Inputs, servers: Numeric) -> Numeric:
    """Energy of the IT equipment in a full month [kWh], whoever pays for it."""
    busy_kw, idle_kw = it_kw(v, servers)
    return facility.energy_kwh(busy_kw + idle_kw, v.hours_per_month)


def energy_usd(v: Inputs, servers: Numeric) -> Numeric:
    """Metered energy of the IT equipment in a full first month [USD]; 0 where a fee includes it."""
    busy_kw, idle_kw = it_kw(v, servers)
    # In busy hours by the tariff; what idle hours draw counts as much more as they cost more.
    kw = busy_kw + idle_kw * v.idle_tariff_ratio
    metered = facility.energy_usd(kw, v.hours_per_month, v.electricity_usd_per_kwh)
    return select(v.hosting == "colo_all_in", 0, metered)


def space_usd(v: Inputs) -> Numeric:
    """Racks on the own site for a month [USD]."""
    own_site: Any = v.hosting == "own_site"
    return select(own_site, racks(v) * v.rack_usd_per_month, 0) if any_true(own_site) else 0


def reserved_kw(v: Inputs, servers: Numeric) -> Numeric:
    """Power of all GPUs and servers at peak [kW]."""
    return facility.peak_it_kw(gpus(v), v.gpu_w, servers, v.server_w)


def colocation_usd(v: Inputs, servers: Numeric) -> Numeric:
    """Reserved power in a colocation for a month [USD]: at least what was committed to."""
    charged: Any = reserved_kw(v, servers)
    committed: Any = v.colo_committed_kw
    if any_true(committed > 0):
        dearer = select(committed > 0, v.colo_overage_ratio - 1, 0)
        charged = larger(charged, committed) + dearer * larger(charged - committed, 0)
    return select(v.hosting == "own_site", 0, charged * v.colo_usd_per_kw_month)
