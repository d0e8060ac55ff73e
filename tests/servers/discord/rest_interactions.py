"""Answers to interactions, first and further.

https://docs.discord.com/developers/interactions/receiving-and-responding#responding-to-an-interaction
"""

from tests.servers.discord import events
from tests.servers.discord.bodies import message_body, user_body
from tests.servers.discord.calls import Call
from tests.servers.discord.choices import check_choices
from tests.servers.discord.commands import SLASH
from tests.servers.discord.components import kept as kept_components
from tests.servers.discord.drafts import Draft, check_message
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.interactions import (
    ANSWER,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFER,
    DEFER_UPDATE,
    MODAL,
    POSSIBLE,
    SUBMIT,
    UPDATE,
    Interaction,
    Interactions,
)
from tests.servers.discord.modals import check_modal
from tests.servers.discord.places import (
    EPHEMERAL,
    LOADING,
    MENU_ANSWER,
    REPLY,
    SLASH_ANSWER,
    Channel,
    Message,
)
from tests.servers.discord.problems import Problems
from tests.servers.discord.rest_messages import Body, require_open, rewrite, written
from tests.servers.discord.state import APP, World
from tests.servers.discord.threads import reopen


class InteractionRoutes:
    """The routes that answer interactions."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self.world, self.interactions = world, interactions
        hooks = "/webhooks/{application_id}/{interaction_token}"
        self.routes = {
            "POST /interactions/{interaction_id}/{interaction_token}/callback": self.callback,
            f"POST {hooks}": self.follow_up,
            f"GET {hooks}/messages/{{message_id}}": self.get,
            f"PATCH {hooks}/messages/{{message_id}}": self.edit,
            f"DELETE {hooks}/messages/{{message_id}}": self.delete,
        }

    async def callback(self, call: Call) -> Body | None:
        """The first answer."""
        one = self.interactions.unanswered(call.id("interaction_id"), call.parts["interaction_token"])
        answer = call.fields()
        kind = checked_kind(answer, one)
        data = answer.get("data") or {}
        if kind == MODAL:
            problems = Problems()
            check_modal(answer.get("data"), problems)
            problems.refuse()
            one.modal = {**data, "components": kept_components(data["components"])}
        elif kind == CHOICES:
            one.choices = check_choices(data, one)
        elif kind == DEFER:
            self._defer(one, data)
        elif kind == ANSWER:
            self._answer(one, data, call)
        else:
            self._update(one, kind, data, call)
        one.take(answer)
        return callback_body(self.world, one) if call.query.get("with_response") in {"true", "1"} else None

    def _defer(self, one: Interaction, data: Body) -> None:
        one.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
        one.original = self._made(one, Draft({}), ephemeral=one.ephemeral)
        one.original.flags |= LOADING
        self._post(one, one.original)

    def _answer(self, one: Interaction, data: Body, call: Call) -> None:
        draft = inside_data(data, call)
        one.ephemeral = draft.ephemeral
        one.original = self._made(one, draft, ephemeral=draft.ephemeral)
        self._post(one, one.original)

    def _update(self, one: Interaction, kind: int, data: Body, call: Call) -> None:
        one.original = one.message
        if kind == UPDATE and one.message is not None:
            if one.message.deleted:
                raise DiscordError(10008)
            draft = inside_data(data, call, edits=one.message)
            rewrite(self.world, self._channel(one), one.message, draft)
            events.changed(self.world, one.message)

    def _channel(self, one: Interaction) -> Channel:
        channel = self.world.find_channel(one.channel)
        if channel is None:
            raise DiscordError(10003)
        return channel

    def _post(self, one: Interaction, message: Message) -> None:
        reopen(self.world, self._channel(one))
        events.post(self.world, message)

    def _made(self, one: Interaction, draft: Draft, *, ephemeral: bool) -> Message:
        require_open(self._channel(one))
        message = written(self.world, self._channel(one), draft, through=one.token)
        answered = one.message
        if one.kind == COMMAND:
            message.kind = SLASH_ANSWER if one.data["type"] == SLASH else MENU_ANSWER
        elif answered is not None:
            message.kind = REPLY
            message.reference = {"message_id": str(answered.id), "channel_id": str(one.channel)}
        message.interaction = metadata(self.world, one)
        if ephemeral:
            message.flags |= EPHEMERAL
            message.ephemeral_to = one.user
        return message

    async def follow_up(self, call: Call) -> Body:
        """A further message; the first after a deferral takes its place, and stays as open as that was."""
        one = self._one(call)
        if one.original is not None and one.original.loading and not one.original.deleted:
            return self._edit(call, one, one.original)
        draft = check_message(call.fields(), call.files)
        message = self._made(one, draft, ephemeral=draft.ephemeral)
        if one.original is not None:
            message.kind = REPLY
            message.reference = {"message_id": str(one.original.id), "channel_id": str(one.channel)}
        one.followups.append(message)
        self._post(one, message)
        return message_body(self.world, message)

    def _one(self, call: Call) -> Interaction:
        if call.id("application_id") != APP:
            raise DiscordError(10015)
        return self.interactions.answered(call.parts["interaction_token"])

    def _found(self, call: Call, one: Interaction) -> Message:
        if call.parts["message_id"] == "@original":
            found = one.original
        else:
            mine = [*one.followups, *([one.original] if one.original else [])]
            found = next((each for each in mine if each.id == call.id("message_id")), None)
        if found is None or found.deleted:
            raise DiscordError(10008)
        return found

    async def get(self, call: Call) -> Body:
        return message_body(self.world, self._found(call, self._one(call)))

    async def edit(self, call: Call) -> Body:
        one = self._one(call)
        return self._edit(call, one, self._found(call, one))

    def _edit(self, call: Call, one: Interaction, message: Message) -> Body:
        draft = check_message(call.fields(), call.files, edits=message)
        rewrite(self.world, self._channel(one), message, draft)
        message.flags &= ~LOADING
        events.changed(self.world, message)
        return message_body(self.world, message)

    async def delete(self, call: Call) -> None:
        events.delete(self.world, self._found(call, self._one(call)))


def checked_kind(answer: Body, one: Interaction) -> int:
    """The kind of a first answer, which has to be possible for this interaction."""
    problems = Problems()
    possible = POSSIBLE[one.kind]
    if one.kind == SUBMIT and one.message is None:
        possible = tuple(kind for kind in possible if kind not in {UPDATE, DEFER_UPDATE})
    problems.one_of(answer, "type", possible, ())
    if not isinstance(answer.get("data"), dict | None):
        problems.is_object(answer["data"], ("data",))
    problems.refuse()
    return int(answer["type"])


def inside_data(data: Body, call: Call, edits: Message | None = None) -> Draft:
    """Check a message that stands under `data`, where its errors are told as well."""
    try:
        return check_message(data, call.files, edits=edits)
    except DiscordError as error:
        if error.errors is None:
            raise
        raise DiscordError(error.code, errors={"data": error.errors}) from None


def metadata(world: World, one: Interaction) -> Body:
    """What Discord tells of the interaction with the messages that answer it."""
    owners = {"0": str(one.guild or 0)}
    body: Body = {"id": str(one.id), "type": one.kind, "user": user_body(world.people[one.user])}
    body["authorizing_integration_owners"] = owners
    if one.kind == COMMAND:
        body["name"] = one.data["name"]
    if one.message is not None and one.kind == COMPONENT:
        body["interacted_message_id"] = str(one.message.id)
    return body


def callback_body(world: World, one: Interaction) -> Body:
    """What is told of the first answer to who asked for it."""
    told: Body = {"id": str(one.id), "type": one.kind}
    if one.original is not None:
        told["response_message_id"] = str(one.original.id)
        told["response_message_loading"] = one.original.loading
        told["response_message_ephemeral"] = bool(one.original.ephemeral_to)
    body: Body = {"interaction": told}
    if one.original is not None and one.response in {ANSWER, UPDATE}:
        body["resource"] = {"type": one.response, "message": message_body(world, one.original)}
    return body
