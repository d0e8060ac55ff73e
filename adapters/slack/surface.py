"""Slack as a platform that can be written to at any time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.calling import Clients, code_of, delivering
from adapters.slack.render import render
from adapters.slack.screens import preview
from bot.clocks import PlatformClock
from bot.models import Channel, Layout, MessageRef, Platform
from bot.replies import LinkCard, Reply

EVENT_TYPE = "paperclub_post"
"""Of the metadata that carries a post's token: https://docs.slack.dev/messaging/message-metadata."""
_PAGE = 200


class SlackSurface:
    """Posts with a token in the message's metadata, and looks for it there."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients to post with."""
        self._clients = clients

    @property
    def platform(self) -> Platform:
        """Slack."""
        return Platform.SLACK

    @property
    def own_clock(self) -> PlatformClock:
        """Slack's time, by its answers."""
        return self._clients.clock

    async def greet(self) -> None:
        """Call a method that needs no token."""
        await self._clients.greet()

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel, or into a thread, with a token."""
        (message,) = render(reply)
        client = await self._clients.writing(channel.workspace)
        root = thread.message if thread else None
        await self._clients.may_post(channel.workspace, channel.external_id)
        async with delivering():
            answer = await client.chat_postMessage(
                channel=channel.external_id,
                text=message.text,
                blocks=message.blocks,
                thread_ts=root,
                reply_broadcast=bool(root and channel.settings.layout is Layout.BROADCAST) or None,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"token": token}},
                unfurl_links=False,
                unfurl_media=False,
            )
        return MessageRef(answer["channel"], answer["ts"], root)

    async def find(
        self, channel: Channel, token: str, since: datetime, thread: MessageRef | None
    ) -> MessageRef | None:
        """Look for a token in the channel's or the thread's history."""
        root = thread.message if thread else None
        client = await self._clients.writing(channel.workspace)
        async with delivering(), _nothing_in_a_thread_that_is_gone():
            async for message in _history(client, channel.external_id, root, since):
                if _token_of(message) == token:
                    return MessageRef(channel.external_id, message["ts"], root)
        return None

    async def tell(self, workspace: str, person: str, reply: Reply) -> None:
        """Send a direct message."""
        drawn, *_ = render(reply)
        client = await self._clients.answering(workspace)
        async with delivering():
            await client.chat_postMessage(channel=person, text=drawn.text, blocks=drawn.blocks)

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Redraw a message, or the preview of a link in somebody's message."""
        if isinstance(reply, LinkCard) and reply.link:
            await self._clients.may_call(channel.workspace, "chat.unfurl")
            await preview(self._clients, channel.workspace, message, reply)
            return
        await self._clients.may_call(channel.workspace, "chat.update")
        address = await self._clients.address(channel.workspace) if isinstance(reply, LinkCard) else ""
        drawn, *_ = render(reply, address)
        client = await self._clients.writing(channel.workspace)
        async with delivering():
            await client.chat_update(
                channel=message.channel, ts=message.message, text=drawn.text, blocks=drawn.blocks
            )


@asynccontextmanager
async def _nothing_in_a_thread_that_is_gone() -> AsyncIterator[None]:
    """Let a thread end with its first message; one with replies stays there without it."""
    try:
        yield
    except SlackApiError as error:
        if code_of(error) != "thread_not_found":
            raise


async def _history(
    client: AsyncWebClient, channel: str, root: str | None, oldest: datetime
) -> AsyncIterator[dict[str, Any]]:
    """Messages since a time, of a channel or of the thread under `root`, page by page."""
    wanted: dict[str, Any] = {
        "channel": channel,
        "oldest": f"{oldest.timestamp():.6f}",
        "include_all_metadata": True,
        "limit": _PAGE,
    }
    cursor = ""
    while True:
        page = (
            await client.conversations_history(**wanted, cursor=cursor or None)
            if root is None
            else await client.conversations_replies(**wanted, ts=root, cursor=cursor or None)
        )
        for message in page["messages"]:
            yield message
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return


def _token_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    token: str | None = (metadata.get("event_payload") or {}).get("token")
    return token
