"""Sending what is planned: claim, draw, send, confirm; and where there is no telling, look first."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.digest import overview
from bot.errors import DeliveryError, Lost, NotSent, PerhapsSent, Refused
from bot.losing import Losing
from bot.models import (
    Layout,
    MessageRef,
    Platform,
    Post,
    PostState,
    Shown,
    ShownMessage,
    StoredDigest,
)
from bot.ports import Clock, Surface
from bot.replies import Hit, PaperCard, Reply
from bot.repositories import Store, Transaction

LEASE_SECONDS = 120.0
ANSWER_SECONDS = 60.0
"""A platform that has not answered by then may have posted or not; the lease must not run out before."""
SETTLE = timedelta(seconds=90)
"""How long after an unanswered send the platform is believed when it says that nothing stands there."""
FIRST_LOOK = 2
"""The attempt at which a post is first looked for: the one before sent it."""
TRIED_FOR = timedelta(days=1)
"""A post that could not be sent for so long after it was planned is given up."""
LONGEST_PAUSE = timedelta(minutes=10)
_log = logging.getLogger(__name__)


class Delivery:
    """Sends claimed posts over their surfaces."""

    def __init__(self, store: Store, surfaces: Mapping[Platform, Surface], clock: Clock, worker: str) -> None:
        """Take the surfaces that this process can send over, and its name for leases."""
        self._store = store
        self._surfaces = surfaces
        self._clock = clock
        self._worker = worker
        self._losing = Losing(store, surfaces, clock)

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """What this process can send over."""
        return tuple(self._surfaces)

    async def deliver(self, limit: int = 20) -> int:
        """Claim posts that may go out now, one a channel, and deal with all at once; how many they were."""
        async with self._store.writing() as tx:
            posts = await tx.outbox.claim(
                self.platforms, self._worker, self._clock.now(), LEASE_SECONDS, limit
            )
        await asyncio.gather(*(self._deal_with(post) for post in posts))
        return len(posts)

    async def _deal_with(self, post: Post) -> None:
        try:
            if post.state is PostState.UNKNOWN:
                await self._look_for(post)
            else:
                await self._send(post)
        except Exception:  # noqa: BLE001 - the edge: the post is looked for when its lease has run out
            _log.exception("Reference %s: post %s was not dealt with", secrets.token_hex(4), post.id)

    async def _send(self, post: Post) -> None:
        surface = self._surfaces[post.channel.platform]
        async with self._store.reading() as tx:
            reply = await draw_post(tx, post)
        try:
            async with _answered():
                message = await surface.send(post.channel, reply, post.token, _thread(post))
        except Lost as loss:
            await self._give_up(post, str(loss))
            await self._losing.lose_channel(post.channel, str(loss))
        except Refused as refusal:
            await self._give_up(post, str(refusal))
        except NotSent as failure:
            await self._try_again(post, failure)
        except PerhapsSent as doubt:
            await self._leave_unknown(post, str(doubt))
        else:
            await self._confirm(post, message, found=False)

    async def _look_for(self, post: Post) -> None:
        surface = self._surfaces[post.channel.platform]
        try:
            async with _answered():
                message = await surface.find(post.channel, post.token, post.planned, _thread(post))
        except DeliveryError as doubt:
            await self._leave_unknown(post, str(doubt))
            if isinstance(doubt, Refused) and post.attempts == FIRST_LOOK:
                await self._losing.tell_of_doubt(post.channel, str(doubt))
            return
        if message is None:
            await self._try_again(post, NotSent("It was not found on the platform."))
        else:
            await self._confirm(post, message, found=True)

    async def _confirm(self, post: Post, message: MessageRef, *, found: bool) -> None:
        now = self._clock.now()
        async with self._store.writing() as tx:
            await tx.outbox.sent(post, message, now, found=found)
            await tx.messages.record(post.channel, await _shown_by(tx, post, message), now)

    async def _leave_unknown(self, post: Post, detail: str) -> None:
        pause = max(SETTLE, _pause(post))
        async with self._store.writing() as tx:
            await tx.outbox.unknown(post, detail, self._clock.now() + pause)

    async def _try_again(self, post: Post, failure: NotSent) -> None:
        now = self._clock.now()
        if now - post.planned >= TRIED_FOR:
            await self._give_up(post, str(failure))
            return
        pause = max(_pause(post), timedelta(seconds=failure.retry_after))
        async with self._store.writing() as tx:
            await tx.outbox.again(post, str(failure), now + pause)

    async def _give_up(self, post: Post, detail: str) -> None:
        _log.error("Post %s of channel %s was given up: %s", post.id, post.channel.id, detail)
        async with self._store.writing() as tx:
            await tx.outbox.failed(post, detail)


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """Let a platform's silence be a doubt."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError:
        raise PerhapsSent(f"It did not answer within {ANSWER_SECONDS:.0f} seconds.") from None


def _pause(post: Post) -> timedelta:
    """How long to wait before the next attempt: longer each time."""
    return min(LONGEST_PAUSE, timedelta(seconds=2.0 ** min(post.attempts, 30)))


async def draw_post(tx: Transaction, post: Post) -> Reply:
    """Draw one message of a digest as things stand now."""
    digest = await tx.digests.get(post.digest_id)
    topics = await tx.digests.topics(post.digest_id)
    if post.item is None:
        hits = await _hits(tx, digest)
        return overview(digest.plan, hits, topics)
    paper_id = post.item.paper_id
    papers = await tx.papers.get([paper_id])
    marks = await tx.marking.marks(post.channel.id, [paper_id])
    return PaperCard(papers[paper_id], marks[paper_id], card_note(topics[post.item.subscription_id]))


def card_note(topic: str) -> str:
    """Say beside a posted paper why it is there."""
    return f"Fits “{topic}”"


async def _hits(tx: Transaction, digest: StoredDigest) -> dict[int, Hit]:
    ids = [item.paper_id for item in digest.plan.items]
    papers = await tx.papers.get(ids)
    marks = await tx.marking.marks(digest.plan.channel.id, ids)
    return {paper_id: Hit(papers[paper_id], marks[paper_id]) for paper_id in papers}


async def _shown_by(tx: Transaction, post: Post, message: MessageRef) -> list[ShownMessage]:
    channel_id = post.channel.id
    if post.item is None:
        digest = await tx.digests.get(post.digest_id)
        return [ShownMessage(channel_id, item.paper_id, message, Shown.LISTED) for item in digest.plan.items]
    topics = await tx.digests.topics(post.digest_id)
    note = card_note(topics[post.item.subscription_id])
    return [ShownMessage(channel_id, post.item.paper_id, message, Shown.CARD, note)]


def _thread(post: Post) -> MessageRef | None:
    return None if post.channel.settings.layout is Layout.FLAT else post.parent
