"""Figures of the whole database for whoever runs the bot. They name no team, person or paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.domain.channel import Platform
from bot.domain.post import PostState
from bot.domain.source import SourceState
from storage.sql.connection import Repository
from storage.sql.repositories.rows import OF_WORKSPACE, open_states
from storage.sql.tables import ChannelRow, PostRow, QueueRow, SourcePollRow, SourceRunRow, WorkspaceRow

LATEST_POSTS = 10_000
"""Posts that have ended are counted among so many of the latest, as the table grows for ever."""
_ENDED = (PostState.SENT, PostState.RESOLVED, PostState.FAILED)
_WHOLE = (SourceState.COMPLETE, SourceState.EMPTY)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database says of the bot's work."""

    posts: Mapping[PostState, int]
    """All open posts by state, and of the latest posts those that have ended."""
    due: Mapping[Platform, datetime]
    """When the next post of each platform may be claimed, or might have been. Without open posts: missing."""
    complete: Mapping[str, datetime | None]
    """When each source last answered in full, by the name of its poll. None: never, though it was asked."""


class SqlFigures(Repository):
    """Figures in the database. Each query is over an index, or over a bounded number of rows."""

    async def read(self) -> Figures:
        """Read all figures."""
        return Figures(await self._posts(), await self._due(), await self._complete())

    async def _posts(self) -> dict[PostState, int]:
        state, number = PostRow.state, func.count()
        still_open = select(state, number).where(state.in_(open_states())).group_by(state)
        latest = select(state).order_by(PostRow.id.desc()).limit(LATEST_POSTS).subquery()
        ended = select(latest.c.state, number).where(latest.c.state.in_(_ENDED)).group_by(latest.c.state)
        counted = [*await self._connection.run(still_open), *await self._connection.run(ended)]
        return dict.fromkeys(PostState, 0) | {row[0]: row[1] for row in counted}

    async def _due(self) -> dict[Platform, datetime]:
        query = (
            select(WorkspaceRow.platform, func.min(QueueRow.next_at))
            .select_from(QueueRow)
            .join(ChannelRow, ChannelRow.id == QueueRow.channel_id)
            .join(WorkspaceRow, OF_WORKSPACE)
            .where(QueueRow.next_at.is_not(None))
            .group_by(WorkspaceRow.platform)
        )
        return {row[0]: row[1] for row in await self._connection.run(query)}

    async def _complete(self) -> dict[str, datetime | None]:
        """Take a feed's runs by day; a source without days has only its latest poll."""
        polls = select(SourcePollRow.name, SourcePollRow.polled_at, SourcePollRow.error)
        runs = select(SourceRunRow.source, func.max(SourceRunRow.at)).group_by(SourceRunRow.source)
        whole = await self._connection.run(runs.where(SourceRunRow.state.in_(_WHOLE)))
        by_poll = {
            row.name: None if row.error else row.polled_at for row in await self._connection.run(polls)
        }
        return by_poll | {row[0]: row[1] for row in whole}
