"""Messages into channels, threads and forums, and their changes."""

import logging

from adapters.discord.calling import ARCHIVED, HAS_THREAD, Rest, code_of
from adapters.discord.limits import TAGS, THREAD_NAME
from adapters.discord.parts import Message
from adapters.discord.places import Place, Tag
from bot.errors import Refused
from bot.models import MessageRef
from bot.wording import cleaned, quoted, shortened

_log = logging.getLogger(__name__)


class Poster:
    """Puts messages where they belong."""

    def __init__(self, rest: Rest) -> None:
        """Take what to post with."""
        self._rest = rest

    async def post(
        self,
        channel: Place,
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
            posted = await self._rest.call(
                "POST",
                "/channels/{channel_id}/threads",
                channel_id=channel.id,
                body={
                    "name": message.title,
                    "applied_tags": [tag.id for tag in fitting_tags(channel, message)],
                    "message": body,
                },
            )
            return MessageRef(channel.id, posted["id"], posted["id"])
        if nonce:
            body |= {"nonce": nonce, "enforce_nonce": True}
        if answers:
            body["message_reference"] = {"message_id": answers, "fail_if_not_exists": False}
        told = await self._rest.call(
            "POST", "/channels/{channel_id}/messages", channel_id=thread or channel.id, body=body
        )
        return MessageRef(channel.id, told["id"], thread)

    async def open_thread(self, message: MessageRef, name: str) -> None:
        """Begin the thread under a message, unless there is one.

        Raises:
            DeliveryError: as `Surface.send` says.

        """
        try:
            await self._rest.call(
                "POST",
                "/channels/{channel_id}/messages/{message_id}/threads",
                channel_id=message.channel,
                message_id=message.message,
                body={"name": shortened(cleaned(name), THREAD_NAME)},
            )
        except Refused as refusal:
            if code_of(refusal) != HAS_THREAD:
                raise

    async def edit(self, message: MessageRef, drawn: Message) -> None:
        """Redraw a message of the bot; a thread that was archived meanwhile is opened again.

        Raises:
            DeliveryError: as `Surface.replace` says.

        """
        try:
            await self._edit(message, drawn)
        except Refused as refusal:
            if code_of(refusal) != ARCHIVED or message.thread is None:
                raise
            _log.info("Opening thread %s again", message.thread)
            await self._rest.call(
                "PATCH", "/channels/{channel_id}", channel_id=message.thread, body={"archived": False}
            )
            await self._edit(message, drawn)

    async def _edit(self, message: MessageRef, drawn: Message) -> None:
        await self._rest.call(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=message.thread or message.channel,
            message_id=message.message,
            body=drawn.body(),
        )


def fitting_tags(forum: Place, message: Message) -> list[Tag]:
    """Choose a forum's tags for a post: those named by what it is about, and one where one has to be."""
    about = {each.casefold() for each in message.about}
    usable = [tag for tag in forum.tags if not tag.moderated]
    fitting = [
        tag
        for tag in usable
        if tag.name.casefold() in about or any(quoted(tag.name.casefold()) in each for each in about)
    ]
    return (fitting or (usable[:1] if forum.requires_tag else []))[:TAGS]
