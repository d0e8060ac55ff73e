"""Converts emoji to votes; the core never sees them."""

from bot.domain.vote import Reaction, Vote

_VOTES = {"\N{THUMBS UP SIGN}": Vote.UP, "\N{THUMBS DOWN SIGN}": Vote.DOWN}
_SKIN_TONES = {ord("\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}") + tone: None for tone in range(5)}
"""Deletes the skin tones, for str.translate."""


def vote_of(emoji: str) -> Reaction | None:
    """Return the vote that an emoji is, in any skin tone; None for all other emoji."""
    value = _VOTES.get(emoji.translate(_SKIN_TONES))
    return None if value is None else Reaction(emoji, value)
