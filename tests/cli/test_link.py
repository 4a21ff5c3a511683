"""A scenario from a link, in the shell."""

import json

from click.testing import CliRunner

import tco
from tco.cli import main

SENT = tco.Scenario(gpu="T4", utilization=0.45)


def answered(*arguments):
    return CliRunner().invoke(main, ["breakeven", "--json", *arguments])


def test_a_link_is_answered_with_other_options_on_top():
    found = answered("--link", f"https://tco.example/{SENT.to_link()}", "--gpus", "4")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["scenario"] == {"gpu": "T4", "gpus": 4, "utilization": 0.45}


def test_what_of_a_link_is_not_used_is_announced():
    found = answered("--link", SENT.to_link().replace("0.45", "45"))
    assert found.exit_code == 0
    assert "tco: link: this link was cut or edited" in found.stderr
    assert "utilization = 45 is outside [0, 1]" in found.stderr
    assert json.loads(found.stdout)["scenario"] == {"gpu": "T4"}


def test_a_link_does_not_go_with_a_file_or_a_table():
    assert answered("--link", "?v=1", "--scenario", "-").exit_code == 2
    done = CliRunner().invoke(main, ["breakeven", "--link", "?v=1", "--csv", "-"])
    assert done.exit_code == 2
