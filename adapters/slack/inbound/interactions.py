"""Buttons, forms and shortcuts → events. Shapes: https://docs.slack.dev/reference/interaction-payloads/."""

from dataclasses import dataclass
from typing import Any

from adapters.slack import SLACK
from adapters.slack.inbound.events import Payload, channel_label, is_direct, links_in, workspace_of
from adapters.slack.render.blocks import CHANNEL_SEPARATOR
from adapters.slack.render.modals import SUGGEST, ModalContext, values_of
from bot.domain.channel import Origin
from bot.domain.message import MessageRef
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import FormSubmitted, MessageChosen, SuggestionsRequested

SAVE_PAPER = "paperclub.save_paper"
"""The `callback_id` of the shortcut that saves a message's paper."""


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A pressed button, by its action's token, and the message or view that it belongs to."""

    origin: Origin
    token: str
    event_id: str | None
    response_url: str | None
    thread: str | None
    message: MessageRef | None
    """None for an ephemeral message and for a view, neither of which `chat.update` can change."""
    on_home: bool = False
    target_channel: str = ""
    """The channel that a vote or discussion from the Home tab belongs to; empty elsewhere."""


def parse_press(body: Payload) -> ButtonPress:
    """Parse a pressed button, or a choice from an overflow menu, of a message or of the Home tab."""
    action, container = body["actions"][0], body["container"]
    token = action["selected_option"]["value"] if "selected_option" in action else action.get("value", "")
    if container["type"] == "view":
        token, _, target_channel = token.partition(CHANNEL_SEPARATOR)
        return ButtonPress(
            _view_origin(body),
            token,
            event_id=body.get("trigger_id"),
            response_url=None,
            thread=None,
            message=None,
            on_home=True,
            target_channel=target_channel,
        )
    channel = container["channel_id"]
    thread = container.get("thread_ts") or (body.get("message") or {}).get("thread_ts")
    return ButtonPress(
        _origin(body, workspace_of(body), channel, (body.get("channel") or {}).get("name") or ""),
        token,
        event_id=body.get("trigger_id"),
        response_url=body.get("response_url"),
        thread=thread,
        message=None
        if container.get("is_ephemeral")
        else MessageRef(channel, container["message_ts"], thread),
    )


def parse_form(body: Payload) -> FormSubmitted:
    """Parse a submitted modal."""
    view = body["view"]
    context = ModalContext.of(view)
    return FormSubmitted(
        origin=_view_origin(body),
        command=context.command,
        values=values_of(view),
        subject=context.subject,
        event_id=body.get("trigger_id"),
    )


def parse_suggestion_request(body: Payload) -> SuggestionsRequested:
    """Parse what somebody has typed so far into a select menu with external options."""
    kind = SuggestionKind(body["action_id"].removeprefix(SUGGEST))
    return SuggestionsRequested(origin=_view_origin(body), kind=kind, prefix=body.get("value") or "")


def parse_shortcut(body: Payload) -> MessageChosen:
    """Parse the shortcut that saves a message's paper."""
    channel, message = body["channel"], body["message"]
    return MessageChosen(
        origin=_origin(body, workspace_of(body), channel["id"], channel.get("name") or ""),
        message=MessageRef(channel["id"], message["ts"], message.get("thread_ts")),
        links=links_in(message.get("text") or ""),
        event_id=body.get("trigger_id"),
    )


def _view_origin(body: Payload) -> Origin:
    """Read who uses a view, and where.

    For somebody of another organisation `team` is theirs. The view then has the workspace that installed the
    app, but not always: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
    """
    view = body["view"]
    context = ModalContext.of(view)
    installed_in = view.get("app_installed_team_id") or workspace_of(body)
    return _origin(body, installed_in, context.channel, context.channel_name)


def _origin(body: Payload, installed_in: str, channel: str, channel_name: str) -> Origin:
    user: dict[str, Any] = body["user"]
    return Origin(
        SLACK,
        installed_in,
        channel,
        user["id"],
        person_name=user.get("name") or "",
        channel_name=channel_label(channel_name.removeprefix("#")),
        direct=is_direct(channel),
    )
