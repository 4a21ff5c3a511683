"""Write docs/inputs.md: every input with its domain, default, range and source."""

from __future__ import annotations

from pathlib import Path

from tco.inputs import ENTRIES, GROUPS, INPUTS, Param
from tco.market.catalogue import Default, load
from tco.market.choice import default_entry
from tco.report.csv import cell

HEAD = """# Inputs

Every input of `tco.breakeven()` and of all other questions: one name in Python, on the command line
(`--gpus-per-server`), in CSV files and in the app's link. `tco inputs` prints them with the values
of today's data. *Neutral* is the value that counts nothing; low and high are read as the 10th and
90th percentile. How values may be written: [what you type](entry.md). This page is written by
`python -m docs.make_inputs`.
"""

ENTRIES_HEAD = """
## Given instead of an input

What is given by these names becomes an input at once, wherever inputs are given; what it becomes is
said. Grids and questions about one input take the input itself.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for group in GROUPS:
        parts.append(f"\n## {group.capitalize()}\n")
        parts.append(
            "| input | unit | domain | neutral | default | low – high | source, date | meaning |"
        )
        parts.append("|---|---|---|---|---|---|---|---|")
        for name, declared in INPUTS.items():
            if declared.group != group:
                continue
            entry = default_entry(name, load().newest)
            source = f"{load().cited(entry.source_id)[0]}, {entry.as_of}"
            cells = (
                f"`{name}`",
                declared.unit,
                _domain(declared),
                cell(declared.neutral),
                f"from {entry.origin}" if entry.origin else cell(entry.default),
                _range(entry),
                source,
                declared.meaning,
            )
            parts.append("| " + " | ".join(text.replace("|", "/") for text in cells) + " |")
    parts.append(ENTRIES_HEAD)
    parts += ["| given | unit | domain | meaning |", "|---|---|---|---|"]
    for name, declared in ENTRIES.items():
        parts.append(f"| `{name}` | {declared.unit} | {declared.domain} | {declared.meaning} |")
    return "\n".join(parts) + "\n"


def _domain(declared: Param) -> str:
    return f"{'whole, ' if declared.kind == 'integer' else ''}{declared.domain}"


def _range(believed: Default) -> str:
    if believed.low_factor is not None:
        return f"{cell(believed.low_factor)} – {cell(believed.high_factor)} times the value"
    if believed.low is None:
        return ""
    return f"{cell(believed.low)} – {cell(believed.high)}"


if __name__ == "__main__":
    Path(__file__).with_name("inputs.md").write_text(page(), encoding="utf-8")
