"""REST under /api/v1: an operation a command, and the document that describes them."""

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from adapters.api.inbound.requests import (
    BadRequest,
    body_arguments,
    query_arguments,
    token_of,
)
from adapters.api.render.openapi import RESULT, openapi
from adapters.api.render.problems import problem, problem_of, problem_of_ours
from adapters.common.programs.callers import Caller, ProgramDoor
from adapters.common.programs.drawing import Addresses, draw
from adapters.common.programs.operations import CHANNEL, Operation, arguments_from, operations
from adapters.common.visitors import caller_address
from bot.conversation.command import Command
from bot.domain.cleaning import clean
from bot.domain.errors import TooBusy, UserError
from bot.protocol.replies import Notice, Reply, Tone

PREFIX = "/api/v1"
DOCUMENT = "openapi.json"
_log = logging.getLogger(__name__)


class RestApi:
    """An ASGI application that answers everything under /api/v1."""

    def __init__(self, door: ProgramDoor, commands: Sequence[Command], public_url: str) -> None:
        self._door = door
        self._public_url = public_url
        table = operations(commands)
        self._operations = {(each.name, "POST" if each.changes else "GET"): each for each in table}
        document = openapi(table, public_url, PREFIX, version("paperclub"))
        self._document = json.dumps(document, ensure_ascii=False)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The route of all that is under /api/v1."""
        return [Route(f"{PREFIX}/{{name:path}}", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except BadRequest as error:
            response = problem(error.status, str(error))
        except (UserError, TooBusy) as error:
            response = problem_of(error)
        except Exception:  # noqa: BLE001 - the edge: logged, and the caller gets the reference
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: a request to the API failed", reference)
            response = problem_of_ours("Something went wrong on our side.", reference)
        response.headers["X-Content-Type-Options"] = "nosniff"
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        name = request.path_params["name"]
        method = "GET" if request.method == "HEAD" else request.method
        if (name, method) == (DOCUMENT, "GET"):
            return Response(self._document, media_type="application/json")
        operation = self._operations.get((name, method))
        if operation is None:
            return self._no_operation(name)
        caller = await self._caller(request)
        self._door.require(caller, operation)
        given = await body_arguments(request) if operation.changes else query_arguments(request)
        arguments, channel = arguments_from(operation, clean(given))
        reply = await self._door.answer(caller, operation, arguments, channel)
        return self._draw(operation, reply, {**arguments, **({CHANNEL: channel} if channel else {})})

    def _no_operation(self, name: str) -> Response:
        methods = [each for known, each in self._operations if known == name]
        if name == DOCUMENT:
            methods = ["GET"]
        if methods:
            allowed = {"Allow": ", ".join(methods)}
            return problem(HTTPStatus.METHOD_NOT_ALLOWED, f"This takes {' or '.join(methods)}.", allowed)
        return problem(HTTPStatus.NOT_FOUND, f"There is no such operation. See {PREFIX}/{DOCUMENT}.")

    async def _caller(self, request: Request) -> Caller | None:
        token, address = token_of(request), caller_address(request)
        if token is not None:
            return await self._door.caller(token, address)
        await self._door.let_visitor_in(address)
        return None

    def _draw(self, operation: Operation, reply: Reply, arguments: Mapping[str, str]) -> Response:
        if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
            if reply.reference:
                return problem_of_ours(reply.text, reply.reference)
            return problem(HTTPStatus.NOT_FOUND if reply.missing else HTTPStatus.BAD_REQUEST, reply.text)
        following = None if operation.changes else partial(self._address, operation, arguments)
        result = draw(reply, Addresses(self._public_url, following))
        headers = {"Cache-Control": "no-store"}
        return Response(RESULT.dump_json(result), headers=headers, media_type="application/json")

    def _address(self, operation: Operation, arguments: Mapping[str, str], page: int) -> str:
        query = urlencode({**arguments, "page": str(page)})
        return f"{self._public_url}{PREFIX}/{operation.name}?{query}"
