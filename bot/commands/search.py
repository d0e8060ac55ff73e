"""`search`: find papers by meaning and by word."""

from datetime import date

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import pinned_results
from bot.conversation.parameters import CATEGORIES, PAGE
from bot.domain.errors import UserError
from bot.domain.paper import Match, PaperFilter
from bot.protocol import values
from bot.protocol.arguments import Parameter, cut
from bot.protocol.replies import Notice, Reply

MOST_RESULTS = 50
QUERY = Parameter(
    "query", values.text, "what to look for", "mixture of experts", required=True, positional=True
)
SINCE = Parameter("since", values.day, "papers from this day on", "30d")
UNTIL = Parameter("until", values.day, "papers up to this day", "2026-04-17")
STATES = ("discussed", "unread")
IS = Parameter(
    "is",
    values.one_of(STATES),
    "papers that this channel has discussed, or not yet met",
    "unread",
    choices=STATES,
)


async def handle(ctx: CommandContext) -> Reply:
    """Find papers, or turn a page of earlier results."""
    query = ctx.arguments.need(QUERY)
    criteria, filters = _filter(ctx)
    heading = " · ".join([f"“{cut(query)}”", *filters])
    if ctx.result_list is not None:
        return await pinned_results(
            ctx, "search", heading, ctx.result_list.paper_ids, ctx.result_list.sentences, query=query
        )
    matches = await _find(ctx, query, criteria)
    if not matches:
        hint = (
            "Try fewer filters or other words." if filters else "Try other words, or bring it in: `add LINK`."
        )
        return Notice(f"Nothing found for {heading}.", hint=hint)
    sentences = {match.paper_id: match.sentence for match in matches if match.sentence is not None}
    paper_ids = [match.paper_id for match in matches]
    return await pinned_results(ctx, "search", heading, paper_ids, sentences, query=query)


async def _find(ctx: CommandContext, query: str, criteria: PaperFilter) -> list[Match]:
    allowed = None
    if not criteria.empty:
        async with ctx.services.store.reading() as tx:
            allowed = await tx.papers.filter(criteria, ctx.context.team_id)
    return await ctx.services.search.search(query, MOST_RESULTS, allowed, ctx.context.team_id)


def _filter(ctx: CommandContext) -> tuple[PaperFilter, list[str]]:
    """Return the filter, and each of its parts in words for the heading."""
    given = ctx.arguments
    categories = given.get(CATEGORIES) or frozenset()
    since, until = _day(ctx, SINCE), _day(ctx, UNTIL)
    if since and until and since > until:
        raise UserError(f"since:{since} is later than until:{until}. Please swap them.")
    state = given.get(IS)
    channel_id = ctx.context.channel.id
    criteria = PaperFilter(
        categories,
        since,
        until,
        discussed_in=channel_id if state == "discussed" else None,
        unread_in=channel_id if state == "unread" else None,
    )
    filters = [
        *sorted(categories),
        *([f"since {since}"] if since else []),
        *([f"until {until}"] if until else []),
        *([f"{state} here"] if state else []),
    ]
    return criteria, filters


def _day(ctx: CommandContext, parameter: Parameter[str]) -> date | None:
    raw = ctx.arguments.get(parameter)
    return values.day_from(raw, ctx.today) if raw else None


SEARCH = Command(
    "search",
    "Find papers by meaning and by word",
    handle,
    (QUERY, CATEGORIES, SINCE, UNTIL, IS, PAGE),
    (
        "search mixture of experts inference",
        "search vision transformer cat:cs.CV since:30d",
        'search "long context" is:unread',
    ),
    private=True,
    programs=ForPrograms.READS,
)
