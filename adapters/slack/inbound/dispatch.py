"""Bolt's app, for which what it cannot read costs no more than itself."""

import logging
import secrets
from http import HTTPStatus

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.inbound.events import MALFORMED

_log = logging.getLogger(__name__)


class TolerantApp(AsyncApp):
    """Answers each request, whatever is in it.

    An event that cannot be read, or that nobody listens to, is acknowledged. Slack would send it three times
    more, and sends nothing at all any more where too much fails: https://docs.slack.dev/apis/events-api.
    What people did is refused instead, so that Slack shows them that it failed.
    """

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Deal with a request that Slack has signed, or sent over its own connection."""
        try:
            response = await super().async_dispatch(req)
        except MALFORMED as error:
            response = unreadable(error)
        if _is_event(req.body) and response.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
            return BoltResponse(status=HTTPStatus.OK, body="")
        return response


class TolerantSocketHandler(AsyncSocketModeHandler):
    """Acknowledges events over Socket Mode, whatever is in them."""

    async def handle(  # type: ignore[override]  # as Bolt's own
        self, client: SocketModeClient, req: SocketModeRequest
    ) -> None:
        """Deal with an envelope; Bolt fails before its app where a payload is of no known shape."""
        try:
            await super().handle(client, req)
        except MALFORMED as error:
            unreadable(error)
            if _is_event(req.payload):
                await client.send_socket_mode_response(SocketModeResponse(req.envelope_id))


def _is_event(body: object) -> bool:
    return isinstance(body, dict) and body.get("type") == "event_callback"


async def failed(error: Exception) -> BoltResponse:
    """Answer for a listener that failed."""
    if isinstance(error, MALFORMED):
        return unreadable(error)
    reference = secrets.token_hex(4)
    _log.error("Reference %s: what came from Slack was not dealt with", reference, exc_info=error)
    return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR, body="")


def unreadable(error: Exception) -> BoltResponse:
    """Answer what is not of the documented shape, and keep in the log what was wrong with it."""
    reference = secrets.token_hex(4)
    _log.error("Reference %s: what came from Slack cannot be read", reference, exc_info=error)
    return BoltResponse(status=HTTPStatus.BAD_REQUEST, body="This cannot be read.")
