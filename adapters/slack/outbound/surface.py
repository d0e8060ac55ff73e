"""Posts that nobody asked for, such as digests, and their search and redrawing."""

from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import SLACK
from adapters.slack.outbound.client import Clients, code_of, delivery_errors
from adapters.slack.outbound.memberships import is_active, memberships
from adapters.slack.outbound.screens import unfurl
from adapters.slack.render.replies import render
from adapters.slack.render.text import permalink
from bot.domain.channel import Channel, Layout, Platform
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure, SearchUnfinished
from bot.domain.message import MessageRef
from bot.posting.clocks import PlatformClock
from bot.protocol.replies import LinkCard, Reply

EVENT_TYPE = "paperclub_post"
"""The `event_type` of metadata with a post's token: https://docs.slack.dev/messaging/message-metadata."""
_PAGE_SIZE = 200
PAGES_AT_ONCE = 10
"""Pages that one search reads: few enough to end well within a post's lease."""


class SlackSurface:
    """Posts messages with a token in their metadata, so that a post whose answer got lost can be found."""

    def __init__(self, clients: Clients) -> None:
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
        """Slack's time, as its responses give it."""
        return self._clients.clock

    @property
    def shared_ids(self) -> bool:
        """Each workspace gives a person another id."""
        return False

    @property
    def single_posts(self) -> bool:
        """Each paper has a message of its own, to vote on."""
        return False

    @property
    def max_resends(self) -> None:
        """None, as `find` can look for a post."""
        return

    async def channels_of(self, workspace: str, person: str) -> frozenset[str]:
        """Return the channels that both the bot and the person are in."""
        client = await self._clients.for_reading(workspace)
        async with delivery_errors():
            return await memberships(client, person)

    async def is_member(self, workspace: str, person: str) -> bool:
        """Whether the person has an active account in the workspace, or shares a channel with it."""
        client = await self._clients.for_reading(workspace)
        async with delivery_errors():
            return await is_active(client, person)

    async def message_link(self, channel: Channel, message: MessageRef) -> str:
        """Return the message's permanent address; empty while Slack does not tell the workspace's."""
        return permalink(await self._clients.workspace_url(channel.workspace), message) or ""

    async def ping(self) -> None:
        """Call Slack without a token, so that `own_clock` learns the time."""
        await self._clients.ping()

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel or a thread, with a token."""
        (message,) = render(reply)
        client = await self._clients.without_retries(channel.workspace)
        root = thread.message if thread else None
        await self._clients.wait_to_post(channel.workspace, channel.external_id)
        async with delivery_errors():
            response = await client.chat_postMessage(
                channel=channel.external_id,
                text=message.text,
                blocks=message.blocks,
                thread_ts=root,
                reply_broadcast=bool(root and channel.settings.layout is Layout.BROADCAST) or None,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"token": token}},
                unfurl_links=False,
                unfurl_media=False,
            )
        return MessageRef(response["channel"], response["ts"], root)

    async def find(
        self,
        channel: Channel,
        token: str,
        since: datetime,
        thread: MessageRef | None,
        searched_to: str | None = None,
    ) -> MessageRef | None:
        """Look for a token in the channel's or the thread's history, up to PAGES_AT_ONCE pages of it."""
        root = thread.message if thread else None
        client = await self._clients.without_retries(channel.workspace)
        history = _History(client, channel.external_id, root, since, searched_to or "")
        try:
            async with delivery_errors():
                while (page := await history.page()) is not None:
                    for message in page:
                        if _token_of(message) == token:
                            return MessageRef(channel.external_id, message["ts"], root)
        except PermanentFailure:
            raise
        except (NotSent, DeliveryUnknown) as failure:
            # With a cursor the next search continues here, instead of reading the same pages again.
            if not history.cursor:
                raise
            retry_after = failure.retry_after if isinstance(failure, NotSent) else 0.0
            raise SearchUnfinished(str(failure), history.cursor, retry_after) from failure
        if history.cursor:
            raise SearchUnfinished("There is more of the history.", history.cursor)
        return None

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
        """Send a direct message: `chat.postMessage` accepts a person's id as the channel."""
        first, *_ = render(reply)
        client = await self._clients.for_replies(workspace)
        async with delivery_errors():
            await client.chat_postMessage(channel=person, text=first.text, blocks=first.blocks)

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Redraw a message, or the preview of a link in somebody's message."""
        if isinstance(reply, LinkCard) and reply.link:
            await self._clients.wait_to_call(channel.workspace, "chat.unfurl")
            await unfurl(self._clients, channel.workspace, message, reply)
            return
        await self._clients.wait_to_call(channel.workspace, "chat.update")
        url = await self._clients.workspace_url(channel.workspace) if isinstance(reply, LinkCard) else ""
        first, *_ = render(reply, url)
        client = await self._clients.without_retries(channel.workspace)
        async with delivery_errors():
            await client.chat_update(
                channel=message.channel, ts=message.message, text=first.text, blocks=first.blocks
            )


class _History:
    """Reads the messages of a channel, or of the thread under `root`, page by page from `oldest` on.

    `cursor` says where the next page begins. It matters because Slack gives some apps that are distributed
    outside its Marketplace only 15 messages a minute, whatever the `limit`:
    https://docs.slack.dev/apis/web-api/rate-limits.
    """

    def __init__(
        self, client: AsyncWebClient, channel: str, root: str | None, oldest: datetime, cursor: str
    ) -> None:
        self.cursor = cursor
        self._client = client
        self._root = root
        self._pages_left = PAGES_AT_ONCE
        self._query: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{oldest.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": _PAGE_SIZE,
        }

    async def page(self) -> list[dict[str, Any]] | None:
        """Return the next page; None after the last one, or after PAGES_AT_ONCE of them."""
        if not self._pages_left:
            return None
        try:
            page = await self._read()
        except SlackApiError as error:
            cursor, self.cursor = self.cursor, ""
            if code_of(error) == "thread_not_found":
                return None  # the root is deleted and there are no replies: with some Slack keeps the thread
            if code_of(error) != "invalid_cursor" or not cursor:
                self.cursor = cursor
                raise
            page = await self._read()  # the cursor has expired, so read from the beginning
        self.cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        self._pages_left = self._pages_left - 1 if self.cursor else 0
        messages: list[dict[str, Any]] = page["messages"]
        return messages

    async def _read(self) -> AsyncSlackResponse:
        if self._root is None:
            return await self._client.conversations_history(**self._query, cursor=self.cursor or None)
        return await self._client.conversations_replies(
            **self._query, ts=self._root, cursor=self.cursor or None
        )


def _token_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    token: str | None = (metadata.get("event_payload") or {}).get("token")
    return token
