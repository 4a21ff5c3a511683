"""Power drawn and reserved, and what cooling adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.numeric import WATTS_PER_KILOWATT

if TYPE_CHECKING:
    from tco.numeric import Numeric


def mean_it_kw(
    gpus: Numeric,
    gpu_w: Numeric,
    load_factor: Numeric,
    idle_w: Numeric,
    utilization: Numeric,
    servers: Numeric,
    server_w: Numeric,
) -> Numeric:
    """Mean power of the IT equipment [kW]: busy and idle GPUs, and their servers.

    >>> mean_it_kw(8, 72.0, 1.0, 32.0, 0.5, 1.0, 400.0)
    0.816
    """
    per_gpu = gpu_w * load_factor * utilization + idle_w * (1 - utilization)
    return (gpus * per_gpu + servers * server_w) / WATTS_PER_KILOWATT


def peak_it_kw(gpus: Numeric, gpu_w: Numeric, servers: Numeric, server_w: Numeric) -> Numeric:
    """Power to reserve [kW]: every GPU at board power, every server at its own.

    >>> peak_it_kw(8, 72.0, 1.0, 400.0)
    0.976
    """
    return (gpus * gpu_w + servers * server_w) / WATTS_PER_KILOWATT


def energy_usd(kw: Numeric, hours: Numeric, usd_per_kwh: Numeric) -> Numeric:
    """Cost of drawing kw for some hours [USD].

    >>> round(energy_usd(0.816, 730, 0.10), 2)
    59.57
    """
    return kw * hours * usd_per_kwh


def cooling_usd(it_energy_usd: Numeric, pue: Numeric) -> Numeric:
    """What the facility draws beyond the IT equipment [USD].

    `pue` is facility power over IT power (ISO/IEC 30134-2), at least 1.

    >>> cooling_usd(100.0, 1.5)
    50.0
    """
    return it_energy_usd * (pue - 1)
