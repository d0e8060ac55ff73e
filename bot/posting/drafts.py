"""What a post says and shows."""

from bot.domain.errors import PermanentFailure
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.post import Post, StoredDigest
from bot.domain.vote import TallyCount
from bot.ports.store.store import Transaction
from bot.posting.digest import overview, runs_of_late
from bot.protocol.replies import Hit, PaperCard, Reply
from bot.protocol.wording import news_text


async def draw_post(tx: Transaction, post: Post) -> Reply:
    """Draw one message as things stand now.

    Raises:
        PermanentFailure: its paper is not there any more.

    """
    if post.news is not None:
        return await _card(tx, post, post.news.paper_id, news_text(post.news))
    topics = await tx.digests.topics(_digest_of(post))
    if post.item is None:
        digest = await tx.digests.get(_digest_of(post))
        runs = await runs_of_late(tx, post.planned)
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
    """Say beside a posted paper why it is there."""
    return f"Fits “{topic}”"


async def _hits(tx: Transaction, digest: StoredDigest) -> dict[int, Hit]:
    ids = [item.paper_id for item in digest.plan.items]
    papers = await tx.papers.get(ids, digest.plan.channel.team_id)
    status = await tx.paper_statuses.get(digest.plan.channel.id, ids)
    return {paper_id: Hit(papers[paper_id], status[paper_id]) for paper_id in papers}


async def shown_by(tx: Transaction, post: Post, message: MessageRef, drawn: TallyCount) -> list[ShownMessage]:
    """Say which papers a message shows that was posted, and with which votes where it shows one alone."""
    channel_id = post.channel.id
    if post.news is not None:
        return [
            ShownMessage(
                channel_id, post.news.paper_id, message, MessageKind.CARD, news_text(post.news), drawn
            )
        ]
    if post.item is None:
        digest = await tx.digests.get(_digest_of(post))
        return [
            ShownMessage(channel_id, item.paper_id, message, MessageKind.LISTED) for item in digest.plan.items
        ]
    topics = await tx.digests.topics(_digest_of(post))
    note = card_note(topics[post.item.subscription_id])
    return [ShownMessage(channel_id, post.item.paper_id, message, MessageKind.CARD, note, drawn)]
