"""What people in the workspace do, each deed with the events that Slack sends of it."""

import re
from collections.abc import Callable
from typing import Any

from tests.servers.slack import payloads
from tests.servers.slack.blocks import view_problems
from tests.servers.slack.delivery import Delivery, Sockets
from tests.servers.slack.limits import limit
from tests.servers.slack.responses import Responses, ResponseUrl
from tests.servers.slack.state import BOT_USER, Message, SlackError, View, World, stamped

LINK = re.compile(r"https?://([^/\s<>|]+)[^\s<>|]*")


class People:
    """The part of the server that plays the people."""

    world: World
    responses: Responses
    sockets: Sockets
    violations: list[str]
    retries = limit("events.retries")

    async def deliver(
        self, kind: str, payload: dict[str, Any], then: Callable[[Delivery], None] | None = None
    ) -> Delivery:
        raise NotImplementedError

    async def emit(self, event: dict[str, Any]) -> Delivery:
        raise NotImplementedError

    async def _tell(self, channel: str, event: dict[str, Any]) -> None:
        """The app hears only of conversations that its bot is in."""
        if BOT_USER in self.world.channels[channel].members:
            await self.emit(event)

    async def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        """Post as a person: `message`, and `app_mention` and `link_shared` where they apply."""
        place = self.world.channels[channel]
        assert user in place.members, f"{user} is not in {channel}"
        message = Message(channel, self.world.ts(), user, text, thread_ts=thread_ts, via="person")
        self.world.posted.append(message)
        await self._tell(channel, payloads.message_event(place, message))
        if f"<@{BOT_USER}>" in text:
            await self._tell(channel, payloads.mention_event(place, message))
        if links := [{"url": found[0], "domain": found[1]} for found in LINK.finditer(text)]:
            await self.emit(payloads.link_event(self.world, place, message, links))
        return message

    async def type_link(self, user: str, url: str) -> Delivery:
        """A link in a message that is not sent yet."""
        found = LINK.match(url)
        assert found, url
        links = [{"url": found[0], "domain": found[1]}]
        return await self.emit(payloads.composer_event(self.world, user, links))

    async def edit(self, message: Message, text: str) -> None:
        before = message.body(payload=True)
        message.text, message.edits = text, message.edits + 1
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

    async def press(
        self, user: str, where: Message | View, action_id: str, *, value: str | None = None
    ) -> Delivery:
        """Press or choose what really stands there; `value` tells two with one `action_id` apart."""
        blocks = where.blocks if isinstance(where, Message) else where.view["blocks"]
        there = [pair for pair in payloads.elements(blocks) if pair[1]["action_id"] == action_id]
        buttons = [pair for pair in there if value is None or pair[1].get("value", value) == value]
        if not buttons or getattr(where, "deleted", False):
            raise LookupError(f"no {action_id!r} there")
        block_id, element = buttons[0]
        done = payloads.action(self.world, block_id, element, value)
        body = payloads.interaction(self.world, "block_actions", self.world.people[user])
        if isinstance(where, View):
            around = {"container": {"type": "view", "view_id": where.id}, "view": where.body()}
        else:
            around = self._around(user, where)
        return await self.deliver(
            "interactive", {**body, **around, "actions": [done], "state": {"values": {}}}
        )

    def _around(self, user: str, message: Message) -> dict[str, Any]:
        channel = self.world.channels[message.channel]
        hidden = bool(message.ephemeral_to)
        if hidden and message.ephemeral_to != user:
            raise LookupError("only another sees that message")
        container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        around: dict[str, Any] = {"container": {**container, "is_ephemeral": hidden}}
        around["channel"] = {"id": channel.id, "name": channel.name}
        around["response_url"] = self.responses.make(channel.id, user, message)
        return around if hidden else {**around, "message": message.body()}

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """Run a slash command; an answer with the acknowledgement is taken as a reply."""
        place, person = self.world.channels[channel], self.world.people[user]
        body = payloads.command_body(self.world, person, place, command, text)
        body["response_url"] = self.responses.make(channel, user)
        return await self.deliver("slash_commands", body, self.take_reply)

    def take_nothing(self, delivery: Delivery) -> None:
        """An event is acknowledged without an answer."""
        if delivery.answer:
            self.violations.append(f"{delivery.payload['event']['type']}: an answer to an event")

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

    async def submit(self, view: View, values: dict[str, dict[str, Any]]) -> Delivery:
        """Send a modal; `values` are by `block_id`, then `action_id`."""
        inputs = {(block_id, one["action_id"]) for block_id, one in payloads.elements(view.view["blocks"])}
        given = {(block_id, action_id) for block_id, inside in values.items() for action_id in inside}
        if not view.open or given - inputs:
            raise LookupError(f"not there: {sorted(given - inputs) or view.id}")
        body = payloads.interaction(self.world, "view_submission", self.world.people[view.user])
        shown = {**view.body(), "state": {"values": values}}
        payload = {**body, "view": shown, "response_urls": []}
        return await self.deliver("interactive", payload, lambda one: self.take_submission(view, one.answer))

    def take_submission(self, view: View, answer: Any) -> None:
        """What an app's answer to a submission does to the modal."""
        how = (answer or {}).get("response_action")
        if how is None or how == "clear":
            view.open = False
        elif how in {"update", "push"}:
            problems = view_problems(answer.get("view"), "modal")
            self.violations.extend(problems)
            if not problems:
                view.view = {**answer["view"], "blocks": stamped(answer["view"]["blocks"], view.id)}
        elif how == "errors":
            known = {block["block_id"] for block in view.view["blocks"] if block["type"] == "input"}
            strange = set(answer.get("errors") or {"": ""}) - known
            self.violations.extend(f"no input {name!r} for an error" for name in sorted(strange))
        else:
            self.violations.append(f"unknown response_action {how}")

    async def shortcut(self, user: str, callback_id: str) -> Delivery:
        body = payloads.interaction(self.world, "shortcut", self.world.people[user])
        told = {"callback_id": callback_id, "action_ts": self.world.ts()}
        return await self.deliver("interactive", {**body, **told})

    async def message_action(self, user: str, message: Message, callback_id: str) -> Delivery:
        body = payloads.interaction(self.world, "message_action", self.world.people[user])
        around = self._around(user, message)
        around.pop("container")
        told = {"callback_id": callback_id, "action_ts": self.world.ts(), "message_ts": message.ts}
        return await self.deliver("interactive", {**body, **around, **told})

    async def open_home(self, user: str, tab: str = "home") -> Delivery:
        told: dict[str, Any] = {
            "type": "app_home_opened",
            "user": user,
            "channel": self.world.direct(user).id,
            "tab": tab,
        }
        home = self.world.homes.get(user)
        if home is not None:
            told["view"] = home.body()
        return await self.emit({**told, "event_ts": self.world.ts()})

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
        await self.emit({"type": "tokens_revoked", "tokens": {"oauth": ["U1ADA"], "bot": [BOT_USER]}})
        await self.emit({"type": "app_uninstalled"})

    def events_of(
        self, method: str, arguments: dict[str, Any], posted: list[Message]
    ) -> list[dict[str, Any]]:
        """What the app hears of its own bot's deeds."""
        heard = [payloads.message_event(self.world.channels[one.channel], one) for one in posted]
        if method in {"reactions.add", "reactions.remove"}:
            kind = "reaction_added" if method == "reactions.add" else "reaction_removed"
            message = self.world.message(arguments["channel"], arguments["timestamp"])
            assert message is not None
            heard.append(payloads.reaction_event(self.world, kind, BOT_USER, message, arguments["name"]))
        if method == "conversations.join":
            told = {"type": "member_joined_channel", "user": BOT_USER, "channel": arguments["channel"]}
            heard.append({**told, "channel_type": "C", "team": "T0TEAM", "event_ts": self.world.ts()})
        if method in {"chat.update", "chat.delete"}:
            heard.append(self._rewritten(method, arguments))
        return heard

    def _rewritten(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        found = (one for one in self.world.posted if one.ts == arguments["ts"])
        message = next(one for one in found if one.channel == arguments["channel"])
        place = self.world.channels[message.channel]
        if method == "chat.delete":
            return payloads.deleted_event(self.world, place, message)
        return payloads.changed_event(self.world, place, message, message.previous)
