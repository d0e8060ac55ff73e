"""Reactions, from which votes are derived."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context, Origin
from bot.domain.message import MessageRef
from bot.domain.vote import KnownReactions, Reaction


class Reactions(Protocol):
    """Votes by reaction. Each observation is of one person, one message and one emoji.

    Events may arrive in any order. If the platform gives their times (`timed`), the latest time counts: a
    removed reaction stays as a tombstone with its time. Otherwise the event that arrived last counts.
    """

    async def lock(self, channel_id: int, message: MessageRef) -> None:
        """Lock a message's reactions until the transaction ends.

        Call this before reading or changing the reactions, and before deleting the message. Otherwise two
        events about one message could overwrite each other.
        """
        ...

    async def list_known(self, origin: Origin, message: MessageRef) -> KnownReactions:
        """Return which reactions of a message are stored now, to pass to `recount` later."""
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
        """Record that a person added or removed a reaction at `at`. Recording it twice changes nothing.

        If `timed`, an event that is older than what is stored changes nothing.
        """
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
        """Make the stored reactions agree with a count that began at `at`. `counted` has them by person id.

        `known` is what was stored when the count began. A reaction that changed since then is left alone,
        unless its change happened before `at`. None overrides all. A reaction that was there before keeps its
        time.
        """
        ...

    async def sweep(self, before: datetime) -> int:
        """Delete tombstones of reactions that ended before `before`. Returns how many."""
        ...
