"""Reads requests: the token, the caller's address and the arguments."""

import json
from http import HTTPStatus

from starlette.requests import Request

from bot.domain.errors import UserError


class BadRequest(UserError):
    """A request that is not as documented."""

    def __init__(self, text: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(text)
        self.status = status


def token_of(request: Request) -> str | None:
    """Return the token of a request; None if it has none. One of another kind is empty: nobody's."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    kind, _, token = given.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def query_arguments(request: Request) -> dict[str, object]:
    """Return the arguments of a request that reads.

    Raises:
        BadRequest: one is there twice.

    """
    given = request.query_params.multi_items()
    arguments: dict[str, object] = dict(given)
    if len(arguments) < len(given):
        raise BadRequest("A parameter is there twice. Say it once.")
    return arguments


async def body_arguments(request: Request) -> dict[str, object]:
    """Return the arguments of a request that changes something.

    Raises:
        BadRequest: its body is no JSON object, or its query has arguments too.

    """
    if request.query_params:
        raise BadRequest("This takes its arguments in the body, as a JSON object.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise BadRequest(
            "The body is a JSON object, sent as application/json.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadRequest("The body is no JSON.") from None
    if not isinstance(given, dict):
        raise BadRequest("The body is a JSON object of arguments.")
    return given
