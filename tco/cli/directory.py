"""Every command once: its group, the module that has it, and what it answers, in a line.

`tco --help` and the completion of commands read this alone: a command's module is loaded when it is
asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Listed(NamedTuple):
    """A command: its name, the module of `tco.cli` that has it, its summary, and an example."""

    name: str
    module: str
    summary: str
    example: str = ""


# The commands that a newcomer needs, then the others by what they are about, each group in the
# order in which its commands are needed.
GROUPS: dict[str, tuple[Listed, ...]] = {
    "Start here": (
        Listed(
            *(
                "breakeven",
                "scenario_commands",
                "Rent or buy: the answer, and what would change it.",
            ),
            "tco breakeven --gpu L4 --gpus 8 --utilization 60%",
        ),
        Listed(
            *("options", "scenario_commands", "Every way to rent or own them, cheapest first."),
            "tco options --gpu H100-SXM --utilization 0.5",
        ),
        Listed(
            *("work", "work", "From users or requests to GPUs, hours and costs."),
            "tco work --model Llama-3.1-8B --users 1000 --use-case chat --gpu L4",
        ),
        Listed(
            *("report", "scenario_commands", "A report to share: workbook, PDF, page or CSV."),
            "tco report --gpu L4 --utilization 0.6 -o report.xlsx",
        ),
        Listed("app", "programs", "The app in a browser, with sliders and charts.", "tco app"),
    ),
    "Questions about a scenario": (
        Listed("flips", "scenario_commands", "The break-even of each input"),
        Listed("simulate", "scenario_commands", "The odds, and what to check first"),
        Listed("tornado", "scenario_commands", "Which inputs matter most"),
        Listed("stress", "scenario_commands", "The answer in stress scenarios"),
        Listed("win-map", "scenario_commands", "A map of who wins, by two inputs"),
        Listed("curves", "scenario_commands", "Cumulative costs by month"),
        Listed("ledger", "scenario_commands", "Every cost item, month by month"),
        Listed("rack", "scenario_commands", "How the servers fill racks"),
    ),
    "Finance": (
        Listed("measures", "finance_commands", "NPV, IRR, paybacks, annual costs"),
        Listed("goal", "goal", "What it takes to reach a target"),
        Listed("bridge", "finance_commands", "From rental to ownership cost"),
        Listed("accounting", "accounting", "Profit and loss, book values"),
        Listed("lease-rate", "lease", "The rate implicit in a lease"),
    ),
    "From work to GPUs": (
        Listed("substitutes", "work", "The same work on every GPU"),
        Listed("compare-api", "work", "Whether an API is cheaper"),
        Listed("fleet", "fleet", "How many to own, how many to rent"),
        Listed("fit", "work", "Whether a model fits on a GPU"),
        Listed("speed", "work", "Tokens per second of a model"),
        Listed("models", "work", "The models that tco knows"),
        Listed("serverless", "work", "The same work rented by the second"),
        Listed("successor", "work", "Fewer, faster GPUs later on"),
        Listed("other-work", "work", "Images, speech, video, seats"),
        Listed("training", "work", "A training run"),
    ),
    "Bills, logs and tables": (
        Listed("bill", "bill", "GPU-hours in a cloud bill"),
        Listed("telemetry", "bill", "How busy GPUs are, from logs"),
        Listed("from-bill", "bill", "Utilization from a month's bill"),
        Listed("sweep", "sweep", "A table or grid of scenarios"),
    ),
    "Market and prices": (
        Listed("gpus", "lists", "GPUs with prices and rates"),
        Listed("rates", "lists", "Rental rates, every observation"),
        Listed("offers", "lists", "Rental offers for one GPU"),
        Listed("history", "lists", "Rental prices over time"),
        Listed("inputs", "lists", "Every input: default and source"),
        Listed("prices", "prices", "Your own prices and quotes"),
        Listed("data", "prices", "The data that comes with tco"),
    ),
    "Decisions": (
        Listed("decide", "decision", "Record a decision"),
        Listed("decision", "decision", "Print a record for signature"),
        Listed("recheck", "decision", "Whether it still holds today"),
        Listed("actuals", "actuals", "Forecast versus actuals"),
    ),
    "Servers and tools": (
        Listed("serve", "serve", "Answers over HTTP"),
        Listed("mcp", "mcp", "Tools for AI agents (MCP)"),
        Listed("addin", "programs", "Functions for LibreOffice"),
        Listed("completion", "programs", "Tab completion for bash and zsh"),
    ),
}
START = next(iter(GROUPS))


def listed() -> Iterator[Listed]:
    """Every command, in the order of the help."""
    for commands in GROUPS.values():
        yield from commands
