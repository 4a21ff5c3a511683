"""The app under a policy: its values are marked, and what it locks is refused in words."""

import pytest

from tests.app.helpers import captions, opened, texts

TEXT = """
name = "Finance 2026"
as_of = "2026-11-01"
[inputs.discount_rate]
value = 0.11
[inputs.pue]
low = 1.2
high = 1.4
"""


@pytest.fixture(autouse=True)
def _policy(tmp_path, monkeypatch):
    path = tmp_path / "finance.toml"
    path.write_text(TEXT)
    monkeypatch.setenv("TCO_POLICY", str(path))


def everything(app):
    return f"{captions(app)} {texts(app)} {' '.join(e.value for e in [*app.error, *app.warning])}"


def test_its_values_stand_in_the_scenario_and_say_where_they_come_from():
    app = opened(gpu="L4")
    app.session_state["section_Money and tax"] = True
    app.run()
    scenario = app.session_state.scenario
    assert scenario.resolved()["discount_rate"].status == "policy"
    assert scenario.given == {"gpu": "L4"}
    assert "policy, Finance 2026 2026-11-01" in captions(app)


def test_what_it_locks_is_refused_and_the_rest_stays():
    app = opened(gpu="L4")
    app.session_state["section_Money and tax"] = True
    app.run()
    box = next(w for w in app.text_input if "discount_rate" in w.key)
    box.set_value("7 %").run()
    assert "discount_rate" not in app.session_state.scenario.given
    assert "is locked at 11 % per year by the policy Finance 2026" in everything(app)


def test_a_link_that_it_does_not_take_is_listed():
    app = opened(gpu="L4", discount_rate="0.07", pue="1.3")
    scenario = app.session_state.scenario
    assert scenario.values()["discount_rate"] == 0.11
    assert scenario.given["pue"] == 1.3
    assert any("locked at 11 %" in remark for remark in app.session_state.remarks)


def test_a_policy_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("TCO_POLICY", str(tmp_path / "none.toml"))
    app = opened(gpu="L4")
    assert "none.toml" in app.session_state.trouble
