"""The app without a browser: what it shows, and its widgets."""

import json
import re
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
    bodies = " ".join(element.proto.body for element in app.get("html"))
    return re.sub("<b>([^<]*)</b>", r"\1", bodies)


def captions(app):
    return " ".join(caption.value.replace("\\", "") for caption in app.caption)


def texts(app):
    return " ".join(text.value.replace("\\", "") for text in app.markdown)


def widget(app, kind, key):
    """The widget whose key begins so: the place, and the inputs that it changes."""
    return next(w for w in getattr(app, kind) if f"{w.key}--".startswith(f"{key}--"))


def standing(app):
    """Where each widget stands: its place, and those and the keys of all that it is inside of.

    A browser builds anew what is elsewhere, be it for a moment: who types there loses the keyboard.
    """
    found, waiting = {}, [((), app._tree)]
    while waiting:
        path, block = waiting.pop()
        for at, one in getattr(block, "children", {}).items():
            waiting.append(((*path, at, getattr(getattr(one, "proto", None), "id", "")), one))
            if key := getattr(one, "key", None):
                found[key] = (*path, at)
    return found


def moved_between(before, after):
    """The widgets of both runs that stand elsewhere in the second, but for those in results.

    Results are built anew when they are dimmed: nobody types there.
    """
    both = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    return {key for key in both if not any("-stale" in str(part) for part in after[key])}


def places(app, kind):
    """What tells the widgets of a kind apart: their keys without inputs and numbers."""
    return [(w.key or "").partition("--")[0] for w in getattr(app, kind)]


def kept(app, name):
    """What the session keeps under a name."""
    return app.session_state["kept"][name]


GROUPS = ("levers", "power")


def levers(app):
    """What the curve sliders show, by name."""
    return {lever["name"]: lever for key in GROUPS for lever in group(app, key)["levers"]}


def group(app, key="levers"):
    """What a group of sliders is sent."""
    return json.loads(_component(app, key).proto.json)


def chart(app):
    """What the live chart is sent."""
    return json.loads(_component(app, "live_chart").proto.json)


def is_dimmed(app):
    return group(app)["dimmed"]


def strip(app):
    """What the browser writes into the strip, by the name of the part."""
    return group(app)["strip"]


def slide(app, live=False, **values):
    """Move curve sliders as a browser does: values as they are shown."""
    states = app._tree.get_widget_states()
    for key in GROUPS:
        known = {lever["name"]: lever["applied"] for lever in group(app, key)["levers"]}
        moves = {
            name: {"value": value, "n": known[name] + 1, "live": live}
            for name, value in values.items()
            if name in known
        }
        if moves:
            _tell(states, app, key, {"moves": moves})
    return app._run(states)


def send(app, state, key="levers"):
    """Whatever a browser may send for a group of curve sliders."""
    states = app._tree.get_widget_states()
    _tell(states, app, key, state)
    return app._run(states)


def _tell(states, app, key, state):
    found = _component(app, key).proto.id
    states.widgets.append(WidgetState(id=found, json_value=json.dumps(state)))


def _component(app, key):
    found = [one for one in app.get("bidi_component") if one.key == key]
    assert len(found) == 1
    return found[0]
