"""What somebody may mean who has begun to type a value."""

from collections.abc import Sequence
from datetime import timedelta

from bot.conversation.services import Services
from bot.domain.channel import Context
from bot.domain.paper import Paper
from bot.domain.zones import timezones_like
from bot.ports.store.store import Store
from bot.protocol.arguments import Suggested
from bot.protocol.replies import Choice, Suggestions

MOST = 25
"""As many as the stricter platform shows: Discord's choices."""
LATELY = timedelta(days=7)


async def suggest(
    wanted: Suggested, begun: str, context: Context, services: Services, commands: Sequence[str]
) -> Suggestions:
    """Suggest values of a kind that go with what was begun, the likeliest first."""
    begun = " ".join(begun.split())
    match wanted:
        case Suggested.PAPER:
            choices = await _papers(begun, context, services)
        case Suggested.TOPIC | Suggested.SUBSCRIPTION:
            choices = await _subscriptions(wanted, begun, context, services.store)
        case Suggested.TIMEZONE:
            choices = [Choice(zone, zone) for zone in timezones_like(begun, MOST)]
        case Suggested.COMMAND:
            choices = [Choice(name, name) for name in commands if name.startswith(begun.lower())]
    return Suggestions(tuple(choices[:MOST]))


async def _papers(begun: str, context: Context, services: Services) -> list[Choice]:
    """Papers by words of their titles; before the first letter, what the channel dealt with last."""
    if begun.removeprefix("#").isdecimal():
        ids = [int(begun.removeprefix("#")[:9])]
    elif begun:
        ids = [match.paper_id for match in await services.search.search_titles(begun, MOST, context.team_id)]
    else:
        async with services.store.reading() as tx:
            entries, _ = await tx.discussions.history(context.channel.id, MOST, 0)
            ids = [entry.paper_id for entry in entries]
            if not ids:
                lately = await tx.papers.activity(context.team_id, services.clock.now() - LATELY, MOST)
                ids = [each.paper_id for each in lately]
    async with services.store.reading() as tx:
        papers = await tx.papers.get(ids, context.team_id)
    return [_choice(papers[each]) for each in ids if each in papers]


def _choice(paper: Paper) -> Choice:
    return Choice(f"#{paper.id} {paper.title}", f"#{paper.id}")


async def _subscriptions(wanted: Suggested, begun: str, context: Context, store: Store) -> list[Choice]:
    async with store.reading() as tx:
        standing = await tx.subscriptions.of_channel(context.channel.id)
    return [
        Choice(each.spec.topic, each.spec.topic if wanted is Suggested.TOPIC else str(each.id))
        for each in standing
        if begun.casefold() in each.spec.topic.casefold()
    ]
