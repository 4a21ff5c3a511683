"""How many visitors a server can hold: open files, and sessions whose browser has gone."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from streamlit.runtime.session_manager import SessionInfo, SessionStorage

# A browser that lost the connection for a moment finds its session again; each holds three
# descriptors, and the files that were uploaded in it.
MOST_GONE = 16
_MACOS_MOST = 10_240


class GoneSessions(SessionStorage):
    """The sessions whose browser has gone: the last few, for some seconds, then ended for good.

    Streamlit's own storage lets go of a session without ending it.
    """

    def __init__(self, ttl_seconds: float, most: int = MOST_GONE) -> None:
        self._ttl, self._most = ttl_seconds, most
        self._kept: dict[str, SessionInfo] = {}

    def get(self, session_id: str) -> SessionInfo | None:
        """The session of an id, if it is still there."""
        return self._kept.get(session_id)

    def save(self, session_info: SessionInfo) -> None:
        """Keep a session for the seconds; the one that has been there longest may have to go."""
        self.delete(session_info.session.id)
        self._kept[session_info.session.id] = session_info
        loop = asyncio.get_running_loop()
        loop.call_later(self._ttl, self._end, session_info)
        loop.call_soon(self._shrink)  # not at once: the caller holds a lock

    def delete(self, session_id: str) -> None:
        """Let go of a session whose browser is back."""
        self._kept.pop(session_id, None)

    def list(self) -> list[SessionInfo]:
        """Every session that is kept."""
        return [*self._kept.values()]

    def _shrink(self) -> None:
        while len(self._kept) > self._most:
            self._end(next(iter(self._kept.values())))

    def _end(self, ended: SessionInfo) -> None:
        if self._kept.get(ended.session.id) is ended:
            del self._kept[ended.session.id]
            ended.session.shutdown()


def raise_descriptor_limit() -> int | None:
    """Let this process open as many files and connections as it may; how many, if that is known.

    The usual soft limit of 256 or 1,024 is reached by some dozens of visitors.
    """
    try:
        import resource
    except ModuleNotFoundError:  # Windows has no such limit
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (hard, _MACOS_MOST) if soft != hard else ():
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
