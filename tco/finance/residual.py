"""What hardware is worth when it is sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.numeric import compound

if TYPE_CHECKING:
    from tco.numeric import Numeric


def residual_share(decline_per_year: Numeric, months: Numeric) -> Numeric:
    """Share of the market value left after some months, by a constant annual decline.

    Declining balance on the market value; a decline of 1 leaves nothing at any time above 0.

    >>> residual_share(0.25, 24.0)
    0.5625
    """
    return compound(-decline_per_year, months)
