"""Whether the owner of a mailbox is still in the team whose papers it gets: their chat platform knows."""

from collections.abc import Mapping

from bot.domain.account import Identity, Membership
from bot.domain.channel import Channel, Platform
from bot.domain.errors import DeliveryError, NotSent
from bot.ports.mailboxes import Mailboxes
from bot.ports.store.store import Store
from bot.ports.surface import Surface


class MailboxOwners:
    """Asks the platforms on which the owner of a mailbox is in the team."""

    def __init__(self, store: Store, surfaces: Mapping[Platform, Surface]) -> None:
        self._store = store
        self._surfaces = surfaces
        self._mailboxes = {name: each for name, each in surfaces.items() if isinstance(each, Mailboxes)}

    async def may_read(self, channel: Channel) -> bool:
        """Whether a channel is no mailbox, or has a team of its own, or its owner is in its team now.

        Raises:
            NotSent: a platform does not say, and no other one says that they are.

        """
        mail = self._mailboxes.get(channel.platform)
        if mail is None or await mail.is_member(channel.workspace, channel.external_id):
            return True
        silent: DeliveryError | None = None
        for each in await self._elsewhere(channel):
            try:
                if await self._is_member(each):
                    return True
            except DeliveryError as failure:
                silent = failure
        if silent is not None:
            # Whatever it was, it says nothing of the mail itself: that one waits.
            raise NotSent(f"Nobody says whether its owner is still in the team: {silent}") from silent
        return False

    async def _elsewhere(self, channel: Channel) -> list[Membership]:
        """Return who the owner is in the team on other platforms."""
        async with self._store.reading() as tx:
            account_id = await tx.accounts.find(Identity(channel.platform, "", channel.external_id))
            known = [] if account_id is None else await tx.accounts.memberships(account_id)
        return [
            each for each in known if each.team_id == channel.team_id and each.platform != channel.platform
        ]

    async def _is_member(self, membership: Membership) -> bool:
        surface = self._surfaces.get(membership.platform)
        if surface is None:
            # Another process may serve it, so this is no reason to stop the mails for good.
            raise NotSent(f"This process cannot ask {membership.platform} who is in the team.")
        return await surface.is_member(membership.workspace, membership.person.external_id)
