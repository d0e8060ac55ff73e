"""Autocompletion: the values that a person may be typing."""

from collections.abc import Sequence
from datetime import timedelta

from bot.conversation.services import Services
from bot.domain.channel import Context
from bot.domain.paper import Paper
from bot.domain.zones import timezones_like
from bot.ports.store.store import Store
from bot.protocol.arguments import SuggestionKind
from bot.protocol.replies import Choice, Suggestions

MOST = 25
"""Discord shows at most 25 choices; Slack shows 100."""
LATELY = timedelta(days=7)


async def suggest(
    kind: SuggestionKind, prefix: str, context: Context, services: Services, commands: Sequence[str]
) -> Suggestions:
    """Suggest values of this kind that match the typed prefix, the likeliest first."""
    prefix = " ".join(prefix.split())
    match kind:
        case SuggestionKind.PAPER:
            choices = await _papers(prefix, context, services)
        case SuggestionKind.TOPIC | SuggestionKind.SUBSCRIPTION:
            choices = await _subscriptions(kind, prefix, context, services.store)
        case SuggestionKind.TIMEZONE:
            choices = [Choice(zone, zone) for zone in timezones_like(prefix, MOST)]
        case SuggestionKind.COMMAND:
            choices = [Choice(name, name) for name in commands if name.startswith(prefix.lower())]
    return Suggestions(tuple(choices[:MOST]))


async def _papers(prefix: str, context: Context, services: Services) -> list[Choice]:
    """Papers by words of their titles; without a prefix, the latest papers of the channel or team."""
    if prefix.removeprefix("#").isdecimal():
        ids = [int(prefix.removeprefix("#")[:9])]
    elif prefix:
        ids = [match.paper_id for match in await services.search.search_titles(prefix, MOST, context.team_id)]
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


async def _subscriptions(kind: SuggestionKind, prefix: str, context: Context, store: Store) -> list[Choice]:
    async with store.reading() as tx:
        subscriptions = await tx.subscriptions.of_channel(context.channel.id)
    return [
        Choice(each.spec.topic, each.spec.topic if kind is SuggestionKind.TOPIC else str(each.id))
        for each in subscriptions
        if prefix.casefold() in each.spec.topic.casefold()
    ]
