"""Sentences for errors that an operator can put right, such as a full disk or a damaged database."""

import errno
import sys

from bot.domain.errors import UserError
from storage.sql.engine import failure

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def sentence(error: BaseException) -> str | None:
    """Return a sentence that says what failed; None if the program itself is at fault."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, UserError):
        return str(error)
    if said := failure(error):
        return said
    if not isinstance(error, OSError):
        return None
    if error.filename is None and (said := _output_fails()):
        return said
    if error.errno in _FULL:
        return f"The disk is full: {error.filename or 'something'} cannot be written."
    reason = error.strerror or str(error) or type(error).__name__
    return (
        f"{error.filename} cannot be used: {reason}." if error.filename else f"That cannot be done: {reason}."
    )


def _output_fails() -> str:
    """Return a sentence on the standard output if it is what failed; empty if not."""
    try:
        # The text that failed may be gone from the buffer, so flushing again shows nothing. Write once more.
        sys.stdout.write("\n")
        sys.stdout.flush()
    except BrokenPipeError:
        return "Nobody reads the standard output any more."
    except OSError as error:
        return f"The standard output takes nothing more: {error.strerror or error}."
    return ""
