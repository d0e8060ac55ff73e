"""Commands, buttons and forms → events.

Shapes: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object.
"""

from dataclasses import dataclass, replace
from typing import Any

from adapters.discord import DISCORD
from adapters.discord.inbound.events import Payload, called, message_of
from adapters.discord.inbound.message_links import links_shown
from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.interaction import Handle, Kind
from adapters.discord.render import commands
from adapters.discord.render.components import ASK, ASKED, HOME, LOOK, MARK
from adapters.discord.render.modals import AGAIN, Page, left_of, values_of
from bot.domain.channel import Origin
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import CommandInvoked, FormSubmitted, MessageChosen, SuggestionsRequested

ADMINISTERS = 1 << 3 | 1 << 4 | 1 << 5
"""Administrator, Manage Channels and Manage Server:
https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags."""
_EPHEMERAL = 1 << 6


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed, or what was chosen: its token, and what else its `custom_id` says."""

    origin: Origin
    token: str
    marks: tuple[str, ...]
    event_id: str

    @property
    def asks(self) -> bool:
        """Whether it asks first."""
        return ASK in self.marks

    @property
    def answers(self) -> bool:
        """Whether it answers what was asked first."""
        return ASKED in self.marks

    @property
    def alone(self) -> bool:
        """Whether what comes of it is for whoever pressed it alone."""
        return LOOK in self.marks or self.at_home

    @property
    def at_home(self) -> bool:
        """Whether it concerns one's own talk with the bot, wherever it stands."""
        return HOME in self.marks

    @property
    def left(self) -> int:
        """Which fields of a form it opens: so many of the last, or all; those once kept may be forgotten."""
        return 0 if self.kept else left_of(self.marks)

    @property
    def kept(self) -> str:
        """By what a form's contents are found again; empty where none were kept."""
        keys = (each.removeprefix(AGAIN) for each in self.marks if each.startswith(AGAIN))
        return next(keys, "")


def handle(told: Payload, spot: Location) -> Handle:
    """Read by what an interaction is answered."""
    message = told.get("message")
    seen = message is not None and not (message.get("flags") or 0) & _EPHEMERAL
    return Handle(
        told["id"],
        told["token"],
        told["application_id"],
        Kind(told["type"]),
        int(told.get("app_permissions") or 0),
        (told.get("member") or told)["user"]["id"],
        message_of(message, spot) if message is not None and seen else None,
    )


def origin(told: Payload, spot: Location) -> Origin:
    """Read who did it, and where."""
    member = told.get("member", {})
    user = member.get("user") or told["user"]
    return Origin(
        DISCORD,
        spot.workspace,
        spot.channel.id,
        user["id"],
        person_name=called(user, member),
        channel_name=spot.name,
        direct=spot.direct,
        admin=bool(int(member.get("permissions") or 0) & ADMINISTERS),
    )


def at_home(origin_: Origin, talk: Location) -> Origin:
    """Give the same person's origin in their own talk with the bot."""
    return replace(origin_, channel=talk.channel.id, channel_name=talk.name, direct=True, admin=False)


def subcommand(told: Payload) -> tuple[str, list[dict[str, Any]]]:
    """Give a command's name and the options that were filled in."""
    chosen = told["data"]["options"][0]
    return chosen["name"], chosen.get("options", [])


def command(told: Payload, spot: Location) -> CommandInvoked:
    """Read a typed command."""
    name, options = subcommand(told)
    arguments = {each["name"]: str(each["value"]) for each in options}
    return CommandInvoked(origin=origin(told, spot), name=name, arguments=arguments, event_id=told["id"])


def chosen(told: Payload, spot: Location) -> MessageChosen:
    """Read a message that somebody wants to save the paper of."""
    data = told["data"]
    message = data["resolved"]["messages"][data["target_id"]]
    return MessageChosen(
        origin=origin(told, spot),
        message=message_of(message, spot),
        links=links_shown(message),
        event_id=told["id"],
    )


def pressed(told: Payload, spot: Location) -> Pressed:
    """Read a button, or what was chosen from a select."""
    data = told["data"]
    token, *marks = data["custom_id"].split(MARK)
    if data.get("values"):
        token = data["values"][0]
    return Pressed(origin(told, spot), token, tuple(marks), told["id"])


def submitted(told: Payload, spot: Location) -> tuple[FormSubmitted, Page]:
    """Read a form that was sent, and which part of it that is.

    Raises:
        UserError: it is from another time.

    """
    page = Page.read(told["data"]["custom_id"])
    event = FormSubmitted(
        origin=origin(told, spot),
        command=page.opens.command,
        values=values_of(told["data"]["components"]),
        subject=page.opens.subject,
        event_id=told["id"],
    )
    return event, page


def wanted(told: Payload, spot: Location) -> tuple[SuggestionsRequested, bool] | None:
    """Read what somebody types into an option, and whether that takes whole numbers.

    None where nothing is suggested.
    """
    name, options = subcommand(told)
    typed = next((each for each in options if each.get("focused")), None)
    if typed is None:
        return None
    parameter = commands.parameter_of(name, typed["name"])
    kind: SuggestionKind | None = None if parameter is None else parameter.suggestions
    if kind is None:
        return None
    event = SuggestionsRequested(origin=origin(told, spot), kind=kind, prefix=str(typed["value"]))
    return event, typed["type"] == commands.WHOLE
