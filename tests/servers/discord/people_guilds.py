"""What those who run a guild do with the bot and with channels."""

from typing import Any

from tests.servers.discord.bodies import gateway_channel_body, member_body
from tests.servers.discord.bodies_guilds import guild_body, guild_create_body, role_body
from tests.servers.discord.permissions import BITS, allowed, bits
from tests.servers.discord.places import Channel, Guild, Member
from tests.servers.discord.sessions import Delivery
from tests.servers.discord.state import BOT, BOTS, World, admit_bot, dismiss_bot


class Managers:
    """Those who may change a guild."""

    world: World

    def _guild_of(self, channel: int) -> tuple[Guild, Channel]:
        found = self.world.find_channel(channel)
        guild = None if found is None else self.world.guild_of(found)
        if found is None or guild is None:
            raise LookupError(f"no channel {channel} in a guild")
        return guild, found

    async def invite(self, guild_id: int, permissions: int = BOTS) -> Delivery:
        """Let the bot into a guild, with a role of its own."""
        guild = self.world.guilds[guild_id]
        if BOT in guild.members:
            raise LookupError("the bot is there already")
        admit_bot(guild, self.world.id(), permissions)
        body = guild_create_body(self.world, guild)
        del body["unavailable"]
        return self._tell("GUILD_CREATE", guild, body)

    def _tell(self, event: str, guild: Guild, body: dict[str, Any]) -> Delivery:
        seen = BOT in guild.members or event == "GUILD_DELETE"
        told: Delivery = self.world.tell(event, body, guild.id, seen=seen)
        return told

    async def kick(self, guild_id: int) -> Delivery:
        """Take the bot out of a guild; its own commands there go with it."""
        guild = self.world.guilds[guild_id]
        dismiss_bot(self.world, guild)
        return self._tell("GUILD_DELETE", guild, {"id": str(guild_id)})

    async def outage(self, guild_id: int) -> Delivery:
        """A guild cannot be reached for a while."""
        guild = self.world.guilds[guild_id]
        guild.out = True
        return self._tell("GUILD_DELETE", guild, {"id": str(guild_id), "unavailable": True})

    async def recover(self, guild_id: int) -> Delivery:
        guild = self.world.guilds[guild_id]
        guild.out = False
        return self._tell("GUILD_CREATE", guild, guild_create_body(self.world, guild))

    async def rename_guild(self, guild_id: int, name: str) -> Delivery:
        guild = self.world.guilds[guild_id]
        guild.name = name
        return self._tell("GUILD_UPDATE", guild, guild_body(guild))

    async def create_channel(self, guild_id: int, name: str, kind: int = 0) -> Channel:
        guild = self.world.guilds[guild_id]
        made = Channel(self.world.id(), name, kind, guild_id)
        guild.channels[made.id] = made
        made.told = self._tell("CHANNEL_CREATE", guild, gateway_channel_body(self.world, made))
        return made

    async def delete_channel(self, channel: int) -> Delivery:
        """Delete a channel with its threads; of these nothing more is told."""
        guild, found = self._guild_of(channel)
        told = self._tell("CHANNEL_DELETE", guild, gateway_channel_body(self.world, found))
        gone = {channel, *(one.id for one in self.world.threads(channel))}
        for message in self.world.posted:
            message.deleted = message.deleted or message.channel in gone
        for made in gone:
            del guild.channels[made]
        return told

    async def rename(self, channel: int, name: str) -> Delivery:
        guild, found = self._guild_of(channel)
        found.name = name
        return self._tell("CHANNEL_UPDATE", guild, gateway_channel_body(self.world, found))

    async def permit(self, channel: int, target: int, *, allow: str = "", deny: str = "") -> Delivery:
        """Set what a role or a person may do in a channel, instead of what was set for them before.

        A bot hears of the channels that it cannot see, too, but hardly more than that they are there.
        """
        guild, found = self._guild_of(channel)
        found.overwrites[target] = (bits(allow), bits(deny))
        return self._tell("CHANNEL_UPDATE", guild, gateway_channel_body(self.world, found))

    async def change_role(self, guild_id: int, role: int, *, add: str = "", remove: str = "") -> Delivery:
        """Give a role permissions in the whole guild, or take them from it.

        The bot is told anew of each channel that it has come to see by that, or lost sight of.
        """
        guild = self.world.guilds[guild_id]
        before, changed = seen_in(guild), guild.roles[role]
        changed.permissions = changed.permissions & ~bits(remove) | bits(add)
        body = {"guild_id": str(guild_id), "role": role_body(changed, guild)}
        told = self._tell("GUILD_ROLE_UPDATE", guild, body)
        for made in before ^ seen_in(guild):
            self._tell("CHANNEL_UPDATE", guild, gateway_channel_body(self.world, guild.channels[made]))
        return told

    async def come(self, guild_id: int, user: int) -> Delivery:
        """A person joins a guild."""
        guild = self.world.guilds[guild_id]
        guild.members[user] = Member(user)
        body = {**member_body(self.world, guild.members[user]), "guild_id": str(guild_id)}
        return self._tell("GUILD_MEMBER_ADD", guild, body)

    async def go(self, guild_id: int, user: int) -> Delivery:
        """A person leaves a guild."""
        guild = self.world.guilds[guild_id]
        member = guild.members.pop(user)
        body = {"guild_id": str(guild_id), "user": member_body(self.world, member)["user"]}
        return self._tell("GUILD_MEMBER_REMOVE", guild, body)


def seen_in(guild: Guild) -> set[int]:
    """The channels that the bot can see."""
    channels = [one for one in guild.channels.values() if not one.is_thread]
    return {one.id for one in channels if allowed(guild, one, BOT) & BITS["VIEW_CHANNEL"]}
