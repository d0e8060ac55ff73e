"""The commands, one file each, and the table of them all."""

from bot.commands.add import ADD
from bot.commands.ask import ASK
from bot.commands.digest import DIGEST
from bot.commands.discuss import DISCUSS
from bot.commands.email import EMAIL
from bot.commands.feed import FEED
from bot.commands.help import help_command
from bot.commands.history import HISTORY
from bot.commands.link import LINK, UNLINK
from bot.commands.related import RELATED
from bot.commands.save import SAVE
from bot.commands.saved import SAVED
from bot.commands.search import SEARCH
from bot.commands.settings import SETTINGS
from bot.commands.show import SHOW
from bot.commands.subscribe import SUBSCRIBE
from bot.commands.subscriptions import SUBSCRIPTIONS
from bot.commands.summarize import SUMMARIZE
from bot.commands.token import TOKEN
from bot.commands.top import TOP
from bot.commands.trending import TRENDING
from bot.commands.unsubscribe import UNSUBSCRIBE
from bot.commands.vote import VOTE
from bot.conversation.command import Command

_COMMANDS = (
    SEARCH,
    SHOW,
    SUMMARIZE,
    ASK,
    RELATED,
    SUBSCRIBE,
    UNSUBSCRIBE,
    SUBSCRIPTIONS,
    DIGEST,
    TRENDING,
    VOTE,
    TOP,
    DISCUSS,
    HISTORY,
    ADD,
    SAVE,
    SAVED,
    SETTINGS,
    EMAIL,
    LINK,
    UNLINK,
    TOKEN,
    FEED,
)
COMMANDS: tuple[Command, ...] = (*_COMMANDS, help_command(_COMMANDS))
"""Every command, in the order of the help."""
