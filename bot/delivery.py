"""Sending what is planned: claim, draw, send, confirm; and where there is no telling, look first."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.digest import overview, runs_of_late
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
from bot.wording import news_text

BEGIN_SECONDS = 30.0
"""How long after its claim a post may still be sent; one that is later is left to the next claim."""
ANSWER_SECONDS = 60.0
"""A platform that has not answered by then may have posted or not."""
SETTLE = timedelta(seconds=90)
"""How long after an unanswered send the platform is believed when it says that nothing stands there."""
LEASE_SECONDS = BEGIN_SECONDS + ANSWER_SECONDS + SETTLE.total_seconds()
"""A lease outlasts all three, so that the platform is also believed once a lease has run out."""
TRIED_FOR = timedelta(days=1)
"""A post that could not be sent for so long after it was planned is given up."""
LOOKED_FOR = TRIED_FOR + timedelta(hours=1)
"""A post that nobody could look for so long after it was planned is given up, in doubt as it is."""
LEAST_ATTEMPTS = 10
"""How often that was tried by then, as after a weekend on which the computer was off."""
LONGEST_PAUSE = timedelta(minutes=10)
AT_ONCE = 20
"""How many posts one process has under way."""
DRAIN_SECONDS = 5.0
"""How long what is under way may go on when the process stops."""
_log = logging.getLogger(__name__)


class Delivery:
    """Sends claimed posts over their surfaces."""

    def __init__(self, store: Store, surfaces: Mapping[Platform, Surface], clock: Clock, worker: str) -> None:
        """Take the surfaces that this process can send over, and a name for its leases that no other has."""
        self._store = store
        self._surfaces = surfaces
        self._clock = clock
        self._worker = worker
        self._losing = Losing(store, surfaces, clock)
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """What this process can send over."""
        return tuple(self._surfaces)

    async def deliver(self) -> int:
        """Send all that may go out now, some at once and one a channel; how many posts were dealt with."""
        dealt_with = 0
        while True:
            dealt_with += await self._take_on(AT_ONCE - len(self._under_way))
            if not self._under_way:
                return dealt_with
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def drain(self) -> None:
        """Let what is under way end, for a short while, and hand back the leases of the rest."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=DRAIN_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        async with self._store.writing() as tx:
            await tx.outbox.hand_back(self._worker, self._clock.now() + SETTLE)

    async def _take_on(self, limit: int) -> int:
        async with self._store.writing() as tx:
            now = self._clock.now()
            posts = await tx.outbox.claim(self.platforms, self._worker, now, LEASE_SECONDS, limit)
        for post in posts:
            task = asyncio.create_task(self._deal_with(post, now + timedelta(seconds=BEGIN_SECONDS)))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(posts)

    async def _deal_with(self, post: Post, begin_by: datetime) -> None:
        try:
            if post.state is PostState.UNKNOWN:
                await self._look_for(post)
            else:
                await self._send(post, begin_by)
        except Exception:  # noqa: BLE001 - the edge: the post is looked for when its lease has run out
            _log.exception("Reference %s: post %s was not dealt with", secrets.token_hex(4), post.id)

    async def _send(self, post: Post, begin_by: datetime) -> None:
        surface = self._surfaces[post.channel.platform]
        async with self._store.reading() as tx:
            reply = await draw_post(tx, post)
        if self._clock.now() > begin_by:
            await self._try_again(post, NotSent("Its turn came too late."))
            return
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
            await self._leave_unknown(post, doubt)
        else:
            await self._confirm(post, message, found=False)

    async def _look_for(self, post: Post) -> None:
        surface = self._surfaces[post.channel.platform]
        try:
            async with _answered():
                message = await surface.find(post.channel, post.token, post.planned, _thread(post))
        except DeliveryError as failure:
            await self._stay_in_doubt(post, failure)
            return
        if message is None:
            await self._try_again(post, NotSent("It was not found on the platform."))
        else:
            await self._confirm(post, message, found=True)

    async def _stay_in_doubt(self, post: Post, failure: DeliveryError) -> None:
        """Leave a post unknown that could not be looked for; where that will last, people are told, once."""
        now = self._clock.now()
        last = now - post.planned >= LOOKED_FOR and post.attempts >= LEAST_ATTEMPTS
        telling = not post.told and (last or isinstance(failure, Refused))
        if telling and isinstance(failure, Lost):
            await self._losing.lose_channel(post.channel, str(failure))
        elif telling:
            await self._losing.tell_of_doubt(post.channel, str(failure))
        if last:
            await self._give_up(post, str(failure), in_doubt=True)
        else:
            await self._leave_unknown(post, failure, told_at=now if telling else None)

    async def _confirm(self, post: Post, message: MessageRef, *, found: bool) -> None:
        now = self._clock.now()
        async with self._store.writing() as tx:
            await tx.outbox.sent(post, message, now, found=found)
            await tx.messages.record(post.channel, await _shown_by(tx, post, message), now)

    async def _leave_unknown(
        self, post: Post, failure: DeliveryError, told_at: datetime | None = None
    ) -> None:
        look_at = self._clock.now() + max(SETTLE, _pause(post, failure))
        async with self._store.writing() as tx:
            await tx.outbox.unknown(post, str(failure), look_at, told_at)

    async def _try_again(self, post: Post, failure: NotSent) -> None:
        now = self._clock.now()
        if now - post.planned >= TRIED_FOR:
            await self._give_up(post, str(failure))
            return
        async with self._store.writing() as tx:
            await tx.outbox.again(post, str(failure), now + _pause(post, failure))

    async def _give_up(self, post: Post, detail: str, *, in_doubt: bool = False) -> None:
        _log.error("Post %s of channel %s was given up: %s", post.id, post.channel.id, detail)
        async with self._store.writing() as tx:
            await tx.outbox.failed(post, detail, in_doubt=in_doubt)


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """Let a platform's silence be a doubt."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError:
        raise PerhapsSent(f"It did not answer within {ANSWER_SECONDS:.0f} seconds.") from None


def _pause(post: Post, failure: DeliveryError) -> timedelta:
    """How long to wait before the next attempt: longer each time, and as long as the platform asks for."""
    pause = min(LONGEST_PAUSE, timedelta(seconds=2.0 ** min(post.attempts, 30)))
    return max(pause, timedelta(seconds=failure.retry_after)) if isinstance(failure, NotSent) else pause


async def draw_post(tx: Transaction, post: Post) -> Reply:
    """Draw one message as things stand now."""
    if post.news is not None:
        return await _card(tx, post, post.news.paper_id, news_text(post.news))
    topics = await tx.digests.topics(_digest_of(post))
    if post.item is None:
        digest = await tx.digests.get(_digest_of(post))
        runs = await runs_of_late(tx, post.planned)
        return overview(digest.plan, await _hits(tx, digest), topics, runs)
    return await _card(tx, post, post.item.paper_id, card_note(topics[post.item.subscription_id]))


async def _card(tx: Transaction, post: Post, paper_id: int, note: str) -> PaperCard:
    papers = await tx.papers.get([paper_id])
    marks = await tx.marking.marks(post.channel.id, [paper_id])
    return PaperCard(papers[paper_id], marks[paper_id], note)


def _digest_of(post: Post) -> int:
    assert post.digest_id is not None, "a post is of a digest or has news"
    return post.digest_id


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
    if post.news is not None:
        return [ShownMessage(channel_id, post.news.paper_id, message, Shown.CARD, news_text(post.news))]
    if post.item is None:
        digest = await tx.digests.get(_digest_of(post))
        return [ShownMessage(channel_id, item.paper_id, message, Shown.LISTED) for item in digest.plan.items]
    topics = await tx.digests.topics(_digest_of(post))
    note = card_note(topics[post.item.subscription_id])
    return [ShownMessage(channel_id, post.item.paper_id, message, Shown.CARD, note)]


def _thread(post: Post) -> MessageRef | None:
    flat = post.news is None and post.channel.settings.layout is Layout.FLAT
    return None if flat else post.parent
