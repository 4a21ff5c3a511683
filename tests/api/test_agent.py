"""Agents: the SDK's own client calls every tool, in this process and over a child's streams."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import anyio
import jsonschema
import mcp_types as types
import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

import tco
from tco.api import agent
from tco.cli import main
from tco.errors import to_install
from tco.inputs import INPUTS
from tco.questions import QUESTIONS
from tests.processes import started
from tests.questions.test_brief import ASKED, without_origin

Found = TypeVar("Found")

ROOT = Path(__file__).parents[2]
POLICY = """\
name = "Finance 2027"
as_of = "2026-11-01"

[inputs.discount_rate]
value = 0.15
note = "treasury"
"""


def with_client(
    ask: Callable[[Client], Awaitable[Found]], data: Mapping[str, Any] | None = None
) -> Found:
    """What a client of a server in this process finds."""

    async def run() -> Found:
        async with Client(agent.server_of(data), mode="legacy") as client:
            return await ask(client)

    return anyio.run(run)


def call(
    name: str, data: Mapping[str, Any] | None = None, **arguments: Any
) -> types.CallToolResult:
    return with_client(lambda client: client.call_tool(name, arguments), data)


def text_of(result: types.CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


def content_of(result: types.CallToolResult) -> dict[str, Any]:
    assert not result.is_error, text_of(result)
    found = result.structured_content
    assert isinstance(found, dict)
    return found


# -- What there is


def test_the_tools_are_listed_with_schemas_and_only_read() -> None:
    listed = with_client(lambda client: client.list_tools()).tools
    assert [tool.name for tool in listed] == [*agent.TOOLS]
    for tool in listed:
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.output_schema is not None
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.annotations.open_world_hint is False
        assert tool.description
        assert len(tool.description) > 80


def test_the_list_of_tools_leaves_an_agent_room_for_its_work() -> None:
    read = [(one.name, one.description, one.input_schema) for one in agent.listing()]
    assert len(json.dumps(read)) < 45_000


def test_a_schema_has_the_declared_types_and_takes_every_other_input_by_name() -> None:
    schema = next(one for one in agent.listing() if one.name == "work").input_schema
    assert schema["required"] == ["model"]
    number, text = schema["properties"]["utilization"]["anyOf"]
    assert (number["minimum"], number["maximum"], text["type"]) == (0, 1, "string")
    assert schema["properties"]["billing"]["enum"] == [*INPUTS["billing"].choices]
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"model": "m", "users": 5, "insurance_rate_per_year": 0.01})
    assert not validator.is_valid({"model": "m", "utilization": 2})
    assert set(agent.LISTED) <= INPUTS.keys()


def test_the_page_about_agents_names_every_tool_and_its_settings_start_the_server() -> None:
    text = (ROOT / "docs" / "agents.md").read_text()
    for name in agent.TOOLS:
        assert f"`{name}`" in text
    told = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert len(told) == 2
    for settings in told:
        (servers,) = settings.values()
        assert servers["tco"]["command"] == "tco"
        assert servers["tco"]["args"] == ["mcp"]
    for limit in (f"{agent.SECONDS} s", "4 million characters", "four calls"):
        assert limit in text
    assert (agent.MOST_CHARACTERS, agent.AT_ONCE) == (4_000_000, 4)


# -- Answers


@pytest.mark.parametrize("name", agent.TOOLS)
def test_every_tool_answers_and_says_where_each_number_comes_from(name: str) -> None:
    result = call(name, **ASKED[name])
    found, text = content_of(result), text_of(result)
    assert [*without_origin(found)] == ["/schema_version"]
    assert text.splitlines()[0] == found["answer"]
    assert len(text.splitlines()) <= 40
    assert not any(f"\n{line}:" in text for line in text.splitlines() if line)
    if QUESTIONS[name].of_scenario or name == "recheck":
        assert f"{found['check_first']['words']}." in text
        assert found["rests_on"]


def test_answers_are_those_of_the_library() -> None:
    async def ask(client: Client) -> list[types.CallToolResult]:
        names = ("breakeven", "flips", "work", "fleet", "offers", "recheck")
        return [await client.call_tool(name, ASKED[name]) for name in names]

    breakeven, flips, work, fleet, offers, recheck = map(content_of, with_client(ask))
    asked = ASKED["breakeven"]
    answer = tco.breakeven(**asked)
    odds = tco.simulate(**asked)
    assert breakeven["results"]["values"]["npv_saving_usd"] == answer.npv_saving_usd
    assert breakeven["odds"]["verdict"] == answer.verdict
    assert breakeven["odds"]["chance_buy"] == odds.chance_buy
    assert breakeven["check_first"]["input"] == odds.check_first
    at = {row["input"]: row["flip"] for row in flips["tables"]["flips"]["rows"] if "flip" in row}
    assert at["utilization"] == tco.flips(**asked).set_index("input").loc["utilization", "flip"]
    made = tco.work("Llama-3.1-8B", users=500, use_case="chat", gpu="L4")
    assert work["results"]["values"]["gpus"] == made.gpus
    curve = tco.demand_curve(mean_gpus=20, peak_gpus=40)
    assert fleet["results"]["values"]["npv_usd"] == tco.fleet(gpu="L4", demand=curve).npv_usd
    assert offers["tables"]["offers"]["rows_in_all"] == len(tco.offers(gpu="L4"))
    again = tco.recheck(ASKED["recheck"]["record"])
    assert recheck["answer"] == again.sentence
    assert recheck["results"]["values"]["flipped"] is again.flipped


def test_lines_and_texts_are_taken_as_the_library_takes_them() -> None:
    lines = [{"name": "grant", "side": "own", "usd": "-2,000 EUR", "when": "start"}]
    euros = {"currency": "EUR", "fx_rate": 0.9, "fx_as_of": "2026-11-20"}
    given: dict[str, Any] = {"gpu": "L4", "utilization": "60%", "lines": lines, **euros}
    found = content_of(call("breakeven", **given))["results"]["values"]
    answer = tco.breakeven(**given)
    assert found["npv_saving_usd"] == answer.npv_saving_usd
    assert found["npv_saving_eur"] == pytest.approx(0.9 * answer.npv_saving_usd)


def test_calls_at_the_same_time_do_not_touch_each_other() -> None:
    shares = [at / 20 for at in range(4, 20)]
    found = dict[float, dict[str, Any]]()

    async def ask(client: Client) -> None:
        async def one(share: float) -> None:
            euros = {"currency": "EUR", "fx_rate": 0.5, "fx_as_of": "2026-11-20"}
            more = euros if round(share * 20) % 2 else {}
            given = {"gpu": "L4", "utilization": share, **more}
            found[share] = content_of(await client.call_tool("breakeven", given))

        async with anyio.create_task_group() as group:
            for share in shares:
                group.start_soon(one, share)

    with_client(ask)
    for share in shares:
        answer = tco.breakeven(gpu="L4", utilization=share)
        assert found[share]["results"]["values"]["npv_saving_usd"] == answer.npv_saving_usd
        assert ("€" in found[share]["answer"]) == bool(round(share * 20) % 2)


# -- Wrong calls


@pytest.mark.parametrize(
    ("name", "given", "inputs"),
    [
        ("breakeven", {"utilisation": 0.6}, ["utilisation"]),
        ("breakeven", {"utilization": 60, "pue": 0.5, "gpu": "L5"}, ["utilization", "pue", "gpu"]),
        ("breakeven", {"utilization": [0.5, 0.6]}, ["utilization"]),
        ("breakeven", {"utilization": True}, ["utilization"]),
        ("breakeven", {"prices": "/etc/passwd", "policy": "x.toml"}, ["prices", "policy"]),
        ("breakeven", {"lines": "no lines"}, ["lines"]),
        ("work", {}, ["model", "requests_per_day"]),
        ("work", {"model": 8, "users": "many"}, ["model", "users"]),
        ("work", {"model": "Llama-3.1-8B", "requests_per_day": 5e-324}, ["requests_per_day"]),
        ("work", {"model": "Llama-3.1-8B", "requests_per_day": 5, "against": "?"}, ["against"]),
        ("fleet", {"demand_csv": "/etc/passwd", "gpu": "L4"}, ["demand_csv"]),
        ("offers", {"gpu": "L4", "term": "for ever"}, ["term"]),
        ("recheck", {"record": "/etc/passwd"}, ["record"]),
        ("gpus", {"abuot": "L4"}, ["abuot"]),
    ],
)
def test_wrong_arguments_get_the_message_of_the_library(
    name: str, given: dict[str, Any], inputs: list[str]
) -> None:
    with pytest.raises(tco.TcoError) as caught:
        QUESTIONS[name].of_values(given)
    result = call(name, **given)
    assert result.is_error
    assert text_of(result) == str(caught.value)
    problems = result.structured_content["problems"]
    assert [one["input"] for one in problems if "input" in one] == inputs
    assert "\n".join(one["message"] for one in problems) == text_of(result)


def test_what_nobody_rents_out_or_sells_is_said() -> None:
    result = call("breakeven", gpu="RTX-PRO-4500", provider="lambda")
    assert result.is_error
    assert "RTX-PRO-4500" in text_of(result)


def test_an_unknown_tool_is_refused_with_what_was_meant() -> None:
    async def ask(client: Client) -> None:
        with pytest.raises(MCPError, match="'break_even' is not a tool; did you mean breakeven"):
            await client.call_tool("break_even")
        with pytest.raises(MCPError, match="'write' is not a tool; there are breakeven, options"):
            await client.call_tool("write", {"path": "x"})

    with_client(ask)


def test_no_call_is_too_long_and_none_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    long = call("fleet", demand_csv="0" * (agent.MOST_CHARACTERS + 1))
    assert long.is_error
    assert "more than 4,000,000 characters" in text_of(long)
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    assert call("breakeven", lines=deep).is_error
    monkeypatch.setattr(agent, "SECONDS", 0)
    assert "no answer within" in text_of(call("breakeven"))


def test_a_fault_of_ours_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(agent, "brief", fails)
    result = call("breakeven")
    assert result.is_error
    assert text_of(result).startswith("breakeven failed: a fault in tco")
    assert "secret" not in text_of(result)
    assert capsys.readouterr().out == ""


# -- Data


def test_prices_and_policy_are_those_of_the_server(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    data = {"policy": str(policy)}
    found = content_of(call("breakeven", data, gpu="L4"))
    rows = {row["name"]: row for row in found["rests_on"]}
    assert (rows["discount_rate"]["status"], rows["discount_rate"]["value"]) == ("policy", 0.15)
    assert "Finance 2027" in found["inputs_by_status"]
    locked = call("breakeven", data, gpu="L4", discount_rate=0.05)
    assert locked.is_error
    assert "Finance 2027" in text_of(locked)


# -- The command


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def test_the_command_serves_a_client_over_its_streams(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "tco", "mcp", "--policy", str(policy)],
        env=environment(),
        cwd=str(tmp_path),
    )

    async def run() -> tuple[list[str], types.CallToolResult, types.CallToolResult]:
        async with Client(server) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            answer = await client.call_tool("breakeven", {"gpu": "L4", "utilization": 0.6})
            wrong = await client.call_tool("breakeven", {"gpu": "L5"})
            return names, answer, wrong

    names, answer, wrong = anyio.run(run)
    assert names == [*agent.TOOLS]
    found = content_of(answer)
    expected = tco.breakeven(gpu="L4", utilization=0.6, policy=str(policy))
    assert found["results"]["values"]["npv_saving_usd"] == expected.npv_saving_usd
    rows = {row["name"]: row for row in found["rests_on"]}
    assert (rows["discount_rate"]["status"], rows["discount_rate"]["value"]) == ("policy", 0.15)
    assert wrong.is_error
    assert text_of(wrong).startswith("gpu = 'L5'")
    assert [*tmp_path.iterdir()] == [policy]


def test_its_output_has_lines_of_the_protocol_only() -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    hello["clientInfo"] = {"name": "test", "version": "1"}
    messages: list[Any] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "gpus", "arguments": {"about": "L4"}}},
        {"id": 3, "method": "tools/call", "params": {"name": "gpus", "arguments": [1]}},
        {"id": 4, "method": "no/such/method"},
    ]
    lines = [json.dumps({"jsonrpc": "2.0", **message}) for message in messages]
    lines[2:2] = ["this is no JSON", ""]
    with started(
        [sys.executable, "-m", "tco", "mcp", "--prices", "shipped"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        encoding="utf-8",
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write("".join(f"{line}\n" for line in lines))
        child.stdin.flush()
        read = [json.loads(child.stdout.readline()) for _ in range(4)]
        child.stdin.close()
        read += [json.loads(line) for line in child.stdout]
        told = child.stderr.read()
        assert child.wait(30) == 0
    by_id = {message.get("id"): message for message in read}
    assert all(message["jsonrpc"] == "2.0" for message in read)
    assert "L4" in by_id[2]["result"]["content"][0]["text"]
    assert by_id[3]["error"]["code"] == types.INVALID_PARAMS
    assert by_id[4]["error"]["code"] == types.METHOD_NOT_FOUND
    assert "Traceback" not in told


def test_a_signal_ends_it_at_once() -> None:
    with started(
        [sys.executable, "-m", "tco", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        child.stdin.flush()
        assert json.loads(child.stdout.readline())["id"] == 1
        child.terminate()
        assert child.wait(10) != 0


def test_without_the_sdk_the_command_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    result = CliRunner().invoke(main, ["mcp"])
    assert result.exit_code == 3
    assert result.stderr == f"tco: mcp is not installed: {to_install('mcp')}\n"


def test_a_wrong_file_of_prices_ends_the_command_with_its_message(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["mcp", "--prices", str(tmp_path / "none.csv")])
    assert result.exit_code == 3
    assert "none.csv" in result.stderr
