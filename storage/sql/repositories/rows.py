"""Columns that several repositories select, and how their rows become values of the core."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, String, bindparam, cast, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain.channel import Channel, ChannelSettings, Platform
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.message import MessageRef
from bot.domain.paper import Details, Paper, Standing
from bot.domain.post import PostState
from storage.sql.connection import AnyRow, AnySelect, Connection
from storage.sql.tables import (
    CategoryRow,
    ChannelRow,
    DigestItemRow,
    DigestRow,
    IdentifierRow,
    MergedPaperRow,
    PaperRow,
    PostRow,
    WorkspaceRow,
)
from storage.sql.types import among_numbers

CHANNEL = (
    ChannelRow.id.label("channel_id"),
    ChannelRow.team_id.label("channel_team_id"),
    WorkspaceRow.platform.label("channel_platform"),
    WorkspaceRow.external_id.label("channel_workspace"),
    ChannelRow.external_id.label("channel_external_id"),
    ChannelRow.name.label("channel_name"),
    ChannelRow.owner_id.label("channel_owner_id"),
    ChannelRow.timezone.label("channel_timezone"),
    ChannelRow.post_at.label("channel_post_at"),
    ChannelRow.layout.label("channel_layout"),
    ChannelRow.edit_policy.label("channel_edit_policy"),
    ChannelRow.link_following.label("channel_link_following"),
)
"""A channel's columns. The query has to join the workspace."""

CHANNEL_AS_PLANNED = (
    *(column for column in CHANNEL if column.name != "channel_layout"),
    func.coalesce(DigestRow.layout, ChannelRow.layout).label("channel_layout"),
)
"""The same, with the layout that the digest was planned in. The query has to join the digest too.

A lost post has to be looked for where it was sent, even if the channel's layout changed since.
"""

WITHIN_SINGLE = (
    DigestRow.id == DigestItemRow.digest_id,
    DigestRow.single,
    ~DigestItemRow.given_up,
    PostRow.digest_id == DigestRow.id,
)
"""Joins an item to the one post of its single digest."""

OF_WORKSPACE = WorkspaceRow.id == ChannelRow.workspace_id


def on_platforms(
    channel_id: InstrumentedAttribute[int], platforms: Collection[Platform]
) -> ColumnElement[bool]:
    """Whether a channel is on one of the platforms.

    A subquery a row, not a join: with a join, the planner would start from all channels.
    """
    its = select(WorkspaceRow.platform).join(ChannelRow, OF_WORKSPACE)
    return its.where(ChannelRow.id == channel_id).scalar_subquery().in_(platforms)


def channel_of(row: AnyRow) -> Channel:
    """Make a channel from the columns of CHANNEL."""
    return Channel(
        id=row.channel_id,
        team_id=row.channel_team_id,
        platform=row.channel_platform,
        workspace=row.channel_workspace,
        external_id=row.channel_external_id,
        name=row.channel_name,
        direct=row.channel_owner_id is not None,
        settings=ChannelSettings(
            timezone=row.channel_timezone,
            post_at=row.channel_post_at,
            layout=row.channel_layout,
            edit_policy=row.channel_edit_policy,
            link_following=row.channel_link_following,
        ),
    )


# FOR NO KEY UPDATE, so that inserts which refer to the channel by a foreign key need not wait.
_LOCK_CHANNELS = (
    select(ChannelRow.id)
    .where(among_numbers(ChannelRow.id, "ids"))
    .order_by(ChannelRow.id)
    .with_for_update(key_share=True)
)


async def lock_channels(connection: Connection, channel_ids: Collection[int]) -> None:
    """Lock channels, so that planners of the same channel run one after the other.

    Rows are locked in the order of their ids, so that two planners of many channels never deadlock. SQLite
    has one writer at a time anyway.
    """
    await connection.run(_LOCK_CHANNELS, {"ids": channel_ids})


def _paper_columns() -> AnySelect:
    names = func.aggregate_strings(
        type_coerce(IdentifierRow.scheme, String) + ":" + IdentifierRow.value, "\n"
    )
    of_record = IdentifierRow.team_id.is_not_distinct_from(PaperRow.team_id)
    categories = func.aggregate_strings(cast(CategoryRow.position, String) + " " + CategoryRow.category, "\n")
    return select(
        PaperRow.id,
        PaperRow.sequence,
        PaperRow.team_id,
        PaperRow.title,
        PaperRow.abstract,
        PaperRow.source,
        PaperRow.added,
        PaperRow.authors,
        PaperRow.links,
        PaperRow.published,
        PaperRow.listed,
        PaperRow.submitted_by,
        PaperRow.upvotes,
        PaperRow.details,
        PaperRow.origins,
        select(names)
        .where(IdentifierRow.paper_id == PaperRow.id, of_record)
        .scalar_subquery()
        .label("names"),
        select(categories).where(CategoryRow.paper_id == PaperRow.id).scalar_subquery().label("categories"),
    )


_NO_DETAILS = asdict(Details())

PAPER = _paper_columns()
"""Whole papers in one query, with identifiers and categories as lines of text.

Leaves out identifiers that only one team has given an open paper.
"""


def paper_of(row: AnyRow) -> Paper:
    """Make a paper from the columns of PAPER."""
    return Paper(
        id=row.id,
        title=row.title,
        abstract=row.abstract,
        source=row.source,
        added=row.added,
        authors=tuple(row.authors),
        identifiers=frozenset(map(identifier_of, (row.names or "").splitlines())),
        links=tuple(row.links),
        categories=_in_order(row.categories or ""),
        published=row.published,
        listed=row.listed,
        submitted_by=row.submitted_by,
        upvotes=row.upvotes,
        details=details_of(row.details or {}),
        origins=row.origins or {},
        team_id=row.team_id,
    )


def details_columns(details: Details) -> dict[str, Any]:
    """Return the fields of details that are not empty, to store as JSON."""
    return {name: value for name, value in asdict(details).items() if value != _NO_DETAILS[name]}


def details_of(kept: dict[str, Any]) -> Details:
    """Make details from what `details_columns` returned."""
    lists = {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
    standing = Standing(kept.get("standing", Standing.GOOD))
    return Details(**{**kept, **lists, "standing": standing})


def identifier_of(line: str) -> Identifier:
    """Parse an identifier written as `scheme:value`."""
    scheme, _, value = line.partition(":")
    return Identifier(Scheme(scheme), value)


def _in_order(lines: str) -> tuple[str, ...]:
    numbered = (line.partition(" ") for line in lines.split("\n") if line)
    return tuple(
        category for _, category in sorted((int(place), category) for place, _, category in numbered)
    )


def open_states() -> BindParameter[Any]:
    """Return the states of posts that are not done yet, as a parameter that is rendered into the SQL text.

    The partial index of open posts serves only a query in which the database sees these very states.
    """
    states = (PostState.PLANNED, PostState.SENDING, PostState.UNKNOWN)
    return bindparam("open", states, unique=True, expanding=True, literal_execute=True)


def message_of(row: Any) -> MessageRef:
    """Make a message reference from a row."""
    return MessageRef(row.place, row.message, row.thread)


def surviving_id(paper_id: int | BindParameter[int]) -> ColumnElement[int]:
    """Return the paper's id, or that of the paper it was merged into.

    Buttons of old messages still carry ids of merged papers.
    """
    merged = select(MergedPaperRow.paper_id).where(MergedPaperRow.old_id == paper_id).scalar_subquery()
    return func.coalesce(merged, paper_id)


async def survivors(connection: Connection, paper_ids: Collection[int]) -> dict[int, int]:
    """Return what merged papers among these became, by old id. Removed papers are left out."""
    if not paper_ids:
        return {}
    rows = await connection.run(_SURVIVORS, {"ids": paper_ids})
    return {row.old_id: row.paper_id for row in rows}


async def removed(connection: Connection, paper_ids: Collection[int]) -> frozenset[int]:
    """Return those of these ids whose papers the operator has removed."""
    if not paper_ids:
        return frozenset()
    return frozenset((await connection.run(_REMOVED, {"ids": paper_ids})).scalars())


_SURVIVORS = select(MergedPaperRow.old_id, MergedPaperRow.paper_id).where(
    among_numbers(MergedPaperRow.old_id, "ids"), MergedPaperRow.paper_id.is_not(None)
)
_REMOVED = select(MergedPaperRow.old_id).where(
    among_numbers(MergedPaperRow.old_id, "ids"), MergedPaperRow.paper_id.is_(None)
)
