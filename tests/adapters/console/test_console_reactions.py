import pytest

from adapters.console.inbound.reactions import is_emoji, vote_of
from bot.domain.vote import Vote


@pytest.mark.parametrize(
    ("emoji", "vote"),
    [
        ("👍", Vote.UP),
        ("👍🏿", Vote.UP),
        ("👍\ufe0f", Vote.UP),
        (":+1:", Vote.UP),
        (":thumbsup:", Vote.UP),
        (":thumbs_up:", Vote.UP),
        (":ThumbsUp:", Vote.UP),
        (":+1::skin-tone-3:", Vote.UP),
        (":+1:skin-tone-3:", Vote.UP),
        (":thumbsup_tone2:", Vote.UP),
        ("👎", Vote.DOWN),
        ("👎🏻", Vote.DOWN),
        (":-1:", Vote.DOWN),
        (":thumbsdown:", Vote.DOWN),
        (":heart:", None),
        ("❤", None),
        ("👌", None),
        ("👍👍", None),
        ("+1", Vote.UP),
        ("", None),
    ],
)
def test_votes(emoji, vote):
    assert vote_of(emoji) == vote


@pytest.mark.parametrize(
    ("word", "is_one"), [("👍", True), (":heart:", True), ("+1", False), ("", False), (":x", False)]
)
def test_what_is_an_emoji(word, is_one):
    assert is_emoji(word) is is_one
