"""Messages into channels, threads and forums, and their changes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from adapters.discord.limits import TAGS, THREAD_NAME
from adapters.discord.outbound.channels import DiscordChannel, Tag
from adapters.discord.outbound.client import (
    ARCHIVED,
    HAS_THREAD,
    MISSING_PERMISSIONS,
    NO_HISTORY,
    OLD_EDITS,
    Rest,
    code_of,
)
from adapters.discord.render.components import Message
from adapters.discord.snowflakes import created_at
from bot.domain.errors import ChannelUnavailable, NotSent, PermanentFailure
from bot.domain.message import MessageRef
from bot.protocol.wording import cleaned, quoted, shortened

OLD = timedelta(minutes=55)
"""Discord counts from an hour on, by a clock that may differ from ours."""
_log = logging.getLogger(__name__)


class Poster:
    """Puts messages where they belong."""

    def __init__(self, rest: Rest) -> None:
        """Take what to post with."""
        self._rest = rest

    async def post(
        self,
        channel: DiscordChannel,
        message: Message,
        *,
        thread: str | None = None,
        answers: str = "",
        nonce: str = "",
        token: str = "",
    ) -> MessageRef:
        """Post to a channel, into one of its threads, or as a new post of a forum.

        The same nonce within some minutes gives the first message again; posts of forums have none.

        Raises:
            DeliveryError: as `Surface.send` says.

        """
        body = message.body(token=token)
        if channel.forum and thread is None:
            return await self._begin_post(channel, message, body)
        if nonce:
            body |= {"nonce": nonce, "enforce_nonce": True}
        with _taking("Send Messages in Threads" if thread else "Send Messages"):
            told = await self._write(thread or channel.id, body, answers)
        return MessageRef(channel.id, told["id"], thread)

    async def open_thread(self, message: MessageRef, name: str) -> None:
        """Begin the thread under a message, unless there is one.

        Raises:
            DeliveryError: as `Surface.send` says.

        """
        try:
            with _taking("Create Public Threads"):
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

    async def edit(self, message: MessageRef, drawn: Message) -> None:
        """Redraw a message of the bot.

        Of those over an hour old Discord takes only so many: each says when it may come again.

        Raises:
            DeliveryError: as `Surface.replace` says.

        """
        place = message.thread or message.channel
        if self._is_old(message):
            await self._rest.pacing.old_edit(place)
        try:
            await self._edit_open(message, drawn)
        except NotSent as failure:
            if code_of(failure) == OLD_EDITS:
                await self._rest.pacing.hold_old_edits(place, failure.retry_after)
            raise

    def _is_old(self, message: MessageRef) -> bool:
        clock = self._rest.clock
        return clock.known and clock.now() - created_at(message.message) > OLD

    async def _edit_open(self, message: MessageRef, drawn: Message) -> None:
        """Redraw a message; a thread that was archived meanwhile is opened again."""
        try:
            await self._edit(message, drawn)
        except PermanentFailure as refusal:
            if code_of(refusal) != ARCHIVED or message.thread is None:
                raise
            _log.info("Opening thread %s again", message.thread)
            await self._rest.call(
                "PATCH", "/channels/{channel_id}", channel_id=message.thread, body={"archived": False}
            )
            await self._edit(message, drawn)

    async def _write(self, place: str, body: dict[str, Any], answers: str) -> Any:
        """Write a message, as an answer to another where the bot may see that."""
        path, answer = "/channels/{channel_id}/messages", {"message_id": answers, "fail_if_not_exists": False}
        if answers:
            try:
                answering = {**body, "message_reference": answer}
                return await self._rest.call("POST", path, channel_id=place, body=answering)
            except PermanentFailure as refusal:
                if code_of(refusal) != NO_HISTORY:
                    raise
        return await self._rest.call("POST", path, channel_id=place, body=body)

    async def _begin_post(self, forum: DiscordChannel, message: Message, body: dict[str, Any]) -> MessageRef:
        tags = [tag.id for tag in fitting_tags(forum, message)]
        with _taking("Send Messages"):
            posted = await self._rest.call(
                "POST",
                "/channels/{channel_id}/threads",
                channel_id=forum.id,
                body={"name": message.title, "applied_tags": tags, "message": body},
            )
        return MessageRef(forum.id, posted["id"], posted["id"])

    async def _edit(self, message: MessageRef, drawn: Message) -> None:
        await self._rest.call(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=message.thread or message.channel,
            message_id=message.message,
            body=drawn.body(),
        )


@contextmanager
def _taking(permission: str) -> Iterator[None]:
    """Name the permission that a call takes, where the bot lacks it."""
    try:
        yield
    except ChannelUnavailable as loss:
        if code_of(loss) != MISSING_PERMISSIONS:
            raise
        raise ChannelUnavailable(f"I lack the permission {permission}") from loss.__cause__


def fitting_tags(forum: DiscordChannel, message: Message) -> list[Tag]:
    """Choose a forum's tags for a post: those named by what it is about, and one where one has to be."""
    about = {each.casefold() for each in message.about}
    usable = [tag for tag in forum.tags if not tag.moderated]
    fitting = [
        tag
        for tag in usable
        if tag.name.casefold() in about or any(quoted(tag.name.casefold()) in each for each in about)
    ]
    return (fitting or (usable[:1] if forum.requires_tag else []))[:TAGS]
