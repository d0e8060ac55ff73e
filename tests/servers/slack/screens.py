"""What people do with buttons, forms, the Home and shortcuts: docs.slack.dev/interactivity."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack import payloads
from tests.servers.slack.blocks import view_problems
from tests.servers.slack.delivery import Delivery
from tests.servers.slack.elements import suggestion_problems
from tests.servers.slack.forms import EXTERNAL, KEPT, elements, entered, filled, state_of
from tests.servers.slack.limits import limit
from tests.servers.slack.people import People
from tests.servers.slack.state import Message
from tests.servers.slack.views import View, stamped

Found = tuple[dict[str, Any], dict[str, Any]]
"""A block and its element."""


class Screens(People):
    """The part of the server that plays people in front of what the app has drawn."""

    async def press(self, user: str, where: Message | View, action_id: str, *, value: Any = None) -> Delivery:
        """Press or choose what really stands there; `value` tells two with one `action_id` apart.

        An element of an input block sends nothing unless it dispatches its action: `fill` it in.
        """
        block, element = self._element(user, where, action_id, value)
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise LookupError(f"{action_id!r} is sent with its form alone")
        offered = where.offered.get(action_id, []) if isinstance(where, View) else []
        done = payloads.action(self.world, block["block_id"], element, value, offered)
        body = self._interaction("block_actions", user)
        if isinstance(where, View):
            self._keep(where, block, element, value)
            around = {"container": view_container(where), **payloads.in_view(self.world, where)}
        else:
            state = state_of(where.blocks, {})
            if element["type"] in KEPT:
                state[block["block_id"]][action_id] = entered(element, value, offered)
            around = {**self._around(user, where), "state": {"values": state}}
        return await self.deliver("interactive", {**body, **around, "actions": [done]}, self.take_nothing)

    async def suggest(self, user: str, where: Message | View, action_id: str, typed: str = "") -> Delivery:
        """Type into a select whose options the app suggests, as far as Slack asks it for them."""
        block, element = self._element(user, where, action_id, None)
        if element["type"] not in EXTERNAL or len(typed) < element.get("min_query_length", 3):
            raise LookupError(f"{typed!r} in {action_id!r} asks the app for nothing")
        body = payloads.interaction(self.world, "block_suggestion", self.world.people[user])
        body |= {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        if isinstance(where, View):
            body |= {"container": view_container(where), **payloads.in_view(self.world, where)}
        else:
            around = self._around(user, where)
            around.pop("response_url")
            body |= around
        return await self.deliver("interactive", body, lambda one: self.take_options(where, one))

    def take_options(self, where: Message | View, delivery: Delivery) -> None:
        """Offer what the app suggests, if it is what Slack takes."""
        problems = suggestion_problems(delivery.answer)
        self.violations.extend(problems)
        if isinstance(where, View) and not problems:
            groups = delivery.answer.get("option_groups", [delivery.answer])
            offered = [option for group in groups for option in group["options"]]
            where.offered[delivery.payload["action_id"]] = offered

    def fill(self, view: View, values: Mapping[str, Any]) -> None:
        """Enter values in a form, by `block_id`: text, an option's value, or several of them."""
        for block_id, value in values.items():
            found = [pair for pair in elements(view.view["blocks"]) if pair[0]["block_id"] == block_id]
            if len(found) != 1 or not self.world.shown(view) or found[0][1]["type"] not in KEPT:
                raise LookupError(f"there is nothing to fill in at {block_id!r}")
            self._keep(view, *found[0], value)

    def _keep(self, view: View, block: dict[str, Any], element: dict[str, Any], value: Any) -> None:
        if element["type"] in KEPT:
            offered = view.offered.get(element["action_id"], [])
            view.state[block["block_id"]][element["action_id"]] = entered(element, value, offered)

    async def submit(self, view: View, values: Mapping[str, Any] | None = None) -> Delivery:
        """Fill a modal in and send it; Slack does not send one with an empty input that is not optional."""
        self.fill(view, values or {})
        if not self.world.shown(view) or "submit" not in view.view:
            raise LookupError(f"{view.id} cannot be submitted")
        for block, element in elements(view.view["blocks"]):
            state = view.state.get(block["block_id"], {}).get(element["action_id"], {})
            if block["type"] == "input" and not block.get("optional") and not filled(state):
                raise LookupError(f"{block['block_id']!r} is empty and not optional")
        view.errors = {}
        payload = {
            **self._interaction("view_submission", view.user),
            **payloads.in_view(self.world, view),
            "response_urls": [],
        }
        return await self.deliver("interactive", payload, lambda one: self.take_submission(view, one.answer))

    async def close(self, view: View, *, all_of_them: bool = False) -> Delivery | None:
        """Close a modal, or it and all below it; the app hears of it where it has asked to."""
        if not self.world.shown(view):
            raise LookupError(f"nobody sees {view.id}")
        self._shut(view, all_of_them=all_of_them)
        if not view.view.get("notify_on_close"):
            return None
        body = payloads.interaction(self.world, "view_closed", self.world.people[view.user])
        told = {**payloads.in_view(self.world, view), "is_cleared": all_of_them}
        return await self.deliver("interactive", {**body, **told}, self.take_nothing)

    def _shut(self, view: View, *, all_of_them: bool) -> None:
        view.open = False
        if view.previous is not None and (all_of_them or view.view.get("clear_on_close")):
            self._shut(view.previous, all_of_them=True)

    def take_submission(self, view: View, answer: Any) -> None:
        """What an app's answer to a submission does to the modal."""
        if not answer:
            self._shut(view, all_of_them=False)
            return
        problems = self._answer_problems(view, answer)
        self.violations.extend(problems)
        if problems:
            return
        match answer["response_action"]:
            case "clear":
                self._shut(view, all_of_them=True)
            case "update":
                view.show(self._stamped(answer["view"]), self.world.number("hash."))
            case "push":
                self.world.open_view(view.user, self._stamped(answer["view"]), previous=view)
            case "errors":
                view.errors = dict(answer["errors"])

    def _answer_problems(self, view: View, answer: Any) -> list[str]:
        how = answer.get("response_action") if isinstance(answer, dict) else None
        wanted = {"clear": set(), "update": {"view"}, "push": {"view"}, "errors": {"errors"}}.get(str(how))
        if wanted is None:
            return [f"unknown response_action {how}"]
        if answer.keys() != wanted | {"response_action"}:
            return [f"{how} goes with {sorted(wanted)} alone"]
        if how == "errors":
            return error_problems(view, answer["errors"])
        if how == "push" and len(self.world.stack(view)) >= limit("views.stack"):
            return ["push_limit_reached"]
        return view_problems(answer["view"], "modal") if wanted else []

    def _stamped(self, view: dict[str, Any]) -> dict[str, Any]:
        return {**view, "blocks": stamped(view["blocks"], self.world.number("v"))}

    async def open_home(self, user: str, tab: str = "home") -> Delivery:
        """Open the app's Home or its messages tab; with the Home goes what was published there."""
        if not self.app.has_tab(tab):
            raise LookupError(f"the app has no {tab} tab")
        told = {"type": "app_home_opened", "user": user, "channel": self.world.direct(user).id, "tab": tab}
        home = self.world.homes.get(user)
        shown = {"view": home.body(self.world.installed_in)} if home is not None else {}
        return await self.emit({**told, **shown, "event_ts": self.world.ts()})

    async def shortcut(self, user: str, callback_id: str) -> Delivery:
        """Use a global shortcut: it comes from no channel, and nothing can be answered to it."""
        return await self._shortcut("shortcut", "global", user, callback_id, {})

    async def message_action(self, user: str, message: Message, callback_id: str) -> Delivery:
        """Use a shortcut on a message."""
        if message.deleted or message.ephemeral_to:
            raise LookupError("there are no shortcuts on that message")
        around = self._around(user, message)
        around.pop("container")
        around["message_ts"] = message.ts
        return await self._shortcut("message_action", "message", user, callback_id, around)

    async def _shortcut(
        self, kind: str, of: str, user: str, callback_id: str, around: dict[str, Any]
    ) -> Delivery:
        self.member(user)
        if not self.app.offers(of, callback_id) or not self.world.grants("commands"):
            raise LookupError(f"{callback_id} is no {of} shortcut of the app")
        told = {"callback_id": callback_id, "action_ts": self.world.ts()}
        payload = {**self._interaction(kind, user), **around, **told}
        return await self.deliver("interactive", payload, self.take_nothing)

    def _interaction(self, kind: str, user: str) -> dict[str, Any]:
        body = payloads.interaction(self.world, kind, self.world.people[user])
        return {**body, "trigger_id": self.world.trigger(user)}

    def _element(self, user: str, where: Message | View, action_id: str, value: Any) -> Found:
        """The element that somebody means, where they see it."""
        if isinstance(where, View):
            seen, blocks = (
                where.user == user and (where.is_home or self.world.shown(where)),
                where.view["blocks"],
            )
        else:
            seen, blocks = not where.deleted and where.ephemeral_to in {"", user}, where.blocks
        named = [pair for pair in elements(blocks) if pair[1]["action_id"] == action_id]
        meant = [pair for pair in named if value is None or pair[1].get("value", value) == value]
        if not seen or not meant:
            raise LookupError(f"{user} sees no {action_id!r} there")
        return meant[0]

    def _around(self, user: str, message: Message) -> dict[str, Any]:
        """The message that somebody acts on; one that they alone see is not told again."""
        channel = self.world.channels[message.channel]
        hidden = bool(message.ephemeral_to)
        container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
        around: dict[str, Any] = {"container": {**container, **thread, "is_ephemeral": hidden}}
        around["channel"] = {"id": channel.id, "name": channel.shown_name}
        around["response_url"] = self.responses.make(channel.id, user, message)
        return around if hidden else {**around, "message": message.body()}


def view_container(view: View) -> dict[str, Any]:
    return {"type": "view", "view_id": view.id}


def error_problems(view: View, errors: Any) -> list[str]:
    """Errors are texts, beside inputs that are there."""
    if not isinstance(errors, dict) or not errors:
        return ["errors must be an object with an error for each input"]
    inputs = {block["block_id"] for block in view.view["blocks"] if block["type"] == "input"}
    strange = [f"no input {name!r} for an error" for name in sorted(errors.keys() - inputs)]
    return strange + [
        f"the error for {name!r} must be a text"
        for name, text in sorted(errors.items())
        if not isinstance(text, str) or not text
    ]
