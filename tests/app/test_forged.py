"""What no hand can make of a widget, said by a browser all the same: refused in words."""

import math

import pytest
from streamlit.proto.Common_pb2 import SInt64Array, StringArray
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.app.helpers import html_of, opened, widget


def forge(app, *states):
    told = app._tree.get_widget_states()
    told.widgets.extend(states)
    return app._run(told)


def id_of(app, kind, key):
    return widget(app, kind, key).proto.id


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nan", "“nan” is not a number in (0, 20]"),
        ("inf", "“inf” is not a number in (0, 20]"),
        ("-inf", "“-inf” is not a number in (0, 20]"),
    ],
)
def test_a_number_that_is_none_is_refused(value, why):
    app = opened(pue="1.3")
    box = id_of(app, "text_input", "choice--horizon_months")
    app = forge(app, WidgetState(id=box, string_value=value))
    assert not app.exception
    assert why in html_of(app)
    assert app.session_state["scenario"].given == {"pue": 1.3}
    # What is typed next counts, and takes the refusal back.
    box = id_of(app, "text_input", "choice--horizon_months")
    app = forge(app, WidgetState(id=box, string_value="4"))
    assert app.session_state["scenario"].horizon_months == 48
    assert "Not accepted" not in html_of(app)


def test_a_number_of_gpus_that_is_none_is_refused():
    app = opened()
    for value in ("1e999", "2.5", "-1"):
        box = id_of(app, "text_input", "number--gpus")
        app = forge(app, WidgetState(id=box, string_value=value))
        assert not app.exception
        assert "is outside whole numbers 1 to 1,000,000 GPUs" in html_of(app)
        assert app.session_state["scenario"].is_example


@pytest.mark.parametrize("key", ["pick--billing", "pick--utilization", "pick--price_basis"])
def test_an_option_that_does_not_exist_is_refused(key):
    app = opened()
    pills = id_of(app, "button_group", key)
    told = StringArray(data=["<b>free</b>"])
    app = forge(app, WidgetState(id=pills, string_array_value=told))
    assert not app.exception
    assert "= &#x27;&lt;b&gt;free&lt;/b&gt;&#x27; is not one of the options" in html_of(app)
    assert app.session_state["scenario"].is_example


def test_a_slider_beyond_its_ends_is_refused():
    app = opened(simple="1")
    for value in (math.nan, 130.0):
        track = id_of(app, "slider", "slider--utilization")
        state = WidgetState(id=track)
        state.double_array_value.data.append(value)
        app = forge(app, state)
        assert not app.exception
        assert "% is outside 0 to 100 %" in html_of(app)
        assert app.session_state["scenario"].is_example


# What no widget of most kinds tells.
KINDS = {
    "a number": {"double_value": -1.5},
    "a flag": {"bool_value": True},
    "a text": {"string_value": "x"},
    "texts": {"string_array_value": StringArray(data=["2020-13-45"])},
    "no texts": {"string_array_value": StringArray()},
    "numbers": {"int_array_value": SInt64Array(data=[99])},
}
FORGEABLE = ("text_input", "selectbox", "multiselect", "button_group", "date_input", "toggle")


@pytest.mark.parametrize("path", ["data", "risk", "options"])
def test_what_is_of_another_kind_than_its_widget_changes_nothing(path):
    app = opened(path)
    for kind in KINDS.values():
        ids = [one.proto.id for name in FORGEABLE for one in getattr(app, name)]
        assert len(ids) > 5
        app = forge(app, *(WidgetState(id=one, **kind) for one in ids))
        assert not app.exception, kind
        assert not app.error, kind
        assert app.session_state["scenario"].is_example, kind
