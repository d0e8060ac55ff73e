"""Messages that show papers."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Channel, Origin, Platform
from bot.domain.message import MessageRef, ShownMessage
from bot.domain.vote import TallyCount


class Messages(Protocol):
    """Which messages show which papers, with the votes that each message displays."""

    async def record(self, channel: Channel, shown: Iterable[ShownMessage], at: datetime) -> None:
        """Record which papers messages show. Recording one twice changes nothing."""
        ...

    async def paper_on(self, channel_id: int, message: MessageRef) -> int | None:
        """Return the paper that a message shows, None if it shows none or several."""
        ...

    async def find_cards(self, channel_id: int, paper_id: int, limit: int) -> list[ShownMessage]:
        """Return the latest messages that show only this paper, latest first.

        Includes previews of the paper under people's links.
        """
        ...

    async def last_shown(
        self, channel: Channel, paper_ids: Collection[int], among: Collection[str]
    ) -> dict[int, Channel]:
        """Return, by paper, the channel that a message showed the paper in last.

        Looks only at channels of `channel`'s team and workspace whose platform ids are `among` those given.
        Direct messages with the bot are left out.
        """
        ...

    async def record_tally(
        self, channel_id: int, paper_id: int, message: MessageRef, tally: TallyCount
    ) -> None:
        """Record which votes a message displays now."""
        ...

    async def record_preview(self, channel_id: int, paper_id: int, message: MessageRef, link: str) -> None:
        """Record that a preview of the paper stands under a person's link."""
        ...

    async def to_recount(
        self, platform: Platform, since: datetime, before: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        """Return messages that show one paper, shown between `since` and `before` and due for a recount.

        A message is due if it was not recounted since `before`. Messages that were never recounted come
        first, then those whose recount is longest ago, and among equals the latest message. The origin's
        person is the owner if the channel is a direct message, and empty otherwise.
        """
        ...

    async def recovered_to_recount(
        self, platform: Platform, since: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        """Return messages of posts that were in doubt and were found at `since` or later, latest first.

        Only messages that were never recounted. People may have voted on them before the bot knew them.
        """
        ...

    async def mark_recounted(self, channel_id: int, message: MessageRef, at: datetime) -> None:
        """Record when a message's reactions were last counted on the platform."""
        ...

    async def unlink(self, channel_id: int, message: MessageRef, keep: Collection[int]) -> None:
        """Record that a person's message links to no papers but `keep`.

        Deletes the votes by reaction on the other papers. The bot's own messages stay.
        """
        ...

    async def claim_link_answer(
        self, channel: Channel, paper_id: int, now: datetime, since: datetime
    ) -> bool:
        """Claim the right to answer for a link to a paper, at `now`. Returns whether it was free.

        It is not free if the channel got an answer for this paper at `since` or later.
        """
        ...

    async def forget(self, channel_id: int, message: MessageRef) -> None:
        """Delete what is stored of a message that is gone, with the votes by reaction on it."""
        ...
