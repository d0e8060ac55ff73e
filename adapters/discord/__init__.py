"""Discord: rendered as components, heard over the gateway, and written to over REST."""

from bot.domain.channel import Platform

DISCORD = Platform("discord")
