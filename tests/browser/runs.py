"""The runs of the app that a page asks its server for: how many they are, and when all are over."""

import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PATIENCE_MS, _POLL_MS, _MOST_SECONDS = 3_000, 15, 60
_known = {}


class Runs:
    """How often a page asked the server for a run, and whether the last one has ended.

    What was clicked has asked already, while the page itself does not yet show that it waits.
    """

    def __init__(self, page):
        self.asked, self._page, self._is_over = 0, page, True
        page.on("websocket", self._listen)

    def _listen(self, socket):
        self._is_over = False  # who connects asks for a run
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._heard)

    def _sent(self, frame):
        if isinstance(frame, bytes) and BackMsg.FromString(frame).HasField("rerun_script"):
            self.asked += 1
            self._is_over = False

    def _heard(self, frame):
        if isinstance(frame, bytes):
            told = ForwardMsg.FromString(frame)
            if told.WhichOneof("type") == "script_finished":
                self._is_over = told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def end(self):
        """Until every run that was asked for is over, and the page says so."""
        until = time.monotonic() + _MOST_SECONDS
        while not self._is_over:
            assert time.monotonic() < until, "a run does not end"
            self._page.wait_for_timeout(_POLL_MS)
        self._page.wait_for_selector(SETTLED)

    def wait(self, before, patience_ms=PATIENCE_MS):
        """Until a run has come and ended since there were so many; how many it were."""
        until = time.monotonic() + patience_ms / 1000
        while self.asked == before and time.monotonic() < until:
            self._page.wait_for_timeout(_POLL_MS)
        self.end()
        return self.asked - before


def watch(page):
    """Know the runs of a page from its beginning."""
    _known[page] = Runs(page)
    page.on("close", lambda closed: _known.pop(closed, None))


def runs_of(page):
    """The runs of a page that is watched."""
    return _known[page]


def settle(page):
    """Until the page shows all that it asked for."""
    if page in _known:
        _known[page].end()
    page.wait_for_selector(SETTLED)
