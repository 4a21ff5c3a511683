"""What the model leaves out, and what stands in for each: an input, or a line of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tco.inputs import INPUTS
from tco.inputs.lines import Line
from tco.report.line_table import CHOICES


@dataclass(frozen=True)
class Uncounted:
    """Something that is not counted; `input` or the fields of a `line` stand in for it."""

    what: str
    input: str = ""
    line: dict[str, Any] = field(default_factory=dict)

    @property
    def instead(self) -> str:
        """What to enter for it.

        >>> Uncounted("x", "tax_rate").instead
        'input “Income tax rate”'
        >>> Uncounted("x", line={"side": "own", "basis": "server", "when": "exit"}).instead
        'own line: owning, per server, on exit'
        """
        if self.input:
            return f"input “{INPUTS[self.input].label}”"
        words = [CHOICES[name][self.line[name]] for name in ("side", "basis", "when")]
        if (last := self.line.get("last_month")) is not None:
            first = self.line["first_month"]
            words[-1] = f"in month {last}" if first == last else f"in months {first} to {last}"
        return f"own line: {', '.join(words)}"

    @property
    def told(self) -> str:
        """Both in a phrase."""
        return f"{self.what} ({self.instead})"

    def as_line(self, usd: float) -> Line:
        """The line that stands in for it, of an amount.

        >>> Uncounted("x", line={"side": "own", "basis": "gpu", "when": "start"}).as_line(9.0).usd
        9.0
        """
        return Line(name=self.what[:60], usd=usd, **self.line)


def _own(basis: str, when: str, **more: int) -> dict[str, Any]:
    return {"side": "own", "basis": basis, "when": when, **more}


UNCOUNTED = (
    Uncounted("income taxes unless a tax rate is given", "tax_rate"),
    Uncounted(
        "downtime of failed GPUs and the work lost with it", line=_own("busy_gpu_hour", "monthly")
    ),
    Uncounted(
        "set-up months in which installed hardware does no work",
        line=_own("gpu", "monthly", first_month=1, last_month=2),
    ),
    Uncounted(
        "other taxes and duties as a share of the hardware cost",
        line=_own("item:gpus", "start"),
    ),
    Uncounted(
        "VAT that is not recovered on rented hours",
        line={"side": "rent", "basis": "item:compute", "when": "monthly"},
    ),
    Uncounted("annual prepayments", line=_own("fixed", "monthly", first_month=13, last_month=13)),
    Uncounted("decommissioning", line=_own("server", "exit")),
    Uncounted("data transfer beyond the amount given", "storage_egress_usd_per_gpu_month"),
    Uncounted(
        "UPS and cooling plant at your own site beyond rack rent", line=_own("facility_kw", "start")
    ),
    Uncounted("the option value of flexibility", line=_own("gpu", "start")),
)


def uncounted(values: Mapping[str, Any]) -> tuple[Uncounted, ...]:
    """What is not counted with these inputs: income tax only while there is no rate.

    >>> len(uncounted({"tax_rate": 0.25})), len(uncounted({"tax_rate": 0}))
    (9, 10)
    """
    return tuple(one for one in UNCOUNTED if one.input != "tax_rate" or not values["tax_rate"])
