"""Converts interactions to the bot's events.

Payloads: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object.
Each function raises a KeyError or the like if a payload lacks what Discord documents.
"""

from dataclasses import dataclass, replace
from typing import Any

from discord import InteractionType, Permissions

from adapters.discord import DISCORD
from adapters.discord.inbound.events import Payload, display_name
from adapters.discord.inbound.message_links import links_shown
from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.interaction import Interaction
from adapters.discord.render import commands
from adapters.discord.render.components import CONFIRM, CONFIRMED, EPHEMERAL, EPHEMERAL_MARK, HOME, MARK
from adapters.discord.render.modals import FORM_KEY, FormPage, fields_left_in, submitted_values
from bot.domain.channel import Origin
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import CommandInvoked, FormSubmitted, MessageChosen, SuggestionsRequested

ADMIN_PERMISSIONS = Permissions(administrator=True, manage_channels=True, manage_guild=True).value
"""The permissions that make a person an admin of a channel; each of them is enough."""


@dataclass(frozen=True, slots=True)
class ComponentAction:
    """The use of a button or a select: the action's token, and the marks behind it in the `custom_id`."""

    origin: Origin
    token: str
    marks: tuple[str, ...]
    event_id: str

    @property
    def needs_confirmation(self) -> bool:
        """Whether the person has to confirm the action first."""
        return CONFIRM in self.marks

    @property
    def is_confirmation(self) -> bool:
        """Whether this is the button that confirms an action."""
        return CONFIRMED in self.marks

    @property
    def ephemeral(self) -> bool:
        """Whether only the person may see what the action shows."""
        return EPHEMERAL_MARK in self.marks or self.for_dm

    @property
    def for_dm(self) -> bool:
        """Whether the action concerns the person's DM channel, wherever the component is."""
        return HOME in self.marks

    @property
    def fields_left(self) -> int:
        """How many of a form's last fields the button opens, 0 for all.

        All are opened if the values that were kept for the button are gone.
        """
        return 0 if self.form_key else fields_left_in(self.marks)

    @property
    def form_key(self) -> str:
        """The key of a form with errors that is kept for correction; empty if the button has none."""
        keys = (each.removeprefix(FORM_KEY) for each in self.marks if each.startswith(FORM_KEY))
        return next(keys, "")


def interaction(payload: Payload, location: Location) -> Interaction:
    """Return what a response to an interaction needs."""
    message = payload.get("message")
    is_public = message is not None and not (message.get("flags") or 0) & EPHEMERAL
    return Interaction(
        payload["id"],
        payload["token"],
        payload["application_id"],
        InteractionType(payload["type"]),
        int(payload.get("app_permissions") or 0),
        (payload.get("member") or payload)["user"]["id"],
        location.message(message["id"]) if message is not None and is_public else None,
    )


def origin(payload: Payload, location: Location) -> Origin:
    """Return who caused an interaction, and where."""
    member = payload.get("member", {})
    user = member.get("user") or payload["user"]
    return Origin(
        DISCORD,
        location.workspace,
        location.channel.id,
        user["id"],
        person_name=display_name(user, member),
        channel_name=location.name,
        direct=location.is_dm,
        admin=bool(int(member.get("permissions") or 0) & ADMIN_PERMISSIONS),
    )


def dm_origin(origin_: Origin, location: Location) -> Origin:
    """Return an origin as if it were in the person's DM channel, whose location is given."""
    return replace(origin_, channel=location.channel.id, channel_name=location.name, direct=True, admin=False)


def subcommand(payload: Payload) -> tuple[str, list[dict[str, Any]]]:
    """Return the name of the subcommand of `/papers`, and the options that have a value."""
    chosen = payload["data"]["options"][0]
    return chosen["name"], chosen.get("options", [])


def slash_command(payload: Payload, location: Location) -> CommandInvoked:
    """Convert a slash command."""
    name, options = subcommand(payload)
    arguments = {each["name"]: str(each["value"]) for each in options}
    return CommandInvoked(
        origin=origin(payload, location), name=name, arguments=arguments, event_id=payload["id"]
    )


def message_command(payload: Payload, location: Location) -> MessageChosen:
    """Convert the command “Save paper” from a message's context menu."""
    data = payload["data"]
    message = data["resolved"]["messages"][data["target_id"]]
    return MessageChosen(
        origin=origin(payload, location),
        message=location.message(message["id"]),
        links=links_shown(message),
        event_id=payload["id"],
    )


def component_action(payload: Payload, location: Location) -> ComponentAction:
    """Convert the use of a component; the token of a select is that of the selected option."""
    data = payload["data"]
    token, *marks = data["custom_id"].split(MARK)
    if data.get("values"):
        token = data["values"][0]
    return ComponentAction(origin(payload, location), token, tuple(marks), payload["id"])


def modal_submit(payload: Payload, location: Location) -> tuple[FormSubmitted, FormPage]:
    """Convert a submitted modal, and return which page of the form it is.

    Raises:
        UserError: the modal was opened by an older version of the bot.

    """
    page = FormPage.parse(payload["data"]["custom_id"])
    event = FormSubmitted(
        origin=origin(payload, location),
        command=page.opens.command,
        values=submitted_values(payload["data"]["components"]),
        subject=page.opens.subject,
        event_id=payload["id"],
    )
    return event, page


def autocomplete(payload: Payload, location: Location) -> tuple[SuggestionsRequested, bool] | None:
    """Convert an autocomplete, and return whether the option takes integers.

    Returns None if nothing is suggested for the option.
    """
    name, options = subcommand(payload)
    focused = next((each for each in options if each.get("focused")), None)
    if focused is None:
        return None
    parameter = commands.find_parameter(name, focused["name"])
    kind: SuggestionKind | None = None if parameter is None else parameter.suggestions
    if kind is None:
        return None
    event = SuggestionsRequested(origin=origin(payload, location), kind=kind, prefix=str(focused["value"]))
    return event, focused["type"] == commands.INTEGER
