"""Buttons, forms and shortcuts → events. Shapes: https://docs.slack.dev/reference/interaction-payloads/."""

from dataclasses import dataclass
from typing import Any

from adapters.slack import SLACK
from adapters.slack.inbound.events import Payload, direct, links_in, named, workspace
from adapters.slack.render.blocks import THERE
from adapters.slack.render.modals import SUGGEST, ModalContext, values_of
from bot.domain.channel import Origin
from bot.domain.message import MessageRef
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import FormSubmitted, MessageChosen, SuggestionsRequested

SAVE_PAPER = "paperclub.save_paper"
"""The `callback_id` of the shortcut that saves a message's paper."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed, by its token, and where it stands."""

    origin: Origin
    token: str
    event_id: str | None
    response_url: str | None
    thread: str | None
    message: MessageRef | None
    """None where only one person sees the message, or it is no message."""
    at_home: bool = False
    there: str = ""
    """The channel in which a vote or a discussion that was pressed in the Home belongs."""


def pressed(body: Payload) -> Pressed:
    """Read a button of a message or of the Home, or what was chosen from its menu."""
    action, container = body["actions"][0], body["container"]
    token = action["selected_option"]["value"] if "selected_option" in action else action.get("value", "")
    if container["type"] == "view":
        token, _, there = token.partition(THERE)
        origin = _origin_of_view(body)
        return Pressed(origin, token, body.get("trigger_id"), None, None, None, at_home=True, there=there)
    channel = container["channel_id"]
    thread = container.get("thread_ts") or (body.get("message") or {}).get("thread_ts")
    return Pressed(
        _origin(body, workspace(body), channel, (body.get("channel") or {}).get("name") or ""),
        token,
        event_id=body.get("trigger_id"),
        response_url=body.get("response_url"),
        thread=thread,
        message=None
        if container.get("is_ephemeral")
        else MessageRef(channel, container["message_ts"], thread),
    )


def submitted(body: Payload) -> FormSubmitted:
    """Read a form that was sent."""
    view = body["view"]
    place = ModalContext.of(view)
    return FormSubmitted(
        origin=_origin_of_view(body),
        command=place.command,
        values=values_of(view),
        subject=place.subject,
        event_id=body.get("trigger_id"),
    )


def wanted(body: Payload) -> SuggestionsRequested:
    """Read what somebody types into a field with suggestions."""
    kind = SuggestionKind(body["action_id"].removeprefix(SUGGEST))
    return SuggestionsRequested(origin=_origin_of_view(body), kind=kind, prefix=body.get("value") or "")


def chosen(body: Payload) -> MessageChosen:
    """Read a message that somebody wants to save the paper of."""
    channel, message = body["channel"], body["message"]
    return MessageChosen(
        origin=_origin(body, workspace(body), channel["id"], channel.get("name") or ""),
        message=MessageRef(channel["id"], message["ts"], message.get("thread_ts")),
        links=links_in(message.get("text") or ""),
        event_id=body.get("trigger_id"),
    )


def _origin_of_view(body: Payload) -> Origin:
    """Read who uses a view.

    Where they are of another organisation, so is the team that Slack tells, and the view tells who installed
    the app: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload. It need not.
    """
    view = body["view"]
    place = ModalContext.of(view)
    installed_in = view.get("app_installed_team_id") or workspace(body)
    return _origin(body, installed_in, place.channel, place.channel_name)


def _origin(body: Payload, installed_in: str, channel: str, channel_name: str) -> Origin:
    user: dict[str, Any] = body["user"]
    return Origin(
        SLACK,
        installed_in,
        channel,
        user["id"],
        person_name=user.get("name") or "",
        channel_name=named(channel_name.removeprefix("#")),
        direct=direct(channel),
    )
