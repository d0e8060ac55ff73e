"""Where people meet the bot: one folder a surface."""
