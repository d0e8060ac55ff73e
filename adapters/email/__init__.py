"""Mail as a surface: a mailbox is a person's own channel."""

from bot.domain.channel import Platform

EMAIL = Platform("email")
