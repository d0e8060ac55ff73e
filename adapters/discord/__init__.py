"""Discord: drawn as layouts of components, listened to over the gateway, written to over REST."""

from bot.domain.channel import Platform

DISCORD = Platform("discord")
