"""Lost channels: their subscriptions are paused, and the people who subscribed are notified."""

import logging
from collections.abc import Mapping, Sequence

from bot.domain.account import Identity, Membership
from bot.domain.channel import Channel, Platform
from bot.domain.errors import DeliveryError, DeliveryUnknown, PermanentFailure
from bot.domain.subscription import Subscription
from bot.ports.store.store import Store, Transaction
from bot.ports.surface import Surface
from bot.posting.clocks import Clocks
from bot.posting.due_times import reschedule
from bot.protocol.replies import Notice, Tone
from bot.protocol.wording import counted

_ONCE_BACK = "Once I am back, let them go on with `subscriptions` and its Resume button."
_log = logging.getLogger(__name__)


class ChannelLossHandler:
    """Pauses what can no longer be posted. Nothing is deleted, so that people can resume it later."""

    def __init__(self, store: Store, surfaces: Mapping[Platform, Surface], clocks: Clocks) -> None:
        self._store = store
        self._surfaces = surfaces
        self._clocks = clocks

    async def pause_channel(self, channel: Channel, why: str) -> None:
        """Pause the channel's subscriptions and notify their owners. A second call finds nothing to pause."""
        async with self._store.writing() as tx:
            paused = await self._pause(tx, channel)
        if paused:
            text = f"I can no longer post in {channel.name}: {why}. Paused there: {_topics(paused)}."
            await self._notify_owners(channel, paused, Notice(text, Tone.WARNING, _ONCE_BACK))

    async def pause_workspace(self, platform: Platform, workspace: str) -> None:
        """Pause every subscription in a workspace that removed the bot, and notify their owners."""
        paused: dict[str, list[Subscription]] = {}
        channels_by_person: dict[str, Channel] = {}
        async with self._store.writing() as tx:
            slots = await tx.schedule.all(platform)
            channels = {slot.channel.id: slot.channel for slot in slots}
            for _, channel in sorted(channels.items()):
                if channel.workspace == workspace:
                    for each in await self._pause(tx, channel):
                        paused.setdefault(each.created_by.external_id, []).append(each)
                        channels_by_person[each.created_by.external_id] = channel
        for person, subscriptions in sorted(paused.items()):
            text = f"I was taken out, so nothing is posted any more. Paused: {_topics(subscriptions)}."
            notice = Notice(text, Tone.WARNING, _ONCE_BACK)
            await self._notify_owners(channels_by_person[person], subscriptions, notice)

    async def notify_of_failed_post(self, channel: Channel, why: str, *, maybe_sent: bool) -> bool:
        """Notify a channel's subscribers that a post failed, or that its fate is unknown (`maybe_sent`).

        Returns False if nobody could be notified now; the caller may try again later.
        """
        async with self._store.reading() as tx:
            subscriptions = await tx.subscriptions.of_channel(channel.id)
        text = (
            f"I cannot tell whether my last post stands in {channel.name}, so I do not repeat it. {why}"
            if maybe_sent
            else f"I could not send a post to {channel.name}, and no longer try. {why}"
        )
        hint = "" if maybe_sent else "What it was about can come up again in a later one."
        return await self._notify_owners(channel, subscriptions, Notice(text, Tone.WARNING, hint))

    async def _notify_owners(
        self, channel: Channel, subscriptions: Sequence[Subscription], notice: Notice
    ) -> bool:
        """Notify each owner of these subscriptions once. False: nobody could be notified now."""
        surface = self._surfaces.get(channel.platform)
        people = sorted({each.created_by.external_id for each in subscriptions})
        if surface is None:
            return False  # Another process serves this platform, and notifies them in its own round.
        if not people:
            return True
        reached = [await self._notify(surface, channel.workspace, each, notice) for each in people]
        if channel.direct:
            # The channel that failed is the one in which they are notified: try the others that are theirs.
            for each in await self._elsewhere(channel, people):
                elsewhere = self._surfaces[each.platform]
                reached.append(await self._notify(elsewhere, each.workspace, each.person.external_id, notice))
        return any(reached)

    async def _elsewhere(self, channel: Channel, people: Sequence[str]) -> list[Membership]:
        """Return who the owners of a direct channel are in their team on other platforms that we serve."""
        shared = self._surfaces[channel.platform].shared_ids
        found: list[Membership] = []
        async with self._store.reading() as tx:
            for each in people:
                identity = Identity(channel.platform, "" if shared else channel.workspace, each)
                account_id = await tx.accounts.find(identity)
                found += [] if account_id is None else await tx.accounts.memberships(account_id)
        others = self._surfaces.keys() - {channel.platform}
        return [each for each in found if each.team_id == channel.team_id and each.platform in others]

    async def _notify(self, surface: Surface, workspace: str, person: str, notice: Notice) -> bool:
        try:
            await surface.notify(workspace, person, notice)
        except DeliveryError as failure:
            _log.warning("Could not notify %s of “%s”: %s", person, notice.text, failure)
            # After a refusal or an unknown outcome a second attempt would fail again, or say it twice.
            return isinstance(failure, PermanentFailure | DeliveryUnknown)
        return True

    async def _pause(self, tx: Transaction, channel: Channel) -> list[Subscription]:
        await tx.schedule.lock_channels(channel.id)
        active = [each for each in await tx.subscriptions.of_channel(channel.id) if not each.paused]
        for each in active:
            await tx.subscriptions.pause(channel.id, each.id, paused=True)
        # Otherwise posts planned before the loss would still go out when the bot comes back.
        await tx.digests.cancel_inactive(channel.id)
        for slot in {each.spec.slot for each in active}:
            await reschedule(tx, channel.id, slot, self._clocks.now(channel.platform))
        return active


def _topics(subscriptions: Sequence[Subscription]) -> str:
    named = ", ".join(f"“{each.spec.topic}”" for each in subscriptions[:3])
    more = len(subscriptions) - 3
    return f"{named} and {counted(more, 'other')}" if more > 0 else named
