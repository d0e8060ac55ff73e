"""Papers, which all teams share."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, or_, select, tuple_, update

from bot.identifiers import Identifier, title_key
from bot.merging import changes, merged, same_papers
from bot.models import Activity, Outcome, Paper, PaperDraft, PaperFilter, Shown, text_hash
from bot.web_links import link_key
from storage.sql.link import Link, Repository
from storage.sql.repositories.absorbing import absorb
from storage.sql.repositories.activity import team_activity
from storage.sql.repositories.news import note_news
from storage.sql.repositories.rows import PAPER, details_columns, paper_of, survivors
from storage.sql.repositories.tallying import STANDING, team_votes, ups
from storage.sql.tables import (
    CategoryRow,
    CounterRow,
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

_COUNTER = CounterRow.name == "papers"
_LOCK = select(CounterRow.value).where(_COUNTER).with_for_update()
_COUNT_UP = update(CounterRow).where(_COUNTER).values(value=bindparam("taken"))
_DESCRIBED = select(DescriptionRow.digest, DescriptionRow.paper_id).where(
    among_texts(DescriptionRow.digest, "digests")
)
_NAMED = select(IdentifierRow.scheme, IdentifierRow.value, IdentifierRow.paper_id).where(
    among_texts(IdentifierRow.value, "values")
)
_GET = PAPER.where(among_numbers(PaperRow.id, "ids"))
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


class SqlPapers(Repository):
    """Papers in the database."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._sequence: int | None = None

    async def put(self, draft: PaperDraft, now: datetime) -> tuple[int, Outcome]:
        """Store a draft as a new paper, or merge it into the row that it names."""
        await self._lock()
        same = same_papers(draft, await self._candidates(draft))
        if not same:
            paper_id = await self._insert(draft, now)
            await self._describe(paper_id, draft, now)
            return paper_id, Outcome.NEW
        known, *others = same
        for other in others:
            await absorb(self._link, other.id, known.id, await self._next())
        together = merged(reduce(merged, others, known), draft)
        await self._describe(known.id, draft, now)
        if together == known and not others:
            return known.id, Outcome.UNCHANGED
        await self._update(same, together)
        await note_news(self._link, changes(known, together), now)
        return known.id, Outcome.UPDATED

    async def described(self, drafts: Sequence[PaperDraft]) -> list[int | None]:
        """The papers whose last description by its source each draft is, None where it is another."""
        digests = [_digest(draft) for draft in drafts]
        found = {row.digest: row.paper_id for row in await self._link.run(_DESCRIBED, {"digests": digests})}
        return [found.get(digest) for digest in digests]

    async def get(self, paper_ids: Collection[int]) -> dict[int, Paper]:
        """Give the papers that exist among these; a number that was merged gives what it became."""
        if not paper_ids:
            return {}
        found = {row.id: paper_of(row) for row in await self._link.run(_GET, {"ids": paper_ids})}
        became = await survivors(self._link, set(paper_ids) - found.keys())
        papers = await self.get(set(became.values()))
        return found | {old: papers[new] for old, new in became.items()}

    async def named(self, identifier: Identifier) -> int | None:
        """Find a paper by one of its names."""
        wanted = select(IdentifierRow.paper_id).where(
            IdentifierRow.scheme == identifier.scheme, IdentifierRow.value == identifier.value
        )
        return (await self._link.run(wanted)).scalar()

    async def known(self, identifiers: Collection[Identifier]) -> dict[Identifier, int]:
        """Those of these names that papers have, with the papers."""
        values = sorted({name.value for name in identifiers})
        found = await self._link.run(_NAMED, {"values": values}) if values else ()
        named = {Identifier(row.scheme, row.value): row.paper_id for row in found}
        return {name: named[name] for name in identifiers if name in named}

    async def linked(self, link: str) -> int | None:
        """Find a paper by one of its links; where several have it, the one whose own page it is first."""
        key = link_key(link)
        wanted = (
            select(LinkRow.paper_id)
            .where(LinkRow.link_key == key)
            .order_by(LinkRow.position, LinkRow.paper_id)
            .limit(1)
        )
        return (await self._link.run(wanted)).scalar() if key else None

    async def titled(self, title_key: str) -> int | None:
        """Find a paper by its normalised title, whole."""
        wanted = select(PaperRow.id).where(PaperRow.title_key == title_key).order_by(PaperRow.id).limit(1)
        return (await self._link.run(wanted)).scalar() if title_key else None

    async def changed_since(self, sequence: int, limit: int) -> list[tuple[int, Paper]]:
        """Papers with a later sequence number, in its order."""
        wanted = PAPER.where(PaperRow.sequence > sequence).order_by(PaperRow.sequence).limit(limit)
        return [(row.sequence, paper_of(row)) for row in await self._link.run(wanted)]

    async def gone_since(self, sequence: int) -> frozenset[int]:
        """Numbers that were merged into other papers by a later sequence number."""
        wanted = select(MergedPaperRow.old_id).where(MergedPaperRow.sequence > sequence)
        return frozenset((await self._link.run(wanted)).scalars())

    async def passing(self, wanted: PaperFilter) -> frozenset[int]:
        """All papers that pass a filter."""
        return await self._ids(*_conditions(wanted))

    async def arrived(self, since: date) -> frozenset[int]:
        """Papers from `since` on, without those that a digest may have posted which a restore lost."""
        lost = exists().where(RestoreRow.posted_through >= PaperRow.arrived)
        return await self._ids(PaperRow.arrived >= since, ~lost)

    async def posted(self, channel_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        """By channel, the papers from `since` on that its digests have posted."""
        rows = await self._link.run(_POSTED, {"ids": channel_ids, "since": since})
        return {row.channel_id: frozenset(row.papers) for row in rows}

    async def upvotes(
        self, paper_ids: Collection[int], team_ids: Collection[int]
    ) -> dict[int, dict[int, int]]:
        """By team, the papers' up-votes at the source and of the team's people together."""
        at_source = select(PaperRow.id, PaperRow.upvotes).where(among_numbers(PaperRow.id, "ids"))
        counts = {row.id: row.upvotes for row in await self._link.run(at_source, {"ids": paper_ids})}
        latest = team_votes(team_ids, among_numbers(VoteRow.paper_id, "ids"))
        voted = select(latest.c.team_id, latest.c.paper_id, ups(latest)).group_by(
            latest.c.team_id, latest.c.paper_id
        )
        together = {team_id: dict(counts) for team_id in team_ids}
        for row in await self._link.run(voted, {"ids": paper_ids}):
            together[row.team_id][row.paper_id] += row.up
        return together

    async def activity(self, team_id: int, since: datetime, limit: int) -> list[Activity]:
        """What there is to rank: papers from `since` on, or with the team's votes or comments since."""
        return await team_activity(self._link, team_id, since, limit)

    async def count(self) -> int:
        """How many papers there are."""
        return int((await self._link.run(select(func.count()).select_from(PaperRow))).scalar_one())

    async def _lock(self) -> None:
        """Let one transaction at a time change papers.

        Then sequence numbers become visible in their order, and two that put the same paper find it.
        """
        if self._sequence is None:
            self._sequence = (await self._link.run(_LOCK)).scalar_one()

    async def _next(self) -> int:
        assert self._sequence is not None
        self._sequence += 1
        await self._link.run(_COUNT_UP, {"taken": self._sequence})
        return self._sequence

    async def _candidates(self, draft: PaperDraft) -> list[Paper]:
        named = select(IdentifierRow.paper_id).where(
            tuple_(IdentifierRow.scheme, IdentifierRow.value).in_(
                [(name.scheme, name.value) for name in draft.identifiers]
            )
        )
        alike = PaperRow.title_key == title_key(draft.title)
        wanted = PAPER.where(or_(PaperRow.id.in_(named), alike) if draft.identifiers else alike)
        return [paper_of(row) for row in await self._link.run(wanted)]

    async def _insert(self, draft: PaperDraft, now: datetime) -> int:
        row = {
            **_columns(draft),
            "added": now,
            "added_on": now.astimezone(UTC).date(),
            "sequence": await self._next(),
        }
        insert = self._link.insert(PaperRow).values(row).returning(PaperRow.id)
        paper_id = int((await self._link.run(insert)).scalar_one())
        await self._put_names(paper_id, draft.identifiers)
        await self._put_categories(paper_id, draft.categories)
        await self._put_links(paper_id, draft.links)
        return paper_id

    async def _update(self, same: Sequence[Paper], together: Paper) -> None:
        known = same[0]
        columns = _columns(together)
        if len(same) > 1 or together.text_hash != known.text_hash:
            columns["sequence"] = await self._next()
        await self._link.run(update(PaperRow).where(PaperRow.id == known.id).values(columns))
        names = frozenset[Identifier]().union(*(paper.identifiers for paper in same))
        await self._put_names(known.id, together.identifiers - names)
        if together.categories != known.categories:
            await self._link.run(delete(CategoryRow).where(CategoryRow.paper_id == known.id))
            await self._put_categories(known.id, together.categories)
        if together.links != known.links:
            await self._link.run(delete(LinkRow).where(LinkRow.paper_id == known.id))
            await self._put_links(known.id, together.links)

    async def _describe(self, paper_id: int, draft: PaperDraft, now: datetime) -> None:
        """Remember a description, so that it is known when it comes again."""
        row = {"paper_id": paper_id, "source": draft.source, "digest": _digest(draft), "seen_at": now}
        insert = self._link.insert(DescriptionRow).values(row)
        await self._link.run(
            insert.on_conflict_do_update(
                index_elements=["paper_id", "source"],
                set_={"digest": insert.excluded.digest, "seen_at": insert.excluded.seen_at},
            )
        )

    async def _put_names(self, paper_id: int, names: Collection[Identifier]) -> None:
        if names:
            rows = [{"paper_id": paper_id, "scheme": name.scheme, "value": name.value} for name in names]
            await self._link.run(self._link.insert(IdentifierRow), rows)

    async def _put_categories(self, paper_id: int, categories: tuple[str, ...]) -> None:
        if categories:
            rows = [
                {"paper_id": paper_id, "category": category, "position": position}
                for position, category in enumerate(dict.fromkeys(categories))
            ]
            await self._link.run(self._link.insert(CategoryRow), rows)

    async def _put_links(self, paper_id: int, links: tuple[str, ...]) -> None:
        rows = [
            {"paper_id": paper_id, "link_key": key, "position": position}
            for position, key in enumerate(dict.fromkeys(filter(None, map(link_key, links))))
        ]
        if rows:
            await self._link.run(self._link.insert(LinkRow), rows)

    async def _ids(self, *conditions: ColumnElement[bool]) -> frozenset[int]:
        wanted = select(collected(PaperRow.id)).where(*conditions)
        return frozenset((await self._link.run(wanted)).scalar() or ())


def _digest(draft: PaperDraft) -> str:
    """Name a description by its content."""
    written = repr(replace(draft, identifiers=frozenset())) + str(sorted(draft.identifiers))
    return hashlib.blake2b(written.encode(errors="replace"), digest_size=16).hexdigest()


def _columns(paper: Paper | PaperDraft) -> dict[str, Any]:
    return {
        "title": paper.title,
        "abstract": paper.abstract,
        "title_key": title_key(paper.title),
        "text_hash": text_hash(paper.title, paper.abstract),
        "source": paper.source,
        "authors": list(paper.authors),
        "links": list(paper.links),
        "published": paper.published,
        "listed": paper.listed,
        "submitted_by": paper.submitted_by,
        "upvotes": paper.upvotes,
        "details": details_columns(paper.details),
        "origins": dict(paper.origins),
    }


def _conditions(wanted: PaperFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.categories:
        fitting = or_(*map(_in_category, sorted(wanted.categories)))
        conditions.append(PaperRow.id.in_(select(CategoryRow.paper_id).where(fitting)))
    if wanted.since:
        conditions.append(PaperRow.dated >= wanted.since)
    if wanted.until:
        conditions.append(PaperRow.dated <= wanted.until)
    if wanted.discussed_in is not None:
        conditions.append(_done_with(DiscussionRow, wanted.discussed_in))
    if wanted.unread_in is not None:
        channel = wanted.unread_in
        conditions.append(~_done_with(DiscussionRow, channel))
        conditions.append(~_done_with(VoteRow, channel, STANDING))
        conditions.append(~_done_with(DigestItemRow, channel, ~DigestItemRow.given_up))
        conditions.append(~_done_with(ShownRow, channel, ShownRow.shown != Shown.LISTED))
    return conditions


def _in_category(wanted: str) -> ColumnElement[bool]:
    """Whether a category is the one that is wanted, or a part of it where that has parts."""
    category, folded = func.lower(CategoryRow.category), wanted.lower()
    whole = category == folded
    return whole if "." in folded else or_(whole, category.startswith(f"{folded}.", autoescape=True))


def _done_with(
    table: type[DiscussionRow | DigestItemRow | VoteRow | ShownRow],
    channel_id: int,
    *conditions: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Whether a channel has such a row about the paper."""
    return exists().where(table.paper_id == PaperRow.id, table.channel_id == channel_id, *conditions)
