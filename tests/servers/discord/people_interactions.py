"""What people do with commands, buttons, selects and modals."""

from typing import Any

from tests.servers.discord.bodies import message_body
from tests.servers.discord.commands import MESSAGE as MENU
from tests.servers.discord.commands import SLASH
from tests.servers.discord.components import BUTTON, LINK, PREMIUM, SELECTS, TEXT_SELECT, inside
from tests.servers.discord.filling import filled_modal, filled_options, resolved
from tests.servers.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    SUBMIT,
    Interaction,
    Interactions,
)
from tests.servers.discord.payloads import interaction_body
from tests.servers.discord.permissions import allowed, bits, in_guild
from tests.servers.discord.places import Channel, Message, is_direct
from tests.servers.discord.state import BOT, World


class Users:
    """People who use what the app offers."""

    world: World
    interactions: Interactions

    async def _begin(
        self, kind: int, user: int, channel: Channel, data: dict[str, Any], message: Message | None = None
    ) -> Interaction:
        """Tell the app of an interaction; it hears of it wherever it happens, whatever its intents."""
        one = Interaction(
            self.world.id(), kind, user, channel.id, channel.guild, data, self.world.clock(), message=message
        )
        self.interactions.all.append(one)
        one.delivery = self.world.tell("INTERACTION_CREATE", interaction_body(self.world, one), channel.guild)
        return one

    def _place(self, user: int, channel: int, names: str = "") -> Channel:
        found = self.world.find_channel(channel)
        if found is None or ~allowed(self.world.guild_of(found), found, user) & bits(f"VIEW_CHANNEL {names}"):
            raise LookupError(f"{self.world.people[user].name} may not do that there")
        guild = self.world.guild_of(found)
        if found.archived or (guild is not None and (guild.out or BOT not in guild.members)):
            raise LookupError("nothing of the bot's can be used there")
        return found

    def _standing(
        self, user: int, message: Message, custom_id: str, kinds: tuple[int, ...]
    ) -> dict[str, Any]:
        """The component that really stands there for this person to use."""
        if message.deleted or message.ephemeral_to not in {None, user}:
            raise LookupError("that message is not there")
        there = [one for one in inside(message.components) if one.get("custom_id") == custom_id]
        usable = [one for one in there if one["type"] in kinds and not one.get("disabled")]
        if not usable:
            raise LookupError(f"nothing to use with {custom_id!r} there")
        return usable[0]

    async def press(self, user: int, message: Message, custom_id: str) -> Interaction:
        """Press a button that really stands there."""
        place = self._place(user, message.channel)
        button = self._standing(user, message, custom_id, (BUTTON,))
        assert button["style"] not in {LINK, PREMIUM}
        data = {"custom_id": custom_id, "component_type": BUTTON, "id": button["id"]}
        return await self._begin(COMPONENT, user, place, data, message)

    async def choose(self, user: int, message: Message, custom_id: str, *values: str | int) -> Interaction:
        """Choose from a select: values that it offers, or ids of people, roles or channels."""
        place = self._place(user, message.channel)
        select = self._standing(user, message, custom_id, SELECTS)
        chosen = [str(value) for value in values]
        if not select.get("min_values", 1) <= len(chosen) <= select.get("max_values", 1):
            raise LookupError(f"{len(chosen)} cannot be chosen there")
        if select["type"] == TEXT_SELECT and not set(chosen) <= {one["value"] for one in select["options"]}:
            raise LookupError(f"not offered: {chosen}")
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": select["type"], "id": select["id"]}
        data["values"] = chosen
        if select["type"] != TEXT_SELECT:
            data["resolved"] = resolved(self.world, place.guild, select["type"], chosen)
        return await self._begin(COMPONENT, user, place, data, message)

    def _registered(self, user: int, place: Channel, name: str, kind: int) -> dict[str, Any]:
        """A command that this person can use in this place; one of the guild hides a global one."""
        guild = self.world.guild_of(place)
        found = [one for one in self.world.commands.values() if (one["type"], one["name"]) == (kind, name)]
        found = [one for one in found if one.get("guild_id") in {None, str(place.guild)}]
        found.sort(key=lambda one: "guild_id" not in one)
        if not found:
            raise LookupError(f"no command {name!r} there")
        contexts = found[0]["contexts"] or ([0, 1, 2] if found[0].get("dm_permission", True) else [0])
        if (1 if is_direct(place) else 0) not in contexts:
            raise LookupError(f"{name!r} cannot be used in such a place")
        needed = found[0]["default_member_permissions"]
        if guild is not None and needed is not None and not may_use(in_guild(guild, user), int(needed)):
            raise LookupError(f"{self.world.people[user].name} may not use {name!r}")
        return found[0]

    async def command(self, user: int, channel: int, name: str, **options: Any) -> Interaction:
        """Use a slash command by its whole name, with its group and subcommand after it."""
        place = self._place(user, channel, "USE_APPLICATION_COMMANDS")
        words = name.split()
        known = self._registered(user, place, words[0], SLASH)
        given = filled_options(self.world, place.guild, known, words[1:], options)
        return await self._begin(COMMAND, user, place, command_data(known, place, given))

    async def autocomplete(
        self, user: int, channel: int, name: str, focus: str, text: str, **options: Any
    ) -> Interaction:
        """Type in one option of a slash command and wait for suggestions."""
        place = self._place(user, channel, "USE_APPLICATION_COMMANDS")
        words = name.split()
        known = self._registered(user, place, words[0], SLASH)
        given = filled_options(
            self.world, place.guild, known, words[1:], {**options, focus: text}, focus=focus
        )
        return await self._begin(AUTOCOMPLETE, user, place, command_data(known, place, given))

    async def message_command(self, user: int, message: Message, name: str) -> Interaction:
        """Use a command from the menu of a message; the app sees what is written there in any case."""
        place = self._place(user, message.channel, "USE_APPLICATION_COMMANDS")
        known = self._registered(user, place, name, MENU)
        body = message_body(self.world, message)
        target = {"target_id": str(message.id), "resolved": {"messages": {str(message.id): body}}}
        data = {**command_data(known, place, {}), **target}
        del data["options"]
        return await self._begin(COMMAND, user, place, data)

    async def submit(self, interaction: Interaction, values: dict[str, Any]) -> Interaction:
        """Send the modal that an interaction opened; `values` are by `custom_id`."""
        if interaction.modal is None:
            raise LookupError("no modal is open")
        place = self._place(interaction.user, interaction.channel)
        data = filled_modal(self.world, place.guild, interaction.modal, values)
        interaction.modal = None
        return await self._begin(SUBMIT, interaction.user, place, data, interaction.message)


def may_use(mine: int, needed: int) -> bool:
    """Whether somebody may use a command that asks for permissions; 0 leaves it to administrators."""
    return bool(mine & bits("ADMINISTRATOR")) or (needed != 0 and not ~mine & needed)


def command_data(known: dict[str, Any], place: Channel, given: dict[str, Any]) -> dict[str, Any]:
    data = {"id": known["id"], "name": known["name"], "type": known["type"], "options": [], **given}
    return {**data, "guild_id": str(place.guild)} if "guild_id" in known else data
