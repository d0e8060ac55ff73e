r"""Foreign text made inert for Discord, and the marks of its Markdown that are ours.

A backslash takes a sign its meaning everywhere but in the label of a link, where it would be seen
(https://github.com/discord/discord-api-docs/issues/6185): there signs are replaced by their likes. A
zero-width space keeps names of emoji and people, and bare addresses, from being read as such.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from adapters.discord.limits import ADDRESS_LINKED
from bot.commands import COMMANDS
from bot.domain.message import MessageRef
from bot.protocol.wording import cleaned, shortened

COMMAND = "/papers"
"""What people are told to type begins with it."""
_PARAMETERS = {command.name: command.parameters for command in COMMANDS}
_WORD = re.compile(r'\[[^\]]*\]|(?:"[^"]*"|[^\s"])+')
_APART = "\u200b"
_MARKS = re.compile(r"[\\*_~`|<>\[\]]")
_OPENING = re.compile(r"^(?=[#+-])|^(\d+)(?=\.)")
_LIKES = str.maketrans(
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
_OPENING_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_NAMED = re.compile(r":(?=[^\s:]+:)|:(?=//)|(?<![^\W_])@(?=\w)|@(?=everyone|here)")
_CODE = re.compile(r"(?<!\w)`([^`\s](?:[^`]*[^`\s])?)`(?!\w)")
_KEPT_IN_ADDRESS = ":/?#@!$&',;=%+"


def inert(text: str) -> str:
    """Give clean text that Markdown shows as it is: no mention, link, style, code, list or emoji."""
    marked = _MARKS.sub(r"\\\g<0>", _apart(cleaned(text)))
    return _OPENING.sub(lambda found: f"{found[1] or ''}\\", marked, count=1)


def label(text: str) -> str:
    """Give clean text for the label of a link, where no sign can be escaped."""
    return _OPENING_UNDERSCORE.sub("\u02cd", _apart(cleaned(text)).translate(_LIKES))


def prose(text: str) -> str:
    """Give sentences in which what can be typed stands as code, commands as they are typed in Discord."""
    parts = _CODE.split(cleaned(text))
    return "".join(_typed(part) if place % 2 else _around(part) for place, part in enumerate(parts))


def code(text: str) -> str:
    """Set text as code."""
    return f"`{cleaned(text).replace('`', chr(0x2CB))}`"


def command(usage: str) -> str:
    """Set a command as code, as it is typed in Discord."""
    name, _, words = cleaned(usage).partition(" ")
    return code(f"{COMMAND} {name} {options(name, words)}".rstrip())


def options(name: str, words: str) -> str:
    """Write a command's words as Discord wants them: each value behind its option's name, without quotes."""
    parameters = _PARAMETERS.get(name, ())
    keys = {each.name for each in parameters if not each.positional}
    places = [each for each in parameters if each.positional]
    chosen = {word: each.name for each in places for word in ("|".join(each.choices), *each.choices) if word}
    free = [each.name for each in places if not each.choices]
    written = []
    for word in _WORD.findall(words):
        bare = word.strip("[]").replace('"', "")
        key, colon, _ = bare.partition(":")
        place = chosen.get(bare)
        if place is None and not (colon and key in keys) and free:
            place = free.pop(0)
        said = f"{place}:{bare}" if place else bare
        written.append(f"[{said}]" if word.startswith("[") else said)
    return " ".join(written)


def fitted(text: str, length: int, how: Callable[[str], str] = inert) -> str:
    """Give text that is at most so long, which is 20 or more, once it is escaped and so longer."""
    clean, room = cleaned(text), length
    while len(result := how(shortened(clean, room))) > length and room > 1:
        room = max(1, min(room - 1, room * length // len(result)))
    return result


def web_address(address: str | None, longest: int = ADDRESS_LINKED) -> str | None:
    """Give an address that may be linked; None if it is none of the web or too long."""
    try:
        parts = urlsplit(cleaned(address or ""))
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    written = quote(parts.geturl(), safe=_KEPT_IN_ADDRESS)
    return written if len(written) <= longest else None


def titled(text: str, length: int, address: str | None, longest: int = ADDRESS_LINKED) -> str:
    """Give foreign words, as a link where there is an address for it."""
    target = web_address(address, longest)
    return f"[{fitted(text, length, label)}]({target})" if target else fitted(text, length)


def permalink(guild: str, message: MessageRef | None) -> str | None:
    """Give a message's link within its guild; None where either is not known."""
    if not guild or message is None:
        return None
    place = message.thread or message.channel
    return f"https://discord.com/channels/{guild}/{place}/{message.message}"


def _apart(text: str) -> str:
    return _NAMED.sub(lambda sign: sign[0] + _APART, text)


def _typed(words: str) -> str:
    return command(words) if words.partition(" ")[0] in _PARAMETERS else code(words)


def _around(part: str) -> str:
    """Make what stands around code inert, with the spaces at its ends."""
    before = " " if part.startswith(" ") else ""
    after = " " if part.endswith(" ") and part.strip() else ""
    return f"{before}{inert(part)}{after}"
