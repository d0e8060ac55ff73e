"""Foreign text made inert for Slack, and the marks of `mrkdwn` that are ours.

`mrkdwn` has no escape for its own signs, only for `&`, `<` and `>`
(https://docs.slack.dev/messaging/formatting-message-text). Signs that could begin something are replaced by
their likes, and a zero-width space keeps names of emoji and people from being read as such.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from adapters.slack.limits import ADDRESS_LINKED
from bot.commands import COMMANDS
from bot.domain.message import MessageRef
from bot.protocol.wording import cleaned, shortened

COMMAND = "/papers"
"""The slash command, as the app's manifest names it; what people are told to type begins with it."""
_COMMAND_NAMES = frozenset(command.name for command in COMMANDS)
_APART = "\u200b"
_LIKES = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb", "|": "\u2223"})
_OPENING_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_")
_NAMED = re.compile(r":(?=[^\s:]+:)|(?<!\w)@(?=\w)")
_CODE = re.compile(r"(?<!\w)`([^`\s](?:[^`]*[^`\s])?)`(?!\w)")
_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")
_KEPT_IN_ADDRESS = ":/?#[]@!$&'()+,;=%"


def escaped(text: str) -> str:
    """Give clean text for a `plain_text` object."""
    return cleaned(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(text: str) -> str:
    """Give clean text that `mrkdwn` shows as it is: no mention, link, style, code, quote or emoji."""
    plain = _OPENING_UNDERSCORE.sub("\u02cd", escaped(text).translate(_LIKES))
    apart = _NAMED.sub(lambda sign: sign[0] + _APART, plain)
    return _APART + apart if apart.startswith("&gt;") else apart


def prose(text: str) -> str:
    """Give sentences in which what can be typed stands as code, commands as they are typed in Slack."""
    parts = _CODE.split(cleaned(text))
    return "".join(_typed(part) if place % 2 else _around(part) for place, part in enumerate(parts))


def code(text: str) -> str:
    """Set text as code."""
    return f"`{escaped(text).replace('`', chr(0x2CB))}`"


def command(usage: str) -> str:
    """Set a command as code, as it is typed in Slack."""
    return code(f"{COMMAND} {usage}")


def fitted(text: str, length: int, how: Callable[[str], str] = inert) -> str:
    """Give text that is at most so long, which is 20 or more, once it is escaped and so longer."""
    clean, room = cleaned(text), length
    while len(result := how(shortened(clean, room))) > length and room > 1:
        room = max(1, min(room - 1, room * length // len(result)))
    return result


def web_address(address: str | None) -> str | None:
    """Give an address that may be linked, ready for `mrkdwn`; None if it is none of the web or too long."""
    try:
        parts = urlsplit(cleaned(address or ""))
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    written = quote(parts.geturl(), safe=_KEPT_IN_ADDRESS)
    return written.replace("&", "&amp;") if len(written) <= ADDRESS_LINKED else None


def linked(label: str, address: str | None) -> str:
    """Give a label, made inert before, as a link where there is an address for it."""
    target = web_address(address)
    return f"<{target}|{label}>" if target else label


def permalink(address: str, message: MessageRef | None) -> str | None:
    """Give a message's link within a workspace's own address; None where either is not known."""
    if not address or message is None:
        return None
    link = f"{address}archives/{message.channel}/p{message.message.replace('.', '')}"
    return f"{link}?thread_ts={message.thread}&cid={message.channel}" if message.thread else link


def unmarked(mrkdwn: str) -> str:
    """Give what our `mrkdwn` says without its marks, still escaped."""
    said = _LINK.sub(r"\1", mrkdwn).replace("*", "").replace("`", "")
    return "\n".join(line.removeprefix(">") for line in said.splitlines())


def _typed(words: str) -> str:
    return command(words) if words.partition(" ")[0] in _COMMAND_NAMES else code(words)


def _around(part: str) -> str:
    """Make what stands around code inert, with the spaces at its ends."""
    before = " " if part.startswith(" ") else ""
    after = " " if part.endswith(" ") and part.strip() else ""
    return f"{before}{inert(part)}{after}"
