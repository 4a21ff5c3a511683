"""Values that follow from others: by the number of servers, with the warranty, with the watts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from tco.market.catalogue import HOST_EXTRAS, UNKNOWN_GPU, Catalogue
from tco.market.choice import Question, default_entry, range_of, resolve
from tco.market.evidence import Resolved
from tco.numeric import any_true, ceil, is_array, select

_WARRANTY, _SERVER_WARRANTY = "warranty_months", "server_warranty_months"
# What can follow from an input that is given: see `follow`.
FOLLOWERS = {_WARRANTY: _SERVER_WARRANTY, "gpu_w": "idle_w"}
# What says how many servers there are.
SIZES = ("gpus", "gpus_per_server")
# The largest number of servers of each tier, ascending to infinity, with the value there.
Tiers = tuple[tuple[float, Any], ...]
_ASKED = ("gpu", "hosting", "region", "as_of")
# All that decides what there is of such an input.
SIZED_BY = (*SIZES, *_ASKED)


def follow(
    values: Mapping[str, Any], given: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, Any]:
    """The values, by name, that are not given and follow from others that are.

    The servers' warranty is as long as that of the GPUs where only this one is given. A GPU that is
    not in the catalog idles at a share of its board power (defaults.toml). What a host class has
    by the number of servers is that of as many as there are.

    >>> from tco.market.catalogue import load
    >>> from tco.market.choice import resolved_values
    >>> values = resolved_values(Question(gpu="H100-SXM"), load()) | {"gpus": 16}
    >>> follow(values, {"warranty_months": 12, "gpus": 16}, load())
    {'network_usd_per_gpu': 810.0, 'colo_usd_per_kw_month': 627.0, 'server_warranty_months': 12}
    """
    found = sized(values, given, catalogue) | own_idle(values, given, catalogue)
    if _WARRANTY in given and _SERVER_WARRANTY not in given:
        found[_SERVER_WARRANTY] = given[_WARRANTY]
    return found


def own_idle(
    values: Mapping[str, Any], given: Collection[str], catalogue: Catalogue
) -> dict[str, Any]:
    """The idle power of a GPU that is not in the catalog, where it is not given."""
    found = {}
    idle: Any = values["idle_w"]
    lacking: Any = idle is None or idle != idle  # noqa: PLR0124 (NaN)
    if "idle_w" not in given and any_true(lacking) and values["gpu_w"] is not None:
        share = default_entry("idle_w", catalogue.newest, UNKNOWN_GPU, catalogue).factor
        own = share * values["gpu_w"]
        found["idle_w"] = own if idle is None else select(lacking, own, idle)
    return found


def sized(
    values: Mapping[str, Any], given: Collection[str], catalogue: Catalogue
) -> dict[str, Any]:
    """The values that are not given and differ from those of one server, by name."""

    def tiers(gpu: str, hosting: str, region: str, as_of: str) -> dict[str, Tiers]:
        asked = Question(gpu=gpu, hosting=hosting, region=region, as_of=as_of)
        found = resolve(asked, catalogue)
        return {
            name: tuple((most, entry.value) for most, entry in found[name].tiers)
            for name in HOST_EXTRAS
            if found[name].tiers and name not in given
        }

    return by_size(values, tiers)


def following(
    entry: Resolved, value: Any, values: Mapping[str, Any], catalogue: Catalogue
) -> Resolved:
    """An input whose value `follow` says of some values, with where that comes from."""
    if entry.name == _SERVER_WARRANTY:
        note = "as long as the warranty on GPUs, which is given"
        return replace(entry, value=value, status="yours", source_id="", as_of="", note=note)
    if entry.tiers:
        return tier_of(entry, value, values)
    if hasattr(value, "shape"):
        return replace(entry, value=value)
    belief = default_entry(entry.name, catalogue.newest, UNKNOWN_GPU, catalogue)
    low, high = range_of(belief, value)
    return replace(entry, value=value, low=low, high=high)


def servers_of(values: Mapping[str, Any]) -> Any:
    """Servers for the GPUs, of which the last may hold other cards too.

    >>> servers_of({"gpus": 12.0, "gpus_per_server": 8.0})
    2.0
    """
    return ceil(values["gpus"] / values["gpus_per_server"])


def at_size(tiers: Tiers, servers: Any) -> Any:
    """The value for a number of servers, or for each of an array.

    >>> at_size(((1, 50), (64, 1883), (float("inf"), 4248)), 64)
    1883
    """
    if not is_array(servers):
        return next(value for most, value in tiers if not servers > most)
    import numpy as np

    most, found = zip(*tiers, strict=True)
    return np.asarray(found)[np.minimum(np.searchsorted(most, servers), len(most) - 1)]


def by_size(values: Mapping[str, Any], tiers: Callable[..., dict[str, Tiers]]) -> dict[str, Any]:
    """What differs from the values of one server, by name, where there are more.

    `tiers` says what there is by a GPU, its hosting, the region and the day.
    """
    servers = servers_of(values)
    if not is_array(servers):
        if not servers > 1:
            return {}
        if not any(is_array(values[name]) for name in _ASKED):
            listed = tiers(*(values[name] for name in _ASKED))
            return {name: at_size(entry, servers) for name, entry in listed.items()}
    import numpy as np
    import pandas as pd

    columns = [np.asarray(values[name], dtype=object) for name in _ASKED]
    servers, *columns = np.broadcast_arrays(np.asarray(servers, dtype=np.float64), *columns)
    large = np.flatnonzero(servers > 1)
    if not large.size:
        return {}
    found: dict[str, Any] = {}
    kind = np.zeros(large.size, dtype=np.int64)
    for column in columns:
        if any(column.strides):
            places, levels = pd.factorize(column.reshape(-1)[large])
            kind = kind * len(levels) + places
    for one in np.unique(kind).tolist():
        rows = large[kind == one]
        listed = tiers(*(column.flat[rows[0]] for column in columns))
        for name, entry in listed.items():
            if name not in found:
                usual = np.asarray(values[name], dtype=np.float64)
                found[name] = np.array(np.broadcast_to(usual, servers.shape))
            found[name].flat[rows] = at_size(entry, servers.flat[rows])
    return found


def tier_of(entry: Resolved, value: Any, values: Mapping[str, Any]) -> Resolved:
    """An input with tiers as it is for the servers there are, of a table for all of its rows."""
    listed = [tier for _, tier in entry.tiers]
    if not is_array(value):
        found: Resolved = at_size(entry.tiers, servers_of(values))
        return replace(found, tiers=entry.tiers)
    alike = {tier.status for tier in listed}
    return replace(
        entry,
        value=value,
        status=entry.status if len(alike) == 1 else "mixed",
        source_id=" ".join(dict.fromkeys(one for tier in listed for one in tier.source_id.split())),
        as_of=max(tier.as_of for tier in listed),
        note="differs by row",
        low=min((tier.low for tier in listed if tier.low is not None), default=None),
        high=max((tier.high for tier in listed if tier.high is not None), default=None),
    )
