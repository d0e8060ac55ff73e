"""The workspace that the server keeps: people, conversations, messages, views and tokens."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.limits import METHODS

TEAM, APP, BOT_USER, BOT = "T0TEAM", "A0APP", "U0BOT", "B0BOT"
CLIENT_ID, CLIENT_SECRET = "111.222", "client-secret"
SIGNING_SECRET = "signing-secret"
EVERY_SCOPE = frozenset(scope for method in METHODS.values() for scope in method.scopes) | {
    "app_mentions:read",
    "commands",
    "links:read",
}


class SlackError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error, self.more = error, more


def refused(error: str, messages: list[str]) -> SlackError:
    """A refusal with its reasons."""
    return SlackError(error, errors=messages, response_metadata={"messages": messages})


@dataclass
class ManualClock:
    """Stands still until a test moves it."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Token:
    """What a caller shows: `bot`, `user` or `app`."""

    kind: str
    scopes: set[str]
    user: str
    error: str = ""
    """Why it is refused, such as `token_revoked` or `account_inactive`."""
    team: str | None = TEAM
    """None where it is good for all of an organisation."""
    enterprise: str | None = None
    rotates: bool = False
    """Whether it was given with another to renew it by."""


@dataclass
class Person:
    """One user of the workspace."""

    id: str
    name: str
    tz: str = "Europe/Berlin"
    is_bot: bool = False
    admin: bool = False
    deleted: bool = False


@dataclass
class Channel:
    """One conversation: `channels` is public, `groups` private, `im` between two."""

    id: str
    name: str
    kind: str = "channels"
    members: set[str] = field(default_factory=set)
    archived: bool = False


@dataclass
class Message:
    """One message as the server keeps it."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: dict[str, Any] | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False
    edits: int = 0
    previous: dict[str, Any] = field(default_factory=dict)
    ephemeral_to: str = ""
    via: str = "chat.postMessage"

    @property
    def is_bots(self) -> bool:
        return self.user == BOT_USER

    def body(self, *, payload: bool = False) -> dict[str, Any]:
        """As Slack writes it; the payload of its metadata only where it was asked for."""
        body: dict[str, Any] = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        body["team"] = TEAM
        if self.is_bots:
            body |= {"bot_id": BOT, "app_id": APP, "bot_profile": {"id": BOT, "app_id": APP, "name": "bot"}}
        else:
            body["client_msg_id"] = f"msg-{self.ts}"
        if self.blocks:
            body["blocks"] = self.blocks
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if self.broadcast:
            body["subtype"] = "thread_broadcast"
        if self.edits:
            body["edited"] = {"user": self.user, "ts": self.ts}
        if self.metadata:
            kept = self.metadata if payload else {"event_type": self.metadata["event_type"]}
            body["metadata"] = kept
        if self.reactions:
            body["reactions"] = self.reaction_list()
        return body

    def reaction_list(self, *, full: bool = True) -> list[dict[str, Any]]:
        most = None if full else 3
        return [
            {"name": name, "users": users[:most], "count": len(users)}
            for name, users in self.reactions.items()
            if users
        ]


@dataclass
class View:
    """A modal or a Home."""

    id: str
    user: str
    view: dict[str, Any]
    hash: str
    open: bool = True

    def body(self) -> dict[str, Any]:
        blank = {"private_metadata": "", "callback_id": "", "external_id": "", "state": {"values": {}}}
        return {
            **blank,
            **self.view,
            "id": self.id,
            "team_id": TEAM,
            "hash": self.hash,
            "root_view_id": self.id,
            "previous_view_id": None,
            "app_id": APP,
            "bot_id": BOT,
            "app_installed_team_id": TEAM,
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


@dataclass
class World:
    """Everything that the server remembers."""

    clock: Callable[[], float]
    tokens: dict[str, Token] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    posted: list[Message] = field(default_factory=list)
    ephemerals: list[Message] = field(default_factory=list)
    views: dict[str, View] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, list[Any]] = field(default_factory=dict)
    """When each was given, to whom, and whether it was used."""
    codes: dict[str, str] = field(default_factory=lambda: {"good-code": "xoxb-bot"})
    """The token that each code is good for, once."""
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    last: int = 0

    def __post_init__(self) -> None:
        self.tokens |= {
            "xoxb-bot": Token("bot", set(EVERY_SCOPE), BOT_USER),
            "xoxp-user": Token("user", set(EVERY_SCOPE), "U1ADA"),
            "xapp-app": Token("app", {"connections:write"}, BOT_USER),
        }
        for person in (Person("U1ADA", "ada"), Person("U2BEN", "ben"), Person(BOT_USER, "bot", is_bot=True)):
            self.people[person.id] = person
        everybody = set(self.people)
        for channel in (
            Channel("C1PAPERS", "papers", members=set(everybody)),
            Channel("C2OTHERS", "others", members=everybody - {BOT_USER}),
            Channel("G1CLOSED", "closed", kind="groups", members=set(everybody)),
            Channel("G2HIDDEN", "hidden", kind="groups", members=everybody - {BOT_USER}),
            Channel("C3OLD", "old", members=set(everybody), archived=True),
        ):
            self.channels[channel.id] = channel

    def ts(self) -> str:
        """A timestamp that no other message has."""
        self.last = max(self.last + 1, int(self.clock() * 1_000_000))
        return f"{self.last // 1_000_000}.{self.last % 1_000_000:06}"

    def number(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers):08}"

    def agree(self, team: str | None = TEAM, enterprise: str | None = None) -> str:
        """Somebody lets the app into a workspace, or a whole organisation: the code that tells it so.

        Elsewhere the bot is another user, who is in none of this workspace's conversations.
        """
        token, code = self.number("xoxb-"), self.number("code")
        user = BOT_USER if team in {TEAM, None} else self.number("U")
        self.tokens[token] = Token("bot", set(EVERY_SCOPE), user, team=team, enterprise=enterprise)
        self.codes[code] = token
        return code

    def message(self, channel: str, ts: Any) -> Message | None:
        """A message that stands in a channel, by its exact timestamp."""
        kept = (one for one in self.posted if one.channel == channel and one.ts == ts and not one.deleted)
        return next(kept, None)

    def replies(self, root: Message) -> list[Message]:
        return [
            one
            for one in self.posted
            if one.channel == root.channel and one.thread_ts == root.ts != one.ts and not one.deleted
        ]

    def direct(self, user: str) -> Channel:
        """The conversation between the bot and one person, opened where it was not."""
        return self.channels.setdefault(
            f"D{user}", Channel(f"D{user}", user, kind="im", members={user, BOT_USER})
        )

    def trigger(self, user: str) -> str:
        made = self.number("trigger.")
        self.triggers[made] = [self.clock(), user, False]
        return made
