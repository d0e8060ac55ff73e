"""Bolt's app and socket handler, in which one malformed payload costs no more than itself."""

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
from bot.protocol.request_id import request

_log = logging.getLogger(__name__)


class TolerantApp(AsyncApp):
    """Answers every request, whatever is in it.

    An event that is malformed, or that nobody listens to, is acknowledged: Slack would retry it three times,
    and switches the subscription off where too many deliveries fail
    (https://docs.slack.dev/apis/events-api). A malformed command, button or form is refused, so
    that Slack shows the person that it failed.
    """

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer a request that Slack has signed, or that came over our own socket."""
        try:
            response = await super().async_dispatch(req)
        except MALFORMED as error:
            response = bad_request(error)
        if _is_event(req.body) and response.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
            return BoltResponse(status=HTTPStatus.OK, body="")
        return response


class TolerantSocketHandler(AsyncSocketModeHandler):
    """Acknowledges every event that comes over Socket Mode, whatever is in it."""

    async def handle(  # type: ignore[override]  # as Bolt's own
        self, client: SocketModeClient, req: SocketModeRequest
    ) -> None:
        """Handle an envelope. Bolt raises before it calls the app where the payload has no known shape."""
        with request():
            try:
                await super().handle(client, req)
            except MALFORMED as error:
                bad_request(error)
                if _is_event(req.payload):
                    await client.send_socket_mode_response(SocketModeResponse(req.envelope_id))


def _is_event(body: object) -> bool:
    return isinstance(body, dict) and body.get("type") == "event_callback"


async def on_listener_error(error: Exception) -> BoltResponse:
    """Log what a listener raised, and answer for it: 400 for a malformed payload, else 500."""
    if isinstance(error, MALFORMED):
        return bad_request(error)
    reference = secrets.token_hex(4)
    _log.error("Reference %s: a request from Slack failed", reference, exc_info=error)
    return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR, body="")


def bad_request(error: Exception) -> BoltResponse:
    """Log a payload that does not have the documented shape, and answer it with 400."""
    reference = secrets.token_hex(4)
    _log.error("Reference %s: a malformed payload from Slack", reference, exc_info=error)
    return BoltResponse(status=HTTPStatus.BAD_REQUEST, body="This cannot be read.")
