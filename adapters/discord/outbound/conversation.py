"""Where the answers to one event go."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field

from cachetools import TTLCache

from adapters.discord.outbound.channels import DiscordChannels, Location
from adapters.discord.outbound.client import ARCHIVED, LOCKED, Rest, code_of
from adapters.discord.outbound.messages import Poster
from adapters.discord.render.modals import Page, again, refused
from adapters.discord.render.replies import Message, render
from bot.domain.errors import ChannelUnavailable, DeliveryError, NotSent, PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.ports.surface import Conversation
from bot.protocol.replies import Discussion, Form, Notice, Reply, Tone

FORMS_KEPT, FORM_SECONDS = 10_000, 900
"""As long as an interaction may be answered: what somebody filled in wrongly is kept for them so long."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class DiscordContext:
    """What conversations work with."""

    rest: Rest
    places: DiscordChannels
    poster: Poster
    reads: bool = False
    """Whether the app may read what people write."""
    forms: TTLCache[str, tuple[Form, Page]] = field(
        default_factory=lambda: TTLCache(FORMS_KEPT, FORM_SECONDS)
    )

    def draw(self, reply: Reply, spot: Location) -> tuple[Message, ...]:
        """Draw a reply as it looks in some place."""
        return render(reply, spot.scene(reads=self.reads))

    def draw_refused(self, form: Form, page: Page, key: str) -> Message:
        """Draw a form that has to be filled in again, and keep what stands in it."""
        self.forms[key] = form, page
        return refused(form, again(page, key))


class NullConversation:
    """What only changes something, and is answered to nobody."""

    async def ack(self) -> None:
        """Discord sends no event again, so it need not know."""

    async def working(self, text: str) -> None:
        """Nobody waits."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - the port's
        """Keep what cannot be told to anybody in the log."""
        if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
            _log.warning("Nobody to tell: %s", reply.text)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        """No button was pressed."""


class MessageConversation(NullConversation):
    """What somebody wrote to the bot. What is private, or may not be said there, is said directly."""

    def __init__(self, desk: DiscordContext, spot: Location, person: str, message: str) -> None:
        """Say who wrote where, and which message is answered."""
        self._desk = desk
        self._spot = spot
        self._person = person
        self._message = message
        self._said = 0

    async def working(self, text: str) -> None:  # noqa: ARG002 - Discord has its own sign for it
        """Show that an answer takes a moment."""
        with suppress(DeliveryError):
            await self._desk.rest.call("POST", "/channels/{channel_id}/typing", channel_id=self._spot.id)

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer; what does not fit into one message goes on in the next."""
        first, *others = self._desk.draw(reply, self._spot)
        try:
            answer = await self._say(first, private=private)
            for message in others:
                await self._say(message, private=private)
        except PermanentFailure as refusal:
            if not isinstance(refusal, ChannelUnavailable) and code_of(refusal) not in {ARCHIVED, LOCKED}:
                raise
            return await self._silenced(refusal)
        trouble = await begin_talk(self._desk, reply, answer, first)
        if trouble is not None:
            await self.reply(trouble, private=True)
        return answer

    async def _silenced(self, refusal: PermanentFailure) -> Ephemeral:
        """Tell the person that the bot may not answer here."""
        if self._spot.direct:
            raise refusal
        hint = "Use `/papers`: it is answered all the same."
        why = str(refusal).rstrip(".")
        told = Notice(f"I cannot answer in {self._spot.name}: {why}.", Tone.WARNING, hint)
        (drawn,) = self._desk.draw(told, self._spot)
        await self._say(drawn, private=True)
        return Ephemeral()

    async def _say(self, message: Message, *, private: bool) -> MessageRef | Ephemeral:
        self._said += 1
        nonce = f"{self._message}.{self._said}"
        if private and not self._spot.direct:
            await self._whisper(message, nonce)
            return Ephemeral()
        return await self._desk.poster.post(
            self._spot.channel,
            message,
            thread=self._spot.thread,
            answers="" if self._spot.direct else self._message,
            nonce=nonce,
        )

    async def _whisper(self, message: Message, nonce: str) -> None:
        try:
            talk = await self._desk.places.own_talk(self._person)
            await self._desk.poster.post(talk, message, nonce=nonce)
        except NotSent as failure:
            now = "" if isinstance(failure, PermanentFailure) else " just now"
            hint = "Let me write to you, or use `/papers`, whose answers you alone see."
            told = Notice(f"I cannot send you direct messages{now}.", Tone.WARNING, hint)
            (drawn,) = self._desk.draw(told, self._spot)
            await self._desk.poster.post(
                self._spot.channel, drawn, thread=self._spot.thread, answers=self._message
            )


class LinkConversation(MessageConversation):
    """What somebody linked to without a question: they hear of nothing that goes wrong with the answer."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer for all to see, or not at all."""
        if private:
            return await NullConversation.reply(self, reply, private=True)
        return await super().reply(reply, private=False)

    async def _silenced(self, refusal: PermanentFailure) -> Ephemeral:
        _log.warning("Links in channel %s are not answered for: %s", self._spot.channel.id, refusal)
        return Ephemeral()


async def notify(conversation: Conversation, notice: Notice) -> None:
    """Tell somebody what the bot itself has not heard of; where that cannot be done, the log has it."""
    try:
        await conversation.reply(notice, private=True)
    except DeliveryError as failure:
        _log.warning("Somebody could not be told “%s”: %s", notice.text, failure)


async def begin_talk(
    desk: DiscordContext, reply: Reply, answer: MessageRef | Ephemeral, drawn: Message
) -> Notice | None:
    """Begin the thread in which a discussion is had, where it is not had in one already.

    Give what to say where that cannot be done.
    """
    if not isinstance(reply, Discussion) or isinstance(answer, Ephemeral) or answer.thread is not None:
        return None
    try:
        channel = await desk.places.place(answer.channel)
        if channel.direct:
            return None
        await desk.poster.open_thread(answer, drawn.title)
    except DeliveryError as failure:
        hint = "Begin one from the message: what is written there belongs to the discussion."
        return Notice(f"I could not begin a thread for it: {failure}", Tone.WARNING, hint)
    return None
