"""What the core asks of the database, as small Protocols: one repository a matter.

Repositories speak inside one transaction, which is short: none is open across a call to a network,
a model or a platform. They never commit; the transaction does, at its end, unless an error passes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.identifiers import Identifier
from bot.models import (
    Activity,
    Asking,
    Channel,
    ChannelSettings,
    DigestKey,
    DigestPlan,
    DueSlot,
    HeardBefore,
    Here,
    HistoryEntry,
    Installation,
    Marks,
    MessageRef,
    Origin,
    Outcome,
    Paper,
    PaperDraft,
    PaperFilter,
    Platform,
    Post,
    RankedPaper,
    Reaction,
    ShownMessage,
    Slot,
    SourceRun,
    Stored,
    StoredDigest,
    Subscription,
    SubscriptionDraft,
    Talk,
    TallyCount,
    Trouble,
    View,
    Vote,
    VoteSource,
)


class Papers(Protocol):
    """Papers: open ones, which all teams share, and each team's own, which its people alone tell of.

    Whoever asks says for which team. Without one only open papers are there; no other team's ever are.
    """

    async def put(self, draft: PaperDraft, now: datetime, team_id: int | None = None) -> tuple[int, Outcome]:
        """Store a draft as a new paper, or merge it into the row that it names.

        Without a team it is an open source's, and what teams have of that paper becomes one with it. A team's
        draft never changes an open paper: its names and links only lead the team there.

        The same row is one that shares an identifier, or, where no identifier contradicts, one with the
        same title key. Field by field the better source's word stands, as `bot/merging.py` says. News of the
        paper is kept for those who discussed it.
        """
        ...

    async def take(self, draft: PaperDraft, now: datetime, team_id: int | None = None) -> Stored:
        """Do what `put` does, and tell what it changed, and what the draft contradicts.

        An open source's draft with the identifier of what is clearly another paper is stored without it.
        """
        ...

    async def described(self, drafts: Sequence[PaperDraft], team_id: int | None = None) -> list[int | None]:
        """The papers whose last description by its source each draft is, None where it is another.

        To put such a draft would change nothing.
        """
        ...

    async def get(self, paper_ids: Collection[int], team_id: int | None = None) -> dict[int, Paper]:
        """Give the papers that exist among these; a number that was merged gives what it became."""
        ...

    async def get_each(self, asked: Sequence[tuple[Collection[int], int | None]]) -> list[dict[int, Paper]]:
        """The same for several askers: each papers and a team."""
        ...

    async def names(self, paper_ids: Collection[int]) -> frozenset[Identifier]:
        """All names of papers, whosever they are; to ask sources for, and not to be shown."""
        ...

    async def named(self, identifier: Identifier, team_id: int | None = None) -> int | None:
        """Find a paper by one of its names."""
        ...

    async def known(
        self, identifiers: Collection[Identifier], team_id: int | None = None
    ) -> dict[Identifier, int]:
        """Those of these names that papers have, with the papers."""
        ...

    async def linked(self, link: str, team_id: int | None = None) -> int | None:
        """Find a paper by one of its links; where several have it, the one whose own page it is first."""
        ...

    async def titled(self, title_key: str, team_id: int | None = None) -> int | None:
        """Find a paper by its normalised title, whole."""
        ...

    async def changed_since(self, sequence: int, limit: int) -> list[tuple[int, Paper]]:
        """Papers of whomever with a later sequence number, in its order; for the index, which parts teams.

        Every insert and every change of a text takes the next number.
        """
        ...

    async def gone_since(self, sequence: int) -> frozenset[int]:
        """Numbers that were merged into other papers by a later sequence number."""
        ...

    async def passing(self, wanted: PaperFilter, team_id: int | None = None) -> frozenset[int]:
        """All papers that pass a filter."""
        ...

    async def arrived(self, since: date) -> frozenset[int]:
        """Open papers from `since` on.

        A paper is from the day it was listed, else published, else added.
        """
        ...

    async def arrived_in(self, team_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        """By team, its own papers from `since` on; teams without any are left out."""
        ...

    async def posted(self, channel_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        """By channel, the papers from `since` on that its digests have posted or are about to."""
        ...

    async def upvotes(
        self, paper_ids: Collection[int], team_ids: Collection[int]
    ) -> dict[int, dict[int, int]]:
        """By team, the papers' up-votes at the source and of the team's people together.

        A person counts once, whatever the channel; what is said in direct messages is not the team's.
        """
        ...

    async def activity(self, team_id: int, since: datetime, limit: int) -> list[Activity]:
        """What there is to rank: papers from `since` on, or with the team's votes or comments since.

        A paper is from the day it was listed, else published, else added. Those that the team has dealt
        with come first, then the latest. People count as in `upvotes`.
        """
        ...

    async def count(self) -> int:
        """How many papers there are, teams' own ones as well, without those that are hidden."""
        ...

    async def hide_samples(self, *, hidden: bool) -> None:
        """Let nobody read the samples, or everybody.

        What people did with them stays. A hidden one comes back as a true paper once a source tells of it.
        """
        ...


class Vectors(Protocol):
    """Embeddings by (model, text hash): a paper's vector and its sentences'."""

    async def put(self, model: str, encoded: Mapping[str, bytes]) -> None:
        """Keep what an Embedder made, by text hash; what is there already stays."""
        ...

    async def get(self, model: str, text_hashes: Collection[str]) -> dict[str, bytes]:
        """Give what is kept for these texts."""
        ...


class Directory(Protocol):
    """Teams, workspaces, channels and people."""

    async def resolve(self, origin: Origin, now: datetime) -> Here:
        """Find the rows behind an origin, making what is not there yet.

        A direct message belongs to the person's own channel in the team. Names follow the platform's.
        """
        ...

    async def known(self, origins: Sequence[Origin]) -> list[Here | None]:
        """The rows behind origins, None where one is not there yet or a name is no longer the platform's."""
        ...

    async def person_id(self, channel: Channel, external_id: str, now: datetime) -> int:
        """Find or make the row of another person in the channel's workspace."""
        ...

    async def workspace_of(self, platform: Platform, person: str) -> str | None:
        """Give the workspace that somebody's own talk belongs to, by the platform's ids.

        It is the one that it belongs to already, else the latest in which the person was seen.
        """
        ...

    async def channel(self, channel_id: int) -> Channel:
        """Give a channel with its settings."""
        ...

    async def change_settings(self, channel_id: int, settings: ChannelSettings) -> None:
        """Replace a channel's settings."""
        ...


class Votes(Protocol):
    """Votes as observations; the one vote a person, paper and channel is the latest of them that stands.

    A command's or a button's vote stands until the next one; `Vote.NONE` retracts all that the person has
    said before.
    """

    async def cast(self, here: Here, paper_id: int, value: Vote, source: VoteSource, at: datetime) -> None:
        """Record a vote by command or button."""
        ...

    async def leaders(
        self, channel_id: int, since: datetime | None, limit: int, offset: int
    ) -> tuple[list[RankedPaper], int]:
        """Papers with votes in the channel, best score first, and how many there are."""
        ...


class Reactions(Protocol):
    """Votes by reaction. Each is an observation of a person, a message and an emoji, and ends with that.

    Where a platform tells when something happened (`timed`), the latest by its time counts, whatever order
    it is heard in: what was taken away leaves a tombstone with its time. Otherwise what is heard last counts.
    """

    async def hold(self, channel_id: int, message: MessageRef) -> None:
        """Let nobody else change a message's reactions until the transaction ends.

        Whoever changes them or deletes the message does this first, before looking at what there is.
        """
        ...

    async def known(self, origin: Origin, message: MessageRef) -> HeardBefore:
        """What has been heard of a message's reactions so far."""
        ...

    async def change(
        self,
        here: Here,
        paper_id: int,
        message: MessageRef,
        reaction: Reaction,
        *,
        added: bool,
        at: datetime,
        timed: bool,
    ) -> None:
        """Record that a reaction was added or taken away. Hearing it twice is one observation."""
        ...

    async def recount(
        self,
        here: Here,
        paper_id: int,
        message: MessageRef,
        counted: Mapping[int, Collection[Reaction]],
        at: datetime,
        *,
        known: HeardBefore | None,
        timed: bool,
    ) -> None:
        """Make the message's reactions agree with a count that began at `at`, by person.

        `known` is what had been heard when it began: whatever was heard since stays as it is, unless it
        happened before. None overrides all. What stood before keeps its time.
        """
        ...

    async def sweep(self, before: datetime) -> int:
        """Drop tombstones of reactions that ended before then, and say how many that were."""
        ...


class Marking(Protocol):
    """What stands beside a paper in a list."""

    async def marks(
        self, channel_id: int, paper_ids: Collection[int], person_id: int | None = None
    ) -> dict[int, Marks]:
        """Each paper's marks in a channel, in few queries; a person's own vote and saves only if asked."""
        ...

    async def marks_each(
        self, asked: Sequence[tuple[int, Collection[int], int | None]]
    ) -> list[dict[int, Marks]]:
        """The same for several askers: each a channel, papers and perhaps a person."""
        ...


class Messages(Protocol):
    """Which messages show which papers."""

    async def record(self, here_channel: Channel, shown: Iterable[ShownMessage], at: datetime) -> None:
        """Remember what a message shows; twice is once."""
        ...

    async def paper_on(self, channel_id: int, message: MessageRef) -> int | None:
        """The one paper that a message shows, None where it shows none or several."""
        ...

    async def showing(self, channel_id: int, paper_id: int, limit: int) -> list[ShownMessage]:
        """The latest messages that show this one paper alone, and previews of it under people's links."""
        ...

    async def last_shown(
        self, channel: Channel, paper_ids: Collection[int], among: Collection[str]
    ) -> dict[int, Channel]:
        """In which channel each paper was shown last, among those of a channel's team and workspace.

        `among` names them by the platform's ids; people's own talks with the bot are left out.
        """
        ...

    async def drawn(self, channel_id: int, paper_id: int, message: MessageRef, tally: TallyCount) -> None:
        """Note which votes a message shows now."""
        ...

    async def preview(self, channel_id: int, paper_id: int, message: MessageRef, link: str) -> None:
        """Note that a preview of the paper stands under a person's link."""
        ...

    async def to_recount(
        self, platform: Platform, since: datetime, before: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        """Messages that show one paper, shown between these times and not recounted since `before`.

        Those whose last recount is longest ago come first, and of these the latest. The origin's person
        is whose direct message it is, and empty elsewhere.
        """
        ...

    async def found(self, platform: Platform, since: datetime, limit: int) -> list[tuple[Origin, MessageRef]]:
        """Messages that show one paper and were in doubt, found since then, and not recounted so far."""
        ...

    async def recounted(self, channel_id: int, message: MessageRef, at: datetime) -> None:
        """Note when a message's reactions were last counted."""
        ...

    async def unlink(self, channel_id: int, message: MessageRef, besides: Collection[int]) -> None:
        """Note that a person's message links to no papers besides these; votes on the others end with it."""
        ...

    async def answer(self, channel: Channel, paper_id: int, now: datetime, since: datetime) -> bool:
        """Undertake to answer for a link to a paper; False where one was answered for `since` then."""
        ...

    async def forget(self, channel_id: int, message: MessageRef) -> None:
        """Note that a message is gone; votes by reaction on it end with it."""
        ...


class Discussions(Protocol):
    """Talk about papers."""

    async def open(self, here: Here, paper_id: int, message: MessageRef, at: datetime) -> None:
        """Remember that a message opened a discussion of a paper."""
        ...

    async def comment(self, here: Here, message: MessageRef, at: datetime) -> int | None:
        """Count a message in a paper's thread, once, and give the paper; None outside such threads."""
        ...

    async def latest_on(self, channel_id: int, paper_id: int, besides: str | None) -> Talk | None:
        """The latest discussion of a paper in a channel with comments, besides the one under a message."""
        ...

    async def history(self, channel_id: int, limit: int, offset: int) -> tuple[list[HistoryEntry], int]:
        """What the channel has done with papers, the latest first, and how many papers there are.

        A list that somebody shared does nothing with its papers; a digest's overview does.
        """
        ...


class Submissions(Protocol):
    """Who has brought which paper into a channel."""

    async def put(self, here: Here, paper_id: int, at: datetime) -> None:
        """Note that somebody has brought a paper in; twice is once."""
        ...


class Saved(Protocol):
    """People's own reading lists."""

    async def put(self, here: Here, paper_id: int, at: datetime) -> bool:
        """Save a paper; whether it was not saved before."""
        ...

    async def remove(self, here: Here, paper_id: int) -> bool:
        """Take a paper off; whether it was on the list."""
        ...

    async def page(self, here: Here, limit: int, offset: int) -> tuple[list[tuple[int, datetime]], int]:
        """A person's saved papers with their times, the latest first, and how many there are."""
        ...


class Subscriptions(Protocol):
    """What channels are subscribed to, and when they are due."""

    async def put(self, here: Here, wanted: SubscriptionDraft, now: datetime) -> tuple[Subscription, bool]:
        """Subscribe the channel, or change its subscription to that topic; whether it was there before."""
        ...

    async def of_channel(self, channel_id: int) -> list[Subscription]:
        """A channel's subscriptions, paused ones as well, by topic."""
        ...

    async def of_channels(self, channel_ids: Collection[int]) -> dict[int, list[Subscription]]:
        """Each channel's subscriptions, paused ones as well, by topic."""
        ...

    async def get(self, channel_id: int, subscription_id: int) -> Subscription | None:
        """One of the channel's subscriptions."""
        ...

    async def on_topic(self, channel_id: int, topic: str) -> Subscription | None:
        """The channel's subscription to a topic, however its letters are written."""
        ...

    async def pause(self, channel_id: int, subscription_id: int, *, paused: bool) -> bool:
        """Pause a subscription or let it go on; whether it exists."""
        ...

    async def end(self, channel_id: int, subscription_id: int) -> bool:
        """Unsubscribe; whether there was anything to end. Its past digests stay."""
        ...


class Schedule(Protocol):
    """The due rows: one a channel and slot."""

    async def claim(
        self, platforms: Collection[Platform], now: datetime, lease_seconds: float, limit: int
    ) -> list[DueSlot]:
        """Claim slots whose time has come, the longest due first; a lease that has run out is anybody's."""
        ...

    async def put_off(self, slots: Collection[DueSlot], until: datetime) -> None:
        """Let nobody claim these before then; when they are due stays."""
        ...

    async def still_due(self, slots: Collection[DueSlot]) -> list[DueSlot]:
        """Those among the slots that are still due when they were."""
        ...

    async def set_since(self, platforms: Collection[Platform], moment: datetime, limit: int) -> list[DueSlot]:
        """Slots whose times were worked out later than that."""
        ...

    async def all(self, platform: Platform | None = None) -> list[DueSlot]:
        """Every slot, due or not."""
        ...

    async def get(self, channel_id: int, slot: Slot) -> datetime | None:
        """When a channel's slot is due next, None where it has no such slot."""
        ...

    async def hold(self, *channel_ids: int) -> None:
        """Let nobody else plan for the channels, or change what they chose, until the transaction ends."""
        ...

    async def set_due(self, times: Mapping[tuple[int, Slot], datetime | None], now: datetime) -> None:
        """Say when channels' slots are due next, as worked out now; None removes one."""
        ...

    async def next_due(self, platforms: Collection[Platform]) -> datetime | None:
        """When a slot can next be claimed, None when there is none."""
        ...


class Digests(Protocol):
    """Digests and their posts: the outbox."""

    async def plan(self, plans: Sequence[DigestPlan], now: datetime) -> list[bool]:
        """Store digests with their items and posts; False for one whose slot and date has a digest already.

        Items whose paper the channel was posted meanwhile, or whose subscription rests since, are left out;
        where nothing remains of a digest of papers, it is not stored.
        """
        ...

    async def withdraw(self, slots: Collection[DueSlot]) -> int:
        """Take back the digests of these slots of which nothing was sent yet; how many they were.

        Their papers may be in the next one.
        """
        ...

    async def withdraw_resting(self, channel_id: int) -> None:
        """Take back what was not begun of what a channel's ended and paused subscriptions had planned.

        Their papers may be in a later digest. What is being sent or in doubt is left to end.
        """
        ...

    async def get(self, digest_id: int) -> StoredDigest:
        """A digest with its items."""
        ...

    async def topics(self, digest_id: int) -> dict[int, str]:
        """The topics of a digest's subscriptions, by their numbers; those that have ended as well."""
        ...

    async def last_dates(self, channel_ids: Collection[int]) -> dict[int, date]:
        """The local date of each channel's latest digest that was more than a warning."""
        ...

    async def planned(self, channel_ids: Collection[int], since: date) -> frozenset[DigestKey]:
        """Which slots and dates of the channels have a digest, from `since` on."""
        ...

    async def warned(self, channel_ids: Collection[int], since: date, warning: str) -> frozenset[int]:
        """Which of the channels were told this, from that day on."""
        ...


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
        sparing: Collection[int] = (),
    ) -> list[Post]:
        """Claim posts that may be sent now: the next of each channel, of those that have waited longest.

        Posts left in `sending` by a worker whose lease has run out come back as `unknown`, never as
        planned: they may stand on the platform. The teams `sparing` names are left out.
        """
        ...

    async def sent(
        self,
        post: Post,
        message: MessageRef,
        now: datetime,
        *,
        found: bool,
        apart: timedelta = timedelta(),
    ) -> None:
        """Confirm: the post stands at `message`, just sent or `found` by its token.

        The channel's next post may be claimed `apart` later.
        """
        ...

    async def unknown(self, post: Post, detail: str, look_at: datetime, *, crashed: bool = False) -> None:
        """Nobody knows whether the post stands there: look for its token, not before `look_at`."""
        ...

    async def again(self, post: Post, detail: str, not_before: datetime) -> None:
        """The post is certainly not there: back to planned, if its subscription does not rest since."""
        ...

    async def failed(self, post: Post, detail: str, *, in_doubt: bool = False) -> None:
        """Give up on the post, and on those that depend on it: their papers may be in a later digest.

        The paper of a post that is in doubt may not, as it may stand there.
        """
        ...

    async def quieten(self, channel: Channel, until: datetime) -> None:
        """Let no post be claimed before then in the channel's workspace, which asks for it."""
        ...

    async def tell(self, post: Post, now: datetime) -> bool:
        """Note that people are told of a post's trouble; False where they know of its digest's already."""
        ...

    async def untell(self, post: Post) -> None:
        """Take back that people were told of a post's trouble."""
        ...

    async def untold(self, platform: Platform, since: datetime, limit: int) -> list[tuple[Post, str]]:
        """A platform's posts planned since then that were given up untold, one a digest, with the reason."""
        ...

    async def mend(self, now: datetime) -> None:
        """Let what is open be claimed, should a copy of the database have left that out."""
        ...

    async def hand_back(self, worker: str, platform: Platform, look_at: datetime) -> None:
        """End a worker's leases on a platform before their time.

        What it had begun is looked for, not before `look_at`.
        """
        ...

    async def next_due(
        self, platforms: Collection[Platform], *, sparing: Collection[int] = ()
    ) -> datetime | None:
        """When a post can next be claimed, None when there is none. `sparing` is as above."""
        ...

    async def troubled(self, failed_since: datetime) -> list[Trouble]:
        """Digests and news with posts that are unknown, not yet sent after a crash, or failed.

        Those that have open ones come first, the latest of each kind before the others. What failed is left
        out if it was planned before `failed_since`.
        """
        ...


class NewsDesk(Protocol):
    """News of papers, for the channels that discussed them."""

    async def untold(self) -> bool:
        """Whether there is news for which no posts are planned yet."""
        ...

    async def plan(self, now: datetime, limit: int) -> int:
        """Plan a post with each piece of news in the latest discussion of every channel that had one.

        How many pieces of news that were; each is planned once.
        """
        ...


class Views(Protocol):
    """Lists as somebody saw them."""

    async def put(self, *views: View) -> None:
        """Keep views until they expire."""
        ...

    async def get(self, view_id: str, now: datetime) -> View | None:
        """Give a view that has not expired."""
        ...

    async def sweep(self, now: datetime) -> int:
        """Drop what has expired and say how many that were."""
        ...


class Inbox(Protocol):
    """Which events have been taken."""

    async def take(self, origin: Origin, event_id: str, now: datetime) -> bool:
        """Take an event; False if it was taken before."""
        ...

    async def sweep(self, before: datetime) -> int:
        """Forget events that were taken before then and say how many that were."""
        ...


class SourceRuns(Protocol):
    """How the sources' days went."""

    async def record(self, run: SourceRun) -> None:
        """Keep the latest run of a source's day."""
        ...

    async def latest(self) -> list[SourceRun]:
        """How each source's latest day went."""
        ...

    async def since(self, day: date, source: str | None = None) -> list[SourceRun]:
        """How the days from one day on went, of one source or of all, by source and day."""
        ...


class Askings(Protocol):
    """Who asks which source when: one process at a time, under a lease."""

    async def claim(self, name: str, worker: str, now: datetime, until: datetime) -> Asking | None:
        """Take a source's asking on; None where it is not due, or is in other hands."""
        ...

    async def hold(self, name: str, worker: str, until: datetime) -> bool:
        """Prolong a lease; False where it ran out and somebody else has taken it on."""
        ...

    async def done(self, asking: Asking, worker: str, due: datetime) -> None:
        """End an asking and say when it is due again. Nothing is changed where the lease is lost."""
        ...

    async def all(self) -> list[Asking]:
        """Every asking, by name."""
        ...

    async def to_check(self, source: str, before: datetime, limit: int) -> list[int]:
        """Papers that people have dealt with and that a source was not asked about since `before`.

        Those that it was never asked about come first, then those that it was asked about longest ago.
        """
        ...

    async def to_look_up(self, source: str, before: datetime, limit: int) -> list[int]:
        """Open papers that have no identifier, and were not asked for since `before`; in the same order."""
        ...

    async def checked(self, source: str, paper_ids: Collection[int], now: datetime) -> None:
        """Note that a source was asked about papers."""
        ...


class Installations(Protocol):
    """Where the bot is installed: one row a workspace, or an organisation that has it for all of its."""

    async def put(self, installation: Installation) -> None:
        """Keep an installation in place of the workspace's earlier one; all else of the workspace stays."""
        ...

    async def find(self, platform: Platform, workspace: str) -> Installation | None:
        """Give a workspace's installation, one that was revoked as well."""
        ...

    async def revoke(self, platform: Platform, workspace: str, at: datetime) -> bool:
        """Purge the token of what was installed until `at`, and keep the rest; whether there was one."""
        ...

    async def all(self) -> list[Installation]:
        """Every installation, those that were revoked as well, by platform and workspace."""
        ...


class Restoring(Protocol):
    """Marks in a database that was restored from a backup."""

    async def note(self, at: datetime, posted_through: date) -> None:
        """Remember a restore; no digest posts papers that arrived up to a day."""
        ...

    async def doubt_posts(self, now: datetime) -> int:
        """Let all posts that are open be looked for before anything else is done; how many they are."""
        ...

    async def keep_news_to_itself(self) -> int:
        """Take news for told that may have been told since; how many they are."""
        ...

    async def skip_numbers(self, count: int) -> None:
        """Give out none of the next numbers of rows: messages since then may carry them."""
        ...


class Transaction(Protocol):
    """All repositories over one short transaction."""

    @property
    def papers(self) -> Papers: ...
    @property
    def vectors(self) -> Vectors: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def votes(self) -> Votes: ...
    @property
    def reactions(self) -> Reactions: ...
    @property
    def marking(self) -> Marking: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def discussions(self) -> Discussions: ...
    @property
    def submissions(self) -> Submissions: ...
    @property
    def saved(self) -> Saved: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def news(self) -> NewsDesk: ...
    @property
    def views(self) -> Views: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def source_runs(self) -> SourceRuns: ...
    @property
    def askings(self) -> Askings: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def restoring(self) -> Restoring: ...


class Store(Protocol):
    """The database."""

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that only reads."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that writes: committed at its end, rolled back on an error."""
        ...
