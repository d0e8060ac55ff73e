"""`response_url`: https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.slack.faults import Fault, Faults
from tests.servers.slack.limits import limit
from tests.servers.slack.methods_chat import checked_blocks, checked_text, checked_thread, flag
from tests.servers.slack.state import Message, SlackError, World
from tests.servers.slack.views import BOT_USER, stamped

KNOWN = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "mrkdwn",
    "unfurl_links",
    "unfurl_media",
    "metadata",
}


@dataclass
class ResponseUrl:
    """One address, what it answers to, and how often it was used."""

    id: str
    channel: str
    user: str
    given: float
    original: Message | None = None
    uses: int = 0


@dataclass
class Reply:
    """One answer: `new`, `replaced` or `deleted`."""

    how: str
    message: Message
    response_type: str
    body: dict[str, Any]
    url: str = ""
    """Empty for an answer that came with the acknowledgement."""


@dataclass
class Responses:
    """All the addresses given, and all the answers taken."""

    world: World
    faults: Faults = field(default_factory=Faults)
    base: str = ""
    given: dict[str, ResponseUrl] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)

    def make(self, channel: str, user: str, original: Message | None = None) -> str:
        made = ResponseUrl(self.world.number("R"), channel, user, self.world.clock(), original)
        self.given[made.id] = made
        return f"{self.base}/response/{made.id}"

    async def handle(self, request: web.Request) -> web.Response:
        """Take an answer, unless the faults of `response_url` say otherwise."""
        if self.faults.waiting["response_url"]:
            return self._faulty(request, self.faults.waiting["response_url"].popleft())
        return await self._handled(request)

    def _faulty(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.drops and request.transport is not None:
            request.transport.abort()
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
        return web.Response(status=fault.status, text=fault.error, headers=headers)

    async def _handled(self, request: web.Request) -> web.Response:
        url = self.given.get(request.match_info["id"])
        if url is None:
            return web.json_response({"ok": False, "error": "invalid_url"}, status=404)
        if self.world.clock() - url.given > limit("response_url.seconds"):
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        if url.uses >= limit("response_url.uses"):
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        try:
            self.take(url, json.loads(await request.text())).url = url.id
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        except SlackError as error:
            return web.Response(status=400, text=error.error)
        url.uses += 1
        return web.Response(text="ok")

    def take(self, url: ResponseUrl, body: Mapping[str, Any]) -> Reply:
        """Carry out one answer."""
        if not isinstance(body, dict):
            raise SlackError("invalid_payload")
        body = {name: value for name, value in body.items() if value is not None}
        if strange := body.keys() - KNOWN:
            raise SlackError(f"invalid_payload: {', '.join(sorted(strange))}")
        kind = body.get("response_type", "ephemeral")
        if kind not in {"ephemeral", "in_channel"}:
            raise SlackError("invalid_payload: response_type")
        reply = Reply(*self._carried_out(url, body, kind), kind, dict(body))
        self.replies.append(reply)
        return reply

    def _carried_out(self, url: ResponseUrl, body: Mapping[str, Any], kind: str) -> tuple[str, Message]:
        if flag(body, "delete_original"):
            original = original_of(url)
            original.deleted = True
            return "deleted", original
        blocks, text = checked_blocks(body), checked_text(body)
        if not text and not blocks:
            raise SlackError("no_text")
        if flag(body, "replace_original") and url.original is not None:
            original = original_of(url)
            original.text, original.blocks = text, stamped(blocks or [], original.ts)
            original.edits, original.edited_at = original.edits + 1, self.world.ts()
            return "replaced", original
        return "new", self._new(url, body, kind, text, blocks or [])

    def _new(
        self, url: ResponseUrl, body: Mapping[str, Any], kind: str, text: str, blocks: list[dict[str, Any]]
    ) -> Message:
        channel, ts = self.world.channels[url.channel], self.world.ts()
        thread = checked_thread(self.world, channel, body)
        message = Message(channel.id, ts, BOT_USER, text, stamped(blocks, ts), thread, via="response_url")
        if kind == "in_channel":
            self.world.posted.append(message)
        else:
            message.ephemeral_to = url.user
            self.world.ephemerals.append(message)
        return message


def original_of(url: ResponseUrl) -> Message:
    if url.original is None or url.original.deleted:
        raise SlackError("message_not_found")
    return url.original
