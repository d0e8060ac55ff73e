"""What is to be posted: channels, their subscriptions, and papers that fit them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from app.settings import Settings
from app.wiring import Parts, assembled
from bot.domain.channel import Origin
from bot.domain.paper import PaperDraft
from bot.domain.subscription import Slot, SubscriptionSpec
from bot.posting.due_times import reschedule
from storage.sql.engine import for_writing, make_engine
from tests.faults.platforms import Accepted, PlatformUnderTest
from tests.papers.word_vectors import WordVectors

DUE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SUBSCRIBED = DUE - timedelta(hours=1)
TOPICS = {"serving a mixture of experts": 2, "counting fish in rivers": 1}
"""How many papers fit each topic."""
PARTS = sum(TOPICS.values())
POSTS = 1 + PARTS
"""Of one digest: its overview and a card for each paper."""
_TITLE = re.compile(r"Study \d+")


def papers() -> list[PaperDraft]:
    """Papers about the topics, each known by the number in its title."""
    topics = [topic for topic, number in TOPICS.items() for _ in range(number)]
    return [
        PaperDraft(f"Study {number}: {topic}", f"This is about {topic}. We are {topic}.", "test")
        for number, topic in enumerate(topics, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock that stands still."""

    time: datetime

    def now(self) -> datetime:
        return self.time

    def elapsed(self) -> float:
        return self.time.timestamp()


async def prepare(
    settings: Settings, platform: PlatformUnderTest, channels: Sequence[str], spread: int
) -> None:
    """Subscribe the channels to all topics, at times that are spread over so many minutes."""
    async with assembled(settings, {}, Standing(SUBSCRIBED), WordVectors()) as parts:
        await parts.library.add(papers())
        for number, channel in enumerate(channels):
            at = time(DUE.hour, number % spread)
            origin = Origin(platform.platform, platform.workspace(channel), channel, platform.person)
            await _subscribe(parts, origin, at)


async def _subscribe(parts: Parts, origin: Origin, at: time) -> None:
    slot, now = Slot(at, "UTC"), parts.clock.now()
    async with parts.store.writing() as tx:
        context = await tx.directory.resolve(origin, now)
        for topic in TOPICS:
            await tx.subscriptions.put(context, SubscriptionSpec(topic, slot), now)
        await reschedule(tx, context.channel.id, slot, now)


async def drop_unique(database: str) -> None:
    """Take away what keeps two planners from planning the same, for the run that has to fail."""

    def drop(connection: Connection) -> None:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("digests") as table:
            table.drop_constraint("uq_digests_channel_id_at_timezone_local_date", type_="unique")
        operations.drop_index("uq_digest_items_channel_id_paper_id", "digest_items")

    engine = make_engine(database)
    async with for_writing(engine).begin() as connection:
        await connection.run_sync(drop)
    await engine.dispose()


@dataclass(frozen=True, slots=True)
class Count:
    """What came of the posts, by the platform's own record."""

    sent: int
    lost: int
    doubled: int


def count(accepted: Sequence[Accepted], channels: Sequence[str]) -> Count:
    """Compare what was taken with what should have been: in each channel an overview and a card a paper.

    A token that is there twice is doubled, and so is a paper or an overview, whatever its token.
    """
    pieces = Counter((each.channel, _piece(each)) for each in accepted)
    due = {(channel, piece) for channel in channels for piece in _pieces()}
    tokens = Counter(each.token for each in accepted)
    assert pieces.keys() <= due, f"nobody asked for {pieces.keys() - due}"
    doubled = sum(times - 1 for times in pieces.values())
    assert doubled >= sum(times - 1 for times in tokens.values()), "a token goes with one piece"
    return Count(len(accepted), len(due - pieces.keys()), doubled)


def _pieces() -> set[str]:
    return {"overview", *(f"Study {number}" for number in range(1, PARTS + 1))}


def _piece(post: Accepted) -> str:
    titles = set(_TITLE.findall(post.text))
    return titles.pop() if len(titles) == 1 else "overview"
