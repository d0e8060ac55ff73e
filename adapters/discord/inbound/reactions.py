"""Emoji become votes here; the core never sees them."""

from bot.domain.vote import Reaction, Vote

_VOTES = {"\N{THUMBS UP SIGN}": Vote.UP, "\N{THUMBS DOWN SIGN}": Vote.DOWN}
_TONES = {ord("\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}") + tone: None for tone in range(5)}
"""Skin tones, and nothing in their place."""


def vote_of(emoji: str) -> Reaction | None:
    """Give the vote that an emoji means, whatever its skin tone; None for every other reaction."""
    value = _VOTES.get(emoji.translate(_TONES))
    return None if value is None else Reaction(emoji, value)
