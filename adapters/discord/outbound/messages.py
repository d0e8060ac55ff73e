"""Creating and editing messages in channels, threads and forums."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from adapters.discord.limits import TAGS, THREAD_NAME
from adapters.discord.outbound.channels import DiscordChannel, Tag
from adapters.discord.outbound.client import (
    HAS_THREAD,
    MISSING_PERMISSIONS,
    NO_HISTORY,
    OLD_EDITS,
    THREAD_ARCHIVED,
    Rest,
    code_of,
)
from adapters.discord.render.components import Message
from adapters.discord.snowflakes import created_at
from bot.domain.errors import ChannelUnavailable, NotSent, PermanentFailure
from bot.domain.message import MessageRef
from bot.protocol.wording import cleaned, quoted, shortened

OLD = timedelta(minutes=55)
"""The age from which edits are paced. Discord's limit starts at an hour, by a clock that may differ."""
_log = logging.getLogger(__name__)


class Poster:
    """Creates messages and threads, and edits messages."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def post(
        self,
        channel: DiscordChannel,
        message: Message,
        *,
        thread: str | None = None,
        reply_to: str = "",
        nonce: str = "",
        token: str = "",
    ) -> MessageRef:
        """Post to a channel, into one of its threads, or as a new post of a forum.

        A second message with the same `nonce` within some minutes returns the first one instead. Discord
        takes no nonce with a forum's new post.

        Raises:
            DeliveryError: as `Surface.send` says.

        """
        body = message.body(token=token)
        if channel.is_forum and thread is None:
            return await self._create_forum_post(channel, message, body)
        if nonce:
            # https://docs.discord.com/developers/resources/message#create-message
            body |= {"nonce": nonce, "enforce_nonce": True}
        with _naming_permission("Send Messages in Threads" if thread else "Send Messages"):
            created = await self._create(thread or channel.id, body, reply_to)
        return MessageRef(channel.id, created["id"], thread)

    async def open_thread(self, message: MessageRef, name: str) -> None:
        """Open the thread under a message, unless it has one.

        Raises:
            DeliveryError: as `Surface.send` says.

        """
        try:
            with _naming_permission("Create Public Threads"):
                await self._rest.call(
                    "POST",
                    "/channels/{channel_id}/messages/{message_id}/threads",
                    channel_id=message.channel,
                    message_id=message.message,
                    body={"name": shortened(cleaned(name), THREAD_NAME)},
                )
        except PermanentFailure as refusal:
            if code_of(refusal) != HAS_THREAD:
                raise

    async def edit(self, message: MessageRef, rendered: Message) -> None:
        """Replace the content of one of the bot's messages.

        Raises:
            DeliveryError: as `Surface.replace` says. NotSent comes often for messages over an hour old,
                whose edits Discord limits; it says after how many seconds to retry.

        """
        channel_id = message.thread or message.channel
        if self._is_old(message):
            await self._rest.pacing.reserve_old_edit(channel_id)
        try:
            await self._edit_or_unarchive(message, rendered)
        except NotSent as failure:
            if code_of(failure) == OLD_EDITS:
                await self._rest.pacing.hold_old_edits(channel_id, failure.retry_after)
            raise

    def _is_old(self, message: MessageRef) -> bool:
        clock = self._rest.clock
        return clock.known and clock.now() - created_at(message.message) > OLD

    async def _edit_or_unarchive(self, message: MessageRef, rendered: Message) -> None:
        """Edit a message; if its thread was archived, unarchive the thread and edit again."""
        try:
            await self._edit(message, rendered)
        except PermanentFailure as refusal:
            if code_of(refusal) != THREAD_ARCHIVED or message.thread is None:
                raise
            _log.info("Unarchiving thread %s to edit a message in it", message.thread)
            await self._rest.call(
                "PATCH", "/channels/{channel_id}", channel_id=message.thread, body={"archived": False}
            )
            await self._edit(message, rendered)

    async def _create(self, channel_id: str, body: dict[str, Any], reply_to: str) -> Any:
        """Create a message, as a reply if the bot may see what it replies to."""
        path = "/channels/{channel_id}/messages"
        if reply_to:
            # The message may be deleted by now; then the reply becomes an ordinary message.
            reference = {"message_id": reply_to, "fail_if_not_exists": False}
            try:
                reply = {**body, "message_reference": reference}
                return await self._rest.call("POST", path, channel_id=channel_id, body=reply)
            except PermanentFailure as refusal:
                # A reply takes the permission Read Message History, an ordinary message does not.
                if code_of(refusal) != NO_HISTORY:
                    raise
        return await self._rest.call("POST", path, channel_id=channel_id, body=body)

    async def _create_forum_post(
        self, forum: DiscordChannel, message: Message, body: dict[str, Any]
    ) -> MessageRef:
        tags = [tag.id for tag in matching_tags(forum, message)]
        with _naming_permission("Send Messages"):
            thread = await self._rest.call(
                "POST",
                "/channels/{channel_id}/threads",
                channel_id=forum.id,
                body={"name": message.title, "applied_tags": tags, "message": body},
            )
        # The first message of a forum's post has the id of its thread.
        return MessageRef(forum.id, thread["id"], thread["id"])

    async def _edit(self, message: MessageRef, rendered: Message) -> None:
        await self._rest.call(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=message.thread or message.channel,
            message_id=message.message,
            body=rendered.body(),
        )


@contextmanager
def _naming_permission(permission: str) -> Iterator[None]:
    """Name the permission that a call takes in the error, because Discord only says that one is missing."""
    try:
        yield
    except ChannelUnavailable as loss:
        if code_of(loss) != MISSING_PERMISSIONS:
            raise
        raise ChannelUnavailable(f"I lack the permission {permission}") from loss.__cause__


def matching_tags(forum: DiscordChannel, message: Message) -> list[Tag]:
    """Return the forum's tags that name what a message is about, at most TAGS of them.

    A forum that requires a tag gets its first one if none matches.
    """
    about = {each.casefold() for each in message.about}
    usable = [tag for tag in forum.tags if not tag.moderated]
    matching = [
        tag
        for tag in usable
        if tag.name.casefold() in about or any(quoted(tag.name.casefold()) in each for each in about)
    ]
    return (matching or (usable[:1] if forum.requires_tag else []))[:TAGS]
