"""Reactions, from which votes are derived."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context, Origin
from bot.domain.message import MessageRef
from bot.domain.vote import KnownReactions, Reaction


class Reactions(Protocol):
    """Votes by reaction. Each is an observation of a person, a message and an emoji, and ends with that.

    Where a platform tells when something happened (`timed`), the latest by its time counts, whatever order
    it is heard in: what was taken away leaves a tombstone with its time. Otherwise what is heard last counts.
    """

    async def lock(self, channel_id: int, message: MessageRef) -> None:
        """Let nobody else change a message's reactions until the transaction ends.

        Whoever changes them or deletes the message does this first, before looking at what there is.
        """
        ...

    async def list_known(self, origin: Origin, message: MessageRef) -> KnownReactions:
        """What has been heard of a message's reactions so far."""
        ...

    async def change(
        self,
        context: Context,
        paper_id: int,
        message: MessageRef,
        reaction: Reaction,
        *,
        added: bool,
        at: datetime,
        timed: bool,
    ) -> None:
        """Record that a reaction was added or taken away. Hearing it twice is one observation."""
        ...

    async def recount(
        self,
        context: Context,
        paper_id: int,
        message: MessageRef,
        counted: Mapping[int, Collection[Reaction]],
        at: datetime,
        *,
        known: KnownReactions | None,
        timed: bool,
    ) -> None:
        """Make the message's reactions agree with a count that began at `at`, by person.

        `known` is what had been heard when it began: whatever was heard since stays as it is, unless it
        happened before. None overrides all. What stood before keeps its time.
        """
        ...

    async def sweep(self, before: datetime) -> int:
        """Drop tombstones of reactions that ended before then, and say how many that were."""
        ...
