"""What share of the price is left, beside the yearly decline in the app."""

import pytest

from tests.app.helpers import html_of, opened, texts, widget

DECLINE = "resale_decline_per_year"


def test_a_share_is_typed_and_becomes_a_decline():
    app = opened(horizon_months="48", **{DECLINE: "0.2"})
    app.session_state["section_Resale"] = True
    app.run()
    box = widget(app, "text_input", f"residual--{DECLINE}")
    assert (box.label, box.value) == ("Or residual value after 4 years [%]", "41")
    box.set_value("30").run()
    assert float(app.query_params[DECLINE]) == pytest.approx(0.259917, abs=1e-6)
    shown = widget(app, "text_input", f"number--{DECLINE}").value
    assert float(shown) == pytest.approx(25.99, abs=0.01)
    widget(app, "text_input", f"residual--{DECLINE}").set_value("130").run()
    assert "130 % is outside 0 to 100 %" in html_of(app) + texts(app)
    assert float(app.query_params[DECLINE]) == pytest.approx(0.259917, abs=1e-6)
