"""Builds Discord's components, and messages of them: https://docs.discord.com/developers/components."""

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
IS_COMPONENTS_V2, EPHEMERAL = 1 << 15, 1 << 6
"""Flags of messages: https://docs.discord.com/developers/resources/message#message-object-message-flags."""
MARK = "|"
"""Separates the parts of a `custom_id`: the action's token, then any number of marks."""
EPHEMERAL_MARK = "look"
"""The mark of a component whose effect only the person may see who uses it."""
CONFIRM = "ask"
"""The mark of a button whose action has to be confirmed first."""
CONFIRMED = "asked"
"""The mark of the button that confirms an action."""
HOME = "home"
"""The mark of a component that concerns the person's DM channel, wherever the component is."""
SELECT = "choose"
"""The `custom_id` of a select, before its marks. The values of its options are tokens of actions."""
BLANK = "\N{EN DASH}"
"""Takes the place of empty text, which Discord refuses."""


class ComponentType(IntEnum):
    """https://docs.discord.com/developers/components/reference#component-object-component-types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    SECTION = 9
    TEXT_DISPLAY = 10
    CONTAINER = 17
    LABEL = 18


class Style(IntEnum):
    """The styles of buttons: https://docs.discord.com/developers/components/reference#button-button-styles."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4
    LINK = 5


class Colour(IntEnum):
    """The colours of the bar at a message's edge."""

    PAPER = 0x5865F2
    DONE = 0x3BA55D
    WARNING = 0xFAA61A
    ERROR = 0xED4245


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its components, and what a thread or a forum's post that starts with it needs.

    `title` is the name of that thread; `about` are the words to choose the forum's tags by.
    """

    components: tuple[Component, ...]
    title: str = ""
    about: tuple[str, ...] = ()

    def body(self, *, token: str = "", private: bool = False) -> dict[str, Any]:
        """Return the body to send. `token` is added to each `custom_id`, so that the message can be found."""
        components = self.components
        if token:
            components = tuple(
                _map_ids(each, lambda custom_id: f"{custom_id}{MARK}{token}") for each in components
            )
        return {
            "flags": IS_COMPONENTS_V2 | (EPHEMERAL if private else 0),
            "components": list(components),
            # Without this a title that holds “@everyone” would notify everyone:
            # https://docs.discord.com/developers/resources/message#allowed-mentions-object.
            "allowed_mentions": {"parse": []},
        }


def text(*lines: str) -> Component:
    """Build a text display of Markdown lines; empty ones are left out."""
    return {"type": ComponentType.TEXT_DISPLAY, "content": "\n".join(line for line in lines if line) or BLANK}


def heading(markdown: str) -> str:
    """Format Markdown as a heading."""
    return f"### {markdown}"


def subtext(*texts: str) -> str:
    """Format Markdown lines as subtext, which is small and grey; empty ones are left out."""
    return "\n".join(f"-# {each}" for each in texts if each)


def escaped_note(words: str) -> list[Component]:
    """Build subtext of foreign text; an empty list if there is none."""
    return notes(fitted(words, LINE))


def notes(*texts: str) -> list[Component]:
    """Build a text display of subtext; an empty list if all lines are empty."""
    return [text(subtext(*texts))] if any(texts) else []


def section(accessory: Component, *lines: str) -> Component:
    """Build a section: Markdown lines with a button beside them."""
    return {"type": ComponentType.SECTION, "components": [text(*lines)], "accessory": accessory}


def action_row(*elements: Component) -> list[Component]:
    """Build a row of buttons or of one select; an empty list if there are none."""
    return [{"type": ComponentType.ACTION_ROW, "components": list(elements)}] if elements else []


def button(name: str, action: Action, style: Style = Style.SECONDARY, *, mark: str = "") -> Component:
    """Build a button for an action."""
    return named_button(name, to_token(action), style, mark=mark)


def named_button(name: str, custom_id: str, style: Style = Style.SECONDARY, *, mark: str = "") -> Component:
    """Build a button by its `custom_id`."""
    return {
        "type": ComponentType.BUTTON,
        "style": int(style),
        "label": shortened(cleaned(name), BUTTON_LABEL) or BLANK,
        "custom_id": f"{custom_id}{MARK}{mark}" if mark else custom_id,
    }


def link_button(name: str, address: str | None) -> list[Component]:
    """Build a button that opens a web page; an empty list if the address is missing or can't be linked."""
    url = web_address(address, BUTTON_ADDRESS)
    if not url:
        return []
    return [{"type": ComponentType.BUTTON, "style": int(Style.LINK), "label": name, "url": url}]


def select(prompt: str, options: Sequence[tuple[str, Action]]) -> list[Component]:
    """Build a select whose choice only the person sees; an empty list if there are no options."""
    # Discord refuses a select with the same value twice.
    names = {to_token(action): name for name, action in options}
    if not names:
        return []
    element = {
        "type": ComponentType.STRING_SELECT,
        "custom_id": f"{SELECT}{MARK}{EPHEMERAL_MARK}",
        "placeholder": shortened(prompt, PLACEHOLDER),
        "options": [
            {"label": shortened(cleaned(name), OPTION_LABEL) or BLANK, "value": token}
            for token, name in list(names.items())[:OPTIONS]
        ],
    }
    return action_row(element)


def message(
    components: Sequence[Component],
    *,
    title: str = "",
    about: Iterable[str] = (),
    colour: Colour = Colour.PAPER,
) -> Message:
    """Build a message of one container."""
    container = {"type": ComponentType.CONTAINER, "accent_color": int(colour), "components": list(components)}
    name = shortened(cleaned(title), THREAD_NAME) or BLANK
    return Message((_unique_ids(container),), name, tuple(about))


def fits(components: Sequence[Component]) -> bool:
    """Whether one message can hold these components, and the container around them."""
    nested = [*walk(components)]
    characters = sum(len(each["content"]) for each in nested if "content" in each)
    return len(nested) < COMPONENTS and characters <= TEXT


def build_fitting(build: Callable[[int], list[Component]], most: int) -> list[Component]:
    """Return `build(count)` for the largest count up to `most` that fits into one message.

    `build(0)` has to fit.
    """
    components = build(most)
    if fits(components):
        return components
    return build(bisect_left(range(1, most), x=True, key=lambda count: not fits(build(count))))


def pack(groups: Iterable[Sequence[Component]]) -> tuple[Message, ...]:
    """Build as few messages as hold these groups of components; no group is split."""
    messages: list[list[Component]] = []
    for group in groups:
        if messages and fits([*messages[-1], *group]):
            messages[-1] += group
        else:
            messages.append([*group])
    return tuple(message(components) for components in messages)


def texts(lines: Iterable[str], length: int = TEXT // 2) -> list[Component]:
    """Build as few text displays as hold these Markdown lines, each of at most `length` characters."""
    joined: list[str] = []
    for line in lines:
        if joined and len(joined[-1]) + 1 + len(line) <= length:
            joined[-1] += f"\n{line}"
        else:
            joined.append(line)
    return [text(each) for each in joined]


def walk(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield every component, each followed by those inside it."""
    for each in components:
        yield each
        yield from walk(each.get("components", ()))
        if "accessory" in each:
            yield from walk([each["accessory"]])


def _unique_ids(container: Component) -> Component:
    """Number equal `custom_id`s, because Discord refuses a message that has one twice."""
    seen: dict[str, int] = {}

    def numbered(custom_id: str) -> str:
        seen[custom_id] = seen.get(custom_id, 0) + 1
        return custom_id if seen[custom_id] == 1 else f"{custom_id}{MARK}{seen[custom_id]}"

    return _map_ids(container, numbered)


def _map_ids(component: Component, new_id: Callable[[str], str]) -> Component:
    """Return a copy of a component with every `custom_id` in it replaced."""
    changed = dict(component)
    if "components" in changed:
        changed["components"] = [_map_ids(each, new_id) for each in changed["components"]]
    if "accessory" in changed:
        changed["accessory"] = _map_ids(changed["accessory"], new_id)
    if "custom_id" in changed:
        changed["custom_id"] = new_id(changed["custom_id"])
    return changed
