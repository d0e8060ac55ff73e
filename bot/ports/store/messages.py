"""Messages that show papers."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Channel, Origin, Platform
from bot.domain.message import MessageRef, ShownMessage
from bot.domain.vote import TallyCount


class Messages(Protocol):
    """Which messages show which papers."""

    async def record(self, channel: Channel, shown: Iterable[ShownMessage], at: datetime) -> None:
        """Remember what a message shows; twice is once."""
        ...

    async def paper_on(self, channel_id: int, message: MessageRef) -> int | None:
        """The one paper that a message shows, None where it shows none or several."""
        ...

    async def find_cards(self, channel_id: int, paper_id: int, limit: int) -> list[ShownMessage]:
        """The latest messages that show this one paper alone, and previews of it under people's links."""
        ...

    async def last_shown(
        self, channel: Channel, paper_ids: Collection[int], among: Collection[str]
    ) -> dict[int, Channel]:
        """In which channel each paper was shown last, among those of a channel's team and workspace.

        `among` names them by the platform's ids; people's own talks with the bot are left out.
        """
        ...

    async def record_tally(
        self, channel_id: int, paper_id: int, message: MessageRef, tally: TallyCount
    ) -> None:
        """Note which votes a message shows now."""
        ...

    async def record_preview(self, channel_id: int, paper_id: int, message: MessageRef, link: str) -> None:
        """Note that a preview of the paper stands under a person's link."""
        ...

    async def to_recount(
        self, platform: Platform, since: datetime, before: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        """Messages that show one paper, shown between these times and not recounted since `before`.

        Those whose last recount is longest ago come first, and of these the latest. The origin's person
        is whose direct message it is, and empty elsewhere.
        """
        ...

    async def recovered_to_recount(
        self, platform: Platform, since: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        """Messages that show one paper and were in doubt, found since then, and not recounted so far."""
        ...

    async def mark_recounted(self, channel_id: int, message: MessageRef, at: datetime) -> None:
        """Note when a message's reactions were last counted."""
        ...

    async def unlink(self, channel_id: int, message: MessageRef, keep: Collection[int]) -> None:
        """Note that a person's message links to no papers besides these; votes on the others end with it."""
        ...

    async def claim_link_answer(
        self, channel: Channel, paper_id: int, now: datetime, since: datetime
    ) -> bool:
        """Undertake to answer for a link to a paper; False where one was answered for `since` then."""
        ...

    async def forget(self, channel_id: int, message: MessageRef) -> None:
        """Note that a message is gone; votes by reaction on it end with it."""
        ...
