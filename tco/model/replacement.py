"""GPUs that are replaced after some months, and what all hardware is worth at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.finance.residual import residual_share
from tco.model import ownership
from tco.numeric import ceil, select

if TYPE_CHECKING:
    from tco.inputs import Inputs
    from tco.model.periods import Period
    from tco.numeric import Truth


class Refresh:
    """The GPUs and spares in use: their age, and the market value that it is counted from."""

    def __init__(self, v: Inputs) -> None:
        every = v.refresh_months
        self.refreshed: Truth = every > 0
        self.every = select(self.refreshed, every, 1)
        self.net = 1 - v.selling_cost_rate
        hardware = ownership.hardware(v)
        self.gpus: Any = hardware["gpus"] + hardware["spares"]
        self.others = hardware["servers"]
        self.market_value = ownership.market_value(v)
        self.next_gpus = v.gpus * (1 + v.spares_rate) * v.refresh_price_usd_per_gpu
        self.cost = self.next_gpus * (1 + v.sales_tax_rate)
        self.kept_a_month = residual_share(v.resale_decline_per_year, 1)
        self.share: Any = 1
        horizon = v.horizon_months
        newest = (ceil(ceil(horizon) / self.every) - 1) * self.every
        self.share_at_end = residual_share(v.resale_decline_per_year, horizon - newest)

    def advance(self, period: Period) -> tuple[Truth, Any]:
        """Whether the GPUs are replaced at the end of the month, and what the old ones fetch."""
        self.share = self.share * self.kept_a_month
        due = self.refreshed & period.inside & (period.month % self.every == 0)
        fetched = self.gpus * self.share * self.net
        self.gpus = select(due, self.next_gpus, self.gpus)
        self.share = select(due, 1, self.share)
        return due, fetched

    def resale(self, period: Period) -> Any:
        """What all hardware fetches at the end of the month [USD]."""
        share = select(period.inside, self.share, self.share_at_end)
        newer = (self.gpus * share + self.others * period.residual) * self.net
        return select(self.refreshed, newer, self.market_value * period.residual)
