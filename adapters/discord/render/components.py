"""Components, and the messages that they are packed into: https://docs.discord.com/developers/components."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

from adapters.discord.limits import (
    BUTTON_ADDRESS,
    BUTTON_LABEL,
    COMPONENTS,
    LINE,
    OPTION_LABEL,
    OPTIONS,
    PLACEHOLDER,
    TEXT,
    THREAD_NAME,
)
from adapters.discord.render.text import fitted, web_address
from bot.protocol.actions import Action, to_token
from bot.protocol.wording import cleaned, shortened

Component: TypeAlias = dict[str, Any]
LAYOUT, EPHEMERAL = 1 << 15, 1 << 6
"""Flags of messages: https://docs.discord.com/developers/resources/message#message-object-message-flags."""
MARK = "|"
"""Between the token of an action in a `custom_id` and what else stands there."""
LOOK = "look"
"""The mark of what is for whoever presses it alone."""
ASK = "ask"
"""The mark of a button that ends something, and asks first."""
ASKED = "asked"
"""The mark of the button that answers so."""
HOME = "home"
"""The mark of what concerns one's own talk with the bot, wherever it stands."""
CHOOSE = "choose"
"""What the `custom_id` of a select begins with; its values are tokens of actions."""
BLANK = "\N{EN DASH}"
"""In place of text that is empty, which Discord refuses."""


class Style(IntEnum):
    """How a button looks."""

    MAIN = 1
    PLAIN = 2
    GOOD = 3
    DANGER = 4
    LINK = 5


class Colour(IntEnum):
    """Of the line at a message's edge."""

    PAPER = 0x5865F2
    DONE = 0x3BA55D
    WARNING = 0xFAA61A
    ERROR = 0xED4245


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its components; a thread or a forum's post that begins with it is called `title`.

    `about` are words that a forum may have a tag for.
    """

    components: tuple[Component, ...]
    title: str = ""
    about: tuple[str, ...] = ()

    def body(self, *, token: str = "", private: bool = False) -> dict[str, Any]:
        """Give what is sent; `token` is put where it can be found again, beside every action."""
        components = self.components
        if token:
            components = tuple(_renamed(each, lambda name: f"{name}{MARK}{token}") for each in components)
        return {
            "flags": LAYOUT | (EPHEMERAL if private else 0),
            "components": list(components),
            "allowed_mentions": {"parse": []},
        }


def text(*lines: str) -> Component:
    """Lines of Markdown, empty ones left out."""
    return {"type": 10, "content": "\n".join(line for line in lines if line) or BLANK}


def heading(marked: str) -> str:
    """What a message or a part of it is about."""
    return f"### {marked}"


def small(*texts: str) -> str:
    """Lines of Markdown that stand back, empty ones left out."""
    return "\n".join(f"-# {each}" for each in texts if each)


def aside(words: str) -> list[Component]:
    """Foreign words that stand back; none where there are none."""
    return notes(fitted(words, LINE))


def notes(*texts: str) -> list[Component]:
    """Lines of Markdown that stand back; no component where all are empty."""
    return [text(small(*texts))] if any(texts) else []


def beside(accessory: Component, *lines: str) -> Component:
    """Lines of Markdown with a button at their side."""
    return {"type": 9, "components": [text(*lines)], "accessory": accessory}


def row(*elements: Component) -> list[Component]:
    """Elements beside each other; none where there are none."""
    return [{"type": 1, "components": list(elements)}] if elements else []


def button(name: str, action: Action, style: Style = Style.PLAIN, *, mark: str = "") -> Component:
    """A button."""
    return named_button(name, to_token(action), style, mark=mark)


def named_button(name: str, custom_id: str, style: Style = Style.PLAIN, *, mark: str = "") -> Component:
    """A button by its `custom_id`."""
    return {
        "type": 2,
        "style": int(style),
        "label": shortened(cleaned(name), BUTTON_LABEL) or BLANK,
        "custom_id": f"{custom_id}{MARK}{mark}" if mark else custom_id,
    }


def link_button(name: str, address: str | None) -> list[Component]:
    """A button that leads to the web; none where there is no address for it."""
    target = web_address(address, BUTTON_ADDRESS)
    return [{"type": 2, "style": int(Style.LINK), "label": name, "url": target}] if target else []


def select(prompt: str, options: Sequence[tuple[str, Action]]) -> list[Component]:
    """Something to choose from, for whoever chooses alone; none where there is nothing."""
    offered = {to_token(action): name for name, action in options}
    if not offered:
        return []
    element = {
        "type": 3,
        "custom_id": f"{CHOOSE}{MARK}{LOOK}",
        "placeholder": shortened(prompt, PLACEHOLDER),
        "options": [
            {"label": shortened(cleaned(name), OPTION_LABEL) or BLANK, "value": token}
            for token, name in list(offered.items())[:OPTIONS]
        ],
    }
    return row(element)


def message(
    components: Sequence[Component],
    *,
    title: str = "",
    about: Iterable[str] = (),
    colour: Colour = Colour.PAPER,
) -> Message:
    """Put components into a message."""
    framed = {"type": 17, "accent_color": int(colour), "components": list(components)}
    name = shortened(cleaned(title), THREAD_NAME) or BLANK
    return Message((_distinct(framed),), name, tuple(about))


def fits(components: Sequence[Component]) -> bool:
    """Whether one message holds these components."""
    every = [*inside(components)]
    written = sum(len(each["content"]) for each in every if "content" in each)
    return len(every) < COMPONENTS and written <= TEXT


def as_many(build: Callable[[int], list[Component]], most: int) -> list[Component]:
    """Build with as many rows as one message holds; with none it always holds them."""
    whole = build(most)
    if fits(whole):
        return whole
    return build(bisect_left(range(1, most), x=True, key=lambda count: not fits(build(count))))


def packed(groups: Iterable[Sequence[Component]]) -> tuple[Message, ...]:
    """Put groups of components, none of them parted, into as few messages as hold them."""
    messages: list[list[Component]] = []
    for group in groups:
        if messages and fits([*messages[-1], *group]):
            messages[-1] += group
        else:
            messages.append([*group])
    return tuple(message(components) for components in messages)


def texts(lines: Iterable[str], length: int = TEXT // 2) -> list[Component]:
    """Lines of Markdown in as few texts as hold them."""
    joined: list[str] = []
    for line in lines:
        if joined and len(joined[-1]) + 1 + len(line) <= length:
            joined[-1] += f"\n{line}"
        else:
            joined.append(line)
    return [text(each) for each in joined]


def inside(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every component, with all that it holds."""
    for each in components:
        yield each
        yield from inside(each.get("components", ()))
        if "accessory" in each:
            yield from inside([each["accessory"]])


def _distinct(framed: Component) -> Component:
    """Give every action a name of its own in its message."""
    seen: dict[str, int] = {}

    def rename(name: str) -> str:
        seen[name] = seen.get(name, 0) + 1
        return name if seen[name] == 1 else f"{name}{MARK}{seen[name]}"

    return _renamed(framed, rename)


def _renamed(component: Component, rename: Callable[[str], str]) -> Component:
    changed = dict(component)
    if "components" in changed:
        changed["components"] = [_renamed(each, rename) for each in changed["components"]]
    if "accessory" in changed:
        changed["accessory"] = _renamed(changed["accessory"], rename)
    if "custom_id" in changed:
        changed["custom_id"] = rename(changed["custom_id"])
    return changed
