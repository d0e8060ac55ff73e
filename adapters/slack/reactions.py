"""Emoji become votes here; the core never sees them."""

from bot.models import Vote

_VOTES = {"+1": Vote.UP, "thumbsup": Vote.UP, "-1": Vote.DOWN, "thumbsdown": Vote.DOWN}


def vote_of(name: str) -> Vote | None:
    """Give the vote that a reaction's name means, whatever its skin tone; None for every other reaction."""
    return _VOTES.get(name.partition("::")[0])
