"""Sends planned posts: claim, render, send, confirm.

A post whose fate is unknown is never sent again blindly: the platform is searched for it first. A platform
that cannot be searched, such as mail, gets it again under the same token, a set number of times.
"""

import asyncio
import contextlib
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
from bot.domain.mailbox import MailboxRequest
from bot.domain.message import MessageRef
from bot.domain.post import Post, PostState
from bot.domain.vote import TallyCount
from bot.ports.mailboxes import Mailboxes
from bot.ports.store.outbox import LONGEST_WAIT
from bot.ports.store.store import Store, Transaction
from bot.ports.surface import Surface
from bot.posting.channel_loss import ChannelLossHandler
from bot.posting.clocks import Clocks
from bot.posting.drafts import messages_shown, render_post
from bot.posting.mailbox_owners import MailboxOwners
from bot.posting.pacing import Deadline, start_before
from bot.posting.shown_messages import tally_shown
from bot.posting.stopping import end_all
from bot.protocol.replies import Notice
from bot.protocol.request_id import request
from bot.protocol.wording import counted

START_SECONDS = 30.0
"""A claimed post must start within this time; otherwise it is left to the next claim."""
ANSWER_SECONDS = 60.0
"""After this without an answer from the platform, a post counts as unknown."""
SEARCH_DELAY = timedelta(seconds=90)
"""Time from an unanswered send to the search for the message. A platform may accept a message and list it in
the channel's history only later: an earlier search could miss it, and the post would be sent twice."""
SEARCH_PAUSE = timedelta(seconds=1)
"""Pause between two parts of a search, unless the platform asks for a longer one."""
LEASE_SECONDS = START_SECONDS + ANSWER_SECONDS + SEARCH_DELAY.total_seconds()
"""A lease covers all three. So when a dead worker's lease ends, its post may be searched for at once."""
RETRY_FOR = timedelta(days=1)
"""A post that could not be sent is given up this long after it was planned."""
SEARCH_FOR = RETRY_FOR + timedelta(hours=1)
"""A post that could not be searched for is given up this long after it was planned, still unknown."""
MIN_ATTEMPTS = 10
"""Attempts before a post is given up, whatever its age: the computer may have been off for a weekend."""
MAX_PAUSE = timedelta(minutes=10)
"""Longest pause between two attempts, unless the platform asks for a longer one."""
MAX_RETRY_AFTER = timedelta(minutes=30)
"""Longest wait that we honour from Retry-After. With a lease it must stay below the store's LONGEST_WAIT."""
MIN_PAUSE = 0.05
"""Seconds to wait when something is due, but another process is just claiming it."""
MAX_CRASHES = 10
"""A post is given up after it has crashed its worker, or failed unexpectedly, this many times."""
SUSPECT_CRASHES = 2
"""From this many crashes on, a post is a suspect. Suspects are sent one at a time: if several are in flight
when the process dies, nobody knows which of them caused it."""
SUSPECT_PAUSE = timedelta(seconds=10)
"""Wait of a suspect that meets another one. Without it, suspects would fill every claim."""
MAX_IN_FLIGHT = 60
"""Posts that one process sends at the same time on a platform, at most."""
MAX_IN_FLIGHT_PER_TEAM = 10
"""The same for one team, so that a team whose posts hang cannot block the others."""
NOTIFY_WITHIN = timedelta(days=14)
"""People are not notified of failed posts that were planned longer ago."""
NOTIFY_BATCH = 20
"""Failed posts to notify of in one round, at most."""
DRAIN_SECONDS = 5.0
"""How long a stopping process waits for the posts in flight."""
RELEASE_SECONDS = 5.0
"""How long it then waits for the database to release the leases of the rest."""
_LEFT = Notice(
    "I no longer see you in the team whose papers I mailed you, so I've stopped these mails.",
    hint="Once you're back, ask for them there: `email ADDRESS`.",
)
_log = logging.getLogger(__name__)


class Delivery:
    """Claims posts and sends them over their surfaces."""

    def __init__(
        self,
        store: Store,
        surfaces: Mapping[Platform, Surface],
        clocks: Clocks,
        worker: str,
        *,
        channel_loss: ChannelLossHandler,
        mailbox_owners: MailboxOwners,
    ) -> None:
        """`worker` names this process's leases, and must be unique."""
        self._store = store
        self._surfaces = surfaces
        self._clocks = clocks
        self._worker = worker
        self._channel_loss = channel_loss
        self._mailbox_owners = mailbox_owners
        intervals = (surface.post_interval.total_seconds() for surface in surfaces.values())
        self._longest_interval = max(intervals, default=0.0)
        self._in_flight: dict[asyncio.Task[None], Post] = {}
        self.work_available = asyncio.Event()
        """Set when a post has ended, or when there may be more to send."""

    async def deliver(self) -> int:
        """Send every post that is due now or after a channel's interval. Return how many were handled."""
        handled = 0
        while True:
            in_flight = list(self._in_flight)
            if started := await self.start_due():
                handled += started
                continue
            pause = await self.seconds_until_due()
            if pause is not None and pause <= self._longest_interval:
                await self._clocks.ours.sleep(max(pause, MIN_PAUSE))
            elif in_flight:
                await asyncio.wait(in_flight, return_when=asyncio.FIRST_COMPLETED)
            else:
                return handled

    async def start_due(self) -> int:
        """Claim due posts, as many as may be in flight, and start sending them. Return how many."""
        capacity = self._capacity()
        if not capacity:
            return 0
        claimed: list[Post] = []
        async with self._store.writing() as tx:
            deadline = Deadline(self._clocks.ours, START_SECONDS)
            for platform, free in capacity.items():
                # Other computers compare this lease with their own time. The platform's clock is the only one
                # that all of them share.
                claimed += await tx.outbox.claim(
                    [platform],
                    self._worker,
                    self._clocks.now(platform),
                    LEASE_SECONDS,
                    min(MAX_IN_FLIGHT_PER_TEAM, free),
                    excluded_teams=self._busy_teams(claimed),
                )
            posts = await self._isolate_suspects(tx, self._without_in_flight(claimed))
        for post in posts:
            with request():
                task = asyncio.create_task(self._process(post, deadline))
            self._in_flight[task] = post
            task.add_done_callback(self._on_done)
        return len(claimed)

    def _capacity(self) -> dict[Platform, int]:
        """Return how many more posts may start on each platform that has capacity and a known time."""
        in_flight = Counter(post.channel.platform for post in self._in_flight.values())
        return {
            each: MAX_IN_FLIGHT - in_flight[each]
            for each in self._clocks.ready
            if in_flight[each] < MAX_IN_FLIGHT
        }

    def _now(self, post: Post) -> datetime:
        return self._clocks.now(post.channel.platform)

    def _without_in_flight(self, claimed: Sequence[Post]) -> list[Post]:
        """Leave out posts that are still in flight here: their lease ended while the computer slept."""
        in_flight = {post.id for post in self._in_flight.values()}
        return [post for post in claimed if post.id not in in_flight]

    async def _isolate_suspects(self, tx: Transaction, posts: Sequence[Post]) -> list[Post]:
        """Postpone all suspects but one; all of them if one is in flight."""
        alone = not any(_is_suspect(post) for post in self._in_flight.values())
        kept = []
        for post in posts:
            if not _is_suspect(post) or alone:
                kept.append(post)
                alone = alone and not _is_suspect(post)
            else:
                postpone = tx.outbox.mark_unknown if post.state is PostState.UNKNOWN else tx.outbox.retry
                await postpone(post, "It waits for others that went wrong.", self._now(post) + SUSPECT_PAUSE)
        return kept

    async def seconds_until_due(self) -> float | None:
        """Return the seconds until the next post can be claimed; None if no post waits for a time."""
        capacity = self._capacity()
        if not capacity:
            return None
        pauses = []
        async with self._store.reading() as tx:
            for platform in capacity:
                due = await tx.outbox.next_due([platform], excluded_teams=self._busy_teams())
                if due is not None:
                    pauses.append((due - self._clocks.now(platform)).total_seconds())
        return min(pauses, default=None)

    def _busy_teams(self, claimed: Sequence[Post] = ()) -> list[int]:
        teams = Counter(post.channel.team_id for post in (*self._in_flight.values(), *claimed))
        return [team for team, posts in teams.items() if posts >= MAX_IN_FLIGHT_PER_TEAM]

    def _on_done(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task]
        self.work_available.set()

    async def drain(self) -> None:
        """Wait a short while for the posts in flight, and release the leases of the rest.

        Raises:
            TimeoutError: the database does not answer. The leases then end by themselves.

        """
        if self._in_flight:
            _, late = await asyncio.wait(self._in_flight, timeout=DRAIN_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        async with asyncio.timeout(RELEASE_SECONDS), self._store.writing() as tx:
            for platform in self._surfaces:
                # Sends were cut off, so the posts may be on the platform: they come back as unknown.
                await tx.outbox.release_leases(
                    self._worker, platform, self._clocks.now(platform) + SEARCH_DELAY
                )

    async def _process(self, post: Post, deadline: Deadline) -> None:
        try:
            async with asyncio.timeout(START_SECONDS + ANSWER_SECONDS):
                if post.crashes > MAX_CRASHES:
                    await self._give_up(post, _crashed(post), maybe_sent=True)
                elif post.state is PostState.UNKNOWN:
                    await self._search(post)
                else:
                    await self._send(post, deadline)
        except Exception:  # noqa: BLE001 - the edge: one post's failure must not stop the others
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: processing post %s failed", reference, post.id)
            await self._record_crash(post, f"It failed: reference {reference}.")

    async def _record_crash(self, post: Post, detail: str) -> None:
        look_at = self._now(post) + max(SEARCH_DELAY, _pause(post))
        try:
            async with self._store.writing() as tx:
                await tx.outbox.mark_unknown(post, detail, look_at, crashed=True)
        except Exception:  # noqa: BLE001 - the edge: the post is searched for when its lease has ended
            _log.exception("Recording the crash of post %s failed. It keeps its lease", post.id)

    async def _send(self, post: Post, deadline: Deadline) -> None:
        try:
            if post.request is not None:
                message, tally = await self._send_request(post, post.request, deadline), TallyCount()
            elif await self._mailbox_owners.may_read(post.channel):
                message, tally = await self._send_papers(post, deadline)
            else:
                await self._stop_mailbox(post)
                return
        except PermanentFailure as failure:
            await self._give_up(post, failure)
        except NotSent as failure:
            await self._retry(post, failure)
        except DeliveryUnknown as failure:
            await self._leave_unknown(post, failure)
        else:
            await self._confirm(post, message, tally, found=False)

    async def _send_papers(self, post: Post, deadline: Deadline) -> tuple[MessageRef, TallyCount]:
        async with self._store.reading() as tx:
            reply = await render_post(tx, post)
        with start_before(deadline):
            async with _answer_timeout():
                surface = self._surfaces[post.channel.platform]
                message = await surface.send(post.channel, reply, post.token, _thread(post))
        return message, tally_shown(reply)

    async def _send_request(self, post: Post, request: MailboxRequest, deadline: Deadline) -> MessageRef:
        mailboxes = self._surfaces[post.channel.platform]
        assert isinstance(mailboxes, Mailboxes), "requests are planned for mailboxes"
        with start_before(deadline):
            async with _answer_timeout():
                await mailboxes.ask(request, post.token, again=True)
        return MessageRef(post.channel.external_id, post.token)

    async def _stop_mailbox(self, post: Post) -> None:
        """End all that a mailbox gets of a team that its owner has left, and tell them."""
        channel, now = post.channel, self._now(post)
        _log.warning("Mails to channel %s are stopped: its owner has left the team", channel.id)
        async with self._store.writing() as tx:
            await tx.outbox.mark_failed(post, "The owner of the mailbox has left the team's workspace.")
            await tx.outbox.mark_notified(post, now)
            await end_all(tx, channel.id, now)
        with contextlib.suppress(DeliveryError):
            await self._surfaces[channel.platform].notify(channel.workspace, channel.external_id, _LEFT)

    async def _search(self, post: Post) -> None:
        surface = self._surfaces[post.channel.platform]
        if surface.max_resends is not None:
            await self._resend(post, surface.max_resends)
            return
        # The post was planned before it was sent, so the search starts at that time. The margin is for rows
        # that older versions planned by our own clock, and for a platform's servers that disagree on time.
        since = min(post.planned, self._now(post)) - LONGEST_WAIT
        try:
            async with _answer_timeout():
                message = await surface.find(post.channel, post.token, since, _thread(post), post.searched_to)
        except DeliveryError as failure:
            await self._handle_failed_search(post, failure)
            return
        if message is None:
            await self._retry(post, NotSent("It was not found on the platform."))
        else:
            # Nobody knows which votes it shows. An empty tally makes any vote redraw it.
            await self._confirm(post, message, TallyCount(), found=True)

    async def _resend(self, post: Post, most: int) -> None:
        """Let a post be sent again under its token, or report it as doubtful after `most` times."""
        if post.resends >= most:
            times = counted(post.resends + 1, "time")
            detail = f"It was sent {times} without an answer, and nobody can be asked whether it arrived."
            await self._give_up(post, DeliveryUnknown(detail), maybe_sent=True)
            return
        pause, detail = _pause(post), "It had no answer, so it is sent again under the same name."
        async with self._store.writing() as tx:
            await tx.outbox.retry(post, detail, self._now(post) + pause, maybe_sent=True)

    async def _handle_failed_search(self, post: Post, failure: DeliveryError) -> None:
        """Keep a post unknown if the search failed. If searches cannot succeed, notify people."""
        if self._now(post) - post.planned >= SEARCH_FOR and post.attempts >= MIN_ATTEMPTS:
            await self._give_up(post, failure, maybe_sent=True)
            return
        await self._leave_unknown(post, failure)
        if isinstance(failure, PermanentFailure):
            await self._notify(post, failure, maybe_sent=True)

    async def _confirm(self, post: Post, message: MessageRef, tally: TallyCount, *, found: bool) -> None:
        now = self._now(post)
        interval = self._surfaces[post.channel.platform].post_interval
        async with self._store.writing() as tx:
            await tx.outbox.mark_sent(post, message, now, found=found, min_interval=interval)
            await tx.messages.record(post.channel, await messages_shown(tx, post, message, tally), now)

    async def _leave_unknown(self, post: Post, failure: DeliveryError) -> None:
        pause, cursor = max(SEARCH_DELAY, _pause(post, failure)), post.searched_to
        if isinstance(failure, SearchUnfinished) and failure.cursor != cursor:
            # The search has moved on, as far as rate limits allow at once: continue soon, from its cursor.
            pause, cursor = max(SEARCH_PAUSE, _retry_after(failure)), failure.cursor
        async with self._store.writing() as tx:
            await tx.outbox.mark_unknown(post, str(failure), self._now(post) + pause, searched_to=cursor)

    async def _retry(self, post: Post, failure: NotSent) -> None:
        now = self._now(post)
        if post.crashes >= MAX_CRASHES:
            await self._give_up(post, _crashed(post))
        elif now - post.planned >= RETRY_FOR and post.attempts >= MIN_ATTEMPTS:
            await self._give_up(post, failure)
        else:
            async with self._store.writing() as tx:
                await tx.outbox.retry(post, str(failure), now + _pause(post, failure))
                if failure.everywhere:
                    await tx.outbox.throttle(post.channel, now + _retry_after(failure))

    async def _give_up(self, post: Post, failure: DeliveryError, *, maybe_sent: bool = False) -> None:
        # Whatever this attempt came to, an earlier one without an answer may have arrived.
        maybe_sent = maybe_sent or post.resends > 0
        _log.error("Gave up post %s of channel %s: %s", post.id, post.channel.id, failure)
        async with self._store.writing() as tx:
            await tx.outbox.mark_failed(post, str(failure), maybe_sent=maybe_sent)
        await self._notify(post, failure, maybe_sent=maybe_sent)

    async def _notify(self, post: Post, failure: DeliveryError, *, maybe_sent: bool) -> None:
        """Notify the subscribers: once per digest, or once per channel if the channel is lost."""
        if isinstance(failure, ChannelUnavailable):
            async with self._store.writing() as tx:
                await tx.outbox.mark_notified(post, self._now(post))
            await self._channel_loss.pause_channel(post.channel, str(failure))
        elif not post.notified:
            await self._notify_once(post, str(failure), maybe_sent=maybe_sent)

    async def retry_notifications(self) -> None:
        """Notify of failed posts of which nobody could be notified before, as while the platform was down.

        The store does not say whether such a post was unknown, so the notice says that it may be there.
        """
        for platform in self._clocks.ready:
            since = self._clocks.now(platform) - NOTIFY_WITHIN
            async with self._store.reading() as tx:
                pending = await tx.outbox.pending_notifications(platform, since, NOTIFY_BATCH)
            for post, why in pending:
                await self._notify_once(post, why, maybe_sent=True)

    async def _notify_once(self, post: Post, why: str, *, maybe_sent: bool) -> None:
        async with self._store.writing() as tx:
            # Marked first: if the process dies here, one notice is lost, but no process repeats it.
            first = await tx.outbox.mark_notified(post, self._now(post))
        if first and not await self._channel_loss.notify_of_failed_post(
            post.channel, why, maybe_sent=maybe_sent
        ):
            async with self._store.writing() as tx:
                await tx.outbox.unmark_notified(post)


@asynccontextmanager
async def _answer_timeout() -> AsyncIterator[None]:
    """Raise DeliveryUnknown if the platform does not answer in time."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError:
        raise DeliveryUnknown(f"It did not answer within {ANSWER_SECONDS:.0f} seconds.") from None


def _pause(post: Post, failure: DeliveryError | None = None) -> timedelta:
    """Return the wait before the next attempt: doubled each time, and at least what the platform asks for."""
    pause = min(MAX_PAUSE, timedelta(seconds=2.0 ** min(post.attempts, 30)))
    return max(pause, _retry_after(failure)) if isinstance(failure, NotSent | SearchUnfinished) else pause


def _retry_after(failure: NotSent | SearchUnfinished) -> timedelta:
    return min(MAX_RETRY_AFTER, timedelta(seconds=failure.retry_after))


def _is_suspect(post: Post) -> bool:
    return post.crashes >= SUSPECT_CRASHES


def _crashed(post: Post) -> NotSent:
    return NotSent(f"{post.crashes} times whoever was sending it ended without a word.")


def _thread(post: Post) -> MessageRef | None:
    flat = post.news is None and post.channel.settings.layout is Layout.FLAT
    return None if flat else post.parent
