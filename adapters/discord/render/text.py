r"""Escapes foreign text for Discord's Markdown, and formats ours.

A backslash escapes a character, except in the label of a link, where Discord shows the backslash
(https://github.com/discord/discord-api-docs/issues/6185). There a character is replaced by a lookalike. A
zero-width space keeps Discord from reading `:name:`, `@name` and bare URLs as emoji, mentions and links.
"""

import re

from adapters.common import text as common
from adapters.common.text import Escape
from adapters.discord.limits import ADDRESS_LINKED
from bot.commands import COMMANDS
from bot.domain.message import MessageRef
from bot.protocol.replies import Hit
from bot.protocol.wording import cleaned

COMMAND = "/papers"
"""The slash command that all others are subcommands of."""
_PARAMETERS = {command.name: command.parameters for command in COMMANDS}
_WORD = re.compile(r'\[[^\]]*\]|(?:"[^"]*"|[^\s"])+')
_ZERO_WIDTH_SPACE = "\u200b"
_SYNTAX = re.compile(r"[\\*_~`|<>\[\]]")
_LINE_START = re.compile(r"^(?=[#+-])|^(\d+)(?=\.)")
_LOOKALIKES = str.maketrans(
    {
        "\\": "\u29f5",
        "*": "\u2217",
        "~": "\u223c",
        "`": "\u02cb",
        "|": "\u2223",
        "<": "\u2039",
        ">": "\u203a",
        "[": "\uff3b",
        "]": "\uff3d",
    }
)
_EDGE_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_REFERENCE = re.compile(r":(?=[^\s:]+:)|:(?=//)|(?<![^\W_])@(?=\w)|@(?=everyone|here)")
_URL_SAFE = ":/?#@!$&',;=%+"


def inert(text: str) -> str:
    """Escape text so that Markdown shows it as it is: no mention, link, style, code, list or emoji."""
    escaped = _SYNTAX.sub(r"\\\g<0>", _break_references(cleaned(text)))
    return _LINE_START.sub(lambda found: f"{found[1] or ''}\\", escaped, count=1)


def link_label(text: str) -> str:
    """Replace syntax in the label of a link by lookalikes, because it can't be escaped there."""
    return _EDGE_UNDERSCORE.sub("\u02cd", _break_references(cleaned(text)).translate(_LOOKALIKES))


def prose(text: str) -> str:
    """Escape sentences of ours; what is in backticks becomes code, and a command as Discord takes it."""
    return common.prose(text, _PARAMETERS, escape=inert, code=code, command=command)


def code(text: str) -> str:
    """Format text as code."""
    return f"`{cleaned(text).replace('`', chr(0x2CB))}`"


def command(usage: str) -> str:
    """Format a command as code, with its options as Discord takes them."""
    name, _, words = cleaned(usage).partition(" ")
    return code(f"{COMMAND} {name} {options(name, words)}".rstrip())


def options(name: str, words: str) -> str:
    """Write a command's arguments as Discord takes them: each value after its option's name, unquoted."""
    parameters = _PARAMETERS.get(name, ())
    keys = {each.name for each in parameters if not each.positional}
    positional = [each for each in parameters if each.positional]
    by_choice = {
        word: each.name for each in positional for word in ("|".join(each.choices), *each.choices) if word
    }
    free = [each.name for each in positional if not each.choices]
    written = []
    for word in _WORD.findall(words):
        bare = word.strip("[]").replace('"', "")
        key, colon, _ = bare.partition(":")
        option = by_choice.get(bare)
        if option is None and not (colon and key in keys) and free:
            option = free.pop(0)
        argument = f"{option}:{bare}" if option else bare
        written.append(f"[{argument}]" if word.startswith("[") else argument)
    return " ".join(written)


def fitted(text: str, length: int, escape: Escape = inert) -> str:
    """Escape text, shortened so that the result has at most `length` characters; `length` is 20 or more."""
    return common.fitted(text, length, escape)


def matched(hit: Hit, length: int) -> str:
    """Return the sentence that matched, with the words that answer in bold; empty if there is none."""
    return common.fitted_quote(hit, length, inert, lambda words: f"**{words}**")


def web_address(address: str | None, longest: int = ADDRESS_LINKED) -> str | None:
    """Return a URL in a form that can stand in a link; None if it is not of the web, or too long."""
    url = common.web_address(address, _URL_SAFE)
    return url if url and len(url) <= longest else None


def linked(text: str, length: int, address: str | None, longest: int = ADDRESS_LINKED) -> str:
    """Escape foreign text, as a link if there is an address that can be linked."""
    url = web_address(address, longest)
    return f"[{fitted(text, length, link_label)}]({url})" if url else fitted(text, length)


def permalink(guild: str, message: MessageRef | None) -> str | None:
    """Return the link to a message; None if the message or its guild is unknown."""
    if not guild or message is None:
        return None
    channel_id = message.thread or message.channel
    return f"https://discord.com/channels/{guild}/{channel_id}/{message.message}"


def _break_references(text: str) -> str:
    return _REFERENCE.sub(lambda sign: sign[0] + _ZERO_WIDTH_SPACE, text)
