"""The ledger of owning: what is paid at the start, each month, and got back at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.model.flow import ELECTRICITY, FLAT, FLAT_AFTER_WARRANTY, OPEX, OPEX_AFTER_WARRANTY, Flow
from tco.model.power import cooling_usd, energy_usd, mean_it_kw, peak_it_kw
from tco.model.racks import racks_needed, servers_per_rack
from tco.numeric import MONTHS_PER_YEAR, any_true, ceil, select

if TYPE_CHECKING:
    from tco.inputs import Inputs
    from tco.numeric import Numeric


def servers(v: Inputs) -> Numeric:
    """Servers bought: a share of one unless `whole_servers`."""
    share = v.gpus / v.gpus_per_server
    return select(v.whole_servers, ceil(share), share)


def rack_servers(v: Inputs) -> Numeric:
    """Full servers that one rack holds."""
    server_kw = peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w)
    return servers_per_rack(v.rack_units, v.server_units, v.rack_kw, server_kw)


def racks(v: Inputs) -> Numeric:
    """Racks occupied: a share of one unless `whole_racks`; `inf` when a rack holds no server."""
    return racks_needed(servers(v), rack_servers(v), v.whole_racks)


def upfront(v: Inputs) -> dict[str, Numeric]:
    """What is paid at t = 0, by item [USD]; of leased hardware the installation."""
    items = hardware(v)
    leased: Any = v.financing == "lease"
    if any_true(leased):
        items = {item: select(leased, 0, cost) for item, cost in items.items()}
    taxed = _sum(items)
    items["install"] = v.gpus * v.install_usd_per_gpu
    items["sales_tax"] = taxed * v.sales_tax_rate
    return items


def monthly(v: Inputs) -> dict[str, Flow]:
    """What is paid in a full first month, by item, and how it grows."""
    n, cost, bought = v.gpus, _sum(hardware(v)), servers(v)
    kw = mean_it_kw(n, v.gpu_w, v.load_factor, v.idle_w, v.utilization, bought, v.server_w)
    metered = energy_usd(kw, v.hours_per_month, v.electricity_usd_per_kwh)
    energy = select(v.hosting == "colo_all_in", 0, metered)
    own_site = v.hosting == "own_site"
    space = select(own_site, racks(v) * v.rack_usd_per_month, 0) if any_true(own_site) else 0
    reserved = peak_it_kw(n, v.gpu_w, bought, v.server_w) * v.colo_usd_per_kw_month
    colocation = select(own_site, 0, reserved)
    maintenance = cost * v.maintenance_rate_per_year / MONTHS_PER_YEAR
    failures = n * v.price_usd_per_gpu * v.failure_rate_per_year / MONTHS_PER_YEAR
    licences = n * v.licence_usd_per_gpu_year / MONTHS_PER_YEAR
    return {
        "energy_it": Flow(energy, ELECTRICITY),
        "energy_cooling": Flow(cooling_usd(energy, v.pue), ELECTRICITY),
        "space": Flow(space, OPEX),
        "colocation": Flow(colocation, OPEX),
        "staff": Flow(n * v.staff_usd_per_gpu_month, OPEX),
        "maintenance": Flow(maintenance, OPEX_AFTER_WARRANTY),
        "failures": Flow(failures, FLAT_AFTER_WARRANTY),
        "licences": Flow(licences, OPEX),
        "insurance": Flow(cost * v.insurance_rate_per_year / MONTHS_PER_YEAR, FLAT),
    }


def market_value(v: Inputs) -> Numeric:
    """What the resale starts from, net of the cost of selling [USD]: GPUs, spares and servers."""
    bought = hardware(v)
    value = bought["gpus"] + bought["spares"] + bought["servers"]
    return value * (1 - v.selling_cost_rate)


def hardware(v: Inputs) -> dict[str, Numeric]:
    """What the hardware costs, by item [USD], whoever pays for it."""
    gpus = v.gpus * v.price_usd_per_gpu
    return {
        "gpus": gpus,
        "spares": gpus * v.spares_rate,
        "servers": servers(v) * v.server_usd,
        "network": v.gpus * v.network_usd_per_gpu,
    }


def _sum(items: dict[str, Numeric]) -> Numeric:
    return sum(items.values())
