"""The gateway: connections that are kept, and what is heard over them."""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import aiohttp
import discord

from adapters.discord.inbound.events import Payload
from adapters.discord.manifest import READS_MESSAGES, intents, user_agent
from adapters.discord.outbound.client import Rest, refuses_token
from bot.domain.cleaning import clean
from bot.domain.errors import DeliveryError

Heard: TypeAlias = Callable[[str, Payload], None]
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds between attempts to connect, twice as many each time."""
REFUSED_PAUSE = 300.0
"""Seconds between attempts where Discord does not take the token: only whoever runs the bot can mend that."""
_DISPATCH = 0
_CALLS_OF_START = 2
"""What discord.py asks by itself before it connects: which user it is, and of which app."""
_SESSION_BEGINS = {"READY", "RESUMED"}
_REMEMBERED = ("CHANNEL_", "GUILD_", "THREAD_", "USER_UPDATE")
"""Events by which discord.py knows guilds; all others are read here alone."""
_SHOWN = 40
_log = logging.getLogger(__name__)
# At lower levels discord.py writes down what it sends, with what is secret in it.
logging.getLogger("discord").setLevel(logging.WARNING)
# Nobody speaks here, so that nothing for it need be installed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


@dataclass(frozen=True, slots=True)
class Shards:
    """How the guilds are divided among processes: so many parts, of which this one takes some.

    Where nothing is said, it takes all of as many as Discord recommends.
    """

    count: int = 0
    ids: tuple[int, ...] = ()


def shard_of(guild: str, count: int) -> int:
    """Say in which of so many shards a guild is: https://docs.discord.com/developers/events/gateway#sharding."""
    return (int(guild) >> 22) % count


class _Client(discord.AutoShardedClient):
    """discord.py's client, which keeps the connections and hands on what it hears as it came."""

    def __init__(self, heard: Heard, count: int, ids: tuple[int, ...], wanted: discord.Intents) -> None:
        super().__init__(
            intents=wanted,
            shard_count=count,
            shard_ids=list(ids),
            enable_debug_events=True,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self._heard = heard
        self.http.user_agent = user_agent()
        # An event that discord.py cannot parse would end the connection.
        parsers = self._connection.parsers
        for event in [*parsers]:
            if event in _SESSION_BEGINS:
                continue
            if event.startswith(_REMEMBERED):
                parsers[event] = partial(_parsed, event, parsers[event])
            else:
                del parsers[event]

    async def on_socket_raw_receive(self, text: str) -> None:
        """Hand an event on; one that is in no form that Discord has told of so far is passed over."""
        told = clean(json.loads(text))
        if told.get("op") != _DISPATCH:
            return
        event, data = told.get("t"), told.get("d")
        if isinstance(event, str) and isinstance(data, dict):
            self._heard(event, data)
        else:
            _log.warning("An event of Discord in an unknown form was passed over: %s", str(event)[:_SHOWN])


def _parsed(event: str, parse: Callable[[Any], None], data: Any) -> None:
    """Let discord.py remember what an event tells of guilds, their channels and roles, if it can."""
    try:
        parse(data)
    except Exception as error:  # noqa: BLE001 - whatever it meets in an event, the next one must be heard
        _log.warning("discord.py cannot read an event %s: %s", event, type(error).__name__)


class Gateway:
    """Stays connected until it is closed."""

    def __init__(self, rest: Rest, token: str, shards: Shards, heard: Heard) -> None:
        """Take who hears each event, by its name and what Discord tells with it."""
        self._rest = rest
        self._token = token
        self._shards = shards
        self._heard = heard
        self._client: _Client | None = None
        self._may_read = True
        self.reads = False
        """Whether the app may read what people write."""
        self.refused = False
        """Whether Discord did not take the token when it was asked last."""

    async def run(self) -> None:
        """Connect, and do so again whatever happens."""
        pause, clock = FIRST_PAUSE, asyncio.get_running_loop().time
        while True:
            began = clock()
            await self._stay_connected()
            if clock() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(REFUSED_PAUSE if self.refused else pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def close(self) -> None:
        """End all connections."""
        if self._client is not None and not self._client.is_closed():
            await self._client.close()

    @property
    def connected(self) -> bool:
        """Whether every shard has its connection."""
        shards = {} if self._client is None else self._client.shards
        return bool(shards) and not any(shard.is_closed() for shard in shards.values())

    def administers(self, guild: str, author: Payload, member: Payload) -> bool:
        """Whether somebody runs a guild or its channels."""
        known = None if self._client is None else self._client.get_guild(int(guild or 0))
        if known is None:
            return False
        roles = [known.get_role(int(each)) for each in member.get("roles", ())]
        held = [each.permissions for each in roles if each is not None]
        return known.owner_id == int(author["id"]) or any(
            each.administrator or each.manage_guild or each.manage_channels for each in held
        )

    def only_guild(self) -> str | None:
        """Give the guild that the bot is in, if it is one alone; who hears a part of them cannot tell."""
        guilds = [] if self._client is None or self._shards.ids else self._client.guilds
        return str(guilds[0].id) if len(guilds) == 1 else None

    def front_room(self, guild: str) -> str | None:
        """Give the channel in which people are greeted, or else the first that the bot may write in."""
        known = None if self._client is None else self._client.get_guild(int(guild))
        if known is None:
            return None
        for channel in filter(None, (known.system_channel, *known.text_channels)):
            may = channel.permissions_for(known.me)
            if may.view_channel and may.send_messages:
                return str(channel.id)
        return None

    async def _stay_connected(self) -> None:
        """Stay connected for as long as that goes."""
        try:
            await self._connect()
        except discord.PrivilegedIntentsRequired:
            _log.warning("The app has no leave to read messages any more: links are not seen")
            self._may_read = False
        except discord.ConnectionClosed as closed:
            _log.warning("Discord closed the connection with code %s", closed.code)
        except DeliveryError as failure:
            self.refused = refuses_token(failure)
            _log.warning("Discord is not connected: %s", failure)
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("Discord is not connected: %s", error)
        except Exception:  # noqa: BLE001 - logged; without this the bot would be deaf from here on
            _log.exception("Reference %s: the connection to Discord failed", secrets.token_hex(4))

    async def _connect(self) -> None:
        app = await self._rest.call("GET", "/applications/@me")
        self.refused = False
        self.reads = self._may_read and bool((app.get("flags") or 0) & READS_MESSAGES)
        count = self._shards.count or int((await self._rest.call("GET", "/gateway/bot"))["shards"])
        ids = self._shards.ids or tuple(range(count))
        async with _Client(self._heard, count, ids, intents(reads=self.reads)) as client:
            self._client = client
            for _ in range(_CALLS_OF_START):
                await self._rest.pacing.turn()
            await client.start(self._token)
