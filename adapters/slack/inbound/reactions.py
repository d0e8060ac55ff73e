"""Emoji become votes here; the core never sees them."""

from bot.domain.vote import Reaction, Vote

_VOTES = {"+1": Vote.UP, "-1": Vote.DOWN}
_SAME = {"thumbsup": "+1", "thumbsdown": "-1"}
"""Other names of the same emoji."""


def vote_of(name: str) -> Reaction | None:
    """Give the vote that a reaction's name means, whatever its skin tone; None for every other reaction."""
    plain, colons, tone = name.partition("::")
    plain = _SAME.get(plain, plain)
    return Reaction(f"{plain}{colons}{tone}", _VOTES[plain]) if plain in _VOTES else None
