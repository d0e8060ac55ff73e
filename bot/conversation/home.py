"""Builds the bot's welcome to a channel, and a person's home page."""

from collections.abc import Collection
from datetime import timedelta

from bot.domain.channel import Context
from bot.domain.history import Activity
from bot.ports.clock import Clock
from bot.ports.store.store import Store, Transaction
from bot.posting.due_times import next_post
from bot.protocol.replies import Home, LastShown, LeaderboardRow, Notice, ReadingRow, SubscriptionRow

ROWS = 5
"""Rows of each list, so that the page can be taken in at a glance."""
WEEK = timedelta(days=7)
MOST_RANKED = 200


async def welcome(store: Store, context: Context) -> Notice:
    """Say how to start, or that the channel's subscriptions are still paused."""
    async with store.reading() as tx:
        subscriptions = await tx.subscriptions.of_channel(context.channel.id)
    if any(each.paused for each in subscriptions):
        hint = "This channel's subscriptions are paused: `subscriptions` lists them and lets them go on."
    else:
        hint = (
            "Get a topic's new papers here every day with `subscribe mixture of experts`, "
            "find papers with `search`, and see all there is with `help`."
        )
    return Notice(
        "Hello! I help you find, read, vote on and discuss papers. 👍 and 👎 on a paper are votes.",
        hint=hint,
    )


async def home(store: Store, clock: Clock, context: Context, channels: Collection[str]) -> Home:
    """Build the page: the person's own subscriptions, their saved papers, and the team's favourites.

    `channels` are the channels that the person is in. Only there can they vote on a paper and discuss it.
    """
    now = clock.now()
    async with store.reading() as tx:
        subscriptions = await tx.subscriptions.of_channel(context.channel.id)
        rows = [SubscriptionRow(each, await next_post(tx, each, now)) for each in subscriptions[:ROWS]]
        saved, _ = await tx.saved.page(context, ROWS, 0)
        liked = _liked(await tx.papers.activity(context.team_id, now - WEEK, MOST_RANKED))
        ids = {*(each for each, _ in saved), *(each.paper_id for each in liked)}
        papers = await tx.papers.get(ids, context.team_id)
        last_shown = await _last_shown(tx, context, ids, channels)
    return Home(
        tuple(rows),
        tuple(ReadingRow(papers[paper_id], at) for paper_id, at in saved),
        tuple(
            LeaderboardRow(place, papers[each.paper_id], each.tally, each.comments)
            for place, each in enumerate(liked, 1)
        ),
        context.channel.settings.timezone,
        last_shown,
    )


async def _last_shown(
    tx: Transaction, context: Context, paper_ids: Collection[int], channels: Collection[str]
) -> dict[int, LastShown]:
    places = await tx.messages.last_shown(context.channel, paper_ids, channels) if channels else {}
    asked = [(place.id, [paper_id], context.person.id) for paper_id, place in places.items()]
    status = await tx.paper_statuses.get_for_each(asked)
    return {
        paper_id: LastShown(place.external_id, place.name, of_paper[paper_id])
        for (paper_id, place), of_paper in zip(places.items(), status, strict=True)
    }


def _liked(activities: list[Activity]) -> list[Activity]:
    voted = [each for each in activities if each.tally.up]
    return sorted(voted, key=lambda each: (-each.tally.score, -each.tally.up, -each.paper_id))[:ROWS]
