"""How many GPUs of a fleet may be owned: what the sites hold, and what the user sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tco.analysis.declared import LIMITS
from tco.errors import InputError, Problem, shown
from tco.model.facility import at_the_meter_kw, peak_it_kw
from tco.numeric import floor
from tco.workload.domains import number_of

# More GPUs than any fleet has: no limit.
_NO_LIMIT = 10**9


class Capacity(NamedTuple):
    """What may be bought: GPUs, in `purchases` of several at a time; which `limits` say so."""

    gpus: int
    purchases: int
    limits: tuple[str, ...]


def capacity_of(
    values: dict[str, Any],
    per_purchase: int,
    owned_max: Any = None,
    site_kw: Any = None,
    site_units: Any = None,
) -> Capacity:
    """How many GPUs fit, whole purchases in each site; InputError for what is no limit.

    A site holds what its power feeds at peak and its racks have room for. Where GPUs are bought one
    by one each takes its share of a server.

    >>> host = {"gpu_w": 72.0, "server_w": 624.0, "gpus_per_server": 8, "server_units": 2}
    >>> capacity_of(host | {"pue": 1.5}, 8, site_kw=[5.0, 1.8], site_units=[42, 4])
    Capacity(gpus=24, purchases=3, limits=('site_kw',))
    """
    problems: list[Problem] = []
    power, space = (
        _sites(name, given, problems)
        for name, given in (("site_kw", site_kw), ("site_units", site_units))
    )
    most = _sites("owned_max", owned_max, problems)
    if most and len(most) > 1:
        problems.append(Problem("owned_max", f"owned_max = {shown(owned_max)} is not one number"))
    if power and space and len(power) != len(space):
        message = (
            f"site_kw and site_units speak of {len(power)} and {len(space)} sites: "
            "give both for each site"
        )
        problems.append(Problem("site_units", message))
    if problems:
        raise InputError(problems)
    per_server = int(values["gpus_per_server"])
    server_kw: Any = at_the_meter_kw(
        peak_it_kw(per_server, values["gpu_w"], 1, values["server_w"]), values["pue"]
    )
    by_power = [_held(kw, server_kw, per_server, per_purchase) for kw in power or ()]
    by_space = [_held(u, values["server_units"], per_server, per_purchase) for u in space or ()]
    found = {"site_kw": sum(by_power), "site_units": sum(by_space)}
    held = [name for name, sites in (("site_kw", power), ("site_units", space)) if sites]
    in_sites = _NO_LIMIT
    if held:
        one, other = by_power or by_space, by_space or by_power
        in_sites = sum(map(min, one, other))
    if most:
        found["owned_max"] = int(most[0]) // per_purchase
        held.append("owned_max")
    purchases = min(in_sites, found.get("owned_max", _NO_LIMIT))
    limits = tuple(name for name in held if found[name] == purchases)
    if held and not limits:  # of several sites some lack power, others space
        limits = ("site_kw", "site_units")
    return Capacity(purchases * per_purchase, purchases, limits)


def _held(room: float, of_server: float, per_server: int, per_purchase: int) -> int:
    """Purchases that the power, or the height, of one site holds."""
    if of_server <= 0:
        return _NO_LIMIT
    if per_purchase % per_server == 0:
        return int(floor(room / of_server)) * per_server // per_purchase
    return int(floor(room / of_server * per_server)) // per_purchase


def _sites(name: str, given: Any, problems: list[Problem]) -> list[float] | None:
    """A number for each site; None where nothing is given."""
    if given is None:
        return None
    domain = LIMITS[name]
    several = hasattr(given, "__iter__") and not isinstance(given, str)
    listed: Sequence[Any] = list(given) if several else [given]
    numbers = [number_of(one) for one in listed]
    for one, number in zip(listed, numbers, strict=True):
        if number is None or not domain.contains(number):
            what = "is not a number" if number is None else f"is outside {domain.text}"
            problems.append(Problem(name, f"{name} = {shown(one)} {what}: {domain.meaning}"))
    if not listed:
        problems.append(Problem(name, f"{name} is empty: {domain.meaning}"))
    return [number for number in numbers if number is not None]
