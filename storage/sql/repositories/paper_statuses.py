"""What a channel and a person have done with papers."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, or_, select

from bot.domain.vote import PaperStatus, TallyCount, Vote
from storage.sql.connection import AnyRow, Repository
from storage.sql.repositories.rows import WITHIN_SINGLE, survivors
from storage.sql.repositories.tallies import downs, latest_votes, ups
from storage.sql.repositories.visibility import readable
from storage.sql.tables import (
    ChannelRow,
    DigestItemRow,
    DiscussionRow,
    PaperRow,
    PersonRow,
    PostRow,
    SavedRow,
    SubmissionRow,
    VoteRow,
)
from storage.sql.types import among_numbers, collected


def _statuses() -> Any:
    channel: BindParameter[int] = bindparam("channel_id")
    of_channel = select(ChannelRow.team_id).where(ChannelRow.id == channel).scalar_subquery()
    latest = latest_votes(VoteRow.channel_id == channel, among_numbers(VoteRow.paper_id, "ids"))
    of_people = among_numbers(latest.c.person_id, "people")
    discussed = exists().where(DiscussionRow.channel_id == channel, DiscussionRow.paper_id == PaperRow.id)
    item = DigestItemRow.channel_id == channel, DigestItemRow.paper_id == PaperRow.id
    posted = or_(
        exists().where(*item, PostRow.item_id == DigestItemRow.id, PostRow.message.is_not(None)),
        exists().where(*item, *WITHIN_SINGLE, PostRow.message.is_not(None)),
    )
    saved = select(collected(SavedRow.person_id)).where(
        among_numbers(SavedRow.person_id, "people"), SavedRow.paper_id == PaperRow.id
    )
    added = (
        select(PersonRow.name)
        .join(SubmissionRow, SubmissionRow.person_id == PersonRow.id)
        .where(SubmissionRow.channel_id == channel, SubmissionRow.paper_id == PaperRow.id)
        .order_by(SubmissionRow.added_at, PersonRow.id)
        .correlate(PaperRow)
        .subquery()
    )
    return (
        select(
            PaperRow.id,
            ups(latest),
            downs(latest),
            collected(latest.c.person_id).filter(latest.c.value > 0, of_people).label("upvoters"),
            collected(latest.c.person_id).filter(latest.c.value < 0, of_people).label("downvoters"),
            discussed.label("discussed"),
            posted.label("posted"),
            saved.scalar_subquery().label("saved_by"),
            select(collected(added.c.name)).scalar_subquery().label("added_by"),
        )
        .outerjoin(latest, latest.c.paper_id == PaperRow.id)
        .where(among_numbers(PaperRow.id, "ids"), or_(readable(None), PaperRow.team_id == of_channel))
        .group_by(PaperRow.id)
    )


_STATUSES = _statuses()


class SqlPaperStatuses(Repository):
    """Statuses from all tables that know of a paper."""

    async def get(
        self, channel_id: int, paper_ids: Collection[int], person_id: int | None = None
    ) -> dict[int, PaperStatus]:
        [found] = await self.get_for_each([(channel_id, paper_ids, person_id)])
        return found

    async def get_for_each(
        self, requests: Sequence[tuple[int, Collection[int], int | None]]
    ) -> list[dict[int, PaperStatus]]:
        rows: dict[int, dict[int, AnyRow]] = {}
        for channel_id in {channel_id for channel_id, _, _ in requests}:
            of_channel = [(ids, person_id) for channel, ids, person_id in requests if channel == channel_id]
            all_ids = {paper_id for ids, _ in of_channel for paper_id in ids}
            people = {person_id for _, person_id in of_channel if person_id is not None}
            rows[channel_id] = await self._rows(channel_id, all_ids, people)
        return [
            {each: _seen_by(person_id, found) for each in ids if (found := rows[channel_id].get(each))}
            for channel_id, ids, person_id in requests
        ]

    async def _rows(
        self, channel_id: int, paper_ids: Collection[int], people: Collection[int]
    ) -> dict[int, AnyRow]:
        if not paper_ids:
            return {}
        parameters = {"channel_id": channel_id, "people": people, "ids": paper_ids}
        found = {row.id: row for row in await self._connection.run(_STATUSES, parameters)}
        merged = await survivors(self._connection, set(paper_ids) - found.keys())
        others = await self._rows(channel_id, set(merged.values()), people)
        return found | {old: others[new] for old, new in merged.items()}


def _seen_by(person_id: int | None, row: AnyRow) -> PaperStatus:
    own = Vote.NONE
    if person_id in (row.upvoters or ()):
        own = Vote.UP
    elif person_id in (row.downvoters or ()):
        own = Vote.DOWN
    saved = person_id in (row.saved_by or ())
    added_by = tuple(row.added_by or ())
    return PaperStatus(TallyCount(row.up, row.down), own, row.discussed, row.posted, saved, added_by)
