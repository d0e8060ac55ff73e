"""Gathers what a person's channels did with a paper, for a reader who is in no channel."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.conversation.batching import Batcher
from bot.domain.account import Membership
from bot.domain.channel import Channel, Origin, Platform
from bot.domain.message import DiscussionThread, MessageRef
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus, TallyCount, Vote
from bot.ports.store.store import Store
from bot.ports.surface import Surface

SEEN_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class SeenPaper:
    """A paper's status for somebody, and its up-votes: at its source, their team's and their own."""

    status: PaperStatus
    upvotes: int


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """A discussion, and the web address of its first message; empty if it has none."""

    thread: DiscussionThread
    address: str


@dataclass(frozen=True, slots=True)
class ChannelTalk:
    """What a channel did with a paper. The status has the person's own vote there."""

    channel: Channel
    status: PaperStatus
    threads: tuple[ThreadLink, ...]


class PaperTalk:
    """Reads what channels did with papers. The caller checks that the person may read the channels."""

    def __init__(self, store: Store, surfaces: Mapping[Platform, Surface]) -> None:
        self._store = store
        self._surfaces = surfaces
        self._see = Batcher(self._seen_by_each, SEEN_AT_ONCE)

    async def in_channels(
        self, paper: Paper, channels: Sequence[tuple[Membership, Channel]]
    ) -> list[ChannelTalk]:
        """Return the channels that did anything with a paper, in their order."""
        own = [(member, each) for member, each in channels if paper.team_id in {None, each.team_id}]
        if not own:
            return []
        async with self._store.reading() as tx:
            found = await tx.paper_statuses.get_for_each(
                [(each.id, [paper.id], member.person.id) for member, each in own]
            )
            threads = await tx.discussions.threads([each.id for _, each in own], paper.id)
        talk = []
        for (_, channel), by_paper in zip(own, found, strict=True):
            status = by_paper.get(paper.id, PaperStatus())
            links = [
                ThreadLink(each, await self.link(channel, each.message))
                for each in threads.get(channel.id, ())
            ]
            if links or status.tally != TallyCount() or status.posted or status.added_by:
                talk.append(ChannelTalk(channel, status, tuple(links)))
        return talk

    async def seen_by(self, origin: Origin, paper_ids: Collection[int]) -> Mapping[int, SeenPaper]:
        """Return papers' votes as somebody sees them where they act.

        Empty for somebody who has never acted there.
        """
        return await self._see((origin, tuple(paper_ids)))

    async def _seen_by_each(
        self, requests: Sequence[tuple[Origin, tuple[int, ...]]]
    ) -> list[Mapping[int, SeenPaper]]:
        """Read for all who ask at the same time, in one transaction."""
        async with self._store.reading() as tx:
            contexts = await tx.directory.find_contexts([origin for origin, _ in requests])
            known = [(each, ids) for each, (_, ids) in zip(contexts, requests, strict=True) if each]
            statuses = iter(
                await tx.paper_statuses.get_for_each(
                    [(each.channel.id, ids, each.person.id) for each, ids in known]
                )
            )
            counts = await tx.papers.upvotes(
                {paper_id for _, ids in known for paper_id in ids}, {each.team_id for each, _ in known}
            )
        return [
            {} if context is None else _seen(origin, next(statuses), counts.get(context.team_id, {}))
            for (origin, _), context in zip(requests, contexts, strict=True)
        ]

    async def link(self, channel: Channel, message: MessageRef | None) -> str:
        """Return the web address of a message; empty if it has none, or its platform is not served here."""
        surface = self._surfaces.get(channel.platform)
        return await surface.message_link(channel, message) if surface and message else ""


def _seen(
    origin: Origin, found: Mapping[int, PaperStatus], upvotes: Mapping[int, int]
) -> Mapping[int, SeenPaper]:
    # The team's count leaves out people's own channels, so the reader's vote there comes on top.
    own = {each for each, status in found.items() if origin.direct and status.own_vote is Vote.UP}
    return {each: SeenPaper(status, upvotes.get(each, 0) + (each in own)) for each, status in found.items()}
