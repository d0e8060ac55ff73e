"""Events that an app may subscribe to, and what each asks of it: https://docs.slack.dev/reference/events/."""

from collections.abc import Mapping
from typing import Any

EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    "channel_archive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_left": ("channels:read",),
    "channel_rename": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_rename": ("groups:read",),
    "link_shared": ("links:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "tokens_revoked": (),
}
"""The scope of each; of several, the one for the kind of conversation that it happens in."""
MESSAGES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


def name_of(event: Mapping[str, Any]) -> str:
    """What an app subscribes to in order to hear of it."""
    if event["type"] == "message":
        return f"message.{MESSAGES[event['channel_type']]}"
    return str(event["type"])


def scope_of(event: Mapping[str, Any]) -> str:
    """The scope that it takes to hear of it, empty where it takes none."""
    scopes = EVENTS[name_of(event)]
    if len(scopes) > 1:
        return scopes[0] if event["channel_type"] == "C" else scopes[1]
    return scopes[0] if scopes else ""


def channel_of(event: Mapping[str, Any]) -> str:
    """The conversation that it happened in, empty where it happened in none."""
    channel = event.get("channel") or event.get("item", {}).get("channel", "")
    return str(channel["id"] if isinstance(channel, dict) else channel)
