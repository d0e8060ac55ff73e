"""The console's own memory, as a platform has one: messages, edits and reactions in a file that only grows.

One JSON object a line. A message's number is its place among the file's messages, so that several
processes may append without asking each other; whoever has appended reads on to learn the number.
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
    """A message before it stands in the record; `reader` is the one person who sees a private one."""

    channel: str
    author: str
    at: datetime
    text: str
    thread: str | None = None
    reader: str | None = None
    token: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    """What the buttons are called, and their tokens."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that stands in the record, as it is after its edits."""

    number: int
    draft: Draft

    @property
    def ref(self) -> MessageRef:
        """Where the message stands, as the core knows it."""
        return MessageRef(self.draft.channel, str(self.number), self.draft.thread)


class History:
    """The record in a file, read on whenever somebody asks."""

    def __init__(self, path: Path) -> None:
        """Take the file, which need not exist yet."""
        self._path = path
        self._offset = 0
        self._messages: dict[int, Message] = {}
        self._numbers: dict[str, int] = {}
        self._reactions: dict[int, set[tuple[str, Vote]]] = {}

    def post(self, draft: Draft) -> Message:
        """Append a message and learn its number."""
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
        """Change what a message says and which buttons it has."""
        self._append("edit", {"message": number, "text": text, "buttons": buttons})

    def react(self, number: int, person: str, vote: Vote, *, added: bool) -> None:
        """Add a person's reaction to a message, or take it away."""
        self._append("reaction", {"message": number, "person": person, "vote": vote.value, "added": added})

    def message(self, number: int) -> Message | None:
        """Give a message by its number."""
        self._read_on()
        return self._messages.get(number)

    def latest(self) -> Iterator[Message]:
        """All messages, the latest first."""
        self._read_on()
        return reversed(self._messages.values())

    def reactions(self, number: int) -> frozenset[tuple[str, Vote]]:
        """Who has reacted to a message, and how."""
        self._read_on()
        return frozenset(self._reactions.get(number, ()))

    def _append(self, kind: str, entry: Mapping[str, object]) -> str:
        """Append a whole line and read on until it is seen.

        A line that was torn by a crash swallows the one behind it; then the next attempt stands.
        """
        key = uuid4().hex
        line = json.dumps({"kind": kind, "id": key, **entry}).encode() + b"\n"
        for _ in range(_ATTEMPTS):
            self._write(line)
            if key in self._read_on():
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

    def _read_on(self) -> set[str]:
        """Read the lines that have come since; an unended last line waits. Gives their ids."""
        if not self._path.exists():
            return set()
        with self._path.open("rb") as file:
            file.seek(self._offset)
            whole, ended, _ = file.read().rpartition(b"\n")
        self._offset += len(whole) + len(ended)
        return {key for line in whole.split(b"\n") if (key := self._take(line))}

    def _take(self, line: bytes) -> str:
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
                held = self._reactions.setdefault(int(entry["message"]), set())
                reaction = (str(entry["person"]), Vote(entry["vote"]))
                if entry["added"]:
                    held.add(reaction)
                else:
                    held.discard(reaction)


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
