"""The links in messages: in what people write, what they forward, and what other bots' messages show.

Shapes: https://docs.discord.com/developers/resources/message#message-object.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.web_links import links_in

_RICH = "rich"
"""The type of an embed that an app wrote. Others are Discord's previews of links, with the pages' own words:
https://docs.discord.com/developers/resources/message#embed-object-embed-types."""
_INSIDE = ("components", "accessory", "component")
"""Where a component holds others."""


def links_written(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the links that somebody wrote or forwarded; previews that Discord adds to it are left out."""
    return _once(_written(message))


def links_shown(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Give all links of a message: in its words, its embeds and its components, and in what it forwards."""
    return _once([*_of(message), *_written(message)])


def forwards(message: Mapping[str, Any]) -> bool:
    """Whether a message passes another one on: then its words are not those of whoever sent it."""
    return any(True for _ in _snapshots(message))


def _written(message: Mapping[str, Any]) -> Iterator[str]:
    yield from links_in(_text(message.get("content")))
    for snapshot in _snapshots(message):
        yield from _of(snapshot)


def _of(message: Mapping[str, Any]) -> Iterator[str]:
    """The links of one message, without what it forwards."""
    yield from links_in(_text(message.get("content")))
    for embed in _objects(message.get("embeds")):
        yield from _of_embed(embed)
    for component in _objects(message.get("components")):
        yield from _of_component(component)


def _of_embed(embed: Mapping[str, Any]) -> Iterator[str]:
    yield from _address(embed.get("url"))
    if embed.get("type", _RICH) != _RICH:
        return
    for name in ("title", "description"):
        yield from links_in(_text(embed.get(name)))
    for field in _objects(embed.get("fields")):
        yield from links_in(f"{_text(field.get('name'))}\n{_text(field.get('value'))}")
    for author in _objects(embed.get("author")):
        yield from _address(author.get("url"))
    for footer in _objects(embed.get("footer")):
        yield from links_in(_text(footer.get("text")))


def _of_component(component: Mapping[str, Any]) -> Iterator[str]:
    """The links of a component and of all that it holds, in the order in which people see them."""
    yield from links_in(_text(component.get("content")))
    yield from _address(component.get("url"))
    for name in _INSIDE:
        for inner in _objects(component.get(name)):
            yield from _of_component(inner)


def _snapshots(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a message forwards: https://docs.discord.com/developers/resources/message#message-snapshot-object."""
    for snapshot in _objects(message.get("message_snapshots")):
        yield from _objects(snapshot.get("message"))


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in a list, or one that stands alone: other apps' messages may hold anything."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield each


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _address(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value.startswith(("http://", "https://")) else ()


def _once(links: Iterator[str] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(links))
