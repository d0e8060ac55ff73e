"""Posts on their way out."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.channel import Channel, Platform
from bot.domain.message import MessageRef
from bot.domain.post import Post, Trouble

LONGEST_WAIT = timedelta(hours=2)
"""No post is put off for so long: a later time is that of a clock which was set back since."""


class Outbox(Protocol):
    """Posts on their way. A post is claimed under a lease; a lease that has run out is anybody's."""

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
        """Claim posts that may be sent now: the next of each channel, of those that have waited longest.

        Posts left in `sending` by a worker whose lease has run out come back as `unknown`, never as
        planned: they may stand on the platform. The teams `excluded_teams` names are left out.
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
        """Confirm: the post stands at `message`, just sent or `found` by its token.

        The channel's next post may be claimed `apart` later.
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
        """Nobody knows whether the post stands there: look for its token, not before `look_at`.

        `searched_to` is the cursor with which to go on; without it all is looked through anew.
        """
        ...

    async def retry(self, post: Post, detail: str, not_before: datetime) -> None:
        """The post is certainly not there: back to planned, if its subscription does not rest since."""
        ...

    async def mark_failed(self, post: Post, detail: str, *, in_doubt: bool = False) -> None:
        """Give up on the post, and on those that depend on it: their papers may be in a later digest.

        The paper of a post that is in doubt may not, as it may stand there.
        """
        ...

    async def throttle(self, channel: Channel, until: datetime) -> None:
        """Let no post be claimed before then in the channel's workspace, which asks for it."""
        ...

    async def mark_notified(self, post: Post, now: datetime) -> bool:
        """Note that people are told of a post's trouble; False where they know of its digest's already."""
        ...

    async def unmark_notified(self, post: Post) -> None:
        """Take back that people were told of a post's trouble."""
        ...

    async def pending_notifications(
        self, platform: Platform, since: datetime, limit: int
    ) -> list[tuple[Post, str]]:
        """A platform's posts planned since then that were given up untold, one a digest, with the reason."""
        ...

    async def requeue_orphans(self, now: datetime) -> None:
        """Let what is open be claimed, should a copy of the database have left that out."""
        ...

    async def release_leases(self, worker: str, platform: Platform, look_at: datetime) -> None:
        """End a worker's leases on a platform before their time.

        What it had begun is looked for, not before `look_at`.
        """
        ...

    async def next_due(
        self, platforms: Collection[Platform], *, excluded_teams: Collection[int] = ()
    ) -> datetime | None:
        """When a post can next be claimed, None when there is none. `excluded_teams` is as above."""
        ...

    async def list_troubles(self, failed_since: datetime) -> list[Trouble]:
        """Digests and news with posts that are unknown, not yet sent after a crash, or failed.

        Those that have open ones come first, the latest of each kind before the others. What failed is left
        out if it was planned before `failed_since`.
        """
        ...
