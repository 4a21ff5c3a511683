"""docs/http.md says what is: its commands are asked, its tables are those of the code."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tco.api.asking import ASKED, CAPS, MOST_PARAMETERS
from tco.api.limits import RATE, Limits
from tco.api.server import Punctual

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
CURLS = re.findall(r"^\$ (curl .*127\.0\.0\.1.*)$", PAGE, re.MULTILINE)


def test_there_are_commands_to_ask():
    assert len(CURLS) == 6


@pytest.mark.parametrize("command", CURLS)
def test_a_command_of_the_page_is_answered(client, command):
    words = shlex.split(command)[1:]
    (address,) = (word for word in words if "://" in word)
    given = dict(zip(words[::2], words[1::2], strict=False))
    path = urlsplit(address)._replace(scheme="", netloc="").geturl().removeprefix("/api/v1/")
    if "--json" in given:
        answer = client.post(path, json=json.loads(given["--json"]))
    elif "--data-binary" in given:
        sent = (ROOT / given["--data-binary"].removeprefix("@")).read_bytes()
        name, _, value = given["-H"].partition(": ")
        answer = client.post(path, content=sent, headers={name: value})
    else:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert len(answer.text) > 5


def test_every_question_and_limit_is_told():
    (listed,) = re.findall(r"^The questions: (.*)$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", listed)) == {*ASKED}
    limits = Limits()
    told = (
        f"{limits.body_bytes // 2**20} MB, {limits.rows:,} rows, {limits.body_seconds} s to arrive",
        f"{limits.answer_seconds} s to begin, {limits.answer_seconds} s more to end, ",
        f"to be taken within {limits.part_seconds} s, ",
        f"anything else within {Punctual.taken_seconds:.0f} s; ",
        f"| {Punctual.most} to each process |",
        f"`simulate` up to {CAPS['draws']:,} draws",
        f"`win_map` up to {CAPS['points']} points",
        f"{MOST_PARAMETERS} parameters",
        f"{RATE:.0f} a second in each process",
    )
    for words in told:
        assert words in PAGE


def test_the_unit_of_systemd_starts_the_command():
    (started,) = re.findall(r"^ExecStart=/opt/tco/bin/tco serve (.*)$", PAGE, re.MULTILINE)
    assert set(re.findall(r"--[\w-]+", started)) == {"--workers", "--token-file"}
