"""Slack as a platform that can be written to at any time."""

from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import SLACK
from adapters.slack.outbound.client import Clients, code_of, delivering
from adapters.slack.outbound.screens import preview
from adapters.slack.render.replies import render
from bot.domain.channel import Channel, Layout, Platform
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure, SearchUnfinished
from bot.domain.message import MessageRef
from bot.posting.clocks import PlatformClock
from bot.protocol.replies import LinkCard, Reply

EVENT_TYPE = "paperclub_post"
"""Of the metadata that carries a post's token: https://docs.slack.dev/messaging/message-metadata."""
_PAGE = 200
PAGES_AT_ONCE = 10
"""So many pages one look takes, well within the time that a post is claimed for."""


class SlackSurface:
    """Posts with a token in the message's metadata, and looks for it there."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients to post with."""
        self._clients = clients

    @property
    def platform(self) -> Platform:
        """Slack."""
        return SLACK

    @property
    def post_interval(self) -> timedelta:
        """One message a second and channel: https://docs.slack.dev/apis/web-api/rate-limits."""
        return timedelta(seconds=1)

    @property
    def own_clock(self) -> PlatformClock:
        """Slack's time, by its answers."""
        return self._clients.clock

    async def ping(self) -> None:
        """Call a method that needs no token."""
        await self._clients.ping()

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
        self,
        channel: Channel,
        token: str,
        since: datetime,
        thread: MessageRef | None,
        searched_to: str | None = None,
    ) -> MessageRef | None:
        """Look for a token in the channel's or the thread's history, as far as Slack lets us read at once."""
        root = thread.message if thread else None
        client = await self._clients.writing(channel.workspace)
        history = _History(client, channel.external_id, root, since, searched_to or "")
        try:
            async with delivering():
                while (page := await history.page()) is not None:
                    for message in page:
                        if _token_of(message) == token:
                            return MessageRef(channel.external_id, message["ts"], root)
        except PermanentFailure:
            raise
        except (NotSent, DeliveryUnknown) as failure:
            if not history.cursor:
                raise
            asked = failure.retry_after if isinstance(failure, NotSent) else 0.0
            raise SearchUnfinished(str(failure), history.cursor, asked) from failure
        if history.cursor:
            raise SearchUnfinished("There is more of the history.", history.cursor)
        return None

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
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


class _History:
    """Messages since a time, of a channel or of the thread under `root`, page by page.

    Apps that are sold outside the Marketplace are given 15 messages a minute, whatever they ask for
    (https://docs.slack.dev/apis/web-api/rate-limits): `cursor` is where to go on.
    """

    def __init__(
        self, client: AsyncWebClient, channel: str, root: str | None, oldest: datetime, cursor: str
    ) -> None:
        self.cursor = cursor
        self._client = client
        self._root = root
        self._left = PAGES_AT_ONCE
        self._wanted: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{oldest.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": _PAGE,
        }

    async def page(self) -> list[dict[str, Any]] | None:
        """Give the next page; None after the last one, and where that is enough for now."""
        if not self._left:
            return None
        try:
            page = await self._read()
        except SlackApiError as error:
            cursor, self.cursor = self.cursor, ""
            if code_of(error) == "thread_not_found":
                return None  # It ended with its first message; one with replies stays there without it.
            if code_of(error) != "invalid_cursor" or not cursor:
                self.cursor = cursor
                raise
            page = await self._read()  # Slack does not know the cursor any more: from the beginning.
        self.cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        self._left = self._left - 1 if self.cursor else 0
        messages: list[dict[str, Any]] = page["messages"]
        return messages

    async def _read(self) -> AsyncSlackResponse:
        if self._root is None:
            return await self._client.conversations_history(**self._wanted, cursor=self.cursor or None)
        return await self._client.conversations_replies(
            **self._wanted, ts=self._root, cursor=self.cursor or None
        )


def _token_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    token: str | None = (metadata.get("event_payload") or {}).get("token")
    return token
