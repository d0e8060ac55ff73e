"""Slack as a surface."""

from bot.domain.channel import Platform

SLACK = Platform("slack")
