"""Where the answers to an interaction go: a first answer within three seconds, and what follows it.

https://docs.discord.com/developers/interactions/receiving-and-responding#responding-to-an-interaction.
"""

import asyncio
import logging
import secrets
from enum import Enum, IntEnum, auto
from typing import Any

from adapters.discord.manifest import lacking
from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.client import (
    ACKNOWLEDGED,
    INTERACTION_OVER,
    UNKNOWN_MESSAGE,
    code_of,
    unless_gone,
)
from adapters.discord.outbound.conversation import DiscordContext, NullConversation, begin_talk
from adapters.discord.outbound.interaction import Handle, Kind
from adapters.discord.render.components import EPHEMERAL, Message
from adapters.discord.render.modals import Page, modal, parted
from adapters.discord.render.text import permalink
from bot.domain.errors import DeliveryError, DeliveryUnknown, PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Discussion, Form, Notice, Reply, SettingsCard, Subscribed, Tone

_log = logging.getLogger(__name__)


class Answer(IntEnum):
    """The kinds of a first answer."""

    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_CHANGE = 6
    CHANGE = 7
    CHOICES = 8
    MODAL = 9


class State(Enum):
    """How far an interaction is answered."""

    OPEN = auto()
    THINKING = auto()
    """The person sees that an answer is under way; who may see it is settled."""
    ANSWERED = auto()


class InteractionConversation(NullConversation):
    """What somebody did with a command, a button or a form.

    Whatever is said at once is the first answer, and may be private even where the command is not. After
    `defer` the command's own privacy holds: an error of a public one then takes the place of what was
    announced to all, and is told to the person alone.
    """

    def __init__(
        self,
        desk: DiscordContext,
        handle: Handle,
        spot: Location,
        *,
        private: bool = False,
        alone: bool = False,
        left: int = 0,
    ) -> None:
        """Say what is answered, and where.

        `private` is who will see an answer that takes long; `alone` keeps every answer to the person.
        """
        self._desk = desk
        self._handle = handle
        self._spot = spot
        self._private = private or alone
        self._alone = alone
        self._left = left
        self._state = State.OPEN
        self._perhaps: Answer | None = None
        self._outside = 0
        self._turn = asyncio.Lock()
        self.answered = asyncio.Event()
        """Set once all has been said."""

    async def defer(self) -> None:
        """Announce an answer, unless there is one."""
        async with self._turn:
            if self._state is not State.OPEN:
                return
            if self._handle.kind is Kind.COMPONENT:
                await self._first(Answer.DEFERRED_CHANGE)
                self._state = State.ANSWERED
            else:
                await self._first(
                    Answer.DEFERRED, {"flags": EPHEMERAL} if self._hidden(self._private) else {}
                )
                self._state = State.THINKING

    async def working(self, text: str) -> None:  # noqa: ARG002 - Discord has its own sign for it
        """Show that an answer takes a moment; where that fails, the answer still comes."""
        await self.announce()

    async def announce(self) -> None:
        """Announce an answer, if that can be done."""
        try:
            await self.defer()
        except DeliveryError as failure:
            _log.warning("An answer was not announced: %s", failure)

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer; what does not fit into one message goes on in the next."""
        if isinstance(reply, Form):
            return await self._ask(reply)
        if isinstance(reply, Discussion) and self._handle.kind is Kind.COMPONENT and self._spot.thread:
            return await self._discuss_outside(reply)
        first, *others = self._desk.draw(reply, self._spot)
        answer = await self.say(first, private=private)
        for message in others:
            await self.say(message, private=private)
        await self._say_more(reply, answer, first)
        return answer

    async def replace(self, reply: Reply) -> None:
        """Redraw the message whose button was pressed; where that is gone, say it anew."""
        drawn, *_ = self._desk.draw(reply, self._spot)
        try:
            await self._redraw(drawn)
        except PermanentFailure as refusal:
            if code_of(refusal) != UNKNOWN_MESSAGE:
                raise
            await self.say(drawn, private=True)

    async def _redraw(self, drawn: Message) -> None:
        async with self._turn:
            if self._state is State.OPEN and await self._first(Answer.CHANGE, drawn.body()) is not None:
                self._state = State.ANSWERED
                return
            await self._desk.rest.edit_answer(self._handle.app, self._handle.token, drawn.body())

    async def dismiss(self) -> None:
        """Take the message away whose button was pressed."""
        await self.defer()
        with unless_gone():
            await self._desk.rest.delete_answer(self._handle.app, self._handle.token)

    async def open_kept(self, form: Form, page: Page) -> None:
        """Open a form as it was filled in before."""
        async with self._turn:
            if await self._first(Answer.MODAL, modal(form, page)) is not None:
                self._state = State.ANSWERED
                return
        await self.say(self._desk.draw_refused(form, page, new_key()), private=True)

    async def close(self) -> None:
        """Leave nobody waiting for an answer that does not come."""
        try:
            async with self._turn:
                if self._state is State.OPEN and self._handle.kind is Kind.COMPONENT:
                    await self._first(Answer.DEFERRED_CHANGE)
                elif self._state is State.THINKING:
                    await self._take_back()
        except DeliveryError as failure:
            _log.warning("Somebody may wait for an answer that does not come: %s", failure)

    async def _ask(self, form: Form) -> Ephemeral:
        """Open a form; where that can no longer be done, show the button that opens it."""
        part, page = parted(form, self._left, at_home=self._alone)
        async with self._turn:
            opens = self._state is State.OPEN
            if opens and await self._first(Answer.MODAL, modal(part, page)) is not None:
                self._state = State.ANSWERED
                return Ephemeral()
        await self.say(self._desk.draw_refused(part, page, new_key()), private=True)
        return Ephemeral()

    async def say(self, message: Message, *, private: bool) -> MessageRef | Ephemeral:
        """Say something by the means that is left."""
        hidden = self._hidden(private or self._alone)
        async with self._turn:
            try:
                told = await self._sent(message, hidden=hidden)
            except DeliveryError as failure:
                # A message behind an announcement that still stands would take its place, for all to see.
                exposed = self._state is State.THINKING and hidden != self._hidden(self._private)
                if not exposed and code_of(failure) not in INTERACTION_OVER:
                    raise
                _log.warning("An interaction is answered outside of it: %s", failure)
                return await self._say_outside(message, hidden=hidden)
            self._state = State.ANSWERED
        return Ephemeral() if hidden else self._spot.message(told["id"])

    async def _sent(self, message: Message, *, hidden: bool) -> Any:
        rest, app, token = self._desk.rest, self._handle.app, self._handle.token
        if self._state is State.OPEN:
            told = await self._first(Answer.MESSAGE, message.body(private=hidden))
            if told is not None:
                return told["resource"]["message"]
        if self._state is State.THINKING:
            if hidden == self._hidden(self._private):
                with unless_gone():
                    return await rest.edit_answer(app, token, message.body())
            else:
                await self._take_back()
        return await rest.follow_up(app, token, message.body(private=hidden))

    async def _first(self, kind: Answer, data: Any = None) -> Any:
        """Answer for the first time; None where that was done, by an answer that perhaps had not come."""
        rest, handle = self._desk.rest, self._handle
        try:
            return await rest.respond(handle.id, handle.token, kind, data)
        except DeliveryUnknown:
            self._perhaps = self._perhaps or kind
            raise
        except PermanentFailure as refusal:
            if code_of(refusal) != ACKNOWLEDGED:
                raise
            self._state = State.THINKING if self._perhaps is Answer.DEFERRED else State.ANSWERED
            return None

    async def _take_back(self) -> None:
        """Delete what was announced."""
        with unless_gone():
            await self._desk.rest.delete_answer(self._handle.app, self._handle.token)
        self._state = State.ANSWERED

    async def _say_outside(self, message: Message, *, hidden: bool) -> MessageRef | Ephemeral:
        """Say something where the interaction can no longer be answered, or not for the person alone."""
        self._outside += 1
        nonce, poster = f"{self._handle.id}.{self._outside}", self._desk.poster
        if hidden:
            talk = await self._desk.places.own_talk(self._handle.person)
            await poster.post(talk, message, nonce=nonce)
            return Ephemeral()
        return await poster.post(self._spot.channel, message, thread=self._spot.thread, nonce=nonce)

    def _hidden(self, private: bool) -> bool:
        """Whether the person alone sees it: in their own talk with the bot there is nobody else."""
        return private and not self._spot.direct

    async def _discuss_outside(self, reply: Discussion) -> MessageRef:
        """Open a discussion where threads begin: there are none in threads."""
        await self.defer()
        spot = Location(self._spot.workspace, self._spot.channel)
        (drawn,) = self._desk.draw(reply, spot)
        message = await self._desk.poster.post(spot.channel, drawn, nonce=self._handle.id)
        trouble = await begin_talk(self._desk, reply, message, drawn)
        where = permalink(spot.workspace, message) or ""
        told = trouble or Notice("The discussion is open.", Tone.DONE, f"Join in: {where}")
        await self.say(self._desk.draw(told, spot)[0], private=True)
        return message

    async def _say_more(self, reply: Reply, answer: MessageRef | Ephemeral, drawn: Message) -> None:
        """Say what belongs beside an answer."""
        trouble = await begin_talk(self._desk, reply, answer, drawn) or self._lacks(reply, answer)
        if trouble is not None:
            await self.say(self._desk.draw(trouble, self._spot)[0], private=True)

    def _lacks(self, reply: Reply, answer: MessageRef | Ephemeral) -> Notice | None:
        """What the bot may not do where it was set up, or where all see an answer and it does not."""
        missing = [] if self._spot.direct or self._alone else lacking(self._handle.may)
        sets_up = isinstance(reply, Subscribed) or (isinstance(reply, SettingsCard) and reply.changed)
        unseen = isinstance(answer, MessageRef) and "View Channel" in missing
        if not missing or not (sets_up or unseen):
            return None
        text = f"I lack permissions in {self._spot.name}: {', '.join(missing)}."
        hint = "Until I have them, posts, votes by reaction and discussions do not work here."
        return Notice(text, Tone.WARNING, hint)


def new_key() -> str:
    """Make a name under which a form is kept."""
    return secrets.token_urlsafe(6)
