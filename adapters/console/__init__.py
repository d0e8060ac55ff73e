"""The console: the bot in a terminal, with no token and no server."""
