"""The console: the bot in a terminal, with no token and no server."""

from bot.domain.channel import Platform

CONSOLE = Platform("console")
