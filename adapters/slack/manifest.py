"""The manifest that the Slack app is created from: https://docs.slack.dev/reference/app-manifest."""

from typing import Any

from adapters.slack.adapter import EVENTS_PATH
from adapters.slack.inbound.interactions import SAVE_PAPER
from adapters.slack.inbound.oauth import REDIRECT_PATH
from adapters.slack.limits import UNFURL_DOMAINS
from adapters.slack.render.text import COMMAND
from bot.commands import COMMANDS

BOT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "links:read",
    "links:write",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "users:read",
)
BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "link_shared",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)
_ABOUT = "Find, read, vote on and discuss papers with your team."


def manifest(url: str = "") -> dict[str, Any]:
    """Return the manifest for Socket Mode, or for HTTP requests if the `url` of `paperclub run` is given."""
    base = url.rstrip("/")
    request = {"request_url": base + EVENTS_PATH} if base else {}
    suggestions = {"message_menu_options_url": base + EVENTS_PATH} if base else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {"name": "Paperclub", "description": _ABOUT, "background_color": "#1f3a5f"},
        "features": _features(base),
        "oauth_config": {
            **({"redirect_urls": [base + REDIRECT_PATH]} if base else {}),
            "scopes": {"bot": list(BOT_SCOPES)},
        },
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True, **request, **suggestions},
            "org_deploy_enabled": bool(base),
            "socket_mode_enabled": not base,
            "token_rotation_enabled": False,
        },
    }


def _features(base: str) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        **({"url": base + EVENTS_PATH} if base else {}),
        "description": _ABOUT,
        "usage_hint": " | ".join(each.name for each in COMMANDS),
        "should_escape": False,
    }
    shortcut = {
        "name": "Save paper",
        "type": "message",
        "callback_id": SAVE_PAPER,
        "description": "Keep the paper that this message is about on your reading list.",
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "paperclub", "always_online": True},
        "shortcuts": [shortcut],
        "slash_commands": [command],
        "unfurl_domains": list(UNFURL_DOMAINS),
    }
