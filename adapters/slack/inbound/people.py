"""Names, rights and channel memberships: what Slack's events leave out."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any

from cachetools import TTLCache

from adapters.slack.outbound.client import Clients, delivery_errors
from adapters.slack.outbound.memberships import memberships
from bot.domain.channel import Origin
from bot.domain.errors import DeliveryError
from bot.domain.zones import timezone

CACHE_SECONDS = 600
CACHE_SIZE = 10_000
MEMBERSHIP_SECONDS = 60
"""How long somebody who has left a channel may still act there from the Home tab."""
LOOKUP_SECONDS = 1.0
"""How long an event waits for a look-up: it still has to be acknowledged within three seconds."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Profile:
    """What `users.info` says about somebody."""

    name: str = ""
    admin: bool = False
    bot: bool = False
    timezone: str = ""


class People:
    """Looks people and channels up in Slack, and caches the answers for some minutes."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._profiles: TTLCache[tuple[str, str], Profile] = TTLCache(CACHE_SIZE, CACHE_SECONDS)
        self._memberships: TTLCache[tuple[str, str], frozenset[str]] = TTLCache(
            CACHE_SIZE, MEMBERSHIP_SECONDS
        )
        self._channels: TTLCache[tuple[str, str], str] = TTLCache(CACHE_SIZE, CACHE_SECONDS)

    async def profile(self, workspace: str, person: str) -> Profile:
        """Return somebody's profile; an empty one where Slack fails or does not answer in time."""
        if (cached := self._profiles.get((workspace, person))) is not None:
            return cached
        response = await self._call(workspace, "users_info", user=person)
        if response is None:
            return Profile()
        user = response["user"]
        profile = Profile(
            (user.get("profile") or {}).get("display_name") or user.get("real_name") or user.get("name", ""),
            admin=bool(user.get("is_admin") or user.get("is_owner")),
            bot=bool(user.get("is_bot")),
            timezone=_known_zone(user.get("tz") or ""),
        )
        self._profiles[workspace, person] = profile
        return profile

    async def channel_name(self, workspace: str, channel: str) -> str:
        """Return a channel's name with its `#`; empty where Slack does not give it."""
        if (cached := self._channels.get((workspace, channel))) is not None:
            return cached
        response = await self._call(workspace, "conversations_info", channel=channel)
        name = f"#{response['channel']['name']}" if response and response["channel"].get("name") else ""
        self._channels[workspace, channel] = name
        return name

    async def channels(self, workspace: str, person: str) -> frozenset[str] | None:
        """Return the ids of the channels that both the bot and somebody are in.

        None where Slack fails or does not answer in time.
        """
        if (cached := self._memberships.get((workspace, person))) is not None:
            return cached
        try:
            async with asyncio.timeout(LOOKUP_SECONDS), delivery_errors():
                channels = await memberships(await self._clients.for_reading(workspace), person)
        except (DeliveryError, TimeoutError) as failure:
            _log.info("Slack did not say which channels somebody is in: %s", failure or "timeout")
            return None
        self._memberships[workspace, person] = channels
        return channels

    async def with_names(self, origin: Origin) -> Origin:
        """Add the person's name, time zone and admin right, and the channel's name, if Slack gives them."""
        profile, channel_name = await asyncio.gather(
            self.profile(origin.workspace, origin.person), self._channel_name_of(origin)
        )
        return replace(
            origin,
            person_name=profile.name or origin.person_name,
            channel_name=channel_name,
            admin=profile.admin,
            timezone=profile.timezone,
        )

    async def _channel_name_of(self, origin: Origin) -> str:
        if origin.direct:
            return "your direct messages with me"
        return origin.channel_name or await self.channel_name(origin.workspace, origin.channel)

    async def _call(self, workspace: str, method: str, **arguments: str) -> Any:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS), delivery_errors():
                client = await self._clients.for_reading(workspace)
                return await getattr(client, method)(**arguments)
        except (DeliveryError, TimeoutError) as failure:
            _log.info("Slack did not answer %s: %s", method, failure or "timeout")
            return None


def _known_zone(name: str) -> str:
    """Return a time zone that we know; empty for any other."""
    try:
        return timezone(name)
    except ValueError:
        return ""
