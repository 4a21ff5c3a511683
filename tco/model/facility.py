"""The facility: power drawn and reserved, cooling, and how many servers fit into a rack."""

from __future__ import annotations

from tco.numeric import (
    WATTS_PER_KILOWATT,
    Numeric,
    Truth,
    ceil,
    divide,
    floor,
    infinity,
    select,
    smaller,
)


def busy_it_kw(
    gpus: Numeric,
    gpu_w: Numeric,
    load_factor: Numeric,
    surplus: Numeric,
    idle_w: Numeric,
    servers: Numeric,
    server_w: Numeric,
) -> Numeric:
    """Power of the IT equipment in busy hours [kW]; GPUs bought beyond those in use idle.

    >>> busy_it_kw(8, 72.0, 1.0, 0, 32.0, 1.0, 400.0)
    0.976
    """
    working = gpus * gpu_w * load_factor + surplus * idle_w
    return (working + servers * server_w) / WATTS_PER_KILOWATT


def idle_it_kw(
    gpus: Numeric, idle_w: Numeric, servers: Numeric, server_w: Numeric, server_share: Numeric
) -> Numeric:
    """Power of the IT equipment in idle hours [kW]: servers draw a share of theirs.

    >>> idle_it_kw(8, 32.0, 1.0, 400.0, 1)
    0.656
    """
    return (gpus * idle_w + server_share * servers * server_w) / WATTS_PER_KILOWATT


def peak_it_kw(gpus: Numeric, gpu_w: Numeric, servers: Numeric, server_w: Numeric) -> Numeric:
    """Power to reserve [kW]: every GPU at board power, every server at its own.

    >>> peak_it_kw(8, 72.0, 1.0, 400.0)
    0.976
    """
    return (gpus * gpu_w + servers * server_w) / WATTS_PER_KILOWATT


def at_the_meter_kw(it_kw: Numeric, pue: Numeric) -> Numeric:
    """Power that a facility draws for its IT equipment [kW]; `pue` as in `cooling`.

    >>> round(at_the_meter_kw(10.2, 1.3), 2)
    13.26
    """
    return it_kw * pue


def energy_kwh(kw: Numeric, hours: Numeric) -> Numeric:
    """Energy of drawing kw for some hours [kWh].

    >>> energy_kwh(0.75, 730)
    547.5
    """
    return kw * hours


def energy_usd(kw: Numeric, hours: Numeric, usd_per_kwh: Numeric) -> Numeric:
    """Cost of drawing kw for some hours [USD].

    >>> round(energy_usd(0.816, 730, 0.10), 2)
    59.57
    """
    return energy_kwh(kw, hours) * usd_per_kwh


def cooling(it_energy: Numeric, pue: Numeric) -> Numeric:
    """What the facility draws beyond the IT equipment [USD or kWh, as `it_energy`].

    `pue` is facility power over IT power (ISO/IEC 30134-2), at least 1.

    >>> cooling(100.0, 1.5)
    50.0
    """
    return it_energy * (pue - 1)


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
