"""Interactions and what became of them: https://docs.discord.com/developers/interactions/receiving-and-responding."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.places import Message
from tests.servers.discord.sessions import DEADLINE, Delivery
from tests.servers.discord.state import World

PING, COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 1, 2, 3, 4, 5
PONG, ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
POSSIBLE = {
    COMMAND: (ANSWER, DEFER, MODAL),
    COMPONENT: (ANSWER, DEFER, DEFER_UPDATE, UPDATE, MODAL),
    AUTOCOMPLETE: (CHOICES,),
    SUBMIT: (ANSWER, DEFER, DEFER_UPDATE, UPDATE),
}


@dataclass
class Interaction:
    """One interaction, from the person's deed to the last follow-up."""

    id: int
    kind: int
    user: int
    channel: int
    guild: int | None
    data: dict[str, Any]
    given: float
    """When it began, by the server's clock."""
    message: Message | None = None
    """The message that the component stands on."""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    delivery: Delivery | None = None
    answer: dict[str, Any] | None = None
    """The first response, as it came."""
    ephemeral: bool = False
    """Whether the first response is for the person alone; a deferral settles it."""
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    """What is open to be filled in."""
    seconds: float | None = None
    """How long the first response took, in real time."""
    sent_at: float = field(default_factory=time.monotonic)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def response(self) -> int | None:
        """The kind of the first response."""
        return None if self.answer is None else int(self.answer["type"])

    @property
    def late(self) -> bool:
        return self.seconds is not None and self.seconds > limit("interaction.seconds")

    async def acked(self) -> "Interaction":
        """Wait for the first response."""
        await asyncio.wait_for(self.done.wait(), DEADLINE)
        return self

    def take(self, answer: dict[str, Any]) -> None:
        self.answer, self.seconds = answer, time.monotonic() - self.sent_at
        self.done.set()


@dataclass
class Interactions:
    """Every interaction there was."""

    world: World
    all: list[Interaction] = field(default_factory=list)

    def unanswered(self, interaction_id: int, token: str) -> Interaction:
        """The interaction that is to be answered first: in three seconds, and once."""
        found = next((one for one in self.all if one.id == interaction_id and one.token == token), None)
        if found is None:
            raise DiscordError(10062)
        if found.answer is not None:
            raise DiscordError(40060)
        if self.world.clock() - found.given > limit("interaction.seconds"):
            raise DiscordError(10062)
        return found

    def answered(self, token: str) -> Interaction:
        """The interaction that is answered further, for fifteen minutes."""
        found = next((one for one in self.all if one.token == token), None)
        if found is None or found.answer is None:
            raise DiscordError(10015)
        if self.world.clock() - found.given > limit("interaction.token.seconds"):
            raise DiscordError(50027)
        return found
