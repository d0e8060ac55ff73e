"""`vote`: vote on a paper. A person has one vote per paper and channel; the latest counts."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.find_paper import find_paper
from bot.conversation.parameters import PAPER
from bot.domain.vote import Vote
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Reply, Tally

VALUE = Parameter(
    "value",
    values.vote,
    "up, down, or none to take the vote back",
    "up",
    positional=True,
    choices=values.VOTE_CHOICES,
    aliases=values.VOTE_SIGNS,
)


async def handle(ctx: CommandContext) -> Reply:
    """Cast a vote, or take it back."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER), VALUE.choices)
    value = ctx.arguments.get(VALUE)
    status = await ctx.services.tally_updates.cast(ctx.context, paper.id, Vote.UP if value is None else value)
    return Tally(paper, status)


VOTE = Command(
    "vote",
    "Vote on a paper, or change or take back your vote",
    handle,
    (PAPER, VALUE),
    ("vote #57", "vote #57 down", "vote #57 none"),
    private=True,
    changes=True,
    programs=ForPrograms.WRITES,
)
