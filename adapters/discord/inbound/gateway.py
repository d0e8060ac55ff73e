"""The connections to Discord's gateway, kept open by discord.py: https://docs.discord.com/developers/events/gateway."""

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
from adapters.discord.manifest import MESSAGE_CONTENT_FLAGS, intents, user_agent
from adapters.discord.outbound.client import Rest, refuses_token
from bot.domain.cleaning import clean
from bot.domain.errors import DeliveryError

EventCallback: TypeAlias = Callable[[str, Payload], None]
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds between attempts to connect; each pause is twice the one before."""
REFUSED_PAUSE = 300.0
"""Seconds between attempts while Discord rejects the token, which only the operator can change.

Discord blocks an address after 10,000 invalid requests in 10 minutes:
https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans."""
_DISPATCH = 0
_START_CALLS = 2
"""The calls that discord.py makes by itself before it connects: for the bot's user, and for its app."""
_SESSION_EVENTS = {"READY", "RESUMED"}
_CACHED_EVENTS = ("CHANNEL_", "GUILD_", "THREAD_", "USER_UPDATE")
"""Prefixes of the events by which discord.py caches guilds, channels and roles. All others only we parse."""
_LOGGED_NAME = 40
_log = logging.getLogger(__name__)
# At DEBUG discord.py logs what it sends, tokens included.
logging.getLogger("discord").setLevel(logging.WARNING)
# The bot has no voice, so discord.py need not warn that libraries for it are missing.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


@dataclass(frozen=True, slots=True)
class Shards:
    """The number of shards that the guilds are divided into, and the ids of those that this process runs.

    By default Discord recommends the number, and this process runs all of them.
    """

    count: int = 0
    ids: tuple[int, ...] = ()


def shard_of(guild: str, count: int) -> int:
    """Return the id of a guild's shard: https://docs.discord.com/developers/events/gateway#sharding."""
    return (int(guild) >> 22) % count


class _Client(discord.AutoShardedClient):
    """discord.py's client, which keeps the connections and passes events on as they came.

    test_discord_py_private_parts.py holds what this uses of discord.py's internals.
    """

    def __init__(
        self, on_event: EventCallback, count: int, ids: tuple[int, ...], intents: discord.Intents
    ) -> None:
        super().__init__(
            intents=intents,
            shard_count=count,
            shard_ids=list(ids),
            enable_debug_events=True,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self._on_event = on_event
        self.http.user_agent = user_agent()
        # An exception in one of discord.py's parsers ends the connection, so an event in a new form would
        # make the bot reconnect for ever.
        parsers = self._connection.parsers
        for event in [*parsers]:
            if event in _SESSION_EVENTS:
                continue
            if event.startswith(_CACHED_EVENTS):
                parsers[event] = partial(_parse_safely, event, parsers[event])
            else:
                del parsers[event]

    async def on_socket_raw_receive(self, text: str) -> None:
        """Pass an event on; one whose name or data is of an undocumented type is logged and dropped."""
        message = clean(json.loads(text))
        if message.get("op") != _DISPATCH:
            return
        event, data = message.get("t"), message.get("d")
        if isinstance(event, str) and isinstance(data, dict):
            self._on_event(event, data)
        else:
            _log.warning("Dropped a gateway event of unknown form: %s", str(event)[:_LOGGED_NAME])


def _parse_safely(event: str, parse: Callable[[Any], None], data: Any) -> None:
    """Let discord.py update its cache from an event; a failure is only logged."""
    try:
        parse(data)
    except Exception as error:  # noqa: BLE001 - whatever it meets in an event, the next one must be heard
        _log.warning("discord.py cannot parse an event %s: %s", event, type(error).__name__)


class Gateway:
    """Stays connected until it is closed."""

    def __init__(self, rest: Rest, token: str, shards: Shards, on_event: EventCallback) -> None:
        """`on_event` gets each event's name and data."""
        self._rest = rest
        self._token = token
        self._shards = shards
        self._on_event = on_event
        self._client: _Client | None = None
        self._asks_for_content = True
        self.reads_messages = False
        """Whether the app has the intent for message content."""
        self.token_refused = False
        """Whether Discord rejected the token at the latest attempt."""

    async def run(self) -> None:
        """Connect, and reconnect whatever happens; ends only when it is cancelled."""
        pause, clock = FIRST_PAUSE, asyncio.get_running_loop().time
        while True:
            started = clock()
            await self._stay_connected()
            if clock() - started > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(REFUSED_PAUSE if self.token_refused else pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None and not self._client.is_closed():
            await self._client.close()

    @property
    def connected(self) -> bool:
        """Whether every shard of this process is connected."""
        shards = {} if self._client is None else self._client.shards
        return bool(shards) and not any(shard.is_closed() for shard in shards.values())

    def is_admin(self, guild: str, author: Payload, member: Payload) -> bool:
        """Whether a message's author may manage the guild or its channels.

        Unlike interactions, messages don't come with the member's permissions, so the cached roles decide.
        """
        known = None if self._client is None else self._client.get_guild(int(guild or 0))
        if known is None:
            return False
        roles = [known.get_role(int(each)) for each in member.get("roles", ())]
        permissions = [each.permissions for each in roles if each is not None]
        return known.owner_id == int(author["id"]) or any(
            each.administrator or each.manage_guild or each.manage_channels for each in permissions
        )

    def only_guild(self) -> str | None:
        """Return the id of the bot's only guild.

        None if it is in several, or if this process runs some of the shards and so can't tell.
        """
        guilds = [] if self._client is None or self._shards.ids else self._client.guilds
        return str(guilds[0].id) if len(guilds) == 1 else None

    def welcome_channel(self, guild: str) -> str | None:
        """Return the id of the guild's system channel, or else of its first one that the bot may write in."""
        known = None if self._client is None else self._client.get_guild(int(guild))
        if known is None:
            return None
        for channel in filter(None, (known.system_channel, *known.text_channels)):
            permissions = channel.permissions_for(known.me)
            if permissions.view_channel and permissions.send_messages:
                return str(channel.id)
        return None

    async def _stay_connected(self) -> None:
        """Connect, and return once the connection is lost for good."""
        try:
            await self._connect()
        except discord.PrivilegedIntentsRequired:
            _log.warning("The app lost the intent for message content: links get no cards")
            self._asks_for_content = False
        except discord.ConnectionClosed as closed:
            _log.warning("Discord closed the connection with code %s", closed.code)
        except DeliveryError as failure:
            self.token_refused = refuses_token(failure)
            _log.warning("Discord is not connected: %s", failure)
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("Discord is not connected: %s", error)
        except Exception:  # noqa: BLE001 - logged; without this the bot would be deaf from here on
            _log.exception("Reference %s: the connection to Discord failed", secrets.token_hex(4))

    async def _connect(self) -> None:
        app = await self._rest.call("GET", "/applications/@me")
        self.token_refused = False
        # To identify with an intent that the app doesn't have closes the connection with 4014:
        # https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes.
        has_intent = bool((app.get("flags") or 0) & MESSAGE_CONTENT_FLAGS)
        self.reads_messages = self._asks_for_content and has_intent
        count = self._shards.count or int((await self._rest.call("GET", "/gateway/bot"))["shards"])
        ids = self._shards.ids or tuple(range(count))
        requested = intents(message_content=self.reads_messages)
        async with _Client(self._on_event, count, ids, requested) as client:
            self._client = client
            for _ in range(_START_CALLS):
                await self._rest.pacing.wait_for_call()
            await client.start(self._token)
