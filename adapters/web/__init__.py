"""The web page: papers by date, search, each paper, and the channels that its reader is in."""

from bot.domain.channel import Platform

WEB = Platform("web")
"""Where visitors who are not signed in act. It has no surface: nothing is posted to a page."""
