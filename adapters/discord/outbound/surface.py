"""Discord as a platform that can be written to at any time."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
from adapters.discord.render.components import MARK, Message, inside
from adapters.discord.snowflakes import id_at, moment
from bot.domain.channel import Channel, Layout, Platform
from bot.domain.errors import ChannelUnavailable, DeliveryError, PermanentFailure
from bot.domain.message import MessageRef
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import without_start_deadline
from bot.protocol.replies import PaperCard, Reply
from bot.protocol.wording import day_text

MAY_NOT_LOOK = "To look for it I need the permissions View Channel and Read Message History."
_log = logging.getLogger(__name__)


class DiscordSurface:
    """Posts with a token beside every button, which is also the post's nonce, and looks for it there.

    A nonce keeps a post from standing twice for some minutes, and posts of forums have none: so a post that
    nobody confirmed is looked for before it is sent again.
    """

    def __init__(self, desk: DiscordContext) -> None:
        """Take what to post with."""
        self._desk = desk

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
        """Discord's time, by its answers."""
        return self._desk.rest.clock

    async def ping(self) -> None:
        """Make a call that changes nothing."""
        await self._desk.rest.call("GET", "/gateway")

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel, into a thread, as an answer or as a forum's post, with a token.

        A paper that has a message to itself also gets a thread to talk in.
        """
        place = await self._desk.places.place(channel.external_id)
        if place.forum and thread is None:
            # Who only sends does not hear of tags that are new or gone.
            place = await self._desk.places.anew(channel.external_id)
        (message,) = self._desk.draw(reply, Location(channel.workspace, place))
        if thread is None:
            posted = await self._desk.poster.post(place, message, nonce=token, token=token)
            if isinstance(reply, PaperCard) and not (place.direct or place.forum):
                await self._begin_talk(posted, message)
            return posted
        broadcast = channel.settings.layout is Layout.BROADCAST and not place.forum
        if place.direct or broadcast:
            return await self._desk.poster.post(
                place, message, answers=thread.message, nonce=token, token=token
            )
        return await self._send_below(channel, place, message, token, thread)

    async def find(
        self,
        channel: Channel,
        token: str,
        since: datetime,
        thread: MessageRef | None,
        searched_to: str | None = None,  # noqa: ARG002 - it is looked through at once
    ) -> MessageRef | None:
        """Look for a token in a channel, in the thread under a message, and in a forum's posts.

        Where the bot may post but not read, nothing is lost: there is only no telling.
        """
        place = await self._desk.places.place(channel.external_id)
        try:
            return await self._found(place, token, id_at(since), thread)
        except ChannelUnavailable as loss:
            if code_of(loss) not in {MISSING_ACCESS, MISSING_PERMISSIONS}:
                raise
            raise PermanentFailure(MAY_NOT_LOOK) from loss

    async def _found(
        self, place: DiscordChannel, token: str, after: str, thread: MessageRef | None
    ) -> MessageRef | None:
        if place.forum:
            return await self._find_below(place, thread, token, after) or await self._find_post(
                place, token, after
            )
        found = await self._find_in(place.id, token, after)
        if found is not None:
            return MessageRef(place.id, found)
        return await self._find_below(place, thread, token, after)

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
        """Send a direct message."""
        talk = await self._desk.places.own_talk(person)
        message, *_ = self._desk.draw(reply, Location(workspace, talk))
        await self._desk.poster.post(talk, message)

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Redraw a message."""
        place = await self._desk.places.place(channel.external_id)
        drawn, *_ = self._desk.draw(reply, Location(channel.workspace, place))
        await self._desk.poster.edit(message, drawn)

    async def _begin_talk(self, posted: MessageRef, message: Message) -> None:
        """Begin the thread under a paper; the post stands without one as well."""
        try:
            with without_start_deadline():
                await self._desk.poster.open_thread(posted, message.title)
        except DeliveryError as failure:
            _log.warning("A paper's thread in channel %s was not begun: %s", posted.channel, failure)

    async def _send_below(
        self, channel: Channel, place: DiscordChannel, message: Message, token: str, first: MessageRef
    ) -> MessageRef:
        """Post into the thread under a message, which is begun where there is none yet."""
        thread = first.message
        try:
            return await self._desk.poster.post(place, message, thread=thread, nonce=token, token=token)
        except ChannelUnavailable as loss:
            if code_of(loss) != UNKNOWN_CHANNEL or place.forum:
                raise
        day = moment(thread).astimezone(ZoneInfo(channel.settings.timezone)).date()
        await self._desk.poster.open_thread(first, f"Papers for {day_text(day)}")
        return await self._desk.poster.post(place, message, thread=thread, nonce=token, token=token)

    async def _find_below(
        self, place: DiscordChannel, first: MessageRef | None, token: str, after: str
    ) -> MessageRef | None:
        """Look in the thread under a message, if it was begun."""
        if first is None or place.direct:
            return None
        try:
            found = await self._find_in(first.message, token, after)
        except ChannelUnavailable as loss:
            if code_of(loss) != UNKNOWN_CHANNEL:
                raise
            return None
        return None if found is None else MessageRef(place.id, found, first.message)

    async def _find_post(self, forum: DiscordChannel, token: str, after: str) -> MessageRef | None:
        """Look among a forum's posts."""
        async for thread in self._posts(forum, after):
            first = await self._desk.rest.call(
                "GET",
                "/channels/{channel_id}/messages/{message_id}",
                channel_id=thread,
                message_id=thread,
            )
            if _carries(first, token):
                return MessageRef(forum.id, thread, thread)
        return None

    async def _posts(self, forum: DiscordChannel, after: str) -> AsyncIterator[str]:
        """A forum's posts that were made after an id: the open ones, then those that were archived since."""
        rest = self._desk.rest
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
            more = page["has_more"] and datetime.fromisoformat(query["before"]) >= moment(after)

    async def _find_in(self, place: str, token: str, after: str) -> str | None:
        """Look in the history of a channel or thread since an id."""
        rest, last = self._desk.rest, after
        while True:
            page = await rest.call(
                "GET",
                "/channels/{channel_id}/messages",
                query={"after": last, "limit": HISTORY_PAGE},
                channel_id=place,
            )
            for message in page:
                if _carries(message, token):
                    return str(message["id"])
            if not page:
                await self._require_history(place, last)
            if len(page) < HISTORY_PAGE:
                return None
            last = str(max(int(message["id"]) for message in page))

    async def _require_history(self, place: str, message: str) -> None:
        """Make sure that nothing stands there: who may not read a history is told that it is empty.

        Raises:
            DeliveryError: there is no telling.

        """
        try:
            await self._desk.rest.call(
                "GET",
                "/channels/{channel_id}/messages/{message_id}",
                channel_id=place,
                message_id=message,
            )
        except PermanentFailure as refusal:
            if code_of(refusal) != UNKNOWN_MESSAGE:
                raise


def _carries(message: Mapping[str, Any], token: str) -> bool:
    """Whether a message of the bot has a token beside its buttons."""
    components: Iterable[Mapping[str, Any]] = message.get("components", ())
    return any(token in each.get("custom_id", "").split(MARK) for each in inside(components))
