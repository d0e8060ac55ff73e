"""The console's messages, edits and reactions, in a file that is only appended to.

Each line is one JSON object. A message's number is its position among the file's messages. So several
processes may append without a lock, and each reads on after appending to learn the number.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.domain.message import MessageRef
from bot.domain.vote import Vote

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no number yet. `reader` is the one person who sees it; None is everybody."""

    channel: str
    author: str
    at: datetime
    text: str
    thread: str | None = None
    reader: str | None = None
    token: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    """The buttons' tokens by their names."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the file, with its edits applied."""

    number: int
    draft: Draft

    @property
    def ref(self) -> MessageRef:
        """The reference by which the core knows the message."""
        return MessageRef(self.draft.channel, str(self.number), self.draft.thread)


class History:
    """The messages in a file, which need not exist yet; other processes may append to it at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._messages: dict[int, Message] = {}
        self._numbers: dict[str, int] = {}
        self._reactions: dict[int, set[tuple[str, Vote]]] = {}

    def post(self, draft: Draft) -> Message:
        """Append a message. Raises OSError where the file cannot be written."""
        entry = {
            "channel": draft.channel,
            "author": draft.author,
            "at": draft.at.isoformat(),
            "text": draft.text,
            "thread": draft.thread,
            "reader": draft.reader,
            "token": draft.token,
            "buttons": draft.buttons,
        }
        number = self._numbers[self._append("message", entry)]
        return self._messages[number]

    def edit(self, number: int, text: str, buttons: dict[str, str]) -> None:
        """Replace a message's text and buttons. Raises OSError where the file cannot be written."""
        self._append("edit", {"message": number, "text": text, "buttons": buttons})

    def react(self, number: int, person: str, vote: Vote, *, added: bool) -> None:
        """Add or remove a person's reaction to a message. Raises OSError where the file cannot be written."""
        self._append("reaction", {"message": number, "person": person, "vote": vote.value, "added": added})

    def message(self, number: int) -> Message | None:
        """Return a message by its number, or None."""
        self._read_new_lines()
        return self._messages.get(number)

    def latest(self) -> Iterator[Message]:
        """Iterate over all messages, the latest first."""
        self._read_new_lines()
        return reversed(self._messages.values())

    def reactions(self, number: int) -> frozenset[tuple[str, Vote]]:
        """Return the people who have reacted to a message, and how."""
        self._read_new_lines()
        return frozenset(self._reactions.get(number, ()))

    def _append(self, kind: str, entry: Mapping[str, object]) -> str:
        """Append a line, and read it back. Returns its id; raises OSError where it is not in the file.

        After a crash the file may end within a line. The next line is then appended to that one and lost, so
        the second attempt succeeds.
        """
        key = uuid4().hex
        line = json.dumps({"kind": kind, "id": key, **entry}).encode() + b"\n"
        for _ in range(_ATTEMPTS):
            self._write(line)
            if key in self._read_new_lines():
                return key
        raise OSError(f"{self._path} does not keep what is written to it")

    def _write(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError(f"{self._path} could not be written to; the disk may be full")
        finally:
            os.close(descriptor)

    def _read_new_lines(self) -> set[str]:
        """Apply the complete lines that were appended since, and return their ids.

        A last line without its end stays unread, as another process may still be writing it.
        """
        if not self._path.exists():
            return set()
        with self._path.open("rb") as file:
            file.seek(self._offset)
            lines, newline, _ = file.read().rpartition(b"\n")
        self._offset += len(lines) + len(newline)
        return {key for line in lines.split(b"\n") if (key := self._apply_line(line))}

    def _apply_line(self, line: bytes) -> str:
        """Apply a line and return its id; empty where the line is damaged, which costs no other line."""
        try:
            entry = json.loads(line)
            key = str(entry["id"])
            self._apply(key, entry)
        except (ValueError, KeyError, TypeError):
            return ""
        return key

    def _apply(self, key: str, entry: dict[str, Any]) -> None:
        match entry["kind"]:
            case "message":
                number = len(self._messages) + 1
                self._messages[number] = Message(number, _draft(entry))
                self._numbers[key] = number
            case "edit":
                message = self._messages[int(entry["message"])]
                draft = replace(message.draft, text=entry["text"], buttons=entry["buttons"])
                self._messages[message.number] = replace(message, draft=draft)
            case "reaction":
                reactions = self._reactions.setdefault(int(entry["message"]), set())
                reaction = (str(entry["person"]), Vote(entry["vote"]))
                if entry["added"]:
                    reactions.add(reaction)
                else:
                    reactions.discard(reaction)


def _draft(entry: dict[str, Any]) -> Draft:
    return Draft(
        channel=entry["channel"],
        author=entry["author"],
        at=datetime.fromisoformat(entry["at"]),
        text=entry["text"],
        thread=entry["thread"],
        reader=entry["reader"],
        token=entry["token"],
        buttons=entry["buttons"],
    )
