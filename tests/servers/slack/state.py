"""The workspace that the server keeps: people, conversations, messages, views and tokens."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.events import EVENTS
from tests.servers.slack.limits import METHODS
from tests.servers.slack.views import APP, BOT, BOT_USER, TEAM, View

CLIENT_ID, CLIENT_SECRET = "111.222", "client-secret"
SIGNING_SECRET = "signing-secret"
EVERY_SCOPE = frozenset(
    {scope for method in METHODS.values() for scope in method.scopes}
    | {scope for scopes in EVENTS.values() for scope in scopes}
    | {"commands"}
)


class SlackError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error, self.more = error, more


def refused(error: str, messages: list[str]) -> SlackError:
    """A refusal with its reasons."""
    return SlackError(error, errors=messages, response_metadata={"messages": messages})


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
    tz: str = "UTC"
    is_bot: bool = False
    admin: bool = False
    deleted: bool = False
    team: str = TEAM
    """Another in a channel that two organisations share by Slack Connect."""

    @property
    def stranger(self) -> bool:
        return self.team != TEAM


@dataclass
class Channel:
    """One conversation: `channels` is public, `groups` private, `im` between two, `mpim` among some."""

    id: str
    name: str
    kind: str = "channels"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    shared: bool = False
    """Whether another organisation is in it, by Slack Connect."""

    @property
    def shown_name(self) -> str:
        """What commands and interactions call it."""
        return {"im": "directmessage", "groups": "privategroup"}.get(self.kind, self.name)


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
    team: str = TEAM
    unfurls: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What apps have shown of its links."""
    edited_at: str = ""

    @property
    def is_bots(self) -> bool:
        return self.user == BOT_USER

    @property
    def tombstone(self) -> dict[str, Any]:
        """What stands in its place where its thread goes on without it."""
        told = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
        return {**told, "text": "This message was deleted.", "ts": self.ts, "thread_ts": self.ts}

    def body(self, *, payload: bool = False) -> dict[str, Any]:
        """As Slack writes it; the payload of its metadata only where it was asked for."""
        body: dict[str, Any] = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        body["team"] = self.team
        if self.team != TEAM:
            body |= {"user_team": self.team, "source_team": self.team}
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
        if self.edited_at:
            body["edited"] = {"user": self.user, "ts": self.edited_at}
        if self.unfurls:
            body["attachments"] = [
                {
                    "id": number,
                    "from_url": url,
                    "app_unfurl_url": url,
                    "is_app_unfurl": True,
                    "app_id": APP,
                    **unfurl,
                }
                for number, (url, unfurl) in enumerate(self.unfurls.items(), 1)
            ]
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
class Shared:
    """Links that an app was told of, and what it shows of them."""

    source: str
    urls: set[str]
    channel: str
    ts: str
    unfurls: dict[str, dict[str, Any]] = field(default_factory=dict)


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
    shared: dict[str, Shared] = field(default_factory=dict)
    """What was told of links, by its `unfurl_id`."""
    enterprise: str | None = None
    """The organisation that the workspace belongs to, in Enterprise Grid."""
    org_wide: bool = False
    """Whether the whole organisation has installed the app."""
    outside_marketplace: bool = False
    """Whether the app is sold to other workspaces outside Slack's Marketplace."""
    has_home: bool = True
    scopes: frozenset[str] = EVERY_SCOPE
    """What the app asks for when it is installed."""
    demanded: set[str] = field(default_factory=set)
    """The bot's scopes without which something that came through would not have."""
    codes: dict[str, str] = field(default_factory=lambda: {"good-code": "xoxb-bot"})
    """The token that each code is good for, once."""
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    last: int = 0

    def __post_init__(self) -> None:
        self.tokens |= {
            "xoxb-bot": Token("bot", set(self.scopes), BOT_USER),
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
        self.tokens[token] = Token("bot", set(self.scopes), user, team=team, enterprise=enterprise)
        self.codes[code] = token
        return code

    def join_organisation(self, enterprise: str = "E0ORG", *, org_wide: bool = False) -> None:
        """The workspace becomes part of an organisation, which may have installed the app as a whole."""
        self.enterprise, self.org_wide = enterprise, org_wide
        token = self.tokens["xoxb-bot"]
        token.enterprise, token.team = enterprise, None if org_wide else TEAM

    @property
    def installed_in(self) -> str:
        """The workspace or organisation that has installed the app."""
        return self.enterprise if self.org_wide and self.enterprise else TEAM

    def grants(self, scope: str) -> bool:
        """Whether the app was installed with this scope; nothing asks for none."""
        if scope and scope in self.scopes:
            self.demanded.add(scope)
        return not scope or scope in self.scopes

    def open_view(self, user: str, view: dict[str, Any], previous: View | None = None) -> View:
        kept = View(self.number("V"), user, view, self.number("hash."), previous=previous)
        self.views[kept.id] = kept
        return kept

    def stack(self, view: View) -> list[View]:
        """A modal and those below it."""
        return [view, *(self.stack(view.previous) if view.previous else [])]

    def shown(self, view: View) -> bool:
        """Whether somebody sees this modal: it is open, and none lies above it."""
        return view.open and not any(one.open and one.previous is view for one in self.views.values())

    def message(self, channel: str, ts: Any) -> Message | None:
        """A message that stands in a channel, by its exact timestamp."""
        kept = (one for one in self.posted if one.channel == channel and one.ts == ts and not one.deleted)
        return next(kept, None)

    def root(self, channel: str, ts: Any) -> Message | None:
        """A message that a thread may hang on: one that stands, or whose thread outlives it."""
        kept = (one for one in self.posted if one.channel == channel and one.ts == ts)
        return next((one for one in kept if not one.deleted or self.replies(one)), None)

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
