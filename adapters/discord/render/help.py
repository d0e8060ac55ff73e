"""Renders help: a list of all commands, or some with their parameters and examples."""

from adapters.discord.limits import LINE
from adapters.discord.render.components import Component, Message, notes, pack, subtext, text, texts
from adapters.discord.render.text import COMMAND, code, command, fitted, options, prose
from bot.protocol.replies import Help, HelpEntry
from bot.protocol.wording import EXAMPLES, MORE_HELP


def overview_of_commands(reply: Help) -> tuple[Message, ...]:
    """Render all commands, a line each."""
    lines = [
        f"**{fitted(entry.usage.partition(' ')[0], LINE)}**  {fitted(entry.summary, LINE, prose)}"
        for entry in reply.entries
    ]
    top = notes(f"Type {code(COMMAND)} and one of these:")
    return pack([top, *([each] for each in texts(lines)), notes(prose(MORE_HELP))])


def explanation(reply: Help) -> tuple[Message, ...]:
    """Render commands with their parameters and examples."""
    return pack([each] for entry in reply.entries for each in _explain(entry))


def _explain(entry: HelpEntry) -> list[Component]:
    name = entry.usage.partition(" ")[0]
    parameters = [
        f"{fitted(options(name, usage), LINE, code)}  {fitted(meaning, LINE, prose)}"
        for usage, meaning in entry.parameters
    ]
    examples = [fitted(example, LINE, command) for example in entry.examples]
    return [
        text(fitted(entry.usage, LINE, command), fitted(entry.summary, LINE, prose)),
        *texts(parameters),
        *(texts([subtext(EXAMPLES), *examples]) if examples else []),
    ]
