"""The app without a browser: what it shows, and its widgets."""

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def opened(**link):
    app = AppTest.from_file(APP, default_timeout=30)
    for name, text in link.items():
        app.query_params[name] = text
    return app.run()


def data_page(**link):
    return on_data(opened(**link))


def on_data(app):
    # AppTest switches only to pages that are files.
    app._page_hash = calc_hash("data")
    return app.run()


def html_of(app):
    return " ".join(element.proto.body for element in app.get("html"))


def captions(app):
    return " ".join(caption.value.replace("\\", "") for caption in app.caption)


def texts(app):
    return " ".join(text.value.replace("\\", "") for text in app.markdown)


def widget(app, kind, key):
    return next(w for w in getattr(app, kind) if w.key == key)
