"""Emoji become votes here; the core never sees them."""

import re
import unicodedata

from bot.domain.vote import Vote

_VOTES = {
    "+1": Vote.UP,
    "thumbsup": Vote.UP,
    "thumbs_up": Vote.UP,
    "👍": Vote.UP,
    "-1": Vote.DOWN,
    "thumbsdown": Vote.DOWN,
    "thumbs_down": Vote.DOWN,
    "👎": Vote.DOWN,
}
_SHORT_NAME = re.compile(r":([^\s:]+)(?:::?skin-tone-[1-6]|_tone[1-5])?:")
_DECORATION = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f]|_tone[1-5]$")
"""Skin tones, and whether the emoji is drawn in colour."""


def vote_of(emoji: str) -> Vote | None:
    """Give the vote that an emoji means, None for every other emoji."""
    named = _SHORT_NAME.fullmatch(emoji)
    return _VOTES.get(_DECORATION.sub("", named[1] if named else emoji).lower())


def is_emoji(word: str) -> bool:
    """Whether a word is an emoji, by its name between colons or itself."""
    return bool(_SHORT_NAME.fullmatch(word)) or (word != "" and unicodedata.category(word[0]) == "So")
