"""`help`: the table of commands, told to people."""

from collections.abc import Sequence

from bot.conversation.command import Command, CommandContext
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
    """Make the command that explains the others, and itself."""

    async def handle(ctx: CommandContext) -> Reply:
        table = {each.name: each for each in (*others, command)}
        wanted = (ctx.arguments.get(ABOUT) or "").lower()
        if not wanted:
            return Help(tuple(entry(each) for each in table.values()))
        if wanted not in table:
            near = did_you_mean(wanted, list(table))
            raise UserError(f"There is no command “{cut(wanted)}”.{near} See all with `help`.")
        return Help((entry(table[wanted]),), detailed=True)

    command = Command(
        "help",
        "Explain the commands",
        handle,
        (ABOUT,),
        ("help", "help subscribe"),
        private=True,
    )
    return command


def entry(command: Command) -> HelpEntry:
    """Draw up a command for help and documentation."""
    parameters = tuple((each.usage, each.meaning) for each in command.parameters)
    return HelpEntry(command.usage, command.summary, command.examples, parameters)
