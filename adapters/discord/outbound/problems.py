"""What Discord finds wrong with a body, for the log.

Its `errors` have the shape of the body, with a list `_errors` wherever something is wrong:
https://docs.discord.com/developers/reference#error-messages.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from bot.protocol.wording import cleaned, shortened

MOST, DEEPEST = 10, 20
SAID, NAMED, KEY = 200, 40, 60
"""Characters of what is said of a part, of its name, and of one step of the path to it."""
HIDDEN = "…"


def problems(errors: Any, body: Any = None, secrets: Collection[str] = ()) -> list[str]:
    """Give each problem as `path: message`.

    Parts of a list that have a name, as commands and options do, are named in the path. Messages may quote
    what was sent: they are cut, and `secrets` are left out of them.
    """
    found = [f"{path or 'the body'}: {said}" for path, said in islice(_found(errors, body), MOST + 1)]
    lines = [_without(each, secrets) for each in found[:MOST]]
    return [*lines, "and more"] if len(found) > MOST else lines


def _found(errors: Any, body: Any, path: str = "", depth: int = DEEPEST) -> Iterator[tuple[str, str]]:
    if not isinstance(errors, Mapping) or not depth:
        return
    own = errors.get("_errors")
    for each in own if isinstance(own, list) else ():
        yield path, str(each.get("message") if isinstance(each, Mapping) else each)
    for key, inner in errors.items():
        if key != "_errors":
            part = _part(body, key)
            step = shortened(str(key), KEY) + _name(body, part)
            yield from _found(inner, part, f"{path}.{step}".lstrip("."), depth - 1)


def _part(body: Any, key: Any) -> Any:
    """What stands in a body under a key of the errors; None where nothing does."""
    if isinstance(body, Mapping):
        return body.get(key)
    if isinstance(body, list) and str(key).isdecimal() and int(key) < len(body):
        return body[int(key)]
    return None


def _name(body: Any, part: Any) -> str:
    named = isinstance(body, list) and isinstance(part, Mapping) and isinstance(part.get("name"), str)
    return f"[{shortened(part['name'], NAMED)}]" if named else ""


def _without(line: str, secrets: Collection[str]) -> str:
    for secret in filter(None, secrets):
        line = line.replace(secret, HIDDEN)
    path, colon, said = line.partition(": ")
    return f"{cleaned(path)}{colon}{shortened(cleaned(said), SAID)}"
