"""A web server on this machine that misbehaves on purpose, each path in its own way."""

from __future__ import annotations

import gzip
import http.server
import socket
import ssl
import struct
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PRICES = b"InstanceType,Price\n" + b"g6.xlarge,0.8048\n" * 4_000
HUGE = 2 * 2**30
_ZEROS = bytes(2**16)


def _compressed(parts: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(_ZEROS) for _ in range(parts)) + packer.flush()


_BOMB = _compressed(2_000)  # 131 MB in 127 kB


class Handler(http.server.BaseHTTPRequestHandler):
    """One request: what happens is decided by its path."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Server

    def do_GET(self) -> None:
        self.server.calls[self.path] += 1
        self.server.headers[self.path] = dict(self.headers)
        self.close_connection = True
        with suppress(OSError):
            BEHAVIORS[self.path](self)

    def log_message(self, *_: object) -> None:
        pass

    def head(self, status: int = 200, **headers: object) -> None:
        self.send_response_only(status)
        for name, value in {"Content_Type": "text/plain; charset=utf-8", **headers}.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def whole(self, body: bytes = PRICES, **headers: object) -> None:
        self.head(200, **{"Content_Length": len(body), **headers})
        self.wfile.write(body)

    def pause(self, seconds: float = 20) -> None:
        self.server.over.wait(seconds)

    def drip(self, data: bytes) -> None:
        for at in range(len(data)):
            if self.server.over.wait(0.05):
                return
            self.wfile.write(data[at : at + 1])

    @property
    def turn(self) -> int:
        return self.server.calls[self.path]


class Server(http.server.ThreadingHTTPServer):
    """Counts the calls of each path, and knows when the test is over."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str]] = {}
        self.over = threading.Event()
        self.scheme = "http"

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up


def _chunks(
    handler: Handler, parts: Iterator[bytes] | list[bytes], end: bytes = b"0\r\n\r\n"
) -> None:
    handler.head(Transfer_Encoding="chunked")
    for part in parts:
        handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    handler.wfile.write(end)


def _zeros() -> Iterator[bytes]:
    for _ in range(HUGE // len(_ZEROS)):
        yield _ZEROS


def _declared_huge(handler: Handler) -> None:
    handler.head(Content_Length=HUGE)
    for part in _zeros():
        handler.wfile.write(part)


def _reset(handler: Handler) -> None:
    linger = struct.pack("ii", 1, 0)  # hang up with a reset
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.head(Content_Length=len(PRICES))
    handler.wfile.write(PRICES[:1_000])
    handler.wfile.flush()
    handler.connection.close()


def _truncated(handler: Handler) -> None:
    handler.head(Content_Length=len(PRICES))
    handler.wfile.write(PRICES[:1_000])


def _long_and_truncated(handler: Handler) -> None:
    handler.head(Content_Length=3 * len(PRICES))
    handler.wfile.write(2 * PRICES)


def _to(location: str, status: int = 302, body: bytes = b"") -> Callable[[Handler], None]:
    def redirect(handler: Handler) -> None:
        handler.head(status, Location=location, Content_Length=len(body) or 0)
        handler.wfile.write(body)

    return redirect


def _endless_redirect(handler: Handler) -> None:
    handler.head(302, Location="/good", Content_Length=HUGE)
    handler.pause()


def _status(status: int, **headers: object) -> Callable[[Handler], None]:
    return lambda handler: handler.head(status, Content_Length=0, **headers)


def _first(bad: Callable[[Handler], None], turns: int = 1) -> Callable[[Handler], None]:
    """Wrong on the first turns, right afterwards."""
    return lambda handler: bad(handler) if handler.turn <= turns else handler.whole()


def _drip_body(handler: Handler) -> None:
    handler.head(Content_Length=len(PRICES))
    handler.drip(PRICES)


def _drip_chunk(handler: Handler) -> None:
    handler.head(Transfer_Encoding="chunked")
    handler.drip(b"1;" + b"x" * 1_000)


def _silent_body(handler: Handler) -> None:
    handler.head(Content_Length=9)
    handler.pause()


def _nonsense(handler: Handler) -> None:
    handler.wfile.write(b"\x1b[31mnonsense\r\n\r\n")


BEHAVIORS: dict[str, Callable[[Handler], None]] = {
    "/good": lambda handler: handler.whole(ETag='"abc"'),
    "/bytes": lambda handler: handler.whole(Content_Type="application/octet-stream"),
    "/csv": lambda handler: handler.whole(Content_Type="text/csv"),
    "/chunked": lambda handler: _chunks(handler, [PRICES[:9], PRICES[9:]]),
    "/gzip": lambda handler: handler.whole(gzip.compress(PRICES), Content_Encoding="gzip"),
    "/gzip-cut": lambda handler: handler.whole(gzip.compress(PRICES)[:-9], Content_Encoding="gzip"),
    "/empty": lambda handler: handler.whole(b""),
    "/html": lambda handler: handler.whole(b"<html>", Content_Type="text/html; charset=utf-8"),
    "/json": lambda handler: handler.whole(b"{}", Content_Type="application/json"),
    "/untyped": lambda handler: handler.whole(Content_Type=None),
    "/brotli": lambda handler: handler.whole(Content_Encoding="br"),
    "/not-gzip": lambda handler: handler.whole(Content_Encoding="gzip"),
    "/endless-lines": lambda handler: handler.whole(Content_Length=None),
    "/huge": _declared_huge,
    "/huge-chunks": lambda handler: _chunks(handler, _zeros()),
    "/bomb": lambda handler: handler.whole(_BOMB, Content_Encoding="gzip"),
    "/bomb-in-bomb": lambda handler: handler.whole(
        gzip.compress(_BOMB), Content_Encoding="gzip, gzip"
    ),
    "/truncated": _truncated,
    "/truncated-chunks": lambda handler: _chunks(handler, [PRICES[:1_000]], b"ff\r\nab"),
    "/bad-chunks": lambda handler: _chunks(handler, [PRICES[:1_000]], b"zz\r\nab"),
    "/truncated-once": _first(_truncated),
    "/longer-once": _first(_long_and_truncated),
    "/reset": _reset,
    "/reset-once": _first(_reset),
    "/silent": lambda handler: handler.pause(),
    "/silent-once": _first(lambda handler: handler.pause(2)),
    "/silent-body": _silent_body,
    "/drip": _drip_body,
    "/drip-head": lambda handler: handler.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000),
    "/drip-chunk": _drip_chunk,
    "/404": _status(404),
    "/204": _status(204),
    "/599": _status(599),
    "/503": _status(503),
    "/500-once": _first(_status(500)),
    "/429-twice": _first(_status(429, Retry_After="0"), 2),
    "/come-back": _first(_status(503, Retry_After="1")),
    "/come-back-next-year": _status(503, Retry_After="31536000"),
    "/come-back-whenever": _first(_status(503, Retry_After="soon")),
    "/moved": _to("/good"),
    "/moved-with-body": _endless_redirect,
    "/to-http": _to("http://example.com/vms.csv"),
    "/to-loopback": _to("http://127.0.0.1:9/vms.csv"),
    "/to-file": _to("file:///etc/passwd"),
    "/loop": _to("/loop"),
    "/nonsense": _nonsense,
}


@contextmanager
def serving(secure: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server, plain or over TLS."""
    server = Server()
    if secure:
        server.scheme = "https"
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
