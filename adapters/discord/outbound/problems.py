"""The problems that Discord finds in a request's body, as lines for the log.

Discord's `errors` have the shape of the body, with a list `_errors` at each part that is wrong:
https://docs.discord.com/developers/reference#error-messages.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from bot.protocol.wording import cleaned, shortened

MOST, DEEPEST = 10, 20
"""How many problems are listed, and how many levels down they are looked for."""
MESSAGE_LENGTH, NAME_LENGTH, KEY_LENGTH = 200, 40, 60
"""Characters of a problem's message, of a part's name, and of one step of the path to it."""
HIDDEN = "…"
"""What stands in the place of a secret."""


def problems(errors: Any, body: Any = None, secrets: Collection[str] = ()) -> list[str]:
    """Return each problem as `path: message`, at most MOST of them.

    The path names those parts of a list that have a name, such as commands and options. Discord's messages
    may quote the body, so they are cut, and `secrets` are hidden in them.
    """
    found = [f"{path or 'the body'}: {message}" for path, message in islice(_walk(errors, body), MOST + 1)]
    lines = [_redacted(each, secrets) for each in found[:MOST]]
    return [*lines, "and more"] if len(found) > MOST else lines


def _walk(errors: Any, body: Any, path: str = "", depth: int = DEEPEST) -> Iterator[tuple[str, str]]:
    """Yield the path and the message of each problem."""
    if not isinstance(errors, Mapping) or not depth:
        return
    own = errors.get("_errors")
    for each in own if isinstance(own, list) else ():
        yield path, str(each.get("message") if isinstance(each, Mapping) else each)
    for key, inner in errors.items():
        if key != "_errors":
            part = _part(body, key)
            step = shortened(str(key), KEY_LENGTH) + _name(body, part)
            yield from _walk(inner, part, f"{path}.{step}".lstrip("."), depth - 1)


def _part(body: Any, key: Any) -> Any:
    """The part of a body under a key of the errors; None if there is none."""
    if isinstance(body, Mapping):
        return body.get(key)
    if isinstance(body, list) and str(key).isdecimal() and int(key) < len(body):
        return body[int(key)]
    return None


def _name(body: Any, part: Any) -> str:
    has_name = isinstance(body, list) and isinstance(part, Mapping) and isinstance(part.get("name"), str)
    return f"[{shortened(part['name'], NAME_LENGTH)}]" if has_name else ""


def _redacted(line: str, secrets: Collection[str]) -> str:
    for secret in filter(None, secrets):
        line = line.replace(secret, HIDDEN)
    path, colon, message = line.partition(": ")
    return f"{cleaned(path)}{colon}{shortened(cleaned(message), MESSAGE_LENGTH)}"
