"""Answers that are no answers: errors as JSON, each with what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.responses import Response

from tco.api.asking import MEDIA, errors_of, json_of
from tco.errors import Problem

# So many problems are told: the rest would help nobody.
_MOST_PROBLEMS = 100
_LONGEST_MESSAGE = 1_000


def refused(
    status: int, problems: Iterable[Problem], headers: Mapping[str, str] | None = None
) -> Response:
    """Everything that is wrong, as JSON."""
    told = list(problems)[:_MOST_PROBLEMS]
    cut = [Problem(one.input[:100], one.message[:_LONGEST_MESSAGE]) for one in told]
    return Response(json_of(errors_of(cut)), status, headers, MEDIA["json"])


def refusal(
    status: int, name: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """One thing that is wrong, as JSON.

    >>> refusal(404, "path", "there is nothing").body
    b'{"errors":[{"input":"path","message":"there is nothing"}]}'
    """
    return refused(status, [Problem(name, message)], headers)
