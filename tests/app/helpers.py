"""The app without a browser: what it shows, and its widgets."""

import json
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

APP = str(Path(__file__).resolve().parents[2] / "tco" / "app" / "main.py")


def opened(path="", **link):
    app = AppTest.from_file(APP, default_timeout=30)
    for name, text in link.items():
        app.query_params[name] = text
    return on(app, path)


def on(app, path):
    """The app on one of its pages: AppTest itself switches only to pages that are files."""
    app._page_hash = calc_hash(path) if path else ""  # the first page has no name
    return app.run()


def data_page(**link):
    return opened("data", **link)


def on_data(app):
    return on(app, "data")


def html_of(app):
    return " ".join(element.proto.body for element in app.get("html"))


def captions(app):
    return " ".join(caption.value.replace("\\", "") for caption in app.caption)


def texts(app):
    return " ".join(text.value.replace("\\", "") for text in app.markdown)


def widget(app, kind, key):
    """The widget whose key begins so: the place, and the inputs that it changes."""
    return next(w for w in getattr(app, kind) if f"{w.key}--".startswith(f"{key}--"))


def places(app, kind):
    """What tells the widgets of a kind apart: their keys without inputs and numbers."""
    return [(w.key or "").partition("--")[0] for w in getattr(app, kind)]


def kept(app, name):
    """What the session keeps under a name."""
    return app.session_state["kept"][name]


def levers(app):
    """What the curve sliders show, by input."""
    return {lever["name"]: lever for lever in json.loads(_sliders(app).proto.json)["levers"]}


def is_dimmed(app):
    return json.loads(_sliders(app).proto.json)["dimmed"]


def slide(app, live=False, **values):
    """Move curve sliders as a browser does: values as they are shown."""
    known = levers(app)
    moves = {
        name: {"value": value, "n": known[name]["applied"] + 1, "live": live}
        for name, value in values.items()
    }
    return send(app, {"moves": moves})


def send(app, state):
    """Whatever a browser may send for the curve sliders."""
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=_sliders(app).proto.id, json_value=json.dumps(state)))
    return app._run(states)


def _sliders(app):
    found = [one for one in app.get("bidi_component") if one.key == "levers"]
    assert len(found) == 1
    return found[0]
