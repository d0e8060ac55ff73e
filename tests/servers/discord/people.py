"""What people do, each deed with the events that Discord sends of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.discord import events, threads
from tests.servers.discord.bodies import snapshot_of
from tests.servers.discord.drafts import check_message
from tests.servers.discord.interactions import Interactions
from tests.servers.discord.mentions import pings
from tests.servers.discord.people_guilds import Managers
from tests.servers.discord.people_interactions import Users
from tests.servers.discord.permissions import allowed, bits
from tests.servers.discord.places import (
    DIRECT,
    FORUM,
    FORWARD,
    FORWARDED,
    HAS_SNAPSHOT,
    PUBLIC_THREAD,
    REPLY,
    Channel,
    Message,
    Person,
)
from tests.servers.discord.rest_messages import written
from tests.servers.discord.rest_threads import announce, begin_from
from tests.servers.discord.sessions import Delivery
from tests.servers.discord.state import BOT, World


class Talkers:
    """People who write and react."""

    world: World

    def _where(self, user: int, channel: int, names: str) -> Channel:
        """A channel in which somebody may do what is named."""
        found = self.world.find_channel(channel)
        if found is None:
            raise LookupError(f"no channel {channel}")
        guild = self.world.guild_of(found)
        may = allowed(guild, found, user)
        if ~may & bits(f"VIEW_CHANNEL {names}") or (guild is not None and guild.out):
            raise LookupError(
                f"{self.world.people[user].name} may not do that in {found.name or 'that talk'}"
            )
        return found

    async def say(self, user: int, channel: int, text: str, *, reply_to: Message | None = None) -> Message:
        """Post as a person; a message to an archived thread opens it. `message.told` says who heard of it."""
        known = self.world.find_channel(channel)
        in_thread = known is not None and known.is_thread
        place = self._where(user, channel, "SEND_MESSAGES_IN_THREADS" if in_thread else "SEND_MESSAGES")
        if not place.holds_messages or (place.archived and place.locked):
            raise LookupError(f"nobody can write in {place.name}")
        now, made = self.world.clock(), self.world.id()
        message = Message(made, channel, user, text, place.guild, sent_at=now)
        message.pings = pings(self.world, place, user, text, None)
        if reply_to is not None:
            where = {"message_id": str(reply_to.id), "channel_id": str(channel)}
            message.kind, message.reference = REPLY, {"type": 0, **where}
            message.pings.users = list(dict.fromkeys([*message.pings.users, reply_to.author]))
        threads.reopen(self.world, place)
        if place.is_thread:
            threads.join(self.world, place, user)
        message.told = events.post(self.world, message)
        return message

    async def forward(self, user: int, message: Message, channel: int) -> Message:
        """Pass a message on as a person, with no word of one's own."""
        self._where(user, message.channel, "READ_MESSAGE_HISTORY")
        if message.kind not in FORWARDED or message.deleted or message.ephemeral_to:
            raise LookupError("that cannot be forwarded")
        place = self._where(user, channel, "SEND_MESSAGES")
        source = {"message_id": str(message.id), "channel_id": str(message.channel)}
        made = Message(
            self.world.id(),
            channel,
            user,
            "",
            place.guild,
            flags=HAS_SNAPSHOT,
            reference={"type": FORWARD, **source},
            snapshot=snapshot_of(self.world, message),
            sent_at=self.world.clock(),
        )
        made.told = events.post(self.world, made)
        return made

    async def post_by_app(self, channel: int, body: Mapping[str, Any], app: str = "feeds") -> Message:
        """Post as another app, with whatever a message may hold."""
        place = self.world.find_channel(channel)
        if place is None or not place.holds_messages:
            raise LookupError(f"no messages in {channel}")
        author = next((one for one in self.world.people.values() if one.bot and one.name == app), None)
        if author is None:
            author = Person(self.world.id(), app, bot=True)
            self.world.people[author.id] = author
        made = written(self.world, place, check_message(body, {}))
        made.author = author.id
        made.told = events.post(self.world, made)
        return made

    async def direct(self, user: int, text: str) -> Message:
        """Write to the bot in a direct conversation."""
        return await self.say(user, self.world.direct(user).id, text)

    async def edit(self, message: Message, text: str) -> Delivery:
        """Change what a person wrote."""
        place = self._where(message.author, message.channel, "")
        if place.archived or message.author == BOT:
            raise LookupError("that cannot be edited")
        message.content = text
        message.pings = pings(self.world, place, message.author, text, None)
        return events.changed(self.world, message)

    async def delete(self, *messages: Message) -> Delivery:
        """Delete one message, or several of one channel together."""
        if any(one.deleted for one in messages):
            raise LookupError("that is deleted already")
        if len(messages) == 1:
            return events.delete(self.world, messages[0])
        return events.delete_many(self.world, list(messages))

    async def react(self, user: int, message: Message, emoji: str) -> Delivery:
        """React with an emoji of Unicode, or one of a guild's own as `name:id`."""
        new = emoji not in message.reactions
        place = self._where(user, message.channel, "READ_MESSAGE_HISTORY" + (" ADD_REACTIONS" if new else ""))
        if message.deleted or message.ephemeral_to or place.archived:
            raise LookupError("nobody can react there")
        told = events.add_reaction(self.world, message, user, emoji)
        if told is None:
            raise LookupError(f"{self.world.people[user].name} has reacted so already")
        return told

    async def unreact(self, user: int, message: Message, emoji: str) -> Delivery:
        told = events.remove_reaction(self.world, message, user, emoji)
        if told is None:
            raise LookupError(f"{self.world.people[user].name} has not reacted so")
        return told

    async def clear_reactions(self, message: Message, emoji: str | None = None) -> Delivery:
        """Take all reactions away, or all with one emoji, as a moderator can."""
        return events.clear_reactions(self.world, message, emoji)

    async def start_thread(self, user: int, where: Message | int, name: str) -> Channel:
        """Begin a thread from a message, or in a channel without one."""
        parent_id = where.channel if isinstance(where, Message) else where
        parent = self._where(user, parent_id, "CREATE_PUBLIC_THREADS")
        if parent.kind in {DIRECT, FORUM} or parent.is_thread:
            raise LookupError("no thread can begin there")
        made = where.id if isinstance(where, Message) else self.world.id()
        thread = Channel(made, name, PUBLIC_THREAD, parent.guild, parent.id)
        thread.told = threads.open_thread(self.world, thread, user)
        if isinstance(where, Message):
            begin_from(self.world, thread, where)
        else:
            announce(self.world, parent, thread, user)
        return thread

    async def start_post(
        self, user: int, forum: int, name: str, text: str, tags: Sequence[int] = ()
    ) -> tuple[Channel, Message]:
        """Begin a post in a forum; its first message has the id of its thread."""
        parent = self._where(user, forum, "SEND_MESSAGES")
        if parent.kind != FORUM or not set(tags) <= {tag.id for tag in parent.tags}:
            raise LookupError("that is no post for there")
        thread = Channel(
            self.world.id(), name, PUBLIC_THREAD, parent.guild, parent.id, applied_tags=list(tags)
        )
        threads.open_thread(self.world, thread, user)
        message = Message(thread.id, thread.id, user, text, parent.guild, sent_at=self.world.clock())
        message.pings = pings(self.world, thread, user, text, None)
        message.told = events.post(self.world, message)
        return thread, message

    async def archive(self, thread: Channel, *, locked: bool = False) -> Delivery:
        """Archive a thread; a locked one is opened by moderators alone."""
        threads.set_archived(self.world, thread, archived=True)
        thread.locked = locked
        return threads.tell_changed(self.world, thread)

    async def open_again(self, thread: Channel) -> Delivery:
        threads.set_archived(self.world, thread, archived=False)
        thread.locked = False
        return threads.tell_changed(self.world, thread)

    async def delete_thread(self, thread: Channel) -> Delivery:
        return threads.remove(self.world, thread)

    def bot_role(self, guild: int) -> int:
        """The role that the bot was let in with."""
        return next(role.id for role in self.world.guilds[guild].roles.values() if role.bot == BOT)

    def may(self, user: int, channel: int, names: str) -> bool:
        """Whether somebody may do what is named."""
        found = self.world.find_channel(channel)
        return found is not None and not ~allowed(self.world.guild_of(found), found, user) & bits(names)


class People(Talkers, Users, Managers):
    """The part of the server that plays the people."""

    world: World
    interactions: Interactions
