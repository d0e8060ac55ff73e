"""What must hold of whatever comes out."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.channel import Origin
from bot.domain.cleaning import clean_text
from bot.protocol.events import Uninstalled


def assert_event(event: Any) -> None:
    """An event is told in clean texts, where texts are due, and in times that have a zone."""
    assert_clean(event)
    if isinstance(event, Uninstalled):
        assert type(event.workspace) is str
        return
    assert isinstance(event.origin, Origin)
    assert type(getattr(event, "event_id", None)) in {str, type(None)}
    for name in ("name", "command", "begun", "why"):
        assert type(getattr(event, name, "")) is str
    for link in getattr(event, "links", ()):
        assert type(link) is str
    for name in ("arguments", "values"):
        given = getattr(event, name, "")
        for text in [*given.keys(), *given.values()] if isinstance(given, Mapping) else [given]:
            assert type(text) is str
    at = getattr(event, "at", None)
    assert at is None or (isinstance(at, datetime) and at.tzinfo is not None)


def assert_clean(value: Any) -> None:
    """No text in a value has anything in it that cleaning would take away."""
    if isinstance(value, str):
        assert clean_text(value) == value
    elif isinstance(value, Mapping):
        assert_clean(list(value.items()))
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            assert_clean(each)
    elif dataclasses.is_dataclass(value):
        assert_clean([getattr(value, field.name) for field in dataclasses.fields(value)])
