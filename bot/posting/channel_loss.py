"""Places that are lost: what was to be posted there is paused, and whoever asked for it is told."""

import logging
from collections.abc import Mapping, Sequence

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
    """Pauses what can no longer be posted. Nothing is deleted: who comes back finds all as it was."""

    def __init__(self, store: Store, surfaces: Mapping[Platform, Surface], clocks: Clocks) -> None:
        """Take the surfaces on which people are told."""
        self._store = store
        self._surfaces = surfaces
        self._clocks = clocks

    async def lose_channel(self, channel: Channel, why: str) -> None:
        """Pause a channel's subscriptions, and tell those who asked for them; once, as long as it lasts."""
        async with self._store.writing() as tx:
            paused = await self._pause(tx, channel)
        if paused:
            told = f"I can no longer post in {channel.name}: {why}. Paused there: {_topics(paused)}."
            await self._tell_owners(channel, paused, Notice(told, Tone.WARNING, _ONCE_BACK))

    async def lose_workspace(self, platform: Platform, workspace: str) -> None:
        """Pause all that is posted in a workspace that the bot was taken out of, and tell whom it reaches."""
        paused: dict[str, list[Subscription]] = {}
        places: dict[str, Channel] = {}
        async with self._store.writing() as tx:
            slots = await tx.schedule.all(platform)
            channels = {slot.channel.id: slot.channel for slot in slots}
            for _, channel in sorted(channels.items()):
                if channel.workspace == workspace:
                    for each in await self._pause(tx, channel):
                        paused.setdefault(each.created_by.external_id, []).append(each)
                        places[each.created_by.external_id] = channel
        for person, subscriptions in sorted(paused.items()):
            told = f"I was taken out, so nothing is posted any more. Paused: {_topics(subscriptions)}."
            await self._tell_owners(places[person], subscriptions, Notice(told, Tone.WARNING, _ONCE_BACK))

    async def tell_of_post(self, channel: Channel, why: str, *, in_doubt: bool) -> bool:
        """Tell those who asked for a channel's posts that one of them did not come, or may not have.

        False where nobody could be told for now, and it may be tried again.
        """
        async with self._store.reading() as tx:
            subscriptions = await tx.subscriptions.of_channel(channel.id)
        told = (
            f"I cannot tell whether my last post stands in {channel.name}, so I do not repeat it. {why}"
            if in_doubt
            else f"I could not send a post to {channel.name}, and no longer try. {why}"
        )
        hint = "" if in_doubt else "What it was about can come up again in a later one."
        return await self._tell_owners(channel, subscriptions, Notice(told, Tone.WARNING, hint))

    async def _tell_owners(
        self, channel: Channel, subscriptions: Sequence[Subscription], notice: Notice
    ) -> bool:
        """Tell those who asked for these subscriptions something, each once; False as for `tell_of_post`."""
        surface = self._surfaces.get(channel.platform)
        people = sorted({each.created_by.external_id for each in subscriptions})
        if surface is None:
            return False  # Another process has it, and is to tell them.
        if not people:
            return True
        return any([await self._tell(surface, channel.workspace, each, notice) for each in people])

    async def _tell(self, surface: Surface, workspace: str, person: str, notice: Notice) -> bool:
        try:
            await surface.notify(workspace, person, notice)
        except DeliveryError as failure:
            _log.warning("%s could not be told “%s”: %s", person, notice.text, failure)
            return isinstance(failure, PermanentFailure | DeliveryUnknown)
        return True

    async def _pause(self, tx: Transaction, channel: Channel) -> list[Subscription]:
        await tx.schedule.lock_channels(channel.id)
        standing = [each for each in await tx.subscriptions.of_channel(channel.id) if not each.paused]
        for each in standing:
            await tx.subscriptions.pause(channel.id, each.id, paused=True)
        await tx.digests.cancel_inactive(channel.id)
        for slot in {each.spec.slot for each in standing}:
            await reschedule(tx, channel.id, slot, self._clocks.now(channel.platform))
        return standing


def _topics(subscriptions: Sequence[Subscription]) -> str:
    named = ", ".join(f"“{each.spec.topic}”" for each in subscriptions[:3])
    more = len(subscriptions) - 3
    return f"{named} and {counted(more, 'other')}" if more > 0 else named
