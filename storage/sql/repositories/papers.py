"""Papers: open ones, and each team's own. What a team is not to read is not there for it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, or_, select, update

from bot.domain.history import Activity
from bot.domain.identifiers import Identifier
from bot.domain.message import MessageKind
from bot.domain.paper import Paper, PaperDraft, PaperFilter
from bot.domain.web_links import link_key
from storage.sql.connection import AnySelect, Repository
from storage.sql.repositories.activity import (
    activity_between,
    nearest_days,
    submitters,
    team_activity,
)
from storage.sql.repositories.rows import PAPER, paper_of, survivors
from storage.sql.repositories.tallies import STANDING, team_votes, ups
from storage.sql.repositories.visibility import (
    HIDDEN,
    IS_SAMPLE,
    may_read,
    owned_by,
    readable,
    readable_by_given,
)
from storage.sql.tables import (
    CategoryRow,
    DescriptionRow,
    DigestItemRow,
    DiscussionRow,
    IdentifierRow,
    LinkRow,
    MergedPaperRow,
    PaperRow,
    RestoreRow,
    ShownRow,
    VoteRow,
)
from storage.sql.types import among_numbers, among_texts, collected

_DESCRIBED = (
    select(DescriptionRow.digest, DescriptionRow.paper_id)
    .join(PaperRow, PaperRow.id == DescriptionRow.paper_id)
    .where(among_texts(DescriptionRow.digest, "digests"), DescriptionRow.record != "")
)
"""Leaves out descriptions that have only a digest, so that they are stored again with their text."""
_NAMED = (
    select(IdentifierRow.scheme, IdentifierRow.value, IdentifierRow.paper_id)
    .where(among_texts(IdentifierRow.value, "values"))
    .order_by(IdentifierRow.team_id.is_(None))
)
"""Papers by identifier. If a source and the team name different papers, the source's comes last and wins."""
_NAMES = select(IdentifierRow.scheme, IdentifierRow.value).where(among_numbers(IdentifierRow.paper_id, "ids"))
_FORGOTTEN_BY_RESTORE = exists().where(RestoreRow.posted_through >= PaperRow.arrived)
_ARRIVED_IN = (
    select(PaperRow.team_id, collected(PaperRow.id).label("papers"))
    .where(
        among_numbers(PaperRow.team_id, "ids"), PaperRow.arrived >= bindparam("since"), ~_FORGOTTEN_BY_RESTORE
    )
    .group_by(PaperRow.team_id)
)
_GET = PAPER.where(among_numbers(PaperRow.id, "ids"), readable_by_given("teams"))
_UPVOTES = select(PaperRow.id, PaperRow.upvotes, PaperRow.team_id).where(
    among_numbers(PaperRow.id, "ids"), readable_by_given("teams")
)
_POSTED = (
    select(DigestItemRow.channel_id, collected(DigestItemRow.paper_id).label("papers"))
    .join(PaperRow, PaperRow.id == DigestItemRow.paper_id)
    .where(
        among_numbers(DigestItemRow.channel_id, "ids"),
        ~DigestItemRow.given_up,
        PaperRow.arrived >= bindparam("since"),
    )
    .group_by(DigestItemRow.channel_id)
)


def _voted() -> AnySelect:
    """Count the up-votes of the people of each team in `teams` for the papers in `ids`."""
    latest = team_votes("teams", among_numbers(VoteRow.paper_id, "ids"))
    by = latest.c.team_id, latest.c.paper_id
    return select(*by, ups(latest)).group_by(*by)


_VOTED = _voted()


class SqlPapers(Repository):
    """Papers in the database."""

    async def unchanged(self, drafts: Sequence[PaperDraft], team_id: int | None = None) -> list[int | None]:
        digests = [draft.digest for draft in drafts]
        query = _DESCRIBED.where(owned_by(team_id))
        found = {row.digest: row.paper_id for row in await self._connection.run(query, {"digests": digests})}
        return [found.get(digest) for digest in digests]

    async def get(self, paper_ids: Collection[int], team_id: int | None = None) -> dict[int, Paper]:
        [found] = await self.get_for_each([(paper_ids, team_id)])
        return found

    async def get_for_each(
        self, requests: Sequence[tuple[Collection[int], int | None]]
    ) -> list[dict[int, Paper]]:
        papers = await self._get(
            {each for ids, _ in requests for each in ids}, {team for _, team in requests}
        )
        return [
            {each: papers[each] for each in ids if each in papers and may_read(team, papers[each].team_id)}
            for ids, team in requests
        ]

    async def _get(self, paper_ids: Collection[int], team_ids: Collection[int | None]) -> dict[int, Paper]:
        if not paper_ids:
            return {}
        parameters = {"ids": paper_ids, "teams": [each for each in team_ids if each is not None]}
        found = {row.id: paper_of(row) for row in await self._connection.run(_GET, parameters)}
        merged = await survivors(self._connection, set(paper_ids) - found.keys())
        papers = await self._get(set(merged.values()), team_ids)
        return found | {old: papers[new] for old, new in merged.items() if new in papers}

    async def identifiers_of(self, paper_ids: Collection[int]) -> frozenset[Identifier]:
        found = await self._connection.run(_NAMES, {"ids": paper_ids})
        return frozenset(Identifier(row.scheme, row.value) for row in found)

    async def find_by_identifier(self, identifier: Identifier, team_id: int | None = None) -> int | None:
        return (await self.find_by_identifiers([identifier], team_id)).get(identifier)

    async def find_by_identifiers(
        self, identifiers: Collection[Identifier], team_id: int | None = None
    ) -> dict[Identifier, int]:
        values = sorted({name.value for name in identifiers})
        query = _NAMED.where(readable(team_id, IdentifierRow))
        found = await self._connection.run(query, {"values": values}) if values else ()
        named = {Identifier(row.scheme, row.value): row.paper_id for row in found}
        return {name: named[name] for name in identifiers if name in named}

    async def find_by_link(self, link: str, team_id: int | None = None) -> int | None:
        key = link_key(link)
        query = (
            select(LinkRow.paper_id)
            .where(LinkRow.link_key == key, readable(team_id, LinkRow))
            .order_by(LinkRow.position, LinkRow.team_id.is_not(None), LinkRow.paper_id)
            .limit(1)
        )
        return (await self._connection.run(query)).scalar() if key else None

    async def find_by_title(self, title_key: str, team_id: int | None = None) -> int | None:
        query = select(PaperRow.id).where(PaperRow.title_key == title_key, readable(team_id))
        first = query.order_by(PaperRow.id).limit(1)
        return (await self._connection.run(first)).scalar() if title_key else None

    async def changed_since(self, sequence: int, limit: int) -> list[tuple[int, Paper]]:
        later = PAPER.where(PaperRow.sequence > sequence, ~PaperRow.hidden)
        query = later.order_by(PaperRow.sequence).limit(limit)
        return [(row.sequence, paper_of(row)) for row in await self._connection.run(query)]

    async def gone_since(self, sequence: int) -> frozenset[int]:
        query = select(MergedPaperRow.old_id).where(MergedPaperRow.sequence > sequence)
        return frozenset((await self._connection.run(query)).scalars())

    async def filter(self, criteria: PaperFilter, team_id: int | None = None) -> frozenset[int]:
        return await self._ids(*_conditions(criteria), readable(team_id))

    async def arrived(self, since: date) -> frozenset[int]:
        """Leave out papers that a digest may have posted and a restore then forgot."""
        return await self._ids(PaperRow.arrived >= since, ~_FORGOTTEN_BY_RESTORE, readable(None))

    async def arrived_in(self, team_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        rows = await self._connection.run(_ARRIVED_IN, {"ids": team_ids, "since": since})
        return {row.team_id: frozenset(row.papers) for row in rows}

    async def posted(self, channel_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        rows = await self._connection.run(_POSTED, {"ids": channel_ids, "since": since})
        return {row.channel_id: frozenset(row.papers) for row in rows}

    async def upvotes(
        self, paper_ids: Collection[int], team_ids: Collection[int]
    ) -> dict[int, dict[int, int]]:
        parameters = {"ids": paper_ids, "teams": team_ids}
        counts: dict[int | None, dict[int, int]] = {team_id: {} for team_id in (None, *team_ids)}
        for row in await self._connection.run(_UPVOTES, parameters):
            counts[row.team_id][row.id] = row.upvotes
        together = {team_id: counts[None] | counts[team_id] for team_id in team_ids}
        for row in await self._connection.run(_VOTED, parameters):
            if row.paper_id in together[row.team_id]:
                together[row.team_id][row.paper_id] += row.up
        return together

    async def activity(self, team_id: int, since: datetime, limit: int) -> list[Activity]:
        return await team_activity(self._connection, team_id, since, limit)

    async def activity_between(self, team_id: int, first: date, last: date, limit: int) -> list[Activity]:
        return await activity_between(self._connection, team_id, first, last, limit)

    async def nearest_days(
        self, team_id: int, before: date, after: date, until: date
    ) -> tuple[date | None, date | None]:
        return await nearest_days(self._connection, team_id, before, after, until)

    async def submitters(self, team_id: int, first: date, last: date, limit: int) -> list[str]:
        return await submitters(self._connection, team_id, first, last, limit)

    async def count(self) -> int:
        query = select(func.count()).select_from(PaperRow).where(~PaperRow.hidden)
        return int((await self._connection.run(query)).scalar_one())

    async def hide_samples(self, *, hidden: bool) -> None:
        changed = update(PaperRow).where(IS_SAMPLE, PaperRow.hidden.is_(not hidden)).values(hidden=hidden)
        if (await self._connection.run(changed)).rowcount and hidden:
            # A team's name that led to a sample would keep the team from bringing in the paper itself.
            for table in (IdentifierRow, LinkRow):
                led = delete(table).where(table.team_id.is_not(None), table.paper_id.in_(HIDDEN))
                await self._connection.run(led)

    async def _ids(self, *conditions: ColumnElement[bool]) -> frozenset[int]:
        query = select(collected(PaperRow.id)).where(*conditions)
        return frozenset((await self._connection.run(query)).scalar() or ())


def _conditions(criteria: PaperFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if criteria.categories:
        matches = or_(*map(_in_category, sorted(criteria.categories)))
        conditions.append(PaperRow.id.in_(select(CategoryRow.paper_id).where(matches)))
    if criteria.since:
        conditions.append(PaperRow.dated >= criteria.since)
    if criteria.until:
        conditions.append(PaperRow.dated <= criteria.until)
    if criteria.discussed_in is not None:
        conditions.append(_done_with(DiscussionRow, criteria.discussed_in))
    if criteria.unread_in is not None:
        channel = criteria.unread_in
        conditions.append(~_done_with(DiscussionRow, channel))
        conditions.append(~_done_with(VoteRow, channel, STANDING))
        conditions.append(~_done_with(DigestItemRow, channel, ~DigestItemRow.given_up))
        conditions.append(~_done_with(ShownRow, channel, ShownRow.shown != MessageKind.LISTED))
    return conditions


def _in_category(given: str) -> ColumnElement[bool]:
    """Whether a category is the given one, or a part of it if that has parts."""
    category, folded = func.lower(CategoryRow.category), given.lower()
    whole = category == folded
    return whole if "." in folded else or_(whole, category.startswith(f"{folded}.", autoescape=True))


def _done_with(
    table: type[DiscussionRow | DigestItemRow | VoteRow | ShownRow],
    channel_id: int,
    *conditions: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Whether a channel has such a row about the paper."""
    return exists().where(table.paper_id == PaperRow.id, table.channel_id == channel_id, *conditions)
