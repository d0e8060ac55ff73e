"""What an operator can put right, in a sentence: a disk that is full, a database that is damaged."""

import errno
import sys

from bot.domain.errors import UserError
from storage.sql.engine import failure

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def sentence(error: BaseException) -> str | None:
    """Say what failed; None where it is the program that is wrong."""
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
    """Say what is wrong with the standard output, if it is that which takes no more."""
    try:
        # What did not get out before may be gone from its buffer, so only another try can tell.
        sys.stdout.write("\n")
        sys.stdout.flush()
    except BrokenPipeError:
        return "Nobody reads the standard output any more."
    except OSError as error:
        return f"The standard output takes nothing more: {error.strerror or error}."
    return ""
