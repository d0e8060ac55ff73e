"""Emoji → votes. The core never sees an emoji."""

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
"""Skin tones, and the selectors between a coloured and a plain emoji."""


def vote_of(emoji: str) -> Vote | None:
    """Return the vote that an emoji means; None for every other emoji."""
    short_name = _SHORT_NAME.fullmatch(emoji)
    return _VOTES.get(_DECORATION.sub("", short_name[1] if short_name else emoji).lower())


def is_emoji(word: str) -> bool:
    """Whether a word is an emoji, or an emoji's name between colons."""
    return bool(_SHORT_NAME.fullmatch(word)) or (word != "" and unicodedata.category(word[0]) == "So")
