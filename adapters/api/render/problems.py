"""Errors as problem details, by RFC 9457."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil

from starlette.responses import Response

from adapters.common.programs.callers import MembershipUnknown, NotAllowed, TokenNeeded, UnknownChannel
from bot.domain.errors import PaperclubError, TooBusy, UserError

MEDIA_TYPE = "application/problem+json"
_STATUS: Mapping[type[PaperclubError], HTTPStatus] = {
    TokenNeeded: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    UnknownChannel: HTTPStatus.NOT_FOUND,
    MembershipUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(
    status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None, **more: str
) -> Response:
    """Return a problem; `more` are its further members."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **more}
    return Response(json.dumps(body, ensure_ascii=False), status, headers, MEDIA_TYPE)


def problem_of(error: UserError | TooBusy) -> Response:
    """Return the problem that an error of the caller's is."""
    if isinstance(error, TooBusy):
        seconds = max(1, ceil(error.seconds))
        detail = f"That was too often. Try again in {seconds} s."
        return problem(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(seconds)})
    status = _STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
    more = {"parameter": error.parameter} if error.parameter else {}
    return problem(status, str(error), headers, **more)


def problem_of_ours(detail: str, reference: str) -> Response:
    """Return the problem that our own fault is; the log has it under the reference."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, reference=reference)
