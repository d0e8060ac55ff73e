"""What people in the workspace do, each deed with the events that Slack sends of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.servers.slack import payloads
from tests.servers.slack.apps import App
from tests.servers.slack.delivery import Delivery, Sockets
from tests.servers.slack.limits import limit
from tests.servers.slack.responses import Responses, ResponseUrl
from tests.servers.slack.state import Message, Person, SlackError, World
from tests.servers.slack.texts import addresses, marked, rich_text
from tests.servers.slack.views import BOT_USER


def host_of(url: str) -> str:
    """The host of an address, empty where it cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class People(ABC):
    """The part of the server that plays the people."""

    app: App
    world: World
    responses: Responses
    sockets: Sockets
    violations: list[str]
    retries = limit("events.retries")

    @abstractmethod
    async def deliver(
        self, kind: str, payload: dict[str, Any], then: Callable[[Delivery], None] | None = None
    ) -> Delivery:
        """Send something to the app by whichever way it listens."""

    @abstractmethod
    async def emit(self, event: dict[str, Any]) -> Delivery:
        """Send an event to the app."""

    async def _tell(self, channel: str, event: dict[str, Any]) -> None:
        """The app hears only of conversations that its bot is in."""
        if BOT_USER in self.world.channels[channel].members:
            await self.emit(event)

    async def say(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None, broadcast: bool = False
    ) -> Message:
        """Post as a person: `message`, and `app_mention` and `link_shared` where they apply."""
        place = self.world.channels[channel]
        if user not in place.members or (place.kind == "im" and not self.app.writable()):
            raise LookupError(f"{user} cannot write in {channel}")
        written = marked(text)
        message = Message(channel, self.world.ts(), user, written, rich_text(written), thread_ts, broadcast)
        message.via, message.team = "person", self.world.people[user].team
        self.world.posted.append(message)
        await self._tell(channel, payloads.message_event(self.world, place, message))
        if f"<@{BOT_USER}>" in written:
            await self._tell(channel, payloads.mention_event(place, message))
        if links := self._links(addresses(written)):
            await self.emit(payloads.link_event(self.world, place, message, links))
        return message

    def _links(self, urls: list[str]) -> list[dict[str, str]]:
        """Those of the domains that the app has registered."""
        found = ((self.app.tracked(host_of(url)), url) for url in urls)
        return [{"domain": domain, "url": url} for domain, url in found if domain]

    async def type_link(self, user: str, url: str) -> Delivery:
        """A link in a message that is not sent yet."""
        links = self._links([url])
        if not links:
            raise LookupError(f"the app has not registered the domain of {url}")
        return await self.emit(payloads.composer_event(self.world, user, links))

    async def edit(self, message: Message, text: str) -> None:
        before = message.body(payload=True)
        message.text, message.edits = marked(text), message.edits + 1
        message.blocks, message.edited_at = rich_text(message.text), self.world.ts()
        place = self.world.channels[message.channel]
        await self._tell(message.channel, payloads.changed_event(self.world, place, message, before))

    async def delete(self, message: Message) -> None:
        message.deleted = True
        place = self.world.channels[message.channel]
        await self._tell(message.channel, payloads.deleted_event(self.world, place, message))

    async def react(self, user: str, message: Message, name: str) -> None:
        users = message.reactions.setdefault(name, [])
        assert user not in users, f"{user} has reacted so already"
        users.append(user)
        told = payloads.reaction_event(self.world, "reaction_added", user, message, name)
        await self._tell(message.channel, told)

    async def unreact(self, user: str, message: Message, name: str) -> None:
        message.reactions[name].remove(user)
        told = payloads.reaction_event(self.world, "reaction_removed", user, message, name)
        await self._tell(message.channel, told)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """Run a slash command; an answer with the acknowledgement is taken as a reply."""
        place, person = self.world.channels[channel], self.member(user)
        if not self.app.has_command(command) or not self.world.grants("commands"):
            raise LookupError(f"{command} is not a command of the app")
        body = payloads.command_body(self.world, person, place, command, text)
        body["response_url"] = self.responses.make(channel, user)
        return await self.deliver("slash_commands", body, self.take_reply)

    def member(self, user: str) -> Person:
        """Somebody of this workspace: commands and shortcuts are for them alone."""
        person = self.world.people[user]
        if person.stranger:
            raise LookupError(f"{user} is of another organisation")
        return person

    def take_nothing(self, delivery: Delivery) -> None:
        """Events and most interactions are acknowledged without an answer."""
        if delivery.answer:
            kind = delivery.payload.get("event", delivery.payload)["type"]
            self.violations.append(f"{kind}: an answer to what takes none")

    def take_reply(self, delivery: Delivery) -> None:
        """Carry out what came with the acknowledgement of a command."""
        if not delivery.answer:
            return
        answer = {"text": delivery.answer} if isinstance(delivery.answer, str) else delivery.answer
        payload = delivery.payload
        url = ResponseUrl("", payload["channel_id"], payload["user_id"], self.world.clock())
        try:
            self.responses.take(url, answer)
        except SlackError as error:
            self.violations.append(f"{payload['command']}: {error.error}")

    async def join(self, user: str, channel: str, inviter: str = "") -> Delivery:
        """A person, or the bot, comes into a channel."""
        place = self.world.channels[channel]
        place.members.add(user)
        told = {"type": "member_joined_channel", "user": user, "channel": channel, "team": "T0TEAM"}
        told |= {"channel_type": channel[0], "event_ts": self.world.ts()}
        return await self.emit(told | ({"inviter": inviter} if inviter else {}))

    async def leave(self, user: str, channel: str) -> Delivery:
        """A person leaves; of its own removal the bot hears as `channel_left` or `group_left`."""
        place = self.world.channels[channel]
        place.members.discard(user)
        if user == BOT_USER:
            left = "group_left" if place.kind == "groups" else "channel_left"
            return await self.emit(
                {"type": left, "channel": channel, "actor_id": "U1ADA", "event_ts": self.world.ts()}
            )
        told = {"type": "member_left_channel", "user": user, "channel": channel, "team": "T0TEAM"}
        return await self.emit({**told, "channel_type": channel[0], "event_ts": self.world.ts()})

    async def archive(self, user: str, channel: str) -> Delivery:
        self.world.channels[channel].archived = True
        kind = "group_archive" if self.world.channels[channel].kind == "groups" else "channel_archive"
        return await self.emit({"type": kind, "channel": channel, "user": user, "event_ts": self.world.ts()})

    async def remove(self, user: str, channel: str) -> Delivery:
        """Delete a channel for good."""
        place = self.world.channels.pop(channel)
        kind = "group_deleted" if place.kind == "groups" else "channel_deleted"
        return await self.emit({"type": kind, "channel": channel, "user": user, "event_ts": self.world.ts()})

    async def rename(self, channel: str, name: str) -> Delivery:
        place = self.world.channels[channel]
        place.name = name
        kind = "group_rename" if place.kind == "groups" else "channel_rename"
        told = {"id": channel, "name": name, "created": 1}
        return await self.emit({"type": kind, "channel": told, "event_ts": self.world.ts()})

    async def uninstall(self) -> None:
        """The app goes: its tokens end, and it is told twice, in no promised order."""
        for token in self.world.tokens.values():
            token.error = "token_revoked" if token.kind == "user" else "account_inactive"
        tokens = {"oauth": ["U1ADA"], "bot": [BOT_USER]}
        await self.emit({"type": "tokens_revoked", "tokens": tokens, "event_ts": self.world.ts()})
        await self.emit({"type": "app_uninstalled", "event_ts": self.world.ts()})

    def events_of(
        self, method: str, arguments: dict[str, Any], posted: list[Message]
    ) -> list[dict[str, Any]]:
        """What the app hears of its own bot's deeds."""
        heard = [payloads.message_event(self.world, self.world.channels[one.channel], one) for one in posted]
        if method in {"reactions.add", "reactions.remove"}:
            kind = "reaction_added" if method == "reactions.add" else "reaction_removed"
            message = self.world.message(arguments["channel"], arguments["timestamp"])
            assert message is not None
            heard.append(payloads.reaction_event(self.world, kind, BOT_USER, message, arguments["name"]))
        if method == "conversations.join":
            told = {"type": "member_joined_channel", "user": BOT_USER, "channel": arguments["channel"]}
            heard.append({**told, "channel_type": "C", "team": "T0TEAM", "event_ts": self.world.ts()})
        if method in {"chat.update", "chat.delete", "chat.unfurl"}:
            heard.extend(self._rewritten(method, arguments))
        return heard

    def _rewritten(self, method: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        """What became of one message; unfurling changes it as well, unless it is only being typed."""
        shared = self.world.shared.get(str(arguments.get("unfurl_id")))
        where = (shared.channel, shared.ts) if shared else (arguments["channel"], arguments["ts"])
        message = next((one for one in self.world.posted if (one.channel, one.ts) == where), None)
        if message is None:
            return []
        place = self.world.channels[message.channel]
        if method == "chat.delete":
            return [payloads.deleted_event(self.world, place, message)]
        return [payloads.changed_event(self.world, place, message, message.previous)]
