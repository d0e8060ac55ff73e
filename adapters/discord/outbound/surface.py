"""Discord as a surface that the bot posts to by itself."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cachetools import TTLCache

from adapters.discord import DISCORD
from adapters.discord.limits import HISTORY_PAGE
from adapters.discord.outbound.channels import DiscordChannel, Location
from adapters.discord.outbound.client import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    code_of,
)
from adapters.discord.outbound.conversation import DiscordContext
from adapters.discord.outbound.permissions import Member, member_of, readable_channels
from adapters.discord.render.components import MARK, Message, walk
from adapters.discord.render.text import permalink
from adapters.discord.snowflakes import created_at, lowest_id
from bot.domain.channel import Channel, Layout, Platform
from bot.domain.errors import ChannelUnavailable, DeliveryError, PermanentFailure
from bot.domain.message import MessageRef
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import without_start_deadline
from bot.protocol.replies import PaperCard, Reply
from bot.protocol.wording import day_text

MAY_NOT_LOOK = "To look for it I need the permissions View Channel and Read Message History."
MEMBER_SECONDS = 5
"""How long what Discord has just said of a member serves one question for their channels, which follows."""
MEMBERS_REMEMBERED = 10_000
_log = logging.getLogger(__name__)


class DiscordSurface:
    """Posts with a token in every button's `custom_id`, and finds a post by that token.

    The token is also the nonce, which keeps Discord from creating the post twice within some minutes. Nonces
    don't hold for longer, and not for forum posts. So a post without a confirmation is searched for before it
    is sent again.
    """

    def __init__(self, context: DiscordContext) -> None:
        self._context = context
        self._just_asked: TTLCache[tuple[str, str], Member] = TTLCache(
            MEMBERS_REMEMBERED,
            MEMBER_SECONDS,
            lambda: context.rest.clock.counter.elapsed(),  # noqa: PLW0108 - the counter is replaced later
        )

    @property
    def platform(self) -> Platform:
        """Discord."""
        return DISCORD

    @property
    def post_interval(self) -> timedelta:
        """Discord tells each route's limit as it goes; it has long had five posts in five seconds."""
        return timedelta(seconds=1)

    @property
    def own_clock(self) -> PlatformClock:
        """Discord's clock, as measured by its responses."""
        return self._context.rest.clock

    @property
    def shared_ids(self) -> bool:
        """A person has one id in all of Discord."""
        return True

    @property
    def single_posts(self) -> bool:
        """Each paper has a message of its own, to vote on."""
        return False

    @property
    def max_resends(self) -> None:
        """None, as `find` can look for a post."""
        return

    async def channels_of(self, workspace: str, person: str) -> frozenset[str]:
        """Return the guild's channels that both the bot and the person may read."""
        asked = self._just_asked.pop((workspace, person), None)
        rest = self._context.rest
        member = asked or await member_of(rest, workspace, person)
        return await readable_channels(rest, workspace, person, member)

    async def is_member(self, workspace: str, person: str) -> bool:
        """Whether the person is in the guild."""
        member = await member_of(self._context.rest, workspace, person)
        if member is None:
            self._just_asked.pop((workspace, person), None)
            return False
        self._just_asked[workspace, person] = member
        return True

    async def message_link(self, channel: Channel, message: MessageRef) -> str:
        """Return the link to the message."""
        return permalink(channel.workspace, message) or ""

    async def ping(self) -> None:
        """Make a call that changes nothing."""
        await self._context.rest.call("GET", "/gateway")

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel, into a thread, as a reply or as a forum's post.

        A single paper's card also gets a thread to discuss it in.

        Raises:
            DeliveryError: as `Surface.send` says.

        """
        target = await self._context.channels.get(channel.external_id)
        if target.is_forum and thread is None:
            # A worker has no gateway, so it never hears of tags that were added or removed.
            target = await self._context.channels.fetch(channel.external_id)
        (message,) = self._context.render(reply, Location(channel.workspace, target))
        if thread is None:
            posted = await self._context.poster.post(target, message, nonce=token, token=token)
            if isinstance(reply, PaperCard) and not (target.is_dm or target.is_forum):
                await self._open_thread(posted, message)
            return posted
        broadcast = channel.settings.layout is Layout.BROADCAST and not target.is_forum
        if target.is_dm or broadcast:
            return await self._context.poster.post(
                target, message, reply_to=thread.message, nonce=token, token=token
            )
        return await self._send_to_thread(channel, target, message, token, thread)

    async def find(
        self,
        channel: Channel,
        token: str,
        since: datetime,
        thread: MessageRef | None,
        searched_to: str | None = None,  # noqa: ARG002 - one search covers everything
    ) -> MessageRef | None:
        """Search for a token in a channel, in the thread under a message, and in a forum's posts.

        Returns None if the token is certainly nowhere there.

        Raises:
            PermanentFailure: the bot may not read the channel. That is no loss of the channel, because it may
                still post there.
            DeliveryError: Discord does not answer.

        """
        target = await self._context.channels.get(channel.external_id)
        try:
            return await self._find(target, token, lowest_id(since), thread)
        except ChannelUnavailable as loss:
            if code_of(loss) not in {MISSING_ACCESS, MISSING_PERMISSIONS}:
                raise
            raise PermanentFailure(MAY_NOT_LOOK) from loss

    async def _find(
        self, channel: DiscordChannel, token: str, after: str, thread: MessageRef | None
    ) -> MessageRef | None:
        if channel.is_forum:
            in_thread = await self._find_in_thread(channel, thread, token, after)
            return in_thread or await self._find_forum_post(channel, token, after)
        found = await self._find_in_history(channel.id, token, after)
        if found is not None:
            return MessageRef(channel.id, found)
        return await self._find_in_thread(channel, thread, token, after)

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
        """Send a direct message."""
        channel = await self._context.channels.dm_channel(person)
        message, *_ = self._context.render(reply, Location(workspace, channel))
        await self._context.poster.post(channel, message)

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Replace the content of a message."""
        target = await self._context.channels.get(channel.external_id)
        rendered, *_ = self._context.render(reply, Location(channel.workspace, target))
        await self._context.poster.edit(message, rendered)

    async def _open_thread(self, posted: MessageRef, message: Message) -> None:
        """Open the thread under a paper's card; a failure is only logged, because the card was posted."""
        try:
            with without_start_deadline():
                await self._context.poster.open_thread(posted, message.title)
        except DeliveryError as failure:
            _log.warning("The thread of a paper in channel %s was not opened: %s", posted.channel, failure)

    async def _send_to_thread(
        self, channel: Channel, target: DiscordChannel, message: Message, token: str, first: MessageRef
    ) -> MessageRef:
        """Post into the thread under a message, which is opened if there is none yet."""
        # A thread that was opened from a message has the message's id:
        # https://docs.discord.com/developers/resources/channel#start-thread-from-message.
        thread = first.message
        try:
            return await self._context.poster.post(target, message, thread=thread, nonce=token, token=token)
        except ChannelUnavailable as loss:
            if code_of(loss) != UNKNOWN_CHANNEL or target.is_forum:
                raise
        day = created_at(thread).astimezone(ZoneInfo(channel.settings.timezone)).date()
        await self._context.poster.open_thread(first, f"Papers for {day_text(day)}")
        return await self._context.poster.post(target, message, thread=thread, nonce=token, token=token)

    async def _find_in_thread(
        self, channel: DiscordChannel, first: MessageRef | None, token: str, after: str
    ) -> MessageRef | None:
        """Search the thread under a message, if it was opened."""
        if first is None or channel.is_dm:
            return None
        try:
            found = await self._find_in_history(first.message, token, after)
        except ChannelUnavailable as loss:
            if code_of(loss) != UNKNOWN_CHANNEL:
                raise
            return None
        return None if found is None else MessageRef(channel.id, found, first.message)

    async def _find_forum_post(self, forum: DiscordChannel, token: str, after: str) -> MessageRef | None:
        """Search the first messages of a forum's posts."""
        async for thread in self._forum_posts(forum, after):
            first = await self._context.rest.call(
                "GET",
                "/channels/{channel_id}/messages/{message_id}",
                channel_id=thread,
                message_id=thread,
            )
            if _has_token(first, token):
                return MessageRef(forum.id, thread, thread)
        return None

    async def _forum_posts(self, forum: DiscordChannel, after: str) -> AsyncIterator[str]:
        """Yield the ids of a forum's posts above `after`: the active ones, then the archived ones."""
        rest = self._context.rest
        active = await rest.call("GET", "/guilds/{guild_id}/threads/active", guild_id=forum.guild)
        for each in active["threads"]:
            if each["parent_id"] == forum.id and int(each["id"]) > int(after):
                yield each["id"]
        query: dict[str, Any] = {"limit": HISTORY_PAGE}
        more = True
        while more:
            page = await rest.call(
                "GET", "/channels/{channel_id}/threads/archived/public", query=query, channel_id=forum.id
            )
            for each in page["threads"]:
                query["before"] = each["thread_metadata"]["archive_timestamp"]
                if int(each["id"]) > int(after):
                    yield each["id"]
            # Pages go by the time of archiving, newest first. A post that was made since was archived since.
            more = page["has_more"] and datetime.fromisoformat(query["before"]) >= created_at(after)

    async def _find_in_history(self, channel_id: str, token: str, after: str) -> str | None:
        """Return the id of the message with a token among those above `after` in a channel or thread."""
        rest, last = self._context.rest, after
        while True:
            page = await rest.call(
                "GET",
                "/channels/{channel_id}/messages",
                query={"after": last, "limit": HISTORY_PAGE},
                channel_id=channel_id,
            )
            for message in page:
                if _has_token(message, token):
                    return str(message["id"])
            if not page:
                await self._require_history(channel_id, last)
            if len(page) < HISTORY_PAGE:
                return None
            last = str(max(int(message["id"]) for message in page))

    async def _require_history(self, channel_id: str, message: str) -> None:
        """Make sure that an empty page means an empty history.

        Without Read Message History Discord returns no messages instead of an error. Getting a single
        message does fail then: https://docs.discord.com/developers/resources/message#get-channel-messages.

        Raises:
            DeliveryError: the bot may not read the history.

        """
        try:
            await self._context.rest.call(
                "GET",
                "/channels/{channel_id}/messages/{message_id}",
                channel_id=channel_id,
                message_id=message,
            )
        except PermanentFailure as refusal:
            if code_of(refusal) != UNKNOWN_MESSAGE:
                raise


def _has_token(message: Mapping[str, Any], token: str) -> bool:
    """Whether a token is in the `custom_id` of one of a message's components."""
    components: Iterable[Mapping[str, Any]] = message.get("components", ())
    return any(token in each.get("custom_id", "").split(MARK) for each in walk(components))
