"""The routes below /api/v1: one for each question and format, and what lists them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route

from tco.api.answers import refusal, refused
from tco.api.asking import (
    ASKED,
    BREAKEVEN,
    CSV,
    JSON,
    MEDIA,
    Wanted,
    beside,
    document_of,
    json_of,
    read_texts,
    read_values,
    texts_of,
    wanted,
)
from tco.api.guard import HEADERS, SecurityHeaders
from tco.api.limits import RATE, Answering, Full, Limited, Limits, Rated, TooLarge
from tco.api.openapi import listing, openapi
from tco.api.tables import TooManyRows, answered_csv, answered_json
from tco.api.works import Busy, Places, is_quick
from tco.errors import DataError, InputError, Problem, TcoError, suggestion
from tco.market.catalogue import Catalogue
from tco.questions.json_rows import is_table

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/api/v1"
_DESCRIPTION = "openapi.json"
# Whose data answers a request with headers of these names.
Source = Callable[[Collection[str]], Catalogue]
_CSV_TYPES = ("text/csv", "application/csv")
_JSON_TYPE = "application/json"
# Bytes of a body that takes long to read, and of a query that does not.
_LONG_BODY, _SHORT_QUERY = 2**16, 1_000
# Rows of a table that is answered without waiting for others: it is small however it is taken.
_FEW_ROWS = 500


def api(source: Source, limits: Limits | None = None, at_once: bool = False) -> ASGIApp:
    """The application below PREFIX, within its limits.

    Where the source has its data at hand, what takes a few milliseconds is answered `at_once`: to
    wait for a thread would take longer.
    """
    limits = limits or Limits()
    served = _Served(source, limits, at_once)
    application = Starlette(
        routes=[
            Route("/", _listed),
            Route(f"/{_DESCRIPTION}", _described),
            Route("/{what}", served.answer, methods=["GET", "POST"]),
        ],
        exception_handlers={
            **dict.fromkeys((HTTPException, *_STATUS), _refused),
            Exception: _failed,
        },
    )
    application.router.redirect_slashes = False
    return Answering(Limited(application, limits))


def mounted(
    source: Source, rate: float = RATE, limits: Limits | None = None, at_once: bool = False
) -> Mount:
    """The same as a route of another application, which knows whom it answers."""
    return Mount(PREFIX, SecurityHeaders(Rated(api(source, limits, at_once), rate), HEADERS))


async def _listed(_request: Request) -> Response:
    return Response(json_of(listing()), media_type=MEDIA[JSON])


async def _described(_request: Request) -> Response:
    return Response(openapi(), media_type=MEDIA[JSON])


# What goes wrong, and its status; what needs a package that is not installed is the last.
_STATUS = {
    InputError: 422,
    TooManyRows: 413,
    TooLarge: 413,
    Full: 503,
    DataError: 503,
    Busy: 503,
    ClientDisconnect: 400,
    TcoError: 501,
}
BUSY = "too many requests are waiting: try again in a few seconds"


async def _refused(request: Request, wrong: Exception) -> Response:
    """Why there is no answer, as JSON."""
    if isinstance(wrong, HTTPException):
        if wrong.status_code == 405:
            return refusal(405, "method", f"{request.method} is not allowed here", wrong.headers)
        return refusal(wrong.status_code, "path", f"there is nothing here; see {PREFIX}/")
    status = next(status for kind, status in _STATUS.items() if isinstance(wrong, kind))
    if isinstance(wrong, InputError):
        return refused(status, wrong.problems)
    if isinstance(wrong, Busy):
        return refusal(status, "server", BUSY, {"retry-after": "5"})
    if isinstance(wrong, TooLarge | Full):
        return refusal(status, "body", str(wrong))
    name = "body" if isinstance(wrong, TooManyRows) else "data"
    return refusal(status, name, str(wrong))


async def _failed(_request: Request, _wrong: Exception) -> Response:
    """What nobody expected: it is logged, not told."""
    return refusal(500, "server", "this request cannot be answered: please report it")


class _Served:
    """The questions as they are answered to anybody."""

    def __init__(self, source: Source, limits: Limits, at_once: bool) -> None:
        self._source, self._limits, self._places = source, limits, Places()
        self._at_once = at_once

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        path = request.path_params["what"]
        if path == _DESCRIPTION:
            raise HTTPException(405, headers={"allow": "GET, HEAD"})
        asked = wanted(path)
        if asked is None:
            name, _, _ = path.partition(".")
            near = "" if name in ASKED else suggestion(name, ASKED)
            told = f"{path[:80]!r} is not answered; {PREFIX}/ lists what is{near}"
            return refusal(404, "path", told)
        query, twice = texts_of(request.scope["query_string"])
        names = tuple(request.headers.keys())
        if request.method == "POST":
            return await self._posted(request, asked, query, twice, names)

        def work() -> bytes:
            with beside(twice):
                answer = read_texts(asked, query, self._source(names))
            return answer()

        is_short = len(request.scope["query_string"]) < _SHORT_QUERY
        if self._at_once and is_short and is_quick(asked, query):
            return Response(work(), media_type=asked.media)
        found = await self._places.of(asked.question.name).done(work)
        return Response(found, media_type=asked.media)

    async def _posted(
        self,
        request: Request,
        asked: Wanted,
        query: dict[str, str],
        twice: Sequence[Problem],
        names: Collection[str],
    ) -> Response:
        if asked.ending not in (CSV, JSON):
            return refusal(405, "method", "POST is not allowed here", {"allow": "GET, HEAD"})
        kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        is_csv = kind in _CSV_TYPES
        takes_table = asked.question.name == BREAKEVEN and asked.ending in (CSV, JSON)
        if request.headers.get("content-encoding", "identity").casefold() != "identity":
            return refusal(415, "content-encoding", "compressed bodies are not supported")
        if not (kind == _JSON_TYPE or (is_csv and takes_table)):
            known = f"{_JSON_TYPE} or text/csv" if takes_table else _JSON_TYPE
            return refusal(415, "content-type", f"content-type: give a body of {known}")
        body = await request.body()

        def work() -> bytes | Iterator[bytes]:
            catalogue = self._source(names)
            with beside(twice):
                given: Any = body if is_csv else document_of(body)
                if takes_table and (is_csv or is_table(given)):
                    made = answered_csv if is_csv else answered_json
                    return made(given, asked.ending, query, catalogue, self._limits.rows)
                answer = read_values(asked, query, given, catalogue)
            return answer()

        is_long = len(body) > _LONG_BODY
        places = self._places.of(asked.question.name)
        if is_long:
            places = self._places.tables if takes_table else self._places.slow
        async with AsyncExitStack() as entered:
            if takes_table and _most_rows(body, is_csv) > _FEW_ROWS:
                await self._begun(entered)
            found = await places.done(work)
            if isinstance(found, bytes):
                return Response(found, media_type=asked.media)
            # The first part is made before the answer begins: until then there can be an error.
            parts = self._places.tables.each(found)
            first = await anext(parts, b"")
            return _Table(_joined(first, parts), asked.media, entered.pop_all())

    async def _begun(self, entered: AsyncExitStack) -> None:
        """Enter the place of a table; Busy where none gets free in time to answer."""
        try:
            async with asyncio.timeout(self._limits.answer_seconds / 2):
                await entered.enter_async_context(self._places.begun)
        except TimeoutError:
            raise Busy from None


def _most_rows(body: bytes, is_csv: bool) -> int:
    """Rows that a table has at most, by what separates them."""
    return 1 + sum(map(body.count, (b"\n", b"\r") if is_csv else (b",",)))


class _Table(StreamingResponse):
    """An answer part by part, that leaves what it `entered` at its end, whatever that is."""

    def __init__(self, parts: AsyncIterator[bytes], media: str, entered: AsyncExitStack) -> None:
        super().__init__(parts, media_type=media)
        self._entered = entered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._entered:
            await super().__call__(scope, receive, send)


async def _joined(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in others:
        yield part
