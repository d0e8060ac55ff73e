"""Which mailbox a link or a returned mail is about, and what becomes of it."""

import logging
from collections.abc import Mapping, Sequence

from adapters.common.conversation import CollectedReplies
from adapters.email import EMAIL
from bot.commands.email import TRENDING_NAME
from bot.conversation.dispatcher import Bot
from bot.domain.account import Identity
from bot.domain.channel import Channel, Context, Origin
from bot.domain.errors import UserError
from bot.domain.mailbox import MailboxRequest
from bot.ports.clock import Clock
from bot.ports.store.store import Store, Transaction
from bot.posting.stopping import end_all
from bot.protocol.events import CommandInvoked
from bot.protocol.replies import Reply

_LEFT = "You're no longer in the workspace of the team whose papers these were, so nothing has changed."
_NOT_IN_TEAM = "The owner of this address isn't in the team whose papers these are, so I can't send them."
_log = logging.getLogger(__name__)


def workspace_of(request: MailboxRequest) -> str:
    """Return the workspace of a mailbox: `team-12` for a team's papers, else the address, a team of its own.

    No address lacks an @, so the two never meet.
    """
    return request.address if request.team_id is None else f"team-{request.team_id}"


def origin_of(workspace: str, address: str, timezone: str = "") -> Origin:
    """Return the origin of what the owner of a mailbox does."""
    return Origin(
        EMAIL, workspace, address, address, address, channel_name=address, direct=True, timezone=timezone
    )


def _identity(address: str) -> Identity:
    return Identity(EMAIL, "", address, address)


class MailboxDesk:
    """Opens and closes mailboxes, and acts for their owners."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def confirm(self, bot: Bot, request: MailboxRequest) -> tuple[Sequence[Reply], bool]:
        """Subscribe a mailbox. Return the replies, and whether it is linked with whoever asked.

        Raises:
            UserError: the team that the papers are of is no longer there, or the owner is not in it.
            NotSent: no platform says whether they are.

        """
        origin = origin_of(workspace_of(request), request.address, request.options.get("tz", ""))
        async with self._store.writing() as tx:
            team = request.team_id
            if team is not None and not await tx.directory.join_team(EMAIL, origin.workspace, team):
                raise UserError("The team whose papers these are is no longer here.")
            mailbox = (await tx.directory.resolve(origin, self._clock.now())).channel
            linked = await self._link(tx, request)
        if not await bot.may_read(mailbox):
            raise UserError(_NOT_IN_TEAM)
        conversation = CollectedReplies()
        wanted = [{"topic": topic} for topic in request.topics]
        if request.trending:
            wanted.append({"topic": TRENDING_NAME, "trending": "yes"})
        for each in wanted:
            arguments = {**each, **request.options}
            event = CommandInvoked(origin=origin, name="subscribe", arguments=arguments)
            await bot.receive(event, conversation)
        return conversation.replies, linked

    async def act(self, bot: Bot, owner: Mapping[str, str], command: str, **arguments: str) -> Reply:
        """Give a command for the owner of a mailbox, and return the reply.

        Raises:
            UserError: they have left the team.
            DeliveryError: no platform says whether they have.

        """
        await self._context(bot, owner)
        conversation = CollectedReplies()
        origin = origin_of(owner["workspace"], owner["address"])
        await bot.receive(CommandInvoked(origin=origin, name=command, arguments=arguments), conversation)
        return conversation.replies[-1]

    async def title(self, bot: Bot, owner: Mapping[str, str], paper_id: int) -> str:
        """Return the title of a paper that the owner of a mailbox may see; empty if they may not.

        Raises:
            UserError: they have left the team.
            DeliveryError: no platform says whether they have.

        """
        context = await self._context(bot, owner)
        if context is None:
            return ""
        async with self._store.reading() as tx:
            papers = await tx.papers.get([paper_id], context.team_id)
        return papers[paper_id].title if paper_id in papers else ""

    async def _context(self, bot: Bot, owner: Mapping[str, str]) -> Context | None:
        """Return the mailbox of a link, if its owner may still act in its team; None if it is not there."""
        async with self._store.reading() as tx:
            [context] = await tx.directory.find_contexts([origin_of(owner["workspace"], owner["address"])])
        if context is not None and not await bot.may_read(context.channel):
            raise UserError(_LEFT)
        return context

    async def linked_with(self, owner: Mapping[str, str]) -> Sequence[Identity]:
        """Return who else the owner of an address is."""
        own = _identity(owner["address"])
        async with self._store.reading() as tx:
            account_id = await tx.accounts.find(own)
            known = [] if account_id is None else await tx.accounts.identities(account_id)
        return [each for each in known if (each.platform, each.external_id) != (EMAIL, own.external_id)]

    async def unlink(self, owner: Mapping[str, str]) -> bool:
        """Take an address out of its owner's account, and end what a team of theirs sends to it.

        Returns False if it was linked with nobody.
        """
        async with self._store.writing() as tx:
            if not await tx.accounts.unlink(_identity(owner["address"])):
                return False
            if owner["workspace"] != owner["address"]:
                await self._end(tx, owner)
        return True

    async def _end(self, tx: Transaction, owner: Mapping[str, str]) -> None:
        [context] = await tx.directory.find_contexts([origin_of(owner["workspace"], owner["address"])])
        if context is not None:
            await end_all(tx, context.channel.id, self._clock.now())

    async def stop(self, owner: Mapping[str, str]) -> None:
        """End all of a mailbox's subscriptions."""
        async with self._store.writing() as tx:
            await self._end(tx, owner)

    async def stop_returned(self, channel: Channel, why: str) -> bool:
        """End a mailbox's subscriptions because its mails come back. Return whether there were any."""
        async with self._store.writing() as tx:
            ended = await end_all(tx, channel.id, self._clock.now())
        if ended:
            _log.warning("Mails to channel %s are stopped: %s", channel.id, why)
        return bool(ended)

    async def _link(self, tx: Transaction, request: MailboxRequest) -> bool:
        """Make whoever asked and the owner of the address one person.

        An address that is already somebody else's, with a platform of their own, stays theirs: a stranger
        who types it in chat must not become them by one careless click.
        """
        if request.asked_by is None:
            return False
        mailbox = _identity(request.address)
        owner, asker = await tx.accounts.find(mailbox), await tx.accounts.find(request.asked_by)
        if owner is not None and owner != asker and len(await tx.accounts.identities(owner)) > 1:
            return False
        await tx.accounts.link(request.asked_by, mailbox, self._clock.now())
        return True
