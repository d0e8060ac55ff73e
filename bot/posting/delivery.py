"""Sending what is planned: claim, draw, send, confirm; and where there is no telling, look first."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.domain.channel import Layout, Platform
from bot.domain.errors import (
    ChannelUnavailable,
    DeliveryError,
    DeliveryUnknown,
    NotSent,
    PermanentFailure,
    SearchUnfinished,
)
from bot.domain.message import MessageRef
from bot.domain.post import Post, PostState
from bot.domain.vote import TallyCount
from bot.ports.store.outbox import LONGEST_WAIT
from bot.ports.store.store import Store, Transaction
from bot.ports.surface import Surface
from bot.posting.channel_loss import ChannelLossHandler
from bot.posting.clocks import Clocks
from bot.posting.drafts import messages_shown, render_post
from bot.posting.pacing import Deadline, start_before
from bot.posting.shown_messages import tally_shown

BEGIN_SECONDS = 30.0
"""How long after its claim a post may still be sent; one that is later is left to the next claim."""
ANSWER_SECONDS = 60.0
"""A platform that has not answered by then may have posted or not."""
SETTLE = timedelta(seconds=90)
"""How long after an unanswered send the platform is believed when it says that nothing stands there."""
SEARCHED_ON = timedelta(seconds=1)
"""How long after a part of a history the next part is looked through, where the platform asks for no more."""
LEASE_SECONDS = BEGIN_SECONDS + ANSWER_SECONDS + SETTLE.total_seconds()
"""A lease outlasts all three, so that the platform is also believed once a lease has run out."""
TRIED_FOR = timedelta(days=1)
"""A post that could not be sent for so long after it was planned is given up."""
LOOKED_FOR = TRIED_FOR + timedelta(hours=1)
"""A post that nobody could look for so long after it was planned is given up, in doubt as it is."""
LEAST_ATTEMPTS = 10
"""How often either was tried by then, as after a weekend on which the computer was off."""
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_ASKED = timedelta(minutes=30)
"""Who asks to wait for longer is asked again by then: with a lease it is less than LONGEST_WAIT."""
LEAST_PAUSE = 0.05
"""Seconds, where another process has its hands on what is due."""
MOST_CRASHES = 10
"""A post that has so often ended whoever had claimed it, or failed as nobody foresaw, is sent no more."""
SUSPICIOUS = 2
"""Posts with so many crashes go one after the other, as only one of them may be to blame."""
SUSPECTS_WAIT = timedelta(seconds=10)
"""How long one of them that meets another waits: many would else fill every claim anew."""
AT_ONCE = 60
"""How many posts one process has under way on a platform."""
OF_A_TEAM = 10
"""A team that has so many of them under way gets no more room before one of them has ended."""
TOLD_WITHIN = timedelta(days=14)
"""Nobody is told of a post that was planned before."""
MOST_TOLD = 20
"""Of so many posts people are told again at a time."""
DRAIN_SECONDS = 5.0
"""How long what is under way may go on when the process stops."""
HAND_BACK_SECONDS = 5.0
"""How long the database may take then to note what did not end."""
_log = logging.getLogger(__name__)


class Delivery:
    """Sends claimed posts over their surfaces."""

    def __init__(
        self, store: Store, surfaces: Mapping[Platform, Surface], clocks: Clocks, worker: str
    ) -> None:
        """Take the surfaces that this process can send over, and a name for its leases that no other has."""
        self._store = store
        self._surfaces = surfaces
        self._clocks = clocks
        self._worker = worker
        self._channel_loss = ChannelLossHandler(store, surfaces, clocks)
        intervals = (surface.post_interval.total_seconds() for surface in surfaces.values())
        self._longest_interval = max(intervals, default=0.0)
        self._under_way: dict[asyncio.Task[None], Post] = {}
        self.rung = asyncio.Event()
        """Set when one of them has ended, and by whoever knows that there may be more to send."""

    async def deliver(self) -> int:
        """Send all that may go out now, or after no more than a channel's pause; how many posts that were."""
        dealt_with = 0
        while True:
            under_way = list(self._under_way)
            if taken := await self.take_on():
                dealt_with += taken
                continue
            pause = await self.pause()
            if pause is not None and pause <= self._longest_interval:
                await self._clocks.ours.sleep(max(pause, LEAST_PAUSE))
            elif under_way:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            else:
                return dealt_with

    async def take_on(self) -> int:
        """Begin to send what may go out now, as far as there is room; how many posts that are."""
        room = self._room()
        if not room:
            return 0
        claimed: list[Post] = []
        async with self._store.writing() as tx:
            deadline = Deadline(self._clocks.ours, BEGIN_SECONDS)
            for platform, places in room.items():
                # Leases are compared between computers: the platform's time is the one that all of them know.
                claimed += await tx.outbox.claim(
                    [platform],
                    self._worker,
                    self._clocks.now(platform),
                    LEASE_SECONDS,
                    min(OF_A_TEAM, places),
                    excluded_teams=self._busy_teams(claimed),
                )
            posts = await self._part_suspects(tx, self._not_mine(claimed))
        for post in posts:
            task = asyncio.create_task(self._deal_with(post, deadline))
            self._under_way[task] = post
            task.add_done_callback(self._ended)
        return len(claimed)

    def _room(self) -> dict[Platform, int]:
        """For how many more posts there is room, on each platform that has some and whose time is known."""
        taken = Counter(post.channel.platform for post in self._under_way.values())
        return {each: AT_ONCE - taken[each] for each in self._clocks.ready if taken[each] < AT_ONCE}

    def _now(self, post: Post) -> datetime:
        return self._clocks.now(post.channel.platform)

    def _not_mine(self, claimed: Sequence[Post]) -> list[Post]:
        """Leave out what is still under way here, its lease over since the computer slept."""
        mine = {post.id for post in self._under_way.values()}
        return [post for post in claimed if post.id not in mine]

    async def _part_suspects(self, tx: Transaction, posts: Sequence[Post]) -> list[Post]:
        """Put all suspects but one off; all where one is under way."""
        alone = not any(_suspicious(post) for post in self._under_way.values())
        kept = []
        for post in posts:
            if not _suspicious(post) or alone:
                kept.append(post)
                alone = alone and not _suspicious(post)
            else:
                put_off = tx.outbox.mark_unknown if post.state is PostState.UNKNOWN else tx.outbox.retry
                await put_off(post, "It waits for others that went wrong.", self._now(post) + SUSPECTS_WAIT)
        return kept

    async def pause(self) -> float | None:
        """In how many seconds there will be more to take on; None where nobody knows."""
        room = self._room()
        if not room:
            return None
        pauses = []
        async with self._store.reading() as tx:
            for platform in room:
                due = await tx.outbox.next_due([platform], excluded_teams=self._busy_teams())
                if due is not None:
                    pauses.append((due - self._clocks.now(platform)).total_seconds())
        return min(pauses, default=None)

    def _busy_teams(self, claimed: Sequence[Post] = ()) -> list[int]:
        teams = Counter(post.channel.team_id for post in (*self._under_way.values(), *claimed))
        return [team for team, posts in teams.items() if posts >= OF_A_TEAM]

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self.rung.set()

    async def drain(self) -> None:
        """Let what is under way end, for a short while, and hand back the leases of the rest.

        Raises:
            TimeoutError: the database does not answer; then the leases run out by themselves.

        """
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=DRAIN_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        async with asyncio.timeout(HAND_BACK_SECONDS), self._store.writing() as tx:
            for platform in self._surfaces:
                await tx.outbox.release_leases(self._worker, platform, self._clocks.now(platform) + SETTLE)

    async def _deal_with(self, post: Post, deadline: Deadline) -> None:
        try:
            async with asyncio.timeout(BEGIN_SECONDS + ANSWER_SECONDS):
                if post.crashes > MOST_CRASHES:
                    await self._give_up(post, _crashed(post), in_doubt=True)
                elif post.state is PostState.UNKNOWN:
                    await self._look_for(post)
                else:
                    await self._send(post, deadline)
        except Exception:  # noqa: BLE001 - the edge: whatever a post fails of, it is looked for and tried again
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: post %s was not dealt with", reference, post.id)
            await self._note_crash(post, f"It failed: reference {reference}.")

    async def _note_crash(self, post: Post, detail: str) -> None:
        look_at = self._now(post) + max(SETTLE, _pause(post))
        try:
            async with self._store.writing() as tx:
                await tx.outbox.mark_unknown(post, detail, look_at, crashed=True)
        except Exception:  # noqa: BLE001 - the edge: the post is looked for when its lease has run out
            _log.exception("Post %s keeps its lease", post.id)

    async def _send(self, post: Post, deadline: Deadline) -> None:
        surface = self._surfaces[post.channel.platform]
        try:
            async with self._store.reading() as tx:
                reply = await render_post(tx, post)
            with start_before(deadline):
                async with _answered():
                    message = await surface.send(post.channel, reply, post.token, _thread(post))
        except PermanentFailure as refusal:
            await self._give_up(post, refusal)
        except NotSent as failure:
            await self._try_again(post, failure)
        except DeliveryUnknown as doubt:
            await self._leave_unknown(post, doubt)
        else:
            await self._confirm(post, message, tally_shown(reply), found=False)

    async def _look_for(self, post: Post) -> None:
        surface = self._surfaces[post.channel.platform]
        # It was planned before it was first claimed, by the platform's own clock. What is left is for clocks
        # of versions before, and for platforms whose own computers do not quite agree.
        since = min(post.planned, self._now(post)) - LONGEST_WAIT
        try:
            async with _answered():
                message = await surface.find(post.channel, post.token, since, _thread(post), post.searched_to)
        except DeliveryError as failure:
            await self._stay_in_doubt(post, failure)
            return
        if message is None:
            await self._try_again(post, NotSent("It was not found on the platform."))
        else:
            # What it shows is not known any more: with votes it is drawn once more.
            await self._confirm(post, message, TallyCount(), found=True)

    async def _stay_in_doubt(self, post: Post, failure: DeliveryError) -> None:
        """Leave a post unknown that could not be looked for; where that will last, people are told."""
        if self._now(post) - post.planned >= LOOKED_FOR and post.attempts >= LEAST_ATTEMPTS:
            await self._give_up(post, failure, in_doubt=True)
            return
        await self._leave_unknown(post, failure)
        if isinstance(failure, PermanentFailure):
            await self._tell(post, failure, in_doubt=True)

    async def _confirm(self, post: Post, message: MessageRef, drawn: TallyCount, *, found: bool) -> None:
        now = self._now(post)
        apart = self._surfaces[post.channel.platform].post_interval
        async with self._store.writing() as tx:
            await tx.outbox.mark_sent(post, message, now, found=found, min_interval=apart)
            await tx.messages.record(post.channel, await messages_shown(tx, post, message, drawn), now)

    async def _leave_unknown(self, post: Post, failure: DeliveryError) -> None:
        pause, cursor = max(SETTLE, _pause(post, failure)), post.searched_to
        if isinstance(failure, SearchUnfinished) and failure.cursor != cursor:
            # It has come further, as far as the platform lets anybody read at once.
            pause, cursor = max(SEARCHED_ON, _asked(failure)), failure.cursor
        async with self._store.writing() as tx:
            await tx.outbox.mark_unknown(post, str(failure), self._now(post) + pause, searched_to=cursor)

    async def _try_again(self, post: Post, failure: NotSent) -> None:
        now = self._now(post)
        if post.crashes >= MOST_CRASHES:
            await self._give_up(post, _crashed(post))
        elif now - post.planned >= TRIED_FOR and post.attempts >= LEAST_ATTEMPTS:
            await self._give_up(post, failure)
        else:
            async with self._store.writing() as tx:
                await tx.outbox.retry(post, str(failure), now + _pause(post, failure))
                if failure.everywhere:
                    await tx.outbox.throttle(post.channel, now + _asked(failure))

    async def _give_up(self, post: Post, failure: DeliveryError, *, in_doubt: bool = False) -> None:
        _log.error("Post %s of channel %s was given up: %s", post.id, post.channel.id, failure)
        async with self._store.writing() as tx:
            await tx.outbox.mark_failed(post, str(failure), in_doubt=in_doubt)
        await self._tell(post, failure, in_doubt=in_doubt)

    async def _tell(self, post: Post, failure: DeliveryError, *, in_doubt: bool) -> None:
        """Tell those who asked for the post, once a digest; and once a channel where that is lost."""
        if isinstance(failure, ChannelUnavailable):
            async with self._store.writing() as tx:
                await tx.outbox.mark_notified(post, self._now(post))
            await self._channel_loss.lose_channel(post.channel, str(failure))
        elif not post.notified:
            await self._tell_of_post(post, str(failure), in_doubt=in_doubt)

    async def tell_again(self) -> None:
        """Tell of what was given up lately while nobody could be told, as the platform was down.

        Whether it was in doubt is not known any more, and so it is.
        """
        for platform in self._clocks.ready:
            since = self._clocks.now(platform) - TOLD_WITHIN
            async with self._store.reading() as tx:
                untold = await tx.outbox.pending_notifications(platform, since, MOST_TOLD)
            for post, why in untold:
                await self._tell_of_post(post, why, in_doubt=True)

    async def _tell_of_post(self, post: Post, why: str, *, in_doubt: bool) -> None:
        async with self._store.writing() as tx:
            first = await tx.outbox.mark_notified(post, self._now(post))
        if first and not await self._channel_loss.notify_of_failed_post(post.channel, why, in_doubt=in_doubt):
            async with self._store.writing() as tx:
                await tx.outbox.unmark_notified(post)


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """Let a platform's silence be a doubt."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError:
        raise DeliveryUnknown(f"It did not answer within {ANSWER_SECONDS:.0f} seconds.") from None


def _pause(post: Post, failure: DeliveryError | None = None) -> timedelta:
    """How long to wait before the next attempt: longer each time, and as long as the platform asks for."""
    pause = min(LONGEST_PAUSE, timedelta(seconds=2.0 ** min(post.attempts, 30)))
    return max(pause, _asked(failure)) if isinstance(failure, NotSent | SearchUnfinished) else pause


def _asked(failure: NotSent | SearchUnfinished) -> timedelta:
    return min(LONGEST_ASKED, timedelta(seconds=failure.retry_after))


def _suspicious(post: Post) -> bool:
    return post.crashes >= SUSPICIOUS


def _crashed(post: Post) -> NotSent:
    return NotSent(f"{post.crashes} times whoever was sending it ended without a word.")


def _thread(post: Post) -> MessageRef | None:
    flat = post.news is None and post.channel.settings.layout is Layout.FLAT
    return None if flat else post.parent
