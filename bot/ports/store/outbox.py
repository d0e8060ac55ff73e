"""Posts on their way to a platform."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.channel import Channel, Context, Platform
from bot.domain.mailbox import MailboxRequest
from bot.domain.message import MessageRef
from bot.domain.post import Post, Trouble

LONGEST_WAIT = timedelta(hours=2)
"""No post is postponed for longer. A later time comes from a clock that was set back since."""


class Outbox(Protocol):
    """Posts on their way to a platform.

    A worker claims posts under a lease. After the lease has run out, any worker may claim them.
    """

    async def claim(
        self,
        platforms: Collection[Platform],
        worker: str,
        now: datetime,
        lease_seconds: float,
        limit: int,
        *,
        excluded_teams: Collection[int] = (),
    ) -> list[Post]:
        """Claim up to `limit` posts that may be sent now, at most one a channel, longest waiting first.

        A post that a worker left in `sending` when its lease ran out comes back as `unknown`, never as
        planned: it may be on the platform already. Leaves out the posts of `excluded_teams`.
        """
        ...

    async def plan_request(
        self, place: Context, request: MailboxRequest, token: str, now: datetime, *, maybe_sent: bool
    ) -> None:
        """Plan a post that asks the owner of a mail address to confirm a request.

        With `maybe_sent` it was sent under this token before, without an answer.
        """
        ...

    async def mark_sent(
        self,
        post: Post,
        message: MessageRef,
        now: datetime,
        *,
        found: bool,
        min_interval: timedelta = timedelta(),
    ) -> None:
        """Confirm that the post is at `message`: just sent, or `found` by its token.

        The channel's next post may be claimed `min_interval` later.
        """
        ...

    async def mark_unknown(
        self,
        post: Post,
        detail: str,
        look_at: datetime,
        *,
        crashed: bool = False,
        searched_to: str | None = None,
    ) -> None:
        """Record that nobody knows whether the post arrived. Its token may be looked for from `look_at` on.

        `searched_to` is the platform's cursor at which the next search goes on. Without it, the search starts
        again. `crashed` counts a failure that nobody foresaw.
        """
        ...

    async def retry(self, post: Post, detail: str, not_before: datetime, *, maybe_sent: bool = False) -> None:
        """Put a post that certainly did not arrive back to planned, not before `not_before`.

        With `maybe_sent` it may have arrived, and counts as sent again.

        Deletes it instead if its subscription has ended or paused since.
        """
        ...

    async def mark_failed(self, post: Post, detail: str, *, maybe_sent: bool = False) -> None:
        """Give up on the post and on the posts that depend on it. Their papers may be in a later digest.

        With `maybe_sent`, the post's own paper may not: it may already be in the channel.
        """
        ...

    async def throttle(self, channel: Channel, until: datetime) -> None:
        """Claim no post in the channel's workspace before `until`, as the platform has asked."""
        ...

    async def mark_notified(self, post: Post, now: datetime) -> bool:
        """Record that people are told of a post's trouble.

        Returns False if they were told before of this post or of another one of its digest.
        """
        ...

    async def unmark_notified(self, post: Post) -> None:
        """Undo `mark_notified`, for a notice that could not be delivered."""
        ...

    async def pending_notifications(
        self, platform: Platform, since: datetime, limit: int
    ) -> list[tuple[Post, str]]:
        """Return failed posts, one a digest, that nobody was told of, with the reasons.

        Only those planned at `since` or later.
        """
        ...

    async def requeue_orphans(self, now: datetime) -> None:
        """Queue open posts that are in no queue.

        A database that was put together from a copy may lack their queue rows, and nobody would send them.
        """
        ...

    async def release_leases(self, worker: str, platform: Platform, look_at: datetime) -> None:
        """End a worker's leases on a platform early, such as when the process stops.

        Its open posts become unknown and are looked for, not before `look_at`: they may have been sent.
        """
        ...

    async def channel_by_token(self, token: str) -> Channel | None:
        """Return the channel of the post with this token; None if there is no such post."""
        ...

    async def next_due(
        self, platforms: Collection[Platform], *, excluded_teams: Collection[int] = ()
    ) -> datetime | None:
        """Return when a post can next be claimed, None if there is none. Leaves out `excluded_teams`."""
        ...

    async def list_troubles(self, failed_since: datetime) -> list[Trouble]:
        """Return digests and news with posts that are unknown, unsent after a crash, or failed.

        Those with open posts come first, then the latest. Leaves out posts that failed and were planned
        before `failed_since`.
        """
        ...
