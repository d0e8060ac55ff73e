"""Finds the links in a message: in its text, in what it forwards, and in other bots' embeds and components.

Payloads: https://docs.discord.com/developers/resources/message#message-object.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.web_links import links_in

_RICH = "rich"
"""The type of an embed that an app wrote. Others are Discord's previews of links, with the pages' own texts:
https://docs.discord.com/developers/resources/message#embed-object-embed-types."""
_CHILDREN = ("components", "accessory", "component")
"""The fields in which a component holds others."""


def links_written(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the links that the author wrote or forwarded, without those in Discord's previews."""
    return _unique(_written(message))


def links_shown(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Return all links that a message shows: in its text, embeds and components, and in what it forwards."""
    return _unique([*_in_message(message), *_written(message)])


def is_forward(message: Mapping[str, Any]) -> bool:
    """Whether a message forwards another one, so that its text is not the author's."""
    return any(True for _ in _snapshots(message))


def _written(message: Mapping[str, Any]) -> Iterator[str]:
    yield from links_in(_text(message.get("content")))
    for snapshot in _snapshots(message):
        yield from _in_message(snapshot)


def _in_message(message: Mapping[str, Any]) -> Iterator[str]:
    """Yield the links of one message, without what it forwards."""
    yield from links_in(_text(message.get("content")))
    for embed in _objects(message.get("embeds")):
        yield from _in_embed(embed)
    for component in _objects(message.get("components")):
        yield from _in_component(component)


def _in_embed(embed: Mapping[str, Any]) -> Iterator[str]:
    yield from _url(embed.get("url"))
    if embed.get("type", _RICH) != _RICH:
        return
    for name in ("title", "description"):
        yield from links_in(_text(embed.get(name)))
    for field in _objects(embed.get("fields")):
        yield from links_in(f"{_text(field.get('name'))}\n{_text(field.get('value'))}")
    for author in _objects(embed.get("author")):
        yield from _url(author.get("url"))
    for footer in _objects(embed.get("footer")):
        yield from links_in(_text(footer.get("text")))


def _in_component(component: Mapping[str, Any]) -> Iterator[str]:
    """Yield the links of a component and of those inside it, in the order in which people see them."""
    yield from links_in(_text(component.get("content")))
    yield from _url(component.get("url"))
    for name in _CHILDREN:
        for inner in _objects(component.get(name)):
            yield from _in_component(inner)


def _snapshots(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the messages that a message forwards: https://docs.discord.com/developers/resources/message#message-snapshot-object."""
    for snapshot in _objects(message.get("message_snapshots")):
        yield from _objects(snapshot.get("message"))


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in a list, or a single object; other apps' messages may hold anything else."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield each


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _url(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value.startswith(("http://", "https://")) else ()


def _unique(links: Iterator[str] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(links))
