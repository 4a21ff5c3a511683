"""A decision record on paper: what was decided, on what it rests, and a line to sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tco.analysis.actuals import Actuals
from tco.analysis.decision import Decision
from tco.analysis.recheck import Recheck
from tco.inputs import INPUTS
from tco.report.sheet import templates
from tco.words import VERDICT_WORDS, headline, saving_case
from tco.words.currencies import shown_by_default
from tco.words.decisions import saved
from tco.words.figures import capital, percent, rate_text, usd, whole_usd
from tco.words.results import ODDS_WORDS, RESULT_WORDS

_WIDTH = 24
# What stands under a value that is the decider's own, or the policy's.
_STATUSES = {"yours": "given", "policy": "policy"}


def decision_rows(record: Decision) -> list[tuple[str, str]]:
    """What a record says, a title and a text each.

    >>> from tco.analysis.decision import decide
        >>> record = decide(gpu="L4", by="Ada Example", on="2026-11-29", note="two sites")
        >>> decision_rows(record)[1:3]
        [('Decided by', 'Ada Example'), ('Decided on', '2026-11-29')]
    """
    chance = "not known" if record.chance_buy is None else percent(record.chance_buy)
    first = INPUTS[record.check_first].asked if record.check_first in INPUTS else ""
    saving, unit = record.npv_saving_usd, "per busy GPU-hour"
    rows = [
        ("Decision", headline(record.verdict, record.confidence)),
        ("Decided by", record.decided_by),
        ("Decided on", record.decided_on),
        ("Reason", record.note),
        ("Present value", saved(saving_case(record.verdict, saving), saving)),
        (RESULT_WORDS["own_usd_per_gpu_hour"].short, f"{usd(record.own_usd_per_gpu_hour)} {unit}"),
        (
            RESULT_WORDS["rent_usd_per_gpu_hour"].short,
            f"{usd(record.rent_usd_per_gpu_hour)} {unit}",
        ),
        (ODDS_WORDS["chance_buy"].label, chance),
        ("To check first", capital(first)),
        ("Data", f"{capital(record.data)}, as of {record.data_date}"),
        ("Policy", record.policy),
        ("Versions", f"tco {record.tco_version}, model {record.model_version}"),
    ]
    return [(title, text) for title, text in rows if text]


def decided_inputs(record: Decision) -> list[tuple[str, str, str]]:
    """The inputs that were given or that a policy set: label, value and which of the two."""
    return [
        (INPUTS[name].label, INPUTS[name].written(told["value"]), _STATUSES[told["status"]])
        for name, told in record.values.items()
        if name in INPUTS and told["status"] in _STATUSES
    ]


# What a check of a decision lists of each input that moved.
MOVED = ("Input", "Then", "Now", "Effect on the saving from buying")


def moved_rows(found: Recheck) -> list[tuple[str, str, str, str]]:
    """The inputs that moved since a decision, in the columns MOVED, the largest effect first.

    >>> from tco.analysis.decision import decide
        >>> from tco.analysis.recheck import recheck
        >>> record = decide(gpu="L4", utilization=0.5, by="Ada Example")
        >>> moved_rows(recheck(record, utilization=0.4))[0][:3]
        ('Utilization', '50 %', '40 %')
    """
    return [
        (capital(cause.phrase), cause.before, cause.after, whole_usd(cause.effect_usd))
        for cause in found.moves
    ]


# What a period lists of each quantity.
PLAN = ("Quantity", "Planned", "Actual")


def actual_rows(found: Actuals) -> list[tuple[str, str, str]]:
    """What was planned and what was measured, a quantity a row."""
    return [
        (title, say(found.planned[name]), say(found.actual[name]))
        for name, (title, say) in _QUANTITIES.items()
        if name in found.actual
    ]


_QUANTITIES: dict[str, tuple[str, Callable[[float], str]]] = {
    "gpu_hours": ("GPU-hours billed", lambda x: f"{x:,.0f}"),
    "usd_per_gpu_hour": ("Rate per GPU-hour", rate_text),
    "compute_usd": ("Cost of these hours", usd),
    "utilization": ("Utilization", percent),
    "load_factor": ("Load factor", percent),
    "idle_w": ("Idle power", lambda x: f"{x:,.0f} W"),
    "energy_usd_per_month": ("Energy of owning, a month", usd),
}


def decision_text(record: Decision) -> str:
    """The record for a terminal or a letter, with a line to sign and to date."""
    rows = decision_rows(record)
    wide = max(len(title) for title, _ in rows)
    lines = [f"{title:<{wide}}  {text}" for title, text in rows]
    if given := decided_inputs(record):
        lines += ["", "Inputs"]
        lines += [f"  {label:<{_WIDTH * 2}}  {value} ({whose})" for label, value, whose in given]
    rule = "_" * _WIDTH
    lines += ["", f"{'Signature':<{wide}}  {rule}", "", f"{'Date':<{wide}}  {rule}"]
    return "\n".join(lines) + "\n"


def decision_page(record: Decision) -> str:
    """The record as an HTML page that prints on one A4 page, with a line to sign and to date.

    >>> from tco.analysis.decision import decide
        >>> "Ada &lt;Example&gt;" in decision_page(decide(gpu="L4", by="Ada <Example>"))
        True
    """
    with shown_by_default(record.as_decided().conversion):
        told: dict[str, Any] = {
            "dated": record.decided_on,
            "title": f"Decision record: {VERDICT_WORDS[record.verdict]}",
            "rows": decision_rows(record),
            "inputs": decided_inputs(record),
        }
        return templates().get_template("decision.html.j2").render(told)
