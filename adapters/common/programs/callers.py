"""Who calls: a person's program with its token, or a visitor. Both go through the bot's one door."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.common.conversation import CollectedReplies
from adapters.common.programs.operations import Operation
from adapters.common.visitors import PROGRAMS, count, let_in
from bot.conversation.accounts import hash_of
from bot.conversation.dispatcher import Bot
from bot.conversation.services import Services
from bot.domain.account import Membership
from bot.domain.api_token import Scope
from bot.domain.channel import Channel, Origin, Platform
from bot.domain.errors import DeliveryError, UserError
from bot.ports.coordination import Pace, RateLimiter
from bot.protocol.events import CommandInvoked
from bot.protocol.replies import Notice, Reply

VISITOR = Origin(Platform("web"), "public", "public", "visitor")
"""Whoever has no token. This team has no papers of its own, so that commands show open papers only."""
TOKEN_PACE = Pace(interval=0.5, burst=60)
_LONGEST_TOKEN = 200


class TokenNeeded(UserError):
    """Nobody may do this without a token, or the token is not known."""


class NotAllowed(UserError):
    """The token does not allow this."""


class UnknownChannel(UserError):
    """The person can read no such channel."""


class MembershipUnknown(UserError):
    """The platform does not say now whether the person is still in the workspace."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person whose program calls, and what it may do."""

    membership: Membership
    scopes: frozenset[Scope]


class ProgramDoor:
    """Answers programs: finds out who calls, keeps them to their pace, and asks the bot for them."""

    def __init__(self, bot: Bot, services: Services, limiter: RateLimiter) -> None:
        self._bot = bot
        self._services = services
        self._limiter = limiter

    async def caller(self, token: str, address: str) -> Caller:
        """Return whose token it is, once it is their turn.

        Raises:
            TokenNeeded: nobody's, or it has expired, or its person has left the workspace.
            MembershipUnknown: the platform does not say whether they have.
            TooBusy: the token is used too often, or too many wrong ones come from this address.

        """
        now = self._services.clock.now()
        found = None
        if len(token) <= _LONGEST_TOKEN:
            async with self._services.store.reading() as tx:
                found = await tx.api_tokens.find(hash_of(token), now)
        if found is None:
            await count(self._limiter, PROGRAMS, address)
            raise TokenNeeded("I don't know this token, or it has ended. Get a new one in chat with `token`.")
        async with self._limiter.turn(f"programs:token:{found.id}", TOKEN_PACE, 0.0):
            pass
        await self._require_member(found.membership)
        if found.last_used != now.date():
            async with self._services.store.writing() as tx:
                await tx.api_tokens.mark_used(found.id, now.date())
        return Caller(found.membership, found.scopes)

    async def _require_member(self, membership: Membership) -> None:
        try:
            member = await self._services.accounts.is_member(membership)
        except DeliveryError as failure:
            # Neither let in nor refused for good: a program would take a refusal for the end of its token.
            platform = membership.platform.capitalize()
            raise MembershipUnknown(f"I couldn't ask {platform} who you are. Try again soon.") from failure
        if not member:
            raise TokenNeeded("You are no longer in the workspace that this token is for.")

    async def let_visitor_in(self, address: str) -> None:
        """Let somebody without a token in now.

        Raises:
            TooBusy: they, or all visitors together, come too often.

        """
        await let_in(self._limiter, PROGRAMS, address)

    def require(self, caller: Caller | None, operation: Operation) -> None:
        """Check that a caller, None for a visitor, may call an operation at all.

        Raises:
            TokenNeeded: a visitor may not do this.
            NotAllowed: the token does not allow it.

        """
        if caller is None:
            if not operation.open:
                raise TokenNeeded("This needs a token. Get one in chat with `token`.")
        elif (Scope.WRITE if operation.changes else Scope.READ) not in caller.scopes:
            raise NotAllowed(
                "This token can only read. Make another in chat: `token NAME scopes:read,write`."
            )

    async def answer(
        self, caller: Caller | None, operation: Operation, arguments: Mapping[str, str], channel: str = ""
    ) -> Reply:
        """Run a command for a caller, None for a visitor. An error of the command is a Notice.

        Raises:
            TokenNeeded: a visitor may not do this.
            NotAllowed: the token does not allow it.
            UnknownChannel: the person can read no such channel.

        """
        self.require(caller, operation)
        if caller is None:
            if channel or not operation.open_to_visitors(arguments):
                raise TokenNeeded("This needs a token. Get one in chat with `token`.")
            return await self._ask(VISITOR, operation, arguments)
        place = await self._channel(caller.membership, channel) if channel else None
        return await self._ask(caller.membership.origin(place), operation, arguments)

    async def _ask(self, origin: Origin, operation: Operation, arguments: Mapping[str, str]) -> Reply:
        heard = CollectedReplies()
        event = CommandInvoked(origin=origin, name=operation.name, arguments=arguments, turns_pages=True)
        await self._bot.receive(event, heard)
        return heard.replies[-1] if heard.replies else Notice("There is nothing to tell.")

    async def _channel(self, membership: Membership, wanted: str) -> Channel:
        """Return the channel of this id or name, of those that the person may read."""
        readable = await self._services.accounts.readable_channels(membership)
        async with self._services.store.reading() as tx:
            channels = await tx.directory.shared_channels(membership.platform, membership.workspace, readable)
        name = wanted.removeprefix("#")
        found = [each for each in channels if each.external_id == wanted] or [
            each for each in channels if each.name.removeprefix("#") == name
        ]
        if not found:
            raise UnknownChannel("I know no such channel that you can read.", "channel")
        if len(found) > 1:
            raise UserError("You can read several channels of this name. Say which by its id.", "channel")
        return found[0]
