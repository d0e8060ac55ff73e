"""Which papers a channel's subscriptions would be posted, each under the topic that it fits best."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.models import Channel, DigestItem, Match, PaperFilter, Subscription, SubscriptionDraft
from bot.ports import Search
from bot.repositories import Store

WINDOW = timedelta(days=7)
"""How far back a digest looks: a paper that arrives late is still posted, and the first one has something."""


async def fitting_papers(
    store: Store, search: Search, channel: Channel, wanted: SubscriptionDraft, today: date
) -> list[Match]:
    """The papers of the last days that the channel was not posted and that pass all that is wanted.

    Best first, and not yet cut to the `top` of them.
    """
    async with store.reading() as tx:
        fresh = await tx.papers.fresh(today - WINDOW, channel.id)
        if wanted.categories:
            fresh &= await tx.papers.passing(PaperFilter(categories=wanted.categories))
    matches = await search.fitting(wanted.topic, fresh)
    if wanted.min_votes:
        async with store.reading() as tx:
            upvotes = await tx.papers.upvotes([match.paper_id for match in matches], channel.team_id)
        matches = [match for match in matches if upvotes.get(match.paper_id, 0) >= wanted.min_votes]
    return matches


def share_out(fitting: Sequence[tuple[Subscription, Sequence[Match]]]) -> tuple[DigestItem, ...]:
    """Give each paper to the subscription that it fits best, and each subscription its `top`.

    The items come in the order of the subscriptions, best first within each.
    """
    offers = sorted(
        (
            DigestItem(match.paper_id, subscription.id, match.score)
            for subscription, matches in fitting
            for match in matches
        ),
        key=lambda item: (-item.score, item.subscription_id, item.paper_id),
    )
    room = {subscription.id: subscription.wanted.top for subscription, _ in fitting}
    taken: dict[int, DigestItem] = {}
    for item in offers:
        if item.paper_id not in taken and room[item.subscription_id]:
            room[item.subscription_id] -= 1
            taken[item.paper_id] = item
    order = {subscription.id: place for place, (subscription, _) in enumerate(fitting)}
    return tuple(sorted(taken.values(), key=lambda item: (order[item.subscription_id], -item.score)))
