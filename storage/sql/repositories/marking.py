"""What stands beside a paper in a list."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, func, select

from bot.models import Marks, TallyCount, Vote
from storage.sql.link import Repository
from storage.sql.repositories.rows import survivors
from storage.sql.repositories.tallying import downs, latest_votes, ups
from storage.sql.tables import DigestItemRow, DiscussionRow, PaperRow, PostRow, SavedRow, VoteRow
from storage.sql.types import among_numbers


def _marks() -> Any:
    channel: BindParameter[int] = bindparam("channel_id")
    person: BindParameter[int | None] = bindparam("person_id")
    latest = latest_votes(VoteRow.channel_id == channel, among_numbers(VoteRow.paper_id, "ids"))
    discussed = exists().where(DiscussionRow.channel_id == channel, DiscussionRow.paper_id == PaperRow.id)
    posted = exists().where(
        DigestItemRow.channel_id == channel,
        DigestItemRow.paper_id == PaperRow.id,
        PostRow.item_id == DigestItemRow.id,
        PostRow.message.is_not(None),
    )
    saved = exists().where(SavedRow.person_id == person, SavedRow.paper_id == PaperRow.id)
    return (
        select(
            PaperRow.id,
            ups(latest),
            downs(latest),
            func.max(latest.c.value).filter(latest.c.person_id == person).label("own"),
            discussed.label("discussed"),
            posted.label("posted"),
            saved.label("saved"),
        )
        .outerjoin(latest, latest.c.paper_id == PaperRow.id)
        .where(among_numbers(PaperRow.id, "ids"))
        .group_by(PaperRow.id)
    )


_MARKS = _marks()


class SqlMarking(Repository):
    """Marks from all that the database knows of a paper."""

    async def marks(
        self, channel_id: int, paper_ids: Collection[int], person_id: int | None = None
    ) -> dict[int, Marks]:
        """Each paper's marks in a channel; a person's own vote and saves only if asked."""
        if not paper_ids:
            return {}
        wanted = {"channel_id": channel_id, "person_id": person_id, "ids": paper_ids}
        found = {
            row.id: Marks(
                TallyCount(row.up, row.down), Vote(row.own or 0), row.discussed, row.posted, row.saved
            )
            for row in await self._link.run(_MARKS, wanted)
        }
        became = await survivors(self._link, set(paper_ids) - found.keys())
        others = await self.marks(channel_id, set(became.values()), person_id)
        return found | {old: others[new] for old, new in became.items()}
