import asyncio
import gc
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit import config
from streamlit.web.server.app_discovery import discover_asgi_app

from tco.analysis import simulation
from tco.api.guard import SecurityHeaders
from tco.app import launch
from tco.app.guard import HEADERS
from tco.app.server import warm
from tco.errors import to_install
from tco.report.drawing import DARK

ROOT = Path(__file__).resolve().parents[2]
HARDENED = {
    "server": {
        "address": "127.0.0.1",
        "allowedHosts": ["localhost", "127.0.0.1"],
        "headless": True,
        "enableStaticServing": False,
        "maxUploadSize": 50,
        "maxMessageSize": 50,
        "enableCORS": True,
        "enableXsrfProtection": True,
        "fileWatcherType": "none",
        "disconnectedSessionTTL": 60,
        "maxCacheDataSize": "200mb",
        "enableAgentApi": False,
    },
    "client": {"showErrorDetails": "none", "showErrorLinks": False, "toolbarMode": "viewer"},
    "browser": {"serverAddress": "localhost", "gatherUsageStats": False},
    "runner": {"magicEnabled": False, "postScriptGC": False},
}


@pytest.fixture
def file():
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_the_settings_are_the_hardened_ones(file):
    assert {section: file[section] for section in HARDENED} == HARDENED
    assert set(file) == {*HARDENED, "theme"}


def test_streamlit_knows_every_setting(file):
    for flag in launch.flags(file):
        config.get_option(flag.removeprefix("--").partition("=")[0])


def test_no_font_or_asset_comes_from_elsewhere(file):
    assert not [flag for flag in launch.flags(file) if "//" in flag]


def test_both_looks_state_the_same_colors(file):
    assert set(file["theme"]["light"]) == set(file["theme"]["dark"])
    assert file["theme"]["dark"]["backgroundColor"] == DARK.paper
    assert "base" not in file["theme"], "the browser chooses between light and dark"


def test_launch_passes_every_setting():
    command = launch.command(["--server.port=8600"])
    assert command[0] == "run"
    assert Path(command[1]).is_file()
    assert command[-1] == "--server.port=8600"
    flags = [flag.removeprefix("--").split("=", 1) for flag in command[2:-1]]
    wanted = [
        [f"{section}.{name}", str(one).casefold()]
        for section, table in HARDENED.items()
        for name, value in table.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    given = [[name, text.casefold()] for name, text in flags if not name.startswith("theme.")]
    assert given == wanted


def test_an_installed_package_brings_its_own_settings(tmp_path, monkeypatch):
    (tmp_path / "config.toml").write_text("[server]\nport = 1\n", encoding="utf-8")
    monkeypatch.setattr(launch, "_HERE", tmp_path)
    assert launch.settings() == {"server": {"port": 1}}


def test_without_settings_nothing_is_served(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "_HERE", tmp_path / "a" / "b")
    with pytest.raises(FileNotFoundError, match="settings of the app are missing"):
        launch.command()


def test_without_streamlit_launch_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(launch, "find_spec", lambda name: None if name == "plotly" else name)
    assert launch.launch() == 1
    assert to_install("app") in capsys.readouterr().err


def test_launch_needs_no_streamlit_to_be_imported():
    code = "import sys, tco.app.launch; sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_root_script_only_calls_the_package():
    lines = (ROOT / "app.py").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines[1:] if line] == [
        "import streamlit",
        "from tco.app.server import PARTS",
        "app = streamlit.App(**PARTS)",
    ]


@pytest.mark.parametrize("script", [Path(launch.command()[1]), ROOT / "app.py"])
def test_streamlit_finds_the_server_in_both_scripts(script):
    assert discover_asgi_app(script).is_asgi_app


def test_the_first_simulation_is_there_before_anybody_asks():
    simulation.simulated.cache_clear()
    try:
        warm()
        assert simulation.simulated.cache_info().currsize == 1
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_every_answer_carries_the_headers_and_keeps_its_own():
    async def answering(_scope, _receive, send):
        own = [(b"content-type", b"text/plain"), (b"x-content-type-options", b"other")]
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b"text"})

    sent = []

    async def send(message):
        sent.append(message)

    async def answered():
        await SecurityHeaders(answering, HEADERS)({"type": "http"}, None, send)

    # In a thread: a browser of another test may run a loop in this one.
    with ThreadPoolExecutor() as pool:
        pool.submit(lambda: asyncio.run(answered())).result()
    start, body = sent
    assert len(start["headers"]) == len(HEADERS) + 1
    headers = {name.decode(): text.decode() for name, text in start["headers"]}
    assert headers == {**HEADERS, "content-type": "text/plain"}
    assert body == {"type": "http.response.body", "body": b"text"}


def test_the_policy_names_no_other_host():
    policy = HEADERS["content-security-policy"]
    assert "default-src 'self'" in policy
    words = set(policy.replace(";", "").split())
    assert not {"*", "http:", "https:", "ws:", "wss:"} & words
    assert "//" not in policy
