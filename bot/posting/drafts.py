"""Renders posts: the reply of each, and the record of what it shows."""

from bot.domain.errors import PermanentFailure
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.post import Post, StoredDigest
from bot.domain.vote import TallyCount
from bot.ports.store.store import Transaction
from bot.posting.digest import overview, recent_runs
from bot.protocol.replies import Hit, PaperCard, Reply
from bot.protocol.wording import news_text


async def render_post(tx: Transaction, post: Post) -> Reply:
    """Return a post's reply, with the votes as they are now.

    Raises:
        PermanentFailure: the paper no longer exists.

    """
    if post.news is not None:
        return await _card(tx, post, post.news.paper_id, news_text(post.news))
    topics = await tx.digests.topics(_digest_of(post))
    if post.item is None:
        digest = await tx.digests.get(_digest_of(post))
        runs = await recent_runs(tx, post.planned)
        return overview(digest.plan, await _hits(tx, digest), topics, runs)
    return await _card(tx, post, post.item.paper_id, card_note(topics[post.item.subscription_id]))


async def _card(tx: Transaction, post: Post, paper_id: int, note: str) -> PaperCard:
    papers = await tx.papers.get([paper_id], post.channel.team_id)
    status = await tx.paper_statuses.get(post.channel.id, [paper_id])
    if paper_id not in papers:
        raise PermanentFailure("The paper that it was about was taken away.")
    return PaperCard(papers[paper_id], status[paper_id], note)


def _digest_of(post: Post) -> int:
    assert post.digest_id is not None, "a post is of a digest or has news"
    return post.digest_id


def card_note(topic: str) -> str:
    """Return the note beside a posted paper that names its topic."""
    return f"Fits “{topic}”"


async def _hits(tx: Transaction, digest: StoredDigest) -> dict[int, Hit]:
    ids = [item.paper_id for item in digest.plan.items]
    papers = await tx.papers.get(ids, digest.plan.channel.team_id)
    status = await tx.paper_statuses.get(digest.plan.channel.id, ids)
    return {paper_id: Hit(papers[paper_id], status[paper_id]) for paper_id in papers}


async def messages_shown(
    tx: Transaction, post: Post, message: MessageRef, tally: TallyCount
) -> list[ShownMessage]:
    """Return which papers a sent message shows. `tally` is the votes on it, if it shows one paper."""
    channel_id = post.channel.id
    if post.request is not None:
        return []
    if post.news is not None:
        return [
            ShownMessage(
                channel_id, post.news.paper_id, message, MessageKind.CARD, news_text(post.news), tally
            )
        ]
    if post.item is None:
        digest = await tx.digests.get(_digest_of(post))
        return [
            ShownMessage(channel_id, item.paper_id, message, MessageKind.LISTED) for item in digest.plan.items
        ]
    topics = await tx.digests.topics(_digest_of(post))
    note = card_note(topics[post.item.subscription_id])
    return [ShownMessage(channel_id, post.item.paper_id, message, MessageKind.CARD, note, tally)]
