"""Bodies that Discord takes, to be spoilt one field at a time."""

from typing import Any

Body = dict[str, Any]
V2 = 1 << 15
EPHEMERAL = 1 << 6


def button(**more: Any) -> Body:
    return {"type": 2, "style": 1, "label": "Kettle", "custom_id": "kettle", **more}


def link_button(**more: Any) -> Body:
    return {"type": 2, "style": 5, "label": "Kettle", "url": "https://example.org/kettle", **more}


def option(number: int = 0, **more: Any) -> Body:
    return {"label": f"Kettle {number}", "value": f"kettle-{number}", **more}


def select(number: int = 2, **more: Any) -> Body:
    return {"type": 3, "custom_id": "choice", "options": [option(each) for each in range(number)], **more}


def row(*components: Body, **more: Any) -> Body:
    return {"type": 1, "components": list(components or [button()]), **more}


def buttons(number: int) -> list[Body]:
    return [button(custom_id=f"kettle-{each}") for each in range(number)]


def embed(**more: Any) -> Body:
    return {"title": "Kettle", **more}


def field(name: str = "Kettle", value: str = "boils", **more: Any) -> Body:
    return {"name": name, "value": value, **more}


def text(content: str = "Kettle", **more: Any) -> Body:
    return {"type": 10, "content": content, **more}


def section(*texts: Body, accessory: Body | None = None, **more: Any) -> Body:
    return {"type": 9, "components": list(texts or [text()]), "accessory": accessory or button(), **more}


def container(*components: Body, **more: Any) -> Body:
    return {"type": 17, "components": list(components or [text()]), **more}


def gallery(*urls: str, **more: Any) -> Body:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls], **more}


def layout(*components: Body, **more: Any) -> Body:
    """A message with the new components."""
    return {"flags": V2, "components": list(components), **more}


def text_input(**more: Any) -> Body:
    return {"type": 4, "custom_id": "name", "style": 1, **more}


def label(component: Body | None = None, **more: Any) -> Body:
    return {"type": 18, "label": "Kettle", "component": component or text_input(), **more}


def modal(*components: Body, **more: Any) -> Body:
    return {"custom_id": "form", "title": "Kettle", "components": list(components or [label()]), **more}


def parameter(kind: int = 3, name: str = "kettle", **more: Any) -> Body:
    return {"type": kind, "name": name, "description": "A kettle", **more}


def command(*options: Body, **more: Any) -> Body:
    return {"name": "boil", "description": "Boil it", "options": list(options), **more}
