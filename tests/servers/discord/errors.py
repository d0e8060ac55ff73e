"""Refusals: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json."""

import math
from typing import Any, Self

STATUS_AND_MESSAGE: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10087: (404, "Unknown Tag"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30010: (400, "Maximum number of reactions reached (20)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    30003: (400, "Maximum number of pins reached for the channel (250)"),
    30033: (400, "Maximum number of thread participants has been reached (1000)"),
    30034: (429, "Maximum number of daily application command creates has been reached (200)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    40003: (403, "You are opening direct messages too fast"),
    40060: (400, "Interaction has already been acknowledged."),
    40067: (400, "A tag is required to create a forum post in this channel"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50035: (400, "Invalid Form Body"),
    50278: (403, "Cannot send messages to this user"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (403, "You cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (403, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
    160009: (403, "Cannot reference a message without permission to read message history"),
    160014: (403, "You cannot forward a message whose content you cannot read"),
}


class DiscordError(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, *, errors: dict[str, Any] | None = None, retry_after: float = 0.0) -> None:
        self.code, self.errors, self.retry_after = code, errors, retry_after
        self.status, self.message = STATUS_AND_MESSAGE.get(code, (400, ""))
        super().__init__(f"{code} {self.message}")

    @classmethod
    def plain(cls, status: int, name: str) -> Self:
        """One that has no code of its own and tells its status."""
        error = cls(0)
        error.status, error.message = status, f"{status}: {name}"
        return error

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.retry_after:
            body |= {"retry_after": self.retry_after, "global": False}
        return body if self.errors is None else {**body, "errors": self.errors}

    def headers(self) -> dict[str, str]:
        """What a limit tells that has a code of its own.

        Like that of a blocked address it has no `Via`: discord.py raises it instead of waiting
        (https://github.com/aikaterna/aikaterna-cogs/issues/302).
        """
        return {"Retry-After": str(math.ceil(self.retry_after))} if self.retry_after else {}


UNAUTHORIZED = (401, "Unauthorized")
NOT_FOUND = (404, "Not Found")
NOT_ALLOWED = (405, "Method Not Allowed")
