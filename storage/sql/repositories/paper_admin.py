"""What the operator does with papers: part two that were merged, join two, put one right, remove one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, tuple_, update

from bot.domain.descriptions import OPERATORS_WORD, Description, Split, amended, joined
from bot.domain.identifiers import Identifier
from bot.domain.merging import merged
from bot.domain.paper import Paper, PaperDraft
from bot.domain.post import DigestKind, PostState
from storage.sql.repositories.paper_rows import PaperRows
from storage.sql.repositories.queues import LONG_AGO, hold_queues, work_out_channels
from storage.sql.repositories.rows import PAPER, open_states, paper_of, survivors
from storage.sql.repositories.separated import all_apart, allow_its_own, keep_apart, refuse
from storage.sql.repositories.source_records import describe, descriptions
from storage.sql.repositories.tallies import STANDING
from storage.sql.repositories.visibility import owned_by
from storage.sql.tables import (
    AnsweredLinkRow,
    DescriptionRow,
    DigestItemRow,
    DigestRow,
    DiscussionRow,
    IdentifierRow,
    MergedPaperRow,
    NewsRow,
    PaperRow,
    PostRow,
    SavedRow,
    ShownRow,
    SubmissionRow,
    VoteRow,
)
from storage.sql.types import among_numbers

_HANGING: tuple[Any, ...] = (VoteRow, ShownRow, DiscussionRow, SavedRow, AnsweredLinkRow, SubmissionRow)
_CONFIRMED = (PostState.SENT, PostState.RESOLVED)


@dataclass(frozen=True, slots=True)
class Dependents:
    """How much of what people and digests did hangs on a paper."""

    votes: int
    discussions: int
    saved: int
    messages: int
    planned: int
    """Posts that are not sent yet."""
    posted: int


class SqlPaperAdmin(PaperRows):
    """Papers of whomever, as the operator sees and changes them."""

    async def find(self, paper_id: int) -> Paper | None:
        """Give a paper, or the one that it was merged into."""
        became = await survivors(self._connection, [paper_id])
        wanted = PAPER.where(PaperRow.id == became.get(paper_id, paper_id))
        row = (await self._connection.run(wanted)).one_or_none()
        return None if row is None else paper_of(row)

    async def descriptions(self, paper_id: int) -> list[Description]:
        """What each record of each source said of a paper, in the order in which it came."""
        return await descriptions(self._connection, paper_id)

    async def separated_from(self, paper_id: int) -> frozenset[int]:
        """The papers that a paper is kept apart from."""
        return (await all_apart(self._connection)).twins(paper_id)

    async def find_by_identifier(self, identifier: Identifier, team_id: int | None) -> int | None:
        """The paper of the team, or the open one, whose name this is."""
        named = IdentifierRow.scheme == identifier.scheme, IdentifierRow.value == identifier.value
        wanted = select(IdentifierRow.paper_id).where(*named, owned_by(team_id, IdentifierRow))
        return (await self._connection.run(wanted)).scalar()

    async def count_dependents(self, paper_id: int) -> Dependents:
        """Count what hangs on a paper."""

        async def count(table: Any, *which: ColumnElement[bool]) -> int:
            wanted = select(func.count()).select_from(table).where(table.paper_id == paper_id, *which)
            return int((await self._connection.run(wanted)).scalar_one())

        states = select(PostRow.state).where(self._posts_of(paper_id))
        posts = (await self._connection.run(states)).scalars().all()
        posted = sum(state in _CONFIRMED for state in posts)
        return Dependents(
            votes=await count(VoteRow, STANDING),
            discussions=await count(DiscussionRow),
            saved=await count(SavedRow),
            messages=await count(ShownRow),
            planned=sum(state not in {*_CONFIRMED, PostState.FAILED} for state in posts),
            posted=posted,
        )

    async def is_being_sent(self, paper_id: int, now: datetime) -> bool:
        """Whether a post with a paper, or the overview that lists it, is being sent at this moment."""
        digests = select(DigestItemRow.digest_id).where(DigestItemRow.paper_id == paper_id)
        its = self._posts_of(paper_id) | PostRow.digest_id.in_(digests)
        leased = select(PostRow.id).where(its, PostRow.lease_until > now)
        return (await self._connection.run(leased.limit(1))).scalar() is not None

    async def split(self, parts: Split) -> int:
        """Make two papers of one; the number of the new one.

        Neither is merged with the other again, and what is the one's name is not the other's any more.
        """
        await self._lock()
        before, old_id = parts.before, parts.before.id
        await self._take_names(old_id, parts.new.identifiers)
        new_id = await self._insert(parts.new, before.added, before.team_id)
        keys = [each.key for each in parts.taken]
        taken = tuple_(DescriptionRow.source, DescriptionRow.record).in_(keys)
        move = update(DescriptionRow).where(DescriptionRow.paper_id == old_id, taken)
        await self._connection.run(move.values(paper_id=new_id))
        await self._update([replace(before, identifiers=parts.old.identifiers)], parts.old)
        await keep_apart(self._connection, new_id, {old_id, *self._apart.twins(old_id)})
        await refuse(self._connection, old_id, [name for name, goes in parts.shared.items() if goes])
        await refuse(self._connection, new_id, [name for name, goes in parts.shared.items() if not goes])
        return new_id

    async def merge(self, kept: Paper, gone: Paper, now: datetime) -> None:
        """Make two papers one, though they were kept apart."""
        await self._lock()
        words = [await self._word(paper.id) for paper in (gone, kept)]
        together = joined(kept, gone)
        if words[0] is not None:
            word = amended(words[0], words[1]) if words[1] is not None else words[0]
            together = merged(together, word)
            await describe(self._connection, kept.id, word, now, OPERATORS_WORD)
        await self._absorb(gone.id, kept.id)
        await self._update([kept, gone], together)

    async def edit(
        self, before: Paper, word: PaperDraft, dropped: Collection[Identifier], now: datetime
    ) -> Paper:
        """Let the operator's word stand above every source's; names that are dropped stay away."""
        await self._lock()
        await self._take_names(before.id, dropped)
        await refuse(self._connection, before.id, dropped)
        left = replace(before, identifiers=before.identifiers - frozenset(dropped))
        together = merged(left, word)
        said = amended(await self._word(before.id), word, dropped)
        await describe(self._connection, before.id, said, now, OPERATORS_WORD)
        await self._update([left], together)
        await allow_its_own(self._connection, before.id)
        return together

    async def remove(self, paper_id: int) -> None:
        """Delete a paper with all that hangs on it; its number leads nowhere from now on.

        Of digests that are not sent yet its part goes, and those that held nothing else go with it.
        """
        await self._lock()
        # Whoever is about to vote on it meanwhile waits, and then finds that it is gone.
        await self._connection.run(select(PaperRow.id).where(PaperRow.id == paper_id).with_for_update())
        of_paper = self._posts_of(paper_id)
        theirs = select(PostRow.channel_id).where(of_paper).distinct()
        channels = (await self._connection.run(theirs)).scalars().all()
        await hold_queues(self._connection, channels)
        its_digests = select(DigestItemRow.digest_id).where(DigestItemRow.paper_id == paper_id)
        digests = (await self._connection.run(its_digests)).scalars().all()
        await self._connection.run(delete(PostRow).where(of_paper))
        for table in (DigestItemRow, NewsRow, *_HANGING):
            await self._connection.run(delete(table).where(table.paper_id == paper_id))
        await self._forget_empty(digests)
        await work_out_channels(self._connection, channels, LONG_AGO)
        led_here = update(MergedPaperRow).where(MergedPaperRow.paper_id == paper_id)
        await self._connection.run(led_here.values(paper_id=None))
        await self._connection.run(delete(PaperRow).where(PaperRow.id == paper_id))
        row = {"old_id": paper_id, "paper_id": None, "sequence": await self._next()}
        await self._connection.run(self._connection.insert(MergedPaperRow).values(row))

    async def _word(self, paper_id: int) -> PaperDraft | None:
        """What the operator has said of a paper so far."""
        said = await self.descriptions(paper_id)
        return next((each.draft for each in said if each.record == OPERATORS_WORD), None)

    async def _take_names(self, paper_id: int, names: Collection[Identifier]) -> None:
        values = [(name.scheme, name.value) for name in names]
        if values:
            its = IdentifierRow.paper_id == paper_id
            named = tuple_(IdentifierRow.scheme, IdentifierRow.value).in_(values)
            await self._connection.run(delete(IdentifierRow).where(its, named))

    async def _forget_empty(self, digest_ids: Sequence[int]) -> None:
        """Delete those of these digests of papers that are not sent and hold none any more."""
        unsent = exists().where(
            PostRow.digest_id == DigestRow.id, PostRow.part == 0, PostRow.state.in_(open_states())
        )
        empty = ~exists().where(DigestItemRow.digest_id == DigestRow.id)
        which = among_numbers(DigestRow.id, "ids"), DigestRow.kind == DigestKind.PAPERS, empty, unsent
        await self._connection.run(delete(DigestRow).where(*which), {"ids": digest_ids})

    def _posts_of(self, paper_id: int) -> ColumnElement[bool]:
        """Whether a post is of a paper alone: its part of a digest, or news of it."""
        items = select(DigestItemRow.id).where(DigestItemRow.paper_id == paper_id)
        news = select(NewsRow.id).where(NewsRow.paper_id == paper_id)
        return PostRow.item_id.in_(items) | PostRow.news_id.in_(news)
