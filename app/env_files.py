"""The file with settings: finds it, and reports lines and names in it that are wrong."""

import difflib
import os
from collections.abc import Collection, Iterator
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.domain.errors import UserError

PREFIX = "PAPERCLUB_"
ENV_FILE = f"{PREFIX}ENV_FILE"
"""The variable that names the file, as `--env-file` does."""
ENCODING = "utf-8-sig"
_OTHERS = frozenset({ENV_FILE, f"{PREFIX}DATABASE_PASSWORD", f"{PREFIX}REDIS_PASSWORD"})
"""Variables with our prefix that are not settings: ENV_FILE itself, and those that `compose.yaml` reads."""


def env_file() -> Path | None:
    """Return the file with settings: the one that ENV_FILE names, else `.env` if it exists, else None.

    Raises:
        UserError: the file cannot be read, or a line of it is not a setting.

    """
    named = os.environ.get(ENV_FILE)
    file = Path(named or ".env")
    if not (named or file.is_file()):
        return None
    try:
        text = file.read_text(encoding=ENCODING)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UserError(f"The settings in {file} cannot be read: {reason}.") from None
    for number in _bad_lines(text):
        raise UserError(
            f"{file}, line {number} cannot be understood. A line is a name, = and a value, such as "
            f"{PREFIX}PORT=8080; a value with # or quotes in it stands in quotes."
        )
    return file


def _bad_lines(text: str) -> Iterator[int]:
    """Yield the numbers of bad lines that contain our prefix. Lines for other programs are left alone."""
    for binding in parse_stream(StringIO(text)):
        ours = PREFIX in binding.original.string
        if ours and (binding.error or (binding.key is not None and binding.value is None)):
            blank = len(binding.original.string) - len(binding.original.string.lstrip())
            yield binding.original.line + binding.original.string[:blank].count("\n")


def unknown_names(file: Path | None, known: Collection[str]) -> list[str]:
    """Return a line for each variable that has our prefix but is not a setting.

    Most are misspelt, so the line suggests the setting that may be meant.
    """
    names = {*os.environ, *(dotenv_values(file, encoding=ENCODING) if file is not None else ())}
    settings = {f"{PREFIX}{each.upper()}" for each in known}
    unknown = sorted(each for each in names if each.startswith(PREFIX) and each not in settings | _OTHERS)
    return [_unknown_name_text(each, settings) for each in unknown]


def _unknown_name_text(name: str, settings: Collection[str]) -> str:
    near = difflib.get_close_matches(name, settings, n=1, cutoff=0.8)
    return f"{name} is not a setting." + (f" Did you mean {near[0]}?" if near else "")
