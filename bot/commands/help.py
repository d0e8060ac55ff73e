"""`help`: explain the commands."""

from collections.abc import Sequence
from functools import cache

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.domain.errors import UserError
from bot.protocol import values
from bot.protocol.arguments import Parameter, SuggestionKind, cut, did_you_mean
from bot.protocol.replies import Help, HelpEntry, Reply

ABOUT = Parameter(
    "command",
    values.text,
    "the command to explain",
    "subscribe",
    positional=True,
    suggestions=SuggestionKind.COMMAND,
)


def help_command(others: Sequence[Command]) -> Command:
    """Build the help command for the other commands and itself."""

    @cache  # the table never changes, and making the entries takes longer than all else that `help` does
    def of_all() -> Help:
        return Help(tuple(entry(each) for each in (*others, command)))

    async def handle(ctx: CommandContext) -> Reply:
        name = (ctx.arguments.get(ABOUT) or "").lower()
        if not name:
            return of_all()
        table = {each.name: each for each in (*others, command)}
        if name not in table:
            near = did_you_mean(name, list(table))
            raise UserError(f"There is no command “{cut(name)}”.{near} See all with `help`.")
        return Help((entry(table[name]),), detailed=True)

    command = Command(
        "help",
        "Explain the commands",
        handle,
        (ABOUT,),
        ("help", "help subscribe"),
        private=True,
        programs=ForPrograms.READS,
    )
    return command


def entry(command: Command) -> HelpEntry:
    """Describe a command for help and for the documentation."""
    parameters = tuple((each.usage, each.description) for each in command.parameters)
    return HelpEntry(command.usage, command.summary, command.examples, parameters)
