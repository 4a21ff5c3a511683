import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from streamlit import config

from tco.app import launch

ROOT = Path(__file__).resolve().parents[2]
HARDENED = {
    "server": {
        "address": "127.0.0.1",
        "headless": True,
        "enableStaticServing": False,
        "maxUploadSize": 2,
        "maxMessageSize": 50,
        "enableCORS": True,
        "enableXsrfProtection": True,
        "fileWatcherType": "none",
        "disconnectedSessionTTL": 60,
        "maxCacheDataSize": "200mb",
        "enableAgentApi": False,
    },
    "client": {"showErrorDetails": "none", "showErrorLinks": False, "toolbarMode": "viewer"},
    "browser": {"gatherUsageStats": False},
    "runner": {"magicEnabled": False, "postScriptGC": False},
}


@pytest.fixture
def file():
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_the_settings_are_the_hardened_ones(file):
    assert {section: file[section] for section in HARDENED} == HARDENED
    assert set(file) == {*HARDENED, "theme"}


def test_streamlit_knows_every_setting(file):
    for section, table in file.items():
        for name in table:
            config.get_option(f"{section}.{name}")


def test_no_font_or_asset_comes_from_elsewhere(file):
    assert not [v for table in file.values() for v in table.values() if "//" in str(v)]


def test_launch_passes_every_setting():
    command = launch.command(["--server.port=8600"])
    assert command[0] == "run"
    assert Path(command[1]).is_file()
    assert command[-1] == "--server.port=8600"
    flags = dict(flag.removeprefix("--").split("=", 1) for flag in command[2:-1])
    for section, table in HARDENED.items():
        for name, value in table.items():
            assert flags.pop(f"{section}.{name}").casefold() == str(value).casefold()
    assert all(name.startswith("theme.") for name in flags)


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
    assert "gpu-tco[app]" in capsys.readouterr().err


def test_launch_needs_no_streamlit_to_be_imported():
    code = "import sys, tco.app.launch; sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_root_script_only_calls_the_package():
    lines = (ROOT / "app.py").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines[1:] if line] == ["from tco.app.main import main", "main()"]
