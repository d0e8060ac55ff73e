"""A delivery with what it needs beside its store, its surfaces and its clocks."""

from collections.abc import Mapping

from bot.domain.channel import Platform
from bot.ports.store.store import Store
from bot.ports.surface import Surface
from bot.posting.channel_loss import ChannelLossHandler
from bot.posting.clocks import Clocks
from bot.posting.delivery import Delivery
from bot.posting.mailbox_owners import MailboxOwners


def delivery_over(
    store: Store, surfaces: Mapping[Platform, Surface], clocks: Clocks, worker: str = "one"
) -> Delivery:
    return Delivery(
        store,
        surfaces,
        clocks,
        worker,
        channel_loss=ChannelLossHandler(store, surfaces, clocks),
        mailbox_owners=MailboxOwners(store, surfaces),
    )
