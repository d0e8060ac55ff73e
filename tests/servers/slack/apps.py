"""The app as it was made at Slack: from a manifest, which is refused where Slack refuses it.

Shapes and sizes: https://docs.slack.dev/reference/app-manifest.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.slack.events import EVENTS
from tests.servers.slack.problems import Problems

Manifest = Mapping[str, Any]
SHAPE: dict[str, Any] = {
    "_metadata": {"major_version": int, "minor_version": int},
    "display_information": {"name": 35, "description": 140, "background_color": 7, "long_description": 4000},
    "features": {
        "app_home": {
            "home_tab_enabled": bool,
            "messages_tab_enabled": bool,
            "messages_tab_read_only_enabled": bool,
        },
        "bot_user": {"display_name": 80, "always_online": bool},
        "shortcuts": [10, {"name": 24, "type": 7, "callback_id": 255, "description": 150}],
        "slash_commands": [
            50,
            {"command": 32, "url": 3000, "description": 2000, "usage_hint": 1000, "should_escape": bool},
        ],
        "unfurl_domains": [5, 255],
    },
    "oauth_config": {"redirect_urls": [1000, 2500], "scopes": {"bot": [255, 50], "user": [255, 50]}},
    "settings": {
        "event_subscriptions": {"request_url": 3500, "bot_events": [100, 50], "user_events": [100, 50]},
        "interactivity": {"is_enabled": bool, "request_url": 3500, "message_menu_options_url": 3500},
        "org_deploy_enabled": bool,
        "socket_mode_enabled": bool,
        "token_rotation_enabled": bool,
    },
}
"""A number is the most characters of a text; a list holds the most items and what each is."""
REQUIRED = {
    "": {"display_information"},
    "/display_information": {"name"},
    "/features/bot_user": {"display_name"},
    "/features/shortcuts": {"name", "type", "callback_id", "description"},
    "/features/slash_commands": {"command", "description"},
    "/settings/interactivity": {"is_enabled"},
}
PATTERNS = {
    "command": r"/\S+",
    "type": "message|global",
    "unfurl_domains": r"[a-z0-9][-a-z0-9.]*[a-z0-9]",
    "url": "https://.+",
    "request_url": "https://.+",
    "redirect_urls": "https://.+",
    "message_menu_options_url": "https://.+",
}


def manifest_problems(manifest: Any) -> list[str]:
    """What is wrong with a manifest: its shape first, then what does not go together."""
    problems = Problems()
    check_shape(manifest, SHAPE, "", problems)
    if not problems.found:
        check_addresses(manifest, problems)
        check_events(manifest, problems)
    return problems.found


def check_shape(value: Any, shape: Any, where: str, problems: Problems) -> None:
    if isinstance(shape, dict):
        if problems.is_object(value, where or "/"):
            problems.only(value, shape, where)
            problems.needs(value, REQUIRED.get(re.sub(r"/\d+", "", where), set()), where)
            for name in value.keys() & shape.keys():
                check_shape(value[name], shape[name], f"{where}/{name}", problems)
    elif isinstance(shape, list):
        name = where.rpartition("/")[2]
        for number, each in enumerate(problems.items({name: value}, name, (1, shape[0]), where)):
            check_shape(each, shape[1], f"{where}/{number}", problems)
    elif isinstance(shape, int):
        check_text(value, shape, where, problems)
    elif type(value) is not shape:
        problems.add(f"must be {shape.__name__}", where)


def check_text(value: Any, most: int, where: str, problems: Problems) -> None:
    name = next(part for part in reversed(where.split("/")) if not part.isdigit())
    problems.string({name: value}, name, most, where.removesuffix("/" + name))
    if isinstance(value, str) and name in PATTERNS and not re.fullmatch(PATTERNS[name], value):
        problems.add("must match its pattern", where)


def check_addresses(manifest: Manifest, problems: Problems) -> None:
    """Without Socket Mode everything that comes in needs its address."""
    settings = manifest.get("settings", {})
    if settings.get("socket_mode_enabled"):
        return
    events, interactivity = settings.get("event_subscriptions"), settings.get("interactivity", {})
    if events is not None and "request_url" not in events:
        problems.add(
            "Event Subscription requires Request URL or Socket Mode", "/settings/event_subscriptions"
        )
    if interactivity.get("is_enabled") and "request_url" not in interactivity:
        problems.add("Interactivity requires a Request URL", "/settings/interactivity")
    for number, command in enumerate(manifest.get("features", {}).get("slash_commands", [])):
        if "url" not in command:
            problems.add("missing required field: url", f"/features/slash_commands/{number}")


def check_events(manifest: Manifest, problems: Problems) -> None:
    """An event is heard with its scope, and commands and shortcuts take one as well."""
    scopes = set(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))
    where = "/settings/event_subscriptions/bot_events"
    events = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])
    for event in events:
        if event not in EVENTS:
            problems.add(f"unknown event: {event}", where)
        elif EVENTS[event] and not scopes.intersection(EVENTS[event]):
            problems.add(f"{event} requires scope {' or '.join(EVENTS[event])}", where)
    features = manifest.get("features", {})
    for name in ("slash_commands", "shortcuts"):
        if features.get(name) and "commands" not in scopes:
            problems.add("requires scope commands", f"/features/{name}")
    if "link_shared" in events and not features.get("unfurl_domains"):
        problems.add("link_shared requires unfurl_domains", where)


@dataclass(frozen=True)
class App:
    """What the app's pages say of it; without a manifest it may do everything."""

    manifest: Manifest | None = None

    def hears(self, event: str) -> bool:
        return self.manifest is None or event in self._settings("event_subscriptions").get("bot_events", [])

    def tracked(self, host: str) -> str:
        """The registered domain that an address belongs to, empty where it belongs to none."""
        if self.manifest is None:
            return host
        domains = self.manifest["features"].get("unfurl_domains", [])
        return next((one for one in domains if host == one or host.endswith("." + one)), "")

    def offers(self, kind: str, callback_id: str) -> bool:
        """Whether it has this shortcut, `message` or `global`."""
        shortcuts = self._features("shortcuts", [])
        known = any((one["type"], one["callback_id"]) == (kind, callback_id) for one in shortcuts)
        return self.manifest is None or known

    def has_command(self, name: str) -> bool:
        commands = self._features("slash_commands", [])
        return self.manifest is None or any(one["command"] == name for one in commands)

    def has_tab(self, tab: str) -> bool:
        return self.manifest is None or bool(self._features("app_home", {}).get(f"{tab}_tab_enabled"))

    def writable(self) -> bool:
        """Whether people can write to the bot in its messages tab."""
        read_only = self._features("app_home", {}).get("messages_tab_read_only_enabled")
        return self.has_tab("messages") and not read_only

    def _features(self, name: str, default: Any) -> Any:
        return (self.manifest or {}).get("features", {}).get(name, default)

    def _settings(self, name: str) -> Any:
        return (self.manifest or {}).get("settings", {}).get(name, {})
