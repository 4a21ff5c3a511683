"""The questions as tools of agents: a server of the Model Context Protocol.

The tools take what the questions take and answer with briefs: a text that reads well, and the same
as structured content. No tool reads a file, writes, or fetches: the data are those that the command
was started with. A wrong argument is answered with the library's message about everything that is
wrong, as an error of the tool, so that an agent can mend its call.
"""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from threading import Event
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from tco.errors import GIVEN_UP, InputError, Problem, TcoError, suggestion
from tco.inputs import TAKEN
from tco.questions import QUESTIONS
from tco.questions.brief import SCHEMA, brief
from tco.questions.schemas import schema_of
from tco.version import __version__

_log = logging.getLogger(__name__)

# So many tools run at once; more wait. A call that takes longer is given up.
AT_ONCE, SECONDS = 4, 60
# No call has as many characters: a year of a demand by the hour has a tenth of it.
MOST_CHARACTERS = 4_000_000
# The inputs that the schemas list, the ones that decide most answers; the tool inputs has all.
LISTED = (
    *("gpu", "gpus", "utilization", "horizon_months", "rate_usd_per_gpu_hour"),
    *("price_usd_per_gpu", "term", "provider", "region", "billing", "billing_overhead"),
    *("price_basis", "already_owned", "server_usd", "hosting", "electricity_usd_per_kwh"),
    *("colo_usd_per_kw_month", "pue", "staff_usd_per_gpu_month", "license_usd_per_gpu_year"),
    *("resale_decline_per_year", "rate_growth_per_year", "financing", "discount_rate", "tax_rate"),
    *("currency", "fx_rate", "fx_as_of", "as_of"),
)
INSTRUCTIONS = """\
tco answers whether to rent GPUs in a cloud or to buy them, from dated and sourced prices.
Give what the user knows and leave everything else out: each input has a sourced default. Inputs \
that are numbers may be strings with a unit ("60%", "$2,500"), or ranges ("0.50..0.85").
Report the first sentence of an answer, how sure it is, and what to check first. Say which numbers \
are the user's own, which come from dated sources, and which are assumptions: `rests_on` has the \
status, source and date of each. Amounts are US dollars unless a `currency` is given.
Names of GPUs, models and inputs are those of the tools gpus, models and inputs. A wrong argument \
is an error that lists everything that is wrong and what was probably meant.\
"""
_ABOUT_SCENARIO = (
    "Takes the user's own numbers by name; whatever is not given has a default with source and "
    "date."
)


@dataclass(frozen=True)
class Tool:
    """A question as a tool: what it is called, and what to say of it to who does not know it."""

    title: str
    description: str


# Three lists beside the questions of scenarios: without the names that they have, an agent would
# have to guess what the GPU, the model and the inputs are called.
TOOLS = {
    "breakeven": Tool(
        "Rent or buy",
        "Whether renting GPUs in a cloud or buying them is cheaper, at which price, rental rate "
        "and utilization the answer changes, when buying pays back, and how sure it is. Start "
        f"here for any rent-or-buy question. {_ABOUT_SCENARIO}",
    ),
    "options": Tool(
        "Every way to get the hours",
        "Every way to get the same busy GPU-hours, cheapest first: on demand, spot, commitments "
        "of one and three years, buying new or used, loan and lease, each at the owner's site or "
        "in colocation. For questions such as: should we commit for three years, or buy used? "
        f"{_ABOUT_SCENARIO}",
    ),
    "flips": Tool(
        "What would change the answer",
        "The value of each input at which the answer changes from renting to buying or back, those "
        "within their usual range first. For questions such as: how low must the utilization or "
        f"the rental rate be for renting to win? {_ABOUT_SCENARIO}",
    ),
    "work": Tool(
        "From a language model's load to GPUs and cost",
        "How many GPUs the load of an open language model needs, how busy they are, what a "
        "million tokens costs owned, rented and from an API, and whether to rent or buy. "
        "Give `model` and one of `requests_per_day`, `users` with `use_case`, both "
        "`input_tokens_per_day` and `output_tokens_per_day`, or `requests_by_hour`. "
        f"{_ABOUT_SCENARIO}",
    ),
    "fleet": Tool(
        "How many to own, how many to rent",
        "For a demand that varies, how many GPUs to own, how many to rent as needed, and when to "
        "buy them. Give the demand as `mean_gpus` with `peak_gpus` or `peak_over_mean`, as "
        f"`week`, as `demand_csv`, or as a public `trace`. {_ABOUT_SCENARIO}",
    ),
    "offers": Tool(
        "Rental offers",
        "What providers ask for an hour of a GPU: every known offer with region, term, date and "
        "source, which of them are comparable, their P10, P50 and P90, and the rate that answers "
        "use by default.",
    ),
    "recheck": Tool(
        "Whether a decision still holds",
        "Whether a recorded decision still holds on the data of this server, and if not, what "
        "changed it. `record` is the text of the file that `tco decide` wrote; no file is read.",
    ),
    "gpus": Tool(
        "GPUs by name",
        "The GPUs whose prices are known, with memory, power, purchase price and rental rate: "
        "the names that `gpu` takes.",
    ),
    "models": Tool(
        "Language models by name",
        "The open language models whose configuration is known: the names that `model` of the "
        "tool work takes.",
    ),
    "inputs": Tool(
        "Inputs by name",
        f"All {len(TAKEN)} inputs of a scenario with unit, domain, default, usual range, source "
        "and date; with `about` only those about something, such as electricity or lease.",
    ),
}


@cache
def listing() -> tuple[types.Tool, ...]:
    """The tools as a client sees them: all only read, and none reaches the open world."""
    read_only = types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return tuple(
        types.Tool(
            name=name,
            title=tool.title,
            description=tool.description,
            input_schema=schema_of(QUESTIONS[name], LISTED),
            output_schema=SCHEMA,
            annotations=read_only,
        )
        for name, tool in TOOLS.items()
    )


def answer(
    name: str, arguments: Mapping[str, Any], data: Mapping[str, Any] | None = None
) -> types.CallToolResult:
    """What a tool answers; `data` are `prices` and `policy`. A wrong argument is an error of it.

    >>> answer("breakeven", {"gpu": "L4", "utilization": 0.6}).structured_content["odds"]["verdict"]
    'buy'
    >>> answer("breakeven", {"utilisation": 0.6}).content[0].text
    'utilisation is not an input; did you mean utilization?'
    """
    try:
        if _characters(arguments) > MOST_CHARACTERS:
            message = f"the arguments have more than {MOST_CHARACTERS:,} characters: send less"
            raise InputError([Problem("arguments", message)])
        question = QUESTIONS[name]
        found = brief(question, question.of_values(arguments, data))
        return _result(found.text, found.document)
    except InputError as wrong:
        problems = [{"input": one.input, "message": one.message} for one in wrong.problems]
        return _result(str(wrong), {"problems": problems}, is_error=True)
    except TcoError as wrong:
        return _result(str(wrong), {"problems": [{"message": str(wrong)}]}, is_error=True)


def _characters(value: Any) -> int:
    """About how long arguments are as JSON, however deep they are."""
    found, waiting = 0, [value]
    while waiting and found <= MOST_CHARACTERS:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        found += len(one) + 2 if isinstance(one, str) else 4
    return found


def _result(text: str, content: dict[str, Any], is_error: bool = False) -> types.CallToolResult:
    # Through JSON once, so that nothing but its types, and no NaN, is sent.
    plain = json.loads(json.dumps(content, allow_nan=False))
    said = types.TextContent(text=text)
    return types.CallToolResult(content=[said], structured_content=plain, is_error=is_error)


def server_of(data: Mapping[str, Any] | None = None) -> Server[Any]:
    """The server of all tools on that data; `data` are `prices` and `policy` of scenarios."""
    limit = anyio.CapacityLimiter(AT_ONCE)

    async def list_tools(
        _context: Any, _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[*listing()])

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in TOOLS:
            near = suggestion(params.name, TOOLS) or f"; there are {', '.join(TOOLS)}"
            raise MCPError(types.INVALID_PARAMS, f"{params.name[:100]!r} is not a tool{near}")
        is_given_up = Event()
        GIVEN_UP.set(is_given_up)
        try:
            with anyio.fail_after(SECONDS):
                return await anyio.to_thread.run_sync(
                    answer,
                    params.name,
                    params.arguments or {},
                    data,
                    limiter=limit,
                    abandon_on_cancel=True,
                )
        except TimeoutError:
            message = f"{params.name}: no answer within {SECONDS} s; ask for less at once"
        except Exception:
            # Of a fault of ours the agent learns that it is one; what it is stands on stderr.
            _log.exception("the tool %s failed", params.name)
            message = f"{params.name} failed: a fault in tco {__version__}, not in the arguments"
        finally:
            is_given_up.set()
        return _result(message, {"problems": [{"message": message}]}, is_error=True)

    return Server(
        "tco",
        version=__version__,
        title="GPU total cost of ownership",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _served(data: Mapping[str, Any] | None) -> None:
    server = server_of(data)
    async with anyio.create_task_group() as group, stdio_server() as (reading, writing):
        group.start_soon(_ready, data)
        await server.run(reading, writing, server.create_initialization_options())
        group.cancel_scope.cancel()


async def _ready(data: Mapping[str, Any] | None) -> None:
    """Load what answers need while the client says hello: the first call need not wait for it."""
    with suppress(Exception):  # the call that has the same fault tells it
        await anyio.to_thread.run_sync(answer, "breakeven", {}, data, abandon_on_cancel=True)


def serve(data: Mapping[str, Any] | None = None) -> None:
    """Serve the tools over standard input and output until the input ends, or a signal ends it.

    A signal ends the process at once: there is nothing to finish, and what waits for input in
    another thread would keep a slower end waiting for ever.
    """
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_DFL)
    anyio.run(_served, data)
