"""Emoji → votes. The core never sees an emoji."""

from bot.domain.vote import Reaction, Vote

_VOTES = {"+1": Vote.UP, "-1": Vote.DOWN}
_ALIASES = {"thumbsup": "+1", "thumbsdown": "-1"}
"""Other names of the same emoji: without them one reaction under two names would count twice."""


def vote_of(name: str) -> Reaction | None:
    """Return the vote that a reaction's name means, with any skin tone; None for every other reaction.

    A skin tone follows the name, as in `+1::skin-tone-2`.
    """
    base, colons, tone = name.partition("::")
    base = _ALIASES.get(base, base)
    return Reaction(f"{base}{colons}{tone}", _VOTES[base]) if base in _VOTES else None
