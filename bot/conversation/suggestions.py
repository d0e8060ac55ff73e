"""Autocompletion: the values that a person may be typing."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.conversation.services import Services
from bot.domain.channel import Context
from bot.domain.paper import Paper
from bot.domain.period import Period, PeriodLength
from bot.domain.zones import timezones_like
from bot.ports.store.store import Store
from bot.protocol.arguments import SuggestionKind
from bot.protocol.replies import Choice, Suggestions
from bot.protocol.values import RECENT, period_from
from bot.protocol.wording import period_text

MOST = 25
"""Discord shows at most 25 choices; Slack shows 100."""
LATELY = timedelta(days=7)
YEAR = 366
_AT_FIRST = {PeriodLength.DAY: 7, PeriodLength.WEEK: 5, PeriodLength.MONTH: 6}
"""How many of each are suggested before anything is typed."""


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
        case SuggestionKind.PERIOD:
            choices = _periods(prefix, services.clock.now().date())
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


def _periods(prefix: str, today: date) -> list[Choice]:
    """Words for the last days, then days, weeks and months of the last year; or what was typed in full."""
    words = [Choice(word, word) for word in RECENT if word.startswith(prefix.lower())]
    periods = [each for length in PeriodLength for each in _last_periods(length, prefix.upper(), today)]
    try:
        typed = period_from(prefix, today)
    except ValueError:
        pass
    else:
        if typed not in periods and typed.first <= today:
            periods.insert(0, typed)
    return [*words, *(Choice(period_text(each), each.name) for each in periods)]


def _last_periods(length: PeriodLength, prefix: str, today: date) -> list[Period]:
    days = (today - timedelta(days=ago) for ago in range(YEAR))
    periods = dict.fromkeys(Period.of(day, length) for day in days)
    found = [each for each in periods if each.name.startswith(prefix)]
    return found if prefix else found[: _AT_FIRST[length]]
