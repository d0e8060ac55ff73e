"""Rows for the tests of the store, made through the store itself."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from adapters.console import CONSOLE
from bot.domain.channel import Channel, Context, Origin
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.paper import Outcome, PaperDraft
from bot.domain.post import DigestItem, DigestKind, DigestPlan, Post, StoredDigest
from bot.domain.subscription import Slot, SubscriptionSpec
from bot.domain.vote import Reaction, Vote
from bot.intake.paper_store import store_paper
from storage.sql.store import SqlTransaction
from storage.sql.tables import DigestRow

NOW = datetime(2026, 9, 21, 8, 0, tzinfo=UTC)
TODAY = date(2026, 9, 21)
UP, DOWN = Reaction("+1", Vote.UP), Reaction("-1", Vote.DOWN)
NINE = Slot(time(9), "Europe/Paris")


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def arxiv(value: str) -> Identifier:
    return Identifier(Scheme.ARXIV, value)


def doi(value: str) -> Identifier:
    return Identifier(Scheme.DOI, value)


def draft(title: str, *names: Identifier, abstract: str = "About it.", **fields: Any) -> PaperDraft:
    return PaperDraft(title, abstract, **{"source": "arxiv", **fields}, identifiers=frozenset(names))


def origin(person: str = "ann", channel: str = "general", workspace: str = "lab", **fields: Any) -> Origin:
    return Origin(CONSOLE, workspace, channel, person, **fields)


async def arrive(
    tx: SqlTransaction, person: str = "ann", channel: str = "general", workspace: str = "lab", **fields: Any
) -> Context:
    return await tx.directory.resolve(origin(person, channel, workspace, **fields), NOW)


async def put_paper(
    tx: SqlTransaction, draft: PaperDraft, now: datetime, team_id: int | None = None
) -> tuple[int, Outcome]:
    """Store a draft; its paper's number, and what became of it."""
    stored = await store_paper(tx, draft, now, team_id)
    return stored.paper_id, stored.outcome


async def papers(tx: SqlTransaction, *titles: str) -> list[int]:
    return [(await put_paper(tx, draft(title), NOW))[0] for title in titles]


async def show(
    tx: SqlTransaction, context: Context, message: str, *paper_ids: int, kind: MessageKind = MessageKind.CARD
) -> MessageRef:
    place = MessageRef(context.channel.external_id, message)
    rows = [ShownMessage(context.channel.id, paper_id, place, kind) for paper_id in paper_ids]
    await tx.messages.record(context.channel, rows, NOW)
    return place


async def react(
    tx: SqlTransaction,
    context: Context,
    paper: int,
    message: MessageRef,
    reaction: Reaction,
    *,
    at: datetime,
    added: bool = True,
    timed: bool = False,
) -> None:
    await tx.reactions.change(context, paper, message, reaction, added=added, at=at, timed=timed)


async def subscribe(
    tx: SqlTransaction, context: Context, topic: str = "Mixture of experts", **fields: Any
) -> int:
    wanted = SubscriptionSpec(topic, **{"slot": NINE, **fields})
    return (await tx.subscriptions.put(context, wanted, NOW))[0].id


def digest(channel: Channel, *items: DigestItem, local_date: date = TODAY, **fields: Any) -> DigestPlan:
    kind = DigestKind.PAPERS if items else DigestKind.NOTHING_NEW
    return DigestPlan(channel, NINE, local_date, kind, items, **fields)


async def plan(
    tx: SqlTransaction, context: Context, *paper_ids: int, local_date: date = TODAY, now: datetime = NOW
) -> bool:
    subscription_id = await subscribe(tx, context)
    items = tuple(DigestItem(paper_id, subscription_id, 0.5) for paper_id in paper_ids)
    (planned,) = await tx.digests.plan([digest(context.channel, *items, local_date=local_date)], now)
    return planned


async def last_digest(tx: SqlTransaction, context: Context) -> StoredDigest | None:
    """The channel's latest digest."""
    latest = select(func.max(DigestRow.id)).where(DigestRow.channel_id == context.channel.id)
    number = (await tx._connection.run(latest)).scalar()
    return None if number is None else await tx.digests.get(number)


async def fresh(tx: SqlTransaction, context: Context, since: date = TODAY) -> frozenset[int]:
    """The papers that a digest of the channel may hold."""
    posted = await tx.papers.posted([context.channel.id], since)
    return await tx.papers.arrived(since) - posted.get(context.channel.id, frozenset())


async def claim(
    tx: SqlTransaction, now: datetime = NOW, worker: str = "one", limit: int = 10, lease: float = 60
) -> list[Post]:
    return await tx.outbox.claim([CONSOLE], worker, now, lease, limit)


async def send_all(tx: SqlTransaction) -> list[Post]:
    """Claim and confirm every post that may go out."""
    sent: list[Post] = []
    while posts := await claim(tx):
        for post in posts:
            message = MessageRef("general", f"message-{post.token}")
            await tx.outbox.mark_sent(post, message, NOW, found=False)
        sent += posts
    return sent
