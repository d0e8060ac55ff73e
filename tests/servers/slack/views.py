"""Modals and Homes as the server keeps them, and the ids of what it serves."""

import copy
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.forms import State, state_of

TEAM, APP, BOT_USER, BOT = "T0TEAM", "A0APP", "U0BOT", "B0BOT"


@dataclass
class View:
    """A modal or a Home, what people have entered in it, and what they see of it."""

    id: str
    user: str
    view: dict[str, Any]
    hash: str
    open: bool = True
    previous: "View | None" = None
    """The one below it, which is shown again once this one is closed."""
    errors: dict[str, str] = field(default_factory=dict)
    """What the person sees beside inputs, by their `block_id`."""
    state: State = field(default_factory=dict)
    offered: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the app has suggested last, by `action_id`."""

    def __post_init__(self) -> None:
        self.state = state_of(self.view["blocks"], self.state)

    @property
    def root(self) -> "View":
        return self.previous.root if self.previous else self

    @property
    def is_home(self) -> bool:
        return bool(self.view["type"] == "home")

    def show(self, view: dict[str, Any], mark: str) -> None:
        """Show something else in its place."""
        self.view, self.hash, self.errors = view, mark, {}
        self.state = state_of(view["blocks"], self.state)

    def body(self, app_team: str = TEAM) -> dict[str, Any]:
        title = {"type": "plain_text", "text": "View Title", "emoji": True}
        words = {"private_metadata": "", "callback_id": "", "external_id": ""}
        buttons = {"title": title, "close": None, "submit": None}
        flags = {"clear_on_close": False, "notify_on_close": False}
        return {
            **words,
            **buttons,
            **flags,
            **self.view,
            "id": self.id,
            "team_id": TEAM,
            "state": {"values": copy.deepcopy(self.state)},
            "hash": self.hash,
            "root_view_id": self.root.id,
            "previous_view_id": self.previous.id if self.previous else None,
            "app_id": APP,
            "bot_id": BOT,
            "app_installed_team_id": app_team,
        }


def stamped(blocks: list[dict[str, Any]], base: str) -> list[dict[str, Any]]:
    """Blocks with the ids that Slack gives where none is."""
    done = []
    for place, block in enumerate(blocks):
        whole = {"block_id": f"b{base[-4:]}{place}", **block}
        for name in ("elements", "accessory", "element"):
            inside = whole.get(name)
            if isinstance(inside, list) and whole["type"] == "actions":
                whole[name] = [{"action_id": f"a{place}{n}", **one} for n, one in enumerate(inside)]
            elif isinstance(inside, dict) and inside.get("type") != "image":
                whole[name] = {"action_id": f"a{place}", **inside}
        done.append(whole)
    return done
