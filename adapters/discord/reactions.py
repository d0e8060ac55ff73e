"""Emoji become votes here; the core never sees them."""

from bot.models import Vote

_VOTES = {"\N{THUMBS UP SIGN}": Vote.UP, "\N{THUMBS DOWN SIGN}": Vote.DOWN}
_TONES = {ord("\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}") + tone: None for tone in range(5)}
"""Skin tones, and nothing in their place."""


def vote_of(emoji: str) -> Vote | None:
    """Give the vote that an emoji means, whatever its skin tone; None for every other reaction."""
    return _VOTES.get(emoji.translate(_TONES))
