"""Text for Slack: foreign text with nothing in it that Slack would interpret, and our own `mrkdwn`.

`mrkdwn` can escape `&`, `<` and `>` but not its own marks
(https://docs.slack.dev/messaging/formatting-message-text). Marks in foreign text are therefore replaced by
characters that look alike, and a zero-width space breaks up names of emoji and people.
"""

import re

from adapters.common import text as common
from adapters.common.text import Escape
from adapters.slack.limits import ADDRESS_LINKED, FACTS_SHOWN, TITLE_SHOWN
from bot.commands import COMMANDS
from bot.domain.message import MessageRef
from bot.domain.paper import Paper
from bot.protocol.replies import Hit
from bot.protocol.wording import cleaned, facts, joined

COMMAND = "/papers"
"""The slash command, as the app's manifest names it; help texts tell people to type it."""
_COMMAND_NAMES = frozenset(command.name for command in COMMANDS)
_ZERO_WIDTH_SPACE = "\u200b"
_LOOKALIKES = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb", "|": "\u2223"})
_OPENING_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_")
_NAME_START = re.compile(r":(?=[^\s:]+:)|(?<!\w)@(?=\w)")
"""The colon before an emoji's name, and the @ before a person's."""
_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")
_SAFE_IN_ADDRESS = ":/?#[]@!$&'()+,;=%"


def escaped(text: str) -> str:
    """Clean and escape text for a `plain_text` object."""
    return cleaned(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(text: str) -> str:
    """Clean and escape text for `mrkdwn`: no mention, link, style, code, quote or emoji is left in it."""
    plain = _OPENING_UNDERSCORE.sub("\u02cd", escaped(text).translate(_LOOKALIKES))
    broken_up = _NAME_START.sub(lambda sign: sign[0] + _ZERO_WIDTH_SPACE, plain)
    # At the start of a line `&gt;` is a quote.
    return _ZERO_WIDTH_SPACE + broken_up if broken_up.startswith("&gt;") else broken_up


def prose(text: str) -> str:
    """Escape sentences; what stands between backticks becomes code, and commands get Slack's `/papers`."""
    return common.prose(text, _COMMAND_NAMES, escape=inert, code=code, command=command)


def code(text: str) -> str:
    """Format text as code."""
    return f"`{escaped(text).replace('`', chr(0x2CB))}`"


def command(usage: str) -> str:
    """Format a command as code, as people type it in Slack."""
    return code(f"{COMMAND} {usage}")


def fitted(text: str, length: int, escape: Escape = inert) -> str:
    """Escape text, shortened so that the result has at most `length` characters (20 or more)."""
    return common.fitted(text, length, escape)


def matched(hit: Hit, length: int) -> str:
    """Return the sentence that matched, with the words that answer in bold; empty if there is none."""
    # Slack takes an asterisk for a mark only at the edge of a word.
    return common.fitted_quote(hit, length, inert, lambda words: f"*{words}*", seam=_ZERO_WIDTH_SPACE)


def web_address(address: str | None) -> str | None:
    """Escape an http(s) address for a link in `mrkdwn`; None for any other, and for one that is too long."""
    encoded = common.web_address(address, _SAFE_IN_ADDRESS)
    return encoded.replace("&", "&amp;") if encoded and len(encoded) <= ADDRESS_LINKED else None


def linked(label: str, address: str | None) -> str:
    """Link an escaped label to an address; the label alone where the address cannot be linked."""
    target = web_address(address)
    return f"<{target}|{label}>" if target else label


def title(paper: Paper, length: int = TITLE_SHOWN) -> str:
    """A paper's title, linked to its page."""
    return linked(fitted(paper.title, length) or f"#{paper.id}", paper.link)


def known_facts(paper: Paper) -> str:
    """A paper's number, authors, date and categories."""
    return joined([f"#{paper.id}", fitted(facts(paper), FACTS_SHOWN)])


def permalink(workspace_url: str, message: MessageRef | None) -> str | None:
    """Return the address of a message; None where the workspace's or the message is not known."""
    if not workspace_url or message is None:
        return None
    link = f"{workspace_url}archives/{message.channel}/p{message.message.replace('.', '')}"
    return f"{link}?thread_ts={message.thread}&cid={message.channel}" if message.thread else link


def unmarked(mrkdwn: str) -> str:
    """Remove the marks from our own `mrkdwn`; what is left is still escaped."""
    text = _LINK.sub(r"\1", mrkdwn).replace("*", "").replace("`", "")
    return "\n".join(line.removeprefix(">") for line in text.splitlines())
