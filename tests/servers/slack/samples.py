"""Blocks and views that Slack takes, to be spoilt one field at a time."""

from typing import Any


def plain(text: str = "Kettle") -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "Kettle", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str = "Kettle", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": "kettle", **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def option(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"text": plain(), "value": f"kettle-{number}", **more}


def choice(kind: str, number: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": kind, "options": [option(n) for n in range(number)], **more}


def entry(**more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "name"}
    return {"type": "input", "block_id": "kettle", "label": plain(), "element": element, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks), **more}


def external(**more: Any) -> dict[str, Any]:
    return {"type": "external_select", "action_id": "tea", "min_query_length": 0, **more}


def manifest(**more: Any) -> dict[str, Any]:
    """An app that hears of links, for Socket Mode."""
    shortcut = {"name": "Boil", "type": "message", "callback_id": "boil", "description": "Boil it"}
    return {
        "display_information": {"name": "Kettle"},
        "features": {
            "app_home": {"home_tab_enabled": True},
            "bot_user": {"display_name": "kettle"},
            "shortcuts": [shortcut],
            "slash_commands": [{"command": "/kettle", "description": "Boil"}],
            "unfurl_domains": ["arxiv.org"],
        },
        "oauth_config": {"scopes": {"bot": ["commands", "links:read", "links:write"]}},
        "settings": {
            "event_subscriptions": {"bot_events": ["link_shared"]},
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
        },
        **more,
    }
